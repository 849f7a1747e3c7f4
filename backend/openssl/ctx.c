/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "ob.h"

/* Our provider has keys of the same names: this one's come first. */
#define PROPERTIES	"?provider=default"

/* The schemes that we verify in CertificateVerify, and those that
 * certificates are still signed by. */
#define ACCEPTED	"ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:"\
	"ed25519:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:"		\
	"rsa_pss_rsae_sha512:rsa_pkcs1_sha256:rsa_pkcs1_sha384:"	\
	"rsa_pkcs1_sha512"

static const struct {
	uint16_t	 scheme;
	const char	*name;
} schemes[] = {
	{ ATLS_ECDSA_P256_SHA256,	"ecdsa_secp256r1_sha256" },
	{ ATLS_ECDSA_P384_SHA384,	"ecdsa_secp384r1_sha384" },
	{ ATLS_RSA_PSS_SHA256,		"rsa_pss_rsae_sha256" },
	{ ATLS_RSA_PSS_SHA384,		"rsa_pss_rsae_sha384" },
	{ ATLS_RSA_PSS_SHA512,		"rsa_pss_rsae_sha512" },
	{ ATLS_ED25519,			"ed25519" },
};

/*
 * The connection rules: TLS 1.3, full handshakes only (draft-fossati-seat-
 * expat: no NewSessionTicket, no 0-RTT).  SSL_OP_NO_TICKET alone would still
 * send stateful tickets; their number is what counts.
 */
static int
rules_set(SSL_CTX *ctx)
{
	long max = SSL_CTX_get_max_proto_version(ctx);

	if ((max != 0 && max < TLS1_3_VERSION) ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
	    SSL_CTX_set_max_early_data(ctx, 0) != 1)
		return 0;
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	(void)SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	return (SSL_CTX_get_options(ctx) & SSL_OP_NO_TLSv1_3) == 0;
}

static bool
role_fits(const SSL_CTX *ctx, enum atls_role role)
{
	const SSL_METHOD *m = SSL_CTX_get_ssl_method(ctx);

	switch (role) {
	case ATLS_CLIENT:
		return m == TLS_method() || m == TLS_client_method();
	case ATLS_SERVER:
		return m == TLS_method() || m == TLS_server_method();
	default:
		return false;
	}
}

enum atls_rc
atls_openssl_prepare(SSL_CTX *ctx, enum atls_role role, struct atls_err *err)
{
	struct ob_ctx *o;

	if (ctx == NULL || !role_fits(ctx, role))
		return ob_fail(err, ATLS_E_CONF, "openssl.prepare",
		    "the context is not of this role");
	if (rules_set(ctx) != 1)
		return ob_fail(err, ATLS_E_CONF, "openssl.prepare",
		    "TLS 1.3 is disabled");
	if ((o = ob_ctx_of(ctx, true)) == NULL)
		return ob_fail(err, ATLS_E_MEM, "openssl.prepare", NULL);
	o->role = role;
	return ATLS_OK;
}

/*
 * RFC 8446, 4.2.3: in TLS 1.3 the list of a server says what it signs with,
 * and its "client" list what it accepts; in a client it is the other way
 * round.
 */
static int
schemes_set(SSL_CTX *ctx, enum atls_role role, const struct atls_identity *id)
{
	char own[128] = "";
	size_t i, k;

	for (i = 0; id != NULL && i < id->nscheme; i++)
		for (k = 0; k < OB_NITEMS(schemes); k++)
			if (id->scheme[i] == schemes[k].scheme) {
				if (own[0] != '\0')
					strcat(own, ":");
				strcat(own, schemes[k].name);
			}
	if (id != NULL && own[0] == '\0')
		return 0;
	if (role == ATLS_SERVER)
		return SSL_CTX_set1_sigalgs_list(ctx, own) == 1 &&
		    SSL_CTX_set1_client_sigalgs_list(ctx, ACCEPTED) == 1;
	return SSL_CTX_set1_sigalgs_list(ctx, ACCEPTED) == 1 && (id == NULL ||
	    SSL_CTX_set1_client_sigalgs_list(ctx, own) == 1);
}

static X509 *
cert_of(struct atls_bytes der)
{
	X509 *x = X509_new_ex(ob_lib(), PROPERTIES);
	const uint8_t *p = der.p;

	if (x != NULL && der.len <= LONG_MAX &&
	    d2i_X509(&x, &p, (long)der.len) != NULL && p == der.p + der.len)
		return x;
	X509_free(x);
	return NULL;
}

static enum atls_rc
identity_set(SSL_CTX *ctx, const struct atls_identity *id,
    struct atls_err *err)
{
	STACK_OF(X509) *rest = sk_X509_new_null();
	X509 *leaf = NULL, *x;
	EVP_PKEY *pub, *key = NULL;
	enum atls_rc rc = ATLS_OK;
	size_t i;

