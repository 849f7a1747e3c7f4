/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store.h"

static const struct {
	const char	*name, *file;
} items[ATLS_NITEMS] = {
	[ATLS_ITEM_NONE] = { "none", NULL },
	[ATLS_TCB_INFO] = { "tcb-info", "tcb-info.json" },
	[ATLS_TCB_INFO_CHAIN] = { "tcb-info-chain", "tcb-info-chain.pem" },
	[ATLS_QE_IDENTITY] = { "qe-identity", "qe-identity.json" },
	[ATLS_QE_IDENTITY_CHAIN] = { "qe-identity-chain",
	    "qe-identity-chain.pem" },
	[ATLS_PCK_CRL] = { "pck-crl", "pck-crl.der" },
	[ATLS_PCK_CRL_CHAIN] = { "pck-crl-chain", "pck-crl-chain.pem" },
	[ATLS_ROOT_CA_CRL] = { "root-ca-crl", "root-ca-crl.der" },
	[ATLS_TCB_INFO_EARLY] = { "tcb-info-early", "tcb-info-early.json" },
	[ATLS_VCEK] = { "vcek", "vcek.der" },
	[ATLS_VLEK] = { "vlek", "vlek.der" },
	[ATLS_ASK] = { "ask", "ask.pem" },
	[ATLS_ARK] = { "ark", "ark.pem" },
	[ATLS_AMD_CRL] = { "crl", "crl.der" },
};

const char *
atls_item_name(enum atls_item item)
{
	return (unsigned)item < ATLS_NITEMS ? items[item].name : "none";
}

const char *
atls_item_file(enum atls_item item)
{
	return (unsigned)item < ATLS_NITEMS ? items[item].file : NULL;
}

enum atls_item
atls_item_named(const char *name)
{
	unsigned i;

	for (i = ATLS_ITEM_NONE + 1; i < ATLS_NITEMS; i++)
		if (strcmp(items[i].name, name) == 0)
			return (enum atls_item)i;
	return ATLS_ITEM_NONE;
}
