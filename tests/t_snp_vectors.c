/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/codec/date.h"
#include "../src/codec/pem.h"
#include "snp_make.h"
#include "t.h"

/*
 * Reports of real machines.  cases.tsv has one row a case; a row whose files
 * may not be passed on is skipped unless ATLS_VECTORS_EXTRA says where they
 * are.
 *
 * AMD's CRLs are not public in any archive that was searched, so a row to be
 * accepted passes all checks but that of the CRL, and is refused for its lack,
 * by this reason and no other.
 *
 * Reasons: "bad-signature" is also said of a report and a certificate of
 * different keys, which we tell before the signature (snp.leaf.sort).  Row
 * gosev-debug-x1 has two faults, debug and an expired leaf, and the
 * certificate is looked at first: then it is allowed to debug, and it must
 * still be refused.
 */
#define FILE_MAX	16384
#define NCOLUMNS	13

static unsigned nskipped, naccepted, nrefused, nread;

static struct atls_bytes
load_from(const char *root, const char *name)
{
	char path[512];
	uint8_t *b;
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/snp/%s", root, name);
	if ((f = fopen(path, "rb")) == NULL)
		return (struct atls_bytes){ NULL, 0 };
	b = malloc(FILE_MAX);
	n = fread(b, 1, FILE_MAX, f);
	(void)fclose(f);
	T(n > 0 && n < FILE_MAX, "%s", path);
	b = realloc(b, n > 0 ? n : 1);
	return (struct atls_bytes){ b, n };
}

static struct atls_bytes
load(const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	const char *extra = getenv("ATLS_VECTORS_EXTRA");
	struct atls_bytes b;

	b = load_from(root != NULL ? root : "tests/vectors", name);
	return b.len == 0 && extra != NULL ? load_from(extra, name) : b;
}

static void
drop(struct atls_bytes b)
{
	free((void *)(uintptr_t)b.p);
}

static int64_t
time_of(const char *s)
{
	int64_t at = 0;

	T(date_read((struct atls_bytes){ (const uint8_t *)s, strlen(s) },
	    &at), "%s", s);
	return at;
}

/* How a row is to be put: certificates in the table, or in the store. */
enum way { IN_TABLE, IN_TABLE_PEM, IN_STORE, NWAYS };

struct row {
	char	*col[NCOLUMNS];
};

enum { ID, REPORT, LEAF, ASK, ARK, TIME, VERDICT, PRODUCT, REPVER, KEY,
    DEBUG, VMPL, WHY };

struct verdict {
	int			signature, revocation;
	struct atls_err		why;		/* of the first that is not 1 */
	uint8_t			*raw, *scratch;
	struct atls_result	res;
};

static size_t
pem_or_der(uint8_t *out, size_t cap, struct atls_bytes leaf, bool vlek,
    struct atls_bytes ask_pem, enum way way)
{
	const struct atls_bytes none = { NULL, 0 };
	uint8_t b[FILE_MAX];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct atls_bytes ask = none;
	struct rd r = rd_of(ask_pem);
	char *pem = NULL;
	size_t n;

	T(pem_get(&r, PEM_CERT, &buf, &ask, 1) == 1, "ASK");
	if (way == IN_TABLE_PEM) {
		ask = ask_pem;
		pem = snp_pem(leaf, "CERTIFICATE");
		leaf = (struct atls_bytes){ (uint8_t *)pem, strlen(pem) };
	}
	n = snp_table_put(out, cap, vlek ? none : leaf, vlek ? leaf : none,
	    ask);
	free(pem);
	return n;
}

