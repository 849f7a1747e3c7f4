/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>
#include <atls/collateral.h>

#include "../src/codec/date.h"
#include "../src/evidence/evidence.h"
#include "heap.h"
#include "quote_make.h"
#include "t.h"

/*
 * Real quotes with the collateral of their day: one check for each row of
 * cases.tsv, whose verdicts are those of two other implementations.
 */
enum { ID, QUOTE, TCB, QE, PCK_CRL, ROOT_CRL, SIGNERS, TIME, VERDICT, STATUS,
    ADVISORIES, POLICY, SEEN, WHY, NCOLUMNS };

static const struct {
	int		 column;
	enum atls_item	 item;
} items[] = {
	{ TCB, ATLS_TCB_INFO }, { QE, ATLS_QE_IDENTITY },
	{ PCK_CRL, ATLS_PCK_CRL }, { ROOT_CRL, ATLS_ROOT_CA_CRL },
	{ SIGNERS, ATLS_TCB_INFO_CHAIN }, { SIGNERS, ATLS_QE_IDENTITY_CHAIN },
};

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

struct row {
	const char	*kind, *col[NCOLUMNS];
};

/* Octets of a file of the kind's folder; {} for "-", and if it is not there:
 * then missing is set. */
static struct atls_bytes
file_of(const struct row *r, int column, bool *missing)
{
	struct atls_bytes b = { NULL, 0 };
	char name[256];

	if (strcmp(r->col[column], "-") == 0)
		return b;
	(void)snprintf(name, sizeof(name), "%s/%s", r->kind, r->col[column]);
	b = quote_file(name);
	if (b.p == NULL)
		*missing = true;
	return b;
}

static struct atls_collateral *
collateral(const struct row *r, bool *missing)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_bytes b;
	struct atls_err err;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(items); i++) {
		b = file_of(r, items[i].column, missing);
		if (b.p == NULL)
			continue;
		rc = atls_collateral_put(c, items[i].item, b, &err);
		T(rc == ATLS_OK, "%s: %s: %s: %s", r->col[ID],
		    r->col[items[i].column], err.where, err.detail);
		drop(b);
	}
	return c;
}

