/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "../codec/pem.h"
#include "intel_in.h"

bool
intel_cn_is(struct atls_bytes name, const char *end)
{
	struct atls_bytes cn = crypto_name_cn(name);
	struct rd r = rd_of(cn);
	size_t n = strlen(end);

	if (cn.len < n)
		return false;
	(void)rd_take(&r, cn.len - n);
	return atls_ct_eq(rd_rest(&r), (struct atls_bytes){
	    (const uint8_t *)end, n });
}

const char *
intel_tee_name(enum intel_tee tee)
{
	return tee == INTEL_TDX ? "tdx" : "sgx";
}

const char *
intel_ca_key(bool platform_ca)
{
	return platform_ca ? INTEL_KEY_PLATFORM : INTEL_KEY_PROCESSOR;
}

void
intel_fmspc_key(char out[ATLS_ITEM_KEY_MAX], enum intel_tee tee,
    const uint8_t fmspc[6])
{
	uint8_t digits[12];
	struct atls_buf b = { digits, sizeof(digits), 0 };
	struct wr w = wr_of(&b);

	hex_put(&w, (struct atls_bytes){ fmspc, 6 });
	(void)snprintf(out, ATLS_ITEM_KEY_MAX, "%s:%.12s",
	    intel_tee_name(tee), wr_done(&w) == ATLS_OK ?
	    (const char *)digits : "");
}

void
intel_lower(int64_t *not_after, int64_t until)
{
	if (*not_after == 0 || until < *not_after)
		*not_after = until;
}

/* Who issued whom among certificates that did not issue themselves. */
static size_t
issued_by_others(const struct crypto_cert *c, size_t n, size_t i)
{
	size_t k, found = 0;

	for (k = 0; k < n; k++)
		if (k != i && atls_ct_eq(c[k].issuer, c[i].subject))
			found++;
	return found;
}

enum atls_rc
intel_order(const struct atls_bytes *cert, size_t n,
    struct atls_bytes der[ATLS_CHAIN_MAX], size_t *out)
{
	struct crypto_cert c[ATLS_CHAIN_MAX];
	size_t i, k, at = 0, leaves = 0, all = 0;
	enum atls_rc rc;

	*out = 0;
	if (n > ATLS_CHAIN_MAX)
		return ATLS_E_LIMIT;
	for (i = 0; i < n; i++) {
		if ((rc = crypto_cert_read(cert[i], &c[all])) != ATLS_OK)
			return rc;
		if (!crypto_cert_self(&c[all]))
			all++;
	}
	for (i = 0; i < all; i++)
		if (issued_by_others(c, all, i) == 0) {
			at = i;
			leaves++;
		}
	if (leaves != 1)
		return ATLS_E_CHAIN;
	der[0] = c[at].der;
	for (i = 1; i < all; i++) {
		for (k = 0; k < all; k++)
			if (atls_ct_eq(c[k].subject, c[at].issuer))
				break;
		if (k == all)
			return ATLS_E_CHAIN;
		at = k;
		der[i] = c[at].der;
	}
	*out = all;
	return ATLS_OK;
}

static void
certs_free(void *form)
{
	struct intel_certs *c = form;

	if (c == NULL)
		return;
	free(c->buf);
	free(c);
}

static void
doc_free(void *form)
{
	intel_doc_free(form);
}

struct atls_bytes
intel_crl_der(const struct store_item *item)
{
	const struct intel_certs *c = item->form;

	return c->der[0];
}

/* PEM to DER: max blocks with this label.  DER is taken as it is. */
static enum atls_rc
decode(struct atls_bytes in, const char *label, size_t max,
    struct store_item *item, const char *where, struct atls_err *err)
{
	struct intel_certs *c;
	struct atls_buf b;
	struct rd r = rd_of(in);

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->buf = malloc(in.len)) == NULL) {
		free(c);
		return err_set(err, ATLS_E_MEM, where, 0, "no memory");
	}
	item->form = c;
	item->form_free = certs_free;
	b = (struct atls_buf){ c->buf, in.len, 0 };
	if (pem_is(in))
		c->n = pem_get(&r, label, &b, c->der, max);
	else {
		memcpy(c->buf, in.p, in.len);
		c->der[0] = (struct atls_bytes){ c->buf, in.len };
		c->n = 1;
	}
	if (r.rc != ATLS_OK)
		return err_set(err, r.rc, where, r.off, "PEM of %s", label);
	return ATLS_OK;
}

/* Leaf first; those that issued themselves are left out. */
static enum atls_rc
chain_item(struct atls_bytes in, struct store_item *item, const char *where,
    struct atls_err *err)
{
	struct atls_bytes der[ATLS_CHAIN_MAX];
	struct crypto_cert leaf, ca;
	struct intel_certs *c;
	enum atls_rc rc;
	size_t i, n;

