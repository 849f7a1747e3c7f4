/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_H
#define CHECK_H

#include <atls/cmw.h>

#include "../base/said.h"
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

#define SAYS	*a->res, SAID

/*@ ghost struct appraisal *said_of[16]; */
/*@ predicate told{A,B}(integer what, struct appraisal *a, integer result) =
	told_it{A,B}(what, result) &&
	\at(said_of[\at(nsaid, A)], B) == a &&
	\at(a->res, B) == \at(a->res, A) && \at(a->q, B) == \at(a->q, A) &&
	\at(a->b, B) == \at(a->b, A) &&
	\at(a->unbound, B) == \at(a->unbound, A);

    // Of unbound evidence, 5, 9 and 10 are not asked.
    predicate all_unbound = nsaid == 8 && said[7] == 1 &&
	(\forall integer i; 0 <= i < 8 ==> said[i] == 1) &&
	said_what[0] == 0 && said_what[1] == 1 && said_what[2] == 2 &&
	said_what[3] == 3 && said_what[4] == 4 && said_what[5] == 6 &&
	said_what[6] == 7 && said_what[7] == 8;
    predicate all_of(struct appraisal *a) =
	\forall integer i; 0 <= i < nsaid ==> said_of[i] == a;
    */

/*
 * The checks, in their order.  1: passed.  Anything else is not, and res->why
 * says why, with the line of the policy that decided.
 */
/*@ assigns SAYS;
    ensures told{Pre,Post}(0, a, \result); */
int	check_kind(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(1, a, \result); */
int	check_form(struct appraisal *a);		/* parses: res->claims */
/*@ assigns SAYS;
    ensures told{Pre,Post}(2, a, \result); */
int	check_signature(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(3, a, \result); */
int	check_revocation(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(4, a, \result); */
int	check_tcb(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(5, a, \result); */
int	check_report_data(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(6, a, \result); */
int	check_key(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(7, a, \result); */
int	check_claims(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(8, a, \result); */
int	check_instance(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(9, a, \result); */
int	check_binding(struct appraisal *a);
/*@ assigns SAYS;
    ensures told{Pre,Post}(10, a, \result); */
int	check_freshness(struct appraisal *a);

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
