/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_USE_H
#define TPM_USE_H

#include <atls/appraise.h>

/* What the tests of the TPM's attester share.  Whatever fails, exits. */
#define EVIDENCE_MAX	8192

void		 tpm_use_die(const char *what);

/* On the heap, so that the sanitizer sees the first octet too many. */
struct atls_buf	 tpm_use_buf(size_t cap);
void		*tpm_use_open(const char *where);

/* SubjectPublicKeyInfo of the AIK; its length. */
size_t		 tpm_use_spki(void *dev, uint8_t *out, size_t cap);

/* PEM: a certificate for the AIK, or another key, by a key of no account. */
struct atls_buf	 tpm_use_cert(void *dev, bool of_another);

/* Learns a policy from the evidence, then appraises it.  anchor: a file with
 * a CA that stands in for the name of the AK; NULL: none. */
enum atls_verdict tpm_use_appraise(void *dev, const struct atls_buf *evidence,
		    struct atls_bytes rd, const char *anchor,
		    struct atls_result *);

/* Parts of t_tpm_attester, with the results of t_end(). */
int		 tpm_use_dump(const char *where, const char *rd,
		    const char *dir);
int		 tpm_use_certified(const char *where, const char *anchor);
int		 tpm_use_bench(const char *where);

#endif
