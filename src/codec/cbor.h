/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CBOR_H
#define CBOR_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * CBOR (RFC 8949) over a reader: views, no allocation.  Every head must be in
 * its shortest form and of definite length (RFC 8949, 4.2.1); what takes the
 * indefinite form as well is named _any.  Map keys may come in any order.
 * Failures stick in the reader as with rd_be(): E_TRUNC, E_FORMAT (also: an
 * item of another type than asked for), E_LIMIT (depth, number of entries).
 *
 * A map, and in it an array:
 *
 *	struct rd r = rd_of(in);
 *	struct cbor_map m = cbor_map(&r);
 *	struct cbor_key k;
 *
 *	while (cbor_map_next(&r, &m, &k)) {
 *		if (cbor_key_is(&k, "sig"))
 *			sig = cbor_bstr(&r);
 *		else if (cbor_key_is_int(&k, 2399)) {
 *			struct cbor_list a = cbor_array(&r);
 *
 *			while (cbor_next(&r, &a))
 *				component(&r);
 *		} else
 *			cbor_skip(&r);	(or rd_fail(&r, ATLS_E_FORMAT))
 *	}
 *	if ((rc = rd_done(&r)) != ATLS_OK || sig.len == 0)
 *		...
 *
 * Each turn reads exactly one value, else the next cbor_map_next() fails with
 * E_STATE.  Duplicate keys fail with E_FORMAT.  To read a value later, or
 * apart: struct rd v = rd_of(cbor_item(&r)).
 */
#define CBOR_DEPTH	16	/* items in items, in cbor_skip() */
#define CBOR_KEYS	64	/* entries of a map read by cbor_map() */

enum cbor_type {		/* the first eight: RFC 8949, 3.1 */
	CBOR_UINT, CBOR_NINT, CBOR_BSTR, CBOR_TSTR,
	CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE,
	CBOR_END		/* no octets left, or the reader has failed */
};

struct cbor_list {
	uint64_t		 left;		/* items, if definite */
	bool			 indefinite;
};

struct cbor_map {
	struct cbor_list	 list;
	size_t			 value;		/* offset of the last one */
	struct atls_bytes	 key[CBOR_KEYS];
	size_t			 n;		/* keys so far */
};

struct cbor_key {
	enum cbor_type		 type;		/* UINT, NINT or TSTR */
	uint64_t		 num;		/* NINT: stands for -1 - num */
	struct atls_bytes	 text;
	struct atls_bytes	 raw;		/* the whole encoded key */
};

/*@ // RFC 8949, 3: of the head at p, its type, its low bits; of these, how
    // many octets follow, and the least number that needs them; its argument.
    logic integer cbor_type{L}(uint8_t *p) = p[0] >> 5;
    logic integer cbor_info{L}(uint8_t *p) = p[0] & 31;
    logic integer cbor_more(integer info) = info < 24 ? 0 :
	info == 24 ? 1 : info == 25 ? 2 : info == 26 ? 4 : 8;
    logic integer cbor_least(integer info) = info < 24 ? 0 :
	info == 24 ? 24 : info == 25 ? 0x100 : info == 26 ? 0x10000 :
	0x100000000;
    logic integer cbor_arg{L}(uint8_t *p) = cbor_info(p) < 24 ?
	cbor_info(p) : be(p + 1, cbor_more(cbor_info(p)));

    // If b has not failed: the head at a is of this type, definite and in
    // shortest form, and it went over that and n octets from a to b.
    predicate cbor_took{L}(struct rd a, struct rd b, integer type,
	integer n) = b.rc == ATLS_OK ==> 0 < a.left &&
	cbor_type(a.p) == type && cbor_info(a.p) <= 27 &&
	cbor_least(cbor_info(a.p)) <= cbor_arg(a.p) &&
	b.left == a.left - 1 - cbor_more(cbor_info(a.p)) - n;

    predicate cbor_keys_ok{L}(struct cbor_map m) = m.n <= CBOR_KEYS &&
	\forall integer i; 0 <= i < m.n ==> view_ok(m.key[i]);
    */

/* What comes next.  The reader is a copy: nothing moves. */
/*@ requires rd_ok(r);
    assigns \nothing;
    exits \false;
    ensures \result == (r.rc == ATLS_OK && r.left > 0 ? cbor_type(r.p) :
	CBOR_END); */
enum cbor_type		cbor_peek(struct rd r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, CBOR_UINT, 0);
    ensures \result == (r->rc == ATLS_OK ? cbor_arg(\old(r->p)) : 0); */
uint64_t		cbor_uint(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, CBOR_NINT, 0);
    ensures \result == (r->rc == ATLS_OK ? cbor_arg(\old(r->p)) : 0); */
uint64_t		cbor_nint(struct rd *r);	/* n of -1 - n */

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, \result < 0 ? CBOR_NINT : CBOR_UINT, 0);
    ensures \result == (r->rc != ATLS_OK ? 0 : \result < 0 ?
	-1 - cbor_arg(\old(r->p)) : cbor_arg(\old(r->p))); */
int64_t			cbor_int(struct rd *r);	/* either; E_LIMIT */

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result) &&
	rd_over(\old(*r), *r, \result);
    ensures cbor_took(\old(*r), *r, CBOR_BSTR, \result.len);
    ensures \result.len == (r->rc == ATLS_OK ?
	cbor_arg(\old(r->p)) : 0); */
struct atls_bytes	cbor_bstr(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result) &&
	rd_over(\old(*r), *r, \result);
    ensures cbor_took(\old(*r), *r, CBOR_TSTR, \result.len);
    ensures \result.len == (r->rc == ATLS_OK ?
	cbor_arg(\old(r->p)) : 0); */
