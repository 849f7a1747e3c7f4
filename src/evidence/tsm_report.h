/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TSM_REPORT_H
#define TSM_REPORT_H

#include "../base/rd.h"

/*
 * What Linux gives in /sys/kernel/config/tsm/report, in a CBOR map: the form
 * that Veraison's ratsd sends (docs/tsm-report.cddl there).
 *
 *	{ "provider": tstr, "outblob": bstr, ? "auxblob": bstr }
 */
#define TSM_REPORT_MEDIA	"application/vnd.veraison.tsm-report+cbor"

/* Does it begin like one?  No quote or report of a TEE does. */
/*@ requires view_ok(in);
    assigns \nothing;
    exits \false; */
bool	tsm_report_is(struct atls_bytes in);

/*
 * tsm_report_read() gives the blobs of a report by that provider; aux is
 * empty if there is none.  Other members are refused: those of a service
 * provider (an SVSM) say that somebody else answers.
 *
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; E_UNKNOWN (provider).
 */
/*@ requires view_ok(in) && \valid(out) && \valid(aux) &&
	\separated(out, aux, err);
    admit requires text_ok(provider);
    assigns *out, *aux, *err;
    exits \false;
    ensures view_ok(*out) && view_in(*out, in);
    ensures view_ok(*aux) && view_in(*aux, in);
    ensures \result == ATLS_OK ==> out->len > 0; */
ATLS_CHECKED enum atls_rc tsm_report_read(struct atls_bytes in,
		    const char *provider, struct atls_bytes *out,
		    struct atls_bytes *aux, struct atls_err *err);

#endif
