/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>

#include "../base/err.h"
#include "../codec/hex.h"

#define BRIEF	32	/* octets of a value in a reason, with NUL */

/* 1 if this one line allows the claim. */
static int
line_allows(const struct policy_value *v, enum atls_claim_type type,
    const struct atls_claim *is)
{
	if (is->type != type)
		return 0;
	switch (type) {
	case ATLS_CLAIM_BYTES:
	case ATLS_CLAIM_TEXT:
		return v->bytes.len != 0 && atls_ct_eq(is->bytes, v->bytes);
	case ATLS_CLAIM_BOOL:
		return is->number == v->number;
	case ATLS_CLAIM_NUMBER:
		break;
	}
	switch (v->op) {
	case POLICY_IS:
		return is->number == v->number;
	case POLICY_AT_LEAST:
		return is->number >= v->number;
	case POLICY_AT_MOST:
		return is->number <= v->number;
	}
	return 0;
}

/* A value for a person: short, and of printable characters only. */
static const char *
brief(char out[BRIEF], enum atls_claim_type type, const char *op,
    struct atls_bytes b, uint64_t number)
{
	struct atls_buf buf = { (uint8_t *)out, BRIEF - 1, 0 };
	bool text = type == ATLS_CLAIM_TEXT;
	size_t i, max = text ? 24 : 12;
	struct atls_bytes head = { b.p, b.len < max ? b.len : max };
	struct wr w = wr_of(&buf);

	if (type == ATLS_CLAIM_BOOL && number < 2)
		return number == 1 ? "yes" : "no";
	if (type == ATLS_CLAIM_NUMBER || type == ATLS_CLAIM_BOOL) {
		(void)snprintf(out, BRIEF, "%s%" PRIu64, op, number);
		return out;
	}
	if (!text)
		hex_put(&w, head);
	for (i = 0; text && i < head.len; i++)
		wr_be(&w, b.p[i] >= 0x20 && b.p[i] < 0x7f ? b.p[i] : '?', 1);
	for (i = 0; b.len > max && i < 2; i++)
		wr_be(&w, '.', 1);
	out[wr_done(&w) == ATLS_OK ? buf.len : 0] = '\0';
	return b.len == 0 ? "empty" : out;
}

static int
refuse(const struct policy_block *b, size_t first, size_t nlines,
    const struct atls_claim *is, struct atls_err *err)
{
	const struct policy_value *v = &b->value[first];
	const struct evidence_claim *c = &b->ops->claim[v->claim];
	const char *op = v->op == POLICY_AT_LEAST ? ">=" :
	    v->op == POLICY_AT_MOST ? "<=" : "";
	char b1[BRIEF], b2[BRIEF], more[32] = "";
	const char *wants = brief(b1, c->type, op, v->bytes, v->number);
	const char *has = "absent";

	if (is != NULL)
		has = brief(b2, is->type, "", is->bytes, is->number);
	if (nlines > 1)
		(void)snprintf(more, sizeof(more), " or %zu more", nlines - 1);
	(void)err_set(err, ATLS_E_POLICY, c->name, 0,
	    "is %s, policy line %u wants %s%s", has, v->line, wants, more);
	return 0;
}

/* The lines of one claim, first of them at index first. */
int
check_claim(const struct policy_block *b, size_t first,
    const struct atls_evidence *ev, struct atls_err *err)
{
	size_t claim = b->value[first].claim, i, nlines = 0;
	const struct evidence_claim *c = &b->ops->claim[claim];
	const struct atls_claim *is = atls_evidence_claim(ev, c->name);

	for (i = first; i < b->nvalue; i++) {
		if (b->value[i].claim != claim)
			continue;
		nlines++;
		if (is != NULL && line_allows(&b->value[i], c->type, is) == 1)
			return 1;
	}
	return refuse(b, first, nlines, is, err);
}

bool
check_claim_is_first(const struct policy_block *b, size_t value)
{
	size_t k = 0;

	while (b->value[k].claim != b->value[value].claim)
		k++;
	return k == value;
}

int
check_claims(struct appraisal *a)
{
	const struct policy_block *b = a->b;
	size_t i;

	for (i = 0; i < b->nvalue; i++)
		if (check_claim_is_first(b, i) && check_claim(b, i,
		    &a->res->claims, &a->res->why) != 1)
			return 0;
	return 1;
}
