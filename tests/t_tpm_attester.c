/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attester for a TPM, against a TPM: tests/tpm-attester.sh starts one.
 *
 *	t_tpm_attester conf DIR			no TPM is needed
 *	t_tpm_attester keys TCTI DIR		damaged and foreign key files
 *	t_tpm_attester calls TCTI DIR		every call fails in its turn
 *	t_tpm_attester use WHERE		bounds, races, threads
 *	t_tpm_attester reset WHERE COMMAND	the TPM is reset by COMMAND
 *	t_tpm_attester dump WHERE HEX OUT	evidence and keys, as files
 *	t_tpm_attester bench WHERE
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <atls/atls.h>
#include <atls/tpm.h>

#include "t.h"
#include "tpm_broken.h"
#include "tpm_wrap.h"

#define EVIDENCE_MAX	8192

static const struct atls_attester *const A = &atls_attester_tpm;
static const uint8_t rd_octets[65] = "report data of this test";

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* On the heap, so that the sanitizer sees the first octet too many. */
static struct atls_buf
buf_new(size_t cap)
{
	struct atls_buf b = { malloc(cap == 0 ? 1 : cap), cap, 0 };

	if (b.p == NULL)
		die("malloc");
	return b;
}

static void *
open_at(const char *where)
{
	struct atls_err err = { 0 };
	void *dev;

	if (A->open(&dev, where, &err) != ATLS_OK) {
		fprintf(stderr, "%s: %s %s: %s\n", where,
		    atls_rc_name(err.rc), err.where, err.detail);
		exit(2);
	}
	return dev;
}

/* The key that a request is for, SubjectPublicKeyInfo. */
static size_t
spki_of(void *dev, uint8_t *out, size_t cap)
{
	struct atls_buf csr = buf_new(4096);
	uint8_t *p = out;
	X509_REQ *req;
	EVP_PKEY *k;
	BIO *b;
	int n;

	if (atls_tpm_csr(dev, "a.example", &csr, NULL) != ATLS_OK)
		die("csr");
	b = BIO_new_mem_buf(csr.p, (int)csr.len);
	req = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL);
	k = X509_REQ_get0_pubkey(req);
	n = i2d_PUBKEY(k, NULL);
	if (n <= 0 || (size_t)n > cap || i2d_PUBKEY(k, &p) != n)
		die("spki");
	X509_REQ_free(req);
	BIO_free(b);
	free(csr.p);
	return (size_t)n;
}

/* Learn a policy from the evidence, then appraise it by our own library. */
static enum atls_verdict
appraise(void *dev, struct atls_bytes raw, struct atls_bytes rd,
    struct atls_result *res)
{
	uint8_t spki[256], room[EVIDENCE_MAX];
	struct atls_buf text = buf_new(16384);
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_question q = {
		.kind = ATLS_KIND_TPM, .raw = raw, .report_data = rd,
		.spki = { spki, spki_of(dev, spki, sizeof(spki)) },
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = time(NULL),
	};
	enum atls_verdict v = ATLS_VERDICT_NONE;
	struct atls_policy *p = NULL;
	struct atls_evidence ev;
	struct atls_err err = { 0 };

	if (atls_evidence_parse(&ev, ATLS_KIND_TPM, raw, &err) == ATLS_OK &&
	    atls_policy_learn(&ev, &text, &err) == ATLS_OK &&
	    (p = atls_policy_parse((struct atls_bytes){ text.p, text.len },
	    NULL, NULL, &err)) != NULL)
		v = atls_appraise(p, &q, &scratch, res);
	else
		res->why = err;
	atls_policy_free(p);
	free(text.p);
	return v;
}

