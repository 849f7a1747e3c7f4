/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "../base/err.h"
#include "az.h"
#include "snp.h"
#include "snp_table.h"
#include "tdx_table.h"

#define REPORT_DATA	64	/* octets, of both */
#define TDREPORT_BEFORE	128	/* octets of REPORTMACSTRUCT before it */

static const struct evidence_claim snp_table[] = {
	TPM_QUOTE_TABLE, AZ_TABLE, SNP_CLAIM_TABLE
};

static const struct evidence_claim tdx_table[] = {
	TPM_QUOTE_TABLE, AZ_TABLE, TDX_CLAIM_TABLE
};

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

_Static_assert(NITEMS(snp_table) <= ATLS_CLAIMS_MAX, "room for each once");
_Static_assert(NITEMS(tdx_table) <= ATLS_CLAIMS_MAX, "room for each once");

static const char voucher[] = "the hardware for the TPM's key; the cloud "
    "provider for the TPM's state";

/* The whole field: the digest, and zeros. */
static int
check_runtime(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_err *err)
{
	uint8_t want[REPORT_DATA] = { 0 };
	enum atls_rc rc = crypto_hash(ATLS_SHA256, &ev->part[AZ_RUNTIME], 1,
	    want);

	return evidence_check(trust, err, rc == ATLS_OK &&
	    atls_ct_eq(ev->part[AZ_HW_DATA], ATLS_ARRAY(want)),
	    rc != ATLS_OK ? rc : ATLS_E_BIND, "az.runtime.digest",
	    "must be that of the runtime data, and zeros", "report data");
}

/* A report that the guest itself asks for has any data that it likes: only
 * the paravisor is at level 0. */
static int
check_vmpl(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_err *err)
{
	struct snp_report r;
	enum atls_rc rc = snp_report_read(ev->part[SNP_REPORT], &r, NULL);

	return evidence_check(trust, err, rc == ATLS_OK && r.vmpl == 0,
	    ATLS_E_BIND, "az.vmpl", "must be 0, that of the paravisor",
	    "%" PRIu32, r.vmpl);
}

/* TDX module ABI, "TDREPORT_STRUCT": made for the data that were quoted.
 * All else in it is the quote's to say. */
static int
check_tdreport(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_err *err)
{
	struct rd r = rd_of(ev->part[AZ_TDREPORT]);

	(void)rd_take(&r, TDREPORT_BEFORE);
	return evidence_check(trust, err, atls_ct_eq(ev->part[AZ_HW_DATA],
	    rd_take(&r, REPORT_DATA)), ATLS_E_BIND, "az.tdreport",
	    "must be that of the quote", "REPORTDATA");
}

static int
check_quote(const struct atls_evidence *ev,
    const struct evidence_trust *trust, const struct crypto_key *ak,
    struct atls_err *err)
{
	const struct atls_bytes *p = ev->part;
	struct tpm_attest quote;
	struct tpm_sig sig;

	if (tpm_attest_parse(p[AZ_ATTEST], 0, TPM_ST_QUOTE, "tpm.quote",
	    &quote, err) != ATLS_OK ||
	    tpm_sig_parse(p[AZ_SIG], 0, "tpm.quote.sig", &sig, err) !=
	    ATLS_OK ||
	    tpm_check_challenge(trust, &quote, err) != 1 ||
	    tpm_check_signature(trust, ak, &sig, p[AZ_ATTEST], false, err) !=
	    1 ||
	    tpm_check_pcrs(trust, &quote, sig.hash, p[AZ_PCRS], err) != 1)
		return 0;
	return 1;
}

static int
check_tpm(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	const struct jwk jwk = { JWK_RSA, ev->part[AZ_AK_N],
	    ev->part[AZ_AK_E] };
	struct crypto_key *ak = NULL;
	enum atls_rc rc = jwk_key(&jwk, &ak);
	int ok;

	ok = evidence_check(trust, &res->why, rc == ATLS_OK, rc, "az.ak",
	    "must be a key", "HCLAkPub, %zu octets", jwk.a.len) == 1 &&
	    check_quote(ev, trust, ak, &res->why) == 1;
	crypto_key_free(ak);
	if (ok == 1)
		res->voucher = voucher;
	return ok;
}

static int
signature_snp(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	return evidence_snp.signature(ev, trust, res) == 1 &&
	    check_vmpl(ev, trust, &res->why) == 1 &&
	    check_runtime(ev, trust, &res->why) == 1 &&
	    check_tpm(ev, trust, res) == 1;
}

static int
signature_tdx(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	return evidence_tdx.signature(ev, trust, res) == 1 &&
	    check_tdreport(ev, trust, &res->why) == 1 &&
	    check_runtime(ev, trust, &res->why) == 1 &&
	    check_tpm(ev, trust, res) == 1;
}

static enum atls_rc
parse_snp(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	return az_parse(ATLS_KIND_AZ_SNP, raw, scratch, out, err);
}

static enum atls_rc
parse_tdx(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	return az_parse(ATLS_KIND_AZ_TDX, raw, scratch, out, err);
}

/* The rest is the hardware's, which finds its parts where it left them. */
static int
revocation_snp(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	return evidence_snp.revocation(ev, trust, res);
}

static int
tcb_tdx(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	return evidence_tdx.tcb(ev, trust, res);
}

static void
instance_snp(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	evidence_snp.instance(ev, out);
}

static void
instance_tdx(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	evidence_tdx.instance(ev, out);
}

static void
needs_snp(const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	evidence_snp.needs(ev, out, n);
}

static void
needs_tdx(const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	evidence_tdx.needs(ev, out, n);
}

const struct evidence_ops evidence_az_snp = {
	.kind = ATLS_KIND_AZ_SNP, .name = "az-snp-vtpm",
	.media = "application/vnd.atls.az-snp-vtpm+cbor",
	.field = 0, .field_name = "tpm.extra_data",
	.claim = snp_table, .nclaim = NITEMS(snp_table), .parse = parse_snp,
	.signature = signature_snp, .revocation = revocation_snp,
	.tcb = NULL, .key = NULL, .instance = instance_snp, .root = snp_root,
	.needs = needs_snp,
};

const struct evidence_ops evidence_az_tdx = {
	.kind = ATLS_KIND_AZ_TDX, .name = "az-tdx-vtpm",
	.media = "application/vnd.atls.az-tdx-vtpm+cbor",
	.field = 0, .field_name = "tpm.extra_data",
	.claim = tdx_table, .nclaim = NITEMS(tdx_table), .parse = parse_tdx,
	.signature = signature_tdx, .revocation = NULL, .tcb = tcb_tdx,
	.key = NULL, .instance = instance_tdx, .root = dcap_root, .needs = needs_tdx,
};
