/* SPDX-License-Identifier: Apache-2.0 */
#include "t.h"
#include "token_make.h"

/* Nitro documents with each check broken once, under a root of the test. */

#define N	TOKEN_NITRO
#define Z32	"00000000000000000000000000000000000000000000000000000000" \
		"00000000"
#define ONE32	"01" \
		"00000000000000000000000000000000000000000000000000000000" \
		"000000"
#define Z48	Z32 "00000000000000000000000000000000"
#define ONE48	"01" \
		"00000000000000000000000000000000000000000000000000000000" \
		"00000000000000000000000000000000000000"
#define B48(v)	"5830" v

static char over512[2 * 516 + 1], over1024[2 * 1028 + 1],
    most512[2 * 515 + 1], seven[64], eight[64];

static const struct {
	const char		*what;
	struct token_opts	 o;
	enum atls_rc		 rc;
	const char		*where;
} cases[] = {
	{ "good", { .at = 0 }, ATLS_OK, NULL },
	{ "indefinite lengths", { .edit = { { N, 0, "pcrs",
	  "bf00" B48(ONE48) "01" B48(ONE48) "02" B48(ONE48) "ff" } } },
	  ATLS_OK, NULL },
	{ "PCRs of 32 and 64", { .edit = { { N, 0, "pcrs", "a4"
	  "00" "5820" ONE32 "01" "5840" ONE32 Z32 "02" B48(ONE48)
	  "181f" B48(ONE48) } } }, ATLS_OK, NULL },
	{ "a field of later", { .edit = { { N, 0, "tenant", "a10102" } } },
	  ATLS_OK, NULL },
	{ "public key, nonce", { .edit = { { N, 0, "public_key", "43010203" },
	  { N, 0, "nonce", "4101" } } }, ATLS_OK, NULL },
	{ "neither is there", { .edit = { { N, 0, "public_key", NULL },
	  { N, 0, "nonce", NULL } } }, ATLS_OK, NULL },
	{ "nonce of 512", { .edit = { { N, 0, "nonce", most512 } } },
	  ATLS_OK, NULL },

	/* form */
	{ "not SHA384", { .edit = { { N, 0, "digest", "66534841353132" } } },
	  ATLS_E_UNKNOWN, "nitro.digest" },
	{ "no module_id", { .edit = { { N, 0, "module_id", NULL } } },
	  ATLS_E_FORMAT, "nitro.document.module_id" },
	{ "module_id empty", { .edit = { { N, 0, "module_id", "60" } } },
	  ATLS_E_FORMAT, "nitro.document.module_id" },
	{ "no digest", { .edit = { { N, 0, "digest", NULL } } },
	  ATLS_E_FORMAT, "nitro.document.digest" },
	{ "no timestamp", { .edit = { { N, 0, "timestamp", NULL } } },
	  ATLS_E_FORMAT, "nitro.document.timestamp" },
	{ "timestamp 0", { .edit = { { N, 0, "timestamp", "00" } } },
	  ATLS_E_FORMAT, "nitro.document.timestamp" },
	{ "timestamp, absurd", { .edit = { { N, 0, "timestamp",
	  "1bffffffffffffffff" } } }, ATLS_E_FORMAT,
	  "nitro.document.timestamp" },
	{ "no pcrs", { .edit = { { N, 0, "pcrs", NULL } } }, ATLS_E_FORMAT,
	  "nitro.document.pcrs" },
	{ "pcrs empty", { .edit = { { N, 0, "pcrs", "a0" } } },
	  ATLS_E_FORMAT, "nitro.document.pcrs" },
	{ "PCR 32", { .edit = { { N, 0, "pcrs", "a11820" B48(ONE48) } } },
	  ATLS_E_LIMIT, "nitro.document.pcrs" },
	{ "PCR -1", { .edit = { { N, 0, "pcrs", "a120" B48(ONE48) } } },
	  ATLS_E_FORMAT, "nitro.document.pcrs" },
	{ "PCR of 20", { .edit = { { N, 0, "pcrs", "a100"
	  "540000000000000000000000000000000000000000" } } }, ATLS_E_FORMAT,
	  "nitro.document.pcrs" },
	{ "PCR 0 twice", { .edit = { { N, 0, "pcrs", "a200" B48(ONE48)
	  "00" B48(ONE48) } } }, ATLS_E_FORMAT, "nitro.document.pcrs" },
	{ "no certificate", { .edit = { { N, 0, "certificate", NULL } } },
	  ATLS_E_FORMAT, "nitro.document.certificate" },
	{ "certificate empty", { .edit = { { N, 0, "certificate", "40" } } },
	  ATLS_E_FORMAT, "nitro.document.certificate" },
	{ "certificate too long", { .edit = { { N, 0, "certificate",
	  over1024 } } }, ATLS_E_LIMIT, "nitro.document.certificate" },
	{ "no cabundle", { .edit = { { N, 0, "cabundle", NULL } } },
	  ATLS_E_FORMAT, "nitro.document.cabundle" },
	{ "cabundle empty", { .edit = { { N, 0, "cabundle", "80" } } },
	  ATLS_E_FORMAT, "nitro.document.cabundle" },
	{ "seven in cabundle", { .edit = { { N, 0, "cabundle", seven } } },
	  ATLS_E_FORMAT, "nitro.certificates" },
	{ "eight in cabundle", { .edit = { { N, 0, "cabundle", eight } } },
	  ATLS_E_LIMIT, "nitro.document.cabundle" },
	{ "public key too long", { .edit = { { N, 0, "public_key", over1024 }
	  } }, ATLS_E_LIMIT, "nitro.document.public_key" },
	{ "user data too long", { .edit = { { N, 0, "user_data", over512 } }
	  }, ATLS_E_LIMIT, "nitro.document.user_data" },
	{ "nonce too long", { .edit = { { N, 0, "nonce", over512 } } },
	  ATLS_E_LIMIT, "nitro.document.nonce" },
	{ "nonce: a text", { .edit = { { N, 0, "nonce", "6131" } } },
	  ATLS_E_FORMAT, "nitro.document.nonce" },

	/* signature */
	{ "by a stranger", { .stranger = true }, ATLS_E_SIG,
	  "nitro.signature" },
	{ "no alg", { .protected = "a0" }, ATLS_E_FORMAT, "nitro.cose" },
	{ "ES256", { .protected = "a10126" }, ATLS_E_UNKNOWN, "nitro.alg" },
	{ "a leaf of P-256", { .leaf_p256 = true, .protected = "a1013822" },
	  ATLS_E_SIG, "nitro.signature" },

	/* path */
	{ "no root", { .no_root = true }, ATLS_E_CHAIN, "nitro.root" },
	{ "another certificate of the root", { .other_root = true },
	  ATLS_E_CHAIN, "nitro.root" },
	{ "leaf is a CA", { .leaf_ca = true }, ATLS_E_CHAIN, "nitro.chain" },
	{ "leaf is not for signatures", { .leaf_ku = true }, ATLS_E_CHAIN,
	  "nitro.chain" },

	/* time */
	{ "made when the leaf began", { .at = TOKEN_NOW - TOKEN_HOUR },
	  ATLS_OK, NULL },
	{ "made before the leaf", { .at = TOKEN_NOW - TOKEN_HOUR - 1 },
	  ATLS_E_STALE, "nitro.timestamp" },
	{ "clocks differ by five minutes", { .at = TOKEN_NOW + 300 }, ATLS_OK,
	  NULL },
	{ "made later than now", { .at = TOKEN_NOW + 301 }, ATLS_E_STALE,
	  "nitro.clock" },

	/* debug */
	{ "debug mode", { .edit = { { N, 0, "pcrs", "a3" "00" B48(Z48)
	  "01" B48(Z48) "02" B48(Z48) } } }, ATLS_E_POLICY, "nitro.debug" },
	{ "PCR0 zero", { .edit = { { N, 0, "pcrs", "a3" "00" B48(Z48)
	  "01" B48(ONE48) "02" B48(ONE48) } } }, ATLS_E_POLICY,
	  "nitro.debug" },
	{ "PCR1 zero", { .edit = { { N, 0, "pcrs", "a3" "00" B48(ONE48)
	  "01" B48(Z48) "02" B48(ONE48) } } }, ATLS_E_POLICY,
	  "nitro.debug" },
	{ "PCR2 zero", { .edit = { { N, 0, "pcrs", "a3" "00" B48(ONE48)
	  "01" B48(ONE48) "02" B48(Z48) } } }, ATLS_E_POLICY,
	  "nitro.debug" },
	{ "no PCR2", { .edit = { { N, 0, "pcrs", "a2" "00" B48(ONE48)
	  "01" B48(ONE48) } } }, ATLS_E_POLICY, "nitro.debug" },
};

