/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../src/crypto/crypto.h"
#include "fault.h"

static enum fault_family armed;
static unsigned count, at;
static bool fired;

void
fault_set(enum fault_family family, unsigned n)
{
	armed = family;
	at = n;
	count = 0;
	fired = false;
}

bool
fault_fired(void)
{
	return fired;
}

unsigned
fault_count(void)
{
	return count;
}

bool
fault_hit(enum fault_family family)
{
	if (family != armed || armed == FAULT_NONE || ++count != at)
		return false;
	fired = true;
	return true;
}

/* ld --wrap: X is __wrap_X, and __real_X is X.  Weak: not all are wrapped. */
#define REAL	__attribute__((weak))

REAL void	*__real_malloc(size_t);
REAL void	*__real_calloc(size_t, size_t);
REAL void	*__real_realloc(void *, size_t);
void		*__wrap_malloc(size_t);
void		*__wrap_calloc(size_t, size_t);
void		*__wrap_realloc(void *, size_t);

void *
__wrap_malloc(size_t n)
{
	return fault_hit(FAULT_MEM) ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fault_hit(FAULT_MEM) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fault_hit(FAULT_MEM) ? NULL : __real_realloc(p, n);
}

/* WRAP(name, parameters, arguments, outputs on failure) */
#define WRAP(name, params, args, onfail)				\
	REAL enum atls_rc __real_##name params;				\
	enum atls_rc	  __wrap_##name params;				\
	enum atls_rc							\
	__wrap_##name params						\
	{								\
		if (!fault_hit(FAULT_CRYPTO))				\
			return __real_##name args;			\
		onfail;							\
		return ATLS_E_CRYPTO;					\
	}

WRAP(crypto_hash, (enum atls_hash h, const struct atls_bytes *part, size_t n,
    uint8_t *out), (h, part, n, out), memset(out, 0, crypto_hash_len(h)))
WRAP(crypto_hmac, (enum atls_hash h, struct atls_bytes key,
    struct atls_bytes msg, uint8_t *out), (h, key, msg, out),
    memset(out, 0, crypto_hash_len(h)))
WRAP(crypto_random, (uint8_t *out, size_t n), (out, n), memset(out, 0, n))
WRAP(crypto_verify, (const struct crypto_key *key, unsigned scheme,
    struct atls_bytes msg, struct atls_bytes sig), (key, scheme, msg, sig), )
WRAP(crypto_chain_get, (struct atls_trust *trust,
    const struct atls_bytes *der, size_t n, struct crypto_chain **out,
    struct atls_err *err), (trust, der, n, out, err), *out = NULL)
WRAP(crypto_chain_verify, (struct crypto_chain *c, struct atls_trust *trust,
    unsigned peer, const char *name, int64_t now, int64_t *not_after,
    const char *where, struct atls_err *err),
    (c, trust, peer, name, now, not_after, where, err), )

WRAP(crypto_chain_verify_crls, (struct crypto_chain *c,
    struct atls_trust *trust, unsigned form, const struct atls_bytes *crl,
    size_t ncrls, int64_t now, int64_t *from, int64_t *until,
    const char *where, struct atls_err *err),
    (c, trust, form, crl, ncrls, now, from, until, where, err), )

/* Not through the wrapper, which is of another family. */
#define REALLY(name)	(__real_##name != NULL ? __real_##name : name)

static void *
lc_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n == 0 || fault_hit(FAULT_LIBCRYPTO) ? NULL : REALLY(malloc)(n);
}

static void *
lc_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n == 0) {
		free(p);
		return NULL;
	}
	return fault_hit(FAULT_LIBCRYPTO) ? NULL : REALLY(realloc)(p, n);
}

static void
lc_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

bool
fault_libcrypto(void)
{
	return CRYPTO_set_mem_functions(lc_malloc, lc_realloc, lc_free) == 1;
}
