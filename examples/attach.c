/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application that has a TLS connection of its own, and wants to know what
 * is at the other end before it says anything.
 */
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <atls/conn.h>
#include <atls/openssl.h>

#define TEXT(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

static int
dial(const char *host, const char *port)
{
	struct addrinfo *a, hints = { .ai_socktype = SOCK_STREAM };
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &a) != 0)
		return -1;
	if ((fd = socket(a->ai_family, SOCK_STREAM, 0)) != -1 &&
	    connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(a);
	return fd;
}

/* TLS as any application does it, but for atls_openssl_prepare(). */
static SSL *
handshake(SSL_CTX *ctx, int fd, const char *name, struct atls_err *err)
{
	SSL *ssl;

	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (atls_openssl_prepare(ctx, ATLS_CLIENT, err) != ATLS_OK ||
	    (ssl = SSL_new(ctx)) == NULL)
		return NULL;
	if (SSL_set_tlsext_host_name(ssl, name) == 1 &&
	    SSL_set1_host(ssl, name) == 1 && SSL_set_fd(ssl, fd) == 1 &&
	    SSL_connect(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

/* What is sent and read from here on goes through c, not through ssl. */
static int
greet(struct atls_conn *c)
{
	uint8_t answer[64];
	ssize_t n;

	if (atls_conn_attest(c) != 1) {
		fprintf(stderr, "refused: %s: %s\n",
		    atls_conn_error(c)->where, atls_conn_error(c)->detail);
		return 1;
	}
	if (atls_conn_write(c, (const uint8_t *)"hello\n", 6) != 6 ||
	    (n = atls_conn_read(c, answer, sizeof(answer))) <= 0)
		return 1;
	(void)atls_conn_close(c);
	return fwrite(answer, 1, (size_t)n, stdout) != (size_t)n;
}

static int
run(struct atls_config *config, SSL *ssl, int fd, struct atls_err *err)
{
	struct atls_conn *c = atls_conn_attach(config, ATLS_CLIENT,
	    &atls_backend_openssl, ssl, fd, NULL, err);
	int status;

	if (c == NULL)
		return 4;
	status = greet(c);
	atls_conn_free(c);	/* ssl and fd stay ours */
	return status;
}

/* attach POLICY CAFILE CA NAME HOST PORT: POLICY and CA are texts, and CA is
 * what is in CAFILE. */
int
main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct atls_config *config = atls_config_new();
	struct atls_policy *policy = NULL;
	struct atls_trust *trust = NULL;
	struct atls_err err = { 0 };
	int fd = -1, status = 4;
	SSL *ssl = NULL;

	if (argc != 7 || ctx == NULL || config == NULL ||
	    (fd = dial(argv[5], argv[6])) == -1)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	policy = atls_policy_parse(TEXT(argv[1]), NULL, NULL, &err);
	trust = atls_trust_new(TEXT(argv[3]), TEXT(""), &err);
	if (atls_config_set_policy(config, policy) == ATLS_OK &&
	    atls_config_set_peer(config, trust, argv[4]) == ATLS_OK &&
	    SSL_CTX_load_verify_locations(ctx, argv[2], NULL) == 1 &&
	    (ssl = handshake(ctx, fd, argv[4], &err)) != NULL)
		status = run(config, ssl, fd, &err);
	if (err.rc != ATLS_OK)
		fprintf(stderr, "attach: %s: %s\n", err.where, err.detail);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	(void)close(fd);
	atls_trust_free(trust);
	atls_policy_free(policy);
	atls_config_free(config);
	return status;
}
