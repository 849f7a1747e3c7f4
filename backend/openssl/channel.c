/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>

#include "ob.h"

enum atls_hash
ob_hash(const SSL *ssl)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(ssl);
	const EVP_MD *md = c == NULL ? NULL :
	    SSL_CIPHER_get_handshake_digest(c);

	switch (md == NULL ? NID_undef : EVP_MD_get_type(md)) {
	case NID_sha256:
		return ATLS_SHA256;
	case NID_sha384:
		return ATLS_SHA384;
	default:
		return (enum atls_hash)0;
	}
}

/*
 * In TLS 1.3 a session gets an id when a ticket for it is written, also by a
 * server that by now is told to write none, or is read: a client that did not
 * read yet has not seen it.
 */
static bool
tickets(SSL *ssl)
{
	const SSL_SESSION *s = SSL_get_session(ssl);
	unsigned idlen = 0;

	if (s != NULL)
		(void)SSL_SESSION_get_id(s, &idlen);
	if (idlen != 0 || (s != NULL && SSL_SESSION_has_ticket(s)))
		return true;
	return SSL_is_server(ssl) && SSL_get_num_tickets(ssl) != 0;
}

/* An application may verify nothing, or anybody: then it is nobody to us. */
static bool
peer_verified(SSL *ssl)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);
	char *ip;
	bool named;

	if (SSL_get0_peer_certificate(ssl) == NULL ||
	    (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) == 0 ||
	    SSL_get_verify_result(ssl) != X509_V_OK)
		return false;
	(void)ERR_set_mark();		/* having none is an error to it */
	ip = X509_VERIFY_PARAM_get1_ip_asc(p);
	(void)ERR_pop_to_mark();
	named = ip != NULL || X509_VERIFY_PARAM_get0_host(p, 0) != NULL;
	OPENSSL_free(ip);
	return SSL_is_server(ssl) || named;
}

static enum atls_rc
channel_info(void *conn, struct atls_channel_info *out)
{
	SSL *ssl = conn;

	*out = (struct atls_channel_info){
		.role = SSL_is_server(ssl) ? ATLS_SERVER : ATLS_CLIENT,
		.version = (unsigned)SSL_version(ssl),
		.hash = ob_hash(ssl),
		.established = SSL_is_init_finished(ssl),
		.resumed = SSL_session_reused(ssl),
		.early_data = SSL_get_early_data_status(ssl) !=
		    SSL_EARLY_DATA_NOT_SENT,
		.tickets = tickets(ssl),
		.peer_verified = peer_verified(ssl),
	};
	return ATLS_OK;
}

/* OpenSSL would export on TLS 1.2, and on a server before the client's
 * Finished was there: neither is what the core asks for. */
static bool
is_done(const SSL *ssl)
{
	return SSL_version(ssl) == TLS1_3_VERSION && SSL_is_init_finished(ssl);
}

static enum atls_rc
channel_exporter(void *conn, const char *label, struct atls_bytes context,
    uint8_t *out, size_t outlen)
{
	static const uint8_t empty[1];
	SSL *ssl = conn;

	memset(out, 0, outlen);
	if (!is_done(ssl))
		return ATLS_E_STATE;
	if (outlen == 0)
		return ATLS_E_ARG;
	if (SSL_export_keying_material(ssl, out, outlen, label, strlen(label),
	    context.len == 0 ? empty : context.p, context.len, 1) == 1)
		return ATLS_OK;
	memset(out, 0, outlen);
	ERR_clear_error();
	return ATLS_E_CRYPTO;
}

/* The leaf that was shown; a certificate that a client has but was not asked
 * for was not: then nothing was signed either. */
static X509 *
leaf(const SSL *ssl, bool of_peer)
{
	int nid;

	if (of_peer)
		return SSL_get0_peer_certificate(ssl);
	return SSL_get_signature_type_nid(ssl, &nid) == 1 ?
	    SSL_get_certificate(ssl) : NULL;
}

/* Views that were handed out stay valid, so what is kept is never replaced:
 * an SSL that came back with another certificate was used twice. */
