/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "az_make.h"
#include "heap.h"
#include "snp_judge.h"
#include "t.h"

/*
 * Azure's vTPM under SEV-SNP, with a chain, a chip and a TPM of the test's
 * own: what breaks each link between them, and every bit.
 */
#define REPORT_DATA	0x50		/* in the report */
#define VMPL		0x30
#define NONCE	((struct atls_bytes){ (const uint8_t *)			\
		    "thirty-two octets of report data", 32 })

static struct snp_world world;
static struct snp_leaf leaf;
static struct snp_cert vcek;
static EVP_PKEY *ak, *other_ak;
static uint8_t pcr[AZ_PCRS][32];

/* A message on its way: each may be changed before it is put together. */
struct made {
	char		runtime[2048];
	uint8_t		report[SNP_REPORT_LEN], hcl[AZ_HCL_LEN];
	uint8_t		attest[256], sig[600], pcrs[2048], raw[AZ_MAKE_MAX];
	size_t		nattest, nsig, nraw;
	struct az_parts	parts;
};

/* Report and HCL for the runtime data that are there. */
static void
seal(struct made *m, unsigned vmpl, bool spoil_tail)
{
	uint8_t *data = m->report + REPORT_DATA;

	snp_report_make(m->report, 3, "Milan", &leaf);
	memset(data, 0, 64);
	SHA256((const uint8_t *)m->runtime, strlen(m->runtime), data);
	if (spoil_tail)
		data[63] = 1;
	m->report[VMPL] = (uint8_t)vmpl;
	snp_report_sign(m->report, vcek.key);
	az_make_hcl(m->hcl, 2, m->report, m->runtime);
}

static void
quote(struct made *m, EVP_PKEY *key, struct atls_bytes nonce)
{
	m->nattest = az_make_attest(pcr, nonce, m->attest);
	m->nsig = az_make_sig(key, (struct atls_bytes){ m->attest,
	    m->nattest }, m->sig);
	m->parts.attest = (struct atls_bytes){ m->attest, m->nattest };
	m->parts.sig = (struct atls_bytes){ m->sig, m->nsig };
}

static struct made *
made(void)
{
	struct made *m = calloc(1, sizeof(*m));

	az_make_runtime(ak, m->runtime);
	seal(m, 0, false);
	m->parts = (struct az_parts){
		.hcl = ATLS_ARRAY(m->hcl),
		.pcrs = az_make_pcrs(pcr, 0xffffff, m->pcrs),
		.vcek = snp_der(vcek), .ask = snp_der(world.pki.ask),
	};
	quote(m, ak, NONCE);
	return m;
}

struct az_verdict {
	enum { AZ_NOT_READ, AZ_READ, AZ_TRUSTED, AZ_IN_FORCE } stage;
	struct atls_result	 res;
	struct atls_bytes	 raw;
	uint8_t			*scratch;
};

static struct az_verdict
judge(struct atls_bytes raw, enum atls_kind kind,
    const struct evidence_trust *t)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	struct az_verdict v = { .stage = AZ_NOT_READ, .raw = copy(raw),
	    .scratch = malloc(raw.len + 1) };
	struct atls_buf scratch = { v.scratch, raw.len, 0 };

	if (atls_evidence_parse(&v.res.claims, kind, v.raw, &scratch,
	    &v.res.why) != ATLS_OK)
		return v;
	v.stage = AZ_READ;
	if (ops->signature(&v.res.claims, t, &v.res) != 1)
		return v;
	v.stage = AZ_TRUSTED;
	if (ops->revocation(&v.res.claims, t, &v.res) != 1)
		return v;
	v.stage = AZ_IN_FORCE;
	return v;
}

static void
judged(struct az_verdict *v)
{
	drop(v->raw);
	free(v->scratch);
}

static struct evidence_trust
trust(void)
{
	struct snp_case c = snp_case_of(&world, false);

	return snp_trust_of(&world, &c);
}

/* where: NULL if it is good. */
static void
check(const char *what, struct made *m, const char *where)
{
	struct evidence_trust t = trust();
	struct az_verdict v;

	m->nraw = az_put(&m->parts, m->raw);
	v = judge((struct atls_bytes){ m->raw, m->nraw }, ATLS_KIND_AZ_SNP,
	    &t);
	T((v.stage == AZ_IN_FORCE) == (where == NULL), "%s: %d %s %s", what,
	    (int)v.stage, v.res.why.where == NULL ? "" : v.res.why.where,
	    v.res.why.detail);
	T(where == NULL || (v.res.why.where != NULL && strcmp(
	    v.res.why.where, where) == 0), "%s: %s", what, v.res.why.where);
	judged(&v);
	atls_collateral_free(t.collateral);
	free(m);
}

