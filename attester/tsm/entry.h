/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TSM_ENTRY_H
#define TSM_ENTRY_H

#include "tsm.h"

#define ENTRY_RANDOM	16	/* octets of a name */
#define ENTRY_PATH	(TSM_DIR_MAX + 2 * ENTRY_RANDOM + 32)

/* A directory below TSM_DIR, while we have it. */
struct entry {
	char		 path[ENTRY_PATH];
	size_t		 dirlen;	/* of the directory's name */
	unsigned	 writes;	/* that we have made */
};

/* Makes one of a name that nobody else can know. */
ATLS_CHECKED enum atls_rc entry_make(struct att_try *, const char *dir,
		    struct entry *);

/* Removes it, and gives rc, or the reason why it could not. */
enum atls_rc	entry_remove(struct att_try *, struct entry *,
		    enum atls_rc rc);

/* The path of an attribute; until the next call. */
const char	*entry_attr(struct entry *, const char *name);

/* A number in decimal.  E_DEVICE. */
ATLS_CHECKED enum atls_rc entry_number(struct att_try *, struct entry *,
		    const char *name, uint64_t *value);

ATLS_CHECKED enum atls_rc entry_write(struct att_try *, struct entry *,
		    const char *name, const void *p, size_t n);

#endif
