/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SM_H
#define SM_H

#include <stdbool.h>

#include <atls/error.h>

enum sm_state {
	R_START, R_ASKED, R_APPRAISE, R_ACCEPTED, R_REASKED, R_REAPPRAISE,
	R_WAIVED, R_FAILED,
	A_START, A_IDLE, A_EVIDENCE, A_SENT, A_ACCEPTED, A_REEVIDENCE,
	A_RESENT, A_WAIVED, A_FAILED,
	SM_NSTATES
};

enum sm_event {
	EV_ASK,			/* a request goes from relying side to other */
	EV_WILL_ASK,		/* its hello announces one */
	EV_NOT_ASKED,		/* its hello, or configuration: none will come */
	EV_ANSWER,		/* an authenticator goes the other way */
	EV_CARRIED,		/* the handshake is over, and brought evidence */
	EV_ACCEPT,		/* the relying side's verdict */
	EV_ABSENT,		/* .. there was no evidence, and need not be */
	EV_REJECT,
	EV_LEASE_END,		/* the verdict in force is too old */
	EV_TIMEOUT,
	EV_FAULT,		/* in no row: ends any state in FAILED */
	SM_NEVENTS
};

/* One machine.  Starts as R_START or A_START; moves by sm_step() only. */
struct sm {
	enum sm_state	state;
	enum atls_rc	rc;		/* why, in FAILED */
};

/*@ predicate sm_failed(struct sm m) = m.state == R_FAILED ||
	m.state == A_FAILED;
    predicate sm_ok(struct sm m) = m.state < SM_NSTATES &&
	(sm_failed(m) <==> m.rc != ATLS_OK);

    // The peer accepted, or excused; we are, or are excused.
    predicate sm_peer_known(struct sm m) = m.state == R_ACCEPTED ||
	m.state == R_REASKED || m.state == R_REAPPRAISE ||
	m.state == R_WAIVED;
    predicate sm_we_known(struct sm m) = m.state == A_ACCEPTED ||
	m.state == A_REEVIDENCE || m.state == A_RESENT ||
	m.state == A_WAIVED;
    predicate sm_open(struct sm r, struct sm a) =
	sm_peer_known(r) && sm_we_known(a);
    */

/* ATLS_OK, or the reason for FAILED, which is final. */
/*@ requires \valid(m) && sm_ok(*m) && ev < SM_NEVENTS;
    assigns *m;
    ensures sm_ok(*m) && \result == m->rc;
    ensures m->state < A_START <==> \old(m->state) < A_START;
    ensures sm_failed(\old(*m)) ==> *m == \old(*m);
    ensures ev == EV_FAULT ==> sm_failed(*m);
    // only a verdict makes ACCEPTED
    ensures m->state == R_ACCEPTED ==> ev == EV_ACCEPT &&
	(\old(m->state) == R_APPRAISE || \old(m->state) == R_REAPPRAISE);
    ensures m->state == A_ACCEPTED ==> ev == EV_ACCEPT &&
	(\old(m->state) == A_SENT || \old(m->state) == A_RESENT);
    // only before it, and said to be so, is anybody excused
    ensures m->state == R_WAIVED ==>
	ev == EV_NOT_ASKED && \old(m->state) == R_START ||
	ev == EV_ABSENT && (\old(m->state) == R_ASKED ||
	    \old(m->state) == R_APPRAISE);
    ensures m->state == A_WAIVED ==>
	ev == EV_NOT_ASKED && \old(m->state) == A_START ||
	ev == EV_ABSENT && \old(m->state) == A_SENT;
    // so what is closed is opened by these, and by nothing else
    ensures sm_peer_known(*m) && !sm_peer_known(\old(*m)) ==>
	m->state == R_ACCEPTED || m->state == R_WAIVED;
    ensures sm_we_known(*m) && !sm_we_known(\old(*m)) ==>
	m->state == A_ACCEPTED || m->state == A_WAIVED;
    // an old verdict is over when its lease, or patience, is
    ensures (ev == EV_LEASE_END || ev == EV_REJECT) ==> sm_failed(*m);
    ensures ev == EV_TIMEOUT ==> sm_failed(*m); */
enum atls_rc	sm_step(struct sm *m, enum sm_event ev);
const char	*sm_name(enum sm_state);	/* "r.accepted" */
const char	*sm_event_name(enum sm_event);	/* "not expected here: .." */

/*
 * The gate.  May application data be taken from the peer, be sent to it?
 * hold_r, hold_a: no data is sent while the relying, the attesting side waits
 * for a new verdict; what is under way still arrives under the old one.
 */
/*@ requires \valid_read(r) && \valid_read(a);
    assigns \nothing;
    ensures \result <==> sm_open(*r, *a); */
bool		sm_may_receive(const struct sm *r, const struct sm *a);
/*@ requires \valid_read(r) && \valid_read(a);
    assigns \nothing;
    ensures \result <==> sm_open(*r, *a) &&
	!(hold_r && (r->state == R_REASKED || r->state == R_REAPPRAISE)) &&
	!(hold_a && (a->state == A_REEVIDENCE || a->state == A_RESENT)); */
bool		sm_may_send(const struct sm *r, const struct sm *a,
		    bool hold_r, bool hold_a);

#endif
