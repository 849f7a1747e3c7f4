/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in OpenSSL's handshakes: both ways, slowly, and of peers of ours
 * that do not fit.  With the argument "dump" it prints live handshakes, for
 * intra_binder.py to compute their binders once more.
 */
#include <openssl/err.h>

#include "../src/proto/family.h"
#include "carry_use.h"

static const struct atls_carrier both = { .code_point = CODE, .ask = true,
	.offer = MEDIA, .accept = { LATER, MEDIA } };
static const struct atls_carrier tls_a = { .code_point = CODE, .ask = true,
	.nonce = true, .offer = MEDIA, .accept = { MEDIA } };

static void
suite(struct pair *p, enum atls_hash hash, bool retry)
{
	const char *name = hash == ATLS_SHA256 ? "TLS_AES_128_GCM_SHA256" :
	    "TLS_AES_256_GCM_SHA384";

	T(SSL_set_ciphersuites(p->client.conn, name) == 1 &&
	    SSL_set1_groups_list(p->client.conn, "X25519:P-256") == 1 &&
	    (!retry || SSL_set1_groups_list(p->server.conn, "P-256") == 1),
	    "suite");
}

static bool
carries(struct pair_end *e, struct atls_bytes cmw)
{
	struct atls_carried c;

	return be->channel->carried(e->conn, &c) == ATLS_OK &&
	    c.evidence.len == 3 + cmw.len && c.certificate.len != 0 &&
	    memcmp(c.evidence.p + 3, cmw.p, cmw.len) == 0;
}

static const struct {
	const char	*what;
	const struct atls_carrier *client, *server;
	bool		 to_client, to_server;
} ways[] = {
	{ "server attests", &asks, &attests, true, false },
	{ "client attests", &attests, &asks, false, true },
	{ "both attest", &both, &both, true, true },
	{ "both, with nonces", &tls_a, &tls_a, true, true },
};

static void
test_ways(void)
{
	static uint8_t big[65528];
	static const size_t sizes[] = { 1, 1000, sizeof(big) };
	struct atls_carried c, s;
	struct atls_bytes cmw;
	struct pair p;
	size_t i, k;

	memset(big, 0xa5, sizeof(big));
	for (i = 0; i < NITEMS(ways) * 12; i++) {
		k = i / 12;
		cmw = (struct atls_bytes){ big, sizes[i % 3] };
		T(open_pair(&p, ways[k].client, ways[k].server,
		    ways[k].to_server), "%s: %s %s", ways[k].what,
		    p.client.err.detail, p.server.err.detail);
		suite(&p, i / 3 % 2 == 0 ? ATLS_SHA256 : ATLS_SHA384,
		    i / 6 % 2 == 1);
		T(be->give(p.server.conn, cmw) == ATLS_E_STATE, "early");
		T(shake(&p, cmw, (int)(i % 3)), "%s: %s / %s", ways[k].what,
		    p.client.err.detail, p.server.err.detail);
		T(carries(&p.client, cmw) == ways[k].to_client &&
		    carries(&p.server, cmw) == ways[k].to_server, "%s, %zu",
		    ways[k].what, i);
		T(be->channel->carried(p.client.conn, &c) == ATLS_OK &&
		    be->channel->carried(p.server.conn, &s) == ATLS_OK &&
		    c.transcript.len == (i / 3 % 2 == 0 ? 32 : 48) &&
		    atls_ct_eq(c.transcript, s.transcript), "%s: transcript",
		    ways[k].what);
		T((c.nonce.len != 0) == ways[k].client->nonce &&
		    (c.nonce.len == 0 || !atls_ct_eq(c.nonce, s.nonce)), "nonces");
		T(ERR_peek_error() == 0, "queue");
		pair_close(&p);
	}
}

/* A machine that thinks for long holds up nobody else, and can be left. */
static void
test_slow(void)
{
	static const uint8_t cmw[] = { 1, 2, 3 };
	struct atls_bytes full = ATLS_ARRAY(cmw);
	struct pair slow, quick;
	int never = FAR, i;

	T(open_pair(&slow, &asks, &attests, false), "open");
	for (i = 0; i < 20; i++) {
		turn(&slow.client, full, &never);
		turn(&slow.server, full, &never);
	}
	T(slow.server.r == ATLS_IO_WANT_EVIDENCE && slow.client.r ==
	    ATLS_IO_WANT_READ, "%d %d", slow.server.r, slow.client.r);
	for (i = 0; i < 3; i++) {
		T(open_pair(&quick, &both, &both, true) &&
		    shake(&quick, full, 1), "meanwhile");
		pair_close(&quick);
	}
	never = 0;
	T(shake(&slow, full, 0) && carries(&slow.client, full), "then");
	pair_close(&slow);
	/* closed while it waits, at either end */
	for (i = 0; i < 2; i++) {
		never = FAR;
		T(open_pair(&slow, i == 0 ? &asks : &attests,
		    i == 0 ? &attests : &asks, i == 1), "open");
		T(!shake(&slow, full, FAR), "still");
		T((i == 0 ? slow.server.r : slow.client.r) ==
		    ATLS_IO_WANT_EVIDENCE, "waits");
		T(be->shutdown(slow.server.conn) != 1 || i == 1, "no");
		pair_close(&slow);
	}
}

