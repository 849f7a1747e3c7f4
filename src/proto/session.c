/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#include "../appraise/appraise.h"
#include "../base/err.h"

void
owned_free(struct owned *o)
{
	if (o->p != NULL)
		atls_wipe(o->p, o->len);
	free(o->p);
	*o = (struct owned){ NULL, 0 };
}

struct atls_bytes
owned_view(const struct owned *o)
{
	return (struct atls_bytes){ o->p, o->len };
}

void
session_log(struct atls_session *s, const char *event, const char *detail)
{
	if (s->config->log != NULL)
		s->config->log(s->config->log_arg, event, detail);
}

/* How long the peer, or our own caller, may take in each state: seconds. */
static unsigned
patience(const struct atls_config *c, enum sm_state state)
{
	switch (state) {
	case R_ASKED: case R_REASKED: case A_EVIDENCE: case A_REEVIDENCE:
		return c->evidence;
	case R_APPRAISE: case R_REAPPRAISE: case A_SENT: case A_RESENT:
		return c->result;
	case A_START: case A_IDLE:
		return c->hello;
	case R_START: case R_ACCEPTED: case R_WAIVED: case R_FAILED:
	case A_ACCEPTED: case A_WAIVED: case A_FAILED: case SM_NSTATES:
		break;
	}
	return 0;
}

enum atls_rc
session_move(struct atls_session *s, struct sm *m, enum sm_event ev)
{
	enum sm_state was = m->state;
	unsigned sec;
	enum atls_rc rc;

	/* our frames have no place in the application's stream */
	s->told = s->told || session_is_raw(s);
	rc = sm_step(m, ev);
	if (rc == ATLS_E_STALE)
		return err_set(&s->err, rc, "lease", 0,
		    "over, and no new verdict");
	if (rc == ATLS_E_TIMEOUT)
		return err_set(&s->err, rc, sm_name(was), 0,
		    "took too long");
	if (rc != ATLS_OK)
		return err_set(&s->err, rc, sm_name(was), 0, "%s",
		    sm_event_name(ev));
	sec = patience(s->config, m->state);
	*(m == &s->r ? &s->r_until : &s->a_until) =
	    sec == 0 ? INT64_MAX : s->now + (int64_t)sec;
	return ATLS_OK;
}

enum atls_rc
session_queue(struct atls_session *s, enum shim_type type, uint16_t id,
    struct atls_bytes payload)
{
	size_t rest = s->out.len - s->outoff;
	size_t len = rest + ATLS_FRAME_HEADER + payload.len;
	uint8_t *p = malloc(len);

	if (p == NULL)
		return err_set(&s->err, ATLS_E_MEM, "session.out", 0,
		    "%zu octets", len);
	if (rest > 0)
		memcpy(p, s->out.p + s->outoff, rest);
	shim_header_write(p + rest, type, id, (uint32_t)payload.len);
	if (payload.len > 0)
		memcpy(p + rest + ATLS_FRAME_HEADER, payload.p, payload.len);
	owned_free(&s->out);
	s->out = (struct owned){ p, len };
	s->outoff = 0;
	return ATLS_OK;
}

/* Ends the session.  The peer learns the class of the reason, not more: an
 * attacker must not be able to probe the policy. */
enum atls_rc
session_fail(struct atls_session *s, enum atls_rc rc)
{
	uint8_t why[SHIM_ERROR_LEN] = { (uint8_t)atls_rc_class(rc) };

	(void)err_set(&s->err, rc, "session", 0, "%s", atls_rc_name(rc));
	(void)sm_step(&s->r, EV_FAULT);
	(void)sm_step(&s->a, EV_FAULT);
	if (!s->told && rc != ATLS_E_ALERT)
		(void)session_queue(s, SHIM_ERROR, 0, ATLS_ARRAY(why));
	s->told = true;
	s->result.verdict = ATLS_VERDICT_REJECT;
	if (s->result.why.rc == ATLS_OK)
		s->result.why = s->err;
	owned_free(&s->body);
	owned_free(&s->answer);
	owned_free(&s->wanted);
	session_log(s, "failed", s->err.where);
	return rc;
}

