/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "../base/rd.h"
#include "../base/wr.h"
#include "lc.h"

size_t
crypto_hash_len(enum atls_hash hash)
{
	switch (hash) {
	case ATLS_SHA256:	return 32;
	case ATLS_SHA384:	return 48;
	case ATLS_SHA512:	return 64;
	}
	return 0;
}

enum atls_rc
crypto_hash(enum atls_hash hash, const struct atls_bytes *part, size_t nparts,
    uint8_t out[ATLS_HASH_MAX])
{
	const struct lc *lc = lc_get();
	EVP_MD_CTX *ctx;
	size_t i;
	int ok;

	memset(out, 0, ATLS_HASH_MAX);
	if (crypto_hash_len(hash) == 0)
		return ATLS_E_ARG;
	if (lc == NULL || (ctx = EVP_MD_CTX_new()) == NULL)
		return lc_rc(ATLS_E_MEM);
	ok = EVP_DigestInit_ex(ctx, lc->md[hash], NULL);
	for (i = 0; ok == 1 && i < nparts; i++)
		ok = EVP_DigestUpdate(ctx, part[i].p, part[i].len);
	if (ok == 1)
		ok = EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	return ok == 1 ? ATLS_OK : lc_rc(ATLS_E_CRYPTO);
}

enum atls_rc
crypto_hmac(enum atls_hash hash, struct atls_bytes key, struct atls_bytes msg,
    uint8_t out[ATLS_HASH_MAX])
{
	const struct lc *lc = lc_get();
	OSSL_PARAM params[2];
	EVP_MAC_CTX *ctx;
	size_t len = 0;
	int ok;

	memset(out, 0, ATLS_HASH_MAX);
	if (crypto_hash_len(hash) == 0)
		return ATLS_E_ARG;
	if (lc == NULL || (ctx = EVP_MAC_CTX_new(lc->hmac)) == NULL)
		return lc_rc(ATLS_E_MEM);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    hash == ATLS_SHA256 ? "SHA256" : hash == ATLS_SHA384 ? "SHA384" :
	    "SHA512", 0);
	params[1] = OSSL_PARAM_construct_end();
	/* NULL would mean the key of before, not the empty one */
	ok = EVP_MAC_init(ctx, key.len > 0 ? key.p : (const uint8_t *)"",
	    key.len, params) == 1 &&
	    EVP_MAC_update(ctx, msg.p, msg.len) == 1 &&
	    EVP_MAC_final(ctx, out, &len, ATLS_HASH_MAX) == 1 &&
	    len == crypto_hash_len(hash);
	EVP_MAC_CTX_free(ctx);
	return ok == 1 ? ATLS_OK : lc_rc(ATLS_E_CRYPTO);
}

enum atls_rc
crypto_random(uint8_t *out, size_t n)
{
	const struct lc *lc = lc_get();

	if (lc == NULL)
		return ATLS_E_MEM;
	if (n == 0)
		return ATLS_OK;
	if (RAND_bytes_ex(lc->full, out, n, 0) == 1)
		return ATLS_OK;
	memset(out, 0, n);
	return lc_rc(ATLS_E_CRYPTO);
}

const struct lc_scheme lc_schemes[] = {
	{ ATLS_ECDSA_P256_SHA256, LC_P256, "SHA256", 0 },
	{ ATLS_ECDSA_P384_SHA384, LC_P384, "SHA384", 0 },
	{ ATLS_ED25519, LC_ED25519, NULL, 0 },
	{ ATLS_RSA_PSS_SHA256, LC_RSA, "SHA256", RSA_PKCS1_PSS_PADDING },
	{ ATLS_RSA_PSS_SHA384, LC_RSA, "SHA384", RSA_PKCS1_PSS_PADDING },
	{ ATLS_RSA_PSS_SHA512, LC_RSA, "SHA512", RSA_PKCS1_PSS_PADDING },
	{ CRYPTO_RSA_PKCS1_SHA256, LC_RSA, "SHA256", RSA_PKCS1_PADDING },
	{ CRYPTO_RSA_PKCS1_SHA384, LC_RSA, "SHA384", RSA_PKCS1_PADDING },
	{ CRYPTO_RSA_PKCS1_SHA512, LC_RSA, "SHA512", RSA_PKCS1_PADDING },
	{ 0, LC_RSA, NULL, 0 },
};

const struct lc_scheme *
lc_scheme(unsigned id)
{
	const struct lc_scheme *s;

	for (s = lc_schemes; s->id != 0; s++)
		if (s->id == id)
			return s;
	return NULL;
}

/* RFC 8446, 4.2.3: the salt is as long as the digest. */
int
lc_scheme_set(const struct lc_scheme *s, EVP_PKEY_CTX *ctx)
{
	if (s->padding == 0)
		return 1;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, s->padding) != 1)
		return 0;
	if (s->padding != RSA_PKCS1_PSS_PADDING)
		return 1;
	return EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
}

