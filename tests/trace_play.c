/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of a run, and what their ends show. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "../src/proto/config.h"
#include "trace_moves.h"

struct made made;
struct attacker attacker;

static const char *const names[2] = { "client.example", "server.example" };

void
moves_init(void)
{
	struct pki_ask ask = { .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT };
	int i;

	for (i = 0; i < 2; i++) {
		ask.dns = names[i];
		made.rogue[i] = pki_new(&ask, WORLD_NOW);
		made.outside[i] = pki_cert(&ask, world_ca(), WORLD_NOW);
		made.chain[i] = pki_join(made.outside[i].pem, world_ca()->pem,
		    (char *)NULL);
	}
	made.ak = EVP_EC_gen("P-256");
	made.inside = EVP_EC_gen("P-256");
}

void
moves_done(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		pki_free(&made.rogue[i]);
		pki_cert_free(&made.outside[i]);
		free(made.chain[i]);
	}
	EVP_PKEY_free(made.ak);
	EVP_PKEY_free(made.inside);
}

/* The last quote of that side's machine on that connection. */
void
link_show(const struct link *l, enum world_side by)
{
	size_t i;

	attacker.how = SHOWS_OCTETS;
	for (i = 0; i < nquotes; i++)
		if (quotes[i].on == l && quotes[i].by == by)
			attacker.octets = quotes[i];
}

/* Evidence: of the machine, or what the attacker has at hand. */
static size_t
oracle(struct world *w, enum world_side me, struct atls_bytes rd,
    uint8_t *out, size_t cap)
{
	struct atls_buf b = { out, cap, 0 };
	struct link *l = w->arg;

	if (!l->hostile[me])
		return tap_quote(l, me, rd, w->end[me].leaf.key, &b) ?
		    b.len : 0;
	switch (attacker.how) {
	case SHOWS_THEIRS:
		link_show(l, !me);
		/* fallthrough */
	case SHOWS_OCTETS:
		memcpy(out, attacker.octets.raw, attacker.octets.len);
		return attacker.octets.len;
	case SHOWS_QUOTE:
		return tap_quote(l, me, rd, attacker.aik, &b) ? b.len : 0;
	case SHOWS_MADE:
		tpm_make(&attacker.tpm, rd, w->end[me].leaf.key, &b);
		break;
	}
	return b.len;
}

struct world_opts
link_opts(const struct plan *p)
{
	struct world_opts o = { .chunk = rnd(2) == 0 ? 0 : 1 + rnd(300),
	    .hash = rnd(2) == 0 ? ATLS_SHA256 : ATLS_SHA384,
	    .family = p->family };
	int i;

	for (i = 0; i < 2; i++) {
		bool relies = p->mutual || i == (int)p->victim;

		o.side[i].policy = relies ? "peer required\n" : NULL;
		o.side[i].attests = p->mutual || i != (int)p->victim;
		if (p->family != 0)
			o.side[i].block = p->m == FLOORED ?
			    "binding-min exporter\n" :
			    p->family == ATLS_FAMILY_INTRA ?
			    "binding-min transcript\n" :
			    "binding-min nonce+key\n";
	}
	return o;
}

struct link *
link_open(const struct plan *p, const struct world_opts *o,
    const struct tls_end *tls)
{
	struct link *l = &links[nlinks];
	struct tls_end fresh;
	size_t i;

	if (nlinks++ == NLINKS)
		abort();
	rnd_octets((uint8_t *)&fresh, sizeof(fresh));
	l->tls[0] = l->tls[1] = tls != NULL ? *tls : fresh;
	if (!world_open(&l->w, o)) {
		fprintf(stderr, "%s: a session cannot be made\n",
		    move_names[p->m]);
		abort();
	}
	l->w.oracle = oracle;
	l->w.arg = l;
	/* who is asked for lives, by policy, on that machine */
	for (i = 0; i < 2; i++)
		if (o->side[i].policy != NULL)
			EMIT(Enrolled, tap_name(!i, l->w.end[i].config->name),
			    tap_ak(l->w.end[!i].tpm.ak));
	return l;
}

void
link_send(struct link *l, enum world_side from)
{
	const struct fake_end *e = from == W_CLIENT ? &l->w.net.client :
	    &l->w.net.server;
	char text[20];
	uint64_t d;

	if (l->hostile[from] || l->w.end[from].policy == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%016llx",
	    (unsigned long long)rnd(UINT64_MAX));
	d = trace_hash(pki_view(text));
	if (!world_send(&l->w, from, text))
		return;
	EMIT(R_Data, tap_name(!from, l->w.end[from].config->name),
	    trace_hash(e->peer_spki), d);
	if (l->hostile[!from])
		EMIT(ATTACKER, d);
}

/* Evidence for the handshake of one end, to the other. */
static void
carry(struct link *l, enum world_side me)
{
	static uint8_t flight[2][2 * TPM_MAKE_MAX];
	static const uint8_t same[48];
	struct fake_end *to = me == W_CLIENT ? &l->w.net.server :
	    &l->w.net.client;
	struct atls_carried c = { .certificate = { l->w.end[me].leaf.der,
	    l->w.end[me].leaf.len }, .transcript = { l->sec[me].hellos,
	    l->sec[me].len }, .nonce = ATLS_ARRAY(l->nonce) };
	uint8_t rd[64], raw[TPM_MAKE_MAX];
	struct atls_buf out = { flight[me] + 3, sizeof(flight[me]) - 3, 0 };
	size_t rdlen;

	to->carried = c;
	to->carried.transcript.p = l->sec[!me].hellos;
	if ((off & BIT(CK_TRANSCRIPT)) != 0)
		c.transcript.p = to->carried.transcript.p = same;
	if (!l->w.o.side[me].attests ||
	    atls_config_challenge(l->w.end[me].config, l->w.o.hash, &c, rd,
	    &rdlen, NULL) != ATLS_OK ||
	    atls_config_wrap(l->w.end[me].config, (struct atls_bytes){ raw,
	    oracle(&l->w, me, (struct atls_bytes){ rd, rdlen }, raw,
	    sizeof(raw)) }, &out, NULL) != ATLS_OK)
		return;
	flight[me][0] = 0;
	flight[me][1] = (uint8_t)(out.len >> 8);
	flight[me][2] = (uint8_t)(out.len & 0xff);
	to->carried.evidence = (struct atls_bytes){ flight[me], out.len + 3 };
}

void
link_go(struct link *l)
{
	if (l->w.o.family != 0) {
		carry(l, W_SERVER);
		carry(l, W_CLIENT);
		(void)!atls_session_shaken(l->w.end[W_CLIENT].s);
		(void)!atls_session_shaken(l->w.end[W_SERVER].s);
	}
	world_pump(&l->w);
}

void
link_take(struct link *l, enum world_side who)
{
	l->hostile[who] = true;
	EMIT(LeakedLTK, tap_key(&l->w.end[who].leaf));
}
