/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in certificates: real ones, ours, and what is wrong with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <atls/appraise.h>
#include <atls/ratls.h>
#include <atls/sim.h>

#include "../src/crypto/cert.h"
#include "heap.h"
#include "t.h"

#define NOW	((int64_t)1790000000)
#define ROOM	131072
#define DAY	((int64_t)1750400000)	/* 20 June 2025 */

static struct atls_bytes
file(const char *name)
{
	const char *dir = getenv("ATLS_VECTORS");
	char path[1024];
	uint8_t *p = malloc(ROOM);
	struct atls_bytes b = { p, 0 };
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir == NULL ?
	    "tests/vectors" : dir, name);
	if ((f = fopen(path, "rb")) != NULL) {
		b.len = fread(p, 1, ROOM, f);
		(void)fclose(f);
	}
	T(b.len > 0, "%s", path);
	return b;
}

/* The first certificate of PEM text, as an exact-size heap copy; or DER. */
static struct atls_bytes
der_of(struct atls_bytes in)
{
	struct atls_bytes out = { NULL, 0 };
	char *name, *header;
	unsigned char *p;
	long n;
	BIO *b;

	if (in.len > 0 && in.p[0] == 0x30)
		return copy(in);
	b = BIO_new_mem_buf(in.p, (int)in.len);
	if (PEM_read_bio(b, &name, &header, &p, &n) == 1) {
		out = copy((struct atls_bytes){ p, (size_t)n });
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(p);
	}
	BIO_free(b);
	return out;
}

/* Real certificates: all rows of cases.tsv, and two of EPID. */
static const struct {
	const char		*name;
	enum atls_ratls_form	 form;
	enum atls_rc		 rc;
	const char		*where;
} real[] = {
	{ "interop-gramine-cert.pem", ATLS_RATLS_DICE, ATLS_OK, NULL },
	{ "interop-intel-sgxsdk-cert.pem", ATLS_RATLS_DICE, ATLS_OK, NULL },
	{ "interop-rats-tls-cert.pem", ATLS_RATLS_DICE, ATLS_OK, NULL },
	/* a prototype's: its quote is bound to nothing, and debug */
	{ "sgxratls-ecdsa-ratls.pem", ATLS_RATLS_GRAMINE, ATLS_OK, NULL },
	{ "sgxratls-ecdsa-ratls.der", ATLS_RATLS_GRAMINE, ATLS_OK, NULL },
	/* reports of Intel's attestation service, which is no more */
	{ "integritee-ra_dump_cert_TEST4.der", ATLS_RATLS_NONE, ATLS_E_NONE,
	    "ratls" },
	{ "integritee-ra_dump_cert_TEST8_PRODUCTION.der", ATLS_RATLS_NONE,
	    ATLS_E_NONE, "ratls" },
};

static void
check_real(const char *name, const struct atls_ratls *r)
{
	struct atls_evidence *ev = malloc(sizeof(*ev));
	struct atls_buf scratch = { malloc(ROOM), ROOM, 0 };
	struct atls_err err = { 0 };
	const struct atls_claim *debug;
	bool bound = strncmp(name, "interop", 7) == 0;
	enum atls_rc rc = atls_evidence_parse(ev, r->kind, r->raw, &scratch,
	    &err);

	T(rc == ATLS_OK, "%s: %s %s", name, err.where, err.detail);
	if (rc == ATLS_OK) {
		/* the prototype's report data are all zero */
		T(atls_ct_eq(ev->report_data, (struct atls_bytes){
		    r->report_data, r->report_datalen }) == bound,
		    "%s: bound", name);
		debug = atls_evidence_claim(ev, "sgx.attributes.debug");
		T(debug != NULL && debug->number == 1, "%s: debug", name);
	}
	free(scratch.p);
	free(ev);
}

