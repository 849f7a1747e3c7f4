/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: whose certificate, for what, until when; and what is refused. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "../src/crypto/crypto.h"
#include "heap.h"
#include "pki.h"
#include "t.h"

#define NOW	((int64_t)1800000000)
#define DAYS(n)	((n) * PKI_DAY)

enum form {			/* what the peer sends */
	LEAF_INTER = 0, LEAF_ONLY, WITH_ROOT, INTER_FIRST, JUNK_LAST,
	JUNK_BETWEEN, TWICE, FORGED_INTER,
};

enum anchor { ROOT = 0, OTHER_ROOT, TWO_ROOTS, INTER, LEAF };

enum crls {			/* by root and intermediate */
	NONE = 0, GOOD, ROOT_ONLY, INTER_ONLY, ROOT_OLD, INTER_OLD, INTER_NEW,
	LEAF_REVOKED, INTER_REVOKED, OTHERS_REVOKED, FORGED, OLD_AND_GOOD,
	ENDS_SOON,
};

#define A	{ .dns = "a.example" }
#define SRV	{ .dns = "a.example", .eku = PKI_EKU_SERVER }
#define CLI	{ .dns = "a.example", .eku = PKI_EKU_CLIENT }

static const struct row {
	const char	*what;
	struct pki_ask	 leaf, inter, root;
	bool		 inter_not_ca;
	enum form	 form;
	enum anchor	 anchor;
	enum crls	 crls;
	unsigned	 peer;
	const char	*name;
	int64_t		 at;		/* after NOW */
	enum atls_rc	 rc;
	int64_t		 until;		/* after NOW; 0: 365 days */
} rows[] = {
	{ "no name, any purpose", .leaf = A },
	{ "server", .leaf = SRV, .peer = ATLS_SERVER, .name = "a.example" },
	{ "client", .leaf = CLI, .peer = ATLS_CLIENT, .name = "a.example" },
	{ "both, as server", .leaf = { .dns = "a.example", .eku = 3 },
	    .peer = ATLS_SERVER },
	{ "both, as client", .leaf = { .dns = "a.example", .eku = 3 },
	    .peer = ATLS_CLIENT },
	{ "no usage, as server", .leaf = A, .peer = ATLS_SERVER },
	{ "no usage, as client", .leaf = A, .peer = ATLS_CLIENT },
	{ "client as server", .leaf = CLI, .peer = ATLS_SERVER,
	    .rc = ATLS_E_CHAIN },
	{ "server as client", .leaf = SRV, .peer = ATLS_CLIENT,
	    .rc = ATLS_E_CHAIN },
	{ "client, any purpose", .leaf = CLI },
	{ "key agreement only, as server",
	    .leaf = { .ku = "critical,keyAgreement" }, .peer = ATLS_SERVER,
	    .rc = ATLS_E_CHAIN },
	{ "key agreement only, as client",
	    .leaf = { .ku = "critical,keyAgreement" }, .peer = ATLS_CLIENT,
	    .rc = ATLS_E_CHAIN },
	{ "key agreement only, any purpose",
	    .leaf = { .ku = "critical,keyAgreement" } },
	{ "signatures and more",
	    .leaf = { .ku = "digitalSignature,keyAgreement" },
	    .peer = ATLS_SERVER },
	{ "no such role", .leaf = A, .peer = 3, .rc = ATLS_E_ARG },

	{ "P-384", .leaf = { .key = PKI_P384 } },
	{ "RSA", .leaf = { .key = PKI_RSA2048 } },
	{ "Ed25519", .leaf = { .key = PKI_ED25519 } },
	{ "RSA CA", .leaf = A, .inter = { .key = PKI_RSA2048 } },
	{ "Ed25519 CA", .leaf = A, .inter = { .key = PKI_ED25519 } },
	{ "SHA-1", .leaf = { .sha1 = true }, .rc = ATLS_E_CHAIN },
	{ "SHA-1 CA", .leaf = A, .inter = { .sha1 = true },
	    .rc = ATLS_E_CHAIN },

	{ "other name", .leaf = A, .name = "b.example", .rc = ATLS_E_CHAIN },
	{ "capitals", .leaf = A, .name = "A.Example" },
	{ "name below", .leaf = A, .name = "b.a.example",
	    .rc = ATLS_E_CHAIN },
	{ "name above", .leaf = A, .name = "example", .rc = ATLS_E_CHAIN },
	{ "longer name", .leaf = A, .name = "a.example.org",
	    .rc = ATLS_E_CHAIN },
	{ "name of the subject", .leaf = { .cn = "a.example" },
	    .name = "a.example", .rc = ATLS_E_CHAIN },
	{ "empty name", .leaf = A, .name = "", .rc = ATLS_E_ARG },
	{ "domain for a name", .leaf = A, .name = ".example",
	    .rc = ATLS_E_ARG },
	{ "wildcard", .leaf = { .dns = "*.example.org" },
	    .name = "a.example.org" },
	{ "wildcard of all", .leaf = { .dns = "*.example" },
	    .name = "a.example", .rc = ATLS_E_CHAIN },
	{ "wildcard, two labels", .leaf = { .dns = "*.example.org" },
	    .name = "a.b.example.org", .rc = ATLS_E_CHAIN },
	{ "wildcard, no label", .leaf = { .dns = "*.example.org" },
	    .name = "example.org", .rc = ATLS_E_CHAIN },
	{ "part of a label", .leaf = { .dns = "a*.example.org" },
	    .name = "ab.example.org", .rc = ATLS_E_CHAIN },
	{ "address", .leaf = { .ip = "192.0.2.1" }, .name = "192.0.2.1" },
	{ "address, v6", .leaf = { .ip = "2001:db8::1" },
	    .name = "2001:0db8:0::1" },
	{ "other address", .leaf = { .ip = "192.0.2.1" },
	    .name = "192.0.2.2", .rc = ATLS_E_CHAIN },
	{ "address as a name", .leaf = { .dns = "192.0.2.1" },
	    .name = "192.0.2.1", .rc = ATLS_E_CHAIN },
	{ "address under a wildcard", .leaf = { .dns = "*.0.2.1" },
	    .name = "192.0.2.1", .rc = ATLS_E_CHAIN },

	{ "first second", .leaf = { .from = NOW }, .at = 0 },
	{ "not yet", .leaf = { .from = NOW + 1 }, .rc = ATLS_E_STALE },
	{ "last second", .leaf = { .until = NOW + 1 }, .until = 1 },
	{ "over", .leaf = { .until = NOW }, .rc = ATLS_E_STALE },
	{ "intermediate ends first", .leaf = A,
	    .inter = { .until = NOW + DAYS(7) }, .until = DAYS(7) },
	{ "anchor ends first", .leaf = A,
	    .root = { .until = NOW + DAYS(5) }, .until = DAYS(5) },
	{ "intermediate over", .leaf = A, .inter = { .until = NOW },
	    .rc = ATLS_E_STALE },
	{ "intermediate not yet", .leaf = A, .inter = { .from = NOW + 60 },
	    .rc = ATLS_E_STALE },
	{ "anchor over", .leaf = A, .root = { .until = NOW - 60 },
	    .rc = ATLS_E_STALE },
	{ "anchor not yet", .leaf = A, .root = { .from = NOW + 60 },
	    .rc = ATLS_E_STALE },
	{ "far future", .leaf = A, .at = DAYS(36500), .rc = ATLS_E_STALE },
	{ "1970", .leaf = A, .at = -NOW, .rc = ATLS_E_STALE },
	{ "year 9999", .leaf = { .until = INT64_C(253402300799) },
	    .inter = { .until = INT64_C(253402300799) },
	    .root = { .until = INT64_C(253402300799) },
	    .until = INT64_C(253402300799) - NOW },
	{ "end of February", .leaf = { .until = INT64_C(1835395200) },
	    .until = INT64_C(1835395200) - NOW },	/* 2028-02-29 */

	{ "no intermediate", .leaf = A, .form = LEAF_ONLY,
	    .rc = ATLS_E_CHAIN },
	{ "root sent too", .leaf = A, .form = WITH_ROOT },
	{ "intermediate first", .leaf = A, .form = INTER_FIRST,
	    .rc = ATLS_E_CHAIN },
	{ "unrelated, last", .leaf = A, .form = JUNK_LAST },
	{ "unrelated, between", .leaf = A, .form = JUNK_BETWEEN },
	{ "twice", .leaf = A, .form = TWICE },
	{ "another CA of that name", .leaf = A, .form = FORGED_INTER,
	    .rc = ATLS_E_CHAIN },
	{ "unknown root", .leaf = A, .anchor = OTHER_ROOT,
	    .rc = ATLS_E_CHAIN },
	{ "unknown root, sent", .leaf = A, .form = WITH_ROOT,
	    .anchor = OTHER_ROOT, .rc = ATLS_E_CHAIN },
	{ "one of two roots", .leaf = A, .anchor = TWO_ROOTS },
	{ "intermediate is the anchor", .leaf = A, .anchor = INTER },
	{ ".. and not sent", .leaf = A, .form = LEAF_ONLY, .anchor = INTER },
	{ "leaf is the anchor", .leaf = SRV, .form = LEAF_ONLY,
	    .anchor = LEAF, .peer = ATLS_SERVER, .name = "a.example" },
	{ ".. and has another name", .leaf = SRV, .form = LEAF_ONLY,
	    .anchor = LEAF, .name = "b.example", .rc = ATLS_E_CHAIN },
	{ ".. and is over", .leaf = { .until = NOW - 1 }, .form = LEAF_ONLY,
	    .anchor = LEAF, .rc = ATLS_E_STALE },
	{ "leaf is a CA", .leaf = { .ca = true }, .rc = ATLS_E_CHAIN },
	{ "leaf is a CA and the anchor", .leaf = { .ca = true },
	    .form = LEAF_ONLY, .anchor = LEAF, .rc = ATLS_E_CHAIN },
	/* RFC 5280, 4.2.1.1 */
	{ "no key identifiers", .leaf = { .bare = true },
	    .rc = ATLS_E_CHAIN },
	{ "intermediate is no CA", .leaf = A, .inter_not_ca = true,
	    .rc = ATLS_E_CHAIN },

	{ "CRLs", .leaf = A, .crls = GOOD, .until = DAYS(20) },
	{ "CRL of the leaf missing", .leaf = A, .crls = ROOT_ONLY,
	    .rc = ATLS_E_CHAIN },
	{ "CRL of the intermediate missing", .leaf = A, .crls = INTER_ONLY,
	    .rc = ATLS_E_CHAIN },
	{ "CRL of the leaf over", .leaf = A, .crls = INTER_OLD,
	    .rc = ATLS_E_STALE },
	{ "CRL of the intermediate over", .leaf = A, .crls = ROOT_OLD,
	    .rc = ATLS_E_STALE },
	{ "CRL of the leaf not yet", .leaf = A, .crls = INTER_NEW,
	    .rc = ATLS_E_STALE },
	{ "CRL, last second", .leaf = A, .crls = GOOD, .at = DAYS(20) - 1,
	    .until = DAYS(20) },
	{ "CRL, one too late", .leaf = A, .crls = GOOD, .at = DAYS(20),
	    .rc = ATLS_E_STALE },
	{ "leaf revoked", .leaf = A, .crls = LEAF_REVOKED,
	    .rc = ATLS_E_REVOKED },
	{ "intermediate revoked", .leaf = A, .crls = INTER_REVOKED,
	    .rc = ATLS_E_REVOKED },
	{ "others revoked", .leaf = A, .crls = OTHERS_REVOKED,
	    .until = DAYS(20) },
	{ "CRL by another of that name", .leaf = A, .crls = FORGED,
	    .rc = ATLS_E_CHAIN },
	{ "CRL over, and its successor", .leaf = A, .crls = OLD_AND_GOOD,
	    .until = DAYS(20) },
	{ "CRL ends first", .leaf = A, .crls = ENDS_SOON, .until = 60 },
	{ "CRLs, intermediate is the anchor", .leaf = A, .anchor = INTER,
	    .crls = GOOD, .rc = ATLS_E_CHAIN },
};

