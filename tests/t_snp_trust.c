/* SPDX-License-Identifier: Apache-2.0 */
/* Whom SEV-SNP's checks trust: anchors, CRLs, certificates, what is known. */
#include "fault.h"
#include "snp_expect.h"

static void debug(uint8_t *r) { r[0x0a] |= 8; }

/* What a policy may allow, and what its anchors and clock decide. */
static void
check_trust(const struct snp_world *w, const struct snp_world *other)
{
	struct snp_case c = snp_case_of(w, false), good = c;
	struct snp_verdict v;

	c.edit = debug;
	c.allow_debug = true;
	v = snp_judge(w, &c);
	expect("debug, allowed", &v, 0, NULL);
	c = good;
	c.no_anchors = true;
	v = snp_judge(w, &c);
	expect("no anchors", &v, ATLS_E_CHAIN, "snp.anchor");
	c = good;
	c.anchors = other->pki.anchors;
	v = snp_judge(w, &c);
	expect("another ARK of the same name", &v, ATLS_E_CHAIN, "snp.chain");
	c = good;
	c.now = SNP_NOW - 11 * SNP_DAY;
	v = snp_judge(w, &c);
	expect("before", &v, ATLS_E_STALE, "snp.chain");
	c.now = SNP_NOW + 301 * SNP_DAY;
	v = snp_judge(w, &c);
	expect("after", &v, ATLS_E_STALE, "snp.chain");
	c = good;
	c.ask = &other->pki.ask;
	v = snp_judge(w, &c);
	expect("another ASK of the same name", &v, ATLS_E_CHAIN, "snp.chain");
	c = good;
	c.ask = &w->pki.asvk;
	v = snp_judge(w, &c);
	expect("ASVK for ASK", &v, ATLS_E_CHAIN, "snp.chain.ca");
	c = good;
	c.ask = &w->pki.ark;
	v = snp_judge(w, &c);
	expect("ARK for ASK", &v, ATLS_E_CHAIN, "snp.chain.ca");
	c = good;
	c.no_ask = true;
	v = snp_judge(w, &c);
	expect("no ASK", &v, ATLS_E_CHAIN, "snp.chain.ask");
	c = good;
	c.signer = &other->pki.ark;
	c.signer = NULL;
	c.in_store = true;
	v = snp_judge(w, &c);
	expect("of the store", &v, 0, NULL);
	T(atls_evidence_claim(&v.res.claims, "snp.csp") == NULL, "no VLEK");
}

