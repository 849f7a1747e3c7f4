/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/codec/cbor.h"
#include "fault.h"
#include "snp_judge.h"
#include "t.h"

/* What is around a report, what is read from one, and what is missing. */
#define RAW_MAX	16384

static struct snp_world world;
static uint8_t raw[RAW_MAX];
static size_t nraw;

static enum atls_rc
parse(struct atls_bytes in, struct atls_buf *scratch,
    struct atls_evidence *ev, struct atls_err *err)
{
	uint8_t *copy = malloc(in.len > 0 ? in.len : 1);
	enum atls_rc rc;
	unsigned n;

	if (in.len > 0)
		memcpy(copy, in.p, in.len);
	fault_set(FAULT_MEM, 0);
	rc = atls_evidence_parse(ev, ATLS_KIND_SNP, (struct atls_bytes){
	    copy, in.len }, scratch, err);
	n = fault_count();
	fault_set(FAULT_NONE, 0);
	T(n == 0, "a parser allocates");
	free(copy);
	return rc;
}

/* The table behind the report, edited: offsets are of the table. */
static void
check_table(void)
{
	static const struct {
		const char	*what;
		size_t		 at;
		uint8_t		 v[4];
		size_t		 cut;		/* octets left, or 0 */
		enum atls_rc	 rc;
	} rows[] = {
		{ "as is", 0, { 0x63, 0xda, 0x75, 0x8d }, 0, ATLS_OK },
		{ "unknown GUID", 0, { 1, 2, 3, 4 }, 0, ATLS_OK },
		{ "offset behind the end", 16, { 0xff, 0xff, 0, 0 }, 0,
		    ATLS_E_TRUNC },
		{ "offset wraps", 16, { 0xff, 0xff, 0xff, 0xff }, 0,
		    ATLS_E_TRUNC },
		{ "length wraps", 20, { 0xff, 0xff, 0xff, 0xff }, 0,
		    ATLS_E_TRUNC },
		{ "nothing there", 20, { 0, 0, 0, 0 }, 0, ATLS_E_FORMAT },
		{ "no end", 0, { 0x63, 0xda, 0x75, 0x8d }, 47, ATLS_E_TRUNC },
		{ "half an end", 0, { 0x63, 0xda, 0x75, 0x8d }, 71,
		    ATLS_E_TRUNC },
		{ "an octet", 0, { 0, 0, 0, 0 }, 1, ATLS_E_TRUNC },
		{ "end with an offset", 64, { 1, 0, 0, 0 }, 0,
		    ATLS_E_FORMAT },
		{ "end with a length", 68, { 1, 0, 0, 0 }, 0,
		    ATLS_E_FORMAT },
	};
	struct atls_evidence ev;
	uint8_t b[RAW_MAX];
	struct atls_err err;
	enum atls_rc rc;
	size_t i, k, n;

	for (i = 0; i < NITEMS(rows); i++) {
		memcpy(b, raw, nraw);
		for (k = 0; k < 4; k++)
			b[SNP_REPORT_LEN + rows[i].at + k] = rows[i].v[k];
		n = rows[i].cut != 0 ? SNP_REPORT_LEN + rows[i].cut : nraw;
		err = (struct atls_err){ .rc = ATLS_OK };
		rc = parse((struct atls_bytes){ b, n }, NULL, &ev, &err);
		T(rc == rows[i].rc && (rc == ATLS_OK ||
		    strcmp(err.where, "snp.table") == 0), "%s: %s",
		    rows[i].what, atls_rc_name(rc));
	}
	/* the same certificate twice, too many entries, too much */
	memcpy(b, raw, nraw);
	memcpy(b + SNP_REPORT_LEN + 24, b + SNP_REPORT_LEN, 16);
	T(parse((struct atls_bytes){ b, nraw }, NULL, &ev, NULL) ==
	    ATLS_E_FORMAT, "twice");
	memcpy(b, raw, SNP_REPORT_LEN);
	memset(b + SNP_REPORT_LEN, 0, RAW_MAX - SNP_REPORT_LEN);
	for (i = 0; i <= SNP_ENTRIES_MAX; i++) {
		uint8_t *e = b + SNP_REPORT_LEN + 24 * i;

		e[0] = (uint8_t)(i + 1);
		e[20] = 1;
	}
	T(parse((struct atls_bytes){ b, SNP_REPORT_LEN + 24 * 18 }, NULL, &ev,
	    NULL) == ATLS_E_LIMIT, "entries");
	memset(b + SNP_REPORT_LEN + 24 * SNP_ENTRIES_MAX, 0, 24);
	T(parse((struct atls_bytes){ b, SNP_REPORT_LEN + 24 * 17 }, NULL, &ev,
	    NULL) == ATLS_OK, "as many as may be");
}

