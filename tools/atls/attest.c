/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <atls/tpm.h>

#include "ratls.h"

static const char usage[] =
"usage: atls attest --attester NAME:WHERE --binder HEX [option...]\n"
"       atls attest --attester tpm:WHERE --csr DNSNAME | --ak\n"
"       atls attest --attester NAME:WHERE --certificate NAME --out-cert FILE\n"
"           --out-key FILE [--ratls-form FORM] [--ratls-life TIME]\n"
"           [--ratls-ca FILE --ratls-ca-key FILE]\n"
"  --profile NAME        layout of the binder: expat-rd-1, cocos\n"
"  --report-data HEX     the same, laid out already\n"
"  --raw                 evidence as it is, not in a CMW\n"
"  --json                a JSON CMW, not a CBOR one\n"
"  --csr DNSNAME         a certificate request for the identity key\n"
"  --ak                  name (stderr) and public key of the AK\n"
"  --certificate NAME    an RA-TLS certificate for that DNS name or address\n"
"  --out-cert FILE       ... and its issuers, PEM\n"
"  --out-key FILE        ... its key, PEM\n"
"  --ratls-form FORM     how evidence is in it: cmw, dice (cmw)\n"
"  --ratls-life TIME     how long it lasts (12h)\n"
"  --ratls-ca FILE       who signs it, with --ratls-ca-key FILE (itself)\n"
"Writes to stdout, but for certificates.\n";

struct args {
	const char		*attester, *csr, *out_cert, *out_key;
	struct ratls		 ratls;
	bool			 ak, raw;
	enum atls_cmw_form	 form;
	enum atls_profile	 profile;
	uint8_t			 binder[64], report_data[64];
	size_t			 binderlen, report_datalen;
};

enum { O_ATTESTER = 256, O_BINDER, O_PROFILE, O_RD, O_RAW, O_JSON, O_CSR,
    O_AK, O_CERTIFICATE, O_OUT_CERT, O_OUT_KEY, O_FORM, O_LIFE, O_CA,
    O_CA_KEY, O_HELP };

static const struct option longs[] = {
	{ "attester", required_argument, NULL, O_ATTESTER },
	{ "binder", required_argument, NULL, O_BINDER },
	{ "profile", required_argument, NULL, O_PROFILE },
	{ "report-data", required_argument, NULL, O_RD },
	{ "raw", no_argument, NULL, O_RAW },
	{ "json", no_argument, NULL, O_JSON },
	{ "csr", required_argument, NULL, O_CSR },
	{ "ak", no_argument, NULL, O_AK },
	{ "certificate", required_argument, NULL, O_CERTIFICATE },
	{ "out-cert", required_argument, NULL, O_OUT_CERT },
	{ "out-key", required_argument, NULL, O_OUT_KEY },
	{ "ratls-form", required_argument, NULL, O_FORM },
	{ "ratls-life", required_argument, NULL, O_LIFE },
	{ "ratls-ca", required_argument, NULL, O_CA },
	{ "ratls-ca-key", required_argument, NULL, O_CA_KEY },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 },
};

