/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ear_judge.h"
#include "ear_make.h"
#include "heap.h"
#include "t.h"

/* Results in a JWT: each rule, by a token that breaks it and nothing else. */

#define ES256	"{\"alg\":\"ES256\",\"typ\":\"JWT\"}"
#define OLD	"\"eat_profile\":\"tag:github.com,2023:veraison/ear\","
#define NEW	"\"eat_profile\":\"tag:ietf.org,2026:rats/ear#03\","
#define BY	"\"ear.verifier-id\":{\"developer\":\"d\",\"build\":\"b 1\"},"
#define NBY	"\"ear_verifier_id\":{\"developer\":\"d\",\"build\":\"b 1\"},"
#define IAT	"\"iat\":1799999990,"
#define GOOD	"\"ear.status\":\"affirming\""
#define NGOOD	"\"ear_status\":\"affirming\""
#define SUB(s)	"\"submods\":{\"cpu0\":{" s "}}"
/* the deployed form; the draft's */
#define O(top, sub)	"{" OLD IAT BY top SUB(GOOD sub) "}"
#define N(top, sub)	"{" NEW IAT NBY top SUB(NGOOD sub) "}"
#define VEC(v)	",\"ear.trustworthiness-vector\":{" v "}"
#define N32	"\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\""

enum { K_P256, K_P384, K_ED, K_RSA, K_OTHER, NKEYS };
static EVP_PKEY *priv[NKEYS];
static struct crypto_key *pub[NKEYS];

