/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_JUDGE_H
#define TOKEN_JUDGE_H

#include "token_make.h"

/*
 * What the fuzz targets of signed tokens do.  The first octet says what the
 * rest is: 0 to n - 1, what to do to that good message, triples of an offset
 * (two octets) and a mask; 0xfe, claims that are then signed by the key that
 * is trusted, so that what comes after the signature is reached, too; anything
 * else, a whole message, of which it is the head.
 *
 * A message that differs from the good ones in any octet must not pass unless
 * it was signed; views stay inside the message; what fails says why.
 */
#define TOKEN_MUST(cond) do {						\
	if (!(cond))							\
		abort();						\
} while (0)

static inline void
token_inside(struct atls_bytes part, struct atls_bytes whole)
{
	TOKEN_MUST(part.len == 0 || (part.p >= whole.p &&
	    part.len <= whole.len &&
	    (size_t)(part.p - whole.p) <= whole.len - part.len));
}

static inline enum atls_rc
token_check(enum atls_kind kind, struct atls_bytes raw)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	char instance[ATLS_INSTANCE_MAX];
	struct atls_result res;
	enum atls_rc rc = token_judge(kind, raw, token_trust(), &res);
	const struct atls_evidence *ev = &res.claims;
	size_t i;

	TOKEN_MUST(ev->nclaim <= ATLS_CLAIMS_MAX && ev->nchain <= 8);
	token_inside(ev->report_data, raw);
	for (i = 0; i < ev->nclaim; i++) {
		TOKEN_MUST(ev->claim[i].name != NULL);
		token_inside(ev->claim[i].bytes, raw);
	}
	for (i = 0; i < ev->nchain; i++)
		token_inside(ev->chain[i], raw);
	if (ev->kind == ATLS_KIND_NONE)
		TOKEN_MUST(ev->nclaim == 0 && ev->report_data.len == 0);
	else
		ops->instance(ev, instance);
	TOKEN_MUST(rc == ATLS_OK || (res.why.rc != ATLS_OK &&
	    res.why.where != NULL));
	return rc;
}

static inline void
token_fuzz(enum atls_kind kind, const struct atls_bytes *good, size_t n,
    const uint8_t *data, size_t size)
{
	struct rd r = rd_of((struct atls_bytes){ data, size });
	struct atls_bytes b;
	size_t which, i;
	bool same;

	which = (size_t)rd_be(&r, 1);
	if (size > 1 && which == 0xfe) {
		b = token_sign1(token_signer(false, false), "a10126", "a0",
		    true, rd_rest(&r));
		(void)token_check(kind, b);
		drop(b);
		return;
	}
	if (which >= n || size == 0) {
		b = copy((struct atls_bytes){ data, size });
		TOKEN_MUST(token_check(kind, b) != ATLS_OK);
		drop(b);
		return;
	}
	b = copy(good[which]);
	while (r.left >= 3) {
		size_t off = (size_t)rd_be(&r, 2) % b.len;

		((uint8_t *)(uintptr_t)b.p)[off] ^= (uint8_t)rd_be(&r, 1);
	}
	for (i = 0, same = false; i < n; i++)
		same = same || atls_ct_eq(b, good[i]);
	TOKEN_MUST((token_check(kind, b) == ATLS_OK) == same);
	drop(b);
}

#endif
