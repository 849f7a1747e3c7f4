/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_RATLS_H
#define ATLS_RATLS_H

#include <atls/evidence.h>

/*
 * Evidence in an X.509 certificate: RA-TLS.  It was made before any
 * connection, for the key in the certificate.  Whoever has that key can use it
 * anywhere until the certificate ends: binding `key`, freshness `F0`.
 *
 *	dice	Interoperable RA-TLS, 2.23.133.5.4.9: CBOR tag 60000, a quote of
 *		Intel's over a buffer of claims with the digest of the key
 *	cmw	RFC 9999, 1.3.6.1.5.5.7.1.35: a CMW, bound to
 *		SHA-256("atls ra-tls" || 0 || SPKI), laid out as expat-rd-1
 *	gramine	Gramine before that: a quote over SHA-256(SPKI)
 *	oe	Open Enclave: a quote over SHA-256 of the key as PEM text
 */
enum atls_ratls_form {
	ATLS_RATLS_NONE = 0,
	ATLS_RATLS_DICE, ATLS_RATLS_CMW, ATLS_RATLS_GRAMINE, ATLS_RATLS_OE,
};

#define ATLS_RATLS_MAX	278528		/* octets of a certificate: 256 KiB of
					 * evidence, and 16 KiB */

/* What a certificate carries.  Views into it. */
struct atls_ratls {
	enum atls_ratls_form	form;
	enum atls_kind		kind;		/* NONE: raw is a CMW */
	struct atls_bytes	raw;
	struct atls_bytes	spki;
	uint8_t			report_data[64]; /* what raw must carry, ... */
	size_t			report_datalen;
	uint8_t			binder[32];	/* ... or, of a CMW, this */
	size_t			binderlen;
	int64_t			from, until;	/* of the certificate */
};

/*
 * atls_ratls_read() finds evidence in a certificate, and computes what it must
 * be bound to.  Nothing of either is verified by this, but that what the form
 * says about the key is true of this key.  Of several forms the first of the
 * list above counts; none may be there twice.
 *
 * Errors: E_NONE (no evidence in it), E_BIND (it is for another key), E_TRUNC,
 * E_TRAIL, E_FORMAT (also: the same extension twice), E_LIMIT, E_UNKNOWN (a
 * report that only the machine itself can verify; another tag), E_CRYPTO.
 * Source: RFC 9999, "X.509"; Interoperable RA-TLS, "Cert and evidence formats".
 */
ATLS_CHECKED enum atls_rc atls_ratls_read(struct atls_bytes cert_der,
			    struct atls_ratls *out, struct atls_err *);

/*
 * atls_ratls_check() looks at the certificate around it.  Errors: E_STALE (not
 * in force at now), E_SIG (it says that it signed itself, and did not),
 * E_UNKNOWN, E_LIMIT (no key that TLS should be spoken with), E_UNKNOWN also of
 * a critical extension that nobody knows, E_CHAIN (its key is not for
 * signatures), those of a certificate that cannot be read, E_MEM.
 */
ATLS_CHECKED enum atls_rc atls_ratls_check(struct atls_bytes cert_der,
			    int64_t now, struct atls_err *);

/* What to make. */
struct atls_ratls_ask {
	const char		*name;		/* DNS name or IP address */
	int64_t			from, until;	/* Unix seconds */
	enum atls_kind		kind;		/* of the evidence */
	enum atls_ratls_form	form;		/* CMW; DICE of Intel's kinds */
	struct atls_bytes	ca_pem, ca_key_pem;	/* {}: self-signed */
};

/*
 * atls_ratls_make() makes a P-256 key, evidence for it by quote(), and a
 * certificate with both.
 *
 * chain_pem	the certificate, and the certificates of ca_pem behind it.
 * key_pem	the private key; wipe it.
 * Errors: E_ARG (also: the CA is none, or key and certificate of it differ),
 * E_SPACE, E_LIMIT (the evidence), E_MEM, E_CRYPTO, E_FORMAT (of the CA), and
 * those of quote().
 */
ATLS_CHECKED enum atls_rc atls_ratls_make(const struct atls_ratls_ask *,
			    enum atls_rc (*quote)(void *arg,
			    struct atls_bytes report_data,
			    struct atls_buf *out, struct atls_err *),
			    void *arg, struct atls_buf *chain_pem,
			    struct atls_buf *key_pem, struct atls_err *);

const char	*atls_ratls_form_name(enum atls_ratls_form);	/* "dice" */

#endif
