/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DECIDE_H
#define DECIDE_H

#include "check.h"

/*
 * What appraisal and its explanation have in common, before any block is
 * looked at: is there a question, and what is in the CMW.  Sets a->raw and
 * a->record, a view into cmw.  1, or 0 with why.
 */
/*@ assigns a->raw, a->record, a->scratch, *cmw, *why;
    ensures \result == 1 ==> p != \null; */
int	appraisal_open(struct appraisal *a, const struct atls_policy *p,
	    struct atls_buf *scratch, struct atls_cmw *cmw,
	    struct atls_err *why);

/* Turns to the next block: all else of a is set anew, res is cleared. */
/*@ requires \valid(a) && \valid(res) && \separated(a, res);
    assigns a->b, a->res, a->passed, a->trust, *res;
    ensures a->b == b && a->res == res; */
void	appraisal_block(struct appraisal *a, const struct policy_block *b,
	    struct atls_result *res);

#endif
