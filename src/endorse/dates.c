/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

int
atls_collateral_dates(struct atls_collateral *c, const struct atls_need *need,
    int64_t *issued, int64_t *until)
{
	struct store_item *item;

	*issued = *until = 0;
	if (c == NULL || need == NULL ||
	    (item = store_find(c, need->item, need->key)) == NULL)
		return 0;
	*issued = item->issued;
	*until = item->until;
	store_release(item);
	return 1;
}
