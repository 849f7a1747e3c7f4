/* SPDX-License-Identifier: Apache-2.0 */
#include "accept.h"

#include "../appraise/appraise.h"
#include "../base/err.h"
#include "../base/said.h"
#include "binder.h"

/* What the checks find out, one for the next. */
struct found {
	const struct accept_in	*in;
	struct atls_channel_info info;
	struct atls_ea_peer	 peer;
	struct atls_bytes	 cmw;
	bool			 absent;
	int64_t			 until;		/* end of what confirms; 0: none */
	struct atls_buf		*binder;
	struct atls_result	*out;
};

#define FOUND	*f, *f->out, *f->binder, SAID

/*@ ghost struct found *said_of[16]; */
/*@ predicate told{A,B}(integer what, struct found *f, integer result) =
	told_it{A,B}(what, result) &&
	\at(said_of[\at(nsaid, A)], B) == f &&
	\at(f->in, B) == \at(f->in, A) && \at(f->out, B) == \at(f->out, A) &&
	\at(f->binder, B) == \at(f->binder, A);
    predicate all_of(struct found *f) =
	\forall integer i; 0 <= i < nsaid ==> said_of[i] == f;
    predicate found_ok(struct found *f) = \valid(f) && \valid(f->out) &&
	\valid(f->binder) && \separated(f, f->out, f->binder);
    */

/* RFC 9261: signature, Finished, chain, context; with the peer's name. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(1, f, \result); */
static int
check_authenticator(struct found *f)
{
	const struct atls_config *c = f->in->config;

	return ea_close(f->in->ea, f->in->auth, c->trust, c->name,
	    f->in->now, &f->peer, &f->out->why) == ATLS_OK;
}

/* Compound authentication: PKI says who, evidence says what. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(2, f, \result); */
static int
check_identity(struct found *f)
{
	if (f->in->config->no_pki)
		return 1;			/* identity stays UNKNOWN */
	if (f->in->config->trust != NULL) {
		f->out->identity = ATLS_GOOD;
		return 1;
	}
	(void)err_set(&f->out->why, ATLS_E_CHAIN, "ea.chain", 0,
	    "no PKI anchors for the peer");
	return 0;
}

/* The end that answers is the end that shook hands: no proxy joins two. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(3, f, \result); */
static int
check_one_key(struct found *f)
{
	const struct atls_channel *ch = f->in->channel;
	struct atls_bytes spki;

	if (ch->ops->spki(ch->conn, true, &spki) != ATLS_OK) {
		(void)err_set(&f->out->why, ATLS_E_CRYPTO, "channel.spki", 0,
		    "not available");
		return 0;
	}
	if (spki.len == 0 || f->in->config->two_keys)
		return 1;
	if (atls_ct_eq(spki, f->peer.spki))
		return 1;
	(void)err_set(&f->out->why, ATLS_E_BIND, "ea.leaf", 0,
	    "not the key of the handshake's certificate");
	return 0;
}

/* Our own key in the peer's hand: a reflection, or a copy of us. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(4, f, \result); */
static int
check_not_ours(struct found *f)
{
	const struct atls_channel *ch = f->in->channel;
	struct atls_bytes own;

	if (ch->ops->spki(ch->conn, false, &own) != ATLS_OK) {
		(void)err_set(&f->out->why, ATLS_E_CRYPTO, "channel.spki", 0,
		    "not available");
		return 0;
	}
	if (!(own.len != 0 && atls_ct_eq(own, f->peer.spki)) &&
	    !(f->in->config->own_spki.len != 0 &&
	    atls_ct_eq(f->in->config->own_spki, f->peer.spki)))
		return 1;
	(void)err_set(&f->out->why, ATLS_E_BIND, "ea.leaf", 0,
	    "it is our own key");
	return 0;
}

/* draft-fossati-seat-expat: in the first entry, and in no other. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(5, f, \result); */
static int
check_extension(struct found *f)
{
	const struct atls_ea_peer *p = &f->peer;
	size_t i, at = p->next;

	for (i = 0; i < p->nother; i++)
		if (p->other[i] == f->in->config->code_point) {
			(void)err_set(&f->out->why, ATLS_E_FORMAT,
			    "ext.cmw_attestation", 0,
			    "not in the first certificate entry");
			return 0;
		}
	for (i = 0; i < p->next; i++)
		if (p->ext[i].type == f->in->config->code_point)
			at = i;
	if (at == p->next) {
		f->absent = true;
		(void)err_set(&f->out->why, ATLS_E_NONE,
		    "ext.cmw_attestation", 0, "the peer sent no evidence");
		return 0;
	}
	return binder_ext_read(p->ext[at].data, &f->cmw, &f->out->why) ==
	    ATLS_OK;
}

/* What honest evidence carries: from our own connection, never from a
 * message. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(6, f, \result); */
