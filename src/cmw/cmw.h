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

/* Fails with rc, or with what the reader failed with before. */
void	cmw_fail(struct cmw_walk *, enum atls_rc, const char *where,
	    const char *what);

/* Adds a record to the message; checks ind; E_LIMIT, E_FORMAT. */
void	cmw_add(struct cmw_walk *, const struct atls_cmw_record *);

/* Fails unless it is an absolute URI or an OID; keeps that of the outermost
 * collection, depth 1. */
void	cmw_collection_type(struct cmw_walk *, struct atls_bytes,
	    unsigned depth);

/* RFC 9277, appendix B: content format of a tag number, or -1. */
int	cmw_format_of_tag(uint64_t tn);

/* Read one CMW of either encoding; what is behind it stays. */
void	cmw_cbor(struct cmw_walk *);
void	cmw_json(struct cmw_walk *);

#endif
