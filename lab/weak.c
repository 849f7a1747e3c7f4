/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that does what the product does, by the same public parts, and can
 * leave out one check or another.  It exists to show what each check is for.
 */
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include <atls/ratls.h>

#include "wire.h"

#define SHORT		16		/* octets, where a tail is ignored */

static bool
leaves(const struct lab_run *r, enum lab_leave what)
{
	return (r->leave & (unsigned)what) != 0;
}

static bool
no(struct lab_end *e, enum atls_rc rc, const char *where)
{
	e->err = (struct atls_err){ .rc = rc, .where = where };
	return false;
}

/* Each of these was found in somebody's verifier. */
static bool
is_bound(const struct lab_run *r, struct atls_bytes got,
    struct atls_bytes want, struct atls_bytes beside)
{
	static const uint8_t zeros[64];

	if (leaves(r, LAB_LEAVE_BINDER))
		return true;
	if (r->kind == ATLS_KIND_TPM)
		want.len = lab_tpm_digest(want);
	if (leaves(r, LAB_LEAVE_ENVELOPE) && beside.len != 0)
		got = beside;
	if (leaves(r, LAB_LEAVE_EMPTY) && got.len <= sizeof(zeros) &&
	    memcmp(got.p, zeros, got.len) == 0)
		return true;
	if (leaves(r, LAB_LEAVE_TAIL) && got.len > SHORT && want.len > SHORT)
		got.len = want.len = SHORT;
	if (leaves(r, LAB_LEAVE_PADDING)) {
		while (want.len > SHORT && want.p[want.len - 1] == 0)
			want.len--;
		if (got.len > want.len)
			got.len = want.len;
	}
	return atls_ct_eq(got, want);
}

bool
weak_judge(struct lab_run *r, struct lab_end *e,
    const struct atls_question *question, struct atls_bytes beside)
{
	static _Thread_local uint8_t room[2 * LAB_EVIDENCE];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	const struct lab_key *server = lab_key(r->family, LAB_K_SERVER);
	struct atls_question q = *question;
	struct atls_policy *p = lab_policy(r, false);
	struct atls_result res = { 0 };
	bool ok;

	/* where a TPM certifies the key, that is no check, either */
	q.spki = leaves(r, LAB_LEAVE_BINDER) || leaves(r, LAB_LEAVE_KEY) ?
	    (struct atls_bytes){ server->spki, server->spkilen } :
	    lab_peer_key(e);
	q.now = (int64_t)time(NULL);
	q.collateral = lab_collateral(r->kind);
	if (p == NULL)
		return no(e, ATLS_E_CONF, "policy");
	ok = atls_insecure_appraise_unbound(p, &q, &scratch, &res) ==
	    ATLS_VERDICT_ACCEPT;
	atls_policy_free(p);
	e->err = res.why;
	if (ok && !is_bound(r, res.claims.report_data, question->report_data,
	    beside))
		return no(e, ATLS_E_BIND, "weak.report_data");
	return ok;
}

static bool
validate(struct lab_run *r, struct lab_end *e, struct atls_ea *ea,
    struct atls_bytes request, struct atls_bytes answer,
    struct atls_ea_peer *peer, uint8_t spki[256])
{
	if (!leaves(r, LAB_LEAVE_EA))
		return atls_ea_validate(ea, request, answer, lab_has_pki(r) ?
		    lab_trust() : NULL, lab_has_pki(r) ? LAB_NAME : NULL,
		    (int64_t)time(NULL), peer, &e->err) == ATLS_OK;
	if (atls_ea_parse(answer, peer, &e->err) != ATLS_OK ||
	    !wire_spki(peer->chain[0], spki, 256, &peer->spki.len))
		return false;
	peer->spki.p = spki;
	return true;
}

/* The record of evidence, and what is beside it. */
static bool
unwrap(struct atls_bytes cmw, struct atls_bytes *raw,
    struct atls_bytes *beside, struct lab_end *e)
{
	struct atls_cmw c;

	*beside = (struct atls_bytes){ NULL, 0 };
	if (atls_cmw_parse(cmw, &c, &e->err) != ATLS_OK)
		return false;
	*raw = c.record[0].value;
	if (c.nrecord > 1)
		*beside = c.record[1].value;
	return true;
}

/* All that RA-TLS asks for, where something better was to be had. */
static bool
judge_certificate(struct lab_run *r, struct lab_end *e, struct atls_bytes der)
{
	struct atls_question q = { .kind = r->kind };
	struct atls_bytes none = { NULL, 0 }, beside;
	struct atls_ratls in;
	uint8_t rd[64];
	size_t n = 0;

	if (atls_ratls_check(der, (int64_t)time(NULL), &e->err) != ATLS_OK ||
	    atls_ratls_read(der, &in, &e->err) != ATLS_OK ||
	    !unwrap(in.raw, &q.raw, &beside, e))
		return false;
	if (atls_report_data(ATLS_PROFILE_EXPAT_1, r->kind,
	    (struct atls_bytes){ in.binder, in.binderlen }, in.spki, rd,
	    &n) != ATLS_OK)
		return no(e, ATLS_E_CRYPTO, "weak.certificate");
	q.report_data = (struct atls_bytes){ rd, n };
	return weak_judge(r, e, &q, none);
}

