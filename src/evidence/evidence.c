/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "evidence.h"

/* Every kind that this library was built with. */
static const struct evidence_ops *const kinds[ATLS_NKINDS] = {
	[ATLS_KIND_AZ_SNP] = &evidence_az_snp,
	[ATLS_KIND_AZ_TDX] = &evidence_az_tdx,
	[ATLS_KIND_CCA] = &evidence_cca,
	[ATLS_KIND_EAR] = &evidence_ear,
	[ATLS_KIND_NITRO] = &evidence_nitro,
	[ATLS_KIND_PSA] = &evidence_psa,
	[ATLS_KIND_SGX] = &evidence_sgx,
	[ATLS_KIND_SNP] = &evidence_snp,
	[ATLS_KIND_TDX] = &evidence_tdx,
	[ATLS_KIND_TPM] = &evidence_tpm,
};

const struct evidence_ops *
evidence_ops(enum atls_kind kind)
{
	if ((unsigned)kind >= ATLS_NKINDS)
		return NULL;
	return kinds[kind];
}

enum atls_rc
atls_evidence_parse(struct atls_evidence *out, enum atls_kind kind,
    struct atls_bytes raw, struct atls_buf *scratch, struct atls_err *err)
{
	const struct evidence_ops *ops = evidence_ops(kind);
	enum atls_rc rc;

	*out = (struct atls_evidence){ .kind = kind, .raw = raw };
	if (ops == NULL)
		rc = err_set(err, ATLS_E_UNKNOWN, "evidence.kind", 0, "%d",
		    (int)kind);
	else
		rc = ops->parse(raw, scratch, out, err);
	if (rc != ATLS_OK)
		*out = (struct atls_evidence){ .kind = ATLS_KIND_NONE };
	return rc;
}

const struct atls_claim *
atls_evidence_claim(const struct atls_evidence *ev, const char *name)
{
	size_t i;

	for (i = 0; i < ev->nclaim; i++)
		if (strcmp(ev->claim[i].name, name) == 0)
			return &ev->claim[i];
	return NULL;
}

const char *
atls_kind_claim(enum atls_kind kind, size_t i, enum atls_claim_type *type,
    bool *measurement)
{
	const struct evidence_ops *ops = evidence_ops(kind);

	if (ops == NULL || i >= ops->nclaim)
		return NULL;
	if (type != NULL)
		*type = ops->claim[i].type;
	if (measurement != NULL)
		*measurement = ops->claim[i].measurement;
	return ops->claim[i].name;
}

const char *
atls_kind_name(enum atls_kind kind)
{
	const struct evidence_ops *ops = evidence_ops(kind);

	return ops == NULL ? "none" : ops->name;
}

enum atls_kind
atls_kind_named(const char *name)
{
	unsigned i;

	for (i = 0; i < ATLS_NKINDS; i++)
		if (kinds[i] != NULL && strcmp(kinds[i]->name, name) == 0)
			return kinds[i]->kind;
	return ATLS_KIND_NONE;
}

const char *
atls_kind_media(enum atls_kind kind)
{
	const struct evidence_ops *ops = evidence_ops(kind);

	return ops == NULL ? NULL : ops->media;
}
