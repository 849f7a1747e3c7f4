/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "../base/err.h"
#include "lc.h"

/* An identity of ours.  What id.key says may be the caller's; own is not. */
struct software {
	struct atls_identity	 id;
	uint8_t			*der[ATLS_CHAIN_MAX];
	EVP_PKEY		*own;
	enum lc_kind		 kind;		/* of the leaf's key */
};

static enum atls_rc
software_sign(void *key, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	const struct software *sw = key;
	const struct lc_scheme *s = lc_scheme(scheme);
	const struct lc *lc = lc_get();
	size_t len = 0;
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;
	enum atls_rc rc;

	sig->len = 0;
	if (s == NULL || s->kind != sw->kind ||
	    s->padding == RSA_PKCS1_PADDING)
		return err_set(err, ATLS_E_ARG, "identity.sign", 0,
		    "scheme 0x%04x", (unsigned)scheme);
	if (lc == NULL || (ctx = EVP_MD_CTX_new()) == NULL)
		return err_set(err, lc_rc(ATLS_E_MEM), "identity.sign", 0,
		    "no memory");
	if (EVP_DigestSignInit_ex(ctx, &pctx, s->md, lc->full, NULL, sw->own,
	    NULL) != 1 || lc_scheme_set(s, pctx) != 1 ||
	    EVP_DigestSign(ctx, NULL, &len, tbs.p, tbs.len) != 1)
		rc = lc_err(err, ATLS_E_CRYPTO, "identity.sign", "key", 0);
	else if (len > sig->cap) {
		rc = err_set(err, ATLS_E_SPACE, "identity.sign", 0,
		    "%zu octets", len);
		sig->len = len;
	} else if (EVP_DigestSign(ctx, sig->p, &len, tbs.p, tbs.len) != 1)
		rc = lc_err(err, ATLS_E_CRYPTO, "identity.sign", "key", 0);
	else {
		sig->len = len;
		rc = ATLS_OK;
	}
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

static enum atls_rc
read_chain(struct software *sw, struct atls_bytes pem, struct atls_err *err)
{
	struct atls_identity *id = &sw->id;
	enum atls_rc rc = ATLS_OK;
	uint8_t *der;
	size_t len;
	int more;
	BIO *b;

	if ((b = lc_pem_open(pem)) == NULL)
		return lc_err(err, ATLS_E_FORMAT, "identity", "certificate",
		    0);
	while ((more = lc_pem_next(b, PEM_STRING_X509, &der, &len)) == 1) {
		if (id->nchain == ATLS_CHAIN_MAX) {
			OPENSSL_free(der);
			rc = err_set(err, ATLS_E_LIMIT, "identity", 0,
			    "more than %d certificates", ATLS_CHAIN_MAX);
			break;
		}
		sw->der[id->nchain] = der;
		id->chain[id->nchain++] = (struct atls_bytes){ der, len };
	}
	BIO_free(b);
	if (more < 0 || (rc == ATLS_OK && id->nchain == 0))
		rc = lc_err(err, ATLS_E_FORMAT, "identity", "certificate",
		    id->nchain);
	return rc;
}

/* Decodes the chain as a peer would, to learn what the leaf can sign. */
static enum atls_rc
read_leaf(struct software *sw, struct atls_err *err)
{
	struct atls_identity *id = &sw->id;
	const struct lc_scheme *s;
	struct crypto_chain *c;
	enum atls_rc rc;

	if ((rc = crypto_chain_get(NULL, id->chain, id->nchain, &c, err)) !=
	    ATLS_OK)
		return rc;
	sw->kind = crypto_chain_key(c)->kind;
	crypto_chain_free(c);
	for (s = lc_schemes; s->id != 0; s++)
		if (s->kind == sw->kind && s->padding != RSA_PKCS1_PADDING)
			id->scheme[id->nscheme++] = (uint16_t)s->id;
	if (id->nscheme == 0)
		return err_set(err, ATLS_E_ARG, "identity", 0,
		    "no signature scheme for this key");
	return ATLS_OK;
}

/* A library does not ask people for a passphrase. */
static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static enum atls_rc
read_key(struct software *sw, struct atls_bytes pem, struct atls_err *err)
{
	const struct lc *lc = lc_get();
	enum atls_rc rc = ATLS_OK;
	X509 *x = NULL;
	BIO *b;

	if (lc == NULL)
		return err_set(err, ATLS_E_MEM, "identity", 0, "no memory");
	if ((b = lc_pem_open(pem)) == NULL || (sw->own =
	    PEM_read_bio_PrivateKey_ex(b, NULL, no_passphrase, NULL, lc->full,
	    NULL)) == NULL)
		rc = lc_err(err, ATLS_E_FORMAT, "identity", "key", 0);
	else if ((x = lc_cert(lc->full, sw->id.chain[0])) == NULL)
		rc = lc_err(err, ATLS_E_FORMAT, "identity", "certificate", 0);
	else if (X509_check_private_key(x, sw->own) != 1)
		rc = lc_err(err, ATLS_E_ARG, "identity", "key", 0);
	X509_free(x);
	BIO_free(b);
	return rc;
}

struct atls_identity *
atls_identity_new(struct atls_bytes chain_pem, struct atls_bytes key_pem,
    struct atls_err *err)
{
	struct software *sw;
	enum atls_rc rc;

	if ((sw = calloc(1, sizeof(*sw))) == NULL) {
		(void)err_set(err, ATLS_E_MEM, "identity", 0, "no memory");
		return NULL;
	}
	rc = read_chain(sw, chain_pem, err);
	if (rc == ATLS_OK)
		rc = read_leaf(sw, err);
	if (rc == ATLS_OK && key_pem.len != 0) {
		rc = read_key(sw, key_pem, err);
		sw->id.key = sw;
		sw->id.sign = software_sign;
	}
	ERR_clear_error();
	if (rc == ATLS_OK)
		return &sw->id;
	atls_identity_free(&sw->id);
	return NULL;
}

/* libcrypto wipes the key when it frees it. */
void
atls_identity_free(struct atls_identity *id)
{
	struct software *sw = (struct software *)(void *)id;
	size_t i;

	if (id == NULL)
		return;
	EVP_PKEY_free(sw->own);
	for (i = 0; i < ATLS_CHAIN_MAX; i++)
		OPENSSL_free(sw->der[i]);
	atls_wipe(sw, sizeof(*sw));
	free(sw);
}
