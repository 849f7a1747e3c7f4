/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions in random weather, judged by the goals of formal/.  The events have
 * the names and arguments of the models; they are seen where the linker lets a
 * test stand between two files of the library, so that nothing of this is in
 * it.  Then checks are switched off, and the goals that need each must fail.
 *
 * ATLS_TRACE_SEED is what all that is random follows from; what is printed when
 * something fails can be given to it.
 */
#include <stdlib.h>
#include <string.h>

#include "t.h"
#include "trace_moves.h"

#define RUNS		1000		/* on the code as it is, if no number
					 * is in ATLS_TRACE_RUNS */
#define RUNS_ROW	1		/* of a row, for each kind of victim */

static uint64_t base = 1;
static unsigned runs = RUNS;

/* A run that follows from `base`, and from its number. */
static bool
one(const struct plan *p, uint64_t number)
{
	memset(trace_broken, 0, sizeof(trace_broken));
	memset(tap_accepted, 0, sizeof(tap_accepted));
	rnd_seed(base * 1000003 + number);
	return run(p);
}

/* The judge alone, on traces that are written down: what comes too late is
 * no cause, and no excuse.  Letters are those of emit(). */
static void
emit(char c)
{
	enum { NAME = 1, PUB, AK, CTX, EV, ST, DATUM };
	static const struct ses s;
	uint64_t ses = trace_ses(&s);

	switch (c) {
	case 'n': EMIT(Enrolled, NAME, AK); break;
	case 'h': EMIT(A_Hs, NAME, PUB, ses); break;
	case 'r': EMIT(R_Hs, NAME, PUB, ses); break;
	case 'g': EMIT(Gen, AK, ST); break;
	case 'e': EMIT(A_Ev, NAME, PUB, AK, ses, CTX, EV); break;
	case 'o': EMIT(R_Ok, AK, ST); break;
	case 'd': EMIT(R_Done, NAME, PUB, AK, ses, CTX, EV); break;
	case 's': EMIT(R_Data, NAME, PUB, DATUM); break;
	case 'a': EMIT(ATTACKER, DATUM); break;
	case 'k': EMIT(LeakedAK, AK); break;
	case 't': EMIT(LeakedLTK, PUB); break;
	case 'x': EMIT(Outside, PUB); break;
	default: abort();
	}
}

static const struct {
	const char	*trace;
	unsigned	 broken;
	enum excuse	 excuse;
} traces[] = {
	{ "nhrgeods", 0, BOTH_KEYS },
	{ "nrhgeods", 0, BOTH_KEYS },
	{ "nhrgeodgeod", 0, BOTH_KEYS },
	/* a cause that comes later, or not at all */
	{ "hrgeodn", BIT(INST), BOTH_KEYS },
	{ "nrgeodh", BIT(TLS2_1) | BIT(TLS2_2), BOTH_KEYS },
	{ "nhreogd", BIT(RA1) | BIT(RA2), BOTH_KEYS },
	{ "nhrgode", BIT(C2), BOTH_KEYS },
	/* one cause for two */
	{ "nhrgeodod", BIT(RA2) | BIT(C2), BOTH_KEYS },
	{ "nhrgeododge", BIT(RA2) | BIT(C2), BOTH_KEYS },
	{ "nhrrgeod", BIT(TLS2_2), BOTH_KEYS },
	{ "nhrgeodr", BIT(TLS2_2), BOTH_KEYS },
	{ "nhrgeodhr", 0, BOTH_KEYS },
	/* an excuse that comes before, later, or is one half of it */
	{ "nkod", BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "ntod", BIT(RA1) | BIT(RA2) | BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "nktod", 0, BOTH_KEYS },
	{ "nktrods", 0, BOTH_KEYS },
	{ "nkodt", BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "nod", BIT(RA1) | BIT(RA2) | BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "nodkt", BIT(RA1) | BIT(RA2) | BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "ntgod", BIT(TLS2_1) | BIT(C2), BOTH_KEYS },
	{ "ntgod", 0, TLS_KEY },
	{ "ngodt", BIT(TLS2_1) | BIT(C2), TLS_KEY },
	/* keys born outside, and data, in any order */
	{ "nhxrgeod", BIT(KEY), BOTH_KEYS },
	{ "nhrgeodx", BIT(KEY), BOTH_KEYS },
	{ "nhxrgekod", 0, BOTH_KEYS },
	{ "nhxrgeodk", BIT(KEY), BOTH_KEYS },
	{ "nhrgeodkx", 0, BOTH_KEYS },
	{ "as", BIT(DATA), BOTH_KEYS },
	{ "tsa", BIT(DATA), BOTH_KEYS },
	{ "tksa", 0, BOTH_KEYS },
	{ "tsak", BIT(DATA), BOTH_KEYS },
};

