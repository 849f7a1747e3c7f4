/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BINDER_H
#define BINDER_H

#include <atls/backend.h>

#include "../base/spec.h"

/*
 * What ties evidence to one connection (draft-fossati-seat-expat, "Binder"):
 *
 *	exported = TLS-Exporter("Attestation", certificate_request_context, 32)
 *	binder   = Hash(SubjectPublicKeyInfo || exported)
 *
 * The draft leaves choices open, or contradicts itself.  Ours:
 *
 *	label		"Attestation", as in the formula; the text elsewhere
 *			says "Attestation Binding".  Never taken from a peer.
 *	public_key	the leaf's SubjectPublicKeyInfo, DER, octet for octet.
 *	compared	the binder, not the exported value.
 *	Hash		that of the cipher suite: 32 or 48 octets.
 *	direction	the first octet of every context is the requester's
 *			role.  With one label for both directions an answer
 *			could be reflected to its maker (mutual attestation,
 *			two ends with one key).
 *	nonce		a Verifier's nonce of 32 to 64 octets would be the
 *			rest of the context; today it is 31 random octets.
 */
#define BINDER_LABEL		"Attestation"
#define BINDER_EXPORTED		32		/* octets */
#define BINDER_CONTEXT		32		/* octets of our contexts */

/* A fresh context for a request by `role`.  Errors: E_CRYPTO. */
ATLS_CHECKED enum atls_rc binder_context_new(enum atls_role role,
		    uint8_t out[BINDER_CONTEXT], struct atls_err *);

/* 1 if the context is long enough and was made by the side `role`. */
/*@ requires view_ok(context);
    assigns \nothing;
    ensures \result == 1 ==> context.len >= BINDER_CONTEXT &&
	context.p[0] == role; */
int		binder_context_by(enum atls_role role, struct atls_bytes context);

/*
 * The binder of one request on one connection, for the leaf whose key is
 * spki.  Errors: E_ARG (empty spki or context), those of the exporter.
 */
ATLS_CHECKED enum atls_rc binder_compute(const struct atls_channel *,
		    enum atls_hash, struct atls_bytes context,
		    struct atls_bytes spki, uint8_t out[ATLS_HASH_MAX],
		    size_t *outlen, struct atls_err *);

/*
 * The extension that carries the credential: in a request empty, in the first
 * certificate entry of an authenticator
 *
 *	opaque cmw_data<1..2^16-1>
 */
/*@ requires view_ok(data) && \valid(cmw) && \separated(cmw, err);
    requires data.len == 0 || \separated(data.p + (0 .. data.len - 1), cmw);
    assigns *cmw, *err;
    ensures \let n = cmw->len; \result == ATLS_OK ==> n > 0 &&
	n == be(data.p, 2) && data.len == 2 + n && cmw->p == data.p + 2;
    ensures \result != ATLS_OK ==> cmw->len == 0; */
ATLS_CHECKED enum atls_rc binder_ext_read(struct atls_bytes data,
		    struct atls_bytes *cmw, struct atls_err *err);

#endif
