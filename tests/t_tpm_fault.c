/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "fault.h"
#include "pki.h"
#include "t.h"
#include "tpm_judge.h"

/*
 * Every allocation and every call of crypto.h that a verification makes fails
 * once.  Evidence that is not good must never pass for it, and what does not
 * pass must say why.
 */

#define CALLS_MAX	10000

static EVP_PKEY *aik;
static struct atls_bytes aik_spki;

static bool
passes(const struct atls_evidence *ev, const struct evidence_trust *trust,
    struct atls_result *res)
{
	*res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	return evidence_tpm.signature(ev, trust, res) == 1 &&
	    evidence_tpm.key(ev, aik_spki, res) == 1;
}

static void
run(const char *what, const struct tpm_make_opts *o, const struct pki *p,
    enum fault_family family)
{
	bool good = o->fault == TPM_GOOD, pass, fired;
	struct atls_bytes none = { NULL, 0 };
	struct evidence_trust trust = judge_pin(o);
	struct atls_evidence ev;
	struct atls_result res;
	unsigned n, tolerated = 0;
	char pin[ATLS_INSTANCE_MAX];

	T(atls_evidence_parse(&ev, ATLS_KIND_TPM, judge_make(o, aik), NULL, NULL)
	    == ATLS_OK, "%s", what);
	for (n = 1; n < CALLS_MAX; n++) {
		if (p != NULL)		/* which remembers nothing yet */
			trust.anchors = atls_trust_new(pki_view(p->root.pem),
			    none, NULL);
		fault_set(family, n);
		pass = passes(&ev, &trust, &res);
		fired = fault_fired();
		fault_set(FAULT_NONE, 0);
		atls_trust_free(trust.anchors);
		T(good || !pass, "%s: call %u", what, n);
		T(pass || (res.why.rc != ATLS_OK && res.why.where != NULL),
		    "%s: call %u gives no reason", what, n);
		T(pass == (res.key == ATLS_GOOD), "%s: call %u", what, n);
		tolerated += fired && pass;
		if (!fired)
			break;
	}
	fault_set(FAULT_CRYPTO, 1);
	evidence_tpm.instance(&ev, pin);
	fault_set(FAULT_NONE, 0);
	T(pin[0] == '\0', "%s: %s", what, pin);
	T(pass == good, "%s, without a fault: %s %s", what, res.why.where,
	    res.why.detail);
	T(n < CALLS_MAX, "%s: %u calls", what, n);
	T(family == FAULT_LIBCRYPTO || tolerated == 0, "%s: %u of %u faults "
	    "made no difference", what, tolerated, n - 1);
}

int
main(void)
{
	static const enum fault_family families[] = { FAULT_MEM, FAULT_CRYPTO,
	    FAULT_LIBCRYPTO };
	static const enum tpm_fault faults[] = { TPM_GOOD, TPM_BAD_SIG_KAT,
	    TPM_BAD_SIG_PAT, TPM_BAD_PCR_VALUE, TPM_BAD_KID,
	    TPM_BAD_KEY_NAME, TPM_BAD_KEY };
	struct tpm_make_opts o[3] = { { .ak = NULL } };
	struct atls_bytes cert[2];
	unsigned char *der = NULL;
	struct pki p;
	size_t i, k, f;
	char what[64];

	T(fault_libcrypto(), "libcrypto is in use");
	aik = EVP_EC_gen("P-256");
	aik_spki.len = (size_t)i2d_PUBKEY(aik, &der);
	aik_spki.p = der;
	p = pki_new(&(struct pki_ask){ .cn = "AK" }, JUDGE_NOW);
	cert[0] = (struct atls_bytes){ p.leaf.der, p.leaf.len };
	cert[1] = (struct atls_bytes){ p.inter.der, p.inter.len };
	o[0].ak = EVP_EC_gen("P-256");
	o[1].ak = EVP_RSA_gen(2048);
	o[2] = (struct tpm_make_opts){ .ak = p.leaf.key, .ak_cert = cert,
	    .nak_cert = 2 };
	for (k = 0; k < NITEMS(o); k++)
		for (i = 0; i < NITEMS(faults); i++)
			for (f = 0; f < NITEMS(families); f++) {
				o[k].fault = faults[i];
				snprintf(what, sizeof(what),
				    "AK %zu, fault %d, family %d", k,
				    (int)faults[i], (int)families[f]);
				run(what, &o[k], k == 2 ? &p : NULL,
				    families[f]);
			}
	EVP_PKEY_free(o[0].ak);
	EVP_PKEY_free(o[1].ak);
	EVP_PKEY_free(aik);
	OPENSSL_free(der);
	pki_free(&p);
	return t_end("t_tpm_fault");
}
