/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../codec/cose.h"
#include "ear.h"

#define VECTOR(name)	{ "ear.vector." name, ATLS_CLAIM_TEXT, false, 0 }

/* In the order of enum ear_claim.  The status has the vector in it, so that
 * a policy must speak of the status only. */
const struct evidence_claim ear_claims[EAR_NCLAIMS] = {
	{ "ear.status",			ATLS_CLAIM_TEXT,	true, 0 },
	{ "ear.submods",		ATLS_CLAIM_TEXT,	true, 0 },
	VECTOR("instance-identity"), VECTOR("configuration"),
	VECTOR("executables"), VECTOR("file-system"), VECTOR("hardware"),
	VECTOR("runtime-opaque"), VECTOR("storage-opaque"),
	VECTOR("sourced-data"),
	{ "ear.profile",		ATLS_CLAIM_TEXT,	false, 0 },
	{ "ear.verifier.developer",	ATLS_CLAIM_TEXT,	false, 0 },
	{ "ear.verifier.build",		ATLS_CLAIM_TEXT,	false, 0 },
	{ "ear.alg",			ATLS_CLAIM_TEXT,	false, 0 },
	{ "ear.iat",			ATLS_CLAIM_NUMBER,	false, 0 },
	{ "ear.nbf",			ATLS_CLAIM_NUMBER,	false, 0 },
	{ "ear.exp",			ATLS_CLAIM_NUMBER,	false, 0 },
};

static const struct ear_profile profiles[] = {
	{ "tag:ietf.org,2026:rats/ear#03", true },
	{ "tag:github.com,2023:veraison/ear", false },
	{ "tag:github.com,2024:confidential-containers/Trustee", false },
};

/* draft-ietf-rats-ear, "Trustworthiness Tiers": the code is that of CBOR. */
static const struct {
	const char	*name;
	int64_t		 code;
} tiers[EAR_NTIERS] = {
	[EAR_AFFIRMING] = { "affirming", 2 },
	[EAR_NONE] = { "none", 0 },
	[EAR_WARNING] = { "warning", 32 },
	[EAR_CONTRAINDICATED] = { "contraindicated", 96 },
};

static const struct {
	const char	*name;		/* RFC 7518, 3.1; RFC 8037, 3.1 */
	int64_t		 cose;
} algs[] = {
	{ "ES256", COSE_ES256 }, { "ES384", COSE_ES384 },
	{ "EdDSA", COSE_EDDSA }, { "PS256", COSE_PS256 },
};

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

const struct ear_profile *
ear_profile_named(struct atls_bytes name)
{
	size_t i;

	for (i = 0; i < NITEMS(profiles); i++)
		if (atls_ct_eq(name, view(profiles[i].name)))
			return &profiles[i];
	return NULL;
}

const char *
ear_alg_named(struct atls_bytes name)
{
	size_t i;

	for (i = 0; i < NITEMS(algs); i++)
		if (atls_ct_eq(name, view(algs[i].name)))
			return algs[i].name;
	return NULL;
}

const char *
ear_alg_numbered(int64_t cose)
{
	size_t i;

	for (i = 0; i < NITEMS(algs); i++)
		if (algs[i].cose == cose)
			return algs[i].name;
	return NULL;
}

int64_t
ear_alg_cose(struct atls_bytes name)
{
	size_t i;

	for (i = 0; i < NITEMS(algs); i++)
		if (atls_ct_eq(name, view(algs[i].name)))
			return algs[i].cose;
	return 0;
}

enum ear_tier
ear_tier_named(struct atls_bytes name)
{
	unsigned t;

	for (t = EAR_AFFIRMING; t < EAR_NTIERS; t++)
		if (atls_ct_eq(name, view(tiers[t].name)))
			return (enum ear_tier)t;
	return (enum ear_tier)0;
}

enum ear_tier
ear_tier_numbered(int64_t code)
{
	unsigned t;

	for (t = EAR_AFFIRMING; t < EAR_NTIERS; t++)
		if (tiers[t].code == code)
			return (enum ear_tier)t;
	return (enum ear_tier)0;
}

