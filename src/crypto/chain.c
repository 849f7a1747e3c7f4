/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../base/err.h"
#include "../base/wr.h"
#include "../codec/date.h"
#include "chain.h"

#define SECURITY_LEVEL	2	/* 112 bits: RSA-2048, P-256; no SHA-1 */

/* SHA-256 over each certificate, its length in four octets before it. */
static enum atls_rc
chain_id(const struct atls_bytes *der, size_t n, uint8_t id[CHAIN_ID])
{
	struct atls_bytes part[2 * ATLS_CHAIN_MAX];
	uint8_t len[ATLS_CHAIN_MAX][4], out[ATLS_HASH_MAX];
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < n; i++) {
		struct atls_buf b = { len[i], sizeof(len[i]), 0 };
		struct wr w = wr_of(&b);

		wr_be(&w, der[i].len, 4);
		if ((rc = wr_done(&w)) != ATLS_OK)
			return rc;
		part[2 * i] = ATLS_ARRAY(len[i]);
		part[2 * i + 1] = der[i];
	}
	rc = crypto_hash(ATLS_SHA256, part, 2 * n, out);
	memcpy(id, out, CHAIN_ID);
	return rc;
}

/* The octets of the certificate, not those that libcrypto would write. */
static enum atls_rc
set_key(struct crypto_chain *c, struct atls_bytes spki, struct crypto_key key,
    struct atls_err *err)
{
	if ((key.pkey = X509_get_pubkey(c->leaf)) == NULL)
		return lc_err(err, ATLS_E_FORMAT, "chain", "key", 0);
	c->key = key;
	if ((c->spki = malloc(spki.len)) == NULL)
		return err_set(err, ATLS_E_MEM, "chain", 0, "no memory");
	memcpy(c->spki, spki.p, spki.len);
	c->spkilen = spki.len;
	return ATLS_OK;
}

/* Certificate i, whose key must be one that we use, whoever it is. */
static enum atls_rc
decode(struct crypto_chain *c, const struct lc *lc, struct atls_bytes der,
    size_t i, struct atls_err *err)
{
	struct atls_bytes spki = lc_cert_spki(der);
	struct crypto_key key;
	enum atls_rc rc;
	X509 *x;

	if (spki.len == 0)
		return err_set(err, ATLS_E_FORMAT, "chain", 0,
		    "certificate %zu: not DER", i);
	if ((rc = lc_key_form(spki, &key)) != ATLS_OK)
		return err_set(err, rc, "chain", 0,
		    "certificate %zu: not a key that we use", i);
	if ((x = lc_cert(lc->thin, der)) == NULL)
		return lc_err(err, ATLS_E_FORMAT, "chain", "certificate", i);
	if (i == 0) {
		c->leaf = x;
		return set_key(c, spki, key, err);
	}
	if (sk_X509_push(c->rest, x) > 0)
		return ATLS_OK;
	X509_free(x);
	return lc_err(err, ATLS_E_MEM, "chain", "certificate", i);
}

enum atls_rc
crypto_chain_get(struct atls_trust *trust, const struct atls_bytes *der,
    size_t n, struct crypto_chain **out, struct atls_err *err)
{
	const struct lc *lc = lc_get();
	struct crypto_chain *c;
	uint8_t id[CHAIN_ID];
	enum atls_rc rc;
	size_t i;

	*out = NULL;
	if (lc == NULL)
		return err_set(err, ATLS_E_MEM, "chain", 0, "no memory");
	if (n == 0)
		return err_set(err, ATLS_E_FORMAT, "chain", 0, "empty");
	if (n > ATLS_CHAIN_MAX)
		return err_set(err, ATLS_E_LIMIT, "chain", 0,
		    "%zu certificates", n);
	for (i = 0; i < n; i++)
		if (der[i].len > LC_CERT_MAX)
			return err_set(err, ATLS_E_LIMIT, "chain", 0,
			    "certificate %zu: %zu octets", i, der[i].len);
	if ((rc = chain_id(der, n, id)) != ATLS_OK)
		return err_set(err, rc, "chain", 0, "SHA-256");
	if (trust != NULL && (*out = trust_find(trust, id)) != NULL)
		return ATLS_OK;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return err_set(err, ATLS_E_MEM, "chain", 0, "no memory");
	atomic_init(&c->refs, 1);
	memcpy(c->id, id, sizeof(c->id));
	if ((c->rest = sk_X509_new_null()) == NULL)
		rc = err_set(err, ATLS_E_MEM, "chain", 0, "no memory");
	for (i = 0; rc == ATLS_OK && i < n; i++)
		rc = decode(c, lc, der[i], i, err);
	ERR_clear_error();
	if (rc == ATLS_OK)
		*out = c;
	else
		crypto_chain_free(c);
	return rc;
}

