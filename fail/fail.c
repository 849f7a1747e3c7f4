/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "fail.h"

enum atls_rc
fail_set(struct atls_err *e, enum atls_rc rc, const char *where,
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
