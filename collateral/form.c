/* SPDX-License-Identifier: Apache-2.0 */
/* Which item a file holds, and in which form. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "file.h"

static const char *
ending(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL ? name + strlen(name) : dot;
}

static bool
is_pem_or_der(const char *dot)
{
	return strcmp(dot, ".pem") == 0 || strcmp(dot, ".der") == 0;
}

enum atls_item
file_item(const char *name)
{
	const char *dot = ending(name), *file, *end;
	size_t stem = (size_t)(dot - name);
	int i;

	for (i = ATLS_ITEM_NONE + 1; i < ATLS_NITEMS; i++) {
		file = atls_item_file((enum atls_item)i);
		if (strcmp(name, file) == 0)
			return (enum atls_item)i;
		end = ending(file);
		if ((size_t)(end - file) == stem &&
		    strncmp(name, file, stem) == 0 && is_pem_or_der(dot) &&
		    is_pem_or_der(end))
			return (enum atls_item)i;
	}
	return ATLS_ITEM_NONE;
}

static enum atls_rc
replace(struct atls_buf *b, const unsigned char *p, size_t len,
    struct atls_err *err)
{
	uint8_t *copy = malloc(len + 1);

	if (copy == NULL)
		return fail_set(err, ATLS_E_MEM, "source.form", "%zu octets",
		    len);
	memcpy(copy, p, len);
	free(b->p);
	*b = (struct atls_buf){ copy, len + 1, len };
	return ATLS_OK;
}

static enum atls_rc
pem_to_der(struct atls_buf *b, struct atls_err *err)
{
	BIO *in = BIO_new_mem_buf(b->p, (int)b->len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	enum atls_rc rc;
	long len = 0;

	if (in == NULL)
		return fail_set(err, ATLS_E_MEM, "source.form", "PEM");
	if (PEM_read_bio(in, &name, &header, &der, &len) != 1 || len <= 0)
		rc = fail_set(err, ATLS_E_FORMAT, "source.form", "not PEM");
	else
		rc = replace(b, der, (size_t)len, err);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(in);
	ERR_clear_error();
	return rc;
}

static enum atls_rc
der_to_pem(struct atls_buf *b, struct atls_err *err)
{
	BIO *out = BIO_new(BIO_s_mem());
	enum atls_rc rc;
	char *text;
	long len;

	if (out == NULL || PEM_write_bio(out, "CERTIFICATE", "", b->p,
	    (long)b->len) <= 0 || (len = BIO_get_mem_data(out, &text)) <= 0)
		rc = fail_set(err, ATLS_E_MEM, "source.form", "PEM");
	else
		rc = replace(b, (unsigned char *)text, (size_t)len, err);
	BIO_free(out);
	ERR_clear_error();
	return rc;
}

/* DER begins with a SEQUENCE, which no PEM does. */
enum atls_rc
file_form(enum atls_item item, struct atls_buf *b, struct atls_err *err)
{
	const char *file = atls_item_file(item), *want;
	bool der = b->len > 0 && b->p[0] == 0x30;

	if (file == NULL || b->len > INT_MAX)
		return fail_set(err, ATLS_E_LIMIT, "source.form", "%zu octets",
		    b->len);
	want = ending(file);
	if (strcmp(want, ".der") == 0 && !der)
		return pem_to_der(b, err);
	if (strcmp(want, ".pem") == 0 && der)
		return der_to_pem(b, err);
	return ATLS_OK;
}
