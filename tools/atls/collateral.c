/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral for later: fetch it, bundle it, look at it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "collateral.h"

#define PATH_LEN	4096	/* octets of a path, with NUL */

static const char usage[] =
"usage: atls collateral fetch [--from WHERE] --to DIR [option...] EVIDENCE...\n"
"       atls collateral fetch [--from WHERE] --bundle FILE --key PRIVATE\n"
"                             [option...] EVIDENCE...\n"
"       atls collateral export --from WHERE --key PRIVATE BUNDLE\n"
"       atls collateral import --key PUBLIC --to DIR BUNDLE\n"
"       atls collateral show [-j] [--key PUBLIC] WHERE\n"
"       atls collateral check [-j] --from WHERE [--key PUBLIC] [option...]\n"
"                             EVIDENCE...\n"
"  --from WHERE          a folder, a bundle, or net[:KEY=VALUE,...] (net)\n"
"  --to DIR              into this folder\n"
"  --bundle FILE         into a bundle\n"
"  --key FILE            that signs a bundle, or that it was signed with: PEM\n"
"  --kind KIND           evidence is raw, of this kind, and not a CMW\n"
"  --at TIME             RFC 3339 or Unix seconds (now)\n"
"  -j                    one JSON object\n";

/* Whole or not at all. */
static int
write_file(const char *path, struct atls_bytes b)
{
	char tmp[PATH_LEN];
	FILE *f;
	bool ok;

	if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", path, (long)getpid()) >=
	    (int)sizeof(tmp))
		return complain(EX_USAGE_ERROR, "%s: too long", path);
	if ((f = fopen(tmp, "wbx")) == NULL)
		return complain(EX_TROUBLE, "%s: %s", tmp, strerror(errno));
	ok = fwrite(b.p, 1, b.len, f) == b.len && fflush(f) == 0 &&
	    fsync(fileno(f)) == 0;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(tmp, path) == 0)
		return EX_ACCEPTED;
	(void)complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	(void)unlink(tmp);
	return EX_TROUBLE;
}

static int
write_bundle(const struct collateral_args *a, struct atls_collateral *c,
    const char *path)
{
	struct atls_buf key, out = { NULL, 0, 0 };
	struct atls_err err = { 0 };
	enum atls_rc rc;
	int status;

	if (a->key == NULL)
		return complain(EX_USAGE_ERROR, "a bundle is signed: --key?");
	if (file_read(a->key, &key) == -1)
		return complain(EX_TROUBLE, "%s: %s", a->key, strerror(errno));
	rc = atls_bundle_write(c, buf_view(&key), a->now, &out, NULL);
	if (rc == ATLS_E_SPACE && (out.p = malloc(out.len)) != NULL) {
		out.cap = out.len;
		rc = atls_bundle_write(c, buf_view(&key), a->now, &out, &err);
	} else if (rc != ATLS_E_SPACE)
		rc = atls_bundle_write(c, buf_view(&key), a->now, &out, &err);
	atls_wipe(key.p, key.len);
	free(key.p);
	status = rc != ATLS_OK ? complain_err(status_of_file(rc), path, &err) :
	    write_file(path, buf_view(&out));
	free(out.p);
	return status;
}

/* Without a cache of its own, the folder to be filled is that: then what is
 * there already is not asked for, and pauses hold from run to run. */
static char *
from_net(const struct collateral_args *a)
{
	const char *from = a->from == NULL ? "net" : a->from;
	size_t n = strlen(from) + 16 + (a->to == NULL ? 0 : strlen(a->to));
	char *s = malloc(n);

	if (s != NULL)
		(void)snprintf(s, n, "%s", from);
	if (s != NULL && a->to != NULL && strncmp(s, "net", 3) == 0 &&
	    (s[3] == '\0' || s[3] == ':') && strstr(s, "cache=") == NULL &&
	    strchr(a->to, ',') == NULL)
		(void)snprintf(s, n, "%s%scache=%s", from,
		    from[3] == ':' ? "," : ":", a->to);
	return s;
}

static int
fetch_one(const struct collateral_args *a, struct collateral *c,
    struct atls_collateral *into, const char *path)
{
	struct atls_err err = { 0 };
	struct evidence e;
	int status;

