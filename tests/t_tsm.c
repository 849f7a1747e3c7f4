/* SPDX-License-Identifier: Apache-2.0 */
/* The attester of configfs-tsm, over a kernel of our own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../attester/tsm/tsm.h"
#include "fake_os.h"
#include "fault.h"
#include "t.h"

#define OUT_MAX		140000
#define SLEEP_MAX	15000	/* ms, of attempts and of removals */

/* The kernel, as drivers/virt/coco/tsm.c has it. */
static struct entry {
	bool		used;
	char		path[256];
	uint8_t		inblob[64];
	size_t		inlen;
	unsigned	level;
	unsigned long	generation;
} entries[8];

static const char *provider, *provider_end;
static size_t outlen, auxlen;
static unsigned floor_level;
static const char *floor_text;		/* instead of the number */
static int report_no;			/* errno of making a report, or 0 */
static int report_times;		/* how often */
static int intrude_at, intrude_times, calls;
static struct fake f;

static int
fail(int no)
{
	errno = no;
	return -1;
}

static struct entry *
entry_of(const char *path, const char **attr)
{
	const char *slash = strrchr(path, '/');
	size_t i, n = (size_t)(slash - path);

	*attr = slash + 1;
	for (i = 0; i < NITEMS(entries); i++)
		if (entries[i].used && strlen(entries[i].path) == n &&
		    strncmp(entries[i].path, path, n) == 0)
			return &entries[i];
	errno = ENOENT;
	return NULL;
}

static void
blob_fill(uint8_t *p, size_t n, const struct entry *e, uint8_t salt)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(e->inblob[i % 64] + salt + e->level + i / 64);
}

static ssize_t
load(struct fake *fake, const char *path, uint8_t out[FAKE_FILE_MAX])
{
	const char *attr;
	struct entry *e = entry_of(path, &attr);

	(void)fake;
	if (e == NULL)
		return -1;
	if (strcmp(attr, "provider") == 0)
		return snprintf((char *)out, FAKE_FILE_MAX, "%s%s", provider,
		    provider_end);
	if (strcmp(attr, "generation") == 0)
		return snprintf((char *)out, FAKE_FILE_MAX, "%lu\n",
		    e->generation);
	if (strcmp(attr, "privlevel_floor") == 0 &&
	    strcmp(provider, "sev_guest") == 0)
		return floor_text != NULL ? snprintf((char *)out,
		    FAKE_FILE_MAX, "%s", floor_text) : snprintf((char *)out,
		    FAKE_FILE_MAX, "%u\n", floor_level);
	if (strcmp(attr, "outblob") == 0) {
		if (e->inlen != 64 || e->level < floor_level)
			return fail(EINVAL);
		if (report_times > 0) {
			report_times--;
			return fail(report_no);
		}
		blob_fill(out, outlen, e, 0);
		return (ssize_t)outlen;
	}
	if (strcmp(attr, "auxblob") == 0 &&
	    strcmp(provider, "sev_guest") == 0) {
		blob_fill(out, auxlen, e, 100);
		return (ssize_t)auxlen;
	}
	return fail(ENOENT);
}

static int
store(struct fake *fake, const char *path, const uint8_t *p, size_t n)
{
	const char *attr;
	struct entry *e = entry_of(path, &attr);

	(void)fake;
	if (e == NULL)
		return -1;
	if (strcmp(attr, "inblob") == 0) {
		if (n > sizeof(e->inblob))
			return fail(EFBIG);
		memset(e->inblob, 0, sizeof(e->inblob));
		memcpy(e->inblob, p, n);
		e->inlen = n;
	} else if (strcmp(attr, "privlevel") == 0 &&
	    strcmp(provider, "sev_guest") == 0) {
		if (n != 1 || p[0] < '0' + floor_level || p[0] > '3')
			return fail(EINVAL);
		e->level = p[0] - (unsigned)'0';
	} else
		return fail(EACCES);
	e->generation++;
	return 0;
}

