/* SPDX-License-Identifier: Apache-2.0 */
#include "jwk.h"

#include "../base/rd.h"
#include "../codec/b64.h"

#define P256_FIELD	32	/* octets of a coordinate */
#define P384_FIELD	48
#define ED25519_KEY	32
#define EXPONENT_MAX	8	/* octets of e */

/* RFC 8410, 4: what is before the key in a SubjectPublicKeyInfo. */
static const uint8_t ed25519_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

struct atls_bytes
json_view(const json_t *s)
{
	if (!json_is_string(s))
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ (const uint8_t *)json_string_value(s),
	    json_string_length(s) };
}

static bool
is(const json_t *s, const char *text)
{
	struct rd r = rd_of(json_view(s));

	for (; *text != '\0'; text++)
		if (rd_be(&r, 1) != (uint8_t)*text)
			return false;
	return json_is_string(s) && rd_done(&r) == ATLS_OK;
}

/* What the text stands for, behind what is in the store. */
static struct atls_bytes
decode(const json_t *text, struct wr *w)
{
	uint8_t b[JWK_MAX];
	struct atls_buf part = { b, sizeof(b), 0 };
	struct wr pw = wr_of(&part);
	struct atls_bytes out = { w->out->p + w->need, 0 };
	enum atls_rc rc;

	b64_get(&pw, json_view(text));
	if ((rc = wr_done(&pw)) != ATLS_OK) {
		wr_fail(w, rc == ATLS_E_SPACE ? ATLS_E_LIMIT : rc);
		return out;
	}
	wr_bytes(w, (struct atls_bytes){ b, part.len });
	out.len = part.len;
	return out;
}

static enum jwk_type
type_of(const json_t *key)
{
	const json_t *kty = json_object_get(key, "kty");
	const json_t *crv = json_object_get(key, "crv");

	if (is(kty, "RSA"))
		return JWK_RSA;
	if (is(kty, "EC") && is(crv, "P-256"))
		return JWK_P256;
	if (is(kty, "EC") && is(crv, "P-384"))
		return JWK_P384;
	if (is(kty, "OKP") && is(crv, "Ed25519"))
		return JWK_ED25519;
	return (enum jwk_type)0;
}

/* RFC 7518, 6.2.1.2: coordinates are as long as the field. */
static bool
lengths_fit(const struct jwk *k)
{
	switch (k->type) {
	case JWK_P256:
		return k->a.len == P256_FIELD && k->b.len == P256_FIELD;
	case JWK_P384:
		return k->a.len == P384_FIELD && k->b.len == P384_FIELD;
	case JWK_ED25519:
		return k->a.len == ED25519_KEY && k->b.len == 0;
	case JWK_RSA:
		return k->a.len > 0 && k->b.len > 0 &&
		    k->b.len <= EXPONENT_MAX;
	case JWK_SPKI:
		break;
	}
	return false;
}

enum atls_rc
jwk_read(const json_t *key, uint8_t store[JWK_MAX], struct jwk *out)
{
	struct atls_buf buf = { store, JWK_MAX, 0 };
	struct wr w = wr_of(&buf);
	struct jwk k = { .type = type_of(key) };
	enum atls_rc rc;

	*out = (struct jwk){ .type = (enum jwk_type)0 };
	if (!json_is_object(key) || json_object_get(key, "d") != NULL)
		return ATLS_E_FORMAT;
	if (k.type == 0)
		return ATLS_E_UNKNOWN;
	k.a = decode(json_object_get(key, k.type == JWK_RSA ? "n" : "x"), &w);
	if (k.type != JWK_ED25519)
		k.b = decode(json_object_get(key, k.type == JWK_RSA ? "e" :
		    "y"), &w);
	if ((rc = wr_done(&w)) != ATLS_OK)
		return rc == ATLS_E_SPACE ? ATLS_E_LIMIT : rc;
	if (!lengths_fit(&k))
		return ATLS_E_FORMAT;
	*out = k;
	return ATLS_OK;
}

enum atls_rc
jwk_key(const struct jwk *k, struct crypto_key **out)
{
	uint8_t b[sizeof(ed25519_head) + ED25519_KEY];
	struct atls_buf spki = { b, sizeof(b), 0 };
	struct wr w = wr_of(&spki);
	struct rd e = rd_of(k->b);

	*out = NULL;
	switch (k->type) {
	case JWK_P256:
		return crypto_key_ec(CRYPTO_P256, k->a, k->b, out);
	case JWK_P384:
		return crypto_key_ec(CRYPTO_P384, k->a, k->b, out);
	case JWK_ED25519:
		wr_bytes(&w, ATLS_ARRAY(ed25519_head));
		wr_bytes(&w, k->a);
		if (wr_done(&w) != ATLS_OK)
			return ATLS_E_FORMAT;
		return crypto_key_spki((struct atls_bytes){ b, spki.len },
		    out);
	case JWK_RSA:
		if (k->b.len > EXPONENT_MAX)
			return ATLS_E_LIMIT;
		return crypto_key_rsa(k->a, rd_be(&e, k->b.len), out);
	case JWK_SPKI:
		return crypto_key_spki(k->a, out);
	}
	return ATLS_E_ARG;
}
