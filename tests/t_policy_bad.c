/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_text.h"

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
	{ "instance, no digit behind even ones", "kind plain\n"
	  "instance ak:00g\n", "2:10: not a machine" },
	{ "instance, 113 octets", "kind plain\ninstance ak:" X100 "000000000\n",
	  "2:10: not a machine" },
	{ "instance, 144 octets", "kind plain\ninstance akk:" X100
	  "0000000000000000000000000000000000000000\n",
	  "2:10: longer than 143 octets" },
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
	{ "near to a builtin", "kind plain\nanchor builtin:intel-sgx-rot\n",
	  "2:8: unknown anchor \"builtin:intel-sgx-rot\", did you mean "
	  "\"builtin:intel-sgx-root\"?" },
	{ "a key where certificates sign", "kind plain\nkey pub.pem\n"
	  "anchor a.pem\nplain.code 00\n",
	  "2:1: plain evidence is signed by certificate" },
	{ "a key of junk", "kind plain\nkey junk\n", "2:5: E_FORMAT key 1" },
	{ "a certificate for a key", "kind plain\nkey a.pem\n",
	  "2:5: E_FORMAT key 1" },
	{ "an anchor where keys sign", "kind bare\nanchor a.pem\n",
	  "2:1: no certificate signs bare evidence: name a \"key\"" },
	{ "no key", "kind bare\nmax-age 1s\n",
	  "1:1: neither key nor instance: whose word counts?" },

	{ "size, nothing", PLAIN_OK "evidence-max 0\n",
	  "4:14: not from 1 to 262144 octets" },
	{ "size, too much", PLAIN_OK "evidence-max 262145\n", "4:14: not" },
	{ "size twice", PLAIN_OK "evidence-max 1\nevidence-max 1\n",
	  "5:1: " },

	/* the platform */
	{ "no TCB", PLAIN_OK "tcb-status UpToDate\n",
	  "4:1: plain evidence has no TCB status" },
	{ "no TCB, advisory", PLAIN_OK "allow-advisory *\n", "4:1: plain" },
	{ "no TCB, grace", PLAIN_OK "grace 1d\n", "4:1: plain" },
	{ "no TCB, evaluation", PLAIN_OK "tcb-eval-min 1\n", "4:1: plain" },
	{ "status", FAKE_OK "tcb-status UpToDate Fine\n",
	  "4:21: unknown status \"Fine\"" },
	{ "near to a status", FAKE_OK "tcb-status UptoDate\n",
	  "4:12: unknown status \"UptoDate\", did you mean \"UpToDate\"?" },
	{ "status none", FAKE_OK "tcb-status none\n", "4:12: unknown" },
	{ "revoked", FAKE_OK "tcb-status Revoked\n",
	  "4:12: what is revoked is not accepted" },
	{ "advisory", FAKE_OK "allow-advisory INTEL-SA-1 intel-sa-2\n",
	  "4:27: \"intel-sa-2\" is not an advisory" },
	{ "advisory, long", FAKE_OK
	  "allow-advisory INTEL-SA-0000000000000000\n", "4:16: " },
	{ "advisory, a family", FAKE_OK "allow-advisory INTEL-*\n",
	  "4:16: " },
	{ "grace, 366 days", FAKE_OK "grace 366d\n",
	  "4:7: \"366d\" is not from 1s to 365d" },
	{ "grace twice", FAKE_OK "grace 1d\ngrace 1d\n",
	  "5:1: \"grace\" was said in line 4" },
	{ "evaluation", FAKE_OK "tcb-eval-min 4294967296\n",
	  "4:14: not a number of an evaluation" },
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

int
main(void)
{
	files_new();
	test_bad();
	test_nul();
	files_free();
	return t_end("t_policy_bad");
}
