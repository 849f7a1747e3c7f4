/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro.h"

#include <inttypes.h>
#include <string.h>

#include "../codec/hex.h"

#define CLOCK_SKEW	((uint64_t)300)	/* seconds that clocks may differ */

static int
check_alg(const struct nitro *d, const struct evidence_trust *trust,
    struct atls_err *err)
{
	return evidence_check(trust, err, d->msg.alg == COSE_ES384,
	    ATLS_E_UNKNOWN, "nitro.alg", "must be ES384 (-35)", "%" PRId64,
	    d->msg.alg);
}

static int
check_digest(const struct nitro *d, const struct evidence_trust *trust,
    struct atls_err *err)
{
	return evidence_check(trust, err, atls_ct_eq(d->digest,
	    (struct atls_bytes){ (const uint8_t *)"SHA384", 6 }),
	    ATLS_E_UNKNOWN, "nitro.digest", "must be SHA384", "%.*s",
	    (int)d->digest.len, (const char *)d->digest.p);
}

/*
 * The anchors are ours: that the bundle begins with some root says nothing,
 * but it must begin with one of them.
 */
static int
check_root(const struct crypto_chain *chain,
    const struct evidence_trust *trust, struct atls_err *err)
{
	return evidence_check(trust, err, crypto_chain_ends(chain,
	    trust->anchors), ATLS_E_CHAIN, "nitro.root",
	    "cabundle must begin with an anchor of the policy", "%s",
	    trust->anchors == NULL ? "no anchors" : "cabundle");
}

static int
check_path(struct crypto_chain *chain, const struct evidence_trust *trust,
    struct atls_result *res)
{
	struct atls_err why = { .rc = ATLS_OK };
	enum atls_rc rc;

	rc = crypto_chain_verify(chain, trust->anchors, CRYPTO_BARE_IDS, NULL,
	    trust->now, &res->not_after, "nitro.chain", &why);
	return evidence_check(trust, &res->why, rc == ATLS_OK, rc,
	    "nitro.chain", "must lead to an anchor", "%s",
	    rc == ATLS_OK ? "path" : why.detail);
}

static int
check_cose(const struct nitro *d, const struct crypto_key *key,
    const struct evidence_trust *trust, struct atls_err *err)
{
	enum atls_rc rc = signed_verify(&d->msg, key);

	return evidence_check(trust, err, rc == ATLS_OK, rc,
	    "nitro.signature", "must be of the key of the certificate", "%s",
	    atls_rc_name(rc));
}

/* The clocks are the hypervisor's and ours. */
static int
check_clock(const struct nitro *d, const struct evidence_trust *trust,
    struct atls_err *err)
{
	uint64_t at = d->timestamp / 1000;

	return evidence_check(trust, err, trust->now >= 0 &&
	    at <= (uint64_t)trust->now + CLOCK_SKEW, ATLS_E_STALE,
	    "nitro.clock", "must not be later than now", "%" PRIu64, at);
}

/* The certificate lives for hours: it must have lived when the document was
 * made.  Usually no more is to be verified for that than is remembered. */
static int
check_timestamp(const struct nitro *d, struct crypto_chain *chain,
    const struct evidence_trust *trust, struct atls_err *err)
{
	uint64_t at = d->timestamp / 1000;	/* under 2^54: a time */
	enum atls_rc rc;
	int64_t until;

	rc = crypto_chain_verify(chain, trust->anchors, CRYPTO_BARE_IDS, NULL,
	    (int64_t)at, &until, "nitro.timestamp", NULL);
	return evidence_check(trust, err, rc == ATLS_OK, ATLS_E_STALE,
	    "nitro.timestamp", "must be in the time of the certificates",
	    "%" PRIu64, at);
}

/* How old a document may be is the policy's to say: its lease. */
static int
check_age(const struct nitro *d, const struct evidence_trust *trust,
    struct atls_err *err)
{
	int64_t age = trust->now - (int64_t)(d->timestamp / 1000);

	return evidence_check(trust, err, trust->max_age == 0 ||
	    age <= trust->max_age, ATLS_E_STALE, "nitro.age",
	    "must not be over the policy's max-age", "%" PRId64 " seconds",
	    age);
}

