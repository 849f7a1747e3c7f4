/* SPDX-License-Identifier: Apache-2.0 */
#include "cca.h"

#include <string.h>

#include "../base/err.h"

#define POINT_P384	97	/* octets of an uncompressed point */

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

static bool
is_any(struct atls_bytes is, const char *const *known, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (atls_ct_eq(is, view(known[i])))
			return true;
	return false;
}

static const char *
print(struct atls_bytes b)
{
	return b.len == 0 ? "" : (const char *)b.p;
}

static int
check_platform_profile(const struct cca *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	static const char *const known[] = {
		"tag:arm.com,2023:cca_platform#1.0.0",
		"http://arm.com/CCA-SSD/1.0.0",		/* before it */
	};
	struct atls_bytes is = t->p[CCA_P_PROFILE].bytes;

	return evidence_check(trust, err, is_any(is, known,
	    sizeof(known) / sizeof(known[0])), ATLS_E_UNKNOWN,
	    "cca.platform.profile", "must be one that we know", "%.*s",
	    (int)is.len, print(is));
}

/* A realm of before there were profiles has none. */
static int
check_realm_profile(const struct cca *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	static const char *const known[] = {
		"tag:arm.com,2023:realm#1.0.0",
		"tag:arm.com,2024:realm#2.0.0",
	};
	struct atls_bytes is = t->r[CCA_R_PROFILE].bytes;

	return evidence_check(trust, err, !t->r[CCA_R_PROFILE].there ||
	    is_any(is, known, sizeof(known) / sizeof(known[0])),
	    ATLS_E_UNKNOWN, "cca.realm.profile", "must be one that we know",
	    "%.*s", (int)is.len, print(is));
}

/* The realm's key: by profile a COSE_Key, without one an uncompressed point
 * of P-384. */
static enum atls_rc
realm_key(const struct cca *t, struct crypto_key **out)
{
	struct atls_bytes is = t->r[CCA_R_KEY].bytes, x, y;
	struct rd r = rd_of(is);
	struct cose_key k;
	enum atls_rc rc;

	*out = NULL;
	if (t->r[CCA_R_PROFILE].there) {
		rc = cose_key_parse(is, 0, "cca.realm.key", &k, NULL);
		return rc == ATLS_OK ? signed_key(&k, out) : rc;
	}
	if (is.len != POINT_P384 || rd_be(&r, 1) != 4)
		return ATLS_E_FORMAT;
	x = rd_take(&r, POINT_P384 / 2);
	y = rd_take(&r, POINT_P384 / 2);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return rc;
	return crypto_key_ec(CRYPTO_P384, x, y, out);
}

static int
check_realm_signature(const struct cca *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	struct crypto_key *key;
	enum atls_rc rc = realm_key(t, &key);
	int ok;

	ok = evidence_check(trust, err, rc == ATLS_OK, rc, "cca.realm.key",
	    "must be a COSE_Key, or a point if there is no profile",
	    "%zu octets", t->r[CCA_R_KEY].bytes.len);
	if (ok == 1) {
		rc = signed_verify(&t->realm, key);
		ok = evidence_check(trust, err, rc == ATLS_OK, rc,
		    "cca.realm.signature", "must be of the realm's key", "%s",
		    atls_rc_name(rc));
	}
	crypto_key_free(key);
	return ok;
}

