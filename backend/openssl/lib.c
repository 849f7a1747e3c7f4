/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is one of in a process, made when first needed and kept until it
 * ends: SSL objects of an application may refer to it for as long.  That it
 * could not be made is not remembered.
 */
#include <pthread.h>
#include <stdatomic.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "ob.h"

struct lib {
	OSSL_LIB_CTX	*ours, *full;
	BIO_METHOD	*sock;
	int		 errors;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(const struct lib *) made;
static atomic_int ctx_index = -1, conn_index = -1;

/*
 * A library context of our own, because our provider has key types of common
 * names: nothing that an application fetches must ever find them.
 */
static struct lib *
lib_new(void)
{
	struct lib *l = OPENSSL_zalloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	l->ours = OSSL_LIB_CTX_new();
	l->full = OSSL_LIB_CTX_new();
	l->sock = ob_sock_method();
	l->errors = ERR_get_next_error_library();
	if (l->ours != NULL && l->full != NULL && l->sock != NULL &&
	    ob_thin_provide(l->ours, l->full) == 1 &&
	    ob_key_provide(l->ours) == 1)
		return l;
	BIO_meth_free(l->sock);
	OSSL_LIB_CTX_free(l->ours);
	OSSL_LIB_CTX_free(l->full);
	OPENSSL_free(l);
	return NULL;
}

static const struct lib *
lib_get(void)
{
	const struct lib *l;

	if ((l = atomic_load_explicit(&made, memory_order_acquire)) != NULL)
		return l;
	(void)pthread_mutex_lock(&lock);
	if ((l = atomic_load(&made)) == NULL && (l = lib_new()) != NULL)
		atomic_store_explicit(&made, l, memory_order_release);
	(void)pthread_mutex_unlock(&lock);
	return l;
}

OSSL_LIB_CTX *
ob_lib(void)
{
	const struct lib *l = lib_get();

	return l == NULL ? NULL : l->ours;
}

int
ob_errors(void)
{
	const struct lib *l = lib_get();

	return l == NULL ? ERR_LIB_USER : l->errors;
}

BIO *
ob_sock(int fd)
{
	const struct lib *l = lib_get();
	BIO *b;

	if (l == NULL || (b = BIO_new(l->sock)) == NULL)
		return NULL;
	if (BIO_set_fd(b, fd, BIO_NOCLOSE) == 1)
		return b;
	BIO_free(b);
	return NULL;
}

static void
ctx_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
    void *argp)
{
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	OPENSSL_free(ptr);
}

static void
conn_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
    void *argp)
{
	struct ob_conn *c = ptr;

	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	if (c == NULL)
		return;
	OPENSSL_free(c->spki[0].p);
	OPENSSL_free(c->spki[1].p);
	OPENSSL_free(c->leaf.p);
	OPENSSL_free(c->own.p);
	ob_transcript_end(&c->hellos);
	ob_carry_end(c);
	OPENSSL_free(c);
}

/* SSL_dup(): the copy starts with nothing of ours. */
static int
conn_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **ptr, int idx,
    long argl, void *argp)
{
	(void)to, (void)from, (void)idx, (void)argl, (void)argp;
	*ptr = NULL;
	return 1;
}

/* Called for each connection, so without a lock once they are there. */
static int
index_get(atomic_int *index)
{
	int i;

	if ((i = atomic_load(index)) != -1)
		return i;
	(void)pthread_mutex_lock(&lock);
	if ((i = atomic_load(index)) == -1) {
		i = index == &ctx_index ?
		    SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, ctx_free) :
		    SSL_get_ex_new_index(0, NULL, NULL, conn_dup, conn_free);
		atomic_store(index, i);
	}
	(void)pthread_mutex_unlock(&lock);
	return i;
}

struct ob_ctx *
ob_ctx_of(SSL_CTX *ctx, bool make)
{
	struct ob_ctx *c = NULL;
	int i = index_get(&ctx_index);

	if (i == -1 || (c = SSL_CTX_get_ex_data(ctx, i)) != NULL || !make)
		return c;
	if ((c = OPENSSL_zalloc(sizeof(*c))) != NULL &&
	    SSL_CTX_set_ex_data(ctx, i, c) != 1) {
		OPENSSL_free(c);
		c = NULL;
	}
	return c;
}

struct ob_conn *
ob_conn_of(SSL *ssl, bool make)
{
	struct ob_conn *c = NULL;
	int i = index_get(&conn_index);

	if (i == -1 || (c = SSL_get_ex_data(ssl, i)) != NULL || !make)
		return c;
	if ((c = OPENSSL_zalloc(sizeof(*c))) != NULL &&
	    SSL_set_ex_data(ssl, i, c) != 1) {
		OPENSSL_free(c);
		c = NULL;
	}
	return c;
}
