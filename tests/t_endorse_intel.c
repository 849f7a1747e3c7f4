/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's endorsements, with a root of our own: the good platform passes, and
 * each check is broken once, with its own reason.
 */
#include "../src/codec/pem.h"
#include "fault.h"
#include "heap.h"
#include "intel_make.h"
#include "t.h"

static struct made *m;

/* One field of a signed document changed, and signed again. */
static const struct {
	const char		*what;
	enum atls_item		 item;
	const char		*was, *is;
	enum atls_rc		 rc;
	const char		*where;
} bodies[] = {
	{ "FMSPC", ATLS_TCB_INFO, "B0C06F", "B0C06E", ATLS_E_NONE,
	    "intel.tcb_info" },
	{ "of SGX", ATLS_TCB_INFO, "\"TDX\"", "\"SGX\"", ATLS_E_NONE,
	    "intel.tcb_info" },
	{ "QE of SGX", ATLS_QE_IDENTITY, "\"TD_QE\"", "\"QE\"", ATLS_E_NONE,
	    "intel.qe_identity" },
	{ "issued later", ATLS_TCB_INFO, "2025-10-01T00:00:00Z",
	    "2025-10-09T08:53:21Z", ATLS_E_STALE, "intel.tcb_info.issued" },
	{ "ended now", ATLS_TCB_INFO, "2025-10-31T00:00:00Z",
	    "2025-10-09T08:53:20Z", ATLS_E_STALE, "intel.tcb_info.expired" },
	{ "QE identity issued later", ATLS_QE_IDENTITY,
	    "2025-10-01T00:00:00Z", "2025-10-09T08:53:21Z", ATLS_E_STALE,
	    "intel.qe_identity.issued" },
	{ "QE identity ended now", ATLS_QE_IDENTITY, "2025-10-31T00:00:00Z",
	    "2025-10-09T08:53:20Z", ATLS_E_STALE,
	    "intel.qe_identity.expired" },
	{ "PCEID", ATLS_TCB_INFO, "\"0000\"", "\"0001\"", ATLS_E_POLICY,
	    "intel.tcb_info.pceid" },
	{ "QE's MISCSELECT", ATLS_QE_IDENTITY, "\"00000000\"", "\"01000000\"",
	    ATLS_E_POLICY, "intel.qe.miscselect" },
	{ "QE's ATTRIBUTES", ATLS_QE_IDENTITY, "\"1100", "\"1300",
	    ATLS_E_POLICY, "intel.qe.attributes" },
	{ "outside of the mask", ATLS_QE_IDENTITY, "\"FBFF", "\"EBFF",
	    ATLS_E_POLICY, "intel.qe.attributes" },
	{ "QE's MRSIGNER", ATLS_QE_IDENTITY, "01010101", "01010102",
	    ATLS_E_POLICY, "intel.qe.mrsigner" },
	{ "QE's product", ATLS_QE_IDENTITY, "\"isvprodid\":2",
	    "\"isvprodid\":1", ATLS_E_POLICY, "intel.qe.isvprodid" },
	{ "no level of the QE", ATLS_QE_IDENTITY, "\"isvsvn\":4},"
	    "\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
	    "{\"tcb\":{\"isvsvn\":3", "\"isvsvn\":6},"
	    "\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
	    "{\"tcb\":{\"isvsvn\":5", ATLS_E_POLICY, "intel.qe.isvsvn" },
	{ "no such module", ATLS_TCB_INFO, "TDX_03", "TDX_04", ATLS_E_POLICY,
	    "intel.tdx_module.identity" },
	{ "module's signer", ATLS_TCB_INFO, "\"TDX_03\",\"mrsigner\":\"00",
	    "\"TDX_03\",\"mrsigner\":\"01", ATLS_E_POLICY,
	    "intel.tdx_module.mrsigner" },
	{ "no level of the module", ATLS_TCB_INFO, "\"isvsvn\":4},"
	    "\"tcbDate\":\"2024-09-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
	    "{\"tcb\":{\"isvsvn\":3", "\"isvsvn\":6},"
	    "\"tcbDate\":\"2024-09-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
	    "{\"tcb\":{\"isvsvn\":5", ATLS_E_POLICY,
	    "intel.tdx_module.isvsvn" },
};

