/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../backend/openssl/ob.h"
#include "heap.h"
#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define BIG	((size_t)1 << 20)

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *id;
static uint8_t big[BIG];

static void
up(struct pair *p, bool ask_client)
{
	struct atls_tls_setup cl = { .identity = id, .trust = trust,
	    .name = NAME };
	struct atls_tls_setup sv = { .identity = id, .trust = trust,
	    .ask_client = ask_client };

	T(pair_open(p, be, &cl, &sv), "open: %s %s", p->client.err.detail,
	    p->server.err.detail);
}

static bool
exports(struct pair *p, struct pair_end *e)
{
	uint8_t out[32];
	enum atls_rc rc = pair_export(p, e, "Attestation", none, out);

	T(rc == ATLS_OK || rc == ATLS_E_STATE, "exporter: %d", (int)rc);
	return rc == ATLS_OK;
}

/* What may be asked of a server that has written its Finished, but has not
 * seen the client's: nothing. */
static void
check_half(struct pair *p)
{
	struct atls_bytes spki = { big, 1 };
	uint16_t v[1];
	size_t n = 1;

	T(!pair_info(p, &p->server).established, "half");
	T(!exports(p, &p->server), "half");
	T(be->channel->spki(p->server.conn, false, &spki) == ATLS_E_STATE &&
	    spki.p == NULL && spki.len == 0, "half");
	T(be->channel->offered(p->server.conn, true, v, 1, &n) ==
	    ATLS_E_STATE && n == 0, "half");
}

/*
 * Step by step: client's hello, server's flight and first octets, client's
 * end, server's end.  The client has the octets when it has nothing else to
 * wait for, and the server has not moved since.
 */
static void
test_steps(bool ask_client, size_t firstlen)
{
	struct atls_bytes first = { big, firstlen };
	uint8_t got[64];
	struct pair p = { 0 };
	ssize_t n;

	up(&p, ask_client);
	T(!exports(&p, &p.client) && !exports(&p, &p.server), "start");
	T(pair_step(&p, &p.client, none) &&
	    p.client.r == ATLS_IO_WANT_READ, "hello");
	T(!exports(&p, &p.client) && !pair_info(&p, &p.client).established,
	    "hello");
	T(pair_step(&p, &p.server, first) &&
	    p.server.r == ATLS_IO_WANT_READ, "flight: %s",
	    p.server.err.detail);
	check_half(&p);
	T(pair_step(&p, &p.client, none) && p.client.r == 1, "client: %s",
	    p.client.err.detail);
	T(pair_info(&p, &p.client).established && exports(&p, &p.client),
	    "client");
	n = be->read(p.client.conn, got, sizeof(got));
	T(firstlen == 0 ? n == ATLS_IO_WANT_READ : n == (ssize_t)firstlen &&
	    memcmp(got, big, firstlen) == 0, "first: %zd", n);
	check_half(&p);
	T(pair_step(&p, &p.server, first) && p.server.r == 1, "server: %s",
	    p.server.err.detail);
	T(pair_info(&p, &p.server).established && exports(&p, &p.server),
	    "server");
	T(!pair_info(&p, &p.server).early_data &&
	    !pair_info(&p, &p.client).early_data, "no 0-RTT");
	T(pair_handshake(&p, first), "again");
	T(pair_send(&p, &p.client, &p.server, ATLS_ARRAY(got)), "up");
	T(pair_send(&p, &p.server, &p.client, ATLS_ARRAY(got)), "down");
	T(ERR_peek_error() == 0, "queue");
	pair_close(&p);
}

