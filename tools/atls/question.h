/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QUESTION_H
#define QUESTION_H

#include <getopt.h>

#include "tool.h"

/* A question about evidence in a file. */
struct question {
	const char		*policy_file, *spki_file;
	struct collateral	 where;
	bool			 unbound;
	struct atls_question	 q;
	uint8_t			 binder[64], report_data[64];

	struct atls_policy	*policy;	/* from here: question_open() */
	struct atls_buf		 file, spki, scratch;
};

enum {
	Q_POLICY = 256, Q_KIND, Q_BINDER, Q_PROFILE, Q_RD, Q_UNBOUND, Q_SPKI,
	Q_AT, Q_COLLATERAL, Q_COLLATERAL_KEY, Q_NEXT
};

#define QUESTION_LONGS							\
	{ "policy", required_argument, NULL, Q_POLICY },		\
	{ "kind", required_argument, NULL, Q_KIND },			\
	{ "binder", required_argument, NULL, Q_BINDER },		\
	{ "profile", required_argument, NULL, Q_PROFILE },		\
	{ "report-data", required_argument, NULL, Q_RD },		\
	{ "insecure-no-binding", no_argument, NULL, Q_UNBOUND },	\
	{ "spki", required_argument, NULL, Q_SPKI },			\
	{ "at", required_argument, NULL, Q_AT },			\
	{ "collateral", required_argument, NULL, Q_COLLATERAL },	\
	{ "collateral-key", required_argument, NULL, Q_COLLATERAL_KEY }

#define QUESTION_USAGE							\
"  --policy FILE         what is accepted\n"				\
"  --kind KIND           FILE is raw evidence of this kind, not a CMW\n" \
"  --binder HEX          what the evidence must be bound to ...\n"	\
"  --profile NAME        ... laid out so (expat-rd-1)\n"		\
"  --report-data HEX     the same, laid out already\n"			\
"  --insecure-no-binding look at the evidence alone\n"			\
"  --spki FILE           the key that the evidence must speak of: DER public\n" \
"                        key, or PEM, of a certificate or a public key\n" \
"  --at TIME             RFC 3339 or Unix seconds (now)\n"		\
"  --collateral WHERE    a folder, a bundle, or net[:cache=DIR]\n"	\
"  --collateral-key FILE the key that signs the bundle\n"

/* question_option(): -1 go on, -2 not an option of these, else a status.
 * question_open() reads the files; a status, after a complaint unless
 * EX_ACCEPTED.  question_close() in any case. */
void	question_init(struct question *);
int	question_option(struct question *, int o, const char *v);
int	question_open(struct question *, const char *path);
void	question_close(struct question *);

#endif
