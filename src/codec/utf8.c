/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

/* RFC 3629, 3: a character that lies between two surrogates is none. */
//@ assigns \nothing; exits \false;
static bool
is_scalar(uint32_t c)
{
	return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* One octet 10xxxxxx behind what was read before. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r); */
static uint32_t
tail(struct rd *r, uint32_t c)
{
	uint32_t b = (uint32_t)rd_be(r, 1);

	if ((b & 0xc0) != 0x80)
		rd_fail(r, ATLS_E_FORMAT);
	return c << 6 | (b & 0x3f);
}

uint32_t
utf8_get(struct rd *r)
{
	uint32_t c = (uint32_t)rd_be(r, 1);
	uint32_t min = 0;		/* less has a shorter form */

	if (c < 0x80)
		return c;
	if (c >= 0xc0 && c < 0xe0) {
		c = tail(r, c & 0x1f);
		min = 0x80;
	} else if (c >= 0xe0 && c < 0xf0) {
		c = tail(r, c & 0x0f);
		c = tail(r, c);
		min = 0x800;
	} else if (c >= 0xf0 && c < 0xf8) {
		c = tail(r, c & 0x07);
		c = tail(r, c);
		c = tail(r, c);
		min = 0x10000;
	} else
		rd_fail(r, ATLS_E_FORMAT);
	if (c < min || !is_scalar(c))
		rd_fail(r, ATLS_E_FORMAT);
	return r->rc == ATLS_OK ? c : 0;
}

void
utf8_put(struct wr *w, uint32_t c)
{
	if (!is_scalar(c))
		wr_fail(w, ATLS_E_ARG);
	else if (c < 0x80)
		wr_be(w, c, 1);
	else if (c < 0x800)
		wr_be(w, 0xc080 | (c & 0x7c0) << 2 | (c & 0x3f), 2);
	else if (c < 0x10000)
		wr_be(w, 0xe08080 | (c & 0xf000) << 4 | (c & 0xfc0) << 2 |
		    (c & 0x3f), 3);
	else
		wr_be(w, 0xf0808080 | (c & 0x1c0000) << 6 |
		    (c & 0x3f000) << 4 | (c & 0xfc0) << 2 | (c & 0x3f), 4);
}

bool
utf8_ok(struct atls_bytes s)
{
	struct rd r = rd_of(s);

	/*@ loop invariant rd_ok(r);
	    loop assigns r;
	    loop variant r.left + (r.rc == ATLS_OK ? 1 : 0); */
	while (r.rc == ATLS_OK && r.left > 0)
		(void)utf8_get(&r);
	return r.rc == ATLS_OK;
}
