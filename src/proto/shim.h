/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>

#include <atls/ea.h>
#include <atls/session.h>

#include "../base/spec.h"

/*
 * Our framing of an attested connection, version 1.  A codec only: what a
 * frame means is the session's business.  It resembles, and is not, the
 * shim mode of draft-reddy-seat-expat-transport.
 *
 *	frame  = version(1) type(1) id(2) length(4) payload[length]
 *	HELLO  = magic(8) role(1) asks(1) stream(1) flags(1)
 *	REQUEST, AUTHENTICATOR = octets of RFC 9261
 *	RESULT = outcome(1) class(1) lease(4)
 *	OFFER  = empty		"you may ask me again"
 *	ERROR  = class(1)	the sender has given up
 *	DATA   = 1..ATLS_FRAME_DATA_MAX octets of the application
 *
 * Integers are big-endian.  HELLO is the first frame of each side and comes
 * once.  Everything on the stream is in frames, application data too, so that
 * neither can be taken for the other; on a raw stream frames end, for good,
 * where the gate opens.
 */
#define SHIM_VERSION	1
#define SHIM_MAGIC	"atls-shm"	/* 8 octets */
#define SHIM_HELLO_LEN	12
#define SHIM_RESULT_LEN	6
#define SHIM_ERROR_LEN	1

enum shim_type {
	SHIM_HELLO = 1, SHIM_REQUEST, SHIM_AUTHENTICATOR, SHIM_RESULT,
	SHIM_OFFER, SHIM_ERROR, SHIM_DATA,
};

struct shim_frame {
	enum shim_type	type;
	uint16_t	id;		/* of the exchange, by its requester */
	uint32_t	length;
};

enum shim_asks { SHIM_ASKS_NEVER = 0, SHIM_ASKS_OPTIONAL, SHIM_ASKS_REQUIRED };

struct shim_hello {
	enum atls_role		role;		/* of the sender */
	enum shim_asks		asks;		/* will it ask the other? */
	enum atls_stream	stream;
	bool			hold;		/* no data while it asks again */
};

enum shim_outcome {
	SHIM_ACCEPTED = 1, SHIM_WAIVED, SHIM_REFUSED,
};

struct shim_result {
	enum shim_outcome	outcome;
	enum atls_class		why;	/* OK unless refused */
	uint32_t		lease;	/* seconds; 0: no end was set */
};

/*@ // The longest payload of a type.
    logic integer shim_max(integer type) =
	type == SHIM_HELLO ? SHIM_HELLO_LEN :
	type == SHIM_REQUEST ? ATLS_EA_REQUEST_MAX :
	type == SHIM_AUTHENTICATOR ? ATLS_EA_MAX :
	type == SHIM_RESULT ? SHIM_RESULT_LEN :
	type == SHIM_ERROR ? SHIM_ERROR_LEN :
	type == SHIM_DATA ? ATLS_FRAME_DATA_MAX : 0;
    */

/* Errors: E_FORMAT (version, type, id), E_LIMIT (length), by ERR's offset. */
/*@ requires \valid_read(in + (0 .. ATLS_FRAME_HEADER - 1)) && \valid(f);
    requires \separated(f, err, in + (0 .. ATLS_FRAME_HEADER - 1));
    assigns *f, *err;
    exits \false;
    ensures \result == ATLS_OK ==> SHIM_HELLO <= f->type <= SHIM_DATA &&
	f->type == in[1] && f->length == be(in + 4, 4) &&
	f->length <= shim_max(f->type); */
ATLS_CHECKED enum atls_rc shim_header_read(
		    const uint8_t in[ATLS_FRAME_HEADER], struct shim_frame *f,
		    struct atls_err *err);
/*@ requires \valid(out + (0 .. ATLS_FRAME_HEADER - 1));
    assigns out[0 .. ATLS_FRAME_HEADER - 1];
    exits \false; */
void		shim_header_write(uint8_t out[ATLS_FRAME_HEADER],
		    enum shim_type, uint16_t id, uint32_t length);

/*@ requires view_ok(in) && \valid(h) && \separated(h, err);
    assigns *h, *err;
    exits \false;
    ensures \result == ATLS_OK ==> in.len == SHIM_HELLO_LEN; */
ATLS_CHECKED enum atls_rc shim_hello_read(struct atls_bytes in,
		    struct shim_hello *h, struct atls_err *err);
/*@ requires \valid(out + (0 .. SHIM_HELLO_LEN - 1)) && \valid_read(h);
    requires \separated(h, out + (0 .. SHIM_HELLO_LEN - 1));
    assigns out[0 .. SHIM_HELLO_LEN - 1];
    exits \false; */
void		shim_hello_write(uint8_t out[SHIM_HELLO_LEN],
		    const struct shim_hello *h);
/*@ requires view_ok(in) && \valid(res) && \separated(res, err);
    assigns *res, *err;
    exits \false;
    ensures \result == ATLS_OK ==> in.len == SHIM_RESULT_LEN; */
ATLS_CHECKED enum atls_rc shim_result_read(struct atls_bytes in,
		    struct shim_result *res, struct atls_err *err);
/*@ requires \valid(out + (0 .. SHIM_RESULT_LEN - 1)) && \valid_read(res);
    requires \separated(res, out + (0 .. SHIM_RESULT_LEN - 1));
    assigns out[0 .. SHIM_RESULT_LEN - 1];
    exits \false; */
void		shim_result_write(uint8_t out[SHIM_RESULT_LEN],
		    const struct shim_result *res);
/*@ requires view_ok(in) && \valid(why) && \separated(why, err);
    assigns *why, *err;
    exits \false;
    ensures \result == ATLS_OK ==> in.len == SHIM_ERROR_LEN; */
ATLS_CHECKED enum atls_rc shim_error_read(struct atls_bytes in,
		    enum atls_class *why, struct atls_err *err);

#endif
