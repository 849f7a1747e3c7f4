/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_H
#define ANSWER_H

#include "moves.h"
#include "wire.h"

/* An attacker's server that speaks the protocol by hand. */
struct answer {
	struct lab_run		*run;
	const struct lab_key	*key;
	struct wire		 wire;
	struct atls_ea		*ea;
	struct atls_bytes	 context;	/* of the request at hand */
	uint8_t			 asked[4096];	/* that request */
	unsigned		 round;		/* 1: the first */
	uint8_t			 kept[WIRE_MAX]; /* an authenticator */
	size_t			 keptlen;
	uint8_t			 cmw[LAB_EVIDENCE + 1024];
	uint8_t			 auth[LAB_EVIDENCE + 8192];
};

/* Fills the extension with a CMW; or sends what it likes itself, and leaves it
 * empty.  False: nothing more will be said. */
typedef bool answer_fn(struct answer *, struct atls_buf *ext);

/* Serves one connection, with what fn shows, until data comes, or the end.
 * groups: of key exchange; NULL: OpenSSL's own. */
void	answer_serve(struct lab_run *, int fd, enum lab_whose, answer_fn *);
void	answer_serve_key(struct lab_run *, int fd, const struct lab_key *,
	    answer_fn *, const char *groups);

/* Report data of this connection, and evidence of it by a machine. */
bool	answer_show(struct answer *, enum lab_machine, const uint8_t rd[64],
	    const struct atls_bytes *beside, struct atls_buf *ext);

/* A client of the genuine server, with a context of the attacker's choice:
 * its evidence into r->record. */
bool	relay_ask(struct lab_run *, struct atls_bytes context);

#endif
