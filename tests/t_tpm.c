/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "pki.h"
#include "t.h"
#include "tpm_judge.h"

#define BIT(n)	((uint32_t)1 << (n))

static EVP_PKEY *p256, *p384, *rsa, *aik, *aik384, *aikrsa;

static void
check_claims(const char *what, const struct tpm_make_opts *o,
    const struct atls_evidence *ev)
{
	static const char *const bank[] = { "sha256", "sha384" };
	const struct atls_claim *c;
	uint8_t want[64];
	char name[32];
	unsigned b, i;

	for (b = 0; b < NITEMS(bank); b++)
		for (i = 0; i < 24; i++) {
			size_t n = tpm_make_pcr(o, b, i, want);

			snprintf(name, sizeof(name), "tpm.pcr.%s.%u", bank[b],
			    i);
			c = atls_evidence_claim(ev, name);
			if (o->select[b] >> i & 1)
				T(c != NULL && c->type == ATLS_CLAIM_BYTES &&
				    atls_ct_eq(c->bytes, (struct atls_bytes){
				    want, n }), "%s: %s", what, name);
			else
				T(c == NULL, "%s: %s", what, name);
		}
	T((c = atls_evidence_claim(ev, "tpm.clock")) != NULL &&
	    c->type == ATLS_CLAIM_NUMBER && c->number == 1003, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.reset")) != NULL &&
	    c->number == o->reset, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.restart")) != NULL &&
	    c->number == 0, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.safe")) != NULL &&
	    c->type == ATLS_CLAIM_BOOL && c->number == 1, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.firmware")) != NULL &&
	    c->number == 0x2024010100120000, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.signer")) != NULL &&
	    c->bytes.len != 0, "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.key.name")) != NULL &&
	    c->bytes.len == (o->key_name == 0 ? 34 : 50), "%s", what);
	T((c = atls_evidence_claim(ev, "tpm.key.attributes")) != NULL &&
	    c->number == (0x00040072 ^ o->key_flip), "%s", what);
}

static void
test_good(void)
{
	const struct {
		const char		*what;
		struct tpm_make_opts	 o;
		EVP_PKEY		*key;
	} t[] = {
		{ "P-256", { .ak = p256, .select = { 0xff } }, aik },
		{ "P-384", { .ak = p384, .hash = TPM_MAKE_SHA384,
		    .ak_name = TPM_MAKE_SHA384, .key_name = TPM_MAKE_SHA384,
		    .select = { 0xff } }, aik384 },
		{ "P-384, names by SHA-256", { .ak = p384,
		    .hash = TPM_MAKE_SHA384, .select = { 1 } }, aik },
		{ "RSASSA", { .ak = rsa, .select = { 0xff } }, aik },
		{ "RSASSA, SHA-384", { .ak = rsa, .hash = TPM_MAKE_SHA384,
		    .select = { 0xff } }, aik },
		{ "RSASSA, SHA-512", { .ak = rsa, .hash = TPM_MAKE_SHA512,
		    .select = { 0xff } }, aik },
		{ "RSAPSS", { .ak = rsa, .pss = true, .select = { 0xff } },
		    aik },
		{ "RSAPSS, SHA-384", { .ak = rsa, .pss = true,
		    .hash = TPM_MAKE_SHA384, .select = { 0xff } }, aik },
		{ "RSAPSS, SHA-512", { .ak = rsa, .pss = true,
		    .hash = TPM_MAKE_SHA512, .select = { 0xff } }, aik },
		{ "RSA AIK", { .ak = p256, .select = { 0xff } }, aikrsa },
		{ "any order", { .ak = p256, .backwards = true,
		    .select = { 0xff } }, aik },
		{ "PCR 23", { .ak = p256, .select = { BIT(23) } }, aik },
		{ "all PCRs of all banks", { .ak = p256, .select = { 0xffffff,
		    0xffffff, 0xffffff, 0xffffff } }, aik },
		{ "SHA-1 only", { .ak = p256, .select = { [TPM_MAKE_SHA1] =
		    0x80 } }, aik },
		{ "a SHA-512 bank", { .ak = p256, .select = { 0, 0, 0x10 } },
		    aik },
		{ "another system, booted often", { .ak = p256, .other = 0x10,
		    .reset = 0xffffffff, .select = { 0xff } }, aik },
		{ "with policy only, no DA", { .ak = p256, .ak_flip = 0x4c0,
		    .key_flip = 0x4c0, .select = { 0xff } }, aik },
	};
	char pin[TPM_MAKE_PIN], got[ATLS_INSTANCE_MAX];
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		struct verdict v = judge_made(&t[i].o, t[i].key);

		T(v.stage == PASSED, "%s: %d %s %s", t[i].what, v.stage,
		    v.res.why.where, v.res.why.detail);
		T(v.res.why.rc == ATLS_OK, "%s", t[i].what);
		T(v.res.key == ATLS_GOOD && v.res.not_after == 0 &&
		    !v.res.simulated, "%s", t[i].what);
		check_claims(t[i].what, &t[i].o, &v.res.claims);
		tpm_make_pin(&t[i].o, pin);
		evidence_tpm.instance(&v.res.claims, got);
		T(strcmp(pin, got) == 0, "%s: %s", t[i].what, got);
		free(v.raw);
	}
}

