/* SPDX-License-Identifier: Apache-2.0 */
#include "dcap.h"

#include <string.h>

#include "../base/err.h"
#include "../codec/pem.h"
#include "dcap_quote.h"

static const char *const names[DCAP_NCHECKS][2] = { DCAP_NAME_TABLE };

const char *
dcap_where(enum intel_tee tee, enum dcap_check check)
{
	return names[check][tee == INTEL_TDX];
}

void
dcap_claim(struct atls_evidence *out, const struct evidence_claim *c,
    struct atls_bytes bytes, uint64_t number)
{
	if (out->nclaim < ATLS_CLAIMS_MAX)
		out->claim[out->nclaim++] = (struct atls_claim){ c->name,
		    c->type, bytes, number };
}

/* A vector preceded by its length in n octets, little-endian. */
/*@ requires \valid(r) && rd_ok(*r) && n <= 8;
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
static struct atls_bytes
vector(struct rd *r, size_t n)
{
	size_t len = (size_t)rd_le(r, n);

	return rd_take(r, len);
}

/* The same, to be read. */
/*@ requires \valid(r) && rd_ok(*r) && n <= 8;
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_ok(\result) && \result.rc == r->rc;
    ensures \result.left > 0 ==>
	\result.p + \result.left == r->p &&
	\result.left <= \old(r->left) - r->left;
    ensures \forall struct atls_bytes v; rd_has(\result, v) ==>
	rd_has(\old(*r), v); */
static struct rd
sub_le(struct rd *r, size_t n)
{
	size_t len = (size_t)rd_le(r, n);
	struct rd sub = { .off = r->off };
	struct atls_bytes b = rd_take(r, len);

	sub.p = b.p;
	sub.left = b.len;
	sub.rc = r->rc;
	return sub;
}

/*@ requires \valid_read(q) && \separated(q, q->err);
    requires 0 <= check < DCAP_NCHECKS;
    assigns *q->err;
    exits \false;
    ensures \result == rc; */
static enum atls_rc
no(struct quote *q, enum atls_rc rc, enum dcap_check check, size_t off,
    const char *what, uint64_t is)
{
	return err_set(q->err, rc, dcap_where(q->tee, check), off,
	    "%s %llu", what, (unsigned long long)is);
}

/* Version, key and TEE decide how the rest is laid out. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && quote_ok(*q);
    requires \separated(r, q, q->out, q->err);
    assigns *r, q->version, q->user_data,
	q->out->part[DCAP_VENDOR .. DCAP_RESERVED], *q->err;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), q->user_data) &&
	rd_has(\old(*r), q->out->part[DCAP_VENDOR]) &&
	rd_has(\old(*r), q->out->part[DCAP_RESERVED]); */
static enum atls_rc
header(struct quote *q, struct rd *r)
{
	uint64_t key, tee, want = q->tee == INTEL_TDX ? TEE_TDX : TEE_SGX;

	q->version = rd_le(r, 2);
	key = rd_le(r, 2);
	tee = rd_le(r, 4);
	q->out->part[DCAP_RESERVED] = rd_take(r, 4);
	q->out->part[DCAP_VENDOR] = rd_take(r, VENDOR);
	q->user_data = rd_take(r, USER_DATA);
	if (r->rc != ATLS_OK)
		return no(q, r->rc, DCAP_C_QUOTE, r->off, "octets left:",
		    r->left);
	/* QUOTE: version 3 is of SGX only; 1 and 2 are EPID. */
	if (q->version > V5 || q->version < V3 ||
	    (q->version == V3 && q->tee != INTEL_SGX))
		return no(q, ATLS_E_UNKNOWN, DCAP_C_VERSION, 0,
		    q->version < V3 ? "EPID, version" : "version", q->version);
	if (key != ECDSA_P256)
		return no(q, ATLS_E_UNKNOWN, DCAP_C_KEY_TYPE, 2,
		    "2 is ECDSA with P-256; this is", key);
	if (tee != want)
		return no(q, ATLS_E_UNKNOWN, DCAP_C_TEE_TYPE, 4,
		    "SGX is 0, TDX 129; this is", tee);
	if (q->version == V3)			/* SVNs of QE and PCE */
		q->out->part[DCAP_RESERVED] = (struct atls_bytes){ NULL, 0 };
	return ATLS_OK;
}

