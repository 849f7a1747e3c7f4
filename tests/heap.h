/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HEAP_H
#define HEAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atls/bytes.h>

/*
 * Test input in blocks of just its size, so that the sanitizer sees the first
 * octet too many.  Free them with drop().
 */
static inline struct atls_bytes
copy(struct atls_bytes b)
{
	uint8_t *p = malloc(b.len > 0 ? b.len : 1);

	if (p == NULL)
		abort();
	if (b.len > 0)
		memcpy(p, b.p, b.len);
	return (struct atls_bytes){ p, b.len };
}

static inline struct atls_bytes
text(const char *s)
{
	return copy((struct atls_bytes){ (const uint8_t *)s, strlen(s) });
}

/* Of hexadecimal digits. */
static inline struct atls_bytes
hex(const char *s)
{
	struct atls_bytes b = copy((struct atls_bytes){ (const uint8_t *)s,
	    strlen(s) / 2 });
	uint8_t *p = (uint8_t *)(uintptr_t)b.p;
	unsigned v = 0;
	size_t i;

	for (i = 0; i < b.len; i++) {
		(void)sscanf(s + 2 * i, "%2x", &v);
		p[i] = (uint8_t)v;
	}
	return b;
}

/* The same with one bit turned over. */
static inline struct atls_bytes
flip(struct atls_bytes b, size_t bit)
{
	struct atls_bytes c = copy(b);
	uint8_t *p = (uint8_t *)(uintptr_t)c.p;

	p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	return c;
}

/* One after the other. */
static inline struct atls_bytes
joined(struct atls_bytes a, struct atls_bytes b)
{
	uint8_t *p = malloc(a.len + b.len + 1);

	if (p == NULL)
		abort();
	if (a.len > 0)
		memcpy(p, a.p, a.len);
	if (b.len > 0)
		memcpy(p + a.len, b.p, b.len);
	a = copy((struct atls_bytes){ p, a.len + b.len });
	free(p);
	return a;
}

static inline void
drop(struct atls_bytes b)
{
	free((void *)(uintptr_t)b.p);
}

#endif
