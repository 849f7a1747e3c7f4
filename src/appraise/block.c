/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "builtin.h"

static enum atls_rc
unknown_kind(struct parse *ps)
{
	struct parse_near near = { .word = ps->word[1] };
	char quote[PARSE_QUOTE];
	const struct evidence_ops *ops;
	int k;

	(void)parse_quote(ps->word[1], quote);
	for (k = ATLS_KIND_NONE + 1; k < ATLS_NKINDS; k++)
		if ((ops = evidence_ops((enum atls_kind)k)) != NULL)
			parse_near(&near, ops->name);
	if (near.name == NULL)
		return parse_bad(ps, 1, "unknown kind \"%s\"", quote);
	return parse_bad(ps, 1, "unknown kind \"%s\", did you mean \"%s\"?",
	    quote, near.name);
}

enum atls_rc
parse_kind(struct parse *ps)
{
	struct atls_policy *p = ps->p;
	const struct evidence_ops *ops;
	char *name;
	void *more;
	enum atls_rc rc;

	if (ps->b != NULL && (rc = parse_end(ps)) != ATLS_OK)
		return rc;
	if ((name = parse_keep(ps, ps->word[1])) == NULL)
		return ATLS_E_MEM;
	if ((ops = evidence_ops(atls_kind_named(name))) == NULL)
		return unknown_kind(ps);
	if (p->nblock == POLICY_BLOCKS_MAX)
		return parse_bad(ps, 0, "more than %d blocks",
		    POLICY_BLOCKS_MAX);
	if ((more = parse_more(p->block, p->nblock, sizeof(*p->block))) ==
	    NULL)
		return parse_no_memory(ps);
	p->block = more;
	ps->b = &p->block[p->nblock++];
	*ps->b = (struct policy_block){
		.ops = ops, .line = ps->line,
		.binding_min = ATLS_BINDING_EXPORTER,
		.freshness_min = ATLS_F3,
		.binding_line = ps->line, .freshness_line = ps->line,
		.tcb_line = ps->line, .grace_line = ps->line,
		.eval_line = ps->line, .size_line = ps->line,
		.evidence_max = POLICY_EVIDENCE,
	};
	if ((ps->b->ignored = calloc(ops->nclaim + 1,
	    sizeof(*ps->b->ignored))) == NULL)
		return parse_no_memory(ps);
	memset(ps->said, 0, sizeof(ps->said));
	return ATLS_OK;
}

enum atls_rc
parse_list(struct parse *ps, struct policy_list *l, const char *s)
{
	const char **v = parse_more(l->v, l->n, sizeof(*l->v));

	if (v == NULL)
		return parse_no_memory(ps);
	if (l->n == 0)
		l->line = ps->line;
	l->v = v;
	l->v[l->n++] = s;
	return ATLS_OK;
}

/* Adds what a file holds to pem, and a line end.  A file without content says
 * nothing, and a list of revoked keys that says nothing would revoke none. */
enum atls_rc
parse_file(struct parse *ps, const char *name, struct atls_buf *pem)
{
	struct atls_buf in = { .cap = 1024 };
	enum atls_rc rc = ATLS_E_SPACE;
	uint8_t *p;

	if (ps->open == NULL)
		return parse_bad(ps, 1, "files are not read here");
	while (rc == ATLS_E_SPACE && in.cap <= POLICY_FILES_MAX - pem->len) {
		p = realloc(pem->p, pem->len + in.cap + 1);
		if (p == NULL)
			return parse_no_memory(ps);
		pem->p = p;
		in.p = p + pem->len;
		in.len = 0;
		rc = ps->open(ps->arg, name, &in);
		if (rc == ATLS_E_SPACE)
			in.cap = in.len > in.cap ? in.len : 2 * in.cap;
	}
	if (rc == ATLS_E_SPACE)
		return parse_bad(ps, 1, "more than %d octets",
		    POLICY_FILES_MAX);
	if (rc != ATLS_OK)
		return parse_bad(ps, 1, "cannot read it: %s",
		    atls_rc_name(rc));
	if (in.len == 0 || in.len > in.cap)
		return parse_bad(ps, 1, "nothing in it");
	pem->len += in.len;
	pem->p[pem->len++] = '\n';		/* inside: cap + 1 were taken */
	return ATLS_OK;
}

