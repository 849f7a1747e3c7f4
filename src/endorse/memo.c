/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store_in.h"

/*
 * What was verified.  It is found by the digests of all that it rests on, so
 * whatever is replaced retires it; and it holds in its time only.
 */
static bool
key_of(struct memo_key *k, const char *what, const struct atls_trust *trust,
    struct store_item *const *part, size_t nparts)
{
	struct atls_bytes anchors = crypto_trust_id(trust);
	size_t i;

	if (nparts > STORE_PARTS || anchors.len != STORE_ID)
		return false;
	*k = (struct memo_key){ .what = what, .nparts = nparts };
	memcpy(k->id[0], anchors.p, STORE_ID);
	for (i = 0; i < nparts; i++)
		memcpy(k->id[1 + i], part[i]->id, STORE_ID);
	return true;
}

static bool
key_eq(const struct memo_key *a, const struct memo_key *b)
{
	size_t i;

	if (a->nparts != b->nparts || strcmp(a->what, b->what) != 0)
		return false;
	for (i = 0; i <= a->nparts; i++)
		if (!atls_ct_eq(ATLS_ARRAY(a->id[i]), ATLS_ARRAY(b->id[i])))
			return false;
	return true;
}

/* Call with the lock held. */
static struct memo *
lookup(struct atls_collateral *c, const struct memo_key *k)
{
	size_t i;

	for (i = 0; i < STORE_OBJECTS; i++)
		if (c->memo[i].object != NULL && key_eq(&c->memo[i].key, k))
			return &c->memo[i];
	return NULL;
}

struct store_object *
store_recall(struct atls_collateral *c, const char *what,
    const struct atls_trust *trust, struct store_item *const *part,
    size_t nparts, int64_t now)
{
	struct store_object *o = NULL;
	struct memo_key k;
	struct memo *m;

	if (c == NULL || !key_of(&k, what, trust, part, nparts))
		return NULL;
	(void)pthread_mutex_lock(&c->lock);
	m = lookup(c, &k);
	if (m != NULL && m->object->from <= now && now < m->object->until) {
		o = m->object;
		(void)atomic_fetch_add(&o->refs, 1);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return o;
}

void
store_remember(struct atls_collateral *c, const char *what,
    const struct atls_trust *trust, struct store_item *const *part,
    size_t nparts, struct store_object *o)
{
	struct store_object *old;
	struct memo_key k;
	struct memo *m;

	if (c == NULL || !key_of(&k, what, trust, part, nparts))
		return;
	(void)atomic_fetch_add(&o->refs, 1);
	(void)pthread_mutex_lock(&c->lock);
	if ((m = lookup(c, &k)) == NULL) {
		m = &c->memo[c->next];
		c->next = (c->next + 1) % STORE_OBJECTS;
	}
	old = m->object;
	m->key = k;
	m->object = o;
	(void)pthread_mutex_unlock(&c->lock);
	store_object_release(old);
}

void
store_object_release(struct store_object *o)
{
	if (o != NULL && atomic_fetch_sub(&o->refs, 1) == 1)
		o->destroy(o);
}

/* "tdx" of "tdx:b0c06f000000". */
static void
tee_of(const struct store_item *item, char tee[MARK_TEE_MAX])
{
	size_t n = strcspn(item->is.key, ":");

	if (n >= MARK_TEE_MAX)
		n = MARK_TEE_MAX - 1;
	memcpy(tee, item->is.key, n);
	tee[n] = '\0';
}

bool
store_mark(struct atls_collateral *c, const struct atls_trust *trust,
    const struct store_item *item, uint32_t *highest)
{
	struct mark want = { .item = item->is.item,
	    .highest = item->evaluation }, *m = NULL;
	struct atls_bytes anchors = crypto_trust_id(trust);
	size_t i;
	bool ok;

	memcpy(want.anchors, anchors.p, sizeof(want.anchors));
	tee_of(item, want.tee);
	(void)pthread_mutex_lock(&c->lock);
	for (i = 0; i < STORE_MARKS && m == NULL; i++)
		if (c->mark[i].item == want.item &&
		    strcmp(c->mark[i].tee, want.tee) == 0 &&
		    atls_ct_eq(ATLS_ARRAY(c->mark[i].anchors), anchors))
			m = &c->mark[i];
	if (m == NULL) {
		m = &c->mark[c->next_mark];
		c->next_mark = (c->next_mark + 1) % STORE_MARKS;
		*m = want;
	}
	ok = want.highest >= m->highest;
	if (ok)
		m->highest = want.highest;
	*highest = m->highest;
	(void)pthread_mutex_unlock(&c->lock);
	return ok;
}

bool
store_is_below(struct atls_collateral *c, const struct store_item *item)
{
	char tee[MARK_TEE_MAX];
	bool below = false;
	size_t i;

	tee_of(item, tee);
	(void)pthread_mutex_lock(&c->lock);
	for (i = 0; i < STORE_MARKS; i++)
		if (c->mark[i].item == item->is.item &&
		    strcmp(c->mark[i].tee, tee) == 0 &&
		    c->mark[i].highest > item->evaluation)
			below = true;
	(void)pthread_mutex_unlock(&c->lock);
	return below;
}
