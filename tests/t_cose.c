/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/rsa.h>

#include "../src/evidence/signed.h"
#include "t.h"
#include "token_make.h"

/* COSE_Sign1 and COSE_Key: what is read, what is refused, what is signed. */

#define X32	"5820" P256X
#define Y32	"5820" P256Y
#define P256X	"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e" \
		"60f29fb6"
#define P256Y	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294" \
		"d4462299"
#define Z48	"5830" "000000000000000000000000000000000000000000000000" \
		"000000000000000000000000000000000000000000000000"

static const struct {
	const char		*what, *hex;
	enum cose_tagging	 tagging;
	enum atls_rc		 rc;
} messages[] = {
	{ "untagged",	"8443a10126a041704173", COSE_UNTAGGED, ATLS_OK },
	{ "tagged",	"d28443a10126a041704173", COSE_TAGGED, ATLS_OK },
	{ "either, not", "8443a10126a041704173", COSE_EITHER, ATLS_OK },
	{ "either, is", "d28443a10126a041704173", COSE_EITHER, ATLS_OK },
	{ "tagged, must not", "d28443a10126a041704173", COSE_UNTAGGED,
	  ATLS_E_FORMAT },
	{ "not tagged, must", "8443a10126a041704173", COSE_TAGGED,
	  ATLS_E_FORMAT },
	{ "empty",	"", COSE_EITHER, ATLS_E_TRUNC },
	{ "empty, tagged", "", COSE_TAGGED, ATLS_E_TRUNC },
	{ "COSE_Mac0",	"d18443a10126a041704173", COSE_EITHER, ATLS_E_FORMAT },
	{ "tag in tag",	"d2d28443a10126a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "kid, x5chain", "8446a20126044131a1182180" "41704173", COSE_EITHER,
	  ATLS_OK },
	{ "text labels", "8446a20126617800a1617900" "41704173", COSE_EITHER,
	  ATLS_OK },
	{ "array of three", "8343a10126a04170", COSE_EITHER, ATLS_E_FORMAT },
	{ "array of five", "8543a10126a04170417300", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "indefinite",	"9f43a10126a041704173ff", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "more behind", "8443a10126a04170417300", COSE_EITHER, ATLS_E_TRAIL },
	{ "header of no octets", "8440a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "header of no entries", "8441a0a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "header is a map", "84a10126a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "header is an array", "84428001a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "more in the header", "8444a1012600a041704173", COSE_EITHER,
	  ATLS_E_TRAIL },
	{ "header ends early", "8442a101a041704173", COSE_EITHER,
	  ATLS_E_TRUNC },
	{ "alg in long form", "8444a1013807a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "alg is a text", "8446a1016345533841704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "alg 0",	"8443a10100a041704173", COSE_EITHER, ATLS_E_FORMAT },
	{ "alg is unknown", "8445a10139fffea041704173", COSE_EITHER,
	  ATLS_OK },
	{ "alg twice",	"8445a201260126a041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "alg in the other", "8441a0a1012641704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "alg in both", "8443a10126a1012641704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "kid in both", "8446a20126044131a104413141704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "kid twice",	"8443a10126a2044131044132" "41704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "crit",	"8446a201260281" "04a041704173", COSE_EITHER,
	  ATLS_E_UNKNOWN },
	{ "crit in the other", "8443a10126a102810441704173", COSE_EITHER,
	  ATLS_E_UNKNOWN },
	{ "no unprotected", "8443a10126f641704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "payload elsewhere", "8443a10126a0f64173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "payload empty", "8443a10126a0404173", COSE_EITHER, ATLS_E_FORMAT },
	{ "payload is a text", "8443a10126a061704173", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "signature empty", "8443a10126a0417040", COSE_EITHER,
	  ATLS_E_FORMAT },
	{ "label of octets", "8443a10126a1410041704173", COSE_EITHER,
	  ATLS_E_FORMAT },
};

static void
read_messages(void)
{
	struct cose_sign1 m;
	size_t i;

	for (i = 0; i < NITEMS(messages); i++) {
		struct atls_bytes b = hex(messages[i].hex);
		struct atls_err err = { .rc = ATLS_OK };
		enum atls_rc rc;

		memset(&m, 0xa5, sizeof(m));
		rc = cose_sign1_parse(b, 100, messages[i].tagging, "here", &m,
		    &err);
		T(rc == messages[i].rc, "%s: 0x%x", messages[i].what,
		    (unsigned)rc);
		T(rc == ATLS_OK ? m.payload.len == 1 && m.payload.p[0] == 'p'
		    && m.signature.p[0] == 's' && m.protected.p[0] >= 0xa0 :
		    m.alg == 0 && m.payload.p == NULL && m.protected.p == NULL
		    && m.signature.len == 0 && err.offset >= 100 &&
		    err.offset <= 100 + b.len, "%s", messages[i].what);
		drop(b);
	}
}

