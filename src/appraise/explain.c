/* SPDX-License-Identifier: Apache-2.0 */
/* Tells every check of an appraisal.  The checks are those of check.h: there
 * is no second opinion here about what passes. */
#include <stdio.h>
#include <string.h>

#include "../codec/hex.h"
#include "decide.h"

#define WORDS_MAX	(POLICY_LINE_MAX + ATLS_INSTANCE_MAX)

struct teller {
	struct appraisal	 a;
	void			(*step)(void *, const struct atls_step *);
	void			*arg;
	char			 failed[64];	/* where, of the last told */
};

static void
tell(struct teller *t, const char *where, bool passed, const char *input,
    const char *rule, unsigned line, const char *fix)
{
	const struct atls_step step = {
		.block = t->a.b->line, .where = where, .passed = passed,
		.input = input, .rule = rule, .line = line,
		.fix = passed ? NULL : fix,
	};

	if (!passed)
		(void)snprintf(t->failed, sizeof(t->failed), "%s", where);
	t->step(t->arg, &step);
}

static bool
ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), k = strlen(tail);

	return n >= k && strcmp(s + n - k, tail) == 0;
}

/* A check of the kind's own. */
static void
on_trace(void *arg, const struct evidence_step *s)
{
	struct teller *t = arg;
	char pin[WORDS_MAX];
	const char *fix = NULL;

	(void)snprintf(pin, sizeof(pin), "instance %s", t->a.res->instance);
	if (ends_with(s->where, ".debug"))
		fix = "allow-debug yes";
	else if (strcmp(s->where, "tpm.ak.name") == 0)
		fix = pin;
	tell(t, s->where, s->passed, s->input, s->rule, 0, fix);
}

/* Tells the outcome of a stage of several checks, unless the kind did. */
static void
stage(struct teller *t, int (*check)(struct appraisal *), const char *name,
    const char *rule, const char *fix)
{
	struct atls_err *why = &t->a.res->why;
	bool ok;

	*why = (struct atls_err){ .rc = ATLS_OK };
	t->failed[0] = '\0';
	ok = check(&t->a) == 1;
	if (ok)
		tell(t, name, true, t->a.b->ops->name, rule, 0, NULL);
	else if (why->where == NULL || strcmp(t->failed, why->where) != 0)
		tell(t, why->where == NULL ? name : why->where, false,
		    why->detail, rule, 0, why->where != NULL &&
		    strcmp(why->where, "appraise.simulated") == 0 ?
		    "allow-simulated yes" : fix);
	*why = (struct atls_err){ .rc = ATLS_OK };
}

/* One check, one step. */
static void
single(struct teller *t, int (*check)(struct appraisal *), const char *where,
    const char *input, const char *rule, unsigned line, const char *fix)
{
	struct atls_err *why = &t->a.res->why;

	*why = (struct atls_err){ .rc = ATLS_OK };
	tell(t, where, check(&t->a) == 1, input, rule, line, fix);
	*why = (struct atls_err){ .rc = ATLS_OK };
}

static void
tell_status(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	const char *is = atls_tcb_name(t->a.res->tcb.status);
	char fix[WORDS_MAX], rule[WORDS_MAX] = "must be";
	unsigned s, allowed = b->tcb_status != 0 ? b->tcb_status :
	    1U << ATLS_TCB_UP_TO_DATE;
	size_t n = strlen(rule);

	for (s = 0; s < ATLS_NTCB; s++)
		if ((allowed >> s) & 1)
			n += (size_t)snprintf(rule + n, sizeof(rule) - n,
			    " %s", atls_tcb_name((enum atls_tcb_status)s));
	if (b->grace != 0)
		(void)snprintf(rule + n, sizeof(rule) - n,
		    ", or out of date for less than %lld s",
		    (long long)b->grace);
	/* the first line of its sort takes the place of the default */
	(void)snprintf(fix, sizeof(fix), "tcb-status %s%s",
	    b->tcb_status == 0 ? "UpToDate " : "", is);
	single(t, check_tcb_status, "appraise.tcb.status", is, rule,
	    b->tcb_line, t->a.res->tcb.status == ATLS_TCB_REVOKED ||
	    t->a.res->tcb.status == ATLS_TCB_NONE ? NULL : fix);
}

