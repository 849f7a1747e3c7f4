/* SPDX-License-Identifier: Apache-2.0 */
/* Connections over OpenSSL: blocking, non-blocking, attached, in memory. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/ssl.h>

#include <atls/atls.h>
#include <atls/openssl.h>

#include "pki.h"
#include "t.h"
#include "tpm_make.h"

#define BULK	(1 << 20)	/* octets, for data in many frames */

/* One machine: a key, a TPM, and what it demands of the other. */
struct machine {
	const char		*name;
	struct pki_cert		 leaf;
	char			*chain;
	struct tpm_make_opts	 tpm;
	struct atls_identity	*id;
	struct atls_policy	*policy;	/* that accepts it */
	unsigned		 quotes;
};

static struct pki pki;
static struct machine server = { .name = "server.example" },
    client = { .name = "client.example" };
static struct atls_trust *trust;

static enum atls_rc
quote(void *dev, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct machine *m = dev;

	(void)err;
	m->quotes++;
	tpm_make(&m->tpm, rd, m->leaf.key, out);
	return ATLS_OK;
}

static enum atls_rc
broken(void *dev, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	(void)dev, (void)rd, (void)out;
	*err = (struct atls_err){ .rc = ATLS_E_DEVICE, .where = "tpm.quote" };
	return ATLS_E_DEVICE;
}

static const struct atls_attester good = { .kind = ATLS_KIND_TPM,
	.quote = quote }, bad = { .kind = ATLS_KIND_TPM, .quote = broken };

