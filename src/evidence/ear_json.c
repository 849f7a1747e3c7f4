/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../base/rd.h"
#include "../codec/b64.h"
#include "ear.h"

/* draft-ietf-rats-ear, "EAR Claims"; and as Veraison and Trustee write them. */
static const struct names {
	const char	*other;		/* prefix of the other generation */
	const char	*status, *vector, *verifier, *key;
} names[2] = {
	[false] = { "ear_", "ear.status", "ear.trustworthiness-vector",
	    "ear.verifier-id", "ear.veraison.key-attestation" },
	[true] = { "ear.", "ear_status", "ear_trustworthiness_vector",
	    "ear_verifier_id", "ear_veraison_key_attestation" },
};

#define NONCE_TEXT_MIN	8	/* octets of a nonce: RFC 9711, 4.1 */
#define NONCE_TEXT_MAX	88

static enum atls_rc
bad(struct atls_err *err, const char *where, const char *what)
{
	return err_set(err, ATLS_E_FORMAT, where, 0, "%s", what);
}

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

static enum atls_rc
not_mixed(json_t *object, const struct names *n, struct atls_err *err)
{
	const char *key;
	json_t *v;

	json_object_foreach(object, key, v)
		if (strncmp(key, n->other, strlen(n->other)) == 0)
			return bad(err, "ear.generation",
			    "a name that is not of this profile");
	return ATLS_OK;
}

/*
 * RFC 7519, 2: NumericDate.  The draft has integers only.  What is deployed
 * writes 1.666529184e+09, too: that is taken where it is a whole number.
 */
static enum atls_rc
get_time(const json_t *v, bool draft, const char *where, int64_t *out,
    struct atls_err *err)
{
	double d;

	if (v == NULL)
		return ATLS_OK;
	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		if (*out >= 0 && *out <= EAR_TIME_MAX)
			return ATLS_OK;
	} else if (json_is_real(v) && !draft) {
		d = json_real_value(v);
		if (d >= 0 && d <= (double)EAR_TIME_MAX) {
			*out = (int64_t)d;
			/* whole, so nothing was cut off */
			if (!((double)*out < d))
				return ATLS_OK;
		}
	}
	*out = -1;
	return bad(err, where, "not a time in whole seconds");
}

static enum atls_rc
get_verifier(const json_t *v, struct ear *e, struct atls_err *err)
{
	e->developer = json_view(json_object_get(v, "developer"));
	e->build = json_view(json_object_get(v, "build"));
	if (ear_text_ok(e->developer, EAR_TEXT_MAX) &&
	    ear_text_ok(e->build, EAR_TEXT_MAX))
		return ATLS_OK;
	return bad(err, "ear.verifier", "developer and build are not there");
}

/*
 * RFC 9711, 4.1: text of 8 to 88 octets.  What a binder can be compared with
 * is octets, which are written in base64url, with padding or without it;
 * other text is nobody's binder, and as good as none.
 */
static enum atls_rc
get_nonce(const json_t *v, const char *where, struct ear_nonce *out,
    struct atls_err *err)
{
	struct atls_bytes text = json_view(v);
	struct atls_buf b = { out->b, sizeof(out->b), 0 };
	struct wr w = wr_of(&b);
	struct rd r = rd_of(text), rest;
	size_t n = 0, pad;

	out->len = 0;
	if (v == NULL)
		return ATLS_OK;
	if (text.len < NONCE_TEXT_MIN || text.len > NONCE_TEXT_MAX)
		return bad(err, where, "not one text of 8 to 88 octets");
	for (rest = r; rest.left > 0 && rd_peek(rest) != '='; n++)
		(void)rd_be(&rest, 1);
	pad = rest.left;
	while (rest.left > 0)
		if (rd_be(&rest, 1) != '=')
			return ATLS_OK;
	if (pad > 2 || (pad > 0 && text.len % 4 != 0))
		return ATLS_OK;
	b64_get(&w, rd_take(&r, n));
	if (wr_done(&w) == ATLS_OK && b.len >= EAR_NONCE_MIN)
		out->len = b.len;
	return ATLS_OK;
}

static enum atls_rc
add_key(struct ear *e, struct atls_err *err)
{
	if (e->nkey++ == 0)
		return ATLS_OK;
	return bad(err, "ear.keys", "more than one key");
}

/* EAR, "Veraison Extensions": SubjectPublicKeyInfo in base64url. */
static enum atls_rc
get_akpub(const json_t *v, struct ear *e, struct atls_err *err)
{
	struct atls_buf b = { e->key_octets, sizeof(e->key_octets), 0 };
	struct wr w = wr_of(&b);
	enum atls_rc rc;

	if (v == NULL)
		return ATLS_OK;
	if ((rc = add_key(e, err)) != ATLS_OK)
		return rc;
	b64_get(&w, json_view(json_object_get(v, "akpub")));
	if (wr_done(&w) != ATLS_OK || b.len == 0)
		return bad(err, "ear.akpub", "not base64url of a key");
	e->key = (struct jwk){ JWK_SPKI, { e->key_octets, b.len },
	    { NULL, 0 } };
	return ATLS_OK;
}