static void
check_huge(void)
{
	uint8_t *b = calloc(1, SNP_REPORT_LEN + SNP_TABLE_MAX + 1);
	struct atls_evidence ev;

	memcpy(b, raw, SNP_REPORT_LEN);
	T(parse((struct atls_bytes){ b, SNP_REPORT_LEN + SNP_TABLE_MAX },
	    NULL, &ev, NULL) == ATLS_OK, "zeros are an end, and room");
	T(parse((struct atls_bytes){ b, SNP_REPORT_LEN + SNP_TABLE_MAX + 1 },
	    NULL, &ev, NULL) == ATLS_E_LIMIT, "too much");
	free(b);
}

static struct atls_bytes
tsm(const char *provider, struct atls_bytes out, struct atls_bytes aux,
    const char *more)
{
	static uint8_t b[RAW_MAX];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);

	cbor_put_map(&w, 2U + (aux.len != 0) + (more != NULL));
	cbor_put_text(&w, "outblob");
	cbor_put_bstr(&w, out);
	if (aux.len != 0) {
		cbor_put_text(&w, "auxblob");
		cbor_put_bstr(&w, aux);
	}
	cbor_put_text(&w, "provider");
	cbor_put_text(&w, provider);
	if (more != NULL) {
		cbor_put_text(&w, more);
		cbor_put_uint(&w, 1);
	}
	T(wr_done(&w) == ATLS_OK, "map");
	return (struct atls_bytes){ b, buf.len };
}

static void
check_tsm(void)
{
	const struct atls_bytes report = { raw, SNP_REPORT_LEN };
	const struct atls_bytes aux = { raw + SNP_REPORT_LEN, nraw -
	    SNP_REPORT_LEN }, none = { NULL, 0 };
	struct snp_case c = snp_case_of(&world, false);
	struct evidence_trust t = snp_trust_of(&world, &c);
	struct atls_evidence ev;
	struct snp_verdict v;
	struct atls_bytes m = tsm("sev_guest", report, aux, NULL);

	v = snp_judge_raw(m, &t);
	T(v.stage == SNP_PASSED, "map: %s", v.res.why.detail);
	free(v.raw);
	v = snp_judge_raw(tsm("sev_guest\n", report, aux, NULL), &t);
	T(v.stage == SNP_PASSED, "with a line feed: %s", v.res.why.detail);
	free(v.raw);
	T(parse(tsm("sev_guest", report, none, NULL), NULL, &ev, NULL) ==
	    ATLS_OK && ev.nchain == 0, "without certificates");
	T(parse(tsm("sev_guest", report, aux, NULL), NULL, &ev, NULL) ==
	    ATLS_OK && ev.nchain == 2, "with two: %zu", ev.nchain);
	T(parse(tsm("tdx_guest", report, aux, NULL), NULL, &ev, NULL) ==
	    ATLS_E_UNKNOWN, "another provider");
	T(parse(tsm("sev_guest\n\n", report, aux, NULL), NULL, &ev, NULL) ==
	    ATLS_E_UNKNOWN, "two line feeds");
	T(parse(tsm("sev_guest", report, aux, "manifestblob"), NULL, &ev,
	    NULL) == ATLS_E_FORMAT, "a service");
	T(parse(tsm("sev_guest", aux, aux, NULL), NULL, &ev, NULL) !=
	    ATLS_OK, "no report");
	m = tsm("sev_guest", report, aux, NULL);
	for (; m.len > 0; m.len--)
		T(parse((struct atls_bytes){ m.p, m.len - 1 }, NULL, &ev,
		    NULL) != ATLS_OK, "prefix %zu", m.len - 1);
	m = tsm("sev_guest", (struct atls_bytes){ raw, SNP_REPORT_LEN + 1 },
	    none, NULL);
	T(parse(m, NULL, &ev, NULL) == ATLS_E_TRAIL, "longer report");
	atls_collateral_free(t.collateral);
}

