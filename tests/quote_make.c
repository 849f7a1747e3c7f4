/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_make.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW	INT64_C(1760000000)

bool quote_ours, quote_leaf;
struct intel_platform quote_asked;

static struct pki_cert pck;
static EVP_PKEY *attestation;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

void
quote_init(void)
{
	pck = pki_cert(&(struct pki_ask){ .cn = "PCK" }, NULL, NOW);
	attestation = EVP_EC_gen("P-256");
	must(attestation != NULL);
}

void
quote_done(void)
{
	pki_cert_free(&pck);
	EVP_PKEY_free(attestation);
}

const struct pki_cert *
quote_pck(void)
{
	return &pck;
}

static struct atls_bytes
file_in(const char *dir, const char *name)
{
	struct atls_bytes out = { NULL, 0 };
	char path[512];
	uint8_t *p;
	long n = 0;
	FILE *f;

	if (dir == NULL)
		return out;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "rb")) == NULL)
		return out;
	must(fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 &&
	    fseek(f, 0, SEEK_SET) == 0);
	p = malloc((size_t)n + 1);
	must(p != NULL && fread(p, 1, (size_t)n, f) == (size_t)n);
	p[n] = '\0';
	(void)fclose(f);
	return (struct atls_bytes){ p, (size_t)n };
}

struct atls_bytes
quote_file(const char *name)
{
	const char *dir = getenv("ATLS_VECTORS");
	struct atls_bytes b = file_in(dir != NULL ? dir : "tests/vectors",
	    name);

	return b.p != NULL ? b : file_in(getenv("ATLS_VECTORS_EXTRA"), name);
}

void
quote_put(struct quote *q, size_t off, uint64_t v, size_t n)
{
	must(off + n <= sizeof(q->b));
	for (; n > 0; n--, v >>= 8)
		q->b[off++] = (uint8_t)(v & 0xff);
}

uint64_t
quote_get(const struct quote *q, size_t off, size_t n)
{
	uint64_t v = 0;

	must(off + n <= sizeof(q->b));
	while (n > 0)
		v = v << 8 | q->b[off + --n];
	return v;
}

bool
quote_load(struct quote *q, const char *name)
{
	struct atls_bytes f = quote_file(name);
	unsigned version;

	*q = (struct quote){ .len = f.len };
	if (f.p == NULL)
		return false;
	must(f.len <= sizeof(q->b));
	memcpy(q->b, f.p, f.len);
	free((void *)(uintptr_t)f.p);
	version = (unsigned)quote_get(q, 0, 2);
	q->body = version == 5 ? 54 : 48;
	q->bodylen = version == 5 ? quote_get(q, 50, 4) :
	    quote_get(q, 4, 4) == 0x81 ? 584 : 384;
	q->siglen = q->body + q->bodylen;
	q->sig = q->siglen + 4;
	q->key = q->sig + 64;
	q->outer = version == 3 ? 0 : q->key + 64;
	q->qe = q->key + 64 + (version == 3 ? 0 : 6);
	q->qe_sig = q->qe + 384;
	q->authlen = q->qe_sig + 64;
	q->auth = q->authlen + 2;
	q->cert = q->auth + quote_get(q, q->authlen, 2);
	q->len = q->sig + quote_get(q, q->siglen, 4);
	return true;
}

void
quote_certify(struct quote *q, unsigned type, struct atls_bytes data)
{
	quote_put(q, q->cert, type, 2);
	quote_put(q, q->cert + 2, data.len, 4);
	must(q->cert + 6 + data.len <= sizeof(q->b));
	if (data.len > 0)
		memcpy(q->b + q->cert + 6, data.p, data.len);
	q->len = q->cert + 6 + data.len;
	memset(q->b + q->len, 0, sizeof(q->b) - q->len);
	quote_put(q, q->siglen, q->len - q->sig, 4);
	if (q->outer != 0)
		quote_put(q, q->outer + 2, q->len - q->qe, 4);
}

static void
sign(EVP_PKEY *key, const uint8_t *p, size_t n, uint8_t out[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80];
	const uint8_t *at = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL,
	    key) == 1 && EVP_DigestSign(ctx, der, &len, p, n) == 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	must(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) ==
	    32 && BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

void
quote_sign_qe(struct quote *q)
{
	sign(pck.key, q->b + q->qe, 384, q->b + q->qe_sig);
}

void
quote_sign_body(struct quote *q)
{
	sign(attestation, q->b, q->siglen, q->b + q->sig);
}

void
quote_bind(struct quote *q)
{
	uint8_t digest[32], *data = q->b + q->qe + 320;
	size_t authlen = q->cert - q->auth;
	uint8_t *in = malloc(64 + authlen);

	must(in != NULL);
	memcpy(in, q->b + q->key, 64);
	memcpy(in + 64, q->b + q->auth, authlen);
	must(SHA256(in, 64 + authlen, digest) != NULL);
	free(in);
	memset(data, 0, 64);
	memcpy(data, digest, sizeof(digest));
	quote_sign_qe(q);
}

void
quote_sign(struct quote *q)
{
	uint8_t point[65];
	size_t n = 0;

	must(EVP_PKEY_get_octet_string_param(attestation,
	    OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) == 1 &&
	    n == sizeof(point));
	memcpy(q->b + q->key, point + 1, 64);
	quote_bind(q);
	quote_sign_body(q);
}

void
quote_other_s(uint8_t sig[64])
{
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *s = BN_bin2bn(sig + 32, 32, NULL);

	must(g != NULL && s != NULL &&
	    BN_sub(s, EC_GROUP_get0_order(g), s) == 1 &&
	    BN_bn2binpad(s, sig + 32, 32) == 32);
	BN_free(s);
	EC_GROUP_free(g);
}

int	__real_intel_pck_check(const struct evidence_trust *,
	    const struct atls_bytes *, size_t, struct crypto_chain **,
	    struct intel_pck *, struct atls_result *);
int	__wrap_intel_pck_check(const struct evidence_trust *,
	    const struct atls_bytes *, size_t, struct crypto_chain **,
	    struct intel_pck *, struct atls_result *);
int	__real_intel_tcb_check(const struct evidence_trust *,
	    const struct intel_platform *, struct atls_result *);
int	__wrap_intel_tcb_check(const struct evidence_trust *,
	    const struct intel_platform *, struct atls_result *);

int
__wrap_intel_pck_check(const struct evidence_trust *trust,
    const struct atls_bytes *chain, size_t n, struct crypto_chain **leaf,
    struct intel_pck *out, struct atls_result *res)
{
	struct atls_bytes der = { pck.der, pck.len };

	if (!quote_ours && !quote_leaf)
		return __real_intel_pck_check(trust, chain, n, leaf, out, res);
	if (quote_leaf)
		der = chain[0];
	must(n > 0 && intel_pck_parse(chain[0], out, NULL) == ATLS_OK);
	must(crypto_chain_get(NULL, &der, 1, leaf, NULL) == ATLS_OK);
	return 1;
}

int
__wrap_intel_tcb_check(const struct evidence_trust *trust,
    const struct intel_platform *p, struct atls_result *res)
{
	quote_asked = *p;
	return quote_ours || quote_leaf ? 1 :
	    __real_intel_tcb_check(trust, p, res);
}