static const struct {
	const char	*what, *hex;
	enum atls_rc	 rc;
} keys[] = {
	{ "P-256", "a40102200121" X32 "22" Y32, ATLS_OK },
	{ "with kid and alg", "a60102024131032620012" "1" X32 "22" Y32,
	  ATLS_OK },
	{ "to verify", "a50102048102200121" X32 "22" Y32, ATLS_OK },
	{ "to sign", "a50102048101200121" X32 "22" Y32, ATLS_E_FORMAT },
	{ "to do nothing", "a501020480200121" X32 "22" Y32, ATLS_E_FORMAT },
	{ "alg of P-384", "a50102033822200121" X32 "22" Y32, ATLS_E_FORMAT },
	{ "alg ECDH", "a501020338" "18200121" X32 "22" Y32, ATLS_E_FORMAT },
	{ "OKP", "a30101200621" X32, ATLS_E_UNKNOWN },
	{ "no type", "a3200121" X32 "22" Y32, ATLS_E_UNKNOWN },
	{ "no curve", "a3010221" X32 "22" Y32, ATLS_E_UNKNOWN },
	{ "secp256k1", "a40102200821" X32 "22" Y32, ATLS_E_UNKNOWN },
	{ "P-521", "a40102200321" X32 "22" Y32, ATLS_E_UNKNOWN },
	{ "P-384 of 32", "a40102200221" X32 "22" Y32, ATLS_E_FORMAT },
	{ "P-256 of 48", "a40102200121" Z48 "22" Z48, ATLS_E_FORMAT },
	{ "no x", "a30102200122" Y32, ATLS_E_FORMAT },
	{ "no y", "a30102200121" X32, ATLS_E_FORMAT },
	{ "sign of y", "a40102200121" X32 "22f5", ATLS_E_UNKNOWN },
	{ "x twice", "a50102200121" X32 "21" X32 "22" Y32, ATLS_E_FORMAT },
	{ "private", "a50102200121" X32 "22" Y32 "23" X32, ATLS_E_FORMAT },
	{ "more behind", "a40102200121" X32 "22" Y32 "00", ATLS_E_TRAIL },
	{ "not a map", "80", ATLS_E_FORMAT },
	{ "empty", "", ATLS_E_TRUNC },
};

static void
read_keys(void)
{
	struct crypto_key *key;
	struct cose_key k;
	size_t i, n;

	for (i = 0; i < NITEMS(keys); i++) {
		struct atls_bytes b = hex(keys[i].hex), c;
		enum atls_rc rc = cose_key_parse(b, 0, "here", &k, NULL);

		T(rc == keys[i].rc, "%s: 0x%x", keys[i].what, (unsigned)rc);
		T(rc == ATLS_OK ? k.curve == COSE_P256 && k.x.len == 32 &&
		    k.y.len == 32 : k.curve == 0 && k.x.p == NULL, "%s",
		    keys[i].what);
		T(rc != ATLS_OK || signed_key(&k, &key) == ATLS_OK, "%s",
		    keys[i].what);
		if (rc == ATLS_OK)
			crypto_key_free(key);
		for (n = 0; rc == ATLS_OK && n < b.len; n++) {
			c = copy((struct atls_bytes){ b.p, n });
			T(cose_key_parse(c, 0, "here", &k, NULL) != ATLS_OK,
			    "%s: %zu octets", keys[i].what, n);
			drop(c);
		}
		drop(b);
	}
	T(signed_key(&k, &key) == ATLS_E_ARG && key == NULL, "no key");
}

/* RFC 9052, 4.4: what the parts are when they are put together. */
static void
signed_octets(void)
{
	struct atls_bytes b = hex("8443a10126a041704173"), aad = hex("aa"),
	    all = { NULL, 0 }, next, want = hex("846a5369676e61747572653143"
	    "a1012641aa4170");
	struct cose_sign1 m;
	struct cose_tbs t;
	size_t i;

	T(cose_sign1_parse(b, 0, COSE_EITHER, "x", &m, NULL) == ATLS_OK &&
	    cose_tbs(&m, aad, &t) == ATLS_OK, "tbs");
	for (i = 0; i < COSE_TBS_PARTS; i++) {
		next = joined(all, t.part[i]);
		drop(all);
		all = next;
	}
	T(atls_ct_eq(all, want), "Sig_structure");
	/* only its length is looked at */
	m.payload.len = (size_t)1 << 40;
	T(cose_tbs(&m, aad, &t) == ATLS_OK && t.part[4].len == 9, "long");
	drop(all);
	drop(want);
	drop(aad);
	drop(b);
}

