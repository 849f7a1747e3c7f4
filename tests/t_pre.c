/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in certificates over connections of OpenSSL, in each direction. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <atls/atls.h>
#include <atls/openssl.h>
#include <atls/ratls.h>
#include <atls/sim.h>

#include "../src/codec/cbor.h"
#include "cert_make.h"
#include "heap.h"
#include "pki.h"
#include "t.h"

#define ROOM	(1 << 20)
#define NAME	"tee.example"

/* What the certificate of an end is. */
enum cert { GOOD, ENDED, EARLY, OTHER_DATA, STRIPPED, LARGE, HUGE_, CRITICAL,
    STOLEN, PADDED };

/* As much as evidence of SNP can have: more than 64 KiB. */
#define SNP_ALL		(1184 + 65536)

struct row {
	const char		*what;
	enum atls_kind		 kind;
	enum atls_ratls_form	 form;
	enum cert		 cert;
	const char		*floors;	/* and more; NULL: lowered */
	bool			 pki, ca;	/* who asks wants PKI; there is a
						 * CA */
	const char		*name;		/* that is asked for */
	enum atls_rc		 rc;		/* of the relying end */
	const char		*where;
};

struct end {
	struct atls_config	*config;
	struct atls_policy	*policy;
	struct atls_collateral	*store;
	struct atls_identity	*id;
	void			*ctx;
	struct atls_conn	*conn;
	struct atls_err		 err;
	int			 fd, r;
};

static struct pki_cert ca;
static struct atls_trust *trust;
static struct pki_cert plain, bare;	/* certificates without evidence */
static uint8_t chain[ROOM], key_pem[4096];
static char stolen_chain[ROOM], stolen_key[4096];
static int64_t now;

static const struct atls_attester attesters[] = {
	{ .name = "tdx", .kind = ATLS_KIND_TDX },
	{ .name = "snp", .kind = ATLS_KIND_SNP },
};

struct maker {
	enum atls_kind	 kind;
	bool		 other, padded;
};

static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	const struct maker *m = arg;
	struct atls_sim_opts o = { .now = now };
	uint8_t data[64];
	enum atls_rc rc;

	memcpy(data, rd.p, rd.len);
	data[31] = (uint8_t)(data[31] ^ m->other);
	rc = atls_sim_quote(m->kind, &o, (struct atls_bytes){ data, rd.len },
	    out, err);
	if (rc == ATLS_OK && m->padded) {
		memset(out->p + out->len, 0, SNP_ALL - out->len);
		out->len = SNP_ALL;
	}
	return rc;
}

/* Evidence, or what looks so from outside, of this size; in a certificate
 * that DICE would have: the extension is critical. */
