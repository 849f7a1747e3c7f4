/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SNP_MAKE_H
#define SNP_MAKE_H

#include <openssl/types.h>

#include "../src/evidence/snp.h"

/*
 * A maker of SEV-SNP reports for tests: ARK, ASK and ASVK with RSA-PSS, VCEK
 * and VLEK of P-384 with AMD's extensions, CRLs, reports, tables.  What
 * fails, aborts.  Link with libcrypto.
 */
#define SNP_NOW		((int64_t)1800000000)
#define SNP_DAY		((int64_t)24 * 60 * 60)

struct snp_cert {
	X509		*x509;
	EVP_PKEY	*key;
	uint8_t		*der;
	size_t		 len;
};

struct snp_pki {
	const char	*product;		/* "Milan" */
	struct snp_cert	 ark, ask, asvk;
	struct atls_trust *anchors;
};

/* product names the ARK; one of the same names, but of other keys, each
 * time. */
struct snp_pki	snp_pki_new(const char *product);
void		snp_pki_free(struct snp_pki *);

/* What to put into a VCEK or VLEK. */
struct snp_leaf {
	bool		 vlek;
	const char	*cn;			/* NULL: what fits */
	const char	*name;			/* of the product: "Milan-B0" */
	uint8_t		 spl[AMD_NPARTS];
	bool		 fmc;
	uint8_t		 hwid[AMD_CHIP_ID];
	size_t		 nhwid;			/* 0: no hwID */
	const char	*csp;			/* NULL: none */
	unsigned	 drop, twice;		/* last OID octets: 0x0308 */
	uint8_t		 spl4;
	uint8_t		 version;		/* structVersion */
	bool		 ca, p256;
	int64_t		 from, until;		/* 0: around SNP_NOW */
	const struct snp_cert *issuer;		/* NULL: what fits */
};

struct snp_cert	snp_leaf_make(const struct snp_pki *, const struct snp_leaf *);
void		snp_cert_free(struct snp_cert *);

/* A CRL of issuer, DER; serial 0: nothing is revoked. */
struct atls_bytes snp_crl(const struct snp_cert *issuer, long serial,
		    int64_t last, int64_t next);	/* free() p */
long		snp_serial(const struct snp_cert *);
char		*snp_pem(struct atls_bytes der, const char *label);

/* A report, not signed yet, that fits the leaf. */
void		snp_report_make(uint8_t out[SNP_REPORT_LEN], unsigned version,
		    const char *product, const struct snp_leaf *);
void		snp_report_sign(uint8_t report[SNP_REPORT_LEN], EVP_PKEY *);

/* Puts certificates behind a report; n octets in all.  Empty: left out. */
size_t		snp_table_put(uint8_t *out, size_t cap,
		    struct atls_bytes vcek, struct atls_bytes vlek,
		    struct atls_bytes ask);

#define snp_der(c)	((struct atls_bytes){ (c).der, (c).len })

#endif
