/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cbor.h"
#include "utf8.h"

enum {				/* RFC 8949, 3 and 3.3: of the initial octet */
	INFO_1 = 24, INFO_2 = 25, INFO_4 = 26, INFO_8 = 27,
	INFO_INDEFINITE = 31,
	OCTET_FALSE = 0xf4, OCTET_TRUE = 0xf5, OCTET_NULL = 0xf6,
	OCTET_BREAK = 0xff,
};

struct head {
	enum cbor_type	type;
	unsigned	info;
	uint64_t	arg;
	bool		indefinite;
};

/* RFC 8949, 4.2.1: an argument stands in the shortest of its forms. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> info <= 27 &&
	r->left == \old(r->left) - cbor_more(info) &&
	cbor_least(info) <= \result &&
	\result == (info < 24 ? info : be(\old(r->p), cbor_more(info))); */
static uint64_t
head_arg(struct rd *r, unsigned info)
{
	uint64_t v, min;

	switch (info) {
	case INFO_1:
		v = rd_be(r, 1);
		min = INFO_1;
		break;
	case INFO_2:
		v = rd_be(r, 2);
		min = 0x100;
		break;
	case INFO_4:
		v = rd_be(r, 4);
		min = 0x10000;
		break;
	case INFO_8:
		v = rd_be(r, 8);
		min = 0x100000000;
		break;
	default:
		if (info > INFO_8)	/* 28..30 mean nothing: RFC 8949, 3 */
			rd_fail(r, ATLS_E_FORMAT);
		return info;
	}
	if (v < min)
		rd_fail(r, ATLS_E_FORMAT);
	return v;
}

