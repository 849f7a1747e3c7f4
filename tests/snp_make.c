/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "snp_make.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #cond);						\
		ERR_print_errors_fp(stderr);				\
		abort();						\
	}								\
} while (0)

static X509_NAME *
name_of(const char *cn)
{
	X509_NAME *n = X509_NAME_new();

	MUST(n != NULL && X509_NAME_add_entry_by_txt(n, "OU", MBSTRING_UTF8,
	    (const unsigned char *)"Engineering", -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8,
	    (const unsigned char *)cn, -1, -1, 0) == 1);
	return n;
}

/* VCEK, 3: RSASSA-PSS, SHA-384, 48 octets of salt. */
static EVP_MD_CTX *
pss(EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *p;

	MUST(ctx != NULL && EVP_DigestSignInit(ctx, &p, EVP_sha384(), NULL,
	    key) == 1);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		MUST(EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PSS_PADDING)
		    == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(p, 48) == 1);
	return ctx;
}

static X509 *
begin(const char *cn, const char *issuer, long serial, EVP_PKEY *key,
    int64_t from, int64_t until)
{
	X509 *x = X509_new();
	X509_NAME *s = name_of(cn), *i = name_of(issuer);

	MUST(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(x), serial) == 1);
	MUST(X509_set_subject_name(x, s) == 1);
	MUST(X509_set_issuer_name(x, i) == 1);
	MUST(ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)from, 0, 0) != NULL);
	MUST(ASN1_TIME_adj(X509_getm_notAfter(x), (time_t)until, 0, 0) != NULL);
	MUST(X509_set_pubkey(x, key) == 1);
	X509_NAME_free(s);
	X509_NAME_free(i);
	return x;
}

static struct snp_cert
finish(X509 *x, EVP_PKEY *key, EVP_PKEY *signer)
{
	struct snp_cert c = { x, key, NULL, 0 };
	EVP_MD_CTX *ctx = pss(signer);
	int n;

	MUST(X509_sign_ctx(x, ctx) > 0);
	EVP_MD_CTX_free(ctx);
	MUST((n = i2d_X509(x, &c.der)) > 0);
	c.len = (size_t)n;
	return c;
}

static void
add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	MUST((e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value)) != NULL);
	MUST(X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static struct snp_cert
ca(const char *prefix, const char *product, const struct snp_cert *issuer,
    long serial)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	char cn[64], by[64];
	X509 *x;

	MUST(key != NULL);
	(void)snprintf(cn, sizeof(cn), "%s-%s", prefix, product);
	(void)snprintf(by, sizeof(by), "ARK-%s", product);
	x = begin(cn, by, serial, key, SNP_NOW - 100 * SNP_DAY,
	    SNP_NOW + 9000 * SNP_DAY);
	add_ext(x, x, NID_subject_key_identifier, "hash");
	if (issuer != NULL)
		add_ext(x, issuer->x509, NID_authority_key_identifier,
		    "keyid:always");
	add_ext(x, x, NID_basic_constraints, issuer == NULL ?
	    "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:0");
	add_ext(x, x, NID_key_usage, issuer == NULL ?
	    "critical,keyCertSign,cRLSign" : "critical,keyCertSign");
	return finish(x, key, issuer == NULL ? key : issuer->key);
}

char *
snp_pem(struct atls_bytes der, const char *label)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p, *out;
	long n;

	MUST(b != NULL && PEM_write_bio(b, label, "", der.p, (long)der.len) >
	    0);
	n = BIO_get_mem_data(b, &p);
	MUST((out = malloc((size_t)n + 1)) != NULL);
	memcpy(out, p, (size_t)n);
	out[n] = '\0';
	BIO_free(b);
	return out;
}

struct snp_pki
snp_pki_new(const char *product)
{
	struct snp_pki p = { .product = product };
	char *pem;

	p.ark = ca("ARK", product, NULL, 0x10000);
	p.ask = ca("SEV", product, &p.ark, 0x10001);
	p.asvk = ca("SEV-VLEK", product, &p.ark, 0x10002);
	pem = snp_pem(snp_der(p.ark), "CERTIFICATE");
	p.anchors = atls_trust_new((struct atls_bytes){ (uint8_t *)pem,
	    strlen(pem) }, (struct atls_bytes){ NULL, 0 }, NULL);
	MUST(p.anchors != NULL);
	free(pem);
	return p;
}

void
snp_cert_free(struct snp_cert *c)
{
	OPENSSL_free(c->der);
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	*c = (struct snp_cert){ NULL, NULL, NULL, 0 };
}

