/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix: attacks, families, measures, and what was published. */
#include <string.h>

#include "show.h"

static const char *const powers[] = {
	"network", "a recorded credential", "a leaked TLS key",
	"a leaked attestation key of another machine",
	"a genuine machine of his own", "a dishonest host",
	"an evidence oracle", "keys of tickets",
};

const char *
lab_powers(unsigned mask, char *out, size_t cap)
{
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < LAB_NITEMS(powers); i++)
		if ((mask & 1u << i) != 0 && n < cap)
			n += (size_t)snprintf(out + n, cap - n, "%s%s",
			    n > 0 ? ", " : "", powers[i]);
	return out;
}

const char *
lab_verdict_name(enum lab_verdict v)
{
	switch (v) {
	case LAB_NA:
		return "not applicable";
	case LAB_REFUSED:
		return "refused";
	case LAB_WINS:
		return "attacker wins";
	case LAB_TROUBLE:
		break;
	}
	return "TROUBLE";
}

static char
letter(enum lab_verdict v)
{
	return v == LAB_NA ? '.' : v == LAB_REFUSED ? 'r' :
	    v == LAB_WINS ? 'W' : '?';
}

static void
outcome(struct lab_outcome *o, const struct lab_run *r)
{
	o->verdict = r->verdict;
	o->rc = r->rc;
	(void)snprintf(o->where, sizeof(o->where), "%s", r->where);
	(void)snprintf(o->detail, sizeof(o->detail), "%s", r->detail);
}

/* "Stopped" means by the protocol, with no measure; "a duty" that it is open
 * without, and closed by the measures; "open" that the protocol does not. */
static void
compare(struct lab_cell *c, char published)
{
	bool bare = c->with[LAB_BARE].verdict == LAB_WINS;
	bool all = c->with[LAB_ALL].verdict == LAB_WINS;
	const char *how = NULL;

	if (c->with[LAB_BARE].verdict == LAB_NA)
		return;
	if (published == 'y' && bare)
		how = "published as stopped; here the attacker wins";
	else if (published == 'n' && !bare)
		how = "published as open; here it is refused";
	else if (published == 'P' && all)
		how = "published as a duty of platform or policy; no measure "
		    "here stops it";
	else if (published == '?')
		how = bare ? "disputed; here the attacker wins" :
		    "disputed; here it is refused";
	c->differs = how != NULL;
	(void)snprintf(c->how, sizeof(c->how), "%s", how == NULL ? "" : how);
}

void
lab_cell_play(struct lab_cell *c, const struct lab_attack *a,
    enum lab_family f)
{
	static struct lab_run r;
	unsigned m;

	memset(c, 0, sizeof(*c));
	c->played = true;
	for (m = 0; m < LAB_NMEASURES; m++) {
		lab_play(&r, a, f, (enum lab_measure)m, 0);
		outcome(&c->with[m], &r);
	}
	if (c->with[LAB_BARE].verdict != LAB_NA && a->leave[f] != 0) {
		lab_play(&r, a, f, LAB_BARE, a->leave[f]);
		outcome(&c->off, &r);
		c->switched = true;
	}
	compare(c, a->published[f]);
}

const char *
lab_published_name(char c)
{
	return c == 'y' ? "stopped" : c == 'n' ? "open" : c == 'P' ? "duty" :
	    c == '?' ? "disputed" : "";
}

/* "not with", and the single measures that turn his win into a refusal. */
static void
not_with(FILE *out, const struct lab_cell *c)
{
	const char *sep = "not with ";
	unsigned m;

	for (m = LAB_PKI; m < LAB_ALL; m++)
		if (c->with[m].verdict == LAB_REFUSED) {
			fprintf(out, "%s%s", sep, lab_measure_name(
			    (enum lab_measure)m));
			sep = ", ";
		}
	if (c->with[LAB_ALL].verdict == LAB_WINS)
		fprintf(out, "no measure helps");
}

