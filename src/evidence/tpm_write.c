/* SPDX-License-Identifier: Apache-2.0 */
#include <atls/tpm_evidence.h>

#include "../codec/cbor.h"

static void
put_bstr(struct wr *w, const char *key, struct atls_bytes value)
{
	if (value.len == 0)
		wr_fail(w, ATLS_E_ARG);
	cbor_put_text(w, key);
	cbor_put_bstr(w, value);
}

static void
put_version(struct wr *w)
{
	cbor_put_text(w, "tpmVer");
	cbor_put_text(w, "2.0");
}

static void
put_bank(struct wr *w, const struct atls_tpm_bank *b)
{
	size_t i, n = 0;

	for (i = 0; i < ATLS_TPM_PCRS; i++)
		n += b->pcr[i].len != 0;
	if (n == 0)
		wr_fail(w, ATLS_E_ARG);
	cbor_put_array(w, 2);
	cbor_put_uint(w, b->alg);
	cbor_put_map(w, n);
	for (i = 0; i < ATLS_TPM_PCRS; i++) {
		if (b->pcr[i].len == 0)
			continue;
		cbor_put_uint(w, i);
		cbor_put_bstr(w, b->pcr[i]);
	}
}

static void
put_ext(struct wr *w, const struct atls_tpm_parts *t)
{
	size_t i;

	cbor_put_map(w, t->nak_cert == 0 ? 2 : 3);
	cbor_put_text(w, "pcrs");
	cbor_put_array(w, t->nbank);
	for (i = 0; i < t->nbank; i++)
		put_bank(w, &t->bank[i]);
	put_bstr(w, "akPub", t->ak_pub);
	if (t->nak_cert == 0)
		return;
	cbor_put_text(w, "akCert");
	cbor_put_array(w, t->nak_cert);
	for (i = 0; i < t->nak_cert; i++) {
		if (t->ak_cert[i].len == 0)
			wr_fail(w, ATLS_E_ARG);
		cbor_put_bstr(w, t->ak_cert[i]);
	}
}

static void
put_kat(struct wr *w, const struct atls_tpm_parts *t)
{
	cbor_put_map(w, 5);
	put_bstr(w, "kid", t->kid);
	put_bstr(w, "sig", t->certify_sig);
	put_version(w);
	put_bstr(w, "pubArea", t->key_pub);
	put_bstr(w, "certInfo", t->certify_info);
}

static void
put_pat(struct wr *w, const struct atls_tpm_parts *t)
{
	cbor_put_map(w, 4);
	put_bstr(w, "kid", t->kid);
	put_bstr(w, "sig", t->quote_sig);
	put_version(w);
	put_bstr(w, "attestInfo", t->quote_info);
}

enum atls_rc
atls_tpm_evidence_write(const struct atls_tpm_parts *t, struct atls_buf *out)
{
	struct wr w = wr_of(out);

	if (t->nbank == 0 || t->nbank > ATLS_TPM_BANKS ||
	    t->nak_cert > ATLS_CHAIN_MAX)
		return ATLS_E_ARG;
	cbor_put_map(&w, 3);		/* keys in the order of 4.2.1 */
	cbor_put_text(&w, "ext");
	put_ext(&w, t);
	cbor_put_text(&w, "kat");
	put_kat(&w, t);
	cbor_put_text(&w, "pat");
	put_pat(&w, t);
	return wr_done(&w);
}
