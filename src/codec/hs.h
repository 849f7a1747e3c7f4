/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HS_H
#define HS_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * TLS handshake messages without records (RFC 8446, 4; RFC 9261, 4 and 5.2):
 *
 *	type(1) || length(3) || body
 *
 * and the lists of extensions within them (RFC 8446, 4.2):
 *
 *	type(2) || length(2) || data
 */
enum hs_type {
	HS_CERTIFICATE			= 11,
	HS_CERTIFICATE_REQUEST		= 13,
	HS_CERTIFICATE_VERIFY		= 15,
	HS_CLIENT_CERTIFICATE_REQUEST	= 17,	/* RFC 9261, 4 */
	HS_FINISHED			= 20,
};

#define HS_HEADER	4		/* octets before the body */

struct hs_msg {
	unsigned		type;	/* 0 on failure */
	struct atls_bytes	raw;	/* header and body, as sent */
	struct rd		body;	/* close it against the message's reader */
};

/* Takes one message.  On failure the reader and body have failed, too. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures rd_ok(\result.body) && \result.body.rc == r->rc &&
	view_ok(\result.raw);
    ensures r->rc == ATLS_OK ==>
	\result.type == \old(r->p[0]) &&
	\result.body.left == be(\old(r->p) + 1, 3) &&
	\result.raw.len == HS_HEADER + \result.body.left &&
	\result.raw.p == \old(r->p) &&
	r->left == \old(r->left) - \result.raw.len;
    ensures \result.body.left > 0 ==>
	\result.body.p == \old(r->p) + HS_HEADER &&
	\result.body.p + \result.body.left == r->p;
    ensures r->rc != ATLS_OK ==> \result.type == 0 &&
	\result.raw.len == 0 && \result.body.left == 0; */
struct hs_msg	hs_take(struct rd *r);

/*
 * Takes one extension off a list.  true: type and data are set, data is a view
 * of 0..65535 octets.  false: the list is at its end or has failed, for
 * rd_done() to say; type is 0 and data empty.
 */
/*@ requires \valid(list) && \valid(type) && \valid(data) && rd_ok(*list);
    requires \separated(list, type, data);
    assigns *list, *type, *data;
    ensures rd_ok(*list) && rd_went{Pre,Post}(list);
    ensures view_ok(*data) && rd_view{Pre,Post}(list, *data);
    ensures \result ==> list->rc == ATLS_OK &&
	*type == be(\old(list->p), 2);
    ensures \let d = *data; \result ==>
	d.len == be(\old(list->p) + 2, 2) &&
	list->left == \old(list->left) - 4 - d.len;
    ensures \let d = *data; !\result ==> *type == 0 && d.len == 0 &&
	(list->rc != ATLS_OK || list->left == 0);
    ensures end: !\result && list->rc == ATLS_OK ==>
	\old(list->left) == 0; */
bool		hs_ext(struct rd *list, uint16_t *type,
		    struct atls_bytes *data);

/* Begins a message; wr_close(w, mark, 3) ends it. */
/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    ensures wr_ok(w) && wr_went{Pre,Post}(w);
    ensures w->rc == ATLS_OK ==> \result + 3 <= w->need; */
size_t		hs_open(struct wr *w, enum hs_type type);

/*@ requires wr_ok(w) && view_ok(data) && wr_apart(w, data);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void		hs_ext_write(struct wr *w, uint16_t type,
		    struct atls_bytes data);

#endif
