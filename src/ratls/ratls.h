/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RATLS_H
#define RATLS_H

#include <atls/ratls.h>

#include "../base/rd.h"

/* IANA "CBOR Tags": "Intel TEE quote", "Intel TEE report", legacy report. */
enum { DICE_QUOTE = 60000, DICE_REPORT = 60001, DICE_OLD_REPORT = 60002 };

/* Of the object identifiers, their content octets. */
extern const struct atls_bytes ratls_oid_cmw, ratls_oid_dice;

/* SHA-256("atls ra-tls" || 0 || SPKI): no other use of a report of ours hashes
 * to that. */
ATLS_CHECKED enum atls_rc ratls_binder(struct atls_bytes spki,
		    uint8_t out[32]);

/* One form each: sets out->kind, raw, and what it must be bound to. */
ATLS_CHECKED enum atls_rc ratls_cmw(struct atls_bytes value,
		    struct atls_ratls *out, struct atls_err *);
/*@ requires view_ok(value) && \valid(out) && view_ok(out->spki) &&
	\separated(out, err);
    assigns out->kind, out->raw, out->report_data[0 .. 31],
	out->report_datalen, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_in(out->raw, value); */
ATLS_CHECKED enum atls_rc ratls_dice(struct atls_bytes value,
		    struct atls_ratls *out, struct atls_err *err);

/*@ requires view_ok(value) && \valid(out) && view_ok(out->spki) &&
	\separated(out, err);
    assigns out->kind, out->raw, out->report_data[0 .. 31],
	out->report_datalen, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_in(out->raw, value); */
ATLS_CHECKED enum atls_rc ratls_gramine(struct atls_bytes value,
		    struct atls_ratls *out, struct atls_err *err);

/*@ requires view_ok(value) && \valid(out) && view_ok(out->spki) &&
	\separated(out, err);
    assigns out->kind, out->raw, out->report_data[0 .. 31],
	out->report_datalen, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_in(out->raw, value); */
ATLS_CHECKED enum atls_rc ratls_oe(struct atls_bytes value,
		    struct atls_ratls *out, struct atls_err *err);


/* Which kind a quote of Intel's is, by its header; NONE: neither. */
/*@ requires view_ok(quote);
    assigns \nothing;
    exits \false; */
enum atls_kind	ratls_quote_kind(struct atls_bytes quote);

#endif
