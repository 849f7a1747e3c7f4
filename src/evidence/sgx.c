/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../base/rd.h"
#include "dcap.h"

/* Intel SDM, volume 3D, "ATTRIBUTES": all other flags are reserved. */
#define FLAGS_KNOWN	(uint64_t)(SGX_INIT | SGX_DEBUG | SGX_MODE64BIT | \
			    SGX_PROVISION_KEY | SGX_EINITTOKEN_KEY |	\
			    SGX_CET | SGX_KSS | SGX_AEX_NOTIFY)
#define XFRM_ALWAYS	0x3	/* x87 and SSE: "XFRM" */

enum sgx_claim {
	SGX_MRENCLAVE = DCAP_NCLAIMS, SGX_MRSIGNER, SGX_ISVPRODID,
	SGX_ISVSVN, SGX_CONFIGID, SGX_CONFIGSVN, SGX_ISVEXTPRODID,
	SGX_ISVFAMILYID, SGX_CPUSVN, SGX_MISC, SGX_ATTRIBUTES,
	SGX_C_DEBUG, SGX_C_MODE64BIT, SGX_C_PROVISION_KEY,
	SGX_C_EINITTOKEN_KEY, SGX_C_KSS,
	SGX_NCLAIMS
};

/* A policy must speak of what the enclave is, by itself or by its signer, and
 * of what the host configured it with. */
static const struct evidence_claim claims[SGX_NCLAIMS] = {
	DCAP_CLAIM_TABLE("sgx"),
	{ "sgx.mrenclave",		ATLS_CLAIM_BYTES,  true, 32 },
	{ "sgx.mrsigner",		ATLS_CLAIM_BYTES,  true, 32 },
	{ "sgx.isvprodid",		ATLS_CLAIM_NUMBER, true, 0 },
	{ "sgx.isvsvn",			ATLS_CLAIM_NUMBER, true, 0 },
	{ "sgx.configid",		ATLS_CLAIM_BYTES,  true, 64 },
	{ "sgx.configsvn",		ATLS_CLAIM_NUMBER, true, 0 },
	{ "sgx.isvextprodid",		ATLS_CLAIM_BYTES,  false, 16 },
	{ "sgx.isvfamilyid",		ATLS_CLAIM_BYTES,  false, 16 },
	{ "sgx.cpusvn",			ATLS_CLAIM_BYTES,  false, 16 },
	{ "sgx.miscselect",		ATLS_CLAIM_NUMBER, false, 0 },
	{ "sgx.attributes",		ATLS_CLAIM_BYTES,  false, 16 },
	{ "sgx.attributes.debug",	ATLS_CLAIM_BOOL,   false, 0 },
	{ "sgx.attributes.mode64bit",	ATLS_CLAIM_BOOL,   false, 0 },
	{ "sgx.attributes.provision_key",	ATLS_CLAIM_BOOL,   false, 0 },
	{ "sgx.attributes.einittoken_key",	ATLS_CLAIM_BOOL,   false, 0 },
	{ "sgx.attributes.kss",		ATLS_CLAIM_BOOL,   false, 0 },
};

