/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <atls/appraise.h>

#include "../base/wr.h"
#include "../evidence/evidence.h"

#define FIELD_MAX	64	/* octets of user data in any kind */

/*
 * draft-fossati-seat-expat, "Binder", leaves open how the binder gets into
 * evidence.  What we hold to, and peers must be configured alike:
 *
 *	key		SPKI is the DER SubjectPublicKeyInfo of the leaf, octet
 *			for octet; the draft says "public key" only.
 *	compared	the binder, Hash(SPKI || exported); never the exported
 *			value itself, which the draft's overview names.
 *	exported	32 octets, whatever the suite.
 *	embedding	expat-rd-1: the binder from the left, zeros up to the
 *			end of a fixed field, all of which is compared.
 *	key's hash	expat-rd-1: the binder is the commitment to the key,
 *			since a hash of its own has no room behind 48 octets.
 *			expat-rd-2: Hash(SPKI) follows the binder.
 *	Hash		of the cipher suite: a binder of 32 octets is SHA-256,
 *			one of 48 SHA-384.
 */
static enum atls_rc
lay_out(enum atls_profile profile, struct atls_bytes binder,
    struct atls_bytes spki, struct wr *w)
{
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc;

	switch (profile) {
	case ATLS_PROFILE_EXPAT_1:
		wr_bytes(w, binder);
		return ATLS_OK;
	case ATLS_PROFILE_EXPAT_2:
		if (binder.len != crypto_hash_len(ATLS_SHA256) ||
		    spki.len == 0)
			return ATLS_E_ARG;
		if ((rc = crypto_hash(ATLS_SHA256, &spki, 1, digest)) !=
		    ATLS_OK)
			return rc;
		wr_bytes(w, binder);
		wr_bytes(w, (struct atls_bytes){ digest,
		    crypto_hash_len(ATLS_SHA256) });
		return ATLS_OK;
	case ATLS_PROFILE_COCOS:
		if ((rc = crypto_hash(ATLS_SHA512, &binder, 1, digest)) !=
		    ATLS_OK)
			return rc;
		wr_bytes(w, (struct atls_bytes){ digest,
		    crypto_hash_len(ATLS_SHA512) });
		return ATLS_OK;
	}
	return ATLS_E_ARG;
}

enum atls_rc
atls_report_data(enum atls_profile profile, enum atls_kind kind,
    struct atls_bytes binder, struct atls_bytes spki, uint8_t out[64],
    size_t *outlen)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	struct atls_buf b = { out, FIELD_MAX, 0 };
	struct wr w = wr_of(&b);
	enum atls_rc rc;

	*outlen = 0;
	memset(out, 0, FIELD_MAX);
	if (ops == NULL || ops->field > FIELD_MAX)
		return ATLS_E_ARG;
	if (binder.len != crypto_hash_len(ATLS_SHA256) &&
	    binder.len != crypto_hash_len(ATLS_SHA384))
		return ATLS_E_ARG;
	if ((rc = lay_out(profile, binder, spki, &w)) != ATLS_OK)
		return rc;
	if (ops->field != 0 && w.need > ops->field)
		rc = ATLS_E_ARG;
	else if (ops->field != 0)
		wr_zeros(&w, ops->field - w.need);
	if (rc != ATLS_OK || wr_done(&w) != ATLS_OK) {
		memset(out, 0, FIELD_MAX);
		return ATLS_E_ARG;
	}
	*outlen = b.len;
	return ATLS_OK;
}
