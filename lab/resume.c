/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ends in one process that do use tickets: the second connection resumes
 * the first.  Whoever holds a ticket holds the connection, and need not be
 * the machine that was attested; so the library must refuse it.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/ssl.h>

#include <atls/openssl.h>

#include "lab.h"

struct ends {
	SSL_CTX	*cctx, *sctx;
	SSL	*c, *s;
};

static void
handshake(struct ends *e, SSL_SESSION *ticket)
{
	BIO *a, *b;
	char buf[16];
	int i;

	e->c = SSL_new(e->cctx);
	e->s = SSL_new(e->sctx);
	if (e->c == NULL || e->s == NULL ||
	    BIO_new_bio_pair(&a, 0, &b, 0) != 1)
		lab_die("tls", "connection");
	SSL_set_bio(e->c, a, a);
	SSL_set_bio(e->s, b, b);
	SSL_set_connect_state(e->c);
	SSL_set_accept_state(e->s);
	if (ticket != NULL && SSL_set_session(e->c, ticket) != 1)
		lab_die("tls", "ticket");
	for (i = 0; i < 8; i++) {
		(void)SSL_do_handshake(e->c);
		(void)SSL_do_handshake(e->s);
	}
	if (!SSL_is_init_finished(e->c) || !SSL_is_init_finished(e->s))
		lab_die("tls", "handshake");
	(void)SSL_read(e->c, buf, sizeof(buf));		/* takes the ticket */
}

static void
end(struct ends *e)
{
	/* else OpenSSL takes the session for broken and forgets the ticket */
	SSL_set_shutdown(e->c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_set_shutdown(e->s, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(e->c);
	SSL_free(e->s);
}

int
move_resume(int argc, char **argv)
{
	struct ends e = { SSL_CTX_new(TLS_client_method()),
	    SSL_CTX_new(TLS_server_method()), NULL, NULL };
	struct atls_bytes none = { NULL, 0 };
	struct atls_config *config = atls_config_new();
	struct atls_policy *policy;
	struct atls_trust *trust;
	struct atls_conn *conn;
	struct atls_err err = { 0 };
	SSL_SESSION *ticket;

	if (argc != 6)
		return 2;
	if (SSL_CTX_use_certificate_chain_file(e.sctx, argv[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(e.sctx, argv[2],
	    SSL_FILETYPE_PEM) != 1)
		lab_die(argv[1], "certificate or key");
	trust = atls_trust_new(lab_file(argv[3]), none, &err);
	policy = atls_policy_parse(lab_file(argv[4]), NULL, NULL, &err);
	if (trust == NULL || policy == NULL ||
	    atls_config_set_policy(config, policy) != ATLS_OK ||
	    atls_config_set_peer(config, trust, argv[5]) != ATLS_OK)
		lab_die("config", err.detail);
	handshake(&e, NULL);
	ticket = SSL_get1_session(e.c);
	end(&e);
	handshake(&e, ticket);
	printf("resume: TLS says that the session was %s\n",
	    SSL_session_reused(e.c) == 1 ? "resumed" : "NOT RESUMED");
	conn = atls_conn_attach(config, ATLS_CLIENT, &atls_backend_openssl,
	    e.c, -1, NULL, &err);
	/* the attacker's answer: anything at all */
	(void)SSL_write(e.s, "\x01\x01\0\0\0\0\0\x0c" "atls-shm\x02\0\x01\0",
	    20);
	if (conn == NULL)
		printf("rc=%s where=%s\n", atls_rc_name(err.rc), err.where);
	else if (atls_conn_attest(conn) == 1)
		printf("resume: THE VICTIM TAKES THE CONNECTION\n");
	else
		printf("rc=%s where=%s\n", atls_rc_name(
		    atls_conn_error(conn)->rc), atls_conn_error(conn)->where);
	atls_conn_free(conn);
	end(&e);
	SSL_SESSION_free(ticket);
	SSL_CTX_free(e.cctx);
	SSL_CTX_free(e.sctx);
	atls_config_free(config);
	atls_policy_free(policy);
	atls_trust_free(trust);
	return 0;
}
