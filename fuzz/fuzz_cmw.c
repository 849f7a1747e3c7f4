/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/cmw.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool cond)
{
	if (!cond)
		abort();
}

static void
inside(struct atls_bytes in, struct atls_bytes v)
{
	must(v.len == 0 ? v.p == NULL : v.p >= in.p && v.len <= in.len &&
	    (size_t)(v.p - in.p) <= in.len - v.len);
}

/* Text of a type for atls_cmw_write(), if it needs no unescaping. */
static bool
plain(enum atls_cmw_form form, struct atls_bytes type,
    char out[ATLS_MEDIA_MAX + 1])
{
	if (type.len == 0 || type.len > ATLS_MEDIA_MAX ||
	    (form == ATLS_CMW_JSON && memchr(type.p, '\\', type.len) != NULL))
		return false;
	memcpy(out, type.p, type.len);
	out[type.len] = '\0';
	return true;
}

static void
round_trip(const struct atls_cmw_record *rec, enum atls_cmw_form form)
{
	static uint8_t p[2 * ATLS_CMW_MAX], q[ATLS_CMW_MAX], s[ATLS_CMW_MAX];
	struct atls_buf o = { p, sizeof(p), 0 }, scratch = { s, sizeof(s), 0 };
	struct atls_buf again = { q, sizeof(q), 0 };
	struct atls_bytes v, w;
	char type[ATLS_MEDIA_MAX + 1];
	struct atls_cmw c;
	enum atls_rc rc;

	must(atls_cmw_value(rec, &scratch, &v) == ATLS_OK);
	if (!plain(rec->form, rec->type, type))
		return;
	must(atls_cmw_is(rec, type));
	rc = atls_cmw_write(&o, form, type, v, rec->ind);
	if (rc != ATLS_OK) {
		must(rc == ATLS_E_LIMIT ||
		    (form == ATLS_CMW_JSON && v.len == 0));
		return;
	}
	must(atls_cmw_parse((struct atls_bytes){ p, o.len }, &c, NULL) ==
	    ATLS_OK);
	must(c.nrecord == 1 && !c.is_collection && c.record[0].depth == 0 &&
	    c.record[0].form == form && c.record[0].ind == rec->ind);
	must(atls_cmw_is(&c.record[0], type));
	must(atls_cmw_value(&c.record[0], &again, &w) == ATLS_OK);
	must(w.len == v.len && (v.len == 0 || memcmp(w.p, v.p, v.len) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct atls_cmw zero;
	uint8_t *p = malloc(size == 0 ? 1 : size);
	struct atls_bytes in = { p, size };
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_cmw c;
	enum atls_rc rc;
	size_t i;

	must(p != NULL);
	memcpy(p, data, size);
	memset(&c, 0xa5, sizeof(c));
	rc = atls_cmw_parse(in, &c, &err);
	must(err.rc == rc);
	if (rc != ATLS_OK)
		must(memcmp(&c, &zero, sizeof(c)) == 0 && err.where != NULL &&
		    err.offset <= size);
	else
		must(c.nrecord > 0 && c.nrecord <= ATLS_CMW_LEAVES);
	inside(in, c.collection_type);
	for (i = 0; i < c.nrecord; i++) {
		inside(in, c.record[i].type);
		inside(in, c.record[i].value);
		inside(in, c.record[i].label);
		must(c.record[i].ind <= 31 && c.record[i].format <= 65535 &&
		    c.record[i].depth <= ATLS_CMW_DEPTH);
		must((c.record[i].depth > 0) == c.is_collection);
		round_trip(&c.record[i], ATLS_CMW_CBOR);
		round_trip(&c.record[i], ATLS_CMW_JSON);
	}
	free(p);
	return 0;
}
