/* SPDX-License-Identifier: Apache-2.0 */
/* What connections are made of: identity, configuration, context. */
#include <stdlib.h>
#include <time.h>

#include <atls/openssl.h>

#include "link.h"

#define AGAIN	60	/* seconds until a certificate is tried for again */

static void
fill(void *arg, struct atls_collateral *store, const struct atls_evidence *ev,
    int64_t now)
{
	(void)store;			/* it is that of arg */
	collateral_fill(arg, ev, now);
}

/* 1, or 0 with a complaint. */
static int
configure(struct link *l, const struct link_end *e, int *status)
{
	struct atls_config *c = e->config;
	enum atls_rc rc = ATLS_OK;
	unsigned t = (unsigned)l->timeout;

	if (l->accepts != NULL)
		rc = atls_config_set_policy(c, l->accepts);
	if (rc == ATLS_OK && l->collateral.store != NULL)
		rc = atls_config_set_collateral(c, l->collateral.store,
		    l->collateral.asks ? fill : NULL, &l->collateral);
	if (rc == ATLS_OK && l->trust != NULL)
		rc = atls_config_set_peer(c, l->trust, l->name);
	if (rc == ATLS_OK && l->no_pki)
		rc = atls_config_insecure_no_pki(c);
	if (rc == ATLS_OK && l->two_keys)
		rc = atls_config_insecure_two_keys(c);
	if (rc == ATLS_OK && l->src.source.attester != NULL)
		rc = atls_config_set_attester(c, l->src.source.attester->kind,
		    e->identity);
	if (rc == ATLS_OK)
		rc = atls_config_set_family(c, l->family, l->confirm);
	if (rc == ATLS_OK)
		rc = atls_config_set_code_point(c, l->code_point);
	if (rc == ATLS_OK)
		rc = atls_config_set_profile(c, l->profile);
	if (rc == ATLS_OK)
		rc = atls_config_set_timeouts(c, t < 10 ? t : 10, t, t);
	if (rc == ATLS_OK)
		rc = atls_config_set_reattest(c, l->reattest > 0 ?
		    (unsigned)l->reattest : 0, l->hold);
	if (rc != ATLS_OK)
		*status = complain(status_of_file(rc), "configuration: %s",
		    atls_rc_name(rc));
	return rc == ATLS_OK;
}

static int
identity(struct link *l, struct link_end *e, int *status)
{
	if (link_makes_cert(l))
		return link_family_identity(l, e, status);
	if (l->cert == NULL)
		return 1;
	if (l->key != NULL) {
		e->own_identity = true;
		e->identity = identity_load(l->cert, l->key, status);
	} else if (source_identity(&l->src, l->cert, status))
		e->identity = l->src.identity;
	return e->identity != NULL;
}

static int
context(const struct link *l, struct link_end *e, int *status)
{
	struct atls_tls_setup setup = {
		.identity = e->identity,
		.trust = l->no_pki ? NULL : l->trust,
		.name = l->no_pki ? NULL : l->name,
		.ask_client = l->role == ATLS_SERVER && l->policy != NULL &&
		    !l->no_pki,
	};
	struct atls_carrier carrier;
	struct atls_err err = { 0 };

	if (!link_family_setup(l, e, &setup, &carrier))
		*status = complain(EX_USAGE_ERROR, "neither evidence of ours, "
		    "nor of the peer, for the handshake");
	else if (atls_backend_openssl.ctx_new(&e->ctx, l->role, &setup,
	    &err) != ATLS_OK)
		*status = complain_err(status_of_file(err.rc), "tls", &err);
	return e->ctx != NULL;
}

static void
end_free(struct link_end *e)
{
	if (e->ctx != NULL)
		atls_backend_openssl.ctx_free(e->ctx);
	atls_config_free(e->config);
	if (e->own_identity)
		atls_identity_free(e->identity);
	free(e);
}

struct link_end *
link_end_new(struct link *l, int *status)
{
	struct link_end *e = calloc(1, sizeof(*e));

	if (e == NULL || (e->config = atls_config_new()) == NULL) {
		*status = complain(EX_TROUBLE, "no memory");
		free(e);
		return NULL;
	}
	e->users = 1;
	if (identity(l, e, status) && configure(l, e, status) &&
	    context(l, e, status))
		return e;
	end_free(e);
	return NULL;
}

struct link_end *
link_end_get(struct link *l)
{
	struct link_end *e;

	(void)pthread_mutex_lock(&l->lock);
	e = l->end;
	e->users++;
	(void)pthread_mutex_unlock(&l->lock);
	return e;
}

void
link_end_drop(struct link *l, struct link_end *e)
{
	bool last;

	if (e == NULL)
		return;
	(void)pthread_mutex_lock(&l->lock);
	last = --e->users == 0;
	(void)pthread_mutex_unlock(&l->lock);
	if (last)
		end_free(e);
}

/* For one thread, which alone writes l->end. */
void
link_end_renew(struct link *l)
{
	struct link_end *old = l->end, *new;
	int64_t now = (int64_t)time(NULL);
	int status;

	if (old->renew == 0 || now < old->renew)
		return;
	if ((new = link_end_new(l, &status)) == NULL) {
		(void)complain(status, "no new certificate; the old one "
		    "stays");
		old->renew = now + AGAIN;
		return;
	}
	(void)pthread_mutex_lock(&l->lock);
	l->end = new;
	(void)pthread_mutex_unlock(&l->lock);
	fprintf(stderr, "atls: a new certificate, with evidence of now\n");
	link_end_drop(l, old);
}
