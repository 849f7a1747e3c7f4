/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/evidence.h>

#include "../src/evidence/evidence.h"
#include "heap.h"
#include "quote_check.h"
#include "t.h"

#define V3	"sgx/quotes/phala-sgx.bin"

/* Offsets in the body. */
enum {
	CPUSVN = 0, MISCSELECT = 16, ISVEXTPRODID = 32, ATTRIBUTES = 48,
	XFRM = 56, MRENCLAVE = 64, MRSIGNER = 128, CONFIGID = 192,
	ISVPRODID = 256, ISVSVN = 258, CONFIGSVN = 260, ISVFAMILYID = 304,
	REPORT_DATA = 320,
};

static const struct {
	const char	*what;
	size_t		 off, n;
	uint64_t	 v;
	bool		 debug;		/* allow-debug */
	enum atls_rc	 rc;
	const char	*where;
} row[] = {
	{ "as it is",	ATTRIBUTES, 8, 0x05, false, ATLS_OK, NULL },
	{ "debug",	ATTRIBUTES, 8, 0x07, false, ATLS_E_POLICY,
	    "sgx.attributes.debug" },
	{ "debug, allowed", ATTRIBUTES, 8, 0x07, true, ATLS_OK, NULL },
	{ "no INIT",	ATTRIBUTES, 8, 0x04, true, ATLS_E_FORMAT,
	    "sgx.attributes.init" },
	{ "bit 3",	ATTRIBUTES, 8, 0x0d, true, ATLS_E_FORMAT,
	    "sgx.attributes.reserved" },
	{ "bit 8",	ATTRIBUTES, 8, 0x105, true, ATLS_E_FORMAT,
	    "sgx.attributes.reserved" },
	{ "bit 9",	ATTRIBUTES, 8, 0x205, false, ATLS_E_FORMAT,
	    "sgx.attributes.reserved" },
	{ "bit 11",	ATTRIBUTES, 8, 0x805, false, ATLS_E_FORMAT,
	    "sgx.attributes.reserved" },
	{ "bit 63",	ATTRIBUTES, 8, UINT64_C(1) << 63 | 5, false,
	    ATLS_E_FORMAT, "sgx.attributes.reserved" },
	{ "all there is", ATTRIBUTES, 8, 0x4f5, false, ATLS_OK, NULL },
	{ "32 bits",	ATTRIBUTES, 8, 0x01, false, ATLS_OK, NULL },
	{ "no x87",	XFRM, 8, 0xe6, false, ATLS_E_FORMAT, "sgx.xfrm" },
	{ "no SSE",	XFRM, 8, 0xe5, true, ATLS_E_FORMAT, "sgx.xfrm" },
	{ "MPX",	XFRM, 8, 0x1f, false, ATLS_OK, NULL },
	{ "reserved 1",	20, 1, 1, true, ATLS_E_FORMAT, "sgx.reserved" },
	{ "reserved 1, last", 31, 1, 1, false, ATLS_E_FORMAT,
	    "sgx.reserved" },
	{ "reserved 2",	96, 1, 1, false, ATLS_E_FORMAT, "sgx.reserved" },
	{ "reserved 2, last", 127, 1, 0x80, false, ATLS_E_FORMAT,
	    "sgx.reserved" },
	{ "reserved 3",	160, 1, 1, false, ATLS_E_FORMAT, "sgx.reserved" },
	{ "reserved 3, last", 191, 1, 1, false, ATLS_E_FORMAT,
	    "sgx.reserved" },
	{ "reserved 4",	262, 1, 1, false, ATLS_E_FORMAT, "sgx.reserved" },
	{ "reserved 4, last", 303, 1, 1, false, ATLS_E_FORMAT,
	    "sgx.reserved" },
	{ "KSS",	CONFIGID, 8, 1, false, ATLS_OK, NULL },
	{ "EXINFO",	MISCSELECT, 4, 1, false, ATLS_OK, NULL },
};