static void
test_real(void)
{
	struct atls_ratls r;
	struct atls_bytes in, der;
	struct atls_err err;
	char path[256];
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(real); i++) {
		(void)snprintf(path, sizeof(path), "ratls/%s", real[i].name);
		in = file(path);
		der = der_of(in);
		err = (struct atls_err){ 0 };
		rc = atls_ratls_read(der, &r, &err);
		T(rc == real[i].rc && r.form == real[i].form, "%s: %s %s %s",
		    real[i].name, atls_rc_name(rc), err.where, err.detail);
		T(real[i].where == NULL || (err.where != NULL &&
		    strcmp(err.where, real[i].where) == 0), "%s: %s",
		    real[i].name, err.where);
		if (rc == ATLS_OK) {
			check_real(real[i].name, &r);
			T(atls_ratls_check(der, r.from, &err) == ATLS_OK,
			    "%s: %s", real[i].name, err.where);
		}
		drop(der);
		drop(in);
	}
}

/* What cases.tsv says of each, by a policy that would take all else: with
 * CRLs of Intel's in force at a day, and without any. */
static struct atls_result
appraised(struct atls_bytes der, bool crls, uint8_t *room)
{
	static const char policy[] = "kind sgx\nanchor builtin:intel-sgx-root\n"
	    "ignore sgx.*\nbinding-min key\nfreshness-min F0\n"
	    "sgx.mrenclave 0000000000000000000000000000000000000000000000000"
	    "000000000000000\n";
	static const struct { const char *name; enum atls_item item; } files[] =
	    { { "sgx/collateral/crl-processor-20250619.der", ATLS_PCK_CRL },
	    { "sgx/collateral/crl-platform-20250604.der", ATLS_PCK_CRL },
	    { "sgx/collateral/crl-root-20250320.der", ATLS_ROOT_CA_CRL } };
	struct atls_collateral *store = atls_collateral_new();
	struct atls_buf scratch = { room, 2 * ROOM, 0 };
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)policy, sizeof(policy) - 1 }, NULL, NULL, &err);
	struct atls_result res;
	struct atls_ratls r;
	struct atls_question q;
	size_t i;

	T(p != NULL, "%s", err.detail);
	for (i = 0; crls && i < NITEMS(files); i++) {
		struct atls_bytes b = file(files[i].name);

		T(atls_collateral_put(store, files[i].item, b, &err) ==
		    ATLS_OK, "%s: %s", files[i].name, err.detail);
		drop(b);
	}
	T(atls_ratls_read(der, &r, &err) == ATLS_OK, "%s", err.where);
	q = (struct atls_question){ .kind = r.kind, .raw = r.raw,
	    .report_data = { r.report_data, r.report_datalen },
	    .spki = r.spki, .binding = ATLS_BINDING_KEY,
	    .freshness = ATLS_F0, .now = DAY, .collateral = store };
	(void)!atls_appraise(p, &q, &scratch, &res);
	atls_policy_free(p);
	atls_collateral_free(store);
	return res;
}

static void
test_cases(void)
{
	static const struct { const char *name, *with, *without; } rows[] = {
		{ "interop-gramine-cert.pem", "sgx.attributes.debug",
		    "intel.pck.crl" },
		{ "interop-intel-sgxsdk-cert.pem", "sgx.attributes.debug",
		    "intel.pck.crl" },
		{ "interop-rats-tls-cert.pem", "sgx.attributes.debug",
		    "intel.pck.crl" },
		/* its chain is elsewhere, and that is missed first; that it
		 * is debug and bound to nothing, check_real() has seen */
		{ "sgxratls-ecdsa-ratls.pem", "sgx.pck.chain",
		    "sgx.pck.chain" },
	};
	uint8_t *room = malloc(2 * ROOM);
	struct atls_result res;
	struct atls_bytes in, der;
	char path[256];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		(void)snprintf(path, sizeof(path), "ratls/%s", rows[i].name);
		in = file(path);
		der = der_of(in);
		res = appraised(der, true, room);
		T(res.verdict == ATLS_VERDICT_REJECT && strcmp(res.why.where,
		    rows[i].with) == 0, "%s: %s %s", rows[i].name,
		    res.why.where, res.why.detail);
		res = appraised(der, false, room);
		T(res.verdict == ATLS_VERDICT_REJECT && strcmp(res.why.where,
		    rows[i].without) == 0, "%s, no CRL: %s %s", rows[i].name,
		    res.why.where, res.why.detail);
		drop(der);
		drop(in);
	}
	free(room);
}

struct maker {
	enum atls_kind		 kind;
	struct atls_sim_opts	 sim;
	bool			 other;	/* report data of another key */
};

