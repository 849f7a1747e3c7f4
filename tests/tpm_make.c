/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tpm_make.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #cond);						\
		ERR_print_errors_fp(stderr);				\
		abort();						\
	}								\
} while (0)

enum { NBANKS = 4, NPCRS = 24 };

/* TPM 2.0 Library, Part 2: TPM_ALG_ID, and TPMA_OBJECT of our two keys. */
enum {
	ALG_RSA = 0x0001, ALG_NULL = 0x0010, ALG_SM3 = 0x0012,
	ALG_RSASSA = 0x0014, ALG_RSAPSS = 0x0016, ALG_ECDSA = 0x0018,
	ALG_ECC = 0x0023,
};

#define KEY_ATTR	0x00040072u	/* sign, fixed, made here, with auth */
#define AK_ATTR		0x00050072u	/* restricted too */

static const struct {
	uint16_t	 alg;
	size_t		 len;
	const char	*name;
} hashes[NBANKS] = {
	[TPM_MAKE_SHA256] = { 0x000b, 32, "SHA256" },
	[TPM_MAKE_SHA384] = { 0x000c, 48, "SHA384" },
	[TPM_MAKE_SHA512] = { 0x000d, 64, "SHA512" },
	[TPM_MAKE_SHA1] = { 0x0004, 20, "SHA1" },
};

/* A growing message. */
struct m {
	uint8_t	b[TPM_MAKE_MAX];
	size_t	n;
};

static void
put(struct m *m, const void *p, size_t n)
{
	MUST(n <= sizeof(m->b) - m->n);
	if (n > 0)
		memcpy(m->b + m->n, p, n);
	m->n += n;
}

static void
be(struct m *m, uint64_t v, size_t n)
{
	while (n-- > 0) {
		uint8_t b = (uint8_t)(v >> (8 * n) & 0xff);

		put(m, &b, 1);
	}
}

static void
tpm2b(struct m *m, const void *p, size_t n)
{
	be(m, n, 2);
	put(m, p, n);
}

static void
cbor(struct m *m, unsigned major, uint64_t v)
{
	if (v < 24)
		be(m, major << 5 | v, 1);
	else if (v < 0x100)
		be(m, (major << 5 | 24) << 8 | v, 2);
	else
		be(m, (uint64_t)(major << 5 | 25) << 16 | v, 3);
}

static void
string(struct m *m, unsigned major, const void *p, size_t n)
{
	cbor(m, major, n);
	put(m, p, n);
}

#define text(m, s)	string(m, 3, s, strlen(s))
#define bstr(m, p, n)	string(m, 2, p, n)

#define is_ec(k)	(EVP_PKEY_get_base_id(k) == EVP_PKEY_EC)

static void
number(const EVP_PKEY *k, const char *what, size_t len, struct m *m)
{
	BIGNUM *bn = NULL;
	uint8_t b[512];

	MUST(EVP_PKEY_get_bn_param(k, what, &bn) == 1);
	MUST(BN_bn2binpad(bn, b, (int)len) == (int)len);
	tpm2b(m, b, len);
	BN_free(bn);
}

/* What the AK signs with. */
#define sig_scheme(o)	(is_ec((o)->ak) ? ALG_ECDSA :			\
			    (o)->pss ? ALG_RSAPSS : ALG_RSASSA)
#define sig_hash(o)	((o)->fault == TPM_BAD_SIG_SHA1 ?		\
			    (unsigned)TPM_MAKE_SHA1 : (o)->hash)

static void
public(struct m *m, const struct tpm_make_opts *o, EVP_PKEY *k, bool is_ak)
{
	size_t bits = (size_t)EVP_PKEY_get_bits(k), len = bits / 8;
	unsigned h = sig_hash(o);

	if (o->fault == TPM_BAD_SIG_SCHEME)
		h = h == TPM_MAKE_SHA256 ? TPM_MAKE_SHA384 : TPM_MAKE_SHA256;
	be(m, is_ec(k) ? ALG_ECC : ALG_RSA, 2);
	be(m, hashes[is_ak ? o->ak_name : o->key_name].alg, 2);
	be(m, is_ak ? AK_ATTR ^ o->ak_flip : KEY_ATTR ^ o->key_flip, 4);
	tpm2b(m, NULL, 0);			/* authPolicy */
	be(m, ALG_NULL, 2);			/* symmetric */
	if (is_ak && o->fault != TPM_BAD_AK_SCHEME) {
		be(m, sig_scheme(o), 2);
		be(m, hashes[h].alg, 2);
	} else
		be(m, ALG_NULL, 2);
	if (is_ec(k)) {
		be(m, bits == 256 ? 3 : 4, 2);	/* TPM_ECC_NIST_P256, P384 */
		be(m, ALG_NULL, 2);		/* kdf */
		number(k, OSSL_PKEY_PARAM_EC_PUB_X, len, m);
		number(k, OSSL_PKEY_PARAM_EC_PUB_Y, len, m);
	} else {
		be(m, bits, 2);
		be(m, 0, 4);			/* exponent: 65537 */
		number(k, OSSL_PKEY_PARAM_RSA_N, len, m);
	}
}