/* A byte string of n octets, in hexadecimal. */
static void
fill(char *out, size_t n)
{
	size_t i;

	(void)sprintf(out, "59%04x", (unsigned)n);
	for (i = 0; i < n; i++)
		(void)strcpy(out + 6 + 2 * i, "ab");
}

static void
tables(void)
{
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct atls_bytes raw = token_nitro(&cases[i].o);
		enum atls_rc rc = token_judge(ATLS_KIND_NITRO, raw,
		    token_trust(), &res);

		T(rc == cases[i].rc && (rc == ATLS_OK ||
		    strcmp(res.why.where, cases[i].where) == 0),
		    "%s: 0x%x %s %s", cases[i].what, (unsigned)rc,
		    rc == ATLS_OK ? "" : res.why.where, res.why.detail);
		T(rc != ATLS_OK || (res.not_after == TOKEN_NOW +
		    2 * TOKEN_HOUR && atls_ct_eq(res.claims.report_data,
		    ATLS_ARRAY(token_data))), "%s", cases[i].what);
		drop(raw);
	}
}

static const struct {
	const char	*what;
	int64_t		 now;
	enum atls_rc	 rc;
	const char	*where;
} times[] = {
	{ "at the start", TOKEN_NOW - TOKEN_HOUR, ATLS_OK, NULL },
	{ "a second before", TOKEN_NOW - TOKEN_HOUR - 1, ATLS_E_STALE,
	  "nitro.chain" },
	{ "the last second", TOKEN_NOW + 2 * TOKEN_HOUR - 1, ATLS_OK, NULL },
	{ "the end", TOKEN_NOW + 2 * TOKEN_HOUR, ATLS_E_STALE, "nitro.chain" },
	{ "before 1970", -1, ATLS_E_STALE, "nitro.chain" },
};

