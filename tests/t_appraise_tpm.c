/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atls/appraise.h>
#include <atls/cmw.h>

#include "heap.h"
#include "pki.h"
#include "t.h"
#include "tpm_make.h"

/* Policy text, TPM evidence and appraisal together, by the public API. */

#define NOW	((int64_t)1767225600)
#define PCR7	"0707070707070707070707070707070707070707070707070707070707070707"
#define PCR4	"0404040404040404040404040404040404040404040404040404040404040404"

static EVP_PKEY *ak, *other_ak, *aik, *other_aik;
static uint8_t *spki, *other_spki;
static size_t nspki, nother_spki;
static struct pki ca, stranger;
static char *withdrawn;			/* CRLs, that of the AK among them */
static const uint8_t binder[32] = { 0xb1, 0xb2, 0xb3 };

static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	const struct pki *p = strncmp(name, "stranger", 8) == 0 ? &stranger :
	    &ca;
	const char *s = strstr(name, "crl") != NULL ? p->crls : p->root.pem;

	if (strcmp(name, "withdrawn.crl") == 0)
		s = withdrawn;
	(void)arg;
	out->len = strlen(s);
	if (out->len > out->cap)
		return ATLS_E_SPACE;
	memcpy(out->p, s, out->len);
	return ATLS_OK;
}

/* %s in the text is the pin of ak. */
static struct atls_policy *
policy(const char *fmt)
{
	struct tpm_make_opts o = { .ak = ak };
	char pin[TPM_MAKE_PIN], *text = malloc(strlen(fmt) + sizeof(pin));
	struct atls_err err = { 0 };
	struct atls_policy *p;
	const char *at = strstr(fmt, "%s");

	tpm_make_pin(&o, pin);
	if (at == NULL)
		(void)strcpy(text, fmt);
	else
		(void)sprintf(text, "%.*s%s%s", (int)(at - fmt), fmt, pin,
		    at + 2);
	p = atls_policy_parse((struct atls_bytes){ (const uint8_t *)text,
	    strlen(text) }, give, NULL, &err);
	T(p != NULL, "%s\n%s", err.detail, text);
	if (p == NULL)
		exit(1);
	free(text);
	return p;
}

static struct atls_bytes
evidence(const struct tpm_make_opts *o, EVP_PKEY *key)
{
	static uint8_t raw[TPM_MAKE_MAX];
	struct atls_buf out = { raw, sizeof(raw), 0 };

	tpm_make(o, ATLS_ARRAY(binder), key, &out);
	return copy((struct atls_bytes){ raw, out.len });
}

static struct atls_question
question(struct atls_bytes raw)
{
	return (struct atls_question){
		.kind = ATLS_KIND_TPM, .raw = raw,
		.binder = ATLS_ARRAY(binder), .profile = ATLS_PROFILE_EXPAT_1,
		.spki = { spki, nspki }, .binding = ATLS_BINDING_EXPORTER,
		.freshness = ATLS_F3, .now = NOW,
	};
}

#define PINNED	"kind tpm\ninstance %s\nignore tpm.pcr.*\n"
#define CHAINED	"kind tpm\nanchor ca.pem\ncrl crl.pem\nignore tpm.pcr.*\n"

/* Whose certificate the AK has. */
enum cert { NO_CERT = 0, OURS, STRANGERS };

enum change {
	NOTHING, OTHER_BINDER, OTHER_SPKI, LATE, BEFORE, SHORT_BINDER,
	NO_BINDER,
};

