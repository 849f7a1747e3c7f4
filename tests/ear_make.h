/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EAR_MAKE_H
#define EAR_MAKE_H

#include <openssl/types.h>

#include <atls/bytes.h>

/*
 * Attestation results that a Verifier signs: whatever header and payload a
 * test wants, with a signature that is right.  Results are blocks of just
 * their size, to be freed.  Whatever fails, aborts.
 */

/* The scheme is that of the key: ES256, ES384, EdDSA, PS256. */
struct atls_bytes ear_make_jwt(EVP_PKEY *, const char *header,
		    const char *payload);

/* COSE_Sign1, without a tag; both headers are encoded maps. */
struct atls_bytes ear_make_cwt(EVP_PKEY *, struct atls_bytes protected,
		    struct atls_bytes unprotected, struct atls_bytes payload);

/* r and s, or what EdDSA and PS256 give, over msg. */
struct atls_bytes ear_make_sig(EVP_PKEY *, struct atls_bytes msg);

/* base64url, without padding. */
struct atls_bytes ear_make_b64(struct atls_bytes);

#endif
