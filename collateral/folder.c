/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

#define DEPTH_MAX	3	/* folders in folders */
#define FILES_MAX	65536	/* names looked at, of one asking */

struct folder {
	char	*dir;
};

struct walk {
	struct atls_collateral	*to;
	const struct atls_need	*only;		/* NULL: all */
	size_t			 files;
	enum atls_rc		 rc;		/* the first */
	struct atls_err		*err;
};

/* A file that is no good takes nothing from the others. */
static void
one_file(struct walk *w, const char *path, const char *name)
{
	enum atls_item item = file_item(name);
	struct atls_err why = { 0 };
	struct atls_need is;
	struct atls_buf b;
	enum atls_rc rc;
	int64_t issued;
	size_t n;

	if (item == ATLS_ITEM_NONE ||
	    (w->only != NULL && w->only->item != item))
		return;
	if ((rc = file_read(path, ATLS_ITEM_MAX, &b, &why)) == ATLS_OK)
		rc = file_form(item, &b, &why);
	if (rc == ATLS_OK)
		rc = src_identify(item, (struct atls_bytes){ b.p, b.len },
		    &is, &issued, &why);
	if (rc == ATLS_OK && (w->only == NULL || src_is(&is, w->only)))
		rc = src_put_newer(w->to, item,
		    (struct atls_bytes){ b.p, b.len }, &why);
	free(b.p);
	if (rc == ATLS_OK || w->rc != ATLS_OK)
		return;
	n = strlen(path);
	w->rc = fail_set(w->err, rc, "source.folder", "%s: %s %.40s",
	    n > 48 ? path + n - 48 : path, why.where == NULL ? "" : why.where,
	    why.detail);
}

static void
walk_dir(struct walk *w, const char *dir, unsigned depth)
{
	char path[FILE_PATH_MAX];
	struct dirent *e;
	struct stat st;
	DIR *d;
	int n;

	if ((d = opendir(dir)) == NULL) {
		if (w->rc == ATLS_OK)
			w->rc = fail_set(w->err, ATLS_E_IO, "source.folder",
			    "%.60s: %s", dir, strerror(errno));
		return;
	}
	while ((e = readdir(d)) != NULL && w->files++ < FILES_MAX) {
		if (e->d_name[0] == '.')
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (n < 0 || (size_t)n >= sizeof(path) ||
		    stat(path, &st) == -1)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			walk_dir(w, path, depth + 1);
		else if (S_ISREG(st.st_mode))
			one_file(w, path, e->d_name);
	}
	(void)closedir(d);
}

/* Of several files that hold one item, the youngest counts. */
static enum atls_rc
walk(struct folder *f, struct atls_collateral *to,
    const struct atls_need *only, struct atls_err *err)
{
	struct walk w = { .to = atls_collateral_new(), .only = only,
	    .err = err };
	enum atls_rc rc;

	if (w.to == NULL)
		return fail_set(err, ATLS_E_MEM, "source.folder", "a store");
	walk_dir(&w, f->dir, 0);
	rc = src_copy_all(w.to, to, err);
	atls_collateral_free(w.to);
	return rc == ATLS_OK ? w.rc : rc;
}

static enum atls_rc
folder_get(void *self, struct atls_collateral *to,
    const struct atls_need *need, int64_t now, int64_t horizon,
    struct atls_err *err)
{
	struct folder *f = self;
	struct atls_err why = { 0 };
	enum atls_rc rc = walk(f, to, need, &why);

	(void)horizon;
	if (src_has(to, need, now))
		return ATLS_OK;
	if (rc != ATLS_OK) {
		if (err != NULL && err->rc == ATLS_OK)
			*err = why;
		return rc;
	}
	return fail_set(err, ATLS_E_IO, "source.folder",
	    "no %s %.32s that holds in %.40s", atls_item_name(need->item),
	    need->key, f->dir);
}

static enum atls_rc
folder_all(void *self, struct atls_collateral *to, struct atls_err *err)
{
	return walk(self, to, NULL, err);
}

static bool
folder_early(void *self)
{
	(void)self;
	return true;		/* it costs nothing to look */
}

static void
folder_free(void *self)
{
	struct folder *f = self;

	free(f->dir);
	free(f);
}

static const struct src_ops folder_ops = {
	.get = folder_get, .all = folder_all, .drop = NULL,
	.early = folder_early, .free = folder_free,
};

struct atls_collateral_source *
atls_source_folder(const char *dir, struct atls_err *err)
{
	struct folder *f;
	DIR *d;

	if (dir == NULL || (d = opendir(dir)) == NULL) {
		(void)fail_set(err, ATLS_E_IO, "source.folder", "%.60s: %s",
		    dir == NULL ? "" : dir, strerror(errno));
		return NULL;
	}
	(void)closedir(d);
	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->dir = strdup(dir)) == NULL) {
		free(f);
		(void)fail_set(err, ATLS_E_MEM, "source.folder", "a folder");
		return NULL;
	}
	return src_new(&folder_ops, f, err);
}

struct saving {
	const char	*dir;
	struct atls_err	*err;
};

/* Is that which has the same place of later date? */
static bool
is_older(const char *dir, const struct atls_need *is, struct atls_bytes bytes)
{
	char path[FILE_PATH_MAX];
	struct atls_need there, same;
	struct atls_buf b;
	int64_t old = 0, new = 0;
	size_t dirlen;
	bool older;

	if (file_place(dir, is, path, &dirlen, NULL) != ATLS_OK ||
	    file_read(path, ATLS_ITEM_MAX, &b, NULL) != ATLS_OK)
		return false;
	older = file_form(is->item, &b, NULL) == ATLS_OK &&
	    src_identify(is->item, (struct atls_bytes){ b.p, b.len }, &there,
	    &old, NULL) == ATLS_OK && src_is(&there, is) &&
	    src_identify(is->item, bytes, &same, &new, NULL) == ATLS_OK &&
	    new < old;
	free(b.p);
	return older;
}

static enum atls_rc
save_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct saving *s = arg;

	return is_older(s->dir, is, bytes) ? ATLS_OK :
	    file_save(s->dir, is, bytes, s->err);
}

enum atls_rc
atls_source_save(struct atls_collateral *c, const char *dir,
    struct atls_err *err)
{
	struct saving s = { dir, err };
	enum atls_rc rc;

	if (c == NULL || dir == NULL)
		return fail_set(err, ATLS_E_ARG, "source.save", "no folder");
	if ((rc = file_mkdir(dir, err)) != ATLS_OK)
		return rc;
	return atls_collateral_each(c, save_one, &s);
}