static void
check_versions(void)
{
	struct atls_evidence ev;
	uint8_t b[SNP_REPORT_LEN];
	struct atls_err err;
	unsigned i;

	memcpy(b, raw, sizeof(b));
	for (i = 0; i < 256; i++) {
		bool good = i == 2 || i == 3 || i == 5;
		enum atls_rc rc;

		b[0] = (uint8_t)i;
		err = (struct atls_err){ .rc = ATLS_OK };
		rc = parse(ATLS_ARRAY(b), NULL, &ev, &err);
		T((rc == ATLS_OK) == good, "version %u", i);
		/* 0xa0 and up to 0xbf are taken for a map */
		T(good || i >> 5 == 5 || (rc == ATLS_E_UNKNOWN &&
		    strcmp(err.where, "snp.version") == 0), "version %u", i);
	}
	b[0] = 3;
	b[3] = 1;
	T(parse(ATLS_ARRAY(b), NULL, &ev, NULL) == ATLS_E_UNKNOWN, "high");
}

static const struct {
	const char	*name;
	uint64_t	 number;
} numbers[] = {
	{ "snp.version", 5 }, { "snp.vmpl", 0 }, { "snp.guest_svn", 2 },
	{ "snp.policy", 0x3001f }, { "snp.policy.abi", 0x1f },
	{ "snp.policy.smt", 1 }, { "snp.policy.migrate", 0 },
	{ "snp.policy.debug", 0 }, { "snp.policy.single_socket", 0 },
	{ "snp.platform", 0x25 }, { "snp.platform.smt", 1 },
	{ "snp.platform.tsme", 0 }, { "snp.platform.ecc", 1 },
	{ "snp.platform.alias_check", 1 }, { "snp.platform.tio", 0 },
	{ "snp.tcb.bootloader", 4 }, { "snp.tcb.tee", 1 },
	{ "snp.tcb.snp", 24 }, { "snp.tcb.microcode", 219 },
	{ "snp.tcb.committed.microcode", 219 }, { "snp.tcb.launch.snp", 24 },
	{ "snp.tcb.current.bootloader", 4 },
	{ "snp.firmware.current", 0x013714 },
	{ "snp.firmware.committed", 0x013714 },
	{ "snp.cpuid.family", 0x19 }, { "snp.mitigation.launch", 1 },
	{ "snp.mitigation.current", 1 }, { "snp.author_key_en", 0 },
};

/* Each claim is in the list, once, of its type and length. */
static void
check_claims(void)
{
	struct snp_case c = snp_case_of(&world, false);
	struct snp_verdict v;
	size_t i, k;

	c.version = 5;
	v = snp_judge(&world, &c);
	T(v.stage == SNP_PASSED, "%s", v.res.why.detail);
	for (i = 0; i < NITEMS(numbers); i++) {
		const struct atls_claim *is = atls_evidence_claim(
		    &v.res.claims, numbers[i].name);

		T(is != NULL && is->number == numbers[i].number, "%s",
		    numbers[i].name);
	}
	for (i = 0; i < v.res.claims.nclaim; i++) {
		const struct atls_claim *is = &v.res.claims.claim[i];

		for (k = 0; k < SNP_NCLAIMS; k++)
			if (strcmp(snp_claims[k].name, is->name) == 0)
				break;
		T(k < SNP_NCLAIMS && snp_claims[k].type == is->type &&
		    (snp_claims[k].len == 0 || snp_claims[k].len ==
		    is->bytes.len), "%s", is->name);
		for (k = 0; k < i; k++)
			T(strcmp(v.res.claims.claim[k].name, is->name) != 0,
			    "%s twice", is->name);
	}
	T(atls_evidence_claim(&v.res.claims, "snp.tcb.fmc") == NULL, "FMC");
	free(v.raw);
}

