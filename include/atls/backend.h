/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_BACKEND_H
#define ATLS_BACKEND_H

#include <sys/types.h>

#include <atls/identity.h>

enum atls_role { ATLS_CLIENT = 1, ATLS_SERVER = 2 };

/* What the core must know of a connection before it trusts its exporter. */
struct atls_channel_info {
	enum atls_role	role;		/* ours */
	unsigned	version;	/* 0x0304 is TLS 1.3 */
	enum atls_hash	hash;		/* of the cipher suite; 0: none */
	bool		established;	/* both Finished were verified */
	bool		resumed;	/* by a ticket or another PSK */
	bool		early_data;	/* 0-RTT was sent or accepted */
	bool		tickets;	/* a ticket was sent, or can be */
	bool		peer_verified;	/* its chain was, and, by a client, its
					 * name, in the handshake */
};

/* What the peer's handshake carried, of its Certificate message.  Views live
 * as long as conn; what was not there is empty. */
struct atls_carried {
	struct atls_bytes	certificate;	/* of its leaf, DER */
	struct atls_bytes	evidence;	/* of the leaf's entry: what the
						 * extension of struct
						 * atls_carrier holds */
	struct atls_bytes	transcript;	/* Transcript-Hash(ClientHello ..
						 * ServerHello), RFC 8446,
						 * 4.4.1 */
	struct atls_bytes	nonce;		/* we sent for it */
};

/* What the core asks of one live TLS connection. */
struct atls_channel_ops {
	ATLS_CHECKED enum atls_rc (*info)(void *conn,
	    struct atls_channel_info *);

	/* RFC 8446, 7.5, over the exporter_master_secret. */
	ATLS_CHECKED enum atls_rc (*exporter)(void *conn, const char *label,
	    struct atls_bytes context, uint8_t *out, size_t outlen);

	/* DER SubjectPublicKeyInfo of the leaf that side showed in the
	 * handshake; empty if it showed none.  Lives as long as conn. */
	ATLS_CHECKED enum atls_rc (*spki)(void *conn, bool of_peer,
	    struct atls_bytes *out);

	/* Of the ClientHello: signature schemes, or extension types.  Only
	 * spontaneous authenticators need it: NULL if it cannot be had. */
	ATLS_CHECKED enum atls_rc (*offered)(void *conn, bool schemes,
	    uint16_t *v, size_t cap, size_t *n);

	/* For evidence that travels inside of the handshake.  E_STATE: it is
	 * not over.  NULL: this library cannot tell. */
	ATLS_CHECKED enum atls_rc (*carried)(void *conn,
	    struct atls_carried *out);
};

/*
 * How evidence gets into a handshake, where it is not in the certificate
 * itself (experimental): draft-fossati-seat-early-attestation.  One extension
 * of ClientHello, EncryptedExtensions, CertificateRequest and the first entry
 * of Certificate, there with a CMW; its media type is negotiated.  Strings
 * must outlive the context.  alert: 0 is handshake_failure.
 */
#define ATLS_CARRIER_MEDIA	16

struct atls_carrier {
	unsigned	 code_point;		/* 0..65535 */
	unsigned	 alert;			/* sent for what is not accepted */
	bool		 ask;			/* the peer must show evidence */
	bool		 nonce;			/* one goes along (TLS-a) */
	const char	*offer;			/* type of ours; NULL: none */
	const char	*accept[ATLS_CARRIER_MEDIA];	/* of the peer's, best
						 * first, until NULL */
};

struct atls_channel {
	const struct atls_channel_ops	*ops;
	void				*conn;	/* SSL *, ... */
};

/* What the connections of one context share.  What is NULL is not used. */
struct atls_tls_setup {
	const struct atls_identity	*identity;	/* required: server */
	struct atls_trust		*trust;		/* of the peer */
	const char			*name;		/* if open() has none */
	bool				 ask_client;	/* server: mutual TLS */
	const struct atls_carrier	*carrier;	/* copied; NULL: none */
	bool				 unverified;	/* any certificate of the
						 * peer is taken: evidence
						 * in it will say */
	bool				 ratls;	/* there is evidence in it: of
						 * up to 256 KiB, and it may be
						 * critical */
};

/* A TLS library: connections over a descriptor.  One constant for each. */
struct atls_backend {
	size_t				 size;	/* sizeof, when compiled */
	const char			*name;	/* "openssl 3.0.22" */
	const struct atls_channel_ops	*channel;

	/* Costly: make one, use it for many connections, also of several
	 * threads; free it after them.  identity stays the caller's and must
	 * outlive ctx; trust may go after the call, name is copied.  Errors:
	 * E_ARG (server without identity, ask_client without trust),
	 * E_CRYPTO, E_FORMAT, E_MEM. */
	ATLS_CHECKED enum atls_rc (*ctx_new)(void **ctx, enum atls_role,
	    const struct atls_tls_setup *, struct atls_err *);
	void	(*ctx_free)(void *ctx);

	/* fd: a connected socket.  name: DNS name or IP address that the
	 * peer's leaf must have, and SNI of a client; NULL: that of setup.
	 * Errors: E_ARG (a client has trust and no name), E_CRYPTO, E_MEM. */
	ATLS_CHECKED enum atls_rc (*open)(void **conn, void *ctx, int fd,
	    const char *name, struct atls_err *);

	/* 1 when done, or ATLS_IO_*: then call again.  first: octets that a
	 * server sends behind its own Finished, before it has the client's;
	 * the same at each call; the client's side gives none. */
	int	(*handshake)(void *conn, struct atls_bytes first,
	    struct atls_err *);
	ssize_t	(*read)(void *conn, uint8_t *, size_t);	/* >0, ATLS_IO_* */
	ssize_t	(*write)(void *conn, const uint8_t *, size_t);
	bool	(*pending)(void *conn);		/* read would not block */
	int	(*shutdown)(void *conn);	/* our close_notify is out: 1 */
	void	(*close)(void *conn);		/* not the descriptor */

	/* After ATLS_IO_WANT_EVIDENCE: what ours must be bound to (our leaf,
	 * the peer's nonce), and the CMW, copied; an empty one: there is none,
	 * and the handshake ends.  E_STATE: not wanted.  E_LIMIT: over 65528
	 * octets.  NULL: this library has no carriers. */
	ATLS_CHECKED enum atls_rc (*wanted)(void *conn,
	    struct atls_carried *ours);
	ATLS_CHECKED enum atls_rc (*give)(void *conn, struct atls_bytes cmw);
};

enum {
	ATLS_IO_EOF = 0,		/* orderly end: close_notify */
	ATLS_IO_FAIL = -1,
	ATLS_IO_WANT_READ = -2,
	ATLS_IO_WANT_WRITE = -3,
	ATLS_IO_WANT_EVIDENCE = -4,	/* of ours: wanted(), give() */
};

#endif
