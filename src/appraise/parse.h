/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARSE_H
#define PARSE_H

#include "../base/rd.h"
#include "policy.h"

#define PARSE_WORDS_MAX		(POLICY_LINE_MAX / 2)
#define PARSE_KEYS_MAX		24
#define PARSE_QUOTE		32	/* octets of a quoted word, with NUL */

/* A policy on its way from text to struct. */
struct parse {
	struct atls_policy	*p;
	struct policy_block	*b;	/* the last of p; NULL: no block yet */
	enum atls_rc		(*open)(void *, const char *,
				    struct atls_buf *);
	void			*arg;
	struct atls_err		*err;

	struct rd		 in;
	unsigned		 line;	/* the present one, from 1 */
	uint8_t			 octets[POLICY_LINE_MAX + 1];	/* a CR */
	size_t			 noctets;
	struct atls_bytes	 word[PARSE_WORDS_MAX];	/* views into octets */
	size_t			 nword;

	unsigned		 said[PARSE_KEYS_MAX];	/* line of each key */
	struct atls_buf		 anchors, crls;	/* of the block, PEM */
};

/*@ logic integer word_at{L}(struct parse *ps, integer i) =
	ps->word[i].p - &ps->octets[0];
    // A word: octets of the line, one at least.
    predicate word_ok{L}(struct parse *ps, integer i) =
	1 <= ps->word[i].len && view_ok(ps->word[i]) &&
	0 <= word_at(ps, i) &&
	word_at(ps, i) + ps->word[i].len <= ps->noctets &&
	ps->word[i].p == &ps->octets[0] + word_at(ps, i);
    // None behind the last one.
    predicate line_ok{L}(struct parse *ps) =
	ps->noctets <= POLICY_LINE_MAX && ps->nword <= PARSE_WORDS_MAX &&
	\forall integer i; 0 <= i < ps->nword ==> word_ok(ps, i) &&
	    word_at(ps, i) <= word_at(ps, ps->nword - 1);
    predicate parse_ok{L}(struct parse *ps) =
	\valid(ps) && \separated(ps, ps->err) && line_ok(ps);
    */

/* Takes the next line and cuts it into words, comments left out.  Sets *more
 * to false at the end of the text.  Errors: E_CONF. */
/*@ requires \valid(ps) && rd_ok(ps->in) && \valid(more);
    requires \separated(ps, ps->err, more);
    assigns *more, ps->in, ps->line, ps->octets[0 .. POLICY_LINE_MAX],
	ps->noctets, ps->word[0 .. PARSE_WORDS_MAX - 1], ps->nword, *ps->err;
    exits \false;
    ensures rd_ok(ps->in) && rd_went{Pre,Post}(&ps->in);
    ensures \result == ATLS_OK ==> line_ok(ps);
    ensures *more <==> \old(ps->in.left) > 0;
    ensures \result == ATLS_OK && *more && \old(ps->in.rc) == ATLS_OK ==>
	ps->in.left < \old(ps->in.left); */
ATLS_CHECKED enum atls_rc parse_line(struct parse *ps, bool *more);

/* Does what the words of the line say; parse_end() looks at the block that is
 * over as a whole.  Errors: E_CONF, E_MEM. */
ATLS_CHECKED enum atls_rc parse_words(struct parse *);
ATLS_CHECKED enum atls_rc parse_end(struct parse *);

/* Lines of a block: a claim of its kind, by index; files; a machine. */
ATLS_CHECKED enum atls_rc parse_claim(struct parse *, size_t claim);
ATLS_CHECKED enum atls_rc parse_ignore(struct parse *);
ATLS_CHECKED enum atls_rc parse_anchor(struct parse *);
ATLS_CHECKED enum atls_rc parse_crl(struct parse *);
ATLS_CHECKED enum atls_rc parse_instance(struct parse *);
ATLS_CHECKED enum atls_rc parse_kind(struct parse *);

/* The same, of a platform's TCB: platform.c. */
ATLS_CHECKED enum atls_rc parse_key(struct parse *);
ATLS_CHECKED enum atls_rc parse_tcb_status(struct parse *);
ATLS_CHECKED enum atls_rc parse_advisory(struct parse *);
ATLS_CHECKED enum atls_rc parse_grace(struct parse *);
ATLS_CHECKED enum atls_rc parse_eval_min(struct parse *);

