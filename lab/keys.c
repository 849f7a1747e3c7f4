/* SPDX-License-Identifier: Apache-2.0 */
/* The PKI of the laboratory, made in memory. */
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "kit.h"

#define DAY	86400
#define ROOM	4096		/* octets of a certificate as text */

static struct {
	EVP_PKEY	*key;
	X509		*cert;
	char		 pem[ROOM], key_pem[ROOM];
} ca;

static bool
text_of(BIO *b, char *out, size_t cap)
{
	char *p;
	long n = b == NULL ? -1 : BIO_get_mem_data(b, &p);
	bool ok = n > 0 && (size_t)n < cap;

	if (ok) {
		memcpy(out, p, (size_t)n);
		out[n] = '\0';
	}
	BIO_free(b);
	return ok;
}

static bool
cert_text(X509 *x, char *out, size_t cap)
{
	BIO *b = BIO_new(BIO_s_mem());

	if (b != NULL && PEM_write_bio_X509(b, x) != 1) {
		BIO_free(b);
		return false;
	}
	return text_of(b, out, cap);
}

static bool
key_text(EVP_PKEY *k, char *out, size_t cap)
{
	BIO *b = BIO_new(BIO_s_mem());

	if (b != NULL && PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL,
	    NULL) != 1) {
		BIO_free(b);
		return false;
	}
	return text_of(b, out, cap);
}

static bool
extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool
extend_all(X509 *x, X509 *issuer, const char *name, bool is_ca)
{
	char san[256];

	(void)snprintf(san, sizeof(san), "DNS:%s", name);
	return extend(x, issuer, NID_basic_constraints, is_ca ?
	    "critical,CA:TRUE" : "critical,CA:FALSE") &&
	    extend(x, issuer, NID_key_usage, is_ca ?
	    "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
	    extend(x, issuer, NID_subject_key_identifier, "hash") &&
	    extend(x, issuer, NID_authority_key_identifier, "keyid:always") &&
	    (is_ca || (extend(x, issuer, NID_ext_key_usage,
	    "serverAuth,clientAuth") &&
	    extend(x, issuer, NID_subject_alt_name, san)));
}

static X509 *
cert_new(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *signer)
{
	static long serial = 1;
	bool is_ca = issuer == NULL && signer == NULL;
	X509_NAME *cn = X509_NAME_new();
	X509 *x = X509_new();
	time_t now = time(NULL);

	if (issuer == NULL)
		issuer = x;
	if (signer == NULL)
		signer = key;
	if (x != NULL && cn != NULL &&
	    X509_NAME_add_entry_by_txt(cn, "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial) == 1 &&
	    X509_set_subject_name(x, cn) == 1 &&
	    X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
	    ASN1_TIME_adj(X509_getm_notBefore(x), now - DAY, 0, 0) != NULL &&
	    ASN1_TIME_adj(X509_getm_notAfter(x), now + DAY, 0, 0) != NULL &&
	    X509_set_pubkey(x, key) == 1 &&
	    extend_all(x, issuer, name, is_ca) &&
	    X509_sign(x, signer, EVP_sha256()) > 0) {
		X509_NAME_free(cn);
		return x;
	}
	X509_NAME_free(cn);
	X509_free(x);
	return NULL;
}

bool
lab_pki_open(void)
{
	return (ca.key = EVP_EC_gen("P-256")) != NULL &&
	    (ca.cert = cert_new(ca.key, "laboratory CA", NULL, NULL)) !=
	    NULL && cert_text(ca.cert, ca.pem, sizeof(ca.pem)) &&
	    key_text(ca.key, ca.key_pem, sizeof(ca.key_pem));
}

void
lab_pki_close(void)
{
	EVP_PKEY_free(ca.key);
	X509_free(ca.cert);
	memset(&ca, 0, sizeof(ca));
}

struct atls_bytes
lab_ca_pem(void)
{
	return (struct atls_bytes){ (uint8_t *)ca.pem, strlen(ca.pem) };
}

struct atls_bytes
lab_ca_key_pem(void)
{
	return (struct atls_bytes){ (uint8_t *)ca.key_pem,
	    strlen(ca.key_pem) };
}

bool
lab_key_read(struct lab_key *k)
{
	struct atls_err err = { 0 };

	k->id = atls_identity_new((struct atls_bytes){ (uint8_t *)k->chain,
	    strlen(k->chain) }, (struct atls_bytes){ (uint8_t *)k->key,
	    strlen(k->key) }, &err);
	return k->id != NULL && lab_key_known(k);
}

bool
lab_key_known(struct lab_key *k)
{
	const uint8_t *p;
	uint8_t *der = NULL;
	X509 *x;
	int n;

	p = k->id->chain[0].p;
	x = d2i_X509(NULL, &p, (long)k->id->chain[0].len);
	n = x == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	X509_free(x);
	if (n <= 0 || (size_t)n > sizeof(k->spki)) {
		OPENSSL_free(der);
		return false;
	}
	memcpy(k->spki, der, (size_t)n);
	k->spkilen = (size_t)n;
	OPENSSL_free(der);
	return true;
}

bool
lab_certify(char chain[LAB_PEM], EVP_PKEY *key, const char *name, bool by_ca)
{
	EVP_PKEY *own = by_ca ? NULL : EVP_EC_gen("P-256");
	X509 *root = own == NULL ? NULL : cert_new(own, "attacker CA", NULL,
	    NULL);
	X509 *x = NULL;
	bool ok;

	if (key != NULL && (by_ca || root != NULL))
		x = cert_new(key, name, by_ca ? ca.cert : root,
		    by_ca ? ca.key : own);
	ok = x != NULL && cert_text(x, chain, LAB_PEM);
	X509_free(x);
	X509_free(root);
	EVP_PKEY_free(own);
	return ok;
}

bool
lab_key_new(struct lab_key *k, const char *name, bool by_ca)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	bool ok = lab_certify(k->chain, key, name, by_ca) &&
	    key_text(key, k->key, sizeof(k->key)) && lab_key_read(k);

	EVP_PKEY_free(key);
	return ok;
}

/* RFC 9999, "X.509": the extension of evidence. */
#define CMW_OID		"1.3.6.1.5.5.7.1.35"

static bool
graft(X509 *x, const struct lab_key *of)
{
	const uint8_t *p = of->id->chain[0].p;
	X509 *from = d2i_X509(NULL, &p, (long)of->id->chain[0].len);
	ASN1_OBJECT *oid = OBJ_txt2obj(CMW_OID, 1);
	int at = from == NULL || oid == NULL ? -1 : X509_get_ext_by_OBJ(from,
	    oid, -1);
	bool ok = at >= 0 && X509_add_ext(x, X509_get_ext(from, at), -1) ==
	    1 && X509_sign(x, ca.key, EVP_sha256()) > 0;

	ASN1_OBJECT_free(oid);
	X509_free(from);
	return ok;
}

bool
lab_key_graft(struct lab_key *k, const struct lab_key *of, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key == NULL ? NULL : cert_new(key, name, ca.cert, ca.key);
	bool ok = x != NULL && graft(x, of) &&
	    cert_text(x, k->chain, sizeof(k->chain)) &&
	    key_text(key, k->key, sizeof(k->key)) && lab_key_read(k);

	X509_free(x);
	EVP_PKEY_free(key);
	return ok;
}

void
lab_key_free(struct lab_key *k)
{
	atls_identity_free(k->id);
	memset(k, 0, sizeof(*k));
}