static const struct {
	const char		*what, *text;
	struct tpm_make_opts	 o;
	bool			 other_ak, other_aik;
	enum cert		 cert;
	enum change		 change;
	enum atls_rc		 rc;
	const char		*where;
} cases[] = {
	{ "pinned", PINNED, .rc = ATLS_OK },
	{ "pinned, PCR 7", PINNED "tpm.pcr.sha256.7 " PCR7 "\n",
	  .rc = ATLS_OK },
	{ "PCR 7, not that", PINNED "tpm.pcr.sha256.7 " PCR4 "\n",
	  .rc = ATLS_E_POLICY, .where = "tpm.pcr.sha256.7" },
	{ "PCR 7, not quoted", PINNED "tpm.pcr.sha256.7 " PCR7 "\n",
	  .o = { .select = { 0x7f } }, .rc = ATLS_E_POLICY,
	  .where = "tpm.pcr.sha256.7" },
	{ "PCR 7 of a bank that was not quoted",
	  PINNED "tpm.pcr.sha384.7 07070707070707070707070707070707" PCR7
	  "\n", .rc = ATLS_E_POLICY,
	  .where = "tpm.pcr.sha384.7" },
	{ "PCR 7, another system",
	  PINNED "tpm.pcr.sha256.7 " PCR7 "\n", .o = { .other = 0x80 },
	  .rc = ATLS_E_POLICY, .where = "tpm.pcr.sha256.7" },
	{ "PCR 7, old or new", PINNED "tpm.pcr.sha256.7 " PCR4 "\n"
	  "tpm.pcr.sha256.7 " PCR7 "\n", .rc = ATLS_OK },
	{ "boots, known", PINNED "tpm.reset >=5\ntpm.safe yes\n",
	  .o = { .reset = 5 }, .rc = ATLS_OK },
	{ "boots, going back", PINNED "tpm.reset >=5\n", .o = { .reset = 4 },
	  .rc = ATLS_E_POLICY, .where = "tpm.reset" },
	{ "another machine", PINNED, .other_ak = true, .rc = ATLS_E_CHAIN,
	  .where = "tpm.ak.name" },
	{ "another key", PINNED, .other_aik = true, .rc = ATLS_E_BIND,
	  .where = "tpm.key.spki" },
	{ "the leaf has another key", PINNED, .change = OTHER_SPKI,
	  .rc = ATLS_E_BIND, .where = "tpm.key.spki" },
	{ "of another channel", PINNED, .change = OTHER_BINDER,
	  .rc = ATLS_E_BIND, .where = "tpm.extra_data" },
	{ "no binder", PINNED, .change = NO_BINDER, .rc = ATLS_E_ARG,
	  .where = "appraise.report_data" },
	{ "half a binder", PINNED, .change = SHORT_BINDER, .rc = ATLS_E_ARG,
	  .where = "appraise.report_data" },
	{ "not signed by the AK", PINNED, .o = { .fault = TPM_BAD_SIG_PAT },
	  .rc = ATLS_E_SIG, .where = "tpm.quote.signature" },
	{ "first of all, the signature", PINNED
	  "tpm.pcr.sha256.7 " PCR4 "\n", .o = { .fault = TPM_BAD_SIG_KAT },
	  .other_aik = true, .change = OTHER_BINDER, .rc = ATLS_E_SIG,
	  .where = "tpm.certify.signature" },
	{ "certified", CHAINED "tpm.pcr.sha256.7 " PCR7 "\n", .cert = OURS,
	  .rc = ATLS_OK },
	{ "certified, no certificate", CHAINED
	  "tpm.pcr.sha256.7 " PCR7 "\n", .rc = ATLS_E_CHAIN,
	  .where = "tpm.ak.cert.none" },
	{ "certified by a stranger", "kind tpm\nanchor stranger.pem\n"
	  "tpm.pcr.sha256.7 " PCR7 "\nignore tpm.pcr.*\n", .cert = OURS,
	  .rc = ATLS_E_CHAIN, .where = "tpm.ak.chain" },
	{ "certified by a stranger, or by ours", "kind tpm\nanchor "
	  "stranger.pem\nanchor ca.pem\n"
	  "tpm.pcr.sha256.7 " PCR7 "\nignore tpm.pcr.*\n", .cert = OURS,
	  .rc = ATLS_OK },
	{ "certificate has ended", CHAINED "tpm.pcr.sha256.7 " PCR7 "\n",
	  .cert = OURS, .change = LATE, .rc = ATLS_E_STALE,
	  .where = "tpm.ak.chain" },
	{ "certificate not yet", CHAINED "tpm.pcr.sha256.7 " PCR7 "\n",
	  .cert = OURS, .change = BEFORE, .rc = ATLS_E_STALE,
	  .where = "tpm.ak.chain" },
	{ "certified and pinned, another machine",
	  CHAINED "instance ak:00\n", .cert = OURS, .rc = ATLS_E_CHAIN,
	  .where = "tpm.ak.name" },
	{ "certified and pinned", CHAINED "instance %s\n", .cert = OURS,
	  .rc = ATLS_OK },
	{ "certified, withdrawn", "kind tpm\nanchor ca.pem\n"
	  "crl withdrawn.crl\ntpm.pcr.sha256.7 " PCR7 "\nignore tpm.pcr.*\n",
	  .cert = OURS, .rc = ATLS_E_REVOKED, .where = "tpm.ak.chain" },
	{ "the anchors of one block are not those of the next",
	  CHAINED "tpm.pcr.sha256.7 " PCR4 "\nkind tpm\nanchor stranger.pem\n"
	  "ignore tpm.pcr.*\ntpm.pcr.sha256.7 " PCR7 "\n", .cert = OURS,
	  .rc = ATLS_E_POLICY, .where = "tpm.pcr.sha256.7" },
	{ "nor are its lists of revocations",
	  CHAINED "tpm.pcr.sha256.7 " PCR7 "\nkind tpm\nanchor stranger.pem\n"
	  "ignore tpm.pcr.*\ntpm.pcr.sha256.7 " PCR7 "\n",
	  .other_ak = true, .cert = STRANGERS, .rc = ATLS_OK },
	{ "the second block", "kind tpm\ninstance ak:00\nignore tpm.pcr.*\n"
	  PINNED, .rc = ATLS_OK },
};

