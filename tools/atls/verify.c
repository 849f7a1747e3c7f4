/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "question.h"

static const char usage[] =
"usage: atls verify --policy FILE [option...] FILE\n"
QUESTION_USAGE
"  -j                    one JSON object\n";

static const struct option longs[] = {
	QUESTION_LONGS,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
appraise(struct question *a, bool json)
{
	struct atls_result *r = malloc(sizeof(*r));
	enum atls_verdict v;
	int status;

	if (r == NULL)
		return complain(EX_TROUBLE, "no memory");
	v = a->unbound ? atls_insecure_appraise_unbound(a->policy, &a->q,
	    &a->scratch, r) : atls_appraise(a->policy, &a->q, &a->scratch, r);
	if (json)
		result_json(stdout, r);
	else {
		result_print(stdout, r);
		claims_print(stdout, &r->claims);
	}
	status = v == ATLS_VERDICT_ACCEPT ? EX_ACCEPTED :
	    status_of_file(r->why.rc);
	if (v != ATLS_VERDICT_ACCEPT && status == EX_ACCEPTED)
		status = EX_REJECTED;
	free(r);
	return status;
}

int
cmd_verify(int argc, char **argv)
{
	struct question a;
	bool json = false;
	int o, status;

	question_init(&a);
	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1) {
		if (o == 'j') {
			json = true;
		} else if (o == 'h') {
			fputs(usage, stdout);
			return EX_ACCEPTED;
		} else if ((status = question_option(&a, o, optarg)) == -2) {
			fputs(usage, stderr);
			return EX_USAGE_ERROR;
		} else if (status != -1)
			return status;
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if ((status = question_open(&a, argv[optind])) == EX_ACCEPTED)
		status = appraise(&a, json);
	question_close(&a);
	return status;
}
