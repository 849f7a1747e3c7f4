/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/wr.h"
#include "pem.h"

enum { DIGIT_BITS = 6, NOT_A_DIGIT = 64, GROUP = 4, GROUP_OCTETS = 3 };

static const char begin[] = "-----BEGIN ", end[] = "-----END ";
static const char dashes[] = "-----";

static struct atls_bytes
text(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

static void
expect(struct rd *r, const char *s)
{
	struct atls_bytes want = text(s);

	if (!atls_ct_eq(rd_take(r, want.len), want))
		rd_fail(r, ATLS_E_FORMAT);
}

/* LF or CR LF. */
static void
line_end(struct rd *r)
{
	if (rd_peek(*r) == '\r')
		(void)rd_be(r, 1);
	expect(r, "\n");
}

/* Of a reader that has failed nothing more is asked. */
static bool
at_line_end(const struct rd *r)
{
	int c = rd_peek(*r);

	return c == '\r' || c == '\n';
}

/* RFC 4648, table 1. */
static uint64_t
value_of(uint64_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : NOT_A_DIGIT;
}

/* Four digits, as nearly all groups are.  False: not so, and not moved. */
static bool
plain_group(struct rd *r, struct wr *w)
{
	struct rd at = *r;
	uint64_t four = rd_be(&at, GROUP), v = 0, d, all = 0;
	unsigned shift;

	for (shift = 8 * GROUP; shift > 0; shift -= 8) {
		d = value_of(four >> (shift - 8) & 0xff);
		all |= d;
		v = v << DIGIT_BITS | (d & (NOT_A_DIGIT - 1));
	}
	if (at.rc != ATLS_OK || all >= NOT_A_DIGIT)
		return false;
	*r = at;
	wr_be(w, v, GROUP_OCTETS);
	return true;
}

/* Four digits, of which the last one or two may be "=": then it is the last
 * group. */
static bool
group(struct rd *r, struct wr *w)
{
	uint64_t v = 0, c, d;
	size_t i, pads = 0, unused;

	if (plain_group(r, w))
		return true;
	for (i = 0; i < GROUP && r->rc == ATLS_OK; i++) {
		c = rd_be(r, 1);
		if (c == '=' && i >= 2) {
			pads++;
			v <<= DIGIT_BITS;
			continue;
		}
		d = value_of(c);
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

static void
block(struct rd *r, const char *label, struct wr *w)
{
	bool more = true;

	expect(r, begin);
	expect(r, label);
	expect(r, dashes);
	line_end(r);
	while (more && r->rc == ATLS_OK && rd_peek(*r) != '-') {
		more = group(r, w);
		if (!more || at_line_end(r) || rd_peek(*r) == '-')
			line_end(r);
	}
	if (w->need == 0)
		rd_fail(r, ATLS_E_FORMAT);
	expect(r, end);
	expect(r, label);
	expect(r, dashes);
	if (r->left > 0 && rd_peek(*r) != '\0')	/* the last may have no end */
		line_end(r);
}

size_t
pem_get(struct rd *r, const char *label, struct atls_buf *out,
    struct atls_bytes *der, size_t max)
{
	size_t was = out->len, n = 0;
	struct atls_buf part;
	enum atls_rc rc;
	struct wr w;

	while (r->rc == ATLS_OK && r->left > 0 && rd_peek(*r) != '\0') {
		part = (struct atls_buf){ out->p == NULL ? NULL :
		    out->p + out->len, out->cap - out->len, 0 };
		w = wr_of(&part);
		if (n == max)
			rd_fail(r, ATLS_E_LIMIT);
		block(r, label, &w);
		if ((rc = wr_done(&w)) != ATLS_OK)
			rd_fail(r, rc);
		while (r->rc == ATLS_OK && at_line_end(r))
			line_end(r);
		if (r->rc != ATLS_OK)
			break;
		der[n++] = (struct atls_bytes){ part.p, part.len };
		out->len += part.len;
	}
	if (n == 0)
		rd_fail(r, ATLS_E_FORMAT);
	(void)rd_take(r, r->left > 0 ? 1 : 0);	/* the loop saw that it is 0 */
	rd_fail(r, rd_done(r));
	if (r->rc == ATLS_OK)
		return n;
	out->len = was;
	return 0;
}

bool
pem_is(struct atls_bytes in)
{
	struct rd r = rd_of(in);

	expect(&r, begin);
	return r.rc == ATLS_OK;
}