static void
test_judge(void)
{
	unsigned g;
	size_t i, k;

	for (i = 0; i < NITEMS(traces); i++) {
		memset(trace_broken, 0, sizeof(trace_broken));
		trace_begin(traces[i].excuse);
		for (k = 0; traces[i].trace[k] != '\0'; k++)
			emit(traces[i].trace[k]);
		trace_judge();
		for (g = 0; g < NGOALS; g++)
			T((trace_broken[g] > 0) == ((traces[i].broken &
			    BIT(g)) != 0), "%s: %s", traces[i].trace,
			    trace_goal((enum goal)g));
	}
}

#define TLS2	(BIT(TLS2_1) | BIT(TLS2_2))
#define C1	(BIT(C1A) | BIT(C1B) | BIT(C1C))
#define LOST	(TLS2 | BIT(C2) | BIT(DATA))	/* not the peer it must be */
#define CL	BIT(W_CLIENT)
#define SV	BIT(W_SERVER)
#define POST	((enum atls_family)0)
#define INTRA	ATLS_FAMILY_INTRA
#define TLS_A	ATLS_FAMILY_INSECURE_TLS_A

/* Each check that decides: with it no goal is lost, even if the others that
 * stand behind it are off; and without it exactly these. */
static const struct row {
	const char	*what;
	enum check	 c;		/* NCHECKS: nothing is off */
	unsigned	 others;
	enum move	 m;
	unsigned	 victims;
	enum atls_family family;
	unsigned	 goals;
} rows[] = {
	{ "exporter", CK_EXPORTER, 0, RELAY, CL | SV, POST, LOST | C1 },
	{ "exporter, rewritten", CK_EXPORTER, 0, REWRITE, CL | SV, POST,
	    TLS2 | BIT(C2) | BIT(C1C) },
	{ "report data", CK_REPORT_DATA, 0, RELAY, CL | SV, POST, LOST | C1 },
	{ "report data, again", CK_REPORT_DATA, 0, REPLAY, CL | SV, POST,
	    BIT(RA2) | BIT(C2) | BIT(DATA) },
	{ "context", CK_CONTEXT, BIT(CK_LAST), REPLAY, CL | SV, POST,
	    BIT(RA2) | BIT(C2) | BIT(DATA) },
	{ "the round before", CK_LAST, BIT(CK_CONTEXT), REPLAY, CL | SV, POST,
	    BIT(RA2) | BIT(C2) | BIT(DATA) },
#define CROSSED	(BIT(CK_EXPORTER) | BIT(CK_FINISHED) | BIT(CK_EA_SIGNATURE))
	{ "exporter, crossed", CK_EXPORTER, CROSSED, SWAP, CL | SV, POST,
	    C1 | BIT(C2) },
	{ "Finished", CK_FINISHED, CROSSED, SWAP, CL | SV, POST,
	    C1 | BIT(C2) },
	{ "signature, crossed", CK_EA_SIGNATURE, CROSSED, SWAP, CL | SV, POST,
	    C1 | BIT(C2) },
#define AGAIN	(BIT(CK_ECHO) | BIT(CK_TABLE) | BIT(CK_FINISHED) |	\
    BIT(CK_EA_SIGNATURE) | BIT(CK_LAST))
	{ "context echoed", CK_ECHO, AGAIN, RESEND, CL | SV, POST,
	    BIT(RA2) | BIT(C2) },
	{ "context spent", CK_TABLE, AGAIN, RESEND, CL | SV, POST,
	    BIT(RA2) | BIT(C2) },
	{ "Finished, again", CK_FINISHED, AGAIN, RESEND, CL | SV, POST,
	    BIT(RA2) | BIT(C2) },
	{ "signature, again", CK_EA_SIGNATURE, AGAIN, RESEND, CL | SV, POST,
	    BIT(RA2) | BIT(C2) },
	{ "the round before, again", CK_LAST, AGAIN, RESEND, CL | SV, POST,
	    BIT(RA2) | BIT(C2) },
