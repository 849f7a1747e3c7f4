/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_CERT_H
#define SIM_CERT_H

#include "key.h"
#include "put.h"

/* From 2020 to the end of 2049: what has no reason to end. */
#define SIM_EPOCH	((int64_t)1577836800)
#define SIM_END		((int64_t)2524607999)
#define SIM_DAY		((int64_t)86400)

enum { SIM_LEAF = -1, SIM_ANY_DEPTH = 99 };	/* in place of a depth */

enum sim_ku {			/* RFC 5280, 4.2.1.3: the first octet */
	SIM_KU_SIGN = 0x80, SIM_KU_COMMIT = 0x40, SIM_KU_CERT = 0x04,
	SIM_KU_CRL = 0x02,
};

/* A certificate to be made.  The makers of TEEs differ in what they put in;
 * names are CN and O. */
struct sim_cert {
	struct sim_key	 key, by;
	const char	*cn, *issuer;		/* CNs */
	const char	*org;
	int64_t		 from, until;
	uint64_t	 serial;
	int		 depth;		/* of a CA; or SIM_LEAF */
	unsigned	 ku;		/* 0: no keyUsage */
	bool		 bare;		/* no basicConstraints, either */
	bool		 ids;		/* with key identifiers */
	struct atls_bytes ext;		/* more extensions, encoded */
	bool		 flip;		/* a bit of the signature */
};

struct sim_crl {
	struct sim_key	 by;
	const char	*issuer, *org;
	int64_t		 from, until;
	uint64_t	 revoked[4];		/* 0 ends them */
	bool		 flip;
};

void	sim_cert(struct put *, const struct sim_cert *);	/* DER */
void	sim_cert_pem(struct put *, const struct sim_cert *);
void	sim_crl(struct put *, const struct sim_crl *);		/* DER */

/* SubjectPublicKeyInfo, and the same as PEM. */
void	sim_spki(struct put *, const struct sim_key *);
void	sim_spki_pem(struct put *, const struct sim_key *);

/* One extension: {oid, critical, content in an OCTET STRING}. */
void	sim_ext(struct put *, const char *oid, bool critical,
	    struct atls_bytes content);

/* Appends r || s of a key on a curve, or an RSA signature, of msg, which may
 * lie in the same buffer. */
void	sim_put_sign(struct put *, const struct sim_key *,
	    struct atls_bytes msg);

#endif
