/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CCA_H
#define CCA_H

#include "arm.h"

/*
 * Arm CCA attestation tokens (draft-ffm-rats-cca-token): a collection of two
 * signed sets of claims.  The platform's answers with a digest of the key
 * that signs the realm's.
 *
 *	399({ 44234: bstr, 44241: bstr })
 *	907({ 44234: [263, bstr], 44241: [263, bstr] })
 *
 * Parsec puts a statement about a key of the realm before it:
 *
 *	{ "kat": 601({ 10: nonce, 8: { 1: COSE_Key } }), "pat": as above }
 *
 * and the realm's challenge is then the digest of the encoded statement.
 */
#define CCA_CHALLENGE	64	/* octets of a realm's challenge */
#define CCA_REMS	4	/* extensible measurements */

/* atls_evidence.part[] of this kind: as sent. */
enum cca_part {
	CCA_PLATFORM, CCA_REALM,	/* COSE_Sign1 */
	CCA_KAT,			/* with its tag; empty: plain form */
};

enum cca_platform {
	CCA_P_CHALLENGE, CCA_P_INSTANCE, CCA_P_PROFILE, CCA_P_LIFECYCLE,
	CCA_P_IMPL, CCA_P_SW, CCA_P_SERVICE, CCA_P_CONFIG, CCA_P_HASH,
	CCA_P_N
};

enum cca_realm {
	CCA_R_CHALLENGE, CCA_R_PROFILE, CCA_R_RPV, CCA_R_HASH, CCA_R_KEY,
	CCA_R_RIM, CCA_R_REM, CCA_R_KEY_HASH, CCA_R_N
};

enum cca_kat { CCA_K_NONCE, CCA_K_CNF, CCA_K_N };

/* Everything in a token that is well formed: views into it. */
struct cca {
	struct atls_bytes	kat;		/* as encoded; or empty */
	struct cose_sign1	platform, realm;
	struct arm_value	p[CCA_P_N], r[CCA_R_N], k[CCA_K_N];
	struct cose_key		cnf;		/* of kat */
	struct arm_sw		sw[ARM_SW_MAX];
	size_t			nsw;
	struct atls_bytes	rem[CCA_REMS];
};

enum cca_claim {
	CCA_C_PROFILE, CCA_C_INSTANCE, CCA_C_IMPL, CCA_C_LIFECYCLE,
	CCA_C_CONFIG, CCA_C_HASH, CCA_C_SERVICE,
	CCA_C_REALM_PROFILE, CCA_C_RIM, CCA_C_REM,
	CCA_C_RPV = CCA_C_REM + CCA_REMS, CCA_C_REALM_HASH,
	CCA_C_SW, CCA_NCLAIMS = CCA_C_SW + ARM_SW_NCLAIMS
};

extern const struct evidence_claim cca_claims[CCA_NCLAIMS];

/* cca_parse.c */
ATLS_CHECKED enum atls_rc cca_parse(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

/* Takes the parts of ev apart once more.  On failure out is not to be used. */
ATLS_CHECKED enum atls_rc cca_open(const struct atls_evidence *ev,
		    struct cca *out, struct atls_err *);

#endif
