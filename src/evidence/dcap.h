/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DCAP_H
#define DCAP_H

#include "../endorse/intel.h"
#include "evidence.h"

/*
 * Intel DCAP quotes: what SGX and TDX have in common.  Layouts are those of
 * "Intel SGX ECDSA QuoteLibReference API", appendix A (version 3), and "Intel
 * TDX DCAP Quoting Library API", appendix A (versions 4 and 5), called QUOTE
 * below; all integers are little-endian.
 */
#define DCAP_QUOTE_MAX	32768	/* octets: what Linux has room for */
#define DCAP_CHAIN_MAX	4	/* certificates: PCK, CA, root, one to spare */
#define DCAP_REPORT	384	/* octets of an SGX report's body */
#define DCAP_FIELD	64	/* octets of REPORTDATA */

/* atls_evidence.part[] of these kinds. */
enum dcap_part {
	DCAP_QUOTE,			/* all of it but padding */
	DCAP_SIGNED,			/* header and body */
	DCAP_VENDOR, DCAP_RESERVED,	/* of the header */
	DCAP_BODY,
	DCAP_SIGNATURE, DCAP_KEY,	/* r and s; x and y: 64 octets each */
	DCAP_QE_REPORT, DCAP_QE_SIGNATURE, DCAP_QE_AUTH,
	DCAP_CERT_TYPE, DCAP_CERT,	/* certification data */
};

/* Body of an SGX report: Intel SDM, volume 3D, "REPORT". */
struct sgx_report {
	struct atls_bytes	cpusvn;
	struct atls_bytes	attributes;	/* flags and XFRM, 16 octets */
	struct atls_bytes	mrenclave, mrsigner, report_data;
	struct atls_bytes	isvextprodid, isvfamilyid, configid;
	uint32_t		miscselect;
	uint64_t		flags, xfrm;
	uint16_t		isvprodid, isvsvn, configsvn;
	bool			reserved;	/* all zero, as they must be */
};

enum {				/* ATTRIBUTES.FLAGS */
	SGX_INIT = 1 << 0, SGX_DEBUG = 1 << 1, SGX_MODE64BIT = 1 << 2,
	SGX_PROVISION_KEY = 1 << 4, SGX_EINITTOKEN_KEY = 1 << 5,
	SGX_CET = 1 << 6, SGX_KSS = 1 << 7, SGX_AEX_NOTIFY = 1 << 10,
};

/* Checks, by the name of which both kinds call them: "tdx.version". */
enum dcap_check {
	DCAP_C_QUOTE, DCAP_C_VERSION, DCAP_C_KEY_TYPE, DCAP_C_TEE_TYPE,
	DCAP_C_BODY, DCAP_C_CERT_TYPE, DCAP_C_CERT, DCAP_C_PCK,
	DCAP_C_PADDING, DCAP_C_RESERVED, DCAP_C_VENDOR, DCAP_C_CHAIN,
	DCAP_C_QE_SIGNATURE, DCAP_C_QE_RESERVED, DCAP_C_QE_ATTRIBUTES,
	DCAP_C_QE_REPORT_DATA, DCAP_C_KEY, DCAP_C_SIGNATURE,
	DCAP_NCHECKS
};

/* "intel-sgx-root" */
const char	*dcap_root(const struct atls_evidence *);
/*@ requires 0 <= check < DCAP_NCHECKS;
    assigns \nothing;
    exits \false; */
const char	*dcap_where(enum intel_tee tee, enum dcap_check check);

/* The claims that both kinds have come first in their tables. */
#define DCAP_SVNS	16
#define DCAP_SVN(k, i)	{ k #i, ATLS_CLAIM_NUMBER, false, 0 }
#define DCAP_SVN_TABLE(k)						\
	DCAP_SVN(k, 0), DCAP_SVN(k, 1), DCAP_SVN(k, 2), DCAP_SVN(k, 3),	\
	DCAP_SVN(k, 4), DCAP_SVN(k, 5), DCAP_SVN(k, 6), DCAP_SVN(k, 7),	\
	DCAP_SVN(k, 8), DCAP_SVN(k, 9), DCAP_SVN(k, 10),		\
	DCAP_SVN(k, 11), DCAP_SVN(k, 12), DCAP_SVN(k, 13),		\
	DCAP_SVN(k, 14), DCAP_SVN(k, 15)

enum dcap_claim {
	DCAP_VERSION, DCAP_USER_DATA,
	DCAP_QE_MRSIGNER, DCAP_QE_ISVPRODID, DCAP_QE_ISVSVN,
	DCAP_QE_ATTRIBUTES, DCAP_QE_MISCSELECT,
	DCAP_FMSPC, DCAP_PCEID, DCAP_PPID, DCAP_INSTANCE,
	DCAP_PCESVN, DCAP_PCK_SVN,		/* the first of DCAP_SVNS */
	DCAP_NCLAIMS = DCAP_PCK_SVN + DCAP_SVNS
};