static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct maker *m = arg;
	uint8_t changed[64];

	memcpy(changed, rd.p, rd.len);
	changed[0] = (uint8_t)(changed[0] ^ m->other);
	return atls_sim_quote(m->kind, &m->sim, (struct atls_bytes){ changed,
	    rd.len }, out, err);
}

static uint8_t chain_room[ROOM], key_room[4096];

/* A certificate of ours, DER; and its PEM in chain_room. */
static struct atls_bytes
made(struct maker *m, enum atls_ratls_form form)
{
	struct atls_ratls_ask ask = { .name = "tee.example", .from = NOW - 60,
	    .until = NOW + 3600, .kind = m->kind, .form = form };
	struct atls_buf chain = { chain_room, ROOM, 0 };
	struct atls_buf key = { key_room, sizeof(key_room), 0 };
	struct atls_err err = { 0 };
	enum atls_rc rc;

	m->sim.now = NOW;
	rc = atls_ratls_make(&ask, quote, m, &chain, &key, &err);
	T(rc == ATLS_OK, "%s: %s %s", atls_kind_name(m->kind), err.where,
	    err.detail);
	return der_of((struct atls_bytes){ chain_room, chain.len });
}

static enum atls_rc
give_root(void *arg, const char *name, struct atls_buf *out)
{
	struct maker *m = arg;
	struct atls_err err = { 0 };

	(void)name;
	return atls_sim_root(m->kind, &m->sim, out, &err);
}

static enum atls_rc
put(void *arg, enum atls_item item, struct atls_bytes b)
{
	struct atls_err err = { 0 };

	return atls_collateral_put(arg, item, b, &err);
}

/* The policy of the simulator, with other floors. */
static struct atls_policy *
policy_of(struct maker *m, const char *floors)
{
	static const char usual[] = "binding-min exporter\nfreshness-min F3\n";
	static uint8_t text[65536];
	struct atls_buf b = { text, sizeof(text), 0 };
	struct atls_err err = { 0 };
	struct atls_policy *p;
	char *at;

	T(atls_sim_policy(m->kind, &m->sim, "root.pem", &b, &err) == ATLS_OK,
	    "%s", err.detail);
	text[b.len] = '\0';
	at = strstr((char *)text, usual);
	T(at != NULL, "floors");
	if (at != NULL) {
		memmove(at, at + strlen(usual), strlen(at + strlen(usual)) +
		    1);
		strcat((char *)text, floors);
	}
	p = atls_policy_parse((struct atls_bytes){ text,
	    strlen((char *)text) }, give_root, m, &err);
	T(p != NULL, "%s\n%s", err.detail, (char *)text);
	return p;
}

static struct atls_result
ask(struct maker *m, struct atls_bytes der, const char *floors)
{
	static struct atls_result res;
	static uint8_t room[ROOM];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_collateral *c = atls_collateral_new();
	struct atls_policy *p = policy_of(m, floors);
	struct atls_ratls r;
	struct atls_err err = { 0 };
	struct atls_question q;

	T(atls_sim_collateral(m->kind, &m->sim, put, c, &err) == ATLS_OK,
	    "collateral: %s", err.detail);
	res = (struct atls_result){ .verdict = ATLS_VERDICT_REJECT };
	if (atls_ratls_read(der, &r, &res.why) == ATLS_OK) {
		q = (struct atls_question){ .kind = r.kind, .raw = r.raw,
		    .report_data = { r.report_data, r.report_datalen },
		    .binder = { r.binder, r.binderlen },
		    .profile = ATLS_PROFILE_EXPAT_1, .spki = r.spki,
		    .binding = ATLS_BINDING_KEY, .freshness = ATLS_F0,
		    .now = NOW, .collateral = c };
		(void)!atls_appraise(p, &q, &scratch, &res);
	}
	atls_policy_free(p);
	atls_collateral_free(c);
	return res;
}

#define LOW	"binding-min key\nfreshness-min F0\n"

