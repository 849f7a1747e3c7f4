/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs as octets: what is not one, and every bit of them. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../src/crypto/crypto.h"
#include "heap.h"
#include "pki.h"
#include "t.h"

#define BIG	300000	/* octets: more than a certificate may have */

#define NOW	((int64_t)1800000000)

static const struct pki_ask a_leaf = { .dns = "a.example" };

/* What crypto_chain_get() says to octets that are no chain. */
static void
test_decode(void)
{
	struct pki p = pki_new(&a_leaf, NOW);
	struct atls_bytes leaf = copy((struct atls_bytes){ p.leaf.der,
	    p.leaf.len }), spki = { NULL, 0 };
	struct atls_bytes inter = copy((struct atls_bytes){ p.inter.der,
	    p.inter.len }), der[ATLS_CHAIN_MAX + 1], more;
	struct atls_err err = { ATLS_OK, NULL, 0, "" };
	struct crypto_chain *c;
	unsigned char *want = NULL;
	uint8_t *big = calloc(1, BIG);
	size_t i;
	int len;

	for (i = 0; i <= ATLS_CHAIN_MAX; i++)
		der[i] = inter;
	der[0] = leaf;
	T(crypto_chain_get(NULL, der, ATLS_CHAIN_MAX, &c, NULL) == ATLS_OK,
	    "most");
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(p.leaf.x509), &want);
	spki = crypto_chain_spki(c);
	T(len > 0 && atls_ct_eq(spki, (struct atls_bytes){ want,
	    (size_t)len }), "spki");
	OPENSSL_free(want);
	crypto_chain_free(c);
	T(crypto_chain_get(NULL, der, ATLS_CHAIN_MAX + 1, &c, &err) ==
	    ATLS_E_LIMIT && c == NULL && err.rc == ATLS_E_LIMIT, "too many");
	T(crypto_chain_get(NULL, der, 0, &c, NULL) == ATLS_E_FORMAT &&
	    c == NULL, "none");
	der[1] = (struct atls_bytes){ NULL, 0 };
	T(crypto_chain_get(NULL, der, 2, &c, NULL) == ATLS_E_FORMAT &&
	    c == NULL, "empty second");
	der[1] = (struct atls_bytes){ big, BIG };
	T(crypto_chain_get(NULL, der, 2, &c, NULL) == ATLS_E_LIMIT &&
	    c == NULL, "large second");
	for (i = 0; i < leaf.len; i++) {
		der[0] = copy((struct atls_bytes){ leaf.p, i });
		T(crypto_chain_get(NULL, der, 1, &c, NULL) == ATLS_E_FORMAT &&
		    c == NULL, "%zu octets", i);
		drop(der[0]);
	}
	more = joined(leaf, (struct atls_bytes){ big, 1 });
	der[0] = more;
	T(crypto_chain_get(NULL, der, 1, &c, NULL) == ATLS_E_FORMAT, "more");
	der[0] = leaf;
	der[1] = more;
	T(crypto_chain_get(NULL, der, 2, &c, NULL) == ATLS_E_FORMAT,
	    "more in the second");
	T(ERR_peek_error() == 0, "error queue");
	T(crypto_chain_key(NULL) == NULL && crypto_chain_spki(NULL).len == 0,
	    "NULL");
	crypto_chain_free(NULL);
	drop(leaf);
	drop(inter);
	drop(more);
	free(big);
	pki_free(&p);
}

/* Keys that we do not use are refused wherever they are. */
static void
test_kinds(void)
{
	static const struct {
		const char	*what;
		enum pki_key	 key;
		enum atls_rc	 rc;
	} kinds[] = {
		{ "P-384", PKI_P384, ATLS_OK },
		{ "Ed448", PKI_ED448, ATLS_E_UNKNOWN },
		{ "RSA-1024", PKI_RSA1024, ATLS_E_LIMIT },
	};
	struct pki p = pki_new(&a_leaf, NOW);
	struct atls_bytes der[2];
	struct crypto_chain *c;
	size_t i, k;

	for (i = 0; i < NITEMS(kinds); i++) {
		struct pki_cert odd = pki_cert(&(struct pki_ask){
		    .key = kinds[i].key }, NULL, NOW);

		for (k = 0; k < 2; k++) {
			der[k] = (struct atls_bytes){ odd.der, odd.len };
			der[1 - k] = (struct atls_bytes){ p.leaf.der,
			    p.leaf.len };
			T(crypto_chain_get(NULL, der, 2, &c, NULL) ==
			    kinds[i].rc && (c != NULL) ==
			    (kinds[i].rc == ATLS_OK), "%s, %zu",
			    kinds[i].what, k);
			crypto_chain_free(c);
		}
		pki_cert_free(&odd);
	}
	pki_free(&p);
}