static const struct {
	const char	*what, *header, *payload;
	const char	*where;		/* of the reason; NULL: trusted */
	const char	*status;
} rows[] = {
	{ "deployed", ES256, O("", ""), NULL, "affirming" },
	{ "of the draft", ES256, N("", ""), NULL, "affirming" },
	{ "Trustee", ES256, "{\"eat_profile\":\"tag:github.com,2024:"
	  "confidential-containers/Trustee\"," IAT BY SUB(GOOD) "}", NULL,
	  "affirming" },
	{ "claims that we do not know", ES256, O("\"x\":[1,{\"y\":null}],",
	  ",\"ear.veraison.policy-claims\":{\"a\":1}"), NULL, "affirming" },

	/* the header */
	{ "alg none", "{\"alg\":\"none\"}", O("", ""), "ear.alg", NULL },
	{ "alg None", "{\"alg\":\"None\"}", O("", ""), "ear.alg", NULL },
	{ "alg HS256", "{\"alg\":\"HS256\"}", O("", ""), "ear.alg", NULL },
	{ "alg RS256", "{\"alg\":\"RS256\"}", O("", ""), "ear.alg", NULL },
	{ "alg ES512", "{\"alg\":\"ES512\"}", O("", ""), "ear.alg", NULL },
	{ "alg PS384", "{\"alg\":\"PS384\"}", O("", ""), "ear.alg", NULL },
	{ "alg es256", "{\"alg\":\"es256\"}", O("", ""), "ear.alg", NULL },
	{ "alg is a number", "{\"alg\":-7}", O("", ""), "ear.alg", NULL },
	{ "no alg", "{\"typ\":\"JWT\"}", O("", ""), "ear.alg", NULL },
	{ "alg of another key", "{\"alg\":\"ES384\"}", O("", ""),
	  "ear.alg.key", NULL },
	{ "alg twice", "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", O("", ""),
	  "ear.header", NULL },
	{ "jwk", "{\"alg\":\"ES256\",\"jwk\":{}}", O("", ""), "ear.header",
	  NULL },
	{ "jku", "{\"alg\":\"ES256\",\"jku\":\"\"}", O("", ""), "ear.header",
	  NULL },
	{ "x5u", "{\"alg\":\"ES256\",\"x5u\":\"\"}", O("", ""), "ear.header",
	  NULL },
	{ "x5c", "{\"alg\":\"ES256\",\"x5c\":[]}", O("", ""), "ear.header",
	  NULL },
	{ "crit", "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":true}",
	  O("", ""), "ear.header", NULL },
	{ "header is an array", "[\"alg\",\"ES256\"]", O("", ""),
	  "ear.header", NULL },
	{ "header goes on", ES256 " 1", O("", ""), "ear.header", NULL },
	{ "kid is passed over", "{\"alg\":\"ES256\",\"kid\":\"1\"}",
	  O("", ""), NULL, "affirming" },

	/* the JSON */
	{ "not an object", ES256, "[1]", "ear.claims", NULL },
	{ "a key twice", ES256, O("\"x\":1,\"x\":1,", ""), "ear.json", NULL },
	{ "a status twice", ES256, O("", "," GOOD), "ear.json", NULL },
	{ "octets behind", ES256, O("", "") "}", "ear.json", NULL },
	{ "NUL in a string", ES256, O("\"x\":\"\\u0000\",", ""), "ear.json",
	  NULL },
	{ "number too large", ES256, "{" OLD "\"iat\":99999999999999999999,"
	  BY SUB(GOOD) "}", "ear.json", NULL },

	/* profile and generation */
	{ "no profile", ES256, "{" IAT BY SUB(GOOD) "}", "ear.profile",
	  NULL },
	{ "a profile of others", ES256, "{\"eat_profile\":\"test\"," IAT BY
	  SUB(GOOD) "}", "ear.profile", NULL },
	{ "draft profile, deployed names", ES256, "{" NEW IAT BY SUB(GOOD)
	  "}", "ear.generation", NULL },
	{ "deployed profile, draft names", ES256, "{" OLD IAT NBY SUB(NGOOD)
	  "}", "ear.generation", NULL },
	{ "mixed at the top", ES256, O("\"ear_status\":\"affirming\",", ""),
	  "ear.generation", NULL },
	{ "mixed in an appraisal", ES256, N("",
	  ",\"ear.veraison.policy-claims\":{}"), "ear.generation", NULL },

	/* the Verifier */
	{ "no Verifier", ES256, "{" OLD IAT SUB(GOOD) "}", "ear.verifier",
	  NULL },
	{ "no build", ES256, "{" OLD IAT "\"ear.verifier-id\":{\"developer\":"
	  "\"d\"}," SUB(GOOD) "}", "ear.verifier", NULL },
	{ "developer is empty", ES256, "{" OLD IAT "\"ear.verifier-id\":{"
	  "\"developer\":\"\",\"build\":\"b\"}," SUB(GOOD) "}",
	  "ear.verifier", NULL },
	{ "line end in build", ES256, "{" OLD IAT "\"ear.verifier-id\":{"
	  "\"developer\":\"d\",\"build\":\"b\\n\"}," SUB(GOOD) "}",
	  "ear.verifier", NULL },

	/* times */
	{ "no iat", ES256, "{" OLD BY SUB(GOOD) "}", "ear.iat", NULL },
	{ "iat is text", ES256, "{" OLD "\"iat\":\"1799999990\"," BY SUB(GOOD)
	  "}", "ear.iat", NULL },
	{ "iat negative", ES256, "{" OLD "\"iat\":-1," BY SUB(GOOD) "}",
	  "ear.iat", NULL },
	{ "iat in year 10000", ES256, "{" OLD "\"iat\":253402300800," BY
	  SUB(GOOD) "}", "ear.iat", NULL },
	{ "iat a whole float", ES256, "{" OLD "\"iat\":1.79999999e+09," BY
	  SUB(GOOD) "}", NULL, "affirming" },
	{ "iat a float", ES256, "{" OLD "\"iat\":1799999990.5," BY SUB(GOOD)
	  "}", "ear.iat", NULL },
	{ "iat a float of the draft", ES256, "{" NEW "\"iat\":1.79999999e+09,"
	  NBY SUB(NGOOD) "}", "ear.iat", NULL },
	{ "iat a huge float", ES256, "{" OLD "\"iat\":1e300," BY SUB(GOOD)
	  "}", "ear.iat", NULL },
	{ "iat a negative float", ES256, "{" OLD "\"iat\":-1.0," BY SUB(GOOD)
	  "}", "ear.iat", NULL },
	{ "exp negative", ES256, O("\"exp\":-1,", ""), "ear.exp", NULL },
	{ "exp a negative float", ES256, O("\"exp\":-1.0,", ""), "ear.exp", NULL },
	{ "exp a huge float", ES256, O("\"exp\":1e300,", ""), "ear.exp", NULL },
	{ "exp null", ES256, O("\"exp\":null,", ""), "ear.exp", NULL },
	{ "nbf negative", ES256, O("\"nbf\":-1,", ""), "ear.nbf", NULL },
	{ "nbf a negative float", ES256, O("\"nbf\":-1.0,", ""), "ear.nbf", NULL },
	{ "nbf a huge float", ES256, O("\"nbf\":1e300,", ""), "ear.nbf", NULL },
	{ "nbf null", ES256, O("\"nbf\":null,", ""), "ear.nbf", NULL },
	{ "iat as far ahead as clocks differ", ES256, "{" OLD
	  "\"iat\":1800000060," BY SUB(GOOD) "}", NULL, "affirming" },
	{ "iat ahead", ES256, "{" OLD "\"iat\":1800000061," BY SUB(GOOD) "}",
	  "ear.iat.future", NULL },
	{ "a day old, no exp", ES256, "{" OLD "\"iat\":1799913600," BY
	  SUB(GOOD) "}", NULL, "affirming" },
	{ "over a day old, no exp", ES256, "{" OLD "\"iat\":1799913599," BY
	  SUB(GOOD) "}", "ear.age", NULL },
	{ "over a day old, with exp", ES256, "{" OLD "\"iat\":1799913599,"
	  "\"exp\":1800000001," BY SUB(GOOD) "}", NULL, "affirming" },
	{ "exp is now", ES256, O("\"exp\":1800000000,", ""), "ear.exp.past",
	  NULL },
	{ "exp is text", ES256, O("\"exp\":\"1900000000\",", ""), "ear.exp",
	  NULL },
	{ "exp a float of the draft", ES256, N("\"exp\":1.9e+09,", ""),
	  "ear.exp", NULL },
	{ "exp null", ES256, O("\"exp\":null,", ""), "ear.exp", NULL },
	{ "nbf ahead", ES256, O("\"nbf\":1800000061,", ""), "ear.nbf.future",
	  NULL },
	{ "nbf is text", ES256, O("\"nbf\":\"1\",", ""), "ear.nbf", NULL },

	/* appraisals */
	{ "no submods", ES256, "{" OLD IAT BY "\"x\":1}", "ear.submods",
	  NULL },
	{ "submods empty", ES256, "{" OLD IAT BY "\"submods\":{}}",
	  "ear.submods", NULL },
	{ "submods an array", ES256, "{" OLD IAT BY "\"submods\":[{" GOOD
	  "}]}", "ear.submods", NULL },
	{ "appraisal is text", ES256, "{" OLD IAT BY
	  "\"submods\":{\"a\":\"affirming\"}}", "ear.submod", NULL },
	{ "name is empty", ES256, "{" OLD IAT BY "\"submods\":{\"\":{" GOOD
	  "}}}", "ear.submods", NULL },
	{ "name with a comma", ES256, "{" OLD IAT BY "\"submods\":{\"a,b\":{"
	  GOOD "}}}", "ear.submods", NULL },
	{ "no status", ES256, "{" OLD IAT BY SUB("\"x\":1") "}",
	  "ear.submod.status", NULL },
	{ "status of nobody", ES256, "{" OLD IAT BY
	  SUB("\"ear.status\":\"good\"") "}", "ear.submod.status", NULL },
	{ "status a number", ES256, "{" OLD IAT BY SUB("\"ear.status\":2")
	  "}", "ear.submod.status", NULL },
	{ "status none", ES256, "{" OLD IAT BY SUB("\"ear.status\":\"none\"")
	  "}", NULL, "none" },
	{ "status warning", ES256, "{" OLD IAT BY
	  SUB("\"ear.status\":\"warning\"") "}", NULL, "warning" },
	{ "status contraindicated", ES256, "{" OLD IAT BY
	  SUB("\"ear.status\":\"contraindicated\"") "}", NULL,
	  "contraindicated" },
	{ "one of two warns", ES256, "{" OLD IAT BY "\"submods\":{\"b\":{"
	  "\"ear.status\":\"warning\"},\"a\":{" GOOD "}}}", NULL, "warning" },
	{ "one of two says nothing", ES256, "{" OLD IAT BY "\"submods\":{"
	  "\"b\":{\"ear.status\":\"none\"},\"a\":{" GOOD "}}}", NULL,
	  "none" },
	{ "the top is worse", ES256, O("\"ear.status\":\"warning\",", ""),
	  NULL, "warning" },
	{ "the top is better", ES256, "{" OLD IAT BY "\"ear.status\":"
	  "\"affirming\"," SUB("\"ear.status\":\"warning\"") "}", NULL,
	  "warning" },
	{ "the top is of nobody", ES256, O("\"ear.status\":\"fine\",", ""),
	  "ear.status", NULL },

	/* vectors: the worse of it and the status */
	{ "vector 2", ES256, O("", VEC("\"hardware\":2")), NULL,
	  "affirming" },
	{ "vector 31", ES256, O("", VEC("\"hardware\":31")), NULL,
	  "affirming" },
	{ "vector 32", ES256, O("", VEC("\"hardware\":32")), NULL,
	  "warning" },
	{ "vector 95", ES256, O("", VEC("\"hardware\":95")), NULL,
	  "warning" },
	{ "vector 96", ES256, O("", VEC("\"hardware\":96")), NULL,
	  "contraindicated" },
	{ "vector 127", ES256, O("", VEC("\"hardware\":127")), NULL,
	  "contraindicated" },
	{ "vector 128", ES256, O("", VEC("\"hardware\":128")), "ear.vector",
	  NULL },
	{ "vector 1", ES256, O("", VEC("\"hardware\":1")), NULL, "none" },
	{ "vector -1", ES256, O("", VEC("\"hardware\":-1")), NULL, "none" },
	{ "vector -2", ES256, O("", VEC("\"hardware\":-2")), NULL,
	  "affirming" },
	{ "vector -32", ES256, O("", VEC("\"hardware\":-32")), NULL,
	  "affirming" },
	{ "vector -33", ES256, O("", VEC("\"hardware\":-33")), NULL,
	  "warning" },
	{ "vector -96", ES256, O("", VEC("\"hardware\":-96")), NULL,
	  "warning" },
	{ "vector -97", ES256, O("", VEC("\"hardware\":-97")), NULL,
	  "contraindicated" },
	{ "vector -128", ES256, O("", VEC("\"hardware\":-128")), NULL,
	  "contraindicated" },
	{ "vector -129", ES256, O("", VEC("\"hardware\":-129")), "ear.vector",
	  NULL },
	{ "vector empty", ES256, O("", VEC("")), NULL, "none" },
	{ "vector of zeros", ES256, O("", VEC("\"hardware\":0")), NULL,
	  "none" },
	{ "zero beside two", ES256, O("", VEC("\"hardware\":0,\"file-system\""
	  ":2")), NULL, "affirming" },
	{ "worst of the vector", ES256, O("", VEC("\"instance-identity\":2,"
	  "\"configuration\":2,\"executables\":33,\"sourced-data\":3")), NULL,
	  "warning" },
	{ "vector cannot help", ES256, "{" OLD IAT BY
	  SUB("\"ear.status\":\"warning\"" VEC("\"hardware\":2")) "}", NULL,
	  "warning" },
	{ "vector with a float", ES256, O("", VEC("\"hardware\":2.0")),
	  "ear.vector", NULL },
	{ "vector with text", ES256, O("", VEC("\"hardware\":\"2\"")),
	  "ear.vector", NULL },
	{ "vector with more", ES256, O("", VEC("\"network\":2")),
	  "ear.vector", NULL },
	{ "vector an array", ES256, O("",
	  ",\"ear.trustworthiness-vector\":[2]"), "ear.vector", NULL },

	/* nonces and keys */
	{ "nonce of 7", ES256, O("", ",\"eat_nonce\":\"1234567\""),
	  "ear.submod.nonce", NULL },
	{ "nonces in an array", ES256, O("", ",\"eat_nonce\":[" N32 "]"),
	  "ear.submod.nonce", NULL },
	{ "nonce null", ES256, O("\"eat_nonce\":null,", ""), "ear.nonce",
	  NULL },
	{ "akpub is nothing", ES256, O("",
	  ",\"ear.veraison.key-attestation\":{}"), "ear.akpub", NULL },
	{ "akpub not base64url", ES256, O("",
	  ",\"ear.veraison.key-attestation\":{\"akpub\":\"a+b/\"}"),
	  "ear.akpub", NULL },
	{ "two keys", ES256, O("\"cnf\":{\"jwk\":{\"kty\":\"OKP\",\"crv\":"
	  "\"Ed25519\",\"x\":" N32 "}},",
	  ",\"ear.veraison.key-attestation\":{\"akpub\":\"AAAA\"}"),
	  "ear.keys", NULL },
	{ "cnf without jwk", ES256, O("\"cnf\":{\"kid\":\"1\"},", ""),
	  "ear.cnf", NULL },
	{ "cnf of an unknown type", ES256, O("\"cnf\":{\"jwk\":{\"kty\":"
	  "\"oct\",\"k\":\"AAAA\"}},", ""), "ear.cnf", NULL },
	{ "cnf with a private key", ES256, O("\"cnf\":{\"jwk\":{\"kty\":"
	  "\"OKP\",\"crv\":\"Ed25519\",\"x\":" N32 ",\"d\":" N32 "}},", ""),
	  "ear.cnf", NULL },
	{ "cnf one octet short", ES256, O("\"cnf\":{\"jwk\":{\"kty\":\"OKP\","
	  "\"crv\":\"Ed25519\",\"x\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka"
	  "GxwdHg\"}},", ""), "ear.cnf", NULL },
};

