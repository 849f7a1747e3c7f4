/* SPDX-License-Identifier: Apache-2.0 */
/* DER: one table for what is read, one for what must not be. */
#include "../src/codec/der.h"
#include "heap.h"
#include "t.h"

static const struct {
	const char	*what, *in;
	enum atls_rc	 rc;
	uint64_t	 v;
} uints[] = {
	{ "zero", "020100", ATLS_OK, 0 },
	{ "127", "02017f", ATLS_OK, 127 },
	{ "128 has a leading zero", "02020080", ATLS_OK, 128 },
	{ "255", "020200ff", ATLS_OK, 255 },
	{ "the largest", "0202ffff", ATLS_E_FORMAT, 0 },
	{ "65535", "020300ffff", ATLS_OK, 65535 },
	{ "65536 is over max", "0203010000", ATLS_E_LIMIT, 0 },
	{ "nine octets", "0209010000000000000000", ATLS_E_LIMIT, 0 },
	{ "2^64 - 1 is over max", "020900ffffffffffffffff", ATLS_E_LIMIT, 0 },
	{ "negative", "0201ff", ATLS_E_FORMAT, 0 },
	{ "128 without its zero", "020180", ATLS_E_FORMAT, 0 },
	{ "zero too much", "0202007f", ATLS_E_FORMAT, 0 },
	{ "two zeros", "03020000", ATLS_E_FORMAT, 0 },
	{ "zero in two octets", "02020000", ATLS_E_FORMAT, 0 },
	{ "no octets", "0200", ATLS_E_FORMAT, 0 },
	{ "another tag", "0a0101", ATLS_E_FORMAT, 0 },
	{ "indefinite", "0280010000", ATLS_E_FORMAT, 0 },
	{ "long length", "02810101", ATLS_E_FORMAT, 0 },
	{ "length of four octets", "02840000000101", ATLS_E_FORMAT, 0 },
	{ "short", "020200", ATLS_E_TRUNC, 0 },
	{ "no length", "02", ATLS_E_TRUNC, 0 },
	{ "nothing", "", ATLS_E_TRUNC, 0 },
	{ "more", "02010100", ATLS_E_TRAIL, 0 },
};

static void
t_uint(void)
{
	struct atls_bytes in;
	struct rd r;
	uint64_t v;
	size_t i;

	for (i = 0; i < NITEMS(uints); i++) {
		in = hex(uints[i].in);
		r = rd_of(in);
		v = der_uint(&r, DER_INTEGER, 65535);
		T(rd_done(&r) == uints[i].rc, "%s: %d", uints[i].what,
		    (int)rd_done(&r));
		T(rd_done(&r) != ATLS_OK || v == uints[i].v, "%s: %llu",
		    uints[i].what, (unsigned long long)v);
		T(r.rc == ATLS_OK || v == 0, "%s: defined", uints[i].what);
		drop(in);
	}
	in = hex("020900ffffffffffffffff");
	r = rd_of(in);
	T(der_uint(&r, DER_INTEGER, UINT64_MAX) == UINT64_MAX &&
	    rd_done(&r) == ATLS_OK, "2^64 - 1");
	drop(in);
	in = hex("0a0103");
	r = rd_of(in);
	T(der_uint(&r, DER_ENUMERATED, 2) == 0 && r.rc == ATLS_E_LIMIT,
	    "ENUMERATED over max");
	r = rd_of(in);
	T(der_uint(&r, DER_ENUMERATED, 3) == 3 && r.rc == ATLS_OK,
	    "ENUMERATED");
	drop(in);
}

enum what { OID, BOOL, NATURAL, ITEM, ANY };

