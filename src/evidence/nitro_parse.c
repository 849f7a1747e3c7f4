/* SPDX-License-Identifier: Apache-2.0 */
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

/*@ // Each view of b is as it was in a, or of octets of r.
    predicate nitro_view(struct rd r, struct atls_bytes a,
	struct atls_bytes b) = a == b || rd_has(r, b);
    predicate nitro_views(struct rd r, struct nitro a, struct nitro b) =
	nitro_view(r, a.module_id, b.module_id) &&
	nitro_view(r, a.digest, b.digest) &&
	nitro_view(r, a.certificate, b.certificate) &&
	nitro_view(r, a.public_key, b.public_key) &&
	nitro_view(r, a.user_data, b.user_data) &&
	nitro_view(r, a.nonce, b.nonce);
    predicate nitro_pcrs(struct rd r, struct nitro a, struct nitro b) =
	\forall integer i; 0 <= i < NITRO_PCRS ==>
	    nitro_view(r, a.pcr[i], b.pcr[i]);
    predicate nitro_cas(struct rd r, struct nitro a, struct nitro b) =
	\forall integer i; 0 <= i < NITRO_CAS_MAX ==>
	    nitro_view(r, a.ca[i], b.ca[i]);
    predicate nitro_from(struct rd r, struct nitro a, struct nitro b) =
	nitro_views(r, a, b) && nitro_pcrs(r, a, b) && nitro_cas(r, a, b) &&
	b.nca <= NITRO_CAS_MAX;

    predicate nitro_none(struct nitro o) = o.module_id.len == 0 &&
	o.digest.len == 0 && o.certificate.len == 0 &&
	o.public_key.len == 0 && o.user_data.len == 0 && o.nonce.len == 0 &&
	o.nca == 0 &&
	(\forall integer i; 0 <= i < NITRO_PCRS ==> o.pcr[i].len == 0) &&
	(\forall integer i; 0 <= i < NITRO_CAS_MAX ==> o.ca[i].len == 0);

    lemma nitro_from_none: \forall struct rd r, struct nitro a, b,
	struct atls_bytes in;
	nitro_none(a) && nitro_from(r, a, b) && r.p == in.p &&
	r.left == in.len ==> nitro_in(b, in);
    lemma nitro_in_in: \forall struct nitro o, struct atls_bytes a, b;
	nitro_in(o, a) && view_in(a, b) ==> nitro_in(o, b);
    lemma nitro_view_on: \forall struct rd r, s, struct atls_bytes a, b, c;
	rd_goes(r, s) && nitro_view(r, a, b) && nitro_view(s, b, c) ==>
	nitro_view(r, a, c);
    lemma nitro_views_on: \forall struct rd r, s, struct nitro a, b, c;
	rd_goes(r, s) && nitro_views(r, a, b) && nitro_views(s, b, c) ==>
	nitro_views(r, a, c);
    lemma nitro_pcrs_on: \forall struct rd r, s, struct nitro a, b, c;
	rd_goes(r, s) && nitro_pcrs(r, a, b) && nitro_pcrs(s, b, c) ==>
	nitro_pcrs(r, a, c);
    lemma nitro_cas_on: \forall struct rd r, s, struct nitro a, b, c;
	rd_goes(r, s) && nitro_cas(r, a, b) && nitro_cas(s, b, c) ==>
	nitro_cas(r, a, c);
    lemma nitro_from_on: \forall struct rd r, s, struct nitro a, b, c;
	rd_goes(r, s) && nitro_from(r, a, b) && nitro_from(s, b, c) ==>
	nitro_from(r, a, c);
    */

/*@ requires \valid(r);
    assigns r->rc;
    exits \false;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc);
    ensures \result == b; */
