/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "put.h"

/* DER.  The length takes one octet until close() knows it. */
size_t
put_der_open(struct put *w, unsigned tag)
{
	put_be(w, tag, 1);
	put_be(w, 0, 1);
	return w->len;
}

void
put_der_close(struct put *w, size_t mark)
{
	size_t n = w->len - mark, more = n < 0x80 ? 0 : n < 0x100 ? 1 :
	    n < 0x10000 ? 2 : 3, i;

	put_fill(w, 0, more);
	if (w->rc != ATLS_OK)
		return;
	memmove(w->p + mark + more, w->p + mark, n);
	w->p[mark - 1] = (uint8_t)(more == 0 ? n : 0x80 | more);
	for (i = more; i > 0; i--, n >>= 8)
		w->p[mark + i - 1] = (uint8_t)n;
}

void
put_der(struct put *w, unsigned tag, struct atls_bytes content)
{
	size_t mark = put_der_open(w, tag);

	put_bytes(w, content);
	put_der_close(w, mark);
}

/* X.690, 8.19 */
static void
arc(struct put *w, unsigned long v)
{
	unsigned shift = 28;

	while (shift > 0 && v >> shift == 0)
		shift -= 7;
	for (; shift > 0; shift -= 7)
		put_be(w, 0x80 | (v >> shift & 0x7f), 1);
	put_be(w, v & 0x7f, 1);
}

void
put_der_oid(struct put *w, const char *dotted)
{
	size_t mark = put_der_open(w, 0x06);
	unsigned long first, v;
	char *p;

	first = strtoul(dotted, &p, 10);
	v = strtoul(p + 1, &p, 10);
	arc(w, 40 * first + v);
	while (*p == '.') {
		v = strtoul(p + 1, &p, 10);
		arc(w, v);
	}
	put_der_close(w, mark);
}

void
put_der_number(struct put *w, struct atls_bytes b)
{
	size_t mark = put_der_open(w, DER_INTEGER);

	while (b.len > 1 && b.p[0] == 0) {
		b.p++;
		b.len--;
	}
	if (b.len == 0 || b.p[0] >= 0x80)
		put_be(w, 0, 1);
	put_bytes(w, b);
	put_der_close(w, mark);
}

void
put_der_uint(struct put *w, uint64_t v)
{
	uint8_t be[8];
	size_t i;

	for (i = 8; i > 0; i--, v >>= 8)
		be[i - 1] = (uint8_t)v;
	put_der_number(w, ATLS_ARRAY(be));
}

void
put_der_text(struct put *w, unsigned tag, const char *s)
{
	put_der(w, tag, PUT_STRING(s));
}

void
put_der_bool(struct put *w, bool v)
{
	put_be(w, v ? 0x0101ff : 0x010100, 3);
}

/* RFC 5280, 4.1.2.5: UTCTime to 2049, GeneralizedTime after that. */
void
put_der_time(struct put *w, int64_t at)
{
	time_t t = (time_t)at;
	char text[32] = "";
	struct tm tm;
	bool late;

	if (gmtime_r(&t, &tm) == NULL) {
		put_fail(w, ATLS_E_ARG);
		return;
	}
	late = tm.tm_year >= 150;
	(void)strftime(text, sizeof(text), late ? "%Y%m%d%H%M%SZ" :
	    "%y%m%d%H%M%SZ", &tm);
	put_der_text(w, late ? 0x18 : 0x17, text);
}

size_t
put_der_bits(struct put *w)
{
	size_t mark = put_der_open(w, 0x03);

	put_be(w, 0, 1);
	return mark;
}

void
put_cbor(struct put *w, unsigned major, uint64_t v)
{
	unsigned head = major << 5;

	if (v < 24)
		put_be(w, head | v, 1);
	else if (v <= UINT8_MAX)
		put_be(w, (uint64_t)(head | 24) << 8 | v, 2);
	else if (v <= UINT16_MAX)
		put_be(w, (uint64_t)(head | 25) << 16 | v, 3);
	else if (v <= UINT32_MAX)
		put_be(w, (uint64_t)(head | 26) << 32 | v, 5);
	else {
		put_be(w, head | 27, 1);
		put_be(w, v, 8);
	}
}

void
put_cbor_int(struct put *w, int64_t v)
{
	if (v < 0)
		put_cbor(w, 1, (uint64_t)(-1 - v));
	else
		put_cbor(w, 0, (uint64_t)v);
}

void
put_cbor_bstr(struct put *w, struct atls_bytes b)
{
	put_cbor(w, CBOR_MAJOR_BSTR, b.len);
	put_bytes(w, b);
}

void
put_cbor_tstr(struct put *w, const char *s)
{
	put_cbor(w, CBOR_MAJOR_TSTR, strlen(s));
	put_bytes(w, PUT_STRING(s));
}
