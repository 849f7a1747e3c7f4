/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/cmw.h>

#include "session.h"

#include "../appraise/appraise.h"
#include "../base/err.h"
#include "../base/wr.h"

#define ROOM		(ATLS_SIG_MAX + 1024)	/* but certificates, extension */
#define ENTRY_ROOM	8	/* lengths around one certificate */

/* RFC 9261, 4, and draft-fossati-seat-expat, "cmw_attestation Extension": the
 * request says that it understands the extension, with no content. */
static enum atls_rc
check_request(struct atls_session *s)
{
	enum atls_role peer = s->role == ATLS_CLIENT ? ATLS_SERVER :
	    ATLS_CLIENT;
	size_t i;

	if (binder_context_by(peer, s->req.context) != 1)
		return err_set(&s->err, ATLS_E_PEER, "request.context", 0,
		    "does not carry the role of who asks");
	for (i = 0; i < s->req.next; i++)
		if (s->req.ext[i].type == s->config->code_point)
			break;
	if (i == s->req.next)
		return err_set(&s->err, ATLS_E_PEER,
		    "request.cmw_attestation", 0, "not asked for");
	if (s->req.ext[i].data.len != 0)
		return err_set(&s->err, ATLS_E_FORMAT,
		    "request.cmw_attestation", 0, "not empty");
	return ATLS_OK;
}

static enum atls_rc
check_rate(struct atls_session *s)
{
	if (s->answered >= SESSION_BURST + (s->now - s->start))
		return err_set(&s->err, ATLS_E_LIMIT, "request.rate", 0,
		    "more than one request a second");
	s->answered++;
	return ATLS_OK;
}

static bool
can_answer(const struct atls_session *s)
{
	return s->config->identity != NULL && (s->config->policy == NULL ||
	    policy_self(s->config->policy) != POLICY_NEVER);
}

static enum atls_rc
compute_report_data(struct atls_session *s)
{
	uint8_t binder[ATLS_HASH_MAX];
	struct atls_bytes b = { binder, 0 };
	struct atls_channel_info info;
	enum atls_rc rc;

	s->report_datalen = 0;
	if (ea_channel_fit(&s->channel, &info, &s->err) != 1)
		return s->err.rc;
	if ((rc = binder_compute(&s->channel, info.hash, s->req.context,
	    s->config->own_spki, binder, &b.len, &s->err)) != ATLS_OK)
		return rc;
	if ((rc = atls_report_data(s->config->profile, s->config->kind, b,
	    s->config->own_spki, s->report_data, &s->report_datalen)) !=
	    ATLS_OK)
		return err_set(&s->err, rc, "binder.profile", 0,
		    "does not fit this cipher suite");
	return ATLS_OK;
}

static enum atls_rc
answer(struct atls_session *s, struct atls_buf *buf)
{
	enum atls_rc rc;

	if ((rc = session_queue(s, SHIM_AUTHENTICATOR, s->answer_id,
	    (struct atls_bytes){ buf->p, buf->len })) != ATLS_OK)
		return rc;
	session_log(s, "answered", "");
	owned_free(&s->wanted);
	s->req = (struct atls_ea_request){ 0 };
	s->report_datalen = 0;
	return session_move(s, &s->a, EV_ANSWER);
}

static enum atls_rc
refuse(struct atls_session *s)
{
	uint8_t p[ROOM];
	struct atls_buf buf = { p, sizeof(p), 0 };
	enum atls_rc rc;

	if ((rc = atls_ea_refuse(s->ea, &s->req, &buf, &s->err)) != ATLS_OK)
		return rc;
	return answer(s, &buf);
}

enum atls_rc
attesting_request(struct atls_session *s, uint16_t id)
{
	enum atls_rc rc;

	if ((rc = session_move(s, &s->a, EV_ASK)) != ATLS_OK)
		return rc;
	owned_free(&s->wanted);
	s->wanted = s->body;		/* ours from here */
	s->body = (struct owned){ NULL, 0 };
	s->answer_id = id;
	if ((rc = check_rate(s)) != ATLS_OK ||
	    (rc = atls_ea_receive(s->ea, owned_view(&s->wanted), &s->req,
	    &s->err)) != ATLS_OK ||
	    (rc = check_request(s)) != ATLS_OK)
		return rc;
	session_log(s, "request", "");
	if (!can_answer(s))
		return refuse(s);
	return compute_report_data(s);
}

