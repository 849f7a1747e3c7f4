/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WR_H
#define WR_H

#include <atls/bytes.h>
#include <atls/error.h>

/*
 * A writer fills a caller's buffer from the start.  The first failure sticks,
 * as with the reader; past the end it goes on counting, so that wr_done()
 * can say how much room is needed.  Nothing is written outside the buffer.
 */
struct wr {
	struct atls_buf	*out;
	size_t		 need;		/* octets so far, written or not */
	enum atls_rc	 rc;
};

struct wr	wr_of(struct atls_buf *out);	/* sets out->len to 0 */
void		wr_be(struct wr *, uint64_t v, size_t n);  /* n <= 8 octets */
void		wr_bytes(struct wr *, struct atls_bytes);
void		wr_zeros(struct wr *, size_t n);
void		wr_fail(struct wr *, enum atls_rc);

/*
 * A TLS vector (RFC 8446, 3.4): wr_open() leaves lenlen octets (1..4) for the
 * length, wr_close() fills them in; E_LIMIT if the content does not fit.
 */
size_t		wr_open(struct wr *, size_t lenlen);
void		wr_close(struct wr *, size_t mark, size_t lenlen);

/* E_SPACE: out->len is the capacity needed.  Other failures: out->len is 0. */
ATLS_CHECKED enum atls_rc wr_done(struct wr *);

#endif
