/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_text.h"

#define SIZE	"evidence-max 65536\n"
#define DEFAULTS						\
	"allow-debug no\nallow-simulated no\nbinding-min exporter\n"	\
	"freshness-min F3\nmax-age none\n" SIZE
#define TCB	"tcb-status UpToDate\ngrace none\ntcb-eval-min 0\n"
#define HEAD	"peer required\nself optional\n"
#define REST	"ignore fake.m.1\nignore fake.m.10\nignore fake.svn\n"	\
	"ignore fake.secure\nignore fake.image\n"

static const struct {
	const char	*what, *in, *out;
} good[] = {
	{ "all ignored, pinned",
	  "kind plain\ninstance ak:0A\nignore plain.code\n",
	  HEAD "\nkind plain\ninstance ak:0a\nignore plain.code\n" DEFAULTS },
	{ "no line end at the end",
	  "kind plain\ninstance ak:0a\nignore plain.code",
	  HEAD "\nkind plain\ninstance ak:0a\nignore plain.code\n" DEFAULTS },
	{ "CRLF, tabs, spaces, comments",
	  "# \xc3\xa4 \xf0\x9f\x94\x92\r\n\r\n \tkind\tplain \t # x\r\n"
	  "instance  ak:0a #y\r\n#\nplain.code AbCd\r\n",
	  HEAD "\nkind plain\ninstance ak:0a\nplain.code abcd\n" DEFAULTS },
	{ "header",
	  "self never\npeer optional\nkind plain\ninstance ak:0a\n"
	  "plain.code 00\n",
	  "peer optional\nself never\n\nkind plain\ninstance ak:0a\n"
	  "plain.code 00\n" DEFAULTS },
	{ "header, the other words",
	  "peer required\nself required\nkind plain\ninstance ak:0a\n"
	  "plain.code 00\n",
	  "peer required\nself required\n\nkind plain\ninstance ak:0a\n"
	  "plain.code 00\n" DEFAULTS },
	{ "settings",
	  "kind plain\nmax-age 10m\nfreshness-min F1\nbinding-min nonce+key\n"
	  "allow-simulated yes\nallow-debug yes\nplain.code 00\n"
	  "evidence-max 100000\nplain.code 01\ninstance ak:0b\ninstance ak:0a\n",
	  HEAD "\nkind plain\ninstance ak:0b\ninstance ak:0a\n"
	  "plain.code 00\nplain.code 01\nallow-debug yes\n"
	  "allow-simulated yes\nbinding-min nonce+key\nfreshness-min F1\n"
	  "max-age 600s\nevidence-max 100000\n" },
	{ "a claim of every type",
	  "kind fake\ninstance ak:0a\nfake.m.0 00ff\nignore fake.m.*\n"
	  "fake.svn 3\nfake.svn >=18446744073709551615\nfake.secure yes\n"
	  "fake.image web \t server 4 # not 5\nfake.note a#b\n"
	  "fake.firmware <=0\n",
	  HEAD "\nkind fake\ninstance ak:0a\nfake.m.0 00ff\nfake.svn 3\n"
	  "fake.svn >=18446744073709551615\nfake.secure yes\n"
	  "fake.image web \t server 4\nfake.firmware <=0\nfake.note a#b\n"
	  "ignore fake.m.1\nignore fake.m.10\n" TCB DEFAULTS },
	{ "a family ignored, one of it given after",
	  "kind fake\nanchor a.pem\nignore fake.*\nfake.m.0 00\n",
	  HEAD "\nkind fake\nanchor a.pem\nfake.m.0 00\n" REST
	  "ignore fake.firmware\nignore fake.note\n" TCB DEFAULTS },
	{ "names ignored, several on a line, and twice",
	  "kind fake\nanchor a.pem\nfake.m.0 00\nignore fake.m.1 fake.m.10 "
	  "fake.svn fake.image\nignore fake.secure fake.svn # all\n",
	  HEAD "\nkind fake\nanchor a.pem\nfake.m.0 00\n" REST TCB DEFAULTS },
	{ "files",
	  "kind plain\nanchor a.pem\nanchor b.pem\ncrl a.crl\ncrl b.crl\n"
	  "plain.code 00\nkind plain\nanchor b.pem\nplain.code 00\n",
	  HEAD "\nkind plain\nanchor a.pem\nanchor b.pem\ncrl a.crl\n"
	  "crl b.crl\nplain.code 00\n" DEFAULTS
	  "\nkind plain\nanchor b.pem\nplain.code 00\n" DEFAULTS },
	{ "hours, and a long name",
	  "kind plain\nmax-age 2h\ninstance ak:" X100 "00000000\n"
	  "plain.code 00\n",
	  HEAD "\nkind plain\ninstance ak:" X100 "00000000\nplain.code 00\n"
	  "allow-debug no\nallow-simulated no\nbinding-min exporter\n"
	  "freshness-min F3\nmax-age 7200s\n" SIZE },
	{ "TCB",
	  "kind fake\nanchor a.pem\nfake.m.0 00\nignore fake.*\n"
	  "tcb-status OutOfDate SWHardeningNeeded\ntcb-status UpToDate\n"
	  "allow-advisory INTEL-SA-00615 INTEL-SA-1\nallow-advisory *\n"
	  "grace 14d\ntcb-eval-min 17\n",
	  HEAD "\nkind fake\nanchor a.pem\nfake.m.0 00\n" REST
	  "ignore fake.firmware\nignore fake.note\n"
	  "tcb-status UpToDate\ntcb-status SWHardeningNeeded\n"
	  "tcb-status OutOfDate\nallow-advisory INTEL-SA-00615\n"
	  "allow-advisory INTEL-SA-1\nallow-advisory *\n"
	  "grace 1209600s\ntcb-eval-min 17\n" DEFAULTS },
	{ "a key", "kind bare\nkey pub.pem\nkey pub.pem\ninstance ak:00\n",
	  HEAD "\nkind bare\nkey pub.pem\nkey pub.pem\ninstance ak:00\n"
	  DEFAULTS },
	{ "vendors' roots",
	  "kind plain\nanchor builtin:intel-sgx-root\n"
	  "anchor builtin:amd-ark-milan\nanchor builtin:amd-ark-genoa\n"
	  "anchor builtin:amd-ark-turin\nanchor builtin:aws-nitro-root\n"
	  "anchor builtin:azure-virtual-tpm-root\n"
	  "anchor builtin:google-ek-ak-root\nplain.code 00\n",
	  HEAD "\nkind plain\nanchor builtin:intel-sgx-root\n"
	  "anchor builtin:amd-ark-milan\nanchor builtin:amd-ark-genoa\n"
	  "anchor builtin:amd-ark-turin\nanchor builtin:aws-nitro-root\n"
	  "anchor builtin:azure-virtual-tpm-root\n"
	  "anchor builtin:google-ek-ak-root\nplain.code 00\n" DEFAULTS },
	{ "blocks of two kinds",
	  "kind plain\nanchor a.pem\nmax-age 1s\nplain.code 00\n"
	  "kind fake\nmax-age 30d\ninstance ak:00\nignore fake.*\n",
	  HEAD "\nkind plain\nanchor a.pem\nplain.code 00\nallow-debug no\n"
	  "allow-simulated no\nbinding-min exporter\nfreshness-min F3\n"
	  "max-age 1s\n" SIZE "\nkind fake\ninstance ak:00\nignore fake.m.0\n" REST
	  "ignore fake.firmware\nignore fake.note\n" TCB "allow-debug no\n"
	  "allow-simulated no\nbinding-min exporter\nfreshness-min F3\n"
	  "max-age 2592000s\n" SIZE },
};

