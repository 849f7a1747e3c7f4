/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "dcap.h"
#include "tdx_table.h"
#include "tsm_report.h"

/* Body of a quote: QUOTE, "TD Quote Body" for 1.0 and 1.5. */
struct td_report {
	struct atls_bytes	tcb_svn, tcb_svn_2;
	struct atls_bytes	mrseam, mrsignerseam, seam_attributes;
	struct atls_bytes	td_attributes, xfam;
	struct atls_bytes	mrtd, mrconfigid, mrowner, mrownerconfig;
	struct atls_bytes	rtmr[4];
	struct atls_bytes	mrservicetd;
	struct atls_bytes	report_data;
	uint64_t		flags, features;	/* of the two above */
};

/* TDX module ABI, "ATTRIBUTES": bits 0 to 7 make a TD untrusted, of which
 * only DEBUG has a meaning; of the rest, these. */
#define TD_DEBUG		(UINT64_C(1) << 0)
#define TD_UNTRUSTED		UINT64_C(0xff)
#define TD_SEPT_VE_DISABLE	(UINT64_C(1) << 28)
#define TD_MIGRATABLE		(UINT64_C(1) << 29)
#define TD_PKS			(UINT64_C(1) << 30)
#define TD_KL			(UINT64_C(1) << 31)
#define TD_PERFMON		(UINT64_C(1) << 63)
#define TD_KNOWN		(TD_UNTRUSTED | TD_SEPT_VE_DISABLE |	\
				    TD_MIGRATABLE | TD_PKS | TD_KL | TD_PERFMON)

/* TDX module ABI, "XFAM": x87 and SSE are always on; what a TD may have is
 * these, AVX, AVX-512, PT, PK, CET, UINTR, LBR and AMX. */
#define XFAM_ALWAYS		UINT64_C(0x3)
#define XFAM_KNOWN		UINT64_C(0x6dbe7)

enum tdx_claim {
	TDX_TCB_SVN = DCAP_NCLAIMS,
	TDX_TCB_SVN_2 = TDX_TCB_SVN + DCAP_SVNS,
	TDX_MRSEAM, TDX_MRSIGNERSEAM, TDX_SEAM_ATTRIBUTES,
	TDX_TD_ATTRIBUTES, TDX_DEBUG, TDX_SEPT_VE_DISABLE, TDX_MIGRATABLE,
	TDX_PKS, TDX_KL, TDX_PERFMON, TDX_XFAM,
	TDX_MRTD, TDX_MRCONFIGID, TDX_MROWNER, TDX_MROWNERCONFIG,
	TDX_RTMR, TDX_MRSERVICETD = TDX_RTMR + 4,
	TDX_NCLAIMS
};

static const struct evidence_claim claims[TDX_NCLAIMS] = {
	TDX_CLAIM_TABLE
};

