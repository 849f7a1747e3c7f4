/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATT_OS_H
#define ATT_OS_H

#include <sys/types.h>

#include <atls/attester.h>

#include "../../fail/fail.h"

/*
 * What attesters that talk to the kernel through files have in common.  Each
 * of their libraries has a copy of its own; none of these names is public.
 *
 * Everything asked of the system goes through this table, so that tests can
 * put another behind it.  As in POSIX: -1 and errno on failure.
 */
struct att_os {
	void	 *ctx;
	int	(*open)(void *ctx, const char *path, int flags);
	ssize_t	(*read)(void *ctx, int fd, void *p, size_t n);
	ssize_t	(*write)(void *ctx, int fd, const void *p, size_t n);
	int	(*close)(void *ctx, int fd);
	int	(*mkdir)(void *ctx, const char *path);
	int	(*rmdir)(void *ctx, const char *path);
	int	(*ioctl)(void *ctx, int fd, unsigned long request, void *arg);
	void	(*sleep)(void *ctx, unsigned ms);	/* or less */
	int	(*random)(void *ctx, void *p, size_t n);
};

extern const struct att_os	att_os;		/* that of the machine */

/* One attempt at something that may be made again. */
struct att_try {
	const struct att_os	*os;
	struct atls_err		 err;
	int			 no;	/* errno of the cause; 0: not of use */
};

/* A call has failed, and errno says why: E_DEVICE. */
enum atls_rc	att_os_fail(struct att_try *, const char *where,
		    const char *what);

/*
 * Calls one() until it succeeds, or fails for a reason that time does not
 * mend, or there were enough attempts; sleeps longer and longer in between,
 * ten seconds in all.  The cause of the last attempt goes to err.
 */
ATLS_CHECKED enum atls_rc att_retry(const struct att_os *,
		    enum atls_rc (*one)(struct att_try *, void *), void *arg,
		    struct atls_err *);

/*
 * Appends a whole file to out.  out->len counts what has no room, too: above
 * out->cap, it is the capacity needed, and the rest was not stored.
 * Errors: E_DEVICE, E_LIMIT (more than max octets).
 */
ATLS_CHECKED enum atls_rc att_read(struct att_try *, const char *where,
		    const char *path, size_t max, struct atls_buf *out);

/* A short line without its end, as a string; errors as above. */
ATLS_CHECKED enum atls_rc att_read_line(struct att_try *, const char *where,
		    const char *path, char *line, size_t cap);

/* All of it by one write(), or failure. */
ATLS_CHECKED enum atls_rc att_write(struct att_try *, const char *where,
		    const char *path, const void *p, size_t n);

/* A key of the text for open(); value is a string, empty if not given. */
struct att_key {
	const char	*name;
	char		*value;
	size_t		 cap;
};

/* "key=value,key=value"; NULL and "" are no keys.  E_CONF. */
ATLS_CHECKED enum atls_rc att_conf(const char *text, const struct att_key *,
		    size_t nkeys, const char *where, struct atls_err *);

#endif
