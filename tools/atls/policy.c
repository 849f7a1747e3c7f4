/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define TEXT_MAX	(256u * 1024)	/* octets of a policy written here */

static const char usage[] =
"usage: atls policy check FILE         strict parse; says nothing if good\n"
"       atls policy show FILE          every default spelt out\n"
"       atls policy learn [--kind KIND] EVIDENCE\n"
"                                      a policy from good evidence\n";

static int
put_text(struct atls_buf *out, enum atls_rc rc, const struct atls_err *err)
{
	if (rc != ATLS_OK)
		return complain_err(status_of_file(rc), "policy", err);
	return fwrite(out->p, 1, out->len, stdout) == out->len &&
	    fflush(stdout) == 0 ? EX_ACCEPTED : complain(EX_TROUBLE,
	    "stdout: %s", strerror(errno));
}

/* What cannot be learnt from is the evidence's fault, not the caller's. */
static int
put_learned(struct atls_buf *out, enum atls_rc rc, const struct atls_err *err)
{
	return rc == ATLS_E_ARG ? complain_err(EX_MALFORMED, "policy", err) :
	    put_text(out, rc, err);
}

static int
check_or_show(const char *path, bool show, struct atls_buf *out)
{
	struct atls_err err = { 0 };
	struct atls_policy *p;
	int status = EX_ACCEPTED;

	if ((p = policy_load(path, &status)) == NULL)
		return status;
	if (show)
		status = put_text(out, atls_policy_show(p, out), &err);
	atls_policy_free(p);
	return status;
}

/* Raw evidence, or that of a CMW of one record, which also says its kind.
 * scratch is for JSON.  1, or 0 with err. */
static int
evidence_of(enum atls_kind *kind, struct atls_bytes in,
    struct atls_buf *scratch, struct atls_bytes *raw, struct atls_err *err)
{
	struct atls_cmw *cmw;
	int k, ok = 0;

	*raw = in;
	if (*kind != ATLS_KIND_NONE)
		return 1;
	if ((cmw = malloc(sizeof(*cmw))) == NULL) {
		err->rc = ATLS_E_MEM;
		return 0;
	}
	if (atls_cmw_parse(in, cmw, err) == ATLS_OK) {
		for (k = 1; k < ATLS_NKINDS && cmw->nrecord == 1; k++)
			if (atls_cmw_is(&cmw->record[0],
			    atls_kind_media((enum atls_kind)k)))
				*kind = (enum atls_kind)k;
		ok = *kind != ATLS_KIND_NONE &&
		    atls_cmw_value(&cmw->record[0], scratch, raw) == ATLS_OK;
	}
	if (!ok && err->rc == ATLS_OK)
		*err = (struct atls_err){ .rc = ATLS_E_UNKNOWN,
		    .where = "cmw", .detail = "not one record of a kind "
		    "that is known here" };
	free(cmw);
	return ok;
}

static int
learn(const char *path, enum atls_kind kind, struct atls_buf *out)
{
	struct atls_evidence *ev = malloc(sizeof(*ev));
	struct atls_buf in = { NULL, 0, 0 }, scratch = { NULL, 0, 0 };
	struct atls_err err = { 0 };
	struct atls_bytes raw;
	int status;

	if (ev == NULL || file_read(path, &in) == -1) {
		free(ev);
		return complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	}
	scratch.p = malloc(in.len + 1);
	scratch.cap = scratch.p == NULL ? 0 : in.len;
	if (!evidence_of(&kind, buf_view(&in), &scratch, &raw, &err) ||
	    atls_evidence_parse(ev, kind, raw, NULL, &err) != ATLS_OK)
		status = complain_err(err.rc == ATLS_E_MEM ? EX_TROUBLE :
		    EX_MALFORMED, path, &err);
	else
		status = put_learned(out, atls_policy_learn(ev, out, &err),
		    &err);
	free(scratch.p);
	free(in.p);
	free(ev);
	return status;
}

int
cmd_policy(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "kind", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum atls_kind kind = ATLS_KIND_NONE;
	struct atls_buf out = { NULL, TEXT_MAX, 0 };
	int o, status = EX_USAGE_ERROR;
	const char *verb, *path;

	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (o == 'h') {
			fputs(usage, stdout);
			return EX_ACCEPTED;
		} else if (o != 'k' ||
		    (kind = atls_kind_named(optarg)) == ATLS_KIND_NONE) {
			fputs(usage, stderr);
			return EX_USAGE_ERROR;
		}
	if (optind + 2 != argc) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	verb = argv[optind];
	path = argv[optind + 1];
	if ((out.p = malloc(out.cap)) == NULL)
		return complain(EX_TROUBLE, "no memory");
	if (strcmp(verb, "check") == 0)
		status = check_or_show(path, false, &out);
	else if (strcmp(verb, "show") == 0)
		status = check_or_show(path, true, &out);
	else if (strcmp(verb, "learn") == 0)
		status = learn(path, kind, &out);
	else
		fputs(usage, stderr);
	free(out.p);
	return status;
}
