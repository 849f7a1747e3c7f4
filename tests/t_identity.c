/* SPDX-License-Identifier: Apache-2.0 */
/* Identities of PEM text, and what they sign. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "../src/crypto/crypto.h"
#include "heap.h"
#include "pki.h"
#include "t.h"

#define NOW	((int64_t)1800000000)

static const uint16_t all[] = {
	ATLS_ECDSA_P256_SHA256, ATLS_ECDSA_P384_SHA384, ATLS_ED25519,
	ATLS_RSA_PSS_SHA256, ATLS_RSA_PSS_SHA384, ATLS_RSA_PSS_SHA512,
	CRYPTO_RSA_PKCS1_SHA256, CRYPTO_RSA_PKCS1_SHA384,
	CRYPTO_RSA_PKCS1_SHA512, 0, 0x0203,
};

static const struct {
	const char	*what;
	enum pki_key	 key;
	size_t		 nscheme;
	uint16_t	 scheme[3];
	size_t		 most;		/* octets of a signature, at most */
} kinds[] = {
	{ "P-256", PKI_P256, 1, { ATLS_ECDSA_P256_SHA256 }, 72 },
	{ "P-384", PKI_P384, 1, { ATLS_ECDSA_P384_SHA384 }, 104 },
	{ "RSA", PKI_RSA2048, 3, { ATLS_RSA_PSS_SHA256, ATLS_RSA_PSS_SHA384,
	    ATLS_RSA_PSS_SHA512 }, 256 },
	{ "Ed25519", PKI_ED25519, 1, { ATLS_ED25519 }, 64 },
};

static bool
has(const struct atls_identity *id, uint16_t scheme)
{
	size_t i;

	for (i = 0; i < id->nscheme; i++)
		if (id->scheme[i] == scheme)
			return true;
	return false;
}

static void
sign_with(const char *what, const struct atls_identity *id, uint16_t scheme,
    size_t most)
{
	uint8_t out[ATLS_SIG_MAX], tbs[119] = { 0x20 };
	struct atls_buf sig = { out, sizeof(out), 0 }, less;
	struct atls_err err = { ATLS_OK, NULL, 0, "" };
	struct crypto_chain *c;
	struct atls_bytes s, bad;
	enum atls_rc rc;
	size_t i;

	rc = id->sign(id->key, scheme, ATLS_ARRAY(tbs), &sig, &err);
	T(rc == ATLS_OK && err.rc == ATLS_OK && sig.len > 0 &&
	    sig.len <= most, "%s 0x%04x: %s", what, scheme, err.detail);
	T(crypto_chain_get(NULL, id->chain, id->nchain, &c, NULL) == ATLS_OK,
	    "%s", what);
	s = copy((struct atls_bytes){ out, sig.len });
	T(crypto_verify(crypto_chain_key(c), scheme, ATLS_ARRAY(tbs), s) ==
	    ATLS_OK, "%s 0x%04x", what, scheme);
	for (i = 0; i < 8 * s.len; i++) {
		bad = flip(s, i);
		T(crypto_verify(crypto_chain_key(c), scheme, ATLS_ARRAY(tbs),
		    bad) == ATLS_E_SIG, "%s 0x%04x, bit %zu", what, scheme,
		    i);
		drop(bad);
	}
	less = (struct atls_buf){ malloc(8), 8, 0 };
	T(id->sign(id->key, scheme, ATLS_ARRAY(tbs), &less, NULL) ==
	    ATLS_E_SPACE && less.len == most, "%s: room for %zu", what,
	    less.len);
	free(less.p);
	crypto_chain_free(c);
	drop(s);
}

static void
test_sign(void)
{
	uint8_t out[ATLS_SIG_MAX], tbs[119] = { 0 };
	struct atls_buf sig = { out, sizeof(out), 0 };
	size_t i, k;

	for (i = 0; i < NITEMS(kinds); i++) {
		const char *what = kinds[i].what;
		struct pki p = pki_new(&(struct pki_ask){
		    .key = kinds[i].key }, NOW);
		struct pki q = pki_new(&(struct pki_ask){
		    .key = kinds[i].key }, NOW);
		struct atls_bytes chain = text(p.chain);
		struct atls_bytes key = text(p.leaf.key_pem);
		struct atls_bytes wrong = text(q.leaf.key_pem);
		struct atls_err err = { ATLS_OK, NULL, 0, "" };
		struct atls_identity *id;

		id = atls_identity_new(chain, key, &err);
		T(id != NULL && err.rc == ATLS_OK, "%s: %s", what,
		    err.detail);
		T(id->nchain == 2 && id->nscheme == kinds[i].nscheme, "%s",
		    what);
		for (k = 0; k < id->nscheme; k++)
			T(id->scheme[k] == kinds[i].scheme[k], "%s", what);
		T(atls_ct_eq(id->chain[0], (struct atls_bytes){ p.leaf.der,
		    p.leaf.len }) && atls_ct_eq(id->chain[1],
		    (struct atls_bytes){ p.inter.der, p.inter.len }), "%s",
		    what);
		for (k = 0; k < NITEMS(all); k++)
			if (has(id, all[k]))
				sign_with(what, id, all[k], kinds[i].most);
			else
				T(id->sign(id->key, all[k], ATLS_ARRAY(tbs),
				    &sig, NULL) == ATLS_E_ARG && sig.len == 0,
				    "%s as 0x%04x", what, all[k]);
		atls_identity_free(id);
		T(atls_identity_new(chain, wrong, &err) == NULL &&
		    err.rc == ATLS_E_ARG, "%s, another's key: %s", what,
		    atls_rc_name(err.rc));
		drop(chain);
		drop(key);
		drop(wrong);
		pki_free(&p);
		pki_free(&q);
	}
}

