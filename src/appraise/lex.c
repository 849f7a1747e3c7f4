/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/utf8.h"
#include "parse.h"

/* Is the line UTF-8 text without control characters, but for the tab?  If
 * not, *at is where. */
/*@ requires view_ok(line) && \valid(at);
    assigns *at;
    exits \false;
    ensures !\result ==> *at < line.len; */
static bool
is_text(struct atls_bytes line, size_t *at)
{
	struct rd r = rd_of(line);
	uint32_t c;

	/*@ loop invariant rd_ok(r) && r.rc == ATLS_OK &&
		r.off + r.left == line.len;
	    loop assigns r, c, *at;
	    loop variant r.left; */
	while (r.left > 0) {
		*at = r.off;
		c = utf8_get(&r);
		if (r.rc != ATLS_OK || (c < 0x20 && c != '\t') ||
		    (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

//@ assigns \nothing; exits \false;
static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* A comment begins with a '#' that begins a word. */
/*@ requires \valid(ps) && ps->noctets <= POLICY_LINE_MAX;
    assigns ps->word[0 .. PARSE_WORDS_MAX - 1], ps->nword;
    exits \false;
    ensures line_ok(ps); */
static void
cut_words(struct parse *ps)
{
	size_t i = 0, start;

	ps->nword = 0;
	/*@ loop invariant 2 * ps->nword <= i <= ps->noctets + 1;
	    loop invariant \forall integer k; 0 <= k < ps->nword ==>
		word_ok(ps, k) && word_at(ps, k) < i &&
		word_at(ps, k) <= word_at(ps, ps->nword - 1);
	    loop assigns i, start, ps->nword,
		ps->word[0 .. PARSE_WORDS_MAX - 1];
	    loop variant ps->noctets + 1 - i; */
	while (i < ps->noctets) {
		if (is_blank(ps->octets[i])) {
			i++;
			continue;
		}
		if (ps->octets[i] == '#')
			return;
		start = i++;
		/*@ loop invariant start < i <= ps->noctets;
		    loop assigns i;
		    loop variant ps->noctets - i; */
		while (i < ps->noctets && !is_blank(ps->octets[i]))
			i++;
		ps->word[ps->nword].p = ps->octets + start;
		ps->word[ps->nword].len = i - start;
		ps->nword++;
		i++;		/* with what ends it, two octets */
	}
}

/* What is longer than a line may be is cut off, and too long all the same. */
/*@ requires \valid(ps) && rd_ok(ps->in);
    assigns ps->in, ps->octets[0 .. POLICY_LINE_MAX], ps->noctets;
    exits \false;
    ensures rd_ok(ps->in) && rd_went{Pre,Post}(&ps->in);
    ensures ps->noctets <= POLICY_LINE_MAX + 1;
    ensures \old(ps->in.rc) == ATLS_OK && \old(ps->in.left) > 0 ==>
	ps->in.left < \old(ps->in.left); */
static void
take_line(struct parse *ps)
{
	struct atls_bytes c;

	ps->noctets = 0;
	/*@ loop invariant ps->noctets <= POLICY_LINE_MAX + 1;
	    loop invariant rd_ok(ps->in) && rd_went{Pre,Here}(&ps->in);
	    loop invariant ps->in.rc == \at(ps->in.rc, Pre);
	    loop invariant ps->noctets > 0 ==>
		ps->in.left < \at(ps->in.left, Pre);
	    loop assigns c, ps->in, ps->noctets,
		ps->octets[0 .. POLICY_LINE_MAX];
	    loop variant ps->in.left; */
	for (;;) {
		c = rd_take(&ps->in, 1);
		if (c.len == 0 || *c.p == '\n')
			break;
		if (ps->noctets == sizeof(ps->octets))
			break;
		ps->octets[ps->noctets++] = *c.p;
	}
	if (c.len == 1 && *c.p == '\n' && ps->noctets > 0 &&
	    ps->octets[ps->noctets - 1] == '\r')
		ps->noctets--;
}

enum atls_rc
parse_line(struct parse *ps, bool *more)
{
	size_t at;

	*more = ps->in.left > 0;
	ps->noctets = 0;
	ps->nword = 0;
	if (!*more)
		return ATLS_OK;
	ps->line++;
	take_line(ps);
	if (ps->noctets > POLICY_LINE_MAX)
		return parse_bad_line(ps, ps->line, "longer than %d octets",
		    POLICY_LINE_MAX);
	if (!is_text((struct atls_bytes){ ps->octets, ps->noctets }, &at))
		return err_set(ps->err, ATLS_E_CONF, "policy", 0,
		    "%u:%zu: octet %02x is not text", ps->line, at + 1,
		    ps->octets[at]);
	cut_words(ps);
	return ATLS_OK;
}

bool
parse_is(struct atls_bytes word, const char *s)
{
	return atls_ct_eq(word, (struct atls_bytes){ (const uint8_t *)s,
	    strlen(s) });
}

const char *
parse_quote(struct atls_bytes word, char out[PARSE_QUOTE])
{
	size_t i, n = word.len;

	if (n > PARSE_QUOTE - 1)
		n = PARSE_QUOTE - 1;
	/*@ loop invariant 0 <= i <= n;
	    loop assigns i, out[0 .. PARSE_QUOTE - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		out[i] = (char)(word.p[i] < 0x7f ? word.p[i] : '?');
	if (n < word.len)
		out[n - 1] = out[n - 2] = '.';
	out[n] = '\0';
	return out;
}

static enum atls_rc
bad_at(struct parse *ps, unsigned line, size_t column, const char *fmt,
    va_list ap)
{
	char what[sizeof(ps->err->detail)];

	(void)vsnprintf(what, sizeof(what), fmt, ap);
	return err_set(ps->err, ATLS_E_CONF, "policy", 0, "%u:%zu: %s", line,
	    column, what);
}

enum atls_rc
parse_bad(struct parse *ps, size_t w, const char *fmt, ...)
{
	enum atls_rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = bad_at(ps, ps->line, (size_t)(ps->word[w].p - ps->octets) + 1,
	    fmt, ap);
	va_end(ap);
	return rc;
}

enum atls_rc
parse_bad_line(struct parse *ps, unsigned line, const char *fmt, ...)
{
	enum atls_rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = bad_at(ps, line, 1, fmt, ap);
	va_end(ap);
	return rc;
}

enum atls_rc
parse_no_memory(struct parse *ps)
{
	return err_set(ps->err, ATLS_E_MEM, "policy", 0, "no memory");
}

#define NEAR_MAX	64	/* octets of a candidate */

/* Letters to insert, leave out or change to make one of the other. */
/*@ requires view_ok(a) && a.len <= POLICY_LINE_MAX && nb <= NEAR_MAX;
    requires nb == 0 || \valid_read(b + (0 .. nb - 1));
    assigns \nothing;
    exits \false; */
static size_t
edit_distance(struct atls_bytes a, const char *b, size_t nb)
{
	size_t row[NEAR_MAX + 1], i, j, diagonal, above, best;

	/*@ loop invariant 0 <= j <= nb + 1;
	    loop assigns j, row[0 .. nb];
	    loop variant nb + 1 - j; */
	for (j = 0; j <= nb; j++)
		row[j] = j;
	/*@ loop invariant 1 <= i <= a.len + 1;
	    loop assigns i, j, diagonal, above, best, row[0 .. nb];
	    loop variant a.len + 1 - i; */
	for (i = 1; i <= a.len; i++) {
		diagonal = row[0];
		row[0] = i;
		/*@ loop invariant 1 <= j <= nb + 1;
		    loop assigns j, diagonal, above, best, row[1 .. nb];
		    loop variant nb + 1 - j; */
		for (j = 1; j <= nb; j++) {
			above = row[j];
			best = diagonal + (a.p[i - 1] != (uint8_t)b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[nb];
}

void
parse_near(struct parse_near *n, const char *candidate)
{
	size_t d, len = strlen(candidate);

	if (len > NEAR_MAX)
		return;
	d = edit_distance(n->word, candidate, len);
	if (d > 1 + n->word.len / 4)
		return;
	if (n->name == NULL || d < n->distance) {
		n->name = candidate;
		n->distance = d;
	}
}
