/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src.h"

#define ROUNDS	3	/* what is missing may be known once more is there */

struct atls_collateral_source {
	atomic_uint		 refs;
	const struct src_ops	*ops;
	void			*self;
};

struct atls_collateral_source *
src_new(const struct src_ops *ops, void *self, struct atls_err *err)
{
	struct atls_collateral_source *s = malloc(sizeof(*s));

	if (s == NULL) {
		ops->free(self);
		(void)fail_set(err, ATLS_E_MEM, "source", "a source");
		return NULL;
	}
	atomic_init(&s->refs, 1);
	s->ops = ops;
	s->self = self;
	return s;
}

struct atls_collateral_source *
atls_source_ref(struct atls_collateral_source *s)
{
	if (s != NULL)
		(void)atomic_fetch_add(&s->refs, 1);
	return s;
}

void
atls_source_free(struct atls_collateral_source *s)
{
	if (s == NULL || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	s->ops->free(s->self);
	free(s);
}

enum atls_rc
atls_source_get(struct atls_collateral_source *s, struct atls_collateral *c,
    const struct atls_need *need, size_t n, int64_t now, struct atls_err *err)
{
	enum atls_rc rc = ATLS_OK, one;
	size_t i;

	if (s == NULL || c == NULL || (need == NULL && n > 0))
		return fail_set(err, ATLS_E_ARG, "source", "no source");
	for (i = 0; i < n; i++) {
		one = s->ops->get(s->self, c, &need[i], now, now, err);
		if (rc == ATLS_OK)
			rc = one;
	}
	return rc;
}

enum atls_rc
atls_source_all(struct atls_collateral_source *s, struct atls_collateral *c,
    struct atls_err *err)
{
	if (s == NULL || c == NULL)
		return fail_set(err, ATLS_E_ARG, "source", "no source");
	return s->ops->all(s->self, c, err);
}

/*
 * The next TCB evaluation is for a warning only: without it a verdict is as
 * good, so its failure is none.
 */
static void
look_ahead(struct atls_collateral_source *s, struct atls_collateral *c,
    const struct atls_evidence *ev, int64_t now)
{
	struct atls_need need[ATLS_NEEDS_MAX];
	struct atls_collateral *none = atls_collateral_new();
	size_t n, i;

	if (none == NULL)
		return;
	n = atls_collateral_missing(none, ev, now, need);
	for (i = 0; i < n; i++) {
		int64_t issued, until;

		if (need[i].item != ATLS_TCB_INFO)
			continue;
		need[i].item = ATLS_TCB_INFO_EARLY;
		if (atls_collateral_dates(c, &need[i], &issued, &until) != 1 ||
		    until <= now)
			(void)s->ops->get(s->self, c, &need[i], now, now,
			    NULL);
	}
	atls_collateral_free(none);
}

static size_t
missing(struct atls_collateral *c, const struct atls_evidence *ev, int64_t now,
    struct atls_need need[ATLS_NEEDS_MAX])
{
	size_t n = atls_collateral_missing(c, ev, now, need), i, left = 0;

	/* look_ahead() sees to that */
	for (i = 0; i < n; i++)
		if (need[i].item != ATLS_TCB_INFO_EARLY)
			need[left++] = need[i];
	return left;
}

static bool
same(const struct atls_need *a, size_t na, const struct atls_need *b,
    size_t nb)
{
	size_t i;

	for (i = 0; i < na && na == nb; i++)
		if (!src_is(&a[i], &b[i]))
			return false;
	return na == nb;
}

enum atls_rc
atls_source_fill(struct atls_collateral_source *s, struct atls_collateral *c,
    const struct atls_evidence *ev, int64_t now, struct atls_err *err)
{
	struct atls_need need[ATLS_NEEDS_MAX], last[ATLS_NEEDS_MAX];
	struct atls_err why = { 0 };
	size_t n, nlast = 0;
	int round;

	if (s == NULL || c == NULL || ev == NULL)
		return fail_set(err, ATLS_E_ARG, "source", "no source");
	for (round = 0; round < ROUNDS; round++) {
		n = missing(c, ev, now, need);
		if (n == 0 || same(need, n, last, nlast))
			break;
		why = (struct atls_err){ 0 };
		if (atls_source_get(s, c, need, n, now, &why) != ATLS_OK &&
		    why.rc == ATLS_E_MEM)
			break;
		memcpy(last, need, n * sizeof(need[0]));
		nlast = n;
	}
	if (s->ops->early(s->self))
		look_ahead(s, c, ev, now);
	if ((n = missing(c, ev, now, need)) == 0)
		return ATLS_OK;
	if (why.rc == ATLS_OK)
		return fail_set(err, ATLS_E_STALE, "source.expired",
		    "%s %.60s", atls_item_name(need[0].item), need[0].key);
	if (err != NULL && err->rc == ATLS_OK)
		*err = why;
	return why.rc;
}

enum atls_rc
atls_source_again(struct atls_collateral_source *s, struct atls_collateral *c,
    const struct atls_evidence *ev, int64_t now, struct atls_err *err)
{
	struct atls_need need[ATLS_NEEDS_MAX];
	struct atls_collateral *none;
	size_t n, i;

	if (s == NULL || c == NULL || ev == NULL)
		return fail_set(err, ATLS_E_ARG, "source", "no source");
	if ((none = atls_collateral_new()) == NULL)
		return fail_set(err, ATLS_E_MEM, "source", "a store");
	n = missing(none, ev, now, need);
	atls_collateral_free(none);
	for (i = 0; i < n && s->ops->drop != NULL; i++)
		s->ops->drop(s->self, &need[i], now);
	return atls_source_get(s, c, need, n, now, err);
}

/* A list, since nothing may be put while atls_collateral_each() runs. */
struct list {
	struct atls_need	need[ATLS_ITEMS_MAX];
	size_t			n;
};

static enum atls_rc
note_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct list *l = arg;

	(void)bytes;
	if (l->n < ATLS_ITEMS_MAX)
		l->need[l->n++] = *is;
	return ATLS_OK;
}

enum atls_rc
atls_source_refresh(struct atls_collateral_source *s,
    struct atls_collateral *c, int64_t now, struct atls_err *err)
{
	int64_t issued, until, ahead;
	enum atls_rc rc, one;
	struct list *l;
	size_t i;

	if (s == NULL || c == NULL)
		return fail_set(err, ATLS_E_ARG, "source", "no source");
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return fail_set(err, ATLS_E_MEM, "source", "a list");
	rc = atls_collateral_each(c, note_one, l);
	for (i = 0; i < l->n; i++) {
		if (atls_collateral_dates(c, &l->need[i], &issued,
		    &until) != 1 || until == 0)
			continue;
		ahead = src_ahead(issued, until);
		if (now < until - ahead)
			continue;
		one = s->ops->get(s->self, c, &l->need[i], now, now + ahead,
		    err);
		if (rc == ATLS_OK)
			rc = one;
	}
	free(l);
	return rc;
}
