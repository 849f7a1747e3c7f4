/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_RESULT_H
#define ATLS_RESULT_H

#include <atls/evidence.h>

/* Zero-initialised means "not accepted": forgetting a step never accepts. */
enum atls_verdict {
	ATLS_VERDICT_NONE = 0,
	ATLS_VERDICT_REJECT,
	ATLS_VERDICT_ACCEPT,
};

/* What the evidence is bound to, weakest first. */
enum atls_binding {
	ATLS_BINDING_NONE, ATLS_BINDING_KEY, ATLS_BINDING_NONCE_KEY,
	ATLS_BINDING_TRANSCRIPT, ATLS_BINDING_EXPORTER,
};

/* How fresh: F0 certificate lifetime, F1 lease, F2 batch, F3 connection,
 * F4 connection and a nonce of the Verifier. */
enum atls_freshness { ATLS_F0, ATLS_F1, ATLS_F2, ATLS_F3, ATLS_F4 };

/* A pillar that nothing was said about is UNKNOWN, which is not good. */
enum atls_pillar { ATLS_UNKNOWN = 0, ATLS_BAD, ATLS_GOOD };

/* How far the platform is up to date, in Intel's words (PCS API v4, and the
 * two of the quote verification library for TDs that run since before an
 * update).  NONE: the kind knows nothing of the sort. */
enum atls_tcb_status {
	ATLS_TCB_NONE = 0,
	ATLS_TCB_UP_TO_DATE, ATLS_TCB_SW_HARDENING_NEEDED,
	ATLS_TCB_CONFIGURATION_NEEDED,
	ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
	ATLS_TCB_OUT_OF_DATE, ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
	ATLS_TCB_REVOKED, ATLS_TCB_TD_RELAUNCH_ADVISED,
	ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
	ATLS_NTCB,
};

#define ATLS_ADVISORIES_MAX	48
#define ATLS_ADVISORY_MAX	24	/* octets, with NUL */

struct atls_tcb {
	enum atls_tcb_status	status;
	int64_t			date;		/* of the level; Unix seconds */
	int64_t			newer;		/* of the next better level;
						 * 0: there is none */
	uint32_t		evaluation;	/* tcbEvaluationDataNumber: the
						 * lower one of TCB info and
						 * QE identity */
	size_t			nadvisory;
	char			advisory[ATLS_ADVISORIES_MAX]
				    [ATLS_ADVISORY_MAX]; /* "INTEL-SA-00615" */
	char			outlook[128];	/* under the next evaluation,
						 * for people; or "" */
};

#define ATLS_INSTANCE_MAX	144	/* octets, with NUL: an AMD CHIP_ID */

struct atls_result {
	enum atls_verdict	verdict;
	enum atls_kind		kind;
	struct atls_err		why;		/* first reason; of ACCEPT only
						 * detail: "policy line 3" */

	enum atls_pillar	identity;	/* PKI path and name */
	enum atls_pillar	evidence;	/* signed, trusted, in force */
	enum atls_pillar	key;		/* the AIK lives in the platform */
	enum atls_binding	binding;
	enum atls_freshness	freshness;
	bool			simulated;	/* a root that is only for tests */
	const char		*voucher;	/* static: whose word it is, if
						 * not the hardware's alone */
	char			instance[ATLS_INSTANCE_MAX]; /* "ak:000b..." */
	struct atls_tcb		tcb;

	int64_t			not_after;	/* Unix seconds; ask again then;
						 * 0: no end is known */
	struct atls_evidence	claims;		/* views into the evidence */
};

#endif
