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

/* ATLS_OK, or the reason for FAILED, which is final. */
enum atls_rc	sm_step(struct sm *, enum sm_event);
const char	*sm_name(enum sm_state);	/* "r.accepted" */
const char	*sm_event_name(enum sm_event);	/* "not expected here: .." */

/*
 * The gate.  May application data be taken from the peer, be sent to it?
 * hold_r, hold_a: no data is sent while the relying, the attesting side waits
 * for a new verdict; what is under way still arrives under the old one.
 */
bool		sm_may_receive(const struct sm *r, const struct sm *a);
bool		sm_may_send(const struct sm *r, const struct sm *a,
		    bool hold_r, bool hold_a);

#endif