/* Version 5 says what its body is and how long; others imply it. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && quote_ok(*q);
    requires \separated(r, q, q->out, q->err);
    assigns *r, q->out->part[DCAP_BODY], *q->err;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result == ATLS_OK ==>
	rd_has(\old(*r), q->out->part[DCAP_BODY]); */
static enum atls_rc
body(struct quote *q, struct rd *r)
{
	size_t off = r->off;
	uint64_t type = q->tee == INTEL_TDX ? BODY_TD_1_0 : BODY_SGX, len, want;

	len = want = type == BODY_SGX ? DCAP_REPORT : TD_1_0;
	if (q->version == V5) {
		type = rd_le(r, 2);
		len = rd_le(r, 4);
		want = type == BODY_SGX ? DCAP_REPORT : type == BODY_TD_1_0 ?
		    TD_1_0 : TD_1_5;
		if (r->rc != ATLS_OK)
			return no(q, r->rc, DCAP_C_QUOTE, off,
			    "octets left:", r->left);
	}
	if (type > BODY_TD_1_5 || type < BODY_SGX ||
	    (type == BODY_SGX) != (q->tee == INTEL_SGX))
		return no(q, ATLS_E_UNKNOWN, DCAP_C_BODY, off, "type", type);
	if (len != want)
		return no(q, ATLS_E_FORMAT, DCAP_C_BODY, off, "size", len);
	q->out->part[DCAP_BODY] = rd_take(r, (size_t)len);
	return ATLS_OK;
}

/* "QE Report Certification Data". */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && quote_ok(*q);
    requires \separated(r, q, q->out, q->err);
    assigns *r, q->cert_type, q->out->part[DCAP_QE_REPORT .. DCAP_CERT];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures qe_in(q->out, \old(*r)); */
