/* SPDX-License-Identifier: Apache-2.0 */
#include "binder.h"

#include "../base/err.h"
#include "../base/rd.h"
#include "../crypto/crypto.h"

enum atls_rc
binder_context_new(enum atls_role role, uint8_t out[BINDER_CONTEXT],
    struct atls_err *err)
{
	out[0] = (uint8_t)role;
	if (crypto_random(out + 1, BINDER_CONTEXT - 1) != ATLS_OK)
		return err_set(err, ATLS_E_CRYPTO, "request.context", 0,
		    "no random octets");
	return ATLS_OK;
}

int
binder_context_by(enum atls_role role, struct atls_bytes context)
{
	struct rd r = rd_of(context);
	uint64_t first = rd_be(&r, 1);

	return context.len >= BINDER_CONTEXT && first == (uint64_t)role;
}

enum atls_rc
binder_compute(const struct atls_channel *ch, enum atls_hash hash,
    struct atls_bytes context, struct atls_bytes spki,
    uint8_t out[ATLS_HASH_MAX], size_t *outlen, struct atls_err *err)
{
	uint8_t exported[BINDER_EXPORTED];
	struct atls_bytes part[2] = { spki, ATLS_ARRAY(exported) };
	enum atls_rc rc;

	*outlen = 0;
	if (context.len == 0 || spki.len == 0)
		return err_set(err, ATLS_E_ARG, "binder", 0,
		    "no context, or no key");
	if ((rc = ch->ops->exporter(ch->conn, BINDER_LABEL, context, exported,
	    sizeof(exported))) != ATLS_OK)
		return err_set(err, rc, "binder.exporter", 0, "not available");
	rc = crypto_hash(hash, part, 2, out);
	atls_wipe(exported, sizeof(exported));
	if (rc != ATLS_OK)
		return err_set(err, rc, "binder.hash", 0, "hash failed");
	*outlen = crypto_hash_len(hash);
	return ATLS_OK;
}

enum atls_rc
binder_ext_read(struct atls_bytes data, struct atls_bytes *cmw,
    struct atls_err *err)
{
	struct rd r = rd_of(data);
	struct rd v = rd_sub(&r, 2);
	enum atls_rc rc;

	*cmw = rd_rest(&v);
	if (cmw->len == 0)
		rd_fail(&v, ATLS_E_FORMAT);
	rd_close(&r, &v);
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*cmw = (struct atls_bytes){ NULL, 0 };
		return err_set(err, rc, "ext.cmw_attestation", r.off,
		    "%zu octets", data.len);
	}
	return ATLS_OK;
}