static void
change(struct atls_question *q, enum change c)
{
	static const uint8_t other[32] = { 0xb1, 0xb2, 0xb3, 1 };

	if (c == OTHER_BINDER)
		q->binder = ATLS_ARRAY(other);
	if (c == OTHER_SPKI)
		q->spki = (struct atls_bytes){ other_spki, nother_spki };
	if (c == SHORT_BINDER)
		q->binder.len = 16;
	if (c == NO_BINDER)
		q->binder.len = 0;
	if (c == LATE)
		q->now += 400 * PKI_DAY;
	if (c == BEFORE)
		q->now -= 2 * PKI_DAY;
}

static void
test_cases(void)
{
	const struct atls_bytes cert[][2] = {
		[OURS] = { { ca.leaf.der, ca.leaf.len },
		    { ca.inter.der, ca.inter.len } },
		[STRANGERS] = { { stranger.leaf.der, stranger.leaf.len },
		    { stranger.inter.der, stranger.inter.len } },
	};
	struct tpm_make_opts o;
	struct atls_question q;
	struct atls_policy *p;
	struct atls_result r;
	struct atls_bytes raw;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		p = policy(cases[i].text);
		o = cases[i].o;
		o.ak = cases[i].other_ak ? other_ak : ak;
		if (cases[i].cert != NO_CERT) {
			o.ak_cert = cert[cases[i].cert];
			o.nak_cert = 2;
		}
		if (o.select[0] == 0)
			o.select[0] = 0xff;
		raw = evidence(&o, cases[i].other_aik ? other_aik : aik);
		q = question(raw);
		change(&q, cases[i].change);
		T((atls_appraise(p, &q, NULL, &r) == ATLS_VERDICT_ACCEPT) ==
		    (cases[i].rc == ATLS_OK), "%s: %s %s", cases[i].what,
		    r.why.where, r.why.detail);
		T(r.why.rc == cases[i].rc, "%s: %s", cases[i].what,
		    atls_rc_name(r.why.rc));
		T(cases[i].where == NULL || strcmp(r.why.where,
		    cases[i].where) == 0, "%s: %s %s", cases[i].what,
		    r.why.where, r.why.detail);
		T(strstr(r.why.detail, "policy line") != NULL ||
		    r.why.rc == ATLS_E_ARG, "%s: %s", cases[i].what,
		    r.why.detail);
		T(strncmp(r.instance, "ak:", 3) == 0, "%s: %s",
		    cases[i].what, r.instance);
		if (cases[i].rc == ATLS_OK)
			T(r.key == ATLS_GOOD && r.evidence == ATLS_GOOD,
			    "%s", cases[i].what);
		if (cases[i].rc == ATLS_OK && cases[i].cert != NO_CERT)
			T(r.not_after > NOW && r.not_after < NOW + 366 *
			    PKI_DAY, "%s: %lld", cases[i].what,
			    (long long)r.not_after);
		drop(raw);
		atls_policy_free(p);
	}
}

