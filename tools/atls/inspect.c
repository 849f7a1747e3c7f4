/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tool.h"

static const char usage[] =
"usage: atls inspect [-j] [--kind KIND] FILE\n"
"Prints a CMW, an RFC 9261 request or authenticator, or (--kind) raw\n"
"evidence.  Nothing is verified.\n";

static void
ext_print(const struct atls_ea_ext *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("extension  %#06x, %zu octets\n", e[i].type,
		    e[i].data.len);
}

static void
print_evidence(const struct atls_evidence *ev, bool json)
{
	if (json) {
		evidence_json(stdout, ev);
		return;
	}
	printf("kind       %s, %zu octets, %zu certificates\n",
	    atls_kind_name(ev->kind), ev->raw.len, ev->nchain);
	printf("report-data ");
	hex_print(stdout, ev->report_data);
	putchar('\n');
	claims_print(stdout, ev);
}

static int
print_raw(enum atls_kind kind, struct atls_bytes raw, bool json)
{
	struct atls_evidence *ev = malloc(sizeof(*ev));
	struct atls_buf scratch = { malloc(raw.len + 1), raw.len, 0 };
	struct atls_err err = { 0 };
	int status = EX_ACCEPTED;

	if (ev == NULL || scratch.p == NULL)
		status = complain(EX_TROUBLE, "no memory");
	else if (atls_evidence_parse(ev, kind, raw, &scratch, &err) != ATLS_OK)
		status = complain_err(EX_MALFORMED, atls_kind_name(kind),
		    &err);
	else
		print_evidence(ev, json);
	free(scratch.p);
	free(ev);
	return status;
}

static bool
is_known(const struct atls_cmw_record *rec)
{
	int k;

	for (k = ATLS_KIND_NONE + 1; k < ATLS_NKINDS; k++)
		if (atls_kind_takes((enum atls_kind)k, rec))
			return true;
	return false;
}

static int
print_value(const struct atls_cmw_record *rec, bool json,
    struct atls_buf *scratch, struct atls_evidence *ev)
{
	struct atls_err err = { 0 };
	struct atls_bytes value;

	if (atls_cmw_value(rec, scratch, &value) != ATLS_OK)
		return complain(EX_MALFORMED, "the value is not base64url");
	if (!is_known(rec)) {
		if (!json)
			printf("value      %zu octets of no kind we know\n",
			    value.len);
		return EX_ACCEPTED;
	}
	if (evidence_of_record(rec, value, scratch, ev, &err) != ATLS_OK)
		return complain_err(EX_MALFORMED, "evidence", &err);
	print_evidence(ev, json);
	return EX_ACCEPTED;
}

static int
print_record(const struct atls_cmw_record *rec, bool json)
{
	static const char *const form[] = { "?", "CBOR", "JSON", "tag" };
	struct atls_buf scratch = { malloc(2 * rec->value.len + 1),
	    2 * rec->value.len, 0 };
	struct atls_evidence *ev = malloc(sizeof(*ev));
	int status;

	if (!json) {
		printf("record     %s, depth %u, ", form[rec->form],
		    rec->depth);
		if (rec->type.len > 0)
			text_print(stdout, rec->type);
		else
			printf("content format %u", rec->format);
		printf(", ind %u\n", rec->ind);
	}
	if (scratch.p == NULL || ev == NULL)
		status = complain(EX_TROUBLE, "no memory");
	else
		status = print_value(rec, json, &scratch, ev);
	free(scratch.p);
	free(ev);
	return status;
}

static int
print_cmw(struct atls_bytes in, bool json)
{
	struct atls_cmw *cmw = malloc(sizeof(*cmw));
	struct atls_err err = { 0 };
	int status = EX_ACCEPTED, s;
	size_t i;

	if (cmw == NULL)
		return complain(EX_TROUBLE, "no memory");
	if (atls_cmw_parse(in, cmw, &err) != ATLS_OK)
		status = complain_err(EX_MALFORMED,
		    "cmw (raw evidence needs --kind)", &err);
	else
		for (i = 0; i < cmw->nrecord; i++)
			if ((s = print_record(&cmw->record[i], json)) >
			    status)
				status = s;
	free(cmw);
	return status;
}