/* All that may take part in a row. */
struct world {
	struct pki_cert	 root, inter, leaf;
	struct pki_cert	 other;		/* a root of its own */
	struct pki_cert	 twin;		/* by other, named as inter */
};

static struct world
world_new(const struct row *r)
{
	struct pki_ask root = r->root, inter = r->inter;
	struct pki_ask twin = { .cn = "intermediate", .ca = true };
	struct world w;

	root.cn = "root";
	root.ca = true;
	inter.cn = "intermediate";
	inter.ca = !r->inter_not_ca;
	if (root.until == 0)
		root.until = NOW + DAYS(3650);
	if (inter.until == 0)
		inter.until = NOW + DAYS(1000);
	w.root = pki_cert(&root, NULL, NOW);
	w.inter = pki_cert(&inter, &w.root, NOW);
	w.leaf = pki_cert(&r->leaf, &w.inter, NOW);
	root.until = NOW + DAYS(3650);
	w.other = pki_cert(&root, NULL, NOW);
	w.twin = pki_cert(&twin, &w.other, NOW);
	return w;
}

static void
world_free(struct world *w)
{
	pki_cert_free(&w->root);
	pki_cert_free(&w->inter);
	pki_cert_free(&w->leaf);
	pki_cert_free(&w->other);
	pki_cert_free(&w->twin);
}

