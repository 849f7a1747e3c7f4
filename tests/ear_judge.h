/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EAR_JUDGE_H
#define EAR_JUDGE_H

#include "../src/evidence/ear.h"

/* An attestation result as far as the kind itself looks at it. */
#define EAR_NOW		((int64_t)1800000000)

enum ear_stage { EAR_PARSED = 1, EAR_TRUSTED };

struct ear_verdict {
	int			 stage;		/* 0: not well formed */
	struct atls_result	 res;
	struct atls_bytes	 raw;		/* behind res.claims... */
	uint8_t			*scratch;	/* ...too: ear_judged() */
};

/* Of a copy of raw, with a scratch that is as long as it; keys may be NULL. */
struct ear_verdict ear_judge(struct atls_bytes raw,
		    struct crypto_key *const *key, size_t nkey, int64_t now,
		    int64_t max_age);
void		ear_judged(struct ear_verdict *);

/* Text of a claim, or "". */
const char	*ear_said(const struct ear_verdict *, const char *claim,
		    char out[EAR_TEXT_MAX + 1]);

#endif
