/* SPDX-License-Identifier: Apache-2.0 */
#include "cur.h"

struct cur
cur_take(struct cur *c, size_t n)
{
	struct cur sub = { c->p, n, c->bad };

	if (c->bad || n > c->left) {
		c->bad = true;
		return (struct cur){ NULL, 0, true };
	}
	c->p += n;
	c->left -= n;
	return sub;
}

size_t
cur_be(struct cur *c, size_t n)
{
	struct cur s = cur_take(c, n);
	size_t v = 0;

	for (; s.left > 0; s.left--)
		v = v << 8 | *s.p++;
	return v;
}

struct cur
cur_vector(struct cur *c, size_t lenlen)
{
	size_t n = cur_be(c, lenlen);

	return cur_take(c, n);
}
