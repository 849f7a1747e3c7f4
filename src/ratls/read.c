/* SPDX-License-Identifier: Apache-2.0 */
#include "ratls.h"

#include <string.h>

#include "../base/err.h"
#include "../crypto/cert.h"
#include "../crypto/crypto.h"
#include "../crypto/make.h"

static const uint8_t cmw[] = { 0x2b, 6, 1, 5, 5, 7, 1, 0x23 };
static const uint8_t dice[] = { 0x67, 0x81, 5, 5, 4, 9 };
static const uint8_t dice_endorsements[] = { 0x67, 0x81, 5, 5, 4, 2 };
/* 1.2.840.113741.1337.6, and how Gramine wrote it: the whole element, tag and
 * length with it, taken for the content of another. */
static const uint8_t gramine[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a,
    0x39, 6 };
static const uint8_t gramine_odd[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf8,
    0x4d, 0x8a, 0x39, 6 };
/* 1.3.6.1.4.1.311.105.1 and .2; before, 1.2.840.113556.10.1.1 and .2: of a
 * report and of evidence. */
static const uint8_t oe_report[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x69, 1 };
static const uint8_t oe_evidence[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x69, 2 };
static const uint8_t oe_report_old[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14,
    10, 1, 1 };
static const uint8_t oe_evidence_old[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14,
    10, 1, 2 };

const struct atls_bytes ratls_oid_cmw = { cmw, sizeof(cmw) };
const struct atls_bytes ratls_oid_dice = { dice, sizeof(dice) };

static const struct form {
	enum atls_ratls_form	 form;
	struct atls_bytes	 oid;
	enum atls_rc		(*open)(struct atls_bytes,
				    struct atls_ratls *, struct atls_err *);
} forms[] = {
	{ ATLS_RATLS_DICE, { dice, sizeof(dice) }, ratls_dice },
	{ ATLS_RATLS_CMW, { cmw, sizeof(cmw) }, ratls_cmw },
	{ ATLS_RATLS_GRAMINE, { gramine_odd, sizeof(gramine_odd) },
	    ratls_gramine },
	{ ATLS_RATLS_GRAMINE, { gramine, sizeof(gramine) }, ratls_gramine },
	{ ATLS_RATLS_OE, { oe_report, sizeof(oe_report) }, ratls_oe },
	{ ATLS_RATLS_OE, { oe_report_old, sizeof(oe_report_old) }, ratls_oe },
	{ ATLS_RATLS_OE, { oe_evidence, sizeof(oe_evidence) }, ratls_oe },
	{ ATLS_RATLS_OE, { oe_evidence_old, sizeof(oe_evidence_old) },
	    ratls_oe },
};

const char *
atls_ratls_form_name(enum atls_ratls_form f)
{
	switch (f) {
	case ATLS_RATLS_NONE:		return "none";
	case ATLS_RATLS_CMW:		return "cmw";
	case ATLS_RATLS_DICE:		return "dice";
	case ATLS_RATLS_GRAMINE:	return "gramine";
	case ATLS_RATLS_OE:		return "oe";
	}
	return "?";
}

enum atls_rc
ratls_binder(struct atls_bytes spki, uint8_t out[32])
{
	static const uint8_t label[] = "atls ra-tls";	/* with its NUL */
	const struct atls_bytes part[] = { ATLS_ARRAY(label), spki };
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc = crypto_hash(ATLS_SHA256, part, 2, digest);

	memcpy(out, digest, 32);
	return rc;
}

/* Intel, "Intel TDX DCAP Quoting Library API", A.3.1: version, and of version
 * 4 and 5 the TEE. */
enum atls_kind
ratls_quote_kind(struct atls_bytes quote)
{
	struct rd r = rd_of(quote);
	uint64_t version = rd_le(&r, 2), tee;

	(void)rd_le(&r, 2);
	tee = rd_le(&r, 4);
	if (r.rc != ATLS_OK)
		return ATLS_KIND_NONE;
	if (version == 3 || ((version == 4 || version == 5) && tee == 0))
		return ATLS_KIND_SGX;
	if ((version == 4 || version == 5) && tee == 0x81)
		return ATLS_KIND_TDX;
	return ATLS_KIND_NONE;
}

