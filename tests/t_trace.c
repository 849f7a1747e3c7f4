/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions in random weather, judged by the goals of formal/.  The events have
 * the names and arguments of the models; they are seen where the linker lets a
 * test stand between two files of the library, so that nothing of this is in
 * it.  Then checks are switched off, and the goal that needs each must fail.
 *
 * A connection here has no TLS: of its secrets the library asks the exporter
 * only.  The (EC)DHE secret and the traffic secrets are numbers beside it.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../src/crypto/crypto.h"
#include "../src/proto/accept.h"
#include "../src/proto/binder.h"
#include "t.h"
#include "trace.h"
#include "world.h"

#define RUNS		2000		/* on the code as it is */
#define RUNS_OFF	60		/* with one check off */

/* Which check is off. */
enum off { NOTHING, NO_EXPORTER, NO_CONTEXT, NO_NAME, NO_SIGNATURE };

static enum off off;
static unsigned done, refused;
static uint64_t seed = 1;

/* The two connections of a run; who of their ends is the attacker. */
#define NWORLDS		2
static struct world *world[NWORLDS];
static bool hostile[NWORLDS][2];

/* What genuine machines quoted, and what the attacker shows. */
static struct {
	uint8_t	raw[TPM_MAKE_MAX];
	size_t	len;
} quote[16], shown;
static size_t nquotes;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static uint64_t
hash_text(const char *s)
{
	return trace_hash((struct atls_bytes){ (const uint8_t *)s, strlen(s) });
}

/* Evidence is what it has inside: the same in another wrap is the same. */
static uint64_t
statement(struct atls_bytes ext)
{
	size_t i, at;

	for (i = 0; i < nquotes; i++)
		for (at = 0; at + quote[i].len <= ext.len; at++)
			if (memcmp(ext.p + at, quote[i].raw,
			    quote[i].len) == 0)
				return trace_hash((struct atls_bytes){
				    quote[i].raw, quote[i].len });
	return trace_hash(ext);
}

static uint64_t
ak_of(const struct world *w, enum world_side side)
{
	char pin[TPM_MAKE_PIN];

	tpm_make_pin(&w->end[side].tpm, pin);
	return hash_text(pin);
}

static uint64_t
key_of(const struct world *w, enum world_side side)
{
	return trace_hash(side == W_CLIENT ? w->net.client.own_spki :
	    w->net.server.own_spki);
}

static uint64_t
name_of(enum world_side side)
{
	return hash_text(side == W_CLIENT ? "client.example" :
	    "server.example");
}

static uint64_t
wanted(const struct world *w, enum world_side me)
{
	return w->o.side[me].expects != NULL ?
	    hash_text(w->o.side[me].expects) : name_of(!me);
}

/* A verdict: R_Ok and R_Done. */
enum atls_verdict __real_accept_peer(const struct accept_in *,
		    struct atls_result *, bool *, struct atls_buf *);
enum atls_verdict __wrap_accept_peer(const struct accept_in *,
		    struct atls_result *, bool *, struct atls_buf *);

enum atls_verdict
__wrap_accept_peer(const struct accept_in *in, struct atls_result *out,
    bool *absent, struct atls_buf *binder)
{
	struct accept_in mine = *in;
	uint64_t st = 0, ak, key;
	enum atls_verdict v;
	unsigned me;
	size_t i, w;

	if (off == NO_CONTEXT)
		mine.last = (struct atls_bytes){ NULL, 0 };
	v = __real_accept_peer(&mine, out, absent, binder);
	for (w = 0; w < NWORLDS; w++)
		for (me = 0; me < 2; me++) {
			if (world[w]->end[me].config != in->config ||
			    hostile[w][me])
				continue;
			if (v != ATLS_VERDICT_ACCEPT) {
				refused++;
				continue;
			}
			for (i = 0; i < in->auth->next; i++)
				st = statement(in->auth->ext[i].data);
			ak = hash_text(out->instance);
			EMIT(R_Ok, ak, st);
			key = trace_hash(me == W_CLIENT ?
			    world[w]->net.client.peer_spki :
			    world[w]->net.server.peer_spki);
			EMIT(R_Done, wanted(world[w], me), key, ak, w,
			    trace_hash(in->auth->context), st);
			done++;
		}
	return v;
}

