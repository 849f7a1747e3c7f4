/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

#include <string.h>

#include "../base/err.h"
#include "../base/rd.h"
#include "../base/wr.h"
#include "../crypto/crypto.h"
#include "binder.h"

#define INFO_MAX	(2 + 1 + 255 + 1 + ATLS_HASH_MAX)

/* RFC 8446, 7.1: one block is enough, L is the length of the hash. */
static enum atls_rc
expand_label(enum atls_hash hash, struct atls_bytes secret, const char *label,
    struct atls_bytes context, uint8_t out[ATLS_HASH_MAX])
{
	static const char prefix[] = "tls13 ";
	uint8_t info[INFO_MAX + 1];
	struct atls_buf b = { info, sizeof(info), 0 };
	struct wr w = wr_of(&b);
	size_t mark;
	enum atls_rc rc;

	wr_be(&w, crypto_hash_len(hash), 2);
	mark = wr_open(&w, 1);
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)prefix,
	    sizeof(prefix) - 1 });
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)label,
	    strlen(label) });
	wr_close(&w, mark, 1);
	mark = wr_open(&w, 1);
	wr_bytes(&w, context);
	wr_close(&w, mark, 1);
	wr_be(&w, 1, 1);		/* RFC 5869, 2.3: T(1) */
	if ((rc = wr_done(&w)) != ATLS_OK)
		return rc;
	return crypto_hmac(hash, secret, (struct atls_bytes){ info, b.len },
	    out);
}

enum atls_rc
family_transcript_binder(enum atls_hash hash, struct atls_bytes transcript,
    struct atls_bytes spki, uint8_t out[ATLS_HASH_MAX], size_t *outlen)
{
	uint8_t zeros[ATLS_HASH_MAX] = { 0 }, base[ATLS_HASH_MAX];
	uint8_t digest[ATLS_HASH_MAX];
	size_t n = crypto_hash_len(hash);
	enum atls_rc rc;

	*outlen = 0;
	if (n == 0 || transcript.len != n || spki.len == 0)
		return ATLS_E_ARG;
	if ((rc = crypto_hash(hash, &spki, 1, digest)) != ATLS_OK ||
	    (rc = expand_label(hash, (struct atls_bytes){ zeros, n },
	    "attestation base", transcript, base)) != ATLS_OK ||
	    (rc = expand_label(hash, (struct atls_bytes){ base, n },
	    "attestation", (struct atls_bytes){ digest, n }, out)) != ATLS_OK)
		return rc;
	*outlen = n;
	return ATLS_OK;
}

enum atls_rc
family_nonce_binder(enum atls_hash hash, struct atls_bytes nonce,
    struct atls_bytes spki, uint8_t out[ATLS_HASH_MAX], size_t *outlen)
{
	struct atls_bytes part[2] = { nonce, spki };
	enum atls_rc rc;

	*outlen = 0;
	if (nonce.len == 0 || spki.len == 0)
		return ATLS_E_ARG;
	if ((rc = crypto_hash(hash, part, 2, out)) == ATLS_OK)
		*outlen = crypto_hash_len(hash);
	return rc;
}

/* The CMW of the extension, as draft-fossati-seat-early-attestation has it:
 * opaque cmw_payload<1..2^24-1>. */
static enum atls_rc
cmw_of(const struct atls_carried *c, struct family_found *out,
    struct atls_err *err)
{
	struct rd r = rd_of(c->evidence);
	struct rd v;
	enum atls_rc rc;

	if (c->evidence.len == 0)
		return err_set(err, ATLS_E_NONE, "ext.attestation", 0,
		    "the peer sent no evidence");
	v = rd_sub(&r, 3);
	out->raw = rd_rest(&v);
	if (out->raw.len == 0)
		rd_fail(&v, ATLS_E_FORMAT);
	rd_close(&r, &v);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ext.attestation", r.off,
		    "%zu octets", c->evidence.len);
	return ATLS_OK;
}

static enum atls_rc
intra_open(const struct atls_carried *c, const struct atls_channel_info *info,
    struct atls_bytes spki, int64_t now, struct family_found *out,
    struct atls_err *err)
{
	enum atls_rc rc = cmw_of(c, out, err);

	(void)now;
	if (rc == ATLS_OK && (rc = family_transcript_binder(info->hash,
	    c->transcript, spki, out->binder, &out->binderlen)) != ATLS_OK)
		return err_set(err, rc, "binder", 0, "cannot be made");
	return rc;
}

static enum atls_rc
tls_a_open(const struct atls_carried *c, const struct atls_channel_info *info,
    struct atls_bytes spki, int64_t now, struct family_found *out,
    struct atls_err *err)
{
	enum atls_rc rc = cmw_of(c, out, err);

	(void)now;
	if (rc == ATLS_OK && (rc = family_nonce_binder(info->hash, c->nonce,
	    spki, out->binder, &out->binderlen)) != ATLS_OK)
		return err_set(err, rc, "binder", 0, "cannot be made");
	return rc;
}

static enum atls_rc
intra_bind(enum atls_hash hash, const struct atls_carried *ours,
    struct atls_bytes spki, uint8_t out[ATLS_HASH_MAX], size_t *outlen)
{
	return family_transcript_binder(hash, ours->transcript, spki, out,
	    outlen);
}

static enum atls_rc
tls_a_bind(enum atls_hash hash, const struct atls_carried *ours,
    struct atls_bytes spki, uint8_t out[ATLS_HASH_MAX], size_t *outlen)
{
	return family_nonce_binder(hash, ours->nonce, spki, out, outlen);
}

static const struct family families[] = {
	{ ATLS_FAMILY_POST, "post", ATLS_BINDING_EXPORTER, ATLS_F3, NULL,
	    NULL },
	{ ATLS_FAMILY_PRE, "pre", ATLS_BINDING_KEY, ATLS_F0,
	    family_pre_open, NULL },
	{ ATLS_FAMILY_INTRA, "intra", ATLS_BINDING_TRANSCRIPT, ATLS_F3,
	    intra_open, intra_bind },
	{ ATLS_FAMILY_INSECURE_TLS_A, "tls-a", ATLS_BINDING_NONCE_KEY,
	    ATLS_F3, tls_a_open, tls_a_bind },
};

#define NFAMILIES	(sizeof(families) / sizeof(families[0]))

const struct family *
family_of(enum atls_family f)
{
	size_t i;

	for (i = 0; i < NFAMILIES; i++)
		if (families[i].family == f)
			return &families[i];
	return NULL;
}

const char *
atls_family_name(enum atls_family f)
{
	const struct family *row = family_of(f);

	return row == NULL ? "?" : row->name;
}

enum atls_family
atls_family_named(const char *name)
{
	size_t i;

	for (i = 0; i < NFAMILIES; i++)
		if (strcmp(families[i].name, name) == 0)
			return families[i].family;
	return (enum atls_family)0;
}
