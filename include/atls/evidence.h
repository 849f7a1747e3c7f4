/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_EVIDENCE_H
#define ATLS_EVIDENCE_H

#include <atls/bytes.h>
#include <atls/error.h>

enum atls_kind {
	ATLS_KIND_NONE = 0,
	ATLS_KIND_TPM,			/* TPM 2.0: key and platform attestation */
	ATLS_KIND_TDX,			/* Intel TDX: DCAP quote v4, v5 */
	ATLS_KIND_SGX,			/* Intel SGX: DCAP quote v3 */
	ATLS_KIND_SNP,			/* AMD SEV-SNP: attestation report */
	ATLS_KIND_CCA,			/* Arm CCA: platform and realm token */
	ATLS_KIND_PSA,			/* Arm PSA token */
	ATLS_KIND_NITRO,		/* AWS Nitro attestation document */
	ATLS_KIND_AZ_SNP,		/* Azure: vTPM whose AK an SNP report, */
	ATLS_KIND_AZ_TDX,		/* or a TDX quote, vouches for */
	ATLS_KIND_EAR,			/* a Verifier's result, JWT or CWT */
	ATLS_NKINDS,
};

#define ATLS_CLAIMS_MAX	128

enum atls_claim_type {
	ATLS_CLAIM_BYTES,		/* bytes; written as hex */
	ATLS_CLAIM_NUMBER,		/* number */
	ATLS_CLAIM_BOOL,		/* number, 0 or 1 */
	ATLS_CLAIM_TEXT,		/* bytes, UTF-8 */
};

struct atls_claim {
	const char		*name;	/* static: "tpm.pcr.sha256.7" */
	enum atls_claim_type	 type;
	struct atls_bytes	 bytes;
	uint64_t		 number;
};

/*
 * Parsed evidence.  The caller allocates it (stack is fine); every view in
 * it points into the bytes given to atls_evidence_parse(), or into scratch:
 * both must stay.
 * Parsed means well formed.  It does not mean true: see <atls/appraise.h>.
 */
struct atls_evidence {
	enum atls_kind		 kind;
	struct atls_bytes	 raw;		/* as received */
	struct atls_bytes	 report_data;	/* the challenge it answers */
	struct atls_bytes	 chain[8];	/* certificates sent along, DER */
	size_t			 nchain;
	struct atls_claim	 claim[ATLS_CLAIMS_MAX];
	size_t			 nclaim;
	struct atls_bytes	 part[24];	/* meaning is the kind's own */
};

/*
 * atls_evidence_parse() reads raw evidence of one kind.  The kind is the
 * caller's choice, made from what its policy allows, never the peer's.
 *
 * scratch	what is encoded in evidence (PEM, base64url) is decoded to its
 *		free part, behind scratch->len, which grows; as large as
 *		raw.len suffices for each call.  NULL: none.
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT with the offset; E_UNKNOWN;
 * E_SPACE (of scratch).
 */
ATLS_CHECKED enum atls_rc	atls_evidence_parse(struct atls_evidence *out,
				    enum atls_kind, struct atls_bytes raw,
				    struct atls_buf *scratch,
				    struct atls_err *);

/* The claim of that name, or NULL. */
const struct atls_claim		*atls_evidence_claim(
				    const struct atls_evidence *,
				    const char *name);

/* The i-th claim that evidence of this kind can make, in the order of the
 * manual; a measurement is one that no policy may be silent on.  NULL: there
 * are no more.  type and measurement may be NULL. */
const char			*atls_kind_claim(enum atls_kind, size_t i,
				    enum atls_claim_type *type,
				    bool *measurement);

const char			*atls_kind_name(enum atls_kind);  /* "tpm" */
enum atls_kind			 atls_kind_named(const char *);	/* or NONE */
const char			*atls_kind_media(enum atls_kind);

#endif
