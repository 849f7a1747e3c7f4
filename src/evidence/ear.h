/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EAR_H
#define EAR_H

#include "evidence.h"
#include "jwk.h"

/*
 * EAT Attestation Results (draft-ietf-rats-ear), in a JWT or a CWT: what a
 * Verifier that the policy names by its key says of the peer.  Vector and
 * tiers are those of draft-ietf-rats-ar4si.
 *
 * There are two generations of names, that of the draft and that which is
 * deployed.  The profile says which a token uses; names of the other are
 * refused in it.
 */
#define EAR_MAX		65536	/* octets of a token */
#define EAR_SUBMODS	16	/* appraisals in one */
#define EAR_NAME_MAX	64	/* octets of the name of one */
#define EAR_TEXT_MAX	256	/* octets of developer, of build */
#define EAR_NONCE_MIN	8	/* octets: RFC 9711, 4.1 */
#define EAR_NONCE_MAX	64
#define EAR_TIME_MAX	253402300799	/* 9999-12-31T23:59:59Z */
#define EAR_SKEW	60	/* seconds that clocks may differ by */
#define EAR_AGE_MAX	86400	/* seconds that a result without exp is good */

/* atls_evidence.part[] of this kind. */
enum ear_part {
	EAR_SIGNED,			/* JWT: header and payload, as sent */
	EAR_SIG,			/* JWT: base64url */
	EAR_COSE,			/* CWT: the COSE_Sign1 */
	EAR_KEY_TYPE,			/* one octet: enum jwk_type; or empty */
	EAR_KEY_A, EAR_KEY_B,		/* as struct jwk */
};

/* From best to worst: to affirm is more than to say nothing. */
enum ear_tier {
	EAR_AFFIRMING = 1, EAR_NONE, EAR_WARNING, EAR_CONTRAINDICATED,
	EAR_NTIERS
};

#define EAR_VECTOR	8

enum ear_claim {
	EAR_CLAIM_STATUS, EAR_CLAIM_SUBMODS,
	EAR_CLAIM_VECTOR,
	EAR_CLAIM_PROFILE = EAR_CLAIM_VECTOR + EAR_VECTOR,
	EAR_CLAIM_DEVELOPER, EAR_CLAIM_BUILD, EAR_CLAIM_ALG,
	EAR_CLAIM_IAT, EAR_CLAIM_NBF, EAR_CLAIM_EXP,
	EAR_NCLAIMS
};

extern const struct evidence_claim ear_claims[EAR_NCLAIMS];

struct ear_profile {
	const char	*name;
	bool		 draft;		/* names of the draft */
};

/* What a token says, as it is read.  Views are into the token, or into the
 * JSON tree: ear_emit() copies them. */
struct ear {
	const struct ear_profile *profile;
	const char		*alg;			/* static: "ES256" */
	int64_t			 iat, nbf, exp;		/* -1: not there */
	struct atls_bytes	 developer, build;
	struct atls_bytes	 submod[EAR_SUBMODS];
	size_t			 nsubmod;
	enum ear_tier		 status, vector[EAR_VECTOR];
	struct ear_nonce {
		uint8_t		 b[EAR_NONCE_MAX];
		size_t		 len;
	}			 top, nonce;	/* nonce: of appraisals */
	size_t			 nnonce;	/* appraisals that have it */
	bool			 nonces_differ;
	uint8_t			 key_octets[JWK_MAX];
	struct jwk		 key;
	size_t			 nkey;
};

/* One appraisal. */
struct ear_appraisal {
	struct atls_bytes	 name;
	enum ear_tier		 status;	/* 0: not there */
	bool			 has_vector;
	int			 vector[EAR_VECTOR];
	struct ear_nonce	 nonce;
};

/* Readers of tokens.  Errors: <atls/evidence.h>, E_MEM. */
ATLS_CHECKED enum atls_rc ear_jwt(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc ear_cwt(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

/* The claims of a JWT; of a CWT.  Views into their input. */
ATLS_CHECKED enum atls_rc ear_json(const json_t *root, struct ear *,
		    struct atls_err *);

/*
 * What both forms share.  ear_add() takes an appraisal as it was read, with
 * all its rules, and ear_emit() writes what is needed of e behind scratch,
 * and the claims.
 */
void		ear_begin(struct ear *);
ATLS_CHECKED enum atls_rc ear_add(struct ear *, const struct ear_appraisal *,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc ear_emit(const struct ear *,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

/* NULL, 0, false: nothing of that name or number. */
const struct ear_profile *ear_profile_named(struct atls_bytes);
const char	*ear_alg_named(struct atls_bytes);
const char	*ear_alg_numbered(int64_t cose);
int64_t		 ear_alg_cose(struct atls_bytes name);
enum ear_tier	 ear_tier_named(struct atls_bytes);
enum ear_tier	 ear_tier_numbered(int64_t code);
size_t		 ear_vector_named(struct atls_bytes);	/* or EAR_VECTOR */

/* Text that a claim may be made of: 1 to max octets, none of them control. */
bool		 ear_text_ok(struct atls_bytes, size_t max);

#endif
