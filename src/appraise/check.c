/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "../base/err.h"

/* Puts the line that decided behind a reason, at the cost of its end. */
static void
say_line(struct atls_err *why, unsigned line)
{
	char tail[32];
	size_t at = strlen(why->detail), n;

	n = (size_t)snprintf(tail, sizeof(tail), "%spolicy line %u",
	    at == 0 ? "" : ", ", line);
	if (at > sizeof(why->detail) - n - 1)
		at = sizeof(why->detail) - n - 1;
	memcpy(why->detail + at, tail, n + 1);
}

/* What a kind's own check said.  One that says no without a reason gets one;
 * a reason left behind by one that passed is none. */
static int
verdict_of(struct appraisal *a, int got, enum atls_rc rc, const char *where)
{
	if (got == 1) {
		a->res->why = (struct atls_err){ .rc = ATLS_OK };
		return 1;
	}
	(void)err_set(&a->res->why, rc, where, 0, "refused");
	say_line(&a->res->why, a->b->line);
	return 0;
}

bool
atls_kind_takes(enum atls_kind kind, const struct atls_cmw_record *record)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	size_t i;

	if (ops == NULL || record == NULL)
		return false;
	if (record->ind != 0 && record->ind != (kind == ATLS_KIND_EAR ?
	    ATLS_IND_RESULTS : ATLS_IND_EVIDENCE))
		return false;
	if (atls_cmw_is(record, ops->media))
		return true;
	for (i = 0; ops->also != NULL && ops->also[i] != NULL; i++)
		if (atls_cmw_is(record, ops->also[i]))
			return true;
	return false;
}

/* The peer's bytes choose among the kinds that our policy names. */
int
check_kind(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;

	if (a->record == NULL ? a->q->kind != ops->kind :
	    !atls_kind_takes(ops->kind, a->record)) {
		(void)err_set(&a->res->why, ATLS_E_POLICY, "appraise.kind", 0,
		    "is not %s, which policy line %u names", ops->name,
		    a->b->line);
		return 0;
	}
	a->res->kind = ops->kind;
	return 1;
}

int
check_form(struct appraisal *a)
{
	struct atls_result *res = a->res;
	struct atls_buf scratch = { NULL, 0, 0 };

	if (a->raw.len > a->b->evidence_max) {
		(void)err_set(&res->why, ATLS_E_LIMIT, "appraise.size", 0,
		    "is %zu octets, policy line %u allows %zu", a->raw.len,
		    a->b->size_line, a->b->evidence_max);
		return 0;
	}
	if (a->scratch != NULL)		/* each block starts anew */
		scratch = *a->scratch;
	if (verdict_of(a, atls_evidence_parse(&res->claims, res->kind, a->raw,
	    &scratch, &res->why) == ATLS_OK, ATLS_E_FORMAT, "appraise.form") !=
	    1)
		return 0;
	if (a->b->ops->instance != NULL)
		a->b->ops->instance(&res->claims, res->instance);
	res->instance[sizeof(res->instance) - 1] = '\0';
	return 1;
}

/* What the evidence rests on may end before an answer is of use. */
int
check_not_after(struct appraisal *a)
{
	struct atls_result *res = a->res;

	if (res->not_after == 0 || res->not_after >= a->q->now)
		return 1;
	(void)err_set(&res->why, ATLS_E_STALE, "appraise.not_after", 0,
	    "what it rests on has ended, policy line %u", a->b->line);
	return 0;
}

int
check_signature(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;
	struct atls_result *res = a->res;
	int got = 0;

	res->evidence = ATLS_BAD;
	if (ops->signature != NULL)	/* unsigned evidence says nothing */
		got = ops->signature(&res->claims, &a->trust, res);
	if (a->b->simulated)		/* whatever the kind has to say */
		res->simulated = true;
	if (verdict_of(a, got, ATLS_E_SIG, "appraise.signature") != 1)
		return 0;
	if (res->simulated && !a->b->allow_simulated) {
		(void)err_set(&res->why, ATLS_E_CHAIN, "appraise.simulated",
		    0, "its root is only for tests, policy line %u",
		    a->b->line);
		return 0;
	}
	return check_not_after(a);
}

int
check_revocation(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;

	if (ops->revocation == NULL)
		return 1;
	return verdict_of(a, ops->revocation(&a->res->claims, &a->trust,
	    a->res), ATLS_E_REVOKED, "appraise.revocation");
}

int
check_tcb_known(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;

	return ops->tcb == NULL || verdict_of(a, ops->tcb(&a->res->claims,
	    &a->trust, a->res), ATLS_E_REVOKED, "appraise.tcb") == 1;
}

