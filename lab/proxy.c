/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A man in the middle with the TLS key of the server: ends the victim's TLS,
 * opens its own to the genuine server, and carries the octets between them,
 * requests and authenticators and all.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "lab.h"

struct leg {
	SSL_CTX	*ctx;
	SSL	*ssl;
	int	 fd;
};

static void
leg_open(struct leg *l, int fd, const char *cert, const char *key)
{
	l->fd = fd;
	l->ctx = SSL_CTX_new(cert != NULL ? TLS_server_method() :
	    TLS_client_method());
	if (l->ctx == NULL || SSL_CTX_set_min_proto_version(l->ctx,
	    TLS1_3_VERSION) != 1 || SSL_CTX_set_num_tickets(l->ctx, 0) != 1)
		lab_die("tls", "context");
	if (cert != NULL && (SSL_CTX_use_certificate_chain_file(l->ctx,
	    cert) != 1 || SSL_CTX_use_PrivateKey_file(l->ctx, key,
	    SSL_FILETYPE_PEM) != 1))
		lab_die(cert, "certificate or key");
	if ((l->ssl = SSL_new(l->ctx)) == NULL || SSL_set_fd(l->ssl, fd) != 1)
		lab_die("tls", "connection");
	if ((cert != NULL ? SSL_accept(l->ssl) : SSL_connect(l->ssl)) != 1)
		lab_die("tls", "handshake");
}

static void
leg_close(struct leg *l)
{
	SSL_free(l->ssl);
	SSL_CTX_free(l->ctx);
	(void)close(l->fd);
}

/* True while there is more to come. */
static bool
carry(struct leg *from, struct leg *to, const char *who, size_t *n)
{
	char buf[16384];
	int r;

	do {
		if ((r = SSL_read(from->ssl, buf, sizeof(buf))) <= 0)
			return false;
		*n += (size_t)r;
		if (SSL_write(to->ssl, buf, r) != r)
			return false;
		printf("proxy: %d octets of the %s carried on\n", r, who);
	} while (SSL_pending(from->ssl) > 0);
	return true;
}

int
move_proxy(int argc, char **argv)
{
	struct leg victim, server;
	size_t from_victim = 0, from_server = 0;
	bool more = true;

	if (argc != 5)
		return 2;
	leg_open(&victim, lab_accept(lab_listen(argv[1])), argv[2], argv[3]);
	leg_open(&server, lab_connect(argv[4]), NULL, NULL);
	while (more) {
		struct pollfd p[2] = { { .fd = victim.fd, .events = POLLIN },
		    { .fd = server.fd, .events = POLLIN } };

		if (poll(p, 2, 10000) <= 0)
			break;
		if (p[0].revents != 0)
			more = carry(&victim, &server, "victim",
			    &from_victim);
		if (more && p[1].revents != 0)
			more = carry(&server, &victim, "server",
			    &from_server);
	}
	printf("proxy: carried %zu octets one way, %zu the other\n",
	    from_victim, from_server);
	leg_close(&victim);
	leg_close(&server);
	return 0;
}
