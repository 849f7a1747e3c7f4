/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "../codec/hex.h"
#include "tpm.h"

#define UEID_RANDOM	0x01	/* RFC 9711, 4.2.1.1: type of a RAND UEID */

/* What an attestation key is, and must not be: it signs only what the TPM
 * made, and neither it nor a copy of it is anywhere else. */
#define AK_HAS		(TPMA_RESTRICTED | TPMA_SIGN | TPMA_FIXED_TPM |	\
			    TPMA_FIXED_PARENT | TPMA_MADE_HERE)
#define AK_HAS_NOT	TPMA_DECRYPT

/* The AIK signs what TLS gives it. */
#define KEY_HAS		(TPMA_SIGN | TPMA_FIXED_TPM | TPMA_FIXED_PARENT | \
			    TPMA_MADE_HERE)
#define KEY_HAS_NOT	(TPMA_RESTRICTED | TPMA_DECRYPT)

/* The parts of one message. */
struct tpm {
	const struct atls_evidence	*ev;
	const struct evidence_trust	*trust;
	struct atls_err			*err;
	struct tpm_attest		 certify, quote;
	struct tpm_sig			 certify_sig, quote_sig;
	struct tpm_public		 key, ak;
};

struct name {
	uint8_t	b[TPM_NAME_MAX];
	size_t	len;
};

/* parse() has seen all of this: what fails here has been meddled with. */
static int
take_apart(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct tpm *t, struct atls_err *err)
{
	const struct atls_bytes *p = ev->part;

	*t = (struct tpm){ .ev = ev, .trust = trust, .err = err };
	return tpm_sig_parse(p[TPM_KAT_SIG], 0, "tpm.certify.sig",
	    &t->certify_sig, err) == ATLS_OK &&
	    tpm_attest_parse(p[TPM_KAT_INFO], 0, TPM_ST_CERTIFY, "tpm.certify",
	    &t->certify, err) == ATLS_OK &&
	    tpm_public_parse(p[TPM_KAT_PUB], 0, "tpm.key", &t->key, err) ==
	    ATLS_OK &&
	    tpm_sig_parse(p[TPM_PAT_SIG], 0, "tpm.quote.sig", &t->quote_sig,
	    err) == ATLS_OK &&
	    tpm_attest_parse(p[TPM_PAT_INFO], 0, TPM_ST_QUOTE, "tpm.quote",
	    &t->quote, err) == ATLS_OK &&
	    (p[TPM_AK_PUB].len == 0 || tpm_public_parse(p[TPM_AK_PUB], 0,
	    "tpm.ak", &t->ak, err) == ATLS_OK);
}

/* Part 1, "Names": nameAlg, and the digest of the public area by it. */
static enum atls_rc
name_of(const struct tpm_public *pub, struct name *out)
{
	uint8_t digest[ATLS_HASH_MAX];
	struct atls_buf buf = { out->b, sizeof(out->b), 0 };
	struct wr w = wr_of(&buf);
	enum atls_rc rc;

	out->len = 0;
	rc = crypto_hash(tpm_hash(pub->name_alg), &pub->area, 1, digest);
	if (rc != ATLS_OK)
		return rc;
	wr_be(&w, pub->name_alg, 2);
	wr_bytes(&w, (struct atls_bytes){ digest,
	    crypto_hash_len(tpm_hash(pub->name_alg)) });
	rc = wr_done(&w);
	out->len = rc == ATLS_OK ? buf.len : 0;
	return rc;
}

static enum atls_rc
key_of(const struct tpm_public *pub, struct crypto_key **out)
{
	if (pub->type == TPM_ALG_RSA)
		return crypto_key_rsa(pub->n, pub->e, out);
	return crypto_key_ec(pub->curve == TPM_ECC_P256 ? CRYPTO_P256 :
	    CRYPTO_P384, pub->x, pub->y, out);
}

/* What the form of Parsec has no place for. */
static int
check_ext(const struct tpm *t)
{
	bool there = t->ev->part[TPM_AK_PUB].len != 0 &&
	    t->ev->part[TPM_PCRS].len != 0;

	return evidence_check(t->trust, t->err, there, ATLS_E_FORMAT,
	    "tpm.ext", "must have the signer's key and the PCRs", "%s",
	    there ? "\"ext\"" : "no \"ext\"");
}

