/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in the certificate beside a bare handshake: both ends in one thread
 * over a socket pair.  The certificate is made before; appraising it counts,
 * with collateral and all above the quote known.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atls/atls.h>
#include <atls/openssl.h>
#include <atls/ratls.h>
#include <atls/sim.h>

#include "bench.h"

#define N	300
#define ROOM	131072

struct way {
	enum atls_kind		 kind;
	enum atls_ratls_form	 form;
	bool			 bare;
	struct atls_identity	*id;
	struct atls_policy	*policy;
	struct atls_collateral	*store;
	struct atls_config	*client, *server;
	void			*cctx, *sctx;
	struct bench_row	 row;
};

static struct bench_row making = { .what = "key, evidence, certificate: TDX" };

static void
must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench: %s\n", what);
		exit(4);
	}
}

static struct atls_sim_opts
machine(void)
{
	return (struct atls_sim_opts){ .now = (int64_t)time(NULL) };
}

static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct atls_sim_opts o = machine();

	return atls_sim_quote(*(const enum atls_kind *)arg, &o, rd, out, err);
}

static enum atls_rc
root(void *arg, const char *name, struct atls_buf *out)
{
	struct atls_sim_opts o = machine();

	(void)name;
	return atls_sim_root(*(const enum atls_kind *)arg, &o, out, NULL);
}

static enum atls_rc
put(void *arg, enum atls_item item, struct atls_bytes in)
{
	return atls_collateral_put(arg, item, in, NULL);
}

static void
make(struct way *y)
{
	static uint8_t chain[ROOM], key[4096];
	int64_t now = (int64_t)time(NULL);
	struct atls_ratls_ask ask = { .name = "bench.example",
	    .from = now - 60, .until = now + 3600, .kind = y->kind,
	    .form = y->form };
	struct atls_buf c = { chain, sizeof(chain), 0 };
	struct atls_buf k = { key, sizeof(key), 0 };
	int64_t t = bench_now();

	atls_identity_free(y->id);
	must(atls_ratls_make(&ask, quote, &y->kind, &c, &k, NULL) == ATLS_OK,
	    "certificate");
	if (y->kind == ATLS_KIND_TDX)
		bench_add(&making, bench_now() - t);
	y->id = atls_identity_new((struct atls_bytes){ chain, c.len },
	    (struct atls_bytes){ key, k.len }, NULL);
	must(y->id != NULL, "identity");
}

static void
policy(struct way *y)
{
	static const char floors[] = "binding-min key\nfreshness-min F0\n";
	static const char usual[] = "binding-min exporter\nfreshness-min F3\n";
	static char text[ROOM];
	struct atls_buf b = { (uint8_t *)text, ROOM / 2, 0 };
	struct atls_sim_opts o = machine();
	char *at;

	must(atls_sim_policy(y->kind, &o, "root", &b, NULL) == ATLS_OK,
	    "policy");
	text[b.len] = '\0';
	must((at = strstr(text, usual)) != NULL, "floors");
	memmove(at, at + strlen(usual), strlen(at + strlen(usual)) + 1);
	(void)strcat(text, floors);
	y->policy = atls_policy_parse((struct atls_bytes){ (uint8_t *)text,
	    strlen(text) }, root, &y->kind, NULL);
	y->store = atls_collateral_new();
	must(y->policy != NULL && atls_sim_collateral(y->kind, &o, put,
	    y->store, NULL) == ATLS_OK, "collateral");
}

static void
way_open(struct way *y)
{
	struct atls_tls_setup c = { .unverified = true, .ratls = true };
	struct atls_tls_setup s = { .ratls = true };
	int i;

	for (i = 0; i < (y->kind == ATLS_KIND_TDX ? 50 : 1); i++)
		make(y);
	s.identity = y->id;
	policy(y);
	y->client = atls_config_new();
	y->server = atls_config_new();
	must(atls_config_set_policy(y->client, y->policy) == ATLS_OK &&
	    atls_config_set_collateral(y->client, y->store, NULL, NULL) ==
	    ATLS_OK && atls_config_insecure_no_pki(y->client) == ATLS_OK &&
	    atls_config_set_family(y->client, ATLS_FAMILY_PRE, false) ==
	    ATLS_OK && atls_config_set_attester(y->server, y->kind, y->id) ==
	    ATLS_OK && atls_config_set_family(y->server, ATLS_FAMILY_PRE,
	    false) == ATLS_OK, "configuration");
	must(atls_backend_openssl.ctx_new(&y->cctx, ATLS_CLIENT, &c, NULL) ==
	    ATLS_OK && atls_backend_openssl.ctx_new(&y->sctx, ATLS_SERVER,
	    &s, NULL) == ATLS_OK, "contexts");
}

