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
static uint64_t
head_of(struct rd *r, enum cbor_type type)
{
	struct head h = head_get(r, false);

	if (h.type != type)
		rd_fail(r, ATLS_E_FORMAT);
	return r->rc == ATLS_OK ? h.arg : 0;
}

/* n comes from the input and may not fit size_t. */
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
static void
key_note(struct rd *r, struct cbor_map *m, struct atls_bytes raw)
{
	size_t i;

	if (m->n >= CBOR_KEYS) {
		rd_fail(r, ATLS_E_LIMIT);
		return;
	}
	for (i = 0; i < m->n; i++)
		if (atls_ct_eq(m->key[i], raw))
			rd_fail(r, ATLS_E_FORMAT);
	m->key[m->n++] = raw;
}

bool
cbor_map_next(struct rd *r, struct cbor_map *m, struct cbor_key *k)
{
	*k = (struct cbor_key){ .type = CBOR_END };
	if (m->n > 0 && r->off == m->value)
		rd_fail(r, ATLS_E_STATE);	/* a value was not read */
	if (!cbor_next(r, &m->list))
		return false;
	*k = key_get(r);
	if (r->rc == ATLS_OK)
		key_note(r, m, k->raw);
	m->value = r->off;
	if (r->rc != ATLS_OK)
		*k = (struct cbor_key){ .type = CBOR_END };
	return r->rc == ATLS_OK;
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

void
cbor_put_head(struct wr *w, enum cbor_type type, uint64_t arg)
{
	uint64_t major = (uint64_t)type << 5;

	if (type >= CBOR_SIMPLE)
		wr_fail(w, ATLS_E_ARG);
	else if (arg < INFO_1)
		wr_be(w, major | arg, 1);
	else if (arg <= 0xff) {
		wr_be(w, major | INFO_1, 1);
		wr_be(w, arg, 1);
	} else if (arg <= 0xffff) {
		wr_be(w, major | INFO_2, 1);
		wr_be(w, arg, 2);
	} else if (arg <= 0xffffffff) {
		wr_be(w, major | INFO_4, 1);
		wr_be(w, arg, 4);
	} else {
		wr_be(w, major | INFO_8, 1);
		wr_be(w, arg, 8);
	}
}

void
cbor_put_uint(struct wr *w, uint64_t v)
{
	cbor_put_head(w, CBOR_UINT, v);
}

void
cbor_put_int(struct wr *w, int64_t v)
{
	if (v < 0)
		cbor_put_head(w, CBOR_NINT, (uint64_t)-(v + 1));
	else
		cbor_put_head(w, CBOR_UINT, (uint64_t)v);
}

void
cbor_put_bstr(struct wr *w, struct atls_bytes b)
{
	cbor_put_head(w, CBOR_BSTR, b.len);
	wr_bytes(w, b);
}

void
cbor_put_tstr(struct wr *w, struct atls_bytes s)
{
	if (!utf8_ok(s))
		wr_fail(w, ATLS_E_ARG);
	cbor_put_head(w, CBOR_TSTR, s.len);
	wr_bytes(w, s);
}

void
cbor_put_text(struct wr *w, const char *s)
{
	cbor_put_tstr(w, (struct atls_bytes){ (const uint8_t *)s, strlen(s) });
}

void
cbor_put_array(struct wr *w, size_t n)
{
	cbor_put_head(w, CBOR_ARRAY, n);
}

void
cbor_put_map(struct wr *w, size_t n)
{
	cbor_put_head(w, CBOR_MAP, n);
}

void
cbor_put_tag(struct wr *w, uint64_t t)
{
	cbor_put_head(w, CBOR_TAG, t);
}

void
cbor_put_bool(struct wr *w, bool b)
{
	wr_be(w, b ? OCTET_TRUE : OCTET_FALSE, 1);
}

void
cbor_put_null(struct wr *w)
{
	wr_be(w, OCTET_NULL, 1);
}
