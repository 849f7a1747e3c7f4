/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define SIM_QUOTE_MAX	65536		/* octets */
#define SIM_POLICY_MAX	65536

/* PCR4 is of the parent instance: AWS, "Cryptographic attestation". */
#define PARENT	"nitro.pcr.4 "

/* Learnt from evidence, but for the lines that pin the machine.  Evidence of a
 * VLEK names none, and that of a VCEK is otherwise the same. */
static void
learn(struct put *w, const struct sim_tee *tee, const struct atls_sim_opts *o,
    uint8_t room[4 * SIM_QUOTE_MAX], struct atls_err *err)
{
	struct atls_buf raw = { room, SIM_QUOTE_MAX, 0 };
	struct atls_buf scratch = { room + SIM_QUOTE_MAX, 2 * SIM_QUOTE_MAX,
	    0 };
	struct atls_buf text = { room + 3 * SIM_QUOTE_MAX, SIM_POLICY_MAX, 0 };
	const uint8_t zeros[ATLS_HASH_MAX] = { 0 };
	struct atls_sim_opts chip = *o;
	struct atls_evidence ev;
	const char *line, *end, *past;
	enum atls_rc rc;

	chip.vlek = false;
	rc = atls_sim_quote(tee->kind, &chip, ATLS_ARRAY(zeros), &raw, err);
	if (rc == ATLS_OK)
		rc = atls_evidence_parse(&ev, tee->kind, (struct atls_bytes){
		    raw.p, raw.len }, &scratch, err);
	if (rc == ATLS_OK)
		rc = atls_policy_learn(&ev, &text, err);
	put_fail(w, rc);
	past = (const char *)text.p + (rc == ATLS_OK ? text.len : 0);
	for (line = (const char *)text.p; line < past; line = end) {
		end = memchr(line, '\n', (size_t)(past - line));
		end = end == NULL ? past : end + 1;
		if (strncmp(line, PARENT, strlen(PARENT)) == 0)
			put_text(w, "ignore " PARENT "\n");
		else if (strncmp(line, "instance", 8) != 0 &&
		    strncmp(line, "anchor", 6) != 0 && line[0] != '#')
			put_raw(w, line, (size_t)(end - line));
	}
}

enum atls_rc
sim_policy(struct put *w, const struct sim_tee *tee,
    const struct atls_sim_opts *o, const char *root, struct atls_err *err)
{
	uint8_t *room;

	put_text(w, "# For tests: these machines are simulated.\n");
	if (tee->kind == ATLS_KIND_EAR)
		put_text(w, "kind ear\near.status affirming\n"
		    "ear.submods machine-%u\n", o->instance);
	else if ((room = malloc(4 * SIM_QUOTE_MAX)) == NULL)
		put_fail(w, ATLS_E_MEM);
	else {
		learn(w, tee, o, room, err);
		free(room);
	}
	put_text(w, "%s %s\n", tee->anchor, root);
	put_text(w, "allow-simulated yes\n");
	return w->rc;
}
