/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in the handshake, on stock OpenSSL: custom extensions carry it, and
 * the handshake stops for it where the hellos are known: a client in its
 * certificate callback, a server (whose ServerHello comes after that) inside
 * of the extension's own, in a job.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>

#include "cur.h"
#include "ob.h"

#define WHERE	"ext.attestation"

/* The first reason is kept; the alert is for the peer. */
static int
refuse(struct ob_conn *c, enum atls_rc rc, const char *what)
{
	if (c->carry->why.rc == ATLS_OK) {
		c->carry->why.rc = rc;
		c->carry->why.where = WHERE;
		(void)snprintf(c->carry->why.detail,
		    sizeof(c->carry->why.detail), "%s", what);
	}
	return 0;
}

static int
alert_of(const struct ob_conn *c)
{
	return c->carry->how->alert == 0 ? SSL_AD_HANDSHAKE_FAILURE :
	    (int)c->carry->how->alert;
}

static struct ob_conn *
conn_of(SSL *ssl)
{
	struct ob_conn *c = ob_conn_of(ssl, false);

	return c == NULL || c->carry == NULL ? NULL : c;
}

/* Each of these gives 1 with what is to be sent, 0 for nothing, -1. */

static int
add_hello(struct ob_conn *c, const uint8_t **out, size_t *outlen)
{
	const struct atls_carrier *how = c->carry->how;
	size_t n = ob_hello_write(NULL, 0, how, c->carry->nonce);
	uint8_t *p = OPENSSL_malloc(n);

	if (p == NULL)
		return -1;
	*outlen = ob_hello_write(p, n, how, c->carry->nonce);
	*out = p;
	return 1;
}

static int
add_choice(struct ob_conn *c, bool ours, const uint8_t **out, size_t *outlen)
{
	const struct ob_carry *k = c->carry;
	const struct ob_scheme *s = ours ? &k->schemes.ours :
	    &k->schemes.theirs;
	bool nonce = k->how->nonce && !ours;
	uint8_t *p;

	if (s->len == 0)
		return 0;
	if ((p = OPENSSL_malloc(s->len + 1 + OB_NONCE)) == NULL)
		return -1;
	memcpy(p, s->p, s->len);
	p[s->len] = OB_NONCE;
	memcpy(p + s->len + 1, k->nonce, OB_NONCE);
	*out = p;
	*outlen = s->len + (nonce ? 1 + OB_NONCE : 0);
	return 1;
}

/* opaque cmw_payload<1..2^24-1>, in the first entry. */
static int
add_evidence(struct ob_conn *c, size_t index, const uint8_t **out,
    size_t *outlen)
{
	struct ob_carry *k = c->carry;
	uint8_t *p;

	if (k->schemes.ours.len == 0 || index != 0)
		return 0;
	while (!k->given) {
		k->awaited = true;
		if (!ob_job_pause()) {
			(void)refuse(c, ATLS_E_STATE, "cannot wait for it");
			return -1;
		}
	}
	if (k->ours.len == 0) {
		(void)refuse(c, ATLS_E_REFUSED, "there is none of ours");
		return -1;
	}
	if ((p = OPENSSL_malloc(3 + k->ours.len)) == NULL)
		return -1;
	p[0] = (uint8_t)(k->ours.len >> 16);
	p[1] = (uint8_t)(k->ours.len >> 8);
	p[2] = (uint8_t)k->ours.len;
	memcpy(p + 3, k->ours.p, k->ours.len);
	*out = p;
	*outlen = 3 + k->ours.len;
	return 1;
}

static int
on_add(SSL *ssl, unsigned type, unsigned context, const uint8_t **out,
    size_t *outlen, X509 *x, size_t index, int *al, void *arg)
{
	struct ob_conn *c = conn_of(ssl);

	(void)type, (void)x, (void)arg;
	*out = NULL;
	*outlen = 0;
	*al = SSL_AD_INTERNAL_ERROR;
	if (c == NULL)
		return 0;
	switch (context) {
	case SSL_EXT_CLIENT_HELLO:
		return add_hello(c, out, outlen);
	case SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS:
		return add_choice(c, true, out, outlen);
	case SSL_EXT_TLS1_3_CERTIFICATE_REQUEST:
		return add_choice(c, false, out, outlen);
	case SSL_EXT_TLS1_3_CERTIFICATE:
		return add_evidence(c, index, out, outlen);
	default:
		return 0;
	}
}

static void
on_free(SSL *ssl, unsigned type, unsigned context, const uint8_t *out,
    void *arg)
{
	(void)ssl, (void)type, (void)context, (void)arg;
	OPENSSL_free((void *)(uintptr_t)out);
}

