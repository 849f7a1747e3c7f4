/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev.h"

#define NAME_MAX_LEN	64	/* of a file of ours */

static enum atls_rc
io_fail(struct atls_err *err, const char *what)
{
	return fail_set(err, ATLS_E_IO, "tpm.file", "%.48s: %s", what,
	    strerror(errno));
}

/* Whoever can write here can give us keys; whoever reads can use them. */
static enum atls_rc
check_owner(int fd, mode_t type, const char *what, struct atls_err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return io_fail(err, what);
	if ((st.st_mode & S_IFMT) != type)
		return fail_set(err, ATLS_E_CONF, "tpm.file",
		    "%.64s: wrong type of file", what);
	if (st.st_uid != geteuid())
		return fail_set(err, ATLS_E_CONF, "tpm.file",
		    "%.64s: of user %lu", what, (unsigned long)st.st_uid);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return fail_set(err, ATLS_E_CONF, "tpm.file",
		    "%.48s: mode %03o, others must have no access", what,
		    (unsigned)st.st_mode & 0777);
	return ATLS_OK;
}

enum atls_rc
tpm_dir_open(const char *dir, int *fd, struct atls_err *err)
{
	enum atls_rc rc;

	*fd = -1;
	if (mkdir(dir, S_IRWXU) == -1 && errno != EEXIST)
		return io_fail(err, dir);
	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd == -1)
		return io_fail(err, dir);
	if ((rc = check_owner(*fd, S_IFDIR, dir, err)) != ATLS_OK) {
		(void)close(*fd);
		*fd = -1;
	}
	return rc;
}

enum atls_rc
tpm_read_all(int fd, uint8_t *p, size_t cap, size_t *len,
    const char *name, struct atls_err *err)
{
	ssize_t n;

	*len = 0;
	for (;;) {
		n = read(fd, p + *len, cap - *len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_fail(err, name);
		if (n == 0)
			break;
		if ((*len += (size_t)n) == cap)
			return fail_set(err, ATLS_E_FORMAT, "tpm.file",
			    "%.64s: too long", name);
	}
	if (*len == 0)
		return fail_set(err, ATLS_E_FORMAT, "tpm.file",
		    "%.64s: empty", name);
	return ATLS_OK;
}

enum atls_rc
tpm_file_read(int dirfd, const char *name, uint8_t *p, size_t cap,
    size_t *len, struct atls_err *err)
{
	enum atls_rc rc;
	int fd;

	*len = 0;
	/* O_NONBLOCK: a FIFO with this name must not hold us up */
	fd = openat(dirfd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? ATLS_OK : io_fail(err, name);
	if ((rc = check_owner(fd, S_IFREG, name, err)) == ATLS_OK)
		rc = tpm_read_all(fd, p, cap, len, name, err);
	(void)close(fd);
	if (rc != ATLS_OK)
		*len = 0;
	return rc;
}

static enum atls_rc
write_all(int fd, const uint8_t *p, size_t len, const char *name,
    struct atls_err *err)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_fail(err, name);
		p += n;
		len -= (size_t)n;
	}
	return fsync(fd) == -1 ? io_fail(err, name) : ATLS_OK;
}

/* Whole or not at all, and never in the place of another: rename(2) would
 * put itself over a file that came meanwhile, link(2) does not. */
enum atls_rc
tpm_file_write(int dirfd, const char *name, const uint8_t *p, size_t len,
    struct atls_err *err)
{
	static atomic_uint seq;
	char tmp[NAME_MAX_LEN];
	enum atls_rc rc;
	int fd;

	(void)snprintf(tmp, sizeof(tmp), "%s.%ld.%u", name, (long)getpid(),
	    atomic_fetch_add(&seq, 1));
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	if (fd == -1)
		return io_fail(err, tmp);
	rc = write_all(fd, p, len, tmp, err);
	if (close(fd) == -1 && rc == ATLS_OK)
		rc = io_fail(err, tmp);
	if (rc == ATLS_OK && linkat(dirfd, tmp, dirfd, name, 0) == -1)
		rc = io_fail(err, name);
	(void)unlinkat(dirfd, tmp, 0);
	if (rc == ATLS_OK && fsync(dirfd) == -1) {
		rc = io_fail(err, name);
		(void)unlinkat(dirfd, name, 0);
	}
	return rc;
}
