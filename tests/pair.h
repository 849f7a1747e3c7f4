/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIR_H
#define PAIR_H

#include <atls/backend.h>

/*
 * Two TLS connections of one backend over a socket pair, non-blocking, driven
 * in turns by one thread.
 */
struct pair_end {
	void			*ctx, *conn;
	int			 fd, r;		/* r: of the last handshake() */
	struct atls_err		 err;
};

struct pair {
	const struct atls_backend	*be;
	struct pair_end			 client, server;
};

/* False: a context or connection could not be had; see err of that end. */
bool	pair_open(struct pair *, const struct atls_backend *,
	    const struct atls_tls_setup *client,
	    const struct atls_tls_setup *server);
void	pair_close(struct pair *);

/* One call of handshake() at that end; true while it may still succeed. */
bool	pair_step(struct pair *, struct pair_end *, struct atls_bytes first);

/* Both handshakes, until each succeeded or failed.  True: both succeeded. */
bool	pair_handshake(struct pair *, struct atls_bytes first);

/* All of in from one end to the other: true if it arrived as it was. */
bool	pair_send(struct pair *, struct pair_end *from, struct pair_end *to,
	    struct atls_bytes in);

/* Channel ops of one end. */
struct atls_channel_info pair_info(struct pair *, struct pair_end *);
enum atls_rc	pair_export(struct pair *, struct pair_end *,
		    const char *label, struct atls_bytes context,
		    uint8_t out[32]);
struct atls_bytes pair_spki(struct pair *, struct pair_end *, bool of_peer);

#endif
