/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COSE_H
#define COSE_H

#include "cbor.h"

/*
 * COSE_Sign1 (RFC 9052, 4.2) and COSE_Key of elliptic curves (RFC 9053,
 * 7.1.1), as evidence has them: views, no allocation.  Whether a signature
 * holds is said in ../evidence/signed.h.
 */
enum cose_alg {			/* IANA, "COSE Algorithms" */
	COSE_ES256 = -7, COSE_EDDSA = -8, COSE_ES384 = -35,
	COSE_PS256 = -37, COSE_PS384 = -38, COSE_PS512 = -39,
};

enum cose_tagging { COSE_UNTAGGED, COSE_TAGGED, COSE_EITHER };

struct cose_sign1 {
	int64_t			alg;		/* one of cose_alg, or not */
	struct atls_bytes	protected;	/* as encoded: what is signed */
	struct atls_bytes	payload;	/* not empty */
	struct atls_bytes	signature;	/* not empty */
};

/*
 * cose_sign1_parse() reads one whole COSE_Sign1.
 *
 *	[ protected: bstr .cbor map, unprotected: map, payload, signature ]
 *
 * Heads are shortest and of definite length.  alg must be in the protected
 * header (RFC 9052, 3.1); no label may be in it, in the other, or in both,
 * twice (RFC 9052, 3).  A detached payload is not taken.
 *
 * off, where	of in, in what the peer sent, and what err calls it.
 * out		zeroed on failure.
 *
 * Errors: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT; E_UNKNOWN: crit is there, and
 * we know no parameter that it might speak of.
 */
/*@ requires view_ok(in) && off + in.len <= SIZE_MAX;
    requires \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false;
    ensures view_ok(out->protected) && view_in(out->protected, in);
    ensures view_ok(out->payload) && view_in(out->payload, in);
    ensures view_ok(out->signature) && view_in(out->signature, in);
    ensures \result == ATLS_OK ==> out->protected.len > 0 &&
	out->payload.len > 0 && out->signature.len > 0 && out->alg != 0;
    ensures \result != ATLS_OK ==> out->protected.len == 0 &&
	out->payload.len == 0 && out->signature.len == 0 && out->alg == 0; */
ATLS_CHECKED enum atls_rc cose_sign1_parse(struct atls_bytes in, size_t off,
		    enum cose_tagging tagging, const char *where,
		    struct cose_sign1 *out, struct atls_err *err);

/*
 * What is signed, Sig_structure (RFC 9052, 4.4), in parts, so that no payload
 * is copied.  part points into head, too: do not copy the struct.
 */
#define COSE_TBS_PARTS	6

struct cose_tbs {
	uint8_t			head[3][24];
	struct atls_bytes	part[COSE_TBS_PARTS];
};

/*@ requires \valid_read(msg) && \valid(out) && \separated(msg, out);
    requires view_ok(msg->protected) && view_ok(msg->payload) &&
	view_ok(external_aad);
    assigns *out;
    exits \false;
    ensures \forall integer i; 0 <= i < COSE_TBS_PARTS ==>
	view_ok(out->part[i]); */
ATLS_CHECKED enum atls_rc cose_tbs(const struct cose_sign1 *msg,
		    struct atls_bytes external_aad, struct cose_tbs *out);

/* A public key.  x and y are as long as the field. */
enum cose_curve { COSE_P256 = 1, COSE_P384 = 2 };

struct cose_key {
	enum cose_curve		curve;
	struct atls_bytes	x, y;
};

/*
 * cose_key_parse() reads one whole COSE_Key of type EC2.  Parameters that are
 * not of that type are passed over.
 *
 * Errors: E_TRUNC, E_TRAIL, E_LIMIT; E_FORMAT (also: a private key; alg or
 * key_ops that are not for verifying); E_UNKNOWN (another type or curve, a
 * compressed point).
 */
/*@ requires view_ok(in) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    exits \false;
    ensures view_ok(out->x) && view_in(out->x, in);
    ensures view_ok(out->y) && view_in(out->y, in);
    ensures \result == ATLS_OK ==> (out->curve == COSE_P256 &&
	out->x.len == 32 && out->y.len == 32) ||
	(out->curve == COSE_P384 && out->x.len == 48 && out->y.len == 48);
    ensures \result != ATLS_OK ==> out->curve == 0 && out->x.len == 0 &&
	out->y.len == 0; */
ATLS_CHECKED enum atls_rc cose_key_parse(struct atls_bytes in, size_t off,
		    const char *where, struct cose_key *out,
		    struct atls_err *err);

#endif
