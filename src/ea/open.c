/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../base/said.h"
#include "object.h"

/*
 * An authenticator is looked at in the order of cost, and nothing in it is
 * used before it is authenticated, but for what is needed to do so:
 *
 *	1. the connection, the size, our own request	no octet is read
 *	2. a walk over lengths				three headers
 *	3. the context: it must be one we wait for	one field, one digest
 *	4. Finished					one digest, one MAC
 *	5. certificate entries, extensions, scheme	the rest of the octets
 *
 * So whoever does not have the connection's secrets makes us hash, no more.
 * Certificates are decoded and signatures verified in ea_close().
 */

struct opening {
	struct atls_ea		 *ea;
	struct ea_auth		 *a;
	struct atls_channel_info  info;
	enum atls_role		  maker;
	struct atls_ea_request	  asked;	/* ours; all zero: spontaneous */
	struct ea_parts		  parts;
	struct ea_id		  id;
	struct atls_err		  why;
};

/* Each check is 1 for passed; what is not 1 has set o->why. */

/*@ ghost struct opening *said_of[16]; */
/*@ predicate told{A,B}(integer what, struct opening *o, integer result) =
	told_it{A,B}(what, result) &&
	\at(said_of[\at(nsaid, A)], B) == o &&
	\at(o->ea, B) == \at(o->ea, A) && \at(o->a, B) == \at(o->a, A);
    predicate all_of(struct opening *o) =
	\forall integer i; 0 <= i < nsaid ==> said_of[i] == o;
    */

/*@ assigns *o, SAID;
    ensures told{Pre,Post}(0, o, \result); */
static int
check_channel(struct opening *o)
{
	if (ea_channel_fit(&o->ea->channel, &o->info, &o->why) != 1)
		return 0;
	o->maker = o->info.role == ATLS_SERVER ? ATLS_CLIENT : ATLS_SERVER;
	return 1;
}

/*@ assigns *o, SAID;
    ensures told{Pre,Post}(1, o, \result); */
static int
check_size(struct opening *o)
{
	if (o->a->raw.len <= ATLS_EA_MAX)
		return 1;
	(void)err_set(&o->why, ATLS_E_LIMIT, "ea", 0, "%zu octets",
	    o->a->raw.len);
	return 0;
}

/* Our own octets: what is wrong with them is the caller's mistake. */
/*@ assigns *o, SAID;
    ensures told{Pre,Post}(2, o, \result); */
static int
check_request(struct opening *o)
{
	unsigned type = o->maker == ATLS_SERVER ?
	    HS_CLIENT_CERTIFICATE_REQUEST : HS_CERTIFICATE_REQUEST;

	if (o->a->request.len == 0) {
		/* RFC 9261, 5: a client does not speak unless asked. */
		if (o->maker == ATLS_SERVER)
			return 1;
		(void)err_set(&o->why, ATLS_E_PEER, "ea.spontaneous", 0,
		    "from a client");
		return 0;
	}
	if (ea_request_read(o->a->request, &o->asked, NULL) == ATLS_OK &&
	    o->asked.type == type && o->asked.context.len > 0)
		return 1;
	(void)err_set(&o->why, ATLS_E_ARG, "ea.request", 0,
	    "not a request of ours");
	return 0;
}

enum atls_rc
ea_split(struct atls_bytes authenticator, struct ea_parts *out,
    struct atls_err *err)
{
	struct rd r = rd_of(authenticator);
	struct ea_parts p = { 0 };
	struct hs_msg m = hs_take(&r);
	enum atls_rc rc;

