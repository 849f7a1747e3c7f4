/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <atls/tpm.h>

#include "t.h"
#include "tpm_use.h"

static const struct atls_attester *const A = &atls_attester_tpm;

void
tpm_use_die(const char *what)
{
	perror(what);
	exit(1);
}

struct atls_buf
tpm_use_buf(size_t cap)
{
	struct atls_buf b = { malloc(cap == 0 ? 1 : cap), cap, 0 };

	if (b.p == NULL)
		tpm_use_die("malloc");
	return b;
}

void *
tpm_use_open(const char *where)
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

size_t
tpm_use_spki(void *dev, uint8_t *out, size_t cap)
{
	struct atls_buf csr = tpm_use_buf(4096);
	uint8_t *p = out;
	X509_REQ *req;
	EVP_PKEY *k;
	BIO *b;
	int n;

	if (atls_tpm_csr(dev, "a.example", &csr, NULL) != ATLS_OK)
		tpm_use_die("csr");
	b = BIO_new_mem_buf(csr.p, (int)csr.len);
	req = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL);
	k = X509_REQ_get0_pubkey(req);
	n = i2d_PUBKEY(k, NULL);
	if (n <= 0 || (size_t)n > cap || i2d_PUBKEY(k, &p) != n)
		tpm_use_die("spki");
	X509_REQ_free(req);
	BIO_free(b);
	free(csr.p);
	return (size_t)n;
}

struct atls_buf
tpm_use_cert(void *dev, bool of_another)
{
	uint8_t spki[256];
	const uint8_t *p = spki;
	struct atls_buf out = tpm_use_buf(4096);
	size_t n = tpm_use_spki(dev, spki, sizeof(spki));
	EVP_PKEY *ca = EVP_EC_gen("P-256"), *k = d2i_PUBKEY(NULL, &p, (long)n);
	BIO *b = BIO_new(BIO_s_mem());
	X509 *x = X509_new();

	if (X509_set_pubkey(x, of_another ? ca : k) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(x), 3600) == NULL ||
	    X509_sign(x, ca, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509(b, x) != 1)
		tpm_use_die("certificate");
	out.len = (size_t)BIO_read(b, out.p, (int)out.cap);
	X509_free(x);
	BIO_free(b);
	EVP_PKEY_free(k);
	EVP_PKEY_free(ca);
	return out;
}

static enum atls_rc
open_file(void *arg, const char *name, struct atls_buf *out)
{
	FILE *f = fopen(name, "r");

	(void)arg;
	out->len = 0;
	if (f == NULL)
		return ATLS_E_IO;
	out->len = fread(out->p, 1, out->cap, f);
	(void)fclose(f);
	return ATLS_OK;
}

/* In the place of the line that names the AK. */
static void
put_anchor(struct atls_buf *text, const char *file)
{
	char *pin;
	int n;

	text->p[text->len] = '\0';
	if ((pin = strstr((char *)text->p, "\ninstance ")) == NULL)
		tpm_use_die("no instance");
	pin[1] = '#';
	n = snprintf((char *)text->p + text->len, text->cap - text->len,
	    "anchor %s\n", file);
	text->len += (size_t)n;
}

enum atls_verdict
tpm_use_appraise(void *dev, const struct atls_buf *ev_raw,
    struct atls_bytes rd, const char *anchor, struct atls_result *res)
{
	uint8_t spki[256], room[EVIDENCE_MAX];
	struct atls_buf text = tpm_use_buf(16384);
	struct atls_buf scratch = { room, sizeof(room), 0 };
	const struct atls_bytes raw = { ev_raw->p, ev_raw->len };
	struct atls_question q = {
		.kind = ATLS_KIND_TPM, .raw = raw, .report_data = rd,
		.spki = { spki, tpm_use_spki(dev, spki, sizeof(spki)) },
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = time(NULL),
	};
	enum atls_verdict v = ATLS_VERDICT_NONE;
	struct atls_policy *p = NULL;
	struct atls_evidence ev;
	struct atls_err err = { 0 };

	if (atls_evidence_parse(&ev, ATLS_KIND_TPM, raw, NULL, &err) == ATLS_OK &&
	    atls_policy_learn(&ev, &text, &err) == ATLS_OK) {
		if (anchor != NULL)
			put_anchor(&text, anchor);
		p = atls_policy_parse((struct atls_bytes){ text.p, text.len },
		    open_file, NULL, &err);
	}
	if (p != NULL)
		v = atls_appraise(p, &q, &scratch, res);
	else
		*res = (struct atls_result){ .why = err };
	atls_policy_free(p);
	free(text.p);
	return v;
}

int
tpm_use_certified(const char *where, const char *anchor)
{
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_bytes rd = { (const uint8_t *)"certified", 9 };
	struct atls_err err = { 0 };
	struct atls_result res;
	void *dev = tpm_use_open(where);

	T(A->quote(dev, rd, &out, &err) == ATLS_OK, "%s", err.detail);
	T(tpm_use_appraise(dev, &out, rd, anchor, &res) ==
	    ATLS_VERDICT_ACCEPT, "%s: %s", res.why.where,
	    res.why.detail);
	A->close(dev);
	free(out.p);
	return t_end("t_tpm_attester_certified");
}

static void
put(const char *dir, const char *name, const void *p, size_t n)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL || fwrite(p, 1, n, f) != n ||
	    fclose(f) != 0)
		tpm_use_die(path);
}

/* For others to look at. */
int
tpm_use_dump(const char *where, const char *rd_text, const char *dir)
{
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_buf pem = tpm_use_buf(4096);
	struct atls_bytes rd = { (const uint8_t *)rd_text, strlen(rd_text) };
	struct atls_buf sig = tpm_use_buf(ATLS_SIG_MAX), cert;
	char name[ATLS_TPM_NAME_MAX];
	struct atls_identity *id;
	struct atls_result res;
	struct atls_err err = { 0 };
	void *dev = tpm_use_open(where);

	if (A->quote(dev, rd, &out, &err) != ATLS_OK) {
		fprintf(stderr, "%s %s\n", err.where, err.detail);
		exit(2);
	}
	put(dir, "evidence.cbor", out.p, out.len);
	T(tpm_use_appraise(dev, &out, rd, NULL, &res) ==
	    ATLS_VERDICT_ACCEPT, "%s %s", res.why.where, res.why.detail);
	T(atls_tpm_csr(dev, "host.example", &pem, NULL) == ATLS_OK, "csr");
	put(dir, "csr.pem", pem.p, pem.len);
	T(atls_tpm_ak_public(dev, &pem, NULL) == ATLS_OK, "AK");
	put(dir, "ak.said.pem", pem.p, pem.len);
	atls_tpm_ak_name(dev, name);
	put(dir, "ak.name", name, strlen(name));
	T(strcmp(name, res.instance) == 0, "%s, %s", name, res.instance);
	cert = tpm_use_cert(dev, false);
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

int
tpm_use_bench(const char *where)
{
	enum { ROUNDS = 500 };
	static double quote[ROUNDS], sign[ROUNDS];
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_bytes rd = { (const uint8_t *)where, 9 };
	struct atls_buf cert, sig = tpm_use_buf(ATLS_SIG_MAX);
	struct timespec t[3];
	struct atls_identity *id;
	void *dev = tpm_use_open(where);
	int i, bad = 0;

	cert = tpm_use_cert(dev, false);
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

