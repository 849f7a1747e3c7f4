/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUILTIN_H
#define BUILTIN_H

#include "parse.h"

/*
 * The certificate, in PEM, of a vendor's root that we carry: "intel-sgx-root".
 * NULL: there is none of that name; near, unless NULL, gets all the names.
 */
const char	*builtin_anchor(const char *name, struct parse_near *near);

#endif
