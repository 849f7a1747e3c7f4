/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/codec/b64.h"
#include "../src/evidence/signed.h"
#include "ear_judge.h"
#include "heap.h"
#include "t.h"

/*
 * Tokens and claims that others made, each row of cases.tsv with its verdict.
 *
 * Tokens of Veraison's tests have a fixed iat and an nbf of when they were
 * signed, months later: they are looked at just after the later of the two,
 * by a policy that allows the age they have then.  Without it they are stale.
 */

#define FILE_MAX	8192
#define COLUMNS		8

enum column { ID, TOKEN, KEY, VERDICT, STATUS, C_IAT, C_EXP, WHY };

static struct atls_bytes
load(const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	static uint8_t b[FILE_MAX];
	char path[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/ear/%s", root != NULL ? root :
	    "tests/vectors", name);
	if ((f = fopen(path, "rb")) != NULL) {
		n = fread(b, 1, FILE_MAX, f);
		fclose(f);
	}
	T(n > 0 && n < FILE_MAX, "%s: %zu octets", path, n);
	return copy((struct atls_bytes){ b, n });
}

/* The signature of a token whose claims we do not take. */
static bool
signed_by(struct atls_bytes jwt, const struct crypto_key *key)
{
	struct rd r = rd_of(jwt), all = r;
	struct atls_bytes tbs;
	uint8_t b[512];
	struct atls_buf sig = { b, sizeof(b), 0 };
	struct wr w = wr_of(&sig);
	unsigned dots = 0;

	while (dots < 2 && r.left > 0)
		dots += rd_be(&r, 1) == '.';
	tbs = rd_take(&all, r.off - 1);
	b64_get(&w, rd_rest(&r));
	return dots == 2 && wr_done(&w) == ATLS_OK && signed_verify_parts(
	    COSE_ES256, key, &tbs, 1, (struct atls_bytes){ b, sig.len }) ==
	    ATLS_OK;
}

static int64_t
time_said(const struct ear_verdict *v, const char *name)
{
	const struct atls_claim *c = atls_evidence_claim(&v->res.claims,
	    name);

	return c == NULL ? 0 : (int64_t)c->number;
}

static void
accepted(const char *id, struct atls_bytes jwt, struct crypto_key *key,
    const char *iat)
{
	struct ear_verdict v = ear_judge(jwt, &key, 1, EAR_NOW, 0);
	int64_t t = time_said(&v, "ear.iat"), now = time_said(&v, "ear.nbf");
	char said[EAR_TEXT_MAX + 1];

	T(v.stage == EAR_PARSED && v.res.why.rc == ATLS_E_STALE &&
	    strcmp(v.res.why.where, "ear.age") == 0, "%s today", id);
	T(t > 0 && t == (int64_t)strtod(iat, NULL), "%s: iat", id);
	ear_judged(&v);
	if (now < t)
		now = t;
	v = ear_judge(jwt, &key, 1, now, now - t + 1);
	T(v.stage == EAR_TRUSTED, "%s: %s %s", id, v.res.why.where,
	    v.res.why.detail);
	T(strcmp(ear_said(&v, "ear.status", said), "affirming") == 0,
	    "%s: %s", id, said);
	ear_judged(&v);
	if (now == t)
		return;
	v = ear_judge(jwt, &key, 1, now - EAR_SKEW - 1, now - t + 1);
	T(v.stage == EAR_PARSED && strcmp(v.res.why.where, "ear.nbf.future")
	    == 0, "%s before nbf", id);
	ear_judged(&v);
}

/*
 * The row of rust-ear's token names the key of RFC 7517, under which it is
 * not good: python cryptography 48.0.0 says InvalidSignature, too.  It is
 * good under the key that stands beside it where it comes from.
 */
static bool
signed_by_own_key(struct atls_bytes jwt)
{
	static const char jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-256\","
	    "\"x\":\"G8fAud93NgCg8C_0bY1YqVZ5zNlkb-cNsGTQia7m0is\","
	    "\"y\":\"RK1gonvUKKQOCSHDwz3SiN9EijCqmXS4sDeRbc8RnL0\"}";
	json_t *root = json_loads(jwk, JSON_REJECT_DUPLICATES, NULL);
	uint8_t store[JWK_MAX];
	struct crypto_key *key = NULL;
	struct jwk k;
	bool ok = jwk_read(root, store, &k) == ATLS_OK &&
	    jwk_key(&k, &key) == ATLS_OK && signed_by(jwt, key);

	crypto_key_free(key);
	json_decref(root);
	return ok;
}

