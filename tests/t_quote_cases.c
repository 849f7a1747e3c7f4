/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <atls/appraise.h>

#include "heap.h"
#include "quote_cases.h"
#include "t.h"

/*
 * Real quotes with the collateral of their day: one check for each row of
 * cases.tsv, whose verdicts are those of two other implementations.
 */

/*
 * What a reason of the table is here.  TCB info of another FMSPC is not looked
 * at at all: it is not what the store has under this one's name.
 */
static const struct {
	const char	*reason;
	enum atls_rc	 rc;
	const char	*where;		/* what it has in it; "": anything */
} reasons[] = {
	{ "collateral-expired", ATLS_E_STALE, "" },
	{ "collateral-not-yet-valid", ATLS_E_STALE, "" },
	{ "pck-expired", ATLS_E_STALE, "intel.pck.chain" },
	{ "debug", ATLS_E_POLICY, "attributes.debug" },
	{ "tcb-not-supported", ATLS_E_POLICY, "intel.tcb.level" },
	{ "fmspc-mismatch", ATLS_E_NONE, "" },
	{ "bad-quote-signature", ATLS_E_SIG, ".signature" },
	{ "no-pck-chain", ATLS_E_CHAIN, "pck.chain" },
	{ "untrusted-root", ATLS_E_CHAIN, "pck.chain" },
};

static struct atls_trust *anchors;
static unsigned skipped, accepted, rejected;

static bool
has(const char *list, const char *word)
{
	const char *at = strstr(list, word);
	size_t n = strlen(word);

	return at != NULL && (at[n] == '\0' || at[n] == ',');
}

static void
advisories(const struct quote_case *r, const struct atls_tcb *tcb)
{
	const char *list = r->col[QC_ADVISORIES], *p;
	size_t i, n = *list != '\0';

	for (p = list; *p != '\0'; p++)
		n += *p == ',';
	T(tcb->nadvisory == n, "%s: %zu advisories, not %zu", r->col[QC_ID],
	    tcb->nadvisory, n);
	for (i = 0; i < tcb->nadvisory; i++)
		T(has(list, tcb->advisory[i]), "%s: %s", r->col[QC_ID],
		    tcb->advisory[i]);
}

static bool
is_reason(const char *reason, const struct atls_err *why)
{
	size_t i;

	for (i = 0; i < NITEMS(reasons); i++)
		if (strcmp(reason, reasons[i].reason) == 0)
			return why->rc == reasons[i].rc &&
			    strstr(why->where, reasons[i].where) != NULL;
	return false;
}

/*
 * Rows whose last column names a second fault, of the collateral, beside the
 * one in the verdict: we stop at the first of the two in the order of checks.
 * The other row of the same quote has the verdict's fault alone.
 */
static bool
is_second(const struct quote_case *r, const struct atls_err *why)
{
	if (strstr(r->col[QC_WHY], "verification time is") != NULL)
		return why->rc == ATLS_E_STALE;
	if (strstr(r->col[QC_WHY], "of another FMSPC") != NULL)
		return why->rc == ATLS_E_NONE || why->rc == ATLS_E_STALE;
	return false;
}

/*
 * Without CRLs nothing is accepted: that a certificate was not revoked must be
 * shown.  So the row's reason cannot be reached, but by leaving out the checks
 * of the chain and the platform: what is wrong with the quote is then seen.
 */
static void
without_crl(const struct quote_case *r, struct atls_bytes quote, int64_t now)
{
	struct atls_result res;
	const char *verdict = r->col[QC_VERDICT];
	bool ok;

	quote_leaf = true;
	ok = quote_verify(r, quote, NULL, anchors, now, &res);
	quote_leaf = false;
	if (strncmp(verdict, "REJECT:", 7) == 0)
		T(!ok && is_reason(verdict + 7, &res.why), "%s: %s: %s",
		    r->col[QC_ID], res.why.where, res.why.detail);
	else
		T(ok, "%s: %s", r->col[QC_ID], res.why.where);
}

static void
judge(const struct quote_case *r, bool ok, const struct atls_result *res)
{
	const char *verdict = r->col[QC_VERDICT];

	if (strncmp(verdict, "REJECT:", 7) == 0) {
		rejected++;
		T(!ok && (is_reason(verdict + 7, &res->why) ||
		    is_second(r, &res->why)), "%s: %s, and not %d at %s: %s",
		    r->col[QC_ID], verdict, (int)res->why.rc, res->why.where,
		    res->why.detail);
		return;
	}
	accepted++;
	T(ok && strcmp(atls_tcb_name(res->tcb.status),
	    strchr(verdict, ':') + 1) == 0, "%s: %s, and not %s: %s: %s",
	    r->col[QC_ID], verdict, atls_tcb_name(res->tcb.status),
	    res->why.where, res->why.detail);
	if (ok)
		advisories(r, &res->tcb);
}

/* Holds up to not_after, when one has to ask again, and no longer. */
static void
edge(const struct quote_case *r, struct atls_bytes quote,
    struct atls_collateral *c, int64_t end)
{
	struct atls_result res;

	T(end > quote_time(r), "%s: no end", r->col[QC_ID]);
	T(quote_verify(r, quote, c, anchors, end - 1, &res),
	    "%s: before the end: %s", r->col[QC_ID], res.why.where);
	T(!quote_verify(r, quote, c, anchors, end + 1, &res) &&
	    res.why.rc == ATLS_E_STALE, "%s: behind the end",
	    r->col[QC_ID]);
}

static void
row(void *arg, const struct quote_case *r)
{
	bool missing = !quote_has_files(r),
	    has_crl = strcmp(r->col[QC_PCK_CRL], "-") != 0,
	    has_tcb = strcmp(r->col[QC_TCB], "-") != 0;
	struct atls_bytes quote;
	struct atls_collateral *c;
	struct atls_result res;
	int64_t now = quote_time(r);
	bool ok;

	(void)arg;
	if (missing) {
		skipped++;
		return;
	}
	quote = quote_case_file(r, QC_QUOTE, &missing);
	c = quote_collateral(r, &missing);
	ok = quote_verify(r, quote, c, anchors, now, &res);
	if (has_tcb && !has_crl) {
		rejected++;
		T(!ok && res.why.rc == ATLS_E_NONE && strstr(res.why.where,
		    "crl") != NULL, "%s: %d at %s", r->col[QC_ID],
		    (int)res.why.rc, res.why.where);
		without_crl(r, quote, now);
	} else
		judge(r, ok, &res);
	if (ok)
		edge(r, quote, c, res.not_after);
	atls_collateral_free(c);
	drop(quote);
}

int
main(void)
{
	struct atls_bytes root = quote_file("tdx/collateral/root-ca.pem");

	quote_init();
	anchors = atls_trust_new(root, (struct atls_bytes){ NULL, 0 }, NULL);
	T(anchors != NULL, "root");
	T(quote_cases("tdx", row, NULL) > 60, "rows");
	T(quote_cases("sgx", row, NULL) > 60, "rows");
	printf("%u accepted, %u rejected\n", accepted, rejected);
	if (skipped > 0)
		printf("skipped: t_quote_cases: %u rows, whose files are not "
		    "in ATLS_VECTORS_EXTRA\n", skipped);
	atls_trust_free(anchors);
	drop(root);
	quote_done();
	return t_end("t_quote_cases");
}