/* X.690, 10.1: the same certificate with a length in one octet more. */
static void
test_lengths(void)
{
	struct pki p = pki_new(&(struct pki_ask){ .key = PKI_RSA2048 }, NOW);
	struct atls_bytes all = { p.inter.der, p.inter.len };
	struct atls_bytes leaf = { p.leaf.der, p.leaf.len }, der[2], more;
	/* of the certificate; signatureAlgorithm; signatureValue; its OID */
	size_t at[] = { 1, 1, 1, 1 }, i;
	uint8_t *b = malloc(all.len + 2);
	struct crypto_chain *c;

	/* 30 0a 06 08 .. (ecdsa-with-SHA256), 03 4x 00 30 .. */
	for (i = all.len - 100; i < all.len - 20; i++) {
		if (memcmp(all.p + i, "\x30\x0a\x06\x08\x2a", 5) != 0)
			continue;
		at[1] = i + 1;
		at[2] = i + 13;
		at[3] = i + 3;
		break;
	}
	T(all.p[at[2] - 1] == 0x03, "signature at %zu", i);
	for (i = 0; i < NITEMS(at); i++) {
		memcpy(b, all.p, at[i]);
		if (all.p[at[i]] == 0x82) {	/* 82 xx xx, 83 00 xx xx */
			b[at[i]] = 0x83;
			b[at[i] + 1] = 0;
		} else {			/* xx, 81 xx */
			b[at[i]] = 0x81;
			b[at[i] + 1] = all.p[at[i]];
			if (++b[3] == 0)	/* of the whole, 30 82 xx xx */
				b[2]++;
			if (i == 3)		/* of what the OID is in */
				b[at[1]]++;
		}
		memcpy(b + at[i] + 2, all.p + at[i] + 1, all.len - at[i] - 1);
		more = copy((struct atls_bytes){ b, all.len + 1 });
		der[0] = leaf;
		der[1] = more;
		T(crypto_chain_get(NULL, der, 2, &c, NULL) == ATLS_E_FORMAT &&
		    c == NULL, "length %zu", i);
		drop(more);
	}
	free(b);
	pki_free(&p);
}

