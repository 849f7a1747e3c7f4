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
#define STORE_PARTS	8	/* items that one object rests on */

/* An item.  Immutable, reference counted. */
struct store_item {
	atomic_uint		 refs;
	struct atls_need	 is;
	uint8_t			 id[STORE_ID];	/* digest of bytes */
	int64_t			 issued, until;	/* as it says; 0: does not */
	struct atls_bytes	 bytes;
};

/* The item, referenced; NULL: there is none. */
struct store_item	*store_find(struct atls_collateral *, enum atls_item,
			    const char *key);
void			 store_release(struct store_item *);

/*
 * What was verified from items under certain anchors, true from <= now <
 * until.  Embedded as the first member of the object that it is.
 */
struct store_object {
	atomic_uint	 refs;
	int64_t		 from, until;
	void		(*destroy)(struct store_object *);
};

/*
 * An object is known by the digests of all that it was made of: put another
 * CRL, or ask under other anchors, and it is not found.
 *
 * what		tells objects of the same parts apart: "tcb", "pck".
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

/* What is read from an item when it is put in: key, issued, until. */
ATLS_CHECKED enum atls_rc intel_item(struct atls_bytes, struct store_item *,
			    struct atls_err *);
ATLS_CHECKED enum atls_rc amd_item(struct atls_bytes, struct store_item *,
			    struct atls_err *);

#endif