#define MIRROR	(BIT(CK_DIRECTION) | BIT(CK_OWN_KEY) | BIT(CK_TABLE))
	{ "direction", CK_DIRECTION, MIRROR, REFLECT, CL | SV, POST, LOST },
	{ "own key", CK_OWN_KEY, MIRROR, REFLECT, CL | SV, POST, LOST },
	{ "own context", CK_TABLE, MIRROR, REFLECT, CL | SV, POST, LOST },
	{ "name", CK_NAME, 0, DIVERT, CL | SV, POST, TLS2 | BIT(C2) },
	{ "chain", CK_CHAIN, 0, ROGUE, CL | SV, POST, LOST },
	{ "signature", CK_EA_SIGNATURE, 0, IMPOSTOR, SV, POST,
	    BIT(TLS2_1) | BIT(C2) | BIT(DATA) },
	{ "one key", CK_ONE_KEY, 0, SPLIT, CL | SV, POST, LOST | BIT(KEY) },
	{ "key in evidence", CK_KEY, 0, AGENT, CL | SV, POST,
	    LOST | BIT(KEY) },
	{ "signature of evidence", CK_AK_SIGNATURE, 0, FORGE, CL | SV, POST,
	    LOST | BIT(RA1) | BIT(RA2) },
	{ "claims", CK_CLAIMS, 0, MEASURE, CL | SV, POST,
	    LOST | BIT(RA1) | BIT(RA2) },
	{ "instance", CK_INSTANCE, 0, REPLICA, CL | SV, POST, BIT(INST) },
#define READY	(BIT(CK_FIT) | BIT(CK_ZEROS))
	{ "handshake over", CK_FIT, READY, EARLY, CL | SV, POST, LOST | C1 },
	{ "exporter of nothing", CK_ZEROS, READY, EARLY, CL | SV, POST,
	    LOST | C1 },
	{ "gate", CK_GATE, 0, EXPOSE, CL | SV, POST, BIT(DATA) },
	/* in the handshake; where its end is rewritten, C1c is lost anyway */
	{ "transcript", CK_TRANSCRIPT, 0, RELAY, CL | SV, INTRA, LOST | C1 },
	{ "report data", CK_REPORT_DATA, 0, RELAY, CL | SV, INTRA,
	    LOST | C1 },
	{ "(none)", NCHECKS, 0, REWRITE, CL | SV, INTRA, BIT(C1C) },
	{ "floor of binding", CK_FLOOR, 0, FLOORED, CL | SV, INTRA,
	    BIT(C1C) },
	{ "own key", CK_OWN_KEY, 0, REFLECT, SV, INTRA, LOST },
	{ "named by TLS", CK_VERIFIED, 0, DIVERT, CL | SV, INTRA,
	    TLS2 | BIT(C2) },
	{ "named by TLS, at all", CK_VERIFIED, 0, ROGUE, CL | SV, INTRA,
	    LOST },
	{ "signature of evidence", CK_AK_SIGNATURE, 0, FORGE, CL | SV, INTRA,
	    LOST | BIT(RA1) | BIT(RA2) },
	{ "claims", CK_CLAIMS, 0, MEASURE, CL | SV, INTRA,
	    LOST | BIT(RA1) | BIT(RA2) },
	{ "instance", CK_INSTANCE, 0, REPLICA, CL | SV, INTRA, BIT(INST) },
	{ "key in evidence", CK_KEY, 0, AGENT, CL | SV, INTRA,
	    LOST | BIT(KEY) },
	/* what TLS-a does not give: its row of the models */
	{ "(none)", NCHECKS, 0, RELAY, CL | SV, TLS_A, C1 | BIT(DATA) },
};

/* One run of a row: it is lost what must be, and nothing else. */
static void
judge_row(const struct row *r, const struct plan *p, unsigned goals)
{
	unsigned g;

	(void)one(p, runs + (unsigned)(r - rows));
	for (g = 0; g < NGOALS; g++)
		T((trace_broken[g] > 0) == ((goals & BIT(g)) != 0),
		    "%s %s, %s, %s: %s %s", r->what, (off & BIT(r->c)) != 0 ?
		    "off" : "on", p->victim == W_CLIENT ? "client" :
		    "server", p->mutual ? "mutual" : "one way",
		    trace_goal((enum goal)g), trace_broken[g] > 0 ?
		    "is broken" : "is kept");
}

