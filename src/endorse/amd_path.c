/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../codec/pem.h"
#include "amd.h"

/* A chain that was verified. */
struct amd_object {
	struct store_object	 object;
	struct crypto_chain	*chain;
};

/*
 * What a path is made of, beside the anchors and CRLs of the policy.
 * Certificates that came with the evidence are no items of the store, but
 * known by their digest like them.
 */
#define PARTS_MAX	3

struct parts {
	struct store_item	 own[PARTS_MAX];
	struct store_item	*part[PARTS_MAX];
	size_t			 n;
	struct store_item	*ask, *crl;	/* of the store, or NULL */
	struct atls_bytes	 ask_bytes;
	bool			 revocation;	/* there is a CRL */
};

static enum amd_role
ca_of(const struct amd_cert *leaf)
{
	return leaf->role == AMD_VLEK ? AMD_ASVK : AMD_ASK;
}

static const char *
say(struct atls_bytes b)
{
	return b.len != 0 ? "sent along" : "not sent along";
}

static void
destroy(struct store_object *o)
{
	struct amd_object *a = (struct amd_object *)(void *)o;

	crypto_chain_free(a->chain);
	free(a);
}

/* The common names must be those of one product, from end to end. */
static int
check_issuer(const struct evidence_trust *t, const struct amd_cert *leaf,
    struct atls_result *res)
{
	return evidence_check(t, &res->why, leaf->issuer == ca_of(leaf) &&
	    leaf->issuer_product == leaf->product, ATLS_E_CHAIN,
	    "snp.chain.issuer", "must be the CA of its product and sort",
	    "%s of %s, from that of %s", leaf->role == AMD_VLEK ? "VLEK" :
	    "VCEK", amd_product_name(leaf->product),
	    amd_product_name(leaf->issuer_product));
}

static void
add_item(struct parts *p, struct store_item *item)
{
	p->part[p->n++] = item;
}

static int
add_own(struct parts *p, struct atls_bytes bytes)
{
	uint8_t id[ATLS_HASH_MAX];

	if (crypto_hash(ATLS_SHA256, &bytes, 1, id) != ATLS_OK)
		return 0;
	memcpy(p->own[p->n].id, id, STORE_ID);
	add_item(p, &p->own[p->n]);
	return 1;
}

static struct store_item *
find(const struct evidence_trust *t, enum atls_item item,
    enum amd_product product, enum amd_role role)
{
	char key[ATLS_ITEM_KEY_MAX];

	if (t->collateral == NULL)
		return NULL;
	amd_key_ca(key, product, role);
	return store_find(t->collateral, item, key);
}

static int
gather(const struct evidence_trust *t, const struct amd_path *path,
    struct parts *p, struct atls_result *res)
{
	bool ok = add_own(p, path->leaf) == 1;

	if (path->ask.len == 0)
		p->ask = find(t, ATLS_ASK, path->is.product,
		    ca_of(&path->is));
	p->crl = find(t, ATLS_AMD_CRL, path->is.product, AMD_ARK);
	p->revocation = p->crl != NULL ||
	    atls_trust_crls(t->anchors).len != 0;
	p->ask_bytes = p->ask != NULL ? p->ask->bytes : path->ask;
	if (evidence_check(t, &res->why, p->ask_bytes.len != 0, ATLS_E_CHAIN,
	    "snp.chain.ask", "must come along or be in the collateral",
	    "CA certificate %s", say(path->ask)) != 1)
		return 0;
	if (p->ask != NULL)
		add_item(p, p->ask);
	else
		ok = ok && add_own(p, path->ask) == 1;
	if (p->crl != NULL)
		add_item(p, p->crl);
	return evidence_check(t, &res->why, ok, ATLS_E_CRYPTO,
	    "snp.chain.digest", "must be made", "SHA-256");
}

/* The CA certificate itself, which must lead to the ARK of the product. */
static int
check_ask(const struct evidence_trust *t, const struct amd_path *path,
    struct atls_bytes ask, struct atls_result *res)
{
	struct amd_cert c;

	if (amd_cert_read(ask, &c, NULL) != ATLS_OK)
		c.role = AMD_NO_ROLE;
	return evidence_check(t, &res->why, c.role == ca_of(&path->is) &&
	    c.product == path->is.product && c.issuer == AMD_ARK &&
	    c.issuer_product == c.product, ATLS_E_CHAIN, "snp.chain.ca",
	    "must be the CA that the leaf names, from the ARK of its product",
	    "certificate of %s from %s", amd_product_name(c.product),
	    amd_product_name(c.issuer_product));
}

/* libcrypto's path validation, and its reason. */
static int
walk(const struct evidence_trust *t, const struct amd_path *path,
    struct atls_bytes ask, const struct atls_bytes *crl, size_t ncrls,
    struct amd_object *o, struct atls_result *res)
{
	struct atls_bytes der[] = { path->leaf, ask };
	struct atls_err why = { .rc = ATLS_OK };
	enum atls_rc rc;
	bool ok;

