/* SPDX-License-Identifier: Apache-2.0 */
/* Each form of evidence in certificates: right, and wrong in each way. */
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <atls/cmw.h>
#include <atls/ratls.h>
#include <atls/sim.h>

#include "../src/codec/cbor.h"
#include "cert_make.h"
#include "heap.h"
#include "t.h"

#define NOW	((int64_t)1790000000)
#define ROOM	65536

static const uint8_t dice[] = { 0x67, 0x81, 5, 5, 4, 9 };
static const uint8_t cmw[] = { 0x2b, 6, 1, 5, 5, 7, 1, 0x23 };
static const uint8_t gramine[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a,
    0x39, 6 };
static const uint8_t gramine_odd[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf8,
    0x4d, 0x8a, 0x39, 6 };
static const uint8_t oe_report[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x69, 1 };
static const uint8_t oe_evidence[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x69, 2 };
static const uint8_t oe_report_old[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14,
    10, 1, 1 };
static const uint8_t oe_evidence_old[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14,
    10, 1, 2 };
/* id-ce-keyUsage, for an extension that is none of ours */
static const uint8_t other[] = { 0x55, 0x1d, 0x7b };

static EVP_PKEY *key;
static struct atls_bytes spki, pem, quote;	/* of SGX, over anything */

static enum atls_rc
read_of(const struct cert_ext *e, size_t n, struct atls_ratls *r,
    struct atls_err *err)
{
	static struct atls_bytes der;		/* r has views of the last */

	drop(der);
	der = cert_make(key, e, n, NOW - 1, NOW + 1);
	*err = (struct atls_err){ .rc = ATLS_OK };
	return atls_ratls_read(der, r, err);
}

static void
is_bound(const char *what, const struct atls_ratls *r, struct atls_bytes to)
{
	uint8_t want[64] = { 0 };

	(void)SHA256(to.p, to.len, want);
	T(atls_ct_eq(ATLS_ARRAY(want), (struct atls_bytes){ r->report_data,
	    r->report_datalen }), "%s: report data", what);
	T(r->kind == ATLS_KIND_SGX && atls_ct_eq(r->raw, quote) &&
	    atls_ct_eq(r->spki, spki), "%s: views", what);
}

/* One way in which the value of a DICE extension can be. */
struct way {
	const char	*what;
	uint64_t	 tag;		/* 0: 60000 */
	unsigned	 items;		/* 0: 2 */
	bool		 indefinite, text, swapped, trailing, no_tag;
	uint64_t	 alg;		/* 0: 1 */
	size_t		 hash;		/* octets; 0: those of alg */
	bool		 wrong, once, short_entry, long_entry, entry_trail;
	bool		 nonce, twice, missing, number_key, claims_trail;
	bool		 more, more_twice, long_head;
	const char	*quote;		/* hex; NULL: of SGX */
	enum atls_rc	 rc;
	const char	*where;
};

static size_t
hash(const struct way *w, uint8_t out[64])
{
	uint64_t alg = w->alg == 0 ? 1 : w->alg;
	size_t n = alg == 7 ? 48 : alg == 8 ? 64 : 32;

	if (alg == 7)
		(void)SHA384(spki.p, spki.len, out);
	else if (alg == 8)
		(void)SHA512(spki.p, spki.len, out);
	else
		(void)SHA256(spki.p, spki.len, out);
	if (w->wrong)
		out[n - 1] ^= 1;
	return w->hash != 0 ? w->hash : n;
}

static void
put_entry(struct wr *out, const struct way *w)
{
	uint8_t room[128], digest[64] = { 0 };
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr e = wr_of(&b);
	size_t n = hash(w, digest);

	cbor_put_array(&e, w->short_entry ? 1 : w->long_entry ? 3 : 2);
	cbor_put_uint(&e, w->alg == 0 ? 1 : w->alg);
	if (!w->short_entry)
		cbor_put_bstr(&e, (struct atls_bytes){ digest, n });
	if (w->long_entry || w->entry_trail)
		cbor_put_uint(&e, 0);
	T(wr_done(&e) == ATLS_OK, "entry");
	if (w->once)
		wr_bytes(out, (struct atls_bytes){ room, b.len });
	else
		cbor_put_bstr(out, (struct atls_bytes){ room, b.len });
}

