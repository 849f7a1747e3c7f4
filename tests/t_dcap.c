/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/evidence.h>

#include "../src/evidence/dcap.h"
#include "fault.h"
#include "heap.h"
#include "quote_make.h"
#include "t.h"

/* What is the same in quotes of TDX and SGX: how they are laid out. */

static const struct {
	const char	*file;
	enum atls_kind	 kind;
} good[] = {
	{ "tdx/quotes/phala-tdx-v4.bin",	ATLS_KIND_TDX },
	{ "tdx/quotes/automata-alibaba-v5.bin",	ATLS_KIND_TDX },
	{ "sgx/quotes/phala-sgx.bin",		ATLS_KIND_SGX },
};

enum { V4, V5, SGX };

static struct atls_evidence ev;
static struct atls_err err;

static struct atls_bytes raw;
static uint8_t *room;

/* In blocks of just the size.  Views are good until the next call. */
static enum atls_rc
parse(enum atls_kind kind, struct atls_bytes in)
{
	struct atls_buf scratch;

	drop(raw);
	free(room);
	raw = copy(in);
	room = malloc(in.len + 1);
	scratch = (struct atls_buf){ room, in.len, 0 };
	err = (struct atls_err){ .rc = ATLS_OK };
	return atls_evidence_parse(&ev, kind, raw, &scratch, &err);
}

static enum atls_rc
parse_quote(enum atls_kind kind, const struct quote *q)
{
	return parse(kind, (struct atls_bytes){ q->b, q->len });
}

static bool
empty(const struct atls_evidence *e)
{
	return e->kind == ATLS_KIND_NONE && e->nclaim == 0 &&
	    e->nchain == 0 && e->report_data.len == 0;
}

static void
prefixes(void)
{
	struct quote q;
	enum atls_rc rc;
	size_t i, n;

	for (i = 0; i < NITEMS(good); i++) {
		T(quote_load(&q, good[i].file), "%s", good[i].file);
		T(parse_quote(good[i].kind, &q) == ATLS_OK, "%s: %s",
		    good[i].file, err.where);
		T(ev.nchain == 3 && ev.report_data.len == 64, "%s",
		    good[i].file);
		for (n = 0; n < q.len; n++) {
			rc = parse(good[i].kind, (struct atls_bytes){ q.b,
			    n });
			T(rc == ATLS_E_TRUNC && empty(&ev), "%s: %zu: %d",
			    good[i].file, n, (int)rc);
		}
	}
}

/* Every length in turn: none, one, one less, one more, all there is. */
static void
lengths(void)
{
	struct quote q, was;
	size_t i, k, f;
	uint64_t v;

	for (i = 0; i < NITEMS(good); i++) {
		T(quote_load(&was, good[i].file), "%s", good[i].file);
		const struct { const char *what; size_t off, n; } field[] = {
			{ "signature data", was.siglen, 4 },
			{ "authentication data", was.authlen, 2 },
			{ "certification data", was.cert + 2, 4 },
			{ "outer certification data", was.outer == 0 ?
			    was.cert + 2 : was.outer + 2, 4 },
			{ "body", i == V5 ? 50 : was.siglen, 4 },
		};
		for (f = 0; f < NITEMS(field); f++) {
			v = quote_get(&was, field[f].off, field[f].n);
			const uint64_t put[] = { 0, 1, v - 1, v + 1, 64, 128,
			    384, 448, 584, 648, UINT64_MAX, 0x80000000,
			    0xffff, 0x7fff };
			for (k = 0; k < NITEMS(put); k++) {
				q = was;
				quote_put(&q, field[f].off, put[k],
				    field[f].n);
				if (quote_get(&q, field[f].off, field[f].n) ==
				    v)
					continue;
				T(parse_quote(good[i].kind, &q) != ATLS_OK &&
				    empty(&ev), "%s: %s: %llu", good[i].file,
				    field[f].what, (unsigned long long)put[k]);
			}
		}
	}
}

/* One more octet inside a part that is counted, all counts mended but one:
 * the parts must add up at each level. */
static void
surplus(void)
{
	struct quote q;
	size_t i;

	for (i = 0; i < NITEMS(good); i++) {
		T(quote_load(&q, good[i].file), "%s", good[i].file);
		q.b[q.len++] = 0;
		quote_put(&q, q.siglen, q.len - q.sig, 4);
		T(parse_quote(good[i].kind, &q) == ATLS_E_TRAIL &&
		    strcmp(err.where, dcap_where(i == SGX ? INTEL_SGX :
		    INTEL_TDX, DCAP_C_QUOTE)) == 0, "%s: in signature data",
		    good[i].file);
		if (q.outer == 0)
			continue;
		quote_put(&q, q.outer + 2, q.len - q.qe, 4);
		T(parse_quote(good[i].kind, &q) == ATLS_E_TRAIL,
		    "%s: in outer certification data", good[i].file);
		quote_put(&q, q.cert + 2, q.len - q.cert - 6, 4);
		T(parse_quote(good[i].kind, &q) != ATLS_OK,
		    "%s: behind the PEM's NUL", good[i].file);
	}
}

