/* SPDX-License-Identifier: Apache-2.0 */
/* The signature of a bundle. */
#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "bundle.h"

#define HALF	(BUNDLE_SIG / 2)	/* octets of r, of s */
#define DER_MAX	80			/* octets of an ECDSA signature */

/* An encrypted key is refused: nobody is there to be asked for a password. */
static int
no_password(char *buf, int size, int rwflag, void *u)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)u;
	return -1;
}

static bool
is_p256(const EVP_PKEY *key)
{
	char group[32];
	size_t n;

	return EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1 &&
	    strcmp(group, SN_X9_62_prime256v1) == 0;
}

static EVP_PKEY *
key_read(struct atls_bytes pem, bool private, struct atls_err *err)
{
	EVP_PKEY *key = NULL;
	BIO *in = NULL;

	if (pem.len > 0 && pem.len <= INT_MAX)
		in = BIO_new_mem_buf(pem.p, (int)pem.len);
	if (in != NULL)
		key = private ?
		    PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) :
		    PEM_read_bio_PUBKEY(in, NULL, no_password, NULL);
	BIO_free(in);
	ERR_clear_error();
	if (key != NULL && (EVP_PKEY_is_a(key, "ED25519") || is_p256(key)))
		return key;
	EVP_PKEY_free(key);
	(void)fail_set(err, ATLS_E_CONF, "source.bundle.key",
	    "wanted is a %s key, PEM, Ed25519 or P-256",
	    private ? "private" : "public");
	return NULL;
}

/* r and s, 32 octets each, as DER.  0: cannot be. */
static size_t
raw_to_der(const uint8_t raw[BUNDLE_SIG], uint8_t der[DER_MAX])
{
	BIGNUM *r = BN_bin2bn(raw, HALF, NULL);
	BIGNUM *s = BN_bin2bn(raw + HALF, HALF, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *p = der;
	int n = 0;

	if (r != NULL && s != NULL && sig != NULL &&
	    ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL;
		n = i2d_ECDSA_SIG(sig, NULL);
		n = n > 0 && n <= DER_MAX ? i2d_ECDSA_SIG(sig, &p) : 0;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return n > 0 ? (size_t)n : 0;
}

static bool
der_to_raw(const uint8_t *der, size_t len, uint8_t raw[BUNDLE_SIG])
{
	const unsigned char *p = der;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	bool ok = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, HALF) == HALF &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + HALF, HALF) == HALF;

	ECDSA_SIG_free(sig);
	return ok;
}

enum atls_rc
bundle_verify(struct atls_bytes key_pem, struct atls_bytes tbs,
    const uint8_t sig[BUNDLE_SIG], struct atls_err *err)
{
	EVP_PKEY *key = key_read(key_pem, false, err);
	EVP_MD_CTX *ctx;
	uint8_t der[DER_MAX];
	const uint8_t *p = sig;
	size_t n = BUNDLE_SIG;
	bool ec;
	int ok = 0;

	if (key == NULL)
		return ATLS_E_CONF;
	ec = !EVP_PKEY_is_a(key, "ED25519");
	if (ec) {
		n = raw_to_der(sig, der);
		p = der;
	}
	if ((ctx = EVP_MD_CTX_new()) != NULL && n > 0 &&
	    EVP_DigestVerifyInit(ctx, NULL, ec ? EVP_sha256() : NULL, NULL,
	    key) == 1)
		ok = EVP_DigestVerify(ctx, p, n, tbs.p, tbs.len);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (ctx == NULL)
		return fail_set(err, ATLS_E_MEM, "source.bundle.signature",
		    "a context");
	return ok == 1 ? ATLS_OK : fail_set(err, ATLS_E_SIG,
	    "source.bundle.signature", "not by this key over these octets");
}

enum atls_rc
bundle_sign(struct atls_bytes key_pem, struct atls_bytes tbs,
    uint8_t sig[BUNDLE_SIG], struct atls_err *err)
{
	EVP_PKEY *key = key_read(key_pem, true, err);
	EVP_MD_CTX *ctx;
	uint8_t out[DER_MAX];
	size_t n = sizeof(out);
	bool ec, ok;

	if (key == NULL)
		return ATLS_E_CONF;
	ec = !EVP_PKEY_is_a(key, "ED25519");
	ok = (ctx = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestSignInit(ctx, NULL, ec ? EVP_sha256() : NULL, NULL,
	    key) == 1 && EVP_DigestSign(ctx, out, &n, tbs.p, tbs.len) == 1;
	if (ok && ec)
		ok = der_to_raw(out, n, sig);
	else if (ok && (ok = n == BUNDLE_SIG))
		memcpy(sig, out, n);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok ? ATLS_OK : fail_set(err, ATLS_E_CRYPTO,
	    "source.bundle.signature", "cannot sign");
}
