/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of evidence in certificates. */
#include <string.h>

#include <atls/cmw.h>

#include "../base/err.h"
#include "../codec/cbor.h"
#include "../codec/der.h"
#include "../crypto/crypto.h"
#include "../crypto/make.h"
#include "ratls.h"

#define DIGEST		32	/* octets of SHA-256 */
#define PEM_MAX		2048	/* octets of a public key in PEM */

/* A quote, bound to 32 octets and as many zeros. */
/*@ requires view_ok(quote) && \valid_read(digest + (0 .. DIGEST - 1));
    requires \valid(out) &&
	\separated(out, err, digest + (0 .. DIGEST - 1));
    assigns out->kind, out->raw, out->report_data[0 .. DIGEST - 1],
	out->report_datalen, *err;
    exits \false;
    ensures \result == ATLS_OK ==> out->raw == quote; */
static enum atls_rc
quote_over(struct atls_bytes quote, const uint8_t digest[DIGEST],
    struct atls_ratls *out, struct atls_err *err)
{
	out->kind = ratls_quote_kind(quote);
	if (out->kind == ATLS_KIND_NONE)
		return err_set(err, ATLS_E_UNKNOWN, "ratls.quote", 0,
		    "neither of SGX nor of TDX");
	out->raw = quote;
	memcpy(out->report_data, digest, DIGEST);
	out->report_datalen = sizeof(out->report_data);
	return ATLS_OK;
}

/*@ requires view_ok(b) && \valid(out + (0 .. ATLS_HASH_MAX - 1));
    requires \separated(out + (0 .. ATLS_HASH_MAX - 1), err);
    assigns out[0 .. ATLS_HASH_MAX - 1], *err;
    exits \false; */
static enum atls_rc
digest_of(struct atls_bytes b, uint8_t out[ATLS_HASH_MAX],
    struct atls_err *err)
{
	enum atls_rc rc = crypto_hash(ATLS_SHA256, &b, 1, out);

	return rc == ATLS_OK ? rc : err_set(err, rc, "ratls.digest", 0,
	    "SHA-256");
}

/* RFC 9999, "X.509": CHOICE { json UTF8String, cbor OCTET STRING }. */
/*@ requires view_ok(value) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_ok(*out) && view_in(*out, value); */
static enum atls_rc
cmw_choice(struct atls_bytes value, struct atls_bytes *out,
    struct atls_err *err)
{
	struct rd r = rd_of(value), v;
	unsigned tag;
	bool json;
	enum atls_rc rc;

	v = der_any(&r, &tag);
	json = rd_peek(v) == '[' || rd_peek(v) == '{';
	*out = rd_rest(&v);
	if (tag != (json ? DER_UTF8 : DER_OCTETS))
		rd_fail(&v, ATLS_E_FORMAT);
	rd_close(&r, &v);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ratls.cmw", r.off,
		    "neither JSON as UTF8String nor CBOR as OCTET STRING");
	return ATLS_OK;
}

enum atls_rc
ratls_cmw(struct atls_bytes value, struct atls_ratls *out,
    struct atls_err *err)
{
	struct atls_bytes cmw;
	struct atls_cmw m;
	enum atls_rc rc;

	if ((rc = cmw_choice(value, &cmw, err)) != ATLS_OK)
		return rc;
	/* appraisal parses it anew; here, so that the error is of the form */
	if ((rc = atls_cmw_parse(cmw, &m, err)) != ATLS_OK)
		return rc;
	if ((rc = ratls_binder(out->spki, out->binder)) != ATLS_OK)
		return err_set(err, rc, "ratls.digest", 0, "SHA-256");
	out->binderlen = sizeof(out->binder);
	out->kind = ATLS_KIND_NONE;
	out->raw = cmw;
	return ATLS_OK;
}

/* IANA "Named Information Hash Algorithm Registry"; length and all. */
/*@ assigns \nothing;
    exits \false;
    ensures \result != 0 ==> len <= ATLS_HASH_MAX; */
static enum atls_hash
hash_entry(uint64_t alg, size_t len)
{
	static const struct { uint64_t id; enum atls_hash hash; } algs[] = {
		{ 1, ATLS_SHA256 }, { 7, ATLS_SHA384 }, { 8, ATLS_SHA512 },
	};
	size_t i;

	/*@ loop invariant 0 <= i <= sizeof(algs) / sizeof(algs[0]);
	    loop assigns i;
	    loop variant sizeof(algs) / sizeof(algs[0]) - i; */
	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (algs[i].id == alg && crypto_hash_len(algs[i].hash) == len)
			return algs[i].hash;
	return (enum atls_hash)0;
}

