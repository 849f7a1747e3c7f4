/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "dev.h"

#define DNS_MAX		253	/* octets of a name in presentation form */
#define CN_MAX		64	/* ub-common-name, RFC 5280, appendix A */

static bool
is_dns_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*");

	return n >= 1 && n <= DNS_MAX && s[n] == '\0';
}

/* As values, never as text that the library would take apart again. */
static int
add_dns(X509_REQ *req, const char *name)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *gen = GENERAL_NAME_new();
	STACK_OF(X509_EXTENSION) *exts = NULL;
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();
	int ok = 0;

	if (names == NULL || gen == NULL || s == NULL ||
	    ASN1_STRING_set(s, name, (int)strlen(name)) != 1)
		goto out;
	GENERAL_NAME_set0_value(gen, GEN_DNS, s);
	s = NULL;
	if (sk_GENERAL_NAME_push(names, gen) <= 0)
		goto out;
	gen = NULL;
	ok = X509V3_add1_i2d(&exts, NID_subject_alt_name, names, 0, 0) == 1 &&
	    X509_REQ_add_extensions(req, exts) == 1;
out:
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	ASN1_IA5STRING_free(s);
	GENERAL_NAME_free(gen);
	GENERAL_NAMES_free(names);
	return ok;
}

static int
fill(X509_REQ *req, EVP_PKEY *aik, const char *name)
{
	if (strlen(name) <= CN_MAX &&
	    X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(req),
	    NID_commonName, MBSTRING_ASC, (const unsigned char *)name, -1, -1,
	    0) != 1)
		return 0;
	return X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(req, aik) == 1 && add_dns(req, name) == 1;
}

static int
set_signature(X509_REQ *req, const struct atls_buf *sig)
{
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	X509_ALGOR *alg = X509_ALGOR_new();
	int ok;

	ok = bits != NULL && alg != NULL &&
	    X509_ALGOR_set0(alg, OBJ_nid2obj(NID_ecdsa_with_SHA256),
	    V_ASN1_UNDEF, NULL) == 1 &&
	    X509_REQ_set1_signature_algo(req, alg) == 1 &&
	    ASN1_BIT_STRING_set(bits, sig->p, (int)sig->len) == 1;
	X509_ALGOR_free(alg);
	if (!ok) {
		ASN1_BIT_STRING_free(bits);
		return 0;
	}
	bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;	/* none unused */
	X509_REQ_set0_signature(req, bits);
	return 1;
}

static enum atls_rc
csr_write(struct tpm_dev *d, X509_REQ *req, struct atls_buf *out,
    struct atls_err *err)
{
	uint8_t der[ATLS_SIG_MAX];
	struct atls_buf sig = { der, sizeof(der), 0 };
	unsigned char *tbs = NULL;
	enum atls_rc rc;
	BIO *b;
	int n;

	if ((n = i2d_re_X509_REQ_tbs(req, &tbs)) <= 0)
		return tpm_crypto(err, "tpm.csr", "encoding");
	rc = tpm_sign(d, ATLS_ECDSA_P256_SHA256,
	    (struct atls_bytes){ tbs, (size_t)n }, &sig, err);
	OPENSSL_free(tbs);
	if (rc != ATLS_OK)
		return rc;
	b = BIO_new(BIO_s_mem());
	if (b == NULL || set_signature(req, &sig) != 1 ||
	    PEM_write_bio_X509_REQ(b, req) != 1)
		rc = tpm_crypto(err, "tpm.csr", "PEM");
	else
		rc = tpm_bio_out(b, out, "tpm.csr", err);
	BIO_free(b);
	return rc;
}

enum atls_rc
atls_tpm_csr(void *dev, const char *dns_name, struct atls_buf *out,
    struct atls_err *err)
{
	struct tpm_dev *d = dev;
	enum atls_rc rc;
	X509_REQ *req;
	EVP_PKEY *aik;

	out->len = 0;
	if (dns_name == NULL || !is_dns_name(dns_name))
		return fail_set(err, ATLS_E_ARG, "tpm.csr",
		    "not a DNS name");
	if ((rc = tpm_pub_evp(&d->aik, &aik, err)) != ATLS_OK)
		return rc;
	req = X509_REQ_new();
	if (req == NULL || fill(req, aik, dns_name) != 1)
		rc = tpm_crypto(err, "tpm.csr", "building");
	else
		rc = csr_write(d, req, out, err);
	X509_REQ_free(req);
	EVP_PKEY_free(aik);
	return rc;
}