static int
parse_choice(struct ob_conn *c, bool ours, const uint8_t *p, size_t n, int *al)
{
	switch (ob_choice_check(c->carry, ours, p, n)) {
	case 1:
		return 1;
	case OB_SCHEME_NONE:
		*al = SSL_AD_ILLEGAL_PARAMETER;
		return refuse(c, ATLS_E_PEER, "the server chose what was not "
		    "offered");
	default:
		*al = SSL_AD_DECODE_ERROR;
		return refuse(c, ATLS_E_FORMAT, "no attestation scheme");
	}
}

static int
parse_evidence(struct ob_conn *c, size_t index, const uint8_t *p, size_t n,
    int *al)
{
	struct cur in = { p, n, false };
	struct cur v = cur_vector(&in, 3);

	*al = SSL_AD_ILLEGAL_PARAMETER;
	if (index != 0)
		return refuse(c, ATLS_E_FORMAT,
		    "not in the first certificate entry");
	if (c->carry->schemes.theirs.len == 0)
		return refuse(c, ATLS_E_PEER, "nobody agreed on evidence");
	*al = SSL_AD_DECODE_ERROR;
	if (v.bad || in.bad || in.left > 0 || v.left == 0)
		return refuse(c, ATLS_E_FORMAT, v.bad || in.left > 0 ?
		    "its length is not that of the CMW" : "an empty CMW");
	*al = SSL_AD_INTERNAL_ERROR;
	if (c->carry->theirs.p != NULL ||
	    (c->carry->theirs.p = OPENSSL_memdup(p, n)) == NULL)
		return refuse(c, ATLS_E_MEM, "no memory");
	c->carry->theirs.len = n;
	return 1;
}

static int
on_parse(SSL *ssl, unsigned type, unsigned context, const uint8_t *in,
    size_t inlen, X509 *x, size_t index, int *al, void *arg)
{
	struct ob_conn *c = conn_of(ssl);

	(void)type, (void)x, (void)arg;
	if (c == NULL)
		return 1;
	switch (context) {
	case SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS:
		return parse_choice(c, false, in, inlen, al);
	case SSL_EXT_TLS1_3_CERTIFICATE_REQUEST:
		return parse_choice(c, true, in, inlen, al);
	case SSL_EXT_TLS1_3_CERTIFICATE:
		return parse_evidence(c, index, in, inlen, al);
	default:
		return 1;		/* ClientHello: on_hello() did */
	}
}

/* At the server, before anything else is done for this client; also for the
 * second hello, behind a HelloRetryRequest. */
static int
on_hello(SSL *ssl, int *al, void *arg)
{
	struct ob_conn *c = conn_of(ssl);
	const uint8_t *p;
	size_t n;
	int r = 1;

	(void)arg;
	if (c == NULL)
		return SSL_CLIENT_HELLO_SUCCESS;
	memset(&c->carry->schemes, 0, sizeof(c->carry->schemes));
	if (SSL_client_hello_get0_ext(ssl, c->carry->how->code_point, &p,
	    &n) == 1)
		r = ob_hello_choose(c->carry, p, n);
	if (r == 1 && (!c->carry->how->ask ||
	    c->carry->schemes.theirs.len > 0))
		return SSL_CLIENT_HELLO_SUCCESS;
	if (r == OB_SCHEME_BAD) {
		*al = SSL_AD_DECODE_ERROR;
		(void)refuse(c, ATLS_E_FORMAT, "no list of schemes");
	} else {
		*al = alert_of(c);
		(void)refuse(c, ATLS_E_REFUSED, r == 1 ? "the client offers no "
		    "evidence" : "no attestation scheme in common");
	}
	return SSL_CLIENT_HELLO_ERROR;
}

/* At the client, once it was asked for a certificate. */
static int
on_cert(SSL *ssl, void *arg)
{
	struct ob_conn *c = conn_of(ssl);

	(void)arg;
	if (c == NULL || SSL_is_server(ssl) || c->carry->schemes.ours.len == 0)
		return 1;
	if (!c->carry->given) {
		c->carry->awaited = true;
		return -1;
	}
	if (c->carry->ours.len > 0)
		return 1;
	return refuse(c, ATLS_E_REFUSED, "there is none of ours");
}

/* What was promised, or is demanded, has come. */
bool
ob_carry_is_whole(struct ob_conn *c)
{
	const struct ob_carry *k = c->carry;

	if (k->theirs.len > 0 || (k->schemes.theirs.len == 0 && !k->how->ask))
		return true;
	(void)refuse(c, ATLS_E_NONE, "the peer sent no evidence");
	return false;
}

/* Whoever it is, where nobody is to look: and then it says that nobody did. */
int
ob_carry_verify(X509_STORE_CTX *x, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct ob_ctx *o = ssl == NULL ? NULL :
	    ob_ctx_of(SSL_get_SSL_CTX(ssl), false);
	struct ob_conn *c = ssl == NULL ? NULL : conn_of(ssl);

	(void)arg;
	X509_STORE_CTX_set_error(x, X509_V_ERR_APPLICATION_VERIFICATION);
	if (o == NULL || (c != NULL && !ob_carry_is_whole(c)))
		return 0;
	if (o->unverified)
		return 1;
	X509_STORE_CTX_set_error(x, X509_V_OK);
	return X509_verify_cert(x);
}

