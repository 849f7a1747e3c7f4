/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "os.h"

static int
os_open(void *ctx, const char *path, int flags)
{
	(void)ctx;
	return open(path, flags | O_CLOEXEC);
}

static ssize_t
os_read(void *ctx, int fd, void *p, size_t n)
{
	(void)ctx;
	return read(fd, p, n);
}

static ssize_t
os_write(void *ctx, int fd, const void *p, size_t n)
{
	(void)ctx;
	return write(fd, p, n);
}

static int
os_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd);
}

static int
os_mkdir(void *ctx, const char *path)
{
	(void)ctx;
	return mkdir(path, S_IRWXU);
}

static int
os_rmdir(void *ctx, const char *path)
{
	(void)ctx;
	return rmdir(path);
}

static int
os_ioctl(void *ctx, int fd, unsigned long request, void *arg)
{
	(void)ctx;
	return ioctl(fd, request, arg);
}

static void
os_sleep(void *ctx, unsigned ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
	    .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)ctx;
	(void)nanosleep(&t, NULL);
}

static int
os_random(void *ctx, void *p, size_t n)
{
	ssize_t got = getrandom(p, n, 0);

	(void)ctx;
	if (got != -1 && (size_t)got != n)
		errno = EIO;
	return got != -1 && (size_t)got == n ? 0 : -1;
}

const struct att_os att_os = {
	.ctx = NULL, .open = os_open, .read = os_read, .write = os_write,
	.close = os_close, .mkdir = os_mkdir, .rmdir = os_rmdir,
	.ioctl = os_ioctl, .sleep = os_sleep, .random = os_random,
};
