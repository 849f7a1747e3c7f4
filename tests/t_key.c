/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys: what they are, and what must be refused. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "../src/crypto/lc.h"
#include "heap.h"
#include "known.h"
#include "t.h"

/* secp256k1, generator */
#define K1_X	"79be667ef9dcbbac55a06295ce870b07" \
		"029bfcdb2dce28d959f2815b16f81798"
#define K1_Y	"483ada7726a3c4655da4fbfc0e1108a8" \
		"fd17b448a68554199c47d08ffb10d4b8"
#define OFF_Y	"7903fe1008b8bc99a41ae9e95628bc64" \
		"f2f1b20c2d7e9f5177a3c294d4462298"
#define P256_P	"ffffffff000000010000000000000000" \
		"00000000ffffffffffffffffffffffff"

static const struct {
	const char	*what, *spki;
} bad_keys[] = {
	{ "empty", "" },
	{ "off the curve", P256_HEAD "04" P256_X OFF_Y },
	{ "x is p", P256_HEAD "04" P256_P P256_Y },
	{ "origin", P256_HEAD "04"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    },
	{ "infinity", "301a301306072a8648ce3d020106082a8648ce3d0301070302"
	    "0000" },
	{ "infinity, short", "3019301306072a8648ce3d020106082a8648ce3d030107"
	    "03020000" },
	{ "compressed", "3039301306072a8648ce3d020106082a8648ce3d03010703220003"
	    P256_X },
	{ "hybrid", P256_HEAD "07" P256_X P256_Y },
	{ "octet more", P256_HEAD "04" P256_X P256_Y "00" },
	{ "octet more, counted", "305a301306072a8648ce3d020106082a8648ce3d0301"
	    "0703430004" P256_X P256_Y "00" },
	{ "unused bits", "3059301306072a8648ce3d020106082a8648ce3d030107034201"
	    "04" P256_X P256_Y },
	{ "long length", "308159301306072a8648ce3d020106082a8648ce3d0301070342"
	    "0004" P256_X P256_Y },
	{ "P-256 point as P-384", "3056301006072a8648ce3d020106052b8104002203"
	    "420004" P256_X P256_Y },
	{ "secp256k1", "3056301006072a8648ce3d020106052b8104000a03420004"
	    K1_X K1_Y },
	{ "Ed25519, short", "3029300506032b657003200000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000" },
};

static void
test_bad_keys(void)
{
	struct crypto_key *key;
	size_t i;

	for (i = 0; i < NITEMS(bad_keys); i++) {
		struct atls_bytes spki = hex(bad_keys[i].spki);
		enum atls_rc rc = crypto_key_spki(spki, &key);

		T(rc != ATLS_OK && key == NULL && rc != ATLS_E_MEM &&
		    rc != ATLS_E_CRYPTO, "%s: %s", bad_keys[i].what,
		    atls_rc_name(rc));
		drop(spki);
	}
}

/* No change of an encoding is taken for the same key. */
static void
vary_spki(const char *what, struct atls_bytes spki)
{
	struct crypto_key *key, *other;
	struct atls_bytes bad;
	size_t i;

	T(crypto_key_spki(spki, &key) == ATLS_OK, "%s", what);
	for (i = 0; i < 8 * spki.len; i++) {
		bad = flip(spki, i);
		if (crypto_key_spki(bad, &other) == ATLS_OK)
			T(crypto_key_eq(key, other) == 0, "%s, bit %zu", what,
			    i);
		else
			T(other == NULL, "%s, bit %zu", what, i);
		crypto_key_free(other);
		drop(bad);
	}
	for (i = 0; i < spki.len; i++) {
		bad = copy((struct atls_bytes){ spki.p, i });
		T(crypto_key_spki(bad, &other) != ATLS_OK && other == NULL,
		    "%s, %zu octets", what, i);
		drop(bad);
	}
	bad = joined(spki, (struct atls_bytes){ spki.p, 1 });
	T(crypto_key_spki(bad, &other) != ATLS_OK && other == NULL,
	    "%s and more", what);
	drop(bad);
	crypto_key_free(key);
}

static EVP_PKEY *
rsa_gen(size_t bits)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

