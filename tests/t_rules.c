/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the session that no attack of t_attack.c stands on alone. */
#include <string.h>

#include <openssl/crypto.h>

#include "../src/crypto/crypto.h"
#include "../src/proto/shim.h"
#include "t.h"
#include "world.h"

#define HELLO_LEN	(ATLS_FRAME_HEADER + SHIM_HELLO_LEN)
#define REQUEST_CONTEXT	(HELLO_LEN + ATLS_FRAME_HEADER + 4 + 1)

static const struct world_opts mutual = { .side = {
	[W_CLIENT] = { .attests = true, .policy = "peer required\n" },
	[W_SERVER] = { .attests = true, .policy = "peer required\n" } } };

static void
ended(const struct world *w, enum world_side who, const char *what,
    enum atls_rc rc, const char *where)
{
	const struct atls_err *e = atls_session_error(w->end[who].s);

	T(!atls_session_open(w->end[who].s), "%s: open", what);
	T(e->rc == rc && e->where != NULL && strcmp(e->where, where) == 0,
	    "%s: %s %s", what, atls_rc_name(e->rc), e->where);
}

/* Puts octets in front of that side, in place of what was there. */
static void
put(struct world *w, enum world_side to, const uint8_t *p, size_t n)
{
	struct world_end *e = &w->end[to];

	OPENSSL_free(e->wire);
	e->wire = OPENSSL_malloc(n);
	memcpy(e->wire, p, n);
	e->wirelen = n;
}

/* The binder, computed here from its definition. */
static void
test_binder(void)
{
	static const enum atls_hash hashes[] = { ATLS_SHA256, ATLS_SHA384 };
	struct world_opts o = mutual;
	uint8_t exported[32], want[ATLS_HASH_MAX];
	struct atls_bytes part[2] = { { NULL, 0 }, ATLS_ARRAY(exported) };
	struct world_end *s;
	struct world w;
	size_t i;

	for (i = 0; i < NITEMS(hashes); i++) {
		o.hash = hashes[i];
		T(world_open(&w, &o), "open");
		s = &w.end[W_SERVER];
		world_collect(&w, W_CLIENT);
		fake_export(o.hash, w.net.server.secret, "Attestation",
		    (struct atls_bytes){ s->wire + REQUEST_CONTEXT, 32 },
		    exported, sizeof(exported));
		T(s->wire[REQUEST_CONTEXT] == ATLS_CLIENT, "role");
		part[0] = w.net.server.own_spki;
		T(crypto_hash(o.hash, part, 2, want) == ATLS_OK, "hash");
		world_deliver(&w, W_SERVER);
		T(atls_ct_eq(atls_session_report_data(s->s),
		    (struct atls_bytes){ want, crypto_hash_len(o.hash) }),
		    "binder of hash %zu", i);
		world_close(&w);
	}
}

/* Requests that an honest peer does not send: nothing is quoted for them. */
static void
test_requests(void)
{
	static const uint8_t full[] = { 1 };
	static const struct {
		const char		*what, *where;
		enum atls_rc		 rc;
		uint8_t			 role;
		struct atls_ea_ext	 ext;
	} cases[] = {
		{ "our own role", "request.context", ATLS_E_PEER, ATLS_CLIENT,
		    { ATLS_CODE_POINT, { NULL, 0 } } },
		{ "no role", "request.context", ATLS_E_PEER, 0,
		    { ATLS_CODE_POINT, { NULL, 0 } } },
		{ "an extension with content", "request.cmw_attestation",
		    ATLS_E_FORMAT, ATLS_SERVER, { ATLS_CODE_POINT,
		    { full, 1 } } },
		{ "another extension", "request.cmw_attestation",
		    ATLS_E_PEER, ATLS_SERVER, { 0xff78, { NULL, 0 } } },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		uint8_t context[32] = { cases[i].role, 9 }, buf[512];
		struct atls_buf b = { buf + HELLO_LEN + ATLS_FRAME_HEADER,
		    256, 0 };
		struct shim_hello h = { ATLS_SERVER, SHIM_ASKS_REQUIRED,
		    ATLS_STREAM_FRAMED, false };
		struct atls_channel ch;
		struct atls_ea *ea;
		struct world w;

		T(world_open(&w, &mutual), "open");
		ch = fake_channel(&w.net.server);
		ea = atls_ea_new(&ch, NULL);
		T(ea != NULL && atls_ea_request(ea, ATLS_ARRAY(context),
		    &cases[i].ext, 1, &b, NULL) == ATLS_OK, "request");
		shim_header_write(buf, SHIM_HELLO, 0, SHIM_HELLO_LEN);
		shim_hello_write(buf + ATLS_FRAME_HEADER, &h);
		shim_header_write(buf + HELLO_LEN, SHIM_REQUEST, 1,
		    (uint32_t)b.len);
		put(&w, W_CLIENT, buf, HELLO_LEN + ATLS_FRAME_HEADER + b.len);
		world_deliver(&w, W_CLIENT);
		T((atls_session_want(w.end[W_CLIENT].s) &
		    ATLS_WANT_EVIDENCE) == 0, "%s: is to be quoted",
		    cases[i].what);
		ended(&w, W_CLIENT, cases[i].what, cases[i].rc,
		    cases[i].where);
		atls_ea_free(ea);
		world_close(&w);
	}
}

