/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORLD_H
#define WORLD_H

#include <atls/atls.h>

#include "fake_channel.h"
#include "pki.h"
#include "tpm_make.h"

/*
 * Two ends in one thread: keys, certificates, policies, a connection without
 * TLS, and a session at each end, whose octets are carried by world_pump().
 */
#define WORLD_NOW	1790000000		/* Unix seconds */

enum world_side { W_CLIENT, W_SERVER };

struct world;

/* How an end differs from an honest one that is asked for nothing. */
struct world_side_opts {
	bool		 attests;
	const char	*policy;	/* header lines; NULL: no policy.  The
					 * block for the other end follows */
	const char	*block;		/* more lines for that block */
	enum tpm_fault	 fault;		/* of its evidence */
	bool		 empty;		/* gives no evidence when asked */
	uint32_t	 other;		/* PCRs, see tpm_make.h */
	bool		 no_pki, two_keys;
	const char	*expects;	/* name; NULL: the true one */
	unsigned	 reattest;
	bool		 hold;
	enum atls_stream stream;	/* 0: framed */
	unsigned	 code_point;	/* 0: the usual one */
	enum atls_profile profile;	/* 0: the usual one */
	const struct pki_cert *leaf;	/* NULL: the usual one; */
	const char	*chain;		/* else PEM that begins with it */
};

struct world_opts {
	enum atls_hash		 hash;		/* 0: SHA-256 */
	struct world_side_opts	 side[2];
	bool			 same_key;	/* both ends: one identity */
	bool			 same_ak;	/* and one machine */
	enum atls_family	 family;	/* 0: frames */
	bool			 one_binder;	/* a TLS library whose exporter
						 * does not heed the context */
	size_t			 chunk;		/* octets moved at once */
};

struct world_end {
	struct pki_cert		 leaf;
	char			*chain;
	struct atls_identity	*id;
	struct tpm_make_opts	 tpm;
	struct atls_config	*config;
	struct atls_policy	*policy;
	struct atls_session	*s;
	struct atls_err		 err;		/* of making the session */
	uint8_t			*wire;		/* on its way to this end */
	size_t			 wirelen;
	uint8_t			*data;		/* taken by its application */
	size_t			 datalen;
	unsigned		 quotes;
	uint8_t			 report_data[64];	/* of the last */
	size_t			 report_datalen;
};

struct world {
	struct world_opts	 o;
	struct pki		 pki;
	struct atls_trust	*trust;
	struct fake_pair	 net;
	struct world_end	 end[2];

	/* sees all that is sent, and may change it (same length or less) */
	void			(*wiretap)(struct world *, enum world_side from,
				    uint8_t *p, size_t *n);
	/* gives evidence in place of the machine */
	size_t			(*oracle)(struct world *, enum world_side,
				    struct atls_bytes report_data,
				    uint8_t *out, size_t cap);
	void			*arg;
};

/* The keys and certificates, costly, once for a test program. */
void	world_init(void);
void	world_done(void);
const struct pki_cert	*world_ca(void);	/* that issued the leaves */

/* A world, up to the sessions.  False: a session could not be made. */
bool	world_open(struct world *, const struct world_opts *);
void	world_close(struct world *);

/* Carries octets, gives evidence and appraises until nothing moves; and once,
 * for one side: true if something was done. */
void	world_pump(struct world *);
bool	world_turn(struct world *, enum world_side);

/* One delivery: all that waits at that side's session, to the wire. */
void	world_collect(struct world *, enum world_side from);
void	world_deliver(struct world *, enum world_side to);

/* Application data; false if the gate is closed. */
bool	world_send(struct world *, enum world_side from, const char *text);

/* Time for both. */
void	world_tick(struct world *, int64_t seconds_from_start);

/* Are both gates open? */
bool	world_is_open(const struct world *);

#endif