struct atls_bytes	cbor_tstr(struct rd *r);	/* UTF-8 was checked */

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, CBOR_TAG, 0);
    ensures \result == (r->rc == ATLS_OK ? cbor_arg(\old(r->p)) : 0); */
uint64_t		cbor_tag(struct rd *r);	/* its content comes next */

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures r->rc == ATLS_OK ==> r->left == \old(r->left) - 1 &&
	\old(r->p[0]) == (\result ? 0xf5 : 0xf4);
    ensures r->rc != ATLS_OK ==> !\result; */
bool			cbor_bool(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && r->rc == \old(r->rc);
    ensures \result <==> \old(r->rc) == ATLS_OK && \old(r->left) > 0 &&
	\old(r->p[0]) == 0xf6;
    ensures r->left == \old(r->left) - (\result ? 1 : 0); */
bool			cbor_null(struct rd *r);  /* false: not null, unmoved */

/* cbor_next() is true while there is an item to read, false at the end (which
 * it takes) and after a failure. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, CBOR_ARRAY, 0);
    ensures \result.left == (r->rc == ATLS_OK ?
	cbor_arg(\old(r->p)) : 0);
    ensures !\result.indefinite && \result.left <= r->left; */
struct cbor_list	cbor_array(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures r->rc != ATLS_OK ==> \result.left == 0 && !\result.indefinite;
    ensures \result.left <= r->left;
    ensures \result.indefinite ==> \result.left == 0; */
struct cbor_list	cbor_array_any(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r) && \valid(l) && \separated(r, l);
    assigns *r, *l;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && r->rc == \old(r->rc);
    ensures \result ==> r->rc == ATLS_OK && r->left == \old(r->left) &&
	l->indefinite == \old(l->indefinite) &&
	l->left == \old(l->left) - (l->indefinite ? 0 : 1);
    ensures !\result && r->rc == ATLS_OK ==> !l->indefinite &&
	l->left == \old(l->left) &&
	(\old(l->indefinite) || l->left == 0); */
bool			cbor_next(struct rd *r, struct cbor_list *l);

/* Keys are integers or text; E_FORMAT for others. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, CBOR_MAP, 0);
    ensures \result.list.left == (r->rc == ATLS_OK ?
	cbor_arg(\old(r->p)) : 0);
    ensures \result.n == 0; */
struct cbor_map		cbor_map(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures \result.n == 0; */
struct cbor_map		cbor_map_any(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r) && \valid(m) && cbor_keys_ok(*m);
    requires \valid(k) && \separated(r, m, k);
    assigns *r, *m, *k;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && cbor_keys_ok(*m);
    ensures view_ok(k->raw) && rd_has(\old(*r), k->raw) &&
	rd_over(\old(*r), *r, k->raw);
    ensures view_ok(k->text) && rd_has(\old(*r), k->text) &&
	rd_over(\old(*r), *r, k->text);
    ensures \result ==> r->rc == ATLS_OK && r->left < \old(r->left) &&
	m->n == \old(m->n) + 1 && k->raw.len > 0 &&
	(k->type == CBOR_UINT || k->type == CBOR_NINT ||
	k->type == CBOR_TSTR);
    ensures !\result ==> k->type == CBOR_END &&
	k->raw.len == 0 && k->text.len == 0; */
bool			cbor_map_next(struct rd *r, struct cbor_map *m,
			    struct cbor_key *k);

/*@ requires \valid_read(k) && view_ok(k->text);
    admit requires text_ok(text);
    assigns \nothing;
    exits \false;
    ensures \result ==> k->type == CBOR_TSTR; */
bool			cbor_key_is(const struct cbor_key *k,
			    const char *text);

/*@ requires \valid_read(k);
    assigns \nothing;
    exits \false;
    ensures \result <==> (v < 0 ?
	k->type == CBOR_NINT && v == -1 - k->num :
	k->type == CBOR_UINT && v == k->num); */
bool			cbor_key_is_int(const struct cbor_key *k, int64_t v);

/* Passes over one item of any type, floats as well, that is well formed, or
 * gives it as a view.  Duplicate keys inside are not looked for. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
void			cbor_skip(struct rd *r);

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result) &&
	rd_over(\old(*r), *r, \result);
    ensures r->rc == ATLS_OK ==> \result.p == \old(r->p) &&
	\result.len == \old(r->left) - r->left;
    ensures r->rc != ATLS_OK ==> \result.len == 0; */
struct atls_bytes	cbor_item(struct rd *r);

/* Writing: always the shortest form, always definite lengths. */
/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_head(struct wr *w, enum cbor_type type, uint64_t arg);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_uint(struct wr *w, uint64_t v);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_int(struct wr *w, int64_t v);

/*@ requires wr_ok(w) && view_ok(b) && wr_apart(w, b);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_bstr(struct wr *w, struct atls_bytes b);

/*@ requires wr_ok(w) && view_ok(s) && wr_apart(w, s);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_tstr(struct wr *w, struct atls_bytes s); /* E_ARG: no UTF-8 */

/*@ requires wr_ok(w);
    admit requires text_ok(s) && (w->out->cap == 0 || \separated(
	s + (0 .. text_len(s)), w->out->p + (0 .. w->out->cap - 1)));
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_text(struct wr *w, const char *s);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_array(struct wr *w, size_t n);	/* n items must follow */

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_map(struct wr *w, size_t n);	/* n keys and values */

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_tag(struct wr *w, uint64_t t);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_bool(struct wr *w, bool b);

/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	cbor_put_null(struct wr *w);

#endif
