/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "src.h"

enum atls_rc
src_fail(struct atls_err *e, enum atls_rc rc, const char *where,
    const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->rc != ATLS_OK)
		return rc;
	e->rc = rc;
	e->where = where;
	e->offset = 0;
	va_start(ap, fmt);
	(void)vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	return rc;
}

const char *
src_time(int64_t t, char out[SRC_TIME_MAX])
{
	time_t clock = (time_t)t;
	struct tm tm;

	if (gmtime_r(&clock, &tm) == NULL ||
	    strftime(out, SRC_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, SRC_TIME_MAX, "%lld", (long long)t);
	return out;
}
