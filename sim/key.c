/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <atls/sim.h>

/* All labels: a row with instances stands for one of each machine. */
static const struct {
	enum sim_alg	 alg;
	const char	*label;
	bool		 each;
} labels[] = {
	{ SIM_P256, "intel.root", false },
	{ SIM_P256, "intel.platform-ca", false },
	{ SIM_P256, "intel.processor-ca", false },
	{ SIM_P256, "intel.tcb-signing", false },
	{ SIM_P256, "intel.pck", true },
	{ SIM_P256, "other.intel.root", false },
	{ SIM_RSA, "amd.ark.Milan", false },
	{ SIM_RSA, "amd.ark.Genoa", false },
	{ SIM_RSA, "amd.ark.Turin", false },
	{ SIM_RSA, "amd.ask.Milan", false },
	{ SIM_RSA, "amd.ask.Genoa", false },
	{ SIM_RSA, "amd.ask.Turin", false },
	{ SIM_RSA, "amd.asvk.Milan", false },
	{ SIM_RSA, "amd.asvk.Genoa", false },
	{ SIM_RSA, "amd.asvk.Turin", false },
	{ SIM_RSA, "other.amd.ark.Milan", false },
	{ SIM_RSA, "other.amd.ark.Genoa", false },
	{ SIM_RSA, "other.amd.ark.Turin", false },
	{ SIM_P384, "amd.vcek.Milan", true },
	{ SIM_P384, "amd.vcek.Genoa", true },
	{ SIM_P384, "amd.vcek.Turin", true },
	{ SIM_P384, "amd.vlek.Milan", false },
	{ SIM_P384, "amd.vlek.Genoa", false },
	{ SIM_P384, "amd.vlek.Turin", false },
	{ SIM_P384, "nitro.root", false },
	{ SIM_P384, "nitro.region", false },
	{ SIM_P384, "nitro.zone", false },
	{ SIM_P384, "nitro.host", true },
	{ SIM_P384, "nitro.enclave", true },
	{ SIM_P384, "other.nitro.root", false },
	{ SIM_P384, "cca.cpak", true },
	{ SIM_P256, "psa.iak", true },
	{ SIM_P256, "ear.verifier", false },
	{ SIM_P256, "other.ear.verifier", false },
};

bool
sim_key_nth(size_t n, struct sim_key *out)
{
	size_t i, many;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		many = labels[i].each ? ATLS_SIM_INSTANCES : 1;
		if (n < many) {
			*out = labels[i].each ?
			    sim_key(labels[i].alg, "%s.%zu", labels[i].label,
			    n) : sim_key(labels[i].alg, "%s",
			    labels[i].label);
			return true;
		}
		n -= many;
	}
	*out = (struct sim_key){ .alg = SIM_P256 };
	return false;
}

struct sim_key
sim_key(enum sim_alg alg, const char *fmt, ...)
{
	struct sim_key k = { .alg = alg };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(k.label, sizeof(k.label), fmt, ap);
	va_end(ap);
	return k;
}

size_t
sim_key_field(enum sim_alg alg)
{
	switch (alg) {
	case SIM_P256:
		return 32;
	case SIM_P384:
		return 48;
	case SIM_RSA:
		break;
	}
	return 0;
}

