/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atls/openssl.h>

#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;

/* A PKI with its trust, and an identity that tells how it was used. */
struct world {
	struct pki		 pki;
	struct atls_trust	*trust;
	struct atls_identity	*real;
	struct atls_identity	 id;	/* real, but for sign() */
	unsigned		 signs;
	uint16_t		 scheme;
	enum atls_rc		 rc;	/* what sign() is to say */
	enum how { GOOD, EMPTY, WRONG, LONG } how;
};

static enum atls_rc
world_sign(void *key, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	struct world *w = key;

	w->signs++;
	w->scheme = scheme;
	if (w->rc != ATLS_OK) {
		*err = (struct atls_err){ w->rc, "tpm.sign", 0, "locked out" };
		return w->rc;
	}
	if (w->how == EMPTY || w->how == LONG) {
		sig->len = w->how == EMPTY ? 0 : sig->cap + 1;
		return ATLS_OK;
	}
	if (w->how == WRONG)
		tbs.len--;
	return w->real->sign(w->real->key, scheme, tbs, sig, err);
}

static void
world_open(struct world *w, const struct pki_ask *ask)
{
	int64_t now = (int64_t)time(NULL);

	*w = (struct world){ .pki = pki_new(ask, now) };
	w->trust = atls_trust_new(pki_view(w->pki.root.pem),
	    pki_view(w->pki.crls), NULL);
	w->real = atls_identity_new(pki_view(w->pki.chain),
	    pki_view(w->pki.leaf.key_pem), NULL);
	if (w->trust == NULL || w->real == NULL)
		abort();
	w->id = *w->real;
	w->id.key = w;
	w->id.sign = world_sign;
}

static void
world_close(struct world *w)
{
	atls_identity_free(w->real);
	atls_trust_free(w->trust);
	pki_free(&w->pki);
}

static void
test_export(struct pair *p, const char *what)
{
	static const uint8_t seven[1] = { 7 };
	struct atls_bytes ctx = ATLS_ARRAY(seven);
	uint8_t a[32], b[32], c[32];

	T(pair_export(p, &p->client, "Attestation", none, a) == ATLS_OK, "%s",
	    what);
	T(pair_export(p, &p->server, "Attestation", none, b) == ATLS_OK, "%s",
	    what);
	T(memcmp(a, b, sizeof(a)) == 0, "%s", what);
	T(pair_export(p, &p->client, "Attestation", ctx, c) == ATLS_OK &&
	    memcmp(a, c, sizeof(a)) != 0, "%s: context", what);
	T(pair_export(p, &p->server, "Attestation", ctx, b) == ATLS_OK &&
	    memcmp(b, c, sizeof(b)) == 0, "%s: context", what);
	T(pair_export(p, &p->client, "attestation", none, c) == ATLS_OK &&
	    memcmp(a, c, sizeof(a)) != 0, "%s: label", what);
	T(be->channel->exporter(p->client.conn, "x", none, a, 0) ==
	    ATLS_E_ARG, "%s: no output", what);
	T(ERR_peek_error() == 0, "%s: queue", what);
}

static bool
is_spki(struct atls_bytes spki, EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	bool same = n > 0 && spki.len == (size_t)n &&
	    memcmp(spki.p, der, spki.len) == 0;

	OPENSSL_free(der);
	return same;
}

static void
test_infos(struct pair *p, enum atls_hash hash, const char *what)
{
	struct atls_channel_info c = pair_info(p, &p->client);
	struct atls_channel_info s = pair_info(p, &p->server);

	T(c.role == ATLS_CLIENT && s.role == ATLS_SERVER, "%s", what);
	T(c.version == 0x0304 && s.version == 0x0304, "%s", what);
	T(c.hash == hash && s.hash == hash, "%s: %d", what, (int)c.hash);
	T(c.established && s.established, "%s", what);
	T(!c.resumed && !s.resumed, "%s", what);
	T(!c.early_data && !s.early_data, "%s", what);
	T(!c.tickets && !s.tickets, "%s", what);
}

/* Every kind of key at both ends; whoever shows a certificate signs once. */
static const struct {
	const char	*what;
	enum pki_key	 key;
	uint16_t	 scheme;
} keys[] = {
	{ "P-256",	PKI_P256,	ATLS_ECDSA_P256_SHA256 },
	{ "P-384",	PKI_P384,	ATLS_ECDSA_P384_SHA384 },
	{ "RSA",	PKI_RSA2048,	ATLS_RSA_PSS_SHA256 },
	{ "Ed25519",	PKI_ED25519,	ATLS_ED25519 },
};

