/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "policy.h"

static void
put(struct wr *w, const char *s)
{
	wr_bytes(w, (struct atls_bytes){ (const uint8_t *)s, strlen(s) });
}

static void
put_line(struct wr *w, const char *key, const char *value)
{
	put(w, key);
	put(w, " ");
	put(w, value);
	put(w, "\n");
}

static void
put_number(struct wr *w, uint64_t n)
{
	char s[24];

	(void)snprintf(s, sizeof(s), "%llu", (unsigned long long)n);
	put(w, s);
}

static void
put_words(struct wr *w, const struct evidence_claim *c,
    struct atls_bytes bytes, enum policy_op op, uint64_t number)
{
	put(w, c->name);
	put(w, " ");
	switch (c->type) {
	case ATLS_CLAIM_BYTES:
		hex_put(w, bytes);
		break;
	case ATLS_CLAIM_NUMBER:
		put(w, op == POLICY_AT_LEAST ? ">=" :
		    op == POLICY_AT_MOST ? "<=" : "");
		put_number(w, number);
		break;
	case ATLS_CLAIM_BOOL:
		put(w, number != 0 ? "yes" : "no");
		break;
	case ATLS_CLAIM_TEXT:
		wr_bytes(w, bytes);
		break;
	}
}

static void
put_value(struct wr *w, const struct evidence_claim *c,
    struct atls_bytes bytes, enum policy_op op, uint64_t number)
{
	put_words(w, c, bytes, op, number);
	put(w, "\n");
}

static void
put_list(struct wr *w, const char *key, const struct policy_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		put_line(w, key, l->v[i]);
}

static void
put_claims(struct wr *w, const struct policy_block *b)
{
	size_t i, k;

	for (k = 0; k < b->ops->nclaim; k++)
		for (i = 0; i < b->nvalue; i++)
			if (b->value[i].claim == k)
				put_value(w, &b->ops->claim[k],
				    b->value[i].bytes, b->value[i].op,
				    b->value[i].number);
	for (k = 0; k < b->ops->nclaim; k++)
		if (b->ignored[k] != POLICY_HEED && !policy_gives(b, k))
			put_line(w, "ignore", b->ops->claim[k].name);
}

static void
put_seconds(struct wr *w, const char *key, int64_t seconds)
{
	put(w, key);
	put(w, " ");
	if (seconds != 0)
		put_number(w, (uint64_t)seconds);
	put(w, seconds != 0 ? "s\n" : "none\n");
}

static void
put_tcb(struct wr *w, const struct policy_block *b)
{
	unsigned allowed = b->tcb_status != 0 ? b->tcb_status :
	    1U << ATLS_TCB_UP_TO_DATE;
	unsigned t;

	for (t = 0; t < ATLS_NTCB; t++)
		if ((allowed >> t) & 1)
			put_line(w, "tcb-status",
			    atls_tcb_name((enum atls_tcb_status)t));
	put_list(w, "allow-advisory", &b->advisory);
	put_seconds(w, "grace", b->grace);
	put(w, "tcb-eval-min ");
	put_number(w, b->eval_min);
	put(w, "\n");
}

static void
put_block(struct wr *w, const struct policy_block *b)
{
	put(w, "\n");
	put_line(w, "kind", b->ops->name);
	put_list(w, "anchor", &b->anchor);
	put_list(w, "crl", &b->crl);
	put_list(w, "key", &b->key);
	put_list(w, "instance", &b->instance);
	put_claims(w, b);
	if (b->ops->tcb != NULL)
		put_tcb(w, b);
	put_line(w, "allow-debug", b->allow_debug ? "yes" : "no");
	put_line(w, "allow-simulated", b->allow_simulated ? "yes" : "no");
	put_line(w, "binding-min", atls_binding_name(b->binding_min));
	put_line(w, "freshness-min", atls_freshness_name(b->freshness_min));
	put_seconds(w, "max-age", b->max_age);
	put(w, "evidence-max ");
	put_number(w, b->evidence_max);
	put(w, "\n");
}

static const char *
demand(enum policy_demand d)
{
	return d == POLICY_REQUIRED ? "required" :
	    d == POLICY_OPTIONAL ? "optional" : "never";
}

enum atls_rc
atls_policy_show(const struct atls_policy *p, struct atls_buf *out)
{
	struct wr w = wr_of(out);
	size_t i;

	if (p == NULL)
		return ATLS_E_ARG;
	put_line(&w, "peer", demand(p->peer));
	put_line(&w, "self", demand(p->self));
	for (i = 0; i < p->nblock; i++)
		put_block(&w, &p->block[i]);
	return wr_done(&w);
}

