/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/hex.h"
#include "snp.h"
#include "tsm_report.h"

bool
snp_is_vlek(const struct snp_report *r)
{
	return (r->key_info >> 2 & 7) == SNP_KEY_VLEK;
}

void
snp_leaf_key(const struct snp_report *r, char out[ATLS_ITEM_KEY_MAX])
{
	struct atls_bytes id = r->chip_id;

	if (snp_is_vlek(r))
		id.len = 0;
	else if (r->turin)
		id.len = AMD_CHIP_ID_TURIN;
	amd_key_leaf(out, id, &r->tcb[SNP_TCB_REPORTED]);
}

void
snp_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	struct atls_buf buf = { (uint8_t *)out, ATLS_INSTANCE_MAX, 0 };
	struct wr w = wr_of(&buf);
	struct snp_report r;
	struct atls_bytes id;

	out[0] = '\0';
	if (snp_report_read(ev->part[SNP_REPORT], &r, NULL) != ATLS_OK ||
	    evidence_zero(r.chip_id))
		return;
	id = r.chip_id;
	if (r.turin)
		id.len = AMD_CHIP_ID_TURIN;
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)"chip:", 5 });
	hex_put(&w, id);
	wr_zeros(&w, 1);
	if (wr_done(&w) != ATLS_OK)
		out[0] = '\0';
}

static void
need_ca(struct atls_need out[ATLS_NEEDS_MAX], size_t *n, enum atls_item item,
    enum amd_product product, enum amd_role role)
{
	if (*n == ATLS_NEEDS_MAX)
		return;
	out[*n].item = item;
	amd_key_ca(out[(*n)++].key, product, role);
}

/* Version 2 leaves the product open, so all are asked for that it may be. */
static bool
may_be(const struct snp_report *r, enum amd_product product)
{
	if (r->product != AMD_UNKNOWN || r->version > 2)
		return r->product == product;
	return (product == AMD_TURIN) == r->turin;
}

void
snp_needs(const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	enum amd_product p;
	struct snp_report r;
	bool vlek;

	if (snp_report_read(ev->part[SNP_REPORT], &r, NULL) != ATLS_OK)
		return;
	vlek = snp_is_vlek(&r);
	if (ev->part[vlek ? SNP_VLEK : SNP_VCEK].len == 0 &&
	    *n < ATLS_NEEDS_MAX) {
		out[*n].item = vlek ? ATLS_VLEK : ATLS_VCEK;
		snp_leaf_key(&r, out[(*n)++].key);
	}
	for (p = AMD_MILAN; p <= AMD_TURIN; p++) {
		if (!may_be(&r, p))
			continue;
		if (ev->part[SNP_ASK].len == 0)
			need_ca(out, n, ATLS_ASK, p, vlek ? AMD_ASVK :
			    AMD_ASK);
		need_ca(out, n, ATLS_AMD_CRL, p, AMD_ARK);
	}
}

/* The first is what Veraison registered; the others are the report alone, by
 * the names of drafts of AMD's CoRIM profile (draft-deeglaze-amd-sev-snp-
 * corim-profile, "New media types"). */
static const char *const also[] = {
	"application/vnd.amd.sev-snp.attestation-report",
	"application/vnd.amd.sev.snp.attestation-report",
	NULL
};

/* "Milan", or with a stepping: "Milan-B0". */
const char *
snp_root(const struct atls_evidence *ev)
{
	static const uint8_t milan[] = "Milan", genoa[] = "Genoa",
	    turin[] = "Turin";
	const struct atls_claim *c = atls_evidence_claim(ev, "snp.product");
	struct rd r = rd_of(c == NULL ? (struct atls_bytes){ NULL, 0 } :
	    c->bytes);
	struct atls_bytes name = rd_take(&r, sizeof(milan) - 1);

	if (atls_ct_eq(name, (struct atls_bytes){ milan, 5 }))
		return "amd-ark-milan";
	if (atls_ct_eq(name, (struct atls_bytes){ genoa, 5 }))
		return "amd-ark-genoa";
	if (atls_ct_eq(name, (struct atls_bytes){ turin, 5 }))
		return "amd-ark-turin";
	return NULL;
}

const struct evidence_ops evidence_snp = {
	.kind = ATLS_KIND_SNP, .name = "snp", .media = TSM_REPORT_MEDIA,
	.also = also, .field = 64, .field_name = "snp.report_data",
	.claim = snp_claims, .nclaim = SNP_NCLAIMS, .parse = snp_parse,
	.signature = snp_signature, .revocation = snp_revocation,
	.tcb = NULL, .key = NULL, .instance = snp_instance, .root = snp_root,
	.needs = snp_needs,
};
