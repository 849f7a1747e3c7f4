/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNED_H
#define SIGNED_H

#include "../codec/cose.h"
#include "../crypto/crypto.h"

/*
 * Does the signature of msg hold under key?  External data is empty, as
 * nothing that we read has any.
 *
 * ECDSA signatures are r and s, each as long as the field (RFC 9053, 2.1);
 * ES256 is of P-256 and ES384 of P-384.
 *
 * Errors: E_SIG (does not verify, or the key does not fit), E_UNKNOWN (an
 * algorithm that we do not use), E_ARG (no key), E_MEM, E_CRYPTO.
 */
/*@ requires \valid_read(msg) && view_ok(msg->protected) &&
	view_ok(msg->payload) && view_ok(msg->signature);
    assigns \nothing;
    exits \false; */
ATLS_CHECKED enum atls_rc signed_verify(const struct cose_sign1 *msg,
		    const struct crypto_key *key);

/* The same of any parts, one after the other. */
ATLS_CHECKED enum atls_rc signed_verify_parts(int64_t alg,
		    const struct crypto_key *key,
		    const struct atls_bytes *part, size_t nparts,
		    struct atls_bytes signature);

/* Is the key of the type, and of the curve, that the algorithm is for? */
bool		signed_key_fits(int64_t alg, const struct crypto_key *);

/* Is it an algorithm that signed_verify() knows? */
bool		signed_alg_known(int64_t alg);

/* A key to verify with.  Errors: those of crypto_key_ec(). */
ATLS_CHECKED enum atls_rc signed_key(const struct cose_key *,
		    struct crypto_key **out);

#endif
