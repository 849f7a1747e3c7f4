/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated machines before the real checks: an honest one is accepted, and
 * each fault is refused, with the reason that is the fault's own.
 */
#include <stdlib.h>
#include <string.h>

#include <atls/atls.h>
#include <atls/sim.h>

#include "heap.h"
#include "sim_rows.h"
#include "t.h"

#define NOW	1790000000
#define ROOM	65536

/* The key of the connection, of which only results of Verifiers speak. */
static const char spki[] = "3059301306072a8648ce3d020106082a8648ce3d030107"
    "034200047d5b79e0490176847fde4e9f5559f32a8e15681157750e87847e09b82cb9321b"
    "ebdcddc9e6f9a9b601d1c6caa141801ead581eca2ff0f0abca7e9a4a8c43ea1b";

static const struct { enum atls_kind kind; char letter; size_t field; }
kinds[] = {
	{ ATLS_KIND_TDX, 'T', 64 }, { ATLS_KIND_SGX, 'S', 64 },
	{ ATLS_KIND_SNP, 'A', 64 }, { ATLS_KIND_CCA, 'C', 64 },
	{ ATLS_KIND_PSA, 'P', 32 }, { ATLS_KIND_NITRO, 'N', 48 },
	{ ATLS_KIND_EAR, 'E', 32 },
};

/* One appraisal of one machine. */
struct trial {
	enum atls_kind		 kind;
	size_t			 field;
	struct atls_sim_opts	 o;
	const char		*more;		/* lines of the policy */
	const char		*drop;		/* a line to leave out */
	unsigned		 root_of;	/* instance, for its root */
	struct atls_err		 put;		/* first of the collateral */
	struct atls_err		 why;
	bool			 simulated;
	struct atls_tcb		 tcb;
	char			 instance[ATLS_INSTANCE_MAX];
};

static enum atls_rc
open_root(void *arg, const char *name, struct atls_buf *out)
{
	struct trial *t = arg;
	struct atls_sim_opts o = t->o;

	/* what we trust is right, but for its age */
	if (o.fault != atls_sim_fault_named("root-expired"))
		o.fault = 0;
	o.instance = t->root_of;
	(void)name;
	return atls_sim_root(t->kind, &o, out, NULL);
}

static struct atls_policy *
policy_of(struct trial *t)
{
	struct atls_sim_opts o = t->o;
	char text[ROOM];
	struct atls_buf b = { (uint8_t *)text, sizeof(text) - 256, 0 };
	struct atls_err err = { 0 };
	struct atls_policy *p;
	char *drop, *end;

	o.fault = 0;
	o.instance = t->root_of;
	T(atls_sim_policy(t->kind, &o, "root.pem", &b, &err) == ATLS_OK,
	    "%s policy: %s", atls_kind_name(t->kind), err.detail);
	text[b.len] = '\0';
	if (t->drop != NULL && (drop = strstr(text, t->drop)) != NULL) {
		end = drop + strlen(t->drop);
		memmove(drop, end, strlen(end) + 1);
	}
	strcat(text, t->more != NULL ? t->more : "");
	p = atls_policy_parse((struct atls_bytes){ (uint8_t *)text,
	    strlen(text) }, open_root, t, &err);
	T(p != NULL, "%s policy: %s\n%s", atls_kind_name(t->kind), err.detail,
	    text);
	return p;
}

struct filled {
	struct atls_collateral	*store;
	struct atls_err		*first;
};

static enum atls_rc
put(void *arg, enum atls_item item, struct atls_bytes b)
{
	struct filled *f = arg;
	struct atls_err err = { 0 };
	struct atls_bytes exact = copy(b);

	if (atls_collateral_put(f->store, item, exact, &err) != ATLS_OK &&
	    f->first->rc == ATLS_OK)
		*f->first = err;
	drop(exact);
	return ATLS_OK;
}

