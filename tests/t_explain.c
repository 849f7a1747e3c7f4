/* SPDX-License-Identifier: Apache-2.0 */
/* What atls_explain() tells, and that following its advice helps. */
#include "ask.h"

#define STEPS_MAX	64

static struct told {
	unsigned	block, line;
	char		where[40], input[80], rule[120], fix[160];
	bool		passed;
} told[STEPS_MAX];
static size_t ntold;

static void
note(void *arg, const struct atls_step *s)
{
	struct told *t = &told[ntold];

	T(arg == &ntold && ntold < STEPS_MAX, "arg, %zu steps", ntold);
	if (ntold == STEPS_MAX)
		return;
	t->block = s->block;
	t->line = s->line;
	t->passed = s->passed;
	(void)snprintf(t->where, sizeof(t->where), "%s", s->where);
	(void)snprintf(t->input, sizeof(t->input), "%s", s->input);
	(void)snprintf(t->rule, sizeof(t->rule), "%s", s->rule);
	(void)snprintf(t->fix, sizeof(t->fix), "%s", s->fix == NULL ? "" :
	    s->fix);
	ntold++;
}

static size_t
explain(const struct atls_policy *p, const struct atls_question *q,
    bool unbound)
{
	size_t i, nfailed = 0;

	ntold = 0;
	atls_explain(p, q, unbound, NULL, note, &ntold);
	for (i = 0; i < ntold; i++) {
		nfailed += !told[i].passed;
		T(told[i].where[0] != '\0' && told[i].rule[0] != '\0' &&
		    told[i].input[0] != '\0', "step %zu: \"%s\" \"%s\" \"%s\"",
		    i, told[i].where, told[i].input, told[i].rule);
		T(!told[i].passed || told[i].fix[0] == '\0',
		    "%s: advice, and nothing wrong", told[i].where);
	}
	return nfailed;
}

static const struct told *
step(const char *where)
{
	static const struct told none;
	size_t i;

	for (i = 0; i < ntold; i++)
		if (strcmp(told[i].where, where) == 0)
			return &told[i];
	T(false, "%s was not told", where);
	return &none;
}

static void
test_good(void)
{
	static const char *const order[] = { "appraise.kind",
	    "appraise.form", "appraise.signature", "appraise.revocation",
	    "appraise.tcb", "appraise.tcb.status", "appraise.tcb.advisory",
	    "appraise.tcb.evaluation", "appraise.not_after", "fake.report_data", "appraise.key",
	    "fake.svn", "appraise.instance", "appraise.binding",
	    "appraise.freshness" };
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	size_t i;

	T(explain(p, &q, false) == 0, "nothing fails");
	T(ntold == NITEMS(order), "%zu steps", ntold);
	for (i = 0; i < NITEMS(order) && i < ntold; i++)
		T(strcmp(told[i].where, order[i]) == 0 && told[i].block == 1,
		    "%zu: %s", i, told[i].where);
	T(step("fake.svn")->line == 5 && strcmp(step("fake.svn")->input,
	    "7") == 0, "%s", step("fake.svn")->input);
	T(step("appraise.binding")->line == 7, "line");
	T(explain(p, &q, true) == 0, "unbound");
	T(strcmp(step("appraise.report_data")->input, "not asked") == 0,
	    "says that nothing was compared");
	atls_policy_free(p);
}

/* What is wrong, and what is said to help. */
static void
test_each(void)
{
	static const struct {
		const char	*where, *fix;
	} rows[] = {
		{ "appraise.kind", "" },
		{ "fake.parse", "" },
		{ "fake.signature", "" },
		{ "appraise.simulated", "allow-simulated yes" },
		{ "fake.revocation", "" },
		{ "fake.tcb", "" },
		{ "appraise.tcb.status", "tcb-status UpToDate OutOfDate" },
		{ "appraise.tcb.advisory", "allow-advisory INTEL-SA-00615" },
		{ "fake.report_data", "" },
		{ "fake.key", "" },
		{ "fake.svn", "fake.svn 9" },
		{ "appraise.instance", "instance ak:ee" },
		{ "appraise.binding", "binding-min transcript" },
		{ "appraise.freshness", "freshness-min F2" },
	};
	struct atls_policy *p = policy(POLICY);
	struct atls_question q;
	const struct told *t;
	size_t i, n;

	for (i = 0; i < NITEMS(rows); i++) {
		q = question();
		switch (i) {
		case 0: q.kind = (enum atls_kind)PLAIN; break;
		case 1: fake.says[FAKE_PARSE] = ATLS_E_FORMAT; break;
		case 2: fake.says[FAKE_SIGNATURE] = 0; break;
		case 3: fake.simulated = true; break;
		case 4: fake.says[FAKE_REVOCATION] = -1; break;
		case 5: fake.says[FAKE_TCB] = 0; break;
		case 6: fake.tcb.status = ATLS_TCB_OUT_OF_DATE; break;
		case 7: fake.tcb.nadvisory = 1;
			(void)strcpy(fake.tcb.advisory[0], "INTEL-SA-00615");
			break;
		case 8: expected[63] ^= 1; break;
		case 9: fake.says[FAKE_KEY] = 0; break;
		case 10: fake_claim("fake.svn")->number = 9; break;
		case 11: fake.instance = "ak:ee"; break;
		case 12: q.binding = ATLS_BINDING_TRANSCRIPT; break;
		case 13: q.freshness = ATLS_F2; break;
		}
		n = explain(p, &q, false);
		T(n >= 1 && n <= 3, "%s: %zu fail", rows[i].where, n);
		t = step(rows[i].where);
		T(!t->passed, "%s passed", rows[i].where);
		T(strcmp(t->fix, rows[i].fix) == 0, "%s: \"%s\"",
		    rows[i].where, t->fix);
	}
	atls_policy_free(p);
}

/* A question that is none, blocks that do not fit, text that cannot be a
 * line of policy. */
static void
test_odd(void)
{
	struct atls_policy *p = policy("kind plain\ninstance ak:00\n"
	    "plain.code 00\n" POLICY);
	struct atls_question q = question();

	T(explain(p, &q, false) == 1 && told[0].block == 1 && ntold == 16 &&
	    told[1].block == 4, "each block, %zu", ntold);
	q.raw.len = 0;
	T(explain(p, &q, false) == 1 && ntold == 1 && strcmp(told[0].where,
	    "appraise.question") == 0, "no evidence");
	atls_policy_free(p);

	p = policy("kind fake\ninstance " FAKE_INSTANCE "\nignore fake.*\n"
	    "fake.image x\n");
	q = question();
	fake_claim("fake.image")->bytes = (struct atls_bytes){
	    (const uint8_t *)"a\nkind plain", 12 };
	T(explain(p, &q, false) == 1, "one fails");
	T(step("fake.image")->fix[0] == '\0' &&
	    strcmp(step("fake.image")->input, "absent") == 0, "no line of it");
	atls_policy_free(p);
}

int
main(void)
{
	test_good();
	test_each();
	test_odd();
	return t_end("t_explain");
}