static void
digest(struct m *m, unsigned h, const struct m *of)
{
	uint8_t md[64];

	MUST(EVP_Q_digest(NULL, hashes[h].name, NULL, of->b, of->n, md,
	    NULL) == 1);
	put(m, md, hashes[h].len);
}

/* An object's name: nameAlg, and the digest of its public area. */
static void
name(struct m *m, unsigned h, const struct m *pub)
{
	be(m, hashes[h].alg, 2);
	digest(m, h, pub);
}

size_t
tpm_make_pcr(const struct tpm_make_opts *o, unsigned bank, unsigned i,
    uint8_t out[64])
{
	memset(out, o->other >> i & 1 ? 0xee : (int)i, hashes[bank].len);
	return hashes[bank].len;
}

void
tpm_make_pin(const struct tpm_make_opts *o, char out[TPM_MAKE_PIN])
{
	struct m pub = { .n = 0 }, n = { .n = 0 };
	size_t i;

	public(&pub, o, o->ak, true);
	name(&n, o->ak_name, &pub);
	MUST(3 + 2 * n.n < TPM_MAKE_PIN);
	memcpy(out, "ak:", 4);
	for (i = 0; i < n.n; i++)
		snprintf(out + 3 + 2 * i, 3, "%02x", n.b[i]);
}

/* A key of the same kind as k, and certainly another one. */
static EVP_PKEY *
stranger(const EVP_PKEY *k)
{
	EVP_PKEY *other = is_ec(k) ? EVP_EC_gen(EVP_PKEY_get_bits(k) == 256 ?
	    "P-256" : "P-384") : EVP_RSA_gen(2048);

	MUST(other != NULL);
	return other;
}

/* TPMT_SIGNATURE over the message, by the AK, or by a stranger. */
static void
sign(struct m *m, const struct tpm_make_opts *o, bool wrong,
    const struct m *msg)
{
	EVP_PKEY *key = wrong ? stranger(o->ak) : o->ak;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pc = NULL;
	uint8_t sig[512], num[66];
	const uint8_t *p = sig;
	size_t len = sizeof(sig), n = (size_t)EVP_PKEY_get_bits(key) / 8;
	ECDSA_SIG *rs;

	MUST(c != NULL && EVP_DigestSignInit_ex(c, &pc,
	    hashes[sig_hash(o)].name, NULL, NULL, key, NULL) == 1);
	if (!is_ec(key) && o->pss)
		MUST(EVP_PKEY_CTX_set_rsa_padding(pc, RSA_PKCS1_PSS_PADDING)
		    == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(pc,
		    RSA_PSS_SALTLEN_DIGEST) == 1);
	MUST(EVP_DigestSign(c, sig, &len, msg->b, msg->n) == 1);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(wrong ? key : NULL);
	be(m, sig_scheme(o), 2);
	be(m, hashes[sig_hash(o)].alg, 2);
	if (!is_ec(o->ak)) {
		tpm2b(m, sig, len);
		return;
	}
	MUST((rs = d2i_ECDSA_SIG(NULL, &p, (long)len)) != NULL);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_r(rs), num, (int)n) == (int)n);
	tpm2b(m, num, n);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_s(rs), num, (int)n) == (int)n);
	tpm2b(m, num, n);
	ECDSA_SIG_free(rs);
}

static uint32_t
selected(const struct tpm_make_opts *o, unsigned bank)
{
	size_t i;

	if (o->fault == TPM_BAD_SELECT_EMPTY)
		return 0;
	for (i = 0; i < NBANKS; i++)
		if (o->select[i] != 0)
			return o->select[bank];
	return bank == TPM_MAKE_SHA256 ? 0xff : 0;
}

/* TPML_PCR_SELECTION and the digest of what it selects. */
static void
quoted(struct m *m, const struct tpm_make_opts *o)
{
	struct m all = { .n = 0 }, sel = { .n = 0 };
	uint8_t v[64];
	unsigned b, i, n = 0, h = sig_hash(o);
	size_t wide = o->fault == TPM_BAD_SELECT_WIDE ? 5 : 3;

	for (b = 0; b < NBANKS; b++) {
		uint32_t want = selected(o, b);

		if (want == 0 && (b != 0 || o->fault != TPM_BAD_SELECT_EMPTY))
			continue;
		n++;
		be(&sel, o->fault == TPM_BAD_SELECT_BANK ? ALG_SM3 :
		    hashes[b].alg, 2);
		be(&sel, wide, 1);
		for (i = 0; i < wide; i++)
			be(&sel, i < 4 ? want >> (8 * i) & 0xff : 0, 1);
		for (i = 0; i < NPCRS; i++)
			if (want >> i & 1)
				put(&all, v, tpm_make_pcr(o, b, i, v));
	}
	if (o->fault == TPM_BAD_SELECT_TWICE) {
		be(&sel, 0x000b03000000, 6);
		n++;
	}
	if (o->fault == TPM_BAD_SELECT_NONE)
		sel.n = all.n = n = 0;
	be(m, n, 4);
	put(m, sel.b, sel.n);
	be(m, hashes[h].len, 2);
	digest(m, h, &all);
	m->b[m->n - 1] ^= o->fault == TPM_BAD_DIGEST;
}

