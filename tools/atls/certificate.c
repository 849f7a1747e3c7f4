/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate in a file, with evidence in it. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "tool.h"

/* The first block of PEM text, as DER in place of the text. */
static bool
decode(struct atls_buf *file)
{
	BIO *b = BIO_new_mem_buf(file->p, (int)file->len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long n = 0;
	bool ok = b != NULL && PEM_read_bio(b, &name, &header, &der, &n) == 1;

	ok = ok && strcmp(name, PEM_STRING_X509) == 0 && n > 0 &&
	    (size_t)n <= file->len;
	if (ok) {
		memcpy(file->p, der, (size_t)n);
		file->len = (size_t)n;
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(b);
	ERR_clear_error();
	return ok;
}

bool
is_certificate(struct atls_buf *file)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	struct atls_err err = { 0 };
	struct atls_ratls r;

	if (file->len >= sizeof(begin) && memcmp(file->p, begin,
	    sizeof(begin) - 1) == 0)
		return decode(file);
	/* DER: what is no certificate says so */
	return file->len > 1 && file->p[0] == 0x30 && (atls_ratls_read(
	    buf_view(file), &r, &err) == ATLS_OK || (err.where != NULL &&
	    strcmp(err.where, "ratls.certificate") != 0));
}
