/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EA_UTIL_H
#define EA_UTIL_H

#include <atls/ea.h>

#include "fake_channel.h"
#include "pki.h"

#define EA_NOW		((int64_t)1790000000)	/* Unix seconds */
#define EA_EXT		0xff77
#define EA_ROOM		8192			/* for one authenticator */

/* Octets of exactly their size on the heap: the sanitizer sees the first one
 * too many.  block_of({}) is a block of no octets. */
struct block {
	uint8_t	*p;
	size_t	 len;
};

struct block	 block_of(struct atls_bytes);
void		 block_free(struct block *);
#define VIEW(b)	((struct atls_bytes){ (b).p, (b).len })

/* Somebody with a certificate for "ea.example", for both purposes. */
struct ea_who {
	struct pki		 pki;
	struct atls_identity	*id;
	struct atls_trust	*trust;
};

void		 ea_who(struct ea_who *, enum pki_key);
void		 ea_who_free(struct ea_who *);

/* A connection and both its ends. */
struct ea_pair {
	struct fake_pair	 tls;
	struct atls_ea		*client, *server;
};

void		 ea_pair(struct ea_pair *, enum atls_hash, unsigned seed);
void		 ea_pair_free(struct ea_pair *);

/* One exchange, by the book; every step has to work. */
struct ea_made {
	struct atls_ea	*relier, *maker;
	struct block	 request, auth;
};

/* maker: who is to be authenticated; nonce: goes into the context. */
void		 ea_ask(struct ea_pair *, enum atls_role maker,
		    unsigned nonce, struct ea_made *);
void		 ea_make(struct ea_pair *, enum atls_role maker,
		    const struct ea_who *, unsigned nonce, struct ea_made *);
void		 ea_made_free(struct ea_made *);

/* Gives an authenticator the Finished that its other octets deserve; false
 * if the three messages cannot be told apart.  As somebody could who has the
 * connection, but not the key of the certificate. */
bool		 ea_refinish(const struct fake_end *, enum atls_role maker,
		    struct atls_bytes request, uint8_t *auth, size_t len);

#endif
