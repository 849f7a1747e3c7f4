/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TPM_DEV_H
#define TPM_DEV_H

#include <pthread.h>
#include <openssl/types.h>
#include <tss2/tss2_esys.h>

#include <atls/tpm.h>
#include <atls/tpm_evidence.h>

#include "../../fail/fail.h"

#define TPM_P256_LEN	32	/* octets of a coordinate, of r and of s */
#define TPM_SHA256_LEN	32
#define TPM_NAME_LEN	(2 + TPM_SHA256_LEN)
#define TPM_REPORT_DATA_MAX	64	/* octets of qualifying data */

/* The parsed `where`. */
struct tpm_conf {
	char			*text;		/* owned, holds the others */
	const char		*dir, *akcert, *tcti;
	TPML_PCR_SELECTION	 pcrs;
};

struct tpm_key {
	TPM2B_PUBLIC		 pub;
	TPM2B_PRIVATE		 priv;		/* wrapped by its parent */
	uint8_t			 area[sizeof(TPMT_PUBLIC)]; /* marshalled */
	size_t			 arealen;	/* 0: no key yet */
	uint8_t			 name[TPM_NAME_LEN]; /* TPM2B_NAME.name */
	ESYS_TR			 tr;		/* while connected */
};

struct tpm_dev {
	struct tpm_conf		 conf;
	struct tpm_key		 ak, aik;
	struct atls_identity	*akcert;	/* NULL: none; only its chain */
	pthread_mutex_t		 lock;		/* of what is below */
	TSS2_TCTI_CONTEXT	*tcti;
	ESYS_CONTEXT		*esys;		/* NULL: not connected */
};

/* err.c */
enum atls_rc	tpm_tss(struct atls_err *, const char *where, TSS2_RC);
enum atls_rc	tpm_crypto(struct atls_err *, const char *where,
		    const char *what);

/* conf.c */
ATLS_CHECKED enum atls_rc tpm_conf_read(struct tpm_conf *, const char *where,
		    struct atls_err *);
void		tpm_conf_free(struct tpm_conf *);

/* files.c: the directory of keys.  *len 0: no such file. */
ATLS_CHECKED enum atls_rc tpm_dir_open(const char *dir, int *fd,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_file_read(int dirfd, const char *name,
		    uint8_t *p, size_t cap, size_t *len, struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_read_all(int fd, uint8_t *p, size_t cap,
		    size_t *len, const char *name, struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_file_write(int dirfd, const char *name,
		    const uint8_t *p, size_t len, struct atls_err *);

/* keys.c */
enum tpm_role { TPM_AK, TPM_AIK };

ATLS_CHECKED enum atls_rc tpm_srk(ESYS_CONTEXT *, ESYS_TR *, bool *transient,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_key_get(int dirfd, enum tpm_role,
		    struct tpm_key *, bool *found, struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_key_make(ESYS_CONTEXT *, ESYS_TR srk, int dirfd,
		    enum tpm_role, struct tpm_key *, struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_key_load(ESYS_CONTEXT *, ESYS_TR srk,
		    enum tpm_role, struct tpm_key *, struct atls_err *);
void		tpm_flush(ESYS_CONTEXT *, ESYS_TR *);

/* dev.c: tpm_enter() locks and connects, tpm_leave() undoes the lock and,
 * after a failure of the TPM, the connection; it returns rc. */
ATLS_CHECKED enum atls_rc tpm_enter(struct tpm_dev *, struct atls_err *);
enum atls_rc	tpm_leave(struct tpm_dev *, enum atls_rc rc);

/* pub.c */
ATLS_CHECKED enum atls_rc tpm_pub_evp(const struct tpm_key *, EVP_PKEY **out,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_pub_is_leaf(const struct tpm_key *,
		    const struct atls_identity *, const char *where,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_akcert_read(struct tpm_dev *,
		    struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_bio_out(BIO *, struct atls_buf *out,
		    const char *where, struct atls_err *);

/* quote.c, sign.c */
ATLS_CHECKED enum atls_rc tpm_quote(void *dev, struct atls_bytes report_data,
		    struct atls_buf *out, struct atls_err *);
ATLS_CHECKED enum atls_rc tpm_sign(void *dev, uint16_t scheme,
		    struct atls_bytes tbs, struct atls_buf *sig,
		    struct atls_err *);
struct atls_identity	*tpm_identity(void *dev, struct atls_bytes chain_pem,
		    struct atls_err *);

#endif
