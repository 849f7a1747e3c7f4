/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>

#include <atls/bytes.h>

/*
 * Events with the names and arguments of formal/lib/world.pvl, and the goals of
 * formal/goals*.pvl judged on those that happened, in their order.  Arguments
 * are hashes.  A name is one with its direction, as in the models.
 */
enum event {
#define EVENT(name, arity)	name,
#include "../formal/events.def"
#undef EVENT
	ATTACKER,		/* attacker(d): no event, but judged like one */
	NEVENTS
};

/* What an end knows of its connection: SES() of the models. */
struct ses {
	uint64_t	cr, sr, gxy, htsc, atsc, ems;
};

/* INST is INST/0 of the models: nothing excuses it. */
enum goal { RA1, RA2, TLS2_1, TLS2_2, C1A, C1B, C1C, C2, KEY, INST, DATA,
    NGOALS };

/* What must have leaked for TLS2 and C2 to be lost: cells +2 and +T. */
enum excuse { BOTH_KEYS, TLS_KEY };

/* Since they were zeroed: how often it was lost; how often it was judged and
 * nothing excused it. */
extern unsigned		 trace_broken[NGOALS], trace_judged[NGOALS];
const char		*trace_goal(enum goal);	/* "TLS2.1" */

void			 trace_begin(enum excuse);	/* forgets all */
uint64_t		 trace_ses(const struct ses *);	/* as an argument */
void			 trace_judge(void);
void			 trace_print(void);	/* what happened, to stderr */
uint64_t		 trace_digest(void);	/* of it */

/* EMIT(R_Ok, ak, statement).  Aborts if that is not its arity. */
void			 trace_emit(enum event, const uint64_t *, size_t n);
#define EMIT(e, ...) trace_emit(e, (uint64_t[]){ __VA_ARGS__ },		\
    sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

uint64_t		 trace_hash(struct atls_bytes);

#endif
