/* SPDX-License-Identifier: Apache-2.0 */
#include "cose.h"

#include "../base/err.h"

enum {
	TAG_SIGN1 = 18,				/* RFC 9052, 2 */

	HEADER_ALG = 1, HEADER_CRIT = 2,	/* RFC 9052, 3.1 */

	KEY_KTY = 1, KEY_ALG = 3, KEY_OPS = 4,	/* RFC 9052, 7.1 */
	KEY_CRV = -1, KEY_X = -2, KEY_Y = -3, KEY_D = -4,
	KTY_EC2 = 2, OP_VERIFY = 2,
};

static const struct cose_sign1 no_sign1;
static const struct cose_key no_key;

/*
 * A parameter of one of the two headers, and alg, if it is that.  crit tells
 * of parameters that must be understood (RFC 9052, 3.1); its place, and that
 * of alg, is the protected one.
 */
/*@ requires \valid(r) && rd_ok(*r) && \valid_read(k) && \separated(r, k);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static int64_t
param(struct rd *r, const struct cbor_key *k, bool protected, int64_t alg)
{
	if (cbor_key_is_int(k, HEADER_CRIT))
		rd_fail(r, ATLS_E_UNKNOWN);
	else if (!cbor_key_is_int(k, HEADER_ALG))
		cbor_skip(r);
	else if (!protected)
		rd_fail(r, ATLS_E_FORMAT);
	else
		return cbor_int(r);
	return alg;
}

/* One of the two headers: alg, or 0, which none is (RFC 9053, 2). */
/*@ requires \valid(r) && rd_ok(*r) && \valid(m) && \separated(r, m);
    assigns *r, *m;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures cbor_keys_ok(*m); */
static int64_t
header(struct rd *r, struct cbor_map *m, bool protected)
{
	struct cbor_key k;
	int64_t alg = 0;

	*m = cbor_map(r);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(*m);
	    loop assigns *r, *m, k, alg;
	    loop variant r->left; */
	while (cbor_map_next(r, m, &k))
		alg = param(r, &k, protected, alg);
	return alg;
}

/* RFC 9052, 3: no label is in both. */
/*@ requires \valid(r) && \valid_read(a) && \valid_read(b);
    requires \separated(r, a) && \separated(r, b);
    requires cbor_keys_ok(*a) && cbor_keys_ok(*b);
    assigns r->rc;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc); */
