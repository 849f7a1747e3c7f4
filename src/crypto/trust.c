/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "../base/err.h"
#include "../base/rd.h"
#include "../base/wr.h"
#include "chain.h"

static int
add_anchor(struct atls_trust *t, const struct lc *lc, const uint8_t *der,
    size_t len)
{
	X509 *x = lc_cert(lc->thin, (struct atls_bytes){ der, len });
	int ok;

	t->simulated = t->simulated || (x != NULL && simulated_cert(x));
	ok = x != NULL ? X509_STORE_add_cert(t->store, x) : 0;
	X509_free(x);
	return ok;
}

/* Takes it over, also when it fails. */
static int
take_crl(struct atls_trust *t, X509_CRL *crl)
{
	if (X509_STORE_add_crl(t->store, crl) == 1 &&
	    sk_X509_CRL_push(t->crls, crl) > 0)
		return 1;
	X509_CRL_free(crl);
	return 0;
}

static int
add_crl(struct atls_trust *t, const struct lc *lc, const uint8_t *der,
    size_t len)
{
	X509_CRL *crl = lc_crl(lc->thin, (struct atls_bytes){ der, len });

	return crl != NULL ? take_crl(t, crl) : 0;
}

/* Every block of the text must be of this type, and there must be one. */
static enum atls_rc
add_all(struct atls_trust *t, const struct lc *lc, struct atls_bytes pem,
    const char *type, struct atls_err *err)
{
	bool crl = strcmp(type, PEM_STRING_X509_CRL) == 0;
	enum atls_rc rc = ATLS_OK;
	int ok = 0, more;
	size_t n = 0, len;
	uint8_t *der;
	BIO *b;

	if ((b = lc_pem_open(pem)) == NULL)
		return lc_err(err, ATLS_E_FORMAT, "trust", type, 0);
	while ((more = lc_pem_next(b, type, &der, &len)) == 1) {
		ok = crl ? add_crl(t, lc, der, len) :
		    add_anchor(t, lc, der, len);
		OPENSSL_free(der);
		if (ok != 1)
			break;
		n++;
	}
	BIO_free(b);
	if (ok != 1 || more != 0)
		rc = lc_err(err, ATLS_E_FORMAT, "trust", type, n);
	return rc;
}

/* Of the anchors' text, its length before it, and of the CRLs'. */
static enum atls_rc
set_id(struct atls_trust *t)
{
	uint8_t out[ATLS_HASH_MAX], len[8];
	struct atls_buf b = { len, sizeof(len), 0 };
	struct atls_bytes part[3] = { ATLS_ARRAY(len), atls_trust_anchors(t),
	    atls_trust_crls(t) };
	struct wr w = wr_of(&b);
	enum atls_rc rc;

	wr_be(&w, t->nanchors, sizeof(len));
	if ((rc = wr_done(&w)) != ATLS_OK ||
	    (rc = crypto_hash(ATLS_SHA256, part, 3, out)) != ATLS_OK)
		return rc;
	memcpy(t->id, out, sizeof(t->id));
	return ATLS_OK;
}

/* Text alone: nothing of it is read yet. */
static enum atls_rc
fill(struct atls_trust *t, const struct lc *lc, struct atls_bytes anchors,
    struct atls_bytes crls, struct atls_err *err)
{
	enum atls_rc rc;

	if (anchors.len > LC_PEM_MAX || crls.len > LC_PEM_MAX)
		return err_set(err, ATLS_E_FORMAT, "trust", 0, "too long");
	if (lc == NULL ||
	    (t->store = X509_STORE_new()) == NULL ||
	    (t->crls = sk_X509_CRL_new_null()) == NULL ||
	    (t->pem = malloc(anchors.len + crls.len + 1)) == NULL)
		return err_set(err, lc_rc(ATLS_E_MEM), "trust", 0,
		    "no memory");
	if (anchors.len > 0)
		memcpy(t->pem, anchors.p, anchors.len);
	if (crls.len > 0)
		memcpy(t->pem + anchors.len, crls.p, crls.len);
	t->nanchors = anchors.len;
	t->ncrls = crls.len;
	if ((rc = set_id(t)) != ATLS_OK)
		return err_set(err, rc, "trust", 0, "SHA-256");
	return ATLS_OK;
}

