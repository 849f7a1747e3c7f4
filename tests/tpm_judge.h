/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_JUDGE_H
#define TPM_JUDGE_H

#include "../src/evidence/tpm.h"
#include "tpm_make.h"

/*
 * TPM evidence through all that the appraisal asks of a kind, in its order.
 * Report data is always JUDGE_NONCE.
 */
#define JUDGE_NOW	((int64_t)1800000000)
#define JUDGE_NONCE	((struct atls_bytes){ (const uint8_t *)		\
			    "thirty-two octets of report data", 32 })

enum stage { PARSE = 1, SIGNATURE, REPORT_DATA, KEY, PASSED };

struct verdict {
	enum stage		 stage;		/* where it ended */
	struct atls_result	 res;
	uint8_t			*raw;		/* behind res.claims; free it */
};

struct verdict	judge(struct atls_bytes raw, EVP_PKEY *aik,
		    const struct evidence_trust *);

/* Evidence about aik, in storage that the next call uses again. */
struct atls_bytes judge_make(const struct tpm_make_opts *, EVP_PKEY *aik);

/* Trust in the one AK that the options have; storage as above. */
struct evidence_trust judge_pin(const struct tpm_make_opts *);

/* Both, and judge(). */
struct verdict	judge_made(const struct tpm_make_opts *, EVP_PKEY *aik);

#endif