static long
ms_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The same by the clock, at either end, in one loop with other handshakes. */
static void
test_clock(long ms, bool of_server)
{
	static const uint8_t cmw[] = { 1 };
	long until = ms_now() + ms;
	struct pair slow, quick;
	int never = FAR, others = 0;

	T(open_pair(&slow, of_server ? &asks : &attests, of_server ?
	    &attests : &asks, !of_server), "open");
	while (ms_now() < until) {
		never = FAR;
		turn(&slow.client, ATLS_ARRAY(cmw), &never);
		turn(&slow.server, ATLS_ARRAY(cmw), &never);
		T(open_pair(&quick, &both, &both, true) &&
		    shake(&quick, ATLS_ARRAY(cmw), 0), "quick");
		pair_close(&quick);
		others++;
	}
	T(others >= 3 && (of_server ? slow.server.r : slow.client.r) ==
	    ATLS_IO_WANT_EVIDENCE, "%d others in %ld ms", others, ms);
	T(shake(&slow, ATLS_ARRAY(cmw), 0), "after %ld ms", ms);
	pair_close(&slow);
}

/* Peers of ours that do not fit, and machines that have nothing to say. */
static const struct {
	const char	*what;
	struct atls_carrier client, server;
	bool		 ask_client, at_server;	/* who knows why */
	size_t		 len;
	enum atls_rc	 rc;
	const char	*why;
} misfits[] = {
	{ "nothing in common", { .code_point = CODE, .ask = true,
	    .accept = { LATER } }, { .code_point = CODE, .offer = MEDIA },
	    false, true, 1, ATLS_E_REFUSED, "no attestation scheme in common" },
	{ "client must, and does not", { .code_point = CODE,
	    .accept = { MEDIA } }, { .code_point = CODE, .offer = MEDIA,
	    .ask = true, .accept = { MEDIA } }, true, true, 1,
	    ATLS_E_REFUSED, "the client offers no evidence" },
	{ "another code point", { .code_point = CODE + 1, .ask = true,
	    .accept = { MEDIA } }, { .code_point = CODE, .offer = MEDIA },
	    false, false, 1, ATLS_E_NONE, "the peer sent no evidence" },
	{ "server must, and only the client can", { .code_point = CODE,
	    .ask = true, .offer = MEDIA, .accept = { LATER } },
	    { .code_point = CODE, .ask = true, .accept = { MEDIA } }, true,
	    false, 1, ATLS_E_NONE, "the peer sent no evidence" },
	{ "server has none", { .code_point = CODE, .ask = true,
	    .accept = { MEDIA } }, { .code_point = CODE, .offer = MEDIA },
	    false, true, 0, ATLS_E_REFUSED, "there is none of ours" },
	{ "client has none", { .code_point = CODE, .offer = MEDIA },
	    { .code_point = CODE, .ask = true, .accept = { MEDIA } }, true,
	    false, 0, ATLS_E_REFUSED, "there is none of ours" },
	{ "a nonce and no nonce", { .code_point = CODE, .ask = true,
	    .nonce = true, .accept = { MEDIA } }, { .code_point = CODE,
	    .offer = MEDIA }, false, true, 1, ATLS_E_FORMAT,
	    "no list of schemes" },
	{ "no nonce and a nonce", { .code_point = CODE, .ask = true,
	    .accept = { MEDIA } }, { .code_point = CODE, .offer = MEDIA,
	    .nonce = true }, false, true, 1, ATLS_E_FORMAT,
	    "no list of schemes" },
};

static void
test_misfits(void)
{
	static const uint8_t cmw[1] = { 1 };
	const struct pair_end *e;
	struct pair p;
	size_t i;

	for (i = 0; i < NITEMS(misfits); i++) {
		T(open_pair(&p, &misfits[i].client, &misfits[i].server,
		    misfits[i].ask_client), "%s", misfits[i].what);
		T(!shake(&p, (struct atls_bytes){ cmw, misfits[i].len }, 0),
		    "%s: both succeeded", misfits[i].what);
		e = misfits[i].at_server ? &p.server : &p.client;
		T(e->r == ATLS_IO_FAIL && e->err.rc == misfits[i].rc &&
		    strcmp(e->err.detail, misfits[i].why) == 0, "%s: %s, %s",
		    misfits[i].what, e->err.where, e->err.detail);
		pair_close(&p);
	}
}

