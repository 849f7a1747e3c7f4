/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_TPM_H
#define ATLS_TPM_H

#include <atls/attester.h>

/*
 * The attester of machines with a TPM 2.0, in libatls-tpm.  It owns two keys,
 * both ECDSA P-256, made inside the TPM at the first open and unable to leave
 * it: the AK, which signs evidence and nothing else, and the AIK, which signs
 * for the identity.
 *
 * `where` is a list of key=value, parted by commas:
 *
 *	dir=DIR		required.  Where the keys are kept, wrapped by the
 *			TPM: ak.pub ak.priv aik.pub aik.priv, in the form that
 *			tpm2_load(1) reads.  Mode 0700, ours; made if missing.
 *	pcrs=LIST	what is quoted: sha256:0-7 if not given.  BANK:N+N-N,
 *			several banks parted by '/'; sha256 and sha384.
 *	akcert=FILE	PEM, the AK's certificate first, then its issuers; sent
 *			with the evidence.  doc/enrolment.md says how to get it.
 *	tcti=TCTI	which TPM: device:/dev/tpmrm0 if not given.  Takes all
 *			that follows, with its commas, so it comes last.
 *
 * open() fails with E_CONF (where; permissions or owner of dir and of what is
 * in it), E_FORMAT (key files: damaged, one of a pair missing, not of this
 * TPM, not our kind of key; certificate: not of the AK), E_DEVICE, E_IO
 * (files; or another process was making keys: try again), E_MEM, E_CRYPTO.
 *
 * quote() takes 1..64 octets of report data, but no more than the longest
 * hash of the TPM: E_ARG, E_DEVICE, E_SPACE, E_MEM, E_CRYPTO.  3 KiB are
 * enough for the PCRs of both banks, without certificates.
 *
 * After E_DEVICE the connection to the TPM is dropped, and made anew by the
 * next call: a device survives a reset of its TPM.  One device may be used by
 * several threads; its calls wait for each other, and for the TPM without
 * limit.
 *
 * tpm2-tss writes a log of its own to stderr; TSS2_LOG=all+none stops that.
 */
extern const struct atls_attester atls_attester_tpm;

/*
 * A certificate request for the AIK: PKCS #10 (RFC 2986), PEM, signed by it,
 * with dns_name (1..253 octets: letters, digits, '-', '_', '.', '*') as its
 * subjectAltName, and as its common name if that has room.
 * Errors: E_ARG, E_SPACE, E_DEVICE, E_MEM, E_CRYPTO.
 */
ATLS_CHECKED enum atls_rc	atls_tpm_csr(void *dev, const char *dns_name,
				    struct atls_buf *out, struct atls_err *);

/* The public key of the AK: SubjectPublicKeyInfo, PEM.  Errors: E_SPACE,
 * E_MEM, E_CRYPTO. */
ATLS_CHECKED enum atls_rc	atls_tpm_ak_public(void *dev,
				    struct atls_buf *out, struct atls_err *);

#define ATLS_TPM_NAME_MAX	80

/* The name of the AK, as policies pin it: "ak:000b..." with its NUL. */
void				atls_tpm_ak_name(void *dev,
				    char out[ATLS_TPM_NAME_MAX]);

#endif