static enum atls_rc
greet(struct atls_session *s)
{
	const struct atls_policy *p = s->config->policy;
	struct shim_hello h = {
		.role = s->role, .asks = SHIM_ASKS_NEVER,
		.stream = s->config->stream, .hold = s->config->hold,
	};
	uint8_t buf[SHIM_HELLO_LEN];

	if (p != NULL)
		h.asks = policy_peer(p) == POLICY_REQUIRED ?
		    SHIM_ASKS_REQUIRED : SHIM_ASKS_OPTIONAL;
	shim_hello_write(buf, &h);
	return session_queue(s, SHIM_HELLO, 0, ATLS_ARRAY(buf));
}

static enum atls_rc
begin(struct atls_session *s)
{
	enum atls_rc rc = greet(s);

	if (rc != ATLS_OK)
		return rc;
	return s->config->policy != NULL ? relying_ask(s) :
	    session_move(s, &s->r, EV_NOT_ASKED);
}

/* No frames: nothing is asked of us that the handshake did not ask, and what
 * the peer has to show comes with it. */
static enum atls_rc
begin_carried(struct atls_session *s)
{
	s->told = s->greeted = true;
	/* the peer's evidence, and ours, are made while it goes on */
	s->a_until = s->now + s->config->hello + s->config->evidence;
	return s->config->policy != NULL ? ATLS_OK :
	    session_move(s, &s->r, EV_NOT_ASKED);
}

enum atls_rc
atls_session_shaken(struct atls_session *s)
{
	enum atls_rc rc;

	if (s->r.state == R_FAILED || s->a.state == A_FAILED)
		return s->err.rc;
	if (!config_is_carried(s->config) || s->a.state != A_START)
		return ATLS_OK;
	if (ea_channel_fit(&s->channel, NULL, &s->err) != 1)
		return session_fail(s, s->err.rc);
	rc = session_move(s, &s->a, EV_NOT_ASKED);
	if (rc == ATLS_OK && s->r.state == R_START)
		rc = session_move(s, &s->r, EV_CARRIED);
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

struct atls_session *
atls_session_new(struct atls_config *c, enum atls_role role,
    const struct atls_channel *ch, int64_t now, struct atls_err *err)
{
	struct atls_session *s;
	enum atls_rc rc;

	if (c == NULL || ch == NULL || ch->ops == NULL || now <= 0 ||
	    (role != ATLS_CLIENT && role != ATLS_SERVER)) {
		(void)err_set(err, ATLS_E_ARG, "session", 0, "arguments");
		return NULL;
	}
	if (config_check(c, role, err) != ATLS_OK)
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)err_set(err, ATLS_E_MEM, "session", 0, "no memory");
		return NULL;
	}
	atomic_store(&c->frozen, true);
	s->config = atls_config_ref(c);
	s->role = role;
	s->channel = *ch;
	s->r.state = R_START;
	s->a.state = A_START;
	s->now = s->start = now;
	s->r_until = s->ask_at = s->lease_end = INT64_MAX;
	s->a_until = now + c->hello;
	rc = ATLS_OK;
	if ((s->ea = atls_ea_new(ch, &s->err)) == NULL)
		rc = ATLS_E_MEM;
	if (rc == ATLS_OK)
		rc = config_is_carried(c) ? begin_carried(s) : begin(s);
	if (rc != ATLS_OK) {
		if (err != NULL && err->rc == ATLS_OK)
			*err = s->err;
		atls_session_free(s);
		return NULL;
	}
	return s;
}

void
atls_session_free(struct atls_session *s)
{
	if (s == NULL)
		return;
	owned_free(&s->body);
	owned_free(&s->out);
	owned_free(&s->request);
	owned_free(&s->answer);
	owned_free(&s->evidence);
	owned_free(&s->scratch);
	owned_free(&s->wanted);
	atls_ea_free(s->ea);
	atls_config_free(s->config);
	atls_wipe(s, sizeof(*s));
	free(s);
}

static bool
failed(const struct atls_session *s)
{
	return s->r.state == R_FAILED || s->a.state == A_FAILED;
}

bool
atls_session_open(const struct atls_session *s)
{
	return sm_may_send(&s->r, &s->a, s->config->hold, s->peer_hold);
}