static void
refused(struct atls_collateral *c, int64_t now, enum atls_rc rc,
    const char *where, const char *what)
{
	struct atls_result res;

	T(made_check(m, c, NULL, now, &res) == 0 && res.why.rc == rc &&
	    strcmp(res.why.where, where) == 0, "%s: %s %s: %s", what,
	    atls_rc_name(res.why.rc), res.why.where != NULL ? res.why.where :
	    "accepted", res.why.detail);
	T(res.tcb.status == ATLS_TCB_NONE, "%s: no status", what);
}

static void
t_bodies(void)
{
	struct atls_collateral *c;
	char *body;
	size_t i;

	for (i = 0; i < NITEMS(bodies); i++) {
		bool qe = bodies[i].item == ATLS_QE_IDENTITY;
		char *keep = m->good[bodies[i].item];

		m->good[bodies[i].item] = NULL;
		c = made_store(m);
		m->good[bodies[i].item] = keep;
		body = made_with(qe ? made_qe_identity : made_tcb_info,
		    bodies[i].was, bodies[i].is);
		made_put_body(m, c, bodies[i].item, body);
		refused(c, NOW, bodies[i].rc, bodies[i].where,
		    bodies[i].what);
		free(body);
		atls_collateral_free(c);
	}
}

static void
t_good(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_result res;
	char *body;
	int i;

	T(made_check(m, c, NULL, NOW, &res) == 1, "good: %s %s",
	    res.why.where, res.why.detail);
	T(res.tcb.status == ATLS_TCB_UP_TO_DATE && res.tcb.evaluation == 17 &&
	    res.tcb.nadvisory == 0 && res.tcb.newer == 0 &&
	    res.tcb.date == 1710288000 && res.tcb.outlook[0] == '\0', "tcb");
	T(res.not_after == 1761868800, "ends with the documents: %lld",
	    (long long)res.not_after);
	for (i = 0; i < 2; i++) {
		body = made_with(i == 0 ? made_tcb_info : made_qe_identity,
		    "2025-10-01T00:00:00Z", "2025-10-09T08:53:20Z");
		made_put_body(m, c, i == 0 ? ATLS_TCB_INFO : ATLS_QE_IDENTITY,
		    body);
		T(made_check(m, c, NULL, NOW, &res) == 1, "issued now: %s",
		    res.why.where);
		free(body);
	}
	atls_collateral_free(c);
}

/* Who wants at least some evaluation wants it of both documents. */
static void
t_evaluation(void)
{
	static const struct { unsigned tcb, qe, want; } all[] = {
		{ 17, 16, 16 }, { 16, 17, 16 }, { 18, 18, 18 },
	};
	struct atls_collateral *c;
	struct atls_result res;
	char number[16], *body;
	size_t i;

	for (i = 0; i < NITEMS(all); i++) {
		c = made_store(m);
		(void)snprintf(number, sizeof(number), "Number\":%u",
		    all[i].tcb);
		body = made_with(made_tcb_info, "Number\":17", number);
		made_put_body(m, c, ATLS_TCB_INFO, body);
		free(body);
		(void)snprintf(number, sizeof(number), "Number\":%u",
		    all[i].qe);
		body = made_with(made_qe_identity, "Number\":17", number);
		made_put_body(m, c, ATLS_QE_IDENTITY, body);
		free(body);
		T(made_check(m, c, NULL, NOW, &res) == 1 &&
		    res.tcb.evaluation == all[i].want, "%u and %u: %lu",
		    all[i].tcb, all[i].qe, (unsigned long)res.tcb.evaluation);
		atls_collateral_free(c);
	}
}

/* Items that are not there, or of another issuer, or old. */
static void
t_items(void)
{
	static const struct {
		enum atls_item	 item;
		const char	*where;
	} none[] = {
		{ ATLS_PCK_CRL, "intel.pck.crl" },
		{ ATLS_ROOT_CA_CRL, "intel.pck.crl" },
		{ ATLS_TCB_INFO, "intel.tcb_info" },
		{ ATLS_TCB_INFO_CHAIN, "intel.tcb_info.signer" },
		{ ATLS_QE_IDENTITY, "intel.qe_identity" },
		{ ATLS_QE_IDENTITY_CHAIN, "intel.qe_identity.signer" },
	};
	struct atls_collateral *c;
	char *keep;
	size_t i;

	for (i = 0; i < NITEMS(none); i++) {
		keep = m->good[none[i].item];
		m->good[none[i].item] = NULL;
		c = made_store(m);
		m->good[none[i].item] = keep;
		refused(c, NOW, ATLS_E_NONE, none[i].where,
		    atls_item_name(none[i].item));
		atls_collateral_free(c);
	}
	refused(NULL, NOW, ATLS_E_NONE, "intel.pck.crl", "no store");
}

