/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTF8_H
#define UTF8_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * One character of UTF-8 (RFC 3629, 4): no overlong forms, no surrogates,
 * nothing over U+10FFFF.  E_FORMAT, E_TRUNC; 0 is then returned.
 */
uint32_t	utf8_get(struct rd *);

/* The same, the other way; E_ARG for what is not a scalar value. */
void		utf8_put(struct wr *, uint32_t);

/* Is all of it UTF-8? */
bool		utf8_ok(struct atls_bytes);

#endif
