/* SPDX-License-Identifier: Apache-2.0 */
/* Items between stores. */
#include <string.h>

#include "src.h"

#define AHEAD_DEFAULT	86400	/* seconds, of what does not say its start */

bool
src_is(const struct atls_need *a, const struct atls_need *b)
{
	return a->item == b->item && strncmp(a->key, b->key,
	    ATLS_ITEM_KEY_MAX) == 0;
}

int64_t
src_ahead(int64_t issued, int64_t until)
{
	return issued > 0 && issued < until ? (until - issued) / 4 :
	    AHEAD_DEFAULT;
}

enum atls_rc
src_put(struct atls_collateral *c, enum atls_item item, struct atls_bytes b,
    struct atls_err *err)
{
	struct atls_err why = { 0 };
	enum atls_rc rc = atls_collateral_put(c, item, b, &why);

	if (rc == ATLS_E_STALE)
		return ATLS_OK;
	if (rc != ATLS_OK && err != NULL && err->rc == ATLS_OK)
		*err = why;
	return rc;
}

static enum atls_rc
take_name(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct atls_need *out = arg;

	(void)bytes;
	*out = *is;
	return ATLS_OK;
}

enum atls_rc
src_identify(enum atls_item item, struct atls_bytes b, struct atls_need *is,
    int64_t *issued, struct atls_err *err)
{
	struct atls_collateral *c = atls_collateral_new();
	enum atls_rc rc;
	int64_t until;

	*is = (struct atls_need){ 0 };
	*issued = 0;
	if (c == NULL)
		return fail_set(err, ATLS_E_MEM, "source", "a store");
	rc = atls_collateral_put(c, item, b, err);
	if (rc == ATLS_OK)
		rc = atls_collateral_each(c, take_name, is);
	if (rc == ATLS_OK && (is->item != item ||
	    atls_collateral_dates(c, is, issued, &until) != 1))
		rc = fail_set(err, ATLS_E_FORMAT, "source.item", "%s",
		    atls_item_name(item));
	atls_collateral_free(c);
	return rc;
}

enum atls_rc
src_put_newer(struct atls_collateral *c, enum atls_item item,
    struct atls_bytes b, struct atls_err *err)
{
	int64_t issued, there, until;
	struct atls_need is;
	enum atls_rc rc;

	rc = src_identify(item, b, &is, &issued, err);
	if (rc != ATLS_OK)
		return rc;
	if (atls_collateral_dates(c, &is, &there, &until) == 1 &&
	    there > issued)
		return ATLS_OK;
	return src_put(c, item, b, err);
}

bool
src_has(struct atls_collateral *c, const struct atls_need *need, int64_t t)
{
	int64_t issued, until;

	return atls_collateral_dates(c, need, &issued, &until) == 1 &&
	    (until == 0 || until > t);
}

struct copying {
	struct atls_collateral	*to;
	const struct atls_need	*only;		/* NULL: all */
	struct atls_err		*err;
	int			 found;
};

static enum atls_rc
copy_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct copying *k = arg;

	if (k->only != NULL && !src_is(is, k->only))
		return ATLS_OK;
	k->found = 1;
	return src_put(k->to, is->item, bytes, k->err);
}

int
src_copy(struct atls_collateral *from, struct atls_collateral *to,
    const struct atls_need *need, struct atls_err *err)
{
	struct copying k = { .to = to, .only = need, .err = err };

	return atls_collateral_each(from, copy_one, &k) == ATLS_OK ?
	    k.found : -1;
}

enum atls_rc
src_copy_all(struct atls_collateral *from, struct atls_collateral *to,
    struct atls_err *err)
{
	struct copying k = { .to = to, .err = err };

	return atls_collateral_each(from, copy_one, &k);
}
