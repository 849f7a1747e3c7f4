/* SPDX-License-Identifier: Apache-2.0 */
/* Results in a JWT: each rule, by a token that breaks it and nothing else. */
#include "ear_use.h"

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

	for (i = 0; i < NKEYS; i++)
		T(key_make(i), "key %zu", i);
	test_rows();
	test_claims();
	test_scratch();
	test_large();
	keys_free();
	return t_end("t_ear");
}
