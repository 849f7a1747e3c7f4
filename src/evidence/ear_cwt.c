/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../codec/cose.h"
#include "ear.h"

enum {
	TAG_CWT = 61,			/* RFC 8392, 6 */

	CLAIM_EXP = 4, CLAIM_NBF = 5, CLAIM_IAT = 6,	/* RFC 8392, 3.1 */
	CLAIM_CNF = 8,			/* RFC 8747, 3.1 */
	CLAIM_NONCE = 10, CLAIM_PROFILE = 265, CLAIM_SUBMODS = 266,
	CLAIM_STATUS = 1000, CLAIM_VECTOR = 1001, CLAIM_VERIFIER = 1004,
	CLAIM_KEY = -70002,		/* ear_veraison_key_attestation */

	CNF_KEY = 1,
	VERIFIER_DEVELOPER = 0, VERIFIER_BUILD = 1,

	/* RFC 9360, 2: certificates that come with the message */
	HEADER_X5BAG = 32, HEADER_X5CHAIN = 33, HEADER_X5U = 35,
};

/* A reader, and what went wrong by name.  The first failure counts. */
struct cwt {
	struct rd	 r;
	struct ear	*e;
	const char	*where;
	struct atls_err	*err;
};

static void
bad(struct cwt *c, enum atls_rc rc, const char *where)
{
	if (c->r.rc == ATLS_OK)
		c->where = where;
	rd_fail(&c->r, rc);
}

/* Text keys are passed over, but for names of the JSON forms. */
static void
other_key(struct cwt *c, const struct cbor_key *k)
{
	struct rd r = rd_of(k->text);

	if (k->type == CBOR_TSTR && rd_be(&r, 1) == 'e' &&
	    rd_be(&r, 1) == 'a' && rd_be(&r, 1) == 'r')
		bad(c, ATLS_E_FORMAT, "ear.generation");
	cbor_skip(&c->r);
}

static int64_t
get_time(struct cwt *c, const char *where)
{
	uint64_t t;

	if (cbor_peek(c->r) != CBOR_UINT)	/* floats are forbidden */
		bad(c, ATLS_E_FORMAT, where);
	t = cbor_uint(&c->r);
	if (t > EAR_TIME_MAX)
		bad(c, ATLS_E_FORMAT, where);
	return c->r.rc == ATLS_OK ? (int64_t)t : -1;
}

static void
get_nonce(struct cwt *c, const char *where, struct ear_nonce *out)
{
	struct atls_buf buf = { out->b, sizeof(out->b), 0 };
	struct wr w = wr_of(&buf);

	if (cbor_peek(c->r) != CBOR_BSTR)	/* one: no array */
		bad(c, ATLS_E_FORMAT, where);
	wr_bytes(&w, cbor_bstr(&c->r));
	if (wr_done(&w) != ATLS_OK || buf.len < EAR_NONCE_MIN)
		bad(c, ATLS_E_FORMAT, where);
	else
		out->len = buf.len;
}

static void
add_key(struct cwt *c)
{
	if (c->e->nkey++ > 0)
		bad(c, ATLS_E_FORMAT, "ear.keys");
}

static void
get_akpub(struct cwt *c)
{
	struct cbor_map m = cbor_map(&c->r);
	struct atls_bytes b = { NULL, 0 };
	struct cbor_key k;

	add_key(c);
	while (cbor_map_next(&c->r, &m, &k))
		if (cbor_key_is(&k, "akpub"))
			b = cbor_bstr(&c->r);
		else
			cbor_skip(&c->r);
	if (b.len == 0 || b.len > JWK_MAX)
		bad(c, ATLS_E_FORMAT, "ear.akpub");
	c->e->key = (struct jwk){ JWK_SPKI, b, { NULL, 0 } };
}

