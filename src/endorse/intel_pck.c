/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/der.h"
#include "intel_in.h"

/*
 * Intel SGX PCK Certificate and CRL Profile Specification, SGX extensions:
 * 1.2.840.113741.1.13.1, and what is below it.
 */
static const uint8_t sgx[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01,
    0x0d, 0x01 };

enum { PPID = 1, TCB, PCEID, FMSPC, SGX_TYPE, INSTANCE, CONFIGURATION };
enum { PCESVN = INTEL_SVNS + 1, CPUSVN };	/* below TCB */

#define BIT(n)		(1U << (n))
#define MUST_HAVE	(BIT(PPID) | BIT(TCB) | BIT(PCEID) | BIT(FMSPC) | \
			    BIT(SGX_TYPE))
#define TCB_MUST_HAVE	(BIT(CPUSVN + 1) - BIT(1))	/* 1..18 */

/* The number behind above, of an OID that has just one; 0: it is another.
 * Each may be there once. */
/*@ requires \valid(r) && rd_ok(*r) && view_ok(id) && \valid(seen);
    requires above == \null || \valid_read(above);
    requires \separated(r, seen);
    assigns r->rc, *seen;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc);
    ensures \result <= CPUSVN; */
static unsigned
number_of(struct rd *r, struct atls_bytes id, const unsigned *above,
    unsigned *seen)
{
	struct rd oid = rd_of(id);
	unsigned n;

	if (!atls_ct_eq(rd_take(&oid, sizeof(sgx)), ATLS_ARRAY(sgx)) ||
	    (above != NULL && rd_be(&oid, 1) != *above))
		return 0;
	n = (unsigned)rd_be(&oid, 1);
	if (rd_done(&oid) != ATLS_OK || n == 0 || n > CPUSVN)
		return 0;
	if ((*seen & BIT(n)) != 0)
		rd_fail(r, ATLS_E_FORMAT);
	*seen |= BIT(n);
	return n;
}

/* Just so many. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out + (0 .. n - 1));
    requires \separated(r, out + (0 .. n - 1));
    assigns *r, out[0 .. n - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
octets(struct rd *r, uint8_t *out, size_t n)
{
	struct rd c = der_get(r, DER_OCTETS);
	size_t i;

	/*@ loop invariant 0 <= i <= n && rd_ok(c);
	    loop assigns i, c, out[0 .. n - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)rd_be(&c, 1);
	rd_close(r, &c);
}

/* One entry of the TCB. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \valid(seen);
    requires \separated(r, out, seen);
    assigns *r, *out, *seen;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
tcb_entry(struct rd *r, struct intel_pck *out, unsigned *seen)
{
	static const unsigned above = TCB;
	struct atls_bytes id = der_oid(r);
	unsigned n = number_of(r, id, &above, seen), tag;

	if (n >= 1 && n <= INTEL_SVNS)
		out->svn[n - 1] = (uint8_t)der_uint(r, DER_INTEGER, UINT8_MAX);
	else if (n == PCESVN)
		out->pcesvn = (uint16_t)der_uint(r, DER_INTEGER, UINT16_MAX);
	else if (n == CPUSVN)
		octets(r, out->cpusvn, sizeof(out->cpusvn));
	else
		(void)der_any(r, &tag);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, *out;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
tcb(struct rd *r, struct intel_pck *out)
{
	struct rd list = der_get(r, DER_SEQUENCE), e;
	unsigned seen = 0;

	/*@ loop invariant rd_ok(list);
	    loop assigns list, e, seen, *out;
	    loop variant list.left + (list.rc == ATLS_OK ? 1 : 0); */
	while (list.rc == ATLS_OK && list.left > 0) {
		e = der_get(&list, DER_SEQUENCE);
		/*@ assert list.left + (list.rc == ATLS_OK ? 1 : 0) <=
		    \at(list.left, LoopCurrent); */
		tcb_entry(&e, out, &seen);
		rd_close(&list, &e);
	}
	if (seen != TCB_MUST_HAVE)
		rd_fail(&list, ATLS_E_FORMAT);
	rd_close(r, &list);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \valid(seen);
    requires \separated(r, out, seen);
    assigns *r, *out, *seen;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
