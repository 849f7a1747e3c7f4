/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/rd.h"
#include "b64.h"

enum { GROUP = 4, GROUP_OCTETS = 3, DIGIT_BITS = 6, NOT_A_DIGIT = 64 };

static const uint8_t digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/*@ assigns \nothing;
    exits \false;
    ensures \result <= NOT_A_DIGIT; */
static uint32_t
value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : NOT_A_DIGIT;
}

/* A last group may have fewer than three octets: two digits or three. */
void
b64_put(struct wr *w, struct atls_bytes octets)
{
	struct rd r = rd_of(octets);
	size_t n, bits;
	uint64_t v;

	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w) && rd_ok(r) &&
		r.rc == ATLS_OK;
	    loop assigns r, n, bits, v, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left; */
	while (r.left > 0 && w->rc == ATLS_OK) {
		n = r.left < GROUP_OCTETS ? r.left : GROUP_OCTETS;
		v = rd_be(&r, n) << (8 * (GROUP_OCTETS - n));
		/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w);
		    loop invariant bits == 0 || bits == 6 || bits == 12 ||
			bits == 18 || bits == 24;
		    loop assigns bits, w->need, w->rc,
			w->out->p[0 .. w->out->cap - 1];
		    loop variant 24 - bits; */
		for (bits = 0; bits < 8 * n; bits += DIGIT_BITS)
			wr_be(w, digits[v >> (18 - bits) & 63], 1);
	}
}

void
b64_get(struct wr *w, struct atls_bytes text)
{
	struct rd r = rd_of(text);
	struct atls_bytes g;
	uint32_t v, d;
	size_t i, unused;

	if (text.len % GROUP == 1)
		wr_fail(w, ATLS_E_FORMAT);
	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w) && rd_ok(r) &&
		r.rc == ATLS_OK;
	    loop assigns r, g, v, d, i, unused, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left; */
	while (r.left > 0 && w->rc == ATLS_OK) {
		g = rd_take(&r, r.left < GROUP ? r.left : GROUP);
		/*@ loop invariant 0 <= i <= g.len &&
			wr_went{Pre,Here}(w);
		    loop assigns i, v, d, w->rc;
		    loop variant g.len - i; */
		for (i = 0, v = 0; i < g.len; i++) {
			d = value_of(g.p[i]);
			if (d == NOT_A_DIGIT)
				wr_fail(w, ATLS_E_FORMAT);
			v = v << DIGIT_BITS | (d & 63);
		}
		unused = g.len * DIGIT_BITS % 8;
		if ((v & ((1U << unused) - 1)) != 0)
			wr_fail(w, ATLS_E_FORMAT);
		wr_be(w, v >> unused, g.len * DIGIT_BITS / 8);
	}
}

/* Decodes into a buffer of no size, which only counts. */
bool
b64_ok(struct atls_bytes text)
{
	struct atls_buf none = { NULL, 0, 0 };
	struct wr w = wr_of(&none);

	b64_get(&w, text);
	return w.rc == ATLS_OK;
}