/* A byte string that has to be the next item of an array. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(a) && \separated(r, a);
    assigns *r, *a;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
next_bstr(struct rd *r, struct cbor_list *a)
{
	if (cbor_next(r, a))
		return cbor_bstr(r);
	rd_fail(r, ATLS_E_FORMAT);
	return (struct atls_bytes){ NULL, 0 };
}

/* bstr .cbor [alg, hash] */
/*@ requires view_ok(entry) && view_ok(spki);
    assigns *err;
    exits \false; */
static enum atls_rc
check_pubkey_hash(struct atls_bytes entry, struct atls_bytes spki,
    struct atls_err *err)
{
	struct rd r = rd_of(entry);
	struct cbor_list a = cbor_array(&r);
	uint8_t digest[ATLS_HASH_MAX];
	struct atls_bytes is;
	enum atls_hash hash;
	uint64_t alg;
	enum atls_rc rc;

	alg = cbor_next(&r, &a) ? cbor_uint(&r) : 0;
	is = next_bstr(&r, &a);
	if (cbor_next(&r, &a))
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ratls.pubkey_hash", r.off,
		    "not [alg, hash]");
	if ((hash = hash_entry(alg, is.len)) == 0)
		return err_set(err, ATLS_E_UNKNOWN, "ratls.pubkey_hash", 0,
		    "algorithm %llu with %zu octets", (unsigned long long)alg,
		    is.len);
	if ((rc = crypto_hash(hash, &spki, 1, digest)) != ATLS_OK)
		return err_set(err, rc, "ratls.digest", 0, "hash");
	if (!atls_ct_eq(is, (struct atls_bytes){ digest, is.len }))
		return err_set(err, ATLS_E_BIND, "ratls.pubkey_hash", 0,
		    "is not of the key in the certificate");
	return ATLS_OK;
}

/*@ requires view_ok(claims) && view_ok(spki);
    assigns *err;
    exits \false; */
static enum atls_rc
check_claims(struct atls_bytes claims, struct atls_bytes spki,
    struct atls_err *err)
{
	struct rd r = rd_of(claims);
	struct cbor_map m = cbor_map(&r);
	struct cbor_key k;
	struct atls_bytes entry = { NULL, 0 };
	enum atls_rc rc;

	/*@ loop invariant rd_ok(r) && cbor_keys_ok(m) && view_ok(entry);
	    loop assigns r, m, k, entry;
	    loop variant r.left; */
	while (cbor_map_next(&r, &m, &k)) {
		if (k.type != CBOR_TSTR)
			rd_fail(&r, ATLS_E_FORMAT);
		else if (cbor_key_is(&k, "pubkey-hash"))
			entry = cbor_bstr(&r);
		else
			cbor_skip(&r);	/* nonce and others: nobody asked */
	}
	if (entry.len == 0)
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ratls.claims", r.off,
		    "not claims with a pubkey-hash");
	return check_pubkey_hash(entry, spki, err);
}

enum atls_rc
ratls_dice(struct atls_bytes value, struct atls_ratls *out,
    struct atls_err *err)
{
	struct rd r = rd_of(value);
	uint64_t tag = cbor_tag(&r);
	struct cbor_list a = cbor_array(&r);
	struct atls_bytes quote, claims;
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc;

	quote = next_bstr(&r, &a);
	claims = next_bstr(&r, &a);
	if (cbor_next(&r, &a))
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ratls.dice", r.off, "%zu octets",
		    value.len);
	if (tag == DICE_REPORT || tag == DICE_OLD_REPORT)
		return err_set(err, ATLS_E_UNKNOWN, "ratls.dice.tag", 0,
		    "%llu: a report, which only its own machine can verify",
		    (unsigned long long)tag);
	if (tag != DICE_QUOTE)
		return err_set(err, ATLS_E_UNKNOWN, "ratls.dice.tag", 0,
		    "%llu", (unsigned long long)tag);
	if ((rc = check_claims(claims, out->spki, err)) != ATLS_OK ||
	    (rc = digest_of(claims, digest, err)) != ATLS_OK)
		return rc;
	return quote_over(quote, digest, out, err);
}

