/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_H
#define TPM_H

#include "../codec/cbor.h"
#include "evidence.h"

/*
 * TPM 2.0 evidence; the format is in doc/tpm-evidence.md.  Structures of the
 * TPM are those of the TPM 2.0 Library, Part 2, and are named as there.
 */

/* atls_evidence.part[] of this kind: the values as sent.  Each part of the
 * message, kat and pat, has its own key identifier and signature. */
enum tpm_part {
	TPM_KAT_KID, TPM_KAT_SIG, TPM_KAT_INFO, TPM_KAT_PUB,
	TPM_PAT_KID, TPM_PAT_SIG, TPM_PAT_INFO,
	TPM_AK_PUB, TPM_PCRS,		/* of "ext"; empty if it is not there */
};

enum {				/* TPM_ALG_ID, and some others */
	TPM_ALG_RSA = 0x0001, TPM_ALG_SHA1 = 0x0004, TPM_ALG_SHA256 = 0x000b,
	TPM_ALG_SHA384 = 0x000c, TPM_ALG_SHA512 = 0x000d, TPM_ALG_NULL = 0x0010,
	TPM_ALG_RSASSA = 0x0014, TPM_ALG_RSAPSS = 0x0016,
	TPM_ALG_ECDSA = 0x0018, TPM_ALG_ECC = 0x0023,

	TPM_ECC_P256 = 0x0003, TPM_ECC_P384 = 0x0004,
	TPM_ST_CERTIFY = 0x8017, TPM_ST_QUOTE = 0x8018,

	TPMA_FIXED_TPM = 1 << 1, TPMA_FIXED_PARENT = 1 << 4,
	TPMA_MADE_HERE = 1 << 5,	/* sensitiveDataOrigin */
	TPMA_RESTRICTED = 1 << 16, TPMA_DECRYPT = 1 << 17,
	TPMA_SIGN = 1 << 18,
};

#define TPM_GENERATED	0xff544347	/* "\xffTCG": made by a TPM */
#define TPM_BANKS_MAX	4		/* PCR banks in one quote */
#define TPM_PCRS_MAX	32		/* PCRs in one bank */
#define TPM_NAME_MAX	66		/* octets of a TPM2B_NAME */
#define TPM_NONCE_MAX	64		/* octets of extraData */
#define TPM_RSA_MAX	512		/* octets of an RSA modulus */
#define TPM_ECC_MAX	48		/* octets of a coordinate, of r, of s */

/* TPMT_PUBLIC of a signing key. */
struct tpm_public {
	unsigned		type;		/* TPM_ALG_ECC or _RSA */
	unsigned		name_alg;	/* SHA-256 or SHA-384 */
	uint32_t		attributes;
	unsigned		scheme, hash;	/* TPM_ALG_NULL and 0: any */
	unsigned		curve;		/* TPM_ECC_* */
	struct atls_bytes	x, y;
	struct atls_bytes	n;
	uint64_t		e;
	struct atls_bytes	area;		/* the whole of it */
};

/* TPMS_PCR_SELECTION: bit i is PCR i. */
struct tpm_select {
	unsigned		alg;
	uint32_t		pcrs;
};

/* TPMS_ATTEST of TPM2_Certify or TPM2_Quote. */
struct tpm_attest {
	struct atls_bytes	signer;		/* qualifiedSigner */
	struct atls_bytes	extra;		/* extraData */
	uint64_t		clock, firmware;
	uint32_t		reset, restart;
	bool			safe;
	struct atls_bytes	name, qualified;	/* certify */
	struct tpm_select	bank[TPM_BANKS_MAX];	/* quote */
	size_t			nbank;
	struct atls_bytes	digest;
};

/* TPMT_SIGNATURE.  RSA: r is all of it. */
struct tpm_sig {
	unsigned		scheme, hash;
	struct atls_bytes	r, s;
};

/*@ predicate tpm_public_in(struct tpm_public o, struct atls_bytes in) =
	view_in(o.x, in) && view_in(o.y, in) && view_in(o.n, in) &&
	view_in(o.area, in);
    predicate tpm_attest_in(struct tpm_attest o, struct atls_bytes in) =
	view_in(o.signer, in) && view_in(o.extra, in) &&
	view_in(o.name, in) && view_in(o.qualified, in) &&
	view_in(o.digest, in) && o.nbank <= TPM_BANKS_MAX;
    predicate tpm_sig_in(struct tpm_sig o, struct atls_bytes in) =
	view_in(o.r, in) && view_in(o.s, in);
    */