static void
test_rows(void)
{
	char said[EAR_TEXT_MAX + 1];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct atls_bytes jwt = ear_make_jwt(priv[K_P256],
		    rows[i].header, rows[i].payload);
		struct ear_verdict v = ear_judge(jwt, &pub[K_P256], 1,
		    EAR_NOW, 0);

		T((v.stage == EAR_TRUSTED) == (rows[i].where == NULL),
		    "%s: %s %s", rows[i].what, v.res.why.where == NULL ? "" :
		    v.res.why.where, v.res.why.detail);
		if (rows[i].where != NULL)
			T(v.res.why.where != NULL && strcmp(v.res.why.where,
			    rows[i].where) == 0, "%s: %s", rows[i].what,
			    v.res.why.where);
		else
			T(strcmp(ear_said(&v, "ear.status", said),
			    rows[i].status) == 0, "%s: %s", rows[i].what,
			    said);
		ear_judged(&v);
		drop(jwt);
	}
}

/* Each algorithm under each key: only its own, whatever the header says. */
static void
test_keys(void)
{
	static const char *const algs[] = { "ES256", "ES384", "EdDSA",
	    "PS256" };
	char header[64];
	size_t a, k, s;

	for (a = 0; a < NITEMS(algs); a++)
		for (s = 0; s < NKEYS; s++) {
			struct atls_bytes jwt;

			snprintf(header, sizeof(header), "{\"alg\":\"%s\"}",
			    algs[a]);
			jwt = ear_make_jwt(priv[s], header, O("", ""));
			for (k = 0; k < NKEYS; k++) {
				struct ear_verdict v = ear_judge(jwt, &pub[k],
				    1, EAR_NOW, 0);

				T((v.stage == EAR_TRUSTED) == (k == s &&
				    (a == s || (a == 0 && s == K_OTHER))),
				    "%s by %zu, %zu named", algs[a], s, k);
				ear_judged(&v);
			}
			drop(jwt);
		}
}

