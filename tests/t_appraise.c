/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/cmw.h>

#include "../src/crypto/crypto.h"
#include "fake_kinds.h"
#include "heap.h"
#include "t.h"

#define NOW	1767225600

/* Lines 1 to 8; all of what fake_reset() claims is right by it. */
#define POLICY								\
	"kind fake\n"							\
	"instance ak:ff\n"						\
	"instance " FAKE_INSTANCE "\n"					\
	"ignore fake.m.* fake.secure fake.image\n"			\
	"fake.svn 3\n"							\
	"fake.svn 7\n"							\
	"binding-min exporter\n"					\
	"freshness-min F3\n"

static uint8_t expected[64];
static const uint8_t raw[] = { 1, 2, 3 }, spki[] = { 0x30, 0 };

static struct atls_policy *
policy(const char *s)
{
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)s, strlen(s) }, NULL, NULL, &err);

	T(p != NULL, "%s\n%s", err.detail, s);
	if (p == NULL)
		exit(1);
	return p;
}

/* Everything in order. */
static struct atls_question
question(void)
{
	fake_reset();
	memset(expected, 0x5a, sizeof(expected));
	return (struct atls_question){
		.kind = (enum atls_kind)FAKE, .raw = ATLS_ARRAY(raw),
		.report_data = ATLS_ARRAY(expected), .spki = ATLS_ARRAY(spki),
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = NOW,
	};
}

static struct atls_result
ask(const struct atls_policy *p, const struct atls_question *q)
{
	struct atls_result r;
	enum atls_verdict v;

	memset(&r, 0xee, sizeof(r));
	v = atls_appraise(p, q, NULL, &r);
	T(v == r.verdict, "returned as set");
	T((v == ATLS_VERDICT_ACCEPT) == (r.why.rc == ATLS_OK), "a reason");
	T(v == ATLS_VERDICT_ACCEPT || v == ATLS_VERDICT_REJECT, "no NONE");
	T(r.identity == ATLS_UNKNOWN, "who is not said here");
	return r;
}

static bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static void
rejects(const char *what, const struct atls_policy *p,
    const struct atls_question *q, enum atls_rc rc, const char *where,
    const char *detail)
{
	struct atls_result r = ask(p, q);

	T(r.verdict == ATLS_VERDICT_REJECT, "%s", what);
	T(r.why.rc == rc, "%s: %s", what, atls_rc_name(r.why.rc));
	T(is(r.why.where, where), "%s: %s", what, r.why.where);
	T(detail == NULL || is(r.why.detail, detail), "%s: %s", what,
	    r.why.detail);
}

static void
accepts(const char *what, const struct atls_policy *p,
    const struct atls_question *q)
{
	struct atls_result r = ask(p, q);

	T(r.verdict == ATLS_VERDICT_ACCEPT, "%s: %s %s", what, r.why.where,
	    r.why.detail);
}

static void
test_accept(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	struct atls_result r = ask(p, &q);

	T(r.verdict == ATLS_VERDICT_ACCEPT, "%s", r.why.detail);
	T(is(r.why.detail, "policy line 1"), "%s", r.why.detail);
	T((int)r.kind == FAKE, "kind");
	T(r.evidence == ATLS_GOOD && r.key == ATLS_GOOD, "pillars");
	T(r.binding == ATLS_BINDING_EXPORTER, "binding");
	T(r.freshness == ATLS_F3, "freshness");
	T(!r.simulated && r.not_after == 0, "no end");
	T(is(r.instance, FAKE_INSTANCE), "%s", r.instance);
	T(r.claims.nclaim == fake.ev.nclaim, "claims");
	T(r.claims.raw.p == raw, "views into what was given");
	T(is(fake.log, "psrtk"), "%s", fake.log);
	T(fake.trust.anchors == NULL && fake.trust.ninstance == 2 &&
	    is(fake.trust.instance[1], FAKE_INSTANCE), "instances go along");
	T(!fake.trust.allow_debug && !fake.trust.allow_simulated, "flags");
	T(fake.trust.now == NOW, "the time goes along");
	T(atls_ct_eq(fake.spki, ATLS_ARRAY(spki)), "the key goes along");
	q.binding = ATLS_BINDING_EXPORTER;
	q.freshness = ATLS_F4;
	r = ask(p, &q);
	T(r.freshness == ATLS_F4, "what the question says");
	atls_policy_free(p);

	p = policy(POLICY "allow-debug yes\nallow-simulated yes\n");
	r = ask(p, &q);
	T(fake.trust.allow_debug && fake.trust.allow_simulated, "flags");
	atls_policy_free(p);
}

/* Everything that can be wrong, in the order in which it is looked at. */
static const struct fault {
	const char	*where;
	enum atls_rc	 rc;
	const char	*detail, *log;
} faults[] = {
	{ "appraise.kind", ATLS_E_POLICY,
	  "is not fake, which policy line 1 names", "" },
	{ "fake.parse", ATLS_E_FORMAT, "told so, policy line 1", "p" },
	{ "fake.signature", ATLS_E_SIG, "told so, policy line 1", "ps" },
	{ "fake.revocation", ATLS_E_REVOKED, "told so, policy line 1",
	  "psr" },
	{ "fake.tcb", ATLS_E_STALE, "told so, policy line 1", "psrt" },
	{ "fake.report_data", ATLS_E_BIND,
	  "not of this channel, policy line 1", "psrt" },
	{ "fake.key", ATLS_E_BIND, "told so, policy line 1", "psrtk" },
	{ "fake.svn", ATLS_E_POLICY,
	  "is 9, policy line 5 wants 3 or 1 more", "psrtk" },
	{ "appraise.instance", ATLS_E_POLICY,
	  "ak:ee is none that policy line 2 ff. name", "psrtk" },
	{ "appraise.binding", ATLS_E_POLICY,
	  "is transcript, policy line 7 wants exporter", "psrtk" },
	{ "appraise.freshness", ATLS_E_POLICY,
	  "is F2, policy line 8 wants F3", "psrtk" },
};

