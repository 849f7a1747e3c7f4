/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "intel_in.h"

/* The memory of chains below CRLs; true whenever: their times are looked at
 * when a chain is verified. */
struct crls {
	struct store_object	 o;		/* first */
	struct atls_trust	*trust;
};

static void
crls_free(struct store_object *o)
{
	struct crls *c = (struct crls *)o;

	atls_trust_free(c->trust);
	free(c);
}

enum atls_rc
intel_at_hand(const struct store_item *item, enum atls_item type,
    const char *key, struct atls_err *err)
{
	if (item != NULL)
		return ATLS_OK;
	return err_set(err, ATLS_E_NONE, "collateral", 0, "%s %s: not at hand",
	    atls_item_name(type), key);
}

int
intel_path_state(const struct evidence_trust *trust, struct atls_err *err,
    const struct intel_path *p, struct crypto_chain *c, enum atls_rc rc,
    const struct atls_err *why)
{
	struct atls_err e = { .rc = ATLS_OK };
	enum atls_rc plain = ATLS_OK;
	int64_t until;

	if (rc != ATLS_OK && c == NULL) {	/* not even decoded */
		plain = rc;
		e = *why;
	} else if (rc != ATLS_OK)
		plain = crypto_chain_verify(c, trust->anchors, 0, NULL,
		    trust->now, &until, p->chain, &e);
	if (evidence_check(trust, err, plain == ATLS_OK, plain, p->chain,
	    "must lead to an anchor", "%s", plain == ATLS_OK ? "path" :
	    e.detail) != 1)
		return 0;
	if (evidence_check(trust, err, rc == ATLS_OK || rc == ATLS_E_REVOKED,
	    rc, p->crl, "must be there, signed and in force", "%s",
	    rc == ATLS_OK ? "CRLs" : why->detail) != 1)
		return 0;
	return evidence_check(trust, err, rc == ATLS_OK, rc, p->revoked,
	    "must not be", "%s", rc == ATLS_OK ? "not revoked" : why->detail);
}

/* The anchors with both CRLs. */
static enum atls_rc
trust_of(const struct evidence_trust *trust, struct store_item *const crl[2],
    struct crls **out, struct atls_err *err)
{
	static const char what[] = "intel.crls";
	struct atls_bytes der[2] = { intel_crl_der(crl[0]),
	    intel_crl_der(crl[1]) };
	enum atls_rc rc;
	struct crls *c;

	if ((*out = (struct crls *)store_recall(trust->collateral, what,
	    trust->anchors, crl, 2, trust->now)) != NULL)
		return ATLS_OK;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return err_set(err, ATLS_E_MEM, what, 0, "no memory");
	atomic_init(&c->o.refs, 1);
	c->o.from = INT64_MIN;
	c->o.until = INT64_MAX;
	c->o.destroy = crls_free;
	rc = crypto_trust_with_crls(trust->anchors, der, 2, &c->trust, err);
	if (rc != ATLS_OK) {
		store_object_release(&c->o);
		return rc;
	}
	store_remember(trust->collateral, what, trust->anchors, crl, 2, &c->o);
	*out = c;
	return ATLS_OK;
}

/* One verification of a PCK chain. */
struct work {
	const struct evidence_trust	*trust;
	struct atls_err			*err;
	const char			*ca;
	struct store_item		*crl[2];	/* of CA and root */
	struct crls			*crls;		/* NULL: none */
	enum atls_rc			 rc;		/* why so */
	struct atls_err			 why;
	struct crypto_chain		*chain;
};

static void
find_crls(struct work *w, const struct intel_pck *pck)
{
	w->ca = intel_ca_key(pck->platform_ca);
	w->crl[0] = store_find(w->trust->collateral, ATLS_PCK_CRL, w->ca);
	w->crl[1] = store_find(w->trust->collateral, ATLS_ROOT_CA_CRL,
	    INTEL_KEY_ROOT);
	w->rc = intel_at_hand(w->crl[0], ATLS_PCK_CRL, w->ca, &w->why);
	if (w->rc == ATLS_OK)
		w->rc = intel_at_hand(w->crl[1], ATLS_ROOT_CA_CRL,
		    INTEL_KEY_ROOT, &w->why);
	if (w->rc == ATLS_OK)
		w->rc = trust_of(w->trust, w->crl, &w->crls, &w->why);
}