/* TPMS_ATTEST by ak: of the key whose public area is pub, or a quote. */
static void
attest(struct m *m, const struct tpm_make_opts *o, bool is_kat,
    struct atls_bytes rd, const struct m *ak, const struct m *pub)
{
	enum tpm_fault f = o->fault;
	struct m signer = { .n = 0 }, key = { .n = 0 };
	uint8_t nonce[64] = { 0 };

	MUST(rd.len <= sizeof(nonce));
	if (rd.len > 0)
		memcpy(nonce, rd.p, rd.len);
	nonce[0] ^= f == TPM_TWO_NONCES && is_kat;
	name(&signer, o->ak_name, ak);		/* stands for the real thing */
	signer.b[2] ^= f == TPM_TWO_SIGNERS && is_kat;
	if ((f == TPM_BAD_TYPE_KAT && is_kat) ||
	    (f == TPM_BAD_TYPE_PAT && !is_kat))
		is_kat = !is_kat;
	be(m, 0xff544347 ^ ((f == TPM_BAD_MAGIC_KAT && is_kat) ||
	    (f == TPM_BAD_MAGIC_PAT && !is_kat)), 4);
	be(m, is_kat ? 0x8017 : 0x8018, 2);
	tpm2b(m, signer.b, signer.n);
	tpm2b(m, nonce, rd.len);
	be(m, is_kat ? 1000 : 1003, 8);		/* clock */
	be(m, o->reset + (f == TPM_TWO_RESETS && is_kat), 4);
	be(m, f == TPM_TWO_RESTARTS && is_kat, 4);
	be(m, 1, 1);				/* safe */
	be(m, 0x2024010100120000u + (f == TPM_TWO_FIRMWARES && is_kat), 8);
	if (is_kat) {
		name(&key, o->key_name, pub);
		key.b[2] ^= f == TPM_BAD_KEY_NAME;
		tpm2b(m, key.b, key.n);
		key.b[3] ^= 0xff;
		tpm2b(m, key.b, key.n);		/* qualifiedName */
	} else
		quoted(m, o);
}

/* Members of a map: each its key and its value, as they will be put. */
#define NMEMBERS	8

struct map {
	struct m	e[NMEMBERS];
	size_t		n;
};

static struct m *
member(struct map *map, const char *key)
{
	struct m *e = &map->e[map->n++];

	MUST(map->n <= NMEMBERS);
	e->n = 0;
	text(e, key);
	return e;
}

static void
put_map(struct m *m, const struct tpm_make_opts *o, const struct map *map)
{
	size_t i;

	cbor(m, 5, map->n);
	for (i = 0; i < map->n; i++) {
		const struct m *e = &map->e[o->backwards ? map->n - 1 - i : i];

		put(m, e->b, e->n);
	}
}

/* kat or pat.  pub is the AIK's public area; NULL: pat. */
static void
put_part(struct m *m, const struct tpm_make_opts *o, struct atls_bytes rd,
    const struct m *ak, const struct m *pub)
{
	enum tpm_fault f = o->fault;
	struct m info = { .n = 0 }, sig = { .n = 0 }, id = { .n = 0 };
	bool kat = pub != NULL;
	struct tpm_make_opts signer = *o;
	struct map map = { .n = 0 };

	if (f == TPM_BAD_SIG_SCHEME_PAT && !kat)
		signer.hash = TPM_MAKE_SHA384;
	attest(&info, o, kat, rd, ak, kat ? pub : ak);
	sign(&sig, &signer, f == (kat ? TPM_BAD_SIG_KAT : TPM_BAD_SIG_PAT), &info);
	be(&id, 1, 1);
	digest(&id, TPM_MAKE_SHA256, ak);
	id.b[32] ^= f == TPM_BAD_KID || (f == TPM_TWO_KIDS && kat);
	text(member(&map, "tpmVer"),
	    f == TPM_BAD_VERSION && kat ? "1.2" : "2.0");
	if (f != TPM_NO_KID || !kat)
		bstr(member(&map, "kid"), id.b, id.n);
	if (f != TPM_NO_SIG || !kat)
		bstr(member(&map, "sig"), sig.b, sig.n);
	if (f != TPM_NO_INFO || kat)
		bstr(member(&map, kat ? "certInfo" : "attestInfo"), info.b,
		    info.n);
	if (kat && f != TPM_NO_PUB)
		bstr(member(&map, "pubArea"), pub->b, pub->n);
	if (kat && f == TPM_BAD_MEMBER)
		text(member(&map, "tpmRev"), "2.0");
	if (kat && f == TPM_BAD_TWICE)
		bstr(member(&map, "kid"), id.b, id.n);
	put_map(m, o, &map);
}

