/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A certificate and a CRL that it signed; the key is gone. */
static const char anchor[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUEfBflxuSiJ/KlrS6FFCQ9I7fTA4wCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjIxNjU1MzlaGA8yMTI2MTAyOTE2NTUzOVow\n"
    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM4rpTQTqDnA\n"
    "DBO3ccRf/ELS520IUNvlwLyQYSLnnX3zio10iVSAmYndvkdFDJ32F1wOsZsIzFXA\n"
    "EYURP9A6R0KjUzBRMB0GA1UdDgQWBBT7xwVu8IuyulXK9tDyJmtkdAut4jAfBgNV\n"
    "HSMEGDAWgBT7xwVu8IuyulXK9tDyJmtkdAut4jAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIDSNIbtbqcFnVrNyqNlFtyXTaMeN4sbS/tCFkslpeWqu\n"
    "AiEA+s1pj34Xq/vTjfKryH87FlSiRJaS9FhTddFbdFZ8kVg=\n"
    "-----END CERTIFICATE-----\n";
static const char crl[] =
    "-----BEGIN X509 CRL-----\n"
    "MIGkME0CAQEwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYRcNMjYxMTIyMTY1NTM5\n"
    "WhgPMjEyNjEwMjkxNjU1MzlaoA4wDDAKBgNVHRQEAwIBATAKBggqhkjOPQQDAgNH\n"
    "ADBEAiBN9WagMPxKfiZ+xm/iIqh9L4wpyjTlvdpk3IZR5R3gLAIgFxtS1MF5sZfM\n"
    "UiDmQwq695qAhCKKSz4L8YbyZzEhh9Y=\n"
    "-----END X509 CRL-----\n";

static void
must(bool cond)
{
	if (!cond)
		abort();
}

/* The last letter of its name says what a file holds. */
static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	const char *s = "";

	must(arg == NULL && name[0] != '\0');
	switch (name[strlen(name) - 1]) {
	case 'm':	s = anchor; break;	/* .pem */
	case 'l':	s = crl; break;		/* .crl */
	case 'x':	return ATLS_E_IO;
	case 'y':	out->len = 1; return ATLS_E_SPACE;
	case 'z':	out->len = SIZE_MAX; return ATLS_E_SPACE;
	}
	out->len = strlen(s);
	if (out->len > out->cap)
		return ATLS_E_SPACE;
	memcpy(out->p, s, out->len);
	return ATLS_OK;
}

/* In a block of its size; the caller frees it. */
static struct atls_bytes
show(const struct atls_policy *p)
{
	struct atls_buf b = { NULL, 0, 0 };

	must(atls_policy_show(p, &b) == ATLS_E_SPACE);
	must((b.p = malloc(b.len)) != NULL);
	b.cap = b.len;
	must(atls_policy_show(p, &b) == ATLS_OK && b.len == b.cap);
	return (struct atls_bytes){ b.p, b.len };
}

/* A policy that parses is shown as one that parses and is shown alike. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *in = malloc(size == 0 ? 1 : size);
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_policy *p, *q;
	struct atls_bytes one, two;

	must(in != NULL);
	memcpy(in, data, size);
	p = atls_policy_parse((struct atls_bytes){ in, size }, give, NULL,
	    &err);
	free(in);
	must((p == NULL) == (err.rc == ATLS_E_CONF));
	if (p == NULL) {
		must(err.where != NULL && strchr(err.detail, ':') != NULL);
		return 0;
	}
	one = show(p);
	q = atls_policy_parse(one, give, NULL, &err);
	must(q != NULL);
	two = show(q);
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	free((void *)(uintptr_t)one.p);
	free((void *)(uintptr_t)two.p);
	atls_policy_free(p);
	atls_policy_free(q);
	return 0;
}
