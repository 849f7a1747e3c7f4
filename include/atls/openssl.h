/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_OPENSSL_H
#define ATLS_OPENSSL_H

#include <openssl/types.h>

#include <atls/backend.h>

/*
 * OpenSSL 3.  A context is an SSL_CTX *, a connection an SSL *, whoever made
 * it: atls_conn_attach() takes an application's own SSL * (see prepare below)
 * and open() an application's own SSL_CTX *.
 *
 * Contexts of ctx_new() take their algorithms from OpenSSL's default provider
 * in a library context apart, whatever openssl.cnf says of providers; of
 * their peers they accept the schemes of enum atls_scheme.  They keep a
 * pointer to identity, and sign the handshake by identity->sign().
 *
 * What cannot be seen: on a client, tickets that it has not read yet; of an
 * SSL * that open() did not make, which extensions its ClientHello had and,
 * on a client, which signature schemes (offered() says E_STATE).
 */
extern const struct atls_backend atls_backend_openssl;

/*
 * atls_openssl_prepare() makes an application's own context fit for attested
 * connections, and for open(): TLS 1.3 only, no tickets, no session cache, no
 * early data, an unexpected end of file is an error.  Certificates, keys and
 * verification stay as the application has them.  Call it last.
 *
 * Errors: E_CONF (TLS 1.3 is disabled, or the role is not that of the
 * context's method), E_MEM.
 */
ATLS_CHECKED enum atls_rc atls_openssl_prepare(SSL_CTX *, enum atls_role,
			    struct atls_err *);

#endif