	*out = p;
	/*@ assert one: r.rc == ATLS_OK ==> m.raw.p == authenticator.p &&
	    r.p == authenticator.p + m.raw.len &&
	    r.left == authenticator.len - m.raw.len; */
	if (m.type != HS_FINISHED) {
		p.certificate = m;
		if (p.certificate.type != HS_CERTIFICATE)
			rd_fail(&r, ATLS_E_FORMAT);
		p.certificate_verify = hs_take(&r);
		if (p.certificate_verify.type != HS_CERTIFICATE_VERIFY)
			rd_fail(&r, ATLS_E_FORMAT);
		/*@ assert two: r.rc == ATLS_OK ==>
		    p.certificate.raw.p == authenticator.p &&
		    p.certificate_verify.raw.p == authenticator.p +
		    p.certificate.raw.len && r.p == authenticator.p +
		    (p.certificate.raw.len + p.certificate_verify.raw.len) &&
		    r.left == authenticator.len - p.certificate.raw.len -
		    p.certificate_verify.raw.len; */
		m = hs_take(&r);
		/*@ assert three: r.rc == ATLS_OK ==> m.raw.p ==
		    authenticator.p + (p.certificate.raw.len +
		    p.certificate_verify.raw.len); */
	}
	p.finished = m;
	if (p.finished.type != HS_FINISHED)
		rd_fail(&r, ATLS_E_FORMAT);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ea.messages", r.off,
		    "%zu octets", authenticator.len);
	*out = p;
	return ATLS_OK;
}

/* RFC 9261, 5.2.4: Certificate, CertificateVerify, Finished; 6: Finished. */
/*@ assigns *o, SAID;
    ensures told{Pre,Post}(3, o, \result); */
static int
check_messages(struct opening *o)
{
	struct rd body;

	if (ea_split(o->a->raw, &o->parts, &o->why) != ATLS_OK)
		return 0;
	body = o->parts.finished.body;
	if (body.left != crypto_hash_len(o->info.hash)) {
		(void)err_set(&o->why, ATLS_E_FORMAT, "ea.finished", body.off,
		    "%zu octets", body.left);
		return 0;
	}
	o->a->certificate = o->parts.certificate.raw;
	o->a->certificate_verify = o->parts.certificate_verify.raw;
	o->a->verify_data = rd_rest(&body);
	return 1;
}

/* RFC 9261, 5.2.1: the context of the request; spontaneous: a new one.  What
 * refuses (6) has that of the request, so none if nothing was asked. */
/*@ assigns *o, SAID;
    ensures told{Pre,Post}(4, o, \result); */
static int
check_context(struct opening *o)
{
	bool spontaneous = o->asked.raw.len == 0;
	struct rd body = o->parts.certificate.body;
	struct rd context = rd_sub(&body, 1);

	o->a->context = o->asked.context;
	if (o->parts.certificate.type != 0) {
		o->a->context = rd_rest(&context);
		if (rd_done(&context) != ATLS_OK) {
			(void)err_set(&o->why, rd_done(&context),
			    "ea.context", context.off, "cut short");
			return 0;
		}
	}
	if (o->a->context.len == 0 || (!spontaneous &&
	    !atls_ct_eq(o->a->context, o->asked.context))) {
		(void)err_set(&o->why, ATLS_E_PEER, "ea.context", body.off,
		    "not that of the request");
		return 0;
	}
	if (ea_context_id(o->a->context, &o->id, &o->why) != ATLS_OK)
		return 0;
	if (ea_context_state(o->ea, o->id) ==
	    (spontaneous ? EA_UNSEEN : EA_ISSUED))
		return 1;
	(void)err_set(&o->why, ATLS_E_PEER, "ea.context", body.off,
	    "not one that awaits an answer");
	return 0;
}

/* RFC 9261, 5.2.3; for an empty authenticator 6. */
/*@ assigns *o, SAID;
    ensures told{Pre,Post}(5, o, \result); */
static int
check_finished(struct opening *o)
{
	struct ea_transcript t = { .request = o->a->request,
	    .certificate = o->a->certificate,
	    .certificate_verify = o->a->certificate_verify };
	uint8_t want[ATLS_HASH_MAX];
	enum atls_rc rc;
	bool equal;

	if (ea_keys(o->ea, &o->info, o->maker, &t.keys, &o->why) != ATLS_OK)
		return 0;
	if (o->parts.certificate.type != 0)
		rc = ea_verify_data(&t, want, &o->why);
	else
		rc = ea_refusal_data(t.keys, t.request, o->a->context, want,
		    &o->why);
	if (rc != ATLS_OK)
		return 0;
	equal = atls_ct_eq(o->a->verify_data, (struct atls_bytes){ want,
	    crypto_hash_len(o->info.hash) });
	atls_wipe(want, sizeof(want));
	if (equal)
		return 1;
	(void)err_set(&o->why, ATLS_E_SIG, "ea.finished", 0,
	    "not of this connection and request");
	return 0;
}

