/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "arm.h"

/*
 * PSA attestation tokens: RFC 9783, and, by other numbers, what came before
 * it (draft-tschofenig-rats-psa-token-07 and older).
 */
enum {				/* of the token */
	P_NONCE, P_INSTANCE, P_IMPL, P_CLIENT, P_LIFECYCLE, P_SW, P_SEED,
	P_PROFILE, P_CERT, P_SERVICE, P_N
};

#define SEED_MIN	8	/* octets: RFC 9783, 4.3.2 */
#define SEED_MAX	32

#define P(key, legacy, name, ...)					\
	{ key, legacy, "psa.claims." name, __VA_ARGS__ }

static const struct arm_claim table[P_N] = {
	[P_NONCE] = P(10, -75008, "nonce", ARM_HASH, 0, 0, false),
	[P_INSTANCE] =
	    P(256, -75009, "instance_id", ARM_BYTES, ARM_INSTANCE,
	    ARM_INSTANCE, false),
	[P_IMPL] =
	    P(2396, -75003, "implementation_id", ARM_BYTES, ARM_IMPL,
	    ARM_IMPL, false),
	[P_CLIENT] = P(2394, -75001, "client_id", ARM_INT, 0, 0, false),
	[P_LIFECYCLE] = P(2395, -75002, "lifecycle", ARM_NUMBER, 0, 0, false),
	[P_SW] = P(2399, -75006, "sw", ARM_ANY, 0, 0, false),
	[P_SEED] =
	    P(2397, -75004, "boot_seed", ARM_BYTES, SEED_MIN, SEED_MAX, true),
	[P_PROFILE] = P(265, -75000, "profile", ARM_TEXT, 0, 0, true),
	[P_CERT] = P(2398, -75005, "certification", ARM_TEXT, 0, 0, true),
	[P_SERVICE] = P(2400, -75010, "service", ARM_TEXT, 0, 0, true),
};

enum {				/* what we say of it */
	C_PROFILE, C_INSTANCE, C_IMPL, C_LIFECYCLE, C_SEED, C_CERT,
	C_SERVICE, C_SW, C_N = C_SW + ARM_SW_NCLAIMS
};

static const struct evidence_claim psa_claims[C_N] = {
	{ "psa.profile",		ATLS_CLAIM_TEXT,	true, 0 },
	{ "psa.instance_id",		ATLS_CLAIM_BYTES,	false,
	    ARM_INSTANCE },
	{ "psa.implementation_id",	ATLS_CLAIM_BYTES,	true,
	    ARM_IMPL },
	{ "psa.lifecycle",		ATLS_CLAIM_NUMBER,	false, 0 },
	{ "psa.boot_seed",		ATLS_CLAIM_BYTES,	false, 0 },
	{ "psa.certification",		ATLS_CLAIM_TEXT,	false, 0 },
	{ "psa.service",		ATLS_CLAIM_TEXT,	false, 0 },
	ARM_SW_ALL("psa"),
};

_Static_assert((int)C_N <= ATLS_CLAIMS_MAX, "room for each once");

/* Everything of a token that is well formed. */
struct psa {
	struct cose_sign1	msg;
	struct arm_value	v[P_N];
	struct arm_sw		sw[ARM_SW_MAX];
	size_t			nsw;
};

/* RFC 9783, 5.1: the tag may be there or not. */
/*@ requires view_ok(raw) && \valid(msg) && \valid(v + (0 .. P_N - 1));
    requires \separated(msg, v + (0 .. P_N - 1), err);
    assigns *msg, v[0 .. P_N - 1], *err;
    exits \false;
    ensures \result == ATLS_OK ==>
	\forall integer i; 0 <= i < P_N ==> view_in(v[i].bytes, raw); */
static enum atls_rc
open_claims(struct atls_bytes raw, struct cose_sign1 *msg,
    struct arm_value *v, struct atls_err *err)
{
	enum atls_rc rc;

	rc = cose_sign1_parse(raw, 0, COSE_EITHER, "psa.cose", msg, err);
	if (rc != ATLS_OK)
		return rc;
	return arm_claims(msg->payload, arm_off(raw, msg->payload),
	    "psa.claims", table, P_N, v, err);
}

/*@ requires view_ok(raw) && view_in(in, raw) && \valid(n);
    requires \valid(sw + (0 .. ARM_SW_MAX - 1));
    requires \separated(n, sw + (0 .. ARM_SW_MAX - 1), err);
    assigns sw[0 .. ARM_SW_MAX - 1], *n, *err;
    exits \false;
    ensures *n <= ARM_SW_MAX;
    ensures \let m = *n; \forall integer i; 0 <= i < m ==>
	arm_sw_in(sw[i], raw); */