/* The first frame, and who sends it. */
static void
test_hello(void)
{
	static const struct {
		const char	*what, *where;
		uint8_t		 role, times;
		bool		 offer_first;
	} cases[] = {
		{ "our own hello", "hello.role", ATLS_CLIENT, 1, false },
		{ "hello twice", "hello", ATLS_SERVER, 2, false },
		{ "an offer before it", "hello", ATLS_SERVER, 1, true },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		uint8_t buf[ATLS_FRAME_HEADER + 2 * HELLO_LEN], *p = buf;
		struct shim_hello h = { cases[i].role, SHIM_ASKS_NEVER,
		    ATLS_STREAM_FRAMED, false };
		struct world w;
		int k;

		T(world_open(&w, &mutual), "open");
		if (cases[i].offer_first) {
			shim_header_write(p, SHIM_OFFER, 0, 0);
			p += ATLS_FRAME_HEADER;
		}
		for (k = 0; k < cases[i].times; k++) {
			shim_header_write(p, SHIM_HELLO, 0, SHIM_HELLO_LEN);
			shim_hello_write(p + ATLS_FRAME_HEADER, &h);
			p += HELLO_LEN;
		}
		put(&w, W_CLIENT, buf, (size_t)(p - buf));
		world_deliver(&w, W_CLIENT);
		ended(&w, W_CLIENT, cases[i].what, ATLS_E_PEER,
		    cases[i].where);
		world_close(&w);
	}
}

/* Who has proven itself must go on doing so, also where it was optional. */
static void
test_once_proven(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer optional\n" },
	    [W_SERVER] = { .attests = true } } };
	struct world w;

	T(world_open(&w, &o), "open");
	world_pump(&w);
	T(world_is_open(&w) && atls_session_rounds(w.end[W_CLIENT].s) == 1,
	    "proven");
	w.o.side[W_SERVER].empty = true;
	T(atls_session_reattest(w.end[W_CLIENT].s) == ATLS_OK, "again");
	world_pump(&w);
	ended(&w, W_CLIENT, "no more", ATLS_E_REFUSED, "ea");
	world_close(&w);
}

/* An empty authenticator names nobody: optional evidence is no reason to
 * take a stranger. */
static void
test_stranger(void)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .policy = "peer optional\n" },
	    [W_SERVER] = { .attests = true, .empty = true } } };
	struct world w;

	T(world_open(&w, &o), "open");
	w.net.client.info.peer_verified = false;
	world_pump(&w);
	ended(&w, W_CLIENT, "a stranger", ATLS_E_REFUSED, "ea");
	world_close(&w);
}

/* On a raw stream nothing of ours comes behind the gate. */
static void
test_raw_end(void)
{
	struct world_opts o = mutual;
	struct world w;

	o.side[W_CLIENT].stream = o.side[W_SERVER].stream = ATLS_STREAM_RAW;
	T(world_open(&w, &o), "open");
	world_pump(&w);
	T(world_is_open(&w), "raw");
	T(atls_session_tick(w.end[W_CLIENT].s, WORLD_NOW + 400 * PKI_DAY) ==
	    ATLS_E_STALE, "its certificates have ended");
	T(atls_session_want(w.end[W_CLIENT].s) == ATLS_WANT_FAILED,
	    "nothing is written into the application's stream");
	world_close(&w);
}

/* Two rounds with one binder: something below us is wrong. */
static void
test_one_binder(void)
{
	struct world_opts o = mutual;
	struct world w;

	o.one_binder = true;
	T(world_open(&w, &o), "open");
	world_pump(&w);
	T(world_is_open(&w), "the first round cannot tell");
	T(atls_session_reattest(w.end[W_CLIENT].s) == ATLS_OK, "again");
	world_pump(&w);
	ended(&w, W_CLIENT, "the same binder", ATLS_E_BIND, "binder");
	world_close(&w);
}

int
main(void)
{
	world_init();
	test_binder();
	test_requests();
	test_hello();
	test_once_proven();
	test_one_binder();
	test_stranger();
	test_raw_end();
	world_done();
	return t_end("t_rules");
}
