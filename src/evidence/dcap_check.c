/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "../base/rd.h"
#include "../codec/hex.h"
#include "dcap.h"

#define ECDSA_HALF	32	/* octets of r, s, x, y */
#define ECDSA_DER_MAX	72	/* octets of a P-256 signature */
#define BRIEF		17	/* octets of a value in a reason, with NUL */

/* QUOTE, "Quote Header": QE Vendor ID of Intel. */
static const uint8_t intel[16] = {
	0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
	0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
};

/* One verification. */
struct check {
	enum intel_tee			 tee;
	const struct atls_evidence	*ev;
	const struct evidence_trust	*trust;
	struct atls_err			*err;
	struct sgx_report		 qe;
};

int
dcap_bits(const struct evidence_trust *trust, struct atls_err *err, bool ok,
    enum atls_rc rc, const char *where, const char *rule, uint64_t is)
{
	return evidence_check(trust, err, ok, rc, where, rule,
	    "0x%016" PRIx64, is);
}

/* The first octets, for people. */
static const char *
brief(char out[BRIEF], struct atls_bytes b)
{
	struct atls_buf buf = { (uint8_t *)out, BRIEF - 1, 0 };
	struct wr w = wr_of(&buf);
	struct rd r = rd_of(b);

	hex_put(&w, rd_take(&r, b.len < BRIEF / 2 ? b.len : BRIEF / 2));
	out[wr_done(&w) == ATLS_OK ? buf.len : 0] = '\0';
	return out;
}

static int
state(struct check *c, bool ok, enum atls_rc rc, enum dcap_check which,
    const char *rule, struct atls_bytes is)
{
	char b[BRIEF];

	return evidence_check(c->trust, c->err, ok, rc,
	    dcap_where(c->tee, which), rule, "%s%s", brief(b, is),
	    is.len > BRIEF / 2 ? ".." : is.len == 0 ? "none" : "");
}

static int
check_vendor(struct check *c)
{
	struct atls_bytes is = c->ev->part[DCAP_VENDOR];

	return state(c, atls_ct_eq(is, ATLS_ARRAY(intel)), ATLS_E_UNKNOWN,
	    DCAP_C_VENDOR, "must be Intel's QE", is);
}

static int
check_reserved(struct check *c)
{
	struct atls_bytes is = c->ev->part[DCAP_RESERVED];

	return state(c, evidence_zero(is), ATLS_E_FORMAT, DCAP_C_RESERVED,
	    "must be zero", is);
}

static int
check_chain_sent(struct check *c)
{
	struct rd r = rd_of(c->ev->part[DCAP_CERT_TYPE]);

	return evidence_check(c->trust, c->err, c->ev->nchain > 0,
	    ATLS_E_CHAIN, dcap_where(c->tee, DCAP_C_CHAIN),
	    "no PCK chain; must be type 5", "certification data of type %u",
	    (unsigned)rd_le(&r, 2));
}

/* r and s, big-endian, over the SHA-256 of msg. */
static enum atls_rc
verify(const struct crypto_key *key, struct atls_bytes msg,
    struct atls_bytes sig)
{
	uint8_t b[ECDSA_DER_MAX];
	struct atls_buf der = { b, sizeof(b), 0 };
	struct rd rs = rd_of(sig);
	struct atls_bytes r = rd_take(&rs, ECDSA_HALF);
	struct atls_bytes s = rd_take(&rs, ECDSA_HALF);
	enum atls_rc rc;

	if ((rc = rd_done(&rs)) != ATLS_OK ||
	    (rc = crypto_ecdsa_der(r, s, &der)) != ATLS_OK)
		return rc;
	return crypto_verify(key, ATLS_ECDSA_P256_SHA256, msg,
	    (struct atls_bytes){ b, der.len });
}

static int
check_qe_signature(struct check *c, const struct crypto_chain *pck)
{
	const struct atls_bytes *part = c->ev->part;
	enum atls_rc rc = verify(crypto_chain_key(pck), part[DCAP_QE_REPORT],
	    part[DCAP_QE_SIGNATURE]);

	return state(c, rc == ATLS_OK, rc, DCAP_C_QE_SIGNATURE,
	    "must be the PCK's, of the QE's report", part[DCAP_QE_SIGNATURE]);
}

static int
check_qe_reserved(struct check *c)
{
	return state(c, c->qe.reserved, ATLS_E_FORMAT, DCAP_C_QE_RESERVED,
	    "reserved octets must be zero", c->ev->part[DCAP_QE_REPORT]);
}

/* An enclave that can be debugged keeps no attestation key secret, whatever
 * the mask of the QE's identity leaves out. */
static int
check_qe_attributes(struct check *c)
{
	return state(c, (c->qe.flags & SGX_DEBUG) == 0 &&
	    (c->qe.flags & SGX_INIT) != 0, ATLS_E_POLICY,
	    DCAP_C_QE_ATTRIBUTES, "must have INIT and not DEBUG",
	    c->qe.attributes);
}

/* QUOTE, "QE Report Certification Data": REPORTDATA is the digest of the
 * attestation key and the authentication data, and 32 octets of zero. */
