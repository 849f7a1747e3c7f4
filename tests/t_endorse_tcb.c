/* SPDX-License-Identifier: Apache-2.0 */
/* How far a platform is up to date: which level it reaches, what its module
 * and its QE make of that, and what the next evaluation will. */
#include <stdlib.h>
#include <string.h>

#include "intel_make.h"
#include "t.h"

#define UTD	ATLS_TCB_UP_TO_DATE
#define SWH	ATLS_TCB_SW_HARDENING_NEEDED
#define OOD	ATLS_TCB_OUT_OF_DATE
#define OODCN	ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define CN	ATLS_TCB_CONFIGURATION_NEEDED
#define RVK	ATLS_TCB_REVOKED
#define RLA	ATLS_TCB_TD_RELAUNCH_ADVISED
#define RLACN	ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
#define NO	ATLS_TCB_NONE

#define D2024_09 INT64_C(1725148800)	/* dates of levels */
#define D2024_03 INT64_C(1710288000)
#define D2024_01 INT64_C(1709251200)	/* 2024-03-01 */
#define D2023_08 INT64_C(1691539200)
#define D2023_03 INT64_C(1678665600)

static struct made *m;

/* Like all of 13 and 5, but: */
static const struct row {
	const char		*what;
	uint16_t		 pcesvn;
	uint8_t			 svn7;		/* component 7 */
	uint8_t			 td[3];		/* TEE_TCB_SVN */
	uint8_t			 td_2[3];	/* all zero: TD 1.0 */
	uint16_t		 qe;
	enum atls_item		 item;		/* of which this is changed */
	const char		*was, *is;
	enum atls_tcb_status	 status;
	const char		*advisories;	/* or where, if there is none */
	int64_t			 date, newer;
} rows[] = {
	{ "up to date", 13, 5, { 4, 3, 6 }, { 0 }, 4, 0, "", "", UTD, "",
	    D2024_03, 0 },
	{ "more than that", 14, 9, { 7, 3, 9 }, { 7, 3, 9 }, 9, 0, "", "",
	    UTD, "", D2024_03, 0 },
	{ "older PCE", 12, 5, { 4, 3, 6 }, { 0 }, 4, 0, "", "", SWH, "1",
	    D2024_03, 0 },
	{ "older component", 13, 4, { 4, 3, 6 }, { 0 }, 4, 0, "", "", OOD,
	    "12", D2023_08, D2024_03 },
	{ "older TDX component", 13, 5, { 4, 3, 5 }, { 0 }, 4, 0, "", "", OOD,
	    "12", D2023_08, D2024_03 },
	{ "PCE of no level", 10, 5, { 4, 3, 6 }, { 0 }, 4, 0, "", "", NO,
	    "intel.tcb.level", 0, 0 },
	{ "component of no level", 13, 3, { 4, 3, 6 }, { 0 }, 4, 0, "", "",
	    NO, "intel.tcb.level", 0, 0 },
	{ "TDX component of no level", 13, 5, { 4, 3, 4 }, { 0 }, 4, 0, "",
	    "", NO, "intel.tcb.level", 0, 0 },
	{ "level that is revoked", 13, 4, { 4, 3, 6 }, { 0 }, 4,
	    ATLS_TCB_INFO, "\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00001",
	    "\"Revoked\",\"advisoryIDs\":[\"INTEL-SA-00001", RVK, "12",
	    D2023_08, D2024_03 },

	{ "module without version", 13, 5, { 5, 0, 6 }, { 0 }, 4, 0, "", "",
	    UTD, "", D2024_03, 0 },
	{ "that is older", 13, 5, { 4, 0, 6 }, { 0 }, 4, 0, "", "", OOD, "12",
	    D2023_08, D2024_03 },
	{ "of no level", 13, 5, { 3, 0, 6 }, { 0 }, 4, 0, "", "", NO,
	    "intel.tcb.level", 0, 0 },
	{ "module of another version", 13, 5, { 2, 1, 6 }, { 0 }, 4, 0, "",
	    "", UTD, "", D2024_03, 0 },
	{ "of no level", 13, 5, { 1, 1, 6 }, { 0 }, 4, 0, "", "", NO,
	    "intel.tdx_module.isvsvn", 0, 0 },
	{ "of no such version", 13, 5, { 9, 2, 6 }, { 0 }, 4, 0, "", "", NO,
	    "intel.tdx_module.identity", 0, 0 },
	{ "older module", 13, 5, { 3, 3, 6 }, { 0 }, 4, 0, "", "", OOD, "3",
	    D2024_01, D2024_09 },
	{ "older PCE and module", 11, 5, { 3, 3, 6 }, { 0 }, 4, 0, "", "",
	    OOD, "13", D2024_01, D2024_09 },
	{ "configuration, older module", 11, 5, { 3, 3, 6 }, { 0 }, 4,
	    ATLS_TCB_INFO, "\"SWHardeningNeeded\"", "\"ConfigurationNeeded\"",
	    OODCN, "13", D2024_01, D2024_09 },
	{ "configuration", 11, 5, { 4, 3, 6 }, { 0 }, 4, ATLS_TCB_INFO,
	    "\"SWHardeningNeeded\"", "\"ConfigurationNeeded\"", CN, "1",
	    D2024_03, 0 },
	{ "both, older module", 11, 5, { 3, 3, 6 }, { 0 }, 4, ATLS_TCB_INFO,
	    "\"SWHardeningNeeded\"", "\"ConfigurationAndSWHardeningNeeded\"",
	    OODCN, "13", D2024_01, D2024_09 },
	{ "module that is revoked", 13, 5, { 3, 3, 6 }, { 4, 3, 6 }, 4,
	    ATLS_TCB_INFO, "\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00003",
	    "\"Revoked\",\"advisoryIDs\":[\"INTEL-SA-00003", RVK, "3",
	    D2024_01, D2024_09 },

	{ "module updated since", 13, 5, { 3, 3, 6 }, { 4, 3, 6 }, 4, 0, "",
	    "", RLA, "3", D2024_01, D2024_09 },
	{ "not to the newest", 13, 5, { 3, 3, 6 }, { 3, 3, 6 }, 4, 0, "", "",
	    OOD, "3", D2024_01, D2024_09 },
	{ "not the microcode", 13, 5, { 3, 3, 5 }, { 4, 3, 5 }, 4, 0, "", "",
	    OOD, "123", D2023_08, D2024_03 },
	{ "both updated", 13, 5, { 3, 3, 5 }, { 4, 3, 6 }, 4, 0, "", "", RLA,
	    "123", D2023_08, D2024_03 },
	{ "only the microcode was old", 13, 5, { 4, 3, 5 }, { 4, 3, 6 }, 4, 0,
	    "", "", OOD, "12", D2023_08, D2024_03 },
	{ "platform old, too", 13, 4, { 3, 3, 6 }, { 4, 3, 6 }, 4, 0, "", "",
	    OOD, "123", D2023_08, D2024_03 },
	{ "QE old, too", 13, 5, { 3, 3, 6 }, { 4, 3, 6 }, 3, 0, "", "", OOD,
	    "34", D2023_03, D2024_03 },
	{ "updated to one unknown", 13, 5, { 3, 3, 6 }, { 9, 9, 6 }, 4, 0, "",
	    "", NO, "intel.tdx_module.identity_2", 0, 0 },
	{ "to one without version", 13, 5, { 3, 3, 6 }, { 5, 0, 6 }, 4, 0, "",
	    "", RLA, "3", D2024_01, D2024_09 },
	{ "to an old one without", 13, 5, { 3, 3, 6 }, { 4, 0, 6 }, 4, 0, "",
	    "", OOD, "3", D2024_01, D2024_09 },
	{ "hardening, updated since", 11, 5, { 3, 3, 6 }, { 4, 3, 6 }, 4, 0,
	    "", "", RLA, "13", D2024_01, D2024_09 },
	{ "configuration, updated since", 11, 5, { 3, 3, 6 }, { 4, 3, 6 }, 4,
	    ATLS_TCB_INFO, "\"SWHardeningNeeded\"", "\"ConfigurationNeeded\"",
	    RLACN, "13", D2024_01, D2024_09 },

	{ "older QE", 13, 5, { 4, 3, 6 }, { 0 }, 3, 0, "", "", OOD, "4",
	    D2023_03, D2024_03 },
	{ "older QE and PCE", 11, 5, { 4, 3, 6 }, { 0 }, 3, 0, "", "", OOD,
	    "14", D2023_03, D2024_03 },
	{ "QE of no level", 13, 5, { 4, 3, 6 }, { 0 }, 2, 0, "", "", NO,
	    "intel.qe.isvsvn", 0, 0 },
	{ "QE that is revoked", 13, 5, { 4, 3, 6 }, { 0 }, 3,
	    ATLS_QE_IDENTITY, "\"OutOfDate\"", "\"Revoked\"", RVK, "4",
	    D2023_03, D2024_03 },
};

