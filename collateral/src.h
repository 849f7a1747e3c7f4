/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRC_H
#define SRC_H

#include <atls/source.h>

#include "../fail/fail.h"

/*
 * What a kind of source does.
 *
 * get	puts what a need names into the store.  It should hold beyond
 *	`horizon` if that can be had, and must beyond `now`.
 * all	puts everything that is at hand.
 * drop	forgets what was kept for a need; NULL: nothing is kept.
 */
struct src_ops {
	enum atls_rc	(*get)(void *self, struct atls_collateral *,
			    const struct atls_need *, int64_t now,
			    int64_t horizon, struct atls_err *);
	enum atls_rc	(*all)(void *self, struct atls_collateral *,
			    struct atls_err *);
	void		(*drop)(void *self, const struct atls_need *,
			    int64_t now);
	bool		(*early)(void *self);
	void		(*free)(void *self);
};

/* Takes self over, also on failure. */
struct atls_collateral_source	*src_new(const struct src_ops *, void *self,
				    struct atls_err *);

/* "2026-11-22T19:40:00Z" */
#define SRC_TIME_MAX	32
const char	*src_time(int64_t, char out[SRC_TIME_MAX]);

bool		 src_is(const struct atls_need *, const struct atls_need *);

/* What the octets are, by the store's own reading, and when they were issued.
 * Errors: of atls_collateral_put(). */
enum atls_rc	src_identify(enum atls_item, struct atls_bytes,
		    struct atls_need *is, int64_t *issued, struct atls_err *);

/*
 * Copies items from store to store: one (1 if it was there, 0 if not, -1
 * with err), or all.  What the other has verified, and is of later date, is
 * left in place, which is no failure.  src_put() is atls_collateral_put()
 * under the same rule; src_put_newer() leaves all that is of later date.
 */
int		src_copy(struct atls_collateral *from,
		    struct atls_collateral *to, const struct atls_need *,
		    struct atls_err *);
enum atls_rc	src_copy_all(struct atls_collateral *from,
		    struct atls_collateral *to, struct atls_err *);
enum atls_rc	src_put(struct atls_collateral *, enum atls_item,
		    struct atls_bytes, struct atls_err *);
enum atls_rc	src_put_newer(struct atls_collateral *, enum atls_item,
		    struct atls_bytes, struct atls_err *);

/* Does it hold the item, to an end after t? */
bool		src_has(struct atls_collateral *, const struct atls_need *,
		    int64_t t);

/* Seconds from the start of its last quarter to the end of what lives from
 * issued to until. */
int64_t		src_ahead(int64_t issued, int64_t until);

#endif
