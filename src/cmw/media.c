/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/rd.h"
#include "media.h"

#define NAME_MAX_LEN	127	/* octets of type or subtype: RFC 6838, 4.2 */

enum class { NAME_FIRST, NAME, TOKEN, QUOTED };

static bool
is_one(int c, const char *set)
{
	return c > 0 && c < 0x80 && strchr(set, c) != NULL;
}

/* RFC 9193, 3: which characters stand where.  -1, the end, stands nowhere. */
static bool
is(enum class k, int c)
{
	bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');

	switch (k) {
	case NAME_FIRST:
		return alnum;
	case NAME:
		return alnum || is_one(c, "!#$&-^_.+");
	case TOKEN:
		return alnum || is_one(c, "!#$%&'*+-.^_`|~");
	case QUOTED:
		return c >= ' ' && c <= '~' && c != '"' && c != '\\';
	}
	return false;
}

static void
expect(struct rd *r, int c)
{
	if (rd_peek(*r) != c)
		rd_fail(r, r->left == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	(void)rd_take(r, 1);
}

/* As many characters of this class as there are: at least one. */
static struct atls_bytes
run(struct rd *r, enum class k)
{
	struct rd from = *r;
	size_t n = 0;

	while (is(k, rd_peek(*r))) {
		(void)rd_take(r, 1);
		n++;
	}
	if (n == 0)
		rd_fail(r, r->left == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	return rd_take(&from, n);
}

static struct atls_bytes
name(struct rd *r)
{
	bool first = is(NAME_FIRST, rd_peek(*r));
	struct atls_bytes b = run(r, NAME);

	if (!first || b.len > NAME_MAX_LEN)
		rd_fail(r, ATLS_E_FORMAT);
	return b;
}

/* One character of a quoted-string: qdtext, or a backslash and any. */
static int
quoted_char(struct rd *r)
{
	int c = rd_peek(*r);

	(void)rd_take(r, 1);
	if (c == '\\') {
		c = rd_peek(*r);
		(void)rd_take(r, 1);
		if (c < ' ' || c > '~')
			rd_fail(r, ATLS_E_FORMAT);
	} else if (!is(QUOTED, c))
		rd_fail(r, ATLS_E_FORMAT);
	return c;
}

static struct atls_bytes
quoted(struct rd *r)
{
	struct rd from;
	size_t n;

	expect(r, '"');
	from = *r;
	while (r->rc == ATLS_OK && rd_peek(*r) != '"')
		(void)quoted_char(r);
	n = from.left - r->left;
	expect(r, '"');
	return rd_take(&from, n);
}

static void
spaces(struct rd *r)
{
	while (rd_peek(*r) == ' ')
		(void)rd_take(r, 1);
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool
eq_fold(struct atls_bytes a, struct atls_bytes b)
{
	struct rd ra = rd_of(a), rb = rd_of(b);
	int diff = 0;

	if (a.len != b.len)
		return false;
	while (ra.left > 0)
		diff |= lower((int)rd_be(&ra, 1)) ^ lower((int)rd_be(&rb, 1));
	return diff == 0;
}

static const struct media_param *
find(const struct media *m, struct atls_bytes key)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (eq_fold(m->param[i].name, key))
			return &m->param[i];
	return NULL;
}

static void
param(struct rd *r, struct media *m)
{
	struct media_param p;

	spaces(r);
	expect(r, ';');
	spaces(r);
	p.name = run(r, TOKEN);
	expect(r, '=');
	p.quoted = rd_peek(*r) == '"';
	p.value = p.quoted ? quoted(r) : run(r, TOKEN);
	if (find(m, p.name) != NULL)	/* RFC 6838, 4.3: an error */
		rd_fail(r, ATLS_E_FORMAT);
	if (m->n >= MEDIA_PARAMS)
		rd_fail(r, ATLS_E_LIMIT);
	else
		m->param[m->n++] = p;
}

enum atls_rc
media_parse(struct atls_bytes text, struct media *m)
{
	struct rd r = rd_of(text);

	*m = (struct media){ .n = 0 };
	if (text.len > ATLS_MEDIA_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	m->type = name(&r);
	expect(&r, '/');
	m->subtype = name(&r);
	while (r.rc == ATLS_OK && r.left > 0)
		param(&r, m);
	if (r.rc != ATLS_OK)
		*m = (struct media){ .n = 0 };
	return r.rc;
}

static int
value_char(struct rd *r, bool is_quoted)
{
	return is_quoted ? quoted_char(r) : (int)rd_be(r, 1);
}

static bool
value_eq(const struct media_param *a, const struct media_param *b)
{
	struct rd ra = rd_of(a->value), rb = rd_of(b->value);
	int diff = 0;

	while (ra.left > 0 && rb.left > 0)
		diff |= value_char(&ra, a->quoted) ^ value_char(&rb, b->quoted);
	return diff == 0 && rd_done(&ra) == ATLS_OK && rd_done(&rb) == ATLS_OK;
}

/* Names are unique in each, so equal numbers and one direction suffice. */
bool
media_eq(const struct media *a, const struct media *b)
{
	const struct media_param *p;
	size_t i;

	if (a->type.len == 0 || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		p = find(b, a->param[i].name);
		if (p == NULL || !value_eq(&a->param[i], p))
			return false;
	}
	return eq_fold(a->type, b->type) && eq_fold(a->subtype, b->subtype);
}

/* IANA, "CoAP Content-Formats": those in use for attestation. */
static const struct {
	unsigned	 format;
	const char	*media;
} formats[] = {
	{ 60, "application/cbor" },
	{ 61, "application/cwt" },
	{ 263, "application/eat+cwt" },
	{ 264, "application/eat+jwt" },
	{ 265, "application/eat-bun+cbor" },
	{ 266, "application/eat-bun+json" },
	{ 267, "application/eat-ucs+cbor" },
	{ 268, "application/eat-ucs+json" },
	{ 273, "application/cmw+cbor" },
	{ 274, "application/cmw+json" },
	{ 275, "application/cmw+cose" },
	{ 276, "application/cmw+jws" },
	{ 601, "application/uccs+cbor" },
	{ 10003, "application/eat+cwt; "
	    "eat_profile=\"tag:psacertified.org,2023:psa#tfm\"" },
	{ 10004, "application/eat+cwt; "
	    "eat_profile=\"tag:psacertified.org,2019:psa#legacy\"" },
	{ 10005, "application/eat+cwt; eat_profile=2.16.840.1.113741.1.16.1" },
	{ 10570, "application/toc+cbor" },
	{ 10571, "application/ce+cbor" },
	{ 10572, "application/toc+cbor; profile=2.16.840.1.113741.1.16.1" },
	{ 10573, "application/ce+cbor; profile=2.16.840.1.113741.1.16.1" },
};

const char *
media_of_format(unsigned format)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].format == format)
			return formats[i].media;
	return NULL;
}
