/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QUOTE_MAKE_H
#define QUOTE_MAKE_H

#include <atls/bytes.h>

#include "../src/endorse/intel.h"
#include "pki.h"

/*
 * DCAP quotes with anything in them: a real one is taken for a pattern, and
 * signed anew with keys of ours.  Offsets are into b.  Whatever fails, aborts.
 */
#define QUOTE_ROOM	16384

struct quote {
	uint8_t	b[QUOTE_ROOM];
	size_t	len;			/* without padding */
	size_t	body, bodylen;
	size_t	siglen;			/* of the signature data, u32 */
	size_t	sig, key;
	size_t	outer;			/* type 6, u32; 0: version 3 */
	size_t	qe, qe_sig;
	size_t	authlen, auth;
	size_t	cert;			/* type, u32, data */
};

/* A file of the vectors, see quote_file().  False: it is not there. */
bool	quote_load(struct quote *, const char *name);

/* Keys, and a certificate for the one that stands for the PCK. */
void	quote_init(void);
void	quote_done(void);
const struct pki_cert *quote_pck(void);

/* Makes the key, the QE's report data and both signatures fit what is in b. */
void	quote_sign(struct quote *);
void	quote_bind(struct quote *);		/* the QE to the key that is there */
void	quote_sign_qe(struct quote *);		/* the QE's report as it is */
void	quote_sign_body(struct quote *);	/* header and body as they are */

/* r and s of the curve's order less s: as good as the first. */
void	quote_other_s(uint8_t sig[64]);

void	quote_put(struct quote *, size_t off, uint64_t v, size_t n);
uint64_t quote_get(const struct quote *, size_t off, size_t n);

/* Puts other certification data in place, and mends the lengths. */
void	quote_certify(struct quote *, unsigned type, struct atls_bytes data);

/*
 * intel_pck_check() and intel_tcb_check() are wrapped: when one of these is
 * set, the PCK is quote_pck(), or the first of the chain whoever issued it,
 * and any TCB is good.
 */
extern bool quote_ours, quote_leaf;
extern struct intel_platform quote_asked;	/* of the last TCB */

/* A file of the vectors, "tdx/quotes/x.bin", or of those that may not be
 * copied ($ATLS_VECTORS_EXTRA); malloc()ed, with a NUL behind; p NULL: none. */
struct atls_bytes quote_file(const char *name);

#endif
