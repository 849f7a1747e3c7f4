/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of chains: a verdict holds for what it was given for, no more. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/crypto/chain.h"
#include "heap.h"
#include "pki.h"
#include "t.h"

#define NOW	((int64_t)1800000000)

static const struct pki_ask server = { .dns = "a.example",
    .eku = PKI_EKU_SERVER };

static struct atls_bytes
der_of(const struct pki_cert *c)
{
	return (struct atls_bytes){ c->der, c->len };
}

static struct atls_trust *
trust_of(const char *anchors, const char *crls)
{
	struct atls_trust *t = atls_trust_new(pki_view(anchors),
	    pki_view(crls), NULL);

	if (t == NULL)
		abort();
	return t;
}

/* One question to trust, from octets to verdict. */
static enum atls_rc
ask(struct atls_trust *t, const struct pki_cert *leaf,
    const struct pki_cert *inter, unsigned peer, const char *name, int64_t now,
    int64_t *until)
{
	struct atls_bytes der[2] = { der_of(leaf), der_of(inter) };
	struct crypto_chain *c;
	enum atls_rc rc;

	if ((rc = crypto_chain_get(t, der, 2, &c, NULL)) != ATLS_OK)
		return rc;
	rc = crypto_chain_verify(c, t, peer, name, now, until, "test", NULL);
	crypto_chain_free(c);
	return rc;
}

/* Does t know these certificates, whatever for? */
static bool
knows(struct atls_trust *t, const struct atls_bytes *der, size_t n)
{
	struct crypto_chain *a, *b;
	bool same;

	if (crypto_chain_get(t, der, n, &a, NULL) != ATLS_OK ||
	    crypto_chain_get(t, der, n, &b, NULL) != ATLS_OK)
		abort();
	same = a == b;		/* else each was decoded anew */
	crypto_chain_free(a);
	crypto_chain_free(b);
	return same;
}

/* In this order, of one trust, with CRLs that end after 30 days. */
static const struct {
	const char	*what;
	unsigned	 peer;
	const char	*name;
	int64_t		 at;
	enum atls_rc	 rc;
	bool		 known;		/* afterwards */
} steps[] = {
	{ "wrong name", ATLS_SERVER, "b.example", 0, ATLS_E_CHAIN, false },
	{ "wrong role", ATLS_CLIENT, "a.example", 0, ATLS_E_CHAIN, false },
	{ "too late", ATLS_SERVER, "a.example", 30 * PKI_DAY, ATLS_E_STALE,
	    false },
	{ "good", ATLS_SERVER, "a.example", 0, ATLS_OK, true },
	{ "good again", ATLS_SERVER, "a.example", 0, ATLS_OK, true },
	{ "last second", ATLS_SERVER, "a.example", 30 * PKI_DAY - 1, ATLS_OK,
	    true },
	{ "CRL ended", ATLS_SERVER, "a.example", 30 * PKI_DAY, ATLS_E_STALE,
	    true },
	{ "certificate ended", ATLS_SERVER, "a.example", 365 * PKI_DAY,
	    ATLS_E_STALE, true },
	{ "before the CRL", ATLS_SERVER, "a.example", -PKI_DAY - 1,
	    ATLS_E_STALE, true },
	{ "first second", ATLS_SERVER, "a.example", -PKI_DAY, ATLS_OK, true },
	{ "other name", ATLS_SERVER, "b.example", 0, ATLS_E_CHAIN, true },
	{ "no name", ATLS_SERVER, NULL, 0, ATLS_OK, true },
	{ "empty name", ATLS_SERVER, "", 0, ATLS_E_ARG, true },
	{ "other role", ATLS_CLIENT, "a.example", 0, ATLS_E_CHAIN, true },
	{ "any role", 0, "a.example", 0, ATLS_OK, true },
	{ "other role, still", ATLS_CLIENT, "a.example", 0, ATLS_E_CHAIN,
	    true },
	{ "good, still", ATLS_SERVER, "a.example", 0, ATLS_OK, true },
};

static void
test_steps(void)
{
	struct pki p = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, p.crls);
	struct atls_bytes der[2] = { der_of(&p.leaf), der_of(&p.inter) };
	int64_t until;
	size_t i;

	for (i = 0; i < NITEMS(steps); i++) {
		enum atls_rc rc = ask(t, &p.leaf, &p.inter, steps[i].peer,
		    steps[i].name, NOW + steps[i].at, &until);

		T(rc == steps[i].rc, "%s: %s", steps[i].what,
		    atls_rc_name(rc));
		T(until == (rc == ATLS_OK ? NOW + 30 * PKI_DAY : 0), "%s",
		    steps[i].what);
		T(knows(t, der, 2) == steps[i].known, "%s", steps[i].what);
	}
	atls_trust_free(t);
	pki_free(&p);
}

