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

/* Takes the next line and cuts it into words, comments left out.  Sets *more
 * to false at the end of the text.  Errors: E_CONF. */
ATLS_CHECKED enum atls_rc parse_line(struct parse *, bool *more);

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
ATLS_CHECKED enum atls_rc parse_seconds(struct parse *, int64_t max,
		    int64_t *out);
ATLS_CHECKED enum atls_rc parse_yes(struct parse *, bool *out);
bool		parse_number(struct atls_bytes digits, uint64_t *out);

/* E_CONF with "line:column: what": at word w of the present line, or at the
 * start of a line. */
enum atls_rc	parse_bad(struct parse *, size_t w, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
enum atls_rc	parse_bad_line(struct parse *, unsigned line, const char *fmt,
		    ...) __attribute__((format(printf, 3, 4)));
enum atls_rc	parse_no_memory(struct parse *);

/* Copies octets to the policy's store, a NUL behind them. */
char		*parse_keep(struct parse *, struct atls_bytes);

/* v with room for one more than its n elements; NULL: v is as it was. */
void		*parse_more(void *v, size_t n, size_t size);

bool		parse_is(struct atls_bytes word, const char *);
const char	*parse_quote(struct atls_bytes word, char out[PARSE_QUOTE]);

/* The candidate nearest to a word, for "did you mean". */
struct parse_near {
	struct atls_bytes	 word;
	const char		*name;		/* NULL: none is near */
	size_t			 distance;
};

void		parse_near(struct parse_near *, const char *candidate);

#endif
