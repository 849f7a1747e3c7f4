/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define ALL		SIZE_MAX	/* of the trace */

struct entry {
	enum event	 e;
	uint64_t	 a[6];
};

static const struct {
	const char	*name;
	size_t		 arity;
} events[NEVENTS] = {
#define EVENT(name, arity)	[name] = { #name, arity },
#include "../formal/events.def"
#undef EVENT
	[ATTACKER] = { "attacker", 1 },
};

static struct entry trace[2048];
static size_t ntrace;
static struct {
	uint64_t	 hash;
	struct ses	 s;
} ses[16];
static size_t nses;
static enum excuse excuse;
unsigned trace_broken[NGOALS], trace_judged[NGOALS];

const char *
trace_goal(enum goal g)
{
	static const char *const name[NGOALS] = { "RA1", "RA2", "TLS2.1",
	    "TLS2.2", "C1a", "C1b", "C1c", "C2", "KEY", "INST", "Data" };

	return name[g];
}

void
trace_begin(enum excuse e)
{
	ntrace = nses = 0;
	excuse = e;
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

uint64_t
trace_ses(const struct ses *s)
{
	uint64_t h = trace_hash((struct atls_bytes){ (const uint8_t *)s,
	    sizeof(*s) });

	if (nses == NITEMS(ses))
		abort();
	ses[nses].hash = h;
	ses[nses++].s = *s;
	return h;
}

void
trace_emit(enum event e, const uint64_t *a, size_t n)
{
	if (ntrace == NITEMS(trace) || n != events[e].arity)
		abort();
	memset(&trace[ntrace], 0, sizeof(trace[0]));
	trace[ntrace].e = e;
	memcpy(trace[ntrace++].a, a, n * sizeof(*a));
}

void
trace_print(void)
{
	size_t i, k;

	for (i = 0; i < ntrace; i++) {
		fprintf(stderr, "%4zu %s", i, events[trace[i].e].name);
		for (k = 0; k < events[trace[i].e].arity; k++)
			fprintf(stderr, " %08" PRIx32,
			    (uint32_t)trace[i].a[k]);
		fputc('\n', stderr);
	}
}

uint64_t
trace_digest(void)
{
	return trace_hash((struct atls_bytes){ (const uint8_t *)trace,
	    ntrace * sizeof(trace[0]) });
}

/* How often did this happen, with the first n arguments of `like`, before
 * entry number `end`? */
static size_t
count(enum event e, const struct entry *like, size_t n, size_t end)
{
	size_t i, c = 0;

	for (i = 0; i < ntrace && i < end; i++)
		c += trace[i].e == e && memcmp(trace[i].a, like->a,
		    n * sizeof(like->a[0])) == 0;
	return c;
}

static bool
happened(enum event e, uint64_t arg, size_t end)
{
	return count(e, &(struct entry){ .a = { arg } }, 1, end) > 0;
}

static bool
leaked(const struct entry *done, size_t end)
{
	return happened(LeakedLTK, done->a[1], end) &&
	    (excuse == TLS_KEY || happened(LeakedAK, done->a[2], end));
}

static void
judge(enum goal g, bool kept)
{
	trace_judged[g]++;
	trace_broken[g] += !kept;
}

static const struct ses *
ses_of(uint64_t hash)
{
	size_t i;

	for (i = 0; i < nses; i++)
		if (ses[i].hash == hash)
			return &ses[i].s;
	abort();
}

/* One evidence at both ends: is it one connection?  The order is no matter,
 * and nothing excuses. */
static void
judge_c1(const struct entry *r)
{
	size_t i;

	for (i = 0; i < ntrace; i++) {
		const struct ses *s, *t;

		if (trace[i].e != A_Ev || trace[i].a[5] != r->a[5])
			continue;
		s = ses_of(r->a[3]);
		t = ses_of(trace[i].a[3]);
		judge(C1A, s->gxy == t->gxy);
		judge(C1B, s->htsc == t->htsc);
		judge(C1C, s->atsc == t->atsc);
	}
}

/* Each beginning of an accepted session at this end has one of its own at the
 * other, before it or before the verdict, whichever is later. */
static void
judge_tls22(size_t at, const struct entry *hs)
{
	const struct entry *r = &trace[at];
	size_t i;

	for (i = at; i < ntrace; i++)
		if ((i == at || (trace[i].e == R_Hs && memcmp(trace[i].a,
		    hs->a, 3 * sizeof(hs->a[0])) == 0)) && !leaked(r, i) &&
		    count(R_Hs, hs, 3, i + 1) > 0)
			judge(TLS2_2, count(A_Hs, hs, 3, i) >=
			    count(R_Hs, hs, 3, i + 1));
}

/* Which is later, of this and of the first that is like it: leaks before that
 * excuse what needs both. */
static size_t
later(size_t at, enum event e, uint64_t arg)
{
	size_t i;

	for (i = 0; i < ntrace; i++)
		if (trace[i].e == e && trace[i].a[0] == arg)
			return i < at ? at : i;
	return ALL;
}

static void
judge_done(size_t at)
{
	const struct entry *r = &trace[at];
	struct entry hs = { .a = { r->a[0], r->a[1], r->a[3] } };
	struct entry who = { .a = { r->a[0], r->a[2] } };
	size_t out = later(at, Outside, r->a[1]);

	judge_c1(r);
	judge(INST, count(Enrolled, &who, 2, at) > 0);
	if (out == ALL || !happened(LeakedAK, r->a[2], out))
		judge(KEY, out == ALL);
	judge_tls22(at, &hs);
	if (leaked(r, at))
		return;
	judge(TLS2_1, count(A_Hs, &hs, 3, at) > 0);
	judge(C2, count(A_Ev, r, 6, at) >= count(R_Done, r, 6, at + 1));
}

/* What was believed: asked for, and once for each time. */
static void
judge_ok(size_t at)
{
	const struct entry *r = &trace[at];

	if (happened(LeakedAK, r->a[0], at))
		return;
	judge(RA1, count(Gen, r, 2, at) > 0);
	judge(RA2, count(Gen, r, 2, at) >= count(R_Ok, r, 2, at + 1));
}

/* What was sent.  Any AK that leaked will do. */
static void
judge_data(size_t at)
{
	const struct entry *r = &trace[at];
	size_t known = later(at, ATTACKER, r->a[2]);

	if (known != ALL && happened(LeakedLTK, r->a[1], known) &&
	    count(LeakedAK, r, 0, known) > 0)
		return;
	judge(DATA, known == ALL);
}

/* The queries, on what was seen. */
void
trace_judge(void)
{
	size_t i;

	for (i = 0; i < ntrace; i++)
		switch (trace[i].e) {
		case R_Ok:
			judge_ok(i);
			break;
		case R_Done:
			judge_done(i);
			break;
		case R_Data:
			judge_data(i);
			break;
		case LeakedAK: case LeakedLTK: case Outside: case Enrolled:
		case Gen: case A_Hs: case A_Ev: case R_Hs: case ATTACKER:
		case NEVENTS:
			break;
		}
}