/* Text from a stranger's evidence must stay one line, and one value: words
 * of printable ASCII, one space between them, none of them a comment. */
static bool
is_plain(struct atls_bytes b)
{
	bool start = true;
	size_t i;

	for (i = 0; i < b.len; i++) {
		if (b.p[i] < 0x20 || b.p[i] > 0x7e)
			return false;
		if (start && (b.p[i] == ' ' || b.p[i] == '#'))
			return false;
		start = b.p[i] == ' ';
	}
	return !start;
}

/* Can a line of the language say this value? */
static bool
can_be_said(const struct evidence_claim *c, const struct atls_claim *is)
{
	size_t room = POLICY_LINE_MAX - strlen(c->name) - 1;

	if (is->type != c->type)
		return false;
	if (c->type == ATLS_CLAIM_BYTES)
		return is->bytes.len > 0 && is->bytes.len <= room / 2;
	if (c->type == ATLS_CLAIM_TEXT)
		return is->bytes.len <= room && is_plain(is->bytes);
	return true;
}

enum atls_rc
policy_say(const struct evidence_claim *c, const struct atls_claim *is,
    struct atls_buf *out)
{
	struct wr w = wr_of(out);

	if (!can_be_said(c, is))
		return ATLS_E_ARG;
	put_words(&w, c, is->bytes, POLICY_IS, is->number);
	if (wr_done(&w) != ATLS_OK)
		return ATLS_E_SPACE;
	return ATLS_OK;
}

static enum atls_rc
learn_claims(struct wr *w, const struct evidence_ops *ops,
    const struct atls_evidence *ev, struct atls_err *err)
{
	const struct evidence_claim *c;
	const struct atls_claim *is;
	size_t i;

	for (i = 0; i < ops->nclaim; i++) {
		c = &ops->claim[i];
		if (!c->measurement ||
		    (is = atls_evidence_claim(ev, c->name)) == NULL)
			continue;
		if (!can_be_said(c, is))
			return err_set(err, ATLS_E_ARG, c->name, 0,
			    "a value that no policy can hold");
		put_value(w, c, is->bytes, POLICY_IS, is->number);
	}
	for (i = 0; i < ops->nclaim; i++)
		if (ops->claim[i].measurement &&
		    atls_evidence_claim(ev, ops->claim[i].name) == NULL)
			put_line(w, "ignore", ops->claim[i].name);
	return ATLS_OK;
}

/* Whose word counts, as far as evidence lets us guess. */
static void
learn_word(struct wr *w, const struct evidence_ops *ops,
    const struct atls_evidence *ev)
{
	const char *root = ops->root == NULL ? NULL : ops->root(ev);

	if (root != NULL) {
		put(w, "anchor builtin:");
		put(w, root);
		put(w, "\n");
	} else if (ops->word == WORD_KEY)
		put(w, "# key FILE: add the public key that signs it\n");
	else if (!(ops->word & WORD_INSTANCE))
		put(w, "# anchor FILE: add the root of its chain\n");
}

enum atls_rc
atls_policy_learn(const struct atls_evidence *ev, struct atls_buf *out,
    struct atls_err *err)
{
	const struct evidence_ops *ops;
	char instance[ATLS_INSTANCE_MAX] = "";
	struct wr w = wr_of(out);
	enum atls_rc rc;

	if (ev == NULL || (ops = evidence_ops(ev->kind)) == NULL)
		return err_set(err, ATLS_E_ARG, "policy.learn", 0,
		    "not evidence of a kind known here");
	if (ops->instance != NULL)
		ops->instance(ev, instance);
	if (instance[0] == '\0' && (ops->word & WORD_INSTANCE))
		return err_set(err, ATLS_E_ARG, "policy.learn", 0,
		    "%s evidence names no machine", ops->name);
	put(&w, "# Learnt from ");
	put_number(&w, ev->raw.len);
	put(&w, " octets of ");
	put(&w, ops->name);
	put(&w, " evidence, of which nothing was verified.\n");
	put_line(&w, "kind", ops->name);
	learn_word(&w, ops, ev);
	if (instance[0] != '\0')
		put_line(&w, "instance", instance);
	else
		put(&w, "# it names no machine: any that measures alike\n");
	if ((rc = learn_claims(&w, ops, ev, err)) != ATLS_OK)
		return rc;
	put_line(&w, "binding-min", atls_binding_name(ATLS_BINDING_EXPORTER));
	put_line(&w, "freshness-min", atls_freshness_name(ATLS_F3));
	if ((rc = wr_done(&w)) != ATLS_OK)
		return err_set(err, rc, "policy.learn", 0, "%zu octets",
		    out->len);
	return ATLS_OK;
}