static void
t_bounds(void *dev)
{
	struct atls_buf big = buf_new(EVIDENCE_MAX), exact, sig;
	struct atls_bytes rd = { rd_octets, 32 };
	struct atls_result res;
	struct atls_err err;
	enum atls_rc rc;
	size_t n;

	for (n = 0; n <= 65; n++) {
		rd.len = n;
		err = (struct atls_err){ 0 };
		rc = A->quote(dev, rd, &big, &err);
		T(rc == (n == 0 || n > 64 ? ATLS_E_ARG : ATLS_OK),
		    "report data of %zu: %s", n, err.detail);
		if (rc == ATLS_OK)
			T(appraise(dev, (struct atls_bytes){ big.p, big.len },
			    rd, &res) == ATLS_VERDICT_ACCEPT, "%zu: %s %s", n,
			    res.why.where, res.why.detail);
		else
			T(big.len == 0, "%zu: output", n);
	}
	rd.len = 32;
	T(A->quote(dev, rd, &big, &err) == ATLS_OK, "quote");
	for (n = 0; n < big.len + 8; n = n < 16 ? n + 1 : n + big.len / 8) {
		exact = buf_new(n);
		err = (struct atls_err){ 0 };
		rc = A->quote(dev, rd, &exact, &err);
		/* r and s may lack an octet: give or take a few */
		T(n + 8 < big.len ? rc == ATLS_E_SPACE &&
		    exact.len + 8 > big.len && exact.len < big.len + 8 :
		    rc == ATLS_OK || rc == ATLS_E_SPACE,
		    "room for %zu: %zu %s", n, exact.len, err.detail);
		free(exact.p);
	}
	for (n = 0; n <= ATLS_SIG_MAX; n = n < 80 ? n + 1 : ATLS_SIG_MAX + 1) {
		sig = buf_new(n);
		err = (struct atls_err){ 0 };
		rc = atls_tpm_csr(dev, "b.example", &sig, &err);
		T(rc == ATLS_E_SPACE && sig.len > 80, "csr in %zu", n);
		free(sig.p);
	}
	free(big.p);
}

static const struct {
	const char	*name;
	enum atls_rc	 rc;
} dns[] = {
	{ "a", ATLS_OK }, { "*.example.com", ATLS_OK }, { "", ATLS_E_ARG },
	{ "a,DNS:b", ATLS_E_ARG }, { "a b", ATLS_E_ARG }, { "a\n", ATLS_E_ARG },
	{ "a/CN=b", ATLS_E_ARG }, { "\xc3\xa9", ATLS_E_ARG },
};

static void
t_names(void *dev)
{
	struct atls_buf out = buf_new(2048);
	char name[256], ak[ATLS_TPM_NAME_MAX];
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(dns); i++) {
		err = (struct atls_err){ 0 };
		T(atls_tpm_csr(dev, dns[i].name, &out, &err) == dns[i].rc &&
		    err.rc == dns[i].rc, "name '%s'", dns[i].name);
	}
	T(atls_tpm_csr(dev, NULL, &out, NULL) == ATLS_E_ARG, "no name");
	memset(name, 'a', sizeof(name));
	for (i = 60; i < sizeof(name); i++) {
		name[i] = '\0';
		T(atls_tpm_csr(dev, name, &out, NULL) ==
		    (i <= 253 ? ATLS_OK : ATLS_E_ARG), "name of %zu", i);
		name[i] = 'a';
	}
	atls_tpm_ak_name(dev, ak);
	T(strlen(ak) == 3 + 68 && strncmp(ak, "ak:000b", 7) == 0 &&
	    strspn(ak + 3, "0123456789abcdef") == 68, "%s", ak);
	free(out.p);
}

/* A certificate for the key in a request, by a key of no account. */
static struct atls_buf
certificate(void *dev, bool of_another)
{
	uint8_t spki[256];
	const uint8_t *p = spki;
	struct atls_buf out = buf_new(4096);
	size_t n = spki_of(dev, spki, sizeof(spki));
	EVP_PKEY *ca = EVP_EC_gen("P-256"), *k = d2i_PUBKEY(NULL, &p, (long)n);
	BIO *b = BIO_new(BIO_s_mem());
	X509 *x = X509_new();

	if (X509_set_pubkey(x, of_another ? ca : k) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(x), 3600) == NULL ||
	    X509_sign(x, ca, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509(b, x) != 1)
		die("certificate");
	out.len = (size_t)BIO_read(b, out.p, (int)out.cap);
	X509_free(x);
	BIO_free(b);
	EVP_PKEY_free(k);
	EVP_PKEY_free(ca);
	return out;
}

