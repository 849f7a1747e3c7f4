/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_ATLS_H
#define ATLS_ATLS_H

#define ATLS_VERSION	"0.1.0"

#include <atls/bytes.h>		/* views and buffers */
#include <atls/error.h>		/* one error type */
#include <atls/identity.h>	/* who we are, whom we believe */
#include <atls/cmw.h>		/* the wrapper of evidence, RFC 9999 */
#include <atls/evidence.h>	/* parse */
#include <atls/attester.h>	/* produce */
#include <atls/result.h>	/* what a verdict says */
#include <atls/appraise.h>	/* decide */
#include <atls/backend.h>	/* what a TLS library must give */
#include <atls/ea.h>		/* exported authenticators, RFC 9261 */
#include <atls/config.h>	/* what is demanded, what is proven */
#include <atls/session.h>	/* the protocol, without I/O */
#include <atls/conn.h>		/* the protocol, over a descriptor */

const char	*atls_version(void);	/* of the library at run time */

#endif
