/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks, when, and how often. */
#include <stdio.h>
#include <string.h>

#include "net.h"

#define TOO_MANY	429	/* RFC 6585, 4 */

/* "https://host:port" */
static void
host_of(const char *url, char out[HTTP_URL_MAX])
{
	const char *p = strstr(url, "://");
	size_t n = p == NULL ? strlen(url) : (size_t)(p + 3 - url);

	n += strcspn(url + n, "/?");
	(void)snprintf(out, HTTP_URL_MAX, "%.*s", (int)n, url);
}

/* Which URL, what happened, and when it will be tried again. */
static enum atls_rc
told(const struct mark *k, const char *url, struct atls_err *err)
{
	char when[SRC_TIME_MAX];
	const char *p = strstr(url, "://");

	return fail_set(err, k->rc, "source.net", "%.40s; again %s; %s",
	    k->why, src_time(k->again, when), p == NULL ? url : p + 3);
}

/*
 * What came is put into a store of its own first, so that an answer is taken
 * whole or not at all: of the right form, what was asked for, and in force.
 */
static enum atls_rc
accept_reply(struct net *n, const struct request *q,
    const struct atls_need *need, int64_t now, struct http_reply *y,
    struct atls_err *err)
{
	struct atls_collateral *fresh = atls_collateral_new();
	struct request_items got = { 0 };
	int64_t issued, until;
	enum atls_rc rc;
	size_t i;

	if (fresh == NULL)
		return fail_set(err, ATLS_E_MEM, "source.net", "a store");
	rc = request_take(q, y, &got, err);
	for (i = 0; i < got.n && rc == ATLS_OK; i++)
		rc = src_put(fresh, got.item[i], (struct atls_bytes){
		    got.bytes[i].p, got.bytes[i].len }, err);
	if (rc == ATLS_OK && atls_collateral_dates(fresh, need, &issued,
	    &until) != 1)
		rc = fail_set(err, ATLS_E_FORMAT, "source.net.other",
		    "not what was asked for");
	else if (rc == ATLS_OK && !src_has(fresh, need, now))
		rc = fail_set(err, ATLS_E_STALE, "source.net.expired",
		    "expired when it came");
	if (rc == ATLS_OK)
		rc = net_hold(n, fresh, err);
	request_items_free(&got);
	atls_collateral_free(fresh);
	return rc;
}

/* May we ask now?  Else why not, in err.  With the lock held. */
static bool
may_ask(struct net *n, struct mark *url, const struct mark *host, int64_t now,
    struct atls_err *err, enum atls_rc *rc)
{
	if (url->flying) {		/* another thread does: wait for it */
		while (url->flying)
			(void)pthread_cond_wait(&n->marks.landed,
			    &n->marks.lock);
		*rc = url->rc == ATLS_OK ? ATLS_OK :
		    told(url, url->name, err);
		return false;
	}
	if (now < url->again) {		/* if all was well, it has no newer */
		*rc = url->rc == ATLS_OK ? ATLS_OK :
		    told(url, url->name, err);
		return false;
	}
	if (now < host->again) {
		*rc = told(host, url->name, err);
		return false;
	}
	return true;
}

/* Is the host in trouble, and not only this URL? */
static bool
of_host(const struct http_reply *y, enum atls_rc rc)
{
	return rc != ATLS_E_MEM && (y->status == 0 || rc == ATLS_E_TIMEOUT ||
	    y->status == TOO_MANY || y->status / 100 == 5);
}

static enum atls_rc
ask(struct net *n, const struct request *q, const char *url,
    const struct atls_need *need, int64_t now, struct http_reply *y,
    char why[HTTP_WHY_MAX])
{
	struct atls_err err = { 0 };
	enum atls_rc rc;
	size_t len;

	rc = http_get(&n->http, url, q->chain == ATLS_ITEM_NONE ? NULL :
	    q->header, now, y);
	(void)snprintf(why, HTTP_WHY_MAX, "%s", y->why);
	if (rc != ATLS_OK)
		return rc;
	len = y->body.len;
	rc = accept_reply(n, q, need, now, y, &err);
	if (rc == ATLS_OK)
		net_log(n, "%s: %zu octets", url, len);
	else
		(void)snprintf(why, HTTP_WHY_MAX, "%s: %.30s",
		    err.where == NULL ? "answer" : err.where, err.detail);
	return rc;
}