static void
padding(void)
{
	struct quote q;
	size_t i, len;

	for (i = 0; i < NITEMS(good); i++) {
		T(quote_load(&q, good[i].file), "%s", good[i].file);
		len = q.len;
		for (q.len = len + 1; q.len < len + 4000; q.len += 999)
			T(parse_quote(good[i].kind, &q) == ATLS_OK &&
			    ev.part[DCAP_QUOTE].len == len, "%s: %zu zeros",
			    good[i].file, q.len - len);
		q.b[q.len - 1] = 1;
		T(parse_quote(good[i].kind, &q) == ATLS_E_TRAIL &&
		    strcmp(err.where, dcap_where(i == SGX ? INTEL_SGX :
		    INTEL_TDX, DCAP_C_PADDING)) == 0, "%s: one at the end",
		    good[i].file);
		q.b[q.len - 1] = 0;
		q.b[len] = 0x80;
		T(parse_quote(good[i].kind, &q) == ATLS_E_TRAIL,
		    "%s: one at the start", good[i].file);
	}
}

static void
limit(void)
{
	uint8_t *p = calloc(1, DCAP_QUOTE_MAX + 1);
	struct quote q;

	T(p != NULL && quote_load(&q, good[V4].file), "%s", good[V4].file);
	memcpy(p, q.b, q.len);
	T(parse(ATLS_KIND_TDX, (struct atls_bytes){ p, DCAP_QUOTE_MAX }) ==
	    ATLS_OK, "as large as may be");
	T(parse(ATLS_KIND_TDX, (struct atls_bytes){ p, DCAP_QUOTE_MAX + 1 }) ==
	    ATLS_E_LIMIT && strcmp(err.where, "tdx.quote") == 0, "one more");
	free(p);
}

/* What decides how the rest is laid out, each with its own reason. */
static const struct {
	const char	*what;
	int		 from;
	size_t		 off, n;
	uint64_t	 v;
	enum atls_kind	 kind;
	const char	*where;
} heads[] = {
	{ "EPID", SGX, 0, 2, 2, ATLS_KIND_SGX, "sgx.version" },
	{ "version 1", SGX, 0, 2, 1, ATLS_KIND_SGX, "sgx.version" },
	{ "version 0", V4, 0, 2, 0, ATLS_KIND_TDX, "tdx.version" },
	{ "version 6", V5, 0, 2, 6, ATLS_KIND_TDX, "tdx.version" },
	{ "version 0x104", V4, 0, 2, 0x104, ATLS_KIND_TDX, "tdx.version" },
	{ "TDX as version 3", V4, 0, 2, 3, ATLS_KIND_TDX, "tdx.version" },
	{ "TDX as SGX", V4, 0, 2, 4, ATLS_KIND_SGX, "sgx.tee_type" },
	{ "SGX as TDX", SGX, 0, 2, 4, ATLS_KIND_TDX, "tdx.tee_type" },
	{ "SGX version 3 as TDX", SGX, 0, 2, 3, ATLS_KIND_TDX,
	    "tdx.version" },
	{ "TEE 1", V4, 4, 4, 1, ATLS_KIND_TDX, "tdx.tee_type" },
	{ "TEE 0x181", V4, 4, 4, 0x181, ATLS_KIND_TDX, "tdx.tee_type" },
	{ "TEE 0x01000081", V4, 4, 4, 0x1000081, ATLS_KIND_TDX,
	    "tdx.tee_type" },
	{ "TEE in version 3", SGX, 4, 4, 0x81, ATLS_KIND_SGX,
	    "sgx.tee_type" },
	{ "P-384", V4, 2, 2, 3, ATLS_KIND_TDX, "tdx.att_key_type" },
	{ "EPID key", SGX, 2, 2, 0, ATLS_KIND_SGX, "sgx.att_key_type" },
	{ "linkable EPID key", SGX, 2, 2, 1, ATLS_KIND_SGX,
	    "sgx.att_key_type" },
	{ "body 0", V5, 48, 2, 0, ATLS_KIND_TDX, "tdx.body" },
	{ "body 1: SGX", V5, 48, 2, 1, ATLS_KIND_TDX, "tdx.body" },
	{ "body 2: TD 1.0, size of 1.5", V5, 48, 2, 2, ATLS_KIND_TDX,
	    "tdx.body" },
	{ "body 4", V5, 48, 2, 4, ATLS_KIND_TDX, "tdx.body" },
	{ "body 3, size of 1.0", V5, 50, 4, 584, ATLS_KIND_TDX, "tdx.body" },
	{ "body 3, size of SGX", V5, 50, 4, 384, ATLS_KIND_TDX, "tdx.body" },
};

