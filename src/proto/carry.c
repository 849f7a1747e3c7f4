/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of ours in a handshake: what it says, and what it looks like. */
#include "config.h"

#include <string.h>

#include <atls/cmw.h>

#include "../appraise/appraise.h"
#include "../base/err.h"
#include "../crypto/crypto.h"

static bool
can_answer(const struct atls_config *c)
{
	return c->identity != NULL && (c->policy == NULL ||
	    policy_self(c->policy) != POLICY_NEVER);
}

/* Kinds of one media type are one in the list. */
static void
accept_add(struct atls_carrier *out, size_t *n, const char *media)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (strcmp(out->accept[i], media) == 0)
			return;
	if (*n < ATLS_CARRIER_MEDIA)
		out->accept[(*n)++] = media;
}

enum atls_rc
atls_config_carrier(const struct atls_config *c, struct atls_carrier *out)
{
	size_t n = 0;
	int k;

	*out = (struct atls_carrier){ .code_point = c->code_point };
	if (c->family->bind == NULL)
		return ATLS_E_CONF;
	out->nonce = c->family->family == ATLS_FAMILY_INSECURE_TLS_A;
	if (can_answer(c))
		out->offer = atls_kind_media(c->kind);
	for (k = ATLS_KIND_NONE + 1; c->policy != NULL && k < ATLS_NKINDS;
	    k++)
		if (policy_allows(c->policy, (enum atls_kind)k))
			accept_add(out, &n, atls_kind_media(
			    (enum atls_kind)k));
	out->ask = c->policy != NULL &&
	    policy_peer(c->policy) == POLICY_REQUIRED;
	return out->offer == NULL && n == 0 ? ATLS_E_CONF : ATLS_OK;
}

enum atls_rc
atls_config_challenge(const struct atls_config *c, enum atls_hash hash,
    const struct atls_carried *ours, uint8_t out[64], size_t *outlen,
    struct atls_err *err)
{
	uint8_t binder[ATLS_HASH_MAX];
	struct atls_bytes b = { binder, 0 }, spki;
	struct crypto_chain *chain;
	enum atls_rc rc;

	*outlen = 0;
	if (c->family->bind == NULL || c->identity == NULL)
		return err_set(err, ATLS_E_CONF, "config.family", 0,
		    "no evidence of ours in this family's handshake");
	if ((rc = crypto_chain_get(NULL, &ours->certificate, 1, &chain,
	    err)) != ATLS_OK)
		return rc;
	spki = crypto_chain_spki(chain);
	/* evidence vouches for the key of the attester, and no other */
	if (!atls_ct_eq(spki, c->own_spki))
		rc = err_set(err, ATLS_E_CONF, "config.attester", 0,
		    "the handshake's certificate is another one");
	else if ((rc = c->family->bind(hash, ours, spki, binder, &b.len)) !=
	    ATLS_OK)
		(void)err_set(err, rc, "binder", 0, "cannot be made");
	else if ((rc = atls_report_data(c->profile, c->kind, b, spki, out,
	    outlen)) != ATLS_OK)
		(void)err_set(err, rc, "binder.profile", 0,
		    "does not fit this cipher suite");
	crypto_chain_free(chain);
	return rc;
}

enum atls_rc
atls_config_wrap(const struct atls_config *c, struct atls_bytes raw,
    struct atls_buf *out, struct atls_err *err)
{
	enum atls_rc rc;

	if (c->identity == NULL)
		return err_set(err, ATLS_E_CONF, "config.attester", 0,
		    "none");
	rc = atls_cmw_write(out, ATLS_CMW_CBOR, atls_kind_media(c->kind), raw,
	    c->kind == ATLS_KIND_EAR ? ATLS_IND_RESULTS : ATLS_IND_EVIDENCE);
	if (rc == ATLS_OK && out->len > ATLS_CMW_MAX)
		rc = ATLS_E_LIMIT;
	if (rc != ATLS_OK)
		(void)err_set(err, rc, "evidence", 0, "%zu octets do not fit",
		    raw.len);
	return rc;
}
