/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMW_H
#define CMW_H

#include <atls/cmw.h>

#include "../base/rd.h"

#define CMW_TYPE_KEY	"__cmwc_t"	/* RFC 9999: type of a collection */
#define CMW_FORMAT_MAX	65535		/* of a content format, RFC 7252 */

enum {
	CMW_JSON_FORMAT = 274, CMW_COSE_FORMAT = 275,
	CMW_IND_ALL = ATLS_IND_REFVALS | ATLS_IND_ENDORSEMENTS |
	    ATLS_IND_EVIDENCE | ATLS_IND_RESULTS | ATLS_IND_POLICY,
};

/* One walk over one message, and what failed first in it, with its place;
 * where is NULL if nothing did. */
struct cmw_walk {
	struct rd		 r;
	const char		*where, *what;
	size_t			 off;
};

/*@ // Its type and value are octets that r has before it; its label, too.
    predicate cmw_has(struct rd r, struct atls_cmw_record e) =
	rd_has(r, e.type) && rd_has(r, e.value);
    predicate cmw_labelled(struct rd r, struct atls_cmw_record e) =
	cmw_has(r, e) && rd_has(r, e.label);

    // b is a, and behind it records of r, with labels of r or this one; so
    // is its type.
    predicate cmw_grown(struct rd r, struct atls_cmw a, struct atls_cmw b) =
	a.nrecord <= b.nrecord <= ATLS_CMW_LEAVES &&
	(\forall integer i; 0 <= i < a.nrecord ==>
	    b.record[i] == a.record[i]) &&
	(b.collection_type == a.collection_type ||
	    rd_has(r, b.collection_type));
    predicate cmw_from(struct rd r, struct atls_cmw a, struct atls_cmw b) =
	cmw_grown(r, a, b) && \forall integer i;
	a.nrecord <= i < b.nrecord ==> cmw_labelled(r, b.record[i]);
    predicate cmw_node(struct rd r, struct atls_bytes label,
	struct atls_cmw a, struct atls_cmw b) =
	cmw_grown(r, a, b) && \forall integer i;
	a.nrecord <= i < b.nrecord ==> cmw_has(r, b.record[i]) &&
	    (b.record[i].label == label || rd_has(r, b.record[i].label));

    lemma cmw_has_on: \forall struct rd r, s, struct atls_cmw_record e;
	rd_goes(r, s) && cmw_has(s, e) ==> cmw_has(r, e);
    lemma cmw_grown_on: \forall struct rd r, s, struct atls_cmw a, b, c;
	rd_goes(r, s) && cmw_grown(r, a, b) && cmw_grown(s, b, c) ==>
	cmw_grown(r, a, c);
    lemma cmw_node_on: \forall struct rd r, s, struct atls_bytes m,
	struct atls_cmw a, b, c; rd_goes(r, s) && rd_has(r, m) &&
	cmw_from(r, a, b) && cmw_node(s, m, b, c) ==> cmw_from(r, a, c);
    */

/* Fails with rc, or with what the reader failed with before. */
/*@ requires \valid(w) && rd_ok(w->r) && rc != ATLS_OK;
    assigns w->r.rc, w->where, w->what, w->off;
    exits \false;
    ensures w->r.rc == (\old(w->r.rc) == ATLS_OK ? rc : \old(w->r.rc)); */
void	cmw_fail(struct cmw_walk *w, enum atls_rc rc, const char *where,
	    const char *what);

/* Adds a record to the message; checks ind; E_LIMIT, E_FORMAT. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \valid_read(rec);
    requires \separated(w, out, rec) && out->nrecord <= ATLS_CMW_LEAVES;
    assigns w->r.rc, w->where, w->what, w->off, out->nrecord,
	out->record[0 .. ATLS_CMW_LEAVES - 1];
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures \old(out->nrecord) <= out->nrecord <= ATLS_CMW_LEAVES;
    ensures out->nrecord <= \old(out->nrecord) + 1;
    ensures \forall integer i; 0 <= i < \old(out->nrecord) ==>
	out->record[i] == \old(out->record[i]);
    ensures out->nrecord > \old(out->nrecord) ==>
	out->record[\old(out->nrecord)] == *rec; */
void	cmw_add(struct cmw_walk *w, struct atls_cmw *out,
	    const struct atls_cmw_record *rec);

/* Fails unless it is an absolute URI or an OID; keeps that of the outermost
 * collection, depth 1. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && view_ok(s);
    requires \separated(w, out);
    assigns w->r.rc, w->where, w->what, w->off, out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures out->collection_type == \old(out->collection_type) ||
	out->collection_type == s; */
void	cmw_collection_type(struct cmw_walk *w, struct atls_cmw *out,
	    struct atls_bytes s, unsigned depth);

/* RFC 9277, appendix B: content format of a tag number, or -1. */
/*@ assigns \nothing;
    exits \false;
    ensures -1 <= \result <= CMW_FORMAT_MAX; */
int	cmw_format_of_tag(uint64_t tn);

/* Read one CMW of either encoding; what is behind it stays. */
/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \separated(w, out);
    requires out->nrecord <= ATLS_CMW_LEAVES;
    assigns *w, out->nrecord, out->record[0 .. ATLS_CMW_LEAVES - 1],
	out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_from(\old(w->r), \old(*out), *out); */
void	cmw_cbor(struct cmw_walk *w, struct atls_cmw *out);

/*@ requires \valid(w) && rd_ok(w->r) && \valid(out) && \separated(w, out);
    requires out->nrecord <= ATLS_CMW_LEAVES;
    assigns *w, out->nrecord, out->record[0 .. ATLS_CMW_LEAVES - 1],
	out->collection_type;
    exits \false;
    ensures rd_ok(w->r) && rd_goes(\old(w->r), w->r);
    ensures cmw_from(\old(w->r), \old(*out), *out); */
void	cmw_json(struct cmw_walk *w, struct atls_cmw *out);

#endif
