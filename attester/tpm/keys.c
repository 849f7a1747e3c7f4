/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "dev.h"

#define SRK_HANDLE	0x81000001	/* TCG TPM 2.0 Provisioning Guidance */

/*
 * Made in this TPM and never out of it.  No password, so there is none to
 * guess: noDA, else whoever locks the TPM by wrong guesses at other keys
 * (loss of power counts as one) would stop attestation.
 */
#define ATTR_MADE_HERE	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | \
	TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH | \
	TPMA_OBJECT_NODA)
#define ATTR_SRK	(ATTR_MADE_HERE | TPMA_OBJECT_RESTRICTED | \
	TPMA_OBJECT_DECRYPT)

static const struct {
	const char	*pub, *priv, *where;
	TPMA_OBJECT	 attr;
} roles[] = {
	[TPM_AK] = { "ak.pub", "ak.priv", "tpm.ak",
	    ATTR_MADE_HERE | TPMA_OBJECT_SIGN_ENCRYPT |
	    TPMA_OBJECT_RESTRICTED },
	[TPM_AIK] = { "aik.pub", "aik.priv", "tpm.aik",
	    ATTR_MADE_HERE | TPMA_OBJECT_SIGN_ENCRYPT },
};

static TPM2B_PUBLIC
template_p256(TPMA_OBJECT attr)
{
	TPM2B_PUBLIC t = { .publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = attr,
	} };
	TPMS_ECC_PARMS *p = &t.publicArea.parameters.eccDetail;

	p->symmetric.algorithm = TPM2_ALG_NULL;
	p->scheme.scheme = TPM2_ALG_ECDSA;
	p->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	p->curveID = TPM2_ECC_NIST_P256;
	p->kdf.scheme = TPM2_ALG_NULL;
	return t;
}

/* TCG TPM 2.0 Provisioning Guidance, 7.5.1, over template L-2 of the TCG EK
 * Credential Profile: the coordinates are 32 zero octets each. */
static TPM2B_PUBLIC
template_srk(void)
{
	TPM2B_PUBLIC t = template_p256(ATTR_SRK);
	TPMS_ECC_PARMS *p = &t.publicArea.parameters.eccDetail;

	p->symmetric.algorithm = TPM2_ALG_AES;
	p->symmetric.keyBits.aes = 128;
	p->symmetric.mode.aes = TPM2_ALG_CFB;
	p->scheme = (TPMT_ECC_SCHEME){ .scheme = TPM2_ALG_NULL };
	t.publicArea.unique.ecc.x.size = TPM_P256_LEN;
	t.publicArea.unique.ecc.y.size = TPM_P256_LEN;
	return t;
}

/* The same in all but the point, which must be there. */
static bool
is_of_template(const TPM2B_PUBLIC *pub, TPM2B_PUBLIC t)
{
	uint8_t a[sizeof(TPMT_PUBLIC)], b[sizeof(TPMT_PUBLIC)];
	const TPMS_ECC_POINT *point = &pub->publicArea.unique.ecc;
	size_t na = 0, nb = 0;

	if (pub->publicArea.type != TPM2_ALG_ECC ||
	    point->x.size == 0 || point->x.size > TPM_P256_LEN ||
	    point->y.size == 0 || point->y.size > TPM_P256_LEN)
		return false;
	t.publicArea.unique.ecc = *point;
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&pub->publicArea, a, sizeof(a),
	    &na) != TSS2_RC_SUCCESS)
		return false;
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&t.publicArea, b, sizeof(b),
	    &nb) != TSS2_RC_SUCCESS)
		return false;
	return na == nb && memcmp(a, b, na) == 0;
}

void
tpm_flush(ESYS_CONTEXT *esys, ESYS_TR *tr)
{
	if (*tr == ESYS_TR_NONE)
		return;
	/* once more, since what stays behind takes one of three places */
	if (Esys_FlushContext(esys, *tr) != TSS2_RC_SUCCESS)
		(void)Esys_FlushContext(esys, *tr);
	*tr = ESYS_TR_NONE;
}

/* Asked first: to try and fail would put lines into the log of tpm2-tss. */
static enum atls_rc
has_handle(ESYS_CONTEXT *esys, TPM2_HANDLE handle, bool *has,
    struct atls_err *err)
{
	TPMS_CAPABILITY_DATA *cap = NULL;
	TPMI_YES_NO more;
	TSS2_RC r;

	*has = false;
	r = Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	    TPM2_CAP_HANDLES, handle, 1, &more, &cap);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, "tpm.srk", r);
	*has = cap->data.handles.count > 0 &&
	    cap->data.handles.handle[0] == handle;
	Esys_Free(cap);
	return ATLS_OK;
}

