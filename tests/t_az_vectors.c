/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/codec/date.h"
#include "../src/codec/hex.h"
#include "../src/codec/pem.h"
#include "az_make.h"
#include "heap.h"
#include "t.h"

/*
 * Evidence of real Azure machines, each row of tpm/cases.tsv that has an HCL
 * report: its parts put together as our kinds have them.
 *
 * AMD's CRLs are not public in any archive that was searched: evidence with
 * an SNP report passes all but the CRL, and is refused for its lack.
 */
#define FILE_MAX	16384

static struct atls_bytes
load(const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	static uint8_t b[8 * FILE_MAX];
	char path[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root != NULL ? root :
	    "tests/vectors", name);
	if ((f = fopen(path, "rb")) != NULL) {
		n = fread(b, 1, sizeof(b), f);
		fclose(f);
	}
	T(n > 0 && n < sizeof(b), "%s: %zu octets", path, n);
	return copy((struct atls_bytes){ b, n });
}

static struct atls_bytes
load_of(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "tpm/%s/%s", dir, name);
	return load(path);
}

/* "7 3d45..", a line for each PCR. */
static void
read_pcrs(const char *dir, uint8_t pcr[AZ_PCRS][32])
{
	struct atls_bytes file = load_of(dir, "pcrs.txt");
	char text[FILE_MAX + 1], *line, *save = NULL, *digits;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		unsigned long i = strtoul(line, &digits, 10);
		struct atls_bytes v = hex(digits + 1);

		T(i < AZ_PCRS && v.len == 32, "%s: PCR %lu", dir, i);
		memcpy(pcr[i % AZ_PCRS], v.p, 32);
		drop(v);
	}
	drop(file);
}

static const struct row {
	const char	*id;
	const char	*hcl, *quote;		/* folders */
	const char	*vcek, *ask, *ark;	/* SNP */
	const char	*td;			/* TDX: quote, tcb-info, ... */
	const char	*tcb, *qe, *pck_crl;
	const char	*time;
	enum atls_tcb_status status;
	const char	*where;			/* of the reason; NULL: good */
} rows[] = {
	{ .id = "trustee-az-snp-v0", .hcl = "trustee-az-snp-v0",
	  .quote = "trustee-az-snp-v0",
	  .vcek = "snp/certs/trustee-az-v0-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:26:55Z" },
	{ .id = "trustee-az-snp-v1", .hcl = "trustee-az-snp-v1",
	  .quote = "trustee-az-snp-v1",
	  .vcek = "snp/certs/trustee-az-v0-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:26:55Z" },
	{ .id = "trustee-az-snp-v2", .hcl = "trustee-az-snp-v2",
	  .quote = "trustee-az-snp-v2",
	  .vcek = "snp/certs/trustee-az-v2-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:33:43Z" },
	{ .id = "trustee-az-snp-genoa", .hcl = "trustee-az-snp-genoa",
	  .quote = "trustee-az-snp-genoa",
	  .vcek = "snp/certs/trustee-az-genoa-vcek.der",
	  .ask = "snp/anchors/sev-genoa.pem",
	  .ark = "snp/anchors/ark-genoa.pem",
	  .time = "2025-04-24T02:21:48Z" },
	/* a quote of another machine: a diversion */
	{ .id = "trustee-az-snp-otherak", .hcl = "trustee-az-snp-v0",
	  .quote = "trustee-az-snp-otherak",
	  .vcek = "snp/certs/trustee-az-v0-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:26:55Z", .where = "tpm.quote.signature" },
	{ .id = "a quote of the same AK, later", .hcl = "trustee-az-snp-v0",
	  .quote = "trustee-az-snp-v1",
	  .vcek = "snp/certs/trustee-az-v0-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:26:55Z" },
	{ .id = "another VM's HCL report", .hcl = "trustee-az-snp-v2",
	  .quote = "trustee-az-snp-v0",
	  .vcek = "snp/certs/trustee-az-v2-vcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:33:43Z", .where = "tpm.quote.signature" },
	{ .id = "another chip's VCEK", .hcl = "trustee-az-snp-v0",
	  .quote = "trustee-az-snp-v0",
	  .vcek = "snp/certs/kinvolk-az-hcl-othervcek.der",
	  .ask = "snp/anchors/sev-milan.pem",
	  .ark = "snp/anchors/ark-milan.pem",
	  .time = "2025-04-28T16:26:55Z", .where = "snp.signature" },
	{ .id = "trustee-az-tdx-v1", .hcl = "trustee-az-tdx-v1",
	  .quote = "trustee-az-tdx-v1",
	  .td = "tdx/quotes/trustee-azure-tdx.bin",
	  .tcb = "tcb-tdx-00806f050000-20251019-e17-v3.json",
	  .qe = "qeid-td_qe-20251028-e17.json",
	  .pck_crl = "crl-platform-20251013.der",
	  .time = "2025-11-04T20:00:00Z", .status = ATLS_TCB_OUT_OF_DATE },
	{ .id = "flashbots-azure-1", .hcl = "flashbots-azure-1",
	  .quote = "flashbots-azure-1",
	  .td = "tdx/quotes/flashbots-azure-tdx-1.bin",
	  .tcb = "tcb-tdx-90c06f000000-20260218-e18-v3.json",
	  .qe = "qeid-td_qe-20260218-e18.json",
	  .pck_crl = "crl-platform-20260218.der",
	  .time = "2026-03-05T11:00:00Z", .status = ATLS_TCB_UP_TO_DATE },
	{ .id = "flashbots-azure-2", .hcl = "flashbots-azure-2",
	  .quote = "flashbots-azure-2",
	  .td = "tdx/quotes/flashbots-azure-tdx-2.bin",
	  .tcb = "tcb-tdx-90c06f000000-20260218-e18-v3.json",
	  .qe = "qeid-td_qe-20260218-e18.json",
	  .pck_crl = "crl-platform-20260218.der",
	  .time = "2026-03-05T11:00:00Z", .status = ATLS_TCB_UP_TO_DATE },
	{ .id = "another TD's quote", .hcl = "flashbots-azure-1",
	  .quote = "flashbots-azure-1",
	  .td = "tdx/quotes/flashbots-azure-tdx-2.bin",
	  .tcb = "tcb-tdx-90c06f000000-20260218-e18-v3.json",
	  .qe = "qeid-td_qe-20260218-e18.json",
	  .pck_crl = "crl-platform-20260218.der",
	  .time = "2026-03-05T11:00:00Z", .where = "az.tdreport" },
};

