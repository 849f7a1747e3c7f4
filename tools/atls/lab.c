/* SPDX-License-Identifier: Apache-2.0 */
/* The attack laboratory as a command. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../../lab/show.h"
#include "tool.h"

static const char usage[] =
"usage: atls lab [option...] [ATTACK [FAMILY]]   play attacks, print a matrix\n"
"       atls lab [--anywhere] --target HOST:PORT a few moves against yours\n"
"  -v               tell the story, step by step\n"
"  -j               a line of JSON for each cell\n"
"  --tsv            a line of fields for each cell\n"
"  --markdown       matrix and stories, for doc/attacks.md\n"
"  --table          attacks by families, for README.md\n"
"  --svg FILE       the story as a drawing\n"
"  --measure NAME   bare, name, one-key, pin, enrolment or all\n"
"  --without-check  leave the check out, in the laboratory's own client\n"
"  --kind KIND      of the simulated machines: tdx, sgx, snp\n"
"  --tpm WHERE      three times, in place of them: TPMs of the server, of a\n"
"                   tenant beside it, of the attacker, as behind tpm:\n"
"  --list           the attacks\n"
"FAMILY is post, pre, intra or tls-a.\n";

struct want {
	const struct lab_attack	*attack;	/* NULL: all */
	int			 family;	/* -1: all */
	int			 measure;
	bool			 verbose, json, tsv, markdown, table, without;
	bool			 anywhere;
	const char		*svg, *target, *tpm[LAB_NTPMS];
	size_t			 ntpm;
	enum atls_kind		 kind;
};

static int
list(void)
{
	char text[256];
	size_t i;

	for (i = 0; i < lab_nattacks; i++)
		printf("%-23s %s\n%-23s has: %s\n", lab_attacks[i].name,
		    lab_attacks[i].plan, "", lab_powers(lab_attacks[i].powers,
		    text, sizeof(text)));
	return EX_ACCEPTED;
}

static bool
arguments(struct want *w, int argc, char **argv)
{
	size_t i;
	int f;

	if (argc > 2)
		return false;
	for (i = 0; argc > 0 && i < lab_nattacks; i++)
		if (strcmp(argv[0], lab_attacks[i].name) == 0)
			w->attack = &lab_attacks[i];
	for (f = 0; argc > 1 && f < LAB_NFAMILIES; f++)
		if (strcmp(argv[1], lab_family_name((enum lab_family)f)) ==
		    0)
			w->family = f;
	return (argc < 1 || w->attack != NULL) && (argc < 2 ||
	    w->family != -1);
}

static bool
measure(struct want *w, const char *name)
{
	int m;

	for (m = 0; m < LAB_NMEASURES; m++)
		if (strcmp(name, lab_measure_name((enum lab_measure)m)) ==
		    0) {
			w->measure = m;
			return true;
		}
	return false;
}

static int
draw(const char *path, const struct lab_run *r)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	lab_tale_svg(f, r);
	return fclose(f) == 0 ? EX_ACCEPTED : complain(EX_TROUBLE, "%s: %s",
	    path, strerror(errno));
}

/* One run, told.  The status is whether the attack was refused. */
static int
story(const struct want *w, enum lab_family f)
{
	struct lab_run *r = malloc(sizeof(*r));
	const struct lab_attack *a = w->attack;
	char text[256];
	int status;

	if (r == NULL)
		return complain(EX_TROUBLE, "no memory");
	lab_play(r, a, f, (enum lab_measure)w->measure, w->without ?
	    a->leave[f] : 0);
	printf("%s, %s, %s%s%s\ncause: %s\nattacker: %s\nhis powers: %s\n\n",
	    a->name, lab_family_name(f), lab_measure_name(
	    (enum lab_measure)w->measure), w->without && a->leave[f] != 0 ?
	    ", check left out: " : "", w->without && a->leave[f] != 0 ?
	    a->without : "", a->cause, a->plan, lab_powers(a->powers, text,
	    sizeof(text)));
	if (r->verdict == LAB_NA || r->verdict == LAB_TROUBLE)
		printf("%s: %s\n", lab_verdict_name(r->verdict), r->detail);
	else
		lab_tale_print(stdout, r);
	printf("\n%s%s%s\n", lab_verdict_name(r->verdict),
	    r->verdict == LAB_REFUSED ? " by " : "", r->where);
	status = w->svg != NULL ? draw(w->svg, r) : EX_ACCEPTED;
	if (r->verdict == LAB_TROUBLE)
		status = EX_TROUBLE;
	else if (status == EX_ACCEPTED && r->verdict == LAB_WINS)
		status = EX_REJECTED;
	free(r);
	return status;
}

static int
cell(const struct want *w, struct lab_cell *c, const struct lab_attack *a,
    enum lab_family f)
{
	int status = EX_ACCEPTED;
	unsigned m;

