/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a block about signers without certificate, and about a platform's
 * TCB. */
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* TCB lines say nothing about a kind whose maker publishes no TCB levels; who
 * writes them nevertheless has something else in mind. */
static enum atls_rc
has_tcb(struct parse *ps)
{
	if (ps->b->ops->tcb != NULL)
		return ATLS_OK;
	return parse_bad(ps, 0, "%s evidence has no TCB status",
	    ps->b->ops->name);
}

enum atls_rc
parse_key(struct parse *ps)
{
	struct policy_block *b = ps->b;
	struct atls_buf pem = { NULL, 0, 0 };
	enum atls_rc rc;
	size_t i, n = 0;
	char *name;

	if ((name = parse_keep(ps, ps->word[1])) == NULL)
		return ATLS_E_MEM;
	if ((rc = parse_file(ps, name, &pem)) == ATLS_OK) {
		rc = crypto_keys_pem((struct atls_bytes){ pem.p, pem.len },
		    b->keys + b->nkeys, POLICY_KEYS_MAX - b->nkeys, &n);
		if (rc == ATLS_E_MEM)
			rc = parse_no_memory(ps);
		else if (rc != ATLS_OK)
			rc = parse_bad(ps, 1, "%s key %zu", atls_rc_name(rc),
			    n + 1);
		for (i = 0; i < n; i++)
			if (crypto_key_simulated(b->keys[b->nkeys + i]))
				b->simulated = true;
		b->nkeys += n;
	}
	free(pem.p);
	if (rc != ATLS_OK)
		return rc;
	return parse_list(ps, &b->key, name);
}

enum atls_rc
parse_tcb_status(struct parse *ps)
{
	struct parse_near near;
	char quote[PARSE_QUOTE];
	enum atls_rc rc;
	size_t i;
	int t;

	if ((rc = has_tcb(ps)) != ATLS_OK)
		return rc;
	for (i = 1; i < ps->nword; i++) {
		near = (struct parse_near){ .word = ps->word[i] };
		for (t = ATLS_TCB_UP_TO_DATE; t < ATLS_NTCB; t++) {
			if (parse_is(ps->word[i], atls_tcb_name(
			    (enum atls_tcb_status)t)))
				break;
			parse_near(&near, atls_tcb_name(
			    (enum atls_tcb_status)t));
		}
		(void)parse_quote(ps->word[i], quote);
		if (t == ATLS_TCB_REVOKED)
			return parse_bad(ps, i, "what is revoked is not "
			    "accepted");
		if (t == ATLS_NTCB && near.name == NULL)
			return parse_bad(ps, i, "unknown status \"%s\"",
			    quote);
		if (t == ATLS_NTCB)
			return parse_bad(ps, i, "unknown status \"%s\", did "
			    "you mean \"%s\"?", quote, near.name);
		ps->b->tcb_status |= 1U << t;
	}
	ps->b->tcb_line = ps->line;
	return ATLS_OK;
}

/* "INTEL-SA-00615": what collateral may say, so that a slip is seen. */
/*@ requires view_ok(w);
    assigns \nothing;
    exits \false;
    ensures \result ==> 0 < w.len < ATLS_ADVISORY_MAX; */
static bool
is_advisory(struct atls_bytes w)
{
	size_t i;

	if (w.len == 0 || w.len >= ATLS_ADVISORY_MAX)
		return false;
	if (parse_is(w, "*"))
		return true;
	/*@ loop invariant 0 <= i <= w.len;
	    loop assigns i;
	    loop variant w.len - i; */
	for (i = 0; i < w.len; i++)
		if ((w.p[i] < 'A' || w.p[i] > 'Z') && w.p[i] != '-' &&
		    (w.p[i] < '0' || w.p[i] > '9'))
			return false;
	return true;
}

enum atls_rc
parse_advisory(struct parse *ps)
{
	char quote[PARSE_QUOTE], *s;
	enum atls_rc rc;
	size_t i;

	if ((rc = has_tcb(ps)) != ATLS_OK)
		return rc;
	for (i = 1; i < ps->nword; i++) {
		if (!is_advisory(ps->word[i]))
			return parse_bad(ps, i, "\"%s\" is not an advisory, "
			    "like INTEL-SA-00615", parse_quote(ps->word[i],
			    quote));
		if ((s = parse_keep(ps, ps->word[i])) == NULL)
			return ATLS_E_MEM;
		if ((rc = parse_list(ps, &ps->b->advisory, s)) != ATLS_OK)
			return rc;
	}
	return ATLS_OK;
}

enum atls_rc
parse_grace(struct parse *ps)
{
	enum atls_rc rc;

	if ((rc = has_tcb(ps)) != ATLS_OK)
		return rc;
	ps->b->grace_line = ps->line;
	return parse_seconds(ps, POLICY_GRACE_MAX, &ps->b->grace);
}

enum atls_rc
parse_eval_min(struct parse *ps)
{
	enum atls_rc rc;
	uint64_t n;

	if ((rc = has_tcb(ps)) != ATLS_OK)
		return rc;
	if (!parse_number(ps->word[1], &n) || n > UINT32_MAX)
		return parse_bad(ps, 1, "not a number of an evaluation");
	ps->b->eval_min = (uint32_t)n;
	ps->b->eval_line = ps->line;
	return ATLS_OK;
}
