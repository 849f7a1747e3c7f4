/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "nitro.h"

/* Nitro Secure Module API: sizes of the fields, octets. */
#define MODULE_MAX	128
#define DIGEST_MAX	16
#define CERT_MAX	1024
#define PUBLIC_KEY_MAX	1024
#define USER_DATA_MAX	512
#define NONCE_MAX	512
#define TIME_MAX	((uint64_t)253402300799999)	/* the year 9999 */

#define PCR(n)	{ "nitro.pcr." #n, ATLS_CLAIM_BYTES, true, 0 }

const struct evidence_claim nitro_claims[NITRO_NCLAIMS] = {
	PCR(0), PCR(1), PCR(2), PCR(3), PCR(4), PCR(5), PCR(6), PCR(7),
	PCR(8), PCR(9), PCR(10), PCR(11), PCR(12), PCR(13), PCR(14), PCR(15),
	PCR(16), PCR(17), PCR(18), PCR(19), PCR(20), PCR(21), PCR(22),
	PCR(23), PCR(24), PCR(25), PCR(26), PCR(27), PCR(28), PCR(29),
	PCR(30), PCR(31),
	{ "nitro.module_id",	ATLS_CLAIM_TEXT,	false, 0 },
	{ "nitro.timestamp",	ATLS_CLAIM_NUMBER,	false, 0 },
	{ "nitro.public_key",	ATLS_CLAIM_BYTES,	false, 0 },
	{ "nitro.nonce",	ATLS_CLAIM_BYTES,	false, 0 },
};

enum { MODULE, DIGEST, TIMESTAMP, PCRS, CERTIFICATE, CABUNDLE, PUBLIC_KEY,
    USER_DATA, NONCE, NFIELDS };

static const struct { const char *name, *where; bool optional; }
fields[NFIELDS] = {
	[MODULE] = { "module_id", "nitro.document.module_id",
	    false },
	[DIGEST] = { "digest", "nitro.document.digest",
	    false },
	[TIMESTAMP] = { "timestamp", "nitro.document.timestamp",
	    false },
	[PCRS] = { "pcrs", "nitro.document.pcrs",
	    false },
	[CERTIFICATE] = { "certificate", "nitro.document.certificate",
	    false },
	[CABUNDLE] = { "cabundle", "nitro.document.cabundle",
	    false },
	[PUBLIC_KEY] = { "public_key", "nitro.document.public_key",
	    true },
	[USER_DATA] = { "user_data", "nitro.document.user_data",
	    true },
	[NONCE] = { "nonce", "nitro.document.nonce",
	    true },
};

static struct atls_bytes
sized(struct rd *r, struct atls_bytes b, size_t min, size_t max)
{
	if (r->rc == ATLS_OK && b.len < min)
		rd_fail(r, ATLS_E_FORMAT);
	if (b.len > max)
		rd_fail(r, ATLS_E_LIMIT);
	return b;
}

