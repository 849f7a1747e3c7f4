/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GRAMINE_H
#define GRAMINE_H

#include <atls/gramine.h>

#include "../os/os.h"

#define GRAMINE_DIR		"/dev/attestation"
#define GRAMINE_DIR_MAX		128	/* octets of its name, with a NUL */
#define GRAMINE_QUOTE_MAX	8192	/* what Gramine has room for */
#define GRAMINE_TYPE_MAX	16	/* octets of "dcap" and its like */

/* Intel SGX ECDSA quote library reference: header of 48 octets, then the
 * report, whose REPORTDATA is at 320; then the length of the signature. */
#define SGX_REPORT_DATA_AT	(48 + 320)
#define SGX_REPORT_DATA_LEN	64
#define SGX_QUOTE_MIN		(48 + 384 + 4)

/* As open(); os stays the caller's. */
ATLS_CHECKED enum atls_rc gramine_open(void **dev, const char *where,
		    const struct att_os *, struct atls_err *);
ATLS_CHECKED enum atls_rc gramine_quote(void *dev,
		    struct atls_bytes report_data, struct atls_buf *out,
		    struct atls_err *);
void		gramine_close(void *dev);

#endif