static void
judge(struct trial *t, struct atls_policy *p, struct atls_bytes raw)
{
	struct filled f = { atls_collateral_new(), &t->put };
	uint8_t data[64], *room = malloc(4 * ROOM);
	struct atls_buf scratch = { room, 4 * ROOM, 0 };
	struct atls_result res;
	struct atls_bytes aik = hex(spki);
	struct atls_question q = { .kind = t->kind, .raw = raw,
	    .report_data = { data, t->field }, .spki = aik,
	    .binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
	    .now = NOW, .collateral = f.store };
	enum atls_verdict v;

	memset(data, 0x5a, sizeof(data));
	T(atls_sim_collateral(t->kind, &t->o, put, &f, NULL) == ATLS_OK,
	    "%s collateral", atls_kind_name(t->kind));
	v = atls_appraise(p, &q, &scratch, &res);
	T((v == ATLS_VERDICT_ACCEPT) == (res.why.rc == ATLS_OK), "%s: reason",
	    atls_kind_name(t->kind));
	t->why = res.why;
	t->simulated = res.simulated;
	t->tcb = res.tcb;
	memcpy(t->instance, res.instance, sizeof(t->instance));
	free(room);
	drop(aik);
	atls_collateral_free(f.store);
}

static void
run(struct trial *t)
{
	uint8_t data[64], *raw = malloc(ROOM);
	struct atls_buf out = { raw, ROOM, 0 };
	struct atls_err err = { 0 };
	struct atls_policy *p = policy_of(t);
	struct atls_bytes exact;

	memset(data, 0x5a, sizeof(data));
	T(atls_sim_quote(t->kind, &t->o, (struct atls_bytes){ data, t->field },
	    &out, &err) == ATLS_OK, "%s quote: %s", atls_kind_name(t->kind),
	    err.detail);
	exact = copy((struct atls_bytes){ raw, out.len });
	free(raw);
	if (p != NULL)
		judge(t, p, exact);
	drop(exact);
	atls_policy_free(p);
}

/* "*.quote" of a kind. */
static const char *
where_of(enum atls_kind kind, const char *pattern)
{
	static char where[80];

	if (pattern == NULL || pattern[0] != '*')
		return pattern;
	(void)snprintf(where, sizeof(where), "%s%s", atls_kind_name(kind),
	    pattern + 1);
	return where;
}

static void
check_row(const struct row *r, size_t k, unsigned at)
{
	struct trial t = { .kind = kinds[k].kind, .field = kinds[k].field,
	    .more = r->more, .o = { .now = NOW, .version = r->version,
	    .product = r->product, .vlek = r->vlek, .at = at,
	    .fault = atls_sim_fault_named(r->fault) } };
	const char *where = where_of(t.kind, r->where);

	T(atls_sim_fault_of(t.o.fault, t.kind), "%s: no %s",
	    atls_kind_name(t.kind), r->fault);
	if (!atls_sim_fault_of(t.o.fault, t.kind))
		return;
	run(&t);
	T(t.why.rc == r->rc && (where == NULL || (t.why.where != NULL &&
	    strcmp(t.why.where, where) == 0)),
	    "%s %s %u: %s %s, not %s %s: %s", atls_kind_name(t.kind), r->fault,
	    at, atls_rc_name(t.why.rc), t.why.where, atls_rc_name(r->rc),
	    where, t.why.detail);
	T((r->put == NULL) == (t.put.rc == ATLS_OK) && (r->put == NULL ||
	    strcmp(t.put.where, r->put) == 0 || t.kind == ATLS_KIND_SNP),
	    "%s %s: collateral %s", atls_kind_name(t.kind), r->fault,
	    t.put.where);
	T(r->status == 0 || t.tcb.status == r->status, "%s %s: status %s",
	    atls_kind_name(t.kind), r->fault, atls_tcb_name(t.tcb.status));
}