/* The persistent storage key, if there is one and it is the standard's. */
static enum atls_rc
srk_persistent(ESYS_CONTEXT *esys, ESYS_TR *out, struct atls_err *err)
{
	TPM2B_PUBLIC *pub = NULL;
	ESYS_TR tr = ESYS_TR_NONE;
	enum atls_rc rc;
	TSS2_RC r;
	bool has;

	*out = ESYS_TR_NONE;
	rc = has_handle(esys, SRK_HANDLE, &has, err);
	if (rc != ATLS_OK || !has)
		return rc;
	r = Esys_TR_FromTPMPublic(esys, SRK_HANDLE, ESYS_TR_NONE,
	    ESYS_TR_NONE, ESYS_TR_NONE, &tr);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, "tpm.srk", r);
	r = Esys_ReadPublic(esys, tr, ESYS_TR_NONE, ESYS_TR_NONE,
	    ESYS_TR_NONE, &pub, NULL, NULL);
	if (r == TSS2_RC_SUCCESS && is_of_template(pub, template_srk()))
		*out = tr;
	else
		(void)Esys_TR_Close(esys, &tr);
	Esys_Free(pub);
	return r == TSS2_RC_SUCCESS ? ATLS_OK : tpm_tss(err, "tpm.srk", r);
}

enum atls_rc
tpm_srk(ESYS_CONTEXT *esys, ESYS_TR *out, bool *transient,
    struct atls_err *err)
{
	static const TPM2B_SENSITIVE_CREATE no_auth;
	static const TPM2B_DATA no_data;
	static const TPML_PCR_SELECTION no_pcrs;
	TPM2B_PUBLIC t = template_srk();
	enum atls_rc rc;
	TSS2_RC r;

	*transient = false;
	rc = srk_persistent(esys, out, err);
	if (rc != ATLS_OK || *out != ESYS_TR_NONE)
		return rc;
	r = Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &no_auth, &t, &no_data, &no_pcrs, out,
	    NULL, NULL, NULL, NULL);
	if (r != TSS2_RC_SUCCESS) {
		*out = ESYS_TR_NONE;
		return tpm_tss(err, "tpm.srk", r);
	}
	*transient = true;
	return ATLS_OK;
}

/* Takes over what a file or the TPM gave, if it is the key we would make. */
static enum atls_rc
key_set(struct tpm_key *k, enum tpm_role role, const TPM2B_PUBLIC *pub,
    const TPM2B_PRIVATE *priv, struct atls_err *err)
{
	TSS2_RC r;

	if (!is_of_template(pub, template_p256(roles[role].attr)))
		return fail_set(err, ATLS_E_FORMAT, roles[role].where,
		    "%s: not the kind of key that is made here",
		    roles[role].pub);
	k->pub = *pub;
	k->priv = *priv;
	k->tr = ESYS_TR_NONE;
	k->arealen = 0;
	r = Tss2_MU_TPMT_PUBLIC_Marshal(&pub->publicArea, k->area,
	    sizeof(k->area), &k->arealen);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, roles[role].where, r);
	/* TPM 2.0 Library, Part 1, "Names" */
	k->name[0] = TPM2_ALG_SHA256 >> 8;
	k->name[1] = TPM2_ALG_SHA256 & 0xff;
	if (EVP_Digest(k->area, k->arealen, k->name + 2, NULL, EVP_sha256(),
	    NULL) != 1) {
		k->arealen = 0;
		return tpm_crypto(err, roles[role].where, "SHA-256");
	}
	return ATLS_OK;
}

/* As marshalled, to the last octet: what reads back differently is refused */
static bool
pub_read(const uint8_t *p, size_t len, TPM2B_PUBLIC *pub)
{
	uint8_t again[sizeof(TPM2B_PUBLIC)];
	size_t off = 0, n = 0;

	*pub = (TPM2B_PUBLIC){ 0 };
	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(p, len, &off, pub) !=
	    TSS2_RC_SUCCESS)
		return false;
	if (Tss2_MU_TPM2B_PUBLIC_Marshal(pub, again, sizeof(again), &n) !=
	    TSS2_RC_SUCCESS)
		return false;
	return n == len && memcmp(p, again, n) == 0;
}

enum atls_rc
tpm_key_get(int dirfd, enum tpm_role role, struct tpm_key *k, bool *found,
    struct atls_err *err)
{
	uint8_t pub[sizeof(TPM2B_PUBLIC)], priv[sizeof(TPM2B_PRIVATE)];
	const char *where = roles[role].where;
	TPM2B_PRIVATE v = { 0 };
	TPM2B_PUBLIC b;
	size_t npub, npriv, off = 0;
	enum atls_rc rc;

