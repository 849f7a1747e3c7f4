/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "tpm.h"

#define KID_MAX		33	/* octets of a UEID: RFC 9711, 4.2.1 */

/* In the order of enum tpm_claim. */
const struct evidence_claim tpm_claims[TPM_NCLAIMS] = {
	TPM_QUOTE_TABLE,
	{ "tpm.key.name",		ATLS_CLAIM_BYTES,	false, 0 },
	{ "tpm.key.attributes",		ATLS_CLAIM_NUMBER,	false, 0 },
};

_Static_assert((int)TPM_NCLAIMS <= ATLS_CLAIMS_MAX, "room for each once");

/*@ requires \valid(out) && out->nclaim <= ATLS_CLAIMS_MAX;
    requires id < TPM_NCLAIMS && view_in(bytes, out->raw);
    assigns out->claim[out->nclaim .. ATLS_CLAIMS_MAX - 1], out->nclaim;
    exits \false;
    ensures \old(out->nclaim) <= out->nclaim;
    ensures claims_in(*out, \old(out->nclaim)); */
static void
claim(struct atls_evidence *out, size_t id, struct atls_bytes bytes,
    uint64_t number)
{
	const struct evidence_claim *c = &tpm_claims[id];

	if (out->nclaim < ATLS_CLAIMS_MAX)
		out->claim[out->nclaim++] = (struct atls_claim){ c->name,
		    c->type, bytes, number };
}

/* Banks that give no claims are read all the same: the quote covers them. */
/*@ requires \valid(out) && \valid_read(b) && \separated(out, b);
    requires out->nclaim <= ATLS_CLAIMS_MAX;
    requires \forall integer i; 0 <= i < TPM_PCRS_MAX ==>
	view_in(b->value[i], out->raw);
    assigns out->claim[out->nclaim .. ATLS_CLAIMS_MAX - 1], out->nclaim;
    exits \false;
    ensures \old(out->nclaim) <= out->nclaim;
    ensures claims_in(*out, \old(out->nclaim)); */
static void
claim_bank(struct atls_evidence *out, const struct tpm_bank *b)
{
	size_t i, first;

	if (b->alg == TPM_ALG_SHA256)
		first = TPM_CLAIM_SHA256;
	else if (b->alg == TPM_ALG_SHA384)
		first = TPM_CLAIM_SHA384;
	else
		return;
	/*@ loop invariant 0 <= i <= TPM_CLAIM_PCRS;
	    loop invariant \at(out->nclaim, Pre) <= out->nclaim;
	    loop invariant claims_in(*out, \at(out->nclaim, Pre));
	    loop assigns i, out->nclaim,
		out->claim[\at(out->nclaim, Pre) .. ATLS_CLAIMS_MAX - 1];
	    loop variant TPM_CLAIM_PCRS - i; */
	for (i = 0; i < TPM_CLAIM_PCRS; i++)
		if (b->value[i].len != 0)
			claim(out, first + i, b->value[i], 0);
}

void
tpm_claim_quote(struct atls_evidence *out, const struct tpm_attest *quote)
{
	const struct atls_bytes none = { NULL, 0 };

	claim(out, TPM_CLAIM_CLOCK, none, quote->clock);
	claim(out, TPM_CLAIM_RESET, none, quote->reset);
	claim(out, TPM_CLAIM_RESTART, none, quote->restart);
	claim(out, TPM_CLAIM_SAFE, none, quote->safe);
	claim(out, TPM_CLAIM_FIRMWARE, none, quote->firmware);
	claim(out, TPM_CLAIM_SIGNER, quote->signer, 0);
}

/*@ requires \valid_read(ev) && part < 24;
    assigns \nothing;
    exits \false;
    ensures ev->part[part].len > 0 && view_in(ev->part[part], ev->raw) ==>
	\result + ev->part[part].len <= ev->raw.len; */
static size_t
offset(const struct atls_evidence *ev, enum tpm_part part)
{
	return (size_t)(ev->part[part].p - ev->raw.p);
}

/* Is it among the n? */
/*@ requires n <= TPM_BANKS_MAX && \valid_read(seen + (0 .. n - 1));
    assigns \nothing;
    exits \false; */
static bool
was_seen(const unsigned *seen, size_t n, unsigned alg)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		if (seen[i] == alg)
			return true;
	return false;
}