static void
test_key(size_t i, bool ask_client)
{
	struct atls_tls_setup cl, sv;
	struct world c, s;
	struct pair p = { 0 };
	unsigned shown = ask_client ? 1 : 0;
	size_t k = (i + 1) % NITEMS(keys);

	/* the other end's key is of another kind */
	world_open(&c, &(struct pki_ask){ .key = keys[k].key,
	    .eku = PKI_EKU_CLIENT });
	world_open(&s, &(struct pki_ask){ .key = keys[i].key, .dns = NAME,
	    .eku = PKI_EKU_SERVER });
	cl = (struct atls_tls_setup){ .identity = &c.id, .trust = s.trust,
	    .name = NAME };
	sv = (struct atls_tls_setup){ .identity = &s.id, .trust = c.trust,
	    .ask_client = ask_client };
	T(pair_open(&p, be, &cl, &sv), "%s", keys[i].what);
	T(pair_handshake(&p, none), "%s: %s, %s", keys[i].what,
	    p.client.err.detail, p.server.err.detail);
	T(s.signs == 1 && c.signs == shown, "%s", keys[i].what);
	T(s.scheme == keys[i].scheme, "%s: %04x", keys[i].what, s.scheme);
	T(c.scheme == (ask_client ? keys[k].scheme : 0), "%s", keys[i].what);
	T(ERR_peek_error() == 0, "%s: queue", keys[i].what);
	test_infos(&p, ATLS_SHA384, keys[i].what);
	test_export(&p, keys[i].what);
	T(is_spki(pair_spki(&p, &p.client, true), s.pki.leaf.key), "%s",
	    keys[i].what);
	T(is_spki(pair_spki(&p, &p.server, false), s.pki.leaf.key), "%s",
	    keys[i].what);
	T(is_spki(pair_spki(&p, &p.client, false), c.pki.leaf.key) ==
	    ask_client, "%s", keys[i].what);
	T(is_spki(pair_spki(&p, &p.server, true), c.pki.leaf.key) ==
	    ask_client, "%s", keys[i].what);
	T(pair_spki(&p, &p.server, false).p ==
	    pair_spki(&p, &p.server, false).p, "%s: view", keys[i].what);
	pair_close(&p);
	world_close(&c);
	world_close(&s);
}

/* sign() at one end goes wrong: that end knows why, the other one fails. */
static const struct {
	const char	*what;
	enum atls_rc	 rc;
	enum how	 how;
	enum atls_rc	 own, other;	/* what the two ends say */
} bad_signs[] = {
	{ "device",	ATLS_E_DEVICE, GOOD, ATLS_E_DEVICE, ATLS_E_ALERT },
	{ "memory",	ATLS_E_MEM, GOOD, ATLS_E_MEM, ATLS_E_ALERT },
	{ "empty",	ATLS_OK, EMPTY, ATLS_E_CRYPTO, ATLS_E_ALERT },
	{ "too long",	ATLS_OK, LONG, ATLS_E_CRYPTO, ATLS_E_ALERT },
	{ "wrong",	ATLS_OK, WRONG, ATLS_E_ALERT, ATLS_E_PEER },
};

static void
test_bad_sign(size_t i, bool at_client)
{
	struct atls_tls_setup cl, sv;
	struct pair_end *own, *other;
	struct world c, s, *bad = at_client ? &c : &s;
	struct pair p = { 0 };
	const char *what = bad_signs[i].what;

	world_open(&c, &(struct pki_ask){ .key = PKI_P256 });
	world_open(&s, &(struct pki_ask){ .dns = NAME });
	bad->rc = bad_signs[i].rc;
	bad->how = bad_signs[i].how;
	cl = (struct atls_tls_setup){ .identity = &c.id, .trust = s.trust,
	    .name = NAME };
	sv = (struct atls_tls_setup){ .identity = &s.id, .trust = c.trust,
	    .ask_client = true };
	T(pair_open(&p, be, &cl, &sv), "%s", what);
	T(!pair_handshake(&p, none), "%s", what);
	own = at_client ? &p.client : &p.server;
	other = at_client ? &p.server : &p.client;
	/* a client is done before the server has looked at its signature */
	if (at_client && bad->how == WRONG)
		T(own->r == 1, "%s", what);
	else
		T(own->err.rc == bad_signs[i].own, "%s: %s %s", what,
		    atls_rc_name(own->err.rc), own->err.detail);
	T(other->r == ATLS_IO_FAIL && other->err.rc == bad_signs[i].other,
	    "%s: %s", what, atls_rc_name(other->err.rc));
	if (bad->rc != ATLS_OK)
		T(strcmp(own->err.where, "openssl.sign") == 0 &&
		    strcmp(own->err.detail, "tpm.sign: locked out") == 0,
		    "%s: %s %s", what, own->err.where, own->err.detail);
	T(ERR_peek_error() == 0, "%s: queue", what);
	pair_close(&p);
	world_close(&c);
	world_close(&s);
}

