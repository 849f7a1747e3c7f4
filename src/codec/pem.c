/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/wr.h"
#include "pem.h"

enum { DIGIT_BITS = 6, NOT_A_DIGIT = 64, GROUP = 4, GROUP_OCTETS = 3 };
enum { LINE = 64 };			/* RFC 7468, 2 */

static const uint8_t begin[11] = "-----BEGIN ", end[9] = "-----END ";
static const uint8_t dashes[5] = "-----";

/*@ requires \valid(r) && rd_ok(*r) && view_ok(want);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
expect(struct rd *r, struct atls_bytes want)
{
	if (!atls_ct_eq(rd_take(r, want.len), want))
		rd_fail(r, ATLS_E_FORMAT);
}

/* LF or CR LF. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static void
line_end(struct rd *r)
{
	if (rd_peek(*r) == '\r')
		(void)rd_be(r, 1);
	if (rd_be(r, 1) != '\n')
		rd_fail(r, ATLS_E_FORMAT);
}

/* Of a reader that has failed nothing more is asked. */
/*@ requires \valid_read(r) && rd_ok(*r);
    assigns \nothing;
    exits \false; */
static bool
at_line_end(const struct rd *r)
{
	int c = rd_peek(*r);

	return c == '\r' || c == '\n';
}

/* RFC 4648, table 1: values, each with one added; 0: no digit. */
static const uint8_t digits[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/*@ assigns \nothing;
    exits \false; */
static uint32_t
value_of(uint8_t c)
{
	return digits[c] == 0 ? NOT_A_DIGIT : digits[c] - 1U;
}

/* A line of digits and nothing else, as nearly all are.  False: not so, and
 * not moved. */
/*@ requires \valid(r) && rd_ok(*r) && wr_ok(w);
    requires \separated(r, w, w->out, w->out->p + (0 .. w->out->cap - 1));
    assigns *r, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures \result && r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures !\result ==> r->left == \old(r->left) &&
	r->rc == \old(r->rc); */
static bool
plain_line(struct rd *r, struct wr *w)
{
	uint8_t out[LINE / GROUP * GROUP_OCTETS];
	struct rd at = *r;
	struct atls_bytes in = rd_take(&at, LINE);
	uint32_t v = 0, d, all = 0;
	size_t i, n = 0;

	/*@ loop invariant 0 <= i <= in.len && 4 * n == 3 * (i - i % 4);
	    loop assigns i, n, d, all, v, out[0 .. 47];
	    loop variant in.len - i; */
	for (i = 0; i < in.len; i++) {
		d = value_of(in.p[i]);
		all |= d;
		v = v << DIGIT_BITS | (d & (NOT_A_DIGIT - 1));
		if (i % GROUP != GROUP - 1)
			continue;
		out[n++] = v >> 16 & 0xff;
		out[n++] = v >> 8 & 0xff;
		out[n++] = v & 0xff;
	}
	if (in.len == 0 || all >= NOT_A_DIGIT)
		return false;
	*r = at;
	wr_bytes(w, ATLS_ARRAY(out));
	return true;
}

/* A line, or four digits, of which the last one or two may be "=": then it is
 * the last group. */
/*@ requires \valid(r) && rd_ok(*r) && wr_ok(w);
    requires \separated(r, w, w->out, w->out->p + (0 .. w->out->cap - 1));
    assigns *r, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static bool
group(struct rd *r, struct wr *w)
{
	uint64_t v = 0, c, d;
	size_t i, pads = 0, unused;

	if (plain_line(r, w))
		return true;
	/*@ loop invariant 0 <= i <= GROUP && 0 <= pads <= (i < 2 ? 0 : i - 2);
	    loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == ATLS_OK && i > 0 ==>
		r->left < \at(r->left, Pre);
	    loop assigns i, c, d, v, pads, *r;
	    loop variant GROUP - i; */
	for (i = 0; i < GROUP && r->rc == ATLS_OK; i++) {
		c = rd_be(r, 1);
		if (c == '=' && i >= 2) {
			pads++;
			v <<= DIGIT_BITS;
			continue;
		}
		d = value_of((uint8_t)c);
		if (d == NOT_A_DIGIT || pads > 0)
			rd_fail(r, ATLS_E_FORMAT);
		v = v << DIGIT_BITS | (d & (NOT_A_DIGIT - 1));
	}
	unused = 8 * pads;
	if ((v & ((1U << unused) - 1)) != 0)
		rd_fail(r, ATLS_E_FORMAT);
	if (r->rc == ATLS_OK)
		wr_be(w, v >> unused, GROUP_OCTETS - pads);
	return pads == 0;
}

