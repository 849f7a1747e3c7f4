/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "../codec/date.h"
#include "intel_in.h"

#define INTEL_OUTLOOK_MAX ((int)sizeof(((struct atls_tcb *)0)->outlook))
#define DAY_LEN	10		/* characters of "2025-06-19" */

static const char *const words[ATLS_NTCB] = {
	[ATLS_TCB_UP_TO_DATE] = "UpToDate",
	[ATLS_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
	[ATLS_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
	[ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] =
	    "ConfigurationAndSWHardeningNeeded",
	[ATLS_TCB_OUT_OF_DATE] = "OutOfDate",
	[ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] =
	    "OutOfDateConfigurationNeeded",
	[ATLS_TCB_REVOKED] = "Revoked",
	[ATLS_TCB_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
	[ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] =
	    "TDRelaunchAdvisedConfigurationNeeded",
};

/* The day of the newest level. */
static void
day_of(char out[DATE_LEN + 1], const struct intel_doc *d)
{
	struct atls_buf b = { (uint8_t *)out, DATE_LEN, 0 };
	struct wr w = wr_of(&b);

	date_put(&w, d->levels.level[0].date);
	out[wr_done(&w) == ATLS_OK ? DAY_LEN : 0] = '\0';
}

/* If it is too long, without what is lacking. */
static void
say(char out[INTEL_OUTLOOK_MAX], const struct intel_doc *d,
    enum atls_tcb_status status, const char *lacks)
{
	const char *is = status == ATLS_TCB_NONE ? "not supported" :
	    words[status];
	char day[DATE_LEN + 1];
	int n, k;

	day_of(day, d);
	n = snprintf(out, INTEL_OUTLOOK_MAX,
	    "under the next TCB evaluation (number %u, from %s): %s",
	    (unsigned)d->evaluation, day, is);
	if (n < 0 || n >= INTEL_OUTLOOK_MAX) {
		out[0] = '\0';
		return;
	}
	if (lacks[0] == '\0')
		return;
	k = snprintf(out + n, INTEL_OUTLOOK_MAX - (size_t)n, ": %s", lacks);
	if (k < 0 || k >= INTEL_OUTLOOK_MAX - n)
		out[n] = '\0';
}

/*
 * For people, so nothing here makes a verdict: what is missing or cannot be
 * verified leaves no words.  Nobody is told of these checks, either.
 */
void
intel_outlook(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    struct atls_tcb *tcb)
{
	struct evidence_trust quiet = *trust;
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	char key[ATLS_ITEM_KEY_MAX], lacks[INTEL_LACKS_MAX];
	struct intel_fact *f;

	quiet.trace = NULL;
	intel_fmspc_key(key, p->tee, p->pck.fmspc);
	f = intel_fact_of(&quiet, ATLS_TCB_INFO_EARLY, key, &res);
	if (f == NULL)
		return;
	if (f->doc->evaluation > tcb->evaluation) {
		if (intel_appraise(&quiet, p, f->doc, qe, lacks, &res) != 1)
			(void)snprintf(lacks, sizeof(lacks), "%.*s",
			    INTEL_LACKS_MAX - 1, res.why.detail);
		say(tcb->outlook, f->doc, res.tcb.status, lacks);
	}
	store_object_release(&f->o);
}

int
intel_tcb_check(const struct evidence_trust *trust,
    const struct intel_platform *p, struct atls_result *res)
{
	char key[ATLS_ITEM_KEY_MAX], lacks[INTEL_LACKS_MAX];
	struct intel_fact *qe, *tcb = NULL;
	int ok = 0;

	res->tcb = (struct atls_tcb){ .status = ATLS_TCB_NONE };
	if (evidence_check(trust, &res->why, trust->anchors != NULL,
	    ATLS_E_CHAIN, "intel.tcb.anchor", "the policy must have one",
	    "%s", trust->anchors != NULL ? "anchor" : "no anchor") != 1)
		return 0;
	intel_fmspc_key(key, p->tee, p->pck.fmspc);
	qe = intel_fact_of(trust, ATLS_QE_IDENTITY, intel_tee_name(p->tee),
	    res);
	if (qe != NULL)
		tcb = intel_fact_of(trust, ATLS_TCB_INFO, key, res);
	if (tcb != NULL && intel_appraise(trust, p, tcb->doc, qe->doc, lacks,
	    res) == 1) {
		intel_outlook(trust, p, qe->doc, &res->tcb);
		/* what is required of the number is of both documents */
		if (qe->doc->evaluation < res->tcb.evaluation)
			res->tcb.evaluation = qe->doc->evaluation;
		ok = 1;
	}
	if (tcb != NULL)
		store_object_release(&tcb->o);
	if (qe != NULL)
		store_object_release(&qe->o);
	return ok;
}
