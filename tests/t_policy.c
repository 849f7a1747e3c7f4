/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/appraise/policy.h"
#include "fake_kinds.h"
#include "pki.h"
#include "t.h"

#define NOW	1767225600

/* The files that a policy may name. */
static struct {
	const char	*name;
	const char	*text;
	size_t		 len;
} files[8];

static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	size_t i;

	(void)arg;
	for (i = 0; i < NITEMS(files) && files[i].name != NULL; i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		out->len = files[i].len;
		if (files[i].len > out->cap)
			return ATLS_E_SPACE;
		memcpy(out->p, files[i].text, files[i].len);
		return ATLS_OK;
	}
	return ATLS_E_IO;
}

/* Parses a heap copy of exact size. */
static struct atls_policy *
parse(const char *text, size_t len, struct atls_err *err)
{
	uint8_t *copy = malloc(len + (len == 0));
	struct atls_policy *p;

	*err = (struct atls_err){ 0 };
	if (len > 0)
		memcpy(copy, text, len);
	p = atls_policy_parse((struct atls_bytes){ copy, len }, give, NULL,
	    err);
	free(copy);
	return p;
}

/* What show() writes, NUL-terminated; the caller frees it. */
static char *
shown(const struct atls_policy *p)
{
	struct atls_buf b = { NULL, 0, 0 };
	char *s;

	T(atls_policy_show(p, &b) == ATLS_E_SPACE, "no room");
	s = malloc(b.len + 1);
	b.p = (uint8_t *)s;
	b.cap = b.len;
	T(atls_policy_show(p, &b) == ATLS_OK, "exact room");
	s[b.len] = '\0';
	return s;
}

/* A policy that parses is shown as one that parses and is shown alike. */
static void
check_stable(const char *what, const struct atls_policy *p)
{
	char *one = shown(p), *two;
	struct atls_policy *q;
	struct atls_err err;

	q = parse(one, strlen(one), &err);
	T(q != NULL, "%s: shown, then: %s\n%s", what, err.detail, one);
	if (q != NULL) {
		two = shown(q);
		T(strcmp(one, two) == 0, "%s:\n%s---\n%s", what, one, two);
		free(two);
	}
	atls_policy_free(q);
	free(one);
}

#define DEFAULTS						\
	"allow-debug no\nallow-simulated no\nbinding-min exporter\n"	\
	"freshness-min F3\nmax-age none\n"
#define HEAD	"peer required\nself optional\n"
#define REST	"ignore fake.m.1\nignore fake.m.10\nignore fake.svn\n"	\
	"ignore fake.secure\nignore fake.image\n"

#define X10	"1234567890"
#define X100	X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

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
	  "plain.code 01\ninstance ak:0b\ninstance ak:0a\n",
	  HEAD "\nkind plain\ninstance ak:0b\ninstance ak:0a\n"
	  "plain.code 00\nplain.code 01\nallow-debug yes\n"
	  "allow-simulated yes\nbinding-min nonce+key\nfreshness-min F1\n"
	  "max-age 600s\n" },
	{ "a claim of every type",
	  "kind fake\ninstance ak:0a\nfake.m.0 00ff\nignore fake.m.*\n"
	  "fake.svn 3\nfake.svn >=18446744073709551615\nfake.secure yes\n"
	  "fake.image web \t server 4 # not 5\nfake.note a#b\n"
	  "fake.firmware <=0\n",
	  HEAD "\nkind fake\ninstance ak:0a\nfake.m.0 00ff\nfake.svn 3\n"
	  "fake.svn >=18446744073709551615\nfake.secure yes\n"
	  "fake.image web \t server 4\nfake.firmware <=0\nfake.note a#b\n"
	  "ignore fake.m.1\nignore fake.m.10\n" DEFAULTS },
	{ "a family ignored, one of it given after",
	  "kind fake\nanchor a.pem\nignore fake.*\nfake.m.0 00\n",
	  HEAD "\nkind fake\nanchor a.pem\nfake.m.0 00\n" REST
	  "ignore fake.firmware\nignore fake.note\n" DEFAULTS },
	{ "names ignored, several on a line, and twice",
	  "kind fake\nanchor a.pem\nfake.m.0 00\nignore fake.m.1 fake.m.10 "
	  "fake.svn fake.image\nignore fake.secure fake.svn # all\n",
	  HEAD "\nkind fake\nanchor a.pem\nfake.m.0 00\n" REST DEFAULTS },
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
	  "freshness-min F3\nmax-age 7200s\n" },
	{ "blocks of two kinds",
	  "kind plain\nanchor a.pem\nmax-age 1s\nplain.code 00\n"
	  "kind fake\nmax-age 30d\ninstance ak:00\nignore fake.*\n",
	  HEAD "\nkind plain\nanchor a.pem\nplain.code 00\nallow-debug no\n"
	  "allow-simulated no\nbinding-min exporter\nfreshness-min F3\n"
	  "max-age 1s\n\nkind fake\ninstance ak:00\nignore fake.m.0\n" REST
	  "ignore fake.firmware\nignore fake.note\nallow-debug no\n"
	  "allow-simulated no\nbinding-min exporter\nfreshness-min F3\n"
	  "max-age 2592000s\n" },
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