static void
check_crls(const struct snp_world *w, const struct snp_world *other)
{
	struct snp_case c = snp_case_of(w, false), vlek = snp_case_of(w, true);
	const int64_t last = SNP_NOW - SNP_DAY, next = SNP_NOW + SNP_DAY;
	struct atls_bytes crl[5] = {
	    snp_crl(&w->pki.ark, snp_serial(&w->pki.ask), last, next),
	    snp_crl(&w->pki.ark, snp_serial(&w->pki.asvk), last, next),
	    snp_crl(&w->pki.ark, 0, last - SNP_DAY, last),
	    snp_crl(&w->pki.ark, 0, next, next + SNP_DAY),
	    snp_crl(&other->pki.ark, 0, last, next) };
	struct atls_trust *own;
	struct snp_verdict v;
	char *pem, *anchors;
	size_t i;

	c.no_crl = true;
	v = snp_judge(w, &c);
	T(v.stage == SNP_REVOCATION, "%d", v.stage);
	expect("no CRL", &v, ATLS_E_CHAIN, "snp.chain.crl");
	c.no_crl = false;
	c.crl = &crl[0];
	vlek.crl = &crl[1];
	v = snp_judge(w, &c);
	expect("ASK withdrawn", &v, ATLS_E_REVOKED, "snp.chain");
	v = snp_judge(w, &vlek);
	expect("ASVK withdrawn", &v, ATLS_E_REVOKED, "snp.chain");
	vlek.crl = &crl[0];
	v = snp_judge(w, &vlek);
	expect("VLEK, ASK withdrawn", &v, 0, NULL);
	c.crl = &crl[2];
	v = snp_judge(w, &c);
	expect("CRL of before", &v, ATLS_E_STALE, "snp.chain");
	c.crl = &crl[3];
	v = snp_judge(w, &c);
	expect("CRL of later", &v, ATLS_E_STALE, "snp.chain");
	c.crl = &crl[4];
	v = snp_judge(w, &c);
	expect("CRL by another ARK", &v, ATLS_E_CHAIN, "snp.chain");

	/* the policy's own: does as well, and is not forgotten */
	pem = snp_pem(crl[0], "X509 CRL");
	anchors = snp_pem(snp_der(w->pki.ark), "CERTIFICATE");
	own = atls_trust_new((struct atls_bytes){ (uint8_t *)anchors,
	    strlen(anchors) }, (struct atls_bytes){ (uint8_t *)pem,
	    strlen(pem) }, NULL);
	c.crl = NULL;
	c.anchors = own;
	v = snp_judge(w, &c);
	expect("withdrawn by the policy's", &v, ATLS_E_REVOKED, "snp.chain");
	vlek.anchors = own;
	vlek.no_crl = true;
	v = snp_judge(w, &vlek);
	expect("the policy's does", &v, 0, NULL);
	free(pem);
	free(anchors);
	atls_trust_free(own);
	for (i = 0; i < NITEMS(crl); i++)
		free((void *)(uintptr_t)crl[i].p);
}

static void no_change(struct snp_leaf *l) { (void)l; }
static void l_product(struct snp_leaf *l) { l->name = "Rome-B0"; }
static void l_prefix(struct snp_leaf *l) { l->name = "Milano"; }
static void l_long(struct snp_leaf *l) { l->name = "Milan-B01"; }
static void l_dot(struct snp_leaf *l) { l->name = "Milan.B0"; }
static void l_genoa(struct snp_leaf *l) { l->name = "Genoa"; }
static void l_step(struct snp_leaf *l) { l->name = "Milan-B1"; }
static void l_version(struct snp_leaf *l) { l->version = 2; }
static void l_version1(struct snp_leaf *l) { l->version = 1; }
static void l_spl4(struct snp_leaf *l) { l->spl4 = 1; }
static void l_no_bl(struct snp_leaf *l) { l->drop = 0x301; }
static void l_no_ucode(struct snp_leaf *l) { l->drop = 0x308; }
static void l_no_product(struct snp_leaf *l) { l->drop = 2; }
static void l_no_hwid(struct snp_leaf *l) { l->drop = 4; }
static void l_twice(struct snp_leaf *l) { l->twice = 0x308; }
static void l_fmc(struct snp_leaf *l) { l->fmc = true; }
static void l_hwid(struct snp_leaf *l) { l->nhwid = 63; }
static void l_csp(struct snp_leaf *l) { l->csp = "CN=x"; }
static void l_ca(struct snp_leaf *l) { l->ca = true; }
static void l_cn(struct snp_leaf *l) { l->cn = "SEV-OTHER"; }
static void l_as_ask(struct snp_leaf *l) { l->cn = "SEV-Milan"; }
static void l_as_vlek(struct snp_leaf *l)
{
	l->cn = "SEV-VLEK";
	l->nhwid = 0;
}
static void l_p256(struct snp_leaf *l) { l->p256 = true; }

