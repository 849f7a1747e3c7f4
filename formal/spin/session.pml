/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ends of a connection, each with its two machines of src/proto/sm.def,
 * and the frames of doc/protocol.md between them.  run.sh puts the rows of the
 * table, the states, the events and the gate of sm.c in front of this text.
 *
 * HONEST	frames arrive, in order; no clock runs out
 * (neither)	any frame may get lost or overtake others; leases and timeouts
 *		end at any time
 * HOSTILE	clocks as well; one end alone, and what it reads is any frame of
 *		any content at any time, as many as there may be
 * (TLS leaves none of these tricks to anybody but the peer.)
 *
 * Not modelled: the raw stream, lengths, rates, ids that run out; a caller who
 * moves data without the tick that sees the end of a lease.
 */
#ifndef ROUNDS
#define ROUNDS	2		/* requests of one end */
#endif

#ifndef ROOM
#define ROOM		6	/* frames under way in one direction */
#endif

#define NEVER		0
#define OPTIONAL	1
#define REQUIRED	2
mtype = { hello, request, authenticator, result, offer, error, data };
/* what an authenticator holds; the outcomes of a result */
#define EMPTY		0	/* an empty authenticator, or one with nothing */
#define WRONG		1	/* of no use for this request */
#define GENUINE		2
#define ACCEPTED	0
#define WAIVED		1
#define REFUSED		2

/* type, id, asks or content or outcome, context (0: nobody's of ours) */
chan to[2] = [ROOM] of { mtype, byte, byte, byte };

/* configuration, any */
byte asks[2];
bool can[2];			/* has evidence */
bool wants[2];			/* a peer that asks */
bool hold[2];
bool carried;			/* a family without frames */

byte R[2], A[2];
bool greeted[2], peerhold[2], broke[2];
byte asked[2], accepted[2];	/* rounds */
byte got[2], gotctx[2];		/* the answer under appraisal */
byte wantid[2], wantctx[2];	/* the request under way */
bool offered[2], sent[2];
/* ghosts: nothing above depends on these */
bool good[2];			/* the verdict is over genuine evidence */
bool old[2];			/* its lease is over */
hidden byte rc, k;
hidden byte next[SM_NSTATES * SM_NEVENTS];	/* state + 1; 0: not legal */
hidden byte why[SM_NSTATES * SM_NEVENTS];

#define DEAD(e)		(R[e] == R_FAILED || A[e] == A_FAILED)
#define MAY_RECEIVE(e)	(PEER_KNOWN(R[e]) && WE_ARE_KNOWN(A[e]))
#define MAY_SEND(e)	(MAY_RECEIVE(e) && \
    !(hold[e] && (R[e] == R_REASKED || R[e] == R_REAPPRAISE)) && \
    !(peerhold[e] && (A[e] == A_REEVIDENCE || A[e] == A_RESENT)))
/* patience() of session.c */
#define R_TIMED(e)	(R[e] == R_ASKED || R[e] == R_REASKED || \
    R[e] == R_APPRAISE || R[e] == R_REAPPRAISE || \
    (carried && R[e] == R_START))
#define A_TIMED(e)	(A[e] == A_EVIDENCE || A[e] == A_REEVIDENCE || \
    A[e] == A_SENT || A[e] == A_RESENT || A[e] == A_START || A[e] == A_IDLE)

inline put(e, type, id, arg, ctx)
{
	if
	:: carried || DEAD(1 - e)	/* nobody reads it */
	:: !carried && !DEAD(1 - e) && len(to[1 - e]) < ROOM -> to[1 - e]!type, id, arg, ctx
#ifdef HONEST
	:: else -> assert(false)	/* the channel of the model is too short */
#else
	:: else
#endif
	fi
}

inline fail(e, tell)
{
	R[e] = R_FAILED; A[e] = A_FAILED; broke[e] = true;
	do
	:: len(to[e]) > 0 -> to[e]?_, _, _, _
	:: else -> break
	od;
	if :: tell -> put(e, error, 0, 0, 0) :: else fi
}