static enum atls_rc
trust_new(const struct lc *lc, struct atls_bytes anchors,
    struct atls_bytes crls, struct atls_trust **out, struct atls_err *err)
{
	struct atls_trust *t;
	enum atls_rc rc;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL ||
	    pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return err_set(err, ATLS_E_MEM, "trust", 0, "no memory");
	}
	atomic_init(&t->refs, 1);
	if ((rc = fill(t, lc, anchors, crls, err)) == ATLS_OK)
		*out = t;
	else
		atls_trust_free(t);
	return rc;
}

struct atls_trust *
atls_trust_new(struct atls_bytes anchors_pem, struct atls_bytes crls_pem,
    struct atls_err *err)
{
	const struct lc *lc = lc_get();
	struct atls_trust *t;
	enum atls_rc rc = trust_new(lc, anchors_pem, crls_pem, &t, err);

	if (rc == ATLS_OK)
		rc = add_all(t, lc, anchors_pem, PEM_STRING_X509, err);
	if (rc == ATLS_OK && crls_pem.len != 0)
		rc = add_all(t, lc, crls_pem, PEM_STRING_X509_CRL, err);
	ERR_clear_error();
	if (rc == ATLS_OK)
		return t;
	atls_trust_free(t);
	return NULL;
}

/* What is decoded already is shared, not decoded again.  libcrypto sorts the
 * objects of a store when it looks for one: hence its lock. */
static int
share(struct atls_trust *t, const struct atls_trust *from)
{
	const STACK_OF(X509_OBJECT) *all;
	X509_CRL *crl;
	X509 *x;
	int i, ok = X509_STORE_lock(from->store);

	if (ok != 1)
		return 0;
	all = X509_STORE_get0_objects(from->store);
	for (i = 0; ok == 1 && i < sk_X509_OBJECT_num(all); i++)
		if ((x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all,
		    i))) != NULL)
			ok = X509_STORE_add_cert(t->store, x);
	(void)X509_STORE_unlock(from->store);
	for (i = 0; ok == 1 && i < sk_X509_CRL_num(from->crls); i++) {
		crl = sk_X509_CRL_value(from->crls, i);
		ok = X509_CRL_up_ref(crl);
		if (ok == 1)
			ok = take_crl(t, crl);
	}
	t->simulated = from->simulated;
	return ok;
}

/* The text of the CRLs stays that of the policy: backends do not see these. */
enum atls_rc
crypto_trust_with_crls(const struct atls_trust *anchors,
    const struct atls_bytes *crl_der, size_t n, struct atls_trust **out,
    struct atls_err *err)
{
	const struct lc *lc = lc_get();
	struct atls_trust *t;
	enum atls_rc rc;
	size_t i;

	*out = NULL;
	if (anchors == NULL)
		return err_set(err, ATLS_E_FORMAT, "trust", 0, "no anchors");
	if ((rc = trust_new(lc, atls_trust_anchors(anchors),
	    atls_trust_crls(anchors), &t, err)) != ATLS_OK)
		return rc;
	if (share(t, anchors) != 1)
		rc = lc_err(err, ATLS_E_MEM, "trust", "anchors", 0);
	for (i = 0; i < n && rc == ATLS_OK; i++) {
		if (crl_der[i].len > LC_PEM_MAX)
			rc = err_set(err, ATLS_E_LIMIT, "trust", 0,
			    "CRL %zu: too long", i);
		else if (add_crl(t, lc, crl_der[i].p, crl_der[i].len) != 1)
			rc = lc_err(err, ATLS_E_FORMAT, "trust", "CRL", i);
	}
	ERR_clear_error();
	if (rc == ATLS_OK)
		*out = t;
	else
		atls_trust_free(t);
	return rc;
}

struct atls_bytes
crypto_trust_id(const struct atls_trust *t)
{
	return ATLS_ARRAY(t->id);
}

struct atls_trust *
atls_trust_ref(struct atls_trust *t)
{
	if (t != NULL)
		(void)atomic_fetch_add(&t->refs, 1);
	return t;
}

void
atls_trust_free(struct atls_trust *t)
{
	size_t i;

	if (t == NULL || atomic_fetch_sub(&t->refs, 1) > 1)
		return;
	for (i = 0; i < CHAIN_KNOWN_MAX; i++)
		crypto_chain_free(t->known[i].chain);
	sk_X509_CRL_pop_free(t->crls, X509_CRL_free);
	X509_STORE_free(t->store);
	(void)pthread_mutex_destroy(&t->lock);
	free(t->pem);
	free(t);
}