/* Whom the ends refuse.  A row changes one thing of what is fine. */
struct row {
	const char	*what;
	struct pki_ask	 server, client;	/* their leaves */
	const char	*name;			/* what the client expects */
	enum { PLAIN, REVOKED, OLD_CRL, NO_CRL, OTHER_CA, NO_CERT } twist;
	bool		 of_client;		/* who is twisted */
	enum atls_rc	 c, s;			/* ATLS_OK: that end is fine */
};

#define SV	{ .dns = NAME, .ip = "192.0.2.7", .eku = PKI_EKU_SERVER }
#define CL	{ .eku = PKI_EKU_CLIENT }
#define ALERT	ATLS_E_ALERT

static const struct row rows[] = {
	{ "fine", SV, CL, NAME, PLAIN, 0, 0, 0 },
	{ "no usage", { .dns = NAME }, { 0 }, NAME, PLAIN, 0, 0, 0 },
	{ "IPv4", SV, CL, "192.0.2.7", PLAIN, 0, 0, 0 },
	{ "IPv6", { .ip = "2001:db8::7" }, CL, "2001:db8::7", PLAIN, 0, 0, 0 },
	{ "wildcard", { .dns = "*.b.example" }, CL, "a.b.example", PLAIN, 0, 0,
	    0 },
	{ "name", SV, CL, "b.example", PLAIN, 0, ATLS_E_CHAIN, ALERT },
	{ "suffix", SV, CL, "example", PLAIN, 0, ATLS_E_CHAIN, ALERT },
	{ "deeper", SV, CL, "x." NAME, PLAIN, 0, ATLS_E_CHAIN, ALERT },
	{ "IP", SV, CL, "192.0.2.8", PLAIN, 0, ATLS_E_CHAIN, ALERT },
	{ "name in CN", { .cn = NAME }, CL, NAME, PLAIN, 0, ATLS_E_CHAIN,
	    ALERT },
	{ "partial wildcard", { .dns = "x*.b.example" }, CL, "xa.b.example",
	    PLAIN, 0, ATLS_E_CHAIN, ALERT },
	{ "IP as a name", { .dns = "192.0.2.7" }, CL, "192.0.2.7", PLAIN, 0,
	    ATLS_E_CHAIN, ALERT },
	{ "purpose", { .dns = NAME, .eku = PKI_EKU_CLIENT }, CL, NAME, PLAIN,
	    0, ATLS_E_CHAIN, ALERT },
	{ "CA's usage", { .dns = NAME, .ca = true }, CL, NAME, PLAIN, 0,
	    ATLS_E_CHAIN, ALERT },
	{ "expired", { .dns = NAME, .until = 1700000000 }, CL, NAME, PLAIN, 0,
	    ATLS_E_STALE, ALERT },
	{ "future", { .dns = NAME, .from = 4000000000, .until = 4100000000 },
	    CL, NAME, PLAIN, 0, ATLS_E_STALE, ALERT },
	{ "other CA", SV, CL, NAME, OTHER_CA, 0, ATLS_E_CHAIN, ALERT },
	{ "revoked", SV, CL, NAME, REVOKED, 0, ATLS_E_REVOKED, ALERT },
	{ "old CRL", SV, CL, NAME, OLD_CRL, 0, ATLS_E_STALE, ALERT },
	{ "CRL missing", SV, CL, NAME, NO_CRL, 0, ATLS_E_CHAIN, ALERT },
	{ "client: none", SV, CL, NAME, NO_CERT, 1, 0, ATLS_E_CHAIN },
	{ "client: other CA", SV, CL, NAME, OTHER_CA, 1, 0, ATLS_E_CHAIN },
	{ "client: revoked", SV, CL, NAME, REVOKED, 1, 0, ATLS_E_REVOKED },
	{ "client: old CRL", SV, CL, NAME, OLD_CRL, 1, 0, ATLS_E_STALE },
	{ "client: CRL missing", SV, CL, NAME, NO_CRL, 1, 0, ATLS_E_CHAIN },
	{ "client: purpose", SV, { .eku = PKI_EKU_SERVER }, NAME, PLAIN, 1, 0,
	    ATLS_E_CHAIN },
	{ "client: expired", SV, { .until = 1700000000 }, NAME, PLAIN, 1, 0,
	    ATLS_E_STALE },
};