#define PLAIN_OK	"kind plain\nanchor a.pem\nplain.code 00\n"
#define FAKE_OK		"kind fake\ninstance ak:00\nignore fake.*\n"

static const struct {
	const char	*what, *in, *at;	/* at: "line:column: what" */
} bad[] = {
	/* the text */
	{ "empty", "", "1:1: no \"kind\"" },
	{ "comments only", "# x\n\n", "2:1: no \"kind\"" },
	{ "header only", "peer required\n", "1:1: no \"kind\"" },
	{ "byte order mark", "\xef\xbb\xbf" PLAIN_OK,
	  "1:1: unknown key \"???kind\"" },
	{ "control character", "kind\x01plain\n", "1:5: octet 01" },
	{ "escape in a comment", PLAIN_OK "# \x1b[0m\n", "4:3: octet 1b" },
	{ "CR alone", "kind plain\rkind plain\n", "1:11: octet 0d" },
	{ "two CRs", "kind plain\r\r\n", "1:11: octet 0d" },
	{ "delete", PLAIN_OK "#\x7f", "4:2: octet 7f" },
	{ "C1 control", PLAIN_OK "#\xc2\x80", "4:2: octet c2" },
	{ "not UTF-8", PLAIN_OK "#\xff", "4:2: octet ff" },
	{ "UTF-8, cut", PLAIN_OK "#\xe2\x82", "4:2: octet e2" },
	{ "UTF-8, too long a form", PLAIN_OK "#\xc0\xaf", "4:2: octet c0" },
	{ "UTF-8, a surrogate", PLAIN_OK "#\xed\xa0\x80", "4:2: octet ed" },

	/* keys */
	{ "unknown key", PLAIN_OK "colour blue\n",
	  "4:1: unknown key \"colour\"" },
	{ "near to a key", PLAIN_OK "  anchr x\n",
	  "4:3: unknown key \"anchr\", did you mean \"anchor\"?" },
	{ "near to a claim", PLAIN_OK "plain.cod 00\n",
	  "did you mean \"plain.code\"?" },
	{ "upper case", PLAIN_OK "Anchor a.pem\n",
	  "4:1: unknown key \"Anchor\", did you mean \"anchor\"?" },
	{ "a longer key", PLAIN_OK "anchors a.pem\n",
	  "did you mean \"anchor\"?" },
	{ "a claim of another kind", PLAIN_OK "fake.m.0 00\n",
	  "4:1: unknown key \"fake.m.0\"" },
	{ "a claim before any kind", "plain.code 00\n" PLAIN_OK,
	  "1:1: unknown key \"plain.code\"" },
	{ "a very long key",
	  PLAIN_OK "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x\n",
	  "4:1: unknown key \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa..\"" },
	{ "tcb-status is for other kinds", PLAIN_OK "tcb-status UpToDate\n",
	  "4:1: unknown key \"tcb-status\"" },
	{ "no value", PLAIN_OK "max-age\n", "4:1: a value is missing" },
	{ "no value but a comment", PLAIN_OK "max-age # 3s\n",
	  "4:1: a value is missing" },
	{ "no claim value", PLAIN_OK "plain.code\n",
	  "4:1: a value is missing" },
	{ "nothing to ignore", FAKE_OK "ignore\n", "4:1: a value is missing" },
	{ "two values", PLAIN_OK "max-age 3s 4s\n",
	  "4:12: one value is enough" },
	{ "two anchors on a line", "kind plain\nanchor a.pem b.pem\n",
	  "2:14: one value is enough" },
	{ "two claim values on a line", PLAIN_OK "plain.code 00 01\n",
	  "4:15: one value is enough" },
	{ "header behind a block", PLAIN_OK "peer optional\n",
	  "4:1: \"peer\" belongs before the first \"kind\"" },
	{ "header behind a block", PLAIN_OK "self optional\n",
	  "4:1: \"self\" belongs before the first \"kind\"" },
	{ "block key in the header", "anchor a.pem\n" PLAIN_OK,
	  "1:1: \"anchor\" belongs behind a \"kind\"" },
	{ "peer twice", "peer required\n\npeer required\n" PLAIN_OK,
	  "3:1: \"peer\" was said in line 1" },
	{ "self twice", "self never\nself optional\n" PLAIN_OK,
	  "2:1: \"self\" was said in line 1" },
	{ "allow-debug twice", PLAIN_OK "allow-debug no\nallow-debug no\n",
	  "5:1: \"allow-debug\" was said in line 4" },
	{ "allow-simulated twice",
	  PLAIN_OK "allow-simulated no\nallow-simulated yes\n", "5:1: " },
	{ "binding-min twice", PLAIN_OK "binding-min key\nbinding-min key\n",
	  "5:1: " },
	{ "freshness-min twice", PLAIN_OK "freshness-min F1\n"
	  "freshness-min F2\n", "5:1: " },
	{ "max-age twice", PLAIN_OK "max-age 1s\nmax-age 2s\n", "5:1: " },

	/* values */
	{ "peer never", "peer never\n" PLAIN_OK,
	  "1:6: \"never\" is not required or optional" },
	{ "self yes", "self yes\n" PLAIN_OK,
	  "1:6: \"yes\" is not required, optional or never" },
	{ "yes in upper case", PLAIN_OK "allow-debug YES\n",
	  "4:13: \"YES\" is not yes or no" },
	{ "true", PLAIN_OK "allow-simulated true\n",
	  "4:17: \"true\" is not yes or no" },
	{ "binding", PLAIN_OK "binding-min exportr\n",
	  "4:13: \"exportr\" is not none, key, nonce+key, transcript or "
	  "exporter" },
	{ "freshness", PLAIN_OK "freshness-min F5\n",
	  "4:15: \"F5\" is not F0, F1, F2, F3 or F4" },
	{ "freshness in lower case", PLAIN_OK "freshness-min f3\n", "4:15: " },
	{ "max-age without unit", PLAIN_OK "max-age 300\n",
	  "4:9: \"300\" is not none, or a number with s, m, h or d" },
	{ "max-age, unit only", PLAIN_OK "max-age s\n", "4:9: " },
	{ "max-age, unknown unit", PLAIN_OK "max-age 3w\n", "4:9: " },
	{ "max-age, negative", PLAIN_OK "max-age -3s\n", "4:9: " },
	{ "max-age, leading zero", PLAIN_OK "max-age 03s\n", "4:9: " },
	{ "max-age, zero", PLAIN_OK "max-age 0s\n",
	  "4:9: \"0s\" is not from 1s to 30d" },
	{ "max-age, 31 days", PLAIN_OK "max-age 31d\n", "is not from 1s" },
	{ "max-age, a second more", PLAIN_OK "max-age 2592001s\n",
	  "is not from 1s" },
	{ "max-age, overflow", PLAIN_OK "max-age 18446744073709551616s\n",
	  "4:9: " },
	{ "max-age, overflow by the unit",
	  PLAIN_OK "max-age 213503982334602d\n", "is not from 1s" },
	{ "hex, odd", "kind plain\nanchor a.pem\nplain.code 000\n",
	  "3:12: not hex" },
	{ "hex, other letter", "kind plain\nanchor a.pem\nplain.code 0g\n",
	  "3:12: not hex" },
	{ "hex with 0x", "kind plain\nanchor a.pem\nplain.code 0x00\n",
	  "3:12: not hex" },
	{ "number, empty", FAKE_OK "fake.svn >=\n", "4:10: not N" },
	{ "number, blank inside", FAKE_OK "fake.svn >= 3\n",
	  "4:13: one value" },
	{ "number, >", FAKE_OK "fake.svn >3\n", "4:10: not N" },
	{ "number, =", FAKE_OK "fake.svn =3\n", "4:10: not N" },
	{ "number, hex", FAKE_OK "fake.svn 0x3\n", "4:10: not N" },
	{ "number, leading zero", FAKE_OK "fake.svn 00\n", "4:10: not N" },
	{ "number, overflow", FAKE_OK "fake.svn 18446744073709551616\n",
	  "4:10: not N" },
	{ "number, any from below", FAKE_OK "fake.svn >=0\n",
	  "4:10: any number would do" },
	{ "number, any from above", FAKE_OK
	  "fake.svn <=18446744073709551615\n", "4:10: any number would do" },
	{ "a range is two alternatives", FAKE_OK
	  "fake.svn >=3\nfake.svn 2\nfake.svn <=5\n",
	  "6:10: lines are alternatives, and line 4 is the opposite" },
	{ "the same, the other way", FAKE_OK "fake.svn <=5\nfake.svn >=3\n",
	  "5:10: lines are alternatives" },
	{ "yes and no", FAKE_OK "fake.secure yes\nfake.secure no\n",
	  "5:13: lines are alternatives, and line 4" },
	{ "bool", FAKE_OK "fake.secure 1\n", "4:13: \"1\" is not yes or no" },
	{ "instance without digits", "kind plain\ninstance ak:\n",
	  "2:10: not a machine" },
	{ "instance without colon", "kind plain\ninstance ak00\n",
	  "2:10: not a machine" },
	{ "instance without name", "kind plain\ninstance :00\n",
	  "2:10: not a machine" },
	{ "a comment without a blank", "kind plain\ninstance ak:00#x\n",
	  "2:10: not a machine" },
	{ "instance, odd", "kind plain\ninstance ak:000\n",
	  "2:10: not a machine" },
	{ "instance, other digit", "kind plain\ninstance ak:0g\n",
	  "2:10: not a machine" },
	{ "instance, 113 octets", "kind plain\ninstance ak:" X100 "000000000\n",
	  "2:10: not a machine" },
	{ "instance, 112 octets", "kind plain\ninstance akk:" X100 "00000000\n",
	  "2:10: longer than 111 octets" },
	{ "instance, two colons", "kind plain\ninstance ak:00:00\n",
	  "2:10: not a machine" },
	{ "instance, upper case name", "kind plain\ninstance AK:00\n",
	  "2:10: not a machine" },

	/* blocks */
	{ "unknown kind", "kind sgx\n", "1:6: unknown kind \"sgx\"" },
	{ "near to a kind", "kind fak\n",
	  "1:6: unknown kind \"fak\", did you mean \"fake\"?" },
	{ "kind in upper case", "kind Plain\n", "1:6: unknown kind \"Plain\"" },
	{ "no word to count", "\nkind plain\nplain.code 00\n",
	  "2:1: neither anchor nor instance: whose word counts?" },
	{ "no word to count, not last", "kind plain\nplain.code 00\n" FAKE_OK,
	  "1:1: neither anchor nor instance" },
	{ "a measurement forgotten", "# x\nkind fake\nanchor a.pem\n"
	  "fake.m.0 00\nignore fake.m.1 fake.svn fake.image\n",
	  "2:1: fake.m.10 is neither given nor ignored" },
	{ "all measurements forgotten", "kind fake\ninstance ak:00\n",
	  "1:1: fake.m.0 is neither given nor ignored" },
	{ "forgotten in the second block",
	  PLAIN_OK "kind plain\nanchor a.pem\n",
	  "4:1: plain.code is neither given nor ignored" },
	{ "any machine", "kind plain\nanchor a.pem\nignore plain.code\n",
	  "1:1: accepts any machine: no measurement, no instance" },
	{ "any machine, a claim that is no measurement",
	  "kind fake\nanchor a.pem\nignore fake.m.* fake.svn fake.secure "
	  "fake.image\nfake.firmware 3\n", "1:1: accepts any machine" },
	{ "ignored and given", "kind plain\ninstance ak:00\n"
	  "ignore plain.code\nplain.code 00\n",
	  "4:1: ignored above, and given here" },
	{ "given and ignored", "kind plain\ninstance ak:00\n"
	  "plain.code 00\nignore plain.code\n",
	  "4:8: given above, and ignored here" },
	{ "family and name ignored, and given", "kind fake\ninstance ak:00\n"
	  "ignore fake.* fake.m.0\nfake.m.0 00\n", "4:1: ignored above" },
	{ "name and family ignored, and given", "kind fake\ninstance ak:00\n"
	  "ignore fake.m.0 fake.*\nfake.m.0 00\n", "4:1: ignored above" },
	{ "ignore: no such claim", FAKE_OK "ignore nonsense\n",
	  "4:8: \"nonsense\" is no claim of fake" },
	{ "ignore: near to a claim", FAKE_OK "ignore fake.m.0 fake.m.11\n",
	  "4:17: no claim \"fake.m.11\", did you mean \"fake.m.1\"?" },
	{ "ignore: a prefix of nothing", FAKE_OK "ignore fake.m.0.*\n",
	  "4:8: \"fake.m.0.*\" is no claim of fake" },
	{ "ignore: a prefix ends at a dot", FAKE_OK "ignore fake.m.1*\n",
	  "4:8: no claim \"fake.m.1*\"" },
	{ "ignore: everything", FAKE_OK "ignore *\n", "4:8: " },
	{ "ignore: dot and star", FAKE_OK "ignore .*\n", "4:8: " },
	{ "ignore: a prefix without star", FAKE_OK "ignore fake.\n", "4:8: " },
	{ "ignore: a key", FAKE_OK "ignore anchor\n", "4:8: " },

	/* files */
	{ "builtin", "kind plain\nanchor builtin:root\n",
	  "2:8: unknown anchor \"builtin:root\"" },
	{ "no such file", "kind plain\nanchor missing\n",
	  "2:8: cannot read it: E_IO" },
	{ "empty file", "kind plain\nanchor empty\n", "2:8: nothing in it" },
	{ "no certificate", "kind plain\nanchor junk\n", "2:8: E_FORMAT" },
	{ "a good file and junk", "kind plain\nanchor a.pem\nanchor junk\n",
	  "3:8: E_FORMAT" },
	{ "too large a file", "kind plain\nanchor huge\n",
	  "2:8: more than 4194304 octets" },
	{ "an anchor as CRL", "kind plain\nanchor a.pem\ncrl a.pem\n",
	  "3:5: E_FORMAT" },
	{ "a CRL as anchor", "kind plain\nanchor a.crl\n", "2:8: E_FORMAT" },
	{ "empty CRL file", "kind plain\nanchor a.pem\ncrl empty\n",
	  "3:5: nothing in it" },
	{ "CRL file with junk", "kind plain\nanchor a.pem\ncrl junk\n",
	  "3:5: E_FORMAT" },
	{ "CRL before any anchor", "kind plain\ncrl a.crl\nanchor a.pem\n",
	  "2:1: \"crl\" belongs behind an \"anchor\"" },
	{ "CRL, anchor in another block", PLAIN_OK "kind plain\ncrl a.crl\n",
	  "5:1: \"crl\" belongs behind an \"anchor\"" },
};

