/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../codec/b64.h"
#include "../codec/cbor.h"
#include "../codec/json.h"
#include "cmw.h"
#include "media.h"

/* RFC 9999, 3.4: what the first octet says.  White space before JSON is not
 * of that list. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \separated(w, out);
    requires out->nrecord == 0;
    assigns *w, out->nrecord, out->record[0 .. ATLS_CMW_LEAVES - 1],
	out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_from(\old(w->r), \old(*out), *out); */
static void
demultiplex(struct cmw_walk *w, struct atls_cmw *out)
{
	int c = rd_peek(w->r);

	if (c == '[' || c == '{')
		cmw_json(w, out);
	else if (c == 0x82 || c == 0x83 || c == 0x9f || c == 0xda ||
	    (c >= 0xa0 && c <= 0xbb) || c == 0xbf)
		cmw_cbor(w, out);
	else
		cmw_fail(w, c < 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT, "cmw",
		    "begins like no CMW");
}

/*@ requires view_ok(in) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false;
    ensures out->nrecord <= ATLS_CMW_LEAVES;
    ensures view_in(out->collection_type, in);
    ensures \forall integer i; 0 <= i < out->nrecord ==>
	view_in(out->record[i].type, in) &&
	view_in(out->record[i].value, in) &&
	view_in(out->record[i].label, in);
    ensures \result != ATLS_OK ==> out->nrecord == 0; */
enum atls_rc
atls_cmw_parse(struct atls_bytes in, struct atls_cmw *out,
    struct atls_err *err)
{
	struct cmw_walk w = { .r = rd_of(in) };
	int c = rd_peek(w.r);
	enum atls_rc rc;

	*out = (struct atls_cmw){ .is_collection = c == '{' ||
	    (c >= 0xa0 && c <= 0xbf) };
	if (in.len > ATLS_CMW_LONG)
		cmw_fail(&w, ATLS_E_LIMIT, "cmw", "too long");
	else
		demultiplex(&w, out);
	if ((rc = rd_done(&w.r)) == ATLS_OK)
		return ATLS_OK;
	cmw_fail(&w, rc, "cmw", "more octets than one CMW");
	*out = (struct atls_cmw){ .nrecord = 0 };
	return err_set(err, rc, w.where, w.off, "%s", w.what);
}

/*@ requires \valid_read(rec) && view_ok(rec->value);
    requires buf_ok(scratch) && \valid(out);
    requires \separated(rec, out, scratch,
	scratch->p + (0 .. scratch->cap - 1));
    assigns *out, scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures view_ok(*out); */
enum atls_rc
atls_cmw_value(const struct atls_cmw_record *rec, struct atls_buf *scratch,
    struct atls_bytes *out)
{
	enum atls_rc rc;
	struct wr w;

	*out = (struct atls_bytes){ NULL, 0 };
	if (rec->form != ATLS_CMW_JSON) {
		*out = rec->value;
		return ATLS_OK;
	}
	w = wr_of(scratch);
	b64_get(&w, rec->value);
	if ((rc = wr_done(&w)) != ATLS_OK)
		return rc;
	*out = (struct atls_bytes){ scratch->p, scratch->len };
	return ATLS_OK;
}

/*@ requires view_ok(raw) && buf_ok(b);
    requires \separated(b, b->p + (0 .. b->cap - 1));
    assigns b->len, b->p[0 .. b->cap - 1];
    exits \false;
    ensures view_ok(\result); */
static struct atls_bytes
unescape(struct atls_bytes raw, struct atls_buf *b)
{
	struct wr w = wr_of(b);

	json_text(&w, raw);
	if (wr_done(&w) != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ b->p, b->len };
}

/* The type as text: of JSON unescaped into b, of a content format by name. */
/*@ requires \valid_read(rec) && view_ok(rec->type) && buf_ok(b);
    requires \separated(rec, b, b->p + (0 .. b->cap - 1));
    assigns b->len, b->p[0 .. b->cap - 1];
    exits \false;
    ensures view_ok(\result); */
