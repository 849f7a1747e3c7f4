/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

/*
 * Makes the n-th call of a family fail, once.  Link with
 *
 *	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=crypto_hash,
 *	--wrap=crypto_hmac,--wrap=crypto_verify,--wrap=crypto_random,
 *	--wrap=crypto_chain_get,--wrap=crypto_chain_verify,
 *	--wrap=crypto_chain_verify_crls
 *
 * or as many of these as are wanted: what is not wrapped never fails.  Calls
 * within one object file are not seen, nor is what a shared library calls,
 * but for libcrypto's memory: see fault_libcrypto().
 *
 *	for (n = 1; fault_set(FAULT_MEM, n), try_it(), fault_fired(); n++)
 *		check that it failed;
 *	fault_set(FAULT_NONE, 0);
 */
enum fault_family {
	FAULT_NONE = 0,
	FAULT_MEM,		/* malloc, calloc, realloc: NULL */
	FAULT_CRYPTO,		/* crypto_*: E_CRYPTO */
	FAULT_LIBCRYPTO,	/* libcrypto's memory */
	FAULT_OWN,		/* the test's own: see fault_hit() */
};

/* From now on the n-th call of the family fails; 0: they are counted only. */
void		fault_set(enum fault_family, unsigned n);
bool		fault_fired(void);	/* did it fail since fault_set()? */
unsigned	fault_count(void);	/* calls of the family since then */

/* For a test's own callbacks: is this the call that has to fail? */
bool		fault_hit(enum fault_family);

/* Before anything else uses libcrypto.  false: too late. */
bool		fault_libcrypto(void);

#endif
