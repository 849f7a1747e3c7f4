/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "../ea/ea.h"
#include "config.h"

/* One authenticator of the peer, and all that the decision rests on. */
struct accept_in {
	const struct atls_config	*config;
	struct atls_ea			*ea;
	const struct ea_auth		*auth;		/* of ea_open() */
	const struct atls_channel	*channel;
	int64_t				 now;
	struct atls_bytes		 last;	/* binder of the round before,
						 * or empty */
	struct atls_buf			*scratch;
};

/*
 * accept_peer() is the one place where a peer is accepted.
 *
 * out		the verdict, always set; ACCEPT only if every check passed.
 * absent	set if all that is wrong is that there was no evidence: the peer
 *		is who it must be, and said nothing about what it is.
 * binder	ATLS_HASH_MAX octets, for what the evidence had to carry; len 0 if
 *		it did not come to that.
 */
ATLS_CHECKED enum atls_verdict accept_peer(const struct accept_in *,
		    struct atls_result *out, bool *absent,
		    struct atls_buf *binder);

/*
 * accept_carried() is the same for a peer whose evidence came in the handshake
 * (in->ea, auth and last are not looked at).
 */
ATLS_CHECKED enum atls_verdict accept_carried(const struct accept_in *,
		    struct atls_result *out, bool *absent);

#endif
