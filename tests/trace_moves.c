/* SPDX-License-Identifier: Apache-2.0 */
/* What an attacker does, with a session of the library for his tool. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../src/proto/shim.h"
#include "trace_moves.h"

const char *const move_names[NMOVES] = { "honest", "weather", "divert",
    "relay", "early", "rewrite", "floored", "replay", "swap", "resend",
    "reflect", "forge", "stolen", "impostor", "rogue", "measure", "replica",
    "split", "agent", "expose" };

static void
move_wire(struct world_end *from, struct world_end *to)
{
	OPENSSL_free(to->wire);
	to->wire = from->wire;
	to->wirelen = from->wirelen;
	from->wire = NULL;
	from->wirelen = 0;
}

/* What the victim asked, to a genuine peer as well: what that quotes is what
 * the attacker shows. */
static void
relay(struct link *a, struct link *b, enum world_side v)
{
	struct world_end *to = &b->w.end[!v], *from = &a->w.end[!v];

	if (a->w.o.family == 0) {
		world_collect(&b->w, v);
		world_collect(&a->w, v);
		move_wire(from, to);
		from->wire = OPENSSL_memdup(to->wire, to->wirelen);
		from->wirelen = to->wirelen;
	}
	link_take(a, !v);
	link_go(b);
	link_show(b, !v);
	link_go(a);
}

/* The first round is genuine. */
static void
replay(struct link *a, enum world_side v)
{
	link_go(a);
	link_take(a, !v);
	link_show(a, !v);
	(void)!atls_session_reattest(a->w.end[v].s);
	link_go(a);
}

/* Both ends of two connections: each talks to the other's. */
static void
swap(struct link *a, struct link *b)
{
	struct link *l[2] = { a, b };
	struct world_end no;
	int i, k;

	for (i = 0; i < 8; i++) {
		for (k = 0; k < 4; k++)
			world_collect(&l[k / 2]->w, (enum world_side)(k % 2));
		for (k = 0; k < 2; k++) {
			no = (struct world_end){ .wire = NULL };
			move_wire(&a->w.end[k], &no);
			move_wire(&b->w.end[k], &a->w.end[k]);
			move_wire(&no, &b->w.end[k]);
		}
		for (k = 0; k < 4; k++)
			(void)world_turn(&l[k / 2]->w,
			    (enum world_side)(k % 2));
	}
}

/* Where the first frame of that type is on its way to that end; SIZE_MAX. */
static size_t
find_frame(const struct world_end *e, enum shim_type type,
    struct shim_frame *f)
{
	size_t at = 0;

	while (at + ATLS_FRAME_HEADER <= e->wirelen &&
	    shim_header_read(e->wire + at, f, NULL) == ATLS_OK) {
		if (f->type == type && at + ATLS_FRAME_HEADER + f->length <=
		    e->wirelen)
			return at;
		at += ATLS_FRAME_HEADER + f->length;
	}
	return SIZE_MAX;
}

/* Nobody has a key; the first answer is given again, to the second request. */
static void
resend(struct link *a, enum world_side v)
{
	struct world_end *e = &a->w.end[v];
	struct shim_frame f;
	uint8_t *kept = NULL;
	size_t at, n = 0;
	int i;

	for (i = 0; i < 8; i++) {
		(void)world_turn(&a->w, !v);
		world_collect(&a->w, !v);
		at = find_frame(e, SHIM_AUTHENTICATOR, &f);
		if (at != SIZE_MAX && kept == NULL) {
			n = ATLS_FRAME_HEADER + f.length;
			kept = OPENSSL_memdup(e->wire + at, n);
		} else if (at != SIZE_MAX) {
			OPENSSL_free(e->wire);
			e->wire = OPENSSL_memdup(kept, n);
			e->wirelen = n;
			shim_header_write(e->wire, SHIM_AUTHENTICATOR, f.id,
			    (uint32_t)n - ATLS_FRAME_HEADER);
		}
		(void)world_turn(&a->w, v);
		if (i == 4)
			(void)!atls_session_reattest(e->s);
	}
	OPENSSL_free(kept);
}

