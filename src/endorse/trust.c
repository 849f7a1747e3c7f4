/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <stdarg.h>
#include <stdio.h>

#include "../base/err.h"
#include "../base/rd.h"

#define INPUT_MAX	96	/* octets of an input in words, with NUL */

int
evidence_check(const struct evidence_trust *trust, struct atls_err *err,
    bool ok, enum atls_rc rc, const char *where, const char *rule,
    const char *fmt, ...)
{
	const struct evidence_trace *trace = trust->trace;
	char input[INPUT_MAX];
	va_list ap;

	if (ok && trace == NULL)
		return 1;
	va_start(ap, fmt);
	(void)vsnprintf(input, sizeof(input), fmt, ap);
	va_end(ap);
	err_plain(input);
	if (!ok)
		(void)err_set(err, rc, where, 0, "%s: %s", input, rule);
	if (trace != NULL)
		trace->step(trace->arg, &(struct evidence_step){
		    .where = where, .passed = ok, .input = input,
		    .rule = rule });
	return ok ? 1 : 0;
}

bool
evidence_zero(struct atls_bytes b)
{
	struct rd r = rd_of(b);
	uint64_t any = 0;

	/*@ loop invariant rd_ok(r) && r.rc == ATLS_OK;
	    loop assigns r, any;
	    loop variant r.left; */
	while (r.left > 0)
		any |= rd_be(&r, 1);
	return any == 0;
}