/* The platform of a row. */
static void
platform(const struct row *r, struct intel_platform *p, uint8_t td[2][16])
{
	*p = m->p;
	if (intel_pck_parse((struct atls_bytes){ m->pck.der, m->pck.len },
	    &p->pck, NULL) != ATLS_OK)
		abort();
	p->pck.pcesvn = r->pcesvn;
	p->pck.svn[7] = r->svn7;
	p->qe.isvsvn = r->qe;
	memset(td, 0, 32);
	memcpy(td[0], r->td, 3);
	memcpy(td[1], r->td_2, 3);
	p->td.tcb_svn = (struct atls_bytes){ td[0], 16 };
	p->td.tcb_svn_2 = r->td_2[2] != 0 ?
	    (struct atls_bytes){ td[1], 16 } : (struct atls_bytes){ NULL, 0 };
}

static int
check(struct atls_collateral *c, const struct intel_platform *p,
    struct atls_result *res)
{
	struct evidence_trust trust = { .anchors = m->trust, .collateral = c,
	    .now = NOW };

	*res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	return intel_tcb_check(&trust, p, res);
}

/* "13" for INTEL-SA-00001 and INTEL-SA-00003. */
static bool
advises(const struct atls_tcb *tcb, const char *digits)
{
	char id[ATLS_ADVISORY_MAX];
	size_t i;

	if (tcb->nadvisory != strlen(digits))
		return false;
	for (i = 0; i < tcb->nadvisory; i++) {
		(void)snprintf(id, sizeof(id), "INTEL-SA-0000%c", digits[i]);
		if (strcmp(tcb->advisory[i], id) != 0)
			return false;
	}
	return true;
}

