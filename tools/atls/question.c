/* SPDX-License-Identifier: Apache-2.0 */
/* What `verify` and `policy explain` ask: options, and the files they name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "question.h"

void
question_init(struct question *a)
{
	*a = (struct question){ .q = {
		.profile = ATLS_PROFILE_EXPAT_1, .now = (int64_t)time(NULL),
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
	} };
}

static int
hex_option(const char *v, const char *name, uint8_t *out,
    struct atls_bytes *view)
{
	view->p = out;
	return parse_hex(v, out, 64, &view->len) ? -1 : complain(
	    EX_USAGE_ERROR, "%s: 1..64 octets of hex", name);
}

int
question_option(struct question *a, int o, const char *v)
{
	switch (o) {
	case Q_POLICY:
		a->policy_file = v;
		return -1;
	case Q_KIND:
		a->q.kind = atls_kind_named(v);
		return a->q.kind != ATLS_KIND_NONE ? -1 :
		    complain(EX_USAGE_ERROR, "no kind '%s'", v);
	case Q_BINDER:
		a->q.binder.p = a->binder;
		return parse_binder(v, a->binder, &a->q.binder.len);
	case Q_PROFILE:
		return parse_profile(v, &a->q.profile) ? -1 :
		    complain(EX_USAGE_ERROR, "no profile '%s'", v);
	case Q_RD:
		return hex_option(v, "--report-data", a->report_data,
		    &a->q.report_data);
	case Q_UNBOUND:
		a->unbound = true;
		return -1;
	case Q_SPKI:
		a->spki_file = v;
		return -1;
	case Q_AT:
		a->q.now = parse_time(v);
		return a->q.now > 0 ? -1 : complain(EX_USAGE_ERROR,
		    "--at: RFC 3339 in UTC, or Unix seconds");
	case Q_COLLATERAL:
		a->where.from = v;
		return -1;
	case Q_COLLATERAL_KEY:
		a->where.key = v;
		return -1;
	default:
		return -2;
	}
}

/* PEM becomes the DER that is wanted; DER stays. */
static int
spki_load(const char *path, struct atls_buf *out)
{
	unsigned char *der = NULL;
	EVP_PKEY *key;
	X509 *x;
	BIO *b;
	int n = 0;

	if (file_read(path, out) == -1)
		return complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	if (out->len < 5 || memcmp(out->p, "-----", 5) != 0)
		return EX_ACCEPTED;
	if ((b = BIO_new_mem_buf(out->p, (int)out->len)) == NULL)
		return complain(EX_TROUBLE, "no memory");
	if ((x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
		n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
		X509_free(x);
	} else if (BIO_reset(b) == 1 && (key = PEM_read_bio_PUBKEY(b, NULL,
	    NULL, NULL)) != NULL) {
		n = i2d_PUBKEY(key, &der);
		EVP_PKEY_free(key);
	}
	BIO_free(b);
	if (n <= 0 || (size_t)n > out->cap) {
		OPENSSL_free(der);
		return complain(EX_MALFORMED,
		    "%s: neither a certificate nor a public key", path);
	}
	memcpy(out->p, der, (size_t)n);
	out->len = (size_t)n;
	OPENSSL_free(der);
	return EX_ACCEPTED;
}

/* What evidence in a certificate must be bound to, the certificate says. */
static int
from_certificate(struct question *a)
{
	struct atls_err err = { 0 };
	struct atls_ratls r;

	if (a->q.binder.len > 0 || a->q.report_data.len > 0 || a->unbound ||
	    a->spki_file != NULL)
		return complain(EX_USAGE_ERROR, "a certificate says itself "
		    "what its evidence is bound to");
	if (atls_ratls_read(buf_view(&a->file), &r, &err) != ATLS_OK ||
	    atls_ratls_check(buf_view(&a->file), a->q.now, &err) != ATLS_OK)
		return complain_err(status_of_file(err.rc), "certificate",
		    &err);
	memcpy(a->report_data, r.report_data, sizeof(r.report_data));
	memcpy(a->binder, r.binder, r.binderlen);
	a->q.kind = r.kind;
	a->q.raw = r.raw;
	a->q.spki = r.spki;
	a->q.report_data = (struct atls_bytes){ a->report_data,
	    r.report_datalen };
	a->q.binder = (struct atls_bytes){ a->binder, r.binderlen };
	a->q.profile = ATLS_PROFILE_EXPAT_1;
	a->q.binding = ATLS_BINDING_KEY;
	a->q.freshness = ATLS_F0;
	return EX_ACCEPTED;
}

static int
check_args(struct question *a)
{
	int given = (a->q.binder.len > 0) + (a->q.report_data.len > 0) +
	    a->unbound;

	if (given != 1)
		return complain(EX_USAGE_ERROR, "one of --binder, "
		    "--report-data, --insecure-no-binding");
	if (a->unbound)
		fprintf(stderr, "atls: insecure: evidence is not checked "
		    "against any connection\n");
	return EX_ACCEPTED;
}

/* Only what comes from the network needs to know what is asked for. */
static int
fill(struct question *a)
{
	struct evidence e;
	int status;

	if (a->where.from == NULL)
		return EX_ACCEPTED;
	if ((status = collateral_open(&a->where, a->q.now)) != EX_ACCEPTED)
		return status;
	a->q.collateral = a->where.store;
	if (!a->where.asks)
		return EX_ACCEPTED;
	if ((status = evidence_parse(&e, a->q.raw, a->q.kind)) ==
	    EX_ACCEPTED)
		collateral_fill(&a->where, e.ev, a->q.now);
	evidence_close(&e);
	return status;
}

int
question_open(struct question *a, const char *path)
{
	int status;

	if (a->policy_file == NULL)
		return complain(EX_USAGE_ERROR, "--policy FILE?");
	if (file_read(path, &a->file) == -1)
		return complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	a->q.raw = buf_view(&a->file);
	if ((status = a->q.kind == ATLS_KIND_NONE &&
	    is_certificate(&a->file) ? from_certificate(a) :
	    check_args(a)) != EX_ACCEPTED)
		return status;
	if ((a->policy = policy_load(a->policy_file, &status)) == NULL)
		return status;
	if (a->spki_file != NULL) {
		if ((status = spki_load(a->spki_file, &a->spki)) !=
		    EX_ACCEPTED)
			return status;
		a->q.spki = buf_view(&a->spki);
	}
	a->scratch.cap = 2 * a->file.len;
	if ((a->scratch.p = malloc(a->scratch.cap + 1)) == NULL)
		return complain(EX_TROUBLE, "no memory");
	return fill(a);
}

void
question_close(struct question *a)
{
	free(a->file.p);
	free(a->spki.p);
	free(a->scratch.p);
	atls_policy_free(a->policy);
	collateral_close(&a->where);
}