static void
test_trust(void)
{
	struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256, O("", ""));
	struct ear_verdict v = ear_judge(jwt, pub, 0, EAR_NOW, 0);

	T(v.stage == EAR_PARSED && strcmp(v.res.why.where, "ear.trust") == 0,
	    "no key");
	ear_judged(&v);
	v = ear_judge(jwt, pub, NKEYS, EAR_NOW, 0);
	T(v.stage == EAR_TRUSTED && v.res.voucher != NULL &&
	    v.res.not_after == 1799999990 + EAR_AGE_MAX, "one of many");
	ear_judged(&v);
	v = ear_judge(jwt, &pub[K_OTHER], 1, EAR_NOW, 0);
	T(v.stage == EAR_PARSED && v.res.why.rc == ATLS_E_SIG &&
	    strcmp(v.res.why.where, "ear.signature") == 0, "another");
	ear_judged(&v);
	v = ear_judge(jwt, pub, 1, EAR_NOW, 10);
	T(v.stage == EAR_TRUSTED && v.res.not_after == EAR_NOW, "lease");
	ear_judged(&v);
	v = ear_judge(jwt, pub, 1, EAR_NOW, 9);
	T(v.stage == EAR_PARSED && v.res.why.rc == ATLS_E_STALE, "too old");
	ear_judged(&v);
	drop(jwt);
}

