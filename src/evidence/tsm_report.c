/* SPDX-License-Identifier: Apache-2.0 */
#include "tsm_report.h"

#include <string.h>

#include "../base/err.h"
#include "../codec/cbor.h"

bool
tsm_report_is(struct atls_bytes in)
{
	return cbor_peek(rd_of(in)) == CBOR_MAP;
}

enum atls_rc
tsm_report_read(struct atls_bytes in, const char *provider,
    struct atls_bytes *out, struct atls_bytes *aux, struct atls_err *err)
{
	const struct atls_bytes none = { NULL, 0 }, want = {
	    (const uint8_t *)provider, strlen(provider) };
	struct rd r = rd_of(in);
	struct cbor_map m = cbor_map(&r);
	struct atls_bytes by = { NULL, 0 };
	struct cbor_key k;
	enum atls_rc rc;

	*out = *aux = none;
	/*@ loop invariant rd_ok(r) && rd_goes(\at(r, LoopEntry), r);
	    loop invariant cbor_keys_ok(m);
	    loop invariant view_ok(by) && view_ok(*out) && view_ok(*aux);
	    loop invariant view_in(*out, in) && view_in(*aux, in);
	    loop assigns r, m, k, by, *out, *aux;
	    loop variant r.left; */
	while (cbor_map_next(&r, &m, &k)) {
		if (cbor_key_is(&k, "provider"))
			by = cbor_tstr(&r);
		else if (cbor_key_is(&k, "outblob"))
			*out = cbor_bstr(&r);
		else if (cbor_key_is(&k, "auxblob"))
			*aux = cbor_bstr(&r);
		else
			rd_fail(&r, ATLS_E_FORMAT);
	}
	rc = rd_done(&r);
	if (rc == ATLS_OK && (out->len == 0 || by.len == 0))
		rc = ATLS_E_FORMAT;
	if (rc != ATLS_OK) {
		*out = *aux = none;
		return err_set(err, rc, "tsm_report", r.off, "not a map of "
		    "provider, outblob, auxblob");
	}
	/* configfs ends the name with a line feed, and ratsd leaves it there */
	if (by.len == want.len + 1 && by.p[want.len] == '\n')
		by.len--;
	if (!atls_ct_eq(by, want)) {
		*out = *aux = none;
		return err_set(err, ATLS_E_UNKNOWN, "tsm_report.provider", 0,
		    "is not %s", provider);
	}
	return ATLS_OK;
}
