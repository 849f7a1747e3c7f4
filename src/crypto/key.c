/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "../base/rd.h"
#include "../base/wr.h"
#include "../codec/der.h"
#include "lc.h"

/*
 * SubjectPublicKeyInfo of a named curve with an uncompressed point (RFC 5480,
 * 2.1.1 and 2.2), and of Ed25519 (RFC 8410, 4): all octets before the key.
 * No other form of such a key is taken: no compressed or hybrid point, no
 * explicit parameters, and nothing of the length of the point at infinity.
 */
static const struct form {
	enum lc_kind	 kind;
	const char	*head;
	size_t		 nhead, field;
} forms[] = {
	{ LC_P256, "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02"
	    "\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04",
	    27, 32 },
	{ LC_P384, "\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02"
	    "\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00\x04", 24, 48 },
	{ LC_P521, "\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d"
	    "\x02\x01\x06\x05\x2b\x81\x04\x00\x23\x03\x81\x86\x00\x04",
	    26, 66 },
	{ LC_ED25519, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
	    12, 32 },
};

/* The form that spki has, with its key: x and y, or x alone.  Or NULL. */
static const struct form *
form_of(struct atls_bytes spki, struct atls_bytes *x, struct atls_bytes *y)
{
	const struct form *f;
	struct rd r;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		f = &forms[i];
		r = rd_of(spki);
		if (!atls_ct_eq(rd_take(&r, f->nhead), (struct atls_bytes){
		    (const uint8_t *)f->head, f->nhead }))
			continue;
		*x = rd_take(&r, f->field);
		*y = rd_take(&r, f->kind != LC_ED25519 ? f->field : 0);
		return rd_done(&r) == ATLS_OK ? f : NULL;
	}
	return NULL;
}

