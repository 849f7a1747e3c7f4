/* SPDX-License-Identifier: Apache-2.0 */
/* doc/attacks.md: the matrix, and a story for each attack; a short table. */
#include <stdlib.h>
#include <string.h>

#include "show.h"

static const char head[] =
"# Attacks, as the laboratory played them\n\n"
"Written by `atls lab --markdown`; do not edit. Each cell is what happened\n"
"between real endpoints over loopback, with simulated machines. *Wins* means\n"
"that the client sent its secret and the attacker printed it; otherwise the\n"
"cell has the check for which the client refused. *open* is attestation\n"
"alone, *measures* with all of them: PKI name, one key in handshake and\n"
"authenticator, pinned machines, an enrolment record. In families other than\n"
"`post` the policy lowers `binding-min` and `freshness-min` by name; without\n"
"that it refuses every peer of them.\n\n";

static void
short_cell(FILE *out, const struct lab_outcome *o)
{
	if (o->verdict == LAB_WINS)
		fprintf(out, "**wins**");
	else if (o->verdict == LAB_REFUSED)
		fprintf(out, "`%s`", o->where);
	else
		fprintf(out, "%s", o->verdict == LAB_NA ? "n/a" : "trouble");
}

static void
table(FILE *out, const struct lab_cell *cells, enum lab_family f)
{
	size_t i;

	fprintf(out, "## %s\n\n| attack | open | measures | check left out | "
	    "published |\n|---|---|---|---|---|\n", lab_family_name(f));
	for (i = 0; i < lab_nattacks; i++) {
		const struct lab_cell *c = &cells[i * LAB_NFAMILIES + f];

		fprintf(out, "| %s | ", lab_attacks[i].name);
		short_cell(out, &c->with[LAB_BARE]);
		fprintf(out, " | ");
		short_cell(out, &c->with[LAB_ALL]);
		fprintf(out, " | ");
		if (c->switched)
			short_cell(out, &c->off);
		fprintf(out, " | %s%s |\n", lab_published_name(
		    lab_attacks[i].published[f]), c->differs ?
		    ", ours differs" : "");
	}
	(void)fputc('\n', out);
}

static void
differences(FILE *out, const struct lab_cell *cells)
{
	size_t i;

	fprintf(out, "## Where ours differs from what was published\n\n");
	for (i = 0; i < lab_nattacks * LAB_NFAMILIES; i++)
		if (cells[i].differs)
			fprintf(out, "* %s, %s: %s.\n",
			    lab_attacks[i / LAB_NFAMILIES].name,
			    lab_family_name((enum lab_family)
			    (i % LAB_NFAMILIES)), cells[i].how);
	(void)fputc('\n', out);
}

/* A line for each family in which he wins: "stopped by" which single measures,
 * and for which check. */
static void
stopped_by(FILE *out, const struct lab_cell *cells)
{
	size_t f;
	unsigned m;

	for (f = 0; f < LAB_NFAMILIES; f++) {
		const char *sep = "";

		if (cells[f].with[LAB_BARE].verdict != LAB_WINS)
			continue;
		fprintf(out, "* %s, open; stopped by: ", lab_family_name(
		    (enum lab_family)f));
		for (m = LAB_PKI; m < LAB_ALL; m++)
			if (cells[f].with[m].verdict == LAB_REFUSED) {
				fprintf(out, "%s%s (`%s`)", sep,
				    lab_measure_name((enum lab_measure)m),
				    cells[f].with[m].where);
				sep = ", ";
			}
		fprintf(out, "%s\n", sep[0] == '\0' ? "no measure" : "");
	}
}

static void
tale(FILE *out, struct lab_run *r, const struct lab_attack *a,
    enum lab_family f, unsigned leave)
{
	lab_play(r, a, f, LAB_BARE, leave);
	if (leave == 0)
		fprintf(out, "\nIn `%s`:\n\n```\n", lab_family_name(f));
	else
		fprintf(out, "\nWith the check left out (%s):\n\n```\n",
		    a->without);
	lab_tale_print(out, r);
	fprintf(out, "```\n");
}

/* The first family in which an attack can be. */
static enum lab_family
home(const struct lab_attack *a)
{
	enum lab_family f = LAB_POST;

	while (f + 1 < LAB_NFAMILIES && a->na[f] != NULL)
		f++;
	return f;
}

/* The first family that is worse off than that. */
static void
other(FILE *out, const struct lab_cell *cells, struct lab_run *r,
    const struct lab_attack *a)
{
	size_t f;

	if (cells[home(a)].with[LAB_BARE].verdict != LAB_REFUSED)
		return;
	for (f = LAB_PRE; f < LAB_NFAMILIES; f++)
		if (cells[f].with[LAB_BARE].verdict == LAB_WINS) {
			tale(out, r, a, (enum lab_family)f, 0);
			return;
		}
}

static void
stories(FILE *out, const struct lab_cell *cells, struct lab_run *r)
{
	char text[256];
	size_t i, f;

	fprintf(out, "## Stories\n\n");
	for (i = 0; i < lab_nattacks; i++) {
		const struct lab_attack *a = &lab_attacks[i];

		fprintf(out, "### %s\n\nCause: %s.\n\nThe attacker: %s.\n"
		    "\nHis powers: %s.\n\n", a->name, a->cause, a->plan,
		    lab_powers(a->powers, text, sizeof(text)));
		stopped_by(out, &cells[i * LAB_NFAMILIES]);
		for (f = 0; f < LAB_NFAMILIES; f++)
			if (a->na[f] != NULL)
				fprintf(out, "* %s, not applicable: %s\n",
				    lab_family_name((enum lab_family)f),
				    a->na[f]);
		f = home(a);
		tale(out, r, a, (enum lab_family)f, 0);
		if (a->leave[f] != 0)
			tale(out, r, a, (enum lab_family)f, a->leave[f]);
		other(out, &cells[i * LAB_NFAMILIES], r, a);
		(void)fputc('\n', out);
	}
}

bool
lab_markdown(FILE *out, const struct lab_cell *cells)
{
	struct lab_run *r = malloc(sizeof(*r));
	size_t f;

	if (r == NULL)
		return false;
	fputs(head, out);
	for (f = 0; f < LAB_NFAMILIES; f++)
		table(out, cells, (enum lab_family)f);
	differences(out, cells);
	stories(out, cells, r);
	free(r);
	return true;
}

void
lab_table(FILE *out, const struct lab_cell *cells)
{
	size_t i, f;

	fprintf(out, "| attack |");
	for (f = 0; f < LAB_NFAMILIES; f++)
		fprintf(out, " %s |", lab_family_name((enum lab_family)f));
	fprintf(out, "\n|---|---|---|---|---|\n");
	for (i = 0; i < lab_nattacks; i++) {
		fprintf(out, "| %s |", lab_attacks[i].name);
		for (f = 0; f < LAB_NFAMILIES; f++) {
			const struct lab_cell *c =
			    &cells[i * LAB_NFAMILIES + f];

			(void)fputc(' ', out);
			short_cell(out, &c->with[LAB_BARE]);
			if (c->with[LAB_BARE].verdict == LAB_WINS &&
			    c->with[LAB_ALL].verdict == LAB_REFUSED) {
				fprintf(out, ", or ");
				short_cell(out, &c->with[LAB_ALL]);
			}
			fprintf(out, "%s |", c->differs ? " ≠" : "");
		}
		(void)fputc('\n', out);
	}
}
