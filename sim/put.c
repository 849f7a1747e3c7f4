/* SPDX-License-Identifier: Apache-2.0 */
#include "put.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#define PUT_FIRST	4096		/* octets of the first allocation */

void
put_fail(struct put *w, enum atls_rc rc)
{
	if (w->rc == ATLS_OK)
		w->rc = rc;
}

/* n octets more, to be written; NULL after a failure. */
static uint8_t *
room(struct put *w, size_t n)
{
	size_t cap = w->cap == 0 ? PUT_FIRST : w->cap;
	uint8_t *p;

	if (w->rc != ATLS_OK)
		return NULL;
	while (cap - w->len < n)
		cap *= 2;
	if (cap != w->cap) {
		if ((p = realloc(w->p, cap)) == NULL) {
			put_fail(w, ATLS_E_MEM);
			return NULL;
		}
		w->p = p;
		w->cap = cap;
	}
	w->len += n;
	return w->p + w->len - n;
}

void
put_raw(struct put *w, const void *src, size_t n)
{
	uint8_t *p = room(w, n);

	if (p != NULL && n != 0)
		memcpy(p, src, n);
}

void
put_bytes(struct put *w, struct atls_bytes b)
{
	put_raw(w, b.p, b.len);
}

void
put_fill(struct put *w, uint8_t octet, size_t n)
{
	uint8_t *p = room(w, n);

	if (p != NULL)
		memset(p, octet, n);
}

void
put_be(struct put *w, uint64_t v, size_t n)
{
	uint8_t *p = room(w, n);

	for (; p != NULL && n > 0; n--, v >>= 8)
		p[n - 1] = (uint8_t)v;
}

void
put_le(struct put *w, uint64_t v, size_t n)
{
	size_t at = w->len;

	put_fill(w, 0, n);
	put_le_at(w, at, v, n);
}

void
put_le_at(struct put *w, size_t at, uint64_t v, size_t n)
{
	size_t i;

	if (w->rc != ATLS_OK)
		return;
	for (i = 0; i < n && at + i < w->len; i++, v = i < 8 ? v >> 8 : 0)
		w->p[at + i] = (uint8_t)v;
}

void
put_flip(struct put *w, size_t at)
{
	if (w->rc == ATLS_OK && at < w->len)
		w->p[at] ^= 0x01;
}

void
put_text(struct put *w, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		put_fail(w, ATLS_E_LIMIT);
	else
		put_raw(w, text, (size_t)n);
}

void
put_hex(struct put *w, struct atls_bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		put_text(w, "%02x", b.p[i]);
}

/* RFC 4648, 4: with padding, and no line feeds. */
static void
put_base64(struct put *w, struct atls_bytes b)
{
	uint8_t *p = room(w, 4 * ((b.len + 2) / 3) + 1);

	if (p == NULL)
		return;
	(void)EVP_EncodeBlock(p, b.p, (int)b.len);
	w->len--;			/* its NUL */
}

void
put_base64url(struct put *w, struct atls_bytes b)
{
	size_t i, at = w->len;

	put_base64(w, b);
	if (w->rc != ATLS_OK)
		return;
	while (w->len > at && w->p[w->len - 1] == '=')
		w->len--;
	for (i = at; i < w->len; i++)
		w->p[i] = w->p[i] == '+' ? '-' : w->p[i] == '/' ? '_' :
		    w->p[i];
}

void
put_pem(struct put *w, const char *type, struct atls_bytes der)
{
	const size_t line = 48;		/* octets; 64 characters */
	struct atls_bytes part;
	size_t i;

	put_text(w, "-----BEGIN %s-----\n", type);
	for (i = 0; i < der.len; i += line) {
		part = (struct atls_bytes){ der.p + i,
		    der.len - i < line ? der.len - i : line };
		put_base64(w, part);
		put_text(w, "\n");
	}
	put_text(w, "-----END %s-----\n", type);
}

struct atls_bytes
put_view(const struct put *w)
{
	return (struct atls_bytes){ w->p, w->len };
}

struct atls_bytes
put_from(const struct put *w, size_t at)
{
	if (w->rc != ATLS_OK || at >= w->len)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ w->p + at, w->len - at };
}

void
put_free(struct put *w)
{
	free(w->p);
	*w = (struct put){ .p = NULL };
}

enum atls_rc
put_copy(const struct put *w, struct atls_buf *out)
{
	out->len = 0;
	if (w->rc != ATLS_OK)
		return w->rc;
	out->len = w->len;
	if (out->cap < w->len)
		return ATLS_E_SPACE;
	if (w->len != 0)
		memcpy(out->p, w->p, w->len);
	return ATLS_OK;
}

const char *
put_date(int64_t at, char out[PUT_DATE_MAX])
{
	time_t t = (time_t)at;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out, PUT_DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
