/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in OpenSSL's handshakes: both ways, slowly, and from peers that do
 * not keep to the rules.  With the argument "dump" it prints live handshakes,
 * for intra_binder.py to compute their binders once more.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/async.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atls/openssl.h>

#include "../src/proto/family.h"
#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define CODE	0xff77
#define MEDIA	"application/x-one"
#define LATER	"application/x-two"
#define FAR	100			/* turns, more than any handshake has */

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *real, *id, outside;	/* id: &outside */

static const struct atls_carrier attests = { .code_point = CODE,
	.offer = MEDIA };
static const struct atls_carrier nonced = { .code_point = CODE,
	.nonce = true, .offer = MEDIA };
static const struct atls_carrier asks = { .code_point = CODE, .ask = true,
	.accept = { LATER, MEDIA } };
static const struct atls_carrier both = { .code_point = CODE, .ask = true,
	.offer = MEDIA, .accept = { LATER, MEDIA } };
static const struct atls_carrier tls_a = { .code_point = CODE, .ask = true,
	.nonce = true, .offer = MEDIA, .accept = { MEDIA } };

/* What signs has all of the stack: it is never called inside of a job. */
static enum atls_rc
sign(void *key, uint16_t scheme, struct atls_bytes tbs, struct atls_buf *sig,
    struct atls_err *err)
{
	(void)key;
	T(ASYNC_get_current_job() == NULL, "signs inside of a job");
	return real->sign(real->key, scheme, tbs, sig, err);
}

static bool
open_pair(struct pair *p, const struct atls_carrier *c,
    const struct atls_carrier *s, bool ask_client)
{
	struct atls_tls_setup cl = { .identity = id, .trust = trust,
	    .name = NAME, .carrier = c };
	struct atls_tls_setup sv = { .identity = id, .trust = trust,
	    .ask_client = ask_client, .carrier = s };

	*p = (struct pair){ .be = NULL };
	return pair_open(p, be, &cl, &sv);
}

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
waits(const struct pair_end *e)
{
	return e->r == ATLS_IO_WANT_READ || e->r == ATLS_IO_WANT_WRITE ||
	    e->r == ATLS_IO_WANT_EVIDENCE;
}

/* One turn; evidence is given at the `slow`th time of asking. */
static void
turn(struct pair_end *e, struct atls_bytes cmw, int *slow)
{
	static const uint8_t huge[65529];
	struct atls_carried ours;

	if (!waits(e))
		return;
	e->r = be->handshake(e->conn, none, &e->err);
	if (e->r != ATLS_IO_WANT_EVIDENCE || (*slow)-- > 0)
		return;
	T(be->wanted(e->conn, &ours) == ATLS_OK && ours.transcript.len != 0 &&
	    ours.certificate.len != 0, "wanted");
	T(be->give(e->conn, ATLS_ARRAY(huge)) == ATLS_E_LIMIT, "too much");
	T(be->give(e->conn, cmw) == ATLS_OK, "give");
	T(be->give(e->conn, cmw) == ATLS_E_STATE &&
	    be->wanted(e->conn, &ours) == ATLS_E_STATE, "only once");
}