/* Not one bit of a chain may change. */
static void
test_flips(const struct pki_ask *ask, size_t which)
{
	struct pki p = pki_new(ask, NOW);
	struct atls_trust *t = atls_trust_new(pki_view(p.root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	struct atls_bytes good[2] = { { p.leaf.der, p.leaf.len },
	    { p.inter.der, p.inter.len } }, der[2];
	struct crypto_chain *c;
	int64_t until;
	size_t bit;

	for (bit = 0; bit < 8 * good[which].len; bit++) {
		der[0] = good[0];
		der[1] = good[1];
		der[which] = flip(good[which], bit);
		if (crypto_chain_get(t, der, 2, &c, NULL) == ATLS_OK)
			T(crypto_chain_verify(c, t, 0, NULL, NOW, &until,
			    "test", NULL) != ATLS_OK && until == 0,
			    "certificate %zu, octet %zu, bit %zu", which,
			    bit / 8, bit % 8);
		else
			T(c == NULL, "certificate %zu, bit %zu", which, bit);
		crypto_chain_free(c);
		drop(der[which]);
	}
	atls_trust_free(t);
	pki_free(&p);
}

static void
no_trust(const char *what, const char *anchors, const char *crls)
{
	struct atls_bytes a = text(anchors), r = text(crls);
	struct atls_err err = { ATLS_OK, NULL, 0, "" };

	T(atls_trust_new(a, r, &err) == NULL && err.rc == ATLS_E_FORMAT &&
	    err.detail[0] != '\0', "%s: %s", what, atls_rc_name(err.rc));
	T(ERR_peek_error() == 0, "%s", what);
	drop(a);
	drop(r);
}

/* The first PEM block again: another name, a header, octets behind. */
static char *
again(const char *pem, const char *other_name, const char *other_header,
    long behind)
{
	BIO *in = BIO_new_mem_buf(pem, -1), *out = BIO_new(BIO_s_mem());
	char *name, *header, *text_out, *s;
	unsigned char *data, *more;
	long n;

	if (PEM_read_bio(in, &name, &header, &data, &n) != 1 ||
	    (more = calloc(1, (size_t)(n + behind))) == NULL)
		abort();
	memcpy(more, data, (size_t)n);
	if (PEM_write_bio(out, other_name != NULL ? other_name : name,
	    other_header, more, n + behind) <= 0)
		abort();
	n = BIO_get_mem_data(out, &text_out);
	if ((s = calloc(1, (size_t)n + 1)) == NULL)
		abort();
	memcpy(s, text_out, (size_t)n);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	free(more);
	BIO_free(in);
	BIO_free(out);
	return s;
}

static void
test_trust(void)
{
	struct pki p = pki_new(&a_leaf, NOW);
	char *cut = pki_join(p.root.pem, p.inter.pem, NULL), *forever;
	struct atls_trust *t;
	struct crypto_chain *c;
	struct atls_bytes der = { p.leaf.der, p.leaf.len };
	int64_t until;

	no_trust("nothing", "", "");
	no_trust("text", "hello", "");
	no_trust("key", p.leaf.key_pem, "");
	no_trust("CRL as anchor", p.crls, "");
	no_trust("anchor as CRL", p.root.pem, p.root.pem);
	no_trust("text as CRL", p.root.pem, "hello");
	cut[strlen(cut) - 40] = '\0';
	no_trust("second anchor cut", cut, "");
	free(cut);
	cut = pki_join(p.crls, NULL);
	cut[strlen(cut) - 40] = '\0';
	no_trust("second CRL cut", p.root.pem, cut);
	free(cut);
	cut = again(p.root.pem, NULL, "", 1);
	no_trust("anchor and more", cut, "");
	free(cut);
	cut = again(p.crls, NULL, "", 1);
	no_trust("CRL and more", p.root.pem, cut);
	free(cut);
	cut = again(p.root.pem, "TRUSTED CERTIFICATE", "", 0);
	no_trust("anchor by another name", cut, "");
	free(cut);
	cut = again(p.root.pem, NULL, "Proc-Type: 4,ENCRYPTED\n", 0);
	no_trust("anchor that says it is encrypted", cut, "");
	free(cut);
	/* RFC 5280, 5.1.2.5 */
	forever = pki_crl(&p.root, NULL, 0, NOW, 0);
	no_trust("CRL without end", p.root.pem, forever);
	free(forever);

	t = atls_trust_new(pki_view(p.root.pem), pki_view(p.crls), NULL);
	T(atls_ct_eq(atls_trust_anchors(t), pki_view(p.root.pem)) &&
	    atls_ct_eq(atls_trust_crls(t), pki_view(p.crls)), "texts");
	T(crypto_chain_get(NULL, &der, 1, &c, NULL) == ATLS_OK, "get");
	T(crypto_chain_verify(c, NULL, 0, NULL, NOW, &until, "test", NULL) ==
	    ATLS_E_CHAIN && until == 0, "no trust");
	T(crypto_chain_verify(NULL, t, 0, NULL, NOW, &until, "test", NULL) ==
	    ATLS_E_ARG && until == 0, "no chain");
	crypto_chain_free(c);
	atls_trust_free(atls_trust_ref(t));
	atls_trust_free(t);
	T(atls_trust_ref(NULL) == NULL, "NULL");
	atls_trust_free(NULL);
	T(atls_trust_anchors(NULL).len == 0 && atls_trust_crls(NULL).len == 0,
	    "NULL");
	pki_free(&p);
}

static void
test_long_name(void)
{
	struct pki p = pki_new(&a_leaf, NOW);
	struct atls_trust *t = atls_trust_new(pki_view(p.root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	struct atls_bytes der[2] = { { p.leaf.der, p.leaf.len },
	    { p.inter.der, p.inter.len } };
	struct crypto_chain *c;
	char name[512];
	int64_t until;
	size_t n;

	T(crypto_chain_get(t, der, 2, &c, NULL) == ATLS_OK, "get");
	for (n = 250; n < sizeof(name); n++) {
		memset(name, 'a', n);
		name[n] = '\0';
		T(crypto_chain_verify(c, t, 0, name, NOW, &until, "test",
		    NULL) == (n <= 253 ? ATLS_E_CHAIN : ATLS_E_ARG), "%zu",
		    n);
	}
	crypto_chain_free(c);
	atls_trust_free(t);
	pki_free(&p);
}

int
main(void)
{
	test_decode();
	test_kinds();
	test_lengths();
	test_flips(&a_leaf, 0);
	test_flips(&a_leaf, 1);
	test_flips(&(struct pki_ask){ .key = PKI_RSA2048 }, 0);
	test_trust();
	test_long_name();
	return t_end("t_certs");
}
