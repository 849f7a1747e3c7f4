/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TSM_H
#define TSM_H

#include <atls/tsm.h>

#include "../os/os.h"

#define TSM_DIR		"/sys/kernel/config/tsm/report"
#define TSM_DIR_MAX	128	/* octets of its name, with a NUL */
#define TSM_INBLOB	64	/* octets of report data */
#define TSM_BLOB_MAX	65536	/* octets of outblob, of auxblob */
#define TSM_SNP_REPORT	1184	/* octets of ATTESTATION_REPORT */
#define TSM_LEVEL_MAX	3	/* VMPL */

/* One provider. */
struct tsm_kind {
	const char	*provider;
	size_t		 outlen;	/* of outblob; 0: any but none */
	bool		 snp;		/* has levels, and auxblob */
};

extern const struct tsm_kind	tsm_tdx, tsm_snp, tsm_cca;

/* As open(); os stays the caller's. */
ATLS_CHECKED enum atls_rc	tsm_open(void **dev, const struct tsm_kind *,
				    const char *where, const struct att_os *,
				    struct atls_err *);
ATLS_CHECKED enum atls_rc	tsm_quote(void *dev,
				    struct atls_bytes report_data,
				    struct atls_buf *out, struct atls_err *);
void				tsm_close(void *dev);

#endif
