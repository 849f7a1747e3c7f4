/* SPDX-License-Identifier: Apache-2.0 */
/* The network source, against a server of our own that misbehaves. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../collateral/file.h"
#include "heap.h"
#include "source_use.h"
#include "t.h"

#define NOW	SOURCE_NOW

static struct source_world w;
static uint32_t chance;		/* what random() gives */
static char said[65536];	/* the log */

static uint32_t
give(void *arg)
{
	(void)arg;
	return chance;
}

static void
say(void *arg, const char *line)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	size_t n;

	(void)arg;
	(void)pthread_mutex_lock(&lock);
	n = strlen(said);
	(void)snprintf(said + n, sizeof(said) - n, "%s\n", line);
	(void)pthread_mutex_unlock(&lock);
}

/* A server without history, and a source that asks it. */
static struct atls_collateral_source *
anew(const char *cache)
{
	struct atls_source_net conf = { .pcs = w.base, .kds = w.base,
	    .cache = cache, .timeout = 2, .insecure_http = true,
	    .random = give, .log = say };
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };

	said[0] = '\0';
	chance = 0;
	s = atls_source_network(&conf, &err);
	T(s != NULL, "%s", err.detail);
	return s;
}

static void
again(void)
{
	httpd_free(w.h);
	if ((w.h = httpd_new()) == NULL)
		abort();
	(void)snprintf(w.base, sizeof(w.base), "http://127.0.0.1:%u",
	    httpd_port(w.h));
	source_world_serve(&w);
}

static enum atls_rc
get(struct atls_collateral_source *s, int need, int64_t now,
    struct atls_err *err)
{
	struct atls_collateral *c = atls_collateral_new();
	enum atls_rc rc;

	*err = (struct atls_err){ 0 };
	rc = atls_source_get(s, c, &source_needs[need], 1, now, err);
	T(rc == err->rc && (rc == ATLS_OK) == src_has(c, &source_needs[need],
	    now), "%d: %d %d", need, (int)rc, (int)err->rc);
	atls_collateral_free(c);
	return rc;
}

static void
test_all(void)
{
	static const char *const paths[] = { PATH_TCB, PATH_QE, PATH_CRL,
	    PATH_ROOT };
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s = anew(NULL);
	struct atls_err err = { 0 };
	size_t i;

	T(atls_source_get(s, c, source_needs, NNEEDS, NOW, &err) == ATLS_OK,
	    "%s", err.detail);
	for (i = 0; i < NNEEDS; i++)
		T(src_has(c, &source_needs[i], NOW), "%s",
		    atls_item_name(source_needs[i].item));
	for (i = 0; i < NITEMS(paths); i++)
		T(httpd_count(w.h, paths[i]) == 1, "%s: %u", paths[i],
		    httpd_count(w.h, paths[i]));
	T(httpd_count(w.h, NULL) == NITEMS(paths), "%u",
	    httpd_count(w.h, NULL));
	T(strstr(said, PATH_TCB ": 3089 octets") != NULL, "%s", said);
	atls_collateral_free(c);

	/* another store, later: from memory */
	c = atls_collateral_new();
	T(atls_source_get(s, c, source_needs, NNEEDS, NOW + 86400, &err) ==
	    ATLS_OK && httpd_count(w.h, NULL) == NITEMS(paths), "%u",
	    httpd_count(w.h, NULL));
	T(atls_source_all(s, c, &err) == ATLS_OK, "%s", err.detail);
	atls_collateral_free(c);
	atls_source_free(s);
}

