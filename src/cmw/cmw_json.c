/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/b64.h"
#include "../codec/json.h"
#include "cmw.h"
#include "media.h"

static void	node(struct cmw_walk *, struct atls_bytes, unsigned);

/* The type is text: RFC 9999, 3.1, has no content formats in JSON. */
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

/* RFC 9999, 3.1: [type, value, ? ind]. */
static void
record(struct cmw_walk *w, struct atls_cmw_record *rec)
{
	struct rd *r = &w->r;
	struct json_list a = json_array(r);
	uint64_t v;

	rec->form = ATLS_CMW_JSON;
	if (!json_next(r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no type");
	rec->type = json_str(r);
	if (r->rc != ATLS_OK || !type_ok(rec->type))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.type", "not a media type");
	if (!json_next(r, &a))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.record", "no value");
	rec->value = json_str(r);
	/* RFC 9999, 6: [A-Za-z0-9_-]+; so nothing there needs an escape */
	if (r->rc != ATLS_OK || rec->value.len == 0 || !b64_ok(rec->value))
		cmw_fail(w, ATLS_E_FORMAT, "cmw.value", "not base64url");
	if (json_next(r, &a)) {
		v = json_uint(r);
		if (r->rc != ATLS_OK || v == 0 || v > UINT32_MAX)
			cmw_fail(w, ATLS_E_FORMAT, "cmw.ind",
			    "not a number, or zero");
		rec->ind = (unsigned)(v & UINT32_MAX);
		if (json_next(r, &a))
			cmw_fail(w, ATLS_E_FORMAT, "cmw.record",
			    "over three members");
	}
	cmw_add(w, rec);
}

/* Names that say the same differently are the same: RFC 8259, 8.3. */
static bool
seen(const struct atls_bytes *name, size_t n, struct atls_bytes raw)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (json_str_eq(name[i], raw))
			return true;
	return false;
}

/* RFC 9999, 3.3.  depth is that of the members. */
static void
collection(struct cmw_walk *w, unsigned depth)
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
	while (json_member(&w->r, &o, &key)) {
		if (json_str_is(key, CMW_TYPE_KEY)) {
			if (typed)
				cmw_fail(w, ATLS_E_FORMAT, "cmw.collection",
				    "two types");
			typed = true;
			cmw_collection_type(w, json_str(&w->r), depth);
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
		node(w, key, depth);
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
	enum json_type t = json_peek(w->r);

	if (w->r.rc != ATLS_OK)
		return;
	if (t == JSON_ARRAY)
		record(w, &rec);
	else if (t == JSON_OBJECT)
		collection(w, depth + 1);
	else
		cmw_fail(w, t == JSON_END ? ATLS_E_TRUNC : ATLS_E_FORMAT,
		    "cmw", "not a record or collection");
}

void
cmw_json(struct cmw_walk *w)
{
	node(w, (struct atls_bytes){ NULL, 0 }, 0);
	json_space(&w->r);	/* RFC 8259, 2: files end in a line feed */
}
