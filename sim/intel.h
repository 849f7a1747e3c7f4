/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_INTEL_H
#define SIM_INTEL_H

#include "sim.h"

#define INTEL_SVNS	16
#define INTEL_SERIAL_TCB	5	/* of a second TCB Signing */
#define INTEL_CERTS	5		/* in a chain that is sent */

/* Extension 1.2.840.113741.1.13.1 of a PCK certificate. */
struct intel_ext {
	uint8_t		ppid[16], cpusvn[16], instance[16];
	unsigned	svn[INTEL_SVNS], pcesvn;
	uint8_t		pceid[2], fmspc[6];
	bool		platform;		/* has what only these have */
	bool		missing, short_of_one, twice;
};

/* What TCB info and the identity of the QE say about themselves. */
struct intel_doc {
	const char	*id;
	unsigned	 version, evaluation;
	int64_t		 issued, next;
	bool		 missing, flip, repeats;
	struct sim_key	 by;
};


/* An SGX report: of the QE, or of the enclave. */
struct intel_report {
	uint32_t	miscselect;
	uint64_t	flags, xfrm;
	uint8_t		mrenclave[32], mrsigner[32], data[64];
	unsigned	prodid, svn;
	bool		reserved;		/* not zero */
};

struct intel_td {
	uint8_t		svn[16], svn_2[16], mrsigner_seam[48];
	uint64_t	seam_attributes, attributes, xfam;
	bool		service_td;
};

struct intel_header {
	unsigned	version, key_type, tee_type, reserved;
	unsigned	body_type, body_size;		/* of version 5 */
	uint8_t		vendor[16];
};

/* All that is made, before it is made.  Faults change it. */
struct intel {
	enum atls_kind			 kind;
	const struct atls_sim_opts	*o;
	struct sim_cert			 root, ca, pck, signing, signing_root;
	struct sim_crl			 root_crl, pck_crl;
	bool				 no_root_crl, no_pck_crl;
	struct intel_ext		 ext;
	struct put			 extension;	/* encoded */
	struct intel_doc		 tcb, identity;
	uint8_t				 tcb_fmspc[6], tcb_pceid[2];
	unsigned			 tcb_type, tcb_first_svn;
	const char			*tcb_status;	/* of the best level */
	bool				 no_module;
	unsigned			 identity_svn;	/* of its best level */
	struct intel_header		 header;
	struct intel_report		 qe, enclave;
	struct intel_td			 td;
	struct sim_key			 attest, attest_named;
	const struct sim_cert		*chain[INTEL_CERTS];
	unsigned			 outer_type, inner_type;
};

/* A machine as the options say; free m->extension. */
void	intel_new(struct intel *, enum atls_kind,
	    const struct atls_sim_opts *, struct atls_bytes report_data);
void	intel_free(struct intel *);

/* Applies the fault of the options to what is not made yet. */
void	intel_fault(struct intel *);
/* ... and to a quote that is. */
void	intel_fault_quote(const struct intel *, struct put *);

void	intel_extension(struct put *, const struct intel_ext *);
void	intel_tcb_info(struct put *, const struct intel *);
void	intel_identity(struct put *, const struct intel *);
void	intel_quote(struct put *, const struct intel *);

/* Offsets in a quote, for faults. */
size_t	intel_at_signature(const struct intel *);

#endif
