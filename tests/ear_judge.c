/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "ear_judge.h"
#include "heap.h"

struct ear_verdict
ear_judge(struct atls_bytes raw, struct crypto_key *const *key, size_t nkey,
    int64_t now, int64_t max_age)
{
	struct ear_verdict v = { .raw = copy(raw),
	    .scratch = malloc(raw.len > 0 ? raw.len : 1) };
	struct atls_buf scratch = { v.scratch, raw.len, 0 };
	struct evidence_trust trust = { .key = key, .nkey = nkey,
	    .now = now, .max_age = max_age };

	if (v.scratch == NULL)
		abort();
	if (atls_evidence_parse(&v.res.claims, ATLS_KIND_EAR, v.raw, &scratch,
	    &v.res.why) != ATLS_OK)
		return v;
	v.stage = EAR_PARSED;
	if (evidence_ear.signature(&v.res.claims, &trust, &v.res) == 1)
		v.stage = EAR_TRUSTED;
	return v;
}

void
ear_judged(struct ear_verdict *v)
{
	drop(v->raw);
	free(v->scratch);
}

const char *
ear_said(const struct ear_verdict *v, const char *claim,
    char out[EAR_TEXT_MAX + 1])
{
	const struct atls_claim *c = atls_evidence_claim(&v->res.claims,
	    claim);
	size_t n = c == NULL || c->bytes.len > EAR_TEXT_MAX ? 0 :
	    c->bytes.len;

	if (n > 0)
		memcpy(out, c->bytes.p, n);
	out[n] = '\0';
	return out;
}
