/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EAR_USE_H
#define EAR_USE_H

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ear_judge.h"
#include "ear_make.h"
#include "heap.h"
#include "t.h"

/* Results in a JWT, of these parts, and keys that sign them. */
#define ES256	"{\"alg\":\"ES256\",\"typ\":\"JWT\"}"
#define OLD	"\"eat_profile\":\"tag:github.com,2023:veraison/ear\","
#define NEW	"\"eat_profile\":\"tag:ietf.org,2026:rats/ear#03\","
#define BY	"\"ear.verifier-id\":{\"developer\":\"d\",\"build\":\"b 1\"},"
#define NBY	"\"ear_verifier_id\":{\"developer\":\"d\",\"build\":\"b 1\"},"
#define IAT	"\"iat\":1799999990,"
#define GOOD	"\"ear.status\":\"affirming\""
#define NGOOD	"\"ear_status\":\"affirming\""
#define SUB(s)	"\"submods\":{\"cpu0\":{" s "}}"
/* the deployed form; the draft's */
#define O(top, sub)	"{" OLD IAT BY top SUB(GOOD sub) "}"
#define N(top, sub)	"{" NEW IAT NBY top SUB(NGOOD sub) "}"
#define VEC(v)	",\"ear.trustworthiness-vector\":{" v "}"
#define N32	"\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\""

enum { K_P256, K_P384, K_ED, K_RSA, K_OTHER, NKEYS };
static EVP_PKEY *priv[NKEYS];
static struct crypto_key *pub[NKEYS];

static inline bool
key_make(size_t which)
{
	uint8_t der[1024], *p = der;
	EVP_PKEY *k = which == K_ED ? EVP_PKEY_Q_keygen(NULL, NULL,
	    "ED25519") : which == K_RSA ? EVP_RSA_gen(2048) :
	    EVP_EC_gen(which == K_P384 ? "P-384" : "P-256");
	int n = i2d_PUBKEY(k, &p);

	priv[which] = k;
	return n > 0 && crypto_key_spki((struct atls_bytes){ der, (size_t)n },
	    &pub[which]) == ATLS_OK;
}

static inline void
keys_free(void)
{
	size_t i;

	for (i = 0; i < NKEYS; i++) {
		crypto_key_free(pub[i]);
		EVP_PKEY_free(priv[i]);
	}
}

#endif
