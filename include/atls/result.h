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

#define ATLS_INSTANCE_MAX	112	/* octets, with NUL: names by SHA-384 */

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
	char			instance[ATLS_INSTANCE_MAX]; /* "ak:000b..." */

	int64_t			not_after;	/* Unix seconds; ask again then;
						 * 0: no end is known */
	struct atls_evidence	claims;		/* views into the evidence */
};

#endif
