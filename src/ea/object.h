/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EA_OBJECT_H
#define EA_OBJECT_H

#include "../codec/hs.h"
#include "ea.h"

/* The inside of struct atls_ea, and what its files share. */

#define EA_TLS13		0x0304
#define EA_CONTEXT_MAX		255	/* octets of a context: one length */
#define EA_OFFERED_MAX		128	/* schemes or types of a ClientHello */
#define EA_TBS_MAX		(64 + 22 + 1 + ATLS_HASH_MAX)

/* Where a context stands.  It moves forward only, and is never forgotten. */
enum ea_state {
	EA_UNSEEN = 0,		/* not in the table */
	EA_ISSUED,		/* in a request of ours, no answer yet */
	EA_RECEIVED,		/* in a request of the peer, not answered */
	EA_SPENT,		/* in an authenticator, of either side */
};

/* What a context is known by: 16 octets of its SHA-256. */
struct ea_id {
	uint64_t	w[2];
};

struct ea_seen {
	struct ea_id	id;
	enum ea_state	state;
};

/* RFC 9261, 5.1; hash is 0 while they are not known. */
struct ea_keys {
	enum atls_hash	hash;
	uint8_t		context[ATLS_HASH_MAX];	/* Handshake Context */
	uint8_t		mac[ATLS_HASH_MAX];	/* Finished MAC Key */
};

struct atls_ea {
	struct atls_channel	 channel;
	struct ea_keys		 by_client, by_server;
	struct ea_seen		*seen;
	size_t			 nseen, cap;
	struct crypto_chain	*chain;		/* of the last validation */
};

/* Our role.  Unlike ea_channel_fit(), also while the handshake runs. */
ATLS_CHECKED enum atls_rc ea_role(const struct atls_ea *, enum atls_role *,
		    struct atls_err *);

/*
 * The table of contexts: one namespace for both directions and both types of
 * request (RFC 9261, 4).  ea_context_move() fails with E_STATE if it does not
 * stand at `from`, and with E_LIMIT or E_MEM if it is new and there is no
 * room.
 */
ATLS_CHECKED enum atls_rc ea_context_id(struct atls_bytes context,
		    struct ea_id *, struct atls_err *);
enum ea_state	ea_context_state(const struct atls_ea *, struct ea_id);
ATLS_CHECKED enum atls_rc ea_context_move(struct atls_ea *, struct ea_id,
		    enum ea_state from, enum ea_state to, struct atls_err *);

/* The keys of authenticators that `maker` makes on a fit connection; asked
 * for once, then kept.  Errors: those of the exporter, E_STATE. */
ATLS_CHECKED enum atls_rc ea_keys(struct atls_ea *,
		    const struct atls_channel_info *, enum atls_role maker,
		    const struct ea_keys **, struct atls_err *);

/* What is signed and authenticated: octets as sent, or empty. */
struct ea_transcript {
	const struct ea_keys	*keys;
	struct atls_bytes	 request, certificate, certificate_verify;
};

/* What CertificateVerify signs: RFC 9261, 5.2.2.  tbs is a view of out. */
ATLS_CHECKED enum atls_rc ea_tbs(const struct ea_transcript *,
		    uint8_t out[EA_TBS_MAX], struct atls_bytes *tbs,
		    struct atls_err *);
/* What Finished carries, as long as the hash: RFC 9261, 5.2.3. */
ATLS_CHECKED enum atls_rc ea_verify_data(const struct ea_transcript *,
		    uint8_t out[ATLS_HASH_MAX], struct atls_err *);
/* The same in a refusal, for a Certificate without entries that is never
 * sent: RFC 9261, 6. */
ATLS_CHECKED enum atls_rc ea_refusal_data(const struct ea_keys *,
		    struct atls_bytes request, struct atls_bytes context,
		    uint8_t out[ATLS_HASH_MAX], struct atls_err *);

/* Every enum atls_scheme, as our requests list them. */
#define EA_NSCHEMES	6
extern const uint16_t ea_schemes[EA_NSCHEMES];

