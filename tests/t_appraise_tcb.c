/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy says about the state of a platform. */
#include "ask.h"

#define DAY	86400

static const struct row {
	const char		*what, *lines;
	enum atls_tcb_status	 status;
	const char		*advisory[2];
	uint32_t		 evaluation;
	int64_t			 newer;		/* days before now; 0: none */
	const char		*where;		/* NULL: accepted */
	enum atls_rc		 rc;
} rows[] = {
	{ "up to date", "", ATLS_TCB_UP_TO_DATE, { 0 }, 0, 0, NULL, 0 },
	{ "nothing known", "", ATLS_TCB_NONE, { 0 }, 0, 0,
	  "appraise.tcb.status", ATLS_E_POLICY },
	{ "no such status", "tcb-status OutOfDate\n", ATLS_NTCB, { 0 }, 0, 0,
	  "appraise.tcb.status", ATLS_E_POLICY },
	{ "out of date", "", ATLS_TCB_OUT_OF_DATE, { 0 }, 0, 1,
	  "appraise.tcb.status", ATLS_E_POLICY },
	{ "out of date, allowed", "tcb-status OutOfDate\n",
	  ATLS_TCB_OUT_OF_DATE, { 0 }, 0, 1, NULL, 0 },
	{ "what is listed is all", "tcb-status OutOfDate\n",
	  ATLS_TCB_UP_TO_DATE, { 0 }, 0, 0, "appraise.tcb.status",
	  ATLS_E_POLICY },
	{ "two lines", "tcb-status OutOfDate\ntcb-status UpToDate\n",
	  ATLS_TCB_UP_TO_DATE, { 0 }, 0, 0, NULL, 0 },
	{ "revoked", "tcb-status UpToDate OutOfDate\ngrace 365d\n",
	  ATLS_TCB_REVOKED, { 0 }, 0, 1, "appraise.tcb.status",
	  ATLS_E_REVOKED },
	{ "each by its name", "tcb-status ConfigurationNeeded "
	  "ConfigurationAndSWHardeningNeeded OutOfDateConfigurationNeeded "
	  "TDRelaunchAdvised TDRelaunchAdvisedConfigurationNeeded "
	  "SWHardeningNeeded\n",
	  ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, { 0 }, 0, 0,
	  NULL, 0 },
	{ "within grace", "grace 14d\n", ATLS_TCB_OUT_OF_DATE, { 0 }, 0, 13,
	  NULL, 0 },
	{ "at its end", "grace 14d\n", ATLS_TCB_OUT_OF_DATE, { 0 }, 0, 14,
	  "appraise.tcb.status", ATLS_E_POLICY },
	{ "grace needs a date", "grace 14d\n", ATLS_TCB_OUT_OF_DATE, { 0 }, 0,
	  0, "appraise.tcb.status", ATLS_E_POLICY },
	{ "grace for what it would be", "grace 14d\n",
	  ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, { 0 }, 0, 1,
	  "appraise.tcb.status", ATLS_E_POLICY },
	{ "and that allowed", "grace 14d\ntcb-status ConfigurationNeeded\n",
	  ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, { 0 }, 0, 1, NULL, 0 },
	{ "no grace for another status", "grace 14d\n",
	  ATLS_TCB_SW_HARDENING_NEEDED, { 0 }, 0, 1, "appraise.tcb.status",
	  ATLS_E_POLICY },
	{ "an advisory", "", ATLS_TCB_UP_TO_DATE, { "INTEL-SA-00615" }, 0, 0,
	  "appraise.tcb.advisory", ATLS_E_POLICY },
	{ "an advisory, allowed", "allow-advisory INTEL-SA-00615\n",
	  ATLS_TCB_UP_TO_DATE, { "INTEL-SA-00615" }, 0, 0, NULL, 0 },
	{ "the second is not", "allow-advisory INTEL-SA-00615\n",
	  ATLS_TCB_UP_TO_DATE, { "INTEL-SA-00615", "INTEL-SA-00616" }, 0, 0,
	  "appraise.tcb.advisory", ATLS_E_POLICY },
	{ "a prefix is not it", "allow-advisory INTEL-SA-0061\n",
	  ATLS_TCB_UP_TO_DATE, { "INTEL-SA-00615" }, 0, 0,
	  "appraise.tcb.advisory", ATLS_E_POLICY },
	{ "both on a line", "allow-advisory INTEL-SA-00616 INTEL-SA-00615\n",
	  ATLS_TCB_UP_TO_DATE, { "INTEL-SA-00615", "INTEL-SA-00616" }, 0, 0,
	  NULL, 0 },
	{ "any", "allow-advisory *\n", ATLS_TCB_UP_TO_DATE,
	  { "INTEL-SA-00615", "INTEL-SA-00616" }, 0, 0, NULL, 0 },
	{ "old evaluation", "tcb-eval-min 17\n", ATLS_TCB_UP_TO_DATE, { 0 },
	  16, 0, "appraise.tcb.evaluation", ATLS_E_STALE },
	{ "just that", "tcb-eval-min 17\n", ATLS_TCB_UP_TO_DATE, { 0 }, 17, 0,
	  NULL, 0 },
};

int
main(void)
{
	struct atls_question q;
	struct atls_policy *p;
	struct atls_result r;
	const struct row *t;
	char text[1024];
	size_t i, k;

	for (i = 0; i < NITEMS(rows); i++) {
		t = &rows[i];
		q = question();
		fake.tcb = (struct atls_tcb){ .status = t->status,
		    .evaluation = t->evaluation,
		    .newer = t->newer == 0 ? 0 : NOW - t->newer * DAY };
		for (k = 0; k < 2 && t->advisory[k] != NULL; k++)
			(void)snprintf(fake.tcb.advisory[
			    fake.tcb.nadvisory++], ATLS_ADVISORY_MAX, "%s",
			    t->advisory[k]);
		(void)snprintf(text, sizeof(text), "%s%s", POLICY, t->lines);
		p = policy(text);
		r = ask(p, &q);
		T((r.verdict == ATLS_VERDICT_ACCEPT) == (t->where == NULL),
		    "%s: %s", t->what, r.why.detail);
		T(t->where == NULL || (r.why.where != NULL &&
		    strcmp(r.why.where, t->where) == 0 && r.why.rc == t->rc &&
		    r.evidence == ATLS_BAD), "%s: %s %s", t->what,
		    atls_rc_name(r.why.rc), r.why.where);
		T(t->where == NULL || strstr(r.why.detail, "policy line") !=
		    NULL, "%s: %s", t->what, r.why.detail);
		T(r.tcb.status == t->status, "%s: the verdict tells", t->what);
		atls_policy_free(p);
	}
	return t_end("t_appraise_tcb");
}