static int
verifies(void *dev, struct atls_bytes tbs, const struct atls_buf *sig)
{
	uint8_t spki[256];
	const uint8_t *p = spki;
	size_t n = spki_of(dev, spki, sizeof(spki));
	EVP_PKEY *k = d2i_PUBKEY(NULL, &p, (long)n);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int ok;

	ok = EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, k) == 1 &&
	    EVP_DigestVerify(c, sig->p, sig->len, tbs.p, tbs.len) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return ok;
}

static void
t_identity(void *dev)
{
	struct atls_buf pem = certificate(dev, false);
	struct atls_buf wrong = certificate(dev, true), sig;
	struct atls_bytes tbs = ATLS_ARRAY(rd_octets);
	struct atls_identity *id;
	struct atls_err err = { 0 };
	int i;

	T(A->identity(dev, (struct atls_bytes){ wrong.p, wrong.len }, &err) ==
	    NULL && err.rc == ATLS_E_FORMAT, "certificate of another key");
	T(A->identity(dev, (struct atls_bytes){ pem.p, pem.len / 2 }, NULL) ==
	    NULL, "half a certificate");
	T(A->identity(dev, (struct atls_bytes){ NULL, 0 }, NULL) == NULL,
	    "no certificate");
	id = A->identity(dev, (struct atls_bytes){ pem.p, pem.len }, NULL);
	T(id != NULL, "identity");
	if (id == NULL)
		return;
	T(id->nchain == 1 && id->nscheme == 1 &&
	    id->scheme[0] == ATLS_ECDSA_P256_SHA256, "identity");
	sig = buf_new(ATLS_SIG_MAX);
	for (i = 0; i < 300; i++) {	/* r or s is short in one of 128 */
		T(id->sign(id->key, ATLS_ECDSA_P256_SHA256, tbs, &sig,
		    NULL) == ATLS_OK && verifies(dev, tbs, &sig) == 1,
		    "signature %d", i);
	}
	sig.p[sig.len - 1] ^= 1;
	T(verifies(dev, tbs, &sig) == 0, "the check checks");
	sig.cap = 60;
	T(id->sign(id->key, ATLS_ECDSA_P256_SHA256, tbs, &sig, &err) ==
	    ATLS_E_SPACE && sig.len > 60, "no room");
	sig.cap = ATLS_SIG_MAX;
	T(id->sign(id->key, ATLS_ED25519, tbs, &sig, &err) == ATLS_E_ARG &&
	    sig.len == 0, "other scheme");
	tbs.len = 0;
	T(id->sign(id->key, ATLS_ECDSA_P256_SHA256, tbs, &sig, &err) ==
	    ATLS_E_ARG, "nothing to sign");
	atls_identity_free(id);
	free(sig.p);
	free(pem.p);
	free(wrong.p);
}

/* PCR 16 changes between quote and reading: once, as often as is borne with,
 * and without end. */
static void
t_race(void *dev)
{
	struct atls_buf out = buf_new(EVIDENCE_MAX);
	struct atls_bytes rd = { rd_octets, 32 };
	struct atls_result res;
	struct atls_err err;
	int n;

	for (n = 0; n <= 8; n++) {
		err = (struct atls_err){ 0 };
		wrap_extend = n;
		T(A->quote(dev, rd, &out, &err) == (n < 8 ? ATLS_OK :
		    ATLS_E_DEVICE), "%d times: %s", n, err.detail);
		if (n < 8)
			T(appraise(dev, (struct atls_bytes){ out.p, out.len },
			    rd, &res) == ATLS_VERDICT_ACCEPT, "%d times: %s",
			    n, res.why.detail);
		T(wrap_extend == 0, "%d times: %d left", n, wrap_extend);
	}
	free(out.p);
}