/* Seen in its first second first: that does not reach back. */
static void
test_first_second(void)
{
	struct pki p = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, NULL);
	int64_t until;

	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW - PKI_DAY, &until) ==
	    ATLS_OK, "first second");
	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW - PKI_DAY - 1, &until) ==
	    ATLS_E_STALE, "the one before");
	atls_trust_free(t);
	pki_free(&p);
}

/* What one trust knows is nothing to another. */
static void
test_two_trusts(void)
{
	struct pki p = pki_new(&server, NOW), q = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, NULL);
	struct atls_trust *u = trust_of(q.root.pem, NULL);
	struct atls_bytes der[2] = { der_of(&p.leaf), der_of(&p.inter) };
	struct crypto_chain *c;
	int64_t until;
	int i;

	T(crypto_chain_get(t, der, 2, &c, NULL) == ATLS_OK, "get");
	for (i = 0; i < 2; i++) {
		T(crypto_chain_verify(c, t, 0, NULL, NOW, &until, "test",
		    NULL) == ATLS_OK, "its own");
		T(crypto_chain_verify(c, u, 0, NULL, NOW, &until, "test",
		    NULL) == ATLS_E_CHAIN && until == 0, "the other");
	}
	T(!knows(u, der, 2), "the other");
	/* all of the id says which it is, not what finds it quickly */
	for (i = 0; i < 8 * CHAIN_ID; i++) {
		struct atls_bytes id = flip(ATLS_ARRAY(c->id), (size_t)i);

		T(trust_find(t, id.p) == NULL, "bit %d", i);
		drop(id);
	}
	/* a chain lives longer than the trust that knew it */
	atls_trust_free(t);
	atls_trust_free(u);
	T(crypto_chain_key(c) != NULL && crypto_chain_spki(c).len == 91,
	    "alone");
	crypto_chain_free(c);
	pki_free(&p);
	pki_free(&q);
}

/* A CRL that is not yet in force ends what was said before. */
static void
test_next_crl(void)
{
	struct pki p = pki_new(&server, NOW);
	char *next = pki_crl(&p.inter, &p.leaf.serial, 1, NOW + 3600,
	    NOW + 40 * PKI_DAY);
	char *crls = pki_join(p.crls, next, NULL);
	struct atls_trust *t = trust_of(p.root.pem, crls);
	int64_t until;

	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK &&
	    until == NOW + 3600, "before");
	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW + 3599, &until) == ATLS_OK &&
	    until == NOW + 3600, "last second");
	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW + 3600, &until) ==
	    ATLS_E_REVOKED && until == 0, "from then on");
	free(next);
	free(crls);
	atls_trust_free(t);
	pki_free(&p);
}

/* Other octets are another chain, also if they run on in the same way. */
static void
test_framing(void)
{
	struct pki p = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, NULL);
	struct atls_bytes leaf = der_of(&p.leaf), inter = der_of(&p.inter);
	struct atls_bytes both = joined(leaf, inter), der[3];
	struct crypto_chain *c;
	int64_t until;
	size_t i;

	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK, "good");
	for (i = 0; i <= both.len; i++) {
		der[0] = (struct atls_bytes){ both.p, i };
		der[1] = (struct atls_bytes){ both.p + i, both.len - i };
		T((crypto_chain_get(t, der, 2, &c, NULL) == ATLS_OK) ==
		    (i == leaf.len), "cut at %zu", i);
		crypto_chain_free(c);
	}
	T(crypto_chain_get(t, &both, 1, &c, NULL) == ATLS_E_FORMAT, "in one");
	drop(both);
	atls_trust_free(t);
	pki_free(&p);
}

