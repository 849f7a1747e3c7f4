/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "intel_doc.h"

#define ADVISORIES_AT_ONCE	64	/* by how many the list grows */
#define ADVISORIES_ALL		8192	/* in a document */

/* In the words of the PCS API. */
static const struct {
	const char		*name;
	enum atls_tcb_status	 status;
	bool			 of_software;	/* of modules and enclaves */
} statuses[] = {
	{ "UpToDate", ATLS_TCB_UP_TO_DATE, true },
	{ "OutOfDate", ATLS_TCB_OUT_OF_DATE, true },
	{ "Revoked", ATLS_TCB_REVOKED, true },
	{ "SWHardeningNeeded", ATLS_TCB_SW_HARDENING_NEEDED, false },
	{ "ConfigurationNeeded", ATLS_TCB_CONFIGURATION_NEEDED, false },
	{ "ConfigurationAndSWHardeningNeeded",
	    ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED, false },
	{ "OutOfDateConfigurationNeeded",
	    ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, false },
};

static enum atls_tcb_status
status_of(struct intel_json *j, json_t *o, bool of_software)
{
	struct atls_bytes text = intel_text(j, o, "tcbStatus");
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (atls_ct_eq(text, (struct atls_bytes){
		    (const uint8_t *)statuses[i].name,
		    strlen(statuses[i].name) }) &&
		    (statuses[i].of_software || !of_software))
			return statuses[i].status;
	intel_fail(j, ATLS_E_UNKNOWN, "tcbStatus", "not a status");
	return ATLS_TCB_NONE;
}

/* "INTEL-SA-00615": a short word of these characters. */
static bool
is_advisory(struct atls_bytes text)
{
	static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t i;

	if (text.len == 0 || text.len >= ATLS_ADVISORY_MAX)
		return false;
	for (i = 0; i < text.len; i++)
		if (text.p[i] == '\0' || strchr(may, text.p[i]) == NULL)
			return false;
	return true;
}

static void
advisory(struct intel_json *j, json_t *v, struct intel_doc *d)
{
	struct atls_bytes text = { (const uint8_t *)json_string_value(v),
	    json_string_length(v) };
	void *p;

	if (!json_is_string(v) || !is_advisory(text)) {
		intel_fail(j, ATLS_E_FORMAT, "advisoryIDs", "not a name");
		return;
	}
	if (d->nadvisory == ADVISORIES_ALL) {
		intel_fail(j, ATLS_E_LIMIT, "advisoryIDs", "too many");
		return;
	}
	if (d->nadvisory == d->cap) {
		p = realloc(d->advisory, (d->cap + ADVISORIES_AT_ONCE) *
		    sizeof(*d->advisory));
		if (p == NULL) {
			intel_fail(j, ATLS_E_MEM, "advisoryIDs", "no memory");
			return;
		}
		d->advisory = p;
		d->cap += ADVISORIES_AT_ONCE;
	}
	memset(d->advisory[d->nadvisory], 0, sizeof(*d->advisory));
	memcpy(d->advisory[d->nadvisory++], text.p, text.len);
}

static void
advisories(struct intel_json *j, json_t *o, struct intel_doc *d,
    struct intel_level *l)
{
	json_t *list = NULL;
	size_t i, n;

	l->advisory = d->nadvisory;
	if (json_object_get(o, "advisoryIDs") != NULL)
		list = intel_member(j, o, "advisoryIDs", JSON_ARRAY);
	if ((n = json_array_size(list)) > ATLS_ADVISORIES_MAX)
		intel_fail(j, ATLS_E_LIMIT, "advisoryIDs", "too many");
	for (i = 0; i < n && j->rc == ATLS_OK; i++)
		advisory(j, json_array_get(list, i), d);
	l->nadvisory = d->nadvisory - l->advisory;
}

void
intel_level_isvsvn(struct intel_json *j, json_t *tcb,
    const struct intel_doc *d, struct intel_level *l)
{
	(void)d;
	l->isvsvn = (uint16_t)intel_number(j, tcb, "isvsvn", UINT16_MAX);
}

