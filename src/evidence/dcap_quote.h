/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DCAP_QUOTE_H
#define DCAP_QUOTE_H

#include "dcap.h"

/* QUOTE, "Quote Header", "Quote Body Descriptor" and "Certification Data". */
enum {
	V3 = 3, V4 = 4, V5 = 5,
	TEE_SGX = 0x00, TEE_TDX = 0x81,
	ECDSA_P256 = 2,
	BODY_SGX = 1, BODY_TD_1_0 = 2, BODY_TD_1_5 = 3,
	TD_1_0 = 584, TD_1_5 = 648,		/* octets */
	HEADER = 48, VENDOR = 16, USER_DATA = 20,
	SIGNATURE = 64, KEY = 64,
	CERT_PCK_CHAIN = 5, CERT_QE_REPORT = 6,
};

/* Names of checks, by dcap_check and TEE. */
#define DCAP_NAME(s)	{ "sgx." s, "tdx." s }
#define DCAP_NAME_TABLE							\
	[DCAP_C_QUOTE] = DCAP_NAME("quote"),				\
	[DCAP_C_VERSION] = DCAP_NAME("version"),			\
	[DCAP_C_KEY_TYPE] = DCAP_NAME("att_key_type"),			\
	[DCAP_C_TEE_TYPE] = DCAP_NAME("tee_type"),			\
	[DCAP_C_BODY] = DCAP_NAME("body"),				\
	[DCAP_C_CERT_TYPE] = DCAP_NAME("certification_data.type"),	\
	[DCAP_C_CERT] = DCAP_NAME("certification_data"),		\
	[DCAP_C_PCK] = DCAP_NAME("pck"),				\
	[DCAP_C_PADDING] = DCAP_NAME("padding"),			\
	[DCAP_C_RESERVED] = DCAP_NAME("header.reserved"),		\
	[DCAP_C_VENDOR] = DCAP_NAME("vendor"),				\
	[DCAP_C_CHAIN] = DCAP_NAME("pck.chain"),			\
	[DCAP_C_QE_SIGNATURE] = DCAP_NAME("qe.signature"),		\
	[DCAP_C_QE_RESERVED] = DCAP_NAME("qe.reserved"),		\
	[DCAP_C_QE_ATTRIBUTES] = DCAP_NAME("qe.attributes"),		\
	[DCAP_C_QE_REPORT_DATA] = DCAP_NAME("qe.report_data"),		\
	[DCAP_C_KEY] = DCAP_NAME("att_key"),				\
	[DCAP_C_SIGNATURE] = DCAP_NAME("signature")

/* What a parse has at hand. */
struct quote {
	enum intel_tee			 tee;
	const struct evidence_claim	*table;
	struct atls_evidence		*out;
	struct atls_err			*err;
	uint64_t			 version, cert_type;
	struct atls_bytes		 user_data;
};

/*@ predicate quote_ok{L}(struct quote q) =
	\valid(q.out) && \separated(q.out, q.err);
    predicate room_ok{L}(struct atls_buf *s) = \valid(s) &&
	s->len <= s->cap &&
	(s->cap == 0 || \valid(s->p + (0 .. s->cap - 1)));
    predicate room_apart{L}(struct atls_buf *s, struct quote q) =
	\separated(s, s->p + (0 .. s->cap - 1), q.out, q.err,
	    q.table + (0 .. DCAP_NCLAIMS - 1));
    predicate claims_ok{L}(struct quote q) =
	\valid_read(q.table + (0 .. DCAP_NCLAIMS - 1)) &&
	q.out->nclaim <= ATLS_CLAIMS_MAX;
    // Certificates, each with octets of its own that may be read.
    predicate chain_ok{L}(struct atls_evidence *o) =
	o->nchain <= DCAP_CHAIN_MAX &&
	\forall integer i; 0 <= i < o->nchain ==> view_ok(o->chain[i]);

    // The views that a QE report and its certification data have.
    predicate qe_in{L}(struct atls_evidence *o, struct rd r) =
	rd_has(r, o->part[DCAP_QE_REPORT]) &&
	rd_has(r, o->part[DCAP_QE_SIGNATURE]) &&
	rd_has(r, o->part[DCAP_QE_AUTH]) &&
	rd_has(r, o->part[DCAP_CERT_TYPE]) &&
	rd_has(r, o->part[DCAP_CERT]);
    */

#endif
