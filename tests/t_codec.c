/* SPDX-License-Identifier: Apache-2.0 */
#include "../src/codec/cbor.h"
#include "../src/codec/hex.h"
#include "heap.h"
#include "t.h"

#define STR(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })
#define LIT(s)	((struct atls_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

static bool
eq(struct atls_bytes a, struct atls_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* One item read by one function, u the value, in hex or as number. */
static const struct {
	const char	*what, *in;
	int		 type;
	enum atls_rc	 rc;
	uint64_t	 u;
} items[] = {
	{ "0",			"00", CBOR_UINT, ATLS_OK, 0 },
	{ "23",			"17", CBOR_UINT, ATLS_OK, 23 },
	{ "24",			"1818", CBOR_UINT, ATLS_OK, 24 },
	{ "23 in two",		"1817", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "255",		"18ff", CBOR_UINT, ATLS_OK, 255 },
	{ "255 in three",	"1900ff", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "256",		"190100", CBOR_UINT, ATLS_OK, 256 },
	{ "65535 in five",	"1a0000ffff", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "65536",		"1a00010000", CBOR_UINT, ATLS_OK, 65536 },
	{ "2^32-1 in nine",	"1b00000000ffffffff", CBOR_UINT,
	    ATLS_E_FORMAT, 0 },
	{ "2^32",		"1b0000000100000000", CBOR_UINT, ATLS_OK,
	    0x100000000 },
	{ "2^64-1",		"1bffffffffffffffff", CBOR_UINT, ATLS_OK,
	    UINT64_MAX },
	{ "one more octet",	"0000", CBOR_UINT, ATLS_E_TRAIL, 0 },
	{ "nothing",		"", CBOR_UINT, ATLS_E_TRUNC, 0 },
	{ "info 28",		"1c", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "uint, no end",	"1f", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "nint as uint",	"20", CBOR_UINT, ATLS_E_FORMAT, 0 },
	{ "-1",			"20", CBOR_NINT, ATLS_OK, 0 },
	{ "-2^64",		"3bffffffffffffffff", CBOR_NINT, ATLS_OK,
	    UINT64_MAX },
	{ "uint as nint",	"00", CBOR_NINT, ATLS_E_FORMAT, 0 },
	{ "empty bstr",		"40", CBOR_BSTR, ATLS_OK, 0 },
	{ "bstr",		"4401020304", CBOR_BSTR, ATLS_OK, 4 },
	{ "bstr, short",	"44010203", CBOR_BSTR, ATLS_E_TRUNC, 0 },
	{ "bstr, 2^64-1",	"5bffffffffffffffff00", CBOR_BSTR,
	    ATLS_E_TRUNC, 0 },
	{ "bstr in chunks",	"5f4100ff", CBOR_BSTR, ATLS_E_FORMAT, 0 },
	{ "bstr as tstr",	"4161", CBOR_TSTR, ATLS_E_FORMAT, 0 },
	{ "tstr",		"6161", CBOR_TSTR, ATLS_OK, 1 },
	{ "tstr as bstr",	"6161", CBOR_BSTR, ATLS_E_FORMAT, 0 },
	{ "tstr, not UTF-8",	"61ff", CBOR_TSTR, ATLS_E_FORMAT, 0 },
	{ "tstr, half a char",	"62e282", CBOR_TSTR, ATLS_E_FORMAT, 0 },
	{ "tag 18",		"d2", CBOR_TAG, ATLS_OK, 18 },
	{ "tag 55799",		"d9d9f7", CBOR_TAG, ATLS_OK, 55799 },
	{ "tag 18 in two",	"d812", CBOR_TAG, ATLS_E_FORMAT, 0 },
	{ "tag of no number",	"df", CBOR_TAG, ATLS_E_FORMAT, 0 },
	{ "false",		"f4", CBOR_SIMPLE, ATLS_OK, 0 },
	{ "true",		"f5", CBOR_SIMPLE, ATLS_OK, 1 },
	{ "null as bool",	"f6", CBOR_SIMPLE, ATLS_E_FORMAT, 0 },
	{ "1 as bool",		"01", CBOR_SIMPLE, ATLS_E_FORMAT, 0 },
	{ "array",		"820102", CBOR_ARRAY, ATLS_OK, 2 },
	{ "array, no end",	"9f0102ff", CBOR_ARRAY, ATLS_E_FORMAT, 0 },
	{ "array, short",	"8201", CBOR_ARRAY, ATLS_E_TRUNC, 0 },
	{ "array, 2^64-1",	"9bffffffffffffffff", CBOR_ARRAY,
	    ATLS_E_TRUNC, 0 },
	{ "map as array",	"a0", CBOR_ARRAY, ATLS_E_FORMAT, 0 },
};

static uint64_t
item_read(struct rd *r, int type)
{
	struct cbor_list a;
	uint64_t n = 0;

	switch (type) {
	case CBOR_UINT:
		return cbor_uint(r);
	case CBOR_NINT:
		return cbor_nint(r);
	case CBOR_BSTR:
		return cbor_bstr(r).len;
	case CBOR_TSTR:
		return cbor_tstr(r).len;
	case CBOR_TAG:
		return cbor_tag(r);
	case CBOR_SIMPLE:
		return cbor_bool(r);
	default:
		a = cbor_array(r);
		for (; cbor_next(r, &a); n++)
			(void)cbor_uint(r);
		return n;
	}
}

static void
test_items(void)
{
	struct atls_bytes b;
	struct rd r;
	uint64_t u;
	size_t i;

	for (i = 0; i < NITEMS(items); i++) {
		b = hex(items[i].in);
		r = rd_of(b);
		u = item_read(&r, items[i].type);
		T(rd_done(&r) == items[i].rc, "%s: %s", items[i].what,
		    atls_rc_name(rd_done(&r)));
		T(u == items[i].u || items[i].rc == ATLS_E_TRAIL, "%s: %llu",
		    items[i].what, (unsigned long long)u);
		drop(b);
	}
}

static const struct {
	const char	*in;
	enum atls_rc	 rc;
	int64_t		 v;
} ints[] = {
	{ "00", ATLS_OK, 0 },
	{ "20", ATLS_OK, -1 },
	{ "3863", ATLS_OK, -100 },
	{ "18ff", ATLS_OK, 255 },
	{ "190100", ATLS_OK, 256 },
	{ "39ffff", ATLS_OK, -65536 },
	{ "1a00010000", ATLS_OK, 65536 },
	{ "1affffffff", ATLS_OK, 0xffffffff },
	{ "1b7fffffffffffffff", ATLS_OK, INT64_MAX },
	{ "1b8000000000000000", ATLS_E_LIMIT, 0 },
	{ "3b7fffffffffffffff", ATLS_OK, INT64_MIN },
	{ "3b8000000000000000", ATLS_E_LIMIT, 0 },
	{ "3bffff", ATLS_E_TRUNC, 0 },
	{ "40", ATLS_E_FORMAT, 0 },
};

static void
test_ints(void)
{
	uint8_t out[9];
	struct atls_buf o = { out, sizeof(out), 0 };
	struct atls_bytes b;
	struct rd r;
	struct wr w;
	int64_t v;
	size_t i;

	for (i = 0; i < NITEMS(ints); i++) {
		b = hex(ints[i].in);
		r = rd_of(b);
		v = cbor_int(&r);
		T(rd_done(&r) == ints[i].rc && v == ints[i].v, "%s: %s %lld",
		    ints[i].in, atls_rc_name(r.rc), (long long)v);
		if (ints[i].rc == ATLS_OK) {
			w = wr_of(&o);
			cbor_put_int(&w, v);
			T(wr_done(&w) == ATLS_OK && eq(b, (struct atls_bytes){
			    out, o.len }), "%s again", ints[i].in);
		}
		drop(b);
	}
}

/* {"sig": bstr, 2399: [uint...], -5: null or true} */
static enum atls_rc
map_read(struct atls_bytes in, bool any, struct atls_bytes *sig, uint64_t *sum)
{
	struct rd r = rd_of(in);
	struct cbor_map m = any ? cbor_map_any(&r) : cbor_map(&r);
	struct cbor_list a;
	struct cbor_key k;

	*sig = (struct atls_bytes){ NULL, 0 };
	*sum = 0;
	while (cbor_map_next(&r, &m, &k)) {
		if (cbor_key_is(&k, "sig"))
			*sig = cbor_bstr(&r);
		else if (cbor_key_is_int(&k, 2399)) {
			a = any ? cbor_array_any(&r) : cbor_array(&r);
			while (cbor_next(&r, &a))
				*sum += cbor_uint(&r);
		} else if (cbor_key_is_int(&k, -5))
			*sum += cbor_null(&r) ? 100 : cbor_bool(&r);
		else if (!cbor_key_is(&k, "unread"))
			cbor_skip(&r);
	}
	return rd_done(&r);
}

static const struct {
	const char	*what, *in;
	enum atls_rc	 rc, any;
	uint64_t	 sum;
} maps[] = {
	{ "whole", "a3637369674201021909" "5f82010224f6", ATLS_OK, ATLS_OK,
	    103 },
	{ "true", "a124f5", ATLS_OK, ATLS_OK, 1 },
	{ "no such bool", "a124f7", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "empty", "a0", ATLS_OK, ATLS_OK, 0 },
	{ "other keys", "a2613101012260", ATLS_E_TRAIL, ATLS_E_TRAIL, 0 },
	{ "no end", "bf24f5ff", ATLS_E_FORMAT, ATLS_OK, 1 },
	{ "no end, empty", "bfff", ATLS_E_FORMAT, ATLS_OK, 0 },
	{ "no end, no break", "bf24f5", ATLS_E_FORMAT, ATLS_E_TRUNC, 1 },
	{ "no end, key only", "bf24ff", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "no end, twice", "bf24f5ffff", ATLS_E_FORMAT, ATLS_E_TRAIL, 1 },
	{ "list of no end", "a119095f9f0102ff", ATLS_E_FORMAT, ATLS_OK, 3 },
	{ "break in definite", "a224f5ff", ATLS_E_TRUNC, ATLS_E_TRUNC, 0 },
	{ "break for a key", "a224f5ffff", ATLS_E_FORMAT, ATLS_E_FORMAT, 1 },
	{ "text twice", "a2616100616101", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "number twice", "a224f524f5", ATLS_E_FORMAT, ATLS_E_FORMAT, 1 },
	{ "1 and -2", "a201002100", ATLS_OK, ATLS_OK, 0 },
	{ "4 is not -5", "a104f5", ATLS_OK, ATLS_OK, 0 },
	{ "-2400 is not 2399", "a139095f8101", ATLS_OK, ATLS_OK, 0 },
	{ "1 and \"1\"", "a20100613100", ATLS_OK, ATLS_OK, 0 },
	{ "key not shortest", "a1180100", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "key bstr", "a1416100", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "key false", "a1f400", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "key not UTF-8", "a161ff00", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
	{ "value left", "a266756e7265616400616100", ATLS_E_STATE,
	    ATLS_E_STATE, 0 },
	{ "no value", "a124", ATLS_E_TRUNC, ATLS_E_TRUNC, 0 },
	{ "many promised", "bb8000000000000000", ATLS_E_TRUNC, ATLS_E_TRUNC,
	    0 },
	{ "an array", "80", ATLS_E_FORMAT, ATLS_E_FORMAT, 0 },
};

static void
test_maps(void)
{
	struct atls_bytes b, sig;
	uint64_t sum;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(maps); i++) {
		b = hex(maps[i].in);
		rc = map_read(b, false, &sig, &sum);
		T(rc == maps[i].rc, "%s: %s", maps[i].what, atls_rc_name(rc));
		rc = map_read(b, true, &sig, &sum);
		T(rc == maps[i].any && sum == maps[i].sum, "%s: any: %s, %llu",
		    maps[i].what, atls_rc_name(rc), (unsigned long long)sum);
		drop(b);
	}
	b = hex(maps[0].in);
	rc = map_read(b, false, &sig, &sum);
	T(rc == ATLS_OK && sum == 103 && eq(sig, LIT("\1\2")), "map");
	for (i = 0; i < b.len; i++) {
		struct atls_bytes cut = copy((struct atls_bytes){ b.p, i });

		T(map_read(cut, false, &sig, &sum) != ATLS_OK, "cut at %zu", i);
		drop(cut);
	}
	drop(b);
}

/* A map of n numbers; and an array in an array, n deep. */
static void
test_limits(void)
{
	uint8_t p[512];
	struct atls_buf o = { p, sizeof(p), 0 };
	struct atls_bytes sig;
	struct wr w;
	struct rd r;
	uint64_t sum;
	size_t n, i;
	enum atls_rc rc;

	for (n = CBOR_KEYS - 1; n < CBOR_KEYS + 2; n++) {
		w = wr_of(&o);
		cbor_put_map(&w, n);
		for (i = 0; i < n; i++) {
			cbor_put_uint(&w, i);
			cbor_put_null(&w);
		}
		T(wr_done(&w) == ATLS_OK, "map of %zu", n);
		rc = map_read((struct atls_bytes){ p, o.len }, false, &sig,
		    &sum);
		T(rc == (n > CBOR_KEYS ? ATLS_E_LIMIT : ATLS_OK), "%zu: %s", n,
		    atls_rc_name(rc));
	}
	for (n = CBOR_DEPTH - 1; n < CBOR_DEPTH + 2; n++) {
		w = wr_of(&o);
		for (i = 0; i < n; i++)
			cbor_put_array(&w, 1);
		cbor_put_uint(&w, 0);
		T(wr_done(&w) == ATLS_OK, "%zu deep", n);
		r = rd_of((struct atls_bytes){ p, o.len });
		cbor_skip(&r);
		T(rd_done(&r) == (n > CBOR_DEPTH ? ATLS_E_LIMIT : ATLS_OK),
		    "%zu deep: %s", n, atls_rc_name(r.rc));
	}
}

/* One row of cbor-items.tsv: what cbor_skip() and cbor_item() make of it. */
static void
one_item(const char *kind, const char *row)
{
	struct atls_bytes b = hex(row), v;
	struct rd r = rd_of(b);
	bool good = strcmp(kind, "good") == 0;
	size_t i;

	v = cbor_item(&r);
	if (good)
		T(rd_done(&r) == ATLS_OK && v.p == b.p && v.len == b.len,
		    "%s %s: %s", kind, row, atls_rc_name(rd_done(&r)));
	else
		T(rd_done(&r) != ATLS_OK && (r.rc == ATLS_OK || v.len == 0),
		    "%s %s taken", kind, row);
	for (i = 0; good && i < b.len; i++) {
		struct atls_bytes cut = copy((struct atls_bytes){ b.p, i });

		r = rd_of(cut);
		cbor_skip(&r);
		T(r.rc != ATLS_OK, "%s cut at %zu", row, i);
		drop(cut);
	}
	drop(b);
}

static void
test_oracle(const char *dir)
{
	char path[512], line[1024], kind[8], row[512];
	unsigned n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/cmw/cbor-items.tsv", dir);
	f = fopen(path, "r");
	T(f != NULL, "%s", path);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%7s %511s", kind, row) == 2 &&
		    line[0] != '#') {
			one_item(kind, row);
			n++;
		}
	T(n > 400, "%u rows", n);
	if (f != NULL)
		(void)fclose(f);
}

