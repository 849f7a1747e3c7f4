/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attacker can do to two sessions.  He is the network inside TLS: he
 * has a TLS key of the server (or TLS would stop him), sees every octet and
 * writes his own.  Nothing here ends with ACCEPT at a victim.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../src/proto/shim.h"
#include "t.h"
#include "world.h"

#define REQUIRED	"peer required\n"

static const struct world_opts one_way = { .side = {
	[W_CLIENT] = { .policy = REQUIRED },
	[W_SERVER] = { .attests = true } } };

static const struct world_opts mutual = { .side = {
	[W_CLIENT] = { .attests = true, .policy = REQUIRED },
	[W_SERVER] = { .attests = true, .policy = REQUIRED } } };

static bool
accepts(const struct world *w, enum world_side who)
{
	return atls_session_result(w->end[who].s)->verdict ==
	    ATLS_VERDICT_ACCEPT || atls_session_open(w->end[who].s);
}

/* Did that side end for this reason? */
static void
refused(const struct world *w, enum world_side who, const char *what,
    enum atls_rc rc, const char *where)
{
	const struct atls_err *e = atls_session_error(w->end[who].s);

	T(!accepts(w, who), "%s: accepted", what);
	T(e->rc == rc && e->where != NULL && strcmp(e->where, where) == 0,
	    "%s: %s %s %s", what, atls_rc_name(e->rc), e->where, e->detail);
}

/* Another connection between the same two machines. */
static void
second(struct world *w, const struct world_opts *o)
{
	T(world_open(w, o), "second connection");
	memset(w->net.client.secret, 0x77, sizeof(w->net.client.secret));
	memset(w->net.server.secret, 0x77, sizeof(w->net.server.secret));
}

/* The victim's octets to the genuine server on another connection, and its
 * octets back: a proxy that ends TLS. */
static void
test_relay(void)
{
	struct world victim, genuine;
	int i;

	T(world_open(&victim, &one_way), "open");
	second(&genuine, &one_way);
	for (i = 0; i < 4; i++) {
		world_collect(&victim, W_CLIENT);
		OPENSSL_free(genuine.end[W_SERVER].wire);
		genuine.end[W_SERVER].wire = victim.end[W_SERVER].wire;
		genuine.end[W_SERVER].wirelen = victim.end[W_SERVER].wirelen;
		victim.end[W_SERVER].wire = NULL;
		victim.end[W_SERVER].wirelen = 0;
		genuine.end[W_CLIENT].wirelen = 0;
		/* the genuine server quotes for its own connection */
		genuine.o.chunk = 1 << 16;
		world_deliver(&genuine, W_SERVER);
		if ((atls_session_want(genuine.end[W_SERVER].s) &
		    ATLS_WANT_EVIDENCE) != 0) {
			uint8_t raw[TPM_MAKE_MAX];
			struct atls_buf out = { raw, sizeof(raw), 0 };

			tpm_make(&genuine.end[W_SERVER].tpm,
			    atls_session_report_data(genuine.end[W_SERVER].s),
			    genuine.end[W_SERVER].leaf.key, &out);
			T(atls_session_give_evidence(genuine.end[W_SERVER].s,
			    (struct atls_bytes){ raw, out.len }) == ATLS_OK,
			    "the genuine server answers");
		}
		world_collect(&genuine, W_SERVER);
		OPENSSL_free(victim.end[W_CLIENT].wire);
		victim.end[W_CLIENT].wire = genuine.end[W_CLIENT].wire;
		victim.end[W_CLIENT].wirelen = genuine.end[W_CLIENT].wirelen;
		genuine.end[W_CLIENT].wire = NULL;
		genuine.end[W_CLIENT].wirelen = 0;
		world_deliver(&victim, W_CLIENT);
		if ((atls_session_want(victim.end[W_CLIENT].s) &
		    ATLS_WANT_VERDICT) != 0)
			(void)!atls_session_appraise(victim.end[W_CLIENT].s);
	}
	T(genuine.end[W_SERVER].report_datalen == 0, "no oracle was used");
	refused(&victim, W_CLIENT, "relay", ATLS_E_SIG, "ea.finished");
	world_close(&victim);
	world_close(&genuine);
}

/* Evidence of one connection shown on another, under the right leaf key (it
 * leaked, too): each of two live connections gets the other's. */
static uint8_t other_rd[64];

static size_t
oracle_other(struct world *w, enum world_side me, struct atls_bytes rd,
    uint8_t *out, size_t cap)
{
	struct atls_buf b = { out, cap, 0 };

	tpm_make(&w->end[me].tpm, (struct atls_bytes){ other_rd, rd.len },
	    w->end[me].leaf.key, &b);
	return b.len;
}