static const struct {
	enum atls_kind		 kind;
	enum atls_ratls_form	 form;
} ours[] = {
	{ ATLS_KIND_TDX, ATLS_RATLS_DICE }, { ATLS_KIND_SGX, ATLS_RATLS_DICE },
	{ ATLS_KIND_TDX, ATLS_RATLS_CMW }, { ATLS_KIND_SGX, ATLS_RATLS_CMW },
	{ ATLS_KIND_SNP, ATLS_RATLS_CMW }, { ATLS_KIND_CCA, ATLS_RATLS_CMW },
	{ ATLS_KIND_NITRO, ATLS_RATLS_CMW }, { ATLS_KIND_PSA, ATLS_RATLS_CMW },
};

static void
test_ours(void)
{
	struct atls_result r;
	struct atls_err err;
	struct maker m;
	struct atls_bytes der;
	size_t i;

	for (i = 0; i < NITEMS(ours); i++) {
		const char *name = atls_kind_name(ours[i].kind);

		m = (struct maker){ .kind = ours[i].kind };
		der = made(&m, ours[i].form);
		err = (struct atls_err){ 0 };
		T(atls_ratls_check(der, NOW, &err) == ATLS_OK, "%s: %s", name,
		    err.where);
		T(atls_ratls_check(der, NOW + 3601, &err) == ATLS_E_STALE &&
		    atls_ratls_check(der, NOW - 61, NULL) == ATLS_E_STALE,
		    "%s: validity", name);
		r = ask(&m, der, LOW);
		T(r.verdict == ATLS_VERDICT_ACCEPT && r.simulated &&
		    r.binding == ATLS_BINDING_KEY && r.freshness == ATLS_F0,
		    "%s %s: %s %s", name, atls_ratls_form_name(ours[i].form),
		    r.why.where, r.why.detail);
		r = ask(&m, der, "");
		T(r.verdict == ATLS_VERDICT_REJECT && strcmp(r.why.where,
		    "appraise.binding") == 0, "%s: default floors", name);
		r = ask(&m, der, "binding-min key\n");
		T(r.verdict == ATLS_VERDICT_REJECT && strcmp(r.why.where,
		    "appraise.freshness") == 0, "%s: one of two", name);
		drop(der);
		m.other = true;
		der = made(&m, ours[i].form);
		r = ask(&m, der, LOW);
		T(r.verdict == ATLS_VERDICT_REJECT && r.why.rc == ATLS_E_BIND,
		    "%s: evidence of another key: %s", name, r.why.where);
		drop(der);
	}
}

/* No prefix and no bit of what carries evidence. */
static void
test_bits(enum atls_ratls_form form)
{
	struct maker m = { .kind = ATLS_KIND_SGX };
	struct atls_bytes good = made(&m, form), bad;
	struct atls_ratls was, r;
	struct atls_err err = { 0 };
	size_t i, refused = 0, same = 0, from, to;
	struct crypto_cert c;

	T(atls_ratls_read(good, &was, &err) == ATLS_OK, "%s", err.where);
	for (i = 0; i < good.len; i++) {
		bad = copy((struct atls_bytes){ good.p, i });
		T(atls_ratls_read(bad, &r, NULL) != ATLS_OK && r.form ==
		    ATLS_RATLS_NONE, "prefix of %zu", i);
		drop(bad);
	}
	from = (size_t)(was.raw.p - good.p);
	to = from + was.raw.len;
	for (i = 0; i < 8 * good.len; i++) {
		bad = copy(good);
		((uint8_t *)(uintptr_t)bad.p)[i / 8] ^= (uint8_t)(1u <<
		    i % 8);
		if (atls_ratls_read(bad, &r, NULL) != ATLS_OK)
			refused++;
		else if (i / 8 < from || i / 8 >= to) {
			/* outside of evidence the signature covers it, unless
			 * the names say that another has signed it: whose
			 * that is, is a matter of PKI */
			same++;
			T(atls_ratls_check(bad, NOW, NULL) != ATLS_OK ||
			    (crypto_cert_read(bad, &c) == ATLS_OK &&
			    !crypto_cert_self(&c)), "bit %zu", i);
		}
		drop(bad);
	}
	T(refused > 0 && same > 0, "%zu, %zu", refused, same);
	drop(good);
}

int
main(void)
{
	test_real();
	test_cases();
	test_ours();
	test_bits(ATLS_RATLS_DICE);
	test_bits(ATLS_RATLS_CMW);
	return t_end("t_ratls");
}
