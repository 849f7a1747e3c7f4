/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "store_in.h"

struct atls_collateral *
atls_collateral_new(void)
{
	struct atls_collateral *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	if (pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	atomic_init(&c->refs, 1);
	return c;
}

struct atls_collateral *
atls_collateral_ref(struct atls_collateral *c)
{
	if (c != NULL)
		(void)atomic_fetch_add(&c->refs, 1);
	return c;
}

void
atls_collateral_free(struct atls_collateral *c)
{
	size_t i;

	if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	for (i = 0; i < STORE_OBJECTS; i++)
		store_object_release(c->memo[i].object);
	for (i = 0; i < c->nitem; i++)
		store_release(c->item[i]);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

void
store_release(struct store_item *item)
{
	if (item == NULL || atomic_fetch_sub(&item->refs, 1) > 1)
		return;
	if (item->form_free != NULL)
		item->form_free(item->form);
	free((void *)(uintptr_t)item->bytes.p);
	free(item);
}

/* A copy of bytes, not read yet. */
static struct store_item *
item_new(enum atls_item type, struct atls_bytes bytes)
{
	struct store_item *item;
	uint8_t *p;

	if ((item = calloc(1, sizeof(*item))) == NULL)
		return NULL;
	if ((p = malloc(bytes.len)) == NULL) {
		free(item);
		return NULL;
	}
	memcpy(p, bytes.p, bytes.len);
	atomic_init(&item->refs, 1);
	atomic_init(&item->verified, false);
	item->is.item = type;
	item->bytes = (struct atls_bytes){ p, bytes.len };
	return item;
}

static enum atls_rc
item_read(struct store_item *item, struct atls_err *err)
{
	uint8_t id[ATLS_HASH_MAX];
	enum atls_rc rc;

	if ((rc = crypto_hash(ATLS_SHA256, &item->bytes, 1, id)) != ATLS_OK)
		return err_set(err, rc, "collateral.digest", 0, "SHA-256");
	memcpy(item->id, id, sizeof(item->id));
	switch (item->is.item) {
	case ATLS_VCEK:
	case ATLS_VLEK:
	case ATLS_ASK:
	case ATLS_ARK:
	case ATLS_AMD_CRL:
		return amd_item(item->bytes, item, err);
	case ATLS_TCB_INFO:
	case ATLS_TCB_INFO_CHAIN:
	case ATLS_QE_IDENTITY:
	case ATLS_QE_IDENTITY_CHAIN:
	case ATLS_PCK_CRL:
	case ATLS_PCK_CRL_CHAIN:
	case ATLS_ROOT_CA_CRL:
	case ATLS_TCB_INFO_EARLY:
		return intel_item(item->bytes, item, err);
	case ATLS_ITEM_NONE:
	case ATLS_NITEMS:
		break;
	}
	return err_set(err, ATLS_E_ARG, "collateral.item", 0, "%d",
	    (int)item->is.item);
}

/* Call with the lock held; NULL: there is none. */
static struct store_item **
lookup(struct atls_collateral *c, enum atls_item type, const char *key)
{
	size_t i;

	for (i = 0; i < c->nitem; i++)
		if (c->item[i]->is.item == type &&
		    strcmp(c->item[i]->is.key, key) == 0)
			return &c->item[i];
	return NULL;
}

void
store_verified(struct store_item *item, int64_t now)
{
	if (item->issued <= now && (item->until == 0 || now < item->until))
		atomic_store(&item->verified, true);
}

/* What the place of an item is not given to, if issued before. */
static int64_t
floor_of(const struct store_item *item)
{
	return item->issued > item->floor && atomic_load(&item->verified) ?
	    item->issued : item->floor;
}

/* Of these there are as many as there are machines, or as somebody says. */
static bool
may_go(const struct store_item *item)
{
	switch (item->is.item) {
	case ATLS_VCEK:
	case ATLS_VLEK:
	case ATLS_TCB_INFO:
	case ATLS_TCB_INFO_EARLY:
		return true;
	case ATLS_ITEM_NONE:
	case ATLS_TCB_INFO_CHAIN:
	case ATLS_QE_IDENTITY:
	case ATLS_QE_IDENTITY_CHAIN:
	case ATLS_PCK_CRL:
	case ATLS_PCK_CRL_CHAIN:
	case ATLS_ROOT_CA_CRL:
	case ATLS_ASK:
	case ATLS_ARK:
	case ATLS_AMD_CRL:
	case ATLS_NITEMS:
		break;
	}
	return false;
}

/* Takes out the item that came first of those that nothing was verified with,
 * for what strangers made us fetch is among them; else of all.  NULL: none
 * may go. */
static struct store_item *
make_room(struct atls_collateral *c)
{
	size_t i, at = c->nitem;
	struct store_item *old;

	for (i = 0; i < c->nitem; i++) {
		if (!may_go(c->item[i]))
			continue;
		if (at == c->nitem)
			at = i;
		if (!atomic_load(&c->item[i]->verified)) {
			at = i;
			break;
		}
	}
	if (at == c->nitem)
		return NULL;
	old = c->item[at];
	c->nitem--;
	memmove(&c->item[at], &c->item[at + 1], (c->nitem - at) *
	    sizeof(c->item[0]));
	return old;
}

/*
 * Puts *item into its place, and sets *item to what was there.  A later date
 * of issue counts only where it was verified: else one bad answer of a server
 * would keep all good ones out.  And it counts for the place, whatever has
 * come into it since: else a bad answer would let an old one in.
 */
static enum atls_rc
place(struct atls_collateral *c, struct store_item **item,
    struct atls_err *err)
{
	struct store_item **at = lookup(c, (*item)->is.item, (*item)->is.key);
	struct store_item *old = NULL;
	int64_t least = at != NULL ? floor_of(*at) : 0;

	if (at != NULL && (*item)->issued < least)
		return err_set(err, ATLS_E_STALE, "collateral.issued", 0,
		    "%s %s: there is one of later date",
		    atls_item_name((*item)->is.item), (*item)->is.key);
	if (at == NULL && c->nitem == ATLS_ITEMS_MAX &&
	    (old = make_room(c)) == NULL)
		return err_set(err, ATLS_E_LIMIT, "collateral.items", 0,
		    "%zu items", c->nitem);
	if (at == NULL)
		at = &c->item[c->nitem++];
	else
		old = *at;
	(*item)->floor = least;
	*at = *item;
	*item = old;
	return ATLS_OK;
}

enum atls_rc
atls_collateral_put(struct atls_collateral *c, enum atls_item type,
    struct atls_bytes bytes, struct atls_err *err)
{
	struct store_item *item;
	enum atls_rc rc;

	if (c == NULL)
		return err_set(err, ATLS_E_ARG, "collateral.store", 0, "none");
	if (bytes.len == 0)
		return err_set(err, ATLS_E_TRUNC, "collateral.size", 0,
		    "%s: empty", atls_item_name(type));
	if (bytes.len > ATLS_ITEM_MAX)
		return err_set(err, ATLS_E_LIMIT, "collateral.size", 0,
		    "%s: %zu octets", atls_item_name(type), bytes.len);
	if ((item = item_new(type, bytes)) == NULL)
		return err_set(err, ATLS_E_MEM, "collateral.item", 0,
		    "no memory");
	if ((rc = item_read(item, err)) == ATLS_OK) {
		(void)pthread_mutex_lock(&c->lock);
		rc = place(c, &item, err);
		(void)pthread_mutex_unlock(&c->lock);
	}
	store_release(item);
	return rc;
}

struct store_item *
store_find(struct atls_collateral *c, enum atls_item type, const char *key)
{
	struct store_item **at, *item = NULL;

	if (c == NULL)
		return NULL;
	(void)pthread_mutex_lock(&c->lock);
	if ((at = lookup(c, type, key)) != NULL) {
		item = *at;
		(void)atomic_fetch_add(&item->refs, 1);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return item;
}

/* Each is held while fn looks at it, without the lock: fn may take long. */
enum atls_rc
atls_collateral_each(struct atls_collateral *c,
    enum atls_rc (*fn)(void *arg, const struct atls_need *,
    struct atls_bytes), void *arg)
{
	struct store_item **all;
	enum atls_rc rc = ATLS_OK;
	size_t i, n;

	if (c == NULL)
		return ATLS_OK;
	if ((all = calloc(ATLS_ITEMS_MAX, sizeof(*all))) == NULL)
		return ATLS_E_MEM;
	(void)pthread_mutex_lock(&c->lock);
	for (n = 0; n < c->nitem; n++) {
		all[n] = c->item[n];
		(void)atomic_fetch_add(&all[n]->refs, 1);
	}
	(void)pthread_mutex_unlock(&c->lock);
	for (i = 0; i < n; i++) {
		if (rc == ATLS_OK)
			rc = fn(arg, &all[i]->is, all[i]->bytes);
		store_release(all[i]);
	}
	free(all);
	return rc;
}
