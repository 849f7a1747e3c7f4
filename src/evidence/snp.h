/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SNP_H
#define SNP_H

#include "../base/rd.h"
#include "../endorse/amd.h"
#include "evidence.h"

/*
 * AMD SEV-SNP attestation reports: "SEV Secure Nested Paging Firmware ABI
 * Specification", 56860, "ATTESTATION_REPORT Structure".  What is raw:
 *
 *	- the report, and behind it the host's table of certificates if there
 *	  is one ("Guest-Hypervisor Communication Block Standardization",
 *	  56421, SNP Extended Guest Request); or
 *	- the CBOR map of application/vnd.veraison.tsm-report+cbor, which has
 *	  both as the kernel's configfs gives them.
 */
#define SNP_REPORT_LEN	1184
#define SNP_SIGNED_LEN	672	/* octets that the signature covers */
#define SNP_TABLE_MAX	65536	/* octets of certificates */
#define SNP_ENTRIES_MAX	16	/* entries of the table */
#define SNP_NZEROS	5

/* atls_evidence.part[] of this kind; certificates are DER, or empty. */
enum snp_part { SNP_REPORT, SNP_VCEK, SNP_VLEK, SNP_ASK };

/* TCB_VERSION, by product; UNKNOWN: the report does not tell. */
enum { SNP_TCB_REPORTED, SNP_TCB_COMMITTED, SNP_TCB_CURRENT, SNP_TCB_LAUNCH,
    SNP_NTCBS };

enum snp_key { SNP_KEY_VCEK = 0, SNP_KEY_VLEK = 1, SNP_KEY_NONE = 7 };

struct snp_report {
	uint32_t		version, guest_svn, vmpl, sig_algo, key_info;
	uint64_t		policy, platform;
	struct atls_bytes	family_id, image_id, report_data, measurement,
				host_data, id_key_digest, author_key_digest,
				report_id, report_id_ma, chip_id;
	struct atls_bytes	raw_tcb[SNP_NTCBS];	/* 8 octets each */
	uint8_t			family, model, stepping; /* version 3 and up */
	uint32_t		current, committed;	/* 0xmmnnbb: major, minor,
							 * build of firmware */
	uint64_t		launch_mit, current_mit; /* version 5 */
	struct atls_bytes	zero[SNP_NZEROS];	/* reserved, by version */
	struct atls_bytes	body;			/* what is signed */
	struct atls_bytes	r, s, padding[3];	/* little-endian */

	enum amd_product	product;	/* by CPUID, or UNKNOWN */
	bool			turin;		/* layout of TCB_VERSION */
	struct amd_tcb		tcb[SNP_NTCBS];
};

/*@ // The views of a report's sections, each among the n octets at p.
    predicate snp_head_in(struct snp_report o, uint8_t *p, integer n) =
	within(o.family_id, p, n) && within(o.image_id, p, n) &&
	within(o.raw_tcb[SNP_TCB_CURRENT], p, n) && within(o.zero[0], p, n) &&
	within(o.report_data, p, n) && within(o.measurement, p, n) &&
	within(o.host_data, p, n) && within(o.id_key_digest, p, n) &&
	within(o.author_key_digest, p, n) && within(o.report_id, p, n) &&
	within(o.report_id_ma, p, n) &&
	within(o.raw_tcb[SNP_TCB_REPORTED], p, n);
    predicate snp_rest_in(struct snp_report o, uint8_t *p, integer n) =
	within(o.zero[1], p, n) && within(o.chip_id, p, n) &&
	within(o.raw_tcb[SNP_TCB_COMMITTED], p, n) &&
	within(o.zero[2], p, n) && within(o.zero[3], p, n) &&
	within(o.raw_tcb[SNP_TCB_LAUNCH], p, n) && within(o.zero[4], p, n);
    predicate snp_signature_in(struct snp_report o, uint8_t *p, integer n) =
	within(o.r, p, n) && within(o.padding[0], p, n) &&
	within(o.s, p, n) && within(o.padding[1], p, n) &&
	within(o.padding[2], p, n);
    */

/*
 * snp_report_read() reads one report, all of it.  E_TRUNC, E_TRAIL;
 * E_UNKNOWN, "snp.version": not one of versions 2, 3, 5.
 */
/*@ requires view_ok(in) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    ensures snp_head_in(*out, in.p, in.len);
    ensures snp_rest_in(*out, in.p, in.len);
    ensures snp_signature_in(*out, in.p, in.len) && view_in(out->body, in);
    */
ATLS_CHECKED enum atls_rc snp_report_read(struct atls_bytes in,
		    struct snp_report *out, struct atls_err *err);

/* TCB_VERSION as components; 0: octets that are reserved are not zero. */
/*@ requires view_ok(in) && \valid(out);
    assigns *out;
    ensures \result == 0 || \result == 1; */
int		 snp_tcb_read(struct atls_bytes in, bool turin,
		    struct amd_tcb *out);

bool		 snp_is_vlek(const struct snp_report *);

/* The key of the certificate in the store: see amd_key_leaf(). */
void		 snp_leaf_key(const struct snp_report *,
		    char out[ATLS_ITEM_KEY_MAX]);

/* Adds the claims of a report to those of out. */
void		 snp_claims_put(const struct snp_report *,
		    struct atls_evidence *out);

/* The ARK of the product that it claims, by name, or NULL. */
const char	*snp_root(const struct atls_evidence *);

/* Adds what the certificate says: the product, if the report does not, and
 * the provider of a VLEK. */
void		 snp_claims_cert(struct atls_evidence *out, enum amd_product,
		    struct atls_bytes csp);

#define SNP_NCLAIMS	(43 + SNP_NTCBS * AMD_NPARTS)

extern const struct evidence_claim snp_claims[SNP_NCLAIMS];

ATLS_CHECKED enum atls_rc snp_parse(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

/*
 * The checks of a report: for this kind, and for those where a report vouches
 * for something else.  ev->part[] is as above.  Both must be asked.
 */
int	snp_signature(const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *);
int	snp_revocation(const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *);
void	snp_instance(const struct atls_evidence *,
	    char out[ATLS_INSTANCE_MAX]);
void	snp_needs(const struct atls_evidence *,
	    struct atls_need out[ATLS_NEEDS_MAX], size_t *n);

#endif
