/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

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
	q = question();
	fake.says[FAKE_KEY] = 0;
	fake.reason = "a very long reason, so long that it would leave no "
	    "room for the line of the policy, which is what counts";
	rejects("long", p, &q, ATLS_E_BIND, "fake.key", "a very long reason, "
	    "so long that it would leave no room for the line of the poli"
	    ", policy line 1");
	q = question();
	fake.says[FAKE_KEY] = 0;
	fake.reason = "a peer's\x1b[2J\nverdict accept \xc2\x9b\x7f";
	rejects("octets of a peer", p, &q, ATLS_E_BIND, "fake.key",
	    "a peer's?[2J?verdict accept ???, policy line 1");
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
	rejects("simulated", p, &q, ATLS_E_CHAIN, "appraise.simulated",
	    "its root is only for tests, policy line 1");
	T(is(fake.log, "ps"), "%s", fake.log);
	atls_policy_free(p);
	p = policy(POLICY "allow-simulated yes\n");
	r = ask(p, &q);
	T(r.verdict == ATLS_VERDICT_ACCEPT && r.simulated, "and says so");
	atls_policy_free(p);
}

static void
test_size(void)
{
	struct atls_policy *p = policy(POLICY "evidence-max 2\n");
	struct atls_question q = question();
	struct atls_result r;

	rejects("one octet more", p, &q, ATLS_E_LIMIT, "appraise.size",
	    "is 3 octets, policy line 9 allows 2");
	T(is(fake.log, ""), "and is not read: %s", fake.log);
	atls_policy_free(p);
	p = policy(POLICY "evidence-max 3\n");
	r = ask(p, &q);
	T(r.verdict == ATLS_VERDICT_ACCEPT, "just as many");
	atls_policy_free(p);
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
	test_size();
	test_question();
	return t_end("t_appraise");
}
