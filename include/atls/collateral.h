/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_COLLATERAL_H
#define ATLS_COLLATERAL_H

#include <atls/evidence.h>

/*
 * What a Verifier needs beside evidence and policy, and the makers of TEEs
 * publish: TCB info, identities, CRLs, certificates of chips.  A store of it
 * may be shared by threads and filled while it is used.  Each item is checked
 * for form when it is put in, and for signature, validity and revocation when
 * an appraisal first needs it; after that the verified object serves until
 * something that it rests on ends or is replaced.
 */
struct atls_collateral;

/* The files of a folder of collateral have these names: see atls_item_file().
 * Chains are PEM, leaf first; the rest is as the maker's service sends it. */
enum atls_item {
	ATLS_ITEM_NONE = 0,
	ATLS_TCB_INFO,			/* Intel: of one FMSPC, SGX or TDX */
	ATLS_TCB_INFO_CHAIN,
	ATLS_QE_IDENTITY,		/* Intel: QE or TD_QE */
	ATLS_QE_IDENTITY_CHAIN,
	ATLS_PCK_CRL,			/* Intel: Platform or Processor CA's */
	ATLS_PCK_CRL_CHAIN,
	ATLS_ROOT_CA_CRL,		/* Intel */
	ATLS_TCB_INFO_EARLY,		/* Intel: of the next TCB evaluation */
	ATLS_VCEK,			/* AMD: of one chip at one TCB */
	ATLS_VLEK,			/* AMD: of one provider at one TCB */
	ATLS_ASK,			/* AMD: of one product, or its ASVK */
	ATLS_ARK,
	ATLS_AMD_CRL,			/* AMD: the ARK's */
	ATLS_NITEMS,
};

#define ATLS_ITEM_MAX		2097152	/* octets of an item */
#define ATLS_ITEMS_MAX		1024	/* items in a store; then the oldest
					 * of machines and platforms go */
#define ATLS_ITEM_KEY_MAX	192	/* octets, with NUL */

struct atls_collateral	*atls_collateral_new(void);	/* NULL: no memory */
struct atls_collateral	*atls_collateral_ref(struct atls_collateral *);
void			 atls_collateral_free(struct atls_collateral *);

/*
 * atls_collateral_put() copies an item into the store.  It takes the place of
 * one of the same type and key (the key is read from the item: an FMSPC, an
 * issuer, a chip).  Nothing about it is believed by this.
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT, E_UNKNOWN, E_ARG, E_MEM; and
 * E_STALE: what the store has, or had before it, was issued later, and an
 * appraisal has verified that.
 */
ATLS_CHECKED enum atls_rc atls_collateral_put(struct atls_collateral *,
			    enum atls_item, struct atls_bytes,
			    struct atls_err *);

/* One item: its type, and which of that type. */
struct atls_need {
	enum atls_item	item;
	char		key[ATLS_ITEM_KEY_MAX];	/* "tdx:b0c06f000000" */
};

#define ATLS_NEEDS_MAX	12

/*
 * atls_collateral_missing() lists what an appraisal of this evidence at `now`
 * would look for and not find, or find expired.  Returns how many; at most
 * ATLS_NEEDS_MAX.  Reads only what the evidence says about itself.
 */
size_t	atls_collateral_missing(struct atls_collateral *,
	    const struct atls_evidence *, int64_t now,
	    struct atls_need out[ATLS_NEEDS_MAX]);

/* Calls fn for every item that is in the store now; stops at the first that
 * is not ATLS_OK, and returns that, or E_MEM. */
ATLS_CHECKED enum atls_rc atls_collateral_each(struct atls_collateral *,
	    enum atls_rc (*fn)(void *arg, const struct atls_need *,
	    struct atls_bytes), void *arg);

/* When an item was issued and when it ends, Unix seconds, by its own word;
 * 0: it does not say.  1, or 0 if the store has none of that name. */
int	atls_collateral_dates(struct atls_collateral *,
	    const struct atls_need *, int64_t *issued, int64_t *until);

const char	*atls_item_name(enum atls_item);	/* "tcb-info" */
const char	*atls_item_file(enum atls_item);	/* "tcb-info.json" */
enum atls_item	 atls_item_named(const char *name);	/* or NONE */

#endif
