/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "../base/err.h"
#include "decide.h"

/* Every check, in the order that <atls/appraise.h> states.  Nothing else in
 * the library makes an ACCEPT. */
/*@ requires \valid(a) && \valid(a->res) && \separated(a, a->res);
    requires nsaid == 0;
    assigns a->passed, *a->res, nsaid, said[..], said_what[..], said_of[..];
    ensures \result == ATLS_VERDICT_ACCEPT ||
	\result == ATLS_VERDICT_REJECT;
    ensures iff: !a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_said(0, 11));
    ensures iff_unbound: a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_unbound);
    ensures all_of(a); */
static enum atls_verdict
appraise_block(struct appraisal *a)
{
	if (check_kind(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_form(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_signature(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_revocation(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_tcb(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (!a->unbound && check_report_data(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_key(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_claims(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (check_instance(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (!a->unbound && check_binding(a) != 1)
		return ATLS_VERDICT_REJECT;
	a->passed++;
	if (!a->unbound && check_freshness(a) != 1)
		return ATLS_VERDICT_REJECT;
	return ATLS_VERDICT_ACCEPT;
}

/* A CMW must be one record of evidence: how members of a collection belong
 * together, nothing here knows (RFC 9999, "Security Considerations"). */
static int
unwrap(const struct atls_question *q, struct atls_buf *scratch,
    struct atls_cmw *cmw, struct atls_bytes *raw, struct atls_err *why)
{
	struct atls_buf none = { NULL, 0, 0 };
	const struct atls_cmw_record *r = &cmw->record[0];
	enum atls_rc rc;

	if (atls_cmw_parse(q->raw, cmw, why) != ATLS_OK)
		return 0;
	if (cmw->is_collection || cmw->nrecord != 1) {
		(void)err_set(why, ATLS_E_UNKNOWN, "appraise.cmw", 0,
		    "a collection, of %zu: one record is taken",
		    cmw->nrecord);
		return 0;
	}
	if (r->ind != 0 && r->ind != ATLS_IND_EVIDENCE &&
	    r->ind != ATLS_IND_RESULTS) {
		(void)err_set(why, ATLS_E_UNKNOWN, "appraise.cmw", 0,
		    "indicator %u is none of evidence or results",
		    r->ind);
		return 0;
	}
	if ((rc = atls_cmw_value(r, scratch == NULL ? &none : scratch,
	    raw)) != ATLS_OK) {
		(void)err_set(why, rc, "appraise.cmw", 0, "the record's value");
		return 0;
	}
	return 1;
}

static int
is_answerable(const struct atls_policy *p, const struct atls_question *q,
    struct atls_err *why)
{
	enum atls_rc rc = ATLS_OK;
	const char *what = "";

	if (p == NULL || q == NULL) {
		rc = ATLS_E_ARG;
		what = "no policy, or no question";
	} else if (q->raw.len == 0) {
		rc = ATLS_E_NONE;
		what = "there is no evidence";
	} else if (q->now <= 0 || q->now > INT64_MAX - POLICY_MAX_AGE_MAX) {
		rc = ATLS_E_CLOCK;
		what = "not a time of ours";
	} else if (q->binding > ATLS_BINDING_EXPORTER ||
	    q->freshness > ATLS_F4) {
		rc = ATLS_E_ARG;
		what = "binding or freshness out of range";
	}
	if (rc == ATLS_OK)
		return 1;
	(void)err_set(why, rc, "appraise.question", 0, "%s", what);
	return 0;
}

/* Of what was accepted: until when, and by which line. */
/*@ assigns a->res->not_after, a->res->why.detail[0 .. 95];
    exits \false; */
static void
accepted(const struct appraisal *a)
{
	struct atls_result *res = a->res;
	int64_t end = a->q->now + a->b->max_age;

	if (a->b->max_age != 0 && (res->not_after == 0 ||
	    res->not_after > end))
		res->not_after = end;
	(void)snprintf(res->why.detail, sizeof(res->why.detail),
	    "policy line %u", a->b->line);
}

int
appraisal_open(struct appraisal *a, const struct atls_policy *p,
    struct atls_buf *scratch, struct atls_cmw *cmw, struct atls_err *why)
{
	if (is_answerable(p, a->q, why) != 1)
		return 0;
	a->raw = a->q->raw;
	a->scratch = scratch;
	if (scratch != NULL)
		scratch->len = 0;
	if (a->q->kind == ATLS_KIND_NONE) {
		if (unwrap(a->q, scratch, cmw, &a->raw, why) != 1)
			return 0;
		a->record = &cmw->record[0];
	}
	return 1;
}

void
appraisal_block(struct appraisal *a, const struct policy_block *b,
    struct atls_result *res)
{
	*res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	a->b = b;
	a->res = res;
	a->passed = 0;
	a->trust = (struct evidence_trust){
		.anchors = b->anchors,
		.instance = b->instance.v,
		.ninstance = b->instance.n,
		.key = b->keys,
		.nkey = b->nkeys,
		.collateral = a->q->collateral,
		.allow_debug = b->allow_debug,
		.allow_simulated = b->allow_simulated,
		.now = a->q->now, .max_age = b->max_age,
	};
}

/*@ requires \valid(out) && \valid_read(from) && \separated(out, from);
    assigns *out;
    exits \false; */
static void
copy(struct atls_result *out, const struct atls_result *from)
{
	*out = *from;
}

/*@ requires \valid(a) && \valid(res) && \separated(a, res);
    assigns a->b, a->res, a->passed, a->trust, *res, nsaid, said[..],
	said_what[..], said_of[..];
    ensures a->b == b && a->res == res;
    ensures \result == ATLS_VERDICT_ACCEPT ||
	\result == ATLS_VERDICT_REJECT;
    ensures iff: !a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_said(0, 11));
    ensures iff_unbound: a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_unbound);
    ensures all_of(a); */
static enum atls_verdict
ask_block(struct appraisal *a, const struct policy_block *b,
    struct atls_result *res)
{
	appraisal_block(a, b, res);
	/*@ ghost nsaid = 0; */
	return appraise_block(a);
}

/* Blocks are alternatives.  If none accepts, the reason is that of the block
 * that passed most checks; of those, the first. */
/*@ requires \valid_read(p) && \valid(a) && \valid(out) && nsaid == 0;
    requires \valid_read(p->block + (0 .. p->nblock - 1));
    requires \separated(out, a, p);
    assigns a->b, a->res, a->passed, a->trust, *out, nsaid, said[..],
	said_what[..], said_of[..];
    ensures \result == ATLS_VERDICT_ACCEPT ||
	\result == ATLS_VERDICT_REJECT;
    ensures iff: !a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_said(0, 11));
    ensures iff_unbound: a->unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_unbound); */
static enum atls_verdict
any_block(struct appraisal *a, const struct atls_policy *p,
    struct atls_result *out)
{
	const struct policy_block *block = p->block;
	struct atls_result res;
	unsigned most = 0;
	size_t i, n = p->nblock;

	/*@ loop invariant 0 <= i <= n;
	    loop invariant !a->unbound ==> !all_said(0, 11);
	    loop invariant a->unbound ==> !all_unbound;
	    loop assigns i, most, res, a->b, a->res, a->passed, a->trust,
		*out, nsaid, said[..], said_what[..], said_of[..];
	    loop variant n - i; */
	for (i = 0; i < n; i++) {
		if (ask_block(a, &block[i], &res) == ATLS_VERDICT_ACCEPT) {
			accepted(a);
			copy(out, &res);
			return ATLS_VERDICT_ACCEPT;
		}
		if (i == 0 || a->passed > most) {
			most = a->passed;
			copy(out, &res);
		}
	}
	return ATLS_VERDICT_REJECT;
}

/*@ requires p == \null || (\valid_read(p) &&
	\valid_read(p->block + (0 .. p->nblock - 1)));
    requires \valid(out) && nsaid == 0;
    requires \separated(out, p) &&
	\separated(out, p->block + (0 .. p->nblock - 1));
    ensures \result == out->verdict;
    ensures iff: !unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_said(0, 11));
    ensures iff_unbound: unbound ==>
	(\result == ATLS_VERDICT_ACCEPT <==> all_unbound); */
static enum atls_verdict
decide(const struct atls_policy *p, const struct atls_question *q,
    struct atls_buf *scratch, bool unbound, struct atls_result *out)
{
	struct appraisal a = { .q = q, .unbound = unbound };
	struct atls_cmw cmw;
	enum atls_verdict v = ATLS_VERDICT_REJECT;

	*out = (struct atls_result){ .verdict = v };
	if (appraisal_open(&a, p, scratch, &cmw, &out->why) == 1)
		v = any_block(&a, p, out);
	out->verdict = v;
	return v;
}

int
appraise_peek(const struct atls_policy *p, const struct atls_question *q,
    struct atls_buf *scratch, struct atls_result *out)
{
	struct appraisal a = { .q = q };
	struct atls_err why = { .rc = ATLS_OK };
	struct atls_cmw cmw;
	size_t i;

	if (appraisal_open(&a, p, scratch, &cmw, &why) != 1)
		return 0;
	for (i = 0; i < p->nblock; i++) {
		appraisal_block(&a, &p->block[i], out);
		if (check_kind(&a) == 1 && check_form(&a) == 1)
			return 1;
	}
	return 0;
}

/*@ requires p == \null || (\valid_read(p) &&
	\valid_read(p->block + (0 .. p->nblock - 1)));
    requires \valid(out) && nsaid == 0;
    requires \separated(out, p) &&
	\separated(out, p->block + (0 .. p->nblock - 1));
    ensures \result == out->verdict;
    ensures iff: \result == ATLS_VERDICT_ACCEPT <==> all_said(0, 11); */
enum atls_verdict
atls_appraise(const struct atls_policy *p, const struct atls_question *q,
    struct atls_buf *scratch, struct atls_result *out)
{
	return decide(p, q, scratch, false, out);
}

/*@ requires p == \null || (\valid_read(p) &&
	\valid_read(p->block + (0 .. p->nblock - 1)));
    requires \valid(out) && nsaid == 0;
    requires \separated(out, p) &&
	\separated(out, p->block + (0 .. p->nblock - 1));
    ensures \result == out->verdict;
    ensures iff: \result == ATLS_VERDICT_ACCEPT <==> all_unbound; */
enum atls_verdict
atls_insecure_appraise_unbound(const struct atls_policy *p,
    const struct atls_question *q, struct atls_buf *scratch,
    struct atls_result *out)
{
	return decide(p, q, scratch, true, out);
}