static const struct {
	enum tpm_fault	 fault;
	const char	*what;
	enum stage	 stage;
	enum atls_rc	 rc;
	const char	*where;
} faults[] = {
	{ TPM_BAD_VERSION, "not TPM 2.0", PARSE, ATLS_E_UNKNOWN, "tpm.cbor" },
	{ TPM_BAD_MEMBER, "unknown member", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_BAD_TWICE, "member twice", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_BAD_TRAIL, "trailing octet", PARSE, ATLS_E_TRAIL, "tpm.cbor" },
	{ TPM_NO_KAT, "no kat", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_PAT, "no pat", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_AK_PUB, "no akPub", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_PCRS, "no pcrs", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_KID, "no kid", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_SIG, "no sig", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_INFO, "no attestInfo", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_NO_PUB, "no pubArea", PARSE, ATLS_E_FORMAT, "tpm.cbor" },
	{ TPM_BAD_MAGIC_KAT, "certInfo magic", PARSE, ATLS_E_FORMAT,
	    "tpm.certify" },
	{ TPM_BAD_MAGIC_PAT, "attestInfo magic", PARSE, ATLS_E_FORMAT,
	    "tpm.quote" },
	{ TPM_BAD_TYPE_KAT, "a quote in kat", PARSE, ATLS_E_FORMAT,
	    "tpm.certify" },
	{ TPM_BAD_TYPE_PAT, "a certification in pat", PARSE, ATLS_E_FORMAT,
	    "tpm.quote" },
	{ TPM_BAD_PCR_TWICE, "PCR twice", PARSE, ATLS_E_FORMAT, "tpm.pcrs" },
	{ TPM_BAD_PCR_ORDER, "PCR order", PARSE, ATLS_E_FORMAT, "tpm.pcrs" },
	{ TPM_BAD_PCR_SHORT, "PCR short", PARSE, ATLS_E_FORMAT, "tpm.pcrs" },
	{ TPM_BAD_BANK_MISSING, "no bank", PARSE, ATLS_E_FORMAT, "tpm.pcrs" },
	{ TPM_BAD_BANK_EXTRA, "empty bank", PARSE, ATLS_E_FORMAT,
	    "tpm.pcrs" },
	{ TPM_BAD_SELECT_NONE, "no selection", PARSE, ATLS_E_FORMAT,
	    "tpm.pcrs" },
	{ TPM_BAD_SELECT_EMPTY, "nothing selected", PARSE, ATLS_E_FORMAT,
	    "tpm.pcrs" },
	{ TPM_BAD_SELECT_WIDE, "sizeofSelect 5", PARSE, ATLS_E_LIMIT,
	    "tpm.quote" },
	{ TPM_BAD_SELECT_TWICE, "bank selected twice", PARSE, ATLS_E_FORMAT,
	    "tpm.quote" },
	{ TPM_BAD_SELECT_BANK, "SM3 bank", PARSE, ATLS_E_UNKNOWN,
	    "tpm.quote" },

	{ TPM_NO_EXT, "no ext", SIGNATURE, ATLS_E_FORMAT, "tpm.ext" },
	{ TPM_TWO_KIDS, "two kids", SIGNATURE, ATLS_E_BIND, "tpm.kid" },
	{ TPM_TWO_NONCES, "two nonces", SIGNATURE, ATLS_E_BIND,
	    "tpm.extra_data.same" },
	{ TPM_TWO_SIGNERS, "two signers", SIGNATURE, ATLS_E_BIND,
	    "tpm.signer" },
	{ TPM_TWO_RESETS, "two boots", SIGNATURE, ATLS_E_BIND, "tpm.boot" },
	{ TPM_TWO_RESTARTS, "restart", SIGNATURE, ATLS_E_BIND, "tpm.boot" },
	{ TPM_TWO_FIRMWARES, "new firmware", SIGNATURE, ATLS_E_BIND,
	    "tpm.boot" },
	{ TPM_BAD_KID, "kid of another AK", SIGNATURE, ATLS_E_BIND,
	    "tpm.ak.kid" },
	{ TPM_BAD_SIG_SHA1, "SHA-1", SIGNATURE, ATLS_E_SIG,
	    "tpm.certify.hash" },
	{ TPM_BAD_SIG_SCHEME, "not the AK's scheme", SIGNATURE, ATLS_E_SIG,
	    "tpm.certify.scheme" },
	{ TPM_BAD_SIG_SCHEME_PAT, "quote not by the AK's scheme", SIGNATURE,
	    ATLS_E_SIG, "tpm.quote.scheme" },
	{ TPM_BAD_AK_SCHEME, "AK without scheme", SIGNATURE, ATLS_E_SIG,
	    "tpm.certify.scheme" },
	{ TPM_BAD_SIG_KAT, "certified by a stranger", SIGNATURE, ATLS_E_SIG,
	    "tpm.certify.signature" },
	{ TPM_BAD_SIG_PAT, "quoted by a stranger", SIGNATURE, ATLS_E_SIG,
	    "tpm.quote.signature" },
	{ TPM_BAD_PCR_MISSING, "PCR missing", SIGNATURE, ATLS_E_SIG,
	    "tpm.pcr.selection" },
	{ TPM_BAD_PCR_EXTRA, "PCR not selected", SIGNATURE, ATLS_E_SIG,
	    "tpm.pcr.selection" },
	{ TPM_BAD_PCR_BANK, "PCRs of another bank", SIGNATURE, ATLS_E_SIG,
	    "tpm.pcr.selection" },
	{ TPM_BAD_PCR_VALUE, "PCR value", SIGNATURE, ATLS_E_SIG,
	    "tpm.pcr.digest" },
	{ TPM_BAD_DIGEST, "PCR digest", SIGNATURE, ATLS_E_SIG,
	    "tpm.pcr.digest" },

	{ TPM_BAD_KEY_NAME, "another object certified", KEY, ATLS_E_BIND,
	    "tpm.key.name" },
	{ TPM_BAD_KEY, "another key certified", KEY, ATLS_E_BIND,
	    "tpm.key.spki" },
};

