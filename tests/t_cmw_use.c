/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/cmw.h>

#include "../src/cmw/media.h"
#include "t.h"

#define STR(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

/* RFC 9193, 3: is it a Content-Type? */
static const struct {
	const char	*text;
	enum atls_rc	 rc;
} texts[] = {
	{ "a/b", ATLS_OK },
	{ "application/eat+cwt", ATLS_OK },
	{ "0a/9!#$&-^_.+z", ATLS_OK },
	{ "a/b;c=d", ATLS_OK }, { "a/b ; c=d", ATLS_OK },
	{ "a/b  ;  c=\"\"", ATLS_OK }, { "a/b;c=\"d e;=/\"", ATLS_OK },
	{ "a/b;c=\"\\\"\\\\\\ \"", ATLS_OK },
	{ "a/b;!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~", ATLS_OK },
	{ "a/b;c=d;e=f", ATLS_OK },
	{ "a/b;p1=1;p2=2;p3=3;p4=4;p5=5;p6=6;p7=7;p8=8", ATLS_OK },
	{ "a/b;p1=1;p2=2;p3=3;p4=4;p5=5;p6=6;p7=7;p8=8;p9=9", ATLS_E_LIMIT },
	{ "", ATLS_E_TRUNC }, { "a", ATLS_E_TRUNC }, { "a/", ATLS_E_TRUNC },
	{ "/b", ATLS_E_FORMAT }, { "a//b", ATLS_E_FORMAT },
	{ "a/b/c", ATLS_E_FORMAT }, { "*/*", ATLS_E_FORMAT },
	{ "+a/b", ATLS_E_FORMAT }, { "a/.b", ATLS_E_FORMAT },
	{ " a/b", ATLS_E_FORMAT }, { "a /b", ATLS_E_FORMAT },
	{ "a/b ", ATLS_E_TRUNC }, { "a/b;", ATLS_E_TRUNC },
	{ "a/b; ", ATLS_E_TRUNC }, { "a/b;c", ATLS_E_TRUNC },
	{ "a/b;c=", ATLS_E_TRUNC }, { "a/b;=d", ATLS_E_FORMAT },
	{ "a/b;c =d", ATLS_E_FORMAT }, { "a/b;c= d", ATLS_E_FORMAT },
	{ "a/b;c=d ", ATLS_E_TRUNC }, { "a/b;c=d;", ATLS_E_TRUNC },
	{ "a/b;;c=d", ATLS_E_FORMAT }, { "a/b,c/d", ATLS_E_FORMAT },
	{ "a/b\t;c=d", ATLS_E_FORMAT }, { "a/b;c=d:e", ATLS_E_FORMAT },
	{ "a/b;c=\"d", ATLS_E_TRUNC }, { "a/b;c=\"d\\", ATLS_E_TRUNC },
	{ "a/b;c=\"d\\\"", ATLS_E_TRUNC }, { "a/b;c=\"d\"e", ATLS_E_FORMAT },
	{ "a/b;c=\"\t\"", ATLS_E_FORMAT }, { "a/b;c=\"\\\t\"", ATLS_E_FORMAT },
	{ "a/b;c=\"\x7f\"", ATLS_E_FORMAT },
	{ "a/b;c=\"\\\x7f\"", ATLS_E_FORMAT },
	{ "a/b;c=\"\xc3\xa9\"", ATLS_E_FORMAT },
	{ "a/\xc3\xa9", ATLS_E_FORMAT },
	{ "a/b;c=1;c=1", ATLS_E_FORMAT }, { "a/b;c=1;d=2;C=1", ATLS_E_FORMAT },
};

