/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/cmw.h>
#include <atls/evidence.h>

#include "../src/codec/cbor.h"
#include "../src/evidence/evidence.h"
#include "heap.h"
#include "quote_check.h"
#include "t.h"

#define V4	"tdx/quotes/phala-tdx-v4.bin"
#define V5	"tdx/quotes/automata-alibaba-v5.bin"

/* Offsets in the body. */
enum {
	TCB_SVN = 0, MRSEAM = 16, MRSIGNERSEAM = 64, SEAM_ATTRIBUTES = 112,
	TD_ATTRIBUTES = 120, XFAM = 128, MRTD = 136, MRCONFIGID = 184,
	MROWNER = 232, MROWNERCONFIG = 280, RTMR = 328, REPORT_DATA = 520,
	TCB_SVN_2 = 584, MRSERVICETD = 600,
};

/* One row for each MUST, and what is left to the policy. */
static const struct {
	const char	*what;
	size_t		 off;
	uint64_t	 v;		/* of eight octets there */
	bool		 debug;		/* allow-debug */
	enum atls_rc	 rc;
	const char	*where;
} row[] = {
	{ "as it is",		XFAM,	0x602e7, false, ATLS_OK, NULL },
	{ "SEAM attributes",	SEAM_ATTRIBUTES, 1, false, ATLS_E_POLICY,
	    "tdx.seam_attributes" },
	{ "SEAM attributes, last bit", SEAM_ATTRIBUTES, UINT64_C(1) << 63,
	    true, ATLS_E_POLICY, "tdx.seam_attributes" },
	{ "SEAM signer",	MRSIGNERSEAM, 1, false, ATLS_E_POLICY,
	    "tdx.mr_signer_seam" },
	{ "SEAM signer, last",	MRSIGNERSEAM + 40, UINT64_C(1) << 63, true,
	    ATLS_E_POLICY, "tdx.mr_signer_seam" },
	{ "debug",		TD_ATTRIBUTES, 0x10000001, false,
	    ATLS_E_POLICY, "tdx.td_attributes.debug" },
	{ "debug, allowed",	TD_ATTRIBUTES, 0x10000001, true, ATLS_OK,
	    NULL },
	{ "TUD bit 1",		TD_ATTRIBUTES, 0x10000002, false,
	    ATLS_E_POLICY, "tdx.td_attributes.untrusted" },
	{ "TUD bit 4, debug",	TD_ATTRIBUTES, 0x10000011, true,
	    ATLS_E_POLICY, "tdx.td_attributes.untrusted" },
	{ "TUD bit 7, debug",	TD_ATTRIBUTES, 0x10000080, true,
	    ATLS_E_POLICY, "tdx.td_attributes.untrusted" },
	{ "reserved bit 8",	TD_ATTRIBUTES, 0x10000100, false,
	    ATLS_E_FORMAT, "tdx.td_attributes.reserved" },
	{ "reserved bit 27",	TD_ATTRIBUTES, 0x18000000, true,
	    ATLS_E_FORMAT, "tdx.td_attributes.reserved" },
	{ "reserved bit 32",	TD_ATTRIBUTES, UINT64_C(1) << 32, false,
	    ATLS_E_FORMAT, "tdx.td_attributes.reserved" },
	{ "reserved bit 62",	TD_ATTRIBUTES, UINT64_C(1) << 62, false,
	    ATLS_E_FORMAT, "tdx.td_attributes.reserved" },
	{ "no SEPT_VE_DISABLE",	TD_ATTRIBUTES, 0, false, ATLS_OK, NULL },
	{ "MIGRATABLE",		TD_ATTRIBUTES, 0x30000000, false, ATLS_OK,
	    NULL },
	{ "PKS, KL, PERFMON",	TD_ATTRIBUTES, 0xc0000000 |
	    UINT64_C(1) << 63, false, ATLS_OK, NULL },
	{ "no x87",		XFAM, 0x602e6, false, ATLS_E_FORMAT,
	    "tdx.xfam.fixed" },
	{ "no SSE",		XFAM, 0x602e5, true, ATLS_E_FORMAT,
	    "tdx.xfam.fixed" },
	{ "MPX",		XFAM, 0x602ef, false, ATLS_E_FORMAT,
	    "tdx.xfam.reserved" },
	{ "PASID",		XFAM, 0x606e7, true, ATLS_E_FORMAT,
	    "tdx.xfam.reserved" },
	{ "HDC",		XFAM, 0x622e7, false, ATLS_E_FORMAT,
	    "tdx.xfam.reserved" },
	{ "HWP",		XFAM, 0x702e7, false, ATLS_E_FORMAT,
	    "tdx.xfam.reserved" },
	{ "bit 19",		XFAM, 0xe02e7, false, ATLS_E_FORMAT,
	    "tdx.xfam.reserved" },
	{ "bit 63",		XFAM, 0x602e7 | UINT64_C(1) << 63, false,
	    ATLS_E_FORMAT, "tdx.xfam.reserved" },
	{ "all there is",	XFAM, 0x6dbe7, false, ATLS_OK, NULL },
	{ "the least",		XFAM, 0x3, false, ATLS_OK, NULL },
	{ "MRCONFIGID",		MRCONFIGID, 1, false, ATLS_OK, NULL },
};