const struct crypto_key *
crypto_chain_key(const struct crypto_chain *c)
{
	return c != NULL ? &c->key : NULL;
}

struct atls_bytes
crypto_chain_spki(const struct crypto_chain *c)
{
	if (c == NULL)
		return (struct atls_bytes){ NULL, 0 };
	return (struct atls_bytes){ c->spki, c->spkilen };
}

struct crypto_chain *
crypto_chain_ref(struct crypto_chain *c)
{
	if (c != NULL)
		(void)atomic_fetch_add(&c->refs, 1);
	return c;
}

void
crypto_chain_free(struct crypto_chain *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	EVP_PKEY_free(c->key.pkey);
	X509_free(c->leaf);
	sk_X509_pop_free(c->rest, X509_free);
	free(c->spki);
	free(c);
}

/* Between two changes: what holds now holds from `from` and until `until`. */
struct window {
	int64_t	from, now, until;
	bool	bad;			/* a time that is none */
};

/* Something changes at t.  libcrypto: valid at notBefore, not at notAfter. */
static void
change_at(struct window *w, const ASN1_TIME *t)
{
	struct tm tm;
	int64_t at;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1 ||
	    !date_unix((const unsigned[6]){ (unsigned)tm.tm_year + 1900,
	    (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday,
	    (unsigned)tm.tm_hour, (unsigned)tm.tm_min,
	    (unsigned)tm.tm_sec }, &at)) {
		w->bad = true;
		return;
	}
	if (at <= w->now && at > w->from)
		w->from = at;
	if (at > w->now && at < w->until)
		w->until = at;
}

/*
 * The certificates of the path, the anchor too, and every CRL that speaks of
 * one of them: also one that was not used, for it may come into force.
 */
static struct window
window_of(const STACK_OF(X509) *path, const STACK_OF(X509_CRL) *crls,
    int64_t now)
{
	struct window w = { INT64_MIN, now, INT64_MAX, false };
	int i, k;

	for (i = 0; i < sk_X509_num(path); i++) {
		const X509 *x = sk_X509_value(path, i);

		change_at(&w, X509_get0_notBefore(x));
		change_at(&w, X509_get0_notAfter(x));
		for (k = 0; k < sk_X509_CRL_num(crls); k++) {
			const X509_CRL *crl = sk_X509_CRL_value(crls, k);

			if (X509_NAME_cmp(X509_CRL_get_issuer(crl),
			    X509_get_issuer_name(x)) != 0)
				continue;
			change_at(&w, X509_CRL_get0_lastUpdate(crl));
			change_at(&w, X509_CRL_get0_nextUpdate(crl));
		}
	}
	return w;
}

/*
 * What to look for.  A numeric address is an iPAddress, all else a dNSName:
 * the subject is not looked at (RFC 9525, 6.3 and 6.4).  To libcrypto an
 * empty name is no name, and a leading dot means any name below.
 */
static int
set_name(X509_VERIFY_PARAM *p, const char *name)
{
	unsigned char ip[16];

	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (inet_pton(AF_INET, name, ip) == 1)
		return X509_VERIFY_PARAM_set1_ip(p, ip, 4);
	if (inet_pton(AF_INET6, name, ip) == 1)
		return X509_VERIFY_PARAM_set1_ip(p, ip, 16);
	return X509_VERIFY_PARAM_set1_host(p, name, strlen(name));
}

/* What is asked of a chain. */
struct path {
	unsigned		 peer;
	const char		*name;		/* "": any */
	bool			 bare_leaf;
	bool			 bare_ids;	/* key identifiers may lack */
	bool			 must_crl;	/* also if there are none */
	STACK_OF(X509_CRL)	*crls;		/* all that are known */
	int64_t			 now;
	const char		*where;
};

/*
 * What is forgiven.  CRYPTO_BARE_LEAF: two things, of the leaf alone.
 * CRYPTO_BARE_IDS: issuers are then found by name, and it is still the
 * signature that tells.
 */