	rc = crypto_chain_get(t->anchors, der, 2, &o->chain, &why);
	if (rc == ATLS_OK)
		rc = crypto_chain_verify_crls(o->chain, t->anchors,
		    CRYPTO_BARE_LEAF | CRYPTO_CRL_LATER, crl, ncrls, t->now,
		    &o->object.from, &o->object.until, "snp.chain", &why);
	ok = rc == ATLS_OK;
	return evidence_check(t, &res->why, ok, rc, "snp.chain",
	    "must lead to an anchor, and be in force", "%s",
	    ok ? "a path" : why.detail);
}

static struct amd_object *
verify(const struct evidence_trust *t, const struct amd_path *path,
    const struct parts *p, struct atls_result *res)
{
	struct atls_buf b1 = { NULL, 0, 0 }, b2 = { NULL, 0, 0 };
	struct atls_bytes ask = { NULL, 0 }, crl = { NULL, 0 };
	struct amd_object *o = calloc(1, sizeof(*o));
	enum atls_rc rc = o == NULL ? ATLS_E_MEM : ATLS_OK;
	size_t ncrls = p->crl != NULL ? 1 : 0;
	int ok = 0;

	if (rc == ATLS_OK)
		rc = amd_der(p->ask_bytes, PEM_CERT, &b1, &ask);
	if (rc == ATLS_OK && ncrls == 1)
		rc = amd_der(p->crl->bytes, PEM_CRL, &b2, &crl);
	if (rc != ATLS_OK)
		(void)evidence_check(t, &res->why, false, rc,
		    "snp.chain.form", "must be DER or PEM", "collateral");
	else {
		atomic_init(&o->object.refs, 1);
		o->object.destroy = destroy;
		ok = check_ask(t, path, ask, res) == 1 &&
		    walk(t, path, ask, &crl, ncrls, o, res) == 1;
	}
	free(b1.p);
	free(b2.p);
	if (ok == 1)
		return o;
	if (o != NULL)
		destroy(&o->object);
	return NULL;
}

/* From memory, or verified and then remembered. */
static struct amd_object *
recall(const struct evidence_trust *t, const struct amd_path *path,
    struct parts *p, struct atls_result *res)
{
	struct store_object *known = NULL;
	struct amd_object *o;

	if (t->collateral != NULL)
		known = store_recall(t->collateral, "amd", t->anchors,
		    p->part, p->n, t->now);
	if (known != NULL) {
		(void)evidence_check(t, &res->why, true, ATLS_OK, "snp.chain",
		    "must lead to an anchor, and be in force",
		    "a path known before");
		return (struct amd_object *)(void *)known;
	}
	if ((o = verify(t, path, p, res)) == NULL)
		return NULL;
	if (p->ask != NULL)
		store_verified(p->ask, t->now);
	if (p->crl != NULL)
		store_verified(p->crl, t->now);
	if (t->collateral != NULL)
		store_remember(t->collateral, "amd", t->anchors, p->part,
		    p->n, &o->object);
	return o;
}

static int
check_anchors(const struct evidence_trust *t, struct atls_result *res)
{
	return evidence_check(t, &res->why, t->anchors != NULL, ATLS_E_CHAIN,
	    "snp.anchor", "must be given by the policy", "an ARK");
}

static int
path_get(const struct evidence_trust *t, const struct amd_path *path,
    struct crypto_chain **key, bool *revocation, struct atls_result *res)
{
	struct amd_object *o = NULL;
	struct parts p = { .n = 0 };
	int ok;

	*key = NULL;
	*revocation = false;
	if (check_anchors(t, res) != 1 ||
	    check_issuer(t, &path->is, res) != 1)
		return 0;
	ok = gather(t, path, &p, res);
	if (ok == 1 && (o = recall(t, path, &p, res)) == NULL)
		ok = 0;
	if (ok == 1) {
		*key = crypto_chain_ref(o->chain);
		*revocation = p.revocation;
		if (res->not_after == 0 || res->not_after > o->object.until)
			res->not_after = o->object.until;
		store_object_release(&o->object);
	}
	store_release(p.ask);
	store_release(p.crl);
	return ok;
}

int
amd_path_check(const struct evidence_trust *t, const struct amd_path *path,
    struct crypto_chain **key, struct atls_result *res)
{
	bool revocation;

	return path_get(t, path, key, &revocation, res);
}

/*
 * AMD issues a CRL for each ARK: it can withdraw an ASK or ASVK.  That it was
 * put into the store since the path was looked at does no harm: here the path
 * is the one with it.
 */
int
amd_revocation_check(const struct evidence_trust *t,
    const struct amd_path *path, struct atls_result *res)
{
	struct evidence_trust quiet = *t;
	struct crypto_chain *key;
	bool revocation;

	quiet.trace = NULL;		/* the path was told of before */
	if (path_get(&quiet, path, &key, &revocation, res) != 1)
		return 0;
	crypto_chain_free(key);
	return evidence_check(t, &res->why, revocation, ATLS_E_CHAIN,
	    "snp.chain.crl",
	    "must be in the collateral, or given by the policy",
	    "%s CRL of the ARK of %s", revocation ? "a" : "no",
	    amd_product_name(path->is.product));
}