/*@ axiomatic Extensions {
	// where the extension number n of the list at p begins
	logic integer ext_at{L}(uint8_t *p, integer n) reads p[0 ..];
	axiom ext_first{L}: \forall uint8_t *p; ext_at(p, 0) == 0;
	axiom ext_next{L}: \forall uint8_t *p, integer n; 0 <= n ==>
	    ext_at(p, n + 1) == ext_at(p, n) + 4 +
	    be(p + (ext_at(p, n) + 2), 2);
    }
    predicate ext_is{L}(struct atls_ea_ext *e, uint8_t *p) =
	e->type == be(p, 2) && e->data.len == be(p + 2, 2) &&
	(e->data.len > 0 ==> e->data.p == p + 4);

    // These n are the first extensions of the list of len octets at p.
    predicate exts_of{L}(struct atls_ea_ext *ext, integer n, uint8_t *p,
	integer len) = 0 <= n <= ATLS_EA_EXTS_MAX &&
	\forall integer i; 0 <= i < n ==> 0 <= ext_at(p, i) &&
	    ext_is(ext + i, p + ext_at(p, i)) &&
	    ext_at(p, i) + 4 + ext[i].data.len <= len;
    */

/* Reads a list of extensions to its end; how many there are. */
/*@ requires \valid(list) && rd_ok(*list);
    requires \valid(ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    requires \separated(list, ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    assigns *list, ext[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*list) && rd_went{Pre,Post}(list);
    ensures exts_of(ext, \result, \old(list->p), \old(list->left));
    ensures list->rc == ATLS_OK ==> list->left == 0 &&
	ext_at(\old(list->p), \result) == \old(list->left); */
size_t		ea_exts_read(struct rd *list,
		    struct atls_ea_ext ext[ATLS_EA_EXTS_MAX]);

/* The same of extensions<0..2^16-1>, RFC 8446, 4.2: with their length before. */
/*@ requires \valid(r) && rd_ok(*r);
    requires \valid(ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    requires \separated(r, ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    assigns *r, ext[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures exts_of(ext, \result, \old(r->p) + 2, be(\old(r->p), 2));
    ensures \result > 0 ==> 2 + be(\old(r->p), 2) <= \old(r->left);
    ensures r->rc == ATLS_OK ==>
	ext_at(\old(r->p) + 2, \result) == be(\old(r->p), 2) &&
	r->left == \old(r->left) - 2 - be(\old(r->p), 2); */
size_t		ea_exts_list(struct rd *r,
		    struct atls_ea_ext ext[ATLS_EA_EXTS_MAX]);

/* Is there one of its type before number i? */
/*@ requires \valid_read(ext + (0 .. i));
    assigns \nothing;
    ensures \result <==> \exists integer j; 0 <= j < i &&
	ext[j].type == ext[i].type; */
bool		ea_ext_again(const struct atls_ea_ext *ext, size_t i);

/* Reads a whole request, of either side. */
/*@ requires view_ok(raw) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    ensures \result == ATLS_OK ==> out->raw == raw &&
	view_ok(out->context) && view_in(out->context, raw);
    ensures \result == ATLS_OK ==> out->nscheme <= EA_NSCHEMES &&
	out->next <= ATLS_EA_EXTS_MAX; */
ATLS_CHECKED enum atls_rc ea_request_read(struct atls_bytes raw,
		    struct atls_ea_request *out, struct atls_err *err);

/* What an authenticator may use: RFC 9261, 5.2.1 and 5.2.2. */
struct ea_offer {
	uint16_t	scheme[EA_OFFERED_MAX], type[EA_OFFERED_MAX];
	size_t		nscheme, ntype;
};

/*@ predicate offered(struct ea_offer o, integer type) =
	\exists integer i; 0 <= i < o.ntype && o.type[i] == type;
    */

/* Of the request; NULL: of the ClientHello.  Errors: E_STATE. */
ATLS_CHECKED enum atls_rc ea_offer(const struct atls_ea *,
		    const struct atls_ea_request *, struct ea_offer *,
		    struct atls_err *);
/*@ requires n == 0 || \valid_read(v + (0 .. n - 1));
    assigns \nothing;
    ensures \result <==> \exists integer i; 0 <= i < n && v[i] == x; */
bool		ea_listed(const uint16_t *v, size_t n, unsigned x);