enum {
	F_KIND, F_PARSE, F_SIGNATURE, F_REVOCATION, F_TCB, F_REPORT_DATA,
	F_KEY, F_CLAIMS, F_INSTANCE, F_BINDING, F_FRESHNESS,
};

/* got: what a check that is told to fail returns. */
static struct atls_question
faulty(unsigned set, int got)
{
	static const int check[] = { FAKE_PARSE, FAKE_SIGNATURE,
	    FAKE_REVOCATION, FAKE_TCB, -1, FAKE_KEY };
	struct atls_question q = question();
	size_t i;

	for (i = 0; i < NITEMS(check); i++)
		if (set >> (F_PARSE + i) & 1 && check[i] >= 0)
			fake.says[check[i]] = got;
	if (set >> F_PARSE & 1)
		fake.says[FAKE_PARSE] = ATLS_E_FORMAT;
	if (set >> F_KIND & 1)
		q.kind = (enum atls_kind)PLAIN;
	if (set >> F_REPORT_DATA & 1)
		expected[63] ^= 1;
	if (set >> F_CLAIMS & 1)
		fake_claim("fake.svn")->number = 9;
	if (set >> F_INSTANCE & 1)
		fake.instance = "ak:ee";
	if (set >> F_BINDING & 1)
		q.binding = ATLS_BINDING_TRANSCRIPT;
	if (set >> F_FRESHNESS & 1)
		q.freshness = ATLS_F2;
	return q;
}

static enum atls_pillar
pillar(unsigned first, unsigned from, unsigned to)
{
	return first < from ? ATLS_UNKNOWN : first <= to ? ATLS_BAD :
	    ATLS_GOOD;
}

/* Every set of faults: the reason is the first, and nothing behind it was
 * asked. */
static void
test_order(void)
{
	static const int gots[] = { 0, -1, 2 };
	struct atls_policy *p = policy(POLICY);
	struct atls_question q;
	struct atls_result r;
	const struct fault *f;
	unsigned set, first;
	size_t g;

	for (set = 1; set < 1u << NITEMS(faults); set++) {
		for (first = 0; !(set >> first & 1); first++)
			continue;
		f = &faults[first];
		for (g = 0; g < NITEMS(gots); g++) {
			q = faulty(set, gots[g]);
			r = ask(p, &q);
			T(r.verdict == ATLS_VERDICT_REJECT, "%s", f->where);
			T(r.why.rc == f->rc && is(r.why.where, f->where) &&
			    is(r.why.detail, f->detail), "%s: %s %s",
			    f->where, r.why.where, r.why.detail);
			T(is(fake.log, f->log), "%s: %s", f->where, fake.log);
			T(r.evidence == pillar(first, F_SIGNATURE, F_TCB),
			    "%s: evidence", f->where);
			T(r.key == pillar(first, F_KEY, F_KEY), "%s: key",
			    f->where);
			T(r.binding == (first > F_REPORT_DATA ? q.binding :
			    ATLS_BINDING_NONE), "%s: binding", f->where);
			T(r.freshness == (first > F_REPORT_DATA ?
			    q.freshness : ATLS_F0), "%s: freshness",
			    f->where);
			T(r.claims.nclaim == (first > F_PARSE ?
			    fake.ev.nclaim : 0), "%s: claims", f->where);
		}
	}
	atls_policy_free(p);
}

/* No without a reason gets one; yes with a reason is yes, and the reason does
 * not stand for what fails later. */
static void
test_mute(void)
{
	static const struct { const char *where; enum atls_rc rc; } own[] = {
		{ "appraise.form", ATLS_E_FORMAT },
		{ "appraise.signature", ATLS_E_SIG },
		{ "appraise.revocation", ATLS_E_REVOKED },
		{ "appraise.tcb", ATLS_E_REVOKED },
		{ "appraise.key", ATLS_E_BIND },
	};
	struct atls_policy *p = policy(POLICY);
	struct atls_question q;
	size_t i, k;

	for (i = 0; i < FAKE_NCHECKS; i++) {
		q = question();
		fake.mute = true;
		fake.says[i] = i == FAKE_PARSE ? ATLS_E_FORMAT : 0;
		rejects("mute", p, &q, own[i].rc, own[i].where,
		    "refused, policy line 1");
	}
	for (k = 0; k <= NITEMS(faults); k++) {
		q = k == 0 ? question() : faulty(1u << (k - 1), 0);
		fake.noise = true;
		if (k == 0)
			accepts("noise", p, &q);
		else
			rejects("noise", p, &q, faults[k - 1].rc,
			    faults[k - 1].where, faults[k - 1].detail);
	}
	atls_policy_free(p);
}

