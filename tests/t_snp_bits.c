/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "snp_judge.h"
#include "t.h"

/*
 * Every prefix and every single bit of good evidence, its certificates and
 * the table around them: none of them may change.  Nothing signs the table,
 * but it has no octet that says nothing: a changed GUID or place makes a
 * certificate missing or no certificate, and the zeros at the end must be.
 */
#define RAW_MAX		16384

static struct snp_world world;
static struct evidence_trust trust;
static uint8_t good[RAW_MAX];
static size_t ngood;

static void
every_bit(void)
{
	struct snp_verdict v;
	unsigned bit;
	size_t i;

	for (i = 0; i < ngood; i++)
		for (bit = 0; bit < 8; bit++) {
			good[i] ^= (uint8_t)(1U << bit);
			v = snp_judge_raw((struct atls_bytes){ good, ngood },
			    &trust);
			T(v.stage != SNP_PASSED && v.res.why.where != NULL,
			    "octet %zu bit %u: stage %d %s", i, bit, v.stage,
			    v.res.why.detail);
			free(v.raw);
			good[i] ^= (uint8_t)(1U << bit);
		}
}

/* A report without its table is one, too: only certificates are missing. */
static void
every_prefix(void)
{
	struct snp_verdict v;
	size_t i;

	for (i = 0; i < ngood; i++) {
		v = snp_judge_raw((struct atls_bytes){ good, i }, &trust);
		T(v.stage != SNP_PASSED && v.res.why.rc != ATLS_OK,
		    "prefix %zu", i);
		T(v.stage == SNP_PARSE || i == SNP_REPORT_LEN, "prefix %zu: "
		    "stage %d", i, v.stage);
		free(v.raw);
	}
}

/* From the store, bit by bit: not put, not found, or refused. */
static void
every_bit_of_store(struct atls_bytes vcek)
{
	struct atls_bytes ask = snp_der(world.pki.ask);
	uint8_t *b = malloc(vcek.len);
	struct snp_verdict v;
	struct evidence_trust t;
	size_t i;

	memcpy(b, vcek.p, vcek.len);
	for (i = 0; i < 8 * vcek.len; i++) {
		t = trust;
		t.collateral = atls_collateral_new();
		b[i / 8] ^= (uint8_t)(1U << i % 8);
		if (atls_collateral_put(t.collateral, ATLS_VCEK,
		    (struct atls_bytes){ b, vcek.len }, NULL) != ATLS_OK) {
			b[i / 8] ^= (uint8_t)(1U << i % 8);
			atls_collateral_free(t.collateral);
			continue;
		}
		T(atls_collateral_put(t.collateral, ATLS_ASK, ask, NULL) ==
		    ATLS_OK && atls_collateral_put(t.collateral, ATLS_AMD_CRL,
		    world.crl, NULL) == ATLS_OK, "put");
		v = snp_judge_raw((struct atls_bytes){ good,
		    SNP_REPORT_LEN }, &t);
		T(v.stage == SNP_SIGNATURE, "bit %zu of the store's VCEK: %d",
		    i, v.stage);
		free(v.raw);
		b[i / 8] ^= (uint8_t)(1U << i % 8);
		atls_collateral_free(t.collateral);
	}
	free(b);
}

/* A CRL that somebody has changed is not one. */
static void
every_bit_of_crl(void)
{
	uint8_t *b = malloc(world.crl.len);
	struct snp_verdict v;
	struct evidence_trust t;
	size_t i;

	memcpy(b, world.crl.p, world.crl.len);
	for (i = 0; i < 8 * world.crl.len; i++) {
		t = trust;
		t.collateral = atls_collateral_new();
		b[i / 8] ^= (uint8_t)(1U << i % 8);
		if (atls_collateral_put(t.collateral, ATLS_AMD_CRL,
		    (struct atls_bytes){ b, world.crl.len }, NULL) !=
		    ATLS_OK) {
			b[i / 8] ^= (uint8_t)(1U << i % 8);
			atls_collateral_free(t.collateral);
			continue;
		}
		v = snp_judge_raw((struct atls_bytes){ good, ngood }, &t);
		T(v.stage == SNP_SIGNATURE || v.stage == SNP_REVOCATION,
		    "bit %zu of the CRL", i);
		free(v.raw);
		b[i / 8] ^= (uint8_t)(1U << i % 8);
		atls_collateral_free(t.collateral);
	}
	free(b);
}

int
main(void)
{
	struct snp_verdict v;
	struct snp_cert vcek;
	struct snp_case c;

	world = snp_world_new("Milan");
	c = snp_case_of(&world, false);
	trust = snp_trust_of(&world, &c);
	ngood = snp_case_make(&world, &c, good, sizeof(good), &vcek);
	v = snp_judge_raw((struct atls_bytes){ good, ngood }, &trust);
	T(v.stage == SNP_PASSED, "good: %s", v.res.why.detail);
	free(v.raw);
	every_bit();
	every_prefix();
	every_bit_of_store(snp_der(vcek));
	every_bit_of_crl();
	snp_cert_free(&vcek);
	atls_collateral_free(trust.collateral);
	snp_world_free(&world);
	return t_end("t_snp_bits");
}