static void
test_claims(void)
{
	struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256, "{" OLD IAT
	    "\"exp\":1800000300," BY "\"submods\":{\"gpu\":{" GOOD
	    VEC("\"hardware\":2,\"executables\":32") "},\"cpu0\":{" GOOD
	    VEC("\"hardware\":3") "},\"cpu 1\":{" GOOD "}}}");
	struct ear_verdict v = ear_judge(jwt, pub, 1, EAR_NOW, 0);
	char said[EAR_TEXT_MAX + 1];
	const struct atls_claim *c;
	size_t i;
	static const char *const want[][2] = {
		{ "ear.status", "warning" },
		{ "ear.submods", "cpu 1,cpu0,gpu" },
		{ "ear.vector.hardware", "none" },	/* cpu 1 has none */
		{ "ear.vector.executables", "warning" },
		{ "ear.vector.sourced-data", "none" },
		{ "ear.profile", "tag:github.com,2023:veraison/ear" },
		{ "ear.verifier.developer", "d" },
		{ "ear.verifier.build", "b 1" },
		{ "ear.alg", "ES256" },
	};

	T(v.stage == EAR_TRUSTED && v.res.not_after == 1800000300, "%s",
	    v.res.why.where);
	for (i = 0; i < NITEMS(want); i++)
		T(strcmp(ear_said(&v, want[i][0], said), want[i][1]) == 0,
		    "%s is %s", want[i][0], said);
	T((c = atls_evidence_claim(&v.res.claims, "ear.iat")) != NULL &&
	    c->number == 1799999990, "iat");
	T(atls_evidence_claim(&v.res.claims, "ear.nbf") == NULL, "nbf");
	ear_judged(&v);
	drop(jwt);
}