static void
test_bad(void)
{
	struct atls_policy *p;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		p = parse(bad[i].in, strlen(bad[i].in), &err);
		T(p == NULL, "%s", bad[i].what);
		T(err.rc == ATLS_E_CONF, "%s: %s", bad[i].what,
		    atls_rc_name(err.rc));
		T(strstr(err.detail, bad[i].at) != NULL &&
		    (bad[i].at[0] < '0' || bad[i].at[0] > '9' ||
		    strncmp(err.detail, bad[i].at, strlen(bad[i].at)) == 0),
		    "%s: %s", bad[i].what, err.detail);
		T(err.where != NULL && strcmp(err.where, "policy") == 0, "%s",
		    bad[i].what);
		atls_policy_free(p);
	}
}

/* A NUL is an octet like any other that is not text. */
static void
test_nul(void)
{
	static const char in[] = PLAIN_OK "# \0\n";
	struct atls_err err;

	T(parse(in, sizeof(in) - 1, &err) == NULL, "NUL");
	T(strncmp(err.detail, "4:3: octet 00", 13) == 0, "%s", err.detail);
}

static bool
parses(const char *text, size_t len, struct atls_err *err)
{
	struct atls_policy *p = parse(text, len, err);

	if (p != NULL)
		check_stable("bounds", p);
	atls_policy_free(p);
	return p != NULL;
}

