/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COLLATERAL_H
#define COLLATERAL_H

#include "tool.h"

/* What `atls collateral` was told. */
struct collateral_args {
	const char	*from, *to, *bundle, *key;
	enum atls_kind	 kind;
	int64_t		 now;
	bool		 json;
	char		**file;
	int		 nfile;
};

/* All that is there, in c->store; a status.  collateral_close() in any
 * case. */
int	collateral_all(const struct collateral_args *, const char *from,
	    struct collateral *);

/* Verbs; each gives a status. */
int	collateral_show(const struct collateral_args *);
int	collateral_check(const struct collateral_args *);

#endif
