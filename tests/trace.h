/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRACE_H
#define TRACE_H

#include <atls/bytes.h>

/*
 * Events with the names and arguments of formal/lib/world.pvl, and the goals of
 * formal/goals.pvl judged on those that happened.  Arguments are hashes, but
 * for a connection: the number that trace_ses() is told.
 */
enum event {
#define EVENT(name, arity)	name,
#include "../formal/events.def"
#undef EVENT
};

/* What both ends know of a connection: SES() of the models. */
struct ses {
	uint64_t	gxy, htsc, atsc;
};

enum goal { RA1, RA2, TLS2_1, TLS2_2, C1A, C1B, C1C, C2, NGOALS };

extern unsigned		 trace_broken[NGOALS];	/* since it was zeroed */
const char		*trace_goal(enum goal);	/* "TLS2.1" */

void			 trace_begin(void);	/* forgets all events */
void			 trace_ses(unsigned number, struct ses);
void			 trace_judge(void);

/* EMIT(R_Ok, ak, statement).  Aborts if that is not its arity. */
void			 trace_emit(enum event, const uint64_t *, size_t n);
#define EMIT(e, ...) trace_emit(e, (uint64_t[]){ __VA_ARGS__ },		\
    sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

uint64_t		 trace_hash(struct atls_bytes);

#endif
