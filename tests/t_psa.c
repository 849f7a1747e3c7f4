/* SPDX-License-Identifier: Apache-2.0 */
#include "t.h"
#include "token_make.h"

/* PSA tokens with each check broken once, signed by keys of the test. */

#define S	TOKEN_PSA
#define Z32	"00000000000000000000000000000000000000000000000000000000" \
		"00000000"

static const struct {
	const char		*what;
	struct token_opts	 o;
	enum atls_rc		 rc;
	const char		*where;
} cases[] = {
	{ "good", { .legacy = false }, ATLS_OK, NULL },
	{ "no tag 18", { .untagged = true }, ATLS_OK, NULL },
	{ "of before RFC 9783", { .legacy = true }, ATLS_OK, NULL },
	{ "of before, with a profile", { .legacy = true, .edit = { { S,
	  -75000, NULL, "6178" } } }, ATLS_OK, NULL },
	{ "profile of the drafts", { .edit = { { S, 265, NULL, "7818"
	  "687474703a2f2f61726d2e636f6d2f7073612f322e302e30" } } }, ATLS_OK,
	  NULL },
	{ "client of the secure side", { .edit = { { S, 2394, NULL, "190bba" }
	  } }, ATLS_OK, NULL },
	{ "certificate, service", { .edit = { { S, 2398, NULL, "6131" },
	  { S, 2400, NULL, "6177" }, { S, 4711, NULL, "80" } } }, ATLS_OK,
	  NULL },
	{ "no boot seed", { .edit = { { S, 2397, NULL, NULL } } }, ATLS_OK,
	  NULL },

	{ "by a stranger", { .stranger = true }, ATLS_E_SIG,
	  "psa.signature" },
	{ "no alg", { .protected = "" }, ATLS_E_FORMAT, "psa.cose" },
	{ "empty header", { .protected = "a0" }, ATLS_E_FORMAT, "psa.cose" },
	{ "alg elsewhere", { .protected = "a0", .unprotected = "a10126" },
	  ATLS_E_FORMAT, "psa.cose" },
	{ "alg in both", { .unprotected = "a10126" }, ATLS_E_FORMAT,
	  "psa.cose" },
	{ "HMAC", { .protected = "a10105" }, ATLS_E_UNKNOWN, "psa.alg" },
	{ "ES512", { .protected = "a1013823" }, ATLS_E_UNKNOWN, "psa.alg" },
	{ "ES384 by a key of P-256", { .protected = "a1013822" }, ATLS_E_SIG,
	  "psa.signature" },

	{ "unknown profile", { .edit = { { S, 265, NULL, "6178" } } },
	  ATLS_E_UNKNOWN, "psa.profile" },
	{ "no profile", { .edit = { { S, 265, NULL, NULL } } },
	  ATLS_E_UNKNOWN, "psa.profile" },
	{ "profile: octets", { .edit = { { S, 265, NULL, "4178" } } },
	  ATLS_E_FORMAT, "psa.claims.profile" },
	{ "lifecycle: 0x2fff", { .edit = { { S, 2395, NULL, "192fff" } } },
	  ATLS_E_POLICY, "psa.lifecycle" },
	{ "lifecycle: debug", { .edit = { { S, 2395, NULL, "194000" } } },
	  ATLS_E_POLICY, "psa.lifecycle" },
	{ "lifecycle: unknown", { .edit = { { S, 2395, NULL, "00" } } },
	  ATLS_E_POLICY, "psa.lifecycle" },
	{ "lifecycle: under zero", { .edit = { { S, 2395, NULL, "20" } } },
	  ATLS_E_FORMAT, "psa.claims.lifecycle" },

	{ "no nonce", { .edit = { { S, 10, NULL, NULL } } }, ATLS_E_FORMAT,
	  "psa.claims.nonce" },
	{ "nonce of 16", { .edit = { { S, 10, NULL,
	  "5000000000000000000000000000000000" } } }, ATLS_E_FORMAT,
	  "psa.claims.nonce" },
	{ "no instance", { .edit = { { S, 256, NULL, NULL } } },
	  ATLS_E_FORMAT, "psa.claims.instance_id" },
	{ "no implementation", { .edit = { { S, 2396, NULL, NULL } } },
	  ATLS_E_FORMAT, "psa.claims.implementation_id" },
	{ "implementation of 33", { .edit = { { S, 2396, NULL,
	  "5821" Z32 "00" } } }, ATLS_E_FORMAT,
	  "psa.claims.implementation_id" },
	{ "no client", { .edit = { { S, 2394, NULL, NULL } } },
	  ATLS_E_FORMAT, "psa.claims.client_id" },
	{ "no lifecycle", { .edit = { { S, 2395, NULL, NULL } } },
	  ATLS_E_FORMAT, "psa.claims.lifecycle" },
	{ "seed of 7", { .edit = { { S, 2397, NULL, "4700000000000000" } } },
	  ATLS_E_FORMAT, "psa.claims.boot_seed" },
	{ "seed of 33", { .edit = { { S, 2397, NULL, "5821" Z32 "00" } } },
	  ATLS_E_FORMAT, "psa.claims.boot_seed" },
	{ "no software", { .edit = { { S, 2399, NULL, NULL } } },
	  ATLS_E_FORMAT, "psa.claims.sw" },
	{ "no software, and says so", { .legacy = true, .edit = { { S, -75006,
	  NULL, NULL }, { S, -75007, NULL, "01" } } }, ATLS_E_FORMAT,
	  "psa.claims.sw" },
	{ "software: none", { .edit = { { S, 2399, NULL, "80" } } },
	  ATLS_E_FORMAT, "psa.claims.sw" },
	{ "software: not measured", { .edit = { { S, 2399, NULL,
	  "81a1055820" Z32 } } }, ATLS_E_FORMAT, "psa.claims.sw" },
	{ "software: a map", { .edit = { { S, 2399, NULL, "a0" } } },
	  ATLS_E_FORMAT, "psa.claims.sw" },
	{ "a number of before", { .edit = { { S, -75004, NULL, "5820" Z32 },
	  { S, 2397, NULL, NULL } } }, ATLS_E_FORMAT, NULL },
	{ "two nonces", { .edit = { { S, -75008, NULL, "5820" Z32 } } },
	  ATLS_E_FORMAT, "psa.claims.nonce" },
};

