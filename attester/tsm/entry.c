/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "entry.h"

#define REMOVE_TRIES	10
#define REMOVE_SLEEP	100	/* ms */
#define NUMBER_MAX	20	/* digits of 2^64 - 1 */

enum atls_rc
entry_make(struct att_try *t, const char *dir, struct entry *e)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t name[ENTRY_RANDOM];
	size_t i;
	int n;

	e->writes = 0;
	if (t->os->random(t->os->ctx, name, sizeof(name)) == -1)
		return att_os_fail(t, "tsm.name", "random");
	n = snprintf(e->path, sizeof(e->path), "%.*s/atls-", TSM_DIR_MAX - 1,
	    dir);
	e->dirlen = (size_t)n;
	for (i = 0; i < sizeof(name); i++) {
		e->path[e->dirlen++] = hex[name[i] >> 4];
		e->path[e->dirlen++] = hex[name[i] & 15];
	}
	e->path[e->dirlen] = '\0';
	if (t->os->mkdir(t->os->ctx, e->path) == -1)
		return att_os_fail(t, "tsm.entry", dir);
	return ATLS_OK;
}

enum atls_rc
entry_remove(struct att_try *t, struct entry *e, enum atls_rc rc)
{
	const struct att_os *os = t->os;
	int i;

	e->path[e->dirlen] = '\0';
	for (i = 0; i < REMOVE_TRIES; i++) {
		if (os->rmdir(os->ctx, e->path) == 0 || errno == ENOENT)
			return rc;
		os->sleep(os->ctx, REMOVE_SLEEP);
	}
	if (rc == ATLS_OK)
		rc = att_os_fail(t, "tsm.remove", strrchr(e->path, '/') + 1);
	/* another attempt would leave another one behind */
	t->no = 0;
	return rc;
}

const char *
entry_attr(struct entry *e, const char *name)
{
	(void)snprintf(e->path + e->dirlen, sizeof(e->path) - e->dirlen,
	    "/%s", name);
	return e->path;
}

enum atls_rc
entry_number(struct att_try *t, struct entry *e, const char *name,
    uint64_t *value)
{
	char line[NUMBER_MAX + 2];
	enum atls_rc rc;
	const char *s;

	*value = 0;
	rc = att_read_line(t, "tsm.number", entry_attr(e, name), line,
	    sizeof(line));
	if (rc != ATLS_OK)
		return rc;
	for (s = line; *s >= '0' && *s <= '9'; s++) {
		if (*value > (UINT64_MAX - 9) / 10)
			break;
		*value = 10 * *value + (uint64_t)(*s - '0');
	}
	if (s == line || *s != '\0')
		return fail_set(&t->err, ATLS_E_DEVICE, "tsm.number",
		    "%s is not a number", name);
	return ATLS_OK;
}

enum atls_rc
entry_write(struct att_try *t, struct entry *e, const char *name,
    const void *p, size_t n)
{
	e->writes++;
	return att_write(t, "tsm.write", entry_attr(e, name), p, n);
}
