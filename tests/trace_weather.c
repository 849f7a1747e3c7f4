/* SPDX-License-Identifier: Apache-2.0 */
/* Chance: where all that is random comes from, and honest ends in it. */
#define OPENSSL_API_COMPAT 0x10100000L	/* RAND_METHOD */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "../src/proto/shim.h"
#include "trace_moves.h"

#define STEPS	60		/* of a run, and as many again */
#define ASKS	3		/* more on one connection: a burst that is
				 * answered, SESSION_BURST, has one more */
#define KEPT	8

static uint64_t seed;

uint64_t
rnd(uint64_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

void
rnd_octets(uint8_t *p, size_t n)
{
	while (n-- > 0)
		p[n] = (uint8_t)rnd(256);
}

static int
rand_octets(unsigned char *p, int n)
{
	rnd_octets(p, (size_t)n);
	return 1;
}

static int
rand_ready(void)
{
	return 1;
}

/* Keys, contexts and signatures, too: a run that failed can be had again. */
void
rnd_seed(uint64_t s)
{
	static const RAND_METHOD ours = { .bytes = rand_octets,
	    .pseudorand = rand_octets, .status = rand_ready };

	seed = s;
	if (RAND_set_rand_method(&ours) != 1)
		abort();
}

/* What the network has kept. */
static struct {
	uint8_t	*p;
	size_t	 len;
} kept[KEPT];
static size_t nkept;

static void
keep(const struct world_end *e)
{
	size_t i = nkept++ % KEPT;

	OPENSSL_free(kept[i].p);
	kept[i].p = OPENSSL_memdup(e->wire, e->wirelen);
	kept[i].len = e->wirelen;
}

/* Octets at the end of what is on its way to that end. */
static void
add(struct world_end *e, const uint8_t *p, size_t n)
{
	uint8_t *q = OPENSSL_malloc(e->wirelen + n + 1);

	if (q == NULL)
		abort();
	if (e->wirelen > 0)
		memcpy(q, e->wire, e->wirelen);
	if (n > 0)
		memcpy(q + e->wirelen, p, n);
	OPENSSL_free(e->wire);
	e->wire = q;
	e->wirelen += n;
}

/* The first frame, to the end. */
static void
delay(struct world_end *e)
{
	struct shim_frame f;
	size_t n;

	if (e->wirelen < ATLS_FRAME_HEADER ||
	    shim_header_read(e->wire, &f, NULL) != ATLS_OK)
		return;
	n = ATLS_FRAME_HEADER + f.length;
	if (n >= e->wirelen)
		return;
	add(e, e->wire, n);
	memmove(e->wire, e->wire + n, e->wirelen -= n);
}

static void
tamper(struct world_end *e, struct world_end *other)
{
	uint8_t *p = e->wire;
	size_t n = e->wirelen, i;

	switch (rnd(8)) {
	case 0:
		e->wirelen = 0;
		break;
	case 1:
		if (n > 0)
			p[rnd(n)] ^= (uint8_t)(1u << rnd(8));
		break;
	case 2:
		if (n > 0)
			add(e, p, n);
		break;
	case 3:
		e->wire = other->wire;
		e->wirelen = other->wirelen;
		other->wire = p;
		other->wirelen = n;
		break;
	case 4:
		if (nkept > 0) {
			i = rnd(nkept < KEPT ? nkept : KEPT);
			add(e, kept[i].p, kept[i].len);
		}
		break;
	case 5:
		delay(e);
		break;
	default:
		if (n > 0)
			keep(e);
		break;
	}
}

/* Whatever comes next, at one end. */
static void
step(struct link *l, enum world_side me, unsigned *asked, bool tampers)
{
	struct world_end *e = &l->w.end[me];

	switch (rnd(tampers ? 12 : 10)) {
	case 0:
		if (*asked < ASKS && atls_session_reattest(e->s) == ATLS_OK)
			++*asked;
		break;
	case 1:
		if (*asked < ASKS && atls_session_offer(e->s) == ATLS_OK)
			++*asked;
		break;
	case 2:
		world_tick(&l->w, (int64_t)rnd(5));
		break;
	case 3:
		link_send(l, me);
		break;
	case 10: case 11:
		tamper(e, &links[rnd(nlinks)].w.end[me]);
		break;
	default:
		(void)world_turn(&l->w, me);
		break;
	}
	if (rnd(200) == 0)
		EMIT(LeakedAK, tap_ak(e->tpm.ak));
	if (rnd(200) == 0)
		EMIT(LeakedLTK, tap_key(&e->leaf));
}

/* Connections of the same two machines, in any order.  Without tampering all
 * are open in the end. */
void
weather(const struct plan *p, bool tampers)
{
	unsigned asked[NLINKS] = { 0 };
	size_t i, n = 1 + rnd(NLINKS), at, steps = STEPS + rnd(STEPS);
	struct plan q = *p;
	struct world_opts o;

	for (i = 0; i < n; i++) {
		q.victim = (enum world_side)rnd(2);
		q.mutual = rnd(2) == 0;
		o = link_opts(&q);
		o.same_key = tampers && rnd(8) == 0;
		o.side[W_CLIENT].hold = rnd(4) == 0;
		o.side[W_SERVER].hold = rnd(4) == 0;
		(void)link_open(&q, &o, NULL);
	}
	for (i = 0; p->family == 0 && i < steps * n; i++) {
		at = rnd(n);
		step(&links[at], (enum world_side)rnd(2), &asked[at],
		    tampers);
	}
	for (i = 0; i < n; i++)
		link_go(&links[i]);
	for (i = 0; i < KEPT; i++) {
		OPENSSL_free(kept[i].p);
		kept[i].p = NULL;
	}
	nkept = 0;
}
