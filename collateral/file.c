/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static enum atls_rc
io_fail(struct atls_err *err, const char *path)
{
	int e = errno;
	size_t n = strlen(path);

	/* the end of a path tells more than its start */
	return fail_set(err, ATLS_E_IO, "source.file", "%s: %s",
	    n > 60 ? path + n - 60 : path, strerror(e));
}

static enum atls_rc
read_all(int fd, const char *path, size_t max, struct atls_buf *out,
    struct atls_err *err)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return io_fail(err, path);
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uintmax_t)st.st_size > max)
		return fail_set(err, ATLS_E_LIMIT, "source.file",
		    "%.60s: %lld octets, at most %zu", path,
		    (long long)st.st_size, max);
	out->cap = (size_t)st.st_size;
	if ((out->p = malloc(out->cap)) == NULL)
		return fail_set(err, ATLS_E_MEM, "source.file", "%zu octets",
		    out->cap);
	while (out->len < out->cap) {
		n = read(fd, out->p + out->len, out->cap - out->len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_fail(err, path);
		if (n == 0)		/* it was cut while we read */
			return fail_set(err, ATLS_E_TRUNC, "source.file",
			    "%.60s", path);
		out->len += (size_t)n;
	}
	return ATLS_OK;
}

enum atls_rc
file_read(const char *path, size_t max, struct atls_buf *out,
    struct atls_err *err)
{
	enum atls_rc rc;
	int fd;

	*out = (struct atls_buf){ NULL, 0, 0 };
	/* O_NONBLOCK: a FIFO with this name must not hold us up */
	if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1)
		return io_fail(err, path);
	rc = read_all(fd, path, max, out, err);
	(void)close(fd);
	if (rc != ATLS_OK) {
		free(out->p);
		*out = (struct atls_buf){ NULL, 0, 0 };
	}
	return rc;
}

static int
write_all(int fd, struct atls_bytes b)
{
	ssize_t n;

	while (b.len > 0) {
		n = write(fd, b.p, b.len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		b.p += n;
		b.len -= (size_t)n;
	}
	return fsync(fd);
}

enum atls_rc
file_write(const char *path, struct atls_bytes b, struct atls_err *err)
{
	static atomic_uint seq;
	char tmp[FILE_PATH_MAX];
	enum atls_rc rc = ATLS_OK;
	int fd, n;

	n = snprintf(tmp, sizeof(tmp), "%s.%ld.%u.tmp", path, (long)getpid(),
	    atomic_fetch_add(&seq, 1));
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return fail_set(err, ATLS_E_LIMIT, "source.file",
		    "a path of %zu octets", strlen(path));
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
	if (fd == -1)
		return io_fail(err, tmp);
	if (write_all(fd, b) == -1)
		rc = io_fail(err, tmp);
	if (close(fd) == -1 && rc == ATLS_OK)
		rc = io_fail(err, tmp);
	if (rc == ATLS_OK && rename(tmp, path) == -1)
		rc = io_fail(err, path);
	if (rc != ATLS_OK)
		(void)unlink(tmp);
	return rc;
}

enum atls_rc
file_mkdir(const char *path, struct atls_err *err)
{
	struct stat st;

	if (mkdir(path, S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH) == 0)
		return ATLS_OK;
	if (errno != EEXIST || stat(path, &st) == -1)
		return io_fail(err, path);
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode) ? ATLS_OK : io_fail(err, path);
}

/* A key as the name of a directory; it begins with no dot. */
static void
key_name(const char *key, char out[ATLS_ITEM_KEY_MAX])
{
	size_t i;

	for (i = 0; i < ATLS_ITEM_KEY_MAX - 1 && key[i] != '\0'; i++)
		out[i] = (key[i] >= 'a' && key[i] <= 'z') ||
		    (key[i] >= 'A' && key[i] <= 'Z') ||
		    (key[i] >= '0' && key[i] <= '9') ||
		    (i > 0 && key[i] == '.') ? key[i] : '-';
	out[i] = '\0';
}

enum atls_rc
file_place(const char *dir, const struct atls_need *is,
    char out[FILE_PATH_MAX], size_t *dirlen, struct atls_err *err)
{
	const char *name = atls_item_file(is->item);
	char sub[ATLS_ITEM_KEY_MAX];
	int n, whole;

	key_name(is->key, sub);
	n = snprintf(out, FILE_PATH_MAX, "%s%s%s", dir,
	    sub[0] == '\0' ? "" : "/", sub);
	whole = snprintf(out, FILE_PATH_MAX, "%s%s%s/%s", dir,
	    sub[0] == '\0' ? "" : "/", sub, name == NULL ? "" : name);
	*dirlen = (size_t)n;
	if (name == NULL || n < 0 || whole < 0 || whole >= FILE_PATH_MAX)
		return fail_set(err, ATLS_E_LIMIT, "source.file",
		    "no name for an item");
	return ATLS_OK;
}

enum atls_rc
file_save(const char *dir, const struct atls_need *is, struct atls_bytes b,
    struct atls_err *err)
{
	char path[FILE_PATH_MAX];
	enum atls_rc rc;
	size_t dirlen;

	rc = file_place(dir, is, path, &dirlen, err);
	if (rc == ATLS_OK)
		rc = file_mkdir(dir, err);
	if (rc != ATLS_OK)
		return rc;
	path[dirlen] = '\0';
	rc = file_mkdir(path, err);
	path[dirlen] = '/';
	return rc == ATLS_OK ? file_write(path, b, err) : rc;
}
