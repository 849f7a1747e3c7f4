/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hex.h"
#include "json.h"
#include "utf8.h"

enum { PUT_U00 = 0x5c753030 };	/* \u00 */

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

/* RFC 8259, 2. */
void
json_space(struct rd *r)
{
	int c = rd_peek(*r);

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == \at(r->rc, Pre);
	    loop invariant c >= 0 ==> r->rc == ATLS_OK && r->left > 0;
	    loop assigns *r, c;
	    loop variant r->left; */
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		(void)rd_take(r, 1);
		c = rd_peek(*r);
	}
}

enum json_type
json_peek(struct rd r)
{
	int c = rd_peek(r);

	if (c < 0)
		return JSON_END;
	if (c == '"')
		return JSON_STRING;
	if (c == '[')
		return JSON_ARRAY;
	if (c == '{')
		return JSON_OBJECT;
	if (c == '-' || (c >= '0' && c <= '9'))
		return JSON_NUMBER;
	return JSON_OTHER;
}

/* What stands behind \u. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static uint32_t
hex4(struct rd *r)
{
	uint32_t v = 0, d;
	size_t i;

	/*@ loop invariant 0 <= i <= 4;
	    loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant i > 0 && r->rc == ATLS_OK ==>
		r->left < \at(r->left, Pre);
	    loop assigns *r, i, v, d;
	    loop variant 4 - i; */
	for (i = 0; i < 4; i++) {
		d = hex_digit((unsigned)rd_be(r, 1));
		if (d == HEX_NONE)
			rd_fail(r, ATLS_E_FORMAT);
		v = v << 4 | (d & 15);
	}
	return v;
}

/* RFC 8259, 7: two escapes make one character outside the first plane.  Half
 * a pair has no UTF-8, and every library does something else with it. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static uint32_t
unicode(struct rd *r)
{
	uint32_t hi = hex4(r), lo;

	if (hi < 0xd800 || hi > 0xdfff)
		return hi;
	expect(r, '\\');
	expect(r, 'u');
	lo = hex4(r);
	if (hi > 0xdbff || lo < 0xdc00 || lo > 0xdfff)
		rd_fail(r, ATLS_E_FORMAT);
	return 0x10000 + ((hi & 0x3ff) << 10 | (lo & 0x3ff));
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static uint32_t
escape(struct rd *r)
{
	uint64_t c = rd_be(r, 1);

	switch (c) {
	case '"':
	case '\\':
	case '/':
		return (uint32_t)c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		return unicode(r);
	default:
		rd_fail(r, ATLS_E_FORMAT);
		return 0;
	}
}

/* One character of a string, unescaped. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left); */
static uint32_t
char_get(struct rd *r)
{
	uint32_t c = utf8_get(r);

	if (c < 0x20)			/* RFC 8259, 7: must be escaped */
		rd_fail(r, ATLS_E_FORMAT);
	return c == '\\' ? escape(r) : c;
}

