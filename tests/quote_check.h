/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QUOTE_CHECK_H
#define QUOTE_CHECK_H

#include "quote_make.h"

/*
 * quote_check() parses a quote from a block of just its size and makes all
 * checks that are about the quote itself (see quote_ours).  1, or res->why.
 * Those that were made are kept by name, for quote_steps().
 */
int	quote_check(const struct quote *, enum atls_kind, bool allow_debug,
	    struct atls_result *res);

#define QUOTE_STEPS	64

struct quote_steps {
	const char	*where[QUOTE_STEPS];
	size_t		 n;
};

/* What the last quote_check() has checked, in order. */
const struct quote_steps *quote_steps(void);

#endif
