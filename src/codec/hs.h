/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HS_H
#define HS_H

#include "../base/rd.h"
#include "../base/wr.h"

/*
 * TLS handshake messages without records (RFC 8446, 4; RFC 9261, 4 and 5.2):
 *
 *	type(1) || length(3) || body
 *
 * and the lists of extensions within them (RFC 8446, 4.2):
 *
 *	type(2) || length(2) || data
 */
enum hs_type {
	HS_CERTIFICATE			= 11,
	HS_CERTIFICATE_REQUEST		= 13,
	HS_CERTIFICATE_VERIFY		= 15,
	HS_CLIENT_CERTIFICATE_REQUEST	= 17,	/* RFC 9261, 4 */
	HS_FINISHED			= 20,
};

#define HS_HEADER	4		/* octets before the body */

struct hs_msg {
	unsigned		type;	/* 0 on failure */
	struct atls_bytes	raw;	/* header and body, as sent */
	struct rd		body;	/* close it against the message's reader */
};

/* Takes one message.  On failure the reader and body have failed, too. */
struct hs_msg	hs_take(struct rd *);

/*
 * Takes one extension off a list.  true: type and data are set, data is a view
 * of 0..65535 octets.  false: the list is at its end or has failed, for
 * rd_done() to say; type is 0 and data empty.
 */
bool		hs_ext(struct rd *list, uint16_t *type,
		    struct atls_bytes *data);

/* Begins a message; wr_close(w, mark, 3) ends it. */
size_t		hs_open(struct wr *, enum hs_type);

void		hs_ext_write(struct wr *, uint16_t type,
		    struct atls_bytes data);

#endif
