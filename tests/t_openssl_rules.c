/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atls/openssl.h>

#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define TURNS	100

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *id;

/* Contexts and connections of an application that knows nothing of us. */
static SSL_CTX *
app_ctx(enum atls_role role)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	if (ctx == NULL || X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx),
	    pki.root.x509) != 1)
		abort();
	if (role == ATLS_CLIENT)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	else if (SSL_CTX_use_certificate(ctx, pki.leaf.x509) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, pki.leaf.key) != 1 ||
	    SSL_CTX_add1_chain_cert(ctx, pki.inter.x509) != 1)
		abort();
	return ctx;
}

static SSL_CTX *
our_ctx(enum atls_role role)
{
	struct atls_tls_setup cl = { .trust = trust, .name = NAME };
	struct atls_tls_setup sv = { .identity = id };
	struct atls_err err = { 0 };
	void *ctx;

	if (be->ctx_new(&ctx, role, role == ATLS_CLIENT ? &cl : &sv, &err) !=
	    ATLS_OK)
		abort();
	return ctx;
}

/* Two SSL over memory. */
struct two {
	SSL	*c, *s;
};

static void
two_open(struct two *t, SSL_CTX *c, SSL_CTX *s)
{
	BIO *a, *b;

	if ((t->c = SSL_new(c)) == NULL || (t->s = SSL_new(s)) == NULL ||
	    BIO_new_bio_pair(&a, 1 << 17, &b, 1 << 17) != 1)
		abort();
	SSL_set_bio(t->c, a, a);
	SSL_set_bio(t->s, b, b);
	SSL_set_connect_state(t->c);
	SSL_set_accept_state(t->s);
}

static bool
two_shake(struct two *t)
{
	int i, c = 0, s = 0;

	for (i = 0; i < TURNS && (c != 1 || s != 1); i++) {
		c = SSL_do_handshake(t->c);
		s = SSL_do_handshake(t->s);
	}
	ERR_clear_error();
	return c == 1 && s == 1;
}

static void
two_close(struct two *t)
{
	SSL_free(t->c);
	SSL_free(t->s);
}

static struct atls_channel_info
info(SSL *ssl)
{
	struct atls_channel_info i = { .version = 0 };

	T(be->channel->info(ssl, &i) == ATLS_OK, "info");
	return i;
}

/* A client reads what there is: now it knows of tickets. */
static void
drain(SSL *ssl)
{
	uint8_t b[64];

	(void)be->read(ssl, b, sizeof(b));
}

/* From a server of ours, or a prepared one, no ticket comes.  Those of others
 * show at both ends, at the client's once it has read. */
static void
test_tickets(void)
{
	static const struct {
		const char	*what;
		bool		 ours, prepare, option, ask, hide;
		bool		 tickets;	/* what info says */
	} t[] = {
		{ "default",	0, 0, 0, 0, 0, 1 },
		{ "NO_TICKET",	0, 0, 1, 0, 0, 1 },
		{ "prepared",	0, 1, 0, 0, 0, 0 },
		{ "ours",	1, 0, 0, 0, 0, 0 },
		{ "on demand",	0, 1, 0, 1, 0, 1 },
		{ "hidden",	0, 0, 0, 0, 1, 1 },
	};
	SSL_CTX *c, *s;
	struct two w;
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		c = our_ctx(ATLS_CLIENT);
		s = t[i].ours ? our_ctx(ATLS_SERVER) : app_ctx(ATLS_SERVER);
		if (t[i].option)
			SSL_CTX_set_options(s, SSL_OP_NO_TICKET);
		if (t[i].prepare)
			T(atls_openssl_prepare(s, ATLS_SERVER, NULL) ==
			    ATLS_OK, "%s", t[i].what);
		two_open(&w, c, s);
		(void)SSL_set1_host(w.c, NAME);
		T(info(w.s).tickets == (!t[i].ours && !t[i].prepare),
		    "%s: before", t[i].what);
		T(two_shake(&w), "%s", t[i].what);
		T(!info(w.c).tickets, "%s: not read yet", t[i].what);
		if (t[i].ask)
			T(SSL_new_session_ticket(w.s) == 1 &&
			    SSL_do_handshake(w.s) == 1, "%s", t[i].what);
		if (t[i].hide)
			T(SSL_set_num_tickets(w.s, 0) == 1, "%s", t[i].what);
		drain(w.c);
		T(info(w.s).tickets == t[i].tickets, "%s", t[i].what);
		T(info(w.c).tickets == t[i].tickets, "%s", t[i].what);
		T(info(w.c).established && info(w.s).established, "%s",
		    t[i].what);
		two_close(&w);
		SSL_CTX_free(c);
		SSL_CTX_free(s);
	}
}