static void
test_swapped(void)
{
	struct world a, b;

	T(world_open(&a, &one_way), "open");
	second(&b, &one_way);
	world_collect(&a, W_CLIENT);
	world_deliver(&a, W_SERVER);
	memcpy(other_rd, atls_session_report_data(a.end[W_SERVER].s).p, 32);
	b.oracle = oracle_other;
	world_pump(&b);
	refused(&b, W_CLIENT, "swapped", ATLS_E_BIND, "tpm.extra_data");
	world_pump(&a);
	T(accepts(&a, W_CLIENT), "the right one is accepted");
	world_close(&a);
	world_close(&b);
}

/* Report data that is not exactly what it must be. */
static int rd_case;

static size_t
oracle_bent(struct world *w, enum world_side me, struct atls_bytes rd,
    uint8_t *out, size_t cap)
{
	struct atls_buf b = { out, cap, 0 };
	uint8_t bent[64] = { 0 };
	size_t n = rd.len;

	memcpy(bent, rd.p, rd.len);
	switch (rd_case) {
	case 0: n = 0; break;			/* empty */
	case 1: n = rd.len - 1; break;		/* a prefix */
	case 2: n = 16; break;
	case 3: n = 64; break;			/* padded */
	case 4: n = rd.len + 1; break;
	case 5: memset(bent, 0, n); break;	/* zeros */
	case 6: bent[n - 1] ^= 1; break;	/* the last bit */
	case 7: bent[0] ^= 0x80; break;
	}
	tpm_make(&w->end[me].tpm, (struct atls_bytes){ bent, n },
	    w->end[me].leaf.key, &b);
	return b.len;
}

static void
test_report_data(void)
{
	struct world w;

	for (rd_case = 0; rd_case < 8; rd_case++) {
		T(world_open(&w, &one_way), "open");
		w.oracle = oracle_bent;
		world_pump(&w);
		T(!accepts(&w, W_CLIENT), "case %d", rd_case);
		T(atls_session_error(w.end[W_CLIENT].s)->rc == ATLS_E_BIND ||
		    rd_case == 0, "case %d: %s", rd_case,
		    atls_session_error(w.end[W_CLIENT].s)->where);
		world_close(&w);
	}
}

/* The binder of another label, of another context, of another key. */
static int binder_case;

static size_t
oracle_binder(struct world *w, enum world_side me, struct atls_bytes rd,
    uint8_t *out, size_t cap)
{
	struct atls_buf b = { out, cap, 0 };
	uint8_t other[64];

	(void)rd;
	fake_export(ATLS_SHA256, w->net.server.secret, binder_case == 0 ?
	    "Attestation Binding" : "EXPORTER-Attestation",
	    (struct atls_bytes){ (const uint8_t *)"x", 1 }, other, 32);
	tpm_make(&w->end[me].tpm, (struct atls_bytes){ other, 32 },
	    w->end[me].leaf.key, &b);
	return b.len;
}

static void
test_label(void)
{
	struct world w;

	for (binder_case = 0; binder_case < 2; binder_case++) {
		T(world_open(&w, &one_way), "open");
		w.oracle = oracle_binder;
		world_pump(&w);
		refused(&w, W_CLIENT, "another label", ATLS_E_BIND,
		    "tpm.extra_data");
		world_close(&w);
	}
}

/* Frames that the attacker keeps, and sends again. */
struct kept {
	uint8_t	*p;
	size_t	 len;
};

static struct kept kept[8];
static int nkept;
static enum shim_type keep_type;
static enum world_side keep_from;

static void
keep(struct world *w, enum world_side from, uint8_t *p, size_t *n)
{
	struct shim_frame f;
	size_t off = 0;

	(void)w;
	while (off + ATLS_FRAME_HEADER <= *n && shim_header_read(p + off, &f,
	    NULL) == ATLS_OK) {
		size_t len = ATLS_FRAME_HEADER + f.length;

		if (f.type == keep_type && from == keep_from && nkept < 8) {
			kept[nkept].p = OPENSSL_malloc(len);
			kept[nkept].len = len;
			memcpy(kept[nkept++].p, p + off, len);
		}
		off += len;
	}
}

static void
forget(void)
{
	while (nkept > 0)
		OPENSSL_free(kept[--nkept].p);
}

static void
inject(struct world *w, enum world_side to, const uint8_t *p, size_t n)
{
	struct world_end *e = &w->end[to];
	uint8_t *q = OPENSSL_malloc(e->wirelen + n);

	if (e->wirelen > 0)
		memcpy(q, e->wire, e->wirelen);
	memcpy(q + e->wirelen, p, n);
	OPENSSL_free(e->wire);
	e->wire = q;
	e->wirelen += n;
}

/* An authenticator of this connection again: as it was, and as the answer to
 * the next request. */
