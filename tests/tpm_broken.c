/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include <atls/tpm.h>

#include "t.h"
#include "tpm_broken.h"
#include "tpm_wrap.h"

#define PATH_LEN	256
#define FILE_MAX	1024
#define HANDLES_OF_KEYS	0x80000000	/* TPM 2.0 Library, Part 2, TPM_HC */
#define HANDLES_OF_SESSIONS	0x02000000

static const struct atls_attester *const A = &atls_attester_tpm;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
put_file(const char *dir, const char *name, const void *p, size_t n)
{
	char path[PATH_LEN];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL || fwrite(p, 1, n, f) != n ||
	    fclose(f) != 0 || chmod(path, 0600) == -1)
		die(path);
}

static size_t
get_file(const char *dir, const char *name, uint8_t *p, size_t cap)
{
	char path[PATH_LEN];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "r")) == NULL)
		die(path);
	n = fread(p, 1, cap, f);
	(void)fclose(f);
	return n;
}

static enum atls_rc
try_open(const char *tcti, const char *dir, const char *more,
    struct atls_err *err)
{
	char where[2 * PATH_LEN];
	enum atls_rc rc;
	void *dev;

	*err = (struct atls_err){ 0 };
	(void)snprintf(where, sizeof(where), "dir=%s%s,tcti=%s", dir, more,
	    tcti);
	dev = &dev;
	rc = A->open(&dev, where, err);
	T((rc == ATLS_OK) == (dev != NULL), "%s: handle", where);
	T(rc == err->rc, "%s: %s", where, atls_rc_name(err->rc));
	A->close(dev);
	return rc;
}

static const struct {
	const char	*what, *where;	/* a tcti that is not there is added */
	enum atls_rc	 rc;
} confs[] = {
	{ "all",	"dir=D,pcrs=sha256:0,akcert=F,",	ATLS_E_DEVICE },
	{ "other order", "akcert=F,pcrs=sha256:0,dir=D,",	ATLS_E_DEVICE },
	{ "dir only",	"dir=D,",				ATLS_E_DEVICE },
	{ "ranges",	"dir=D,pcrs=sha256:0-3+7+10-23,",	ATLS_E_DEVICE },
	{ "banks",	"dir=D,pcrs=sha256:0/sha384:1-23,",	ATLS_E_DEVICE },
	{ "one twice",	"dir=D,pcrs=sha256:1+1,",		ATLS_E_DEVICE },
	{ "no dir",	"pcrs=sha256:0,",			ATLS_E_CONF },
	{ "empty dir",	"dir=,",				ATLS_E_CONF },
	{ "no value",	"dir,",					ATLS_E_CONF },
	{ "dir twice",	"dir=D,dir=D,",				ATLS_E_CONF },
	{ "unknown",	"dir=D,flush=yes,",			ATLS_E_CONF },
	{ "upper case",	"DIR=D,",				ATLS_E_CONF },
	{ "space",	"dir=D, pcrs=sha256:0,",		ATLS_E_CONF },
	{ "two commas",	"dir=D,,",				ATLS_E_CONF },
	{ "no key",	"dir=D,=x,",				ATLS_E_CONF },
	{ "sha1",	"dir=D,pcrs=sha1:0,",			ATLS_E_CONF },
	{ "no bank",	"dir=D,pcrs=0,",			ATLS_E_CONF },
	{ "no list",	"dir=D,pcrs=sha256,",			ATLS_E_CONF },
	{ "empty list",	"dir=D,pcrs=sha256:,",			ATLS_E_CONF },
	{ "PCR 24",	"dir=D,pcrs=sha256:24,",		ATLS_E_CONF },
	{ "PCR 0-24",	"dir=D,pcrs=sha256:0-24,",		ATLS_E_CONF },
	{ "overflow",	"dir=D,pcrs=sha256:4294967296,",	ATLS_E_CONF },
	{ "negative",	"dir=D,pcrs=sha256:-1,",		ATLS_E_CONF },
	{ "falling",	"dir=D,pcrs=sha256:3-1,",		ATLS_E_CONF },
	{ "open range",	"dir=D,pcrs=sha256:3-,",		ATLS_E_CONF },
	{ "end plus",	"dir=D,pcrs=sha256:3+,",		ATLS_E_CONF },
	{ "end slash",	"dir=D,pcrs=sha256:3/,",		ATLS_E_CONF },
	{ "bank twice",	"dir=D,pcrs=sha256:1/sha256:2,",	ATLS_E_CONF },
	{ "third bank",	"dir=D,pcrs=sha256:1/sha384:1/sha256:2,",
	    ATLS_E_CONF },
	{ "sha512",	"dir=D,pcrs=sha512:0,",			ATLS_E_CONF },
};

