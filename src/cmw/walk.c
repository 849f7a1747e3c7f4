/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmw.h"

enum {
	TN_FIRST = 0x63740101, TN_LAST = 0x6374ffff,	/* RFC 9277, B */
};

void
cmw_fail(struct cmw_walk *w, enum atls_rc rc, const char *where,
    const char *what)
{
	rd_fail(&w->r, rc);
	if (w->where != NULL)
		return;
	w->where = where;
	w->what = what;
	w->off = w->r.off;
}

/* A record of which the reader failed somewhere is not added. */
void
cmw_add(struct cmw_walk *w, struct atls_cmw *out,
    const struct atls_cmw_record *rec)
{
	if (w->r.rc != ATLS_OK) {
		cmw_fail(w, w->r.rc, "cmw.record", "malformed");
		return;
	}
	/* RFC 9999, 3.1: 1 to 31 */
	if (rec->ind > CMW_IND_ALL) {
		cmw_fail(w, ATLS_E_FORMAT, "cmw.ind", "unassigned bits");
		return;
	}
	if (out->nrecord >= ATLS_CMW_LEAVES) {
		cmw_fail(w, ATLS_E_LIMIT, "cmw", "too many records");
		return;
	}
	out->record[out->nrecord++] = *rec;
}

//@ assigns \nothing; exits \false; ensures \result ==> c > 0;
static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

//@ assigns \nothing; exits \false; ensures \result ==> c > 0;
static bool
is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*@ admit requires text_ok(set);
    assigns \nothing;
    exits \false;
    ensures \result ==> c > 0; */
static bool
is_one(int c, const char *set)
{
	return c > 0 && c < 0x80 && strchr(set, c) != NULL;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \old(r->rc) == ATLS_OK && \old(r->left) > 0 ?
	r->rc == ATLS_OK && r->left == \old(r->left) - 1 && \result >= 0 :
	r->rc != ATLS_OK && \result == -1; */
static int
next(struct rd *r)
{
	int c = rd_peek(*r);

	(void)rd_take(r, 1);
	return c;
}

//@ assigns \nothing; exits \false;
static bool
is_hex(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * RFC 3986, 4.3: scheme ":" and then no fragment.  Only the characters are
 * checked behind the scheme: a type is compared, never resolved.
 */
/*@ requires view_ok(s);
    assigns \nothing;
    exits \false; */
static bool
is_uri(struct atls_bytes s)
{
	struct rd r = rd_of(s);
	int c = next(&r);

	if (!is_alpha(c))
		return false;
	/*@ loop invariant rd_ok(r) && (r.rc == ATLS_OK || r.left == 0);
	    loop assigns c, r;
	    loop variant r.left + (c > 0 ? 1 : 0); */
	while (is_alpha(c) || is_digit(c) || is_one(c, "+-."))
		c = next(&r);
	if (c != ':')
		return false;
	/*@ loop invariant rd_ok(r) && (r.rc == ATLS_OK || r.left == 0);
	    loop assigns c, r;
	    loop variant r.left; */
	while (r.left > 0) {
		c = next(&r);
		if (c == '%' && (!is_hex(next(&r)) || !is_hex(next(&r))))
			return false;
		if (!is_alpha(c) && !is_digit(c) &&
		    !is_one(c, "%-._~:/?[]@!$&'()*+,;="))
			return false;
	}
	return true;
}

/* RFC 9999, 6: ([0-2])((\.0)|(\.[1-9][0-9]*))* */
/*@ requires view_ok(s);
    assigns \nothing;
    exits \false; */
static bool
is_oid(struct atls_bytes s)
{
	struct rd r = rd_of(s);
	int c = next(&r);

	if (c < '0' || c > '2')
		return false;
	/*@ loop invariant rd_ok(r) && (r.rc == ATLS_OK || r.left == 0);
	    loop assigns c, r;
	    loop variant r.left; */
	while (r.left > 0) {
		if (next(&r) != '.')
			return false;
		c = next(&r);
		if (!is_digit(c))
			return false;
		/*@ loop invariant rd_ok(r);
		    loop invariant r.rc == ATLS_OK || r.left == 0;
		    loop invariant r.left <= \at(r.left, LoopEntry);
		    loop assigns r;
		    loop variant r.left; */
		while (c != '0' && is_digit(rd_peek(r)))
			(void)next(&r);
	}
	return true;
}

void
cmw_collection_type(struct cmw_walk *w, struct atls_cmw *out,
    struct atls_bytes s, unsigned depth)
{
	/* RFC 9999, 3.3: the URI must be absolute, the OID is */
	if (w->r.rc != ATLS_OK || (!is_uri(s) && !is_oid(s))) {
		cmw_fail(w, ATLS_E_FORMAT, "cmw." CMW_TYPE_KEY,
		    "neither absolute URI nor OID");
		return;
	}
	if (depth == 1)
		out->collection_type = s;
}

int
cmw_format_of_tag(uint64_t tn)
{
	unsigned d;

	if (tn < TN_FIRST || tn > TN_LAST)
		return -1;
	d = (unsigned)(tn - TN_FIRST);
	if (d % 256 == 255)		/* TN() never ends in a zero octet */
		return -1;
	return (int)(d / 256 * 255 + d % 256);
}