static void
test_report_data(void)
{
	static uint8_t more[80];
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	struct atls_bytes b;
	size_t i;

	for (i = 0; i < 8 * sizeof(expected); i++) {
		q = question();
		expected[i / 8] ^= (uint8_t)(1u << i % 8);
		rejects("flip", p, &q, ATLS_E_BIND, "fake.report_data", NULL);
	}
	memset(more, 0x5a, sizeof(more));
	for (i = 0; i <= sizeof(more); i++) {
		q = question();
		b = copy((struct atls_bytes){ more, i });
		q.report_data = b;
		if (i == 64)
			accepts("64", p, &q);
		else
			rejects("length", p, &q, ATLS_E_ARG,
			    "appraise.report_data", NULL);
		q.report_data = ATLS_ARRAY(expected);
		fake.ev.report_data = b;
		if (i == 64)
			accepts("64", p, &q);
		else
			rejects("length in the evidence", p, &q, ATLS_E_BIND,
			    "fake.report_data", NULL);
		q.report_data = b;
		if (i == 64)
			accepts("64", p, &q);
		else
			rejects("both of another length", p, &q, ATLS_E_ARG,
			    "appraise.report_data", NULL);
		drop(b);
	}
	q = question();
	q.report_data = q.spki = (struct atls_bytes){ NULL, 0 };
	fake.ev.report_data = q.report_data;
	rejects("nothing is not nothing", p, &q, ATLS_E_ARG,
	    "appraise.report_data",
	    "0 octets to compare with the evidence's");
	atls_policy_free(p);
}

/* A kind whose field has no size of its own. */
static void
test_variable(void)
{
	struct atls_policy *p = policy("kind plain\ninstance ak:00\n"
	    "ignore plain.code\n");
	struct atls_question q = question();
	struct atls_result r;
	size_t i;

	q.kind = (enum atls_kind)PLAIN;
	rejects("pinned, and the kind names no machine", p, &q,
	    ATLS_E_POLICY, "appraise.instance",
	    " is none that policy line 2 ff. name");
	for (i = 0; i <= 64; i++) {
		memset(fake.log, 0, sizeof(fake.log));
		q.report_data.len = i;
		r = ask(p, &q);
		T(r.why.rc == (i == 0 ? ATLS_E_ARG : i < 64 ? ATLS_E_BIND :
		    ATLS_E_POLICY), "%zu: a part is not the whole", i);
		if (i == 63)
			T(is(r.why.where, "appraise.report_data"), "%s",
			    r.why.where);
	}
	T(is(fake.log, "ps"), "what is missing is not asked: %s", fake.log);
	T(r.key == ATLS_UNKNOWN && r.evidence == ATLS_GOOD, "pillars");
	atls_policy_free(p);

	p = policy("kind bare\ninstance " FAKE_INSTANCE "\n");
	q = question();
	q.kind = (enum atls_kind)BARE;
	rejects("no signature", p, &q, ATLS_E_SIG, "appraise.signature",
	    "refused, policy line 1");
	atls_policy_free(p);
}

/* The question may have the binder, and leave the layout to us. */
static void
test_binder(void)
{
	static const uint8_t binder[32] = { 0xb1 };
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	uint8_t laid[64];
	size_t n, i;

	q.report_data = (struct atls_bytes){ NULL, 0 };
	q.binder = ATLS_ARRAY(binder);
	for (i = ATLS_PROFILE_EXPAT_1; i <= ATLS_PROFILE_COCOS; i++) {
		q.profile = (enum atls_profile)i;
		T(atls_report_data(q.profile, q.kind, q.binder, q.spki, laid,
		    &n) == ATLS_OK && n == 64, "profile %zu", i);
		fake.ev.report_data = ATLS_ARRAY(laid);
		accepts("laid out", p, &q);
		laid[63] ^= 1;
		rejects("laid out, one bit", p, &q, ATLS_E_BIND,
		    "fake.report_data", NULL);
		laid[63] ^= 1;
		q.report_data = ATLS_ARRAY(laid);
		rejects("both", p, &q, ATLS_E_ARG, "appraise.report_data",
		    NULL);
		q.report_data = (struct atls_bytes){ NULL, 0 };
	}
	q.profile = (enum atls_profile)0;
	rejects("no profile", p, &q, ATLS_E_ARG, "appraise.report_data", NULL);
	q.profile = ATLS_PROFILE_EXPAT_1;
	q.binder.len = 31;
	rejects("no digest", p, &q, ATLS_E_ARG, "appraise.report_data", NULL);
	q.binder.len = 0;
	rejects("neither", p, &q, ATLS_E_ARG, "appraise.report_data", NULL);
	atls_policy_free(p);
}

static void
test_key(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	struct atls_result r;

	q.spki = (struct atls_bytes){ NULL, 0 };
	rejects("no key to compare", p, &q, ATLS_E_ARG, "appraise.key", NULL);
	T(is(fake.log, "psrt"), "not asked: %s", fake.log);
	T(atls_insecure_appraise_unbound(p, &q, NULL, &r) ==
	    ATLS_VERDICT_ACCEPT, "unbound, without a key: %s", r.why.detail);
	T(r.key == ATLS_UNKNOWN, "nothing is known of it");
	q = question();
	fake.says[FAKE_KEY] = 0;
	T(atls_insecure_appraise_unbound(p, &q, NULL, &r) ==
	    ATLS_VERDICT_REJECT && r.key == ATLS_BAD, "unbound, wrong key");
	atls_policy_free(p);
}

/* Without the comparison nothing is bound, and all else holds. */
static void
test_unbound(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q;
	struct atls_result r;
	size_t i;
	bool skipped;

	for (i = 0; i <= NITEMS(faults); i++) {
		q = i == NITEMS(faults) ? question() : faulty(1u << i, 0);
		skipped = i == F_REPORT_DATA || i == F_BINDING ||
		    i == F_FRESHNESS || i == NITEMS(faults);
		T(atls_insecure_appraise_unbound(p, &q, NULL, &r) ==
		    (skipped ? ATLS_VERDICT_ACCEPT : ATLS_VERDICT_REJECT),
		    "%zu", i);
		T(skipped || is(r.why.where, faults[i].where), "%s",
		    r.why.where);
		T(r.binding == ATLS_BINDING_NONE && r.freshness == ATLS_F0,
		    "%zu", i);
	}
	q.report_data = (struct atls_bytes){ NULL, 0 };
	T(atls_insecure_appraise_unbound(p, &q, NULL, &r) ==
	    ATLS_VERDICT_ACCEPT, "nothing to compare with");
	atls_policy_free(p);
}

