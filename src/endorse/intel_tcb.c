/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "intel_in.h"

/*
 * A platform against TCB info: Intel PCS API, "Get TCB Info", "TCB Info
 * appraisal"; and, for TDs that run since before an update, the Intel quote
 * verification library's rule for them.
 */
enum { MODULE_SVN, MODULE_VERSION, MICROCODE };	/* octets of TEE_TCB_SVN */

struct work {
	const struct evidence_trust	*trust;
	const struct intel_platform	*p;
	const struct intel_doc		*tcb, *qe;
	struct atls_result		*res;
	char				*lacks;
	const struct intel_module	*module;
	const struct intel_level	*level;		/* of the platform */
	const struct intel_level	*sgx_level;	/* without TDX */
	const struct intel_level	*module_level;	/* or NULL: has none */
	const struct intel_level	*qe_level;
};

static uint8_t
svn(struct atls_bytes b, size_t i)
{
	struct rd r = rd_of(b);

	(void)rd_take(&r, i);
	return (uint8_t)rd_be(&r, 1);
}

static bool
is_out_of_date(enum atls_tcb_status s)
{
	return s == ATLS_TCB_OUT_OF_DATE ||
	    s == ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED ||
	    s == ATLS_TCB_REVOKED;
}

static bool
needs_configuration(enum atls_tcb_status s)
{
	return s == ATLS_TCB_CONFIGURATION_NEEDED ||
	    s == ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
	    s == ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

/* The first thing that a level asks for and the platform has not; in words,
 * unless out is NULL. */
static bool
lacks_sgx(const struct work *w, const struct intel_level *l, char *out)
{
	const struct intel_pck *pck = &w->p->pck;
	size_t i;

	for (i = 0; i < INTEL_SVNS; i++)
		if (pck->svn[i] < l->sgx[i]) {
			if (out != NULL)
				(void)snprintf(out, INTEL_LACKS_MAX,
				    "component %zu is %u, needs %u", i,
				    pck->svn[i], l->sgx[i]);
			return true;
		}
	if (pck->pcesvn >= l->pcesvn)
		return false;
	if (out != NULL)
		(void)snprintf(out, INTEL_LACKS_MAX,
		    "PCESVN is %u, needs %u", pck->pcesvn, l->pcesvn);
	return true;
}

/* A module with a version has an identity with levels of its own, which
 * takes the place of components 0 and 1. */
static bool
lacks_tdx(const struct work *w, const struct intel_level *l, char *out)
{
	struct atls_bytes has = w->p->td.tcb_svn;
	size_t i = svn(has, MODULE_VERSION) > 0 ? MICROCODE : 0;

	for (; i < INTEL_SVNS; i++)
		if (svn(has, i) < l->tdx[i]) {
			if (out != NULL)
				(void)snprintf(out, INTEL_LACKS_MAX,
				    "TDX component %zu is %u, needs %u", i,
				    svn(has, i), l->tdx[i]);
			return true;
		}
	return false;
}

static bool
lacks(const struct work *w, const struct intel_level *l, char *out)
{
	return lacks_sgx(w, l, out) ||
	    (w->p->tee == INTEL_TDX && lacks_tdx(w, l, out));
}

static int
check_form(struct work *w)
{
	const struct intel_platform *p = w->p;
	bool ok = p->qe.attributes.len == 16 && p->qe.mrsigner.len == 32 &&
	    (p->tee == INTEL_SGX || (p->tee == INTEL_TDX &&
	    p->td.tcb_svn.len == INTEL_SVNS &&
	    (p->td.tcb_svn_2.len == 0 || p->td.tcb_svn_2.len == INTEL_SVNS)));

	return evidence_check(w->trust, &w->res->why, ok, ATLS_E_ARG,
	    "intel.platform", "must be whole", "what is known of it");
}

static int
check_fmspc(struct work *w)
{
	return evidence_check(w->trust, &w->res->why, w->tcb->tee ==
	    w->p->tee && atls_ct_eq(ATLS_ARRAY(w->tcb->fmspc),
	    ATLS_ARRAY(w->p->pck.fmspc)), ATLS_E_POLICY,
	    "intel.tcb_info.fmspc", "must be that of the PCK certificate",
	    "of a %s", intel_tee_name(w->tcb->tee));
}

static int
check_pceid(struct work *w)
{
	return evidence_check(w->trust, &w->res->why,
	    atls_ct_eq(ATLS_ARRAY(w->tcb->pceid),
	    ATLS_ARRAY(w->p->pck.pceid)), ATLS_E_POLICY,
	    "intel.tcb_info.pceid", "must be that of the PCK certificate",
	    "%02x%02x", w->tcb->pceid[0], w->tcb->pceid[1]);
}

static const struct intel_module *
module_of(const struct intel_doc *tcb, uint8_t version)
{
	size_t i;

	for (i = 0; i < tcb->nid; i++)
		if (tcb->id[i].version == version)
			return &tcb->id[i];
	return NULL;
}

static int
check_module_identity(struct work *w)
{
	uint8_t version = svn(w->p->td.tcb_svn, MODULE_VERSION);

	w->module = version == 0 ? &w->tcb->module :
	    module_of(w->tcb, version);
	return evidence_check(w->trust, &w->res->why, w->module != NULL,
	    ATLS_E_POLICY, "intel.tdx_module.identity",
	    "must be in the TCB info", "TDX_%02X", version);
}

static int
check_module_mrsigner(struct work *w)
{
	return evidence_check(w->trust, &w->res->why,
	    atls_ct_eq(w->p->td.mrsigner_seam,
	    ATLS_ARRAY(w->module->mrsigner)), ATLS_E_POLICY,
	    "intel.tdx_module.mrsigner", "must be as in the TCB info",
	    "MRSIGNERSEAM");
}

/* Outside of the mask they must be zero. */
static int
check_module_attributes(struct work *w)
{
	const struct intel_module *m = w->module;
	struct rd v = rd_of(w->p->td.seam_attributes);
	struct rd mask = rd_of(ATLS_ARRAY(m->mask));
	struct rd want = rd_of(ATLS_ARRAY(m->attributes));
	uint64_t is = rd_be(&v, 8), bits = rd_be(&mask, 8);
	bool ok = rd_done(&v) == ATLS_OK &&
	    (is & bits) == rd_be(&want, 8) && (is & ~bits) == 0;

	return evidence_check(w->trust, &w->res->why, ok, ATLS_E_POLICY,
	    "intel.tdx_module.attributes", "must be as in the TCB info",
	    "SEAMATTRIBUTES 0x%016llx", (unsigned long long)is);
}

/* The first that it reaches: also for what of it is SGX. */
static int
check_level(struct work *w)
{
	const struct intel_levels *all = &w->tcb->levels;
	char why[INTEL_LACKS_MAX] = "level";
	size_t i;

	for (i = 0; i < all->n && w->level == NULL; i++) {
		if (w->sgx_level == NULL &&
		    !lacks_sgx(w, &all->level[i], NULL))
			w->sgx_level = &all->level[i];
		if (!lacks(w, &all->level[i], NULL))
			w->level = &all->level[i];
	}
	if (w->level == NULL)
		(void)lacks(w, &all->level[all->n - 1], why);
	return evidence_check(w->trust, &w->res->why, w->level != NULL,
	    ATLS_E_POLICY, "intel.tcb.level",
	    "must reach a level of the TCB info", "%s", why);
}

static int
check_module_level(struct work *w)
{
	const struct intel_levels *all = &w->module->levels;
	uint8_t has = svn(w->p->td.tcb_svn, MODULE_SVN);
	size_t i;

	for (i = 0; i < all->n && w->module_level == NULL; i++)
		if (has >= all->level[i].isvsvn)
			w->module_level = &all->level[i];
	return evidence_check(w->trust, &w->res->why,
	    w->module == &w->tcb->module || w->module_level != NULL,
	    ATLS_E_POLICY, "intel.tdx_module.isvsvn",
	    "must reach a level of the TDX module", "%u", has);
}

/* What a part that is out of date, or worse, makes of the whole. */
static enum atls_tcb_status
converge(enum atls_tcb_status s, const struct intel_level *part)
{
	if (part == NULL || s == ATLS_TCB_REVOKED)
		return s;
	if (part->status == ATLS_TCB_REVOKED)
		return ATLS_TCB_REVOKED;
	if (part->status != ATLS_TCB_OUT_OF_DATE)
		return s;
	if (s == ATLS_TCB_UP_TO_DATE || s == ATLS_TCB_SW_HARDENING_NEEDED)
		return ATLS_TCB_OUT_OF_DATE;
	if (s == ATLS_TCB_CONFIGURATION_NEEDED ||
	    s == ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED)
		return ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	return s;
}

/* Is it only that the TD was launched before the module was updated? */
static bool
may_relaunch(const struct work *w, enum atls_tcb_status s)
{
	return w->p->td.tcb_svn_2.len != 0 &&
	    w->module_level != NULL &&
	    w->module_level->status == ATLS_TCB_OUT_OF_DATE &&
	    (s == ATLS_TCB_OUT_OF_DATE ||
	    s == ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) &&
	    !is_out_of_date(w->sgx_level->status) &&
	    !is_out_of_date(w->qe_level->status);
}

/* The module that runs now must be known, too; *newest: it is of the newest
 * level, as is the microcode. */
static int
check_module_now(struct work *w, bool *newest)
{
	struct atls_bytes has = w->p->td.tcb_svn_2;
	const struct intel_level *best = &w->tcb->levels.level[0];
	uint8_t version = svn(has, MODULE_VERSION);
	const struct intel_module *m = version == 0 ? &w->tcb->module :
	    module_of(w->tcb, version);
	uint16_t needs = best->tdx[MODULE_SVN];

	if (m != NULL && version != 0)
		needs = m->levels.level[0].isvsvn;
	*newest = m != NULL && svn(has, MODULE_SVN) >= needs &&
	    svn(has, MICROCODE) >= best->tdx[MICROCODE];
	return evidence_check(w->trust, &w->res->why, m != NULL,
	    ATLS_E_POLICY, "intel.tdx_module.identity_2",
	    "must be in the TCB info", "TDX_%02X", version);
}

static int
check_status(struct work *w)
{
	enum atls_tcb_status s = converge(w->level->status, w->module_level);
	bool newest;

	if (may_relaunch(w, s)) {
		if (check_module_now(w, &newest) != 1)
			return 0;
		if (newest)
			s = needs_configuration(s) ||
			    needs_configuration(w->sgx_level->status) ?
			    ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED :
			    ATLS_TCB_TD_RELAUNCH_ADVISED;
	}
	w->res->tcb.status = converge(s, w->qe_level);
	return 1;
}

/* The date of the next level above that is of another date; 0: none. */
static int64_t
newer_than(const struct intel_levels *all, const struct intel_level *l)
{
	size_t i = (size_t)(l - all->level);

	while (i-- > 0)
		if (all->level[i].date > l->date)
			return all->level[i].date;
	return 0;
}

/* One part of the platform: it is as old as its oldest part that is out of
 * date, and may be newer since the first of the newer levels. */
static void
age(struct work *w, const struct intel_levels *all,
    const struct intel_level *l, bool first)
{
	struct atls_tcb *tcb = &w->res->tcb;
	int64_t newer;

	if (l == NULL || (!first && !is_out_of_date(l->status)))
		return;
	newer = newer_than(all, l);
	if (first || l->date < tcb->date)
		tcb->date = l->date;
	if (newer != 0 && (tcb->newer == 0 || newer < tcb->newer))
		tcb->newer = newer;
}

/* What a level that is not out of date would want; of the nearest one. */
static void
say_lacks(struct work *w)
{
	const struct intel_levels *all = &w->tcb->levels;
	size_t i = (size_t)(w->level - all->level);

	w->lacks[0] = '\0';
	if (is_out_of_date(w->level->status)) {
		while (i-- > 0)
			if (!is_out_of_date(all->level[i].status)) {
				(void)lacks(w, &all->level[i], w->lacks);
				return;
			}
	} else if (w->module_level != NULL &&
	    is_out_of_date(w->module_level->status))
		(void)snprintf(w->lacks, INTEL_LACKS_MAX,
		    "TDX module is %u, needs %u",
		    svn(w->p->td.tcb_svn, MODULE_SVN),
		    w->module->levels.level[0].isvsvn);
	else if (is_out_of_date(w->qe_level->status))
		(void)snprintf(w->lacks, INTEL_LACKS_MAX,
		    "QE is %u, needs %u", (unsigned)w->p->qe.isvsvn,
		    (unsigned)w->qe->levels.level[0].isvsvn);
}

/* The union, each once. */
static bool
add_advisories(struct atls_tcb *tcb, const struct intel_doc *d,
    const struct intel_level *l)
{
	size_t i, k;

	for (i = 0; l != NULL && i < l->nadvisory; i++) {
		const char *id = d->advisory[l->advisory + i];

		for (k = 0; k < tcb->nadvisory; k++)
			if (strcmp(tcb->advisory[k], id) == 0)
				break;
		if (k < tcb->nadvisory)
			continue;
		if (k == ATLS_ADVISORIES_MAX)
			return false;
		memcpy(tcb->advisory[tcb->nadvisory++], id,
		    ATLS_ADVISORY_MAX);
	}
	return true;
}

static int
check_advisories(struct work *w)
{
	struct atls_tcb *tcb = &w->res->tcb;
	bool ok = add_advisories(tcb, w->tcb, w->level) &&
	    add_advisories(tcb, w->tcb, w->module_level) &&
	    add_advisories(tcb, w->qe, w->qe_level);

	return evidence_check(w->trust, &w->res->why, ok, ATLS_E_LIMIT,
	    "intel.tcb.advisories", "must be fewer", "%zu advisories",
	    tcb->nadvisory);
}

static int
check_module(struct work *w)
{
	if (w->p->tee != INTEL_TDX)
		return 1;
	if (check_module_identity(w) != 1 ||
	    check_module_mrsigner(w) != 1 ||
	    check_module_attributes(w) != 1)
		return 0;
	return 1;
}

int
intel_appraise(const struct evidence_trust *trust,
    const struct intel_platform *p, const struct intel_doc *tcb,
    const struct intel_doc *qe, char lacking[INTEL_LACKS_MAX],
    struct atls_result *res)
{
	struct work w = { .trust = trust, .p = p, .tcb = tcb, .qe = qe,
	    .res = res, .lacks = lacking };

	res->tcb = (struct atls_tcb){ .status = ATLS_TCB_NONE };
	lacking[0] = '\0';
	if (check_form(&w) != 1 ||
	    intel_qe_check(trust, p, qe, &w.qe_level, &res->why) != 1 ||
	    check_fmspc(&w) != 1 ||
	    check_pceid(&w) != 1 ||
	    check_module(&w) != 1 ||
	    check_level(&w) != 1 ||
	    (p->tee == INTEL_TDX && check_module_level(&w) != 1) ||
	    check_advisories(&w) != 1 ||
	    check_status(&w) != 1) {
		res->tcb = (struct atls_tcb){ .status = ATLS_TCB_NONE };
		return 0;
	}
	res->tcb.evaluation = tcb->evaluation;
	age(&w, &tcb->levels, w.level, true);
	if (w.module != NULL)
		age(&w, &w.module->levels, w.module_level, false);
	age(&w, &qe->levels, w.qe_level, false);
	say_lacks(&w);
	return 1;
}