_Static_assert((int)SGX_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

/* REPORTBODY to MRENCLAVE; says whether what is reserved in it is zero. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->cpusvn, out->miscselect, out->isvextprodid,
	out->attributes, out->flags, out->xfrm, out->mrenclave;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->cpusvn) &&
	rd_has(\old(*r), out->isvextprodid) &&
	rd_has(\old(*r), out->attributes) &&
	rd_has(\old(*r), out->mrenclave); */
static bool
read_enclave(struct rd *r, struct sgx_report *out)
{
	struct atls_bytes gap;
	struct rd flags;

	out->cpusvn = rd_take(r, 16);
	out->miscselect = (uint32_t)rd_le(r, 4);
	gap = rd_take(r, 12);
	out->isvextprodid = rd_take(r, 16);
	flags = *r;
	out->attributes = rd_take(r, 16);
	out->flags = rd_le(&flags, 8);
	out->xfrm = rd_le(&flags, 8);
	out->mrenclave = rd_take(r, 32);
	return evidence_zero(gap);
}

/* What is behind it: who signed, as what, and report data. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->mrsigner, out->configid, out->isvprodid, out->isvsvn,
	out->configsvn, out->isvfamilyid, out->report_data;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->mrsigner) &&
	rd_has(\old(*r), out->configid) &&
	rd_has(\old(*r), out->isvfamilyid) &&
	rd_has(\old(*r), out->report_data); */
static bool
read_signer(struct rd *r, struct sgx_report *out)
{
	struct atls_bytes gap[3];

	gap[0] = rd_take(r, 32);
	out->mrsigner = rd_take(r, 32);
	gap[1] = rd_take(r, 32);
	out->configid = rd_take(r, 64);
	out->isvprodid = (uint16_t)rd_le(r, 2);
	out->isvsvn = (uint16_t)rd_le(r, 2);
	out->configsvn = (uint16_t)rd_le(r, 2);
	gap[2] = rd_take(r, 42);
	out->isvfamilyid = rd_take(r, 16);
	out->report_data = rd_take(r, DCAP_FIELD);
	return evidence_zero(gap[0]) && evidence_zero(gap[1]) &&
	    evidence_zero(gap[2]);
}

enum atls_rc
sgx_report_read(struct atls_bytes in, struct sgx_report *out)
{
	struct rd r = rd_of(in);
	bool first = read_enclave(&r, out), second = read_signer(&r, out);
	enum atls_rc rc;

	out->reserved = first && second;
	if ((rc = rd_done(&r)) != ATLS_OK)
		*out = (struct sgx_report){ .flags = 0 };
	return rc;
}

/*@ requires \valid(out) && 0 <= id < SGX_NCLAIMS;
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
octets(struct atls_evidence *out, enum sgx_claim id, struct atls_bytes b)
{
	dcap_claim(out, &claims[id], b, 0);
}

/*@ requires \valid(out) && 0 <= id < SGX_NCLAIMS;
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
number(struct atls_evidence *out, enum sgx_claim id, uint64_t n)
{
	dcap_claim(out, &claims[id], (struct atls_bytes){ NULL, 0 }, n);
}

/*@ requires \valid(out) && \valid_read(e) && \separated(out, e);
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
static void
enclave_claims(struct atls_evidence *out, const struct sgx_report *e)
{
	octets(out, SGX_MRENCLAVE, e->mrenclave);
	octets(out, SGX_MRSIGNER, e->mrsigner);
	number(out, SGX_ISVPRODID, e->isvprodid);
	number(out, SGX_ISVSVN, e->isvsvn);
	octets(out, SGX_CONFIGID, e->configid);
	number(out, SGX_CONFIGSVN, e->configsvn);
	octets(out, SGX_ISVEXTPRODID, e->isvextprodid);
	octets(out, SGX_ISVFAMILYID, e->isvfamilyid);
	octets(out, SGX_CPUSVN, e->cpusvn);
	number(out, SGX_MISC, e->miscselect);
	octets(out, SGX_ATTRIBUTES, e->attributes);
	number(out, SGX_C_DEBUG, (e->flags & SGX_DEBUG) != 0);
	number(out, SGX_C_MODE64BIT, (e->flags & SGX_MODE64BIT) != 0);
	number(out, SGX_C_PROVISION_KEY, (e->flags & SGX_PROVISION_KEY) != 0);
	number(out, SGX_C_EINITTOKEN_KEY,
	    (e->flags & SGX_EINITTOKEN_KEY) != 0);
	number(out, SGX_C_KSS, (e->flags & SGX_KSS) != 0);
}

static enum atls_rc
sgx_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct sgx_report e;
	enum atls_rc rc;

	if ((rc = dcap_parse(INTEL_SGX, raw, claims, scratch, out, err)) !=
	    ATLS_OK)
		return rc;
	if ((rc = sgx_report_read(out->part[DCAP_BODY], &e)) != ATLS_OK)
		return err_set(err, rc, "sgx.body", 0, "%zu octets",
		    out->part[DCAP_BODY].len);
	out->report_data = e.report_data;
	enclave_claims(out, &e);
	return ATLS_OK;
}

static int
check_reserved(const struct sgx_report *e, const struct evidence_trust *trust,
    struct atls_err *err)
{
	return evidence_check(trust, err, e->reserved, ATLS_E_FORMAT,
	    "sgx.reserved", "reserved octets must be zero", "%s",
	    e->reserved ? "zero" : "not zero");
}

static int
check_attributes(const struct sgx_report *e,
    const struct evidence_trust *trust, struct atls_err *err)
{
	uint64_t is = e->flags;

	return dcap_bits(trust, err, (is & SGX_DEBUG) == 0 ||
	    trust->allow_debug, ATLS_E_POLICY, "sgx.attributes.debug",
	    "DEBUG must be 0 unless allow-debug", is) == 1 &&
	    dcap_bits(trust, err, (is & SGX_INIT) != 0, ATLS_E_FORMAT,
	    "sgx.attributes.init", "INIT must be 1", is) == 1 &&
	    dcap_bits(trust, err, (is & ~FLAGS_KNOWN) == 0, ATLS_E_FORMAT,
	    "sgx.attributes.reserved", "reserved bits must be 0", is) == 1 &&
	    dcap_bits(trust, err, (e->xfrm & XFRM_ALWAYS) == XFRM_ALWAYS,
	    ATLS_E_FORMAT, "sgx.xfrm", "bits 0 and 1 must be 1", e->xfrm) == 1;
}

static int
sgx_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct sgx_report e;

	return sgx_report_read(ev->part[DCAP_BODY], &e) == ATLS_OK &&
	    dcap_check(INTEL_SGX, ev, trust, res) == 1 &&
	    check_reserved(&e, trust, &res->why) == 1 &&
	    check_attributes(&e, trust, &res->why) == 1;
}

static int
sgx_tcb(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	return dcap_tcb(INTEL_SGX, ev, trust, NULL, res);
}

static void
sgx_needs(const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	dcap_needs(INTEL_SGX, ev, out, n);
}

/* No media type is registered; this is formed like that of TDX. */
const struct evidence_ops evidence_sgx = {
	.kind = ATLS_KIND_SGX, .name = "sgx",
	.media = "application/sgx-quote", .also = NULL,
	.field = DCAP_FIELD, .field_name = "sgx.report_data",
	.claim = claims, .nclaim = SGX_NCLAIMS, .parse = sgx_parse,
	.signature = sgx_signature, .revocation = NULL, .tcb = sgx_tcb,
	.key = NULL, .instance = dcap_instance,
	.root = dcap_root, .needs = sgx_needs,
};
