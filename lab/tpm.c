/* SPDX-License-Identifier: Apache-2.0 */
/* Machines with a TPM 2.0: their keys cannot leave them, and no one of them
 * has another's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <atls/appraise.h>
#include <atls/tpm.h>

#include "kit.h"

#define TEXT		4096		/* octets of a request, of a key */
#define WHERE		1024

static void	*dev[LAB_NTPMS];
static char	 learned[LAB_PEM];

static EVP_PKEY *
public_of(const struct atls_buf *pem, bool request)
{
	BIO *b = BIO_new_mem_buf(pem->p, (int)pem->len);
	X509_REQ *r = NULL;
	EVP_PKEY *k = NULL;

	if (b != NULL && !request)
		k = PEM_read_bio_PUBKEY(b, NULL, NULL, NULL);
	else if (b != NULL && (r = PEM_read_bio_X509_REQ(b, NULL, NULL,
	    NULL)) != NULL)
		k = X509_REQ_get_pubkey(r);
	X509_REQ_free(r);
	BIO_free(b);
	return k;
}

/* Opened once for its AK, and again with the certificate of that. */
static bool
certify_ak(void *early, char path[])
{
	static char chain[LAB_PEM];
	uint8_t text[TEXT];
	struct atls_buf pem = { text, sizeof(text), 0 };
	EVP_PKEY *ak = NULL;
	int fd = mkstemp(path);
	bool ok;

	ok = fd != -1 && atls_tpm_ak_public(early, &pem, NULL) == ATLS_OK &&
	    (ak = public_of(&pem, false)) != NULL &&
	    lab_certify(chain, ak, "ak.example", true) &&
	    write(fd, chain, strlen(chain)) == (ssize_t)strlen(chain);
	EVP_PKEY_free(ak);
	lab_hang_up(fd);
	return ok;
}

static bool
open_one(void **out, const char *where, struct atls_err *err)
{
	char path[] = "/tmp/atls-lab.XXXXXX", with[WHERE];
	void *early = NULL;
	bool ok;
	int n;

	*out = NULL;
	if (atls_attester_tpm.open(&early, where, err) != ATLS_OK)
		return false;
	ok = certify_ak(early, path);
	atls_attester_tpm.close(early);
	n = snprintf(with, sizeof(with), "akcert=%s,%s", path, where);
	ok = ok && n > 0 && (size_t)n < sizeof(with) &&
	    atls_attester_tpm.open(out, with, err) == ATLS_OK;
	(void)unlink(path);
	return ok;
}

/* Report data as the laboratory lays it out for TEEs: a digest and zeros. */
size_t
lab_tpm_digest(struct atls_bytes rd)
{
	static const size_t lens[] = { 32, 48 };
	static const uint8_t zeros[64];
	size_t i;

	for (i = 0; i < LAB_NITEMS(lens); i++)
		if (rd.len == sizeof(zeros) && memcmp(rd.p + lens[i], zeros,
		    rd.len - lens[i]) == 0)
			return lens[i];
	return rd.len;
}

enum atls_rc
lab_tpm_quote(enum lab_machine m, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	if (m >= LAB_NTPMS)
		return ATLS_E_ARG;
	rd.len = lab_tpm_digest(rd);
	return atls_attester_tpm.quote(dev[m], rd, out, err);
}

/* What the server's TPM says, of whichever TPM it is: its AK has a
 * certificate of the laboratory's. */
static bool
learn(void)
{
	static const char anchor[] = "anchor ca.pem";
	struct atls_evidence *ev = malloc(sizeof(*ev));
	uint8_t *room = malloc(2 * LAB_EVIDENCE);
	struct atls_buf quote = { room, LAB_EVIDENCE, 0 };
	struct atls_buf scratch = { room == NULL ? NULL : room +
	    LAB_EVIDENCE, LAB_EVIDENCE, 0 };
	struct atls_buf out = { (uint8_t *)learned, sizeof(learned) - 1, 0 };
	const uint8_t rd[32] = { 1 };
	char *at = NULL, *end = NULL;

	if (ev != NULL && room != NULL && lab_tpm_quote(LAB_GENUINE,
	    ATLS_ARRAY(rd), &quote, NULL) == ATLS_OK && atls_evidence_parse(
	    ev, ATLS_KIND_TPM, (struct atls_bytes){ room, quote.len },
	    &scratch, NULL) == ATLS_OK && atls_policy_learn(ev, &out, NULL) ==
	    ATLS_OK) {
		learned[out.len] = '\0';
		at = strstr(learned, "instance ");
		end = at == NULL ? NULL : strchr(at, '\n');
	}
	if (end != NULL) {
		memset(at, ' ', (size_t)(end - at));
		memcpy(at, anchor, sizeof(anchor) - 1);
	}
	free(ev);
	free(room);
	return end != NULL;
}

bool
lab_tpm_open(const char *const where[LAB_NTPMS], char why[LAB_TEXT])
{
	struct atls_err err = { 0 };
	size_t i;

	for (i = 0; i < LAB_NTPMS; i++)
		if (!open_one(&dev[i], where[i], &err)) {
			(void)snprintf(why, LAB_TEXT, "TPM %zu: %.120s", i + 1,
			    err.detail);
			return false;
		}
	if (learn())
		return true;
	(void)snprintf(why, LAB_TEXT, "nothing can be learnt of TPM 1");
	return false;
}

void
lab_tpm_close(void)
{
	size_t i;

	for (i = 0; i < LAB_NTPMS; i++) {
		if (dev[i] != NULL)
			atls_attester_tpm.close(dev[i]);
		dev[i] = NULL;
	}
}

bool
lab_tpm_key(struct lab_key *k, enum lab_machine m, const char *name,
    bool by_ca)
{
	uint8_t text[TEXT];
	struct atls_buf csr = { text, sizeof(text), 0 };
	EVP_PKEY *aik = NULL;
	bool ok = atls_tpm_csr(dev[m], name, &csr, NULL) == ATLS_OK &&
	    (aik = public_of(&csr, true)) != NULL &&
	    lab_certify(k->chain, aik, name, by_ca) &&
	    (k->id = atls_attester_tpm.identity(dev[m], (struct atls_bytes){
	    (uint8_t *)k->chain, strlen(k->chain) }, NULL)) != NULL &&
	    lab_key_known(k);

	EVP_PKEY_free(aik);
	return ok;
}

void
lab_tpm_instance(enum lab_machine m, char out[ATLS_INSTANCE_MAX])
{
	char name[ATLS_TPM_NAME_MAX];

	atls_tpm_ak_name(dev[m], name);
	(void)snprintf(out, ATLS_INSTANCE_MAX, "%s", name);
}

enum atls_rc
lab_tpm_policy(struct atls_buf *out)
{
	if (strlen(learned) >= out->cap)
		return ATLS_E_SPACE;
	out->len = strlen(learned);
	memcpy(out->p, learned, out->len + 1);
	return ATLS_OK;
}

const char *
lab_tpm_na(const struct lab_attack *a, enum lab_family f)
{
	if (a->na[f] != NULL)
		return a->na[f];
	if (a->kind != ATLS_KIND_NONE)
		return "a result is a result, on whatever machine";
	if (f == LAB_PRE)
		return "a certificate's key would have to be made in the TPM";
	if ((a->powers & LAB_TLS_KEY) != 0)
		return "the TLS key cannot leave its TPM";
	if ((a->powers & LAB_AK) != 0)
		return "the attestation key cannot leave its TPM";
	return NULL;
}