	leaf = cert_of(id->chain[0]);
	for (i = 1; i < id->nchain && rest != NULL; i++)
		if ((x = cert_of(id->chain[i])) == NULL ||
		    sk_X509_push(rest, x) == 0) {
			X509_free(x);
			rc = ATLS_E_FORMAT;
			break;
		}
	if (leaf == NULL || rest == NULL || rc != ATLS_OK)
		rc = ob_fail(err, ATLS_E_FORMAT, "openssl.identity", NULL);
	else if ((pub = X509_get0_pubkey(leaf)) == NULL ||
	    (key = ob_key_new(id, pub)) == NULL)
		rc = ob_fail(err, ATLS_E_ARG, "openssl.identity",
		    "no key of a type that we use");
	else if (SSL_CTX_use_cert_and_key(ctx, leaf, key, rest, 1) != 1)
		rc = ob_fail(err, ATLS_E_CRYPTO, "openssl.identity", NULL);
	EVP_PKEY_free(key);
	X509_free(leaf);
	sk_X509_pop_free(rest, X509_free);
	return rc;
}

/* All certificates of the text, then all CRLs; at least one of what is there,
 * and nothing that does not parse. */
static int
store_certs(X509_STORE *store, BIO *in)
{
	X509 *x;
	int n;

	for (n = 0;; n++) {
		x = X509_new_ex(ob_lib(), PROPERTIES);
		if (x == NULL || PEM_read_bio_X509(in, &x, NULL, NULL) == NULL)
			break;
		if (X509_STORE_add_cert(store, x) != 1)
			break;
		X509_free(x);
	}
	X509_free(x);
	return n > 0 && ERR_GET_REASON(ERR_peek_last_error()) ==
	    PEM_R_NO_START_LINE;
}

static int
store_crls(X509_STORE *store, BIO *in)
{
	X509_CRL *x;
	int n;

	for (n = 0;; n++) {
		x = X509_CRL_new_ex(ob_lib(), PROPERTIES);
		if (x == NULL ||
		    PEM_read_bio_X509_CRL(in, &x, NULL, NULL) == NULL)
			break;
		if (X509_STORE_add_crl(store, x) != 1)
			break;
		X509_CRL_free(x);
	}
	X509_CRL_free(x);
	return n > 0 && ERR_GET_REASON(ERR_peek_last_error()) ==
	    PEM_R_NO_START_LINE;
}

static int
store_read(X509_STORE *store, struct atls_bytes pem,
    int (*read)(X509_STORE *, BIO *))
{
	BIO *in = NULL;
	int ok;

	if (pem.len > INT_MAX ||
	    (in = BIO_new_mem_buf(pem.p, (int)pem.len)) == NULL)
		return 0;
	ERR_clear_error();
	ok = read(store, in);
	BIO_free(in);
	return ok;
}

static enum atls_rc
trust_set(SSL_CTX *ctx, enum atls_role role, const struct atls_trust *trust,
    struct atls_err *err)
{
	struct atls_bytes crls = atls_trust_crls(trust);
	X509_STORE *store = X509_STORE_new();
	unsigned long flags = X509_V_FLAG_X509_STRICT |
	    X509_V_FLAG_PARTIAL_CHAIN;	/* an anchor need not be a root */

	if (crls.len != 0)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	if (store == NULL ||
	    store_read(store, atls_trust_anchors(trust), store_certs) != 1 ||
	    (crls.len != 0 && store_read(store, crls, store_crls) != 1) ||
	    X509_STORE_set_flags(store, flags) != 1) {
		X509_STORE_free(store);
		return ob_fail(err, ATLS_E_FORMAT, "openssl.trust", NULL);
	}
	SSL_CTX_set_cert_store(ctx, store);
	SSL_CTX_set_verify_depth(ctx, ATLS_CHAIN_MAX);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (role == ATLS_SERVER ?
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT | SSL_VERIFY_CLIENT_ONCE : 0),
	    NULL);
	return ATLS_OK;
}

static void
unverified_set(SSL_CTX *ctx, enum atls_role role)
{
	ob_ctx_of(ctx, true)->unverified = true;
	SSL_CTX_set_cert_verify_callback(ctx, ob_carry_verify, NULL);
	SSL_CTX_set_max_cert_list(ctx, OB_CHAIN_MAX);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (role == ATLS_SERVER ?
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT | SSL_VERIFY_CLIENT_ONCE : 0),
	    NULL);
}

/* Evidence in the certificates of peers that PKI has to know as well. */
static void
ratls_set(SSL_CTX *ctx)
{
	SSL_CTX_set_max_cert_list(ctx, OB_CHAIN_MAX);
	SSL_CTX_set_verify(ctx, SSL_CTX_get_verify_mode(ctx),
	    ob_critical_verify);
}

