/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CERT_H
#define CERT_H

#include "../base/rd.h"

/*
 * What a certificate and a CRL (RFC 5280, 4.1 and 5.1) say, as views, to
 * choose and to compare; without a library, and without belief.  Whether it
 * is true, crypto_chain_verify() knows.  Times are Unix seconds.
 *
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT; *out is zeroed.
 */
struct crypto_cert {
	struct atls_bytes	der;		/* all of it */
	struct atls_bytes	serial;		/* INTEGER, its content */
	struct atls_bytes	issuer, subject; /* Name, whole elements */
	struct atls_bytes	spki;
	struct atls_bytes	extensions;	/* content of the SEQUENCE */
	int64_t			from, until;	/* notBefore, notAfter */
};

struct crypto_crl {
	struct atls_bytes	issuer;
	int64_t			from, until;	/* thisUpdate, nextUpdate */
};

ATLS_CHECKED enum atls_rc crypto_cert_read(struct atls_bytes der,
		    struct crypto_cert *out);
ATLS_CHECKED enum atls_rc crypto_crl_read(struct atls_bytes der,
		    struct crypto_crl *out);

/* extnValue, without its OCTET STRING, of the extension with this OID (its
 * content octets).  Empty: there is none, or more than one. */
struct atls_bytes	crypto_cert_ext(const struct crypto_cert *,
			    struct atls_bytes oid);

/* How many there are of them; *out is the last.  E_FORMAT and the like: the
 * extensions cannot be read. */
ATLS_CHECKED enum atls_rc crypto_cert_exts(const struct crypto_cert *,
			    struct atls_bytes oid, struct atls_bytes *out,
			    size_t *n);

/* The last commonName; empty if there is none. */
struct atls_bytes	crypto_name_cn(struct atls_bytes name);

/* Issued by a subject of its own name. */
bool			crypto_cert_self(const struct crypto_cert *);

#endif
