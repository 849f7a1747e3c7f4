/* SPDX-License-Identifier: Apache-2.0 */
/* Results in a JWT: who signs them, and the keys and nonces in them. */
#include "ear_use.h"

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

int
main(void)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (!key_make(i))
			abort();
	test_keys();
	test_trust();
	test_nonces();
	test_key();
	test_cnf();
	test_bits();
	keys_free();
	return t_end("t_ear_keys");
}