int
tpm_broken_conf(const char *dir)
{
	struct atls_err err = { 0 };
	char where[PATH_LEN];
	void *dev;
	size_t i;

	for (i = 0; i < NITEMS(confs); i++) {
		err = (struct atls_err){ 0 };
		(void)snprintf(where, sizeof(where),
		    "%stcti=swtpm:path=%s/none,comma", confs[i].where, dir);
		dev = &dev;
		T(A->open(&dev, where, &err) == confs[i].rc && dev == NULL,
		    "%s: %s %s", confs[i].what, atls_rc_name(err.rc),
		    err.detail);
		T(err.rc == confs[i].rc && err.detail[0] != '\0', "%s: err",
		    confs[i].what);
		T((strcmp(err.where, "tpm.tcti") == 0) ==
		    (confs[i].rc == ATLS_E_DEVICE), "%s: %s", confs[i].what,
		    err.where);
	}
	T(strstr(err.detail, "sha512:0") != NULL, "quotes: %s", err.detail);
	T(A->open(&dev, NULL, NULL) == ATLS_E_CONF, "no where");
	T(A->open(&dev, "", NULL) == ATLS_E_CONF, "empty where");
	T(A->open(&dev, "dir=D,tcti=", NULL) == ATLS_E_CONF, "empty tcti");
	A->close(NULL);
	return t_end("t_tpm_attester_conf");
}


/* Descriptors that are open, and one more. */
static int
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (d == NULL)
		die("/proc/self/fd");
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static const char *const names[] = { "ak.pub", "ak.priv", "aik.pub",
	"aik.priv" };

struct saved {
	uint8_t	b[NITEMS(names)][FILE_MAX];
	size_t	len[NITEMS(names)];
};

static void
save(const char *dir, struct saved *s)
{
	size_t i;

	for (i = 0; i < NITEMS(names); i++)
		s->len[i] = get_file(dir, names[i], s->b[i], FILE_MAX);
}

static void
restore(const char *dir, const struct saved *s)
{
	size_t i;

	for (i = 0; i < NITEMS(names); i++)
		put_file(dir, names[i], s->b[i], s->len[i]);
}

/* Every prefix, one octet more, every bit (of the second pair, which takes the
 * same way: one of each octet): the key is what it was, or is not taken. */
static void
t_damage(const char *tcti, const char *dir, const struct saved *s, size_t i)
{
	uint8_t b[FILE_MAX];
	struct atls_err err;
	size_t n;

	for (n = 0; n < s->len[i]; n++) {
		put_file(dir, names[i], s->b[i], n);
		T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT,
		    "%s: first %zu: %s", names[i], n, err.detail);
	}
	memcpy(b, s->b[i], s->len[i]);
	b[s->len[i]] = 0;
	put_file(dir, names[i], b, s->len[i] + 1);
	T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT, "%s: longer",
	    names[i]);
	for (n = 0; n < 8 * s->len[i]; n += i < 2 ? 1 : 9) {
		b[n / 8] ^= (uint8_t)(1 << n % 8);
		put_file(dir, names[i], b, s->len[i]);
		T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT,
		    "%s: bit %zu: %s %s", names[i], n, atls_rc_name(err.rc),
		    err.detail);
		b[n / 8] ^= (uint8_t)(1 << n % 8);
	}
	put_file(dir, names[i], s->b[i], s->len[i]);
}

