/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "parse.h"

/* Each of these reads the one word behind its key. */
/*@ requires parse_ok(ps) && ps->nword >= 2;
    assigns *ps->err;
    exits \false;
    ensures \result == ATLS_E_CONF; */
static enum atls_rc
bad_value(struct parse *ps, const char *wanted)
{
	char quote[PARSE_QUOTE];

	return parse_bad(ps, 1, "\"%s\" is not %s",
	    parse_quote(ps->word[1], quote), wanted);
}

static enum atls_rc
set_peer(struct parse *ps)
{
	if (parse_is(ps->word[1], "required"))
		ps->p->peer = POLICY_REQUIRED;
	else if (parse_is(ps->word[1], "optional"))
		ps->p->peer = POLICY_OPTIONAL;
	else
		return bad_value(ps, "required or optional");
	return ATLS_OK;
}

static enum atls_rc
set_self(struct parse *ps)
{
	if (parse_is(ps->word[1], "required"))
		ps->p->self = POLICY_REQUIRED;
	else if (parse_is(ps->word[1], "optional"))
		ps->p->self = POLICY_OPTIONAL;
	else if (parse_is(ps->word[1], "never"))
		ps->p->self = POLICY_NEVER;
	else
		return bad_value(ps, "required, optional or never");
	return ATLS_OK;
}

enum atls_rc
parse_yes(struct parse *ps, bool *out)
{
	*out = parse_is(ps->word[1], "yes");
	if (!*out && !parse_is(ps->word[1], "no"))
		return bad_value(ps, "yes or no");
	return ATLS_OK;
}

static enum atls_rc
set_allow_debug(struct parse *ps)
{
	return parse_yes(ps, &ps->b->allow_debug);
}

static enum atls_rc
set_allow_simulated(struct parse *ps)
{
	return parse_yes(ps, &ps->b->allow_simulated);
}

static enum atls_rc
set_binding_min(struct parse *ps)
{
	enum atls_binding b;

	for (b = ATLS_BINDING_NONE; b <= ATLS_BINDING_EXPORTER; b++)
		if (parse_is(ps->word[1], atls_binding_name(b))) {
			ps->b->binding_min = b;
			ps->b->binding_line = ps->line;
			return ATLS_OK;
		}
	return bad_value(ps,
	    "none, key, nonce+key, transcript or exporter");
}

static enum atls_rc
set_freshness_min(struct parse *ps)
{
	enum atls_freshness f;

	for (f = ATLS_F0; f <= ATLS_F4; f++)
		if (parse_is(ps->word[1], atls_freshness_name(f))) {
			ps->b->freshness_min = f;
			ps->b->freshness_line = ps->line;
			return ATLS_OK;
		}
	return bad_value(ps, "F0, F1, F2, F3 or F4");
}

bool
parse_number(struct atls_bytes digits, uint64_t *out)
{
	struct rd r = rd_of(digits);
	uint64_t d;

	*out = 0;
	if (digits.len == 0)
		return false;
	/*@ loop invariant rd_ok(r) && r.rc == ATLS_OK;
	    loop assigns r, d, *out;
	    loop variant r.left; */
	while (r.left > 0) {
		if (*out == 0 && r.off > 0)	/* one way to write each */
			return false;
		d = rd_be(&r, 1);
		if (d < '0' || d > '9')
			return false;
		d -= '0';
		if (*out > (UINT64_MAX - d) / 10)
			return false;
		*out = *out * 10 + d;
	}
	return true;
}

