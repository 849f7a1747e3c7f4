/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAIL_H
#define FAIL_H

#include <atls/error.h>

/*
 * Records a cause as the core does, for libraries beside it: the first one
 * stays.  Each of them has a copy of its own; the name is not public.
 */
enum atls_rc	fail_set(struct atls_err *, enum atls_rc, const char *where,
		    const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));

#endif
