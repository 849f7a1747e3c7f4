/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MAKE_H
#define MAKE_H

#include <atls/identity.h>

#include "../base/wr.h"

/*
 * Certificates that end points make for themselves: a P-256 key, then a
 * certificate for it with one extension more.  The rest of libatls only reads
 * certificates.
 */
struct crypto_maker;

/* NULL: no memory, or libcrypto failed. */
struct crypto_maker	*crypto_maker_new(void);
void			 crypto_maker_free(struct crypto_maker *);

/* DER SubjectPublicKeyInfo; lives as long as the maker. */
struct atls_bytes	 crypto_maker_spki(const struct crypto_maker *);

struct crypto_maker_ask {
	const char		*name;		/* DNS name or IP address */
	int64_t			from, until;
	struct atls_bytes	oid;		/* of the extension, content */
	struct atls_bytes	value;		/* of its OCTET STRING */
	struct atls_bytes	ca_pem, ca_key_pem;	/* {}: self-signed */
};

/* PEM; the certificates of ca_pem, whose first is the issuer, come behind the
 * certificate.  Errors: E_ARG (name, times; the CA is none, or its key and
 * certificate differ), E_FORMAT (CA), E_SPACE, E_MEM, E_CRYPTO. */
ATLS_CHECKED enum atls_rc crypto_maker_cert(const struct crypto_maker *,
			    const struct crypto_maker_ask *,
			    struct atls_buf *pem);
ATLS_CHECKED enum atls_rc crypto_maker_key(const struct crypto_maker *,
			    struct atls_buf *pem);

/* SubjectPublicKeyInfo as PEM text.  E_SPACE, E_LIMIT, E_MEM. */
/*@ requires view_ok(spki) && buf_ok(out);
    assigns out->len, out->p[0 .. out->cap - 1];
    exits \false;
    ensures \result == ATLS_OK ==> out->len <= out->cap; */
ATLS_CHECKED enum atls_rc crypto_spki_pem(struct atls_bytes spki,
			    struct atls_buf *out);

/*
 * May TLS be spoken with a certificate that no path leads to?  Of critical
 * extensions it has only libcrypto's own and those known (content octets of
 * their identifiers): else E_UNKNOWN (RFC 5280, 4.2); its key is for
 * signatures: else E_CHAIN (RFC 8446, 4.4.2.2).  E_FORMAT, E_MEM.
 */
ATLS_CHECKED enum atls_rc crypto_cert_fits(struct atls_bytes der,
			    const struct atls_bytes *known, size_t nknown);

/* Is a certificate signed with its own key?  E_SIG: no; E_FORMAT, E_MEM. */
ATLS_CHECKED enum atls_rc crypto_cert_self_signed(struct atls_bytes der);

#endif