static void
test_time(void)
{
	static const struct {
		const char	*what, *line;
		int64_t		 end, not_after;	/* -1: E_STALE */
	} cases[] = {
		{ "no end",		"",		   0, 0 },
		{ "of the chain",	"",		   NOW + 9, NOW + 9 },
		{ "just now",		"",		   NOW, NOW },
		{ "has ended",		"",		   NOW - 1, -1 },
		{ "long ago",		"",		   1, -1 },
		{ "lease",		"max-age 5m\n",	   0, NOW + 300 },
		{ "chain ends first",	"max-age 5m\n",	   NOW + 9, NOW + 9 },
		{ "lease ends first",	"max-age 5m\n",	   NOW + 301,
		  NOW + 300 },
		{ "lease, chain ended",	"max-age 5m\n",	   NOW - 1, -1 },
	};
	struct atls_question q;
	struct atls_policy *p;
	struct atls_result r;
	char text[1024];
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		(void)snprintf(text, sizeof(text), POLICY "%s",
		    cases[i].line);
		p = policy(text);
		q = question();
		fake.not_after = cases[i].end;
		r = ask(p, &q);
		T((r.verdict == ATLS_VERDICT_ACCEPT) ==
		    (cases[i].not_after >= 0), "%s", cases[i].what);
		T(cases[i].not_after < 0 || r.not_after == cases[i].not_after,
		    "%s: %lld", cases[i].what, (long long)r.not_after);
		T(cases[i].not_after >= 0 || r.why.rc == ATLS_E_STALE, "%s",
		    cases[i].what);
		atls_policy_free(p);
	}
}

static void
test_simulated(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	struct atls_result r;

	fake.simulated = true;
	rejects("simulated", p, &q, ATLS_E_CHAIN, "appraise.signature",
	    "its root is only for tests, policy line 1");
	T(is(fake.log, "ps"), "%s", fake.log);
	atls_policy_free(p);
	p = policy(POLICY "allow-simulated yes\n");
	r = ask(p, &q);
	T(r.verdict == ATLS_VERDICT_ACCEPT && r.simulated, "and says so");
	atls_policy_free(p);
}

/* Lines about one claim, then what the evidence has. */
#define A12	"a1a1a1a1a1a1a1a1a1a1a1a1"
#define LONG	"abcdefghijklmnopqrstuvwxyz"
static const struct {
	const char		*lines, *claim, *bytes;
	uint64_t		 number;
	const char		*detail;	/* NULL: accepted */
} claims[] = {
	{ "fake.m.0 6162\n", "fake.m.0", "ab", 0, NULL },
	{ "fake.m.0 6162\n", "fake.m.0", "ac", 0,
	  "is 6163, policy line 3 wants 6162" },
	{ "fake.m.0 6162\n", "fake.m.0", "a", 0,
	  "is 61, policy line 3 wants 6162" },
	{ "fake.m.0 6162\n", "fake.m.0", "abc", 0,
	  "is 616263, policy line 3 wants 6162" },
	{ "fake.m.0 6162\n", "fake.m.0", "", 0,
	  "is empty, policy line 3 wants 6162" },
	{ "fake.m.0 6162\n", NULL, NULL, 0,
	  "is absent, policy line 3 wants 6162" },
	{ "fake.m.0 00\nfake.m.0 6162\nfake.m.0 01\n", "fake.m.0", "ab", 0,
	  NULL },
	{ "fake.m.0 00\nfake.m.0 01\n", "fake.m.0", "ab", 0,
	  "is 6162, policy line 3 wants 00 or 1 more" },
	{ "fake.m.0 " A12 "\n", "fake.m.0", "abcdefghijkl", 0,
	  "is 6162636465666768696a6b6c, policy line 3 wants " A12 },
	{ "fake.m.0 " A12 "a1\n", "fake.m.0", "abcdefghijklm", 0,
	  "is 6162636465666768696a6b6c.., policy line 3 wants " A12 ".." },
	{ "fake.m.0 6162\nfake.m.1 00\n", "fake.m.0", "ab", 0,
	  "is a10000000000000000000000.., policy line 4 wants 00" },
	{ "fake.svn 7\n", "fake.svn", "", 7, NULL },
	{ "fake.svn 7\n", "fake.svn", "", 6,
	  "is 6, policy line 3 wants 7" },
	{ "fake.svn >=7\n", "fake.svn", "", 6,
	  "is 6, policy line 3 wants >=7" },
	{ "fake.svn >=7\n", "fake.svn", "", 7, NULL },
	{ "fake.svn >=7\n", "fake.svn", "", UINT64_MAX, NULL },
	{ "fake.svn <=7\n", "fake.svn", "", 8,
	  "is 8, policy line 3 wants <=7" },
	{ "fake.svn <=7\n", "fake.svn", "", 7, NULL },
	{ "fake.svn <=7\n", "fake.svn", "", 0, NULL },
	{ "fake.svn 1\nfake.svn >=3\n", "fake.svn", "", 1, NULL },
	{ "fake.svn 1\nfake.svn >=3\n", "fake.svn", "", 2,
	  "is 2, policy line 3 wants 1 or 1 more" },
	{ "fake.svn 9\nfake.firmware 7\n", "fake.svn", "", 7,
	  "is 7, policy line 3 wants 9" },
	{ "fake.firmware 300\nfake.svn 300\n", "fake.svn", "", 7,
	  "is 7, policy line 4 wants 300" },
	{ "fake.svn <=7\n", NULL, NULL, 0,
	  "is absent, policy line 3 wants <=7" },
	{ "fake.firmware 7\n", NULL, NULL, 0,
	  "is absent, policy line 3 wants 7" },
	{ "fake.firmware 300\n", "fake.firmware", "", 300, NULL },
	{ "fake.secure yes\n", "fake.secure", "", 1, NULL },
	{ "fake.secure yes\n", "fake.secure", "", 0,
	  "is no, policy line 3 wants yes" },
	{ "fake.secure yes\n", "fake.secure", "", 2,
	  "is 2, policy line 3 wants yes" },
	{ "fake.secure no\n", "fake.secure", "", 0, NULL },
	{ "fake.secure no\n", "fake.secure", "", 1,
	  "is yes, policy line 3 wants no" },
	{ "fake.secure no\n", NULL, NULL, 0,
	  "is absent, policy line 3 wants no" },
	{ "fake.image a b\n", "fake.image", "a b", 0, NULL },
	{ "fake.image a b\n", "fake.image", "a  b", 0,
	  "is a  b, policy line 3 wants a b" },
	{ "fake.image a\n", "fake.image", "a\n\x1b\xff", 0,
	  "is a???, policy line 3 wants a" },
	{ "fake.image a\n", "fake.image", LONG, 0,
	  "is abcdefghijklmnopqrstuvwx.., policy line 3 wants a" },
	{ "fake.note x\n", NULL, NULL, 0,
	  "is absent, policy line 3 wants x" },
};

