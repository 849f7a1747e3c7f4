/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>

#include "../src/codec/cbor.h"
#include "../src/codec/hex.h"
#include "cmw_cases.h"
#include "heap.h"
#include "t.h"

#define STR(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

static struct atls_bytes
input(const char *s)
{
	return *s == '[' || *s == '{' ? text(s) : hex(s);
}

static void
put(struct wr *w, const char *s)
{
	wr_bytes(w, STR(s));
}

static void
put_num(struct wr *w, unsigned n)
{
	char s[16];

	(void)snprintf(s, sizeof(s), "%u", n);
	put(w, s);
}

static void
put_record(struct wr *w, const struct atls_cmw_record *rec)
{
	uint8_t p[4096];
	struct atls_buf scratch = { p, sizeof(p), 0 };
	struct atls_bytes v;

	put(w, rec->form == ATLS_CMW_CBOR ? "C " :
	    rec->form == ATLS_CMW_JSON ? "J " : "T ");
	if (rec->type.len == 0) {
		put(w, "#");
		put_num(w, rec->format);
	} else
		wr_bytes(w, rec->type);
	put(w, " ");
	T(atls_cmw_value(rec, &scratch, &v) == ATLS_OK, "value");
	hex_put(w, v);
	put(w, " ");
	put_num(w, rec->ind);
	put(w, " ");
	if (rec->label.len == 0)
		put(w, "-");
	else if (rec->form == ATLS_CMW_JSON)
		wr_bytes(w, rec->label);
	else
		hex_put(w, rec->label);
	put(w, " ");
	put_num(w, rec->depth);
	put(w, ";");
}

/* What a message says, as in cmw_cases.h. */
static const char *
says(const struct atls_cmw *c)
{
	static uint8_t p[8192];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct wr w = wr_of(&o);
	size_t i;

	for (i = 0; i < c->nrecord; i++)
		put_record(&w, &c->record[i]);
	wr_bytes(&w, c->collection_type);
	wr_be(&w, 0, 1);
	if (wr_done(&w) != ATLS_OK)
		abort();
	return (const char *)p;
}

static bool
inside(struct atls_bytes in, struct atls_bytes v)
{
	return v.len == 0 ? v.p == NULL : v.p >= in.p && v.len <= in.len &&
	    (size_t)(v.p - in.p) <= in.len - v.len;
}

/* Every view lies in the input; after a failure nothing is left. */
static bool
sound(struct atls_bytes in, enum atls_rc rc, const struct atls_cmw *c,
    const struct atls_err *err)
{
	static const struct atls_cmw zero;
	size_t i;

	if (rc != ATLS_OK)
		return memcmp(c, &zero, sizeof(zero)) == 0 && err->rc == rc &&
		    err->where != NULL && err->offset <= in.len;
	if (c->nrecord == 0 || c->nrecord > ATLS_CMW_LEAVES || err->rc != 0)
		return false;
	for (i = 0; i < c->nrecord; i++)
		if (!inside(in, c->record[i].type) ||
		    !inside(in, c->record[i].value) ||
		    !inside(in, c->record[i].label))
			return false;
	return inside(in, c->collection_type);
}

static enum atls_rc
parse(struct atls_bytes in, struct atls_cmw *c, const char *what)
{
	struct atls_err err = { .rc = ATLS_OK };
	enum atls_rc rc;

	memset(c, 0xa5, sizeof(*c));
	rc = atls_cmw_parse(in, c, &err);
	T(sound(in, rc, c, &err), "%s: %s, %s: %s at %zu", what,
	    atls_rc_name(rc), err.where == NULL ? "?" : err.where, err.detail,
	    err.offset);
	return rc;
}

static void
every_prefix(const char *what, struct atls_bytes b)
{
	struct atls_cmw c;
	struct atls_bytes cut;
	size_t i;

	for (i = 0; i < b.len; i++) {
		cut = copy((struct atls_bytes){ b.p, i });
		T(parse(cut, &c, what) != ATLS_OK, "%s: cut at %zu", what, i);
		drop(cut);
	}
}

/*
 * A flipped bit is refused or changes what is said, be it only an octet of a
 * value or the case of a letter: nothing here protects those.
 */
static void
every_flip(const char *what, struct atls_bytes b, const char *said,
    unsigned idle)
{
	struct atls_bytes f = copy(b);
	uint8_t *p = (uint8_t *)(uintptr_t)f.p;
	struct atls_cmw c;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < 8 * b.len; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		if (parse(f, &c, what) == ATLS_OK &&
		    strcmp(says(&c), said) == 0)
			n++;
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	T(n == idle, "%s: %u bits are idle", what, n);
	drop(f);
}

