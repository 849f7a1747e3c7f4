/* SPDX-License-Identifier: Apache-2.0 */
/* atls policy explain, atls policy why-not. */
#include <stdlib.h>
#include <string.h>

#include "question.h"

#define FIXES_MAX	64	/* lines in one round */
#define ROUNDS_MAX	16	/* a line may uncover the next failure */
#define TEXT_LINE	768	/* octets of a line of policy */

static const char usage[] =
"usage: atls policy explain --policy FILE [option...] EVIDENCE\n"
"                         every check, with its input, rule and policy line\n"
"       atls policy why-not --policy FILE [option...] EVIDENCE\n"
"                         the lines of policy that would have accepted it\n"
QUESTION_USAGE;

static const struct option longs[] = {
	QUESTION_LONGS,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
print_step(void *arg, const struct atls_step *s)
{
	unsigned *block = arg;

	if (*block != s->block) {
		printf("%spolicy line %u\n", *block == 0 ? "" : "\n",
		    s->block);
		*block = s->block;
	}
	printf("%s %-28s %s: %s", s->passed ? "pass" : "FAIL",
	    s->where == NULL ? "-" : s->where, s->input, s->rule);
	if (s->line != 0)
		printf(" (line %u)", s->line);
	putchar('\n');
}

static enum atls_verdict
verdict(struct question *a, struct atls_result *r)
{
	return a->unbound ? atls_insecure_appraise_unbound(a->policy, &a->q,
	    &a->scratch, r) : atls_appraise(a->policy, &a->q, &a->scratch, r);
}

static int
explain(struct question *a, struct atls_result *r)
{
	unsigned block = 0;

	atls_explain(a->policy, &a->q, a->unbound, &a->scratch, print_step,
	    &block);
	if (verdict(a, r) == ATLS_VERDICT_ACCEPT) {
		printf("\nverdict: accept, by %s\n", r->why.detail);
		return EX_ACCEPTED;
	}
	printf("\nverdict: reject, %s %s: %s\n", atls_rc_name(r->why.rc),
	    r->why.where, r->why.detail);
	return EX_REJECTED;
}

/* What it would take to pass one block. */
struct fixes {
	unsigned	 block;		/* its line; 0: none yet */
	char		 line[FIXES_MAX][TEXT_LINE];
	size_t		 n;
	bool		 hopeless;	/* no policy could */
	char		 why[TEXT_LINE];
};

struct search {
	struct fixes	 now, best;
};

static bool
is_better(const struct fixes *a, const struct fixes *b)
{
	if (b->block == 0 || a->hopeless != b->hopeless)
		return b->block == 0 || b->hopeless;
	return a->n < b->n;
}

static void
end_block(struct search *s)
{
	if (s->now.block != 0 && is_better(&s->now, &s->best))
		s->best = s->now;
	s->now.block = 0;
}

static void
collect(void *arg, const struct atls_step *st)
{
	struct search *s = arg;
	struct fixes *f = &s->now;

	if (f->block != st->block) {
		end_block(s);
		*f = (struct fixes){ .block = st->block };
	}
	if (st->passed)
		return;
	if (st->fix != NULL && f->n < FIXES_MAX) {
		(void)snprintf(f->line[f->n++], TEXT_LINE, "%s", st->fix);
		return;
	}
	if (!f->hopeless)
		(void)snprintf(f->why, sizeof(f->why), "%s: %s: %s",
		    st->where, st->input, st->rule);
	f->hopeless = true;
}

/* Behind the blanks that a line may begin with. */
static const char *
word_of(const char *line, size_t *n)
{
	line += strspn(line, " \t");
	*n = strcspn(line, " \t\r\n");
	return line;
}

static bool
is_word(const char *line, const char *word)
{
	size_t n;

	line = word_of(line, &n);
	return strlen(word) == n && strncmp(line, word, n) == 0;
}

/* Keys that a block has once, and claims that can be but yes or no: the new
 * line takes the place of the old. */
static bool
takes_place(const char *old, const char *line)
{
	static const char *const once[] = { "allow-debug", "allow-simulated",
	    "tcb-eval-min", "binding-min", "freshness-min", NULL };
	size_t i, n, nold;
	const char *key = word_of(line, &n), *is = word_of(old, &nold);

	if (n != nold || strncmp(key, is, n) != 0)
		return false;
	for (i = 0; once[i] != NULL; i++)
		if (is_word(line, once[i]))
			return true;
	return is_word(key + n, "yes") || is_word(key + n, "no");
}

static size_t
line_end(const char *text)
{
	const char *nl = strchr(text, '\n');

	return nl == NULL ? strlen(text) : (size_t)(nl - text) + 1;
}

/* The policy with one line more, behind the "kind" in line `block`, or with
 * another line there.  The caller frees it. */
static char *
with_line(const char *text, unsigned block, const char *line)
{
	char *out = malloc(strlen(text) + strlen(line) + 3);
	size_t n, at = 0;
	unsigned no = 1;
	bool placed = false;
	const char *p = text;

	if (out == NULL)
		abort();
	for (; *p != '\0'; p += n, no++) {
		n = line_end(p);
		if (no > block && is_word(p, "kind") && !placed)
			break;
		if (no > block && !placed && takes_place(p, line)) {
			at += (size_t)sprintf(out + at, "%s\n", line);
			placed = true;
			printf("%u: - %.*s\n%u: + %s\n", no, (int)(n -
			    (p[n - 1] == '\n')), p, no, line);
			continue;
		}
		memcpy(out + at, p, n);
		at += n;
		if (p[n - 1] != '\n')
			out[at++] = '\n';
	}
	strcpy(out + at, p);
	if (placed)
		return out;
	for (p = text, no = 1; no <= block; no++)	/* then behind it */
		p += line_end(p);
	at = (size_t)(p - text);
	memcpy(out, text, at);
	n = (size_t)sprintf(out + at, "%s\n", line);
	strcpy(out + at + n, p);
	printf("%u: + %s\n", block, line);
	return out;
}

/* One round: the lines that the best block lacks.  1: go on; 0: hopeless. */
static int
improve(struct question *a, char **text, struct search *s)
{
	char *more;
	size_t i;

	memset(s, 0, sizeof(*s));
	atls_explain(a->policy, &a->q, a->unbound, &a->scratch, collect, s);
	end_block(s);
	if (s->best.hopeless || s->best.n == 0)
		return 0;
	for (i = 0; i < s->best.n; i++) {
		more = with_line(*text, s->best.block, s->best.line[i]);
		free(*text);
		*text = more;
	}
	atls_policy_free(a->policy);
	a->policy = policy_parse(a->policy_file, *text);
	return a->policy != NULL;
}

static int
why_not(struct question *a, struct atls_result *r)
{
	struct search *s = malloc(sizeof(*s));
	struct atls_buf text;
	char *p;
	int round;

	if (s == NULL || file_read(a->policy_file, &text) == -1) {
		free(s);
		return complain(EX_TROUBLE, "%s: cannot be read",
		    a->policy_file);
	}
	p = (char *)text.p;		/* with a NUL */
	if (verdict(a, r) == ATLS_VERDICT_ACCEPT) {
		printf("it is accepted, by %s\n", r->why.detail);
		free(p);
		free(s);
		return EX_ACCEPTED;
	}
	for (round = 0; round < ROUNDS_MAX; round++)
		if (improve(a, &p, s) != 1 || verdict(a, r) ==
		    ATLS_VERDICT_ACCEPT)
			break;
	if (r->verdict == ATLS_VERDICT_ACCEPT)
		printf("with these lines it would be accepted\n");
	else
		printf("no line of policy would do: %s\n", s->best.why[0] !=
		    '\0' ? s->best.why : r->why.detail);
	free(p);
	free(s);
	return EX_REJECTED;
}

int
cmd_explain(int argc, char **argv)
{
	struct atls_result *r = calloc(1, sizeof(*r));
	struct question a;
	int o, status;

	question_init(&a);
	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		status = o == 'h' ? EX_ACCEPTED : question_option(&a, o,
		    optarg);
		if (status == -1)
			continue;
		if (o == 'h' || status == -2)
			fputs(usage, o == 'h' ? stdout : stderr);
		free(r);
		return status == -2 ? EX_USAGE_ERROR : status;
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		status = EX_USAGE_ERROR;
	} else if (r == NULL)
		status = complain(EX_TROUBLE, "no memory");
	else if ((status = question_open(&a, argv[optind])) == EX_ACCEPTED)
		status = strcmp(argv[0], "explain") == 0 ? explain(&a, r) :
		    why_not(&a, r);
	question_close(&a);
	free(r);
	return status;
}