static void
test_bounds(void)
{
	static char text[POLICY_TEXT_MAX + 2];
	size_t n, line = sizeof(PLAIN_OK) - 1, i;
	struct atls_err err;

	strcpy(text, PLAIN_OK);
	memset(text + line, '#', POLICY_LINE_MAX + 1);
	T(parses(text, line + POLICY_LINE_MAX, &err), "512, end of text");
	T(!parses(text, line + POLICY_LINE_MAX + 1, &err), "513");
	T(strcmp(err.detail, "4:1: longer than 512 octets") == 0, "%s",
	    err.detail);
	strcpy(text + line + POLICY_LINE_MAX, "\n#\n");
	T(parses(text, strlen(text), &err), "512, LF");
	strcpy(text + line + POLICY_LINE_MAX, "\r\n#\n");
	T(parses(text, strlen(text), &err), "512, CRLF");
	strcpy(text + line + POLICY_LINE_MAX, "#\r\n#\n");
	T(!parses(text, strlen(text), &err), "513, CRLF");
	strcpy(text + line + POLICY_LINE_MAX, "\r");
	T(!parses(text, strlen(text), &err), "512 and CR");

	memset(text + line, '\n', sizeof(text) - line);
	T(parses(text, POLICY_TEXT_MAX, &err), "64 KiB");
	T(!parses(text, POLICY_TEXT_MAX + 1, &err), "64 KiB and one");
	T(strstr(err.detail, "more than 65536") != NULL, "%s", err.detail);

	/* As many words as a line can have. */
	n = (size_t)sprintf(text, "kind fake\ninstance ak:00\nignore fake.*\n");
	for (i = 0; i < POLICY_LINE_MAX; i++)
		text[n + i] = i % 2 == 0 ? 'x' : ' ';
	T(!parses(text, n + POLICY_LINE_MAX, &err), "256 words");
	T(strstr(err.detail, "unknown key \"x\"") != NULL, "%s", err.detail);

	for (n = 0, i = 0; i < POLICY_BLOCKS_MAX; i++)
		n += (size_t)sprintf(text + n, PLAIN_OK);
	T(parses(text, n, &err), "64 blocks: %s", err.detail);
	n += (size_t)sprintf(text + n, PLAIN_OK);
	T(!parses(text, n, &err), "65 blocks");
	T(strstr(err.detail, "193:1: more than 64 blocks") != NULL, "%s",
	    err.detail);

	/* A list that grows, in all sizes on the way. */
	n = (size_t)sprintf(text, "kind plain\nignore plain.code\n");
	for (i = 0; i < 70; i++) {
		n += (size_t)sprintf(text + n, "instance ak:%02zx\n", i);
		T(parses(text, n, &err), "%zu: %s", i, err.detail);
	}
}

