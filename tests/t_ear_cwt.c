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

/* Results in a CWT, in hexadecimal; beginnings of lines are map keys. */

#define P256	"a10126"			/* alg: ES256 */
#define NEW	"190109781d"						\
		"7461673a696574662e6f72672c323032363a726174732f656172233033"
#define OLD	"1901097820"						\
		"7461673a6769746875622e636f6d2c323032333a7665726169736f6e2f"  \
		"656172"
#define IAT	"061a6b49d1f6"			/* 1799999990 */
#define BY	"1903eca2" "006164" "016162"
#define SUBS	"19010aa1" "63505341"		/* "PSA" */
#define GOOD	"1903e802"
#define SUB(n, s)	SUBS n GOOD s		/* n: head of the map */
#define N32	"5820"							\
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"  \
		"1d1e1f"
#define NONCE	"0a" N32
#define VEC(v)	"1903e9" v
#define KEY_X	"5820"							\
		"30a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0a"  \
		"afec3e"
#define KEY_Y	"5820"							\
		"e04b65e92456d9888b52b379bdfbd51ee869ef1f0fc65b6659695b6cce"  \
		"081723"
#define SPKI	"3059301306072a8648ce3d020106082a8648ce3d0301070342000430a0"  \
		"424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec"  \
		"3ee04b65e92456d9888b52b379bdfbd51ee869ef1f0fc65b6659695b6c"  \
		"ce081723"
#define COSE_KEY	"08a1" "01" "a4" "0102" "2001" "21" KEY_X "22" KEY_Y

static EVP_PKEY *priv, *priv384;
static struct crypto_key *pub, *pub384;

