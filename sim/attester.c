/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

/* A machine, as the text for open() says. */
struct dev {
	enum atls_kind		 kind;
	struct atls_sim_opts	 o;		/* now 0: the clock's */
	char			*text;		/* what o points into */
};

static enum atls_rc
bad(struct atls_err *err, enum atls_rc rc, const char *what)
{
	if (err != NULL && err->rc == ATLS_OK) {
		*err = (struct atls_err){ .rc = rc, .where = "sim.conf" };
		(void)snprintf(err->detail, sizeof(err->detail), "%.80s",
		    what);
	}
	return rc;
}

/* A number in decimal, up to max; false: it is not one. */
static bool
number(const char *s, uint64_t max, uint64_t *out)
{
	*out = 0;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || *out > max / 10)
			return false;
		*out = *out * 10 + (uint64_t)(*s - '0');
	}
	return *out <= max;
}

static bool
set_product(struct atls_sim_opts *o, const char *value)
{
	static const char *const names[] = { "genoa", "milan", "turin" };
	unsigned i;

	for (i = 0; i < 3; i++)
		if (strcmp(names[i], value) == 0) {
			o->product = (enum atls_sim_product)i;
			return true;
		}
	return false;
}

static bool
set(struct dev *d, const char *key, const char *value)
{
	struct atls_sim_opts *o = &d->o;
	uint64_t n = 0;
	bool is = number(value, INT32_MAX, &n);

	if (strcmp(key, "instance") == 0 && is && n < ATLS_SIM_INSTANCES)
		o->instance = (unsigned)n;
	else if (strcmp(key, "version") == 0 && is)
		o->version = (unsigned)n;
	else if (strcmp(key, "at") == 0 && is)
		o->at = (unsigned)n;
	else if (strcmp(key, "now") == 0 &&
	    number(value, UINT32_MAX, &n) && n != 0)
		o->now = (int64_t)n;
	else if (strcmp(key, "software") == 0)
		o->software = PUT_STRING(value);
	else if (strcmp(key, "product") == 0)
		return set_product(o, value);
	else if (strcmp(key, "vlek") == 0)
		o->vlek = strcmp(value, "yes") == 0;
	else if (strcmp(key, "fault") == 0) {
		o->fault = atls_sim_fault_named(value);
		return o->fault != 0 && atls_sim_fault_of(o->fault, d->kind);
	} else
		return false;
	return true;
}

static enum atls_rc
conf(struct dev *d, struct atls_err *err)
{
	char *p = d->text, *value, *next;

	for (; *p != '\0'; p = next) {
		next = p + strcspn(p, ",");
		if (*next != '\0')
			*next++ = '\0';
		value = p + strcspn(p, "=");
		if (*value == '\0')
			return bad(err, ATLS_E_CONF, "wanted is key=value");
		*value++ = '\0';
		if (!set(d, p, value))
			return bad(err, ATLS_E_CONF, p);
	}
	return ATLS_OK;
}

static void
dev_close(void *arg)
{
	struct dev *d = arg;

	if (d == NULL)
		return;
	free(d->text);
	free(d);
}

static enum atls_rc
dev_open(void **dev, enum atls_kind kind, const char *where,
    struct atls_err *err)
{
	struct dev *d = calloc(1, sizeof(*d));
	size_t n = where == NULL ? 0 : strlen(where);
	enum atls_rc rc;

	*dev = NULL;
	if (d == NULL || (d->text = calloc(1, n + 1)) == NULL) {
		dev_close(d);
		return bad(err, ATLS_E_MEM, "no memory");
	}
	d->kind = kind;
	if (n != 0)
		memcpy(d->text, where, n);
	if ((rc = conf(d, err)) != ATLS_OK) {
		dev_close(d);
		return rc;
	}
	*dev = d;
	return ATLS_OK;
}

static enum atls_rc
dev_quote(void *arg, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	const struct dev *d = arg;
	struct atls_sim_opts o = d->o;

	if (o.now == 0)
		o.now = (int64_t)time(NULL);
	return atls_sim_quote(d->kind, &o, report_data, out, err);
}

#define ATTESTER(id, KIND)						\
	static enum atls_rc						\
	open_##id(void **dev, const char *where, struct atls_err *err)	\
	{								\
		return dev_open(dev, KIND, where, err);			\
	}								\
									\
	static const struct atls_attester id = {			\
		.name = "sim:" #id, .kind = KIND, .open = open_##id,	\
		.quote = dev_quote, .close = dev_close,			\
	}

ATTESTER(tdx, ATLS_KIND_TDX);
ATTESTER(sgx, ATLS_KIND_SGX);
ATTESTER(snp, ATLS_KIND_SNP);
ATTESTER(cca, ATLS_KIND_CCA);
ATTESTER(psa, ATLS_KIND_PSA);
ATTESTER(nitro, ATLS_KIND_NITRO);
ATTESTER(ear, ATLS_KIND_EAR);

const struct atls_attester *
atls_sim_attester(enum atls_kind kind)
{
	static const struct atls_attester *const all[] = { &tdx, &sgx, &snp,
	    &cca, &psa, &nitro, &ear };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->kind == kind)
			return all[i];
	return NULL;
}
