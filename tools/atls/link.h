/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_H
#define LINK_H

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ratls.h"
#include "tool.h"

/* What connections are made of.  Where we make our certificate ourselves there
 * is a new one in time, while old connections go on with theirs. */
struct link_end {
	struct atls_identity	*identity;	/* of the handshake */
	bool			 own_identity;
	struct atls_config	*config;
	void			*ctx;
	unsigned		 users;		/* under the link's lock */
	int64_t			 renew;		/* Unix seconds; 0: never */
};

/* What `connect` and `serve` have in common: the options of an attested
 * connection, and moving octets through one. */
struct link {
	const char	*policy, *ca, *crl, *name, *cert, *key, *attester, *save;
	bool		 attest;	/* connect: prove ourselves, too */
	bool		 no_pki, two_keys, hold, json;
	int64_t		 reattest;	/* seconds; -1: not asked for */
	int64_t		 timeout;
	unsigned	 code_point, alert;	/* 0: as usual */
	enum atls_profile profile;
	enum atls_family family;
	bool		 confirm;

	enum atls_role		 role;
	struct ratls		 ratls;
	struct collateral	 collateral;
	struct source		 src;
	struct atls_policy	*accepts;
	struct atls_trust	*trust;
	struct link_end		*end;		/* of connections to come */
	pthread_mutex_t		 lock;
};

#define LINK_INIT { .reattest = -1, .timeout = 30,			\
    .code_point = ATLS_CODE_POINT, .profile = ATLS_PROFILE_EXPAT_1,	\
    .family = ATLS_FAMILY_POST, .ratls = RATLS_INIT,			\
    .lock = PTHREAD_MUTEX_INITIALIZER }

#define LINK_USAGE \
"  --policy FILE         what the peer must prove\n" \
"  --collateral WHERE    for it: a folder, a bundle, or net[:cache=DIR]\n" \
"  --collateral-key FILE the key that signs the bundle\n" \
"  --ca FILE             PKI anchors of the peer; --crl FILE: its CRLs\n" \
"  --name NAME           DNS name or address in the peer's certificate\n" \
"  --cert FILE           our certificate, leaf first\n" \
"  --key FILE            its key, unless the attester holds it\n" \
"  --attester NAME:WHERE where our evidence comes from\n" \
"  --reattest TIME       ask the peer again that often (30s, 5m)\n" \
"  --hold                no data while an answer is awaited\n" \
"  --timeout TIME        patience with the peer (30s)\n" \
"  --save FILE           the peer's evidence, raw\n" \
"  --code-point N        of the extension (0xff77, cocos, crate)\n" \
"  --alert N             intra: to clients with nothing that fits (40)\n" \
"  --profile NAME        layout of the binder (expat-rd-1)\n" \
"  --family NAME         where evidence travels: post, pre, intra (post)\n" \
"  --confirm             pre, intra: the evidence of post as well\n" \
"  --insecure-tls-a      as intra, bound as TLS-a is; for experiments\n" \
"  --ratls-form FORM     pre: of a certificate that we make: dice, cmw\n" \
"  --ratls-life TIME     how long it lasts (12h)\n" \
"  --ratls-name NAME     DNS name or address in it (this host's name)\n" \
"  --ratls-ca FILE       who signs it, with --ratls-ca-key FILE (itself)\n" \
"  --insecure-no-pki     whoever has the evidence is the peer\n" \
"  --insecure-two-keys   authenticator and handshake by different keys\n" \
"  -j                    verdict as JSON on stderr\n"

#define LINK_NOPTIONS	27
extern const struct option link_options[LINK_NOPTIONS];
#define LINK_IS_OPTION(o)	((o) == 'j' || (o) >= 512)

/* family.c: what differs where the handshake carries evidence.  Those that
 * return int: -1, or a status; identity: 1, or 0 with a complaint. */
int	link_family(struct link *, const char *name);
int	link_family_check(const struct link *);
void	link_family_warn(const struct link *);
bool	link_makes_cert(const struct link *);
int	link_family_identity(struct link *, struct link_end *, int *status);
bool	link_family_setup(const struct link *, const struct link_end *,
	    struct atls_tls_setup *, struct atls_carrier *);

/* end.c.  _new: NULL after a complaint.  Who has one drops it.  _renew: a new
 * one if it is time; on failure the old one stays, for now. */
struct link_end	*link_end_new(struct link *, int *status);
struct link_end	*link_end_get(struct link *);
void		 link_end_drop(struct link *, struct link_end *);
void		 link_end_renew(struct link *);

/* -1: go on; else a status. */
int	link_option(struct link *, int o, const char *value);

/* Loads all that is named, makes config and context: -1, or a status. */
int	link_open(struct link *, enum atls_role);
void	link_close(struct link *);

/* The other side of a connection: two descriptors, -1 to echo; or begin(),
 * called when the peer was accepted, and not before. */
struct plain {
	int	in, out;
	int	(*begin)(void *arg);
	void	*arg;
};

/* One connection on fd, which it takes over: attest, then relay, then one
 * line on stderr.  Returns a status. */
int	link_run(struct link *, unsigned long id, int fd, const char *peer,
	    const struct plain *, const atomic_bool *stop);

/* "host:port", "[::1]:port", ":port" to a socket; -1 after a complaint. */
int	link_connect(const char *where);
int	link_listen(const char *where);
int	link_host(const char *where, char *host, size_t cap);

#endif
