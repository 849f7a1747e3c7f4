/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/cbor.h"
#include "cmw.h"
#include "media.h"

static void	node(struct cmw_walk *, struct atls_bytes, unsigned);

/* RFC 9999, 3.1: [type, value, ? ind].  Indefinite only as the whole message,
 * as the look-ahead of 3.4 knows 0x9f. */
static void
record(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	struct rd *r = &w->r;
	struct cbor_list a = rec->depth == 0 ? cbor_array_any(r) :
	    cbor_array(r);
	struct media m;
	uint64_t v;

	rec->form = ATLS_CMW_CBOR;
	if (!cbor_next(r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no type");
	if (cbor_peek(*r) == CBOR_TSTR) {
		rec->type = cbor_tstr(r);
		if (r->rc != ATLS_OK || media_parse(rec->type, &m) != ATLS_OK)
			cmw_fail(w, ATLS_E_FORMAT, "cmw.type",
			    "not a media type");
	} else {
		v = cbor_uint(r);
		if (r->rc != ATLS_OK || v > CMW_FORMAT_MAX)
			cmw_fail(w, ATLS_E_FORMAT, "cmw.type",
			    "not a content format");
		rec->format = (unsigned)(v & CMW_FORMAT_MAX);
	}
	if (!cbor_next(r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no value");
	rec->value = cbor_bstr(r);
	if (cbor_next(r, &a)) {
		v = cbor_uint(r);
		if (r->rc != ATLS_OK || v == 0 || v > UINT32_MAX)
			cmw_fail(w, ATLS_E_FORMAT, "cmw.ind",
			    "not a number, or zero");
		rec->ind = (unsigned)(v & UINT32_MAX);
	}
	if (cbor_next(r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "over three members");
	cmw_add(w, rec);
}

/*
 * RFC 9999 is of two minds about two tags.  TN() of its content formats makes
 * 1668547092 cmw+json and 1668547093 cmw+cose, its table of tags the reverse.
 * What is inside tells: a JSON CMW begins with a bracket, COSE_Sign1 with the
 * head of an array of four or with its tag, 18.
 */
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
	cmw_add(w, rec);
}

/* RFC 9999, 3.3.  depth is that of the members. */
static void
collection(struct cmw_walk *w, unsigned depth)
{
	struct cbor_map m;
	struct cbor_key k;
	size_t n = 0;

	if (depth > ATLS_CMW_DEPTH) {
		cmw_fail(w, ATLS_E_LIMIT, "cmw.collection", "too deep");
		return;
	}
	m = depth == 1 ? cbor_map_any(&w->r) : cbor_map(&w->r);
	while (cbor_map_next(&w->r, &m, &k)) {
		if (cbor_key_is(&k, CMW_TYPE_KEY)) {
			cmw_collection_type(w, cbor_tstr(&w->r), depth);
			continue;
		}
		if (++n > ATLS_CMW_ENTRIES)
			cmw_fail(w, ATLS_E_LIMIT, "cmw.collection",
			    "too many entries");
		node(w, k.raw, depth);
	}
	if (w->r.rc != ATLS_OK)
		cmw_fail(w, w->r.rc, "cmw.collection", "malformed");
	else if (n == 0)	/* RFC 9999, 3.3: MUST have at least one */
		cmw_fail(w, ATLS_E_FORMAT, "cmw.collection", "empty");
}

/* Calls itself through collection(), ATLS_CMW_DEPTH times at most. */
static void
node(struct cmw_walk *w, struct atls_bytes label, unsigned depth)
{
	struct atls_cmw_record rec = { .label = label, .depth = depth };
	enum cbor_type t = cbor_peek(w->r);

	if (w->r.rc != ATLS_OK)
		return;
	if (t == CBOR_ARRAY)
		record(w, &rec);
	else if (t == CBOR_TAG)
		tag(w, &rec);
	else if (t == CBOR_MAP)
		collection(w, depth + 1);
	else
		cmw_fail(w, t == CBOR_END ? ATLS_E_TRUNC : ATLS_E_FORMAT,
		    "cmw", "not a record, tag or collection");
}

void
cmw_cbor(struct cmw_walk *w)
{
	node(w, (struct atls_bytes){ NULL, 0 }, 0);
}
