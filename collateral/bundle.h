/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUNDLE_H
#define BUNDLE_H

#include "src.h"

/*
 * A bundle, as atls-collateral(5) has it: lines of text, with octets between
 * them, and a signature over all that is before it.
 */
#define BUNDLE_MAGIC	"atls-collateral 1\n"
#define BUNDLE_SIG	64	/* octets: Ed25519, or r and s of P-256 */
#define BUNDLE_TRAILER	99	/* "signature ", 88 of base64, "\n" */

/* Errors: E_CONF (no key, or not of these two kinds), E_SIG, E_MEM. */
enum atls_rc	bundle_verify(struct atls_bytes key_pem, struct atls_bytes tbs,
		    const uint8_t sig[BUNDLE_SIG], struct atls_err *);
enum atls_rc	bundle_sign(struct atls_bytes key_pem, struct atls_bytes tbs,
		    uint8_t sig[BUNDLE_SIG], struct atls_err *);

#endif
