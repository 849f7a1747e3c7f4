/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_SIM_H
#define ATLS_SIM_H

#include <atls/appraise.h>
#include <atls/attester.h>

/*
 * Simulated TEEs, in libatls-sim: evidence of machines that do not exist,
 * under roots of their own, complete enough that the checks of real evidence
 * run on it, and wrong in one chosen way if asked.  All keys are made from
 * their names: whoever has this library can sign for any of these machines.
 * libatls therefore refuses the roots by their keys, unless a policy says
 * "allow-simulated yes", and the result then says `simulated`.
 *
 * There are TDX, SGX, SNP, CCA, PSA, NITRO and EAR.
 */
#define ATLS_SIM_INSTANCES	8	/* machines of each kind */

enum atls_sim_product {
	ATLS_SIM_GENOA = 0, ATLS_SIM_MILAN, ATLS_SIM_TURIN,
};

/* All zero is an honest machine that is up to date.  The same options give
 * the same octets. */
struct atls_sim_opts {
	int64_t			now;		/* Unix seconds, not 0 */
	unsigned		instance;	/* which machine */
	unsigned		version;	/* of the format: TDX 4, 5; SNP
						 * 2, 3, 5; 0: as is usual */
	enum atls_sim_product	product;	/* SNP */
	bool			vlek;		/* SNP: signed by a VLEK */
	bool			processor_ca;	/* TDX, SGX: not Platform CA */
	struct atls_bytes	software;	/* any octets: what runs there,
						 * from which measurements
						 * follow */
	unsigned		fault;		/* 0: none */
	unsigned		at;		/* which component, bit, octet:
						 * for faults that ask for it */
};

/*
 * Faults are numbered from 1 and have names: "leaf-revoked".  Some are
 * harmless, and there to be accepted.  NULL and 0: there is no such one.
 */
unsigned	 atls_sim_fault_named(const char *);
const char	*atls_sim_fault_name(unsigned);
const char	*atls_sim_fault_what(unsigned);	/* for people */
bool		 atls_sim_fault_of(unsigned, enum atls_kind);

/*
 * Evidence of that kind, over report data of the kind's length.
 * Errors: E_ARG (kind, options, report data), E_SPACE, E_MEM, E_CRYPTO.
 */
ATLS_CHECKED enum atls_rc atls_sim_quote(enum atls_kind,
			    const struct atls_sim_opts *,
			    struct atls_bytes report_data,
			    struct atls_buf *out, struct atls_err *);

/*
 * What vouches for the kind: the certificate of a root, PEM; for CCA, PSA and
 * EAR a public key, PEM, of CCA and PSA this machine's.
 * Errors: E_ARG, E_SPACE, E_MEM, E_CRYPTO.
 */
ATLS_CHECKED enum atls_rc atls_sim_root(enum atls_kind,
			    const struct atls_sim_opts *,
			    struct atls_buf *out, struct atls_err *);

/*
 * Hands each item of collateral that the evidence needs to fn, and stops at
 * the first that is not ATLS_OK.  Kinds that need none have none.
 * Errors: E_ARG, E_MEM, E_CRYPTO, and what fn returns.
 */
ATLS_CHECKED enum atls_rc atls_sim_collateral(enum atls_kind,
			    const struct atls_sim_opts *,
			    enum atls_rc (*fn)(void *arg, enum atls_item,
			    struct atls_bytes), void *arg,
			    struct atls_err *);

/*
 * A policy that accepts the evidence of these options on a connection, with
 * `root` as the name of the file with what vouches for it.  Not pinned to the
 * machine.  Errors: those of atls_sim_quote() and of atls_policy_learn().
 */
ATLS_CHECKED enum atls_rc atls_sim_policy(enum atls_kind,
			    const struct atls_sim_opts *, const char *root,
			    struct atls_buf *out, struct atls_err *);

/*
 * Attesters, named "sim:tdx"; NULL for other kinds.  Their `where` is a list
 * of instance=N, version=N, product=NAME, vlek=yes, software=TEXT, now=N,
 * fault=NAME, at=N, parted by commas; or empty.  Without now= the time is the
 * clock's, at each quote.  open() fails with E_CONF, E_MEM.
 */
const struct atls_attester	*atls_sim_attester(enum atls_kind);

#endif
