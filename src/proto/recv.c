/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#include "../appraise/appraise.h"
#include "../base/err.h"

/* From here on the stream is the application's alone. */
bool
session_is_raw(const struct atls_session *s)
{
	return config_is_raw(s->config) && s->greeted &&
	    sm_may_receive(&s->r, &s->a);
}

static enum atls_rc
on_hello(struct atls_session *s)
{
	struct shim_hello h;
	enum atls_rc rc;

	if (s->greeted)
		return err_set(&s->err, ATLS_E_PEER, "hello", 0, "again");
	if ((rc = shim_hello_read(owned_view(&s->body), &h, &s->err)) !=
	    ATLS_OK)
		return rc;
	if (h.role == s->role)
		return err_set(&s->err, ATLS_E_PEER, "hello.role", 8,
		    "the peer says that it is what we are");
	if (h.stream != s->config->stream)
		return err_set(&s->err, ATLS_E_PEER, "hello.stream", 10,
		    "one end is framed, the other raw");
	if (h.asks == SHIM_ASKS_NEVER && s->config->policy != NULL &&
	    policy_self(s->config->policy) == POLICY_REQUIRED)
		return err_set(&s->err, ATLS_E_POLICY, "hello.asks", 9,
		    "our policy wants a peer that asks for evidence");
	s->greeted = true;
	s->peer_hold = h.hold;
	return session_move(s, &s->a, h.asks == SHIM_ASKS_NEVER ?
	    EV_NOT_ASKED : EV_WILL_ASK);
}

static enum atls_rc
on_result(struct atls_session *s)
{
	struct shim_result res;
	enum atls_rc rc;

	if ((rc = shim_result_read(owned_view(&s->body), &res, &s->err)) !=
	    ATLS_OK)
		return rc;
	return attesting_result(s, s->frame.id, &res);
}

static enum atls_rc
on_error(struct atls_session *s)
{
	enum atls_class why;
	enum atls_rc rc;

	if ((rc = shim_error_read(owned_view(&s->body), &why, &s->err)) !=
	    ATLS_OK)
		return rc;
	return err_set(&s->err, ATLS_E_ALERT, "peer.error", 0,
	    "the peer gave up: class %d", (int)why);
}

static enum atls_rc
on_frame(struct atls_session *s)
{
	if (!s->greeted && s->frame.type != SHIM_HELLO)
		return err_set(&s->err, ATLS_E_PEER, "hello", 0,
		    "a frame of type %d came first", (int)s->frame.type);
	switch (s->frame.type) {
	case SHIM_HELLO:
		return on_hello(s);
	case SHIM_REQUEST:
		return attesting_request(s, s->frame.id);
	case SHIM_AUTHENTICATOR:
		return relying_answer(s, s->frame.id);
	case SHIM_RESULT:
		return on_result(s);
	case SHIM_OFFER:
		return relying_offer(s);
	case SHIM_ERROR:
		return on_error(s);
	case SHIM_DATA:
		break;
	}
	return err_set(&s->err, ATLS_E_PEER, "frame.type", 1, "data");
}

/* A header is whole: is the frame welcome, and where does its body go? */
static enum atls_rc
begin_frame(struct atls_session *s)
{
	enum atls_rc rc;

	if ((rc = shim_header_read(s->hdr, &s->frame, &s->err)) != ATLS_OK)
		return rc;
	s->bodylen = 0;
	if (s->frame.type == SHIM_DATA) {
		if (!s->greeted || !sm_may_receive(&s->r, &s->a))
			return err_set(&s->err, ATLS_E_PEER, "data", 0,
			    "before the gate was open");
		return ATLS_OK;
	}
	if (s->frame.length == 0)
		return ATLS_OK;
	if ((s->body.p = malloc(s->frame.length)) == NULL)
		return err_set(&s->err, ATLS_E_MEM, "frame", 0,
		    "%lu octets", (unsigned long)s->frame.length);
	s->body.len = s->frame.length;
	return ATLS_OK;
}

