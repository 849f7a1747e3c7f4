/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections whose handshake carries evidence, of simulated machines: both
 * directions, kinds and hashes; what is not of this connection is refused.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <atls/atls.h>
#include <atls/openssl.h>
#include <atls/sim.h>

#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define ROOM	65536

static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *ids[3];	/* by role */

/* What is wrong with an end, if anything. */
enum twist { HONEST, DEVICE, OTHER_DATA, REPLAY, JUNK, STALL };

struct end {
	enum atls_kind		 kind;
	enum twist		 twist;
	struct atls_policy	*policy;
	struct atls_collateral	*store;
	struct atls_config	*config;
	void			*ctx;
	struct atls_conn	*conn;
	struct atls_source	 src;
	struct atls_err		 err;
	int			 fd, r;
};

struct opts {
	const char		*what;
	enum atls_family	 family;
	const char		*binding;	/* what policies want at least */
	bool			 client_attests, server_attests, confirm;
	bool			 no_pki, sha256, quick;	/* quick: to give up */
	enum twist		 twist;		/* of the server */
	enum atls_rc		 rc;		/* what the client says */
	const char		*where;
};

static uint8_t recorded[ROOM];
static size_t recordedlen;

static enum atls_rc
quote(void *dev, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct end *e = dev;
	struct atls_sim_opts o = { .now = (int64_t)time(NULL) };
	uint8_t other[64] = { 0 };
	enum atls_rc rc;

	if (e->twist == DEVICE) {
		*err = (struct atls_err){ .rc = ATLS_E_DEVICE,
		    .where = "sim.quote" };
		return ATLS_E_DEVICE;
	}
	if (e->twist == REPLAY) {
		memcpy(out->p, recorded, recordedlen);
		out->len = recordedlen;
		return ATLS_OK;
	}
	if (e->twist == JUNK) {
		memset(out->p, 0xa5, 200);
		out->len = 200;
		return ATLS_OK;
	}
	memcpy(other, rd.p, rd.len);
	other[0] ^= e->twist == OTHER_DATA;
	rc = atls_sim_quote(e->kind, &o, (struct atls_bytes){ other, rd.len },
	    out, err);
	if (rc == ATLS_OK) {
		memcpy(recorded, out->p, out->len);
		recordedlen = out->len;
	}
	return rc;
}

static const struct atls_attester attesters[] = {
	{ .kind = ATLS_KIND_TDX, .quote = quote },
	{ .kind = ATLS_KIND_SNP, .quote = quote },
};

static enum atls_rc
open_root(void *arg, const char *name, struct atls_buf *out)
{
	struct atls_sim_opts o = { .now = (int64_t)time(NULL) };

	(void)name;
	return atls_sim_root(*(enum atls_kind *)arg, &o, out, NULL);
}

static enum atls_rc
put(void *arg, enum atls_item item, struct atls_bytes in)
{
	return atls_collateral_put(arg, item, in, NULL);
}

/* A policy for machines of that kind, with another floor of binding. */
static void
policy_for(struct end *e, enum atls_kind kind, const char *binding)
{
	struct atls_sim_opts o = { .now = (int64_t)time(NULL) };
	static char text[ROOM], line[ROOM + 64];
	struct atls_buf b = { (uint8_t *)text, sizeof(text) - 1, 0 };
	struct atls_err err = { 0 };
	char *at, *end;

	T(atls_sim_policy(kind, &o, "root.pem", &b, &err) == ATLS_OK,
	    "policy: %s", err.detail);
	text[b.len] = '\0';
	at = strstr(text, "binding-min");
	end = at == NULL ? NULL : strchr(at, '\n');
	T(end != NULL, "no floor");
	snprintf(line, sizeof(line), "%.*sbinding-min %s%s",
	    (int)(at - text), text, binding, end);
	e->policy = atls_policy_parse((struct atls_bytes){
	    (uint8_t *)line, strlen(line) }, open_root, &kind, &err);
	T(e->policy != NULL, "policy: %s", err.detail);
	e->store = atls_collateral_new();
	T(atls_sim_collateral(kind, &o, put, e->store, &err) == ATLS_OK,
	    "collateral: %s", err.detail);
}

