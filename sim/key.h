/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_KEY_H
#define SIM_KEY_H

#include <openssl/types.h>

#include <atls/identity.h>

/*
 * Keys of simulated TEEs.  Each is what a hash makes of its label, so that
 * everybody who has this file has all of them: they protect nothing, and are
 * to be found again in every build.  Signatures have no chance in them
 * either: the same input gives the same octets.
 */
enum sim_alg { SIM_P256 = 1, SIM_P384, SIM_RSA };

#define SIM_LABEL_MAX	40		/* octets, with NUL */
#define SIM_RSA_SIZE	512		/* octets of a modulus */
#define SIM_FIELD_MAX	48		/* octets of a coordinate */

struct sim_key {
	enum sim_alg	alg;
	char		label[SIM_LABEL_MAX];	/* "intel.pck.0" */
};

struct sim_key	sim_key(enum sim_alg, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* Every label that there is, in order; false: no such index. */
bool	sim_key_nth(size_t, struct sim_key *);

/* Octets of a coordinate; 0 for RSA. */
size_t	sim_key_field(enum sim_alg);

/* x || y of a key on a curve. */
ATLS_CHECKED enum atls_rc sim_key_point(const struct sim_key *,
		    uint8_t out[2 * SIM_FIELD_MAX]);

/* The modulus; e is 65537. */
ATLS_CHECKED enum atls_rc sim_rsa_modulus(const struct sim_key *,
		    uint8_t out[SIM_RSA_SIZE]);

/*
 * Signs msg.  On a curve: r || s, with SHA-256 on P-256 and SHA-384 on P-384.
 * RSA: PSS with SHA-384, a salt of 48 octets (RFC 8017, 8.1).
 */
ATLS_CHECKED enum atls_rc sim_sign(const struct sim_key *,
		    struct atls_bytes msg, uint8_t sig[SIM_RSA_SIZE],
		    size_t *len);

/* For key.c: RSA. */
ATLS_CHECKED enum atls_rc sim_rsa_sign(const struct sim_key *,
		    struct atls_bytes msg, uint8_t sig[SIM_RSA_SIZE]);
ATLS_CHECKED enum atls_rc sim_hash(const char *md, struct atls_bytes a,
		    struct atls_bytes b, uint8_t out[ATLS_HASH_MAX]);

#endif
