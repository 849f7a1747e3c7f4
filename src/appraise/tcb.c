/* SPDX-License-Identifier: Apache-2.0 */
/* Is the platform up to date enough for the policy? */
#include <string.h>

#include "../base/err.h"
#include "check.h"

/* What a status counts as while an update may still be under way. */
static enum atls_tcb_status
within_grace(enum atls_tcb_status status)
{
	if (status == ATLS_TCB_OUT_OF_DATE)
		return ATLS_TCB_UP_TO_DATE;
	if (status == ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED)
		return ATLS_TCB_CONFIGURATION_NEEDED;
	return status;
}

static bool
allows(const struct policy_block *b, enum atls_tcb_status status)
{
	unsigned allowed = b->tcb_status != 0 ? b->tcb_status :
	    1U << ATLS_TCB_UP_TO_DATE;

	return status > ATLS_TCB_NONE && status < ATLS_NTCB &&
	    status != ATLS_TCB_REVOKED && ((allowed >> status) & 1) == 1;
}

int
check_tcb_status(struct appraisal *a)
{
	const struct policy_block *b = a->b;
	const struct atls_tcb *t = &a->res->tcb;

	if (allows(b, t->status))
		return 1;
	if (b->grace != 0 && t->newer > 0 && a->q->now - b->grace < t->newer &&
	    allows(b, within_grace(t->status)))
		return 1;
	(void)err_set(&a->res->why, t->status == ATLS_TCB_REVOKED ?
	    ATLS_E_REVOKED : ATLS_E_POLICY, "appraise.tcb.status", 0,
	    "is %s, not what policy line %u allows%s", atls_tcb_name(t->status),
	    b->tcb_line, b->grace != 0 ? ", nor its grace" : "");
	return 0;
}

static bool
is_listed(const struct policy_list *l, const char *advisory)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i], "*") == 0 || strcmp(l->v[i], advisory) == 0)
			return true;
	return false;
}

const char *
tcb_advisory_refused(const struct policy_block *b, const struct atls_tcb *t)
{
	size_t i;

	for (i = 0; i < t->nadvisory && i < ATLS_ADVISORIES_MAX; i++)
		if (!is_listed(&b->advisory, t->advisory[i]))
			return t->advisory[i];
	return NULL;
}

int
check_tcb_advisories(struct appraisal *a)
{
	const char *bad = tcb_advisory_refused(a->b, &a->res->tcb);

	if (bad == NULL)
		return 1;
	(void)err_set(&a->res->why, ATLS_E_POLICY, "appraise.tcb.advisory", 0,
	    "%.23s applies to the platform, policy line %u does not allow it",
	    bad, a->b->advisory.n > 0 ? a->b->advisory.line : a->b->line);
	return 0;
}

int
check_tcb_evaluation(struct appraisal *a)
{
	if (a->res->tcb.evaluation >= a->b->eval_min)
		return 1;
	(void)err_set(&a->res->why, ATLS_E_STALE, "appraise.tcb.evaluation", 0,
	    "is number %lu, policy line %u wants %lu at least",
	    (unsigned long)a->res->tcb.evaluation, a->b->eval_line,
	    (unsigned long)a->b->eval_min);
	return 0;
}