unsigned
atls_session_want(const struct atls_session *s)
{
	unsigned want = 0;

	if (s->outoff < s->out.len)
		want |= ATLS_WANT_SEND;
	if (failed(s))
		return want | ATLS_WANT_FAILED;
	if (s->r.state == R_APPRAISE || s->r.state == R_REAPPRAISE)
		want |= ATLS_WANT_VERDICT;
	if (s->a.state == A_EVIDENCE || s->a.state == A_REEVIDENCE)
		want |= ATLS_WANT_EVIDENCE;
	if (atls_session_open(s))
		want |= ATLS_WANT_DONE;
	return want | ATLS_WANT_RECV;
}

enum atls_rc
atls_session_send(struct atls_session *s, struct atls_buf *out)
{
	size_t n = s->out.len - s->outoff;

	out->len = 0;
	if (n == 0)
		return ATLS_E_STATE;
	if (out->cap == 0)
		return ATLS_E_SPACE;
	if (n > out->cap)
		n = out->cap;
	memcpy(out->p, s->out.p + s->outoff, n);
	out->len = n;
	s->outoff += n;
	if (s->outoff == s->out.len) {
		owned_free(&s->out);
		s->outoff = 0;
	}
	return ATLS_OK;
}

enum atls_rc
atls_session_wrap(struct atls_session *s, size_t n,
    uint8_t hdr[ATLS_FRAME_HEADER], size_t *hdrlen)
{
	*hdrlen = 0;
	if (!atls_session_open(s))
		return ATLS_E_STATE;
	if (n == 0 || n > ATLS_FRAME_DATA_MAX)
		return ATLS_E_ARG;
	if (s->outoff < s->out.len)
		return ATLS_E_STATE;	/* frames of ours go first */
	if (config_is_raw(s->config))
		return ATLS_OK;
	shim_header_write(hdr, SHIM_DATA, 0, (uint32_t)n);
	*hdrlen = ATLS_FRAME_HEADER;
	return ATLS_OK;
}

enum atls_rc
atls_session_tick(struct atls_session *s, int64_t now)
{
	enum atls_rc rc = ATLS_OK;

	if (failed(s))
		return s->err.rc;
	if (now > s->now)		/* time does not go back */
		s->now = now;
	if (s->now >= s->lease_end)
		rc = session_move(s, &s->r, EV_LEASE_END);
	else if (s->now >= s->r_until)
		rc = session_move(s, &s->r, EV_TIMEOUT);
	else if (s->now >= s->a_until)
		rc = session_move(s, &s->a, EV_TIMEOUT);
	else if (s->now >= s->ask_at && s->r.state == R_ACCEPTED)
		rc = relying_ask(s);
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

int64_t
atls_session_deadline(const struct atls_session *s)
{
	int64_t t = s->lease_end;

	if (failed(s))
		return INT64_MAX;
	if (s->r_until < t)
		t = s->r_until;
	if (s->a_until < t)
		t = s->a_until;
	if (s->r.state == R_ACCEPTED && s->ask_at < t)
		t = s->ask_at;
	return t;
}

enum atls_rc
atls_session_reattest(struct atls_session *s)
{
	enum atls_rc rc;

	if (s->r.state != R_ACCEPTED || s->a.state == A_FAILED ||
	    config_is_raw(s->config))
		return ATLS_E_STATE;
	rc = relying_ask(s);
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

enum atls_rc
atls_session_offer(struct atls_session *s)
{
	enum atls_rc rc;

	if (s->a.state != A_ACCEPTED || s->r.state == R_FAILED ||
	    config_is_raw(s->config))
		return ATLS_E_STATE;
	rc = session_queue(s, SHIM_OFFER, 0, (struct atls_bytes){ NULL, 0 });
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

const struct atls_result *
atls_session_result(const struct atls_session *s)
{
	return &s->result;
}

unsigned
atls_session_rounds(const struct atls_session *s)
{
	return s->rounds;
}

const struct atls_err *
atls_session_error(const struct atls_session *s)
{
	return &s->err;
}

const char *
atls_session_state(const struct atls_session *s)
{
	return failed(s) ? "failed" : sm_name(s->a.state == A_START ||
	    s->a.state == A_WAIVED ? s->r.state : sm_may_receive(&s->r,
	    &s->a) || s->r.state == R_WAIVED ? s->a.state : s->r.state);
}
