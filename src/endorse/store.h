/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_H
#define STORE_H

#include <stdatomic.h>

#include "trust.h"

/*
 * The store behind struct atls_collateral: items as they were put in, and
 * objects that were verified from them.
 */
#define STORE_ID	32	/* octets: SHA-256 */
#define STORE_OBJECTS	256	/* verified objects kept; then the oldest go */
#define STORE_PARTS	4	/* items that one object rests on */
#define STORE_MARKS	64	/* high-water marks kept */

/* An item.  Immutable, but for `verified`; reference counted. */
struct store_item {
	atomic_uint		 refs;
	struct atls_need	 is;
	uint8_t			 id[STORE_ID];	/* digest of bytes */
	int64_t			 issued, until;	/* as it says; 0: does not */
	uint32_t		 evaluation;	/* as it says; 0: does not */
	atomic_bool		 verified;	/* once: its dates are true */
	int64_t			 floor;		/* what came before it and was
						 * verified was issued then */
	struct atls_bytes	 bytes;		/* as put in */

	/* what was read when it was put in, of the kind of the item */
	void			*form;
	void			(*form_free)(void *);
};

/* The item, referenced; NULL: there is none. */
struct store_item	*store_find(struct atls_collateral *, enum atls_item,
			    const char *key);
void			 store_release(struct store_item *);

/* An item was part of what was verified at now.  One that is not in its time
 * then was not: another, of the policy's own, took its place. */
void			 store_verified(struct store_item *, int64_t now);

/*
 * What was verified from items under certain anchors, true from <= now <
 * until.  Embedded as the first member of the object that it is.
 */
struct store_object {
	atomic_uint	 refs;		/* 1 when made */
	int64_t		 from, until;
	void		(*destroy)(struct store_object *);
};

/*
 * An object is known by the digests of all that it was made of: put another
 * CRL, or ask under other anchors, and it is not found.  The caller releases
 * what store_recall() gives; store_remember() takes a reference of its own.
 *
 * what		tells objects of the same parts apart: "intel.tcb".
 */
struct store_object	*store_recall(struct atls_collateral *,
			    const char *what, const struct atls_trust *,
			    struct store_item *const *part, size_t nparts,
			    int64_t now);
void			 store_remember(struct atls_collateral *,
			    const char *what, const struct atls_trust *,
			    struct store_item *const *part, size_t nparts,
			    struct store_object *);
void			 store_object_release(struct store_object *);

/*
 * High-water marks of evaluation numbers: by anchors, type of item, and the
 * key up to its colon ("tdx").  store_mark() is for a verified item: it
 * raises the mark, or tells that the item is below, by *highest.
 * store_is_below() believes the item, and looks at the marks of all anchors.
 */
bool			 store_mark(struct atls_collateral *,
			    const struct atls_trust *,
			    const struct store_item *, uint32_t *highest);
bool			 store_is_below(struct atls_collateral *,
			    const struct store_item *);

/* What is read from an item when it is put in: key, issued, until, and form.
 * item->is.item and item->bytes are set. */
ATLS_CHECKED enum atls_rc intel_item(struct atls_bytes, struct store_item *,
			    struct atls_err *);
ATLS_CHECKED enum atls_rc amd_item(struct atls_bytes, struct store_item *,
			    struct atls_err *);

#endif