/* One item in another's place. */
static void
with(enum atls_item item, const char *text, int64_t now, enum atls_rc rc,
    const char *where, const char *what)
{
	struct atls_collateral *c;
	char *keep = m->good[item];

	m->good[item] = NULL;
	c = made_store(m);
	m->good[item] = keep;
	made_put(c, item, text);
	refused(c, now, rc, where, what);
	atls_collateral_free(c);
}

static void
with_crl(enum atls_item item, const struct pki_cert *by, long revoked,
    int64_t from, int64_t until, enum atls_rc rc, const char *where,
    const char *what)
{
	char *text = pki_crl(by, &revoked, revoked != 0 ? 1 : 0, from, until);

	with(item, text, NOW, rc, where, what);
	free(text);
}

static void
t_crls(void)
{
	const int64_t a = NOW - PKI_DAY, b = NOW + PKI_DAY;
	struct pki_cert evil = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX PCK Platform CA" }, NULL, NOW);
	struct pki_cert evil_root = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX Root CA" }, NULL, NOW);

	with_crl(ATLS_PCK_CRL, &m->platform, m->pck.serial, a, b,
	    ATLS_E_REVOKED, "intel.pck.revoked", "PCK revoked");
	with_crl(ATLS_ROOT_CA_CRL, &m->root, m->platform.serial, a, b,
	    ATLS_E_REVOKED, "intel.pck.revoked", "CA revoked");
	with_crl(ATLS_ROOT_CA_CRL, &m->root, m->signing.serial, a, b,
	    ATLS_E_REVOKED, "intel.qe_identity.revoked", "signer revoked");
	with_crl(ATLS_PCK_CRL, &m->platform, 0, NOW - 2 * PKI_DAY, NOW,
	    ATLS_E_STALE, "intel.pck.crl", "CRL ended");
	with_crl(ATLS_PCK_CRL, &m->platform, 0, NOW + 1, b, ATLS_E_STALE,
	    "intel.pck.crl", "CRL of tomorrow");
	with_crl(ATLS_ROOT_CA_CRL, &m->root, 0, NOW - 2 * PKI_DAY, NOW,
	    ATLS_E_STALE, "intel.pck.crl", "root's CRL ended");
	with_crl(ATLS_ROOT_CA_CRL, &m->platform, 0, a, b, ATLS_E_CHAIN,
	    "intel.pck.crl", "CRL of another CA");
	with_crl(ATLS_PCK_CRL, &evil, 0, a, b, ATLS_E_CHAIN,
	    "intel.pck.crl", "CRL of a CA of that name");
	with_crl(ATLS_ROOT_CA_CRL, &evil_root, 0, a, b, ATLS_E_CHAIN,
	    "intel.pck.crl", "CRL of a root of that name");
	pki_cert_free(&evil);
	pki_cert_free(&evil_root);
}

/* Who signs documents: one of them is by another, the rest is good. */
static const struct signed_item {
	enum atls_item		 item, chain;
	const char		*name, *body;
	const char		*certificate, *path, *revoked, *signature;
} signed_items[] = {
	{ ATLS_QE_IDENTITY, ATLS_QE_IDENTITY_CHAIN, "enclaveIdentity",
	    made_qe_identity, "intel.qe_identity.certificate",
	    "intel.qe_identity.chain", "intel.qe_identity.revoked",
	    "intel.qe_identity.signature" },
	{ ATLS_TCB_INFO, ATLS_TCB_INFO_CHAIN, "tcbInfo", made_tcb_info,
	    "intel.tcb_info.certificate", "intel.tcb_info.chain",
	    "intel.tcb_info.revoked", "intel.tcb_info.signature" },
};