static char *
anchors_of(const struct world *w, enum anchor a)
{
	switch (a) {
	case OTHER_ROOT:	return pki_join(w->other.pem, NULL);
	case TWO_ROOTS:		return pki_join(w->other.pem, w->root.pem,
				    NULL);
	case INTER:		return pki_join(w->inter.pem, NULL);
	case LEAF:		return pki_join(w->leaf.pem, NULL);
	case ROOT:
	default:		return pki_join(w->root.pem, NULL);
	}
}

static char *
crls_of(const struct world *w, enum crls kind)
{
	const struct pki_cert *by = kind == FORGED ? &w->twin : &w->inter;
	long leaf[] = { 7, w->leaf.serial, 8 }, inter[] = { w->inter.serial };
	long others[] = { 7, w->leaf.serial + 1, w->leaf.serial - 1 };
	int64_t from = NOW - DAYS(1), until = NOW + DAYS(20);
	int64_t soon = kind == ENDS_SOON ? NOW + 60 : until;
	char *r, *i, *more, *all;

	if (kind == NONE)
		return NULL;
	r = kind == INTER_ONLY ? pki_join("", NULL) :
	    pki_crl(&w->root, inter, kind == INTER_REVOKED, from,
	    kind == ROOT_OLD ? NOW : until);
	if (kind == ROOT_ONLY)
		i = pki_join("", NULL);
	else if (kind == LEAF_REVOKED)
		i = pki_crl(by, leaf, 3, from, until);
	else if (kind == OTHERS_REVOKED)
		i = pki_crl(by, others, 3, from, until);
	else
		i = pki_crl(by, NULL, 0, kind == INTER_NEW ? NOW + 1 : from,
		    kind == INTER_OLD ? NOW : soon);
	more = kind == OLD_AND_GOOD ? pki_crl(by, leaf, 3, NOW - DAYS(9),
	    NOW - DAYS(2)) : pki_join("", NULL);
	all = pki_join(more, r, i, NULL);
	free(r);
	free(i);
	free(more);
	return all;
}