/* More than the socket takes at once: nothing is lost or sent twice. */
static void
test_first(size_t len, bool ask_client)
{
	struct atls_bytes first = { big, len };
	uint8_t *got = malloc(len + 1);
	struct pair p = { 0 };
	size_t n = 0;
	int small = 1, turns;
	ssize_t r;

	up(&p, ask_client);
	(void)setsockopt(p.server.fd, SOL_SOCKET, SO_SNDBUF, &small,
	    sizeof(small));
	for (turns = 0; turns < 100000; turns++) {
		struct atls_bytes moved = copy(first);

		(void)pair_step(&p, &p.server, moved);
		drop(moved);
		(void)pair_step(&p, &p.client, none);
		if (p.client.r != 1)
			continue;
		r = be->read(p.client.conn, got + n, len + 1 - n);
		if (r > 0)
			n += (size_t)r;
		else if (r != ATLS_IO_WANT_READ || p.server.r == 1)
			break;
	}
	T(n == len && memcmp(got, big, len) == 0, "first %zu: %zu", len, n);
	T(p.server.r == 1 && p.client.r == 1, "first %zu: %s", len,
	    p.server.err.detail);
	T(pair_send(&p, &p.server, &p.client,
	    (struct atls_bytes){ big, 50000 }), "first %zu: down", len);
	T(pair_send(&p, &p.client, &p.server,
	    (struct atls_bytes){ big, 50000 }), "first %zu: up", len);
	free(got);
	pair_close(&p);
}

static void
test_client_speaks(void)
{
	struct atls_bytes first = { big, 1 };
	struct pair p = { 0 };

	up(&p, false);
	T(!pair_step(&p, &p.client, first) && p.client.err.rc == ATLS_E_ARG,
	    "a client speaks first");
	pair_close(&p);
}

/* Orderly ends, and others. */
static void
test_ends(void)
{
	struct pair p = { 0 };
	uint8_t b[8];

	up(&p, false);
	T(pair_handshake(&p, none), "ends");
	T(pair_send(&p, &p.client, &p.server,
	    (struct atls_bytes){ big, BIG }), "big up");
	T(pair_send(&p, &p.server, &p.client,
	    (struct atls_bytes){ big, BIG }), "big down");
	T(be->read(p.client.conn, b, 0) == ATLS_IO_FAIL &&
	    be->write(p.client.conn, b, 0) == ATLS_IO_FAIL, "no octets");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_WANT_READ, "nothing");
	T(!be->pending(p.client.conn), "nothing");
	T(be->write(p.server.conn, big, 8) == 8, "pending");
	T(be->read(p.client.conn, b, 3) == 3 && be->pending(p.client.conn) &&
	    be->read(p.client.conn, b, 8) == 5 &&
	    !be->pending(p.client.conn), "pending");
	T(be->shutdown(p.server.conn) == 1, "shutdown");
	T(be->shutdown(p.server.conn) == 1, "shutdown again");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_EOF, "close_notify");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_EOF, "close_notify again");
	/* half closed: the other direction still works */
	T(be->write(p.client.conn, big, 4) == 4 &&
	    be->shutdown(p.server.conn) == 1 &&
	    be->read(p.server.conn, b, 8) == 4, "half closed");
	T(be->shutdown(p.client.conn) == 1 &&
	    be->read(p.server.conn, b, 8) == ATLS_IO_EOF, "both closed");
	pair_close(&p);

	up(&p, false);
	T(pair_handshake(&p, none), "truncation");
	T(be->write(p.server.conn, big, 8) == 8, "truncation");
	(void)shutdown(p.server.fd, SHUT_WR);
	T(be->read(p.client.conn, b, 8) == 8, "truncation");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_FAIL, "truncation");
	T(ERR_peek_error() == 0, "queue");
	pair_close(&p);

	/* whoever writes to nobody gets an error, not SIGPIPE */
	up(&p, false);
	T(pair_handshake(&p, none), "SIGPIPE");
	close(p.server.fd);
	p.server.fd = -1;
	T(be->write(p.client.conn, big, 8) == ATLS_IO_FAIL, "SIGPIPE");
	T(be->write(p.client.conn, big, 8) == ATLS_IO_FAIL, "SIGPIPE");
	T(be->shutdown(p.client.conn) == ATLS_IO_FAIL, "SIGPIPE");
	pair_close(&p);
}

