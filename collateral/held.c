/* SPDX-License-Identifier: Apache-2.0 */
/* What a network source has fetched before. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "net.h"

#define LOG_MAX		(HTTP_URL_MAX + 256)

void
net_log(struct net *n, const char *fmt, ...)
{
	char line[LOG_MAX];
	va_list ap;

	if (n->log == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	n->log(n->arg, line);
}

struct atls_collateral *
net_have(struct net *n)
{
	struct atls_collateral *c;

	(void)pthread_mutex_lock(&n->marks.lock);
	c = atls_collateral_ref(n->have);
	(void)pthread_mutex_unlock(&n->marks.lock);
	return c;
}

static void
exchange(struct net *n, struct atls_collateral *c)
{
	struct atls_collateral *old;

	(void)pthread_mutex_lock(&n->marks.lock);
	old = n->have;
	n->have = c;
	(void)pthread_mutex_unlock(&n->marks.lock);
	atls_collateral_free(old);
}

static enum atls_rc
save_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct atls_err err = { 0 };
	struct net *n = arg;

	/* without a cache there is still what is in memory */
	if (file_save(n->cache, is, bytes, &err) != ATLS_OK)
		net_log(n, "cache: %s", err.detail);
	return ATLS_OK;
}

enum atls_rc
net_hold(struct net *n, struct atls_collateral *fresh, struct atls_err *err)
{
	struct atls_collateral *c = net_have(n);
	struct atls_err why = { 0 };
	enum atls_rc rc;

	rc = src_copy_all(fresh, c, &why);
	atls_collateral_free(c);
	if (rc == ATLS_E_LIMIT) {	/* full: begin anew, the disk has it */
		why = (struct atls_err){ 0 };
		if ((c = atls_collateral_new()) == NULL)
			return fail_set(err, ATLS_E_MEM, "source.net",
			    "a store");
		rc = src_copy_all(fresh, c, &why);
		exchange(n, c);
	}
	if (rc != ATLS_OK && err != NULL && err->rc == ATLS_OK)
		*err = why;
	if (rc == ATLS_OK && n->cache != NULL)
		rc = atls_collateral_each(fresh, save_one, n);
	return rc;
}

void
net_recall(struct net *n, const struct atls_need *need)
{
	struct atls_collateral *c;
	struct atls_err err = { 0 };
	char path[FILE_PATH_MAX];
	struct atls_buf b;
	struct atls_need is;
	int64_t issued;
	enum atls_rc rc;
	size_t dirlen;

	if (n->cache == NULL || file_place(n->cache, need, path, &dirlen,
	    NULL) != ATLS_OK || access(path, R_OK) == -1)
		return;
	if ((rc = file_read(path, ATLS_ITEM_MAX, &b, &err)) == ATLS_OK)
		rc = file_form(need->item, &b, &err);
	if (rc == ATLS_OK)
		rc = src_identify(need->item, (struct atls_bytes){ b.p,
		    b.len }, &is, &issued, &err);
	if (rc == ATLS_OK && src_is(&is, need)) {
		c = net_have(n);
		rc = src_put_newer(c, need->item, (struct atls_bytes){ b.p,
		    b.len }, &err);
		atls_collateral_free(c);
	}
	if (rc != ATLS_OK)
		net_log(n, "cache: %s: %s", path, err.detail);
	free(b.p);
}

struct sifting {
	struct atls_collateral	*to;
	const struct atls_need	*without;
};

static enum atls_rc
sift(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct sifting *s = arg;

	return src_is(is, s->without) ? ATLS_OK :
	    src_put(s->to, is->item, bytes, NULL);
}

void
net_forget(struct net *n, const struct atls_need *need)
{
	struct sifting s = { atls_collateral_new(), need };
	struct atls_collateral *c = net_have(n);
	char path[FILE_PATH_MAX];
	size_t dirlen;

	/* with less memory than it takes, all is forgotten */
	if (s.to != NULL && atls_collateral_each(c, sift, &s) != ATLS_OK)
		net_log(n, "cache: not all is kept");
	atls_collateral_free(c);
	if (s.to != NULL)
		exchange(n, s.to);
	if (n->cache != NULL && file_place(n->cache, need, path, &dirlen,
	    NULL) == ATLS_OK)
		(void)unlink(path);
}
