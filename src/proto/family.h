/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAMILY_H
#define FAMILY_H

#include <atls/config.h>

/* What the peer's handshake carried, ready to be asked about. */
struct family_found {
	enum atls_kind		kind;		/* NONE: raw is a CMW */
	struct atls_bytes	raw;
	struct atls_bytes	report_data;	/* to be found in it: a view of
						 * laid; or empty, and binder */
	uint8_t			laid[64];
	uint8_t			binder[ATLS_HASH_MAX];
	size_t			binderlen;
	enum atls_profile	profile;	/* of binder; 0: that of the
						 * configuration */
	int64_t			until;		/* end of what carries it;
						 * 0: the connection */
};

/* All in which one way of carrying evidence differs from another. */
struct family {
	enum atls_family	 family;
	const char		*name;
	enum atls_binding	 binding;
	enum atls_freshness	 freshness;

	/* Evidence in the handshake, and what it must be bound to by what we
	 * know of the connection.
	 * E_NONE: there is none.  NULL: it comes in an authenticator. */
	ATLS_CHECKED enum atls_rc (*open)(const struct atls_carried *,
	    const struct atls_channel_info *, struct atls_bytes spki,
	    int64_t now, struct family_found *, struct atls_err *);

	/* What ours must be bound to, while the handshake goes on.  NULL: not
	 * in a message of it. */
	ATLS_CHECKED enum atls_rc (*bind)(enum atls_hash,
	    const struct atls_carried *ours, struct atls_bytes spki,
	    uint8_t out[ATLS_HASH_MAX], size_t *outlen);
};

const struct family	*family_of(enum atls_family);	/* NULL: none */

/*
 * draft-fossati-seat-early-attestation, "Attestation binder": the key and the
 * two hellos, that is both key shares; public.  With a nonce of the relying
 * side instead of the hellos: draft-fossati-tls-attestation, as analysed.
 */
ATLS_CHECKED enum atls_rc family_transcript_binder(enum atls_hash,
	    struct atls_bytes transcript, struct atls_bytes spki,
	    uint8_t out[ATLS_HASH_MAX], size_t *outlen);
ATLS_CHECKED enum atls_rc family_nonce_binder(enum atls_hash,
	    struct atls_bytes nonce, struct atls_bytes spki,
	    uint8_t out[ATLS_HASH_MAX], size_t *outlen);

/* Evidence in a certificate: pre.c. */
ATLS_CHECKED enum atls_rc family_pre_open(const struct atls_carried *,
	    const struct atls_channel_info *, struct atls_bytes spki,
	    int64_t now, struct family_found *, struct atls_err *);

#endif
