/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TSM_USE_H
#define TSM_USE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../attester/tsm/tsm.h"
#include "fake_os.h"
#include "t.h"

/* The attester of configfs-tsm, over a kernel of our own. */
#define OUT_MAX		140000
#define SLEEP_MAX	15000	/* ms, of attempts and of removals */

/* The kernel, as drivers/virt/coco/tsm.c has it. */
static struct entry {
	bool		used;
	char		path[256];
	uint8_t		inblob[64];
	size_t		inlen;
	unsigned	level;
	unsigned long	generation;
} entries[8];

static const char *provider, *provider_end;
static size_t outlen, auxlen;
static unsigned floor_level;
static const char *floor_text;		/* instead of the number */
static int report_no;			/* errno of making a report, or 0 */
static int report_times;		/* how often */
static int intrude_at, intrude_times, calls;
static struct fake f;

static inline int
fail(int no)
{
	errno = no;
	return -1;
}

static inline struct entry *
entry_of(const char *path, const char **attr)
{
	const char *slash = strrchr(path, '/');
	size_t i, n = (size_t)(slash - path);

	*attr = slash + 1;
	for (i = 0; i < NITEMS(entries); i++)
		if (entries[i].used && strlen(entries[i].path) == n &&
		    strncmp(entries[i].path, path, n) == 0)
			return &entries[i];
	errno = ENOENT;
	return NULL;
}

static inline void
blob_fill(uint8_t *p, size_t n, const struct entry *e, uint8_t salt)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(e->inblob[i % 64] + salt + e->level + i / 64);
}

static inline ssize_t
load(struct fake *fake, const char *path, uint8_t out[FAKE_FILE_MAX])
{
	const char *attr;
	struct entry *e = entry_of(path, &attr);

	(void)fake;
	if (e == NULL)
		return -1;
	if (strcmp(attr, "provider") == 0)
		return snprintf((char *)out, FAKE_FILE_MAX, "%s%s", provider,
		    provider_end);
	if (strcmp(attr, "generation") == 0)
		return snprintf((char *)out, FAKE_FILE_MAX, "%lu\n",
		    e->generation);
	if (strcmp(attr, "privlevel_floor") == 0 &&
	    strcmp(provider, "sev_guest") == 0)
		return floor_text != NULL ? snprintf((char *)out,
		    FAKE_FILE_MAX, "%s", floor_text) : snprintf((char *)out,
		    FAKE_FILE_MAX, "%u\n", floor_level);
	if (strcmp(attr, "outblob") == 0) {
		if (e->inlen != 64 || e->level < floor_level)
			return fail(EINVAL);
		if (report_times > 0) {
			report_times--;
			return fail(report_no);
		}
		blob_fill(out, outlen, e, 0);
		return (ssize_t)outlen;
	}
	if (strcmp(attr, "auxblob") == 0 &&
	    strcmp(provider, "sev_guest") == 0) {
		blob_fill(out, auxlen, e, 100);
		return (ssize_t)auxlen;
	}
	return fail(ENOENT);
}

static inline int
store(struct fake *fake, const char *path, const uint8_t *p, size_t n)
{
	const char *attr;
	struct entry *e = entry_of(path, &attr);

	(void)fake;
	if (e == NULL)
		return -1;
	if (strcmp(attr, "inblob") == 0) {
		if (n > sizeof(e->inblob))
			return fail(EFBIG);
		memset(e->inblob, 0, sizeof(e->inblob));
		memcpy(e->inblob, p, n);
		e->inlen = n;
	} else if (strcmp(attr, "privlevel") == 0 &&
	    strcmp(provider, "sev_guest") == 0) {
		if (n != 1 || p[0] < '0' + floor_level || p[0] > '3')
			return fail(EINVAL);
		e->level = p[0] - (unsigned)'0';
	} else
		return fail(EACCES);
	e->generation++;
	return 0;
}

static inline int
make(struct fake *fake, const char *path)
{
	const char *attr;
	char below[256];
	size_t i;

	(void)fake;
	(void)snprintf(below, sizeof(below), "%s/x", path);
	if (entry_of(below, &attr) != NULL)
		return fail(EEXIST);
	if (provider == NULL)
		return fail(ENXIO);
	for (i = 0; i < NITEMS(entries); i++)
		if (!entries[i].used) {
			entries[i] = (struct entry){ .used = true,
			    .generation = 7 };
			(void)snprintf(entries[i].path,
			    sizeof(entries[i].path), "%s", path);
			return 0;
		}
	return fail(ENOSPC);
}

static inline int
removed(struct fake *fake, const char *path)
{
	const char *attr;
	char below[256];
	struct entry *e;

	(void)fake;
	(void)snprintf(below, sizeof(below), "%s/x", path);
	if ((e = entry_of(below, &attr)) == NULL)
		return -1;
	e->used = false;
	return 0;
}

static inline bool
late(const char *path)
{
	return strcmp(strrchr(path, '/'), "/inblob") == 0;
}

static const struct fake_machine kernel = {
	.load = load, .store = store, .mkdir = make, .rmdir = removed,
	.stores_late = late,
};

static uint8_t rd64[64];
static uint8_t out_p[OUT_MAX];
static struct atls_buf out = { out_p, OUT_MAX, 0 };
static struct atls_err err;

static inline void
boot(const char *of)
{
	size_t i;

	for (i = 0; i < sizeof(rd64); i++)
		rd64[i] = (uint8_t)(3 * i + 5);
	fake_init(&f, &kernel);
	memset(entries, 0, sizeof(entries));
	provider = of;
	provider_end = "\n";
	outlen = strcmp(of, "sev_guest") == 0 ? 1184 : 5006;
	auxlen = strcmp(of, "sev_guest") == 0 ? 3000 : 0;
	floor_level = 0;
	floor_text = NULL;
	report_no = report_times = 0;
	intrude_at = intrude_times = calls = 0;
}

static inline int
left(void)
{
	size_t i;
	int n = 0;

	for (i = 0; i < NITEMS(entries); i++)
		n += entries[i].used;
	return n;
}

/* open, quote, close */
static inline enum atls_rc
whole(const struct tsm_kind *kind, const char *where)
{
	enum atls_rc rc;
	void *dev;

	err = (struct atls_err){ 0 };
	out.len = 0;
	rc = tsm_open(&dev, kind, where, &f.os, &err);
	if (rc != ATLS_OK) {
		T(dev == NULL, "device of a failure");
		return rc;
	}
	rc = tsm_quote(dev, ATLS_ARRAY(rd64), &out, &err);
	tsm_close(dev);
	return rc;
}

/* Is `out` what an untouched machine at that level says? */
static inline bool
is_good(unsigned level)
{
	static uint8_t want[OUT_MAX];
	struct entry e = { .level = level };

	memcpy(e.inblob, rd64, 64);
	blob_fill(want, outlen, &e, 0);
	blob_fill(want + outlen, auxlen, &e, 100);
	return out.len == outlen + auxlen &&
	    memcmp(out.p, want, out.len) == 0;
}

static const struct {
	const char		*name;
	const struct tsm_kind	*kind;
} kinds[] = {
	{ "tdx_guest", &tsm_tdx }, { "sev_guest", &tsm_snp },
	{ "arm_cca_guest", &tsm_cca },
};

#endif
