/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include "../base/err.h"
#include "../base/rd.h"
#include "../codec/der.h"
#include "lc.h"

/*
 * The thin provider.  libcrypto 3.0 tries every decoder it knows of on every
 * public key, and asks every kind of key whether it is meant: 55 of the 91
 * microseconds that a P-256 certificate takes.  So keys of peers are decoded
 * in a context whose only provider hands on what the default one has, all of
 * it, except keys that no peer may show.
 */
static const char *const kinds[] = { "EC", "ED25519", "RSA" };

#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

static OSSL_PROVIDER *whole;		/* the default provider */
static OSSL_ALGORITHM decoders[NKINDS + 1], keys[NKINDS + 1];

/* Is the first of its names, which colons part, one of ours? */
static bool
is_kind(const OSSL_ALGORITHM *a)
{
	size_t i, n = strcspn(a->algorithm_names, ":");

	for (i = 0; i < NKINDS; i++)
		if (strlen(kinds[i]) == n &&
		    strncmp(a->algorithm_names, kinds[i], n) == 0)
			return true;
	return false;
}

static bool
is_spki(const OSSL_ALGORITHM *a)
{
	return strstr(a->property_definition, "input=der") != NULL &&
	    strstr(a->property_definition,
	    "structure=SubjectPublicKeyInfo") != NULL;
}

static void
choose(int op, OSSL_ALGORITHM few[NKINDS + 1])
{
	const OSSL_ALGORITHM *a;
	int no_cache;
	size_t n = 0;

	a = OSSL_PROVIDER_query_operation(whole, op, &no_cache);
	for (; a != NULL && a->algorithm_names != NULL; a++)
		if (n < NKINDS && is_kind(a) && (op == OSSL_OP_KEYMGMT ||
		    is_spki(a)))
			few[n++] = *a;
	few[n] = (OSSL_ALGORITHM){ NULL, NULL, NULL, NULL };
}

static const OSSL_ALGORITHM *
thin_query(void *provctx, int op, int *no_cache)
{
	(void)provctx;
	if (op != OSSL_OP_DECODER && op != OSSL_OP_KEYMGMT)
		return OSSL_PROVIDER_query_operation(whole, op, no_cache);
	*no_cache = 0;
	return op == OSSL_OP_DECODER ? decoders : keys;
}

static const OSSL_DISPATCH thin_dispatch[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))thin_query },
	{ 0, NULL },
};

static int
thin_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **out, void **provctx)
{
	(void)handle;
	(void)in;
	choose(OSSL_OP_DECODER, decoders);
	choose(OSSL_OP_KEYMGMT, keys);
	*out = thin_dispatch;
	*provctx = OSSL_PROVIDER_get0_provider_ctx(whole);
	return 1;
}

static void
lc_free(struct lc *lc)
{
	size_t i;

	for (i = 0; i < sizeof(lc->md) / sizeof(lc->md[0]); i++)
		EVP_MD_free(lc->md[i]);
	for (i = LC_P256; i <= LC_P521; i++)
		EVP_PKEY_free(lc->curve[i]);
	EVP_MAC_free(lc->hmac);
	(void)OSSL_PROVIDER_unload(lc->thin_provider);
	OSSL_LIB_CTX_free(lc->thin);
	(void)OSSL_PROVIDER_unload(lc->full_provider);
	OSSL_LIB_CTX_free(lc->full);
	free(lc);
}

/* NULL: no memory.  Setting up a curve takes longer than copying it. */
static EVP_PKEY *
curve_new(OSSL_LIB_CTX *ctx, const char *name)
{
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(ctx, "EC", NULL);
	EVP_PKEY *out = NULL;

	if (gen == NULL || EVP_PKEY_paramgen_init(gen) != 1 ||
	    EVP_PKEY_CTX_set_group_name(gen, name) != 1 ||
	    EVP_PKEY_paramgen(gen, &out) != 1) {
		EVP_PKEY_free(out);
		out = NULL;
	}
	EVP_PKEY_CTX_free(gen);
	return out;
}

static bool
fetch(struct lc *lc)
{
	lc->md[ATLS_SHA256] = EVP_MD_fetch(lc->thin, "SHA256", NULL);
	lc->md[ATLS_SHA384] = EVP_MD_fetch(lc->thin, "SHA384", NULL);
	lc->md[ATLS_SHA512] = EVP_MD_fetch(lc->thin, "SHA512", NULL);
	lc->hmac = EVP_MAC_fetch(lc->thin, "HMAC", NULL);
	lc->curve[LC_P256] = curve_new(lc->thin, "P-256");
	lc->curve[LC_P384] = curve_new(lc->thin, "P-384");
	lc->curve[LC_P521] = curve_new(lc->thin, "P-521");
	return lc->md[ATLS_SHA256] != NULL && lc->md[ATLS_SHA384] != NULL &&
	    lc->md[ATLS_SHA512] != NULL && lc->hmac != NULL &&
	    lc->curve[LC_P256] != NULL && lc->curve[LC_P384] != NULL &&
	    lc->curve[LC_P521] != NULL;
}

