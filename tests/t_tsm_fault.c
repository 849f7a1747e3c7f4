/* SPDX-License-Identifier: Apache-2.0 */
/* The attester of configfs-tsm: calls that fail, and somebody else. */
#include "fault.h"
#include "tsm_use.h"

/* Somebody else, who may do what we may. */
static void
intrude(struct fake *fake)
{
	size_t i;

	(void)fake;
	if (++calls < intrude_at || calls >= intrude_at + intrude_times)
		return;
	for (i = 0; i < NITEMS(entries); i++)
		if (entries[i].used) {
			memset(entries[i].inblob, 0xee, 64);
			entries[i].inlen = 64;
			entries[i].generation++;
		}
}

/* Each call fails once, or for ever, for each of these reasons. */
static void
test_every_call(void)
{
	static const int passing[] = { EINTR, EAGAIN, EBUSY, EEXIST, EIO,
	    ETIMEDOUT, 0 };
	static const int lasting[] = { EACCES, ENOENT, ENOSPC, ENOMEM };
	enum atls_rc rc;
	size_t k, i;
	int n;

	for (k = 0; k < NITEMS(kinds); k++)
		for (i = 0; i < NITEMS(passing) + NITEMS(lasting); i++)
			for (n = 1;; n++) {
				bool passes = i < NITEMS(passing);

				boot(kinds[k].name);
				f.fail_at = n;
				f.fail_times = 1;
				f.fail_no = passes ? passing[i] :
				    lasting[i - NITEMS(passing)];
				f.fail_op = f.fail_no == 0 ? "write" : NULL;
				rc = whole(kinds[k].kind, "");
				if (f.failed == 0)
					break;
				T(left() == 0 && fake_fds(&f) == 0,
				    "%s: call %d: left behind", kinds[k].name,
				    n);
				T(rc == ATLS_OK ? is_good(0) : !passes &&
				    out.len == 0 && err.rc == ATLS_E_DEVICE,
				    "%s: call %d, errno %d: %s",
				    kinds[k].name, n, f.fail_no, err.detail);
				T(f.slept < SLEEP_MAX, "%u ms", f.slept);
			}
}

static void
test_for_ever(void)
{
	static const int no[] = { EINTR, EBUSY, EIO, ETIMEDOUT, EACCES };
	enum atls_rc rc;
	size_t i;
	int n;

	for (i = 0; i < NITEMS(no); i++)
		for (n = 1;; n++) {
			boot("sev_guest");
			f.fail_at = n;
			f.fail_times = FAKE_ALWAYS;
			f.fail_no = no[i];
			rc = whole(&tsm_snp, "");
			if (f.failed == 0)
				break;
			/* close() of what was read cannot matter */
			T(rc == ATLS_E_DEVICE && out.len == 0, "call %d", n);
			T(left() <= 1 && fake_fds(&f) == 0, "call %d: %d left",
			    n, left());
			T(f.slept < SLEEP_MAX, "%u ms", f.slept);
		}
}

static void
test_rmdir(void)
{
	boot("sev_guest");
	f.fail_op = "close";
	f.fail_at = 1;
	f.fail_times = FAKE_ALWAYS;
	f.fail_no = EIO;
	T(whole(&tsm_snp, "privlevel=0") == ATLS_E_DEVICE &&
	    strcmp(err.where, "tsm.write") == 0, "close(): %s", err.where);
	boot("tdx_guest");
	f.fail_op = "rmdir";
	f.fail_at = 1;
	f.fail_times = FAKE_ALWAYS;
	f.fail_no = ENOENT;
	T(whole(&tsm_tdx, "") == ATLS_OK && is_good(0) && f.slept == 0,
	    "somebody else did");
	boot("tdx_guest");
	f.fail_op = "rmdir";
	f.fail_at = 2;			/* that of quote() */
	f.fail_times = 9;
	f.fail_no = EPERM;
	T(whole(&tsm_tdx, "") == ATLS_OK && is_good(0) && left() == 0,
	    "in the end");
	boot("tdx_guest");
	f.fail_op = "rmdir";
	f.fail_at = 2;
	f.fail_times = FAKE_ALWAYS;
	f.fail_no = EBUSY;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE && out.len == 0 &&
	    strcmp(err.where, "tsm.remove") == 0 && left() == 1,
	    "never: %s", err.detail);
	boot("tdx_guest");
	f.fail_op = "rmdir";
	f.fail_at = 2;
	f.fail_times = FAKE_ALWAYS;
	f.fail_no = EBUSY;
	report_no = EBUSY;
	report_times = 1;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE &&
	    strcmp(err.where, "tsm.outblob") == 0 && left() == 1,
	    "the first cause stays, and no second entry: %s", err.detail);
}