static void
apart(struct rd *r, const struct cbor_map *a, const struct cbor_map *b)
{
	size_t i, k;

	/*@ loop invariant 0 <= i <= a->n;
	    loop invariant \at(r->rc, Pre) != ATLS_OK ==>
		r->rc == \at(r->rc, Pre);
	    loop assigns i, k, r->rc;
	    loop variant a->n - i; */
	for (i = 0; i < a->n; i++)
		/*@ loop invariant 0 <= k <= b->n;
		    loop invariant \at(r->rc, Pre) != ATLS_OK ==>
			r->rc == \at(r->rc, Pre);
		    loop assigns k, r->rc;
		    loop variant b->n - k; */
		for (k = 0; k < b->n; k++)
			if (atls_ct_eq(a->key[i], b->key[k]))
				rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \valid(m);
    requires \separated(r, out, m);
    assigns *r, *m, out->protected, out->alg;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(out->protected) && rd_has(\old(*r), out->protected);
    ensures r->rc == ATLS_OK ==> out->protected.len > 0 && out->alg != 0;
    ensures cbor_keys_ok(*m); */
static void
protected(struct rd *r, struct cose_sign1 *out, struct cbor_map *m)
{
	struct rd p;

	out->protected = cbor_bstr(r);
	if (out->protected.len == 0)	/* so there is no alg in it */
		rd_fail(r, ATLS_E_FORMAT);
	p = rd_of(out->protected);
	p.off = r->off - p.left;
	out->alg = header(&p, m, true);
	rd_close(r, &p);
	if (out->alg == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid_read(m) && cbor_keys_ok(*m);
    requires \separated(r, m);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
unprotected(struct rd *r, const struct cbor_map *m)
{
	struct cbor_map un;

	(void)header(r, &un, false);
	apart(r, m, &un);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->protected, out->alg;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(out->protected) && rd_has(\old(*r), out->protected);
    ensures r->rc == ATLS_OK ==> out->protected.len > 0 && out->alg != 0; */
static void
headers(struct rd *r, struct cose_sign1 *out)
{
	struct cbor_map m;

	protected(r, out, &m);
	unprotected(r, &m);
}

/* The tag, and the head of the array. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
begin(struct rd *r, enum cose_tagging tagging)
{
	bool tagged = cbor_peek(*r) == CBOR_TAG;

	if ((tagged && tagging == COSE_UNTAGGED) ||
	    (!tagged && tagging == COSE_TAGGED))
		rd_fail(r, r->left == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	if (tagged && cbor_tag(r) != TAG_SIGN1)
		rd_fail(r, ATLS_E_FORMAT);
	if (cbor_array(r).left != 4)
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, *out;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(out->protected) && rd_has(\old(*r), out->protected);
    ensures view_ok(out->payload) && rd_has(\old(*r), out->payload);
    ensures view_ok(out->signature) && rd_has(\old(*r), out->signature);
    ensures r->rc == ATLS_OK ==> out->protected.len > 0 && out->alg != 0; */
static void
sign1(struct rd *r, enum cose_tagging tagging, struct cose_sign1 *out)
{
	begin(r, tagging);
	headers(r, out);
	out->payload = cbor_bstr(r);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	out->signature = cbor_bstr(r);
}

enum atls_rc
cose_sign1_parse(struct atls_bytes in, size_t off, enum cose_tagging tagging,
    const char *where, struct cose_sign1 *out, struct atls_err *err)
{
	struct rd r = rd_of(in);
	enum atls_rc rc;

	r.off = off;
	sign1(&r, tagging, out);
	rc = rd_done(&r);
	if (rc == ATLS_OK && (out->payload.len == 0 ||
	    out->signature.len == 0))
		rc = ATLS_E_FORMAT;
	if (rc == ATLS_OK)
		return ATLS_OK;
	rc = err_set(err, rc, where, r.off, "not a COSE_Sign1 that we take");
	*out = no_sign1;
	return rc;
}

/* The head of a byte string, and what is before it. */
/*@ requires \valid(p + (0 .. cap - 1)) && \valid(part);
    requires \separated(p + (0 .. cap - 1), part);
    assigns p[0 .. cap - 1], *part;
    exits \false;
    ensures view_ok(*part); */
static enum atls_rc
put_head(uint8_t *p, size_t cap, bool first, size_t len,
    struct atls_bytes *part)
{
	struct atls_buf b = { p, cap, 0 };
	struct wr w = wr_of(&b);
	enum atls_rc rc;

	if (first) {
		cbor_put_array(&w, 4);
		cbor_put_text(&w, "Signature1");
	}
	cbor_put_head(&w, CBOR_BSTR, len);
	rc = wr_done(&w);
	*part = (struct atls_bytes){ p, rc == ATLS_OK ? b.len : 0 };
	return rc;
}

/* An item, and its head before it. */
/*@ requires \valid(out) && i < 3 && view_ok(item);
    assigns out->head[i][0 .. 23], out->part[2 * i .. 2 * i + 1];
    exits \false;
    ensures view_ok(out->part[2 * i]) && view_ok(out->part[2 * i + 1]); */
static enum atls_rc
put_item(struct cose_tbs *out, size_t i, struct atls_bytes item)
{
	enum atls_rc rc = put_head(out->head[i], sizeof(out->head[i]), i == 0,
	    item.len, &out->part[2 * i]);

	out->part[2 * i + 1] = rc == ATLS_OK ? item :
	    (struct atls_bytes){ NULL, 0 };
	return rc;
}

enum atls_rc
cose_tbs(const struct cose_sign1 *msg, struct atls_bytes external_aad,
    struct cose_tbs *out)
{
	enum atls_rc rc;

	*out = (struct cose_tbs){ .part = { { NULL, 0 } } };
	rc = put_item(out, 0, msg->protected);
	if (rc == ATLS_OK)
		rc = put_item(out, 1, external_aad);
	if (rc == ATLS_OK)
		rc = put_item(out, 2, msg->payload);
	return rc;
}

/* RFC 9053, 7.1.1, table 18, and 2.1: the algorithm that a curve is for. */
static const struct {
	enum cose_curve	curve;
	int64_t		alg;
	size_t		field;
} curves[] = {
	{ COSE_P256, COSE_ES256, 32 },
	{ COSE_P384, COSE_ES384, 48 },
};

/* RFC 9052, 7.1: if it is there, only what it lists may be done. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
key_ops(struct rd *r)
{
	struct cbor_list l = cbor_array(r);
	bool may = false;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop assigns *r, l, may;
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (cbor_next(r, &l))
		if (cbor_int(r) == OP_VERIFY)
			may = true;
	if (!may)
		rd_fail(r, ATLS_E_FORMAT);
}

struct key_type {
	int64_t	kty, crv, alg;		/* 0: not there */
};

/*@ requires \valid(r) && rd_ok(*r) && \valid_read(k) && \valid(t);
    requires \valid(out) && \separated(r, k, t, out);
    assigns *r, *t, out->x, out->y;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures out->x == \old(out->x) ||
	(view_ok(out->x) && rd_has(\old(*r), out->x));
    ensures out->y == \old(out->y) ||
	(view_ok(out->y) && rd_has(\old(*r), out->y)); */
static void
key_param(struct rd *r, const struct cbor_key *k, struct key_type *t,
    struct cose_key *out)
{
	if (cbor_key_is_int(k, KEY_KTY))
		t->kty = cbor_int(r);
	else if (cbor_key_is_int(k, KEY_ALG))
		t->alg = cbor_int(r);
	else if (cbor_key_is_int(k, KEY_OPS))
		key_ops(r);
	else if (cbor_key_is_int(k, KEY_CRV))
		t->crv = cbor_int(r);
	else if (cbor_key_is_int(k, KEY_X))
		out->x = cbor_bstr(r);
	else if (cbor_key_is_int(k, KEY_Y) &&
	    cbor_peek(*r) == CBOR_SIMPLE)	/* sign bit */
		rd_fail(r, ATLS_E_UNKNOWN);
	else if (cbor_key_is_int(k, KEY_Y))
		out->y = cbor_bstr(r);
	else if (cbor_key_is_int(k, KEY_D))
		rd_fail(r, ATLS_E_FORMAT);
	else
		cbor_skip(r);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \valid(t);
    requires \separated(r, t, out) && out->x.len == 0 && out->y.len == 0;
    assigns *r, *t, out->x, out->y;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(out->x) && rd_has(\old(*r), out->x);
    ensures view_ok(out->y) && rd_has(\old(*r), out->y); */
static void
key_params(struct rd *r, struct key_type *t, struct cose_key *out)
{
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant m.n <= CBOR_KEYS;
	    loop invariant \forall integer i; 0 <= i < m.n ==>
		view_ok(m.key[i]);
	    loop invariant view_ok(out->x) && rd_has(\at(*r, Pre), out->x);
	    loop invariant view_ok(out->y) && rd_has(\at(*r, Pre), out->y);
	    loop assigns *r, m, k, *t, out->x, out->y;
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k))
		key_param(r, &k, t, out);
}

/*@ requires \valid(r) && \valid_read(t) && \valid(out);
    requires \separated(r, t, out);
    assigns r->rc, out->curve;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc);
    ensures r->rc == ATLS_OK ==> (out->curve == COSE_P256 &&
	out->x.len == 32 && out->y.len == 32) ||
	(out->curve == COSE_P384 && out->x.len == 48 && out->y.len == 48); */
static void
check_key(struct rd *r, const struct key_type *t, struct cose_key *out)
{
	size_t i, n = sizeof(curves) / sizeof(curves[0]);

	if (r->rc != ATLS_OK)
		return;
	/*@ loop invariant 0 <= i <= n;
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n && curves[i].curve != t->crv; i++)
		continue;
	if (t->kty != KTY_EC2 || i == n) {
		rd_fail(r, ATLS_E_UNKNOWN);
		return;
	}
	out->curve = curves[i].curve;
	if (out->x.len != curves[i].field || out->y.len != curves[i].field ||
	    (t->alg != 0 && t->alg != curves[i].alg))
		rd_fail(r, ATLS_E_FORMAT);
}

enum atls_rc
cose_key_parse(struct atls_bytes in, size_t off, const char *where,
    struct cose_key *out, struct atls_err *err)
{
	struct rd r = rd_of(in);
	struct key_type t = { 0 };
	enum atls_rc rc;

	*out = no_key;
	key_params(&r, &t, out);
	if (rd_done(&r) == ATLS_OK)
		check_key(&r, &t, out);
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	rc = err_set(err, rc, where, off + r.off,
	    "not a COSE_Key that we take");
	*out = no_key;
	return rc;
}
