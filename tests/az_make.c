/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "../src/codec/b64.h"
#include "az_make.h"

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

struct atls_bytes
az_make_pcrs(uint8_t pcr[AZ_PCRS][32], uint32_t set,
    uint8_t room[2048])
{
	struct atls_buf out = { room, 2048, 0 };
	struct wr w = wr_of(&out);
	size_t i, n = 0;

	for (i = 0; i < AZ_PCRS; i++)
		n += set >> i & 1;
	cbor_put_array(&w, 1);
	cbor_put_array(&w, 2);
	cbor_put_uint(&w, TPM_ALG_SHA256);
	cbor_put_map(&w, n);
	for (i = 0; i < AZ_PCRS; i++)
		if (set >> i & 1) {
			cbor_put_uint(&w, i);
			cbor_put_bstr(&w, ATLS_ARRAY(pcr[i]));
		}
	MUST(wr_done(&w) == ATLS_OK);
	return (struct atls_bytes){ room, out.len };
}

static void
member(struct wr *w, const char *key, struct atls_bytes b)
{
	if (b.len == 0)
		return;
	cbor_put_text(w, key);
	cbor_put_bstr(w, b);
}

size_t
az_put(const struct az_parts *p, uint8_t out[AZ_MAKE_MAX])
{
	struct atls_buf b = { out, AZ_MAKE_MAX, 0 };
	struct wr w = wr_of(&b);

	cbor_put_map(&w, 1U + (p->hcl.len != 0) + (p->pcrs.len != 0) +
	    (p->vcek.len != 0) + (p->ask.len != 0) + (p->td.len != 0) +
	    (p->more != NULL));
	member(&w, "hcl", p->hcl);
	cbor_put_text(&w, "quote");
	cbor_put_map(&w, (size_t)(p->attest.len != 0) + (p->sig.len != 0));
	member(&w, "attest", p->attest);
	member(&w, "sig", p->sig);
	if (p->pcrs.len != 0) {
		cbor_put_text(&w, "pcrs");
		wr_bytes(&w, p->pcrs);
	}
	member(&w, "vcek", p->vcek);
	member(&w, "ask", p->ask);
	member(&w, "td", p->td);
	if (p->more != NULL) {
		cbor_put_text(&w, p->more);
		cbor_put_bstr(&w, (struct atls_bytes){
		    (const uint8_t *)"x", 1 });
	}
	MUST(wr_done(&w) == ATLS_OK);
	return b.len;
}

void
az_make_runtime(EVP_PKEY *ak, char out[2048])
{
	uint8_t n[512];
	char text[700];
	BIGNUM *bn = NULL;
	struct atls_buf b = { (uint8_t *)text, sizeof(text), 0 };
	struct wr w = wr_of(&b);
	int len;

	MUST(EVP_PKEY_get_bn_param(ak, OSSL_PKEY_PARAM_RSA_N, &bn) == 1);
	len = BN_bn2bin(bn, n);
	BN_free(bn);
	b64_put(&w, (struct atls_bytes){ n, (size_t)len });
	wr_zeros(&w, 1);
	MUST(wr_done(&w) == ATLS_OK);
	(void)snprintf(out, 2048, "{\"keys\":[{\"kid\":\"HCLAkPub\","
	    "\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":\"AQAB\","
	    "\"n\":\"%s\"}],\"vm-configuration\":{\"console-enabled\":true,"
	    "\"secure-boot\":true,\"tpm-enabled\":true,\"tpm-persisted\":"
	    "false,\"vmUniqueId\":\"01234567-89ab-cdef\"},\"user-data\":"
	    "\"00\"}", text);
}

void
az_make_hcl(uint8_t out[AZ_HCL_LEN], unsigned type,
    const uint8_t hw[AZ_HW_LEN], const char *runtime)
{
	static const uint8_t head[16] = { 'H', 'C', 'L', 'A', 2, 0, 0, 0,
	    0, 0, 0, 0, 2, 0, 0, 0 };
	size_t n = strlen(runtime), all = AZ_RUNTIME_AT + n, rt = 20 + n;
	uint8_t *p = out + 32 + AZ_HW_LEN;

	MUST(all <= AZ_HCL_LEN);
	memset(out, 0, AZ_HCL_LEN);
	memcpy(out, head, sizeof(head));
	out[8] = (uint8_t)all;
	out[9] = (uint8_t)(all >> 8);
	memcpy(out + 32, hw, AZ_HW_LEN);
	p[0] = (uint8_t)rt;
	p[1] = (uint8_t)(rt >> 8);
	p[4] = 1;
	p[8] = (uint8_t)type;
	p[12] = 1;
	p[16] = (uint8_t)n;
	p[17] = (uint8_t)(n >> 8);
	memcpy(out + AZ_RUNTIME_AT, runtime, n);
}

size_t
az_make_attest(uint8_t pcr[AZ_PCRS][32], struct atls_bytes nonce,
    uint8_t out[256])
{
	struct atls_buf b = { out, 256, 0 };
	struct wr w = wr_of(&b);
	uint8_t digest[32], name[34] = { 0, 0x0b, 1, 2, 3 };

	MUST(SHA256(pcr[0], AZ_PCRS * 32, digest) != NULL);
	wr_be(&w, TPM_GENERATED, 4);
	wr_be(&w, TPM_ST_QUOTE, 2);
	wr_be(&w, sizeof(name), 2);
	wr_bytes(&w, ATLS_ARRAY(name));
	wr_be(&w, nonce.len, 2);
	wr_bytes(&w, nonce);
	wr_be(&w, 1000, 8);			/* clock */
	wr_be(&w, 7, 4);
	wr_be(&w, 8, 4);
	wr_be(&w, 1, 1);
	wr_be(&w, 9, 8);			/* firmware */
	wr_be(&w, 1, 4);
	wr_be(&w, TPM_ALG_SHA256, 2);
	wr_be(&w, 3, 1);
	wr_be(&w, 0xffffff, 3);
	wr_be(&w, sizeof(digest), 2);
	wr_bytes(&w, ATLS_ARRAY(digest));
	MUST(wr_done(&w) == ATLS_OK);
	return b.len;
}

size_t
az_make_sig(EVP_PKEY *ak, struct atls_bytes attest, uint8_t out[600])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 512;

	MUST(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, ak) == 1);
	MUST(EVP_DigestSign(ctx, out + 6, &n, attest.p, attest.len) == 1);
	EVP_MD_CTX_free(ctx);
	out[0] = 0;
	out[1] = TPM_ALG_RSASSA;
	out[2] = 0;
	out[3] = TPM_ALG_SHA256;
	out[4] = (uint8_t)(n >> 8);
	out[5] = (uint8_t)n;
	return 6 + n;
}