static int
check_binder(struct found *f)
{
	const struct atls_channel *ch = f->in->channel;

	if (ea_channel_fit(ch, &f->info, &f->out->why) != 1)
		return 0;
	return binder_compute(ch, f->info.hash, f->peer.context, f->peer.spki,
	    f->binder->p, &f->binder->len, &f->out->why) == ATLS_OK;
}

/* A second round must not be the first again. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(7, f, \result); */
static int
check_new(struct found *f)
{
	struct atls_bytes b = { f->binder->p, f->binder->len };

	if (f->in->last.len == 0 || !atls_ct_eq(f->in->last, b))
		return 1;
	(void)err_set(&f->out->why, ATLS_E_BIND, "binder", 0,
	    "the same as in the round before");
	return 0;
}

/* Lets the caller fetch what this evidence needs.  Nothing follows from a
 * failure here that the appraisal would not find. */
static void
fill(const struct found *f, const struct atls_question *q)
{
	const struct atls_config *c = f->in->config;

	if (c->fill == NULL || c->collateral == NULL)
		return;
	if (appraise_peek(c->policy, q, f->in->scratch, f->out) == 1)
		c->fill(c->fill_arg, c->collateral, &f->out->claims,
		    f->in->now);
}

static int
check_asked(struct found *f, struct atls_question q)
{
	enum atls_pillar identity = f->out->identity;
	enum atls_verdict v;

	fill(f, &q);
	v = atls_appraise(f->in->config->policy, &q, f->in->scratch, f->out);
	f->out->identity = identity;
	if (v != ATLS_VERDICT_ACCEPT || f->out->verdict != v)
		return 0;
	f->out->verdict = ATLS_VERDICT_REJECT;	/* until all is said */
	return 1;
}

/*@ assigns FOUND;
    ensures told{Pre,Post}(8, f, \result); */
static int
check_appraised(struct found *f)
{
	return check_asked(f, (struct atls_question){
		.kind = ATLS_KIND_NONE, .raw = f->cmw,
		.binder = { f->binder->p, f->binder->len },
		.profile = f->in->config->profile,
		.spki = f->peer.spki, .binding = ATLS_BINDING_EXPORTER,
		.freshness = ATLS_F3, .now = f->in->now,
		.collateral = f->in->config->collateral,
	});
}

/* The handshake named the peer, and its key is not ours. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(9, f, \result); */
static int
check_handshake(struct found *f)
{
	const struct atls_channel *ch = f->in->channel;

	if (ea_channel_fit(ch, &f->info, &f->out->why) != 1)
		return 0;
	if (!f->in->config->no_pki && !f->info.peer_verified) {
		(void)err_set(&f->out->why, ATLS_E_CHAIN,
		    "channel.peer_verified", 0,
		    "the handshake did not say who the peer is");
		return 0;
	}
	f->out->identity = f->in->config->no_pki ? ATLS_UNKNOWN : ATLS_GOOD;
	if (ch->ops->spki(ch->conn, true, &f->peer.spki) != ATLS_OK ||
	    f->peer.spki.len == 0) {
		f->absent = f->in->config->no_pki;
		(void)err_set(&f->out->why, ATLS_E_NONE, "channel.spki", 0,
		    "the peer showed no certificate");
		return 0;
	}
	return check_not_ours(f);
}

/* Evidence in the handshake, bound to what its family can be bound to. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(10, f, \result); */
static int
check_carried(struct found *f)
{
	const struct family *family = f->in->config->family;
	const struct atls_channel *ch = f->in->channel;
	struct family_found got = { .kind = ATLS_KIND_NONE };
	struct atls_carried c;
	enum atls_rc rc;

	if (ch->ops->carried == NULL ||
	    ch->ops->carried(ch->conn, &c) != ATLS_OK) {
		(void)err_set(&f->out->why, ATLS_E_STATE, "channel.carried",
		    0, "not available");
		return 0;
	}
	rc = family->open(&c, &f->info, f->peer.spki, f->in->now, &got,
	    &f->out->why);
	if (rc != ATLS_OK) {
		f->absent = rc == ATLS_E_NONE;
		return 0;
	}
	if (check_asked(f, (struct atls_question){
		.kind = got.kind, .raw = got.raw,
		.report_data = got.report_data,
		.binder = { got.binder, got.binderlen },
		.profile = got.profile != 0 ? got.profile :
		    f->in->config->profile,
		.spki = f->peer.spki, .binding = family->binding,
		.freshness = family->freshness, .now = f->in->now,
		.collateral = f->in->config->collateral,
	}) != 1)
		return 0;
	if (got.until != 0 && (f->out->not_after == 0 ||
	    got.until < f->out->not_after))
		f->out->not_after = got.until;
	return 1;
}

/*@ requires found_ok(f) && nsaid == 0;
    assigns *f, *f->out, *f->binder, nsaid, said[..], said_what[..],
	said_of[..];
    ensures iff: \result == 1 <==> all_said(9, 2);
    ensures all_of(f); */