/* Certificates, in the right chain, with a report that fits. */
static void
check_leaves(const struct snp_world *w)
{
	static const struct {
		const char	*what;
		void		(*edit)(struct snp_leaf *);
		enum atls_rc	 rc;
		const char	*where;
	} rows[] = {
		{ "as is", no_change, 0, NULL },
		{ "stepping", l_step, 0, NULL },
		{ "version 1", l_version1, 0, NULL },
		{ "unknown product", l_product, ATLS_E_UNKNOWN,
		    "snp.leaf.form" },
		{ "product by prefix", l_prefix, ATLS_E_UNKNOWN,
		    "snp.leaf.form" },
		{ "long stepping", l_long, ATLS_E_UNKNOWN, "snp.leaf.form" },
		{ "no dash", l_dot, ATLS_E_UNKNOWN, "snp.leaf.form" },
		{ "Genoa by SEV-Milan", l_genoa, ATLS_E_CHAIN,
		    "snp.chain.issuer" },
		{ "version 2", l_version, ATLS_E_LIMIT, "snp.leaf.form" },
		{ "spl4", l_spl4, ATLS_E_UNKNOWN, "snp.leaf.form" },
		{ "no boot loader", l_no_bl, ATLS_E_FORMAT, "snp.leaf.form" },
		{ "no microcode", l_no_ucode, ATLS_E_FORMAT,
		    "snp.leaf.form" },
		{ "no product", l_no_product, ATLS_E_FORMAT,
		    "snp.leaf.form" },
		{ "no hwID", l_no_hwid, ATLS_E_FORMAT, "snp.leaf.form" },
		{ "twice", l_twice, ATLS_E_FORMAT, "snp.leaf.form" },
		{ "FMC", l_fmc, ATLS_E_FORMAT, "snp.leaf.form" },
		{ "short hwID", l_hwid, ATLS_E_FORMAT, "snp.leaf.form" },
		{ "provider of a VCEK", l_csp, ATLS_E_FORMAT,
		    "snp.leaf.form" },
		{ "a CA", l_ca, ATLS_E_CHAIN, "snp.chain" },
		{ "name", l_cn, ATLS_E_UNKNOWN, "snp.leaf.form" },
		{ "an ASK", l_as_ask, ATLS_E_SIG, "snp.leaf.sort" },
		{ "name of a VLEK", l_as_vlek, ATLS_E_SIG, "snp.leaf.sort" },
		{ "P-256", l_p256, ATLS_E_SIG, "snp.signature" },
	};
	struct snp_verdict v;
	struct snp_cert cert;
	struct snp_leaf l;
	struct snp_case c;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		c = snp_case_of(w, false);
		l = c.leaf;
		rows[i].edit(&l);
		cert = snp_leaf_make(&w->pki, &l);
		c.cert = &cert;
		v = snp_judge(w, &c);
		expect(rows[i].what, &v, rows[i].rc, rows[i].where);
		snp_cert_free(&cert);
	}
}

static unsigned
count(const struct atls_bytes raw, const struct evidence_trust *t,
    bool revocation, enum snp_stage want)
{
	struct snp_verdict v;
	unsigned n;

	(void)revocation;
	fault_set(FAULT_CRYPTO, 0);
	v = snp_judge_raw(raw, t);
	n = fault_count();
	fault_set(FAULT_NONE, 0);
	T(v.stage == want, "stage %d: %s", v.stage, v.res.why.detail);
	T(v.stage != SNP_PASSED || v.res.not_after == SNP_NOW + 30 * SNP_DAY,
	    "until %lld", (long long)v.res.not_after);
	free(v.raw);
	return n;
}