static void
test_rows(void)
{
	size_t i, k;
	unsigned at, to;

	for (i = 0; i < NITEMS(rows); i++)
		for (k = 0; k < NITEMS(kinds); k++) {
			if (strchr(rows[i].kinds, kinds[k].letter) == NULL)
				continue;
			to = rows[i].to > rows[i].from ? rows[i].to :
			    rows[i].from;
			/* the ends of a range, and its middle */
			for (at = rows[i].from; at <= to; at +=
			    to - rows[i].from > 16 && at + 9 < to ? 9 : 1)
				check_row(&rows[i], k, at);
		}
}

/* No fault without a row, for each kind that has it. */
static void
test_complete(void)
{
	unsigned f, n = 0;
	size_t k, i;
	bool found;

	for (f = 1; atls_sim_fault_name(f) != NULL; f++, n++) {
		T(atls_sim_fault_named(atls_sim_fault_name(f)) == f &&
		    atls_sim_fault_what(f) != NULL, "fault %u", f);
		for (k = 0; k < NITEMS(kinds); k++) {
			found = !atls_sim_fault_of(f, kinds[k].kind);
			for (i = 0; i < NITEMS(rows); i++)
				found = found || (strcmp(rows[i].fault,
				    atls_sim_fault_name(f)) == 0 &&
				    strchr(rows[i].kinds, kinds[k].letter) !=
				    NULL);
			T(found, "%s %s: no row",
			    atls_kind_name(kinds[k].kind),
			    atls_sim_fault_name(f));
		}
	}
	T(n > 100 && atls_sim_fault_name(0) == NULL &&
	    atls_sim_fault_what(n + 1) == NULL &&
	    atls_sim_fault_named("none") == 0 &&
	    atls_sim_fault_named(NULL) == 0 &&
	    !atls_sim_fault_of(0, ATLS_KIND_TDX) &&
	    !atls_sim_fault_of(n + 1, ATLS_KIND_TDX) &&
	    !atls_sim_fault_of(1, ATLS_KIND_TPM), "no such fault");
}

/* Each form of each kind, honest. */
static const struct {
	enum atls_kind		 kind;
	struct atls_sim_opts	 o;
} honest[] = {
	{ ATLS_KIND_TDX, { .version = 4 } },
	{ ATLS_KIND_TDX, { .version = 5 } },
	{ ATLS_KIND_TDX, { .processor_ca = true } },
	{ ATLS_KIND_TDX, { .instance = 7 } },
	{ ATLS_KIND_SGX, { .version = 0 } },
	{ ATLS_KIND_SGX, { .processor_ca = true } },
	{ ATLS_KIND_SGX, { .instance = 1 } },
	{ ATLS_KIND_SNP, { .version = 2 } },
	{ ATLS_KIND_SNP, { .version = 5 } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_MILAN } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_MILAN, .version = 2 } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_MILAN, .version = 5,
	    .vlek = true } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_TURIN } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_TURIN, .version = 2 } },
	{ ATLS_KIND_SNP, { .product = ATLS_SIM_TURIN, .version = 5,
	    .vlek = true } },
	{ ATLS_KIND_SNP, { .vlek = true } },
	{ ATLS_KIND_SNP, { .instance = 3 } },
	{ ATLS_KIND_CCA, { .version = 0 } },
	{ ATLS_KIND_CCA, { .instance = 5 } },
	{ ATLS_KIND_PSA, { .instance = 2 } },
	{ ATLS_KIND_NITRO, { .instance = 4 } },
	{ ATLS_KIND_EAR, { .version = 0 } },
};

static struct trial
trial_of(size_t i)
{
	struct trial t = { .kind = honest[i].kind, .o = honest[i].o };
	size_t k;

	for (k = 0; k < NITEMS(kinds); k++)
		if (kinds[k].kind == t.kind)
			t.field = kinds[k].field;
	t.o.now = NOW;
	t.root_of = t.o.instance;
	return t;
}