static struct atls_identity *
dice_cert(size_t size, bool critical, bool by_ca)
{
	static const uint8_t oid[] = { 0x67, 0x81, 5, 5, 4, 9 };
	uint8_t *p = calloc(1, ROOM), *q = calloc(1, ROOM), text[96], rd[64] =
	    { 0 }, digest[36] = { 0x82, 1, 0x58, 32 };
	struct atls_buf v = { p, ROOM, 0 }, c = { text, sizeof(text), 0 };
	struct atls_buf ev = { q, ROOM, 0 };
	struct atls_sim_opts o = { .now = now };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct atls_bytes spki = cert_spki(key), der;
	struct atls_identity *id;
	struct cert_ext e = { ATLS_ARRAY(oid), { NULL, 0 }, critical };
	const uint8_t *at;
	BIO *b = BIO_new(BIO_s_mem());
	struct wr w;
	X509 *x;
	char *pem;
	long n, keylen;

	(void)SHA256(spki.p, spki.len, digest + 4);
	w = wr_of(&c);
	cbor_put_map(&w, 1);
	cbor_put_text(&w, "pubkey-hash");
	cbor_put_bstr(&w, ATLS_ARRAY(digest));
	T(wr_done(&w) == ATLS_OK, "claims");
	(void)SHA256(text, c.len, rd);
	T(atls_sim_quote(ATLS_KIND_TDX, &o, ATLS_ARRAY(rd), &ev, NULL) ==
	    ATLS_OK, "quote");
	w = wr_of(&v);
	cbor_put_tag(&w, 60000);
	cbor_put_array(&w, 2);
	cbor_put_bstr(&w, (struct atls_bytes){ q, size == 0 ? ev.len : size });
	cbor_put_bstr(&w, (struct atls_bytes){ text, c.len });
	T(wr_done(&w) == ATLS_OK, "value");
	e.value = (struct atls_bytes){ p, v.len };
	der = cert_make(key, &e, 1, now - 60, now + 3600);
	at = der.p;
	x = d2i_X509(NULL, &at, (long)der.len);
	if (by_ca) {			/* once more, by the CA */
		X509V3_CTX ctx;
		X509_EXTENSION *aki;

		X509V3_set_ctx(&ctx, ca.x509, x, NULL, NULL, 0);
		aki = X509V3_EXT_conf_nid(NULL, &ctx,
		    NID_authority_key_identifier, "keyid");
		T(X509_add_ext(x, aki, -1) == 1, "AKI");
		X509_EXTENSION_free(aki);
		aki = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name,
		    "DNS:" NAME);
		T(X509_add_ext(x, aki, -1) == 1 && X509_set_issuer_name(x,
		    X509_get_subject_name(ca.x509)) == 1 && X509_sign(x,
		    ca.key, EVP_sha256()) > 0, "by the CA");
		X509_EXTENSION_free(aki);
	}
	T(x != NULL && PEM_write_bio_X509(b, x) == 1, "PEM");
	n = BIO_get_mem_data(b, &pem);
	memcpy(chain, pem, (size_t)n);
	(void)BIO_reset(b);
	T(PEM_write_bio_PKCS8PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) ==
	    1, "key");
	keylen = BIO_get_mem_data(b, &pem);
	id = atls_identity_new((struct atls_bytes){ chain, (size_t)n },
	    (struct atls_bytes){ (uint8_t *)pem, (size_t)keylen }, NULL);
	T(id != NULL, "identity of %zu octets", size);
	X509_free(x);
	BIO_free(b);
	EVP_PKEY_free(key);
	drop(der);
	drop(spki);
	free(p);
	free(q);
	return id;
}

static struct atls_identity *
identity(const struct row *r)
{
	struct maker m = { r->kind, r->cert == OTHER_DATA, r->cert == PADDED };
	struct atls_ratls_ask ask = { .name = NAME, .from = now - 60,
	    .until = now + 3600, .kind = r->kind, .form = r->form };
	struct atls_buf c = { chain, sizeof(chain), 0 };
	struct atls_buf k = { key_pem, sizeof(key_pem), 0 };
	struct atls_err err = { 0 };

	if (r->cert == STRIPPED)
		return atls_identity_new(pki_view(bare.pem),
		    pki_view(bare.key_pem), NULL);
	if (r->cert == LARGE)
		return dice_cert(200000, false, r->ca);
	if (r->cert == HUGE_)
		return dice_cert(270000, false, r->ca);
	if (r->cert == CRITICAL)
		return dice_cert(0, true, r->ca);
	if (r->cert == STOLEN)
		return atls_identity_new(pki_view(stolen_chain),
		    pki_view(stolen_key), NULL);
	if (r->cert == ENDED)
		ask.until = now - 30;
	if (r->cert == EARLY)
		ask.from = now + 600;
	if (r->ca) {
		ask.ca_pem = pki_view(ca.pem);
		ask.ca_key_pem = pki_view(ca.key_pem);
	}
	T(atls_ratls_make(&ask, quote, &m, &c, &k, &err) == ATLS_OK,
	    "%s: %s %s", r->what, err.where, err.detail);
	return atls_identity_new((struct atls_bytes){ chain, c.len },
	    (struct atls_bytes){ key_pem, k.len }, NULL);
}

static enum atls_rc
open_root(void *arg, const char *name, struct atls_buf *out)
{
	struct atls_sim_opts o = { .now = now };

	(void)name;
	return atls_sim_root(*(enum atls_kind *)arg, &o, out, NULL);
}

