/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_GRAMINE_H
#define ATLS_GRAMINE_H

#include <atls/attester.h>

/*
 * The attester of SGX enclaves that run under Gramine, in libatls-gramine:
 * "gramine".  Evidence is the DCAP quote; the manifest must have
 * sgx.remote_attestation = "dcap".
 *
 * `where` is empty, or
 *
 *	dir=DIR		where Gramine's files are, if not /dev/attestation.
 *
 * open() reads which attestation there is, and takes none but DCAP: E_CONF,
 * E_DEVICE, E_MEM.
 *
 * quote() takes the 64 octets of report data that SGX has, and gives up to
 * 8 KiB: E_ARG, E_DEVICE, E_LIMIT, E_SPACE.  Gramine keeps one report data
 * for the whole process: our calls wait for each other, and when a quote has
 * somebody else's, we ask again, as we do if Gramine is busy or fails for a
 * while: for up to ten seconds.  A device may be used by several threads.
 */
extern const struct atls_attester atls_attester_gramine;

#endif