static void
t_modes(const char *tcti, const char *dir, const struct saved *s)
{
	char path[PATH_LEN], link[PATH_LEN];
	struct atls_err err;
	mode_t m;
	size_t i;

	for (m = 01; m <= 040; m <<= 1) {
		(void)chmod(dir, 0700 | m);
		T(try_open(tcti, dir, "", &err) == ATLS_E_CONF, "dir %o", m);
		(void)chmod(dir, 0700);
		for (i = 0; i < NITEMS(names); i++) {
			(void)snprintf(path, sizeof(path), "%s/%s", dir,
			    names[i]);
			(void)chmod(path, 0600 | m);
			T(try_open(tcti, dir, "", &err) == ATLS_E_CONF,
			    "%s %o", names[i], m);
			(void)chmod(path, 0600);
		}
	}
	(void)snprintf(link, sizeof(link), "%s.link", dir);
	T(symlink(dir, link) == 0, "symlink");
	T(try_open(tcti, link, "", &err) == ATLS_E_IO, "dir is a link");
	(void)unlink(link);
	T(try_open(tcti, "/etc/hostname", "", &err) == ATLS_E_IO, "a file");
	T(try_open(tcti, "/nonexistent/dir", "", &err) == ATLS_E_IO, "none");
	for (i = 0; i < NITEMS(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)snprintf(link, sizeof(link), "%s/away", dir);
		T(rename(path, link) == 0 && symlink(link, path) == 0, "link");
		T(try_open(tcti, dir, "", &err) == ATLS_E_IO, "%s is a link",
		    names[i]);
		(void)unlink(path);
		T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT,
		    "without %s", names[i]);
		T(mkfifo(path, 0600) == 0, "mkfifo");
		T(try_open(tcti, dir, "", &err) == ATLS_E_CONF, "%s is a pipe",
		    names[i]);
		(void)unlink(path);
		(void)unlink(link);
		restore(dir, s);
	}
	if (geteuid() != 0)
		return;
	T(chown(dir, 65534, 65534) == 0, "chown");
	T(try_open(tcti, dir, "", &err) == ATLS_E_CONF, "dir of another");
	T(chown(dir, 0, 0) == 0, "chown");
	(void)snprintf(path, sizeof(path), "%s/ak.pub", dir);
	T(chown(path, 65534, 65534) == 0, "chown");
	T(try_open(tcti, dir, "", &err) == ATLS_E_CONF, "file of another");
	T(chown(path, 0, 0) == 0, "chown");
}

int
tpm_broken_keys(const char *tcti, const char *dir)
{
	char other[PATH_LEN];
	struct saved s, o, after;
	struct atls_err err;
	int fds = open_fds();
	size_t i, j;

	(void)snprintf(other, sizeof(other), "%s/other", dir);
	T(mkdir(other, 0700) == 0, "mkdir");
	T(try_open(tcti, dir, "", &err) == ATLS_OK, "first: %s", err.detail);
	T(try_open(tcti, other, "", &err) == ATLS_OK, "other: %s",
	    err.detail);
	save(dir, &s);
	save(other, &o);
	T(try_open(tcti, dir, "", &err) == ATLS_OK, "again: %s", err.detail);
	t_modes(tcti, dir, &s);
	for (i = 0; i < NITEMS(names); i++) {
		t_damage(tcti, dir, &s, i);
		for (j = 0; j < NITEMS(names); j++) {
			if (i == j)
				continue;
			put_file(dir, names[i], s.b[j], s.len[j]);
			T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT,
			    "%s is %s", names[i], names[j]);
		}
		put_file(dir, names[i], o.b[i], o.len[i]);
		T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT,
		    "%s of another pair", names[i]);
		put_file(dir, names[i], s.b[i], s.len[i]);
	}
	put_file(dir, names[0], s.b[2], s.len[2]);
	put_file(dir, names[1], s.b[3], s.len[3]);
	T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT, "AIK for AK");
	restore(dir, &s);
	put_file(dir, names[2], s.b[0], s.len[0]);
	put_file(dir, names[3], s.b[1], s.len[1]);
	T(try_open(tcti, dir, "", &err) == ATLS_E_FORMAT, "AK for AIK");
	restore(dir, &s);
	T(try_open(tcti, dir, "", &err) == ATLS_OK, "last: %s", err.detail);
	save(dir, &after);
	for (i = 0; i < NITEMS(names); i++)
		T(s.len[i] == after.len[i] &&
		    memcmp(s.b[i], after.b[i], s.len[i]) == 0,
		    "%s was written to", names[i]);
	T(open_fds() == fds, "a descriptor was left open");
	return t_end("t_tpm_attester_keys");
}

