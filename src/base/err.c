/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "err.h"

/* Octets of a peer get into reasons, and reasons to terminals and logs. */
void
err_plain(char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

enum atls_rc
err_set(struct atls_err *e, enum atls_rc rc, const char *where, size_t offset,
    const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->rc != ATLS_OK)
		return rc;
	e->rc = rc;
	e->where = where;
	e->offset = offset;
	va_start(ap, fmt);
	(void)vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	err_plain(e->detail);
	return rc;
}

enum atls_class
atls_rc_class(enum atls_rc rc)
{
	return (enum atls_class)((unsigned)rc >> 4);
}

const char *
atls_rc_name(enum atls_rc rc)
{
	switch (rc) {
	case ATLS_OK:		return "OK";
	case ATLS_E_ARG:	return "E_ARG";
	case ATLS_E_STATE:	return "E_STATE";
	case ATLS_E_SPACE:	return "E_SPACE";
	case ATLS_E_CONF:	return "E_CONF";
	case ATLS_E_MEM:	return "E_MEM";
	case ATLS_E_IO:		return "E_IO";
	case ATLS_E_DEVICE:	return "E_DEVICE";
	case ATLS_E_CLOCK:	return "E_CLOCK";
	case ATLS_E_TRUNC:	return "E_TRUNC";
	case ATLS_E_TRAIL:	return "E_TRAIL";
	case ATLS_E_FORMAT:	return "E_FORMAT";
	case ATLS_E_LIMIT:	return "E_LIMIT";
	case ATLS_E_UNKNOWN:	return "E_UNKNOWN";
	case ATLS_E_SIG:	return "E_SIG";
	case ATLS_E_CHAIN:	return "E_CHAIN";
	case ATLS_E_CRYPTO:	return "E_CRYPTO";
	case ATLS_E_NONE:	return "E_NONE";
	case ATLS_E_BIND:	return "E_BIND";
	case ATLS_E_STALE:	return "E_STALE";
	case ATLS_E_REVOKED:	return "E_REVOKED";
	case ATLS_E_POLICY:	return "E_POLICY";
	case ATLS_E_PEER:	return "E_PEER";
	case ATLS_E_ALERT:	return "E_ALERT";
	case ATLS_E_REFUSED:	return "E_REFUSED";
	case ATLS_E_TIMEOUT:	return "E_TIMEOUT";
	}
	return "E_?";
}