static size_t
chain_of(const struct world *w, enum form form, struct atls_bytes out[4])
{
	const struct pki_cert *c[4] = { &w->leaf, &w->inter, NULL, NULL };
	size_t i;

	switch (form) {
	case LEAF_INTER:						break;
	case LEAF_ONLY:		c[1] = NULL;				break;
	case WITH_ROOT:		c[2] = &w->root;			break;
	case INTER_FIRST:	c[0] = &w->inter; c[1] = &w->leaf;	break;
	case JUNK_LAST:		c[2] = &w->other;			break;
	case JUNK_BETWEEN:	c[1] = &w->twin; c[2] = &w->inter;	break;
	case TWICE:		c[2] = &w->leaf; c[3] = &w->inter;	break;
	case FORGED_INTER:	c[1] = &w->twin; c[2] = &w->other;	break;
	}
	for (i = 0; i < 4 && c[i] != NULL; i++)
		out[i] = copy((struct atls_bytes){ c[i]->der, c[i]->len });
	return i;
}

static void
test_row(const struct row *r)
{
	struct world w = world_new(r);
	char *anchors = anchors_of(&w, r->anchor), *crls = crls_of(&w, r->crls);
	struct atls_err err = { ATLS_OK, NULL, 0, "" };
	struct atls_trust *t = atls_trust_new(pki_view(anchors),
	    pki_view(crls), &err);
	struct atls_bytes der[4];
	struct crypto_chain *c = NULL;
	int64_t until, want = r->rc != ATLS_OK ? 0 :
	    NOW + (r->until != 0 ? r->until : DAYS(365));
	size_t n = chain_of(&w, r->form, der), i;
	enum atls_rc rc;

	T(t != NULL, "%s: %s", r->what, err.detail);
	for (i = 0; i < 3; i++) {	/* the same, also when it is known */
		err = (struct atls_err){ ATLS_OK, NULL, 0, "" };
		rc = crypto_chain_get(t, der, n, &c, &err);
		T(rc == ATLS_OK, "%s: %s", r->what, err.detail);
		until = 1;
		rc = crypto_chain_verify(c, t, r->peer, r->name, NOW + r->at,
		    &until, "test", &err);
		T(rc == r->rc && err.rc == rc, "%s: %s %s", r->what,
		    atls_rc_name(rc), err.detail);
		T(rc == ATLS_OK || (strcmp(err.where, "test") == 0 &&
		    err.detail[0] != '\0'), "%s", r->what);
		T(until == want, "%s: %lld too many", r->what,
		    (long long)(until - want));
		T(ERR_peek_error() == 0, "%s", r->what);
		crypto_chain_free(c);
	}
	for (i = 0; i < n; i++)
		drop(der[i]);
	free(anchors);
	free(crls);
	atls_trust_free(t);
	world_free(&w);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < NITEMS(rows); i++)
		test_row(&rows[i]);
	return t_end("t_chain");
}
