/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "tpm.h"

#define UEID_RANDOM	0x01	/* RFC 9711, 4.2.1.1: type of a RAND UEID */
#define ECDSA_DER_MAX	112	/* octets of a P-384 signature */

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
	struct tpm_attest		 certify, quote;
	struct tpm_sig			 certify_sig, quote_sig;
	struct tpm_public		 key, ak;
};

struct name {
	uint8_t	b[TPM_NAME_MAX];
	size_t	len;
};

static int
no(struct atls_err *err, enum atls_rc rc, const char *where, const char *why)
{
	(void)err_set(err, rc, where, 0, "%s", why);
	return 0;
}

/* parse() has seen all of this: what fails here has been meddled with. */
static int
take_apart(const struct atls_evidence *ev, struct tpm *t, struct atls_err *err)
{
	const struct atls_bytes *p = ev->part;

	*t = (struct tpm){ .ev = ev };
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
check_ext(const struct tpm *t, struct atls_err *err)
{
	if (t->ev->part[TPM_AK_PUB].len != 0 && t->ev->part[TPM_PCRS].len != 0)
		return 1;
	return no(err, ATLS_E_FORMAT, "tpm.ext",
	    "no \"ext\": nobody knows the signer's key and the PCRs");
}

/* Both statements answer one challenge... */
static int
check_nonces(const struct tpm *t, struct atls_err *err)
{
	if (t->quote.extra.len == 0)
		return no(err, ATLS_E_BIND, "tpm.extra_data", "is empty");
	if (!atls_ct_eq(t->certify.extra, t->quote.extra))
		return no(err, ATLS_E_BIND, "tpm.extra_data",
		    "differs in certInfo and attestInfo");
	return 1;
}

/* ...of one TPM, by one key... */
static int
check_signers(const struct tpm *t, struct atls_err *err)
{
	if (atls_ct_eq(t->certify.signer, t->quote.signer))
		return 1;
	return no(err, ATLS_E_BIND, "tpm.signer",
	    "differs in certInfo and attestInfo");
}

/* ...since which it was not started again: PCRs live from one boot to the
 * next, and the key may be older. */
static int
check_boots(const struct tpm *t, struct atls_err *err)
{
	if (t->certify.reset == t->quote.reset &&
	    t->certify.restart == t->quote.restart &&
	    t->certify.firmware == t->quote.firmware)
		return 1;
	return no(err, ATLS_E_BIND, "tpm.boot",
	    "differs in certInfo and attestInfo");
}

static int
check_kids(const struct tpm *t, struct atls_err *err)
{
	if (atls_ct_eq(t->ev->part[TPM_KAT_KID], t->ev->part[TPM_PAT_KID]))
		return 1;
	return no(err, ATLS_E_BIND, "tpm.kid", "differs in kat and pat");
}

static int
check_attributes(const struct tpm_public *pub, uint32_t has, uint32_t has_not,
    const char *where, struct atls_err *err)
{
	uint32_t lacks = has & ~pub->attributes;
	uint32_t bad = has_not & pub->attributes;

	if (lacks == 0 && bad == 0)
		return 1;
	(void)err_set(err, ATLS_E_POLICY, where, 0, "0x%08" PRIx32
	    " lacks 0x%" PRIx32 ", must not have 0x%" PRIx32,
	    pub->attributes, lacks, bad);
	return 0;
}

/* kid names the key that akPub is, by a digest of the whole of it. */
static int
check_ak_kid(const struct tpm *t, struct atls_err *err)
{
	uint8_t want[1 + ATLS_HASH_MAX] = { UEID_RANDOM };

	if (crypto_hash(ATLS_SHA256, &t->ak.area, 1, want + 1) != ATLS_OK)
		return no(err, ATLS_E_CRYPTO, "tpm.ak.kid", "SHA-256");
	if (atls_ct_eq(t->ev->part[TPM_PAT_KID], (struct atls_bytes){ want,
	    1 + crypto_hash_len(ATLS_SHA256) }))
		return 1;
	return no(err, ATLS_E_BIND, "tpm.ak.kid", "is not that of akPub");
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
check_pin(const struct tpm *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	char pin[ATLS_INSTANCE_MAX];
	enum atls_rc rc;
	size_t i;

	if ((rc = pin_of(&t->ak, pin)) != ATLS_OK)
		return no(err, rc, "tpm.ak.name", "cannot be made");
	for (i = 0; i < trust->ninstance; i++)
		if (atls_ct_eq(view(trust->instance[i]), view(pin)))
			return 1;
	(void)err_set(err, ATLS_E_CHAIN, "tpm.ak.name", 0,
	    "no machine we know: %s", pin);
	return 0;
}

static int
check_chain(const struct tpm *t, const struct crypto_key *ak,
    const struct evidence_trust *trust, struct atls_result *res)
{
	const struct atls_evidence *ev = t->ev;
	struct atls_err *err = &res->why;
	struct crypto_chain *chain = NULL;
	enum atls_rc rc;
	int ok = 0;

	if (ev->nchain == 0)
		return no(err, ATLS_E_CHAIN, "tpm.ak.chain", "no akCert");
	if ((rc = crypto_chain_get(trust->anchors, ev->chain, ev->nchain,
	    &chain, err)) != ATLS_OK)
		return no(err, rc, "tpm.ak.chain", "akCert cannot be read");
	if ((rc = crypto_chain_verify(chain, trust->anchors, 0, NULL,
	    trust->now, &res->not_after, "tpm.ak.chain", err)) != ATLS_OK)
		(void)no(err, rc, "tpm.ak.chain", "leads to no anchor");
	else if (crypto_key_eq(crypto_chain_key(chain), ak) != 1)
		(void)no(err, ATLS_E_CHAIN, "tpm.ak.cert",
		    "is of another key than akPub");
	else
		ok = 1;
	crypto_chain_free(chain);
	return ok;
}

/* By name, by certificate, or by both if the policy has both. */
static int
check_trust(const struct tpm *t, const struct crypto_key *ak,
    const struct evidence_trust *trust, struct atls_result *res)
{
	if (trust->ninstance == 0 && trust->anchors == NULL)
		return no(&res->why, ATLS_E_CHAIN, "tpm.ak.trust",
		    "neither an anchor nor a machine is named");
	if (trust->ninstance != 0 && check_pin(t, trust, &res->why) != 1)
		return 0;
	if (trust->anchors != NULL && check_chain(t, ak, trust, res) != 1)
		return 0;
	return 1;
}

/* A restricted signing key has one scheme: Part 2, TPMT_RSA_SCHEME,
 * TPMT_ECC_SCHEME.  So what is signed otherwise is not by it. */
static int
check_scheme(const struct tpm_public *ak, const struct tpm_sig *sig,
    const char *where, struct atls_err *err)
{
	if (ak->scheme == sig->scheme && ak->hash == sig->hash)
		return 1;
	return no(err, ATLS_E_SIG, where, "scheme is not that of akPub");
}

static const struct {
	unsigned	scheme, hash, id;
} schemes[] = {
	{ TPM_ALG_ECDSA,  TPM_ALG_SHA256, ATLS_ECDSA_P256_SHA256 },
	{ TPM_ALG_ECDSA,  TPM_ALG_SHA384, ATLS_ECDSA_P384_SHA384 },
	{ TPM_ALG_RSASSA, TPM_ALG_SHA256, CRYPTO_RSA_PKCS1_SHA256 },
	{ TPM_ALG_RSASSA, TPM_ALG_SHA384, CRYPTO_RSA_PKCS1_SHA384 },
	{ TPM_ALG_RSASSA, TPM_ALG_SHA512, CRYPTO_RSA_PKCS1_SHA512 },
	{ TPM_ALG_RSAPSS, TPM_ALG_SHA256, ATLS_RSA_PSS_SHA256 },
	{ TPM_ALG_RSAPSS, TPM_ALG_SHA384, ATLS_RSA_PSS_SHA384 },
	{ TPM_ALG_RSAPSS, TPM_ALG_SHA512, ATLS_RSA_PSS_SHA512 },
};

int
tpm_check_signature(const struct crypto_key *key, const struct tpm_sig *sig,
    struct atls_bytes info, const char *where, struct atls_err *err)
{
	uint8_t b[ECDSA_DER_MAX];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct atls_bytes s = sig->r;
	enum atls_rc rc = ATLS_OK;
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (schemes[i].scheme == sig->scheme &&
		    schemes[i].hash == sig->hash)
			break;
	if (i == sizeof(schemes) / sizeof(schemes[0])) {
		(void)err_set(err, ATLS_E_SIG, where, 0, "not a scheme we "
		    "allow: 0x%04x with hash 0x%04x", sig->scheme, sig->hash);
		return 0;
	}
	if (sig->scheme == TPM_ALG_ECDSA) {
		rc = crypto_ecdsa_der(sig->r, sig->s, &der);
		s = (struct atls_bytes){ b, rc == ATLS_OK ? der.len : 0 };
	}
	if (rc == ATLS_OK)
		rc = crypto_verify(key, schemes[i].id, info, s);
	if (rc == ATLS_OK)
		return 1;
	return no(err, rc, where, "is not the AK's");
}

/* The values in the order of the quote; *n: how many. */
static int
check_selection(const struct tpm_attest *quote, struct atls_bytes pcrs,
    struct atls_bytes value[TPM_BANKS_MAX * TPM_PCRS_MAX], size_t *n,
    struct atls_err *err)
{
	struct rd r = rd_of(pcrs);
	struct cbor_list banks = cbor_array(&r);
	struct tpm_bank b;
	size_t i = 0, pcr;

	*n = 0;
	while (tpm_bank_next(&r, &banks, &b)) {
		if (i >= quote->nbank || b.alg != quote->bank[i].alg ||
		    b.pcrs != quote->bank[i].pcrs)
			return no(err, ATLS_E_SIG, "tpm.pcr.selection",
			    "the values given are not of the PCRs quoted");
		for (pcr = 0; pcr < TPM_PCRS_MAX; pcr++)
			if (b.value[pcr].len != 0)
				value[(*n)++] = b.value[pcr];
		i++;
	}
	if (rd_done(&r) != ATLS_OK)
		return no(err, rd_done(&r), "tpm.pcrs", "cannot be read");
	if (i != quote->nbank || *n == 0)
		return no(err, ATLS_E_SIG, "tpm.pcr.selection",
		    "PCRs were quoted whose values are not given, or none");
	return 1;
}

/* Part 3, TPM2_Quote: the digest is by the hash of the signing scheme. */
int
tpm_check_pcrs(const struct tpm_attest *quote, unsigned hash,
    struct atls_bytes pcrs, struct atls_err *err)
{
	struct atls_bytes value[TPM_BANKS_MAX * TPM_PCRS_MAX];
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc;
	size_t n;

	if (check_selection(quote, pcrs, value, &n, err) != 1)
		return 0;
	if ((rc = crypto_hash(tpm_hash(hash), value, n, digest)) != ATLS_OK)
		return no(err, rc, "tpm.pcr.digest", "cannot be made");
	if (atls_ct_eq(quote->digest, (struct atls_bytes){ digest,
	    crypto_hash_len(tpm_hash(hash)) }))
		return 1;
	return no(err, ATLS_E_SIG, "tpm.pcr.digest",
	    "is not that of the values given");
}

static int
tpm_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct atls_err *err = &res->why;
	struct crypto_key *ak = NULL;
	struct tpm t;
	int ok = 0;
	enum atls_rc rc;

	if (take_apart(ev, &t, err) != 1 ||
	    check_ext(&t, err) != 1 ||
	    check_kids(&t, err) != 1 ||
	    check_nonces(&t, err) != 1 ||
	    check_signers(&t, err) != 1 ||
	    check_boots(&t, err) != 1 ||
	    check_attributes(&t.ak, AK_HAS, AK_HAS_NOT, "tpm.ak.attributes",
	    err) != 1 ||
	    check_ak_kid(&t, err) != 1)
		return 0;
	if ((rc = key_of(&t.ak, &ak)) != ATLS_OK)
		return no(err, rc, "tpm.ak.key", "is not a key");
	if (check_trust(&t, ak, trust, res) == 1 &&
	    check_scheme(&t.ak, &t.certify_sig, "tpm.certify.scheme", err) ==
	    1 &&
	    tpm_check_signature(ak, &t.certify_sig, ev->part[TPM_KAT_INFO],
	    "tpm.certify.signature", err) == 1 &&
	    check_scheme(&t.ak, &t.quote_sig, "tpm.quote.scheme", err) == 1 &&
	    tpm_check_signature(ak, &t.quote_sig, ev->part[TPM_PAT_INFO],
	    "tpm.quote.signature", err) == 1 &&
	    tpm_check_pcrs(&t.quote, t.quote_sig.hash, ev->part[TPM_PCRS],
	    err) == 1)
		ok = 1;
	crypto_key_free(ak);
	return ok;
}

/* What was certified is the object that pubArea describes. */
static int
check_key_name(const struct tpm *t, struct atls_err *err)
{
	struct name name;
	enum atls_rc rc;

	if ((rc = name_of(&t->key, &name)) != ATLS_OK)
		return no(err, rc, "tpm.key.name", "cannot be made");
	if (atls_ct_eq(t->certify.name, (struct atls_bytes){ name.b,
	    name.len }))
		return 1;
	return no(err, ATLS_E_BIND, "tpm.key.name", "is not that of pubArea");
}

/* draft-reddy-rats-key-binding: compare parameters, not encodings. */
static int
check_key_is(const struct tpm *t, struct atls_bytes spki, struct atls_err *err)
{
	struct crypto_key *aik = NULL, *key = NULL;
	enum atls_rc rc;
	int ok;

	if (spki.len == 0)
		return no(err, ATLS_E_BIND, "tpm.key.spki", "no AIK is known");
	if ((rc = crypto_key_spki(spki, &aik)) != ATLS_OK ||
	    (rc = key_of(&t->key, &key)) != ATLS_OK)
		ok = no(err, rc, "tpm.key.spki", "is not a key");
	else if (crypto_key_eq(aik, key) != 1)
		ok = no(err, ATLS_E_BIND, "tpm.key.spki",
		    "the certified key is not the AIK");
	else
		ok = 1;
	crypto_key_free(aik);
	crypto_key_free(key);
	return ok;
}

static int
tpm_key(const struct atls_evidence *ev, struct atls_bytes spki,
    struct atls_result *res)
{
	struct atls_err *err = &res->why;
	struct tpm t;

	res->key = ATLS_BAD;
	if (take_apart(ev, &t, err) != 1 ||
	    check_key_name(&t, err) != 1 ||
	    check_attributes(&t.key, KEY_HAS, KEY_HAS_NOT,
	    "tpm.key.attributes", err) != 1 ||
	    check_key_is(&t, spki, err) != 1)
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
	.also = NULL, .word = WORD_ANCHOR | WORD_INSTANCE, .field = 0, .field_name = "tpm.extra_data",
	.claim = tpm_claims, .nclaim = TPM_NCLAIMS, .parse = tpm_parse,
	.signature = tpm_signature, .revocation = NULL, .tcb = NULL,
	.key = tpm_key, .instance = tpm_instance,
};
