/* SPDX-License-Identifier: Apache-2.0 */
#include "../src/evidence/cca.h"
#include "t.h"
#include "token_make.h"

/* Arm CCA tokens with each check broken once, signed by keys of the test. */

#define P	TOKEN_PLATFORM
#define R	TOKEN_REALM
#define K	TOKEN_KAT
#define Z32	"00000000000000000000000000000000000000000000000000000000" \
		"00000000"
#define REM(n)	"84" n n n n

static const struct {
	const char		*what;
	struct token_opts	 o;
	enum atls_rc		 rc;
	const char		*where;
} cases[] = {
	{ "good", { .cmw = false }, ATLS_OK, NULL },
	{ "tag 907", { .cmw = true }, ATLS_OK, NULL },
	{ "realm of before profiles", { .point = true }, ATLS_OK, NULL },
	{ "Parsec", { .parsec = true }, ATLS_OK, NULL },
	{ "Parsec, tag 907", { .parsec = true, .cmw = true }, ATLS_OK, NULL },
	{ "platform of before", { .edit = { { P, 265, NULL, "781c"
	  "687474703a2f2f61726d2e636f6d2f4343412d5353442f312e302e30" } } },
	  ATLS_OK, NULL },
	{ "unknown claims", { .edit = { { P, 77777, NULL, "a10102" },
	  { R, -5, NULL, "f6" } } }, ATLS_OK, NULL },
	{ "verification service", { .edit = { { P, 2400, NULL, "6161" } } },
	  ATLS_OK, NULL },

	/* signatures */
	{ "platform by a stranger", { .stranger = true }, ATLS_E_SIG,
	  "cca.platform.signature" },
	{ "realm by a stranger", { .realm_stranger = true }, ATLS_E_SIG,
	  "cca.realm.signature" },
	{ "platform: no alg", { .protected = "" }, ATLS_E_FORMAT,
	  "cca.platform.cose" },
	{ "platform: ES512", { .protected = "a1013823" }, ATLS_E_UNKNOWN,
	  "cca.platform.alg" },
	{ "platform: PS256", { .protected = "a1013824" }, ATLS_E_UNKNOWN,
	  "cca.platform.alg" },
	{ "platform: ES384 by a key of P-256", { .protected = "a1013822" },
	  ATLS_E_SIG, "cca.platform.signature" },
	{ "realm: EdDSA", { .realm_protected = "a10127" }, ATLS_E_UNKNOWN,
	  "cca.realm.alg" },
	{ "realm: ES384 by a key of P-256", { .realm_protected = "a1013822" },
	  ATLS_E_SIG, "cca.realm.signature" },
	{ "no tag 18", { .untagged = true }, ATLS_E_FORMAT,
	  "cca.platform.cose" },

	/* binding */
	{ "another realm's key", { .unbound = true }, ATLS_E_BIND,
	  "cca.platform.challenge" },
	{ "hash of 48 octets for SHA-256", { .edit = { { P, 10, NULL,
	  "5830" Z32 "00000000000000000000000000000000" } } }, ATLS_E_BIND,
	  "cca.platform.challenge" },
	{ "key hash by another name", { .edit = { { R, 44240, NULL,
	  "677368612d353132" } } }, ATLS_E_BIND, "cca.platform.challenge" },
	{ "key hash unknown", { .edit = { { R, 44240, NULL, "636d6435" } } },
	  ATLS_E_UNKNOWN, "cca.realm.key_hash" },
	{ "statement not answered", { .parsec = true, .kat_unbound = true },
	  ATLS_E_BIND, "cca.kat" },

	/* profiles */
	{ "platform: unknown profile", { .edit = { { P, 265, NULL, "6178" } }
	  }, ATLS_E_UNKNOWN, "cca.platform.profile" },
	{ "realm: unknown profile", { .edit = { { R, 265, NULL, "6178" } } },
	  ATLS_E_UNKNOWN, "cca.realm.profile" },
	{ "realm: empty profile", { .edit = { { R, 265, NULL, "60" } } },
	  ATLS_E_UNKNOWN, "cca.realm.profile" },
	{ "point, but a profile", { .point = true, .edit = { { R, 265, NULL,
	  "781c7461673a61726d2e636f6d2c323032333a7265616c6d23312e302e30" } }
	  }, ATLS_E_FORMAT, "cca.realm.key" },
	{ "COSE_Key, but no profile", { .edit = { { R, 265, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.key" },
	{ "point: of no form", { .point = true, .form = 5 }, ATLS_E_FORMAT,
	  "cca.realm.key" },
	{ "key: not on the curve", { .edit = { { R, 44237, NULL, "584b"
	  "a4010220012158" "20" Z32 "225820" Z32 } } }, ATLS_E_FORMAT,
	  "cca.realm.key" },

	/* lifecycle */
	{ "lifecycle: 0x3000", { .edit = { { P, 2395, NULL, "193000" } } },
	  ATLS_OK, NULL },
	{ "lifecycle: 0x30ff", { .edit = { { P, 2395, NULL, "1930ff" } } },
	  ATLS_OK, NULL },
	{ "lifecycle: 0x2fff", { .edit = { { P, 2395, NULL, "192fff" } } },
	  ATLS_E_POLICY, "cca.platform.lifecycle" },
	{ "lifecycle: 0x3100", { .edit = { { P, 2395, NULL, "193100" } } },
	  ATLS_E_POLICY, "cca.platform.lifecycle" },
	{ "lifecycle: debug", { .edit = { { P, 2395, NULL, "194001" } } },
	  ATLS_E_POLICY, "cca.platform.lifecycle" },
	{ "lifecycle: over 16 bits", { .edit = { { P, 2395, NULL,
	  "1a01003000" } } }, ATLS_E_POLICY, "cca.platform.lifecycle" },
	{ "lifecycle: a text", { .edit = { { P, 2395, NULL, "6130" } } },
	  ATLS_E_FORMAT, "cca.platform.claims.lifecycle" },

	/* claims that must be there, and their sizes */
	{ "platform: no challenge", { .edit = { { P, 10, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.challenge" },
	{ "platform: no instance", { .edit = { { P, 256, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.instance_id" },
	{ "platform: instance of 32", { .edit = { { P, 256, NULL,
	  "5820" Z32 } } }, ATLS_E_FORMAT,
	  "cca.platform.claims.instance_id" },
	{ "platform: no profile", { .edit = { { P, 265, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.profile" },
	{ "platform: no lifecycle", { .edit = { { P, 2395, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.lifecycle" },
	{ "platform: no implementation", { .edit = { { P, 2396, NULL, NULL }
	  } }, ATLS_E_FORMAT, "cca.platform.claims.implementation_id" },
	{ "platform: no config", { .edit = { { P, 2401, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.config" },
	{ "platform: no hash", { .edit = { { P, 2402, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.hash" },
	{ "platform: no software", { .edit = { { P, 2399, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.platform.claims.sw" },
	{ "software: empty list", { .edit = { { P, 2399, NULL, "80" } } },
	  ATLS_E_FORMAT, "cca.platform.claims.sw" },
	{ "software: no measurement", { .edit = { { P, 2399, NULL,
	  "81a1055820" Z32 } } }, ATLS_E_FORMAT, "cca.platform.claims.sw" },
	{ "software: no signer", { .edit = { { P, 2399, NULL,
	  "81a1025820" Z32 } } }, ATLS_E_FORMAT, "cca.platform.claims.sw" },
	{ "software: measurement of 20", { .edit = { { P, 2399, NULL,
	  "81a20254000000000000000000000000000000000000000005" "5820" Z32 } }
	  }, ATLS_E_FORMAT, "cca.platform.claims.sw" },
	{ "software: measured twice", { .edit = { { P, 2399, NULL,
	  "81a3025820" Z32 "025820" Z32 "055820" Z32 } } }, ATLS_E_FORMAT,
	  "cca.platform.claims.sw" },
	{ "realm: no challenge", { .edit = { { R, 10, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.challenge" },
	{ "realm: challenge of 32", { .edit = { { R, 10, NULL, "5820" Z32 } }
	  }, ATLS_E_FORMAT, "cca.realm.claims.challenge" },
	{ "realm: no rpv", { .edit = { { R, 44235, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.rpv" },
	{ "realm: no hash", { .edit = { { R, 44236, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.hash" },
	{ "realm: no key", { .edit = { { R, 44237, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.key" },
	{ "realm: no rim", { .edit = { { R, 44238, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.rim" },
	{ "realm: no rem", { .edit = { { R, 44239, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.rem" },
	{ "realm: three rem", { .edit = { { R, 44239, NULL, "83" "5820" Z32
	  "5820" Z32 "5820" Z32 } } }, ATLS_E_FORMAT, "cca.realm.claims.rem" },
	{ "realm: five rem", { .edit = { { R, 44239, NULL, "85" "5820" Z32
	  "5820" Z32 "5820" Z32 "5820" Z32 "5820" Z32 } } }, ATLS_E_FORMAT,
	  "cca.realm.claims.rem" },
	{ "realm: rem of one octet", { .edit = { { R, 44239, NULL,
	  REM("4100") } } }, ATLS_E_FORMAT, "cca.realm.claims.rem" },
	{ "realm: no key hash", { .edit = { { R, 44240, NULL, NULL } } },
	  ATLS_E_FORMAT, "cca.realm.claims.key_hash" },

	/* the statement */
	{ "statement: another tag", { .parsec = true, .kat_tag = 61 },
	  ATLS_E_FORMAT, "cca.kat" },
	{ "statement: no nonce", { .parsec = true, .edit = { { K, 10, NULL,
	  NULL } } }, ATLS_E_FORMAT, "cca.kat.claims.nonce" },
	{ "statement: nonce of 7", { .parsec = true, .edit = { { K, 10, NULL,
	  "4700000000000000" } } }, ATLS_E_FORMAT, "cca.kat.claims.nonce" },
	{ "statement: two nonces", { .parsec = true, .edit = { { K, 10, NULL,
	  "82480000000000000000480000000000000000" } } }, ATLS_E_FORMAT,
	  "cca.kat.claims.nonce" },
	{ "statement: no key", { .parsec = true, .edit = { { K, 8, NULL,
	  NULL } } }, ATLS_E_FORMAT, "cca.kat.claims.cnf" },
	{ "statement: key by its name", { .parsec = true, .edit = { { K, 8,
	  NULL, "a10341aa" } } }, ATLS_E_FORMAT, "cca.kat.claims.cnf" },
	{ "statement: RSA key", { .parsec = true, .edit = { { K, 8, NULL,
	  "a101a10103" } } }, ATLS_E_UNKNOWN, "cca.kat.claims.cnf" },
};

static void
tables(void)
{
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct atls_bytes raw = token_cca(&cases[i].o);
		enum atls_rc rc = token_judge(ATLS_KIND_CCA, raw,
		    token_trust(), &res);

		T(rc == cases[i].rc && (rc == ATLS_OK ||
		    strcmp(res.why.where, cases[i].where) == 0),
		    "%s: 0x%x %s %s", cases[i].what, (unsigned)rc,
		    rc == ATLS_OK ? "" : res.why.where, res.why.detail);
		T(rc != ATLS_OK || atls_ct_eq(res.claims.report_data,
		    ATLS_ARRAY(token_data)), "%s", cases[i].what);
		drop(raw);
	}
}

/* Whom the policy trusts, and what it allows. */
static void
trusts(void)
{
	const struct token_opts good = { .cmw = false }, debug = { .edit = {
	    { P, 2395, NULL, "195003" } } }, retired = { .edit = {
	    { P, 2395, NULL, "196000" } } };
	struct evidence_trust t = *token_trust();
	struct atls_bytes raw = token_cca(&good), spki;
	struct crypto_key *keys[3];
	struct atls_result res;

	t.nkey = 0;
	T(token_judge(ATLS_KIND_CCA, raw, &t, &res) == ATLS_E_CHAIN &&
	    strcmp(res.why.where, "cca.key") == 0, "no keys");
	spki = token_spki(token_aik());
	T(crypto_key_spki(spki, &keys[0]) == ATLS_OK, "key");
	keys[1] = t.key[1];
	keys[2] = t.key[0];
	t.key = keys;
	t.nkey = 2;
	T(token_judge(ATLS_KIND_CCA, raw, &t, &res) == ATLS_E_SIG, "others");
	t.nkey = 3;
	T(token_judge(ATLS_KIND_CCA, raw, &t, &res) == ATLS_OK, "the last");
	drop(raw);
	raw = token_cca(&debug);
	t.allow_debug = true;
	T(token_judge(ATLS_KIND_CCA, raw, &t, &res) == ATLS_OK, "debug");
	drop(raw);
	raw = token_cca(&retired);
	T(token_judge(ATLS_KIND_CCA, raw, &t, &res) == ATLS_E_POLICY,
	    "decommissioned");
	drop(raw);
	crypto_key_free(keys[0]);
	drop(spki);
}

/* Parsec: the key that the statement names is the AIK, or not. */
static void
attested_key(void)
{
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_CCA);
	const struct token_opts plain = { .cmw = false },
	    parsec = { .parsec = true };
	struct atls_bytes raw = token_cca(&plain), spki, other;
	struct atls_result res;

	T(token_judge(ATLS_KIND_CCA, raw, token_trust(), &res) == ATLS_OK &&
	    !ops->names_key(&res.claims), "plain");
	drop(raw);
	raw = token_cca(&parsec);
	spki = token_spki(token_aik());
	other = token_spki(token_signer(false, false));
	T(token_judge(ATLS_KIND_CCA, raw, token_trust(), &res) == ATLS_OK &&
	    ops->names_key(&res.claims) && ops->answers, "Parsec");
	T(ops->key(&res.claims, spki, &res) == 1, "the AIK");
	T(ops->key(&res.claims, other, &res) != 1 && res.why.rc ==
	    ATLS_E_BIND && strcmp(res.why.where, "cca.kat.key") == 0,
	    "another");
	T(ops->key(&res.claims, (struct atls_bytes){ NULL, 0 }, &res) != 1,
	    "none");
	drop(spki);
	drop(other);
	drop(raw);
}

/* The collection is signed by nobody: it has what it must, and no more. */
static const struct {
	const char	*what, *hex;
	enum atls_rc	 rc;
	const char	*where;
} outer[] = {
	{ "empty", "", ATLS_E_TRUNC, "cca.collection" },
	{ "no tag", "a219acca4119acd141", ATLS_E_FORMAT, "cca.collection" },
	{ "tag 400", "d90190a0", ATLS_E_UNKNOWN, "cca.collection" },
	{ "nothing in it", "d9018fa0", ATLS_E_FORMAT, "cca.platform" },
	{ "platform only", "d9018fa119acca4100", ATLS_E_FORMAT, "cca.realm" },
	{ "realm only", "d9018fa119acd14100", ATLS_E_FORMAT, "cca.platform" },
	{ "platform twice", "d9018fa219acca410019acca4100", ATLS_E_FORMAT,
	  "cca.collection" },
	{ "something more", "d9018fa319acca410019acd14100014100",
	  ATLS_E_FORMAT, "cca.collection" },
	{ "tag 399 with records",
	  "d9018fa219acca82190107410019acd1821901074100",
	  ATLS_E_FORMAT, "cca.collection" },
	{ "tag 907 without", "d9038ba219acca410019acd14100", ATLS_E_FORMAT,
	  "cca.collection" },
	{ "another content format",
	  "d9038ba219acca82190108410019acd1821901084100",
	  ATLS_E_FORMAT, "cca.collection" },
	{ "record of three", "d9038ba219acca83190107410019acd1821901074100",
	  ATLS_E_FORMAT, "cca.collection" },
	{ "more behind it", "d9018fa219acca410019acd1410000", ATLS_E_TRAIL,
	  "cca.collection" },
	{ "Parsec: no kat", "a163706174d9018fa219acca410019acd14100",
	  ATLS_E_FORMAT, "cca.collection" },
	{ "Parsec: no pat", "a1636b6174a0", ATLS_E_FORMAT, "cca.collection" },
	{ "Parsec: something more", "a3636b6174a063706174d9018fa219acca4100"
	  "19acd14100617800", ATLS_E_FORMAT, "cca.collection" },
};

static void
collections(void)
{
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(outer); i++) {
		struct atls_bytes raw = hex(outer[i].hex);
		enum atls_rc rc = token_judge(ATLS_KIND_CCA, raw,
		    token_trust(), &res);

		T(rc == outer[i].rc && strcmp(res.why.where, outer[i].where)
		    == 0, "%s: 0x%x %s", outer[i].what, (unsigned)rc,
		    res.why.where);
		drop(raw);
	}
}

/* As many components as there may be, and one more. */
static void
components(void)
{
	static char list[4096];
	struct token_opts o = { .edit = { { P, 2399, NULL, list } } };
	const struct atls_claim *c;
	struct atls_result res;
	size_t n, i;

	for (n = ARM_SW_MAX; n <= ARM_SW_MAX + 1; n++) {
		struct atls_bytes raw;
		enum atls_rc rc;

		(void)snprintf(list, sizeof(list), "%02x", (unsigned)(0x80 +
		    n));
		for (i = 0; i < n; i++)
			(void)strcat(list, "a2025820" Z32 "055820" Z32);
		raw = token_cca(&o);
		rc = token_judge(ATLS_KIND_CCA, raw, token_trust(), &res);
		T(rc == (n > ARM_SW_MAX ? ATLS_E_LIMIT : ATLS_OK), "%zu", n);
		c = rc != ATLS_OK ? NULL : atls_evidence_claim(&res.claims,
		    "cca.platform.sw.count");
		T(rc != ATLS_OK || (c != NULL && c->number == n), "count");
		drop(raw);
	}
}

int
main(void)
{
	tables();
	trusts();
	attested_key();
	collections();
	components();
	token_end();
	return t_end("t_cca");
}