/* Both statements answer one challenge... */
static int
check_nonces(const struct tpm *t)
{
	return evidence_check(t->trust, t->err, atls_ct_eq(t->certify.extra,
	    t->quote.extra), ATLS_E_BIND, "tpm.extra_data.same",
	    "must be that of certInfo", "of attestInfo, %zu octets",
	    t->quote.extra.len);
}

/* ...of one TPM, by one key... */
static int
check_signers(const struct tpm *t)
{
	return evidence_check(t->trust, t->err, atls_ct_eq(t->certify.signer,
	    t->quote.signer), ATLS_E_BIND, "tpm.signer",
	    "must be that of certInfo", "of attestInfo, %zu octets",
	    t->quote.signer.len);
}

/* ...since which it was not started again: PCRs live from one boot to the
 * next, and the key may be older. */
static int
check_boots(const struct tpm *t)
{
	return evidence_check(t->trust, t->err,
	    t->certify.reset == t->quote.reset &&
	    t->certify.restart == t->quote.restart &&
	    t->certify.firmware == t->quote.firmware, ATLS_E_BIND, "tpm.boot",
	    "must be that of certInfo", "of attestInfo, %" PRIu32 ".%" PRIu32,
	    t->quote.reset, t->quote.restart);
}

static int
check_kids(const struct tpm *t)
{
	return evidence_check(t->trust, t->err, atls_ct_eq(
	    t->ev->part[TPM_KAT_KID], t->ev->part[TPM_PAT_KID]), ATLS_E_BIND,
	    "tpm.kid", "must be that of kat", "of pat, %zu octets",
	    t->ev->part[TPM_PAT_KID].len);
}

static int
check_attributes(const struct tpm *t, const struct tpm_public *pub,
    uint32_t has, uint32_t has_not, const char *where)
{
	uint32_t lacks = has & ~pub->attributes;
	uint32_t bad = has_not & pub->attributes;

	return evidence_check(t->trust, t->err, lacks == 0 && bad == 0,
	    ATLS_E_POLICY, where, "must not lack or have any of these",
	    "0x%08" PRIx32 " lacks 0x%" PRIx32 ", has 0x%" PRIx32,
	    pub->attributes, lacks, bad);
}

/* kid names the key that akPub is, by a digest of the whole of it. */
static int
check_ak_kid(const struct tpm *t)
{
	uint8_t want[1 + ATLS_HASH_MAX] = { UEID_RANDOM };
	enum atls_rc rc = crypto_hash(ATLS_SHA256, &t->ak.area, 1, want + 1);
	bool ok = rc == ATLS_OK && atls_ct_eq(t->ev->part[TPM_PAT_KID],
	    (struct atls_bytes){ want, 1 + crypto_hash_len(ATLS_SHA256) });

	return evidence_check(t->trust, t->err, ok, rc != ATLS_OK ? rc :
	    ATLS_E_BIND, "tpm.ak.kid", "must be that of akPub",
	    "%zu octets", t->ev->part[TPM_PAT_KID].len);
}

/* "ak:" and the name, in lower case: how a policy pins a machine. */
static enum atls_rc
pin_of(const struct tpm_public *ak, char out[ATLS_INSTANCE_MAX])
{
	struct atls_buf buf = { (uint8_t *)out, ATLS_INSTANCE_MAX, 0 };
	struct wr w = wr_of(&buf);
	struct name name;
	enum atls_rc rc;

	out[0] = '\0';
	if ((rc = name_of(ak, &name)) != ATLS_OK)
		return rc;
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)"ak:", 3 });
	hex_put(&w, (struct atls_bytes){ name.b, name.len });
	wr_zeros(&w, 1);
	if ((rc = wr_done(&w)) != ATLS_OK)
		out[0] = '\0';
	return rc;
}

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