static struct lc *
lc_new(void)
{
	struct lc *lc;

	if ((lc = calloc(1, sizeof(*lc))) == NULL)
		return NULL;
	if ((lc->full = OSSL_LIB_CTX_new()) == NULL ||
	    (whole = OSSL_PROVIDER_load(lc->full, "default")) == NULL)
		goto fail;
	lc->full_provider = whole;
	if ((lc->thin = OSSL_LIB_CTX_new()) == NULL ||
	    OSSL_PROVIDER_add_builtin(lc->thin, "atls", thin_init) != 1 ||
	    (lc->thin_provider = OSSL_PROVIDER_load(lc->thin, "atls")) == NULL)
		goto fail;
	if (fetch(lc))
		return lc;
fail:
	lc_free(lc);
	return NULL;
}

/*
 * Made at first use and kept to the end of the process: at exit libcrypto
 * cleans up after itself before we could.  A failure is not remembered.
 */
const struct lc *
lc_get(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static _Atomic(struct lc *) made;
	struct lc *lc;

	if ((lc = atomic_load_explicit(&made, memory_order_acquire)) != NULL)
		return lc;
	(void)pthread_mutex_lock(&lock);
	if ((lc = atomic_load(&made)) == NULL && (lc = lc_new()) != NULL)
		atomic_store_explicit(&made, lc, memory_order_release);
	(void)pthread_mutex_unlock(&lock);
	if (lc == NULL)
		ERR_clear_error();
	return lc;
}

enum atls_rc
lc_rc(enum atls_rc rc)
{
	unsigned long e;

	while ((e = ERR_get_error()) != 0)
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			rc = ATLS_E_MEM;
	return rc;
}

enum atls_rc
lc_err(struct atls_err *err, enum atls_rc rc, const char *where,
    const char *what, size_t number)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	return err_set(err, lc_rc(rc), where, 0, "%s %zu: %s", what, number,
	    why != NULL ? why : "not what it should be");
}

BIO *
lc_pem_open(struct atls_bytes pem)
{
	return pem.len > LC_PEM_MAX ? NULL :
	    BIO_new_mem_buf(pem.len > 0 ? (const void *)pem.p : "",
	    (int)pem.len);
}

int
lc_pem_next(BIO *b, const char *type, uint8_t **der, size_t *len)
{
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	unsigned long e;
	long n = 0;
	int ok;

	*der = NULL;
	*len = 0;
	ERR_clear_error();
	if (PEM_read_bio(b, &name, &header, &data, &n) != 1) {
		e = ERR_peek_last_error();
		ok = ERR_GET_LIB(e) == ERR_LIB_PEM &&
		    ERR_GET_REASON(e) == PEM_R_NO_START_LINE ? 0 : -1;
		if (ok == 0)
			ERR_clear_error();
		return ok;
	}
	ok = strcmp(name, type) == 0 && header[0] == '\0' && n > 0 ? 1 : -1;
	OPENSSL_free(name);
	OPENSSL_free(header);
	if (ok != 1) {
		OPENSSL_clear_free(data, n > 0 ? (size_t)n : 0);
		return ok;
	}
	*der = data;
	*len = (size_t)n;
	return ok;
}

X509 *
lc_cert(OSSL_LIB_CTX *ctx, struct atls_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x;

	if (der.len == 0 || der.len > LC_CERT_MAX)
		return NULL;
	if ((x = X509_new_ex(ctx, NULL)) == NULL)
		return NULL;
	if (d2i_X509(&x, &p, (long)der.len) != NULL && p == der.p + der.len)
		return x;
	X509_free(x);
	return NULL;
}

X509_CRL *
lc_crl(OSSL_LIB_CTX *ctx, struct atls_bytes der)
{
	const unsigned char *p = der.p;
	X509_CRL *crl;

	if (der.len == 0 || der.len > LC_PEM_MAX)
		return NULL;
	if ((crl = X509_CRL_new_ex(ctx, NULL)) == NULL)
		return NULL;
	/* RFC 5280, 5.1.2.5: nextUpdate must be there, else it never ends */
	if (d2i_X509_CRL(&crl, &p, (long)der.len) != NULL &&
	    p == der.p + der.len && X509_CRL_get0_nextUpdate(crl) != NULL)
		return crl;
	X509_CRL_free(crl);
	return NULL;
}

/*
 * RFC 5280, 4.1.  What the signature does not cover must be DER and say what
 * the signed part says (4.1.1.2): nobody but the issuer can write a
 * certificate in another way.
 */
struct atls_bytes
lc_cert_spki(struct atls_bytes der)
{
	struct rd r = rd_of(der), cert = der_get(&r, DER_SEQUENCE);
	struct rd tbs = der_get(&cert, DER_SEQUENCE);
	struct atls_bytes alg, spki;

	if (rd_peek(tbs) == DER_CONTEXT)	/* version */
		(void)der_get(&tbs, DER_CONTEXT);
	(void)der_get(&tbs, DER_INTEGER);	/* serialNumber */
	alg = der_item(&tbs, DER_SEQUENCE);
	(void)der_get(&tbs, DER_SEQUENCE);	/* issuer */
	(void)der_get(&tbs, DER_SEQUENCE);	/* validity */
	(void)der_get(&tbs, DER_SEQUENCE);	/* subject */
	spki = der_item(&tbs, DER_SEQUENCE);
	if (!atls_ct_eq(der_item(&cert, DER_SEQUENCE), alg))
		rd_fail(&cert, ATLS_E_FORMAT);
	(void)der_get(&cert, DER_BIT_STRING);	/* signatureValue */
	rd_close(&r, &cert);
	if (tbs.rc != ATLS_OK || rd_done(&r) != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return spki;
}
