/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>
#include <atls/cmw.h>

#include "../base/err.h"
#include "../codec/cbor.h"
#include "../codec/der.h"
#include "../crypto/crypto.h"
#include "../crypto/make.h"
#include "ratls.h"

#define CLAIMS_MAX	96	/* octets of a claims-buffer of ours */

/* {"pubkey-hash": bstr .cbor [1, SHA-256(SPKI)]} */
static enum atls_rc
claims_of(struct atls_bytes spki, struct atls_buf *out)
{
	uint8_t digest[ATLS_HASH_MAX], entry[64];
	struct atls_buf e = { entry, sizeof(entry), 0 };
	struct wr w = wr_of(&e);
	enum atls_rc rc;

	if ((rc = crypto_hash(ATLS_SHA256, &spki, 1, digest)) != ATLS_OK)
		return rc;
	cbor_put_array(&w, 2);
	cbor_put_uint(&w, 1);
	cbor_put_bstr(&w, (struct atls_bytes){ digest,
	    crypto_hash_len(ATLS_SHA256) });
	if ((rc = wr_done(&w)) != ATLS_OK)
		return rc;
	w = wr_of(out);
	cbor_put_map(&w, 1);
	cbor_put_text(&w, "pubkey-hash");
	cbor_put_bstr(&w, (struct atls_bytes){ entry, e.len });
	return wr_done(&w);
}

/* What evidence for this key has to carry, in this form. */
static enum atls_rc
report_data_of(const struct atls_ratls_ask *ask, struct atls_bytes spki,
    struct atls_bytes claims, uint8_t out[64], size_t *len)
{
	uint8_t binder[32], digest[ATLS_HASH_MAX];
	enum atls_rc rc;

	*len = 0;
	if (ask->form == ATLS_RATLS_CMW) {
		if ((rc = ratls_binder(spki, binder)) != ATLS_OK)
			return rc;
		return atls_report_data(ATLS_PROFILE_EXPAT_1, ask->kind,
		    ATLS_ARRAY(binder), spki, out, len);
	}
	if ((rc = crypto_hash(ATLS_SHA256, &claims, 1, digest)) != ATLS_OK)
		return rc;
	memset(out, 0, 64);
	memcpy(out, digest, crypto_hash_len(ATLS_SHA256));
	*len = 64;
	return ATLS_OK;
}

/* RFC 9999, "X.509": the CMW in an OCTET STRING (X.690, 8.1.3). */
static enum atls_rc
wrap_cmw(enum atls_kind kind, struct atls_bytes evidence, struct atls_buf *tmp,
    struct atls_buf *out)
{
	enum atls_rc rc = atls_cmw_write(tmp, ATLS_CMW_CBOR,
	    atls_kind_media(kind), evidence, kind == ATLS_KIND_EAR ?
	    ATLS_IND_RESULTS : ATLS_IND_EVIDENCE);
	size_t n = tmp->len < 0x80 ? 0 : tmp->len < 0x100 ? 1 :
	    tmp->len < 0x10000 ? 2 : 3;
	struct wr w;

	if (rc != ATLS_OK)
		return rc;
	w = wr_of(out);
	wr_be(&w, DER_OCTETS, 1);
	if (n > 0)
		wr_be(&w, 0x80 + n, 1);
	wr_be(&w, tmp->len, n == 0 ? 1 : n);
	wr_bytes(&w, (struct atls_bytes){ tmp->p, tmp->len });
	return wr_done(&w);
}

static enum atls_rc
wrap(const struct atls_ratls_ask *ask, struct atls_bytes evidence,
    struct atls_bytes claims, struct atls_buf *tmp, struct atls_buf *out)
{
	struct wr w;

	if (ask->form == ATLS_RATLS_CMW)
		return wrap_cmw(ask->kind, evidence, tmp, out);
	w = wr_of(out);
	cbor_put_tag(&w, DICE_QUOTE);
	cbor_put_array(&w, 2);
	cbor_put_bstr(&w, evidence);
	cbor_put_bstr(&w, claims);
	return wr_done(&w);
}