/* Accepted, and the result says what it is; refused without leave. */
static void
test_honest(void)
{
	struct trial t;
	size_t i;

	for (i = 0; i < NITEMS(honest); i++) {
		t = trial_of(i);
		run(&t);
		T(t.why.rc == ATLS_OK && t.put.rc == ATLS_OK && t.simulated,
		    "%s, row %zu: %s %s", atls_kind_name(t.kind), i,
		    t.why.where, t.why.detail);
		t.drop = "allow-simulated yes\n";
		run(&t);
		T(t.why.rc == ATLS_E_CHAIN && t.simulated &&
		    strcmp(t.why.where, "appraise.simulated") == 0,
		    "%s, row %zu: %s", atls_kind_name(t.kind), i,
		    t.why.where);
	}
}

/* Another machine is another instance, under the same root; of CCA and PSA it
 * has another key. */
static void
test_instances(void)
{
	char seen[ATLS_SIM_INSTANCES][ATLS_INSTANCE_MAX];
	struct trial t;
	unsigned n, m;
	size_t k;

	for (k = 0; k < NITEMS(kinds); k++) {
		if (kinds[k].kind == ATLS_KIND_EAR)
			continue;
		for (n = 0; n < ATLS_SIM_INSTANCES; n++) {
			t = (struct trial){ .kind = kinds[k].kind,
			    .field = kinds[k].field, .root_of = n,
			    .o = { .now = NOW, .instance = n } };
			run(&t);
			T(t.why.rc == ATLS_OK && t.instance[0] != '\0',
			    "%s %u: %s", atls_kind_name(t.kind), n,
			    t.why.detail);
			memcpy(seen[n], t.instance, sizeof(seen[n]));
			for (m = 0; m < n; m++)
				T(strcmp(seen[m], seen[n]) != 0, "%s: %u, %u",
				    atls_kind_name(t.kind), m, n);
		}
		t.root_of = 0;
		run(&t);
		T(t.why.rc == (kinds[k].kind == ATLS_KIND_CCA ||
		    kinds[k].kind == ATLS_KIND_PSA ? ATLS_E_SIG : ATLS_OK),
		    "%s, policy of another: %s", atls_kind_name(t.kind),
		    t.why.where);
	}
}

/* The same options, the same octets; another clock, other ones. */
static void
test_same(void)
{
	static uint8_t a[ROOM], b[ROOM];
	const uint8_t data[64] = { 1 };
	struct atls_buf x, y;
	struct trial t;
	size_t i;

	for (i = 0; i < NITEMS(honest); i++) {
		t = trial_of(i);
		x = (struct atls_buf){ a, sizeof(a), 0 };
		y = (struct atls_buf){ b, sizeof(b), 0 };
		T(atls_sim_quote(t.kind, &t.o, (struct atls_bytes){ data,
		    t.field }, &x, NULL) == ATLS_OK &&
		    atls_sim_quote(t.kind, &t.o, (struct atls_bytes){ data,
		    t.field }, &y, NULL) == ATLS_OK && x.len == y.len &&
		    memcmp(a, b, x.len) == 0, "%s, row %zu",
		    atls_kind_name(t.kind), i);
	}
}

static void
test_outlook(void)
{
	struct trial t = { .kind = ATLS_KIND_TDX, .field = 64,
	    .o = { .now = NOW, .fault = atls_sim_fault_named("outlook") } };

	run(&t);
	T(t.why.rc == ATLS_OK && t.tcb.outlook[0] != '\0', "outlook: '%s'",
	    t.tcb.outlook);
	T(t.tcb.status == ATLS_TCB_UP_TO_DATE && t.tcb.evaluation == 17,
	    "status, evaluation");
}