static void
test_good(void)
{
	struct made *m = made();
	struct evidence_trust t = trust();
	const struct atls_evidence *ev;
	const struct atls_claim *c;
	char instance[ATLS_INSTANCE_MAX];
	struct az_verdict v;
	size_t i, k;

	m->nraw = az_put(&m->parts, m->raw);
	v = judge((struct atls_bytes){ m->raw, m->nraw }, ATLS_KIND_AZ_SNP,
	    &t);
	ev = &v.res.claims;
	T(v.stage == AZ_IN_FORCE && v.res.voucher != NULL && strstr(
	    v.res.voucher, "cloud provider") != NULL, "%s %s",
	    v.res.why.where, v.res.why.detail);
	T(atls_ct_eq(ev->report_data, NONCE), "nonce");
	T((c = atls_evidence_claim(ev, "tpm.pcr.sha256.23")) != NULL &&
	    c->bytes.len == 32 && memcmp(c->bytes.p, pcr[23], 32) == 0, "PCR");
	T((c = atls_evidence_claim(ev, "snp.measurement")) != NULL &&
	    c->bytes.len == 48, "measurement");
	T((c = atls_evidence_claim(ev, "az.vm_id")) != NULL &&
	    c->bytes.len == 18, "VM");
	T((c = atls_evidence_claim(ev, "az.secure_boot")) != NULL &&
	    c->number == 1, "secure boot");
	T((c = atls_evidence_claim(ev, "az.tpm_persisted")) != NULL &&
	    c->number == 0, "persisted");
	evidence_az_snp.instance(ev, instance);
	T(strncmp(instance, "chip:a0a1", 9) == 0, "%s", instance);
	/* each claim once, and in the table as it is */
	for (i = 0; i < ev->nclaim; i++) {
		for (k = 0; k < evidence_az_snp.nclaim; k++)
			if (strcmp(ev->claim[i].name,
			    evidence_az_snp.claim[k].name) == 0)
				break;
		T(k < evidence_az_snp.nclaim && ev->claim[i].type ==
		    evidence_az_snp.claim[k].type, "%s", ev->claim[i].name);
		T(atls_evidence_claim(ev, ev->claim[i].name) == &ev->claim[i],
		    "%s twice", ev->claim[i].name);
	}
	judged(&v);
	v = judge((struct atls_bytes){ m->raw, m->nraw }, ATLS_KIND_AZ_TDX,
	    &t);
	T(v.stage == AZ_NOT_READ, "as a TD");
	judged(&v);
	t.anchors = NULL;
	v = judge((struct atls_bytes){ m->raw, m->nraw }, ATLS_KIND_AZ_SNP,
	    &t);
	T(v.stage == AZ_READ && v.res.why.rc == ATLS_E_CHAIN, "no anchor: %s",
	    v.res.why.where);
	judged(&v);
	atls_collateral_free(t.collateral);
	free(m);
}

static void
test_links(void)
{
	struct made *m;

	check("good", made(), NULL);
	m = made();
	m->hcl[AZ_RUNTIME_AT + 2] ^= 0x20;	/* "Keys" */
	check("other runtime data", m, "az.runtime.keys");
	m = made();
	m->hcl[AZ_RUNTIME_AT + strlen(m->runtime) - 3] = '1';
	check("user data of others", m, "az.runtime.digest");
	m = made();
	az_make_runtime(other_ak, m->runtime);
	az_make_hcl(m->hcl, 2, m->report, m->runtime);
	quote(m, other_ak, NONCE);
	check("an AK that no report names", m, "az.runtime.digest");
	m = made();
	seal(m, 0, true);
	check("report data go on", m, "az.runtime.digest");
	m = made();
	seal(m, 1, false);
	check("asked for at VMPL 1", m, "az.vmpl");
	m = made();
	quote(m, other_ak, NONCE);
	check("quote of another machine", m, "tpm.quote.signature");
	m = made();
	quote(m, ak, (struct atls_bytes){ NULL, 0 });
	check("no challenge", m, "tpm.extra_data.empty");
	m = made();
	m->sig[3] = TPM_ALG_SHA1;
	check("SHA-1", m, "tpm.quote.hash");
	m = made();
	m->sig[1] = TPM_ALG_RSAPSS;
	check("another scheme", m, "tpm.quote.signature");
	m = made();
	m->parts.pcrs = az_make_pcrs(pcr, 0x7fffff, m->pcrs);
	check("a PCR less", m, "tpm.pcr.selection");
	m = made();
	m->pcrs[m->parts.pcrs.len - 1] ^= 1;
	check("another value", m, "tpm.pcr.digest");
	m = made();
	m->attest[0] ^= 1;
	check("not of a TPM", m, "tpm.quote");
	m = made();
	m->hcl[32 + REPORT_DATA] ^= 1;
	check("report changed", m, "snp.signature");
	m = made();
	m->parts.vcek = snp_der(world.pki.ask);
	check("not a VCEK", m, "snp.leaf.sort");
	m = made();
	m->parts.vcek.len = 0;
	check("no VCEK", m, "snp.leaf");
}

