/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <tss2/tss2_rc.h>

#include "dev.h"

enum atls_rc
tpm_tss(struct atls_err *err, const char *where, TSS2_RC r)
{
	TSS2_RC layer = r & TSS2_RC_LAYER_MASK;

	if (layer != TSS2_TPM_RC_LAYER && layer != TSS2_RESMGR_TPM_RC_LAYER &&
	    (r & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_MEMORY)
		return fail_set(err, ATLS_E_MEM, where, "tpm2-tss");
	return fail_set(err, ATLS_E_DEVICE, where, "0x%x %s", (unsigned)r,
	    Tss2_RC_Decode(r));
}

/* The error queue of libcrypto is our caller's: leave nothing in it. */
enum atls_rc
tpm_crypto(struct atls_err *err, const char *where, const char *what)
{
	bool mem = ERR_GET_REASON(ERR_peek_last_error()) ==
	    ERR_R_MALLOC_FAILURE;

	ERR_clear_error();
	return fail_set(err, mem ? ATLS_E_MEM : ATLS_E_CRYPTO, where, "%s",
	    what);
}