static int
make(struct fake *fake, const char *path)
{
	const char *attr;
	char below[256];
	size_t i;

	(void)fake;
	(void)snprintf(below, sizeof(below), "%s/x", path);
	if (entry_of(below, &attr) != NULL)
		return fail(EEXIST);
	if (provider == NULL)
		return fail(ENXIO);
	for (i = 0; i < NITEMS(entries); i++)
		if (!entries[i].used) {
			entries[i] = (struct entry){ .used = true,
			    .generation = 7 };
			(void)snprintf(entries[i].path,
			    sizeof(entries[i].path), "%s", path);
			return 0;
		}
	return fail(ENOSPC);
}

static int
removed(struct fake *fake, const char *path)
{
	const char *attr;
	char below[256];
	struct entry *e;

	(void)fake;
	(void)snprintf(below, sizeof(below), "%s/x", path);
	if ((e = entry_of(below, &attr)) == NULL)
		return -1;
	e->used = false;
	return 0;
}

static bool
late(const char *path)
{
	return strcmp(strrchr(path, '/'), "/inblob") == 0;
}

static const struct fake_machine kernel = {
	.load = load, .store = store, .mkdir = make, .rmdir = removed,
	.stores_late = late,
};

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

static void
boot(const char *of)
{
	fake_init(&f, &kernel);
	memset(entries, 0, sizeof(entries));
	provider = of;
	provider_end = "\n";
	outlen = strcmp(of, "sev_guest") == 0 ? 1184 : 5006;
	auxlen = strcmp(of, "sev_guest") == 0 ? 3000 : 0;
	floor_level = 0;
	floor_text = NULL;
	report_no = report_times = 0;
	intrude_at = intrude_times = calls = 0;
}

static int
left(void)
{
	size_t i;
	int n = 0;

	for (i = 0; i < NITEMS(entries); i++)
		n += entries[i].used;
	return n;
}

static uint8_t rd64[64];
static uint8_t out_p[OUT_MAX];
static struct atls_buf out = { out_p, OUT_MAX, 0 };
static struct atls_err err;

/* open, quote, close */
static enum atls_rc
whole(const struct tsm_kind *kind, const char *where)
{
	enum atls_rc rc;
	void *dev;

	err = (struct atls_err){ 0 };
	out.len = 0;
	rc = tsm_open(&dev, kind, where, &f.os, &err);
	if (rc != ATLS_OK) {
		T(dev == NULL, "device of a failure");
		return rc;
	}
	rc = tsm_quote(dev, ATLS_ARRAY(rd64), &out, &err);
	tsm_close(dev);
	return rc;
}

/* Is `out` what an untouched machine at that level says? */
static bool
is_good(unsigned level)
{
	static uint8_t want[OUT_MAX];
	struct entry e = { .level = level };

	memcpy(e.inblob, rd64, 64);
	blob_fill(want, outlen, &e, 0);
	blob_fill(want + outlen, auxlen, &e, 100);
	return out.len == outlen + auxlen &&
	    memcmp(out.p, want, out.len) == 0;
}

static const struct {
	const char		*name;
	const struct tsm_kind	*kind;
} kinds[] = {
	{ "tdx_guest", &tsm_tdx }, { "sev_guest", &tsm_snp },
	{ "arm_cca_guest", &tsm_cca },
};

static void
test_good(void)
{
	static const size_t chunks[] = { 0, 1, 7, 64, 1183, 4096 };
	size_t i, c;

	for (i = 0; i < NITEMS(kinds); i++)
		for (c = 0; c < NITEMS(chunks); c++) {
			boot(kinds[i].name);
			f.chunk = chunks[c];
			T(whole(kinds[i].kind, "") == ATLS_OK, "%s: %s %s",
			    kinds[i].name, err.where, err.detail);
			T(is_good(0) && left() == 0 && fake_fds(&f) == 0 &&
			    f.slept == 0, "%s", kinds[i].name);
		}
	boot("sev_guest");
	auxlen = 0;
	T(whole(&tsm_snp, NULL) == ATLS_OK && is_good(0), "no certificates");
	boot("tdx_guest");
	provider_end = "";
	T(whole(&tsm_tdx, NULL) == ATLS_OK, "a line without an end");
}