static void
test_replay_inside(void)
{
	struct world w;
	int i;

	for (i = 0; i < 2; i++) {
		keep_type = SHIM_AUTHENTICATOR;
		keep_from = W_SERVER;
		T(world_open(&w, &one_way), "open");
		w.wiretap = keep;
		world_pump(&w);
		T(accepts(&w, W_CLIENT) && nkept == 1, "first round");
		if (i == 1) {
			(void)!atls_session_reattest(w.end[W_CLIENT].s);
			world_collect(&w, W_CLIENT);
			kept[0].p[3] = 2;	/* the new request's id */
		}
		w.end[W_SERVER].wirelen = 0;
		inject(&w, W_CLIENT, kept[0].p, kept[0].len);
		world_pump(&w);
		T(!accepts(&w, W_CLIENT), "case %d: accepted again", i);
		T(atls_session_error(w.end[W_CLIENT].s)->rc == ATLS_E_PEER,
		    "case %d: %s", i,
		    atls_session_error(w.end[W_CLIENT].s)->where);
		forget();
		world_close(&w);
	}
}

/* A request again, and our own request back to us. */
static void
test_requests(void)
{
	static const char *const what[] = { "again", "again with its id changed",
	    "reflected" };
	struct world w;
	int i;

	for (i = 0; i < 3; i++) {
		T(world_open(&w, &mutual), "open");
		keep_type = SHIM_REQUEST;
		keep_from = i == 2 ? W_SERVER : W_CLIENT;
		w.wiretap = keep;
		if (i < 2)
			world_pump(&w);
		else {
			/* the client gets the server's hello, and then its own
			 * request as if it were the server's */
			keep_from = W_CLIENT;
			world_collect(&w, W_CLIENT);
			world_collect(&w, W_SERVER);
			w.end[W_CLIENT].wirelen = 20;
			w.end[W_SERVER].wirelen = 0;
			inject(&w, W_CLIENT, kept[0].p, kept[0].len);
			world_deliver(&w, W_CLIENT);
			T(w.end[W_CLIENT].quotes == 0 && !accepts(&w,
			    W_CLIENT) && (atls_session_want(
			    w.end[W_CLIENT].s) & ATLS_WANT_FAILED) != 0,
			    "%s: %s", what[i], atls_session_error(
			    w.end[W_CLIENT].s)->where);
			forget();
			world_close(&w);
			continue;
		}
		T(world_is_open(&w) && nkept == 1, "%s: open", what[i]);
		if (i == 1)
			kept[0].p[3] = 9;
		inject(&w, W_SERVER, kept[0].p, kept[0].len);
		world_pump(&w);
		T(w.end[W_SERVER].quotes == 1, "%s: quoted twice", what[i]);
		T(!accepts(&w, W_SERVER), "%s", what[i]);
		forget();
		world_close(&w);
	}
}

/* Mutual attestation between replicas that hold one key, which leaked: the
 * man in the middle reflects the client's request to the client's attester.
 * (The reason why contexts carry the role of who asks.) */
static void
test_reflection(void)
{
	struct world_opts o = mutual;
	struct world w;

	o.same_key = true;
	T(world_open(&w, &o), "open");
	keep_type = SHIM_REQUEST;
	keep_from = W_CLIENT;
	w.wiretap = keep;
	world_collect(&w, W_CLIENT);
	w.wiretap = NULL;
	world_collect(&w, W_SERVER);
	w.end[W_CLIENT].wirelen = 20;		/* hello of the server */
	inject(&w, W_CLIENT, kept[0].p, kept[0].len);
	world_deliver(&w, W_CLIENT);
	T((atls_session_want(w.end[W_CLIENT].s) & ATLS_WANT_EVIDENCE) == 0 &&
	    (atls_session_want(w.end[W_CLIENT].s) & ATLS_WANT_FAILED) != 0,
	    "its own attester was asked");
	T(!accepts(&w, W_CLIENT), "reflected");
	forget();
	world_close(&w);
}

/* Another instance with a copy of the key: the same image, another TPM. */
static void
test_copy(void)
{
	struct world w;

	T(world_open(&w, &one_way), "open");
	w.end[W_SERVER].tpm.ak = w.end[W_CLIENT].tpm.ak;
	world_pump(&w);
	refused(&w, W_CLIENT, "another machine", ATLS_E_CHAIN,
	    "tpm.ak.name");
	world_close(&w);
}

/* A result that nobody gave opens no gate of the relying side. */
static void
test_forged_result(void)
{
	static const uint8_t ok[] = { 1, SHIM_RESULT, 0, 1, 0, 0, 0, 6,
	    1, 0, 0, 0, 0, 0 };
	struct world w;

	T(world_open(&w, &mutual), "open");
	world_collect(&w, W_SERVER);
	w.end[W_CLIENT].wirelen = 20;
	inject(&w, W_CLIENT, ok, sizeof(ok));
	world_deliver(&w, W_CLIENT);
	T(!accepts(&w, W_CLIENT), "result before anything");
	world_close(&w);
}