	status = evidence_open(&e, path, a->kind);
	if (status == EX_ACCEPTED && atls_source_fill(c->source, into, e.ev,
	    a->now, &err) != ATLS_OK)
		status = complain_err(EX_TROUBLE, path, &err);
	evidence_close(&e);
	return status;
}

static int
fetch(const struct collateral_args *a)
{
	struct atls_collateral *into = atls_collateral_new();
	/* of a bundle to be made it is the other half */
	struct collateral c = { .key = a->bundle == NULL ? a->key : NULL };
	struct atls_err err = { 0 };
	char *from = from_net(a);
	int status, one, i;

	if (into == NULL || from == NULL) {
		atls_collateral_free(into);
		free(from);
		return complain(EX_TROUBLE, "no memory");
	}
	c.from = from;
	status = collateral_open(&c, a->now);
	for (i = 0; i < a->nfile && c.source != NULL; i++) {
		one = fetch_one(a, &c, into, a->file[i]);
		status = status == EX_ACCEPTED ? one : status;
	}
	if (c.source != NULL && c.asks && atls_source_refresh(c.source, into,
	    a->now, &err) != ATLS_OK)
		(void)complain_err(EX_TROUBLE, "renewal", &err);
	err = (struct atls_err){ 0 };
	if (c.source != NULL && a->to != NULL && atls_source_save(into, a->to,
	    &err) != ATLS_OK)
		status = complain_err(EX_TROUBLE, a->to, &err);
	/* what a bundle lacks would be found out far from here */
	if (a->bundle != NULL && status == EX_ACCEPTED)
		status = write_bundle(a, into, a->bundle);
	collateral_close(&c);
	atls_collateral_free(into);
	free(from);
	return status;
}

int
collateral_all(const struct collateral_args *a, const char *from,
    struct collateral *c)
{
	struct atls_err err = { 0 };
	int status;

	*c = (struct collateral){ .from = from, .key = a->key };
	status = collateral_open(c, a->now);
	if (status == EX_ACCEPTED && c->asks && atls_source_all(c->source,
	    c->store, &err) != ATLS_OK)
		status = complain_err(status_of_file(err.rc), from, &err);
	return status;
}

static int
export(const struct collateral_args *a)
{
	struct collateral c;
	struct collateral_args unsigned_ = *a;
	int status;

	unsigned_.key = NULL;		/* it is for the bundle to be made */
	status = collateral_all(&unsigned_, a->from, &c);
	if (status == EX_ACCEPTED)
		status = write_bundle(a, c.store, a->file[0]);
	collateral_close(&c);
	return status;
}

/* When the last bundle was made that went into a folder. */
static int
mark_path(const char *dir, char out[PATH_LEN])
{
	return snprintf(out, PATH_LEN, "%s/.bundle", dir) < PATH_LEN ?
	    EX_ACCEPTED : complain(EX_USAGE_ERROR, "%s: too long", dir);
}

static int
mark_read(const char *path, int64_t *oldest)
{
	struct atls_buf text;
	int n = 0;

	*oldest = 0;
	if (file_read(path, &text) == -1)
		return errno == ENOENT ? EX_ACCEPTED : complain(EX_TROUBLE,
		    "%s: %s", path, strerror(errno));
	if (sscanf((char *)text.p, "%" SCNd64 "\n%n", oldest, &n) != 1 ||
	    (size_t)n != text.len || *oldest < 0)
		n = -1;
	free(text.p);
	return n > 0 ? EX_ACCEPTED : complain(EX_MALFORMED,
	    "%s: not the time of a bundle", path);
}

static int
import_bundle(const struct collateral_args *a, struct atls_bytes bundle,
    struct atls_bytes key, struct atls_collateral *c)
{
	char path[PATH_LEN], text[32];
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	int64_t oldest, made;
	int status;

