/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LC_H
#define LC_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../base/rd.h"
#include "crypto.h"

/*
 * What the files of this folder share, and nobody else sees: libcrypto 3.
 *
 * Its error queue belongs to the thread, so also to our caller.  Functions
 * here leave it empty when they fail; functions of crypto.h leave it empty.
 */

#define LC_CERT_MAX	278528		/* octets of a certificate; some carry
					 * evidence, of up to 256 KiB */
#define LC_PEM_MAX	16777216	/* octets of PEM text; CRLs are long */
#define LC_RSA_MIN	2048		/* bits of a modulus */
#define LC_RSA_MAX	8192
#define LC_FIELD_MAX	66		/* octets of a coordinate, P-521 */

enum lc_kind { LC_P256 = 1, LC_P384, LC_P521, LC_ED25519, LC_RSA };

/*
 * Library contexts of our own: what we accept does not hang on openssl.cnf
 * or on what else the program did with the default one.
 *
 *	full	the default provider, for all that is done once
 *	thin	the same with few decoders, for what peers send: see lc.c
 */
struct lc {
	OSSL_LIB_CTX	*full, *thin;
	OSSL_PROVIDER	*full_provider, *thin_provider;
	EVP_MD		*md[ATLS_SHA512 + 1];	/* by enum atls_hash */
	EVP_MAC		*hmac;
	EVP_PKEY	*curve[LC_P521 + 1];	/* to copy: no key in it yet */
};

const struct lc	*lc_get(void);		/* NULL: no memory */

/* Empties the error queue; E_MEM if an allocation had failed, else rc. */
enum atls_rc	 lc_rc(enum atls_rc rc);

/* The same, recorded with libcrypto's first reason: "CRL 1: too long". */
enum atls_rc	 lc_err(struct atls_err *, enum atls_rc rc, const char *where,
		    const char *what, size_t number);

/*
 * The next block of PEM text as DER, for OPENSSL_free().  1, 0 at the end,
 * or -1: not PEM, encrypted, or not of this type ("CERTIFICATE").
 */
int		 lc_pem_next(BIO *, const char *type, uint8_t **der, size_t *);
BIO		*lc_pem_open(struct atls_bytes pem);	/* NULL: no memory */

/* One whole certificate; NULL if it is anything else. */
X509		*lc_cert(OSSL_LIB_CTX *, struct atls_bytes der);

/* One whole CRL with nextUpdate; NULL if it is anything else. */
X509_CRL	*lc_crl(OSSL_LIB_CTX *, struct atls_bytes der);

/* SubjectPublicKeyInfo in a certificate: a view; empty if it is not DER. */
struct atls_bytes lc_cert_spki(struct atls_bytes der);

struct crypto_key {
	EVP_PKEY	*pkey;
	enum lc_kind	 kind;
	size_t		 size;		/* octets of an RSA modulus, else 0 */
};

/*
 * Tells what key spki is, and leaves pkey NULL.  Nothing is decoded: what is
 * not of a form that we use does not get as far as libcrypto.
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT; E_UNKNOWN (another kind or form),
 * E_LIMIT (size).
 */
ATLS_CHECKED enum atls_rc lc_key_form(struct atls_bytes spki,
		    struct crypto_key *out);

/* How to sign and verify; one row for each scheme. */
struct lc_scheme {
	unsigned	 id;		/* enum atls_scheme, CRYPTO_RSA_* */
	enum lc_kind	 kind;
	const char	*md;		/* NULL: none, the message is signed */
	int		 padding;	/* RSA_*_PADDING, or 0 */
};

extern const struct lc_scheme lc_schemes[];	/* ends with id 0 */
const struct lc_scheme *lc_scheme(unsigned id);	/* NULL: not ours */

/* Sets padding and salt after EVP_Digest{Sign,Verify}Init_ex(); 1, or not. */
int		 lc_scheme_set(const struct lc_scheme *, EVP_PKEY_CTX *);

#endif