static void
test_faults(void)
{
	bool seen[TPM_NFAULTS] = { [TPM_GOOD] = true };
	EVP_PKEY *const aks[] = { p256, rsa };
	struct tpm_make_opts o = { .ak = NULL };
	size_t i, k;

	for (i = 0; i < NITEMS(faults); i++)
		for (k = 0; k < NITEMS(aks); k++) {
			struct verdict v;

			o.ak = aks[k];
			o.fault = faults[i].fault;
			seen[o.fault] = true;
			v = judge_made(&o, aik);
			T(v.stage == faults[i].stage, "%s: %d",
			    faults[i].what, v.stage);
			T(v.res.why.rc == faults[i].rc, "%s: %s",
			    faults[i].what, atls_rc_name(v.res.why.rc));
			T(v.res.why.where != NULL && strcmp(v.res.why.where,
			    faults[i].where) == 0, "%s: %s", faults[i].what,
			    v.res.why.where);
			T(v.res.key != ATLS_GOOD, "%s", faults[i].what);
			free(v.raw);
		}
	for (i = 0; i < TPM_NFAULTS; i++)
		T(seen[i], "fault %zu is not tested", i);
}

/* Every attribute that must be there is missed, every other one is seen. */
static void
test_attributes(void)
{
	static const struct {
		const char	*what;
		unsigned	 bit;
		bool		 of_ak, of_key;		/* must not change */
	} t[] = {
		{ "fixedTPM",			1, true, true },
		{ "stClear",			2, false, false },
		{ "fixedParent",		4, true, true },
		{ "sensitiveDataOrigin",	5, true, true },
		{ "userWithAuth",		6, false, false },
		{ "adminWithPolicy",		7, false, false },
		{ "noDA",			10, false, false },
		{ "restricted",			16, true, true },
		{ "decrypt",			17, true, true },
		{ "sign",			18, true, true },
	};
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		struct tpm_make_opts a = { .ak = p256, .ak_flip =
		    BIT(t[i].bit) };
		struct tpm_make_opts k = { .ak = p256, .key_flip =
		    BIT(t[i].bit) };
		struct verdict v = judge_made(&a, aik);

		T(v.stage == (t[i].of_ak ? SIGNATURE : PASSED), "AK, %s: %d",
		    t[i].what, v.stage);
		T(!t[i].of_ak || strcmp(v.res.why.where,
		    "tpm.ak.attributes") == 0, "AK, %s: %s", t[i].what,
		    v.res.why.where);
		free(v.raw);
		v = judge_made(&k, aik);
		T(v.stage == (t[i].of_key ? KEY : PASSED), "key, %s: %d",
		    t[i].what, v.stage);
		T(!t[i].of_key || (v.res.key == ATLS_BAD &&
		    strcmp(v.res.why.where, "tpm.key.attributes") == 0),
		    "key, %s: %s", t[i].what, v.res.why.where);
		free(v.raw);
	}
}

