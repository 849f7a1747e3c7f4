/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was verified once is not verified again, and is when anything that it
 * rests on is replaced or ends.  Link with --wrap of the calls counted here.
 */
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "intel_make.h"
#include "t.h"

static _Atomic unsigned paths, signatures;

int		__real_X509_verify_cert(X509_STORE_CTX *);
int		__wrap_X509_verify_cert(X509_STORE_CTX *);
enum atls_rc	__real_crypto_verify(const struct crypto_key *, unsigned,
		    struct atls_bytes, struct atls_bytes);
enum atls_rc	__wrap_crypto_verify(const struct crypto_key *, unsigned,
		    struct atls_bytes, struct atls_bytes);

int
__wrap_X509_verify_cert(X509_STORE_CTX *ctx)
{
	paths++;
	return __real_X509_verify_cert(ctx);
}

enum atls_rc
__wrap_crypto_verify(const struct crypto_key *key, unsigned scheme,
    struct atls_bytes msg, struct atls_bytes sig)
{
	signatures++;
	return __real_crypto_verify(key, scheme, msg, sig);
}

static struct made *m;

/* Accepted, with so many paths walked and documents' signatures checked. */
static void
costs(struct atls_collateral *c, int64_t now, unsigned p, unsigned s,
    const char *what)
{
	struct atls_result res;

	paths = signatures = 0;
	T(made_check(m, c, NULL, now, &res) == 1, "%s: %s %s", what,
	    res.why.where, res.why.detail);
	T(paths == p && signatures == s, "%s: %u paths, %u signatures", what,
	    (unsigned)paths, (unsigned)signatures);
}

static void
new_crl(struct atls_collateral *c, enum atls_item item,
    const struct pki_cert *by, long serial)
{
	char *text = pki_crl(by, &serial, serial != 0 ? 1 : 0, NOW - 3600,
	    NOW + 20 * PKI_DAY);

	made_put(c, item, text);
	free(text);
}

static void
t_replaced(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_result res;
	char *body;

	costs(c, NOW, 2, 2, "cold: PCK and signer; both documents");
	costs(c, NOW, 0, 0, "again");
	costs(c, NOW + 3600, 0, 0, "an hour later");
	costs(c, NOW - 3600, 0, 0, "an hour before");

	new_crl(c, ATLS_PCK_CRL, &m->platform, 0);
	costs(c, NOW, 1, 0, "another PCK CRL");
	new_crl(c, ATLS_ROOT_CA_CRL, &m->root, 0);
	costs(c, NOW, 2, 2, "another CRL of the root");
	body = made_with(made_tcb_info, "2025-10-01T00:00:00Z",
	    "2025-10-02T00:00:00Z");
	made_put_body(m, c, ATLS_TCB_INFO, body);
	free(body);
	costs(c, NOW, 0, 1, "another TCB info");
	costs(c, NOW, 0, 0, "again");
	made_put(c, ATLS_TCB_INFO_CHAIN, m->signing.pem);
	costs(c, NOW, 1, 1, "another chain of it");
	new_crl(c, ATLS_PCK_CRL, &m->platform, m->pck.serial);
	T(made_check(m, c, NULL, NOW, &res) == 0 &&
	    res.why.rc == ATLS_E_REVOKED, "and one that revokes");
	atls_collateral_free(c);
}

/* What ended is not served from memory, by whatever ends. */
static void
t_ends(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_result res;
	const int64_t end = 1761868800;		/* nextUpdate of both */

	costs(c, end - 1, 2, 2, "one second before");
	T(made_check(m, c, NULL, end, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where,
	    "intel.qe_identity.expired") == 0, "at its end: %s",
	    res.why.where);
	T(made_check(m, c, NULL, NOW + 30 * PKI_DAY, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where,
	    "intel.pck.crl") == 0, "CRLs end: %s", res.why.where);
	T(made_check(m, c, NULL, NOW + 366 * PKI_DAY, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where,
	    "intel.pck.chain") == 0, "certificates end: %s", res.why.where);
	costs(c, NOW, 0, 0, "what is in force is still known");
	atls_collateral_free(c);
}

static void
stale(struct atls_collateral *c, int64_t now, const char *where,
    const char *what)
{
	struct atls_result res;

	T(made_check(m, c, NULL, now, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where, where) == 0,
	    "%s: %s %s", what, res.why.where, res.why.detail);
}

/* Of all that documents rest on, their signer's certificate is the last to
 * begin and the first to end; the clock may also be set back. */
