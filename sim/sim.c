/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <string.h>

static const struct {
	const char	*name, *kinds, *what;
} faults[SIM_NFAULTS] = {
	{ NULL, "", NULL },
#define FAULT(id, name, kinds, what)	{ name, kinds, what },
#include "fault.def"
#undef FAULT
};

static const struct { enum atls_kind kind; char letter; } letters[] = {
	{ ATLS_KIND_TDX, 'T' }, { ATLS_KIND_SGX, 'S' }, { ATLS_KIND_SNP, 'A' },
	{ ATLS_KIND_CCA, 'C' }, { ATLS_KIND_PSA, 'P' },
	{ ATLS_KIND_NITRO, 'N' }, { ATLS_KIND_EAR, 'E' },
};

static const struct sim_tee *const tees[] = {
	&sim_tdx, &sim_sgx, &sim_snp, &sim_cca, &sim_psa, &sim_nitro,
	&sim_ear,
};

static const struct sim_tee *
tee_of(enum atls_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(tees) / sizeof(tees[0]); i++)
		if (tees[i]->kind == kind)
			return tees[i];
	return NULL;
}

unsigned
atls_sim_fault_named(const char *name)
{
	unsigned i;

	for (i = 1; name != NULL && i < SIM_NFAULTS; i++)
		if (strcmp(faults[i].name, name) == 0)
			return i;
	return 0;
}

const char *
atls_sim_fault_name(unsigned fault)
{
	return fault < SIM_NFAULTS ? faults[fault].name : NULL;
}

const char *
atls_sim_fault_what(unsigned fault)
{
	return fault < SIM_NFAULTS ? faults[fault].what : NULL;
}

bool
atls_sim_fault_of(unsigned fault, enum atls_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].kind == kind && fault < SIM_NFAULTS)
			return strchr(faults[fault].kinds,
			    letters[i].letter) != NULL;
	return false;
}

void
sim_octets(uint8_t *out, size_t n, const char *name, unsigned instance,
    struct atls_bytes software)
{
	struct put in = { .p = NULL };
	uint8_t h[ATLS_HASH_MAX] = { 0 };

	put_text(&in, "octets of %s, %u", name, instance);
	if (in.rc == ATLS_OK)
		put_fail(&in, sim_hash("SHA512", put_view(&in), software, h));
	put_free(&in);
	memcpy(out, h, n);
}

void
sim_put_octets(struct put *w, size_t n, const char *name, unsigned instance,
    struct atls_bytes software)
{
	uint8_t b[ATLS_HASH_MAX];

	sim_octets(b, n, name, instance, software);
	put_raw(w, b, n);
}

struct atls_bytes
sim_software(const struct atls_sim_opts *o)
{
	if (o->fault == SIM_F_SW)
		return PUT_STRING("another program");
	return o->software.len != 0 ? o->software : PUT_STRING("a program");
}

enum atls_rc
sim_item(struct put *w, enum atls_rc (*fn)(void *, enum atls_item,
    struct atls_bytes), void *arg, enum atls_item item)
{
	enum atls_rc rc = w->rc;

	if (rc == ATLS_OK && w->len != 0)
		rc = fn(arg, item, put_view(w));
	put_free(w);
	return rc;
}

/* This library has no way to the core's err_set(). */
static enum atls_rc
fail(struct atls_err *err, enum atls_rc rc, const char *what)
{
	if (err != NULL && err->rc == ATLS_OK) {
		*err = (struct atls_err){ .rc = rc, .where = "sim" };
		(void)strncpy(err->detail, what, sizeof(err->detail) - 1);
	}
	return rc;
}

/* The kind's row, if the options are ones that it can serve. */
static const struct sim_tee *
ask(enum atls_kind kind, const struct atls_sim_opts *o, struct atls_err *err)
{
	const struct sim_tee *tee = tee_of(kind);

	if (tee == NULL)
		(void)fail(err, ATLS_E_ARG, "no such simulated kind");
	else if (o->instance >= ATLS_SIM_INSTANCES || o->now <= 0)
		(void)fail(err, ATLS_E_ARG, "instance or time");
	else if (o->fault != 0 && !atls_sim_fault_of(o->fault, kind))
		(void)fail(err, ATLS_E_ARG, "no such fault of this kind");
	else
		return tee;
	return NULL;
}

/* Hands over what was made. */
static enum atls_rc
give(struct put *w, struct atls_buf *out, struct atls_err *err)
{
	enum atls_rc rc = put_copy(w, out);

	put_free(w);
	return rc == ATLS_OK ? rc : fail(err, rc, "could not be made");
}

enum atls_rc
atls_sim_quote(enum atls_kind kind, const struct atls_sim_opts *o,
    struct atls_bytes report_data, struct atls_buf *out, struct atls_err *err)
{
	const struct sim_tee *tee = ask(kind, o, err);
	struct put w = { .p = NULL };

	out->len = 0;
	if (tee == NULL)
		return ATLS_E_ARG;
	if (report_data.len == 0 || report_data.len > ATLS_HASH_MAX ||
	    (tee->field != 0 && report_data.len != tee->field))
		return fail(err, ATLS_E_ARG, "length of report data");
	tee->quote(&w, kind, o, report_data);
	return give(&w, out, err);
}

enum atls_rc
atls_sim_root(enum atls_kind kind, const struct atls_sim_opts *o,
    struct atls_buf *out, struct atls_err *err)
{
	const struct sim_tee *tee = ask(kind, o, err);
	struct put w = { .p = NULL };

	out->len = 0;
	if (tee == NULL)
		return ATLS_E_ARG;
	tee->root(&w, kind, o);
	return give(&w, out, err);
}

enum atls_rc
atls_sim_collateral(enum atls_kind kind, const struct atls_sim_opts *o,
    enum atls_rc (*fn)(void *, enum atls_item, struct atls_bytes), void *arg,
    struct atls_err *err)
{
	const struct sim_tee *tee = ask(kind, o, err);
	enum atls_rc rc;

	if (tee == NULL)
		return ATLS_E_ARG;
	rc = tee->collateral == NULL ? ATLS_OK :
	    tee->collateral(kind, o, fn, arg);
	return rc == ATLS_OK ? rc : fail(err, rc, "collateral");
}

enum atls_rc
atls_sim_policy(enum atls_kind kind, const struct atls_sim_opts *o,
    const char *root, struct atls_buf *out, struct atls_err *err)
{
	const struct sim_tee *tee = ask(kind, o, err);
	struct put w = { .p = NULL };

	out->len = 0;
	if (tee == NULL)
		return ATLS_E_ARG;
	(void)sim_policy(&w, tee, o, root, err);
	return give(&w, out, err);
}
