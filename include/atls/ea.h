/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_EA_H
#define ATLS_EA_H

#include <atls/backend.h>

#define ATLS_EA_MAX		262144	/* octets of an authenticator */
#define ATLS_EA_REQUEST_MAX	4096	/* octets of a request */
#define ATLS_EA_EXTS_MAX	16	/* extensions in one list */
#define ATLS_EA_CONTEXTS_MAX	4096	/* contexts seen on one connection */

struct atls_ea_ext {
	uint16_t		type;
	struct atls_bytes	data;
};

/*
 * Exported authenticators (RFC 9261) of one connection: its exporter values
 * and every certificate_request_context that was issued, received or
 * validated on it.  Knows nothing of attestation.  Not for use by two threads
 * at a time.  channel is copied; its conn must outlive the result.
 * NULL: E_MEM.  Whether the connection is fit is looked at in each call.
 */
struct atls_ea;

struct atls_ea	*atls_ea_new(const struct atls_channel *, struct atls_err *);
void		 atls_ea_free(struct atls_ea *);

/*
 * Makes a request: a CertificateRequest (13) by a server, a
 * ClientCertificateRequest (17) by a client.  May be called before the
 * handshake is done: nothing in it depends on keys.
 *
 * context	1..255 octets, new on this connection, not guessable.
 * ext		besides signature_algorithms, which is written first and lists
 *		every enum atls_scheme.
 * Errors: E_ARG (also: an extension that is not for a request, or twice),
 * E_STATE (context seen before; connection not fit), E_SPACE, E_LIMIT, E_MEM.
 * Source: RFC 9261, 4.
 */
ATLS_CHECKED enum atls_rc atls_ea_request(struct atls_ea *,
			    struct atls_bytes context,
			    const struct atls_ea_ext *ext, size_t next,
			    struct atls_buf *out, struct atls_err *);

/* The context of a request or an authenticator.  RFC 9261, 7.2.
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; E_NONE for an empty one. */
ATLS_CHECKED enum atls_rc atls_ea_context(struct atls_bytes message,
			    struct atls_bytes *context, struct atls_err *);

/* What a request asks for.  Views into the request. */
struct atls_ea_request {
	uint8_t			type;		/* 13 or 17 */
	struct atls_bytes	raw, context;
	uint16_t		scheme[32];	/* those we know, in order */
	size_t			nscheme;
	struct atls_ea_ext	ext[ATLS_EA_EXTS_MAX];
	size_t			next;
};

/*
 * Reads a request of the peer and takes note of its context.
 * Errors: E_STATE (connection not fit), E_TRUNC, E_TRAIL, E_FORMAT (also:
 * wrong type for the peer's role, an extension twice or not for a request, no
 * signature_algorithms), E_LIMIT, E_PEER (context seen before on this
 * connection), E_MEM.
 */
ATLS_CHECKED enum atls_rc atls_ea_receive(struct atls_ea *,
			    struct atls_bytes request,
			    struct atls_ea_request *out, struct atls_err *);

/*
 * Makes an authenticator.
 *
 * request	of atls_ea_receive(), or NULL: a spontaneous one, by a server.
 * context	for a spontaneous one: new and not guessable; else empty.
 * ext		extensions of the first certificate entry; each type must be in
 *		the request (RFC 9261, 5.2.1).
 * out		with room for the longest signature, ATLS_SIG_MAX.
 * Errors: E_STATE (connection not fit, client without request, answered
 * already), E_ARG, E_UNKNOWN (no common signature scheme: refuse instead),
 * E_SPACE, E_LIMIT, E_CRYPTO, and those of id->sign().  After a failure the
 * request is still to be answered.
 */
ATLS_CHECKED enum atls_rc atls_ea_authenticate(struct atls_ea *,
			    const struct atls_ea_request *request,
			    struct atls_bytes context,
			    const struct atls_identity *id,
			    const struct atls_ea_ext *ext, size_t next,
			    struct atls_buf *out, struct atls_err *);

/* Makes an empty authenticator: an authenticated "no".  RFC 9261, 6. */
ATLS_CHECKED enum atls_rc atls_ea_refuse(struct atls_ea *,
			    const struct atls_ea_request *request,
			    struct atls_buf *out, struct atls_err *);

/* Who the peer is, after validation.  Views into the authenticator; spki is
 * good until the next validation, or atls_ea_free(). */
struct atls_ea_peer {
	struct atls_bytes	context;
	struct atls_bytes	chain[ATLS_CHAIN_MAX];	/* leaf first */
	size_t			nchain;
	struct atls_bytes	spki;		/* DER, of the leaf */
	struct atls_ea_ext	ext[ATLS_EA_EXTS_MAX];	/* of entry 0 */
	size_t			next;
	uint16_t		other[ATLS_EA_EXTS_MAX]; /* types of extensions
						 * in the other entries */
	size_t			nother;
	uint16_t		scheme;
	int64_t			not_after;	/* of the chain and its CRLs;
						 * 0 without trust */
};

/*
 * Validates an authenticator of the peer.
 *
 * request	the very octets of our request; empty: spontaneous.
 * trust, name	whom the chain must lead to, and the DNS name or IP address in
 *		its leaf; NULL name: any.  trust NULL: the chain is not looked
 *		at, and the caller must say so in its own verdict.
 * now		Unix seconds.
 * out		set on ATLS_OK only, else zeroed.
 * Errors, first to last: E_STATE; E_LIMIT; E_ARG (request is not one of ours);
 * E_TRUNC, E_TRAIL, E_FORMAT of the messages; E_PEER (context not ours, or
 * used); E_SIG of Finished; E_REFUSED (a well-formed empty authenticator,
 * which is an answer, too); E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT of what is in
 * the messages; E_SIG of CertificateVerify; E_CHAIN, E_STALE, E_REVOKED.
 * Only ATLS_OK and E_REFUSED end the wait for an answer.
 * Source: RFC 9261, 5.2, 6 and 7.4.
 */
ATLS_CHECKED enum atls_rc atls_ea_validate(struct atls_ea *,
			    struct atls_bytes request,
			    struct atls_bytes authenticator,
			    struct atls_trust *trust, const char *name,
			    int64_t now, struct atls_ea_peer *out,
			    struct atls_err *);

/*
 * For people who look at messages: the fields of a request, of either side,
 * or of an authenticator, and nothing is checked but the grammar.  spki and
 * not_after of out stay empty.  Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT;
 * E_REFUSED for an empty authenticator.
 */
ATLS_CHECKED enum atls_rc atls_ea_request_parse(struct atls_bytes request,
			    struct atls_ea_request *out, struct atls_err *);
ATLS_CHECKED enum atls_rc atls_ea_parse(struct atls_bytes authenticator,
			    struct atls_ea_peer *out, struct atls_err *);

#endif