static int
print_authenticator(struct atls_bytes in)
{
	struct atls_ea_peer *p = calloc(1, sizeof(*p));
	struct atls_err err = { 0 };
	int status = EX_ACCEPTED;
	enum atls_rc rc;
	size_t i;

	if (p == NULL)
		return complain(EX_TROUBLE, "no memory");
	rc = atls_ea_parse(in, p, &err);
	if (rc == ATLS_E_REFUSED)
		printf("authenticator  empty: a refusal\n");
	else if (rc != ATLS_OK)
		status = complain_err(EX_MALFORMED, "authenticator", &err);
	else {
		printf("authenticator  %zu octets, scheme %#06x\ncontext    ",
		    in.len, p->scheme);
		hex_print(stdout, p->context);
		putchar('\n');
		for (i = 0; i < p->nchain; i++)
			printf("certificate %zu, %zu octets\n", i,
			    p->chain[i].len);
		ext_print(p->ext, p->next);
	}
	free(p);
	return status;
}

static int
print_request(struct atls_bytes in)
{
	struct atls_ea_request r;
	struct atls_err err = { 0 };
	size_t i;

	if (atls_ea_request_parse(in, &r, &err) != ATLS_OK)
		return complain_err(EX_MALFORMED, "request", &err);
	printf("request    %s\ncontext    ", r.type == 13 ?
	    "CertificateRequest, by a server" :
	    "ClientCertificateRequest, by a client");
	hex_print(stdout, r.context);
	printf("\nschemes   ");
	for (i = 0; i < r.nscheme; i++)
		printf(" %#06x", r.scheme[i]);
	putchar('\n');
	ext_print(r.ext, r.next);
	return EX_ACCEPTED;
}

/* The first octet tells messages of RFC 9261 from a CMW (RFC 9999). */
static int
print_any(struct atls_bytes in, bool json)
{
	switch (in.p[0]) {
	case 11: case 20:
		return print_authenticator(in);
	case 13: case 17:
		return print_request(in);
	default:
		return print_cmw(in, json);
	}
}

static int
print_certificate(struct atls_bytes der, bool json)
{
	struct atls_err err = { 0 };
	struct atls_ratls r;

	if (atls_ratls_read(der, &r, &err) != ATLS_OK)
		return complain_err(EX_MALFORMED, "certificate", &err);
	if (!json) {
		printf("certificate, %zu octets, evidence in form %s\n",
		    der.len, atls_ratls_form_name(r.form));
		printf("must carry ");
		hex_print(stdout, r.binderlen > 0 ? (struct atls_bytes){
		    r.binder, r.binderlen } : (struct atls_bytes){
		    r.report_data, r.report_datalen });
		putchar('\n');
	}
	return r.kind != ATLS_KIND_NONE ? print_raw(r.kind, r.raw, json) :
	    print_any(r.raw, json);
}

int
cmd_inspect(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "kind", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum atls_kind kind = ATLS_KIND_NONE;
	struct atls_buf in;
	bool json = false;
	int o, status;

	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1)
		switch (o) {
		case 'k':
			if ((kind = atls_kind_named(optarg)) ==
			    ATLS_KIND_NONE)
				return complain(EX_USAGE_ERROR,
				    "no kind '%s'", optarg);
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_ACCEPTED;
		default:
			fputs(usage, stderr);
			return EX_USAGE_ERROR;
		}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if (file_read(argv[optind], &in) == -1)
		return complain(EX_TROUBLE, "%s: %s", argv[optind],
		    strerror(errno));
	if (in.len == 0)
		status = complain(EX_MALFORMED, "%s: empty", argv[optind]);
	else if (kind == ATLS_KIND_NONE && is_certificate(&in))
		status = print_certificate(buf_view(&in), json);
	else if (kind != ATLS_KIND_NONE)
		status = print_raw(kind, buf_view(&in), json);
	else
		status = print_any(buf_view(&in), json);
	free(in.p);
	return status;
}
