/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atls/openssl.h>

#include "link.h"
#include "relay.h"

enum { O_POLICY = 512, O_CA, O_CRL, O_NAME, O_CERT, O_KEY, O_ATTESTER,
    O_REATTEST, O_HOLD, O_TIMEOUT, O_CODE_POINT, O_ALERT, O_PROFILE, O_NO_PKI,
    O_TWO_KEYS, O_ATTEST, O_SAVE, O_COLLATERAL, O_COLLATERAL_KEY, O_FAMILY,
    O_CONFIRM, O_TLS_A, O_RATLS_FORM, O_RATLS_LIFE, O_RATLS_NAME, O_RATLS_CA,
    O_RATLS_CA_KEY };

const struct option link_options[LINK_NOPTIONS] = {
	{ "policy", required_argument, NULL, O_POLICY },
	{ "ca", required_argument, NULL, O_CA },
	{ "crl", required_argument, NULL, O_CRL },
	{ "name", required_argument, NULL, O_NAME },
	{ "cert", required_argument, NULL, O_CERT },
	{ "key", required_argument, NULL, O_KEY },
	{ "attester", required_argument, NULL, O_ATTESTER },
	{ "reattest", required_argument, NULL, O_REATTEST },
	{ "hold", no_argument, NULL, O_HOLD },
	{ "timeout", required_argument, NULL, O_TIMEOUT },
	{ "code-point", required_argument, NULL, O_CODE_POINT },
	{ "alert", required_argument, NULL, O_ALERT },
	{ "profile", required_argument, NULL, O_PROFILE },
	{ "insecure-no-pki", no_argument, NULL, O_NO_PKI },
	{ "insecure-two-keys", no_argument, NULL, O_TWO_KEYS },
	{ "attest", no_argument, NULL, O_ATTEST },
	{ "save", required_argument, NULL, O_SAVE },
	{ "collateral", required_argument, NULL, O_COLLATERAL },
	{ "collateral-key", required_argument, NULL, O_COLLATERAL_KEY },
	{ "family", required_argument, NULL, O_FAMILY },
	{ "confirm", no_argument, NULL, O_CONFIRM },
	{ "insecure-tls-a", no_argument, NULL, O_TLS_A },
	{ "ratls-form", required_argument, NULL, O_RATLS_FORM },
	{ "ratls-life", required_argument, NULL, O_RATLS_LIFE },
	{ "ratls-name", required_argument, NULL, O_RATLS_NAME },
	{ "ratls-ca", required_argument, NULL, O_RATLS_CA },
	{ "ratls-ca-key", required_argument, NULL, O_RATLS_CA_KEY },
};

