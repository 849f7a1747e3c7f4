/* SPDX-License-Identifier: Apache-2.0 */
#include "../endorse/store.h"
#include "evidence.h"

/* Not at hand, not in its time, or put back behind what was seen since. */
static bool
is_missing(struct atls_collateral *c, const struct atls_need *need,
    int64_t now)
{
	struct store_item *item = store_find(c, need->item, need->key);
	bool missing;

	if (item == NULL)
		return true;
	missing = (item->until != 0 && now >= item->until) ||
	    (item->issued != 0 && now < item->issued) ||
	    store_is_below(c, item);
	store_release(item);
	return missing;
}

size_t
atls_collateral_missing(struct atls_collateral *c,
    const struct atls_evidence *ev, int64_t now,
    struct atls_need out[ATLS_NEEDS_MAX])
{
	const struct evidence_ops *ops = evidence_ops(ev->kind);
	struct atls_need all[ATLS_NEEDS_MAX];
	size_t i, n = 0, missing = 0;

	if (ops == NULL || ops->needs == NULL)
		return 0;
	ops->needs(ev, all, &n);
	for (i = 0; i < n; i++)
		if (is_missing(c, &all[i], now))
			out[missing++] = all[i];
	return missing;
}