static struct verdict
judge(const struct row *row, enum way way, bool allow_debug,
    const char *put_sort)
{
	struct atls_bytes report = load(row->col[REPORT]);
	struct atls_bytes leaf = load(row->col[LEAF]);
	struct atls_bytes ask = load(row->col[ASK]), ark = load(row->col[ARK]);
	bool vlek = strcmp(put_sort, "VLEK") == 0;
	struct verdict v = { 0, 0, { .rc = ATLS_OK }, NULL, NULL,
	    { .verdict = ATLS_VERDICT_NONE } };
	struct evidence_trust t = { .allow_debug = allow_debug,
	    .now = time_of(row->col[TIME]) };
	struct atls_buf scratch;
	uint8_t b[4 * FILE_MAX];
	size_t n = report.len;

	t.anchors = atls_trust_new(ark, (struct atls_bytes){ NULL, 0 }, NULL);
	t.collateral = atls_collateral_new();
	memcpy(b, report.p, report.len);
	if (way == IN_STORE) {
		T(atls_collateral_put(t.collateral, vlek ? ATLS_VLEK :
		    ATLS_VCEK, leaf, NULL) == ATLS_OK, "%s", row->col[ID]);
		T(atls_collateral_put(t.collateral, ATLS_ASK, ask, NULL) ==
		    ATLS_OK, "%s", row->col[ID]);
	} else
		n += pem_or_der(b + n, sizeof(b) - n, leaf, vlek, ask, way);
	v.raw = malloc(n);
	memcpy(v.raw, b, n);
	v.scratch = malloc(n);
	scratch = (struct atls_buf){ v.scratch, n, 0 };
	v.res.claims = (struct atls_evidence){ .kind = ATLS_KIND_SNP,
	    .raw = { v.raw, n } };
	T(snp_parse(v.res.claims.raw, &scratch, &v.res.claims, &v.why) ==
	    ATLS_OK, "%s: %s %s", row->col[ID], v.why.where, v.why.detail);
	v.signature = snp_signature(&v.res.claims, &t, &v.res);
	if (v.signature == 1)
		v.revocation = snp_revocation(&v.res.claims, &t, &v.res);
	v.why = v.res.why;
	atls_trust_free(t.anchors);
	atls_collateral_free(t.collateral);
	drop(report);
	drop(leaf);
	drop(ask);
	drop(ark);
	return v;
}

static void
verdict_free(struct verdict *v)
{
	free(v->raw);
	free(v->scratch);
}

static uint64_t
number(const struct verdict *v, const char *name)
{
	const struct atls_claim *c = atls_evidence_claim(&v->res.claims, name);

	T(c != NULL, "no %s", name);
	return c != NULL ? c->number : UINT64_MAX;
}

static bool
text_is(const struct verdict *v, const char *name, const char *want)
{
	const struct atls_claim *c = atls_evidence_claim(&v->res.claims, name);
	size_t n = strcspn(want, "-");

	return c != NULL && c->bytes.len == n &&
	    memcmp(c->bytes.p, want, n) == 0;
}

static void
check_claims(const struct row *row, const struct verdict *v)
{
	char instance[ATLS_INSTANCE_MAX];
	bool vlek = strcmp(row->col[KEY], "VLEK") == 0;

	T(number(v, "snp.version") == strtoul(row->col[REPVER], NULL, 10),
	    "%s", row->col[ID]);
	T(number(v, "snp.vmpl") == strtoul(row->col[VMPL], NULL, 10), "%s",
	    row->col[ID]);
	T(number(v, "snp.policy.debug") == strtoul(row->col[DEBUG], NULL, 10),
	    "%s", row->col[ID]);
	T(text_is(v, "snp.signing_key", row->col[KEY]), "%s", row->col[ID]);
	T(v->res.claims.report_data.len == 64, "%s", row->col[ID]);
	snp_instance(&v->res.claims, instance);
	T(vlek ? instance[0] == '\0' : strlen(instance) == 5 + 128, "%s: %s",
	    row->col[ID], instance);
	if (v->signature == 1)
		T(text_is(v, "snp.product", row->col[PRODUCT]), "%s",
		    row->col[ID]);
}

static bool
at(const struct verdict *v, enum atls_rc rc, const char *where)
{
	return v->why.rc == rc && strcmp(v->why.where, where) == 0;
}

