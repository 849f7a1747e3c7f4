/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "cca.h"

enum {
	TAG_COLLECTION = 399, TAG_CMW = 907, TAG_UCCS = 601,
	FORMAT_EAT_CWT = 263,	/* CoAP content format, RFC 9782 */
	KEY_PLATFORM = 44234, KEY_REALM = 44241,
	CNF_KEY = 1,		/* RFC 8747, 3.1 */
};

#define NONCE_MIN	8	/* octets: RFC 9711, 4.1 */
#define NONCE_MAX	64
#define KEY_MAX		256	/* octets of an encoded public key */
#define CONFIG_MAX	256	/* octets of a configuration */

#define P(key, name, ...)						\
	{ key, 0, "cca.platform.claims." name, __VA_ARGS__ }

static const struct arm_claim platform[CCA_P_N] = {
	[CCA_P_CHALLENGE] = P(10, "challenge", ARM_HASH, 0, 0, false),
	[CCA_P_INSTANCE] =
	    P(256, "instance_id", ARM_BYTES, ARM_INSTANCE, ARM_INSTANCE, false),
	[CCA_P_PROFILE] = P(265, "profile", ARM_TEXT, 0, 0, false),
	[CCA_P_LIFECYCLE] = P(2395, "lifecycle", ARM_NUMBER, 0, 0, false),
	[CCA_P_IMPL] =
	    P(2396, "implementation_id", ARM_BYTES, ARM_IMPL, ARM_IMPL, false),
	[CCA_P_SW] = P(2399, "sw", ARM_ANY, 0, 0, false),
	[CCA_P_SERVICE] = P(2400, "service", ARM_TEXT, 0, 0, true),
	[CCA_P_CONFIG] = P(2401, "config", ARM_BYTES, 0, CONFIG_MAX, false),
	[CCA_P_HASH] = P(2402, "hash", ARM_TEXT, 0, 0, false),
};

#define R(key, name, ...)						\
	{ key, 0, "cca.realm.claims." name, __VA_ARGS__ }

static const struct arm_claim realm[CCA_R_N] = {
	[CCA_R_CHALLENGE] =
	    R(10, "challenge", ARM_BYTES, CCA_CHALLENGE, CCA_CHALLENGE, false),
	[CCA_R_PROFILE] = R(265, "profile", ARM_TEXT, 0, 0, true),
	[CCA_R_RPV] = R(44235, "rpv", ARM_BYTES, 64, 64, false),
	[CCA_R_HASH] = R(44236, "hash", ARM_TEXT, 0, 0, false),
	[CCA_R_KEY] = R(44237, "key", ARM_BYTES, 1, KEY_MAX, false),
	[CCA_R_RIM] = R(44238, "rim", ARM_HASH, 0, 0, false),
	[CCA_R_REM] = R(44239, "rem", ARM_ANY, 0, 0, false),
	[CCA_R_KEY_HASH] = R(44240, "key_hash", ARM_TEXT, 0, 0, false),
};

#define K(key, name, ...)						\
	{ key, 0, "cca.kat.claims." name, __VA_ARGS__ }

static const struct arm_claim statement[CCA_K_N] = {
	[CCA_K_NONCE] = K(10, "nonce", ARM_BYTES, NONCE_MIN, NONCE_MAX, false),
	[CCA_K_CNF] = K(8, "cnf", ARM_ANY, 0, 0, false),
};

static const struct arm_claim confirmation =
    K(CNF_KEY, "cnf", ARM_ANY, 0, 0, false);

