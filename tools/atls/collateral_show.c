/* SPDX-License-Identifier: Apache-2.0 */
/* What collateral there is, and what is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "collateral.h"

static char *
time_text(int64_t t, char out[32])
{
	time_t clock = (time_t)t;
	struct tm tm;

	if (t == 0 || gmtime_r(&clock, &tm) == NULL ||
	    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, 32, "-");
	return out;
}

struct row {
	struct atls_need	is;
	size_t			size;
	int64_t			issued, until;
};

struct rows {
	struct atls_collateral	*store;
	struct row		*row;
	size_t			 n;
};

static enum atls_rc
row_take(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct rows *r = arg;
	struct row *one = &r->row[r->n];

	if (r->n == ATLS_ITEMS_MAX)
		return ATLS_OK;
	one->is = *is;
	one->size = bytes.len;
	(void)atls_collateral_dates(r->store, is, &one->issued, &one->until);
	r->n++;
	return ATLS_OK;
}

/* What ends first comes first; what has no end, last. */
static int
row_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->until == y->until)
		return strcmp(x->is.key, y->is.key);
	if (x->until == 0 || y->until == 0)
		return x->until == 0 ? 1 : -1;
	return x->until < y->until ? -1 : 1;
}

static json_t *
need_json(const struct atls_need *is)
{
	return json_pack("{s:s, s:s}", "item", atls_item_name(is->item),
	    "key", is->key);
}

static int
json_put(json_t *o)
{
	int bad = o == NULL || json_dumpf(o, stdout, JSON_COMPACT) != 0;

	putchar('\n');
	json_decref(o);
	return bad || fflush(stdout) != 0 ? complain(EX_TROUBLE,
	    "stdout: %s", strerror(errno)) : EX_ACCEPTED;
}

static int
show_rows(const struct collateral_args *a, const struct rows *r)
{
	char from[32], to[32];
	json_t *all = json_array(), *o;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct row *x = &r->row[i];
		bool over = x->until != 0 && x->until <= a->now;

		if (a->json && (o = need_json(&x->is)) != NULL) {
			json_object_set_new(o, "size",
			    json_integer((json_int_t)x->size));
			json_object_set_new(o, "issued",
			    json_integer(x->issued));
			json_object_set_new(o, "until",
			    json_integer(x->until));
			json_object_set_new(o, "expired", json_boolean(over));
			json_array_append_new(all, o);
		} else if (!a->json)
			printf("%-18s %s  %s  %7zu  %s%s\n",
			    atls_item_name(x->is.item),
			    time_text(x->issued, from),
			    time_text(x->until, to), x->size, x->is.key,
			    over ? "  EXPIRED" : "");
	}
	if (a->json)
		return json_put(json_pack("{s:o}", "items", all));
	json_decref(all);
	return fflush(stdout) == 0 ? EX_ACCEPTED : EX_TROUBLE;
}

int
collateral_show(const struct collateral_args *a)
{
	struct rows r = { .row = calloc(ATLS_ITEMS_MAX, sizeof(*r.row)) };
	struct collateral c;
	int status;

	if (r.row == NULL)
		return complain(EX_TROUBLE, "no memory");
	status = collateral_all(a, a->file[0], &c);
	r.store = c.store;
	if (c.store != NULL && atls_collateral_each(c.store, row_take, &r) !=
	    ATLS_OK)
		status = complain(EX_TROUBLE, "no memory");
	qsort(r.row, r.n, sizeof(*r.row), row_order);
	if (status == EX_ACCEPTED)
		status = show_rows(a, &r);
	collateral_close(&c);
	free(r.row);
	return status;
}

/* What this evidence lacks; into all, or on stdout. */
static int
check_one(const struct collateral_args *a, struct collateral *c,
    const char *path, json_t *all)
{
	struct atls_need need[ATLS_NEEDS_MAX];
	json_t *list = json_array();
	struct evidence e;
	size_t n = 0, i, lacks = 0;
	int status;

	status = evidence_open(&e, path, a->kind);
	if (status == EX_ACCEPTED)
		n = atls_collateral_missing(c->store, e.ev, a->now, need);
	for (i = 0; i < n; i++) {
		/* of the next evaluation: a verdict does without */
		lacks += need[i].item != ATLS_TCB_INFO_EARLY;
		json_array_append_new(list, need_json(&need[i]));
		if (!a->json)
			printf("%s: missing %s %s\n", path,
			    atls_item_name(need[i].item), need[i].key);
	}
	if (status == EX_ACCEPTED) {
		json_array_append_new(all, json_pack("{s:s, s:O}", "file",
		    path, "missing", list));
		status = lacks == 0 ? EX_ACCEPTED : EX_REJECTED;
	}
	json_decref(list);
	evidence_close(&e);
	return status;
}

int
collateral_check(const struct collateral_args *a)
{
	struct collateral c;
	json_t *all = json_array();
	int status, one, worst = EX_ACCEPTED, i;

	status = collateral_all(a, a->from, &c);
	for (i = 0; i < a->nfile && status == EX_ACCEPTED; i++) {
		one = check_one(a, &c, a->file[i], all);
		worst = one > worst ? one : worst;
	}
	if (status == EX_ACCEPTED && a->json)
		status = json_put(json_pack("{s:O}", "evidence", all));
	json_decref(all);
	collateral_close(&c);
	return status == EX_ACCEPTED ? worst : status;
}
