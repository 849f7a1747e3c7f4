/* SPDX-License-Identifier: Apache-2.0 */
#include "../src/codec/b64.h"
#include "../src/codec/hex.h"
#include "../src/codec/json.h"
#include "../src/codec/utf8.h"
#include "heap.h"
#include "t.h"

#define STR(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

static bool
is(const struct atls_buf *o, const char *s, size_t n)
{
	return o->len == n && (n == 0 || memcmp(o->p, s, n) == 0);
}

static const struct {
	const char	*what, *in;
	size_t		 len;
	bool		 ok;
} utf8s[] = {
	{ "empty",		"", 0, true },
	{ "NUL",		"\0", 1, true },
	{ "U+7F",		"\x7f", 1, true },
	{ "U+80",		"\xc2\x80", 2, true },
	{ "U+7FF",		"\xdf\xbf", 2, true },
	{ "U+800",		"\xe0\xa0\x80", 3, true },
	{ "U+D7FF",		"\xed\x9f\xbf", 3, true },
	{ "U+E000",		"\xee\x80\x80", 3, true },
	{ "U+FFFF",		"\xef\xbf\xbf", 3, true },
	{ "U+10000",		"\xf0\x90\x80\x80", 4, true },
	{ "U+10FFFF",		"\xf4\x8f\xbf\xbf", 4, true },
	{ "U+110000",		"\xf4\x90\x80\x80", 4, false },
	{ "U+D800",		"\xed\xa0\x80", 3, false },
	{ "U+DFFF",		"\xed\xbf\xbf", 3, false },
	{ "/ in two",		"\xc0\xaf", 2, false },
	{ "U+7F in two",	"\xc1\xbf", 2, false },
	{ "U+7FF in three",	"\xe0\x9f\xbf", 3, false },
	{ "U+FFFF in four",	"\xf0\x8f\xbf\xbf", 4, false },
	{ "five octets",	"\xf8\x88\x80\x80\x80", 5, false },
	{ "f8 first",		"\xf8\x90\x80\x80", 4, false },
	{ "tail alone",		"\x80", 1, false },
	{ "tail missing",	"\xc2", 1, false },
	{ "tail wrong",		"\xc2\x41", 2, false },
	{ "second tail wrong",	"\xe2\x82\xc0", 3, false },
	{ "ff",			"\xff", 1, false },
};

static void
test_utf8(void)
{
	uint8_t p[4];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_bytes b;
	struct rd r;
	struct wr w;
	uint32_t c;
	size_t i;

	for (i = 0; i < NITEMS(utf8s); i++) {
		b = copy((struct atls_bytes){
		    (const uint8_t *)utf8s[i].in, utf8s[i].len });
		T(utf8_ok(b) == utf8s[i].ok, "%s", utf8s[i].what);
		drop(b);
	}
	for (c = 0; c <= 0x110000; c++) {
		bool ok = c < 0xd800 || (c > 0xdfff && c < 0x110000);

		w = wr_of(&o);
		utf8_put(&w, c);
		if (wr_done(&w) != (ok ? ATLS_OK : ATLS_E_ARG)) {
			T(false, "U+%X", (unsigned)c);
			continue;
		}
		r = rd_of((struct atls_bytes){ p, o.len });
		if (ok && (utf8_get(&r) != c || rd_done(&r) != ATLS_OK))
			T(false, "U+%X again", (unsigned)c);
	}
}

static const struct {		/* RFC 4648, 10, without padding; and our own */
	const char	*octets, *text;
} b64s[] = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_" },
};

