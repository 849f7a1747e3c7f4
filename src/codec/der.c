/* SPDX-License-Identifier: Apache-2.0 */
#include "der.h"

#define LONG_FORM	0x80
#define LENGTH_MAX	3		/* octets of a length in long form */
#define HIGH_TAG	0x1f		/* the tag goes on in the next octet */

/* X.690, 10.1: lengths are definite and of the fewest octets. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures rd_ok(\result) && rd_inner{Pre,Post}(r, \result) &&
	\result.rc == r->rc;
    ensures r->rc != ATLS_OK ==> \result.left == 0; */
static struct rd
content(struct rd *r)
{
	struct rd c = { .p = NULL };
	struct atls_bytes b;
	uint64_t len = rd_be(r, 1);
	size_t n;

	if (len == LONG_FORM || len > LONG_FORM + LENGTH_MAX)
		rd_fail(r, ATLS_E_FORMAT);
	else if (len > LONG_FORM) {
		n = (size_t)len - LONG_FORM;
		len = rd_be(r, n);
		if (len < LONG_FORM || len >> 8 * (n - 1) == 0)
			rd_fail(r, ATLS_E_FORMAT);
	}
	c.off = r->off;
	b = rd_take(r, (size_t)len);
	c.p = b.p;
	c.left = b.len;
	c.rc = r->rc;
	return c;
}

struct rd
der_get(struct rd *r, unsigned tag)
{
	if (rd_be(r, 1) != tag)
		rd_fail(r, ATLS_E_FORMAT);
	return content(r);
}

struct rd
der_any(struct rd *r, unsigned *tag)
{
	*tag = (unsigned)rd_be(r, 1);
	if ((*tag & HIGH_TAG) == HIGH_TAG)
		rd_fail(r, ATLS_E_FORMAT);
	return content(r);
}

struct atls_bytes
der_item(struct rd *r, unsigned tag)
{
	struct rd at = *r;

	(void)der_get(r, tag);
	if (r->rc != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return rd_take(&at, at.left - r->left);
}

/* X.690, 8.3.2: no nine first bits are alike. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_view{Pre,Post}(r, \result);
    ensures r->rc == ATLS_OK <==> \result.len > 0; */
static struct atls_bytes
natural(struct rd *r, unsigned tag)
{
	struct rd v = der_get(r, tag);
	int first = rd_peek(v);

	if (first == 0 && v.left > 1) {
		(void)rd_be(&v, 1);
		if (rd_peek(v) < 0x80)
			rd_fail(r, ATLS_E_FORMAT);
	} else if (first < 0 || first >= 0x80)
		rd_fail(r, ATLS_E_FORMAT);
	if (r->rc != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return rd_rest(&v);
}

struct atls_bytes
der_natural(struct rd *r)
{
	return natural(r, DER_INTEGER);
}

uint64_t
der_uint(struct rd *r, unsigned tag, uint64_t max)
{
	struct atls_bytes b = natural(r, tag);
	struct rd v = rd_of(b);
	uint64_t n = 0;

	if (b.len > sizeof(n))
		rd_fail(r, ATLS_E_LIMIT);
	else
		n = rd_be(&v, b.len);
	if (n > max)
		rd_fail(r, ATLS_E_LIMIT);
	return r->rc == ATLS_OK ? n : 0;
}

/* X.690, 11.1: all bits of "true" are set. */
bool
der_bool(struct rd *r)
{
	struct rd c = der_get(r, DER_BOOLEAN);
	uint64_t v = rd_be(&c, 1);

	if (v != 0 && v != 0xff)
		rd_fail(&c, ATLS_E_FORMAT);
	rd_close(r, &c);
	return r->rc == ATLS_OK && v != 0;
}

/* X.690, 8.19.2: each part is of the fewest octets, and the last one ends. */
struct atls_bytes
der_oid(struct rd *r)
{
	struct rd c = der_get(r, DER_OID);
	struct atls_bytes id = rd_rest(&c);
	bool begins = true, ok = id.len > 0;
	size_t i;

	/*@ loop invariant 0 <= i <= id.len && (ok ==> id.len > 0);
	    loop assigns i, ok, begins;
	    loop variant id.len - i; */
	for (i = 0; i < id.len; i++) {
		ok = ok && !(begins && id.p[i] == 0x80);
		begins = id.p[i] < 0x80;
	}
	if (!ok || !begins)
		rd_fail(r, ATLS_E_FORMAT);
	return r->rc == ATLS_OK ? id : (struct atls_bytes){ NULL, 0 };
}