/* Data before the gate is open, in each state that a client passes. */
static void
test_early_data(void)
{
	static const uint8_t data[] = { 1, SHIM_DATA, 0, 0, 0, 0, 0, 1, 'x' };
	struct world w;
	int i;

	for (i = 0; i < 3; i++) {
		T(world_open(&w, &one_way), "open");
		world_collect(&w, W_CLIENT);
		if (i > 0)
			world_deliver(&w, W_SERVER);
		if (i > 1) {
			world_collect(&w, W_SERVER);
			world_deliver(&w, W_CLIENT);
		}
		inject(&w, W_CLIENT, data, sizeof(data));
		inject(&w, W_SERVER, data, sizeof(data));
		world_pump(&w);
		T(w.end[W_CLIENT].datalen == 0 && w.end[W_SERVER].datalen == 0,
		    "case %d: data was taken", i);
		T(!accepts(&w, W_CLIENT) && !atls_session_open(
		    w.end[W_SERVER].s), "case %d", i);
		world_close(&w);
	}
}

/* One octet of all that is sent, changed. */
static struct { enum world_side from; size_t at, seen; uint8_t bit; } flip;

static void
flip_one(struct world *w, enum world_side from, uint8_t *p, size_t *n)
{
	(void)w;
	if (from != flip.from)
		return;
	if (flip.at >= flip.seen && flip.at < flip.seen + *n)
		p[flip.at - flip.seen] ^= flip.bit;
	flip.seen += *n;
}

/*
 * Octets that may change without harm: of HELLO, "asks" (what an end demands
 * is its own policy), "hold" (a wish); of RESULT, the lease (for information).
 * Offsets from the start of that side's stream, or from its end.
 */
static bool
harmless(enum world_side from, size_t at, size_t total)
{
	if (at == 8 + 9 || at == 8 + 11)
		return true;
	return from == W_CLIENT && at >= total - 4 && at < total;
}

static void
test_flips(void)
{
	size_t total[2] = { 0, 0 }, n = 0;
	struct world w;
	int side;

	T(world_open(&w, &one_way), "open");
	flip.from = W_CLIENT;
	flip.at = SIZE_MAX;
	flip.seen = 0;
	w.wiretap = flip_one;
	world_pump(&w);
	total[W_CLIENT] = flip.seen;
	world_close(&w);
	flip.from = W_SERVER;
	flip.seen = 0;
	T(world_open(&w, &one_way), "open");
	w.wiretap = flip_one;
	world_pump(&w);
	total[W_SERVER] = flip.seen;
	T(world_is_open(&w), "unchanged, it opens");
	world_close(&w);
	for (side = 0; side < 2; side++)
		for (flip.at = 0; flip.at < total[side]; flip.at++) {
			flip.from = (enum world_side)side;
			flip.seen = 0;
			flip.bit = (uint8_t)(1 << flip.at % 8);
			T(world_open(&w, &one_way), "open");
			w.wiretap = flip_one;
			world_pump(&w);
			/* signatures differ in length: past the end, no flip */
			T(!world_is_open(&w) || flip.at >= flip.seen ||
			    harmless(flip.from, flip.at, flip.seen),
			    "side %d, octet %zu of %zu", side, flip.at,
			    flip.seen);
			world_close(&w);
			n++;
		}
	T(n > 2000, "%zu octets were there", n);
}

/* The stream ends at each octet. */
static struct { enum world_side from; size_t left; } cut;

static void
cut_there(struct world *w, enum world_side from, uint8_t *p, size_t *n)
{
	(void)w, (void)p;
	if (from != cut.from)
		return;
	if (*n > cut.left)
		*n = cut.left;
	cut.left -= *n;
}

static void
test_cuts(void)
{
	struct world w;
	size_t i;
	int side;

	for (side = 0; side < 2; side++)
		for (i = 0; i < 2200; i += i < 200 ? 1 : 7) {
			cut.from = (enum world_side)side;
			cut.left = i;
			T(world_open(&w, &mutual), "open");
			w.wiretap = cut_there;
			world_pump(&w);
			T(!world_is_open(&w), "side %d cut at %zu", side, i);
			world_close(&w);
		}
}

int
main(void)
{
	world_init();
	test_relay();
	test_swapped();
	test_report_data();
	test_label();
	test_replay_inside();
	test_requests();
	test_reflection();
	test_copy();
	test_forged_result();
	test_early_data();
	test_flips();
	test_cuts();
	world_done();
	return t_end("t_attack");
}
