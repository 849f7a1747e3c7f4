/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTEL_MAKE_H
#define INTEL_MAKE_H

#include <atls/collateral.h>

#include "../src/endorse/intel.h"
#include "pki.h"

/*
 * Certificates and collateral like Intel's, of a root of the test's own, for
 * one platform that is a TD 1.5 and up to date.  Whatever fails, aborts.
 */
#define NOW		INT64_C(1760000000)	/* 2025-10-09T08:53:20Z */
#define FMSPC		"b0c06f000000"

/* A PCK certificate's extension: zero for the good one. */
enum pck_fault {
	PCK_GOOD = 0, PCK_NO_EXTENSION, PCK_EMPTY, PCK_NO_PPID, PCK_NO_FMSPC,
	PCK_TWO_FMSPC, PCK_SHORT_FMSPC, PCK_LONG_PCEID, PCK_NO_PCESVN,
	PCK_SVN_256, PCK_SVN_NEGATIVE, PCK_SVN_PADDED, PCK_SVN_TWICE,
	PCK_PCESVN_65536, PCK_TRAIL, PCK_OID_LONGER, PCK_NAME, PCK_ISSUER,
	PCK_NFAULTS
};

struct made {
	struct pki_cert		root, platform, processor, signing, pck;
	struct atls_trust	*trust;
	struct intel_platform	 p;
	char			*good[ATLS_NITEMS];	/* texts; NULL: none */
};

struct made	*made_new(void);
void		 made_free(struct made *);

/* Another leaf. */
struct pki_cert	 made_pck(const struct pki_cert *ca, enum pck_fault);

/* {"tcbInfo":body,"signature":"..."}; the caller frees it. */
char		*made_signed(const struct pki_cert *by, const char *name,
		    const char *body);

/* What is signed: of the good documents.  Static. */
extern const char made_tcb_info[], made_qe_identity[];

/* Text with the first `was` in it made `is`; the caller frees it. */
char		*made_with(const char *text, const char *was, const char *is);

/* The good items but those given, which may be NULL: then they are not put
 * in.  Signs bodies of documents. */
struct atls_collateral *made_store(const struct made *);
void		 made_put(struct atls_collateral *, enum atls_item,
		    const char *text);
void		 made_put_body(const struct made *, struct atls_collateral *,
		    enum atls_item, const char *body);

/* PCK and TCB, as a verifier of quotes calls them. */
int		 made_check(const struct made *, struct atls_collateral *,
		    const struct pki_cert *pck, int64_t now,
		    struct atls_result *res);

#endif
