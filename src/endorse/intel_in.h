/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTEL_IN_H
#define INTEL_IN_H

#include "../crypto/cert.h"
#include "intel_doc.h"

/* Between the files of Intel's endorsements. */

/* Keys of items of which there is but one, and of the two PCK CAs. */
#define INTEL_KEY_SIGNING	"tcb-signing"
#define INTEL_KEY_ROOT		"root"
#define INTEL_KEY_PLATFORM	"platform"
#define INTEL_KEY_PROCESSOR	"processor"

/*
 * Intel SGX PCK Certificate and CRL Profile Specification, names: what the
 * commonName ends with.  Those of simulated TEEs begin in another way.
 */
#define INTEL_CN_PCK		"SGX PCK Certificate"
#define INTEL_CN_PLATFORM	"SGX PCK Platform CA"
#define INTEL_CN_PROCESSOR	"SGX PCK Processor CA"
#define INTEL_CN_SIGNING	"SGX TCB Signing"

bool	intel_cn_is(struct atls_bytes name, const char *end);

/* "tdx", "sgx"; and "tdx:b0c06f000000". */
const char	*intel_tee_name(enum intel_tee);
void		 intel_fmspc_key(char out[ATLS_ITEM_KEY_MAX], enum intel_tee,
		    const uint8_t fmspc[6]);
const char	*intel_ca_key(bool platform_ca);

/* store_item.form of chains and of CRLs; of JSON it is a struct intel_doc. */
struct intel_certs {
	struct atls_bytes	der[ATLS_CHAIN_MAX];	/* in order; CRL: one */
	size_t			n;
	uint8_t			*buf;			/* what they view */
};

/* All certificates but those that issued themselves, each after the one that
 * it issued, in der[*n].  The rest of them is not looked at: E_CHAIN if there
 * are two leaves or a gap. */
ATLS_CHECKED enum atls_rc intel_order(const struct atls_bytes *cert, size_t n,
		    struct atls_bytes der[ATLS_CHAIN_MAX], size_t *out);

/* What the checks of a path are called. */
struct intel_path {
	const char	*chain, *crl, *revoked;
};

/*
 * States the three checks of a path: rc and why is what its verification with
 * CRLs came to.  If that failed, it is tried without, to tell which of the
 * three it was.  1 or 0.
 */
int	intel_path_state(const struct evidence_trust *, struct atls_err *,
	    const struct intel_path *, struct crypto_chain *,
	    enum atls_rc rc, const struct atls_err *why);

/* E_NONE with words for intel_path_state(), if there is no such item. */
ATLS_CHECKED enum atls_rc intel_at_hand(const struct store_item *,
		    enum atls_item, const char *key, struct atls_err *);

/* The DER of a CRL item. */
struct atls_bytes intel_crl_der(const struct store_item *);

void	intel_lower(int64_t *not_after, int64_t until);

/* Verified TCB info or identity; NULL and res->why, if there is none.  The
 * caller releases o. */
struct intel_fact {
	struct store_object	 o;		/* first */
	struct store_item	*item;
	const struct intel_doc	*doc;
};

struct intel_fact *intel_fact_of(const struct evidence_trust *,
		    enum atls_item, const char *key, struct atls_result *);

/* The platform under the next TCB evaluation, in words; or "". */
void	intel_outlook(const struct evidence_trust *,
	    const struct intel_platform *, const struct intel_doc *qe,
	    struct atls_tcb *);

/*
 * A platform against verified documents: sets res->tcb but for its outlook.
 * lacks: what a level that is not out of date asks for beyond what the
 * platform has, "SGX component 3 is 6, needs 8"; or "".  1, or 0 and why.
 */
#define INTEL_LACKS_MAX	48
int	intel_appraise(const struct evidence_trust *,
	    const struct intel_platform *, const struct intel_doc *tcb,
	    const struct intel_doc *qe, char lacks[INTEL_LACKS_MAX],
	    struct atls_result *res);

/* The platform's QE against its identity; sets *level to what it reaches. */
int	intel_qe_check(const struct evidence_trust *,
	    const struct intel_platform *, const struct intel_doc *qe,
	    const struct intel_level **level, struct atls_err *);

#endif
