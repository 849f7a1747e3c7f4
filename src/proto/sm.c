/* SPDX-License-Identifier: Apache-2.0 */
#include "sm.h"

struct row {
	enum sm_state	next;
	enum atls_rc	rc;
	unsigned char	legal;
};

static const struct row table[SM_NSTATES][SM_NEVENTS] = {
#define ROW(state, event, next, why)	[state][event] = { next, why, 1 },
#include "sm.def"
#undef ROW
};

const char *
sm_name(enum sm_state s)
{
	static const char *const name[SM_NSTATES] = {
		[R_START] = "r.start", [R_ASKED] = "r.asked",
		[R_APPRAISE] = "r.appraise", [R_ACCEPTED] = "r.accepted",
		[R_REASKED] = "r.reasked", [R_REAPPRAISE] = "r.reappraise",
		[R_WAIVED] = "r.waived", [R_FAILED] = "r.failed",
		[A_START] = "a.start", [A_IDLE] = "a.idle",
		[A_EVIDENCE] = "a.evidence", [A_SENT] = "a.sent",
		[A_ACCEPTED] = "a.accepted", [A_REEVIDENCE] = "a.reevidence",
		[A_RESENT] = "a.resent", [A_WAIVED] = "a.waived",
		[A_FAILED] = "a.failed",
	};

	return name[s];
}

const char *
sm_event_name(enum sm_event ev)
{
	static const char *const name[SM_NEVENTS] = {
		[EV_ASK] = "not expected here: a request",
		[EV_WILL_ASK] = "not expected here: a hello",
		[EV_NOT_ASKED] = "not expected here: a hello that asks not",
		[EV_ANSWER] = "not expected here: an authenticator",
		[EV_CARRIED] = "not expected here: evidence in the handshake",
		[EV_ACCEPT] = "not expected here: an acceptance",
		[EV_ABSENT] = "not expected here: absence of evidence",
		[EV_REJECT] = "not expected here: a rejection",
		[EV_LEASE_END] = "not expected here: the end of a lease",
		[EV_TIMEOUT] = "not expected here: a timeout",
		[EV_FAULT] = "ended",
	};

	return name[ev];
}

/*@ ensures !sm_failed(\old(*m)) ==>
	(table[\old(m->state)][ev].legal == 1 ?
	m->state == table[\old(m->state)][ev].next &&
	m->rc == table[\old(m->state)][ev].rc :
	sm_failed(*m) && m->rc == ATLS_E_PEER); */
enum atls_rc
sm_step(struct sm *m, enum sm_event ev)
{
	const struct row row = table[m->state][ev];

	if (m->state == R_FAILED || m->state == A_FAILED)
		return m->rc;			/* first error is final */
	if (row.legal != 1) {
		m->state = m->state < A_START ? R_FAILED : A_FAILED;
		m->rc = ATLS_E_PEER;
		return m->rc;
	}
	m->state = row.next;
	m->rc = row.rc;
	return m->rc;
}

bool
sm_may_receive(const struct sm *r, const struct sm *a)
{
	bool peer_known = r->state == R_ACCEPTED || r->state == R_REASKED ||
	    r->state == R_REAPPRAISE || r->state == R_WAIVED;
	bool we_are_known = a->state == A_ACCEPTED ||
	    a->state == A_REEVIDENCE || a->state == A_RESENT ||
	    a->state == A_WAIVED;

	return peer_known && we_are_known;
}

bool
sm_may_send(const struct sm *r, const struct sm *a, bool hold_r, bool hold_a)
{
	if (!sm_may_receive(r, a))
		return false;
	if (hold_r && (r->state == R_REASKED || r->state == R_REAPPRAISE))
		return false;
	if (hold_a && (a->state == A_REEVIDENCE || a->state == A_RESENT))
		return false;
	return true;
}
