/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/evidence.h>

#include "../src/evidence/dcap.h"
#include "quote_make.h"
#include "quote_check.h"
#include "t.h"

/* What is checked in quotes of both kinds, one row for each MUST: the quote
 * is changed and signed anew, so that nothing but that check can refuse it. */

static const struct {
	const char	*file;
	enum atls_kind	 kind;
} good[] = {
	{ "tdx/quotes/phala-tdx-v4.bin",	ATLS_KIND_TDX },
	{ "tdx/quotes/automata-alibaba-v5.bin",	ATLS_KIND_TDX },
	{ "sgx/quotes/phala-sgx.bin",		ATLS_KIND_SGX },
};

/* The order of P-256, and its field's prime: SEC 2, 2.4.2. */
static const char order[] = "\xff\xff\xff\xff\x00\x00\x00\x00"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84"
    "\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
static const char prime[] = "\xff\xff\xff\xff\x00\x00\x00\x01"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff";

static void
set(struct quote *q, size_t off, const char *p, size_t n)
{
	memcpy(q->b + off, p, n);
}

static void vendor(struct quote *q)
{ q->b[12] ^= 1; quote_sign(q); }
static void vendor_end(struct quote *q)
{ q->b[27] ^= 0x80; quote_sign(q); }
static void reserved(struct quote *q)
{ q->b[8] = 1; quote_sign(q); }
static void reserved_end(struct quote *q)
{ q->b[11] = 1; quote_sign(q); }
static void no_chain(struct quote *q)
{
	static const uint8_t ppid[404];

	quote_certify(q, 3, ATLS_ARRAY(ppid));
}
static void qe_other_key(struct quote *q)
{
	uint8_t sig[64];

	quote_sign(q);
	memcpy(sig, q->b + q->qe_sig, 64);	/* of something else */
	memcpy(q->b + q->qe_sig, q->b + q->sig, 64);
	memcpy(q->b + q->sig, sig, 64);
}
static void qe_changed(struct quote *q)
{ q->b[q->qe + 128] ^= 1; }
static void qe_r_zero(struct quote *q)
{ memset(q->b + q->qe_sig, 0, 32); }
static void qe_s_zero(struct quote *q)
{ memset(q->b + q->qe_sig + 32, 0, 32); }
static void qe_reserved(struct quote *q)
{ q->b[q->qe + 20] = 1; quote_sign(q); }
static void qe_reserved_2(struct quote *q)
{ q->b[q->qe + 127] = 1; quote_sign(q); }
static void qe_reserved_3(struct quote *q)
{ q->b[q->qe + 160] = 1; quote_sign(q); }
static void qe_reserved_4(struct quote *q)
{ q->b[q->qe + 303] = 1; quote_sign(q); }
static void qe_debug(struct quote *q)
{ q->b[q->qe + 48] |= 2; quote_sign(q); }
static void qe_no_init(struct quote *q)
{ q->b[q->qe + 48] &= 0xfe; quote_sign(q); }
static void binding(struct quote *q)
{ q->b[q->qe + 320] ^= 1; quote_sign_qe(q); }
static void binding_end(struct quote *q)
{ q->b[q->qe + 351] ^= 1; quote_sign_qe(q); }
static void binding_tail(struct quote *q)
{ q->b[q->qe + 352] = 1; quote_sign_qe(q); }
static void binding_last(struct quote *q)
{ q->b[q->qe + 383] = 1; quote_sign_qe(q); }
static void auth_data(struct quote *q)
{ q->b[q->auth] ^= 1; }
static void auth_last(struct quote *q)
{ q->b[q->cert - 1] ^= 1; }
static void key_other(struct quote *q)
{ q->b[q->key + 63] ^= 1; }
static void key_off(struct quote *q)
{ q->b[q->key + 63] ^= 1; quote_bind(q); }
static void key_zero(struct quote *q)
{ memset(q->b + q->key, 0, 64); quote_bind(q); }
static void key_prime(struct quote *q)
{ set(q, q->key, prime, 32); quote_bind(q); }
static void key_large(struct quote *q)
{ memset(q->b + q->key, 0xff, 64); quote_bind(q); }
static void body_changed(struct quote *q)
{ q->b[q->body] ^= 1; }
static void body_last(struct quote *q)
{ q->b[q->siglen - 1] ^= 1; }
static void user_data(struct quote *q)
{ q->b[28] ^= 1; }
static void r_zero(struct quote *q)
{ memset(q->b + q->sig, 0, 32); }
static void s_zero(struct quote *q)
{ memset(q->b + q->sig + 32, 0, 32); }
static void both_zero(struct quote *q)
{ memset(q->b + q->sig, 0, 64); }
static void r_order(struct quote *q)
{ set(q, q->sig, order, 32); }
static void s_order(struct quote *q)
{ set(q, q->sig + 32, order, 32); }
static void r_large(struct quote *q)
{ memset(q->b + q->sig, 0xff, 32); }
static void s_large(struct quote *q)
{ memset(q->b + q->sig + 32, 0xff, 32); }
static void one_one(struct quote *q)
{
	memset(q->b + q->sig, 0, 64);
	q->b[q->sig + 31] = q->b[q->sig + 63] = 1;
}
static void swapped(struct quote *q)
{
	uint8_t r[32];

	memcpy(r, q->b + q->sig, 32);
	memmove(q->b + q->sig, q->b + q->sig + 32, 32);
	memcpy(q->b + q->sig + 32, r, 32);
}