static void
pcrs(struct rd *r, struct nitro *d)
{
	struct cbor_map m = cbor_map_any(r);
	struct cbor_key k;
	size_t n = 0;

	while (cbor_map_next(r, &m, &k)) {
		struct atls_bytes v = cbor_bstr(r);

		n++;
		if (k.type != CBOR_UINT || (v.len != 32 && v.len != 48 &&
		    v.len != 64))
			rd_fail(r, ATLS_E_FORMAT);
		else if (k.num >= NITRO_PCRS)
			rd_fail(r, ATLS_E_LIMIT);
		else
			d->pcr[k.num] = v;
	}
	if (n == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

static void
cabundle(struct rd *r, struct nitro *d)
{
	struct cbor_list l = cbor_array_any(r);

	while (cbor_next(r, &l)) {
		struct atls_bytes c = sized(r, cbor_bstr(r), 1, CERT_MAX);

		if (d->nca == NITRO_CAS_MAX)
			rd_fail(r, ATLS_E_LIMIT);
		else
			d->ca[d->nca++] = c;
	}
	if (d->nca == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

static struct atls_bytes
maybe(struct rd *r, size_t max)
{
	if (cbor_null(r))
		return (struct atls_bytes){ NULL, 0 };
	return sized(r, cbor_bstr(r), 0, max);
}

static void
field(struct rd *r, size_t which, struct nitro *d)
{
	switch (which) {
	case MODULE:
		d->module_id = sized(r, cbor_tstr(r), 1, MODULE_MAX);
		break;
	case DIGEST:
		d->digest = sized(r, cbor_tstr(r), 1, DIGEST_MAX);
		break;
	case TIMESTAMP:
		d->timestamp = cbor_uint(r);
		if (d->timestamp == 0 || d->timestamp > TIME_MAX)
			rd_fail(r, ATLS_E_FORMAT);
		break;
	case PCRS:
		pcrs(r, d);
		break;
	case CERTIFICATE:
		d->certificate = sized(r, cbor_bstr(r), 1, CERT_MAX);
		break;
	case CABUNDLE:
		cabundle(r, d);
		break;
	case PUBLIC_KEY:
		d->public_key = maybe(r, PUBLIC_KEY_MAX);
		break;
	case USER_DATA:
		d->user_data = maybe(r, USER_DATA_MAX);
		break;
	case NONCE:
		d->nonce = maybe(r, NONCE_MAX);
		break;
	default:		/* a field of later */
		cbor_skip(r);
	}
}

enum atls_rc
nitro_open(struct atls_bytes raw, struct nitro *out, struct atls_err *err)
{
	const char *where = "nitro.document";
	struct cbor_key k;
	struct cbor_map m;
	struct rd r;
	enum atls_rc rc;
	size_t i;

	memset(out, 0, sizeof(*out));
	rc = cose_sign1_parse(raw, 0, COSE_EITHER, "nitro.cose", &out->msg,
	    err);
	if (rc != ATLS_OK)
		return rc;
	r = rd_of(out->msg.payload);
	r.off = (size_t)(out->msg.payload.p - raw.p);
	m = cbor_map_any(&r);
	while (cbor_map_next(&r, &m, &k)) {
		for (i = 0; i < NFIELDS; i++)
			if (cbor_key_is(&k, fields[i].name))
				break;
		field(&r, i, out);
		out->seen |= 1u << i;
		if (r.rc != ATLS_OK && i < NFIELDS)
			where = fields[i].where;
	}
	for (i = 0; r.rc == ATLS_OK && i < NFIELDS; i++)
		if (!fields[i].optional && (out->seen & 1u << i) == 0) {
			rd_fail(&r, ATLS_E_FORMAT);
			where = fields[i].where;
		}
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	return err_set(err, rc, where, r.off, "missing, or not as it must be");
}

static void
say(struct atls_evidence *out, size_t claim, struct atls_bytes b, uint64_t n)
{
	const struct evidence_claim *c = &nitro_claims[claim];

	if (b.len != 0 || c->type == ATLS_CLAIM_NUMBER)
		out->claim[out->nclaim++] = (struct atls_claim){ c->name,
		    c->type, b, n };
}

_Static_assert((int)NITRO_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

enum atls_rc
nitro_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	const struct atls_bytes none = { NULL, 0 };
	struct nitro d;
	enum atls_rc rc;
	size_t i;

	(void)scratch;
	if ((rc = nitro_open(raw, &d, err)) != ATLS_OK)
		return rc;
	out->report_data = d.user_data;
	out->chain[out->nchain++] = d.certificate;
	for (i = d.nca; i > 0; i--)		/* leaf first, root last */
		out->chain[out->nchain++] = d.ca[i - 1];
	for (i = 0; i < NITRO_PCRS; i++)
		say(out, NITRO_C_PCR + i, d.pcr[i], 0);
	say(out, NITRO_C_MODULE, d.module_id, 0);
	say(out, NITRO_C_TIMESTAMP, none, d.timestamp);
	say(out, NITRO_C_PUBLIC_KEY, d.public_key, 0);
	say(out, NITRO_C_NONCE, d.nonce, 0);
	return ATLS_OK;
}
