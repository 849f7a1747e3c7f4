/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "snp.h"
#include "snp_table.h"

/* The first claim of each group; bits and components follow in order. */
enum {
	MEASUREMENT, HOST_DATA, ID_KEY, AUTHOR_KEY, FAMILY_ID, IMAGE_ID,
	REPORT_ID, REPORT_ID_MA, CHIP_ID, VMPL, GUEST_SVN, VERSION, PRODUCT,
	SIGNER, CSP, MASKED, AUTHOR_EN, FAMILY, MODEL, STEPPING, CURRENT,
	COMMITTED, LAUNCH_MIT, CURRENT_MIT, ABI, POLICY,
	PLATFORM = POLICY + 10, TCBS = PLATFORM + 8,
	NCLAIMS = TCBS + SNP_NTCBS * AMD_NPARTS
};

const struct evidence_claim snp_claims[SNP_NCLAIMS] = {
	SNP_CLAIM_TABLE
};

_Static_assert((int)NCLAIMS == (int)SNP_NCLAIMS, "a row for each");
_Static_assert((int)NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

/* Bits of POLICY and PLATFORM_INFO, in the order of the claims. */
static const unsigned policy_bit[] = { 16, 18, 19, 20, 21, 22, 23, 24, 25 };
static const unsigned platform_bit[] = { 0, 1, 2, 3, 4, 5, 7 };

static void
put(struct atls_evidence *out, size_t id, struct atls_bytes bytes,
    uint64_t number)
{
	const struct evidence_claim *c = &snp_claims[id];

	if (out->nclaim < ATLS_CLAIMS_MAX)
		out->claim[out->nclaim++] = (struct atls_claim){ c->name,
		    c->type, bytes, number };
}

static void
number(struct atls_evidence *out, size_t id, uint64_t v)
{
	put(out, id, (struct atls_bytes){ NULL, 0 }, v);
}

static void
text(struct atls_evidence *out, size_t id, const char *s)
{
	put(out, id, (struct atls_bytes){ (const uint8_t *)s, strlen(s) }, 0);
}

static void
put_bits(struct atls_evidence *out, size_t id, uint64_t v,
    const unsigned *bit, size_t n)
{
	size_t i;

	number(out, id, v);
	for (i = 0; i < n; i++)
		number(out, id + 1 + i, v >> bit[i] & 1);
}

static void
put_tcbs(struct atls_evidence *out, const struct snp_report *r)
{
	size_t i, k;

	for (i = 0; i < SNP_NTCBS; i++)
		for (k = AMD_FMC; k < AMD_NPARTS; k++)
			if (k != AMD_FMC || r->tcb[i].fmc)
				number(out, TCBS + i * AMD_NPARTS + k,
				    r->tcb[i].spl[k]);
}

static void
put_versions(struct atls_evidence *out, const struct snp_report *r)
{
	uint32_t key = r->key_info >> 2 & 7;

	number(out, VERSION, r->version);
	if (r->product != AMD_UNKNOWN)
		text(out, PRODUCT, amd_product_name(r->product));
	text(out, SIGNER, key == SNP_KEY_VCEK ? "VCEK" :
	    key == SNP_KEY_VLEK ? "VLEK" : "none");
	number(out, MASKED, r->key_info >> 1 & 1);
	number(out, AUTHOR_EN, r->key_info & 1);
	if (r->version >= 3) {
		number(out, FAMILY, r->family);
		number(out, MODEL, r->model);
		number(out, STEPPING, r->stepping);
	}
	number(out, CURRENT, r->current);
	number(out, COMMITTED, r->committed);
	if (r->version >= 5) {
		number(out, LAUNCH_MIT, r->launch_mit);
		number(out, CURRENT_MIT, r->current_mit);
	}
}

void
snp_claims_put(const struct snp_report *r, struct atls_evidence *out)
{
	put(out, MEASUREMENT, r->measurement, 0);
	put(out, HOST_DATA, r->host_data, 0);
	put(out, ID_KEY, r->id_key_digest, 0);
	put(out, AUTHOR_KEY, r->author_key_digest, 0);
	put(out, FAMILY_ID, r->family_id, 0);
	put(out, IMAGE_ID, r->image_id, 0);
	put(out, REPORT_ID, r->report_id, 0);
	put(out, REPORT_ID_MA, r->report_id_ma, 0);
	put(out, CHIP_ID, r->chip_id, 0);
	number(out, VMPL, r->vmpl);
	number(out, GUEST_SVN, r->guest_svn);
	put_versions(out, r);
	number(out, ABI, r->policy & 0xffff);
	put_bits(out, POLICY, r->policy, policy_bit,
	    sizeof(policy_bit) / sizeof(policy_bit[0]));
	put_bits(out, PLATFORM, r->platform, platform_bit,
	    sizeof(platform_bit) / sizeof(platform_bit[0]));
	put_tcbs(out, r);
}

void
snp_claims_cert(struct atls_evidence *out, enum amd_product product,
    struct atls_bytes csp)
{
	if (atls_evidence_claim(out, snp_claims[PRODUCT].name) == NULL)
		text(out, PRODUCT, amd_product_name(product));
	if (csp.len != 0)
		put(out, CSP, csp, 0);
}
