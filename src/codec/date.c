/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"
#include "der.h"

#define DAY	86400		/* seconds */

//@ assigns \nothing; exits \false;
static bool
is_leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/*@ requires 1 <= m <= 12;
    assigns \nothing;
    exits \false;
    ensures 28 <= \result <= 31; */
static unsigned
days_in(unsigned y, unsigned m)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
	    31, 30, 31 };

	return m == 2 && is_leap(y) ? 29 : days[m - 1];
}

/* Days before a year, from year 1. */
/*@ requires 1 <= y <= 9999;
    assigns \nothing;
    exits \false;
    ensures 0 <= \result <= 4000000; */
static int64_t
days_before(int64_t y)
{
	y--;
	return 365 * y + y / 4 - y / 100 + y / 400;
}

bool
date_unix(const unsigned t[6], int64_t *out)
{
	int64_t days;
	unsigned m;

	*out = 0;
	if (t[0] < 1 || t[0] > 9999 || t[1] < 1 || t[1] > 12 || t[2] < 1 ||
	    t[2] > days_in(t[0], t[1]) || t[3] > 23 || t[4] > 59 || t[5] > 59)
		return false;
	days = days_before(t[0]) - days_before(1970) + t[2] - 1;
	/*@ loop invariant 1 <= m <= 12 && t[1] <= 12;
	    loop invariant -4000000 <= days <= 4000000 + 31 * m;
	    loop assigns m, days;
	    loop variant 12 - m; */
	for (m = 1; m < t[1]; m++)
		days += days_in(t[0], m);
	*out = days * DAY + t[3] * 3600 + t[4] * 60 + t[5];
	return true;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r); */
static unsigned
digits(struct rd *r, size_t n)
{
	unsigned v = 0;
	uint64_t c;

	/*@ loop invariant rd_ok(*r) && rd_went{Pre,Here}(r);
	    loop assigns *r, v, c, n;
	    loop variant n; */
	while (n-- > 0) {
		c = rd_be(r, 1);
		if (c < '0' || c > '9')
			rd_fail(r, ATLS_E_FORMAT);
		v = 10 * v + (unsigned)(c & 15);
	}
	return v;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r); */
static void
expect(struct rd *r, char c)
{
	if (rd_be(r, 1) != (uint64_t)c)
		rd_fail(r, ATLS_E_FORMAT);
}

bool
date_read(struct atls_bytes text, int64_t *out)
{
	static const char between[] = "--T::Z";
	struct rd r = rd_of(text);
	unsigned t[6];
	size_t i;

	/*@ loop invariant 0 <= i <= 6 && rd_ok(r);
	    loop assigns i, r, t[0 .. 5];
	    loop variant 6 - i; */
	for (i = 0; i < 6; i++) {
		t[i] = digits(&r, i == 0 ? 4 : 2);
		expect(&r, between[i]);
	}
	*out = 0;
	return rd_done(&r) == ATLS_OK && t[0] >= 1970 && date_unix(t, out);
}

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
put(struct wr *w, unsigned v, size_t n, char behind)
{
	unsigned unit = n == 4 ? 1000 : 10;

	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w);
	    loop assigns unit, w->need, w->rc,
		w->out->p[0 .. w->out->cap - 1];
	    loop variant unit; */
	for (; unit > 0; unit /= 10)
		wr_be(w, '0' + v / unit % 10, 1);
	wr_be(w, (uint64_t)behind, 1);
}

void
date_put(struct wr *w, int64_t at)
{
	int64_t days = at / DAY, s = at % DAY;
	unsigned y = 1970, m = 1;

	if (at < 0) {
		wr_fail(w, ATLS_E_ARG);
		return;
	}
	/*@ loop invariant 1970 <= y <= 10000 && days >= 0;
	    loop assigns y, days;
	    loop variant 10000 - y; */
	while (y < 10000 && days >= (is_leap(y) ? 366 : 365))
		days -= is_leap(y++) ? 366 : 365;
	if (y > 9999) {
		wr_fail(w, ATLS_E_ARG);
		return;
	}
	/*@ loop invariant 1 <= m <= 12 && days >= 0;
	    loop assigns m, days;
	    loop variant 12 - m; */
	for (; m < 12 && days >= days_in(y, m); m++)
		days -= days_in(y, m);
	put(w, y, 4, '-');
	put(w, m, 2, '-');
	put(w, (unsigned)days + 1, 2, 'T');
	put(w, (unsigned)(s / 3600), 2, ':');
	put(w, (unsigned)(s / 60 % 60), 2, ':');
	put(w, (unsigned)(s % 60), 2, 'Z');
}

/* RFC 5280, 4.1.2.5.1: a year of two digits is 1950..2049. */
int64_t
date_der(struct rd *r)
{
	unsigned tag, t[6];
	struct rd c = der_any(r, &tag);
	int64_t out = 0;
	size_t i;

	if (tag != DER_UTCTIME && tag != DER_GENTIME)
		rd_fail(&c, ATLS_E_FORMAT);
	t[0] = digits(&c, tag == DER_UTCTIME ? 2 : 4);
	if (tag == DER_UTCTIME)
		t[0] += t[0] < 50 ? 2000 : 1900;
	/*@ loop invariant 1 <= i <= 6 && rd_ok(c);
	    loop assigns i, c, t[1 .. 5];
	    loop variant 6 - i; */
	for (i = 1; i < 6; i++)
		t[i] = digits(&c, 2);
	expect(&c, 'Z');
	if (c.rc == ATLS_OK && !date_unix(t, &out))
		rd_fail(&c, ATLS_E_FORMAT);
	rd_close(r, &c);
	return r->rc == ATLS_OK ? out : 0;
}
