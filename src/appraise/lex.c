/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/utf8.h"
#include "parse.h"

/* Is the line UTF-8 text without control characters, but for the tab?  If
 * not, *at is where. */
static bool
is_text(struct atls_bytes line, size_t *at)
{
	struct rd r = rd_of(line);
	uint32_t c;

	while (r.left > 0) {
		*at = r.off;
		c = utf8_get(&r);
		if (r.rc != ATLS_OK || (c < 0x20 && c != '\t') ||
		    (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

/* A comment begins with a '#' that begins a word. */
static void
cut_words(struct parse *ps)
{
	struct rd r = rd_of((struct atls_bytes){ ps->octets, ps->noctets });
	struct atls_bytes word = { NULL, 0 }, c;

	ps->nword = 0;
	for (;;) {
		c = rd_take(&r, 1);
		if (c.len == 1 && *c.p != ' ' && *c.p != '\t') {
			if (word.len == 0 && *c.p == '#')
				return;
			if (word.len == 0)
				word.p = c.p;
			word.len++;
			continue;
		}
		if (word.len > 0)	/* with what ends it, two octets */
			ps->word[ps->nword++] = word;
		word.len = 0;
		if (c.len == 0)
			return;
	}
}

enum atls_rc
parse_line(struct parse *ps, bool *more)
{
	struct atls_bytes c;
	size_t at;

	*more = ps->in.left > 0;
	ps->noctets = 0;
	ps->nword = 0;
	if (!*more)
		return ATLS_OK;
	ps->line++;
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
	for (i = 0; i < n; i++)
		out[i] = (char)(word.p[i] < 0x7f ? word.p[i] : '?');
	if (n < word.len)
		memcpy(out + n - 2, "..", 2);
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
static size_t
edit_distance(struct atls_bytes a, const char *b, size_t nb)
{
	size_t row[NEAR_MAX + 1], i, j, diagonal, above, best;

	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= a.len; i++) {
		diagonal = row[0];
		row[0] = i;
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