/* A leading dot would mean any name below; an empty one, any at all. */
enum atls_rc
ob_ctx_name(struct atls_err *err, const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || strlen(name) > OB_NAME_MAX)
		return ob_fail(err, ATLS_E_ARG, "openssl.name",
		    "not a DNS name or IP address");
	return ATLS_OK;
}

static enum atls_rc
setup_check(enum atls_role role, const struct atls_tls_setup *s,
    struct atls_err *err)
{
	const struct atls_identity *id = s->identity;

	if (role != ATLS_CLIENT && role != ATLS_SERVER)
		return ob_fail(err, ATLS_E_ARG, "openssl.setup", "no role");
	if (role == ATLS_SERVER && id == NULL)
		return ob_fail(err, ATLS_E_ARG, "openssl.setup",
		    "a server without an identity");
	if (role == ATLS_SERVER && s->ask_client && s->trust == NULL &&
	    !s->unverified)
		return ob_fail(err, ATLS_E_ARG, "openssl.setup",
		    "ask_client without trust");
	if (id != NULL && (id->sign == NULL || id->nchain == 0 ||
	    id->nchain > ATLS_CHAIN_MAX || id->nscheme == 0 ||
	    id->nscheme > OB_NITEMS(id->scheme)))
		return ob_fail(err, ATLS_E_ARG, "openssl.setup",
		    "an identity without chain, scheme or sign()");
	if (s->carrier != NULL && s->carrier->offer != NULL && id == NULL)
		return ob_fail(err, ATLS_E_ARG, "openssl.carrier",
		    "evidence goes with a certificate: there is none");
	if (s->carrier != NULL && s->carrier->accept[0] != NULL &&
	    !(role == ATLS_SERVER && !s->ask_client) && s->trust == NULL &&
	    !s->unverified)
		return ob_fail(err, ATLS_E_ARG, "openssl.carrier",
		    "evidence of a peer goes with its certificate");
	if (s->carrier != NULL && s->carrier->ask && role == ATLS_SERVER &&
	    !s->ask_client)
		return ob_fail(err, ATLS_E_ARG, "openssl.carrier",
		    "evidence of clients without ask_client");
	return s->name == NULL ? ATLS_OK : ob_ctx_name(err, s->name);
}

static enum atls_rc
ctx_fill(SSL_CTX *ctx, enum atls_role role, const struct atls_tls_setup *s,
    struct atls_err *err)
{
	enum atls_rc rc;

	if ((rc = atls_openssl_prepare(ctx, role, err)) != ATLS_OK)
		return rc;
	SSL_CTX_set_security_level(ctx, 2);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	if (schemes_set(ctx, role, s->identity) != 1)
		return ob_fail(err, ATLS_E_ARG, "openssl.identity",
		    "no scheme that we know");
	if (s->identity != NULL &&
	    (rc = identity_set(ctx, s->identity, err)) != ATLS_OK)
		return rc;
	if (s->name != NULL)
		strcpy(ob_ctx_of(ctx, true)->name, s->name);
	if (s->carrier != NULL && ob_carry_ctx(ctx, role, s->carrier) != 1)
		return ob_fail(err, ATLS_E_ARG, "openssl.carrier",
		    "code point, alert or media types");
	if (role == ATLS_SERVER && !s->ask_client)
		return ATLS_OK;
	if (s->unverified)
		unverified_set(ctx, role);
	if (s->unverified || s->trust == NULL)
		return ATLS_OK;
	if ((rc = trust_set(ctx, role, s->trust, err)) == ATLS_OK && s->ratls)
		ratls_set(ctx);
	return rc;
}

enum atls_rc
ob_ctx_new(void **out, enum atls_role role, const struct atls_tls_setup *s,
    struct atls_err *err)
{
	SSL_CTX *ctx;
	enum atls_rc rc;

	*out = NULL;
	ERR_clear_error();
	if ((rc = setup_check(role, s, err)) != ATLS_OK)
		return rc;
	if (ob_lib() == NULL)
		return ob_fail(err, ATLS_E_MEM, "openssl.ctx", "no memory");
	if ((ctx = SSL_CTX_new_ex(ob_lib(), PROPERTIES, role == ATLS_SERVER ?
	    TLS_server_method() : TLS_client_method())) == NULL)
		return ob_fail(err, ATLS_E_CRYPTO, "openssl.ctx", NULL);
	if ((rc = ctx_fill(ctx, role, s, err)) != ATLS_OK) {
		SSL_CTX_free(ctx);
		return rc;
	}
	ERR_clear_error();
	*out = ctx;
	return ATLS_OK;
}

void
ob_ctx_free(void *ctx)
{
	SSL_CTX_free(ctx);
}
