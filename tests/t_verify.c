/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: known answers, and what must be refused. */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "../src/crypto/crypto.h"
#include "heap.h"
#include "known.h"
#include "t.h"

static const unsigned schemes[] = {
	ATLS_ECDSA_P256_SHA256, ATLS_ECDSA_P384_SHA384, ATLS_ED25519,
	ATLS_RSA_PSS_SHA256, ATLS_RSA_PSS_SHA384, ATLS_RSA_PSS_SHA512,
	CRYPTO_RSA_PKCS1_SHA256, CRYPTO_RSA_PKCS1_SHA384,
	CRYPTO_RSA_PKCS1_SHA512,
};

/* Every other scheme, every bit, every prefix and one octet more. */
static void
refuse_all(const char *what, const struct crypto_key *key, unsigned scheme,
    struct atls_bytes msg, struct atls_bytes sig)
{
	struct atls_bytes bad;
	size_t i;

	for (i = 0; i < NITEMS(schemes); i++)
		T(schemes[i] == scheme ||
		    crypto_verify(key, schemes[i], msg, sig) == ATLS_E_SIG,
		    "%s as 0x%04x", what, schemes[i]);
	for (i = 0; i < 8 * sig.len; i++) {
		bad = flip(sig, i);
		T(crypto_verify(key, scheme, msg, bad) == ATLS_E_SIG,
		    "%s, bit %zu", what, i);
		drop(bad);
	}
	for (i = 0; i < sig.len; i++) {
		bad = copy((struct atls_bytes){ sig.p, i });
		T(crypto_verify(key, scheme, msg, bad) == ATLS_E_SIG,
		    "%s, %zu octets", what, i);
		drop(bad);
	}
	for (i = 0; i < 8 * msg.len; i++) {
		bad = flip(msg, i);
		T(crypto_verify(key, scheme, bad, sig) == ATLS_E_SIG,
		    "%s, bit %zu of message", what, i);
		drop(bad);
	}
}

/* RFC 6979, A.2.5 and A.2.6; RFC 8032, 7.1, tests 1 and 2. */
static const struct {
	const char	*what, *spki;
	unsigned	 scheme;
	const char	*msg, *r, *s;		/* Ed25519: r is all of it */
} answers[] = {
	{ "P-256", P256_HEAD "04" P256_X P256_Y, ATLS_ECDSA_P256_SHA256,
	    "sample", P256_R, P256_S },
	{ "P-256, short s", P256_HEAD "04" P256_X P256_Y,
	    ATLS_ECDSA_P256_SHA256, "test",
	    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
	    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
	    },
	{ "P-384", P384_HEAD "04" P384_X P384_Y, ATLS_ECDSA_P384_SHA384,
	    "sample", P384_R, P384_S },
	{ "Ed25519, 1", "302a300506032b6570032100"
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    ATLS_ED25519, "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
	    NULL },
	{ "Ed25519, 2", "302a300506032b6570032100"
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    ATLS_ED25519, "r",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
	    NULL },
};

static void
test_answers(void)
{
	uint8_t der[160], zero = 0;
	struct atls_buf buf = { der, sizeof(der), 0 };
	struct crypto_key *key;
	size_t i;

	for (i = 0; i < NITEMS(answers); i++) {
		struct atls_bytes spki = hex(answers[i].spki);
		struct atls_bytes msg = text(answers[i].msg), sig, more;
		struct atls_bytes r = hex(answers[i].r);
		struct atls_bytes s = hex(answers[i].s != NULL ?
		    answers[i].s : "");

		if (answers[i].s != NULL) {
			T(crypto_ecdsa_der(r, s, &buf) == ATLS_OK, "%s",
			    answers[i].what);
			sig = copy((struct atls_bytes){ der, buf.len });
		} else
			sig = copy(r);
		more = joined(sig, (struct atls_bytes){ &zero, 1 });
		T(crypto_key_spki(spki, &key) == ATLS_OK, "%s",
		    answers[i].what);
		T(crypto_verify(key, answers[i].scheme, msg, sig) == ATLS_OK,
		    "%s", answers[i].what);
		T(crypto_verify(key, answers[i].scheme, msg, more) ==
		    ATLS_E_SIG, "%s and more", answers[i].what);
		refuse_all(answers[i].what, key, answers[i].scheme, msg, sig);
		crypto_key_free(key);
		drop(spki);
		drop(msg);
		drop(sig);
		drop(more);
		drop(r);
		drop(s);
	}
}

