/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/date.h"
#include "../codec/der.h"
#include "cert.h"

/* id-at-commonName, 2.5.4.3 */
static const uint8_t oid_cn[] = { 0x55, 0x04, 0x03 };

/* RFC 5280, 4.1.2.5 */
static void
validity(struct rd *tbs, struct crypto_cert *c)
{
	struct rd v = der_get(tbs, DER_SEQUENCE);

	c->from = date_der(&v);
	c->until = date_der(&v);
	rd_close(tbs, &v);
}

/* [3], in it a SEQUENCE: all of them, unread. */
static void
extensions(struct rd *tbs, struct crypto_cert *c)
{
	struct rd e, seq;

	if (rd_peek(*tbs) != DER_CONTEXT + 3)
		return;
	e = der_get(tbs, DER_CONTEXT + 3);
	seq = der_get(&e, DER_SEQUENCE);
	c->extensions = rd_rest(&seq);
	rd_close(&e, &seq);
	rd_close(tbs, &e);
}

enum atls_rc
crypto_cert_read(struct atls_bytes der, struct crypto_cert *out)
{
	struct crypto_cert c = { .der = der };
	struct rd r = rd_of(der), cert = der_get(&r, DER_SEQUENCE);
	struct rd tbs = der_get(&cert, DER_SEQUENCE), serial;

	*out = (struct crypto_cert){ .from = 0 };
	if (rd_peek(tbs) == DER_CONTEXT)	/* version */
		(void)der_get(&tbs, DER_CONTEXT);
	serial = der_get(&tbs, DER_INTEGER);
	c.serial = rd_rest(&serial);
	(void)der_get(&tbs, DER_SEQUENCE);	/* signature */
	c.issuer = der_item(&tbs, DER_SEQUENCE);
	validity(&tbs, &c);
	c.subject = der_item(&tbs, DER_SEQUENCE);
	c.spki = der_item(&tbs, DER_SEQUENCE);
	extensions(&tbs, &c);
	rd_close(&cert, &tbs);
	(void)der_get(&cert, DER_SEQUENCE);	/* signatureAlgorithm */
	(void)der_get(&cert, DER_BIT_STRING);
	rd_close(&r, &cert);
	if (rd_done(&r) == ATLS_OK)
		*out = c;
	return rd_done(&r);
}

/*
 * nextUpdate must be there (RFC 5280, 5.1.2.5).  What the signature does not
 * cover must be DER and say what the signed part says (5.1.1.2).
 */
enum atls_rc
crypto_crl_read(struct atls_bytes der, struct crypto_crl *out)
{
	struct crypto_crl c;
	struct rd r = rd_of(der), crl = der_get(&r, DER_SEQUENCE);
	struct rd tbs = der_get(&crl, DER_SEQUENCE), sig;
	struct atls_bytes alg;

	*out = (struct crypto_crl){ .from = 0 };
	if (rd_peek(tbs) == DER_INTEGER)	/* version */
		(void)der_get(&tbs, DER_INTEGER);
	alg = der_item(&tbs, DER_SEQUENCE);
	c.issuer = der_item(&tbs, DER_SEQUENCE);
	c.from = date_der(&tbs);
	c.until = date_der(&tbs);
	rd_fail(&crl, tbs.rc);			/* what is revoked is left */
	if (!atls_ct_eq(der_item(&crl, DER_SEQUENCE), alg))
		rd_fail(&crl, ATLS_E_FORMAT);
	sig = der_get(&crl, DER_BIT_STRING);
	if (rd_be(&sig, 1) != 0)		/* unused bits */
		rd_fail(&crl, ATLS_E_FORMAT);
	rd_close(&r, &crl);
	if (rd_done(&r) == ATLS_OK)
		*out = c;
	return rd_done(&r);
}

/* RFC 5280, 4.1: extnID, critical or not, extnValue. */
enum atls_rc
crypto_cert_exts(const struct crypto_cert *c, struct atls_bytes oid,
    struct atls_bytes *out, size_t *n)
{
	struct rd r = rd_of(c->extensions), ext, value;
	struct atls_bytes id;

	*out = (struct atls_bytes){ NULL, 0 };
	*n = 0;
	while (r.rc == ATLS_OK && r.left > 0) {
		ext = der_get(&r, DER_SEQUENCE);
		id = der_oid(&ext);
		if (rd_peek(ext) == DER_BOOLEAN)
			(void)der_bool(&ext);
		value = der_get(&ext, DER_OCTETS);
		rd_close(&r, &ext);
		if (r.rc == ATLS_OK && atls_ct_eq(id, oid)) {
			*out = rd_rest(&value);
			(*n)++;
		}
	}
	return rd_done(&r);
}

struct atls_bytes
crypto_cert_ext(const struct crypto_cert *c, struct atls_bytes oid)
{
	struct atls_bytes out;
	size_t n;

	if (crypto_cert_exts(c, oid, &out, &n) != ATLS_OK || n != 1)
		return (struct atls_bytes){ NULL, 0 };
	return out;
}

/* RDNSequence of SETs of AttributeTypeAndValue (RFC 5280, 4.1.2.4). */
struct atls_bytes
crypto_name_cn(struct atls_bytes name)
{
	struct rd r = rd_of(name), seq = der_get(&r, DER_SEQUENCE), set, attr;
	struct atls_bytes out = { NULL, 0 }, id;
	struct rd value;
	unsigned tag;

	while (seq.rc == ATLS_OK && seq.left > 0) {
		set = der_get(&seq, DER_SET);
		while (set.rc == ATLS_OK && set.left > 0) {
			attr = der_get(&set, DER_SEQUENCE);
			id = der_oid(&attr);
			value = der_any(&attr, &tag);
			rd_close(&set, &attr);
			if (set.rc == ATLS_OK &&
			    atls_ct_eq(id, ATLS_ARRAY(oid_cn)))
				out = rd_rest(&value);
		}
		rd_close(&seq, &set);
	}
	rd_close(&r, &seq);
	if (rd_done(&r) != ATLS_OK)
		return (struct atls_bytes){ NULL, 0 };
	return out;
}

bool
crypto_cert_self(const struct crypto_cert *c)
{
	return atls_ct_eq(c->issuer, c->subject);
}
