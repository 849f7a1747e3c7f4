/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QUOTE_CASES_H
#define QUOTE_CASES_H

#include <atls/collateral.h>
#include <atls/result.h>

#include "quote_make.h"

/* The columns of cases.tsv. */
enum { QC_ID, QC_QUOTE, QC_TCB, QC_QE, QC_PCK_CRL, QC_ROOT_CRL, QC_SIGNERS,
    QC_TIME, QC_VERDICT, QC_STATUS, QC_ADVISORIES, QC_POLICY, QC_SEEN, QC_WHY,
    QC_NCOLUMNS };

struct quote_case {
	const char	*kind, *col[QC_NCOLUMNS];	/* stay for good */
};

/* Calls fn for every row of the kind's table; how many there were. */
unsigned	quote_cases(const char *kind, void (*fn)(void *,
		    const struct quote_case *), void *arg);

bool		quote_has_files(const struct quote_case *);
int64_t		quote_time(const struct quote_case *);

/* A file of the row, to be freed; {} for "-", and if it is not there: then
 * missing is set. */
struct atls_bytes quote_case_file(const struct quote_case *, int column,
		    bool *missing);

/* A store with the row's collateral; aborts if it is not taken. */
struct atls_collateral *quote_collateral(const struct quote_case *,
		    bool *missing);

/* All checks but for those of a policy.  Nothing is left in res->claims. */
bool		quote_verify(const struct quote_case *, struct atls_bytes quote,
		    struct atls_collateral *, struct atls_trust *anchors,
		    int64_t now, struct atls_result *res);

#endif