static void
t_rows(void)
{
	struct atls_collateral *c;
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char *body;
	size_t i;
	int ok;

	for (i = 0; i < NITEMS(rows); i++) {
		const struct row *r = &rows[i];

		c = made_store(m);
		if (r->item != ATLS_ITEM_NONE) {
			body = made_with(r->item == ATLS_TCB_INFO ?
			    made_tcb_info : made_qe_identity, r->was, r->is);
			made_put_body(m, c, r->item, body);
			free(body);
		}
		platform(r, &p, td);
		ok = check(c, &p, &res);
		if (r->status == NO)
			T(ok == 0 && res.tcb.status == NO &&
			    strcmp(res.why.where, r->advisories) == 0 &&
			    res.why.rc == ATLS_E_POLICY, "%s: %s %s",
			    r->what, res.why.where, res.why.detail);
		else
			T(ok == 1 && res.tcb.status == r->status &&
			    advises(&res.tcb, r->advisories) &&
			    res.tcb.date == r->date &&
			    res.tcb.newer == r->newer, "%s: %d, %zu "
			    "advisories, %lld %lld %s", r->what,
			    (int)res.tcb.status, res.tcb.nadvisory,
			    (long long)res.tcb.date,
			    (long long)res.tcb.newer, res.why.detail);
		atls_collateral_free(c);
	}
}

static void
refused(const struct intel_platform *p, enum atls_rc rc, const char *where,
    const char *what)
{
	struct atls_collateral *c = made_store(m);
	struct atls_result res;

	T(check(c, p, &res) == 0 && res.why.rc == rc &&
	    strcmp(res.why.where, where) == 0, "%s: %s %s", what,
	    res.why.where, res.why.detail);
	atls_collateral_free(c);
}

