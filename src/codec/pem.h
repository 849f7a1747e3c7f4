/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PEM_H
#define PEM_H

#include "../base/rd.h"
#include "../base/wr.h"

#define PEM_CERT	"CERTIFICATE"
#define PEM_CRL		"X509 CRL"

/*
 * pem_get() decodes the strict textual encoding (RFC 7468, 3) of one thing
 * after the other, and takes all of r.  Every block has this label, and there
 * is one at least.  Lines end with LF or CR LF and may be of any length;
 * nothing but such ends is between blocks, and behind the last one may be a
 * NUL.  base64 is canonical: padded, unused bits are zero (RFC 4648, 3.5).
 *
 * out		decoded to its free part, behind out->len, which grows.
 * der		views into out, at most max.
 *
 * Returns how many; 0 on failure, which sticks in the reader, and out->len is
 * as before: E_TRUNC, E_FORMAT, E_LIMIT (more than max), E_SPACE (of out).
 */
/*@ requires \valid(r) && rd_ok(*r);
    admit requires text_ok(label);
    requires buf_ok(out) && out->len <= out->cap;
    requires max == 0 || \valid(der + (0 .. max - 1));
    requires \separated(out, out->p + (0 .. out->cap - 1),
	der + (0 .. max - 1));
    assigns *r, out->len, out->p[0 .. out->cap - 1], der[0 .. max - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures buf_ok(out) && out->p == \old(out->p) &&
	out->cap == \old(out->cap);
    ensures \old(out->len) <= out->len <= out->cap && \result <= max;
    ensures \result == 0 ==> out->len == \old(out->len) &&
	r->rc != ATLS_OK;
    ensures \forall integer i; 0 <= i < \result ==>
	within(der[i], out->p, out->len); */
size_t	pem_get(struct rd *r, const char *label, struct atls_buf *out,
	    struct atls_bytes *der, size_t max);

/* Does this look like such a text? */
/*@ requires view_ok(in);
    assigns \nothing;
    exits \false; */
bool	pem_is(struct atls_bytes in);

#endif
