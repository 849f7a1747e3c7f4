/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gramine.h"

struct gramine_dev {
	const struct att_os	*os;
	char			 dir[GRAMINE_DIR_MAX];
};

struct job {
	const struct gramine_dev *dev;
	struct atls_bytes	 report_data;
	struct atls_buf		*quote;
};

/* Gramine has one user_report_data for all of us, and says itself that the
 * application must see to it that it is not used twice at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
path_of(const struct gramine_dev *d, const char *name,
    char out[GRAMINE_DIR_MAX + 32])
{
	(void)snprintf(out, GRAMINE_DIR_MAX + 32, "%.*s/%s",
	    GRAMINE_DIR_MAX - 1, d->dir, name);
	return out;
}

static enum atls_rc
type_check(struct att_try *t, void *arg)
{
	const struct job *j = arg;
	char path[GRAMINE_DIR_MAX + 32], type[GRAMINE_TYPE_MAX];
	enum atls_rc rc;

	rc = att_read_line(t, "gramine.type",
	    path_of(j->dev, "attestation_type", path), type, sizeof(type));
	if (rc == ATLS_OK && strcmp(type, "dcap") != 0)
		rc = fail_set(&t->err, ATLS_E_DEVICE, "gramine.type",
		    "sgx.remote_attestation is '%s', wanted is dcap", type);
	return rc;
}

static enum atls_rc
one(struct att_try *t, void *arg)
{
	const struct job *j = arg;
	char path[GRAMINE_DIR_MAX + 32];
	struct atls_buf *q = j->quote;
	enum atls_rc rc;

	q->len = 0;
	rc = att_write(t, "gramine.report_data",
	    path_of(j->dev, "user_report_data", path), j->report_data.p,
	    j->report_data.len);
	if (rc == ATLS_OK)
		rc = att_read(t, "gramine.quote",
		    path_of(j->dev, "quote", path), GRAMINE_QUOTE_MAX, q);
	/* whatever went wrong with the quote, Gramine calls it EACCES */
	if (t->no == EACCES)
		t->no = EIO;
	if (rc != ATLS_OK)
		return rc;
	if (q->len < SGX_QUOTE_MIN)
		return fail_set(&t->err, ATLS_E_DEVICE, "gramine.quote",
		    "%zu octets", q->len);
	if (!atls_ct_eq((struct atls_bytes){ q->p + SGX_REPORT_DATA_AT,
	    SGX_REPORT_DATA_LEN }, j->report_data)) {
		t->no = EBUSY;
		return fail_set(&t->err, ATLS_E_DEVICE, "gramine.quote",
		    "of somebody else's report data");
	}
	return ATLS_OK;
}

enum atls_rc
gramine_quote(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	uint8_t quote[GRAMINE_QUOTE_MAX];
	struct gramine_dev *d = dev;
	struct atls_buf q = { quote, sizeof(quote), 0 };
	struct job j = { d, report_data, &q };
	enum atls_rc rc;

	out->len = 0;
	if (report_data.len != SGX_REPORT_DATA_LEN)
		return fail_set(err, ATLS_E_ARG, "gramine.report_data",
		    "%zu octets", report_data.len);
	if (pthread_mutex_lock(&lock) != 0)
		return fail_set(err, ATLS_E_STATE, "gramine.lock", "lock");
	rc = att_retry(d->os, one, &j, err);
	(void)pthread_mutex_unlock(&lock);
	if (rc != ATLS_OK)
		return rc;
	out->len = q.len;
	if (q.len > out->cap)
		return fail_set(err, ATLS_E_SPACE, "gramine.evidence",
		    "%zu octets, room for %zu", q.len, out->cap);
	memcpy(out->p, quote, q.len);
	return ATLS_OK;
}

void
gramine_close(void *dev)
{
	free(dev);
}

enum atls_rc
gramine_open(void **dev, const char *where, const struct att_os *os,
    struct atls_err *err)
{
	struct gramine_dev *d;
	struct job j = { NULL, { NULL, 0 }, NULL };
	enum atls_rc rc;

	*dev = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return fail_set(err, ATLS_E_MEM, "gramine.open", "%zu octets",
		    sizeof(*d));
	d->os = os;
	j.dev = d;
	rc = att_conf(where, &(struct att_key){ "dir", d->dir,
	    sizeof(d->dir) }, 1, "gramine.conf", err);
	if (rc == ATLS_OK && d->dir[0] == '\0')
		memcpy(d->dir, GRAMINE_DIR, sizeof(GRAMINE_DIR));
	if (rc == ATLS_OK)
		rc = att_retry(os, type_check, &j, err);
	if (rc != ATLS_OK) {
		gramine_close(d);
		return rc;
	}
	*dev = d;
	return ATLS_OK;
}

static enum atls_rc
dev_open(void **dev, const char *where, struct atls_err *err)
{
	return gramine_open(dev, where, &att_os, err);
}

const struct atls_attester atls_attester_gramine = {
	.name = "gramine", .kind = ATLS_KIND_SGX, .open = dev_open,
	.quote = gramine_quote, .identity = NULL, .close = gramine_close,
};