static void
test_texts(void)
{
	char longest[ATLS_MEDIA_MAX + 2];
	struct media m;
	enum atls_rc rc;
	size_t i, len;
	uint8_t *p;

	for (i = 0; i < NITEMS(texts); i++) {
		len = strlen(texts[i].text);
		p = malloc(len + 1);
		if (p == NULL)
			abort();
		memcpy(p, texts[i].text, len);
		rc = media_parse((struct atls_bytes){ p, len }, &m);
		T(rc == texts[i].rc, "%s: %s", texts[i].text,
		    atls_rc_name(rc));
		T(rc == ATLS_OK || (m.n == 0 && m.type.len == 0), "left");
		free(p);
	}
	for (i = 127; i <= 128; i++) {
		memset(longest, 'x', sizeof(longest));
		longest[i] = '/';
		T((media_parse((struct atls_bytes){ (uint8_t *)longest, i + 2 },
		    &m) == ATLS_OK) == (i == 127), "type of %zu", i);
		longest[1] = '/';
		longest[i] = 'x';
		T((media_parse((struct atls_bytes){ (uint8_t *)longest, i + 2 },
		    &m) == ATLS_OK) == (i == 127), "subtype of %zu", i);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "a/b;c=", 6);
	for (i = ATLS_MEDIA_MAX; i <= ATLS_MEDIA_MAX + 1; i++)
		T((media_parse((struct atls_bytes){ (uint8_t *)longest, i },
		    &m) == ATLS_OK) == (i == ATLS_MEDIA_MAX), "%zu", i);
}

static const struct {
	const char	*a, *b;
	bool		 same;
} pairs[] = {
	{ "a/b", "a/b", true }, { "A/b", "a/B", true }, { "a/b", "a/c", false },
	{ "a/b", "b/b", false }, { "a/b", "a/bb", false },
	{ "a/b;c=d", "a/b ;  C=d", true }, { "a/b;c=d", "a/b;c=D", false },
	{ "a/b;c=d", "a/b", false }, { "a/b", "a/b;c=d", false },
	{ "a/b;c=d;e=f", "a/b;e=f;c=d", true },
	{ "a/b;c=d;e=f", "a/b;e=d;c=f", false },
	{ "a/b;c=d;e=f", "a/b;c=d;g=f", false },
	{ "a/b;c=d", "a/b;c=\"d\"", true },
	{ "a/b;c=\"d\"", "a/b;c=\"\\d\"", true },
	{ "a/b;c=\"\\\"\"", "a/b;c=\"\\\\\"", false },
	{ "a/b;c=\"\"", "a/b;c=d", false },
	{ "a/b;c=dd", "a/b;c=d", false }, { "a/b;c=d", "a/b;c=\"dd\"", false },
	{ "application/tdx-quote; version=1.0; "
	    "profile=\"https://trustedcomputinggroup.org/tdx/v1\"",
	    "Application/TDX-quote;profile="
	    "\"https://trustedcomputinggroup.org/tdx/v1\";Version=\"1.0\"",
	    true },
	{ "a/b", "a/b;", false }, { "a/b", "", false }, { "[/b", "[/b", false },
};

static struct atls_cmw_record
record(enum atls_cmw_form form, const char *type, unsigned format)
{
	return (struct atls_cmw_record){ .form = form, .type = STR(type),
	    .format = format };
}

static void
test_is(void)
{
	struct atls_cmw_record rec;
	size_t i;

	for (i = 0; i < NITEMS(pairs); i++) {
		rec = record(ATLS_CMW_CBOR, pairs[i].a, 0);
		T(atls_cmw_is(&rec, pairs[i].b) == pairs[i].same, "%s %s",
		    pairs[i].a, pairs[i].b);
	}
	rec = record(ATLS_CMW_JSON, "a\\/\\u0062;c=\\\"\\\\\\\"\\\"", 0);
	T(atls_cmw_is(&rec, "a/b;c=\"\\\"\""), "JSON escapes");
	rec.form = ATLS_CMW_CBOR;
	T(!atls_cmw_is(&rec, "a/b;c=\"\\\"\""), "CBOR has none");
	rec = record(ATLS_CMW_JSON, "a/b\\", 0);
	T(!atls_cmw_is(&rec, "a/b"), "not JSON");
}

/* IANA, "CoAP Content-Formats". */
static const struct {
	unsigned	 format;
	const char	*media;
} formats[] = {
	{ 60, "application/cbor" }, { 61, "application/cwt" },
	{ 263, "application/eat+cwt" }, { 264, "application/eat+jwt" },
	{ 265, "application/eat-bun+cbor" },
	{ 266, "application/eat-bun+json" },
	{ 267, "application/eat-ucs+cbor" },
	{ 268, "application/eat-ucs+json" },
	{ 273, "application/cmw+cbor" }, { 274, "application/cmw+json" },
	{ 275, "application/cmw+cose" }, { 276, "application/cmw+jws" },
	{ 601, "application/uccs+cbor" },
	{ 10003, "application/eat+cwt;"
	    "eat_profile=\"tag:psacertified.org,2023:psa#tfm\"" },
	{ 10004, "application/eat+cwt;"
	    "eat_profile=\"tag:psacertified.org,2019:psa#legacy\"" },
	{ 10005, "application/eat+cwt;"
	    "eat_profile=\"2.16.840.1.113741.1.16.1\"" },
	{ 10570, "application/toc+cbor" }, { 10571, "application/ce+cbor" },
	{ 10572, "application/toc+cbor;profile=2.16.840.1.113741.1.16.1" },
	{ 10573, "application/ce+cbor;profile=2.16.840.1.113741.1.16.1" },
};

