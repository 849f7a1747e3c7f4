/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTF8_H
#define UTF8_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * One character of UTF-8 (RFC 3629, 4): no overlong forms, no surrogates,
 * nothing over U+10FFFF.  E_FORMAT, E_TRUNC; 0 is then returned.
 */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures r->rc != ATLS_OK ==> \result == 0; */
uint32_t	utf8_get(struct rd *r);

/* The same, the other way; E_ARG for what is not a scalar value. */
/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void		utf8_put(struct wr *w, uint32_t c);

/* Is all of it UTF-8? */
/*@ requires view_ok(s);
    assigns \nothing;
    exits \false; */
bool		utf8_ok(struct atls_bytes s);

#endif