/* Twice: with what was remembered of the first time. */
static void
clocks(void)
{
	const struct token_opts o = { .at = TOKEN_NOW - TOKEN_HOUR };
	struct atls_bytes raw = token_nitro(&o);
	struct evidence_trust t = *token_trust();
	struct atls_result res;
	size_t i;

	for (i = 0; i < 2 * NITEMS(times); i++) {
		size_t k = i % NITEMS(times);
		enum atls_rc rc;

		t.now = times[k].now;
		rc = token_judge(ATLS_KIND_NITRO, raw, &t, &res);
		T(rc == times[k].rc && (rc == ATLS_OK ||
		    strcmp(res.why.where, times[k].where) == 0),
		    "%s: 0x%x %s", times[k].what, (unsigned)rc,
		    rc == ATLS_OK ? "" : res.why.where);
	}
	drop(raw);
}

static void
trusts(void)
{
	const struct token_opts good = { .at = 0 }, debug = { .edit = { { N, 0,
	    "pcrs", "a100" B48(Z48) } } }, none = { .edit = { { N, 0,
	    "user_data", "40" } } };
	struct evidence_trust t = *token_trust();
	struct atls_bytes raw = token_nitro(&good);
	char instance[ATLS_INSTANCE_MAX];
	struct atls_result res;

	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_OK, "good");
	evidence_ops(ATLS_KIND_NITRO)->instance(&res.claims, instance);
	T(strncmp(instance, "nitro:5555", 10) == 0 && strlen(instance) == 102,
	    "%s", instance);
	t.anchors = NULL;
	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_E_CHAIN &&
	    strcmp(res.why.where, "nitro.root") == 0, "no anchors");
	drop(raw);
	t = *token_trust();
	t.allow_debug = true;
	raw = token_nitro(&debug);
	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_OK, "debug");
	evidence_ops(ATLS_KIND_NITRO)->instance(&res.claims, instance);
	T(instance[0] == '\0', "no PCR4, no instance");
	drop(raw);
	raw = token_nitro(&good);
	t.max_age = 60;
	t.now = TOKEN_NOW + 60;
	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_OK, "a minute");
	t.now++;
	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_E_STALE &&
	    strcmp(res.why.where, "nitro.age") == 0, "older");
	drop(raw);
	t = *token_trust();
	raw = token_nitro(&none);
	T(token_judge(ATLS_KIND_NITRO, raw, &t, &res) == ATLS_OK &&
	    res.claims.report_data.len == 0, "answers nothing");
	drop(raw);
}

int
main(void)
{
	fill(over512, 513);
	fill(most512, 512);
	fill(over1024, 1025);
	(void)strcpy(seven, "87" "4130" "4130" "4130" "4130" "4130" "4130"
	    "4130");
	(void)strcpy(eight, "88" "4130" "4130" "4130" "4130" "4130" "4130"
	    "4130" "4130");
	tables();
	clocks();
	trusts();
	token_end();
	return t_end("t_nitro");
}