/* The policy learnt from a machine accepts it, and no other. */
static void
test_learn(void)
{
	struct tpm_make_opts o = { .ak = ak, .select = { 0xff, 0x80 } };
	struct tpm_make_opts booted = o, changed = o, other = o;
	struct { const char *what; struct tpm_make_opts *o; bool ok; } t[] = {
		{ "itself", &o, true },
		{ "after the next boot", &booted, true },
		{ "another PCR 3", &changed, false },
		{ "another machine", &other, false },
	};
	struct atls_bytes raw = evidence(&o, aik);
	struct atls_evidence ev;
	uint8_t text[16384];
	struct atls_buf b = { text, sizeof(text), 0 };
	struct atls_err err = { 0 };
	struct atls_question q;
	struct atls_policy *p;
	struct atls_result r;
	size_t i;

	booted.reset = 77;
	changed.other = 8;
	other.ak = other_ak;
	T(atls_evidence_parse(&ev, ATLS_KIND_TPM, raw, NULL, &err) == ATLS_OK,
	    "%s", err.detail);
	T(atls_policy_learn(&ev, &b, &err) == ATLS_OK, "%s", err.detail);
	p = atls_policy_parse((struct atls_bytes){ text, b.len }, NULL, NULL,
	    &err);
	T(p != NULL, "%s\n%.*s", err.detail, (int)b.len, (char *)text);
	drop(raw);
	for (i = 0; p != NULL && i < NITEMS(t); i++) {
		raw = evidence(t[i].o, aik);
		q = question(raw);
		T((atls_appraise(p, &q, NULL, &r) == ATLS_VERDICT_ACCEPT) ==
		    t[i].ok, "%s: %s %s", t[i].what, r.why.where,
		    r.why.detail);
		drop(raw);
	}
	atls_policy_free(p);
}

/* No octet of the evidence can be other than it was, or missing. */
static void
test_all_bits(void)
{
	struct atls_policy *p = policy(PINNED "tpm.pcr.sha256.7 " PCR7 "\n");
	struct tpm_make_opts o = { .ak = ak, .select = { 0x80 } };
	struct atls_bytes raw = evidence(&o, aik), bad;
	struct atls_question q;
	struct atls_result r;
	size_t i;

	q = question(raw);
	T(atls_appraise(p, &q, NULL, &r) == ATLS_VERDICT_ACCEPT, "%s",
	    r.why.detail);
	for (i = 0; i < raw.len; i++) {
		bad = copy((struct atls_bytes){ raw.p, i });
		q.raw = bad;
		T(atls_appraise(p, &q, NULL, &r) == ATLS_VERDICT_REJECT,
		    "%zu octets", i);
		drop(bad);
	}
	for (i = 0; i < 8 * raw.len; i++) {
		bad = flip(raw, i);
		q.raw = bad;
		T(atls_appraise(p, &q, NULL, &r) == ATLS_VERDICT_REJECT,
		    "bit %zu", i);
		drop(bad);
	}
	drop(raw);
	atls_policy_free(p);
}

