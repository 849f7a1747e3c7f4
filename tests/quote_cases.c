/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/codec/date.h"
#include "../src/evidence/evidence.h"
#include "heap.h"

#define TABLE_MAX	65536	/* octets of one */

static const struct {
	int		 column;
	enum atls_item	 item;
} items[] = {
	{ QC_TCB, ATLS_TCB_INFO }, { QC_QE, ATLS_QE_IDENTITY },
	{ QC_PCK_CRL, ATLS_PCK_CRL }, { QC_ROOT_CRL, ATLS_ROOT_CA_CRL },
	{ QC_SIGNERS, ATLS_TCB_INFO_CHAIN },
	{ QC_SIGNERS, ATLS_QE_IDENTITY_CHAIN },
};

#define NITEMS_OF	(sizeof(items) / sizeof(items[0]))

struct atls_bytes
quote_case_file(const struct quote_case *c, int column, bool *missing)
{
	struct atls_bytes b = { NULL, 0 };
	char name[256];

	if (strcmp(c->col[column], "-") == 0)
		return b;
	(void)snprintf(name, sizeof(name), "%s/%s", c->kind, c->col[column]);
	b = quote_file(name);
	if (b.p == NULL)
		*missing = true;
	return b;
}

bool
quote_has_files(const struct quote_case *c)
{
	bool missing = false;
	int i;

	for (i = QC_QUOTE; i <= QC_SIGNERS; i++)
		drop(quote_case_file(c, i, &missing));
	return !missing;
}

/* Rows without a time are about the quote alone: any day will do. */
int64_t
quote_time(const struct quote_case *c)
{
	const char *day = strcmp(c->col[QC_TIME], "-") == 0 ?
	    "2025-06-20T00:00:00Z" : c->col[QC_TIME];
	int64_t now;

	if (!date_read(pki_view(day), &now))
		abort();
	return now;
}

struct atls_collateral *
quote_collateral(const struct quote_case *c, bool *missing)
{
	struct atls_collateral *store = atls_collateral_new();
	struct atls_bytes b;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS_OF; i++) {
		b = quote_case_file(c, items[i].column, missing);
		if (b.p != NULL && atls_collateral_put(store, items[i].item,
		    b, &err) != ATLS_OK) {
			fprintf(stderr, "%s: %s: %s: %s\n", c->col[QC_ID],
			    c->col[items[i].column], err.where, err.detail);
			abort();
		}
		drop(b);
	}
	return store;
}

bool
quote_verify(const struct quote_case *c, struct atls_bytes quote,
    struct atls_collateral *store, struct atls_trust *anchors, int64_t now,
    struct atls_result *res)
{
	enum atls_kind kind = atls_kind_named(c->kind);
	const struct evidence_ops *ops = evidence_ops(kind);
	struct evidence_trust trust = { .anchors = anchors,
	    .collateral = store, .now = now };
	struct atls_bytes raw = copy(quote);
	uint8_t *room = malloc(raw.len + 1);
	struct atls_buf scratch = { room, raw.len, 0 };
	bool ok;

	*res = (struct atls_result){ .kind = kind };
	ok = atls_evidence_parse(&res->claims, kind, raw, &scratch,
	    &res->why) == ATLS_OK &&
	    ops->signature(&res->claims, &trust, res) == 1 &&
	    ops->tcb(&res->claims, &trust, res) == 1;
	res->claims = (struct atls_evidence){ .kind = kind };
	drop(raw);
	free(room);
	return ok;
}

unsigned
quote_cases(const char *kind, void (*fn)(void *, const struct quote_case *),
    void *arg)
{
	static char text[2][TABLE_MAX];
	struct quote_case c = { .kind = kind };
	char *p = text[strcmp(kind, "sgx") == 0], name[64], *line, *end;
	struct atls_bytes b;
	unsigned rows = 0;
	int i;

	(void)snprintf(name, sizeof(name), "%s/cases.tsv", kind);
	b = quote_file(name);
	if (b.p == NULL || b.len >= TABLE_MAX)
		abort();
	memcpy(p, b.p, b.len + 1);
	drop(b);
	p = strchr(p, '\n');			/* the heading */
	for (line = p + 1; *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			abort();
		*end = '\0';
		for (i = 0; i < QC_NCOLUMNS; i++) {
			c.col[i] = line;
			line = strchr(line, '\t');
			if (line == NULL)
				line = end;
			else
				*line++ = '\0';
		}
		fn(arg, &c);
		rows++;
	}
	return rows;
}