static struct atls_trust *
trust_of(const struct pki *p, bool crls)
{
	struct atls_bytes none = { NULL, 0 };
	struct atls_trust *t = atls_trust_new(pki_view(p->root.pem),
	    crls ? pki_view(p->crls) : none, NULL);

	T(t != NULL, "trust");
	return t;
}

/* Who vouches for the AK: a name, a certificate, both, or nobody. */
static void
test_trust(void)
{
	struct pki p = pki_new(&(struct pki_ask){ .cn = "AK" }, JUDGE_NOW);
	struct pki q = pki_new(&(struct pki_ask){ .cn = "AK" }, JUDGE_NOW);
	struct atls_trust *tp = trust_of(&p, true), *tq = trust_of(&q, false);
	struct atls_bytes certs[9] = { { p.leaf.der, p.leaf.len },
	    { p.inter.der, p.inter.len } };
	struct tpm_make_opts o = { .ak = p.leaf.key, .ak_cert = certs };
	struct tpm_make_opts other = { .ak = q.leaf.key, .ak_cert = certs };
	char pin[TPM_MAKE_PIN], pin2[TPM_MAKE_PIN];
	const char *right[] = { pin }, *wrong[] = { pin2, "", "ak:",
	    "ak:000b" };
	const struct {
		const char		*what;
		struct tpm_make_opts	*o;
		size_t			 ncert;
		struct atls_trust	*anchors;
		const char		**pins;
		size_t			 npins;
		int64_t			 now;
		enum atls_rc		 rc;
		const char		*where;
	} t[] = {
		{ "pin", &o, 0, NULL, right, 1, JUDGE_NOW, ATLS_OK, NULL },
		{ "pin, unused chain", &o, 2, NULL, right, 1, JUDGE_NOW, ATLS_OK,
		    NULL },
		{ "chain", &o, 2, tp, NULL, 0, JUDGE_NOW, ATLS_OK, NULL },
		{ "chain again", &o, 2, tp, NULL, 0, JUDGE_NOW + 1, ATLS_OK, NULL },
		{ "both", &o, 2, tp, right, 1, JUDGE_NOW, ATLS_OK, NULL },
		{ "neither", &o, 2, NULL, NULL, 0, JUDGE_NOW, ATLS_E_CHAIN,
		    "tpm.ak.trust" },
		{ "another machine", &o, 0, NULL, wrong, 4, JUDGE_NOW,
		    ATLS_E_CHAIN, "tpm.ak.name" },
		{ "chain, another machine", &o, 2, tp, wrong, 4, JUDGE_NOW,
		    ATLS_E_CHAIN, "tpm.ak.name" },
		{ "pin, no chain", &o, 0, tp, right, 1, JUDGE_NOW, ATLS_E_CHAIN,
		    "tpm.ak.cert.none" },
		{ "pin, another root", &o, 2, tq, right, 1, JUDGE_NOW,
		    ATLS_E_CHAIN, "tpm.ak.chain" },
		{ "no chain", &o, 0, tp, NULL, 0, JUDGE_NOW, ATLS_E_CHAIN,
		    "tpm.ak.cert.none" },
		{ "no intermediate", &o, 1, tp, NULL, 0, JUDGE_NOW, ATLS_E_CHAIN,
		    "tpm.ak.chain" },
		{ "expired", &o, 2, tp, NULL, 0, JUDGE_NOW + 400 * PKI_DAY,
		    ATLS_E_STALE, "tpm.ak.chain" },
		{ "not yet", &o, 2, tp, NULL, 0, JUDGE_NOW - 2 * PKI_DAY,
		    ATLS_E_STALE, "tpm.ak.chain" },
		{ "stolen certificate", &other, 2, tp, NULL, 0, JUDGE_NOW,
		    ATLS_E_CHAIN, "tpm.ak.cert" },
	};
	size_t i;

	tpm_make_pin(&o, pin);
	tpm_make_pin(&other, pin2);
	for (i = 0; i < NITEMS(t); i++) {
		struct evidence_trust trust = { .anchors = t[i].anchors,
		    .instance = t[i].pins, .ninstance = t[i].npins,
		    .now = t[i].now };
		struct verdict v;

		t[i].o->nak_cert = t[i].ncert;
		v = judge(judge_make(t[i].o, aik), aik, &trust);
		T(v.res.why.rc == t[i].rc && v.stage == (t[i].rc == ATLS_OK ?
		    PASSED : SIGNATURE), "%s: %d %s %s %s", t[i].what,
		    v.stage, atls_rc_name(v.res.why.rc), v.res.why.where,
		    v.res.why.detail);
		T(t[i].where == NULL || strcmp(v.res.why.where, t[i].where)
		    == 0, "%s: %s", t[i].what, v.res.why.where);
		T(t[i].rc != ATLS_OK || t[i].anchors == NULL ||
		    (v.res.not_after > t[i].now && v.res.not_after <=
		    JUDGE_NOW + 30 * PKI_DAY), "%s: %lld", t[i].what,
		    (long long)v.res.not_after);
		free(v.raw);
	}
	for (i = 2; i < NITEMS(certs); i++)
		certs[i] = certs[1];
	for (o.nak_cert = 8; o.nak_cert <= NITEMS(certs); o.nak_cert++) {
		struct verdict v = judge_made(&o, aik);

		T(v.stage == (o.nak_cert == 8 ? PASSED : PARSE) &&
		    v.res.why.rc == (o.nak_cert == 8 ? ATLS_OK :
		    ATLS_E_LIMIT), "%zu certificates", o.nak_cert);
		free(v.raw);
	}
	atls_trust_free(tp);
	atls_trust_free(tq);
	pki_free(&p);
	pki_free(&q);
}