/* What other kinds and sizes of keys come to. */
static void
test_kinds(void)
{
	const struct {
		const char	*what;
		EVP_PKEY	*pkey;
		enum atls_rc	 rc;
	} kinds[] = {
		{ "P-256", EVP_EC_gen("P-256"), ATLS_OK },
		{ "P-384", EVP_EC_gen("P-384"), ATLS_OK },
		{ "P-521", EVP_EC_gen("P-521"), ATLS_OK },
		{ "Ed25519", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		    ATLS_OK },
		{ "P-224", EVP_EC_gen("P-224"), ATLS_E_UNKNOWN },
		{ "Ed448", EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
		    ATLS_E_UNKNOWN },
		{ "X25519", EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
		    ATLS_E_UNKNOWN },
		{ "RSA-1024", rsa_gen(1024), ATLS_E_LIMIT },
		{ "RSA-2047", rsa_gen(2047), ATLS_E_LIMIT },
		{ "RSA-2048", rsa_gen(2048), ATLS_OK },
	};
	size_t i;

	for (i = 0; i < NITEMS(kinds); i++) {
		struct atls_bytes spki = spki_of(kinds[i].pkey);
		struct crypto_key *key;
		enum atls_rc rc = crypto_key_spki(spki, &key);

		T(rc == kinds[i].rc, "%s: %s", kinds[i].what,
		    atls_rc_name(rc));
		if (rc == ATLS_OK)
			vary_spki(kinds[i].what, spki);
		crypto_key_free(key);
		drop(spki);
		EVP_PKEY_free(kinds[i].pkey);
	}
}

static void
test_ec(void)
{
	static const struct {
		const char	*what;
		int		 curve;
		const char	*x, *y;
		enum atls_rc	 rc;
	} cases[] = {
		{ "P-256", CRYPTO_P256, P256_X, P256_Y, ATLS_OK },
		{ "P-384", CRYPTO_P384, P384_X, P384_Y, ATLS_OK },
		{ "curve 0", 0, P256_X, P256_Y, ATLS_E_ARG },
		{ "curve 4", 4, P256_X, P256_Y, ATLS_E_ARG },
		{ "off the curve", CRYPTO_P256, P256_X, OFF_Y, ATLS_E_FORMAT },
		{ "swapped", CRYPTO_P256, P256_Y, P256_X, ATLS_E_FORMAT },
		{ "other curve", CRYPTO_P384, P256_X, P256_Y, ATLS_E_FORMAT },
		{ "x too long", CRYPTO_P256, "00" P256_X, P256_Y,
		    ATLS_E_FORMAT },
		{ "y too long", CRYPTO_P256, P256_X, "00" P256_Y,
		    ATLS_E_FORMAT },
		{ "no x", CRYPTO_P256, "", P256_Y, ATLS_E_FORMAT },
		{ "no y", CRYPTO_P256, P256_X, "", ATLS_E_FORMAT },
		{ "zeros", CRYPTO_P256, "00", "00", ATLS_E_FORMAT },
	};
	struct crypto_key *a, *b, *c;
	struct atls_bytes spki = hex(P256_HEAD "04" P256_X P256_Y);
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct atls_bytes x = hex(cases[i].x), y = hex(cases[i].y);

		T(crypto_key_ec((enum crypto_curve)cases[i].curve, x, y, &a) ==
		    cases[i].rc, "%s", cases[i].what);
		T((a != NULL) == (cases[i].rc == ATLS_OK), "%s",
		    cases[i].what);
		if (i < 2 && crypto_key_spki(spki, &b) == ATLS_OK) {
			T(crypto_key_eq(a, b) == (i == 0), "%s",
			    cases[i].what);
			crypto_key_free(b);
		}
		crypto_key_free(a);
		drop(x);
		drop(y);
	}
	T(crypto_key_spki(spki, &c) == ATLS_OK && crypto_key_eq(c, c) == 1 &&
	    crypto_key_eq(c, NULL) == 0 && crypto_key_eq(NULL, c) == 0 &&
	    crypto_key_eq(NULL, NULL) == 0, "NULL");
	crypto_key_free(c);
	crypto_key_free(NULL);
	drop(spki);
}

