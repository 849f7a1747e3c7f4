/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints of the product: the victim, the genuine server, an impostor. */
#include <string.h>
#include <sys/socket.h>

#include "kit.h"

#define PATIENCE	2		/* seconds, of the configuration */
#define TRIES		8		/* of a handshake that waits */

bool
lab_has_pki(const struct lab_run *r)
{
	return r->measure == LAB_PKI || r->measure == LAB_ALL;
}

static bool
two_keys(const struct lab_run *r)
{
	return r->family == LAB_POST && r->measure != LAB_SPKI &&
	    r->measure != LAB_ALL;
}

static enum atls_rc
set_family(struct atls_config *c, enum lab_family f)
{
	static const enum atls_family families[LAB_NFAMILIES] = {
		[LAB_POST] = ATLS_FAMILY_POST, [LAB_PRE] = ATLS_FAMILY_PRE,
		[LAB_INTRA] = ATLS_FAMILY_INTRA,
		[LAB_TLS_A] = ATLS_FAMILY_INSECURE_TLS_A,
	};

	return atls_config_set_family(c, families[f], false);
}

static bool
set_relying(struct lab_run *r, struct atls_config *c)
{
	bool optional = (r->leave & (LAB_LEAVE_POLICY | LAB_LEAVE_REQUIRED |
	    LAB_LEAVE_GATE | LAB_LEAVE_FAMILY)) != 0;
	struct atls_policy *p = lab_policy(r, optional);
	bool ok = p != NULL && atls_config_set_policy(c, p) == ATLS_OK;

	atls_policy_free(p);
	if (ok && lab_collateral(r->kind) != NULL)
		ok = atls_config_set_collateral(c, lab_collateral(r->kind),
		    NULL, NULL) == ATLS_OK;
	if (ok && two_keys(r))
		ok = atls_config_insecure_two_keys(c) == ATLS_OK;
	if (!ok)
		return false;
	return lab_has_pki(r) ? atls_config_set_peer(c, lab_trust(),
	    LAB_NAME) == ATLS_OK : atls_config_insecure_no_pki(c) == ATLS_OK;
}

struct atls_config *
lab_config(struct lab_run *r, enum atls_role role,
    const struct lab_key *attests, bool relies)
{
	struct atls_config *c = atls_config_new();

	(void)role;
	if (c == NULL || set_family(c, r->family) != ATLS_OK ||
	    atls_config_set_timeouts(c, PATIENCE, PATIENCE, PATIENCE) !=
	    ATLS_OK || (attests != NULL && atls_config_set_attester(c,
	    r->kind, attests->id) != ATLS_OK) ||
	    (relies && !set_relying(r, c))) {
		atls_config_free(c);
		lab_failed(r, "a configuration cannot be made");
		return NULL;
	}
	return c;
}

bool
lab_ctx(struct lab_run *r, struct atls_config *c, enum atls_role role,
    const struct lab_key *k, void **ctx)
{
	struct atls_tls_setup s = { .identity = k == NULL ? NULL : k->id };
	struct atls_carrier carrier;
	struct atls_err err = { 0 };

	*ctx = NULL;
	if (c != NULL && atls_config_carrier(c, &carrier) == ATLS_OK)
		s.carrier = &carrier;
	if (role == ATLS_CLIENT && lab_has_pki(r)) {
		s.trust = lab_trust();
		s.name = LAB_NAME;
	} else if (role == ATLS_CLIENT)
		s.unverified = true;
	if (atls_backend_openssl.ctx_new(ctx, role, &s, &err) == ATLS_OK)
		return true;
	lab_failed(r, "%s: %s", err.where, err.detail);
	return false;
}

bool
lab_handshake(void *tls, struct atls_err *err)
{
	struct atls_bytes none = { NULL, 0 };
	int i, n = ATLS_IO_FAIL;

	for (i = 0; i < TRIES; i++) {
		n = atls_backend_openssl.handshake(tls, none, err);
		if (n != ATLS_IO_WANT_READ && n != ATLS_IO_WANT_WRITE)
			break;
	}
	if (n == 1)
		return true;
	if (err->rc == ATLS_OK)
		*err = (struct atls_err){ .rc = ATLS_E_IO,
		    .where = "handshake", .detail = "ended early" };
	return false;
}

bool
lab_shake(struct lab_run *r, struct lab_end *e, int port)
{
	const struct atls_backend *be = &atls_backend_openssl;

	e->fd = lab_dial(port);
	if (e->config == NULL)
		e->config = lab_config(r, ATLS_CLIENT, NULL, true);
	if (e->fd == -1 || e->config == NULL) {
		lab_failed(r, "no connection");
		return false;
	}
	return (e->ctx != NULL || lab_ctx(r, e->config, ATLS_CLIENT, NULL,
	    &e->ctx)) && be->open(&e->tls, e->ctx, e->fd,
	    lab_has_pki(r) ? LAB_NAME : NULL, &e->err) == ATLS_OK &&
	    lab_handshake(e->tls, &e->err);
}

bool
lab_attest(struct lab_run *r, struct lab_end *e)
{
	(void)r;
	e->conn = atls_conn_attach(e->config, ATLS_CLIENT,
	    &atls_backend_openssl, e->tls, e->fd, NULL, &e->err);
	if (e->conn == NULL)
		return false;
	if (atls_conn_attest(e->conn) == 1)
		return true;
	e->err = *atls_conn_error(e->conn);
	return false;
}

void
lab_end_close(struct lab_end *e)
{
	atls_conn_free(e->conn);
	if (e->tls != NULL)
		atls_backend_openssl.close(e->tls);
	if (e->ctx != NULL)
		atls_backend_openssl.ctx_free(e->ctx);
	atls_config_free(e->config);
	lab_hang_up(e->fd);
	*e = (struct lab_end){ .fd = -1 };
}

