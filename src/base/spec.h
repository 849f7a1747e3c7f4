/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_H
#define SPEC_H

#include <atls/bytes.h>

#ifdef __FRAMAC__
#include <string.h>		/* text_ok() */
#endif

/*
 * Words that contracts are written in: ACSL, for Frama-C.  scripts/prove.sh
 * proves the code against them.  Nothing here is for the compiler.
 */

/*@ // Octets that may be read: all of them, or there are none.
    predicate view_ok{L}(struct atls_bytes v) =
	v.len == 0 || \valid_read(v.p + (0 .. v.len - 1));

    // All of v's octets are among the n at p; are octets of in.
    predicate within(struct atls_bytes v, uint8_t *p, integer n) =
	v.len == 0 || (v.p == p + (v.p - p) && 0 <= v.p - p &&
	    (v.p - p) + v.len <= n);
    predicate view_in(struct atls_bytes v, struct atls_bytes in) =
	within(v, in.p, in.len);

    // What n octets, up to eight of them, cannot reach.
    logic integer octets_end(integer n) =
	n <= 0 ? 1 : n == 1 ? 0x100 : n == 2 ? 0x10000 : n == 3 ? 0x1000000 :
	n == 4 ? 0x100000000 : n == 5 ? 0x10000000000 :
	n == 6 ? 0x1000000000000 : n == 7 ? 0x100000000000000 :
	0x10000000000000000;

    // The number that n octets make, most significant first, or last.
    axiomatic Numbers {
	logic integer be{L}(uint8_t *p, integer n) reads p[0 .. n - 1];
	axiom be_none{L}: \forall uint8_t *p; be(p, 0) == 0;
	axiom be_more{L}: \forall uint8_t *p, integer n; 0 < n ==>
	    be(p, n) == 256 * be(p, n - 1) + p[n - 1];
	logic integer le{L}(uint8_t *p, integer n) reads p[0 .. n - 1];
	axiom le_none{L}: \forall uint8_t *p; le(p, 0) == 0;
	axiom le_more{L}: \forall uint8_t *p, integer n; 0 < n ==>
	    le(p, n) == p[0] + 256 * le(p + 1, n - 1);
    }
    */

#ifdef __FRAMAC__
/*@ requires view_ok(a) && view_ok(b);
    assigns \nothing;
    exits \false;
    ensures \result <==> a.len == b.len &&
	\forall integer i; 0 <= i < a.len ==> a.p[i] == b.p[i]; */
bool	atls_ct_eq(struct atls_bytes a, struct atls_bytes b);
#endif

#endif
