/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "ob.h"

static enum atls_rc
set(struct atls_err *err, enum atls_rc rc, const char *where, const char *text)
{
	if (err != NULL && err->rc == ATLS_OK) {
		err->rc = rc;
		err->where = where;
		err->offset = 0;
		(void)snprintf(err->detail, sizeof(err->detail), "%s", text);
	}
	ERR_clear_error();
	return rc;
}

static const char *
reason(unsigned long e)
{
	const char *s = ERR_reason_error_string(e);

	return s == NULL ? "no reason given" : s;
}

enum atls_rc
ob_fail(struct atls_err *err, enum atls_rc rc, const char *where,
    const char *text)
{
	unsigned long e = ERR_peek_last_error();

	if (text == NULL && ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
		rc = ATLS_E_MEM;
	return set(err, rc, where, text != NULL ? text : reason(e));
}

/* What identity->sign() said travels through libssl as an error of a library
 * of ours, whose reason is the enum atls_rc. */
void
ob_raise(enum atls_rc rc, const struct atls_err *why)
{
	ERR_raise_data(ob_errors(), (int)rc, "%s: %s",
	    why->where == NULL ? "sign" : why->where, why->detail);
}

static bool
fail_sign(struct atls_err *err, enum atls_rc *rc)
{
	const char *data;
	unsigned long e;
	int flags;

	while ((e = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0)
		if (ERR_GET_LIB(e) == ob_errors()) {
			*rc = set(err, (enum atls_rc)ERR_GET_REASON(e),
			    "openssl.sign",
			    (flags & ERR_TXT_STRING) != 0 ? data : "");
			return true;
		}
	return false;
}

static enum atls_rc
verify_rc(long v)
{
	switch (v) {
	case X509_V_ERR_CERT_REVOKED:
		return ATLS_E_REVOKED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return ATLS_E_STALE;
	case X509_V_ERR_OUT_OF_MEM:
		return ATLS_E_MEM;
	default:
		return ATLS_E_CHAIN;
	}
}

enum atls_rc
ob_fail_verify(struct atls_err *err, long v)
{
	return set(err, verify_rc(v), "openssl.verify",
	    X509_verify_cert_error_string(v));
}

enum atls_rc
ob_fail_handshake(struct atls_err *err, const SSL *ssl, int saved)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = reason(e);		/* static */
	int r = ERR_GET_REASON(e);
	enum atls_rc rc;

	if (e == 0)
		return set(err, ATLS_E_IO, "openssl.handshake",
		    saved == 0 ? "closed by the peer" : strerror(saved));
	if (fail_sign(err, &rc))
		return rc;
	if (ERR_SYSTEM_ERROR(e))
		return set(err, ATLS_E_IO, "openssl.handshake", text);
	if (r == ERR_R_MALLOC_FAILURE)
		return set(err, ATLS_E_MEM, "openssl.handshake", text);
	if (ERR_GET_LIB(e) != ERR_LIB_SSL || r == ERR_R_INTERNAL_ERROR)
		return set(err, ATLS_E_CRYPTO, "openssl.handshake", text);
	if (r == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return ob_fail_verify(err, SSL_get_verify_result(ssl));
	if (r == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return set(err, ATLS_E_CHAIN, "openssl.verify", text);
	if (r == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return set(err, ATLS_E_IO, "openssl.handshake", text);
	if (r > SSL_AD_REASON_OFFSET)
		return set(err, ATLS_E_ALERT, "openssl.handshake", text);
	return set(err, ATLS_E_PEER, "openssl.handshake", text);
}
