/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_H
#define PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

/*
 * A small PKI for tests, made in memory.  Whatever fails, aborts: a test that
 * cannot make its input has nothing to say.  Link with libcrypto.
 *
 *	struct pki p = pki_new(&(struct pki_ask){ .dns = "a.example" }, now);
 *	trust = atls_trust_new(pki_view(p.root.pem), pki_view(p.crls), NULL);
 *	id = atls_identity_new(pki_view(p.chain), pki_view(p.leaf.key_pem),
 *	    NULL);
 *	pki_free(&p);
 */

enum pki_key { PKI_P256 = 0, PKI_P384, PKI_RSA2048, PKI_ED25519,
    PKI_ED448, PKI_RSA1024 /* these two nobody should take */ };

enum { PKI_EKU_SERVER = 1, PKI_EKU_CLIENT = 2 };

#define PKI_DAY		((int64_t)24 * 60 * 60)

/* What to put into a certificate.  All zero is a P-256 leaf without names or
 * extended key usage, in force from a day before now to a year after. */
struct pki_ask {
	const char	*cn;		/* NULL: the serial number */
	const char	*dns, *ip;	/* subjectAltName; NULL: none */
	enum pki_key	 key;
	unsigned	 eku;		/* PKI_EKU_*; 0: no such extension */
	const char	*ku;		/* keyUsage; NULL: what fits ca */
	bool		 ca;
	bool		 sha1;		/* sign with SHA-1 (not Ed25519) */
	bool		 bare;		/* no key identifiers */
	int64_t		 from, until;	/* Unix seconds; 0: as said above */
};

struct pki_cert {
	uint8_t		*der;
	size_t		 len;		/* of der */
	char		*pem, *key_pem;	/* strings */
	long		 serial;	/* no two alike in one process */
	X509		*x509;
	EVP_PKEY	*key;
};

/* One certificate; issuer NULL: signed by itself. */
struct pki_cert	pki_cert(const struct pki_ask *,
		    const struct pki_cert *issuer, int64_t now);
void		pki_cert_free(struct pki_cert *);

/* A CRL of issuer, PEM, with the given serials; next 0: no nextUpdate.  The
 * caller frees it. */
char		*pki_crl(const struct pki_cert *issuer, const long *revoked,
		    size_t n, int64_t last, int64_t next);

/* Strings joined to a new one; NULL ends the list.  The caller frees it. */
char		*pki_join(const char *, ...) __attribute__((sentinel));

/* Root (P-256), intermediate (P-256), and a leaf as asked. */
struct pki {
	struct pki_cert	 root, inter, leaf;
	char		*chain;		/* PEM: leaf, intermediate */
	char		*crls;		/* PEM: root's and intermediate's, with
					 * nothing revoked, for 30 days */
};

struct pki	pki_new(const struct pki_ask *leaf, int64_t now);
void		pki_free(struct pki *);

/* A string as an atls_bytes; {} for NULL. */
#define pki_view(s)	((struct atls_bytes){ (const uint8_t *)(s),	\
			    (s) == NULL ? 0 : strlen(s) })

#endif
