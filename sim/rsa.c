/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "key.h"

#define HALF	(SIM_RSA_SIZE / 2)	/* octets of a prime */
#define HASH	48			/* of SHA-384; of the salt, too */

/*
 * The primes of a key are the first two that hashing its label with 0, 1, 2..
 * gives.  To find them takes a second, so here is which ones they are.
 */
static const struct {
	const char	*label;
	unsigned	 p, q;
} found[] = {
	{ "amd.ark.Milan", 168, 1442 },
	{ "amd.ark.Genoa", 669, 2898 },
	{ "amd.ark.Turin", 75, 281 },
	{ "amd.ask.Milan", 1059, 1126 },
	{ "amd.ask.Genoa", 454, 2265 },
	{ "amd.ask.Turin", 494, 795 },
	{ "amd.asvk.Milan", 3927, 4253 },
	{ "amd.asvk.Genoa", 711, 1266 },
	{ "amd.asvk.Turin", 356, 360 },
	{ "other.amd.ark.Milan", 261, 1565 },
	{ "other.amd.ark.Genoa", 101, 1957 },
	{ "other.amd.ark.Turin", 132, 937 },
};

static BIGNUM *
prime_nth(const char *label, unsigned n)
{
	uint8_t h[ATLS_HASH_MAX], out[HALF], ctr[4];
	size_t i;

	for (i = 0; i < HALF / sizeof(h); i++) {
		ctr[0] = (uint8_t)(n >> 16);
		ctr[1] = (uint8_t)(n >> 8);
		ctr[2] = (uint8_t)n;
		ctr[3] = (uint8_t)i;
		if (sim_hash("SHA512", (struct atls_bytes){
		    (const uint8_t *)label, strlen(label) + 1 },
		    ATLS_ARRAY(ctr), h) != ATLS_OK)
			return NULL;
		memcpy(out + i * sizeof(h), h, sizeof(h));
	}
	out[0] |= 0xc0;			/* the product has 4096 bits */
	out[HALF - 1] |= 1;
	return BN_bin2bn(out, HALF, NULL);
}

/* The numbers of a private key, in the order of RFC 8017, A.1.2. */
enum { N, E, D, P, Q, DP, DQ, QI, NUMBERS };

