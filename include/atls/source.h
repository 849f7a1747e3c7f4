/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_SOURCE_H
#define ATLS_SOURCE_H

#include <atls/collateral.h>

/*
 * Where collateral comes from, in libatls-collateral: a folder, a signed
 * bundle, or the services of the makers.  A source only carries octets; what
 * they are worth is found out by the appraisal that uses them.  No source has
 * a clock: `now` is an argument, Unix seconds.  May be shared by threads.
 *
 * (struct atls_source, in <atls/conn.h>, is where our evidence comes from.)
 */
struct atls_collateral_source;

struct atls_collateral_source	*atls_source_ref(
				    struct atls_collateral_source *);
void				 atls_source_free(
				    struct atls_collateral_source *);

/*
 * atls_source_fill() asks for all that this evidence needs and the store
 * lacks at `now`; this is what a connection calls before its verdict.  It may
 * wait for the network (see atls_source_net), so not in an event loop.
 * atls_source_get() asks for a list, atls_source_all() for whatever is there
 * without asking anybody.  What could be had is in the store also after a
 * failure, of which the first is told.
 * Errors: E_IO (not there, not to be had now), E_STALE (only expired), of
 * atls_collateral_put(), E_TIMEOUT, E_CHAIN (of https), E_MEM.
 */
ATLS_CHECKED enum atls_rc atls_source_fill(struct atls_collateral_source *,
			    struct atls_collateral *,
			    const struct atls_evidence *, int64_t now,
			    struct atls_err *);
ATLS_CHECKED enum atls_rc atls_source_get(struct atls_collateral_source *,
			    struct atls_collateral *,
			    const struct atls_need *, size_t n, int64_t now,
			    struct atls_err *);
ATLS_CHECKED enum atls_rc atls_source_all(struct atls_collateral_source *,
			    struct atls_collateral *, struct atls_err *);

/*
 * atls_source_refresh() renews, of what the store has, that of whose life
 * less than a quarter is left.  Call it from a timer, every hour or so: then
 * no connection waits.  Until its own end an item serves, never longer.
 */
ATLS_CHECKED enum atls_rc atls_source_refresh(struct atls_collateral_source *,
			    struct atls_collateral *, int64_t now,
			    struct atls_err *);

/* After a verdict that blames collateral (a signature that does not verify):
 * forgets what was kept for this evidence, and asks for it again. */
ATLS_CHECKED enum atls_rc atls_source_again(struct atls_collateral_source *,
			    struct atls_collateral *,
			    const struct atls_evidence *, int64_t now,
			    struct atls_err *);

/* A folder, as atls-collateral(5) has it.  Read anew each time it is asked.
 * Errors: E_IO, E_MEM. */
struct atls_collateral_source	*atls_source_folder(const char *dir,
				    struct atls_err *);

/* Writes all items of a store into a folder, each file whole or not at all;
 * what is there and of later date stays.  Errors: E_IO, E_MEM. */
ATLS_CHECKED enum atls_rc	 atls_source_save(struct atls_collateral *,
				    const char *dir, struct atls_err *);

/*
 * A bundle: one file, signed with Ed25519 or ECDSA P-256 by a key of yours.
 *
 * key_pem	public (of the signer, to read) or private (to write) key.
 * oldest	refuses one made earlier, E_STALE; 0: any.
 * made		set to when it was made, on success; may be NULL.
 *
 * Errors: E_SIG (altered, cut, unsigned, of another key), E_STALE (older, or
 * made after now + one day), E_FORMAT, E_LIMIT, E_CONF (the key), E_MEM; of
 * atls_bundle_write() E_SPACE, with the capacity needed in out->len.
 */
#define ATLS_BUNDLE_MAX		67108864	/* octets */

struct atls_collateral_source	*atls_source_bundle(struct atls_bytes bundle,
				    struct atls_bytes key_pem, int64_t now,
				    int64_t oldest, int64_t *made,
				    struct atls_err *);
ATLS_CHECKED enum atls_rc	 atls_bundle_write(struct atls_collateral *,
				    struct atls_bytes key_pem, int64_t now,
				    struct atls_buf *out, struct atls_err *);

/* Intel's PCS (or a PCCS) and AMD's KDS; see atls_source(3) for the rules.
 * Strings are copied; NULL or 0 is the default. */
struct atls_source_net {
	const char	*pcs;		/* base URL: Intel's own PCS */
	const char	*root_crl;	/* URL: as fits pcs */
	const char	*kds;		/* base URL: AMD's own KDS */
	const char	*cache;		/* folder; NULL: memory alone */
	const char	*ca;		/* PEM file for https: the system's */
	const char	*proxy;		/* URL; NULL: none, whatever the
					 * environment says */
	unsigned	 timeout;	/* seconds for a request, 1..600: 20 */
	bool		 early;		/* fill also what the next TCB
					 * evaluation will say */
	bool		 insecure_http;	/* http: in URLs is meant */
	uint32_t	(*random)(void *arg);	/* for jitter; needed */
	void		(*log)(void *arg, const char *line); /* any thread */
	void		*arg;
};

/* Errors: E_ARG, E_CONF (an URL), E_IO (cache), E_MEM. */
struct atls_collateral_source	*atls_source_network(
				    const struct atls_source_net *,
				    struct atls_err *);

#endif