static int
certificate_option(struct args *a, int o, const char *v)
{
	switch (o) {
	case O_CERTIFICATE: a->ratls.name = v; return -1;
	case O_OUT_CERT: a->out_cert = v; return -1;
	case O_OUT_KEY: a->out_key = v; return -1;
	case O_CA:	a->ratls.ca = v; return -1;
	case O_CA_KEY:	a->ratls.ca_key = v; return -1;
	case O_FORM:	return ratls_form(&a->ratls, v);
	case O_LIFE:	return ratls_life(&a->ratls, v);
	default:
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
}

static bool
is_sound(const struct args *a)
{
	const struct ratls *r = &a->ratls;

	return a->attester != NULL && (a->binderlen > 0) +
	    (a->report_datalen > 0) + (a->csr != NULL) + a->ak +
	    (r->name != NULL) == 1 &&
	    (r->name != NULL || !ratls_is_asked(r)) &&
	    (r->name != NULL) == (a->out_cert != NULL) &&
	    (r->name != NULL) == (a->out_key != NULL) &&
	    (r->ca != NULL) == (r->ca_key != NULL);
}

static int
one_option(struct args *a, int o, const char *v)
{
	switch (o) {
	case O_ATTESTER:
		a->attester = v;
		return -1;
	case O_BINDER:
		return parse_binder(v, a->binder, &a->binderlen);
	case O_PROFILE:
		return parse_profile(v, &a->profile) ? -1 :
		    complain(EX_USAGE_ERROR, "no profile '%s'", v);
	case O_RD:
		return parse_hex(v, a->report_data, 64, &a->report_datalen) ?
		    -1 : complain(EX_USAGE_ERROR,
		    "--report-data: 1..64 octets of hex");
	case O_RAW:
		a->raw = true;
		return -1;
	case O_JSON:
		a->form = ATLS_CMW_JSON;
		return -1;
	case O_CSR:
		a->csr = v;
		return -1;
	case O_AK:
		a->ak = true;
		return -1;
	case O_HELP:
		fputs(usage, stdout);
		return EX_ACCEPTED;
	default:
		return certificate_option(a, o, v);
	}
}

static int
put(const struct atls_buf *b)
{
	return fwrite(b->p, 1, b->len, stdout) == b->len &&
	    fflush(stdout) == 0 ? EX_ACCEPTED : complain(EX_TROUBLE,
	    "stdout: %s", strerror(errno));
}

/* What only a TPM has. */
static int
tpm_things(struct args *a, struct source *s, struct atls_buf *out)
{
	char name[ATLS_TPM_NAME_MAX];
	struct atls_err err = { 0 };
	enum atls_rc rc;

	if (s->source.attester != &atls_attester_tpm)
		return complain(EX_USAGE_ERROR, "--csr and --ak are for tpm:");
	if (a->csr != NULL)
		rc = atls_tpm_csr(s->source.dev, a->csr, out, &err);
	else {
		atls_tpm_ak_name(s->source.dev, name);
		fprintf(stderr, "%s\n", name);
		rc = atls_tpm_ak_public(s->source.dev, out, &err);
	}
	return rc == ATLS_OK ? put(out) : complain_err(status_of_file(rc),
	    "tpm", &err);
}

static int
evidence(struct args *a, struct source *s, struct atls_buf *out)
{
	const struct atls_attester *at = s->source.attester;
	struct atls_buf raw = { malloc(ATLS_CMW_MAX), ATLS_CMW_MAX, 0 };
	struct atls_err err = { 0 };
	enum atls_rc rc = ATLS_OK;
	int status;

	if (raw.p == NULL)
		return complain(EX_TROUBLE, "no memory");
	if (a->report_datalen == 0)
		rc = atls_report_data(a->profile, at->kind,
		    (struct atls_bytes){ a->binder, a->binderlen },
		    (struct atls_bytes){ NULL, 0 }, a->report_data,
		    &a->report_datalen);
	if (rc != ATLS_OK)
		status = complain(EX_USAGE_ERROR,
		    "this binder does not fit this profile");
	else if ((rc = at->quote(s->source.dev, (struct atls_bytes){
	    a->report_data, a->report_datalen }, &raw, &err)) != ATLS_OK)
		status = complain_err(status_of_file(rc), at->name, &err);
	else if (a->raw)
		status = put(&raw);
	else if ((rc = atls_cmw_write(out, a->form, atls_kind_media(at->kind),
	    buf_view(&raw), at->kind == ATLS_KIND_EAR ? ATLS_IND_RESULTS :
	    ATLS_IND_EVIDENCE)) != ATLS_OK)
		status = complain(EX_TROUBLE, "cmw: %s", atls_rc_name(rc));
	else
		status = put(out);
	free(raw.p);
	return status;
}

int
cmd_attest(int argc, char **argv)
{
	struct args a = { .form = ATLS_CMW_CBOR, .ratls = RATLS_INIT,
	    .profile = ATLS_PROFILE_EXPAT_1 };
	struct atls_buf out = { NULL, 2 * ATLS_CMW_MAX, 0 };
	struct source s;
	int o, status;

	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if ((status = one_option(&a, o, optarg)) != -1)
			return status;
	if (optind != argc || !is_sound(&a)) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if (!source_open(&s, a.attester, &status))
		return status;
	if ((out.p = malloc(out.cap)) == NULL)
		status = complain(EX_TROUBLE, "no memory");
	else if (a.ratls.name != NULL)
		status = ratls_write(&a.ratls, &s, a.out_cert, a.out_key);
	else if (a.csr != NULL || a.ak)
		status = tpm_things(&a, &s, &out);
	else
		status = evidence(&a, &s, &out);
	free(out.p);
	source_close(&s);
	return status;
}