static void
put(struct atls_collateral *c, enum atls_item item, const char *name)
{
	char path[256];
	struct atls_bytes b;
	struct atls_err err = { .rc = ATLS_OK };

	snprintf(path, sizeof(path), "tdx/collateral/%s", name);
	b = load(path);
	T(atls_collateral_put(c, item, b, &err) == ATLS_OK, "%s: %s", path,
	    err.detail);
	drop(b);
}

static struct evidence_trust
trust(const struct row *r)
{
	struct atls_bytes pem = load(r->td != NULL ?
	    "tdx/collateral/root-ca.pem" : r->ark);
	struct evidence_trust t = { .collateral = atls_collateral_new(),
	    .anchors = atls_trust_new(pem, (struct atls_bytes){ NULL, 0 },
	    NULL) };

	T(t.anchors != NULL && date_read((struct atls_bytes){
	    (const uint8_t *)r->time, strlen(r->time) }, &t.now), "%s",
	    r->id);
	if (r->td != NULL) {
		put(t.collateral, ATLS_TCB_INFO, r->tcb);
		put(t.collateral, ATLS_QE_IDENTITY, r->qe);
		put(t.collateral, ATLS_PCK_CRL, r->pck_crl);
		put(t.collateral, ATLS_ROOT_CA_CRL, "crl-root-20250320.der");
		put(t.collateral, ATLS_TCB_INFO_CHAIN,
		    "tcb-sign-chain-2025.pem");
		put(t.collateral, ATLS_QE_IDENTITY_CHAIN,
		    "tcb-sign-chain-2025.pem");
	}
	drop(pem);
	return t;
}

static size_t
message(const struct row *r, uint8_t raw[AZ_MAKE_MAX])
{
	struct atls_bytes none = { NULL, 0 };
	struct atls_bytes hcl = load_of(r->hcl, "hcl-report.bin");
	struct atls_bytes attest = load_of(r->quote, "attest.bin");
	struct atls_bytes sig = load_of(r->quote, "tpmt_signature.bin");
	struct atls_bytes a = none, b = none, td = none;
	uint8_t pcr[AZ_PCRS][32] = { { 0 } }, room[2048], der[4096];
	struct atls_buf ask = { der, sizeof(der), 0 };
	struct az_parts p = { .hcl = hcl, .attest = attest, .sig = sig };
	struct rd pem;
	size_t n;

	read_pcrs(strcmp(r->quote, "trustee-az-snp-otherak") == 0 ? r->hcl :
	    r->quote, pcr);
	p.pcrs = az_make_pcrs(pcr, 0xffffff, room);
	if (r->td != NULL)
		p.td = td = load(r->td);
	else {
		p.vcek = a = load(r->vcek);
		b = load(r->ask);
		pem = rd_of(b);
		T(pem_get(&pem, PEM_CERT, &ask, &p.ask, 1) == 1, "%s", r->ask);
	}
	n = az_put(&p, raw);
	drop(hcl);
	drop(attest);
	drop(sig);
	drop(a);
	drop(b);
	drop(td);
	return n;
}