static int
check_pin(const struct tpm *t)
{
	const struct evidence_trust *trust = t->trust;
	char pin[ATLS_INSTANCE_MAX];
	enum atls_rc rc = pin_of(&t->ak, pin);
	bool known = false;
	size_t i;

	for (i = 0; rc == ATLS_OK && i < trust->ninstance; i++)
		known = known || atls_ct_eq(view(trust->instance[i]),
		    view(pin));
	return evidence_check(trust, t->err, known, rc != ATLS_OK ? rc :
	    ATLS_E_CHAIN, "tpm.ak.name", "must be a machine we know",
	    "%.76s", pin);
}

static int
check_path(const struct tpm *t, struct crypto_chain *chain,
    struct atls_result *res)
{
	struct atls_err why = { .rc = ATLS_OK };
	enum atls_rc rc = crypto_chain_verify(chain, t->trust->anchors, 0,
	    NULL, t->trust->now, &res->not_after, "tpm.ak.chain", &why);

	return evidence_check(t->trust, t->err, rc == ATLS_OK, rc,
	    "tpm.ak.chain", "must lead to an anchor", "%s", rc == ATLS_OK ?
	    "akCert" : why.detail);
}

static int
check_chain(const struct tpm *t, const struct crypto_key *ak,
    struct atls_result *res)
{
	const struct atls_evidence *ev = t->ev;
	struct atls_err why = { .rc = ATLS_OK };
	struct crypto_chain *chain = NULL;
	enum atls_rc rc;
	int ok;

	if (evidence_check(t->trust, t->err, ev->nchain > 0, ATLS_E_CHAIN,
	    "tpm.ak.cert.none", "must be there", "%zu of akCert",
	    ev->nchain) != 1)
		return 0;
	rc = crypto_chain_get(t->trust->anchors, ev->chain, ev->nchain,
	    &chain, &why);
	ok = evidence_check(t->trust, t->err, rc == ATLS_OK, rc,
	    "tpm.ak.cert.form", "must be certificates", "akCert%s%s",
	    rc == ATLS_OK ? "" : ", ", why.detail) == 1 &&
	    check_path(t, chain, res) == 1 &&
	    evidence_check(t->trust, t->err, crypto_key_eq(
	    crypto_chain_key(chain), ak) == 1, ATLS_E_CHAIN, "tpm.ak.cert",
	    "must be of the key in akPub", "the first of akCert") == 1;
	crypto_chain_free(chain);
	return ok;
}

/* By name, by certificate, or by both if the policy has both. */
static int
check_trust(const struct tpm *t, const struct crypto_key *ak,
    struct atls_result *res)
{
	const struct evidence_trust *trust = t->trust;
	bool pinned = trust->ninstance != 0;

	if (evidence_check(trust, t->err, pinned || trust->anchors != NULL,
	    ATLS_E_CHAIN, "tpm.ak.trust", "must be one or more",
	    "%zu machines named, %s anchors", trust->ninstance,
	    trust->anchors != NULL ? "some" : "no") != 1 ||
	    (pinned && check_pin(t) != 1) ||
	    (trust->anchors != NULL && check_chain(t, ak, res) != 1))
		return 0;
	if (trust->anchors == NULL)
		res->voucher = "the policy, which names the TPM";
	else
		res->voucher = tpm_voucher(t->ev);
	return 1;
}

/* A restricted signing key has one scheme: Part 2, TPMT_RSA_SCHEME,
 * TPMT_ECC_SCHEME.  So what is signed otherwise is not by it. */
static int
check_scheme(const struct tpm *t, const struct tpm_sig *sig,
    const char *where)
{
	return evidence_check(t->trust, t->err, t->ak.scheme == sig->scheme &&
	    t->ak.hash == sig->hash, ATLS_E_SIG, where,
	    "must be that of akPub", "0x%04x with 0x%04x", sig->scheme,
	    sig->hash);
}

static int
check_signatures(const struct tpm *t, const struct crypto_key *ak)
{
	const struct atls_bytes *p = t->ev->part;

	if (check_scheme(t, &t->certify_sig, "tpm.certify.scheme") != 1 ||
	    tpm_check_signature(t->trust, ak, &t->certify_sig,
	    p[TPM_KAT_INFO], true, t->err) != 1 ||
	    check_scheme(t, &t->quote_sig, "tpm.quote.scheme") != 1 ||
	    tpm_check_signature(t->trust, ak, &t->quote_sig, p[TPM_PAT_INFO],
	    false, t->err) != 1 ||
	    tpm_check_pcrs(t->trust, &t->quote, t->quote_sig.hash,
	    p[TPM_PCRS], t->err) != 1)
		return 0;
	return 1;
}