static void
t_platform(void)
{
	static uint8_t one[48] = { 1 }, last[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct intel_platform good, p;
	uint8_t td[2][16];

	platform(&rows[0], &good, td);
	p = good;
	p.td.mrsigner_seam = ATLS_ARRAY(one);
	refused(&p, ATLS_E_POLICY, "intel.tdx_module.mrsigner",
	    "module of another signer");
	p = good;
	p.td.mrsigner_seam.len = 47;
	refused(&p, ATLS_E_POLICY, "intel.tdx_module.mrsigner",
	    "signer is short");
	p = good;
	p.td.seam_attributes = ATLS_ARRAY(last);
	refused(&p, ATLS_E_POLICY, "intel.tdx_module.attributes",
	    "module's attributes");
	p.td.seam_attributes.len = 7;
	refused(&p, ATLS_E_POLICY, "intel.tdx_module.attributes",
	    "attributes are short");
	p = good;
	p.td.tcb_svn.len = 15;
	refused(&p, ATLS_E_ARG, "intel.platform", "SVN is short");
	p = good;
	p.qe.mrsigner.len = 31;
	refused(&p, ATLS_E_ARG, "intel.platform", "QE's signer is short");
	p = good;
	p.qe.mrsigner = (struct atls_bytes){ one, 32 };
	refused(&p, ATLS_E_POLICY, "intel.qe.mrsigner", "QE's signer");
	p = good;
	p.qe.attributes = (struct atls_bytes){ one, 16 };
	refused(&p, ATLS_E_POLICY, "intel.qe.attributes", "QE's attributes");
	p = good;
	p.qe.miscselect = 1;
	refused(&p, ATLS_E_POLICY, "intel.qe.miscselect", "QE's MISCSELECT");
	p = good;
	p.qe.isvprodid = 1;
	refused(&p, ATLS_E_POLICY, "intel.qe.isvprodid", "QE's product");
	p = good;
	p.pck.pceid[1] = 1;
	refused(&p, ATLS_E_POLICY, "intel.tcb_info.pceid", "PCEID");
	p = good;
	p.pck.fmspc[5] = 1;
	refused(&p, ATLS_E_NONE, "intel.tcb_info", "FMSPC");
	p = good;
	p.tee = (enum intel_tee)0;
	refused(&p, ATLS_E_NONE, "intel.qe_identity", "no TEE");
}

/* Bits of SEAMATTRIBUTES that no mask lets be. */
static void
t_mask(void)
{
	static const uint8_t last[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct atls_collateral *c = made_store(m);
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char *body = made_with(made_tcb_info, "\"0000000000000000\","
	    "\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\"",
	    "\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFF00\","
	    "\"tcbLevels\"");

	made_put_body(m, c, ATLS_TCB_INFO, body);
	platform(&rows[0], &p, td);
	T(check(c, &p, &res) == 1, "zero: %s", res.why.detail);
	p.td.seam_attributes = ATLS_ARRAY(last);
	T(check(c, &p, &res) == 0 && strcmp(res.why.where,
	    "intel.tdx_module.attributes") == 0, "outside of the mask: %s",
	    res.why.where);
	free(body);
	atls_collateral_free(c);
}

/* TDX has no say in what SGX is. */
static void
t_sgx(void)
{
	struct atls_collateral *c = made_store(m);
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char *tcb = made_with(made_tcb_info, "\"TDX\"", "\"SGX\"");
	char *qe = made_with(made_qe_identity, "\"TD_QE\"", "\"QE\"");

	made_put_body(m, c, ATLS_TCB_INFO, tcb);
	made_put_body(m, c, ATLS_QE_IDENTITY, qe);
	platform(&rows[0], &p, td);
	p.tee = INTEL_SGX;
	memset(&p.td, 0, sizeof(p.td));
	T(check(c, &p, &res) == 1 && res.tcb.status == UTD, "%s %s",
	    res.why.where, res.why.detail);
	p.pck.svn[7] = 4;
	T(check(c, &p, &res) == 1 && res.tcb.status == OOD, "%s",
	    res.why.detail);
	free(tcb);
	free(qe);
	atls_collateral_free(c);
}

/* 48 advisories of one level, and the QE has another. */
static void
t_advisories(void)
{
	struct atls_collateral *c = made_store(m);
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char list[48 * 20] = "[\"INTEL-SA-00001\"", *body;
	unsigned i;

	for (i = 0; i < 47; i++)
		(void)sprintf(list + strlen(list), ",\"INTEL-SA-1%04u\"", i);
	(void)strcat(list, "]");
	body = made_with(made_tcb_info, "[\"INTEL-SA-00001\"]", list);
	made_put_body(m, c, ATLS_TCB_INFO, body);
	platform(&rows[0], &p, td);
	p.pck.pcesvn = 11;
	T(check(c, &p, &res) == 1 && res.tcb.nadvisory == 48, "48: %s",
	    res.why.detail);
	p.qe.isvsvn = 3;
	T(check(c, &p, &res) == 0 && res.why.rc == ATLS_E_LIMIT &&
	    strcmp(res.why.where, "intel.tcb.advisories") == 0 &&
	    res.tcb.nadvisory == 0, "49: %s", res.why.where);
	free(body);
	atls_collateral_free(c);
}

static void
outlook(const struct pki_cert *by, const char *was, const char *is,
    const char *more, const char *want)
{
	struct atls_collateral *c = made_store(m);
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char *a = made_with(made_tcb_info, "Number\":17", more);
	char *b = made_with(a, was, is);
	char *text = made_signed(by, "tcbInfo", b);

	made_put(c, ATLS_TCB_INFO_EARLY, text);
	platform(&rows[0], &p, td);
	T(check(c, &p, &res) == 1 && res.tcb.status == UTD &&
	    res.tcb.evaluation == 17 && res.not_after == 1761868800,
	    "%s: does not matter now: %s", more, res.why.detail);
	T(strcmp(res.tcb.outlook, want) == 0, "%s", res.tcb.outlook);
	free(text);
	free(b);
	free(a);
	atls_collateral_free(c);
}

static void
t_outlook(void)
{
	static const char first[] = "\"tcbLevels\":[{\"tcb\":{\"sgx"
	    "tcbcomponents\":[{\"svn\":5},{\"svn\":5},{\"svn\":2},"
	    "{\"svn\":2},";
	static const char next[] = "\"tcbLevels\":[{\"tcb\":{\"sgx"
	    "tcbcomponents\":[{\"svn\":5},{\"svn\":5},{\"svn\":2},"
	    "{\"svn\":8},";
	struct pki_cert evil = pki_cert(&(struct pki_ask){
	    .cn = "Test SGX TCB Signing" }, NULL, NOW);

	outlook(&m->signing, "{", "{", "Number\":18",
	    "under the next TCB evaluation (number 18, from 2024-03-13): "
	    "UpToDate");
	outlook(&m->signing, "\"pcesvn\":13", "\"pcesvn\":14", "Number\":18",
	    "under the next TCB evaluation (number 18, from 2024-03-13): "
	    "SWHardeningNeeded");
	outlook(&m->signing, first, next, "Number\":18",
	    "under the next TCB evaluation (number 18, from 2024-03-13): "
	    "SWHardeningNeeded");
	outlook(&m->signing, "\"isvsvn\":4},\"tcbDate\":\"2024-09",
	    "\"isvsvn\":5},\"tcbDate\":\"2024-09", "Number\":19",
	    "under the next TCB evaluation (number 19, from 2024-03-13): "
	    "OutOfDate: TDX module is 4, needs 5");
	outlook(&m->signing, "\"SWHardeningNeeded\"", "\"OutOfDate\"",
	    "Number\":18\x20", "under the next TCB evaluation (number 18, "
	    "from 2024-03-13): UpToDate");
	outlook(&m->signing, "TDX_03", "TDX_04", "Number\":18",
	    "under the next TCB evaluation (number 18, from 2024-03-13): not "
	    "supported: TDX_03: must be in the TCB info");
	outlook(&m->signing, "{", "{", "Number\":17 ", "");
	outlook(&m->signing, "{", "{", "Number\":16", "");
	outlook(&m->signing, "2025-10-31", "2025-10-09", "Number\":18", "");
	outlook(&evil, "{", "{", "Number\":18", "");
	pki_cert_free(&evil);
}

/* What the nearest good level wants, in the words of the header. */
static void
t_lacks(void)
{
	struct atls_collateral *c = made_store(m);
	struct intel_platform p;
	struct atls_result res;
	uint8_t td[2][16];
	char *body = made_with(made_tcb_info, "Number\":17", "Number\":18");

	made_put_body(m, c, ATLS_TCB_INFO_EARLY, body);
	platform(&rows[0], &p, td);
	p.pck.svn[7] = 4;
	T(check(c, &p, &res) == 1 && strcmp(res.tcb.outlook,
	    "under the next TCB evaluation (number 18, from 2024-03-13): "
	    "OutOfDate: component 7 is 4, needs 5") == 0, "%s",
	    res.tcb.outlook);
	p.pck.svn[7] = 3;
	T(check(c, &p, &res) == 0 && strcmp(res.why.detail,
	    "component 7 is 3, needs 4: must reach a level of the TCB info")
	    == 0, "%s", res.why.detail);
	free(body);
	atls_collateral_free(c);
}

int
main(void)
{
	m = made_new();
	t_rows();
	t_platform();
	t_mask();
	t_sgx();
	t_advisories();
	t_outlook();
	t_lacks();
	made_free(m);
	return t_end("t_endorse_tcb");
}
