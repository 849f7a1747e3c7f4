/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CBOR_H
#define CBOR_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * CBOR (RFC 8949) over a reader: views, no allocation.  Every head must be in
 * its shortest form and of definite length (RFC 8949, 4.2.1); what takes the
 * indefinite form as well is named _any.  Map keys may come in any order.
 * Failures stick in the reader as with rd_be(): E_TRUNC, E_FORMAT (also: an
 * item of another type than asked for), E_LIMIT (depth, number of entries).
 *
 * A map, and in it an array:
 *
 *	struct rd r = rd_of(in);
 *	struct cbor_map m = cbor_map(&r);
 *	struct cbor_key k;
 *
 *	while (cbor_map_next(&r, &m, &k)) {
 *		if (cbor_key_is(&k, "sig"))
 *			sig = cbor_bstr(&r);
 *		else if (cbor_key_is_int(&k, 2399)) {
 *			struct cbor_list a = cbor_array(&r);
 *
 *			while (cbor_next(&r, &a))
 *				component(&r);
 *		} else
 *			cbor_skip(&r);	(or rd_fail(&r, ATLS_E_FORMAT))
 *	}
 *	if ((rc = rd_done(&r)) != ATLS_OK || sig.len == 0)
 *		...
 *
 * Each turn reads exactly one value, else the next cbor_map_next() fails with
 * E_STATE.  Duplicate keys fail with E_FORMAT.  To read a value later, or
 * apart: struct rd v = rd_of(cbor_item(&r)).
 */
#define CBOR_DEPTH	16	/* items in items, in cbor_skip() */
#define CBOR_KEYS	64	/* entries of a map read by cbor_map() */

enum cbor_type {		/* the first eight: RFC 8949, 3.1 */
	CBOR_UINT, CBOR_NINT, CBOR_BSTR, CBOR_TSTR,
	CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE,
	CBOR_END		/* no octets left, or the reader has failed */
};

struct cbor_list {
	uint64_t		 left;		/* items, if definite */
	bool			 indefinite;
};

struct cbor_map {
	struct cbor_list	 list;
	size_t			 value;		/* offset of the last one */
	struct atls_bytes	 key[CBOR_KEYS];
	size_t			 n;		/* keys so far */
};

struct cbor_key {
	enum cbor_type		 type;		/* UINT, NINT or TSTR */
	uint64_t		 num;		/* NINT: stands for -1 - num */
	struct atls_bytes	 text;
	struct atls_bytes	 raw;		/* the whole encoded key */
};

/* What comes next.  The reader is a copy: nothing moves. */
enum cbor_type		cbor_peek(struct rd);

uint64_t		cbor_uint(struct rd *);
uint64_t		cbor_nint(struct rd *);	/* n of -1 - n */
int64_t			cbor_int(struct rd *);	/* either; E_LIMIT */
struct atls_bytes	cbor_bstr(struct rd *);
struct atls_bytes	cbor_tstr(struct rd *);	/* UTF-8 was checked */
uint64_t		cbor_tag(struct rd *);	/* its content comes next */
bool			cbor_bool(struct rd *);
bool			cbor_null(struct rd *);	/* false: not null, unmoved */

/* cbor_next() is true while there is an item to read, false at the end (which
 * it takes) and after a failure. */
struct cbor_list	cbor_array(struct rd *);
struct cbor_list	cbor_array_any(struct rd *);
bool			cbor_next(struct rd *, struct cbor_list *);

/* Keys are integers or text; E_FORMAT for others. */
struct cbor_map		cbor_map(struct rd *);
struct cbor_map		cbor_map_any(struct rd *);
bool			cbor_map_next(struct rd *, struct cbor_map *,
			    struct cbor_key *);
bool			cbor_key_is(const struct cbor_key *, const char *);
bool			cbor_key_is_int(const struct cbor_key *, int64_t);

/* Passes over one item of any type, floats as well, that is well formed, or
 * gives it as a view.  Duplicate keys inside are not looked for. */
void			cbor_skip(struct rd *);
struct atls_bytes	cbor_item(struct rd *);

/* Writing: always the shortest form, always definite lengths. */
void	cbor_put_head(struct wr *, enum cbor_type, uint64_t);
void	cbor_put_uint(struct wr *, uint64_t);
void	cbor_put_int(struct wr *, int64_t);
void	cbor_put_bstr(struct wr *, struct atls_bytes);
void	cbor_put_tstr(struct wr *, struct atls_bytes);	/* E_ARG: not UTF-8 */
void	cbor_put_text(struct wr *, const char *);
void	cbor_put_array(struct wr *, size_t n);	/* n items must follow */
void	cbor_put_map(struct wr *, size_t n);	/* n keys and values */
void	cbor_put_tag(struct wr *, uint64_t);
void	cbor_put_bool(struct wr *, bool);
void	cbor_put_null(struct wr *);

#endif
