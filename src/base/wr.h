/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WR_H
#define WR_H

#include <atls/bytes.h>
#include <atls/error.h>

#include "spec.h"

/*
 * A writer fills a caller's buffer from the start.  The first failure sticks,
 * as with the reader; past the end it goes on counting, so that wr_done()
 * can say how much room is needed.  Nothing is written outside the buffer.
 */
struct wr {
	struct atls_buf	*out;
	size_t		 need;		/* octets so far, written or not */
	enum atls_rc	 rc;
};

/*@ predicate buf_ok{L}(struct atls_buf *b) =
	\valid(b) && (b->cap == 0 || \valid(b->p + (0 .. b->cap - 1)));

    predicate wr_ok{L}(struct wr *w) =
	\valid(w) && buf_ok(w->out) && \separated(w, w->out);

    // It went forward from A to B; no failure was forgotten, and after one
    // nothing moved.
    predicate wr_went{A,B}(struct wr *w) =
	\at(w->need, A) <= \at(w->need, B) &&
	(\at(w->rc, A) != ATLS_OK ==> \at(w->need, B) == \at(w->need, A) &&
	    \at(w->rc, B) == \at(w->rc, A));

    // Octets that are not where w writes.
    predicate wr_apart{L}(struct wr *w, struct atls_bytes v) =
	v.len == 0 || w->out->cap == 0 ||
	\separated(v.p + (0 .. v.len - 1), w->out->p + (0 .. w->out->cap - 1));
    */

/*@ requires buf_ok(out);
    assigns out->len;
    exits \false;
    ensures out->len == 0;
    ensures \result.out == out && \result.need == 0 && \result.rc == ATLS_OK;
    */
struct wr	wr_of(struct atls_buf *out);	/* sets out->len to 0 */

/*@ requires wr_ok(w) && n <= 8;
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures w->rc == ATLS_OK ==> w->need == \old(w->need) + n; */
void		wr_be(struct wr *w, uint64_t v, size_t n);  /* n <= 8 octets */

/*@ requires wr_ok(w) && view_ok(b) && wr_apart(w, b);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures w->rc == ATLS_OK ==> w->need == \old(w->need) + b.len; */
void		wr_bytes(struct wr *w, struct atls_bytes b);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures w->rc == ATLS_OK ==> w->need == \old(w->need) + n; */
void		wr_zeros(struct wr *w, size_t n);

/*@ requires \valid(w);
    assigns w->rc;
    exits \false;
    ensures w->rc == (\old(w->rc) == ATLS_OK ? rc : \old(w->rc)); */
void		wr_fail(struct wr *w, enum atls_rc rc);

/*
 * A TLS vector (RFC 8446, 3.4): wr_open() leaves lenlen octets (1..4) for the
 * length, wr_close() fills them in; E_LIMIT if the content does not fit.
 */
/*@ requires wr_ok(w) && 1 <= lenlen <= 4;
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w) && \result == \old(w->need);
    ensures w->rc == ATLS_OK ==> w->need == \result + lenlen; */
size_t		wr_open(struct wr *w, size_t lenlen);

/*@ requires wr_ok(w) && 1 <= lenlen <= 4;
    requires w->rc == ATLS_OK ==> mark + lenlen <= w->need;
    assigns w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void		wr_close(struct wr *w, size_t mark, size_t lenlen);

/* E_SPACE: out->len is the capacity needed.  Other failures: out->len is 0. */
/*@ requires wr_ok(w);
    assigns w->out->len;
    exits \false;
    ensures \result == (w->rc == ATLS_OK && w->need > w->out->cap ?
	ATLS_E_SPACE : w->rc);
    ensures w->out->len == (w->rc == ATLS_OK ? w->need : 0); */
ATLS_CHECKED enum atls_rc wr_done(struct wr *w);

#endif
