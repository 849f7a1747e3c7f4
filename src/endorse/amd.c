/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "../codec/der.h"
#include "../crypto/cert.h"
#include "amd.h"

#define EXTENSIONS_MAX	32	/* in one certificate */
#define STRUCT_VERSION	1	/* the highest we know */

/* 1.3.6.1.4.1.3704.1: the arc of what is below. */
static const uint8_t oid_amd[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78,
    0x01 };

/* VCEK, 3.1: one octet, or two, after the arc. */
enum {
	EXT_STRUCT = 0x01, EXT_PRODUCT = 0x02, EXT_HWID = 0x04, EXT_CSP = 0x05,
	EXT_BL = 0x0301, EXT_TEE = 0x0302, EXT_SNP = 0x0303, EXT_SPL4 = 0x0304,
	EXT_SPL5 = 0x0305, EXT_SPL6 = 0x0306, EXT_SPL7 = 0x0307,
	EXT_MICROCODE = 0x0308, EXT_FMC = 0x0309,
};

static const struct {
	const char		*cn;
	enum amd_role		 role;
	enum amd_product	 product;	/* UNKNOWN: an extension */
} names[] = {
	{ "SEV-VCEK",		AMD_VCEK,	AMD_UNKNOWN },
	{ "SEV-VLEK",		AMD_VLEK,	AMD_UNKNOWN },
	{ "SEV-Milan",		AMD_ASK,	AMD_MILAN },
	{ "SEV-Genoa",		AMD_ASK,	AMD_GENOA },
	{ "SEV-Turin",		AMD_ASK,	AMD_TURIN },
	{ "SEV-VLEK-Milan",	AMD_ASVK,	AMD_MILAN },
	{ "SEV-VLEK-Genoa",	AMD_ASVK,	AMD_GENOA },
	{ "SEV-VLEK-Turin",	AMD_ASVK,	AMD_TURIN },
	{ "ARK-Milan",		AMD_ARK,	AMD_MILAN },
	{ "ARK-Genoa",		AMD_ARK,	AMD_GENOA },
	{ "ARK-Turin",		AMD_ARK,	AMD_TURIN },
};

static const char *const products[] = {
	[AMD_MILAN] = "Milan", [AMD_GENOA] = "Genoa", [AMD_TURIN] = "Turin",
};

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

const char *
amd_product_name(enum amd_product p)
{
	return (unsigned)p < NITEMS(products) && p != AMD_UNKNOWN ?
	    products[p] : "unknown";
}

