/* SPDX-License-Identifier: Apache-2.0 */
/* Attackers who speak the protocol of exported authenticators by hand. */
#include <stdlib.h>
#include <string.h>

#include "answer.h"

/* --- key substitution: TLS outside of the machine, with another key */

static bool
show_other_key(struct answer *a, struct atls_buf *ext)
{
	const struct lab_key *good = lab_key(a->run->family, LAB_K_SERVER);
	bool names_key = (a->run->leave & LAB_LEAVE_KEY) == 0;
	uint8_t rd[64];

	lab_tell(a->run, LAB_ATTACKER, LAB_SERVER, names_key ?
	    "an agent inside quotes his exporter, for the key inside" :
	    "an agent inside quotes his exporter, for no key");
	return wire_report_data(a->wire.tls, WIRE_LABEL, a->context,
	    (struct atls_bytes){ good->spki, names_key ? good->spkilen : 0 },
	    rd) && answer_show(a, LAB_GENUINE, rd, NULL, ext);
}

void
post_key_substitution(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_STOLEN_NAME,
	    show_other_key);
}

/* --- another label, another context */

static bool
show_label(struct answer *a, struct atls_buf *ext)
{
	static const char label[] = "EXPORTER-other-protocol";
	struct atls_bytes named = { (const uint8_t *)label,
	    sizeof(label) - 1 };
	uint8_t rd[64];

	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence over a value of another label");
	return wire_report_data(a->wire.tls, label, a->context,
	    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd) &&
	    answer_show(a, LAB_GENUINE, rd, (a->run->leave &
	    LAB_LEAVE_LABEL) != 0 ? &named : NULL, ext);
}

void
post_label(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_label);
}

static bool
show_context(struct answer *a, struct atls_buf *ext)
{
	uint8_t other[WIRE_CONTEXT] = { ATLS_CLIENT };
	struct atls_bytes context = ATLS_ARRAY(other);
	uint8_t rd[64];

	if ((a->run->leave & LAB_LEAVE_CONTEXT) != 0)
		context.len = 0;
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence of this connection, but another request");
	return wire_report_data(a->wire.tls, WIRE_LABEL, context,
	    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd) &&
	    answer_show(a, LAB_GENUINE, rd, NULL, ext);
}

void
post_context(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_context);
}

/* --- the binder in the peer's message, not in what was signed */

static bool
show_envelope(struct answer *a, struct atls_buf *ext)
{
	struct lab_run *r = a->run;
	uint8_t rd[64];
	struct atls_bytes beside = ATLS_ARRAY(rd);

	if (!wire_report_data(a->wire.tls, WIRE_LABEL, a->context,
	    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd))
		return false;
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT, "shows recorded evidence%s",
	    (r->leave & LAB_LEAVE_ENVELOPE) != 0 ?
	    ", and beside it his own binder" :
	    ": no field beside it is looked at");
	return wire_cmw(r->kind, (struct atls_bytes){ r->record,
	    r->recordlen }, (r->leave & LAB_LEAVE_ENVELOPE) != 0 ? &beside :
	    NULL, ext);
}

void
post_envelope(struct lab_run *r)
{
	uint8_t context[WIRE_CONTEXT] = { ATLS_CLIENT, 1 };

	if (!lab_server_start(r, 1) || !relay_ask(r, ATLS_ARRAY(context)))
		return;
	lab_tell(r, LAB_SERVER, LAB_ATTACKER,
	    "attests, to him, as to anybody; he keeps the evidence");
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_envelope);
}

/* --- no evidence, or no answer at all */

static bool
show_nothing(struct answer *a, struct atls_buf *ext)
{
	struct atls_ea_request req;
	struct atls_buf out = { a->auth, sizeof(a->auth), 0 };

	(void)ext;
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "answers with an empty authenticator");
	return atls_ea_receive(a->ea, (struct atls_bytes){ a->wire.in,
	    a->wire.len }, &req, NULL) == ATLS_OK && atls_ea_refuse(a->ea,
	    &req, &out, NULL) == ATLS_OK && wire_send(&a->wire,
	    WIRE_AUTHENTICATOR, a->wire.id, out.p, out.len);
}

void
post_empty(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_STOLEN_NAME,
	    show_nothing);
}

static bool
answer_bare(struct answer *a)
{
	struct atls_ea_request req;
	struct atls_buf out = { a->auth, sizeof(a->auth), 0 };

	return atls_ea_receive(a->ea, (struct atls_bytes){ a->wire.in,
	    a->wire.len }, &req, NULL) == ATLS_OK && atls_ea_authenticate(
	    a->ea, &req, (struct atls_bytes){ NULL, 0 }, a->key->id, NULL, 0,
	    &out, NULL) == ATLS_OK && wire_send(&a->wire,
	    WIRE_AUTHENTICATOR, a->wire.id, out.p, out.len);
}

