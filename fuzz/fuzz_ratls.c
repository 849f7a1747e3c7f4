/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in certificates: DER, or PEM text, as the seeds are. */
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include <atls/ratls.h>

#include "../src/ratls/ratls.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool cond)
{
	if (!cond)
		abort();
}

static bool
within(struct atls_bytes in, struct atls_bytes v)
{
	return v.len == 0 || (v.p >= in.p && v.len <= in.len &&
	    (size_t)(v.p - in.p) <= in.len - v.len);
}

static void
look(struct atls_bytes in, const struct atls_ratls *r)
{
	must(within(in, r->raw) && r->raw.len > 0);
	must((r->kind == ATLS_KIND_NONE) == (r->binderlen == 32) &&
	    (r->kind == ATLS_KIND_NONE) == (r->report_datalen == 0));
	must(r->kind == ATLS_KIND_NONE || r->kind == ATLS_KIND_SGX ||
	    r->kind == ATLS_KIND_TDX);
}

/* One form, as if a certificate held these octets. */
static void
form(struct atls_bytes in, enum atls_rc (*open)(struct atls_bytes,
    struct atls_ratls *, struct atls_err *))
{
	static const uint8_t spki[91] = { 0x30, 0x59 };
	struct atls_ratls r = { .spki = ATLS_ARRAY(spki) };
	struct atls_err err = { .rc = ATLS_OK };

	if (open(in, &r, &err) == ATLS_OK)
		look(in, &r);
	else
		must(err.rc != ATLS_OK && err.where != NULL);
}

/* The first block of PEM text, or all there is. */
static uint8_t *
der_of(const uint8_t *data, size_t *len)
{
	BIO *b = BIO_new_mem_buf(data, (int)*len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long n = 0;
	uint8_t *p;

	if (*len > 10 && memcmp(data, "-----BEGIN", 10) == 0 &&
	    PEM_read_bio(b, &name, &header, &der, &n) == 1) {
		data = der;
		*len = (size_t)n;
	}
	must((p = malloc(*len > 0 ? *len : 1)) != NULL);
	if (*len > 0)
		memcpy(p, data, *len);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(b);
	return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *p = der_of(data, &len);
	struct atls_bytes in = { p, len };
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_ratls r;

	if (atls_ratls_read(in, &r, &err) == ATLS_OK) {
		look(in, &r);
		must(r.form != ATLS_RATLS_NONE && within(in, r.spki) &&
		    r.spki.len > 0);
	} else
		must(err.rc != ATLS_OK && err.where != NULL &&
		    r.form == ATLS_RATLS_NONE && r.raw.len == 0);
	(void)!atls_ratls_check(in, 1790000000, NULL);
	form(in, ratls_dice);
	form(in, ratls_cmw);
	form(in, ratls_gramine);
	form(in, ratls_oe);
	free(p);
	return 0;
}