/* The same of text that we have. */
static enum atls_rc
parse_text_of(struct parse *ps, const char *text, struct atls_buf *pem)
{
	size_t n = strlen(text);
	uint8_t *p = realloc(pem->p, pem->len + n);

	if (p == NULL)
		return parse_no_memory(ps);
	memcpy(p + pem->len, text, n);
	pem->p = p;
	pem->len += n;
	return ATLS_OK;
}

/* Each file must be good by itself, so that the fault has a line. */
static enum atls_rc
try_trust(struct parse *ps, struct atls_bytes anchors, struct atls_bytes crls)
{
	struct atls_err err = { 0 };
	struct atls_trust *t = atls_trust_new(anchors, crls, &err);

	atls_trust_free(t);
	if (t != NULL)
		return ATLS_OK;
	if (err.rc == ATLS_E_MEM)
		return parse_no_memory(ps);
	return parse_bad(ps, 1, "%s %s", atls_rc_name(err.rc), err.detail);
}

static struct atls_bytes
since(const struct atls_buf *b, size_t start)
{
	if (b->len == start)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ b->p + start, b->len - start };
}

/* Adds an anchor that we know by name, else that of a file. */
static enum atls_rc
read_anchor(struct parse *ps, const char *name)
{
	static const char builtin[] = "builtin:";
	size_t n = sizeof(builtin) - 1;
	struct parse_near near;
	const char *pem;
	char quote[PARSE_QUOTE];

	if (strncmp(name, builtin, n) != 0)
		return parse_file(ps, name, &ps->anchors);
	if ((pem = builtin_anchor(name + n, NULL)) != NULL)
		return parse_text_of(ps, pem, &ps->anchors);
	near = (struct parse_near){ .word = { ps->word[1].p + n,
	    ps->word[1].len - n } };
	(void)builtin_anchor("", &near);
	(void)parse_quote(ps->word[1], quote);
	if (near.name == NULL)
		return parse_bad(ps, 1, "unknown anchor \"%s\"", quote);
	return parse_bad(ps, 1, "unknown anchor \"%s\", did you mean "
	    "\"%s%s\"?", quote, builtin, near.name);
}

enum atls_rc
parse_anchor(struct parse *ps)
{
	size_t start = ps->anchors.len;
	enum atls_rc rc;
	char *name;

	if ((name = parse_keep(ps, ps->word[1])) == NULL)
		return ATLS_E_MEM;
	if ((rc = read_anchor(ps, name)) != ATLS_OK)
		return rc;
	if ((rc = try_trust(ps, since(&ps->anchors, start),
	    (struct atls_bytes){ NULL, 0 })) != ATLS_OK)
		return rc;
	return parse_list(ps, &ps->b->anchor, name);
}

enum atls_rc
parse_crl(struct parse *ps)
{
	size_t start = ps->crls.len;
	enum atls_rc rc;
	char *name;

	if (ps->b->anchor.n == 0)
		return parse_bad(ps, 0, "\"crl\" belongs behind an \"anchor\"");
	if ((name = parse_keep(ps, ps->word[1])) == NULL)
		return ATLS_E_MEM;
	if ((rc = parse_file(ps, name, &ps->crls)) != ATLS_OK)
		return rc;
	if ((rc = try_trust(ps, since(&ps->anchors, 0),
	    since(&ps->crls, start))) != ATLS_OK)
		return rc;
	return parse_list(ps, &ps->b->crl, name);
}

/* "ak:000B..": what is named, then which. */
/*@ requires view_ok(w);
    assigns \nothing;
    exits \false; */