	*found = false;
	rc = tpm_file_read(dirfd, roles[role].pub, pub, sizeof(pub), &npub,
	    err);
	if (rc != ATLS_OK)
		return rc;
	rc = tpm_file_read(dirfd, roles[role].priv, priv, sizeof(priv),
	    &npriv, err);
	if (rc != ATLS_OK)
		return rc;
	if (npub == 0 && npriv == 0)
		return ATLS_OK;
	if (npub == 0 || npriv == 0)
		return fail_set(err, ATLS_E_FORMAT, where, "%s without %s",
		    npub == 0 ? roles[role].priv : roles[role].pub,
		    npub == 0 ? roles[role].pub : roles[role].priv);
	if (!pub_read(pub, npub, &b))
		return fail_set(err, ATLS_E_FORMAT, where,
		    "%s: not a TPM2B_PUBLIC", roles[role].pub);
	if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(priv, npriv, &off, &v) !=
	    TSS2_RC_SUCCESS || off != npriv)
		return fail_set(err, ATLS_E_FORMAT, where,
		    "%s: not a TPM2B_PRIVATE", roles[role].priv);
	*found = true;
	return key_set(k, role, &b, &v, err);
}

/* The private half first: who comes second fails there, and a public half
 * is never that of another key. */
static enum atls_rc
key_put(int dirfd, enum tpm_role role, const TPM2B_PUBLIC *b,
    const TPM2B_PRIVATE *v, struct atls_err *err)
{
	uint8_t pub[sizeof(*b)], priv[sizeof(*v)];
	size_t npub = 0, npriv = 0;
	enum atls_rc rc;
	TSS2_RC r;

	r = Tss2_MU_TPM2B_PUBLIC_Marshal(b, pub, sizeof(pub), &npub);
	if (r == TSS2_RC_SUCCESS)
		r = Tss2_MU_TPM2B_PRIVATE_Marshal(v, priv, sizeof(priv),
		    &npriv);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, roles[role].where, r);
	rc = tpm_file_write(dirfd, roles[role].priv, priv, npriv, err);
	if (rc != ATLS_OK)
		return rc;
	rc = tpm_file_write(dirfd, roles[role].pub, pub, npub, err);
	if (rc != ATLS_OK)
		(void)unlinkat(dirfd, roles[role].priv, 0);	/* ours */
	return rc;
}

enum atls_rc
tpm_key_make(ESYS_CONTEXT *esys, ESYS_TR srk, int dirfd, enum tpm_role role,
    struct tpm_key *k, struct atls_err *err)
{
	static const TPM2B_SENSITIVE_CREATE no_auth;
	static const TPM2B_DATA no_data;
	static const TPML_PCR_SELECTION no_pcrs;
	TPM2B_PUBLIC t = template_p256(roles[role].attr);
	TPM2B_PRIVATE *v = NULL;
	TPM2B_PUBLIC *b = NULL;
	enum atls_rc rc;
	TSS2_RC r;

	r = Esys_Create(esys, srk, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, &no_auth, &t, &no_data, &no_pcrs, &v, &b, NULL,
	    NULL, NULL);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, roles[role].where, r);
	rc = key_set(k, role, b, v, err);
	if (rc == ATLS_OK)
		rc = key_put(dirfd, role, b, v, err);
	Esys_Free(v);
	Esys_Free(b);
	return rc;
}

/* TPM 2.0 Library, Part 1, "Response Code Details": format one, about a
 * parameter and not a handle or the authorization. */
static bool
is_about_parameter(TSS2_RC r)
{
	const TSS2_RC fmt1 = TPM2_RC_FMT1 | TPM2_RC_P;

	return (r & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER &&
	    (r & fmt1) == fmt1;
}

enum atls_rc
tpm_key_load(ESYS_CONTEXT *esys, ESYS_TR srk, enum tpm_role role,
    struct tpm_key *k, struct atls_err *err)
{
	TSS2_RC r;

	r = Esys_Load(esys, srk, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	    &k->priv, &k->pub, &k->tr);
	if (r == TSS2_RC_SUCCESS)
		return ATLS_OK;
	k->tr = ESYS_TR_NONE;
	if (is_about_parameter(r))
		return fail_set(err, ATLS_E_FORMAT, roles[role].where,
		    "%s: damaged, or not of this TPM", roles[role].priv);
	return tpm_tss(err, roles[role].where, r);
}