static bool
needs(const struct atls_need *n, size_t count, enum atls_item item,
    const char *key)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (n[i].item == item && strcmp(n[i].key, key) == 0)
			return true;
	return false;
}

static void
check_needs(void)
{
	struct atls_need n[ATLS_NEEDS_MAX];
	struct atls_evidence ev = { .kind = ATLS_KIND_SNP };
	uint8_t b[SNP_REPORT_LEN];
	size_t count = 0;

	memcpy(b, raw, sizeof(b));
	ev.part[SNP_REPORT] = ATLS_ARRAY(b);
	snp_needs(&ev, n, &count);
	T(count == 3 && needs(n, count, ATLS_ASK, "milan") &&
	    needs(n, count, ATLS_AMD_CRL, "milan") &&
	    n[0].item == ATLS_VCEK && strlen(n[0].key) > 128 &&
	    strcmp(n[0].key + 128, "?blSPL=4&teeSPL=1&snpSPL=24&ucodeSPL=219")
	    == 0, "%zu: %s", count, n[0].key);
	ev.part[SNP_VCEK] = ev.part[SNP_ASK] = ATLS_ARRAY(b);
	count = 0;
	snp_needs(&ev, n, &count);
	T(count == 1 && needs(n, count, ATLS_AMD_CRL, "milan"), "%zu", count);
	/* version 2: it may be either */
	b[0] = 2;
	memset(b + 0x188, 0, 3);
	b[0x48] = 1 << 2;
	ev.part[SNP_ASK].len = 0;
	count = 0;
	snp_needs(&ev, n, &count);
	T(count == 5 && needs(n, count, ATLS_ASK, "genoa:vlek") &&
	    needs(n, count, ATLS_AMD_CRL, "genoa") && needs(n, count,
	    ATLS_VLEK, "?blSPL=4&teeSPL=1&snpSPL=24&ucodeSPL=219"), "%zu",
	    count);
}

/* Keys by which items are found, and what is no item of its sort. */
static void
check_items(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct snp_case vcek = snp_case_of(&world, false);
	struct snp_cert leaf = snp_leaf_make(&world.pki, &vcek.leaf);
	char *ask = snp_pem(snp_der(world.pki.ask), "CERTIFICATE");
	char *ark = snp_pem(snp_der(world.pki.ark), "CERTIFICATE");
	char *crl = snp_pem(world.crl, "X509 CRL"), chain[8192];
	struct atls_bytes other = snp_crl(&world.pki.ask, 0, SNP_NOW -
	    SNP_DAY, SNP_NOW + SNP_DAY);
	struct store_item *item;

	(void)snprintf(chain, sizeof(chain), "%s%s", ask, ark);
#define PUT(type, p, n)	atls_collateral_put(c, type,			\
	    (struct atls_bytes){ (const uint8_t *)(p), n }, NULL)
	T(PUT(ATLS_ASK, chain, strlen(chain)) == ATLS_OK, "cert_chain");
	T(PUT(ATLS_ARK, ark, strlen(ark)) == ATLS_OK, "ARK");
	T(PUT(ATLS_AMD_CRL, crl, strlen(crl)) == ATLS_OK, "CRL as PEM");
	T(PUT(ATLS_VCEK, leaf.der, leaf.len) == ATLS_OK, "VCEK");
	T(PUT(ATLS_VLEK, leaf.der, leaf.len) == ATLS_E_UNKNOWN, "VLEK");
	T(PUT(ATLS_ASK, leaf.der, leaf.len) == ATLS_E_UNKNOWN, "ASK");
	T(PUT(ATLS_ASK, ark, strlen(ark)) == ATLS_E_UNKNOWN, "ARK for ASK");
	T(PUT(ATLS_AMD_CRL, ark, strlen(ark)) != ATLS_OK, "ARK for CRL");
	T(PUT(ATLS_ASK, world.crl.p, world.crl.len) != ATLS_OK, "CRL");
	T(PUT(ATLS_ASK, "-----BEGIN ", 11) != ATLS_OK, "no PEM");
	T(PUT(ATLS_AMD_CRL, other.p, other.len) == ATLS_E_UNKNOWN,
	    "CRL of an ASK");
	free((void *)(uintptr_t)other.p);
	T((item = store_find(c, ATLS_ASK, "milan")) != NULL, "ASK");
	if (item != NULL)
		T(item->until == SNP_NOW + 9000 * SNP_DAY, "notAfter");
	store_release(item);
	item = store_find(c, ATLS_AMD_CRL, "milan");
	T(item != NULL && item->issued == SNP_NOW - SNP_DAY &&
	    item->until == SNP_NOW + 30 * SNP_DAY, "CRL");
	store_release(item);
	atls_collateral_free(c);
	snp_cert_free(&leaf);
	free(ask);
	free(ark);
	free(crl);
}

