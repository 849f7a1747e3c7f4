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

/*
 * One of the two headers.  crit tells of parameters that must be understood
 * (RFC 9052, 3.1); its place, and that of alg, is the protected one.
 */
static void
header(struct rd *r, struct cbor_map *m, int64_t *alg)
{
	struct cbor_key k;

	*m = cbor_map(r);
	while (cbor_map_next(r, m, &k)) {
		if (cbor_key_is_int(&k, HEADER_CRIT))
			rd_fail(r, ATLS_E_UNKNOWN);
		else if (!cbor_key_is_int(&k, HEADER_ALG))
			cbor_skip(r);
		else if (alg == NULL)
			rd_fail(r, ATLS_E_FORMAT);
		else
			*alg = cbor_int(r);
	}
}

static void
headers(struct rd *r, struct cose_sign1 *out)
{
	struct cbor_map in, un;
	struct rd p;
	size_t i, k;

	out->protected = cbor_bstr(r);
	if (out->protected.len == 0)	/* so there is no alg in it */
		rd_fail(r, ATLS_E_FORMAT);
	p = rd_of(out->protected);
	p.off = r->off - p.left;
	header(&p, &in, &out->alg);
	rd_close(r, &p);
	if (out->alg == 0)		/* RFC 9053, 2: nothing is 0 */
		rd_fail(r, ATLS_E_FORMAT);
	header(r, &un, NULL);
	for (i = 0; i < in.n; i++)
		for (k = 0; k < un.n; k++)
			if (atls_ct_eq(in.key[i], un.key[k]))
				rd_fail(r, ATLS_E_FORMAT);
}

enum atls_rc
cose_sign1_parse(struct atls_bytes in, size_t off, enum cose_tagging tagging,
    const char *where, struct cose_sign1 *out, struct atls_err *err)
{
	struct rd r = rd_of(in);
	enum atls_rc rc;
	bool tagged = cbor_peek(r) == CBOR_TAG;

	r.off = off;
	*out = (struct cose_sign1){ .alg = 0 };
	if ((tagged && tagging == COSE_UNTAGGED) ||
	    (!tagged && tagging == COSE_TAGGED))
		rd_fail(&r, in.len == 0 ? ATLS_E_TRUNC : ATLS_E_FORMAT);
	if (tagged && cbor_tag(&r) != TAG_SIGN1)
		rd_fail(&r, ATLS_E_FORMAT);
	if (cbor_array(&r).left != 4)
		rd_fail(&r, ATLS_E_FORMAT);
	headers(&r, out);
	out->payload = cbor_bstr(&r);
	out->signature = cbor_bstr(&r);
	rc = rd_done(&r);
	if (rc == ATLS_OK && (out->payload.len == 0 ||
	    out->signature.len == 0))
		rc = ATLS_E_FORMAT;
	if (rc == ATLS_OK)
		return ATLS_OK;
	*out = (struct cose_sign1){ .alg = 0 };
	return err_set(err, rc, where, r.off, "not a COSE_Sign1 that we take");
}

/* The head of a byte string, and what is before it. */
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

enum atls_rc
cose_tbs(const struct cose_sign1 *msg, struct atls_bytes external_aad,
    struct cose_tbs *out)
{
	const struct atls_bytes item[] = { msg->protected, external_aad,
	    msg->payload };
	enum atls_rc rc;
	size_t i;

	*out = (struct cose_tbs){ .part = { { NULL, 0 } } };
	for (i = 0; i < sizeof(item) / sizeof(item[0]); i++) {
		rc = put_head(out->head[i], sizeof(out->head[i]), i == 0,
		    item[i].len, &out->part[2 * i]);
		if (rc != ATLS_OK)
			return rc;
		out->part[2 * i + 1] = item[i];
	}
	return ATLS_OK;
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
static void
key_ops(struct rd *r)
{
	struct cbor_list l = cbor_array(r);
	bool may = false;

	while (cbor_next(r, &l))
		if (cbor_int(r) == OP_VERIFY)
			may = true;
	if (!may)
		rd_fail(r, ATLS_E_FORMAT);
}

static void
check_key(struct rd *r, int64_t kty, int64_t crv, int64_t alg,
    struct cose_key *out)
{
	size_t i, n = sizeof(curves) / sizeof(curves[0]);

	if (r->rc != ATLS_OK)
		return;
	for (i = 0; i < n && curves[i].curve != crv; i++)
		continue;
	if (kty != KTY_EC2 || i == n) {
		rd_fail(r, ATLS_E_UNKNOWN);
		return;
	}
	out->curve = curves[i].curve;
	if (out->x.len != curves[i].field || out->y.len != curves[i].field ||
	    (alg != 0 && alg != curves[i].alg))
		rd_fail(r, ATLS_E_FORMAT);
}

enum atls_rc
cose_key_parse(struct atls_bytes in, size_t off, const char *where,
    struct cose_key *out, struct atls_err *err)
{
	struct rd r = rd_of(in);
	struct cbor_map m = cbor_map(&r);
	int64_t kty = 0, crv = 0, alg = 0;
	struct cbor_key k;
	enum atls_rc rc;

	*out = (struct cose_key){ .curve = (enum cose_curve)0 };
	while (cbor_map_next(&r, &m, &k)) {
		if (cbor_key_is_int(&k, KEY_KTY))
			kty = cbor_int(&r);
		else if (cbor_key_is_int(&k, KEY_ALG))
			alg = cbor_int(&r);
		else if (cbor_key_is_int(&k, KEY_OPS))
			key_ops(&r);
		else if (cbor_key_is_int(&k, KEY_CRV))
			crv = cbor_int(&r);
		else if (cbor_key_is_int(&k, KEY_X))
			out->x = cbor_bstr(&r);
		else if (cbor_key_is_int(&k, KEY_Y) &&
		    cbor_peek(r) == CBOR_SIMPLE)	/* sign bit */
			rd_fail(&r, ATLS_E_UNKNOWN);
		else if (cbor_key_is_int(&k, KEY_Y))
			out->y = cbor_bstr(&r);
		else if (cbor_key_is_int(&k, KEY_D))
			rd_fail(&r, ATLS_E_FORMAT);
		else
			cbor_skip(&r);
	}
	if (rd_done(&r) == ATLS_OK)
		check_key(&r, kty, crv, alg, out);
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	*out = (struct cose_key){ .curve = (enum cose_curve)0 };
	return err_set(err, rc, where, off + r.off,
	    "not a COSE_Key that we take");
}
