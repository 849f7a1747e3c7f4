/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REQUEST_H
#define REQUEST_H

#include "http.h"

/* Where the services are: base URLs without a slash at the end, of an
 * address that http_url_ok() likes. */
struct request_conf {
	char	*pcs, *root_crl, *kds;
};

#define REQUEST_URLS	2	/* that may have the same item */

/*
 * What is asked for an item, and what comes of it: the item itself, or
 * several.
 *
 * body		what the answer is; ATLS_ITEM_NONE: of no use here.  ATLS_ASK:
 *		ASK and ARK, in this order, PEM.
 * chain	what comes in a header of it, or ATLS_ITEM_NONE.
 */
struct request {
	char			 url[REQUEST_URLS][HTTP_URL_MAX];
	size_t			 nurl;
	enum atls_item		 body, chain;
	const char		*header[2];
};

/* Keys come from evidence, which is hostile: whatever is not exactly as
 * expected is refused.  Errors: E_UNKNOWN (nobody serves that). */
enum atls_rc	request_of(const struct request_conf *,
		    const struct atls_need *, struct request *,
		    struct atls_err *);

/*
 * Cuts an answer into items, on the heap.  Errors: E_FORMAT (no chain, not
 * PEM, hex that is none), E_MEM.
 */
#define REQUEST_ITEMS	2

struct request_items {
	enum atls_item	item[REQUEST_ITEMS];
	struct atls_buf	bytes[REQUEST_ITEMS];
	size_t		n;
};

enum atls_rc	request_take(const struct request *, struct http_reply *,
		    struct request_items *, struct atls_err *);
void		request_items_free(struct request_items *);

#endif
