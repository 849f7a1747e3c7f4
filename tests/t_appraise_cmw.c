/* SPDX-License-Identifier: Apache-2.0 */
#include <atls/cmw.h>

#include "../src/crypto/crypto.h"
#include "ask.h"

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
	{ "a result", ATLS_CMW_CBOR, FAKE_MEDIA, 8, ATLS_E_POLICY,
	  "appraise.kind" },
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
	const enum atls_kind small = (enum atls_kind)BARE;
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

	T(atls_report_data(ATLS_PROFILE_EXPAT_1, small, b32, none, out, &n) ==
	    ATLS_OK && n == 40, "in a field of 40");
	T(atls_report_data(ATLS_PROFILE_EXPAT_1, small, b48, none, out, &n) ==
	    ATLS_E_ARG && n == 0 && memcmp(out, zero, 64) == 0, "no room");

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
	test_cmw();
	test_cmw_refused();
	test_profiles();
	test_names();
	return t_end("t_appraise_cmw");
}