static void
checks(const char *file)
{
	struct atls_result res;
	struct quote q;
	size_t i;
	int got;

	for (i = 0; i < NITEMS(row); i++) {
		T(quote_load(&q, file), "%s", file);
		quote_put(&q, q.body + row[i].off, row[i].v, 8);
		quote_sign(&q);
		got = quote_check(&q, ATLS_KIND_TDX, row[i].debug, &res);
		T((got == 1) == (row[i].rc == ATLS_OK) && (got == 1 ||
		    (res.why.rc == row[i].rc &&
		    strcmp(res.why.where, row[i].where) == 0)),
		    "%s: %s: %d: %s: %s", file, row[i].what, got,
		    res.why.where, res.why.detail);
	}
}

/* Every check has a name of its own, and is seen when all is well. */
static void
steps(void)
{
	static const char *const want[] = {
		"tdx.vendor", "tdx.header.reserved", "tdx.pck.chain",
		"tdx.qe.signature", "tdx.qe.reserved", "tdx.qe.attributes",
		"tdx.qe.report_data", "tdx.att_key", "tdx.signature",
		"tdx.seam_attributes", "tdx.mr_signer_seam",
		"tdx.td_attributes.debug", "tdx.td_attributes.untrusted",
		"tdx.td_attributes.reserved", "tdx.xfam.fixed",
		"tdx.xfam.reserved",
	};
	const struct quote_steps *s = quote_steps();
	struct atls_result res;
	struct quote q;
	size_t i;

	T(quote_load(&q, V4), "%s", V4);
	quote_sign(&q);
	T(quote_check(&q, ATLS_KIND_TDX, false, &res) == 1, "%s",
	    res.why.where);
	T(s->n == NITEMS(want), "%zu steps", s->n);
	for (i = 0; i < NITEMS(want) && i < s->n; i++)
		T(strcmp(s->where[i], want[i]) == 0, "%zu: %s", i,
		    s->where[i]);
}

/* What of the quote the TCB is judged by. */
static void
platform(const char *file, bool td15)
{
	const struct intel_platform *p = &quote_asked;
	struct atls_result res;
	struct quote q;

	T(quote_load(&q, file), "%s", file);
	quote_put(&q, q.qe + 16, 0x01020304, 4);
	quote_put(&q, q.qe + 256, 0x0506, 2);
	quote_put(&q, q.qe + 258, 0x0708, 2);
	quote_sign(&q);
	T(quote_check(&q, ATLS_KIND_TDX, false, &res) == 1, "%s",
	    res.why.where);
	/* the quote was in a block of its own, which is gone: sizes */
	T(p->tee == INTEL_TDX && p->qe.miscselect == 0x01020304 &&
	    p->qe.isvprodid == 0x0506 && p->qe.isvsvn == 0x0708 &&
	    p->qe.attributes.len == 16 && p->qe.mrsigner.len == 32 &&
	    p->td.tcb_svn.len == 16 && p->td.mrsigner_seam.len == 48 &&
	    p->td.seam_attributes.len == 8 &&
	    p->td.tcb_svn_2.len == (td15 ? 16 : 0), "%s", file);
}

static const struct {
	const char	*name;
	size_t		 off, n;
	bool		 td15;
} octets[] = {
	{ "tdx.mrseam", MRSEAM, 48, false },
	{ "tdx.mrsignerseam", MRSIGNERSEAM, 48, false },
	{ "tdx.seam_attributes", SEAM_ATTRIBUTES, 8, false },
	{ "tdx.td_attributes", TD_ATTRIBUTES, 8, false },
	{ "tdx.xfam", XFAM, 8, false }, { "tdx.mrtd", MRTD, 48, false },
	{ "tdx.mrconfigid", MRCONFIGID, 48, false },
	{ "tdx.mrowner", MROWNER, 48, false },
	{ "tdx.mrownerconfig", MROWNERCONFIG, 48, false },
	{ "tdx.rtmr.0", RTMR, 48, false },
	{ "tdx.rtmr.1", RTMR + 48, 48, false },
	{ "tdx.rtmr.2", RTMR + 96, 48, false },
	{ "tdx.rtmr.3", RTMR + 144, 48, false },
	{ "tdx.tcb_svn_2", TCB_SVN_2, 16, true },
	{ "tdx.mrservicetd", MRSERVICETD, 48, true },
};