/*
 * Readers of whole structures.  Whatever is left over is E_TRAIL.  On failure
 * out is zeroed.
 *
 * off, where	of the structure in what the peer sent, and what err calls it.
 */
/*@ requires view_ok(in) && off + in.len <= SIZE_MAX && \valid(out) &&
	\separated(out, err);
    assigns *out, *err;
    ensures tpm_public_in(*out, in); */
ATLS_CHECKED enum atls_rc tpm_public_parse(struct atls_bytes in, size_t off,
		    const char *where, struct tpm_public *out,
		    struct atls_err *err);

/*@ requires view_ok(in) && off + in.len <= SIZE_MAX && \valid(out) &&
	\separated(out, err);
    assigns *out, *err;
    ensures tpm_attest_in(*out, in); */
ATLS_CHECKED enum atls_rc tpm_attest_parse(struct atls_bytes in, size_t off,
		    unsigned type, const char *where, struct tpm_attest *out,
		    struct atls_err *err);

/*@ requires view_ok(in) && off + in.len <= SIZE_MAX && \valid(out) &&
	\separated(out, err);
    assigns *out, *err;
    ensures tpm_sig_in(*out, in); */
ATLS_CHECKED enum atls_rc tpm_sig_parse(struct atls_bytes in, size_t off,
		    const char *where, struct tpm_sig *out,
		    struct atls_err *err);

/*
 * The PCR values in ext: an array of banks, each with its values by rising
 * index.  tpm_bank_next() reads one bank; false at the end and after a
 * failure.  value[i] is empty where there is none.
 */
struct tpm_bank {
	unsigned		alg;
	uint32_t		pcrs;
	struct atls_bytes	value[TPM_PCRS_MAX];
};

/*@ requires \valid(r) && rd_ok(*r) && \valid(banks) && \valid(out);
    requires \separated(r, banks, out);
    assigns *r, *banks, *out;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result ==> r->rc == ATLS_OK && r->left < \old(r->left);
    ensures \result && !\old(banks->indefinite) ==>
	!banks->indefinite && banks->left == \old(banks->left) - 1;
    ensures !\old(banks->indefinite) && r->rc == ATLS_OK ==>
	!banks->indefinite;
    ensures \forall integer i; 0 <= i < TPM_PCRS_MAX ==>
	rd_has(\old(*r), out->value[i]); */
bool		tpm_bank_next(struct rd *r, struct cbor_list *banks,
		    struct tpm_bank *out);

/* Octets of a PCR of that bank, 0 for a bank that we do not know. */
/*@ assigns \nothing;
    exits \false; */
size_t		tpm_bank_len(unsigned alg);

/* 0 for what is no TPM_ALG_ID of a hash that signatures may use. */
/*@ assigns \nothing;
    exits \false; */
enum atls_hash	tpm_hash(unsigned alg);

/* The claims of this kind; PCR i of a bank is at its first one plus i. */
#define TPM_CLAIM_PCRS	24

enum tpm_claim {
	TPM_CLAIM_SHA256, TPM_CLAIM_SHA384 = TPM_CLAIM_PCRS,
	TPM_CLAIM_CLOCK = 2 * TPM_CLAIM_PCRS, TPM_CLAIM_RESET,
	TPM_CLAIM_RESTART, TPM_CLAIM_SAFE, TPM_CLAIM_FIRMWARE,
	TPM_CLAIM_SIGNER, TPM_CLAIM_KEY_NAME, TPM_CLAIM_KEY_ATTRIBUTES,
	TPM_NCLAIMS
};

extern const struct evidence_claim tpm_claims[TPM_NCLAIMS];

