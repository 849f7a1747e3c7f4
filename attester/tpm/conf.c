/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "dev.h"

#define TCTI_DEFAULT	"device:/dev/tpmrm0"
#define PCRS_DEFAULT	"sha256:0-7"

/* Those that appraisal has claims for.  SHA-1 is not among them: a bank whose
 * history can be forged proves little. */
static const struct {
	const char	*name;
	TPM2_ALG_ID	 alg;
} banks[] = {
	{ "sha256", TPM2_ALG_SHA256 },
	{ "sha384", TPM2_ALG_SHA384 },
};

#define NBANKS	(sizeof(banks) / sizeof(banks[0]))
_Static_assert(NBANKS <= ATLS_TPM_BANKS, "each once fits in");

static TPM2_ALG_ID
bank_named(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < NBANKS; i++)
		if (strlen(banks[i].name) == len &&
		    strncmp(banks[i].name, s, len) == 0)
			return banks[i].alg;
	return TPM2_ALG_NULL;
}

/* A PCR index in decimal, or -1. */
static int
index_read(const char **s)
{
	const char *p = *s;
	int n = 0;

	while (*p >= '0' && *p <= '9' && n < ATLS_TPM_PCRS)
		n = 10 * n + (*p++ - '0');
	if (p == *s || n >= ATLS_TPM_PCRS)
		return -1;
	*s = p;
	return n;
}

/* "0+4-7": sets bits, moves *s behind it; false if it is nothing of the sort */
static bool
list_read(const char **s, TPMS_PCR_SELECTION *sel)
{
	int from, to;

	for (;; (*s)++) {
		if ((from = to = index_read(s)) < 0)
			return false;
		if (**s == '-') {
			(*s)++;
			to = index_read(s);
		}
		if (to < from)
			return false;
		for (; from <= to; from++)
			sel->pcrSelect[from / 8] |= (BYTE)(1 << from % 8);
		if (**s != '+')
			return true;
	}
}

static enum atls_rc
pcrs_read(const char *text, TPML_PCR_SELECTION *out, struct atls_err *err)
{
	const char *s = text;
	TPMS_PCR_SELECTION *sel;
	TPM2_ALG_ID alg;
	size_t len;
	UINT32 i;

	*out = (TPML_PCR_SELECTION){ 0 };
	for (;; s++) {
		len = strcspn(s, ":");
		if ((alg = bank_named(s, len)) == TPM2_ALG_NULL)
			goto bad;
		for (i = 0; i < out->count; i++)
			if (out->pcrSelections[i].hash == alg)
				goto bad;
		sel = &out->pcrSelections[out->count++];
		sel->hash = alg;
		sel->sizeofSelect = ATLS_TPM_PCRS / 8;
		s += len;
		if (*s++ != ':' || !list_read(&s, sel))
			goto bad;
		if (*s == '\0')
			return ATLS_OK;
		if (*s != '/')
			goto bad;
	}
bad:
	return fail_set(err, ATLS_E_CONF, "tpm.conf.pcrs",
	    "'%.40s', wanted is sha256:0-7+14/sha384:0", text);
}

/*
 * Takes the first key=value off *rest and cuts it out of the text.  Values
 * cannot hold a comma, but that of tcti, which ends with the text.
 */
static enum atls_rc
pair_take(char **rest, const char **key, const char **value,
    struct atls_err *err)
{
	char *p = *rest, *v = p + strcspn(p, "=,");

	*key = *value = p;
	if (*v != '=' || v[1] == '\0' || v[1] == ',')
		return fail_set(err, ATLS_E_CONF, "tpm.conf",
		    "'%.40s', wanted is key=value", p);
	*v++ = '\0';
	*value = v;
	if (strcmp(p, "tcti") == 0) {
		*rest = NULL;
		return ATLS_OK;
	}
	v += strcspn(v, ",");
	*rest = *v == ',' ? v + 1 : NULL;
	*v = '\0';
	return ATLS_OK;
}

static const char **
slot_of(struct tpm_conf *c, const char **pcrs, const char *key)
{
	if (strcmp(key, "dir") == 0)
		return &c->dir;
	if (strcmp(key, "akcert") == 0)
		return &c->akcert;
	if (strcmp(key, "tcti") == 0)
		return &c->tcti;
	if (strcmp(key, "pcrs") == 0)
		return pcrs;
	return NULL;
}

enum atls_rc
tpm_conf_read(struct tpm_conf *c, const char *where, struct atls_err *err)
{
	const char *pcrs = NULL, *key, *value, **slot;
	enum atls_rc rc;
	char *rest;

	*c = (struct tpm_conf){ 0 };
	if (where == NULL)
		return fail_set(err, ATLS_E_CONF, "tpm.conf", "dir= missing");
	if ((c->text = malloc(strlen(where) + 1)) == NULL)
		return fail_set(err, ATLS_E_MEM, "tpm.conf", "%zu octets",
		    strlen(where));
	rest = strcpy(c->text, where);
	while (rest != NULL) {
		rc = pair_take(&rest, &key, &value, err);
		if (rc != ATLS_OK)
			return rc;
		if ((slot = slot_of(c, &pcrs, key)) == NULL)
			return fail_set(err, ATLS_E_CONF, "tpm.conf",
			    "'%.40s': there are dir, pcrs, akcert, tcti", key);
		if (*slot != NULL)
			return fail_set(err, ATLS_E_CONF, "tpm.conf",
			    "%s= given twice", key);
		*slot = value;
	}
	if (c->dir == NULL)
		return fail_set(err, ATLS_E_CONF, "tpm.conf", "dir= missing");
	if (c->tcti == NULL)
		c->tcti = TCTI_DEFAULT;
	return pcrs_read(pcrs != NULL ? pcrs : PCRS_DEFAULT, &c->pcrs, err);
}

void
tpm_conf_free(struct tpm_conf *c)
{
	free(c->text);
	*c = (struct tpm_conf){ 0 };
}
