/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that everybody has: sim/ makes them, src/crypto/simulated.c knows
 * them, and no other.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "../sim/cert.h"
#include "../src/crypto/crypto.h"
#include "heap.h"
#include "t.h"

#define NKEYS	90

/* A certificate of k, signed by another key: the key is what counts. */
static struct atls_trust *
trust_of(const struct sim_key *k)
{
	struct sim_key by = sim_key(SIM_P256, "nobody");
	struct sim_cert c = { .key = *k, .by = by, .cn = "a", .issuer = "b",
	    .org = "c", .from = SIM_EPOCH, .until = SIM_END, .serial = 1,
	    .ids = true, .ku = SIM_KU_CERT };
	struct put w = { .p = NULL };
	struct atls_trust *t;

	sim_cert_pem(&w, &c);
	T(w.rc == ATLS_OK, "%s: certificate", k->label);
	t = atls_trust_new(put_view(&w), (struct atls_bytes){ NULL, 0 }, NULL);
	T(t != NULL, "%s: trust", k->label);
	put_free(&w);
	return t;
}

static struct crypto_key *
public_of(const struct sim_key *k)
{
	struct put w = { .p = NULL };
	struct crypto_key *key = NULL;

	sim_spki(&w, k);
	T(w.rc == ATLS_OK && crypto_key_spki(put_view(&w), &key) == ATLS_OK,
	    "%s: public key", k->label);
	put_free(&w);
	return key;
}

/* Both functions say the same of a key, and it is `is`. */
static void
check(const struct sim_key *k, bool is)
{
	struct atls_trust *t = trust_of(k);
	struct crypto_key *key = public_of(k);

	T(crypto_trust_simulated(t) == is, "%s: as an anchor", k->label);
	T(crypto_key_simulated(key) == is, "%s: as a key", k->label);
	atls_trust_free(t);
	crypto_key_free(key);
}

static void
test_known(void)
{
	struct sim_key k;
	size_t n;

	for (n = 0; sim_key_nth(n, &k); n++)
		check(&k, true);
	T(n == NKEYS, "%zu keys: has the table that many?", n);
}

static void
test_others(void)
{
	static const struct sim_key others[] = {
		{ SIM_P256, "nobody" }, { SIM_P384, "nobody" },
		{ SIM_P384, "intel.root" }, { SIM_P256, "nitro.root" },
		{ SIM_P256, "intel.pck.8" }, { SIM_P256, "" },
	};
	size_t i;

	for (i = 0; i < NITEMS(others); i++)
		check(&others[i], false);
	T(!crypto_key_simulated(NULL) && !crypto_trust_simulated(NULL),
	    "none is not simulated");
}

/* One among many is enough, wherever it stands. */
static void
test_among(void)
{
	static const char *const orders[][3] = {
		{ "nobody", "intel.root", "somebody" },
		{ "intel.root", "nobody", "somebody" },
		{ "nobody", "somebody", "intel.root" },
		{ "nobody", "somebody", "intel.no-root" },
	};
	struct atls_trust *t;
	struct sim_cert c;
	struct put w;
	size_t i, k;

	for (i = 0; i < NITEMS(orders); i++) {
		w = (struct put){ .p = NULL };
		for (k = 0; k < 3; k++) {
			c = (struct sim_cert){ .key = sim_key(SIM_P256, "%s",
			    orders[i][k]), .cn = orders[i][k], .issuer = "b",
			    .org = "c", .from = SIM_EPOCH, .until = SIM_END,
			    .serial = k + 1, .ids = true, .ku = SIM_KU_CERT };
			c.by = c.key;
			sim_cert_pem(&w, &c);
		}
		t = atls_trust_new(put_view(&w), (struct atls_bytes){ NULL,
		    0 }, NULL);
		T(t != NULL && crypto_trust_simulated(t) == (i != 3),
		    "order %zu", i);
		atls_trust_free(t);
		put_free(&w);
	}
}

/* Signatures by the keys hold under them, and of nothing else. */
static void
test_sign(void)
{
	static const struct { enum sim_alg alg; unsigned scheme; } schemes[] = {
		{ SIM_P256, ATLS_ECDSA_P256_SHA256 },
		{ SIM_P384, ATLS_ECDSA_P384_SHA384 },
		{ SIM_RSA, ATLS_RSA_PSS_SHA384 },
	};
	const uint8_t msg[] = { 1, 2, 3 }, no[] = { 1, 2, 4 };
	uint8_t sig[SIM_RSA_SIZE], b[128];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct atls_bytes s;
	struct crypto_key *key;
	struct sim_key k;
	size_t n, i, len = 0;

	for (n = 0; sim_key_nth(n, &k); n++) {
		for (i = 0; schemes[i].alg != k.alg; i++)
			;
		key = public_of(&k);
		T(sim_sign(&k, ATLS_ARRAY(msg), sig, &len) == ATLS_OK, "%s",
		    k.label);
		s = (struct atls_bytes){ sig, len };
		if (k.alg != SIM_RSA) {
			T(crypto_ecdsa_der((struct atls_bytes){ sig, len / 2 },
			    (struct atls_bytes){ sig + len / 2, len / 2 },
			    &der) == ATLS_OK, "%s: DER", k.label);
			s = (struct atls_bytes){ b, der.len };
		}
		T(crypto_verify(key, schemes[i].scheme, ATLS_ARRAY(msg), s) ==
		    ATLS_OK, "%s: its signature", k.label);
		T(crypto_verify(key, schemes[i].scheme, ATLS_ARRAY(no), s) ==
		    ATLS_E_SIG, "%s: of another message", k.label);
		crypto_key_free(key);
	}
}

int
main(void)
{
	test_known();
	test_others();
	test_among();
	test_sign();
	return t_end("t_sim_keys");
}