static void
check_verdict(const struct row *row, const struct verdict *v, enum way way)
{
	const char *want = row->col[VERDICT], *id = row->col[ID];
	const char *where = v->why.where != NULL ? v->why.where : "nowhere";

	if (strcmp(want, "ACCEPT") == 0) {
		T(v->signature == 1 && v->revocation != 1 &&
		    at(v, ATLS_E_CHAIN, "snp.chain.crl"), "%s, %d: %s: %s",
		    id, way, where, v->why.detail);
		naccepted++;
		return;
	}
	T(v->signature != 1, "%s: passed", id);
	nrefused++;
	if (strcmp(want, "REJECT:leaf-expired") == 0 ||
	    strcmp(id, "gosev-debug-x1") == 0)
		T(at(v, ATLS_E_STALE, "snp.chain"), "%s: %s %s", id, where,
		    v->why.detail);
	else if (strcmp(want, "REJECT:debug") == 0)
		T(at(v, ATLS_E_POLICY, "snp.policy.debug"), "%s: %s", id,
		    where);
	else if (strcmp(want, "REJECT:bad-signature") == 0)
		T(at(v, ATLS_E_SIG, "snp.signature") ||
		    at(v, ATLS_E_SIG, "snp.leaf.sort"), "%s: %s", id, where);
	else if (strcmp(want, "REJECT:chain") == 0)
		T(at(v, ATLS_E_CHAIN, "snp.chain") ||
		    at(v, ATLS_E_CHAIN, "snp.chain.ca"), "%s: %s", id, where);
	else
		T(0, "%s: what is %s?", id, want);
}

static void
parse_only(const struct row *row)
{
	struct atls_bytes report = load(row->col[REPORT]);
	struct verdict v = { .signature = 0 };

	v.res.claims.raw = report;
	T(snp_parse(report, NULL, &v.res.claims, &v.why) == ATLS_OK, "%s",
	    row->col[ID]);
	check_claims(row, &v);
	nread++;
	drop(report);
}

static bool
is_here(const char *name)
{
	struct atls_bytes b = load(name);
	bool here = b.len != 0 || strcmp(name, "-") == 0;

	drop(b);
	return here;
}

static void
check_row(const struct row *row)
{
	/* what the leaf is, by its name in the table of files */
	const char *sort = strstr(row->col[LEAF], "vlek") != NULL ? "VLEK" :
	    "VCEK";
	bool other = strcmp(sort, row->col[KEY]) != 0;
	struct verdict v;
	enum way way;

	if (!is_here(row->col[REPORT]) || !is_here(row->col[LEAF])) {
		nskipped++;
		return;
	}
	if (strcmp(row->col[VERDICT], "PARSE-ONLY") == 0) {
		parse_only(row);
		return;
	}
	for (way = IN_TABLE; way < NWAYS; way++) {
		/* of another chip: the store would not find it */
		if (way == IN_STORE && (other || strcmp(row->col[VERDICT],
		    "REJECT:bad-signature") == 0 || strstr(row->col[ID],
		    "wrong-ask") != NULL))
			continue;
		v = judge(row, way, false, sort);
		check_verdict(row, &v, way);
		check_claims(row, &v);
		verdict_free(&v);
	}
	if (strncmp(row->col[ID], "gosev-debug-", 12) != 0)
		return;
	v = judge(row, IN_TABLE, true, sort);
	T((v.signature == 1) == (strcmp(row->col[ID], "gosev-debug-1") == 0),
	    "%s, when it may", row->col[ID]);
	verdict_free(&v);
}

/* No public report is of a Turin: its certificate, at least. */
static void
check_turin(void)
{
	struct atls_bytes der = load("certs/virtee-turin-vcek.der");
	struct amd_cert c;

	T(amd_cert_read(der, &c, NULL) == ATLS_OK && c.role == AMD_VCEK &&
	    c.product == AMD_TURIN && c.hwid.len == AMD_CHIP_ID_TURIN &&
	    c.tcb.fmc && c.issuer == AMD_ASK &&
	    c.issuer_product == AMD_TURIN, "Turin");
	drop(der);
}

int
main(void)
{
	struct atls_bytes file = load("cases.tsv");
	char *text = malloc(file.len + 1), *line, *save = NULL, *p;
	struct row row;
	size_t i, nrows = 0;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	line = strtok_r(text, "\n", &save);		/* names of columns */
	while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
		for (i = 0, p = line; i < NCOLUMNS; i++) {
			row.col[i] = p;
			p += strcspn(p, "\t");
			if (*p != '\0')
				*p++ = '\0';
		}
		check_row(&row);
		nrows++;
	}
	check_turin();
	T(nrows == 40, "%zu rows", nrows);
	if (nskipped > 0)
		printf("skipped: t_snp_vectors: %u rows that are not to be "
		    "passed on\n", nskipped);
	printf("%u accepted, %u refused, %u read\n", naccepted, nrefused,
	    nread);
	free(text);
	drop(file);
	return t_end("t_snp_vectors");
}
