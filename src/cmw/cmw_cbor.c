/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/cbor.h"
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

/* A media type, or a content format. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(rec) && \separated(w, rec);
    assigns *w, rec->type, rec->format;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures rec->type == \old(rec->type) || rd_has(\old(w->r), rec->type); */
static void
type(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	struct media m;
	uint64_t v;

	if (cbor_peek(w->r) == CBOR_TSTR) {
		rec->type = cbor_tstr(&w->r);
		if (w->r.rc != ATLS_OK || media_parse(rec->type, &m) !=
		    ATLS_OK)
			cmw_fail(w, ATLS_E_FORMAT, "cmw.type",
			    "not a media type");
		return;
	}
	v = cbor_uint(&w->r);
	if (w->r.rc != ATLS_OK || v > CMW_FORMAT_MAX)
		cmw_fail(w, ATLS_E_FORMAT, "cmw.type",
		    "not a content format");
	rec->format = (unsigned)(v & CMW_FORMAT_MAX);
}

/*@ requires \valid(w) && rd_ok(w->r);
    assigns *w;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r); */
static unsigned
ind(struct cmw_walk *w)
{
	uint64_t v = cbor_uint(&w->r);

	if (w->r.rc != ATLS_OK || v == 0 || v > UINT32_MAX)
		cmw_fail(w, ATLS_E_FORMAT, "cmw.ind", "not a number, or zero");
	return (unsigned)(v & UINT32_MAX);
}

/* RFC 9999, 3.1: [type, value, ? ind].  Indefinite only as the whole message,
 * as the look-ahead of 3.4 knows 0x9f. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(rec) && \separated(w, rec);
    requires rec->type.len == 0 && rec->value.len == 0;
    assigns *w, *rec;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_has(\old(w->r), *rec) && rec->label == \old(rec->label); */
static void
record(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	struct cbor_list a = rec->depth == 0 ? cbor_array_any(&w->r) :
	    cbor_array(&w->r);

	rec->form = ATLS_CMW_CBOR;
	if (!cbor_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no type");
	type(w, rec);
	if (!cbor_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no value");
	rec->value = cbor_bstr(&w->r);
	if (cbor_next(&w->r, &a))
		rec->ind = ind(w);
	if (cbor_next(&w->r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "over three members");
}

/*
 * RFC 9999 is of two minds about two tags.  TN() of its content formats makes
 * 1668547092 cmw+json and 1668547093 cmw+cose, its table of tags the reverse.
 * What is inside tells: a JSON CMW begins with a bracket, COSE_Sign1 with the
 * head of an array of four or with its tag, 18.
 */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(rec) && \separated(w, rec);
    requires view_ok(rec->value);
    assigns w->r.rc, w->where, w->what, w->off, rec->format;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r); */
static void
tell_apart(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	int c = rd_peek(rd_of(rec->value));

	if (rec->format != CMW_JSON_FORMAT && rec->format != CMW_COSE_FORMAT)
		return;
	if (c == '{' || c == '[')
		rec->format = CMW_JSON_FORMAT;
	else if (c == 0x84 || c == 0xd2)
		rec->format = CMW_COSE_FORMAT;
	else
		cmw_fail(w, ATLS_E_FORMAT, "cmw.tag",
		    "neither JSON nor COSE_Sign1");
}

/* RFC 9999, 3.2: TN(content format) around a byte string. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(rec) && \separated(w, rec);
    requires rec->type.len == 0 && rec->value.len == 0;
    assigns *w, *rec;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_has(\old(w->r), *rec) && rec->label == \old(rec->label); */
static void
tag(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	int cf = cmw_format_of_tag(cbor_tag(&w->r));

	rec->form = ATLS_CMW_TAG;
	if (w->r.rc != ATLS_OK || cf < 0) {
		cmw_fail(w, ATLS_E_UNKNOWN, "cmw.tag", "not of RFC 9277");
		return;
	}
	rec->format = (unsigned)cf;
	rec->value = cbor_bstr(&w->r);
	if (w->r.rc == ATLS_OK)
		tell_apart(w, rec);
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
	struct cbor_map m;
	struct cbor_key k;
	size_t n = 0;

	if (depth > ATLS_CMW_DEPTH) {
		cmw_fail(w, ATLS_E_LIMIT, "cmw.collection", "too deep");
		return;
	}
	m = depth == 1 ? cbor_map_any(&w->r) : cbor_map(&w->r);
	/*@ loop invariant rd_ok(w->r) && rd_goes(\at(w->r, Pre), w->r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant cmw_from(\at(w->r, Pre), \at(*out, Pre), *out);
	    loop assigns m, k, n, *w, out->nrecord, out->collection_type,
		out->record[0 .. ATLS_CMW_LEAVES - 1];
	    loop variant w->r.left; */
	while (cbor_map_next(&w->r, &m, &k)) {
		if (cbor_key_is(&k, CMW_TYPE_KEY)) {
			cmw_collection_type(w, out, cbor_tstr(&w->r), depth);
			continue;
		}
		if (++n > ATLS_CMW_ENTRIES)
			cmw_fail(w, ATLS_E_LIMIT, "cmw.collection",
			    "too many entries");
		node(w, out, k.raw, depth);
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
	enum cbor_type t = cbor_peek(w->r);

	if (w->r.rc != ATLS_OK)
		return;
	if (t == CBOR_MAP) {
		collection(w, out, depth + 1);
		return;
	}
	if (t == CBOR_ARRAY)
		record(w, &rec);
	else if (t == CBOR_TAG)
		tag(w, &rec);
	else
		cmw_fail(w, t == CBOR_END ? ATLS_E_TRUNC : ATLS_E_FORMAT,
		    "cmw", "not a record, tag or collection");
	cmw_add(w, out, &rec);
}

void
cmw_cbor(struct cmw_walk *w, struct atls_cmw *out)
{
	node(w, out, (struct atls_bytes){ NULL, 0 }, 0);
}
