/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_RATLS_H
#define TOOL_RATLS_H

#include "tool.h"

/* A certificate with evidence, to be made. */
struct ratls {
	const char		*name, *ca, *ca_key;	/* NULL: the host's;
							 * self-signed */
	enum atls_ratls_form	 form;		/* NONE: cmw */
	int64_t			 life;		/* seconds */
	bool			 life_given;
};

#define RATLS_LIFE	(12 * 3600)
#define RATLS_INIT	{ .life = RATLS_LIFE }

/* Options: -1, or a status after a complaint. */
int	ratls_form(struct ratls *, const char *);
int	ratls_life(struct ratls *, const char *);
bool	ratls_is_asked(const struct ratls *);	/* any of them was given */

/* The certificate, its issuers and its key, PEM; 1, or 0 after a complaint.
 * ratls_free() in any case. */
int	ratls_make(const struct ratls *, struct source *,
	    struct atls_buf *cert, struct atls_buf *key, int *status);
void	ratls_free(struct atls_buf *cert, struct atls_buf *key);

/* The same to files; of the key's only the owner may read.  A status. */
int	ratls_write(const struct ratls *, struct source *,
	    const char *cert_path, const char *key_path);

#endif