static bool
is_octets(const struct atls_evidence *ev, const char *name,
    struct atls_bytes want)
{
	const struct atls_claim *c = atls_evidence_claim(ev, name);

	return c != NULL && c->type == ATLS_CLAIM_BYTES &&
	    atls_ct_eq(c->bytes, want);
}

static bool
is_hex(const struct atls_evidence *ev, const char *name, const char *want)
{
	struct atls_bytes b = hex(want);
	bool ok = is_octets(ev, name, b);

	drop(b);
	return ok;
}

static bool
is_number(const struct atls_evidence *ev, const char *name, uint64_t want)
{
	const struct atls_claim *c = atls_evidence_claim(ev, name);

	return c != NULL && c->type == ATLS_CLAIM_NUMBER && c->number == want;
}

static bool
is_flag(const struct atls_evidence *ev, const char *name, unsigned want)
{
	const struct atls_claim *c = atls_evidence_claim(ev, name);

	return c != NULL && c->type == ATLS_CLAIM_BOOL && c->number == want;
}

/* No claim is missing in the table, or there twice, or of another type. */
static void
table(const struct atls_evidence *ev)
{
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_TDX);
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
	T(ops->nclaim <= 100, "%zu claims", ops->nclaim);
}

static void
claims(const char *file, bool td15)
{
	static uint8_t room[QUOTE_ROOM];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_evidence ev;
	struct atls_err err;
	char name[32];
	struct quote q;
	size_t i;

	T(quote_load(&q, file), "%s", file);
	for (i = 0; i < q.bodylen; i++)		/* no two fields alike */
		q.b[q.body + i] = (uint8_t)(i * 7 + i / 251);
	T(atls_evidence_parse(&ev, ATLS_KIND_TDX, (struct atls_bytes){ q.b,
	    q.len }, &scratch, &err) == ATLS_OK, "%s: %s", file, err.where);
	T(atls_ct_eq(ev.report_data, (struct atls_bytes){ q.b + q.body +
	    REPORT_DATA, 64 }), "%s: report data", file);
	for (i = 0; i < NITEMS(octets); i++)
		T(octets[i].td15 && !td15 ?
		    atls_evidence_claim(&ev, octets[i].name) == NULL :
		    is_octets(&ev, octets[i].name, (struct atls_bytes){ q.b +
		    q.body + octets[i].off, octets[i].n }), "%s: %s", file,
		    octets[i].name);
	for (i = 0; i < 16; i++) {
		(void)snprintf(name, sizeof(name), "tdx.tcb_svn.%zu", i);
		T(is_number(&ev, name, q.b[q.body + i]), "%s: %s", file,
		    name);
	}
	T(is_number(&ev, "tdx.version", td15 ? 5 : 4) &&
	    is_octets(&ev, "tdx.user_data", (struct atls_bytes){ q.b + 28,
	    20 }) && is_number(&ev, "tdx.qe.isvprodid",
	    quote_get(&q, q.qe + 256, 2)) && is_number(&ev, "tdx.qe.isvsvn",
	    quote_get(&q, q.qe + 258, 2)) &&
	    is_number(&ev, "tdx.qe.miscselect", 0) &&
	    is_octets(&ev, "tdx.qe.mrsigner", (struct atls_bytes){ q.b +
	    q.qe + 128, 32 }) && is_octets(&ev, "tdx.qe.attributes",
	    (struct atls_bytes){ q.b + q.qe + 48, 16 }), "%s: header, QE",
	    file);
	table(&ev);
}

static void
flags(void)
{
	static const struct { const char *name; unsigned bit; } flag[] = {
		{ "tdx.td_attributes.debug", 0 },
		{ "tdx.td_attributes.sept_ve_disable", 28 },
		{ "tdx.td_attributes.migratable", 29 },
		{ "tdx.td_attributes.pks", 30 },
		{ "tdx.td_attributes.kl", 31 },
		{ "tdx.td_attributes.perfmon", 63 },
	};
	static uint8_t room[QUOTE_ROOM];
	struct atls_buf scratch;
	struct atls_evidence ev;
	struct atls_err err;
	struct quote q;
	size_t i, k;

	for (i = 0; i < NITEMS(flag); i++) {
		T(quote_load(&q, V4), "%s", V4);
		quote_put(&q, q.body + TD_ATTRIBUTES, UINT64_C(1) <<
		    flag[i].bit, 8);
		scratch = (struct atls_buf){ room, sizeof(room), 0 };
		T(atls_evidence_parse(&ev, ATLS_KIND_TDX, (struct atls_bytes){
		    q.b, q.len }, &scratch, &err) == ATLS_OK, "%s", err.where);
		for (k = 0; k < NITEMS(flag); k++)
			T(is_flag(&ev, flag[k].name, k == i), "%s of %s",
			    flag[k].name, flag[i].name);
	}
}

