/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "../tests/az_make.h"
#include "../tests/heap.h"
#include "../tests/snp_judge.h"

/*
 * The first octet says what the rest is: 'S' and 'T', evidence with an SNP
 * report and with a TD's quote; 'J', runtime data, which are sealed into good
 * evidence; anything else, what to do to good evidence: triples of an offset
 * (two octets) and a mask.  What differs from the good must not pass.
 */
#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define RUNTIME_MAX	1200
#define VERSION_AT	12	/* of the HCL report, in all of it */

static struct snp_world world;
static struct snp_leaf leaf;
static struct snp_cert vcek;
static struct evidence_trust trust;
static EVP_PKEY *ak;
static struct atls_bytes good;

static struct atls_bytes
make(const char *runtime)
{
	uint8_t pcr[AZ_PCRS][32] = { { 1 } }, room[2048], attest[256];
	uint8_t sig[600], report[SNP_REPORT_LEN], hcl[AZ_HCL_LEN];
	uint8_t raw[AZ_MAKE_MAX];
	struct az_parts p = { .hcl = ATLS_ARRAY(hcl),
	    .vcek = snp_der(vcek), .ask = snp_der(world.pki.ask) };

	snp_report_make(report, 3, "Milan", &leaf);
	memset(report + 0x50, 0, 64);
	SHA256((const uint8_t *)runtime, strlen(runtime), report + 0x50);
	memset(report + 0x30, 0, 4);			/* VMPL */
	snp_report_sign(report, vcek.key);
	az_make_hcl(hcl, 2, report, runtime);
	p.pcrs = az_make_pcrs(pcr, 0xffffff, room);
	p.attest = (struct atls_bytes){ attest, az_make_attest(pcr,
	    (struct atls_bytes){ room, 32 }, attest) };
	p.sig = (struct atls_bytes){ sig, az_make_sig(ak, p.attest, sig) };
	return copy((struct atls_bytes){ raw, az_put(&p, raw) });
}

static void
begin(void)
{
	struct snp_case c;
	char runtime[2048];

	world = snp_world_new("Milan");
	c = snp_case_of(&world, false);
	trust = snp_trust_of(&world, &c);
	leaf = c.leaf;
	vcek = snp_leaf_make(&world.pki, &leaf);
	MUST((ak = EVP_RSA_gen(2048)) != NULL);
	az_make_runtime(ak, runtime);
	good = make(runtime);
}

static bool
inside(struct atls_bytes part, struct atls_bytes whole)
{
	return part.len == 0 || (part.p >= whole.p && part.len <= whole.len &&
	    (size_t)(part.p - whole.p) <= whole.len - part.len);
}

static bool
judge(struct atls_bytes in, enum atls_kind kind)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	struct atls_bytes raw = copy(in), room;
	struct atls_buf scratch = { malloc(raw.len + 1), raw.len, 0 };
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	const struct atls_evidence *ev = &res.claims;
	bool passed = false;
	size_t i;

	room = (struct atls_bytes){ scratch.p, scratch.cap };
	if (atls_evidence_parse(&res.claims, kind, raw, &scratch, &res.why) ==
	    ATLS_OK)
		passed = ops->signature(ev, &trust, &res) == 1 &&
		    (ops->revocation == NULL ||
		    ops->revocation(ev, &trust, &res) == 1);
	else
		MUST(ev->raw.len == 0);
	MUST(passed == (res.why.rc == ATLS_OK));
	MUST(scratch.len <= scratch.cap && inside(ev->report_data, raw));
	for (i = 0; i < sizeof(ev->part) / sizeof(ev->part[0]); i++)
		MUST(inside(ev->part[i], raw) || inside(ev->part[i], room));
	for (i = 0; i < ev->nchain; i++)
		MUST(inside(ev->chain[i], raw) || inside(ev->chain[i], room));
	for (i = 0; i < ev->nclaim; i++)
		MUST(ev->claim[i].type == ATLS_CLAIM_TEXT ||
		    inside(ev->claim[i].bytes, raw) ||
		    inside(ev->claim[i].bytes, room));
	free(scratch.p);
	drop(raw);
	return passed;
}

static void
edits(const uint8_t *p, size_t n)
{
	struct atls_bytes b = copy(good);
	uint8_t *q = (uint8_t *)(uintptr_t)b.p;

	for (; n >= 3; p += 3, n -= 3)
		q[((size_t)p[0] << 8 | p[1]) % b.len] ^= p[2];
	/* versions 1 and 2 of the header are taken alike, nothing signs it */
	if (q[VERSION_AT] == 1)
		q[VERSION_AT] = good.p[VERSION_AT];
	MUST(judge(b, ATLS_KIND_AZ_SNP) == (memcmp(b.p, good.p, b.len) ==
	    0));
	drop(b);
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char runtime[RUNTIME_MAX + 1];
	struct atls_bytes b;

	if (good.len == 0)
		begin();
	if (n == 0)
		return 0;
	b = (struct atls_bytes){ data + 1, n - 1 };
	switch (data[0]) {
	case 'S':
		(void)judge(b, ATLS_KIND_AZ_SNP);
		break;
	case 'T':
		MUST(!judge(b, ATLS_KIND_AZ_TDX));
		break;
	case 'J':
		if (b.len > RUNTIME_MAX)
			b.len = RUNTIME_MAX;
		memcpy(runtime, b.p, b.len);
		runtime[b.len] = '\0';
		b = make(runtime);
		(void)judge(b, ATLS_KIND_AZ_SNP);
		drop(b);
		break;
	default:
		edits(b.p, b.len);
	}
	return 0;
}
