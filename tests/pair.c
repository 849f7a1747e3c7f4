/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"

#define TURNS	100000		/* more than any test needs */

static void
end_init(struct pair_end *e, int fd)
{
	*e = (struct pair_end){ .fd = fd, .r = ATLS_IO_WANT_READ };
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		abort();
}

bool
pair_open(struct pair *p, const struct atls_backend *be,
    const struct atls_tls_setup *client, const struct atls_tls_setup *server)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		abort();
	p->be = be;
	end_init(&p->client, fd[0]);
	end_init(&p->server, fd[1]);
	return be->ctx_new(&p->client.ctx, ATLS_CLIENT, client,
	    &p->client.err) == ATLS_OK &&
	    be->ctx_new(&p->server.ctx, ATLS_SERVER, server,
	    &p->server.err) == ATLS_OK &&
	    be->open(&p->client.conn, p->client.ctx, fd[0], NULL,
	    &p->client.err) == ATLS_OK &&
	    be->open(&p->server.conn, p->server.ctx, fd[1], NULL,
	    &p->server.err) == ATLS_OK;
}

static void
end_close(const struct pair *p, struct pair_end *e)
{
	if (e->conn != NULL)
		p->be->close(e->conn);
	if (e->ctx != NULL)
		p->be->ctx_free(e->ctx);
	if (e->fd != -1)
		close(e->fd);
	*e = (struct pair_end){ .fd = -1 };
}

void
pair_close(struct pair *p)
{
	end_close(p, &p->client);
	end_close(p, &p->server);
}

static bool
waits(const struct pair_end *e)
{
	return e->r == ATLS_IO_WANT_READ || e->r == ATLS_IO_WANT_WRITE;
}

bool
pair_step(struct pair *p, struct pair_end *e, struct atls_bytes first)
{
	if (waits(e))
		e->r = p->be->handshake(e->conn, first, &e->err);
	return waits(e) || e->r == 1;
}

bool
pair_handshake(struct pair *p, struct atls_bytes first)
{
	struct atls_bytes none = { NULL, 0 };
	int i;

	for (i = 0; i < TURNS; i++) {
		(void)pair_step(p, &p->client, none);
		(void)pair_step(p, &p->server, first);
		if (!waits(&p->client) && !waits(&p->server))
			break;
		/* who failed will not be heard of again */
		if (!waits(&p->client) && p->client.r != 1)
			(void)shutdown(p->client.fd, SHUT_WR);
		if (!waits(&p->server) && p->server.r != 1)
			(void)shutdown(p->server.fd, SHUT_WR);
	}
	return p->client.r == 1 && p->server.r == 1;
}

bool
pair_send(struct pair *p, struct pair_end *from, struct pair_end *to,
    struct atls_bytes in)
{
	uint8_t *got = malloc(in.len + 1);
	size_t out = 0, n = 0;
	bool same = false;
	ssize_t r;
	int i;

	for (i = 0; i < TURNS && n < in.len && got != NULL; i++) {
		if (out < in.len) {
			r = p->be->write(from->conn, in.p + out, in.len - out);
			if (r > 0)
				out += (size_t)r;
			else if (r != ATLS_IO_WANT_WRITE)
				break;
		}
		r = p->be->read(to->conn, got + n, in.len + 1 - n);
		if (r > 0)
			n += (size_t)r;
		else if (r != ATLS_IO_WANT_READ)
			break;
	}
	same = n == in.len && got != NULL && memcmp(got, in.p, n) == 0;
	free(got);
	return same;
}

struct atls_channel_info
pair_info(struct pair *p, struct pair_end *e)
{
	struct atls_channel_info info = { .version = 0 };

	if (p->be->channel->info(e->conn, &info) != ATLS_OK)
		abort();
	return info;
}

enum atls_rc
pair_export(struct pair *p, struct pair_end *e, const char *label,
    struct atls_bytes context, uint8_t out[32])
{
	return p->be->channel->exporter(e->conn, label, context, out, 32);
}

struct atls_bytes
pair_spki(struct pair *p, struct pair_end *e, bool of_peer)
{
	struct atls_bytes spki = { NULL, 0 };

	if (p->be->channel->spki(e->conn, of_peer, &spki) != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return spki;
}
