/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_AMD_H
#define SIM_AMD_H

#include "sim.h"

enum { AMD_FMC, AMD_BL, AMD_TEE, AMD_SNP, AMD_UCODE, AMD_PARTS };
enum { AMD_REPORTED, AMD_COMMITTED, AMD_CURRENT, AMD_LAUNCH, AMD_TCBS };

struct amd_report {
	unsigned	version, algorithm, key_info, reserved, vmpl;
	uint64_t	policy;
	uint8_t		cpuid[3], chip[64], data[64];
	uint8_t		tcb[AMD_TCBS][AMD_PARTS], tcb_reserved;
	unsigned	current, committed;	/* firmware: 0x00MMmmbb */
	bool		author;			/* a digest of its key */
	bool		turin;			/* layout of TCB_VERSION */
};

/* All that is made, before it is made.  Faults change it. */
struct amd {
	const struct atls_sim_opts *o;
	char			 ark_cn[16], ask_cn[24];
	struct sim_cert		 ark, ask, leaf;
	struct sim_crl		 crl;
	struct sim_key		 signer;	/* of the report */
	const char		*product;	/* that the leaf names */
	uint8_t			 cert_tcb[AMD_PARTS], hwid[64];
	struct put		 ext;		/* of the leaf, encoded */
	bool			 no_leaf, no_ask, no_crl, no_level;
	struct amd_report	 report;
};

/* A machine as the options say; free m->ext. */
void	amd_new(struct amd *, const struct atls_sim_opts *,
	    struct atls_bytes report_data);

/* Applies the fault of the options to what is not made yet, and to a report
 * that is. */
void	amd_fault(struct amd *);
void	amd_fault_report(const struct amd *, struct put *);

#endif