/* sm_step().  A macro: arrays are no arguments of an inline */
#define step(m, dead, e, ev)						\
	k = m[e] * SM_NEVENTS + ev;					\
	if								\
	:: m[e] == dead -> rc = ATLS_E_PEER				\
	:: m[e] != dead && next[k] == 0 -> m[e] = dead; rc = ATLS_E_PEER \
	:: else -> rc = why[k]; m[e] = next[k] - 1			\
	fi

/* session_move(): a reason that is not OK ends the session */
#define move(m, dead, e, ev)						\
	step(m, dead, e, ev);						\
	if :: rc != ATLS_OK -> fail(e, true) :: else fi

inline ask(e)
{
	asked[e]++;
	put(e, request, asked[e], 0, asked[e]);
	move(R, R_FAILED, e, EV_ASK)
}

inline begin(e)
{
	R[e] = R_START; A[e] = A_START;
	put(e, hello, hold[e], asks[e], 0);
	if
	:: carried ->
		greeted[e] = true;
		move(A, A_FAILED, e, EV_NOT_ASKED);
		if
		:: asks[e] != NEVER ->
			move(R, R_FAILED, e, EV_CARRIED);
			if
			:: can[1 - e] -> got[e] = GENUINE
			:: !can[1 - e] -> got[e] = EMPTY
#ifndef HONEST
			:: got[e] = WRONG
#endif
			fi;
			gotctx[e] = asked[e]
		:: else -> move(R, R_FAILED, e, EV_NOT_ASKED)
		fi
	:: !carried && asks[e] != NEVER -> ask(e)
	:: else -> move(R, R_FAILED, e, EV_NOT_ASKED)
	fi
}

inline absent(e)
{
	if
	:: asks[e] == OPTIONAL && accepted[e] == 0 ->
		put(e, result, asked[e], WAIVED, 0);
		move(R, R_FAILED, e, EV_ABSENT)
	:: else -> reject(e)
	fi
}

inline reject(e)
{
	put(e, result, asked[e], REFUSED, 0);
	step(R, R_FAILED, e, EV_REJECT);
	fail(e, false)
}

inline answer(e, content)
{
	put(e, authenticator, wantid[e], content, wantctx[e]);
	move(A, A_FAILED, e, EV_ANSWER)
}

inline appraise(e)
{
	if
	:: got[e] == EMPTY -> absent(e)
	:: got[e] == GENUINE && gotctx[e] == asked[e] ->
		put(e, result, asked[e], ACCEPTED, 0);
		accepted[e]++;
		good[e] = true; old[e] = false;
		move(R, R_FAILED, e, EV_ACCEPT)
	:: else -> reject(e)
	fi;
	got[e] = EMPTY; gotctx[e] = 0
}

