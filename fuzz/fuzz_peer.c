/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer, inside TLS.  The input is a program for him: he sends octets of
 * his own, frames with any body, or what an honest end would have sent, bent;
 * time passes, the victim quotes and appraises.  The victim accepts only if
 * all that it took was honest; data comes only through an open gate.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../src/base/rd.h"
#include "../src/crypto/crypto.h"
#include "../src/proto/shim.h"
#include "../tests/world.h"

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

int	LLVMFuzzerInitialize(int *, char ***);
int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct world w;
static uint64_t draws;

/* The same input, the same run. */
enum atls_rc	__wrap_crypto_random(uint8_t *out, size_t n);

enum atls_rc
__wrap_crypto_random(uint8_t *out, size_t n)
{
	uint8_t seed[8], d[ATLS_HASH_MAX];
	struct atls_bytes s = ATLS_ARRAY(seed);
	size_t i;

	for (i = 0; i < n; i++) {
		if (i % 32 == 0) {
			memcpy(seed, &draws, sizeof(seed));
			draws++;
			MUST(crypto_hash(ATLS_SHA256, &s, 1, d) == ATLS_OK);
		}
		out[i] = d[i % 32];
	}
	return ATLS_OK;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct world_opts o = { .side = {
	    [W_CLIENT] = { .attests = true, .policy = "peer required\n",
	    .block = "max-age 300s\n" },
	    [W_SERVER] = { .attests = true, .policy = "peer required\n" } } };

	(void)argc, (void)argv;
	world_init();
	MUST(world_open(&w, &o));
	return 0;
}

static void
restart(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct world_end *e = &w.end[i];
		struct atls_channel ch = fake_channel(i == W_CLIENT ?
		    &w.net.client : &w.net.server);

		atls_session_free(e->s);
		OPENSSL_free(e->wire);
		OPENSSL_free(e->data);
		e->wire = e->data = NULL;
		e->wirelen = e->datalen = 0;
		e->s = atls_session_new(e->config, i == W_CLIENT ?
		    ATLS_CLIENT : ATLS_SERVER, &ch, WORLD_NOW, NULL);
		MUST(e->s != NULL);
	}
}

/* Gives the victim octets, as a stream. */
static void
give(enum world_side victim, struct atls_bytes in)
{
	struct atls_session *s = w.end[victim].s;
	struct atls_bytes rest = in, data;
	uint8_t *p;
	size_t used;

	while (rest.len > 0) {
		bool open = atls_session_result(s)->verdict ==
		    ATLS_VERDICT_ACCEPT;

		MUST((p = malloc(rest.len)) != NULL);
		memcpy(p, rest.p, rest.len);
		if (atls_session_recv(s, (struct atls_bytes){ p, rest.len },
		    &used, &data) != ATLS_OK)
			used = rest.len;
		MUST(used <= rest.len && data.len <= used);
		MUST(data.len == 0 || (data.p >= p && data.p + data.len <=
		    p + rest.len));
		MUST(data.len == 0 || open);
		free(p);
		if (used == 0)
			break;
		rest.p += used;
		rest.len -= used;
		if ((atls_session_want(s) & ATLS_WANT_VERDICT) != 0)
			(void)!atls_session_appraise(s);
	}
}

/* What the honest end would send now; true if it was changed on its way. */
static bool
honest(enum world_side victim, uint64_t at, uint8_t mask)
{
	struct world_end *v = &w.end[victim];
	struct atls_session *peer = w.end[!victim].s;
	uint8_t raw[TPM_MAKE_MAX];
	struct atls_buf out = { raw, sizeof(raw), 0 };
	bool bent = false;

	world_collect(&w, victim);	/* let it hear the victim */
	world_deliver(&w, (enum world_side)!victim);
	if ((atls_session_want(peer) & ATLS_WANT_EVIDENCE) != 0) {
		tpm_make(&w.end[!victim].tpm, atls_session_report_data(peer),
		    w.end[!victim].leaf.key, &out);
		(void)!atls_session_give_evidence(peer, (struct atls_bytes){
		    raw, out.len });
	}
	world_collect(&w, (enum world_side)!victim);
	if (v->wirelen > 0 && mask != 0) {
		v->wire[at % v->wirelen] ^= mask;
		bent = true;
	}
	give(victim, (struct atls_bytes){ v->wire, v->wirelen });
	v->wirelen = 0;
	return bent;
}

static void
own_evidence(enum world_side victim, struct atls_bytes raw)
{
	if ((atls_session_want(w.end[victim].s) & ATLS_WANT_EVIDENCE) != 0)
		(void)!atls_session_give_evidence(w.end[victim].s, raw);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t n)
{
	struct rd r = rd_of((struct atls_bytes){ in, n });
	enum world_side victim = (enum world_side)(rd_be(&r, 1) & 1);
	const struct atls_result *res;
	uint8_t frame[ATLS_FRAME_HEADER + 65536];
	bool bent = false;

	draws = 0;
	restart();
	while (r.rc == ATLS_OK && r.left > 0) {
		uint64_t op = rd_be(&r, 1), x = rd_be(&r, 2);
		struct atls_bytes body = { NULL, 0 };

		if (op % 6 < 2 || op % 6 == 4)
			body = rd_take(&r, x < r.left ? (size_t)x : r.left);
		switch (op % 6) {
		case 0:
			give(victim, body);
			bent = bent || body.len > 0;
			break;
		case 1:
			shim_header_write(frame, (enum shim_type)(op / 6 % 8),
			    op / 6 % 8 >= SHIM_REQUEST && op / 6 % 8 <=
			    SHIM_RESULT, (uint32_t)body.len);
			if (body.len > 0)
				memcpy(frame + ATLS_FRAME_HEADER, body.p,
				    body.len);
			give(victim, (struct atls_bytes){ frame,
			    ATLS_FRAME_HEADER + body.len });
			bent = true;
			break;
		case 2:
			bent = honest(victim, x, (uint8_t)(op / 6)) || bent;
			break;
		case 3:
			(void)!atls_session_tick(w.end[victim].s, WORLD_NOW +
			    (int64_t)(x % 400));
			break;
		case 4:
			own_evidence(victim, body);
			break;
		case 5:
			(void)!atls_session_reattest(w.end[victim].s);
			break;
		}
	}
	res = atls_session_result(w.end[victim].s);
	/* what was honest and whole may be accepted in spite of noise beside
	 * it; evidence that was changed may not */
	MUST(res->verdict != ATLS_VERDICT_ACCEPT ||
	    (res->binding == ATLS_BINDING_EXPORTER && res->key == ATLS_GOOD &&
	    res->identity == ATLS_GOOD && w.end[!victim].s != NULL));
	MUST(!bent || !atls_session_open(w.end[victim].s) ||
	    res->verdict == ATLS_VERDICT_ACCEPT);
	return 0;
}
