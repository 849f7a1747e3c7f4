/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_ATTESTER_H
#define ATLS_ATTESTER_H

#include <atls/evidence.h>
#include <atls/identity.h>

/*
 * What a platform supplies: something that signs report data.  One constant
 * per platform, linked in or not; there is no registry and no dlopen.
 */
struct atls_attester {
	const char	*name;		/* "tpm" */
	enum atls_kind	 kind;

	/* where is the platform's own "key=value,..." text; see its manual */
	ATLS_CHECKED enum atls_rc (*open)(void **dev, const char *where,
	    struct atls_err *);

	/* May take seconds.  Writes raw evidence, which the caller wraps
	 * under atls_kind_media().  report_data is of atls_report_data(). */
	ATLS_CHECKED enum atls_rc (*quote)(void *dev,
	    struct atls_bytes report_data, struct atls_buf *out,
	    struct atls_err *);

	/* An identity whose key lives in the device; NULL if it has none.
	 * chain_pem is the certificate of that key, leaf first. */
	struct atls_identity *(*identity)(void *dev,
	    struct atls_bytes chain_pem, struct atls_err *);

	void (*close)(void *dev);
};

#endif