static const char *const names[NUMBERS] = {
	OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static bool
numbers_fill(BIGNUM *b[NUMBERS], BN_CTX *bn)
{
	BIGNUM *p1 = BN_dup(b[P]), *q1 = BN_dup(b[Q]), *m = BN_new();
	bool ok = p1 != NULL && q1 != NULL && m != NULL &&
	    BN_set_word(b[E], 65537) == 1 &&
	    BN_mul(b[N], b[P], b[Q], bn) == 1 &&
	    BN_sub_word(p1, 1) == 1 && BN_sub_word(q1, 1) == 1 &&
	    BN_mul(m, p1, q1, bn) == 1 &&
	    BN_mod_inverse(b[D], b[E], m, bn) != NULL &&
	    BN_mod(b[DP], b[D], p1, bn) == 1 &&
	    BN_mod(b[DQ], b[D], q1, bn) == 1 &&
	    BN_mod_inverse(b[QI], b[Q], b[P], bn) != NULL;

	BN_free(p1);
	BN_free(q1);
	BN_free(m);
	return ok;
}

static bool
numbers_of(const struct sim_key *k, BIGNUM *b[NUMBERS], BN_CTX *bn)
{
	size_t i;

	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (strcmp(found[i].label, k->label) == 0)
			break;
	if (i == sizeof(found) / sizeof(found[0]) || bn == NULL)
		return false;
	b[P] = prime_nth(k->label, found[i].p);
	b[Q] = prime_nth(k->label, found[i].q);
	for (i = 0; i < NUMBERS; i++)
		if (b[i] == NULL && (i == P || i == Q ||
		    (b[i] = BN_new()) == NULL))
			return false;
	return numbers_fill(b, bn);
}

static void
numbers_free(BIGNUM *b[NUMBERS])
{
	size_t i;

	for (i = 0; i < NUMBERS; i++)
		BN_free(b[i]);
}

enum atls_rc
sim_rsa_modulus(const struct sim_key *k, uint8_t out[SIM_RSA_SIZE])
{
	BIGNUM *b[NUMBERS] = { NULL };
	BN_CTX *bn = BN_CTX_new();
	bool ok = numbers_of(k, b, bn) &&
	    BN_bn2binpad(b[N], out, SIM_RSA_SIZE) == SIM_RSA_SIZE;

	numbers_free(b);
	BN_CTX_free(bn);
	return ok ? ATLS_OK : ATLS_E_CRYPTO;
}

static EVP_PKEY *
pkey_of(BIGNUM *const b[NUMBERS])
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;
	bool ok = bld != NULL && ctx != NULL;
	size_t i;

	for (i = 0; ok && i < NUMBERS; i++)
		ok = OSSL_PARAM_BLD_push_BN(bld, names[i], b[i]) == 1;
	if (!ok || (params = OSSL_PARAM_BLD_to_param(bld)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* RFC 8017, 9.1.1, with a salt that is the digest of the message: libcrypto
 * takes one by chance. */
static bool
pss_encode(struct atls_bytes msg, uint8_t em[SIM_RSA_SIZE])
{
	static const uint8_t zeros[8] = { 0 };
	uint8_t m[2 * HASH], h[ATLS_HASH_MAX], mask[ATLS_HASH_MAX], ctr[4];
	const size_t ndb = SIM_RSA_SIZE - HASH - 1;
	size_t i, at;

	if (sim_hash("SHA384", msg, (struct atls_bytes){ NULL, 0 }, h) !=
	    ATLS_OK)
		return false;
	memcpy(m, h, HASH);
	memcpy(m + HASH, h, HASH);
	if (sim_hash("SHA384", ATLS_ARRAY(zeros), ATLS_ARRAY(m), h) != ATLS_OK)
		return false;
	memset(em, 0, ndb);
	em[ndb - HASH - 1] = 0x01;
	memcpy(em + ndb - HASH, m + HASH, HASH);
	for (at = 0; at < ndb; at++) {
		i = at / HASH;
		ctr[0] = ctr[1] = ctr[2] = 0;
		ctr[3] = (uint8_t)i;
		if (at % HASH == 0 && sim_hash("SHA384", (struct atls_bytes){
		    h, HASH }, ATLS_ARRAY(ctr), mask) != ATLS_OK)
			return false;
		em[at] ^= mask[at % HASH];
	}
	em[0] &= 0x7f;
	memcpy(em + ndb, h, HASH);
	em[SIM_RSA_SIZE - 1] = 0xbc;
	return true;
}

/* RFC 8017, 5.2.1 */
static bool
raw(EVP_PKEY *pkey, const uint8_t em[SIM_RSA_SIZE], uint8_t sig[SIM_RSA_SIZE])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	size_t n = SIM_RSA_SIZE;
	bool ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
	    EVP_PKEY_decrypt(ctx, sig, &n, em, SIM_RSA_SIZE) == 1 &&
	    n == SIM_RSA_SIZE;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

enum atls_rc
sim_rsa_sign(const struct sim_key *k, struct atls_bytes msg,
    uint8_t sig[SIM_RSA_SIZE])
{
	BIGNUM *b[NUMBERS] = { NULL };
	BN_CTX *bn = BN_CTX_new();
	EVP_PKEY *pkey = NULL;
	uint8_t em[SIM_RSA_SIZE];
	bool ok = numbers_of(k, b, bn) && (pkey = pkey_of(b)) != NULL &&
	    pss_encode(msg, em) && raw(pkey, em, sig);

	EVP_PKEY_free(pkey);
	numbers_free(b);
	BN_CTX_free(bn);
	return ok ? ATLS_OK : ATLS_E_CRYPTO;
}