static enum atls_rc
open_sw(struct atls_bytes raw, struct atls_bytes in, struct arm_sw *sw,
    size_t *n, struct atls_err *err)
{
	return arm_sw(in, arm_off(raw, in), "psa.claims.sw", sw, n, err);
}

/*@ requires view_ok(raw) && \valid(t) && \separated(t, err);
    assigns *t, *err;
    exits \false; */
static enum atls_rc
open_token(struct atls_bytes raw, struct psa *t, struct atls_err *err)
{
	enum atls_rc rc;

	rc = open_claims(raw, &t->msg, t->v, err);
	if (rc == ATLS_OK)
		rc = open_sw(raw, t->v[P_SW].bytes, t->sw, &t->nsw, err);
	return rc;
}

/*@ requires view_ok(raw) && \valid(out) && \separated(out, err);
    requires out->raw == raw && out->nclaim == 0;
    assigns out->report_data, out->claim[0 .. ATLS_CLAIMS_MAX - 1],
	out->nclaim, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_in(out->report_data, raw) &&
	claims_in(*out, 0); */
static enum atls_rc
psa_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct cose_sign1 msg;
	struct arm_value v[P_N];
	struct arm_sw sw[ARM_SW_MAX];
	enum atls_rc rc;
	size_t n;

	(void)scratch;
	if ((rc = open_claims(raw, &msg, v, err)) != ATLS_OK ||
	    (rc = open_sw(raw, v[P_SW].bytes, sw, &n, err)) != ATLS_OK)
		return rc;
	out->report_data = v[P_NONCE].bytes;
	arm_say(out, &psa_claims[C_PROFILE], &v[P_PROFILE]);
	arm_say(out, &psa_claims[C_INSTANCE], &v[P_INSTANCE]);
	arm_say(out, &psa_claims[C_IMPL], &v[P_IMPL]);
	arm_say(out, &psa_claims[C_LIFECYCLE], &v[P_LIFECYCLE]);
	arm_say(out, &psa_claims[C_SEED], &v[P_SEED]);
	arm_say(out, &psa_claims[C_CERT], &v[P_CERT]);
	arm_say(out, &psa_claims[C_SERVICE], &v[P_SERVICE]);
	arm_say_sw(out, &psa_claims[C_SW], sw, n);
	return ATLS_OK;
}

/*
 * RFC 9783, 4.5.1: the profile says what the claims mean, and so do the
 * numbers that they go by.  Before it, the profile was a text of the maker's
 * choice, or left out: what it may be is then for the policy to say.
 */
static int
check_profile(const struct psa *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	static const char *const known[] = {
		"tag:psacertified.org,2023:psa#tfm",
		"http://arm.com/psa/2.0.0",	/* drafts of RFC 9783 */
	};
	struct atls_bytes is = t->v[P_PROFILE].bytes;
	bool ok = t->v[P_NONCE].legacy;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ok = ok || atls_ct_eq(is, (struct atls_bytes){
		    (const uint8_t *)known[i], strlen(known[i]) });
	return evidence_check(trust, err, ok, ATLS_E_UNKNOWN, "psa.profile",
	    "must be one that we know", "%.*s", (int)is.len,
	    is.len == 0 ? "" : (const char *)is.p);
}

static int
psa_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct atls_err *err = &res->why;
	struct psa t;

	if (open_token(ev->raw, &t, err) != ATLS_OK ||
	    arm_check_alg(trust, err, &t.msg, "psa.alg") != 1 ||
	    arm_check_signer(trust, err, &t.msg, "psa.key",
	    "psa.signature") != 1 ||
	    check_profile(&t, trust, err) != 1 ||
	    arm_check_lifecycle(trust, err, t.v[P_LIFECYCLE].number,
	    "psa.lifecycle") != 1)
		return 0;
	return 1;
}

static void
psa_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	const struct atls_claim *c = atls_evidence_claim(ev,
	    psa_claims[C_INSTANCE].name);

	out[0] = '\0';
	if (c != NULL)
		arm_instance("psa", c->bytes, out);
}

/* RFC 9783, 6.2, and what Verifiers took before. */
static const char *const also[] = {
	"application/eat+cwt; "
	    "eat_profile=\"tag:psacertified.org,2019:psa#legacy\"",
	"application/psa-attestation-token", NULL
};

const struct evidence_ops evidence_psa = {
	.kind = ATLS_KIND_PSA, .name = "psa",
	.media = "application/eat+cwt; "
	    "eat_profile=\"tag:psacertified.org,2023:psa#tfm\"",
	.also = also, .word = WORD_KEY,
	.field = 0, .field_name = "psa.nonce",
	.claim = psa_claims, .nclaim = C_N, .parse = psa_parse,
	.signature = psa_signature, .revocation = NULL, .tcb = NULL,
	.key = NULL, .instance = psa_instance,
};
