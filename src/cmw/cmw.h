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

/* One walk over one message.  What fails first is recorded with its place. */
struct cmw_walk {
	struct rd		 r;
	struct atls_cmw		*out;
	struct atls_err		*err;
};

/*@ predicate cmw_ok{L}(struct cmw_walk *w) =
	\valid(w) && rd_ok(w->r) && \valid(w->out) &&
	\separated(w, w->out, w->err) && w->out->nrecord <= ATLS_CMW_LEAVES;

    // It went on with the same message.
    predicate cmw_went{A,B}(struct cmw_walk *w) =
	rd_goes(\at(w->r, A), \at(w->r, B)) &&
	\at(w->out, B) == \at(w->out, A) && \at(w->err, B) == \at(w->err, A);
    */

/* Fails with rc, or with what the reader failed with before. */
/*@ requires cmw_ok(w) && rc != ATLS_OK;
    assigns w->r.rc, *w->err;
    exits \false;
    ensures cmw_ok(w) && w->r.rc == (\old(w->r.rc) == ATLS_OK ? rc :
	\old(w->r.rc)); */
void	cmw_fail(struct cmw_walk *w, enum atls_rc rc, const char *where,
	    const char *what);

/* Adds a record to the message; checks ind; E_LIMIT, E_FORMAT. */
/*@ requires cmw_ok(w) && \valid_read(rec) && \separated(w, rec) &&
	\separated(w->out, rec) && \separated(w->err, rec);
    assigns w->r.rc, *w->err, w->out->nrecord,
	w->out->record[0 .. ATLS_CMW_LEAVES - 1];
    exits \false;
    ensures cmw_ok(w) && cmw_went{Pre,Post}(w); */
void	cmw_add(struct cmw_walk *w, const struct atls_cmw_record *rec);

/* Fails unless it is an absolute URI or an OID; keeps that of the outermost
 * collection, depth 1. */
/*@ requires cmw_ok(w) && view_ok(s);
    assigns w->r.rc, *w->err, w->out->collection_type;
    exits \false;
    ensures cmw_ok(w) && cmw_went{Pre,Post}(w); */
void	cmw_collection_type(struct cmw_walk *w, struct atls_bytes s,
	    unsigned depth);

/* RFC 9277, appendix B: content format of a tag number, or -1. */
/*@ assigns \nothing;
    exits \false;
    ensures -1 <= \result <= CMW_FORMAT_MAX; */
int	cmw_format_of_tag(uint64_t tn);

/* Read one CMW of either encoding; what is behind it stays. */
void	cmw_cbor(struct cmw_walk *);
void	cmw_json(struct cmw_walk *);

#endif
