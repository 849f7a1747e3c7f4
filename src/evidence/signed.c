/* SPDX-License-Identifier: Apache-2.0 */
#include "signed.h"

#define ECDSA_DER_MAX	112	/* octets of a P-384 signature */

/* field: octets of r and of s; 0 if the signature goes as it is. */
static const struct alg {
	int64_t		alg;
	unsigned	scheme;
	size_t		field;
} algs[] = {
	{ COSE_ES256, ATLS_ECDSA_P256_SHA256, 32 },
	{ COSE_ES384, ATLS_ECDSA_P384_SHA384, 48 },
	{ COSE_EDDSA, ATLS_ED25519, 0 },
	{ COSE_PS256, ATLS_RSA_PSS_SHA256, 0 },
	{ COSE_PS384, ATLS_RSA_PSS_SHA384, 0 },
	{ COSE_PS512, ATLS_RSA_PSS_SHA512, 0 },
};

static const struct alg *
alg_of(int64_t id)
{
	size_t i;

	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (algs[i].alg == id)
			return &algs[i];
	return NULL;
}

bool
signed_alg_known(int64_t alg)
{
	return alg_of(alg) != NULL;
}

bool
signed_key_fits(int64_t alg, const struct crypto_key *key)
{
	const struct alg *a = alg_of(alg);

	return a != NULL && crypto_key_fits(key, a->scheme);
}

enum atls_rc
signed_verify_parts(int64_t alg, const struct crypto_key *key,
    const struct atls_bytes *part, size_t nparts, struct atls_bytes sig)
{
	const struct alg *a = alg_of(alg);
	struct atls_bytes r, s;
	uint8_t b[ECDSA_DER_MAX];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct rd rd = rd_of(sig);
	enum atls_rc rc;

	if (a == NULL)
		return ATLS_E_UNKNOWN;
	if (a->field != 0) {
		r = rd_take(&rd, a->field);
		s = rd_take(&rd, a->field);
		if (rd_done(&rd) != ATLS_OK)
			return ATLS_E_SIG;
		if ((rc = crypto_ecdsa_der(r, s, &der)) != ATLS_OK)
			return rc;
		sig = (struct atls_bytes){ b, der.len };
	}
	return crypto_verify_parts(key, a->scheme, part, nparts, sig);
}

enum atls_rc
signed_verify(const struct cose_sign1 *msg, const struct crypto_key *key)
{
	struct cose_tbs tbs;
	enum atls_rc rc;

	rc = cose_tbs(msg, (struct atls_bytes){ NULL, 0 }, &tbs);
	if (rc != ATLS_OK)
		return rc;
	return signed_verify_parts(msg->alg, key, tbs.part, COSE_TBS_PARTS,
	    msg->signature);
}

enum atls_rc
signed_key(const struct cose_key *k, struct crypto_key **out)
{
	switch (k->curve) {
	case COSE_P256:
		return crypto_key_ec(CRYPTO_P256, k->x, k->y, out);
	case COSE_P384:
		return crypto_key_ec(CRYPTO_P384, k->x, k->y, out);
	}
	*out = NULL;
	return ATLS_E_ARG;
}
