/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Post-handshake attestation beside a bare TLS 1.3 handshake of stock OpenSSL:
 * P-256, a chain of leaf and intermediate, X25519, AES-128-GCM, both ends in
 * one thread over a BIO pair.  Making evidence and appraising it are timed
 * apart (the "quote" is software and tells nothing about a TPM).
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <atls/atls.h>
#include <atls/openssl.h>

#include "../src/ea/ea.h"
#include "../src/proto/binder.h"
#include "../tests/pki.h"
#include "../tests/tpm_make.h"
#include "bench.h"

#define N		300
#define IDLE		64		/* sessions, for their memory */
#define CMW_LEN		5000		/* octets, a large quote */

static struct {
	struct pki		 pki;
	struct tpm_make_opts	 tpm;
	SSL_CTX			*cctx, *sctx;
	struct atls_identity	*id;
	struct atls_policy	*policy;
	struct atls_trust	*trust;		/* known certificates */
	struct atls_config	*server;
	int64_t			 aside;		/* ns: quotes, appraisals */
	int64_t			 appraisal;	/* ns of the last */
} w;

static void
must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench: %s\n", what);
		exit(4);
	}
}

/* The linker puts this in the place of atls_appraise(), to time it. */
enum atls_verdict	__real_atls_appraise(const struct atls_policy *,
			    const struct atls_question *, struct atls_buf *,
			    struct atls_result *);
enum atls_verdict	__wrap_atls_appraise(const struct atls_policy *,
			    const struct atls_question *, struct atls_buf *,
			    struct atls_result *);

enum atls_verdict
__wrap_atls_appraise(const struct atls_policy *p,
    const struct atls_question *q, struct atls_buf *scratch,
    struct atls_result *out)
{
	int64_t t = bench_now();
	enum atls_verdict v = __real_atls_appraise(p, q, scratch, out);

