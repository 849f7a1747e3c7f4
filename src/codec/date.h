/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATE_H
#define DATE_H

#include "../base/rd.h"
#include "../base/wr.h"

#define DATE_LEN	20	/* octets of "2025-06-19T10:16:03Z" */

/* Unix seconds of a date that is one, of the Gregorian calendar; false, and 0,
 * if it is not.  23:59:60 is not. */
/*@ requires \valid_read(ymdhms + (0 .. 5)) && \valid(out);
    requires \separated(ymdhms + (0 .. 5), out);
    assigns *out;
    exits \false;
    ensures !\result ==> *out == 0; */
bool	date_unix(const unsigned ymdhms[6], int64_t *out);

/* RFC 3339 in UTC, with seconds and no fraction, from 1970 on. */
/*@ requires view_ok(text) && \valid(out);
    assigns *out;
    exits \false;
    ensures !\result ==> *out == 0; */
bool	date_read(struct atls_bytes text, int64_t *out);
/*@ requires wr_ok(w);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	date_put(struct wr *w, int64_t at);	/* E_ARG: not 1970..9999 */

/* Time of a certificate (RFC 5280, 4.1.2.5): UTCTime or GeneralizedTime, with
 * seconds, in UTC.  Fails with E_FORMAT. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures r->rc != ATLS_OK ==> \result == 0; */
int64_t	date_der(struct rd *r);

#endif