static const struct {
	const char	*what, *protected, *unprotected, *payload;
	const char	*where;		/* of the reason; NULL: trusted */
	const char	*status;
} rows[] = {
	{ "draft", P256, "a0", "a4" NEW IAT BY SUB("a1", ""), NULL,
	  "affirming" },
	{ "deployed", P256, "a0", "a4" OLD IAT BY SUB("a1", ""), NULL,
	  "affirming" },
	{ "the draft's example", P256, "a0", "a5" NEW IAT BY "1903ea4b"
	  "6c696665626f61746d616e" "19010aa1" "63505341" "a3" "1903e81860"
	  "1903e9a3" "0002" "021860" "0402" "1903eb81" "6161", NULL,
	  "contraindicated" },
	{ "claims that we do not know", P256, "a0", "a6" NEW IAT BY
	  "6178f5" "391234f6" SUB("a2", "1903ea4100"), NULL, "affirming" },

	{ "kid", P256, "a1044131", "a4" NEW IAT BY SUB("a1", ""), NULL,
	  "affirming" },
	{ "alg ES512", "a1013823", "a0", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.alg", NULL },
	{ "alg HMAC", "a10105", "a0", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.alg", NULL },
	{ "alg PS384", "a1013825", "a0", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.alg", NULL },
	{ "alg of another key", "a1013822", "a0", "a4" NEW IAT BY
	  SUB("a1", ""), "ear.alg.key", NULL },
	{ "no alg", "a1044131", "a0", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.cose", NULL },
	{ "alg not protected", "a1044131", "a10126", "a4" NEW IAT BY
	  SUB("a1", ""), "ear.cose", NULL },
	{ "crit", "a2012602810a", "a0", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.cose", NULL },
	{ "x5chain", P256, "a118214100", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.header", NULL },
	{ "x5chain, protected", "a2012618214100", "a0", "a4" NEW IAT BY
	  SUB("a1", ""), "ear.header", NULL },
	{ "x5bag", P256, "a118204100", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.header", NULL },
	{ "x5u", P256, "a118236161", "a4" NEW IAT BY SUB("a1", ""),
	  "ear.header", NULL },

	{ "no profile", P256, "a0", "a3" IAT BY SUB("a1", ""), "ear.profile",
	  NULL },
	{ "a profile of others", P256, "a0", "a4" "1901096174" IAT BY
	  SUB("a1", ""), "ear.profile", NULL },
	{ "a name of JSON", P256, "a0", "a5" NEW IAT BY "6a6561725f737461747573"
	  "02" SUB("a1", ""), "ear.generation", NULL },
	{ "a name of JSON below", P256, "a0", "a4" NEW IAT BY
	  SUB("a2", "6a6561722e73746174757302"), "ear.generation", NULL },
	{ "a key twice", P256, "a0", "a5" NEW IAT IAT BY SUB("a1", ""),
	  "ear.cwt", NULL },
	{ "octets behind", P256, "a0", "a4" NEW IAT BY SUB("a1", "") "00",
	  "ear.cwt", NULL },
	{ "not a map", P256, "a0", "80", "ear.cwt", NULL },
	{ "a long head", P256, "a0", "a4" NEW "061b000000006b49d1f6" BY
	  SUB("a1", ""), "ear.cwt", NULL },

	{ "no iat", P256, "a0", "a3" NEW BY SUB("a1", ""), "ear.iat", NULL },
	{ "iat a float", P256, "a0", "a4" NEW "06fa4ed693a4" BY
	  SUB("a1", ""), "ear.iat", NULL },
	{ "iat negative", P256, "a0", "a4" NEW "0620" BY SUB("a1", ""),
	  "ear.iat", NULL },
	{ "iat beyond years", P256, "a0", "a4" NEW "061b0000003afff44180" BY
	  SUB("a1", ""), "ear.iat", NULL },
	{ "iat ahead", P256, "a0", "a4" NEW "061a6b49d23d" BY SUB("a1", ""),
	  "ear.iat.future", NULL },
	{ "nbf ahead", P256, "a0", "a5" NEW IAT "051a6b49d23d" BY
	  SUB("a1", ""), "ear.nbf.future", NULL },
	{ "nbf is text", P256, "a0", "a5" NEW IAT "056131" BY SUB("a1", ""),
	  "ear.nbf", NULL },
	{ "exp is now", P256, "a0", "a5" NEW IAT "041a6b49d200" BY
	  SUB("a1", ""), "ear.exp.past", NULL },
	{ "exp is soon", P256, "a0", "a5" NEW IAT "041a6b49d201" BY
	  SUB("a1", ""), NULL, "affirming" },
	{ "exp a float", P256, "a0", "a5" NEW IAT "04fa4ed693a4" BY
	  SUB("a1", ""), "ear.exp", NULL },

	{ "no Verifier", P256, "a0", "a3" NEW IAT SUB("a1", ""),
	  "ear.verifier", NULL },
	{ "no build", P256, "a0", "a4" NEW IAT "1903eca1006164" SUB("a1", ""),
	  "ear.verifier", NULL },
	{ "more of the Verifier", P256, "a0", "a4" NEW IAT "1903eca3" "006164"
	  "016162" "0200" SUB("a1", ""), NULL, "affirming" },

	{ "no submods", P256, "a0", "a3" NEW IAT BY, "ear.submods", NULL },
	{ "submods empty", P256, "a0", "a4" NEW IAT BY "19010aa0",
	  "ear.submods", NULL },
	{ "a name is a number", P256, "a0", "a4" NEW IAT BY "19010aa1" "01"
	  "a1" GOOD, "ear.submods", NULL },
	{ "no status", P256, "a0", "a4" NEW IAT BY SUBS "a0",
	  "ear.submod.status", NULL },
	{ "status 1", P256, "a0", "a4" NEW IAT BY SUBS "a1" "1903e801",
	  "ear.submod.status", NULL },
	{ "status 0", P256, "a0", "a4" NEW IAT BY SUBS "a1" "1903e800", NULL,
	  "none" },
	{ "status 32", P256, "a0", "a4" NEW IAT BY SUBS "a1" "1903e81820",
	  NULL, "warning" },
	{ "the top is worse", P256, "a0", "a5" NEW IAT "1903e81860" BY
	  SUB("a1", ""), NULL, "contraindicated" },
	{ "the top is of nobody", P256, "a0", "a5" NEW IAT "1903e805" BY
	  SUB("a1", ""), "ear.status", NULL },
	{ "vector 96", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  VEC("a1041860")), NULL, "contraindicated" },
	{ "vector -33", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  VEC("a1043820")), NULL, "warning" },
	{ "vector -1", P256, "a0", "a4" NEW IAT BY SUB("a2", VEC("a10420")),
	  NULL, "none" },
	{ "vector 128", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  VEC("a1041880")), "ear.vector", NULL },
	{ "vector -129", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  VEC("a1043880")), "ear.vector", NULL },
	{ "vector with a ninth", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  VEC("a10802")), "ear.vector", NULL },
	{ "vector empty", P256, "a0", "a4" NEW IAT BY SUB("a2", VEC("a0")),
	  NULL, "none" },

	{ "nonce of 7", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  "0a4701020304050607"), "ear.submod.nonce", NULL },
	{ "nonces in an array", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  "0a81" N32), "ear.submod.nonce", NULL },
	{ "nonce is text", P256, "a0", "a5" NEW IAT "0a683132333435363738" BY
	  SUB("a1", ""), "ear.nonce", NULL },
	{ "akpub", P256, "a0", "a4" NEW IAT BY SUB("a2",
	  "3a00011171a1" "65616b707562" "585b" SPKI), NULL, "affirming" },
	{ "no akpub", P256, "a0", "a4" NEW IAT BY SUB("a2", "3a00011171a0"),
	  "ear.akpub", NULL },
	{ "two keys", P256, "a0", "a5" NEW IAT COSE_KEY BY SUB("a2",
	  "3a00011171a1" "65616b707562" "585b" SPKI), "ear.keys", NULL },
	{ "cnf", P256, "a0", "a5" NEW IAT COSE_KEY BY SUB("a1", ""), NULL,
	  "affirming" },
	{ "cnf below", P256, "a0", "a4" NEW IAT BY SUB("a2", COSE_KEY), NULL,
	  "affirming" },
	{ "cnf with kid only", P256, "a0", "a5" NEW IAT "08a1034131" BY
	  SUB("a1", ""), "ear.cnf", NULL },
};

