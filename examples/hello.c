/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <atls/conn.h>
#include <atls/openssl.h>

#define TEXT(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

/* hello POLICY CA NAME HOST PORT: POLICY and CA are the texts themselves */
int
main(int argc, char **argv)
{
	struct addrinfo *a, hints = { .ai_socktype = SOCK_STREAM };
	struct atls_config *config = atls_config_new();
	struct atls_tls_setup setup = { 0 };
	struct atls_err err = { 0 };
	struct atls_conn *conn;
	uint8_t answer[64];
	ssize_t n;
	void *ctx;
	int fd;

	if (argc != 6 || config == NULL ||
	    getaddrinfo(argv[4], argv[5], &hints, &a) != 0 ||
	    (fd = socket(a->ai_family, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, a->ai_addr, a->ai_addrlen) != 0)
		return 2;
	setup.trust = atls_trust_new(TEXT(argv[2]), TEXT(""), &err);
	if (atls_config_set_policy(config, atls_policy_parse(TEXT(argv[1]),
	    NULL, NULL, &err)) != ATLS_OK ||
	    atls_config_set_peer(config, setup.trust, argv[3]) != ATLS_OK ||
	    atls_backend_openssl.ctx_new(&ctx, ATLS_CLIENT, &setup, &err) !=
	    ATLS_OK || (conn = atls_conn_open(config, ATLS_CLIENT,
	    &atls_backend_openssl, ctx, fd, argv[3], NULL, &err)) == NULL)
		return fprintf(stderr, "%s: %s\n", atls_rc_name(err.rc),
		    err.detail), 4;
	if (atls_conn_attest(conn) != 1)
		return fprintf(stderr, "refused: %s: %s\n",
		    atls_conn_error(conn)->where,
		    atls_conn_error(conn)->detail), 1;
	printf("this is %s\n", atls_conn_result(conn)->instance);
	if (atls_conn_write(conn, (const uint8_t *)"hello\n", 6) != 6 ||
	    (n = atls_conn_read(conn, answer, sizeof(answer))) <= 0)
		return 1;
	return fwrite(answer, 1, (size_t)n, stdout) != (size_t)n;
}