static bool
judge_peer(struct lab_run *r, struct lab_end *e,
    const struct atls_ea_peer *peer)
{
	struct atls_bytes beside, key = peer->spki, context = peer->context;
	struct atls_question q = { .kind = r->kind };
	const char *label = WIRE_LABEL;
	uint8_t rd[64];
	char named[64];

	if (peer->next == 0 || peer->ext[0].data.len <= 2) {
		if (leaves(r, LAB_LEAVE_FAMILY))
			return judge_certificate(r, e, peer->chain[0]);
		return leaves(r, LAB_LEAVE_REQUIRED) || no(e, ATLS_E_NONE,
		    "weak.evidence");
	}
	if (!unwrap((struct atls_bytes){ peer->ext[0].data.p + 2,
	    peer->ext[0].data.len - 2 }, &q.raw, &beside, e))
		return false;
	if (leaves(r, LAB_LEAVE_LABEL) && beside.len < sizeof(named)) {
		memcpy(named, beside.p, beside.len);
		named[beside.len] = '\0';
		label = named;
	}
	if (leaves(r, LAB_LEAVE_KEY))
		key.len = 0;
	if (leaves(r, LAB_LEAVE_CONTEXT))
		context.len = 0;
	if (!wire_report_data(e->tls, label, context, key, rd))
		return no(e, ATLS_E_CRYPTO, "weak.exporter");
	q.report_data = ATLS_ARRAY(rd);
	return weak_judge(r, e, &q, beside);
}

static bool
ask(struct lab_run *r, struct wire *w, struct atls_ea *ea, unsigned id,
    struct atls_buf *request, struct lab_end *e)
{
	struct atls_ea_ext ext = { ATLS_CODE_POINT, { NULL, 0 } };
	uint8_t context[WIRE_CONTEXT] = { ATLS_CLIENT };

	return (leaves(r, LAB_LEAVE_FRESH) || RAND_bytes(context + 1,
	    sizeof(context) - 1) == 1) && atls_ea_request(ea, ATLS_ARRAY(context), &ext, 1, request,
	    &e->err) == ATLS_OK && wire_send(w, WIRE_REQUEST, id, request->p,
	    request->len);
}

/* It attests, too, and whoever asks, with whatever context. */
static bool
answer_own(struct lab_run *r, struct lab_end *e, struct wire *w)
{
	static _Thread_local uint8_t raw[LAB_EVIDENCE];
	static _Thread_local uint8_t cmw[LAB_EVIDENCE + 1024];
	struct atls_channel ch = { atls_backend_openssl.channel, e->tls };
	struct atls_ea *ea = atls_ea_new(&ch, &e->err);
	const struct lab_key *own = lab_key(r->family, LAB_K_SERVER);
	struct atls_buf quote = { raw, sizeof(raw), 0 };
	struct atls_buf ext = { cmw, sizeof(cmw), 0 };
	struct atls_buf out = { raw, sizeof(raw), 0 };
	struct atls_ea_request req;
	struct atls_ea_ext x = { ATLS_CODE_POINT, { NULL, 0 } };
	uint8_t rd[64];
	bool ok;

	ok = ea != NULL && atls_ea_receive(ea, (struct atls_bytes){ w->in,
	    w->len }, &req, &e->err) == ATLS_OK && wire_report_data(e->tls,
	    WIRE_LABEL, req.context, (struct atls_bytes){ own->spki,
	    own->spkilen }, rd) && lab_machine_quote(r->kind, LAB_FLEET,
	    ATLS_ARRAY(rd), &quote, &e->err) == ATLS_OK && wire_cmw(r->kind,
	    (struct atls_bytes){ raw, quote.len }, NULL, &ext);
	x.data = (struct atls_bytes){ ext.p, ext.len };
	ok = ok && atls_ea_authenticate(ea, &req, (struct atls_bytes){ NULL,
	    0 }, own->id, &x, 1, &out, &e->err) == ATLS_OK &&
	    wire_send(w, WIRE_AUTHENTICATOR, w->id, out.p, out.len);
	atls_ea_free(ea);
	return ok;
}