void
snp_pki_free(struct snp_pki *p)
{
	snp_cert_free(&p->ark);
	snp_cert_free(&p->ask);
	snp_cert_free(&p->asvk);
	atls_trust_free(p->anchors);
}

static void
put(X509 *x, const struct snp_leaf *l, unsigned ext, const uint8_t *p,
    size_t n)
{
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;
	ASN1_OBJECT *o;
	char oid[64];

	if (ext == l->drop) {
		ASN1_OCTET_STRING_free(s);
		return;
	}
	(void)snprintf(oid, sizeof(oid), ext > 255 ? "1.3.6.1.4.1.3704.1.%u.%u"
	    : "1.3.6.1.4.1.3704.1.%u", ext > 255 ? ext >> 8 : ext, ext & 255);
	MUST(s != NULL && (o = OBJ_txt2obj(oid, 1)) != NULL);
	MUST(ASN1_OCTET_STRING_set(s, p, (int)n) == 1);
	MUST((e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, s)) != NULL);
	MUST(X509_add_ext(x, e, -1) == 1);
	if (ext == l->twice)
		MUST(X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(o);
	ASN1_OCTET_STRING_free(s);
}

static void
put_number(X509 *x, const struct snp_leaf *l, unsigned ext, uint8_t v)
{
	uint8_t b[4] = { 2, 1, v, 0 };

	if (v >= 0x80) {
		b[1] = 2;
		b[2] = 0;
		b[3] = v;
	}
	put(x, l, ext, b, v >= 0x80 ? 4 : 3);
}

static void
put_text(X509 *x, const struct snp_leaf *l, unsigned ext, const char *s)
{
	uint8_t b[64] = { 0x16, (uint8_t)strlen(s) };

	MUST(strlen(s) < sizeof(b) - 2);
	memcpy(b + 2, s, strlen(s));
	put(x, l, ext, b, 2 + strlen(s));
}

struct snp_cert
snp_leaf_make(const struct snp_pki *p, const struct snp_leaf *l)
{
	const struct snp_cert *by = l->issuer != NULL ? l->issuer :
	    l->vlek ? &p->asvk : &p->ask;
	EVP_PKEY *key = EVP_EC_gen(l->p256 ? "P-256" : "P-384");
	X509 *x = begin(l->cn != NULL ? l->cn : l->vlek ? "SEV-VLEK" :
	    "SEV-VCEK", "x", 0, key, l->from != 0 ? l->from :
	    SNP_NOW - 10 * SNP_DAY, l->until != 0 ? l->until :
	    SNP_NOW + 300 * SNP_DAY);
	unsigned i;

	MUST(X509_set_issuer_name(x, X509_get_subject_name(by->x509)) == 1);
	put_number(x, l, 1, l->version);
	put_text(x, l, 2, l->name);
	if (l->fmc)
		put_number(x, l, 0x309, l->spl[AMD_FMC]);
	put_number(x, l, 0x301, l->spl[AMD_BOOTLOADER]);
	put_number(x, l, 0x302, l->spl[AMD_TEE]);
	put_number(x, l, 0x304, l->spl4);
	for (i = 0x305; i <= 0x307; i++)
		put_number(x, l, i, 0);
	put_number(x, l, 0x303, l->spl[AMD_SNP]);
	put_number(x, l, 0x308, l->spl[AMD_MICROCODE]);
	if (l->nhwid != 0)
		put(x, l, 4, l->hwid, l->nhwid);
	if (l->csp != NULL)
		put_text(x, l, 5, l->csp);
	if (l->ca)
		add_ext(x, x, NID_basic_constraints, "critical,CA:TRUE");
	return finish(x, key, by->key);
}

long
snp_serial(const struct snp_cert *c)
{
	return ASN1_INTEGER_get(X509_get0_serialNumber(c->x509));
}

struct atls_bytes
snp_crl(const struct snp_cert *issuer, long serial, int64_t last,
    int64_t next)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_INTEGER *i = ASN1_INTEGER_new();
	EVP_MD_CTX *ctx = pss(issuer->key);
	uint8_t *der = NULL, *p;
	int n;

	MUST(crl != NULL && t != NULL && r != NULL && i != NULL);
	MUST(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	MUST(X509_CRL_set_issuer_name(crl,
	    X509_get_subject_name(issuer->x509)) == 1);
	MUST(ASN1_TIME_adj(t, (time_t)next, 0, 0) != NULL &&
	    X509_CRL_set1_nextUpdate(crl, t) == 1);
	MUST(ASN1_TIME_adj(t, (time_t)last, 0, 0) != NULL &&
	    X509_CRL_set1_lastUpdate(crl, t) == 1);
	MUST(ASN1_INTEGER_set(i, serial) == 1 &&
	    X509_REVOKED_set_serialNumber(r, i) == 1 &&
	    X509_REVOKED_set_revocationDate(r, t) == 1);
	if (serial != 0)
		MUST(X509_CRL_add0_revoked(crl, r) == 1);
	else
		X509_REVOKED_free(r);
	MUST(X509_CRL_sort(crl) == 1 && X509_CRL_sign_ctx(crl, ctx) > 0);
	MUST((n = i2d_X509_CRL(crl, &der)) > 0);
	MUST((p = malloc((size_t)n)) != NULL);
	memcpy(p, der, (size_t)n);
	OPENSSL_free(der);
	ASN1_INTEGER_free(i);
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
	EVP_MD_CTX_free(ctx);
	return (struct atls_bytes){ p, (size_t)n };
}