static void
test_good(void)
{
	struct atls_policy *p;
	struct atls_err err;
	char *s;
	size_t i;

	for (i = 0; i < NITEMS(good); i++) {
		p = parse(good[i].in, strlen(good[i].in), &err);
		T(p != NULL, "%s: %s", good[i].what, err.detail);
		if (p == NULL)
			continue;
		T(err.rc == ATLS_OK, "%s", good[i].what);
		s = shown(p);
		T(strcmp(s, good[i].out) == 0, "%s:\n%s", good[i].what, s);
		free(s);
		check_stable(good[i].what, p);
		atls_policy_free(p);
	}
}

/* Whatever parses is stable, however it came about. */
static void
test_mutants(void)
{
	struct atls_policy *p;
	struct atls_err err;
	size_t i, k, len, n = 0;
	char *s;

	for (i = 0; i < NITEMS(good); i++) {
		len = strlen(good[i].in);
		for (k = 0; k < len; k++) {
			p = parse(good[i].in, k, &err);
			if (p != NULL)
				check_stable("prefix", p);
			T((p == NULL) == (err.rc == ATLS_E_CONF), "prefix");
			atls_policy_free(p);
		}
		s = malloc(len + 1);
		memcpy(s, good[i].in, len + 1);
		for (k = 0; k < 8 * len; k++) {
			s[k / 8] = (char)(s[k / 8] ^ 1 << k % 8);
			p = parse(s, len, &err);
			n += p != NULL;
			if (p != NULL)
				check_stable("flip", p);
			T((p == NULL) == (err.rc == ATLS_E_CONF), "flip");
			atls_policy_free(p);
			s[k / 8] = (char)(s[k / 8] ^ 1 << k % 8);
		}
		free(s);
	}
	T(n > 0, "none of the flips parses");
}

int
main(void)
{
	files_new();
	test_good();
	test_mutants();
	files_free();
	return t_end("t_policy");
}