static struct atls_bytes
claims(const struct way *w)
{
	static uint8_t room[512];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr o = wr_of(&b);
	unsigned i;

	cbor_put_map(&o, (w->missing ? 0u : 1u) + w->twice + w->nonce +
	    w->number_key + w->more + 2u * w->more_twice);
	if (w->nonce) {
		cbor_put_text(&o, "nonce");
		cbor_put_bstr(&o, (struct atls_bytes){ room, 4 });
	}
	for (i = w->missing; i < 1u + w->twice; i++) {
		cbor_put_text(&o, "pubkey-hash");
		put_entry(&o, w);
	}
	if (w->number_key) {
		cbor_put_uint(&o, 7);
		cbor_put_uint(&o, 7);
	}
	if (w->more) {
		cbor_put_text(&o, "key_0");
		cbor_put_array(&o, 1);
		cbor_put_map(&o, 0);
	}
	for (i = 0; i < 2u * w->more_twice; i++) {
		cbor_put_text(&o, "key_1");
		cbor_put_null(&o);
	}
	if (w->claims_trail)
		cbor_put_null(&o);
	T(wr_done(&o) == ATLS_OK, "claims");
	return (struct atls_bytes){ room, b.len };
}

static struct atls_bytes
value(const struct way *w, struct atls_bytes cb)
{
	static uint8_t room[ROOM];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr o = wr_of(&b);
	struct atls_bytes q = w->quote == NULL ? copy(quote) : hex(w->quote);
	unsigned i, items = w->items == 0 ? 2 : w->items;

	if (w->long_head)		/* a tag in eight octets */
		wr_bytes(&o, ATLS_ARRAY(((const uint8_t[]){ 0xdb, 0, 0, 0, 0,
		    0, 0, 0xea, 0x60 })));
	else if (!w->no_tag)
		cbor_put_tag(&o, w->tag == 0 ? 60000 : w->tag);
	if (w->indefinite)
		wr_be(&o, 0x9f, 1);
	else
		cbor_put_array(&o, items);
	for (i = 0; i < items; i++)
		if (w->text && i == 1)
			cbor_put_text(&o, "claims");
		else
			cbor_put_bstr(&o, (i == 0) != w->swapped ? q : cb);
	if (w->indefinite)
		wr_be(&o, 0xff, 1);
	if (w->trailing)
		cbor_put_null(&o);
	T(wr_done(&o) == ATLS_OK, "value");
	drop(q);
	return (struct atls_bytes){ room, b.len };
}

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

/* A DER element around what is in room behind its first four octets. */
static struct atls_bytes
element(uint8_t *room, unsigned tag, size_t n)
{
	room[0] = (uint8_t)tag;
	room[1] = 0x82;
	room[2] = (uint8_t)(n >> 8);
	room[3] = (uint8_t)n;
	return (struct atls_bytes){ room, n + 4 };
}

static void
test_cmw(void)
{
	static const char label[] = "atls ra-tls";
	static const unsigned tags[] = { 0, 0x04, 0x0c };	/* by form */
	static uint8_t room[2 * ROOM];
	struct atls_buf b = { room + 4, sizeof(room) - 4, 0 };
	struct cert_ext e = { ATLS_ARRAY(cmw), { NULL, 0 }, true };
	struct atls_bytes both = joined((struct atls_bytes){
	    (const uint8_t *)label, sizeof(label) }, spki);
	uint8_t want[32];
	struct atls_ratls r;
	struct atls_err err;
	enum atls_cmw_form f;

	(void)SHA256(both.p, both.len, want);
	for (f = ATLS_CMW_CBOR; f <= ATLS_CMW_JSON; f++) {
		T(atls_cmw_write(&b, f, "application/x-a", quote, 4) ==
		    ATLS_OK, "write");
		e.value = element(room, tags[f], b.len);
		T(read_of(&e, 1, &r, &err) == ATLS_OK && r.form ==
		    ATLS_RATLS_CMW && r.kind == ATLS_KIND_NONE &&
		    atls_ct_eq(r.raw, (struct atls_bytes){ b.p, b.len }) &&
		    r.report_datalen == 0 && atls_ct_eq(ATLS_ARRAY(want),
		    (struct atls_bytes){ r.binder, r.binderlen }),
		    "form %d: %s", f, err.where);
		e.value.len--;
		T(read_of(&e, 1, &r, &err) == ATLS_E_TRUNC, "form %d: short",
		    f);
		b.p[b.len] = 0xf6;
		e.value = element(room, tags[f], b.len + 1);
		T(read_of(&e, 1, &r, &err) != ATLS_OK && r.form ==
		    ATLS_RATLS_NONE, "form %d: trailing inside", f);
		e.value = element(room, tags[f], b.len);
		e.value.len++;
		T(read_of(&e, 1, &r, &err) == ATLS_E_TRAIL &&
		    strcmp(err.where, "ratls.cmw") == 0, "form %d: trailing",
		    f);
		e.value = element(room, tags[f] ^ 0x08, b.len);
		T(read_of(&e, 1, &r, &err) == ATLS_E_FORMAT &&
		    strcmp(err.where, "ratls.cmw") == 0, "form %d: the other "
		    "tag", f);
		e.value = (struct atls_bytes){ b.p, b.len };
		T(read_of(&e, 1, &r, &err) != ATLS_OK, "form %d: bare", f);
		e.value = element(room, tags[f], 0);
		e.value.len = 4;
		T(read_of(&e, 1, &r, &err) != ATLS_OK, "form %d: none", f);
	}
	e.value.len = 0;
	T(read_of(&e, 1, &r, &err) == ATLS_E_TRUNC, "empty");
	drop(both);
}