/* Which nonce is the challenge: octets 0, 1, 2.. or none. */
static const struct {
	const char	*what, *payload;
	size_t		 len;
} nonces[] = {
	{ "none", O("", ""), 0 },
	{ "of the appraisal", O("", ",\"eat_nonce\":" N32), 32 },
	{ "of the draft", N("", ",\"eat_nonce\":" N32), 32 },
	{ "with padding", O("", ",\"eat_nonce\":\"AAECAwQFBgcICQoLDA0ODxAREhM"
	  "UFRYXGBkaGxwdHh8=\""), 32 },
	{ "with more padding", O("", ",\"eat_nonce\":\"AAECAwQFBgcICQ==\""),
	  10 },
	{ "padded thrice", O("", ",\"eat_nonce\":\"AAECAwQFBgcIC===\""), 0 },
	{ "padded wrongly", O("", ",\"eat_nonce\":\"AAECAwQFBgcICQoLDA0ODxARE"
	  "hMUFRYXGBkaGxwdHh8==\""), 0 },
	{ "padded inside", O("", ",\"eat_nonce\":\"AAECAwQFBgc=CQoLDA0ODxARE"
	  "hMUFRYXGBkaGxwdHh8\""), 0 },
	{ "some text", O("", ",\"eat_nonce\":\"what I said\""), 0 },
	{ "of 8 octets", O("", ",\"eat_nonce\":\"AAECAwQFBgc\""), 8 },
	{ "of 7 octets", O("", ",\"eat_nonce\":\"AAECAwQFBg\""), 0 },
	{ "at the top, deployed", O("\"eat_nonce\":" N32 ",", ""), 32 },
	{ "at the top, draft", N("\"eat_nonce\":" N32 ",", ""), 0 },
	{ "the appraisal's counts", O("\"eat_nonce\":\"AAAAAAAAAAAAAAAA\",",
	  ",\"eat_nonce\":" N32), 32 },
	{ "of both appraisals", "{" OLD IAT BY "\"submods\":{\"a\":{" GOOD
	  ",\"eat_nonce\":" N32 "},\"b\":{" GOOD ",\"eat_nonce\":" N32 "}}}",
	  32 },
	{ "of one only", "{" OLD IAT BY "\"eat_nonce\":" N32 ",\"submods\":{"
	  "\"a\":{" GOOD ",\"eat_nonce\":" N32 "},\"b\":{" GOOD "}}}", 0 },
	{ "they differ", "{" OLD IAT BY "\"eat_nonce\":" N32 ",\"submods\":{"
	  "\"a\":{" GOOD ",\"eat_nonce\":" N32 "},\"b\":{" GOOD
	  ",\"eat_nonce\":\"AAAAAAAAAAAAAAAA\"}}}", 0 },
};

