/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JSON_H
#define JSON_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * JSON (RFC 8259) over a reader.  Collateral, which is large and comes from
 * servers that sign it, is read by jansson; this is for a CMW, which a peer
 * sends before anything about it is known.  libatls must not allocate there
 * and hands out views, so jansson cannot serve.  Only what a CMW is made of
 * is read: strings, unsigned integers, arrays, objects.  Failures stick in
 * the reader: E_TRUNC, E_FORMAT, E_LIMIT (a number over 2^64 - 1).
 *
 * A string is a raw view, without its quotes, escapes as written; grammar,
 * UTF-8 and surrogate pairs were checked.  Never compare raw views: one text
 * has many spellings.
 *
 *	struct json_list o = json_object(&r);
 *	struct atls_bytes name;
 *
 *	while (json_member(&r, &o, &name))
 *		if (json_str_is(name, "count"))
 *			count = json_uint(&r);
 *		else
 *			rd_fail(&r, ATLS_E_FORMAT);
 *
 * Each turn reads exactly one value.  How deep values nest is how deep the
 * caller nests such loops.  Duplicate names are the caller's to find.
 */
enum json_type {
	JSON_STRING, JSON_NUMBER, JSON_ARRAY, JSON_OBJECT,
	JSON_OTHER,		/* null, false, true, or no JSON at all */
	JSON_END		/* no octets left, or the reader has failed */
};

struct json_list {
	int	close;		/* ']' or '}' */
	bool	begun, ended;
};

/* What comes next.  The reader is a copy: nothing moves. */
/*@ requires rd_ok(r);
    assigns \nothing;
    exits \false;
    ensures \result == JSON_END <==> r.rc != ATLS_OK || r.left == 0; */
enum json_type		json_peek(struct rd r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == \old(r->rc); */
void			json_space(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
struct atls_bytes	json_str(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
uint64_t		json_uint(struct rd *r); /* no fraction, no exponent */

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
struct json_list	json_array(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
struct json_list	json_object(struct rd *r);

/* True while there is a value to read, false at the end (which they take)
 * and after a failure. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(l) &&
	\separated(r, l);
    assigns *r, *l;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result ==> r->rc == ATLS_OK; */
bool	json_next(struct rd *r, struct json_list *l);

/*@ requires \valid(r) && rd_ok(*r) && \valid(l) && \valid(name);
    requires \separated(r, l, name);
    assigns *r, *l, *name;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result ==> r->rc == ATLS_OK && r->left < \old(r->left);
    ensures view_ok(*name) && rd_has(\old(*r), *name); */
bool	json_member(struct rd *r, struct json_list *l,
	    struct atls_bytes *name);

/* Of raw strings: compare after unescaping; unescape to UTF-8. */
/*@ requires view_ok(raw);
    admit requires text_ok(text);
    assigns \nothing;
    exits \false; */
bool	json_str_is(struct atls_bytes raw, const char *text);

/*@ requires view_ok(raw) && view_ok(raw2);
    assigns \nothing;
    exits \false; */
bool	json_str_eq(struct atls_bytes raw, struct atls_bytes raw2);

/*@ requires wr_ok(w) && view_ok(raw);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	json_text(struct wr *w, struct atls_bytes raw);

/* Writes UTF-8 text as a string, with its quotes.  E_ARG: not UTF-8. */
/*@ requires wr_ok(w) && view_ok(text);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	json_put_str(struct wr *w, struct atls_bytes text);

#endif