int
ob_carry_ctx(SSL_CTX *ctx, enum atls_role role, const struct atls_carrier *how)
{
	struct ob_ctx *o = ob_ctx_of(ctx, true);
	size_t i;

	for (i = 0; i < ATLS_CARRIER_MEDIA && how->accept[i] != NULL; i++)
		if (how->accept[i][0] == '\0' ||
		    strlen(how->accept[i]) > OB_MEDIA_MAX)
			return 0;
	if ((how->offer != NULL && (how->offer[0] == '\0' ||
	    strlen(how->offer) > OB_MEDIA_MAX)) ||
	    (how->ask && how->accept[0] == NULL) ||
	    (how->offer == NULL && how->accept[0] == NULL) ||
	    how->code_point > 0xffff || how->alert > 0xff ||
	    (role == ATLS_SERVER && !ASYNC_is_capable()))
		return 0;
	/* libssl sends only alerts that it knows: else the peer sees no more
	 * than an end of the stream */
	if (how->alert != 0 && strcmp(SSL_alert_desc_string_long(
	    (int)how->alert), "unknown") == 0)
		return 0;
	if (SSL_CTX_add_custom_ext(ctx, how->code_point,
	    SSL_EXT_TLS1_3_ONLY | SSL_EXT_CLIENT_HELLO |
	    SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_CERTIFICATE |
	    SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, on_add, on_free, NULL,
	    on_parse, NULL) != 1)
		return 0;
	o->carrier = *how;
	o->carries = true;
	SSL_CTX_set_cert_verify_callback(ctx, ob_carry_verify, NULL);
	if (role == ATLS_SERVER)
		SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
	else
		SSL_CTX_set_cert_cb(ctx, on_cert, NULL);
	return 1;
}

bool
ob_carry_start(struct ob_conn *c, const struct ob_ctx *o)
{
	if ((c->carry = OPENSSL_zalloc(sizeof(*c->carry))) == NULL)
		return false;
	c->carry->how = &o->carrier;
	if (o->role == ATLS_SERVER && o->carrier.offer != NULL &&
	    (c->carry->wait = ASYNC_WAIT_CTX_new()) == NULL)
		return false;
	return ob_transcript_start(&c->hellos) &&
	    (!o->carrier.nonce || RAND_bytes_ex(ob_lib(), c->carry->nonce,
	    OB_NONCE, 0) == 1);
}

void
ob_carry_end(struct ob_conn *c)
{
	if (c->carry == NULL)
		return;
	ASYNC_WAIT_CTX_free(c->carry->wait);
	OPENSSL_free(c->carry->ours.p);
	OPENSSL_free(c->carry->theirs.p);
	OPENSSL_free(c->carry);
	c->carry = NULL;
}

/* Of a handshake that asked: what the peer's evidence is to be about. */
struct atls_bytes
ob_carry_nonce(const struct ob_conn *c)
{
	if (!c->carry->how->nonce || c->carry->schemes.theirs.len == 0)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ c->carry->nonce, OB_NONCE };
}

enum atls_rc
ob_wanted(void *conn, struct atls_carried *out)
{
	SSL *ssl = conn;
	struct ob_conn *c = conn_of(ssl);
	uint8_t *der = NULL;
	X509 *x;
	int n;

	*out = (struct atls_carried){ .nonce = { NULL, 0 } };
	if (c == NULL || !c->carry->awaited || c->carry->given)
		return ATLS_E_STATE;
	if ((x = SSL_get_certificate(ssl)) == NULL)
		return ATLS_E_STATE;
	if (c->own.p == NULL) {
		if ((n = i2d_X509(x, &der)) <= 0) {
			ERR_clear_error();
			return ATLS_E_CRYPTO;
		}
		c->own = (struct ob_bytes){ der, (size_t)n };
	}
	out->certificate = (struct atls_bytes){ c->own.p, c->own.len };
	out->transcript = ob_transcript_view(&c->hellos, ob_hash(ssl));
	out->nonce = (struct atls_bytes){ c->carry->their_nonce,
	    c->carry->their_noncelen };
	return out->transcript.len == 0 ? ATLS_E_CRYPTO : ATLS_OK;
}

enum atls_rc
ob_give(void *conn, struct atls_bytes cmw)
{
	struct ob_conn *c = conn_of(conn);

	if (c == NULL || !c->carry->awaited || c->carry->given)
		return ATLS_E_STATE;
	if (cmw.len > OB_EVIDENCE_MAX)
		return ATLS_E_LIMIT;
	if (cmw.len > 0 && (c->carry->ours.p = OPENSSL_memdup(cmw.p,
	    cmw.len)) == NULL)
		return ATLS_E_MEM;
	c->carry->ours.len = cmw.len;
	c->carry->given = true;
	return ATLS_OK;
}