enum atls_rc
sim_hash(const char *md, struct atls_bytes a, struct atls_bytes b,
    uint8_t out[ATLS_HASH_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_MD *m = EVP_MD_fetch(NULL, md, NULL);
	bool ok = ctx != NULL && m != NULL &&
	    EVP_DigestInit_ex(ctx, m, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, a.p, a.len) == 1 &&
	    EVP_DigestUpdate(ctx, b.p, b.len) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1;

	EVP_MD_free(m);
	EVP_MD_CTX_free(ctx);
	return ok ? ATLS_OK : ATLS_E_CRYPTO;
}

/* A number below n, from a label and a message: of 64 octets, so that what
 * reducing it leaves uneven is below 2^-128. */
static BIGNUM *
number_from(const char *label, struct atls_bytes msg, const BIGNUM *n,
    BN_CTX *bn)
{
	uint8_t h[ATLS_HASH_MAX];
	BIGNUM *d = NULL;

	if (sim_hash("SHA512", (struct atls_bytes){ (const uint8_t *)label,
	    strlen(label) + 1 }, msg, h) != ATLS_OK ||
	    (d = BN_bin2bn(h, ATLS_HASH_MAX, NULL)) == NULL ||
	    BN_mod(d, d, n, bn) != 1 || BN_is_zero(d)) {
		BN_free(d);
		return NULL;
	}
	return d;
}

static EC_GROUP *
group_of(enum sim_alg alg)
{
	return EC_GROUP_new_by_curve_name(alg == SIM_P256 ?
	    NID_X9_62_prime256v1 : NID_secp384r1);
}

/* k times the generator: its coordinates. */
static bool
times(const EC_GROUP *g, const BIGNUM *k, BIGNUM *x, BIGNUM *y, BN_CTX *bn)
{
	EC_POINT *p = EC_POINT_new(g);
	bool ok = p != NULL && EC_POINT_mul(g, p, k, NULL, NULL, bn) == 1 &&
	    EC_POINT_get_affine_coordinates(g, p, x, y, bn) == 1;

	EC_POINT_free(p);
	return ok;
}

enum atls_rc
sim_key_point(const struct sim_key *k, uint8_t out[2 * SIM_FIELD_MAX])
{
	EC_GROUP *g = group_of(k->alg);
	BN_CTX *bn = BN_CTX_new();
	BIGNUM *d = NULL, *x = BN_new(), *y = BN_new();
	int field = (int)sim_key_field(k->alg);
	bool ok = false;

	if (g != NULL && bn != NULL && x != NULL && y != NULL)
		d = number_from(k->label, (struct atls_bytes){ NULL, 0 },
		    EC_GROUP_get0_order(g), bn);
	if (d != NULL && times(g, d, x, y, bn))
		ok = BN_bn2binpad(x, out, field) == field &&
		    BN_bn2binpad(y, out + field, field) == field;
	BN_free(d);
	BN_free(x);
	BN_free(y);
	BN_CTX_free(bn);
	EC_GROUP_free(g);
	return ok ? ATLS_OK : ATLS_E_CRYPTO;
}

/*
 * FIPS 186-5, 6.4.1, with the secret number taken from label and digest.
 * libcrypto takes it by chance.  Nothing here hides anything: the key is in
 * this file.
 */
static bool
ecdsa(const struct sim_key *key, const EC_GROUP *g, BN_CTX *bn,
    struct atls_bytes digest, uint8_t *sig)
{
	const BIGNUM *n = EC_GROUP_get0_order(g);
	int field = (int)sim_key_field(key->alg);
	BIGNUM *d, *k, *r = BN_new(), *s = BN_new(), *z;
	bool ok;

	d = number_from(key->label, (struct atls_bytes){ NULL, 0 }, n, bn);
	k = number_from(key->label, digest, n, bn);
	z = BN_bin2bn(digest.p, (int)digest.len, NULL);
	ok = d != NULL && k != NULL && r != NULL && s != NULL && z != NULL &&
	    times(g, k, r, s, bn) && BN_mod(r, r, n, bn) == 1 &&
	    BN_mod_mul(s, r, d, n, bn) == 1 &&
	    BN_mod_add(s, s, z, n, bn) == 1 &&
	    BN_mod_inverse(k, k, n, bn) != NULL &&
	    BN_mod_mul(s, s, k, n, bn) == 1 &&
	    BN_bn2binpad(r, sig, field) == field &&
	    BN_bn2binpad(s, sig + field, field) == field;
	BN_free(d);
	BN_free(k);
	BN_free(r);
	BN_free(s);
	BN_free(z);
	return ok;
}

enum atls_rc
sim_sign(const struct sim_key *k, struct atls_bytes msg,
    uint8_t sig[SIM_RSA_SIZE], size_t *len)
{
	uint8_t h[ATLS_HASH_MAX];
	size_t field = sim_key_field(k->alg);
	EC_GROUP *g;
	BN_CTX *bn;
	bool ok = false;

	*len = k->alg == SIM_RSA ? SIM_RSA_SIZE : 2 * field;
	if (k->alg == SIM_RSA)
		return sim_rsa_sign(k, msg, sig);
	g = group_of(k->alg);
	bn = BN_CTX_new();
	if (g != NULL && bn != NULL && sim_hash(field == 32 ? "SHA256" :
	    "SHA384", msg, (struct atls_bytes){ NULL, 0 }, h) == ATLS_OK)
		ok = ecdsa(k, g, bn, (struct atls_bytes){ h, field }, sig);
	BN_CTX_free(bn);
	EC_GROUP_free(g);
	return ok ? ATLS_OK : ATLS_E_CRYPTO;
}
