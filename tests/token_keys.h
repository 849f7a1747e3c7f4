/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_KEYS_H
#define TOKEN_KEYS_H

#include "pki.h"
#include "token_make.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s: %s\n", __FILE__, #cond);		\
		abort();						\
	}								\
} while (0)

/* What makers of tokens sign with; kept until token_end(). */

/* 0: the signer, 1: a stranger, 2 and 3: the same of realms, 4: an AIK. */
EVP_PKEY	*token_key(size_t which, bool p384);

/* Nitro's root, and another certificate of the same key and name. */
const struct pki_cert *token_root(bool other);
const struct pki_cert *token_leaf(const struct token_opts *);

#endif
