/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/err.h"
#include "../codec/hex.h"
#include "../codec/pem.h"
#include "amd.h"

#define CHAIN_MAX	2	/* cert_chain of the service: ASK, ARK */

void
amd_key_leaf(char out[ATLS_ITEM_KEY_MAX], struct atls_bytes hwid,
    const struct amd_tcb *tcb)
{
	char hex[2 * AMD_CHIP_ID + 1] = "", fmc[12] = "";
	struct atls_buf buf = { (uint8_t *)hex, sizeof(hex) - 1, 0 };
	struct wr w = wr_of(&buf);

	hex_put(&w, hwid);
	hex[wr_done(&w) == ATLS_OK ? buf.len : 0] = '\0';
	if (tcb->fmc)
		(void)snprintf(fmc, sizeof(fmc), "fmcSPL=%u&",
		    tcb->spl[AMD_FMC]);
	(void)snprintf(out, ATLS_ITEM_KEY_MAX,
	    "%s?%sblSPL=%u&teeSPL=%u&snpSPL=%u&ucodeSPL=%u", hex, fmc,
	    tcb->spl[AMD_BOOTLOADER], tcb->spl[AMD_TEE], tcb->spl[AMD_SNP],
	    tcb->spl[AMD_MICROCODE]);
}

void
amd_key_ca(char out[ATLS_ITEM_KEY_MAX], enum amd_product product,
    enum amd_role role)
{
	const char *name = amd_product_name(product);

	(void)snprintf(out, ATLS_ITEM_KEY_MAX, "%c%s%s",
	    tolower((unsigned char)name[0]), name + 1,
	    role == AMD_ASVK ? ":vlek" : "");
}

static enum atls_rc
cert_item(struct atls_bytes der, struct store_item *item,
    struct atls_err *err)
{
	enum atls_item is = item->is.item;
	struct amd_cert c;
	enum atls_rc rc;
	bool fits;

	if ((rc = amd_cert_read(der, &c, err)) != ATLS_OK)
		return rc;
	fits = is == ATLS_VCEK ? c.role == AMD_VCEK :
	    is == ATLS_VLEK ? c.role == AMD_VLEK :
	    is == ATLS_ASK ? c.role == AMD_ASK || c.role == AMD_ASVK :
	    is == ATLS_ARK && c.role == AMD_ARK;
	if (!fits)
		return err_set(err, ATLS_E_UNKNOWN, "amd.item", 0,
		    "a certificate of another sort");
	if (c.role == AMD_VCEK || c.role == AMD_VLEK)
		amd_key_leaf(item->is.key, c.hwid, &c.tcb);
	else
		amd_key_ca(item->is.key, c.product, c.role);
	item->issued = c.from;
	item->until = c.until;
	return ATLS_OK;
}

static enum atls_rc
crl_item(struct atls_bytes der, struct store_item *item, struct atls_err *err)
{
	enum amd_product of;
	enum atls_rc rc;

	rc = amd_crl_read(der, &of, &item->issued, &item->until, err);
	if (rc == ATLS_OK)
		amd_key_ca(item->is.key, of, AMD_ARK);
	return rc;
}

enum atls_rc
amd_der(struct atls_bytes in, const char *label, struct atls_buf *buf,
    struct atls_bytes *der)
{
	struct atls_bytes all[CHAIN_MAX];
	struct rd r = rd_of(in);

	*der = in;
	if (!pem_is(in))
		return ATLS_OK;
	*der = (struct atls_bytes){ NULL, 0 };
	buf->len = 0;
	if ((buf->p = malloc(in.len)) == NULL)
		return ATLS_E_MEM;
	buf->cap = in.len;
	if (pem_get(&r, label, buf, all, CHAIN_MAX) == 0)
		return rd_done(&r) != ATLS_OK ? rd_done(&r) : ATLS_E_FORMAT;
	*der = all[0];
	return ATLS_OK;
}

enum atls_rc
amd_item(struct atls_bytes in, struct store_item *item, struct atls_err *err)
{
	bool crl = item->is.item == ATLS_AMD_CRL;
	struct atls_buf buf = { NULL, 0, 0 };
	struct atls_bytes der;
	enum atls_rc rc;

	if ((rc = amd_der(in, crl ? PEM_CRL : PEM_CERT, &buf, &der)) !=
	    ATLS_OK)
		(void)err_set(err, rc, "amd.item", 0, "PEM, %zu octets",
		    in.len);
	else
		rc = crl ? crl_item(der, item, err) :
		    cert_item(der, item, err);
	free(buf.p);
	return rc;
}
