/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "../base/err.h"
#include "../codec/date.h"
#include "intel_in.h"

/* The checks of signed documents, each by its own name. */
struct names {
	const char		*what, *item, *signer, *issued, *expired;
	const char		*certificate, *signature, *rollback;
	struct intel_path	 path;
	enum atls_item		 chain;
};

static const struct names tcb_info = {
	.what = "intel.tcb_info", .item = "intel.tcb_info",
	.signer = "intel.tcb_info.signer",
	.issued = "intel.tcb_info.issued", .expired = "intel.tcb_info.expired",
	.certificate = "intel.tcb_info.certificate",
	.signature = "intel.tcb_info.signature",
	.rollback = "intel.tcb_info.rollback",
	.path = { "intel.tcb_info.chain", "intel.tcb_info.crl",
	    "intel.tcb_info.revoked" },
	.chain = ATLS_TCB_INFO_CHAIN,
};

static const struct names qe_identity = {
	.what = "intel.qe_identity", .item = "intel.qe_identity",
	.signer = "intel.qe_identity.signer",
	.issued = "intel.qe_identity.issued",
	.expired = "intel.qe_identity.expired",
	.certificate = "intel.qe_identity.certificate",
	.signature = "intel.qe_identity.signature",
	.rollback = "intel.qe_identity.rollback",
	.path = { "intel.qe_identity.chain", "intel.qe_identity.crl",
	    "intel.qe_identity.revoked" },
	.chain = ATLS_QE_IDENTITY_CHAIN,
};

/* The signer of documents, verified. */
struct signer {
	struct store_object	 o;		/* first */
	struct crypto_chain	*chain;
};

/* One verification. */
struct work {
	const struct evidence_trust	*trust;
	struct atls_err			*err;
	const struct names		*n;
	enum atls_item			 type;
	const char			*key;
	struct store_item		*item, *chain, *crl;
	struct signer			*signer;
	struct intel_fact		*fact;	/* NULL: not verified yet */
};

static void
signer_free(struct store_object *o)
{
	struct signer *s = (struct signer *)o;

	crypto_chain_free(s->chain);
	free(s);
}

static void
fact_free(struct store_object *o)
{
	struct intel_fact *f = (struct intel_fact *)o;

	store_release(f->item);
	free(f);
}

static const struct intel_doc *
doc_of(const struct work *w)
{
	return w->item->form;
}

/* A date, for people. */
static const char *
words(char out[DATE_LEN + 1], int64_t at)
{
	struct atls_buf b = { (uint8_t *)out, DATE_LEN + 1, 0 };
	struct wr w = wr_of(&b);

	date_put(&w, at);
	wr_zeros(&w, 1);
	if (wr_done(&w) != ATLS_OK)
		out[0] = '\0';
	return out;
}

static int
check_item(struct work *w)
{
	return evidence_check(w->trust, w->err, w->item != NULL, ATLS_E_NONE,
	    w->n->item, "must be at hand", "%s %s", atls_item_name(w->type),
	    w->key);
}

static int
check_signer_item(struct work *w)
{
	return evidence_check(w->trust, w->err, w->chain != NULL, ATLS_E_NONE,
	    w->n->signer, "must be at hand", "%s %s",
	    atls_item_name(w->n->chain), INTEL_KEY_SIGNING);
}

static int
check_issued(struct work *w)
{
	char at[DATE_LEN + 1];

	return evidence_check(w->trust, w->err,
	    w->trust->now >= doc_of(w)->issued, ATLS_E_STALE, w->n->issued,
	    "issueDate must not be yet to come", "%s",
	    words(at, doc_of(w)->issued));
}

static int
check_expired(struct work *w)
{
	char at[DATE_LEN + 1];

	return evidence_check(w->trust, w->err,
	    w->trust->now < doc_of(w)->until, ATLS_E_STALE, w->n->expired,
	    "nextUpdate must not have come", "%s",
	    words(at, doc_of(w)->until));
}

/* Below another name the same root signs PCK CAs and much else. */
static int
check_certificate(struct work *w)
{
	const struct intel_certs *c = w->chain->form;
	struct crypto_cert leaf;
	bool ok = crypto_cert_read(c->der[0], &leaf) == ATLS_OK &&
	    c->n == 1 && intel_cn_is(leaf.subject, INTEL_CN_SIGNING);

	return evidence_check(w->trust, w->err, ok, ATLS_E_CHAIN,
	    w->n->certificate, "must be one of " INTEL_CN_SIGNING
	    " and the root", "%zu below the root", c->n);
}

static enum atls_rc
signer_make(struct work *w, struct crypto_chain **out, struct signer **made,
    struct atls_err *err)
{
	const struct intel_certs *certs = w->chain->form;
	struct atls_bytes crl;
	struct signer *s;
	enum atls_rc rc;

	if ((rc = crypto_chain_get(NULL, certs->der, certs->n, out, err)) !=
	    ATLS_OK ||
	    (rc = intel_at_hand(w->crl, ATLS_ROOT_CA_CRL, INTEL_KEY_ROOT,
	    err)) != ATLS_OK)
		return rc;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_set(err, ATLS_E_MEM, w->n->signer, 0, "no memory");
	atomic_init(&s->o.refs, 1);
	s->o.destroy = signer_free;
	crl = intel_crl_der(w->crl);
	rc = crypto_chain_verify_crls(*out, w->trust->anchors, 0, &crl, 1,
	    w->trust->now, &s->o.from, &s->o.until, w->n->path.chain, err);
	if (rc != ATLS_OK) {
		store_object_release(&s->o);
		return rc;
	}
	s->chain = *out;
	*out = NULL;
	*made = s;
	return ATLS_OK;
}

