/* SPDX-License-Identifier: Apache-2.0 */
#include "tsm.h"

const struct tsm_kind tsm_tdx = { "tdx_guest", 0, false };
const struct tsm_kind tsm_snp = { "sev_guest", TSM_SNP_REPORT, true };
const struct tsm_kind tsm_cca = { "arm_cca_guest", 0, false };

static enum atls_rc
open_tdx(void **dev, const char *where, struct atls_err *err)
{
	return tsm_open(dev, &tsm_tdx, where, &att_os, err);
}

static enum atls_rc
open_snp(void **dev, const char *where, struct atls_err *err)
{
	return tsm_open(dev, &tsm_snp, where, &att_os, err);
}

static enum atls_rc
open_cca(void **dev, const char *where, struct atls_err *err)
{
	return tsm_open(dev, &tsm_cca, where, &att_os, err);
}

const struct atls_attester atls_attester_tsm_tdx = {
	.name = "tsm-tdx", .kind = ATLS_KIND_TDX, .open = open_tdx,
	.quote = tsm_quote, .identity = NULL, .close = tsm_close,
};

const struct atls_attester atls_attester_tsm_snp = {
	.name = "tsm-snp", .kind = ATLS_KIND_SNP, .open = open_snp,
	.quote = tsm_quote, .identity = NULL, .close = tsm_close,
};

const struct atls_attester atls_attester_tsm_cca = {
	.name = "tsm-cca", .kind = ATLS_KIND_CCA, .open = open_cca,
	.quote = tsm_quote, .identity = NULL, .close = tsm_close,
};
