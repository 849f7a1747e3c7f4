/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_APPRAISE_H
#define ATLS_APPRAISE_H

#include <atls/collateral.h>
#include <atls/identity.h>
#include <atls/result.h>

/* What we accept.  Immutable once parsed; reference counted.  The language
 * is in atls-policy(5). */
struct atls_policy;

/*
 * atls_policy_parse() reads a policy.  `open` gives the content of a file
 * named in it ("anchor ca.pem"), or fails; NULL: no file may be named.
 * NULL: E_CONF, with "line:column: what" in err, or E_MEM.
 */
struct atls_policy	*atls_policy_parse(struct atls_bytes text,
			    enum atls_rc (*open)(void *arg, const char *name,
			    struct atls_buf *out), void *arg,
			    struct atls_err *);
struct atls_policy	*atls_policy_ref(struct atls_policy *);
void			 atls_policy_free(struct atls_policy *);

/* Writes the policy back in its own language, every default spelt out. */
ATLS_CHECKED enum atls_rc atls_policy_show(const struct atls_policy *,
			    struct atls_buf *out);

/*
 * atls_policy_learn() writes a policy that accepts this evidence, pinned to
 * the machine it came from.  Nothing is verified: learn from evidence that
 * was made on a machine you trust.  Errors: E_SPACE, E_ARG.
 */
ATLS_CHECKED enum atls_rc atls_policy_learn(const struct atls_evidence *,
			    struct atls_buf *out, struct atls_err *);

/*
 * How a binder is laid out in a kind's user data.
 *
 *	expat-rd-1	the binder; in a field of 64 octets, padded with zeros
 *	expat-rd-2	binder, then Hash(SPKI), SHA-256 suites only
 *	cocos		SHA-512(binder)
 */
enum atls_profile {
	ATLS_PROFILE_EXPAT_1 = 1, ATLS_PROFILE_EXPAT_2, ATLS_PROFILE_COCOS,
};

/* One appraisal: everything the answer depends on. */
struct atls_question {
	enum atls_kind		kind;		/* of raw; NONE: raw is a CMW */
	struct atls_bytes	raw;
	struct atls_bytes	report_data;	/* what honest evidence carries;
						 * or empty, and these two: */
	struct atls_bytes	binder;		/* laid out for the kind ... */
	enum atls_profile	profile;	/* ... by this profile */
	struct atls_bytes	spki;		/* DER, of the AIK; {}: unknown */
	enum atls_binding	binding;	/* what report_data proves */
	enum atls_freshness	freshness;
	int64_t			now;		/* Unix seconds */
	struct atls_collateral	*collateral;	/* NULL: none at hand */
};

/*
 * atls_appraise() decides, in this order: kind is one the policy names;
 * signature and chain; revocation; TCB; report data equal ours; the AIK is
 * in the platform; claims; instance; floors of binding and freshness.  Stops
 * at the first failure.  No I/O and no clock.
 *
 * scratch	what is encoded in evidence is decoded here; twice q->raw.len
 *		suffices.  NULL: kinds that need none, in CBOR.
 * out		always set.  Its views point into q->raw and scratch, which
 *		must stay.
 * Errors are in out->why; the return value is out->verdict.
 */
ATLS_CHECKED enum atls_verdict atls_appraise(const struct atls_policy *,
			    const struct atls_question *q,
			    struct atls_buf *scratch, struct atls_result *out);

/*
 * atls_insecure_appraise_unbound() is atls_appraise() without the comparison
 * of report data, for evidence on file: binding is ATLS_BINDING_NONE, and the
 * floors of the policy are not looked at.  Never on a connection.
 */
ATLS_CHECKED enum atls_verdict atls_insecure_appraise_unbound(
			    const struct atls_policy *,
			    const struct atls_question *q,
			    struct atls_buf *scratch, struct atls_result *out);

/* One check, as atls_explain() tells it.  All is valid during the call. */
struct atls_step {
	unsigned	 block;		/* line of its "kind" in the policy */
	const char	*where;		/* "tdx.td_attributes.debug" */
	bool		 passed;
	const char	*input, *rule;	/* "0x01: must be 0x00", in two parts */
	unsigned	 line;		/* of the policy; 0: any policy's rule */
	const char	*fix;		/* a line of policy with which it would
					 * pass; NULL: none can */
};

/*
 * atls_explain() goes through the checks of atls_appraise(), or if unbound
 * through those of atls_insecure_appraise_unbound(), for every block of the
 * policy, and tells each.  It goes on behind a failure as far as there is
 * something to look at, so what it tells behind one is about evidence that is
 * not known to be true.  Decides nothing.
 */
void		 atls_explain(const struct atls_policy *,
		    const struct atls_question *, bool unbound,
		    struct atls_buf *scratch,
		    void (*step)(void *arg, const struct atls_step *),
		    void *arg);

/* Is this record's type one that evidence of that kind comes under?  A type
 * may serve several kinds.  False for kinds that are not known here. */
struct atls_cmw_record;

bool		 atls_kind_takes(enum atls_kind,
		    const struct atls_cmw_record *);

const char	*atls_verdict_name(enum atls_verdict);		/* "accept" */
const char	*atls_binding_name(enum atls_binding);		/* "exporter" */
const char	*atls_freshness_name(enum atls_freshness);	/* "F3" */
const char	*atls_pillar_name(enum atls_pillar);		/* "good" */
const char	*atls_tcb_name(enum atls_tcb_status);		/* "UpToDate" */

/* Errors: E_ARG (no such profile; binder or spki does not suit it). */
ATLS_CHECKED enum atls_rc atls_report_data(enum atls_profile, enum atls_kind,
			    struct atls_bytes binder, struct atls_bytes spki,
			    uint8_t out[64], size_t *outlen);

#endif
