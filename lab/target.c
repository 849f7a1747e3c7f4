/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The moves that need the network alone, against somebody's own deployment:
 * a handful of connections, each bounded in time and octets.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <atls/ratls.h>

#include "show.h"
#include "wire.h"

#define PATIENCE	2		/* seconds without an octet ... */
#define WHOLE		5		/* ... and for a connection */
#define CONNECTIONS	8		/* at most */

struct target {
	FILE			*out;
	struct sockaddr_storage	 addr;
	socklen_t		 addrlen;
	unsigned		 used, open;
};

/* A peer that drips would hold us up for ever: its time is up. */
static volatile sig_atomic_t current = -1;

static void
time_up(int sig)
{
	(void)sig;
	if (current != -1)
		(void)shutdown(current, SHUT_RDWR);
}

static void
hang_up(int fd)
{
	(void)alarm(0);
	current = -1;
	lab_hang_up(fd);
}

/* RFC 1918, RFC 3927, RFC 4193, RFC 4291: nobody else's. */
static bool
is_near(const struct sockaddr *sa)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;
	uint32_t a;

	if (sa->sa_family == AF_INET) {
		a = ntohl(v4->sin_addr.s_addr);
		return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 ||
		    a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe;
	}
	return sa->sa_family == AF_INET6 &&
	    (IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
	    IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ||
	    (v6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc);
}

static bool
resolve(struct target *t, const char *host_port, bool anywhere)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
	const char *colon = strrchr(host_port, ':');
	char host[256];
	size_t n = colon == NULL ? 0 : (size_t)(colon - host_port);

	if (n == 0 || n >= sizeof(host))
		return false;
	memcpy(host, host_port, n);
	host[n] = '\0';
	if (host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	if (getaddrinfo(host, colon + 1, &hints, &list) != 0)
		return false;
	for (a = list; a != NULL && t->addrlen == 0; a = a->ai_next)
		if (anywhere || is_near(a->ai_addr)) {
			memcpy(&t->addr, a->ai_addr, a->ai_addrlen);
			t->addrlen = a->ai_addrlen;
		}
	freeaddrinfo(list);
	return t->addrlen != 0;
}

static void
says(struct target *t, bool open, const char *what)
{
	fprintf(t->out, "%s  %s\n", open ? "OPEN" : "ok  ", what);
	t->open += open ? 1 : 0;
}

static int
dial(struct target *t)
{
	struct timeval tv = { PATIENCE, 0 };
	int fd = t->used++ < CONNECTIONS ? socket(t->addr.ss_family,
	    SOCK_STREAM, 0) : -1;

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	current = fd;
	(void)alarm(WHOLE);
	if (connect(fd, (struct sockaddr *)&t->addr, t->addrlen) == 0)
		return fd;
	hang_up(fd);
	return -1;
}

static SSL *
shake(struct target *t, SSL_CTX *ctx, SSL_SESSION *ticket)
{
	SSL *ssl = SSL_new(ctx);
	int fd = dial(t);

	if (fd != -1 && ssl != NULL && SSL_set_fd(ssl, fd) == 1 &&
	    (ticket == NULL || SSL_set_session(ssl, ticket) == 1) &&
	    SSL_connect(ssl) == 1)
		return ssl;
	hang_up(fd);
	SSL_free(ssl);
	return NULL;
}

static void
done(SSL *ssl)
{
	if (ssl == NULL)
		return;
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	hang_up(SSL_get_fd(ssl));
	SSL_free(ssl);
}

static void
old_tls(struct target *t)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (ctx != NULL && SSL_CTX_set_max_proto_version(ctx,
	    TLS1_2_VERSION) == 1)
		ssl = shake(t, ctx, NULL);
	says(t, ssl != NULL, "downgrade: TLS 1.2 is refused");
	done(ssl);
	SSL_CTX_free(ctx);
}

static int
keep_ticket(SSL *ssl, SSL_SESSION *s)
{
	SSL_SESSION **at = SSL_get_app_data(ssl);

	if (at == NULL || *at != NULL)
		return 0;
	*at = s;
	return 1;
}

/* A plain client: what does one get who has never heard of attestation? */
static SSL_SESSION *
plain(struct target *t, SSL_CTX *ctx)
{
	SSL_SESSION *ticket = NULL;
	SSL *ssl = shake(t, ctx, NULL);
	char buf[512];
	int n = -1;

	if (ssl == NULL) {
		says(t, false, "a client without a certificate is refused");
		return NULL;
	}
	SSL_set_app_data(ssl, &ticket);
	(void)SSL_write(ssl, "GET / HTTP/1.0\r\n\r\n", 18);
	n = SSL_read(ssl, buf, sizeof(buf));
	while (n >= 20 && memcmp(buf + 8, "atls-shm", 8) == 0)
		n = SSL_read(ssl, buf, sizeof(buf));
	says(t, n > 0 && buf[0] != 1,
	    "stripping: nothing is served to a client that does not attest "
	    "or ask");
	says(t, ticket != NULL, "resumption: no tickets are given");
	done(ssl);
	return ticket;
}

static void
resume(struct target *t, SSL_CTX *ctx, SSL_SESSION *ticket)
{
	SSL *ssl = shake(t, ctx, ticket);

	says(t, ssl != NULL && SSL_session_reused(ssl) == 1,
	    "resumption: a ticket is not taken");
	says(t, SSL_SESSION_get_max_early_data(ticket) != 0,
	    "early data: none is allowed");
	done(ssl);
}

