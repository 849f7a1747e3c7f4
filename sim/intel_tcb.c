/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "intel.h"

/* Levels, best first: they differ in the first component of SGX, and from
 * OutOfDate on in the microcode of TDX. */
static const struct {
	unsigned	 first, microcode;
	const char	*status, *date, *advisory;
} levels[] = {
	{ 7, 7, "UpToDate", "2025-05-14T00:00:00Z", NULL },
	{ 6, 7, "SWHardeningNeeded", "2025-05-14T00:00:00Z",
	    "INTEL-SA-00960" },
	{ 5, 7, "ConfigurationNeeded", "2025-05-14T00:00:00Z",
	    "INTEL-SA-00657" },
	{ 4, 7, "ConfigurationAndSWHardeningNeeded", "2025-05-14T00:00:00Z",
	    "INTEL-SA-00767" },
	{ 3, 5, "OutOfDate", "2024-11-13T00:00:00Z", "INTEL-SA-01036" },
	{ 2, 5, "OutOfDateConfigurationNeeded", "2024-03-13T00:00:00Z",
	    "INTEL-SA-01079" },
	{ 1, 5, "Revoked", "2023-08-09T00:00:00Z", "INTEL-SA-01099" },
};

#define NLEVELS	(sizeof(levels) / sizeof(levels[0]))

/* The last thing in an object. */
static void
standing(struct put *w, const char *date, const char *status,
    const char *advisory)
{
	put_text(w, "\"tcbDate\":\"%s\",\"tcbStatus\":\"%s\"", date, status);
	if (advisory != NULL)
		put_text(w, ",\"advisoryIDs\":[\"%s\"]", advisory);
	put_text(w, "}");
}

static void
components(struct put *w, const char *name, const unsigned svn[INTEL_SVNS])
{
	size_t i;

	put_text(w, "\"%s\":[", name);
	for (i = 0; i < INTEL_SVNS; i++)
		put_text(w, "%s{\"svn\":%u}", i == 0 ? "" : ",", svn[i]);
	put_text(w, "]");
}

static void
level(struct put *w, const struct intel *m, size_t i)
{
	unsigned sgx[INTEL_SVNS] = { 0, 7, 2, 2, 4, 1, 1, 5, 1, 1, 1, 1, 1, 1,
	    1, 1 };
	unsigned tdx[INTEL_SVNS] = { 5, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1 };

	sgx[0] = i == 0 ? m->tcb_first_svn : levels[i].first;
	tdx[2] = levels[i].microcode;
	put_text(w, "%s{\"tcb\":{", i == 0 ? "" : ",");
	components(w, "sgxtcbcomponents", sgx);
	put_text(w, ",\"pcesvn\":13");
	if (m->kind == ATLS_KIND_TDX) {
		put_text(w, ",");
		components(w, "tdxtcbcomponents", tdx);
	}
	put_text(w, "},");
	standing(w, levels[i].date, i == 0 ? m->tcb_status :
	    levels[i].status, levels[i].advisory);
}

/* What the module must be: all zero. */
static void
module(struct put *w, unsigned fault)
{
	const uint8_t signer[48] = { fault == SIM_F_MODULE_SIGNER ? 1 : 0 };

	put_text(w, "\"mrsigner\":\"");
	put_hex(w, ATLS_ARRAY(signer));
	put_text(w, "\",\"attributes\":\"0%d00000000000000\","
	    "\"attributesMask\":\"FFFFFFFFFFFFFFFF\"",
	    fault == SIM_F_MODULE_BITS ? 1 : 0);
}

static void
module_identity(struct put *w, unsigned fault, const char *id,
    unsigned newest)
{
	static const struct { unsigned back; const char *status, *date; }
	    old[] = {
		{ 0, "UpToDate", "2025-05-14T00:00:00Z" },
		{ 1, "OutOfDate", "2024-03-13T00:00:00Z" },
		{ 2, "Revoked", "2023-08-09T00:00:00Z" },
	};
	size_t i;

	put_text(w, "{\"id\":\"%s\",", id);
	module(w, fault);
	put_text(w, ",\"tcbLevels\":[");
	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		put_text(w, "%s{\"tcb\":{\"isvsvn\":%u},", i == 0 ? "" : ",",
		    newest - old[i].back);
		standing(w, old[i].date, old[i].status, i == 0 ? NULL :
		    "INTEL-SA-01192");
	}
	put_text(w, "]}");
}

