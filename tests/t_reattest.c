/* SPDX-License-Identifier: Apache-2.0 */
/* Time: leases, re-attestation, patience; and data while it happens. */
#include <string.h>

#include "t.h"
#include "world.h"

#define BOTH(more, hold_) { .side = { \
	[W_CLIENT] = { .attests = true, .policy = "peer required\n", \
	    .block = more, .hold = hold_ }, \
	[W_SERVER] = { .attests = true, .policy = "peer required\n", \
	    .block = more, .hold = hold_ } } }

static bool
has(const struct world_end *e, const char *text)
{
	return e->datalen == strlen(text) &&
	    memcmp(e->data, text, e->datalen) == 0;
}

static const char *
where(const struct world *w, enum world_side s)
{
	const char *p = atls_session_error(w->end[s].s)->where;

	return p == NULL ? "" : p;
}

/* Asked by either side, on demand, many times, with data flowing. */
static void
test_on_demand(void)
{
	static const struct world_opts o = BOTH(NULL, false);
	uint8_t last[64];
	struct world w;
	int i, side;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	for (i = 0; i < 6; i++) {
		side = i % 2;
		world_tick(&w, i);
		memcpy(last, w.end[!side].report_data, sizeof(last));
		T(atls_session_reattest(w.end[side].s) == ATLS_OK, "%d", i);
		T(atls_session_reattest(w.end[side].s) == ATLS_E_STATE,
		    "%d: twice at once", i);
		T(world_is_open(&w), "%d: data flows meanwhile", i);
		T(world_send(&w, W_CLIENT, "c") && world_send(&w, W_SERVER,
		    "s"), "%d: send", i);
		world_pump(&w);
		T(world_is_open(&w), "%d: %s", i, where(&w, W_CLIENT));
		T(atls_session_rounds(w.end[side].s) == 2u +
		    (unsigned)i / 2, "%d: rounds", i);
		T(memcmp(last, w.end[!side].report_data, 32) != 0,
		    "%d: a fresh binder", i);
	}
	T(has(&w.end[W_SERVER], "cccccc") && has(&w.end[W_CLIENT], "ssssss"),
	    "all data arrived");
	world_close(&w);
}

/* hold: who waits sends nothing, and neither does who is asked. */
static void
test_hold(void)
{
	static const struct world_opts o = BOTH(NULL, true);
	struct world w;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	T(world_send(&w, W_SERVER, "under way"), "send");
	T(atls_session_reattest(w.end[W_CLIENT].s) == ATLS_OK, "ask");
	T(!world_send(&w, W_CLIENT, "x"), "who asks holds");
	world_collect(&w, W_CLIENT);
	world_deliver(&w, W_SERVER);
	T(!world_send(&w, W_SERVER, "x"), "who is asked holds");
	world_pump(&w);
	T(has(&w.end[W_CLIENT], "under way"), "what was under way came");
	T(world_is_open(&w), "and then it flows");
	world_close(&w);
}

/* A lease: asked again at two thirds, ended at the end. */
static void
test_lease(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer required\n",
	    .block = "max-age 90s\n" },
	    [W_SERVER] = { .attests = true } } };
	struct world w;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	T(world_is_open(&w), "open: %s", where(&w, W_CLIENT));
	T(atls_session_deadline(w.end[W_CLIENT].s) == WORLD_NOW + 60,
	    "at two thirds");
	world_tick(&w, 59);
	world_pump(&w);
	T(atls_session_rounds(w.end[W_CLIENT].s) == 1, "not yet");
	world_tick(&w, 60);
	world_tick(&w, 40);		/* time does not go back */
	world_pump(&w);
	T(atls_session_rounds(w.end[W_CLIENT].s) == 2, "asked again");
	T(atls_session_deadline(w.end[W_CLIENT].s) == WORLD_NOW + 120,
	    "and the lease is new");
	/* now the server is silent */
	world_tick(&w, 120);
	world_collect(&w, W_CLIENT);
	w.end[W_SERVER].wirelen = 0;
	T(world_is_open(&w), "an old verdict holds for its lease");
	world_tick(&w, 149);
	T(atls_session_open(w.end[W_CLIENT].s), "to the last second");
	world_tick(&w, 150);
	T(!atls_session_open(w.end[W_CLIENT].s) &&
	    atls_session_result(w.end[W_CLIENT].s)->verdict ==
	    ATLS_VERDICT_REJECT, "and no longer");
	T(!world_send(&w, W_CLIENT, "x"), "no data");
	world_close(&w);
}

/* The lease ends before an answer that comes in time for nothing. */
static void
test_lease_end(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer required\n",
	    .block = "max-age 20s\n" },
	    [W_SERVER] = { .attests = true } } };
	struct world w;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	world_tick(&w, 14);
	world_collect(&w, W_CLIENT);
	world_deliver(&w, W_SERVER);
	world_tick(&w, 20);
	T(atls_session_error(w.end[W_CLIENT].s)->rc == ATLS_E_STALE &&
	    strcmp(where(&w, W_CLIENT), "lease") == 0, "%s",
	    where(&w, W_CLIENT));
	world_pump(&w);
	T(!atls_session_open(w.end[W_CLIENT].s), "late evidence opens nothing");
	T(atls_session_error(w.end[W_SERVER].s)->rc == ATLS_E_ALERT,
	    "the other is told");
	world_close(&w);
}

static const struct world_opts periodic = { .side = {
	[W_CLIENT] = { .policy = "peer required\n", .reattest = 5 },
	[W_SERVER] = { .attests = true } } };

