/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HEX_H
#define HEX_H

#include "../base/wr.h"

/* Hexadecimal: lower case is written, both are read.  E_FORMAT: not an even
 * number of digits and nothing else. */
void	hex_put(struct wr *, struct atls_bytes octets);
void	hex_get(struct wr *, struct atls_bytes text);

/* The value of one digit, HEX_NONE if it is none. */
enum { HEX_NONE = 16 };
unsigned	hex_digit(unsigned c);

#endif
