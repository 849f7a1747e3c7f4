/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SNP_EXPECT_H
#define SNP_EXPECT_H

#include <stdlib.h>
#include <string.h>

#include "snp_judge.h"
#include "t.h"

/* One check: of a verdict, its reason; where NULL: that it is good. */
static inline void
expect(const char *what, struct snp_verdict *v, enum atls_rc rc,
    const char *where)
{
	const char *is = v->res.why.where != NULL ? v->res.why.where : "-";

	if (where == NULL)
		T(v->stage == SNP_PASSED, "%s: %s: %s", what, is,
		    v->res.why.detail);
	else
		T(v->stage != SNP_PASSED && v->res.why.rc == rc &&
		    strcmp(is, where) == 0, "%s: %s %s: %s", what,
		    atls_rc_name(v->res.why.rc), is, v->res.why.detail);
	free(v->raw);
	v->raw = NULL;
}

#endif
