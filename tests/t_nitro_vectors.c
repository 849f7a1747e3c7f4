/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/asn1.h>

#include "t.h"
#include "token_make.h"

/* Every row of the table of documents, all of them of real enclaves. */

static const struct {
	const char	*verdict;
	enum atls_rc	 rc;
	const char	*where;
} verdicts[] = {
	{ "ACCEPT",			ATLS_OK,	NULL },
	{ "REJECT:bad-certificate",	ATLS_E_FORMAT, "nitro.certificates" },
	{ "REJECT:bad-signature",	ATLS_E_SIG,	"nitro.signature" },
	{ "REJECT:debug",		ATLS_E_POLICY,	"nitro.debug" },
	{ "REJECT:leaf-expired",	ATLS_E_STALE,	"nitro.chain" },
	{ "REJECT:leaf-not-yet-valid",	ATLS_E_STALE,	"nitro.chain" },
};

/* "2021-09-09T10:30:00Z" */
static int64_t
time_of(const char *s)
{
	ASN1_TIME *t = ASN1_TIME_new(), *epoch = ASN1_TIME_set(NULL, 0);
	int day = 0, sec = 0;
	char z[32];

	(void)snprintf(z, sizeof(z), "%.4s%.2s%.2s%.2s%.2s%.2sZ", s, s + 5,
	    s + 8, s + 11, s + 14, s + 17);
	if (ASN1_TIME_set_string_X509(t, z) != 1 &&
	    ASN1_GENERALIZEDTIME_set_string(t, z) != 1)
		abort();
	if (ASN1_TIME_diff(&day, &sec, epoch, t) != 1)
		abort();
	ASN1_TIME_free(t);
	ASN1_TIME_free(epoch);
	return (int64_t)day * 86400 + sec;
}

static struct atls_trust *
anchor(const char *name)
{
	struct atls_bytes pem = token_file(name);
	struct atls_trust *t = atls_trust_new(pem, (struct atls_bytes){ NULL,
	    0 }, NULL);

	drop(pem);
	return t;
}

static bool
begins(const struct atls_evidence *ev, const char *claim, const char *with)
{
	const struct atls_claim *c = atls_evidence_claim(ev, claim);
	struct atls_bytes b = c != NULL ? c->bytes :
	    (struct atls_bytes){ NULL, 0 }, want = hex(with);
	bool ok = b.len >= want.len && (want.len == 0 ||
	    memcmp(b.p, want.p, want.len) == 0);

	drop(want);
	return ok;
}

static void
judge(const char *id, struct atls_bytes raw, const struct evidence_trust *trust,
    const char *verdict)
{
	struct atls_result res;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(verdicts); i++)
		if (strcmp(verdicts[i].verdict, verdict) == 0)
			break;
	T(i < NITEMS(verdicts), "%s: %s", id, verdict);
	if (i == NITEMS(verdicts))
		return;
	rc = token_judge(ATLS_KIND_NITRO, raw, trust, &res);
	T(rc == verdicts[i].rc && (rc == ATLS_OK ||
	    strcmp(res.why.where, verdicts[i].where) == 0),
	    "%s: 0x%x %s %s", id, (unsigned)rc, rc == ATLS_OK ? "" :
	    res.why.where, res.why.detail);
	T(rc != ATLS_OK || (res.not_after > trust->now &&
	    res.not_after <= trust->now + 10800), "%s: three hours", id);
}

static void
row(char *col[TOKEN_COLUMNS], struct atls_trust *root, size_t *skipped)
{
	struct evidence_trust trust = { .anchors = root,
	    .now = time_of(col[2]) };
	struct atls_evidence ev;
	struct atls_bytes raw, user;
	char name[256], instance[ATLS_INSTANCE_MAX];
	const char *id = col[0];

	(void)snprintf(name, sizeof(name), "nitro/%s", col[1]);
	raw = token_file(name);
	if (raw.p == NULL) {		/* test-only: not copied */
		T(strncmp(id, "marlin-", 7) == 0, "%s: no %s", id, name);
		(*skipped)++;
		return;
	}
	judge(id, raw, &trust, col[3]);
	if (strcmp(col[3], "REJECT:debug") == 0) {
		trust.allow_debug = true;
		judge(id, raw, &trust, "ACCEPT");
	}
	T(atls_evidence_parse(&ev, ATLS_KIND_NITRO, raw, NULL, NULL) ==
	    ATLS_OK, "%s", id);
	user = hex(col[5]);
	T(begins(&ev, "nitro.nonce", col[4]) && begins(&ev, "nitro.pcr.0",
	    col[7]) && ev.report_data.len >= user.len && (user.len == 0 ||
	    memcmp(ev.report_data.p, user.p, user.len) == 0), "%s", id);
	drop(user);
	evidence_ops(ATLS_KIND_NITRO)->instance(&ev, instance);
	T(strlen(instance) == 6 + 96 && strncmp(instance, "nitro:", 6) == 0,
	    "%s: %s", id, instance);
	drop(raw);
}

/* A good document under anchors that are not AWS's. */
static void
other_roots(void)
{
	struct atls_bytes raw = token_file("nitro/docs/evervault-2022.cbor");
	struct evidence_trust trust = {
		.now = time_of("2022-10-13T08:58:02Z") };
	struct atls_result res;

	trust.anchors = anchor("nitro/negative-roots/unknown_ca.crt");
	T(token_judge(ATLS_KIND_NITRO, raw, &trust, &res) == ATLS_E_CHAIN &&
	    strcmp(res.why.where, "nitro.root") == 0, "another CA");
	atls_trust_free(trust.anchors);
	trust.anchors = anchor("nitro/negative-roots/tampered_root_cert.crt");
	T(trust.anchors == NULL || (token_judge(ATLS_KIND_NITRO, raw, &trust,
	    &res) == ATLS_E_CHAIN && strcmp(res.why.where, "nitro.root") ==
	    0), "altered root");
	atls_trust_free(trust.anchors);
	trust.anchors = NULL;
	T(token_judge(ATLS_KIND_NITRO, raw, &trust, &res) == ATLS_E_CHAIN &&
	    strcmp(res.why.where, "nitro.root") == 0, "no anchors");
	drop(raw);
}

int
main(void)
{
	struct atls_bytes table = token_file("nitro/cases.tsv");
	struct atls_trust *root = anchor("nitro/aws-nitro-root.pem");
	struct rd r = rd_of(table);
	char *col[TOKEN_COLUMNS], line[4096];
	size_t n = 0, skipped = 0;

	T(root != NULL, "root");
	(void)token_row(&r, col, line);		/* the names of the columns */
	for (; token_row(&r, col, line); n++)
		row(col, root, &skipped);
	T(n == 29, "%zu rows", n);
	if (skipped != 0)
		printf("skipped: t_nitro_vectors: %zu rows of documents that "
		    "may not be copied\n", skipped);
	drop(table);
	other_roots();
	atls_trust_free(root);
	return t_end("t_nitro_vectors");
}
