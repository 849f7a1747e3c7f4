/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of each kind of evidence beside its floor: the sum of the
 * signature checks that nobody can leave out, each timed alone between the
 * verifications, with keys that are decoded already and caches that are warm.
 * Evidence and collateral are simulated: of the sizes and algorithms of real
 * ones.
 *
 *	cold		a new store and a new policy; putting collateral in,
 *			and every signature, once
 *	memoised	the same store and policy as before, new evidence
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <atls/appraise.h>
#include <atls/sim.h>

#include "bench.h"

#define N	400
#define NOW	((int64_t)1790000000)
#define ROOM	65536

/* The unavoidable: signatures by algorithm. */
enum { P256, P384, RSA4096, NALGS };

static const struct subject {
	enum atls_kind	 kind;
	const char	*name;
	unsigned	 cold[NALGS], memo[NALGS];
} subjects[] = {
	/* PCK, its CA, TCB signer, two CRLs, TCB info, identity, QE, quote */
	{ ATLS_KIND_TDX, "TDX", { 9, 0, 0 }, { 2, 0, 0 } },
	{ ATLS_KIND_SGX, "SGX", { 9, 0, 0 }, { 2, 0, 0 } },
	/* VCEK, ASK, CRL; report */
	{ ATLS_KIND_SNP, "SNP", { 0, 1, 3 }, { 0, 1, 0 } },
	/* platform and realm token */
	{ ATLS_KIND_CCA, "CCA", { 0, 2, 0 }, { 0, 2, 0 } },
	{ ATLS_KIND_PSA, "PSA", { 1, 0, 0 }, { 1, 0, 0 } },
	/* leaf, three CAs below the root; document */
	{ ATLS_KIND_NITRO, "Nitro", { 0, 5, 0 }, { 0, 1, 0 } },
	{ ATLS_KIND_EAR, "EAR (JWT)", { 1, 0, 0 }, { 1, 0, 0 } },
};

static size_t allocations;

/* One signature of each algorithm over the octets of a report. */
static struct check {
	const char		*name;
	EVP_PKEY		*key;
	EVP_MD_CTX		*ctx;
	uint8_t			 sig[1024];
	size_t			 len;
	struct bench_row	 row;
} checks[NALGS] = {
	[P256] = { .name = "ECDSA P-256" },
	[P384] = { .name = "ECDSA P-384" },
	[RSA4096] = { .name = "RSA-4096 PSS" },
};
static const uint8_t report[640];

/* What our own code allocates, other libraries aside: bench/meson.build. */
void	*__real_malloc(size_t);
void	*__wrap_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_realloc(void *, size_t);

void *
__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

static void
must(int ok, const char *what, const struct atls_err *err)
{
	if (ok)
		return;
	fprintf(stderr, "bench: %s: %s %s\n", what, err == NULL ||
	    err->where == NULL ? "" : err->where, err == NULL ? "" :
	    err->detail);
	exit(4);
}

static EVP_PKEY *
new_key(int alg)
{
	EVP_PKEY *k = alg == RSA4096 ? EVP_RSA_gen(4096) :
	    EVP_EC_gen(alg == P256 ? "P-256" : "P-384");

	must(k != NULL, "key", NULL);
	return k;
}

static const EVP_MD *
digest(int alg)
{
	return alg == P256 ? EVP_sha256() : EVP_sha384();
}

static void
sign(int alg)
{
	struct check *k = &checks[alg];
	EVP_PKEY_CTX *p;
	int ok;

	k->key = new_key(alg);
	k->ctx = EVP_MD_CTX_new();
	k->len = sizeof(k->sig);
	ok = k->ctx != NULL && EVP_DigestSignInit(k->ctx, &p, digest(alg),
	    NULL, k->key) == 1 && (alg != RSA4096 ||
	    (EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(p, 48) == 1)) &&
	    EVP_DigestSign(k->ctx, k->sig, &k->len, report,
	    sizeof(report)) == 1;
	must(ok, "sign", NULL);
}

