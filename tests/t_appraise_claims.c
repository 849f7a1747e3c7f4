/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

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
}

/* Nothing of one block's appraisal is left for the next. */
static void
test_apart(void)
{
	struct atls_question q = question();
	struct atls_policy *p;
	struct atls_result r;

	p = policy(BLOCK "fake.svn 5\nallow-simulated yes\n"
	    BLOCK "fake.svn 7\n");
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

int
main(void)
{
	test_claims();
	test_measurement();
	test_instance();
	test_blocks();
	test_apart();
	test_floors();
	return t_end("t_appraise_claims");
}