static void
end_open(struct end *e, struct end *other, enum atls_role role, bool proves,
    bool asks, const struct opts *o)
{
	struct atls_tls_setup setup = { .identity = proves || role ==
	    ATLS_SERVER ? ids[role] : NULL, .trust = o->no_pki ? NULL : trust,
	    .name = o->no_pki ? NULL : NAME, .unverified = o->no_pki,
	    .ask_client = role == ATLS_SERVER && asks };
	struct atls_config *c = e->config = atls_config_new();
	struct atls_carrier carrier;

	e->src = (struct atls_source){ &attesters[e->kind != ATLS_KIND_TDX],
	    e };
	if (proves)
		T(atls_config_set_attester(c, e->kind, ids[role]) == ATLS_OK, "id");
	if (asks) {
		policy_for(e, other->kind, o->binding);
		T(atls_config_set_policy(c, e->policy) == ATLS_OK &&
		    atls_config_set_collateral(c, e->store, NULL, NULL) ==
		    ATLS_OK, "policy");
		T((o->no_pki ? atls_config_insecure_no_pki(c) :
		    atls_config_set_peer(c, trust, NAME)) == ATLS_OK, "peer");
	}
	T((!o->quick || atls_config_set_timeouts(c, 1, 1, 1) == ATLS_OK) &&
	    atls_config_set_family(c, o->family, o->confirm) == ATLS_OK,
	    "family");
	T(atls_config_carrier(c, &carrier) == ATLS_OK, "carrier");
	setup.carrier = &carrier;
	T(atls_backend_openssl.ctx_new(&e->ctx, role, &setup, &e->err) ==
	    ATLS_OK, "context: %s", e->err.detail);
	if (o->sha256)
		T(SSL_CTX_set_ciphersuites(e->ctx, "TLS_AES_128_GCM_SHA256")
		    == 1, "suite");
	e->conn = atls_conn_open(c, role, &atls_backend_openssl, e->ctx,
	    e->fd, NULL, &e->src, &e->err);
	T(e->conn != NULL, "open: %s", e->err.detail);
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
	(void)close(e->fd);
}

