/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_SESSION_H
#define ATLS_SESSION_H

#include <atls/config.h>

#define ATLS_FRAME_HEADER	8	/* octets before a frame's payload */
#define ATLS_FRAME_DATA_MAX	16376	/* data in a frame: one TLS record */

/*
 * Attestation over one TLS connection.  Does no I/O, has no clock and never
 * blocks: ask what it wants, give it that, ask again.  First error is final.
 * Not for use by two threads at a time.
 */
struct atls_session;

enum atls_want {		/* bits, from atls_session_want() */
	ATLS_WANT_SEND     = 1,	/* atls_session_send, write it to the peer */
	ATLS_WANT_RECV     = 2,	/* read from the peer, atls_session_recv */
	ATLS_WANT_EVIDENCE = 4,	/* quote report_data, give_evidence */
	ATLS_WANT_VERDICT  = 8,	/* atls_session_appraise */
	ATLS_WANT_DONE     = 16,	/* the gate is open */
	ATLS_WANT_FAILED   = 32,	/* send what it still wants, then close */
};

/* channel is copied, its conn must outlive the session; its handshake need
 * not be done before the first atls_session_recv().  NULL: E_CONF (neither
 * policy nor attester, a policy without a peer to name), E_ARG, E_MEM. */
struct atls_session	*atls_session_new(struct atls_config *,
			    enum atls_role, const struct atls_channel *,
			    int64_t now, struct atls_err *);
void			 atls_session_free(struct atls_session *);

unsigned		 atls_session_want(const struct atls_session *);

/* Octets that the peer must get, in order; E_SPACE if out is too small. */
ATLS_CHECKED enum atls_rc atls_session_send(struct atls_session *,
			    struct atls_buf *out);

/* The TLS handshake is over.  Where evidence is carried in it, this comes
 * before everything else; elsewhere it changes nothing. */
ATLS_CHECKED enum atls_rc atls_session_shaken(struct atls_session *);

/*
 * Takes octets of the TLS stream, cut anywhere.  Stops early, *used < in.len,
 * after a step that needs the caller, or with application data: call again
 * with the rest.  *data is a view into in, empty if there is none.
 */
ATLS_CHECKED enum atls_rc atls_session_recv(struct atls_session *,
			    struct atls_bytes in, size_t *used,
			    struct atls_bytes *data);

/* How many octets may be read without taking any that belong to somebody
 * else after us: at least 1; SIZE_MAX when all of the stream is ours. */
size_t			 atls_session_need(const struct atls_session *);

/* The frame header to write before n octets of application data, 1..
 * ATLS_FRAME_DATA_MAX; *hdrlen is 0 on a raw stream.  E_STATE: gate closed. */
ATLS_CHECKED enum atls_rc atls_session_wrap(struct atls_session *, size_t n,
			    uint8_t hdr[ATLS_FRAME_HEADER], size_t *hdrlen);

/* ATLS_WANT_EVIDENCE: what to quote; valid until evidence was given. */
struct atls_bytes	 atls_session_report_data(const struct atls_session *);

/* Raw evidence (wrapped here), or empty: we cannot, an empty authenticator
 * is sent.  Calls identity->sign(), which may block: do it where you quote. */
ATLS_CHECKED enum atls_rc atls_session_give_evidence(struct atls_session *,
			    struct atls_bytes raw);

/* ATLS_WANT_VERDICT: validate and appraise what the peer sent.  The only way
 * to a verdict of ACCEPT. */
ATLS_CHECKED enum atls_rc atls_session_appraise(struct atls_session *);

/* Tells the time, Unix seconds: leases end and timeouts fire here. */
ATLS_CHECKED enum atls_rc atls_session_tick(struct atls_session *,
			    int64_t now);
int64_t			 atls_session_deadline(const struct atls_session *);

/* Ask the peer to prove itself again; or offer to do so ourselves. */
ATLS_CHECKED enum atls_rc atls_session_reattest(struct atls_session *);
ATLS_CHECKED enum atls_rc atls_session_offer(struct atls_session *);

/* May application data move now? */
bool			 atls_session_open(const struct atls_session *);

/* The verdict in force about the peer; NONE before the first. */
const struct atls_result *atls_session_result(const struct atls_session *);
unsigned		 atls_session_rounds(const struct atls_session *);
const struct atls_err	*atls_session_error(const struct atls_session *);
const char		*atls_session_state(const struct atls_session *);

#endif