/* RFC 5280, 4.2: one instance of a particular extension, and no more; also of
 * those behind the one that counts. */
static enum atls_rc
find(const struct crypto_cert *c, struct atls_ratls *out,
    struct atls_err *err)
{
	const struct form *first = NULL;
	struct atls_bytes value, found = { NULL, 0 };
	enum atls_rc rc;
	size_t i, n;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		rc = crypto_cert_exts(c, forms[i].oid, &value, &n);
		if (rc != ATLS_OK)
			return err_set(err, rc, "ratls.extensions", 0,
			    "cannot be read");
		if (n > 1)
			return err_set(err, ATLS_E_FORMAT, "ratls.twice", 0,
			    "%s: %zu of them", atls_ratls_form_name(
			    forms[i].form), n);
		if (n == 1 && first == NULL) {
			first = &forms[i];
			found = value;
		}
	}
	if (first == NULL)
		return err_set(err, ATLS_E_NONE, "ratls", 0,
		    "no evidence in the certificate");
	out->form = first->form;
	return first->open(found, out, err);
}

enum atls_rc
atls_ratls_read(struct atls_bytes der, struct atls_ratls *out,
    struct atls_err *err)
{
	struct crypto_cert c;
	enum atls_rc rc;

	*out = (struct atls_ratls){ .form = ATLS_RATLS_NONE };
	if (der.len > ATLS_RATLS_MAX)
		return err_set(err, ATLS_E_LIMIT, "ratls.certificate", 0,
		    "%zu octets", der.len);
	if ((rc = crypto_cert_read(der, &c)) != ATLS_OK)
		return err_set(err, rc, "ratls.certificate", 0,
		    "is no certificate");
	out->spki = c.spki;
	out->from = c.from;
	out->until = c.until;
	if ((rc = find(&c, out, err)) != ATLS_OK)
		*out = (struct atls_ratls){ .form = ATLS_RATLS_NONE };
	return rc;
}

/* Where evidence stands in for PKI nobody else looks at how long the key is,
 * and what else the certificate says. */
static enum atls_rc
check_leaf(const struct crypto_cert *c, struct atls_err *err)
{
	/* as DICE would have them marked */
	static const struct atls_bytes known[] = { { dice, sizeof(dice) },
	    { cmw, sizeof(cmw) }, { dice_endorsements,
	    sizeof(dice_endorsements) } };
	struct crypto_key *key;
	enum atls_rc rc = crypto_key_spki(c->spki, &key);

	if (rc != ATLS_OK)
		return err_set(err, rc, "ratls.key", 0,
		    "is of no kind, form or length that we take");
	crypto_key_free(key);
	rc = crypto_cert_fits(c->der, known, sizeof(known) /
	    sizeof(known[0]));
	if (rc == ATLS_E_UNKNOWN)
		return err_set(err, rc, "ratls.critical", 0,
		    "a critical extension that we do not know");
	return rc == ATLS_OK ? rc : err_set(err, rc, "ratls.key_usage", 0,
	    "its key is not for signatures");
}

enum atls_rc
atls_ratls_check(struct atls_bytes der, int64_t now, struct atls_err *err)
{
	struct crypto_cert c;
	enum atls_rc rc;

	if ((rc = crypto_cert_read(der, &c)) != ATLS_OK)
		return err_set(err, rc, "ratls.certificate", 0,
		    "is no certificate");
	if (now < c.from || now > c.until)
		return err_set(err, ATLS_E_STALE, "ratls.validity", 0,
		    "the certificate is not in force");
	if ((rc = check_leaf(&c, err)) != ATLS_OK || !crypto_cert_self(&c))
		return rc;
	if ((rc = crypto_cert_self_signed(der)) != ATLS_OK)
		return err_set(err, rc, "ratls.signature", 0,
		    "is not by its own key, as it says");
	return ATLS_OK;
}