/* A coordinate may come without its leading zeros. */
static void
test_short_coordinate(void)
{
	struct crypto_key *a, *b;
	struct atls_bytes spki, x, y;
	EVP_PKEY *pkey;
	size_t zeros;

	for (;;) {
		pkey = EVP_EC_gen("P-256");
		spki = spki_of(pkey);
		EVP_PKEY_free(pkey);
		if (spki.p[27] == 0)
			break;
		drop(spki);
	}
	for (zeros = 0; spki.p[27 + zeros] == 0; zeros++)
		continue;
	x = copy((struct atls_bytes){ spki.p + 27 + zeros, 32 - zeros });
	y = copy((struct atls_bytes){ spki.p + 59, 32 });
	T(crypto_key_ec(CRYPTO_P256, x, y, &a) == ATLS_OK, "%zu", zeros);
	T(crypto_key_spki(spki, &b) == ATLS_OK && crypto_key_eq(a, b) == 1,
	    "%zu", zeros);
	crypto_key_free(a);
	crypto_key_free(b);
	drop(spki);
	drop(x);
	drop(y);
}

static void
test_rsa(void)
{
	EVP_PKEY *pkey = rsa_gen(2048);
	uint8_t n[1 + 256] = { 0 }, big[1025];
	struct crypto_key *key, *other;
	struct atls_bytes spki = spki_of(pkey), v = { n + 1, 256 };
	BIGNUM *bn = NULL;

	T(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &bn) == 1 &&
	    BN_bn2bin(bn, n + 1) == 256, "modulus");
	BN_free(bn);
	T(crypto_key_spki(spki, &key) == ATLS_OK, "spki");
	T(crypto_key_rsa(v, 65537, &other) == ATLS_OK &&
	    crypto_key_eq(key, other) == 1, "the same");
	crypto_key_free(other);
	T(crypto_key_rsa(ATLS_ARRAY(n), 65537, &other) == ATLS_OK &&
	    crypto_key_eq(key, other) == 1, "with a zero before it");
	crypto_key_free(other);
	T(crypto_key_rsa(v, 3, &other) == ATLS_OK &&
	    crypto_key_eq(key, other) == 0, "other e");
	crypto_key_free(other);
	T(crypto_key_rsa(v, 1, &other) == ATLS_E_FORMAT && other == NULL,
	    "e is 1");
	T(crypto_key_rsa(v, 65536, &other) == ATLS_E_FORMAT, "e is even");
	T(crypto_key_rsa((struct atls_bytes){ n, 0 }, 3, &other) ==
	    ATLS_E_FORMAT, "no n");
	T(crypto_key_rsa((struct atls_bytes){ n, 1 }, 3, &other) ==
	    ATLS_E_FORMAT, "n is 0");
	T(crypto_key_rsa((struct atls_bytes){ n + 1, 255 }, 3, &other) !=
	    ATLS_OK, "n too short");
	n[256] &= 0xfe;
	T(crypto_key_rsa(v, 3, &other) == ATLS_E_FORMAT, "n is even");
	memset(big, 0xff, sizeof(big));
	T(crypto_key_rsa((struct atls_bytes){ big, 1024 }, 3, &other) ==
	    ATLS_OK, "8192 bits");
	crypto_key_free(other);
	T(crypto_key_rsa(ATLS_ARRAY(big), 3, &other) == ATLS_E_LIMIT,
	    "8200 bits");
	big[0] = 0;
	T(crypto_key_rsa(ATLS_ARRAY(big), 3, &other) == ATLS_E_LIMIT,
	    "1025 octets");
	crypto_key_free(key);
	EVP_PKEY_free(pkey);
	drop(spki);
}


/* tag, length in two octets if need be, content; drops the content. */
static struct atls_bytes
tlv(uint8_t tag, struct atls_bytes content)
{
	uint8_t head[4] = { tag, 0x82, (uint8_t)(content.len >> 8),
	    (uint8_t)content.len };
	struct atls_bytes h = { head, 4 }, out;

	if (content.len < 0x80) {
		head[1] = (uint8_t)content.len;
		h.len = 2;
	}
	out = joined(h, content);
	drop(content);
	return out;
}

static struct atls_bytes
both(struct atls_bytes a, struct atls_bytes b)
{
	struct atls_bytes out = joined(a, b);

	drop(a);
	drop(b);
	return out;
}

