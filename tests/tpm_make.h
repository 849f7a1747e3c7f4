/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_MAKE_H
#define TPM_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include <atls/bytes.h>

/*
 * TPM evidence made in software, good or with one thing wrong with it.  Signed
 * by a key that we hold, so that everything but the fault is in order: what a
 * liar could make.  Knows nothing of the library under test.  Whatever fails,
 * aborts.  Link with libcrypto.
 *
 *	struct tpm_make_opts o = { .ak = EVP_EC_gen("P-256") };
 *	uint8_t raw[TPM_MAKE_MAX];
 *	struct atls_buf out = { raw, sizeof(raw), 0 };
 *
 *	tpm_make(&o, report_data, aik, &out);
 *	tpm_make_pin(&o, pin);			"ak:000b...", for a policy
 */

#define TPM_MAKE_MAX	8192		/* room for any evidence made here */
#define TPM_MAKE_PIN	144		/* room for any pin */

enum { TPM_MAKE_SHA256, TPM_MAKE_SHA384, TPM_MAKE_SHA512, TPM_MAKE_SHA1 };

enum tpm_fault {
	TPM_GOOD = 0,

	/* the frame */
	TPM_BAD_VERSION,	/* kat says "1.2" */
	TPM_BAD_MEMBER,		/* a member that nobody knows */
	TPM_BAD_TWICE,		/* a member twice */
	TPM_BAD_TRAIL,		/* an octet after the end */
	TPM_NO_EXT, TPM_NO_KAT, TPM_NO_PAT, TPM_NO_AK_PUB, TPM_NO_PCRS,
	TPM_NO_KID, TPM_NO_SIG, TPM_NO_INFO, TPM_NO_PUB,

	/* signed, but not what it should be */
	TPM_BAD_MAGIC_KAT, TPM_BAD_MAGIC_PAT,
	TPM_BAD_TYPE_KAT,	/* a quote where the certification goes */
	TPM_BAD_TYPE_PAT,	/* and the other way round */
	TPM_BAD_KID,		/* both parts name another key */
	TPM_TWO_KIDS, TPM_TWO_NONCES, TPM_TWO_SIGNERS,
	TPM_TWO_RESETS, TPM_TWO_RESTARTS, TPM_TWO_FIRMWARES,

	/* signatures */
	TPM_BAD_SIG_KAT, TPM_BAD_SIG_PAT,	/* by a key that is not the AK */
	TPM_BAD_SIG_SHA1,	/* both, and akPub says so too */
	TPM_BAD_SIG_SCHEME,	/* akPub has another hash than they have */
	TPM_BAD_SIG_SCHEME_PAT,	/* and than only that of pat has */
	TPM_BAD_AK_SCHEME,	/* akPub has no scheme */

	/* PCRs: what is said in ext differs from what was signed */
	TPM_BAD_PCR_VALUE, TPM_BAD_PCR_MISSING, TPM_BAD_PCR_EXTRA,
	TPM_BAD_PCR_TWICE, TPM_BAD_PCR_ORDER, TPM_BAD_PCR_SHORT,
	TPM_BAD_PCR_BANK,	/* values of a bank that was not selected */
	TPM_BAD_BANK_MISSING,	/* an empty list */
	TPM_BAD_BANK_EXTRA,
	/* PCRs: what was signed is odd */
	TPM_BAD_DIGEST, TPM_BAD_SELECT_NONE, TPM_BAD_SELECT_EMPTY,
	TPM_BAD_SELECT_WIDE,	/* sizeofSelect 5 */
	TPM_BAD_SELECT_TWICE, TPM_BAD_SELECT_BANK,	/* SM3 */

	/* the key */
	TPM_BAD_KEY_NAME,	/* another object was certified */
	TPM_BAD_KEY,		/* certified and described, but not the AIK */
	TPM_NFAULTS,
};

/* All zero, but for ak, is good evidence: SHA-256, PCRs 0 to 7. */
struct tpm_make_opts {
	EVP_PKEY	*ak;		/* P-256, P-384 or RSA */
	bool		 pss;		/* RSA: RSAPSS instead of RSASSA */
	unsigned	 hash;		/* TPM_MAKE_SHA*, of signatures */
	unsigned	 ak_name, key_name;	/* and of names */
	uint32_t	 ak_flip, key_flip;	/* objectAttributes to invert */
	const struct atls_bytes	*ak_cert;	/* akCert, leaf first */
	size_t		 nak_cert;
	uint32_t	 select[4];	/* PCRs of each bank, in this order */
	uint32_t	 other;		/* PCRs that an honest machine would not
					 * have: see tpm_make_pcr() */
	uint32_t	 reset;		/* resetCount */
	bool		 backwards;	/* every map in reverse order */
	enum tpm_fault	 fault;
};

/* Evidence for report_data (0..64 octets) about the key aik (its public half
 * is enough).  aik NULL: the AK itself, which is never right. */
void	tpm_make(const struct tpm_make_opts *, struct atls_bytes report_data,
	    EVP_PKEY *aik, struct atls_buf *out);

/* The name of the AK as a policy pins it: "ak:" and lower-case hex. */
void	tpm_make_pin(const struct tpm_make_opts *, char out[TPM_MAKE_PIN]);

/* The value of PCR i: every octet is i, or 0xee if `other` has it.  Returns
 * its length. */
size_t	tpm_make_pcr(const struct tpm_make_opts *, unsigned bank, unsigned i,
	    uint8_t out[64]);

#endif
