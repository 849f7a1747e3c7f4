/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* CPU time of this thread, nanoseconds: what others do does not count. */
int64_t	bench_now(void);

/* Samples of one operation; the table prints medians. */
struct bench_row {
	const char	*what;
	int64_t		 ns[4096];
	size_t		 n;
};

void	bench_add(struct bench_row *, int64_t ns);
double	bench_us(struct bench_row *);	/* median, microseconds */

/* what, its median, the ratio to the row `to` (NULL: none). */
void	bench_print(struct bench_row *, struct bench_row *to);

#endif
