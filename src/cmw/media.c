/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/rd.h"
#include "media.h"

#define NAME_MAX_LEN	127	/* octets of type or subtype: RFC 6838, 4.2 */

enum class { NAME_FIRST, NAME, TOKEN, QUOTED };

static const struct media no_media;

/*@ admit requires text_ok(set);
    assigns \nothing;
    exits \false;
    ensures \result ==> c > 0; */
static bool
is_one(int c, const char *set)
{
	return c > 0 && c < 0x80 && strchr(set, c) != NULL;
}

/* RFC 9193, 3: which characters stand where.  -1, the end, stands nowhere. */
/*@ assigns \nothing;
    exits \false;
    ensures \result ==> c > 0; */
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

/*@ requires \valid(r) && rd_ok(*r) && c >= 0;
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static void
expect(struct rd *r, int c)
{
	if (rd_peek(*r) != c)
		rd_fail(r, r->left == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	(void)rd_take(r, 1);
}

/* As many characters of this class as there are: at least one. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
run(struct rd *r, enum class k)
{
	struct rd from = *r;
	size_t n = 0;

	/*@ loop invariant rd_ok(*r) && rd_goes(from, *r);
	    loop invariant n == from.left - r->left;
	    loop invariant r->rc == from.rc;
	    loop assigns *r, n;
	    loop variant r->left; */
	while (is(k, rd_peek(*r))) {
		(void)rd_take(r, 1);
		n++;
	}
	if (n == 0)
		rd_fail(r, r->left == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	return rd_take(&from, n);
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
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
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
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

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
quoted(struct rd *r)
{
	struct rd from;
	size_t n;

	expect(r, '"');
	from = *r;
	/*@ loop invariant rd_ok(*r) && rd_goes(from, *r);
	    loop assigns *r;
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (r->rc == ATLS_OK && rd_peek(*r) != '"')
		(void)quoted_char(r);
	n = from.left - r->left;
	expect(r, '"');
	return rd_take(&from, n);
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
spaces(struct rd *r)
{
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == \at(r->rc, Pre);
	    loop assigns *r;
	    loop variant r->left; */
	while (rd_peek(*r) == ' ')
		(void)rd_take(r, 1);
}

//@ assigns \nothing; exits \false;
static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/*@ requires view_ok(a) && view_ok(b);
    assigns \nothing;
    exits \false; */
static bool
eq_fold(struct atls_bytes a, struct atls_bytes b)
{
	struct rd ra = rd_of(a), rb = rd_of(b);
	int diff = 0;

	if (a.len != b.len)
		return false;
	/*@ loop invariant rd_ok(ra) && rd_ok(rb) && ra.rc == ATLS_OK;
	    loop assigns ra, rb, diff;
	    loop variant ra.left; */
	while (ra.left > 0)
		diff |= lower((int)rd_be(&ra, 1)) ^ lower((int)rd_be(&rb, 1));
	return diff == 0;
}

/* The place of the parameter of this name, or m->n. */
/*@ requires \valid_read(m) && media_ok(*m) && view_ok(key);
    assigns \nothing;
    exits \false;
    ensures \result <= m->n; */
static size_t
find(const struct media *m, struct atls_bytes key)
{
	size_t i;

	/*@ loop invariant 0 <= i <= m->n;
	    loop assigns i;
	    loop variant m->n - i; */
	for (i = 0; i < m->n; i++)
		if (eq_fold(m->param[i].name, key))
			break;
	return i;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result.name) && rd_has(\old(*r), \result.name);
    ensures view_ok(\result.value) && rd_has(\old(*r), \result.value); */
static struct media_param
param(struct rd *r)
{
	struct media_param p;

	spaces(r);
	expect(r, ';');
	spaces(r);
	p.name = run(r, TOKEN);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	expect(r, '=');
	p.quoted = rd_peek(*r) == '"';
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	p.value = p.quoted ? quoted(r) : run(r, TOKEN);
	return p;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(m) && media_ok(*m);
    requires \separated(r, m);
    assigns *r, m->n, m->param[0 .. MEDIA_PARAMS - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures media_ok(*m); */
static void
add_param(struct rd *r, struct media *m)
{
	struct media_param p = param(r);

	if (find(m, p.name) < m->n)	/* RFC 6838, 4.3: an error */
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

	*m = no_media;
	if (text.len > ATLS_MEDIA_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	m->type = name(&r);
	expect(&r, '/');
	m->subtype = name(&r);
	/*@ loop invariant rd_ok(r) && media_ok(*m);
	    loop assigns r, m->n, m->param[0 .. MEDIA_PARAMS - 1];
	    loop variant r.left + (r.rc == ATLS_OK ? 1 : 0); */
	while (r.rc == ATLS_OK && r.left > 0)
		add_param(&r, m);
	if (r.rc != ATLS_OK)
		*m = no_media;
	return r.rc;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static int
value_char(struct rd *r, bool is_quoted)
{
	return is_quoted ? quoted_char(r) : (int)rd_be(r, 1);
}

/*@ requires \valid_read(a) && view_ok(a->value);
    requires \valid_read(b) && view_ok(b->value);
    assigns \nothing;
    exits \false; */
static bool
value_eq(const struct media_param *a, const struct media_param *b)
{
	struct rd ra = rd_of(a->value), rb = rd_of(b->value);
	int diff = 0;

	/*@ loop invariant rd_ok(ra) && rd_ok(rb);
	    loop assigns ra, rb, diff;
	    loop variant ra.left + (ra.rc == ATLS_OK ? 1 : 0); */
	while (rd_peek(ra) >= 0 && rd_peek(rb) >= 0)
		diff |= value_char(&ra, a->quoted) ^ value_char(&rb, b->quoted);
	return diff == 0 && rd_done(&ra) == ATLS_OK && rd_done(&rb) == ATLS_OK;
}

/* Names are unique in each, so equal numbers and one direction suffice. */
bool
media_eq(const struct media *a, const struct media *b)
{
	size_t i, k;

	if (a->type.len == 0 || a->n != b->n)
		return false;
	/*@ loop invariant 0 <= i <= a->n;
	    loop assigns i, k;
	    loop variant a->n - i; */
	for (i = 0; i < a->n; i++) {
		k = find(b, a->param[i].name);
		if (k == b->n || !value_eq(&a->param[i], &b->param[k]))
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

	/*@ loop invariant 0 <= i <= sizeof(formats) / sizeof(formats[0]);
	    loop assigns i;
	    loop variant sizeof(formats) / sizeof(formats[0]) - i; */
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].format == format)
			return formats[i].media;
	return NULL;
}
