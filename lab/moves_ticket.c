/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by a ticket of an earlier connection: resumption, early data. */
#include <string.h>

#include <openssl/ssl.h>

#include "moves.h"

#define EARLY_MAX	16384		/* octets of early data, as usual */

/* --- resumption: who holds the ticket need not be who was attested */

/* A secret is at the end of what came. */
static bool
loot(struct lab_run *r, const char *p, size_t n)
{
	size_t len = strlen(LAB_SECRET);

	if (n < len || memcmp(p + n - len, LAB_SECRET, len) != 0)
		return false;
	lab_loot(r, p + n - len, len);
	return true;
}

/* SSL_accept() is behind this, whether or not something came early. */
static void
read_early(SSL *ssl, struct lab_run *r)
{
	char buf[256];
	size_t n;

	while (SSL_read_early_data(ssl, buf, sizeof(buf), &n) ==
	    SSL_READ_EARLY_DATA_SUCCESS)
		(void)loot(r, buf, n);
}

static void
serve_tickets(SSL_CTX *ctx, struct lab_run *r, bool reads)
{
	int fd = lab_answer(r->listener), n;
	SSL *ssl = SSL_new(ctx);
	char buf[256];

	if (fd != -1 && ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
		(void)SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY);
		if (reads && SSL_CTX_get_max_early_data(ctx) > 0)
			read_early(ssl, r);
		if (SSL_accept(ssl) == 1 && !reads)
			(void)SSL_write(ssl, "ticket", 6);
		while ((n = SSL_read(ssl, buf, sizeof(buf))) > 0)
			if (reads && loot(r, buf, (size_t)n))
				break;
	}
	SSL_free(ssl);
	lab_hang_up(fd);
}

/* One context for both connections: the second needs its ticket keys only. */
static void
play_tickets(struct lab_run *r, uint32_t early)
{
	const struct atls_backend *be = &atls_backend_openssl;
	void *ctx = NULL;

	if (!lab_ctx(r, NULL, ATLS_SERVER, lab_key(r->family, LAB_K_SERVER),
	    &ctx) || SSL_CTX_set_num_tickets(ctx, 1) != 1 ||
	    SSL_CTX_set_session_id_context(ctx, (const uint8_t *)"l", 1) !=
	    1 || SSL_CTX_set_max_early_data(ctx, early) != 1)
		lab_failed(r, "no context");
	lab_ready(r);
	if (ctx == NULL)
		return;
	/* what the library has off: tickets that hold the session */
	(void)SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
	serve_tickets(ctx, r, false);
	serve_tickets(ctx, r, true);
	be->ctx_free(ctx);
}

void
play_resumption(struct lab_run *r)
{
	play_tickets(r, 0);
}

void
play_early_data(struct lab_run *r)
{
	play_tickets(r, EARLY_MAX);
}

/* An application's own SSL *, with the ticket of an earlier connection. */
static SSL *
dial(struct lab_run *r, SSL_CTX *ctx, SSL_SESSION *ticket, int *fd)
{
	SSL *ssl = SSL_new(ctx);

	*fd = lab_dial(r->port);
	if (ssl != NULL && *fd != -1 && SSL_set_fd(ssl, *fd) == 1 &&
	    (ticket == NULL || SSL_set_session(ssl, ticket) == 1)) {
		SSL_set_connect_state(ssl);
		return ssl;
	}
	SSL_free(ssl);
	return NULL;
}

static SSL_SESSION *
earn(struct lab_run *r, SSL_CTX *ctx)
{
	SSL_SESSION *ticket = NULL;
	char buf[16];
	int fd;
	SSL *ssl = dial(r, ctx, NULL, &fd);

	if (ssl != NULL && SSL_connect(ssl) == 1 && SSL_read(ssl, buf,
	    sizeof(buf)) > 0) {
		ticket = SSL_get1_session(ssl);
		lab_tell(r, LAB_SERVER, LAB_CLIENT,
		    "shakes hands once, and gives a ticket");
		SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN |
		    SSL_RECEIVED_SHUTDOWN);
	}
	SSL_free(ssl);
	lab_hang_up(fd);
	return ticket;
}

/* What the library makes of such a connection. */
static void
attach(struct lab_run *r, SSL *ssl, int fd)
{
	struct lab_end e = { .fd = -1, .tls = ssl };

	e.config = lab_config(r, ATLS_CLIENT, NULL, true);
	if (e.config != NULL && (e.conn = atls_conn_attach(e.config,
	    ATLS_CLIENT, &atls_backend_openssl, ssl, fd, NULL, &e.err)) !=
	    NULL && atls_conn_attest(e.conn) == 1)
		lab_speak(r, &e);
	else
		lab_refused(r, e.conn == NULL ? &e.err :
		    atls_conn_error(e.conn));
	atls_conn_free(e.conn);
	atls_config_free(e.config);
}

static void
resume(struct lab_run *r, SSL *ssl, int fd)
{
	lab_tell(r, LAB_CLIENT, LAB_ATTACKER,
	    "resumes, with one who has the ticket's keys");
	if (SSL_connect(ssl) != 1 || SSL_session_reused(ssl) != 1)
		lab_failed(r, "the session was not resumed");
	else if ((r->leave & LAB_LEAVE_RESUMED) == 0)
		attach(r, ssl, fd);
	else {
		lab_tell(r, LAB_CLIENT, LAB_CLIENT,
		    "takes a resumed session for the one that was attested");
		r->sent = SSL_write(ssl, LAB_SECRET, (int)strlen(LAB_SECRET))
		    > 0;
	}
}

/* The library sends nothing before its verdict.  An application that greets
 * early is refused, and its secret was not in the greeting. */
static void
hurry(struct lab_run *r, SSL *ssl, int fd)
{
	bool all = (r->leave & LAB_LEAVE_EARLY) != 0;
	const char *text = all ? LAB_SECRET : "hello";
	size_t n;

	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, all ?
	    "sends its secret as early data, in its first flight" :
	    "greets in its first flight, as early data");
	if (SSL_write_early_data(ssl, text, strlen(text), &n) != 1 ||
	    SSL_connect(ssl) != 1 || SSL_get_early_data_status(ssl) !=
	    SSL_EARLY_DATA_ACCEPTED)
		lab_failed(r, "early data was not taken");
	else if (all)
		r->sent = true;
	else
		attach(r, ssl, fd);
}

static void
victim_with(struct lab_run *r, void (*fn)(struct lab_run *, SSL *, int fd))
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *ticket = NULL;
	SSL *ssl = NULL;
	int fd = -1;

	if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx,
	    TLS1_3_VERSION) == 1 && (ticket = earn(r, ctx)) != NULL)
		ssl = dial(r, ctx, ticket, &fd);
	if (ssl != NULL)
		fn(r, ssl, fd);
	else
		lab_failed(r, "no ticket");
	SSL_free(ssl);
	lab_hang_up(fd);
	SSL_SESSION_free(ticket);
	SSL_CTX_free(ctx);
}

void
victim_resumes(struct lab_run *r)
{
	victim_with(r, resume);
}

void
victim_hurries(struct lab_run *r)
{
	victim_with(r, hurry);
}