static void
t_signer_ends(void)
{
	static const char where[] = "intel.qe_identity.chain";
	struct atls_collateral *c = made_store(m);
	struct pki_cert s = pki_cert(&(struct pki_ask){
	    .cn = "Test SGX TCB Signing", .from = NOW - 1800,
	    .until = NOW + 1800 }, &m->root, NOW);
	char *info = made_signed(&s, "tcbInfo", made_tcb_info);
	char *qe = made_signed(&s, "enclaveIdentity", made_qe_identity);

	made_put(c, ATLS_TCB_INFO_CHAIN, s.pem);
	made_put(c, ATLS_QE_IDENTITY_CHAIN, s.pem);
	made_put(c, ATLS_TCB_INFO, info);
	made_put(c, ATLS_QE_IDENTITY, qe);
	stale(c, NOW - 1801, where, "it is yet to begin");
	costs(c, NOW, 1, 2, "it has begun");
	stale(c, NOW - 1801, where, "the clock is set back");
	costs(c, NOW - 1800, 0, 0, "not too far");
	costs(c, NOW + 1799, 0, 0, "it is about to end");
	stale(c, NOW + 1800, where, "it ended");
	costs(c, NOW, 0, 0, "and is still known");
	free(qe);
	free(info);
	pki_cert_free(&s);
	atls_collateral_free(c);
}

/* The same of a CRL, which the memory of PCK chains rests on. */
static void
t_crl_begins(void)
{
	struct atls_collateral *c = made_store(m);

	new_crl(c, ATLS_PCK_CRL, &m->platform, 0);
	costs(c, NOW, 2, 2, "its time has come");
	stale(c, NOW - 3601, "intel.pck.crl", "the clock is set back");
	costs(c, NOW - 3600, 0, 0, "not too far");
	atls_collateral_free(c);
}

