/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JWK_H
#define JWK_H

#include <jansson.h>

#include "../crypto/crypto.h"

/*
 * Public keys in JSON (RFC 7517; RFC 7518, 6; RFC 8037, 2).  Members that are
 * not of the key itself are passed over; a private key is refused.
 *
 *	a, b	x and y, each as long as the field; x, and nothing; n and e
 *	SPKI	a is a SubjectPublicKeyInfo; no JWK is this
 */
enum jwk_type { JWK_P256 = 1, JWK_P384, JWK_ED25519, JWK_RSA, JWK_SPKI };

#define JWK_MAX		1536	/* octets of a and b together */

struct jwk {
	enum jwk_type		type;
	struct atls_bytes	a, b;
};

/*
 * jwk_read() decodes a JWK to out, and its numbers to store.
 * Errors: E_FORMAT; E_UNKNOWN (another type or curve), E_LIMIT.
 */
ATLS_CHECKED enum atls_rc jwk_read(const json_t *, uint8_t store[JWK_MAX],
		    struct jwk *out);

/* A key to compare or verify with.  Errors: those of crypto_key_spki(). */
ATLS_CHECKED enum atls_rc jwk_key(const struct jwk *,
		    struct crypto_key **out);

/* A string, as a view of what is in the tree; empty if it is none. */
struct atls_bytes	json_view(const json_t *);

#endif