enum atls_rc
parse_seconds(struct parse *ps, int64_t max, int64_t *out)
{
	static const struct { char unit; uint64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	struct rd r = rd_of(ps->word[1]);
	struct atls_bytes digits = rd_take(&r, r.left - 1);
	uint64_t unit = rd_be(&r, 1), n;
	char quote[PARSE_QUOTE];
	size_t i;

	*out = 0;
	if (parse_is(ps->word[1], "none"))
		return ATLS_OK;
	/*@ loop invariant 0 <= i <= 4;
	    loop assigns i;
	    loop variant 4 - i; */
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (unit == (uint64_t)units[i].unit)
			break;
	if (i == sizeof(units) / sizeof(units[0]) ||
	    !parse_number(digits, &n))
		return bad_value(ps, "none, or a number with s, m, h or d");
	if (n == 0 || n > (uint64_t)max / units[i].seconds)
		return parse_bad(ps, 1, "\"%s\" is not from 1s to %dd",
		    parse_quote(ps->word[1], quote), (int)(max / 86400));
	*out = (int64_t)(n * units[i].seconds);
	return ATLS_OK;
}

static enum atls_rc
set_max_age(struct parse *ps)
{
	return parse_seconds(ps, POLICY_MAX_AGE_MAX, &ps->b->max_age);
}

static enum atls_rc
set_evidence_max(struct parse *ps)
{
	uint64_t n;

	if (!parse_number(ps->word[1], &n) || n == 0 ||
	    n > POLICY_EVIDENCE_MAX)
		return parse_bad(ps, 1, "not from 1 to %d octets",
		    POLICY_EVIDENCE_MAX);
	ps->b->evidence_max = (size_t)n;
	ps->b->size_line = ps->line;
	return ATLS_OK;
}

/* HEAD: before the first block.  ONCE: at most one line, in its place. */
enum { HEAD = 1, BLOCK = 2, ONCE = 4, WORDS = 8 };

static const struct key {
	const char	*name;
	unsigned	 is;
	enum atls_rc	(*set)(struct parse *);
} keys[] = {
	{ "peer",		HEAD | ONCE,	set_peer },
	{ "self",		HEAD | ONCE,	set_self },
	{ "kind",		HEAD | BLOCK,	parse_kind },
	{ "anchor",		BLOCK,		parse_anchor },
	{ "crl",		BLOCK,		parse_crl },
	{ "instance",		BLOCK,		parse_instance },
	{ "ignore",		BLOCK | WORDS,	parse_ignore },
	{ "allow-debug",	BLOCK | ONCE,	set_allow_debug },
	{ "allow-simulated",	BLOCK | ONCE,	set_allow_simulated },
	{ "binding-min",	BLOCK | ONCE,	set_binding_min },
	{ "freshness-min",	BLOCK | ONCE,	set_freshness_min },
	{ "max-age",		BLOCK | ONCE,	set_max_age },
	{ "evidence-max",	BLOCK | ONCE,	set_evidence_max },
	{ "key",		BLOCK,		parse_key },
	{ "tcb-status",		BLOCK | WORDS,	parse_tcb_status },
	{ "allow-advisory",	BLOCK | WORDS,	parse_advisory },
	{ "grace",		BLOCK | ONCE,	parse_grace },
	{ "tcb-eval-min",	BLOCK | ONCE,	parse_eval_min },
};

#define NKEYS	(sizeof(keys) / sizeof(keys[0]))

_Static_assert(NKEYS <= PARSE_KEYS_MAX, "a line to remember for each key");

static enum atls_rc
unknown(struct parse *ps)
{
	struct parse_near near = { .word = ps->word[0] };
	char quote[PARSE_QUOTE];
	size_t i;

	(void)parse_quote(ps->word[0], quote);
	for (i = 0; i < NKEYS; i++)
		parse_near(&near, keys[i].name);
	for (i = 0; ps->b != NULL && i < ps->b->ops->nclaim; i++)
		parse_near(&near, ps->b->ops->claim[i].name);
	if (near.name == NULL)
		return parse_bad(ps, 0, "unknown key \"%s\"", quote);
	return parse_bad(ps, 0, "unknown key \"%s\", did you mean \"%s\"?",
	    quote, near.name);
}

static enum atls_rc
words_for(struct parse *ps, bool many)
{
	if (ps->nword == 1)
		return parse_bad(ps, 0, "a value is missing");
	if (ps->nword > 2 && !many)
		return parse_bad(ps, 2, "one value is enough");
	return ATLS_OK;
}

static enum atls_rc
key_line(struct parse *ps, size_t k)
{
	enum atls_rc rc;

	if (ps->b == NULL && !(keys[k].is & HEAD))
		return parse_bad(ps, 0, "\"%s\" belongs behind a \"kind\"",
		    keys[k].name);
	if (ps->b != NULL && !(keys[k].is & BLOCK))
		return parse_bad(ps, 0,
		    "\"%s\" belongs before the first \"kind\"", keys[k].name);
	if ((keys[k].is & ONCE) && ps->said[k] != 0)
		return parse_bad(ps, 0, "\"%s\" was said in line %u",
		    keys[k].name, ps->said[k]);
	if ((rc = words_for(ps, keys[k].is & WORDS)) != ATLS_OK)
		return rc;
	ps->said[k] = ps->line;
	return keys[k].set(ps);
}

enum atls_rc
parse_words(struct parse *ps)
{
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (parse_is(ps->word[0], keys[i].name))
			return key_line(ps, i);
	for (i = 0; ps->b != NULL && i < ps->b->ops->nclaim; i++) {
		if (!parse_is(ps->word[0], ps->b->ops->claim[i].name))
			continue;
		if ((rc = words_for(ps, ps->b->ops->claim[i].type ==
		    ATLS_CLAIM_TEXT)) != ATLS_OK)
			return rc;
		return parse_claim(ps, i);
	}
	return unknown(ps);
}
