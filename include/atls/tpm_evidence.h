/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_TPM_EVIDENCE_H
#define ATLS_TPM_EVIDENCE_H

#include <atls/bytes.h>
#include <atls/error.h>
#include <atls/identity.h>

#define ATLS_TPM_PCRS	24	/* PCRs of a bank */
#define ATLS_TPM_BANKS	4	/* banks in one piece of evidence */

/* The values of one PCR bank: an empty view is a PCR that was not quoted. */
struct atls_tpm_bank {
	uint16_t		alg;	/* TPM_ALG_ID: 0x000b is SHA-256 */
	struct atls_bytes	pcr[ATLS_TPM_PCRS];
};

/*
 * What TPM evidence is made of.  All views; structures of the TPM are in
 * their marshalled form (TPM 2.0 Library, Part 2).
 */
struct atls_tpm_parts {
	struct atls_bytes	kid;		/* 0x01, SHA-256(ak_pub) */

	struct atls_bytes	certify_sig;	/* TPMT_SIGNATURE */
	struct atls_bytes	certify_info;	/* TPMS_ATTEST */
	struct atls_bytes	key_pub;	/* TPMT_PUBLIC, of the AIK */

	struct atls_bytes	quote_sig;	/* TPMT_SIGNATURE */
	struct atls_bytes	quote_info;	/* TPMS_ATTEST */

	struct atls_bytes	ak_pub;		/* TPMT_PUBLIC */
	struct atls_bytes	ak_cert[ATLS_CHAIN_MAX]; /* DER, leaf first */
	size_t			nak_cert;	/* may be 0 */
	struct atls_tpm_bank	bank[ATLS_TPM_BANKS]; /* in order selected */
	size_t			nbank;
};

/*
 * atls_tpm_evidence_write() writes them as one piece of evidence, CBOR:
 *
 *	{ "ext": { "pcrs": [ + [ alg, { + index => bstr } ] ],
 *		   "akPub": bstr, ? "akCert": [ + bstr ] },
 *	  "kat": { "kid": bstr, "sig": bstr, "tpmVer": "2.0",
 *		   "pubArea": bstr, "certInfo": bstr },
 *	  "pat": { "kid": bstr, "sig": bstr, "tpmVer": "2.0",
 *		   "attestInfo": bstr } }
 *
 * in the deterministic encoding of RFC 8949, 4.2.1.  "kat" and "pat" are as
 * the Parsec project defined them; "ext" is ours.  Nothing is verified.
 *
 * Errors: E_ARG (a member, or all values of a bank, are missing; too many
 * banks or certificates), E_SPACE.
 */
ATLS_CHECKED enum atls_rc atls_tpm_evidence_write(
			    const struct atls_tpm_parts *,
			    struct atls_buf *out);

#endif
