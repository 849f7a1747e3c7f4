/* SPDX-License-Identifier: Apache-2.0 */
#include "tpm.h"

#define ECDSA_DER_MAX	112	/* octets of a P-384 signature */

/* Checks of a quote that do not depend on what came with it. */

static const struct scheme {
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

static const struct scheme *
scheme_of(const struct tpm_sig *sig)
{
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (schemes[i].scheme == sig->scheme &&
		    schemes[i].hash == sig->hash)
			return &schemes[i];
	return NULL;
}

static enum atls_rc
verify(const struct crypto_key *key, const struct tpm_sig *sig,
    struct atls_bytes info)
{
	const struct scheme *is = scheme_of(sig);
	uint8_t b[ECDSA_DER_MAX];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct atls_bytes s = sig->r;
	enum atls_rc rc = ATLS_OK;

	if (is == NULL)
		return ATLS_E_SIG;
	if (sig->scheme == TPM_ALG_ECDSA) {
		rc = crypto_ecdsa_der(sig->r, sig->s, &der);
		s = (struct atls_bytes){ b, rc == ATLS_OK ? der.len : 0 };
	}
	return rc != ATLS_OK ? rc : crypto_verify(key, is->id, info, s);
}

int
tpm_check_signature(const struct evidence_trust *trust,
    const struct crypto_key *key, const struct tpm_sig *sig,
    struct atls_bytes info, bool certify, struct atls_err *err)
{
	enum atls_rc rc;

	if (evidence_check(trust, err, scheme_of(sig) != NULL, ATLS_E_SIG,
	    certify ? "tpm.certify.hash" : "tpm.quote.hash",
	    "must be a scheme and a hash that we allow", "0x%04x with 0x%04x",
	    sig->scheme, sig->hash) != 1)
		return 0;
	rc = verify(key, sig, info);
	return evidence_check(trust, err, rc == ATLS_OK, rc, certify ?
	    "tpm.certify.signature" : "tpm.quote.signature",
	    "must be the AK's", "%s", atls_rc_name(rc));
}

/* The values in the order of the quote; *n: how many.  false: they are not
 * those of the PCRs quoted, all of them and no others. */
static bool
values(const struct tpm_attest *quote, struct atls_bytes pcrs,
    struct atls_bytes value[TPM_BANKS_MAX * TPM_PCRS_MAX], size_t *n)
{
	struct rd r = rd_of(pcrs);
	struct cbor_list banks = cbor_array(&r);
	struct tpm_bank b;
	size_t i = 0, pcr;

	*n = 0;
	while (tpm_bank_next(&r, &banks, &b)) {
		if (i >= quote->nbank || b.alg != quote->bank[i].alg ||
		    b.pcrs != quote->bank[i].pcrs)
			return false;
		for (pcr = 0; pcr < TPM_PCRS_MAX; pcr++)
			if (b.value[pcr].len != 0)
				value[(*n)++] = b.value[pcr];
		i++;
	}
	return rd_done(&r) == ATLS_OK && i == quote->nbank && *n > 0;
}

/* Part 3, TPM2_Quote: the digest is by the hash of the signing scheme. */
int
tpm_check_pcrs(const struct evidence_trust *trust,
    const struct tpm_attest *quote, unsigned hash, struct atls_bytes pcrs,
    struct atls_err *err)
{
	struct atls_bytes value[TPM_BANKS_MAX * TPM_PCRS_MAX];
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc;
	size_t n;
	bool ok;

	if (evidence_check(trust, err, values(quote, pcrs, value, &n),
	    ATLS_E_SIG, "tpm.pcr.selection",
	    "must be of the PCRs quoted, and of all of them",
	    "the values given") != 1)
		return 0;
	rc = crypto_hash(tpm_hash(hash), value, n, digest);
	ok = rc == ATLS_OK && atls_ct_eq(quote->digest, (struct atls_bytes){
	    digest, crypto_hash_len(tpm_hash(hash)) });
	return evidence_check(trust, err, ok, rc != ATLS_OK ? rc : ATLS_E_SIG,
	    "tpm.pcr.digest", "must be that of the values given",
	    "%zu octets", quote->digest.len);
}

int
tpm_check_challenge(const struct evidence_trust *trust,
    const struct tpm_attest *quote, struct atls_err *err)
{
	return evidence_check(trust, err, quote->extra.len != 0, ATLS_E_BIND,
	    "tpm.extra_data.empty", "must not be empty", "%zu octets",
	    quote->extra.len);
}