/* An authenticator leaves: A_Ev, if its maker is no attacker. */
enum atls_rc	__real_atls_ea_authenticate(struct atls_ea *,
		    const struct atls_ea_request *, struct atls_bytes,
		    const struct atls_identity *, const struct atls_ea_ext *,
		    size_t, struct atls_buf *, struct atls_err *);
enum atls_rc	__wrap_atls_ea_authenticate(struct atls_ea *,
		    const struct atls_ea_request *, struct atls_bytes,
		    const struct atls_identity *, const struct atls_ea_ext *,
		    size_t, struct atls_buf *, struct atls_err *);

enum atls_rc
__wrap_atls_ea_authenticate(struct atls_ea *ea,
    const struct atls_ea_request *req, struct atls_bytes context,
    const struct atls_identity *id, const struct atls_ea_ext *ext, size_t n,
    struct atls_buf *out, struct atls_err *err)
{
	unsigned me;
	size_t w;

	for (w = 0; w < NWORLDS; w++)
		for (me = 0; me < 2; me++)
			if (world[w]->end[me].id == id && !hostile[w][me])
				EMIT(A_Ev, name_of(me), key_of(world[w], me),
				    ak_of(world[w], me), w,
				    trace_hash(req->context),
				    statement(ext[0].data));
	return __real_atls_ea_authenticate(ea, req, context, id, ext, n, out,
	    err);
}

/* The binder without the connection, or without the request. */
enum atls_rc	__real_binder_compute(const struct atls_channel *,
		    enum atls_hash, struct atls_bytes, struct atls_bytes,
		    uint8_t *, size_t *, struct atls_err *);
enum atls_rc	__wrap_binder_compute(const struct atls_channel *,
		    enum atls_hash, struct atls_bytes, struct atls_bytes,
		    uint8_t *, size_t *, struct atls_err *);

enum atls_rc
__wrap_binder_compute(const struct atls_channel *ch, enum atls_hash alg,
    struct atls_bytes context, struct atls_bytes spki, uint8_t *out,
    size_t *outlen, struct atls_err *err)
{
	struct atls_bytes part[2] = { spki, context };
	static const uint8_t same[32];

	if (off == NO_CONTEXT)
		context = ATLS_ARRAY(same);
	if (off != NO_EXPORTER)
		return __real_binder_compute(ch, alg, context, spki, out,
		    outlen, err);
	*outlen = crypto_hash_len(alg);
	return crypto_hash(alg, part, 2, out);
}

/* The chain without the name; signatures that nobody looks at. */
enum atls_rc	__real_crypto_chain_verify(struct crypto_chain *,
		    struct atls_trust *, unsigned, const char *, int64_t,
		    int64_t *, const char *, struct atls_err *);
enum atls_rc	__wrap_crypto_chain_verify(struct crypto_chain *,
		    struct atls_trust *, unsigned, const char *, int64_t,
		    int64_t *, const char *, struct atls_err *);
enum atls_rc	__real_crypto_verify(const struct crypto_key *, unsigned,
		    struct atls_bytes, struct atls_bytes);
enum atls_rc	__wrap_crypto_verify(const struct crypto_key *, unsigned,
		    struct atls_bytes, struct atls_bytes);

enum atls_rc
__wrap_crypto_chain_verify(struct crypto_chain *c, struct atls_trust *trust,
    unsigned peer, const char *name, int64_t now, int64_t *until,
    const char *where, struct atls_err *err)
{
	return __real_crypto_chain_verify(c, trust, peer, off == NO_NAME ?
	    "server.example" : name, now, until, where, err);
}

enum atls_rc
__wrap_crypto_verify(const struct crypto_key *key, unsigned scheme,
    struct atls_bytes msg, struct atls_bytes sig)
{
	return off == NO_SIGNATURE ? ATLS_OK :
	    __real_crypto_verify(key, scheme, msg, sig);
}