static struct atls_bytes
type_text(const struct atls_cmw_record *rec, struct atls_buf *b)
{
	const char *media;

	if (rec->type.len > 0)
		return rec->form == ATLS_CMW_JSON ? unescape(rec->type, b) :
		    rec->type;
	media = media_of_format(rec->format);
	if (media == NULL)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ (const uint8_t *)media, strlen(media) };
}

/*@ requires \valid_read(rec) && view_ok(rec->type) && text_ok(media);
    assigns \nothing;
    exits \false; */
bool
atls_cmw_is(const struct atls_cmw_record *rec, const char *media)
{
	uint8_t text[ATLS_MEDIA_MAX];
	struct atls_buf b = { text, sizeof(text), 0 };
	struct atls_bytes want = { (const uint8_t *)media, strlen(media) };
	struct media m, n;

	if (media_parse(type_text(rec, &b), &m) != ATLS_OK ||
	    media_parse(want, &n) != ATLS_OK)
		return false;
	return media_eq(&m, &n);
}

/*@ requires wr_ok(w) && view_ok(type) && view_ok(value);
    requires wr_apart(w, type) && wr_apart(w, value);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
write_cbor(struct wr *w, struct atls_bytes type, struct atls_bytes value,
    unsigned ind)
{
	cbor_put_array(w, ind != 0 ? 3 : 2);
	cbor_put_tstr(w, type);
	cbor_put_bstr(w, value);
	if (ind != 0)
		cbor_put_uint(w, ind);
}

/*@ requires wr_ok(w) && view_ok(type) && view_ok(value);
    requires wr_apart(w, type) && wr_apart(w, value);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
write_json(struct wr *w, struct atls_bytes type, struct atls_bytes value,
    unsigned ind)
{
	wr_be(w, '[', 1);
	json_put_str(w, type);
	wr_be(w, ',', 1);
	wr_be(w, '"', 1);
	b64_put(w, value);
	wr_be(w, '"', 1);
	if (ind != 0) {			/* at most two digits: 31 */
		wr_be(w, ',', 1);
		if (ind >= 10)
			wr_be(w, '0' + ind / 10, 1);
		wr_be(w, '0' + ind % 10, 1);
	}
	wr_be(w, ']', 1);
}

/*@ requires buf_ok(out) && text_ok(media) && view_ok(value);
    requires \separated(out, out->p + (0 .. out->cap - 1));
    requires out->cap == 0 || \separated(media + (0 .. text_len(media)),
	out->p + (0 .. out->cap - 1));
    requires out->cap == 0 || value.len == 0 || \separated(value.p +
	(0 .. value.len - 1), out->p + (0 .. out->cap - 1));
    assigns out->len, out->p[0 .. out->cap - 1];
    exits \false; */
enum atls_rc
atls_cmw_write(struct atls_buf *out, enum atls_cmw_form form,
    const char *media, struct atls_bytes value, unsigned ind)
{
	struct atls_bytes type = { (const uint8_t *)media, strlen(media) };
	struct wr w = wr_of(out);
	struct media m;

	if (media_parse(type, &m) != ATLS_OK || ind > CMW_IND_ALL ||
	    (form == ATLS_CMW_JSON && value.len == 0))
		return ATLS_E_ARG;
	if (value.len > ATLS_CMW_LONG)
		return ATLS_E_LIMIT;
	if (form == ATLS_CMW_CBOR)
		write_cbor(&w, type, value, ind);
	else if (form == ATLS_CMW_JSON)
		write_json(&w, type, value, ind);
	else
		wr_fail(&w, ATLS_E_ARG);
	if (w.need > ATLS_CMW_LONG)	/* nobody would read it */
		wr_fail(&w, ATLS_E_LIMIT);
	return wr_done(&w);
}