/* TCB info and identities share a signer, and so what is known of it. */
static int
check_path(struct work *w)
{
	static const char what[] = "intel.signer";
	struct store_item *part[] = { w->chain, w->crl };
	struct atls_err why = { .rc = ATLS_OK };
	struct crypto_chain *c = NULL;
	enum atls_rc rc = ATLS_OK;
	int ok;

	if (w->fact == NULL && w->crl != NULL)
		w->signer = (struct signer *)store_recall(
		    w->trust->collateral, what, w->trust->anchors, part, 2,
		    w->trust->now);
	if (w->fact == NULL && w->signer == NULL) {
		rc = signer_make(w, &c, &w->signer, &why);
		if (rc == ATLS_OK) {
			store_verified(w->chain, w->trust->now);
			store_verified(w->crl, w->trust->now);
			store_remember(w->trust->collateral, what,
			    w->trust->anchors, part, 2, &w->signer->o);
		}
	}
	ok = intel_path_state(w->trust, w->err, &w->n->path, c, rc, &why);
	crypto_chain_free(c);
	return ok;
}

static enum atls_rc
verify(struct work *w)
{
	const struct intel_doc *d = doc_of(w);
	uint8_t b[2 * (sizeof(d->signature) / 2 + 3) + 2];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct rd rs = rd_of(ATLS_ARRAY(d->signature));
	struct atls_bytes r = rd_take(&rs, sizeof(d->signature) / 2);
	struct atls_bytes s = rd_rest(&rs);
	enum atls_rc rc;

	if ((rc = crypto_ecdsa_der(r, s, &der)) != ATLS_OK)
		return rc;
	return crypto_verify(crypto_chain_key(w->signer->chain),
	    ATLS_ECDSA_P256_SHA256, d->body, (struct atls_bytes){ b,
	    der.len });
}

/* Over the octets of the inner object, as received. */
static int
check_signature(struct work *w)
{
	enum atls_rc rc = w->fact != NULL ? ATLS_OK : verify(w);

	return evidence_check(w->trust, w->err, rc == ATLS_OK, rc,
	    w->n->signature, "must be the TCB signer's", "%zu octets",
	    doc_of(w)->body.len);
}

/* Who can hold back collateral must not be able to bring back old levels
 * once newer ones were seen. */
static int
check_rollback(struct work *w)
{
	uint32_t highest = 0;
	bool ok = store_mark(w->trust->collateral, w->trust->anchors, w->item,
	    &highest);

	return evidence_check(w->trust, w->err, ok, ATLS_E_STALE,
	    w->n->rollback, "must not be below what was seen before",
	    "TCB evaluation %u, before %u", (unsigned)w->item->evaluation,
	    (unsigned)highest);
}

static struct intel_fact *
fact_make(struct work *w)
{
	const struct intel_doc *d = doc_of(w);
	struct intel_fact *f;

	if ((f = calloc(1, sizeof(*f))) == NULL) {
		(void)err_set(w->err, ATLS_E_MEM, w->n->item, 0, "no memory");
		return NULL;
	}
	atomic_init(&f->o.refs, 1);
	f->o.destroy = fact_free;
	f->o.from = d->issued > w->signer->o.from ? d->issued :
	    w->signer->o.from;
	f->o.until = d->until < w->signer->o.until ? d->until :
	    w->signer->o.until;
	f->item = w->item;
	(void)atomic_fetch_add(&w->item->refs, 1);
	f->doc = d;
	return f;
}

/* Everything but rollback, which what comes later may change. */
static void
establish(struct work *w)
{
	struct store_item *part[] = { w->item, w->chain, w->crl };

	if (check_item(w) != 1 || check_signer_item(w) != 1)
		return;
	if (w->crl != NULL)
		w->fact = (struct intel_fact *)store_recall(
		    w->trust->collateral, w->n->what, w->trust->anchors, part,
		    3, w->trust->now);
	if (check_issued(w) == 1 &&
	    check_expired(w) == 1 &&
	    check_certificate(w) == 1 &&
	    check_path(w) == 1 &&
	    check_signature(w) == 1) {
		if (w->fact != NULL || (w->fact = fact_make(w)) == NULL)
			return;
		store_verified(w->item, w->trust->now);
		store_remember(w->trust->collateral, w->n->what,
		    w->trust->anchors, part, 3, &w->fact->o);
		return;
	}
	if (w->fact != NULL)
		store_object_release(&w->fact->o);
	w->fact = NULL;
}

struct intel_fact *
intel_fact_of(const struct evidence_trust *trust, enum atls_item type,
    const char *key, struct atls_result *res)
{
	const struct names *n = type == ATLS_QE_IDENTITY ? &qe_identity :
	    &tcb_info;
	struct work w = { .trust = trust, .err = &res->why, .n = n,
	    .type = type, .key = key,
	    .item = store_find(trust->collateral, type, key),
	    .chain = store_find(trust->collateral, n->chain,
	    INTEL_KEY_SIGNING),
	    .crl = store_find(trust->collateral, ATLS_ROOT_CA_CRL,
	    INTEL_KEY_ROOT) };

	establish(&w);
	if (w.fact != NULL && type != ATLS_TCB_INFO_EARLY &&
	    check_rollback(&w) != 1) {
		store_object_release(&w.fact->o);
		w.fact = NULL;
	}
	if (w.fact != NULL)
		intel_lower(&res->not_after, w.fact->o.until);
	if (w.signer != NULL)
		store_object_release(&w.signer->o);
	store_release(w.item);
	store_release(w.chain);
	store_release(w.crl);
	return w.fact;
}