/* What has no digest of its own is verified in one piece: Ed25519. */
static enum atls_rc
verify_joined(EVP_MD_CTX *ctx, const struct atls_bytes *part, size_t nparts,
    struct atls_bytes sig)
{
	struct atls_buf all = { NULL, 0, 0 };
	struct wr w;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < nparts; i++)
		all.cap += part[i].len;
	if ((all.p = malloc(all.cap + 1)) == NULL)
		return ATLS_E_MEM;
	w = wr_of(&all);
	for (i = 0; i < nparts; i++)
		wr_bytes(&w, part[i]);
	rc = wr_done(&w);
	if (rc == ATLS_OK && EVP_DigestVerify(ctx, sig.p, sig.len, all.p,
	    all.len) != 1)
		rc = ATLS_E_SIG;
	free(all.p);
	return rc;
}

static enum atls_rc
verify(EVP_MD_CTX *ctx, const struct lc_scheme *s,
    const struct atls_bytes *part, size_t nparts, struct atls_bytes sig)
{
	size_t i;

	if (nparts == 1)
		return EVP_DigestVerify(ctx, sig.p, sig.len, part[0].p,
		    part[0].len) == 1 ? ATLS_OK : ATLS_E_SIG;
	if (s->md == NULL)
		return verify_joined(ctx, part, nparts, sig);
	for (i = 0; i < nparts; i++)
		if (part[i].len != 0 && EVP_DigestVerifyUpdate(ctx, part[i].p,
		    part[i].len) != 1)
			return ATLS_E_CRYPTO;
	return EVP_DigestVerifyFinal(ctx, sig.p, sig.len) == 1 ? ATLS_OK :
	    ATLS_E_SIG;
}

/*
 * libcrypto itself refuses ECDSA signatures that are not the DER of their
 * numbers, and S over the group order for Ed25519; it takes RSA signatures
 * with leading zeros left out, so their length is for us (RFC 8017, 8.1.2).
 */
enum atls_rc
crypto_verify_parts(const struct crypto_key *key, unsigned scheme,
    const struct atls_bytes *part, size_t nparts, struct atls_bytes sig)
{
	const struct lc *lc = lc_get();
	const struct lc_scheme *s = lc_scheme(scheme);
	enum atls_rc rc = ATLS_E_CRYPTO;
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;

	if (key == NULL)
		return ATLS_E_ARG;
	if (lc == NULL)
		return ATLS_E_MEM;
	if (s == NULL)
		return ATLS_E_UNKNOWN;
	if (s->kind != key->kind || sig.len == 0 || sig.len > ATLS_SIG_MAX)
		return ATLS_E_SIG;
	if (key->kind == LC_RSA && sig.len != key->size)
		return ATLS_E_SIG;
	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return lc_rc(ATLS_E_MEM);
	if (EVP_DigestVerifyInit_ex(ctx, &pctx, s->md, lc->thin, NULL,
	    key->pkey, NULL) == 1 && lc_scheme_set(s, pctx) == 1)
		rc = verify(ctx, s, part, nparts, sig);
	EVP_MD_CTX_free(ctx);
	if (rc == ATLS_OK) {
		ERR_clear_error();
		return ATLS_OK;
	}
	return lc_rc(rc);
}

enum atls_rc
crypto_verify(const struct crypto_key *key, unsigned scheme,
    struct atls_bytes msg, struct atls_bytes sig)
{
	return crypto_verify_parts(key, scheme, &msg, 1, sig);
}

/* X.690, 8.3: the fewest octets, and none of them makes it negative. */
static void
put_integer(struct wr *w, struct atls_bytes v)
{
	struct rd r = rd_of(v), rest = r;
	size_t mark;

	while (r.left > 1 && rd_be(&r, 1) == 0)
		rest = r;
	if (v.len == 0 || rest.left > LC_FIELD_MAX)
		wr_fail(w, ATLS_E_ARG);
	r = rest;
	wr_be(w, 0x02, 1);
	mark = wr_open(w, 1);
	wr_zeros(w, rd_be(&r, 1) >= 0x80 ? 1 : 0);
	wr_bytes(w, rd_rest(&rest));
	wr_close(w, mark, 1);
}

/* RFC 3279, 2.2.3: Ecdsa-Sig-Value. */
enum atls_rc
crypto_ecdsa_der(struct atls_bytes r, struct atls_bytes s,
    struct atls_buf *out)
{
	uint8_t b[2 * (LC_FIELD_MAX + 3)];
	struct atls_buf body = { b, sizeof(b), 0 };
	struct wr w = wr_of(&body);
	enum atls_rc rc;

	put_integer(&w, r);
	put_integer(&w, s);
	rc = wr_done(&w);
	w = wr_of(out);
	if (rc != ATLS_OK)
		wr_fail(&w, rc);
	wr_be(&w, 0x30, 1);
	if (body.len >= 0x80)
		wr_be(&w, 0x81, 1);
	wr_be(&w, body.len, 1);
	wr_bytes(&w, (struct atls_bytes){ b, body.len });
	return wr_done(&w);
}
