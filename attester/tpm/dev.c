/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include <tss2/tss2_tctildr.h>

#include "dev.h"

static void
disconnect(struct tpm_dev *d)
{
	if (d->esys != NULL) {
		tpm_flush(d->esys, &d->aik.tr);
		tpm_flush(d->esys, &d->ak.tr);
	}
	Esys_Finalize(&d->esys);
	Tss2_TctiLdr_Finalize(&d->tcti);
}

static enum atls_rc
start(struct tpm_dev *d, struct atls_err *err)
{
	TSS2_RC r;

	r = Tss2_TctiLdr_Initialize(d->conf.tcti, &d->tcti);
	if (r != TSS2_RC_SUCCESS)
		return fail_set(err, ATLS_E_DEVICE, "tpm.tcti",
		    "%.64s: 0x%x", d->conf.tcti, (unsigned)r);
	r = Esys_Initialize(&d->esys, d->tcti, NULL);
	if (r != TSS2_RC_SUCCESS)
		return tpm_tss(err, "tpm.esys", r);
	/* firmware has done so, unless the TPM is software of our own */
	r = Esys_Startup(d->esys, TPM2_SU_CLEAR);
	if (r != TSS2_RC_SUCCESS && r != TPM2_RC_INITIALIZE)
		return tpm_tss(err, "tpm.startup", r);
	return ATLS_OK;
}

static enum atls_rc
keys_find(struct tpm_dev *d, ESYS_TR srk, struct atls_err *err)
{
	struct tpm_key *key[] = { [TPM_AK] = &d->ak, [TPM_AIK] = &d->aik };
	enum tpm_role role;
	enum atls_rc rc;
	bool found;
	int dirfd;

	rc = tpm_dir_open(d->conf.dir, &dirfd, err);
	for (role = TPM_AK; role <= TPM_AIK && rc == ATLS_OK; role++) {
		rc = tpm_key_get(dirfd, role, key[role], &found, err);
		if (rc == ATLS_OK && !found)
			rc = tpm_key_make(d->esys, srk, dirfd, role,
			    key[role], err);
	}
	if (dirfd != -1)
		(void)close(dirfd);
	return rc;
}

/* Connects, and leaves both keys loaded.  They are looked for on the disk by
 * the first connection only: later ones must come back with the same keys. */
static enum atls_rc
connect_keys(struct tpm_dev *d, struct atls_err *err)
{
	ESYS_TR srk = ESYS_TR_NONE;
	bool transient = false;
	enum atls_rc rc;

	if ((rc = start(d, err)) != ATLS_OK)
		goto out;
	if ((rc = tpm_srk(d->esys, &srk, &transient, err)) != ATLS_OK)
		goto out;
	if (d->ak.arealen == 0 || d->aik.arealen == 0)
		rc = keys_find(d, srk, err);
	if (rc == ATLS_OK)
		rc = tpm_key_load(d->esys, srk, TPM_AK, &d->ak, err);
	if (rc == ATLS_OK)
		rc = tpm_key_load(d->esys, srk, TPM_AIK, &d->aik, err);
	if (transient)
		tpm_flush(d->esys, &srk);
out:
	if (rc != ATLS_OK)
		disconnect(d);
	return rc;
}

enum atls_rc
tpm_enter(struct tpm_dev *d, struct atls_err *err)
{
	enum atls_rc rc = ATLS_OK;

	if (pthread_mutex_lock(&d->lock) != 0)
		return fail_set(err, ATLS_E_STATE, "tpm.lock", "lock");
	if (d->esys == NULL && (rc = connect_keys(d, err)) != ATLS_OK)
		(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

enum atls_rc
tpm_leave(struct tpm_dev *d, enum atls_rc rc)
{
	if (rc == ATLS_E_DEVICE || rc == ATLS_E_MEM)
		disconnect(d);
	(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

static void
dev_close(void *dev)
{
	struct tpm_dev *d = dev;

	if (d == NULL)
		return;
	disconnect(d);
	(void)pthread_mutex_destroy(&d->lock);
	atls_identity_free(d->akcert);
	tpm_conf_free(&d->conf);
	free(d);
}

static enum atls_rc
dev_open(void **dev, const char *where, struct atls_err *err)
{
	struct tpm_dev *d;
	enum atls_rc rc;

	*dev = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return fail_set(err, ATLS_E_MEM, "tpm.open", "%zu octets",
		    sizeof(*d));
	d->ak.tr = d->aik.tr = ESYS_TR_NONE;
	if (pthread_mutex_init(&d->lock, NULL) != 0) {
		free(d);
		return fail_set(err, ATLS_E_MEM, "tpm.open", "lock");
	}
	rc = tpm_conf_read(&d->conf, where, err);
	if (rc == ATLS_OK && (rc = tpm_enter(d, err)) == ATLS_OK)
		rc = tpm_leave(d, ATLS_OK);
	if (rc == ATLS_OK && d->conf.akcert != NULL)
		rc = tpm_akcert_read(d, err);
	if (rc != ATLS_OK) {
		dev_close(d);
		return rc;
	}
	*dev = d;
	return ATLS_OK;
}

const struct atls_attester atls_attester_tpm = {
	.name = "tpm", .kind = ATLS_KIND_TPM, .open = dev_open,
	.quote = tpm_quote, .identity = tpm_identity, .close = dev_close,
};
