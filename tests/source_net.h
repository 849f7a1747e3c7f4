/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SOURCE_NET_H
#define SOURCE_NET_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../collateral/src.h"
#include "heap.h"
#include "source_use.h"
#include "t.h"

/* A network source of a program's own, and the server that it asks. */
#define NOW	SOURCE_NOW

static struct source_world w;
static uint32_t chance;		/* what random() gives */
static char said[65536];	/* the log */

static inline uint32_t
give(void *arg)
{
	(void)arg;
	return chance;
}

static inline void
say(void *arg, const char *line)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	size_t n;

	(void)arg;
	(void)pthread_mutex_lock(&lock);
	n = strlen(said);
	(void)snprintf(said + n, sizeof(said) - n, "%s\n", line);
	(void)pthread_mutex_unlock(&lock);
}

/* A source without history. */
static inline struct atls_collateral_source *
anew(const char *cache)
{
	struct atls_source_net conf = { .pcs = w.base, .kds = w.base,
	    .cache = cache, .timeout = 2, .insecure_http = true,
	    .random = give, .log = say };
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };

	said[0] = '\0';
	chance = 0;
	s = atls_source_network(&conf, &err);
	T(s != NULL, "%s", err.detail);
	return s;
}

static inline enum atls_rc
get(struct atls_collateral_source *s, int need, int64_t now,
    struct atls_err *err)
{
	struct atls_collateral *c = atls_collateral_new();
	enum atls_rc rc;

	*err = (struct atls_err){ 0 };
	rc = atls_source_get(s, c, &source_needs[need], 1, now, err);
	T(rc == err->rc && (rc == ATLS_OK) == src_has(c, &source_needs[need],
	    now), "%d: %d %d", need, (int)rc, (int)err->rc);
	atls_collateral_free(c);
	return rc;
}

#endif
