/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attackers who are servers: they end the victim's TLS with a key that they
 * have, and show evidence from where they have it.
 */
#include <string.h>

#include "kit.h"
#include "moves.h"

void
move_impostor(struct lab_run *r, enum lab_whose whose)
{
	lab_ready(r);
	lab_impostor(r, lab_answer(r->listener), lab_key(r->family, whose),
	    r->attack->quote);
}

/* Evidence of an earlier connection of his own to the server. */
static bool
record(struct lab_run *r)
{
	struct lab_run as = { .family = r->family, .kind = r->kind,
	    .attack = r->attack };
	struct lab_end e = { .fd = -1 };
	struct atls_bytes raw = { NULL, 0 };

	(void)pthread_mutex_init(&as.lock, NULL);
	if (lab_server_start(r, 1) && lab_shake(&as, &e, r->server_port) &&
	    lab_attest(&as, &e))
		raw = atls_conn_result(e.conn)->claims.raw;
	if (raw.len == 0 || raw.len > sizeof(r->record))
		lab_failed(r, "nothing could be recorded: %s %s",
		    e.err.where == NULL ? "" : e.err.where, e.err.detail);
	else {
		memcpy(r->record, raw.p, raw.len);
		r->recordlen = raw.len;
		lab_tell(r, LAB_SERVER, LAB_ATTACKER,
		    "attests, to him, as to anybody; he keeps the evidence");
	}
	lab_end_close(&e);
	(void)pthread_mutex_destroy(&as.lock);
	return r->recordlen > 0;
}

enum atls_rc
quote_recorded(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	(void)rd, (void)err;
	if (r->recordlen > out->cap)
		return ATLS_E_SPACE;
	memcpy(out->p, r->record, r->recordlen);
	out->len = r->recordlen;
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT, "shows what he recorded");
	return ATLS_OK;
}

/* He has the server's TLS key. */
void
play_replay(struct lab_run *r)
{
	if (record(r))
		move_impostor(r, r->kind == ATLS_KIND_EAR ? LAB_K_EAR :
		    LAB_K_SERVER);
}

/* The same without the key. */
void
play_replay_own_key(struct lab_run *r)
{
	if (record(r))
		move_impostor(r, LAB_K_ATTACKER);
}

enum atls_rc
quote_leaked(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "signs evidence himself, with the leaked key");
	return lab_machine_quote(r->kind, LAB_LEAKED, rd, out, err);
}

enum atls_rc
quote_foreign(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence of his own genuine machine");
	return lab_machine_quote(r->kind, LAB_FOREIGN, rd, out, err);
}

enum atls_rc
quote_fleet(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence of that machine, which is genuine");
	return lab_machine_quote(r->kind, LAB_FLEET, rd, out, err);
}

void
play_own_key(struct lab_run *r)
{
	move_impostor(r, LAB_K_ATTACKER);
}

void
play_leaked(struct lab_run *r)
{
	move_impostor(r, LAB_K_LEAKED);
}

void
play_tenant(struct lab_run *r)
{
	move_impostor(r, LAB_K_TENANT);
}

void
play_stolen_key(struct lab_run *r)
{
	move_impostor(r, LAB_K_SERVER);
}

/* --- report data that is not quite what it must be */

enum atls_rc
quote_truncated(struct lab_run *r, struct atls_bytes rd,
    struct atls_buf *out, struct atls_err *err)
{
	uint8_t bent[64] = { 0 };

	memcpy(bent, rd.p, 16);
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence over the first 16 octets of the binder");
	return lab_machine_quote(r->kind, LAB_GENUINE, ATLS_ARRAY(bent), out,
	    err);
}

enum atls_rc
quote_empty(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	static const uint8_t zeros[64];

	(void)rd;
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence over no report data at all");
	return lab_machine_quote(r->kind, LAB_GENUINE, ATLS_ARRAY(zeros), out,
	    err);
}

enum atls_rc
quote_padded(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	uint8_t bent[64];

	memcpy(bent, rd.p, sizeof(bent));
	bent[63] ^= 0x80;
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows evidence with something behind the binder");
	return lab_machine_quote(r->kind, LAB_GENUINE, ATLS_ARRAY(bent), out,
	    err);
}

/* --- what differs by the way evidence travels */

void
play_bent(struct lab_run *r)
{
	if (r->family == LAB_PRE)
		pre_bent(r);
	else
		move_impostor(r, LAB_K_SERVER);
}

void
play_key_substitution(struct lab_run *r)
{
	if (r->family == LAB_POST)
		post_key_substitution(r);
	else if (r->family == LAB_PRE)
		pre_key_substitution(r);
	else
		carried_key_substitution(r);
}

static void
relay(struct lab_run *r, enum lab_whose whose, const char *groups)
{
	if (r->family == LAB_POST)
		post_relay(r, whose, groups);
	else if (r->family == LAB_PRE)
		pre_relay(r, whose);
	else
		carried_relay(r, whose, groups);
}

void
play_relay_safe(struct lab_run *r)
{
	relay(r, LAB_K_ATTACKER, NULL);
}

void
play_relay_leaked(struct lab_run *r)
{
	relay(r, LAB_K_SERVER, NULL);
}

/* P-384 is none of the key shares that OpenSSL's client sends at first. */
void
play_hrr(struct lab_run *r)
{
	relay(r, LAB_K_SERVER, "P-384");
}

/* A passport is shown by one who is not in it. */
void
play_theft(struct lab_run *r)
{
	if (r->family == LAB_PRE)
		pre_key_substitution(r);
	else
		play_replay_own_key(r);
}

void
play_stripping(struct lab_run *r)
{
	if (r->family == LAB_POST)
		post_stripping(r);
	else
		carried_plain(r);
}

void
play_downgrade(struct lab_run *r)
{
	if (r->family == LAB_POST)
		post_downgrade(r);
	else
		carried_downgrade(r);
}

void
play_data_early(struct lab_run *r)
{
	if (r->family == LAB_POST)
		post_early_data(r);
	else
		carried_plain(r);
}