/* A full socket: writing and shutting down wait, and resume. */
static void
test_full(void)
{
	size_t sent = 0, got = 0;
	struct pair p = { 0 };
	uint8_t b[4096];
	ssize_t n;
	int i, r;

	up(&p, false);
	T(pair_handshake(&p, none), "full");
	while ((n = be->write(p.client.conn, big + sent, BIG - sent)) > 0)
		sent += (size_t)n;
	T(n == ATLS_IO_WANT_WRITE && sent > 0, "full: %zd", n);
	for (i = 0; i < 1000 && sent < BIG; i++) {
		if ((n = be->read(p.server.conn, b, sizeof(b))) > 0)
			got += (size_t)n;
		if ((n = be->write(p.client.conn, big + sent, BIG - sent)) > 0)
			sent += (size_t)n;
	}
	T(sent == BIG, "full: %zu", sent);
	r = be->shutdown(p.client.conn);
	while ((n = be->read(p.server.conn, b, sizeof(b))) > 0) {
		T(memcmp(b, big + got, (size_t)n) == 0, "full: %zu", got);
		got += (size_t)n;
		if (r == ATLS_IO_WANT_WRITE)
			r = be->shutdown(p.client.conn);
	}
	T(n == ATLS_IO_EOF && r == 1 && got == BIG, "full: %zd %d %zu", n, r,
	    got);
	pair_close(&p);
}

/* The server hangs up at each point of the handshake. */
static void
test_hangup(void)
{
	struct pair p = { 0 };

	up(&p, false);
	close(p.server.fd);
	p.server.fd = -1;
	T(!pair_step(&p, &p.client, none) && p.client.err.rc == ATLS_E_IO,
	    "at once: %s", p.client.err.detail);
	pair_close(&p);

	up(&p, false);
	(void)pair_step(&p, &p.client, none);
	(void)shutdown(p.server.fd, SHUT_RDWR);
	T(!pair_step(&p, &p.client, none) && p.client.err.rc == ATLS_E_IO,
	    "after hello: %s", p.client.err.detail);
	pair_close(&p);

	up(&p, false);
	T(write(p.client.fd, "GET / HTTP/1.0\r\n\r\n", 18) == 18, "HTTP");
	T(!pair_step(&p, &p.server, none) && p.server.err.rc == ATLS_E_PEER,
	    "HTTP: %s", p.server.err.detail);
	T(ERR_peek_error() == 0, "queue");
	pair_close(&p);
}

/* Blocking descriptors, the client in a process of its own. */
static void
child(void *ctx, int fd)
{
	struct atls_err err = { 0 };
	uint8_t b[4096];
	void *conn;
	ssize_t n;

	if (be->open(&conn, ctx, fd, NAME, &err) != ATLS_OK ||
	    be->handshake(conn, none, &err) != 1)
		_exit(1);
	while ((n = be->read(conn, b, sizeof(b))) > 0)
		if (be->write(conn, b, (size_t)n) != n)
			_exit(2);
	_exit(n == ATLS_IO_EOF && be->shutdown(conn) == 1 ? 0 : 3);
}

static void
test_blocking(void)
{
	struct atls_bytes first = { big, 3000 };
	struct atls_err err = { 0 };
	uint8_t b[3000];
	size_t n = 0;
	struct pair p = { 0 };
	ssize_t r = 1;
	int status = -1;
	pid_t pid;

	up(&p, false);
	(void)fcntl(p.client.fd, F_SETFL, 0);
	(void)fcntl(p.server.fd, F_SETFL, 0);
	if ((pid = fork()) == 0)
		child(p.client.ctx, p.client.fd);
	close(p.client.fd);
	p.client.fd = -1;
	T(be->handshake(p.server.conn, first, &err) == 1, "blocking: %s",
	    err.detail);
	for (; n < sizeof(b) && r > 0; n += r > 0 ? (size_t)r : 0)
		r = be->read(p.server.conn, b + n, sizeof(b) - n);
	T(n == sizeof(b) && memcmp(b, big, n) == 0, "blocking: echo");
	T(be->shutdown(p.server.conn) == 1, "blocking");
	T(be->read(p.server.conn, b, 1) == ATLS_IO_EOF, "blocking");
	T(waitpid(pid, &status, 0) == pid && status == 0, "blocking: %d",
	    status);
	pair_close(&p);
}

