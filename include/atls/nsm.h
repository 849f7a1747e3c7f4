/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_NSM_H
#define ATLS_NSM_H

#include <atls/attester.h>

/*
 * The attester of AWS Nitro enclaves, in libatls-nsm: "nsm".  Evidence is the
 * attestation document of the Nitro Secure Module, COSE_Sign1 as it came,
 * with the report data as user_data, and no nonce or public_key.
 *
 * `where` is empty, or
 *
 *	dev=FILE	the device, if it is not /dev/nsm.
 *
 * open() looks whether the device can be opened: E_CONF, E_DEVICE, E_MEM.
 *
 * quote() takes 1..512 octets of report data, and gives up to 12 KiB: E_ARG,
 * E_SPACE, E_DEVICE (also if the module says no: its own word for why is
 * told).  If the device is busy or interrupted, it is asked again, for up to
 * ten seconds; one that does not answer keeps us for two minutes, and is
 * asked once more.  A device may be used by several threads.
 */
extern const struct atls_attester atls_attester_nsm;

#endif
