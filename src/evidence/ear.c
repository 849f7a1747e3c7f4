/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "../base/err.h"
#include "../codec/b64.h"
#include "ear.h"
#include "signed.h"

static enum atls_rc
parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct rd r = rd_of(raw);

	if (raw.len > EAR_MAX)
		return err_set(err, ATLS_E_LIMIT, "ear.size", 0, "%zu octets",
		    raw.len);
	if (raw.len == 0)
		return err_set(err, ATLS_E_TRUNC, "ear.size", 0, "is empty");
	if (rd_peek(r) >= 0x80)		/* an array or a tag: CBOR */
		return ear_cwt(raw, scratch, out, err);
	return ear_jwt(raw, scratch, out, err);
}

static struct atls_bytes
text_of(const struct atls_evidence *ev, enum ear_claim id)
{
	const struct atls_claim *c = atls_evidence_claim(ev,
	    ear_claims[id].name);

	return c == NULL ? (struct atls_bytes){ NULL, 0 } : c->bytes;
}

/* -1: there is none. */
static int64_t
time_of(const struct atls_evidence *ev, enum ear_claim id)
{
	const struct atls_claim *c = atls_evidence_claim(ev,
	    ear_claims[id].name);

	return c == NULL || c->number > EAR_TIME_MAX ? -1 :
	    (int64_t)c->number;
}

static int
check_trust(const struct evidence_trust *trust, struct atls_err *err)
{
	return evidence_check(trust, err, trust->nkey > 0, ATLS_E_CHAIN,
	    "ear.trust", "a Verifier's key must be named", "%zu keys",
	    trust->nkey);
}

/* RFC 8725, 3.1 and 3.2: the key says which algorithm, the token only
 * agrees. */
static int
check_alg(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_err *err)
{
	struct atls_bytes alg = text_of(ev, EAR_CLAIM_ALG);
	int64_t cose = ear_alg_cose(alg);
	bool fits = false;
	size_t i;

	for (i = 0; i < trust->nkey; i++)
		fits = fits || signed_key_fits(cose, trust->key[i]);
	return evidence_check(trust, err, fits, ATLS_E_SIG, "ear.alg.key",
	    "must be that of a key which is named", "%.*s", (int)alg.len,
	    (const char *)alg.p);
}

static enum atls_rc
verify(const struct atls_evidence *ev, const struct crypto_key *key)
{
	uint8_t b[ATLS_SIG_MAX];
	struct atls_buf sig = { b, sizeof(b), 0 };
	struct wr w = wr_of(&sig);
	struct cose_sign1 msg;

	if (ev->part[EAR_COSE].len != 0) {
		if (cose_sign1_parse(ev->part[EAR_COSE], 0, COSE_EITHER,
		    "ear.cose", &msg, NULL) != ATLS_OK)
			return ATLS_E_FORMAT;
		return signed_verify(&msg, key);
	}
	b64_get(&w, ev->part[EAR_SIG]);
	if (wr_done(&w) != ATLS_OK)
		return ATLS_E_SIG;
	return signed_verify_parts(ear_alg_cose(text_of(ev, EAR_CLAIM_ALG)),
	    key, &ev->part[EAR_SIGNED], 1, (struct atls_bytes){ b,
	    sig.len });
}

static int
check_sig(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_err *err)
{
	enum atls_rc rc = ATLS_E_SIG;
	size_t i;

	for (i = 0; rc != ATLS_OK && i < trust->nkey; i++)
		rc = verify(ev, trust->key[i]);
	return evidence_check(trust, err, rc == ATLS_OK, rc,
	    "ear.signature", "must be by a key that is named", "%s",
	    atls_rc_name(rc));
}

/* Neither of the future... */
static int
check_iat(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_err *err)
{
	int64_t t = time_of(ev, EAR_CLAIM_IAT);

	return evidence_check(trust, err, t >= 0 && t <= trust->now + EAR_SKEW,
	    ATLS_E_STALE, "ear.iat.future", "must not be after now",
	    "%" PRId64, t);
}

static int
check_nbf(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_err *err)
{
	int64_t t = time_of(ev, EAR_CLAIM_NBF);

	return evidence_check(trust, err, t <= trust->now + EAR_SKEW,
	    ATLS_E_STALE, "ear.nbf.future", "must not be after now",
	    "%" PRId64, t);
}

