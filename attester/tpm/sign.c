/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "dev.h"

/* The device signs digests it did not make itself, since the AIK is not
 * restricted: for those there is a ticket that says nothing. */
static const TPMT_TK_HASHCHECK no_ticket = {
	.tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL,
};

/* SEQUENCE of r and s: RFC 3279, 2.2.3. */
static enum atls_rc
put_der(const TPMS_SIGNATURE_ECC *in, struct atls_buf *out,
    struct atls_err *err)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(in->signatureR.buffer, in->signatureR.size,
	    NULL);
	BIGNUM *s = BN_bin2bn(in->signatureS.buffer, in->signatureS.size,
	    NULL);
	enum atls_rc rc;
	uint8_t *p = out->p;
	int len = -1;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else
		len = i2d_ECDSA_SIG(sig, NULL);
	if (len > 0 && (size_t)len > out->cap) {
		out->len = (size_t)len;
		rc = fail_set(err, ATLS_E_SPACE, "tpm.sign", "%d octets", len);
	} else if (len <= 0 || i2d_ECDSA_SIG(sig, &p) != len)
		rc = tpm_crypto(err, "tpm.sign", "DER");
	else {
		out->len = (size_t)len;
		rc = ATLS_OK;
	}
	ECDSA_SIG_free(sig);
	return rc;
}

static enum atls_rc
sign_digest(struct tpm_dev *d, const TPM2B_DIGEST *digest,
    struct atls_buf *out, struct atls_err *err)
{
	static const TPMT_SIG_SCHEME of_key = { .scheme = TPM2_ALG_NULL };
	TPMT_SIGNATURE *sig = NULL;
	enum atls_rc rc;
	TSS2_RC r;

	r = Esys_Sign(d->esys, d->aik.tr, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, digest, &of_key, &no_ticket, &sig);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, "tpm.sign", r);
	if (sig->sigAlg != TPM2_ALG_ECDSA)
		rc = fail_set(err, ATLS_E_DEVICE, "tpm.sign",
		    "signature of another kind: 0x%04x",
		    (unsigned)sig->sigAlg);
	else
		rc = put_der(&sig->signature.ecdsa, out, err);
	Esys_Free(sig);
	return rc;
}

enum atls_rc
tpm_sign(void *dev, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	struct tpm_dev *d = dev;
	TPM2B_DIGEST digest = { .size = TPM_SHA256_LEN };
	enum atls_rc rc;

	sig->len = 0;
	if (scheme != ATLS_ECDSA_P256_SHA256 || tbs.len == 0)
		return fail_set(err, ATLS_E_ARG, "tpm.sign",
		    "scheme 0x%04x, %zu octets", (unsigned)scheme, tbs.len);
	if (EVP_Digest(tbs.p, tbs.len, digest.buffer, NULL, EVP_sha256(),
	    NULL) != 1)
		return tpm_crypto(err, "tpm.sign", "SHA-256");
	if ((rc = tpm_enter(d, err)) != ATLS_OK)
		return rc;
	return tpm_leave(d, sign_digest(d, &digest, sig, err));
}

struct atls_identity *
tpm_identity(void *dev, struct atls_bytes chain_pem, struct atls_err *err)
{
	struct atls_bytes no_key = { NULL, 0 };
	struct atls_identity *id;
	struct tpm_dev *d = dev;

	if ((id = atls_identity_new(chain_pem, no_key, err)) == NULL)
		return NULL;
	if (tpm_pub_is_leaf(&d->aik, id, "tpm.identity", err) != ATLS_OK) {
		atls_identity_free(id);
		return NULL;
	}
	id->scheme[0] = ATLS_ECDSA_P256_SHA256;
	id->nscheme = 1;
	id->key = dev;
	id->sign = tpm_sign;
	return id;
}
