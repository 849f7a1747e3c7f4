/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APPRAISE_H
#define APPRAISE_H

#include <atls/appraise.h>

/* What a policy asks of the protocol, for those who plan a connection. */
enum policy_demand {
	POLICY_NEVER = 1,	/* we do not answer, even if asked */
	POLICY_OPTIONAL,
	POLICY_REQUIRED,
};

/* Must the peer prove itself?  POLICY_REQUIRED or POLICY_OPTIONAL. */
enum policy_demand	policy_peer(const struct atls_policy *);

/* Do we answer a peer who asks?  Any of the three; required: a peer who does
 * not ask is no peer for us. */
enum policy_demand	policy_self(const struct atls_policy *);

/* Seconds of the shortest lease (max-age) of any block; 0: none has one. */
int64_t			policy_max_age(const struct atls_policy *);

/* Does a block name this kind? */
bool			policy_allows(const struct atls_policy *,
			    enum atls_kind);

/* Parses the evidence as a kind that the policy names, before anything of it
 * is verified, into out->claims; to know what it will need.  1, or not. */
int			appraise_peek(const struct atls_policy *,
			    const struct atls_question *,
			    struct atls_buf *scratch, struct atls_result *out);

/* Is there a block whose floors this binding and this freshness reach? */
bool			policy_can_accept(const struct atls_policy *,
			    enum atls_binding, enum atls_freshness);

#endif