static void
tell_advisories(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	const struct atls_tcb *tcb = &t->a.res->tcb;
	struct atls_tcb one = { .nadvisory = 1 };
	char fix[WORDS_MAX];
	size_t i;

	if (tcb->nadvisory == 0)
		single(t, check_tcb_advisories, "appraise.tcb.advisory",
		    "none", "must be listed", 0, NULL);
	for (i = 0; i < tcb->nadvisory; i++) {
		memcpy(one.advisory[0], tcb->advisory[i], ATLS_ADVISORY_MAX);
		(void)snprintf(fix, sizeof(fix), "allow-advisory %s",
		    one.advisory[0]);
		tell(t, "appraise.tcb.advisory",
		    tcb_advisory_refused(b, &one) == NULL, one.advisory[0],
		    "must be listed", b->advisory.n > 0 ? b->advisory.line :
		    b->line, fix);
	}
}

static void
tell_tcb(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	char is[32], fix[64], rule[64];

	if (b->ops->tcb == NULL)
		return;
	stage(t, check_tcb_known, "appraise.tcb", "must be known", NULL);
	tell_status(t);
	tell_advisories(t);
	(void)snprintf(is, sizeof(is), "%lu",
	    (unsigned long)t->a.res->tcb.evaluation);
	(void)snprintf(rule, sizeof(rule), "must be %lu or more",
	    (unsigned long)b->eval_min);
	(void)snprintf(fix, sizeof(fix), "tcb-eval-min %s", is);
	single(t, check_tcb_evaluation, "appraise.tcb.evaluation", is, rule,
	    b->eval_line, fix);
	(void)snprintf(is, sizeof(is), "%lld",
	    (long long)t->a.res->not_after);
	single(t, check_not_after, "appraise.not_after", is,
	    "must not have ended", 0, NULL);
}

static void
hex_words(char out[40], struct atls_bytes b)
{
	struct atls_buf buf = { (uint8_t *)out, 32, 0 };
	struct atls_bytes head = { b.p, b.len < 16 ? b.len : 16 };
	struct wr w = wr_of(&buf);

	hex_put(&w, head);
	(void)snprintf(out + (wr_done(&w) == ATLS_OK ? buf.len : 0), 8, "%s",
	    b.len == 0 ? "empty" : b.len > 16 ? ".." : "");
}

static void
tell_report_data(struct teller *t)
{
	const struct evidence_ops *ops = t->a.b->ops;
	char is[40];

	if (t->a.unbound) {
		tell(t, "appraise.report_data", true, "not asked",
		    "insecure: bound to nothing", 0, NULL);
		return;
	}
	hex_words(is, t->a.res->claims.report_data);
	single(t, check_report_data, ops->field_name != NULL ?
	    ops->field_name : "appraise.report_data", is,
	    "must be of this channel", 0, NULL);
}

static void
tell_claims(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	struct atls_err *why = &t->a.res->why;
	const struct evidence_claim *c;
	const struct atls_claim *is;
	char fix[WORDS_MAX], words[WORDS_MAX];
	struct atls_buf text;
	bool ok;
	size_t i;

	for (i = 0; i < b->nvalue; i++) {
		if (!check_claim_is_first(b, i))
			continue;
		c = &b->ops->claim[b->value[i].claim];
		is = atls_evidence_claim(&t->a.res->claims, c->name);
		text = (struct atls_buf){ (uint8_t *)fix, sizeof(fix) - 1, 0 };
		fix[is != NULL && policy_say(c, is, &text) == ATLS_OK ?
		    text.len : 0] = '\0';
		*why = (struct atls_err){ .rc = ATLS_OK };
		ok = check_claim(b, i, &t->a.res->claims, why) == 1;
		(void)snprintf(words, sizeof(words), "%.72s", fix[0] == '\0' ?
		    "absent" : fix + strlen(c->name) + 1);
		tell(t, c->name, ok, words, ok ? "is listed" : why->detail,
		    b->value[i].line, fix[0] == '\0' ? NULL : fix);
	}
	*why = (struct atls_err){ .rc = ATLS_OK };
}