enum { V345 = 0, V45 };

static const struct {
	const char	*what;
	void		(*change)(struct quote *);
	enum atls_rc	 rc;
	enum dcap_check	 why;
	int		 of;
} bad[] = {
	{ "vendor",	vendor, ATLS_E_UNKNOWN, DCAP_C_VENDOR, V345 },
	{ "vendor, last octet", vendor_end, ATLS_E_UNKNOWN, DCAP_C_VENDOR,
	    V345 },
	{ "reserved",	reserved, ATLS_E_FORMAT, DCAP_C_RESERVED, V45 },
	{ "reserved, last octet", reserved_end, ATLS_E_FORMAT,
	    DCAP_C_RESERVED, V45 },
	{ "no chain",	no_chain, ATLS_E_CHAIN, DCAP_C_CHAIN, V345 },
	{ "QE's report by another key", qe_other_key, ATLS_E_SIG,
	    DCAP_C_QE_SIGNATURE, V345 },
	{ "QE's report changed", qe_changed, ATLS_E_SIG, DCAP_C_QE_SIGNATURE,
	    V345 },
	{ "QE's r is 0", qe_r_zero, ATLS_E_SIG, DCAP_C_QE_SIGNATURE, V345 },
	{ "QE's s is 0", qe_s_zero, ATLS_E_SIG, DCAP_C_QE_SIGNATURE, V345 },
	{ "QE's reserved 1", qe_reserved, ATLS_E_FORMAT, DCAP_C_QE_RESERVED,
	    V345 },
	{ "QE's reserved 2", qe_reserved_2, ATLS_E_FORMAT, DCAP_C_QE_RESERVED,
	    V345 },
	{ "QE's reserved 3", qe_reserved_3, ATLS_E_FORMAT, DCAP_C_QE_RESERVED,
	    V345 },
	{ "QE's reserved 4", qe_reserved_4, ATLS_E_FORMAT, DCAP_C_QE_RESERVED,
	    V345 },
	{ "QE's DEBUG",	qe_debug, ATLS_E_POLICY, DCAP_C_QE_ATTRIBUTES, V345 },
	{ "QE's INIT",	qe_no_init, ATLS_E_POLICY, DCAP_C_QE_ATTRIBUTES,
	    V345 },
	{ "binding",	binding, ATLS_E_BIND, DCAP_C_QE_REPORT_DATA, V345 },
	{ "binding, last of digest", binding_end, ATLS_E_BIND,
	    DCAP_C_QE_REPORT_DATA, V345 },
	{ "binding, tail", binding_tail, ATLS_E_BIND, DCAP_C_QE_REPORT_DATA,
	    V345 },
	{ "binding, last of tail", binding_last, ATLS_E_BIND,
	    DCAP_C_QE_REPORT_DATA, V345 },
	{ "authentication data", auth_data, ATLS_E_BIND,
	    DCAP_C_QE_REPORT_DATA, V345 },
	{ "authentication data, last", auth_last, ATLS_E_BIND,
	    DCAP_C_QE_REPORT_DATA, V345 },
	{ "key not bound", key_other, ATLS_E_BIND, DCAP_C_QE_REPORT_DATA,
	    V345 },
	{ "key not on the curve", key_off, ATLS_E_FORMAT, DCAP_C_KEY, V345 },
	{ "key 0, 0",	key_zero, ATLS_E_FORMAT, DCAP_C_KEY, V345 },
	{ "key's x is p", key_prime, ATLS_E_FORMAT, DCAP_C_KEY, V345 },
	{ "key too large", key_large, ATLS_E_FORMAT, DCAP_C_KEY, V345 },
	{ "body",	body_changed, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "body, last",	body_last, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "user data",	user_data, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "r is 0",	r_zero, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "s is 0",	s_zero, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "both are 0",	both_zero, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "r is the order", r_order, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "s is the order", s_order, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "r too large", r_large, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "s too large", s_large, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "r and s are 1", one_one, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
	{ "r and s swapped", swapped, ATLS_E_SIG, DCAP_C_SIGNATURE, V345 },
};

static void
refused(void)
{
	struct atls_result res;
	const char *where;
	struct quote q;
	size_t i, k;

	for (k = 0; k < NITEMS(good); k++) {
		for (i = 0; i < NITEMS(bad); i++) {
			if (bad[i].of == V45 && good[k].kind == ATLS_KIND_SGX)
				continue;
			T(quote_load(&q, good[k].file), "vector");
			quote_sign(&q);
			bad[i].change(&q);
			where = dcap_where(good[k].kind == ATLS_KIND_SGX ?
			    INTEL_SGX : INTEL_TDX, bad[i].why);
			T(quote_check(&q, good[k].kind, false, &res) != 1 &&
			    res.why.rc == bad[i].rc &&
			    strcmp(res.why.where, where) == 0,
			    "%s: %s: %d at %s: %s", good[k].file, bad[i].what,
			    (int)res.why.rc, res.why.where, res.why.detail);
		}
	}
}

/*
 * Version 3 has SVNs of QE and PCE where later ones have reserved octets.
 *
 * If (r, s) is a signature, (r, n - s) is one of the same octets by the same
 * key: whoever sees a quote can make another that says the same.  Nothing here
 * takes a quote for an identifier, or a digest of it for one that was seen
 * before: freshness is in REPORTDATA, which is signed.  So both are taken, as
 * Intel's own library does.
 */
static void
accepted(void)
{
	struct atls_result res;
	struct quote q;
	size_t k;

	for (k = 0; k < NITEMS(good); k++) {
		T(quote_load(&q, good[k].file), "vector");
		quote_sign(&q);
		T(quote_check(&q, good[k].kind, false, &res) == 1, "%s: %s",
		    good[k].file, res.why.where);
		quote_other_s(q.b + q.sig);
		quote_other_s(q.b + q.qe_sig);
		T(quote_check(&q, good[k].kind, false, &res) == 1,
		    "%s: other s: %s", good[k].file, res.why.where);
		quote_put(&q, q.authlen, 0, 2);		/* no auth data */
		memmove(q.b + q.auth, q.b + q.cert, q.len - q.cert);
		q.len -= q.cert - q.auth;
		q.cert = q.auth;
		quote_put(&q, q.siglen, q.len - q.sig, 4);
		if (q.outer != 0)
			quote_put(&q, q.outer + 2, q.len - q.qe, 4);
		quote_sign(&q);
		T(quote_check(&q, good[k].kind, false, &res) == 1,
		    "%s: no authentication data: %s", good[k].file,
		    res.why.where);
	}
	T(quote_load(&q, good[2].file), "vector");
	quote_put(&q, 8, 0xffffffff, 4);
	quote_sign(&q);
	T(quote_check(&q, ATLS_KIND_SGX, false, &res) == 1, "SVNs: %s",
	    res.why.where);
}

/* allow-debug is about the TD or enclave, not about the QE. */
static void
debug_qe(void)
{
	struct atls_result res;
	struct quote q;
	size_t k;

	for (k = 0; k < NITEMS(good); k++) {
		T(quote_load(&q, good[k].file), "vector");
		qe_debug(&q);
		T(quote_check(&q, good[k].kind, true, &res) != 1, "%s",
		    good[k].file);
	}
}

int
main(void)
{
	quote_init();
	quote_ours = true;
	accepted();
	refused();
	debug_qe();
	quote_done();
	return t_end("t_dcap_check");
}
