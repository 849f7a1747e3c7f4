/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tool.h"

static const char usage[] =
"usage: atls verify --policy FILE [option...] FILE\n"
"  --kind KIND           FILE is raw evidence of this kind, not a CMW\n"
"  --binder HEX          what the evidence must be bound to ...\n"
"  --profile NAME        ... laid out so (expat-rd-1)\n"
"  --report-data HEX     the same, laid out already\n"
"  --insecure-no-binding look at the evidence alone\n"
"  --spki FILE           the key that the evidence must speak of: DER public\n"
"                        key, or PEM, of a certificate or a public key\n"
"  --at TIME             RFC 3339 or Unix seconds (now)\n"
"  -j                    one JSON object\n";

struct args {
	const char		*policy, *spki;
	bool			 unbound, json;
	struct atls_question	 q;
	uint8_t			 binder[64], report_data[64];
};

enum { O_POLICY = 256, O_KIND, O_BINDER, O_PROFILE, O_RD, O_UNBOUND, O_SPKI,
    O_AT, O_HELP };

static const struct option longs[] = {
	{ "policy", required_argument, NULL, O_POLICY },
	{ "kind", required_argument, NULL, O_KIND },
	{ "binder", required_argument, NULL, O_BINDER },
	{ "profile", required_argument, NULL, O_PROFILE },
	{ "report-data", required_argument, NULL, O_RD },
	{ "insecure-no-binding", no_argument, NULL, O_UNBOUND },
	{ "spki", required_argument, NULL, O_SPKI },
	{ "at", required_argument, NULL, O_AT },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 },
};

/* -1: go on; else a status. */
static int
one_option(struct args *a, int o, const char *v)
{
	switch (o) {
	case O_POLICY:
		a->policy = v;
		return -1;
	case O_KIND:
		a->q.kind = atls_kind_named(v);
		return a->q.kind != ATLS_KIND_NONE ? -1 :
		    complain(EX_USAGE_ERROR, "no kind '%s'", v);
	case O_BINDER:
		a->q.binder.p = a->binder;
		return parse_binder(v, a->binder, &a->q.binder.len);
	case O_PROFILE:
		return parse_profile(v, &a->q.profile) ? -1 :
		    complain(EX_USAGE_ERROR, "no profile '%s'", v);
	case O_RD:
		a->q.report_data.p = a->report_data;
		return parse_hex(v, a->report_data, 64,
		    &a->q.report_data.len) ? -1 : complain(EX_USAGE_ERROR,
		    "--report-data: 1..64 octets of hex");
	case O_UNBOUND:
		a->unbound = true;
		return -1;
	case O_SPKI:
		a->spki = v;
		return -1;
	case O_AT:
		a->q.now = parse_time(v);
		return a->q.now > 0 ? -1 : complain(EX_USAGE_ERROR,
		    "--at: RFC 3339 in UTC, or Unix seconds");
	case 'j':
		a->json = true;
		return -1;
	case O_HELP:
		fputs(usage, stdout);
		return EX_ACCEPTED;
	default:
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
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

static int
appraise(struct args *a, const struct atls_policy *p)
{
	struct atls_buf scratch = { malloc(2 * a->q.raw.len + 1),
	    2 * a->q.raw.len, 0 };
	struct atls_result *r = malloc(sizeof(*r));
	enum atls_verdict v;
	int status;

	if (scratch.p == NULL || r == NULL) {
		free(scratch.p);
		free(r);
		return complain(EX_TROUBLE, "no memory");
	}
	v = a->unbound ? atls_insecure_appraise_unbound(p, &a->q, &scratch,
	    r) : atls_appraise(p, &a->q, &scratch, r);
	if (a->json)
		result_json(stdout, r);
	else {
		result_print(stdout, r);
		claims_print(stdout, &r->claims);
	}
	status = v == ATLS_VERDICT_ACCEPT ? EX_ACCEPTED :
	    status_of_file(r->why.rc);
	if (v != ATLS_VERDICT_ACCEPT && status == EX_ACCEPTED)
		status = EX_REJECTED;
	free(scratch.p);
	free(r);
	return status;
}

static int
check_args(struct args *a)
{
	int given = (a->q.binder.len > 0) + (a->q.report_data.len > 0) +
	    a->unbound;

	if (a->policy == NULL)
		return complain(EX_USAGE_ERROR, "verify: --policy FILE?");
	if (given != 1)
		return complain(EX_USAGE_ERROR, "verify: one of --binder, "
		    "--report-data, --insecure-no-binding");
	if (a->unbound)
		fprintf(stderr, "atls: insecure: evidence is not checked "
		    "against any connection\n");
	return EX_ACCEPTED;
}

int
cmd_verify(int argc, char **argv)
{
	struct args a = { .q = {
		.profile = ATLS_PROFILE_EXPAT_1, .now = (int64_t)time(NULL),
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
	} };
	struct atls_buf in = { NULL, 0, 0 }, spki = { NULL, 0, 0 };
	struct atls_policy *p;
	int o, status;

	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1)
		if ((status = one_option(&a, o, optarg)) != -1)
			return status;
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if ((status = check_args(&a)) != EX_ACCEPTED)
		return status;
	if ((p = policy_load(a.policy, &status)) == NULL)
		return status;
	if (file_read(argv[optind], &in) == -1)
		status = complain(EX_TROUBLE, "%s: %s", argv[optind],
		    strerror(errno));
	else if (a.spki == NULL || (status = spki_load(a.spki, &spki)) ==
	    EX_ACCEPTED) {
		a.q.raw = buf_view(&in);
		a.q.spki = buf_view(&spki);
		status = appraise(&a, p);
	}
	free(in.p);
	free(spki.p);
	atls_policy_free(p);
	return status;
}