	lab_cell_play(c, a, f);
	for (m = 0; m < LAB_NMEASURES; m++)
		if (c->with[m].verdict == LAB_TROUBLE)
			status = complain(EX_TROUBLE, "%s %s: %s", a->name,
			    lab_family_name(f), c->with[m].detail);
	if (w->json)
		lab_cell_json(stdout, a, f, c);
	else if (w->tsv)
		lab_cell_tsv(stdout, a, f, c);
	return status;
}

static int
cells(const struct want *w)
{
	struct lab_cell *c = calloc(lab_nattacks * LAB_NFAMILIES,
	    sizeof(*c));
	int status = EX_ACCEPTED, s;
	unsigned f;
	size_t i;

	if (c == NULL)
		return complain(EX_TROUBLE, "no memory");
	for (i = 0; i < lab_nattacks; i++)
		for (f = 0; f < LAB_NFAMILIES; f++)
			if ((w->attack == NULL || w->attack ==
			    &lab_attacks[i]) && (w->family == -1 ||
			    w->family == (int)f) && (s = cell(w,
			    &c[i * LAB_NFAMILIES + f], &lab_attacks[i],
			    (enum lab_family)f)) > status)
				status = s;
	if (w->markdown)
		(void)lab_markdown(stdout, c);
	else if (w->table)
		lab_table(stdout, c);
	else if (!w->json && !w->tsv)
		lab_matrix_print(stdout, c);
	free(c);
	return status;
}

static int
run(const struct want *w)
{
	char why[LAB_TEXT];
	int f, status = EX_ACCEPTED, s;

	if (!lab_world_open(w->ntpm > 0 ? ATLS_KIND_TPM : w->kind, w->tpm,
	    why))
		return complain(EX_TROUBLE, "cannot be made: %s", why);
	if (w->attack != NULL && (w->verbose || w->svg != NULL)) {
		for (f = 0; f < LAB_NFAMILIES; f++)
			if ((w->family == -1 || w->family == f) &&
			    (s = story(w, (enum lab_family)f)) > status)
				status = s;
	} else
		status = cells(w);
	lab_world_close();
	return fflush(stdout) == 0 ? status : complain(EX_TROUBLE,
	    "stdout: %s", strerror(errno));
}

static bool
option(struct want *w, int o, const char *v)
{
	switch (o) {
	case 'v': w->verbose = true; return true;
	case 'j': w->json = true; return true;
	case 't': w->tsv = true; return true;
	case 'm': w->markdown = true; return true;
	case 'b': w->table = true; return true;
	case 'w': w->without = true; return true;
	case 'a': w->anywhere = true; return true;
	case 's': w->svg = v; return true;
	case 'T': w->target = v; return true;
	case 'p':
		if (w->ntpm == LAB_NTPMS)
			return false;
		w->tpm[w->ntpm++] = v;
		return true;
	case 'M': return measure(w, v);
	case 'k':
		w->kind = atls_kind_named(v);
		return w->kind == ATLS_KIND_TDX || w->kind ==
		    ATLS_KIND_SGX || w->kind == ATLS_KIND_SNP;
	default: return false;
	}
}

int
cmd_lab(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "anywhere", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ "kind", required_argument, NULL, 'k' },
		{ "list", no_argument, NULL, 'l' },
		{ "markdown", no_argument, NULL, 'm' },
		{ "measure", required_argument, NULL, 'M' },
		{ "svg", required_argument, NULL, 's' },
		{ "table", no_argument, NULL, 'b' },
		{ "target", required_argument, NULL, 'T' },
		{ "tpm", required_argument, NULL, 'p' },
		{ "tsv", no_argument, NULL, 't' },
		{ "without-check", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	struct want w = { .family = -1, .kind = ATLS_KIND_TDX };
	int o, status;

	while ((o = getopt_long(argc, argv, "vj", longs, NULL)) != -1) {
		if (o == 'h')
			return fputs(usage, stdout) == EOF ? EX_TROUBLE :
			    EX_ACCEPTED;
		if (o == 'l')
			return list();
		if (!option(&w, o, optarg)) {
			fputs(usage, stderr);
			return EX_USAGE_ERROR;
		}
	}
	if (!arguments(&w, argc - optind, argv + optind) ||
	    (w.svg != NULL && (w.attack == NULL || w.family == -1)) ||
	    ((w.markdown || w.table) && w.attack != NULL) ||
	    (w.ntpm != 0 && w.ntpm != LAB_NTPMS) ||
	    (w.target != NULL && w.attack != NULL)) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if (w.target == NULL)
		return run(&w);
	status = lab_target(stdout, w.target, w.anywhere);
	return status != 2 ? status : complain(EX_USAGE_ERROR, "%s: not an "
	    "address near enough; see --anywhere in atls-lab(1)", w.target);
}