	w.appraisal = bench_now() - t;
	w.aside += w.appraisal;
	return v;
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

static struct atls_trust *
new_trust(void)
{
	/* no CRLs: the bare handshake looks at none, either */
	struct atls_trust *t = atls_trust_new(pki_view(w.pki.root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);

	must(t != NULL, "trust");
	return t;
}

static struct atls_config *
client_config(struct atls_trust *trust)
{
	struct atls_config *c = atls_config_new();

	must(c != NULL && atls_config_set_policy(c, w.policy) == ATLS_OK &&
	    atls_config_set_peer(c, trust, "bench.example") == ATLS_OK,
	    "client");
	return c;
}

static void
contexts(void)
{
	X509_STORE *store;

	w.cctx = SSL_CTX_new(TLS_client_method());
	w.sctx = SSL_CTX_new(TLS_server_method());
	must(w.cctx != NULL && w.sctx != NULL, "contexts");
	must(SSL_CTX_use_certificate(w.sctx, w.pki.leaf.x509) == 1 &&
	    SSL_CTX_use_PrivateKey(w.sctx, w.pki.leaf.key) == 1 &&
	    SSL_CTX_add1_chain_cert(w.sctx, w.pki.inter.x509) == 1, "chain");
	store = SSL_CTX_get_cert_store(w.cctx);
	must(X509_STORE_add_cert(store, w.pki.root.x509) == 1, "root");
	SSL_CTX_set_verify(w.cctx, SSL_VERIFY_PEER, NULL);
	must(SSL_CTX_set_ciphersuites(w.cctx, "TLS_AES_128_GCM_SHA256") == 1 &&
	    SSL_CTX_set1_groups_list(w.cctx, "X25519") == 1, "suite");
	must(atls_openssl_prepare(w.cctx, ATLS_CLIENT, NULL) == ATLS_OK &&
	    atls_openssl_prepare(w.sctx, ATLS_SERVER, NULL) == ATLS_OK,
	    "prepare");
}

static void
setup(void)
{
	int64_t now = (int64_t)time(NULL);
	uint8_t raw[TPM_MAKE_MAX], rd[32] = { 1 };
	struct atls_buf b = { raw, sizeof(raw), 0 };
	struct atls_evidence *ev = malloc(sizeof(*ev));
	uint8_t text[16384];
	struct atls_buf t = { text, sizeof(text), 0 };

	w.pki = pki_new(&(struct pki_ask){ .dns = "bench.example",
	    .eku = PKI_EKU_SERVER }, now);
	w.tpm.ak = EVP_EC_gen("P-256");
	contexts();
	w.id = atls_identity_new(pki_view(w.pki.chain),
	    pki_view(w.pki.leaf.key_pem), NULL);
	w.trust = new_trust();
	tpm_make(&w.tpm, ATLS_ARRAY(rd), w.pki.leaf.key, &b);
	must(w.id != NULL && ev != NULL && atls_evidence_parse(ev,
	    ATLS_KIND_TPM, (struct atls_bytes){ raw, b.len }, NULL, NULL) ==
	    ATLS_OK && atls_policy_learn(ev, &t, NULL) == ATLS_OK, "learn");
	free(ev);
	w.policy = atls_policy_parse((struct atls_bytes){ text, t.len }, NULL,
	    NULL, NULL);
	w.server = atls_config_new();
	must(w.policy != NULL && w.server != NULL &&
	    atls_config_set_attester(w.server, ATLS_KIND_TPM, w.id) ==
	    ATLS_OK, "server");
}

static void
tls_new(SSL **c, SSL **s)
{
	BIO *a = NULL, *b = NULL;

	must((*c = SSL_new(w.cctx)) != NULL && (*s = SSL_new(w.sctx)) != NULL
	    && BIO_new_bio_pair(&a, 65536, &b, 65536) == 1 &&
	    SSL_set1_host(*c, "bench.example") == 1, "connection");
	SSL_set_bio(*c, a, a);
	SSL_set_bio(*s, b, b);
	SSL_set_connect_state(*c);
	SSL_set_accept_state(*s);
}

static void
tls_shake(SSL *c, SSL *s)
{
	int i;

	for (i = 0; i < 4 && (!SSL_is_init_finished(c) ||
	    !SSL_is_init_finished(s)); i++) {
		(void)SSL_do_handshake(c);
		(void)SSL_do_handshake(s);
	}
	must(SSL_is_init_finished(c) && SSL_is_init_finished(s), "handshake");
}

static void
bare(struct bench_row *r)
{
	int64_t t = bench_now();
	SSL *c, *s;

	tls_new(&c, &s);
	tls_shake(c, s);
	bench_add(r, bench_now() - t);
	SSL_free(c);
	SSL_free(s);
}

static void
attest(struct atls_conn *c, struct atls_conn *s)
{
	int i, a = 0, b = 0;

	for (i = 0; i < 100 && (a != 1 || b != 1); i++) {
		if (a != 1)
			a = atls_conn_attest(c);
		if (b != 1)
			b = atls_conn_attest(s);
	}
	must(a == 1 && b == 1, atls_conn_error(c)->detail);
}

/* trust NULL: one of its own for this connection, which knows nothing yet. */
static void
attested(struct bench_row *all, struct bench_row *less, bool known)
{
	struct atls_trust *trust = known ? atls_trust_ref(w.trust) :
	    new_trust();
	struct atls_config *cc = client_config(trust);
	struct atls_conn *ac, *as;
	int64_t t, aside = w.aside;
	SSL *c, *s;

	t = bench_now();
	tls_new(&c, &s);
	tls_shake(c, s);
	ac = atls_conn_attach(cc, ATLS_CLIENT, &atls_backend_openssl, c, -1,
	    NULL, NULL);
	as = atls_conn_attach(w.server, ATLS_SERVER, &atls_backend_openssl, s,
	    -1, &source, NULL);
	must(ac != NULL && as != NULL, "attach");
	attest(ac, as);
	t = bench_now() - t;
	bench_add(less, t - (w.aside - aside));
	bench_add(all, t - (w.aside - aside) + w.appraisal);
	atls_conn_free(ac);
	atls_conn_free(as);
	SSL_free(c);
	SSL_free(s);
	atls_config_free(cc);
	atls_trust_free(trust);
}

/* RFC 9261 alone, on one connection, with an extension of a quote's size. */
struct ea_rows {
	struct bench_row	*make, *known, *cold, *binder, *garbage;
};

static void
authenticator(struct ea_rows *r, struct atls_ea *ce, struct atls_ea *se,
    const struct atls_channel *ch)
{
	static uint8_t ext[CMW_LEN];
	uint8_t context[32], req[512], auth[16384], bad[16384], b[64];
	struct atls_buf rq = { req, sizeof(req), 0 };
	struct atls_buf au = { auth, sizeof(auth), 0 };
	struct atls_ea_ext ask = { ATLS_CODE_POINT, { NULL, 0 } };
	struct atls_ea_ext tell = { ATLS_CODE_POINT, ATLS_ARRAY(ext) };
	struct atls_ea_request got;
	struct atls_ea_peer peer;
	struct atls_trust *cold;
	int64_t now = (int64_t)time(NULL), t;
	size_t n;

	must(binder_context_new(ATLS_CLIENT, context, NULL) == ATLS_OK &&
	    atls_ea_request(ce, ATLS_ARRAY(context), &ask, 1, &rq, NULL) ==
	    ATLS_OK && atls_ea_receive(se, (struct atls_bytes){ req, rq.len },
	    &got, NULL) == ATLS_OK, "request");
	t = bench_now();
	must(atls_ea_authenticate(se, &got, (struct atls_bytes){ NULL, 0 },
	    w.id, &tell, 1, &au, NULL) == ATLS_OK, "authenticate");
	bench_add(r->make, bench_now() - t);

	memcpy(bad, auth, au.len);
	bad[au.len - 1] ^= 1;
	t = bench_now();
	must(atls_ea_validate(ce, (struct atls_bytes){ req, rq.len },
	    (struct atls_bytes){ bad, au.len }, w.trust, "bench.example", now,
	    &peer, NULL) == ATLS_E_SIG, "garbage");
	bench_add(r->garbage, bench_now() - t);

	t = bench_now();
	must(binder_compute(ch, ATLS_SHA256, ATLS_ARRAY(context),
	    ATLS_ARRAY(context), b, &n, NULL) == ATLS_OK, "binder");
	bench_add(r->binder, bench_now() - t);

	cold = r->cold != NULL ? new_trust() : atls_trust_ref(w.trust);
	t = bench_now();
	must(atls_ea_validate(ce, (struct atls_bytes){ req, rq.len },
	    (struct atls_bytes){ auth, au.len }, cold, "bench.example", now,
	    &peer, NULL) == ATLS_OK, "validate");
	bench_add(r->cold != NULL ? r->cold : r->known, bench_now() - t);
	atls_trust_free(cold);
}

static void
authenticators(struct ea_rows *r)
{
	struct ea_rows cold = *r, known = *r;
	struct atls_channel cch, sch;
	struct atls_ea *ce, *se;
	SSL *c, *s;
	int i;

	known.cold = NULL;
	tls_new(&c, &s);
	tls_shake(c, s);
	cch = (struct atls_channel){ atls_backend_openssl.channel, c };
	sch = (struct atls_channel){ atls_backend_openssl.channel, s };
	ce = atls_ea_new(&cch, NULL);
	se = atls_ea_new(&sch, NULL);
	must(ce != NULL && se != NULL, "ea");
	for (i = 0; i < N; i++) {
		authenticator(&cold, ce, se, &cch);
		authenticator(&known, ce, se, &cch);
	}
	atls_ea_free(ce);
	atls_ea_free(se);
	SSL_free(c);
	SSL_free(s);
}

/* The unavoidable: one signature, one verification. */
static void
primitives(struct bench_row *sign, struct bench_row *verify)
{
	static const uint8_t tbs[119];
	uint8_t sig[ATLS_SIG_MAX];
	struct atls_buf b = { sig, sizeof(sig), 0 };
	struct crypto_chain *chain;
	int64_t t;
	int i;

	must(crypto_chain_get(NULL, w.id->chain, w.id->nchain, &chain, NULL)
	    == ATLS_OK, "chain");
	for (i = 0; i < N; i++) {
		t = bench_now();
		must(w.id->sign(w.id->key, ATLS_ECDSA_P256_SHA256,
		    ATLS_ARRAY(tbs), &b, NULL) == ATLS_OK, "sign");
		bench_add(sign, bench_now() - t);
		t = bench_now();
		must(crypto_verify(crypto_chain_key(chain),
		    ATLS_ECDSA_P256_SHA256, ATLS_ARRAY(tbs),
		    (struct atls_bytes){ sig, b.len }) == ATLS_OK, "verify");
		bench_add(verify, bench_now() - t);
	}
	crypto_chain_free(chain);
}

/* Heap of connections that are open and idle: octets for one end. */
static void
memory(void)
{
	struct atls_conn *c[IDLE], *s[IDLE];
	struct atls_config *cc = client_config(w.trust);
	SSL *ct[IDLE], *st[IDLE];
	size_t tls, all, before = mallinfo2().uordblks;
	int i;

	for (i = 0; i < IDLE; i++) {
		tls_new(&ct[i], &st[i]);
		tls_shake(ct[i], st[i]);
	}
	tls = mallinfo2().uordblks - before;
	before = mallinfo2().uordblks;
	for (i = 0; i < IDLE; i++) {
		c[i] = atls_conn_attach(cc, ATLS_CLIENT,
		    &atls_backend_openssl, ct[i], -1, NULL, NULL);
		s[i] = atls_conn_attach(w.server, ATLS_SERVER,
		    &atls_backend_openssl, st[i], -1, &source, NULL);
		must(c[i] != NULL && s[i] != NULL, "attach");
		attest(c[i], s[i]);
	}
	all = mallinfo2().uordblks - before;
	printf("\nmemory of one idle end: %zu octets of ours (session, "
	    "evidence, two record buffers), beside %zu of OpenSSL and its "
	    "BIO\n", all / IDLE / 2, tls / IDLE / 2);
	for (i = 0; i < IDLE; i++) {
		atls_conn_free(c[i]);
		atls_conn_free(s[i]);
		SSL_free(ct[i]);
		SSL_free(st[i]);
	}
	atls_config_free(cc);
}

static struct bench_row hs = { .what = "bare TLS 1.3 handshake, both ends" },
    ca = { .what = "attested connection, certificates new" },
    ka = { .what = "attested connection, certificates known" },
    caa = { .what = "  the same with appraisal of TPM evidence" },
    kaa = { .what = "  the same with appraisal of TPM evidence" },
    sg = { .what = "P-256 signature" }, vf = { .what =
    "P-256 verification" },
    mk = { .what = "authenticator, made (to: a signature)" },
    vk = { .what = "authenticator, validated, known (to: a verification)" },
    vc = { .what = "authenticator, validated, new (to: 3 verifications)" },
    bi = { .what = "binder" },
    ga = { .what = "garbage refused (to: a handshake)" };

int
main(void)
{
	struct ea_rows ea = { &mk, &vk, &vc, &bi, &ga };
	int i;

	setup();
	for (i = 0; i < N; i++) {
		bare(&hs);
		attested(&caa, &ca, false);
		attested(&kaa, &ka, true);
	}
	primitives(&sg, &vf);
	authenticators(&ea);
	printf("CPU of one core, both ends; medians of %d in one run; %s\n\n",
	    N, OpenSSL_version(OPENSSL_VERSION));
	printf("| %-58s | %9s | %6s |\n|---|---|---|\n", "what", "us",
	    "ratio");
	bench_print(&hs, NULL);
	bench_print(&ca, &hs);
	bench_print(&caa, &hs);
	bench_print(&ka, &hs);
	bench_print(&kaa, &hs);
	bench_print(&sg, NULL);
	bench_print(&vf, NULL);
	bench_print(&mk, &sg);
	bench_print(&vk, &vf);
	bench_print(&vc, &vf);
	bench_print(&bi, &hs);
	bench_print(&ga, &hs);
	memory();
	return 0;
}