static void
test_claims(void)
{
	struct atls_question q;
	struct atls_policy *p;
	struct atls_claim *c;
	struct atls_result r;
	char text[1024], name[32];
	size_t i;

	for (i = 0; i < NITEMS(claims); i++) {
		(void)snprintf(text, sizeof(text), "kind fake\ninstance "
		    FAKE_INSTANCE "\n%signore fake.*\n", claims[i].lines);
		(void)sscanf(claims[i].lines, "%31s", name);
		p = policy(text);
		q = question();
		if (claims[i].claim != NULL) {
			c = fake_claim(claims[i].claim);
			c->bytes = (struct atls_bytes){ (const uint8_t *)
			    claims[i].bytes, strlen(claims[i].bytes) };
			c->number = claims[i].number;
		} else if (strcmp(name, "fake.note") != 0)
			fake_claim(name)->name = "fake.gone";
		r = ask(p, &q);
		T((r.verdict == ATLS_VERDICT_ACCEPT) ==
		    (claims[i].detail == NULL), "%zu: %s", i,
		    claims[i].lines);
		T(claims[i].detail == NULL || is(r.why.detail,
		    claims[i].detail), "%zu: %s", i, r.why.detail);
		T(claims[i].detail == NULL || r.why.rc == ATLS_E_POLICY,
		    "%zu", i);
		if (claims[i].claim != NULL) {	/* another type, same value */
			fake_claim(name)->type = fake_claim(name)->type ==
			    ATLS_CLAIM_BYTES ? ATLS_CLAIM_TEXT :
			    ATLS_CLAIM_BYTES;
			T(ask(p, &q).verdict == ATLS_VERDICT_REJECT,
			    "%zu: type", i);
		}
		atls_policy_free(p);
	}
}