static void
certificate(struct target *t, SSL_CTX *ctx)
{
	SSL *ssl = shake(t, ctx, NULL);
	X509 *x = ssl == NULL ? NULL : SSL_get1_peer_certificate(ssl);
	struct atls_ratls in;
	uint8_t *der = NULL;
	int n = x == NULL ? -1 : i2d_X509(x, &der);

	if (n > 0)
		says(t, atls_ratls_read((struct atls_bytes){ der, (size_t)n },
		    &in, NULL) == ATLS_OK, "replay: no evidence lies in the "
		    "certificate, for whoever gets its key");
	OPENSSL_free(der);
	X509_free(x);
	done(ssl);
}

/* A connection of its own, with one request, or the same one twice. */
struct talk {
	struct wire	*w;
	struct atls_ea	*ea;
	void		*ctx;
	int		 fd;
	uint8_t		 room[512];
	struct atls_buf	 request;
};

static bool
talk_open(struct target *t, struct talk *k)
{
	static const struct atls_tls_setup setup = { .unverified = true };
	const struct atls_backend *be = &atls_backend_openssl;
	struct atls_channel ch = { be->channel, NULL };
	uint8_t context[WIRE_CONTEXT] = { ATLS_CLIENT, 7 };
	struct atls_ea_ext ext = { ATLS_CODE_POINT, { NULL, 0 } };
	struct atls_err err = { 0 };

	k->request = (struct atls_buf){ k->room, sizeof(k->room), 0 };
	k->w->tls = NULL;
	k->w->role = ATLS_CLIENT;
	k->fd = dial(t);
	if (k->fd == -1 || be->ctx_new(&k->ctx, ATLS_CLIENT, &setup, &err) !=
	    ATLS_OK || be->open(&k->w->tls, k->ctx, k->fd, NULL, &err) !=
	    ATLS_OK || !lab_handshake(k->w->tls, &err))
		return false;
	ch.conn = k->w->tls;
	return (k->ea = atls_ea_new(&ch, &err)) != NULL &&
	    atls_ea_request(k->ea, ATLS_ARRAY(context), &ext, 1, &k->request,
	    &err) == ATLS_OK && wire_hello(k->w, true);
}

static void
talk_close(struct talk *k)
{
	atls_ea_free(k->ea);
	if (k->w->tls != NULL)
		atls_backend_openssl.close(k->w->tls);
	if (k->ctx != NULL)
		atls_backend_openssl.ctx_free(k->ctx);
	hang_up(k->fd);
}

static bool
talk_ask(struct talk *k, unsigned id)
{
	enum wire_type type;

	if (!wire_send(k->w, WIRE_REQUEST, id, k->request.p, k->request.len))
		return false;
	while ((type = wire_recv(k->w)) == WIRE_HELLO)
		;
	return type == WIRE_AUTHENTICATOR;
}

/* A digest of the evidence that came. */
static bool
ask(struct target *t, struct wire *w, uint8_t digest[64], bool twice)
{
	struct talk k = { .w = w, .fd = -1 };
	struct atls_ea_peer peer;
	struct atls_err err = { 0 };
	size_t n;
	bool ok = talk_open(t, &k) && talk_ask(&k, 1) && atls_ea_parse(
	    (struct atls_bytes){ w->in, w->len }, &peer, &err) == ATLS_OK &&
	    peer.next > 0 && wire_digest(w->tls, peer.ext[0].data,
	    (struct atls_bytes){ NULL, 0 }, digest, &n);

	if (ok && twice)
		says(t, talk_ask(&k, 2), "context reuse: a request that came "
		    "before is not answered");
	talk_close(&k);
	return ok;
}

static void
attests(struct target *t)
{
	static struct wire w;
	uint8_t first[64] = { 0 }, second[64] = { 0 };

	if (!ask(t, &w, first, true)) {
		fprintf(t->out, "--    no authenticator: it does not attest "
		    "to us, or not in this family\n");
		return;
	}
	says(t, !ask(t, &w, second, false) || memcmp(first, second,
	    sizeof(first)) == 0,
	    "replay: one context on two connections, two pieces of evidence");
}

int
lab_target(FILE *out, const char *host_port, bool anywhere)
{
	static const struct sigaction up = { .sa_handler = time_up };
	struct target t = { .out = out };
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *ticket;
	SSL *ssl;

	if (ctx == NULL || !resolve(&t, host_port, anywhere)) {
		SSL_CTX_free(ctx);
		return 2;
	}
	(void)sigaction(SIGALRM, &up, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(ctx, keep_ticket);
	if ((ssl = shake(&t, ctx, NULL)) == NULL) {
		fprintf(out, "--    no TLS connection\n");
		SSL_CTX_free(ctx);
		return 4;
	}
	done(ssl);
	old_tls(&t);
	if ((ticket = plain(&t, ctx)) != NULL)
		resume(&t, ctx, ticket);
	SSL_SESSION_free(ticket);
	certificate(&t, ctx);
	attests(&t);
	SSL_CTX_free(ctx);
	fprintf(out, "%u connections, %u moves open\n", t.used, t.open);
	return t.open == 0 ? 0 : 1;
}