static bool
show_bare(struct answer *a, struct atls_buf *ext)
{
	(void)ext;
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "answers with an authenticator without evidence in it");
	return answer_bare(a);
}

void
post_stripping(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_STOLEN_NAME,
	    show_bare);
}

/* --- a family that he can: the server's certificate of RA-TLS */

static bool
show_certificate(struct answer *a, struct atls_buf *ext)
{
	(void)ext;
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "answers that all his evidence is in the certificate");
	return answer_bare(a);
}

void
post_downgrade(struct lab_run *r)
{
	lab_ready(r);
	answer_serve_key(r, lab_answer(r->listener), lab_key(LAB_PRE,
	    LAB_K_SERVER), show_certificate, NULL);
}

/* He only wants the first request. */
static bool
show_silence(struct answer *a, struct atls_buf *ext)
{
	(void)ext;
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "says, instead of an answer: go on");
	return wire_send(&a->wire, WIRE_DATA, 0, "go on", 5);
}

void
post_early_data(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_STOLEN_NAME,
	    show_silence);
}

/* --- relay: the victim's context in a request of his own to the server */

static bool
show_relayed(struct answer *a, struct atls_buf *ext)
{
	struct lab_run *r = a->run;
	uint8_t context[256];
	size_t n = a->context.len;

	if (n > sizeof(context))
		return false;
	memcpy(context, a->context.p, n);
	lab_tell(r, LAB_ATTACKER, LAB_SERVER,
	    "asks on a connection of his own, with the client's context");
	if (!relay_ask(r, (struct atls_bytes){ context, n }))
		return false;
	lab_tell(r, LAB_SERVER, LAB_ATTACKER, "attests that connection");
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows that evidence, under a signature of his own");
	return wire_cmw(r->kind, (struct atls_bytes){ r->record,
	    r->recordlen }, NULL, ext);
}

void
post_relay(struct lab_run *r, enum lab_whose whose, const char *groups)
{
	if (!lab_server_start(r, 1))
		return;
	lab_ready(r);
	answer_serve_key(r, lab_answer(r->listener), lab_key(LAB_POST,
	    whose), show_relayed, groups);
}

/* --- two ends: one shook hands, another one answers */

static bool
show_split(struct answer *a, struct atls_buf *ext)
{
	uint8_t rd[64];

	a->key = lab_key(a->run->family, LAB_K_SERVER);
	lab_tell(a->run, LAB_ATTACKER, LAB_SERVER,
	    "an agent inside signs and quotes for the exporter he hands in");
	return wire_report_data(a->wire.tls, WIRE_LABEL, a->context,
	    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd) &&
	    answer_show(a, LAB_GENUINE, rd, NULL, ext);
}

void
post_split(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_STOLEN_NAME,
	    show_split);
}

/* --- reflection: the client's own attester answers the client's request */

static bool
show_reflected(struct answer *a, struct atls_buf *ext)
{
	struct lab_run *r = a->run;
	struct atls_channel ch = { atls_backend_openssl.channel,
	    a->wire.tls };
	struct atls_ea *ea = atls_ea_new(&ch, NULL);
	struct atls_ea_ext empty = { ATLS_CODE_POINT, { NULL, 0 } };
	uint8_t room[512];
	struct atls_buf req = { room, sizeof(room), 0 };
	struct atls_ea_peer peer;
	unsigned id = a->wire.id;
	bool ok;

	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "asks it in turn, with the context of its own request");
	ok = ea != NULL && atls_ea_request(ea, a->context, &empty, 1, &req,
	    NULL) == ATLS_OK && wire_send(&a->wire, WIRE_REQUEST, 1, req.p,
	    req.len) && wire_recv(&a->wire) == WIRE_AUTHENTICATOR &&
	    atls_ea_parse((struct atls_bytes){ a->wire.in, a->wire.len },
	    &peer, NULL) == ATLS_OK && peer.next == 1 &&
	    peer.ext[0].data.len <= ext->cap;
	if (ok) {
		memcpy(ext->p, peer.ext[0].data.p, peer.ext[0].data.len);
		ext->len = peer.ext[0].data.len;
		a->wire.id = id;
		lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
		    "shows it its own evidence, as the server's");
	}
	atls_ea_free(ea);
	return ok;
}

void
play_reflection(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER,
	    show_reflected);
}

/* Both ends hold one key, as replicas do, and both attest. */
void
victim_mutual(struct lab_run *r)
{
	if (r->leave != 0)
		lab_weak_client(r);
	else
		lab_client_of(r, lab_key(r->family, LAB_K_SERVER));
}
