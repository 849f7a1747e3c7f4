/* SPDX-License-Identifier: Apache-2.0 */
/* The attester of Gramine, over a Gramine of our own. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../attester/gramine/gramine.h"
#include "fake_os.h"
#include "fault.h"
#include "t.h"

#define QUOTE_LEN	4598
#define SLEEP_MAX	10000	/* ms */

static uint8_t user_data[64];
static const char *type;
static size_t quotelen;
static int quote_no, quote_times;
static int intrude_at, intrude_times, calls;
static struct fake f;

static const char *
base(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void
quote_fill(uint8_t *p, size_t n, const uint8_t *rd)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(i / 7);
	for (i = 0; i < 64 && 368 + i < n; i++)
		p[368 + i] = rd[i];
}

static ssize_t
load(struct fake *fake, const char *path, uint8_t out[FAKE_FILE_MAX])
{
	(void)fake;
	if (strcmp(base(path), "attestation_type") == 0 && type != NULL)
		return snprintf((char *)out, FAKE_FILE_MAX, "%s", type);
	if (strcmp(base(path), "quote") == 0) {
		if (quote_times > 0) {
			quote_times--;
			errno = quote_no;
			return -1;
		}
		quote_fill(out, quotelen, user_data);
		return (ssize_t)quotelen;
	}
	errno = ENOENT;
	return -1;
}

static int
store(struct fake *fake, const char *path, const uint8_t *p, size_t n)
{
	(void)fake;
	if (strcmp(base(path), "user_report_data") != 0 ||
	    n > sizeof(user_data)) {
		errno = EACCES;
		return -1;
	}
	memset(user_data, 0, sizeof(user_data));
	memcpy(user_data, p, n);
	return 0;
}

static bool
never_late(const char *path)
{
	(void)path;
	return false;
}

static const struct fake_machine gramine = {
	.load = load, .store = store, .stores_late = never_late,
	.loads_early = true,
};

static void
intrude(struct fake *fake)
{
	(void)fake;
	if (++calls >= intrude_at && calls < intrude_at + intrude_times)
		memset(user_data, 0xee, sizeof(user_data));
}

static void
boot(void)
{
	fake_init(&f, &gramine);
	type = "dcap";
	quotelen = QUOTE_LEN;
	quote_no = quote_times = intrude_at = intrude_times = calls = 0;
}

static uint8_t rd64[64], out_p[GRAMINE_QUOTE_MAX];
static struct atls_buf out = { out_p, sizeof(out_p), 0 };
static struct atls_err err;

static enum atls_rc
whole(const char *where)
{
	enum atls_rc rc;
	void *dev;

	err = (struct atls_err){ 0 };
	out.len = 0;
	if ((rc = gramine_open(&dev, where, &f.os, &err)) != ATLS_OK) {
		T(dev == NULL, "device of a failure");
		return rc;
	}
	rc = gramine_quote(dev, ATLS_ARRAY(rd64), &out, &err);
	gramine_close(dev);
	return rc;
}

static bool
is_good(void)
{
	uint8_t want[FAKE_FILE_MAX];

	quote_fill(want, quotelen, rd64);
	return out.len == quotelen && memcmp(out.p, want, quotelen) == 0;
}

static void
test_good(void)
{
	static const size_t chunks[] = { 0, 1, 63, 512 };
	size_t i;

	for (i = 0; i < NITEMS(chunks); i++) {
		boot();
		f.chunk = chunks[i];
		T(whole("") == ATLS_OK && is_good() && fake_fds(&f) == 0 &&
		    f.slept == 0, "%zu: %s", chunks[i], err.detail);
	}
	boot();
	T(whole("dir=/elsewhere") == ATLS_OK && is_good(), "dir=");
	T(whole("dir=") == ATLS_E_CONF && whole("x=y") == ATLS_E_CONF &&
	    whole("dcap") == ATLS_E_CONF, "conf");
}