static void *
worker(void *dev)
{
	struct atls_buf out = buf_new(EVIDENCE_MAX);
	struct atls_bytes rd = { rd_octets, 48 };
	struct atls_result res;
	intptr_t bad = 0;
	int i;

	for (i = 0; i < 25; i++)
		if (A->quote(dev, rd, &out, NULL) != ATLS_OK ||
		    appraise(dev, (struct atls_bytes){ out.p, out.len }, rd,
		    &res) != ATLS_VERDICT_ACCEPT)
			bad++;
	free(out.p);
	return (void *)bad;
}

static void
t_threads(void *dev)
{
	pthread_t th[4];
	void *bad;
	size_t i;

	for (i = 0; i < NITEMS(th); i++)
		if (pthread_create(&th[i], NULL, worker, dev) != 0)
			die("pthread_create");
	for (i = 0; i < NITEMS(th); i++)
		T(pthread_join(th[i], &bad) == 0 && bad == NULL, "thread %zu",
		    i);
}

static int
t_use(const char *where)
{
	void *dev = open_at(where);

	t_bounds(dev);
	t_names(dev);
	t_identity(dev);
	t_race(dev);
	t_threads(dev);
	A->close(dev);
	return t_end("t_tpm_attester_use");
}

static int
t_reset(const char *where, const char *command)
{
	struct atls_buf out = buf_new(EVIDENCE_MAX), csr = buf_new(2048);
	struct atls_bytes rd = { rd_octets, 32 };
	char before[ATLS_TPM_NAME_MAX], after[ATLS_TPM_NAME_MAX];
	struct atls_err err = { 0 };
	struct atls_result res;
	void *dev = open_at(where);

	atls_tpm_ak_name(dev, before);
	T(A->quote(dev, rd, &out, &err) == ATLS_OK, "%s", err.detail);
	T(system(command) == 0, "%s", command);
	T(A->quote(dev, rd, &out, &err) == ATLS_E_DEVICE && out.len == 0,
	    "quote of a TPM that was reset");
	T(A->quote(dev, rd, &out, NULL) == ATLS_OK, "second quote");
	T(appraise(dev, (struct atls_bytes){ out.p, out.len }, rd, &res) ==
	    ATLS_VERDICT_ACCEPT, "%s", res.why.detail);
	T(system(command) == 0, "%s", command);
	T(atls_tpm_csr(dev, "a", &csr, NULL) == ATLS_E_DEVICE, "request");
	T(atls_tpm_csr(dev, "a", &csr, NULL) == ATLS_OK, "second request");
	atls_tpm_ak_name(dev, after);
	T(strcmp(before, after) == 0, "%s, now %s", before, after);
	A->close(dev);
	free(out.p);
	free(csr.p);
	return t_end("t_tpm_attester_reset");
}

static void
put(const char *dir, const char *name, const void *p, size_t n)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL || fwrite(p, 1, n, f) != n ||
	    fclose(f) != 0)
		die(path);
}