static void
test_setup(void)
{
	static const struct {
		const char *what;
		struct atls_carrier c;
	} bad[] = {
		{ "nothing", { .code_point = CODE } },
		{ "code point", { .code_point = 65536, .offer = MEDIA } },
		{ "a code point of TLS", { .code_point = 51,
		    .offer = MEDIA } },
		{ "an alert nobody knows", { .code_point = CODE,
		    .alert = 200, .offer = MEDIA } },
		{ "no media type", { .code_point = CODE, .offer = "" } },
		{ "asks for nothing", { .code_point = CODE, .ask = true,
		    .offer = MEDIA } },
	};
	struct atls_tls_setup s = { .identity = id };
	struct atls_err err;
	void *ctx;
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		err = (struct atls_err){ 0 };
		s.carrier = &bad[i].c;
		T(be->ctx_new(&ctx, ATLS_SERVER, &s, &err) == ATLS_E_ARG &&
		    ctx == NULL && strcmp(err.where, "openssl.carrier") == 0,
		    "%s", bad[i].what);
	}
	s.carrier = &asks;
	T(be->ctx_new(&ctx, ATLS_SERVER, &s, NULL) == ATLS_E_ARG,
	    "a client without a certificate");
	s = (struct atls_tls_setup){ .carrier = &asks };
	T(be->ctx_new(&ctx, ATLS_CLIENT, &s, NULL) == ATLS_E_ARG,
	    "nobody looks at the certificate");
	s = (struct atls_tls_setup){ .carrier = &attests, .trust = trust };
	T(be->ctx_new(&ctx, ATLS_CLIENT, &s, NULL) == ATLS_E_ARG,
	    "evidence without a certificate");
}

/* Whatever certificate there is is taken, and nobody is said to be known. */
static void
test_unverified(void)
{
	struct pki other = pki_new(&(struct pki_ask){ .dns = "b.example" },
	    (int64_t)time(NULL));
	struct atls_identity *who = atls_identity_new(pki_view(other.chain),
	    pki_view(other.leaf.key_pem), NULL);
	struct atls_tls_setup cl = { .identity = who, .unverified = true };
	struct atls_tls_setup sv = { .identity = who, .unverified = true,
	    .ask_client = true };
	struct atls_carried c;
	struct pair p = { .be = NULL };

	T(pair_open(&p, be, &cl, &sv) && pair_handshake(&p, none), "%s %s",
	    p.client.err.detail, p.server.err.detail);
	T(!pair_info(&p, &p.client).peer_verified &&
	    !pair_info(&p, &p.server).peer_verified, "nobody");
	T(be->channel->carried(p.client.conn, &c) == ATLS_OK &&
	    c.certificate.len > 0 && c.evidence.len == 0 &&
	    c.transcript.len == 0, "leaf");
	pair_close(&p);
	cl.identity = NULL;
	T(pair_open(&p, be, &cl, &sv) && !pair_handshake(&p, none),
	    "none is not one");
	pair_close(&p);
	atls_identity_free(who);
	pki_free(&other);
}

/* Live handshakes, for another implementation. */
static void
hex(const void *v, size_t n)
{
	const uint8_t *p = v;

	while (n-- > 0)
		printf("%02x", *p++);
}

static void
on_message(int written, int version, int type, const void *p, size_t n,
    SSL *ssl, void *arg)
{
	(void)written, (void)version, (void)ssl, (void)arg;
	if (type == SSL3_RT_HANDSHAKE && n > 0 && *(const uint8_t *)p <= 2) {
		printf(" ");
		hex(p, n);
	}
}

static void
dump(enum atls_hash hash, bool retry)
{
	static const uint8_t cmw[] = { 1 };
	uint8_t binder[ATLS_HASH_MAX];
	struct atls_carried c;
	struct atls_bytes spki;
	struct pair p;
	size_t n = 0;

	T(open_pair(&p, &asks, &attests, false), "open");
	suite(&p, hash, retry);
	printf("%s", hash == ATLS_SHA256 ? "sha256" : "sha384");
	SSL_set_msg_callback(p.client.conn, on_message);
	T(shake(&p, ATLS_ARRAY(cmw), 0), "%s %s", p.client.err.detail,
	    p.server.err.detail);
	spki = pair_spki(&p, &p.server, false);
	T(be->channel->carried(p.server.conn, &c) == ATLS_OK &&
	    family_transcript_binder(hash, c.transcript, spki, binder, &n) ==
	    ATLS_OK, "binder");
	printf(" ");
	hex(spki.p, spki.len);
	printf(" ");
	hex(binder, n);
	printf("\n");
	pair_close(&p);
}

int
main(int argc, char **argv)
{
	int i;

	carry_begin();
	if (argc == 2 && strcmp(argv[1], "dump") == 0) {
		for (i = 0; i < 8; i++)
			dump(i % 2 == 0 ? ATLS_SHA256 : ATLS_SHA384,
			    i / 2 % 2 == 1);
	} else {
		test_ways();
		test_slow();
		test_clock(200, true);
		test_clock(200, false);
		test_clock(2000, true);
		test_misfits();
		test_setup();
		test_unverified();
	}
	carry_end();
	return argc == 2 ? t_fails != 0 : t_end("t_openssl_carry");
}
