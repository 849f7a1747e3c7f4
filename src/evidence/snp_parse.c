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
static struct atls_bytes
certificate(struct rd *r, struct atls_bytes in, struct atls_buf *scratch)
{
	struct atls_bytes der = { NULL, 0 };
	struct rd pem = rd_of(in);

	if (!pem_is(in))
		return in;
	if (scratch == NULL)
		rd_fail(r, ATLS_E_SPACE);
	else if (pem_get(&pem, PEM_CERT, scratch, &der, 1) != 1)
		rd_fail(r, rd_done(&pem) != ATLS_OK ? rd_done(&pem) :
		    ATLS_E_FORMAT);
	return der;
}

/* One entry, of which the head has been read. */
static void
entry(struct rd *r, struct atls_bytes table, struct atls_bytes guid,
    struct atls_buf *scratch, struct atls_evidence *out)
{
	struct rd at = rd_of(table);
	size_t i, off = (size_t)rd_le(r, 4), len = (size_t)rd_le(r, 4);
	struct atls_bytes b;

	(void)rd_take(&at, off);
	b = rd_take(&at, len);
	if (at.rc != ATLS_OK)
		rd_fail(r, at.rc);
	if (b.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!atls_ct_eq(guid, ATLS_ARRAY(known[i].guid)))
			continue;
		if (out->part[known[i].part].len != 0)
			rd_fail(r, ATLS_E_FORMAT);
		else if (r->rc == ATLS_OK)
			out->part[known[i].part] = certificate(r, b, scratch);
	}
}

/* Entries of GUID, offset and length; in the offset is all of the table. */
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
	for (n = 0; more && r.rc == ATLS_OK; n++) {
		guid = rd_take(&r, GUID_LEN);
		more = !atls_ct_eq(guid, ATLS_ARRAY(last));
		if (more && n == SNP_ENTRIES_MAX)
			rd_fail(&r, ATLS_E_LIMIT);
		if (more)
			entry(&r, table, guid, scratch, out);
		else if (rd_le(&r, 8) != 0)	/* all of the entry is zero */
			rd_fail(&r, ATLS_E_FORMAT);
	}
	if (r.rc != ATLS_OK)
		return err_set(err, r.rc, "snp.table", r.off, "entry %zu", n);
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