/* Values as "openssl asn1parse" shows them in the certificates. */
static void
pck(void)
{
	static uint8_t room[QUOTE_ROOM];
	static const unsigned svn[16] = { 3, 3, 2, 2, 4, 1, 0, 5 };
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_TDX);
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_need need[ATLS_NEEDS_MAX];
	char instance[ATLS_INSTANCE_MAX], name[32];
	struct atls_evidence ev;
	struct atls_err err;
	struct quote q;
	size_t i, n = 0;

	T(quote_load(&q, V4) && atls_evidence_parse(&ev, ATLS_KIND_TDX,
	    (struct atls_bytes){ q.b, q.len }, &scratch, &err) == ATLS_OK,
	    "%s", err.where);
	T(is_hex(&ev, "tdx.fmspc", "b0c06f000000") &&
	    is_hex(&ev, "tdx.pceid", "0000") &&
	    is_hex(&ev, "tdx.ppid", "811dca2a26b952e85bb6448b097ba4fd") &&
	    is_hex(&ev, "tdx.platform_instance", "07828474603e7019dc930775ffe8cdd2") &&
	    is_number(&ev, "tdx.pcesvn", 11), "claims");
	for (i = 0; i < 16; i++) {
		(void)snprintf(name, sizeof(name), "tdx.pck.svn.%zu", i);
		T(is_number(&ev, name, svn[i]), "%s", name);
	}
	ops->instance(&ev, instance);
	T(strcmp(instance, "pck:07828474603e7019dc930775ffe8cdd2") == 0, "%s",
	    instance);
	ops->needs(&ev, need, &n);
	T(n > 0, "%zu needs", n);
	ev.nchain = 0;
	ops->instance(&ev, instance);
	T(instance[0] == '\0', "%s", instance);
}

/* tsm-report: members in bits, and what to put in them. */
enum { PROVIDER = 1, OUT = 2, AUX = 4, OTHER = 8, TWICE = 16 };

static size_t
report(uint8_t *out, size_t cap, unsigned has, const char *provider,
    struct atls_bytes quote, struct atls_bytes aux)
{
	struct atls_buf b = { out, cap, 0 };
	struct wr w = wr_of(&b);
	size_t n = 0;
	unsigned bit;

	for (bit = 1; bit <= TWICE; bit <<= 1)
		n += (has & bit) != 0;
	cbor_put_map(&w, n);
	if (has & AUX) {
		cbor_put_text(&w, "auxblob");
		cbor_put_bstr(&w, aux);
	}
	if (has & OUT) {
		cbor_put_text(&w, "outblob");
		cbor_put_bstr(&w, quote);
	}
	if (has & PROVIDER) {
		cbor_put_text(&w, "provider");
		cbor_put_text(&w, provider);
	}
	if (has & OTHER) {
		cbor_put_text(&w, "service_provider");
		cbor_put_text(&w, "svsm");
	}
	if (has & TWICE) {
		cbor_put_text(&w, "provider");
		cbor_put_text(&w, provider);
	}
	return wr_done(&w) == ATLS_OK ? b.len : 0;
}

static enum atls_rc
parse(struct atls_bytes in, struct atls_err *err)
{
	struct atls_bytes raw = copy(in);
	uint8_t *room = malloc(in.len + 1);
	struct atls_buf scratch = { room, in.len, 0 };
	struct atls_evidence ev;
	enum atls_rc rc;

	*err = (struct atls_err){ .rc = ATLS_OK };
	rc = atls_evidence_parse(&ev, ATLS_KIND_TDX, raw, &scratch, err);
	if (rc == ATLS_OK)
		T(ev.report_data.p >= raw.p && ev.report_data.len == 64,
		    "a view");
	drop(raw);
	free(room);
	return rc;
}

