/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same client in an event loop.  All calls return at once; poll(2) says
 * when to repeat them, and atls_conn_deadline() when at the latest.
 */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atls/conn.h>
#include <atls/openssl.h>

#define TEXT(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

/* Sleeps until it is worth a try: 1, or 0 if io was not one of the WANTs.
 * Time may pass for the session, too: leases end, peers are late. */
static int
again(struct atls_conn *c, int fd, ssize_t io)
{
	int64_t left = atls_conn_deadline(c) - (int64_t)time(NULL);
	struct pollfd p = { .fd = fd };

	if (io != ATLS_IO_WANT_READ && io != ATLS_IO_WANT_WRITE)
		return 0;
	p.events = io == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
	(void)poll(&p, 1, left > 60 ? 60000 : left < 1 ? 1000 :
	    (int)left * 1000);
	return atls_conn_tick(c) != ATLS_IO_FAIL;
}

/* 0 done, 1 the peer was refused, or said no, or went away */
static int
greet(struct atls_conn *c, int fd)
{
	static const uint8_t hello[] = "hello\n";
	const size_t len = sizeof(hello) - 1;
	size_t sent = 0, got = 0;
	uint8_t answer[sizeof(hello)];
	ssize_t n;

	while ((n = atls_conn_attest(c)) != 1)
		if (!again(c, fd, n))
			return 1;
	while (sent < len)
		if ((n = atls_conn_write(c, hello + sent, len - sent)) > 0)
			sent += (size_t)n;
		else if (!again(c, fd, n))
			return 1;
	/* the last octets may still be inside: tick writes them */
	while ((n = atls_conn_tick(c)) != 1)
		if (!again(c, fd, n))
			return 1;
	while (got < len)
		if ((n = atls_conn_read(c, answer + got, len - got)) > 0)
			got += (size_t)n;
		else if (!again(c, fd, n))
			return 1;
	while ((n = atls_conn_close(c)) != 1)
		if (!again(c, fd, n))
			return 1;
	return fwrite(answer, 1, got, stdout) != got;
}

static int
dial(const char *host, const char *port)
{
	struct addrinfo *a, hints = { .ai_socktype = SOCK_STREAM };
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &a) != 0)
		return -1;
	if ((fd = socket(a->ai_family, SOCK_STREAM, 0)) != -1 &&
	    (connect(fd, a->ai_addr, a->ai_addrlen) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)) {
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(a);
	return fd;
}

/* nonblocking POLICY CA NAME HOST PORT */
int
main(int argc, char **argv)
{
	struct atls_config *config = atls_config_new();
	struct atls_policy *policy = NULL;
	struct atls_tls_setup setup = { 0 };
	struct atls_err err = { 0 };
	struct atls_conn *c = NULL;
	void *ctx = NULL;
	int fd = -1, status = 4;

	if (argc != 6 || config == NULL ||
	    (fd = dial(argv[4], argv[5])) == -1)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	policy = atls_policy_parse(TEXT(argv[1]), NULL, NULL, &err);
	setup.trust = atls_trust_new(TEXT(argv[2]), TEXT(""), &err);
	if (atls_config_set_policy(config, policy) == ATLS_OK &&
	    atls_config_set_peer(config, setup.trust, argv[3]) == ATLS_OK &&
	    atls_backend_openssl.ctx_new(&ctx, ATLS_CLIENT, &setup, &err) ==
	    ATLS_OK)
		c = atls_conn_open(config, ATLS_CLIENT, &atls_backend_openssl,
		    ctx, fd, argv[3], NULL, &err);
	if (c != NULL && (status = greet(c, fd)) != 0)
		err = *atls_conn_error(c);
	if (err.rc != ATLS_OK)
		fprintf(stderr, "refused: %s: %s\n", err.where, err.detail);
	atls_conn_free(c);
	if (ctx != NULL)
		atls_backend_openssl.ctx_free(ctx);
	(void)close(fd);
	atls_trust_free(setup.trust);
	atls_policy_free(policy);
	atls_config_free(config);
	return status;
}