static void
machine(struct machine *m)
{
	uint8_t raw[TPM_MAKE_MAX], text[16384], rd[32] = { 1 };
	struct atls_buf b = { raw, sizeof(raw), 0 };
	struct atls_buf t = { text, sizeof(text), 0 };
	struct atls_evidence *ev = malloc(sizeof(*ev));

	m->leaf = pki_cert(&(struct pki_ask){ .dns = m->name,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, &pki.inter,
	    (int64_t)time(NULL));
	m->chain = pki_join(m->leaf.pem, pki.inter.pem, (char *)NULL);
	m->tpm.ak = EVP_EC_gen("P-256");
	m->id = atls_identity_new(pki_view(m->chain),
	    pki_view(m->leaf.key_pem), NULL);
	tpm_make(&m->tpm, ATLS_ARRAY(rd), m->leaf.key, &b);
	T(m->id != NULL && ev != NULL && atls_evidence_parse(ev,
	    ATLS_KIND_TPM, (struct atls_bytes){ raw, b.len }, NULL, NULL) ==
	    ATLS_OK && atls_policy_learn(ev, &t, NULL) == ATLS_OK, "learn");
	m->policy = atls_policy_parse((struct atls_bytes){ text, t.len },
	    NULL, NULL, NULL);
	T(m->policy != NULL, "policy");
	free(ev);
}

static void
machine_free(struct machine *m)
{
	atls_identity_free(m->id);
	atls_policy_free(m->policy);
	pki_cert_free(&m->leaf);
	free(m->chain);
	EVP_PKEY_free(m->tpm.ak);
}

/* One end of a connection to be. */
struct end {
	struct atls_config	*config;
	void			*ctx;
	struct atls_conn	*conn;
	struct atls_source	 src;
	struct atls_err		 err;
	int			 fd;
};

struct opts {
	bool			 server_attests, client_attests;
	unsigned		 reattest;
	bool			 hold;
	enum atls_stream	 stream;
	const struct atls_attester *attester;	/* NULL: good */
};

static void
end_init(struct end *e, struct machine *me, struct machine *other, bool proves,
    bool asks, const struct opts *o)
{
	*e = (struct end){ .fd = -1 };
	e->config = atls_config_new();
	e->src = (struct atls_source){ o->attester != NULL ? o->attester :
	    &good, me };
	if (proves)
		T(atls_config_set_attester(e->config, ATLS_KIND_TPM, me->id)
		    == ATLS_OK, "attester");
	if (asks)
		T(atls_config_set_policy(e->config, other->policy) == ATLS_OK
		    && atls_config_set_peer(e->config, trust, other->name) ==
		    ATLS_OK, "policy");
	if (o->stream != 0)
		T(atls_config_set_stream(e->config, o->stream) == ATLS_OK,
		    "stream");
	T(atls_config_set_reattest(e->config, asks ? o->reattest : 0,
	    o->hold) == ATLS_OK, "reattest");
}

static void
end_ctx(struct end *e, enum atls_role role, struct machine *me, bool mutual)
{
	struct atls_tls_setup setup = { .identity = role == ATLS_SERVER ||
	    mutual ? me->id : NULL, .trust = trust,
	    .ask_client = role == ATLS_SERVER && mutual };

	if (role == ATLS_SERVER && !mutual)
		setup.trust = NULL;
	T(atls_backend_openssl.ctx_new(&e->ctx, role, &setup, &e->err) ==
	    ATLS_OK, "context: %s", e->err.detail);
}

static void
end_free(struct end *e)
{
	atls_conn_free(e->conn);
	if (e->ctx != NULL)
		atls_backend_openssl.ctx_free(e->ctx);
	atls_config_free(e->config);
	if (e->fd != -1)
		(void)close(e->fd);
}

static void
both_open(struct end *c, struct end *s, const struct opts *o, bool blocking)
{
	int fd[2];

	end_init(c, &client, &server, o->client_attests, o->server_attests,
	    o);
	end_init(s, &server, &client, o->server_attests, o->client_attests,
	    o);
	end_ctx(c, ATLS_CLIENT, &client, o->client_attests);
	end_ctx(s, ATLS_SERVER, &server, o->client_attests);
	T(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "sockets");
	c->fd = fd[0];
	s->fd = fd[1];
	if (!blocking) {
		(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);
		(void)fcntl(fd[1], F_SETFL, O_NONBLOCK);
	}
	c->conn = atls_conn_open(c->config, ATLS_CLIENT,
	    &atls_backend_openssl, c->ctx, c->fd, server.name, &c->src,
	    &c->err);
	s->conn = atls_conn_open(s->config, ATLS_SERVER,
	    &atls_backend_openssl, s->ctx, s->fd, NULL, &s->src, &s->err);
	T(c->conn != NULL && s->conn != NULL, "open: %s %s", c->err.detail,
	    s->err.detail);
}

static bool
waits(ssize_t r)
{
	return r == ATLS_IO_WANT_READ || r == ATLS_IO_WANT_WRITE;
}

/* Both in turns; what each ended with. */
static void
attest_both(struct end *c, struct end *s, int *rc, int *rs)
{
	int i;

	*rc = *rs = ATLS_IO_WANT_READ;
	for (i = 0; i < 200 && (waits(*rc) || waits(*rs)); i++) {
		if (waits(*rc))
			*rc = atls_conn_attest(c->conn);
		if (waits(*rs))
			*rs = atls_conn_attest(s->conn);
	}
}

static void
exchange(struct end *from, struct end *to, const char *what)
{
	uint8_t buf[64];
	ssize_t n, m = ATLS_IO_WANT_READ;
	int i;

	n = atls_conn_write(from->conn, (const uint8_t *)what, strlen(what));
	T(n == (ssize_t)strlen(what), "%s: wrote %zd", what, n);
	for (i = 0; i < 50 && waits(m); i++) {
		(void)atls_conn_tick(from->conn);
		m = atls_conn_read(to->conn, buf, sizeof(buf));
	}
	T(m == n && memcmp(buf, what, (size_t)n) == 0, "%s: read %zd", what,
	    m);
}

static void
test_nonblocking(void)
{
	static const struct opts cases[] = {
		{ .server_attests = true },
		{ .client_attests = true },
		{ .server_attests = true, .client_attests = true },
		{ .server_attests = true, .stream = ATLS_STREAM_RAW },
		{ .server_attests = true, .client_attests = true,
		    .stream = ATLS_STREAM_RAW },
	};
	struct end c, s;
	size_t i;
	int rc, rs;

	for (i = 0; i < NITEMS(cases); i++) {
		both_open(&c, &s, &cases[i], false);
		attest_both(&c, &s, &rc, &rs);
		T(rc == 1 && rs == 1, "case %zu: %s / %s", i,
		    atls_conn_error(c.conn)->detail,
		    atls_conn_error(s.conn)->detail);
		T((atls_conn_result(c.conn)->verdict == ATLS_VERDICT_ACCEPT)
		    == cases[i].server_attests &&
		    (atls_conn_result(s.conn)->verdict == ATLS_VERDICT_ACCEPT)
		    == cases[i].client_attests, "case %zu: verdicts", i);
		exchange(&c, &s, "from the client");
		exchange(&s, &c, "from the server");
		end_free(&c);
		end_free(&s);
	}
}

/* A device that fails is a polite refusal, with the reason at its owner. */
static void
test_broken_device(void)
{
	static const struct opts o = { .server_attests = true,
	    .attester = &bad };
	struct end c, s;
	int rc, rs;

	both_open(&c, &s, &o, false);
	attest_both(&c, &s, &rc, &rs);
	T(rc == ATLS_IO_FAIL && atls_conn_error(c.conn)->rc ==
	    ATLS_E_REFUSED, "client: %s", atls_conn_error(c.conn)->detail);
	T(rs == ATLS_IO_FAIL && atls_conn_error(s.conn)->rc == ATLS_E_DEVICE,
	    "server: %s", atls_conn_error(s.conn)->where);
	T(atls_conn_write(c.conn, (const uint8_t *)"x", 1) == ATLS_IO_FAIL,
	    "no data after that");
	end_free(&c);
	end_free(&s);
}

/* Threads that block: much data both ways while both sides ask again. */
struct peer {
	struct end	*e;
	bool		 first;		/* writes before it reads */
	size_t		 sent, got;
	int		 attest;
	ssize_t		 last;
};

static void *
stream(void *arg)
{
	static uint8_t junk[30000];
	struct peer *p = arg;
	uint8_t buf[20000];
	ssize_t n;

	p->attest = atls_conn_attest(p->e->conn);
	while (p->attest == 1 && (p->sent < BULK || p->got < BULK)) {
		if (p->sent < BULK && (p->first || p->got >= p->sent)) {
			n = atls_conn_write(p->e->conn, junk, sizeof(junk));
			p->last = n;
			if (n > 0)
				p->sent += (size_t)n;
			else if (n != ATLS_IO_WANT_READ)
				break;
			if (n > 0 && p->sent < p->got + 60000)
				continue;
		}
		p->last = n = atls_conn_read(p->e->conn, buf, sizeof(buf));
		if (n <= 0)
			break;
		p->got += (size_t)n;
	}
	(void)atls_conn_close(p->e->conn);
	return NULL;
}

static void
test_blocking(void)
{
	static const struct opts o = { .server_attests = true,
	    .client_attests = true };
	struct end c, s;
	struct peer pc = { .e = &c, .first = true }, ps = { .e = &s };
	pthread_t t;

	both_open(&c, &s, &o, true);
	T(pthread_create(&t, NULL, stream, &ps) == 0, "thread");
	(void)stream(&pc);
	(void)pthread_join(t, NULL);
	T(pc.attest == 1 && ps.attest == 1, "attested: %s / %s",
	    atls_conn_error(c.conn)->detail, atls_conn_error(s.conn)->detail);
	T(pc.got >= BULK && ps.got >= BULK, "client %zu, server %zu octets; "
	    "%zd %zd", pc.got, ps.got, pc.last, ps.last);
	T((fcntl(c.fd, F_GETFL) & O_NONBLOCK) != 0, "in use");
	atls_conn_free(c.conn);
	c.conn = NULL;
	T((fcntl(c.fd, F_GETFL) & O_NONBLOCK) == 0, "given back as it was");
	end_free(&c);
	end_free(&s);
}

static void
test_reattest(void)
{
	static const struct opts o = { .server_attests = true };
	struct end c, s;
	uint8_t buf[8];
	int rc, rs, i;

	both_open(&c, &s, &o, false);
	attest_both(&c, &s, &rc, &rs);
	T(rc == 1 && rs == 1, "attested");
	server.quotes = 0;
	T(atls_conn_reattest(c.conn) == 1, "ask");
	exchange(&s, &c, "meanwhile");
	for (i = 0; i < 5; i++) {
		(void)!atls_conn_read(s.conn, buf, sizeof(buf));
		(void)!atls_conn_read(c.conn, buf, sizeof(buf));
	}
	T(atls_session_rounds(atls_conn_session(c.conn)) == 2 &&
	    server.quotes == 1, "%u rounds",
	    atls_session_rounds(atls_conn_session(c.conn)));
	/* the machine changes */
	server.tpm.other = 1;
	T(atls_conn_reattest(c.conn) == 1, "ask again");
	for (i = 0; i < 5; i++) {
		(void)!atls_conn_read(s.conn, buf, sizeof(buf));
		rc = (int)atls_conn_read(c.conn, buf, sizeof(buf));
	}
	T(rc == ATLS_IO_FAIL && strcmp(atls_conn_error(c.conn)->where,
	    "tpm.pcr.sha256.0") == 0, "changed: %d %s", rc,
	    atls_conn_error(c.conn)->where);
	server.tpm.other = 0;
	end_free(&c);
	end_free(&s);
}

/* An end of the stream is told from its being cut. */
static void
test_ends(void)
{
	static const struct opts o = { .server_attests = true };
	struct end c, s;
	uint8_t buf[8];
	int rc, rs, i;

	for (i = 0; i < 2; i++) {
		both_open(&c, &s, &o, false);
		attest_both(&c, &s, &rc, &rs);
		T(rc == 1 && rs == 1, "attested");
		if (i == 0)
			T(atls_conn_close(s.conn) == 1, "close");
		else
			(void)shutdown(s.fd, SHUT_RDWR);
		T(atls_conn_read(c.conn, buf, sizeof(buf)) == (i == 0 ?
		    ATLS_IO_EOF : ATLS_IO_FAIL), "case %d", i);
		end_free(&c);
		end_free(&s);
	}
	/* closed before anything was proven */
	both_open(&c, &s, &o, false);
	atls_conn_free(s.conn);
	s.conn = NULL;
	(void)close(s.fd);
	s.fd = -1;
	T(atls_conn_attest(c.conn) == ATLS_IO_FAIL, "gone");
	T(atls_conn_tick(c.conn) == ATLS_IO_FAIL &&
	    atls_conn_error(c.conn)->rc != ATLS_OK, "and says so");
	end_free(&c);
	end_free(&s);
}

/* An application's own SSL over memory BIOs. */
static SSL_CTX *
own_ctx(bool is_server)
{
	SSL_CTX *ctx = SSL_CTX_new(is_server ? TLS_server_method() :
	    TLS_client_method());

	if (is_server)
		T(SSL_CTX_use_certificate(ctx, server.leaf.x509) == 1 &&
		    SSL_CTX_use_PrivateKey(ctx, server.leaf.key) == 1 &&
		    SSL_CTX_add1_chain_cert(ctx, pki.inter.x509) == 1, "key");
	T(atls_openssl_prepare(ctx, is_server ? ATLS_SERVER : ATLS_CLIENT,
	    NULL) == ATLS_OK, "prepare");
	return ctx;
}

/* An orderly end, by a TLS peer that proved nothing, is no empty answer. */
static void
test_unproven_end(void)
{
	static const struct opts o = { .server_attests = true };
	SSL_CTX *cctx = own_ctx(false), *sctx = own_ctx(true);
	SSL *cs = SSL_new(cctx), *ss = SSL_new(sctx);
	uint8_t buf[8];
	struct end c;
	BIO *a, *b;
	int k;

	T(BIO_new_bio_pair(&a, 0, &b, 0) == 1, "bio");
	SSL_set_bio(cs, a, a);
	SSL_set_bio(ss, b, b);
	SSL_set_connect_state(cs);
	SSL_set_accept_state(ss);
	for (k = 0; k < 6; k++) {
		(void)SSL_do_handshake(cs);
		(void)SSL_do_handshake(ss);
	}
	end_init(&c, &client, &server, false, true, &o);
	c.conn = atls_conn_attach(c.config, ATLS_CLIENT,
	    &atls_backend_openssl, cs, -1, &c.src, &c.err);
	T(c.conn != NULL, "attach");
	(void)SSL_shutdown(ss);
	T(atls_conn_read(c.conn, buf, sizeof(buf)) == ATLS_IO_FAIL &&
	    atls_conn_error(c.conn)->rc == ATLS_E_IO, "read");
	/* a stream of KeyUpdates must not keep a read inside OpenSSL */
	T((SSL_get_mode(cs) & SSL_MODE_AUTO_RETRY) == 0, "mode");
	end_free(&c);
	SSL_free(cs);
	SSL_free(ss);
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
}

static void
test_attach(void)
{
	static const struct opts framed = { .server_attests = true };
	static const struct opts raw = { .server_attests = true,
	    .stream = ATLS_STREAM_RAW };
	SSL_CTX *cctx = own_ctx(false), *sctx = own_ctx(true);
	struct end c, s;
	char buf[8];
	SSL *cs, *ss;
	BIO *a, *b;
	int i, k, rc, rs;

	for (i = 0; i < 2; i++) {
		cs = SSL_new(cctx);
		ss = SSL_new(sctx);
		T(BIO_new_bio_pair(&a, 0, &b, 0) == 1, "bio");
		SSL_set_bio(cs, a, a);
		SSL_set_bio(ss, b, b);
		SSL_set_connect_state(cs);
		SSL_set_accept_state(ss);
		for (k = 0; k < 6; k++) {
			(void)SSL_do_handshake(cs);
			(void)SSL_do_handshake(ss);
		}
		end_init(&c, &client, &server, false, true, i == 0 ? &framed :
		    &raw);
		end_init(&s, &server, &client, true, false, i == 0 ? &framed :
		    &raw);
		c.conn = atls_conn_attach(c.config, ATLS_CLIENT,
		    &atls_backend_openssl, cs, -1, &c.src, &c.err);
		s.conn = atls_conn_attach(s.config, ATLS_SERVER,
		    &atls_backend_openssl, ss, -1, &s.src, &s.err);
		T(c.conn != NULL && s.conn != NULL, "attach: %s",
		    c.err.detail);
		attest_both(&c, &s, &rc, &rs);
		T(rc == 1 && rs == 1, "case %d: %s", i,
		    atls_conn_error(c.conn)->detail);
		if (i == 0) {
			exchange(&c, &s, "framed");
			end_free(&c);
			end_free(&s);
		} else {
			/* the stream is the application's again */
			end_free(&c);
			end_free(&s);
			T(SSL_write(cs, "plain", 5) == 5 && SSL_read(ss, buf,
			    8) == 5 && memcmp(buf, "plain", 5) == 0, "raw");
		}
		SSL_free(cs);
		SSL_free(ss);
	}
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
}

/*
 * Flights, counted: each turn of an end answers all that the other has sent.
 * A client that attests answers with its Finished, so the server has its
 * verdict when an unattested connection would have its first data.
 */
static int
flights(const struct opts *o, bool of_server)
{
	struct end c, s;
	int i, rc = 0, rs = 0, n = 0;

	both_open(&c, &s, o, false);
	for (i = 0; i < 20 && n == 0; i++) {
		if (i % 2 == 0)
			rc = atls_conn_attest(c.conn);
		else
			rs = atls_conn_attest(s.conn);
		if (atls_conn_result(of_server ? s.conn : c.conn)->verdict ==
		    ATLS_VERDICT_ACCEPT)
			n = i + 1;
	}
	(void)rc, (void)rs;
	end_free(&c);
	end_free(&s);
	return n;
}

static void
test_flights(void)
{
	static const struct opts cl = { .client_attests = true };
	static const struct opts sv = { .server_attests = true };
	static const struct opts both = { .client_attests = true,
	    .server_attests = true };

	/* 1 ClientHello; 2 .. Finished; 3 Finished; 4 */
	T(flights(&cl, true) == 4, "client attests: %d", flights(&cl, true));
	T(flights(&sv, false) == 5, "server attests: %d", flights(&sv,
	    false));
	T(flights(&both, true) == 4 && flights(&both, false) == 5,
	    "both: %d %d", flights(&both, true), flights(&both, false));
}

int
main(void)
{
	int64_t now = (int64_t)time(NULL);

	pki = pki_new(&(struct pki_ask){ .dns = "unused.example" }, now);
	trust = atls_trust_new(pki_view(pki.root.pem), pki_view(pki.crls),
	    NULL);
	T(trust != NULL, "trust");
	machine(&server);
	machine(&client);
	test_nonblocking();
	test_broken_device();
	test_blocking();
	test_reattest();
	test_ends();
	test_attach();
	test_unproven_end();
	test_flights();
	machine_free(&server);
	machine_free(&client);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_conn");
}
