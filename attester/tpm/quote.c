/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "dev.h"

#define QUOTE_TRIES	8	/* if PCRs are extended while we read them */
#define UEID_RAND	0x01	/* RFC 9711, 4.2.1: first octet of a UEID */

struct pcrs {
	uint8_t		value[ATLS_TPM_BANKS][ATLS_TPM_PCRS][EVP_MAX_MD_SIZE];
	size_t		len[ATLS_TPM_BANKS][ATLS_TPM_PCRS];
};

/* What the TPM gave, until it is written out. */
struct answer {
	TPM2B_ATTEST	*certify, *quote;
	uint8_t		 certify_sig[sizeof(TPMT_SIGNATURE)];
	uint8_t		 quote_sig[sizeof(TPMT_SIGNATURE)];
	size_t		 ncertify_sig, nquote_sig;
	struct pcrs	 pcrs;
};

static bool
is_selected(const TPMS_PCR_SELECTION *s, unsigned i)
{
	return i / 8 < s->sizeofSelect &&
	    (s->pcrSelect[i / 8] & 1U << i % 8) != 0;
}

/* Those of `want` that were not read yet. */
static TPML_PCR_SELECTION
still_to_read(const TPML_PCR_SELECTION *want, const struct pcrs *v)
{
	TPML_PCR_SELECTION left = { 0 };
	TPMS_PCR_SELECTION *s;
	unsigned b, i, any;

	for (b = 0; b < want->count; b++) {
		s = &left.pcrSelections[left.count];
		*s = want->pcrSelections[b];
		for (i = any = 0; i < ATLS_TPM_PCRS; i++) {
			if (v->len[b][i] != 0)
				s->pcrSelect[i / 8] &= (BYTE)~(1U << i % 8);
			else
				any |= is_selected(s, i);
		}
		left.count += any;
	}
	return left;
}

/* Files what one TPM2_PCR_Read gave; how many were put in, or 0 if it does
 * not fit what was asked. */
static size_t
file_values(const TPML_PCR_SELECTION *want, const TPML_PCR_SELECTION *got,
    const TPML_DIGEST *d, struct pcrs *v)
{
	unsigned g, b, i;
	size_t n = 0;

	for (g = 0; g < got->count; g++) {
		const TPMS_PCR_SELECTION *s = &got->pcrSelections[g];

		for (b = 0; b < want->count; b++)
			if (want->pcrSelections[b].hash == s->hash)
				break;
		for (i = 0; i < ATLS_TPM_PCRS; i++) {
			if (!is_selected(s, i))
				continue;
			if (b == want->count || n >= d->count ||
			    d->digests[n].size == 0 ||
			    d->digests[n].size > EVP_MAX_MD_SIZE ||
			    v->len[b][i] != 0)
				return 0;
			v->len[b][i] = d->digests[n].size;
			memcpy(v->value[b][i], d->digests[n].buffer,
			    v->len[b][i]);
			n++;
		}
	}
	return n == d->count ? n : 0;
}

/* A TPM gives a few at a time, and none of a bank that it does not keep. */
static enum atls_rc
pcrs_read(struct tpm_dev *d, struct pcrs *v, struct atls_err *err)
{
	const TPML_PCR_SELECTION *want = &d->conf.pcrs;
	TPML_PCR_SELECTION left, *got;
	TPML_DIGEST *digests;
	UINT32 counter;
	TSS2_RC r;
	size_t n;
	bool none;

	memset(v, 0, sizeof(*v));
	while ((left = still_to_read(want, v)).count > 0) {
		got = NULL;
		digests = NULL;
		r = Esys_PCR_Read(d->esys, ESYS_TR_NONE, ESYS_TR_NONE,
		    ESYS_TR_NONE, &left, &counter, &got, &digests);
		if (r != TSS2_RC_SUCCESS)
			return tpm_tss(err, "tpm.pcr", r);
		none = digests->count == 0;
		n = file_values(want, got, digests, v);
		Esys_Free(got);
		Esys_Free(digests);
		if (n == 0)
			return fail_set(err, ATLS_E_DEVICE, "tpm.pcr",
			    "bank 0x%04x: %s",
			    (unsigned)left.pcrSelections[0].hash, none ?
			    "not in this TPM" : "values not as asked for");
	}
	return ATLS_OK;
}

/* TPM 2.0 Library, Part 1, "PCR attestation": the quote has the digest of all
 * values, in the order of the selection. */
static enum atls_rc
is_quote_of(const TPM2B_ATTEST *quote, const TPML_PCR_SELECTION *sel,
    const struct pcrs *v, bool *same, struct atls_err *err)
{
	uint8_t cat[sizeof(v->value)], digest[EVP_MAX_MD_SIZE];
	const TPM2B_DIGEST *q;
	unsigned b, i, digestlen;
	size_t n = 0, off = 0;
	TPMS_ATTEST a;

	*same = false;
	for (b = 0; b < sel->count; b++)
		for (i = 0; i < ATLS_TPM_PCRS; i++) {
			memcpy(cat + n, v->value[b][i], v->len[b][i]);
			n += v->len[b][i];
		}
	if (EVP_Digest(cat, n, digest, &digestlen, EVP_sha256(), NULL) != 1)
		return tpm_crypto(err, "tpm.quote", "SHA-256");
	if (Tss2_MU_TPMS_ATTEST_Unmarshal(quote->attestationData, quote->size,
	    &off, &a) != TSS2_RC_SUCCESS || a.type != TPM2_ST_ATTEST_QUOTE)
		return fail_set(err, ATLS_E_DEVICE, "tpm.quote",
		    "not a TPMS_ATTEST");
	q = &a.attested.quote.pcrDigest;
	*same = q->size == digestlen &&
	    memcmp(q->buffer, digest, digestlen) == 0;
	return ATLS_OK;
}