/* Whom to trust if it is to be twisted for this one. */
static struct atls_trust *
twisted(const struct world *w, int twist)
{
	int64_t now = (int64_t)time(NULL), last = now - 40 * PKI_DAY;
	int64_t next = twist == OLD_CRL ? now - PKI_DAY : now + PKI_DAY;
	const struct pki *p = &w->pki;
	struct atls_trust *t;
	char *root, *inter, *crls;
	struct pki_cert other;

	other = pki_cert(&(struct pki_ask){ .cn = "root", .ca = true }, NULL,
	    now);
	root = pki_crl(&p->root, NULL, 0, last, now + PKI_DAY);
	inter = pki_crl(&p->inter, &p->leaf.serial, twist == REVOKED ? 1 : 0,
	    last, next);
	crls = pki_join(root, twist == NO_CRL ? "" : inter, NULL);
	t = atls_trust_new(pki_view(twist == OTHER_CA ? other.pem :
	    p->root.pem), pki_view(crls), NULL);
	if (t == NULL)
		abort();
	free(root);
	free(inter);
	free(crls);
	pki_cert_free(&other);
	return t;
}

static void
test_row(const struct row *r)
{
	struct atls_trust *ts, *tc;
	struct atls_tls_setup cl, sv;
	struct world c, s;
	struct pair p = { 0 };

	world_open(&c, &r->client);
	world_open(&s, &r->server);
	ts = twisted(&s, r->of_client ? PLAIN : (int)r->twist);
	tc = twisted(&c, r->of_client ? (int)r->twist : PLAIN);
	cl = (struct atls_tls_setup){
	    .identity = r->twist == NO_CERT ? NULL : &c.id, .trust = ts,
	    .name = r->name };
	sv = (struct atls_tls_setup){ .identity = &s.id, .trust = tc,
	    .ask_client = true };
	T(pair_open(&p, be, &cl, &sv), "%s", r->what);
	T(pair_handshake(&p, none) == (r->c == ATLS_OK && r->s == ATLS_OK),
	    "%s", r->what);
	T(p.client.err.rc == r->c && (p.client.r == 1) == (r->c == ATLS_OK),
	    "%s: %s %s", r->what, atls_rc_name(p.client.err.rc),
	    p.client.err.detail);
	T(p.server.err.rc == r->s && (p.server.r == 1) == (r->s == ATLS_OK),
	    "%s: %s %s", r->what, atls_rc_name(p.server.err.rc),
	    p.server.err.detail);
	T(ERR_peek_error() == 0, "%s: queue", r->what);
	if (r->c != ATLS_OK || r->s != ATLS_OK)
		T(!pair_info(&p, &p.server).established, "%s", r->what);
	pair_close(&p);
	atls_trust_free(ts);
	atls_trust_free(tc);
	world_close(&c);
	world_close(&s);
}

/* The key usage is fine, but it is a CA all the same. */
static void
test_ca_leaf(void)
{
	struct atls_tls_setup cl, sv;
	uint8_t *der = NULL;
	struct pair p = { 0 };
	X509_EXTENSION *ku;
	struct world w;
	X509 *x;
	int n;

	world_open(&w, &(struct pki_ask){ .dns = NAME, .ca = true });
	x = w.pki.leaf.x509;
	X509_EXTENSION_free(X509_delete_ext(x, X509_get_ext_by_NID(x,
	    NID_key_usage, -1)));
	ku = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage,
	    "critical,digitalSignature,keyCertSign");
	if (ku == NULL || X509_add_ext(x, ku, -1) != 1 || X509_sign(x,
	    w.pki.inter.key, EVP_sha256()) <= 0 || (n = i2d_X509(x, &der)) <= 0)
		abort();
	w.id.chain[0] = (struct atls_bytes){ der, (size_t)n };
	cl = (struct atls_tls_setup){ .trust = w.trust, .name = NAME };
	sv = (struct atls_tls_setup){ .identity = &w.id };
	T(pair_open(&p, be, &cl, &sv), "CA leaf");
	T(!pair_handshake(&p, none), "CA leaf");
	T(p.client.err.rc == ATLS_E_CHAIN && p.server.r == 1, "CA leaf: %s",
	    p.client.err.detail);
	pair_close(&p);
	OPENSSL_free(der);
	X509_EXTENSION_free(ku);
	world_close(&w);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < NITEMS(keys); i++) {
		test_key(i, false);
		test_key(i, true);
	}
	for (i = 0; i < NITEMS(bad_signs); i++) {
		test_bad_sign(i, false);
		test_bad_sign(i, true);
	}
	for (i = 0; i < NITEMS(rows); i++)
		test_row(&rows[i]);
	test_ca_leaf();
	return t_end("t_openssl");
}