static struct atls_bytes
made(size_t i)
{
	struct atls_bytes p = hex(rows[i].protected), out;
	struct atls_bytes u = hex(rows[i].unprotected);
	struct atls_bytes b = hex(rows[i].payload);

	out = ear_make_cwt(priv, p, u, b);
	drop(p);
	drop(u);
	drop(b);
	return out;
}

static void
test_rows(void)
{
	char said[EAR_TEXT_MAX + 1];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct atls_bytes cwt = made(i), spki = hex(SPKI);
		struct ear_verdict v = ear_judge(cwt, &pub, 1, EAR_NOW, 0);

		T((v.stage == EAR_TRUSTED) == (rows[i].where == NULL),
		    "%s: %s %s", rows[i].what, v.res.why.where == NULL ? "" :
		    v.res.why.where, v.res.why.detail);
		if (rows[i].where != NULL)
			T(v.res.why.where != NULL && strcmp(v.res.why.where,
			    rows[i].where) == 0, "%s: %s", rows[i].what,
			    v.res.why.where);
		else
			T(strcmp(ear_said(&v, "ear.status", said),
			    rows[i].status) == 0 && strcmp(ear_said(&v,
			    "ear.submods", said), "PSA") == 0, "%s: %s",
			    rows[i].what, said);
		if (v.stage == EAR_TRUSTED && evidence_ear.names_key(
		    &v.res.claims))
			T(evidence_ear.key(&v.res.claims, spki, &v.res) == 1,
			    "%s: key", rows[i].what);
		ear_judged(&v);
		drop(cwt);
		drop(spki);
	}
}

