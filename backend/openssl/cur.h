/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CUR_H
#define OB_CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As with the core's reader, which is not ours to use: the first failure
 * sticks, and it is looked at once. */
struct cur {
	const uint8_t	*p;
	size_t		 left;
	bool		 bad;
};

struct cur	cur_take(struct cur *, size_t n);
size_t		cur_be(struct cur *, size_t n);
struct cur	cur_vector(struct cur *, size_t lenlen);

#endif
