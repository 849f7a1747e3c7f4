/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_make.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "heap.h"

static void
must(bool ok)
{
	if (!ok)
		abort();
}

struct atls_bytes
cert_spki(EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	struct atls_bytes out;

	must(n > 0);
	out = copy((struct atls_bytes){ der, (size_t)n });
	OPENSSL_free(der);
	return out;
}

struct atls_bytes
cert_spki_pem(EVP_PKEY *key)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct atls_bytes out;
	char *p;
	long n;

	must(b != NULL && PEM_write_bio_PUBKEY(b, key) == 1 &&
	    BIO_write(b, "", 1) == 1);
	n = BIO_get_mem_data(b, &p);
	out = copy((struct atls_bytes){ (uint8_t *)p, (size_t)n });
	BIO_free(b);
	return out;
}

static void
add(X509 *x, const struct cert_ext *e)
{
	uint8_t element[64] = { 6, (uint8_t)e->oid.len };
	const uint8_t *p = element;
	ASN1_OCTET_STRING *os = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;
	ASN1_OBJECT *oid;

	memcpy(element + 2, e->oid.p, e->oid.len);
	oid = d2i_ASN1_OBJECT(NULL, &p, (long)e->oid.len + 2);
	must(os != NULL && oid != NULL && ASN1_OCTET_STRING_set(os,
	    e->value.p, (int)e->value.len) == 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, oid, e->critical, os);
	must(ext != NULL && X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(os);
}

struct atls_bytes
cert_make(EVP_PKEY *key, const struct cert_ext *ext, size_t n, int64_t from,
    int64_t until)
{
	X509 *x = X509_new();
	X509_NAME *name;
	uint8_t *der = NULL;
	struct atls_bytes out;
	size_t i;
	int len;

	must(x != NULL);
	name = X509_get_subject_name(x);
	must(X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)until) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"RATLS", -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) ==
	    1);
	for (i = 0; i < n; i++)
		add(x, &ext[i]);
	must(X509_sign(x, key, EVP_sha256()) > 0);
	len = i2d_X509(x, &der);
	must(len > 0);
	out = copy((struct atls_bytes){ der, (size_t)len });
	OPENSSL_free(der);
	X509_free(x);
	return out;
}