static void
get_cnf(struct cwt *c)
{
	struct cbor_map m = cbor_map(&c->r);
	struct atls_bytes b = { NULL, 0 };
	struct cose_key key;
	struct cbor_key k;

	add_key(c);
	while (cbor_map_next(&c->r, &m, &k))
		if (cbor_key_is_int(&k, CNF_KEY))
			b = cbor_item(&c->r);
		else
			cbor_skip(&c->r);
	if (c->r.rc != ATLS_OK || cose_key_parse(b, 0, "ear.cnf", &key,
	    NULL) != ATLS_OK) {
		bad(c, ATLS_E_FORMAT, "ear.cnf");
		return;
	}
	c->e->key = (struct jwk){ key.curve == COSE_P256 ? JWK_P256 :
	    JWK_P384, key.x, key.y };
}

static void
get_vector(struct cwt *c, struct ear_appraisal *a)
{
	struct cbor_map m = cbor_map(&c->r);
	struct cbor_key k;
	int64_t v;

	a->has_vector = true;
	while (cbor_map_next(&c->r, &m, &k)) {
		v = cbor_int(&c->r);
		if (k.type != CBOR_UINT || k.num >= EAR_VECTOR)
			bad(c, ATLS_E_UNKNOWN, "ear.vector");
		else if (v < INT8_MIN || v > INT8_MAX)
			bad(c, ATLS_E_FORMAT, "ear.vector");
		else
			a->vector[k.num] = (int)v;
	}
}

static void
get_appraisal(struct cwt *c, struct atls_bytes name)
{
	struct ear_appraisal a = { .name = name };
	struct cbor_map m = cbor_map(&c->r);
	struct cbor_key k;

	while (cbor_map_next(&c->r, &m, &k)) {
		if (cbor_key_is_int(&k, CLAIM_STATUS))
			a.status = ear_tier_numbered(cbor_int(&c->r));
		else if (cbor_key_is_int(&k, CLAIM_VECTOR))
			get_vector(c, &a);
		else if (cbor_key_is_int(&k, CLAIM_NONCE))
			get_nonce(c, "ear.submod.nonce", &a.nonce);
		else if (cbor_key_is_int(&k, CLAIM_KEY))
			get_akpub(c);
		else if (cbor_key_is_int(&k, CLAIM_CNF))
			get_cnf(c);
		else
			other_key(c, &k);
	}
	if (c->r.rc == ATLS_OK && ear_add(c->e, &a, c->err) != ATLS_OK)
		bad(c, ATLS_E_FORMAT, "ear.submod");
}

static void
get_submods(struct cwt *c)
{
	struct cbor_map m = cbor_map(&c->r);
	struct cbor_key k;

	while (cbor_map_next(&c->r, &m, &k)) {
		if (k.type != CBOR_TSTR)
			bad(c, ATLS_E_FORMAT, "ear.submods");
		get_appraisal(c, k.text);
	}
	if (c->e->nsubmod == 0)
		bad(c, ATLS_E_FORMAT, "ear.submods");
}

static void
get_verifier(struct cwt *c)
{
	struct cbor_map m = cbor_map(&c->r);
	struct cbor_key k;

	while (cbor_map_next(&c->r, &m, &k))
		if (cbor_key_is_int(&k, VERIFIER_DEVELOPER))
			c->e->developer = cbor_tstr(&c->r);
		else if (cbor_key_is_int(&k, VERIFIER_BUILD))
			c->e->build = cbor_tstr(&c->r);
		else
			cbor_skip(&c->r);
}

/* What the draft says must be there. */
static void
check_all_there(struct cwt *c, enum ear_tier status)
{
	struct ear *e = c->e;

	if (e->profile == NULL)
		bad(c, ATLS_E_UNKNOWN, "ear.profile");
	if (e->iat < 0)
		bad(c, ATLS_E_FORMAT, "ear.iat");
	if (!ear_text_ok(e->developer, EAR_TEXT_MAX) ||
	    !ear_text_ok(e->build, EAR_TEXT_MAX))
		bad(c, ATLS_E_FORMAT, "ear.verifier");
	if (e->nsubmod == 0)
		bad(c, ATLS_E_FORMAT, "ear.submods");
	if (status > e->status)
		e->status = status;
}