static void
qe_report(struct quote *q, struct rd *r)
{
	struct atls_bytes *part = q->out->part;
	struct rd type;

	part[DCAP_QE_REPORT] = rd_take(r, DCAP_REPORT);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	part[DCAP_QE_SIGNATURE] = rd_take(r, SIGNATURE);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	/*@ assert rd_has(\at(*r, Pre), q->out->part[DCAP_QE_SIGNATURE]); */
	part[DCAP_QE_AUTH] = vector(r, 2);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	/*@ assert rd_has(\at(*r, Pre), q->out->part[DCAP_QE_AUTH]); */
	type = *r;
	part[DCAP_CERT_TYPE] = rd_take(r, 2);
	/*@ assert rd_goes(\at(*r, Pre), *r); */
	q->cert_type = rd_le(&type, 2);
	part[DCAP_CERT] = vector(r, 4);
	/*@ assert rd_has(\at(*r, Pre), q->out->part[DCAP_CERT_TYPE]); */
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && quote_ok(*q);
    requires \separated(r, q, q->out, q->err);
    assigns *r, q->cert_type, q->out->part[DCAP_SIGNATURE .. DCAP_CERT],
	*q->err;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result == ATLS_OK ==> qe_in(q->out, \old(*r)) &&
	rd_has(\old(*r), q->out->part[DCAP_SIGNATURE]) &&
	rd_has(\old(*r), q->out->part[DCAP_KEY]); */
static enum atls_rc
signature_data(struct quote *q, struct rd *r)
{
	struct rd all = sub_le(r, 4), cert;
	struct atls_bytes *part = q->out->part;
	uint64_t type = CERT_QE_REPORT;
	size_t off;

	part[DCAP_SIGNATURE] = rd_take(&all, SIGNATURE);
	part[DCAP_KEY] = rd_take(&all, KEY);
	if (q->version == V3)
		qe_report(q, &all);
	else {
		off = all.off;
		type = rd_le(&all, 2);
		cert = sub_le(&all, 4);
		if (all.rc == ATLS_OK && type != CERT_QE_REPORT)
			return no(q, ATLS_E_UNKNOWN, DCAP_C_CERT_TYPE, off,
			    "6 has the QE's report; this is", type);
		qe_report(q, &cert);
		rd_close(&all, &cert);
	}
	rd_close(r, &all);
	if (r->rc != ATLS_OK)
		return no(q, r->rc, DCAP_C_QUOTE, r->off,
		    "the parts do not add up, version", q->version);
	return ATLS_OK;
}

/* The one certificate with Intel's extension goes to the front: the order of
 * the chain is not guaranteed, and a second one could be taken for it. */
/*@ requires \valid(q) && quote_ok(*q) && chain_ok(q->out);
    requires \valid(pck) && \separated(pck, q, q->out, q->err);
    assigns *pck, q->out->chain[0 .. DCAP_CHAIN_MAX - 1], *q->err;
    exits \false;
    ensures chain_ok(q->out); */
static enum atls_rc
find_leaf(struct quote *q, struct intel_pck *pck)
{
	struct atls_bytes *chain = q->out->chain, leaf;
	struct intel_pck other;
	size_t i, at = 0, found = 0;

	/*@ loop invariant 0 <= i <= q->out->nchain;
	    loop invariant found <= i && (found > 0 ==> at < i);
	    loop assigns i, at, found, other, *pck;
	    loop variant q->out->nchain - i; */
	for (i = 0; i < q->out->nchain; i++) {
		if (intel_pck_parse(chain[i], &other, NULL) != ATLS_OK)
			continue;
		*pck = other;
		at = i;
		found++;
	}
	if (found != 1)
		return no(q, ATLS_E_FORMAT, DCAP_C_PCK, 0,
		    "PCK certificates in the chain:", found);
	leaf = chain[at];
	/*@ loop invariant 0 <= at < q->out->nchain && chain_ok(q->out);
	    loop assigns at, chain[0 .. DCAP_CHAIN_MAX - 1];
	    loop variant at; */
	for (; at > 0; at--)
		chain[at] = chain[at - 1];
	chain[0] = leaf;
	return ATLS_OK;
}

/* A claim of octets, copied to scratch: a certificate has no room for it. */
/*@ requires \valid(q) && quote_ok(*q) && claims_ok(*q);
    requires room_ok(scratch) && 0 <= id < DCAP_NCLAIMS && view_ok(b);
    requires room_apart(scratch, *q) && b.len > 0 && \separated(
	b.p + (0 .. b.len - 1), scratch->p + (0 .. scratch->cap - 1));
    assigns scratch->len, scratch->p[0 .. scratch->cap - 1],
	q->out->nclaim, q->out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures room_ok(scratch) && claims_ok(*q); */
static bool
keep(struct quote *q, struct atls_buf *scratch, enum dcap_claim id,
    struct atls_bytes b)
{
	uint8_t *to;

	if (b.len > scratch->cap - scratch->len)
		return false;
	to = scratch->p + scratch->len;
	memcpy(to, b.p, b.len);
	scratch->len += b.len;
	dcap_claim(q->out, &q->table[id], (struct atls_bytes){ to, b.len }, 0);
	return true;
}

/*@ requires \valid(q) && quote_ok(*q) && claims_ok(*q);
    requires room_ok(scratch) && room_apart(scratch, *q);
    requires \valid_read(pck) && \separated(pck, scratch,
	scratch->p + (0 .. scratch->cap - 1));
    assigns scratch->len, scratch->p[0 .. scratch->cap - 1],
	q->out->nclaim, q->out->claim[0 .. ATLS_CLAIMS_MAX - 1];
    exits \false;
    ensures claims_ok(*q); */
static bool
keep_all(struct quote *q, struct atls_buf *scratch,
    const struct intel_pck *pck)
{
	return keep(q, scratch, DCAP_FMSPC, ATLS_ARRAY(pck->fmspc)) &&
	    keep(q, scratch, DCAP_PCEID, ATLS_ARRAY(pck->pceid)) &&
	    keep(q, scratch, DCAP_PPID, ATLS_ARRAY(pck->ppid)) &&
	    (!pck->has_instance ||
	    keep(q, scratch, DCAP_INSTANCE, ATLS_ARRAY(pck->instance)));
}

/*@ requires \valid(q) && quote_ok(*q) && claims_ok(*q);
    requires chain_ok(q->out);
    requires room_ok(scratch) && room_apart(scratch, *q);
    requires \separated(q, scratch, q->out, q->err,
	scratch->p + (0 .. scratch->cap - 1));
    assigns scratch->len, scratch->p[0 .. scratch->cap - 1],
	q->out->nclaim, q->out->claim[0 .. ATLS_CLAIMS_MAX - 1],
	q->out->chain[0 .. DCAP_CHAIN_MAX - 1], *q->err;
    exits \false; */
static enum atls_rc
pck_claims(struct quote *q, struct atls_buf *scratch)
{
	const struct atls_bytes none = { NULL, 0 };
	struct intel_pck pck;
	enum atls_rc rc;
	size_t i;

	if ((rc = find_leaf(q, &pck)) != ATLS_OK)
		return rc;
	if (!keep_all(q, scratch, &pck))
		return no(q, ATLS_E_SPACE, DCAP_C_PCK, 0, "scratch, octets:",
		    scratch->cap);
	dcap_claim(q->out, &q->table[DCAP_PCESVN], none, pck.pcesvn);
	/*@ loop invariant 0 <= i <= DCAP_SVNS && claims_ok(*q);
	    loop assigns i, q->out->nclaim,
		q->out->claim[0 .. ATLS_CLAIMS_MAX - 1];
	    loop variant DCAP_SVNS - i; */
	for (i = 0; i < DCAP_SVNS; i++)
		dcap_claim(q->out, &q->table[DCAP_PCK_SVN + i], none,
		    pck.svn[i]);
	return ATLS_OK;
}

/* The certificates, decoded to scratch. */
/*@ requires \valid(q) && quote_ok(*q) && view_ok(q->out->part[DCAP_CERT]);
    requires room_ok(scratch) && room_apart(scratch, *q);
    requires \separated(q, scratch, q->out, q->err,
	scratch->p + (0 .. scratch->cap - 1));
    assigns q->out->nchain, q->out->chain[0 .. DCAP_CHAIN_MAX - 1], *q->err,
	scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false;
    ensures room_ok(scratch) && chain_ok(q->out); */
static enum atls_rc
decode(struct quote *q, struct atls_buf *scratch)
{
	struct rd r = rd_of(q->out->part[DCAP_CERT]);
	size_t n = pem_get(&r, PEM_CERT, scratch, q->out->chain,
	    DCAP_CHAIN_MAX);

	/*@ assert \forall integer i; 0 <= i < n ==>
		view_ok(q->out->chain[i]); */
	q->out->nchain = n;
	if (r.rc != ATLS_OK)
		return no(q, r.rc, DCAP_C_CERT, r.off, "PEM, octets left:",
		    r.left);
	return ATLS_OK;
}

/* Types 1 to 4 name the platform, for somebody who has its certificate at
 * hand; that is read, and refused for want of a chain. */
/*@ requires \valid(q) && quote_ok(*q) && claims_ok(*q);
    requires view_ok(q->out->part[DCAP_CERT]);
    requires room_ok(scratch) && room_apart(scratch, *q);
    requires \separated(q, scratch, q->out, q->err,
	scratch->p + (0 .. scratch->cap - 1));
    assigns q->out->nchain, q->out->chain[0 .. DCAP_CHAIN_MAX - 1],
	q->out->nclaim, q->out->claim[0 .. ATLS_CLAIMS_MAX - 1], *q->err,
	scratch->len, scratch->p[0 .. scratch->cap - 1];
    exits \false; */
static enum atls_rc
certificates(struct quote *q, struct atls_buf *scratch)
{
	enum atls_rc rc;

	if (q->cert_type == 0 || q->cert_type > CERT_PCK_CHAIN)
		return no(q, ATLS_E_UNKNOWN, DCAP_C_CERT_TYPE, 0, "type",
		    q->cert_type);
	if (q->cert_type != CERT_PCK_CHAIN)
		return ATLS_OK;
	if ((rc = decode(q, scratch)) != ATLS_OK)
		return rc;
	return pck_claims(q, scratch);
}

/*@ requires \valid(q) && quote_ok(*q) && claims_ok(*q);
    requires view_ok(q->out->part[DCAP_QE_REPORT]);
    requires \separated(q, q->out, q->err, q->table +
	(0 .. DCAP_NCLAIMS - 1));
    assigns q->out->nclaim, q->out->claim[0 .. ATLS_CLAIMS_MAX - 1],
	*q->err;
    exits \false;
    ensures claims_ok(*q); */
static enum atls_rc
quote_claims(struct quote *q)
{
	const struct atls_bytes none = { NULL, 0 };
	const struct evidence_claim *t = q->table;
	struct sgx_report qe;
	enum atls_rc rc;

	if ((rc = sgx_report_read(q->out->part[DCAP_QE_REPORT], &qe)) !=
	    ATLS_OK)
		return no(q, rc, DCAP_C_QUOTE, 0, "QE report", 0);
	dcap_claim(q->out, &t[DCAP_VERSION], none, q->version);
	dcap_claim(q->out, &t[DCAP_USER_DATA], q->user_data, 0);
	dcap_claim(q->out, &t[DCAP_QE_MRSIGNER], qe.mrsigner, 0);
	dcap_claim(q->out, &t[DCAP_QE_ISVPRODID], none, qe.isvprodid);
	dcap_claim(q->out, &t[DCAP_QE_ISVSVN], none, qe.isvsvn);
	dcap_claim(q->out, &t[DCAP_QE_ATTRIBUTES], qe.attributes, 0);
	dcap_claim(q->out, &t[DCAP_QE_MISCSELECT], none, qe.miscselect);
	return ATLS_OK;
}

/* A quote's parts, from its beginning on. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && quote_ok(*q);
    requires \separated(r, q, q->out, q->err) && r->off == 0;
    requires r->p == in.p && r->left == in.len;
    assigns *r, q->version, q->user_data, q->cert_type,
	q->out->part[DCAP_SIGNED .. DCAP_CERT], *q->err;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result == ATLS_OK ==> dcap_head_in(q->out, in);
    ensures \result == ATLS_OK ==> dcap_rest_in(q->out, in); */
static enum atls_rc
parts(struct quote *q, struct rd *r, struct atls_bytes in)
{
	struct rd whole = rd_of(in);
	enum atls_rc rc;

	if ((rc = header(q, r)) != ATLS_OK || (rc = body(q, r)) != ATLS_OK)
		return rc;
	/*@ assert rd_goes(whole, *r) && view_in(q->out->part[DCAP_BODY], in); */
	/*@ assert view_in(q->out->part[DCAP_VENDOR], in) &&
		view_in(q->out->part[DCAP_RESERVED], in); */
	q->out->part[DCAP_SIGNED] = rd_take(&whole, r->off);
	/*@ assert dcap_head_in(q->out, in); */
	/*@ ghost Read: ; */
	rc = signature_data(q, r);
	/*@ assert \at(q->out->part[DCAP_SIGNED], Read) ==
		q->out->part[DCAP_SIGNED]; */
	/*@ assert \at(q->out->part[DCAP_VENDOR], Read) ==
		q->out->part[DCAP_VENDOR]; */
	/*@ assert \at(q->out->part[DCAP_RESERVED], Read) ==
		q->out->part[DCAP_RESERVED]; */
	/*@ assert \at(q->out->part[DCAP_BODY], Read) ==
		q->out->part[DCAP_BODY]; */
	/*@ assert dcap_head_in(q->out, in); */
	return rc;
}

/* All of it, and behind it nothing but zeros. */
/*@ requires view_ok(in) && \valid(q) && quote_ok(*q);
    requires \separated(q, q->out, q->err);
    assigns q->version, q->user_data, q->cert_type,
	q->out->part[DCAP_QUOTE .. DCAP_CERT], *q->err;
    exits \false;
    ensures \result == ATLS_OK ==> dcap_in(q->out, in); */
static enum atls_rc
whole(struct quote *q, struct atls_bytes in)
{
	struct rd r = rd_of(in), again = r;
	enum atls_rc rc;

	if ((rc = parts(q, &r, in)) != ATLS_OK)
		return rc;
	q->out->part[DCAP_QUOTE] = rd_take(&again, r.off);
	/* Buffers that quotes are made in are longer; nothing is in the rest. */
	if (!evidence_zero(rd_rest(&r)))
		return no(q, ATLS_E_TRAIL, DCAP_C_PADDING, again.off,
		    "not zero, octets:", again.left);
	return ATLS_OK;
}

enum atls_rc
dcap_parse(enum intel_tee tee, struct atls_bytes in,
    const struct evidence_claim *table, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct quote q = { .tee = tee, .table = table, .out = out,
	    .err = err };
	struct atls_buf none = { NULL, 0, 0 };
	enum atls_rc rc;

	if (in.len > DCAP_QUOTE_MAX)
		return no(&q, ATLS_E_LIMIT, DCAP_C_QUOTE, 0, "octets:",
		    in.len);
	if ((rc = whole(&q, in)) != ATLS_OK ||
	    (rc = quote_claims(&q)) != ATLS_OK)
		return rc;
	return certificates(&q, scratch != NULL ? scratch : &none);
}
