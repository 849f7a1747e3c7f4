/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../base/rd.h"
#include "snp.h"

enum { TCB_LEN = 8, NUMBER_LEN = 48, NUMBER_ROOM = 72 };

/* CPUID Fn0000_0001_EAX, family and model with their extensions. */
static const struct {
	unsigned		family, first, last;	/* models */
	enum amd_product	product;
} cpus[] = {
	{ 0x19, 0x00, 0x0f, AMD_MILAN },
	{ 0x19, 0x10, 0x1f, AMD_GENOA },
	{ 0x19, 0xa0, 0xaf, AMD_GENOA },	/* Bergamo, Siena: its keys */
	{ 0x1a, 0x00, 0x11, AMD_TURIN },
};

/*@ requires \valid_read(out);
    assigns \nothing; */
static enum amd_product
product_of(const struct snp_report *out)
{
	size_t i;

	/*@ loop invariant 0 <= i <= sizeof(cpus) / sizeof(cpus[0]);
	    loop assigns i;
	    loop variant sizeof(cpus) / sizeof(cpus[0]) - i; */
	for (i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		if (out->family == cpus[i].family &&
		    out->model >= cpus[i].first && out->model <= cpus[i].last)
			return cpus[i].product;
	return AMD_UNKNOWN;
}

/*
 * Version 2 names no product.  The chip identifiers of Turin have 8 octets
 * and zeros behind; that the certificate is of such a product is checked
 * before anything that depends on it is believed.
 */
/*@ requires \valid_read(out) && view_ok(out->chip_id);
    assigns \nothing; */
static bool
turin_of(const struct snp_report *out)
{
	struct rd r = rd_of(out->chip_id);

	if (out->version > 2)
		return out->product == AMD_TURIN;
	return !evidence_zero(rd_take(&r, AMD_CHIP_ID_TURIN)) &&
	    evidence_zero(rd_rest(&r));
}

int
snp_tcb_read(struct atls_bytes in, bool turin, struct amd_tcb *out)
{
	static const enum amd_part milan[TCB_LEN] = { AMD_BOOTLOADER, AMD_TEE,
	    AMD_NPARTS, AMD_NPARTS, AMD_NPARTS, AMD_NPARTS, AMD_SNP,
	    AMD_MICROCODE };
	static const enum amd_part later[TCB_LEN] = { AMD_FMC, AMD_BOOTLOADER,
	    AMD_TEE, AMD_SNP, AMD_NPARTS, AMD_NPARTS, AMD_NPARTS,
	    AMD_MICROCODE };
	struct rd r = rd_of(in);
	enum amd_part part;
	uint8_t v;
	int ok = 1;
	size_t i;

	*out = (struct amd_tcb){ .fmc = turin };
	/*@ loop invariant 0 <= i <= TCB_LEN && rd_ok(r);
	    loop assigns i, part, v, ok, r, out->spl[0 .. AMD_NPARTS - 1];
	    loop variant TCB_LEN - i; */
	for (i = 0; i < TCB_LEN; i++) {
		part = turin ? later[i] : milan[i];
		v = (uint8_t)rd_be(&r, 1);
		if (part != AMD_NPARTS)
			out->spl[part] = v;
		else if (v != 0)
			ok = 0;
	}
	return rd_done(&r) == ATLS_OK && ok == 1 ? 1 : 0;
}

/* build, minor, major, and an octet that is reserved. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(zero) && \separated(r, zero);
    assigns *r, *zero;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), *zero); */
static uint32_t
firmware(struct rd *r, struct atls_bytes *zero)
{
	uint32_t v = (uint32_t)rd_le(r, 3);

	*zero = rd_take(r, 1);
	return v;
}

/* The first part, to CHIP_ID. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, *out;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures snp_head_in(*out, \old(r->p), \old(r->left)); */
static void
head(struct rd *r, struct snp_report *out)
{
	out->version = (uint32_t)rd_le(r, 4);
	if (out->version != 2 && out->version != 3 && out->version != 5)
		rd_fail(r, ATLS_E_UNKNOWN);
	out->guest_svn = (uint32_t)rd_le(r, 4);
	out->policy = rd_le(r, 8);
	out->family_id = rd_take(r, 16);
	out->image_id = rd_take(r, 16);
	out->vmpl = (uint32_t)rd_le(r, 4);
	out->sig_algo = (uint32_t)rd_le(r, 4);
	out->raw_tcb[SNP_TCB_CURRENT] = rd_take(r, TCB_LEN);
	out->platform = rd_le(r, 8);
	out->key_info = (uint32_t)rd_le(r, 4);
	out->zero[0] = rd_take(r, 4);
	out->report_data = rd_take(r, 64);
	out->measurement = rd_take(r, 48);
	out->host_data = rd_take(r, 32);
	out->id_key_digest = rd_take(r, 48);
	out->author_key_digest = rd_take(r, 48);
	out->report_id = rd_take(r, 32);
	out->report_id_ma = rd_take(r, 32);
	out->raw_tcb[SNP_TCB_REPORTED] = rd_take(r, TCB_LEN);
}

/* From CPUID, which version 3 brought, to the end of what is signed. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->family, out->model, out->stepping, out->zero[1 .. 4],
	out->chip_id, out->raw_tcb[SNP_TCB_COMMITTED],
	out->raw_tcb[SNP_TCB_LAUNCH], out->current, out->committed,
	out->launch_mit, out->current_mit;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures snp_rest_in(*out, \old(r->p), \old(r->left)); */
static void
rest(struct rd *r, struct snp_report *out)
{
	bool cpuid = out->version >= 3, mit = out->version >= 5;

	if (cpuid) {
		out->family = (uint8_t)rd_be(r, 1);
		out->model = (uint8_t)rd_be(r, 1);
		out->stepping = (uint8_t)rd_be(r, 1);
	}
	out->zero[1] = rd_take(r, cpuid ? 21 : 24);
	out->chip_id = rd_take(r, AMD_CHIP_ID);
	out->raw_tcb[SNP_TCB_COMMITTED] = rd_take(r, TCB_LEN);
	out->current = firmware(r, &out->zero[2]);
	out->committed = firmware(r, &out->zero[3]);
	out->raw_tcb[SNP_TCB_LAUNCH] = rd_take(r, TCB_LEN);
	if (mit) {
		out->launch_mit = rd_le(r, 8);
		out->current_mit = rd_le(r, 8);
	}
	out->zero[4] = rd_take(r, mit ? 152 : 168);
}

/* "Signature", of ECDSA: two numbers, little-endian, in wider fields. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->r, out->s, out->padding[0 .. 2];
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures snp_signature_in(*out, \old(r->p), \old(r->left)); */
static void
signature(struct rd *r, struct snp_report *out)
{
	out->r = rd_take(r, NUMBER_LEN);
	out->padding[0] = rd_take(r, NUMBER_ROOM - NUMBER_LEN);
	out->s = rd_take(r, NUMBER_LEN);
	out->padding[1] = rd_take(r, NUMBER_ROOM - NUMBER_LEN);
	out->padding[2] = rd_take(r, SNP_REPORT_LEN - SNP_SIGNED_LEN -
	    2 * NUMBER_ROOM);
}

enum atls_rc
snp_report_read(struct atls_bytes in, struct snp_report *out,
    struct atls_err *err)
{
	struct rd r = rd_of(in), body = rd_of(in);
	enum atls_rc rc;
	size_t i;

	*out = (struct snp_report){ .version = 0 };
	head(&r, out);
	if (r.rc == ATLS_E_UNKNOWN) {
		rc = err_set(err, r.rc, "snp.version", 0, "%lu",
		    (unsigned long)out->version);
		*out = (struct snp_report){ .version = 0 };
		return rc;
	}
	rest(&r, out);
	signature(&r, out);
	out->body = rd_take(&body, SNP_SIGNED_LEN);
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*out = (struct snp_report){ .version = 0 };
		return err_set(err, rc, "snp.report", r.off, "%zu octets",
		    in.len);
	}
	out->product = product_of(out);
	out->turin = turin_of(out);
	/*@ loop invariant 0 <= i <= SNP_NTCBS;
	    loop assigns i, out->tcb[0 .. SNP_NTCBS - 1];
	    loop variant SNP_NTCBS - i; */
	for (i = 0; i < SNP_NTCBS; i++)
		(void)snp_tcb_read(out->raw_tcb[i], out->turin, &out->tcb[i]);
	return ATLS_OK;
}