/* What is written out in full may be longer than what was read. */
static void
test_full(void)
{
	static char text[POLICY_TEXT_MAX + 64];
	struct atls_err err;
	size_t n = 0, i;

	for (i = 0; i < POLICY_BLOCKS_MAX; i++)
		n += (size_t)sprintf(text + n, FAKE_OK);
	for (i = 0; n + 16 < POLICY_TEXT_MAX; i++)
		n += (size_t)sprintf(text + n, "instance ak:00\n");
	T(!parses(text, n, &err), "too long in full");
	T(strncmp(err.detail, "1:1: more than 65536 octets when written",
	    40) == 0, "%s", err.detail);
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

static void
test_accessors(void)
{
	static const char text[] = "peer optional\nself never\n" PLAIN_OK
	    "max-age 1h\nbinding-min key\n" PLAIN_OK
	    "max-age 5m\nfreshness-min F0\n" PLAIN_OK;
	struct atls_policy *p, *q;
	struct atls_err err;

	p = parse(text, sizeof(text) - 1, &err);
	T(p != NULL, "%s", err.detail);
	if (p == NULL)
		return;
	T(policy_peer(p) == POLICY_OPTIONAL, "peer");
	T(policy_self(p) == POLICY_NEVER, "self");
	T(policy_max_age(p) == 300, "max-age");
	T(policy_allows(p, (enum atls_kind)PLAIN), "plain");
	T(!policy_allows(p, (enum atls_kind)FAKE), "fake");
	T(!policy_allows(p, ATLS_KIND_NONE), "none");
	T(policy_can_accept(p, ATLS_BINDING_EXPORTER, ATLS_F3), "best");
	T(policy_can_accept(p, ATLS_BINDING_KEY, ATLS_F3), "block 1");
	T(policy_can_accept(p, ATLS_BINDING_EXPORTER, ATLS_F0), "block 2");
	T(!policy_can_accept(p, ATLS_BINDING_KEY, ATLS_F2), "no block");
	T(!policy_can_accept(p, ATLS_BINDING_NONE, ATLS_F4), "no block");
	T(atls_policy_ref(NULL) == NULL, "ref of nothing");
	atls_policy_free(NULL);
	q = atls_policy_ref(p);
	T(q == p, "ref");
	atls_policy_free(p);
	T(policy_max_age(q) == 300, "one owner is left");
	atls_policy_free(q);

	p = parse(PLAIN_OK, sizeof(PLAIN_OK) - 1, &err);
	T(policy_peer(p) == POLICY_REQUIRED, "peer");
	T(policy_self(p) == POLICY_OPTIONAL, "self");
	T(policy_max_age(p) == 0, "no lease");
	atls_policy_free(p);
}

static void
test_arguments(void)
{
	struct atls_bytes ok = { (const uint8_t *)PLAIN_OK,
	    sizeof(PLAIN_OK) - 1 };
	struct atls_bytes pinned = { (const uint8_t *)FAKE_OK,
	    sizeof(FAKE_OK) - 1 };
	struct atls_policy *p;
	struct atls_err err = { 0 };
	uint8_t small[9] = { 0 };
	struct atls_buf b = { small, sizeof(small) - 1, 0 };

	T(atls_policy_parse(ok, NULL, NULL, &err) == NULL, "no files here");
	T(strcmp(err.detail, "2:8: files are not read here") == 0, "%s",
	    err.detail);
	T(atls_policy_parse(ok, NULL, NULL, NULL) == NULL, "no err");
	p = atls_policy_parse(pinned, NULL, NULL, NULL);
	T(p != NULL, "no file needed");
	T(atls_policy_show(p, &b) == ATLS_E_SPACE && b.len > 8, "small");
	T(small[8] == 0, "inside");
	atls_policy_free(p);
	T(atls_policy_show(NULL, &b) == ATLS_E_ARG && b.len == 0, "no policy");
	T(atls_policy_parse((struct atls_bytes){ NULL, 0 }, NULL, NULL,
	    NULL) == NULL, "nothing");
}

/* What was learnt parses, shows what was there, and pins the machine. */
static void
test_learn(void)
{
	static const char want[] =
	    "# Learnt from 1234 octets of fake evidence, of which nothing was"
	    " verified.\nkind fake\ninstance " FAKE_INSTANCE "\nfake.m.0 a0"
	    "00000000000000000000000000000000000000000000000000000000000000\n"
	    "fake.m.10 b0"
	    "00000000000000000000000000000000000000000000000000000000000000\n"
	    "fake.svn 7\nfake.secure yes\nfake.image web server 4\n"
	    "ignore fake.m.1\nbinding-min exporter\nfreshness-min F3\n";
	char text[1024];
	struct atls_buf b = { (uint8_t *)text, sizeof(text) - 1, 0 };
	struct atls_evidence ev;
	struct atls_err err = { 0 };
	struct atls_policy *p;
	size_t need;

	fake_reset();
	fake_claim("fake.m.1")->name = "fake.gone";
	ev = fake.ev;
	ev.kind = (enum atls_kind)FAKE;
	ev.raw.len = 1234;
	T(atls_policy_learn(&ev, &b, &err) == ATLS_OK, "%s", err.detail);
	text[b.len] = '\0';
	T(strcmp(text, want) == 0, "%s", text);
	p = parse(text, b.len, &err);
	T(p != NULL, "%s", err.detail);
	if (p != NULL)
		check_stable("learn", p);
	atls_policy_free(p);

	need = b.len;
	b.cap = need - 1;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_SPACE, "one too few");
	T(b.len == need, "%zu", b.len);
	b.cap = need;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_OK, "just enough");
}