/* A session to come back with, from a server of this context; on demand. */
static SSL_SESSION *
session_of(SSL_CTX *c, SSL_CTX *s)
{
	SSL_SESSION *session;
	struct two w;

	two_open(&w, c, s);
	T(two_shake(&w), "session");
	if (SSL_get_num_tickets(w.s) == 0)
		T(SSL_new_session_ticket(w.s) == 1 &&
		    SSL_do_handshake(w.s) == 1, "session");
	drain(w.c);
	session = SSL_get1_session(w.c);
	T(SSL_SESSION_is_resumable(session) == 1, "session");
	(void)SSL_shutdown(w.s);
	(void)SSL_shutdown(w.c);
	two_close(&w);
	return session;
}

/* Coming back, with or without early data: seen at both ends, and a server
 * of ours takes neither. */
static void
test_resumption(bool early, bool our_server)
{
	SSL_CTX *c = app_ctx(ATLS_CLIENT), *s = app_ctx(ATLS_SERVER), *back;
	const char *what = early ? "early data" : "resumption";
	SSL_SESSION *session;
	uint8_t b[8];
	size_t n = 0;
	struct two w;
	int r;

	(void)SSL_CTX_set_max_early_data(s, early ? 1000 : 0);
	(void)SSL_CTX_set_recv_max_early_data(s, 1000);
	session = session_of(c, s);
	back = our_server ? our_ctx(ATLS_SERVER) : s;
	two_open(&w, c, back);
	T(SSL_set_session(w.c, session) == 1, "%s", what);
	if (early) {
		T(SSL_write_early_data(w.c, "0-RTT", 5, &n) == 1 && n == 5,
		    "%s", what);
		if (!our_server) {
			r = SSL_read_early_data(w.s, b, sizeof(b), &n);
			T(r == SSL_READ_EARLY_DATA_SUCCESS && n == 5, "%s: %d",
			    what, r);
		}
	}
	if (early && !our_server)
		T(!info(w.s).established, "%s", what);
	for (r = 0; early && !our_server && r < 3; r++) {
		(void)SSL_do_handshake(w.c);
		(void)SSL_read_early_data(w.s, b, sizeof(b), &n);
	}
	T(two_shake(&w), "%s", what);
	T(info(w.c).resumed == !our_server, "%s", what);
	T(info(w.s).resumed == !our_server, "%s", what);
	T(info(w.c).early_data == early, "%s", what);
	T(info(w.s).early_data == early, "%s", what);
	two_close(&w);
	SSL_SESSION_free(session);
	SSL_CTX_free(c);
	SSL_CTX_free(s);
	if (our_server)
		SSL_CTX_free(back);
}

/* Not even with a ticket of its own making. */
static void
test_no_resumption(void)
{
	SSL_CTX *c = app_ctx(ATLS_CLIENT), *s = our_ctx(ATLS_SERVER);
	SSL_SESSION *session = session_of(c, s);
	struct two w;

	two_open(&w, c, s);
	T(SSL_set_session(w.c, session) == 1, "no resumption");
	T(two_shake(&w), "no resumption");
	T(!info(w.c).resumed && !info(w.s).resumed, "no resumption");
	two_close(&w);
	SSL_SESSION_free(session);
	SSL_CTX_free(c);
	SSL_CTX_free(s);
}

/* A key agreed outside is a resumption, too. */
static SSL_SESSION *
psk_session(SSL *ssl)
{
	static const uint8_t suite[] = { 0x13, 0x01 }, key[32] = { 7 };
	SSL_SESSION *session = SSL_SESSION_new();

	if (session == NULL ||
	    SSL_SESSION_set1_master_key(session, key, sizeof(key)) != 1 ||
	    SSL_SESSION_set_cipher(session, SSL_CIPHER_find(ssl, suite)) !=
	    1 || SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) !=
	    1)
		abort();
	return session;
}

static int
psk_use(SSL *ssl, const EVP_MD *md, const unsigned char **name, size_t *len,
    SSL_SESSION **session)
{
	(void)md;
	*name = (const unsigned char *)"us";
	*len = 2;
	*session = psk_session(ssl);
	return 1;
}

static int
psk_find(SSL *ssl, const unsigned char *name, size_t len,
    SSL_SESSION **session)
{
	*session = len == 2 && memcmp(name, "us", 2) == 0 ?
	    psk_session(ssl) : NULL;
	return 1;
}

