/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "tpm.h"

#define SELECT_MIN	3	/* sizeofSelect: PC Client, 24 PCRs */
#define SELECT_MAX	4
#define DIGEST_MAX	64

enum atls_hash
tpm_hash(unsigned alg)
{
	switch (alg) {
	case TPM_ALG_SHA256:	return ATLS_SHA256;
	case TPM_ALG_SHA384:	return ATLS_SHA384;
	case TPM_ALG_SHA512:	return ATLS_SHA512;
	default:		return (enum atls_hash)0;
	}
}

size_t
tpm_bank_len(unsigned alg)
{
	return alg == TPM_ALG_SHA1 ? 20 : crypto_hash_len(tpm_hash(alg));
}

/* A field that we have no use for but with this value. */
/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
must_be(struct rd *r, uint64_t want)
{
	if (rd_be(r, 2) != want)
		rd_fail(r, ATLS_E_UNKNOWN);
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && view_ok(\result);
    ensures rd_has(\old(*r), \result); */
static struct atls_bytes
tpm2b(struct rd *r, size_t min, size_t max)
{
	struct rd sub = rd_sub(r, 2);
	struct atls_bytes b = rd_rest(&sub);

	rd_close(r, &sub);
	if (b.len < min)
		rd_fail(r, ATLS_E_FORMAT);
	if (b.len > max)
		rd_fail(r, ATLS_E_LIMIT);
	return b;
}

/* TPMT_RSA_SCHEME, TPMT_ECC_SCHEME: of signing keys. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->scheme, out->hash;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r); */
static void
scheme(struct rd *r, struct tpm_public *out)
{
	bool rsa = out->type == TPM_ALG_RSA;

	switch (out->scheme = (unsigned)rd_be(r, 2)) {
	case TPM_ALG_NULL:
		return;
	case TPM_ALG_RSASSA:
	case TPM_ALG_RSAPSS:
		if (!rsa)
			rd_fail(r, ATLS_E_FORMAT);
		break;
	case TPM_ALG_ECDSA:
		if (rsa)
			rd_fail(r, ATLS_E_FORMAT);
		break;
	default:
		rd_fail(r, ATLS_E_UNKNOWN);
	}
	out->hash = (unsigned)rd_be(r, 2);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->scheme, out->hash, out->curve, out->x, out->y;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->x) && rd_has(\old(*r), out->y); */
static void
ecc(struct rd *r, struct tpm_public *out)
{
	size_t n = 0;

	scheme(r, out);
	out->curve = (unsigned)rd_be(r, 2);
	if (out->curve == TPM_ECC_P256)
		n = 32;
	else if (out->curve == TPM_ECC_P384)
		n = 48;
	else
		rd_fail(r, ATLS_E_UNKNOWN);
	must_be(r, TPM_ALG_NULL);		/* kdf */
	out->x = tpm2b(r, 1, n);
	out->y = tpm2b(r, 1, n);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->scheme, out->hash, out->e, out->n;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->n); */
static void
rsa(struct rd *r, struct tpm_public *out)
{
	size_t bits;

	scheme(r, out);
	bits = (size_t)rd_be(r, 2);
	if (bits != 2048 && bits != 3072 && bits != 4096)
		rd_fail(r, ATLS_E_UNKNOWN);
	out->e = rd_be(r, 4);
	if (out->e == 0)			/* Part 2, TPMS_RSA_PARMS */
		out->e = 65537;
	if (out->e != 65537)
		rd_fail(r, ATLS_E_UNKNOWN);
	out->n = tpm2b(r, bits / 8, bits / 8);
}

enum atls_rc
tpm_public_parse(struct atls_bytes in, size_t off, const char *where,
    struct tpm_public *out, struct atls_err *err)
{
	struct rd r = { .p = in.p, .left = in.len, .off = off };
	enum atls_rc rc;

	*out = (struct tpm_public){ .area = in };
	out->type = (unsigned)rd_be(&r, 2);
	out->name_alg = (unsigned)rd_be(&r, 2);
	if (out->name_alg != TPM_ALG_SHA256 && out->name_alg != TPM_ALG_SHA384)
		rd_fail(&r, ATLS_E_UNKNOWN);
	out->attributes = (uint32_t)rd_be(&r, 4);
	(void)tpm2b(&r, 0, DIGEST_MAX);		/* authPolicy */
	must_be(&r, TPM_ALG_NULL);		/* symmetric */
	if (out->type == TPM_ALG_ECC)
		ecc(&r, out);
	else if (out->type == TPM_ALG_RSA)
		rsa(&r, out);
	else
		rd_fail(&r, ATLS_E_UNKNOWN);
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*out = (struct tpm_public){ .type = 0 };
		return err_set(err, rc, where, r.off, "TPMT_PUBLIC, %zu "
		    "octets", in.len);
	}
	return ATLS_OK;
}

