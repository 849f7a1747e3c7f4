/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/rd.h"
#include "hex.h"

static const uint8_t digits[] = "0123456789abcdef";

unsigned
hex_digit(unsigned c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return HEX_NONE;
}

void
hex_put(struct wr *w, struct atls_bytes octets)
{
	struct rd r = rd_of(octets);
	unsigned b;

	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w) && rd_ok(r) &&
		r.rc == ATLS_OK;
	    loop assigns r, b, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left; */
	while (r.left > 0 && w->rc == ATLS_OK) {
		b = (unsigned)rd_be(&r, 1);
		wr_be(w, digits[b >> 4], 1);
		wr_be(w, digits[b & 15], 1);
	}
}

void
hex_get(struct wr *w, struct atls_bytes text)
{
	struct rd r = rd_of(text);
	unsigned hi, lo;

	if (text.len % 2 != 0)
		wr_fail(w, ATLS_E_FORMAT);
	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w) && rd_ok(r);
	    loop invariant w->rc == ATLS_OK ==>
		r.rc == ATLS_OK && r.left % 2 == 0;
	    loop assigns r, hi, lo, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left; */
	while (r.left > 0 && w->rc == ATLS_OK) {
		hi = hex_digit((unsigned)rd_be(&r, 1));
		lo = hex_digit((unsigned)rd_be(&r, 1));
		if (hi == HEX_NONE || lo == HEX_NONE)
			wr_fail(w, ATLS_E_FORMAT);
		wr_be(w, (hi & 15) << 4 | (lo & 15), 1);
	}
}