static int
check_qe_report_data(struct check *c)
{
	const struct atls_bytes *part = c->ev->part;
	const struct atls_bytes in[] = { part[DCAP_KEY], part[DCAP_QE_AUTH] };
	uint8_t digest[ATLS_HASH_MAX], want[DCAP_FIELD] = { 0 };
	enum atls_rc rc = crypto_hash(ATLS_SHA256, in, 2, digest);
	bool ok = false;

	if (rc == ATLS_OK) {
		memcpy(want, digest, crypto_hash_len(ATLS_SHA256));
		ok = atls_ct_eq(c->qe.report_data, ATLS_ARRAY(want));
		rc = ATLS_E_BIND;
	}
	return state(c, ok, rc, DCAP_C_QE_REPORT_DATA,
	    "must be SHA-256 of key and authentication data",
	    c->qe.report_data);
}

/* The import refuses what is no point of the curve. */
static int
check_key(struct check *c, struct crypto_key **out)
{
	struct rd r = rd_of(c->ev->part[DCAP_KEY]);
	struct atls_bytes x = rd_take(&r, ECDSA_HALF);
	struct atls_bytes y = rd_take(&r, ECDSA_HALF);
	enum atls_rc rc = crypto_key_ec(CRYPTO_P256, x, y, out);

	return state(c, rc == ATLS_OK, rc, DCAP_C_KEY,
	    "must be a point of P-256", c->ev->part[DCAP_KEY]);
}

static int
check_signature(struct check *c, const struct crypto_key *key)
{
	const struct atls_bytes *part = c->ev->part;
	enum atls_rc rc = verify(key, part[DCAP_SIGNED], part[DCAP_SIGNATURE]);

	return state(c, rc == ATLS_OK, rc, DCAP_C_SIGNATURE,
	    "must be the attestation key's, of header and body",
	    part[DCAP_SIGNATURE]);
}

int
dcap_check(enum intel_tee tee, const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct check c = { .tee = tee, .ev = ev, .trust = trust,
	    .err = &res->why };
	struct crypto_chain *leaf = NULL;
	struct crypto_key *key = NULL;
	struct intel_pck pck;
	int ok = 0;

	if (sgx_report_read(ev->part[DCAP_QE_REPORT], &c.qe) != ATLS_OK ||
	    check_vendor(&c) != 1 ||
	    check_reserved(&c) != 1 ||
	    check_chain_sent(&c) != 1)
		return 0;
	if (intel_pck_check(trust, ev->chain, ev->nchain, &leaf, &pck, res) ==
	    1 &&
	    check_qe_signature(&c, leaf) == 1 &&
	    check_qe_reserved(&c) == 1 &&
	    check_qe_attributes(&c) == 1 &&
	    check_qe_report_data(&c) == 1 &&
	    check_key(&c, &key) == 1 &&
	    check_signature(&c, key) == 1)
		ok = 1;
	crypto_key_free(key);
	crypto_chain_free(leaf);
	return ok;
}

int
dcap_tcb(enum intel_tee tee, const struct atls_evidence *ev,
    const struct evidence_trust *trust, const struct intel_platform *td,
    struct atls_result *res)
{
	struct intel_platform p = { .tee = tee };
	struct sgx_report qe;

	if (td != NULL)
		p.td = td->td;
	/* parse() has read both */
	if (sgx_report_read(ev->part[DCAP_QE_REPORT], &qe) != ATLS_OK ||
	    intel_pck_parse(ev->chain[0], &p.pck, &res->why) != ATLS_OK)
		return 0;
	p.qe.miscselect = qe.miscselect;
	p.qe.attributes = qe.attributes;
	p.qe.mrsigner = qe.mrsigner;
	p.qe.isvprodid = qe.isvprodid;
	p.qe.isvsvn = qe.isvsvn;
	return intel_tcb_check(trust, &p, res);
}

void
dcap_instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	static const char pck_is[] = "pck:", ppid_is[] = "ppid:";
	struct atls_buf buf = { (uint8_t *)out, ATLS_INSTANCE_MAX, 0 };
	struct wr w = wr_of(&buf);
	struct intel_pck pck;

	out[0] = '\0';
	if (ev->nchain == 0 ||
	    intel_pck_parse(ev->chain[0], &pck, NULL) != ATLS_OK)
		return;
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)(pck.has_instance ?
	    pck_is : ppid_is), strlen(pck.has_instance ? pck_is : ppid_is) });
	hex_put(&w, pck.has_instance ? ATLS_ARRAY(pck.instance) :
	    ATLS_ARRAY(pck.ppid));
	wr_zeros(&w, 1);
	if (wr_done(&w) != ATLS_OK)
		out[0] = '\0';
}

void
dcap_needs(enum intel_tee tee, const struct atls_evidence *ev,
    struct atls_need out[ATLS_NEEDS_MAX], size_t *n)
{
	struct intel_pck pck;

	if (ev->nchain > 0 &&
	    intel_pck_parse(ev->chain[0], &pck, NULL) == ATLS_OK)
		intel_needs(tee, &pck, out, n);
}

const char *
dcap_root(const struct atls_evidence *ev)
{
	(void)ev;
	return "intel-sgx-root";
}
