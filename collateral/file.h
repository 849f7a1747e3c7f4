/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_H
#define FILE_H

#include "src.h"

#define FILE_PATH_MAX	4096	/* octets, with NUL */

/* Reads a regular file of 1..max octets onto the heap. */
enum atls_rc	file_read(const char *path, size_t max, struct atls_buf *out,
		    struct atls_err *);

/* Whole or not at all; what had the name before is replaced. */
enum atls_rc	file_write(const char *path, struct atls_bytes,
		    struct atls_err *);

/* Makes a directory, mode 0700, unless it is there. */
enum atls_rc	file_mkdir(const char *path, struct atls_err *);

/* Where an item has its place in a folder: "DIR/tdx-b0c06f000000/
 * tcb-info.json".  dirlen: octets of the part that is a directory. */
enum atls_rc	file_place(const char *dir, const struct atls_need *,
		    char out[FILE_PATH_MAX], size_t *dirlen,
		    struct atls_err *);
enum atls_rc	file_save(const char *dir, const struct atls_need *,
		    struct atls_bytes, struct atls_err *);

/* The item that a file of this name holds, or ATLS_ITEM_NONE. */
enum atls_item	file_item(const char *name);

/* Gives the octets the form that the store takes: DER where its file is named
 * .der, PEM where it is named .pem.  Either is understood. */
enum atls_rc	file_form(enum atls_item, struct atls_buf *,
		    struct atls_err *);

#endif
