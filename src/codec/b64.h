/* SPDX-License-Identifier: Apache-2.0 */
#ifndef B64_H
#define B64_H

#include "../base/wr.h"

/*
 * base64url without padding (RFC 4648, 5), in its one canonical form: unused
 * bits are zero (RFC 4648, 3.5), no length leaves six bits over.
 */
/*@ requires wr_ok(w) && view_ok(octets);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	b64_put(struct wr *w, struct atls_bytes octets);

/*@ requires wr_ok(w) && view_ok(text);
    assigns w->need, w->rc, w->out->p[0 .. w->out->cap - 1];
    exits \false;
    ensures wr_ok(w) && wr_went{Pre,Post}(w); */
void	b64_get(struct wr *w, struct atls_bytes text);	/* E_FORMAT */

/* Would b64_get() take it? */
/*@ requires view_ok(text);
    assigns \nothing;
    exits \false; */
bool	b64_ok(struct atls_bytes text);

#endif