static void
check_missing(void)
{
	struct snp_case c = snp_case_of(&world, false);
	struct evidence_trust t = snp_trust_of(&world, &c);
	struct snp_verdict v;

	v = snp_judge_raw((struct atls_bytes){ raw, SNP_REPORT_LEN }, &t);
	T(v.stage == SNP_SIGNATURE && strcmp(v.res.why.where, "snp.leaf") ==
	    0 && v.res.why.rc == ATLS_E_CHAIN, "no VCEK: %s",
	    v.res.why.detail);
	free(v.raw);
	atls_collateral_free(t.collateral);
	t.collateral = NULL;
	v = snp_judge_raw((struct atls_bytes){ raw, nraw }, &t);
	T(v.stage == SNP_REVOCATION && strcmp(v.res.why.where,
	    "snp.chain.crl") == 0, "no collateral: %s", v.res.why.detail);
	free(v.raw);
}

/* Whatever fails, nothing is accepted that a working machine would not. */
static void
check_faults(void)
{
	static const enum fault_family family[] = { FAULT_CRYPTO, FAULT_MEM };
	struct snp_case c = snp_case_of(&world, false);
	struct snp_verdict v;
	struct evidence_trust t;
	unsigned n, k, total = 0;

	for (k = 0; k < NITEMS(family); k++)
		for (n = 1;; n++) {
			fault_set(FAULT_NONE, 0);
			t = snp_trust_of(&world, &c);
			memset(&v, 0, sizeof(v));
			v.res.claims = (struct atls_evidence){ .kind =
			    ATLS_KIND_SNP, .raw = { raw, nraw } };
			T(snp_parse(v.res.claims.raw, NULL, &v.res.claims,
			    NULL) == ATLS_OK, "parse");
			fault_set(family[k], n);
			v.stage = snp_signature(&v.res.claims, &t, &v.res) ==
			    1 && snp_revocation(&v.res.claims, &t, &v.res) ==
			    1 ? SNP_PASSED : SNP_SIGNATURE;
			if (!fault_fired()) {
				T(v.stage == SNP_PASSED, "no fault");
				atls_collateral_free(t.collateral);
				break;
			}
			T(v.stage != SNP_PASSED && v.res.why.rc != ATLS_OK,
			    "family %u, call %u", k, n);
			total++;
			atls_collateral_free(t.collateral);
		}
	fault_set(FAULT_NONE, 0);
	T(total > 8, "%u calls", total);
}

int
main(void)
{
	struct snp_cert vcek;
	struct snp_case c;

	world = snp_world_new("Milan");
	c = snp_case_of(&world, false);
	nraw = snp_case_make(&world, &c, raw, sizeof(raw), &vcek);
	snp_cert_free(&vcek);
	check_table();
	check_huge();
	check_tsm();
	check_versions();
	check_claims();
	check_needs();
	check_items();
	check_missing();
	check_faults();
	snp_world_free(&world);
	return t_end("t_snp_form");
}