static struct atls_bytes raw, scratch_octets;

static int
judge(const struct row *r, const struct evidence_trust *t,
    struct atls_result *res)
{
	enum atls_kind kind = r->td != NULL ? ATLS_KIND_AZ_TDX :
	    ATLS_KIND_AZ_SNP;
	const struct evidence_ops *ops = evidence_ops(kind);
	struct atls_buf scratch = {
	    (uint8_t *)(uintptr_t)scratch_octets.p, raw.len, 0 };

	*res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	if (atls_evidence_parse(&res->claims, kind, raw, &scratch,
	    &res->why) != ATLS_OK)
		return 0;
	if (ops->signature(&res->claims, t, res) != 1)
		return 1;
	if ((ops->tcb != NULL && ops->tcb(&res->claims, t, res) != 1) ||
	    (ops->revocation != NULL && ops->revocation(&res->claims, t, res)
	    != 1))
		return 2;
	return 3;
}

/* One bit of each octet of what is not the TD's quote.  Of the TDREPORT all
 * but REPORTDATA goes unread: the quote says it, and is signed. */
static void
check_bits(const struct row *r, const struct evidence_trust *t)
{
	struct atls_bytes good = raw, hcl = load_of(r->hcl, "hcl-report.bin");
	size_t at = 0, i, end, nread = 0;
	struct atls_result res;
	int got;

	while (at + hcl.len < good.len && memcmp(good.p + at, hcl.p, hcl.len)
	    != 0)
		at++;
	for (end = good.len; memcmp(good.p + end - 4, "btdY", 4) != 0; end--)
		continue;			/* the member "td" */
	for (i = 0; i < end; i++) {
		size_t off = i - at - 32;	/* in TDREPORT */
		bool unread = i >= at + 32 && off < AZ_HW_LEN &&
		    (off < 128 || off >= 192);

		raw = flip(good, 8 * i + i % 8);
		got = judge(r, t, &res);
		T((got == 3) == unread, "%s: octet %zu: %s", r->id, i,
		    res.why.where);
		nread += !unread;
		drop(raw);
	}
	T(nread > 2000 && nread == end - (AZ_HW_LEN - 64), "%zu of %zu",
	    nread, end);
	raw = good;
	drop(hcl);
}

static void
test_row(const struct row *r)
{
	struct evidence_trust t = trust(r);
	uint8_t b[AZ_MAKE_MAX];
	struct atls_result res;
	int got;

	raw = copy((struct atls_bytes){ b, message(r, b) });
	scratch_octets = copy(raw);
	got = judge(r, &t, &res);
	if (r->where != NULL)
		T(got == 1 && strcmp(res.why.where, r->where) == 0,
		    "%s: %d %s %s", r->id, got, res.why.where,
		    res.why.detail);
	else if (r->td == NULL)
		T(got == 2 && strcmp(res.why.where, "snp.chain.crl") == 0,
		    "%s: %d %s %s", r->id, got, res.why.where,
		    res.why.detail);
	else {
		T(got == 3 && res.tcb.status == r->status, "%s: %d %s %s",
		    r->id, got, res.why.where, res.why.detail);
		if (strcmp(r->id, "flashbots-azure-2") == 0)
			check_bits(r, &t);
	}
	drop(raw);
	drop(scratch_octets);
	atls_trust_free(t.anchors);
	atls_collateral_free(t.collateral);
}

/* Every row of the table that has an HCL report is above, with its nonce. */
static void
test_table(void)
{
	struct atls_bytes file = load("tpm/cases.tsv");
	char text[FILE_MAX + 1], *line, *save = NULL;
	size_t i, n = 0;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (strstr(line, "AK is bound") == NULL &&
		    strstr(line, "hcl-report.bin") == NULL &&
		    strstr(line, "full Azure") == NULL)
			continue;
		n++;
		for (i = 0; i < NITEMS(rows); i++)
			if (strncmp(line, rows[i].id, strlen(rows[i].id)) == 0
			    && line[strlen(rows[i].id)] == '\t')
				break;
		T(i < NITEMS(rows) && (rows[i].where != NULL) ==
		    (strstr(line, "\tREJECT:") != NULL), "%s", line);
	}
	T(n == 8, "%zu", n);
	drop(file);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < NITEMS(rows); i++)
		test_row(&rows[i]);
	test_table();
	return t_end("t_az_vectors");
}
