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
static void
demultiplex(struct cmw_walk *w)
{
	int c = rd_peek(w->r);

	w->out->is_collection = c == '{' || (c >= 0xa0 && c <= 0xbf);
	if (c == '[' || c == '{')
		cmw_json(w);
	else if (c == 0x82 || c == 0x83 || c == 0x9f || c == 0xda ||
	    (c >= 0xa0 && c <= 0xbb) || c == 0xbf)
		cmw_cbor(w);
	else
		cmw_fail(w, c < 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT, "cmw",
		    "begins like no CMW");
}

enum atls_rc
atls_cmw_parse(struct atls_bytes in, struct atls_cmw *out,
    struct atls_err *err)
{
	struct cmw_walk w = { .r = rd_of(in), .out = out, .err = err };
	enum atls_rc rc;

	*out = (struct atls_cmw){ .nrecord = 0 };
	if (in.len > ATLS_CMW_LONG)
		cmw_fail(&w, ATLS_E_LIMIT, "cmw", "too long");
	else
		demultiplex(&w);
	if ((rc = rd_done(&w.r)) != ATLS_OK) {
		cmw_fail(&w, rc, "cmw", "more octets than one CMW");
		*out = (struct atls_cmw){ .nrecord = 0 };
	}
	return rc;
}

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

/* The type as text: of JSON unescaped into b, of a content format by name. */
static struct atls_bytes
type_text(const struct atls_cmw_record *rec, struct atls_buf *b)
{
	const struct atls_bytes none = { NULL, 0 };
	const char *media;
	struct wr w;

	if (rec->type.len == 0) {
		media = media_of_format(rec->format);
		return media == NULL ? none : (struct atls_bytes){
		    (const uint8_t *)media, strlen(media) };
	}
	if (rec->form != ATLS_CMW_JSON)
		return rec->type;
	w = wr_of(b);
	json_text(&w, rec->type);
	return wr_done(&w) == ATLS_OK ? (struct atls_bytes){ b->p, b->len } :
	    none;
}

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