/* An enclave that can be debugged has zeros where its image would be: AWS,
 * "Cryptographic attestation", "Attestation in debug mode". */
static int
check_debug(const struct nitro *d, const struct evidence_trust *trust,
    struct atls_err *err)
{
	bool debug = evidence_zero(d->pcr[0]) || evidence_zero(d->pcr[1]) ||
	    evidence_zero(d->pcr[2]);

	return evidence_check(trust, err, !debug || trust->allow_debug,
	    ATLS_E_POLICY, "nitro.debug",
	    "PCR0, 1 and 2 must be there and not zero", "%s",
	    debug ? "in debug mode" : "not in debug mode");
}

static int
check_chain(const struct nitro *d, const struct evidence_trust *trust,
    struct crypto_chain *chain, struct atls_result *res)
{
	struct atls_err *err = &res->why;

	if (check_root(chain, trust, err) != 1 ||
	    check_path(chain, trust, res) != 1 ||
	    check_cose(d, crypto_chain_key(chain), trust, err) != 1 ||
	    check_clock(d, trust, err) != 1 ||
	    check_timestamp(d, chain, trust, err) != 1 ||
	    check_age(d, trust, err) != 1 ||
	    check_debug(d, trust, err) != 1)
		return 0;
	return 1;
}

static int
nitro_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct atls_err why = { .rc = ATLS_OK };
	struct crypto_chain *chain = NULL;
	struct nitro d;
	enum atls_rc rc;
	int ok;

	if (nitro_open(ev->raw, &d, &res->why) != ATLS_OK ||
	    check_alg(&d, trust, &res->why) != 1 ||
	    check_digest(&d, trust, &res->why) != 1)
		return 0;
	rc = crypto_chain_get(trust->anchors, ev->chain, ev->nchain, &chain,
	    &why);
	ok = evidence_check(trust, &res->why, rc == ATLS_OK, rc,
	    "nitro.certificates", "must be certificates", "%s",
	    rc == ATLS_OK ? "certificate, cabundle" : why.detail);
	if (ok == 1)
		ok = check_chain(&d, trust, chain, res);
	crypto_chain_free(chain);
	return ok;
}

/*
 * Which machine: PCR4 is a digest of the id of the parent instance, which its
 * owner can compute beforehand and which outlives the enclave.  module_id has
 * the same id in clear, and that of the enclave.
 */
static void
nitro_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	const struct atls_claim *c = atls_evidence_claim(ev, "nitro.pcr.4");
	struct atls_buf buf = { (uint8_t *)out, ATLS_INSTANCE_MAX, 0 };
	struct wr w = wr_of(&buf);

	out[0] = '\0';
	if (c == NULL || evidence_zero(c->bytes))
		return;
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)"nitro:", 6 });
	hex_put(&w, c->bytes);
	wr_zeros(&w, 1);
	if (wr_done(&w) != ATLS_OK)
		out[0] = '\0';
}

/*
 * Report data is user_data, not nonce.  The nonce of a document is what some
 * consumer asked for, and many enclaves answer whoever asks: one that would
 * sign a stranger's binder as its nonce could be made to vouch for the
 * stranger's connection.  user_data is what the enclave's own code says.
 *
 * public_key is not compared with the AIK: enclaves have keys there that
 * secrets are encrypted to (AWS KMS), and user_data commits to the AIK.
 */
static const char *
nitro_root(const struct atls_evidence *ev)
{
	(void)ev;
	return "aws-nitro-root";
}

const struct evidence_ops evidence_nitro = {
	.kind = ATLS_KIND_NITRO, .name = "nitro",
	.media = "application/vnd.aws.nitro-enclaves.attestation+cose",
	.also = NULL, .word = WORD_ANCHOR,
	.field = 0, .field_name = "nitro.user_data",
	.claim = nitro_claims, .nclaim = NITRO_NCLAIMS, .parse = nitro_parse,
	.signature = nitro_signature, .revocation = NULL, .tcb = NULL,
	.key = NULL, .instance = nitro_instance, .root = nitro_root,
};