/* TPMS_CERTIFY_INFO */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->name, out->qualified;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->name) &&
	rd_has(\old(*r), out->qualified); */
static void
certify(struct rd *r, struct tpm_attest *out)
{
	out->name = tpm2b(r, 1, TPM_NAME_MAX);
	out->qualified = tpm2b(r, 1, TPM_NAME_MAX);
}

/* TPMS_QUOTE_INFO */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out) &&
	out->nbank == 0;
    assigns *r, out->bank[0 .. TPM_BANKS_MAX - 1], out->nbank,
	out->digest;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures rd_has(\old(*r), out->digest) && out->nbank <= TPM_BANKS_MAX; */
static void
quote(struct rd *r, struct tpm_attest *out)
{
	uint64_t n = rd_be(r, 4), size;
	size_t i;

	if (n > TPM_BANKS_MAX)
		rd_fail(r, ATLS_E_LIMIT);
	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant out->nbank <= TPM_BANKS_MAX &&
		(r->rc == ATLS_OK ==> n <= TPM_BANKS_MAX);
	    loop assigns *r, i, size, out->nbank,
		out->bank[0 .. TPM_BANKS_MAX - 1];
	    loop variant TPM_BANKS_MAX - out->nbank; */
	while (r->rc == ATLS_OK && out->nbank < n) {
		struct tpm_select *s = &out->bank[out->nbank++];

		s->alg = (unsigned)rd_be(r, 2);
		if (tpm_bank_len(s->alg) == 0)
			rd_fail(r, ATLS_E_UNKNOWN);
		/*@ loop invariant 0 <= i < out->nbank;
		    loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
		    loop assigns *r, i;
		    loop variant out->nbank - i; */
		for (i = 0; i + 1 < out->nbank; i++)
			if (out->bank[i].alg == s->alg)
				rd_fail(r, ATLS_E_FORMAT);
		size = rd_be(r, 1);
		if (size < SELECT_MIN || size > SELECT_MAX)
			rd_fail(r, ATLS_E_LIMIT);
		else	/* PCR i is bit i % 8 of octet i / 8 */
			s->pcrs = (uint32_t)rd_le(r, (size_t)size);
	}
	out->digest = tpm2b(r, 1, DIGEST_MAX);
}

enum atls_rc
tpm_attest_parse(struct atls_bytes in, size_t off, unsigned type,
    const char *where, struct tpm_attest *out, struct atls_err *err)
{
	struct rd r = { .p = in.p, .left = in.len, .off = off };
	uint64_t safe;
	enum atls_rc rc;

	*out = (struct tpm_attest){ .clock = 0 };
	/* A restricted key signs nothing that begins so, if the TPM has not
	 * made it: Part 2, TPM_GENERATED and TPMA_OBJECT */
	if (rd_be(&r, 4) != TPM_GENERATED)
		rd_fail(&r, ATLS_E_FORMAT);
	if (rd_be(&r, 2) != type)
		rd_fail(&r, ATLS_E_FORMAT);
	out->signer = tpm2b(&r, 1, TPM_NAME_MAX);
	out->extra = tpm2b(&r, 0, TPM_NONCE_MAX);
	out->clock = rd_be(&r, 8);
	out->reset = (uint32_t)rd_be(&r, 4);
	out->restart = (uint32_t)rd_be(&r, 4);
	if ((safe = rd_be(&r, 1)) > 1)		/* TPMI_YES_NO */
		rd_fail(&r, ATLS_E_FORMAT);
	out->safe = safe == 1;
	out->firmware = rd_be(&r, 8);
	if (type == TPM_ST_CERTIFY)
		certify(&r, out);
	else
		quote(&r, out);
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*out = (struct tpm_attest){ .clock = 0 };
		return err_set(err, rc, where, r.off, "TPMS_ATTEST, %zu "
		    "octets", in.len);
	}
	return ATLS_OK;
}