/* Same collateral, other anchors: nothing of the first is known to them. */
static void
t_anchors(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_trust *was = m->trust;
	struct pki_cert other = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX Root CA" }, NULL, NOW);
	struct atls_result res;
	char *two = pki_join(other.pem, m->root.pem, NULL);

	costs(c, NOW, 2, 2, "cold");
	m->trust = atls_trust_new(pki_view(other.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	T(made_check(m, c, NULL, NOW, &res) == 0 &&
	    res.why.rc == ATLS_E_CHAIN && strcmp(res.why.where,
	    "intel.pck.chain") == 0, "another root: %s", res.why.where);
	atls_trust_free(m->trust);
	m->trust = atls_trust_new(pki_view(two), (struct atls_bytes){ NULL,
	    0 }, NULL);
	paths = signatures = 0;
	T(made_check(m, c, NULL, NOW, &res) == 1 && signatures == 2 &&
	    paths >= 2, "two roots: %u", (unsigned)signatures);
	atls_trust_free(m->trust);
	m->trust = atls_trust_new(pki_view(m->root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	costs(c, NOW, 0, 0, "the same root, read again");
	atls_trust_free(m->trust);
	m->trust = was;
	free(two);
	pki_cert_free(&other);
	atls_collateral_free(c);
}

/* Once a higher evaluation was verified, a lower one is refused: of the same
 * TEE and kind of document only. */
static void
t_rollback(void)
{
	struct atls_collateral *c = made_store(m);
	struct pki_cert evil = pki_cert(&(struct pki_ask){
	    .cn = "Test SGX TCB Signing" }, NULL, NOW);
	struct atls_result res;
	char *body = made_with(made_tcb_info, "Number\":17", "Number\":18");
	char *forged = made_signed(&evil, "tcbInfo", body);

	costs(c, NOW, 2, 2, "17");
	made_put(c, ATLS_TCB_INFO, forged);
	T(made_check(m, c, NULL, NOW, &res) == 0 && strcmp(res.why.where,
	    "intel.tcb_info.signature") == 0, "forged: %s", res.why.where);
	made_put(c, ATLS_TCB_INFO, m->good[ATLS_TCB_INFO]);
	costs(c, NOW, 0, 0, "forged ones do not raise the mark");
	made_put_body(m, c, ATLS_TCB_INFO, body);
	costs(c, NOW, 0, 1, "18");
	made_put(c, ATLS_TCB_INFO, m->good[ATLS_TCB_INFO]);
	T(made_check(m, c, NULL, NOW, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where,
	    "intel.tcb_info.rollback") == 0 &&
	    res.tcb.status == ATLS_TCB_NONE, "17 again: %s", res.why.where);
	made_put_body(m, c, ATLS_TCB_INFO, body);
	costs(c, NOW, 0, 1, "18 again, signed anew");
	free(body);
	body = made_with(made_qe_identity, "Number\":17", "Number\":18");
	made_put_body(m, c, ATLS_QE_IDENTITY, body);
	costs(c, NOW, 0, 1, "QE identity 18");
	made_put(c, ATLS_QE_IDENTITY, m->good[ATLS_QE_IDENTITY]);
	T(made_check(m, c, NULL, NOW, &res) == 0 &&
	    res.why.rc == ATLS_E_STALE && strcmp(res.why.where,
	    "intel.qe_identity.rollback") == 0, "QE identity 17: %s",
	    res.why.where);
	free(body);
	free(forged);
	pki_cert_free(&evil);
	atls_collateral_free(c);
}

/* A CRL that was verified is not rolled back, also not by way of one that
 * nobody signed. */
static void
t_crl_rollback(void)
{
	struct atls_collateral *c = made_store(m);
	struct pki_cert evil = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX PCK Platform CA" }, NULL, NOW);
	long serial = m->pck.serial + 1;
	char *late = pki_crl(&m->platform, &serial, 1, NOW - 3600,
	    NOW + 20 * PKI_DAY);
	char *junk = pki_crl(&evil, NULL, 0, NOW - 60, NOW + 20 * PKI_DAY);
	char *next = pki_crl(&m->platform, NULL, 0, NOW - 30,
	    NOW + 20 * PKI_DAY);
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_result res;

	made_put(c, ATLS_PCK_CRL, late);
	costs(c, NOW, 2, 2, "an honest CRL");
	made_put(c, ATLS_PCK_CRL, junk);
	T(made_check(m, c, NULL, NOW, &res) == 0 &&
	    strcmp(res.why.where, "intel.pck.crl") == 0, "forged: %s",
	    res.why.where);
	T(atls_collateral_put(c, ATLS_PCK_CRL,
	    pki_view(m->good[ATLS_PCK_CRL]), &err) == ATLS_E_STALE,
	    "an old one behind a forged one");
	made_put(c, ATLS_PCK_CRL, late);
	made_put(c, ATLS_PCK_CRL, next);
	T(made_check(m, c, NULL, NOW, &res) == 1, "honest again: %s",
	    res.why.where);
	free(next);
	free(junk);
	free(late);
	pki_cert_free(&evil);
	atls_collateral_free(c);
}

/* Where the policy has CRLs of its own, one of the future that nobody signed
 * is not used, and so is not taken for verified. */
static void
t_crl_unused(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_trust *was = m->trust;
	struct pki_cert evil = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX PCK Platform CA" }, NULL, NOW);
	char *junk = pki_crl(&evil, NULL, 0, NOW + 60, NOW + 20 * PKI_DAY);
	char *own = pki_join(m->good[ATLS_PCK_CRL], m->good[ATLS_ROOT_CA_CRL],
	    NULL);
	struct atls_result res;

	m->trust = atls_trust_new(pki_view(m->root.pem), pki_view(own), NULL);
	made_put(c, ATLS_PCK_CRL, junk);
	T(made_check(m, c, NULL, NOW, &res) == 1, "by the policy's: %s %s",
	    res.why.where, res.why.detail);
	T(atls_collateral_put(c, ATLS_PCK_CRL,
	    pki_view(m->good[ATLS_PCK_CRL]), NULL) == ATLS_OK,
	    "one that was not used keeps no other out");
	atls_trust_free(m->trust);
	m->trust = was;
	free(own);
	free(junk);
	pki_cert_free(&evil);
	atls_collateral_free(c);
}

/* Putting and appraising at once. */
static struct atls_collateral *shared;
static _Atomic unsigned accepted;

static void *
appraise(void *arg)
{
	struct atls_result res;
	int i;

	(void)arg;
	for (i = 0; i < 200; i++)
		if (made_check(m, shared, NULL, NOW, &res) == 1)
			accepted++;
	return NULL;
}

static void *
replace(void *arg)
{
	static const enum atls_item items[] = { ATLS_TCB_INFO,
	    ATLS_ROOT_CA_CRL, ATLS_QE_IDENTITY, ATLS_PCK_CRL };
	char *const *text = arg;
	size_t i;

	for (i = 0; i < 200; i++)
		made_put(shared, items[i % 4], text[i % 8]);
	return NULL;
}

static void
t_threads(void)
{
	char *text[8], *body;
	pthread_t t[3];
	size_t i;

	shared = made_store(m);
	body = made_with(made_tcb_info, "Number\":17", "Number\":17 ");
	text[0] = made_signed(&m->signing, "tcbInfo", body);
	free(body);
	text[1] = pki_crl(&m->root, NULL, 0, NOW - PKI_DAY,
	    NOW + 9 * PKI_DAY);
	body = made_with(made_qe_identity, "Number\":17", "Number\":17 ");
	text[2] = made_signed(&m->signing, "enclaveIdentity", body);
	free(body);
	text[3] = pki_crl(&m->platform, NULL, 0, NOW - PKI_DAY,
	    NOW + 9 * PKI_DAY);
	text[4] = m->good[ATLS_TCB_INFO];
	text[5] = m->good[ATLS_ROOT_CA_CRL];
	text[6] = m->good[ATLS_QE_IDENTITY];
	text[7] = m->good[ATLS_PCK_CRL];
	accepted = 0;
	T(pthread_create(&t[0], NULL, appraise, NULL) == 0 &&
	    pthread_create(&t[1], NULL, replace, text) == 0 &&
	    pthread_create(&t[2], NULL, appraise, NULL) == 0, "threads");
	for (i = 0; i < 3; i++)
		(void)pthread_join(t[i], NULL);
	T(accepted == 400, "%u of 400", (unsigned)accepted);
	for (i = 0; i < 4; i++)
		free(text[i]);
	atls_collateral_free(shared);
}

int
main(void)
{
	m = made_new();
	t_replaced();
	t_ends();
	t_signer_ends();
	t_crl_begins();
	t_anchors();
	t_rollback();
	t_crl_rollback();
	t_crl_unused();
	t_threads();
	made_free(m);
	return t_end("t_endorse_memo");
}
