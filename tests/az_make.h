/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AZ_MAKE_H
#define AZ_MAKE_H

#include <openssl/types.h>

#include "../src/evidence/az.h"

/*
 * Evidence of Azure's vTPMs: of parts that others made, or of a TPM that is
 * made up.  Whatever fails, aborts.
 */
#define AZ_MAKE_MAX	32768
#define AZ_PCRS		24
#define AZ_HCL_LEN	2600		/* octets, as Azure's are */
#define AZ_RUNTIME_AT	(32 + AZ_HW_LEN + 20)

struct az_parts {
	struct atls_bytes	hcl, attest, sig, pcrs;
	struct atls_bytes	vcek, ask, td;		/* empty: left out */
	const char		*more;			/* an unknown key, or NULL */
};

/* "pcrs" of the bits in set; bank SHA-256. */
struct atls_bytes az_make_pcrs(uint8_t pcr[AZ_PCRS][32], uint32_t set,
		    uint8_t room[2048]);
size_t		az_put(const struct az_parts *, uint8_t out[AZ_MAKE_MAX]);

/* Runtime data with the AK in them; a string. */
void		az_make_runtime(EVP_PKEY *ak, char out[2048]);

/* The HCL report; runtime type 2 or 4. */
void		az_make_hcl(uint8_t out[AZ_HCL_LEN], unsigned type,
		    const uint8_t hw[AZ_HW_LEN], const char *runtime);

/* TPMS_ATTEST of a quote of all PCRs, and its TPMT_SIGNATURE (RSASSA,
 * SHA-256); n octets. */
size_t		az_make_attest(uint8_t pcr[AZ_PCRS][32],
		    struct atls_bytes nonce, uint8_t out[256]);
size_t		az_make_sig(EVP_PKEY *ak, struct atls_bytes attest,
		    uint8_t out[600]);

#endif
