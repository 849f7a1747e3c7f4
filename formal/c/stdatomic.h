/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVE_STDATOMIC_H
#define PROVE_STDATOMIC_H

/* For the prover, in place of the system's <stdatomic.h>, which would bring
 * another <string.h>: counts of owners, which nothing proved looks at. */
typedef unsigned	 atomic_uint;
typedef _Bool		 atomic_bool;

void	 atomic_init(atomic_uint *n, unsigned v);
unsigned atomic_fetch_add(atomic_uint *n, unsigned by);
unsigned atomic_fetch_sub(atomic_uint *n, unsigned by);

#endif