static const struct {
	const char		*what, *claim, *text;
	size_t			 len;
	enum atls_claim_type	 type;
} unsayable[] = {
	{ "a line of its own", "fake.image", "a\nallow-debug yes", 17,
	  ATLS_CLAIM_TEXT },
	{ "a comment", "fake.image", "a #b", 4, ATLS_CLAIM_TEXT },
	{ "a comment from the start", "fake.image", "#b", 2,
	  ATLS_CLAIM_TEXT },
	{ "two spaces", "fake.image", "a  b", 4, ATLS_CLAIM_TEXT },
	{ "space before", "fake.image", " b", 2, ATLS_CLAIM_TEXT },
	{ "space behind", "fake.image", "b ", 2, ATLS_CLAIM_TEXT },
	{ "empty text", "fake.image", "", 0, ATLS_CLAIM_TEXT },
	{ "NUL", "fake.image", "a\0b", 3, ATLS_CLAIM_TEXT },
	{ "delete", "fake.image", "\x7f", 1, ATLS_CLAIM_TEXT },
	{ "not ASCII", "fake.image", "\xc3\xa4", 2, ATLS_CLAIM_TEXT },
	{ "another type", "fake.image", "ab", 2, ATLS_CLAIM_BYTES },
	{ "another type", "fake.svn", "ab", 2, ATLS_CLAIM_BOOL },
	{ "empty octets", "fake.m.0", "", 0, ATLS_CLAIM_BYTES },
};