static void
test_levels(void)
{
	static const struct {
		const char	*where;
		unsigned	 floor, level;
		enum atls_rc	 rc;
	} cases[] = {
		{ "", 0, 0, ATLS_OK },
		{ "", 2, 2, ATLS_OK },
		{ "privlevel=0", 0, 0, ATLS_OK },
		{ "privlevel=3", 0, 3, ATLS_OK },
		{ "privlevel=2", 2, 2, ATLS_OK },
		{ "privlevel=1", 2, 0, ATLS_E_CONF },
		{ "", 4, 0, ATLS_E_CONF },
	};
	static const char *const texts[] = { "", "\n", "x", "-1", "1x",
	    "18446744073709551616", "99999999999999999999999" };
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot("sev_guest");
		floor_level = cases[i].floor;
		T(whole(&tsm_snp, cases[i].where) == cases[i].rc, "%zu: %s",
		    i, err.detail);
		T(cases[i].rc != ATLS_OK || is_good(cases[i].level), "%zu", i);
		T(left() == 0, "%zu", i);
	}
	for (i = 0; i < NITEMS(texts); i++) {
		boot("sev_guest");
		floor_text = texts[i];
		T(whole(&tsm_snp, "") >= ATLS_E_DEVICE && err.where != NULL,
		    "'%s'", texts[i]);
		T(left() == 0 && fake_fds(&f) == 0, "'%s'", texts[i]);
	}
}

static void
test_conf(void)
{
	static const char long_dir[] = "dir=/"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "012345678901234567890123456789012345678901234567890123456789012";
	static const struct {
		const char		*where;
		const struct tsm_kind	*kind;
		enum atls_rc		 rc;
	} cases[] = {
		{ "dir=/elsewhere", &tsm_snp, ATLS_OK },
		{ "dir=/elsewhere,privlevel=1", &tsm_snp, ATLS_OK },
		{ "privlevel=1,dir=/elsewhere", &tsm_snp, ATLS_OK },
		{ "privlevel=1", &tsm_tdx, ATLS_E_CONF },
		{ "privlevel=0", &tsm_cca, ATLS_E_CONF },
		{ "privlevel=4", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=-", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=01", &tsm_snp, ATLS_E_CONF },
		{ "privlevel", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=1,privlevel=1", &tsm_snp, ATLS_E_CONF },
		{ "priv=1", &tsm_snp, ATLS_E_CONF },
		{ "privlevels=1", &tsm_snp, ATLS_E_CONF },
		{ "=1", &tsm_snp, ATLS_E_CONF },
		{ ",", &tsm_snp, ATLS_E_CONF },
		{ "dir=/a,", &tsm_snp, ATLS_E_CONF },
		{ "dir=", &tsm_snp, ATLS_E_CONF },
		{ "service_provider=svsm", &tsm_snp, ATLS_E_CONF },
		{ long_dir, &tsm_snp, ATLS_E_CONF },
		{ long_dir + 1, &tsm_snp, ATLS_E_CONF },
	};
	char *fits = strdup(long_dir);
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot(cases[i].kind->provider);
		T(whole(cases[i].kind, cases[i].where) == cases[i].rc,
		    "'%s': %s", cases[i].where, err.detail);
		T((cases[i].rc == ATLS_OK) == (f.n > 0), "'%s'",
		    cases[i].where);
	}
	fits[strlen(fits) - 5] = '\0';
	boot("sev_guest");
	T(fits != NULL && whole(&tsm_snp, fits) == ATLS_OK && is_good(0),
	    "the longest: %s", err.detail);
	free(fits);
}

