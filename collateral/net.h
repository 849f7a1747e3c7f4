/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_H
#define NET_H

#include "marks.h"
#include "request.h"

#define NET_PCS		"https://api.trustedservices.intel.com"
#define NET_ROOT_CRL	"https://certificates.trustedservices.intel.com" \
			"/IntelSGXRootCA.der"
#define NET_ROOT_PATH	"/sgx/certification/v4/rootcacrl"	/* of a PCCS */
#define NET_KDS		"https://kdsintf.amd.com"
#define NET_TIMEOUT	20	/* seconds */
#define NET_TIMEOUT_MAX	600
#define NET_AGAIN_MIN	60	/* seconds between asking once more for what
				 * was found to be bad */

struct net {
	struct request_conf	 where;
	struct http_conf	 http;
	char			*cache;		/* or NULL */
	bool			 early;
	uint32_t		(*random)(void *arg);
	void			(*log)(void *arg, const char *line);
	void			*arg;
	struct marks		 marks;
	struct atls_collateral	*have;		/* under the lock of marks */
	size_t			 hint;		/* which of several URLs
						 * answered last; likewise */
};

/* What came before: in memory, and on disk. */
struct atls_collateral	*net_have(struct net *);	/* free it */
enum atls_rc	net_hold(struct net *, struct atls_collateral *fresh,
		    struct atls_err *);
void		net_recall(struct net *, const struct atls_need *);
void		net_forget(struct net *, const struct atls_need *);
void		net_log(struct net *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* Asks the service.  What it answers is held. */
enum atls_rc	net_fetch(struct net *, const struct atls_need *, int64_t now,
		    struct atls_err *);
void		net_allow(struct net *, const struct atls_need *, int64_t now);

#endif