/* One answer to a request, and "no" is one. */
/*@ assigns *o, SAID;
    ensures told{Pre,Post}(6, o, \result); */
static int
check_not_refused(struct opening *o)
{
	if (o->parts.certificate.type != 0)
		return 1;
	if (ea_context_move(o->ea, o->id, EA_ISSUED, EA_SPENT, &o->why) !=
	    ATLS_OK)
		return 0;
	(void)err_set(&o->why, ATLS_E_REFUSED, "ea", 0,
	    "empty authenticator");
	return 0;
}

/*@ assigns *o, SAID;
    ensures told{Pre,Post}(7, o, \result); */
static int
check_entries(struct opening *o)
{
	struct rd body = o->parts.certificate.body;
	struct ea_offer offer;
	enum atls_rc rc;

	if (ea_offer(o->ea, o->asked.raw.len != 0 ? &o->asked : NULL, &offer,
	    &o->why) != ATLS_OK)
		return 0;
	if ((rc = ea_entries_read(&body, &offer, o->a)) == ATLS_OK)
		return 1;
	(void)err_set(&o->why, rc, "ea.certificate", body.off, "entry %zu",
	    o->a->nder);
	return 0;
}

/* RFC 8446, 4.4.3 */
/*@ requires rd_ok(*r) && \valid(r) && \valid(a) && \separated(r, a);
    assigns *r, a->scheme, a->signature;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures view_ok(a->signature) && rd_view{Pre,Post}(r, a->signature);
    ensures \let p = \old(r->p); \result == ATLS_OK ==>
	a->scheme == be(p, 2) && a->signature.len == be(p + 2, 2) &&
	a->signature.len > 0 && \old(r->left) == 4 + a->signature.len; */
static enum atls_rc
read_certificate_verify(struct rd *r, struct ea_auth *a)
{
	struct rd sig;

	a->scheme = (uint16_t)rd_be(r, 2);
	sig = rd_sub(r, 2);
	a->signature = rd_rest(&sig);
	if (a->signature.len == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return rd_done(r);
}

/*@ assigns *o, SAID;
    ensures told{Pre,Post}(8, o, \result); */
static int
check_certificate_verify(struct opening *o)
{
	struct rd r = o->parts.certificate_verify.body;
	enum atls_rc rc;

	if ((rc = read_certificate_verify(&r, o->a)) == ATLS_OK)
		return 1;
	(void)err_set(&o->why, rc, "ea.certificate_verify", r.off,
	    "scheme 0x%04x", o->a->scheme);
	return 0;
}

/*@ requires \valid(o) && nsaid == 0;
    assigns *o, nsaid, said[..], said_what[..], said_of[..];
    ensures iff: \result == 1 <==> all_said(0, 9);
    ensures all_of(o); */
static int
all_checks(struct opening *o)
{
	if (check_channel(o) != 1)
		return 0;
	if (check_size(o) != 1)
		return 0;
	if (check_request(o) != 1)
		return 0;
	if (check_messages(o) != 1)
		return 0;
	if (check_context(o) != 1)
		return 0;
	if (check_finished(o) != 1)
		return 0;
	if (check_not_refused(o) != 1)
		return 0;
	if (check_entries(o) != 1)
		return 0;
	if (check_certificate_verify(o) != 1)
		return 0;
	return 1;
}

/*@ requires \valid(out) && \valid(ea) && nsaid == 0;
    requires \separated(out, ea);
    ensures iff: \result == ATLS_OK <==> all_said(0, 9); */
enum atls_rc
ea_open(struct atls_ea *ea, struct atls_bytes request,
    struct atls_bytes authenticator, struct ea_auth *out, struct atls_err *err)
{
	struct opening o = { .ea = ea, .a = out };

	*out = (struct ea_auth){ .request = request, .raw = authenticator };
	/*@ assert o.ea == ea && o.a == out && o.a->request == request &&
	    o.a->raw == authenticator; */
	if (all_checks(&o) != 1) {
		*out = (struct ea_auth){ 0 };
		return ea_reject(&o.why, err);
	}
	return ATLS_OK;
}