static void
test_psk(void)
{
	SSL_CTX *c = app_ctx(ATLS_CLIENT), *s = app_ctx(ATLS_SERVER);
	struct two w;

	(void)SSL_CTX_set_ciphersuites(c, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_psk_use_session_callback(c, psk_use);
	SSL_CTX_set_psk_find_session_callback(s, psk_find);
	two_open(&w, c, s);
	T(two_shake(&w), "PSK");
	T(info(w.c).resumed && info(w.s).resumed, "PSK");
	two_close(&w);
	SSL_CTX_free(c);
	SSL_CTX_free(s);
}

/* TLS 1.2: never with us; over an application's own, the version is told and
 * nothing is exported. */
static void
test_version(enum atls_role old)
{
	SSL_CTX *c = old == ATLS_CLIENT ? app_ctx(old) : our_ctx(ATLS_CLIENT);
	SSL_CTX *s = old == ATLS_SERVER ? app_ctx(old) : our_ctx(ATLS_SERVER);
	SSL_CTX *app = old == ATLS_CLIENT ? c : s, *other;
	struct atls_bytes spki;
	uint8_t out[32];
	struct two w;

	SSL_CTX_set_max_proto_version(app, TLS1_2_VERSION);
	T(atls_openssl_prepare(app, old, NULL) == ATLS_E_CONF, "1.2");
	SSL_CTX_set_min_proto_version(app, TLS1_2_VERSION);
	two_open(&w, c, s);
	T(!two_shake(&w), "1.2 with us");
	T(!info(w.c).established && !info(w.s).established, "1.2 with us");
	two_close(&w);

	other = app_ctx(old == ATLS_CLIENT ? ATLS_SERVER : ATLS_CLIENT);
	two_open(&w, old == ATLS_CLIENT ? c : other,
	    old == ATLS_CLIENT ? other : s);
	T(two_shake(&w), "1.2 without us");
	T(info(w.c).version == 0x0303 && info(w.s).version == 0x0303, "1.2");
	T(be->channel->exporter(w.c, "x", none, out, sizeof(out)) ==
	    ATLS_E_STATE, "1.2");
	T(be->channel->spki(w.c, true, &spki) == ATLS_E_STATE, "1.2");
	two_close(&w);
	SSL_CTX_free(other);
	SSL_CTX_free(c);
	SSL_CTX_free(s);
}

/* Ways in which a context can be unfit. */
static void
test_prepare(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct atls_err err = { 0 };
	void *conn = &err;

	T(be->open(&conn, ctx, 0, NULL, &err) == ATLS_E_ARG && conn == NULL,
	    "not prepared");
	err.rc = ATLS_OK;
	T(atls_openssl_prepare(ctx, ATLS_SERVER, &err) == ATLS_E_CONF &&
	    err.rc == ATLS_E_CONF, "role");
	T(atls_openssl_prepare(NULL, ATLS_SERVER, NULL) == ATLS_E_CONF,
	    "no context");
	T(atls_openssl_prepare(ctx, (enum atls_role)3, NULL) == ATLS_E_CONF,
	    "no role");
	SSL_CTX_set_options(ctx, SSL_OP_NO_TLSv1_3);
	T(atls_openssl_prepare(ctx, ATLS_CLIENT, NULL) == ATLS_E_CONF,
	    "no TLS 1.3");
	SSL_CTX_clear_options(ctx, SSL_OP_NO_TLSv1_3);
	T(atls_openssl_prepare(ctx, ATLS_CLIENT, NULL) == ATLS_OK, "fine");
	T(be->open(&conn, ctx, -1, NULL, NULL) == ATLS_E_ARG, "no fd");
	T(be->open(&conn, ctx, 0, NULL, NULL) == ATLS_OK, "no verification");
	be->close(conn);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	T(be->open(&conn, ctx, 0, NULL, NULL) == ATLS_E_ARG, "no name");
	T(be->open(&conn, ctx, 0, NAME, NULL) == ATLS_OK, "name");
	be->close(conn);
	T(ERR_peek_error() == 0, "queue");
	SSL_CTX_free(ctx);
}

/* Setups that make no sense. */
static void
test_setup(void)
{
	char name[255];
	uint8_t *der = calloc(1, id->chain[0].len + 1);
	struct atls_identity twisted[6] = { *id, *id, *id, *id, *id, *id };
	const struct {
		const char		*what;
		enum atls_role		 role;
		struct atls_tls_setup	 s;
		enum atls_rc		 rc;
	} t[] = {
		{ "no role", 0, { .identity = id }, ATLS_E_ARG },
		{ "no identity", ATLS_SERVER, { .trust = trust }, ATLS_E_ARG },
		{ "no trust", ATLS_SERVER, { .identity = id,
		    .ask_client = true }, ATLS_E_ARG },
		{ "empty name", ATLS_CLIENT, { .name = "" }, ATLS_E_ARG },
		{ "dot", ATLS_CLIENT, { .name = ".example" }, ATLS_E_ARG },
		{ "long name", ATLS_CLIENT, { .name = name }, ATLS_E_ARG },
		{ "no sign()", ATLS_SERVER, { .identity = &twisted[0] },
		    ATLS_E_ARG },
		{ "no chain", ATLS_SERVER, { .identity = &twisted[1] },
		    ATLS_E_ARG },
		{ "scheme", ATLS_SERVER, { .identity = &twisted[2] },
		    ATLS_E_ARG },
		{ "short leaf", ATLS_SERVER, { .identity = &twisted[3] },
		    ATLS_E_FORMAT },
		{ "long leaf", ATLS_SERVER, { .identity = &twisted[5] },
		    ATLS_E_FORMAT },
		{ "bad issuer", ATLS_SERVER, { .identity = &twisted[4] },
		    ATLS_E_FORMAT },
		{ "nothing", ATLS_CLIENT, { 0 }, ATLS_OK },
		{ "trust only", ATLS_CLIENT, { .trust = trust }, ATLS_OK },
	};
	struct atls_err err;
	void *ctx;
	size_t i;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	twisted[0].sign = NULL;
	twisted[1].nchain = 0;
	twisted[2].scheme[0] = 0x0603;
	twisted[2].nscheme = 1;
	twisted[3].chain[0].len--;
	twisted[4].chain[1].len = 1;
	memcpy(der, id->chain[0].p, id->chain[0].len);
	twisted[5].chain[0] = (struct atls_bytes){ der, id->chain[0].len + 1 };
	for (i = 0; i < NITEMS(t); i++) {
		err = (struct atls_err){ 0 };
		ctx = &err;
		T(be->ctx_new(&ctx, t[i].role, &t[i].s, &err) == t[i].rc &&
		    err.rc == t[i].rc, "%s: %s %s", t[i].what,
		    atls_rc_name(err.rc), err.detail);
		T((ctx == NULL) == (t[i].rc != ATLS_OK), "%s", t[i].what);
		T(ERR_peek_error() == 0, "%s: queue", t[i].what);
		if (ctx != NULL)
			be->ctx_free(ctx);
	}
	free(der);
}

/* Suites give the hash, groups of both kinds work. */
static void
test_suites(void)
{
	static const struct {
		const char	*suite, *group;
		enum atls_hash	 hash;
	} t[] = {
		{ "TLS_AES_128_GCM_SHA256", "X25519", ATLS_SHA256 },
		{ "TLS_AES_256_GCM_SHA384", "P-256", ATLS_SHA384 },
		{ "TLS_CHACHA20_POLY1305_SHA256", "P-384", ATLS_SHA256 },
	};
	struct atls_bytes spki;
	uint8_t a[32], b[32];
	SSL_CTX *c = our_ctx(ATLS_CLIENT), *s = our_ctx(ATLS_SERVER);
	struct two w;
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		two_open(&w, c, s);
		T(SSL_set1_host(w.c, NAME) == 1 &&
		    SSL_set_ciphersuites(w.c, t[i].suite) == 1 &&
		    SSL_set1_groups_list(w.s, t[i].group) == 1, "%s",
		    t[i].suite);
		T(info(w.c).hash == 0 && info(w.s).hash == 0, "%s", t[i].suite);
		T(two_shake(&w), "%s", t[i].suite);
		T(info(w.c).hash == t[i].hash && info(w.s).hash == t[i].hash,
		    "%s", t[i].suite);
		T(be->channel->exporter(w.c, "x", none, a, 32) == ATLS_OK &&
		    be->channel->exporter(w.s, "x", none, b, 32) == ATLS_OK &&
		    memcmp(a, b, 32) == 0, "%s", t[i].suite);
		T(be->channel->spki(w.s, true, &spki) == ATLS_OK &&
		    spki.len == 0, "%s", t[i].suite);
		two_close(&w);
	}
	SSL_CTX_free(c);
	SSL_CTX_free(s);
}

int
main(void)
{
	pki = pki_new(&(struct pki_ask){ .dns = NAME }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), none, NULL);
	id = atls_identity_new(pki_view(pki.chain), pki_view(pki.leaf.key_pem),
	    NULL);
	if (trust == NULL || id == NULL)
		abort();
	test_tickets();
	test_resumption(false, false);
	test_resumption(false, true);
	test_resumption(true, false);
	test_resumption(true, true);
	test_no_resumption();
	test_psk();
	test_version(ATLS_CLIENT);
	test_version(ATLS_SERVER);
	test_prepare();
	test_setup();
	test_suites();
	atls_identity_free(id);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_openssl_rules");
}
