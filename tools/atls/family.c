/* SPDX-License-Identifier: Apache-2.0 */
/* connect and serve, where evidence travels in the handshake. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link.h"

int
link_family(struct link *l, const char *name)
{
	l->family = atls_family_named(name);
	if (l->family == 0)
		return complain(EX_USAGE_ERROR,
		    "--family: post, pre or intra");
	if (l->family == ATLS_FAMILY_INSECURE_TLS_A)
		return complain(EX_USAGE_ERROR,
		    "tls-a is --insecure-tls-a, and broken");
	return -1;
}

int
link_family_check(const struct link *l)
{
	if (l->alert != 0 && l->family != ATLS_FAMILY_INTRA &&
	    l->family != ATLS_FAMILY_INSECURE_TLS_A)
		return complain(EX_USAGE_ERROR,
		    "--alert goes with --family intra");
	if (l->confirm && l->family == ATLS_FAMILY_POST)
		return complain(EX_USAGE_ERROR,
		    "--confirm goes with --family pre or intra");
	if (!link_makes_cert(l) && ratls_is_asked(&l->ratls))
		return complain(EX_USAGE_ERROR, "--ratls-*: with --family pre "
		    "--attester NAME:WHERE, and without --cert");
	if ((l->ratls.ca == NULL) != (l->ratls.ca_key == NULL))
		return complain(EX_USAGE_ERROR,
		    "--ratls-ca goes with --ratls-ca-key");
	if (l->confirm && l->attester == NULL && l->cert != NULL &&
	    l->policy == NULL)
		return complain(EX_USAGE_ERROR,
		    "--confirm: --attester NAME:WHERE?");
	return -1;
}

void
link_family_warn(const struct link *l)
{
	const char *text = NULL;

	if (l->family == ATLS_FAMILY_PRE)
		text = "evidence in certificates is of a key, not of a "
		    "connection: it never gets older for who has the key";
	if (l->family == ATLS_FAMILY_INTRA)
		text = "experimental: evidence in the handshake, after an "
		    "unfinished draft";
	if (l->family == ATLS_FAMILY_INSECURE_TLS_A)
		text = "insecure: TLS-a can be relayed and diverted; for "
		    "experiments only";
	if (text != NULL)
		fprintf(stderr, "atls: %s\n", text);
}

/* RA-TLS: the certificate is evidence, and can be made when we start. */
bool
link_makes_cert(const struct link *l)
{
	return l->family == ATLS_FAMILY_PRE && l->attester != NULL &&
	    l->cert == NULL;
}

int
link_family_identity(struct link *l, struct link_end *e, int *status)
{
	struct atls_buf cert, key;
	struct atls_err err = { 0 };

	if (ratls_make(&l->ratls, &l->src, &cert, &key, status) &&
	    (e->identity = atls_identity_new(buf_view(&cert), buf_view(&key),
	    &err)) == NULL)
		*status = complain_err(status_of_file(err.rc), "certificate",
		    &err);
	ratls_free(&cert, &key);
	e->own_identity = e->identity != NULL;
	/* a third before it ends: time enough to try again */
	e->renew = (int64_t)time(NULL) + l->ratls.life - l->ratls.life / 3;
	return e->identity != NULL;
}

/* False: there is nothing to carry. */
bool
link_family_setup(const struct link *l, const struct link_end *e,
    struct atls_tls_setup *setup, struct atls_carrier *carrier)
{
	if (l->family == ATLS_FAMILY_POST)
		return true;
	setup->unverified = l->no_pki;
	setup->ask_client = l->role == ATLS_SERVER && l->policy != NULL;
	setup->ratls = l->family == ATLS_FAMILY_PRE;
	if (setup->ratls)
		return true;
	setup->carrier = carrier;
	if (atls_config_carrier(e->config, carrier) != ATLS_OK)
		return false;
	carrier->alert = l->alert;
	return true;
}
