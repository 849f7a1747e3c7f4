/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NITRO_H
#define NITRO_H

#include "evidence.h"
#include "signed.h"

/*
 * The attestation document of an AWS Nitro enclave: COSE_Sign1 around a map,
 * as in the documentation of the Nitro Secure Module API, "Attestation".
 */
#define NITRO_PCRS	32
#define NITRO_CAS_MAX	7	/* certificates in cabundle */

struct nitro {
	struct cose_sign1	msg;
	struct atls_bytes	module_id, digest;
	uint64_t		timestamp;	/* milliseconds since 1970 */
	struct atls_bytes	pcr[NITRO_PCRS];	/* empty: not there */
	struct atls_bytes	certificate;
	struct atls_bytes	ca[NITRO_CAS_MAX];	/* root first */
	size_t			nca;
	/* empty: not given, or null, which is the same */
	struct atls_bytes	public_key, user_data, nonce;
};

enum nitro_claim {
	NITRO_C_PCR, NITRO_C_MODULE = NITRO_C_PCR + NITRO_PCRS,
	NITRO_C_TIMESTAMP, NITRO_C_PUBLIC_KEY, NITRO_C_NONCE, NITRO_NCLAIMS
};

extern const struct evidence_claim nitro_claims[NITRO_NCLAIMS];

/*@ // The views of a document, each of octets of in.
    predicate nitro_in(struct nitro o, struct atls_bytes in) =
	view_in(o.module_id, in) && view_in(o.digest, in) &&
	view_in(o.certificate, in) && view_in(o.public_key, in) &&
	view_in(o.user_data, in) && view_in(o.nonce, in) &&
	o.nca <= NITRO_CAS_MAX &&
	(\forall integer i; 0 <= i < NITRO_PCRS ==> view_in(o.pcr[i], in)) &&
	(\forall integer i; 0 <= i < NITRO_CAS_MAX ==>
	    view_in(o.ca[i], in));
    */

/* nitro_parse.c.  nitro_open(): on failure out is not to be used. */
/*@ requires view_ok(raw) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false;
    ensures \result == ATLS_OK ==> nitro_in(*out, raw); */
ATLS_CHECKED enum atls_rc nitro_open(struct atls_bytes raw,
		    struct nitro *out, struct atls_err *err);

/*@ requires view_ok(raw) && \valid(out) && \separated(out, err);
    requires out->raw == raw && out->nchain == 0 && out->nclaim == 0;
    assigns out->report_data, out->chain[0 .. 7], out->nchain,
	out->claim[0 .. ATLS_CLAIMS_MAX - 1], out->nclaim, *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_in(out->report_data, raw) &&
	chain_in(*out) && claims_in(*out, 0); */
ATLS_CHECKED enum atls_rc nitro_parse(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *err);

#endif
