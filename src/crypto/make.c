/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lc.h"
#include "make.h"

#define SERIAL_BITS	127	/* RFC 5280, 4.1.2.2: positive, unpredictable */
#define DNS_MAX	253	/* octets: RFC 1035, 2.3.4 */
#define CN_MAX		64	/* characters: RFC 5280, A.1, ub-common-name */
#define OID_MAX		64	/* octets of an element */

struct crypto_maker {
	EVP_PKEY	*key;
	uint8_t		*spki;
	int		 spkilen;
};

struct crypto_maker *
crypto_maker_new(void)
{
	struct crypto_maker *m = calloc(1, sizeof(*m));
	const struct lc *lc = lc_get();

	if (m == NULL || lc == NULL ||
	    (m->key = EVP_PKEY_Q_keygen(lc->full, NULL, "EC", "P-256")) ==
	    NULL || (m->spkilen = i2d_PUBKEY(m->key, &m->spki)) <= 0) {
		ERR_clear_error();
		crypto_maker_free(m);
		return NULL;
	}
	return m;
}

void
crypto_maker_free(struct crypto_maker *m)
{
	if (m == NULL)
		return;
	EVP_PKEY_free(m->key);
	OPENSSL_free(m->spki);
	free(m);
}

struct atls_bytes
crypto_maker_spki(const struct crypto_maker *m)
{
	return (struct atls_bytes){ m->spki, (size_t)m->spkilen };
}

/* What is in a BIO, to out from the start. */
static enum atls_rc
give(BIO *b, struct atls_buf *out)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);

	out->len = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		return ATLS_E_CRYPTO;
	if (out->len > out->cap)
		return ATLS_E_SPACE;
	memcpy(out->p, p, out->len);
	return ATLS_OK;
}

/* An encrypted key is an error, not a question on the terminal. */
static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag, (void)arg;
	return -1;
}

/* The next certificate of PEM text, whatever else is in it; NULL: no more. */
static X509 *
next_cert(BIO *b)
{
	X509 *x = X509_new_ex(lc_get()->full, NULL);

	if (x == NULL || PEM_read_bio_X509(b, &x, NULL, NULL) != NULL)
		return x;
	X509_free(x);
	return NULL;
}

/* The CA's certificate and key, or NULL and NULL if it signs itself. */
static enum atls_rc
issuer(const struct crypto_maker_ask *ask, X509 **ca, EVP_PKEY **key)
{
	BIO *b;

	*ca = NULL;
	*key = NULL;
	if (ask->ca_pem.len == 0)
		return ATLS_OK;
	if ((b = lc_pem_open(ask->ca_pem)) == NULL)
		return ATLS_E_MEM;
	*ca = next_cert(b);
	BIO_free(b);
	if ((b = lc_pem_open(ask->ca_key_pem)) == NULL)
		return ATLS_E_MEM;
	*key = PEM_read_bio_PrivateKey_ex(b, NULL, no_passphrase, NULL,
	    lc_get()->full, NULL);
	BIO_free(b);
	if (*ca == NULL || *key == NULL)
		return lc_rc(ATLS_E_FORMAT);
	/* RFC 5280, 4.2.1.9: else nobody would take what it signs */
	return X509_check_ca(*ca) == 1 && X509_check_private_key(*ca, *key) ==
	    1 ? ATLS_OK : lc_rc(ATLS_E_ARG);
}

/* The certificates of the CA, and nothing else that may be in that text: its
 * key, say. */
static int
add_chain(BIO *out, struct atls_bytes ca_pem)
{
	BIO *in = ca_pem.len == 0 ? NULL : lc_pem_open(ca_pem);
	int ok = ca_pem.len == 0 || in != NULL;
	X509 *x;

	while (in != NULL && ok && (x = next_cert(in)) != NULL) {
		ok = PEM_write_bio_X509(out, x) == 1;
		X509_free(x);
	}
	BIO_free(in);
	return ok;
}

static int
add_nid(X509 *x, X509 *ca, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	int ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, ca == NULL ? x : ca, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static int
add_evidence(X509 *x, const struct crypto_maker_ask *ask)
{
	uint8_t element[OID_MAX] = { 0x06, (uint8_t)ask->oid.len };
	const uint8_t *p = element;
	ASN1_OCTET_STRING *os = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	ASN1_OBJECT *oid = NULL;
	int ok = 0;

	if (os != NULL && ask->oid.len <= OID_MAX - 2 &&
	    ask->value.len <= LC_CERT_MAX) {
		memcpy(element + 2, ask->oid.p, ask->oid.len);
		oid = d2i_ASN1_OBJECT(NULL, &p, (long)ask->oid.len + 2);
		ok = oid != NULL && ASN1_OCTET_STRING_set(os, ask->value.p,
		    (int)ask->value.len) == 1 &&
		    (e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, os)) !=
		    NULL && X509_add_ext(x, e, -1) == 1;
	}
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(os);
	return ok;
}

static int
set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE,
	    BN_RAND_BOTTOM_ANY) == 1 && BN_to_ASN1_INTEGER(n,
	    X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return ok;
}

/* A name that is too long for a CN is in subjectAltName only, where peers
 * look: RFC 9525, 6.3. */
static const char *
cn_of(const char *name)
{
	return strlen(name) <= CN_MAX ? name : "RA-TLS";
}

static bool
is_address(const char *name)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(name);
	bool is = ip != NULL;

	ASN1_OCTET_STRING_free(ip);
	return is;
}