/* Its answer number id was good. */
static void
praise(struct world_end *e, uint16_t id)
{
	const struct shim_result good = { SHIM_ACCEPTED, ATLS_CLASS_OK, 0 };
	uint8_t *p = OPENSSL_malloc(ATLS_FRAME_HEADER + SHIM_RESULT_LEN);

	if (p == NULL)
		abort();
	shim_header_write(p, SHIM_RESULT, id, SHIM_RESULT_LEN);
	shim_result_write(p + ATLS_FRAME_HEADER, &good);
	OPENSSL_free(e->wire);
	e->wire = p;
	e->wirelen = ATLS_FRAME_HEADER + SHIM_RESULT_LEN;
}

/* The victim's own request, as if of its peer; in a handshake, the evidence
 * that the victim has just shown. */
static void
reflect(struct link *a, enum world_side v)
{
	struct world_end *me = &a->w.end[v], *he = &a->w.end[!v];
	struct shim_frame f, g;
	size_t from, to;

	link_take(a, !v);
	if (a->w.o.family != 0) {
		attacker.how = SHOWS_THEIRS;
		link_go(a);
		return;
	}
	world_collect(&a->w, v);
	world_collect(&a->w, !v);
	from = find_frame(he, SHIM_REQUEST, &f);
	to = find_frame(me, SHIM_REQUEST, &g);
	if (from == SIZE_MAX || to == SIZE_MAX || f.length != g.length)
		abort();
	memcpy(me->wire + to + ATLS_FRAME_HEADER + 1, he->wire + from +
	    ATLS_FRAME_HEADER + 1, f.length - 1);	/* all but its type */
	(void)world_turn(&a->w, v);
	/* what it answers goes no further, and is praised */
	to = he->wirelen;
	world_collect(&a->w, v);
	he->wirelen = to;
	link_show(a, v);
	praise(me, g.id);
	link_go(a);
}

static enum atls_rc
scrawl(void *key, uint16_t scheme, struct atls_bytes tbs, struct atls_buf *sig,
    struct atls_err *err)
{
	(void)key;
	(void)scheme;
	(void)tbs;
	(void)err;
	sig->len = 70;
	memset(sig->p, 0x30, sig->len);
	return ATLS_OK;
}

/* Evidence of the attacker's own making. */
static void
forge(struct link *a, enum world_side v, enum move m)
{
	struct world_end *he = &a->w.end[!v];

	attacker.how = SHOWS_MADE;
	attacker.tpm = he->tpm;
	if (m == FORGE)
		attacker.tpm.fault = rnd(2) == 0 ? TPM_BAD_SIG_KAT :
		    TPM_BAD_SIG_PAT;
	else if (m == MEASURE)
		attacker.tpm.other = 1u << rnd(8);
	else
		EMIT(LeakedAK, tap_ak(he->tpm.ak));
	if (m == IMPOSTOR)
		he->id->sign = scrawl;
	if (m == ROGUE)
		EMIT(Outside, tap_key(&he->leaf));
	if (m == IMPOSTOR || m == ROGUE)
		a->hostile[!v] = true;
	else
		link_take(a, !v);
	link_go(a);
}

/* A key outside, for which a machine quotes that holds another. */
static void
outside(struct link *a, enum world_side v, EVP_PKEY *inside)
{
	uint64_t key = tap_key(&made.outside[!v]);

	a->hostile[!v] = true;
	EMIT(Outside, key);
	EMIT(LeakedLTK, key);
	attacker.how = SHOWS_QUOTE;
	attacker.aik = inside;
	link_go(a);
}

