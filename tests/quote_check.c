/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_check.h"

#include <stdlib.h>

#include "../src/evidence/evidence.h"
#include "heap.h"

static struct quote_steps steps;

static void
step(void *arg, const struct evidence_step *s)
{
	struct quote_steps *k = arg;

	if (k->n == QUOTE_STEPS || s->input == NULL || s->rule == NULL)
		abort();
	k->where[k->n++] = s->where;
}

const struct quote_steps *
quote_steps(void)
{
	return &steps;
}

int
quote_check(const struct quote *q, enum atls_kind kind, bool allow_debug,
    struct atls_result *res)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	struct atls_bytes raw = copy((struct atls_bytes){ q->b, q->len });
	uint8_t *room = malloc(q->len + 1);
	struct atls_buf scratch = { room, q->len, 0 };
	struct evidence_trace trace = { step, &steps };
	struct evidence_trust trust = { .allow_debug = allow_debug,
	    .now = 1760000000, .trace = &trace };
	int ok = 0;

	steps.n = 0;
	*res = (struct atls_result){ .kind = kind };
	if (room == NULL)
		abort();
	if (atls_evidence_parse(&res->claims, kind, raw, &scratch,
	    &res->why) == ATLS_OK)
		ok = ops->signature(&res->claims, &trust, res) == 1 &&
		    ops->tcb(&res->claims, &trust, res) == 1;
	res->claims = (struct atls_evidence){ .kind = kind };
	drop(raw);
	free(room);
	return ok;
}