/* A peer cannot fill the memory with variants of its good chain. */
static void
test_variants(void)
{
	struct pki p = pki_new(&server, NOW), q = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, NULL);
	const struct {
		const char		*what;
		const struct pki_cert	*third;
		bool			 known;
	} rows[] = {
		{ "root sent too", &p.root, true },
		{ "certificate of no use", &q.inter, false },
		{ "root of no use", &q.root, false },
	};
	struct crypto_chain *c;
	int64_t until;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct atls_bytes der[3] = { der_of(&p.leaf),
		    der_of(&p.inter), der_of(rows[i].third) };

		T(crypto_chain_get(t, der, 3, &c, NULL) == ATLS_OK &&
		    crypto_chain_verify(c, t, 0, NULL, NOW, &until, "test",
		    NULL) == ATLS_OK, "%s", rows[i].what);
		crypto_chain_free(c);
		T(knows(t, der, 3) == rows[i].known, "%s", rows[i].what);
	}
	atls_trust_free(t);
	pki_free(&p);
	pki_free(&q);
}

/* Strangers push out nobody; 64 others that are good do. */
static void
test_room(void)
{
	struct pki p = pki_new(&server, NOW), q = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, NULL);
	struct atls_bytes first[2] = { der_of(&p.leaf), der_of(&p.inter) };
	struct pki_cert other;
	int64_t until;
	size_t i;

	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK, "first");
	for (i = 0; i < 2 * CHAIN_KNOWN_MAX; i++) {
		other = pki_cert(&server, &q.inter, NOW);
		T(ask(t, &other, &q.inter, 0, NULL, NOW, &until) ==
		    ATLS_E_CHAIN, "stranger %zu", i);
		T(knows(t, first, 2), "stranger %zu", i);
		pki_cert_free(&other);
	}
	for (i = 0; i < CHAIN_KNOWN_MAX; i++) {
		T(knows(t, first, 2), "friend %zu", i);
		other = pki_cert(&server, &p.inter, NOW);
		T(ask(t, &other, &p.inter, 0, NULL, NOW, &until) == ATLS_OK,
		    "friend %zu", i);
		T(ask(t, &other, &p.inter, 0, NULL, NOW, &until) == ATLS_OK,
		    "friend %zu again", i);
		pki_cert_free(&other);
	}
	T(!knows(t, first, 2), "pushed out");
	T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK &&
	    knows(t, first, 2), "and back");
	atls_trust_free(t);
	pki_free(&p);
	pki_free(&q);
}

/* To be known must be worth it. */
static void
test_cost(void)
{
	struct pki p = pki_new(&server, NOW);
	struct atls_trust *t;
	clock_t cold = 0, warm = 0, at;
	int64_t until;
	int i;

	for (i = 0; i < 50; i++) {
		t = trust_of(p.root.pem, NULL);
		at = clock();
		T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK,
		    "cold");
		cold += clock() - at;
		at = clock();
		T(ask(t, &p.leaf, &p.inter, 0, NULL, NOW, &until) == ATLS_OK,
		    "warm");
		warm += clock() - at;
		atls_trust_free(t);
	}
	T(warm < cold / 4, "%ld and %ld", (long)warm, (long)cold);
	pki_free(&p);
}

#define THREADS	4
#define ROUNDS	200

struct work {
	struct pki		*good, *bad;
	struct atls_trust	*t;
	int			 wrong;
};

static void *
work(void *arg)
{
	struct work *w = arg;
	int64_t until;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct atls_trust *t = atls_trust_ref(w->t);

		w->wrong += ask(t, &w->good->leaf, &w->good->inter, 0,
		    i % 3 == 0 ? "a.example" : NULL, NOW + i % 7, &until) !=
		    ATLS_OK;
		w->wrong += ask(t, &w->bad->leaf, &w->bad->inter, 0, NULL,
		    NOW, &until) != ATLS_E_CHAIN;
		atls_trust_free(t);
	}
	return NULL;
}

static void
test_threads(void)
{
	struct pki p = pki_new(&server, NOW), q = pki_new(&server, NOW);
	struct atls_trust *t = trust_of(p.root.pem, p.crls);
	struct work w[THREADS];
	pthread_t id[THREADS];
	size_t i;

	for (i = 0; i < THREADS; i++) {
		w[i] = (struct work){ &p, &q, t, 0 };
		if (pthread_create(&id[i], NULL, work, &w[i]) != 0)
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(id[i], NULL);
		T(w[i].wrong == 0, "thread %zu: %d", i, w[i].wrong);
	}
	atls_trust_free(t);
	pki_free(&p);
	pki_free(&q);
}

int
main(void)
{
	test_steps();
	test_first_second();
	test_two_trusts();
	test_next_crl();
	test_framing();
	test_variants();
	test_room();
	test_cost();
	test_threads();
	return t_end("t_known");
}