/* Evidence: of the machine, or what the attacker has at hand. */
static size_t
oracle(struct world *w, enum world_side me, struct atls_bytes rd,
    uint8_t *out, size_t cap)
{
	struct atls_buf b = { out, cap, 0 };
	size_t which = w == world[0] ? 0 : 1;

	if (hostile[which][me]) {
		memcpy(out, shown.raw, shown.len);
		return shown.len;
	}
	if (nquotes == NITEMS(quote))
		return 0;
	tpm_make(&w->end[me].tpm, rd, w->end[me].leaf.key, &b);
	memcpy(quote[nquotes].raw, out, b.len);
	quote[nquotes++].len = b.len;
	EMIT(Gen, ak_of(w, me), trace_hash((struct atls_bytes){ out, b.len }));
	return b.len;
}

/* Connection number w, with secrets that follow from its numbers. */
static void
connect_ends(struct world *w, size_t which, const struct world_opts *o,
    struct ses s, bool attacker)
{
	unsigned me;
	size_t i;
	uint8_t secret[48];

	T(world_open(w, o), "open");
	world[which] = w;
	trace_ses((unsigned)which, s);
	for (i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(s.gxy * 31 + s.htsc * 7 + s.atsc + i);
	memcpy(w->net.client.secret, secret, sizeof(secret));
	memcpy(w->net.server.secret, secret, sizeof(secret));
	w->oracle = oracle;
	hostile[which][W_CLIENT] = false;
	hostile[which][W_SERVER] = attacker;
	for (me = 0; me < 2; me++) {
		if (!hostile[which][me])
			EMIT(A_Hs, name_of(me), key_of(w, me), which);
		else
			EMIT(LeakedLTK, key_of(w, me));
		if (o->side[me].policy != NULL)
			EMIT(R_Hs, wanted(w, me), key_of(w, !me), which);
	}
}

static void
show(const uint8_t *p, size_t n)
{
	memcpy(shown.raw, p, n);
	shown.len = n;
}

/* More rounds on a connection. */
static void
again(struct world *w)
{
	unsigned n = (unsigned)rnd(3);

	while (n-- > 0) {
		world_tick(w, (int64_t)rnd(100));
		(void)!atls_session_reattest(w->end[rnd(2)].s);
		world_pump(w);
	}
}

/* The request that the victim sent, to a genuine server as well: what it
 * quotes is what the attacker shows. */
static void
relay(struct world *victim, struct world *genuine)
{
	struct world_end *to = &genuine->end[W_SERVER];
	struct world_end *from = &victim->end[W_SERVER];

	world_collect(genuine, W_CLIENT);
	world_collect(victim, W_CLIENT);
	OPENSSL_free(to->wire);
	to->wire = OPENSSL_memdup(from->wire, from->wirelen);
	to->wirelen = from->wirelen;
	world_pump(genuine);
	if (nquotes > 0)
		show(quote[nquotes - 1].raw, quote[nquotes - 1].len);
	world_pump(victim);
}

/* The first round is genuine; then the attacker has the server's keys and
 * shows what he has seen. */
static void
replay(struct world *w)
{
	world_pump(w);
	if (nquotes == 0)
		return;
	show(quote[0].raw, quote[0].len);
	hostile[0][W_SERVER] = true;
	EMIT(LeakedLTK, key_of(w, W_SERVER));
	(void)!atls_session_reattest(w->end[W_CLIENT].s);
	world_pump(w);
}

/* Evidence of the attacker's own making: with a stolen AK, or without. */
static void
forge(struct world *w, bool stolen)
{
	struct tpm_make_opts o = w->end[W_SERVER].tpm;
	struct atls_buf b = { shown.raw, sizeof(shown.raw), 0 };

	if (stolen)
		EMIT(LeakedAK, ak_of(w, W_SERVER));
	else
		o.fault = rnd(2) == 0 ? TPM_BAD_SIG_KAT : TPM_BAD_SIG_PAT;
	world_collect(w, W_CLIENT);
	world_deliver(w, W_SERVER);
	tpm_make(&o, atls_session_report_data(w->end[W_SERVER].s),
	    w->end[W_SERVER].leaf.key, &b);
	shown.len = b.len;
	world_pump(w);
}

static void
spoil(struct world *w, enum world_side from, uint8_t *p, size_t *n)
{
	(void)w;
	(void)from;
	if (rnd(3) == 0)
		p[rnd(*n)] ^= (uint8_t)(1 << rnd(8));
}

enum move { HONEST, SPOIL, DIVERT, RELAY, REWRITE, REPLAY, FORGE, STOLEN,
    NMOVES };

static void
run(enum move m)
{
	static struct world a, b;
	struct world_opts o = { .side = {
		[W_CLIENT] = { .policy = "peer required\n" },
		[W_SERVER] = { .attests = true } },
		.chunk = rnd(2) == 0 ? 0 : 1 + rnd(300),
		.hash = rnd(2) == 0 ? ATLS_SHA256 : ATLS_SHA384 };
	bool one_way = m != HONEST && m != SPOIL;
	struct ses s = { 1, 1, 1 }, t = { 2, 2, 2 };

	if (!one_way && rnd(2) == 0)
		o.side[W_CLIENT].attests = true;
	if (!one_way && o.side[W_CLIENT].attests)
		o.side[W_SERVER].policy = "peer required\n";
	if (m == DIVERT)
		o.side[W_CLIENT].expects = "other.example";
	if (m == REWRITE)
		t = (struct ses){ 1, 1, 2 };
	trace_begin();
	nquotes = 0;
	connect_ends(&a, 0, &o, s, m >= RELAY && m != REPLAY);
	connect_ends(&b, 1, &o, t, false);
	if (m == SPOIL)
		a.wiretap = spoil;
	switch (m) {
	case HONEST: case SPOIL: case DIVERT:
		world_pump(&a);
		again(&a);
		break;
	case RELAY: case REWRITE:
		relay(&a, &b);
		break;
	case REPLAY:
		replay(&a);
		break;
	case FORGE: case STOLEN:
		forge(&a, m == STOLEN);
		break;
	case NMOVES:
		break;
	}
	trace_judge();
	if (m == HONEST)
		T(world_is_open(&a), "an honest run reaches its end");
	world_close(&a);
	world_close(&b);
}

/* The goals of runs with a check off that must not be kept, by that check. */
static void
test_off(enum off what, enum move move, const char *name, unsigned goals)
{
	unsigned i;

	memset(trace_broken, 0, sizeof(trace_broken));
	off = what;
	for (i = 0; i < RUNS_OFF; i++)
		run(move);
	off = NOTHING;
	for (i = 0; i < NGOALS; i++)
		T((trace_broken[i] > 0) == ((goals >> i & 1) != 0),
		    "%s off: %s %s", name, trace_goal((enum goal)i),
		    trace_broken[i] > 0 ? "is broken" : "is kept");
}

int
main(void)
{
	unsigned i, accepted[NMOVES] = { 0 };

	world_init();
	for (i = 0; i < RUNS; i++) {
		unsigned before = done;
		enum move m = (enum move)(i % NMOVES);

		run(m);
		accepted[m] += done - before;
	}
	for (i = 0; i < NGOALS; i++)
		T(trace_broken[i] == 0, "%s: broken %u times",
		    trace_goal((enum goal)i), trace_broken[i]);
	/* nothing of this is said of nothing */
	T(accepted[HONEST] >= RUNS / NMOVES, "%u", accepted[HONEST]);
	T(accepted[STOLEN] == RUNS / NMOVES, "%u: goals are excused, not "
	    "lost", accepted[STOLEN]);
	T(accepted[REPLAY] == RUNS / NMOVES, "%u: the first round only",
	    accepted[REPLAY]);
	T(accepted[DIVERT] + accepted[RELAY] + accepted[REWRITE] +
	    accepted[FORGE] == 0, "an attack was accepted");
	T(refused >= RUNS / NMOVES * 4, "%u verdicts against", refused);

	test_off(NO_EXPORTER, RELAY, "exporter", 1u << TLS2_1 | 1u << TLS2_2 |
	    1u << C1A | 1u << C1B | 1u << C1C | 1u << C2);
	test_off(NO_EXPORTER, REWRITE, "exporter, rewritten", 1u << TLS2_1 |
	    1u << TLS2_2 | 1u << C1C | 1u << C2);
	test_off(NO_CONTEXT, REPLAY, "context", 1u << RA2 | 1u << C2);
	test_off(NO_NAME, DIVERT, "name", 1u << TLS2_1 | 1u << TLS2_2 |
	    1u << C2);
	test_off(NO_SIGNATURE, FORGE, "signature", 1u << RA1 | 1u << RA2 |
	    1u << TLS2_1 | 1u << TLS2_2 | 1u << C2);
	world_done();
	return t_end("t_trace");
}