/* Every bit and every length of a measurement counts. */
static void
test_measurement(void)
{
	struct atls_policy *p = policy("kind fake\ninstance " FAKE_INSTANCE
	    "\nignore fake.*\nfake.m.0 "
	    "a000000000000000000000000000000000000000000000000000000000000000"
	    "\n");
	struct atls_question q = question();
	uint8_t m[40] = { 0xa0 };
	size_t i;

	for (i = 0; i < 8 * 32; i++) {
		m[i / 8] ^= (uint8_t)(1u << i % 8);
		fake_claim("fake.m.0")->bytes = (struct atls_bytes){ m, 32 };
		rejects("bit", p, &q, ATLS_E_POLICY, "fake.m.0", NULL);
		m[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i <= sizeof(m); i++) {
		fake_claim("fake.m.0")->bytes = (struct atls_bytes){ m, i };
		if (i == 32)
			accepts("32", p, &q);
		else
			rejects("length", p, &q, ATLS_E_POLICY, "fake.m.0",
			    NULL);
	}
	atls_policy_free(p);
}

static void
test_instance(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	char changed[] = FAKE_INSTANCE;
	size_t i;

	for (i = 0; i < strlen(FAKE_INSTANCE); i++) {
		changed[i] ^= 1;
		fake.instance = changed;
		rejects("letter", p, &q, ATLS_E_POLICY, "appraise.instance",
		    NULL);
		changed[i] ^= 1;
	}
	for (i = 0; i < strlen(FAKE_INSTANCE); i++) {
		char part[] = FAKE_INSTANCE;

		part[i] = '\0';
		fake.instance = part;
		rejects("part", p, &q, ATLS_E_POLICY, "appraise.instance",
		    NULL);
	}
	fake.instance = FAKE_INSTANCE "00";
	rejects("longer", p, &q, ATLS_E_POLICY, "appraise.instance", NULL);
	fake.instance = "ak:ff";
	accepts("the first of the list", p, &q);
	atls_policy_free(p);
}

#define BLOCK	"kind fake\ninstance " FAKE_INSTANCE "\nignore fake.m.* "	\
	"fake.secure fake.image\n"

static void
test_blocks(void)
{
	struct atls_policy *p;
	struct atls_question q = question();
	struct atls_result r;

	p = policy(BLOCK "fake.svn 5\n" BLOCK "fake.svn 7\n");
	r = ask(p, &q);
	T(r.verdict == ATLS_VERDICT_ACCEPT &&
	    is(r.why.detail, "policy line 5"), "second: %s", r.why.detail);
	atls_policy_free(p);

	p = policy(BLOCK "fake.svn 7\nmax-age 60s\n"
	    BLOCK "fake.svn 7\nmax-age 30s\n");
	q = question();
	r = ask(p, &q);
	T(is(r.why.detail, "policy line 1") && r.not_after == NOW + 60,
	    "the first that accepts");
	T(is(fake.log, "psrtk"), "and no other was tried: %s", fake.log);
	atls_policy_free(p);

	p = policy(BLOCK "fake.svn 5\n" BLOCK "fake.svn 6\n");
	q = question();
	rejects("equally far: the first", p, &q, ATLS_E_POLICY, "fake.svn",
	    "is 7, policy line 4 wants 5");
	atls_policy_free(p);

	p = policy("kind plain\ninstance ak:00\nplain.code 00\n"
	    BLOCK "fake.svn 5\n" BLOCK "fake.svn 7\nbinding-min key\n"
	    "freshness-min F4\n" BLOCK "fake.svn 6\n");
	q = question();
	rejects("the one that got furthest", p, &q, ATLS_E_POLICY,
	    "appraise.freshness", "is F3, policy line 13 wants F4");
	q.kind = (enum atls_kind)BARE;
	rejects("no kind fits: the first", p, &q, ATLS_E_POLICY,
	    "appraise.kind", "is not plain, which policy line 1 names");
	q.kind = (enum atls_kind)77;
	rejects("no kind at all", p, &q, ATLS_E_POLICY, "appraise.kind",
	    NULL);
	atls_policy_free(p);

	/* Nothing of one block's appraisal is left for the next. */
	p = policy(BLOCK "fake.svn 5\nallow-simulated yes\n"
	    BLOCK "fake.svn 7\n");
	q = question();
	fake.simulated = true;
	rejects("simulated", p, &q, ATLS_E_POLICY, "fake.svn", NULL);
	fake.once = true;
	fake.not_after = NOW + 1;
	r = ask(p, &q);
	T(r.verdict == ATLS_VERDICT_ACCEPT && !r.simulated &&
	    r.not_after == 0, "what the first found: %s", r.why.detail);
	atls_policy_free(p);

	p = policy(BLOCK "fake.svn 7\n");
	q = question();
	q.binding = ATLS_BINDING_NONE;
	rejects("default floor", p, &q, ATLS_E_POLICY, "appraise.binding",
	    "is none, policy line 1 wants exporter");
	q.binding = ATLS_BINDING_EXPORTER;
	q.freshness = ATLS_F0;
	rejects("default floor", p, &q, ATLS_E_POLICY, "appraise.freshness",
	    "is F0, policy line 1 wants F3");
	atls_policy_free(p);
}

/* Both floors, at every height. */
static void
test_floors(void)
{
	struct atls_question q = question();
	struct atls_policy *p;
	char text[1024];
	size_t b, f, n;
	bool ok;

	for (n = 0; n < 25; n++) {
		(void)snprintf(text, sizeof(text), BLOCK "fake.svn 7\n"
		    "binding-min %s\nfreshness-min %s\n",
		    atls_binding_name((enum atls_binding)(n / 5)),
		    atls_freshness_name((enum atls_freshness)(n % 5)));
		p = policy(text);
		for (b = 0; b < 5; b++)
			for (f = 0; f < 5; f++) {
				fake.log[0] = '\0';
				q.binding = (enum atls_binding)b;
				q.freshness = (enum atls_freshness)f;
				ok = ask(p, &q).verdict ==
				    ATLS_VERDICT_ACCEPT;
				T(ok == (b >= n / 5 && f >= n % 5),
				    "%zu: %zu %zu", n, b, f);
			}
		atls_policy_free(p);
	}
}

static void
test_question(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();

	rejects("no policy", NULL, &q, ATLS_E_ARG, "appraise.question", NULL);
	rejects("no question", p, NULL, ATLS_E_ARG, "appraise.question",
	    NULL);
	q.raw.len = 0;
	rejects("no evidence", p, &q, ATLS_E_NONE, "appraise.question", NULL);
	q.kind = ATLS_KIND_NONE;
	rejects("no CMW", p, &q, ATLS_E_NONE, "appraise.question", NULL);
	q = question();
	q.now = 0;
	rejects("no time", p, &q, ATLS_E_CLOCK, "appraise.question", NULL);
	q.now = -NOW;
	rejects("before 1970", p, &q, ATLS_E_CLOCK, "appraise.question",
	    NULL);
	q.now = INT64_MAX;
	rejects("the end of days", p, &q, ATLS_E_CLOCK, "appraise.question",
	    NULL);
	q = question();
	q.binding = (enum atls_binding)(ATLS_BINDING_EXPORTER + 1);
	rejects("binding", p, &q, ATLS_E_ARG, "appraise.question", NULL);
	q = question();
	q.freshness = (enum atls_freshness)(ATLS_F4 + 1);
	rejects("freshness", p, &q, ATLS_E_ARG, "appraise.question", NULL);
	T(fake.log[0] == '\0', "nothing was asked");
	atls_policy_free(p);
}

static struct atls_bytes
wrap(enum atls_cmw_form form, const char *media, unsigned ind)
{
	uint8_t b[256];
	struct atls_buf out = { b, sizeof(b), 0 };

	T(atls_cmw_write(&out, form, media, ATLS_ARRAY(raw), ind) == ATLS_OK,
	    "%s", media);
	return copy((struct atls_bytes){ b, out.len });
}

static const struct {
	const char		*what;
	enum atls_cmw_form	 form;
	const char		*media;
	unsigned		 ind;
	enum atls_rc		 rc;
	const char		*where;
} wraps[] = {
	{ "CBOR", ATLS_CMW_CBOR, FAKE_MEDIA, 0, ATLS_OK, NULL },
	{ "CBOR, evidence", ATLS_CMW_CBOR, FAKE_MEDIA, 4, ATLS_OK, NULL },
	{ "JSON", ATLS_CMW_JSON, FAKE_MEDIA, 0, ATLS_OK, NULL },
	{ "JSON, evidence", ATLS_CMW_JSON, FAKE_MEDIA, 4, ATLS_OK, NULL },
	{ "another name", ATLS_CMW_CBOR, FAKE_ALSO, 0, ATLS_OK, NULL },
	{ "a kind that we know and the policy does not name", ATLS_CMW_CBOR,
	  PLAIN_MEDIA, 0, ATLS_E_POLICY, "appraise.kind" },
	{ "a kind that nobody knows", ATLS_CMW_CBOR, "application/x", 0,
	  ATLS_E_POLICY, "appraise.kind" },
	{ "another parameter", ATLS_CMW_CBOR, FAKE_MEDIA "; v=2", 0,
	  ATLS_E_POLICY, "appraise.kind" },
	{ "a result", ATLS_CMW_CBOR, FAKE_MEDIA, 8, ATLS_E_UNKNOWN,
	  "appraise.cmw" },
	{ "evidence or result", ATLS_CMW_CBOR, FAKE_MEDIA, 12, ATLS_E_UNKNOWN,
	  "appraise.cmw" },
	{ "endorsement, JSON", ATLS_CMW_JSON, FAKE_MEDIA, 2, ATLS_E_UNKNOWN,
	  "appraise.cmw" },
};

static void
test_cmw(void)
{
	struct atls_policy *p = policy(POLICY);
	struct atls_question q;
	struct atls_result r;
	struct atls_bytes b;
	uint8_t room[64];
	struct atls_buf scratch;
	size_t i, k;

	for (i = 0; i < NITEMS(wraps); i++) {
		q = question();
		q.kind = ATLS_KIND_NONE;
		b = wrap(wraps[i].form, wraps[i].media, wraps[i].ind);
		q.raw = b;
		scratch = (struct atls_buf){ room, sizeof(room), 0 };
		T((atls_appraise(p, &q, &scratch, &r) ==
		    ATLS_VERDICT_ACCEPT) == (wraps[i].rc == ATLS_OK), "%s: %s",
		    wraps[i].what, r.why.detail);
		T(r.why.rc == wraps[i].rc, "%s: %s", wraps[i].what,
		    atls_rc_name(r.why.rc));
		T(wraps[i].where == NULL || is(r.why.where, wraps[i].where),
		    "%s: %s", wraps[i].what, r.why.where);
		T(wraps[i].rc != ATLS_OK || atls_ct_eq(r.claims.raw,
		    ATLS_ARRAY(raw)), "%s: unwrapped", wraps[i].what);
		T(wraps[i].rc == ATLS_OK || fake.log[0] == '\0',
		    "%s: nothing was asked", wraps[i].what);
		for (k = 1; k < b.len; k++) {
			struct atls_bytes part = copy((struct atls_bytes){
			    b.p, k });

			q.raw = part;
			T(atls_appraise(p, &q, &scratch, &r) ==
			    ATLS_VERDICT_REJECT, "%s: %zu octets",
			    wraps[i].what, k);
			drop(part);
		}
		drop(b);
	}
	atls_policy_free(p);
}

static void
test_cmw_refused(void)
{
	/* {1: ["application/vnd.example.fake", h'010203']} and the like */
	static const char one[] = "a10182781c" "6170706c69636174696f6e2f766e64"
	    "2e6578616d706c652e66616b65" "43010203";
	static const char two[] = "a20182781c" "6170706c69636174696f6e2f766e64"
	    "2e6578616d706c652e66616b65" "43010203" "0282781c"
	    "6170706c69636174696f6e2f766e642e6578616d706c652e66616b65"
	    "43010203";
	struct atls_policy *p = policy(POLICY);
	struct atls_question q = question();
	struct atls_result r;
	struct atls_bytes b;
	uint8_t room[3];
	struct atls_buf scratch = { room, sizeof(room), 0 };

	q.kind = ATLS_KIND_NONE;
	b = hex(one);
	q.raw = b;
	rejects("a collection of one", p, &q, ATLS_E_UNKNOWN, "appraise.cmw",
	    "a collection, of 1: one record is taken");
	q.raw = (struct atls_bytes){ b.p + 2, b.len - 2 };
	accepts("its member alone", p, &q);
	drop(b);
	b = hex(two);
	q.raw = b;
	rejects("a collection of two", p, &q, ATLS_E_UNKNOWN, "appraise.cmw",
	    "a collection, of 2: one record is taken");
	drop(b);
	q.raw = ATLS_ARRAY(raw);
	T(ask(p, &q).verdict == ATLS_VERDICT_REJECT, "raw is no CMW");

	b = wrap(ATLS_CMW_JSON, FAKE_MEDIA, 0);
	q.raw = b;
	rejects("JSON, no scratch", p, &q, ATLS_E_SPACE, "appraise.cmw", NULL);
	scratch.cap = 2;
	T(atls_appraise(p, &q, &scratch, &r) == ATLS_VERDICT_REJECT &&
	    r.why.rc == ATLS_E_SPACE, "JSON, scratch too small");
	scratch.cap = 3;
	T(atls_appraise(p, &q, &scratch, &r) == ATLS_VERDICT_ACCEPT,
	    "JSON, just enough");
	drop(b);
	atls_policy_free(p);
}

static void
test_profiles(void)
{
	static const uint8_t binder[64] = { 0xb1, 0xb2 };
	struct atls_bytes b32 = { binder, 32 }, b48 = { binder, 48 };
	struct atls_bytes key = ATLS_ARRAY(spki), none = { NULL, 0 };
	const enum atls_kind fixed = (enum atls_kind)FAKE;
	const enum atls_kind open = (enum atls_kind)PLAIN;
	uint8_t out[64], d[ATLS_HASH_MAX], zero[64] = { 0 };
	size_t n, i;

	T(atls_report_data(ATLS_PROFILE_EXPAT_1, fixed, b32, none, out, &n) ==
	    ATLS_OK && n == 64 && memcmp(out, binder, 32) == 0 &&
	    memcmp(out + 32, zero, 32) == 0, "32 octets, padded");
	T(atls_report_data(ATLS_PROFILE_EXPAT_1, fixed, b48, none, out, &n) ==
	    ATLS_OK && n == 64 && memcmp(out, binder, 48) == 0 &&
	    memcmp(out + 48, zero, 16) == 0, "48 octets, padded");
	T(atls_report_data(ATLS_PROFILE_EXPAT_1, open, b32, none, out, &n) ==
	    ATLS_OK && n == 32, "32 octets as they are");
	T(atls_report_data(ATLS_PROFILE_EXPAT_1, open, b48, none, out, &n) ==
	    ATLS_OK && n == 48, "48 octets as they are");

	T(crypto_hash(ATLS_SHA256, &key, 1, d) == ATLS_OK, "SHA-256");
	T(atls_report_data(ATLS_PROFILE_EXPAT_2, fixed, b32, key, out, &n) ==
	    ATLS_OK && n == 64 && memcmp(out, binder, 32) == 0 &&
	    memcmp(out + 32, d, 32) == 0, "binder and key");
	T(atls_report_data(ATLS_PROFILE_EXPAT_2, fixed, b48, key, out, &n) ==
	    ATLS_E_ARG && n == 0, "SHA-256 suites only");
	T(atls_report_data(ATLS_PROFILE_EXPAT_2, fixed, b32, none, out, &n) ==
	    ATLS_E_ARG && n == 0, "no key");

	T(crypto_hash(ATLS_SHA512, &b48, 1, d) == ATLS_OK, "SHA-512");
	T(atls_report_data(ATLS_PROFILE_COCOS, open, b48, none, out, &n) ==
	    ATLS_OK && n == 64 && memcmp(out, d, 64) == 0, "cocos");

	for (i = 0; i <= 64; i++) {
		memset(out, 0xee, sizeof(out));
		b32.len = i;
		T((atls_report_data(ATLS_PROFILE_EXPAT_1, fixed, b32, key,
		    out, &n) == ATLS_OK) == (i == 32 || i == 48), "%zu", i);
		T(n == (i == 32 || i == 48 ? 64u : 0u), "%zu", i);
		T(n != 0 || memcmp(out, zero, 64) == 0, "%zu: zeroed", i);
	}
	b32.len = 32;
	T(atls_report_data((enum atls_profile)4, fixed, b32, key, out, &n) ==
	    ATLS_E_ARG && n == 0, "no such profile");
	T(atls_report_data(ATLS_PROFILE_EXPAT_1, ATLS_KIND_NONE, b32, key,
	    out, &n) == ATLS_E_ARG && n == 0, "no such kind");
}

static void
test_names(void)
{
	static const char *const verdicts[] = { "none", "reject", "accept",
	    "?" };
	static const char *const bindings[] = { "none", "key", "nonce+key",
	    "transcript", "exporter", "?" };
	static const char *const levels[] = { "F0", "F1", "F2", "F3", "F4",
	    "?" };
	static const char *const pillars[] = { "unknown", "bad", "good", "?" };
	size_t i;

	for (i = 0; i < NITEMS(verdicts); i++)
		T(is(atls_verdict_name((enum atls_verdict)i), verdicts[i]),
		    "%zu", i);
	for (i = 0; i < NITEMS(bindings); i++)
		T(is(atls_binding_name((enum atls_binding)i), bindings[i]),
		    "%zu", i);
	for (i = 0; i < NITEMS(levels); i++)
		T(is(atls_freshness_name((enum atls_freshness)i), levels[i]),
		    "%zu", i);
	for (i = 0; i < NITEMS(pillars); i++)
		T(is(atls_pillar_name((enum atls_pillar)i), pillars[i]),
		    "%zu", i);
}

int
main(void)
{
	test_accept();
	test_order();
	test_mute();
	test_report_data();
	test_variable();
	test_binder();
	test_key();
	test_unbound();
	test_time();
	test_simulated();
	test_claims();
	test_measurement();
	test_instance();
	test_blocks();
	test_floors();
	test_question();
	test_cmw();
	test_cmw_refused();
	test_profiles();
	test_names();
	return t_end("t_appraise");
}