static void
test_rows(void)
{
	unsigned i, checks = 0, goals = 0;
	const struct row *r;

	for (r = rows; r < rows + NITEMS(rows); r++) {
		checks |= BIT(r->c);
		goals |= r->goals;
	}
	T(checks == BIT(NCHECKS + 1) - 1, "a check has no row");
	T(goals == BIT(NGOALS) - 1, "a goal was never lost");
	for (r = rows; r < rows + NITEMS(rows); r++)
		for (i = 0; i < 4 * RUNS_ROW; i++) {
			struct plan p = { .m = r->m, .victim = i % 2 == 0 ?
			    W_CLIENT : W_SERVER, .mutual = i / 2 % 2 == 1 ||
			    r->m == REFLECT, .family = r->family };

			if ((r->victims & BIT(p.victim)) == 0)
				continue;
			if (r->c != NCHECKS) {
				off = r->others & ~BIT(r->c);
				judge_row(r, &p, 0);
				off = r->others | BIT(r->c);
			}
			judge_row(r, &p, r->goals);
			off = 0;
		}
}

/* Of each two runs one is honest, or would be. */
static struct plan
plan(unsigned i)
{
	static const enum move attacks[] = { DIVERT, RELAY, EARLY, REWRITE,
	    FLOORED, REPLAY, SWAP, RESEND, REFLECT, FORGE, STOLEN, IMPOSTOR,
	    ROGUE, MEASURE, REPLICA, SPLIT, AGENT, EXPOSE };
	struct plan p = { .m = i % 4 == 0 ? HONEST : WEATHER };

	if (i % 2 != 0)
		p.m = attacks[i / 2 % NITEMS(attacks)];
	p.victim = p.m == IMPOSTOR || rnd(2) == 0 ? W_SERVER : W_CLIENT;
	p.mutual = p.m == REFLECT || rnd(2) == 0;
	/* what is like it in the handshake, but for C1c */
	if (rnd(4) == 0 && (p.m == HONEST || p.m == DIVERT || p.m == RELAY ||
	    p.m == FLOORED || p.m == FORGE || p.m == STOLEN || p.m == ROGUE ||
	    p.m == MEASURE || p.m == REPLICA || p.m == AGENT ||
	    (p.m == REFLECT && p.victim == W_SERVER)))
		p.family = ATLS_FAMILY_INTRA;
	return p;
}

/* The code as it is. */
static void
test_all(void)
{
	unsigned i, g, n;

	memset(trace_judged, 0, sizeof(trace_judged));
	for (i = 0; i < runs; i++) {
		struct plan p;
		bool fair;

		rnd_seed(base * 1000003 + runs + i);
		p = plan(i);
		fair = one(&p, i);
		for (g = 0; g < NGOALS; g++)
			T(trace_broken[g] == 0, "run %u, %s: %s is broken", i,
			    move_names[p.m], trace_goal((enum goal)g));
		T(p.m != HONEST || fair, "run %u: not open in the end", i);
		n = tap_accepted[0][p.victim];
		T(p.m == HONEST || p.m == WEATHER || n == (p.m == REPLAY ||
		    p.m == RESEND || p.m == STOLEN), "run %u, %s: %u "
		    "accepted", i, move_names[p.m], n);
	}
	/* nothing of this is said of nothing */
	for (g = 0; g < NGOALS; g++)
		T(trace_judged[g] >= runs, "%s: %u times",
		    trace_goal((enum goal)g), trace_judged[g]);
}

/* The same again is the same. */
static void
test_repeat(void)
{
	const struct plan p = { .m = WEATHER };
	uint64_t first;

	(void)one(&p, 1);
	first = trace_digest();
	(void)one(&p, 1);
	T(trace_digest() == first, "a run cannot be repeated");
	(void)one(&p, 2);
	T(trace_digest() != first, "two runs are one");
}

int
main(void)
{
	const char *s = getenv("ATLS_TRACE_SEED");
	const char *n = getenv("ATLS_TRACE_RUNS");

	if (s != NULL)
		base = strtoull(s, NULL, 0);
	if (n != NULL)
		runs = (unsigned)strtoul(n, NULL, 0);
	rnd_seed(base);
	world_init();
	moves_init();
	test_judge();
	test_repeat();
	test_all();
	test_rows();
	moves_done();
	world_done();
	printf("ATLS_TRACE_SEED=%llu\n", (unsigned long long)base);
	return t_end("t_trace");
}