struct atls_bytes
atls_session_report_data(const struct atls_session *s)
{
	return (struct atls_bytes){ s->report_data, s->report_datalen };
}

/* opaque cmw_data<1..2^16-1> around a CMW record around the evidence. */
static enum atls_rc
wrap(struct atls_session *s, struct atls_bytes raw, struct owned *out)
{
	size_t cap = raw.len + ATLS_MEDIA_MAX + 32;
	struct atls_buf buf = { NULL, cap, 0 };
	enum atls_rc rc;

	if ((out->p = malloc(cap + 2)) == NULL)
		return err_set(&s->err, ATLS_E_MEM, "evidence", 0,
		    "no memory");
	out->len = cap + 2;
	buf.p = out->p + 2;
	if ((rc = atls_config_wrap(s->config, raw, &buf, &s->err)) != ATLS_OK)
		return rc;
	out->p[0] = (uint8_t)(buf.len >> 8);
	out->p[1] = (uint8_t)(buf.len & 0xff);
	out->len = buf.len + 2;
	return ATLS_OK;
}

static enum atls_rc
authenticate(struct atls_session *s, struct atls_bytes ext)
{
	const struct atls_identity *id = s->config->identity;
	struct atls_ea_ext e = { (uint16_t)s->config->code_point, ext };
	struct atls_buf buf = { NULL, ROOM + ext.len, 0 };
	struct owned o;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < id->nchain; i++)
		buf.cap += id->chain[i].len + ENTRY_ROOM;
	if ((buf.p = malloc(buf.cap)) == NULL)
		return err_set(&s->err, ATLS_E_MEM, "authenticator", 0,
		    "no memory");
	o = (struct owned){ buf.p, buf.cap };
	rc = atls_ea_authenticate(s->ea, &s->req, (struct atls_bytes){ NULL,
	    0 }, id, &e, 1, &buf, &s->err);
	if (rc == ATLS_OK)
		rc = answer(s, &buf);
	owned_free(&o);
	return rc;
}

enum atls_rc
atls_session_give_evidence(struct atls_session *s, struct atls_bytes raw)
{
	struct owned ext = { NULL, 0 };
	enum atls_rc rc;

	if ((s->a.state != A_EVIDENCE && s->a.state != A_REEVIDENCE) ||
	    s->r.state == R_FAILED)
		return ATLS_E_STATE;
	if (raw.len > ATLS_CMW_MAX)
		rc = err_set(&s->err, ATLS_E_LIMIT, "evidence", 0,
		    "%zu octets", raw.len);
	else if (raw.len == 0)
		rc = refuse(s);
	else if ((rc = wrap(s, raw, &ext)) == ATLS_OK)
		rc = authenticate(s, owned_view(&ext));
	owned_free(&ext);
	return rc == ATLS_OK ? ATLS_OK : session_fail(s, rc);
}

enum atls_rc
attesting_result(struct atls_session *s, uint16_t id,
    const struct shim_result *res)
{
	if ((s->a.state == A_SENT || s->a.state == A_RESENT) &&
	    id != s->answer_id)
		return err_set(&s->err, ATLS_E_PEER, "result.id", 2,
		    "%u, not answered", id);
	switch (res->outcome) {
	case SHIM_ACCEPTED:
		session_log(s, "accepted-by-peer", "");
		return session_move(s, &s->a, EV_ACCEPT);
	case SHIM_WAIVED:
		return session_move(s, &s->a, EV_ABSENT);
	case SHIM_REFUSED:
		break;
	}
	return err_set(&s->err, ATLS_E_ALERT, "peer.result", 0,
	    "the peer refused us: class %d", (int)res->why);
}