/* All checks but for those of a policy. */
static bool
verify(const struct row *r, struct atls_bytes quote,
    struct atls_collateral *c, int64_t now, struct atls_result *res)
{
	enum atls_kind kind = atls_kind_named(r->kind);
	const struct evidence_ops *ops = evidence_ops(kind);
	struct evidence_trust trust = { .anchors = anchors, .collateral = c,
	    .now = now };
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

static bool
has(const char *list, const char *word)
{
	const char *at = strstr(list, word);
	size_t n = strlen(word);

	return at != NULL && (at[n] == '\0' || at[n] == ',');
}

static void
advisories(const struct row *r, const struct atls_tcb *tcb)
{
	const char *list = r->col[ADVISORIES], *p;
	size_t i, n = *list != '\0';

	for (p = list; *p != '\0'; p++)
		n += *p == ',';
	T(tcb->nadvisory == n, "%s: %zu advisories, not %zu", r->col[ID],
	    tcb->nadvisory, n);
	for (i = 0; i < tcb->nadvisory; i++)
		T(has(list, tcb->advisory[i]), "%s: %s", r->col[ID],
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
is_second(const struct row *r, const struct atls_err *why)
{
	if (strstr(r->col[WHY], "verification time is") != NULL)
		return why->rc == ATLS_E_STALE;
	if (strstr(r->col[WHY], "of another FMSPC") != NULL)
		return why->rc == ATLS_E_NONE || why->rc == ATLS_E_STALE;
	return false;
}

/*
 * Without CRLs nothing is accepted: that a certificate was not revoked must be
 * shown.  So the row's reason cannot be reached, but by leaving out the checks
 * of the chain and the platform: what is wrong with the quote is then seen.
 */
static void
without_crl(const struct row *r, struct atls_bytes quote, int64_t now)
{
	struct atls_result res;
	const char *verdict = r->col[VERDICT];
	bool ok;

	quote_leaf = true;
	ok = verify(r, quote, NULL, now, &res);
	quote_leaf = false;
	if (strncmp(verdict, "REJECT:", 7) == 0)
		T(!ok && is_reason(verdict + 7, &res.why), "%s: %s: %s",
		    r->col[ID], res.why.where, res.why.detail);
	else
		T(ok, "%s: %s", r->col[ID], res.why.where);
}

static void
judge(const struct row *r, bool ok, const struct atls_result *res)
{
	const char *verdict = r->col[VERDICT];

	if (strncmp(verdict, "REJECT:", 7) == 0) {
		rejected++;
		T(!ok && (is_reason(verdict + 7, &res->why) ||
		    is_second(r, &res->why)), "%s: %s, and not %d at %s: %s",
		    r->col[ID], verdict, (int)res->why.rc, res->why.where,
		    res->why.detail);
		return;
	}
	accepted++;
	T(ok && strcmp(atls_tcb_name(res->tcb.status),
	    strchr(verdict, ':') + 1) == 0, "%s: %s, and not %s: %s: %s",
	    r->col[ID], verdict, atls_tcb_name(res->tcb.status),
	    res->why.where, res->why.detail);
	if (ok)
		advisories(r, &res->tcb);
}

static void
row(const struct row *r)
{
	/* rows without a time are about the quote alone: any day will do */
	const char *day = strcmp(r->col[TIME], "-") == 0 ?
	    "2025-06-20T00:00:00Z" : r->col[TIME];
	bool missing = false, has_crl = strcmp(r->col[PCK_CRL], "-") != 0,
	    has_tcb = strcmp(r->col[TCB], "-") != 0;
	struct atls_bytes quote = file_of(r, QUOTE, &missing);
	struct atls_collateral *c;
	struct atls_result res;
	int64_t now;
	bool ok;

	T(date_read(pki_view(day), &now), "%s", day);
	c = collateral(r, &missing);
	if (missing)
		skipped++;
	else {
		ok = verify(r, quote, c, now, &res);
		if (has_tcb && !has_crl) {
			rejected++;
			T(!ok && res.why.rc == ATLS_E_NONE && strstr(
			    res.why.where, "crl") != NULL, "%s: %d at %s",
			    r->col[ID], (int)res.why.rc, res.why.where);
			without_crl(r, quote, now);
		} else
			judge(r, ok, &res);
	}
	atls_collateral_free(c);
	drop(quote);
}

static void
table(const char *kind)
{
	struct atls_bytes text;
	struct row r = { .kind = kind };
	char name[64], *p, *line, *end;
	unsigned rows = 0;
	int i;

	(void)snprintf(name, sizeof(name), "%s/cases.tsv", kind);
	text = quote_file(name);
	T(text.p != NULL, "%s", name);
	if (text.p == NULL)
		return;
	p = strchr((char *)(uintptr_t)text.p, '\n');	/* the heading */
	for (line = p + 1; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		for (i = 0; i < NCOLUMNS; i++) {
			r.col[i] = line;
			line = strchr(line, '\t');
			if (line == NULL)
				line = end;
			else
				*line++ = '\0';
		}
		row(&r);
		rows++;
	}
	T(rows > 60, "%s: %u rows", kind, rows);
	drop(text);
}

int
main(void)
{
	struct atls_bytes root = quote_file("tdx/collateral/root-ca.pem");

	quote_init();
	anchors = atls_trust_new(root, (struct atls_bytes){ NULL, 0 }, NULL);
	T(anchors != NULL, "root");
	table("tdx");
	table("sgx");
	printf("%u accepted, %u rejected\n", accepted, rejected);
	if (skipped > 0)
		printf("skipped: t_quote_cases: %u rows, whose files are not "
		    "in ATLS_VECTORS_EXTRA\n", skipped);
	atls_trust_free(anchors);
	drop(root);
	quote_done();
	return t_end("t_quote_cases");
}