static void
sockets(int fd[2])
{
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0 &&
	    fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd[1], F_SETFL, O_NONBLOCK) == 0, "sockets");
}

static void
attested(struct way *y)
{
	struct atls_conn *c, *s;
	int fd[2], a = 0, b = 0, i;
	int64_t t;

	sockets(fd);
	t = bench_now();
	c = atls_conn_open(y->client, ATLS_CLIENT, &atls_backend_openssl,
	    y->cctx, fd[0], NULL, NULL, NULL);
	s = atls_conn_open(y->server, ATLS_SERVER, &atls_backend_openssl,
	    y->sctx, fd[1], NULL, NULL, NULL);
	must(c != NULL && s != NULL, "open");
	for (i = 0; i < 100 && (a != 1 || b != 1); i++) {
		if (a != 1)
			a = atls_conn_attest(c);
		if (b != 1)
			b = atls_conn_attest(s);
	}
	must(a == 1 && b == 1, atls_conn_error(c)->detail);
	bench_add(&y->row, bench_now() - t);
	atls_conn_free(c);
	atls_conn_free(s);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* The same contexts and certificate, and nobody looks at evidence. */
static void
bare(struct way *y)
{
	const struct atls_backend *be = &atls_backend_openssl;
	void *c, *s;
	int fd[2], a = 0, b = 0, i;
	int64_t t;

	sockets(fd);
	t = bench_now();
	must(be->open(&c, y->cctx, fd[0], NULL, NULL) == ATLS_OK &&
	    be->open(&s, y->sctx, fd[1], NULL, NULL) == ATLS_OK, "open");
	for (i = 0; i < 100 && (a != 1 || b != 1); i++) {
		if (a != 1)
			a = be->handshake(c, (struct atls_bytes){ NULL, 0 },
			    NULL);
		if (b != 1)
			b = be->handshake(s, (struct atls_bytes){ NULL, 0 },
			    NULL);
	}
	must(a == 1 && b == 1, "handshake");
	bench_add(&y->row, bench_now() - t);
	be->close(c);
	be->close(s);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void
way_close(struct way *y)
{
	atls_backend_openssl.ctx_free(y->cctx);
	atls_backend_openssl.ctx_free(y->sctx);
	atls_config_free(y->client);
	atls_config_free(y->server);
	atls_policy_free(y->policy);
	atls_collateral_free(y->store);
	atls_identity_free(y->id);
}

static struct way ways[] = {
	{ .kind = ATLS_KIND_TDX, .form = ATLS_RATLS_DICE, .bare = true,
	    .row = { .what = "handshake, evidence carried, not looked at" } },
	{ .kind = ATLS_KIND_TDX, .form = ATLS_RATLS_DICE,
	    .row = { .what = "pre: TDX, dice" } },
	{ .kind = ATLS_KIND_TDX, .form = ATLS_RATLS_CMW,
	    .row = { .what = "pre: TDX, cmw" } },
	{ .kind = ATLS_KIND_SNP, .form = ATLS_RATLS_CMW,
	    .row = { .what = "pre: SNP, cmw" } },
};

#define NWAYS	(sizeof(ways) / sizeof(ways[0]))

int
main(void)
{
	size_t k;
	int i;

	for (k = 0; k < NWAYS; k++)
		way_open(&ways[k]);
	for (i = 0; i < N; i++)
		for (k = 0; k < NWAYS; k++) {
			if (ways[k].bare)
				bare(&ways[k]);
			else
				attested(&ways[k]);
		}
	printf("\nEvidence in certificates, of simulated machines, collateral "
	    "known\n\n| %-58s | %9s | %6s |\n|---|---|---|\n", "what", "us",
	    "ratio");
	for (k = 0; k < NWAYS; k++)
		bench_print(&ways[k].row, k == 0 ? NULL : &ways[0].row);
	bench_print(&making, &ways[0].row);
	for (k = 0; k < NWAYS; k++)
		way_close(&ways[k]);
	return 0;
}
