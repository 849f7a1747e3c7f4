/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DER_H
#define DER_H

#include "../base/rd.h"

/*
 * DER (X.690, 8 and 10) over a reader: views, no allocation.  Lengths are
 * definite, of the fewest octets, and short of 2^24; tags are of one octet.
 * Failures stick in the reader: E_TRUNC, E_FORMAT, E_LIMIT (a number).
 * A content reader must be closed with rd_close(), unless it was made only to
 * pass over the element.
 *
 *	struct rd seq = der_get(&r, DER_SEQUENCE);
 *	struct atls_bytes id = der_oid(&seq);
 *	uint64_t svn = der_uint(&seq, DER_INTEGER, 255);
 *
 *	rd_close(&r, &seq);
 *	if (rd_done(&r) != ATLS_OK || !atls_ct_eq(id, ATLS_ARRAY(oid_svn)))
 *		...
 */
enum {
	DER_BOOLEAN = 0x01, DER_INTEGER = 0x02, DER_BIT_STRING = 0x03,
	DER_OCTETS = 0x04, DER_NULL = 0x05, DER_OID = 0x06,
	DER_ENUMERATED = 0x0a, DER_UTF8 = 0x0c, DER_PRINTABLE = 0x13,
	DER_IA5 = 0x16, DER_UTCTIME = 0x17, DER_GENTIME = 0x18,
	DER_SEQUENCE = 0x30, DER_SET = 0x31,
	DER_CONTEXT = 0xa0,		/* [n], constructed: DER_CONTEXT + n */
};

/* The content of the element that comes next, which has this tag; or of any
 * element, whose tag is told. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures rd_ok(\result) && rd_inner{Pre,Post}(r, \result) &&
	\result.rc == r->rc;
    ensures r->rc != ATLS_OK ==> \result.left == 0; */
struct rd		der_get(struct rd *r, unsigned tag);

/*@ requires \valid(r) && rd_ok(*r) && \valid(tag) && \separated(r, tag);
    assigns *r, *tag;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures rd_ok(\result) && rd_inner{Pre,Post}(r, \result) &&
	\result.rc == r->rc;
    ensures r->rc != ATLS_OK ==> \result.left == 0; */
struct rd		der_any(struct rd *r, unsigned *tag);

/* The whole element: with its tag and length. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_view{Pre,Post}(r, \result);
    ensures r->rc == ATLS_OK ==> \result.p == \old(r->p) &&
	\result.len == \old(r->left) - r->left;
    ensures r->rc != ATLS_OK ==> \result.len == 0; */
struct atls_bytes	der_item(struct rd *r, unsigned tag);

/* An INTEGER or ENUMERATED 0..max, of the fewest octets. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures \result <= max;
    ensures r->rc != ATLS_OK ==> \result == 0; */
uint64_t		der_uint(struct rd *r, unsigned tag, uint64_t max);

/* An INTEGER of any size that is not negative, without the octet that keeps
 * it so: zero is one octet. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_view{Pre,Post}(r, \result);
    ensures r->rc == ATLS_OK <==> \result.len > 0; */
struct atls_bytes	der_natural(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures r->rc != ATLS_OK ==> !\result; */
bool			der_bool(struct rd *r);

/* Content of an OBJECT IDENTIFIER: compare all of it with atls_ct_eq(). */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_view{Pre,Post}(r, \result);
    ensures r->rc == ATLS_OK <==> \result.len > 0; */
struct atls_bytes	der_oid(struct rd *r);

#endif