static void
test_gramine(void)
{
	const struct atls_bytes oid[] = { ATLS_ARRAY(gramine),
	    ATLS_ARRAY(gramine_odd) };
	struct cert_ext e = { .critical = false };
	struct atls_ratls r;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(oid); i++) {
		e.oid = oid[i];
		e.value = quote;
		T(read_of(&e, 1, &r, &err) == ATLS_OK && r.form ==
		    ATLS_RATLS_GRAMINE, "%zu: %s", i, err.where);
		is_bound("gramine", &r, spki);
		e.value.len = 7;
		T(read_of(&e, 1, &r, &err) == ATLS_E_UNKNOWN &&
		    strcmp(err.where, "ratls.quote") == 0, "%zu: short", i);
	}
}

/* A header of Open Enclave's before a quote, and claims behind it. */
static struct atls_bytes
oe(unsigned version, unsigned type, int64_t size_off, bool changed_id,
    struct atls_bytes behind)
{
	static const uint8_t id[16] = { 0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d,
	    0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c };
	static uint8_t p[ROOM];
	size_t n = 16, i;
	uint64_t size = quote.len + behind.len;

	memset(p, 0, 32);
	p[0] = (uint8_t)version;
	if (version == 3) {
		memcpy(p + 4, id, sizeof(id));
		p[4] = (uint8_t)(p[4] ^ changed_id);
		n = 32;
	} else
		p[4] = (uint8_t)type;
	size = (uint64_t)((int64_t)size + size_off);
	for (i = 0; i < 8; i++)
		p[n - 8 + i] = (uint8_t)(size >> 8 * i);
	memcpy(p + n, quote.p, quote.len);
	if (behind.len > 0)
		memcpy(p + n + quote.len, behind.p, behind.len);
	return (struct atls_bytes){ p, n + quote.len + behind.len };
}

static void
oe_is(const char *what, struct atls_bytes oid, struct atls_bytes v,
    enum atls_rc rc, const char *where)
{
	struct cert_ext e = { oid, v, false };
	struct atls_ratls r;
	struct atls_err err;
	enum atls_rc got = read_of(&e, 1, &r, &err);

	T(got == rc, "%s: %s %s", what, atls_rc_name(got), err.where);
	T(where == NULL || (err.where != NULL && strcmp(err.where, where) ==
	    0), "%s: %s", what, err.where);
	if (rc == ATLS_OK && got == rc) {
		T(r.form == ATLS_RATLS_OE, "%s: form", what);
		is_bound(what, &r, pem);
	}
}

