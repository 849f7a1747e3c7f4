/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_OS_H
#define FAKE_OS_H

#include "../attester/os/os.h"

#define FAKE_FDS	4
#define FAKE_FILE_MAX	70000
#define FAKE_ALWAYS	(1 << 20)

struct fake;

/* What lies behind the files; -1 and errno. */
struct fake_machine {
	ssize_t	(*load)(struct fake *, const char *path,
		    uint8_t out[FAKE_FILE_MAX]);
	int	(*store)(struct fake *, const char *path, const uint8_t *p,
		    size_t n);
	int	(*mkdir)(struct fake *, const char *path);
	int	(*rmdir)(struct fake *, const char *path);
	int	(*ioctl)(struct fake *, unsigned long request, void *arg);

	/* when is what was written stored: by write(), or by close(), which
	 * then says nothing of errors, as with binary files of configfs */
	bool	(*stores_late)(const char *path);
	bool	loads_early;	/* by open(), not by the first read() */
};

struct fake_fd {
	bool	used, writes, loaded;
	char	path[256];
	uint8_t	data[FAKE_FILE_MAX];
	size_t	len, pos;
};

struct fake {
	struct att_os		 os;		/* for the attester */
	const struct fake_machine *machine;
	struct fake_fd		 fd[FAKE_FDS];

	/* The call number fail_at (of fail_op, if given) and those behind it,
	 * fail_times in all, fail with fail_no; 0: a write falls short. */
	int			 n, fail_at, fail_times, fail_no;
	const char		*fail_op;
	int			 failed;	/* how many did */

	size_t			 chunk;		/* read() gives no more; 0: all */
	unsigned		 slept;		/* ms */
	uint8_t			 seed;		/* of the next random octet */
	void			(*before)(struct fake *); /* each call */
};

void	fake_init(struct fake *, const struct fake_machine *);
int	fake_fds(const struct fake *);	/* that are open */

#endif
