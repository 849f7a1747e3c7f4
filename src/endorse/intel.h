/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTEL_H
#define INTEL_H

#include "store.h"

/* What SGX and TDX share: PCK certificates, TCB info, enclave identities. */
enum intel_tee { INTEL_SGX = 1, INTEL_TDX };

/* The extension 1.2.840.113741.1.13.1 of a PCK certificate. */
struct intel_pck {
	uint8_t		ppid[16], cpusvn[16];
	uint8_t		svn[16];		/* SGX TCB components */
	uint16_t	pcesvn;
	uint8_t		pceid[2], fmspc[6];
	bool		has_instance;		/* Platform CA only */
	uint8_t		instance[16];
	bool		platform_ca;		/* else Processor CA */
};

/* What of a quote the TCB depends on. */
struct intel_platform {
	enum intel_tee	 tee;
	struct intel_pck pck;
	struct {				/* of the QE's report */
		uint32_t	  miscselect;
		struct atls_bytes attributes;	/* 16 octets */
		struct atls_bytes mrsigner;	/* 32 octets */
		uint16_t	  isvprodid, isvsvn;
	} qe;
	struct {				/* of the TD's report */
		struct atls_bytes tcb_svn;	/* TEE_TCB_SVN, 16 octets */
		struct atls_bytes tcb_svn_2;	/* or empty: TD 1.0 */
		struct atls_bytes mrsigner_seam; /* 48 octets */
		struct atls_bytes seam_attributes; /* 8 octets */
	} td;
};

/*
 * intel_pck_parse() reads the extension without believing it, to know which
 * collateral to look for.  Subject and issuer must have the names of a PCK
 * certificate and of a PCK CA: what comes before "SGX PCK Certificate" and
 * "SGX PCK Platform CA" or "Processor CA" does not matter.
 * E_FORMAT, with `where` "intel.pck.extension".
 */
/*@ requires view_ok(leaf_der) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false; */
ATLS_CHECKED enum atls_rc intel_pck_parse(struct atls_bytes leaf_der,
	    struct intel_pck *out, struct atls_err *err);

/*
 * intel_pck_check() verifies the PCK chain (DER, in any order) up to the
 * anchors, with the CRLs of root and PCK CA from the store, and reads the
 * leaf.  Sets *leaf (crypto_chain_free()) and *out, and lowers
 * res->not_after.  1, or 0 with res->why.
 */
int	intel_pck_check(const struct evidence_trust *,
	    const struct atls_bytes *chain, size_t n,
	    struct crypto_chain **leaf, struct intel_pck *out,
	    struct atls_result *res);

/*
 * intel_tcb_check() verifies QE identity and TCB info, the QE against the
 * one, the platform against the other, and sets res->tcb; what status is good
 * enough is the policy's business, but "not supported" is a failure here.
 * Lowers res->not_after.  1, or 0 with res->why.
 */
int	intel_tcb_check(const struct evidence_trust *,
	    const struct intel_platform *, struct atls_result *res);

/* What the two look for: appended to out[*n..ATLS_NEEDS_MAX). */
void	intel_needs(enum intel_tee, const struct intel_pck *,
	    struct atls_need *out, size_t *n);

#endif