	if ((status = mark_path(a->to, path)) != EX_ACCEPTED ||
	    (status = mark_read(path, &oldest)) != EX_ACCEPTED)
		return status;
	s = atls_source_bundle(bundle, key, a->now, oldest, &made, &err);
	if (s == NULL)
		return complain_err(status_of_file(err.rc), a->file[0], &err);
	if (atls_source_all(s, c, &err) != ATLS_OK ||
	    atls_source_save(c, a->to, &err) != ATLS_OK)
		status = complain_err(status_of_file(err.rc), a->to, &err);
	atls_source_free(s);
	if (status != EX_ACCEPTED)
		return status;
	(void)snprintf(text, sizeof(text), "%" PRId64 "\n", made);
	return write_file(path, (struct atls_bytes){ (uint8_t *)text,
	    strlen(text) });
}

static int
import(const struct collateral_args *a)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_buf bundle = { NULL, 0, 0 }, key = { NULL, 0, 0 };
	int status = EX_TROUBLE;

	if (a->key == NULL)
		status = complain(EX_USAGE_ERROR, "whose is it? --key FILE");
	else if (c == NULL)
		status = complain(EX_TROUBLE, "no memory");
	else if (file_read(a->file[0], &bundle) == -1)
		status = complain(EX_TROUBLE, "%s: %s", a->file[0],
		    strerror(errno));
	else if (file_read(a->key, &key) == -1)
		status = complain(EX_TROUBLE, "%s: %s", a->key,
		    strerror(errno));
	else
		status = import_bundle(a, buf_view(&bundle), buf_view(&key),
		    c);
	free(bundle.p);
	free(key.p);
	atls_collateral_free(c);
	return status;
}

static const struct {
	const char	*name;
	int		(*run)(const struct collateral_args *);
	int		 min, max;	/* arguments */
	bool		 from, to, out;	/* needed; out: to or bundle */
} verbs[] = {
	{ "fetch",	fetch,	1, INT32_MAX,	false, false, true },
	{ "export",	export,	1, 1,		true, false, false },
	{ "import",	import,	1, 1,		false, true, false },
	{ "show",	collateral_show,	1, 1,		false, false, false },
	{ "check",	collateral_check,	1, INT32_MAX,	true, false, false },
};

enum { O_FROM = 256, O_TO, O_BUNDLE, O_KEY, O_KIND, O_AT, O_HELP };

static const struct option longs[] = {
	{ "from", required_argument, NULL, O_FROM },
	{ "to", required_argument, NULL, O_TO },
	{ "bundle", required_argument, NULL, O_BUNDLE },
	{ "key", required_argument, NULL, O_KEY },
	{ "kind", required_argument, NULL, O_KIND },
	{ "at", required_argument, NULL, O_AT },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 },
};

/* -1: go on; else a status. */
static int
one_option(struct collateral_args *a, int o, const char *v)
{
	switch (o) {
	case O_FROM:
		a->from = v;
		return -1;
	case O_TO:
		a->to = v;
		return -1;
	case O_BUNDLE:
		a->bundle = v;
		return -1;
	case O_KEY:
		a->key = v;
		return -1;
	case O_KIND:
		a->kind = atls_kind_named(v);
		return a->kind != ATLS_KIND_NONE ? -1 :
		    complain(EX_USAGE_ERROR, "no kind '%s'", v);
	case O_AT:
		a->now = parse_time(v);
		return a->now > 0 ? -1 : complain(EX_USAGE_ERROR,
		    "--at: RFC 3339 in UTC, or Unix seconds");
	case 'j':
		a->json = true;
		return -1;
	case O_HELP:
		fputs(usage, stdout);
		return EX_ACCEPTED;
	default:
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
}

int
cmd_collateral(int argc, char **argv)
{
	struct collateral_args a = { .now = (int64_t)time(NULL) };
	size_t i;
	int o, status;

	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1)
		if ((status = one_option(&a, o, optarg)) != -1)
			return status;
	a.file = argv + optind + 1;
	a.nfile = argc - optind - 1;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (optind < argc && strcmp(argv[optind], verbs[i].name) == 0)
			break;
	if (i == sizeof(verbs) / sizeof(verbs[0]) ||
	    a.nfile < verbs[i].min || a.nfile > verbs[i].max ||
	    (verbs[i].from && a.from == NULL) ||
	    (verbs[i].to && a.to == NULL) || (verbs[i].out &&
	    (a.to == NULL) == (a.bundle == NULL))) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	return verbs[i].run(&a);
}
