/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATE_H
#define DATE_H

#include "../base/rd.h"
#include "../base/wr.h"

#define DATE_LEN	20	/* octets of "2025-06-19T10:16:03Z" */

/* Unix seconds of a date that is one, of the Gregorian calendar; false, and 0,
 * if it is not.  23:59:60 is not. */
bool	date_unix(const unsigned ymdhms[6], int64_t *out);

/* RFC 3339 in UTC, with seconds and no fraction, from 1970 on. */
bool	date_read(struct atls_bytes text, int64_t *out);
void	date_put(struct wr *, int64_t);		/* E_ARG: not 1970..9999 */

/* Time of a certificate (RFC 5280, 4.1.2.5): UTCTime or GeneralizedTime, with
 * seconds, in UTC.  Fails with E_FORMAT. */
int64_t	date_der(struct rd *);

#endif
