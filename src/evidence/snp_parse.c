/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../codec/pem.h"
#include "snp.h"
#include "tsm_report.h"

#define GUID_LEN	16

/*
 * GHCB, 56421, SNP Extended Guest Request.  Hosts write these GUIDs in the
 * order of their text.  The ARK is no more than somebody's claim, and left
 * out.
 */
static const struct {
	uint8_t		guid[GUID_LEN];
	enum snp_part	part;
} known[] = {
	{ { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4,
	    0xb9, 0x3b, 0xe8, 0xac, 0xcd }, SNP_VCEK },
	{ { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39,
	    0xc0, 0x45, 0xa0, 0xb8, 0xa1 }, SNP_VLEK },
	{ { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05,
	    0xae, 0xf3, 0x27, 0xc7, 0x82 }, SNP_ASK },
};

static const uint8_t last[GUID_LEN];	/* zeros end the table */

/* DER as it is, PEM decoded into scratch: hosts have either. */
/*@ requires view_ok(in) && scratch_ok(scratch) && \valid(out);
    requires scratch != \null ==>
	\separated(out, scratch, scratch->p + (0 .. scratch->cap - 1));
    assigns *out, scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures scratch_ok(scratch); */
static enum atls_rc
certificate(struct atls_bytes in, struct atls_buf *scratch,
    struct atls_bytes *out)
{
	struct rd pem = rd_of(in);

	*out = in;
	if (!pem_is(in))
		return ATLS_OK;
	*out = (struct atls_bytes){ NULL, 0 };
	if (scratch == NULL)
		return ATLS_E_SPACE;
	if (pem_get(&pem, PEM_CERT, scratch, out, 1) == 1)
		return ATLS_OK;
	return rd_done(&pem) != ATLS_OK ? rd_done(&pem) : ATLS_E_FORMAT;
}

/* What the entry that comes next points at: offset and length. */
/*@ requires \valid(r) && rd_ok(*r) && view_ok(table);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(\result) && view_in(\result, table);
    ensures r->rc == ATLS_OK ==> \result.len > 0; */
