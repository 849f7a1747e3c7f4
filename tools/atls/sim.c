/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, collateral and policies for simulated machines, as files. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <atls/sim.h>

#include "tool.h"

#define FILE_ROOM	(256u * 1024)	/* octets of a file written here */
#define PATH_ROOM	1024

static const char usage[] =
"usage: atls sim [option...] DIR       files for simulated machines:\n"
"                                      DIR/KIND/{root.pem,policy,collateral}\n"
"       atls sim --faults              what can be wrong with them\n"
"  --at TIME        make collateral for this time, not for now\n"
"  --instance N     which machine, 0 to 7\n"
"  --product NAME   of SNP: genoa, milan or turin\n"
"  --vlek           of SNP: signed by a VLEK\n"
"  --version N      of TDX quotes, 4 or 5; of SNP reports, 2, 3 or 5\n"
"  --fault NAME     of kinds that have it\n"
"  --component N    for faults that ask which\n";

static const enum atls_kind kinds[] = {
	ATLS_KIND_TDX, ATLS_KIND_SGX, ATLS_KIND_SNP, ATLS_KIND_CCA,
	ATLS_KIND_PSA, ATLS_KIND_NITRO, ATLS_KIND_EAR,
};

#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Where files go, and the status after a complaint about it. */
struct folder {
	char	path[PATH_ROOM];
	int	status;
};

/* Made if it is not there; name NULL: dir itself. */
static bool
folder_in(struct folder *f, const char *dir, const char *name)
{
	int n = name == NULL ? snprintf(f->path, sizeof(f->path), "%s", dir) :
	    snprintf(f->path, sizeof(f->path), "%s/%s", dir, name);

	f->status = EX_ACCEPTED;
	if (n < 0 || (size_t)n >= sizeof(f->path)) {
		f->status = complain(EX_USAGE_ERROR, "%s: too long", dir);
		return false;
	}
	if (mkdir(f->path, 0755) == 0 || errno == EEXIST)
		return true;
	f->status = complain(EX_TROUBLE, "%s: %s", f->path, strerror(errno));
	return false;
}

static bool
file_write(struct folder *f, const char *name, struct atls_bytes b)
{
	char path[PATH_ROOM + 64];
	FILE *out;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
	if ((out = fopen(path, "wb")) == NULL) {
		f->status = complain(EX_TROUBLE, "%s: %s", path,
		    strerror(errno));
		return false;
	}
	ok = fwrite(b.p, 1, b.len, out) == b.len;
	if (fclose(out) == 0 && ok)
		return true;
	f->status = complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	return false;
}

static enum atls_rc
item_write(void *arg, enum atls_item item, struct atls_bytes b)
{
	return file_write(arg, atls_item_file(item), b) ? ATLS_OK : ATLS_E_IO;
}

static int
failed(struct folder *f, enum atls_rc rc, const char *what,
    const struct atls_err *err)
{
	return f->status != EX_ACCEPTED ? f->status :
	    complain_err(status_of_file(rc), what, err);
}

/* Where there is no collateral, there is a folder of it nevertheless, so that
 * all kinds are used alike. */
static int
kind_write(const char *dir, enum atls_kind kind, struct atls_sim_opts o)
{
	const char *name = atls_kind_name(kind);
	struct atls_sim_opts right = o;
	struct atls_err err = { 0 };
	static uint8_t room[FILE_ROOM];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct folder f, in;
	enum atls_rc rc;

	right.fault = 0;		/* of what vouches, and of the policy */
	if (!atls_sim_fault_of(o.fault, kind))
		o.fault = 0;
	if (!folder_in(&f, dir, name))
		return f.status;
	if ((rc = atls_sim_root(kind, &right, &b, &err)) != ATLS_OK ||
	    !file_write(&f, "root.pem", buf_view(&b)))
		return failed(&f, rc, name, &err);
	if ((rc = atls_sim_policy(kind, &right, "root.pem", &b, &err)) !=
	    ATLS_OK || !file_write(&f, "policy", buf_view(&b)))
		return failed(&f, rc, name, &err);
	if (!folder_in(&in, f.path, "collateral"))
		return in.status;
	rc = atls_sim_collateral(kind, &o, item_write, &in, &err);
	return rc == ATLS_OK ? EX_ACCEPTED : failed(&in, rc, name, &err);
}

static int
all_write(const char *dir, const struct atls_sim_opts *o)
{
	struct folder f;
	size_t i;
	int status;

	if (!folder_in(&f, dir, NULL))
		return f.status;
	for (i = 0; i < NKINDS; i++)
		if ((status = kind_write(dir, kinds[i], *o)) != EX_ACCEPTED)
			return status;
	return EX_ACCEPTED;
}

static int
faults_print(void)
{
	unsigned f;
	size_t i;

	for (f = 1; atls_sim_fault_name(f) != NULL; f++) {
		printf("%s", atls_sim_fault_name(f));
		for (i = 0; i < NKINDS; i++)
			if (atls_sim_fault_of(f, kinds[i]))
				printf("\t%s", atls_kind_name(kinds[i]));
		printf("\t%s\n", atls_sim_fault_what(f));
	}
	return fflush(stdout) == 0 ? EX_ACCEPTED : complain(EX_TROUBLE,
	    "stdout: %s", strerror(errno));
}

/* 0 to max, or a complaint. */
static bool
number(const char *v, long max, unsigned *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(v, &end, 10);
	*out = n < 0 ? 0 : (unsigned)n;
	return errno == 0 && end != v && *end == '\0' && n >= 0 && n <= max;
}

static bool
product(const char *v, enum atls_sim_product *out)
{
	static const char *const names[] = { "genoa", "milan", "turin" };
	unsigned i;

	for (i = 0; i < 3; i++)
		if (strcmp(v, names[i]) == 0) {
			*out = (enum atls_sim_product)i;
			return true;
		}
	return false;
}

/* False: not a value for it. */
static bool
option(int o, const char *v, struct atls_sim_opts *out)
{
	switch (o) {
	case 'a':
		return (out->now = parse_time(v)) > 0;
	case 'i':
		return number(v, ATLS_SIM_INSTANCES - 1, &out->instance);
	case 'p':
		return product(v, &out->product);
	case 'v':
		out->vlek = true;
		return true;
	case 'n':
		return number(v, 5, &out->version);
	case 'f':
		return (out->fault = atls_sim_fault_named(v)) != 0;
	case 'c':
		return number(v, 255, &out->at);
	default:
		return false;
	}
}

int
cmd_sim(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "at", required_argument, NULL, 'a' },
		{ "component", required_argument, NULL, 'c' },
		{ "fault", required_argument, NULL, 'f' },
		{ "faults", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "instance", required_argument, NULL, 'i' },
		{ "product", required_argument, NULL, 'p' },
		{ "version", required_argument, NULL, 'n' },
		{ "vlek", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct atls_sim_opts opts = { .now = (int64_t)time(NULL) };
	int o, i = 0;

	while ((o = getopt_long(argc, argv, "", longs, &i)) != -1) {
		if (o == 'h')
			return fputs(usage, stdout) == EOF ? EX_TROUBLE :
			    EX_ACCEPTED;
		if (o == 'l')
			return faults_print();
		if (o == '?')
			return EX_USAGE_ERROR;
		if (!option(o, optarg, &opts))
			return complain(EX_USAGE_ERROR, "--%s: not '%s'",
			    longs[i].name, optarg == NULL ? "" : optarg);
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	return all_write(argv[optind], &opts);
}
