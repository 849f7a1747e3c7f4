/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fake_os.h"

/* Is this the call that has to fail? */
static bool
fails(struct fake *f, const char *op)
{
	if (f->before != NULL)
		f->before(f);
	if (f->fail_op != NULL && strcmp(f->fail_op, op) != 0)
		return false;
	f->n++;
	if (f->fail_at == 0 || f->n < f->fail_at ||
	    f->n >= f->fail_at + f->fail_times)
		return false;
	f->failed++;
	errno = f->fail_no;
	return true;
}

static struct fake_fd *
fd_of(struct fake *f, int fd)
{
	if (fd < 3 || fd >= 3 + FAKE_FDS || !f->fd[fd - 3].used) {
		errno = EBADF;
		return NULL;
	}
	return &f->fd[fd - 3];
}

static int
fake_load(struct fake *f, struct fake_fd *d)
{
	ssize_t n = f->machine->load(f, d->path, d->data);

	d->loaded = n != -1;
	d->len = n == -1 ? 0 : (size_t)n;
	return n == -1 ? -1 : 0;
}

static int
fake_open(void *ctx, const char *path, int flags)
{
	struct fake *f = ctx;
	struct fake_fd *d;
	int i;

	if (fails(f, "open"))
		return -1;
	for (i = 0; i < FAKE_FDS && f->fd[i].used; i++)
		continue;
	if (i == FAKE_FDS) {
		errno = EMFILE;
		return -1;
	}
	d = &f->fd[i];
	d->writes = (flags & O_ACCMODE) == O_WRONLY;
	d->len = d->pos = 0;
	d->loaded = false;
	(void)snprintf(d->path, sizeof(d->path), "%s", path);
	if ((flags & O_ACCMODE) == O_RDONLY && f->machine->loads_early &&
	    fake_load(f, d) == -1)
		return -1;
	d->used = true;
	return 3 + i;
}

static ssize_t
fake_read(void *ctx, int fd, void *p, size_t n)
{
	struct fake *f = ctx;
	struct fake_fd *d = fd_of(f, fd);

	if (d == NULL || fails(f, "read"))
		return -1;
	if (!d->loaded && fake_load(f, d) == -1)
		return -1;
	if (n > d->len - d->pos)
		n = d->len - d->pos;
	if (f->chunk != 0 && n > f->chunk)
		n = f->chunk;
	memcpy(p, d->data + d->pos, n);
	d->pos += n;
	return (ssize_t)n;
}

static ssize_t
fake_write(void *ctx, int fd, const void *p, size_t n)
{
	struct fake *f = ctx;
	struct fake_fd *d = fd_of(f, fd);

	if (d == NULL)
		return -1;
	if (!d->writes || n > sizeof(d->data)) {
		errno = EINVAL;
		return -1;
	}
	if (fails(f, "write")) {
		if (f->fail_no != 0)
			return -1;
		n /= 2;
	}
	memcpy(d->data, p, n);
	d->len = n;
	if (!f->machine->stores_late(d->path) &&
	    f->machine->store(f, d->path, d->data, n) == -1)
		return -1;
	return (ssize_t)n;
}

static int
fake_close(void *ctx, int fd)
{
	struct fake *f = ctx;
	struct fake_fd *d = fd_of(f, fd);
	bool bad;

	if (d == NULL)
		return -1;
	bad = fails(f, "close");
	d->used = false;		/* in any case, as Linux does */
	if (bad)
		return -1;
	if (d->writes && d->len > 0 && f->machine->stores_late(d->path))
		(void)f->machine->store(f, d->path, d->data, d->len);
	return 0;
}

static int
fake_mkdir(void *ctx, const char *path)
{
	struct fake *f = ctx;

	return fails(f, "mkdir") ? -1 : f->machine->mkdir(f, path);
}

static int
fake_rmdir(void *ctx, const char *path)
{
	struct fake *f = ctx;

	if (!fails(f, "rmdir"))
		return f->machine->rmdir(f, path);
	if (errno == ENOENT) {		/* somebody was faster */
		(void)f->machine->rmdir(f, path);
		errno = ENOENT;
	}
	return -1;
}

static int
fake_ioctl(void *ctx, int fd, unsigned long request, void *arg)
{
	struct fake *f = ctx;

	if (fd_of(f, fd) == NULL || fails(f, "ioctl"))
		return -1;
	return f->machine->ioctl(f, request, arg);
}

static void
fake_sleep(void *ctx, unsigned ms)
{
	struct fake *f = ctx;

	f->slept += ms;
}

static int
fake_random(void *ctx, void *p, size_t n)
{
	struct fake *f = ctx;
	size_t i;

	if (fails(f, "random"))
		return -1;
	for (i = 0; i < n; i++)
		((uint8_t *)p)[i] = f->seed++;
	return 0;
}

void
fake_init(struct fake *f, const struct fake_machine *m)
{
	int i;

	for (i = 0; i < FAKE_FDS; i++)
		f->fd[i].used = false;
	f->machine = m;
	f->os = (struct att_os){ f, fake_open, fake_read, fake_write,
	    fake_close, fake_mkdir, fake_rmdir, fake_ioctl, fake_sleep,
	    fake_random };
	f->n = f->fail_at = f->fail_times = f->fail_no = f->failed = 0;
	f->fail_op = NULL;
	f->chunk = 0;
	f->slept = 0;
	f->seed = 1;
	f->before = NULL;
}

int
fake_fds(const struct fake *f)
{
	int i, n = 0;

	for (i = 0; i < FAKE_FDS; i++)
		n += f->fd[i].used;
	return n;
}