struct atls_bytes
lab_peer_key(const struct lab_end *e)
{
	struct atls_bytes spki = { NULL, 0 };

	if (atls_backend_openssl.channel->spki(e->tls, true, &spki) !=
	    ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return spki;
}

/* What an application does that keeps a record of its servers. */
static bool
is_enrolled(struct lab_run *r, struct lab_end *e)
{
	if (r->measure != LAB_ENROL && r->measure != LAB_ALL)
		return true;
	if (r->kind == ATLS_KIND_EAR || lab_enrolled(atls_conn_result(
	    e->conn)->instance, lab_peer_key(e)))
		return true;
	e->err = (struct atls_err){ .rc = ATLS_E_POLICY,
	    .where = "enrolment", .detail =
	    "this key is not enrolled for this machine" };
	return false;
}

void
lab_speak(struct lab_run *r, struct lab_end *e)
{
	if (atls_conn_write(e->conn, (const uint8_t *)LAB_SECRET,
	    strlen(LAB_SECRET)) == (ssize_t)strlen(LAB_SECRET)) {
		r->sent = true;
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "sends its secret");
	}
	(void)atls_conn_close(e->conn);
}

/* The victim wants to give its secret to the server, and to nobody else. */
void
lab_client(struct lab_run *r)
{
	lab_client_of(r, NULL);
}

void
lab_client_of(struct lab_run *r, const struct lab_key *own)
{
	struct lab_end e = { .fd = -1 };

	if (own != NULL)
		e.config = lab_config(r, ATLS_CLIENT, own, true);
	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "connects and shakes hands");
	if (lab_shake(r, &e, r->port) && lab_attest(r, &e) &&
	    is_enrolled(r, &e)) {
		lab_tell(r, LAB_CLIENT, LAB_CLIENT, "accepts: %s",
		    r->kind == ATLS_KIND_EAR ? "a result" :
		    "evidence, binding, all that its policy says");
		lab_speak(r, &e);
	} else if (r->verdict != LAB_TROUBLE)
		lab_refused(r, &e.err);
	lab_end_close(&e);
}

static enum atls_rc
run_quote(void *dev, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct lab_run *r = ((void **)dev)[0];
	lab_quote *const *quote = ((void **)dev)[1];

	return (*quote)(r, rd, out, err);
}

enum atls_rc
lab_genuine_quote(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	return lab_machine_quote(r->kind, LAB_GENUINE, rd, out, err);
}

enum atls_rc
lab_quote_oracle(struct lab_run *r, struct atls_bytes rd,
    struct atls_buf *out, struct atls_err *err)
{
	lab_tell(r, LAB_ATTACKER, LAB_SERVER,
	    "has the server's machine quote what he is asked for");
	return lab_machine_quote(r->kind, LAB_GENUINE, rd, out, err);
}

static ssize_t
serve(struct lab_run *r, int fd, const struct lab_key *k, lab_quote *quote,
    char *buf, size_t cap)
{
	struct atls_attester attester = { .name = "laboratory",
	    .kind = r->kind, .quote = run_quote };
	void *dev[2] = { r, &quote };
	struct atls_source src = { &attester, dev };
	struct atls_config *c = lab_config(r, ATLS_SERVER, k, false);
	struct atls_err err = { 0 };
	struct atls_conn *conn = NULL;
	ssize_t n = -1;
	void *ctx = NULL;

	if (c != NULL && lab_ctx(r, c, ATLS_SERVER, k, &ctx) &&
	    (conn = atls_conn_open(c, ATLS_SERVER, &atls_backend_openssl, ctx,
	    fd, NULL, &src, &err)) == NULL)
		lab_failed(r, "%s: %s", err.where, err.detail);
	if (conn != NULL && atls_conn_attest(conn) == 1)
		n = atls_conn_read(conn, (uint8_t *)buf, cap);
	atls_conn_free(conn);
	if (ctx != NULL)
		atls_backend_openssl.ctx_free(ctx);
	atls_config_free(c);
	return n;
}

void
lab_impostor(struct lab_run *r, int fd, const struct lab_key *k,
    lab_quote *quote)
{
	char buf[128];
	ssize_t n = fd == -1 ? -1 : serve(r, fd, k, quote, buf, sizeof(buf));

	if (n > 0)
		lab_loot(r, buf, (size_t)n);
	lab_hang_up(fd);
}

static void *
server_main(void *arg)
{
	struct lab_run *r = arg;
	char buf[128];
	unsigned i;
	int fd;

	for (i = 0; i < r->serves; i++) {
		if ((fd = lab_answer(r->server)) == -1)
			break;
		(void)!serve(r, fd, lab_key(r->family, r->kind ==
		    ATLS_KIND_EAR ? LAB_K_EAR : LAB_K_SERVER), r->quotes, buf,
		    sizeof(buf));
		lab_hang_up(fd);
	}
	return NULL;
}

bool
lab_server_start(struct lab_run *r, unsigned n)
{
	return lab_server_start_as(r, n, lab_genuine_quote);
}

bool
lab_server_start_as(struct lab_run *r, unsigned n, lab_quote *quotes)
{
	r->serves = n;
	r->quotes = quotes;
	r->server = lab_bind(&r->server_port);
	if (r->server != -1 && pthread_create(&r->server_thread, NULL,
	    server_main, r) == 0)
		return true;
	lab_failed(r, "the genuine server cannot be started");
	r->serves = 0;
	return false;
}

void
lab_server_stop(struct lab_run *r)
{
	if (r->serves == 0)
		return;
	(void)shutdown(r->server, SHUT_RDWR);
	(void)pthread_join(r->server_thread, NULL);
	lab_hang_up(r->server);
	r->server = -1;
	r->serves = 0;
}
