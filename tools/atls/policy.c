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
"                                      a policy from good evidence\n"
"       atls policy claims KIND        what evidence of a kind can say\n"
"       atls policy explain|why-not --policy FILE [option...] EVIDENCE\n"
"                                      every check; what would accept it\n";

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

static int
learn(const char *path, enum atls_kind kind, struct atls_buf *out)
{
	struct atls_err err = { 0 };
	struct evidence e;
	int status;

	if ((status = evidence_open(&e, path, kind)) == EX_ACCEPTED)
		status = put_learned(out, atls_policy_learn(e.ev, out, &err),
		    &err);
	evidence_close(&e);
	return status;
}

static int
claims(const char *name)
{
	static const char *const types[] = {
		[ATLS_CLAIM_BYTES] = "octets", [ATLS_CLAIM_NUMBER] = "number",
		[ATLS_CLAIM_BOOL] = "truth", [ATLS_CLAIM_TEXT] = "text",
	};
	enum atls_kind kind = atls_kind_named(name);
	enum atls_claim_type type;
	bool measurement;
	const char *claim;
	size_t i;

	if (kind == ATLS_KIND_NONE)
		return complain(EX_USAGE_ERROR, "no kind '%s'", name);
	for (i = 0; (claim = atls_kind_claim(kind, i, &type, &measurement)) !=
	    NULL; i++)
		printf("%-36s %-7s%s\n", claim, types[type], measurement ?
		    " measurement" : "");
	return EX_ACCEPTED;
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

	if (argc > 1 && (strcmp(argv[1], "explain") == 0 ||
	    strcmp(argv[1], "why-not") == 0))
		return cmd_explain(argc - 1, argv + 1);
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
	else if (strcmp(verb, "claims") == 0)
		status = claims(path);
	else if (strcmp(verb, "learn") == 0)
		status = learn(path, kind, &out);
	else
		fputs(usage, stderr);
	free(out.p);
	return status;
}
