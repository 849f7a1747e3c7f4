/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <atls/sim.h>

#include "cert.h"

/* Faults: see fault.def.  SIM_F_LEAF_REVOKED is "leaf-revoked". */
#define FAULT(id, name, kinds, what)	SIM_F_##id,
enum sim_fault {
	SIM_F_NONE = 0,
#include "fault.def"
	SIM_NFAULTS
};
#undef FAULT

/* One kind of TEE. */
struct sim_tee {
	enum atls_kind	 kind;
	size_t		 field;		/* octets of report data; 0: any */
	void		(*quote)(struct put *, enum atls_kind,
			    const struct atls_sim_opts *,
			    struct atls_bytes report_data);
	void		(*root)(struct put *, enum atls_kind,
			    const struct atls_sim_opts *);
	/* NULL: needs none; stops at what is not ATLS_OK */
	enum atls_rc	(*collateral)(enum atls_kind,
			    const struct atls_sim_opts *,
			    enum atls_rc (*fn)(void *arg, enum atls_item,
			    struct atls_bytes), void *arg);
	const char	*anchor;		/* key of a policy: "anchor" */
};

extern const struct sim_tee sim_tdx, sim_sgx, sim_snp, sim_cca, sim_psa,
    sim_nitro, sim_ear;

/* The text of a policy; err is set if it cannot be learnt. */
enum atls_rc sim_policy(struct put *, const struct sim_tee *,
	    const struct atls_sim_opts *, const char *root, struct atls_err *);

/* n octets (at most 64) that hang on name, machine and software: what a field
 * holds that nobody computes otherwise. */
void	sim_octets(uint8_t *out, size_t n, const char *name, unsigned instance,
	    struct atls_bytes software);
void	sim_put_octets(struct put *, size_t n, const char *name,
	    unsigned instance, struct atls_bytes software);

/* What a measurement is of: the software, or a stand-in. */
struct atls_bytes sim_software(const struct atls_sim_opts *);

/* Hands on what was written, under an item's type. */
enum atls_rc sim_item(struct put *, enum atls_rc (*fn)(void *arg,
	    enum atls_item, struct atls_bytes), void *arg, enum atls_item);

#endif