static void
test_oe(void)
{
	const struct atls_bytes reports[] = { ATLS_ARRAY(oe_report),
	    ATLS_ARRAY(oe_report_old) }, evidence[] = {
	    ATLS_ARRAY(oe_evidence), ATLS_ARRAY(oe_evidence_old) };
	struct atls_bytes none = { NULL, 0 }, less = pem, ev, bad;
	size_t i, siglen;

	less.len--;			/* without its NUL */
	for (i = 0; i < 2; i++) {
		oe_is("report", reports[i], oe(1, 2, 0, false, none), ATLS_OK,
		    NULL);
		oe_is("evidence", evidence[i], oe(3, 0, 0, false, pem),
		    ATLS_OK, NULL);
		oe_is("a local report", reports[i], oe(1, 1, 0, false, none),
		    ATLS_E_FORMAT, "ratls.oe");
		oe_is("report, long", reports[i], oe(1, 2, -1, false, none),
		    ATLS_E_FORMAT, "ratls.oe");
		oe_is("report, short", reports[i], oe(1, 2, 1, false, none),
		    ATLS_E_FORMAT, "ratls.oe");
		oe_is("evidence, long", evidence[i], oe(3, 0, -1, false,
		    pem), ATLS_E_FORMAT, "ratls.oe");
		oe_is("evidence, short", evidence[i], oe(3, 0, 1, false,
		    pem), ATLS_E_FORMAT, "ratls.oe");
		oe_is("another format", evidence[i], oe(3, 0, 0, true, pem),
		    ATLS_E_FORMAT, "ratls.oe");
		oe_is("no claims", evidence[i], oe(3, 0, 0, false, none),
		    ATLS_E_BIND, "ratls.oe.claims");
		oe_is("the key without its NUL", evidence[i], oe(3, 0, 0,
		    false, less), ATLS_E_BIND, "ratls.oe.claims");
		oe_is("claims of another key", evidence[i], oe(3, 0, 0, false,
		    spki), ATLS_E_BIND, "ratls.oe.claims");
		oe_is("version 2", evidence[i], oe(2, 2, 0, false, none),
		    ATLS_E_UNKNOWN, "ratls.oe");
		oe_is("nothing", reports[i], none, ATLS_E_TRUNC, "ratls.oe");
	}
	/* the length of the signature, inside of the quote */
	ev = copy(oe(3, 0, 0, false, pem));
	for (i = 0; i < 32; i++) {
		bad = flip(ev, 8 * (32 + 432) + i);
		siglen = quote.len - 436;
		siglen ^= (size_t)1 << i;
		oe_is("a signature of another length", evidence[0], bad,
		    siglen > quote.len - 436 + pem.len ? ATLS_E_TRUNC :
		    ATLS_E_BIND, NULL);
		drop(bad);
	}
	for (i = 0; i < 32 + 436; i++) {
		bad = copy((struct atls_bytes){ ev.p, i });
		oe_is("prefix", evidence[0], bad, i < 32 ? ATLS_E_TRUNC :
		    ATLS_E_FORMAT, "ratls.oe");
		drop(bad);
	}
	drop(ev);
}

/* What counts of several, and that none is there twice. */
static void
test_several(void)
{
	const struct way right = { .what = "right" };
	struct atls_bytes d = copy(value(&right, claims(&right)));
	struct atls_bytes o = copy(oe(1, 2, 0, false,
	    (struct atls_bytes){ NULL, 0 }));
	static uint8_t room[ROOM];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct atls_ratls r;
	struct atls_err err;
	size_t i, k;

	b.p += 4;
	b.cap -= 4;
	T(atls_cmw_write(&b, ATLS_CMW_CBOR, "application/x-a", quote, 4) ==
	    ATLS_OK, "write");
	{
		const struct cert_ext e[] = {
			{ ATLS_ARRAY(oe_report), o, false },
			{ ATLS_ARRAY(gramine), quote, true },
			{ ATLS_ARRAY(cmw), element(room, 4, b.len), false },
			{ ATLS_ARRAY(dice), d, true },
			{ ATLS_ARRAY(other), d, false },
		};
		static const enum atls_ratls_form first[] = { ATLS_RATLS_OE,
		    ATLS_RATLS_GRAMINE, ATLS_RATLS_CMW, ATLS_RATLS_DICE,
		    ATLS_RATLS_DICE };
		struct cert_ext two[6];

		for (i = 0; i < NITEMS(e); i++)
			T(read_of(e, i + 1, &r, &err) == ATLS_OK && r.form ==
			    first[i], "%zu: %s", i, err.where);
		T(read_of(e + 4, 1, &r, &err) == ATLS_E_NONE, "none of ours");
		T(read_of(e, 0, &r, &err) == ATLS_E_NONE, "none");
		for (k = 0; k < 4; k++) {	/* one of them twice */
			memcpy(two, e, sizeof(e));
			two[5] = e[k];
			T(read_of(two, 6, &r, &err) == ATLS_E_FORMAT &&
			    strcmp(err.where, "ratls.twice") == 0 && r.form ==
			    ATLS_RATLS_NONE, "%zu twice: %s", k, err.where);
		}
		memcpy(two, e, sizeof(e));
		two[3].value.len--;		/* not that, then the next */
		T(read_of(two, 5, &r, &err) == ATLS_E_TRUNC,
		    "the first is broken: %s", err.where);
	}
	drop(d);
	drop(o);
}

