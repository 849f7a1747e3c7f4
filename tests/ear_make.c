/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "../src/codec/b64.h"
#include "../src/codec/cbor.h"
#include "ear_make.h"
#include "heap.h"

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define MAKE_MAX	8192

static struct atls_bytes
str(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

/* DER to r and s, each as long as the field. */
static struct atls_bytes
fixed(const uint8_t *der, size_t n, int field)
{
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long)n);
	uint8_t b[2 * 66];

	MUST(s != NULL);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_r(s), b, field) == field);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_s(s), b + field, field) == field);
	ECDSA_SIG_free(s);
	return copy((struct atls_bytes){ b, 2 * (size_t)field });
}

struct atls_bytes
ear_make_sig(EVP_PKEY *key, struct atls_bytes msg)
{
	bool ed = EVP_PKEY_is_a(key, "ED25519"), rsa = EVP_PKEY_is_a(key,
	    "RSA");
	int bits = EVP_PKEY_get_bits(key);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t b[1024];
	size_t n = sizeof(b);

	MUST(EVP_DigestSignInit(ctx, &pctx, ed ? NULL : !rsa && bits == 384 ?
	    EVP_sha384() : EVP_sha256(), NULL, key) == 1);
	if (rsa) {
		MUST(EVP_PKEY_CTX_set_rsa_padding(pctx,
		    RSA_PKCS1_PSS_PADDING) == 1);
		MUST(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx,
		    RSA_PSS_SALTLEN_DIGEST) == 1);
	}
	MUST(EVP_DigestSign(ctx, b, &n, msg.p, msg.len) == 1);
	EVP_MD_CTX_free(ctx);
	if (ed || rsa)
		return copy((struct atls_bytes){ b, n });
	return fixed(b, n, (bits + 7) / 8);
}

struct atls_bytes
ear_make_b64(struct atls_bytes in)
{
	uint8_t b[2 * MAKE_MAX];
	struct atls_buf out = { b, sizeof(b), 0 };
	struct wr w = wr_of(&out);

	b64_put(&w, in);
	MUST(wr_done(&w) == ATLS_OK);
	return copy((struct atls_bytes){ b, out.len });
}

struct atls_bytes
ear_make_jwt(EVP_PKEY *key, const char *header, const char *payload)
{
	struct atls_bytes h = ear_make_b64(str(header)), sig, s;
	struct atls_bytes p = ear_make_b64(str(payload));
	uint8_t b[2 * MAKE_MAX];
	struct atls_buf out = { b, sizeof(b), 0 };
	struct wr w = wr_of(&out);

	wr_bytes(&w, h);
	wr_be(&w, '.', 1);
	wr_bytes(&w, p);
	MUST(w.need <= sizeof(b));
	sig = ear_make_sig(key, (struct atls_bytes){ b, w.need });
	s = ear_make_b64(sig);
	wr_be(&w, '.', 1);
	wr_bytes(&w, s);
	MUST(wr_done(&w) == ATLS_OK);
	drop(h);
	drop(p);
	drop(s);
	drop(sig);
	return copy((struct atls_bytes){ b, out.len });
}

struct atls_bytes
ear_make_cwt(EVP_PKEY *key, struct atls_bytes protected,
    struct atls_bytes unprotected, struct atls_bytes payload)
{
	uint8_t b[MAKE_MAX];
	struct atls_buf out = { b, sizeof(b), 0 };
	struct wr w = wr_of(&out);
	struct atls_bytes sig;

	cbor_put_array(&w, 4);			/* RFC 9052, 4.4 */
	cbor_put_text(&w, "Signature1");
	cbor_put_bstr(&w, protected);
	cbor_put_bstr(&w, (struct atls_bytes){ NULL, 0 });
	cbor_put_bstr(&w, payload);
	MUST(wr_done(&w) == ATLS_OK);
	sig = ear_make_sig(key, (struct atls_bytes){ b, out.len });
	w = wr_of(&out);
	cbor_put_array(&w, 4);
	cbor_put_bstr(&w, protected);
	wr_bytes(&w, unprotected);
	cbor_put_bstr(&w, payload);
	cbor_put_bstr(&w, sig);
	MUST(wr_done(&w) == ATLS_OK);
	drop(sig);
	return copy((struct atls_bytes){ b, out.len });
}
