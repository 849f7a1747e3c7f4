/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "parse.h"

bool
policy_gives(const struct policy_block *b, size_t claim)
{
	size_t i;

	for (i = 0; i < b->nvalue; i++)
		if (b->value[i].claim == claim)
			return true;
	return false;
}

enum policy_demand
policy_peer(const struct atls_policy *p)
{
	return p->peer;
}

enum policy_demand
policy_self(const struct atls_policy *p)
{
	return p->self;
}

int64_t
policy_max_age(const struct atls_policy *p)
{
	int64_t least = 0;
	size_t i;

	for (i = 0; i < p->nblock; i++)
		if (p->block[i].max_age != 0 &&
		    (least == 0 || p->block[i].max_age < least))
			least = p->block[i].max_age;
	return least;
}

bool
policy_allows(const struct atls_policy *p, enum atls_kind kind)
{
	size_t i;

	for (i = 0; i < p->nblock; i++)
		if (p->block[i].ops->kind == kind)
			return true;
	return false;
}

bool
policy_can_accept(const struct atls_policy *p, enum atls_binding binding,
    enum atls_freshness freshness)
{
	size_t i;

	for (i = 0; i < p->nblock; i++)
		if (binding >= p->block[i].binding_min &&
		    freshness >= p->block[i].freshness_min)
			return true;
	return false;
}

struct atls_policy *
atls_policy_ref(struct atls_policy *p)
{
	if (p != NULL)
		atomic_fetch_add(&p->refs, 1);
	return p;
}

void
atls_policy_free(struct atls_policy *p)
{
	size_t i;

	if (p == NULL || atomic_fetch_sub(&p->refs, 1) > 1)
		return;
	for (i = 0; i < p->nblock; i++) {
		atls_trust_free(p->block[i].anchors);
		free(p->block[i].anchor.v);
		free(p->block[i].crl.v);
		free(p->block[i].instance.v);
		free(p->block[i].key.v);
		free(p->block[i].advisory.v);
		while (p->block[i].nkeys > 0)
			crypto_key_free(p->block[i].keys[
			    --p->block[i].nkeys]);
		free(p->block[i].value);
		free(p->block[i].ignored);
	}
	free(p->block);
	free(p->store);
	free(p);
}

char *
parse_keep(struct parse *ps, struct atls_bytes b)
{
	struct atls_policy *p = ps->p;
	char *out = p->store + p->used;

	if (b.len >= p->room - p->used) {
		(void)parse_no_memory(ps);
		return NULL;
	}
	if (b.len > 0)
		memcpy(out, b.p, b.len);
	out[b.len] = '\0';
	p->used += b.len + 1;
	return out;
}

/* Room is taken in powers of two, so that n alone says when it is used up. */
void *
parse_more(void *v, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)		/* neither 0 nor a power of two */
		return v;
	return realloc(v, (n == 0 ? 1 : 2 * n) * size);
}

static enum atls_rc
parse_text(struct parse *ps)
{
	enum atls_rc rc;
	bool more;

	for (;;) {
		if ((rc = parse_line(ps, &more)) != ATLS_OK)
			return rc;
		if (!more)
			break;
		if (ps->nword == 0)
			continue;
		if ((rc = parse_words(ps)) != ATLS_OK)
			return rc;
	}
	if (ps->b == NULL)
		return parse_bad_line(ps, ps->line == 0 ? 1 : ps->line,
		    "no \"kind\": nothing would be accepted");
	return parse_end(ps);
}

/* What show() writes must parse again: it may be longer than the text. */
static enum atls_rc
fits_in_full(struct parse *ps)
{
	struct atls_buf none = { NULL, 0, 0 };

	if (atls_policy_show(ps->p, &none) != ATLS_E_SPACE ||
	    none.len > POLICY_TEXT_MAX)
		return parse_bad_line(ps, 1, "more than %d octets when written"
		    " out in full", POLICY_TEXT_MAX);
	return ATLS_OK;
}

struct atls_policy *
atls_policy_parse(struct atls_bytes text, enum atls_rc (*open)(void *,
    const char *, struct atls_buf *), void *arg, struct atls_err *err)
{
	struct parse ps = { .open = open, .arg = arg, .err = err };
	enum atls_rc rc;

	if (text.len > POLICY_TEXT_MAX) {
		(void)err_set(err, ATLS_E_CONF, "policy", 0,
		    "1:1: more than %d octets", POLICY_TEXT_MAX);
		return NULL;
	}
	ps.in = rd_of(text);
	if ((ps.p = calloc(1, sizeof(*ps.p))) == NULL) {
		(void)parse_no_memory(&ps);
		return NULL;
	}
	atomic_init(&ps.p->refs, 1);
	ps.p->peer = POLICY_REQUIRED;
	ps.p->self = POLICY_OPTIONAL;
	/* A word and the octet behind it are enough for its copy. */
	ps.p->room = text.len + 1;
	if ((ps.p->store = malloc(ps.p->room)) == NULL)
		rc = parse_no_memory(&ps);
	else if ((rc = parse_text(&ps)) == ATLS_OK)
		rc = fits_in_full(&ps);
	free(ps.anchors.p);
	free(ps.crls.p);
	if (rc != ATLS_OK) {
		atls_policy_free(ps.p);
		return NULL;
	}
	return ps.p;
}
