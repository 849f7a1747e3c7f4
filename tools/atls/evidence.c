/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in a file, raw or in a CMW. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* A type may be that of several kinds: the first that it can be read as, or
 * the first that it was to be. */
enum atls_rc
evidence_of_record(const struct atls_cmw_record *rec, struct atls_bytes value,
    struct atls_buf *scratch, struct atls_evidence *out, struct atls_err *err)
{
	struct atls_err e, first = { .rc = ATLS_E_UNKNOWN, .where = "cmw",
	    .detail = "no kind that is known here" };
	enum atls_rc rc;
	size_t used = scratch->len;
	bool any = false;
	int k;

	for (k = ATLS_KIND_NONE + 1; k < ATLS_NKINDS; k++) {
		if (!atls_kind_takes((enum atls_kind)k, rec))
			continue;
		e = (struct atls_err){ 0 };
		scratch->len = used;
		rc = atls_evidence_parse(out, (enum atls_kind)k, value,
		    scratch, &e);
		if (rc == ATLS_OK)
			return ATLS_OK;
		if (!any)
			first = e;
		any = true;
	}
	*err = first;
	return first.rc;
}

static enum atls_rc
unwrap(struct evidence *e, struct atls_err *err)
{
	struct atls_cmw *cmw = malloc(sizeof(*cmw));
	enum atls_rc rc;

	if (cmw == NULL)
		return ATLS_E_MEM;
	rc = atls_cmw_parse(buf_view(&e->file), cmw, err);
	if (rc == ATLS_OK && cmw->nrecord != 1) {
		*err = (struct atls_err){ .rc = ATLS_E_UNKNOWN,
		    .where = "cmw", .detail = "not one record" };
		rc = err->rc;
	}
	if (rc == ATLS_OK && (rc = atls_cmw_value(&cmw->record[0],
	    &e->scratch, &e->raw)) == ATLS_OK)
		rc = evidence_of_record(&cmw->record[0], e->raw, &e->scratch,
		    e->ev, err);
	free(cmw);
	return rc;
}

/* e->file is there. */
static int
parse(struct evidence *e, const char *what, enum atls_kind kind)
{
	struct atls_err err = { 0 };
	enum atls_rc rc;

	e->scratch.cap = 2 * e->file.len;
	if ((e->ev = malloc(sizeof(*e->ev))) == NULL ||
	    (e->scratch.p = malloc(e->scratch.cap + 1)) == NULL)
		return complain(EX_TROUBLE, "no memory");
	e->raw = buf_view(&e->file);
	rc = kind == ATLS_KIND_NONE ? unwrap(e, &err) :
	    atls_evidence_parse(e->ev, kind, e->raw, &e->scratch, &err);
	if (rc == ATLS_OK)
		return EX_ACCEPTED;
	if (err.rc == ATLS_OK)
		err.rc = rc;
	return complain_err(rc == ATLS_E_MEM ? EX_TROUBLE : EX_MALFORMED, what,
	    &err);
}

int
evidence_open(struct evidence *e, const char *path, enum atls_kind kind)
{
	*e = (struct evidence){ .ev = NULL };
	if (file_read(path, &e->file) == -1)
		return complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	return parse(e, path, kind);
}

int
evidence_parse(struct evidence *e, struct atls_bytes raw, enum atls_kind kind)
{
	*e = (struct evidence){ .ev = NULL };
	if ((e->file.p = malloc(raw.len + 1)) == NULL)
		return complain(EX_TROUBLE, "no memory");
	memcpy(e->file.p, raw.p, raw.len);
	e->file.len = raw.len;
	return parse(e, "evidence", kind);
}

void
evidence_close(struct evidence *e)
{
	free(e->file.p);
	free(e->scratch.p);
	free(e->ev);
	*e = (struct evidence){ .ev = NULL };
}
