/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

bool
answer_show(struct answer *a, enum lab_machine m, const uint8_t rd[64],
    const struct atls_bytes *beside, struct atls_buf *ext)
{
	uint8_t *raw = malloc(LAB_EVIDENCE);
	struct atls_buf out = { raw, LAB_EVIDENCE, 0 };
	bool ok = raw != NULL && lab_machine_quote(a->run->kind, m,
	    (struct atls_bytes){ rd, 64 }, &out, NULL) == ATLS_OK &&
	    wire_cmw(a->run->kind, (struct atls_bytes){ raw, out.len },
	    beside, ext);

	free(raw);
	return ok;
}

static bool
authenticate(struct answer *a, const struct atls_ea_request *req,
    struct atls_bytes ext)
{
	struct atls_buf out = { a->auth, sizeof(a->auth), 0 };
	struct atls_ea_ext e = { ATLS_CODE_POINT, ext };
	struct atls_err err = { 0 };

	if (atls_ea_authenticate(a->ea, req, (struct atls_bytes){ NULL, 0 },
	    a->key->id, &e, 1, &out, &err) != ATLS_OK) {
		lab_failed(a->run, "%s: %s", err.where, err.detail);
		return false;
	}
	if (a->keptlen == 0) {
		memcpy(a->kept, out.p, out.len);
		a->keptlen = out.len;
	}
	return wire_send(&a->wire, WIRE_AUTHENTICATOR, a->wire.id, out.p,
	    out.len);
}

static bool
asked(struct answer *a, answer_fn *fn)
{
	struct atls_bytes request = { a->asked, a->wire.len };
	struct atls_buf ext = { a->cmw, sizeof(a->cmw), 0 };
	struct atls_ea_request req;

	if (a->wire.len > sizeof(a->asked))
		return false;
	memcpy(a->asked, a->wire.in, a->wire.len);
	a->round++;
	if (atls_ea_context(request, &a->context, NULL) != ATLS_OK)
		return false;
	if (!fn(a, &ext))
		return false;
	if (ext.len == 0)
		return true;
	return atls_ea_receive(a->ea, request, &req, NULL) == ATLS_OK &&
	    authenticate(a, &req, (struct atls_bytes){ ext.p, ext.len });
}

static void
talk(struct answer *a, answer_fn *fn)
{
	enum wire_type t;

	if (!wire_hello(&a->wire, a->run->attack->victim == victim_mutual))
		return;
	while ((t = wire_recv(&a->wire)) != WIRE_NONE && t != WIRE_ERROR) {
		if (t == WIRE_DATA) {
			lab_loot(a->run, a->wire.in, a->wire.len);
			return;
		}
		if (t == WIRE_REQUEST && !asked(a, fn))
			return;
	}
}

void
answer_serve_key(struct lab_run *r, int fd, const struct lab_key *key,
    answer_fn *fn, const char *groups)
{
	struct answer *a = calloc(1, sizeof(*a));
	const struct atls_backend *be = &atls_backend_openssl;
	struct atls_channel ch = { be->channel, NULL };
	struct atls_err err = { 0 };
	void *ctx = NULL;

	if (a == NULL || fd == -1) {
		free(a);
		lab_hang_up(fd);
		return;
	}
	a->run = r;
	a->key = key;
	a->wire.role = ATLS_SERVER;
	if (lab_ctx(r, NULL, ATLS_SERVER, a->key, &ctx) &&
	    (groups == NULL || SSL_CTX_set1_groups_list(ctx, groups) == 1) &&
	    be->open(&a->wire.tls, ctx, fd, NULL, &err) == ATLS_OK &&
	    lab_handshake(a->wire.tls, &err)) {
		ch.conn = a->wire.tls;
		if ((a->ea = atls_ea_new(&ch, &err)) != NULL)
			talk(a, fn);
		atls_ea_free(a->ea);
	}
	if (a->wire.tls != NULL)
		be->close(a->wire.tls);
	if (ctx != NULL)
		be->ctx_free(ctx);
	free(a);
	lab_hang_up(fd);
}

void
answer_serve(struct lab_run *r, int fd, enum lab_whose whose, answer_fn *fn)
{
	answer_serve_key(r, fd, lab_key(r->family, whose), fn, NULL);
}

/* --- the attacker as a client of the genuine server */

static bool
relay_round(struct lab_run *r, struct lab_end *e, struct atls_bytes context,
    struct wire *w)
{
	struct atls_channel ch = { atls_backend_openssl.channel, e->tls };
	struct atls_ea *ea = atls_ea_new(&ch, &e->err);
	struct atls_ea_ext ext = { ATLS_CODE_POINT, { NULL, 0 } };
	uint8_t room[512];
	struct atls_buf req = { room, sizeof(room), 0 };
	struct atls_ea_peer peer;
	struct atls_cmw cmw;
	enum wire_type t;
	bool ok = ea != NULL && atls_ea_request(ea, context, &ext, 1, &req,
	    &e->err) == ATLS_OK && wire_hello(w, true) &&
	    wire_send(w, WIRE_REQUEST, 1, req.p, req.len);

	while (ok && (t = wire_recv(w)) != WIRE_AUTHENTICATOR)
		ok = t != WIRE_NONE;
	ok = ok && atls_ea_parse((struct atls_bytes){ w->in, w->len }, &peer,
	    &e->err) == ATLS_OK && peer.next == 1 &&
	    peer.ext[0].data.len > 2 && atls_cmw_parse((struct atls_bytes){
	    peer.ext[0].data.p + 2, peer.ext[0].data.len - 2 }, &cmw,
	    &e->err) == ATLS_OK &&
	    cmw.record[0].value.len <= sizeof(r->record);
	if (ok) {
		r->recordlen = cmw.record[0].value.len;
		memcpy(r->record, cmw.record[0].value.p, r->recordlen);
	}
	atls_ea_free(ea);
	return ok;
}

bool
relay_ask(struct lab_run *r, struct atls_bytes context)
{
	struct lab_run *as = calloc(1, sizeof(*as));
	struct wire *w = calloc(1, sizeof(*w));
	struct lab_end e = { .fd = -1 };
	bool ok = false;

	if (as != NULL && w != NULL) {
		as->family = r->family;
		as->kind = r->kind;
		(void)pthread_mutex_init(&as->lock, NULL);
		w->role = ATLS_CLIENT;
		ok = lab_shake(as, &e, r->server_port);
		w->tls = e.tls;
		ok = ok && relay_round(r, &e, context, w);
		(void)pthread_mutex_destroy(&as->lock);
	}
	if (!ok)
		lab_failed(r, "the genuine server gave no evidence: %s",
		    e.err.detail);
	lab_end_close(&e);
	free(as);
	free(w);
	return ok;
}
