/* SPDX-License-Identifier: Apache-2.0 */
#include "../src/evidence/cca.h"
#include "t.h"
#include "token_make.h"

/* Every row of the tables of tokens: verdict and reason. */

static const struct {
	const char	*verdict;
	enum atls_rc	 rc;
	const char	*where;
} verdicts[] = {
	{ "ACCEPT",			ATLS_OK,	NULL },
	{ "REJECT:platform-signature",	ATLS_E_SIG, "cca.platform.signature" },
	{ "REJECT:rak-binding",		ATLS_E_BIND, "cca.platform.challenge" },
	/* is a COSE_Sign1, where the collection of two tokens should be */
	{ "ACCEPT-PLATFORM-ONLY",	ATLS_E_FORMAT, "cca.collection" },
};

/* The platform token alone: its signature holds, as the row says. */
static void
platform_only(const char *id, struct atls_bytes raw,
    const struct crypto_key *key)
{
	struct cose_sign1 msg;
	enum atls_rc rc = cose_sign1_parse(raw, 0, COSE_TAGGED, "x", &msg,
	    NULL);

	T(rc == ATLS_OK && signed_verify(&msg, key) == ATLS_OK, "%s", id);
}

static void
row(char *col[TOKEN_COLUMNS])
{
	const char *id = col[0], *verdict = col[5];
	char name[256];
	struct crypto_key *key;
	struct evidence_trust trust = { .key = &key, .nkey = 1, .now = 1 };
	bool psa = strncmp(id, "psa-", 4) == 0;
	struct atls_bytes raw, want = hex(col[3]);
	struct atls_result res;
	enum atls_rc rc;
	size_t i;

	(void)snprintf(name, sizeof(name), "cca/%s", col[1]);
	raw = token_file(name);
	(void)snprintf(name, sizeof(name), "cca/%s", col[2]);
	key = token_key_file(name);
	for (i = 0; i < NITEMS(verdicts); i++)
		if (strcmp(verdicts[i].verdict, verdict) == 0)
			break;
	T(raw.p != NULL && i < NITEMS(verdicts), "%s: %s", id, verdict);
	if (raw.p != NULL && i < NITEMS(verdicts)) {
		rc = token_judge(psa ? ATLS_KIND_PSA : ATLS_KIND_CCA, raw,
		    &trust, &res);
		T(rc == verdicts[i].rc && (rc == ATLS_OK ||
		    strcmp(res.why.where, verdicts[i].where) == 0),
		    "%s: 0x%x %s %s", id, (unsigned)rc,
		    rc == ATLS_OK ? "" : res.why.where, res.why.detail);
		if (strcmp(verdict, "ACCEPT-PLATFORM-ONLY") == 0)
			platform_only(id, raw, key);
		if (rc == ATLS_OK && want.len != 0 &&
		    strncmp(id, "parsec", 6) != 0)
			T(atls_ct_eq(res.claims.report_data, want), "%s", id);
	}
	drop(want);
	drop(raw);
	crypto_key_free(key);
}

/* The row has the realm's challenge; what answers us is the statement. */
static void
parsec(void)
{
	struct atls_bytes raw = token_file("cca/parsec-cca/evidence.cbor");
	struct atls_bytes want = hex("0001020304050607");
	struct atls_evidence ev;

	T(atls_evidence_parse(&ev, ATLS_KIND_CCA, raw, NULL, NULL) == ATLS_OK
	    && atls_ct_eq(ev.report_data, want), "parsec");
	drop(want);
	drop(raw);
}

/* What is in a token is said as it is. */
static void
claims(void)
{
	struct atls_bytes raw = token_file("cca/tokens/tfm-example.cbor");
	const struct atls_claim *c;
	struct atls_evidence ev;
	char instance[ATLS_INSTANCE_MAX];

	T(atls_evidence_parse(&ev, ATLS_KIND_CCA, raw, NULL, NULL) == ATLS_OK,
	    "parse");
	c = atls_evidence_claim(&ev, "cca.platform.sw.count");
	T(c != NULL && c->number == 13, "count");
	c = atls_evidence_claim(&ev, "cca.platform.sw.8.type");
	T(c != NULL && c->bytes.len == 3 && memcmp(c->bytes.p, "RMM", 3) == 0,
	    "type");
	c = atls_evidence_claim(&ev, "cca.platform.sw.12.measurement");
	T(c != NULL && c->bytes.len == 32 && c->bytes.p[0] == 0xe6, "sw");
	T(atls_evidence_claim(&ev, "cca.platform.sw.13.measurement") == NULL,
	    "no more");
	c = atls_evidence_claim(&ev, "cca.realm.rim");
	T(c != NULL && c->bytes.len == 32 && c->bytes.p[0] == 0x31, "rim");
	c = atls_evidence_claim(&ev, "cca.realm.rem.3");
	T(c != NULL && c->bytes.p[0] == 0x32, "rem");
	c = atls_evidence_claim(&ev, "cca.platform.lifecycle");
	T(c != NULL && c->number == 0x3003, "lifecycle");
	evidence_ops(ATLS_KIND_CCA)->instance(&ev, instance);
	T(strncmp(instance, "cca:0107060504030201", 20) == 0 &&
	    strlen(instance) == 4 + 66, "%s", instance);
	drop(raw);
}

/* Tokens that no Verifier should take.  All but the first have no algorithm
 * in the protected header; the first is a COSE_Mac0. */
static void
negative(void)
{
	static const char *const names[] = { "iat-hmac", "invalid-profile-id",
	    "malformed", "missing-claim", "missing-sw-comps",
	    "no-sw-measurements", "psa-2_0_0_sign1-token",
	    "submod-missing-claim" };
	struct crypto_key *key = token_key_file("cca/psa/tfm-iat.pub.pem");
	struct evidence_trust trust = { .key = &key, .nkey = 1, .now = 1 };
	struct atls_result res;
	char name[256];
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		struct atls_bytes raw;

		(void)snprintf(name, sizeof(name), "cca/psa-negative/%s.cbor",
		    names[i]);
		raw = token_file(name);
		T(raw.p != NULL && token_judge(ATLS_KIND_PSA, raw, &trust,
		    &res) == ATLS_E_FORMAT && strcmp(res.why.where,
		    "psa.cose") == 0, "%s", names[i]);
		drop(raw);
	}
	crypto_key_free(key);
}

int
main(void)
{
	struct atls_bytes table = token_file("cca/cases.tsv");
	struct rd r = rd_of(table);
	char *col[TOKEN_COLUMNS], line[4096];
	size_t n = 0;

	(void)token_row(&r, col, line);		/* the names of the columns */
	for (; token_row(&r, col, line); n++)
		row(col);
	T(n == 20, "%zu rows", n);
	drop(table);
	parsec();
	claims();
	negative();
	return t_end("t_cca_vectors");
}