struct atls_bytes
atls_trust_anchors(const struct atls_trust *t)
{
	if (t == NULL)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ t->pem, t->nanchors };
}

struct atls_bytes
atls_trust_crls(const struct atls_trust *t)
{
	if (t == NULL || t->ncrls == 0)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ t->pem + t->nanchors, t->ncrls };
}

bool
crypto_chain_ends(const struct crypto_chain *c, const struct atls_trust *trust)
{
	const STACK_OF(X509_OBJECT) *all;
	const X509 *last, *x;
	bool is = false;
	int i;

	if (c == NULL || trust == NULL || X509_STORE_lock(trust->store) != 1)
		return false;
	i = sk_X509_num(c->rest);
	last = i > 0 ? sk_X509_value(c->rest, i - 1) : c->leaf;
	all = X509_STORE_get0_objects(trust->store);
	for (i = 0; !is && i < sk_X509_OBJECT_num(all); i++) {
		x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
		is = x != NULL && X509_cmp(last, x) == 0;
	}
	(void)X509_STORE_unlock(trust->store);
	ERR_clear_error();
	return is;
}

/*
 * The memory.  A chain gets in only when it was verified, so that strangers
 * cannot push out the peers that we know.  The id is a digest: the first
 * octets find it, all of them say that it is the one.
 */
static uint64_t
tag_of(const uint8_t id[CHAIN_ID])
{
	struct rd r = rd_of((struct atls_bytes){ id, CHAIN_ID });

	return rd_be(&r, 8);
}

static bool
is_known(const struct atls_trust *t, size_t i, uint64_t tag,
    const uint8_t id[CHAIN_ID])
{
	const struct crypto_chain *c = t->known[i].chain;

	return t->tag[i] == tag && c != NULL &&
	    atls_ct_eq((struct atls_bytes){ id, CHAIN_ID }, ATLS_ARRAY(c->id));
}

/* The entry for all three, or NULL.  Call with the lock held. */
static struct known *
lookup(struct atls_trust *t, const struct crypto_chain *c, unsigned peer,
    const char *name)
{
	uint64_t tag = tag_of(c->id);
	size_t i;

	for (i = 0; i < CHAIN_KNOWN_MAX; i++)
		if (is_known(t, i, tag, c->id) && t->known[i].peer == peer &&
		    strcmp(t->known[i].name, name) == 0)
			return &t->known[i];
	return NULL;
}

struct crypto_chain *
trust_find(struct atls_trust *t, const uint8_t id[CHAIN_ID])
{
	struct crypto_chain *c = NULL;
	uint64_t tag = tag_of(id);
	size_t i;

	(void)pthread_mutex_lock(&t->lock);
	for (i = 0; i < CHAIN_KNOWN_MAX && c == NULL; i++)
		if (is_known(t, i, tag, id)) {
			c = t->known[i].chain;
			(void)atomic_fetch_add(&c->refs, 1);
		}
	(void)pthread_mutex_unlock(&t->lock);
	return c;
}

bool
trust_recall(struct atls_trust *t, const struct crypto_chain *c,
    unsigned peer, const char *name, int64_t now, int64_t *until)
{
	struct known *k;
	bool good;

	(void)pthread_mutex_lock(&t->lock);
	k = lookup(t, c, peer, name);
	good = k != NULL && k->from <= now && now < k->until;
	if (good)
		*until = k->until;
	(void)pthread_mutex_unlock(&t->lock);
	return good;
}

void
trust_remember(struct atls_trust *t, struct crypto_chain *c, unsigned peer,
    const char *name, int64_t from, int64_t until)
{
	struct crypto_chain *old;
	struct known *k;

	if (strlen(name) >= CHAIN_NAME_MAX)
		return;
	(void)atomic_fetch_add(&c->refs, 1);
	(void)pthread_mutex_lock(&t->lock);
	if ((k = lookup(t, c, peer, name)) == NULL) {
		k = &t->known[t->next];
		t->tag[t->next] = tag_of(c->id);
		t->next = (t->next + 1) % CHAIN_KNOWN_MAX;
	}
	old = k->chain;
	k->chain = c;
	k->peer = peer;
	(void)strcpy(k->name, name);
	k->from = from;
	k->until = until;
	(void)pthread_mutex_unlock(&t->lock);
	crypto_chain_free(old);
}