static void
cell_print(FILE *out, const struct lab_cell *c, char published)
{
	const struct lab_outcome *o = &c->with[LAB_BARE];
	char text[96];

	(void)snprintf(text, sizeof(text), "%s%s%s%s",
	    o->verdict == LAB_WINS ? "ATTACKER WINS" :
	    lab_verdict_name(o->verdict), o->verdict == LAB_REFUSED ?
	    " by " : "", o->verdict == LAB_REFUSED ? o->where : "",
	    c->switched && c->off.verdict == LAB_WINS ? " *" : "");
	fprintf(out, "%-34s %-8s %s ", text, lab_published_name(published),
	    c->differs ? "!" : " ");
	if (o->verdict == LAB_WINS)
		not_with(out, c);
	(void)fputc('\n', out);
}

static void
legend(FILE *out)
{
	fprintf(out, "\nATTACKER WINS: the victim sent its secret, and he "
	    "printed it.\n*: so he does with that check left out, in the "
	    "laboratory's own client.\nThen what was published: stopped, "
	    "open, a duty of platform or policy, disputed;\n!: ours "
	    "differs.\nThen which measures stop him, one by one.  -j and "
	    "--tsv have every cell.\n");
}

static void
differences(FILE *out, const struct lab_cell *cells)
{
	const char *title = "\nWhere ours differs:\n";
	size_t i, f;

	for (i = 0; i < lab_nattacks; i++)
		for (f = 0; f < LAB_NFAMILIES; f++) {
			const struct lab_cell *c =
			    &cells[i * LAB_NFAMILIES + f];

			if (!c->differs)
				continue;
			fprintf(out, "%s  %s %s: %s%s%s\n", title,
			    lab_attacks[i].name, lab_family_name(
			    (enum lab_family)f), c->how,
			    c->with[0].verdict == LAB_REFUSED ? ", by " : "",
			    c->with[0].verdict == LAB_REFUSED ?
			    c->with[0].where : "");
			title = "";
		}
}

void
lab_matrix_print(FILE *out, const struct lab_cell *cells)
{
	const char *name;
	size_t i, f;

	for (i = 0; i < lab_nattacks; i++) {
		name = lab_attacks[i].name;
		for (f = 0; f < LAB_NFAMILIES; f++) {
			if (!cells[i * LAB_NFAMILIES + f].played)
				continue;
			fprintf(out, "%-21s %-5s ", name, lab_family_name(
			    (enum lab_family)f));
			name = "";
			cell_print(out, &cells[i * LAB_NFAMILIES + f],
			    lab_attacks[i].published[f]);
		}
	}
	legend(out);
	differences(out, cells);
}

void
lab_cell_tsv(FILE *out, const struct lab_attack *a, enum lab_family f,
    const struct lab_cell *c)
{
	unsigned m;

	fprintf(out, "%s\t%s\t", a->name, lab_family_name(f));
	for (m = 0; m < LAB_NMEASURES; m++)
		(void)fputc(letter(c->with[m].verdict), out);
	fprintf(out, "\t%c", c->switched ? letter(c->off.verdict) : '-');
	for (m = 0; m < LAB_NMEASURES; m++)
		fprintf(out, "%c%s", m == 0 ? '\t' : ',',
		    c->with[m].verdict == LAB_REFUSED ? c->with[m].where :
		    "-");
	(void)fputc('\n', out);
}

static void
outcome_json(FILE *out, const char *name, const struct lab_outcome *o)
{
	fprintf(out, "\"%s\":{\"verdict\":\"%s\"", name,
	    lab_verdict_name(o->verdict));
	if (o->verdict == LAB_REFUSED)
		fprintf(out, ",\"rc\":\"%s\",\"where\":\"%s\"",
		    atls_rc_name(o->rc), o->where);
	(void)fputc('}', out);
}

void
lab_cell_json(FILE *out, const struct lab_attack *a, enum lab_family f,
    const struct lab_cell *c)
{
	unsigned m;

	fprintf(out, "{\"attack\":\"%s\",\"family\":\"%s\","
	    "\"published\":\"%c\",\"differs\":%s,", a->name,
	    lab_family_name(f), a->published[f], c->differs ? "true" :
	    "false");
	for (m = 0; m < LAB_NMEASURES; m++) {
		outcome_json(out, lab_measure_name((enum lab_measure)m),
		    &c->with[m]);
		(void)fputc(',', out);
	}
	outcome_json(out, "check-left-out", &c->off);
	fprintf(out, "}\n");
}
