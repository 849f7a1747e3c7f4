/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of tokens, whom they are trusted by, and tokens in files. */
#include "token_keys.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

static struct crypto_key *trusted[2];
static struct evidence_trust trust;
static struct pki_cert roots[2], leaves[5];

EVP_PKEY *
token_key(size_t which, bool p384)
{
	static EVP_PKEY *all[10];
	EVP_PKEY **k = &all[2 * which + (p384 ? 1 : 0)];

	if (*k == NULL)
		*k = EVP_EC_gen(p384 ? "P-384" : "P-256");
	MUST(*k != NULL);
	return *k;
}

EVP_PKEY *
token_signer(bool p384, bool stranger)
{
	return token_key(stranger ? 1 : 0, p384);
}

EVP_PKEY *
token_aik(void)
{
	return token_key(4, false);
}

struct atls_bytes
token_spki(EVP_PKEY *k)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k, &der);
	struct atls_bytes b;

	MUST(n > 0);
	b = copy((struct atls_bytes){ der, (size_t)n });
	OPENSSL_free(der);
	return b;
}

const struct pki_cert *
token_root(bool other)
{
	const struct pki_ask ask = { .cn = "nitro root", .key = PKI_P384,
	    .ca = true };

	if (roots[0].der == NULL) {
		roots[0] = pki_cert(&ask, NULL, TOKEN_NOW);
		roots[1] = pki_cert(&ask, &roots[0], TOKEN_NOW);
	}
	return &roots[other ? 1 : 0];
}

const struct pki_cert *
token_leaf(const struct token_opts *o)
{
	size_t i = o->leaf_ca ? 1 : o->leaf_p256 ? 2 : o->leaf_ku ? 3 : 0;
	const struct pki_ask ask = { .cn = "enclave", .bare = true,
	    .key = o->leaf_p256 ? PKI_P256 : PKI_P384, .ca = o->leaf_ca,
	    .ku = o->leaf_ku ? "keyAgreement" : NULL,
	    .from = TOKEN_NOW - TOKEN_HOUR,
	    .until = TOKEN_NOW + 2 * TOKEN_HOUR };

	if (leaves[i].der == NULL)
		leaves[i] = pki_cert(&ask, token_root(false), TOKEN_NOW);
	return &leaves[i];
}

const struct evidence_trust *
token_trust(void)
{
	size_t i;

	if (trust.key != NULL)
		return &trust;
	for (i = 0; i < 2; i++) {
		struct atls_bytes b = token_spki(token_signer(i == 1, false));

		MUST(crypto_key_spki(b, &trusted[i]) == ATLS_OK);
		drop(b);
	}
	trust = (struct evidence_trust){ .key = trusted, .nkey = 2,
	    .now = TOKEN_NOW, .anchors = atls_trust_new(
	    pki_view(token_root(false)->pem), (struct atls_bytes){ NULL, 0 },
	    NULL) };
	MUST(trust.anchors != NULL);
	return &trust;
}

void
token_end(void)
{
	size_t i;

	atls_trust_free(trust.anchors);
	for (i = 0; i < 2; i++) {
		crypto_key_free(trusted[i]);
		pki_cert_free(&roots[i]);
	}
	for (i = 0; i < 5; i++) {
		pki_cert_free(&leaves[i]);
		EVP_PKEY_free(token_key(i, false));
		EVP_PKEY_free(token_key(i, true));
	}
}

enum atls_rc
token_judge(enum atls_kind kind, struct atls_bytes raw,
    const struct evidence_trust *t, struct atls_result *res)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	enum atls_rc rc;

	memset(res, 0, sizeof(*res));
	res->kind = kind;
	rc = atls_evidence_parse(&res->claims, kind, raw, NULL, &res->why);
	if (rc != ATLS_OK)
		return rc;
	if (ops->signature(&res->claims, t, res) == 1)
		return ATLS_OK;
	MUST(res->why.rc != ATLS_OK && res->why.where != NULL);
	return res->why.rc;
}

static struct atls_bytes
file_in(const char *dir, const char *name)
{
	struct atls_bytes none = { NULL, 0 };
	char path[512];
	uint8_t b[65536];
	size_t n;
	FILE *f;

	if (dir == NULL)
		return none;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "rb")) == NULL)
		return none;
	n = fread(b, 1, sizeof(b), f);
	(void)fclose(f);
	MUST(n < sizeof(b));
	return copy((struct atls_bytes){ b, n });
}

struct atls_bytes
token_file(const char *name)
{
	const char *dir = getenv("ATLS_VECTORS");
	struct atls_bytes b = file_in(dir != NULL ? dir : "tests/vectors",
	    name);

	return b.p != NULL ? b : file_in(getenv("ATLS_VECTORS_EXTRA"), name);
}

struct crypto_key *
token_key_file(const char *name)
{
	struct atls_bytes b = token_file(name);
	struct crypto_key *k = NULL;
	size_t n;

	MUST(b.p != NULL);
	MUST(crypto_keys_pem(b, &k, 1, &n) == ATLS_OK && n == 1);
	drop(b);
	return k;
}

bool
token_row(struct rd *r, char *column[TOKEN_COLUMNS], char line[4096])
{
	size_t n = 0, i = 0;
	int c = 0;

	while (r->left > 0 && (c = (int)rd_be(r, 1)) != '\n') {
		MUST(n < 4095);
		line[n++] = (char)c;
	}
	line[n] = '\0';
	for (; i < TOKEN_COLUMNS; i++) {
		column[i] = line;
		line += strcspn(line, "\t");
		if (*line == '\t')
			*line++ = '\0';
	}
	return column[0][0] != '\0';
}
