/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "tpm_judge.h"

struct verdict
judge(struct atls_bytes raw, EVP_PKEY *aik, const struct evidence_trust *trust)
{
	struct verdict v = { .stage = PARSE };
	struct atls_evidence *ev = &v.res.claims;
	uint8_t der[1024], *p = der;
	int n;

	v.raw = malloc(raw.len > 0 ? raw.len : 1);
	if (raw.len > 0)
		memcpy(v.raw, raw.p, raw.len);
	if (atls_evidence_parse(ev, ATLS_KIND_TPM, (struct atls_bytes){ v.raw,
	    raw.len }, NULL, &v.res.why) != ATLS_OK)
		return v;
	v.stage = SIGNATURE;
	if (evidence_tpm.signature(ev, trust, &v.res) != 1)
		return v;
	v.stage = REPORT_DATA;
	if (!atls_ct_eq(ev->report_data, JUDGE_NONCE))
		return v;
	v.stage = KEY;
	if ((n = i2d_PUBKEY(aik, &p)) <= 0 || evidence_tpm.key(ev,
	    (struct atls_bytes){ der, (size_t)n }, &v.res) != 1)
		return v;
	v.stage = PASSED;
	return v;
}

struct atls_bytes
judge_make(const struct tpm_make_opts *o, EVP_PKEY *aik)
{
	static uint8_t raw[TPM_MAKE_MAX];
	struct atls_buf out = { raw, sizeof(raw), 0 };

	tpm_make(o, JUDGE_NONCE, aik, &out);
	return (struct atls_bytes){ raw, out.len };
}

struct evidence_trust
judge_pin(const struct tpm_make_opts *o)
{
	static char pin[TPM_MAKE_PIN];
	static const char *const list[] = { "ak:000b00", pin };

	tpm_make_pin(o, pin);
	return (struct evidence_trust){ .instance = list, .ninstance = 2,
	    .now = JUDGE_NOW };
}

struct verdict
judge_made(const struct tpm_make_opts *o, EVP_PKEY *aik)
{
	struct evidence_trust trust = judge_pin(o);

	return judge(judge_make(o, aik), aik, &trust);
}
