/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/endorse/intel_in.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool cond)
{
	if (!cond)
		abort();
}

static void
inside(struct atls_bytes in, struct atls_bytes v)
{
	must(v.len > 0 && v.p >= in.p && v.len <= in.len &&
	    (size_t)(v.p - in.p) <= in.len - v.len);
}

static void
levels(const struct intel_doc *d, const struct intel_levels *l)
{
	size_t i;

	must(l->n > 0 && l->n <= INTEL_LEVELS_MAX);
	for (i = 0; i < l->n; i++) {
		must(l->level[i].status != ATLS_TCB_NONE);
		must(l->level[i].nadvisory <= ATLS_ADVISORIES_MAX &&
		    l->level[i].advisory + l->level[i].nadvisory <=
		    d->nadvisory);
	}
}

static void
doc(const struct store_item *item)
{
	const struct intel_doc *d = item->form;
	size_t i;

	inside(item->bytes, d->body);
	must(d->body.p[0] == '{' && d->body.p[d->body.len - 1] == '}');
	must(item->issued < item->until && d->issued == item->issued);
	levels(d, &d->levels);
	for (i = 0; i < d->nid; i++) {
		must(d->id[i].version != 0);
		levels(d, &d->id[i].levels);
	}
	for (i = 0; i < d->nadvisory; i++)
		must(memchr(d->advisory[i], '\0', ATLS_ADVISORY_MAX) != NULL);
}

static enum atls_rc
look(void *arg, const struct atls_need *need, struct atls_bytes b)
{
	struct store_item *item = store_find(arg, need->item, need->key);

	must(item != NULL && b.p == item->bytes.p);
	must(memchr(need->key, '\0', sizeof(need->key)) != NULL);
	must(need->key[0] != '\0');
	if (need->item == ATLS_TCB_INFO || need->item == ATLS_QE_IDENTITY ||
	    need->item == ATLS_TCB_INFO_EARLY)
		doc(item);
	store_release(item);
	return ATLS_OK;
}

/* The first octet chooses the type; the rest is also read as the leaf of a
 * PCK chain. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_err err = { .rc = ATLS_OK };
	struct intel_pck pck;
	enum atls_rc rc;
	uint8_t *p = malloc(size > 1 ? size - 1 : 1);

	must(c != NULL && p != NULL);
	if (size == 0) {
		atls_collateral_free(c);
		free(p);
		return 0;
	}
	memcpy(p, data + 1, size - 1);
	rc = atls_collateral_put(c, (enum atls_item)(data[0] % ATLS_NITEMS),
	    (struct atls_bytes){ p, size - 1 }, &err);
	must(err.rc == rc && (rc == ATLS_OK || err.where != NULL));
	must(atls_collateral_each(c, look, c) == ATLS_OK);
	(void)intel_pck_parse((struct atls_bytes){ p, size - 1 }, &pck, NULL);
	atls_collateral_free(c);
	free(p);
	return 0;
}
