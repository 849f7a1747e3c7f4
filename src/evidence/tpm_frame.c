/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "tpm.h"

#define KID_MAX		33	/* octets of a UEID: RFC 9711, 4.2.1 */

/* In the order of enum tpm_claim. */
const struct evidence_claim tpm_claims[TPM_NCLAIMS] = {
	TPM_QUOTE_TABLE,
	{ "tpm.key.name",		ATLS_CLAIM_BYTES,	false, 0 },
	{ "tpm.key.attributes",		ATLS_CLAIM_NUMBER,	false, 0 },
};

_Static_assert((int)TPM_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

static void
claim(struct atls_evidence *out, size_t id, struct atls_bytes bytes,
    uint64_t number)
{
	const struct evidence_claim *c = &tpm_claims[id];

	if (out->nclaim < ATLS_CLAIMS_MAX)
		out->claim[out->nclaim++] = (struct atls_claim){ c->name,
		    c->type, bytes, number };
}

/* Banks that give no claims are read all the same: the quote covers them. */
static void
claim_bank(struct atls_evidence *out, const struct tpm_bank *b)
{
	size_t i, first;

	if (b->alg == TPM_ALG_SHA256)
		first = TPM_CLAIM_SHA256;
	else if (b->alg == TPM_ALG_SHA384)
		first = TPM_CLAIM_SHA384;
	else
		return;
	for (i = 0; i < TPM_CLAIM_PCRS; i++)
		if (b->value[i].len != 0)
			claim(out, first + i, b->value[i], 0);
}

void
tpm_claim_quote(struct atls_evidence *out, const struct tpm_attest *quote)
{
	const struct atls_bytes none = { NULL, 0 };

	claim(out, TPM_CLAIM_CLOCK, none, quote->clock);
	claim(out, TPM_CLAIM_RESET, none, quote->reset);
	claim(out, TPM_CLAIM_RESTART, none, quote->restart);
	claim(out, TPM_CLAIM_SAFE, none, quote->safe);
	claim(out, TPM_CLAIM_FIRMWARE, none, quote->firmware);
	claim(out, TPM_CLAIM_SIGNER, quote->signer, 0);
}

static size_t
offset(const struct atls_evidence *ev, enum tpm_part part)
{
	return (size_t)(ev->part[part].p - ev->raw.p);
}

enum atls_rc
tpm_claim_pcrs(struct atls_evidence *out, struct atls_bytes in, size_t off,
    struct atls_err *err)
{
	struct rd r = { .p = in.p, .left = in.len, .off = off };
	unsigned seen[TPM_BANKS_MAX] = { 0 };
	struct cbor_list banks;
	struct tpm_bank b;
	size_t i, n = 0;
	enum atls_rc rc;

	banks = cbor_array(&r);
	if (banks.left > TPM_BANKS_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	while (tpm_bank_next(&r, &banks, &b)) {
		for (i = 0; i < n; i++)
			if (seen[i] == b.alg)
				rd_fail(&r, ATLS_E_FORMAT);
		if (r.rc != ATLS_OK)
			break;
		seen[n++] = b.alg;
		claim_bank(out, &b);
	}
	if (n == 0)
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "tpm.pcrs", r.off, "bank %zu", n);
	return ATLS_OK;
}

/* The structures of the TPM must be well formed, each to its last octet. */
static enum atls_rc
parse_parts(struct atls_evidence *out, struct atls_err *err)
{
	struct tpm_attest certify, quote;
	const struct atls_bytes none = { NULL, 0 };
	struct tpm_public key, ak;
	struct tpm_sig sig;
	enum atls_rc rc;

	if ((rc = tpm_sig_parse(out->part[TPM_KAT_SIG], offset(out,
	    TPM_KAT_SIG), "tpm.certify.sig", &sig, err)) != ATLS_OK ||
	    (rc = tpm_attest_parse(out->part[TPM_KAT_INFO], offset(out,
	    TPM_KAT_INFO), TPM_ST_CERTIFY, "tpm.certify", &certify, err)) !=
	    ATLS_OK ||
	    (rc = tpm_public_parse(out->part[TPM_KAT_PUB], offset(out,
	    TPM_KAT_PUB), "tpm.key", &key, err)) != ATLS_OK ||
	    (rc = tpm_sig_parse(out->part[TPM_PAT_SIG], offset(out,
	    TPM_PAT_SIG), "tpm.quote.sig", &sig, err)) != ATLS_OK ||
	    (rc = tpm_attest_parse(out->part[TPM_PAT_INFO], offset(out,
	    TPM_PAT_INFO), TPM_ST_QUOTE, "tpm.quote", &quote, err)) !=
	    ATLS_OK)
		return rc;
	if (out->part[TPM_AK_PUB].len != 0 &&
	    (rc = tpm_public_parse(out->part[TPM_AK_PUB], offset(out,
	    TPM_AK_PUB), "tpm.ak", &ak, err)) != ATLS_OK)
		return rc;
	out->report_data = quote.extra;
	tpm_claim_quote(out, &quote);
	claim(out, TPM_CLAIM_KEY_NAME, certify.name, 0);
	claim(out, TPM_CLAIM_KEY_ATTRIBUTES, none, key.attributes);
	return ATLS_OK;
}

/* An octet string that says something. */
static struct atls_bytes
get_bstr(struct rd *r)
{
	struct atls_bytes b = cbor_bstr(r);

	if (b.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return b;
}

static void
get_version(struct rd *r)
{
	static const uint8_t v[] = { '2', '.', '0' };

	if (!atls_ct_eq(cbor_tstr(r), ATLS_ARRAY(v)))
		rd_fail(r, ATLS_E_UNKNOWN);
}

static struct atls_bytes
get_kid(struct rd *r)
{
	struct atls_bytes b = get_bstr(r);

	if (b.len > KID_MAX)
		rd_fail(r, ATLS_E_LIMIT);
	return b;
}

/* kat: parts from TPM_KAT_KID on; pat: from TPM_PAT_KID on, without a key. */
static void
get_part(struct rd *r, bool kat, struct atls_bytes *kid,
    struct atls_bytes *sig, struct atls_bytes *info, struct atls_bytes *pub)
{
	struct cbor_map m = cbor_map(r);
	bool version = false;
	struct cbor_key k;

	while (cbor_map_next(r, &m, &k)) {
		if (cbor_key_is(&k, "tpmVer")) {
			get_version(r);
			version = true;
		} else if (cbor_key_is(&k, "kid"))
			*kid = get_kid(r);
		else if (cbor_key_is(&k, "sig"))
			*sig = get_bstr(r);
		else if (cbor_key_is(&k, kat ? "certInfo" : "attestInfo"))
			*info = get_bstr(r);
		else if (kat && cbor_key_is(&k, "pubArea"))
			*pub = get_bstr(r);
		else if (cbor_key_is(&k, "alg"))
			(void)cbor_int(r);	/* the signature says it */
		else
			rd_fail(r, ATLS_E_FORMAT);
	}
	if (!version)
		rd_fail(r, ATLS_E_FORMAT);
}

static void
get_ext(struct rd *r, struct atls_evidence *out)
{
	const size_t max = sizeof(out->chain) / sizeof(out->chain[0]);
	struct cbor_map m = cbor_map(r);
	struct cbor_list certs;
	struct cbor_key k;

	while (cbor_map_next(r, &m, &k)) {
		if (cbor_key_is(&k, "akPub"))
			out->part[TPM_AK_PUB] = get_bstr(r);
		else if (cbor_key_is(&k, "pcrs"))
			out->part[TPM_PCRS] = cbor_item(r);
		else if (cbor_key_is(&k, "akCert")) {
			certs = cbor_array(r);
			if (certs.left == 0)
				rd_fail(r, ATLS_E_FORMAT);
			if (certs.left > max)
				rd_fail(r, ATLS_E_LIMIT);
			while (cbor_next(r, &certs))
				out->chain[out->nchain++] = get_bstr(r);
		} else
			rd_fail(r, ATLS_E_FORMAT);
	}
	if (out->part[TPM_AK_PUB].len == 0 || out->part[TPM_PCRS].len == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

enum atls_rc
tpm_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct atls_bytes *p = out->part;
	struct rd r = rd_of(raw);
	struct cbor_map m = cbor_map(&r);
	struct cbor_key k;
	enum atls_rc rc;
	size_t i;

	(void)scratch;			/* all is binary, and views do */
	while (cbor_map_next(&r, &m, &k)) {
		if (cbor_key_is(&k, "kat"))
			get_part(&r, true, &p[TPM_KAT_KID], &p[TPM_KAT_SIG],
			    &p[TPM_KAT_INFO], &p[TPM_KAT_PUB]);
		else if (cbor_key_is(&k, "pat"))
			get_part(&r, false, &p[TPM_PAT_KID], &p[TPM_PAT_SIG],
			    &p[TPM_PAT_INFO], NULL);
		else if (cbor_key_is(&k, "ext"))
			get_ext(&r, out);
		else
			rd_fail(&r, ATLS_E_FORMAT);
	}
	for (i = TPM_KAT_KID; i < TPM_AK_PUB; i++)
		if (p[i].len == 0)		/* only ext may be missing */
			rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "tpm.cbor", r.off, "%zu octets",
		    raw.len);
	if ((rc = parse_parts(out, err)) != ATLS_OK)
		return rc;
	if (p[TPM_PCRS].len == 0)		/* no ext */
		return ATLS_OK;
	return tpm_claim_pcrs(out, p[TPM_PCRS], offset(out, TPM_PCRS), err);
}