static void
test_formats(void)
{
	struct atls_cmw_record rec = { .form = ATLS_CMW_TAG };
	unsigned i, k, n = 0;

	for (i = 0; i < NITEMS(formats); i++)
		for (k = 0; k < NITEMS(formats); k++) {
			rec.format = formats[i].format;
			T(atls_cmw_is(&rec, formats[k].media) == (i == k),
			    "%u %s", formats[i].format, formats[k].media);
		}
	for (i = 0; i <= 65535; i++)
		n += media_of_format(i) != NULL;
	T(n == NITEMS(formats), "%u formats", n);
	rec.format = 0;
	T(!atls_cmw_is(&rec, "text/plain") && !atls_cmw_is(&rec, ""), "none");
}

static void
test_value(void)
{
	struct atls_cmw_record rec = { .form = ATLS_CMW_CBOR };
	struct atls_buf none = { NULL, 0, 0 }, o;
	struct atls_bytes v;
	size_t cap;

	rec.value = STR("xyz");
	T(atls_cmw_value(&rec, &none, &v) == ATLS_OK && v.p == rec.value.p &&
	    v.len == 3, "CBOR: a view");
	rec.form = ATLS_CMW_JSON;
	rec.value = STR("I0faVQ");
	for (cap = 0; cap <= rec.value.len; cap++) {
		o = (struct atls_buf){ malloc(cap + 1), cap, 0 };
		if (cap < 4)
			T(atls_cmw_value(&rec, &o, &v) == ATLS_E_SPACE &&
			    v.len == 0 && o.len == 4, "cap %zu", cap);
		else
			T(atls_cmw_value(&rec, &o, &v) == ATLS_OK &&
			    v.len == 4 && v.p == o.p &&
			    memcmp(v.p, "\x23\x47\xda\x55", 4) == 0, "value");
		free(o.p);
	}
	o = (struct atls_buf){ (uint8_t[8]){ 0 }, 8, 0 };
	rec.value = STR("I0faVR");
	T(atls_cmw_value(&rec, &o, &v) == ATLS_E_FORMAT && v.len == 0,
	    "not canonical");
}

static const struct {
	const char	*what, *media, *value;
	size_t		 len;
	unsigned	 ind;
	const char	*cbor, *json;
	size_t		 cborlen;
} written[] = {
	{ "plain", "a/b", "\x01", 1, 0, "\x82\x63" "a/b\x41\x01",
	    "[\"a/b\",\"AQ\"]", 7 },
	{ "ind", "application/rim+cose", "\xd2\x84\x40\xa0\x44\xd9\x01\xf5\xa0"
	    "\x40", 10, 3, "\x83\x74" "application/rim+cose\x4a\xd2\x84\x40"
	    "\xa0\x44\xd9\x01\xf5\xa0\x40\x03",
	    "[\"application/rim+cose\",\"0oRAoETZAfWgQA\",3]", 34 },
	{ "quotes", "a/b; c=\"\\\"\"", "xyzt", 4, 31,
	    "\x83\x6b" "a/b; c=\"\\\"\"\x44xyzt\x18\x1f",
	    "[\"a/b; c=\\\"\\\\\\\"\\\"\",\"eHl6dA\",31]", 20 },
};