/* How the connection that is attacked differs from others. */
static struct link *
target(const struct plan *p)
{
	struct world_opts o = link_opts(p);
	struct world_side_opts *he = &o.side[!p->victim];
	struct link *a = &links[nlinks];

	if (p->m == DIVERT)
		o.side[p->victim].expects = "other.example";
	if (p->m == REFLECT)
		o.same_key = o.same_ak = true;
	if (p->m == ROGUE) {
		he->leaf = &made.rogue[!p->victim].leaf;
		he->chain = made.rogue[!p->victim].chain;
	}
	if (p->m == AGENT) {
		he->leaf = &made.outside[!p->victim];
		he->chain = made.chain[!p->victim];
	}
	if (p->m == SPLIT)
		a->shows[!p->victim] = &made.outside[!p->victim];
	a->mute[!p->victim] = p->m == IMPOSTOR;
	a->early = p->m == EARLY;
	rnd_octets(a->nonce, sizeof(a->nonce));
	/* the attacker's session is not judged, from its beginning */
	a->hostile[!p->victim] = p->m == IMPOSTOR || p->m == ROGUE ||
	    p->m == SPLIT || p->m == AGENT || p->m == RELAY ||
	    p->m == EARLY || p->m == REWRITE || p->m == FLOORED ||
	    p->m == FORGE || p->m == STOLEN || p->m == MEASURE ||
	    p->m == REFLECT || p->m == EXPOSE;
	return link_open(p, &o, NULL);
}

/* Another connection, of the same two machines; or the attacker's own to one
 * of them, who shows no key in it. */
static struct link *
another(const struct plan *p, const struct link *a)
{
	struct world_opts o = a->w.o;
	struct tls_end tls = a->tls[0];
	struct link *b = &links[nlinks];

	b->early = p->m == EARLY;
	b->hostile[p->victim] = b->mute[p->victim] = p->m != SWAP;
	rnd_octets(tls.flight, sizeof(tls.flight));
	memcpy(b->nonce, a->nonce, sizeof(b->nonce));
	b = link_open(p, &o, p->m == REWRITE || p->m == FLOORED ? &tls :
	    NULL);
	if (p->m != SWAP)
		b->w.end[p->victim].id->sign = scrawl;
	return b;
}

static void
attack(const struct plan *p)
{
	enum world_side v = p->victim;
	struct link *a = target(p), *b = NULL;
	struct world_end *he = &a->w.end[!v];
	struct fake_end *me = v == W_CLIENT ? &a->w.net.client :
	    &a->w.net.server;

	if (p->m == RELAY || p->m == EARLY || p->m == REWRITE ||
	    p->m == FLOORED || p->m == SWAP)
		b = another(p, a);
	if (p->m == DIVERT || p->m == ROGUE)	/* TLS may not have looked */
		me->info.peer_verified = p->family == 0;
	switch (p->m) {
	case RELAY: case EARLY: case REWRITE: case FLOORED:
		relay(a, b, v);
		break;
	case DIVERT:
		link_go(a);
		break;
	case REPLAY:
		replay(a, v);
		break;
	case SWAP:
		swap(a, b);
		break;
	case RESEND:
		resend(a, v);
		break;
	case REFLECT:
		reflect(a, v);
		break;
	case FORGE: case STOLEN: case IMPOSTOR: case ROGUE: case MEASURE:
		forge(a, v, p->m);
		break;
	case REPLICA:
		he->tpm.ak = made.ak;
		link_go(a);
		break;
	case SPLIT:
		outside(a, v, he->leaf.key);
		break;
	case AGENT:
		outside(a, v, made.inside);
		break;
	case EXPOSE:
		link_take(a, !v);
		break;
	case HONEST: case WEATHER: case NMOVES:
		break;
	}
	/* what he can read who only rewrites, the models say */
	if (p->m != REWRITE && p->m != FLOORED)
		link_send(a, v);
}

bool
run(const struct plan *p)
{
	bool fair = true;

	memset(links, 0, sizeof(links));
	memset(&attacker, 0, sizeof(attacker));
	memset(tap_accepted, 0, sizeof(tap_accepted));
	nlinks = nquotes = 0;
	/* evidence that came before the handshake was over */
	trace_begin(p->family == ATLS_FAMILY_INSECURE_TLS_A ||
	    (p->family != 0 && (p->m == REWRITE || p->m == FLOORED)) ?
	    TLS_KEY : BOTH_KEYS);
	if (p->m == HONEST || p->m == WEATHER)
		weather(p, p->m == WEATHER);
	else
		attack(p);
	trace_judge();
	while (nlinks > 0) {
		struct world *w = &links[--nlinks].w;

		fair = world_is_open(w) && fair;
		world_close(w);
	}
	return fair;
}
