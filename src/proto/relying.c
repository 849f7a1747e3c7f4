/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#include <atls/cmw.h>

#include "../appraise/appraise.h"
#include "../base/err.h"
#include "accept.h"

#define REQUEST_LEN	128	/* octets of a request of ours, at most */

/* Sends a request with a context that was never used before. */
enum atls_rc
relying_ask(struct atls_session *s)
{
	uint8_t context[BINDER_CONTEXT];
	struct atls_ea_ext ext = { (uint16_t)s->config->code_point,
	    { NULL, 0 } };
	struct atls_buf buf = { malloc(REQUEST_LEN), REQUEST_LEN, 0 };
	enum atls_rc rc;

	if (buf.p == NULL)
		return err_set(&s->err, ATLS_E_MEM, "request", 0, "no memory");
	rc = binder_context_new(s->role, context, &s->err);
	if (rc == ATLS_OK)
		rc = atls_ea_request(s->ea, ATLS_ARRAY(context), &ext, 1, &buf,
		    &s->err);
	if (rc == ATLS_OK && s->asked_id == UINT16_MAX)
		rc = err_set(&s->err, ATLS_E_LIMIT, "request.id", 0,
		    "too many requests on one connection");
	if (rc != ATLS_OK) {
		free(buf.p);
		return rc;
	}
	owned_free(&s->request);
	s->request = (struct owned){ buf.p, buf.len };
	s->asked_id++;
	s->ask_at = INT64_MAX;
	if ((rc = session_queue(s, SHIM_REQUEST, s->asked_id,
	    owned_view(&s->request))) != ATLS_OK)
		return rc;
	session_log(s, "asked", "");
	return session_move(s, &s->r, EV_ASK);
}

static enum atls_rc
tell(struct atls_session *s, enum shim_outcome outcome, enum atls_rc why)
{
	struct shim_result res = { outcome, ATLS_CLASS_OK, 0 };
	uint8_t buf[SHIM_RESULT_LEN];

	if (config_is_carried(s->config))
		return ATLS_OK;		/* there are no frames */
	if (outcome == SHIM_REFUSED)
		res.why = atls_rc_class(why);
	if (outcome == SHIM_ACCEPTED && s->lease_end != INT64_MAX &&
	    s->lease_end - s->now < UINT32_MAX)
		res.lease = (uint32_t)(s->lease_end - s->now);
	shim_result_write(buf, &res);
	return session_queue(s, SHIM_RESULT, s->asked_id, ATLS_ARRAY(buf));
}

/* An empty authenticator names nobody.  That is enough where nobody was
 * asked for; else the handshake must have said who it is. */
static bool
is_who_it_must_be(const struct atls_session *s)
{
	struct atls_channel_info info;

	return s->config->no_pki || (ea_channel_fit(&s->channel, &info,
	    NULL) == 1 && info.peer_verified);
}

/* No evidence.  That is an end, unless policy said optional, and the peer
 * has never given any on this connection. */
static enum atls_rc
absent(struct atls_session *s)
{
	enum atls_rc rc = s->err.rc;

	if (policy_peer(s->config->policy) != POLICY_OPTIONAL ||
	    s->rounds > 0)
		return rc;
	s->err = (struct atls_err){ 0 };
	if ((rc = tell(s, SHIM_WAIVED, ATLS_OK)) != ATLS_OK)
		return rc;
	session_log(s, "waived", "");
	return session_move(s, &s->r, EV_ABSENT);
}

static enum atls_rc
rejected(struct atls_session *s, enum atls_rc rc)
{
	if (tell(s, SHIM_REFUSED, rc) == ATLS_OK)
		s->told = true;
	session_log(s, "rejected", s->err.where);
	(void)sm_step(&s->r, EV_REJECT);
	return rc;
}

/* An authenticator came.  What is cheap is looked at now. */
enum atls_rc
relying_answer(struct atls_session *s, uint16_t id)
{
	enum atls_rc rc;

	if (id != s->asked_id || s->request.len == 0)
		return err_set(&s->err, ATLS_E_PEER, "authenticator.id", 2,
		    "%u, not asked for", id);
	if (s->r.state != R_ASKED && s->r.state != R_REASKED)
		return session_move(s, &s->r, EV_ANSWER);
	owned_free(&s->answer);
	s->answer = s->body;		/* ours from here */
	s->body = (struct owned){ NULL, 0 };
	rc = ea_open(s->ea, owned_view(&s->request), owned_view(&s->answer),
	    &s->auth, &s->err);
	if (rc == ATLS_OK)
		return session_move(s, &s->r, EV_ANSWER);
	owned_free(&s->answer);
	if (rc == ATLS_E_REFUSED && is_who_it_must_be(s))
		rc = absent(s);
	return rc == ATLS_OK ? ATLS_OK : rejected(s, rc);
}

