/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NSM_H
#define NSM_H

#include <atls/nsm.h>

#include "../os/os.h"

#define NSM_DEVICE		"/dev/nsm"
#define NSM_PATH_MAX		128	/* octets of its name, with a NUL */
#define NSM_USER_DATA_MAX	512
#define NSM_REQUEST_MAX		0x1000
#define NSM_RESPONSE_MAX	0x3000

/* linux/nsm.h of the kernel: NSM_IOCTL_RAW, _IOWR(0x0a, 0, struct nsm_raw) */
struct nsm_raw {
	uint64_t	request, requestlen;
	uint64_t	response, responselen;
};

#define NSM_IOCTL_RAW		0xc0200a00UL
_Static_assert(sizeof(struct nsm_raw) == 0x20, "as the number says");

/* cbor.c.  data has 1..NSM_USER_DATA_MAX octets; gives the length. */
size_t		nsm_request(uint8_t out[NSM_REQUEST_MAX],
		    struct atls_bytes data);

/* A view of the document into in.  E_DEVICE. */
ATLS_CHECKED enum atls_rc nsm_response(struct atls_bytes in,
		    struct atls_bytes *document, struct atls_err *);

/* As open(); os stays the caller's. */
ATLS_CHECKED enum atls_rc nsm_open(void **dev, const char *where,
		    const struct att_os *, struct atls_err *);
ATLS_CHECKED enum atls_rc nsm_quote(void *dev, struct atls_bytes report_data,
		    struct atls_buf *out, struct atls_err *);
void		nsm_close(void *dev);

#endif