static void
with_signer(const struct signed_item *d, const struct pki_cert *by,
    const char *more, enum atls_rc rc, const char *where, const char *what)
{
	char *keep[2] = { m->good[d->item], m->good[d->chain] };
	struct atls_collateral *c;

	m->good[d->item] = made_signed(by, d->name, d->body);
	m->good[d->chain] = pki_join(by->pem, more, NULL);
	c = made_store(m);
	refused(c, NOW, rc, where, what);
	atls_collateral_free(c);
	free(m->good[d->item]);
	free(m->good[d->chain]);
	m->good[d->item] = keep[0];
	m->good[d->chain] = keep[1];
}

/* Signed well, and the certificate is of a key on another curve. */
static void
with_p384(const struct signed_item *d, const char *cn)
{
	struct pki_cert c = pki_cert(&(struct pki_ask){ .cn = cn,
	    .key = PKI_P384 }, &m->root, NOW);
	char *keep = m->good[d->chain];
	struct atls_collateral *store;

	m->good[d->chain] = pki_join(c.pem, m->root.pem, NULL);
	store = made_store(m);
	refused(store, NOW, ATLS_E_SIG, d->signature, "P-384");
	atls_collateral_free(store);
	free(m->good[d->chain]);
	m->good[d->chain] = keep;
	pki_cert_free(&c);
}

static void
t_signers(const struct signed_item *d)
{
	static const char cn[] = "Test SGX TCB Signing";
	struct pki_cert root = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX Root CA" }, NULL, NOW), c;
	char *crl = m->good[ATLS_ROOT_CA_CRL];

	c = pki_cert(&(struct pki_ask){ .cn = "other" }, &m->root, NOW);
	with_signer(d, &c, m->root.pem, ATLS_E_CHAIN, d->certificate,
	    "another name");
	pki_cert_free(&c);
	c = pki_cert(&(struct pki_ask){ .cn = cn }, &m->platform, NOW);
	with_signer(d, &c, m->platform.pem, ATLS_E_CHAIN, d->certificate,
	    "below the PCK CA");
	with_signer(d, &c, m->root.pem, ATLS_E_CHAIN, d->path,
	    "below the PCK CA, which is left out");
	pki_cert_free(&c);
	c = pki_cert(&(struct pki_ask){ .cn = cn }, &root, NOW);
	with_signer(d, &c, root.pem, ATLS_E_CHAIN, d->path,
	    "another root of that name");
	pki_cert_free(&c);
	c = pki_cert(&(struct pki_ask){ .cn = cn, .from = NOW - 2 * PKI_DAY,
	    .until = NOW - PKI_DAY }, &m->root, NOW);
	with_signer(d, &c, m->root.pem, ATLS_E_STALE, d->path, "ended");
	pki_cert_free(&c);
	c = pki_cert(&(struct pki_ask){ .cn = cn, .ca = true }, &m->root, NOW);
	with_signer(d, &c, m->root.pem, ATLS_E_CHAIN, d->path, "a CA");
	pki_cert_free(&c);
	c = pki_cert(&(struct pki_ask){ .cn = cn }, &m->root, NOW);
	m->good[ATLS_ROOT_CA_CRL] = pki_crl(&m->root, &c.serial, 1,
	    NOW - PKI_DAY, NOW + PKI_DAY);
	with_signer(d, &c, m->root.pem, ATLS_E_REVOKED, d->revoked,
	    "revoked, and no other");
	free(m->good[ATLS_ROOT_CA_CRL]);
	m->good[ATLS_ROOT_CA_CRL] = crl;
	pki_cert_free(&c);
	pki_cert_free(&root);
	with_p384(d, cn);
}

/* Octets that are signed, and the signature: any other is refused, but for
 * digits in upper case. */
static void
t_signature(enum atls_item item, size_t every, const char *where)
{
	const char *good = m->good[item];
	struct atls_collateral *c = made_store(m);
	struct atls_result res;
	size_t i, n = strlen(good), taken = 0, stated = 0;

	for (i = 0; i < n * 8; i += i % 8 == 7 ? every * 8 - 7 : 1) {
		struct atls_bytes one = flip(pki_view(good), i);

		if (atls_collateral_put(c, item, one, NULL) != ATLS_OK) {
			drop(one);
			continue;
		}
		taken++;
		if (made_check(m, c, NULL, NOW, &res) == 1)
			T(i / 8 > n - 131 && i % 8 == 5, "bit %zu of %s", i,
			    atls_item_name(item));
		else if (strcmp(res.why.where, where) == 0)
			stated++;
		drop(one);
	}
	T(taken > 20 && stated > 10, "%s: %zu put in, %zu by signature",
	    atls_item_name(item), taken, stated);
	atls_collateral_free(c);
}