static void
test_busy(void)
{
	static const struct {
		int		no, times;
		enum atls_rc	rc;
		unsigned	slept;
	} cases[] = {
		{ EBUSY, 1, ATLS_OK, 50 },
		{ EBUSY, 5, ATLS_OK, 50 + 100 + 200 + 400 + 800 },
		{ EBUSY, 11, ATLS_OK, 1550 + 6 * 1000 },
		{ EBUSY, 12, ATLS_E_DEVICE, 1550 + 6 * 1000 },
		{ EINTR, 3, ATLS_OK, 350 },
		{ EAGAIN, 3, ATLS_OK, 350 },
		{ EIO, 3, ATLS_OK, 350 },
		{ EIO, 4, ATLS_E_DEVICE, 350 },
		{ ETIMEDOUT, 1, ATLS_OK, 50 },
		{ ETIMEDOUT, 2, ATLS_E_DEVICE, 50 },
		{ ENXIO, 1, ATLS_E_DEVICE, 0 },
		{ EINVAL, 1, ATLS_E_DEVICE, 0 },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot("tdx_guest");
		report_no = cases[i].no;
		report_times = cases[i].times;
		T(whole(&tsm_tdx, "") == cases[i].rc && f.slept ==
		    cases[i].slept, "%zu: %s, %u ms", i, err.detail, f.slept);
		T(cases[i].rc == ATLS_OK ? is_good(0) :
		    strcmp(err.where, "tsm.outblob") == 0, "%zu", i);
		T(left() == 0 && fake_fds(&f) == 0, "%zu", i);
	}
}

/* Whatever another process does: never evidence over its data. */
static void
test_intruder(void)
{
	size_t k;
	int n, hit, ok = 0;

	for (k = 0; k < NITEMS(kinds); k++)
		for (n = 1;; n++) {
			boot(kinds[k].name);
			f.before = intrude;
			intrude_at = n;
			intrude_times = 1;
			hit = whole(kinds[k].kind, "") == ATLS_OK;
			if (calls < n)
				break;
			T(hit && is_good(0), "%s: call %d: %s", kinds[k].name,
			    n, err.detail);
			ok += f.slept > 0;
			T(left() == 0, "%s: call %d", kinds[k].name, n);
		}
	T(ok > 10, "seen %d times", ok);

	boot("sev_guest");
	f.before = intrude;
	intrude_times = FAKE_ALWAYS;
	T(whole(&tsm_snp, "") == ATLS_E_DEVICE && out.len == 0 &&
	    strcmp(err.where, "tsm.generation") == 0 && left() == 0 &&
	    f.slept < SLEEP_MAX, "all the time: %s", err.detail);
}

/* One allocation, by open(); the names of entries are new each time. */
static void
test_memory(void)
{
	enum atls_rc rc;
	void *dev;
	int i;

	boot("sev_guest");
	fault_set(FAULT_MEM, 1);
	rc = tsm_open(&dev, &tsm_snp, "", &f.os, &err);
	fault_set(FAULT_NONE, 0);
	T(rc == ATLS_E_MEM && dev == NULL && f.n == 0, "no memory");
	T(tsm_open(&dev, &tsm_snp, "", &f.os, &err) == ATLS_OK, "open");
	fault_set(FAULT_MEM, 0);
	for (i = 0; i < 3; i++)
		T(tsm_quote(dev, ATLS_ARRAY(rd64), &out, &err) == ATLS_OK &&
		    is_good(0), "quote");
	T(fault_count() == 0, "%u allocations", fault_count());
	fault_set(FAULT_NONE, 0);
	tsm_close(dev);
	tsm_close(NULL);
	T(f.seed == (uint8_t)(1 + 4 * 16), "names");
}

int
main(void)
{
	test_every_call();
	test_for_ever();
	test_rmdir();
	test_busy();
	test_intruder();
	test_memory();
	return t_end("t_tsm_fault");
}
