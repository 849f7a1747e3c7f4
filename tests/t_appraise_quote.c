/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>
#include <atls/cmw.h>

#include "heap.h"
#include "quote_cases.h"
#include "t.h"

/* Real quotes before policies: from the text to the verdict. */
#define TDX		"kind tdx\nanchor builtin:intel-sgx-root\n"
#define SGX		"kind sgx\nanchor builtin:intel-sgx-root\n"
#define V4_ID		"pck:07828474603e7019dc930775ffe8cdd2"
#define ALL_TDX		"ignore tdx.*\n"
#define ALL_SGX		"ignore sgx.*\n"
#define BAD_SGX		"tcb-status ConfigurationAndSWHardeningNeeded\n" \
			"allow-advisory *\n"

static const struct {
	const char	*what, *row, *policy;
	const char	*where;		/* NULL: accepted */
} cases[] = {
	{ "all ignored", "phala-tdx-v4-1", TDX ALL_TDX, NULL },
	{ "its machine", "phala-tdx-v4-1", TDX ALL_TDX "instance " V4_ID "\n",
	    NULL },
	{ "its PPID is no instance", "phala-tdx-v4-1", TDX ALL_TDX
	    "instance ppid:811dca2a26b952e85bb6448b097ba4fd\n",
	    "appraise.instance" },
	{ "its PPID, as a claim", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.ppid 811dca2a26b952e85bb6448b097ba4fd\n", NULL },
	{ "another machine", "phala-tdx-v4-1", TDX ALL_TDX
	    "instance pck:07828474603e7019dc930775ffe8cdd3\n",
	    "appraise.instance" },
	{ "FMSPC", "phala-tdx-v4-1", TDX ALL_TDX "tdx.fmspc B0C06F000000\n",
	    NULL },
	{ "another FMSPC", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.fmspc 90c06f000000\n", "tdx.fmspc" },
	{ "SVN of the module", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.tcb_svn.0 >=6\n", NULL },
	{ "SVN of the module, higher", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.tcb_svn.0 >=7\n", "tdx.tcb_svn.0" },
	{ "SVN of the PCK", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.pck.svn.7 >=6\n", "tdx.pck.svn.7" },
	{ "SEPT_VE_DISABLE", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.td_attributes.sept_ve_disable yes\n", NULL },
	{ "MIGRATABLE", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.td_attributes.migratable yes\n",
	    "tdx.td_attributes.migratable" },
	{ "no service TD in version 4", "phala-tdx-v4-1", TDX ALL_TDX
	    "tdx.mrservicetd 000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000\n",
	    "tdx.mrservicetd" },
	{ "as SGX", "phala-tdx-v4-1", SGX ALL_SGX, "appraise.kind" },
	{ "service TD", "automata-alibaba-v5-1", TDX ALL_TDX, NULL },
	{ "no service TD", "automata-alibaba-v5-1", TDX ALL_TDX
	    "tdx.mrservicetd 000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000\n",
	    "tdx.mrservicetd" },
	{ "out of date", "automata-tdx-v4-1", TDX ALL_TDX, "appraise.tcb" },
	{ "out of date, allowed", "automata-tdx-v4-1", TDX ALL_TDX
	    "tcb-status OutOfDate\nallow-advisory *\n", NULL },
	{ "debug", "trustee-debug-td-1", TDX ALL_TDX,
	    "tdx.td_attributes.debug" },
	{ "debug, allowed", "trustee-debug-td-1", TDX ALL_TDX
	    "allow-debug yes\n", NULL },
	{ "status", "phala-sgx-1", SGX ALL_SGX, "appraise.tcb" },
	{ "status allowed", "phala-sgx-1", SGX ALL_SGX BAD_SGX, NULL },
	{ "ISVSVN", "phala-sgx-1", SGX ALL_SGX BAD_SGX "sgx.isvsvn >=1\n",
	    "sgx.isvsvn" },
	{ "its PPID is its instance", "phala-sgx-1", SGX ALL_SGX BAD_SGX
	    "instance ppid:d04ec06d4e6d92dc90d0ad3cf5ee2ddf\n", NULL },
	{ "PPID as platform instance", "phala-sgx-1", SGX ALL_SGX BAD_SGX
	    "instance pck:d04ec06d4e6d92dc90d0ad3cf5ee2ddf\n",
	    "appraise.instance" },
	{ "debug enclave", "automata-debug-1", SGX ALL_SGX BAD_SGX,
	    "sgx.attributes.debug" },
	{ "debug enclave, allowed", "automata-debug-1", SGX ALL_SGX BAD_SGX
	    "allow-debug yes\n", NULL },
};

static struct quote_case row_of;

static void
find(void *arg, const struct quote_case *c)
{
	const char *id = arg;

	if (strcmp(c->col[QC_ID], id) == 0)
		row_of = *c;
}

struct asked {
	struct atls_collateral	*store;
	struct atls_bytes	 raw;
	struct atls_policy	*policy;
	struct atls_result	 res;
	uint8_t			*room;
	uint8_t			 data[64];	/* what it is bound to */
};

static size_t
body_of(const struct atls_bytes *raw)
{
	return raw->p[0] == 5 ? 54 : 48;
}

/* The policy, and the measurement of this quote that it must have. */
static struct atls_policy *
policy_of(const char *policy, const struct atls_bytes *raw)
{
	bool sgx = strncmp(policy, "kind sgx", 8) == 0;
	const uint8_t *p = raw->p + body_of(raw) + (sgx ? 64 : 136);
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_policy *out;
	char text[2048];
	size_t i, n;

	n = (size_t)snprintf(text, sizeof(text), "%s%s ", policy, sgx ?
	    "sgx.mrenclave" : "tdx.mrtd");
	for (i = 0; i < (sgx ? 32 : 48); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x",
		    p[i]);
	out = atls_policy_parse(pki_view(text), NULL, NULL, &err);
	T(out != NULL, "%s: %s", text, err.detail);
	return out;
}

static void
ask_open(struct asked *a, const char *row, const char *policy)
{
	bool missing = false;
	size_t at;

	row_of.kind = NULL;
	(void)quote_cases("tdx", find, (void *)(uintptr_t)row);
	if (row_of.kind == NULL)
		(void)quote_cases("sgx", find, (void *)(uintptr_t)row);
	*a = (struct asked){ .store = quote_collateral(&row_of, &missing) };
	a->raw = quote_case_file(&row_of, QC_QUOTE, &missing);
	T(!missing, "%s", row);
	a->policy = policy_of(policy, &a->raw);
	a->room = malloc(2 * a->raw.len);
	at = body_of(&a->raw) + (strcmp(row_of.kind, "sgx") == 0 ? 320 : 520);
	memcpy(a->data, a->raw.p + at, sizeof(a->data));
}

static void
ask_close(struct asked *a)
{
	atls_collateral_free(a->store);
	atls_policy_free(a->policy);
	drop(a->raw);
	free(a->room);
}

static enum atls_verdict
ask(struct asked *a, struct atls_bytes raw, enum atls_kind kind,
    struct atls_bytes data)
{
	struct atls_buf scratch = { a->room, 2 * a->raw.len, 0 };
	struct atls_question q = { .kind = kind, .raw = raw,
	    .report_data = data, .binding = ATLS_BINDING_EXPORTER,
	    .freshness = ATLS_F3, .now = quote_time(&row_of),
	    .collateral = a->store };

	return atls_appraise(a->policy, &q, &scratch, &a->res);
}

static void
policies(void)
{
	struct asked a;
	enum atls_verdict got;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		ask_open(&a, cases[i].row, cases[i].policy);
		got = ask(&a, a.raw, atls_kind_named(row_of.kind),
		    ATLS_ARRAY(a.data));
		if (cases[i].where == NULL)
			T(got == ATLS_VERDICT_ACCEPT && !a.res.simulated &&
			    a.res.evidence == ATLS_GOOD &&
			    a.res.key == ATLS_UNKNOWN &&
			    a.res.not_after > 0, "%s: %s: %s", cases[i].what,
			    a.res.why.where, a.res.why.detail);
		else
			T(got == ATLS_VERDICT_REJECT && strncmp(
			    a.res.why.where, cases[i].where,
			    strlen(cases[i].where)) == 0, "%s: %s: %s",
			    cases[i].what, a.res.why.where,
			    a.res.why.detail);
		ask_close(&a);
	}
}

/* All 64 octets count, and no fewer. */
static void
binding(const char *row, const char *policy, const char *where)
{
	enum atls_kind kind;
	struct asked a;
	size_t i;

	ask_open(&a, row, policy);
	kind = atls_kind_named(row_of.kind);
	for (i = 0; i < sizeof(a.data); i++) {
		a.data[i] ^= 1;
		T(ask(&a, a.raw, kind, ATLS_ARRAY(a.data)) ==
		    ATLS_VERDICT_REJECT && a.res.why.rc == ATLS_E_BIND &&
		    strcmp(a.res.why.where, where) == 0, "%s: octet %zu: %s",
		    row, i, a.res.why.where);
		a.data[i] ^= 1;
		T(ask(&a, a.raw, kind, (struct atls_bytes){ a.data, i }) ==
		    ATLS_VERDICT_REJECT, "%s: %zu octets", row, i);
	}
	T(ask(&a, a.raw, kind, ATLS_ARRAY(a.data)) == ATLS_VERDICT_ACCEPT,
	    "%s: %s", row, a.res.why.where);
	ask_close(&a);
}

/* As it comes over the wire: the media type chooses the kind. */
static void
wrapped(void)
{
	static const struct { const char *media; bool ok; } m[] = {
		{ "application/tdx-quote; version=1.0; profile="
		    "\"https://trustedcomputinggroup.org/tdx/v1\"", true },
		{ "application/sgx-quote", false },
		{ "application/tdx-quote", false },
	};
	static uint8_t out[32768];
	struct atls_buf b;
	struct asked a;
	size_t i;

	ask_open(&a, "phala-tdx-v4-1", TDX ALL_TDX);
	for (i = 0; i < NITEMS(m); i++) {
		b = (struct atls_buf){ out, sizeof(out), 0 };
		T(atls_cmw_write(&b, ATLS_CMW_CBOR, m[i].media, a.raw, 4) ==
		    ATLS_OK, "%s", m[i].media);
		T((ask(&a, (struct atls_bytes){ out, b.len }, ATLS_KIND_NONE,
		    ATLS_ARRAY(a.data)) == ATLS_VERDICT_ACCEPT) == m[i].ok,
		    "%s: %s", m[i].media, a.res.why.where);
	}
	ask_close(&a);
}

/* A policy that leaves out what it must speak of is none. */
static void
silent(void)
{
	static const char *const lines[] = { "tdx.mrtd", "tdx.rtmr.0",
	    "tdx.rtmr.1", "tdx.rtmr.2", "tdx.rtmr.3", "tdx.mrseam", "tdx.mrconfigid", "tdx.mrowner",
	    "tdx.mrownerconfig", "tdx.mrservicetd",
	    "tdx.td_attributes.sept_ve_disable",
	    "tdx.td_attributes.migratable", "sgx.mrenclave", "sgx.mrsigner",
	    "sgx.isvprodid", "sgx.isvsvn", "sgx.configid", "sgx.configsvn" };
	struct atls_policy *p;
	struct atls_err err = { .rc = ATLS_OK };
	char text[4096];
	size_t i, k;
	bool sgx;

	for (i = 0; i <= NITEMS(lines); i++) {
		sgx = i < NITEMS(lines) && lines[i][0] == 's';
		err = (struct atls_err){ .rc = ATLS_OK };
		(void)strcpy(text, sgx ? SGX : TDX);
		(void)strcat(text, "instance " V4_ID "\n");
		for (k = 0; k < NITEMS(lines); k++)
			if (k != i && (lines[k][0] == 's') == sgx) {
				(void)strcat(text, "ignore ");
				(void)strcat(text, lines[k]);
				(void)strcat(text, "\n");
			}
		p = atls_policy_parse(pki_view(text), NULL, NULL, &err);
		T((p != NULL) == (i == NITEMS(lines)), "%zu: %s", i,
		    p == NULL ? err.detail : "not missed");
		atls_policy_free(p);
	}
}

int
main(void)
{
	policies();
	binding("phala-tdx-v4-1", TDX ALL_TDX, "tdx.report_data");
	binding("automata-alibaba-v5-1", TDX ALL_TDX, "tdx.report_data");
	binding("phala-sgx-1", SGX ALL_SGX BAD_SGX, "sgx.report_data");
	wrapped();
	silent();
	return t_end("t_appraise_quote");
}