static void
check(int alg)
{
	struct check *k = &checks[alg];
	EVP_PKEY_CTX *p;
	int64_t t;
	int ok;

	EVP_MD_CTX_reset(k->ctx);
	t = bench_now();
	ok = EVP_DigestVerifyInit(k->ctx, &p, digest(alg), NULL, k->key) ==
	    1 && (alg != RSA4096 || EVP_PKEY_CTX_set_rsa_padding(p,
	    RSA_PKCS1_PSS_PADDING) == 1) && EVP_DigestVerify(k->ctx, k->sig,
	    k->len, report, sizeof(report)) == 1;
	bench_add(&k->row, bench_now() - t);
	must(ok, "verify", NULL);
}

/* Between two verifications, so that both have the same machine.  The first
 * one finds the caches as they were left, and is not counted. */
static void
check_each(const unsigned n[NALGS])
{
	size_t i;

	for (i = 0; i < NALGS; i++) {
		if (n[i] == 0)
			continue;
		check((int)i);
		checks[i].row.n--;
		check((int)i);
	}
}

/* The sum, of what was checked since the last. */
static double
floor_of(const unsigned n[NALGS])
{
	double us = 0;
	size_t i;

	for (i = 0; i < NALGS; i++) {
		if (n[i] > 0)
			us += n[i] * bench_us(&checks[i].row);
		checks[i].row.n = 0;
	}
	return us;
}

struct trial {
	const struct subject	*s;
	struct atls_sim_opts	 sim;
	uint8_t			 root[ROOM], text[ROOM], raw[ROOM];
	struct atls_buf		 rootbuf, textbuf, rawbuf;
	uint8_t			 rd[64];
	size_t			 rdlen;
	struct { enum atls_item item; uint8_t *p; size_t len; } item[16];
	size_t			 nitem;
};

static enum atls_rc
keep(void *arg, enum atls_item item, struct atls_bytes b)
{
	struct trial *t = arg;

	must(t->nitem < 16, "items", NULL);
	t->item[t->nitem].item = item;
	t->item[t->nitem].p = malloc(b.len + 1);
	memcpy(t->item[t->nitem].p, b.p, b.len);
	t->item[t->nitem++].len = b.len;
	return ATLS_OK;
}

static enum atls_rc
open_root(void *arg, const char *name, struct atls_buf *out)
{
	struct trial *t = arg;

	(void)name;
	out->len = t->rootbuf.len;
	if (out->cap < out->len)
		return ATLS_E_SPACE;
	memcpy(out->p, t->root, out->len);
	return ATLS_OK;
}

static struct atls_policy *
policy_of(struct trial *t)
{
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    t->text, t->textbuf.len }, open_root, t, &err);

	must(p != NULL, "policy", &err);
	return p;
}

static struct atls_collateral *
store_of(struct trial *t)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_err err = { 0 };
	size_t i;

	for (i = 0; i < t->nitem; i++)
		must(atls_collateral_put(c, t->item[i].item,
		    (struct atls_bytes){ t->item[i].p, t->item[i].len },
		    &err) == ATLS_OK, "put", &err);
	return c;
}

static void
make(struct trial *t, const struct subject *s)
{
	struct atls_err err = { 0 };
	uint8_t binder[32] = { 7 };

	memset(t, 0, sizeof(*t));
	t->s = s;
	t->sim.now = NOW;
	t->rootbuf = (struct atls_buf){ t->root, ROOM, 0 };
	t->textbuf = (struct atls_buf){ t->text, ROOM, 0 };
	t->rawbuf = (struct atls_buf){ t->raw, ROOM, 0 };
	must(atls_report_data(ATLS_PROFILE_EXPAT_1, s->kind,
	    ATLS_ARRAY(binder), (struct atls_bytes){ NULL, 0 }, t->rd,
	    &t->rdlen) == ATLS_OK, "report data", NULL);
	must(atls_sim_root(s->kind, &t->sim, &t->rootbuf, &err) == ATLS_OK,
	    "root", &err);
	must(atls_sim_policy(s->kind, &t->sim, "root.pem", &t->textbuf,
	    &err) == ATLS_OK, "sim policy", &err);
	must(atls_sim_collateral(s->kind, &t->sim, keep, t, &err) == ATLS_OK,
	    "collateral", &err);
	must(atls_sim_quote(s->kind, &t->sim, (struct atls_bytes){ t->rd,
	    t->rdlen }, &t->rawbuf, &err) == ATLS_OK, "quote", &err);
}