static bool
is_instance(struct atls_bytes w)
{
	size_t i = 0, first;

	/*@ loop invariant 0 <= i <= w.len;
	    loop assigns i;
	    loop variant w.len - i; */
	while (i < w.len && w.p[i] >= 'a' && w.p[i] <= 'z')
		i++;
	if (i == 0 || i == w.len || w.p[i] != ':')
		return false;
	first = ++i;
	/*@ loop invariant first <= i <= w.len;
	    loop assigns i;
	    loop variant w.len - i; */
	while (i < w.len && hex_digit(w.p[i]) != HEX_NONE)
		i++;
	return i == w.len && i > first && (i - first) % 2 == 0;
}

/* Kept in lower case. */
enum atls_rc
parse_instance(struct parse *ps)
{
	char *s;
	size_t c;

	if (!is_instance(ps->word[1]))
		return parse_bad(ps, 1, "not a machine, like \"ak:000b..\"");
	if (ps->word[1].len >= ATLS_INSTANCE_MAX)
		return parse_bad(ps, 1, "longer than %d octets",
		    ATLS_INSTANCE_MAX - 1);
	if ((s = parse_keep(ps, ps->word[1])) == NULL)
		return ATLS_E_MEM;
	for (c = 0; s[c] != '\0'; c++)
		if (s[c] >= 'A' && s[c] <= 'F')
			s[c] = (char)(s[c] - 'A' + 'a');
	return parse_list(ps, &ps->b->instance, s);
}

static enum atls_rc
make_trust(struct parse *ps)
{
	struct atls_err err = { 0 };

	if (ps->b->anchor.n == 0)
		return ATLS_OK;
	ps->b->anchors = atls_trust_new(since(&ps->anchors, 0),
	    since(&ps->crls, 0), &err);
	ps->anchors.len = 0;
	ps->crls.len = 0;
	if (crypto_trust_simulated(ps->b->anchors))
		ps->b->simulated = true;
	if (ps->b->anchors != NULL)
		return ATLS_OK;
	if (err.rc == ATLS_E_MEM)
		return parse_no_memory(ps);
	return parse_bad_line(ps, ps->b->anchor.line, "%s %s",
	    atls_rc_name(err.rc), err.detail);
}

/* Whose word can count is the kind's affair; at least one of them must. */
static enum atls_rc
check_words(struct parse *ps)
{
	const struct policy_block *b = ps->b;
	unsigned can = b->ops->word == 0 ? WORD_ANCHOR : b->ops->word;
	unsigned is = (b->anchor.n > 0 ? WORD_ANCHOR : 0U) |
	    (b->instance.n > 0 ? WORD_INSTANCE : 0U) |
	    (b->key.n > 0 ? WORD_KEY : 0U);

	if (b->anchor.n > 0 && !(can & WORD_ANCHOR))
		return parse_bad_line(ps, b->anchor.line,
		    "no certificate signs %s evidence: name a \"key\"",
		    b->ops->name);
	if (b->key.n > 0 && !(can & WORD_KEY))
		return parse_bad_line(ps, b->key.line,
		    "%s evidence is signed by certificate: name an \"anchor\"",
		    b->ops->name);
	if (is & can)
		return ATLS_OK;
	return parse_bad_line(ps, b->line, "%s%s%s: whose word counts?",
	    can & WORD_INSTANCE ? "neither " : "no ",
	    can & WORD_KEY ? "key" : "anchor",
	    can & WORD_INSTANCE ? " nor instance" : "");
}

/* A block that would let anyone pass, or nobody, is no policy. */
enum atls_rc
parse_end(struct parse *ps)
{
	const struct policy_block *b = ps->b;
	const struct evidence_claim *c;
	bool pinned = b->instance.n > 0;
	enum atls_rc rc;
	size_t i;

	if ((rc = check_words(ps)) != ATLS_OK)
		return rc;
	for (i = 0; i < b->ops->nclaim; i++) {
		c = &b->ops->claim[i];
		if (policy_gives(b, i))
			pinned = pinned || c->measurement;
		else if (c->measurement && b->ignored[i] == POLICY_HEED)
			return parse_bad_line(ps, b->line,
			    "%s is neither given nor ignored", c->name);
	}
	if (!pinned)
		return parse_bad_line(ps, b->line,
		    "accepts any machine: no measurement, no instance");
	return make_trust(ps);
}