static enum atls_rc
put(void *arg, enum atls_item item, struct atls_bytes in)
{
	return atls_collateral_put(arg, item, in, NULL);
}

static void
policy_for(struct end *e, enum atls_kind kind, const char *floors)
{
	static const char usual[] = "binding-min exporter\nfreshness-min F3\n";
	static uint8_t text[65536], line[ROOM];
	struct atls_sim_opts o = { .now = now };
	struct atls_buf b = { text, sizeof(text) - 1, 0 };
	struct atls_err err = { 0 };
	char *at;
	int n;

	T(atls_sim_policy(kind, &o, "root.pem", &b, &err) == ATLS_OK,
	    "policy: %s", err.detail);
	text[b.len] = '\0';
	at = strstr((char *)text, usual);
	T(at != NULL, "floors");
	n = snprintf((char *)line, sizeof(line), "%.*s%s%s",
	    (int)(at - (char *)text), (char *)text, floors == NULL ?
	    "binding-min key\nfreshness-min F0\n" : floors,
	    at + sizeof(usual) - 1);
	e->policy = atls_policy_parse((struct atls_bytes){ line, (size_t)n },
	    open_root, &kind, &err);
	T(e->policy != NULL, "policy: %s", err.detail);
	e->store = atls_collateral_new();
	T(atls_sim_collateral(kind, &o, put, e->store, &err) == ATLS_OK,
	    "collateral: %s", err.detail);
}

/* ours: what we show; NULL: nothing.  theirs: what we ask for, likewise. */
static void
end_open(struct end *e, enum atls_role role, const struct row *ours,
    const struct row *theirs)
{
	bool pki = theirs != NULL && theirs->pki;
	const char *name = !pki ? NULL : theirs->name == NULL ? NAME :
	    theirs->name;
	struct atls_tls_setup setup = { .ratls = true, .unverified = !pki,
	    .trust = pki ? trust : NULL, .name = name,
	    .ask_client = role == ATLS_SERVER && theirs != NULL };
	struct atls_config *c = e->config = atls_config_new();

	if (ours != NULL)
		e->id = identity(ours);
	else if (role == ATLS_SERVER)
		e->id = atls_identity_new(pki_view(plain.pem),
		    pki_view(plain.key_pem), NULL);
	setup.identity = e->id;
	if (ours != NULL)
		T(atls_config_set_attester(c, ours->kind, e->id) == ATLS_OK,
		    "attester");
	if (theirs != NULL) {
		policy_for(e, theirs->kind, theirs->floors);
		T(atls_config_set_policy(c, e->policy) == ATLS_OK &&
		    atls_config_set_collateral(c, e->store, NULL, NULL) ==
		    ATLS_OK && (pki ? atls_config_set_peer(c, trust, name) :
		    atls_config_insecure_no_pki(c)) == ATLS_OK, "policy");
	}
	T(atls_config_set_family(c, ATLS_FAMILY_PRE, false) == ATLS_OK &&
	    atls_config_set_profile(c, ATLS_PROFILE_COCOS) == ATLS_OK,
	    "family");
	T(atls_backend_openssl.ctx_new(&e->ctx, role, &setup, &e->err) ==
	    ATLS_OK, "context: %s", e->err.detail);
	e->conn = atls_conn_open(c, role, &atls_backend_openssl, e->ctx,
	    e->fd, name, &(struct atls_source){ &attesters[0], NULL },
	    &e->err);
	T(e->conn != NULL, "open: %s %s", e->err.where, e->err.detail);
	e->r = ATLS_IO_WANT_READ;
}

static void
end_close(struct end *e)
{
	atls_conn_free(e->conn);
	if (e->ctx != NULL)
		atls_backend_openssl.ctx_free(e->ctx);
	atls_config_free(e->config);
	atls_policy_free(e->policy);
	atls_collateral_free(e->store);
	atls_identity_free(e->id);
	(void)close(e->fd);
}

static bool
waits(int r)
{
	return r == ATLS_IO_WANT_READ || r == ATLS_IO_WANT_WRITE;
}