const struct evidence_claim cca_claims[CCA_NCLAIMS] = {
	{ "cca.platform.profile",	ATLS_CLAIM_TEXT,	false, 0 },
	{ "cca.platform.instance_id",	ATLS_CLAIM_BYTES,	false,
	    ARM_INSTANCE },
	{ "cca.platform.implementation_id", ATLS_CLAIM_BYTES,	true,
	    ARM_IMPL },
	{ "cca.platform.lifecycle",	ATLS_CLAIM_NUMBER,	false, 0 },
	{ "cca.platform.config",	ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.platform.hash",		ATLS_CLAIM_TEXT,	false, 0 },
	{ "cca.platform.service",	ATLS_CLAIM_TEXT,	false, 0 },
	{ "cca.realm.profile",		ATLS_CLAIM_TEXT,	false, 0 },
	{ "cca.realm.rim",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.realm.rem.0",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.realm.rem.1",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.realm.rem.2",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.realm.rem.3",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "cca.realm.rpv",		ATLS_CLAIM_BYTES,	true, 64 },
	{ "cca.realm.hash",		ATLS_CLAIM_TEXT,	false, 0 },
	ARM_SW_ALL("cca.platform"),
};

_Static_assert((int)CCA_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

/* One of the two tokens: as it is, or in a record with its type. */
static struct atls_bytes
member(struct rd *r, bool record)
{
	if (record && (cbor_array(r).left != 2 ||
	    cbor_uint(r) != FORMAT_EAT_CWT))
		rd_fail(r, ATLS_E_FORMAT);
	return cbor_bstr(r);
}

/*
 * The collection at r.  Nothing signs it, so there is nothing in it but what
 * we read.
 */
static void
collection(struct rd *r, struct atls_bytes *p, struct atls_bytes *t)
{
	uint64_t tag = cbor_tag(r);
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;

	if (tag != TAG_COLLECTION && tag != TAG_CMW)
		rd_fail(r, ATLS_E_UNKNOWN);
	while (cbor_map_next(r, &m, &k)) {
		if (cbor_key_is_int(&k, KEY_PLATFORM))
			*p = member(r, tag == TAG_CMW);
		else if (cbor_key_is_int(&k, KEY_REALM))
			*t = member(r, tag == TAG_CMW);
		else
			rd_fail(r, ATLS_E_FORMAT);
	}
}

/* Parsec's: likewise not signed as a whole. */
static void
parsec(struct rd *r, struct atls_bytes part[])
{
	struct cbor_map m = cbor_map(r);
	bool pat = false;
	struct cbor_key k;

	while (cbor_map_next(r, &m, &k)) {
		if (cbor_key_is(&k, "kat"))
			part[CCA_KAT] = cbor_item(r);
		else if (cbor_key_is(&k, "pat")) {
			collection(r, &part[CCA_PLATFORM], &part[CCA_REALM]);
			pat = true;
		} else
			rd_fail(r, ATLS_E_FORMAT);
	}
	if (!pat || part[CCA_KAT].len == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

static size_t
off_of(const struct atls_evidence *ev, struct atls_bytes part)
{
	return (size_t)(part.p - ev->raw.p);
}

static enum atls_rc
open_platform(const struct atls_evidence *ev, struct cca *out,
    struct atls_err *err)
{
	struct atls_bytes in = ev->part[CCA_PLATFORM], *sw;
	enum atls_rc rc;

	rc = cose_sign1_parse(in, off_of(ev, in), COSE_TAGGED,
	    "cca.platform.cose", &out->platform, err);
	if (rc != ATLS_OK)
		return rc;
	in = out->platform.payload;
	rc = arm_claims(in, off_of(ev, in), "cca.platform.claims", platform,
	    CCA_P_N, out->p, err);
	if (rc != ATLS_OK)
		return rc;
	sw = &out->p[CCA_P_SW].bytes;
	return arm_sw(*sw, off_of(ev, *sw), "cca.platform.claims.sw", out->sw,
	    &out->nsw, err);
}

/* The four of them, each a digest. */
static enum atls_rc
open_rem(const struct atls_evidence *ev, struct cca *out,
    struct atls_err *err)
{
	struct rd r = rd_of(out->r[CCA_R_REM].bytes);
	size_t i, n;

	r.off = off_of(ev, out->r[CCA_R_REM].bytes);
	if (cbor_array(&r).left != CCA_REMS)
		rd_fail(&r, ATLS_E_FORMAT);
	for (i = 0; i < CCA_REMS; i++) {
		out->rem[i] = cbor_bstr(&r);
		n = out->rem[i].len;
		if (n != 32 && n != 48 && n != 64)
			rd_fail(&r, ATLS_E_FORMAT);
	}
	if (rd_done(&r) == ATLS_OK)
		return ATLS_OK;
	return err_set(err, rd_done(&r), "cca.realm.claims.rem", r.off,
	    "not %d measurements", CCA_REMS);
}

static enum atls_rc
open_realm(const struct atls_evidence *ev, struct cca *out,
    struct atls_err *err)
{
	struct atls_bytes in = ev->part[CCA_REALM];
	enum atls_rc rc;

	rc = cose_sign1_parse(in, off_of(ev, in), COSE_TAGGED,
	    "cca.realm.cose", &out->realm, err);
	if (rc != ATLS_OK)
		return rc;
	in = out->realm.payload;
	rc = arm_claims(in, off_of(ev, in), "cca.realm.claims", realm,
	    CCA_R_N, out->r, err);
	return rc == ATLS_OK ? open_rem(ev, out, err) : rc;
}

/* The statement, an unsigned set of claims: RFC 9781. */
static enum atls_rc
open_kat(const struct atls_evidence *ev, struct cca *out,
    struct atls_err *err)
{
	struct arm_value key, *cnf = &out->k[CCA_K_CNF];
	struct rd r = rd_of(out->kat);
	struct atls_bytes map;
	enum atls_rc rc;

	r.off = off_of(ev, out->kat);
	if (cbor_tag(&r) != TAG_UCCS)
		rd_fail(&r, ATLS_E_FORMAT);
	map = rd_rest(&r);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "cca.kat", r.off, "not tag %d",
		    TAG_UCCS);
	if ((rc = arm_claims(map, off_of(ev, map), "cca.kat.claims", statement,
	    CCA_K_N, out->k, err)) != ATLS_OK)
		return rc;
	if ((rc = arm_claims(cnf->bytes, off_of(ev, cnf->bytes),
	    "cca.kat.claims.cnf", &confirmation, 1, &key, err)) != ATLS_OK)
		return rc;
	return cose_key_parse(key.bytes, off_of(ev, key.bytes),
	    "cca.kat.claims.cnf", &out->cnf, err);
}

enum atls_rc
cca_open(const struct atls_evidence *ev, struct cca *out,
    struct atls_err *err)
{
	enum atls_rc rc;

	memset(out, 0, sizeof(*out));
	if ((rc = open_platform(ev, out, err)) != ATLS_OK ||
	    (rc = open_realm(ev, out, err)) != ATLS_OK)
		return rc;
	out->kat = ev->part[CCA_KAT];
	return out->kat.len == 0 ? ATLS_OK : open_kat(ev, out, err);
}

static void
say(struct atls_evidence *out, const struct cca *t)
{
	static const struct { size_t claim, value; } of_p[] = {
		{ CCA_C_PROFILE, CCA_P_PROFILE },
		{ CCA_C_INSTANCE, CCA_P_INSTANCE },
		{ CCA_C_IMPL, CCA_P_IMPL },
		{ CCA_C_LIFECYCLE, CCA_P_LIFECYCLE },
		{ CCA_C_CONFIG, CCA_P_CONFIG }, { CCA_C_HASH, CCA_P_HASH },
		{ CCA_C_SERVICE, CCA_P_SERVICE },
	}, of_r[] = {
		{ CCA_C_REALM_PROFILE, CCA_R_PROFILE },
		{ CCA_C_RIM, CCA_R_RIM }, { CCA_C_RPV, CCA_R_RPV },
		{ CCA_C_REALM_HASH, CCA_R_HASH },
	};
	size_t i;

	for (i = 0; i < sizeof(of_p) / sizeof(of_p[0]); i++)
		arm_say(out, &cca_claims[of_p[i].claim], &t->p[of_p[i].value]);
	for (i = 0; i < sizeof(of_r) / sizeof(of_r[0]); i++)
		arm_say(out, &cca_claims[of_r[i].claim], &t->r[of_r[i].value]);
	for (i = 0; i < CCA_REMS; i++)
		arm_say(out, &cca_claims[CCA_C_REM + i], &(struct arm_value){
		    .there = true, .bytes = t->rem[i] });
	arm_say_sw(out, &cca_claims[CCA_C_SW], t->sw, t->nsw);
}

/* Half of a token says nothing of a realm on a platform. */
static enum atls_rc
check_halves(const struct atls_evidence *ev, struct atls_err *err)
{
	if (ev->part[CCA_PLATFORM].len == 0)
		return err_set(err, ATLS_E_FORMAT, "cca.platform", 0,
		    "there is no platform token");
	if (ev->part[CCA_REALM].len == 0)
		return err_set(err, ATLS_E_FORMAT, "cca.realm", 0,
		    "there is no realm token");
	return ATLS_OK;
}

enum atls_rc
cca_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct rd r = rd_of(raw);
	struct cca t;
	enum atls_rc rc;

	(void)scratch;
	if (cbor_peek(r) == CBOR_MAP)
		parsec(&r, out->part);
	else
		collection(&r, &out->part[CCA_PLATFORM],
		    &out->part[CCA_REALM]);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "cca.collection", r.off,
		    "not a platform token and a realm token");
	if ((rc = check_halves(out, err)) != ATLS_OK ||
	    (rc = cca_open(out, &t, err)) != ATLS_OK)
		return rc;
	out->report_data = t.kat.len == 0 ? t.r[CCA_R_CHALLENGE].bytes :
	    t.k[CCA_K_NONCE].bytes;
	say(out, &t);
	return ATLS_OK;
}
