/* SPDX-License-Identifier: Apache-2.0 */
#include "hs.h"

struct hs_msg
hs_take(struct rd *r)
{
	struct rd start = *r;
	struct hs_msg m = { 0 };

	m.type = (unsigned)rd_be(r, 1);
	m.body = rd_sub(r, 3);
	if (r->rc != ATLS_OK)
		m.type = 0;
	else
		m.raw = rd_take(&start, r->off - start.off);
	return m;
}

bool
hs_ext(struct rd *list, uint16_t *type, struct atls_bytes *data)
{
	struct rd body;

	*type = 0;
	*data = (struct atls_bytes){ NULL, 0 };
	//@ assert unmoved: list->left == \at(list->left, Pre);
	if (list->rc != ATLS_OK || list->left == 0)
		return false;
	*type = (uint16_t)rd_be(list, 2);
	//@ assert rd_ok(*list) && rd_went{Pre,Here}(list);
	body = rd_sub(list, 2);
	//@ assert rd_ok(*list) && rd_went{Pre,Here}(list);
	*data = rd_rest(&body);
	//@ assert rd_ok(*list) && rd_went{Pre,Here}(list);
	//@ assert rd_view{Pre,Here}(list, *data);
	if (list->rc == ATLS_OK)
		return true;
	//@ assert failed: list->rc != ATLS_OK;
	*type = 0;
	return false;
}

size_t
hs_open(struct wr *w, enum hs_type type)
{
	wr_be(w, (uint64_t)type, 1);
	return wr_open(w, 3);
}

void
hs_ext_write(struct wr *w, uint16_t type, struct atls_bytes data)
{
	size_t mark;

	wr_be(w, type, 2);
	mark = wr_open(w, 2);
	wr_bytes(w, data);
	wr_close(w, mark, 2);
}
