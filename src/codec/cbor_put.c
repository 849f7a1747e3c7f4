/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cbor.h"
#include "utf8.h"

enum {				/* RFC 8949, 3 and 3.3: of the initial octet */
	INFO_1 = 24, INFO_2 = 25, INFO_4 = 26, INFO_8 = 27,
	OCTET_FALSE = 0xf4, OCTET_TRUE = 0xf5, OCTET_NULL = 0xf6,
};

void
cbor_put_head(struct wr *w, enum cbor_type type, uint64_t arg)
{
	uint64_t major = (uint64_t)type << 5;

	if (type >= CBOR_SIMPLE)
		wr_fail(w, ATLS_E_ARG);
	else if (arg < INFO_1)
		wr_be(w, major | arg, 1);
	else if (arg <= 0xff) {
		wr_be(w, major | INFO_1, 1);
		wr_be(w, arg, 1);
	} else if (arg <= 0xffff) {
		wr_be(w, major | INFO_2, 1);
		wr_be(w, arg, 2);
	} else if (arg <= 0xffffffff) {
		wr_be(w, major | INFO_4, 1);
		wr_be(w, arg, 4);
	} else {
		wr_be(w, major | INFO_8, 1);
		wr_be(w, arg, 8);
	}
}

void
cbor_put_uint(struct wr *w, uint64_t v)
{
	cbor_put_head(w, CBOR_UINT, v);
}

void
cbor_put_int(struct wr *w, int64_t v)
{
	if (v < 0)
		cbor_put_head(w, CBOR_NINT, (uint64_t)-(v + 1));
	else
		cbor_put_head(w, CBOR_UINT, (uint64_t)v);
}

void
cbor_put_bstr(struct wr *w, struct atls_bytes b)
{
	cbor_put_head(w, CBOR_BSTR, b.len);
	wr_bytes(w, b);
}

void
cbor_put_tstr(struct wr *w, struct atls_bytes s)
{
	if (!utf8_ok(s))
		wr_fail(w, ATLS_E_ARG);
	cbor_put_head(w, CBOR_TSTR, s.len);
	wr_bytes(w, s);
}

void
cbor_put_text(struct wr *w, const char *s)
{
	cbor_put_tstr(w, (struct atls_bytes){ (const uint8_t *)s, strlen(s) });
}

void
cbor_put_array(struct wr *w, size_t n)
{
	cbor_put_head(w, CBOR_ARRAY, n);
}

void
cbor_put_map(struct wr *w, size_t n)
{
	cbor_put_head(w, CBOR_MAP, n);
}

void
cbor_put_tag(struct wr *w, uint64_t t)
{
	cbor_put_head(w, CBOR_TAG, t);
}

void
cbor_put_bool(struct wr *w, bool b)
{
	wr_be(w, b ? OCTET_TRUE : OCTET_FALSE, 1);
}

void
cbor_put_null(struct wr *w)
{
	wr_be(w, OCTET_NULL, 1);
}