static void
head(struct put *w, const struct intel_doc *d)
{
	char date[PUT_DATE_MAX];

	put_text(w, "{\"id\":\"%s\",\"version\":%u,", d->id, d->version);
	if (d->repeats)
		put_text(w, "\"version\":%u,", d->version);
	put_text(w, "\"issueDate\":\"%s\",", put_date(d->issued, date));
	put_text(w, "\"nextUpdate\":\"%s\",", put_date(d->next, date));
	put_text(w, "\"tcbEvaluationDataNumber\":%u,", d->evaluation);
}

/* {"name":object,"signature":"r || s over the octets of the object"} */
static void
sign(struct put *w, const char *name, struct put *in,
    const struct intel_doc *d)
{
	struct put sig = { .p = NULL };

	put_fail(w, in->rc);
	sim_put_sign(&sig, &d->by, put_view(in));
	put_fail(w, sig.rc);
	if (d->flip)
		put_flip(&sig, 0);
	put_text(w, "{\"%s\":", name);
	put_bytes(w, put_view(in));
	put_text(w, ",\"signature\":\"");
	put_hex(w, put_view(&sig));
	put_text(w, "\"}");
	put_free(&sig);
	put_free(in);
}

void
intel_tcb_info(struct put *w, const struct intel *m)
{
	struct put in = { .p = NULL };
	size_t i;

	head(&in, &m->tcb);
	put_text(&in, "\"fmspc\":\"");
	put_hex(&in, ATLS_ARRAY(m->tcb_fmspc));
	put_text(&in, "\",\"pceId\":\"");
	put_hex(&in, ATLS_ARRAY(m->tcb_pceid));
	put_text(&in, "\",\"tcbType\":%u,", m->tcb_type);
	if (m->kind == ATLS_KIND_TDX) {
		put_text(&in, "\"tdxModule\":{");
		module(&in, m->o->fault);
		put_text(&in, "},\"tdxModuleIdentities\":[");
		module_identity(&in, m->o->fault, "TDX_03", 3);
		if (!m->no_module) {
			put_text(&in, ",");
			module_identity(&in, m->o->fault, "TDX_01", 5);
		}
		put_text(&in, "],");
	}
	put_text(&in, "\"tcbLevels\":[");
	for (i = 0; i < NLEVELS; i++)
		level(&in, m, i);
	put_text(&in, "]}");
	sign(w, "tcbInfo", &in, &m->tcb);
}

void
intel_identity(struct put *w, const struct intel *m)
{
	uint8_t signer[32];
	struct put in = { .p = NULL };

	sim_octets(signer, sizeof(signer), "qe signer", 0,
	    (struct atls_bytes){ NULL, 0 });
	head(&in, &m->identity);
	put_text(&in, "\"miscselect\":\"00000000\","
	    "\"miscselectMask\":\"FFFFFFFF\","
	    "\"attributes\":\"11000000000000000000000000000000\","
	    "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
	    "\"mrsigner\":\"");
	put_hex(&in, ATLS_ARRAY(signer));
	put_text(&in, "\",\"isvprodid\":%u,\"tcbLevels\":[",
	    m->kind == ATLS_KIND_TDX ? 2u : 1u);
	put_text(&in, "{\"tcb\":{\"isvsvn\":%u},", m->identity_svn);
	standing(&in, "2025-05-14T00:00:00Z", "UpToDate", NULL);
	put_text(&in, ",{\"tcb\":{\"isvsvn\":6},");
	standing(&in, "2023-08-09T00:00:00Z", "OutOfDate", "INTEL-SA-00615");
	put_text(&in, ",{\"tcb\":{\"isvsvn\":5},");
	standing(&in, "2020-08-09T00:00:00Z", "Revoked", "INTEL-SA-00477");
	put_text(&in, "]}");
	sign(w, "enclaveIdentity", &in, &m->identity);
}
