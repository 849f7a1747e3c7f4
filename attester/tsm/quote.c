/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"

#define PROVIDER_MAX	32	/* octets of its name */

struct tsm_dev {
	const struct att_os	*os;
	const struct tsm_kind	*kind;
	char			 dir[TSM_DIR_MAX];
	char			 level[2];	/* empty: not given */
};

/* What one attempt is about; out is NULL if it is only about the machine. */
struct job {
	const struct tsm_dev	*dev;
	struct atls_bytes	 inblob;
	struct atls_buf		*out;
};

static enum atls_rc
provider_check(struct att_try *t, const struct tsm_dev *d, struct entry *e)
{
	char name[PROVIDER_MAX + 2];
	enum atls_rc rc;

	rc = att_read_line(t, "tsm.provider", entry_attr(e, "provider"), name,
	    sizeof(name));
	if (rc == ATLS_OK && strcmp(name, d->kind->provider) != 0)
		rc = fail_set(&t->err, ATLS_E_DEVICE, "tsm.provider",
		    "%s, wanted is %s", name, d->kind->provider);
	return rc;
}

/* The kernel's default is level 0, which a kernel that runs at another one
 * may not ask for: what it may is not below its privlevel_floor. */
static enum atls_rc
level_get(struct att_try *t, const struct tsm_dev *d, struct entry *e,
    uint64_t *level, bool *set)
{
	uint64_t floor, want = (uint64_t)(d->level[0] - '0');
	enum atls_rc rc;

	*level = 0;
	*set = false;
	if (!d->kind->snp)
		return ATLS_OK;
	if ((rc = entry_number(t, e, "privlevel_floor", &floor)) != ATLS_OK)
		return rc;
	if (d->level[0] == '\0')
		want = floor;
	if (want < floor || want > TSM_LEVEL_MAX)
		return fail_set(&t->err, ATLS_E_CONF, "tsm.privlevel",
		    "%u, of %u to %u", (unsigned)want, (unsigned)floor,
		    TSM_LEVEL_MAX);
	*level = want;
	*set = d->level[0] != '\0' || floor > 0;
	return ATLS_OK;
}

/*
 * `generation` counts writes.  What was written to a binary attribute takes
 * effect when it is closed, and the kernel drops the error if it has none;
 * so this is also how we learn that our report data has arrived.
 */
static enum atls_rc
generation_check(struct att_try *t, struct entry *e, uint64_t before)
{
	uint64_t now;
	enum atls_rc rc;

	if ((rc = entry_number(t, e, "generation", &now)) != ATLS_OK)
		return rc;
	if (now - before == e->writes)
		return ATLS_OK;
	t->no = EBUSY;
	return fail_set(&t->err, ATLS_E_DEVICE, "tsm.generation",
	    "not the %u writes of ours: somebody else's, or refused",
	    e->writes);
}

static enum atls_rc
blobs_read(struct att_try *t, const struct tsm_dev *d, struct entry *e,
    struct atls_buf *out)
{
	enum atls_rc rc;

	rc = att_read(t, "tsm.outblob", entry_attr(e, "outblob"),
	    TSM_BLOB_MAX, out);
	if (rc != ATLS_OK)
		return rc;
	if (d->kind->outlen != 0 ? out->len != d->kind->outlen :
	    out->len == 0)
		return fail_set(&t->err, ATLS_E_DEVICE, "tsm.outblob",
		    "%zu octets", out->len);
	if (!d->kind->snp)
		return ATLS_OK;
	return att_read(t, "tsm.auxblob", entry_attr(e, "auxblob"),
	    TSM_BLOB_MAX, out);
}

static enum atls_rc
report_make(struct att_try *t, const struct job *j, struct entry *e)
{
	uint64_t before, level;
	char text[8];
	enum atls_rc rc;
	bool set;
	int n;

	if ((rc = level_get(t, j->dev, e, &level, &set)) != ATLS_OK)
		return rc;
	if (j->out == NULL)
		return ATLS_OK;
	if ((rc = entry_number(t, e, "generation", &before)) != ATLS_OK)
		return rc;
	if (set) {
		n = snprintf(text, sizeof(text), "%u", (unsigned)level);
		rc = entry_write(t, e, "privlevel", text, (size_t)n);
	}
	if (rc == ATLS_OK)
		rc = entry_write(t, e, "inblob", j->inblob.p, j->inblob.len);
	if (rc == ATLS_OK)
		rc = generation_check(t, e, before);
	if (rc == ATLS_OK)
		rc = blobs_read(t, j->dev, e, j->out);
	/* what was read is over our report data only if nobody else wrote */
	if (rc == ATLS_OK)
		rc = generation_check(t, e, before);
	return rc;
}

static enum atls_rc
one(struct att_try *t, void *arg)
{
	const struct job *j = arg;
	enum atls_rc rc;
	struct entry e;

	if (j->out != NULL)
		j->out->len = 0;
	if ((rc = entry_make(t, j->dev->dir, &e)) != ATLS_OK)
		return rc;
	rc = provider_check(t, j->dev, &e);
	if (rc == ATLS_OK)
		rc = report_make(t, j, &e);
	return entry_remove(t, &e, rc);
}

enum atls_rc
tsm_quote(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	struct tsm_dev *d = dev;
	struct job j = { d, report_data, out };
	enum atls_rc rc;

	out->len = 0;
	if (report_data.len != TSM_INBLOB)
		return fail_set(err, ATLS_E_ARG, "tsm.report_data",
		    "%zu octets", report_data.len);
	if ((rc = att_retry(d->os, one, &j, err)) != ATLS_OK) {
		out->len = 0;
		return rc;
	}
	if (out->len > out->cap)
		return fail_set(err, ATLS_E_SPACE, "tsm.evidence",
		    "%zu octets, room for %zu", out->len, out->cap);
	return ATLS_OK;
}

void
tsm_close(void *dev)
{
	free(dev);
}

static enum atls_rc
conf_read(struct tsm_dev *d, const char *where, struct atls_err *err)
{
	const struct att_key keys[] = {
		{ "dir", d->dir, sizeof(d->dir) },
		{ "privlevel", d->level, sizeof(d->level) },
	};
	enum atls_rc rc;

	rc = att_conf(where, keys, sizeof(keys) / sizeof(keys[0]), "tsm.conf",
	    err);
	if (rc != ATLS_OK)
		return rc;
	if (d->level[0] != '\0' && (!d->kind->snp || d->level[0] < '0' ||
	    d->level[0] > '0' + TSM_LEVEL_MAX))
		return fail_set(err, ATLS_E_CONF, "tsm.conf",
		    "privlevel=%s: 0 to %d, and for tsm-snp only", d->level,
		    TSM_LEVEL_MAX);
	if (d->dir[0] == '\0')
		memcpy(d->dir, TSM_DIR, sizeof(TSM_DIR));
	return ATLS_OK;
}

enum atls_rc
tsm_open(void **dev, const struct tsm_kind *kind, const char *where,
    const struct att_os *os, struct atls_err *err)
{
	struct job j = { NULL, { NULL, 0 }, NULL };
	struct tsm_dev *d;
	enum atls_rc rc;

	*dev = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return fail_set(err, ATLS_E_MEM, "tsm.open", "%zu octets",
		    sizeof(*d));
	d->os = os;
	d->kind = kind;
	j.dev = d;
	rc = conf_read(d, where, err);
	if (rc == ATLS_OK)
		rc = att_retry(os, one, &j, err);
	if (rc != ATLS_OK) {
		tsm_close(d);
		return rc;
	}
	*dev = d;
	return ATLS_OK;
}
