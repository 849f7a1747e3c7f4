/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation, and every call for crypto, of an attested connection
 * fails once in turn.  Nothing is accepted that should not be, nothing leaks,
 * and both ends know that it is over.
 */
#include <string.h>

#include "fault.h"
#include "t.h"
#include "world.h"

static const struct world_opts mutual = { .side = {
	[W_CLIENT] = { .attests = true, .policy = "peer required\n" },
	[W_SERVER] = { .attests = true, .policy = "peer required\n" } } };

/* The n-th call fails; true if it came to that. */
static bool
run(enum fault_family family, unsigned n, const char *what)
{
	struct world w;
	bool made, fired, open = false;
	int i;

	fault_set(FAULT_NONE, 0);
	made = world_open(&w, &mutual);
	T(made, "%s %u: no world", what, n);
	if (!made) {
		world_close(&w);
		return false;
	}
	/* from here on only the library is at work: world.c asks libcrypto for memory */
	fault_set(family, n);
	world_pump(&w);
	fired = fault_fired();
	fault_set(FAULT_NONE, 0);
	open = world_is_open(&w);
	T(open != fired, "%s %u: %s", what, n, open ? "open" : "shut");
	for (i = 0; i < 2 && fired; i++) {
		const struct atls_session *s = w.end[i].s;

		T(!atls_session_open(s), "%s %u: a gate is open", what, n);
		T(atls_session_error(s)->rc != ATLS_OK,
		    "%s %u: end %d has no reason", what, n, i);
	}
	world_close(&w);
	return fired;
}

static void
test_family(enum fault_family family, const char *what, unsigned least)
{
	unsigned n;

	for (n = 1; n < 2000 && run(family, n, what); n++)
		;
	T(n > least, "%s: %u calls", what, n - 1);
	T(n < 2000, "%s: never ended", what);
}

/* Making a session, a configuration: the n-th allocation fails. */
static void
test_making(void)
{
	struct atls_err err;
	struct atls_channel ch;
	struct atls_session *s;
	struct world w;
	unsigned n;
	bool fired = true;

	T(world_open(&w, &mutual), "open");
	ch = fake_channel(&w.net.client);
	for (n = 1; fired && n < 100; n++) {
		err = (struct atls_err){ 0 };
		fault_set(FAULT_MEM, n);
		s = atls_session_new(w.end[W_CLIENT].config, ATLS_CLIENT, &ch,
		    WORLD_NOW, &err);
		fired = fault_fired();
		fault_set(FAULT_NONE, 0);
		T((s == NULL) == fired, "allocation %u", n);
		T((err.rc == ATLS_E_MEM) == fired, "allocation %u: %s", n,
		    atls_rc_name(err.rc));
		atls_session_free(s);
	}
	T(n > 4, "%u allocations", n);
	world_close(&w);
}

int
main(void)
{
	world_init();
	test_making();
	test_family(FAULT_CRYPTO, "crypto", 20);
	test_family(FAULT_MEM, "memory", 15);
	world_done();
	return t_end("t_session_fault");
}
