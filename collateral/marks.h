/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MARKS_H
#define MARKS_H

#include <pthread.h>

#include "src.h"

/*
 * What is known of an URL, or of a host: when it may be asked again, and why
 * not before.  A mark stays in place while `users` hold it.
 */
struct mark {
	struct mark	*next;
	char		*name;
	int64_t		 asked;		/* when it last was; 0: never */
	int64_t		 again;		/* not to be asked before */
	unsigned	 fails;		/* in a row */
	enum atls_rc	 rc;		/* of the last one */
	char		 why[56];
	bool		 flying;	/* somebody is asking now */
	unsigned	 users;
};

/* The list, and its lock; both are whose they are part of. */
struct marks {
	pthread_mutex_t	 lock;		/* of all below, and of each mark */
	pthread_cond_t	 landed;	/* a mark is no longer flying */
	struct mark	*first;
	size_t		 n;
	char		*dir;		/* where they outlive us; or NULL */
};

#define MARKS_MAX	1024		/* then the least recent goes */
#define MARKS_WAIT_MAX	86400		/* seconds: nobody waits longer */

bool		 marks_init(struct marks *, const char *dir);
void		 marks_free(struct marks *);

/* All with the lock held.  NULL: no memory. */
struct mark	*marks_use(struct marks *, const char *name, int64_t now);
void		 marks_leave(struct mark *);

/*
 * A request ended.  After failures the pause doubles each time, half of it
 * left to chance; retry_after >= 0 is what the server wants.  marks_clear()
 * is for hosts: one that answers can be asked for the next thing.
 */
void		 marks_done(struct marks *, struct mark *, int64_t now,
		    int64_t retry_after, uint32_t chance);
void		 marks_clear(struct marks *, struct mark *);
void		 marks_failed(struct marks *, struct mark *, int64_t now,
		    enum atls_rc, const char *why, int64_t retry_after,
		    uint32_t chance);

#endif
