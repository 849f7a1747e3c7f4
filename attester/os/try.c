/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "os.h"

#define BUDGET		12	/* attempts, if each costs one */
#define SLEEP_FIRST	50	/* ms; then twice as long each time, */
#define SLEEP_MAX	1000	/* but no longer than this */

/* What time may mend, and what an attempt costs: a device that said
 * ETIMEDOUT has already kept us waiting, for half a minute (TDX) or two
 * (Nitro).  A name that exists is bad luck, or no luck. */
static const struct {
	int	no, cost;
} passing[] = {
	{ EINTR, 1 }, { EAGAIN, 1 }, { EBUSY, 1 }, { EEXIST, 3 }, { EIO, 3 },
	{ ETIMEDOUT, 6 },
};

/* 0: the same would happen again */
static int
cost_of(int no)
{
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (passing[i].no == no)
			return passing[i].cost;
	return 0;
}

enum atls_rc
att_os_fail(struct att_try *t, const char *where, const char *what)
{
	t->no = errno;
	return fail_set(&t->err, ATLS_E_DEVICE, where, "%.40s: %.50s", what,
	    strerror(errno));
}

enum atls_rc
att_retry(const struct att_os *os, enum atls_rc (*one)(struct att_try *,
    void *), void *arg, struct atls_err *err)
{
	int budget = BUDGET, cost;
	unsigned ms = SLEEP_FIRST;
	enum atls_rc rc;

	for (;;) {
		struct att_try t = { .os = os };

		if ((rc = one(&t, arg)) == ATLS_OK)
			return rc;
		if ((cost = cost_of(t.no)) == 0 || (budget -= cost) <= 0)
			return fail_set(err, rc, t.err.where, "%s",
			    t.err.detail);
		os->sleep(os->ctx, ms);
		ms = ms < SLEEP_MAX / 2 ? 2 * ms : SLEEP_MAX;
	}
}