static bool
is_sound(const struct atls_ratls_ask *ask)
{
	if (atls_kind_media(ask->kind) == NULL)
		return false;
	return ask->form == ATLS_RATLS_CMW || (ask->form == ATLS_RATLS_DICE &&
	    (ask->kind == ATLS_KIND_SGX || ask->kind == ATLS_KIND_TDX));
}

struct room {
	uint8_t	evidence[ATLS_CMW_LONG], cmw[ATLS_CMW_LONG];
	uint8_t	value[ATLS_RATLS_MAX];
};

static enum atls_rc
make(const struct atls_ratls_ask *ask, const struct crypto_maker *m,
    struct room *room, enum atls_rc (*quote)(void *, struct atls_bytes,
    struct atls_buf *, struct atls_err *), void *arg,
    struct atls_buf *chain_pem, struct atls_err *err)
{
	struct atls_bytes spki = crypto_maker_spki(m), claims;
	struct atls_buf ev = { room->evidence, sizeof(room->evidence), 0 };
	struct atls_buf cmw = { room->cmw, sizeof(room->cmw), 0 };
	struct atls_buf val = { room->value, sizeof(room->value), 0 };
	uint8_t text[CLAIMS_MAX], rd[64];
	struct atls_buf cb = { text, sizeof(text), 0 };
	size_t rdlen = 0;
	enum atls_rc rc = claims_of(spki, &cb);

	claims = (struct atls_bytes){ text, cb.len };
	if (rc == ATLS_OK)
		rc = report_data_of(ask, spki, claims, rd, &rdlen);
	if (rc != ATLS_OK)
		return err_set(err, rc, "ratls.report_data", 0,
		    "cannot be made");
	if ((rc = quote(arg, (struct atls_bytes){ rd, rdlen }, &ev, err)) !=
	    ATLS_OK)
		return err_set(err, rc, "ratls.quote", 0, "no evidence");
	if ((rc = wrap(ask, (struct atls_bytes){ ev.p, ev.len }, claims,
	    &cmw, &val)) != ATLS_OK)
		return err_set(err, rc, "ratls.extension", 0, "%zu octets",
		    ev.len);
	rc = crypto_maker_cert(m, &(struct crypto_maker_ask){
	    .name = ask->name, .from = ask->from, .until = ask->until,
	    .oid = ask->form == ATLS_RATLS_CMW ? ratls_oid_cmw :
	    ratls_oid_dice, .value = { val.p, val.len },
	    .ca_pem = ask->ca_pem, .ca_key_pem = ask->ca_key_pem },
	    chain_pem);
	return rc == ATLS_OK ? rc : err_set(err, rc, "ratls.certificate", 0,
	    "cannot be made");
}

enum atls_rc
atls_ratls_make(const struct atls_ratls_ask *ask, enum atls_rc (*quote)(
    void *, struct atls_bytes, struct atls_buf *, struct atls_err *),
    void *arg, struct atls_buf *chain_pem, struct atls_buf *key_pem,
    struct atls_err *err)
{
	struct crypto_maker *m;
	struct room *room;
	enum atls_rc rc;

	chain_pem->len = key_pem->len = 0;
	if (!is_sound(ask))
		return err_set(err, ATLS_E_ARG, "ratls.ask", 0,
		    "form %s of %s", atls_ratls_form_name(ask->form),
		    atls_kind_name(ask->kind));
	m = crypto_maker_new();
	room = malloc(sizeof(*room));
	if (m == NULL || room == NULL)
		rc = err_set(err, ATLS_E_MEM, "ratls", 0, "no memory");
	else if ((rc = make(ask, m, room, quote, arg, chain_pem, err)) ==
	    ATLS_OK && (rc = crypto_maker_key(m, key_pem)) != ATLS_OK)
		(void)err_set(err, rc, "ratls.key", 0, "as PEM");
	if (rc != ATLS_OK)
		chain_pem->len = 0;
	crypto_maker_free(m);
	free(room);
	return rc;
}
