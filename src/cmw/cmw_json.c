/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/b64.h"
#include "../codec/json.h"
#include "cmw.h"
#include "media.h"

/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \separated(w, out);
    requires out->nrecord <= ATLS_CMW_LEAVES && view_ok(label);
    requires depth <= ATLS_CMW_DEPTH;
    decreases 2 * (ATLS_CMW_DEPTH - depth) + 1;
    assigns *w, out->nrecord, out->record[0 .. ATLS_CMW_LEAVES - 1],
	out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_node(\old(w->r), label, \old(*out), *out); */
static void	node(struct cmw_walk *w, struct atls_cmw *out,
		    struct atls_bytes label, unsigned depth);

/* The type is text: RFC 9999, 3.1, has no content formats in JSON. */
/*@ requires view_ok(raw);
    assigns \nothing;
    exits \false; */
static bool
type_ok(struct atls_bytes raw)
{
	uint8_t text[ATLS_MEDIA_MAX];
	struct atls_buf b = { text, sizeof(text), 0 };
	struct wr w = wr_of(&b);
	struct media m;

	json_text(&w, raw);
	return wr_done(&w) == ATLS_OK && media_parse((struct atls_bytes){
	    text, b.len }, &m) == ATLS_OK;
}

/*@ requires \valid(w) && rd_ok(w->r);
    assigns *w;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures view_ok(\result) && rd_has(\old(w->r), \result); */
static struct atls_bytes
type(struct cmw_walk *w)
{
	struct atls_bytes t = json_str(&w->r);

	if (w->r.rc != ATLS_OK || !type_ok(t))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.type", "not a media type");
	return t;
}

/* RFC 9999, 6: [A-Za-z0-9_-]+; so nothing there needs an escape. */
/*@ requires \valid(w) && rd_ok(w->r);
    assigns *w;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures view_ok(\result) && rd_has(\old(w->r), \result); */
static struct atls_bytes
value(struct cmw_walk *w)
{
	struct atls_bytes v = json_str(&w->r);

	if (w->r.rc != ATLS_OK || v.len == 0 || !b64_ok(v))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.value", "not base64url");
	return v;
}

/*@ requires \valid(w) && rd_ok(w->r);
    assigns *w;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r); */
static unsigned
ind(struct cmw_walk *w)
{
	uint64_t v = json_uint(&w->r);

	if (w->r.rc != ATLS_OK || v == 0 || v > UINT32_MAX)
		cmw_fail(w, ATLS_E_FORMAT, "cmw.ind", "not a number, or zero");
	return (unsigned)(v & UINT32_MAX);
}

/* RFC 9999, 3.1: [type, value, ? ind]. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(rec) && \separated(w, rec);
    assigns *w, *rec;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_has(\old(w->r), *rec) && rec->label == \old(rec->label); */
static void
record(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	struct json_list a = json_array(&w->r);

	rec->form = ATLS_CMW_JSON;
	if (!json_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no type");
	rec->type = type(w);
	if (!json_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no value");
	rec->value = value(w);
	if (!json_next(&w->r, &a))
		return;
	rec->ind = ind(w);
	if (json_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "over three members");
}

/* Names that say the same differently are the same: RFC 8259, 8.3. */
/*@ requires \forall integer i; 0 <= i < n ==> view_ok(name[i]);
    requires n == 0 || \valid_read(name + (0 .. n - 1));
    requires view_ok(raw);
    assigns \nothing;
    exits \false; */
static bool
seen(const struct atls_bytes *name, size_t n, struct atls_bytes raw)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		if (json_str_eq(name[i], raw))
			return true;
	return false;
}

/* RFC 9999, 3.3.  depth is that of the members. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \separated(w, out);
    requires out->nrecord <= ATLS_CMW_LEAVES;
    requires 1 <= depth <= ATLS_CMW_DEPTH + 1;
    decreases 2 * (ATLS_CMW_DEPTH + 1 - depth);
    assigns *w, out->nrecord, out->record[0 .. ATLS_CMW_LEAVES - 1],
	out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_from(\old(w->r), \old(*out), *out); */
static void
collection(struct cmw_walk *w, struct atls_cmw *out, unsigned depth)
{
	struct atls_bytes name[ATLS_CMW_ENTRIES];
	struct atls_bytes key;
	struct json_list o;
	bool typed = false;
	size_t n = 0;

	if (depth > ATLS_CMW_DEPTH) {
		cmw_fail(w, ATLS_E_LIMIT, "cmw.collection", "too deep");
		return;
	}
	o = json_object(&w->r);
	/*@ loop invariant rd_ok(w->r) && rd_goes(\at(w->r, Pre), w->r);
	    loop invariant 0 <= n <= ATLS_CMW_ENTRIES;
	    loop invariant \forall integer i; 0 <= i < n ==>
		view_ok(name[i]);
	    loop invariant cmw_from(\at(w->r, Pre), \at(*out, Pre), *out);
	    loop assigns o, key, n, typed, name[0 .. ATLS_CMW_ENTRIES - 1],
		*w, out->nrecord, out->collection_type,
		out->record[0 .. ATLS_CMW_LEAVES - 1];
	    loop variant w->r.left; */
	while (json_member(&w->r, &o, &key)) {
		if (json_str_is(key, CMW_TYPE_KEY)) {
			if (typed)
				cmw_fail(w, ATLS_E_FORMAT, "cmw.collection",
				    "two types");
			typed = true;
			cmw_collection_type(w, out, json_str(&w->r), depth);
			continue;
		}
		if (n >= ATLS_CMW_ENTRIES) {
			cmw_fail(w, ATLS_E_LIMIT, "cmw.collection",
			    "too many entries");
			return;
		}
		/* RFC 9999, 3.3: each label is unique */
		if (seen(name, n, key))
			cmw_fail(w, ATLS_E_FORMAT, "cmw.collection",
			    "two entries of one name");
		name[n++] = key;
		node(w, out, key, depth);
	}
	if (w->r.rc != ATLS_OK)
		cmw_fail(w, w->r.rc, "cmw.collection", "malformed");
	else if (n == 0)	/* RFC 9999, 3.3: MUST have at least one */
		cmw_fail(w, ATLS_E_FORMAT, "cmw.collection", "empty");
}

/* Calls itself through collection(), ATLS_CMW_DEPTH times at most. */
static void
node(struct cmw_walk *w, struct atls_cmw *out, struct atls_bytes label,
    unsigned depth)
{
	struct atls_cmw_record rec = { .label = label, .depth = depth };
	enum json_type t = json_peek(w->r);

	if (w->r.rc != ATLS_OK)
		return;
	if (t == JSON_OBJECT) {
		collection(w, out, depth + 1);
		return;
	}
	if (t == JSON_ARRAY)
		record(w, &rec);
	else
		cmw_fail(w, t == JSON_END ? ATLS_E_TRUNC : ATLS_E_FORMAT,
		    "cmw", "not a record or collection");
	cmw_add(w, out, &rec);
}

void
cmw_json(struct cmw_walk *w, struct atls_cmw *out)
{
	node(w, out, (struct atls_bytes){ NULL, 0 }, 0);
	json_space(&w->r);	/* RFC 8259, 2: files end in a line feed */
}