void
intel_levels_read(struct intel_json *j, json_t *o, struct intel_doc *d,
    struct intel_levels *out, void (*tcb)(struct intel_json *, json_t *,
    const struct intel_doc *, struct intel_level *))
{
	json_t *list = intel_member(j, o, "tcbLevels", JSON_ARRAY), *v;
	size_t i, n = json_array_size(list);
	struct intel_level *l;

	if (n == 0 || n > INTEL_LEVELS_MAX)
		intel_fail(j, ATLS_E_LIMIT, "tcbLevels", "none or too many");
	if (j->rc != ATLS_OK)
		return;
	if ((out->level = calloc(n, sizeof(*out->level))) == NULL) {
		intel_fail(j, ATLS_E_MEM, "tcbLevels", "no memory");
		return;
	}
	out->n = n;
	for (i = 0; i < n && j->rc == ATLS_OK; i++) {
		l = &out->level[i];
		v = json_array_get(list, i);
		if (!json_is_object(v))
			intel_fail(j, ATLS_E_FORMAT, "tcbLevels",
			    "of something else");
		tcb(j, intel_member(j, v, "tcb", JSON_OBJECT), d, l);
		l->date = intel_date(j, v, "tcbDate");
		l->status = status_of(j, v, tcb == intel_level_isvsvn);
		advisories(j, v, d, l);
	}
}

/* Versions that we read. */
static bool
is_version(const struct intel_doc *d)
{
	if (d->identity)
		return d->version == INTEL_IDENTITY;
	return d->version == INTEL_TCB_INFO ||
	    d->version == INTEL_TCB_INFO_SGX;
}

/* What both have, in the object that is signed. */
static void
body_read(struct intel_json *j, json_t *o, struct intel_doc *d)
{
	d->version = intel_number(j, o, "version", INT32_MAX);
	if (j->rc == ATLS_OK && !is_version(d))
		intel_fail(j, ATLS_E_UNKNOWN, "version", "not one we read");
	d->issued = intel_date(j, o, "issueDate");
	d->until = intel_date(j, o, "nextUpdate");
	if (j->rc == ATLS_OK && d->until <= d->issued)
		intel_fail(j, ATLS_E_FORMAT, "nextUpdate",
		    "not after issueDate");
	d->evaluation = intel_number(j, o, "tcbEvaluationDataNumber",
	    INT32_MAX);
	if (d->identity)
		intel_identity_read(j, o, d);
	else
		intel_tcb_info_read(j, o, d);
}

/* jansson: text, its strings too, is UTF-8; numbers fit json_int_t. */
static json_t *
load(struct intel_json *j, struct atls_bytes text)
{
	json_error_t e;
	json_t *o;

	if (text.len > INTEL_JSON_MAX) {
		intel_fail(j, ATLS_E_LIMIT, "text", "too long");
		return NULL;
	}
	o = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES,
	    &e);
	if (o == NULL)
		intel_fail(j, json_error_code(&e) ==
		    json_error_out_of_memory ? ATLS_E_MEM : ATLS_E_FORMAT,
		    "JSON", e.text);
	return o;
}

enum atls_rc
intel_doc_read(struct atls_bytes text, bool identity, struct intel_doc **out,
    struct atls_err *err)
{
	const char *name = identity ? "enclaveIdentity" : "tcbInfo";
	struct intel_json j = { .err = err, .where = identity ?
	    "intel.qe_identity.form" : "intel.tcb_info.form" };
	json_t *o = load(&j, text);
	struct intel_doc *d;

	*out = NULL;
	if (j.rc != ATLS_OK)
		return j.rc;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		intel_fail(&j, ATLS_E_MEM, name, "no memory");
	else {
		d->identity = identity;
		intel_hex(&j, o, "signature", d->signature,
		    sizeof(d->signature));
		body_read(&j, intel_member(&j, o, name, JSON_OBJECT), d);
		d->body = intel_span(text, name);
		if (d->body.len == 0)
			intel_fail(&j, ATLS_E_FORMAT, name,
			    "its name is written with escapes");
	}
	json_decref(o);
	if (j.rc == ATLS_OK)
		*out = d;
	else
		intel_doc_free(d);
	return j.rc;
}

void
intel_doc_free(struct intel_doc *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->nid; i++)
		free(d->id[i].levels.level);
	free(d->module.levels.level);
	free(d->levels.level);
	free(d->advisory);
	free(d);
}