static struct atls_bytes
pointed(struct rd *r, struct atls_bytes table)
{
	struct rd at = rd_of(table);
	size_t off = (size_t)rd_le(r, 4), len = (size_t)rd_le(r, 4);
	struct atls_bytes b;

	(void)rd_take(&at, off);
	b = rd_take(&at, len);
	if (at.rc != ATLS_OK)
		rd_fail(r, at.rc);
	if (b.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return b;
}

/* Which part of evidence a GUID names; SNP_REPORT: one that we do not know. */
/*@ requires view_ok(guid);
    assigns \nothing;
    exits \false;
    ensures SNP_REPORT <= \result <= SNP_ASK; */
static enum snp_part
part_of(struct atls_bytes guid)
{
	size_t i;

	/*@ loop invariant 0 <= i <= sizeof(known) / sizeof(known[0]);
	    loop assigns i;
	    loop variant sizeof(known) / sizeof(known[0]) - i; */
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (atls_ct_eq(guid, ATLS_ARRAY(known[i].guid)))
			return known[i].part;
	return SNP_REPORT;
}

/* One entry, of which the head has been read. */
/*@ requires \valid(r) && rd_ok(*r) && view_ok(table) && view_ok(guid);
    requires \valid(out) && scratch_ok(scratch);
    requires scratch != \null ==>
	\separated(r, out, scratch, scratch->p + (0 .. scratch->cap - 1));
    requires \separated(r, out);
    assigns *r, out->part[SNP_VCEK .. SNP_ASK], scratch->len,
	scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures scratch_ok(scratch); */
static void
entry(struct rd *r, struct atls_bytes table, struct atls_bytes guid,
    struct atls_buf *scratch, struct atls_evidence *out)
{
	struct atls_bytes b = pointed(r, table), der;
	enum snp_part part = part_of(guid);

	if (part == SNP_REPORT)
		return;
	if (out->part[part].len != 0)
		rd_fail(r, ATLS_E_FORMAT);
	if (r->rc != ATLS_OK)
		return;
	rd_fail(r, certificate(b, scratch, &der));
	out->part[part] = der;
}

/* The head of an entry: its GUID.  false: the table ends here, or the reader
 * has failed. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(guid) && \separated(r, guid);
    assigns *r, *guid;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(*guid);
    ensures \result ==> r->rc == ATLS_OK && r->left < \old(r->left); */
static bool
head(struct rd *r, size_t n, struct atls_bytes *guid)
{
	bool more;

	*guid = rd_take(r, GUID_LEN);
	more = !atls_ct_eq(*guid, ATLS_ARRAY(last));
	if (more && n == SNP_ENTRIES_MAX)
		rd_fail(r, ATLS_E_LIMIT);
	if (!more && rd_le(r, 8) != 0)	/* all of the entry is zero */
		rd_fail(r, ATLS_E_FORMAT);
	return more && r->rc == ATLS_OK;
}

/* Entries of GUID, offset and length; in the offset is all of the table. */
/*@ requires view_ok(table) && off + table.len <= SIZE_MAX;
    requires \valid(out) && out->nchain == 0 && scratch_ok(scratch);
    requires \separated(out, err, scratch) &&
	scratch_apart(scratch, out, err);
    assigns out->part[SNP_VCEK .. SNP_ASK], out->nchain, out->chain[0 .. 2],
	*err, scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures out->nchain <= 3; */
static enum atls_rc
parse_table(struct atls_bytes table, size_t off, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct rd r = { .p = table.p, .left = table.len, .off = off };
	struct atls_bytes guid;
	bool more = true;
	size_t n, i;

	if (table.len > SNP_TABLE_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	/*@ loop invariant rd_ok(r) && 0 <= n;
	    loop invariant scratch_ok(scratch) &&
		scratch_apart(scratch, out, err);
	    loop assigns r, n, more, guid, out->part[SNP_VCEK .. SNP_ASK],
		scratch->len, scratch->p[0 .. scratch->cap - 1];
	    loop variant r.left + (more ? 1 : 0); */
	for (n = 0; more && r.rc == ATLS_OK; n++) {
		more = head(&r, n, &guid);
		if (more)
			entry(&r, table, guid, scratch, out);
	}
	if (r.rc != ATLS_OK)
		return err_set(err, r.rc, "snp.table", r.off, "entry %zu", n);
	/*@ loop invariant SNP_VCEK <= i <= SNP_ASK + 1;
	    loop invariant 0 <= out->nchain <= i - SNP_VCEK;
	    loop assigns i, out->nchain, out->chain[0 .. 2];
	    loop variant SNP_ASK + 1 - i; */
	for (i = SNP_VCEK; i <= SNP_ASK; i++)
		if (out->part[i].len != 0)
			out->chain[out->nchain++] = out->part[i];
	return ATLS_OK;
}

enum atls_rc
snp_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct rd r = rd_of(raw);
	struct atls_bytes table;
	struct snp_report report;
	enum atls_rc rc;

	if (tsm_report_is(raw)) {
		rc = tsm_report_read(raw, "sev_guest",
		    &out->part[SNP_REPORT], &table, err);
		if (rc != ATLS_OK)
			return rc;
	} else {
		out->part[SNP_REPORT] = rd_take(&r, r.left < SNP_REPORT_LEN ?
		    r.left : SNP_REPORT_LEN);
		table = rd_rest(&r);
	}
	rc = snp_report_read(out->part[SNP_REPORT], &report, err);
	if (rc != ATLS_OK)
		return rc;
	if (table.len != 0 && (rc = parse_table(table, (size_t)(table.p -
	    raw.p), scratch, out, err)) != ATLS_OK)
		return rc;
	out->report_data = report.report_data;
	snp_claims_put(&report, out);
	return ATLS_OK;
}