static void
layouts(void)
{
	struct quote q;
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < NITEMS(heads); i++) {
		T(quote_load(&q, good[heads[i].from].file), "vector");
		quote_put(&q, heads[i].off, heads[i].v, heads[i].n);
		rc = parse_quote(heads[i].kind, &q);
		T((rc == ATLS_E_UNKNOWN || rc == ATLS_E_FORMAT) &&
		    strcmp(err.where, heads[i].where) == 0 && empty(&ev),
		    "%s: %d at %s", heads[i].what, (int)rc, err.where);
	}
	T(quote_load(&q, good[V4].file), "vector");
	quote_put(&q, q.outer, 5, 2);
	T(parse_quote(ATLS_KIND_TDX, &q) == ATLS_E_UNKNOWN && strcmp(err.where,
	    "tdx.certification_data.type") == 0, "outer type 5");
}

/* Version 4 and 5 may have an SGX report, 5 a TD of 1.0. */
static void
other_layouts(void)
{
	struct quote sgx, q;
	size_t head;

	for (head = 48; head <= 54; head += 6) {
		T(quote_load(&sgx, good[SGX].file) &&
		    quote_load(&q, good[V4].file), "vector");
		quote_put(&q, 0, head == 54 ? 5 : 4, 2);
		quote_put(&q, 4, 0, 4);
		quote_put(&q, 48, 1, 2);
		quote_put(&q, 50, 384, 4);
		memcpy(q.b + head, sgx.b + 48, 384);
		memmove(q.b + head + 384, q.b + q.siglen, q.len - q.siglen);
		q.len -= 584 - 384 - (head - 48);
		T(parse_quote(ATLS_KIND_SGX, &q) == ATLS_OK &&
		    ev.part[DCAP_SIGNED].len == head + 384, "SGX, %zu: %s",
		    head, err.where);
		T(parse_quote(ATLS_KIND_TDX, &q) != ATLS_OK, "as TDX");
	}
	T(quote_load(&q, good[V5].file), "vector");
	quote_put(&q, 48, 2, 2);
	quote_put(&q, 50, 584, 4);
	memmove(q.b + 54 + 584, q.b + q.siglen, q.len - q.siglen);
	q.len -= 64;
	T(parse_quote(ATLS_KIND_TDX, &q) == ATLS_OK &&
	    atls_evidence_claim(&ev, "tdx.mrservicetd") == NULL &&
	    atls_evidence_claim(&ev, "tdx.tcb_svn_2") == NULL,
	    "TD 1.0 in version 5: %s", err.where);
}

/* Certification data: what names the platform only is read, to say why it is
 * of no use; what nobody has seen is not. */
static void
certification(void)
{
	static const uint8_t junk[404];
	struct quote q;
	enum atls_rc rc;
	unsigned type;

	for (type = 0; type < 12; type++) {
		T(quote_load(&q, good[SGX].file), "vector");
		quote_certify(&q, type, ATLS_ARRAY(junk));
		rc = parse_quote(ATLS_KIND_SGX, &q);
		if (type >= 1 && type <= 4)
			T(rc == ATLS_OK && ev.nchain == 0 &&
			    atls_evidence_claim(&ev, "sgx.fmspc") == NULL,
			    "type %u: %d", type, (int)rc);
		else
			T(rc != ATLS_OK && strcmp(err.where, type == 5 ?
			    "sgx.certification_data" :
			    "sgx.certification_data.type") == 0,
			    "type %u: %d at %s", type, (int)rc, err.where);
	}
}

/* Cuts the PEM text of a quote into its certificates. */
static size_t
pems(const struct quote *q, const char *at[8])
{
	static char text[QUOTE_ROOM];
	size_t n = 0, len = quote_get(q, q->cert + 2, 4);
	char *p;

	memcpy(text, q->b + q->cert + 6, len);
	text[len] = '\0';
	for (p = text; (p = strstr(p, "-----BEGIN")) != NULL; p++) {
		if (n > 0)
			p[-1] = '\0';
		at[n++] = p;
	}
	return n;
}

static enum atls_rc
with_chain(const struct quote *was, enum atls_kind kind, const char *order,
    const char *const at[8])
{
	struct quote q = *was;
	char text[QUOTE_ROOM] = "";
	size_t i;

	for (i = 0; order[i] != '\0'; i++) {
		(void)strcat(text, at[order[i] - '0']);
		(void)strcat(text, "\n");
	}
	quote_certify(&q, 5, pki_view(text));
	return parse_quote(kind, &q);
}

