/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include <atls/atls.h>
#include <atls/openssl.h>

#define TEXT(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

/* hello HOST:PORT NAME CA POLICY: the last two are the texts themselves */
int
main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct atls_config *config = atls_config_new();
	struct atls_err err = { 0 };
	uint8_t answer[6];
	SSL *ssl;

	if (argc != 5)
		return fprintf(stderr, "usage: see above\n"), 2;
	if (atls_openssl_prepare(ctx, ATLS_CLIENT, &err) ||
	    atls_config_set_policy(config, atls_policy_parse(TEXT(argv[4]),
	    NULL, NULL, &err)) || atls_config_set_peer(config,
	    atls_trust_new(TEXT(argv[3]), TEXT(""), &err), argv[2]))
		return fprintf(stderr, "%s: %s\n", err.where, err.detail), 2;
	BIO *bio = BIO_new_ssl_connect(ctx);		/* TLS, as ever ... */
	BIO_get_ssl(bio, &ssl);
	BIO_set_conn_hostname(bio, argv[1]);
	if (BIO_do_connect(bio) != 1)
		return 4;
	struct atls_conn *conn = atls_conn_attach(config, ATLS_CLIENT,
	    &atls_backend_openssl, ssl, SSL_get_fd(ssl), NULL, &err);
	if (conn == NULL || atls_conn_attest(conn) != 1)	/* attested */
		return fprintf(stderr, "refused: %s\n", conn == NULL ?
		    err.where : atls_conn_error(conn)->where), 1;
	printf("this is %s\n", atls_conn_result(conn)->instance);
	if (atls_conn_write(conn, (const uint8_t *)"hello\n", 6) != 6 ||
	    atls_conn_read(conn, answer, sizeof(answer)) != 6)
		return 1;
	return fwrite(answer, 1, sizeof(answer), stdout) != sizeof(answer);
}
