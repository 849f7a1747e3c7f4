/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HEX_H
#define HEX_H

#include "../base/wr.h"

/* Hexadecimal: lower case is written, both are read.  E_FORMAT: not an even
 * number of digits and nothing else. */
/*@ requires wr_ok(w) && view_ok(octets);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	hex_put(struct wr *w, struct atls_bytes octets);
/*@ requires wr_ok(w) && view_ok(text);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	hex_get(struct wr *w, struct atls_bytes text);

/* The value of one digit, HEX_NONE if it is none. */
enum { HEX_NONE = 16 };
/*@ assigns \nothing;
    exits \false;
    ensures \result <= HEX_NONE; */
unsigned	hex_digit(unsigned c);

#endif
