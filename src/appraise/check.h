/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_H
#define CHECK_H

#include <atls/cmw.h>

#include "policy.h"

/* One block of the policy against one piece of evidence. */
struct appraisal {
	const struct policy_block	*b;
	const struct atls_question	*q;
	bool				 unbound;	/* insecure */
	const struct atls_cmw_record	*record;	/* NULL: q has kind */
	struct atls_bytes		 raw;
	const struct atls_buf		*scratch;	/* NULL: none */
	struct evidence_trust		 trust;
	unsigned			 passed;	/* checks, so far */
	struct atls_result		*res;
};

/*
 * The checks, in their order.  1: passed.  Anything else is not, and res->why
 * says why, with the line of the policy that decided.
 */
int	check_kind(struct appraisal *);
int	check_form(struct appraisal *);		/* parses: res->claims */
int	check_signature(struct appraisal *);
int	check_revocation(struct appraisal *);
int	check_tcb(struct appraisal *);
int	check_report_data(struct appraisal *);
int	check_key(struct appraisal *);
int	check_claims(struct appraisal *);
int	check_instance(struct appraisal *);
int	check_binding(struct appraisal *);
int	check_freshness(struct appraisal *);

/* Parts of check_tcb(): what the kind makes of it, res->tcb; what the policy
 * says of that; and that nothing it rests on has ended. */
int	check_tcb_known(struct appraisal *);
int	check_not_after(struct appraisal *);
int	check_tcb_status(struct appraisal *);
int	check_tcb_advisories(struct appraisal *);
int	check_tcb_evaluation(struct appraisal *);

/* Part of check_claims(): the lines about one claim, of which b->value[first]
 * is the first. */
int	check_claim(const struct policy_block *, size_t first,
	    const struct atls_evidence *, struct atls_err *);
bool	check_claim_is_first(const struct policy_block *, size_t value);

/* The first advisory that the block does not allow, or NULL. */
const char	*tcb_advisory_refused(const struct policy_block *,
		    const struct atls_tcb *);

#endif