static void
test_types(void)
{
	static const struct {
		const char	*type;
		enum atls_rc	 rc;
	} cases[] = {
		{ "dcap", ATLS_OK }, { "dcap\n", ATLS_OK },
		{ "none", ATLS_E_DEVICE }, { "epid", ATLS_E_DEVICE },
		{ "", ATLS_E_DEVICE }, { "dcap2", ATLS_E_DEVICE },
		{ "dca", ATLS_E_DEVICE }, { "DCAP", ATLS_E_DEVICE },
		{ "dcap\n\n", ATLS_E_DEVICE }, { NULL, ATLS_E_DEVICE },
		{ "something that is longer than any", ATLS_E_LIMIT },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot();
		type = cases[i].type;
		T(whole("") == cases[i].rc, "%zu: %s", i, err.detail);
		T(cases[i].rc == ATLS_OK ||
		    strcmp(err.where, "gramine.type") == 0, "%zu", i);
		T(fake_fds(&f) == 0 && f.slept == 0, "%zu", i);
	}
	boot();
	type = "epid";
	T(whole("") == ATLS_E_DEVICE && strcmp(err.detail,
	    "sgx.remote_attestation is 'epid', wanted is dcap") == 0, "%s",
	    err.detail);
}

static void
test_sizes(void)
{
	static const struct {
		size_t		len;
		enum atls_rc	rc;
	} cases[] = {
		{ 0, ATLS_E_DEVICE }, { 432, ATLS_E_DEVICE },
		{ 435, ATLS_E_DEVICE }, { 436, ATLS_OK }, { 8192, ATLS_OK },
		{ 8193, ATLS_E_LIMIT }, { 60000, ATLS_E_LIMIT },
	};
	size_t i, cap;
	void *dev;

	for (i = 0; i < NITEMS(cases); i++) {
		boot();
		quotelen = cases[i].len;
		T(whole("") == cases[i].rc && (cases[i].rc == ATLS_OK ?
		    is_good() : out.len == 0) && f.slept == 0, "%zu: %s",
		    cases[i].len, err.detail);
	}
	for (cap = QUOTE_LEN - 2; cap < QUOTE_LEN + 2; cap++) {
		boot();
		out = (struct atls_buf){ malloc(cap), cap, 0 };
		T(whole("") == (cap < QUOTE_LEN ? ATLS_E_SPACE : ATLS_OK) &&
		    out.len == QUOTE_LEN, "%zu", cap);
		free(out.p);
	}
	out = (struct atls_buf){ out_p, sizeof(out_p), 0 };
	boot();
	T(gramine_open(&dev, "", &f.os, NULL) == ATLS_OK, "open");
	for (i = 0; i < 64; i++)
		T(gramine_quote(dev, (struct atls_bytes){ rd64, i }, &out,
		    NULL) == ATLS_E_ARG && out.len == 0, "%zu", i);
	gramine_close(dev);
}

static void
test_every_call(void)
{
	static const int passing[] = { EINTR, EAGAIN, EBUSY, EIO, ETIMEDOUT,
	    0 };
	static const int lasting[] = { ENOENT, EPERM };
	enum atls_rc rc;
	size_t i;
	int n;

	for (i = 0; i < NITEMS(passing) + NITEMS(lasting); i++)
		for (n = 1;; n++) {
			bool passes = i < NITEMS(passing);

			boot();
			f.fail_at = n;
			f.fail_times = 1;
			f.fail_no = passes ? passing[i] :
			    lasting[i - NITEMS(passing)];
			f.fail_op = f.fail_no == 0 ? "write" : NULL;
			rc = whole("");
			if (f.failed == 0)
				break;
			T(fake_fds(&f) == 0 && f.slept < SLEEP_MAX, "%d", n);
			T(rc == ATLS_OK ? is_good() : !passes && out.len == 0,
			    "call %d, errno %d: %s", n, f.fail_no, err.detail);
		}
	for (n = 1;; n++) {
		boot();
		f.fail_at = n;
		f.fail_times = FAKE_ALWAYS;
		f.fail_no = EBUSY;
		rc = whole("");
		if (f.failed == 0)
			break;
		T(fake_fds(&f) == 0 && f.slept < SLEEP_MAX, "call %d", n);
		T(rc == ATLS_E_DEVICE ? out.len == 0 : is_good(), "%d", n);
	}
}