	if ((rc = decode(in, PEM_CERT, ATLS_CHAIN_MAX, item, where, err)) !=
	    ATLS_OK)
		return rc;
	c = item->form;
	if ((rc = intel_order(c->der, c->n, der, &n)) != ATLS_OK ||
	    (rc = crypto_cert_read(der[0], &leaf)) != ATLS_OK)
		return err_set(err, rc == ATLS_E_CHAIN ? ATLS_E_FORMAT : rc,
		    where, 0, "not a chain of certificates");
	item->issued = leaf.from;
	item->until = leaf.until;
	for (i = 0; i < n; i++) {
		c->der[i] = der[i];
		if (crypto_cert_read(der[i], &ca) == ATLS_OK)
			intel_lower(&item->until, ca.until);
	}
	c->n = n;
	if (item->is.item != ATLS_PCK_CRL_CHAIN)
		(void)strcpy(item->is.key, INTEL_KEY_SIGNING);
	else if (intel_cn_is(leaf.subject, INTEL_CN_PLATFORM) ||
	    intel_cn_is(leaf.subject, INTEL_CN_PROCESSOR))
		(void)strcpy(item->is.key, intel_ca_key(intel_cn_is(
		    leaf.subject, INTEL_CN_PLATFORM)));
	else
		return err_set(err, ATLS_E_UNKNOWN, where, 0,
		    "not of a PCK CA");
	return ATLS_OK;
}

static enum atls_rc
crl_item(struct atls_bytes in, struct store_item *item, const char *where,
    struct atls_err *err)
{
	struct crypto_crl crl;
	enum atls_rc rc;

	if ((rc = decode(in, PEM_CRL, 1, item, where, err)) != ATLS_OK)
		return rc;
	if ((rc = crypto_crl_read(intel_crl_der(item), &crl)) != ATLS_OK)
		return err_set(err, rc, where, 0, "not a CRL");
	item->issued = crl.from;
	item->until = crl.until;
	if (item->is.item == ATLS_ROOT_CA_CRL)
		(void)strcpy(item->is.key, INTEL_KEY_ROOT);
	else if (intel_cn_is(crl.issuer, INTEL_CN_PLATFORM) ||
	    intel_cn_is(crl.issuer, INTEL_CN_PROCESSOR))
		(void)strcpy(item->is.key, intel_ca_key(intel_cn_is(
		    crl.issuer, INTEL_CN_PLATFORM)));
	else
		return err_set(err, ATLS_E_UNKNOWN, where, 0,
		    "not of a PCK CA");
	return ATLS_OK;
}

static enum atls_rc
doc_item(struct atls_bytes in, struct store_item *item, struct atls_err *err)
{
	bool identity = item->is.item == ATLS_QE_IDENTITY;
	struct intel_doc *d;
	enum atls_rc rc;

	if ((rc = intel_doc_read(in, identity, &d, err)) != ATLS_OK)
		return rc;
	item->form = d;
	item->form_free = doc_free;
	item->issued = d->issued;
	item->until = d->until;
	item->evaluation = d->evaluation;
	if (identity)
		(void)strcpy(item->is.key, intel_tee_name(d->tee));
	else
		intel_fmspc_key(item->is.key, d->tee, d->fmspc);
	return ATLS_OK;
}

enum atls_rc
intel_item(struct atls_bytes in, struct store_item *item,
    struct atls_err *err)
{
	switch (item->is.item) {
	case ATLS_TCB_INFO:
	case ATLS_TCB_INFO_EARLY:
	case ATLS_QE_IDENTITY:
		return doc_item(in, item, err);
	case ATLS_TCB_INFO_CHAIN:
		return chain_item(in, item, "intel.tcb_info_chain.form", err);
	case ATLS_QE_IDENTITY_CHAIN:
		return chain_item(in, item, "intel.qe_identity_chain.form",
		    err);
	case ATLS_PCK_CRL_CHAIN:
		return chain_item(in, item, "intel.pck_crl_chain.form", err);
	case ATLS_PCK_CRL:
		return crl_item(in, item, "intel.pck_crl.form", err);
	case ATLS_ROOT_CA_CRL:
		return crl_item(in, item, "intel.root_ca_crl.form", err);
	case ATLS_ITEM_NONE:
	case ATLS_VCEK:
	case ATLS_VLEK:
	case ATLS_ASK:
	case ATLS_ARK:
	case ATLS_AMD_CRL:
	case ATLS_NITEMS:
		break;
	}
	return err_set(err, ATLS_E_ARG, "collateral.item", 0, "%d",
	    (int)item->is.item);
}