enum atls_rc
tpm_sig_parse(struct atls_bytes in, size_t off, const char *where,
    struct tpm_sig *out, struct atls_err *err)
{
	struct rd r = { .p = in.p, .left = in.len, .off = off };
	enum atls_rc rc;

	*out = (struct tpm_sig){ .scheme = 0 };
	out->scheme = (unsigned)rd_be(&r, 2);
	out->hash = (unsigned)rd_be(&r, 2);
	switch (out->scheme) {
	case TPM_ALG_RSASSA:
	case TPM_ALG_RSAPSS:
		out->r = tpm2b(&r, 1, TPM_RSA_MAX);
		break;
	case TPM_ALG_ECDSA:
		out->r = tpm2b(&r, 1, TPM_ECC_MAX);
		out->s = tpm2b(&r, 1, TPM_ECC_MAX);
		break;
	default:
		rd_fail(&r, ATLS_E_UNKNOWN);
	}
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*out = (struct tpm_sig){ .scheme = 0 };
		return err_set(err, rc, where, r.off, "TPMT_SIGNATURE, %zu "
		    "octets", in.len);
	}
	return ATLS_OK;
}

/* { + index => value }, by rising index, each as long as its bank's digest. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(out) && \separated(r, out);
    assigns *r, out->pcrs, out->value[0 .. TPM_PCRS_MAX - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \forall integer i; 0 <= i < TPM_PCRS_MAX ==>
	out->value[i] == \old(out->value[i]) ||
	rd_has(\old(*r), out->value[i]); */
static void
values(struct rd *r, struct tpm_bank *out)
{
	struct cbor_map m = cbor_map(r);
	size_t len = tpm_bank_len(out->alg);
	uint64_t next = 0;
	struct cbor_key k;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant \forall integer i; 0 <= i < TPM_PCRS_MAX ==>
		out->value[i] == \at(out->value[i], Pre) ||
		rd_has(\at(*r, Pre), out->value[i]);
	    loop assigns *r, m, k, next, out->pcrs,
		out->value[0 .. TPM_PCRS_MAX - 1];
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k)) {
		struct atls_bytes v = cbor_bstr(r);

		if (k.type != CBOR_UINT || k.num < next || v.len != len)
			rd_fail(r, ATLS_E_FORMAT);
		else if (k.num >= TPM_PCRS_MAX)
			rd_fail(r, ATLS_E_LIMIT);
		else {
			out->value[k.num] = v;
			out->pcrs |= (uint32_t)1 << k.num;
			next = k.num + 1;
		}
	}
	if (out->pcrs == 0)
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires \valid(out);
    assigns *out;
    exits \false;
    ensures \forall integer i; 0 <= i < TPM_PCRS_MAX ==>
	out->value[i].len == 0; */
static void
no_bank(struct tpm_bank *out)
{
	size_t i;

	out->alg = 0;
	out->pcrs = 0;
	/*@ loop invariant 0 <= i <= TPM_PCRS_MAX;
	    loop invariant \forall integer j; 0 <= j < i ==>
		out->value[j].len == 0;
	    loop assigns i, out->value[0 .. TPM_PCRS_MAX - 1];
	    loop variant TPM_PCRS_MAX - i; */
	for (i = 0; i < TPM_PCRS_MAX; i++) {
		out->value[i].p = NULL;
		out->value[i].len = 0;
	}
}

bool
tpm_bank_next(struct rd *r, struct cbor_list *banks, struct tpm_bank *out)
{
	uint64_t alg;

	no_bank(out);
	if (!cbor_next(r, banks))
		return false;
	if (cbor_array(r).left != 2)
		rd_fail(r, ATLS_E_FORMAT);
	alg = cbor_uint(r);
	if (alg > UINT16_MAX || tpm_bank_len((unsigned)alg) == 0)
		rd_fail(r, ATLS_E_UNKNOWN);
	out->alg = (unsigned)alg;
	values(r, out);
	if (r->rc != ATLS_OK)
		no_bank(out);
	return r->rc == ATLS_OK;
}