static void
test_nonces(void)
{
	uint8_t want[32];
	size_t i;

	for (i = 0; i < sizeof(want); i++)
		want[i] = (uint8_t)i;
	for (i = 0; i < NITEMS(nonces); i++) {
		struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256,
		    nonces[i].payload);
		struct ear_verdict v = ear_judge(jwt, pub, 1, EAR_NOW, 0);

		T(v.stage == EAR_TRUSTED, "%s: %s", nonces[i].what,
		    v.res.why.where);
		T(atls_ct_eq(v.res.claims.report_data, (struct atls_bytes){
		    want, nonces[i].len }), "%s: %zu", nonces[i].what,
		    v.res.claims.report_data.len);
		ear_judged(&v);
		drop(jwt);
	}
}

/* The attested key, as each form names it, against each AIK. */
static void
test_key(void)
{
	char payload[NKEYS][4096];
	uint8_t der[NKEYS][1024];
	size_t i, k, n[NKEYS];

	for (i = 0; i < NKEYS; i++) {
		uint8_t *p = der[i];
		struct atls_bytes b;

		n[i] = (size_t)i2d_PUBKEY(priv[i], &p);
		b = ear_make_b64((struct atls_bytes){ der[i], n[i] });
		snprintf(payload[i], sizeof(payload[i]), O("",
		    ",\"ear.veraison.key-attestation\":{\"akpub\":\"%.*s\"}"),
		    (int)b.len, (const char *)b.p);
		drop(b);
	}
	for (i = 0; i < NKEYS; i++) {
		struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256,
		    payload[i]);
		struct ear_verdict v = ear_judge(jwt, pub, 1, EAR_NOW, 0);

		T(v.stage == EAR_TRUSTED && evidence_ear.names_key(
		    &v.res.claims), "%s", v.res.why.where);
		for (k = 0; k < NKEYS; k++) {
			int got = evidence_ear.key(&v.res.claims,
			    (struct atls_bytes){ der[k], n[k] }, &v.res);

			T((got == 1) == (i == k) && v.res.key == (i == k ?
			    ATLS_GOOD : ATLS_BAD), "%zu, AIK %zu", i, k);
		}
		T(evidence_ear.key(&v.res.claims, (struct atls_bytes){ NULL,
		    0 }, &v.res) != 1, "no AIK");
		ear_judged(&v);
		drop(jwt);
	}
}

/* RFC 7515, A.3; RFC 7517, A.1; RFC 8037, A.2: keys in cnf. */
static const struct {
	const char	*jwk, *spki;
} cnfs[] = {
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526i"
	  "DZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWl"
	  "bbM4IFyM\",\"use\":\"enc\",\"kid\":\"1\"}",
	  "3059301306072a8648ce3d020106082a8648ce3d0301070342000430a0424cd21c29"
	  "44838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3ee04b65e92456d9888b"
	  "52b379bdfbd51ee869ef1f0fc65b6659695b6cce081723" },
	{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHO"
	  "g7hcvPapiMlrwIaaPcHURo\"}",
	  "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa6"
	  "2325af021a68f707511a" },
};

static void
test_cnf(void)
{
	char payload[1024];
	size_t i, k;

	for (i = 0; i < 2 * NITEMS(cnfs); i++) {
		struct atls_bytes jwt;
		struct ear_verdict v;

		snprintf(payload, sizeof(payload), i < NITEMS(cnfs) ?
		    O("\"cnf\":{\"jwk\":%s},", "") :
		    O("", ",\"cnf\":{\"jwk\":%s}"), cnfs[i % 2].jwk);
		jwt = ear_make_jwt(priv[K_P256], ES256, payload);
		v = ear_judge(jwt, pub, 1, EAR_NOW, 0);
		T(v.stage == EAR_TRUSTED, "%s", v.res.why.where);
		for (k = 0; k < NITEMS(cnfs); k++) {
			struct atls_bytes spki = hex(cnfs[k].spki);

			T((evidence_ear.key(&v.res.claims, spki, &v.res) == 1)
			    == (k == i % 2), "%zu %zu", i, k);
			drop(spki);
		}
		ear_judged(&v);
		drop(jwt);
	}
}

