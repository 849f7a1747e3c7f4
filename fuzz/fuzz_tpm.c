/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../src/evidence/tpm.h"
#include "../tests/tpm_judge.h"

/*
 * The first octet says what the rest is: 0xa0 and above, whole evidence, of
 * which it is the head; 'S', a structure of the TPM, after an octet that says
 * which; anything else, what to do to good evidence: triples of an offset (two
 * octets) and a mask.  Evidence that differs from the good in any octet must
 * not pass, whatever else happens.
 */

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

static struct tpm_make_opts ec;
static EVP_PKEY *aik;
static struct evidence_trust trust;
static uint8_t good[TPM_MAKE_MAX];
static size_t ngood;

static void
begin(void)
{
	struct atls_bytes b;

	ec.ak = EVP_EC_gen("P-256");
	aik = EVP_EC_gen("P-256");
	trust = judge_pin(&ec);
	b = judge_make(&ec, aik);
	memcpy(good, b.p, b.len);
	ngood = b.len;
}

static void
inside(struct atls_bytes part, struct atls_bytes whole)
{
	MUST(part.len == 0 || (part.p >= whole.p && part.len <= whole.len &&
	    (size_t)(part.p - whole.p) <= whole.len - part.len));
}

static void
views(const struct atls_evidence *ev, struct atls_bytes whole)
{
	size_t i;

	MUST(ev->nclaim <= ATLS_CLAIMS_MAX && ev->nchain <= 8);
	inside(ev->report_data, whole);
	for (i = 0; i < ev->nclaim; i++) {
		MUST(ev->claim[i].name != NULL);
		inside(ev->claim[i].bytes, whole);
	}
	for (i = 0; i < ev->nchain; i++)
		inside(ev->chain[i], whole);
	for (i = 0; i < sizeof(ev->part) / sizeof(ev->part[0]); i++)
		inside(ev->part[i], whole);
}

static void
evidence(const uint8_t *p, size_t n)
{
	struct verdict v = judge((struct atls_bytes){ p, n }, aik, &trust);
	bool same = n == ngood && memcmp(p, good, n) == 0;

	views(&v.res.claims, (struct atls_bytes){ v.raw, n });
	MUST((v.stage == PASSED) == same);
	MUST((v.res.why.rc == ATLS_OK) == same);
	MUST(v.stage != PARSE || v.res.claims.raw.len == 0);
	free(v.raw);
}

static void
edits(const uint8_t *p, size_t n)
{
	uint8_t b[TPM_MAKE_MAX];

	memcpy(b, good, ngood);
	for (; n >= 3; p += 3, n -= 3)
		b[((size_t)p[0] << 8 | p[1]) % ngood] ^= p[2];
	evidence(b, ngood);
}

static void
structure(unsigned which, struct atls_bytes in)
{
	struct atls_err err = { .rc = ATLS_OK };
	struct tpm_public pub;
	struct tpm_attest att;
	struct tpm_sig sig;
	struct rd r = rd_of(in);
	struct cbor_list banks;
	struct tpm_bank bank;
	size_t i;

	switch (which % 4) {
	case 0:
		if (tpm_public_parse(in, 0, "x", &pub, &err) == ATLS_OK)
			MUST(pub.area.len == in.len);
		inside(pub.x, in);
		inside(pub.y, in);
		inside(pub.n, in);
		break;
	case 1:
		(void)!tpm_attest_parse(in, 0, which & 4 ? TPM_ST_QUOTE :
		    TPM_ST_CERTIFY, "x", &att, &err);
		MUST(att.nbank <= TPM_BANKS_MAX);
		inside(att.signer, in);
		inside(att.extra, in);
		inside(att.name, in);
		inside(att.qualified, in);
		inside(att.digest, in);
		break;
	case 2:
		(void)!tpm_sig_parse(in, 0, "x", &sig, &err);
		inside(sig.r, in);
		inside(sig.s, in);
		break;
	default:
		banks = cbor_array(&r);
		while (tpm_bank_next(&r, &banks, &bank))
			for (i = 0; i < TPM_PCRS_MAX; i++) {
				inside(bank.value[i], in);
				MUST((bank.value[i].len != 0) ==
				    (bank.pcrs >> i & 1));
			}
	}
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *b;

	if (ngood == 0)
		begin();
	if (n == 0)
		return 0;
	if (data[0] >= 0xa0)
		evidence(data, n);
	else if (data[0] == 'S' && n >= 2) {
		b = malloc(n - 2 + 1);
		memcpy(b, data + 2, n - 2);
		b = realloc(b, n > 2 ? n - 2 : 1);
		structure(data[1], (struct atls_bytes){ b, n - 2 });
		free(b);
	} else
		edits(data + 1, n - 1);
	return 0;
}
