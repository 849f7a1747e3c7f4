/* SPDX-License-Identifier: Apache-2.0 */
/* An echo server that proves its platform to whoever asks. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atls/conn.h>
#include <atls/openssl.h>
#include <atls/tpm.h>

#define TEXT(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

static int
listen_on(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)port) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) != 0 || bind(fd, (struct sockaddr *)&sa,
	    sizeof(sa)) != 0 || listen(fd, 16) != 0)
		return -1;
	return fd;
}

static void
echo(struct atls_conn *c)
{
	uint8_t buf[4096];
	ssize_t n, done, w;

	while ((n = atls_conn_read(c, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += w)
			if ((w = atls_conn_write(c, buf + done,
			    (size_t)(n - done))) <= 0)
				return;
	if (n == ATLS_IO_EOF)
		(void)atls_conn_close(c);
}

/* One at a time; a server of many has a thread, or an event loop, for each. */
static void
serve(struct atls_config *config, void *ctx, int fd,
    const struct atls_source *source)
{
	struct atls_err err = { 0 };
	struct atls_conn *c = atls_conn_open(config, ATLS_SERVER,
	    &atls_backend_openssl, ctx, fd, NULL, source, &err);

	if (c == NULL) {
		fprintf(stderr, "server: %s: %s\n", err.where, err.detail);
		return;
	}
	if (atls_conn_attest(c) == 1)
		echo(c);
	if (atls_conn_error(c)->rc != ATLS_OK)
		fprintf(stderr, "server: %s: %s\n",
		    atls_conn_error(c)->where, atls_conn_error(c)->detail);
	atls_conn_free(c);
}

/* server WHERE CERT PORT: WHERE as atls_tpm(3) has it; CERT is the text. */
int
main(int argc, char **argv)
{
	struct atls_source source = { &atls_attester_tpm, NULL };
	struct atls_config *config = atls_config_new();
	struct atls_identity *id = NULL;
	struct atls_tls_setup setup = { 0 };
	struct atls_err err = { 0 };
	void *ctx;
	int lfd, fd;

	if (argc != 4 || config == NULL || (lfd = listen_on(atoi(argv[3]))) ==
	    -1) {
		fprintf(stderr, "usage: server WHERE CERT PORT\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (source.attester->open(&source.dev, argv[1], &err) == ATLS_OK)
		id = source.attester->identity(source.dev, TEXT(argv[2]),
		    &err);
	setup.identity = id;
	if (id == NULL || atls_config_set_attester(config, ATLS_KIND_TPM,
	    id) != ATLS_OK || atls_backend_openssl.ctx_new(&ctx, ATLS_SERVER,
	    &setup, &err) != ATLS_OK) {
		fprintf(stderr, "server: %s: %s\n", err.where == NULL ?
		    "config" : err.where, err.detail);
		return 4;
	}
	while ((fd = accept(lfd, NULL, NULL)) != -1) {
		serve(config, ctx, fd, &source);
		(void)close(fd);
	}
	return 4;
}