static void
test_refused(void)
{
	size_t i, j;
	void *dev;

	for (i = 0; i < NITEMS(kinds); i++)
		for (j = 0; j < NITEMS(kinds); j++) {
			boot(kinds[i].name);
			T((whole(kinds[j].kind, "") == ATLS_OK) == (i == j),
			    "%s, %s", kinds[i].name, kinds[j].name);
			T(i == j || strcmp(err.where, "tsm.provider") == 0,
			    "%s", err.where);
			T(left() == 0, "%s", kinds[i].name);
		}
	boot("tdx_guest");
	provider = "tdx_guest_and_more_than_any_provider";
	T(whole(&tsm_tdx, "") == ATLS_E_LIMIT && left() == 0, "long name");
	boot("tdx_guest");
	provider = NULL;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE && f.slept == 0, "no TEE: %s",
	    err.detail);

	boot("tdx_guest");
	outlen = 0;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE &&
	    strcmp(err.where, "tsm.outblob") == 0, "a quote of nothing");
	boot("tdx_guest");
	outlen = TSM_BLOB_MAX;
	T(whole(&tsm_tdx, "") == ATLS_OK && is_good(0), "the largest");
	outlen++;
	T(whole(&tsm_tdx, "") == ATLS_E_LIMIT && out.len == 0 && left() == 0,
	    "too large");
	for (i = 0; i < 2; i++) {
		boot("sev_guest");
		outlen = i == 0 ? 1183 : 1185;
		T(whole(&tsm_snp, "") == ATLS_E_DEVICE && out.len == 0,
		    "report of %zu", outlen);
	}
	boot("sev_guest");
	auxlen = TSM_BLOB_MAX + 1;
	T(whole(&tsm_snp, "") == ATLS_E_LIMIT && out.len == 0, "table");

	boot("tdx_guest");
	T(tsm_open(&dev, &tsm_tdx, "", &f.os, &err) == ATLS_OK, "open");
	for (i = 0; i <= 64; i++)
		T(tsm_quote(dev, (struct atls_bytes){ rd64, i }, &out, NULL)
		    == (i == 64 ? ATLS_OK : ATLS_E_ARG) &&
		    (i == 64 || out.len == 0), "%zu octets", i);
	tsm_close(dev);
}

static void
test_space(void)
{
	static const size_t caps[] = { 0, 1, 64, 1183, 1184, 1185, 4183,
	    4184, 4185 };
	size_t i;

	for (i = 0; i < NITEMS(caps); i++) {
		boot("sev_guest");
		out = (struct atls_buf){ malloc(caps[i]), caps[i], 0 };
		T(whole(&tsm_snp, "") == (caps[i] < 4184 ? ATLS_E_SPACE :
		    ATLS_OK) && out.len == 4184 && left() == 0, "%zu",
		    caps[i]);
		free(out.p);
	}
	out = (struct atls_buf){ out_p, OUT_MAX, 0 };
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

/* The operations of the machine itself. */
static void
test_os(void)
{
	static const struct atls_attester *const all[] = {
	    &atls_attester_tsm_tdx, &atls_attester_tsm_snp,
	    &atls_attester_tsm_cca };
	char dir[] = "/tmp/t_tsm.XXXXXX", where[64];
	uint8_t a[16], b[16];
	size_t i;
	void *dev;

	if (mkdtemp(dir) == NULL) {
		T(0, "mkdtemp");
		return;
	}
	(void)snprintf(where, sizeof(where), "dir=%s", dir);
	for (i = 0; i < NITEMS(all); i++) {
		err = (struct atls_err){ 0 };
		T(all[i]->open(&dev, "dir=/nonexistent", &err) ==
		    ATLS_E_DEVICE && dev == NULL && all[i]->identity == NULL,
		    "%s", all[i]->name);
		T(all[i]->open(&dev, where, NULL) == ATLS_E_DEVICE,
		    "%s", all[i]->name);
	}
	T(rmdir(dir) == 0, "something left behind");
	T(att_os.random(NULL, a, sizeof(a)) == 0 &&
	    att_os.random(NULL, b, sizeof(b)) == 0 &&
	    memcmp(a, b, sizeof(a)) != 0, "random");
	att_os.sleep(NULL, 1);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(rd64); i++)
		rd64[i] = (uint8_t)(3 * i + 5);
	test_good();
	test_levels();
	test_conf();
	test_refused();
	test_space();
	test_every_call();
	test_for_ever();
	test_rmdir();
	test_busy();
	test_intruder();
	test_memory();
	test_os();
	return t_end("t_tsm");
}
