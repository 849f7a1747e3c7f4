/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in the certificate of the handshake. */
#include <string.h>

#include <atls/ratls.h>

#include "../base/err.h"
#include "family.h"

enum atls_rc
family_pre_open(const struct atls_carried *c,
    const struct atls_channel_info *info, struct atls_bytes spki, int64_t now,
    struct family_found *out, struct atls_err *err)
{
	struct atls_ratls r;
	enum atls_rc rc;

	(void)info;
	if ((rc = atls_ratls_read(c->certificate, &r, err)) != ATLS_OK)
		return rc;
	if (!atls_ct_eq(r.spki, spki))
		return err_set(err, ATLS_E_BIND, "ratls.spki", 0,
		    "not the key of the handshake");
	if ((rc = atls_ratls_check(c->certificate, now, err)) != ATLS_OK)
		return rc;
	out->kind = r.kind;
	out->raw = r.raw;
	out->until = r.until;
	memcpy(out->laid, r.report_data, sizeof(out->laid));
	out->report_data = (struct atls_bytes){ out->laid, r.report_datalen };
	memcpy(out->binder, r.binder, r.binderlen);
	out->binderlen = r.binderlen;
	out->profile = ATLS_PROFILE_EXPAT_1;	/* the certificate cannot say */
	return ATLS_OK;
}