static void
test_good(void)
{
	struct atls_cmw c;
	struct atls_bytes b;
	size_t i;

	for (i = 0; i < NITEMS(good); i++) {
		b = input(good[i].in);
		T(parse(b, &c, good[i].what) == ATLS_OK, "%s", good[i].what);
		T(strcmp(says(&c), good[i].says) == 0, "%s: %s", good[i].what,
		    says(&c));
		T(c.is_collection == (c.nrecord > 0 && c.record[0].depth > 0),
		    "%s", good[i].what);
		every_prefix(good[i].what, b);
		every_flip(good[i].what, b, good[i].says, good[i].idle);
		drop(b);
	}
}

static void
test_bad(void)
{
	struct atls_cmw c;
	struct atls_bytes b;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		b = input(bad[i].in);
		rc = parse(b, &c, bad[i].what);
		T(rc == bad[i].rc, "%s: %s", bad[i].what, atls_rc_name(rc));
		drop(b);
	}
}

static void
test_types(void)
{
	uint8_t p[256];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_cmw c;
	struct atls_bytes b;
	struct wr w;
	char json[256];
	bool utf8;
	size_t i;

	for (i = 0; i < NITEMS(types); i++) {
		w = wr_of(&o);
		cbor_put_map(&w, 2);
		cbor_put_text(&w, "__cmwc_t");
		cbor_put_text(&w, types[i].text);
		wr_bytes(&w, (struct atls_bytes){
		    (const uint8_t *)"\x01\x82\x00\x41\x01", 5 });
		utf8 = wr_done(&w) == ATLS_OK;
		b = copy((struct atls_bytes){ p, o.len });
		T(utf8 && (parse(b, &c, types[i].text) == ATLS_OK) ==
		    types[i].ok, "%s", types[i].text);
		drop(b);
		(void)snprintf(json, sizeof(json),
		    "{\"__cmwc_t\":\"%s\",\"a\":[\"a/b\",\"AQ\"]}",
		    types[i].text);
		b = text(json);
		T((parse(b, &c, types[i].text) == ATLS_OK) == types[i].ok,
		    "J: %s", types[i].text);
		drop(b);
	}
}

/* n entries of a collection of `per` records each, or of one if per is 0. */
static struct atls_bytes
entries(bool json, unsigned n, unsigned per)
{
	static uint8_t p[8192];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct wr w = wr_of(&o);
	char key[32];
	unsigned i, k;

	if (json)
		put(&w, "{\"__cmwc_t\":\"1.2\"");
	else {
		cbor_put_map(&w, n + 1);
		cbor_put_text(&w, "__cmwc_t");
		cbor_put_text(&w, "1.2");
	}
	for (i = 0; i < n; i++) {
		(void)snprintf(key, sizeof(key), ",\"%u\":", i);
		if (json)
			put(&w, key);
		else
			cbor_put_uint(&w, i);
		if (per > 0 && json)
			put(&w, "{");
		else if (per > 0)
			cbor_put_map(&w, per);
		for (k = 0; k < (per > 0 ? per : 1); k++) {
			(void)snprintf(key, sizeof(key), "%s\"%u\":",
			    k > 0 ? "," : "", k);
			if (json) {
				put(&w, per > 0 ? key : "");
				put(&w, "[\"a/b\",\"AQ\"]");
				continue;
			}
			if (per > 0)
				cbor_put_uint(&w, k);
			cbor_put_array(&w, 2);
			cbor_put_uint(&w, 0);
			cbor_put_bstr(&w, STR("x"));
		}
		put(&w, per > 0 && json ? "}" : "");
	}
	put(&w, json ? "}" : "");
	if (wr_done(&w) != ATLS_OK)
		abort();
	return copy((struct atls_bytes){ p, o.len });
}

static void
test_limits(void)
{
	static const struct {
		unsigned	 n, per;
		enum atls_rc	 rc;
	} rows[] = {
		{ ATLS_CMW_ENTRIES, 0, ATLS_OK },
		{ ATLS_CMW_ENTRIES + 1, 0, ATLS_E_LIMIT },
		{ 2, ATLS_CMW_LEAVES / 2, ATLS_OK },
		{ 3, ATLS_CMW_LEAVES / 2, ATLS_E_LIMIT },
		{ ATLS_CMW_ENTRIES, 2, ATLS_OK },
		{ ATLS_CMW_ENTRIES, 3, ATLS_E_LIMIT },
		{ 1, ATLS_CMW_ENTRIES + 1, ATLS_E_LIMIT },
	};
	struct atls_cmw c;
	struct atls_bytes b;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < 2 * NITEMS(rows); i++) {
		b = entries(i % 2 == 1, rows[i / 2].n, rows[i / 2].per);
		rc = parse(b, &c, "limits");
		T(rc == rows[i / 2].rc, "%u of %u: %s", rows[i / 2].n,
		    rows[i / 2].per, atls_rc_name(rc));
		drop(b);
	}
}

