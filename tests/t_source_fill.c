/* SPDX-License-Identifier: Apache-2.0 */
/* From evidence to a verdict, through a source. */
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>

#include "../collateral/src.h"
#include "heap.h"
#include "source_use.h"
#include "t.h"

#define NOW	SOURCE_NOW

static struct source_world w;
static struct atls_bytes quote;
static struct atls_evidence *ev;
static struct atls_policy *policy;

static uint32_t
give(void *arg)
{
	(void)arg;
	return 0;
}

static struct atls_collateral_source *
network(const char *cache, bool early)
{
	struct atls_source_net conf = { .pcs = w.base, .kds = w.base,
	    .cache = cache, .timeout = 2, .early = early,
	    .insecure_http = true, .random = give };
	struct atls_err err = { 0 };
	struct atls_collateral_source *s = atls_source_network(&conf, &err);

	T(s != NULL, "%s", err.detail);
	return s;
}

static enum atls_verdict
verdict(struct atls_collateral *c, int64_t now, struct atls_err *why)
{
	struct atls_question q = { .kind = ATLS_KIND_TDX, .raw = quote,
	    .now = now, .collateral = c };
	struct atls_buf scratch = { malloc(2 * quote.len), 2 * quote.len, 0 };
	struct atls_result *r = malloc(sizeof(*r));
	enum atls_verdict v;

	if (scratch.p == NULL || r == NULL)
		abort();
	v = atls_insecure_appraise_unbound(policy, &q, &scratch, r);
	*why = r->why;
	free(scratch.p);
	free(r);
	return v;
}

