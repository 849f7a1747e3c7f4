/* SPDX-License-Identifier: Apache-2.0 */
/* One run, told: in words, as a figure of letters, as one of lines. */
#include <string.h>

#include "show.h"

static const char *const names[LAB_NWHO] = {
	[LAB_CLIENT] = "client", [LAB_ATTACKER] = "attacker",
	[LAB_SERVER] = "server",
};

static const unsigned column[LAB_NWHO] = { 4, 24, 44 };

#define WIDTH	48
#define NUMBER	3		/* octets of a number in the figure */

static void
arrow(char line[WIDTH + 1], const struct lab_event *e, unsigned number)
{
	unsigned from = column[e->from], to = column[e->to];
	unsigned left = from < to ? from : to;
	unsigned right = from < to ? to : from;
	char text[16];
	int n;

	n = snprintf(text, sizeof(text), " %u ", number);
	if (from == to) {
		n = snprintf(text, sizeof(text), "%u", number);
		memcpy(line + from, text, (size_t)n);
		return;
	}
	memset(line + left + 1, '-', right - left - 1);
	line[from < to ? right - 1 : left + 1] = from < to ? '>' : '<';
	memcpy(line + (left + right) / 2 - 1, text, (size_t)n);
}

static void
figure(FILE *out, const struct lab_run *r)
{
	char line[WIDTH + 1];
	size_t i, w;

	fprintf(out, "  %-18s%-20s%s\n", names[LAB_CLIENT],
	    names[LAB_ATTACKER], names[LAB_SERVER]);
	for (i = 0; i < r->nevent; i++) {
		memset(line, ' ', WIDTH);
		line[WIDTH] = '\0';
		for (w = 0; w < LAB_NWHO; w++)
			line[column[w]] = '|';
		arrow(line, &r->event[i], (unsigned)i + 1);
		w = WIDTH;
		while (w > 0 && line[w - 1] == ' ')
			line[--w] = '\0';
		fprintf(out, "%s\n", line);
	}
}

void
lab_tale_print(FILE *out, const struct lab_run *r)
{
	size_t i;

	figure(out, r);
	(void)fputc('\n', out);
	for (i = 0; i < r->nevent; i++) {
		const struct lab_event *e = &r->event[i];

		fprintf(out, "%2zu. %s%s%s: %s\n", i + 1, names[e->from],
		    e->from == e->to ? "" : " to ",
		    e->from == e->to ? "" : names[e->to], e->text);
	}
}

/* --- the same as a drawing */

#define STEP		44
#define TOP		88
#define X(who)		(100 + 480 * (int)(who))

/* Letters have a white edge: where they cross a line, they are read. */
static const char style[] = "font-family=\"sans-serif\" font-size=\"13\" "
    "stroke-linejoin=\"round\" paint-order=\"stroke\"";

static void
text_svg(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else
			(void)fputc(*s, out);
}

static void
event_svg(FILE *out, const struct lab_event *e, int y)
{
	int from = X(e->from), to = X(e->to);

	if (from != to)
		fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
		    "stroke=\"black\" marker-end=\"url(#a)\"/>\n", from, y,
		    to, y);
	else
		fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", from,
		    y);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" "
	    "stroke=\"white\" stroke-width=\"4\">",
	    from == to ? from + 10 : (from + to) / 2, y - 8,
	    from == to ? "start" : "middle");
	text_svg(out, e->text);
	fprintf(out, "</text>\n");
}

void
lab_tale_svg(FILE *out, const struct lab_run *r)
{
	int height = TOP + STEP * ((int)r->nevent + 1);
	size_t i;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1240\""
	    " height=\"%d\" %s>\n"
	    "<defs><marker id=\"a\" markerWidth=\"10\" markerHeight=\"8\" "
	    "refX=\"9\" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L10,4 L0,8 "
	    "z\"/></marker></defs>\n<rect width=\"100%%\" height=\"100%%\" "
	    "fill=\"white\"/>\n", height, style);
	fprintf(out, "<text x=\"20\" y=\"24\" font-size=\"15\">%s, %s%s: %s%s%s"
	    "</text>\n", r->attack->name, lab_family_name(r->family),
	    r->leave != 0 ? ", check left out" : "",
	    lab_verdict_name(r->verdict), r->verdict == LAB_REFUSED ?
	    " by " : "", r->verdict == LAB_REFUSED ? r->where : "");
	for (i = 0; i < LAB_NWHO; i++)
		fprintf(out, "<text x=\"%d\" y=\"54\" text-anchor=\"middle\" "
		    "font-weight=\"bold\">%s</text>\n<line x1=\"%d\" y1=\"64\""
		    " x2=\"%d\" y2=\"%d\" stroke=\"grey\"/>\n", X(i), names[i],
		    X(i), X(i), height - 10);
	for (i = 0; i < r->nevent; i++)
		event_svg(out, &r->event[i], TOP + STEP * (int)i + 16);
	fprintf(out, "</svg>\n");
}
