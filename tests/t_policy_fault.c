/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <atls/appraise.h>

#include "fault.h"
#include "pki.h"
#include "t.h"

#define NOW	1767225600

/* Every call that can fail, once: what comes of it is no policy, no report
 * data, no ACCEPT; and no octet is lost. */

#define HALF	"00112233445566778899aabbccddeeff"
#define PCR_0	HALF "00112233445566778899aabbccddee00"
#define PCR_1	HALF "00112233445566778899aabbccddee01"

static struct pki ca;

static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	const char *s = strstr(name, "crl") != NULL ? ca.crls : ca.root.pem;

	(void)arg;
	out->len = strlen(s);
	if (out->len > out->cap)
		return ATLS_E_SPACE;
	memcpy(out->p, s, out->len);
	return ATLS_OK;
}

static const char text[] =
    "kind tpm\nanchor a.pem\nanchor b.pem\ncrl a.crl\ninstance ak:00\n"
    "instance ak:01\ninstance ak:02\ntpm.pcr.sha256.0 " PCR_0 "\n"
    "tpm.pcr.sha256.0 " PCR_1 "\ntpm.reset >=3\nignore tpm.pcr.*\n"
    "kind tpm\nanchor a.pem\nignore tpm.pcr.*\ntpm.pcr.sha384.0 " PCR_0
    HALF "\n"
    "kind tpm\ninstance ak:03\nignore tpm.pcr.*\n";

static void
test_parse(enum fault_family family)
{
	struct atls_bytes in = { (const uint8_t *)text, sizeof(text) - 1 };
	struct atls_policy *p;
	struct atls_err err;
	bool fired;
	unsigned n;

	/* libcrypto makes thousands of calls: one of five will do. */
	for (n = 1, fired = true; fired; n += family == FAULT_MEM ? 1 : 5) {
		err = (struct atls_err){ 0 };
		fault_set(family, n);
		p = atls_policy_parse(in, give, NULL, &err);
		fired = fault_fired();
		fault_set(FAULT_NONE, 0);
		T(p != NULL || err.rc != ATLS_OK, "%u", n);
		T(p == NULL || err.rc == ATLS_OK, "%u", n);
		if (family == FAULT_MEM) {
			T((p == NULL) == fired, "%u: %s", n, err.detail);
			T(!fired || err.rc == ATLS_E_MEM, "%u: %s", n,
			    atls_rc_name(err.rc));
		} else
			T(p != NULL || fired, "%u: %s", n, err.detail);
		atls_policy_free(p);
	}
	T(n > 20, "%u calls", n);
}

static void
test_report_data(void)
{
	static const uint8_t binder[32] = { 1 }, spki[] = { 2 }, zero[64];
	uint8_t out[64];
	size_t n;
	int i;

	for (i = ATLS_PROFILE_EXPAT_2; i <= ATLS_PROFILE_COCOS; i++) {
		memset(out, 0xee, sizeof(out));
		fault_set(FAULT_CRYPTO, 1);
		T(atls_report_data((enum atls_profile)i, ATLS_KIND_TPM,
		    ATLS_ARRAY(binder), ATLS_ARRAY(spki), out, &n) ==
		    ATLS_E_CRYPTO, "%d", i);
		T(fault_fired() && n == 0 && memcmp(out, zero, 64) == 0,
		    "%d", i);
		fault_set(FAULT_NONE, 0);
	}
}

int
main(void)
{
	T(fault_libcrypto(), "too late");
	ca = pki_new(&(struct pki_ask){ .dns = "a.example" }, NOW);
	test_parse(FAULT_MEM);
	test_parse(FAULT_LIBCRYPTO);
	test_report_data();
	pki_free(&ca);
	return t_end("t_policy_fault");
}