static void
test_network(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_need need[ATLS_NEEDS_MAX];
	struct atls_collateral_source *s = network(NULL, false);
	struct atls_err err = { 0 };

	T(verdict(c, NOW, &err) == ATLS_VERDICT_REJECT, "nothing is there");
	err = (struct atls_err){ 0 };
	T(atls_source_fill(s, c, ev, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(atls_collateral_missing(c, ev, NOW, need) == 0, "all is there");
	T(httpd_count(w.h, NULL) == 4 && httpd_count(w.h, PATH_EARLY) == 0,
	    "%u requests", httpd_count(w.h, NULL));
	T(verdict(c, NOW, &err) == ATLS_VERDICT_ACCEPT, "%s: %s", err.where,
	    err.detail);
	T(atls_source_fill(s, c, ev, NOW, NULL) == ATLS_OK &&
	    httpd_count(w.h, NULL) == 4, "asked without need");
	err = (struct atls_err){ 0 };
	T(atls_source_fill(s, c, ev, SOURCE_END, &err) == ATLS_E_STALE &&
	    strstr(err.detail, "expired when it came") != NULL, "%d %s",
	    (int)err.rc, err.detail);
	T(verdict(c, SOURCE_END, &err) == ATLS_VERDICT_REJECT,
	    "it went on beyond its end");
	atls_source_free(s);
	atls_collateral_free(c);
}

/* The outage of a service, over the whole life of what was fetched. */
static void
test_outage(void)
{
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	struct atls_err err;
	char dir[128];
	int64_t t;

	(void)snprintf(dir, sizeof(dir), "%s/outage", w.dir);
	source_world_again(&w);
	c = atls_collateral_new();
	s = network(dir, false);
	T(atls_source_fill(s, c, ev, NOW, NULL) == ATLS_OK, "fetched");
	atls_source_free(s);
	atls_collateral_free(c);
	httpd_free(w.h);			/* and from here on nobody */
	for (t = NOW; t < 1752919234; t += 12 * 3600) {
		c = atls_collateral_new();
		s = network(dir, false);
		err = (struct atls_err){ 0 };
		T(atls_source_fill(s, c, ev, t, &err) == ATLS_OK, "%lld: %s",
		    (long long)t, err.detail);
		T(verdict(c, t, &err) == ATLS_VERDICT_ACCEPT, "%lld: %s: %s",
		    (long long)t, err.where, err.detail);
		atls_source_free(s);
		atls_collateral_free(c);
	}
	if ((w.h = httpd_new()) == NULL)
		abort();
}

/* What is to come: asked for if wanted, and no failure if it fails. */
static void
test_early(void)
{
	struct httpd_page page = { PATH_EARLY, 500, "", { NULL, 0 },
	    HTTPD_FINE };
	const struct atls_need early = { ATLS_TCB_INFO_EARLY,
	    "tdx:b0c06f000000" };
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	int bad;

	for (bad = 0; bad < 2; bad++) {
		source_world_again(&w);
		if (bad)
			httpd_put(w.h, &page);
		c = atls_collateral_new();
		s = network(NULL, true);
		T(atls_source_fill(s, c, ev, NOW, &err) == ATLS_OK, "%s",
		    err.detail);
		T(httpd_count(w.h, PATH_EARLY) == 1, "%u",
		    httpd_count(w.h, PATH_EARLY));
		T(src_has(c, &early, NOW) == !bad, "%d", bad);
		T(verdict(c, NOW, &err) == ATLS_VERDICT_ACCEPT, "%s",
		    err.detail);
		(void)snprintf(err.detail, sizeof(err.detail), "-");
		T(atls_source_fill(s, c, ev, NOW + 1, &err) == ATLS_OK &&
		    httpd_count(w.h, PATH_EARLY) == 1, "asked at each turn");
		atls_source_free(s);
		atls_collateral_free(c);
	}
}

/* The service sends what nobody signed: well formed, so it is taken, and the
 * verdict finds it out.  Then what was kept of it must not stay. */
static void
test_wrong_signature(void)
{
	struct httpd_page page = { PATH_TCB, 200, w.tcb_header, { NULL, 0 },
	    HTTPD_FINE };
	struct atls_bytes bad = copy(w.tcb);
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	char dir[128];
	char *digit = strstr((char *)(uintptr_t)bad.p, "\"pcesvn\":");

	(void)snprintf(dir, sizeof(dir), "%s/wrong", w.dir);
	source_world_again(&w);
	T(digit != NULL, "a number to alter");
	digit[9] = digit[9] == '1' ? '2' : '1';
	page.body = bad;
	httpd_put(w.h, &page);
	s = network(dir, false);
	T(atls_source_fill(s, c, ev, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(verdict(c, NOW, &err) == ATLS_VERDICT_REJECT &&
	    err.rc == ATLS_E_SIG, "%d %s: %s", (int)err.rc, err.where,
	    err.detail);
	/* at once: not asked again for a minute, and no bad one either */
	err = (struct atls_err){ 0 };
	T(atls_source_again(s, c, ev, NOW + 1, &err) == ATLS_E_STALE &&
	    httpd_count(w.h, PATH_TCB) == 1, "%d %s", (int)err.rc,
	    err.detail);
	/* later, and bad once more */
	T(atls_source_again(s, c, ev, NOW + 60, NULL) == ATLS_OK &&
	    httpd_count(w.h, PATH_TCB) == 2, "%u",
	    httpd_count(w.h, PATH_TCB));
	T(verdict(c, NOW + 60, &err) == ATLS_VERDICT_REJECT &&
	    err.rc == ATLS_E_SIG, "%d %s", (int)err.rc, err.detail);
	/* and at last it heals */
	source_world_serve(&w);
	err = (struct atls_err){ 0 };
	T(atls_source_again(s, c, ev, NOW + 120, &err) == ATLS_OK &&
	    httpd_count(w.h, PATH_TCB) == 3, "%s", err.detail);
	T(verdict(c, NOW + 120, &err) == ATLS_VERDICT_ACCEPT, "%s: %s",
	    err.where, err.detail);
	atls_source_free(s);

	/* the cache has the good one */
	atls_collateral_free(c);
	c = atls_collateral_new();
	s = network(dir, false);
	T(atls_source_fill(s, c, ev, NOW + 121, NULL) == ATLS_OK &&
	    httpd_count(w.h, PATH_TCB) == 3, "from the cache");
	T(verdict(c, NOW + 121, &err) == ATLS_VERDICT_ACCEPT, "%s: %s",
	    err.where, err.detail);
	atls_source_free(s);
	atls_collateral_free(c);
	source_world_again(&w);
	drop(bad);
}

static void
test_folder_and_bundle(void)
{
	struct atls_collateral *c, *all = source_store(&w);
	struct atls_collateral_source *s[2];
	struct atls_bytes private, public;
	struct atls_buf out = { malloc(1 << 20), 1 << 20, 0 };
	struct atls_err err = { 0 };
	char dir[128];
	int i;

	(void)snprintf(dir, sizeof(dir), "%s/folder", w.dir);
	T(atls_source_save(all, dir, &err) == ATLS_OK, "%s", err.detail);
	source_key("ED25519", &private, &public);
	T(atls_bundle_write(all, private, NOW, &out, &err) == ATLS_OK, "%s",
	    err.detail);
	s[0] = atls_source_folder(dir, &err);
	s[1] = atls_source_bundle((struct atls_bytes){ out.p, out.len },
	    public, NOW, 0, NULL, &err);
	for (i = 0; i < 2; i++) {
		c = atls_collateral_new();
		err = (struct atls_err){ 0 };
		T(s[i] != NULL && atls_source_fill(s[i], c, ev, NOW, &err) ==
		    ATLS_OK, "%d: %s", i, err.detail);
		T(verdict(c, NOW, &err) == ATLS_VERDICT_ACCEPT, "%d: %s: %s",
		    i, err.where, err.detail);
		T(atls_source_again(s[i], c, ev, NOW, NULL) == ATLS_OK,
		    "%d: there is nothing to forget", i);
		T(atls_source_refresh(s[i], c, NOW, NULL) == ATLS_OK, "%d",
		    i);
		err = (struct atls_err){ 0 };
		T(atls_source_fill(s[i], c, ev, SOURCE_END, &err) ==
		    ATLS_E_IO, "%d: beyond: %s", i, err.detail);
		atls_source_free(s[i]);
		atls_collateral_free(c);
	}
	atls_collateral_free(all);
	free(out.p);
	drop(private);
	drop(public);
}

/* What runs in it, exactly; all else as it is. */
static struct atls_policy *
pinned(void)
{
	const struct atls_claim *mrtd = atls_evidence_claim(ev, "tdx.mrtd");
	struct atls_err err = { 0 };
	struct atls_policy *p;
	char policy_text[512];
	size_t i, n;

	n = (size_t)snprintf(policy_text, sizeof(policy_text), "kind tdx\n"
	    "anchor builtin:intel-sgx-root\nignore tdx.*\n"
	    "tcb-status UpToDate\ntdx.mrtd ");
	for (i = 0; mrtd != NULL && i < mrtd->bytes.len; i++)
		n += (size_t)snprintf(policy_text + n, sizeof(policy_text) -
		    n, "%02x", mrtd->bytes.p[i]);
	p = atls_policy_parse((struct atls_bytes){ (uint8_t *)policy_text, n },
	    NULL, NULL, &err);
	T(p != NULL, "%s", err.detail);
	return p;
}

int
main(void)
{
	struct atls_err err = { 0 };

	source_world_make(&w);
	quote = source_vector("tdx/quotes/phala-tdx-v4.bin");
	if ((ev = malloc(sizeof(*ev))) == NULL)
		abort();
	struct atls_buf scratch = { malloc(quote.len), quote.len, 0 };
	T(atls_evidence_parse(ev, ATLS_KIND_TDX, quote, &scratch, &err) ==
	    ATLS_OK, "%s", err.detail);
	if ((policy = pinned()) != NULL && t_fails == 0) {
		test_network();
		test_outage();
		test_early();
		test_wrong_signature();
		test_folder_and_bundle();
	}
	atls_policy_free(policy);
	free(scratch.p);
	free(ev);
	drop(quote);
	source_world_free(&w);
	return t_end("t_source_fill");
}