/* The same of CRLs: no bit of them may be another. */
static void
t_crl_bits(enum atls_item item)
{
	struct atls_collateral *c = made_store(m);
	struct atls_bytes text = pki_view(m->good[item]), der[1], one;
	uint8_t b[2048];
	struct atls_buf out = { b, sizeof(b), 0 };
	struct rd r = rd_of(text);
	struct atls_result res;
	size_t i, taken = 0;

	T(pem_get(&r, PEM_CRL, &out, der, 1) == 1, "CRL");
	for (i = 0; i < der[0].len * 8; i++) {
		one = flip(der[0], i);
		if (atls_collateral_put(c, item, one, NULL) == ATLS_OK) {
			T(made_check(m, c, NULL, NOW, &res) == 0, "%s: bit "
			    "%zu", atls_item_name(item), i);
			taken++;
		}
		drop(one);
	}
	for (i = 0; i < der[0].len; i++) {
		one = copy((struct atls_bytes){ der[0].p, i });
		T(atls_collateral_put(c, item, one, NULL) != ATLS_OK,
		    "%s: %zu octets", atls_item_name(item), i);
		drop(one);
	}
	T(taken > 1000, "%zu went in", taken);
	atls_collateral_free(c);
}

static void
t_pck(void)
{
	static const char *const where[] = { "intel.pck.extension",
	    "intel.pck.anchor", "intel.pck.certificates", "intel.pck.chain" };
	struct atls_collateral *c = made_store(m);
	struct atls_bytes twice[3] = { { m->pck.der, m->pck.len },
	    { m->pck.der, m->pck.len }, { m->platform.der, m->platform.len } };
	struct evidence_trust t = { .collateral = c, .now = NOW };
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	struct crypto_chain *leaf;
	struct intel_pck pck;
	struct pki_cert other;
	int f;

	for (f = PCK_GOOD + 1; f < PCK_NFAULTS; f++) {
		other = made_pck(f == PCK_ISSUER ? &m->root : &m->platform,
		    (enum pck_fault)f);
		T(intel_pck_parse((struct atls_bytes){ other.der, other.len },
		    &pck, NULL) == ATLS_E_FORMAT && pck.pcesvn == 0 &&
		    pck.fmspc[0] == 0, "fault %d", f);
		T(made_check(m, c, &other, NOW, &res) == 0 && (strcmp(
		    res.why.where, where[0]) == 0 || (f == PCK_ISSUER &&
		    strcmp(res.why.where, where[2]) == 0)), "fault %d: %s", f,
		    res.why.where);
		pki_cert_free(&other);
	}
	T(intel_pck_parse((struct atls_bytes){ m->pck.der, m->pck.len }, &pck,
	    NULL) == ATLS_OK && pck.svn[8] == 200 && pck.svn[14] == 0 &&
	    pck.svn[15] == 3 && pck.pcesvn == 13 &&
	    pck.fmspc[0] == 0xb0 && pck.has_instance && pck.platform_ca &&
	    pck.ppid[0] == 7 && pck.instance[0] == 9, "what it says");
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, twice, 1, &leaf, &pck, &res) == 0 &&
	    leaf == NULL && strcmp(res.why.where, where[1]) == 0,
	    "no anchors: %s", res.why.where);
	t.anchors = m->trust;
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, twice, 3, &leaf, &pck, &res) == 0 &&
	    strcmp(res.why.where, where[2]) == 0, "two leaves: %s",
	    res.why.where);
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, twice, 0, &leaf, &pck, &res) == 0 &&
	    strcmp(res.why.where, where[2]) == 0, "none");
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, twice, 1, &leaf, &pck, &res) == 0 &&
	    strcmp(res.why.where, where[3]) == 0 && pck.pcesvn == 0,
	    "no CA: %s", res.why.where);
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, twice + 1, 2, &leaf, &pck, &res) == 1 &&
	    leaf != NULL, "without the root: %s %s", res.why.where,
	    res.why.detail);
	crypto_chain_free(leaf);
	atls_collateral_free(c);
}

