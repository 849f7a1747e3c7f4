/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "pki.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #cond);						\
		ERR_print_errors_fp(stderr);				\
		abort();						\
	}								\
} while (0)

static EVP_PKEY *
new_key(enum pki_key kind)
{
	EVP_PKEY *key = NULL;

	switch (kind) {
	case PKI_P256:
		key = EVP_EC_gen("P-256");
		break;
	case PKI_P384:
		key = EVP_EC_gen("P-384");
		break;
	case PKI_RSA2048:
		key = EVP_RSA_gen(2048);
		break;
	case PKI_ED25519:
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case PKI_ED448:
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
		break;
	case PKI_RSA1024:
		key = EVP_RSA_gen(1024);
		break;
	}
	MUST(key != NULL);
	return key;
}

static char *
bio_string(BIO *b)
{
	char *data, *s;
	long n = BIO_get_mem_data(b, &data);

	MUST(n >= 0 && (s = malloc((size_t)n + 1)) != NULL);
	memcpy(s, data, (size_t)n);
	s[n] = '\0';
	BIO_free(b);
	return s;
}

static void
add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	MUST((e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value)) != NULL);
	MUST(X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static void
set_time(ASN1_TIME *t, int64_t at)
{
	MUST(ASN1_TIME_adj(t, (time_t)at, 0, 0) != NULL);
}

static void
add_exts(X509 *x, X509 *issuer, const struct pki_ask *ask)
{
	char san[512];

	add_ext(x, issuer, NID_basic_constraints,
	    ask->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	add_ext(x, issuer, NID_key_usage, ask->ku != NULL ? ask->ku :
	    ask->ca ? "critical,keyCertSign,cRLSign" :
	    "critical,digitalSignature");
	if (!ask->bare) {
		add_ext(x, issuer, NID_subject_key_identifier, "hash");
		add_ext(x, issuer, NID_authority_key_identifier,
		    "keyid:always");
	}
	if (ask->eku != 0)
		add_ext(x, issuer, NID_ext_key_usage,
		    ask->eku == PKI_EKU_SERVER ? "serverAuth" :
		    ask->eku == PKI_EKU_CLIENT ? "clientAuth" :
		    "serverAuth,clientAuth");
	if (ask->dns == NULL && ask->ip == NULL)
		return;
	(void)snprintf(san, sizeof(san), "%s%s%s%s%s",
	    ask->dns != NULL ? "DNS:" : "", ask->dns != NULL ? ask->dns : "",
	    ask->dns != NULL && ask->ip != NULL ? "," : "",
	    ask->ip != NULL ? "IP:" : "", ask->ip != NULL ? ask->ip : "");
	add_ext(x, issuer, NID_subject_alt_name, san);
}

static const EVP_MD *
md_for(const EVP_PKEY *key, bool sha1)
{
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_base_id(key) == EVP_PKEY_ED448)
		return NULL;
	return sha1 ? EVP_sha1() : EVP_sha256();
}

struct pki_cert
pki_cert(const struct pki_ask *ask, const struct pki_cert *issuer, int64_t now)
{
	static long serial = 1000;
	struct pki_cert c = { .serial = serial++ };
	EVP_PKEY *sign_key;
	X509_NAME *name;
	X509 *signer;
	char cn[64];
	BIO *b;
	int n;

	c.key = new_key(ask->key);
	MUST((c.x509 = X509_new()) != NULL);
	signer = issuer != NULL ? issuer->x509 : c.x509;
	sign_key = issuer != NULL ? issuer->key : c.key;

	(void)snprintf(cn, sizeof(cn), "%ld", c.serial);
	MUST((name = X509_NAME_new()) != NULL);
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const unsigned char *)(ask->cn != NULL ? ask->cn : cn), -1, -1,
	    0) == 1);
	MUST(X509_set_version(c.x509, X509_VERSION_3) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(c.x509), c.serial) == 1);
	MUST(X509_set_subject_name(c.x509, name) == 1);
	MUST(X509_set_issuer_name(c.x509,
	    X509_get_subject_name(signer)) == 1);
	X509_NAME_free(name);
	set_time(X509_getm_notBefore(c.x509),
	    ask->from != 0 ? ask->from : now - PKI_DAY);
	set_time(X509_getm_notAfter(c.x509),
	    ask->until != 0 ? ask->until : now + 365 * PKI_DAY);
	MUST(X509_set_pubkey(c.x509, c.key) == 1);
	add_exts(c.x509, signer, ask);
	MUST(X509_sign(c.x509, sign_key, md_for(sign_key, ask->sha1)) > 0);

	MUST((n = i2d_X509(c.x509, &c.der)) > 0);
	c.len = (size_t)n;
	MUST((b = BIO_new(BIO_s_mem())) != NULL);
	MUST(PEM_write_bio_X509(b, c.x509) == 1);
	c.pem = bio_string(b);
	MUST((b = BIO_new(BIO_s_mem())) != NULL);
	MUST(PEM_write_bio_PrivateKey(b, c.key, NULL, NULL, 0, NULL,
	    NULL) == 1);
	c.key_pem = bio_string(b);
	return c;
}