/* Simple values and floats: their octets are no length, any will do. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    */
static uint64_t
head_simple(struct rd *r, unsigned info)
{
	uint64_t v;

	switch (info) {
	case INFO_1:
		v = rd_be(r, 1);
		if (v < 32)		/* RFC 8949, 3.3: not well formed */
			rd_fail(r, ATLS_E_FORMAT);
		return v;
	case INFO_2:
		return rd_be(r, 2);
	case INFO_4:
		return rd_be(r, 4);
	case INFO_8:
		return rd_be(r, 8);
	default:
		if (info > INFO_8)	/* also a break where an item must be */
			rd_fail(r, ATLS_E_FORMAT);
		return info;
	}
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures r->rc == ATLS_OK && \result.type != CBOR_SIMPLE &&
	!\result.indefinite ==> \result.arg == cbor_arg(\old(r->p)) &&
	cbor_took(\old(*r), *r, \result.type, 0);
    ensures \result.indefinite ==> r->rc == ATLS_OK && any &&
	\result.type != CBOR_SIMPLE && \result.arg == 0;
    ensures r->rc != ATLS_OK ==> \result.type == CBOR_END; */
static struct head
head_get(struct rd *r, bool any)
{
	unsigned b = (unsigned)rd_be(r, 1);
	struct head h = { .type = (enum cbor_type)(b >> 5), .info = b & 31 };

	if (h.type == CBOR_SIMPLE)
		h.arg = head_simple(r, h.info);
	else if (h.info == INFO_INDEFINITE && any)
		h.indefinite = true;
	else
		h.arg = head_arg(r, h.info);
	if (r->rc != ATLS_OK)
		return (struct head){ .type = CBOR_END };
	return h;
}

/* The head of an item that must be of this type; 0 on failure. */
/*@ requires \valid(r) && rd_ok(*r) && type < CBOR_SIMPLE;
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures cbor_took(\old(*r), *r, type, 0);
    ensures \result == (r->rc == ATLS_OK ? cbor_arg(\old(r->p)) : 0); */
static uint64_t
head_of(struct rd *r, enum cbor_type type)
{
	struct head h = head_get(r, false);

	if (h.type != type)
		rd_fail(r, ATLS_E_FORMAT);
	return r->rc == ATLS_OK ? h.arg : 0;
}

/* n comes from the input and may not fit size_t. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(\result) && rd_has(\old(*r), \result) &&
	rd_over(\old(*r), *r, \result);
    ensures r->rc == ATLS_OK ==> \result.len == n &&
	r->left == \old(r->left) - n;
    ensures r->rc != ATLS_OK ==> \result.len == 0; */
static struct atls_bytes
take(struct rd *r, uint64_t n)
{
	if (n > r->left) {
		rd_fail(r, ATLS_E_TRUNC);
		n = 0;
	}
	return rd_take(r, (size_t)n);
}

enum cbor_type
cbor_peek(struct rd r)
{
	int b = rd_peek(r);

	return b < 0 ? CBOR_END : (enum cbor_type)(b >> 5);
}

uint64_t
cbor_uint(struct rd *r)
{
	return head_of(r, CBOR_UINT);
}

uint64_t
cbor_nint(struct rd *r)
{
	return head_of(r, CBOR_NINT);
}

int64_t
cbor_int(struct rd *r)
{
	bool neg = cbor_peek(*r) == CBOR_NINT;
	uint64_t n = neg ? cbor_nint(r) : cbor_uint(r);

	if (n > INT64_MAX) {
		rd_fail(r, ATLS_E_LIMIT);
		return 0;
	}
	return neg && r->rc == ATLS_OK ? -1 - (int64_t)n : (int64_t)n;
}

struct atls_bytes
cbor_bstr(struct rd *r)
{
	return take(r, head_of(r, CBOR_BSTR));
}

struct atls_bytes
cbor_tstr(struct rd *r)
{
	struct atls_bytes s = take(r, head_of(r, CBOR_TSTR));

	if (!utf8_ok(s)) {
		rd_fail(r, ATLS_E_FORMAT);
		return (struct atls_bytes){ NULL, 0 };
	}
	return s;
}

uint64_t
cbor_tag(struct rd *r)
{
	return head_of(r, CBOR_TAG);
}

bool
cbor_bool(struct rd *r)
{
	uint64_t b = rd_be(r, 1);

	if (b != OCTET_FALSE && b != OCTET_TRUE)
		rd_fail(r, ATLS_E_FORMAT);
	return b == OCTET_TRUE;
}

bool
cbor_null(struct rd *r)
{
	if (rd_peek(*r) != OCTET_NULL)
		return false;
	(void)rd_take(r, 1);
	return true;
}

/* Each item has at least one octet: no count can promise more than is left. */
/*@ requires \valid(r) && rd_ok(*r) && (type == CBOR_ARRAY || type == CBOR_MAP);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures !\result.indefinite ==> cbor_took(\old(*r), *r, type, 0) &&
	\result.left == (r->rc == ATLS_OK ? cbor_arg(\old(r->p)) : 0);
    ensures \result.indefinite ==> any && r->rc == ATLS_OK &&
	\result.left == 0;
    ensures \result.left <= (type == CBOR_MAP ? r->left / 2 : r->left); */
static struct cbor_list
list_of(struct rd *r, enum cbor_type type, bool any)
{
	struct head h = head_get(r, any);
	size_t max = type == CBOR_MAP ? r->left / 2 : r->left;

	if (h.type != type)
		rd_fail(r, ATLS_E_FORMAT);
	else if (h.arg > max)
		rd_fail(r, ATLS_E_TRUNC);
	if (r->rc != ATLS_OK)
		return (struct cbor_list){ 0, false };
	return (struct cbor_list){ h.arg, h.indefinite };
}

struct cbor_list
cbor_array(struct rd *r)
{
	return list_of(r, CBOR_ARRAY, false);
}

struct cbor_list
cbor_array_any(struct rd *r)
{
	return list_of(r, CBOR_ARRAY, true);
}

bool
cbor_next(struct rd *r, struct cbor_list *l)
{
	if (r->rc != ATLS_OK)
		return false;
	if (l->indefinite) {
		if (rd_peek(*r) != OCTET_BREAK)
			return true;
		(void)rd_take(r, 1);
		l->indefinite = false;		/* left is 0: the end */
		return false;
	}
	if (l->left == 0)
		return false;
	l->left--;
	return true;
}

struct cbor_map
cbor_map(struct rd *r)
{
	return (struct cbor_map){ .list = list_of(r, CBOR_MAP, false) };
}

struct cbor_map
cbor_map_any(struct rd *r)
{
	return (struct cbor_map){ .list = list_of(r, CBOR_MAP, true) };
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures view_ok(\result.raw) && rd_has(\old(*r), \result.raw) &&
	rd_over(\old(*r), *r, \result.raw);
    ensures view_ok(\result.text) && rd_has(\old(*r), \result.text) &&
	rd_over(\old(*r), *r, \result.text);
    ensures r->rc == ATLS_OK ==> \result.raw.len > 0 &&
	(\result.type == CBOR_UINT || \result.type == CBOR_NINT ||
	\result.type == CBOR_TSTR);
    ensures r->rc != ATLS_OK ==> \result.raw.len == 0 &&
	\result.text.len == 0 && \result.type == CBOR_END; */
static struct cbor_key
key_get(struct rd *r)
{
	struct rd from = *r;
	struct cbor_key k = { .type = cbor_peek(*r) };

	if (k.type == CBOR_TSTR)
		k.text = cbor_tstr(r);
	else if (k.type == CBOR_NINT)
		k.num = cbor_nint(r);
	else
		k.num = cbor_uint(r);
	if (r->rc != ATLS_OK)
		return (struct cbor_key){ .type = CBOR_END };
	k.raw = rd_take(&from, from.left - r->left);
	return k;
}

/*
 * RFC 8949, 5.6: a map with equal keys is not valid.  As heads are shortest,
 * equal keys are equal octets.
 */
/*@ requires \valid(r) && \valid(m) && \separated(r, m);
    requires r->rc == ATLS_OK && cbor_keys_ok(*m) && view_ok(raw);
    assigns r->rc, m->n, m->key[0 .. CBOR_KEYS - 1];
    exits \false;
    ensures cbor_keys_ok(*m);
    ensures r->rc == ATLS_OK ==> m->n == \old(m->n) + 1; */
static void
key_note(struct rd *r, struct cbor_map *m, struct atls_bytes raw)
{
	size_t i;

	if (m->n >= CBOR_KEYS) {
		rd_fail(r, ATLS_E_LIMIT);
		return;
	}
	/*@ loop invariant 0 <= i <= m->n;
	    loop assigns i, r->rc;
	    loop variant m->n - i; */
	for (i = 0; i < m->n; i++)
		if (atls_ct_eq(m->key[i], raw))
			rd_fail(r, ATLS_E_FORMAT);
	m->key[m->n++] = raw;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(m) && cbor_keys_ok(*m);
    requires \separated(r, m);
    assigns *r, *m;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures cbor_keys_ok(*m);
    ensures view_ok(\result.raw) && rd_has(\old(*r), \result.raw) &&
	rd_over(\old(*r), *r, \result.raw);
    ensures view_ok(\result.text) && rd_has(\old(*r), \result.text) &&
	rd_over(\old(*r), *r, \result.text);
    ensures \result.type != CBOR_END ==> r->rc == ATLS_OK &&
	r->left < \old(r->left) &&
	m->n == \old(m->n) + 1 && \result.raw.len > 0 &&
	(\result.type == CBOR_UINT || \result.type == CBOR_NINT ||
	\result.type == CBOR_TSTR);
    ensures \result.type == CBOR_END ==> \result.raw.len == 0 &&
	\result.text.len == 0; */
static struct cbor_key
key_next(struct rd *r, struct cbor_map *m)
{
	const struct cbor_key none = { .type = CBOR_END };
	struct cbor_key k;

	if (m->n > 0 && r->off == m->value)
		rd_fail(r, ATLS_E_STATE);	/* a value was not read */
	if (!cbor_next(r, &m->list))
		return none;
	k = key_get(r);
	if (r->rc == ATLS_OK)
		key_note(r, m, k.raw);
	m->value = r->off;
	return r->rc == ATLS_OK ? k : none;
}

bool
cbor_map_next(struct rd *r, struct cbor_map *m, struct cbor_key *k)
{
	struct cbor_key next = key_next(r, m);

	*k = next;
	return next.type != CBOR_END;
}

bool
cbor_key_is(const struct cbor_key *k, const char *text)
{
	struct atls_bytes t = { (const uint8_t *)text, strlen(text) };

	return k->type == CBOR_TSTR && atls_ct_eq(k->text, t);
}

bool
cbor_key_is_int(const struct cbor_key *k, int64_t v)
{
	if (v < 0)
		return k->type == CBOR_NINT && k->num == (uint64_t)-(v + 1);
	return k->type == CBOR_UINT && k->num == (uint64_t)v;
}

/* One head, and the octets of a string: how many items follow inside it. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    */
static uint64_t
skip_one(struct rd *r)
{
	switch (cbor_peek(*r)) {
	case CBOR_BSTR:
		(void)cbor_bstr(r);
		return 0;
	case CBOR_TSTR:
		(void)cbor_tstr(r);
		return 0;
	case CBOR_ARRAY:
		return cbor_array(r).left;
	case CBOR_MAP:
		return 2 * list_of(r, CBOR_MAP, false).left;
	case CBOR_TAG:
		(void)cbor_tag(r);
		return 1;
	case CBOR_UINT:
	case CBOR_NINT:
	case CBOR_SIMPLE:
	case CBOR_END:
		break;
	}
	(void)head_get(r, false);
	return 0;
}

void
cbor_skip(struct rd *r)
{
	uint64_t todo[CBOR_DEPTH + 1] = { 1 };	/* items left, level by level */
	uint64_t inside;
	size_t d = 0;

	/*@ loop invariant 0 <= d <= CBOR_DEPTH;
	    loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc != ATLS_OK || r->left < \at(r->left, Pre) ||
		(d == 0 && todo[0] == 1);
	    loop assigns *r, d, inside, todo[0 .. CBOR_DEPTH];
	    loop variant (r->left + (r->rc == ATLS_OK ? 1 : 0)) *
		(CBOR_DEPTH + 2) + d; */
	while (r->rc == ATLS_OK) {
		if (todo[d] == 0) {
			if (d == 0)
				return;
			d--;
			continue;
		}
		todo[d]--;
		inside = skip_one(r);
		if (inside == 0)
			continue;
		if (d >= CBOR_DEPTH) {
			rd_fail(r, ATLS_E_LIMIT);
			return;
		}
		todo[++d] = inside;
	}
}

struct atls_bytes
cbor_item(struct rd *r)
{
	struct rd from = *r;

	cbor_skip(r);
	if (r->rc != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return rd_take(&from, from.left - r->left);
}