/* A TPM that is a cloud's program is told from others by who certified its
 * key, if that is what the policy goes by. */
static void
test_voucher(void)
{
	static const struct {
		const char	*ca;
		bool		 cloud;
	} t[] = {
		{ "EK/AK CA Root", true }, { "EK/AK CA Intermediate", true },
		{ "tpm_ek_v1_cloud_host-signer-0-2021-10-12", true },
		{ "Azure Cloud Virtual TPM CA - 24", true },
		{ "Global Virtual TPM CA - 03", true },
		{ "Azure Virtual TPM Root Certificate Authority 2023", true },
		{ "EK/AK CA", false }, { "A TPM CA", false },
		{ "Not EK/AK CA Root", false }, { "E", false },
	};
	const char *pins[1];
	char pin[TPM_MAKE_PIN];
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		struct pki_cert ca = pki_cert(&(struct pki_ask){ .ca = true,
		    .cn = t[i].ca }, NULL, JUDGE_NOW);
		struct pki_cert ak = pki_cert(&(struct pki_ask){ .cn = "AK" },
		    &ca, JUDGE_NOW);
		struct atls_bytes cert = { ak.der, ak.len };
		struct tpm_make_opts o = { .ak = ak.key, .ak_cert = &cert,
		    .nak_cert = 1 };
		struct evidence_trust trust = { .now = JUDGE_NOW,
		    .anchors = atls_trust_new(pki_view(ca.pem),
		    (struct atls_bytes){ NULL, 0 }, NULL) };
		struct verdict v = judge(judge_make(&o, aik), aik, &trust);

		T(v.stage == PASSED && v.res.voucher != NULL &&
		    (strstr(v.res.voucher, "cloud provider") != NULL) ==
		    t[i].cloud, "%s: %s", t[i].ca, v.res.voucher);
		free(v.raw);
		atls_trust_free(trust.anchors);
		/* the chain is nobody's word then */
		tpm_make_pin(&o, pin);
		pins[0] = pin;
		trust = (struct evidence_trust){ .instance = pins,
		    .ninstance = 1, .now = JUDGE_NOW };
		v = judge(judge_make(&o, aik), aik, &trust);
		T(v.stage == PASSED && strstr(v.res.voucher, "policy") !=
		    NULL, "%s: %s", t[i].ca, v.res.voucher);
		free(v.raw);
		pki_cert_free(&ak);
		pki_cert_free(&ca);
	}
}