/* What came before the text, or behind it, and each bit of it. */
static void
test_bits(void)
{
	struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256, O(
	    "\"exp\":1800000300,", ",\"eat_nonce\":" N32)), x;
	struct ear_verdict v;
	size_t i;

	for (i = 0; i < jwt.len; i++) {
		v = ear_judge((struct atls_bytes){ jwt.p, i }, pub, 1,
		    EAR_NOW, 0);
		T(v.stage != EAR_TRUSTED && v.res.why.rc != ATLS_OK,
		    "prefix %zu", i);
		ear_judged(&v);
	}
	for (i = 0; i < 8 * jwt.len; i++) {
		x = flip(jwt, i);
		v = ear_judge(x, pub, 1, EAR_NOW, 0);
		T(v.stage != EAR_TRUSTED && v.res.why.rc != ATLS_OK,
		    "bit %zu", i);
		ear_judged(&v);
		drop(x);
	}
	for (i = 0; i < 256; i++) {
		uint8_t c = (uint8_t)i;

		x = joined(jwt, (struct atls_bytes){ &c, 1 });
		v = ear_judge(x, pub, 1, EAR_NOW, 0);
		T(v.stage != EAR_TRUSTED, "0x%02zx behind", i);
		ear_judged(&v);
		drop(x);
	}
	drop(jwt);
}

/* Scratch of any size that is too small, and none. */
static void
test_scratch(void)
{
	struct atls_bytes jwt = ear_make_jwt(priv[K_P256], ES256, O("", ""));
	struct atls_evidence ev;
	struct atls_err err;
	size_t n, good = 0;

	for (n = 0; n <= jwt.len; n++) {
		struct atls_buf b = { malloc(n + 1), n, 0 };
		enum atls_rc rc;

		err = (struct atls_err){ .rc = ATLS_OK };
		rc = atls_evidence_parse(&ev, ATLS_KIND_EAR, jwt, &b, &err);
		T(rc == ATLS_OK || (rc == ATLS_E_SPACE && err.rc == rc),
		    "%zu: %s", n, err.where);
		good += rc == ATLS_OK;
		free(b.p);
	}
	T(good > jwt.len / 5 && good < jwt.len, "%zu", good);
	T(atls_evidence_parse(&ev, ATLS_KIND_EAR, jwt, NULL, NULL) ==
	    ATLS_E_SPACE, "none");
	drop(jwt);
}

/* A large token, and one that nests as deep as it can. */
static void
test_large(void)
{
	size_t n = EAR_MAX + 1;
	char *p = malloc(n), deep[4096];
	struct ear_verdict v;
	struct atls_bytes jwt;

	memset(p, 'e', n);
	v = ear_judge((struct atls_bytes){ (uint8_t *)p, n }, pub, 1, EAR_NOW,
	    0);
	T(v.stage == 0 && v.res.why.rc == ATLS_E_LIMIT, "%s",
	    v.res.why.where);
	ear_judged(&v);
	free(p);
	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	jwt = ear_make_jwt(priv[K_P256], ES256, deep);
	v = ear_judge(jwt, pub, 1, EAR_NOW, 0);
	T(v.stage == 0 && strcmp(v.res.why.where, "ear.json") == 0, "%s",
	    v.res.why.where);
	ear_judged(&v);
	drop(jwt);
}

int
main(void)
{
	size_t i;

	priv[K_P256] = EVP_EC_gen("P-256");
	priv[K_P384] = EVP_EC_gen("P-384");
	priv[K_ED] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	priv[K_RSA] = EVP_RSA_gen(2048);
	priv[K_OTHER] = EVP_EC_gen("P-256");
	for (i = 0; i < NKEYS; i++) {
		uint8_t der[1024], *p = der;
		int n = i2d_PUBKEY(priv[i], &p);

		T(n > 0 && crypto_key_spki((struct atls_bytes){ der,
		    (size_t)n }, &pub[i]) == ATLS_OK, "key %zu", i);
	}
	test_rows();
	test_keys();
	test_trust();
	test_claims();
	test_nonces();
	test_key();
	test_cnf();
	test_bits();
	test_scratch();
	test_large();
	for (i = 0; i < NKEYS; i++) {
		crypto_key_free(pub[i]);
		EVP_PKEY_free(priv[i]);
	}
	return t_end("t_ear");
}