static void
test_runtime(void)
{
	static const struct {
		const char	*what, *json, *where;
	} rows[] = {
		{ "not JSON", "{\"keys\":", "az.runtime" },
		{ "a key twice", "{\"keys\":[],\"keys\":[]}", "az.runtime" },
		{ "an array", "[]", "az.runtime.keys" },
		{ "no keys", "{}", "az.runtime.keys" },
		{ "keys an object", "{\"keys\":{\"kid\":\"HCLAkPub\"}}",
		  "az.runtime.keys" },
		{ "another key", "{\"keys\":[{\"kid\":\"HCLEkPub\",\"kty\":"
		  "\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}]}",
		  "az.runtime.keys" },
		{ "two of them", "{\"keys\":[{\"kid\":\"HCLAkPub\"},"
		  "{\"kid\":\"HCLAkPub\"}]}", "az.runtime.keys" },
		{ "no numbers", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":"
		  "\"RSA\"}]}", "az.runtime.ak" },
		{ "not RSA", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":"
		  "\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg"
		  "7hcvPapiMlrwIaaPcHURo\"}]}", "az.runtime.ak" },
		{ "too small", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":"
		  "\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}]}", "az.ak" },
		{ "e of nine octets", "{\"keys\":[{\"kid\":\"HCLAkPub\","
		  "\"kty\":\"RSA\",\"e\":\"AQABAQABAQAB\",\"n\":\"AQAB\"}]}",
		  "az.runtime.ak" },
		{ "configuration an array", "{\"keys\":[{\"kid\":\"HCLAkPub\""
		  ",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}],"
		  "\"vm-configuration\":[]}", "az.runtime.config" },
		{ "secure boot is text", "{\"keys\":[{\"kid\":\"HCLAkPub\""
		  ",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}],"
		  "\"vm-configuration\":{\"secure-boot\":\"true\"}}",
		  "az.runtime.config" },
		{ "VM is a number", "{\"keys\":[{\"kid\":\"HCLAkPub\""
		  ",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}],"
		  "\"vm-configuration\":{\"vmUniqueId\":1}}",
		  "az.runtime.vm_id" },
	};
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct made *m = made();

		strcpy(m->runtime, rows[i].json);
		seal(m, 0, false);
		check(rows[i].what, m, rows[i].where);
	}
}

/* The header, which nothing signs: offset, what is there, what is not. */
static void
test_header(void)
{
	static const struct {
		const char	*what;
		size_t		 off;
		uint8_t		 v;
		bool		 good;
	} rows[] = {
		{ "magic", 0, 'h', false },
		{ "version 0", 4, 0, false }, { "version 1", 4, 1, true },
		{ "version 3", 4, 3, false }, { "version", 7, 1, false },
		{ "size", 8, 0, false }, { "size", 10, 1, false },
		{ "request 1", 12, 1, false }, { "request", 15, 1, false },
		{ "reserved", 16, 1, false }, { "reserved", 31, 0x80, false },
		{ "runtime size", 32 + AZ_HW_LEN, 0, false },
		{ "runtime version", 32 + AZ_HW_LEN + 4, 2, false },
		{ "of a TD", 32 + AZ_HW_LEN + 8, 4, false },
		{ "SHA-384", 32 + AZ_HW_LEN + 12, 2, false },
		{ "length", 32 + AZ_HW_LEN + 16, 1, false },
		{ "length", 32 + AZ_HW_LEN + 19, 0x80, false },
		{ "behind", AZ_HCL_LEN - 1, 1, false },
	};
	struct made *m;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		m = made();
		m->hcl[rows[i].off] = rows[i].v;
		check(rows[i].what, m, rows[i].good ? NULL : "az.hcl");
	}
	m = made();
	m->parts.hcl.len = AZ_RUNTIME_AT + strlen(m->runtime);
	check("nothing behind", m, NULL);
	m = made();
	m->parts.hcl.len = AZ_RUNTIME_AT + strlen(m->runtime) - 1;
	check("short by one", m, "az.hcl");
}