/* RFC 8392, 6; RFC 9052, 2: tags that may be there, and no others. */
static void
test_tags(void)
{
	static const struct {
		const char	*tag;
		bool		 good;
	} tags[] = {
		{ "", true }, { "d2", true }, { "d83dd2", true },
		{ "d83d", false }, { "d2d2", false }, { "d83dd83dd2", false },
		{ "d1", false }, { "d2d83d", false },
	};
	struct atls_bytes cwt = made(0);
	size_t i;

	for (i = 0; i < NITEMS(tags); i++) {
		struct atls_bytes t = hex(tags[i].tag), x = joined(t, cwt);
		struct ear_verdict v = ear_judge(x, &pub, 1, EAR_NOW, 0);

		T((v.stage == EAR_TRUSTED) == tags[i].good, "tag %s",
		    tags[i].tag);
		ear_judged(&v);
		drop(t);
		drop(x);
	}
	drop(cwt);
}

static void
test_keys(void)
{
	struct atls_bytes p = hex("a1013822"), u = hex("a0");
	struct atls_bytes b = hex("a4" NEW IAT BY SUB("a1", ""));
	struct atls_bytes cwt = ear_make_cwt(priv384, p, u, b);
	struct ear_verdict v = ear_judge(cwt, &pub384, 1, EAR_NOW, 0);

	T(v.stage == EAR_TRUSTED, "ES384: %s", v.res.why.where);
	ear_judged(&v);
	v = ear_judge(cwt, &pub, 1, EAR_NOW, 0);
	T(v.stage == EAR_PARSED && strcmp(v.res.why.where, "ear.alg.key") ==
	    0, "by another curve");
	ear_judged(&v);
	drop(p);
	drop(u);
	drop(b);
	drop(cwt);
}

/* No bit but those of the unprotected header goes unsigned, and in that one
 * only a kid is, which nobody reads. */
static void
test_bits(void)
{
	struct atls_bytes p = hex(P256), u = hex("a1044131"), x;
	struct atls_bytes b = hex("a5" NEW IAT "041a6b49d300" BY
	    SUB("a2", NONCE));
	struct atls_bytes cwt = ear_make_cwt(priv, p, u, b);
	const size_t kid = 1 + 1 + 3;		/* where the header starts */
	size_t i, passed = 0;
	struct ear_verdict v;

	for (i = 0; i < cwt.len; i++) {
		v = ear_judge((struct atls_bytes){ cwt.p, i }, &pub, 1,
		    EAR_NOW, 0);
		T(v.stage != EAR_TRUSTED && v.res.why.rc != ATLS_OK,
		    "prefix %zu", i);
		ear_judged(&v);
	}
	for (i = 0; i < 8 * cwt.len; i++) {
		bool mere = i / 8 == kid + 1 || i / 8 == kid + 3;

		x = flip(cwt, i);
		v = ear_judge(x, &pub, 1, EAR_NOW, 0);
		/* the label may become another; the value is any octet */
		T(v.stage != EAR_TRUSTED || mere || i / 8 == kid + 2,
		    "bit %zu of octet %zu", i % 8, i / 8);
		passed += v.stage == EAR_TRUSTED;
		ear_judged(&v);
		drop(x);
	}
	T(passed > 8 && passed < 24, "%zu", passed);
	v = ear_judge(cwt, &pub, 1, EAR_NOW, 0);
	T(v.stage == EAR_TRUSTED && v.res.claims.report_data.len == 32,
	    "good");
	ear_judged(&v);
	drop(p);
	drop(u);
	drop(b);
	drop(cwt);
}

static struct crypto_key *
public_of(EVP_PKEY *k)
{
	uint8_t der[256], *p = der;
	int n = i2d_PUBKEY(k, &p);
	struct crypto_key *out = NULL;

	T(n > 0 && crypto_key_spki((struct atls_bytes){ der, (size_t)n },
	    &out) == ATLS_OK, "key");
	return out;
}

int
main(void)
{
	priv = EVP_EC_gen("P-256");
	priv384 = EVP_EC_gen("P-384");
	pub = public_of(priv);
	pub384 = public_of(priv384);
	test_rows();
	test_tags();
	test_keys();
	test_bits();
	crypto_key_free(pub);
	crypto_key_free(pub384);
	EVP_PKEY_free(priv);
	EVP_PKEY_free(priv384);
	return t_end("t_ear_cwt");
}