static int
fill(const struct crypto_maker *m, X509 *x, X509 *ca,
    const struct crypto_maker_ask *ask)
{
	X509_NAME *name = X509_get_subject_name(x);
	char san[DNS_MAX + sizeof("DNS:")] = "DNS:";

	if (is_address(ask->name))
		(void)strcpy(san, "IP:");
	(void)strcat(san, ask->name);
	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)ask->from) !=
	    NULL && ASN1_TIME_set(X509_getm_notAfter(x),
	    (time_t)ask->until) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const unsigned char *)cn_of(ask->name), -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, ca == NULL ? name :
	    X509_get_subject_name(ca)) == 1 &&
	    X509_set_pubkey(x, m->key) == 1 &&
	    add_nid(x, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_nid(x, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_nid(x, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
	    add_nid(x, ca, NID_subject_alt_name, san) &&
	    add_nid(x, ca, NID_subject_key_identifier, "hash") &&
	    (ca == NULL || X509_get0_subject_key_id(ca) == NULL ||
	    add_nid(x, ca, NID_authority_key_identifier, "keyid")) &&
	    add_evidence(x, ask);
}

/* The name goes into text that libcrypto parses: no comma, above all. */
static bool
is_name(const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s);

	return n > 0 && n <= DNS_MAX && (is_address(s) || (s[0] != '.' &&
	    strstr(s, "..") == NULL && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n));
}

static int
sign(X509 *x, EVP_PKEY *key)
{
	/* RFC 8410: Ed25519 takes no digest */
	return X509_sign(x, key, EVP_PKEY_is_a(key, "ED25519") == 1 ? NULL :
	    EVP_sha256()) > 0;
}

enum atls_rc
crypto_maker_cert(const struct crypto_maker *m,
    const struct crypto_maker_ask *ask, struct atls_buf *pem)
{
	EVP_PKEY *key = NULL;
	X509 *x = NULL, *ca = NULL;
	BIO *b = BIO_new(BIO_s_mem());
	enum atls_rc rc;

	pem->len = 0;
	if (!is_name(ask->name) || ask->from >= ask->until)
		rc = ATLS_E_ARG;
	else if (b == NULL || (x = X509_new_ex(lc_get()->full, NULL)) == NULL)
		rc = ATLS_E_MEM;
	else if ((rc = issuer(ask, &ca, &key)) == ATLS_OK)
		rc = fill(m, x, ca, ask) && sign(x, key == NULL ? m->key :
		    key) && PEM_write_bio_X509(b, x) == 1 &&
		    add_chain(b, ask->ca_pem) ? ATLS_OK :
		    lc_rc(ATLS_E_CRYPTO);
	if (rc == ATLS_OK)
		rc = give(b, pem);
	ERR_clear_error();
	EVP_PKEY_free(key);
	X509_free(ca);
	X509_free(x);
	BIO_free(b);
	return rc;
}

enum atls_rc
crypto_maker_key(const struct crypto_maker *m, struct atls_buf *pem)
{
	BIO *b = BIO_new(BIO_s_secmem());
	enum atls_rc rc = ATLS_E_MEM;

	pem->len = 0;
	if (b != NULL)
		rc = PEM_write_bio_PKCS8PrivateKey(b, m->key, NULL, NULL, 0,
		    NULL, NULL) == 1 ? give(b, pem) : lc_rc(ATLS_E_CRYPTO);
	BIO_free(b);
	ERR_clear_error();
	return rc;
}

enum atls_rc
crypto_spki_pem(struct atls_bytes spki, struct atls_buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	enum atls_rc rc = b == NULL ? ATLS_E_MEM : ATLS_E_LIMIT;

	out->len = 0;
	if (b != NULL && spki.len <= LC_CERT_MAX)
		rc = PEM_write_bio(b, PEM_STRING_PUBLIC, "", spki.p,
		    (long)spki.len) > 0 ? give(b, out) : lc_rc(ATLS_E_CRYPTO);
	BIO_free(b);
	ERR_clear_error();
	return rc;
}

static bool
is_known(X509_EXTENSION *e, const struct atls_bytes *known, size_t nknown)
{
	const ASN1_OBJECT *o = X509_EXTENSION_get_object(e);
	struct atls_bytes id = { OBJ_get0_data(o), OBJ_length(o) };
	bool is = X509_EXTENSION_get_critical(e) == 0 ||
	    X509_supported_extension(e) == 1;
	size_t i;

	for (i = 0; i < nknown && !is; i++)
		is = atls_ct_eq(id, known[i]);
	return is;
}

enum atls_rc
crypto_cert_fits(struct atls_bytes der, const struct atls_bytes *known,
    size_t nknown)
{
	const struct lc *lc = lc_get();
	X509 *x = lc == NULL ? NULL : lc_cert(lc->full, der);
	enum atls_rc rc = ATLS_OK;
	int i;

	if (x == NULL)
		return lc_rc(ATLS_E_FORMAT);
	for (i = 0; i < X509_get_ext_count(x) && rc == ATLS_OK; i++)
		if (!is_known(X509_get_ext(x, i), known, nknown))
			rc = ATLS_E_UNKNOWN;
	if (rc == ATLS_OK && (X509_get_key_usage(x) &
	    KU_DIGITAL_SIGNATURE) == 0)
		rc = ATLS_E_CHAIN;
	X509_free(x);
	ERR_clear_error();
	return rc;
}

enum atls_rc
crypto_cert_self_signed(struct atls_bytes der)
{
	const struct lc *lc = lc_get();
	X509 *x = lc == NULL ? NULL : lc_cert(lc->full, der);
	EVP_PKEY *key = x == NULL ? NULL : X509_get0_pubkey(x);
	enum atls_rc rc;

	if (x == NULL)
		rc = lc_rc(ATLS_E_FORMAT);
	else
		rc = key != NULL && X509_verify(x, key) == 1 ? ATLS_OK :
		    lc_rc(ATLS_E_SIG);
	X509_free(x);
	ERR_clear_error();
	return rc;
}