static void
tables(void)
{
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct atls_bytes raw = token_psa(&cases[i].o);
		enum atls_rc rc = token_judge(ATLS_KIND_PSA, raw,
		    token_trust(), &res);

		T(rc == cases[i].rc && (cases[i].where == NULL ||
		    strcmp(res.why.where, cases[i].where) == 0),
		    "%s: 0x%x %s %s", cases[i].what, (unsigned)rc,
		    rc == ATLS_OK ? "" : res.why.where, res.why.detail);
		T(rc != ATLS_OK || atls_ct_eq(res.claims.report_data,
		    ATLS_ARRAY(token_data)), "%s", cases[i].what);
		drop(raw);
	}
}

static void
trusts(void)
{
	const struct token_opts good = { .legacy = false }, debug = { .edit =
	    { { S, 2395, NULL, "1940ff" } } };
	struct evidence_trust t = *token_trust();
	struct atls_bytes raw = token_psa(&good);
	char instance[ATLS_INSTANCE_MAX];
	struct atls_result res;

	T(token_judge(ATLS_KIND_PSA, raw, &t, &res) == ATLS_OK, "good");
	evidence_ops(ATLS_KIND_PSA)->instance(&res.claims, instance);
	T(strncmp(instance, "psa:01aaaa", 10) == 0 && strlen(instance) == 70,
	    "%s", instance);
	t.nkey = 0;
	T(token_judge(ATLS_KIND_PSA, raw, &t, &res) == ATLS_E_CHAIN &&
	    strcmp(res.why.where, "psa.key") == 0, "no keys");
	drop(raw);
	t = *token_trust();
	t.allow_debug = true;
	raw = token_psa(&debug);
	T(token_judge(ATLS_KIND_PSA, raw, &t, &res) == ATLS_OK, "debug");
	drop(raw);
}

int
main(void)
{
	tables();
	trusts();
	token_end();
	return t_end("t_psa");
}