static void
get_claims(struct cwt *c)
{
	struct cbor_map m = cbor_map(&c->r);
	enum ear_tier status = EAR_AFFIRMING;	/* not there: no worse */
	struct cbor_key k;

	while (cbor_map_next(&c->r, &m, &k)) {
		if (cbor_key_is_int(&k, CLAIM_PROFILE))
			c->e->profile = ear_profile_named(cbor_tstr(&c->r));
		else if (cbor_key_is_int(&k, CLAIM_IAT))
			c->e->iat = get_time(c, "ear.iat");
		else if (cbor_key_is_int(&k, CLAIM_NBF))
			c->e->nbf = get_time(c, "ear.nbf");
		else if (cbor_key_is_int(&k, CLAIM_EXP))
			c->e->exp = get_time(c, "ear.exp");
		else if (cbor_key_is_int(&k, CLAIM_STATUS)) {
			status = ear_tier_numbered(cbor_int(&c->r));
			if (status == 0)
				bad(c, ATLS_E_FORMAT, "ear.status");
		} else if (cbor_key_is_int(&k, CLAIM_VERIFIER))
			get_verifier(c);
		else if (cbor_key_is_int(&k, CLAIM_NONCE))
			get_nonce(c, "ear.nonce", &c->e->top);
		else if (cbor_key_is_int(&k, CLAIM_CNF))
			get_cnf(c);
		else if (cbor_key_is_int(&k, CLAIM_SUBMODS))
			get_submods(c);
		else
			other_key(c, &k);
	}
	check_all_there(c, status);
}

/* Keys that come with the token say nothing of its sender. */
static bool
has_key(struct rd *r)
{
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;
	bool has = false;

	while (cbor_map_next(r, &m, &k)) {
		has = has || cbor_key_is_int(&k, HEADER_X5BAG) ||
		    cbor_key_is_int(&k, HEADER_X5CHAIN) ||
		    cbor_key_is_int(&k, HEADER_X5U);
		cbor_skip(r);
	}
	return has;
}

static enum atls_rc
check_headers(struct atls_bytes cose, const struct cose_sign1 *msg,
    struct atls_err *err)
{
	struct rd in = rd_of(msg->protected), r = rd_of(cose);
	bool has = has_key(&in);

	if (cbor_peek(r) == CBOR_TAG)
		(void)cbor_tag(&r);
	(void)cbor_array(&r);
	(void)cbor_bstr(&r);
	has = has_key(&r) || has;
	if (r.rc == ATLS_OK && rd_done(&in) == ATLS_OK && !has)
		return ATLS_OK;
	return err_set(err, ATLS_E_FORMAT, "ear.header", 0,
	    "has a certificate of its own");
}

enum atls_rc
ear_cwt(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct ear e;
	struct cwt c = { .e = &e, .where = "ear.cwt", .err = err };
	struct rd r = rd_of(raw), ahead = r;
	struct cose_sign1 msg;
	bool cwt = cbor_peek(ahead) == CBOR_TAG && cbor_tag(&ahead) ==
	    TAG_CWT;
	enum atls_rc rc;

	ear_begin(&e);
	if (cwt)
		r = ahead;
	out->part[EAR_COSE] = rd_rest(&r);
	if ((rc = cose_sign1_parse(out->part[EAR_COSE], r.off -
	    out->part[EAR_COSE].len, cwt ? COSE_TAGGED : COSE_EITHER,
	    "ear.cose", &msg, err)) != ATLS_OK)
		return rc;
	if ((e.alg = ear_alg_numbered(msg.alg)) == NULL)
		return err_set(err, ATLS_E_UNKNOWN, "ear.alg", 0,
		    "none that we allow: %lld", (long long)msg.alg);
	if ((rc = check_headers(out->part[EAR_COSE], &msg, err)) != ATLS_OK)
		return rc;
	c.r = rd_of(msg.payload);
	c.r.off = (size_t)(msg.payload.p - raw.p);
	get_claims(&c);
	if ((rc = rd_done(&c.r)) != ATLS_OK)
		return err_set(err, rc, c.where, c.r.off,
		    "not what it must be");
	return ear_emit(&e, scratch, out, err);
}
