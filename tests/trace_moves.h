/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRACE_MOVES_H
#define TRACE_MOVES_H

#include "trace_link.h"

/* What happens in a run: against the victim, which relies on the other end. */
enum move {
	HONEST,			/* links of the same machines, interleaved */
	WEATHER,		/* the same, and a network that is none */
	DIVERT,			/* to a genuine end of another name */
	RELAY,			/* evidence of another connection, with the
				 * stolen TLS key */
	EARLY,			/* the same, before the exporter is fit */
	REWRITE,		/* the same, all but the end of the handshake
				 * being the other connection's */
	FLOORED,		/* the same; policy wants an exporter */
	REPLAY,			/* evidence of the round before */
	SWAP,			/* two honest connections, crossed */
	RESEND,			/* the authenticator of the round before */
	REFLECT,		/* the victim's request to the victim; both
				 * ends hold the stolen TLS key */
	FORGE,			/* evidence of no AK, with the TLS key */
	STOLEN,			/* of a stolen AK, with the TLS key */
	IMPOSTOR,		/* of a stolen AK, without the TLS key, by a
				 * client that showed none */
	ROGUE,			/* of a stolen AK, with a certificate of the
				 * attacker's own making */
	MEASURE,		/* of other software on that machine */
	REPLICA,		/* of another machine with a copy of the key */
	SPLIT,			/* the handshake's key is outside, the
				 * authenticator's inside of the machine */
	AGENT,			/* both outside; the machine quotes for them */
	EXPOSE,			/* none: the stolen TLS key, and listening */
	NMOVES
};

struct plan {
	enum move		 m;
	enum world_side		 victim;
	bool			 mutual;
	enum atls_family	 family;	/* 0: authenticators */
};

extern const char	*const move_names[NMOVES];

void		moves_init(void);
void		moves_done(void);
uint64_t	rnd(uint64_t n);		/* 0..n-1 */
void		rnd_seed(uint64_t);		/* OpenSSL's too */

void		rnd_octets(uint8_t *, size_t n);

/* One run, judged.  True: all its connections are open at the end. */
bool		run(const struct plan *);

/* Keys of names, and of a CA, that no machine made; an AK that no name has, a
 * key in a machine that no certificate has. */
struct made {
	struct pki	 rogue[2];
	struct pki_cert	 outside[2];
	char		*chain[2];
	EVP_PKEY	*ak, *inside;
};
extern struct made made;

/* What the attacker shows: octets, the last quote of the other end, what a
 * machine quotes for him about the key aik, or what he makes. */
struct attacker {
	enum { SHOWS_OCTETS, SHOWS_THEIRS, SHOWS_QUOTE, SHOWS_MADE } how;
	struct quote		 octets;
	struct tpm_make_opts	 tpm;
	EVP_PKEY		*aik;
};
extern struct attacker attacker;

/* The next of links[], with what was set in it.  tls NULL: a handshake of its
 * own. */
struct world_opts link_opts(const struct plan *);
struct link	*link_open(const struct plan *, const struct world_opts *,
		    const struct tls_end *tls);
void		link_go(struct link *);		/* until nothing moves */
void		link_send(struct link *, enum world_side from);
void		link_show(const struct link *, enum world_side by);
/* From here on that end is the attacker's, who has its TLS key. */
void		link_take(struct link *, enum world_side);

/* trace_weather.c */
void		weather(const struct plan *, bool tampers);

#endif