static void
test_map(void)
{
	struct made *m;

	m = made();
	m->parts.more = "more";
	check("unknown member", m, "az.cbor");
	m = made();
	m->parts.td = NONCE;
	check("a TD's quote", m, "az.cbor");
	m = made();
	m->parts.hcl.len = 0;
	check("no HCL report", m, "az.cbor");
	m = made();
	m->parts.attest.len = 0;
	check("no quote", m, "az.cbor");
	m = made();
	m->parts.sig.len = 0;
	check("no signature", m, "az.cbor");
	m = made();
	m->parts.pcrs.len = 0;
	check("no PCRs", m, "az.cbor");
	m = made();
	m->parts.ask.len = 0;
	m->parts.more = "vcek";
	check("two VCEKs", m, "az.cbor");
}

/*
 * Every prefix, every bit: none is left that nothing covers.  With the
 * certificates in the message it is one bit of each octet, since t_snp_bits
 * has all of theirs; with those in the store, all.
 */
static void
test_bits(bool along)
{
	struct made *m = made();
	struct evidence_trust t = trust();
	struct atls_bytes raw, x;
	struct az_verdict v;
	size_t i, n[AZ_IN_FORCE] = { 0 };

	if (!along) {
		T(atls_collateral_put(t.collateral, ATLS_VCEK, snp_der(vcek),
		    NULL) == ATLS_OK && atls_collateral_put(t.collateral,
		    ATLS_ASK, snp_der(world.pki.ask), NULL) == ATLS_OK,
		    "store");
		m->parts.vcek.len = m->parts.ask.len = 0;
	}
	m->nraw = az_put(&m->parts, m->raw);
	raw = (struct atls_bytes){ m->raw, m->nraw };
	v = judge(raw, ATLS_KIND_AZ_SNP, &t);
	T(v.stage == AZ_IN_FORCE, "%s", v.res.why.where);
	judged(&v);
	for (i = 0; i < raw.len; i++) {
		v = judge((struct atls_bytes){ raw.p, i }, ATLS_KIND_AZ_SNP,
		    &t);
		T(v.stage == AZ_NOT_READ && v.res.why.rc != ATLS_OK,
		    "prefix %zu", i);
		judged(&v);
	}
	for (i = 0; i < 8 * raw.len; i++) {
		if (along && i % 8 != i / 8 % 8)
			continue;
		x = flip(raw, i);
		v = judge(x, ATLS_KIND_AZ_SNP, &t);
		T(v.stage != AZ_IN_FORCE && v.res.why.rc != ATLS_OK,
		    "bit %zu of octet %zu", i % 8, i / 8);
		if (v.stage != AZ_IN_FORCE)
			n[v.stage]++;
		judged(&v);
		drop(x);
	}
	printf("%zu octets: %zu bits fail in parse, %zu in signature, %zu in "
	    "revocation\n", raw.len, n[AZ_NOT_READ], n[AZ_READ],
	    n[AZ_TRUSTED]);
	atls_collateral_free(t.collateral);
	free(m);
}

int
main(void)
{
	size_t i;

	world = snp_world_new("Milan");
	leaf = snp_case_of(&world, false).leaf;
	vcek = snp_leaf_make(&world.pki, &leaf);
	ak = EVP_RSA_gen(2048);
	other_ak = EVP_RSA_gen(2048);
	for (i = 0; i < AZ_PCRS; i++)
		memset(pcr[i], (int)i + 1, 32);
	test_good();
	test_links();
	test_runtime();
	test_header();
	test_map();
	test_bits(true);
	test_bits(false);
	EVP_PKEY_free(ak);
	EVP_PKEY_free(other_ak);
	snp_cert_free(&vcek);
	snp_world_free(&world);
	return t_end("t_az");
}