/*
 * Reasons.  "claims" and "status-none" are of tokens whose signature is good
 * and whose profile is none that we know.  "signature" is of a token with
 * RS384 and a key of its own inside: we refuse the algorithm before.
 */
static void
refused(const char *id, struct atls_bytes jwt, struct crypto_key *key,
    const char *verdict)
{
	struct ear_verdict v = ear_judge(jwt, &key, 1, EAR_NOW, 0);
	const char *where = "ear.alg";

	if (strcmp(verdict, "ACCEPT-SIGNATURE:status-none") == 0) {
		where = "ear.profile";
		T(!signed_by(jwt, key) && signed_by_own_key(jwt),
		    "%s: signature", id);
	} else if (strcmp(verdict, "REJECT:claims") == 0) {
		where = "ear.profile";
		T(signed_by(jwt, key), "%s: signature", id);
	} else
		T(strcmp(verdict, "REJECT:alg") == 0 || strcmp(verdict,
		    "REJECT:signature") == 0, "%s: verdict %s", id, verdict);
	T(v.stage == 0 && v.res.why.where != NULL && strcmp(v.res.why.where,
	    where) == 0, "%s: %s", id, v.res.why.where);
	ear_judged(&v);
}

static void
row(char *line)
{
	char *col[COLUMNS] = { NULL };
	struct atls_bytes jwt, pem;
	struct crypto_key *key = NULL;
	size_t i, n;

	for (i = 0; i < COLUMNS && line != NULL; i++) {
		col[i] = line;
		if ((line = strchr(line, '\t')) != NULL)
			*line++ = '\0';
	}
	if (i != COLUMNS) {
		T(false, "%s: %zu columns", col[ID], i);
		return;
	}
	jwt = load(col[TOKEN]);
	pem = load(col[KEY]);
	T(crypto_keys_pem(pem, &key, 1, &n) == ATLS_OK, "%s", col[KEY]);
	if (strcmp(col[VERDICT], "ACCEPT:affirming") == 0)
		accepted(col[ID], jwt, key, col[C_IAT]);
	else
		refused(col[ID], jwt, key, col[VERDICT]);
	crypto_key_free(key);
	drop(jwt);
	drop(pem);
}

static void
test_cases(void)
{
	struct atls_bytes file = load("cases.tsv");
	char text[FILE_MAX + 1], *line, *next;
	size_t n = 0;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	for (line = text; line != NULL && *line != '\0'; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (n++ > 0)			/* the first has names */
			row(line);
	}
	T(n == 10, "%zu lines", n);
	drop(file);
}

/* Claims without a signature, as Veraison's tests have them. */
static const struct {
	const char	*file, *where;		/* NULL: good */
} claims[] = {
	{ "claims/ear-claims.json", NULL },
	{ "claims/ear-claims-extension-ok.json", NULL },
	{ "claims/ear-claims-tv-ok.json", NULL },
	{ "claims/ear-claims-key-attestation-ok.json", NULL },
	{ "claims/ear-claims-key-attestation-ko.json", "ear.akpub" },
};

static void
test_claims(void)
{
	size_t i;

	for (i = 0; i < NITEMS(claims); i++) {
		struct atls_bytes file = load(claims[i].file);
		json_t *root = json_loadb((const char *)file.p, file.len,
		    JSON_REJECT_DUPLICATES, NULL);
		struct atls_err err = { .rc = ATLS_OK };
		struct ear e;

		ear_begin(&e);
		T(root != NULL && (ear_json(root, &e, &err) == ATLS_OK) ==
		    (claims[i].where == NULL), "%s: %s", claims[i].file,
		    err.where);
		T(claims[i].where == NULL || strcmp(claims[i].where,
		    err.where) == 0, "%s: %s", claims[i].file, err.where);
		json_decref(root);
		drop(file);
	}
}

int
main(void)
{
	test_cases();
	test_claims();
	return t_end("t_ear_vectors");
}
