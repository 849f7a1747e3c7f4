/* SPDX-License-Identifier: Apache-2.0 */
/* The network source, against a server of our own that misbehaves. */
#include <pthread.h>
#include <time.h>

#include "../collateral/file.h"
#include "source_net.h"

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
		source_world_again(&w);
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
		source_world_again(&w);
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
	source_world_again(&w);
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
		source_world_again(&w);
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

	source_world_again(&w);
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
	source_world_again(&w);
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

	source_world_again(&w);
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
		source_world_again(&w);
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

	source_world_again(&w);
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
	source_world_again(&w);
	drop(old);
}

/* What a server has in stock may be over already. */
static void
test_expired_at_source(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;

	source_world_again(&w);
	s = anew(NULL);
	T(get(s, NEED_TCB, SOURCE_END, &err) == ATLS_E_STALE &&
	    strstr(err.detail, "expired when it came") != NULL, "%d %s",
	    (int)err.rc, err.detail);
	T(get(s, NEED_TCB, SOURCE_END + 4, &err) == ATLS_E_STALE &&
	    httpd_count(w.h, PATH_TCB) == 1, "asked again at once");
	atls_source_free(s);
}

int
main(void)
{
	source_world_make(&w);
	test_faults();
	test_answers();
	test_retry_after();
	test_back_off();
	test_forgiven();
	test_single_flight();
	test_refresh();
	test_expired_at_source();
	source_world_free(&w);
	return t_end("t_source_net");
}