static struct atls_bytes
sized(struct rd *r, struct atls_bytes b, size_t min, size_t max)
{
	if (r->rc == ATLS_OK && b.len < min)
		rd_fail(r, ATLS_E_FORMAT);
	if (b.len > max)
		rd_fail(r, ATLS_E_LIMIT);
	return b;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(d) && \separated(r, d);
    assigns *r, d->pcr[0 .. NITRO_PCRS - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \forall integer i; 0 <= i < NITRO_PCRS ==>
	nitro_view(\old(*r), \old(d->pcr[i]), d->pcr[i]); */
static void
pcrs(struct rd *r, struct nitro *d)
{
	struct cbor_map m = cbor_map_any(r);
	struct cbor_key k;
	size_t n = 0;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant \forall integer i; 0 <= i < NITRO_PCRS ==>
		nitro_view(\at(*r, Pre), \at(d->pcr[i], Pre), d->pcr[i]);
	    loop assigns *r, m, k, n, d->pcr[0 .. NITRO_PCRS - 1];
	    loop variant r->left; */
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

/*@ requires \valid(r) && rd_ok(*r) && \valid(d) && \separated(r, d);
    requires d->nca <= NITRO_CAS_MAX;
    assigns *r, d->ca[0 .. NITRO_CAS_MAX - 1], d->nca;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures d->nca <= NITRO_CAS_MAX;
    ensures \forall integer i; 0 <= i < NITRO_CAS_MAX ==>
	nitro_view(\old(*r), \old(d->ca[i]), d->ca[i]); */
static void
cabundle(struct rd *r, struct nitro *d)
{
	struct cbor_list l = cbor_array_any(r);

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant d->nca <= NITRO_CAS_MAX;
	    loop invariant \forall integer i; 0 <= i < NITRO_CAS_MAX ==>
		nitro_view(\at(*r, Pre), \at(d->ca[i], Pre), d->ca[i]);
	    loop assigns *r, l, d->nca, d->ca[0 .. NITRO_CAS_MAX - 1];
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
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

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), \result); */
static struct atls_bytes
maybe(struct rd *r, size_t max)
{
	if (cbor_null(r))
		return (struct atls_bytes){ NULL, 0 };
	return sized(r, cbor_bstr(r), 0, max);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(d) && \separated(r, d);
    requires d->nca <= NITRO_CAS_MAX;
    assigns *r, d->module_id, d->digest, d->timestamp,
	d->pcr[0 .. NITRO_PCRS - 1], d->certificate,
	d->ca[0 .. NITRO_CAS_MAX - 1], d->nca, d->public_key, d->user_data,
	d->nonce;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures nitro_from(\old(*r), \old(*d), *d); */
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

/* NFIELDS: of later. */
/*@ requires \valid_read(k) && view_ok(k->text);
    assigns \nothing;
    exits \false;
    ensures \result <= NFIELDS; */
static size_t
field_of(const struct cbor_key *k)
{
	size_t i;

	/*@ loop invariant 0 <= i <= NFIELDS;
	    loop assigns i;
	    loop variant NFIELDS - i; */
	for (i = 0; i < NFIELDS; i++)
		if (cbor_key_is(k, fields[i].name))
			break;
	return i;
}

/* The first that must be there and is not, or NFIELDS. */
/*@ assigns \nothing;
    exits \false;
    ensures \result <= NFIELDS; */
static size_t
missing(unsigned seen)
{
	size_t i;

	/*@ loop invariant 0 <= i <= NFIELDS;
	    loop assigns i;
	    loop variant NFIELDS - i; */
	for (i = 0; i < NFIELDS; i++)
		if (!fields[i].optional && (seen & 1u << i) == 0)
			break;
	return i;
}

/* The map at r; the field that is not as it must be, or NFIELDS. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(d) && \separated(r, d);
    requires d->nca <= NITRO_CAS_MAX;
    assigns *r, d->module_id, d->digest, d->timestamp,
	d->pcr[0 .. NITRO_PCRS - 1], d->certificate,
	d->ca[0 .. NITRO_CAS_MAX - 1], d->nca, d->public_key, d->user_data,
	d->nonce;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && \result <= NFIELDS;
    ensures nitro_from(\old(*r), \old(*d), *d); */
static size_t
document(struct rd *r, struct nitro *d)
{
	struct cbor_map m = cbor_map_any(r);
	unsigned seen = 0;		/* by their place */
	struct cbor_key k;
	size_t i, bad = NFIELDS;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m) && bad <= NFIELDS;
	    loop invariant nitro_from(\at(*r, Pre), \at(*d, Pre), *d);
	    loop assigns *r, m, k, i, bad, seen, d->module_id, d->digest,
		d->timestamp, d->pcr[0 .. NITRO_PCRS - 1], d->certificate,
		d->ca[0 .. NITRO_CAS_MAX - 1], d->nca, d->public_key,
		d->user_data, d->nonce;
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k)) {
		i = field_of(&k);
		field(r, i, d);
		seen |= 1u << i;
		if (r->rc != ATLS_OK)
			bad = i;
	}
	if (r->rc == ATLS_OK && (bad = missing(seen)) < NFIELDS)
		rd_fail(r, ATLS_E_FORMAT);
	return bad;
}