/* What is loaded in the TPM, of one kind of handle. */
static UINT32
loaded(const char *tcti, UINT32 first)
{
	TPMS_CAPABILITY_DATA *cap = NULL;
	TSS2_TCTI_CONTEXT *t = NULL;
	ESYS_CONTEXT *e = NULL;
	TPMI_YES_NO more;
	UINT32 n = 99;

	if (Tss2_TctiLdr_Initialize(tcti, &t) == TSS2_RC_SUCCESS &&
	    Esys_Initialize(&e, t, NULL) == TSS2_RC_SUCCESS &&
	    Esys_GetCapability(e, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	    TPM2_CAP_HANDLES, first, TPM2_MAX_CAP_HANDLES, &more, &cap) ==
	    TSS2_RC_SUCCESS)
		n = cap->data.handles.count;
	Esys_Free(cap);
	Esys_Finalize(&e);
	Tss2_TctiLdr_Finalize(&t);
	return n;
}

/* All that a device does, up to the first failure; what fails once works
 * the second time. */
static enum atls_rc
all_of_it(const char *where, struct atls_err *err)
{
	static const uint8_t rd[] = "0123456789abcdef0123456789abcdef";
	uint8_t room[8192];
	struct atls_buf out = { room, sizeof(room), 0 };
	enum atls_rc rc;
	void *dev;

	if ((rc = A->open(&dev, where, err)) != ATLS_OK)
		return rc;
	rc = A->quote(dev, ATLS_ARRAY(rd), &out, err);
	if (rc == ATLS_OK)
		rc = atls_tpm_csr(dev, "a.example", &out, err);
	if (rc != ATLS_OK) {
		T(A->quote(dev, ATLS_ARRAY(rd), &out, NULL) == ATLS_OK,
		    "a quote after %s failed", wrap_hit);
		T(atls_tpm_csr(dev, "a.example", &out, NULL) == ATLS_OK,
		    "a request after %s failed", wrap_hit);
	}
	A->close(dev);
	return rc;
}

/* Files in dir that are no keys; then empties it. */
static int
sweep(const char *dir, int *nkeys)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	char path[2 * PATH_LEN];
	int others = 0;
	size_t i;

	*nkeys = 0;
	if (d == NULL)
		return 0;
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		for (i = 0; i < NITEMS(names); i++)
			if (strcmp(de->d_name, names[i]) == 0)
				break;
		if (i == NITEMS(names))
			others++;
		else
			++*nkeys;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		(void)unlink(path);
	}
	(void)closedir(d);
	(void)rmdir(dir);
	return others;
}

