/* SPDX-License-Identifier: Apache-2.0 */
#ifndef B64_H
#define B64_H

#include "../base/wr.h"

/*
 * base64url without padding (RFC 4648, 5), in its one canonical form: unused
 * bits are zero (RFC 4648, 3.5), no length leaves six bits over.
 */
void	b64_put(struct wr *, struct atls_bytes octets);
void	b64_get(struct wr *, struct atls_bytes text);	/* E_FORMAT */

/* Would b64_get() take it? */
bool	b64_ok(struct atls_bytes text);

#endif
