/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/rd.h"
#include "../crypto/cert.h"
#include "tpm.h"

/*
 * CAs of clouds, by how their common names begin.  What they certify is the
 * key of a TPM that is a program of theirs, who hold its seed and its state.
 */
static const char *const clouds[] = {
	"EK/AK CA ",			/* Google */
	"tpm_ek_v1_cloud_host-signer-",	/* Google, before */
	"Azure Virtual TPM ", "Azure Cloud Virtual TPM ",
	"Global Virtual TPM CA ",
};

static bool
is_cloud(struct atls_bytes cn)
{
	struct atls_bytes head;
	struct rd r;
	size_t i;

	for (i = 0; i < sizeof(clouds) / sizeof(clouds[0]); i++) {
		head = (struct atls_bytes){ (const uint8_t *)clouds[i],
		    strlen(clouds[i]) };
		r = rd_of(cn);
		if (atls_ct_eq(rd_take(&r, head.len), head))
			return true;
	}
	return false;
}

const char *
tpm_voucher(const struct atls_evidence *ev)
{
	struct crypto_cert c;
	size_t i;

	for (i = 0; i < ev->nchain; i++)
		if (crypto_cert_read(ev->chain[i], &c) == ATLS_OK &&
		    is_cloud(crypto_name_cn(c.issuer)))
			return "the cloud provider, who is the TPM, by "
			    "certificate of its key";
	return "an anchor, by certificate of the TPM's key";
}