/* [hashAlg, { index => value }] of one bank. */
static void
put_bank(struct m *m, const struct tpm_make_opts *o, unsigned bank,
    uint32_t want)
{
	enum tpm_fault f = o->fault;
	unsigned list[NPCRS + 1], n = 0, i;
	uint8_t v[64];
	size_t len;

	for (i = 0; i < NPCRS; i++)
		if (want >> i & 1)
			list[n++] = i;
	if (f == TPM_BAD_PCR_MISSING)
		n--;
	if (f == TPM_BAD_PCR_EXTRA)
		list[n++] = NPCRS - 1;
	if (f == TPM_BAD_PCR_TWICE)
		list[1] = list[0];
	if (f == TPM_BAD_PCR_ORDER && n > 1) {
		list[0] = list[n - 1];
		list[n - 1] = 0;
	}
	if (f == TPM_BAD_PCR_BANK)
		bank = TPM_MAKE_SHA384;
	cbor(m, 4, 2);
	cbor(m, 0, hashes[bank].alg);
	cbor(m, 5, n);
	for (i = 0; i < n; i++) {
		len = tpm_make_pcr(o, bank, list[i], v);
		v[0] ^= f == TPM_BAD_PCR_VALUE && i == 0;
		cbor(m, 0, list[i]);
		bstr(m, v, len - (f == TPM_BAD_PCR_SHORT && i == 0));
	}
}

static void
put_pcrs(struct m *m, const struct tpm_make_opts *o)
{
	enum tpm_fault f = o->fault;
	bool empty = f == TPM_BAD_SELECT_EMPTY;
	struct m banks = { .n = 0 };
	unsigned b, n = 0;

	for (b = 0; b < NBANKS; b++)
		if (selected(o, b) != 0 || (empty && b == 0)) {
			put_bank(&banks, o, b, selected(o, b));
			n++;
		}
	if (f == TPM_BAD_BANK_EXTRA || f == TPM_BAD_SELECT_TWICE) {
		put_bank(&banks, o, f == TPM_BAD_BANK_EXTRA ?
		    TPM_MAKE_SHA512 : TPM_MAKE_SHA256, 0);
		n++;
	}
	if (f == TPM_BAD_BANK_MISSING || f == TPM_BAD_SELECT_NONE)
		banks.n = n = 0;
	cbor(m, 4, n);
	put(m, banks.b, banks.n);
}

static void
put_ext(struct m *m, const struct tpm_make_opts *o, const struct m *ak)
{
	struct map map = { .n = 0 };
	struct m *e;
	size_t i;

	if (o->fault != TPM_NO_AK_PUB)
		bstr(member(&map, "akPub"), ak->b, ak->n);
	if (o->nak_cert > 0) {
		cbor(e = member(&map, "akCert"), 4, o->nak_cert);
		for (i = 0; i < o->nak_cert; i++)
			bstr(e, o->ak_cert[i].p, o->ak_cert[i].len);
	}
	if (o->fault != TPM_NO_PCRS)
		put_pcrs(member(&map, "pcrs"), o);
	put_map(m, o, &map);
}

void
tpm_make(const struct tpm_make_opts *o, struct atls_bytes rd, EVP_PKEY *aik,
    struct atls_buf *out)
{
	struct m ak = { .n = 0 }, pub = { .n = 0 }, m = { .n = 0 };
	struct map map = { .n = 0 };
	EVP_PKEY *other;

	public(&ak, o, o->ak, true);
	if (o->fault == TPM_BAD_KEY) {
		public(&pub, o, other = stranger(aik), false);
		EVP_PKEY_free(other);
	} else
		public(&pub, o, aik, false);
	if (o->fault != TPM_NO_KAT)
		put_part(member(&map, "kat"), o, rd, &ak, &pub);
	if (o->fault != TPM_NO_PAT)
		put_part(member(&map, "pat"), o, rd, &ak, NULL);
	if (o->fault != TPM_NO_EXT)
		put_ext(member(&map, "ext"), o, &ak);
	put_map(&m, o, &map);
	if (o->fault == TPM_BAD_TRAIL)
		be(&m, 0, 1);
	MUST(m.n <= out->cap);
	memcpy(out->p, m.b, m.n);
	out->len = m.n;
}
