/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../base/said.h"
#include "object.h"

/*
 * The second half of validation: what needs the peer's certificates.  Cheap
 * checks first; the context is spent last, by success alone, so that nobody
 * can spend it for the peer.
 */

struct closing {
	struct atls_ea		 *ea;
	const struct ea_auth	 *a;
	struct atls_trust	 *trust;
	const char		 *name;
	int64_t			  now;
	struct atls_channel_info  info;
	enum atls_role		  maker;
	bool			  spontaneous;
	struct ea_id		  id;
	struct crypto_chain	 *chain;
	int64_t			  not_after;
	struct atls_err		  why;
};

/* Each check is 1 for passed; what is not 1 has set c->why. */

/*@ ghost struct closing *said_of[16]; */
/*@ predicate told{A,B}(integer what, struct closing *c, integer result) =
	told_it{A,B}(what, result) &&
	\at(said_of[\at(nsaid, A)], B) == c &&
	\at(c->ea, B) == \at(c->ea, A) && \at(c->a, B) == \at(c->a, A) &&
	\at(c->trust, B) == \at(c->trust, A) &&
	\at(c->name, B) == \at(c->name, A) &&
	\at(c->now, B) == \at(c->now, A);
    predicate all_of(struct closing *c) =
	\forall integer i; 0 <= i < nsaid ==> said_of[i] == c;
    */

/*@ assigns *c, SAID;
    ensures told{Pre,Post}(0, c, \result); */
static int
check_channel(struct closing *c)
{
	if (ea_channel_fit(&c->ea->channel, &c->info, &c->why) != 1)
		return 0;
	c->maker = c->info.role == ATLS_SERVER ? ATLS_CLIENT : ATLS_SERVER;
	return 1;
}

/* Again: another authenticator may have been accepted in between. */
/*@ assigns *c, SAID;
    ensures told{Pre,Post}(1, c, \result); */
static int
check_context(struct closing *c)
{
	c->spontaneous = c->a->request.len == 0;
	if (ea_context_id(c->a->context, &c->id, &c->why) != ATLS_OK)
		return 0;
	if (ea_context_state(c->ea, c->id) ==
	    (c->spontaneous ? EA_UNSEEN : EA_ISSUED))
		return 1;
	(void)err_set(&c->why, ATLS_E_PEER, "ea.context", 0,
	    "not one that awaits an answer");
	return 0;
}

/* RFC 9261, 5.2.2: valid for TLS 1.3, and offered. */
/*@ assigns *c, SAID;
    ensures told{Pre,Post}(2, c, \result); */
static int
check_scheme(struct closing *c)
{
	struct atls_ea_request asked;
	struct ea_offer offer;

	if (!c->spontaneous && ea_request_read(c->a->request, &asked,
	    &c->why) != ATLS_OK)
		return 0;
	if (ea_offer(c->ea, c->spontaneous ? NULL : &asked, &offer,
	    &c->why) != ATLS_OK)
		return 0;
	if (ea_listed(ea_schemes, EA_NSCHEMES, c->a->scheme) &&
	    ea_listed(offer.scheme, offer.nscheme, c->a->scheme))
		return 1;
	(void)err_set(&c->why, ATLS_E_SIG, "ea.certificate_verify.scheme", 0,
	    "0x%04x was not offered", c->a->scheme);
	return 0;
}

/*@ assigns *c, SAID;
    ensures told{Pre,Post}(3, c, \result); */
static int
check_decoded(struct closing *c)
{
	return crypto_chain_get(c->trust, c->a->der, c->a->nder, &c->chain,
	    &c->why) == ATLS_OK;
}

/* RFC 9261, 5.2.2.  That scheme and key fit is crypto_verify()'s to say. */
/*@ assigns *c, SAID;
    ensures told{Pre,Post}(4, c, \result); */
static int
check_signature(struct closing *c)
{
	struct ea_transcript t = { .request = c->a->request,
	    .certificate = c->a->certificate };
	uint8_t octets[EA_TBS_MAX];
	struct atls_bytes tbs;
	enum atls_rc rc;

	if (ea_keys(c->ea, &c->info, c->maker, &t.keys, &c->why) != ATLS_OK ||
	    ea_tbs(&t, octets, &tbs, &c->why) != ATLS_OK)
		return 0;
	if ((rc = crypto_verify(crypto_chain_key(c->chain), c->a->scheme, tbs,
	    c->a->signature)) == ATLS_OK)
		return 1;
	(void)err_set(&c->why, rc, "ea.certificate_verify", 0,
	    "scheme 0x%04x", c->a->scheme);
	return 0;
}