/* Written to exactly the room it needs, and to less; then read. */
static void
one_written(size_t i, enum atls_cmw_form form, const char *want, size_t len)
{
	struct atls_bytes in = { (const uint8_t *)written[i].value,
	    written[i].len }, v;
	uint8_t small[64];
	struct atls_buf o, s = { small, sizeof(small), 0 };
	struct atls_cmw c;
	size_t cap;
	enum atls_rc rc;

	for (cap = 0; cap <= len; cap++) {
		o = (struct atls_buf){ malloc(cap + 1), cap, 77 };
		rc = atls_cmw_write(&o, form, written[i].media, in,
		    written[i].ind);
		T(rc == (cap < len ? ATLS_E_SPACE : ATLS_OK) && o.len == len,
		    "%s, cap %zu: %s %zu", written[i].what, cap,
		    atls_rc_name(rc), o.len);
		if (cap == len) {
			T(memcmp(o.p, want, len) == 0, "%s: %.*s",
			    written[i].what, (int)len, (char *)o.p);
			T(atls_cmw_parse((struct atls_bytes){ o.p, len }, &c,
			    NULL) == ATLS_OK && c.nrecord == 1 &&
			    c.record[0].form == form && !c.is_collection &&
			    c.record[0].ind == written[i].ind &&
			    atls_cmw_is(&c.record[0], written[i].media) &&
			    atls_cmw_value(&c.record[0], &s, &v) == ATLS_OK &&
			    v.len == in.len && memcmp(v.p, in.p, in.len) == 0,
			    "%s: read", written[i].what);
		}
		free(o.p);
	}
}

static void
test_write(void)
{
	uint8_t p[64];
	struct atls_buf o = { p, sizeof(p), 77 };
	struct atls_bytes x = STR("x"), none = { NULL, 0 };
	size_t i;

	for (i = 0; i < NITEMS(written); i++) {
		one_written(i, ATLS_CMW_CBOR, written[i].cbor,
		    written[i].cborlen);
		one_written(i, ATLS_CMW_JSON, written[i].json,
		    strlen(written[i].json));
	}
	T(atls_cmw_write(&o, ATLS_CMW_TAG, "a/b", x, 0) == ATLS_E_ARG &&
	    o.len == 0, "no tags");
	T(atls_cmw_write(&o, (enum atls_cmw_form)0, "a/b", x, 0) == ATLS_E_ARG,
	    "no form");
	T(atls_cmw_write(&o, ATLS_CMW_CBOR, "ab", x, 0) == ATLS_E_ARG &&
	    atls_cmw_write(&o, ATLS_CMW_JSON, "", x, 0) == ATLS_E_ARG, "type");
	T(atls_cmw_write(&o, ATLS_CMW_CBOR, "a/b", x, 32) == ATLS_E_ARG &&
	    atls_cmw_write(&o, ATLS_CMW_JSON, "a/b", x, 32) == ATLS_E_ARG,
	    "ind 32");
	T(atls_cmw_write(&o, ATLS_CMW_CBOR, "a/b", none, 0) == ATLS_OK &&
	    atls_cmw_write(&o, ATLS_CMW_JSON, "a/b", none, 0) == ATLS_E_ARG,
	    "empty");
}

/* What we would not read, we do not write. */
static void
test_write_size(void)
{
	static const struct {
		enum atls_cmw_form	form;
		size_t			value, len;
	} most[] = {
		{ ATLS_CMW_CBOR, ATLS_CMW_LONG - 10, ATLS_CMW_LONG },
		{ ATLS_CMW_JSON, 196599, 262142 },
	};
	uint8_t *in = calloc(1, ATLS_CMW_LONG + 1);
	uint8_t *out = malloc(2 * ATLS_CMW_LONG);
	struct atls_buf o = { out, 2 * ATLS_CMW_LONG, 0 };
	struct atls_bytes v = { in, 0 };
	struct atls_cmw c;
	size_t i;

	for (i = 0; in != NULL && out != NULL && i < NITEMS(most); i++) {
		v.len = most[i].value;
		T(atls_cmw_write(&o, most[i].form, "a/b", v, 0) == ATLS_OK &&
		    o.len == most[i].len, "%zu: %zu", v.len, o.len);
		T(atls_cmw_parse((struct atls_bytes){ out, o.len }, &c, NULL)
		    == ATLS_OK, "%zu: read", v.len);
		v.len += 3;
		T(atls_cmw_write(&o, most[i].form, "a/b", v, 0) ==
		    ATLS_E_LIMIT && o.len == 0, "%zu", v.len);
		v.len = SIZE_MAX;
		T(atls_cmw_write(&o, most[i].form, "a/b", v, 0) ==
		    ATLS_E_LIMIT && o.len == 0, "huge");
	}
	free(in);
	free(out);
}

int
main(void)
{
	test_texts();
	test_is();
	test_formats();
	test_value();
	test_write();
	test_write_size();
	return t_end("t_cmw_use");
}