static void
test_kinds(void)
{
	struct atls_evidence ev;
	struct atls_err err = { .rc = ATLS_OK };
	enum atls_kind k;

	T(strcmp(atls_kind_name(ATLS_KIND_TPM), "tpm") == 0, "name");
	T(strcmp(atls_kind_name(ATLS_KIND_NONE), "none") == 0, "none");
	T(strcmp(atls_kind_name(ATLS_NKINDS), "none") == 0, "none");
	T(atls_kind_named("tpm") == ATLS_KIND_TPM, "named");
	T(atls_kind_named("tp") == ATLS_KIND_NONE, "no such kind");
	T(atls_kind_named("") == ATLS_KIND_NONE, "no such kind");
	T(strcmp(atls_kind_media(ATLS_KIND_TPM), evidence_tpm.media) == 0,
	    "media");
	T(atls_kind_media(ATLS_KIND_NONE) == NULL, "no media");
	T(evidence_ops(ATLS_KIND_NONE) == NULL, "no ops");
	T(evidence_ops(ATLS_NKINDS) == NULL, "no ops");
	for (k = ATLS_KIND_TPM; k < ATLS_NKINDS; k++)
		T(evidence_ops(k) == NULL || evidence_ops(k)->kind == k,
		    "%d", (int)k);
	T(atls_evidence_parse(&ev, ATLS_KIND_NONE, JUDGE_NONCE, NULL, &err) ==
	    ATLS_E_UNKNOWN && ev.raw.len == 0, "no kind");
	T(strcmp(err.where, "evidence.kind") == 0, "%s", err.where);
	T(atls_evidence_claim(&ev, "tpm.clock") == NULL, "no claims");
}

int
main(void)
{
	p256 = EVP_EC_gen("P-256");
	p384 = EVP_EC_gen("P-384");
	rsa = EVP_RSA_gen(2048);
	aik = EVP_EC_gen("P-256");
	aik384 = EVP_EC_gen("P-384");
	aikrsa = EVP_RSA_gen(2048);
	test_good();
	test_faults();
	test_attributes();
	test_trust();
	test_voucher();
	test_kinds();
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(aik);
	EVP_PKEY_free(aik384);
	EVP_PKEY_free(aikrsa);
	return t_end("t_tpm");
}
