/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include "../base/err.h"
#include "../base/rd.h"
#include "../base/wr.h"

static const uint8_t magic[8] = SHIM_MAGIC;

/* Octets of payload that each type may have. */
static const struct { uint32_t min, max; } limit[SHIM_DATA + 1] = {
	[SHIM_HELLO]		= { SHIM_HELLO_LEN, SHIM_HELLO_LEN },
	[SHIM_REQUEST]		= { 1, ATLS_EA_REQUEST_MAX },
	[SHIM_AUTHENTICATOR]	= { 1, ATLS_EA_MAX },
	[SHIM_RESULT]		= { SHIM_RESULT_LEN, SHIM_RESULT_LEN },
	[SHIM_OFFER]		= { 0, 0 },
	[SHIM_ERROR]		= { SHIM_ERROR_LEN, SHIM_ERROR_LEN },
	[SHIM_DATA]		= { 1, ATLS_FRAME_DATA_MAX },
};

//@ assigns \nothing; exits \false;
static int
has_id(enum shim_type type)
{
	return type == SHIM_REQUEST || type == SHIM_AUTHENTICATOR ||
	    type == SHIM_RESULT;
}

enum atls_rc
shim_header_read(const uint8_t in[ATLS_FRAME_HEADER], struct shim_frame *f,
    struct atls_err *err)
{
	struct rd r = rd_of((struct atls_bytes){ in, ATLS_FRAME_HEADER });
	uint64_t version = rd_be(&r, 1), type = rd_be(&r, 1);
	uint64_t id = rd_be(&r, 2), length = rd_be(&r, 4);

	*f = (struct shim_frame){ 0 };
	if (rd_done(&r) != ATLS_OK || version != SHIM_VERSION)
		return err_set(err, ATLS_E_FORMAT, "frame.version", 0,
		    "the peer does not speak this protocol");
	if (type < SHIM_HELLO || type > SHIM_DATA)
		return err_set(err, ATLS_E_FORMAT, "frame.type", 1, "%u",
		    (unsigned)type);
	if ((id != 0) != has_id((enum shim_type)type))
		return err_set(err, ATLS_E_FORMAT, "frame.id", 2, "%u",
		    (unsigned)id);
	if (length < limit[type].min || length > limit[type].max)
		return err_set(err, ATLS_E_LIMIT, "frame.length", 4,
		    "%lu octets in a frame of type %u",
		    (unsigned long)length, (unsigned)type);
	f->type = (enum shim_type)type;
	f->id = (uint16_t)id;
	f->length = (uint32_t)length;
	return ATLS_OK;
}

void
shim_header_write(uint8_t out[ATLS_FRAME_HEADER], enum shim_type type,
    uint16_t id, uint32_t length)
{
	struct atls_buf buf = { out, ATLS_FRAME_HEADER, 0 };
	struct wr w = wr_of(&buf);

	wr_be(&w, SHIM_VERSION, 1);
	wr_be(&w, type, 1);
	wr_be(&w, id, 2);
	wr_be(&w, length, 4);
}

enum atls_rc
shim_hello_read(struct atls_bytes in, struct shim_hello *h,
    struct atls_err *err)
{
	struct rd r = rd_of(in);
	struct atls_bytes m = rd_take(&r, sizeof(magic));
	uint64_t role = rd_be(&r, 1), asks = rd_be(&r, 1);
	uint64_t stream = rd_be(&r, 1), flags = rd_be(&r, 1);
	enum atls_rc rc = rd_done(&r);

	*h = (struct shim_hello){ 0 };
	if (rc != ATLS_OK)
		return err_set(err, rc, "hello", r.off, "%zu octets", in.len);
	if (!atls_ct_eq(m, ATLS_ARRAY(magic)))
		return err_set(err, ATLS_E_FORMAT, "hello.magic", 0,
		    "the peer does not speak this protocol");
	if (role != ATLS_CLIENT && role != ATLS_SERVER)
		return err_set(err, ATLS_E_FORMAT, "hello.role", 8, "%u",
		    (unsigned)role);
	if (asks > SHIM_ASKS_REQUIRED)
		return err_set(err, ATLS_E_FORMAT, "hello.asks", 9, "%u",
		    (unsigned)asks);
	if (stream != ATLS_STREAM_FRAMED && stream != ATLS_STREAM_RAW)
		return err_set(err, ATLS_E_FORMAT, "hello.stream", 10, "%u",
		    (unsigned)stream);
	if (flags > 1)
		return err_set(err, ATLS_E_FORMAT, "hello.flags", 11, "%u",
		    (unsigned)flags);
	h->role = (enum atls_role)role;
	h->asks = (enum shim_asks)asks;
	h->stream = (enum atls_stream)stream;
	h->hold = flags == 1;
	return ATLS_OK;
}

void
shim_hello_write(uint8_t out[SHIM_HELLO_LEN], const struct shim_hello *h)
{
	struct atls_buf buf = { out, SHIM_HELLO_LEN, 0 };
	struct wr w = wr_of(&buf);

	wr_bytes(&w, ATLS_ARRAY(magic));
	wr_be(&w, h->role, 1);
	wr_be(&w, h->asks, 1);
	wr_be(&w, h->stream, 1);
	wr_be(&w, h->hold, 1);
}

enum atls_rc
shim_result_read(struct atls_bytes in, struct shim_result *res,
    struct atls_err *err)
{
	struct rd r = rd_of(in);
	uint64_t outcome = rd_be(&r, 1), why = rd_be(&r, 1);
	uint64_t lease = rd_be(&r, 4);
	enum atls_rc rc = rd_done(&r);

	*res = (struct shim_result){ 0 };
	if (rc != ATLS_OK)
		return err_set(err, rc, "result", r.off, "%zu octets", in.len);
	if (outcome < SHIM_ACCEPTED || outcome > SHIM_REFUSED)
		return err_set(err, ATLS_E_FORMAT, "result.outcome", 0, "%u",
		    (unsigned)outcome);
	if (why > ATLS_CLASS_PROTOCOL ||
	    (why == ATLS_CLASS_OK) != (outcome != SHIM_REFUSED))
		return err_set(err, ATLS_E_FORMAT, "result.class", 1, "%u",
		    (unsigned)why);
	res->outcome = (enum shim_outcome)outcome;
	res->why = (enum atls_class)why;
	res->lease = (uint32_t)lease;
	return ATLS_OK;
}

void
shim_result_write(uint8_t out[SHIM_RESULT_LEN], const struct shim_result *res)
{
	struct atls_buf buf = { out, SHIM_RESULT_LEN, 0 };
	struct wr w = wr_of(&buf);

	wr_be(&w, res->outcome, 1);
	wr_be(&w, res->why, 1);
	wr_be(&w, res->lease, 4);
}

enum atls_rc
shim_error_read(struct atls_bytes in, enum atls_class *why,
    struct atls_err *err)
{
	struct rd r = rd_of(in);
	uint64_t v = rd_be(&r, 1);
	enum atls_rc rc = rd_done(&r);

	*why = ATLS_CLASS_OK;
	if (rc == ATLS_OK && (v == ATLS_CLASS_OK || v > ATLS_CLASS_PROTOCOL))
		rc = ATLS_E_FORMAT;
	if (rc != ATLS_OK)
		return err_set(err, rc, "error", r.off, "%zu octets", in.len);
	*why = (enum atls_class)v;
	return ATLS_OK;
}