/* ...nor expired (RFC 7519, 4.1.4)... */
static int
check_exp(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	int64_t t = time_of(ev, EAR_CLAIM_EXP);

	if (t >= 0 && (res->not_after == 0 || t < res->not_after))
		res->not_after = t;
	return evidence_check(trust, &res->why, t == -1 || trust->now < t,
	    ATLS_E_STALE, "ear.exp.past", "must be after now", "%" PRId64, t);
}

/* ...nor older than the policy's lease; without exp, and without one of
 * those, than our own limit. */
static int
check_age(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	int64_t end, t = time_of(ev, EAR_CLAIM_IAT), max = trust->max_age;

	if (max == 0 && time_of(ev, EAR_CLAIM_EXP) == -1)
		max = EAR_AGE_MAX;
	end = max == 0 ? EAR_TIME_MAX : t + max;
	if (max != 0 && (res->not_after == 0 || end < res->not_after))
		res->not_after = end;
	return evidence_check(trust, &res->why, trust->now <= end,
	    ATLS_E_STALE, "ear.age", "must not be over its limit",
	    "%" PRId64 " seconds, limit %" PRId64, trust->now - t, max);
}

static int
signature(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	struct atls_err *err = &res->why;

	if (check_trust(trust, err) != 1 ||
	    check_alg(ev, trust, err) != 1 ||
	    check_sig(ev, trust, err) != 1 ||
	    check_iat(ev, trust, err) != 1 ||
	    check_nbf(ev, trust, err) != 1 ||
	    check_exp(ev, trust, res) != 1 ||
	    check_age(ev, trust, res) != 1)
		return 0;
	res->voucher = "a Verifier, by its key";
	return 1;
}

static bool
names_key(const struct atls_evidence *ev)
{
	return ev->part[EAR_KEY_TYPE].len == 1;
}

/* draft-reddy-rats-key-binding: compare parameters, not encodings. */
static int
key_is(const struct atls_evidence *ev, struct atls_bytes spki,
    struct atls_result *res)
{
	const struct evidence_trust nobody_asks = { .trace = NULL };
	struct rd r = rd_of(ev->part[EAR_KEY_TYPE]);
	struct jwk k = { (enum jwk_type)rd_be(&r, 1), ev->part[EAR_KEY_A],
	    ev->part[EAR_KEY_B] };
	struct crypto_key *aik = NULL, *key = NULL;
	int ok;

	res->key = ATLS_BAD;
	ok = evidence_check(&nobody_asks, &res->why, jwk_key(&k, &key) ==
	    ATLS_OK, ATLS_E_BIND, "ear.key", "must be a key",
	    "what was attested") == 1 &&
	    evidence_check(&nobody_asks, &res->why, spki.len != 0 &&
	    crypto_key_spki(spki, &aik) == ATLS_OK &&
	    crypto_key_eq(aik, key) == 1, ATLS_E_BIND, "ear.key.spki",
	    "must be the AIK", "another key was attested") == 1;
	crypto_key_free(aik);
	crypto_key_free(key);
	if (ok == 1)
		res->key = ATLS_GOOD;
	return ok;
}

static const char *const also[] = {
	"application/eat+jwt; eat_profile=\"tag:ietf.org,2026:rats/ear#03\"",
	"application/eat+cwt; eat_profile=\"tag:ietf.org,2026:rats/ear#03\"",
	"application/eat+cwt; "
	    "eat_profile=\"tag:github.com,2023:veraison/ear\"",
	"application/eat+jwt; eat_profile="
	    "\"tag:github.com,2024:confidential-containers/Trustee\"",
	NULL
};

const struct evidence_ops evidence_ear = {
	.kind = ATLS_KIND_EAR, .name = "ear",
	.media = "application/eat+jwt; "
	    "eat_profile=\"tag:github.com,2023:veraison/ear\"",
	.also = also, .word = WORD_KEY, .field = 0, .field_name = "ear.nonce",
	.claim = ear_claims, .nclaim = EAR_NCLAIMS, .parse = parse,
	.signature = signature, .key = key_is, .names_key = names_key,
};