static const struct {
	const char	*name;
	enum what	 what;
	const char	*in;
	enum atls_rc	 rc;
	const char	*out;
} rows[] = {
	{ "oid: short", OID, "060a2a864886f84d010d01", ATLS_E_TRUNC, "" },
	{ "oid", OID, "06082a864886f84d010d", ATLS_OK, "2a864886f84d010d" },
	{ "oid: empty", OID, "0600", ATLS_E_FORMAT, "" },
	{ "oid: part that does not end", OID, "06022a86", ATLS_E_FORMAT, "" },
	{ "oid: padded part", OID, "06032a8001", ATLS_E_FORMAT, "" },
	{ "oid: padded first part", OID, "0602802a", ATLS_E_FORMAT, "" },
	{ "oid: another tag", OID, "0d022a03", ATLS_E_FORMAT, "" },
	{ "true", BOOL, "0101ff", ATLS_OK, "01" },
	{ "false", BOOL, "010100", ATLS_OK, "" },
	{ "true in BER", BOOL, "010101", ATLS_E_FORMAT, "" },
	{ "bool of two", BOOL, "0102ffff", ATLS_E_TRAIL, "" },
	{ "bool of none", BOOL, "0100", ATLS_E_TRUNC, "" },
	{ "natural", NATURAL, "020200ff", ATLS_OK, "ff" },
	{ "natural zero", NATURAL, "020100", ATLS_OK, "00" },
	{ "natural: negative", NATURAL, "0202ff00", ATLS_E_FORMAT, "" },
	{ "item", ITEM, "30020500", ATLS_OK, "30020500" },
	{ "item: tag", ITEM, "31020500", ATLS_E_FORMAT, "" },
	{ "item: short", ITEM, "300305", ATLS_E_TRUNC, "" },
	{ "any", ANY, "a1020500", ATLS_OK, "0500" },
	{ "any: high tag", ANY, "1f2002aabb", ATLS_E_FORMAT, "" },
	{ "any: empty", ANY, "0500", ATLS_OK, "" },
	{ "any: length with a zero", ANY, "048200ff", ATLS_E_FORMAT, "" },
	{ "any: 128 octets announced", ANY, "04818000", ATLS_E_TRUNC, "" },
};

static struct atls_bytes
read_as(enum what what, struct rd *r)
{
	static const uint8_t one[] = { 1 };
	struct rd c;
	unsigned tag;

	switch (what) {
	case OID:
		return der_oid(r);
	case NATURAL:
		return der_natural(r);
	case ITEM:
		return der_item(r, DER_SEQUENCE);
	case BOOL:
		return der_bool(r) ? ATLS_ARRAY(one) :
		    (struct atls_bytes){ NULL, 0 };
	case ANY:
		break;
	}
	c = der_any(r, &tag);
	return rd_rest(&c);
}

static void
t_rows(void)
{
	struct atls_bytes in, want, got;
	struct rd r;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		in = hex(rows[i].in);
		want = hex(rows[i].out);
		r = rd_of(in);
		got = read_as(rows[i].what, &r);
		T(rd_done(&r) == rows[i].rc, "%s: %d", rows[i].name,
		    (int)rd_done(&r));
		T(got.len == want.len && (got.len == 0 ||
		    memcmp(got.p, want.p, got.len) == 0), "%s: %zu",
		    rows[i].name, got.len);
		drop(want);
		drop(in);
	}
}

static void
t_nested(void)
{
	struct atls_bytes in = hex("300a30050201050500300102");
	struct rd r = rd_of(in), outer = der_get(&r, DER_SEQUENCE), inner;

	inner = der_get(&outer, DER_SEQUENCE);
	T(inner.off == 4, "offset %zu", inner.off);
	T(der_uint(&inner, DER_INTEGER, 9) == 5, "inner");
	rd_close(&outer, &inner);
	T(outer.rc == ATLS_E_TRAIL, "a NULL is left");
	rd_close(&r, &outer);
	T(rd_done(&r) == ATLS_E_TRAIL, "and that is known outside");
	(void)der_get(&r, DER_SEQUENCE);
	T(r.rc == ATLS_E_TRAIL, "sticks");
	drop(in);
}

int
main(void)
{
	t_uint();
	t_rows();
	t_nested();
	return t_end("t_der");
}