enum atls_rc
tpm_claim_pcrs(struct atls_evidence *out, struct atls_bytes in, size_t off,
    struct atls_err *err)
{
	struct rd r = { .p = in.p, .left = in.len, .off = off };
	unsigned seen[TPM_BANKS_MAX];
	struct cbor_list banks;
	struct tpm_bank b;
	size_t n = 0;
	enum atls_rc rc;

	banks = cbor_array(&r);
	if (banks.left > TPM_BANKS_MAX)
		rd_fail(&r, ATLS_E_LIMIT);
	/*@ loop invariant rd_ok(r) && r.left <= in.len &&
		r.p + r.left == in.p + in.len;
	    loop invariant n <= TPM_BANKS_MAX;
	    loop invariant r.rc == ATLS_OK ==> !banks.indefinite &&
		n + banks.left <= TPM_BANKS_MAX;
	    loop invariant \at(out->nclaim, Pre) <= out->nclaim;
	    loop invariant claims_in(*out, \at(out->nclaim, Pre));
	    loop assigns r, banks, b, n, seen[0 .. TPM_BANKS_MAX - 1],
		out->nclaim,
		out->claim[\at(out->nclaim, Pre) .. ATLS_CLAIMS_MAX - 1];
	    loop variant r.left; */
	while (tpm_bank_next(&r, &banks, &b)) {
		if (was_seen(seen, n, b.alg)) {
			rd_fail(&r, ATLS_E_FORMAT);
			break;
		}
		seen[n++] = b.alg;
		claim_bank(out, &b);
	}
	if (n == 0)
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "tpm.pcrs", r.off, "bank %zu", n);
	return ATLS_OK;
}

/* The structures of the TPM must be well formed, each to its last octet. */
/*@ requires \valid(out) && \separated(out, err);
    requires view_ok(out->raw) && parts_in(*out) && out->nclaim == 0;
    assigns out->report_data, out->claim[0 .. ATLS_CLAIMS_MAX - 1],
	out->nclaim, *err;
    ensures \result == ATLS_OK ==> view_in(out->report_data, out->raw) &&
	claims_in(*out, 0); */
static enum atls_rc
parse_parts(struct atls_evidence *out, struct atls_err *err)
{
	struct tpm_attest certify, quote;
	const struct atls_bytes none = { NULL, 0 };
	struct tpm_public key, ak;
	struct tpm_sig sig;
	enum atls_rc rc;

	if ((rc = tpm_sig_parse(out->part[TPM_KAT_SIG], offset(out,
	    TPM_KAT_SIG), "tpm.certify.sig", &sig, err)) != ATLS_OK ||
	    (rc = tpm_attest_parse(out->part[TPM_KAT_INFO], offset(out,
	    TPM_KAT_INFO), TPM_ST_CERTIFY, "tpm.certify", &certify, err)) !=
	    ATLS_OK ||
	    (rc = tpm_public_parse(out->part[TPM_KAT_PUB], offset(out,
	    TPM_KAT_PUB), "tpm.key", &key, err)) != ATLS_OK ||
	    (rc = tpm_sig_parse(out->part[TPM_PAT_SIG], offset(out,
	    TPM_PAT_SIG), "tpm.quote.sig", &sig, err)) != ATLS_OK ||
	    (rc = tpm_attest_parse(out->part[TPM_PAT_INFO], offset(out,
	    TPM_PAT_INFO), TPM_ST_QUOTE, "tpm.quote", &quote, err)) !=
	    ATLS_OK)
		return rc;
	if (out->part[TPM_AK_PUB].len != 0 &&
	    (rc = tpm_public_parse(out->part[TPM_AK_PUB], offset(out,
	    TPM_AK_PUB), "tpm.ak", &ak, err)) != ATLS_OK)
		return rc;
	out->report_data = quote.extra;
	tpm_claim_quote(out, &quote);
	claim(out, TPM_CLAIM_KEY_NAME, certify.name, 0);
	claim(out, TPM_CLAIM_KEY_ATTRIBUTES, none, key.attributes);
	return ATLS_OK;
}

/* An octet string that says something. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures r->rc == ATLS_OK ==> r->left < \old(r->left);
    ensures rd_has(\old(*r), \result); */
