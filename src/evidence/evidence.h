/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "../base/wr.h"
#include "../endorse/trust.h"

/* A claim's name, type and length, and must a policy speak of it? */
struct evidence_claim {
	const char		*name;
	enum atls_claim_type	 type;
	bool			 measurement;
	size_t			 len;	/* of BYTES; 0: any */
};

/*@ lemma view_in_in: \forall struct atls_bytes v, a, b;
	view_in(v, a) && view_in(a, b) ==> view_in(v, b);

    // Claims from this one on, certificates, parts: of octets of raw.
    predicate claims_in(struct atls_evidence o, integer from) =
	o.nclaim <= ATLS_CLAIMS_MAX &&
	\forall integer i; from <= i < o.nclaim ==>
	    view_in(o.claim[i].bytes, o.raw);
    predicate chain_in(struct atls_evidence o) = o.nchain <= 8 &&
	\forall integer i; 0 <= i < o.nchain ==> view_in(o.chain[i], o.raw);
    predicate parts_in(struct atls_evidence o) =
	\forall integer i; 0 <= i < 24 ==> view_in(o.part[i], o.raw);
    */

/* Whose word about a machine can count: certificates that lead to an anchor;
 * our own, since its key is known by name; a key that signs. */
enum { WORD_ANCHOR = 1, WORD_INSTANCE = 2, WORD_KEY = 4 };

/*@ // Room to decode to, of which some is taken; or none at all.
    predicate scratch_ok{L}(struct atls_buf *s) = s == \null ||
	(buf_ok(s) && s->len <= s->cap);
    predicate scratch_apart{L}(struct atls_buf *s, struct atls_evidence *o,
	struct atls_err *e) = s == \null ||
	\separated(s, s->p + (0 .. s->cap - 1), o, e);
    */

/*
 * One kind of evidence.  Every check is 1 for "passed" and anything else for
 * not; what is not 1 has set err.  NULL: the format has nothing of the sort.
 */
struct evidence_ops {
	enum atls_kind			 kind;
	const char			*name;		/* "tpm" */
	const char			*media;		/* what we write */
	const char *const		*also;		/* what we read too */
	unsigned			 word;	/* WORD_*; 0: WORD_ANCHOR */
	size_t				 field;	/* user data, 0: variable */
	const char			*field_name;	/* for reasons: "tpm.quote" */
	const struct evidence_claim	*claim;
	size_t				 nclaim;

	/* scratch may be NULL; kinds that decode nothing do not look at it */
	ATLS_CHECKED enum atls_rc (*parse)(struct atls_bytes raw,
	    struct atls_buf *scratch, struct atls_evidence *,
	    struct atls_err *);
	/* signed by a key that trust vouches for; sets res->not_after,
	 * res->simulated, res->voucher */
	int	(*signature)(const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *res);
	int	(*revocation)(const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *res);
	/* how far the platform is up to date; sets res->tcb */
	int	(*tcb)(const struct atls_evidence *,
	    const struct evidence_trust *, struct atls_result *res);
	/* the key in spki was made in, and cannot leave, the platform.  NULL:
	 * the format names no key, report data commits to it */
	int	(*key)(const struct atls_evidence *, struct atls_bytes spki,
	    struct atls_result *res);
	/* does this one name a key?  Then key() may bind it where report data
	 * do not, as a passport.  NULL: each must, if there is key() */
	bool	(*names_key)(const struct atls_evidence *);
	/* it must answer our challenge also where it names a key */
	bool	answers;
	/* which machine: writes "ak:000b..." */
	void	(*instance)(const struct atls_evidence *,
	    char out[ATLS_INSTANCE_MAX]);
	/* the vendor's root that it would lead to, by the name that policies
	 * have for it ("intel-sgx-root"); NULL, or returns NULL: none */
	const char *(*root)(const struct atls_evidence *);
	/* the collateral that the checks look for: appended to out[*n..) */
	void	(*needs)(const struct atls_evidence *,
	    struct atls_need out[ATLS_NEEDS_MAX], size_t *n);
};

extern const struct evidence_ops evidence_az_snp;
extern const struct evidence_ops evidence_az_tdx;
extern const struct evidence_ops evidence_cca;
extern const struct evidence_ops evidence_ear;
extern const struct evidence_ops evidence_nitro;
extern const struct evidence_ops evidence_psa;
extern const struct evidence_ops evidence_sgx;
extern const struct evidence_ops evidence_snp;
extern const struct evidence_ops evidence_tdx;
extern const struct evidence_ops evidence_tpm;

/* NULL for NONE and for what is not compiled in. */
const struct evidence_ops *evidence_ops(enum atls_kind);

#endif