/* RFC 3279, 2.3.1, around a modulus of 2048 bits that are all set. */
static const struct {
	const char	*what, *alg, *unused, *before, *e, *behind;
	enum atls_rc	 rc;
} rsas[] = {
	{ "RSA", "300d06092a864886f70d0101010500", "00", "00", "010001", "",
	    ATLS_OK },
	{ "no parameters", "300b06092a864886f70d010101", "00", "00", "010001",
	    "", ATLS_E_UNKNOWN },
	{ "RSASSA-PSS", "300b06092a864886f70d01010a", "00", "00", "010001",
	    "", ATLS_E_UNKNOWN },
	{ "unused bits", "300d06092a864886f70d0101010500", "01", "00",
	    "010001", "", ATLS_E_FORMAT },
	{ "n negative", "300d06092a864886f70d0101010500", "00", "", "010001",
	    "", ATLS_E_FORMAT },
	{ "n with a zero more", "300d06092a864886f70d0101010500", "00", "0000",
	    "010001", "", ATLS_E_FORMAT },
	{ "e with a zero more", "300d06092a864886f70d0101010500", "00", "00",
	    "00010001", "", ATLS_E_FORMAT },
	{ "e negative", "300d06092a864886f70d0101010500", "00", "00", "83",
	    "", ATLS_E_FORMAT },
	{ "e is 3", "300d06092a864886f70d0101010500", "00", "00", "03", "",
	    ATLS_OK },
	{ "e is 1", "300d06092a864886f70d0101010500", "00", "00", "01", "",
	    ATLS_E_FORMAT },
	{ "e is 0", "300d06092a864886f70d0101010500", "00", "00", "00", "",
	    ATLS_E_FORMAT },
	{ "e is even", "300d06092a864886f70d0101010500", "00", "00", "0100",
	    "", ATLS_E_FORMAT },
	{ "no e", "300d06092a864886f70d0101010500", "00", "00", "", "",
	    ATLS_E_FORMAT },
	{ "e of 8 octets", "300d06092a864886f70d0101010500", "00", "00",
	    "7fffffffffffffff", "", ATLS_OK },
	{ "e of 9 octets", "300d06092a864886f70d0101010500", "00", "00",
	    "7fffffffffffffffff", "", ATLS_E_LIMIT },
	{ "third number", "300d06092a864886f70d0101010500", "00", "00",
	    "010001", "020101", ATLS_E_TRAIL },
};

static struct atls_bytes
rsa_spki(size_t row, size_t octets)
{
	uint8_t ones[LC_RSA_MAX / 8 + 1];
	struct atls_bytes n, numbers;

	memset(ones, 0xff, sizeof(ones));
	n = tlv(0x02, both(hex(rsas[row].before),
	    copy((struct atls_bytes){ ones, octets })));
	numbers = both(n, both(tlv(0x02, hex(rsas[row].e)),
	    hex(rsas[row].behind)));
	return tlv(0x30, both(hex(rsas[row].alg), tlv(0x03,
	    both(hex(rsas[row].unused), tlv(0x30, numbers)))));
}

static void
test_rsa_forms(void)
{
	struct crypto_key *key, form;
	struct atls_bytes spki;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(rsas); i++) {
		spki = rsa_spki(i, 256);
		rc = crypto_key_spki(spki, &key);
		T(rc == rsas[i].rc && (key != NULL) == (rc == ATLS_OK),
		    "%s: %s", rsas[i].what, atls_rc_name(rc));
		T(lc_key_form(spki, &form) == rc && form.pkey == NULL &&
		    form.size == (rc == ATLS_OK ? 256 : 0), "%s",
		    rsas[i].what);
		crypto_key_free(key);
		drop(spki);
	}
	for (i = 255; i <= LC_RSA_MAX / 8 + 1; i += i == 256 ? 768 : 1) {
		spki = rsa_spki(0, i);
		T(lc_key_form(spki, &form) == (i == 256 || i == 1024 ?
		    ATLS_OK : ATLS_E_LIMIT), "%zu octets", i);
		drop(spki);
	}
}

int
main(void)
{
	test_bad_keys();
	test_kinds();
	test_ec();
	test_short_coordinate();
	test_rsa();
	test_rsa_forms();
	return t_end("t_key");
}
