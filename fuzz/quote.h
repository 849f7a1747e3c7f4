/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_QUOTE_H
#define FUZZ_QUOTE_H

#include <stdlib.h>
#include <string.h>

#include "../src/evidence/evidence.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What fuzz_tdx.c and fuzz_sgx.c share. */
static void
must(bool cond)
{
	if (!cond)
		abort();
}

static bool
within(const uint8_t *p, size_t n, struct atls_bytes v)
{
	return v.p >= p && v.len <= n && (size_t)(v.p - p) <= n - v.len;
}

static bool
view(struct atls_bytes raw, const struct atls_buf *scratch,
    struct atls_bytes v)
{
	return v.len == 0 || within(raw.p, raw.len, v) ||
	    within(scratch->p, scratch->len, v);
}

static bool
is_hex(const char *s, const char *head)
{
	size_t n = strlen(head);

	return strncmp(s, head, n) == 0 && strlen(s) == n + 32 &&
	    strspn(s + n, "0123456789abcdef") == 32;
}

static void
look(const struct evidence_ops *ops, struct atls_bytes raw,
    const struct atls_buf *scratch, const struct atls_evidence *ev)
{
	struct evidence_trust trust = { .now = 1760000000 };
	struct atls_result res = { .kind = ops->kind };
	struct atls_need need[ATLS_NEEDS_MAX];
	char instance[ATLS_INSTANCE_MAX];
	size_t i, n = 0;

	must(ev->kind == ops->kind && ev->nclaim <= ATLS_CLAIMS_MAX &&
	    ev->nchain <= sizeof(ev->chain) / sizeof(ev->chain[0]) &&
	    ev->report_data.len == ops->field);
	must(view(raw, scratch, ev->report_data));
	for (i = 0; i < ev->nchain; i++)
		must(ev->chain[i].len > 0 &&
		    view(raw, scratch, ev->chain[i]));
	for (i = 0; i < ev->nclaim; i++)
		must(view(raw, scratch, ev->claim[i].bytes));
	for (i = 0; i < sizeof(ev->part) / sizeof(ev->part[0]); i++)
		must(view(raw, scratch, ev->part[i]));
	ops->instance(ev, instance);
	must(ev->nchain == 0 ? instance[0] == '\0' :
	    is_hex(instance, "pck:") || is_hex(instance, "ppid:"));
	ops->needs(ev, need, &n);
	must(n <= ATLS_NEEDS_MAX && (n > 0) == (ev->nchain > 0));
	/* nobody vouches for anything */
	must(ops->signature(ev, &trust, &res) != 1 && res.why.rc != ATLS_OK);
}

static void
fuzz_quote(enum atls_kind kind, const uint8_t *data, size_t len)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	uint8_t *in = malloc(len > 0 ? len : 1), *room = malloc(len + 1);
	struct atls_buf scratch = { room, len, 0 };
	struct atls_bytes raw = { in, len };
	struct atls_evidence ev;
	struct atls_err err = { .rc = ATLS_OK };

	must(in != NULL && room != NULL);
	if (len > 0)
		memcpy(in, data, len);
	raw.p = in;
	if (atls_evidence_parse(&ev, kind, raw, &scratch, &err) == ATLS_OK) {
		must(scratch.len <= len);
		look(ops, raw, &scratch, &ev);
	} else
		must(err.rc != ATLS_OK && err.where != NULL &&
		    ev.kind == ATLS_KIND_NONE && ev.nclaim == 0 &&
		    ev.nchain == 0);
	free(in);
	free(room);
}

#endif