/* Single flight: of all threads that want an URL, one asks. */
static enum atls_rc
fetch_url(struct net *n, const struct request *q, const char *url,
    const struct atls_need *need, int64_t now, long *status,
    struct atls_err *err)
{
	char name[HTTP_URL_MAX], why[HTTP_WHY_MAX], when[SRC_TIME_MAX];
	struct mark *k, *host = NULL;
	struct http_reply y = { .retry_after = -1 };
	enum atls_rc rc = ATLS_E_MEM;
	uint32_t chance;

	*status = 0;
	host_of(url, name);
	(void)pthread_mutex_lock(&n->marks.lock);
	if ((k = marks_use(&n->marks, url, now)) == NULL ||
	    (host = marks_use(&n->marks, name, now)) == NULL)
		rc = fail_set(err, ATLS_E_MEM, "source.net", "a mark");
	else if (may_ask(n, k, host, now, err, &rc)) {
		k->flying = true;
		(void)pthread_mutex_unlock(&n->marks.lock);
		rc = ask(n, q, url, need, now, &y, why);
		*status = y.status;
		chance = n->random(n->arg);
		(void)pthread_mutex_lock(&n->marks.lock);
		if (rc == ATLS_OK) {
			marks_done(&n->marks, k, now, y.retry_after, chance);
			marks_clear(&n->marks, host);
		} else {
			marks_failed(&n->marks, k, now, rc, why,
			    y.retry_after, chance);
			if (of_host(&y, rc))
				marks_failed(&n->marks, host, now, rc, why,
				    y.retry_after, chance);
			net_log(n, "%s: %s; again %s", url, why,
			    src_time(k->again, when));
			rc = told(k, url, err);
		}
		k->flying = false;
		(void)pthread_cond_broadcast(&n->marks.landed);
	}
	marks_leave(k);
	marks_leave(host);
	(void)pthread_mutex_unlock(&n->marks.lock);
	http_reply_free(&y);
	return rc;
}

enum atls_rc
net_fetch(struct net *n, const struct atls_need *need, int64_t now,
    struct atls_err *err)
{
	struct atls_err why = { 0 }, first = { 0 };
	struct request q;
	enum atls_rc rc;
	size_t hint, i, at;
	long status;

	if ((rc = request_of(&n->where, need, &q, err)) != ATLS_OK)
		return rc;
	(void)pthread_mutex_lock(&n->marks.lock);
	hint = n->hint;
	(void)pthread_mutex_unlock(&n->marks.lock);
	for (i = 0; i < q.nurl; i++) {
		at = (hint + i) % q.nurl;
		why = (struct atls_err){ 0 };
		rc = fetch_url(n, &q, q.url[at], need, now, &status, &why);
		if (rc == ATLS_OK) {
			(void)pthread_mutex_lock(&n->marks.lock);
			n->hint = q.nurl > 1 ? at : n->hint;
			(void)pthread_mutex_unlock(&n->marks.lock);
			return rc;
		}
		if (i == 0)
			first = why;
	}
	if (err != NULL && err->rc == ATLS_OK)
		*err = first;
	return first.rc;
}

void
net_allow(struct net *n, const struct atls_need *need, int64_t now)
{
	struct request q;
	struct mark *k;
	size_t i;

	if (request_of(&n->where, need, &q, NULL) != ATLS_OK)
		return;
	(void)pthread_mutex_lock(&n->marks.lock);
	for (i = 0; i < q.nurl; i++) {
		k = marks_use(&n->marks, q.url[i], now);
		if (k == NULL)
			continue;
		if (k->rc == ATLS_OK && k->again > k->asked + NET_AGAIN_MIN)
			k->again = k->asked + NET_AGAIN_MIN;
		marks_leave(k);
	}
	(void)pthread_mutex_unlock(&n->marks.lock);
}
