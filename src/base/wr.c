/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wr.h"

struct wr
wr_of(struct atls_buf *out)
{
	out->len = 0;
	return (struct wr){ .out = out };
}

void
wr_fail(struct wr *w, enum atls_rc rc)
{
	if (w->rc == ATLS_OK)
		w->rc = rc;
}

/* The only place that writes, and the only bounds check. */
void
wr_bytes(struct wr *w, struct atls_bytes b)
{
	if (b.len > SIZE_MAX - w->need)
		wr_fail(w, ATLS_E_LIMIT);
	if (w->rc != ATLS_OK || b.len == 0)
		return;
	if (w->need <= w->out->cap && b.len <= w->out->cap - w->need)
		memcpy(w->out->p + w->need, b.p, b.len);
	w->need += b.len;
}

void
wr_be(struct wr *w, uint64_t v, size_t n)
{
	uint8_t b[8];
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop assigns i, v, b[0 .. 7];
	    loop variant i; */
	for (i = n; i > 0; i--) {
		b[i - 1] = (uint8_t)(v & 0xff);
		v >>= 8;
	}
	if (v != 0)
		wr_fail(w, ATLS_E_LIMIT);
	wr_bytes(w, (struct atls_bytes){ b, n });
}

void
wr_zeros(struct wr *w, size_t n)
{
	static const uint8_t zero[64];

	/*@ loop invariant wr_ok(w) && wr_went{Pre,Here}(w);
	    loop invariant n <= \at(n, Pre);
	    loop invariant w->rc == ATLS_OK ==>
		w->need == \at(w->need, Pre) + \at(n, Pre) - n;
	    loop assigns n, w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
	    loop variant n; */
	while (n > 0 && w->rc == ATLS_OK) {
		size_t k = n < sizeof(zero) ? n : sizeof(zero);

		wr_bytes(w, (struct atls_bytes){ zero, k });
		n -= k;
	}
}

size_t
wr_open(struct wr *w, size_t lenlen)
{
	size_t mark = w->need;

	wr_be(w, 0, lenlen);
	return mark;
}

void
wr_close(struct wr *w, size_t mark, size_t lenlen)
{
	size_t body, i;

	if (w->rc != ATLS_OK)
		return;
	body = w->need - mark - lenlen;
	if (body >> (8 * lenlen) != 0) {
		wr_fail(w, ATLS_E_LIMIT);
		return;
	}
	if (w->need > w->out->cap)
		return;
	/*@ loop invariant 0 <= i <= lenlen;
	    loop assigns i, w->out->p[mark .. mark + lenlen - 1];
	    loop variant lenlen - i; */
	for (i = 0; i < lenlen; i++)
		w->out->p[mark + i] =
		    (uint8_t)(body >> (8 * (lenlen - 1 - i)) & 0xff);
}

enum atls_rc
wr_done(struct wr *w)
{
	w->out->len = w->rc == ATLS_OK ? w->need : 0;
	if (w->rc == ATLS_OK && w->need > w->out->cap)
		return ATLS_E_SPACE;
	return w->rc;
}
