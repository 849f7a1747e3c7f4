/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRACE_TLS_H
#define TRACE_TLS_H

#include <atls/identity.h>

#include "trace.h"

/* What one end has seen of a handshake: its own copy. */
struct tls_end {
	uint8_t	cr[32], sr[32];		/* randoms: the two hellos */
	uint8_t	gxy[32];		/* the (EC)DHE secret */
	uint8_t	flight[32];		/* all behind the ServerHello */
};

/* What follows from it: hashes of the secrets; the exporter_master_secret
 * itself; Transcript-Hash(ClientHello .. ServerHello), as long as the hash.
 * RFC 8446, 7.1.  Aborts on failure. */
struct tls_secrets {
	struct ses	s;
	uint8_t		ems[ATLS_HASH_MAX], hellos[ATLS_HASH_MAX];
	size_t		len;
};

void	tls_derive(enum atls_hash, const struct tls_end *,
	    struct tls_secrets *);

#endif