static int
forgive(int ok, X509_STORE_CTX *ctx)
{
	const struct path *ask = X509_STORE_CTX_get_app_data(ctx);
	bool leaf = X509_STORE_CTX_get_error_depth(ctx) == 0;
	int e = X509_STORE_CTX_get_error(ctx);
	bool no_aki = e == X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER;

	if (ok == 1 || !((ask->bare_leaf && leaf && (no_aki ||
	    e == X509_V_ERR_UNABLE_TO_GET_CRL)) || (ask->bare_ids && (no_aki ||
	    e == X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER))))
		return ok;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static int
set_params(X509_STORE_CTX *ctx, const struct path *ask)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = X509_V_FLAG_X509_STRICT |
	    X509_V_FLAG_PARTIAL_CHAIN;	/* an anchor need not be a root */

	if (ask->must_crl || sk_X509_CRL_num(ask->crls) > 0)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	if (X509_VERIFY_PARAM_set_flags(p, flags) != 1)
		return 0;
	X509_STORE_CTX_set0_crls(ctx, ask->crls);
	X509_STORE_CTX_set_app_data(ctx, (void *)(uintptr_t)ask);
	X509_STORE_CTX_set_verify_cb(ctx, forgive);
	X509_VERIFY_PARAM_set_time(p, (time_t)ask->now);
	X509_VERIFY_PARAM_set_depth(p, ATLS_CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
	if (ask->peer != 0 && X509_STORE_CTX_set_purpose(ctx,
	    ask->peer == ATLS_SERVER ? X509_PURPOSE_SSL_SERVER :
	    X509_PURPOSE_SSL_CLIENT) != 1)
		return 0;
	return ask->name[0] == '\0' ? 1 : set_name(p, ask->name);
}

static enum atls_rc
rc_of(int v_err)
{
	switch (v_err) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return ATLS_E_STALE;
	case X509_V_ERR_CERT_REVOKED:
		return ATLS_E_REVOKED;
	case X509_V_ERR_OUT_OF_MEM:
		return ATLS_E_MEM;
	case X509_V_OK:			/* and yet it did not say 1 */
		return ATLS_E_CRYPTO;
	default:
		return ATLS_E_CHAIN;
	}
}

static enum atls_rc
walk(X509_STORE_CTX *ctx, const char *where, struct atls_err *err)
{
	int ok = X509_verify_cert(ctx), e = X509_STORE_CTX_get_error(ctx);

	if (ok == 1 && e == X509_V_OK)
		return ATLS_OK;
	return err_set(err, lc_rc(rc_of(e)), where, 0, "certificate %d: %s",
	    X509_STORE_CTX_get_error_depth(ctx),
	    X509_verify_cert_error_string(e));
}

/* Is every certificate that was sent part of the path? */
static bool
all_used(const struct crypto_chain *c, const STACK_OF(X509) *path)
{
	bool used = true;
	int i, k;

	for (i = 0; used && i < sk_X509_num(c->rest); i++) {
		used = false;
		for (k = 0; !used && k < sk_X509_num(path); k++)
			used = X509_cmp(sk_X509_value(c->rest, i),
			    sk_X509_value(path, k)) == 0;
	}
	return used;
}

/* RFC 8446, 4.4.2.2; libcrypto takes key agreement for a purpose, too.
 * Without the extension all bits are set. */
static bool
signs(const struct crypto_chain *c)
{
	return (X509_get_key_usage(c->leaf) & KU_DIGITAL_SIGNATURE) != 0;
}

static enum atls_rc
verify(struct crypto_chain *c, struct atls_trust *trust,
    const struct path *ask, struct window *w, bool *whole,
    struct atls_err *err)
{
	const struct lc *lc = lc_get();
	const STACK_OF(X509) *path;
	X509_STORE_CTX *ctx;
	enum atls_rc rc;