static void
let_go(struct work *w)
{
	if (w->crls != NULL)
		store_object_release(&w->crls->o);
	store_release(w->crl[0]);
	store_release(w->crl[1]);
}

/* A chain that was verified before need not be decoded again. */
static int
check_encoding(struct work *w, const struct atls_bytes *der, size_t n)
{
	struct atls_err e = { .rc = ATLS_OK };
	enum atls_rc rc = crypto_chain_get(w->crls != NULL ? w->crls->trust :
	    w->trust->anchors, der, n, &w->chain, &e);

	return evidence_check(w->trust, w->err, rc == ATLS_OK, rc,
	    "intel.pck.encoding", "must be DER, with keys that we use", "%s",
	    rc == ATLS_OK ? "certificates" : e.detail);
}

static int
check_path(struct work *w, int64_t *not_after)
{
	static const struct intel_path path = { "intel.pck.chain",
	    "intel.pck.crl", "intel.pck.revoked" };
	int64_t until = 0;

	if (w->rc == ATLS_OK)
		w->rc = crypto_chain_verify(w->chain, w->crls->trust, 0, NULL,
		    w->trust->now, &until, path.chain, &w->why);
	if (intel_path_state(w->trust, w->err, &path, w->chain, w->rc,
	    &w->why) != 1)
		return 0;
	store_verified(w->crl[0], w->trust->now);
	store_verified(w->crl[1], w->trust->now);
	intel_lower(not_after, until);
	return 1;
}

static int
check_anchors(const struct evidence_trust *trust, struct atls_err *err)
{
	return evidence_check(trust, err, trust->anchors != NULL,
	    ATLS_E_CHAIN, "intel.pck.anchor", "the policy must have one", "%s",
	    trust->anchors != NULL ? "anchor" : "no anchor");
}

static int
check_order(const struct evidence_trust *trust, const struct atls_bytes *in,
    size_t n, struct atls_bytes der[ATLS_CHAIN_MAX], size_t *nder,
    struct atls_err *err)
{
	enum atls_rc rc = intel_order(in, n, der, nder);

	return evidence_check(trust, err, rc == ATLS_OK, rc,
	    "intel.pck.certificates", "must be one chain", "%zu certificates",
	    n);
}

static int
check_extension(const struct evidence_trust *trust, struct atls_bytes der,
    struct intel_pck *out, struct atls_err *err)
{
	struct atls_err e = { .rc = ATLS_OK };
	enum atls_rc rc = intel_pck_parse(der, out, &e);

	return evidence_check(trust, err, rc == ATLS_OK, rc,
	    "intel.pck.extension", "must be that of a PCK certificate", "%s",
	    rc == ATLS_OK ? "SGX extension" : e.detail);
}

int
intel_pck_check(const struct evidence_trust *trust,
    const struct atls_bytes *chain, size_t n, struct crypto_chain **leaf,
    struct intel_pck *out, struct atls_result *res)
{
	struct work w = { .trust = trust, .err = &res->why };
	struct atls_bytes der[ATLS_CHAIN_MAX];
	size_t nder;
	int ok;

	*leaf = NULL;
	*out = (struct intel_pck){ .pcesvn = 0 };
	if (check_anchors(trust, w.err) != 1 ||
	    check_order(trust, chain, n, der, &nder, w.err) != 1 ||
	    check_extension(trust, der[0], out, w.err) != 1)
		return 0;
	find_crls(&w, out);
	ok = check_encoding(&w, der, nder) == 1 &&
	    check_path(&w, &res->not_after) == 1;
	if (ok)
		*leaf = w.chain;
	else {
		crypto_chain_free(w.chain);
		*out = (struct intel_pck){ .pcesvn = 0 };
	}
	let_go(&w);
	return ok ? 1 : 0;
}
