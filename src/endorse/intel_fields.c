/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "../base/rd.h"
#include "../codec/hex.h"
#include "intel_doc.h"

static bool
is(struct atls_bytes text, const char *s)
{
	return atls_ct_eq(text, (struct atls_bytes){ (const uint8_t *)s,
	    strlen(s) });
}

/* Version 3: "sgxtcbcomponents": [{"svn":5}, ... 16 of them]. */
static void
components(struct intel_json *j, json_t *tcb, const char *name,
    uint8_t out[INTEL_SVNS])
{
	json_t *list = intel_member(j, tcb, name, JSON_ARRAY), *v;
	size_t i;

	if (json_array_size(list) != INTEL_SVNS)
		intel_fail(j, ATLS_E_FORMAT, name, "not 16");
	for (i = 0; i < INTEL_SVNS && j->rc == ATLS_OK; i++) {
		v = json_array_get(list, i);
		if (!json_is_object(v))
			intel_fail(j, ATLS_E_FORMAT, name, "not objects");
		out[i] = (uint8_t)intel_number(j, v, "svn", UINT8_MAX);
	}
}

static void
level(struct intel_json *j, json_t *tcb, const struct intel_doc *d,
    struct intel_level *l)
{
	components(j, tcb, "sgxtcbcomponents", l->sgx);
	if (d->tee == INTEL_TDX)
		components(j, tcb, "tdxtcbcomponents", l->tdx);
	l->pcesvn = (uint16_t)intel_number(j, tcb, "pcesvn", UINT16_MAX);
}

/* Version 2: "sgxtcbcomp01svn":5, ... "sgxtcbcomp16svn". */
static void
level_2(struct intel_json *j, json_t *tcb, const struct intel_doc *d,
    struct intel_level *l)
{
	char name[sizeof("sgxtcbcomp00svn")];
	unsigned i;

	(void)d;
	for (i = 0; i < INTEL_SVNS; i++) {
		(void)snprintf(name, sizeof(name), "sgxtcbcomp%02usvn",
		    (i + 1) % 100);
		l->sgx[i] = (uint8_t)intel_number(j, tcb, name, UINT8_MAX);
	}
	l->pcesvn = (uint16_t)intel_number(j, tcb, "pcesvn", UINT16_MAX);
}

static void
module(struct intel_json *j, json_t *o, struct intel_module *m)
{
	intel_hex(j, o, "mrsigner", m->mrsigner, sizeof(m->mrsigner));
	intel_hex(j, o, "attributes", m->attributes, sizeof(m->attributes));
	intel_hex(j, o, "attributesMask", m->mask, sizeof(m->mask));
}

/* "TDX_03": the version in two hexadecimal digits, never zero. */
static uint8_t
module_version(struct intel_json *j, json_t *o)
{
	struct atls_bytes text = intel_text(j, o, "id");
	struct rd r = rd_of(text);
	unsigned hi, lo;

	if (!is(rd_take(&r, 4), "TDX_"))
		rd_fail(&r, ATLS_E_FORMAT);
	hi = hex_digit((unsigned)rd_be(&r, 1));
	lo = hex_digit((unsigned)rd_be(&r, 1));
	if (rd_done(&r) != ATLS_OK || hi == HEX_NONE || lo == HEX_NONE ||
	    hi + lo == 0) {
		intel_fail(j, ATLS_E_FORMAT, "id", "not of a TDX module");
		return 0;
	}
	return (uint8_t)(hi << 4 | lo);
}

static void
modules(struct intel_json *j, json_t *o, struct intel_doc *d)
{
	static const char name[] = "tdxModuleIdentities";
	json_t *list = NULL, *v;
	struct intel_module *m;
	size_t i, k, n;

	module(j, intel_member(j, o, "tdxModule", JSON_OBJECT), &d->module);
	if (json_object_get(o, name) != NULL)
		list = intel_member(j, o, name, JSON_ARRAY);
	if ((n = json_array_size(list)) > INTEL_MODULES_MAX)
		intel_fail(j, ATLS_E_LIMIT, name, "too many");
	for (i = 0; i < n && j->rc == ATLS_OK; i++) {
		v = json_array_get(list, i);
		if (!json_is_object(v))
			intel_fail(j, ATLS_E_FORMAT, name, "not objects");
		m = &d->id[d->nid++];
		m->version = module_version(j, v);
		module(j, v, m);
		intel_levels_read(j, v, d, &m->levels, intel_level_isvsvn);
		for (k = 0; k < i; k++)
			if (d->id[k].version == m->version)
				intel_fail(j, ATLS_E_FORMAT, name,
				    "two of one version");
	}
}

void
intel_tcb_info_read(struct intel_json *j, json_t *o, struct intel_doc *d)
{
	struct atls_bytes id;

	d->tee = INTEL_SGX;
	if (d->version == INTEL_TCB_INFO) {
		id = intel_text(j, o, "id");
		if (is(id, "TDX"))
			d->tee = INTEL_TDX;
		else if (!is(id, "SGX"))
			intel_fail(j, ATLS_E_UNKNOWN, "id", "not SGX or TDX");
	}
	intel_hex(j, o, "fmspc", d->fmspc, sizeof(d->fmspc));
	intel_hex(j, o, "pceId", d->pceid, sizeof(d->pceid));
	/* how to compare: type 0 is the only one there is */
	if (intel_number(j, o, "tcbType", INT32_MAX) != 0)
		intel_fail(j, ATLS_E_UNKNOWN, "tcbType", "not 0");
	if (d->tee == INTEL_TDX)
		modules(j, o, d);
	intel_levels_read(j, o, d, &d->levels,
	    d->version == INTEL_TCB_INFO ? level : level_2);
}

/* Numbers that are written as hexadecimal octets, little-endian as in a
 * report. */
static uint32_t
number_le(struct intel_json *j, json_t *o, const char *name)
{
	uint8_t b[sizeof(uint32_t)];
	struct rd r = rd_of(ATLS_ARRAY(b));

	intel_hex(j, o, name, b, sizeof(b));
	return (uint32_t)rd_le(&r, sizeof(b));
}

void
intel_identity_read(struct intel_json *j, json_t *o, struct intel_doc *d)
{
	struct atls_bytes id = intel_text(j, o, "id");

	d->tee = INTEL_SGX;
	if (is(id, "TD_QE"))
		d->tee = INTEL_TDX;
	else if (!is(id, "QE"))
		intel_fail(j, ATLS_E_UNKNOWN, "id", "not QE or TD_QE");
	d->miscselect = number_le(j, o, "miscselect");
	d->miscselect_mask = number_le(j, o, "miscselectMask");
	intel_hex(j, o, "attributes", d->attributes, sizeof(d->attributes));
	intel_hex(j, o, "attributesMask", d->attributes_mask,
	    sizeof(d->attributes_mask));
	intel_hex(j, o, "mrsigner", d->mrsigner, sizeof(d->mrsigner));
	d->isvprodid = (uint16_t)intel_number(j, o, "isvprodid", UINT16_MAX);
	intel_levels_read(j, o, d, &d->levels, intel_level_isvsvn);
}