struct atls_bytes
json_str(struct rd *r)
{
	struct rd from;
	size_t n;

	expect(r, '"');
	from = *r;
	/*@ loop invariant rd_ok(*r) && rd_goes(from, *r);
	    loop assigns *r;
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (r->rc == ATLS_OK && rd_peek(*r) != '"')
		(void)char_get(r);
	n = from.left - r->left;
	expect(r, '"');
	if (r->rc != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return rd_take(&from, n);
}

/* RFC 8259, 6: no leading zeros, no sign that is not needed. */
uint64_t
json_uint(struct rd *r)
{
	uint64_t v = 0, d;
	int c = rd_peek(*r);
	bool zero = c == '0';

	if (c < '0' || c > '9')
		rd_fail(r, c < 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == ATLS_OK ==>
		r->left < \at(r->left, Pre) || (c >= '0' && c <= '9');
	    loop assigns *r, v, d, c;
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (r->rc == ATLS_OK && c >= '0' && c <= '9') {
		d = rd_be(r, 1) - '0';
		if (v > (UINT64_MAX - d) / 10)
			rd_fail(r, ATLS_E_LIMIT);
		v = v * 10 + d;
		c = zero ? -1 : rd_peek(*r);
	}
	return r->rc == ATLS_OK ? v : 0;
}

struct json_list
json_array(struct rd *r)
{
	expect(r, '[');
	return (struct json_list){ .close = ']' };
}

struct json_list
json_object(struct rd *r)
{
	expect(r, '{');
	return (struct json_list){ .close = '}' };
}

/* A comma must be followed by a value: the caller, reading it, finds the
 * closing bracket and fails. */
bool
json_next(struct rd *r, struct json_list *l)
{
	if (l->ended)
		return false;
	json_space(r);
	if (rd_peek(*r) == l->close) {
		(void)rd_take(r, 1);
		l->ended = true;
		return false;
	}
	if (l->begun) {
		expect(r, ',');
		json_space(r);
	}
	l->begun = true;
	return r->rc == ATLS_OK;
}

bool
json_member(struct rd *r, struct json_list *l, struct atls_bytes *name)
{
	*name = (struct atls_bytes){ NULL, 0 };
	if (!json_next(r, l))
		return false;
	*name = json_str(r);
	json_space(r);
	expect(r, ':');
	json_space(r);
	if (r->rc != ATLS_OK)
		*name = (struct atls_bytes){ NULL, 0 };
	return r->rc == ATLS_OK;
}

bool
json_str_eq(struct atls_bytes raw, struct atls_bytes raw2)
{
	struct rd a = rd_of(raw), b = rd_of(raw2);
	uint32_t diff = 0;

	/*@ loop invariant rd_ok(a) && rd_ok(b);
	    loop assigns a, b, diff;
	    loop variant a.left + (a.rc == ATLS_OK ? 1 : 0); */
	while (a.rc == ATLS_OK && b.rc == ATLS_OK && a.left > 0 && b.left > 0)
		diff |= char_get(&a) ^ char_get(&b);
	return diff == 0 && rd_done(&a) == ATLS_OK && rd_done(&b) == ATLS_OK;
}

bool
json_str_is(struct atls_bytes raw, const char *text)
{
	struct rd a = rd_of(raw);
	struct rd b = rd_of((struct atls_bytes){ (const uint8_t *)text,
	    strlen(text) });
	uint32_t diff = 0;

	/*@ loop invariant rd_ok(a) && rd_ok(b);
	    loop assigns a, b, diff;
	    loop variant a.left + (a.rc == ATLS_OK ? 1 : 0); */
	while (a.rc == ATLS_OK && b.rc == ATLS_OK && a.left > 0 && b.left > 0)
		diff |= char_get(&a) ^ utf8_get(&b);
	return diff == 0 && rd_done(&a) == ATLS_OK && rd_done(&b) == ATLS_OK;
}

void
json_text(struct wr *w, struct atls_bytes raw)
{
	struct rd r = rd_of(raw);

	/*@ loop invariant rd_ok(r) && wr_ok(w) && wr_went{Pre,Here}(w);
	    loop assigns r, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left + (r.rc == ATLS_OK ? 1 : 0); */
	while (r.rc == ATLS_OK && w->rc == ATLS_OK && r.left > 0)
		utf8_put(w, char_get(&r));
	if (r.rc != ATLS_OK)
		wr_fail(w, r.rc);
}

/* One character of a string that is written. */
/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
char_put(struct wr *w, uint32_t c)
{
	if (c == '"' || c == '\\')
		wr_be(w, '\\', 1);
	if (c < 0x20) {			/* at most 1f: \u0000, \u001f */
		wr_be(w, PUT_U00, 4);
		wr_be(w, '0' + (c >> 4), 1);
		c = (c & 15) < 10 ? '0' + (c & 15) : 'a' + (c & 15) - 10;
	}
	utf8_put(w, c);
}

/*@ requires wr_ok(w) && view_ok(text);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
static void
chars_put(struct wr *w, struct atls_bytes text)
{
	struct rd r = rd_of(text);

	/*@ loop invariant rd_ok(r) && wr_ok(w) && wr_went{Pre,Here}(w);
	    loop assigns r, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
	    loop variant r.left + (r.rc == ATLS_OK ? 1 : 0); */
	while (r.rc == ATLS_OK && w->rc == ATLS_OK && r.left > 0)
		char_put(w, utf8_get(&r));
	if (r.rc != ATLS_OK)
		wr_fail(w, ATLS_E_ARG);
}

void
json_put_str(struct wr *w, struct atls_bytes text)
{
	wr_be(w, '"', 1);
	chars_put(w, text);
	wr_be(w, '"', 1);
}