static void
test_periodic(void)
{
	struct world w;
	int i;

	T(world_open(&w, &periodic), "open");
	world_pump(&w);
	for (i = 1; i <= 20; i++) {
		world_tick(&w, i);
		world_pump(&w);
		T(atls_session_rounds(w.end[W_CLIENT].s) == 1u +
		    (unsigned)i / 5, "after %d s: %u rounds", i,
		    atls_session_rounds(w.end[W_CLIENT].s));
	}
	/* the machine changes: the next round finds out */
	w.end[W_SERVER].tpm.other = 1 << 4;
	world_tick(&w, 25);
	world_pump(&w);
	T(!world_is_open(&w), "changed");
	T(strcmp(where(&w, W_CLIENT), "tpm.pcr.sha256.4") == 0, "%s",
	    where(&w, W_CLIENT));
	world_close(&w);
}

/* "Ask me again": by the side that has something to show. */
static void
test_offer(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer required\n" },
	    [W_SERVER] = { .attests = true } } };
	struct world w;

	T(world_open(&w, &o), "open");
	T(atls_session_offer(w.end[W_SERVER].s) == ATLS_E_STATE, "too early");
	world_pump(&w);
	T(atls_session_offer(w.end[W_CLIENT].s) == ATLS_E_STATE,
	    "by who proved nothing");
	T(atls_session_offer(w.end[W_SERVER].s) == ATLS_OK, "offer");
	world_pump(&w);
	T(world_is_open(&w) && atls_session_rounds(w.end[W_CLIENT].s) == 2,
	    "a second round");
	/* two offers while one round is on are one */
	T(atls_session_offer(w.end[W_SERVER].s) == ATLS_OK &&
	    atls_session_offer(w.end[W_SERVER].s) == ATLS_OK, "twice");
	world_pump(&w);
	T(world_is_open(&w) && atls_session_rounds(w.end[W_CLIENT].s) == 3,
	    "%u rounds", atls_session_rounds(w.end[W_CLIENT].s));
	world_close(&w);
}

/* A relying side that asks without end is refused. */
static void
test_rate(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer required\n" },
	    [W_SERVER] = { .attests = true } } };
	struct world w;
	int i;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	for (i = 0; i < 8 && world_is_open(&w); i++) {
		(void)!atls_session_reattest(w.end[W_CLIENT].s);
		world_pump(&w);
	}
	T(!world_is_open(&w) && strcmp(where(&w, W_SERVER),
	    "request.rate") == 0, "%s", where(&w, W_SERVER));
	T(w.end[W_SERVER].quotes == 4, "%u quotes", w.end[W_SERVER].quotes);
	world_close(&w);
}

/* Who is silent, when, and after how long that is the end. */
static void
test_patience(void)
{
	static const struct {
		const char	*what, *where;
		int		 turns;		/* deliveries that still work */
		enum world_side	 waits;
		int		 sec;
	} cases[] = {
		{ "no hello", "a.start", 0, W_SERVER, 10 },
		{ "no hello to the client", "a.start", 0, W_CLIENT, 10 },
		{ "no request", "a.idle", -1, W_SERVER, 10 },
		{ "no authenticator", "r.asked", 1, W_CLIENT, 30 },
		{ "no verdict of ours", "r.appraise", 3, W_CLIENT, 30 },
		{ "no evidence of ours", "a.evidence", 1, W_SERVER, 30 },
		{ "no result", "a.sent", 2, W_SERVER, 30 },
	};
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer required\n" },
	    [W_SERVER] = { .attests = true } } };
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct world w;
		struct world_end *s = &w.end[W_SERVER];

		T(world_open(&w, &o), "open");
		world_collect(&w, W_CLIENT);
		if (cases[i].turns == -1)
			s->wirelen = 20;	/* its hello only */
		if (cases[i].turns != 0)
			world_deliver(&w, W_SERVER);
		if (cases[i].turns >= 1) {
			world_collect(&w, W_SERVER);
			world_deliver(&w, W_CLIENT);
		}
		if (cases[i].turns >= 2) {
			uint8_t raw[TPM_MAKE_MAX];
			struct atls_buf out = { raw, sizeof(raw), 0 };

			tpm_make(&s->tpm, atls_session_report_data(s->s),
			    s->leaf.key, &out);
			T(atls_session_give_evidence(s->s, (struct atls_bytes){
			    raw, out.len }) == ATLS_OK, "%s", cases[i].what);
		}
		if (cases[i].turns >= 3) {
			world_collect(&w, W_SERVER);
			world_deliver(&w, W_CLIENT);
		}
		world_tick(&w, cases[i].sec - 1);
		T((atls_session_want(w.end[cases[i].waits].s) &
		    ATLS_WANT_FAILED) == 0, "%s: too soon", cases[i].what);
		world_tick(&w, cases[i].sec);
		T(atls_session_error(w.end[cases[i].waits].s)->rc ==
		    ATLS_E_TIMEOUT && strcmp(where(&w, cases[i].waits),
		    cases[i].where) == 0, "%s: %s", cases[i].what,
		    where(&w, cases[i].waits));
		T(!world_is_open(&w), "%s", cases[i].what);
		world_close(&w);
	}
}

int
main(void)
{
	world_init();
	test_on_demand();
	test_hold();
	test_lease();
	test_lease_end();
	test_periodic();
	test_offer();
	test_rate();
	test_patience();
	world_done();
	return t_end("t_reattest");
}