/* For others to look at. */
static int
dump(const char *where, const char *rd_text, const char *dir)
{
	struct atls_buf out = buf_new(EVIDENCE_MAX), pem = buf_new(4096);
	struct atls_bytes rd = { (const uint8_t *)rd_text, strlen(rd_text) };
	struct atls_buf sig = buf_new(ATLS_SIG_MAX), cert;
	char name[ATLS_TPM_NAME_MAX];
	struct atls_identity *id;
	struct atls_result res;
	struct atls_err err = { 0 };
	void *dev = open_at(where);

	if (A->quote(dev, rd, &out, &err) != ATLS_OK) {
		fprintf(stderr, "%s %s\n", err.where, err.detail);
		exit(2);
	}
	put(dir, "evidence.cbor", out.p, out.len);
	T(appraise(dev, (struct atls_bytes){ out.p, out.len }, rd, &res) ==
	    ATLS_VERDICT_ACCEPT, "%s %s", res.why.where, res.why.detail);
	T(atls_tpm_csr(dev, "host.example", &pem, NULL) == ATLS_OK, "csr");
	put(dir, "csr.pem", pem.p, pem.len);
	T(atls_tpm_ak_public(dev, &pem, NULL) == ATLS_OK, "AK");
	put(dir, "ak.pem", pem.p, pem.len);
	atls_tpm_ak_name(dev, name);
	put(dir, "ak.name", name, strlen(name));
	T(strcmp(name, res.instance) == 0, "%s, %s", name, res.instance);
	cert = certificate(dev, false);
	id = A->identity(dev, (struct atls_bytes){ cert.p, cert.len }, NULL);
	T(id != NULL && id->sign(id->key, ATLS_ECDSA_P256_SHA256, rd, &sig,
	    NULL) == ATLS_OK, "sign");
	put(dir, "sig.der", sig.p, sig.len);
	atls_identity_free(id);
	A->close(dev);
	free(out.p);
	free(pem.p);
	free(sig.p);
	free(cert.p);
	return t_end("t_tpm_attester_dump");
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
bench(const char *where)
{
	enum { ROUNDS = 500 };
	static double quote[ROUNDS], sign[ROUNDS];
	struct atls_buf out = buf_new(EVIDENCE_MAX);
	struct atls_bytes rd = { rd_octets, 32 };
	struct atls_buf cert, sig = buf_new(ATLS_SIG_MAX);
	struct timespec t[3];
	struct atls_identity *id;
	void *dev = open_at(where);
	int i, bad = 0;

	cert = certificate(dev, false);
	id = A->identity(dev, (struct atls_bytes){ cert.p, cert.len }, NULL);
	for (i = 0; i < ROUNDS; i++) {
		(void)clock_gettime(CLOCK_MONOTONIC, &t[0]);
		bad += A->quote(dev, rd, &out, NULL) != ATLS_OK;
		(void)clock_gettime(CLOCK_MONOTONIC, &t[1]);
		bad += id->sign(id->key, ATLS_ECDSA_P256_SHA256, rd, &sig,
		    NULL) != ATLS_OK;
		(void)clock_gettime(CLOCK_MONOTONIC, &t[2]);
		quote[i] = (double)(t[1].tv_sec - t[0].tv_sec) * 1e6 +
		    (double)(t[1].tv_nsec - t[0].tv_nsec) / 1e3;
		sign[i] = (double)(t[2].tv_sec - t[1].tv_sec) * 1e6 +
		    (double)(t[2].tv_nsec - t[1].tv_nsec) / 1e3;
	}
	qsort(quote, ROUNDS, sizeof(quote[0]), compare);
	qsort(sign, ROUNDS, sizeof(sign[0]), compare);
	printf("quote and certify: median %.0f us, p10 %.0f, p90 %.0f; "
	    "%zu octets\n", quote[ROUNDS / 2], quote[ROUNDS / 10],
	    quote[ROUNDS * 9 / 10], out.len);
	printf("sign: median %.0f us, p10 %.0f, p90 %.0f\n", sign[ROUNDS / 2],
	    sign[ROUNDS / 10], sign[ROUNDS * 9 / 10]);
	atls_identity_free(id);
	A->close(dev);
	free(out.p);
	free(sig.p);
	free(cert.p);
	return bad != 0;
}

int
main(int argc, char **argv)
{
	const char *m = argc > 1 ? argv[1] : "";

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(m, "conf") == 0)
		return tpm_broken_conf(argv[2]);
	if (argc == 4 && strcmp(m, "keys") == 0)
		return tpm_broken_keys(argv[2], argv[3]);
	if (argc == 4 && strcmp(m, "calls") == 0)
		return tpm_broken_calls(argv[2], argv[3]);
	if (argc == 3 && strcmp(m, "use") == 0)
		return t_use(argv[2]);
	if (argc == 4 && strcmp(m, "reset") == 0)
		return t_reset(argv[2], argv[3]);
	if (argc == 5 && strcmp(m, "dump") == 0)
		return dump(argv[2], argv[3], argv[4]);
	if (argc == 3 && strcmp(m, "bench") == 0)
		return bench(argv[2]);
	fprintf(stderr, "usage: see the head of %s\n", __FILE__);
	return 2;
}