static void
test_b64(void)
{
	static const char *const bad[] = {
		"Z", "Zm9vY", "Zg==", "Zm8=", "+/+/", "Zm9v\n", " Zm9v", "Zm 8",
		"Zh", "Zm9", "Z\xc3\xa9", "====", "Zm9v.Zm",
	};
	uint8_t p[32];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_bytes b;
	struct wr w;
	size_t i;

	for (i = 0; i < NITEMS(b64s); i++) {
		w = wr_of(&o);
		b64_put(&w, STR(b64s[i].octets));
		T(wr_done(&w) == ATLS_OK && is(&o, b64s[i].text,
		    strlen(b64s[i].text)), "put %s", b64s[i].text);
		w = wr_of(&o);
		b64_get(&w, STR(b64s[i].text));
		T(wr_done(&w) == ATLS_OK && is(&o, b64s[i].octets,
		    strlen(b64s[i].octets)), "get %s", b64s[i].text);
	}
	for (i = 0; i < NITEMS(bad); i++) {
		b = text(bad[i]);
		w = wr_of(&o);
		b64_get(&w, b);
		T(wr_done(&w) == ATLS_E_FORMAT && o.len == 0 && !b64_ok(b),
		    "bad %s", bad[i]);
		drop(b);
	}
	for (i = 0; i < 4; i++) {
		o.cap = i;
		w = wr_of(&o);
		b64_get(&w, STR("Zm9vYg"));
		T(wr_done(&w) == ATLS_E_SPACE && o.len == 4, "cap %zu", i);
		w = wr_of(&o);
		b64_put(&w, STR("fo"));
		T(i == 3 ? wr_done(&w) == ATLS_OK : wr_done(&w) == ATLS_E_SPACE,
		    "put, cap %zu", i);
	}
}

/* All texts of two and three octets: each octet string has one text. */
static void
test_b64_all(void)
{
	uint8_t t[4], p[4], q[4];
	struct atls_buf o = { p, sizeof(p), 0 }, e = { q, sizeof(q), 0 };
	struct wr w;
	size_t n, good;
	uint32_t i;

	for (n = 2; n <= 3; n++) {
		good = 0;
		for (i = 0; i < 1U << (8 * n); i++) {
			t[0] = (uint8_t)(i & 255);
			t[1] = (uint8_t)(i >> 8 & 255);
			t[2] = (uint8_t)(i >> 16 & 255);
			w = wr_of(&o);
			b64_get(&w, (struct atls_bytes){ t, n });
			if (wr_done(&w) != ATLS_OK)
				continue;
			good++;
			w = wr_of(&e);
			b64_put(&w, (struct atls_bytes){ p, o.len });
			if (wr_done(&w) != ATLS_OK || e.len != n ||
			    memcmp(q, t, n) != 0)
				T(false, "%06x", (unsigned)i);
		}
		T(good == (n == 2 ? 256 : 65536), "%zu of %zu", good, n);
	}
}

static void
test_hex(void)
{
	static const uint8_t all[] = { 0x00, 0x09, 0xaf, 0xff, 0x10 };
	uint8_t p[16], t[2];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_bytes b;
	struct wr w = wr_of(&o);
	unsigned i, good = 0;

	hex_put(&w, ATLS_ARRAY(all));
	T(wr_done(&w) == ATLS_OK && is(&o, "0009afff10", 10), "put");
	w = wr_of(&o);
	hex_get(&w, STR("0009AfFf10"));
	T(wr_done(&w) == ATLS_OK && is(&o, (const char *)all, sizeof(all)),
	    "get");
	for (i = 0; i < 65536; i++) {
		t[0] = (uint8_t)(i >> 8);
		t[1] = (uint8_t)(i & 255);
		w = wr_of(&o);
		hex_get(&w, ATLS_ARRAY(t));
		if (wr_done(&w) == ATLS_OK)
			good++;
	}
	T(good == 22 * 22, "%u pairs", good);
	b = text("abc");
	w = wr_of(&o);
	hex_get(&w, b);
	T(wr_done(&w) == ATLS_E_FORMAT && o.len == 0, "odd");
	drop(b);
	w = wr_of(&o);
	hex_get(&w, STR(""));
	T(wr_done(&w) == ATLS_OK && o.len == 0, "empty");
}