static enum atls_rc
channel_spki(void *conn, bool of_peer, struct atls_bytes *out)
{
	SSL *ssl = conn;
	struct ob_conn *c = ob_conn_of(ssl, true);
	struct atls_bytes old, new;
	uint8_t *der = NULL;
	X509 *x;
	int n = 0;

	*out = (struct atls_bytes){ NULL, 0 };
	if (!is_done(ssl))
		return ATLS_E_STATE;
	if (c == NULL)
		return ATLS_E_MEM;
	if ((x = leaf(ssl, of_peer)) != NULL &&
	    (n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der)) <= 0) {
		ERR_clear_error();
		return ATLS_E_CRYPTO;
	}
	old = (struct atls_bytes){ c->spki[of_peer].p, c->spki[of_peer].len };
	new = (struct atls_bytes){ der, (size_t)n };
	if (old.p == NULL) {
		c->spki[of_peer].p = der;
		c->spki[of_peer].len = new.len;
		*out = new;
		return ATLS_OK;
	}
	if (!atls_ct_eq(old, new)) {
		OPENSSL_free(der);
		return ATLS_E_STATE;
	}
	OPENSSL_free(der);
	*out = old;
	return ATLS_OK;
}

static enum atls_rc
channel_carried(void *conn, struct atls_carried *out)
{
	SSL *ssl = conn;
	struct ob_conn *c = ob_conn_of(ssl, true);
	X509 *x = SSL_get0_peer_certificate(ssl);
	uint8_t *der = NULL;
	int n;

	*out = (struct atls_carried){ .nonce = { NULL, 0 } };
	if (!is_done(ssl))
		return ATLS_E_STATE;
	if (c == NULL)
		return ATLS_E_MEM;
	if (x != NULL && c->leaf.p == NULL) {
		if ((n = i2d_X509(x, &der)) <= 0) {
			ERR_clear_error();
			return ATLS_E_CRYPTO;
		}
		c->leaf = (struct ob_bytes){ der, (size_t)n };
	}
	out->certificate = (struct atls_bytes){ c->leaf.p, c->leaf.len };
	if (c->carry != NULL) {
		out->evidence = (struct atls_bytes){ c->carry->theirs.p,
		    c->carry->theirs.len };
		out->nonce = ob_carry_nonce(c);
	}
	out->transcript = ob_transcript_view(&c->hellos, ob_hash(ssl));
	return ATLS_OK;
}

/* Of a ClientHello that was not watched, a server still knows the schemes. */
static enum atls_rc
schemes_of(SSL *ssl, struct ob_offer *o)
{
	unsigned char sig, hash;
	int i, n;

	if (!SSL_is_server(ssl))
		return ATLS_E_STATE;
	n = SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL);
	if (n <= 0)
		return ATLS_E_STATE;
	if ((size_t)n > OB_NITEMS(o->v))
		return ATLS_E_LIMIT;
	for (i = 0; i < n; i++) {
		if (SSL_get_sigalgs(ssl, i, NULL, NULL, NULL, &sig,
		    &hash) != n)
			return ATLS_E_CRYPTO;
		o->v[i] = (uint16_t)(hash << 8 | sig);
	}
	o->n = (size_t)n;
	return ATLS_OK;
}

static enum atls_rc
channel_offered(void *conn, bool schemes, uint16_t *v, size_t cap, size_t *n)
{
	SSL *ssl = conn;
	const struct ob_conn *c = ob_conn_of(ssl, false);
	struct ob_offer o = { { 0 }, 0 };
	enum atls_rc rc;

	*n = 0;
	if (!is_done(ssl))
		return ATLS_E_STATE;
	if (c != NULL && c->hello.seen)
		o = schemes ? c->hello.schemes : c->hello.extensions;
	else if (!schemes)
		return ATLS_E_STATE;
	else if ((rc = schemes_of(ssl, &o)) != ATLS_OK)
		return rc;
	*n = o.n;
	if (o.n > cap)
		return ATLS_E_SPACE;
	memcpy(v, o.v, o.n * sizeof(*v));
	return ATLS_OK;
}

const struct atls_channel_ops ob_channel = {
	.info = channel_info,
	.exporter = channel_exporter,
	.spki = channel_spki,
	.offered = channel_offered,
	.carried = channel_carried,
};