/* RFC 9261, 7.4; that the chain's own signatures are of algorithms we offered
 * (RFC 8446, 4.2.3) is part of path validation. */
/*@ assigns *c, SAID;
    ensures told{Pre,Post}(5, c, \result); */
static int
check_chain(struct closing *c)
{
	if (c->trust == NULL)		/* the caller answers for that */
		return 1;
	return crypto_chain_verify(c->chain, c->trust, (unsigned)c->maker,
	    c->name, c->now, &c->not_after, "ea.chain", &c->why) == ATLS_OK;
}

/* RFC 9261, 7.4: no second authenticator with this context. */
/*@ assigns *c, SAID;
    ensures told{Pre,Post}(6, c, \result); */
static int
check_marked(struct closing *c)
{
	return ea_context_move(c->ea, c->id,
	    c->spontaneous ? EA_UNSEEN : EA_ISSUED, EA_SPENT, &c->why) ==
	    ATLS_OK;
}

/*@ requires \valid(c) && nsaid == 0;
    assigns *c, nsaid, said[..], said_what[..], said_of[..];
    ensures iff: \result == 1 <==> all_said(0, 7);
    ensures all_of(c); */
static int
all_checks(struct closing *c)
{
	if (check_channel(c) != 1)
		return 0;
	if (check_context(c) != 1)
		return 0;
	if (check_scheme(c) != 1)
		return 0;
	if (check_decoded(c) != 1)
		return 0;
	if (check_signature(c) != 1)
		return 0;
	if (check_chain(c) != 1)
		return 0;
	if (check_marked(c) != 1)
		return 0;
	return 1;
}

/*@ assigns *out; */
static void
fill_peer(const struct closing *c, struct atls_ea_peer *out)
{
	size_t i;

	out->context = c->a->context;
	for (i = 0; i < c->a->nder; i++)
		out->chain[i] = c->a->der[i];
	out->nchain = c->a->nder;
	out->spki = crypto_chain_spki(c->chain);
	for (i = 0; i < c->a->next; i++)
		out->ext[i] = c->a->ext[i];
	out->next = c->a->next;
	for (i = 0; i < c->a->nother; i++)
		out->other[i] = c->a->other[i];
	out->nother = c->a->nother;
	out->scheme = c->a->scheme;
	out->not_after = c->not_after;
}

/*@ requires \valid(out) && \valid(ea) && nsaid == 0;
    requires \separated(out, ea);
    ensures iff: \result == ATLS_OK <==> all_said(0, 7); */
enum atls_rc
ea_close(struct atls_ea *ea, const struct ea_auth *a, struct atls_trust *trust,
    const char *name, int64_t now, struct atls_ea_peer *out,
    struct atls_err *err)
{
	struct closing c = { .ea = ea, .a = a, .trust = trust, .name = name,
	    .now = now };

	/*@ assert c.ea == ea && c.a == a && c.trust == trust &&
	    c.name == name && c.now == now; */
	*out = (struct atls_ea_peer){ 0 };
	if (all_checks(&c) != 1) {
		crypto_chain_free(c.chain);
		return ea_reject(&c.why, err);
	}
	fill_peer(&c, out);
	crypto_chain_free(ea->chain);
	ea->chain = c.chain;		/* out->spki is a view of it */
	return ATLS_OK;
}

enum atls_rc
atls_ea_validate(struct atls_ea *ea, struct atls_bytes request,
    struct atls_bytes authenticator, struct atls_trust *trust,
    const char *name, int64_t now, struct atls_ea_peer *out,
    struct atls_err *err)
{
	struct ea_auth a;
	enum atls_rc rc;

	*out = (struct atls_ea_peer){ 0 };
	if ((rc = ea_open(ea, request, authenticator, &a, err)) != ATLS_OK)
		return rc;
	return ea_close(ea, &a, trust, name, now, out, err);
}
