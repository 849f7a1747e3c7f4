/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAIN_H
#define CHAIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "lc.h"

#define CHAIN_KNOWN_MAX	64		/* verdicts that a trust remembers */
#define CHAIN_NAME_MAX	254		/* RFC 1035, 2.3.4, and a NUL */
#define CHAIN_ID	32		/* octets */

struct crypto_chain {
	atomic_uint		 refs;
	uint8_t			 id[CHAIN_ID];	/* SHA-256 of all octets */
	X509			*leaf;
	STACK_OF(X509)		*rest;
	struct crypto_key	 key;		/* of the leaf */
	uint8_t			*spki;		/* of the leaf, as encoded */
	size_t			 spkilen;
};

/* "This chain is good for that, from..until": only good ones are known. */
struct known {
	struct crypto_chain	*chain;		/* NULL: nothing here yet */
	unsigned		 peer;
	char			 name[CHAIN_NAME_MAX];	/* "": any */
	int64_t			 from, until;	/* from <= now < until */
};

struct atls_trust {
	atomic_uint		 refs;
	X509_STORE		*store;
	STACK_OF(X509_CRL)	*crls;		/* empty: not checked */
	uint8_t			*pem;		/* anchors, then CRLs */
	size_t			 nanchors, ncrls;	/* octets of each */
	uint8_t			 id[CHAIN_ID];	/* SHA-256 of the anchors */
	bool			 simulated;	/* one of the anchors is */

	pthread_mutex_t		 lock;		/* of all below */
	uint64_t		 tag[CHAIN_KNOWN_MAX];	/* of chain->id */
	struct known		 known[CHAIN_KNOWN_MAX];
	size_t			 next;		/* to be overwritten */
};

/* Is its key one of the simulated TEEs? */
bool		 simulated_cert(const X509 *);

/* The chain with this id, referenced, or NULL. */
struct crypto_chain *trust_find(struct atls_trust *,
		    const uint8_t id[CHAIN_ID]);

/* Is that known to hold at now?  Sets *until if it is. */
bool		 trust_recall(struct atls_trust *, const struct crypto_chain *,
		    unsigned peer, const char *name, int64_t now,
		    int64_t *until);

/* Remembers it; takes a reference to the chain. */
void		 trust_remember(struct atls_trust *, struct crypto_chain *,
		    unsigned peer, const char *name, int64_t from,
		    int64_t until);

#endif