static void
both_open(struct end *c, struct end *s, const struct opts *o)
{
	int fd[2];

	T(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "sockets");
	(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(fd[1], F_SETFL, O_NONBLOCK);
	c->fd = fd[0];
	s->fd = fd[1];
	end_open(s, c, ATLS_SERVER, o->server_attests, o->client_attests, o);
	end_open(c, s, ATLS_CLIENT, o->client_attests, o->server_attests, o);
}

static bool
waits(int r)
{
	return r == ATLS_IO_WANT_READ || r == ATLS_IO_WANT_WRITE;
}

static void
attest_both(struct end *c, struct end *s)
{
	int i;

	for (i = 0; i < 100 && (waits(c->r) || waits(s->r)); i++) {
		if (waits(c->r))
			c->r = atls_conn_attest(c->conn);
		if (waits(s->r) && s->twist != STALL)
			s->r = atls_conn_attest(s->conn);
	}
}

static void
exchange(struct end *from, struct end *to, const char *what)
{
	uint8_t buf[16];
	ssize_t n = ATLS_IO_WANT_READ;
	int i;

	T(atls_conn_write(from->conn, (const uint8_t *)"secret", 6) == 6,
	    "%s: write", what);
	for (i = 0; i < 20 && waits((int)n); i++)
		n = atls_conn_read(to->conn, buf, sizeof(buf));
	T(n == 6 && memcmp(buf, "secret", 6) == 0, "%s: %zd", what, n);
}

static const struct opts good[] = {
	{ "server", ATLS_FAMILY_INTRA, "transcript", .server_attests = true },
	{ "client", ATLS_FAMILY_INTRA, "transcript", .client_attests = true },
	{ "both", ATLS_FAMILY_INTRA, "transcript", .server_attests = true,
	    .client_attests = true },
	{ "confirmed", ATLS_FAMILY_INTRA, "transcript", .server_attests =
	    true, .client_attests = true, .confirm = true },
	{ "nobody's name", ATLS_FAMILY_INTRA, "transcript",
	    .server_attests = true, .no_pki = true },
	{ "TLS-a", ATLS_FAMILY_INSECURE_TLS_A, "nonce+key",
	    .server_attests = true, .client_attests = true },
};

static void
judge(struct end *e, bool asked, const struct opts *o)
{
	const struct atls_result *r = atls_conn_result(e->conn);

	if (!asked) {
		T(r->verdict == ATLS_VERDICT_NONE, "%s: none", o->what);
		return;
	}
	T(r->verdict == ATLS_VERDICT_ACCEPT && r->simulated, "%s: %s %s",
	    o->what, r->why.where == NULL ? "" : r->why.where, r->why.detail);
	T(strcmp(atls_binding_name(r->binding), o->confirm ? "exporter" :
	    o->binding) == 0 && r->freshness == ATLS_F3, "%s: %s", o->what,
	    atls_binding_name(r->binding));
	T((r->identity == ATLS_GOOD) == !o->no_pki, "%s: identity", o->what);
}

static void
test_good(void)
{
	struct end c, s;
	struct opts o;
	size_t i;

	for (i = 0; i < NITEMS(good) * 4; i++) {
		o = good[i / 4];
		o.sha256 = i % 2 == 1;
		c = (struct end){ .kind = i / 2 % 2 == 0 ? ATLS_KIND_TDX :
		    ATLS_KIND_SNP };
		s = (struct end){ .kind = i / 2 % 2 == 0 ? ATLS_KIND_SNP :
		    ATLS_KIND_TDX };
		both_open(&c, &s, &o);
		T(!atls_session_open(atls_conn_session(c.conn)) &&
		    !atls_session_open(atls_conn_session(s.conn)),
		    "%s: open before it began", o.what);
		attest_both(&c, &s);
		T(c.r == 1 && s.r == 1, "%s, %zu: %s / %s", o.what, i,
		    atls_conn_error(c.conn)->detail,
		    atls_conn_error(s.conn)->detail);
		judge(&c, o.server_attests, &o);
		judge(&s, o.client_attests, &o);
		exchange(&c, &s, o.what);
		exchange(&s, &c, o.what);
		end_close(&c);
		end_close(&s);
	}
}

static const struct opts bad[] = {
	{ "a policy that wants an exporter", ATLS_FAMILY_INTRA, "exporter",
	    .server_attests = true, .rc = ATLS_E_POLICY,
	    .where = "appraise.binding" },
	{ "nonce and key are no transcript", ATLS_FAMILY_INSECURE_TLS_A,
	    "transcript", .server_attests = true, .rc = ATLS_E_POLICY,
	    .where = "appraise.binding" },
	{ "a device that fails", ATLS_FAMILY_INTRA, "transcript",
	    .server_attests = true, .twist = DEVICE, .rc = ATLS_E_ALERT,
	    .where = "openssl.handshake" },
	{ "another binder", ATLS_FAMILY_INTRA, "transcript",
	    .server_attests = true, .twist = OTHER_DATA, .rc = ATLS_E_BIND,
	    .where = "report_data" },
	{ "another nonce", ATLS_FAMILY_INSECURE_TLS_A, "nonce+key",
	    .server_attests = true, .twist = OTHER_DATA, .rc = ATLS_E_BIND,
	    .where = "report_data" },
	{ "evidence of the connection before", ATLS_FAMILY_INTRA,
	    "transcript", .server_attests = true, .twist = REPLAY,
	    .rc = ATLS_E_BIND, .where = "report_data" },
	{ "the same, with nonces", ATLS_FAMILY_INSECURE_TLS_A, "nonce+key",
	    .server_attests = true, .twist = REPLAY, .rc = ATLS_E_BIND,
	    .where = "report_data" },
	{ "the same, to be confirmed", ATLS_FAMILY_INTRA, "transcript",
	    .server_attests = true, .confirm = true, .twist = REPLAY,
	    .rc = ATLS_E_BIND, .where = "report_data" },
	{ "no evidence at all", ATLS_FAMILY_INTRA, "transcript",
	    .server_attests = true, .twist = JUNK, .rc = ATLS_OK,
	    .where = "" },
};

static void
test_bad(void)
{
	const struct atls_err *e;
	struct end c, s;
	uint8_t buf[8];
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		c = (struct end){ .kind = ATLS_KIND_TDX };
		s = (struct end){ .kind = ATLS_KIND_SNP,
		    .twist = bad[i].twist };
		both_open(&c, &s, &bad[i]);
		attest_both(&c, &s);
		e = atls_conn_error(c.conn);
		T(c.r == ATLS_IO_FAIL && e->rc != ATLS_OK, "%s: %d",
		    bad[i].what, c.r);
		T(bad[i].rc == ATLS_OK || (e->rc == bad[i].rc &&
		    strstr(e->where, bad[i].where) != NULL), "%s: %s, %s: %s",
		    bad[i].what, atls_rc_name(e->rc), e->where, e->detail);
		T(atls_conn_write(c.conn, (const uint8_t *)"secret", 6) ==
		    ATLS_IO_FAIL && atls_conn_read(c.conn, buf, sizeof(buf))
		    == ATLS_IO_FAIL && !atls_session_open(atls_conn_session(
		    c.conn)), "%s: the gate", bad[i].what);
		if (bad[i].twist == DEVICE)
			T(atls_conn_error(s.conn)->rc == ATLS_E_DEVICE, "%s",
			    atls_conn_error(s.conn)->where);
		end_close(&c);
		end_close(&s);
	}
}