/* When to ask again: as configured, else when two thirds are over. */
static void
set_lease(struct atls_session *s)
{
	s->lease_end = s->result.not_after == 0 ? INT64_MAX :
	    s->result.not_after;
	s->ask_at = INT64_MAX;
	if (config_is_raw(s->config))
		return;
	if (s->config->reattest != 0)
		s->ask_at = s->now + s->config->reattest;
	else if (s->lease_end != INT64_MAX && s->lease_end > s->now)
		s->ask_at = s->now + (s->lease_end - s->now) * 2 / 3;
}

static enum atls_rc
accepted(struct atls_session *s, const struct atls_result *res,
    const struct atls_buf *binder, struct owned *scratch)
{
	enum atls_rc rc;

	s->result = *res;
	owned_free(&s->evidence);
	s->evidence = s->answer;	/* result's views are in there */
	s->answer = (struct owned){ NULL, 0 };
	owned_free(&s->scratch);
	s->scratch = *scratch;
	*scratch = (struct owned){ NULL, 0 };
	memcpy(s->last, binder->p, binder->len);
	s->lastlen = binder->len;
	set_lease(s);
	if ((rc = tell(s, SHIM_ACCEPTED, ATLS_OK)) != ATLS_OK)
		return rc;
	s->rounds++;
	session_log(s, "accepted", res->instance);
	return session_move(s, &s->r, EV_ACCEPT);
}

/* Octets that the handshake brought, with evidence inside. */
static size_t
carried_len(const struct atls_session *s)
{
	struct atls_carried c;

	if (!config_is_carried(s->config) && !s->config->confirm)
		return 0;
	if (s->channel.ops->carried == NULL ||
	    s->channel.ops->carried(s->channel.conn, &c) != ATLS_OK)
		return 0;
	return c.certificate.len + c.evidence.len;
}

/* What is encoded in evidence, and in what wraps it, is decoded to a place of
 * its own: never more than all of it twice. */
static enum atls_rc
scratch_new(struct atls_session *s, struct owned *o)
{
	size_t n = 2 * (s->answer.len + carried_len(s)) + 1;

	if ((o->p = malloc(n)) == NULL)
		return err_set(&s->err, ATLS_E_MEM, "appraise", 0,
		    "no memory");
	o->len = n;
	return ATLS_OK;
}

enum atls_rc
atls_session_appraise(struct atls_session *s)
{
	uint8_t binder[ATLS_HASH_MAX];
	struct atls_buf b = { binder, sizeof(binder), 0 };
	struct owned scratch = { NULL, 0 };
	struct atls_buf sb;
	struct atls_result res;
	struct accept_in in = {
		.config = s->config, .ea = s->ea, .auth = &s->auth,
		.channel = &s->channel, .now = s->now,
		.last = { s->last, s->lastlen }, .scratch = &sb,
	};
	bool none = false;
	enum atls_rc rc;

	if ((s->r.state != R_APPRAISE && s->r.state != R_REAPPRAISE) ||
	    s->a.state == A_FAILED)
		return ATLS_E_STATE;
	if ((rc = scratch_new(s, &scratch)) != ATLS_OK)
		return session_fail(s, rejected(s, rc));
	sb = (struct atls_buf){ scratch.p, scratch.len, 0 };
	if ((config_is_carried(s->config) ? accept_carried(&in, &res, &none) :
	    accept_peer(&in, &res, &none, &b)) == ATLS_VERDICT_ACCEPT) {
		rc = accepted(s, &res, &b, &scratch);
	} else {
		s->err = res.why;
		rc = res.why.rc == ATLS_OK ? ATLS_E_POLICY : res.why.rc;
		if (none)
			rc = absent(s);
		if (rc != ATLS_OK) {
			/* operators want to see what was claimed */
			s->result = res;
			owned_free(&s->evidence);
			s->evidence = s->answer;
			s->answer = (struct owned){ NULL, 0 };
			owned_free(&s->scratch);
			s->scratch = scratch;
			scratch = (struct owned){ NULL, 0 };
			rc = rejected(s, rc);
		}
	}
	owned_free(&scratch);
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

/* The peer says that it has something new to show. */
enum atls_rc
relying_offer(struct atls_session *s)
{
	switch (s->r.state) {
	case R_ACCEPTED:
		return config_is_raw(s->config) ?
		    err_set(&s->err, ATLS_E_PEER, "offer", 0, "raw stream") :
		    relying_ask(s);
	case R_REASKED: case R_REAPPRAISE:
		return ATLS_OK;		/* it will be shown */
	case R_START: case R_ASKED: case R_APPRAISE: case R_WAIVED:
	case R_FAILED: case A_START: case A_IDLE: case A_EVIDENCE:
	case A_SENT: case A_ACCEPTED: case A_REEVIDENCE: case A_RESENT:
	case A_WAIVED: case A_FAILED: case SM_NSTATES:
		break;
	}
	return err_set(&s->err, ATLS_E_PEER, "offer", 0, "not expected in %s",
	    sm_name(s->r.state));
}
