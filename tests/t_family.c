/* SPDX-License-Identifier: Apache-2.0 */
/* What a family makes of what a backend found: also of what no backend of
 * ours would hand on. */
#include <openssl/ec.h>

#include "../src/proto/family.h"
#include "cert_make.h"
#include "heap.h"
#include "t.h"

#define NOW	((int64_t)1790000000)

static const struct atls_channel_info info = { .hash = ATLS_SHA256 };

static enum atls_rc
opened(enum atls_family f, const struct atls_carried *c,
    struct atls_bytes spki, struct family_found *out, struct atls_err *err)
{
	*out = (struct family_found){ .kind = ATLS_KIND_NONE };
	*err = (struct atls_err){ .rc = ATLS_OK };
	return family_of(f)->open(c, &info, spki, NOW, out, err);
}

static void
test_carried(enum atls_family f)
{
	static const struct {
		const char	*what, *hex;
		enum atls_rc	 rc;
		size_t		 len;
	} rows[] = {
		{ "none", "", ATLS_E_NONE, 0 },
		{ "one octet", "00", ATLS_E_TRUNC, 0 },
		{ "half a length", "0000", ATLS_E_TRUNC, 0 },
		{ "an empty CMW", "000000", ATLS_E_FORMAT, 0 },
		{ "good", "000002a1b2", ATLS_OK, 2 },
		{ "short by one", "000003a1b2", ATLS_E_TRUNC, 0 },
		{ "long by one", "000001a1b2", ATLS_E_TRAIL, 0 },
		{ "as long as can be", "ffffffa1b2", ATLS_E_TRUNC, 0 },
	};
	uint8_t hash[32] = { 1 }, spki[] = { 0x30, 0 };
	struct atls_carried c = { .transcript = ATLS_ARRAY(hash),
	    .nonce = ATLS_ARRAY(hash) };
	struct family_found found;
	struct atls_err err;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		c.evidence = hex(rows[i].hex);
		rc = opened(f, &c, ATLS_ARRAY(spki), &found, &err);
		T(rc == rows[i].rc && (rc == ATLS_OK || strcmp(err.where,
		    "ext.attestation") == 0), "%s: %s %s", rows[i].what,
		    atls_rc_name(rc), err.where);
		T(rc != ATLS_OK || (found.raw.len == rows[i].len &&
		    found.binderlen == 32), "%s: found", rows[i].what);
		drop(c.evidence);
	}
	c.evidence = hex("000002a1b2");
	c.transcript.len = c.nonce.len = 0;
	T(opened(f, &c, ATLS_ARRAY(spki), &found, &err) == ATLS_E_ARG &&
	    strcmp(err.where, "binder") == 0 && found.binderlen == 0,
	    "no hellos, no nonce: %s", err.where);
	c.transcript = ATLS_ARRAY(hash);
	c.nonce = ATLS_ARRAY(hash);
	T(opened(f, &c, (struct atls_bytes){ NULL, 0 }, &found, &err) ==
	    ATLS_E_ARG, "no key");
	drop(c.evidence);
}

/* A certificate with evidence, and the key of a handshake that is another. */
static void
test_pre(void)
{
	static const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d,
	    0x8a, 0x39, 6 }, quote[] = { 3, 0, 2, 0, 0, 0, 0, 0 };
	struct cert_ext e = { ATLS_ARRAY(oid), ATLS_ARRAY(quote), false };
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	struct atls_bytes mine = cert_spki(key), his = cert_spki(other);
	struct atls_carried c = { .certificate = cert_make(key, &e, 1,
	    NOW - 1, NOW + 1) };
	struct family_found found;
	struct atls_err err;

	T(opened(ATLS_FAMILY_PRE, &c, mine, &found, &err) == ATLS_OK &&
	    found.until == NOW + 1 && found.report_data.len == 64, "%s",
	    err.where);
	T(opened(ATLS_FAMILY_PRE, &c, his, &found, &err) == ATLS_E_BIND &&
	    strcmp(err.where, "ratls.spki") == 0, "another key: %s",
	    err.where);
	T(opened(ATLS_FAMILY_PRE, &c, (struct atls_bytes){ NULL, 0 },
	    &found, &err) == ATLS_E_BIND, "no key: %s", err.where);
	drop(c.certificate);
	c.certificate = cert_make(key, &e, 1, NOW - 2, NOW - 1);
	T(opened(ATLS_FAMILY_PRE, &c, mine, &found, &err) == ATLS_E_STALE &&
	    found.report_data.len == 0, "ended: %s", err.where);
	drop(c.certificate);
	drop(mine);
	drop(his);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

int
main(void)
{
	test_carried(ATLS_FAMILY_INTRA);
	test_carried(ATLS_FAMILY_INSECURE_TLS_A);
	test_pre();
	T(family_of(ATLS_FAMILY_POST)->open == NULL, "post");
	return t_end("t_family");
}
