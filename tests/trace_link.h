/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRACE_LINK_H
#define TRACE_LINK_H

#include "trace_tls.h"
#include "world.h"

/*
 * Connections whose sessions are watched, and checks of the library that can
 * be switched off: both where the linker lets a test stand between two of its
 * files, so that nothing of this is in it.
 *
 * A connection here has no TLS, but each end has what it would have seen of
 * one, and the secrets that follow from that; the exporter is of those.
 */
struct link {
	struct world		 w;
	struct tls_end		 tls[2];
	struct tls_secrets	 sec[2];
	uint64_t		 ses[2];	/* as an argument of events */
	uint8_t			 nonce[32];	/* TLS-a: the relying side's */
	bool			 hostile[2];	/* who is the attacker */
	/* what it showed in the handshake, if that is not its leaf */
	const struct pki_cert	*shows[2];
	bool			 mute[2];	/* it showed none */
	bool			 early;		/* the exporter does not know of
						 * the connection yet */
};

#define NLINKS	3
extern struct link links[NLINKS];
extern size_t nlinks;			/* that are open, or being opened */
extern unsigned tap_accepted[NLINKS][2];	/* verdicts of honest ends */

/* As arguments. */
uint64_t	tap_name(enum world_side, const char *dns);
uint64_t	tap_ak(EVP_PKEY *);
uint64_t	tap_key(const struct pki_cert *);

/* What machines quoted in this run, oldest first. */
struct quote {
	uint8_t			 raw[TPM_MAKE_MAX];
	size_t			 len;
	const struct link	*on;
	enum world_side		 by;
};

#define NQUOTES	96
extern struct quote quotes[NQUOTES];
extern size_t nquotes;

/* By that side's machine, about the key aik: Gen.  False: no room. */
bool		tap_quote(struct link *, enum world_side, struct atls_bytes rd,
		    EVP_PKEY *aik, struct atls_buf *out);

/* The checks, and how one is told of in a message. */
enum check {
	/* what evidence and authenticator are bound to */
	CK_EXPORTER, CK_CONTEXT, CK_LAST, CK_REPORT_DATA, CK_TRANSCRIPT,
	CK_FINISHED, CK_EA_SIGNATURE, CK_ECHO, CK_TABLE, CK_DIRECTION,
	/* who it is */
	CK_NAME, CK_CHAIN, CK_VERIFIED, CK_OWN_KEY, CK_ONE_KEY, CK_KEY,
	/* what it is */
	CK_AK_SIGNATURE, CK_INSTANCE, CK_CLAIMS,
	/* the rest */
	CK_FLOOR, CK_FIT, CK_ZEROS, CK_GATE,
	NCHECKS
};

#define BIT(x)	(1u << (x))

extern unsigned off;			/* of BIT(CK_*) */

/* Where the library is, for those that stand between. */
enum place { ELSEWHERE, IN_ACCEPT, IN_OPEN, IN_CLOSE, IN_KEYS, IN_MAKE };
extern enum place place;

#endif
