/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "object.h"

/* RFC 9261, 5.1: by the maker of the authenticator, not of the request. */
static const struct labels {
	const char	*context, *mac;
} by_client = {
	"EXPORTER-client authenticator handshake context",
	"EXPORTER-client authenticator finished key",
}, by_server = {
	"EXPORTER-server authenticator handshake context",
	"EXPORTER-server authenticator finished key",
};

/*
 * The Handshake Contexts that follow from an exporter_master_secret of zeros.
 * TLS libraries have been seen to give these, and to report success, when they
 * were asked before the secret existed: the same for every connection.
 */
static const struct zero {
	enum atls_hash	hash;
	uint8_t		context[48];
} zero_context[] = {
	{ ATLS_SHA256, {	/* client */
		0x4c, 0x00, 0x8d, 0xf0, 0x6b, 0x4c, 0x00, 0x85, 0x00, 0x99,
		0xab, 0xcb, 0x78, 0x1f, 0xdc, 0x7d, 0x28, 0xea, 0x38, 0x72,
		0x45, 0x05, 0xb2, 0xee, 0xaf, 0xc0, 0x60, 0xf4, 0x96, 0x86,
		0x1d, 0x3e } },
	{ ATLS_SHA256, {	/* server */
		0xb5, 0x4f, 0x97, 0x70, 0xf6, 0x2e, 0xbc, 0xd4, 0x5d, 0xd4,
		0x8d, 0x9b, 0x71, 0x97, 0x31, 0x85, 0x97, 0x81, 0xf8, 0x6f,
		0xb3, 0x79, 0x87, 0x71, 0x7d, 0x20, 0x11, 0x55, 0xcb, 0x72,
		0x03, 0x9c } },
	{ ATLS_SHA384, {	/* client */
		0xd4, 0x66, 0x92, 0xd0, 0xef, 0xe3, 0x21, 0x0d, 0x1c, 0x5a,
		0x2b, 0x87, 0xe3, 0xc9, 0x7f, 0x53, 0x47, 0x76, 0xdf, 0xc4,
		0x74, 0x10, 0x78, 0x68, 0x9d, 0xf9, 0xc6, 0x96, 0x4f, 0xaa,
		0x6c, 0xef, 0x79, 0x5b, 0x3e, 0xb2, 0xf5, 0x51, 0x11, 0x5f,
		0xc4, 0x0b, 0x70, 0x0b, 0xbb, 0x09, 0x99, 0x98 } },
	{ ATLS_SHA384, {	/* server */
		0xf6, 0x0e, 0xe6, 0xe1, 0x82, 0x75, 0x8e, 0xfd, 0x24, 0x51,
		0x86, 0x5a, 0x82, 0x98, 0x3c, 0x14, 0xe3, 0x64, 0x07, 0x16,
		0x0b, 0xae, 0xb4, 0x9e, 0x8b, 0x75, 0x48, 0x55, 0x8c, 0xcd,
		0x51, 0xeb, 0x92, 0xf5, 0x00, 0xe9, 0xf2, 0x13, 0xfd, 0xf2,
		0x84, 0x1e, 0x99, 0x5a, 0x85, 0xf3, 0x12, 0xe9 } },
};

static bool
is_constant(enum atls_hash hash, struct atls_bytes value)
{
	static const uint8_t zeros[ATLS_HASH_MAX];
	size_t i;

	if (atls_ct_eq(value, (struct atls_bytes){ zeros, value.len }))
		return true;
	for (i = 0; i < sizeof(zero_context) / sizeof(zero_context[0]); i++)
		if (zero_context[i].hash == hash && atls_ct_eq(value,
		    (struct atls_bytes){ zero_context[i].context, value.len }))
			return true;
	return false;
}

/* RFC 9261, 5.1: no context value, and as long as the hash. */
static enum atls_rc
export(const struct atls_channel *ch, const char *label, enum atls_hash hash,
    uint8_t out[ATLS_HASH_MAX], struct atls_err *err)
{
	const struct atls_bytes none = { NULL, 0 };
	size_t len = crypto_hash_len(hash);
	enum atls_rc rc;

	memset(out, 0, ATLS_HASH_MAX);
	if ((rc = ch->ops->exporter(ch->conn, label, none, out, len)) !=
	    ATLS_OK)
		return err_set(err, rc, "channel.exporter", 0, "failed");
	if (is_constant(hash, (struct atls_bytes){ out, len }))
		return err_set(err, ATLS_E_STATE, "channel.exporter", 0,
		    "gives a value that does not depend on the connection");
	return ATLS_OK;
}

