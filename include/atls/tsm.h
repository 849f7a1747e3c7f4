/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_TSM_H
#define ATLS_TSM_H

#include <atls/attester.h>

/*
 * The attesters of confidential VMs, in libatls-tsm: Linux 6.7 and later has
 * one interface for them, configfs-tsm (Documentation/ABI/testing/
 * configfs-tsm of the kernel).  Most kernels let root only use it.
 *
 *	name		provider	evidence
 *	tsm-tdx		tdx_guest	the quote (which needs the quoting
 *					service of the host)
 *	tsm-snp		sev_guest	the report, 1184 octets, and then the
 *					host's certificate table, if any
 *	tsm-cca		arm_cca_guest	the token
 *
 * `where` is empty, or a list of key=value, parted by commas:
 *
 *	dir=DIR		where reports are made, if it is not
 *			/sys/kernel/config/tsm/report.
 *	privlevel=N	tsm-snp: the VMPL, 0..3, that the report is of; not
 *			below the kernel's own, which is what is taken if
 *			this is not given.
 *
 * Reports of a service (service_provider and its like) are not made: what
 * the hardware signs there is a hash of report data and a manifest, in which
 * no Verifier finds our binder.
 *
 * open() looks whether this machine has that provider: E_CONF, E_DEVICE
 * (no configfs-tsm, no permission, another provider), E_MEM.
 *
 * quote() takes the 64 octets of report data that these kinds have: E_ARG,
 * E_DEVICE, E_LIMIT, E_SPACE.  16 KiB do for all but the largest certificate
 * tables.  It works in a directory of its own with a random name, which it
 * removes.  If the kernel is busy or interrupted, or somebody else writes
 * there, it tries again, and sleeps up to ten seconds in all, not counting
 * what the kernel itself waits for the host: TDX, half a minute, and at most
 * twice.  A device may be used by several threads.
 */
extern const struct atls_attester atls_attester_tsm_tdx;
extern const struct atls_attester atls_attester_tsm_snp;
extern const struct atls_attester atls_attester_tsm_cca;

#endif