static void
test_cmw(void)
{
	struct atls_policy *p = policy(PINNED);
	struct tpm_make_opts o = { .ak = ak, .select = { 0xff } };
	struct atls_bytes raw = evidence(&o, aik), cmw;
	static uint8_t wrapped[2 * TPM_MAKE_MAX], room[TPM_MAKE_MAX];
	struct atls_buf out, scratch;
	struct atls_question q;
	struct atls_result r;
	size_t form;

	for (form = ATLS_CMW_CBOR; form <= ATLS_CMW_JSON; form++) {
		out = (struct atls_buf){ wrapped, sizeof(wrapped), 0 };
		T(atls_cmw_write(&out, (enum atls_cmw_form)form,
		    atls_kind_media(ATLS_KIND_TPM), raw, ATLS_IND_EVIDENCE) ==
		    ATLS_OK, "wrap");
		cmw = copy((struct atls_bytes){ wrapped, out.len });
		q = question(cmw);
		q.kind = ATLS_KIND_NONE;
		scratch = (struct atls_buf){ room, sizeof(room), 0 };
		T(atls_appraise(p, &q, &scratch, &r) == ATLS_VERDICT_ACCEPT,
		    "form %zu: %s %s", form, r.why.where, r.why.detail);
		T(r.kind == ATLS_KIND_TPM && atls_ct_eq(r.claims.raw, raw),
		    "form %zu", form);
		drop(cmw);
	}
	drop(raw);
	atls_policy_free(p);
}

/* The examples of atls-policy(5) are policies. */
static void
test_manual(void)
{
	const char *dir = getenv("ATLS_VECTORS");
	char path[1024], line[512], *text = calloc(1, 65536);
	struct atls_policy *p;
	struct atls_err err;
	bool inside = false;
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/../../man/atls-policy.5",
	    dir == NULL ? "tests/vectors" : dir);
	T((f = fopen(path, "r")) != NULL, "%s", path);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strcmp(line, ".Bd -literal\n") == 0) {
			inside = true;
			text[0] = '\0';
		} else if (inside && strcmp(line, ".Ed\n") == 0) {
			inside = false;
			err = (struct atls_err){ 0 };
			p = atls_policy_parse((struct atls_bytes){
			    (uint8_t *)text, strlen(text) }, give, NULL, &err);
			T(p != NULL, "example %zu: %s", n, err.detail);
			atls_policy_free(p);
			n++;
		} else if (inside && strlen(text) + sizeof(line) < 65536)
			strcat(text, line);
	}
	T(n == 3, "%zu examples", n);
	if (f != NULL)
		(void)fclose(f);
	free(text);
}

int
main(void)
{
	unsigned char *der = NULL;
	char *root, *inter;

	ca = pki_new(&(struct pki_ask){ .cn = "AK" }, NOW);
	stranger = pki_new(&(struct pki_ask){ .cn = "AK" }, NOW);
	root = pki_crl(&ca.root, NULL, 0, NOW - 1, NOW + PKI_DAY);
	inter = pki_crl(&ca.inter, &ca.leaf.serial, 1, NOW - 1,
	    NOW + PKI_DAY);
	withdrawn = pki_join(root, inter, NULL);
	free(root);
	free(inter);
	ak = ca.leaf.key;
	other_ak = stranger.leaf.key;
	aik = EVP_EC_gen("P-256");
	other_aik = EVP_EC_gen("P-256");
	nspki = (size_t)i2d_PUBKEY(aik, &der);
	spki = der;
	der = NULL;
	nother_spki = (size_t)i2d_PUBKEY(other_aik, &der);
	other_spki = der;
	test_cases();
	test_learn();
	test_all_bits();
	test_cmw();
	test_manual();
	OPENSSL_free(spki);
	OPENSSL_free(other_spki);
	free(withdrawn);
	EVP_PKEY_free(aik);
	EVP_PKEY_free(other_aik);
	pki_free(&ca);
	pki_free(&stranger);
	return t_end("t_appraise_tpm");
}
