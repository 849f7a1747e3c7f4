/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/opensslv.h>
#include <openssl/x509v3.h>

#include "ob.h"

/* A numeric address is an iPAddress, all else a dNSName; the subject is not
 * looked at (RFC 9525, 6.3 and 6.4).  SNI is for the latter: RFC 6066, 3. */
static enum atls_rc
name_set(SSL *ssl, const char *name, struct atls_err *err)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);
	unsigned char ip[16];
	enum atls_rc rc;
	int ok;

	if ((rc = ob_ctx_name(err, name)) != ATLS_OK)
		return rc;
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (inet_pton(AF_INET, name, ip) == 1)
		ok = X509_VERIFY_PARAM_set1_ip(p, ip, 4);
	else if (inet_pton(AF_INET6, name, ip) == 1)
		ok = X509_VERIFY_PARAM_set1_ip(p, ip, 16);
	else
		ok = X509_VERIFY_PARAM_set1_host(p, name, 0) == 1 &&
		    (SSL_is_server(ssl) ||
		    SSL_set_tlsext_host_name(ssl, name) == 1);
	return ok == 1 ? ATLS_OK : ob_fail(err, ATLS_E_ARG, "openssl.name", NULL);
}

static enum atls_rc
open_ssl(SSL *ssl, const struct ob_ctx *o, int fd, const char *name,
    struct atls_err *err)
{
	struct ob_conn *c = ob_conn_of(ssl, true);
	BIO *b = ob_sock(fd);

	if (c == NULL || b == NULL ||
	    (o->carries && !ob_carry_start(c, o))) {
		BIO_free(b);
		return ob_fail(err, ATLS_E_MEM, "openssl.open", NULL);
	}
	SSL_set_bio(ssl, b, b);
	ob_hello_watch(ssl);
	if (o->role == ATLS_SERVER)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	if (name == NULL && o->name[0] != '\0')
		name = o->name;
	if (name != NULL)
		return name_set(ssl, name, err);
	/* Without a name, whoever has a certificate of our anchors would do:
	 * of a server that is never meant. */
	if (o->role == ATLS_CLIENT && !o->unverified &&
	    (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0)
		return ob_fail(err, ATLS_E_ARG, "openssl.name",
		    "a client must say who the server is");
	return ATLS_OK;
}

static enum atls_rc
conn_open(void **conn, void *ctx, int fd, const char *name,
    struct atls_err *err)
{
	const struct ob_ctx *o = ctx == NULL ? NULL : ob_ctx_of(ctx, false);
	SSL *ssl;
	enum atls_rc rc;