static void
appraise(struct trial *t, const struct atls_policy *p,
    struct atls_collateral *c)
{
	static struct atls_result r;
	static uint8_t room[2 * ROOM];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_question q = {
		.kind = t->s->kind, .raw = { t->raw, t->rawbuf.len },
		.report_data = { t->rd, t->rdlen },
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = NOW, .collateral = c,
	};

	must(atls_appraise(p, &q, &scratch, &r) == ATLS_VERDICT_ACCEPT,
	    t->s->name, &r.why);
}

static size_t
parse(struct trial *t, struct bench_row *row)
{
	static struct atls_evidence ev;
	static uint8_t room[2 * ROOM];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	size_t before = allocations;
	int64_t at = bench_now();
	enum atls_rc rc = atls_evidence_parse(&ev, t->s->kind,
	    (struct atls_bytes){ t->raw, t->rawbuf.len }, &scratch, NULL);

	bench_add(row, bench_now() - at);
	must(rc == ATLS_OK, "parse", NULL);
	return allocations - before;
}

static void
print(const char *what, const char *how, struct bench_row *row,
    const unsigned n[NALGS])
{
	double us = bench_us(row), floor = floor_of(n);

	printf("| %-10s %-9s | %9.1f | %8.0f | %9.1f | %6.2f |\n", what, how,
	    us, 1e6 / us, floor, us / floor);
}

static void
run_cold(struct trial *t)
{
	static struct bench_row row;
	struct atls_collateral *c;
	struct atls_policy *p;
	size_t i;
	int64_t at;

	row.n = 0;
	for (i = 0; i < N; i++) {
		p = policy_of(t);
		at = bench_now();
		c = store_of(t);
		appraise(t, p, c);
		bench_add(&row, bench_now() - at);
		atls_collateral_free(c);
		atls_policy_free(p);
		check_each(t->s->cold);
	}
	print(t->s->name, "cold", &row, t->s->cold);
}

static void
run_memoised(struct trial *t)
{
	static struct bench_row row, parsing;
	struct atls_policy *p = policy_of(t);
	struct atls_collateral *c = store_of(t);
	size_t i, allocs = 0;
	int64_t at;

	row.n = parsing.n = 0;
	appraise(t, p, c);
	for (i = 0; i < N; i++) {
		at = bench_now();
		appraise(t, p, c);
		bench_add(&row, bench_now() - at);
		allocs += parse(t, &parsing);
		check_each(t->s->memo);
	}
	atls_collateral_free(c);
	atls_policy_free(p);
	print(t->s->name, "memoised", &row, t->s->memo);
	must(allocs == 0, "a parser allocates", NULL);
	printf("| %-10s %-9s | %9.1f | %8.0f | %zu octets, %zu allocations\n",
	    t->s->name, "parse", bench_us(&parsing), 1e6 / bench_us(&parsing),
	    t->rawbuf.len, allocs);
}

static void
run(const struct subject *s)
{
	static struct trial t;
	size_t i;

	make(&t, s);
	run_cold(&t);
	run_memoised(&t);
	for (i = 0; i < t.nitem; i++)
		free(t.item[i].p);
}

int
main(void)
{
	size_t i, k;

	for (i = 0; i < NALGS; i++) {
		sign((int)i);
		for (k = 0; k < N; k++)
			check((int)i);
		printf("floor: one %s check %.1f us\n", checks[i].name,
		    bench_us(&checks[i].row));
		checks[i].row.n = 0;
	}
	printf("\n| evidence             |        us |      1/s |     floor |"
	    "  ratio |\n");
	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		run(&subjects[i]);
	for (i = 0; i < NALGS; i++) {
		EVP_MD_CTX_free(checks[i].ctx);
		EVP_PKEY_free(checks[i].key);
	}
	return 0;
}
