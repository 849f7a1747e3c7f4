/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "os.h"

#define SPILL	512	/* octets read at a time if there is no room */

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static enum atls_rc
read_all(struct att_try *t, int fd, const char *where, const char *name,
    size_t max, struct atls_buf *out)
{
	const struct att_os *os = t->os;
	uint8_t spill[SPILL];
	size_t got = 0, room;
	ssize_t n;
	bool fits;

	for (;;) {
		fits = out->len < out->cap;
		room = fits ? out->cap - out->len : sizeof(spill);
		n = os->read(os->ctx, fd, fits ? out->p + out->len : spill,
		    room);
		if (n == -1)
			return att_os_fail(t, where, name);
		if (n == 0)
			return ATLS_OK;
		out->len += (size_t)n;
		if ((got += (size_t)n) > max)
			return fail_set(&t->err, ATLS_E_LIMIT, where,
			    "%.40s: over %zu octets", name, max);
	}
}

enum atls_rc
att_read(struct att_try *t, const char *where, const char *path, size_t max,
    struct atls_buf *out)
{
	const struct att_os *os = t->os;
	const char *name = base_of(path);
	enum atls_rc rc;
	int fd;

	if ((fd = os->open(os->ctx, path, O_RDONLY)) == -1)
		return att_os_fail(t, where, name);
	rc = read_all(t, fd, where, name, max, out);
	(void)os->close(os->ctx, fd);
	return rc;
}

enum atls_rc
att_read_line(struct att_try *t, const char *where, const char *path,
    char *line, size_t cap)
{
	struct atls_buf out = { (uint8_t *)line, cap - 1, 0 };
	enum atls_rc rc;

	rc = att_read(t, where, path, cap - 1, &out);
	if (rc == ATLS_OK && out.len > 0 && line[out.len - 1] == '\n')
		out.len--;
	line[rc == ATLS_OK ? out.len : 0] = '\0';
	return rc;
}

enum atls_rc
att_write(struct att_try *t, const char *where, const char *path,
    const void *p, size_t n)
{
	const struct att_os *os = t->os;
	const char *name = base_of(path);
	enum atls_rc rc = ATLS_OK;
	ssize_t put;
	int fd;

	if ((fd = os->open(os->ctx, path, O_WRONLY)) == -1)
		return att_os_fail(t, where, name);
	put = os->write(os->ctx, fd, p, n);
	if (put != -1 && (size_t)put != n) {
		errno = EIO;
		put = -1;
	}
	if (put == -1)
		rc = att_os_fail(t, where, name);
	/* here is where a file system may tell of a write that failed */
	if (os->close(os->ctx, fd) == -1 && rc == ATLS_OK)
		rc = att_os_fail(t, where, name);
	return rc;
}