entry(struct rd *r, struct intel_pck *out, unsigned *seen)
{
	struct atls_bytes id = der_oid(r);
	unsigned tag;

	switch (number_of(r, id, NULL, seen)) {
	case PPID:
		octets(r, out->ppid, sizeof(out->ppid));
		break;
	case TCB:
		tcb(r, out);
		break;
	case PCEID:
		octets(r, out->pceid, sizeof(out->pceid));
		break;
	case FMSPC:
		octets(r, out->fmspc, sizeof(out->fmspc));
		break;
	case SGX_TYPE:
		(void)der_uint(r, DER_ENUMERATED, UINT8_MAX);
		break;
	case INSTANCE:
		octets(r, out->instance, sizeof(out->instance));
		out->has_instance = true;
		break;
	default:		/* the configuration; what is yet to come */
		(void)der_any(r, &tag);
		break;
	}
}

/* Who issued a certificate that is no PCK certificate is not known here. */
static bool
issuer_of(const struct crypto_cert *c, struct intel_pck *out)
{
	out->platform_ca = intel_cn_is(c->issuer, INTEL_CN_PLATFORM);
	return out->platform_ca || intel_cn_is(c->issuer, INTEL_CN_PROCESSOR);
}

enum atls_rc
intel_pck_parse(struct atls_bytes leaf_der, struct intel_pck *out,
    struct atls_err *err)
{
	static const char where[] = "intel.pck.extension";
	struct intel_pck pck = { .pcesvn = 0 };
	struct crypto_cert c;
	struct rd r, list, e;
	unsigned seen = 0;

	*out = pck;
	if (crypto_cert_read(leaf_der, &c) != ATLS_OK)
		return err_set(err, ATLS_E_FORMAT, where, 0,
		    "not a certificate");
	/* the same OID is in certificates that enclaves make themselves */
	if (!intel_cn_is(c.subject, INTEL_CN_PCK) || !issuer_of(&c, &pck))
		return err_set(err, ATLS_E_FORMAT, where, 0,
		    "not the name of a PCK certificate, or of its issuer");
	r = rd_of(crypto_cert_ext(&c, ATLS_ARRAY(sgx)));
	list = der_get(&r, DER_SEQUENCE);
	/*@ loop invariant rd_ok(list);
	    loop assigns list, e, seen, pck;
	    loop variant list.left + (list.rc == ATLS_OK ? 1 : 0); */
	while (list.rc == ATLS_OK && list.left > 0) {
		e = der_get(&list, DER_SEQUENCE);
		entry(&e, &pck, &seen);
		rd_close(&list, &e);
	}
	if ((seen & MUST_HAVE) != MUST_HAVE)
		rd_fail(&list, ATLS_E_FORMAT);
	rd_close(&r, &list);
	if (rd_done(&r) != ATLS_OK)
		return err_set(err, ATLS_E_FORMAT, where, 0,
		    "offset %zu in it", r.off);
	*out = pck;
	return ATLS_OK;
}

void
intel_needs(enum intel_tee tee, const struct intel_pck *pck,
    struct atls_need *out, size_t *n)
{
	struct atls_need all[] = {
		{ ATLS_PCK_CRL, "" }, { ATLS_ROOT_CA_CRL, INTEL_KEY_ROOT },
		{ ATLS_QE_IDENTITY, "" },
		{ ATLS_QE_IDENTITY_CHAIN, INTEL_KEY_SIGNING },
		{ ATLS_TCB_INFO, "" },
		{ ATLS_TCB_INFO_CHAIN, INTEL_KEY_SIGNING },
	};
	size_t i;

	(void)strcpy(all[0].key, intel_ca_key(pck->platform_ca));
	(void)strcpy(all[2].key, intel_tee_name(tee));
	intel_fmspc_key(all[4].key, tee, pck->fmspc);
	for (i = 0; i < sizeof(all) / sizeof(all[0]) &&
	    *n < ATLS_NEEDS_MAX; i++)
		out[(*n)++] = all[i];
}