/* IANA, "Named Information Hash Algorithm Registry". */
static enum atls_hash
hash_named(struct atls_bytes name)
{
	static const struct { const char *name; enum atls_hash hash; } all[] = {
		{ "sha-256", ATLS_SHA256 }, { "sha-384", ATLS_SHA384 },
		{ "sha-512", ATLS_SHA512 },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (atls_ct_eq(name, view(all[i].name)))
			return all[i].hash;
	return (enum atls_hash)0;
}

static bool
is_digest(enum atls_hash hash, struct atls_bytes of, struct atls_bytes is)
{
	uint8_t digest[ATLS_HASH_MAX];

	return crypto_hash(hash, &of, 1, digest) == ATLS_OK &&
	    atls_ct_eq(is, (struct atls_bytes){ digest,
	    crypto_hash_len(hash) });
}

/*
 * What ties the two tokens together: the platform answered with a digest of
 * the realm's key, as encoded in the claim.  Without it any realm token goes
 * with any platform token.
 */
static int
check_binding(const struct cca *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	struct atls_bytes name = t->r[CCA_R_KEY_HASH].bytes;
	enum atls_hash hash = hash_named(name);

	if (evidence_check(trust, err, hash != 0, ATLS_E_UNKNOWN,
	    "cca.realm.key_hash", "must be sha-256, sha-384 or sha-512",
	    "%.*s", (int)name.len, print(name)) != 1)
		return 0;
	return evidence_check(trust, err, is_digest(hash,
	    t->r[CCA_R_KEY].bytes, t->p[CCA_P_CHALLENGE].bytes), ATLS_E_BIND,
	    "cca.platform.challenge", "must be the digest of the realm's key",
	    "%zu octets", t->p[CCA_P_CHALLENGE].bytes.len);
}

/* Parsec: what the realm answers is the statement, tag and all. */
static int
check_kat(const struct cca *t, const struct evidence_trust *trust,
    struct atls_err *err)
{
	if (t->kat.len == 0)
		return 1;
	return evidence_check(trust, err, is_digest(ATLS_SHA512, t->kat,
	    t->r[CCA_R_CHALLENGE].bytes), ATLS_E_BIND, "cca.kat",
	    "its SHA-512 must be the realm's challenge", "%zu octets",
	    t->kat.len);
}

static int
cca_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct atls_err *err = &res->why;
	struct cca t;

	if (cca_open(ev, &t, err) != ATLS_OK ||
	    arm_check_alg(trust, err, &t.platform, "cca.platform.alg") != 1 ||
	    arm_check_signer(trust, err, &t.platform, "cca.key",
	    "cca.platform.signature") != 1 ||
	    check_platform_profile(&t, trust, err) != 1 ||
	    arm_check_lifecycle(trust, err, t.p[CCA_P_LIFECYCLE].number,
	    "cca.platform.lifecycle") != 1 ||
	    check_realm_profile(&t, trust, err) != 1 ||
	    arm_check_alg(trust, err, &t.realm, "cca.realm.alg") != 1 ||
	    check_realm_signature(&t, trust, err) != 1 ||
	    check_binding(&t, trust, err) != 1 ||
	    check_kat(&t, trust, err) != 1)
		return 0;
	return 1;
}

static bool
cca_names_key(const struct atls_evidence *ev)
{
	return ev->part[CCA_KAT].len != 0;
}

/* draft-reddy-rats-key-binding: compare parameters, not encodings. */
static int
cca_key(const struct atls_evidence *ev, struct atls_bytes spki,
    struct atls_result *res)
{
	struct crypto_key *aik = NULL, *key = NULL;
	struct cca t;
	enum atls_rc rc;

	if (cca_open(ev, &t, &res->why) != ATLS_OK)
		return 0;
	if ((rc = crypto_key_spki(spki, &aik)) == ATLS_OK)
		rc = signed_key(&t.cnf, &key);
	if (rc != ATLS_OK)
		(void)err_set(&res->why, rc, "cca.kat.key", 0, "is not a key");
	else if (crypto_key_eq(aik, key) != 1)
		rc = err_set(&res->why, ATLS_E_BIND, "cca.kat.key", 0,
		    "the key of the statement is not the AIK");
	crypto_key_free(aik);
	crypto_key_free(key);
	return rc == ATLS_OK ? 1 : 0;
}

static void
cca_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	const struct atls_claim *c = atls_evidence_claim(ev,
	    cca_claims[CCA_C_INSTANCE].name);

	out[0] = '\0';
	if (c != NULL)
		arm_instance("cca", c->bytes, out);
}

/*
 * Report data is what the realm was challenged with, 64 octets; in Parsec's
 * form it is the nonce of the statement, which may be shorter by that format
 * and may not be by ours: it is laid out and compared as the challenge is.
 */
static const char *const also[] = {
	"application/vnd.parallaxsecond.key-attestation.cca", NULL
};

const struct evidence_ops evidence_cca = {
	.kind = ATLS_KIND_CCA, .name = "cca",
	.media = "application/eat-collection; "
	    "profile=\"http://arm.com/CCA-SSD/1.0.0\"",
	.also = also, .word = WORD_KEY,
	.field = CCA_CHALLENGE, .field_name = "cca.realm.challenge",
	.claim = cca_claims, .nclaim = CCA_NCLAIMS, .parse = cca_parse,
	.signature = cca_signature, .revocation = NULL, .tcb = NULL,
	.key = cca_key, .names_key = cca_names_key, .answers = true,
	 .instance = cca_instance,
};
