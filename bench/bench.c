/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

int64_t
bench_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
bench_add(struct bench_row *r, int64_t ns)
{
	if (r->n < sizeof(r->ns) / sizeof(r->ns[0]))
		r->ns[r->n++] = ns;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

double
bench_us(struct bench_row *r)
{
	if (r->n == 0)
		abort();
	qsort(r->ns, r->n, sizeof(r->ns[0]), compare);
	return (double)r->ns[r->n / 2] / 1000;
}

void
bench_print(struct bench_row *r, struct bench_row *to)
{
	double us = bench_us(r);

	printf("| %-58s | %9.1f | ", r->what, us);
	if (to != NULL)
		printf("%6.3f |", us / bench_us(to));
	else
		printf("%6s |", "");
	printf(" %zu\n", r->n);
}