static bool
one_round(struct lab_run *r, struct lab_end *e, struct wire *w, unsigned id)
{
	struct atls_channel ch = { atls_backend_openssl.channel, e->tls };
	struct atls_ea *ea = atls_ea_new(&ch, &e->err);
	uint8_t room[512], spki[256];
	struct atls_buf request = { room, sizeof(room), 0 };
	struct atls_ea_peer peer = { 0 };
	enum wire_type t;
	bool ok;

	if (ea == NULL)
		return false;
	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "asks for evidence");
	ok = (id > 1 || wire_hello(w, true)) && ask(r, w, ea, id, &request,
	    e);
	while (ok && (t = wire_recv(w)) != WIRE_AUTHENTICATOR)
		ok = t != WIRE_NONE && (t != WIRE_REQUEST ||
		    !leaves(r, LAB_LEAVE_OWN) || answer_own(r, e, w));
	if (!ok)
		no(e, ATLS_E_IO, "weak.answer");
	else
		ok = validate(r, e, ea, (struct atls_bytes){ request.p,
		    request.len }, (struct atls_bytes){ w->in, w->len },
		    &peer, spki);
	if (!ok && e->err.rc == ATLS_E_REFUSED &&
	    leaves(r, LAB_LEAVE_REQUIRED))
		ok = true;
	else if (ok)
		ok = judge_peer(r, e, &peer);
	atls_ea_free(ea);
	return ok;
}

static void
secret(struct lab_run *r, struct wire *w, const char *why)
{
	static const uint8_t accepted[6] = { 1 };

	lab_tell(r, LAB_CLIENT, LAB_CLIENT, "%s", why);
	if (wire_send(w, WIRE_RESULT, 1, accepted, sizeof(accepted)) &&
	    wire_send(w, WIRE_DATA, 0, LAB_SECRET, strlen(LAB_SECRET))) {
		r->sent = true;
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "sends its secret");
	}
	while (wire_recv(w) != WIRE_NONE)
		;		/* until the other has read it */
}

void
weak_post(struct lab_run *r, struct lab_end *e)
{
	static _Thread_local struct wire w;

	w.tls = e->tls;
	w.role = ATLS_CLIENT;
	if (leaves(r, LAB_LEAVE_GATE))
		secret(r, &w, "does not wait for a verdict");
	else if (one_round(r, e, &w, 1))
		secret(r, &w, "accepts, with the check left out");
	else
		lab_refused(r, &e->err);
}

/* The secret after a second round, by which the machine has changed. */
void
weak_twice(struct lab_run *r)
{
	static _Thread_local struct wire w;
	struct lab_end e = { .fd = -1 };
	uint8_t accepted[6] = { 1 };

	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "connects and shakes hands");
	w.role = ATLS_CLIENT;
	if (lab_shake(r, &e, r->port) && (w.tls = e.tls) != NULL &&
	    one_round(r, &e, &w, 1) && wire_send(&w, WIRE_RESULT, 1,
	    accepted, sizeof(accepted)) && one_round(r, &e, &w, 2))
		secret(r, &w, "accepts, with the check left out");
	else
		lab_refused(r, &e.err);
	lab_end_close(&e);
}

static bool
judge_carried(struct lab_run *r, struct lab_end *e)
{
	struct atls_question q = { .kind = r->kind };
	struct atls_bytes none = { NULL, 0 }, beside;
	struct atls_carried c = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 },
	    { NULL, 0 } };

	if (atls_backend_openssl.channel->carried(e->tls, &c) != ATLS_OK)
		return no(e, ATLS_E_STATE, "weak.carried");
	if (r->family == LAB_PRE)
		return judge_certificate(r, e, c.certificate) ||
		    leaves(r, LAB_LEAVE_REQUIRED);
	if (c.evidence.len <= 3 && leaves(r, LAB_LEAVE_FAMILY))
		return judge_certificate(r, e, c.certificate);
	if (c.evidence.len <= 3)
		return leaves(r, LAB_LEAVE_REQUIRED) || no(e, ATLS_E_NONE,
		    "weak.evidence");
	return unwrap((struct atls_bytes){ c.evidence.p + 3,
	    c.evidence.len - 3 }, &q.raw, &beside, e) &&
	    weak_judge(r, e, &q, none);
}

/* Where evidence comes in the handshake there are no frames. */
void
weak_carried(struct lab_run *r, struct lab_end *e)
{
	if (!leaves(r, LAB_LEAVE_GATE) && !judge_carried(r, e)) {
		lab_refused(r, &e->err);
		return;
	}
	lab_tell(r, LAB_CLIENT, LAB_CLIENT,
	    "accepts, with the check left out");
	if (atls_backend_openssl.write(e->tls, (const uint8_t *)LAB_SECRET,
	    strlen(LAB_SECRET)) > 0) {
		r->sent = true;
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "sends its secret");
	}
}

void
lab_weak_client(struct lab_run *r)
{
	struct lab_end e = { .fd = -1 };

	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "connects and shakes hands");
	if (leaves(r, LAB_LEAVE_SIGNATURE) && (!lab_ctx(r, NULL, ATLS_CLIENT,
	    NULL, &e.ctx) || !weak_blind(e.ctx)))
		lab_failed(r, "the check cannot be left out");
	else if (!lab_shake(r, &e, r->port))
		lab_refused(r, &e.err);
	else if (r->family == LAB_POST)
		weak_post(r, &e);
	else
		weak_carried(r, &e);
	lab_end_close(&e);
}