enum atls_rc
ea_keys(struct atls_ea *ea, const struct atls_channel_info *info,
    enum atls_role maker, const struct ea_keys **out, struct atls_err *err)
{
	struct ea_keys *k = maker == ATLS_SERVER ? &ea->by_server :
	    &ea->by_client;
	const struct labels *l = maker == ATLS_SERVER ? &by_server :
	    &by_client;
	enum atls_rc rc;

	*out = NULL;
	if (k->hash != info->hash) {
		if ((rc = export(&ea->channel, l->context, info->hash,
		    k->context, err)) != ATLS_OK ||
		    (rc = export(&ea->channel, l->mac, info->hash, k->mac,
		    err)) != ATLS_OK) {
			atls_wipe(k, sizeof(*k));
			return rc;
		}
		k->hash = info->hash;
	}
	*out = k;
	return ATLS_OK;
}

/* Hash(Handshake Context || request || Certificate [|| CertificateVerify]) */
static enum atls_rc
transcript_hash(const struct ea_transcript *t, size_t nmessages,
    uint8_t out[ATLS_HASH_MAX])
{
	const struct atls_bytes part[4] = {
		{ t->keys->context, crypto_hash_len(t->keys->hash) },
		t->request, t->certificate, t->certificate_verify,
	};

	return crypto_hash(t->keys->hash, part, 1 + nmessages, out);
}

enum atls_rc
ea_tbs(const struct ea_transcript *t, uint8_t out[EA_TBS_MAX],
    struct atls_bytes *tbs, struct atls_err *err)
{
	static const uint8_t context[] = "Exported Authenticator"; /* NUL, too */
	struct atls_buf buf = { out, EA_TBS_MAX, 0 };
	struct wr w = wr_of(&buf);
	uint8_t pad[64], hash[ATLS_HASH_MAX];
	enum atls_rc rc;

	*tbs = (struct atls_bytes){ NULL, 0 };
	memset(pad, 0x20, sizeof(pad));
	wr_bytes(&w, ATLS_ARRAY(pad));
	wr_bytes(&w, ATLS_ARRAY(context));
	if ((rc = transcript_hash(t, 2, hash)) != ATLS_OK)
		return err_set(err, rc, "ea.transcript", 0, "digest failed");
	wr_bytes(&w, (struct atls_bytes){ hash,
	    crypto_hash_len(t->keys->hash) });
	if ((rc = wr_done(&w)) != ATLS_OK)
		return err_set(err, rc, "ea.transcript", 0, "no room");
	*tbs = (struct atls_bytes){ buf.p, buf.len };
	return ATLS_OK;
}

enum atls_rc
ea_verify_data(const struct ea_transcript *t, uint8_t out[ATLS_HASH_MAX],
    struct atls_err *err)
{
	size_t len = crypto_hash_len(t->keys->hash);
	uint8_t hash[ATLS_HASH_MAX];
	enum atls_rc rc;

	memset(out, 0, ATLS_HASH_MAX);
	if ((rc = transcript_hash(t, 3, hash)) != ATLS_OK ||
	    (rc = crypto_hmac(t->keys->hash,
	    (struct atls_bytes){ t->keys->mac, len },
	    (struct atls_bytes){ hash, len }, out)) != ATLS_OK)
		return err_set(err, rc, "ea.finished", 0, "MAC failed");
	return ATLS_OK;
}

enum atls_rc
ea_refusal_data(const struct ea_keys *keys, struct atls_bytes request,
    struct atls_bytes context, uint8_t out[ATLS_HASH_MAX],
    struct atls_err *err)
{
	uint8_t empty[HS_HEADER + 1 + EA_CONTEXT_MAX + 3];
	struct atls_buf buf = { empty, sizeof(empty), 0 };
	struct ea_transcript t = { .keys = keys, .request = request };
	struct wr w = wr_of(&buf);
	size_t message = hs_open(&w, HS_CERTIFICATE), mark;
	enum atls_rc rc;

	mark = wr_open(&w, 1);
	wr_bytes(&w, context);
	wr_close(&w, mark, 1);
	wr_be(&w, 0, 3);			/* no CertificateEntry */
	wr_close(&w, message, 3);
	if ((rc = wr_done(&w)) != ATLS_OK)
		return err_set(err, rc, "ea.context", 0, "%zu octets",
		    context.len);
	t.certificate = (struct atls_bytes){ buf.p, buf.len };
	return ea_verify_data(&t, out, err);
}
