/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks that need a second time: another round on one connection, with the
 * authenticator of the first.
 */
#include <string.h>

#include "answer.h"

/* The first time he is the genuine server, or what is now his: evidence that
 * is right.  Then the machine changes, and he has only what was said. */
static bool
show_once(struct answer *a, struct atls_buf *ext)
{
	uint8_t rd[64];

	if (a->round == 1) {
		lab_tell(a->run, LAB_SERVER, LAB_CLIENT,
		    "attests, and is accepted");
		return wire_report_data(a->wire.tls, WIRE_LABEL, a->context,
		    (struct atls_bytes){ a->key->spki, a->key->spkilen }, rd)
		    && answer_show(a, LAB_GENUINE, rd, NULL, ext);
	}
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "has taken over, and shows the first answer again");
	return wire_send(&a->wire, WIRE_AUTHENTICATOR, a->wire.id, a->kept,
	    a->keptlen);
}

/* The same, with the new request's context written into the old answer. */
static bool
show_patched(struct answer *a, struct atls_buf *ext)
{
	struct atls_bytes old;
	size_t at;

	if (a->round == 1)
		return show_once(a, ext);
	lab_tell(a->run, LAB_ATTACKER, LAB_CLIENT,
	    "has taken over, and writes the new context into the old answer");
	if (atls_ea_context((struct atls_bytes){ a->kept, a->keptlen }, &old,
	    NULL) != ATLS_OK || old.len != a->context.len)
		return false;
	at = (size_t)(old.p - a->kept);
	memcpy(a->kept + at, a->context.p, a->context.len);
	return wire_send(&a->wire, WIRE_AUTHENTICATOR, a->wire.id, a->kept,
	    a->keptlen);
}

void
play_replay_inside(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_once);
}

void
play_context_reuse(struct lab_run *r)
{
	lab_ready(r);
	answer_serve(r, lab_answer(r->listener), LAB_K_SERVER, show_patched);
}

/* Gives its secret only after a second verdict. */
void
victim_twice(struct lab_run *r)
{
	struct lab_end e = { .fd = -1 };
	uint8_t buf[8];
	bool ok;

	if (r->leave != 0) {
		weak_twice(r);
		return;
	}
	lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "connects and asks");
	ok = lab_shake(r, &e, r->port) && lab_attest(r, &e);
	if (ok) {
		lab_tell(r, LAB_CLIENT, LAB_ATTACKER, "asks again");
		ok = atls_conn_reattest(e.conn) == 1 &&
		    atls_conn_read(e.conn, buf, sizeof(buf)) >= 0 &&
		    atls_session_rounds(atls_conn_session(e.conn)) == 2;
		if (!ok)
			e.err = *atls_conn_error(e.conn);
	}
	if (ok)
		lab_speak(r, &e);
	else
		lab_refused(r, &e.err);
	lab_end_close(&e);
}
