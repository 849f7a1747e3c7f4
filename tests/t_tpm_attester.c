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
 *	t_tpm_attester certified WHERE CA	appraised by an anchor
 *	t_tpm_attester bench WHERE
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atls/tpm.h>

#include "t.h"
#include "tpm_broken.h"
#include "tpm_use.h"
#include "tpm_wrap.h"

static const struct atls_attester *const A = &atls_attester_tpm;
static const uint8_t rd_octets[65] = "report data of this test";

static bool
accepts(void *dev, const struct atls_buf *ev, struct atls_bytes rd,
    struct atls_result *res)
{
	return tpm_use_appraise(dev, ev, rd, NULL, res) ==
	    ATLS_VERDICT_ACCEPT;
}

static void
t_bounds(void *dev)
{
	struct atls_buf big = tpm_use_buf(EVIDENCE_MAX), exact;
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
			T(accepts(dev, &big, rd, &res), "%zu: %s %s", n,
			    res.why.where, res.why.detail);
		else
			T(big.len == 0, "%zu: output", n);
	}
	rd.len = 32;
	T(A->quote(dev, rd, &big, &err) == ATLS_OK, "quote");
	for (n = 0; n < big.len + 8; n = n < 16 ? n + 1 : n + big.len / 8) {
		exact = tpm_use_buf(n);
		err = (struct atls_err){ 0 };
		rc = A->quote(dev, rd, &exact, &err);
		/* r and s may lack an octet: give or take a few */
		T(n + 8 < big.len ? rc == ATLS_E_SPACE &&
		    exact.len + 8 > big.len && exact.len < big.len + 8 :
		    rc == ATLS_OK || rc == ATLS_E_SPACE,
		    "room for %zu: %zu %s", n, exact.len, err.detail);
		free(exact.p);
	}
	T(atls_tpm_ak_public(dev, &big, NULL) == ATLS_OK, "AK");
	for (n = 0; n <= big.len; n++) {
		exact = tpm_use_buf(n);
		rc = atls_tpm_ak_public(dev, &exact, NULL);
		T(rc == (n < big.len ? ATLS_E_SPACE : ATLS_OK) &&
		    exact.len == big.len, "AK in %zu", n);
		rc = atls_tpm_csr(dev, "b.example", &exact, NULL);
		T(rc == ATLS_E_SPACE && exact.len > 300, "csr in %zu", n);
		free(exact.p);
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
	struct atls_buf out = tpm_use_buf(2048);
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

static int
verifies(void *dev, struct atls_bytes tbs, const struct atls_buf *sig)
{
	uint8_t spki[256];
	const uint8_t *p = spki;
	size_t n = tpm_use_spki(dev, spki, sizeof(spki));
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
	struct atls_buf pem = tpm_use_cert(dev, false);
	struct atls_buf wrong = tpm_use_cert(dev, true), sig, exact;
	struct atls_bytes tbs = ATLS_ARRAY(rd_octets);
	struct atls_identity *id;
	struct atls_err err = { 0 };
	enum atls_rc rc;
	size_t n;
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
	sig = tpm_use_buf(ATLS_SIG_MAX);
	for (i = 0; i < 300; i++) {	/* r or s is short in one of 128 */
		T(id->sign(id->key, ATLS_ECDSA_P256_SHA256, tbs, &sig,
		    NULL) == ATLS_OK && verifies(dev, tbs, &sig) == 1,
		    "signature %d", i);
	}
	sig.p[sig.len - 1] ^= 1;
	T(verifies(dev, tbs, &sig) == 0, "the check checks");
	for (n = 0; n < 80; n++) {	/* 68..72 octets, most of the time */
		exact = tpm_use_buf(n);
		rc = id->sign(id->key, ATLS_ECDSA_P256_SHA256, tbs, &exact,
		    NULL);
		T(rc == (exact.len > n ? ATLS_E_SPACE : ATLS_OK) &&
		    exact.len > 60 && exact.len <= 72, "signature in %zu", n);
		free(exact.p);
	}
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
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
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
			T(accepts(dev, &out, rd, &res), "%d times: %s",
			    n, res.why.detail);
		T(wrap_extend == 0, "%d times: %d left", n, wrap_extend);
	}
	free(out.p);
}

/* What does not fit what was asked is refused, and asked for again. */
static void
t_lies(void *dev)
{
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_bytes rd = { rd_octets, 32 };
	struct atls_result res;
	struct atls_err err;
	int how;

	for (how = WRAP_TRUTH + 1; how < WRAP_NLIES; how++) {
		err = (struct atls_err){ 0 };
		wrap_lie = (enum wrap_lie)how;
		T(A->quote(dev, rd, &out, &err) == ATLS_E_DEVICE &&
		    strcmp(err.where, "tpm.pcr") == 0 && out.len == 0,
		    "lie %d: %s %s", how, err.where, err.detail);
		T(A->quote(dev, rd, &out, &err) == ATLS_OK &&
		    accepts(dev, &out, rd, &res), "after lie %d", how);
	}
	free(out.p);
}

static void *
worker(void *dev)
{
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_bytes rd = { rd_octets, 48 };
	struct atls_result res;
	intptr_t bad = 0;
	int i;

	for (i = 0; i < 25; i++)
		if (A->quote(dev, rd, &out, NULL) != ATLS_OK ||
		    !accepts(dev, &out, rd, &res))
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
			tpm_use_die("pthread_create");
	for (i = 0; i < NITEMS(th); i++)
		T(pthread_join(th[i], &bad) == 0 && bad == NULL, "thread %zu",
		    i);
}

static int
t_use(const char *where)
{
	void *dev = tpm_use_open(where);

	t_bounds(dev);
	t_names(dev);
	t_identity(dev);
	t_race(dev);
	t_lies(dev);
	t_threads(dev);
	A->close(dev);
	return t_end("t_tpm_attester_use");
}

static int
t_reset(const char *where, const char *command)
{
	struct atls_buf out = tpm_use_buf(EVIDENCE_MAX);
	struct atls_buf csr = tpm_use_buf(2048);
	struct atls_bytes rd = { rd_octets, 32 };
	char before[ATLS_TPM_NAME_MAX], after[ATLS_TPM_NAME_MAX];
	struct atls_err err = { 0 };
	struct atls_result res;
	void *dev = tpm_use_open(where);

	atls_tpm_ak_name(dev, before);
	T(A->quote(dev, rd, &out, &err) == ATLS_OK, "%s", err.detail);
	T(system(command) == 0, "%s", command);
	T(A->quote(dev, rd, &out, &err) == ATLS_E_DEVICE && out.len == 0,
	    "quote of a TPM that was reset");
	T(A->quote(dev, rd, &out, NULL) == ATLS_OK, "second quote");
	T(accepts(dev, &out, rd, &res), "%s", res.why.detail);
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
		return tpm_use_dump(argv[2], argv[3], argv[4]);
	if (argc == 3 && strcmp(m, "bench") == 0)
		return tpm_use_bench(argv[2]);
	if (argc == 4 && strcmp(m, "certified") == 0)
		return tpm_use_certified(argv[2], argv[3]);
	fprintf(stderr, "usage: see the head of %s\n", __FILE__);
	return 2;
}