/* May an extension of this type be in that message?  RFC 8446, 4.2. */
enum ea_place { EA_IN_REQUEST_13 = 1, EA_IN_REQUEST_17 = 2, EA_IN_CERT = 4 };
/*@ assigns \nothing; */
bool		ea_ext_fits(uint16_t type, enum ea_place);

/* Hands on why a check said no.  Never ATLS_OK. */
/*@ assigns *err;
    ensures \result != ATLS_OK; */
enum atls_rc	ea_reject(const struct atls_err *why, struct atls_err *err);

/* The messages of an authenticator; certificate.type is 0 if empty. */
struct ea_parts {
	struct hs_msg	certificate, certificate_verify, finished;
};

/*@ predicate msg_is{L}(struct hs_msg m, integer type, uint8_t *p) =
	m.type == type && p[0] == type && m.raw.p == p &&
	m.body.left == be(p + 1, 3) && m.raw.len == HS_HEADER + m.body.left &&
	m.body.rc == ATLS_OK && rd_ok(m.body) &&
	(m.body.left > 0 ==> m.body.p == p + HS_HEADER);
    predicate msg_none(struct hs_msg m) = m.type == 0 && m.raw.len == 0 &&
	m.body.left == 0;
    predicate msg_in(struct hs_msg m, struct atls_bytes in) =
	view_in(m.raw, in) && rd_in(m.body, in);
    */

/*@ requires view_ok(authenticator) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    ensures msg_in(out->certificate, authenticator);
    ensures msg_in(out->certificate_verify, authenticator);
    ensures msg_in(out->finished, authenticator);
    ensures rd_ok(out->certificate.body) &&
	rd_ok(out->certificate_verify.body) && rd_ok(out->finished.body);
    ensures empty: \result == ATLS_OK && out->certificate.type == 0 ==>
	msg_none(out->certificate) && msg_none(out->certificate_verify) &&
	msg_is(out->finished, HS_FINISHED, authenticator.p) &&
	authenticator.len == out->finished.raw.len;
    ensures one: \result == ATLS_OK && out->certificate.type != 0 ==>
	msg_is(out->certificate, HS_CERTIFICATE, authenticator.p);
    ensures two: \result == ATLS_OK && out->certificate.type != 0 ==>
	msg_is(out->certificate_verify, HS_CERTIFICATE_VERIFY,
	    authenticator.p + out->certificate.raw.len);
    ensures three: \result == ATLS_OK && out->certificate.type != 0 ==>
	msg_is(out->finished, HS_FINISHED, authenticator.p +
	    (out->certificate.raw.len + out->certificate_verify.raw.len));
    ensures whole: \result == ATLS_OK && out->certificate.type != 0 ==>
	authenticator.len == out->certificate.raw.len +
	out->certificate_verify.raw.len + out->finished.raw.len; */
ATLS_CHECKED enum atls_rc ea_split(struct atls_bytes authenticator,
		    struct ea_parts *out, struct atls_err *err);

/*@ predicate entries_ok(struct ea_auth *a) = a->nder <= ATLS_CHAIN_MAX &&
	a->nother <= ATLS_EA_EXTS_MAX && a->next <= ATLS_EA_EXTS_MAX;
    */

/*
 * Reads context and entries of a Certificate into a: all certificates, the
 * first entry's extensions, types of the others'.  E_FORMAT, E_TRUNC, E_TRAIL,
 * E_LIMIT; body->off is then where it failed.  RFC 8446, 4.4.2; RFC 9261, 5.2.1.
 */
/*@ requires \valid(body) && rd_ok(*body) && \valid_read(offer);
    requires offer->ntype <= EA_OFFERED_MAX;
    requires \valid(a) && entries_ok(a) && \separated(body, offer, a);
    assigns *body, a->der[0 .. ATLS_CHAIN_MAX - 1], a->nder, a->next,
	a->ext[0 .. ATLS_EA_EXTS_MAX - 1], a->nother,
	a->other[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures entries_ok(a); */
ATLS_CHECKED enum atls_rc ea_entries_read(struct rd *body,
		    const struct ea_offer *offer, struct ea_auth *a);

#endif
