/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <atls/backend.h>
#include <atls/identity.h>

/*
 * Everything that is asked of a crypto library.  One implementation file for
 * each library, chosen at build time; ours is openssl.c (libcrypto 3), with
 * the files beside it.  The thread's libcrypto error queue is left empty.
 */

/* Octets of a digest, 0 for what is not an atls_hash. */
/*@ assigns \nothing;
    exits \false;
    ensures \result <= ATLS_HASH_MAX; */
size_t		crypto_hash_len(enum atls_hash);

/* Digest of the parts, one after the other.  Errors: E_ARG, E_CRYPTO. */
/*@ requires \valid_read(part + (0 .. nparts - 1));
    requires \valid(out + (0 .. ATLS_HASH_MAX - 1));
    assigns out[0 .. ATLS_HASH_MAX - 1];
    exits \false; */
ATLS_CHECKED enum atls_rc crypto_hash(enum atls_hash,
		    const struct atls_bytes *part, size_t nparts,
		    uint8_t out[ATLS_HASH_MAX]);
ATLS_CHECKED enum atls_rc crypto_hmac(enum atls_hash, struct atls_bytes key,
		    struct atls_bytes msg, uint8_t out[ATLS_HASH_MAX]);
ATLS_CHECKED enum atls_rc crypto_random(uint8_t *out, size_t n);

/*
 * Public keys.  Points are checked on import.  crypto_key_eq() compares the
 * parameters, not encodings, and is 1 for equal, 0 otherwise, also on error.
 *
 * spki		one SubjectPublicKeyInfo, DER: P-256, P-384, P-521 (named
 *		curve, uncompressed point), Ed25519, RSA.
 * x, y		1 octet to the length of the field; less is padded.
 * n		leading zeros are allowed; e is odd and at least 3.
 *
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT; E_UNKNOWN (another kind or form of
 * key), E_LIMIT (RSA under 2048 or over 8192 bits), E_ARG (curve), E_MEM.
 */
struct crypto_key;

enum crypto_curve { CRYPTO_P256 = 1, CRYPTO_P384, CRYPTO_P521 };

ATLS_CHECKED enum atls_rc crypto_key_spki(struct atls_bytes der,
		    struct crypto_key **out);
ATLS_CHECKED enum atls_rc crypto_key_ec(enum crypto_curve,
		    struct atls_bytes x, struct atls_bytes y,
		    struct crypto_key **out);
ATLS_CHECKED enum atls_rc crypto_key_rsa(struct atls_bytes n, uint64_t e,
		    struct crypto_key **out);
/* Keys of PEM text ("PUBLIC KEY"), at most max; nothing else may be in it.
 * *n is how many are in out, also on failure.  Errors: as above; E_FORMAT: not
 * PEM, or no key; E_LIMIT: more than max. */
ATLS_CHECKED enum atls_rc crypto_keys_pem(struct atls_bytes pem,
		    struct crypto_key **out, size_t max, size_t *n);
int		crypto_key_eq(const struct crypto_key *,
		    const struct crypto_key *);
void		crypto_key_free(struct crypto_key *);

/* Is the key of the scheme's type and, for ECDSA, of its curve? */
bool		crypto_key_fits(const struct crypto_key *, unsigned scheme);

/*
 * Is it a key of the simulated TEEs, or an anchor one of theirs, in the form
 * that its own certificate or crypto_key_spki() has it?  What cannot be told
 * is taken for one.  NULL is none.
 */
bool		crypto_key_simulated(const struct crypto_key *);
bool		crypto_trust_simulated(const struct atls_trust *);

/*
 * Verify.  scheme is an atls_scheme, or one of these, which TLS 1.3 does not
 * allow in CertificateVerify but evidence uses.  The key must be of the
 * scheme's type and, for ECDSA, of its curve.  E_SIG: does not verify, or
 * the key does not fit; E_UNKNOWN: no such scheme; E_ARG: no key.
 */
enum {
	CRYPTO_RSA_PKCS1_SHA256 = 0x0401, CRYPTO_RSA_PKCS1_SHA384 = 0x0501,
	CRYPTO_RSA_PKCS1_SHA512 = 0x0601,
};

ATLS_CHECKED enum atls_rc crypto_verify(const struct crypto_key *,
		    unsigned scheme, struct atls_bytes msg,
		    struct atls_bytes sig);

/* The same over the parts, one after the other.  Also E_MEM: Ed25519 wants
 * them in one piece. */
ATLS_CHECKED enum atls_rc crypto_verify_parts(const struct crypto_key *,
		    unsigned scheme, const struct atls_bytes *part,
		    size_t nparts, struct atls_bytes sig);