#define DCAP_CLAIM_TABLE(k)						\
	{ k ".version",		ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ k ".user_data",	ATLS_CLAIM_BYTES,	false, 20 },	\
	{ k ".qe.mrsigner",	ATLS_CLAIM_BYTES,	false, 32 },	\
	{ k ".qe.isvprodid",	ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ k ".qe.isvsvn",	ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ k ".qe.attributes",	ATLS_CLAIM_BYTES,	false, 16 },	\
	{ k ".qe.miscselect",	ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ k ".fmspc",		ATLS_CLAIM_BYTES,	false, 6 },	\
	{ k ".pceid",		ATLS_CLAIM_BYTES,	false, 2 },	\
	{ k ".ppid",		ATLS_CLAIM_BYTES,	false, 16 },	\
	{ k ".platform_instance", ATLS_CLAIM_BYTES,	false, 16 },	\
	{ k ".pcesvn",		ATLS_CLAIM_NUMBER,	false, 0 },	\
	DCAP_SVN_TABLE(k ".pck.svn.")

/* Appends a claim of that table. */
/*@ requires \valid(out) && \valid_read(c);
    assigns out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures \old(out->nclaim) <= ATLS_CLAIMS_MAX ==>
	out->nclaim <= ATLS_CLAIMS_MAX; */
void	dcap_claim(struct atls_evidence *out, const struct evidence_claim *c,
	    struct atls_bytes, uint64_t number);

/* evidence_check() of a field of bits. */
int	dcap_bits(const struct evidence_trust *, struct atls_err *, bool ok,
	    enum atls_rc, const char *where, const char *rule, uint64_t is);

/*@ // The parts of a quote, each of its octets.
    predicate dcap_head_in{L}(struct atls_evidence *o, struct atls_bytes in) =
	view_in(o->part[DCAP_SIGNED], in) &&
	view_in(o->part[DCAP_VENDOR], in) &&
	view_in(o->part[DCAP_RESERVED], in) && view_in(o->part[DCAP_BODY], in);
    predicate dcap_rest_in{L}(struct atls_evidence *o, struct atls_bytes in) =
	view_in(o->part[DCAP_SIGNATURE], in) &&
	view_in(o->part[DCAP_KEY], in) &&
	view_in(o->part[DCAP_QE_REPORT], in) &&
	view_in(o->part[DCAP_QE_SIGNATURE], in) &&
	view_in(o->part[DCAP_QE_AUTH], in) &&
	view_in(o->part[DCAP_CERT_TYPE], in) && view_in(o->part[DCAP_CERT], in);
    predicate dcap_in{L}(struct atls_evidence *o, struct atls_bytes in) =
	view_in(o->part[DCAP_QUOTE], in) && dcap_head_in(o, in) &&
	dcap_rest_in(o, in);
    */

/*
 * dcap_parse() reads a quote of that TEE into parts, chain (PCK certificate
 * first) and the claims above.  Errors, with names of dcap_check: E_UNKNOWN
 * (version, TEE, key or data type), E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; and
 * E_SPACE of scratch.
 */
/*@ requires view_ok(in) && \valid(out) && scratch_ok(scratch);
    requires \valid_read(table + (0 .. DCAP_NCLAIMS - 1));
    requires out->nclaim <= ATLS_CLAIMS_MAX;
    requires \separated(out, err, table + (0 .. DCAP_NCLAIMS - 1));
    requires scratch != \null ==> \separated(scratch,
	scratch->p + (0 .. scratch->cap - 1), out, err,
	table + (0 .. DCAP_NCLAIMS - 1));
    assigns out->part[DCAP_QUOTE .. DCAP_CERT], out->nchain,
	out->chain[0 .. DCAP_CHAIN_MAX - 1], out->nclaim,
	out->claim[0 .. ATLS_CLAIMS_MAX - 1], *err,
	scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures \result == ATLS_OK ==> dcap_in(out, in); */
ATLS_CHECKED enum atls_rc dcap_parse(enum intel_tee, struct atls_bytes in,
		    const struct evidence_claim *table,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *err);

/*@ predicate sgx_report_in(struct sgx_report o, struct atls_bytes in) =
	view_in(o.cpusvn, in) && view_in(o.attributes, in) &&
	view_in(o.mrenclave, in) && view_in(o.mrsigner, in) &&
	view_in(o.report_data, in) && view_in(o.isvextprodid, in) &&
	view_in(o.isvfamilyid, in) && view_in(o.configid, in); */

/* All octets or E_TRUNC, E_TRAIL; out zeroed on failure. */
/*@ requires view_ok(in) && \valid(out);
    assigns *out;
    exits \false;
    ensures sgx_report_in(*out, in); */
ATLS_CHECKED enum atls_rc sgx_report_read(struct atls_bytes in,
		    struct sgx_report *out);

/*
 * dcap_check() verifies what lies between the anchor and the body of the
 * quote: PCK chain, QE report, attestation key, signature.  1, or 0 and why.
 */
int	dcap_check(enum intel_tee, const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *res);

/* Platform and QE against TCB info and identity; td: NULL for SGX, else with
 * its member td filled in. */
int	dcap_tcb(enum intel_tee, const struct atls_evidence *,
	    const struct evidence_trust *, const struct intel_platform *td,
	    struct atls_result *res);

/*
 * "pck:" and the platform instance, if the PCK certificate has one: that is
 * so where a platform may have several packages, each with a PPID.  Else
 * "ppid:" and the PPID.  Neither changes with the TCB, nor can be taken for
 * the other.
 */
void	dcap_instance(const struct atls_evidence *,
	    char out[ATLS_INSTANCE_MAX]);
void	dcap_needs(enum intel_tee, const struct atls_evidence *,
	    struct atls_need out[ATLS_NEEDS_MAX], size_t *n);

#endif
