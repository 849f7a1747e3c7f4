/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks that need a second time: another round on one connection, with the
 * authenticator of the first; another connection, by a ticket of the first.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "answer.h"

/* The first time he is the genuine server, or what is now his: evidence that
 * is right.  Then the machine changes, and he has only what was said. */
static bool
show_once(struct answer *a, struct atls_buf *ext)
{
	uint8_t rd[64];

	if (a->round == 1) {
		lab_tell(a->run, LAB_SERVER, LAB_CLIENT,
		    "attests, and is accepted");
		return wire_report_data(a->wire.tls, WIRE_LABEL, a->context,
		    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd)
		    && answer_show(a, LAB_GENUINE, rd, NULL, ext);
	}
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "has taken over, and shows the first answer again");
	return wire_send(&a->wire, WIRE_AUTHENTICATOR, a->wire.id, a->kept,
	    a->keptlen);
}

/* The same, with the new request's context written into the old answer. */
static bool
show_patched(struct answer *a, struct atls_buf *ext)
{
	struct atls_bytes old;
	size_t at;

	if (a->round == 1)
		return show_once(a, ext);
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "has taken over, and writes the new context into the old answer");
	if (atls_ea_context((struct atls_bytes){ a->kept, a->keptlen }, &old,
	    NULL) != ATLS_OK || old.len != a->context.len)
		return false;
	at = (size_t)(old.p - a->kept);
	memcpy(a->kept + at, a->context.p, a->context.len);
	return wire_send(&a->wire, WIRE_AUTHENTICATOR, a->wire.id, a->kept,
	    a->keptlen);
}

void
play_replay_inside(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_once);
}

void
play_context_reuse(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_patched);
}

/* Gives its secret only after a second verdict. */
void
victim_twice(struct lab_run *r)
{
	struct lab_end e = { .fd = -1 };
	uint8_t buf[8];
	bool ok;

	if (r->leave != 0) {
		weak_twice(r);
		return;
	}
	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "connects and asks");
	ok = lab_shake(r, &e, r->port) && lab_attest(r, &e);
	if (ok) {
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "asks again");
		ok = atls_conn_reattest(e.conn) == 1 &&
		    atls_conn_read(e.conn, buf, sizeof(buf)) >= 0 &&
		    atls_session_rounds(atls_conn_session(e.conn)) == 2;
		if (!ok)
			e.err = *atls_conn_error(e.conn);
	}
	if (ok)
		lab_speak(r, &e);
	else
		lab_refused(r, &e.err);
	lab_end_close(&e);
}

/* --- resumption: who holds the ticket need not be who was attested */

static int
serve_tickets(SSL_CTX *ctx, struct lab_run *r, bool reads)
{
	int fd = lab_answer(r->listener), n = 0;
	SSL *ssl = SSL_new(ctx);
	char buf[256];

	if (fd != -1 && ssl != NULL && SSL_set_fd(ssl, fd) == 1 &&
	    SSL_accept(ssl) == 1) {
		if (!reads)
			(void)SSL_write(ssl, "ticket", 6);
		while ((n = SSL_read(ssl, buf, sizeof(buf))) > 0)
			if (reads && n >= (int)strlen(LAB_SECRET)) {
				char *at = buf + n - strlen(LAB_SECRET);

				if (memcmp(at, LAB_SECRET,
				    strlen(LAB_SECRET)) == 0) {
					lab_loot(r, at, strlen(LAB_SECRET));
					break;
				}
			}
	}
	SSL_free(ssl);
	lab_hang_up(fd);
	return n;
}

static bool
use_key(SSL_CTX *ctx, const struct lab_key *k)
{
	BIO *b = BIO_new_mem_buf(k->key, -1), *c = BIO_new_mem_buf(k->chain,
	    -1);
	EVP_PKEY *key = b == NULL ? NULL : PEM_read_bio_PrivateKey(b, NULL,
	    NULL, NULL);
	X509 *x = c == NULL ? NULL : PEM_read_bio_X509(c, NULL, NULL, NULL);
	bool ok = key != NULL && x != NULL &&
	    SSL_CTX_use_certificate(ctx, x) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, key) == 1;

	EVP_PKEY_free(key);
	X509_free(x);
	BIO_free(b);
	BIO_free(c);
	return ok;
}

/* One context for both connections: the second needs its ticket keys only. */
void
play_resumption(struct lab_run *r)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL || !use_key(ctx, lab_key(r->family, LAB_K_SERVER)) ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_session_id_context(ctx, (const uint8_t *)"l", 1) !=
	    1)
		lab_failed(r, "no context");
	lab_ready(r);
	(void)serve_tickets(ctx, r, false);
	(void)serve_tickets(ctx, r, true);
	SSL_CTX_free(ctx);
}

/* An application's own SSL *, with the ticket of an earlier connection. */
static SSL *
resumed(struct lab_run *r, SSL_CTX *ctx, SSL_SESSION **ticket, int *fd)
{
	SSL *ssl = SSL_new(ctx);
	char buf[16];

	*fd = lab_dial(r->port);
	if (ssl == NULL || *fd == -1 || SSL_set_fd(ssl, *fd) != 1 ||
	    (*ticket != NULL && SSL_set_session(ssl, *ticket) != 1) ||
	    SSL_connect(ssl) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	if (*ticket == NULL && SSL_read(ssl, buf, sizeof(buf)) > 0)
		*ticket = SSL_get1_session(ssl);
	return ssl;
}

static void
attach(struct lab_run *r, SSL *ssl, int fd)
{
	struct lab_end e = { .fd = -1, .tls = ssl };

	if ((r->leave & LAB_LEAVE_RESUMED) != 0) {
		lab_tell(r, LAB_CLIENT, LAB_CLIENT,
		    "takes a resumed session for the one that was attested");
		r->sent = SSL_write(ssl, LAB_SECRET, (int)strlen(LAB_SECRET))
		    > 0;
		return;
	}
	e.config = lab_config(r, ATLS_CLIENT, NULL, true);
	if (e.config != NULL && (e.conn = atls_conn_attach(e.config,
	    ATLS_CLIENT, &atls_backend_openssl, ssl, fd, NULL, &e.err)) != NULL &&
	    atls_conn_attest(e.conn) == 1)
		lab_speak(r, &e);
	else
		lab_refused(r, e.conn == NULL ? &e.err :
		    atls_conn_error(e.conn));
	atls_conn_free(e.conn);
	atls_config_free(e.config);
}

void
victim_resumes(struct lab_run *r)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *ticket = NULL;
	SSL *ssl = NULL;
	int fd = -1;

	if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx,
	    TLS1_3_VERSION) == 1)
		ssl = resumed(r, ctx, &ticket, &fd);
	lab_tell(r, LAB_SERVER, LAB_CLIENT,
	    "shakes hands once, and gives a ticket");
	if (ssl != NULL)
		SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN |
		    SSL_RECEIVED_SHUTDOWN);
	SSL_free(ssl);
	lab_hang_up(fd);
	if (ticket != NULL && (ssl = resumed(r, ctx, &ticket, &fd)) != NULL) {
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER,
		    "resumes, with one who has the ticket's keys");
		if (SSL_session_reused(ssl) != 1)
			lab_failed(r, "the session was not resumed");
		attach(r, ssl, fd);
		SSL_free(ssl);
		lab_hang_up(fd);
	} else
		lab_failed(r, "no ticket");
	SSL_SESSION_free(ticket);
	SSL_CTX_free(ctx);
}
