/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_IDENTITY_H
#define ATLS_IDENTITY_H

#include <atls/bytes.h>
#include <atls/error.h>

#define ATLS_HASH_MAX		64	/* octets of the longest digest */
#define ATLS_CHAIN_MAX		8	/* certificates in a chain */
#define ATLS_SIG_MAX		1024	/* octets of a signature */

enum atls_hash { ATLS_SHA256 = 1, ATLS_SHA384 = 2, ATLS_SHA512 = 3 };

/* RFC 8446, 4.2.3: the schemes of CertificateVerify that we use. */
enum atls_scheme {
	ATLS_ECDSA_P256_SHA256	= 0x0403,
	ATLS_ECDSA_P384_SHA384	= 0x0503,
	ATLS_RSA_PSS_SHA256	= 0x0804,
	ATLS_RSA_PSS_SHA384	= 0x0805,
	ATLS_RSA_PSS_SHA512	= 0x0806,
	ATLS_ED25519		= 0x0807,
};

/*
 * Who we are: a certificate chain, and something that signs with the key of
 * its leaf (the AIK).  The key may live in a TPM: sign() may take long.
 * The owner keeps all of it in place for as long as anything uses it.
 */
struct atls_identity {
	struct atls_bytes	 chain[ATLS_CHAIN_MAX];	/* DER, leaf first */
	size_t			 nchain;
	uint16_t		 scheme[4];		/* most wanted first */
	size_t			 nscheme;
	void			*key;

	/* tbs as RFC 8446, 4.4.3 has it, not hashed; sig holds ATLS_SIG_MAX.
	 * ECDSA signatures are DER. */
	ATLS_CHECKED enum atls_rc (*sign)(void *key, uint16_t scheme,
	    struct atls_bytes tbs, struct atls_buf *sig, struct atls_err *);
};

/*
 * atls_identity_new() makes one of PEM text: a chain, leaf first, and an
 * unencrypted private key that fits the leaf.  chain without key (empty view)
 * gives an identity whose key and sign() the caller supplies before use.
 * The result is the caller's: atls_identity_free(), which wipes the key.
 * NULL: E_FORMAT, E_LIMIT (more than ATLS_CHAIN_MAX), E_ARG (key and leaf
 * differ, or no scheme of ours fits the key), E_MEM.
 */
struct atls_identity	*atls_identity_new(struct atls_bytes chain_pem,
			    struct atls_bytes key_pem, struct atls_err *);
void			 atls_identity_free(struct atls_identity *);

/*
 * Whom we believe: PKI anchors, and CRLs.  Immutable, reference counted, and
 * safe to share between threads.  Remembers chains that it has verified, with
 * the time until which that holds, so that a known peer costs one hash.
 *
 * anchors_pem	one or more certificates.
 * crls_pem	empty: revocation is not checked.  Otherwise every certificate
 *		of a chain must be covered by a CRL that is in force.
 * NULL: E_FORMAT, E_MEM.
 */
struct atls_trust;

struct atls_trust	*atls_trust_new(struct atls_bytes anchors_pem,
			    struct atls_bytes crls_pem, struct atls_err *);
struct atls_trust	*atls_trust_ref(struct atls_trust *);
void			 atls_trust_free(struct atls_trust *);

/* The PEM text it was made of; lives as long as trust.  For backends, which
 * verify the chain of the handshake by their own means. */
struct atls_bytes	 atls_trust_anchors(const struct atls_trust *);
struct atls_bytes	 atls_trust_crls(const struct atls_trust *);

#endif