#define P256_N	"ffffffff00000000ffffffffffffffff" \
		"bce6faada7179e84f3b9cac2fc632551"

/* Other ways to write the P-256 signature above, and numbers out of range. */
static const struct {
	const char	*what, *sig;
} encodings[] = {
	{ "length in long form", "308146022100" P256_R "022100" P256_S },
	{ "length in two octets", "30820046022100" P256_R "022100" P256_S },
	{ "inner length in long form",
	    "304702812100" P256_R "022100" P256_S },
	{ "indefinite length", "3080022100" P256_R "022100" P256_S "0000" },
	{ "r with a zero more", "304702220000" P256_R "022100" P256_S },
	{ "r negative", "30450220" P256_R "022100" P256_S },
	{ "s negative", "3045022100" P256_R "0220" P256_S },
	{ "third number", "3049022100" P256_R "022100" P256_S "020101" },
	{ "a set", "3146022100" P256_R "022100" P256_S },
	{ "r is zero", "3026020100022100" P256_S },
	{ "s is zero", "3026022100" P256_R "020100" },
	{ "both are zero", "3006020100020100" },
	{ "r is n", "3046022100" P256_N "022100" P256_S },
	{ "s is n", "3046022100" P256_R "022100" P256_N },
	{ "bare numbers", P256_R P256_S },
};

static void
test_encodings(void)
{
	struct atls_bytes spki = hex(answers[0].spki), sig;
	struct atls_bytes msg = text("sample");
	struct crypto_key *key;
	size_t i;

	T(crypto_key_spki(spki, &key) == ATLS_OK, "key");
	sig = hex("3046022100" P256_R "022100" P256_S);
	T(crypto_verify(key, ATLS_ECDSA_P256_SHA256, msg, sig) == ATLS_OK,
	    "DER");
	drop(sig);
	for (i = 0; i < NITEMS(encodings); i++) {
		sig = hex(encodings[i].sig);
		T(crypto_verify(key, ATLS_ECDSA_P256_SHA256, msg, sig) ==
		    ATLS_E_SIG, "%s", encodings[i].what);
		drop(sig);
	}
	T(crypto_verify(NULL, ATLS_ECDSA_P256_SHA256, msg, msg) == ATLS_E_ARG,
	    "no key");
	T(crypto_verify(key, 0x0203, msg, msg) == ATLS_E_UNKNOWN, "SHA-1");
	T(crypto_verify(key, 0, msg, msg) == ATLS_E_UNKNOWN, "scheme 0");
	T(crypto_verify(key, ATLS_ECDSA_P256_SHA256, (struct atls_bytes){ NULL,
	    0 }, (struct atls_bytes){ NULL, 0 }) == ATLS_E_SIG, "empty");
	crypto_key_free(key);
	drop(spki);
	drop(msg);
}