static struct atls_bytes
view(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

/* By its common name. */
static bool
read_name(struct atls_bytes name, enum amd_role *role,
    enum amd_product *product)
{
	struct atls_bytes cn = crypto_name_cn(name);
	size_t i;

	*role = AMD_NO_ROLE;
	*product = AMD_UNKNOWN;
	for (i = 0; cn.len != 0 && i < NITEMS(names); i++)
		if (atls_ct_eq(cn, view(names[i].cn))) {
			*role = names[i].role;
			*product = names[i].product;
		}
	return *role != AMD_NO_ROLE;
}

/* An INTEGER in an extension's OCTET STRING. */
static uint8_t
read_spl(struct rd *r)
{
	return (uint8_t)der_uint(r, DER_INTEGER, UINT8_MAX);
}

/* VCEK, 3.1: "Milan-B0", where the stepping may be left out. */
static enum amd_product
read_product(struct rd *r)
{
	struct rd s = der_get(r, DER_IA5), name, rest;
	enum amd_product p;
	struct atls_bytes b;
	int c;

	for (p = AMD_MILAN; p <= AMD_TURIN; p++) {
		rest = s;
		b = view(products[p]);
		if (!atls_ct_eq(rd_take(&rest, b.len), b))
			continue;
		name = rest;
		if (rd_done(&name) == ATLS_OK)
			return p;
		c = (int)rd_be(&rest, 1);
		if (c == '-' && rest.left == 2)	/* stepping */
			return p;
	}
	rd_fail(r, ATLS_E_UNKNOWN);
	return AMD_UNKNOWN;
}

/* The part that a level is of; NPARTS: none, and it has to be zero. */
static enum amd_part
part_of(unsigned ext)
{
	switch (ext) {
	case EXT_FMC:		return AMD_FMC;
	case EXT_BL:		return AMD_BOOTLOADER;
	case EXT_TEE:		return AMD_TEE;
	case EXT_SNP:		return AMD_SNP;
	case EXT_MICROCODE:	return AMD_MICROCODE;
	}
	return AMD_NPARTS;
}

static void
read_ext(struct rd *v, unsigned ext, struct amd_cert *out)
{
	enum amd_part part = part_of(ext);
	struct rd text;

	switch (ext) {
	case EXT_STRUCT:
		(void)der_uint(v, DER_INTEGER, STRUCT_VERSION);
		break;
	case EXT_PRODUCT:
		out->product = read_product(v);
		break;
	case EXT_HWID:
		out->hwid = rd_rest(v);		/* raw, VCEK, 3.1 */
		break;
	case EXT_CSP:
		text = der_get(v, DER_IA5);
		out->csp = rd_rest(&text);
		break;
	case EXT_SPL4:
	case EXT_SPL5:
	case EXT_SPL6:
	case EXT_SPL7:
		if (read_spl(v) != 0)		/* octets that are reserved */
			rd_fail(v, ATLS_E_UNKNOWN);
		break;
	default:
		if (part == AMD_NPARTS)
			(void)rd_rest(v);	/* not ours to know */
		else
			out->tcb.spl[part] = read_spl(v);
	}
}

/* What follows the arc, as a number; 0: another arc. */
static unsigned
ext_of(struct atls_bytes oid)
{
	struct rd r = rd_of(oid);

	if (!atls_ct_eq(rd_take(&r, sizeof(oid_amd)), ATLS_ARRAY(oid_amd)) ||
	    r.left < 1 || r.left > 2)
		return 0;
	return (unsigned)rd_be(&r, r.left);
}

/* Are all of its kind there, and no other? */
static bool
complete(const struct amd_cert *c, uint32_t has)
{
	size_t chip = c->product == AMD_TURIN ? AMD_CHIP_ID_TURIN :
	    AMD_CHIP_ID;

	if (c->product == AMD_UNKNOWN ||
	    (has | 1U << AMD_FMC) != (1U << AMD_NPARTS) - 1 ||
	    c->tcb.fmc != (c->product == AMD_TURIN))
		return false;
	if (c->role == AMD_VCEK)
		return c->hwid.len == chip && c->csp.len == 0;
	return c->hwid.len == 0;
}

/* The extensions of a VCEK or VLEK: each once. */
static enum atls_rc
read_exts(struct atls_bytes in, struct amd_cert *out, size_t *off)
{
	unsigned seen[EXTENSIONS_MAX], ext;
	struct rd list = rd_of(in), e, v;
	uint32_t has = 0;
	size_t n = 0, i;

	while (list.rc == ATLS_OK && list.left > 0) {
		e = der_get(&list, DER_SEQUENCE);
		ext = ext_of(der_oid(&e));
		if (rd_peek(e) == DER_BOOLEAN)
			(void)der_bool(&e);
		v = der_get(&e, DER_OCTETS);
		for (i = 0; ext != 0 && i < n; i++)
			if (seen[i] == ext)
				rd_fail(&v, ATLS_E_FORMAT);
		if (n == EXTENSIONS_MAX)
			rd_fail(&v, ATLS_E_LIMIT);
		else
			seen[n++] = ext;
		read_ext(&v, ext, out);
		if (part_of(ext) != AMD_NPARTS)
			has |= 1U << part_of(ext);
		rd_close(&e, &v);
		rd_close(&list, &e);
	}
	out->tcb.fmc = (has & 1U << AMD_FMC) != 0;
	if (list.rc == ATLS_OK && !complete(out, has))
		rd_fail(&list, ATLS_E_FORMAT);
	*off = list.off;
	return rd_done(&list);
}

enum atls_rc
amd_cert_read(struct atls_bytes der, struct amd_cert *out,
    struct atls_err *err)
{
	struct crypto_cert c;
	size_t off = 0;
	enum atls_rc rc;

	*out = (struct amd_cert){ .role = AMD_NO_ROLE };
	rc = crypto_cert_read(der, &c);
	if (rc == ATLS_OK &&
	    (!read_name(c.subject, &out->role, &out->product) ||
	    !read_name(c.issuer, &out->issuer, &out->issuer_product)))
		rc = ATLS_E_UNKNOWN;
	out->from = c.from;
	out->until = c.until;
	if (rc == ATLS_OK && (out->role == AMD_VCEK || out->role == AMD_VLEK))
		rc = read_exts(c.extensions, out, &off);
	if (rc != ATLS_OK) {
		*out = (struct amd_cert){ .role = AMD_NO_ROLE };
		return err_set(err, rc, "amd.cert", off, "%zu octets",
		    der.len);
	}
	return ATLS_OK;
}

enum atls_rc
amd_crl_read(struct atls_bytes der, enum amd_product *of, int64_t *issued,
    int64_t *until, struct atls_err *err)
{
	struct crypto_crl c;
	enum amd_role role;
	enum atls_rc rc;

	*of = AMD_UNKNOWN;
	*issued = *until = 0;
	rc = crypto_crl_read(der, &c);
	if (rc == ATLS_OK && (!read_name(c.issuer, &role, of) ||
	    role != AMD_ARK)) {
		*of = AMD_UNKNOWN;
		rc = ATLS_E_UNKNOWN;
	}
	if (rc != ATLS_OK)
		return err_set(err, rc, "amd.crl", 0, "%zu octets", der.len);
	*issued = c.from;
	*until = c.until;
	return ATLS_OK;
}