static void
tcb_put(uint8_t *out, const struct snp_leaf *l)
{
	if (l->fmc) {
		memcpy(out, l->spl, 4);
		out[7] = l->spl[AMD_MICROCODE];
		return;
	}
	out[0] = l->spl[AMD_BOOTLOADER];
	out[1] = l->spl[AMD_TEE];
	out[6] = l->spl[AMD_SNP];
	out[7] = l->spl[AMD_MICROCODE];
}

void
snp_report_make(uint8_t out[SNP_REPORT_LEN], unsigned version,
    const char *product, const struct snp_leaf *l)
{
	static const uint8_t firmware[] = { 0x14, 0x37, 0x01, 0x00 };
	size_t i;

	memset(out, 0, SNP_REPORT_LEN);
	out[0] = (uint8_t)version;
	out[0x04] = 2;				/* guest SVN */
	out[0x08] = 0x1f;			/* ABI 0.31 */
	out[0x0a] = 0x03;			/* SMT, and the bit that is 1 */
	for (i = 0; i < 32; i++)
		out[0x10 + i] = (uint8_t)(0x10 + i);
	out[0x34] = 1;
	out[0x40] = 0x25;
	out[0x48] = l->vlek ? 1 << 2 : 0;
	for (i = 0x50; i < 0x110; i++)
		out[i] = (uint8_t)i;
	for (i = 0x140; i < 0x180; i++)
		out[i] = (uint8_t)(i + 1);
	tcb_put(out + 0x38, l);
	tcb_put(out + 0x180, l);
	tcb_put(out + 0x1e0, l);
	tcb_put(out + 0x1f0, l);
	if (version >= 3) {
		out[0x188] = product[0] == 'T' ? 0x1a : 0x19;
		out[0x189] = product[0] == 'M' ? 0x01 : 0x11;
		out[0x18a] = 1;
	}
	if (version >= 5)
		out[0x1f8] = out[0x200] = 1;
	if (!l->vlek)
		memcpy(out + 0x1a0, l->hwid, l->nhwid);
	memcpy(out + 0x1e8, firmware, 4);
	memcpy(out + 0x1ec, firmware, 4);
}

void
snp_report_sign(uint8_t report[SNP_REPORT_LEN], EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[160];
	const unsigned char *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	MUST(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1);
	MUST(EVP_DigestSign(ctx, der, &n, report, SNP_SIGNED_LEN) == 1);
	MUST((sig = d2i_ECDSA_SIG(NULL, &p, (long)n)) != NULL);
	memset(report + 0x2a0, 0, 512);
	MUST(BN_bn2lebinpad(ECDSA_SIG_get0_r(sig), report + 0x2a0, 48) == 48);
	MUST(BN_bn2lebinpad(ECDSA_SIG_get0_s(sig), report + 0x2e8, 48) == 48);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

size_t
snp_table_put(uint8_t *out, size_t cap, struct atls_bytes vcek,
    struct atls_bytes vlek, struct atls_bytes ask)
{
	static const uint8_t guid[3][16] = {
		{ 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5,
		    0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd },
		{ 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6,
		    0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1 },
		{ 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f,
		    0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 },
	};
	const struct atls_bytes all[3] = { vcek, vlek, ask };
	size_t i, k, n = 24, at = 0;

	for (i = 0; i < 3; i++)
		n += all[i].len != 0 ? 24 : 0;
	memset(out, 0, n);
	for (i = 0; i < 3; i++) {
		if (all[i].len == 0)
			continue;
		MUST(n + all[i].len <= cap);
		memcpy(out + at, guid[i], 16);
		for (k = 0; k < 4; k++) {
			out[at + 16 + k] = (uint8_t)(n >> 8 * k);
			out[at + 20 + k] = (uint8_t)(all[i].len >> 8 * k);
		}
		memcpy(out + n, all[i].p, all[i].len);
		n += all[i].len;
		at += 24;
	}
	return n;
}