	if (lc == NULL ||
	    (ctx = X509_STORE_CTX_new_ex(lc->thin, NULL)) == NULL)
		return err_set(err, lc_rc(ATLS_E_MEM), ask->where, 0,
		    "no memory");
	if (X509_STORE_CTX_init(ctx, trust->store, c->leaf, c->rest) != 1 ||
	    set_params(ctx, ask) != 1)
		rc = lc_err(err, ATLS_E_CRYPTO, ask->where, "path", 0);
	else
		rc = walk(ctx, ask->where, err);
	if (rc == ATLS_OK && (ask->peer != 0 || ask->bare_ids) && !signs(c))
		rc = err_set(err, ATLS_E_CHAIN, ask->where, 0,
		    "certificate 0: its key is not for signatures");
	if (rc == ATLS_OK) {
		path = X509_STORE_CTX_get0_chain(ctx);
		*w = window_of(path, ask->crls, ask->now);
		*whole = all_used(c, path);
		if (w->bad || w->until <= ask->now)
			rc = err_set(err, ATLS_E_CRYPTO, ask->where, 0,
			    "dates");
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

enum atls_rc
crypto_chain_verify(struct crypto_chain *c, struct atls_trust *trust,
    unsigned peer, const char *name, int64_t now, int64_t *not_after,
    const char *where, struct atls_err *err)
{
	bool bare = peer == CRYPTO_BARE_IDS;
	struct path ask = { .peer = bare ? 0 : peer, .bare_ids = bare,
	    .name = name != NULL ? name : "", .now = now, .where = where };
	struct window w;
	enum atls_rc rc;
	bool whole;

	*not_after = 0;
	if (c == NULL || (peer != 0 && peer != ATLS_SERVER &&
	    peer != ATLS_CLIENT && !bare))
		return err_set(err, ATLS_E_ARG, where, 0, "chain or role");
	if (name != NULL && (name[0] == '\0' || name[0] == '.' ||
	    strlen(name) >= CHAIN_NAME_MAX))
		return err_set(err, ATLS_E_ARG, where, 0, "not a name");
	if (trust == NULL)
		return err_set(err, ATLS_E_CHAIN, where, 0, "no anchors");
	if (trust_recall(trust, c, peer, ask.name, now, not_after))
		return ATLS_OK;
	/* RFC 5280, 4.2.1.9: a CA's key signs certificates */
	if (X509_check_ca(c->leaf) != 0)
		return err_set(err, ATLS_E_CHAIN, where, 0,
		    "certificate 0: is a CA");
	ask.crls = trust->crls;
	if ((rc = verify(c, trust, &ask, &w, &whole, err)) != ATLS_OK)
		return rc;
	if (whole)	/* else one peer could fill the memory with variants */
		trust_remember(trust, c, peer, ask.name, w.from, w.until);
	*not_after = w.until;
	return ATLS_OK;
}

/* Those of trust, and these. */
static enum atls_rc
crls_of(const struct atls_trust *trust, const struct atls_bytes *der,
    size_t n, STACK_OF(X509_CRL) *all)
{
	const struct lc *lc = lc_get();
	X509_CRL *crl;
	size_t i;
	int k;

	if (lc == NULL || all == NULL)
		return lc_rc(ATLS_E_MEM);
	for (k = 0; k < sk_X509_CRL_num(trust->crls); k++) {
		crl = sk_X509_CRL_value(trust->crls, k);
		if (sk_X509_CRL_push(all, crl) <= 0)
			return lc_rc(ATLS_E_MEM);
		(void)X509_CRL_up_ref(crl);
	}
	for (i = 0; i < n; i++) {
		if (der[i].len > LC_PEM_MAX)
			return ATLS_E_LIMIT;
		if ((crl = lc_crl(lc->thin, der[i])) == NULL)
			return lc_rc(ATLS_E_FORMAT);
		if (sk_X509_CRL_push(all, crl) <= 0) {
			X509_CRL_free(crl);
			return lc_rc(ATLS_E_MEM);
		}
	}
	return ATLS_OK;
}

enum atls_rc
crypto_chain_verify_crls(struct crypto_chain *c, struct atls_trust *trust,
    unsigned form, const struct atls_bytes *crl, size_t ncrls, int64_t now,
    int64_t *from, int64_t *until, const char *where, struct atls_err *err)
{
	struct path ask = { .name = "", .now = now, .where = where,
	    .bare_leaf = (form & CRYPTO_BARE_LEAF) != 0,
	    .must_crl = (form & CRYPTO_CRL_LATER) == 0 };
	struct window w;
	enum atls_rc rc;
	bool whole;

	*from = *until = 0;
	if (c == NULL || (form & ~(unsigned)(CRYPTO_BARE_LEAF |
	    CRYPTO_CRL_LATER)) != 0)
		return err_set(err, ATLS_E_ARG, where, 0, "chain or form");
	if (trust == NULL)
		return err_set(err, ATLS_E_CHAIN, where, 0, "no anchors");
	if (X509_check_ca(c->leaf) != 0)
		return err_set(err, ATLS_E_CHAIN, where, 0,
		    "certificate 0: is a CA");
	ask.crls = sk_X509_CRL_new_null();
	if ((rc = crls_of(trust, crl, ncrls, ask.crls)) != ATLS_OK)
		(void)err_set(err, rc, where, 0, "a CRL cannot be read");
	else
		rc = verify(c, trust, &ask, &w, &whole, err);
	sk_X509_CRL_pop_free(ask.crls, X509_CRL_free);
	if (rc != ATLS_OK)
		return rc;
	*from = w.from;
	*until = w.until;
	return ATLS_OK;
}
