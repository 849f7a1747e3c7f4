/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_CONN_H
#define ATLS_CONN_H

#include <atls/attester.h>
#include <atls/session.h>

/*
 * The easy way: one descriptor, one TLS connection, attestation in both
 * directions as configured.  No application octet is read or written before
 * the gate is open.  If fd was blocking, calls block, and the timeouts of the
 * configuration hold; if not, they return ATLS_IO_WANT_READ or
 * ATLS_IO_WANT_WRITE and are to be repeated.  (While it is in use fd is set
 * to O_NONBLOCK.)  The clock is time(2).  Not for two threads at a time.
 */
struct atls_conn;

/* What produces our evidence: called from within atls_conn_*, or NULL. */
struct atls_source {
	const struct atls_attester	*attester;
	void				*dev;
};

/* Opens TLS on fd and owns the connection, not fd.  ctx: of the backend's
 * ctx_new(); name: as for its open().  All arguments must outlive the result
 * but config, which is referenced.  NULL: as atls_session_new() and open(). */
struct atls_conn	*atls_conn_open(struct atls_config *, enum atls_role,
			    const struct atls_backend *, void *ctx, int fd,
			    const char *name, const struct atls_source *,
			    struct atls_err *);

/* The same over a TLS connection that is already there (SSL *), whose
 * handshake is done and on which nothing was read or written since.  The
 * caller keeps it.  fd -1: not a descriptor (memory BIO): never waited for. */
struct atls_conn	*atls_conn_attach(struct atls_config *, enum atls_role,
			    const struct atls_backend *, void *tls, int fd,
			    const struct atls_source *, struct atls_err *);

/* Handshake and attestation: 1 when the gate is open, ATLS_IO_*. */
int			 atls_conn_attest(struct atls_conn *);

/* >0 octets, ATLS_IO_EOF, ATLS_IO_*.  Re-attestation happens in here. */
ssize_t			 atls_conn_read(struct atls_conn *, uint8_t *, size_t);

/* >0 octets taken, of which the last may still be inside: atls_conn_tick().
 * ATLS_IO_WANT_READ also where data waits for atls_conn_read() first. */
ssize_t			 atls_conn_write(struct atls_conn *, const uint8_t *,
			    size_t);
bool			 atls_conn_pending(const struct atls_conn *);

/* Writes what is still inside; leases and timeouts: 1, or ATLS_IO_*.  Never
 * blocks.  Call it at atls_conn_deadline(), Unix seconds, at the latest. */
int			 atls_conn_tick(struct atls_conn *);
int64_t			 atls_conn_deadline(const struct atls_conn *);
int			 atls_conn_reattest(struct atls_conn *);

/* Writes what is still inside and says that no more will come: 1, ATLS_IO_*.*/
int			 atls_conn_close(struct atls_conn *);
void			 atls_conn_free(struct atls_conn *);

/* The verdict about the peer, why it failed, and the session behind it. */
const struct atls_result *atls_conn_result(const struct atls_conn *);
const struct atls_err	*atls_conn_error(const struct atls_conn *);
const struct atls_session *atls_conn_session(const struct atls_conn *);

#endif