/*@ requires \valid(r) && rd_ok(*r) && wr_ok(w) &&
	view_ok(label);
    requires \separated(r, w, w->out, w->out->p + (0 .. w->out->cap - 1));
    assigns *r, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
block(struct rd *r, struct atls_bytes label, struct wr *w)
{
	bool more = true;

	expect(r, ATLS_ARRAY(begin));
	expect(r, label);
	expect(r, ATLS_ARRAY(dashes));
	line_end(r);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant wr_ok(w) && wr_went{Pre,Here}(w);
	    loop assigns more, *r, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (more && r->rc == ATLS_OK && rd_peek(*r) != '-') {
		more = group(r, w);
		if (!more || at_line_end(r) || rd_peek(*r) == '-')
			line_end(r);
	}
	if (w->need == 0)
		rd_fail(r, ATLS_E_FORMAT);
	expect(r, ATLS_ARRAY(end));
	expect(r, label);
	expect(r, ATLS_ARRAY(dashes));
	if (r->left > 0 && rd_peek(*r) != '\0')	/* the last may have no end */
		line_end(r);
}

/* A block, decoded to the start of room, and line ends behind it. */
/*@ requires \valid(r) && rd_ok(*r) && view_ok(label);
    requires room.cap == 0 || \valid(room.p + (0 .. room.cap - 1));
    requires \separated(r, room.p + (0 .. room.cap - 1));
    assigns *r, room.p[0 .. room.cap - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result.p == room.p;
    ensures r->rc == ATLS_OK ==> \result.len <= room.cap; */
static struct atls_bytes
block_to(struct rd *r, struct atls_bytes label, struct atls_buf room)
{
	struct wr w = wr_of(&room);
	enum atls_rc rc;

	block(r, label, &w);
	if ((rc = wr_done(&w)) != ATLS_OK)
		rd_fail(r, rc);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, LoopEntry), *r);
	    loop assigns *r;
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (r->rc == ATLS_OK && at_line_end(r))
		line_end(r);
	return (struct atls_bytes){ room.p, room.len };
}

/* What is behind the octets that are taken. */
/*@ requires taken <= out.cap;
    requires out.cap == 0 || \valid(out.p + (0 .. out.cap - 1));
    assigns \nothing;
    exits \false;
    ensures \result.cap == out.cap - taken;
    ensures out.cap > 0 ==> \result.p == out.p + taken; */
static struct atls_buf
room_of(struct atls_buf out, size_t taken)
{
	if (out.p == NULL)
		return (struct atls_buf){ NULL, out.cap - taken, 0 };
	return (struct atls_buf){ out.p + taken, out.cap - taken, 0 };
}

size_t
pem_get(struct rd *r, const char *label, struct atls_buf *out,
    struct atls_bytes *der, size_t max)
{
	const struct atls_bytes name = { (const uint8_t *)label,
	    strlen(label) };
	size_t taken = out->len, n = 0;
	struct atls_bytes b;

	/*@ loop invariant 0 <= n <= max;
	    loop invariant r->rc == ATLS_OK ==> out->len <= taken <= out->cap;
	    loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == ATLS_OK ==> \forall integer i;
		0 <= i < n ==> within(der[i], out->p, taken);
	    loop assigns *r, b, n, taken, out->p[0 .. out->cap - 1],
		der[0 .. max - 1];
	    loop variant max - n + (r->rc == ATLS_OK ? 1 : 0); */
	while (r->rc == ATLS_OK && r->left > 0 && rd_peek(*r) != '\0') {
		if (n == max) {
			rd_fail(r, ATLS_E_LIMIT);
			break;
		}
		b = block_to(r, name, room_of(*out, taken));
		if (r->rc != ATLS_OK)
			break;
		der[n++] = b;
		taken += b.len;
	}
	if (n == 0)
		rd_fail(r, ATLS_E_FORMAT);
	(void)rd_take(r, r->left > 0 ? 1 : 0);	/* the loop saw that it is 0 */
	rd_fail(r, rd_done(r));
	if (r->rc != ATLS_OK)
		return 0;
	out->len = taken;
	return n;
}

bool
pem_is(struct atls_bytes in)
{
	struct rd r = rd_of(in);

	expect(&r, ATLS_ARRAY(begin));
	return r.rc == ATLS_OK;
}