static bool
number(const char *v, unsigned long most, unsigned *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(v, &end, 0);
	if (errno != 0 || end == v || *end != '\0' || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

static int
code_point(struct link *l, const char *v)
{
	if (strcmp(v, "cocos") == 0) {
		l->code_point = ATLS_CODE_POINT_COCOS;
		return -1;
	}
	if (strcmp(v, "crate") == 0) {
		l->code_point = ATLS_CODE_POINT_CRATE;
		return -1;
	}
	return number(v, 0xffff, &l->code_point) ? -1 :
	    complain(EX_USAGE_ERROR, "--code-point: 0..0xffff");
}

static int
seconds(int64_t *out, const char *name, const char *v, int64_t most)
{
	*out = parse_duration(v);
	return *out > 0 && *out <= most ? -1 : complain(EX_USAGE_ERROR,
	    "--%s: a time such as 30s or 5m, %" PRId64 "h at most", name,
	    most / 3600);
}

static int
text_option(struct link *l, int o, const char *v)
{
	switch (o) {
	case O_POLICY:	l->policy = v; return -1;
	case O_CA:	l->ca = v; return -1;
	case O_CRL:	l->crl = v; return -1;
	case O_NAME:	l->name = v; return -1;
	case O_CERT:	l->cert = v; return -1;
	case O_KEY:	l->key = v; return -1;
	case O_SAVE:	l->save = v; return -1;
	case O_COLLATERAL: l->collateral.from = v; return -1;
	case O_COLLATERAL_KEY: l->collateral.key = v; return -1;
	case O_ATTESTER: l->attester = v; return -1;
	case O_RATLS_NAME: l->ratls.name = v; return -1;
	case O_RATLS_CA: l->ratls.ca = v; return -1;
	case O_RATLS_CA_KEY: l->ratls.ca_key = v; return -1;
	default:	return EX_USAGE_ERROR;
	}
}

int
link_option(struct link *l, int o, const char *v)
{
	switch (o) {
	case O_REATTEST:
		return seconds(&l->reattest, "reattest", v, 24 * 3600);
	case O_TIMEOUT:
		return seconds(&l->timeout, "timeout", v, 3600);
	case O_HOLD:
		l->hold = true;
		return -1;
	case O_NO_PKI:
		l->no_pki = true;
		return -1;
	case O_TWO_KEYS:
		l->two_keys = true;
		return -1;
	case O_ATTEST:
		l->attest = true;
		return -1;
	case O_FAMILY:
		return link_family(l, v);
	case O_CONFIRM:
		l->confirm = true;
		return -1;
	case O_TLS_A:
		l->family = ATLS_FAMILY_INSECURE_TLS_A;
		return -1;
	case O_RATLS_FORM:
		return ratls_form(&l->ratls, v);
	case O_RATLS_LIFE:
		return ratls_life(&l->ratls, v);
	case 'j':
		l->json = true;
		return -1;
	case O_CODE_POINT:
		return code_point(l, v);
	case O_ALERT:
		return number(v, 0xff, &l->alert) ? -1 :
		    complain(EX_USAGE_ERROR, "--alert: 0..255");
	case O_PROFILE:
		return parse_profile(v, &l->profile) ? -1 :
		    complain(EX_USAGE_ERROR, "no profile '%s'", v);
	default:
		return text_option(l, o, v);
	}
}

static int
check(const struct link *l)
{
	bool proves = l->attester != NULL;

	if (l->policy == NULL && !proves)
		return complain(EX_USAGE_ERROR,
		    "--policy, --attester, or both");
	if (l->policy != NULL && l->ca == NULL && !l->no_pki)
		return complain(EX_USAGE_ERROR,
		    "--ca FILE, for who the peer is");
	if (l->collateral.from != NULL && l->policy == NULL)
		return complain(EX_USAGE_ERROR,
		    "--collateral goes with --policy");
	if (l->crl != NULL && l->ca == NULL)
		return complain(EX_USAGE_ERROR, "--crl goes with --ca");
	if (l->role == ATLS_SERVER && l->ca != NULL && l->policy == NULL)
		return complain(EX_USAGE_ERROR, "--ca goes with --policy");
	if (l->role == ATLS_CLIENT && l->ca == NULL && !l->no_pki)
		return complain(EX_USAGE_ERROR,
		    "--ca FILE, for who the server is");
	if (l->role == ATLS_CLIENT && l->attest != proves)
		return complain(EX_USAGE_ERROR,
		    "--attest goes with --attester NAME:WHERE");
	if ((proves || l->role == ATLS_SERVER) && l->cert == NULL &&
	    !link_makes_cert(l))
		return complain(EX_USAGE_ERROR, "--cert FILE?");
	if (l->cert != NULL && !proves && l->key == NULL)
		return complain(EX_USAGE_ERROR, "--key FILE?");
	return link_family_check(l);
}

int
link_open(struct link *l, enum atls_role role)
{
	int status, ok;

	l->role = role;
	if ((status = check(l)) != -1)
		return status;
	link_family_warn(l);
	if (l->no_pki)
		fprintf(stderr, "atls: insecure: no PKI identity is asked "
		    "of the peer\n");
	if (l->two_keys)
		fprintf(stderr, "atls: insecure: authenticator and handshake "
		    "may have different keys\n");
	ok = l->policy == NULL ||
	    (l->accepts = policy_load(l->policy, &status)) != NULL;
	ok = ok && (l->ca == NULL ||
	    (l->trust = trust_load(l->ca, l->crl, &status)) != NULL);
	ok = ok && (l->attester == NULL ||
	    source_open(&l->src, l->attester, &status));
	ok = ok && (l->collateral.from == NULL ||
	    (status = collateral_open(&l->collateral, (int64_t)time(NULL))) ==
	    EX_ACCEPTED);
	ok = ok && (l->end = link_end_new(l, &status)) != NULL;
	return ok ? -1 : status;
}

void
link_close(struct link *l)
{
	link_end_drop(l, l->end);
	atls_policy_free(l->accepts);
	atls_trust_free(l->trust);
	source_close(&l->src);
	collateral_close(&l->collateral);
}

/* One line for each connection: key=value, values without spaces. */
static void
report(const struct link *l, unsigned long id, const char *peer,
    struct atls_conn *c, const struct relay *r, const struct atls_err *e,
    int64_t ms)
{
	const struct atls_result *res = c == NULL ? NULL :
	    atls_conn_result(c);
	char line[1024];
	int n;

	n = snprintf(line, sizeof(line), "conn=%lu role=%s peer=%s verdict=%s"
	    " kind=%s tcb=%s identity=%s evidence=%s key=%s binding=%s freshness=%s"
	    " instance=%s rounds=%u rc=%s where=%s in=%" PRIu64 " out=%"
	    PRIu64 " ms=%" PRId64 "\n", id,
	    l->role == ATLS_CLIENT ? "client" : "server", peer,
	    res == NULL ? "none" : atls_verdict_name(res->verdict),
	    res == NULL || res->kind == ATLS_KIND_NONE ? "-" :
	    atls_kind_name(res->kind),
	    res == NULL ? "none" : atls_tcb_name(res->tcb.status),
	    atls_pillar_name(res == NULL ? ATLS_UNKNOWN : res->identity),
	    atls_pillar_name(res == NULL ? ATLS_UNKNOWN : res->evidence),
	    atls_pillar_name(res == NULL ? ATLS_UNKNOWN : res->key),
	    atls_binding_name(res == NULL ? ATLS_BINDING_NONE : res->binding),
	    atls_freshness_name(res == NULL ? ATLS_F0 : res->freshness),
	    res == NULL || res->instance[0] == '\0' ? "-" : res->instance,
	    c == NULL ? 0 : atls_session_rounds(atls_conn_session(c)),
	    atls_rc_name(e->rc), e->where == NULL ? "-" : e->where, r->in,
	    r->out, ms);
	if (n > 0 && (size_t)n < sizeof(line))
		(void)!write(STDERR_FILENO, line, (size_t)n);
	if (e->rc != ATLS_OK)
		(void)complain_err(0, peer, e);
	if (l->json && res != NULL)
		result_json(stderr, res);
}

/* The evidence that was looked at, for audit, and for `policy learn`. */
static void
save(const struct link *l, struct atls_conn *c)
{
	struct atls_bytes raw = atls_conn_result(c)->claims.raw;
	FILE *f;

	if (l->save == NULL || raw.len == 0)
		return;
	if ((f = fopen(l->save, "wb")) == NULL ||
	    fwrite(raw.p, 1, raw.len, f) != raw.len)
		(void)complain(0, "%s: %s", l->save, strerror(errno));
	if (f != NULL)
		fclose(f);
}

int
link_run(struct link *l, unsigned long id, int fd, const char *peer,
    const struct plain *plain, const atomic_bool *stop)
{
	struct relay r = { .in_fd = plain->in, .out_fd = plain->out,
	    .begin = plain->begin, .begin_arg = plain->arg, .fd = fd,
	    .stop = stop, .end_with_peer = l->role == ATLS_CLIENT,
	    .handshake_until = relay_clock() + l->timeout * 1000 };
	struct atls_err err = { 0 };
	struct link_end *e = link_end_get(l);
	int64_t start = relay_clock();
	int status;

	relay_nonblocking(fd);
	r.conn = atls_conn_open(e->config, l->role, &atls_backend_openssl,
	    e->ctx, fd, l->no_pki ? NULL : l->name, &l->src.source, &err);
	if (r.conn != NULL && relay_run(&r) != 1)
		err = *atls_conn_error(r.conn);
	if (r.local != 0) {
		err = (struct atls_err){ .rc = ATLS_E_IO, .where = "local" };
		snprintf(err.detail, sizeof(err.detail), "%s",
		    strerror(r.local));
	}
	if (r.late)
		err = (struct atls_err){ .rc = ATLS_E_TIMEOUT,
		    .where = "handshake", .detail = "took too long" };
	report(l, id, peer, r.conn, &r, &err, relay_clock() - start);
	if (r.conn != NULL)
		save(l, r.conn);
	status = status_of_peer(err.rc);
	atls_conn_free(r.conn);
	link_end_drop(l, e);
	(void)close(fd);
	return status;
}
