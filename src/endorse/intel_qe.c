/* SPDX-License-Identifier: Apache-2.0 */
#include "../codec/hex.h"
#include "intel_in.h"

/*
 * The quoting enclave against its identity: Intel PCS API, "Get Quoting
 * Enclave Identity", "Enclave Identity appraisal".
 */
#define BRIEF	33		/* characters of a value in words, with NUL */

static const char *
brief(char out[BRIEF], struct atls_bytes b)
{
	struct atls_buf buf = { (uint8_t *)out, BRIEF, 0 };
	struct wr w = wr_of(&buf);
	struct rd r = rd_of(b);

	hex_put(&w, rd_take(&r, b.len < BRIEF / 2 ? b.len : BRIEF / 2));
	wr_zeros(&w, 1);
	if (wr_done(&w) != ATLS_OK)
		out[0] = '\0';
	return out;
}

/* Is value, as far as the mask goes, what is wanted?  In what is wanted
 * nothing is outside of the mask. */
static bool
masked_is(struct atls_bytes value, struct atls_bytes mask,
    struct atls_bytes want)
{
	struct rd v = rd_of(value), m = rd_of(mask), w = rd_of(want);
	bool ok = value.len == mask.len && value.len == want.len &&
	    value.len > 0;

	while (ok && v.left > 0)
		ok = (rd_be(&v, 1) & rd_be(&m, 1)) == rd_be(&w, 1);
	return ok;
}

static int
check_miscselect(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    struct atls_err *err)
{
	return evidence_check(trust, err, (p->qe.miscselect &
	    qe->miscselect_mask) == qe->miscselect, ATLS_E_POLICY,
	    "intel.qe.miscselect", "must be as in the QE identity", "0x%08x",
	    (unsigned)p->qe.miscselect);
}

static int
check_attributes(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    struct atls_err *err)
{
	char is[BRIEF];

	return evidence_check(trust, err, masked_is(p->qe.attributes,
	    ATLS_ARRAY(qe->attributes_mask), ATLS_ARRAY(qe->attributes)),
	    ATLS_E_POLICY, "intel.qe.attributes",
	    "must be as in the QE identity", "%s",
	    brief(is, p->qe.attributes));
}

static int
check_mrsigner(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    struct atls_err *err)
{
	char is[BRIEF];

	return evidence_check(trust, err, atls_ct_eq(p->qe.mrsigner,
	    ATLS_ARRAY(qe->mrsigner)), ATLS_E_POLICY, "intel.qe.mrsigner",
	    "must be as in the QE identity", "%s..",
	    brief(is, p->qe.mrsigner));
}

static int
check_isvprodid(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    struct atls_err *err)
{
	return evidence_check(trust, err, p->qe.isvprodid == qe->isvprodid,
	    ATLS_E_POLICY, "intel.qe.isvprodid",
	    "must be as in the QE identity", "%u",
	    (unsigned)p->qe.isvprodid);
}

/* The first level that it reaches. */
static int
check_isvsvn(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    const struct intel_level **level, struct atls_err *err)
{
	size_t i;

	*level = NULL;
	for (i = 0; i < qe->levels.n && *level == NULL; i++)
		if (p->qe.isvsvn >= qe->levels.level[i].isvsvn)
			*level = &qe->levels.level[i];
	return evidence_check(trust, err, *level != NULL, ATLS_E_POLICY,
	    "intel.qe.isvsvn", "must reach a level of the QE identity", "%u",
	    (unsigned)p->qe.isvsvn);
}

int
intel_qe_check(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *qe,
    const struct intel_level **level, struct atls_err *err)
{
	if (check_miscselect(trust, p, qe, err) != 1 ||
	    check_attributes(trust, p, qe, err) != 1 ||
	    check_mrsigner(trust, p, qe, err) != 1 ||
	    check_isvprodid(trust, p, qe, err) != 1 ||
	    check_isvsvn(trust, p, qe, level, err) != 1)
		return 0;
	return 1;
}
