/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where evidence travels, and what that costs beside a bare handshake: both
 * ends in one thread over a socket pair, through the same calls.  Making
 * evidence is not counted (it is software here), appraising it is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/ssl.h>

#include <atls/atls.h>
#include <atls/openssl.h>

#include "../tests/pki.h"
#include "../tests/tpm_make.h"
#include "bench.h"

#define N		300
#define NAME		"bench.example"

static struct {
	struct pki		 pki;
	struct tpm_make_opts	 tpm;
	struct atls_identity	*id;
	struct atls_trust	*trust;
	struct atls_policy	*policy;
	int64_t			 aside;		/* ns: quotes */
} w;

struct way {
	const char		*what;
	enum atls_family	 family;	/* 0: nothing is attested */
	bool			 confirm;
	struct atls_config	*client, *server;
	void			*cctx, *sctx;
	struct bench_row	 row;
};

static void
must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench: %s\n", what);
		exit(4);
	}
}

static enum atls_rc
quote(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	int64_t t = bench_now();

	(void)dev, (void)err;
	tpm_make(&w.tpm, report_data, w.pki.leaf.key, out);
	w.aside += bench_now() - t;
	return ATLS_OK;
}

static const struct atls_attester attester = {
	.name = "bench", .kind = ATLS_KIND_TPM, .quote = quote,
};
static const struct atls_source source = { &attester, NULL };

static void
setup(void)
{
	static const char floors[] = "binding-min transcript\n";
	uint8_t raw[TPM_MAKE_MAX], rd[32] = { 1 };
	struct atls_buf b = { raw, sizeof(raw), 0 };
	struct atls_evidence *ev = malloc(sizeof(*ev));
	static char text[16384 + sizeof(floors)], *at;
	struct atls_buf t = { (uint8_t *)text, 16384, 0 };

	w.pki = pki_new(&(struct pki_ask){ .dns = NAME,
	    .eku = PKI_EKU_SERVER }, (int64_t)time(NULL));
	w.tpm.ak = EVP_EC_gen("P-256");
	w.id = atls_identity_new(pki_view(w.pki.chain),
	    pki_view(w.pki.leaf.key_pem), NULL);
	w.trust = atls_trust_new(pki_view(w.pki.root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	tpm_make(&w.tpm, ATLS_ARRAY(rd), w.pki.leaf.key, &b);
	must(w.id != NULL && w.trust != NULL && ev != NULL &&
	    atls_evidence_parse(ev, ATLS_KIND_TPM, (struct atls_bytes){ raw,
	    b.len }, NULL, NULL) == ATLS_OK && atls_policy_learn(ev, &t,
	    NULL) == ATLS_OK, "learn");
	free(ev);
	text[t.len] = '\0';
	at = strstr(text, "binding-min ");
	must(at != NULL, "floor");
	at[0] = '#';
	strcat(text, floors);
	w.policy = atls_policy_parse((struct atls_bytes){ (uint8_t *)text,
	    strlen(text) }, NULL, NULL, NULL);
	must(w.policy != NULL, "policy");
}

static void
way_open(struct way *y)
{
	struct atls_tls_setup c = { .trust = w.trust, .name = NAME };
	struct atls_tls_setup s = { .identity = w.id };
	struct atls_carrier of_client, of_server;

	if (y->family != 0) {
		y->client = atls_config_new();
		y->server = atls_config_new();
		must(atls_config_set_policy(y->client, w.policy) == ATLS_OK &&
		    atls_config_set_peer(y->client, w.trust, NAME) == ATLS_OK
		    && atls_config_set_attester(y->server, ATLS_KIND_TPM,
		    w.id) == ATLS_OK && atls_config_set_family(y->client,
		    y->family, y->confirm) == ATLS_OK &&
		    atls_config_set_family(y->server, y->family, y->confirm)
		    == ATLS_OK, "configuration");
	}
	if (y->family == ATLS_FAMILY_INTRA) {
		must(atls_config_carrier(y->client, &of_client) == ATLS_OK &&
		    atls_config_carrier(y->server, &of_server) == ATLS_OK,
		    "carrier");
		c.carrier = &of_client;
		s.carrier = &of_server;
	}
	must(atls_backend_openssl.ctx_new(&y->cctx, ATLS_CLIENT, &c, NULL) ==
	    ATLS_OK && atls_backend_openssl.ctx_new(&y->sctx, ATLS_SERVER, &s,
	    NULL) == ATLS_OK, "context");
	must(SSL_CTX_set_ciphersuites(y->cctx, "TLS_AES_128_GCM_SHA256") == 1
	    && SSL_CTX_set1_groups_list(y->cctx, "X25519") == 1, "suite");
}

static void
bare(const struct way *y, int cfd, int sfd)
{
	const struct atls_backend *be = &atls_backend_openssl;
	struct atls_bytes none = { NULL, 0 };
	int i, a = 0, b = 0;
	void *c, *s;

	must(be->open(&c, y->cctx, cfd, NULL, NULL) == ATLS_OK &&
	    be->open(&s, y->sctx, sfd, NULL, NULL) == ATLS_OK, "open");
	for (i = 0; i < 10 && (a != 1 || b != 1); i++) {
		if (a != 1)
			a = be->handshake(c, none, NULL);
		if (b != 1)
			b = be->handshake(s, none, NULL);
	}
	must(a == 1 && b == 1, "handshake");
	be->close(c);
	be->close(s);
}

static void
attested(const struct way *y, int cfd, int sfd)
{
	struct atls_conn *c, *s;
	int i, a = 0, b = 0;

	c = atls_conn_open(y->client, ATLS_CLIENT, &atls_backend_openssl,
	    y->cctx, cfd, NULL, NULL, NULL);
	s = atls_conn_open(y->server, ATLS_SERVER, &atls_backend_openssl,
	    y->sctx, sfd, NULL, &source, NULL);
	must(c != NULL && s != NULL, "open");
	for (i = 0; i < 20 && (a != 1 || b != 1); i++) {
		if (a != 1)
			a = atls_conn_attest(c);
		if (b != 1)
			b = atls_conn_attest(s);
	}
	must(a == 1 && b == 1, atls_conn_error(c)->detail);
	atls_conn_free(c);
	atls_conn_free(s);
}

static void
once(struct way *y)
{
	int64_t aside = w.aside, t;
	int fd[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0,
	    "sockets");
	t = bench_now();
	if (y->family == 0)
		bare(y, fd[0], fd[1]);
	else
		attested(y, fd[0], fd[1]);
	bench_add(&y->row, bench_now() - t - (w.aside - aside));
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int
main(void)
{
	static struct way ways[] = {
		{ .what = "bare handshake" },
		{ .what = "post", .family = ATLS_FAMILY_POST },
		{ .what = "intra", .family = ATLS_FAMILY_INTRA },
		{ .what = "intra, confirmed", .family = ATLS_FAMILY_INTRA,
		    .confirm = true },
	};
	const size_t n = sizeof(ways) / sizeof(ways[0]);
	size_t i, k;

	setup();
	for (k = 0; k < n; k++)
		way_open(&ways[k]);
	for (i = 0; i < N; i++)
		for (k = 0; k < n; k++)
			once(&ways[k]);
	printf("| %-18s |        us | to bare |\n", "family");
	for (k = 0; k < n; k++)
		printf("| %-18s | %9.1f | %7.2f |\n", ways[k].what,
		    bench_us(&ways[k].row), bench_us(&ways[k].row) /
		    bench_us(&ways[0].row));
	return 0;
}
