/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "az.h"
#include "dcap.h"
#include "snp.h"

_Static_assert((int)DCAP_CERT < (int)AZ_HW_DATA, "parts do not meet");
_Static_assert((int)SNP_ASK < (int)AZ_HW_DATA, "parts do not meet");

/* Microsoft, "Attestation report": header, hardware report, runtime data. */
enum {
	HCL_MAGIC = 0x48434c41,		/* "HCLA" */
	HCL_VERSION_MIN = 1, HCL_VERSION_MAX = 2,
	HCL_REQUEST = 2,		/* a report for the TPM's key */
	HCL_RESERVED = 16,
	RUNTIME_HEADER = 20, RUNTIME_VERSION = 1,
	RUNTIME_SNP = 2, RUNTIME_TDX = 4,
	RUNTIME_SHA256 = 1,
};

/* What the map has. */
struct az {
	struct atls_bytes	hcl, attest, sig, pcrs, vcek, ask, td;
};

/*@ // Each is as it was, or octets that r has before it.
    predicate az_one(struct atls_bytes v, struct atls_bytes was,
	struct rd r) = v == was || rd_has(r, v);
    predicate az_in(struct az o, struct az was, struct rd r) =
	az_one(o.hcl, was.hcl, r) && az_one(o.attest, was.attest, r) &&
	az_one(o.sig, was.sig, r) && az_one(o.pcrs, was.pcrs, r) &&
	az_one(o.vcek, was.vcek, r) && az_one(o.ask, was.ask, r) &&
	az_one(o.td, was.td, r);
    predicate az_views(struct az o, struct atls_bytes in) =
	view_in(o.hcl, in) && view_in(o.attest, in) && view_in(o.sig, in) &&
	view_in(o.pcrs, in) && view_in(o.vcek, in) && view_in(o.ask, in) &&
	view_in(o.td, in);
    */

/* An octet string that says something. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
get_bstr(struct rd *r)
{
	struct atls_bytes b = cbor_bstr(r);

	if (b.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return b;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(az) && \separated(r, az);
    assigns *r, az->attest, az->sig;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), az->attest) && rd_has(\old(*r), az->sig); */
static void
get_quote(struct rd *r, struct az *az)
{
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;

	az->attest = az->sig = (struct atls_bytes){ NULL, 0 };
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant rd_has(\at(*r, Pre), az->attest) &&
		rd_has(\at(*r, Pre), az->sig);
	    loop assigns *r, m, k, az->attest, az->sig;
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k)) {
		if (cbor_key_is(&k, "attest"))
			az->attest = get_bstr(r);
		else if (cbor_key_is(&k, "sig"))
			az->sig = get_bstr(r);
		else
			rd_fail(r, ATLS_E_FORMAT);
	}
}

/* A member of the map. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(az) && \separated(r, az);
    requires \valid_read(k) && view_ok(k->text) && \separated(r, az, k);
    assigns *r, *az;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures az_in(*az, \old(*az), \old(*r)); */
static void
get_member(struct rd *r, const struct cbor_key *k, bool tdx, struct az *az)
{
	if (cbor_key_is(k, "hcl"))
		az->hcl = get_bstr(r);
	else if (cbor_key_is(k, "quote"))
		get_quote(r, az);
	else if (cbor_key_is(k, "pcrs"))
		az->pcrs = cbor_item(r);
	else if (!tdx && cbor_key_is(k, "vcek"))
		az->vcek = get_bstr(r);
	else if (!tdx && cbor_key_is(k, "ask"))
		az->ask = get_bstr(r);
	else if (tdx && cbor_key_is(k, "td"))
		az->td = get_bstr(r);
	else
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires view_ok(raw) && \valid(az) && \separated(az, err);
    requires az_views(*az, raw);
    assigns *az, *err;
    exits \false;
    ensures az_views(*az, raw); */
static enum atls_rc
get_map(struct atls_bytes raw, bool tdx, struct az *az, struct atls_err *err)
{
	struct rd r = rd_of(raw);
	struct cbor_map m = cbor_map(&r);
	struct cbor_key k;
	enum atls_rc rc;

	/*@ loop invariant rd_ok(r) && rd_goes(\at(r, LoopEntry), r);
	    loop invariant r.p + r.left == raw.p + raw.len;
	    loop invariant cbor_keys_ok(m) && az_views(*az, raw);
	    loop assigns r, m, k, *az;
	    loop variant r.left; */
	while (cbor_map_next(&r, &m, &k))
		get_member(&r, &k, tdx, az);
	if (az->hcl.len == 0 || az->attest.len == 0 || az->sig.len == 0 ||
	    az->pcrs.len == 0 || (tdx && az->td.len == 0))
		rd_fail(&r, ATLS_E_FORMAT);
	if (az->hcl.len > AZ_HCL_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "az.cbor", r.off, "%zu octets",
		    raw.len);
	return ATLS_OK;
}

/*@ requires \valid(r);
    assigns r->rc;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc); */
static void
must_be(struct rd *r, uint64_t is, uint64_t want)
{
	if (is != want)
		rd_fail(r, ATLS_E_UNKNOWN);
}

/*@ requires \valid(r) && view_ok(b);
    assigns r->rc;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc); */
static void
must_be_zero(struct rd *r, struct atls_bytes b)
{
	if (!evidence_zero(b))
		rd_fail(r, ATLS_E_FORMAT);
}

/* No signature covers the header: nothing in it may be but what we know. */
/*@ requires view_ok(hcl) && off + hcl.len <= SIZE_MAX;
    requires \valid(hw) && \valid(runtime) && \separated(hw, runtime, err);
    assigns *hw, *runtime, *err;
    ensures view_in(*hw, hcl);
    ensures view_in(*runtime, hcl); */
static enum atls_rc
get_hcl(struct atls_bytes hcl, size_t off, bool tdx, struct atls_bytes *hw,
    struct atls_bytes *runtime, struct atls_err *err)
{
	struct rd r = { .p = hcl.p, .left = hcl.len, .off = off };
	uint64_t version, size, rtsize, len;
	enum atls_rc rc;

	must_be(&r, rd_be(&r, 4), HCL_MAGIC);
	version = rd_le(&r, 4);
	if (version < HCL_VERSION_MIN || version > HCL_VERSION_MAX)
		rd_fail(&r, ATLS_E_UNKNOWN);
	size = rd_le(&r, 4);
	must_be(&r, rd_le(&r, 4), HCL_REQUEST);
	must_be_zero(&r, rd_take(&r, HCL_RESERVED));
	*hw = rd_take(&r, AZ_HW_LEN);
	rtsize = rd_le(&r, 4);
	must_be(&r, rd_le(&r, 4), RUNTIME_VERSION);
	must_be(&r, rd_le(&r, 4), tdx ? RUNTIME_TDX : RUNTIME_SNP);
	must_be(&r, rd_le(&r, 4), RUNTIME_SHA256);
	len = rd_le(&r, 4);
	*runtime = rd_take(&r, (size_t)len);
	if (rtsize != RUNTIME_HEADER + len ||
	    size != hcl.len - r.left || len == 0)
		rd_fail(&r, ATLS_E_FORMAT);
	must_be_zero(&r, rd_rest(&r));		/* up to the index' size */
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "az.hcl", r.off, "%zu octets",
		    hcl.len);
	return ATLS_OK;
}

