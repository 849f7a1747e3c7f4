/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RELAY_H
#define RELAY_H

#include <stdatomic.h>

#include "tool.h"

#define RELAY_CHUNK	16384	/* octets moved at a time */

/* Plain octets on one side, an attested connection on the other. */
struct relay {
	struct atls_conn	*conn;
	int			 fd;		/* of conn, non-blocking */
	int			 in_fd, out_fd;	/* plain; -1: echo */
	int			(*begin)(void *arg);	/* once attested: the
						 * plain side, or -1 */
	void			*begin_arg;	/* NULL begin: it is there */
	bool			 end_with_peer;	/* in_fd may stay open */
	const atomic_bool	*stop;		/* or NULL: end early */
	int64_t			 handshake_until;	/* ms, monotonic */

	uint64_t		 in, out;	/* octets from, to the peer */
	int			 local;		/* errno of the plain side */
	bool			 late;

	uint8_t			 up[RELAY_CHUNK], down[RELAY_CHUNK];
	size_t			 uplen, upoff, downlen, downoff;
	bool			 up_eof, down_eof, closed;
};

/* Attests, then moves octets until both sides have ended: 1, or not. */
int	relay_run(struct relay *);
void	relay_nonblocking(int fd);

/* Milliseconds of a clock that is never set back. */
int64_t	relay_clock(void);

#endif