/* A string with its quotes; text is what it says. */
static const struct {
	const char	*what, *in;
	enum atls_rc	 rc;
	const char	*text;
} strings[] = {
	{ "empty", "\"\"", ATLS_OK, "" },
	{ "plain", "\"abc\"", ATLS_OK, "abc" },
	{ "UTF-8", "\"\xe2\x82\xac\"", ATLS_OK, "\xe2\x82\xac" },
	{ "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", ATLS_OK,
	    "\"\\/\b\f\n\r\t" },
	{ "hex", "\"\\u005f\\u20AC\\u00e9\"", ATLS_OK,
	    "_\xe2\x82\xac\xc3\xa9" },
	{ "pair", "\"\\ud83d\\ude00\"", ATLS_OK, "\xf0\x9f\x98\x80" },
	{ "last pair", "\"\\udbff\\udfff\"", ATLS_OK, "\xf4\x8f\xbf\xbf" },
	{ "high alone", "\"\\ud83d\"", ATLS_E_FORMAT, NULL },
	{ "first high alone", "\"\\ud800\"", ATLS_E_FORMAT, NULL },
	{ "last low alone", "\"\\udfff\"", ATLS_E_FORMAT, NULL },
	{ "before and behind", "\"\\ud7ff\\ue000\"", ATLS_OK,
	    "\xed\x9f\xbf\xee\x80\x80" },
	{ "high, over low", "\"\\ud83d\\ue000\"", ATLS_E_FORMAT, NULL },
	{ "high, no u", "\"\\ud83d\\nde00\"", ATLS_E_FORMAT, NULL },
	{ "high, high", "\"\\ud83d\\ud83d\"", ATLS_E_FORMAT, NULL },
	{ "high, other", "\"\\ud83d\\u0041\"", ATLS_E_FORMAT, NULL },
	{ "low alone", "\"\\ude00\"", ATLS_E_FORMAT, NULL },
	{ "low, low", "\"\\ude00\\ude00\"", ATLS_E_FORMAT, NULL },
	{ "no such escape", "\"\\x41\"", ATLS_E_FORMAT, NULL },
	{ "three digits", "\"\\u005\"", ATLS_E_FORMAT, NULL },
	{ "no hex", "\"\\u00g0\"", ATLS_E_FORMAT, NULL },
	{ "line feed", "\"\n\"", ATLS_E_FORMAT, NULL },
	{ "U+1F", "\"\x1f\"", ATLS_E_FORMAT, NULL },
	{ "U+7F", "\"\x7f\"", ATLS_OK, "\x7f" },
	{ "not UTF-8", "\"\xff\"", ATLS_E_FORMAT, NULL },
	{ "overlong quote", "\"\xc0\xa2\"", ATLS_E_FORMAT, NULL },
	{ "no end", "\"abc", ATLS_E_TRUNC, NULL },
	{ "no end, escape", "\"abc\\\"", ATLS_E_TRUNC, NULL },
	{ "no end, backslash", "\"abc\\", ATLS_E_TRUNC, NULL },
	{ "no begin", "abc\"", ATLS_E_FORMAT, NULL },
	{ "single quotes", "'abc'", ATLS_E_FORMAT, NULL },
	{ "more", "\"abc\"d", ATLS_E_TRAIL, NULL },
	{ "nothing", "", ATLS_E_TRUNC, NULL },
};

