/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_H
#define HTTP_H

#include "src.h"

#define HTTP_URL_MAX	1024	/* octets, with NUL */
#define HTTP_CHAIN_MAX	32768	/* octets of a header with a chain */
#define HTTP_WHY_MAX	56

struct http_conf {
	char		*ca, *proxy;	/* NULL: the system's; none */
	unsigned	 timeout;	/* seconds for all of a request */
	bool		 insecure_http;
};

struct http_reply {
	long		 status;	/* 0: there was none */
	struct atls_buf	 body;		/* heap */
	struct atls_buf	 chain;		/* heap: a header, decoded */
	int64_t		 retry_after;	/* seconds; -1: not said */
	char		 why[HTTP_WHY_MAX];	/* of a failure */
};

/*
 * One GET.  No redirect is followed: neither service sends any, and a host
 * that nobody configured is not to be asked.  Neither proxies nor passwords
 * are taken from the environment.
 *
 * chain	names of headers, either of which holds an issuer chain in URL
 *		encoding; NULL: none is wanted.
 * Errors: E_IO, E_TIMEOUT, E_TRUNC, E_LIMIT, E_FORMAT, E_CHAIN, E_MEM; why
 * says it.  E_OK is status 200 with a body.
 */
enum atls_rc	http_get(const struct http_conf *, const char *url,
		    const char *const chain[2], int64_t now,
		    struct http_reply *);
void		http_reply_free(struct http_reply *);

/* Is this the start of an URL that we may ask? */
bool		http_url_ok(const char *url, bool insecure_http);

#endif
