/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOW_H
#define SHOW_H

#include <stdio.h>

#include "kit.h"

/* One attack in one family: under each measure, and with checks left out. */
struct lab_cell {
	struct lab_outcome {
		enum lab_verdict	verdict;
		enum atls_rc		rc;
		char			where[64], detail[128];
	} with[LAB_NMEASURES], off;
	bool	played;
	bool	switched;	/* off was played */
	bool	differs;	/* from what was published */
	char	how[96];	/* it differs */
};

void	lab_cell_play(struct lab_cell *, const struct lab_attack *,
	    enum lab_family);
const char *lab_verdict_name(enum lab_verdict);	/* "attacker wins" */
const char *lab_published_name(char);		/* "stopped" */
const char *lab_powers(unsigned, char *out, size_t cap);

/* matrix.c: cells are lab_nattacks rows of LAB_NFAMILIES; those that were
 * played are printed. */
void	lab_matrix_print(FILE *, const struct lab_cell *);
void	lab_cell_json(FILE *, const struct lab_attack *, enum lab_family,
	    const struct lab_cell *);
void	lab_cell_tsv(FILE *, const struct lab_attack *, enum lab_family,
	    const struct lab_cell *);

/* tale.c */
void	lab_tale_print(FILE *, const struct lab_run *);
void	lab_tale_svg(FILE *, const struct lab_run *);

/* markdown.c: false: no memory; and the table alone, for README.md */
bool	lab_markdown(FILE *, const struct lab_cell *);
void	lab_table(FILE *, const struct lab_cell *);

/* target.c: 0, or an exit status; see atls-lab(1). */
int	lab_target(FILE *, const char *host_port, bool anywhere);

#endif