	*conn = NULL;
	ERR_clear_error();
	if (o == NULL || fd < 0)
		return ob_fail(err, ATLS_E_ARG, "openssl.open",
		    "no descriptor, or a context that was not prepared");
	if ((ssl = SSL_new(ctx)) == NULL)
		return ob_fail(err, ATLS_E_MEM, "openssl.open", NULL);
	if ((rc = open_ssl(ssl, o, fd, name, err)) != ATLS_OK) {
		SSL_free(ssl);
		return rc;
	}
	ERR_clear_error();
	*conn = ssl;
	return ATLS_OK;
}

/* What a call that did not succeed means.  Leaves OpenSSL's queue alone. */
static int
io_result(const SSL *ssl, int r)
{
	switch (SSL_get_error(ssl, r)) {
	case SSL_ERROR_WANT_READ:
		return ATLS_IO_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return ATLS_IO_WANT_WRITE;
	case SSL_ERROR_WANT_X509_LOOKUP:	/* a client's, for evidence */
		return ATLS_IO_WANT_EVIDENCE;
	case SSL_ERROR_ZERO_RETURN:
		return ATLS_IO_EOF;
	default:
		return ATLS_IO_FAIL;
	}
}

/*
 * A server that speaks first: RFC 8446, 4.6 allows it data once its own
 * Finished is out.  libssl calls that early data, of which the client's half
 * is never allowed here: SSL_read_early_data() then only runs the handshake as
 * far as it goes without the client.
 */
static int
step_flight(SSL *ssl, struct ob_conn *c)
{
	uint8_t none[1];
	size_t n = 0;

	switch (SSL_read_early_data(ssl, none, sizeof(none), &n)) {
	case SSL_READ_EARLY_DATA_FINISH:
		c->step = OB_FIRST;
		return 1;
	case SSL_READ_EARLY_DATA_ERROR:
		return io_result(ssl, 0);
	default:				/* max_early_data is not 0 */
		return ATLS_IO_FAIL;
	}
}

/* All of it, or none yet: here libssl does without partial writes. */
static int
step_first(SSL *ssl, struct ob_conn *c, struct atls_bytes first)
{
	size_t n = 0;

	if (SSL_write_early_data(ssl, first.p, first.len, &n) != 1)
		return io_result(ssl, 0);
	if (n != first.len)
		return ATLS_IO_FAIL;
	c->step = OB_REST;
	return 1;
}

static int
step_rest(SSL *ssl)
{
	int r = SSL_do_handshake(ssl);

	return r == 1 ? 1 : io_result(ssl, r);
}

static int
handshake(SSL *ssl, struct ob_conn *c, struct atls_bytes first)
{
	int r = 1;

	if (first.len == 0)
		return step_rest(ssl);
	if (c->step == OB_FLIGHT)
		r = step_flight(ssl, c);
	if (r == 1 && c->step == OB_FIRST)
		r = step_first(ssl, c, first);
	return r == 1 ? step_rest(ssl) : r;
}

/* What libssl was told to see to, looked at once more. */
static enum atls_rc
handshake_check(SSL *ssl, struct ob_conn *c, struct atls_err *err)
{
	int mode = SSL_get_verify_mode(ssl);
	X509 *peer = SSL_get0_peer_certificate(ssl);
	const struct ob_ctx *o = ob_ctx_of(SSL_get_SSL_CTX(ssl), false);

	if (SSL_version(ssl) != TLS1_3_VERSION || !SSL_is_init_finished(ssl))
		return ob_fail(err, ATLS_E_PEER, "openssl.handshake",
		    "not TLS 1.3");
	if (c->carry != NULL && !ob_carry_is_whole(c))
		return ob_fail(err, c->carry->why.rc, c->carry->why.where,
		    c->carry->why.detail);
	if ((mode & SSL_VERIFY_PEER) == 0)
		return ATLS_OK;
	if (peer == NULL) {
		if (SSL_is_server(ssl) &&
		    (mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) == 0)
			return ATLS_OK;
		return ob_fail(err, ATLS_E_CHAIN, "openssl.verify",
		    "no certificate");
	}
	if (o != NULL && o->unverified)
		return ATLS_OK;
	/* RFC 5280, 4.2.1.9: a CA's key signs certificates */
	if (X509_check_ca(peer) != 0)
		return ob_fail(err, ATLS_E_CHAIN, "openssl.verify",
		    "the leaf is a CA");
	if (SSL_get_verify_result(ssl) != X509_V_OK)
		return ob_fail_verify(err, SSL_get_verify_result(ssl));
	return ATLS_OK;
}

static int
conn_handshake(void *conn, struct atls_bytes first, struct atls_err *err)
{
	SSL *ssl = conn;
	struct ob_conn *c = ob_conn_of(ssl, true);
	int r;

	if (c == NULL || (first.len != 0 && !SSL_is_server(ssl))) {
		ob_fail(err, c == NULL ? ATLS_E_MEM : ATLS_E_ARG,
		    "openssl.handshake", "only a server speaks first");
		return ATLS_IO_FAIL;
	}
	ERR_clear_error();
	errno = 0;
	r = ob_job_run(ssl, c, handshake, first);
	if (r == 1 && handshake_check(ssl, c, err) == ATLS_OK) {
		SSL_set_msg_callback(ssl, NULL);
		ERR_clear_error();
		return 1;
	}
	if (r == ATLS_IO_WANT_READ || r == ATLS_IO_WANT_WRITE ||
	    r == ATLS_IO_WANT_EVIDENCE)
		return r;
	if (c->carry != NULL && c->carry->why.rc != ATLS_OK)
		ob_fail(err, c->carry->why.rc, c->carry->why.where,
		    c->carry->why.detail);
	if (r != 1)
		ob_fail_handshake(err, ssl, errno);
	return ATLS_IO_FAIL;
}

/* An application's own SSL may have other rules.  A missing close_notify must
 * not look like one, and writes may come back from elsewhere. */
static void
io_rules(SSL *ssl)
{
	(void)SSL_clear_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* else a stream of KeyUpdates keeps one read busy beyond any timeout */
	(void)SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	ERR_clear_error();
}

static ssize_t
io_end(const SSL *ssl, int r, size_t n)
{
	int io;

	if (r == 1 && n > 0 && n <= SSIZE_MAX)
		return (ssize_t)n;
	io = io_result(ssl, r);
	ERR_clear_error();
	return io;
}

static ssize_t
conn_read(void *conn, uint8_t *p, size_t len)
{
	SSL *ssl = conn;
	size_t n = 0;
	int r;

	if (len == 0)
		return ATLS_IO_FAIL;
	io_rules(ssl);
	r = SSL_read_ex(ssl, p, len, &n);
	return io_end(ssl, r, n);
}

static ssize_t
conn_write(void *conn, const uint8_t *p, size_t len)
{
	SSL *ssl = conn;
	size_t n = 0;
	int r;

	if (len == 0)
		return ATLS_IO_FAIL;
	io_rules(ssl);
	r = SSL_write_ex(ssl, p, len, &n);
	return io_end(ssl, r, n);
}

static bool
conn_pending(void *conn)
{
	return SSL_pending(conn) > 0;
}

/* Ours is out: 1.  The peer's is what read() waits for; SSL_shutdown() called
 * once more would look for it, too, and stumble over data. */
static int
conn_shutdown(void *conn)
{
	SSL *ssl = conn;
	struct ob_conn *c = ob_conn_of(ssl, true);
	int r;

	if (c == NULL || (c->carry != NULL && c->carry->job != NULL))
		return ATLS_IO_FAIL;
	ERR_clear_error();
	if (c->bye || (r = SSL_shutdown(ssl)) >= 0) {
		c->bye = true;
		return 1;
	}
	r = io_result(ssl, r);
	ERR_clear_error();
	return r == ATLS_IO_WANT_WRITE ? r : ATLS_IO_FAIL;
}

static void
conn_close(void *conn)
{
	struct ob_conn *c = ob_conn_of(conn, false);

	if (c != NULL)
		ob_job_drop(conn, c);
	SSL_free(conn);
}

const struct atls_backend atls_backend_openssl = {
	.size = sizeof(struct atls_backend),
	.name = "openssl " OPENSSL_VERSION_STR,
	.channel = &ob_channel,
	.ctx_new = ob_ctx_new,
	.ctx_free = ob_ctx_free,
	.open = conn_open,
	.handshake = conn_handshake,
	.read = conn_read,
	.write = conn_write,
	.pending = conn_pending,
	.shutdown = conn_shutdown,
	.close = conn_close,
	.wanted = ob_wanted,
	.give = ob_give,
};
