/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SOURCE_USE_H
#define SOURCE_USE_H

#include <atls/source.h>

#include "httpd.h"

/* Collateral of one TDX platform (tests/vectors/tdx), valid at SOURCE_NOW. */
#define SOURCE_NOW	1751619600	/* 2025-07-04T09:00:00Z */
#define SOURCE_END	1752922800	/* 2025-07-19T11:00:00Z: too late for most */

#define PATH_TCB	"/tdx/certification/v4/tcb?fmspc=b0c06f000000"
#define PATH_EARLY	PATH_TCB "&update=early"
#define PATH_QE		"/tdx/certification/v4/qe/identity"
#define PATH_QE_SGX	"/sgx/certification/v4/qe/identity"
#define PATH_CRL	"/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
#define PATH_ROOT	"/sgx/certification/v4/rootcacrl"

enum { NEED_TCB, NEED_TCB_CHAIN, NEED_QE, NEED_QE_CHAIN, NEED_CRL,
    NEED_CRL_CHAIN, NEED_ROOT, NNEEDS };

extern const struct atls_need source_needs[NNEEDS];

/* A vector, on the heap: drop() it. */
struct atls_bytes	source_vector(const char *name);

/* The answers of Intel's service, and what they are made of. */
struct source_world {
	struct httpd		*h;
	char			 base[64];	/* "http://127.0.0.1:PORT" */
	struct atls_bytes	 tcb, qe, crl, root, signing, ca;
	char			*tcb_header, *qe_header, *crl_header;
	char			 dir[64];	/* a folder of our own */
};

void	source_world_make(struct source_world *);
void	source_world_again(struct source_world *);	/* another server */
void	source_world_serve(struct source_world *);	/* all is well */
void	source_world_free(struct source_world *);
void	source_rmdir(const char *);

/* All of it in a store, and on disk under dir as a user would lay it out. */
struct atls_collateral	*source_store(const struct source_world *);
void	source_lay_out(const struct source_world *, const char *dir);

bool	source_put_file(const char *dir, const char *name, struct atls_bytes);

/* Keys in PEM, on the heap.  type: "ED25519", "P-256", "P-384", "RSA". */
void	source_key(const char *type, struct atls_bytes *private,
	    struct atls_bytes *public);

#endif