static struct atls_bytes
get_bstr(struct rd *r)
{
	struct atls_bytes b = cbor_bstr(r);

	if (b.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return b;
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
get_version(struct rd *r)
{
	static const uint8_t v[] = { '2', '.', '0' };

	if (!atls_ct_eq(cbor_tstr(r), ATLS_ARRAY(v)))
		rd_fail(r, ATLS_E_UNKNOWN);
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), \result); */
static struct atls_bytes
get_kid(struct rd *r)
{
	struct atls_bytes b = get_bstr(r);

	if (b.len > KID_MAX)
		rd_fail(r, ATLS_E_LIMIT);
	return b;
}

/* Of kat and pat each; pub of kat only. */
struct signed_part {
	struct atls_bytes	kid, sig, info, pub;
};

/*@ predicate tpm_view(struct rd r, struct atls_bytes a,
	struct atls_bytes b) = a == b || rd_has(r, b);
    // Each view of b is as it was in a, or of octets of r.
    predicate signed_from(struct rd r, struct signed_part a,
	struct signed_part b) = tpm_view(r, a.kid, b.kid) &&
	tpm_view(r, a.sig, b.sig) && tpm_view(r, a.info, b.info) &&
	tpm_view(r, a.pub, b.pub);

    lemma tpm_view_on: \forall struct rd r, s, struct atls_bytes a, b, c;
	rd_goes(r, s) && tpm_view(r, a, b) && tpm_view(s, b, c) ==>
	tpm_view(r, a, c);
    lemma rd_in_has: \forall struct rd r, struct atls_bytes in, v;
	rd_in(r, in) && rd_has(r, v) ==> view_in(v, in);
    lemma rd_in_goes: \forall struct rd a, b, struct atls_bytes in;
	rd_in(a, in) && rd_goes(a, b) ==> rd_in(b, in);
    */

/* One member; is it the version? */
/*@ requires \valid(r) && rd_ok(*r) && \valid_read(k) && view_ok(k->text);
    requires \valid(p) && \separated(r, k, p);
    assigns *r, *p;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures signed_from(\old(*r), \old(*p), *p); */
static bool
part_member(struct rd *r, const struct cbor_key *k, bool kat,
    struct signed_part *p)
{
	if (cbor_key_is(k, "tpmVer")) {
		get_version(r);
		return true;
	}
	if (cbor_key_is(k, "kid"))
		p->kid = get_kid(r);
	else if (cbor_key_is(k, "sig"))
		p->sig = get_bstr(r);
	else if (cbor_key_is(k, kat ? "certInfo" : "attestInfo"))
		p->info = get_bstr(r);
	else if (kat && cbor_key_is(k, "pubArea"))
		p->pub = get_bstr(r);
	else if (cbor_key_is(k, "alg"))
		(void)cbor_int(r);	/* the signature says it */
	else
		rd_fail(r, ATLS_E_FORMAT);
	return false;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(p) && \separated(r, p);
    assigns *r, *p;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures signed_from(\old(*r), \old(*p), *p); */
static void
get_part(struct rd *r, bool kat, struct signed_part *p)
{
	struct cbor_map m = cbor_map(r);
	bool version = false;
	struct cbor_key k;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant signed_from(\at(*r, Pre), \at(*p, Pre), *p);
	    loop assigns *r, m, k, version, *p;
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k))
		if (part_member(r, &k, kat, p))
			version = true;
	if (!version)
		rd_fail(r, ATLS_E_FORMAT);
}

/* It is all that out->chain has. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    requires rd_in(*r, out->raw);
    assigns *r, out->chain[0 .. 7], out->nchain;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures chain_in(*out); */
static void
get_chain(struct rd *r, struct atls_evidence *out)
{
	const size_t max = sizeof(out->chain) / sizeof(out->chain[0]);
	struct cbor_list certs = cbor_array(r);
	struct atls_bytes c;

	out->nchain = 0;
	if (certs.left == 0)
		rd_fail(r, ATLS_E_FORMAT);
	if (certs.left > max)
		rd_fail(r, ATLS_E_LIMIT);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant r->rc == ATLS_OK ==> !certs.indefinite &&
		out->nchain + certs.left <= 8;
	    loop invariant chain_in(*out);
	    loop assigns *r, certs, c, out->nchain, out->chain[0 .. 7];
	    loop variant r->left + (r->rc == ATLS_OK ? 1 : 0); */
	while (cbor_next(r, &certs)) {
		c = get_bstr(r);
		out->chain[out->nchain++] = c;
	}
}

/*@ requires \valid(r) && rd_ok(*r) && \valid_read(k) && view_ok(k->text);
    requires \valid(out) && \separated(r, k, out);
    requires rd_in(*r, out->raw) && chain_in(*out) && parts_in(*out);
    assigns *r, out->chain[0 .. 7], out->nchain, out->part[TPM_AK_PUB],
	out->part[TPM_PCRS];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures chain_in(*out) && parts_in(*out); */