static void
checks(void)
{
	struct atls_result res;
	struct quote q;
	size_t i;
	int got;

	for (i = 0; i < NITEMS(row); i++) {
		T(quote_load(&q, V3), "%s", V3);
		quote_put(&q, q.body + row[i].off, row[i].v, row[i].n);
		quote_sign(&q);
		got = quote_check(&q, ATLS_KIND_SGX, row[i].debug, &res);
		T((got == 1) == (row[i].rc == ATLS_OK) && (got == 1 ||
		    (res.why.rc == row[i].rc &&
		    strcmp(res.why.where, row[i].where) == 0)),
		    "%s: %d: %s: %s", row[i].what, got, res.why.where,
		    res.why.detail);
	}
}

/* Every check has a name of its own, and is seen when all is well. */
static void
steps(void)
{
	static const char *const want[] = {
		"sgx.vendor", "sgx.header.reserved", "sgx.pck.chain",
		"sgx.qe.signature", "sgx.qe.reserved", "sgx.qe.attributes",
		"sgx.qe.report_data", "sgx.att_key", "sgx.signature",
		"sgx.reserved", "sgx.attributes.debug", "sgx.attributes.init",
		"sgx.attributes.reserved", "sgx.xfrm",
	};
	const struct quote_steps *s = quote_steps();
	struct atls_result res;
	struct quote q;
	size_t i;

	T(quote_load(&q, V3), "%s", V3);
	quote_sign(&q);
	T(quote_check(&q, ATLS_KIND_SGX, false, &res) == 1, "%s",
	    res.why.where);
	T(s->n == NITEMS(want), "%zu steps", s->n);
	for (i = 0; i < NITEMS(want) && i < s->n; i++)
		T(strcmp(s->where[i], want[i]) == 0, "%zu: %s", i,
		    s->where[i]);
	T(quote_asked.tee == INTEL_SGX && quote_asked.td.tcb_svn.len == 0 &&
	    quote_asked.td.tcb_svn_2.len == 0 && quote_asked.qe.isvsvn ==
	    quote_get(&q, q.qe + 258, 2), "what the TCB is judged by");
}

static const struct {
	const char	*name;
	size_t		 off, n;
} octets[] = {
	{ "sgx.cpusvn", CPUSVN, 16 }, { "sgx.attributes", ATTRIBUTES, 16 },
	{ "sgx.mrenclave", MRENCLAVE, 32 }, { "sgx.mrsigner", MRSIGNER, 32 },
	{ "sgx.configid", CONFIGID, 64 },
	{ "sgx.isvextprodid", ISVEXTPRODID, 16 },
	{ "sgx.isvfamilyid", ISVFAMILYID, 16 },
}, numbers[] = {
	{ "sgx.miscselect", MISCSELECT, 4 }, { "sgx.isvprodid", ISVPRODID, 2 },
	{ "sgx.isvsvn", ISVSVN, 2 }, { "sgx.configsvn", CONFIGSVN, 2 },
};

static const struct { const char *name; unsigned bit; } flag[] = {
	{ "sgx.attributes.debug", 1 }, { "sgx.attributes.mode64bit", 2 },
	{ "sgx.attributes.provision_key", 4 },
	{ "sgx.attributes.einittoken_key", 5 }, { "sgx.attributes.kss", 7 },
};

static void
values(const struct atls_evidence *ev, const struct quote *q, unsigned bit)
{
	const struct atls_claim *c;
	size_t i;

	for (i = 0; i < NITEMS(octets); i++)
		T((c = atls_evidence_claim(ev, octets[i].name)) != NULL &&
		    c->type == ATLS_CLAIM_BYTES && atls_ct_eq(c->bytes,
		    (struct atls_bytes){ q->b + q->body + octets[i].off,
		    octets[i].n }), "%s", octets[i].name);
	for (i = 0; i < NITEMS(numbers); i++)
		T((c = atls_evidence_claim(ev, numbers[i].name)) != NULL &&
		    c->type == ATLS_CLAIM_NUMBER && c->number == quote_get(q,
		    q->body + numbers[i].off, numbers[i].n), "%s",
		    numbers[i].name);
	for (i = 0; i < NITEMS(flag); i++)
		T((c = atls_evidence_claim(ev, flag[i].name)) != NULL &&
		    c->type == ATLS_CLAIM_BOOL && c->number ==
		    (flag[i].bit == bit), "%s with bit %u", flag[i].name,
		    bit);
	T(atls_ct_eq(ev->report_data, (struct atls_bytes){ q->b + q->body +
	    REPORT_DATA, 64 }), "report data");
}