/* A chain alone comes with what carries it. */
static void
test_chain_alone(void)
{
	struct atls_err err;
	struct atls_collateral_source *s;
	struct httpd_page sgx = { PATH_QE_SGX, 200, w.qe_header, w.qe,
	    HTTPD_FINE };

	again();
	httpd_put(w.h, &sgx);
	s = anew(NULL);
	T(get(s, NEED_TCB_CHAIN, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(get(s, NEED_CRL_CHAIN, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(httpd_count(w.h, NULL) == 2, "%u", httpd_count(w.h, NULL));
	atls_source_free(s);
}

static void
test_cache(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;
	char dir[128], path[FILE_PATH_MAX];
	size_t i, n;
	int pass;

	(void)snprintf(dir, sizeof(dir), "%s/cache", w.dir);
	for (pass = 0; pass < 3; pass++) {
		again();
		if (pass > 0)		/* no network any more */
			httpd_free(w.h);
		s = anew(dir);
		for (i = 0; i < NNEEDS; i++)
			T(get(s, (int)i, NOW + pass * 86400, &err) == ATLS_OK,
			    "pass %d: %s: %s", pass,
			    atls_item_name(source_needs[i].item), err.detail);
		if (pass == 2) {
			/* to its own end, and not a second longer */
			T(get(s, NEED_TCB, 1752920162, &err) == ATLS_OK,
			    "last: %s", err.detail);
			T(get(s, NEED_TCB, 1752920163, &err) == ATLS_E_IO,
			    "beyond: %d %s", (int)err.rc, err.detail);
			T(strstr(err.detail, "again 2025-07-19T10:16:08Z") !=
			    NULL && strstr(err.detail, "127.0.0.1") != NULL,
			    "%s", err.detail);
		}
		atls_source_free(s);
		if (pass > 0 && (w.h = httpd_new()) == NULL)
			abort();
	}

	/* what is in the cache is not trusted */
	again();
	T(file_place(dir, &source_needs[NEED_TCB], path, &n, NULL) == ATLS_OK
	    && file_write(path, w.qe, NULL) == ATLS_OK, "%s", path);
	T(file_place(dir, &source_needs[NEED_CRL], path, &n, NULL) == ATLS_OK
	    && file_write(path, w.root, NULL) == ATLS_OK, "%s", path);
	s = anew(dir);
	T(get(s, NEED_TCB, NOW, &err) == ATLS_OK && get(s, NEED_CRL, NOW,
	    &err) == ATLS_OK && httpd_count(w.h, PATH_TCB) == 1 &&
	    httpd_count(w.h, PATH_CRL) == 1, "%s: %u %u", err.detail,
	    httpd_count(w.h, PATH_TCB), httpd_count(w.h, PATH_CRL));
	T(get(s, NEED_QE, NOW, &err) == ATLS_OK &&
	    httpd_count(w.h, PATH_QE) == 0, "the rest is still there");
	atls_source_free(s);
}

/* One fault each: the reason, how long it takes, who is spared. */
static void
test_faults(void)
{
	static const char redirect[] = "Location: http://127.0.0.1/else\r\n";
	static const struct {
		const char		*what, *why;
		int			 status;
		enum httpd_fault	 fault;
		enum atls_rc		 rc;
		bool			 host;	/* others are not asked */
	} rows[] = {
		{ "404", "HTTP 404", 404, HTTPD_FINE, ATLS_E_IO, false },
		{ "400", "HTTP 400", 400, HTTPD_FINE, ATLS_E_IO, false },
		{ "429", "HTTP 429", 429, HTTPD_FINE, ATLS_E_IO, true },
		{ "500", "HTTP 500", 500, HTTPD_FINE, ATLS_E_IO, true },
		{ "503", "HTTP 503", 503, HTTPD_FINE, ATLS_E_IO, true },
		{ "206", "HTTP 206", 206, HTTPD_FINE, ATLS_E_IO, false },
		{ "301", "redirects are refused", 301, HTTPD_FINE, ATLS_E_IO,
		    false },
		{ "302", "redirects are refused", 302, HTTPD_FINE, ATLS_E_IO,
		    false },
		{ "307", "redirects are refused", 307, HTTPD_FINE, ATLS_E_IO,
		    false },
		{ "hang", "timed out", 200, HTTPD_HANG, ATLS_E_TIMEOUT,
		    true },
		{ "trickle", "timed out", 200, HTTPD_TRICKLE, ATLS_E_TIMEOUT,
		    true },
		{ "cut", "answer ended early", 200, HTTPD_CUT, ATLS_E_TRUNC,
		    false },
		{ "cut without a length", "intel", 200, HTTPD_CUT_PLAIN,
		    ATLS_E_FORMAT, false },
		{ "dropped", "answer ended early", 200, HTTPD_DROP,
		    ATLS_E_TRUNC, true },
		{ "endless", "answer too large", 200, HTTPD_ENDLESS,
		    ATLS_E_LIMIT, false },
		{ "garbage", "", 200, HTTPD_GARBAGE, ATLS_E_IO, true },
		{ "endless headers", "", 200, HTTPD_HEADERS, ATLS_E_IO,
		    false },
	};
	struct httpd_page page = { .path = PATH_TCB };
	struct atls_collateral_source *s;
	struct timespec a, b;
	struct atls_err err;
	enum atls_rc rc;
	size_t i, k;

	for (i = 0; i < NITEMS(rows); i++) {
		again();
		s = anew(NULL);
		page.status = rows[i].status;
		page.headers = page.status / 100 == 3 ? redirect :
		    w.tcb_header;
		page.body = w.tcb;
		page.fault = rows[i].fault;
		httpd_put(w.h, &page);
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		rc = get(s, NEED_TCB, NOW, &err);
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		T(rc == rows[i].rc && strstr(err.detail, rows[i].why) != NULL,
		    "%s: %d %s", rows[i].what, (int)rc, err.detail);
		T(b.tv_sec - a.tv_sec <= 3, "%s: %ld s", rows[i].what,
		    (long)(b.tv_sec - a.tv_sec));
		T(strstr(err.detail, "; again 2025-07-04T09:00:05Z; 127.0.0.1")
		    != NULL, "%s: %s", rows[i].what, err.detail);
		T(strstr(said, w.base) != NULL && strstr(said, PATH_TCB) !=
		    NULL, "%s: log: %s", rows[i].what, said);

		/* nobody asks again before that, but for another thing if
		 * only this one is broken */
		for (k = 0; k < 20; k++)
			T(get(s, NEED_TCB, NOW + (k > 4 ? 4 : (int)k), &err) ==
			    rows[i].rc, "%s: %s", rows[i].what, err.detail);
		T(httpd_count(w.h, NULL) == 1, "%s: asked %u times",
		    rows[i].what, httpd_count(w.h, NULL));
		rc = get(s, NEED_QE, NOW + 1, &err);
		T((rc == ATLS_OK) == !rows[i].host && (httpd_count(w.h,
		    PATH_QE) == 0) == rows[i].host, "%s: another: %d %s",
		    rows[i].what, (int)rc, err.detail);

		/* and it heals */
		source_world_serve(&w);
		T(get(s, NEED_TCB, NOW + 5, &err) == ATLS_OK &&
		    httpd_count(w.h, PATH_TCB) == 2, "%s: healed: %s",
		    rows[i].what, err.detail);
		T(get(s, NEED_QE, NOW + 5, &err) == ATLS_OK, "%s: healed: %s",
		    rows[i].what, err.detail);
		T(httpd_count(w.h, "/else") == 0, "redirected");
		atls_source_free(s);
	}
}

/* 200, and not what it should be. */
static void
test_answers(void)
{
	static char large[9000], two[8200];
	struct atls_bytes other = source_vector("tdx/collateral/"
	    "tcb-tdx-90c06f000000-20250605-e17-v3.json");
	const struct {
		const char		*what, *where, *headers;
		struct atls_bytes	 body;
		int			 need;
		enum atls_rc		 rc;
	} rows[] = {
		{ "of another FMSPC", "source.net.other", w.tcb_header, other,
		    NEED_TCB, ATLS_E_FORMAT },
		{ "of another kind", "intel", w.tcb_header, w.qe, NEED_TCB,
		    ATLS_E_FORMAT },
		{ "without chain", "source.net.chain", "", w.tcb, NEED_TCB,
		    ATLS_E_FORMAT },
		{ "with an empty chain", "", "TCB-Info-Issuer-Chain:\r\n",
		    w.tcb, NEED_TCB, ATLS_E_LIMIT },
		{ "with a chain that is none", "intel",
		    "TCB-Info-Issuer-Chain: %00%ff\r\n", w.tcb, NEED_TCB,
		    ATLS_E_FORMAT },
		{ "with two chains", "two", two, w.tcb, NEED_TCB,
		    ATLS_E_FORMAT },
		{ "with a chain of another CA", "", w.qe_header, w.crl,
		    NEED_CRL, ATLS_E_FORMAT },
		{ "no CRL", "", w.crl_header, w.ca, NEED_CRL, ATLS_E_FORMAT },
		{ "CRL of another CA", "intel", w.crl_header, w.root, NEED_CRL,
		    ATLS_E_UNKNOWN },
		{ "empty", "empty answer", w.tcb_header,
		    { (const uint8_t *)"", 0 }, NEED_TCB, ATLS_E_TRUNC },
	};
	struct httpd_page page = { .status = 200 };
	struct atls_collateral_source *s;
	struct atls_err err;
	char dir[128], path[FILE_PATH_MAX];
	struct atls_buf b;
	size_t i, n;

	(void)snprintf(two, sizeof(two), "%s%s", w.tcb_header, w.tcb_header);
	memset(large, 'A', sizeof(large) - 1);
	(void)snprintf(dir, sizeof(dir), "%s/answers", w.dir);
	for (i = 0; i < NITEMS(rows); i++) {
		again();
		s = anew(dir);
		page.path = rows[i].need == NEED_TCB ? PATH_TCB : PATH_CRL;
		page.headers = rows[i].headers;
		page.body = rows[i].body;
		httpd_put(w.h, &page);
		T(get(s, rows[i].need, NOW, &err) == rows[i].rc &&
		    strstr(err.detail, rows[i].where) != NULL, "%s: %d %s",
		    rows[i].what, (int)err.rc, err.detail);
		T(file_place(dir, &source_needs[rows[i].need], path, &n,
		    NULL) == ATLS_OK && file_read(path, ATLS_ITEM_MAX, &b,
		    NULL) != ATLS_OK, "%s: cached", rows[i].what);
		atls_source_free(s);
		source_rmdir(dir);
	}
	again();
	drop(other);
}

static void
test_retry_after(void)
{
	static const struct {
		const char	*header;
		int		 status;
		uint32_t	 chance;
		int64_t		 pause;
	} rows[] = {
		{ "", 429, 0, 5 },
		{ "", 429, 5, 10 },
		{ "", 429, 0xffffffff, 8 },	/* 2^32 - 1 modulo 6 is 3 */
		{ "Retry-After: 120\r\n", 429, 0, 120 },
		{ "retry-after:   120  \r\n", 429, 0, 120 },
		{ "Retry-After: 120\r\n", 429, 15, 135 },
		{ "Retry-After: 120\r\n", 503, 0, 120 },
		{ "Retry-After: 120\r\n", 404, 0, 120 },
		{ "Retry-After: 0\r\n", 429, 0, 5 },
		{ "Retry-After: 2\r\n", 429, 0, 5 },
		{ "Retry-After: 864000\r\n", 429, 0, 86400 },
		{ "Retry-After: 99999999999999999999\r\n", 429, 0, 86400 },
		{ "Retry-After: Fri, 04 Jul 2025 09:10:00 GMT\r\n", 429, 0,
		    600 },
		{ "Retry-After: Fri, 04 Jul 2025 08:10:00 GMT\r\n", 429, 0,
		    5 },
		{ "Retry-After: soon\r\n", 429, 0, 5 },
		{ "Retry-After: -5\r\n", 429, 0, 5 },
		{ "Retry-After: 12x\r\n", 429, 0, 5 },
		{ "Retry-After:\r\n", 429, 0, 5 },
	};
	struct httpd_page page = { .path = PATH_TCB };
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		again();
		s = anew(NULL);
		page.status = rows[i].status;
		page.headers = rows[i].header;
		httpd_put(w.h, &page);
		chance = rows[i].chance;
		T(get(s, NEED_TCB, NOW, &err) == ATLS_E_IO, "%s",
		    rows[i].header);
		T(get(s, NEED_TCB, NOW + rows[i].pause - 1, &err) ==
		    ATLS_E_IO && httpd_count(w.h, PATH_TCB) == 1,
		    "'%s': asked too early", rows[i].header);
		T(get(s, NEED_TCB, NOW + rows[i].pause, &err) == ATLS_E_IO &&
		    httpd_count(w.h, PATH_TCB) == 2, "'%s': not asked: %s",
		    rows[i].header, err.detail);
		atls_source_free(s);
	}
}

/* Somebody who asks each second, for a day: how often does it reach a server
 * that is down?  Also over restarts. */
static void
test_back_off(void)
{
	struct httpd_page page = { PATH_TCB, 500, "", { NULL, 0 },
	    HTTPD_FINE };
	struct atls_collateral_source *s;
	struct atls_err err;
	char dir[128];
	unsigned n;
	int64_t t;

	again();
	s = anew(NULL);
	httpd_put(w.h, &page);
	for (t = 0; t < 3600; t++)
		(void)get(s, NEED_TCB, NOW + t, &err);
	n = httpd_count(w.h, NULL);
	/* at 0, 5, 15, 35, 75, 155, 315, 635, 1275, 2555 */
	T(n == 10, "%u requests in an hour", n);
	for (; t < 86400; t += 10)
		(void)get(s, NEED_TCB, NOW + t, &err);
	n = httpd_count(w.h, NULL);
	/* from then on one each 1800 seconds */
	T(n >= 10 + 45 && n <= 10 + 48, "%u requests in a day", n);
	/* a clock that was set back */
	(void)get(s, NEED_TCB, NOW - 1000000, &err);
	T(httpd_count(w.h, NULL) == n + 1, "not asked: %s", err.detail);
	atls_source_free(s);

	(void)snprintf(dir, sizeof(dir), "%s/restarts", w.dir);
	again();
	httpd_put(w.h, &page);
	for (t = 0; t < 120; t++) {
		s = anew(dir);
		T(get(s, NEED_TCB, NOW + t, &err) == ATLS_E_IO &&
		    strstr(err.detail, "HTTP 500") != NULL, "%s", err.detail);
		atls_source_free(s);
	}
	n = httpd_count(w.h, NULL);
	T(n == 5, "%u requests over 120 restarts", n);

	/* a clock that was set back */
	s = anew(dir);
	(void)get(s, NEED_TCB, NOW - 1000000, &err);
	T(httpd_count(w.h, NULL) == n + 1, "not asked: %s", err.detail);
	atls_source_free(s);
}

/* A host that answered is a good one again: its next failure is the first. */
static void
test_forgiven(void)
{
	struct httpd_page page = { PATH_TCB, 503, "", { NULL, 0 },
	    HTTPD_FINE };
	struct atls_collateral_source *s;
	struct atls_err err;

	again();
	httpd_put(w.h, &page);
	s = anew(NULL);
	T(get(s, NEED_TCB, NOW, &err) == ATLS_E_IO, "%s", err.detail);
	T(get(s, NEED_QE, NOW + 5, &err) == ATLS_OK, "%s", err.detail);
	page.path = PATH_CRL;
	httpd_put(w.h, &page);
	T(get(s, NEED_CRL, NOW + 5, &err) == ATLS_E_IO, "%s", err.detail);
	T(get(s, NEED_ROOT, NOW + 9, &err) == ATLS_E_IO &&
	    httpd_count(w.h, PATH_ROOT) == 0, "%s", err.detail);
	T(get(s, NEED_ROOT, NOW + 10, &err) == ATLS_OK, "%s", err.detail);
	atls_source_free(s);
}

struct asking {
	struct atls_collateral_source	*s;
	struct atls_collateral		*c;
	enum atls_rc			 rc;
	struct atls_err			 err;
};

static void *
ask(void *arg)
{
	struct asking *a = arg;

	a->rc = atls_source_get(a->s, a->c, &source_needs[NEED_TCB], 1, NOW,
	    &a->err);
	return NULL;
}

#define THREADS	8

static void
test_single_flight(void)
{
	struct httpd_page page = { PATH_TCB, 200, w.tcb_header, w.tcb,
	    HTTPD_SLOW };
	struct asking a[THREADS];
	pthread_t t[THREADS];
	struct atls_collateral_source *s;
	size_t i;
	int bad;

	for (bad = 0; bad < 2; bad++) {
		again();
		s = anew(NULL);
		page.status = bad ? 500 : 200;
		httpd_put(w.h, &page);
		for (i = 0; i < THREADS; i++) {
			a[i] = (struct asking){ .s = s,
			    .c = atls_collateral_new() };
			if (pthread_create(&t[i], NULL, ask, &a[i]) != 0)
				abort();
		}
		for (i = 0; i < THREADS; i++) {
			(void)pthread_join(t[i], NULL);
			T(a[i].rc == (bad ? ATLS_E_IO : ATLS_OK) &&
			    src_has(a[i].c, &source_needs[NEED_TCB], NOW) ==
			    !bad, "thread %zu: %d %s", i, (int)a[i].rc,
			    a[i].err.detail);
			atls_collateral_free(a[i].c);
		}
		T(httpd_count(w.h, PATH_TCB) == 1, "%u requests",
		    httpd_count(w.h, PATH_TCB));
		atls_source_free(s);
	}
}

/* Renewal ahead of the end, and what becomes of it if it fails. */
static void
test_refresh(void)
{
	struct httpd_page page = { PATH_CRL, 500, "", { NULL, 0 },
	    HTTPD_FINE };
	struct atls_bytes old = source_vector("tdx/collateral/"
	    "crl-platform-20250604.der");	/* to 2025-07-04T09:19:31Z */
	const struct atls_need *need = &source_needs[NEED_CRL];
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	int64_t issued, until;

	again();
	s = anew(NULL);
	page.status = 200;
	page.headers = w.crl_header;
	page.body = old;
	httpd_put(w.h, &page);
	T(atls_source_get(s, c, need, 1, 1750000000, &err) == ATLS_OK, "%s",
	    err.detail);
	/* more than a quarter of its life is left */
	T(atls_source_refresh(s, c, 1750000000, &err) == ATLS_OK &&
	    httpd_count(w.h, PATH_CRL) == 1, "%s", err.detail);
	/* less, and the server has no newer one: asked each hour at most */
	T(atls_source_refresh(s, c, NOW - 86400, &err) == ATLS_OK &&
	    httpd_count(w.h, PATH_CRL) == 2, "%d %s", (int)err.rc,
	    err.detail);
	T(atls_source_refresh(s, c, NOW - 86400 + 1000, NULL) == ATLS_OK &&
	    httpd_count(w.h, PATH_CRL) == 2, "asked within the hour");
	T(atls_source_refresh(s, c, NOW - 86400 + 3600, NULL) == ATLS_OK &&
	    httpd_count(w.h, PATH_CRL) == 3, "not asked after an hour");
	/* it fails: told, while the old one serves on */
	page.status = 500;
	httpd_put(w.h, &page);
	T(atls_source_refresh(s, c, NOW - 3600, &err) == ATLS_E_IO &&
	    strstr(err.detail, "HTTP 500") != NULL, "%d %s", (int)err.rc,
	    err.detail);
	T(src_has(c, need, NOW - 3600), "still there");
	err = (struct atls_err){ 0 };
	T(atls_source_get(s, c, need, 1, NOW - 3600, &err) == ATLS_OK, "%s",
	    err.detail);
	/* and then there is a newer one */
	source_world_serve(&w);
	T(atls_source_refresh(s, c, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(atls_collateral_dates(c, need, &issued, &until) == 1 &&
	    issued == 1750327235, "%lld", (long long)issued);
	atls_source_free(s);
	atls_collateral_free(c);
	again();
	drop(old);
}

/* What a server has in stock may be over already. */
static void
test_expired_at_source(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;

	again();
	s = anew(NULL);
	T(get(s, NEED_TCB, SOURCE_END, &err) == ATLS_E_STALE &&
	    strstr(err.detail, "expired when it came") != NULL, "%d %s",
	    (int)err.rc, err.detail);
	T(get(s, NEED_TCB, SOURCE_END + 4, &err) == ATLS_E_STALE &&
	    httpd_count(w.h, PATH_TCB) == 1, "asked again at once");
	atls_source_free(s);
}

static void
test_hostile_keys(void)
{
	static const struct atls_need needs[] = {
		{ ATLS_TCB_INFO, "tdx:b0c06f00000" },
		{ ATLS_TCB_INFO, "tdx:b0c06f0000000" },
		{ ATLS_TCB_INFO, "tdx:B0C06F000000" },
		{ ATLS_TCB_INFO, "tdx:../../../../x" },
		{ ATLS_TCB_INFO, "tdx:b0c06f00000&" },
		{ ATLS_TCB_INFO, "tdx:" }, { ATLS_TCB_INFO, "tdx" },
		{ ATLS_TCB_INFO, "tdy:b0c06f000000" }, { ATLS_TCB_INFO, "" },
		{ ATLS_TCB_INFO_EARLY, "sgx:b0c06f00000 " },
		{ ATLS_QE_IDENTITY, "qve" }, { ATLS_QE_IDENTITY, "tdx:1" },
		{ ATLS_PCK_CRL, "platform&a=b" }, { ATLS_PCK_CRL, "" },
		{ ATLS_VLEK, "?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=115" },
		{ ATLS_VCEK, "?blSPL=3" }, { ATLS_VCEK, "" },
		{ ATLS_VCEK, "00112233445566778?blSPL=3" },
		{ ATLS_VCEK, "0011223344556677" },
		{ ATLS_VCEK, "0011223344556677?" },
		{ ATLS_VCEK, "0011223344556677?blSPL=3#x" },
		{ ATLS_VCEK, "0011223344556677/../?blSPL=3" },
		{ ATLS_VCEK, "001122334455667G?blSPL=3" },
		{ ATLS_ASK, "rome" }, { ATLS_ASK, "milan/.." },
		{ ATLS_ASK, "milan:" }, { ATLS_ASK, "milan:vcek" },
		{ ATLS_ARK, "" }, { ATLS_AMD_CRL, "Milan" },
		{ ATLS_ITEM_NONE, "" }, { ATLS_NITEMS, "" },
	};
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;

	again();
	s = anew(NULL);
	for (i = 0; i < NITEMS(needs); i++) {
		err = (struct atls_err){ 0 };
		T(atls_source_get(s, c, &needs[i], 1, NOW, &err) ==
		    ATLS_E_UNKNOWN, "%d '%s': %d %s", (int)needs[i].item,
		    needs[i].key, (int)err.rc, err.detail);
	}
	T(httpd_count(w.h, NULL) == 0, "%u requests", httpd_count(w.h, NULL));
	atls_source_free(s);
	atls_collateral_free(c);
}

static void
test_conf(void)
{
	static const struct {
		const char	*what;
		struct atls_source_net conf;
		enum atls_rc	 rc;
	} rows[] = {
		{ "as it is", { .random = give }, ATLS_OK },
		{ "without chance", { .timeout = 1 }, ATLS_E_ARG },
		{ "patient", { .random = give, .timeout = 600 }, ATLS_OK },
		{ "too patient", { .random = give, .timeout = 601 },
		    ATLS_E_ARG },
		{ "https", { .random = give, .pcs = "https://a:8081/" },
		    ATLS_OK },
		{ "http", { .random = give, .pcs = "http://a" },
		    ATLS_E_CONF },
		{ "http, for AMD", { .random = give, .kds = "http://a" },
		    ATLS_E_CONF },
		{ "http, for the root", { .random = give,
		    .root_crl = "http://a" }, ATLS_E_CONF },
		{ "http is meant", { .random = give, .pcs = "http://a",
		    .insecure_http = true }, ATLS_OK },
		{ "ftp", { .random = give, .pcs = "ftp://a",
		    .insecure_http = true }, ATLS_E_CONF },
		{ "file", { .random = give, .pcs = "file:///etc",
		    .insecure_http = true }, ATLS_E_CONF },
		{ "no URL", { .random = give, .pcs = "" }, ATLS_E_CONF },
		{ "a password", { .random = give, .pcs = "https://a:b@c" },
		    ATLS_E_CONF },
		{ "a space", { .random = give, .pcs = "https://a b" },
		    ATLS_E_CONF },
		{ "a fragment", { .random = give, .pcs = "https://a#" },
		    ATLS_E_CONF },
		{ "no cache to be had", { .random = give,
		    .cache = "/nonexistent/cache" }, ATLS_E_IO },
	};
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		err = (struct atls_err){ 0 };
		s = atls_source_network(&rows[i].conf, &err);
		T((s != NULL) == (rows[i].rc == ATLS_OK) && err.rc ==
		    rows[i].rc, "%s: %d %s", rows[i].what, (int)err.rc,
		    err.detail);
		atls_source_free(s);
	}
	T(atls_source_network(NULL, NULL) == NULL, "nothing");
}

/* What the environment says of proxies is not for us. */
static void
test_environment(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;

	again();
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	s = anew(NULL);
	T(get(s, NEED_TCB, NOW, &err) == ATLS_OK, "%s", err.detail);
	atls_source_free(s);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
}

/* A PCCS sends the root's CRL in hex. */
static void
test_hex(void)
{
	static char hex_text[2048];
	struct httpd_page page = { PATH_ROOT, 200, "",
	    { (uint8_t *)hex_text, 0 }, HTTPD_FINE };
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;
	int upper;

	for (upper = 0; upper < 2; upper++) {
		again();
		for (i = 0; i < w.root.len; i++)
			(void)sprintf(hex_text + 2 * i, upper ? "%02X" :
			    "%02x", w.root.p[i]);
		page.body.len = 2 * w.root.len;
		httpd_put(w.h, &page);
		s = anew(NULL);
		T(get(s, NEED_ROOT, NOW, &err) == ATLS_OK, "%d: %s", upper,
		    err.detail);
		atls_source_free(s);
	}
	again();
	page.body.len--;
	httpd_put(w.h, &page);
	s = anew(NULL);
	T(get(s, NEED_ROOT, NOW, &err) == ATLS_E_FORMAT, "odd: %s",
	    err.detail);
	atls_source_free(s);
}

static void
test_amd(void)
{
	static char milan[512], genoa[512];
	struct atls_bytes vcek = source_vector(
	    "snp/certs/virtee-milan-vcek.der");
	struct atls_bytes ask = source_vector("snp/anchors/sev-genoa.pem");
	struct atls_bytes ark = source_vector("snp/anchors/ark-genoa.pem");
	struct atls_bytes both = joined(ask, ark);
	struct atls_need need[3] = { { .item = ATLS_VCEK },
	    { ATLS_ASK, "genoa" }, { ATLS_ARK, "genoa" } };
	struct httpd_page page[] = {
		{ genoa, 200, "", vcek, HTTPD_FINE },
		{ "/vcek/v1/Genoa/cert_chain", 200, "", both, HTTPD_FINE },
		{ "/vcek/v1/Milan/cert_chain", 200, "", both, HTTPD_FINE },
	};
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	int64_t issued;
	size_t i;

	again();
	s = anew(NULL);
	T(src_identify(ATLS_VCEK, vcek, &need[0], &issued, &err) == ATLS_OK,
	    "%s", err.detail);
	(void)snprintf(milan, sizeof(milan), "/vcek/v1/Milan/%s", need[0].key);
	(void)snprintf(genoa, sizeof(genoa), "/vcek/v1/Genoa/%s", need[0].key);
	for (i = 0; i < NITEMS(page); i++)
		httpd_put(w.h, &page[i]);
	/* the name of a chip does not say which product: both are tried */
	T(atls_source_get(s, c, need, 1, NOW, &err) == ATLS_OK &&
	    src_has(c, &need[0], NOW), "%s", err.detail);
	T(httpd_count(w.h, milan) == 1 && httpd_count(w.h, genoa) == 1,
	    "%u %u", httpd_count(w.h, milan), httpd_count(w.h, genoa));
	T(atls_source_get(s, c, need, 3, NOW, &err) == ATLS_OK, "%s",
	    err.detail);
	T(httpd_count(w.h, NULL) == 3, "%u", httpd_count(w.h, NULL));
	(void)strcpy(need[1].key, "milan");
	T(atls_source_get(s, c, &need[1], 1, NOW, &err) == ATLS_E_FORMAT,
	    "another product's: %s", err.detail);
	err = (struct atls_err){ 0 };
	need[2] = (struct atls_need){ ATLS_AMD_CRL, "turin" };
	T(atls_source_get(s, c, &need[2], 1, NOW, &err) == ATLS_E_IO &&
	    httpd_count(w.h, "/vcek/v1/Turin/crl") == 1, "%s", err.detail);
	atls_source_free(s);
	atls_collateral_free(c);
	again();
	drop(vcek);
	drop(ask);
	drop(ark);
	drop(both);
}

int
main(void)
{
	source_world_make(&w);
	test_all();
	test_chain_alone();
	test_cache();
	test_faults();
	test_answers();
	test_retry_after();
	test_back_off();
	test_forgiven();
	test_single_flight();
	test_refresh();
	test_expired_at_source();
	test_hostile_keys();
	test_conf();
	test_environment();
	test_hex();
	test_amd();
	source_world_free(&w);
	return t_end("t_source_net");
}
