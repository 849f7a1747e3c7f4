/* SPDX-License-Identifier: Apache-2.0 */
/* DICE extensions of certificates, and what else is around them. */
#include "ratls_use.h"

static const struct way ways[] = {
	{ "right", .rc = ATLS_OK },
	{ "SHA-384", .alg = 7, .rc = ATLS_OK },
	{ "SHA-512", .alg = 8, .rc = ATLS_OK },
	{ "a nonce", .nonce = true, .rc = ATLS_OK },
	{ "claims of others", .more = true, .rc = ATLS_OK },
	{ "tag 60001", .tag = 60001, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.dice.tag" },
	{ "tag 60002", .tag = 60002, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.dice.tag" },
	{ "tag 59999", .tag = 59999, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.dice.tag" },
	{ "rats-tls for SNP", .tag = 0x1a7504, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.dice.tag" },
	{ "no tag", .no_tag = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "a long tag", .long_head = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "one item", .items = 1, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "three items", .items = 3, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "indefinite", .indefinite = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "text for claims", .text = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.dice" },
	{ "claims before the quote", .swapped = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "trailing", .trailing = true, .rc = ATLS_E_TRAIL,
	    .where = "ratls.dice" },
	{ "another key", .wrong = true, .rc = ATLS_E_BIND,
	    .where = "ratls.pubkey_hash" },
	{ "another key, SHA-512", .alg = 8, .wrong = true,
	    .rc = ATLS_E_BIND, .where = "ratls.pubkey_hash" },
	{ "SHA-256-128", .alg = 2, .hash = 16, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.pubkey_hash" },
	{ "algorithm 6", .alg = 6, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.pubkey_hash" },
	{ "a short hash", .hash = 31, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.pubkey_hash" },
	{ "a long hash", .hash = 33, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.pubkey_hash" },
	{ "SHA-384 of 32", .alg = 7, .hash = 32, .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.pubkey_hash" },
	{ "wrapped once", .once = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "no hash in it", .short_entry = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.pubkey_hash" },
	{ "three in it", .long_entry = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.pubkey_hash" },
	{ "more behind it", .entry_trail = true, .rc = ATLS_E_TRAIL,
	    .where = "ratls.pubkey_hash" },
	{ "pubkey-hash twice", .twice = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "another claim twice", .more_twice = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "no pubkey-hash", .missing = true, .more = true,
	    .rc = ATLS_E_FORMAT, .where = "ratls.claims" },
	{ "no claims", .missing = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "a key that is a number", .number_key = true, .rc = ATLS_E_FORMAT,
	    .where = "ratls.claims" },
	{ "more behind the claims", .claims_trail = true, .rc = ATLS_E_TRAIL,
	    .where = "ratls.claims" },
	{ "no quote", .quote = "", .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.quote" },
	{ "half a header", .quote = "03000200000000", .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.quote" },
	{ "version 2", .quote = "0200020000000000", .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.quote" },
	{ "version 6", .quote = "0600020000000000", .rc = ATLS_E_UNKNOWN,
	    .where = "ratls.quote" },
	{ "version 4, TEE 1", .quote = "0400020001000000",
	    .rc = ATLS_E_UNKNOWN, .where = "ratls.quote" },
};

static void
test_dice(void)
{
	struct atls_bytes cb;
	struct cert_ext e;
	struct atls_ratls r;
	struct atls_err err;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(ways); i++) {
		const struct way *w = &ways[i];

		cb = claims(w);
		e = (struct cert_ext){ ATLS_ARRAY(dice), value(w, cb),
		    i % 2 == 1 };		/* critical or not */
		rc = read_of(&e, 1, &r, &err);
		T(rc == w->rc, "%s: %s %s %s", w->what, atls_rc_name(rc),
		    err.where, err.detail);
		T(w->where == NULL || (err.where != NULL &&
		    strcmp(err.where, w->where) == 0), "%s: %s", w->what,
		    err.where);
		if (rc != ATLS_OK) {
			T(r.form == ATLS_RATLS_NONE && r.raw.len == 0 &&
			    r.report_datalen == 0, "%s: left", w->what);
			continue;
		}
		T(r.form == ATLS_RATLS_DICE, "%s: form", w->what);
		is_bound(w->what, &r, cb);
	}
}

/* Kinds of quotes, by their headers. */
static void
test_headers(void)
{
	static const struct {
		const char	*hex;
		enum atls_kind	 kind;
	} rows[] = {
		{ "0300020000000000", ATLS_KIND_SGX },
		{ "0400020000000000", ATLS_KIND_SGX },
		{ "0500020000000000", ATLS_KIND_SGX },
		{ "0400020081000000", ATLS_KIND_TDX },
		{ "0500020081000000", ATLS_KIND_TDX },
	};
	struct atls_ratls r;
	struct atls_err err;
	struct way w = { .what = "header" };
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct cert_ext e = { ATLS_ARRAY(dice), { NULL, 0 }, false };

		w.quote = rows[i].hex;
		e.value = value(&w, claims(&w));
		T(read_of(&e, 1, &r, &err) == ATLS_OK && r.kind ==
		    rows[i].kind, "%s", rows[i].hex);
	}
}

/* An extension more than is right, and what else nobody else looks at. */
static const struct {
	const char	*what;
	const char	*oid, *value;		/* hex */
	bool		 critical;
	enum atls_rc	 rc;
	const char	*where;
} more[] = {
	{ "unknown, not critical", "550155", "0500", false, ATLS_OK, NULL },
	{ "unknown, critical", "550155", "0500", true, ATLS_E_UNKNOWN,
	    "ratls.critical" },
	{ "endorsements, critical", "678105050402", "0500", true, ATLS_OK,
	    NULL },
	{ "a neighbour of endorsements", "678105050403", "0500", true,
	    ATLS_E_UNKNOWN, "ratls.critical" },
	{ "Gramine's, critical", "2a864886f84d8a3906", "0500", true,
	    ATLS_E_UNKNOWN, "ratls.critical" },
	{ "basicConstraints", "551d13", "3000", true, ATLS_OK, NULL },
	{ "digitalSignature", "551d0f", "03020780", true, ATLS_OK, NULL },
	{ "keyAgreement", "551d0f", "03020308", true, ATLS_E_CHAIN,
	    "ratls.key_usage" },
	{ "the same, not critical", "551d0f", "03020308", false,
	    ATLS_E_CHAIN, "ratls.key_usage" },
	{ "no usage at all", "551d0f", "030100", true, ATLS_E_CHAIN,
	    "ratls.key_usage" },
};

static void
test_more(void)
{
	struct way right = { .what = "right" };
	struct cert_ext e[2] = { { ATLS_ARRAY(dice), { NULL, 0 }, true } };
	struct atls_err err;
	struct atls_ratls r;
	struct atls_bytes der;
	enum atls_rc rc;
	size_t i;

	e[0].value = value(&right, claims(&right));
	for (i = 0; i < NITEMS(more); i++) {
		e[1] = (struct cert_ext){ hex(more[i].oid),
		    hex(more[i].value), more[i].critical };
		der = cert_make(key, e, 2, NOW - 1, NOW + 1);
		err = (struct atls_err){ .rc = ATLS_OK };
		T(atls_ratls_read(der, &r, &err) == ATLS_OK, "%s: %s",
		    more[i].what, err.where);
		rc = atls_ratls_check(der, NOW, &err);
		T(rc == more[i].rc && (rc == ATLS_OK || strcmp(err.where,
		    more[i].where) == 0), "%s: %s %s", more[i].what,
		    atls_rc_name(rc), err.where);
		drop(der);
		drop(e[1].oid);
		drop(e[1].value);
	}
}

/* What is behind the certificate, and lengths that are no DER. */
static void
test_around(void)
{
	struct way right = { .what = "right" };
	struct cert_ext e = { ATLS_ARRAY(dice), value(&right,
	    claims(&right)), false };
	struct atls_bytes der = cert_make(key, &e, 1, NOW - 1, NOW + 1), bad;
	const uint8_t one[] = { 0 }, head[] = { 0x30, 0x83, 0 };
	struct atls_ratls r;

	bad = joined(der, ATLS_ARRAY(one));
	T(atls_ratls_read(bad, &r, NULL) == ATLS_E_TRAIL &&
	    atls_ratls_check(bad, NOW, NULL) == ATLS_E_TRAIL, "behind it");
	drop(bad);
	bad = joined(der, der);
	T(atls_ratls_read(bad, &r, NULL) == ATLS_E_TRAIL, "twice");
	drop(bad);
	T(der.p[1] == 0x82, "length in two octets");
	bad = joined(ATLS_ARRAY(head), (struct atls_bytes){ der.p + 2,
	    der.len - 2 });
	T(atls_ratls_read(bad, &r, NULL) == ATLS_E_FORMAT && r.form ==
	    ATLS_RATLS_NONE, "a long length");
	drop(bad);
	bad = copy(der);
	((uint8_t *)(uintptr_t)bad.p)[1] = 0x80;
	T(atls_ratls_read(bad, &r, NULL) != ATLS_OK, "an indefinite length");
	drop(bad);
	drop(der);
}

int
main(void)
{
	struct atls_err err = { 0 };

	if (ratls_begin(&err) != ATLS_OK)
		abort();
	test_dice();
	test_headers();
	test_more();
	test_around();
	ratls_end();
	return t_end("t_ratls_dice");
}
