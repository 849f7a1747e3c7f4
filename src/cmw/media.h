/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEDIA_H
#define MEDIA_H

#include <atls/cmw.h>

#include "../base/spec.h"

#define MEDIA_PARAMS	8	/* parameters of one media type */

struct media_param {
	struct atls_bytes	name;
	struct atls_bytes	value;	/* what is between the quotes, if any */
	bool			quoted;
};

struct media {
	struct atls_bytes	type, subtype;
	struct media_param	param[MEDIA_PARAMS];
	size_t			n;
};

/*@ predicate media_ok{L}(struct media m) =
	m.n <= MEDIA_PARAMS && view_ok(m.type) && view_ok(m.subtype) &&
	\forall integer i; 0 <= i < m.n ==>
	    view_ok(m.param[i].name) && view_ok(m.param[i].value);
    */

/*
 * media_parse() reads a Content-Type: views into text.
 *
 *	type/subtype *( *SP ";" *SP name=( token / quoted-string ))
 *
 * E_FORMAT, E_TRUNC; E_LIMIT over ATLS_MEDIA_MAX octets or MEDIA_PARAMS.
 * Source: RFC 9193, 3 (RFC 9999 takes its grammar); RFC 6838, 4.2 and 4.3.
 */
/*@ requires view_ok(text) && \valid(m);
    assigns *m;
    exits \false;
    ensures media_ok(*m);
    ensures \result != ATLS_OK ==> m->n == 0 && m->type.len == 0; */
ATLS_CHECKED enum atls_rc media_parse(struct atls_bytes text,
		    struct media *m);

/* Types and parameter names without regard to case, values exactly (a quoted
 * one equals the token that says the same), parameters in any order. */
/*@ requires \valid_read(a) && media_ok(*a);
    requires \valid_read(b) && media_ok(*b);
    assigns \nothing;
    exits \false; */
bool		media_eq(const struct media *a, const struct media *b);

/* The media type registered for a CoAP content format that attestation knows,
 * or NULL. */
/*@ assigns \nothing;
    exits \false;
    admit ensures \result != \null ==> text_ok(\result); */
const char	*media_of_format(unsigned format);

#endif
