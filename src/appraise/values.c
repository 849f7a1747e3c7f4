/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "parse.h"

/*@ requires parse_ok(ps) && store_ok(ps) && ps->nword >= 2;
    requires \valid(v) && \separated(v, ps, ps->err, ps->p,
	ps->p->store + (0 .. ps->p->room - 1));
    assigns v->bytes, ps->p->store[0 .. ps->p->room - 1], ps->p->used,
	*ps->err;
    exits \false; */
static enum atls_rc
take_hex(struct parse *ps, struct policy_value *v)
{
	uint8_t octets[POLICY_LINE_MAX / 2];
	struct atls_buf b = { octets, sizeof(octets), 0 };
	struct wr w = wr_of(&b);
	char *s;

	hex_get(&w, ps->word[1]);
	if (wr_done(&w) != ATLS_OK)
		return parse_bad(ps, 1, "not hex, two digits an octet");
	if ((s = parse_keep(ps, (struct atls_bytes){ octets, b.len })) == NULL)
		return ATLS_E_MEM;
	v->bytes = (struct atls_bytes){ (const uint8_t *)s, b.len };
	return ATLS_OK;
}

/* All that stands behind the key, comment left out. */
/*@ requires parse_ok(ps) && store_ok(ps) && ps->nword >= 2;
    requires \valid(v) && \separated(v, ps, ps->err, ps->p,
	ps->p->store + (0 .. ps->p->room - 1));
    assigns v->bytes, ps->p->store[0 .. ps->p->room - 1], ps->p->used,
	*ps->err;
    exits \false; */
static enum atls_rc
take_text(struct parse *ps, struct policy_value *v)
{
	const struct atls_bytes *last = &ps->word[ps->nword - 1];
	struct atls_bytes all = { ps->word[1].p,
	    (size_t)(last->p - ps->word[1].p) + last->len };
	char *s = parse_keep(ps, all);

	if (s == NULL)
		return ATLS_E_MEM;
	v->bytes = (struct atls_bytes){ (const uint8_t *)s, all.len };
	return ATLS_OK;
}

/*@ requires parse_ok(ps) && ps->nword >= 2;
    requires \valid(v) && \separated(v, ps, ps->err);
    assigns v->op, v->number, *ps->err;
    exits \false; */
static enum atls_rc
take_number(struct parse *ps, struct policy_value *v)
{
	struct rd r = rd_of(ps->word[1]);
	struct atls_bytes op = rd_take(&r, r.left < 2 ? 0 : 2);

	if (parse_is(op, ">="))
		v->op = POLICY_AT_LEAST;
	else if (parse_is(op, "<="))
		v->op = POLICY_AT_MOST;
	else
		r = rd_of(ps->word[1]);
	if (!parse_number(rd_rest(&r), &v->number))
		return parse_bad(ps, 1, "not N, >=N or <=N");
	if ((v->op == POLICY_AT_LEAST && v->number == 0) ||
	    (v->op == POLICY_AT_MOST && v->number == UINT64_MAX))
		return parse_bad(ps, 1, "any number would do");
	return ATLS_OK;
}

/* Lines of one claim are alternatives: who writes >= and <= means a range, and
 * would get the opposite of it. */
static enum atls_rc
not_opposite(struct parse *ps, const struct policy_value *v)
{
	const struct policy_value *o;
	enum atls_claim_type type = ps->b->ops->claim[v->claim].type;
	size_t i;

	for (i = 0; i < ps->b->nvalue; i++) {
		o = &ps->b->value[i];
		if (o->claim != v->claim)
			continue;
		if ((type == ATLS_CLAIM_BOOL && o->number != v->number) ||
		    (o->op == POLICY_AT_LEAST && v->op == POLICY_AT_MOST) ||
		    (o->op == POLICY_AT_MOST && v->op == POLICY_AT_LEAST))
			return parse_bad(ps, 1, "lines are alternatives, and"
			    " line %u is the opposite", o->line);
	}
	return ATLS_OK;
}

enum atls_rc
parse_claim(struct parse *ps, size_t claim)
{
	struct policy_block *b = ps->b;
	struct policy_value v = {
		.claim = claim, .line = ps->line, .op = POLICY_IS,
	};
	struct policy_value *more;
	bool yes;
	enum atls_rc rc = ATLS_E_CONF;

	if (b->ignored[claim] == POLICY_BY_NAME)
		return parse_bad(ps, 0, "ignored above, and given here");
	switch (b->ops->claim[claim].type) {
	case ATLS_CLAIM_BYTES:
		rc = take_hex(ps, &v);
		if (rc == ATLS_OK && b->ops->claim[claim].len != 0 &&
		    v.bytes.len != b->ops->claim[claim].len)
			rc = parse_bad(ps, 1, "not as long as it can be");
		break;
	case ATLS_CLAIM_NUMBER:
		rc = take_number(ps, &v);
		break;
	case ATLS_CLAIM_BOOL:
		rc = parse_yes(ps, &yes);
		v.number = yes;
		break;
	case ATLS_CLAIM_TEXT:
		rc = take_text(ps, &v);
		break;
	}
	if (rc != ATLS_OK || (rc = not_opposite(ps, &v)) != ATLS_OK)
		return rc;
	if ((more = parse_more(b->value, b->nvalue, sizeof(v))) == NULL)
		return parse_no_memory(ps);
	b->value = more;
	b->value[b->nvalue++] = v;
	return ATLS_OK;
}

/* A name must not be given as well; a prefix means the rest of a family. */
static enum atls_rc
ignore_one(struct parse *ps, size_t w)
{
	struct policy_block *b = ps->b;
	struct parse_near near = { .word = ps->word[w] };
	struct rd r = rd_of(ps->word[w]);
	struct atls_bytes prefix = rd_take(&r, r.left < 2 ? 0 : r.left - 1);
	bool family = prefix.len > 0 && prefix.p[prefix.len - 1] == '.' &&
	    parse_is(rd_rest(&r), "*");
	char quote[PARSE_QUOTE];
	bool any = false;
	size_t i;

	for (i = 0; i < b->ops->nclaim; i++) {
		const char *name = b->ops->claim[i].name;

		if (family && strncmp(name, (const char *)prefix.p,
		    prefix.len) == 0) {
			any = true;
			if (b->ignored[i] == POLICY_HEED)
				b->ignored[i] = POLICY_BY_PREFIX;
		} else if (parse_is(ps->word[w], name)) {
			if (policy_gives(b, i))
				return parse_bad(ps, w,
				    "given above, and ignored here");
			any = true;
			b->ignored[i] = POLICY_BY_NAME;
		}
		parse_near(&near, name);
	}
	(void)parse_quote(ps->word[w], quote);
	if (any)
		return ATLS_OK;
	if (family || near.name == NULL)
		return parse_bad(ps, w, "\"%s\" is no claim of %s", quote,
		    b->ops->name);
	return parse_bad(ps, w, "no claim \"%s\", did you mean \"%s\"?", quote,
	    near.name);
}

enum atls_rc
parse_ignore(struct parse *ps)
{
	enum atls_rc rc;
	size_t w;

	for (w = 1; w < ps->nword; w++)
		if ((rc = ignore_one(ps, w)) != ATLS_OK)
			return rc;
	return ATLS_OK;
}