/* Is each of these once in what was read? */
static bool
all_there(const struct atls_bytes *want, size_t n)
{
	size_t i, k, found;

	for (i = 0; i < n; i++) {
		for (k = found = 0; k < ev.nchain; k++)
			found += atls_ct_eq(ev.chain[k], want[i]);
		if (found != 1)
			return false;
	}
	return ev.nchain == n;
}

static void
orders(void)
{
	static const struct {
		const char	*order;
		enum atls_rc	 rc;
		const char	*where;
	} row[] = {
		{ "012", ATLS_OK, NULL }, { "021", ATLS_OK, NULL },
		{ "102", ATLS_OK, NULL }, { "120", ATLS_OK, NULL },
		{ "201", ATLS_OK, NULL }, { "210", ATLS_OK, NULL },
		{ "0", ATLS_OK, NULL }, { "0112", ATLS_OK, NULL },
		{ "01212", ATLS_E_LIMIT, "tdx.certification_data" },
		{ "", ATLS_E_FORMAT, "tdx.certification_data" },
		{ "12", ATLS_E_FORMAT, "tdx.pck" },
		{ "0012", ATLS_E_FORMAT, "tdx.pck" },
		{ "0123", ATLS_E_FORMAT, "tdx.pck" },	/* another's PCK */
	};
	struct atls_bytes der[3];
	struct quote q, other;
	const char *at[8], *of_other[8];
	enum atls_rc rc;
	char *third;
	size_t i;

	T(quote_load(&other, good[V5].file) && pems(&other, of_other) == 3,
	    "vector");
	third = malloc(strlen(of_other[0]) + 1);
	strcpy(third, of_other[0]);
	T(quote_load(&q, good[V4].file) && pems(&q, at) == 3, "vector");
	at[3] = third;
	T(parse_quote(ATLS_KIND_TDX, &q) == ATLS_OK, "vector");
	for (i = 0; i < NITEMS(der); i++)
		der[i] = copy(ev.chain[i]);
	for (i = 0; i < NITEMS(row); i++) {
		rc = with_chain(&q, ATLS_KIND_TDX, row[i].order, at);
		T(rc == row[i].rc && (rc == ATLS_OK ?
		    atls_ct_eq(ev.chain[0], der[0]) :
		    strcmp(err.where, row[i].where) == 0), "%s: %d at %s",
		    row[i].order, (int)rc, err.where);
		if (rc == ATLS_OK && strlen(row[i].order) == NITEMS(der))
			T(all_there(der, NITEMS(der)), "%s", row[i].order);
	}
	for (i = 0; i < NITEMS(der); i++)
		drop(der[i]);
	free(third);
}

/* Nothing but the PEM is decoded, and not a word is allocated for it. */
static void
scratch(void)
{
	struct atls_buf s = { NULL, 0, 0 };
	struct atls_bytes in;
	uint8_t buf[QUOTE_ROOM];
	struct quote q;
	size_t i, need;

	for (i = 0; i < NITEMS(good); i++) {
		T(quote_load(&q, good[i].file), "vector");
		in = (struct atls_bytes){ q.b, q.len };
		T(atls_evidence_parse(&ev, good[i].kind, in, NULL, &err) ==
		    ATLS_E_SPACE && empty(&ev), "no scratch");
		s = (struct atls_buf){ buf, q.len, 0 };
		fault_set(FAULT_MEM, 0);
		T(atls_evidence_parse(&ev, good[i].kind, in, &s, &err) ==
		    ATLS_OK, "%s", err.where);
		T(fault_count() == 0, "%s: %u allocations", good[i].file,
		    fault_count());
		fault_set(FAULT_NONE, 0);
		need = s.len;
		T(need > 0 && need <= q.len, "%zu", need);
		s = (struct atls_buf){ buf, need + 7, 7 };
		T(atls_evidence_parse(&ev, good[i].kind, in, &s, &err) ==
		    ATLS_OK && s.len == need + 7 &&
		    ev.chain[0].p >= buf + 7, "behind what is there");
		s = (struct atls_buf){ buf, need - 1, 0 };
		T(atls_evidence_parse(&ev, good[i].kind, in, &s, &err) ==
		    ATLS_E_SPACE && empty(&ev), "one octet short");
	}
}

int
main(void)
{
	prefixes();
	lengths();
	surplus();
	padding();
	limit();
	layouts();
	other_layouts();
	certification();
	orders();
	scratch();
	drop(raw);
	free(room);
	return t_end("t_dcap");
}
