/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_BROKEN_H
#define TPM_BROKEN_H

/*
 * The parts of t_tpm_attester in which something is wrong: the text that
 * opens a device, the files of its keys, the calls that it makes.  Each
 * returns what t_end() does.
 *
 * dir	an empty directory, for use by the test.
 */
int	tpm_broken_conf(const char *dir);
int	tpm_broken_keys(const char *tcti, const char *dir);
int	tpm_broken_calls(const char *tcti, const char *dir);

#endif