/* Data of a peer that is not believed yet is not given out. */
static void
test_data_first(void)
{
	struct end c = { .kind = ATLS_KIND_TDX }, s = { .kind =
	    ATLS_KIND_SNP, .twist = OTHER_DATA };
	uint8_t buf[8];
	ssize_t n = ATLS_IO_WANT_READ;
	int i;

	both_open(&c, &s, &good[0]);
	for (i = 0; i < 20 && waits((int)n); i++) {
		(void)!atls_conn_write(s.conn, (const uint8_t *)"early", 5);
		n = atls_conn_read(c.conn, buf, sizeof(buf));
	}
	T(n == ATLS_IO_FAIL && atls_conn_error(c.conn)->rc == ATLS_E_BIND,
	    "%zd", n);
	end_close(&c);
	end_close(&s);
}

/* A peer that says nothing, while evidence is awaited or before. */
static void
test_stall(void)
{
	struct end c = { .kind = ATLS_KIND_TDX }, s = { .kind =
	    ATLS_KIND_SNP, .twist = STALL };
	struct end c2 = { .kind = ATLS_KIND_TDX, .twist = STALL }, s2 = {
	    .kind = ATLS_KIND_SNP };
	struct timespec ms = { 0, 100000000 };
	struct opts o = good[0];
	int i;

	o.quick = true;
	both_open(&c, &s, &o);
	both_open(&c2, &s2, &o);
	for (i = 0; i < 40 && (waits(c.r) || waits(s2.r)); i++) {
		if (waits(c.r))
			c.r = atls_conn_attest(c.conn);
		if (waits(s2.r))
			s2.r = atls_conn_attest(s2.conn);
		(void)nanosleep(&ms, NULL);
	}
	T(c.r == ATLS_IO_FAIL && atls_conn_error(c.conn)->rc ==
	    ATLS_E_TIMEOUT, "client: %s", atls_conn_error(c.conn)->where);
	T(s2.r == ATLS_IO_FAIL && atls_conn_error(s2.conn)->rc ==
	    ATLS_E_TIMEOUT, "server: %s", atls_conn_error(s2.conn)->where);
	end_close(&c);
	end_close(&s);
	end_close(&c2);
	end_close(&s2);
}

static void
test_config(void)
{
	struct atls_config *c = atls_config_new();
	struct atls_carried none = { .nonce = { NULL, 0 } };
	struct atls_carrier carrier;
	uint8_t out[64];
	size_t n;

	T(atls_config_carrier(c, &carrier) == ATLS_E_CONF, "post has none");
	T(atls_config_set_family(c, ATLS_FAMILY_INTRA, false) == ATLS_OK &&
	    atls_config_carrier(c, &carrier) == ATLS_E_CONF, "nothing");
	T(atls_config_challenge(c, ATLS_SHA256, &none, out, &n, NULL) ==
	    ATLS_E_CONF, "no attester");
	T(atls_config_set_attester(c, ATLS_KIND_TDX, ids[1]) == ATLS_OK &&
	    atls_config_carrier(c, &carrier) == ATLS_OK &&
	    carrier.accept[0] == NULL && !carrier.ask && strcmp(
	    carrier.offer, atls_kind_media(ATLS_KIND_TDX)) == 0, "offer");
	none.certificate = (struct atls_bytes){ pki.inter.der,
	    pki.inter.len };
	T(atls_config_challenge(c, ATLS_SHA256, &none, out, &n, NULL) ==
	    ATLS_E_CONF && n == 0, "another certificate");
	atls_config_free(c);
}

int
main(void)
{
	struct pki_cert other;
	char *chain;

	pki = pki_new(&(struct pki_ask){ .dns = NAME,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), pki_view(pki.crls),
	    NULL);
	other = pki_cert(&(struct pki_ask){ .dns = NAME,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, &pki.inter,
	    (int64_t)time(NULL));
	chain = pki_join(other.pem, pki.inter.pem, (char *)NULL);
	ids[ATLS_SERVER] = atls_identity_new(pki_view(pki.chain),
	    pki_view(pki.leaf.key_pem), NULL);
	ids[ATLS_CLIENT] = atls_identity_new(pki_view(chain),
	    pki_view(other.key_pem), NULL);
	test_good();
	test_bad();
	test_data_first();
	test_stall();
	test_config();
	atls_identity_free(ids[ATLS_SERVER]);
	atls_identity_free(ids[ATLS_CLIENT]);
	pki_cert_free(&other);
	free(chain);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_intra");
}
