/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../src/crypto/crypto.h"
#include "pki.h"
#include "t.h"

/* Paths with CRLs from elsewhere, and what a bare leaf is forgiven. */
#define NOW	((int64_t)1800000000)

enum { CRL_ROOT = 1, CRL_INTER = 2, CRL_OLD = 4, CRL_INTER_GONE = 8,
    CRL_LEAF_GONE = 16, CRL_JUNK = 32 };

static const struct {
	const char	*what;
	bool		 bare_leaf, bare_inter;
	unsigned	 form, crls;
	enum atls_rc	 rc;
} rows[] = {
	{ "all by the book", false, false, 0, CRL_ROOT | CRL_INTER, ATLS_OK },
	{ "no CRL", false, false, 0, 0, ATLS_E_CHAIN },
	{ "no CRL yet", false, false, CRYPTO_CRL_LATER, 0, ATLS_OK },
	{ "later, but there is one", false, false, CRYPTO_CRL_LATER, CRL_ROOT,
	    ATLS_E_CHAIN },
	{ "not the leaf's issuer's", false, false, 0, CRL_ROOT,
	    ATLS_E_CHAIN },
	{ "forgiven", false, false, CRYPTO_BARE_LEAF, CRL_ROOT, ATLS_OK },
	{ "only of the leaf", false, false, CRYPTO_BARE_LEAF, CRL_INTER,
	    ATLS_E_CHAIN },
	{ "bare leaf", true, false, CRYPTO_BARE_LEAF, CRL_ROOT, ATLS_OK },
	{ "bare leaf, not forgiven", true, false, 0, CRL_ROOT | CRL_INTER,
	    ATLS_E_CHAIN },
	{ "bare leaf, no CRL", true, false, CRYPTO_BARE_LEAF, 0,
	    ATLS_E_CHAIN },
	{ "bare CA", true, true, CRYPTO_BARE_LEAF, CRL_ROOT, ATLS_E_CHAIN },
	{ "old", false, false, 0, CRL_OLD | CRL_INTER, ATLS_E_STALE },
	{ "CA withdrawn", false, false, 0, CRL_INTER_GONE | CRL_INTER,
	    ATLS_E_REVOKED },
	{ "CA withdrawn, bare leaf", true, false, CRYPTO_BARE_LEAF |
	    CRYPTO_CRL_LATER, CRL_INTER_GONE, ATLS_E_REVOKED },
	{ "leaf withdrawn", false, false, 0, CRL_ROOT | CRL_LEAF_GONE,
	    ATLS_E_REVOKED },
	{ "leaf withdrawn, where it may lack a CRL", true, false,
	    CRYPTO_BARE_LEAF, CRL_ROOT | CRL_LEAF_GONE, ATLS_E_REVOKED },
	{ "no CRL at all", false, false, 0, CRL_ROOT | CRL_JUNK,
	    ATLS_E_FORMAT },
	{ "no such form", false, false, 4, CRL_ROOT | CRL_INTER,
	    ATLS_E_ARG },
};

struct made {
	struct pki_cert	 root, inter, leaf;
};

/* n octets of DER from PEM text; free() p. */
static struct atls_bytes
der_of(char *pem)
{
	BIO *b = BIO_new_mem_buf(pem, -1);
	X509_CRL *crl = PEM_read_bio_X509_CRL(b, NULL, NULL, NULL);
	uint8_t *der = NULL, *p;
	int n = i2d_X509_CRL(crl, &der);

	p = malloc((size_t)n);
	memcpy(p, der, (size_t)n);
	OPENSSL_free(der);
	X509_CRL_free(crl);
	BIO_free(b);
	free(pem);
	return (struct atls_bytes){ p, (size_t)n };
}