/* Nothing has been read. */
/*@ requires \valid(d);
    assigns d->module_id, d->digest, d->timestamp,
	d->pcr[0 .. NITRO_PCRS - 1], d->certificate,
	d->ca[0 .. NITRO_CAS_MAX - 1], d->nca, d->public_key, d->user_data,
	d->nonce;
    exits \false;
    ensures nitro_none(*d); */
static void
begin(struct nitro *d)
{
	const struct atls_bytes none = { NULL, 0 };
	size_t i;

	d->module_id = none;
	d->digest = none;
	d->timestamp = 0;
	/*@ loop invariant 0 <= i <= NITRO_PCRS;
	    loop invariant \forall integer j; 0 <= j < i ==>
		d->pcr[j].len == 0;
	    loop assigns i, d->pcr[0 .. NITRO_PCRS - 1];
	    loop variant NITRO_PCRS - i; */
	for (i = 0; i < NITRO_PCRS; i++)
		d->pcr[i] = none;
	d->certificate = none;
	/*@ loop invariant 0 <= i <= NITRO_CAS_MAX;
	    loop invariant \forall integer j; 0 <= j < i ==>
		d->ca[j].len == 0;
	    loop assigns i, d->ca[0 .. NITRO_CAS_MAX - 1];
	    loop variant NITRO_CAS_MAX - i; */
	for (i = 0; i < NITRO_CAS_MAX; i++)
		d->ca[i] = none;
	d->nca = 0;
	d->public_key = none;
	d->user_data = none;
	d->nonce = none;
}

enum atls_rc
nitro_open(struct atls_bytes raw, struct nitro *out, struct atls_err *err)
{
	struct cose_sign1 msg;
	struct rd r;
	enum atls_rc rc;
	size_t bad;

	rc = cose_sign1_parse(raw, 0, COSE_EITHER, "nitro.cose", &msg, err);
	out->msg = msg;
	begin(out);
	if (rc != ATLS_OK)
		return rc;
	r = rd_of(msg.payload);
	r.off = (size_t)(msg.payload.p - raw.p);
	bad = document(&r, out);
	/*@ assert nitro_in(*out, msg.payload); */
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	return err_set(err, rc, bad < NFIELDS ? fields[bad].where :
	    "nitro.document", r.off, "missing, or not as it must be");
}

/*@ requires \valid(out) && out->nclaim < ATLS_CLAIMS_MAX;
    requires claim < NITRO_NCLAIMS && view_in(b, out->raw);
    assigns out->claim[out->nclaim .. ATLS_CLAIMS_MAX - 1], out->nclaim;
    exits \false;
    ensures \old(out->nclaim) <= out->nclaim <= \old(out->nclaim) + 1;
    ensures claims_in(*out, \old(out->nclaim)); */
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
	/*@ loop invariant 0 <= i <= d.nca && out->nchain == 1 + d.nca - i;
	    loop invariant \forall integer j; 0 <= j < out->nchain ==>
		view_in(out->chain[j], out->raw);
	    loop assigns i, out->nchain, out->chain[1 .. 7];
	    loop variant i; */
	for (i = d.nca; i > 0; i--)		/* leaf first, root last */
		out->chain[out->nchain++] = d.ca[i - 1];
	/*@ loop invariant 0 <= i <= NITRO_PCRS && out->nclaim <= i;
	    loop invariant claims_in(*out, 0);
	    loop assigns i, out->nclaim, out->claim[0 .. ATLS_CLAIMS_MAX - 1];
	    loop variant NITRO_PCRS - i; */
	for (i = 0; i < NITRO_PCRS; i++)
		say(out, NITRO_C_PCR + i, d.pcr[i], 0);
	say(out, NITRO_C_MODULE, d.module_id, 0);
	say(out, NITRO_C_TIMESTAMP, none, d.timestamp);
	say(out, NITRO_C_PUBLIC_KEY, d.public_key, 0);
	say(out, NITRO_C_NONCE, d.nonce, 0);
	return ATLS_OK;
}