static void
t_calls(const char *tcti, const char *dir, bool fresh)
{
	char sub[PATH_LEN], where[2 * PATH_LEN];
	struct atls_err err;
	enum atls_rc rc;
	int n, nkeys;

	(void)snprintf(sub, sizeof(sub), "%s/keys", dir);
	(void)snprintf(where, sizeof(where),
	    "dir=%s,pcrs=sha256:0-23/sha384:0-23,tcti=%s", sub, tcti);
	for (n = 1;; n++) {
		wrap_hit = NULL;
		wrap_n = 0;
		wrap_at = n;
		err = (struct atls_err){ 0 };
		rc = all_of_it(where, &err);
		wrap_at = 0;
		if (wrap_hit == NULL)
			break;
		/* what is not flushed the first time is the second time */
		if (strcmp(wrap_hit, "Esys_FlushContext") == 0)
			T(rc == ATLS_OK, "call %d, %s: %s", n, wrap_hit,
			    err.detail);
		else
			T(rc != ATLS_OK && err.rc == rc &&
			    err.detail[0] != '\0' &&
			    atls_rc_class(rc) == ATLS_CLASS_HOST,
			    "call %d, %s: %s %s", n, wrap_hit,
			    atls_rc_name(rc), atls_rc_name(err.rc));
		T(loaded(tcti, HANDLES_OF_KEYS) == 0, "call %d, %s: keys",
		    n, wrap_hit);
		T(loaded(tcti, HANDLES_OF_SESSIONS) == 0,
		    "call %d, %s: sessions", n, wrap_hit);
		err = (struct atls_err){ 0 };
		T(all_of_it(where, &err) == ATLS_OK, "after call %d, %s: %s",
		    n, wrap_hit, err.detail);
		if (!fresh)
			continue;
		T(sweep(sub, &nkeys) == 0 && nkeys == 4,
		    "after call %d, %s: files", n, wrap_hit);
	}
	printf("%d calls, each failed once\n", n - 1);
	T(n > 20, "%d calls", n);
	T(rc == ATLS_OK, "no call fails: %s", err.detail);
	T(!fresh || sweep(sub, &nkeys) == 0, "files");
}

/* A failure, and another while the connection is made anew; then it works,
 * and nothing but the two keys of the device is in the TPM.  Their files are
 * not asked for again. */
static void
t_again(const char *tcti, const char *dir)
{
	static const uint8_t rd[] = "0123456789abcdef0123456789abcdef";
	struct atls_buf out = { (uint8_t[8192]){ 0 }, 8192, 0 };
	char sub[PATH_LEN], where[2 * PATH_LEN];
	enum atls_rc rc;
	int n, nkeys;
	void *dev;

	(void)snprintf(sub, sizeof(sub), "%s/keys", dir);
	(void)snprintf(where, sizeof(where), "dir=%s,tcti=%s", sub, tcti);
	T(A->open(&dev, where, NULL) == ATLS_OK, "open");
	T(sweep(sub, &nkeys) == 0 && nkeys == 4, "files");
	for (n = 1; dev != NULL; n++) {
		wrap_n = 0;
		wrap_at = 1;
		T(A->quote(dev, ATLS_ARRAY(rd), &out, NULL) != ATLS_OK,
		    "%d: no failure", n);
		wrap_hit = NULL;
		wrap_n = 0;
		wrap_at = n;
		rc = A->quote(dev, ATLS_ARRAY(rd), &out, NULL);
		wrap_at = 0;
		T(wrap_hit != NULL || rc == ATLS_OK, "%d: quote", n);
		T(A->quote(dev, ATLS_ARRAY(rd), &out, NULL) == ATLS_OK,
		    "%d: after %s", n, wrap_hit);
		T(loaded(tcti, HANDLES_OF_KEYS) == 2, "%d: keys after %s", n,
		    wrap_hit);
		if (wrap_hit == NULL)
			break;
	}
	T(n > 8, "%d calls", n);
	A->close(dev);
	T(loaded(tcti, HANDLES_OF_KEYS) == 0, "keys");
	T(sweep(sub, &nkeys) == 0 && nkeys == 0, "files were made");
}

int
tpm_broken_calls(const char *tcti, const char *dir)
{
	int fds = open_fds();

	t_calls(tcti, dir, true);
	t_calls(tcti, dir, false);
	t_again(tcti, dir);
	T(open_fds() == fds, "a descriptor was left open");
	return t_end("t_tpm_attester_calls");
}
