/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>

#include "quote_cases.h"

/*
 * For dcap-second.sh: prints a line for each row of cases.tsv, and for quotes
 * made of those that are accepted by changing something at random (the same
 * each time), with our verdict and all that another implementation needs.
 *
 *	kind, row, what was done and where, verdict, quote in hexadecimal
 */
#define MUTANTS		3000
#define ROWS_MAX	200

enum { FLIP, OCTET, CUT, INSERT, DELETE, OTHER_S, SWAP, LENGTH, NKINDS };

static const char *const kinds[NKINDS] = { "flip", "octet", "cut", "insert",
    "delete", "other-s", "swap", "length" };

static struct atls_trust *anchors;
static struct quote good[ROWS_MAX];
static struct quote_case from[ROWS_MAX];
static size_t ngood;

/* Knuth's MMIX generator. */
static uint64_t
any(uint64_t n)
{
	static uint64_t x = 20250619;

	x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (x >> 33) % n;
}

static void
say(const struct quote_case *c, const char *what, size_t at,
    const struct quote *q)
{
	struct atls_result res;
	bool missing = false, ok;
	struct atls_collateral *store = quote_collateral(c, &missing);
	size_t i;

	ok = quote_verify(c, (struct atls_bytes){ q->b, q->len }, store,
	    anchors, quote_time(c), &res);
	atls_collateral_free(store);
	printf("%s\t%s\t%s@%zu\t%s:%s\t", c->kind, c->col[QC_ID], what, at,
	    ok ? "accept" : "reject", ok ? atls_tcb_name(res.tcb.status) :
	    res.why.where);
	for (i = 0; i < q->len; i++)
		printf("%02x", q->b[i]);
	printf("\n");
}

static void
row(void *arg, const struct quote_case *c)
{
	char name[256];
	struct quote q;

	(void)arg;
	if (strcmp(c->col[QC_TCB], "-") == 0 ||
	    strcmp(c->col[QC_PCK_CRL], "-") == 0)
		return;
	(void)snprintf(name, sizeof(name), "%s/%s", c->kind,
	    c->col[QC_QUOTE]);
	if (!quote_has_files(c) || !quote_load(&q, name))
		return;
	say(c, "none", 0, &q);
	if (strncmp(c->col[QC_VERDICT], "ACCEPT:", 7) == 0 &&
	    ngood < ROWS_MAX) {
		good[ngood] = q;
		from[ngood++] = *c;
	}
}

static size_t
change(struct quote *q, unsigned kind)
{
	size_t at = any(q->len), n;
	uint8_t half[64];

	switch (kind) {
	case FLIP:
		q->b[at] ^= (uint8_t)(1u << any(8));
		break;
	case OCTET:
		q->b[at] = (uint8_t)any(256);
		break;
	case CUT:
		q->len = at;
		break;
	case INSERT:
		memmove(q->b + at + 1, q->b + at, q->len - at);
		q->b[at] = (uint8_t)any(256);
		q->len++;
		break;
	case DELETE:
		memmove(q->b + at, q->b + at + 1, q->len - at - 1);
		q->len--;
		break;
	case OTHER_S:
		at = any(2) == 0 ? q->sig : q->qe_sig;
		quote_other_s(q->b + at);
		break;
	case SWAP:			/* two runs of 32 octets */
		n = any(q->cert - 32);
		at = any(q->cert - 32);
		memcpy(half, q->b + n, 32);
		memcpy(half + 32, q->b + at, 32);
		memcpy(q->b + n, half + 32, 32);
		memcpy(q->b + at, half, 32);
		break;
	case LENGTH:
		n = any(3);
		at = n == 0 ? q->siglen : n == 1 ? q->authlen : q->cert + 2;
		quote_put(q, at, quote_get(q, at, 2) + any(9) - 4, 2);
		break;
	}
	return at;
}

int
main(void)
{
	struct atls_bytes root = quote_file("tdx/collateral/root-ca.pem");
	static struct quote q;
	size_t i, k, at;

	anchors = atls_trust_new(root, (struct atls_bytes){ NULL, 0 }, NULL);
	if (anchors == NULL || !quote_cases("tdx", row, NULL) ||
	    !quote_cases("sgx", row, NULL) || ngood == 0)
		return 1;
	for (i = 0; i < MUTANTS; i++) {
		k = any(ngood);
		q = good[k];
		at = change(&q, (unsigned)(i % NKINDS));
		say(&from[k], kinds[i % NKINDS], at, &q);
	}
	atls_trust_free(anchors);
	free((void *)(uintptr_t)root.p);
	return 0;
}