/* What is asked for wrongly is not given. */
static void
test_ask(void)
{
	const uint8_t data[65] = { 1 };
	uint8_t small[16], room[ROOM];
	const struct {
		const char		*what;
		enum atls_kind		 kind;
		struct atls_sim_opts	 o;
		size_t			 n;
		struct atls_buf		 out;
		enum atls_rc		 rc;
	} asks[] = {
		{ "kind", ATLS_KIND_TPM, { .now = NOW }, 64,
		    { room, ROOM, 0 }, ATLS_E_ARG },
		{ "time", ATLS_KIND_TDX, { .now = 0 }, 64, { room, ROOM, 0 },
		    ATLS_E_ARG },
		{ "instance", ATLS_KIND_TDX, { .now = NOW,
		    .instance = ATLS_SIM_INSTANCES }, 64, { room, ROOM, 0 },
		    ATLS_E_ARG },
		{ "fault of another", ATLS_KIND_SNP, { .now = NOW,
		    .fault = atls_sim_fault_named("qe-debug") }, 64,
		    { room, ROOM, 0 }, ATLS_E_ARG },
		{ "no report data", ATLS_KIND_NITRO, { .now = NOW }, 0,
		    { room, ROOM, 0 }, ATLS_E_ARG },
		{ "short report data", ATLS_KIND_TDX, { .now = NOW }, 63,
		    { room, ROOM, 0 }, ATLS_E_ARG },
		{ "long report data", ATLS_KIND_NITRO, { .now = NOW }, 65,
		    { room, ROOM, 0 }, ATLS_E_ARG },
		{ "no room", ATLS_KIND_TDX, { .now = NOW }, 64,
		    { small, sizeof(small), 0 }, ATLS_E_SPACE },
	};
	struct atls_buf out;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(asks); i++) {
		out = asks[i].out;
		err = (struct atls_err){ 0 };
		T(atls_sim_quote(asks[i].kind, &asks[i].o,
		    (struct atls_bytes){ data, asks[i].n }, &out, &err) ==
		    asks[i].rc && err.rc == asks[i].rc, "%s: %s",
		    asks[i].what, err.detail);
		T((out.len != 0) == (asks[i].rc == ATLS_E_SPACE), "%s: length",
		    asks[i].what);
	}
}

/* The text that an attester is opened with. */
static void
test_attester(void)
{
	static const struct { const char *where; enum atls_rc rc; } rows_[] = {
		{ "", ATLS_OK },
		{ "instance=3,version=5,software=x,now=1790000000", ATLS_OK },
		{ "fault=debug", ATLS_OK },
		{ "fault=attribute,at=63", ATLS_OK },
		{ "fault=hwid", ATLS_E_CONF },		/* of SNP */
		{ "fault=", ATLS_E_CONF },
		{ "instance=8", ATLS_E_CONF },
		{ "instance=-1", ATLS_E_CONF },
		{ "instance=99999999999999999999", ATLS_E_CONF },
		{ "instance", ATLS_E_CONF },
		{ "now=0", ATLS_E_CONF },
		{ "colour=red", ATLS_E_CONF },
		{ "product=rome", ATLS_E_CONF },
	};
	const struct atls_attester *a = atls_sim_attester(ATLS_KIND_TDX);
	static uint8_t room[ROOM];
	struct atls_buf out = { room, ROOM, 0 };
	const uint8_t data[64] = { 0 };
	struct atls_err err;
	void *dev;
	size_t i;

	T(a != NULL && strcmp(a->name, "sim:tdx") == 0 &&
	    a->kind == ATLS_KIND_TDX &&
	    atls_sim_attester(ATLS_KIND_TPM) == NULL, "attester");
	for (i = 0; i < NITEMS(rows_); i++) {
		err = (struct atls_err){ 0 };
		T(a->open(&dev, rows_[i].where, &err) == rows_[i].rc &&
		    (dev != NULL) == (rows_[i].rc == ATLS_OK), "'%s': %s",
		    rows_[i].where, err.detail);
		if (dev != NULL)
			T(a->quote(dev, ATLS_ARRAY(data), &out, &err) ==
			    ATLS_OK && out.len != 0, "'%s'", rows_[i].where);
		a->close(dev);
	}
}

int
main(void)
{
	test_complete();
	test_honest();
	test_instances();
	test_same();
	test_rows();
	test_outlook();
	test_ask();
	test_attester();
	return t_end("t_sim");
}