static void
reports(void)
{
	static const struct {
		const char	*what;
		unsigned	 has;
		const char	*provider;
		size_t		 aux, cut;	/* octets; of the quote */
		enum atls_rc	 rc;
		const char	*where;
	} form[] = {
		{ "plain", PROVIDER | OUT, "tdx_guest", 0, 0, ATLS_OK, NULL },
		{ "empty auxblob", PROVIDER | OUT | AUX, "tdx_guest", 0, 0,
		    ATLS_OK, NULL },
		{ "auxblob", PROVIDER | OUT | AUX, "tdx_guest", 1, 0,
		    ATLS_E_FORMAT, "tdx.auxblob" },
		{ "of SNP", PROVIDER | OUT, "sev_guest", 0, 0,
		    ATLS_E_UNKNOWN, "tsm_report.provider" },
		{ "by half a name", PROVIDER | OUT, "tdx_gues", 0, 0,
		    ATLS_E_UNKNOWN, "tsm_report.provider" },
		{ "by nobody", PROVIDER | OUT, "", 0, 0, ATLS_E_FORMAT,
		    "tsm_report" },
		{ "no provider", OUT, "", 0, 0, ATLS_E_FORMAT, "tsm_report" },
		{ "no outblob", PROVIDER, "tdx_guest", 0, 0, ATLS_E_FORMAT,
		    "tsm_report" },
		{ "empty outblob", PROVIDER | OUT, "tdx_guest", 0, SIZE_MAX,
		    ATLS_E_FORMAT, "tsm_report" },
		{ "service provider", PROVIDER | OUT | OTHER, "tdx_guest", 0,
		    0, ATLS_E_FORMAT, "tsm_report" },
		{ "provider twice", PROVIDER | OUT | TWICE, "tdx_guest", 0, 0,
		    ATLS_E_FORMAT, "tsm_report" },
		{ "nothing", 0, "", 0, 0, ATLS_E_FORMAT, "tsm_report" },
		{ "short quote", PROVIDER | OUT, "tdx_guest", 0, 1,
		    ATLS_E_TRUNC, "tdx.quote" },
	};
	static const uint8_t aux[1];
	static uint8_t out[QUOTE_ROOM];
	struct atls_err err;
	struct quote q;
	enum atls_rc rc;
	size_t i, n = 0;

	T(quote_load(&q, V4), "%s", V4);
	for (i = NITEMS(form); i-- > 0; ) {
		n = report(out, sizeof(out), form[i].has, form[i].provider,
		    (struct atls_bytes){ q.b, form[i].cut > q.len ? 0 : q.len -
		    form[i].cut }, (struct atls_bytes){ aux, form[i].aux });
		rc = parse((struct atls_bytes){ out, n }, &err);
		T(n > 0 && rc == form[i].rc && (rc == ATLS_OK ||
		    strcmp(err.where, form[i].where) == 0), "%s: %d at %s",
		    form[i].what, (int)rc, err.where);
	}
	for (i = 0; i < n; i++)			/* of the plain one */
		T(parse((struct atls_bytes){ out, i }, &err) != ATLS_OK,
		    "%zu octets", i);
	out[n] = 0;
	T(parse((struct atls_bytes){ out, n + 1 }, &err) == ATLS_E_TRAIL,
	    "one more");
}

static void
media(void)
{
	static const struct { const char *type; bool is; } m[] = {
		{ "application/tdx-quote; version=1.0; profile="
		    "\"https://trustedcomputinggroup.org/tdx/v1\"", true },
		{ "Application/TDX-Quote;profile="
		    "\"https://trustedcomputinggroup.org/tdx/v1\";version=1.0",
		    true },
		{ "application/tdx-quote; version=1.1; profile="
		    "\"https://trustedcomputinggroup.org/tdx/v1\"", false },
		{ "application/tdx-quote", false },
		{ "application/vnd.veraison.tsm-report+cbor", true },
		{ "application/vnd.veraison.tsm-report+json", false },
	};
	const struct evidence_ops *ops = evidence_ops(ATLS_KIND_TDX);
	struct atls_cmw_record r = { .form = ATLS_CMW_CBOR };
	size_t i;

	for (i = 0; i < NITEMS(m); i++) {
		r.type = pki_view(m[i].type);
		T((atls_cmw_is(&r, ops->media) ||
		    atls_cmw_is(&r, ops->also[0])) == m[i].is, "%s",
		    m[i].type);
	}
	T(ops->field == 64 && ops->also[1] == NULL, "%zu", ops->field);
}

int
main(void)
{
	quote_init();
	quote_ours = true;
	checks(V4);
	checks(V5);
	steps();
	platform(V4, false);
	platform(V5, true);
	claims(V4, false);
	claims(V5, true);
	flags();
	pck();
	reports();
	media();
	quote_done();
	return t_end("t_tdx");
}