/* The longest message and one more octet, of a value and of white space. */
static void
test_size(void)
{
	uint8_t *p = malloc(ATLS_CMW_LONG + 1);
	struct atls_buf o = { p, ATLS_CMW_LONG + 1, 0 };
	struct atls_cmw c;
	struct wr w;
	size_t n;

	for (n = ATLS_CMW_LONG - 1; p != NULL && n <= ATLS_CMW_LONG + 1; n++) {
		w = wr_of(&o);
		cbor_put_array(&w, 2);
		cbor_put_uint(&w, 0);
		cbor_put_head(&w, CBOR_BSTR, n - 7);
		wr_zeros(&w, n - 7);
		T(wr_done(&w) == ATLS_OK && o.len == n, "%zu", o.len);
		T(parse((struct atls_bytes){ p, n }, &c, "size") ==
		    (n > ATLS_CMW_LONG ? ATLS_E_LIMIT : ATLS_OK), "%zu", n);
		memset(p, ' ', n);
		memcpy(p, "[\"a/b\",\"AQ\"]", 12);
		T(parse((struct atls_bytes){ p, n }, &c, "JSON size") ==
		    (n > ATLS_CMW_LONG ? ATLS_E_LIMIT : ATLS_OK), "%zu", n);
	}
	free(p);
}

static struct atls_bytes
file_read(const char *dir, const char *name)
{
	static uint8_t p[4096];
	char path[512];
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/cmw/%s", dir, name);
	f = fopen(path, "rb");
	T(f != NULL, "%s", path);
	if (f != NULL) {
		n = fread(p, 1, sizeof(p), f);
		(void)fclose(f);
	}
	return copy((struct atls_bytes){ p, n });
}

/* RFC 9999, 4.4: CHOICE { json UTF8String, cbor OCTET STRING }. */
static struct atls_bytes
extension(struct atls_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.35", 1);
	int at = x == NULL ? -1 : X509_get_ext_by_OBJ(x, oid, -1);
	struct atls_bytes b = { NULL, 0 };
	ASN1_OCTET_STRING *s;
	ASN1_TYPE *t = NULL;

	if (at >= 0) {
		s = X509_EXTENSION_get_data(X509_get_ext(x, at));
		p = ASN1_STRING_get0_data(s);
		t = d2i_ASN1_TYPE(NULL, &p, ASN1_STRING_length(s));
	}
	T(t != NULL && (t->type == V_ASN1_OCTET_STRING ||
	    t->type == V_ASN1_UTF8STRING), "extension");
	if (t != NULL)
		b = (struct atls_bytes){
		    ASN1_STRING_get0_data(t->value.asn1_string),
		    (size_t)ASN1_STRING_length(t->value.asn1_string) };
	b = copy(b);
	ASN1_TYPE_free(t);
	ASN1_OBJECT_free(oid);
	X509_free(x);
	return b;
}

static const struct {
	const char	*file, *says;
} files[] = {
	{ "collection-cbor-mixed-keys.cbor",
	    "C #0 ff 0 66737472696e67 1;T #0 aa 0 190400 1;" },
	{ "collection-cbor-ok.cbor",
	    "C application/signed-corim+cbor d28443a10126a1 3 01 1;"
	    "T #29884 2347da55 0 02 1;C #30001 2347da55 0 6173 1;" },
	{ "collection-cbor-ok-2.cbor", "C application/vnd.1 deadbeef 0 01 1;" },
	{ "collection-ok.json",
	    "J application/vnd.a 61 0 a 1;J application/vnd.b 62 0 b 1;" },
	{ "x509-cert+cbor-cmw.der",
	    "C application/rim+cose d28443a10126a1 3 01 1;"
	    "T #29884 2347da55 0 02 1;C #30001 2347da55 0 6173 1;" },
	{ "x509-cert+json-cmw.der",
	    "J application/vnd.a 61 0 a 1;J application/vnd.b 62 0 b 1;" },
};

static void
test_files(const char *dir)
{
	struct atls_bytes b, x;
	struct atls_cmw c;
	size_t i;

	for (i = 0; i < NITEMS(files); i++) {
		b = file_read(dir, files[i].file);
		if (strstr(files[i].file, ".der") != NULL) {
			x = extension(b);
			drop(b);
			b = x;
		}
		T(parse(b, &c, files[i].file) == ATLS_OK, "%s",
		    files[i].file);
		T(strcmp(says(&c), files[i].says) == 0, "%s: %s",
		    files[i].file, says(&c));
		while (b.len > 0 && b.p[b.len - 1] == '\n')
			b.len--;	/* JSON ends in front of it too */
		every_prefix(files[i].file, b);
		every_flip(files[i].file, b, files[i].says, 0);
		drop(b);
	}
}

int
main(void)
{
	const char *dir = getenv("ATLS_VECTORS");

	test_good();
	test_bad();
	test_types();
	test_limits();
	test_size();
	test_files(dir == NULL ? "tests/vectors" : dir);
	return t_end("t_cmw");
}