static void
test_busy(void)
{
	static const struct {
		int		no, times;
		enum atls_rc	rc;
	} cases[] = {
		{ EACCES, 3, ATLS_OK }, { EACCES, 4, ATLS_E_DEVICE },
		{ EBUSY, 11, ATLS_OK }, { EBUSY, 12, ATLS_E_DEVICE },
		{ ENOENT, 1, ATLS_E_DEVICE },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot();
		quote_no = cases[i].no;
		quote_times = cases[i].times;
		T(whole("") == cases[i].rc && (cases[i].rc == ATLS_OK ?
		    is_good() : strcmp(err.where, "gramine.quote") == 0),
		    "%zu: %s", i, err.detail);
		T(fake_fds(&f) == 0 && f.slept < SLEEP_MAX, "%zu", i);
	}
}

static void
test_intruder(void)
{
	int n, again = 0;

	for (n = 1;; n++) {
		boot();
		f.before = intrude;
		intrude_at = n;
		intrude_times = 1;
		T(whole("") == ATLS_OK && is_good(), "call %d", n);
		if (calls < n)
			break;
		again += f.slept > 0;
	}
	T(again > 0, "seen %d times", again);
	boot();
	f.before = intrude;
	intrude_times = FAKE_ALWAYS;
	T(whole("") == ATLS_E_DEVICE && out.len == 0 && f.slept < SLEEP_MAX &&
	    strcmp(err.detail, "of somebody else's report data") == 0, "%s",
	    err.detail);
}

static void
test_memory(void)
{
	enum atls_rc rc;
	void *dev;

	boot();
	fault_set(FAULT_MEM, 1);
	rc = gramine_open(&dev, "", &f.os, &err);
	T(rc == ATLS_E_MEM && dev == NULL && f.n == 0, "no memory");
	fault_set(FAULT_MEM, 2);
	T(gramine_open(&dev, "", &f.os, &err) == ATLS_OK, "one is enough");
	T(gramine_quote(dev, ATLS_ARRAY(rd64), &out, &err) == ATLS_OK &&
	    !fault_fired(), "no other");
	fault_set(FAULT_NONE, 0);
	gramine_close(dev);
	gramine_close(NULL);
}

static void
file(const char *dir, const char *name, const void *p, size_t n)
{
	char path[128];
	FILE *fp;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fp = fopen(path, "wb")) == NULL || fwrite(p, 1, n, fp) != n)
		T(0, "%s", path);
	if (fp != NULL)
		(void)fclose(fp);
}

static void *
quotes(void *dev)
{
	uint8_t p[GRAMINE_QUOTE_MAX];
	struct atls_buf b = { p, sizeof(p), 0 };
	size_t i, bad = 0;

	for (i = 0; i < 200; i++)
		bad += atls_attester_gramine.quote(dev, ATLS_ARRAY(rd64), &b,
		    NULL) != ATLS_OK || b.len != QUOTE_LEN;
	return bad == 0 ? dev : NULL;
}

/* The machine's own operations, on files; two threads. */
static void
test_os(void)
{
	const struct atls_attester *a = &atls_attester_gramine;
	char dir[] = "/tmp/t_gramine.XXXXXX", where[64], path[128];
	static const char *const names[] = { "attestation_type",
	    "user_report_data", "quote" };
	uint8_t quote[QUOTE_LEN];
	pthread_t thread;
	void *dev, *result = NULL;
	size_t i;

	if (mkdtemp(dir) == NULL) {
		T(0, "mkdtemp");
		return;
	}
	quote_fill(quote, sizeof(quote), rd64);
	file(dir, names[0], "dcap", 4);
	file(dir, names[1], "", 0);
	file(dir, names[2], quote, sizeof(quote));
	(void)snprintf(where, sizeof(where), "dir=%s", dir);
	T(a->open(&dev, where, NULL) == ATLS_OK && a->identity == NULL,
	    "open");
	if (pthread_create(&thread, NULL, quotes, dev) == 0) {
		T(quotes(dev) == dev, "quotes");
		T(pthread_join(thread, &result) == 0 && result == dev,
		    "of the other thread");
	}
	a->close(dev);
	for (i = 0; i < NITEMS(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	err = (struct atls_err){ 0 };
	T(a->open(&dev, where, &err) == ATLS_E_DEVICE && dev == NULL, "%s",
	    err.detail);
	(void)rmdir(dir);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(rd64); i++)
		rd64[i] = (uint8_t)(3 * i + 5);
	test_good();
	test_types();
	test_sizes();
	test_every_call();
	test_busy();
	test_intruder();
	test_memory();
	test_os();
	return t_end("t_gramine");
}
