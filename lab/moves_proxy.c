/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A proxy that ends TLS, with a certificate of the server's name that is not
 * the server's, and carries the octets on; and evidence of two connections
 * that live at one time.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "carried.h"
#include "answer.h"

#define QUIET		3000		/* ms without an octet: it is over */

struct leg {
	void	*ctx, *tls;
	int	 fd;
};

static bool
leg_open(struct lab_run *r, struct leg *l, enum atls_role role,
    const struct lab_key *k)
{
	struct lab_run as = { .family = r->family, .kind = r->kind };
	struct atls_err err = { 0 };
	bool ok;

	(void)pthread_mutex_init(&as.lock, NULL);
	ok = l->fd != -1 && lab_ctx(&as, NULL, role, k, &l->ctx) &&
	    atls_backend_openssl.open(&l->tls, l->ctx, l->fd, NULL, &err) ==
	    ATLS_OK && lab_handshake(l->tls, &err);
	(void)pthread_mutex_destroy(&as.lock);
	return ok;
}

static void
leg_close(struct leg *l)
{
	if (l->tls != NULL)
		atls_backend_openssl.close(l->tls);
	if (l->ctx != NULL)
		atls_backend_openssl.ctx_free(l->ctx);
	lab_hang_up(l->fd);
}

/* The last octets that pass are kept: a secret is at the end. */
static bool
carry(struct lab_run *r, struct leg *from, struct leg *to, bool of_client)
{
	uint8_t buf[16384];
	ssize_t n;

	do {
		n = atls_backend_openssl.read(from->tls, buf, sizeof(buf));
		if (n <= 0 || atls_backend_openssl.write(to->tls, buf,
		    (size_t)n) != n)
			return false;
		if (of_client && n >= (ssize_t)strlen(LAB_SECRET) &&
		    memcmp(buf + n - strlen(LAB_SECRET), LAB_SECRET,
		    strlen(LAB_SECRET)) == 0) {
			lab_loot(r, LAB_SECRET, strlen(LAB_SECRET));
			return false;
		}
	} while (atls_backend_openssl.pending(from->tls));
	return true;
}

static void
post_proxy(struct lab_run *r)
{
	struct leg client = { .fd = -1 }, server = { .fd = -1 };
	bool more = true;

	if (!lab_server_start(r, 1))
		return;
	lab_ready(r);
	client.fd = lab_answer(r->listener);
	server.fd = lab_dial(r->server_port);
	if (leg_open(r, &client, ATLS_SERVER, lab_key(LAB_POST,
	    LAB_K_STOLEN_NAME)) && leg_open(r, &server, ATLS_CLIENT, NULL)) {
		lab_tell(r, LAB_ATTACKER, LAB_SERVER,
		    "carries all octets on, both ways, as they are");
		while (more) {
			struct pollfd p[2] = { { client.fd, POLLIN, 0 },
			    { server.fd, POLLIN, 0 } };

			if (poll(p, 2, QUIET) <= 0)
				break;
			if (p[0].revents != 0)
				more = carry(r, &client, &server, true);
			if (more && p[1].revents != 0)
				more = carry(r, &server, &client, false);
		}
	}
	leg_close(&client);
	leg_close(&server);
}

void
play_proxy(struct lab_run *r)
{
	if (r->family == LAB_POST)
		post_proxy(r);
	else if (r->family == LAB_PRE)
		pre_key_substitution(r);
	else
		carried_relay(r, LAB_K_STOLEN_NAME, NULL);
}

/* --- two live connections, each shown the evidence of the other */

static struct lab_swap {
	pthread_mutex_t	lock;
	pthread_cond_t	moved;
	uint8_t		rd[2][64];
	unsigned	n;
} swap_default = { .lock = PTHREAD_MUTEX_INITIALIZER,
    .moved = PTHREAD_COND_INITIALIZER };

enum atls_rc
quote_swapped(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct lab_swap *s = &swap_default;
	uint8_t other[64];
	unsigned me;

	(void)pthread_mutex_lock(&s->lock);
	me = s->n++ % 2;
	memcpy(s->rd[me], rd.p, sizeof(s->rd[me]));
	if (me == 1)			/* before either is shown */
		lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
		    "shows each connection the evidence of the other");
	(void)pthread_cond_broadcast(&s->moved);
	while (s->n % 2 != 0)
		(void)pthread_cond_wait(&s->moved, &s->lock);
	memcpy(other, s->rd[1 - me], sizeof(other));
	(void)pthread_mutex_unlock(&s->lock);
	return lab_machine_quote(r->kind, LAB_GENUINE, ATLS_ARRAY(other), out,
	    err);
}

static void *
second_server(void *arg)
{
	move_impostor(arg, LAB_K_SERVER);
	return NULL;
}

void
play_swapped(struct lab_run *r)
{
	pthread_t other;

	if (pthread_create(&other, NULL, second_server, r) != 0) {
		lab_failed(r, "no thread");
		return;
	}
	move_impostor(r, LAB_K_SERVER);
	(void)pthread_join(other, NULL);
}

static void *
second_client(void *arg)
{
	lab_victim_one(arg);
	return NULL;
}

void
victim_pair(struct lab_run *r)
{
	pthread_t other;

	if (pthread_create(&other, NULL, second_client, r) != 0) {
		lab_failed(r, "no thread");
		return;
	}
	lab_victim_one(r);
	(void)pthread_join(other, NULL);
}