/* A chain to the other CA wants the other CRL. */
static void
t_processor(void)
{
	struct atls_collateral *c = made_store(m);
	struct pki_cert pck = made_pck(&m->processor, PCK_GOOD);
	struct atls_bytes chain[] = { { m->processor.der, m->processor.len },
	    { pck.der, pck.len } };
	struct evidence_trust t = { .anchors = m->trust, .collateral = c,
	    .now = NOW };
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	struct crypto_chain *leaf;
	struct intel_pck out;
	char *crl = pki_crl(&m->processor, NULL, 0, NOW - PKI_DAY,
	    NOW + PKI_DAY);

	T(intel_pck_check(&t, chain, 2, &leaf, &out, &res) == 0 &&
	    res.why.rc == ATLS_E_NONE, "its CRL is not there");
	made_put(c, ATLS_PCK_CRL, crl);
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(intel_pck_check(&t, chain, 2, &leaf, &out, &res) == 1 &&
	    !out.platform_ca, "now it is: %s", res.why.detail);
	crypto_chain_free(leaf);
	T(made_check(m, c, NULL, NOW, &res) == 1, "and both serve");
	free(crl);
	pki_cert_free(&pck);
	atls_collateral_free(c);
}

/* Memory that cannot be had, and a crypto library that fails: an error each
 * time, and never a verdict. */
static void
t_faults(void)
{
	struct atls_collateral *c;
	struct atls_result res;
	enum atls_rc rc;
	size_t i, more = 0;
	unsigned n;

	c = atls_collateral_new();
	for (i = 0; i < ATLS_NITEMS; i++) {
		if (m->good[i] == NULL)
			continue;
		for (n = 1; ; n++) {
			fault_set(FAULT_MEM, n);
			rc = atls_collateral_put(c, (enum atls_item)i,
			    pki_view(m->good[i]), NULL);
			if (!fault_fired())
				break;
			T(rc == ATLS_E_MEM, "%s: allocation %u: %s",
			    atls_item_name((enum atls_item)i), n,
			    atls_rc_name(rc));
		}
		T(rc == ATLS_OK && n > 2, "then it is in");
	}
	fault_set(FAULT_NONE, 0);
	atls_collateral_free(c);
	for (n = 1; ; n++) {
		c = made_store(m);
		fault_set(FAULT_MEM, n);
		i = (size_t)made_check(m, c, NULL, NOW, &res);
		if (!fault_fired())
			break;
		T(i == 0 && res.why.rc == ATLS_E_MEM &&
		    res.tcb.status == ATLS_TCB_NONE, "allocation %u: %s", n,
		    atls_rc_name(res.why.rc));
		atls_collateral_free(c);
	}
	T(i == 1 && n > 5, "accepted after %u", n);
	fault_set(FAULT_NONE, 0);
	atls_collateral_free(c);
	for (n = 1; ; n++) {
		c = made_store(m);
		fault_set(FAULT_CRYPTO, n);
		i = (size_t)made_check(m, c, NULL, NOW, &res);
		if (!fault_fired())
			break;
		/* but for the one that would tell if anchors are simulated:
		 * nobody asks that of a trust with CRLs */
		more += i;
		T(i == 1 || res.why.rc == ATLS_E_CRYPTO, "call %u: %s", n,
		    atls_rc_name(res.why.rc));
		atls_collateral_free(c);
	}
	T(i == 1 && n > 5 && more <= 1, "accepted after %u", n);
	fault_set(FAULT_NONE, 0);
	atls_collateral_free(c);
}

int
main(void)
{
	m = made_new();
	t_good();
	t_evaluation();
	t_faults();
	t_bodies();
	t_items();
	t_crls();
	t_signers(&signed_items[0]);
	t_signers(&signed_items[1]);
	t_signature(ATLS_TCB_INFO, 3, "intel.tcb_info.signature");
	t_signature(ATLS_QE_IDENTITY, 1, "intel.qe_identity.signature");
	t_crl_bits(ATLS_PCK_CRL);
	t_crl_bits(ATLS_ROOT_CA_CRL);
	t_pck();
	t_processor();
	made_free(m);
	return t_end("t_endorse_intel");
}