_Static_assert((int)TDX_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

static const char *const also[] = { TSM_REPORT_MEDIA, NULL };

/*@ predicate td_first_in(struct td_report o, struct atls_bytes in) =
	view_in(o.tcb_svn, in) && view_in(o.mrseam, in) &&
	view_in(o.mrsignerseam, in) && view_in(o.seam_attributes, in) &&
	view_in(o.td_attributes, in) && view_in(o.xfam, in);
    predicate td_config_in(struct td_report o, struct atls_bytes in) =
	view_in(o.mrtd, in) && view_in(o.mrconfigid, in) &&
	view_in(o.mrowner, in) && view_in(o.mrownerconfig, in);
    predicate td_rtmr_in(struct td_report o, struct atls_bytes in) =
	\forall integer i; 0 <= i < 4 ==> view_in(o.rtmr[i], in);
    */

/* TD 1.5 has two more fields behind those of 1.0. */
/*@ requires view_ok(in) && \valid(out);
    assigns *out;
    ensures td_first_in(*out, in) && td_config_in(*out, in);
    ensures td_rtmr_in(*out, in) && view_in(out->report_data, in);
    ensures view_in(out->tcb_svn_2, in) && view_in(out->mrservicetd, in); */
static enum atls_rc
td_read(struct atls_bytes in, struct td_report *out)
{
	struct rd r = rd_of(in), at;
	enum atls_rc rc;
	size_t i;

	*out = (struct td_report){ .flags = 0 };
	out->tcb_svn = rd_take(&r, DCAP_SVNS);
	out->mrseam = rd_take(&r, TDX_MR);
	out->mrsignerseam = rd_take(&r, TDX_MR);
	out->seam_attributes = rd_take(&r, 8);
	at = r;
	out->td_attributes = rd_take(&r, 8);
	out->xfam = rd_take(&r, 8);
	out->flags = rd_le(&at, 8);
	out->features = rd_le(&at, 8);
	out->mrtd = rd_take(&r, TDX_MR);
	out->mrconfigid = rd_take(&r, TDX_MR);
	out->mrowner = rd_take(&r, TDX_MR);
	out->mrownerconfig = rd_take(&r, TDX_MR);
	/*@ loop invariant 0 <= i <= 4 && rd_ok(r);
	    loop invariant rd_goes(\at(r, LoopEntry), r);
	    loop invariant \forall integer k; 0 <= k < i ==>
		view_in(out->rtmr[k], in);
	    loop assigns i, r, out->rtmr[0 .. 3];
	    loop variant 4 - i; */
	for (i = 0; i < 4; i++)
		out->rtmr[i] = rd_take(&r, TDX_MR);
	out->report_data = rd_take(&r, DCAP_FIELD);
	if (r.left > 0) {
		out->tcb_svn_2 = rd_take(&r, DCAP_SVNS);
		out->mrservicetd = rd_take(&r, TDX_MR);
	}
	if ((rc = rd_done(&r)) != ATLS_OK)
		*out = (struct td_report){ .flags = 0 };
	return rc;
}

/*@ requires \valid(out) && 0 <= id < TDX_NCLAIMS;
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
octets(struct atls_evidence *out, enum tdx_claim id, struct atls_bytes b)
{
	dcap_claim(out, &claims[id], b, 0);
}

/*@ requires \valid(out) && 0 <= id < TDX_NCLAIMS;
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
flag(struct atls_evidence *out, enum tdx_claim id, uint64_t bit)
{
	dcap_claim(out, &claims[id], (struct atls_bytes){ NULL, 0 }, bit != 0);
}

/*@ requires \valid(out) && \valid_read(td) && \separated(out, td);
    requires view_ok(td->tcb_svn);
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
td_claims(struct atls_evidence *out, const struct td_report *td)
{
	struct rd svn = rd_of(td->tcb_svn);
	size_t i;

	/*@ loop invariant 0 <= i <= DCAP_SVNS && rd_ok(svn);
	    loop invariant \at(out->nclaim, Pre) <= ATLS_CLAIMS_MAX ==>
		out->nclaim <= ATLS_CLAIMS_MAX;
	    loop assigns i, svn, out->nclaim,
		out->claim[0 .. ATLS_CLAIMS_MAX - 1];
	    loop variant DCAP_SVNS - i; */
	for (i = 0; i < DCAP_SVNS; i++)
		dcap_claim(out, &claims[TDX_TCB_SVN + i],
		    (struct atls_bytes){ NULL, 0 }, rd_le(&svn, 1));
	octets(out, TDX_MRSEAM, td->mrseam);
	octets(out, TDX_MRSIGNERSEAM, td->mrsignerseam);
	octets(out, TDX_SEAM_ATTRIBUTES, td->seam_attributes);
	octets(out, TDX_TD_ATTRIBUTES, td->td_attributes);
	flag(out, TDX_DEBUG, td->flags & TD_DEBUG);
	flag(out, TDX_SEPT_VE_DISABLE, td->flags & TD_SEPT_VE_DISABLE);
	flag(out, TDX_MIGRATABLE, td->flags & TD_MIGRATABLE);
	flag(out, TDX_PKS, td->flags & TD_PKS);
	flag(out, TDX_KL, td->flags & TD_KL);
	flag(out, TDX_PERFMON, td->flags & TD_PERFMON);
	octets(out, TDX_XFAM, td->xfam);
	octets(out, TDX_MRTD, td->mrtd);
	octets(out, TDX_MRCONFIGID, td->mrconfigid);
	octets(out, TDX_MROWNER, td->mrowner);
	octets(out, TDX_MROWNERCONFIG, td->mrownerconfig);
	/*@ loop invariant 0 <= i <= 4;
	    loop invariant \at(out->nclaim, Pre) <= ATLS_CLAIMS_MAX ==>
		out->nclaim <= ATLS_CLAIMS_MAX;
	    loop assigns i, out->nclaim,
		out->claim[0 .. ATLS_CLAIMS_MAX - 1];
	    loop variant 4 - i; */
	for (i = 0; i < 4; i++)
		octets(out, TDX_RTMR + (enum tdx_claim)i, td->rtmr[i]);
	if (td->mrservicetd.len == 0)
		return;
	octets(out, TDX_TCB_SVN_2, td->tcb_svn_2);
	octets(out, TDX_MRSERVICETD, td->mrservicetd);
}

/* A quote as it is, or in a report of Linux: their first octets differ.  A
 * TDX guest has no auxiliary blob, and nobody would read it. */