/* Certificates in which RFC 9999 shows its extension. */
static struct atls_bytes
vector(const char *name)
{
	const char *dir = getenv("ATLS_VECTORS");
	static uint8_t room[ROOM];
	char path[1024];
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/cmw/%s", dir == NULL ?
	    "tests/vectors" : dir, name);
	if ((f = fopen(path, "rb")) != NULL) {
		n = fread(room, 1, sizeof(room), f);
		(void)fclose(f);
	}
	T(n > 0, "%s", path);
	return copy((struct atls_bytes){ room, n });
}

static void
test_vectors(void)
{
	static const char *const names[] = { "x509-cert+cbor-cmw.der",
	    "x509-cert+json-cmw.der" };
	struct atls_ratls r;
	struct atls_err err = { 0 };
	struct atls_bytes der;
	struct atls_cmw c;
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		der = vector(names[i]);
		T(atls_ratls_read(der, &r, &err) == ATLS_OK && r.form ==
		    ATLS_RATLS_CMW && r.binderlen == 32, "%s: %s %s",
		    names[i], err.where, err.detail);
		T(atls_cmw_parse(r.raw, &c, &err) == ATLS_OK && c.nrecord > 0,
		    "%s: %s", names[i], err.where);
		drop(der);
	}
}

/* The certificate around it. */
static void
test_check(void)
{
	struct cert_ext e = { ATLS_ARRAY(gramine), quote, false };
	EVP_PKEY *keys[] = { EVP_EC_gen("P-384"), EVP_RSA_gen(2048),
	    EVP_RSA_gen(1024), EVP_EC_gen("secp256k1") };
	static const enum atls_rc want[] = { ATLS_OK, ATLS_OK, ATLS_E_LIMIT,
	    ATLS_E_UNKNOWN };
	struct atls_err err = { 0 };
	struct atls_bytes der;
	struct atls_ratls r;
	size_t i;

	for (i = 0; i < NITEMS(keys); i++) {
		err = (struct atls_err){ .rc = ATLS_OK };
		der = cert_make(keys[i], &e, 1, NOW - 1, NOW + 1);
		T(atls_ratls_read(der, &r, NULL) == ATLS_OK, "key %zu", i);
		T(atls_ratls_check(der, NOW, &err) == want[i], "key %zu: %s",
		    i, err.where);
		T(want[i] == ATLS_OK || strcmp(err.where, "ratls.key") == 0,
		    "key %zu: %s", i, err.where);
		drop(der);
		EVP_PKEY_free(keys[i]);
	}
	der = cert_make(key, &e, 1, NOW, NOW);
	T(atls_ratls_check(der, NOW, NULL) == ATLS_OK &&
	    atls_ratls_check(der, NOW - 1, NULL) == ATLS_E_STALE &&
	    atls_ratls_check(der, NOW + 1, NULL) == ATLS_E_STALE, "times");
	drop(der);
	T(atls_ratls_check(spki, NOW, &err) != ATLS_OK, "no certificate");
	der = (struct atls_bytes){ calloc(1, ATLS_RATLS_MAX + 1),
	    ATLS_RATLS_MAX + 1 };
	T(atls_ratls_read(der, &r, &err) == ATLS_E_LIMIT, "size");
	drop(der);
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
	uint8_t rd[64] = { 1 }, *p = malloc(ROOM);
	struct atls_buf b = { p, ROOM, 0 };
	struct atls_sim_opts sim = { .now = NOW };
	struct atls_err err = { 0 };

	key = EVP_EC_gen("P-256");
	spki = cert_spki(key);
	pem = cert_spki_pem(key);
	T(atls_sim_quote(ATLS_KIND_SGX, &sim, ATLS_ARRAY(rd), &b, &err) ==
	    ATLS_OK, "%s", err.detail);
	quote = copy((struct atls_bytes){ p, b.len });
	free(p);
	test_dice();
	test_headers();
	test_cmw();
	test_gramine();
	test_oe();
	test_several();
	test_vectors();
	test_check();
	test_more();
	test_around();
	drop(quote);
	drop(spki);
	drop(pem);
	EVP_PKEY_free(key);
	return t_end("t_ratls_form");
}