int
check_tcb(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;

	if (ops->tcb != NULL && (check_tcb_known(a) != 1 ||
	    check_tcb_status(a) != 1 ||
	    check_tcb_advisories(a) != 1 ||
	    check_tcb_evaluation(a) != 1))
		return 0;
	if (check_not_after(a) != 1)
		return 0;
	a->res->evidence = ATLS_GOOD;
	return 1;
}

/* Of the kinds that may name a key, does this one? */
static bool
names_key(const struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;

	return ops->key != NULL && ops->names_key != NULL &&
	    ops->names_key(&a->res->claims);
}

/* draft-fossati-seat-expat, "Binder": what the evidence carries is compared
 * with what we computed; here, whole, and in the signed part. */
int
check_report_data(struct appraisal *a)
{
	const struct atls_question *q = a->q;
	const struct evidence_ops *ops = a->b->ops;
	struct atls_err *why = &a->res->why;
	struct atls_bytes want = q->report_data;
	uint8_t laid[64];
	enum atls_rc rc = ATLS_OK;
	size_t n = 0;

	if (q->binder.len != 0) {
		rc = want.len != 0 ? ATLS_E_ARG : atls_report_data(q->profile,
		    ops->kind, q->binder, q->spki, laid, &n);
		want = (struct atls_bytes){ laid, n };
	}
	if (rc != ATLS_OK || want.len == 0 ||
	    (ops->field != 0 && want.len != ops->field)) {
		(void)err_set(why, rc != ATLS_OK ? rc : ATLS_E_ARG,
		    "appraise.report_data", 0,
		    "%zu octets to compare with the evidence's", want.len);
		return 0;
	}
	if (!atls_ct_eq(a->res->claims.report_data, want)) {
		/* a passport: check_key(), which is next, binds it to the
		 * AIK and to nothing else */
		if (q->spki.len != 0 && names_key(a) && !ops->answers) {
			a->res->binding = ATLS_BINDING_KEY;
			a->res->freshness = ATLS_F0;
			return 1;
		}
		(void)err_set(why, ATLS_E_BIND, ops->field_name != NULL ?
		    ops->field_name : "appraise.report_data", 0,
		    "not of this channel, policy line %u", a->b->line);
		return 0;
	}
	a->res->binding = q->binding;
	a->res->freshness = q->freshness;
	return 1;
}

/* The AIK, which signs for this connection, lives in the platform. */
int
check_key(struct appraisal *a)
{
	const struct evidence_ops *ops = a->b->ops;
	struct atls_result *res = a->res;

	if (ops->key == NULL || (ops->names_key != NULL && !names_key(a)))
		return 1;		/* the pillar stays UNKNOWN */
	if (a->q->spki.len == 0) {
		if (a->unbound)
			return 1;	/* likewise */
		(void)err_set(&res->why, ATLS_E_ARG, "appraise.key", 0,
		    "%s evidence names a key, and we have none to compare",
		    ops->name);
		return 0;
	}
	res->key = ATLS_BAD;
	if (verdict_of(a, ops->key(&res->claims, a->q->spki, res),
	    ATLS_E_BIND, "appraise.key") != 1)
		return 0;
	res->key = ATLS_GOOD;
	return 1;
}

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

/* The right software on somebody else's machine is not what we asked for. */
int
check_instance(struct appraisal *a)
{
	const struct policy_list *l = &a->b->instance;
	struct atls_bytes is = view(a->res->instance);
	size_t i;

	if (l->n == 0)
		return 1;
	for (i = 0; i < l->n; i++)
		if (is.len != 0 && atls_ct_eq(is, view(l->v[i])))
			return 1;
	(void)err_set(&a->res->why, ATLS_E_POLICY, "appraise.instance", 0,
	    "%.48s is none that policy line %u ff. name", a->res->instance,
	    l->line);
	return 0;
}

int
check_binding(struct appraisal *a)
{
	if (a->res->binding >= a->b->binding_min)
		return 1;
	(void)err_set(&a->res->why, ATLS_E_POLICY, "appraise.binding", 0,
	    "is %s, policy line %u wants %s",
	    atls_binding_name(a->res->binding), a->b->binding_line,
	    atls_binding_name(a->b->binding_min));
	return 0;
}

int
check_freshness(struct appraisal *a)
{
	if (a->res->freshness >= a->b->freshness_min)
		return 1;
	(void)err_set(&a->res->why, ATLS_E_POLICY, "appraise.freshness", 0,
	    "is %s, policy line %u wants %s",
	    atls_freshness_name(a->res->freshness), a->b->freshness_line,
	    atls_freshness_name(a->b->freshness_min));
	return 0;
}
