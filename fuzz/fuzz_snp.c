/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../tests/snp_judge.h"

/*
 * The first octet says what the rest is: 'R', raw evidence; 'P', the same
 * with room to decode PEM; 'C', a certificate and 'L', a CRL for the store;
 * anything else, what to do to good evidence: triples of an offset (two
 * octets) and a mask.  What differs from the good in any octet must not pass.
 */
#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define RAW_MAX	16384

static struct snp_world world;
static struct evidence_trust trust;
static uint8_t good[RAW_MAX];
static size_t ngood;

static void
begin(void)
{
	struct snp_cert cert;
	struct snp_case c;

	world = snp_world_new("Milan");
	c = snp_case_of(&world, false);
	trust = snp_trust_of(&world, &c);
	ngood = snp_case_make(&world, &c, good, sizeof(good), &cert);
	snp_cert_free(&cert);
}

static bool
inside(struct atls_bytes part, struct atls_bytes whole)
{
	return part.len == 0 || (part.p >= whole.p && part.len <= whole.len &&
	    (size_t)(part.p - whole.p) <= whole.len - part.len);
}

/* In raw, in what was decoded, or, a name, static. */
static void
views(const struct atls_evidence *ev, struct atls_bytes whole,
    struct atls_bytes scratch)
{
	size_t i;

	MUST(ev->nclaim <= ATLS_CLAIMS_MAX && ev->nchain <= 8);
	MUST(inside(ev->report_data, whole));
	for (i = 0; i < ev->nclaim; i++) {
		MUST(ev->claim[i].name != NULL);
		MUST(ev->claim[i].type == ATLS_CLAIM_TEXT ||
		    inside(ev->claim[i].bytes, whole));
	}
	for (i = 0; i < ev->nchain; i++)
		MUST(inside(ev->chain[i], whole) ||
		    inside(ev->chain[i], scratch));
}

static void
evidence(const uint8_t *p, size_t n)
{
	struct snp_verdict v = snp_judge_raw((struct atls_bytes){ p, n },
	    &trust);
	bool same = n == ngood && memcmp(p, good, n) == 0;
	struct atls_need need[ATLS_NEEDS_MAX];
	char instance[ATLS_INSTANCE_MAX];
	size_t needs = 0;

	views(&v.res.claims, (struct atls_bytes){ v.raw, n },
	    (struct atls_bytes){ NULL, 0 });
	MUST(!same || v.stage == SNP_PASSED);
	MUST((v.stage == SNP_PASSED) == (v.res.why.rc == ATLS_OK));
	MUST(v.stage != SNP_PARSE || v.res.claims.raw.len == 0);
	snp_needs(&v.res.claims, need, &needs);
	MUST(needs <= ATLS_NEEDS_MAX);
	snp_instance(&v.res.claims, instance);
	MUST(strlen(instance) < sizeof(instance));
	free(v.raw);
}

static void
pem(const uint8_t *p, size_t n)
{
	uint8_t *raw = malloc(n + 1), *b = malloc(n + 1);
	struct atls_buf scratch;
	struct atls_evidence ev;

	memcpy(raw, p, n);
	raw = realloc(raw, n > 0 ? n : 1);
	b = realloc(b, n > 0 ? n : 1);
	scratch = (struct atls_buf){ b, n, 0 };
	(void)!atls_evidence_parse(&ev, ATLS_KIND_SNP, (struct atls_bytes){
	    raw, n }, &scratch, NULL);
	MUST(scratch.len <= n);
	views(&ev, (struct atls_bytes){ raw, n }, (struct atls_bytes){ b, n });
	free(raw);
	free(b);
}

static void
item(enum atls_item type, const uint8_t *p, size_t n)
{
	struct atls_collateral *c = atls_collateral_new();
	uint8_t *b = malloc(n > 0 ? n : 1);

	memcpy(b, p, n);
	(void)!atls_collateral_put(c, type, (struct atls_bytes){ b, n },
	    NULL);
	free(b);
	atls_collateral_free(c);
}

static void
edits(const uint8_t *p, size_t n)
{
	uint8_t b[RAW_MAX];
	struct snp_verdict v;
	bool same;

	memcpy(b, good, ngood);
	for (; n >= 3; p += 3, n -= 3)
		b[((size_t)p[0] << 8 | p[1]) % ngood] ^= p[2];
	same = memcmp(b, good, ngood) == 0;
	v = snp_judge_raw((struct atls_bytes){ b, ngood }, &trust);
	MUST((v.stage == SNP_PASSED) == same);
	free(v.raw);
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (ngood == 0)
		begin();
	if (n == 0)
		return 0;
	switch (data[0]) {
	case 'R':
		evidence(data + 1, n - 1);
		break;
	case 'P':
		pem(data + 1, n - 1);
		break;
	case 'C':
		item(ATLS_VCEK, data + 1, n - 1);
		item(ATLS_ASK, data + 1, n - 1);
		break;
	case 'L':
		item(ATLS_AMD_CRL, data + 1, n - 1);
		break;
	default:
		edits(data + 1, n - 1);
	}
	return 0;
}