enum atls_rc
ratls_gramine(struct atls_bytes value, struct atls_ratls *out,
    struct atls_err *err)
{
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc = digest_of(out->spki, digest, err);

	return rc == ATLS_OK ? quote_over(value, digest, out, err) : rc;
}

/* The key as OpenSSL writes it: PEM text, and the NUL behind it. */
/*@ requires view_ok(spki) && buf_ok(out) && \separated(out, err) &&
	\separated(err, out->p + (0 .. out->cap - 1)) &&
	\separated(out, out->p + (0 .. out->cap - 1));
    assigns out->len, out->p[0 .. out->cap - 1], *err;
    exits \false;
    ensures \result == ATLS_OK ==> out->len <= out->cap; */
static enum atls_rc
pem_of(struct atls_bytes spki, struct atls_buf *out, struct atls_err *err)
{
	enum atls_rc rc = crypto_spki_pem(spki, out);

	if (rc == ATLS_OK && out->len == out->cap)
		rc = ATLS_E_SPACE;
	if (rc != ATLS_OK)
		return err_set(err, rc, "ratls.oe.key", 0, "as PEM");
	out->p[out->len++] = '\0';
	return ATLS_OK;
}

/* Open Enclave, oe_report_header_t: version 1, type 2 (remote), size. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
oe_report(struct rd *r)
{
	uint64_t type = rd_le(r, 4), size = rd_le(r, 8);

	if (type != 2 || size != r->left)
		rd_fail(r, ATLS_E_FORMAT);
	return rd_rest(r);
}

/* Open Enclave, oe_attestation_header_t: version 3, the UUID of its SGX ECDSA
 * format, four octets unused, size; then a quote and the claims behind it. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(claims) &&
	\separated(r, claims);
    assigns *r, *claims;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures view_ok(\result) && view_ok(*claims);
    ensures \result.len > 0 ==> \result.p + \result.len + claims->len ==
	r->p && \result.len + claims->len <= \old(r->left); */
static struct atls_bytes
oe_evidence(struct rd *r, struct atls_bytes *claims)
{
	static const uint8_t format[16] = { 0xa3, 0xa2, 0x1e, 0x87, 0x1b,
	    0x4d, 0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd,
	    0x8c };
	const size_t before = 48 + 384;	/* header, report: then a length */
	struct atls_bytes id = rd_take(r, sizeof(format)), data;
	struct rd q;
	uint64_t size, sig;

	(void)rd_take(r, 4);
	size = rd_le(r, 8);
	if (!atls_ct_eq(id, ATLS_ARRAY(format)) || size != r->left)
		rd_fail(r, ATLS_E_FORMAT);
	data = rd_rest(r);
	q = rd_of(data);
	(void)rd_take(&q, before);
	sig = rd_le(&q, 4);
	(void)rd_take(&q, sig > data.len ? data.len : (size_t)sig);
	*claims = rd_rest(&q);
	if (rd_done(&q) != ATLS_OK || claims->len >= data.len) {
		rd_fail(r, ATLS_E_TRUNC);
		return (struct atls_bytes){ NULL, 0 };
	}
	return (struct atls_bytes){ data.p, data.len - claims->len };
}

enum atls_rc
ratls_oe(struct atls_bytes value, struct atls_ratls *out,
    struct atls_err *err)
{
	uint8_t text[PEM_MAX], digest[ATLS_HASH_MAX];
	struct atls_buf pem = { text, sizeof(text), 0 };
	struct rd r = rd_of(value);
	uint64_t version = rd_le(&r, 4);
	struct atls_bytes quote = { NULL, 0 }, claims = { NULL, 0 };
	enum atls_rc rc;

	if (version == 1)
		quote = oe_report(&r);
	else if (version == 3)
		quote = oe_evidence(&r, &claims);
	else
		rd_fail(&r, ATLS_E_UNKNOWN);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ratls.oe", r.off, "version %llu",
		    (unsigned long long)version);
	if ((rc = pem_of(out->spki, &pem, err)) != ATLS_OK)
		return rc;
	if (version == 3 && !atls_ct_eq(claims, (struct atls_bytes){ text,
	    pem.len }))
		return err_set(err, ATLS_E_BIND, "ratls.oe.claims", 0,
		    "are not the key in the certificate");
	if ((rc = digest_of((struct atls_bytes){ text, pem.len }, digest,
	    err)) != ATLS_OK)
		return rc;
	return quote_over(quote, digest, out, err);
}