/* An application's own connection, whose rules are lax. */
static void
test_lax(void)
{
	struct atls_bytes spki, again, moved;
	struct pair p = { 0 };
	ssize_t n = 1;
	uint8_t b[4096];

	up(&p, false);
	SSL_set_fd(p.client.conn, p.client.fd);
	SSL_set_options(p.client.conn, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_clear_mode(p.client.conn, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	T(pair_handshake(&p, none), "lax");
	while (n > 0)
		n = be->write(p.client.conn, big, 8000);
	T(n == ATLS_IO_WANT_WRITE, "lax: %zd", n);
	while (be->read(p.server.conn, b, sizeof(b)) > 0)
		;
	moved = copy((struct atls_bytes){ big, 8000 });
	T(be->write(p.client.conn, moved.p, moved.len) == 8000, "lax: moved");
	drop(moved);
	while (be->read(p.server.conn, b, sizeof(b)) > 0)
		;
	T(pair_send(&p, &p.client, &p.server,
	    (struct atls_bytes){ big, BIG }), "lax: write");
	spki = pair_spki(&p, &p.client, true);
	T(spki.len > 0, "spki");
	again = pair_spki(&p, &p.client, true);
	T(again.p == spki.p && again.len == spki.len, "spki");
	(void)shutdown(p.server.fd, SHUT_WR);
	T(be->read(p.client.conn, b, 8) == ATLS_IO_FAIL, "lax: truncation");
	/* an SSL that is used again is not what the view was given for */
	ob_conn_of(p.client.conn, false)->spki[1].p[0] ^= 1;
	T(be->channel->spki(p.client.conn, true, &again) == ATLS_E_STATE &&
	    again.p == NULL, "spki of another");
	pair_close(&p);
}

/* What is no TLS at all, in the middle. */
static void
test_garbage(void)
{
	struct pair p = { 0 };
	uint8_t b[8];

	up(&p, false);
	T(pair_handshake(&p, none), "garbage");
	T(write(p.server.fd, "HTTP/1.0 200 OK\r\n", 17) == 17, "garbage");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_FAIL, "garbage");
	T(ERR_peek_error() == 0, "queue");
	T(be->read(p.client.conn, b, 8) == ATLS_IO_FAIL, "garbage again");
	T(be->write(p.client.conn, b, 8) == ATLS_IO_FAIL, "garbage, write");
	T(be->shutdown(p.client.conn) == ATLS_IO_FAIL, "garbage, shutdown");
	T(ERR_peek_error() == 0, "queue");
	pair_close(&p);
}

/* A copy of a connection has nothing of ours, and outlives it. */
static void
test_dup(void)
{
	struct pair p = { 0 };
	BIO *b = BIO_new(BIO_s_mem());
	SSL *dup;

	up(&p, false);
	dup = SSL_dup(p.client.conn);
	T(dup != NULL && dup != p.client.conn, "SSL_dup");
	T(ob_conn_of(dup, false) == NULL, "SSL_dup");
	pair_close(&p);
	SSL_set_bio(dup, BIO_new(BIO_s_mem()), b);
	T(SSL_do_handshake(dup) == -1 && BIO_pending(b) > 0, "SSL_dup");
	SSL_free(dup);
}

int
main(void)
{
	static const size_t lens[] = { 1, 100, 4000, 4090, 4096, 5000, 8192,
	    16384, 16385, 40000, 262144 };
	size_t i;

	(void)signal(SIGPIPE, SIG_DFL);
	for (i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 7 + i / 251);
	pki = pki_new(&(struct pki_ask){ .dns = NAME }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), none, NULL);
	id = atls_identity_new(pki_view(pki.chain), pki_view(pki.leaf.key_pem),
	    NULL);
	if (trust == NULL || id == NULL)
		abort();
	test_steps(false, 0);
	test_steps(false, 50);
	test_steps(true, 0);
	test_steps(true, 50);
	for (i = 0; i < NITEMS(lens); i++) {
		test_first(lens[i], false);
		test_first(lens[i], true);
	}
	test_client_speaks();
	test_ends();
	test_full();
	test_hangup();
	test_blocking();
	test_lax();
	test_garbage();
	test_dup();
	atls_identity_free(id);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_openssl_io");
}
