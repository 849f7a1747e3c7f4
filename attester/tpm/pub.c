/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "dev.h"

#define AKCERT_MAX	65536	/* octets of the PEM file */
#define SPKI_LEN	91	/* octets of a P-256 SubjectPublicKeyInfo */

/* RFC 5480: id-ecPublicKey, secp256r1, an uncompressed point. */
static const uint8_t spki_head[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
	0x07, 0x03, 0x42, 0x00, 0x04,
};

_Static_assert(sizeof(spki_head) + 2 * TPM_P256_LEN == SPKI_LEN,
    "a head and two coordinates");

/* A TPM may leave out zeros in front.  Sizes were checked with the key. */
static void
put_coordinate(uint8_t *out, const TPM2B_ECC_PARAMETER *v)
{
	memset(out, 0, TPM_P256_LEN);
	memcpy(out + TPM_P256_LEN - v->size, v->buffer, v->size);
}

static void
put_spki(const struct tpm_key *k, uint8_t out[SPKI_LEN])
{
	const TPMS_ECC_POINT *point = &k->pub.publicArea.unique.ecc;

	memcpy(out, spki_head, sizeof(spki_head));
	out += sizeof(spki_head);
	put_coordinate(out, &point->x);
	put_coordinate(out + TPM_P256_LEN, &point->y);
}

enum atls_rc
tpm_pub_evp(const struct tpm_key *k, EVP_PKEY **out, struct atls_err *err)
{
	uint8_t spki[SPKI_LEN];
	const uint8_t *p = spki;

	put_spki(k, spki);
	if ((*out = d2i_PUBKEY(NULL, &p, sizeof(spki))) == NULL)
		return tpm_crypto(err, "tpm.key", "not a point of P-256");
	return ATLS_OK;
}

enum atls_rc
tpm_pub_is_leaf(const struct tpm_key *k, const struct atls_identity *id,
    const char *where, struct atls_err *err)
{
	const uint8_t *p = id->chain[0].p;
	EVP_PKEY *pkey;
	enum atls_rc rc;
	X509 *x;

	if (id->nchain == 0 || id->chain[0].len > LONG_MAX)
		return fail_set(err, ATLS_E_FORMAT, where, "no certificate");
	if ((rc = tpm_pub_evp(k, &pkey, err)) != ATLS_OK)
		return rc;
	x = d2i_X509(NULL, &p, (long)id->chain[0].len);
	if (x == NULL)
		rc = tpm_crypto(err, where, "certificate");
	else if (EVP_PKEY_eq(X509_get0_pubkey(x), pkey) != 1)
		rc = fail_set(err, ATLS_E_FORMAT, where,
		    "not the certificate of this TPM's key");
	X509_free(x);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return rc;
}

static enum atls_rc
akcert_parse(struct tpm_dev *d, struct atls_bytes pem, struct atls_err *err)
{
	struct atls_bytes no_key = { NULL, 0 };

	if ((d->akcert = atls_identity_new(pem, no_key, err)) == NULL)
		return fail_set(err, ATLS_E_FORMAT, "tpm.akcert",
		    "%.64s: not a chain in PEM", d->conf.akcert);
	return tpm_pub_is_leaf(&d->ak, d->akcert, "tpm.akcert", err);
}

enum atls_rc
tpm_akcert_read(struct tpm_dev *d, struct atls_err *err)
{
	enum atls_rc rc;
	uint8_t *text;
	size_t len;
	int fd;

	if ((fd = open(d->conf.akcert, O_RDONLY | O_CLOEXEC)) == -1)
		return fail_set(err, ATLS_E_IO, "tpm.akcert", "%.48s: %s",
		    d->conf.akcert, strerror(errno));
	if ((text = malloc(AKCERT_MAX)) == NULL) {
		(void)close(fd);
		return fail_set(err, ATLS_E_MEM, "tpm.akcert", "%d octets",
		    AKCERT_MAX);
	}
	rc = tpm_read_all(fd, text, AKCERT_MAX, &len, d->conf.akcert, err);
	(void)close(fd);
	if (rc == ATLS_OK)
		rc = akcert_parse(d, (struct atls_bytes){ text, len }, err);
	free(text);
	return rc;
}

enum atls_rc
tpm_bio_out(BIO *b, struct atls_buf *out, const char *where,
    struct atls_err *err)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);

	if (n <= 0)
		return tpm_crypto(err, where, "PEM");
	out->len = (size_t)n;
	if (out->len > out->cap)
		return fail_set(err, ATLS_E_SPACE, where, "%ld octets", n);
	memcpy(out->p, p, out->len);
	return ATLS_OK;
}

enum atls_rc
atls_tpm_ak_public(void *dev, struct atls_buf *out, struct atls_err *err)
{
	struct tpm_dev *d = dev;
	EVP_PKEY *pkey;
	enum atls_rc rc;
	BIO *b;

	out->len = 0;
	if ((rc = tpm_pub_evp(&d->ak, &pkey, err)) != ATLS_OK)
		return rc;
	b = BIO_new(BIO_s_mem());
	if (b == NULL || PEM_write_bio_PUBKEY(b, pkey) != 1)
		rc = tpm_crypto(err, "tpm.ak", "PEM");
	else
		rc = tpm_bio_out(b, out, "tpm.ak", err);
	BIO_free(b);
	EVP_PKEY_free(pkey);
	return rc;
}

void
atls_tpm_ak_name(void *dev, char out[ATLS_TPM_NAME_MAX])
{
	static const char hex[] = "0123456789abcdef";
	const struct tpm_dev *d = dev;
	size_t i;

	memcpy(out, "ak:", 3);
	out += 3;
	for (i = 0; i < TPM_NAME_LEN; i++) {
		*out++ = hex[d->ak.name[i] >> 4];
		*out++ = hex[d->ak.name[i] & 15];
	}
	*out = '\0';
}
