/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates with evidence of our attester. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ratls.h"

#define CHAIN_MAX	(2 * ATLS_RATLS_MAX)	/* octets of PEM text */
#define KEY_MAX		4096
#define SKEW		300	/* seconds that a peer's clock may be late */
#define LIFE_MIN	60
#define LIFE_MAX	(90 * 24 * 3600)

int
ratls_form(struct ratls *r, const char *v)
{
	if (strcmp(v, "cmw") == 0)
		r->form = ATLS_RATLS_CMW;
	else if (strcmp(v, "dice") == 0)
		r->form = ATLS_RATLS_DICE;
	else
		return complain(EX_USAGE_ERROR, "--ratls-form: cmw, dice");
	return -1;
}

int
ratls_life(struct ratls *r, const char *v)
{
	r->life = parse_duration(v);
	r->life_given = true;
	return r->life >= LIFE_MIN && r->life <= LIFE_MAX ? -1 :
	    complain(EX_USAGE_ERROR, "--ratls-life: a time such as 2h, from "
	    "1m to 90d");
}

bool
ratls_is_asked(const struct ratls *r)
{
	return r->form != ATLS_RATLS_NONE || r->life_given ||
	    r->name != NULL || r->ca != NULL || r->ca_key != NULL;
}

static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	const struct atls_source *s = arg;

	return s->attester->quote(s->dev, rd, out, err);
}

/* 1, or 0 after a complaint. */
static int
ca_read(const struct ratls *r, struct atls_buf *ca, struct atls_buf *key,
    int *status)
{
	const char *bad = NULL;

	*ca = *key = (struct atls_buf){ NULL, 0, 0 };
	if (r->ca != NULL && file_read(r->ca, ca) == -1)
		bad = r->ca;
	else if (r->ca_key != NULL && file_read(r->ca_key, key) == -1)
		bad = r->ca_key;
	if (bad != NULL)
		*status = complain(EX_TROUBLE, "%s: %s", bad,
		    strerror(errno));
	return bad == NULL;
}

static int
make(const struct ratls *r, struct source *s, struct atls_buf *cert,
    struct atls_buf *key, int *status)
{
	char host[256] = "localhost";
	struct atls_ratls_ask ask = { .name = r->name,
	    .kind = s->source.attester->kind, .form = r->form };
	struct atls_buf ca, ca_key;
	struct atls_err err = { 0 };
	int64_t now = (int64_t)time(NULL);
	enum atls_rc rc = ATLS_E_IO;

	if (ask.name == NULL) {
		(void)gethostname(host, sizeof(host) - 1);
		ask.name = host;
	}
	if (ask.form == ATLS_RATLS_NONE)
		ask.form = ATLS_RATLS_CMW;
	ask.from = now - SKEW;
	ask.until = now + r->life;
	if (ca_read(r, &ca, &ca_key, status)) {
		ask.ca_pem = buf_view(&ca);
		ask.ca_key_pem = buf_view(&ca_key);
		rc = atls_ratls_make(&ask, quote, &s->source, cert, key, &err);
		if (rc != ATLS_OK)
			*status = complain_err(status_of_file(rc),
			    "certificate", &err);
	}
	if (ca_key.p != NULL)
		atls_wipe(ca_key.p, ca_key.len);
	free(ca_key.p);
	free(ca.p);
	return rc == ATLS_OK;
}

int
ratls_make(const struct ratls *r, struct source *s, struct atls_buf *cert,
    struct atls_buf *key, int *status)
{
	*cert = (struct atls_buf){ malloc(CHAIN_MAX), CHAIN_MAX, 0 };
	*key = (struct atls_buf){ malloc(KEY_MAX), KEY_MAX, 0 };
	if (cert->p != NULL && key->p != NULL)
		return make(r, s, cert, key, status);
	*status = complain(EX_TROUBLE, "no memory");
	return 0;
}

void
ratls_free(struct atls_buf *cert, struct atls_buf *key)
{
	if (key->p != NULL)
		atls_wipe(key->p, key->cap);
	free(key->p);
	free(cert->p);
}

/* Whole or not at all, for who reads it meanwhile: beside it, then renamed. */
static int
put(const char *path, const struct atls_buf *b, mode_t mode)
{
	size_t n = strlen(path) + sizeof(".new"), off = 0;
	char *tmp = malloc(n);
	int fd = -1, saved;
	ssize_t w = 0;

	if (tmp == NULL)
		return complain(EX_TROUBLE, "no memory");
	(void)snprintf(tmp, n, "%s.new", path);
	(void)unlink(tmp);
	if ((fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) !=
	    -1)
		while (off < b->len && (w = write(fd, b->p + off, b->len -
		    off)) > 0)
			off += (size_t)w;
	saved = errno;
	if (fd != -1 && close(fd) == -1)
		off = 0;
	if (fd == -1 || off != b->len || rename(tmp, path) == -1) {
		if (fd != -1 && off == b->len)
			saved = errno;
		(void)complain(EX_TROUBLE, "%s: %s", path, strerror(saved));
		if (fd != -1)
			(void)unlink(tmp);
		fd = -1;
	}
	free(tmp);
	return fd == -1 ? EX_TROUBLE : EX_ACCEPTED;
}

int
ratls_write(const struct ratls *r, struct source *s, const char *cert_path,
    const char *key_path)
{
	struct atls_buf cert, key;
	int status = EX_TROUBLE;

	if (ratls_make(r, s, &cert, &key, &status) &&
	    (status = put(key_path, &key, S_IRUSR | S_IWUSR)) == EX_ACCEPTED)
		status = put(cert_path, &cert, S_IRUSR | S_IWUSR | S_IRGRP |
		    S_IROTH);
	ratls_free(&cert, &key);
	return status;
}
