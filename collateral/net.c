/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "net.h"

/* It is there, or on disk, and lasts beyond t. */
static bool
at_hand(struct net *n, const struct atls_need *need, int64_t t)
{
	struct atls_collateral *c;
	bool has;

	c = net_have(n);
	has = src_has(c, need, t);
	atls_collateral_free(c);
	return has;
}

static enum atls_rc
serve(struct net *n, struct atls_collateral *to, const struct atls_need *need,
    struct atls_err *err)
{
	struct atls_collateral *c = net_have(n);
	struct atls_err why = { 0 };
	int got = src_copy(c, to, need, &why);

	atls_collateral_free(c);
	if (got == 1)
		return ATLS_OK;
	if (got == 0)			/* it was forgotten meanwhile */
		return fail_set(err, ATLS_E_STALE, "source.net", "%s is gone",
		    atls_item_name(need->item));
	if (err != NULL && err->rc == ATLS_OK)
		*err = why;
	return why.rc == ATLS_OK ? ATLS_E_MEM : why.rc;
}

static enum atls_rc
net_get(void *self, struct atls_collateral *to, const struct atls_need *need,
    int64_t now, int64_t horizon, struct atls_err *err)
{
	struct atls_err why = { 0 };
	struct net *n = self;
	enum atls_rc rc, one;

	if (!at_hand(n, need, horizon))
		net_recall(n, need);
	if (at_hand(n, need, horizon))
		return serve(n, to, need, err);
	rc = net_fetch(n, need, now, &why);
	if (at_hand(n, need, now)) {
		one = serve(n, to, need, err);
		/* another thread may have had it in the meantime */
		if (one != ATLS_OK || horizon <= now ||
		    at_hand(n, need, horizon))
			return one;
	} else if (rc == ATLS_OK)
		rc = fail_set(&why, ATLS_E_STALE, "source.net.recent",
		    "%s %.48s: asked for a moment ago",
		    atls_item_name(need->item), need->key);
	if (rc != ATLS_OK && err != NULL && err->rc == ATLS_OK)
		*err = why;
	return rc;
}

static enum atls_rc
net_all(void *self, struct atls_collateral *to, struct atls_err *err)
{
	struct atls_collateral_source *disk;
	struct atls_collateral *c;
	struct net *n = self;
	enum atls_rc rc = ATLS_OK;

	if (n->cache != NULL) {
		if ((disk = atls_source_folder(n->cache, err)) == NULL)
			return err != NULL ? err->rc : ATLS_E_IO;
		rc = atls_source_all(disk, to, err);
		atls_source_free(disk);
	}
	c = net_have(n);
	if (rc == ATLS_OK)
		rc = src_copy_all(c, to, err);
	atls_collateral_free(c);
	return rc;
}

static void
net_drop(void *self, const struct atls_need *need, int64_t now)
{
	struct net *n = self;

	net_forget(n, need);
	net_allow(n, need, now);
}

static bool
net_early(void *self)
{
	struct net *n = self;

	return n->early;
}

static void
net_free(void *self)
{
	struct net *n = self;

	atls_collateral_free(n->have);
	marks_free(&n->marks);
	free(n->where.pcs);
	free(n->where.root_crl);
	free(n->where.kds);
	free(n->http.ca);
	free(n->http.proxy);
	free(n->cache);
	free(n);
}

static const struct src_ops net_ops = {
	.get = net_get, .all = net_all, .drop = net_drop,
	.early = net_early, .free = net_free,
};

/* A copy of given or, if that is NULL, of other; without '/' at its end. */
static bool
take(char **to, const char *given, const char *other)
{
	const char *s = given != NULL ? given : other;
	size_t n;

	*to = NULL;
	if (s == NULL)
		return true;
	if ((*to = strdup(s)) == NULL)
		return false;
	for (n = strlen(*to); n > 1 && (*to)[n - 1] == '/'; n--)
		(*to)[n - 1] = '\0';
	return true;
}

static bool
take_all(struct net *n, const struct atls_source_net *conf)
{
	char root[HTTP_URL_MAX];

	if (!take(&n->where.pcs, conf->pcs, NET_PCS))
		return false;
	/* Intel's own is at another host than the rest */
	(void)snprintf(root, sizeof(root), "%s%s", n->where.pcs,
	    NET_ROOT_PATH);
	return take(&n->where.root_crl, conf->root_crl, conf->pcs == NULL ?
	    NET_ROOT_CRL : root) &&
	    take(&n->where.kds, conf->kds, NET_KDS) &&
	    take(&n->http.ca, conf->ca, NULL) &&
	    take(&n->http.proxy, conf->proxy, NULL) &&
	    take(&n->cache, conf->cache, NULL);
}

static enum atls_rc
check(const struct net *n, struct atls_err *err)
{
	const char *url[] = { n->where.pcs, n->where.root_crl, n->where.kds };
	size_t i;

	for (i = 0; i < sizeof(url) / sizeof(url[0]); i++)
		if (!http_url_ok(url[i], n->http.insecure_http))
			return fail_set(err, ATLS_E_CONF, "source.net.url",
			    "'%.64s', wanted is https:", url[i]);
	return n->cache == NULL ? ATLS_OK : file_mkdir(n->cache, err);
}

struct atls_collateral_source *
atls_source_network(const struct atls_source_net *conf, struct atls_err *err)
{
	struct net *n;

	if (conf == NULL || conf->random == NULL ||
	    conf->timeout > NET_TIMEOUT_MAX) {
		(void)fail_set(err, ATLS_E_ARG, "source.net",
		    "random, or timeout");
		return NULL;
	}
	if ((n = calloc(1, sizeof(*n))) == NULL ||
	    !marks_init(&n->marks, conf->cache)) {
		free(n);
		(void)fail_set(err, ATLS_E_MEM, "source.net", "a source");
		return NULL;
	}
	n->http.timeout = conf->timeout == 0 ? NET_TIMEOUT : conf->timeout;
	n->http.insecure_http = conf->insecure_http;
	n->early = conf->early;
	n->random = conf->random;
	n->log = conf->log;
	n->arg = conf->arg;
	if (!take_all(n, conf) || (n->have = atls_collateral_new()) == NULL) {
		(void)fail_set(err, ATLS_E_MEM, "source.net", "a source");
		net_free(n);
		return NULL;
	}
	if (check(n, err) != ATLS_OK) {
		net_free(n);
		return NULL;
	}
	return src_new(&net_ops, n, err);
}