/* The DER form of an ECDSA signature given as two big-endian numbers. */
ATLS_CHECKED enum atls_rc crypto_ecdsa_der(struct atls_bytes r,
		    struct atls_bytes s, struct atls_buf *out);

/*
 * Certificate chains, leaf first, reference counted.  crypto_chain_get()
 * decodes, or finds the same octets (by SHA-256) in what trust remembers;
 * trust may be NULL.  Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; E_UNKNOWN
 * (a key that crypto_key_spki() would not take), E_MEM, E_CRYPTO.
 */
struct crypto_chain;

ATLS_CHECKED enum atls_rc crypto_chain_get(struct atls_trust *,
		    const struct atls_bytes *der, size_t n,
		    struct crypto_chain **out, struct atls_err *);
const struct crypto_key	*crypto_chain_key(const struct crypto_chain *);
struct atls_bytes	 crypto_chain_spki(const struct crypto_chain *);
struct crypto_chain	*crypto_chain_ref(struct crypto_chain *);
void			 crypto_chain_free(struct crypto_chain *);

/*
 * Path to an anchor of trust, by the library's own path validation, with the
 * CRLs of trust, at `now` (Unix seconds); name in the leaf unless NULL.  A
 * verdict of the past is used again for the same chain, role and name while
 * all certificates and CRLs that it rests on are in force.
 *
 * peer		what the leaf must be good for: ATLS_SERVER serverAuth,
 *		ATLS_CLIENT clientAuth; 0: any purpose; CRYPTO_BARE_IDS:
 *		signatures, and key identifiers may be missing everywhere, as
 *		with the certificates of AWS Nitro.
 * not_after	set to the end of what it rests on, Unix seconds.
 * where	names the check in err: "ea.chain".
 *
 * An anchor need not be a root.  Certificates must keep to RFC 5280 (key
 * identifiers, keyUsage of a CA), keys and digests be worth 112 bits, and the
 * leaf must not be a CA.
 *
 * Errors: E_CHAIN (no path, wrong name or purpose), E_STALE (validity of a
 * certificate or CRL), E_REVOKED, E_MEM, E_CRYPTO; E_ARG (role; a name that
 * is empty, begins with a dot or has over 253 octets).
 */
#define CRYPTO_BARE_IDS	0x100

ATLS_CHECKED enum atls_rc crypto_chain_verify(struct crypto_chain *,
		    struct atls_trust *, unsigned peer, const char *name,
		    int64_t now, int64_t *not_after, const char *where,
		    struct atls_err *);

/* Is the last certificate of the chain, octet for octet, an anchor? */
bool		crypto_chain_ends(const struct crypto_chain *,
		    const struct atls_trust *);

/*
 * crypto_chain_verify_crls() is the same for the certificates of the makers
 * of TEEs, which have no role and no name, and whose CRLs come from
 * elsewhere.  Revocation is checked.  Nothing is remembered: this is for
 * callers that keep what they have verified.
 *
 * form		CRYPTO_BARE_LEAF: the leaf may lack an authority key
 *		identifier, and its issuer need not have a CRL.  So it is with
 *		AMD's certificates of chips, which all have serial number 0.
 *		All else is asked of them, and all of the CAs above them.
 *		CRYPTO_CRL_LATER: no CRL at all is no failure yet; for callers
 *		that say so afterwards, in words of their own.
 * crl		DER, beside those of trust.
 * from, until	set to the time in which it holds: from <= now < until.
 *
 * Errors: as above; E_FORMAT (a CRL), E_LIMIT (their size); E_ARG (form).
 */
enum { CRYPTO_BARE_LEAF = 1, CRYPTO_CRL_LATER = 2 };

ATLS_CHECKED enum atls_rc crypto_chain_verify_crls(struct crypto_chain *,
		    struct atls_trust *, unsigned form,
		    const struct atls_bytes *crl, size_t ncrls, int64_t now,
		    int64_t *from, int64_t *until, const char *where,
		    struct atls_err *);

/*
 * The anchors and CRLs of a trust, and these CRLs beside them, DER, as a trust
 * of its own: chains are verified with it as with any, and remembered.  The
 * caller frees it.  Errors: E_FORMAT (a CRL; also one without nextUpdate),
 * E_LIMIT, E_MEM, E_CRYPTO.
 */
ATLS_CHECKED enum atls_rc crypto_trust_with_crls(const struct atls_trust *,
		    const struct atls_bytes *crl_der, size_t n,
		    struct atls_trust **out, struct atls_err *);

/* A digest of the text that a trust was made of: equal for equal text. */
struct atls_bytes	  crypto_trust_id(const struct atls_trust *);

#endif