void
pki_cert_free(struct pki_cert *c)
{
	OPENSSL_free(c->der);
	free(c->pem);
	free(c->key_pem);
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	*c = (struct pki_cert){ .serial = 0 };
}

static void
revoke(X509_CRL *crl, long serial, int64_t when)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_INTEGER *i = ASN1_INTEGER_new();
	ASN1_TIME *t = ASN1_TIME_new();

	MUST(r != NULL && i != NULL && t != NULL);
	set_time(t, when);
	MUST(ASN1_INTEGER_set(i, serial) == 1);
	MUST(X509_REVOKED_set_serialNumber(r, i) == 1);
	MUST(X509_REVOKED_set_revocationDate(r, t) == 1);
	MUST(X509_CRL_add0_revoked(crl, r) == 1);
	ASN1_INTEGER_free(i);
	ASN1_TIME_free(t);
}

char *
pki_crl(const struct pki_cert *issuer, const long *revoked, size_t n,
    int64_t last, int64_t next)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	ASN1_INTEGER *number;
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	size_t i;
	BIO *b;

	MUST(crl != NULL && t != NULL);
	MUST(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	MUST(X509_CRL_set_issuer_name(crl,
	    X509_get_subject_name(issuer->x509)) == 1);
	set_time(t, last);
	MUST(X509_CRL_set1_lastUpdate(crl, t) == 1);
	if (next != 0) {
		set_time(t, next);
		MUST(X509_CRL_set1_nextUpdate(crl, t) == 1);
	}
	ASN1_TIME_free(t);
	for (i = 0; i < n; i++)
		revoke(crl, revoked[i], last);
	X509V3_set_ctx(&ctx, issuer->x509, NULL, NULL, crl, 0);
	MUST((number = ASN1_INTEGER_new()) != NULL);
	MUST(ASN1_INTEGER_set(number, 1) == 1);
	MUST(X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1);
	ASN1_INTEGER_free(number);
	MUST((e = X509V3_EXT_conf_nid(NULL, &ctx,
	    NID_authority_key_identifier, "keyid:always")) != NULL);
	MUST(X509_CRL_add_ext(crl, e, -1) == 1);
	X509_EXTENSION_free(e);
	MUST(X509_CRL_sort(crl) == 1);
	MUST(X509_CRL_sign(crl, issuer->key,
	    md_for(issuer->key, false)) > 0);
	MUST((b = BIO_new(BIO_s_mem())) != NULL);
	MUST(PEM_write_bio_X509_CRL(b, crl) == 1);
	X509_CRL_free(crl);
	return bio_string(b);
}

char *
pki_join(const char *first, ...)
{
	size_t len = 0;
	const char *s;
	char *out;
	va_list ap;

	va_start(ap, first);
	for (s = first; s != NULL; s = va_arg(ap, const char *))
		len += strlen(s);
	va_end(ap);
	MUST((out = calloc(1, len + 1)) != NULL);
	va_start(ap, first);
	for (s = first; s != NULL; s = va_arg(ap, const char *))
		strcat(out, s);
	va_end(ap);
	return out;
}

struct pki
pki_new(const struct pki_ask *leaf, int64_t now)
{
	struct pki p;
	char *a, *b;

	p.root = pki_cert(&(struct pki_ask){ .cn = "root", .ca = true,
	    .until = now + 3650 * PKI_DAY }, NULL, now);
	p.inter = pki_cert(&(struct pki_ask){ .cn = "intermediate",
	    .ca = true, .until = now + 1000 * PKI_DAY }, &p.root, now);
	p.leaf = pki_cert(leaf, &p.inter, now);
	p.chain = pki_join(p.leaf.pem, p.inter.pem, NULL);
	a = pki_crl(&p.root, NULL, 0, now - PKI_DAY, now + 30 * PKI_DAY);
	b = pki_crl(&p.inter, NULL, 0, now - PKI_DAY, now + 30 * PKI_DAY);
	p.crls = pki_join(a, b, NULL);
	free(a);
	free(b);
	return p;
}

void
pki_free(struct pki *p)
{
	pki_cert_free(&p->root);
	pki_cert_free(&p->inter);
	pki_cert_free(&p->leaf);
	free(p->chain);
	free(p->crls);
}