/* RFC 8949, appendix A: floats and simple values are passed over. */
static void
test_skip(void)
{
	static const char *const good[] = {
		"f90000", "f93c00", "fa47c35000", "fb3ff199999999999a",
		"f7", "f0", "f820", "f8ff", "c11a514b67b0", "d818456449455446",
		"a26161016162820203", "f97e00",
	};
	struct cbor_key k = { .type = CBOR_UINT };
	struct atls_bytes b;
	struct rd r;
	size_t i;

	T(cbor_key_is_int(&k, 0) && !cbor_key_is(&k, ""), "0 is not empty");
	for (i = 0; i < NITEMS(good); i++) {
		b = hex(good[i]);
		r = rd_of(b);
		cbor_skip(&r);
		T(rd_done(&r) == ATLS_OK, "%s", good[i]);
		drop(b);
	}
	b = hex("6131");
	r = rd_of(b);
	T(cbor_peek(r) == CBOR_TSTR && r.left == 2, "peek");
	T(!cbor_null(&r) && r.rc == ATLS_OK && r.left == 2, "not null");
	rd_fail(&r, ATLS_E_LIMIT);
	T(cbor_peek(r) == CBOR_END, "peek after failure");
	drop(b);
}

static void
test_write(void)
{
	uint8_t p[64], q[64];
	struct atls_buf o = { p, sizeof(p), 0 }, h = { q, sizeof(q), 0 };
	struct wr w = wr_of(&o);
	size_t cap;

	cbor_put_map(&w, 3);
	cbor_put_text(&w, "a");
	cbor_put_bool(&w, true);
	cbor_put_int(&w, -1);
	cbor_put_array(&w, 2);
	cbor_put_bstr(&w, LIT("xy"));
	cbor_put_bool(&w, false);
	cbor_put_uint(&w, 0x100000000);
	cbor_put_tag(&w, 18);
	cbor_put_null(&w);
	T(wr_done(&w) == ATLS_OK, "write");
	w = wr_of(&h);
	hex_put(&w, (struct atls_bytes){ p, o.len });
	T(wr_done(&w) == ATLS_OK && eq((struct atls_bytes){ q, h.len },
	    STR("a36161f52082427879f41b0000000100000000d2f6")), "%.*s",
	    (int)h.len, (char *)q);
	for (cap = 0; cap < 5; cap++) {
		uint8_t *small = malloc(cap + 1);

		o = (struct atls_buf){ small, cap, 0 };
		w = wr_of(&o);
		cbor_put_bstr(&w, LIT("xyzt"));
		T(wr_done(&w) == ATLS_E_SPACE && o.len == 5, "cap %zu", cap);
		free(small);
	}
	o = (struct atls_buf){ p, sizeof(p), 0 };
	w = wr_of(&o);
	cbor_put_tstr(&w, LIT("\xff"));
	T(wr_done(&w) == ATLS_E_ARG, "not UTF-8");
	w = wr_of(&o);
	cbor_put_head(&w, CBOR_SIMPLE, 31);
	T(wr_done(&w) == ATLS_E_ARG, "no break is written");
}

int
main(void)
{
	const char *dir = getenv("ATLS_VECTORS");

	test_items();
	test_ints();
	test_maps();
	test_limits();
	test_oracle(dir == NULL ? "tests/vectors" : dir);
	test_skip();
	test_write();
	return t_end("t_codec");
}
