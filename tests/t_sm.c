/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state table against a second one, written by hand from doc/protocol.md
 * and never from sm.def.
 */
#include <string.h>

#include "../src/proto/sm.h"
#include "t.h"

static const enum sm_event events[] = {
	EV_ASK, EV_WILL_ASK, EV_NOT_ASKED, EV_ANSWER, EV_ACCEPT, EV_ABSENT,
	EV_REJECT, EV_LEASE_END, EV_TIMEOUT, EV_FAULT, EV_CARRIED,
};

/*
 * One letter an event, in the order above.  -: not legal.  F: to FAILED.
 * R side: a asked, p appraise, K accepted, r reasked, q reappraise, w waived.
 * A side: i idle, e evidence, s sent, K accepted, v reevidence, t resent, w.
 */
static const struct {
	enum sm_state	 state;
	const char	*next;
} grid[] = {
	/*			 ask will none answ acc abs rej lease time fault carried */
	{ R_START,		"a" "-" "w" "-" "-" "-" "-" "-" "F" "-" "p" },
	{ R_ASKED,		"-" "-" "-" "p" "-" "w" "F" "-" "F" "-" "-" },
	{ R_APPRAISE,		"-" "-" "-" "-" "K" "w" "F" "-" "F" "-" "-" },
	{ R_ACCEPTED,		"r" "-" "-" "-" "-" "-" "-" "F" "-" "-" "-" },
	{ R_REASKED,		"-" "-" "-" "q" "-" "-" "F" "F" "F" "-" "-" },
	{ R_REAPPRAISE,		"-" "-" "-" "-" "K" "-" "F" "F" "F" "-" "-" },
	{ R_WAIVED,		"-" "-" "-" "-" "-" "-" "-" "-" "-" "-" "-" },
	{ A_START,		"-" "i" "w" "-" "-" "-" "-" "-" "F" "-" "-" },
	{ A_IDLE,		"e" "-" "-" "-" "-" "-" "-" "-" "F" "-" "-" },
	{ A_EVIDENCE,		"-" "-" "-" "s" "-" "-" "-" "-" "F" "-" "-" },
	{ A_SENT,		"-" "-" "-" "-" "K" "w" "F" "-" "F" "-" "-" },
	{ A_ACCEPTED,		"v" "-" "-" "-" "-" "-" "-" "-" "-" "-" "-" },
	{ A_REEVIDENCE,		"-" "-" "-" "t" "-" "-" "-" "-" "F" "-" "-" },
	{ A_RESENT,		"-" "-" "-" "-" "K" "-" "F" "-" "F" "-" "-" },
	{ A_WAIVED,		"-" "-" "-" "-" "-" "-" "-" "-" "-" "-" "-" },
};

static enum sm_state
letter(enum sm_state from, char c)
{
	static const char r[] = "apKrqw", a[] = "iesKvtw";
	static const enum sm_state rs[] = { R_ASKED, R_APPRAISE, R_ACCEPTED,
	    R_REASKED, R_REAPPRAISE, R_WAIVED };
	static const enum sm_state as[] = { A_IDLE, A_EVIDENCE, A_SENT,
	    A_ACCEPTED, A_REEVIDENCE, A_RESENT, A_WAIVED };

	if (c == 'F' || c == '-')
		return from < A_START ? R_FAILED : A_FAILED;
	return from < A_START ? rs[strchr(r, c) - r] : as[strchr(a, c) - a];
}

static void
test_grid(void)
{
	size_t i, e;

	T(NITEMS(grid) == SM_NSTATES - 2, "every state but FAILED is there");
	T(NITEMS(events) == SM_NEVENTS, "every event is there");
	for (i = 0; i < NITEMS(grid); i++)
		for (e = 0; e < NITEMS(events); e++) {
			struct sm m = { grid[i].state, ATLS_OK };
			enum sm_state want = letter(m.state,
			    grid[i].next[e]);
			enum atls_rc rc = sm_step(&m, events[e]);

			T(m.state == want, "%s, event %zu: %s, not %s",
			    sm_name(grid[i].state), e, sm_name(m.state),
			    sm_name(want));
			T((rc == ATLS_E_PEER) == (grid[i].next[e] == '-'),
			    "%s, event %zu: rc %#x", sm_name(grid[i].state),
			    e, (unsigned)rc);
			T((rc == ATLS_OK) == (m.state != R_FAILED &&
			    m.state != A_FAILED), "%s, event %zu",
			    sm_name(grid[i].state), e);
			/* accepted comes from a verdict, and nowhere else */
			T((m.state != R_ACCEPTED) || (events[e] == EV_ACCEPT &&
			    (grid[i].state == R_APPRAISE ||
			    grid[i].state == R_REAPPRAISE)), "%s, event %zu",
			    sm_name(grid[i].state), e);
			T(m.state != A_ACCEPTED || events[e] == EV_ACCEPT,
			    "%s, event %zu", sm_name(grid[i].state), e);
		}
}

static void
test_first_error_is_final(void)
{
	static const enum sm_state dead[] = { R_FAILED, A_FAILED };
	size_t i, e;

	for (i = 0; i < NITEMS(dead); i++)
		for (e = 0; e < NITEMS(events); e++) {
			struct sm m = { dead[i], ATLS_E_SIG };

			T(sm_step(&m, events[e]) == ATLS_E_SIG &&
			    m.state == dead[i], "%s, event %zu",
			    sm_name(dead[i]), e);
		}
}

/* The gate, for each pair of states, with the open ones listed by hand. */
static void
test_gate(void)
{
	static const enum sm_state r_open[] = { R_ACCEPTED, R_REASKED,
	    R_REAPPRAISE, R_WAIVED };
	static const enum sm_state a_open[] = { A_ACCEPTED, A_REEVIDENCE,
	    A_RESENT, A_WAIVED };
	int i, j, h;
	size_t k;

	for (i = R_START; i <= R_FAILED; i++)
		for (j = A_START; j <= A_FAILED; j++)
			for (h = 0; h < 4; h++) {
				struct sm r = { (enum sm_state)i, ATLS_OK };
				struct sm a = { (enum sm_state)j, ATLS_OK };
				bool ro = false, ao = false, open;
				bool rh = i == R_REASKED || i == R_REAPPRAISE;
				bool ah = j == A_REEVIDENCE || j == A_RESENT;

				for (k = 0; k < 4; k++) {
					ro = ro || (int)r_open[k] == i;
					ao = ao || (int)a_open[k] == j;
				}
				T(sm_may_receive(&r, &a) == (ro && ao),
				    "%s %s", sm_name(r.state),
				    sm_name(a.state));
				open = ro && ao && !((h & 1) != 0 && rh) &&
				    !((h & 2) != 0 && ah);
				T(sm_may_send(&r, &a, (h & 1) != 0,
				    (h & 2) != 0) == open, "%s %s hold %d",
				    sm_name(r.state), sm_name(a.state), h);
			}
}

static void
test_names(void)
{
	int i, j;

	for (i = 0; i < SM_NSTATES; i++) {
		T(sm_name((enum sm_state)i) != NULL, "state %d", i);
		for (j = 0; j < i; j++)
			T(strcmp(sm_name((enum sm_state)i),
			    sm_name((enum sm_state)j)) != 0, "%d %d", i, j);
	}
	for (i = 0; i < SM_NEVENTS; i++)
		T(sm_event_name((enum sm_event)i) != NULL, "event %d", i);
}

int
main(void)
{
	test_grid();
	test_first_error_is_final();
	test_gate();
	test_names();
	return t_end("t_sm");
}
