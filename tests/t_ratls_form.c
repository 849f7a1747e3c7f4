/* SPDX-License-Identifier: Apache-2.0 */
/* Each form of evidence in certificates: right, and wrong in each way. */
#include <openssl/rsa.h>

#include <atls/cmw.h>

#include "ratls_use.h"

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

int
main(void)
{
	struct atls_err err = { 0 };

	T(ratls_begin(&err) == ATLS_OK, "%s", err.detail);
	test_cmw();
	test_gramine();
	test_oe();
	test_several();
	test_vectors();
	test_check();
	ratls_end();
	return t_end("t_ratls_form");
}
