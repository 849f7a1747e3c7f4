/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "nsm.h"

struct nsm_dev {
	const struct att_os	*os;
	char			 path[NSM_PATH_MAX];
};

/* What one attempt is about; out is NULL if only about the device. */
struct job {
	const struct nsm_dev	*dev;
	struct atls_bytes	 request;
	uint8_t			*out;		/* NSM_RESPONSE_MAX octets */
	size_t			 outlen;
};

static enum atls_rc
one(struct att_try *t, void *arg)
{
	struct job *j = arg;
	const struct att_os *os = t->os;
	enum atls_rc rc = ATLS_OK;
	struct nsm_raw raw = {
		.request = (uint64_t)(uintptr_t)j->request.p,
		.requestlen = j->request.len,
		.response = (uint64_t)(uintptr_t)j->out,
		.responselen = NSM_RESPONSE_MAX,
	};
	int fd;

	if ((fd = os->open(os->ctx, j->dev->path, O_RDWR)) == -1)
		return att_os_fail(t, "nsm.open", j->dev->path);
	if (j->out != NULL &&
	    os->ioctl(os->ctx, fd, NSM_IOCTL_RAW, &raw) == -1)
		rc = att_os_fail(t, "nsm.ioctl", j->dev->path);
	else if (raw.responselen > NSM_RESPONSE_MAX)
		rc = fail_set(&t->err, ATLS_E_DEVICE, "nsm.ioctl",
		    "response of %llu octets",
		    (unsigned long long)raw.responselen);
	else
		j->outlen = (size_t)raw.responselen;
	(void)os->close(os->ctx, fd);
	return rc;
}

enum atls_rc
nsm_quote(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	uint8_t request[NSM_REQUEST_MAX], response[NSM_RESPONSE_MAX];
	struct nsm_dev *d = dev;
	struct job j = { .dev = d, .out = response };
	struct atls_bytes doc;
	enum atls_rc rc;

	out->len = 0;
	if (report_data.len == 0 || report_data.len > NSM_USER_DATA_MAX)
		return fail_set(err, ATLS_E_ARG, "nsm.report_data",
		    "%zu octets", report_data.len);
	j.request.p = request;
	j.request.len = nsm_request(request, report_data);
	if ((rc = att_retry(d->os, one, &j, err)) != ATLS_OK)
		return rc;
	rc = nsm_response((struct atls_bytes){ response, j.outlen }, &doc,
	    err);
	if (rc != ATLS_OK)
		return rc;
	out->len = doc.len;
	if (doc.len > out->cap)
		return fail_set(err, ATLS_E_SPACE, "nsm.evidence",
		    "%zu octets, room for %zu", doc.len, out->cap);
	memcpy(out->p, doc.p, doc.len);
	return ATLS_OK;
}

void
nsm_close(void *dev)
{
	free(dev);
}

enum atls_rc
nsm_open(void **dev, const char *where, const struct att_os *os,
    struct atls_err *err)
{
	struct nsm_dev *d;
	struct job j = { .out = NULL };
	enum atls_rc rc;

	*dev = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return fail_set(err, ATLS_E_MEM, "nsm.open", "%zu octets",
		    sizeof(*d));
	d->os = os;
	j.dev = d;
	rc = att_conf(where, &(struct att_key){ "dev", d->path,
	    sizeof(d->path) }, 1, "nsm.conf", err);
	if (rc == ATLS_OK && d->path[0] == '\0')
		memcpy(d->path, NSM_DEVICE, sizeof(NSM_DEVICE));
	if (rc == ATLS_OK)
		rc = att_retry(os, one, &j, err);
	if (rc != ATLS_OK) {
		nsm_close(d);
		return rc;
	}
	*dev = d;
	return ATLS_OK;
}

static enum atls_rc
dev_open(void **dev, const char *where, struct atls_err *err)
{
	return nsm_open(dev, where, &att_os, err);
}

const struct atls_attester atls_attester_nsm = {
	.name = "nsm", .kind = ATLS_KIND_NITRO, .open = dev_open,
	.quote = nsm_quote, .identity = NULL, .close = nsm_close,
};
