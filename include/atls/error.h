/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_ERROR_H
#define ATLS_ERROR_H

#include <stddef.h>

/*
 * One error type for the whole library.  ATLS_OK is zero and the only
 * success.  The tens digit group is the class, which is what programs should
 * branch on; the code is for people and logs.
 */
enum atls_rc {
	ATLS_OK = 0,

	ATLS_E_ARG = 0x10,	/* caller: argument out of contract */
	ATLS_E_STATE,		/* caller: not now (see atls_session_want) */
	ATLS_E_SPACE,		/* caller: output buffer too small */
	ATLS_E_CONF,		/* caller: configuration or policy text */

	ATLS_E_MEM = 0x20,	/* host: allocation failed */
	ATLS_E_IO,		/* host: read, write, open */
	ATLS_E_DEVICE,		/* host: no TEE device, or it refused */
	ATLS_E_CLOCK,		/* host: no usable time */

	ATLS_E_TRUNC = 0x30,	/* bytes: ended early */
	ATLS_E_TRAIL,		/* bytes: something after the end */
	ATLS_E_FORMAT,		/* bytes: not what the grammar allows */
	ATLS_E_LIMIT,		/* bytes: larger or deeper than we accept */
	ATLS_E_UNKNOWN,		/* bytes: well formed, kind not known here */

	ATLS_E_SIG = 0x40,	/* crypto: signature does not verify */
	ATLS_E_CHAIN,		/* crypto: no path to a configured anchor */
	ATLS_E_CRYPTO,		/* crypto: the library failed */

	ATLS_E_NONE = 0x50,	/* appraisal: peer sent no evidence */
	ATLS_E_BIND,		/* appraisal: evidence is of another channel */
	ATLS_E_STALE,		/* appraisal: expired or not yet valid */
	ATLS_E_REVOKED,		/* appraisal: key, TCB or image withdrawn */
	ATLS_E_POLICY,		/* appraisal: claims differ from the policy */

	ATLS_E_PEER = 0x60,	/* protocol: message not expected here */
	ATLS_E_ALERT,		/* protocol: peer said no */
	ATLS_E_REFUSED,		/* protocol: empty authenticator */
	ATLS_E_TIMEOUT,		/* protocol: peer too slow in this state */
};

enum atls_class {
	ATLS_CLASS_OK, ATLS_CLASS_CALLER, ATLS_CLASS_HOST, ATLS_CLASS_BYTES,
	ATLS_CLASS_CRYPTO, ATLS_CLASS_APPRAISAL, ATLS_CLASS_PROTOCOL,
};

/*
 * Why, for a person.  Fixed size, lives in the object it describes, no
 * allocation.  Only the first cause is kept: later failures are effects.
 */
struct atls_err {
	enum atls_rc	 rc;
	const char	*where;		/* static: "tpm.extra_data" */
	size_t		 offset;	/* into the input, when class is BYTES */
	char		 detail[96];	/* never secret, always NUL-terminated;
					 * printable ASCII, whoever wrote it */
};

#define ATLS_CHECKED	__attribute__((warn_unused_result))

enum atls_class	 atls_rc_class(enum atls_rc rc);

/* "E_BIND"; "E_?" for a value that is not an atls_rc.  Static. */
const char	*atls_rc_name(enum atls_rc rc);

#endif