/* RFC 3279, 2.3.1: rsaEncryption, with parameters that are NULL. */
static const uint8_t rsa_encryption[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
    0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

static enum atls_rc
rsa_of(struct atls_bytes spki, struct atls_bytes *n, uint64_t *e)
{
	struct rd r = rd_of(spki), seq = der_get(&r, DER_SEQUENCE), bits, key;
	struct atls_bytes alg = rd_take(&seq, sizeof(rsa_encryption)), v;

	if (r.rc != ATLS_OK)
		return r.rc;
	if (!atls_ct_eq(alg, ATLS_ARRAY(rsa_encryption)))
		return ATLS_E_UNKNOWN;
	bits = der_get(&seq, DER_BIT_STRING);
	if (rd_be(&bits, 1) != 0)		/* unused bits */
		rd_fail(&bits, ATLS_E_FORMAT);
	key = der_get(&bits, DER_SEQUENCE);
	*n = der_natural(&key);
	v = der_natural(&key);
	rd_close(&bits, &key);
	rd_close(&seq, &bits);
	rd_close(&r, &seq);
	if (rd_done(&r) != ATLS_OK)
		return rd_done(&r);
	if (v.len > sizeof(*e))
		return ATLS_E_LIMIT;
	r = rd_of(v);
	*e = rd_be(&r, v.len);
	return ATLS_OK;
}

/* RFC 8017, 3.1: both are odd, and e is at least 3. */
static enum atls_rc
rsa_size(struct atls_bytes n, uint64_t e, size_t *size)
{
	struct rd r = rd_of(n);
	size_t bits;
	int first;

	while ((first = rd_peek(r)) == 0)
		(void)rd_be(&r, 1);
	if (first < 0 || n.p[n.len - 1] % 2 == 0 || e < 3 || e % 2 == 0)
		return ATLS_E_FORMAT;
	*size = r.left;
	for (bits = 8 * r.left; first < 0x80; first <<= 1)
		bits--;
	return bits < LC_RSA_MIN || bits > LC_RSA_MAX ? ATLS_E_LIMIT :
	    ATLS_OK;
}

enum atls_rc
lc_key_form(struct atls_bytes spki, struct crypto_key *out)
{
	struct crypto_key k = { .kind = LC_RSA };
	struct atls_bytes x, y;
	const struct form *f;
	enum atls_rc rc;
	uint64_t e;

	*out = (struct crypto_key){ .pkey = NULL };
	if ((f = form_of(spki, &x, &y)) != NULL)
		k.kind = f->kind;
	else if ((rc = rsa_of(spki, &x, &e)) != ATLS_OK ||
	    (rc = rsa_size(x, e, &k.size)) != ATLS_OK)
		return rc;
	*out = k;
	return ATLS_OK;
}

/* Takes pkey over, also when it fails. */
static enum atls_rc
key_new(EVP_PKEY *pkey, enum lc_kind kind, size_t size,
    struct crypto_key **out)
{
	if (pkey == NULL)
		return lc_rc(ATLS_E_FORMAT);
	if ((*out = malloc(sizeof(**out))) == NULL) {
		EVP_PKEY_free(pkey);
		return lc_rc(ATLS_E_MEM);
	}
	**out = (struct crypto_key){ pkey, kind, size };
	ERR_clear_error();
	return ATLS_OK;
}

/* NULL, with the reason in the error queue. */
static EVP_PKEY *
key_from(const struct lc *lc, const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey = NULL;

	if ((ctx = EVP_PKEY_CTX_new_from_name(lc->thin, type, NULL)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* NULL, with the reason in the error queue.  Checks that the point is one. */
static EVP_PKEY *
key_on(EVP_PKEY *curve, struct atls_bytes point)
{
	EVP_PKEY *pkey = EVP_PKEY_dup(curve);

	if (pkey != NULL && EVP_PKEY_set1_encoded_public_key(pkey, point.p,
	    point.len) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

static enum atls_rc
key_ec(const struct form *f, struct atls_bytes x, struct atls_bytes y,
    struct crypto_key **out)
{
	const struct lc *lc = lc_get();
	uint8_t b[1 + 2 * LC_FIELD_MAX];
	struct atls_buf point = { b, sizeof(b), 0 };
	struct wr w = wr_of(&point);

	if (lc == NULL)
		return ATLS_E_MEM;
	if (x.len < 1 || x.len > f->field || y.len < 1 || y.len > f->field)
		return ATLS_E_FORMAT;
	wr_be(&w, 4, 1);			/* SEC 1, 2.3.3: uncompressed */
	wr_zeros(&w, f->field - x.len);
	wr_bytes(&w, x);
	wr_zeros(&w, f->field - y.len);
	wr_bytes(&w, y);
	if (wr_done(&w) != ATLS_OK)
		return ATLS_E_FORMAT;
	return key_new(key_on(lc->curve[f->kind], (struct atls_bytes){ b,
	    point.len }), f->kind, 0, out);
}

enum atls_rc
crypto_key_ec(enum crypto_curve curve, struct atls_bytes x,
    struct atls_bytes y, struct crypto_key **out)
{
	*out = NULL;
	switch (curve) {
	case CRYPTO_P256:	return key_ec(&forms[0], x, y, out);
	case CRYPTO_P384:	return key_ec(&forms[1], x, y, out);
	case CRYPTO_P521:	return key_ec(&forms[2], x, y, out);
	}
	return ATLS_E_ARG;
}

enum atls_rc
crypto_key_rsa(struct atls_bytes n, uint64_t e, struct crypto_key **out)
{
	const struct lc *lc = lc_get();
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM_BLD *bld = NULL;
	OSSL_PARAM *params = NULL;
	BIGNUM *bn = NULL;
	enum atls_rc rc;
	size_t size;

	*out = NULL;
	if (lc == NULL)
		return ATLS_E_MEM;
	if ((rc = rsa_size(n, e, &size)) != ATLS_OK)
		return rc;
	if (n.len > LC_RSA_MAX / 8)		/* zeros before it */
		return ATLS_E_LIMIT;
	if ((bn = BN_bin2bn(n.p, (int)n.len, NULL)) != NULL &&
	    (bld = OSSL_PARAM_BLD_new()) != NULL &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
	    OSSL_PARAM_BLD_push_uint64(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(bld)) != NULL)
		pkey = key_from(lc, "RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(bn);
	return key_new(pkey, LC_RSA, size, out);
}

enum atls_rc
crypto_key_spki(struct atls_bytes der, struct crypto_key **out)
{
	const struct lc *lc = lc_get();
	struct atls_bytes x, y;
	const struct form *f;
	enum atls_rc rc;
	uint64_t e;

	*out = NULL;
	if (lc == NULL)
		return ATLS_E_MEM;
	if ((f = form_of(der, &x, &y)) == NULL) {
		rc = rsa_of(der, &x, &e);
		return rc == ATLS_OK ? crypto_key_rsa(x, e, out) : rc;
	}
	if (f->kind != LC_ED25519)
		return key_ec(f, x, y, out);
	return key_new(EVP_PKEY_new_raw_public_key_ex(lc->thin, "ED25519",
	    NULL, x.p, x.len), f->kind, 0, out);
}

int
crypto_key_eq(const struct crypto_key *a, const struct crypto_key *b)
{
	int ok;

	if (a == NULL || b == NULL || a->kind != b->kind)
		return 0;
	ok = EVP_PKEY_eq(a->pkey, b->pkey);
	ERR_clear_error();
	return ok == 1 ? 1 : 0;
}

bool
crypto_key_fits(const struct crypto_key *key, unsigned scheme)
{
	const struct lc_scheme *s = lc_scheme(scheme);

	return key != NULL && s != NULL && s->kind == key->kind;
}

void
crypto_key_free(struct crypto_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum atls_rc
crypto_keys_pem(struct atls_bytes pem, struct crypto_key **out, size_t max,
    size_t *n)
{
	enum atls_rc rc = ATLS_OK;
	size_t len;
	uint8_t *der;
	int more = 0;
	BIO *b;

	*n = 0;
	if (pem.len > LC_PEM_MAX)
		return ATLS_E_LIMIT;
	if ((b = lc_pem_open(pem)) == NULL)
		return lc_rc(ATLS_E_MEM);
	while (rc == ATLS_OK && (more = lc_pem_next(b, PEM_STRING_PUBLIC, &der,
	    &len)) == 1) {
		rc = *n == max ? ATLS_E_LIMIT : crypto_key_spki(
		    (struct atls_bytes){ der, len }, &out[*n]);
		OPENSSL_free(der);
		if (rc == ATLS_OK)
			(*n)++;
	}
	if (rc == ATLS_OK && (more != 0 || *n == 0))
		rc = lc_rc(ATLS_E_FORMAT);
	BIO_free(b);
	ERR_clear_error();
	return rc;
}