/* Adds s to a list of the block.  The content of a file, and a line end, to
 * pem. */
ATLS_CHECKED enum atls_rc parse_list(struct parse *, struct policy_list *,
		    const char *s);
ATLS_CHECKED enum atls_rc parse_file(struct parse *, const char *name,
		    struct atls_buf *pem);

/* Values: yes or no, the word behind the key; seconds, from 1 to max, or 0
 * for "none"; a decimal number. */
/*@ requires parse_ok(ps) && ps->nword >= 2 && max >= 0;
    requires \valid(out) && \separated(ps, ps->err, out);
    assigns *out, *ps->err;
    exits \false;
    ensures 0 <= *out <= max; */
ATLS_CHECKED enum atls_rc parse_seconds(struct parse *ps, int64_t max,
		    int64_t *out);
/*@ requires parse_ok(ps) && ps->nword >= 2;
    requires \valid(out) && \separated(ps, ps->err, out);
    assigns *out, *ps->err;
    exits \false; */
ATLS_CHECKED enum atls_rc parse_yes(struct parse *ps, bool *out);
/*@ requires view_ok(digits) && \valid(out);
    assigns *out;
    exits \false;
    ensures \result ==> digits.len > 0; */
bool		parse_number(struct atls_bytes digits, uint64_t *out);

/* E_CONF with "line:column: what": at word w of the present line, or at the
 * start of a line. */
/*@ requires parse_ok(ps) && w < ps->nword;
    assigns *ps->err;
    exits \false;
    ensures \result == ATLS_E_CONF; */
enum atls_rc	parse_bad(struct parse *ps, size_t w, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/*@ assigns *ps->err;
    exits \false;
    ensures \result == ATLS_E_CONF; */
enum atls_rc	parse_bad_line(struct parse *ps, unsigned line,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/*@ requires \valid_read(ps);
    assigns *ps->err;
    exits \false;
    ensures \result == ATLS_E_MEM; */
enum atls_rc	parse_no_memory(struct parse *ps);

/*@ predicate store_ok{L}(struct parse *ps) =
	\valid(ps->p) && ps->p->used <= ps->p->room &&
	\valid(ps->p->store + (0 .. ps->p->room - 1)) &&
	\separated(ps, ps->err, ps->p,
	    ps->p->store + (0 .. ps->p->room - 1));
    */

/* Copies octets to the policy's store, a NUL behind them. */
/*@ requires \valid_read(ps) && store_ok(ps) && view_ok(b);
    requires \separated(b.p + (0 .. b.len - 1),
	ps->p->store + (0 .. ps->p->room - 1));
    assigns ps->p->store[0 .. ps->p->room - 1], ps->p->used, *ps->err;
    exits \false;
    ensures store_ok(ps);
    ensures \result != \null ==> \valid(\result + (0 .. b.len)) &&
	\result[b.len] == 0; */
char		*parse_keep(struct parse *ps, struct atls_bytes b);

/* v with room for one more than its n elements; NULL: v is as it was. */
void		*parse_more(void *v, size_t n, size_t size);

/* s is a string of ours. */
/*@ requires view_ok(word);
    admit requires text_ok(s);
    assigns \nothing;
    exits \false; */
bool		parse_is(struct atls_bytes word, const char *s);

/*@ requires view_ok(word) && \valid(out + (0 .. PARSE_QUOTE - 1));
    assigns out[0 .. PARSE_QUOTE - 1];
    exits \false;
    ensures \result == out && \exists integer n; 0 <= n < PARSE_QUOTE &&
	out[n] == 0; */
const char	*parse_quote(struct atls_bytes word, char out[PARSE_QUOTE]);

/* The candidate nearest to a word, for "did you mean". */
struct parse_near {
	struct atls_bytes	 word;
	const char		*name;		/* NULL: none is near */
	size_t			 distance;
};

/*@ requires \valid(n) && view_ok(n->word) &&
	n->word.len <= POLICY_LINE_MAX;
    admit requires text_ok(candidate);
    assigns n->name, n->distance;
    exits \false; */
void		parse_near(struct parse_near *n, const char *candidate);

#endif