inline frame(e)
{
	if
	:: !greeted[e] && t != hello -> fail(e, true)
	:: t == hello ->
		if
		:: greeted[e] || (x == NEVER && wants[e]) -> fail(e, true)
		:: else ->
			greeted[e] = true; peerhold[e] = id;
			if
			:: x == NEVER -> move(A, A_FAILED, e, EV_NOT_ASKED)
			:: else -> move(A, A_FAILED, e, EV_WILL_ASK)
			fi
		fi
	:: greeted[e] && t == request ->
		move(A, A_FAILED, e, EV_ASK);
		if
		:: !DEAD(e) ->
			wantid[e] = id; wantctx[e] = c;
			if :: !can[e] -> answer(e, EMPTY) :: else fi
		:: else
		fi
	:: greeted[e] && t == authenticator ->
		if
		:: id != asked[e] || asked[e] == 0 -> fail(e, true)
		:: else ->
			if
			:: R[e] != R_ASKED && R[e] != R_REASKED ->
				move(R, R_FAILED, e, EV_ANSWER)
			:: else ->
				/* an empty one, or Finished, is seen at once */
				if
				:: x == EMPTY -> absent(e)
				:: x == WRONG -> reject(e)
				:: else ->
					got[e] = x; gotctx[e] = c;
					move(R, R_FAILED, e, EV_ANSWER)
				fi
			fi
		fi
	:: greeted[e] && t == result ->
		if
		:: (A[e] == A_SENT || A[e] == A_RESENT) && id != wantid[e] ->
			fail(e, true)
		:: else ->
			if
			:: x == ACCEPTED -> move(A, A_FAILED, e, EV_ACCEPT)
			:: x == WAIVED -> move(A, A_FAILED, e, EV_ABSENT)
			:: else -> fail(e, false)
			fi
		fi
	:: greeted[e] && t == offer ->
		if
		:: R[e] == R_ACCEPTED && asked[e] < ROUNDS + 1 -> ask(e)
		:: R[e] == R_ACCEPTED && asked[e] == ROUNDS + 1
		:: R[e] == R_REASKED || R[e] == R_REAPPRAISE
		:: else -> fail(e, true)
		fi
	:: greeted[e] && t == error -> fail(e, false)
	:: greeted[e] && t == data ->
		if :: !MAY_RECEIVE(e) -> fail(e, true) :: else fi
	fi
}

/* What must hold after each step of an end. */
inline check(e)
{
	/* one machine never outlives the other */
	assert((R[e] == R_FAILED) == (A[e] == A_FAILED));
	/* the required direction that this end judges itself, and its lease */
	assert(!MAY_RECEIVE(e) || asks[e] != REQUIRED || good[e]);
	assert(!MAY_RECEIVE(e) || !old[e]);
	/* who was ever accepted here is never waived later */
	assert(R[e] != R_WAIVED || accepted[e] == 0);
	assert(!PEER_KNOWN(R[e]) || R[e] == R_WAIVED || good[e]);
#ifndef HOSTILE
	/* the required direction that the other end judges */
	assert(!MAY_RECEIVE(e) || carried || asks[1 - e] != REQUIRED ||
	    accepted[1 - e] > 0);
#endif
#ifdef WITNESS
	/* not so: there are runs to the end of a second round, both ways */
	assert(!(accepted[0] > 1 && accepted[1] > 1 && sent[0] && sent[1] &&
	    MAY_SEND(0) && MAY_SEND(1)));
#endif
	rc = 0; k = 0; t = 0; id = 0; x = 0; c = 0
}

proctype end_(byte e)
{
	mtype t; byte id, x, c;

	atomic { begin(e); check(e) };
end:	do
	:: atomic { len(to[e]) > 0 -> to[e]?t, id, x, c; frame(e); check(e) }
	:: atomic { !DEAD(e) && (A[e] == A_EVIDENCE || A[e] == A_REEVIDENCE) ->
		answer(e, GENUINE); check(e) }
	:: atomic { !DEAD(e) && (R[e] == R_APPRAISE || R[e] == R_REAPPRAISE) ->
		appraise(e); check(e) }
	:: atomic { !DEAD(e) && !carried && R[e] == R_ACCEPTED &&
		asked[e] < ROUNDS -> ask(e); check(e) }
	:: atomic { !DEAD(e) && !carried && A[e] == A_ACCEPTED && !offered[e] ->
		offered[e] = true; put(e, offer, 0, 0, 0); check(e) }
	:: atomic { MAY_SEND(e) && !sent[e] && !carried ->
		sent[e] = true; put(e, data, 0, 0, 0); check(e) }
#ifndef HONEST
	/* a clock: atls_session_tick() looks at leases first */
	:: atomic { !DEAD(e) && (R[e] == R_ACCEPTED || R[e] == R_REASKED ||
		R[e] == R_REAPPRAISE) ->
		old[e] = true; move(R, R_FAILED, e, EV_LEASE_END); check(e) }
	:: atomic { !DEAD(e) && R_TIMED(e) ->
		assert(next[R[e] * SM_NEVENTS + EV_TIMEOUT] != 0);
		move(R, R_FAILED, e, EV_TIMEOUT); check(e) }
	:: atomic { !DEAD(e) && A_TIMED(e) ->
		assert(next[A[e] * SM_NEVENTS + EV_TIMEOUT] != 0);
		move(A, A_FAILED, e, EV_TIMEOUT); check(e) }
#endif
	od
}

