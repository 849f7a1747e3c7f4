/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snp_judge.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #cond);						\
		abort();						\
	}								\
} while (0)

#define RAW_MAX	16384

struct snp_world
snp_world_new(const char *product)
{
	struct snp_world w = { .pki = snp_pki_new(product) };

	w.crl = snp_crl(&w.pki.ark, 0, SNP_NOW - SNP_DAY,
	    SNP_NOW + 30 * SNP_DAY);
	return w;
}

void
snp_world_free(struct snp_world *w)
{
	snp_pki_free(&w->pki);
	free((void *)(uintptr_t)w->crl.p);
}

struct snp_case
snp_case_of(const struct snp_world *w, bool vlek)
{
	static const uint8_t spl[AMD_NPARTS] = { 0, 4, 1, 24, 219 };
	bool turin = w->pki.product[0] == 'T';
	struct snp_case c = { .version = 3, .leaf = { .vlek = vlek,
	    .name = w->pki.product, .fmc = turin } };
	size_t i;

	memcpy(c.leaf.spl, spl, sizeof(spl));
	c.leaf.spl[AMD_FMC] = turin ? 2 : 0;
	if (vlek)
		c.leaf.csp = "CN=cloud.example";
	else
		c.leaf.nhwid = turin ? AMD_CHIP_ID_TURIN : AMD_CHIP_ID;
	for (i = 0; i < c.leaf.nhwid; i++)
		c.leaf.hwid[i] = (uint8_t)(0xa0 + i);
	return c;
}

size_t
snp_case_make(const struct snp_world *w, const struct snp_case *c,
    uint8_t *out, size_t cap, struct snp_cert *cert)
{
	const struct snp_cert *ask = c->ask != NULL ? c->ask : c->leaf.vlek ?
	    &w->pki.asvk : &w->pki.ask;
	const struct atls_bytes none = { NULL, 0 };
	struct atls_bytes der;

	*cert = (struct snp_cert){ NULL, NULL, NULL, 0 };
	if (c->cert == NULL)
		*cert = snp_leaf_make(&w->pki, &c->leaf);
	der = snp_der(c->cert != NULL ? *c->cert : *cert);
	snp_report_make(out, c->version, w->pki.product, &c->leaf);
	if (c->edit != NULL)
		c->edit(out);
	snp_report_sign(out, c->signer != NULL ? c->signer->key :
	    c->cert != NULL ? c->cert->key : cert->key);
	if (c->spoil != NULL)
		c->spoil(out);
	if (c->in_store)
		return SNP_REPORT_LEN;
	return SNP_REPORT_LEN + snp_table_put(out + SNP_REPORT_LEN,
	    cap - SNP_REPORT_LEN, c->leaf.vlek ? none : der,
	    c->leaf.vlek ? der : none, c->no_ask ? none : snp_der(*ask));
}

struct evidence_trust
snp_trust_of(const struct snp_world *w, const struct snp_case *c)
{
	struct evidence_trust t = { .now = c->now != 0 ? c->now : SNP_NOW,
	    .allow_debug = c->allow_debug, .trace = c->trace };

	if (!c->no_anchors)
		t.anchors = c->anchors != NULL ? c->anchors : w->pki.anchors;
	MUST((t.collateral = atls_collateral_new()) != NULL);
	if (!c->no_crl)
		MUST(atls_collateral_put(t.collateral, ATLS_AMD_CRL,
		    c->crl != NULL ? *c->crl : w->crl, NULL) == ATLS_OK);
	return t;
}

struct snp_verdict
snp_judge_raw(struct atls_bytes raw, const struct evidence_trust *t)
{
	struct snp_verdict v = { .stage = SNP_PARSE };
	struct atls_evidence *ev = &v.res.claims;

	v.raw = malloc(raw.len > 0 ? raw.len : 1);
	if (raw.len > 0)
		memcpy(v.raw, raw.p, raw.len);
	if (atls_evidence_parse(ev, ATLS_KIND_SNP, (struct atls_bytes){ v.raw,
	    raw.len }, NULL, &v.res.why) != ATLS_OK)
		return v;
	v.stage = SNP_SIGNATURE;
	if (snp_signature(ev, t, &v.res) != 1)
		return v;
	v.stage = SNP_REVOCATION;
	if (snp_revocation(ev, t, &v.res) != 1)
		return v;
	v.stage = SNP_PASSED;
	return v;
}

struct snp_verdict
snp_judge(const struct snp_world *w, const struct snp_case *c)
{
	struct evidence_trust t = snp_trust_of(w, c);
	uint8_t *raw = malloc(RAW_MAX);
	struct snp_cert cert;
	size_t n = snp_case_make(w, c, raw, RAW_MAX, &cert);
	struct snp_verdict v;

	if (c->in_store) {
		MUST(atls_collateral_put(t.collateral, c->leaf.vlek ?
		    ATLS_VLEK : ATLS_VCEK, snp_der(cert), NULL) == ATLS_OK);
		MUST(c->no_ask || atls_collateral_put(t.collateral, ATLS_ASK,
		    snp_der(c->leaf.vlek ? w->pki.asvk : w->pki.ask), NULL) ==
		    ATLS_OK);
	}
	v = snp_judge_raw((struct atls_bytes){ raw, n }, &t);
	snp_cert_free(&cert);
	atls_collateral_free(t.collateral);
	free(raw);
	return v;
}
