/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SNP_JUDGE_H
#define SNP_JUDGE_H

#include "snp_make.h"

/* A world of one product, and a case in it: a leaf, and a report that fits
 * it, on the way through parse, signature and revocation. */
struct snp_world {
	struct snp_pki		 pki;
	struct atls_bytes	 crl;		/* the ARK's, in force */
};

struct snp_case {
	unsigned		 version;
	struct snp_leaf		 leaf;
	void			(*edit)(uint8_t *report);	/* is signed */
	void			(*spoil)(uint8_t *report);	/* is not */
	bool			 no_ask, no_crl, in_store;
	const struct snp_cert	*cert;		/* instead of making leaf */
	const struct snp_cert	*ask;		/* instead of what fits */
	const struct snp_cert	*signer;	/* instead of leaf's key */
	const struct atls_bytes	*crl;		/* instead of the world's */
	struct atls_trust	*anchors;	/* instead of the world's */
	bool			 no_anchors, allow_debug;
	int64_t			 now;		/* 0: SNP_NOW */
	const struct evidence_trace *trace;
};

enum snp_stage { SNP_PARSE = 1, SNP_SIGNATURE, SNP_REVOCATION, SNP_PASSED };

struct snp_verdict {
	enum snp_stage		 stage;		/* where it ended */
	struct atls_result	 res;
	uint8_t			*raw;		/* behind res.claims; free it */
};

/* "Milan", "Genoa" or "Turin". */
struct snp_world	snp_world_new(const char *product);
void			snp_world_free(struct snp_world *);

/* A good case of it: version 3, VCEK or VLEK, certificates in the table. */
struct snp_case		snp_case_of(const struct snp_world *, bool vlek);

/* Raw evidence of a case; the certificate, too, for snp_cert_free(). */
size_t			snp_case_make(const struct snp_world *,
			    const struct snp_case *, uint8_t *out, size_t cap,
			    struct snp_cert *cert);

struct snp_verdict	snp_judge(const struct snp_world *,
			    const struct snp_case *);

/* Of raw evidence, with what else the verifier has. */
struct snp_verdict	snp_judge_raw(struct atls_bytes raw,
			    const struct evidence_trust *);

/* The trust of a case, with a store of its own. */
struct evidence_trust	snp_trust_of(const struct snp_world *,
			    const struct snp_case *);

#endif