static enum atls_rc
put_sig(TPMT_SIGNATURE *sig, uint8_t out[sizeof(TPMT_SIGNATURE)],
    size_t *len, struct atls_err *err)
{
	TSS2_RC r;

	*len = 0;
	r = Tss2_MU_TPMT_SIGNATURE_Marshal(sig, out, sizeof(*sig), len);
	Esys_Free(sig);
	return r == TSS2_RC_SUCCESS ? ATLS_OK : tpm_tss(err, "tpm.sig", r);
}

static enum atls_rc
certify(struct tpm_dev *d, const TPM2B_DATA *qd, struct answer *a,
    struct atls_err *err)
{
	static const TPMT_SIG_SCHEME of_key = { .scheme = TPM2_ALG_NULL };
	TPMT_SIGNATURE *sig = NULL;
	TSS2_RC r;

	r = Esys_Certify(d->esys, d->aik.tr, d->ak.tr, ESYS_TR_PASSWORD,
	    ESYS_TR_PASSWORD, ESYS_TR_NONE, qd, &of_key, &a->certify, &sig);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, "tpm.certify", r);
	return put_sig(sig, a->certify_sig, &a->ncertify_sig, err);
}

/* A quote, and the values that it is of: PCRs may change between the two. */
static enum atls_rc
quote_pcrs(struct tpm_dev *d, const TPM2B_DATA *qd, struct answer *a,
    struct atls_err *err)
{
	static const TPMT_SIG_SCHEME of_key = { .scheme = TPM2_ALG_NULL };
	TPMT_SIGNATURE *sig;
	enum atls_rc rc;
	bool same;
	TSS2_RC r;
	int i;

	for (i = 0; i < QUOTE_TRIES; i++) {
		Esys_Free(a->quote);
		a->quote = NULL;
		sig = NULL;
		r = Esys_Quote(d->esys, d->ak.tr, ESYS_TR_PASSWORD,
		    ESYS_TR_NONE, ESYS_TR_NONE, qd, &of_key, &d->conf.pcrs,
		    &a->quote, &sig);
		if (r != TSS2_RC_SUCCESS)
			return tpm_tss(err, "tpm.quote", r);
		rc = put_sig(sig, a->quote_sig, &a->nquote_sig, err);
		if (rc == ATLS_OK)
			rc = pcrs_read(d, &a->pcrs, err);
		if (rc == ATLS_OK)
			rc = is_quote_of(a->quote, &d->conf.pcrs, &a->pcrs,
			    &same, err);
		if (rc != ATLS_OK || same)
			return rc;
	}
	return fail_set(err, ATLS_E_DEVICE, "tpm.quote",
	    "PCRs changed %d times while they were read", QUOTE_TRIES);
}

static enum atls_rc
answer_write(const struct tpm_dev *d, const struct answer *a,
    struct atls_buf *out, struct atls_err *err)
{
	uint8_t kid[1 + TPM_NAME_LEN - 2] = { UEID_RAND };
	struct atls_tpm_parts t = {
		.kid = ATLS_ARRAY(kid),
		.certify_sig = { a->certify_sig, a->ncertify_sig },
		.certify_info = { a->certify->attestationData,
		    a->certify->size },
		.key_pub = { d->aik.area, d->aik.arealen },
		.quote_sig = { a->quote_sig, a->nquote_sig },
		.quote_info = { a->quote->attestationData, a->quote->size },
		.ak_pub = { d->ak.area, d->ak.arealen },
		.nbank = d->conf.pcrs.count,
	};
	enum atls_rc rc;
	size_t b, i;

	memcpy(kid + 1, d->ak.name + 2, sizeof(kid) - 1);
	for (b = 0; b < t.nbank; b++) {
		t.bank[b].alg = d->conf.pcrs.pcrSelections[b].hash;
		for (i = 0; i < ATLS_TPM_PCRS; i++)
			t.bank[b].pcr[i] = (struct atls_bytes){
			    a->pcrs.value[b][i], a->pcrs.len[b][i] };
	}
	if (d->akcert != NULL) {
		t.nak_cert = d->akcert->nchain;
		for (i = 0; i < t.nak_cert; i++)
			t.ak_cert[i] = d->akcert->chain[i];
	}
	rc = atls_tpm_evidence_write(&t, out);
	return rc == ATLS_OK ? rc : fail_set(err, rc, "tpm.evidence",
	    "%zu octets, room for %zu", out->len, out->cap);
}

enum atls_rc
tpm_quote(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	struct tpm_dev *d = dev;
	TPM2B_DATA qd = { .size = (UINT16)report_data.len };
	struct answer a = { 0 };
	enum atls_rc rc;

	out->len = 0;
	if (report_data.len == 0 || report_data.len > TPM_REPORT_DATA_MAX)
		return fail_set(err, ATLS_E_ARG, "tpm.report_data",
		    "%zu octets", report_data.len);
	memcpy(qd.buffer, report_data.p, report_data.len);
	if ((rc = tpm_enter(d, err)) != ATLS_OK)
		return rc;
	rc = certify(d, &qd, &a, err);
	if (rc == ATLS_OK)
		rc = quote_pcrs(d, &qd, &a, err);
	if (rc == ATLS_OK)
		rc = answer_write(d, &a, out, err);
	Esys_Free(a.certify);
	Esys_Free(a.quote);
	return tpm_leave(d, rc);
}