static void
test_strings(void)
{
	uint8_t p[64];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_bytes b, raw;
	struct rd r;
	struct wr w;
	size_t i;

	for (i = 0; i < NITEMS(strings); i++) {
		b = text(strings[i].in);
		r = rd_of(b);
		raw = json_str(&r);
		T(rd_done(&r) == strings[i].rc, "%s: %s", strings[i].what,
		    atls_rc_name(rd_done(&r)));
		if (strings[i].rc == ATLS_OK) {
			T(json_str_is(raw, strings[i].text), "%s",
			    strings[i].what);
			w = wr_of(&o);
			json_text(&w, raw);
			T(wr_done(&w) == ATLS_OK && is(&o, strings[i].text,
			    strlen(strings[i].text)), "%s", strings[i].what);
			w = wr_of(&o);
			json_put_str(&w, STR(strings[i].text));
			T(wr_done(&w) == ATLS_OK, "%s", strings[i].what);
			r = rd_of((struct atls_bytes){ p, o.len });
			T(json_str_eq(json_str(&r), raw) &&
			    rd_done(&r) == ATLS_OK, "%s again",
			    strings[i].what);
		}
		drop(b);
	}
}

static void
test_compare(void)
{
	static const uint8_t nul[] = { 'a', 0, 0x1f };
	uint8_t p[32];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct wr w;

	T(json_str_is(STR("\\u005f_cmwc_t"), "__cmwc_t"), "escaped");
	T(!json_str_is(STR("__cmwc_t\\u0000"), "__cmwc_t"), "NUL behind");
	T(!json_str_is(STR("__cmwc_"), "__cmwc_t"), "shorter");
	T(!json_str_is(STR("__cmwc_tt"), "__cmwc_t"), "longer");
	T(!json_str_is(STR("__cmwc_T"), "__cmwc_t"), "case");
	T(!json_str_is(STR(""), "a") && json_str_is(STR(""), ""), "empty");
	T(json_str_eq(STR("\\/\\u0041"), STR("/A")), "two spellings");
	T(!json_str_eq(STR("ab"), STR("a")), "longer");
	T(!json_str_eq(STR("a"), STR("ab")), "shorter");
	T(!json_str_eq(STR("a\\u0000"), STR("a")), "NUL");
	T(!json_str_eq(STR("\\u0100"), STR("\\u0001")), "high octets");
	w = wr_of(&o);
	json_put_str(&w, ATLS_ARRAY(nul));
	T(wr_done(&w) == ATLS_OK && is(&o, "\"a\\u0000\\u001f\"", 15),
	    "%.*s", (int)o.len, (char *)p);
	w = wr_of(&o);
	json_put_str(&w, STR("\xff"));
	T(wr_done(&w) == ATLS_E_ARG, "not UTF-8");
	w = wr_of(&o);
	json_text(&w, STR("a\\"));
	T(wr_done(&w) == ATLS_E_TRUNC && o.len == 0, "unchecked raw");
}

/* Arrays of numbers and objects of arrays: the sum of what is in them. */
static uint64_t
sum(struct rd *r)
{
	struct json_list l;
	struct atls_bytes name;
	uint64_t n = 0;

	switch (json_peek(*r)) {
	case JSON_ARRAY:
		l = json_array(r);
		while (json_next(r, &l))
			n += json_uint(r);
		return n;
	case JSON_OBJECT:
		l = json_object(r);
		while (json_member(r, &l, &name))
			n += json_str_is(name, "no") ? 0 : sum(r);
		return n;
	case JSON_STRING:
		return json_str(r).len;
	case JSON_NUMBER:
	case JSON_OTHER:
	case JSON_END:
		break;
	}
	return json_uint(r);
}