/* What each shows: NULL for none, and then it is not asked for. */
static void
both(struct end *c, struct end *s, const struct row *client,
    const struct row *server)
{
	int fd[2], i;

	*c = *s = (struct end){ .fd = -1 };
	T(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "sockets");
	(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(fd[1], F_SETFL, O_NONBLOCK);
	c->fd = fd[0];
	s->fd = fd[1];
	end_open(c, ATLS_CLIENT, client, server);
	end_open(s, ATLS_SERVER, server, client);
	for (i = 0; i < 2000 && (waits(c->r) || waits(s->r)); i++) {
		if (waits(c->r))
			c->r = atls_conn_attest(c->conn);
		if (waits(s->r))
			s->r = atls_conn_attest(s->conn);
	}
}

/* Does the relying end say what it should, and may anything be said? */
static void
judged(const char *how, const struct row *r, struct end *e)
{
	const struct atls_err *err = atls_conn_error(e->conn);
	const struct atls_result *res = atls_conn_result(e->conn);

	if (r->rc == ATLS_OK) {
		T(e->r == 1 && res->verdict == ATLS_VERDICT_ACCEPT &&
		    res->binding == ATLS_BINDING_KEY && res->freshness ==
		    ATLS_F0 && res->not_after <= now + 3600, "%s, %s: %s %s",
		    r->what, how, err->where, err->detail);
		return;
	}
	T(e->r == ATLS_IO_FAIL && res->verdict != ATLS_VERDICT_ACCEPT &&
	    err->rc == r->rc, "%s, %s: %s %s %s", r->what, how,
	    atls_rc_name(err->rc), err->where, err->detail);
	T(r->where == NULL || (err->where != NULL && strcmp(err->where,
	    r->where) == 0), "%s, %s: %s", r->what, how, err->where);
	T(atls_conn_write(e->conn, (const uint8_t *)"secret", 6) < 0,
	    "%s, %s: said", r->what, how);
}

#define ALL	"binding-min key\nfreshness-min F0\nevidence-max 262144\n"
#define DICE	ATLS_RATLS_DICE
#define CMW	ATLS_RATLS_CMW
#define TDX	ATLS_KIND_TDX
#define SNP	ATLS_KIND_SNP

static const struct row rows[] = {
	{ "TDX, DICE", TDX, .form = DICE },
	{ "TDX, CMW", TDX, .form = CMW },
	{ "SNP, CMW", SNP, .form = CMW },
	{ "with a CA", TDX, DICE, .pki = true, .ca = true },
	{ "SNP with a CA", SNP, CMW, .pki = true, .ca = true },
	{ "signed by a CA that nobody asks", TDX, CMW, .ca = true },
	{ "critical", TDX, DICE, .cert = CRITICAL },
	{ "critical, with a CA", TDX, DICE, CRITICAL, .pki = true,
	    .ca = true },
	{ "another name", TDX, CMW, .pki = true, .ca = true,
	    .name = "other.example", .rc = ATLS_E_CHAIN },
	{ "self-signed, where PKI is asked", TDX, CMW, .pki = true,
	    .rc = ATLS_E_CHAIN },
	{ "the usual floors", TDX, CMW, .floors = "",
	    .rc = ATLS_E_POLICY, .where = "appraise.binding" },
	{ "one of two", TDX, DICE, .floors = "binding-min key\n",
	    .rc = ATLS_E_POLICY, .where = "appraise.freshness" },
	{ "the other of two", SNP, CMW, .floors = "freshness-min F0\n",
	    .rc = ATLS_E_POLICY, .where = "appraise.binding" },
	{ "evidence of another key, DICE", TDX, DICE, OTHER_DATA,
	    .rc = ATLS_E_BIND, .where = "tdx.report_data" },
	{ "evidence of another key, CMW", SNP, CMW, OTHER_DATA,
	    .rc = ATLS_E_BIND, .where = "snp.report_data" },
	{ "ended", TDX, CMW, ENDED, .rc = ATLS_E_STALE,
	    .where = "ratls.validity" },
	{ "ended, with a CA", TDX, CMW, ENDED, .pki = true, .ca = true,
	    .rc = ATLS_E_STALE },
	{ "not yet", SNP, CMW, EARLY, .rc = ATLS_E_STALE,
	    .where = "ratls.validity" },
	{ "stripped", TDX, CMW, STRIPPED, .rc = ATLS_E_NONE,
	    .where = "ratls" },
	{ "200000 octets", TDX, DICE, LARGE, .rc = ATLS_E_LIMIT,
	    .where = "appraise.size" },
	{ "200000 octets, allowed, and no quote", TDX, DICE, LARGE,
	    .floors = ALL, .rc = ATLS_E_LIMIT, .where = "tdx.quote" },
	{ "200000 octets, with a CA", TDX, DICE, LARGE, .pki = true,
	    .ca = true, .rc = ATLS_E_LIMIT, .where = "appraise.size" },
	{ "270000 octets", TDX, DICE, HUGE_, .floors = ALL,
	    .rc = ATLS_E_LIMIT, .where = "appraise.size" },
	{ "SNP, 66720 octets", SNP, CMW, PADDED, .rc = ATLS_E_LIMIT,
	    .where = "appraise.size" },
	{ "SNP, 66720 octets, allowed", SNP, CMW, PADDED, .floors = ALL },
	{ "the same, with a CA", SNP, CMW, PADDED, .floors = ALL,
	    .pki = true, .ca = true },
	{ "one less allowed", SNP, CMW, PADDED, .floors =
	    "binding-min key\nfreshness-min F0\nevidence-max 66719\n",
	    .rc = ATLS_E_LIMIT, .where = "appraise.size" },
	/* what the family is worth: who took key and certificate away has
	 * no TEE, and is the machine, to everybody, until it ends */
	{ "stolen", TDX, CMW, .cert = STOLEN },
};

/* A certificate and its key, as a thief finds them. */
static void
steal(void)
{
	struct row r = { "to be stolen", TDX, .form = CMW };
	struct atls_identity *id = identity(&r);

	strcpy(stolen_chain, (char *)chain);
	memcpy(stolen_key, key_pem, sizeof(stolen_key));
	T(id != NULL, "identity");
	atls_identity_free(id);
}

static void
test_rows(void)
{
	struct end c, s;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		both(&c, &s, NULL, &rows[i]);
		judged("by the client", &rows[i], &c);
		end_close(&c);
		end_close(&s);
		both(&c, &s, &rows[i], NULL);
		judged("by the server", &rows[i], &s);
		end_close(&c);
		end_close(&s);
	}
}