/* As the hardware's own kind reads it, with its parts and its claims. */
static enum atls_rc
get_hw(const struct az *az, bool tdx, struct atls_bytes hw,
    struct atls_buf *scratch, struct atls_evidence *out,
    struct atls_err *err)
{
	enum atls_rc rc;

	rc = tdx ? evidence_tdx.parse(az->td, scratch, out, err) :
	    evidence_snp.parse(hw, scratch, out, err);
	if (rc != ATLS_OK)
		return rc;
	out->part[AZ_HW_DATA] = out->report_data;
	if (tdx) {
		out->part[AZ_TDREPORT] = hw;
		return ATLS_OK;
	}
	out->part[SNP_VCEK] = az->vcek;
	out->part[SNP_ASK] = az->ask;
	if (az->vcek.len != 0)
		out->chain[out->nchain++] = az->vcek;
	if (az->ask.len != 0)
		out->chain[out->nchain++] = az->ask;
	return ATLS_OK;
}

static size_t
offset(struct atls_bytes part, struct atls_bytes raw)
{
	return (size_t)(part.p - raw.p);
}

static enum atls_rc
get_tpm(const struct az *az, struct atls_bytes raw, struct atls_evidence *out,
    struct atls_err *err)
{
	struct tpm_attest quote;
	struct tpm_sig sig;
	enum atls_rc rc;

	if ((rc = tpm_attest_parse(az->attest, offset(az->attest, raw),
	    TPM_ST_QUOTE, "tpm.quote", &quote, err)) != ATLS_OK ||
	    (rc = tpm_sig_parse(az->sig, offset(az->sig, raw),
	    "tpm.quote.sig", &sig, err)) != ATLS_OK)
		return rc;
	out->part[AZ_ATTEST] = az->attest;
	out->part[AZ_SIG] = az->sig;
	out->part[AZ_PCRS] = az->pcrs;
	out->report_data = quote.extra;
	tpm_claim_quote(out, &quote);
	return tpm_claim_pcrs(out, az->pcrs, offset(az->pcrs, raw), err);
}

enum atls_rc
az_parse(enum atls_kind kind, struct atls_bytes raw,
    struct atls_buf *scratch, struct atls_evidence *out,
    struct atls_err *err)
{
	struct atls_bytes hw, runtime;
	bool tdx = kind == ATLS_KIND_AZ_TDX;
	struct az az = { .hcl = { NULL, 0 } };
	enum atls_rc rc;

	if (raw.len > AZ_MAX)
		return err_set(err, ATLS_E_LIMIT, "az.size", 0, "%zu octets",
		    raw.len);
	if ((rc = get_map(raw, tdx, &az, err)) != ATLS_OK ||
	    (rc = get_hcl(az.hcl, offset(az.hcl, raw), tdx, &hw, &runtime,
	    err)) != ATLS_OK ||
	    (rc = get_hw(&az, tdx, hw, scratch, out, err)) != ATLS_OK ||
	    (rc = get_tpm(&az, raw, out, err)) != ATLS_OK)
		return rc;
	out->part[AZ_RUNTIME] = runtime;
	return az_runtime(runtime, scratch, out, err);
}
