/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_SESSION_H
#define PROTO_SESSION_H

#include <atls/session.h>

#include "../ea/ea.h"
#include "binder.h"
#include "config.h"
#include "shim.h"
#include "sm.h"

/*
 * Answers to requests cost a quote.  A peer gets the first few at once and
 * then one a second; contexts (ATLS_EA_CONTEXTS_MAX) bound the rest.
 */
#define SESSION_BURST	4

/* Octets that somebody of ours owns, or none. */
struct owned {
	uint8_t	*p;
	size_t	 len;
};

struct atls_session {
	struct atls_config	*config;
	enum atls_role		 role;
	struct atls_channel	 channel;
	struct atls_ea		*ea;
	struct sm		 r;		/* about the peer */
	struct sm		 a;		/* about us */
	struct atls_err		 err;
	bool			 fit;		/* ea_channel_fit() was 1 */
	bool			 told;		/* the peer knows it failed */

	int64_t			 now, start;
	int64_t			 r_until, a_until;	/* timeouts */
	int64_t			 ask_at, lease_end;

	/* frames in */
	uint8_t			 hdr[ATLS_FRAME_HEADER];
	size_t			 hdrlen;
	struct shim_frame	 frame;		/* when hdrlen is whole */
	struct owned		 body;
	size_t			 bodylen;	/* octets of it so far, or of
						 * a DATA frame, passed on */
	bool			 greeted;	/* HELLO came */
	bool			 peer_hold;

	/* frames out */
	struct owned		 out;
	size_t			 outoff;

	/* as the relying side */
	uint16_t		 asked_id;
	struct owned		 request;	/* ours, as sent */
	struct owned		 answer;	/* the authenticator */
	struct ea_auth		 auth;
	struct owned		 evidence;	/* views of result point here */
	struct owned		 scratch;
	struct atls_result	 result;	/* in force */
	uint8_t			 last[ATLS_HASH_MAX];	/* binder of it */
	size_t			 lastlen;
	unsigned		 rounds;

	/* as the attesting side */
	uint16_t		 answer_id;
	struct owned		 wanted;	/* their request */
	struct atls_ea_request	 req;
	uint8_t			 report_data[64];
	size_t			 report_datalen;
	int64_t			 answered;	/* requests so far */
};

/* session.c */
enum atls_rc	session_move(struct atls_session *, struct sm *,
		    enum sm_event);
enum atls_rc	session_fail(struct atls_session *, enum atls_rc);
enum atls_rc	session_queue(struct atls_session *, enum shim_type,
		    uint16_t id, struct atls_bytes payload);
bool		session_is_raw(const struct atls_session *); /* and open */
void		session_log(struct atls_session *, const char *event,
		    const char *detail);
void		owned_free(struct owned *);	/* wipes */
struct atls_bytes owned_view(const struct owned *);

/* relying.c */
enum atls_rc	relying_ask(struct atls_session *);
enum atls_rc	relying_answer(struct atls_session *, uint16_t id);
enum atls_rc	relying_offer(struct atls_session *);

/* attesting.c */
enum atls_rc	attesting_request(struct atls_session *, uint16_t id);
enum atls_rc	attesting_result(struct atls_session *, uint16_t id,
		    const struct shim_result *);

#endif