#ifndef HONEST
proctype network(byte e)
{
	mtype t; byte id, x, c;

end:	do
#ifndef HOSTILE
	:: atomic { len(to[e]) > 0 -> to[e]?t, id, x, c;
		t = 0; id = 0; x = 0; c = 0 }
	:: atomic { len(to[e]) > 1 -> to[e]?t, id, x, c; to[e]!t, id, x, c;
		t = 0; id = 0; x = 0; c = 0 }
#else
	:: atomic { !carried && !DEAD(e) && len(to[e]) == 0 ->
		select(x : 0 .. 2);
		if :: id = asked[e] :: id = wantid[e] :: id = 7 fi;
		if :: c = asked[e] :: c = 0 fi;
		if
		:: to[e]!hello(0, x, 0)
		:: to[e]!request(1 + c % 2, 0, 0)
		:: to[e]!authenticator(id, x, c)
		:: to[e]!result(id, x, 0)
		:: to[e]!offer(0, 0, 0)
		:: to[e]!error(0, 0, 0)
		:: to[e]!data(0, 0, 0)
		fi; id = 0; x = 0; c = 0 }
#endif
	od
}
#endif

/* Nobody can move: who has not ended is open, or has a clock running. */
proctype rest()
{
end:	if
	:: timeout ->
#ifdef HONEST
		if
		:: (asks[0] != REQUIRED || can[1]) &&
		    (asks[1] != REQUIRED || can[0]) && (carried ||
		    ((!wants[0] || asks[1] != NEVER) &&
		    (!wants[1] || asks[0] != NEVER))) ->
			assert(!broke[0] && !broke[1]);
			assert(MAY_SEND(0) && MAY_SEND(1))
		:: else -> assert(broke[0] || broke[1])
		fi
#else
		assert(DEAD(0) || MAY_SEND(0));
		assert(DEAD(1) || MAY_SEND(1))
#endif
	fi
}

active proctype main_()
{
	d_step {
#define ROW(state, event, to, reason)				\
		next[state * SM_NEVENTS + event] = to + 1;	\
		why[state * SM_NEVENTS + event] = reason;
#include "sm.def"
		skip
	};
#ifdef HOSTILE
	if :: skip :: asks[0] = OPTIONAL :: asks[0] = REQUIRED fi;
	if :: can[0] = true :: skip fi;
	if :: wants[0] = true :: skip fi;
	if :: carried = true :: skip fi;
	R[1] = R_FAILED; A[1] = A_FAILED;
	atomic { run end_(0); run rest(); run network(0) }
#else
	/* the ends are alike, so one order of two is enough; what makes no
	 * difference stays as it is */
	if
	:: skip
	:: asks[0] = OPTIONAL
	:: asks[0] = OPTIONAL; asks[1] = OPTIONAL
	:: asks[0] = REQUIRED
	:: asks[0] = REQUIRED; asks[1] = OPTIONAL
	:: asks[0] = REQUIRED; asks[1] = REQUIRED
	fi;
	if :: asks[0] != NEVER -> can[1] = true :: skip fi;
	if :: asks[1] != NEVER -> can[0] = true :: skip fi;
	if
	:: carried = true
	:: skip;
		if :: asks[1] == NEVER -> wants[0] = true :: skip fi;
		if :: asks[0] == NEVER -> wants[1] = true :: skip fi;
		if :: can[1] -> hold[0] = true :: skip fi;
		if :: can[0] -> hold[1] = true :: skip fi
	fi;
	atomic { run end_(0); run end_(1); run rest();
#ifndef HONEST
	run network(0); run network(1)
#endif
	}
#endif
}