static void
test_learn_refused(void)
{
	static const uint8_t many[POLICY_LINE_MAX] = { 0x20 };
	uint8_t letters[POLICY_LINE_MAX];
	char text[2048];
	struct atls_buf b = { (uint8_t *)text, sizeof(text), 0 };
	struct atls_evidence ev;
	struct atls_claim *c;
	struct atls_policy *p;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(unsayable); i++) {
		fake_reset();
		c = fake_claim(unsayable[i].claim);
		c->type = unsayable[i].type;
		c->bytes = (struct atls_bytes){
		    (const uint8_t *)unsayable[i].text, unsayable[i].len };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		err = (struct atls_err){ 0 };
		T(atls_policy_learn(&ev, &b, &err) == ATLS_E_ARG, "%s",
		    unsayable[i].what);
		T(err.where != NULL && strcmp(err.where,
		    unsayable[i].claim) == 0, "%s", unsayable[i].what);
	}
	memset(letters, 'a', sizeof(letters));
	for (i = 250; i <= 253; i++) {	/* "fake.m.0 " and 2 * 251 are 511 */
		fake_reset();
		fake_claim("fake.m.0")->bytes = (struct atls_bytes){ many, i };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		T((atls_policy_learn(&ev, &b, NULL) == ATLS_OK) == (i <= 251),
		    "%zu", i);
		p = i > 251 ? NULL : parse(text, b.len, &err);
		T((p != NULL) == (i <= 251), "%zu: %s", i, err.detail);
		atls_policy_free(p);
	}
	for (i = 500; i <= 503; i++) {	/* "fake.image " and 501 are 512 */
		fake_reset();
		fake_claim("fake.image")->bytes = (struct atls_bytes){
		    letters, i };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		T((atls_policy_learn(&ev, &b, NULL) == ATLS_OK) == (i <= 501),
		    "%zu", i);
		p = i > 501 ? NULL : parse(text, b.len, &err);
		T((p != NULL) == (i <= 501), "%zu: %s", i, err.detail);
		atls_policy_free(p);
	}
	fake_reset();
	ev = fake.ev;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "no kind");
	ev.kind = (enum atls_kind)PLAIN;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "names no machine");
	ev.kind = (enum atls_kind)FAKE;
	fake.instance = "";
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "empty instance");
	T(atls_policy_learn(NULL, &b, NULL) == ATLS_E_ARG, "no evidence");
}

static void
add_file(size_t i, const char *name, const char *text, size_t len)
{
	files[i].name = name;
	files[i].text = text;
	files[i].len = len;
}

int
main(void)
{
	struct pki a = pki_new(&(struct pki_ask){ .dns = "a.example" }, NOW);
	struct pki b = pki_new(&(struct pki_ask){ .dns = "b.example" }, NOW);
	char *huge = malloc(POLICY_FILES_MAX + 1);

	memset(huge, '\n', POLICY_FILES_MAX + 1);
	add_file(0, "a.pem", a.root.pem, strlen(a.root.pem));
	add_file(1, "b.pem", b.root.pem, strlen(b.root.pem));
	add_file(2, "a.crl", a.crls, strlen(a.crls));
	add_file(3, "b.crl", b.crls, strlen(b.crls));
	add_file(4, "empty", "", 0);
	add_file(5, "junk", "junk", 4);
	add_file(6, "huge", huge, POLICY_FILES_MAX + 1);
	test_good();
	test_bad();
	test_nul();
	test_bounds();
	test_full();
	test_mutants();
	test_accessors();
	test_arguments();
	test_learn();
	test_learn_refused();
	free(huge);
	pki_free(&a);
	pki_free(&b);
	return t_end("t_policy");
}
