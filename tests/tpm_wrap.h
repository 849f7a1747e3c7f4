/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_WRAP_H
#define TPM_WRAP_H

/*
 * Calls that fail when told to, for programs linked with the --wrap options
 * that tests/meson.build lists.  Counted from 1, all kinds together.
 */
extern int		 wrap_n;	/* calls so far */
extern int		 wrap_at;	/* this one fails; 0: none */
extern const char	*wrap_hit;	/* its name, once it has failed */

/* PCR 16 is extended behind so many of the next quotes. */
extern int		 wrap_extend;

/* How a TPM may lie when PCRs are read; for one reading. */
enum wrap_lie {
	WRAP_TRUTH, WRAP_FEWER, WRAP_MORE, WRAP_ALL, WRAP_BANK, WRAP_EMPTY,
	WRAP_LONG,
	WRAP_AGAIN,		/* those of the reading before */
	WRAP_NLIES,
};

extern enum wrap_lie	 wrap_lie;

#endif