static size_t
crls_of(const struct made *m, unsigned which, struct atls_bytes out[6])
{
	const int64_t last = NOW - PKI_DAY, next = NOW + PKI_DAY;
	size_t n = 0;

	if (which & CRL_ROOT)
		out[n++] = der_of(pki_crl(&m->root, NULL, 0, last, next));
	if (which & CRL_INTER)
		out[n++] = der_of(pki_crl(&m->inter, NULL, 0, last, next));
	if (which & CRL_OLD)
		out[n++] = der_of(pki_crl(&m->root, NULL, 0, last - 1, last));
	if (which & CRL_INTER_GONE)
		out[n++] = der_of(pki_crl(&m->root, &m->inter.serial, 1, last,
		    next));
	if (which & CRL_LEAF_GONE)
		out[n++] = der_of(pki_crl(&m->inter, &m->leaf.serial, 1, last,
		    next));
	if (which & CRL_JUNK) {
		out[n++] = (struct atls_bytes){ calloc(1, 3), 3 };
	}
	return n;
}

static void
check_row(size_t i)
{
	const int64_t long_time = NOW + 1000 * PKI_DAY;
	struct made m;
	struct atls_bytes crl[6], der[2];
	struct atls_err err = { .rc = ATLS_OK };
	struct crypto_chain *c = NULL;
	struct atls_trust *t;
	int64_t from, until;
	enum atls_rc rc;
	size_t n, k;

	m.root = pki_cert(&(struct pki_ask){ .cn = "root", .ca = true,
	    .until = long_time }, NULL, NOW);
	m.inter = pki_cert(&(struct pki_ask){ .cn = "inter", .ca = true,
	    .bare = rows[i].bare_inter, .until = long_time }, &m.root, NOW);
	m.leaf = pki_cert(&(struct pki_ask){ .bare = rows[i].bare_leaf },
	    &m.inter, NOW);
	n = crls_of(&m, rows[i].crls, crl);
	t = atls_trust_new(pki_view(m.root.pem), (struct atls_bytes){ NULL,
	    0 }, NULL);
	der[0] = (struct atls_bytes){ m.leaf.der, m.leaf.len };
	der[1] = (struct atls_bytes){ m.inter.der, m.inter.len };
	T(crypto_chain_get(t, der, 2, &c, &err) == ATLS_OK, "%s",
	    rows[i].what);
	rc = crypto_chain_verify_crls(c, t, rows[i].form, crl, n, NOW, &from,
	    &until, "test", &err);
	T(rc == rows[i].rc && (rc == ATLS_OK || strcmp(err.where, "test") ==
	    0), "%s: %s %s", rows[i].what, atls_rc_name(rc), err.detail);
	T(rc == ATLS_OK ? from <= NOW && until > NOW && until <= NOW +
	    (n == 0 ? 400 : 1) * PKI_DAY : from == 0 && until == 0,
	    "%s: %lld..%lld", rows[i].what, (long long)from,
	    (long long)until);
	/* what TLS asks of a chain is as it was */
	T(rows[i].bare_leaf || rows[i].bare_inter ?
	    crypto_chain_verify(c, t, 0, NULL, NOW, &until, "test", NULL) ==
	    ATLS_E_CHAIN : 1, "%s: not for TLS", rows[i].what);
	T(crypto_chain_verify_crls(c, NULL, 0, crl, n, NOW, &from, &until,
	    "test", NULL) == ATLS_E_CHAIN, "no anchors");
	crypto_chain_free(c);
	atls_trust_free(t);
	for (k = 0; k < n; k++)
		free((void *)(uintptr_t)crl[k].p);
	pki_cert_free(&m.root);
	pki_cert_free(&m.inter);
	pki_cert_free(&m.leaf);
}

int
main(void)
{
	int64_t from, until;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++)
		check_row(i);
	T(crypto_chain_verify_crls(NULL, NULL, 0, NULL, 0, NOW, &from,
	    &until, "test", NULL) == ATLS_E_ARG, "no chain");
	return t_end("t_chain_crls");
}