static void
test_mutual(void)
{
	struct end c, s;
	size_t i, k;

	for (i = 0; i < 5; i++)
		for (k = 0; k < NITEMS(rows); k++) {
			if (rows[k].cert == STOLEN || rows[k].cert == HUGE_)
				continue;
			both(&c, &s, &rows[i], &rows[k]);
			judged("mutual", &rows[k], &c);
			if (rows[k].rc == ATLS_OK)
				judged("mutual", &rows[i], &s);
			end_close(&c);
			end_close(&s);
		}
	/* one certificate at both ends: a reflection */
	both(&c, &s, &rows[NITEMS(rows) - 1], &rows[NITEMS(rows) - 1]);
	T(c.r == ATLS_IO_FAIL && strcmp(atls_conn_error(c.conn)->where,
	    "ea.leaf") == 0, "reflected: %s", atls_conn_error(c.conn)->where);
	end_close(&c);
	end_close(&s);
}

int
main(void)
{
	now = (int64_t)time(NULL);
	ca = pki_cert(&(struct pki_ask){ .cn = "ca", .ca = true }, NULL, now);
	bare = pki_cert(&(struct pki_ask){ .dns = NAME }, NULL, now);
	plain = pki_cert(&(struct pki_ask){ .dns = NAME }, NULL, now);
	trust = atls_trust_new(pki_view(ca.pem), (struct atls_bytes){ NULL,
	    0 }, NULL);
	T(trust != NULL, "trust");
	steal();
	test_rows();
	test_mutual();
	atls_trust_free(trust);
	pki_cert_free(&plain);
	pki_cert_free(&bare);
	pki_cert_free(&ca);
	return t_end("t_pre");
}