static const struct {
	const char	*in;
	enum atls_rc	 rc;
	uint64_t	 sum;
} values[] = {
	{ "0", ATLS_OK, 0 },
	{ "18446744073709551615", ATLS_OK, UINT64_MAX },
	{ "18446744073709551616", ATLS_E_LIMIT, 0 },
	{ "99999999999999999999999", ATLS_E_LIMIT, 0 },
	{ "00", ATLS_E_TRAIL, 0 }, { "01", ATLS_E_TRAIL, 0 },
	{ "-1", ATLS_E_FORMAT, 0 }, { "+1", ATLS_E_FORMAT, 0 },
	{ "1.0", ATLS_E_TRAIL, 1 }, { "1e0", ATLS_E_TRAIL, 1 },
	{ "[]", ATLS_OK, 0 }, { "[ ]", ATLS_OK, 0 },
	{ "[1,20]", ATLS_OK, 21 }, { "[\t1 \r\n, 20 ]", ATLS_OK, 21 },
	{ "[1", ATLS_E_TRUNC, 1 }, { "[", ATLS_E_TRUNC, 0 },
	{ "[1,", ATLS_E_TRUNC, 1 }, { "[1,]", ATLS_E_FORMAT, 1 },
	{ "[,1]", ATLS_E_FORMAT, 0 }, { "[1,,2]", ATLS_E_FORMAT, 1 },
	{ "[1 2]", ATLS_E_FORMAT, 1 }, { "[1}", ATLS_E_FORMAT, 1 },
	{ "[01]", ATLS_E_FORMAT, 0 }, { "[1.0]", ATLS_E_FORMAT, 1 },
	{ "[1\v]", ATLS_E_FORMAT, 1 }, { "[1]]", ATLS_E_TRAIL, 1 },
	{ "[1] ", ATLS_E_TRAIL, 1 }, { " [1]", ATLS_E_FORMAT, 0 },
	{ "{}", ATLS_OK, 0 }, { "{ }", ATLS_OK, 0 },
	{ "{\"a\":1}", ATLS_OK, 1 },
	{ "{ \"a\" : [1,2] , \"b\" : {\"c\":\"xyz\"} }", ATLS_OK, 6 },
	{ "{\"a\":1,}", ATLS_E_FORMAT, 1 }, { "{\"a\":}", ATLS_E_FORMAT, 0 },
	{ "{\"a\"}", ATLS_E_FORMAT, 0 }, { "{\"a\",1}", ATLS_E_FORMAT, 0 },
	{ "{a:1}", ATLS_E_FORMAT, 0 }, { "{1:1}", ATLS_E_FORMAT, 0 },
	{ "{\"a\":1 \"b\":2}", ATLS_E_FORMAT, 1 },
	{ "{\"a\":1]", ATLS_E_FORMAT, 1 }, { "{\"a\":1", ATLS_E_TRUNC, 1 },
	{ "{\"a\"", ATLS_E_TRUNC, 0 }, { "{\"a\":", ATLS_E_TRUNC, 0 },
	{ "{\"no\"}", ATLS_E_FORMAT, 0 }, { "{\"no\":1}", ATLS_E_FORMAT, 0 },
	{ "null", ATLS_E_FORMAT, 0 }, { "true", ATLS_E_FORMAT, 0 },
	{ "//", ATLS_E_FORMAT, 0 }, { "[1/**/]", ATLS_E_FORMAT, 1 },
	{ "\xef\xbb\xbf[]", ATLS_E_FORMAT, 0 }, { "", ATLS_E_TRUNC, 0 },
};

static void
test_values(void)
{
	struct atls_bytes b;
	struct rd r;
	uint64_t n;
	size_t i;

	for (i = 0; i < NITEMS(values); i++) {
		b = text(values[i].in);
		r = rd_of(b);
		n = sum(&r);
		T(rd_done(&r) == values[i].rc && n == values[i].sum,
		    "%s: %s %llu", values[i].in, atls_rc_name(rd_done(&r)),
		    (unsigned long long)n);
		drop(b);
	}
}

/* Asked again behind the end, a list says the same and takes nothing. */
static void
test_ended(void)
{
	struct rd r = rd_of(STR("[]]"));
	struct json_list l = json_array(&r);

	T(!json_next(&r, &l) && r.left == 1, "end");
	T(!json_next(&r, &l) && r.left == 1 && r.rc == ATLS_OK, "end, again");
}

int
main(void)
{
	test_utf8();
	test_b64();
	test_b64_all();
	test_hex();
	test_strings();
	test_compare();
	test_values();
	test_ended();
	return t_end("t_text");
}