static void
refused(const char *what, const char *chain, const char *key, enum atls_rc rc)
{
	struct atls_bytes c = text(chain), k = text(key);
	struct atls_err err = { ATLS_OK, NULL, 0, "" };
	struct atls_identity *id = atls_identity_new(c, k, &err);

	T(id == NULL && err.rc == rc && err.detail[0] != '\0', "%s: %s %s",
	    what, atls_rc_name(err.rc), err.detail);
	T(ERR_peek_error() == 0, "%s", what);
	atls_identity_free(id);
	drop(c);
	drop(k);
}

/* Under a passphrase: must be refused, and nobody asked for one. */
static char *
locked(EVP_PKEY *pkey, bool pkcs8)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *data, *s;
	long n;

	if ((pkcs8 ? PEM_write_bio_PKCS8PrivateKey(b, pkey,
	    EVP_aes_128_cbc(), "secret", 6, NULL, NULL) :
	    PEM_write_bio_PrivateKey_traditional(b, pkey, EVP_aes_128_cbc(),
	    (const unsigned char *)"secret", 6, NULL, NULL)) != 1)
		abort();
	n = BIO_get_mem_data(b, &data);
	if ((s = calloc(1, (size_t)n + 1)) == NULL)
		abort();
	memcpy(s, data, (size_t)n);
	BIO_free(b);
	return s;
}

static void
test_refused(void)
{
	struct pki p = pki_new(&(struct pki_ask){ .cn = "leaf" }, NOW);
	struct pki q = pki_new(&(struct pki_ask){ .key = PKI_P384 }, NOW);
	char *key = p.leaf.key_pem, *pem = p.leaf.pem, *s;
	struct atls_err err = { ATLS_OK, NULL, 0, "" };
	struct atls_bytes cut, view;
	struct atls_identity *id;
	size_t i;

	refused("no chain", "", key, ATLS_E_FORMAT);
	refused("text", "hello\n", key, ATLS_E_FORMAT);
	refused("key for chain", key, key, ATLS_E_FORMAT);
	refused("CRLs for chain", p.crls, key, ATLS_E_FORMAT);
	refused("chain for key", p.chain, pem, ATLS_E_FORMAT);
	refused("text for key", p.chain, "hello", ATLS_E_FORMAT);
	s = locked(p.leaf.key, true);
	refused("locked PKCS #8", p.chain, s, ATLS_E_FORMAT);
	free(s);
	s = locked(p.leaf.key, false);
	refused("locked EC key", p.chain, s, ATLS_E_FORMAT);
	free(s);
	refused("key of another kind", p.chain, q.leaf.key_pem, ATLS_E_ARG);
	s = pki_join(p.inter.pem, pem, NULL);
	refused("leaf last", s, key, ATLS_E_ARG);
	free(s);
	s = pki_join(pem, key, NULL);
	refused("key in chain", s, key, ATLS_E_FORMAT);
	free(s);
	s = pki_join(pem, "-----BEGIN CERTIFICATE-----\nAAAA\n"
	    "-----END CERTIFICATE-----\n", NULL);
	refused("not a certificate", s, key, ATLS_E_FORMAT);
	free(s);
	s = pki_join(pem, pem, pem, pem, pem, pem, pem, pem, pem, NULL);
	refused("nine certificates", s, key, ATLS_E_LIMIT);
	s[8 * strlen(pem)] = '\0';
	id = atls_identity_new(pki_view(s), pki_view(key), &err);
	T(id != NULL && id->nchain == 8, "eight certificates: %s",
	    err.detail);
	atls_identity_free(id);
	free(s);
	view = pki_view(pem);
	for (i = 0; i + 1 < view.len; i++) {
		cut = copy((struct atls_bytes){ view.p, i });
		T(atls_identity_new(cut, pki_view(key), NULL) == NULL,
		    "%zu octets of a chain", i);
		drop(cut);
	}
	view = pki_view(key);
	for (i = 1; i + 1 < view.len; i++) {
		cut = copy((struct atls_bytes){ view.p, i });
		T(atls_identity_new(pki_view(pem), cut, NULL) == NULL,
		    "%zu octets of a key", i);
		drop(cut);
	}
	pki_free(&p);
	pki_free(&q);
}

static enum atls_rc
sign_elsewhere(void *key, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	(void)key;
	(void)scheme;
	(void)tbs;
	(void)sig;
	(void)err;
	return ATLS_E_DEVICE;
}

static void
test_without_key(void)
{
	struct pki p = pki_new(&(struct pki_ask){ .key = PKI_P384 }, NOW);
	struct atls_identity *id;
	int dev;

	id = atls_identity_new(pki_view(p.chain), (struct atls_bytes){ NULL,
	    0 }, NULL);
	T(id != NULL && id->key == NULL && id->sign == NULL &&
	    id->nscheme == 1 && id->scheme[0] == ATLS_ECDSA_P384_SHA384,
	    "no key yet");
	id->key = &dev;
	id->sign = sign_elsewhere;
	atls_identity_free(id);
	atls_identity_free(NULL);
	pki_free(&p);
}

int
main(void)
{
	test_sign();
	test_refused();
	test_without_key();
	return t_end("t_identity");
}