#define TPM_PCR(bank, len, n)						\
	{ "tpm.pcr." bank "." #n, ATLS_CLAIM_BYTES, true, len }
#define TPM_PCRS_OF(bank, len)						\
	TPM_PCR(bank, len, 0), TPM_PCR(bank, len, 1),			\
	TPM_PCR(bank, len, 2), TPM_PCR(bank, len, 3),			\
	TPM_PCR(bank, len, 4), TPM_PCR(bank, len, 5),			\
	TPM_PCR(bank, len, 6), TPM_PCR(bank, len, 7),			\
	TPM_PCR(bank, len, 8), TPM_PCR(bank, len, 9),			\
	TPM_PCR(bank, len, 10), TPM_PCR(bank, len, 11),			\
	TPM_PCR(bank, len, 12), TPM_PCR(bank, len, 13),			\
	TPM_PCR(bank, len, 14), TPM_PCR(bank, len, 15),			\
	TPM_PCR(bank, len, 16), TPM_PCR(bank, len, 17),			\
	TPM_PCR(bank, len, 18), TPM_PCR(bank, len, 19),			\
	TPM_PCR(bank, len, 20), TPM_PCR(bank, len, 21),			\
	TPM_PCR(bank, len, 22), TPM_PCR(bank, len, 23)

/* The first of them, up to TPM_CLAIM_KEY_NAME: those of a quote. */
#define TPM_QUOTE_TABLE							\
	TPM_PCRS_OF("sha256", 32),					\
	TPM_PCRS_OF("sha384", 48),					\
	{ "tpm.clock",		ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ "tpm.reset",		ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ "tpm.restart",	ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ "tpm.safe",		ATLS_CLAIM_BOOL,	false, 0 },	\
	{ "tpm.firmware",	ATLS_CLAIM_NUMBER,	false, 0 },	\
	{ "tpm.signer",		ATLS_CLAIM_BYTES,	false, 0 }

/* tpm_frame.c: the message as a whole. */
/*@ requires view_ok(raw) && \valid(out) && \separated(out, err);
    requires out->raw == raw && out->nchain == 0 && out->nclaim == 0;
    requires parts_in(*out);
    assigns out->report_data, out->chain[0 .. 7], out->nchain,
	out->claim[0 .. ATLS_CLAIMS_MAX - 1], out->nclaim,
	out->part[0 .. 23], *err;
    ensures \result == ATLS_OK ==> view_in(out->report_data, raw) &&
	chain_in(*out) && claims_in(*out, 0) && parts_in(*out); */
ATLS_CHECKED enum atls_rc tpm_parse(struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *err);

/*
 * Checks that need not know what came with a quote (tpm_quote.c).  1, or 0
 * and err says why.
 *
 * tpm_check_signature	sig over info by key; a scheme and hash that we allow.
 *			certify: else of a quote, for the names of reasons.
 * tpm_check_pcrs	pcrs, as in ext, are what the quote selected, all of
 *			it and nothing else, and hash (of the signature) of
 *			their values is what the quote has.
 * tpm_check_challenge	there is one that it answers.
 */
int	tpm_check_signature(const struct evidence_trust *,
	    const struct crypto_key *, const struct tpm_sig *,
	    struct atls_bytes info, bool certify, struct atls_err *);
int	tpm_check_pcrs(const struct evidence_trust *,
	    const struct tpm_attest *quote, unsigned hash,
	    struct atls_bytes pcrs, struct atls_err *);
int	tpm_check_challenge(const struct evidence_trust *,
	    const struct tpm_attest *quote, struct atls_err *);

/* Whose word the chain of an AK is, in words for people (tpm_voucher.c): the
 * path has been verified.  Static. */
const char *tpm_voucher(const struct atls_evidence *);

/*
 * What a quote claims (tpm_frame.c), appended to the claims of out.  pcrs is
 * read: [ + [ hashAlg, { + index => value } ] ], no bank twice.
 */
/*@ requires \valid(out) && \valid_read(quote) && \separated(out, quote);
    requires out->nclaim <= ATLS_CLAIMS_MAX && view_in(quote->signer, out->raw);
    assigns out->claim[out->nclaim .. ATLS_CLAIMS_MAX - 1], out->nclaim;
    exits \false;
    ensures \old(out->nclaim) <= out->nclaim;
    ensures claims_in(*out, \old(out->nclaim)); */
void	tpm_claim_quote(struct atls_evidence *out,
	    const struct tpm_attest *quote);

/*@ requires \valid(out) && \separated(out, err);
    requires view_ok(in) && view_in(in, out->raw) && off + in.len <= SIZE_MAX;
    requires out->nclaim <= ATLS_CLAIMS_MAX;
    assigns out->claim[out->nclaim .. ATLS_CLAIMS_MAX - 1], out->nclaim,
	*err;
    exits \false;
    ensures \old(out->nclaim) <= out->nclaim;
    ensures claims_in(*out, \old(out->nclaim)); */
ATLS_CHECKED enum atls_rc tpm_claim_pcrs(struct atls_evidence *out,
		    struct atls_bytes in, size_t off, struct atls_err *err);

#endif
