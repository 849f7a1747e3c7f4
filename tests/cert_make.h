/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CERT_MAKE_H
#define CERT_MAKE_H

#include <stdbool.h>

#include <openssl/evp.h>

#include <atls/bytes.h>

/* Certificates with extensions of any kind.  What fails, aborts. */
struct cert_ext {
	struct atls_bytes	oid;		/* content octets */
	struct atls_bytes	value;
	bool			critical;
};

/* DER SubjectPublicKeyInfo, on the heap, and its PEM text with a NUL. */
struct atls_bytes	cert_spki(EVP_PKEY *);
struct atls_bytes	cert_spki_pem(EVP_PKEY *);

/* DER, on the heap: of `key`, self-signed, in force from one time to another. */
struct atls_bytes	cert_make(EVP_PKEY *key, const struct cert_ext *,
			    size_t n, int64_t from, int64_t until);

#endif