/* Hashes of what came along are all that comes on top of one signature. */
static void
check_memory(const struct snp_world *w)
{
	struct snp_case c = snp_case_of(w, false);
	struct evidence_trust t = snp_trust_of(w, &c);
	struct atls_bytes none = snp_crl(&w->pki.ark, 0, SNP_NOW - 10,
	    SNP_NOW + 30 * SNP_DAY);
	struct atls_bytes bad = snp_crl(&w->pki.ark, snp_serial(&w->pki.ask),
	    SNP_NOW - 5, SNP_NOW + 30 * SNP_DAY);
	uint8_t *b = malloc(16384);
	struct snp_cert cert;
	struct atls_bytes raw = { b, snp_case_make(w, &c, b, 16384, &cert) };
	unsigned cold = count(raw, &t, true, SNP_PASSED), i;

	/* per stage 2 hashes; one signature; first: chain read and verified */
	T(cold == 5 + 3, "%u calls at first", cold);
	for (i = 0; i < 3; i++)
		T(count(raw, &t, true, SNP_PASSED) == 5, "again");
	/* a new CRL retires it, and then it holds again, or not */
	T(atls_collateral_put(t.collateral, ATLS_AMD_CRL, none, NULL) ==
	    ATLS_OK, "newer CRL");
	T(count(raw, &t, true, SNP_PASSED) == cold, "after a newer CRL");
	T(count(raw, &t, true, SNP_PASSED) == 5, "and again");
	T(atls_collateral_put(t.collateral, ATLS_AMD_CRL, bad, NULL) ==
	    ATLS_OK, "newest CRL");
	(void)count(raw, &t, true, SNP_SIGNATURE);
	t.now = SNP_NOW + 31 * SNP_DAY;
	(void)count(raw, &t, true, SNP_SIGNATURE);
	snp_cert_free(&cert);
	atls_collateral_free(t.collateral);
	free((void *)(uintptr_t)none.p);
	free((void *)(uintptr_t)bad.p);
	free(b);
}

/* One store, two policies of the same anchors: the CRLs of one are not those
 * of the other, and what was found without them is not found with them. */
static void
check_two_policies(const struct snp_world *w)
{
	struct atls_bytes bad = snp_crl(&w->pki.ark, snp_serial(&w->pki.ask),
	    SNP_NOW - 5, SNP_NOW + 30 * SNP_DAY);
	char *crl = snp_pem(bad, "X509 CRL");
	char *ark = snp_pem(snp_der(w->pki.ark), "CERTIFICATE");
	struct atls_trust *own = atls_trust_new((struct atls_bytes){
	    (uint8_t *)ark, strlen(ark) }, (struct atls_bytes){
	    (uint8_t *)crl, strlen(crl) }, NULL);
	struct snp_case c = snp_case_of(w, false);
	struct evidence_trust t = snp_trust_of(w, &c);
	uint8_t *b = malloc(16384);
	struct snp_cert cert;
	struct atls_bytes raw = { b, snp_case_make(w, &c, b, 16384, &cert) };
	struct snp_verdict v = snp_judge_raw(raw, &t);

	expect("the store's CRL", &v, 0, NULL);
	t.anchors = own;
	v = snp_judge_raw(raw, &t);
	expect("the policy's, too", &v, ATLS_E_REVOKED, "snp.chain");
	t.anchors = w->pki.anchors;
	v = snp_judge_raw(raw, &t);
	expect("the store's again", &v, 0, NULL);
	snp_cert_free(&cert);
	atls_collateral_free(t.collateral);
	atls_trust_free(own);
	free((void *)(uintptr_t)bad.p);
	free(crl);
	free(ark);
	free(b);
}

/* A VLEK is not of a chip. */
static void
check_vlek_hwid(const struct snp_world *w)
{
	struct snp_case c = snp_case_of(w, true);
	struct snp_leaf l = c.leaf;
	struct snp_cert cert;
	struct snp_verdict v;

	l.nhwid = AMD_CHIP_ID;
	cert = snp_leaf_make(&w->pki, &l);
	c.cert = &cert;
	v = snp_judge(w, &c);
	expect("VLEK with hwID", &v, ATLS_E_FORMAT, "snp.leaf.form");
	snp_cert_free(&cert);
}

int
main(void)
{
	struct snp_world milan = snp_world_new("Milan");
	struct snp_world other = snp_world_new("Milan");

	check_trust(&milan, &other);
	check_crls(&milan, &other);
	check_leaves(&milan);
	check_vlek_hwid(&milan);
	check_memory(&milan);
	check_two_policies(&milan);
	snp_world_free(&milan);
	snp_world_free(&other);
	return t_end("t_snp_trust");
}