size_t
ear_vector_named(struct atls_bytes name)
{
	const size_t head = strlen("ear.vector.");
	size_t i;

	for (i = 0; i < EAR_VECTOR; i++)
		if (atls_ct_eq(name, view(ear_claims[EAR_CLAIM_VECTOR +
		    i].name + head)))
			break;
	return i;
}

bool
ear_text_ok(struct atls_bytes text, size_t max)
{
	struct rd r = rd_of(text);
	uint64_t c;

	while (r.left > 0) {
		c = rd_be(&r, 1);
		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return text.len >= 1 && text.len <= max;
}

/* draft-ietf-rats-ar4si, "Trustworthiness Claims": the tier of a value. */
static enum ear_tier
tier_of(int v)
{
	if (v >= -1 && v <= 1)
		return EAR_NONE;
	if (v >= -32 && v <= 31)
		return EAR_AFFIRMING;
	if (v >= -96 && v <= 95)
		return EAR_WARNING;
	return EAR_CONTRAINDICATED;
}

static void
worsen(enum ear_tier *t, enum ear_tier by)
{
	if (by > *t)
		*t = by;
}

/* A claim that is not there, or 0, is no assertion, and takes nothing from
 * those that are.  A vector without any other claim affirms nothing. */
static enum ear_tier
tier_of_vector(const int vector[EAR_VECTOR])
{
	enum ear_tier t = (enum ear_tier)0;
	size_t i;

	for (i = 0; i < EAR_VECTOR; i++)
		if (vector[i] != 0)
			worsen(&t, tier_of(vector[i]));
	return t == 0 ? EAR_NONE : t;
}

void
ear_begin(struct ear *e)
{
	*e = (struct ear){ .iat = -1, .nbf = -1, .exp = -1 };
}

static bool
has_comma(struct atls_bytes name)
{
	struct rd r = rd_of(name);

	while (r.left > 0)
		if (rd_be(&r, 1) == ',')
			return true;
	return false;
}

/* They differ or agree; nothing is said of one that has none. */
static void
add_nonce(struct ear *e, const struct ear_nonce *n)
{
	if (n->len == 0)
		return;
	if (e->nnonce++ == 0)
		e->nonce = *n;
	else if (!atls_ct_eq((struct atls_bytes){ n->b, n->len },
	    (struct atls_bytes){ e->nonce.b, e->nonce.len }))
		e->nonces_differ = true;
}

enum atls_rc
ear_add(struct ear *e, const struct ear_appraisal *a, struct atls_err *err)
{
	size_t i;

	if (e->nsubmod == EAR_SUBMODS)
		return err_set(err, ATLS_E_LIMIT, "ear.submods", 0,
		    "more than %d", EAR_SUBMODS);
	if (!ear_text_ok(a->name, EAR_NAME_MAX) || has_comma(a->name))
		return err_set(err, ATLS_E_FORMAT, "ear.submods", 0,
		    "a name that we cannot write in a list");
	if (a->status == 0)
		return err_set(err, ATLS_E_FORMAT, "ear.submod.status", 0,
		    "none that is known");
	e->submod[e->nsubmod++] = a->name;
	worsen(&e->status, a->status);
	if (a->has_vector)
		worsen(&e->status, tier_of_vector(a->vector));
	for (i = 0; i < EAR_VECTOR; i++)
		worsen(&e->vector[i], tier_of(a->vector[i]));
	add_nonce(e, &a->nonce);
	return ATLS_OK;
}

/* In the order of their octets. */
static bool
before(struct atls_bytes a, struct atls_bytes b)
{
	struct rd x = rd_of(a), y = rd_of(b);
	uint64_t c, d;

	while (x.left > 0 && y.left > 0) {
		c = rd_be(&x, 1);
		d = rd_be(&y, 1);
		if (c != d)
			return c < d;
	}
	return x.left < y.left;
}

static struct atls_bytes
keep(struct wr *w, struct atls_bytes b)
{
	size_t at = w->need;

	wr_bytes(w, b);
	if (w->rc != ATLS_OK || w->need > w->out->cap || b.len == 0)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ w->out->p + at, b.len };
}