/* RFC 7800, 3.2. */
static enum atls_rc
get_cnf(const json_t *v, struct ear *e, struct atls_err *err)
{
	enum atls_rc rc;

	if (v == NULL)
		return ATLS_OK;
	if ((rc = add_key(e, err)) != ATLS_OK)
		return rc;
	rc = jwk_read(json_object_get(v, "jwk"), e->key_octets, &e->key);
	if (rc == ATLS_OK)
		return ATLS_OK;
	return err_set(err, rc, "ear.cnf", 0, "no \"jwk\" that we can use");
}

static enum atls_rc
get_vector(json_t *v, struct ear_appraisal *a, struct atls_err *err)
{
	const char *key;
	json_int_t n;
	json_t *c;
	size_t i;

	if (v == NULL)
		return ATLS_OK;
	if (!json_is_object(v))
		return bad(err, "ear.vector", "not an object");
	a->has_vector = true;
	json_object_foreach(v, key, c) {
		i = ear_vector_named(view(key));
		n = json_integer_value(c);
		if (i == EAR_VECTOR)
			return err_set(err, ATLS_E_UNKNOWN, "ear.vector", 0,
			    "a claim that we do not know");
		if (!json_is_integer(c) || n < INT8_MIN || n > INT8_MAX)
			return bad(err, "ear.vector", "not an octet, signed");
		a->vector[i] = (int)n;
	}
	return ATLS_OK;
}

static enum atls_rc
get_appraisal(const char *name, json_t *v, struct ear *e,
    struct atls_err *err)
{
	const struct names *n = &names[e->profile->draft];
	struct ear_appraisal a = { .name = view(name) };
	enum atls_rc rc;

	if (!json_is_object(v))
		return bad(err, "ear.submod", "not an object");
	a.status = ear_tier_named(json_view(json_object_get(v, n->status)));
	if ((rc = not_mixed(v, n, err)) != ATLS_OK ||
	    (rc = get_vector(json_object_get(v, n->vector), &a, err)) !=
	    ATLS_OK ||
	    (rc = get_nonce(json_object_get(v, "eat_nonce"),
	    "ear.submod.nonce", &a.nonce, err)) != ATLS_OK ||
	    (rc = get_akpub(json_object_get(v, n->key), e, err)) != ATLS_OK ||
	    (rc = get_cnf(json_object_get(v, "cnf"), e, err)) != ATLS_OK)
		return rc;
	return ear_add(e, &a, err);
}

static enum atls_rc
get_submods(json_t *v, struct ear *e, struct atls_err *err)
{
	enum atls_rc rc;
	const char *key;
	json_t *s;

	if (json_object_size(v) == 0)
		return bad(err, "ear.submods", "there is none");
	json_object_foreach(v, key, s)
		if ((rc = get_appraisal(key, s, e, err)) != ATLS_OK)
			return rc;
	return ATLS_OK;
}

/* The status at the top, if there is one, is not better than any below. */
static enum atls_rc
get_status(const json_t *v, struct ear *e, struct atls_err *err)
{
	enum ear_tier t;

	if (v == NULL)
		return ATLS_OK;
	if ((t = ear_tier_named(json_view(v))) == 0)
		return bad(err, "ear.status", "not a tier");
	if (t > e->status)
		e->status = t;
	return ATLS_OK;
}

enum atls_rc
ear_json(const json_t *root, struct ear *e, struct atls_err *err)
{
	json_t *v = (json_t *)(uintptr_t)root;	/* iterators are not const */
	const struct names *n;
	enum atls_rc rc;
	bool draft;

	if (!json_is_object(root))
		return bad(err, "ear.claims", "not an object");
	e->profile = ear_profile_named(json_view(json_object_get(root,
	    "eat_profile")));
	if (e->profile == NULL)
		return err_set(err, ATLS_E_UNKNOWN, "ear.profile", 0,
		    "none that we know");
	draft = e->profile->draft;
	n = &names[draft];
	if ((rc = not_mixed(v, n, err)) != ATLS_OK ||
	    (rc = get_time(json_object_get(root, "iat"), draft, "ear.iat",
	    &e->iat, err)) != ATLS_OK ||
	    (rc = get_time(json_object_get(root, "nbf"), draft, "ear.nbf",
	    &e->nbf, err)) != ATLS_OK ||
	    (rc = get_time(json_object_get(root, "exp"), draft, "ear.exp",
	    &e->exp, err)) != ATLS_OK ||
	    (rc = get_verifier(json_object_get(root, n->verifier), e, err)) !=
	    ATLS_OK ||
	    (rc = get_nonce(json_object_get(root, "eat_nonce"), "ear.nonce",
	    &e->top, err)) != ATLS_OK ||
	    (rc = get_cnf(json_object_get(root, "cnf"), e, err)) != ATLS_OK ||
	    (rc = get_submods(json_object_get(root, "submods"), e, err)) !=
	    ATLS_OK ||
	    (rc = get_status(json_object_get(root, n->status), e, err)) !=
	    ATLS_OK)
		return rc;
	if (e->iat < 0)
		return bad(err, "ear.iat", "is not there");
	return ATLS_OK;
}
