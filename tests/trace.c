/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trace.h"

struct entry {
	enum event	 e;
	uint64_t	 a[6];
};

static const size_t arity[] = {
#define EVENT(name, arity)	[name] = arity,
#include "../formal/events.def"
#undef EVENT
};

static struct entry trace[512];
static size_t ntrace;
static struct ses ses[2];
unsigned trace_broken[NGOALS];

const char *
trace_goal(enum goal g)
{
	static const char *const name[NGOALS] = { "RA1", "RA2", "TLS2.1",
	    "TLS2.2", "C1a", "C1b", "C1c", "C2" };

	return name[g];
}

void
trace_begin(void)
{
	ntrace = 0;
}

void
trace_ses(unsigned number, struct ses s)
{
	ses[number] = s;
}

void
trace_emit(enum event e, const uint64_t *a, size_t n)
{
	if (ntrace == sizeof(trace) / sizeof(trace[0]) || n != arity[e])
		abort();
	trace[ntrace] = (struct entry){ .e = e };
	memcpy(trace[ntrace++].a, a, n * sizeof(*a));
}

uint64_t
trace_hash(struct atls_bytes b)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < b.len; i++)
		h = (h ^ b.p[i]) * 0x100000001b3;
	return h;
}

static bool
same(const struct entry *a, const struct entry *b, size_t n)
{
	return memcmp(a->a, b->a, n * sizeof(a->a[0])) == 0;
}

static bool
happened(enum event e, uint64_t arg)
{
	size_t i;

	for (i = 0; i < ntrace; i++)
		if (trace[i].e == e && trace[i].a[0] == arg)
			return true;
	return false;
}

/* How often did this happen, with the first n arguments of `like`? */
static size_t
count(enum event e, const struct entry *like, size_t n)
{
	size_t i, c = 0;

	for (i = 0; i < ntrace; i++)
		c += trace[i].e == e && same(&trace[i], like, n);
	return c;
}

/* One evidence at both ends: is it one connection? */
static void
judge_c1(const struct entry *r)
{
	size_t i;

	for (i = 0; i < ntrace; i++) {
		const struct ses *s, *t;

		if (trace[i].e != A_Ev || trace[i].a[5] != r->a[5])
			continue;
		s = &ses[r->a[3]];
		t = &ses[trace[i].a[3]];
		trace_broken[C1A] += s->gxy != t->gxy;
		trace_broken[C1B] += s->htsc != t->htsc;
		trace_broken[C1C] += s->atsc != t->atsc;
	}
}

static void
judge_done(const struct entry *r)
{
	struct entry hs = { .a = { r->a[0], r->a[1], r->a[3] } };
	bool excused = happened(LeakedAK, r->a[2]) &&
	    happened(LeakedLTK, r->a[1]);

	judge_c1(r);
	if (excused)
		return;
	trace_broken[TLS2_1] += count(A_Hs, &hs, 3) == 0;
	trace_broken[TLS2_2] += count(A_Hs, &hs, 3) < count(R_Hs, &hs, 3);
	trace_broken[C2] += count(A_Ev, r, 6) < count(R_Done, r, 6);
}

/* The queries of formal/goals.pvl, on what was seen. */
void
trace_judge(void)
{
	size_t i;

	for (i = 0; i < ntrace; i++) {
		const struct entry *t = &trace[i];

		if (t->e == R_Done)
			judge_done(t);
		if (t->e != R_Ok || happened(LeakedAK, t->a[0]))
			continue;
		trace_broken[RA1] += count(Gen, t, 2) == 0;
		trace_broken[RA2] += count(Gen, t, 2) < count(R_Ok, t, 2);
	}
}
