/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EA_H
#define EA_H

#include <atls/ea.h>

#include "../crypto/crypto.h"

/* An authenticator taken apart: every field a view.  Nothing is believed. */
struct ea_auth {
	struct atls_bytes	request, raw;	/* octets as sent */
	struct atls_bytes	certificate;	/* whole messages, with header */
	struct atls_bytes	certificate_verify;
	struct atls_bytes	verify_data;	/* of Finished */
	struct atls_bytes	context;
	struct atls_bytes	der[ATLS_CHAIN_MAX];
	size_t			nder;
	struct atls_ea_ext	ext[ATLS_EA_EXTS_MAX];	/* of entry 0 */
	size_t			next;
	uint16_t		other[ATLS_EA_EXTS_MAX]; /* types, in the rest */
	size_t			nother;
	uint16_t		scheme;
	struct atls_bytes	signature;
};

/*
 * ea_open() does all that costs no public-key operation and decodes no
 * certificate: is the connection fit, the shape, the context, Finished, the
 * extension rules.  ea_close() does the rest and marks the context as used.
 * atls_ea_validate() is the one after the other.  Errors as there.
 */
ATLS_CHECKED enum atls_rc ea_open(struct atls_ea *, struct atls_bytes request,
		    struct atls_bytes authenticator, struct ea_auth *out,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc ea_close(struct atls_ea *, const struct ea_auth *,
		    struct atls_trust *, const char *name, int64_t now,
		    struct atls_ea_peer *out, struct atls_err *);

/*
 * Is the connection fit for authenticators at all?  TLS 1.3, both Finished
 * verified, a suite with a hash, not resumed, no early data, no tickets.
 * 1, or not.  err names the first thing that is wrong.  out may be NULL.
 */
int	ea_channel_fit(const struct atls_channel *,
	    struct atls_channel_info *out, struct atls_err *);

#endif
