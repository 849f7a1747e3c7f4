/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ARM_H
#define ARM_H

#include "evidence.h"
#include "signed.h"

/*
 * What the tokens of Arm have in common: PSA (RFC 9783) and CCA
 * (draft-ffm-rats-cca-token).  Both are sets of claims by number, in
 * COSE_Sign1; software is a list of components.
 */
#define ARM_SW_MAX	20	/* software components of a platform */
#define ARM_INSTANCE	33	/* octets of an instance id: a UEID */
#define ARM_IMPL	32	/* octets of an implementation id */

enum arm_type {
	ARM_BYTES,		/* min to max octets */
	ARM_HASH,		/* 32, 48 or 64 octets */
	ARM_TEXT,
	ARM_NUMBER,
	ARM_INT,		/* may be negative: read, not kept */
	ARM_ANY,		/* one item, as it is encoded */
};

/* A claim that we know.  legacy: its number in tokens of before RFC 9783. */
struct arm_claim {
	int64_t			 key, legacy;	/* legacy 0: the same */
	const char		*where;
	enum arm_type		 type;
	size_t			 min, max;
	bool			 optional;
};

struct arm_value {
	bool			 there, legacy;	/* legacy: by that number */
	struct atls_bytes	 bytes;
	uint64_t		 number;
};

/*
 * arm_claims() reads a map of claims: the value of table[i] to out[i].  Others
 * are passed over.  Numbers of both generations in one map are an error.
 *
 * off, where	of the map in what the peer sent, and what err calls it if it
 *		is at no claim of the table.
 * Errors: E_TRUNC, E_TRAIL, E_LIMIT; E_FORMAT, also: one is missing.
 */
ATLS_CHECKED enum atls_rc arm_claims(struct atls_bytes in, size_t off,
		    const char *where, const struct arm_claim *table,
		    size_t n, struct arm_value *out, struct atls_err *);

struct arm_sw {
	struct atls_bytes	type, measurement, signer, version;
};

/* The list of components: at least one, at most ARM_SW_MAX. */
ATLS_CHECKED enum atls_rc arm_sw(struct atls_bytes in, size_t off,
		    const char *where, struct arm_sw out[ARM_SW_MAX],
		    size_t *n, struct atls_err *);

/* How components are claims, as a table of struct evidence_claim has them:
 * four for each, after their count. */
#define ARM_SW_CLAIMS	4
#define ARM_SW_ONE(p, i)						\
	{ p ".sw." #i ".type", ATLS_CLAIM_TEXT, false, 0 },		\
	{ p ".sw." #i ".measurement", ATLS_CLAIM_BYTES, true, 0 },	\
	{ p ".sw." #i ".signer", ATLS_CLAIM_BYTES, false, 0 },		\
	{ p ".sw." #i ".version", ATLS_CLAIM_TEXT, false, 0 }
#define ARM_SW_ALL(p)							\
	{ p ".sw.count", ATLS_CLAIM_NUMBER, true, 0 },			\
	ARM_SW_ONE(p, 0), ARM_SW_ONE(p, 1), ARM_SW_ONE(p, 2),		\
	ARM_SW_ONE(p, 3), ARM_SW_ONE(p, 4), ARM_SW_ONE(p, 5),		\
	ARM_SW_ONE(p, 6), ARM_SW_ONE(p, 7), ARM_SW_ONE(p, 8),		\
	ARM_SW_ONE(p, 9), ARM_SW_ONE(p, 10), ARM_SW_ONE(p, 11),		\
	ARM_SW_ONE(p, 12), ARM_SW_ONE(p, 13), ARM_SW_ONE(p, 14),	\
	ARM_SW_ONE(p, 15), ARM_SW_ONE(p, 16), ARM_SW_ONE(p, 17),	\
	ARM_SW_ONE(p, 18), ARM_SW_ONE(p, 19)
#define ARM_SW_NCLAIMS	(1 + ARM_SW_CLAIMS * ARM_SW_MAX)

/* Appends a claim, if it is there, and those of the components. */
void		arm_say(struct atls_evidence *, const struct evidence_claim *,
		    const struct arm_value *);
void		arm_say_sw(struct atls_evidence *,
		    const struct evidence_claim *count,
		    const struct arm_sw *, size_t n);

/*
 * Checks: 1, or not, and err says why.
 *
 * arm_check_alg	what the tokens may be signed with.
 * arm_check_signer	msg is signed by one of the keys that the policy has.
 * arm_check_lifecycle	the platform is secured, or is being debugged and
 *			that is allowed.
 */
int		arm_check_alg(const struct evidence_trust *, struct atls_err *,
		    const struct cose_sign1 *msg, const char *where);
int		arm_check_signer(const struct evidence_trust *,
		    struct atls_err *, const struct cose_sign1 *msg,
		    const char *where_key, const char *where_signature);
int		arm_check_lifecycle(const struct evidence_trust *,
		    struct atls_err *, uint64_t, const char *where);

/* "cca:01ab...": word and the instance id. */
void		arm_instance(const char *word, struct atls_bytes id,
		    char out[ATLS_INSTANCE_MAX]);

#endif