static int
carried_checks(struct found *f)
{
	if (check_handshake(f) != 1)
		return 0;
	if (check_carried(f) != 1)
		return 0;
	return 1;
}

/* Where a family that is weaker alone must be confirmed. */
/*@ assigns FOUND;
    ensures told{Pre,Post}(0, f, \result); */
static int
check_confirmed(struct found *f)
{
	struct atls_result res = { .verdict = ATLS_VERDICT_REJECT };
	struct atls_buf none = { NULL, 0, 0 };
	struct found h = { .in = f->in, .binder = &none, .out = &res };

	if (!f->in->config->confirm)
		return 1;
	if (carried_checks(&h) == 1) {
		f->until = res.not_after;
		return 1;
	}
	f->out->why = res.why;
	return 0;
}

/*@ requires found_ok(f) && nsaid == 0;
    assigns *f, *f->out, *f->binder, nsaid, said[..], said_what[..],
	said_of[..];
    ensures iff: \result == 1 <==> all_said(0, 9);
    ensures all_of(f); */
static int
all_checks(struct found *f)
{
	if (check_confirmed(f) != 1)
		return 0;
	if (check_authenticator(f) != 1)
		return 0;
	if (check_identity(f) != 1)
		return 0;
	if (check_one_key(f) != 1)
		return 0;
	if (check_not_ours(f) != 1)
		return 0;
	if (check_extension(f) != 1)
		return 0;
	if (check_binder(f) != 1)
		return 0;
	if (check_new(f) != 1)
		return 0;
	if (check_appraised(f) != 1)
		return 0;
	return 1;
}

/*@ requires \valid_read(in) && \valid_read(in->config) && nsaid == 0;
    requires \valid(out) && \valid(absent) && \separated(out, absent, in,
	in->config);
    ensures verdict: \result == out->verdict;
    ensures either: \result == ATLS_VERDICT_ACCEPT ||
	\result == ATLS_VERDICT_REJECT;
    ensures iff: \result == ATLS_VERDICT_ACCEPT <==> all_said(9, 2); */
enum atls_verdict
accept_carried(const struct accept_in *in, struct atls_result *out,
    bool *absent)
{
	struct atls_buf none = { NULL, 0, 0 };
	struct found f = { .in = in, .binder = &none, .out = out };

	*out = (struct atls_result){ .verdict = ATLS_VERDICT_REJECT };
	*absent = false;
	if (in->config->policy == NULL) {
		(void)err_set(&out->why, ATLS_E_CONF, "policy", 0, "none");
		out->verdict = ATLS_VERDICT_REJECT;
		return ATLS_VERDICT_REJECT;
	}
	/*@ assert f.in == in && f.out == out; */
	if (carried_checks(&f) != 1) {
		*absent = f.absent;
		out->verdict = ATLS_VERDICT_REJECT;
		return ATLS_VERDICT_REJECT;
	}
	out->verdict = ATLS_VERDICT_ACCEPT;
	return ATLS_VERDICT_ACCEPT;
}

/*@ requires \valid_read(in) && \valid_read(in->config) && nsaid == 0;
    requires \valid(out) && \valid(absent) && \valid(binder) &&
	\separated(out, absent, binder, in, in->config);
    ensures verdict: \result == out->verdict;
    ensures either: \result == ATLS_VERDICT_ACCEPT ||
	\result == ATLS_VERDICT_REJECT;
    ensures iff: \result == ATLS_VERDICT_ACCEPT <==> all_said(0, 9); */
enum atls_verdict
accept_peer(const struct accept_in *in, struct atls_result *out, bool *absent,
    struct atls_buf *binder)
{
	struct found f = { .in = in, .binder = binder, .out = out };

	*out = (struct atls_result){ .verdict = ATLS_VERDICT_REJECT };
	*absent = false;
	binder->len = 0;
	if (in->config->policy == NULL) {
		(void)err_set(&out->why, ATLS_E_CONF, "policy", 0, "none");
		out->verdict = ATLS_VERDICT_REJECT;
		return ATLS_VERDICT_REJECT;
	}
	/*@ assert f.in == in && f.out == out && f.binder == binder; */
	if (all_checks(&f) != 1) {
		*absent = f.absent;
		out->verdict = ATLS_VERDICT_REJECT;
		return ATLS_VERDICT_REJECT;
	}
	if (f.peer.not_after != 0 && (out->not_after == 0 ||
	    f.peer.not_after < out->not_after))
		out->not_after = f.peer.not_after;
	if (f.until != 0 && (out->not_after == 0 ||
	    f.until < out->not_after))
		out->not_after = f.until;
	out->verdict = ATLS_VERDICT_ACCEPT;
	return ATLS_VERDICT_ACCEPT;
}