/* "cpu0,gpu0": whatever order they were sent in. */
static struct atls_bytes
keep_submods(struct wr *w, const struct ear *e)
{
	struct atls_bytes v[EAR_SUBMODS], t, out;
	size_t i, k, at = w->need;

	for (i = 0; i < e->nsubmod; i++) {
		t = e->submod[i];
		for (k = i; k > 0 && before(t, v[k - 1]); k--)
			v[k] = v[k - 1];
		v[k] = t;
	}
	for (i = 0; i < e->nsubmod; i++) {
		if (i > 0)
			wr_be(w, ',', 1);
		(void)keep(w, v[i]);
	}
	out = (struct atls_bytes){ NULL, 0 };
	if (w->rc == ATLS_OK && w->need <= w->out->cap)
		out = (struct atls_bytes){ w->out->p + at, w->need - at };
	return out;
}

/*
 * The challenge that the evidence answered: the nonce of every appraisal.  The
 * deployed profiles know none but that at the top, which is the challenge of
 * the session, and their Verifiers compare it with the evidence's.  In the
 * draft that one is the user's own, and binds no evidence.
 */
static struct atls_bytes
challenge(const struct ear *e)
{
	const struct ear_nonce *n = NULL;

	if (e->nnonce > 0 && e->nnonce == e->nsubmod && !e->nonces_differ)
		n = &e->nonce;
	else if (e->nnonce == 0 && !e->profile->draft)
		n = &e->top;
	if (n == NULL)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ n->b, n->len };
}

static void
claim(struct atls_evidence *out, size_t id, struct atls_bytes bytes,
    uint64_t number)
{
	out->claim[out->nclaim++] = (struct atls_claim){ ear_claims[id].name,
	    ear_claims[id].type, bytes, number };
}

static void
claim_time(struct atls_evidence *out, size_t id, int64_t t)
{
	if (t >= 0)
		claim(out, id, (struct atls_bytes){ NULL, 0 }, (uint64_t)t);
}

static void
claim_tier(struct atls_evidence *out, size_t id, enum ear_tier t)
{
	claim(out, id, view(tiers[t].name), 0);
}

static void
keep_key(struct wr *w, const struct jwk *k, struct atls_bytes *part)
{
	static const uint8_t types[] = { 0, JWK_P256, JWK_P384, JWK_ED25519,
	    JWK_RSA, JWK_SPKI };

	if (k->type == 0)
		return;
	part[EAR_KEY_TYPE] = (struct atls_bytes){ &types[k->type], 1 };
	part[EAR_KEY_A] = keep(w, k->a);
	part[EAR_KEY_B] = keep(w, k->b);
}

enum atls_rc
ear_emit(const struct ear *e, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct atls_buf room = { NULL, 0, 0 };
	struct wr w;
	size_t i;

	if (scratch != NULL && scratch->p != NULL)
		room = (struct atls_buf){ scratch->p + scratch->len,
		    scratch->cap - scratch->len, 0 };
	w = wr_of(&room);
	out->report_data = keep(&w, challenge(e));
	claim_tier(out, EAR_CLAIM_STATUS, e->status);
	claim(out, EAR_CLAIM_SUBMODS, keep_submods(&w, e), 0);
	for (i = 0; i < EAR_VECTOR; i++)
		claim_tier(out, EAR_CLAIM_VECTOR + i, e->vector[i]);
	claim(out, EAR_CLAIM_PROFILE, view(e->profile->name), 0);
	claim(out, EAR_CLAIM_DEVELOPER, keep(&w, e->developer), 0);
	claim(out, EAR_CLAIM_BUILD, keep(&w, e->build), 0);
	claim(out, EAR_CLAIM_ALG, view(e->alg), 0);
	claim_time(out, EAR_CLAIM_IAT, e->iat);
	claim_time(out, EAR_CLAIM_NBF, e->nbf);
	claim_time(out, EAR_CLAIM_EXP, e->exp);
	keep_key(&w, &e->key, out->part);
	if (wr_done(&w) != ATLS_OK)
		return err_set(err, ATLS_E_SPACE, "ear.scratch", 0,
		    "%zu octets wanted", w.need);
	if (scratch != NULL)
		scratch->len += room.len;
	return ATLS_OK;
}