static bool
shake(struct pair *p, struct atls_bytes cmw, int slow)
{
	int cs = slow, ss = slow, i;

	for (i = 0; i < FAR && (waits(&p->client) || waits(&p->server)); i++) {
		turn(&p->client, cmw, &cs);
		turn(&p->server, cmw, &ss);
	}
	return p->client.r == 1 && p->server.r == 1;
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

/* A peer that puts what it likes into the extension: plain OpenSSL. */
struct rogue {
	const char	*what;
	unsigned	 where;		/* SSL_EXT_*; message that is its own */
	size_t		 index;
	const char	*p;
	size_t		 len;
	enum atls_rc	 rc;
	const char	*why;
	bool		 nonce;		/* the other end wants one */
};

#define CH	"\0\x15\0\1\0\x11" MEDIA
#define EE	"\0\1\0\x11" MEDIA
#define NONCED	.rc = ATLS_E_FORMAT, .why = "no list of schemes", .nonce = true
#define ROW(s)	s, sizeof(s) - 1
#define REQUEST	SSL_EXT_TLS1_3_CERTIFICATE_REQUEST

static const struct rogue rogues[] = {
	/* of a server, to a client that asks */
	{ "good", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\1x"), ATLS_OK, "", false },
	{ "not offered", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "a result", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "a content format", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\0\1\1"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "an empty choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, ROW(""),
	    ATLS_E_FORMAT, "no attestation scheme", false },
	{ "two choices", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, ROW(EE EE),
	    ATLS_E_FORMAT, "no attestation scheme", false },
	{ "a choice that is cut", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, EE,
	    sizeof(EE) - 2, ATLS_E_FORMAT, "no attestation scheme", false },
	{ "another mechanism", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\2\0\1x"), ATLS_E_FORMAT, "no attestation scheme", false },
	{ "another encoding", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\2\0\1x"), ATLS_E_FORMAT, "no attestation scheme", false },
	{ "an empty extension", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW(""),
	    ATLS_E_FORMAT, "its length is not that of the CMW", false },
	{ "an empty CMW", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\0"),
	    ATLS_E_FORMAT, "an empty CMW", false },
	{ "a CMW that is cut", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\2x"),
	    ATLS_E_FORMAT, "its length is not that of the CMW", false },
	{ "longer than any message", SSL_EXT_TLS1_3_CERTIFICATE, 0,
	    ROW("\xff\xff\xffx"), ATLS_E_FORMAT,
	    "its length is not that of the CMW", false },
	{ "something behind it", SSL_EXT_TLS1_3_CERTIFICATE, 0,
	    ROW("\0\0\1xy"), ATLS_E_FORMAT,
	    "its length is not that of the CMW", false },
	{ "in the second entry", SSL_EXT_TLS1_3_CERTIFICATE, 1,
	    ROW("\0\0\1x"), ATLS_E_FORMAT,
	    "not in the first certificate entry", false },
	{ "none at all", SSL_EXT_TLS1_3_CERTIFICATE, 9, ROW(""), ATLS_E_NONE,
	    "the peer sent no evidence", false },
	{ "evidence, no choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 9,
	    ROW(""), ATLS_E_PEER, "nobody agreed on evidence", false },
	/* of a server, to a client that attests */
	{ "good request", REQUEST, 0, ROW(EE), ATLS_OK, "", false },
	{ "a request for another", REQUEST, 0, ROW("\0\1\0\1x"),
	    ATLS_E_PEER, "the server chose what was not offered", false },
	{ "a request for a result", REQUEST, 0, ROW("\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "an empty request", REQUEST, 0, ROW(""), ATLS_E_FORMAT,
	    "no attestation scheme", false },
	{ "two requests", REQUEST, 0, ROW(EE EE), ATLS_E_FORMAT,
	    "no attestation scheme", false },
	/* of a client, to a server that attests */
	{ "good hello", SSL_EXT_CLIENT_HELLO, 0, ROW(CH "\0\0"), ATLS_OK, "", false },
	{ "a short nonce", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\7" "1234567"), NONCED },
	{ "a nonce that is cut", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\11" "12345678"), NONCED },
	{ "a nonce of eight", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\10" "12345678"), ATLS_OK, "", true },
	{ "an empty hello", SSL_EXT_CLIENT_HELLO, 0, ROW(""), ATLS_E_FORMAT,
	    "no list of schemes", false },
	{ "one list", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0"), ATLS_E_FORMAT,
	    "no list of schemes", false },
	{ "empty lists", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0\0\0"),
	    ATLS_E_REFUSED, "no attestation scheme in common", false },
	{ "a third list", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0\0\0\0\0"),
	    ATLS_E_FORMAT, "no list of schemes", false },
	{ "a list that is cut", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\3\0\1\0\0\0"),
	    ATLS_E_FORMAT, "no list of schemes", false },
};

static int
rogue_add(SSL *ssl, unsigned type, unsigned context, const uint8_t **out,
    size_t *outlen, X509 *x, size_t index, int *al, void *arg)
{
	const struct rogue *r = arg;

	(void)ssl, (void)type, (void)x, (void)al;
	if (context == r->where) {
		*out = (const uint8_t *)r->p;
		*outlen = r->len;
		return context != SSL_EXT_TLS1_3_CERTIFICATE ? r->index == 0 :
		    r->index == index;
	}
	if (r->where == REQUEST)
		return 0;
	if (context == SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS) {
		*out = (const uint8_t *)EE;
		*outlen = sizeof(EE) - 1;
		return 1;
	}
	*out = (const uint8_t *)"\0\0\1x";
	*outlen = 4;
	return context == SSL_EXT_TLS1_3_CERTIFICATE && index == 0;
}

static void
rogue_free(SSL *ssl, unsigned type, unsigned context, const uint8_t *out,
    void *arg)
{
	(void)ssl, (void)type, (void)context, (void)out, (void)arg;
}

static int
rogue_parse(SSL *ssl, unsigned type, unsigned context, const uint8_t *in,
    size_t inlen, X509 *x, size_t index, int *al, void *arg)
{
	(void)ssl, (void)type, (void)context, (void)in, (void)inlen, (void)x;
	(void)index, (void)al, (void)arg;
	return 1;
}

static void
test_rogue(const struct rogue *r)
{
	static const uint8_t cmw[] = { 'x' };
	bool client = r->where == SSL_EXT_CLIENT_HELLO;
	bool request = r->where == REQUEST;
	struct pair_end *good;
	struct pair p;

	T(open_pair(&p, client ? NULL : request ? &attests : &asks,
	    !client ? NULL : r->nonce ? &nonced : &attests, request), "%s",
	    r->what);
	be->close(client ? p.client.conn : p.server.conn);
	T(SSL_CTX_add_custom_ext(client ? p.client.ctx : p.server.ctx, CODE,
	    SSL_EXT_TLS1_3_ONLY | SSL_EXT_CLIENT_HELLO |
	    SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | REQUEST |
	    SSL_EXT_TLS1_3_CERTIFICATE, rogue_add, rogue_free, (void *)(uintptr_t)r, rogue_parse, NULL) ==
	    1, "%s", r->what);
	if (client)
		T(be->open(&p.client.conn, p.client.ctx, p.client.fd, NULL,
		    NULL) == ATLS_OK, "open");
	else
		T(be->open(&p.server.conn, p.server.ctx, p.server.fd, NULL,
		    NULL) == ATLS_OK, "open");
	good = client ? &p.server : &p.client;
	if (r->why == NULL) {			/* for whatever reason */
		T(!shake(&p, ATLS_ARRAY(cmw), 0) && good->r == ATLS_IO_FAIL &&
		    good->err.rc != ATLS_OK, "%s: taken", r->what);
		pair_close(&p);
		return;
	}
	T(shake(&p, ATLS_ARRAY(cmw), 0) == (r->rc == ATLS_OK) &&
	    (good->r == 1) == (r->rc == ATLS_OK), "%s: %s", r->what,
	    good->err.detail);
	T(good->err.rc == r->rc && (r->rc == ATLS_OK ||
	    strcmp(good->err.detail, r->why) == 0), "%s: %s, %s", r->what,
	    good->err.where, good->err.detail);
	pair_close(&p);
}

/* Every single octet less of what is good, and every bit of it changed: none
 * of that is what anybody asked for. */
static const struct {
	const char	*what;
	unsigned	 where;
	const char	*p;
	size_t		 len;
	const char	*why;		/* of what is too short */
} wholes[] = {
	{ "hello", SSL_EXT_CLIENT_HELLO, ROW(CH "\0\0"),
	    "no list of schemes" },
	{ "choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, ROW(EE),
	    "no attestation scheme" },
	{ "request", REQUEST, ROW(EE), "no attestation scheme" },
	{ "evidence", SSL_EXT_TLS1_3_CERTIFICATE, ROW("\0\0\5abcde"),
	    "its length is not that of the CMW" },
};

static void
test_prefixes(void)
{
	struct rogue r = { .rc = ATLS_E_FORMAT };
	size_t i;
	char *p;

	for (i = 0; i < NITEMS(wholes); i++) {
		r.what = wholes[i].what;
		r.where = wholes[i].where;
		r.why = wholes[i].why;
		for (r.len = 1; r.len < wholes[i].len; r.len++) {
			if ((p = malloc(r.len)) == NULL)
				abort();
			memcpy(p, wholes[i].p, r.len);
			r.p = p;
			test_rogue(&r);
			free(p);
		}
	}
}

static void
test_bits(void)
{
	struct rogue r = { .why = NULL };
	size_t i, bit, lens;
	char *p;

	for (i = 0; i < NITEMS(wholes); i++) {
		r.what = wholes[i].what;
		r.where = wholes[i].where;
		r.len = wholes[i].len;
		/* inside of a CMW nothing is read yet */
		lens = r.where == SSL_EXT_TLS1_3_CERTIFICATE ? 3 : r.len;
		if ((p = malloc(r.len)) == NULL)
			abort();
		r.p = p;
		for (bit = 0; bit < 8 * lens; bit++) {
			memcpy(p, wholes[i].p, r.len);
			p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
			test_rogue(&r);
		}
		free(p);
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

	pki = pki_new(&(struct pki_ask){ .dns = NAME,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), pki_view(pki.crls),
	    NULL);
	real = atls_identity_new(pki_view(pki.chain),
	    pki_view(pki.leaf.key_pem), NULL);
	outside = *real;
	outside.sign = sign;
	id = &outside;
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
		for (i = 0; i < (int)NITEMS(rogues); i++)
			test_rogue(&rogues[i]);
		test_prefixes();
		test_bits();
		test_setup();
		test_unverified();
	}
	atls_identity_free(real);
	atls_trust_free(trust);
	pki_free(&pki);
	return argc == 2 ? t_fails != 0 : t_end("t_openssl_carry");
}