static void
ext_member(struct rd *r, const struct cbor_key *k, struct atls_evidence *out)
{
	if (cbor_key_is(k, "akPub"))
		out->part[TPM_AK_PUB] = get_bstr(r);
	else if (cbor_key_is(k, "pcrs"))
		out->part[TPM_PCRS] = cbor_item(r);
	else if (cbor_key_is(k, "akCert"))
		get_chain(r, out);
	else
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    requires rd_in(*r, out->raw) && chain_in(*out) && parts_in(*out);
    assigns *r, out->chain[0 .. 7], out->nchain, out->part[TPM_AK_PUB],
	out->part[TPM_PCRS];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures chain_in(*out) && parts_in(*out); */
static void
get_ext(struct rd *r, struct atls_evidence *out)
{
	struct cbor_map m = cbor_map(r);
	struct cbor_key k;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m) && rd_in(*r, out->raw);
	    loop invariant chain_in(*out) && parts_in(*out);
	    loop assigns *r, m, k, out->chain[0 .. 7], out->nchain,
		out->part[TPM_AK_PUB], out->part[TPM_PCRS];
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k))
		ext_member(r, &k, out);
	if (out->part[TPM_AK_PUB].len == 0 || out->part[TPM_PCRS].len == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

struct message {
	struct signed_part	kat, pat;
};

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \valid(m);
    requires \separated(r, m, out);
    requires rd_in(*r, out->raw) && chain_in(*out) && parts_in(*out);
    assigns *r, *m, out->chain[0 .. 7], out->nchain, out->part[TPM_AK_PUB],
	out->part[TPM_PCRS];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures chain_in(*out) && parts_in(*out);
    ensures signed_from(\old(*r), \old(m->kat), m->kat) &&
	signed_from(\old(*r), \old(m->pat), m->pat); */
static void
get_message(struct rd *r, struct message *m, struct atls_evidence *out)
{
	struct cbor_map map = cbor_map(r);
	struct cbor_key k;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(map) && rd_in(*r, out->raw);
	    loop invariant chain_in(*out) && parts_in(*out);
	    loop invariant
		signed_from(\at(*r, Pre), \at(m->kat, Pre), m->kat) &&
		signed_from(\at(*r, Pre), \at(m->pat, Pre), m->pat);
	    loop assigns *r, map, k, *m, out->chain[0 .. 7], out->nchain,
		out->part[TPM_AK_PUB], out->part[TPM_PCRS];
	    loop variant r->left; */
	while (cbor_map_next(r, &map, &k)) {
		if (cbor_key_is(&k, "kat"))
			get_part(r, true, &m->kat);
		else if (cbor_key_is(&k, "pat"))
			get_part(r, false, &m->pat);
		else if (cbor_key_is(&k, "ext"))
			get_ext(r, out);
		else
			rd_fail(r, ATLS_E_FORMAT);
	}
}

/* Only ext may be missing. */
/*@ assigns \nothing;
    exits \false; */
static bool
is_whole(struct message m)
{
	return m.kat.kid.len != 0 && m.kat.sig.len != 0 &&
	    m.kat.info.len != 0 && m.kat.pub.len != 0 &&
	    m.pat.kid.len != 0 && m.pat.sig.len != 0 && m.pat.info.len != 0;
}

enum atls_rc
tpm_parse(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct message m = { .kat = { .kid = { NULL, 0 } } };
	struct rd r = rd_of(raw);
	enum atls_rc rc;

	(void)scratch;			/* all is binary, and views do */
	get_message(&r, &m, out);
	if (!is_whole(m))
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "tpm.cbor", r.off, "%zu octets",
		    raw.len);
	out->part[TPM_KAT_KID] = m.kat.kid;
	out->part[TPM_KAT_SIG] = m.kat.sig;
	out->part[TPM_KAT_INFO] = m.kat.info;
	out->part[TPM_KAT_PUB] = m.kat.pub;
	out->part[TPM_PAT_KID] = m.pat.kid;
	out->part[TPM_PAT_SIG] = m.pat.sig;
	out->part[TPM_PAT_INFO] = m.pat.info;
	if ((rc = parse_parts(out, err)) != ATLS_OK)
		return rc;
	if (out->part[TPM_PCRS].len == 0)	/* no ext */
		return ATLS_OK;
	return tpm_claim_pcrs(out, out->part[TPM_PCRS], offset(out, TPM_PCRS),
	    err);
}