static struct atls_bytes
rsa_sign(EVP_PKEY *pkey, const char *md, int padding, int salt,
    const char *mgf1, struct atls_bytes msg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t sig[512];
	size_t len = sizeof(sig);

	if (EVP_DigestSignInit_ex(ctx, &pctx, md, NULL, NULL, pkey, NULL) !=
	    1 || EVP_PKEY_CTX_set_rsa_padding(pctx, padding) != 1 ||
	    (padding == RSA_PKCS1_PSS_PADDING &&
	    (EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, mgf1, NULL) != 1)) ||
	    EVP_DigestSign(ctx, sig, &len, msg.p, msg.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	return copy((struct atls_bytes){ sig, len });
}

#define PSS	RSA_PKCS1_PSS_PADDING
#define PKCS1	RSA_PKCS1_PADDING

/* RFC 8446, 4.2.3: MGF1 with the same digest, the salt as long as it. */
static void
test_rsa(void)
{
	static const struct {
		const char	*what, *md;
		int		 padding, salt;
		const char	*mgf1;
		unsigned	 scheme;
		enum atls_rc	 rc;
	} cases[] = {
		{ "PSS 256", "SHA256", PSS, 32, "SHA256", 0x0804, ATLS_OK },
		{ "PSS 384", "SHA384", PSS, 48, "SHA384", 0x0805, ATLS_OK },
		{ "PSS 512", "SHA512", PSS, 64, "SHA512", 0x0806, ATLS_OK },
		{ "no salt", "SHA256", PSS, 0, "SHA256", 0x0804, ATLS_E_SIG },
		{ "salt of 20", "SHA256", PSS, 20, "SHA256", 0x0804,
		    ATLS_E_SIG },
		{ "salt of 33", "SHA256", PSS, 33, "SHA256", 0x0804,
		    ATLS_E_SIG },
		{ "longest salt", "SHA256", PSS, RSA_PSS_SALTLEN_MAX,
		    "SHA256", 0x0804, ATLS_E_SIG },
		{ "other MGF1", "SHA256", PSS, 32, "SHA384", 0x0804,
		    ATLS_E_SIG },
		{ "PKCS1 256", "SHA256", PKCS1, 0, NULL, 0x0401, ATLS_OK },
		{ "PKCS1 384", "SHA384", PKCS1, 0, NULL, 0x0501, ATLS_OK },
		{ "PKCS1 512", "SHA512", PKCS1, 0, NULL, 0x0601, ATLS_OK },
		{ "PKCS1 SHA-1", "SHA1", PKCS1, 0, NULL, 0x0401, ATLS_E_SIG },
	};
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	struct atls_bytes spki = spki_of(pkey), msg = text("message"), sig;
	struct crypto_key *key;
	size_t i;

	T(crypto_key_spki(spki, &key) == ATLS_OK, "key");
	for (i = 0; i < NITEMS(cases); i++) {
		sig = rsa_sign(pkey, cases[i].md, cases[i].padding,
		    cases[i].salt, cases[i].mgf1, msg);
		T(crypto_verify(key, cases[i].scheme, msg, sig) ==
		    cases[i].rc, "%s", cases[i].what);
		if (cases[i].rc == ATLS_OK)
			refuse_all(cases[i].what, key, cases[i].scheme, msg,
			    sig);
		drop(sig);
	}
	/* RFC 8017, 8.1.2: as long as the modulus, also if it begins with 0 */
	for (;;) {
		sig = rsa_sign(pkey, "SHA256", PSS, 32, "SHA256", msg);
		if (sig.p[0] == 0)
			break;
		drop(sig);
	}
	T(crypto_verify(key, 0x0804, msg, sig) == ATLS_OK, "zero first");
	T(crypto_verify(key, 0x0804, msg, (struct atls_bytes){ sig.p + 1,
	    sig.len - 1 }) == ATLS_E_SIG, "zero left out");
	crypto_key_free(key);
	EVP_PKEY_free(pkey);
	drop(spki);
	drop(msg);
	drop(sig);
}

/* A key that we know, and no scheme uses. */
static void
test_p521(void)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-521");
	struct atls_bytes spki = spki_of(pkey);
	struct crypto_key *key;
	uint8_t m[1] = { 0 };
	size_t i;

	T(crypto_key_spki(spki, &key) == ATLS_OK, "key");
	for (i = 0; i < NITEMS(schemes); i++)
		T(crypto_verify(key, schemes[i], ATLS_ARRAY(m),
		    ATLS_ARRAY(m)) == ATLS_E_SIG, "0x%04x", schemes[i]);
	crypto_key_free(key);
	EVP_PKEY_free(pkey);
	drop(spki);
}

int
main(void)
{
	test_answers();
	test_encodings();
	test_rsa();
	test_p521();
	return t_end("t_verify");
}
