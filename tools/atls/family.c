/* SPDX-License-Identifier: Apache-2.0 */
/* connect and serve, where evidence travels in the handshake. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atls/ratls.h>

#include "link.h"

#define CERT_LIFE	(24 * 3600)	/* seconds, of one that we make */

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
	if (l->confirm && l->family == ATLS_FAMILY_POST)
		return complain(EX_USAGE_ERROR,
		    "--confirm goes with --family pre or intra");
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

/* Which certificate goes with that attester: it is made here, and now. */
static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	const struct atls_source *s = arg;

	return s->attester->quote(s->dev, rd, out, err);
}

/* RA-TLS without a certificate on file: self-signed, for a day. */
int
link_family_identity(struct link *l, int *status)
{
	struct atls_ratls_ask ask = { .name = "localhost",
	    .from = (int64_t)time(NULL), .kind = l->src.source.attester->kind,
	    .form = ATLS_RATLS_CMW };
	struct atls_buf cert = { malloc(2 * ATLS_RATLS_MAX),
	    2 * ATLS_RATLS_MAX, 0 };
	uint8_t text[4096];
	struct atls_buf key = { text, sizeof(text), 0 };
	struct atls_err err = { 0 };

	ask.until = ask.from + CERT_LIFE;
	if (cert.p == NULL)
		(void)complain(*status = EX_TROUBLE, "no memory");
	else if (atls_ratls_make(&ask, quote, &l->src.source, &cert, &key,
	    &err) != ATLS_OK || (l->identity = atls_identity_new(
	    (struct atls_bytes){ cert.p, cert.len },
	    (struct atls_bytes){ key.p, key.len }, &err)) == NULL)
		*status = complain_err(status_of_file(err.rc),
		    "certificate", &err);
	l->own_identity = l->identity != NULL;
	atls_wipe(text, sizeof(text));
	free(cert.p);
	return l->identity != NULL;
}

/* False: there is nothing to carry. */
bool
link_family_setup(struct link *l, struct atls_tls_setup *setup,
    struct atls_carrier *carrier)
{
	if (l->family == ATLS_FAMILY_POST)
		return true;
	setup->unverified = l->no_pki;
	setup->ask_client = l->role == ATLS_SERVER && l->policy != NULL;
	if (l->family == ATLS_FAMILY_PRE)
		return true;
	setup->carrier = carrier;
	return atls_config_carrier(l->config, carrier) == ATLS_OK;
}