static enum atls_rc
tdx_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct atls_bytes aux = { NULL, 0 };
	struct td_report td;
	enum atls_rc rc;

	if (tsm_report_is(raw) && (rc = tsm_report_read(raw, "tdx_guest",
	    &raw, &aux, err)) != ATLS_OK)
		return rc;
	if (aux.len != 0)
		return err_set(err, ATLS_E_FORMAT, "tdx.auxblob", 0,
		    "%zu octets", aux.len);
	if ((rc = dcap_parse(INTEL_TDX, raw, claims, scratch, out, err)) !=
	    ATLS_OK)
		return rc;
	if ((rc = td_read(out->part[DCAP_BODY], &td)) != ATLS_OK)
		return err_set(err, rc, "tdx.body", 0, "%zu octets",
		    out->part[DCAP_BODY].len);
	out->report_data = td.report_data;
	td_claims(out, &td);
	return ATLS_OK;
}

/* TDX module ABI: an Intel module has neither attributes nor a signer. */
static int
check_seam(const struct td_report *td, const struct evidence_trust *trust,
    struct atls_err *err)
{
	struct rd r = rd_of(td->seam_attributes);

	return dcap_bits(trust, err, evidence_zero(td->seam_attributes),
	    ATLS_E_POLICY, "tdx.seam_attributes", "must be zero",
	    rd_le(&r, 8)) == 1 &&
	    evidence_check(trust, err, evidence_zero(td->mrsignerseam),
	    ATLS_E_POLICY, "tdx.mr_signer_seam", "must be zero, Intel's",
	    "%s", evidence_zero(td->mrsignerseam) ? "zero" : "not zero") == 1;
}

static int
check_attributes(const struct td_report *td,
    const struct evidence_trust *trust, struct atls_err *err)
{
	uint64_t is = td->flags;

	return dcap_bits(trust, err, (is & TD_DEBUG) == 0 ||
	    trust->allow_debug, ATLS_E_POLICY, "tdx.td_attributes.debug",
	    "DEBUG must be 0 unless allow-debug", is) == 1 &&
	    dcap_bits(trust, err, (is & TD_UNTRUSTED & ~TD_DEBUG) == 0,
	    ATLS_E_POLICY, "tdx.td_attributes.untrusted",
	    "bits 1 to 7 must be 0", is) == 1 &&
	    dcap_bits(trust, err, (is & ~TD_KNOWN) == 0, ATLS_E_FORMAT,
	    "tdx.td_attributes.reserved", "reserved bits must be 0", is) == 1;
}

static int
check_xfam(const struct td_report *td, const struct evidence_trust *trust,
    struct atls_err *err)
{
	uint64_t is = td->features;

	return dcap_bits(trust, err, (is & XFAM_ALWAYS) == XFAM_ALWAYS,
	    ATLS_E_FORMAT, "tdx.xfam.fixed", "bits 0 and 1 must be 1", is) ==
	    1 &&
	    dcap_bits(trust, err, (is & ~XFAM_KNOWN) == 0, ATLS_E_FORMAT,
	    "tdx.xfam.reserved", "reserved bits must be 0", is) == 1;
}

static int
tdx_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct td_report td;

	return td_read(ev->part[DCAP_BODY], &td) == ATLS_OK &&
	    dcap_check(INTEL_TDX, ev, trust, res) == 1 &&
	    check_seam(&td, trust, &res->why) == 1 &&
	    check_attributes(&td, trust, &res->why) == 1 &&
	    check_xfam(&td, trust, &res->why) == 1;
}

static int
tdx_tcb(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	struct intel_platform p = { .tee = INTEL_TDX };
	struct td_report td;

	if (td_read(ev->part[DCAP_BODY], &td) != ATLS_OK)
		return 0;
	p.td.tcb_svn = td.tcb_svn;
	p.td.tcb_svn_2 = td.tcb_svn_2;
	p.td.mrsigner_seam = td.mrsignerseam;
	p.td.seam_attributes = td.seam_attributes;
	return dcap_tcb(INTEL_TDX, ev, trust, &p, res);
}

static void
tdx_needs(const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	dcap_needs(INTEL_TDX, ev, out, n);
}

const struct evidence_ops evidence_tdx = {
	.kind = ATLS_KIND_TDX, .name = "tdx",
	.media = "application/tdx-quote; version=1.0; "
	    "profile=\"https://trustedcomputinggroup.org/tdx/v1\"",
	.also = also, .field = DCAP_FIELD, .field_name = "tdx.report_data",
	.claim = claims, .nclaim = TDX_NCLAIMS, .parse = tdx_parse,
	.signature = tdx_signature, .revocation = NULL, .tcb = tdx_tcb,
	.key = NULL, .instance = dcap_instance,
	.root = dcap_root, .needs = tdx_needs,
};
