/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../base/rd.h"
#include "../codec/date.h"
#include "../codec/hex.h"
#include "intel_doc.h"

void
intel_fail(struct intel_json *j, enum atls_rc rc, const char *name,
    const char *why)
{
	if (j->rc == ATLS_OK)
		j->rc = err_set(j->err, rc, j->where, 0, "%s: %s", name, why);
}

json_t *
intel_member(struct intel_json *j, json_t *o, const char *name, json_type type)
{
	json_t *v;

	if (j->rc != ATLS_OK)
		return NULL;
	if ((v = json_object_get(o, name)) == NULL)
		intel_fail(j, ATLS_E_FORMAT, name, "missing");
	else if (json_typeof(v) != type)
		intel_fail(j, ATLS_E_FORMAT, name, "of another type");
	return j->rc == ATLS_OK ? v : NULL;
}

uint32_t
intel_number(struct intel_json *j, json_t *o, const char *name, uint32_t max)
{
	json_int_t v = json_integer_value(intel_member(j, o, name,
	    JSON_INTEGER));

	if (v < 0 || v > (json_int_t)max) {
		intel_fail(j, ATLS_E_LIMIT, name, "out of range");
		return 0;
	}
	return (uint32_t)v;
}

/* A string may have a NUL in it, as an escape: its length counts. */
struct atls_bytes
intel_text(struct intel_json *j, json_t *o, const char *name)
{
	json_t *v = intel_member(j, o, name, JSON_STRING);

	return (struct atls_bytes){ (const uint8_t *)json_string_value(v),
	    json_string_length(v) };
}

void
intel_hex(struct intel_json *j, json_t *o, const char *name, uint8_t *out,
    size_t n)
{
	struct atls_bytes text = intel_text(j, o, name);
	struct atls_buf b = { out, n, 0 };
	struct wr w = wr_of(&b);

	hex_get(&w, text);
	if (wr_done(&w) != ATLS_OK || b.len != n)
		intel_fail(j, ATLS_E_FORMAT, name,
		    "not as many hexadecimal digits");
	if (j->rc != ATLS_OK)
		memset(out, 0, n);
}

int64_t
intel_date(struct intel_json *j, json_t *o, const char *name)
{
	int64_t at;

	if (!date_read(intel_text(j, o, name), &at))
		intel_fail(j, ATLS_E_FORMAT, name, "not a date and time");
	return j->rc == ATLS_OK ? at : 0;
}

/* What is between the quotes; the first is taken already. */
static struct atls_bytes
string(struct rd *r)
{
	struct rd begin = *r;
	uint64_t c = 0;

	while (r->rc == ATLS_OK && c != '"')
		if ((c = rd_be(r, 1)) == '\\')
			(void)rd_be(r, 1);
	if (r->rc != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return rd_take(&begin, begin.left - r->left - 1);
}

/*
 * Only depth, strings and commas matter: that the text is JSON is known.  An
 * alias of the name, written with escapes, is not found, and cannot stand
 * beside it, for then there were two members of one name.
 */
struct atls_bytes
intel_span(struct atls_bytes text, const char *name)
{
	struct atls_bytes want = { (const uint8_t *)name, strlen(name) };
	struct rd r = rd_of(text), at = r, begin = r;
	bool name_next = false, found = false;
	size_t depth = 0;

	while (r.left > 0 && r.rc == ATLS_OK) {
		at = r;
		switch (rd_be(&r, 1)) {
		case '"':
			if (atls_ct_eq(string(&r), want) && depth == 1 &&
			    name_next)
				found = true;
			name_next = false;
			break;
		case '{':
		case '[':
			if (depth++ == 1 && found)
				begin = at;
			name_next = depth == 1;
			break;
		case '}':
		case ']':
			if (--depth == 1 && found)
				return rd_take(&begin, begin.left - r.left);
			break;
		case ',':
			name_next = depth == 1;
			if (name_next && found)
				return (struct atls_bytes){ NULL, 0 };
			break;
		}
	}
	return (struct atls_bytes){ NULL, 0 };
}
