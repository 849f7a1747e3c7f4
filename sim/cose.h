/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_COSE_H
#define SIM_COSE_H

#include "cert.h"

/* COSE_Sign1 (RFC 9052, 4.2) to be made. */
struct sim_cose {
	struct sim_key	 by;
	int64_t		 alg;		/* as the header says; 0: nothing */
	bool		 tag;
	unsigned	 fault;		/* of enum sim_fault: a signature's */
};

/* IANA, "COSE Algorithms" */
enum { SIM_ES256 = -7, SIM_ES384 = -35 };

void	sim_cose(struct put *, const struct sim_cose *,
	    const struct put *payload);

/* COSE_Key (RFC 9053, 7.1.1) of P-384. */
void	sim_cose_key(struct put *, const struct sim_key *);

#endif
