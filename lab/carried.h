/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARRIED_H
#define CARRIED_H

#include "moves.h"

/* Raw evidence for a handshake that wants it: ours as the backend says. */
typedef bool carried_fn(struct lab_run *, void *tls, struct atls_config *,
    const struct atls_carried *ours, struct atls_buf *raw);

/* Serves one connection and reads what comes.  attests: for whose key the
 * evidence is; fn NULL: there is none; groups NULL: OpenSSL's own. */
void	carried_serve(struct lab_run *, int fd, const struct lab_key *tls_key,
	    const struct lab_key *attests, carried_fn *, const char *groups);
bool	carried_quote(struct lab_run *, void *tls, struct atls_config *,
	    const struct atls_carried *ours, const struct lab_key *,
	    struct atls_buf *);

/* A client of the genuine server, with a nonce of the attacker's choice, or
 * none: its evidence into r->record. */
bool	carried_ask(struct lab_run *, struct atls_bytes nonce);

#endif