static int
tpm_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct crypto_key *ak = NULL;
	struct tpm t;
	int ok;
	enum atls_rc rc;

	if (take_apart(ev, trust, &t, &res->why) != 1 ||
	    check_ext(&t) != 1 ||
	    check_kids(&t) != 1 ||
	    tpm_check_challenge(trust, &t.quote, t.err) != 1 ||
	    check_nonces(&t) != 1 ||
	    check_signers(&t) != 1 ||
	    check_boots(&t) != 1 ||
	    check_attributes(&t, &t.ak, AK_HAS, AK_HAS_NOT,
	    "tpm.ak.attributes") != 1 ||
	    check_ak_kid(&t) != 1)
		return 0;
	rc = key_of(&t.ak, &ak);
	ok = evidence_check(trust, t.err, rc == ATLS_OK, rc, "tpm.ak.key",
	    "must be a key", "akPub") == 1 &&
	    check_trust(&t, ak, res) == 1 &&
	    check_signatures(&t, ak) == 1;
	crypto_key_free(ak);
	return ok;
}

/* What was certified is the object that pubArea describes. */
static int
check_key_name(const struct tpm *t)
{
	struct name name;
	enum atls_rc rc = name_of(&t->key, &name);

	return evidence_check(t->trust, t->err, rc == ATLS_OK && atls_ct_eq(
	    t->certify.name, (struct atls_bytes){ name.b, name.len }),
	    rc != ATLS_OK ? rc : ATLS_E_BIND, "tpm.key.name",
	    "must be that of pubArea", "%zu octets", t->certify.name.len);
}

/* draft-reddy-rats-key-binding: compare parameters, not encodings. */
static int
check_key_is(const struct tpm *t, struct atls_bytes spki)
{
	struct crypto_key *aik = NULL, *key = NULL;
	enum atls_rc rc = spki.len == 0 ? ATLS_E_BIND :
	    crypto_key_spki(spki, &aik);
	int ok;

	if (rc == ATLS_OK)
		rc = key_of(&t->key, &key);
	ok = evidence_check(t->trust, t->err, rc == ATLS_OK, rc,
	    "tpm.key.form", "must be keys", "AIK and pubArea") == 1 &&
	    evidence_check(t->trust, t->err, crypto_key_eq(aik, key) == 1,
	    ATLS_E_BIND, "tpm.key.spki", "must be the AIK",
	    "the certified key") == 1;
	crypto_key_free(aik);
	crypto_key_free(key);
	return ok;
}

static int
tpm_key(const struct atls_evidence *ev, struct atls_bytes spki,
    struct atls_result *res)
{
	const struct evidence_trust nobody_asks = { .trace = NULL };
	struct tpm t;

	res->key = ATLS_BAD;
	if (take_apart(ev, &nobody_asks, &t, &res->why) != 1 ||
	    check_key_name(&t) != 1 ||
	    check_attributes(&t, &t.key, KEY_HAS, KEY_HAS_NOT,
	    "tpm.key.attributes") != 1 ||
	    check_key_is(&t, spki) != 1)
		return 0;
	res->key = ATLS_GOOD;
	return 1;
}

static void
tpm_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	struct tpm_public ak;

	out[0] = '\0';
	if (tpm_public_parse(ev->part[TPM_AK_PUB], 0, "tpm.ak", &ak, NULL) ==
	    ATLS_OK)
		(void)pin_of(&ak, out);
}

const struct evidence_ops evidence_tpm = {
	.kind = ATLS_KIND_TPM, .name = "tpm",
	.media = "application/vnd.parallaxsecond.key-attestation.tpm",
	.also = NULL, .word = WORD_ANCHOR | WORD_INSTANCE, .field = 0,
	.field_name = "tpm.extra_data",
	.claim = tpm_claims, .nclaim = TPM_NCLAIMS, .parse = tpm_parse,
	.signature = tpm_signature, .revocation = NULL, .tcb = NULL,
	.key = tpm_key, .instance = tpm_instance,
};
