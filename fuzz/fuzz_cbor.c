/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/codec/cbor.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void	copy(struct rd *, struct wr *, unsigned depth);

static void
copy_map(struct rd *r, struct wr *w, unsigned depth)
{
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;

	cbor_put_map(w, (size_t)m.list.left);
	while (cbor_map_next(r, &m, &k)) {
		if (k.type == CBOR_TSTR)
			cbor_put_tstr(w, k.text);
		else
			cbor_put_head(w, k.type, k.num);
		copy(r, w, depth);
	}
}

/* Reads one item by its type and writes it back. */
static void
copy(struct rd *r, struct wr *w, unsigned depth)
{
	struct cbor_list a;

	if (depth > CBOR_DEPTH)
		rd_fail(r, ATLS_E_LIMIT);
	switch (cbor_peek(*r)) {
	case CBOR_UINT:
		cbor_put_uint(w, cbor_uint(r));
		break;
	case CBOR_NINT:
		cbor_put_head(w, CBOR_NINT, cbor_nint(r));
		break;
	case CBOR_BSTR:
		cbor_put_bstr(w, cbor_bstr(r));
		break;
	case CBOR_TSTR:
		cbor_put_tstr(w, cbor_tstr(r));
		break;
	case CBOR_ARRAY:
		a = cbor_array(r);
		cbor_put_array(w, (size_t)a.left);
		while (cbor_next(r, &a))
			copy(r, w, depth + 1);
		break;
	case CBOR_MAP:
		copy_map(r, w, depth + 1);
		break;
	case CBOR_TAG:
		cbor_put_tag(w, cbor_tag(r));
		copy(r, w, depth + 1);
		break;
	case CBOR_SIMPLE:
	case CBOR_END:
		wr_bytes(w, cbor_item(r));
		break;
	}
}

/* The same over what takes indefinite lengths: only that it ends. */
static void
walk_any(struct rd *r, unsigned depth)
{
	struct cbor_list a;
	struct cbor_map m;
	struct cbor_key k;

	if (depth > CBOR_DEPTH)
		rd_fail(r, ATLS_E_LIMIT);
	if (cbor_peek(*r) == CBOR_ARRAY) {
		a = cbor_array_any(r);
		while (cbor_next(r, &a))
			walk_any(r, depth + 1);
	} else if (cbor_peek(*r) == CBOR_MAP) {
		m = cbor_map_any(r);
		while (cbor_map_next(r, &m, &k))
			walk_any(r, depth + 1);
	} else if (!cbor_null(r))
		cbor_skip(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *in = malloc(size + 1), *out = malloc(size + 1);
	struct atls_buf o = { out, size, 0 };
	struct atls_bytes item;
	struct rd all, r, any;
	struct wr w;

	if (in == NULL || out == NULL)
		abort();
	in = realloc(in, size == 0 ? 1 : size);	/* of exactly that size */
	if (in == NULL)
		abort();
	memcpy(in, data, size);
	all = r = any = rd_of((struct atls_bytes){ in, size });

	item = cbor_item(&all);
	if (all.rc == ATLS_OK && (item.p != in || item.len != all.off ||
	    item.len == 0 || item.len + all.left != size))
		abort();
	if (all.rc != ATLS_OK && (item.p != NULL || item.len != 0))
		abort();

	w = wr_of(&o);
	copy(&r, &w, 0);
	if (r.rc == ATLS_OK) {
		/* what is read is the only way to write it */
		if (wr_done(&w) != ATLS_OK || o.len != r.off ||
		    memcmp(out, in, o.len) != 0)
			abort();
		if (all.rc != ATLS_OK || all.off != r.off)
			abort();
	}
	walk_any(&any, 0);
	if (r.rc == ATLS_OK && (any.rc != ATLS_OK || any.off != r.off))
		abort();
	free(in);
	free(out);
	return 0;
}
