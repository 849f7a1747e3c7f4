/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "src.h"

const char *
src_time(int64_t t, char out[SRC_TIME_MAX])
{
	time_t clock = (time_t)t;
	struct tm tm;

	if (gmtime_r(&clock, &tm) == NULL ||
	    strftime(out, SRC_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, SRC_TIME_MAX, "%lld", (long long)t);
	return out;
}