/* No claim is missing in the table, or there twice, or of another type. */
static void
table(const struct atls_evidence *ev)
{
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_SGX);
	size_t i, k, n;

	for (i = 0; i < ev->nclaim; i++) {
		for (k = n = 0; k < ops->nclaim; k++)
			if (strcmp(ev->claim[i].name, ops->claim[k].name) == 0
			    && ev->claim[i].type == ops->claim[k].type &&
			    (ops->claim[k].len == 0 ||
			    ops->claim[k].len == ev->claim[i].bytes.len))
				n++;
		T(n == 1, "%s: %zu", ev->claim[i].name, n);
		for (k = 0; k < i; k++)
			T(strcmp(ev->claim[i].name, ev->claim[k].name) != 0,
			    "%s twice", ev->claim[i].name);
	}
	T(ops->field == 64 && ops->key == NULL, "%zu", ops->field);
}

static void
claims(void)
{
	static uint8_t room[QUOTE_ROOM];
	struct atls_buf scratch;
	struct atls_evidence ev;
	struct atls_err err;
	struct quote q;
	unsigned bit;
	size_t i;

	for (bit = 0; bit < 64; bit++) {
		T(quote_load(&q, V3), "%s", V3);
		for (i = 0; i < q.bodylen; i++)	/* no two fields alike */
			q.b[q.body + i] = (uint8_t)(i * 7 + i / 251);
		quote_put(&q, q.body + ATTRIBUTES, UINT64_C(1) << bit, 8);
		scratch = (struct atls_buf){ room, sizeof(room), 0 };
		T(atls_evidence_parse(&ev, ATLS_KIND_SGX, (struct atls_bytes){
		    q.b, q.len }, &scratch, &err) == ATLS_OK, "%s", err.where);
		values(&ev, &q, bit);
	}
	table(&ev);
}

/* A Processor CA certifies single packages: no platform instance.  Values as
 * "openssl asn1parse" shows them. */
static void
pck(void)
{
	static uint8_t room[QUOTE_ROOM];
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_SGX);
	struct atls_buf scratch = { room, sizeof(room), 0 };
	const struct atls_claim *c;
	char instance[ATLS_INSTANCE_MAX];
	struct atls_evidence ev;
	struct atls_err err;
	struct quote q;

	T(quote_load(&q, V3) && atls_evidence_parse(&ev, ATLS_KIND_SGX,
	    (struct atls_bytes){ q.b, q.len }, &scratch, &err) == ATLS_OK,
	    "%s", err.where);
	ops->instance(&ev, instance);
	T(strcmp(instance, "ppid:d04ec06d4e6d92dc90d0ad3cf5ee2ddf") == 0,
	    "%s", instance);
	T(atls_evidence_claim(&ev, "sgx.platform_instance") == NULL,
	    "no instance");
	T((c = atls_evidence_claim(&ev, "sgx.pck.svn.4")) != NULL &&
	    c->number == 255, "an SVN over 127");
	T((c = atls_evidence_claim(&ev, "sgx.pcesvn")) != NULL &&
	    c->number == 13, "PCESVN");
}

/* A TDREPORT or REPORT is for the machine it was made on: no signature. */
static void
local(void)
{
	static uint8_t room[QUOTE_ROOM], report[432] = { 3 };
	struct atls_bytes tdreport = quote_file("tdx/misc/gotdx-tdreport.bin");
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_evidence ev;
	struct atls_err err;
	unsigned kind;

	T(tdreport.p != NULL, "vector");
	for (kind = ATLS_KIND_TDX; kind <= ATLS_KIND_SGX; kind++) {
		T(atls_evidence_parse(&ev, (enum atls_kind)kind, tdreport,
		    &scratch, &err) != ATLS_OK, "TDREPORT");
		T(atls_evidence_parse(&ev, (enum atls_kind)kind,
		    ATLS_ARRAY(report), &scratch, &err) != ATLS_OK, "REPORT");
	}
	drop(tdreport);
}

int
main(void)
{
	quote_init();
	quote_ours = true;
	checks();
	steps();
	claims();
	pck();
	local();
	quote_done();
	return t_end("t_sgx");
}