static struct atls_bytes
sign_by(EVP_PKEY *key, bool pss, struct atls_bytes msg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *p;
	uint8_t sig[512];
	size_t n = sizeof(sig);

	if (EVP_DigestSignInit(ctx, &p, pss ? EVP_sha256() : NULL, NULL, key)
	    != 1 || (pss && (EVP_PKEY_CTX_set_rsa_padding(p,
	    RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(p, RSA_PSS_SALTLEN_DIGEST) !=
	    1)) || EVP_DigestSign(ctx, sig, &n, msg.p, msg.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	return copy((struct atls_bytes){ sig, n });
}

/* The algorithms whose signatures go as they are. */
static void
other_algs(void)
{
	static const struct { const char *name; int64_t alg; size_t bits; }
	    algs[] = {
		{ "ED25519", COSE_EDDSA, 0 }, { "RSA", COSE_PS256, 2048 },
	};
	struct atls_bytes tbs = hex("846a5369676e61747572653141a0404170"),
	    h = hex("a0"), p = hex("70"), spki, none = { NULL, 0 };
	struct crypto_key *key;
	size_t i;

	for (i = 0; i < NITEMS(algs); i++) {
		EVP_PKEY *k = algs[i].bits == 0 ? EVP_PKEY_Q_keygen(NULL, NULL,
		    algs[i].name) : EVP_PKEY_Q_keygen(NULL, NULL, algs[i].name,
		    algs[i].bits);
		struct cose_sign1 m = { algs[i].alg, h, p, none };
		struct atls_bytes good = sign_by(k, algs[i].bits != 0, tbs);

		spki = token_spki(k);
		T(crypto_key_spki(spki, &key) == ATLS_OK, "%s", algs[i].name);
		m.signature = good;
		T(signed_verify(&m, key) == ATLS_OK, "%s", algs[i].name);
		m.signature = flip(good, 77);
		T(signed_verify(&m, key) == ATLS_E_SIG, "%s", algs[i].name);
		drop(m.signature);
		m.signature = good;
		m.payload = h;
		T(signed_verify(&m, key) == ATLS_E_SIG, "%s: payload",
		    algs[i].name);
		m.payload = p;
		m.alg = COSE_ES256;
		T(signed_verify(&m, key) == ATLS_E_SIG, "%s: another alg",
		    algs[i].name);
		m.alg = -36;
		T(signed_verify(&m, key) == ATLS_E_UNKNOWN && !signed_alg_known(
		    -36) && signed_alg_known(algs[i].alg), "%s: ES512",
		    algs[i].name);
		m.alg = algs[i].alg;
		T(signed_verify(&m, NULL) == ATLS_E_ARG, "%s: no key",
		    algs[i].name);
		crypto_key_free(key);
		drop(spki);
		drop(good);
		EVP_PKEY_free(k);
	}
	drop(tbs);
	drop(h);
	drop(p);
}

/* RFC 9053, 2.1: r and s are as long as the field, not shorter, not longer. */
static void
ecdsa_lengths(void)
{
	const struct token_opts good = { .legacy = false };
	struct atls_bytes raw = token_psa(&good), spki;
	struct crypto_key *key;
	struct cose_sign1 m;
	struct atls_bytes sig;

	spki = token_spki(token_signer(false, false));
	T(crypto_key_spki(spki, &key) == ATLS_OK &&
	    cose_sign1_parse(raw, 0, COSE_EITHER, "x", &m, NULL) == ATLS_OK &&
	    signed_verify(&m, key) == ATLS_OK, "good");
	sig = m.signature;
	m.signature.len--;
	T(signed_verify(&m, key) == ATLS_E_SIG, "63");
	m.signature = joined(sig, (struct atls_bytes){ (const uint8_t *)"",
	    1 });
	T(signed_verify(&m, key) == ATLS_E_SIG, "65");
	drop(m.signature);
	drop(spki);
	drop(raw);
	crypto_key_free(key);
}

int
main(void)
{
	read_messages();
	read_keys();
	signed_octets();
	other_algs();
	ecdsa_lengths();
	token_end();
	return t_end("t_cose");
}
