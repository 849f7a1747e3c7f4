/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_H
#define POLICY_H

#include <stdatomic.h>

#include "../evidence/evidence.h"
#include "appraise.h"

#define POLICY_TEXT_MAX		65536	/* octets of a policy */
#define POLICY_LINE_MAX		512	/* octets of a line, without its end */
#define POLICY_BLOCKS_MAX	64
#define POLICY_FILES_MAX	4194304	/* octets of a block's anchors, CRLs */
#define POLICY_MAX_AGE_MAX	2592000	/* seconds: 30 days */
#define POLICY_GRACE_MAX	31536000	/* seconds: 365 days */
#define POLICY_EVIDENCE		65536	/* octets of evidence, by default */
#define POLICY_EVIDENCE_MAX	262144	/* ... and at most */
#define POLICY_KEYS_MAX		64	/* public keys of a block */

/* One line about a claim: what it may be.  Several are alternatives. */
enum policy_op { POLICY_IS = 1, POLICY_AT_LEAST, POLICY_AT_MOST };

struct policy_value {
	size_t			 claim;		/* index into ops->claim */
	unsigned		 line;
	enum policy_op		 op;		/* not a number: POLICY_IS */
	struct atls_bytes	 bytes;		/* in the policy's store */
	uint64_t		 number;	/* also: yes 1, no 0 */
};

/* Strings that a block lists: files, machines. */
struct policy_list {
	const char		**v;		/* in the policy's store */
	size_t			  n;
	unsigned		  line;		/* of the first */
};

enum policy_ignore { POLICY_HEED = 0, POLICY_BY_PREFIX, POLICY_BY_NAME };

struct policy_block {
	const struct evidence_ops *ops;
	unsigned		 line;		/* of its "kind" */
	struct policy_list	 anchor, crl, instance, key;
	struct atls_trust	*anchors;	/* NULL: no anchor named */
	struct crypto_key	*keys[POLICY_KEYS_MAX];	/* of key */
	size_t			 nkeys;
	struct policy_value	*value;
	size_t			 nvalue;
	enum policy_ignore	*ignored;	/* one for each claim of ops */
	bool			 allow_debug, allow_simulated;
	bool			 simulated;	/* names a root for tests */
	enum atls_binding	 binding_min;
	enum atls_freshness	 freshness_min;
	unsigned		 binding_line, freshness_line;	/* or line */
	int64_t			 max_age;	/* seconds; 0: no lease */
	size_t			 evidence_max;	/* octets */
	unsigned		 size_line;	/* or line */

	unsigned		 tcb_status;	/* 1 << enum atls_tcb_status */
	struct policy_list	 advisory;	/* "*": any */
	int64_t			 grace;		/* seconds; 0: none */
	uint32_t		 eval_min;	/* tcbEvaluationDataNumber */
	unsigned		 tcb_line, grace_line, eval_line; /* or line */
};

struct atls_policy {
	atomic_uint		 refs;
	enum policy_demand	 peer, self;
	struct policy_block	*block;		/* at least one, once parsed */
	size_t			 nblock;
	char			*store;		/* strings and values */
	size_t			 used, room;	/* octets of store */
};

/* The line "name value" that would allow just this.  E_ARG: a value that no
 * policy can hold; E_SPACE. */
ATLS_CHECKED enum atls_rc policy_say(const struct evidence_claim *,
	    const struct atls_claim *, struct atls_buf *out);

/* Does the block say what this claim may be? */
bool	policy_gives(const struct policy_block *, size_t claim);

#endif
