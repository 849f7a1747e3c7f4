/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTPD_H
#define HTTPD_H

#include <stdio.h>

#include <atls/bytes.h>

/*
 * An HTTP server on a loopback port, with every fault that a service of
 * collateral can have.  A thread of its own for each connection; counts what
 * it is asked for.
 */
enum httpd_fault {
	HTTPD_FINE = 0,
	HTTPD_HANG,		/* takes the request, and says nothing */
	HTTPD_TRICKLE,		/* an octet of the answer each 100 ms */
	HTTPD_SLOW,		/* the answer after 300 ms */
	HTTPD_CUT,		/* half of the body that was announced */
	HTTPD_CUT_PLAIN,	/* the same, unannounced: ends with the
				 * connection */
	HTTPD_DROP,		/* closes without a word */
	HTTPD_ENDLESS,		/* a body that does not end */
	HTTPD_GARBAGE,		/* no HTTP at all */
	HTTPD_HEADERS,		/* headers without end */
};

struct httpd_page {
	const char		*path;		/* "/a?b=c", whole */
	int			 status;
	const char		*headers;	/* "A: b\r\n", or "" */
	struct atls_bytes	 body;		/* stays where it is */
	enum httpd_fault	 fault;
};

struct httpd;

struct httpd	*httpd_new(void);		/* NULL: no port, no memory */
void		 httpd_free(struct httpd *);	/* ends its threads */
unsigned	 httpd_port(const struct httpd *);

/* What is asked for is answered so from now on; other paths with 404.  The
 * strings stay where they are. */
void		 httpd_put(struct httpd *, const struct httpd_page *);

/* Each path that is asked for, a line each; before any request. */
void		 httpd_log(struct httpd *, FILE *);

/* Requests for a path so far; NULL: for all. */
unsigned	 httpd_count(struct httpd *, const char *path);

#endif