/*@ requires have <= want && view_ok(in);
    requires want == 0 || \valid(to + (0 .. want - 1));
    requires want == 0 || in.len == 0 ||
	\separated(to + (0 .. want - 1), in.p + (0 .. in.len - 1));
    assigns to[have .. want - 1];
    exits \false;
    ensures \result == (want - have < in.len ? want - have : in.len); */
static size_t
take(uint8_t *to, size_t have, size_t want, struct atls_bytes in)
{
	size_t n = want - have < in.len ? want - have : in.len;

	if (n > 0)
		memcpy(to + have, in.p, n);
	return n;
}

/* One step: a header, a body, or a piece of data. */
static enum atls_rc
step(struct atls_session *s, struct atls_bytes in, size_t *used,
    struct atls_bytes *data)
{
	enum atls_rc rc;

	if (session_is_raw(s) && s->hdrlen == 0) {
		*data = in;
		*used = in.len;
		return ATLS_OK;
	}
	if (s->hdrlen < ATLS_FRAME_HEADER) {
		*used = take(s->hdr, s->hdrlen, ATLS_FRAME_HEADER, in);
		s->hdrlen += *used;
		if (s->hdrlen < ATLS_FRAME_HEADER)
			return ATLS_OK;
		if ((rc = begin_frame(s)) != ATLS_OK)
			return rc;
	} else if (s->frame.type == SHIM_DATA) {
		*used = s->frame.length - s->bodylen < in.len ?
		    s->frame.length - s->bodylen : in.len;
		*data = (struct atls_bytes){ in.p, *used };
		s->bodylen += *used;
	} else {
		*used = take(s->body.p, s->bodylen, s->body.len, in);
		s->bodylen += *used;
	}
	if (s->bodylen < s->frame.length)
		return ATLS_OK;
	s->hdrlen = 0;
	rc = s->frame.type == SHIM_DATA ? ATLS_OK : on_frame(s);
	owned_free(&s->body);
	return rc;
}

enum atls_rc
atls_session_recv(struct atls_session *s, struct atls_bytes in, size_t *used,
    struct atls_bytes *data)
{
	const unsigned stop = ATLS_WANT_EVIDENCE | ATLS_WANT_VERDICT;
	unsigned before = atls_session_want(s);
	enum atls_rc rc;

	*used = 0;
	*data = (struct atls_bytes){ NULL, 0 };
	if ((before & ATLS_WANT_FAILED) != 0)
		return s->err.rc;
	if (config_is_carried(s->config) && !session_is_raw(s))
		return ATLS_E_STATE;	/* the verdict first */
	/* RFC 9261, 5.1; draft-fossati-seat-expat, "no resumption" */
	if (!s->fit && ea_channel_fit(&s->channel, NULL, &s->err) != 1)
		return session_fail(s, s->err.rc);
	s->fit = true;
	while (*used < in.len && data->len == 0) {
		struct atls_bytes rest = { in.p + *used, in.len - *used };
		bool raw = session_is_raw(s);
		size_t n = 0;

		rc = step(s, rest, &n, data);
		*used += n;
		if (rc != ATLS_OK) {
			*data = (struct atls_bytes){ NULL, 0 };
			return session_fail(s, rc);
		}
		if ((atls_session_want(s) & stop & ~before) != 0 ||
		    raw != session_is_raw(s))
			break;
	}
	return ATLS_OK;
}

size_t
atls_session_need(const struct atls_session *s)
{
	if (!config_is_raw(s->config) || session_is_raw(s))
		return SIZE_MAX;
	if (config_is_carried(s->config))
		return 1;
	if (s->hdrlen < ATLS_FRAME_HEADER)
		return ATLS_FRAME_HEADER - s->hdrlen;
	return s->frame.length - s->bodylen;
}
