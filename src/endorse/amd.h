/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AMD_H
#define AMD_H

#include "store.h"

/*
 * Certificates and CRLs of AMD's key distribution service.  "VCEK" is the
 * "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface
 * Specification", 57230.
 */
enum amd_product { AMD_UNKNOWN = 0, AMD_MILAN, AMD_GENOA, AMD_TURIN };

/* What a certificate is, by the common name of its subject. */
enum amd_role { AMD_NO_ROLE = 0, AMD_VCEK, AMD_VLEK, AMD_ASK, AMD_ASVK,
    AMD_ARK };

/* The components of a TCB, each with its security patch level. */
enum amd_part { AMD_FMC, AMD_BOOTLOADER, AMD_TEE, AMD_SNP, AMD_MICROCODE,
    AMD_NPARTS };

struct amd_tcb {
	uint8_t	spl[AMD_NPARTS];
	bool	fmc;			/* Turin: there is such a component */
};

/* Of a VCEK or VLEK the last four, too. */
struct amd_cert {
	enum amd_role		role;
	enum amd_product	product;
	enum amd_role		issuer;
	enum amd_product	issuer_product;
	int64_t			from, until;	/* Unix seconds */
	struct amd_tcb		tcb;
	struct atls_bytes	hwid;		/* VCEK: 64 octets, Turin 8 */
	struct atls_bytes	csp;		/* VLEK: the provider, or {} */
};

#define AMD_CHIP_ID	64	/* octets of hwID */
#define AMD_CHIP_ID_TURIN 8

/*
 * amd_cert_read() reads a certificate without believing it.  Views are into
 * der.  E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; E_UNKNOWN (not one of AMD's, a
 * product that we do not know).
 */
ATLS_CHECKED enum atls_rc amd_cert_read(struct atls_bytes der,
		    struct amd_cert *out, struct atls_err *);

/* Likewise a CRL of an ARK. */
ATLS_CHECKED enum atls_rc amd_crl_read(struct atls_bytes der,
		    enum amd_product *of, int64_t *issued, int64_t *until,
		    struct atls_err *);

const char	*amd_product_name(enum amd_product);	/* "Milan" */

/*
 * Keys of items in the store:
 *
 *	VCEK	hwID in hex, "?", levels as in the URL of the service
 *	VLEK	the same without hwID: a report does not name the provider
 *	ASK	"milan"; an ASVK: "milan:vlek"
 *	ARK, CRL "milan"
 */
void	amd_key_leaf(char out[ATLS_ITEM_KEY_MAX], struct atls_bytes hwid,
	    const struct amd_tcb *);
void	amd_key_ca(char out[ATLS_ITEM_KEY_MAX], enum amd_product,
	    enum amd_role);

/* The first block of PEM, decoded into memory that it makes: free(buf->p); or
 * what is no PEM, as it is. */
ATLS_CHECKED enum atls_rc amd_der(struct atls_bytes, const char *label,
		    struct atls_buf *buf, struct atls_bytes *der);

/* What the certificate of a signing key has to lead to. */
struct amd_path {
	struct atls_bytes	leaf;		/* DER */
	struct amd_cert		is;		/* of leaf */
	struct atls_bytes	ask;		/* DER, sent along; or {} */
};

/*
 * amd_path_check() verifies leaf, ASK or ASVK, and anchor, with the CRL of
 * the ARK, from the store or from trust, if there is one.  Sets *key, for
 * crypto_chain_free(), and lowers res->not_after.  1, or 0 with res->why.
 *
 * amd_revocation_check() is 1 if there is a CRL, and it was used; else 0:
 * no accepting without it.
 */
int	amd_path_check(const struct evidence_trust *, const struct amd_path *,
	    struct crypto_chain **key, struct atls_result *res);
int	amd_revocation_check(const struct evidence_trust *,
	    const struct amd_path *, struct atls_result *res);

#endif