static void
tell_floors(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	const struct atls_result *res = t->a.res;
	char rule[64], fix[64];

	if (t->a.unbound)
		return;
	(void)snprintf(rule, sizeof(rule), "must be %s or more",
	    atls_binding_name(b->binding_min));
	(void)snprintf(fix, sizeof(fix), "binding-min %s",
	    atls_binding_name(res->binding));
	single(t, check_binding, "appraise.binding",
	    atls_binding_name(res->binding), rule, b->binding_line, fix);
	(void)snprintf(rule, sizeof(rule), "must be %s or more",
	    atls_freshness_name(b->freshness_min));
	(void)snprintf(fix, sizeof(fix), "freshness-min %s",
	    atls_freshness_name(res->freshness));
	single(t, check_freshness, "appraise.freshness",
	    atls_freshness_name(res->freshness), rule, b->freshness_line,
	    fix);
}

static void
tell_block(struct teller *t)
{
	const struct policy_block *b = t->a.b;
	char words[64], fix[WORDS_MAX];

	(void)snprintf(words, sizeof(words), "must be %s", b->ops->name);
	if (check_kind(&t->a) != 1) {
		tell(t, "appraise.kind", false, "another", words, b->line,
		    NULL);
		return;
	}
	tell(t, "appraise.kind", true, b->ops->name, words, b->line, NULL);
	if (check_form(&t->a) != 1) {
		tell(t, t->a.res->why.where, false, t->a.res->why.detail,
		    "must be well formed", 0, NULL);
		return;
	}
	(void)snprintf(words, sizeof(words), "%zu octets", t->a.raw.len);
	tell(t, "appraise.form", true, words, "must be well formed", 0, NULL);
	stage(t, check_signature, "appraise.signature",
	    "must be signed by whom the policy names", NULL);
	stage(t, check_revocation, "appraise.revocation",
	    "must not be revoked", NULL);
	tell_tcb(t);
	tell_report_data(t);
	if (b->ops->key != NULL)	/* else report data commit to it */
		stage(t, check_key, "appraise.key",
		    "must be held in the platform", NULL);
	tell_claims(t);
	(void)snprintf(fix, sizeof(fix), "instance %s", t->a.res->instance);
	single(t, check_instance, "appraise.instance",
	    t->a.res->instance[0] == '\0' ? "none" : t->a.res->instance,
	    b->instance.n == 0 ? "may be any" : "must be listed",
	    b->instance.n == 0 ? 0 : b->instance.line,
	    t->a.res->instance[0] == '\0' ? NULL : fix);
	tell_floors(t);
}

void
atls_explain(const struct atls_policy *p, const struct atls_question *q,
    bool unbound, struct atls_buf *scratch,
    void (*step)(void *arg, const struct atls_step *), void *arg)
{
	struct teller t = { .a = { .q = q, .unbound = unbound },
	    .step = step, .arg = arg };
	const struct evidence_trace trace = { on_trace, &t };
	struct atls_err why = { .rc = ATLS_OK };
	struct atls_result res;
	struct atls_cmw cmw;
	size_t i;

	if (appraisal_open(&t.a, p, scratch, &cmw, &why) != 1) {
		step(arg, &(struct atls_step){ .where = why.where,
		    .input = why.detail, .rule = "must be a question" });
		return;
	}
	for (i = 0; i < p->nblock; i++) {
		appraisal_block(&t.a, &p->block[i], &res);
		t.a.trust.trace = &trace;
		tell_block(&t);
	}
}
