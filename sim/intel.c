/* SPDX-License-Identifier: Apache-2.0 */
#include "intel.h"

#include <stdlib.h>
#include <string.h>

#define ORG	"Simulation of Intel"
#define ROOT_CN	"Intel SGX Root CA"

static const uint8_t fmspc[6] = { 0x00, 0x51, 0x4d, 0x00, 0x00, 0x00 };

/* QE Vendor ID of Intel: "Intel SGX ECDSA QuoteLibReference API", A.3. */
static const uint8_t vendor[16] = {
	0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
	0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
};

static struct sim_cert
cert(struct sim_key key, struct sim_key by, const char *cn,
    const char *issuer, uint64_t serial, int depth)
{
	return (struct sim_cert){ .key = key, .by = by, .cn = cn,
	    .issuer = issuer, .org = ORG, .from = SIM_EPOCH,
	    .until = SIM_END, .serial = serial, .depth = depth, .ids = true,
	    .ku = depth == SIM_LEAF ? SIM_KU_SIGN | SIM_KU_COMMIT :
	    SIM_KU_CERT | SIM_KU_CRL };
}

static struct sim_crl
crl(struct sim_key by, const char *issuer, int64_t now)
{
	return (struct sim_crl){ .by = by, .issuer = issuer, .org = ORG,
	    .from = now - SIM_DAY, .until = now + 29 * SIM_DAY };
}

static void
new_certs(struct intel *m)
{
	bool platform = !m->o->processor_ca;
	struct sim_key root = sim_key(SIM_P256, "intel.root");
	struct sim_key ca = sim_key(SIM_P256, platform ?
	    "intel.platform-ca" : "intel.processor-ca");
	const char *cn = platform ? "Intel SGX PCK Platform CA" :
	    "Intel SGX PCK Processor CA";

	m->root = cert(root, root, ROOT_CN, ROOT_CN, 1, 1);
	m->ca = cert(ca, root, cn, ROOT_CN, platform ? 2 : 3, 0);
	m->signing_root = m->root;
	m->signing = cert(sim_key(SIM_P256, "intel.tcb-signing"), root,
	    "Intel SGX TCB Signing", ROOT_CN, 4, SIM_LEAF);
	m->pck = cert(sim_key(SIM_P256, "intel.pck.%u", m->o->instance), ca,
	    "Intel SGX PCK Certificate", cn, 100 + m->o->instance, SIM_LEAF);
	m->root_crl = crl(root, ROOT_CN, m->o->now);
	m->pck_crl = crl(ca, cn, m->o->now);
	m->chain[0] = &m->pck;
	m->chain[1] = &m->ca;
	m->chain[2] = &m->root;
}

static void
new_ext(struct intel *m)
{
	static const uint8_t svn[INTEL_SVNS] = { 7, 7, 2, 2, 4, 1, 1, 5,
	    1, 1, 1, 1, 1, 1, 1, 1 };
	struct intel_ext *e = &m->ext;
	size_t i;

	sim_octets(e->ppid, 16, "ppid", m->o->instance,
	    (struct atls_bytes){ NULL, 0 });
	sim_octets(e->instance, 16, "platform", m->o->instance,
	    (struct atls_bytes){ NULL, 0 });
	for (i = 0; i < INTEL_SVNS; i++)
		e->svn[i] = svn[i];
	memcpy(e->cpusvn, svn, sizeof(e->cpusvn));
	e->pcesvn = 13;
	memcpy(e->fmspc, fmspc, sizeof(e->fmspc));
	e->platform = !m->o->processor_ca;
}

static void
new_docs(struct intel *m)
{
	bool td = m->kind == ATLS_KIND_TDX;
	struct intel_doc d = { .evaluation = 17,
	    .issued = m->o->now - SIM_DAY, .next = m->o->now + 29 * SIM_DAY,
	    .by = m->signing.key };

	m->tcb = m->identity = d;
	m->tcb.id = td ? "TDX" : "SGX";
	m->tcb.version = 3;
	m->tcb_first_svn = 7;
	m->tcb_status = "UpToDate";
	memcpy(m->tcb_fmspc, fmspc, sizeof(m->tcb_fmspc));
	m->identity.id = td ? "TD_QE" : "QE";
	m->identity.version = 2;
	m->identity_svn = 8;
}

static void
new_qe(struct intel *m)
{
	struct intel_report *q = &m->qe;

	q->flags = 0x11;		/* INIT, PROVISION_KEY */
	q->xfrm = 0xe7;
	sim_octets(q->mrenclave, 32, "qe", 0, (struct atls_bytes){ NULL, 0 });
	sim_octets(q->mrsigner, 32, "qe signer", 0,
	    (struct atls_bytes){ NULL, 0 });
	q->prodid = m->kind == ATLS_KIND_TDX ? 2 : 1;
	q->svn = 8;
	m->attest = m->attest_named = sim_key(SIM_P256, "intel.attest.%s.%u",
	    m->tcb.id, m->o->instance);
}

static void
new_body(struct intel *m, struct atls_bytes report_data)
{
	static const uint8_t svn[16] = { 5, 1, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 1, 1 };
	struct intel_report *e = &m->enclave;
	struct atls_bytes sw = sim_software(m->o);

	memcpy(m->td.svn, svn, sizeof(svn));
	memcpy(m->td.svn_2, svn, sizeof(svn));
	m->td.attributes = (uint64_t)1 << 28;	/* SEPT_VE_DISABLE */
	m->td.xfam = 0x602e7;
	e->flags = 0x05;			/* INIT, MODE64BIT */
	e->xfrm = 0xe7;
	sim_octets(e->mrenclave, 32, "enclave", 0, sw);
	sim_octets(e->mrsigner, 32, "signer", 0,
	    (struct atls_bytes){ NULL, 0 });
	e->prodid = 1;
	e->svn = 1;
	if (report_data.len == sizeof(e->data))
		memcpy(e->data, report_data.p, sizeof(e->data));
}

void
intel_new(struct intel *m, enum atls_kind kind, const struct atls_sim_opts *o,
    struct atls_bytes report_data)
{
	struct intel_header *h = &m->header;

	*m = (struct intel){ .kind = kind, .o = o, .outer_type = 6,
	    .inner_type = 5 };
	new_certs(m);
	new_ext(m);
	new_docs(m);
	new_qe(m);
	new_body(m, report_data);
	h->version = kind == ATLS_KIND_SGX ? 3 : o->version == 5 ? 5 : 4;
	h->key_type = 2;
	h->tee_type = kind == ATLS_KIND_SGX ? 0 : 0x81;
	h->body_type = 3;
	h->body_size = 648;
	memcpy(h->vendor, vendor, sizeof(vendor));
	intel_fault(m);
	intel_extension(&m->extension, &m->ext);
	m->pck.ext = put_view(&m->extension);
}

void
intel_free(struct intel *m)
{
	put_free(&m->extension);
}

static void
chain(struct put *w, const struct sim_cert *leaf, const struct sim_cert *root)
{
	sim_cert_pem(w, leaf);
	sim_cert_pem(w, root);
}

/* TCB info has one signer with QE identity, but for the faults. */
static void
tcb_chain(struct put *w, const struct intel *m)
{
	struct sim_cert signer = m->signing;

	switch ((int)m->o->fault) {
	case SIM_F_TCB_CHAIN:
		signer.until = m->o->now - 1;
		break;
	case SIM_F_TCB_CHAIN_MISSING:
		return;
	case SIM_F_TCB_CHAIN_NAME:
		signer.cn = "Somebody";
		break;
	case SIM_F_TCB_CHAIN_REVOKED:
		signer.serial = INTEL_SERIAL_TCB;
		break;
	default:
		break;
	}
	chain(w, &signer, &m->signing_root);
}

/* What is written for an item, or nothing if it is to be missing. */
static void
write_item(struct put *w, struct intel *m, enum atls_item item)
{
	switch ((int)item) {
	case ATLS_TCB_INFO:
		if (!m->tcb.missing)
			intel_tcb_info(w, m);
		break;
	case ATLS_TCB_INFO_CHAIN:
		tcb_chain(w, m);
		break;
	case ATLS_QE_IDENTITY_CHAIN:
		if (m->o->fault != SIM_F_SIGNING_MISSING)
			chain(w, &m->signing, &m->signing_root);
		break;
	case ATLS_QE_IDENTITY:
		if (!m->identity.missing)
			intel_identity(w, m);
		break;
	case ATLS_PCK_CRL:
		if (!m->no_pck_crl)
			sim_crl(w, &m->pck_crl);
		break;
	case ATLS_PCK_CRL_CHAIN:
		chain(w, &m->ca, &m->root);
		break;
	case ATLS_ROOT_CA_CRL:
		if (!m->no_root_crl)
			sim_crl(w, &m->root_crl);
		break;
	case ATLS_TCB_INFO_EARLY:
		if (m->o->fault != SIM_F_OUTLOOK)
			break;
		m->tcb.evaluation++;
		m->tcb_first_svn++;
		intel_tcb_info(w, m);
		break;
	default:
		break;
	}
}

static enum atls_rc
intel_collateral(enum atls_kind kind, const struct atls_sim_opts *o,
    enum atls_rc (*fn)(void *, enum atls_item, struct atls_bytes), void *arg)
{
	enum atls_rc rc = ATLS_OK;
	enum atls_item item;
	struct intel m;
	struct put w;

	intel_new(&m, kind, o, (struct atls_bytes){ NULL, 0 });
	for (item = ATLS_TCB_INFO; rc == ATLS_OK &&
	    item <= ATLS_TCB_INFO_EARLY; item++) {
		w = (struct put){ .rc = m.extension.rc };
		write_item(&w, &m, item);
		rc = sim_item(&w, fn, arg, item);
	}
	intel_free(&m);
	return rc;
}

static void
intel_root(struct put *w, enum atls_kind kind, const struct atls_sim_opts *o)
{
	struct sim_key root = sim_key(SIM_P256, "intel.root");
	struct sim_cert c = cert(root, root, ROOT_CN, ROOT_CN, 1, 1);

	(void)kind;
	if (o->fault == SIM_F_ROOT_EXPIRED)
		c.until = o->now - 1;
	sim_cert_pem(w, &c);
}

static void
intel_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	struct intel m;

	intel_new(&m, kind, o, report_data);
	put_fail(w, m.extension.rc);
	intel_quote(w, &m);
	intel_fault_quote(&m, w);
	intel_free(&m);
}

const struct sim_tee sim_tdx = {
	.kind = ATLS_KIND_TDX, .field = 64,
	.quote = intel_evidence, .root = intel_root,
	.collateral = intel_collateral, .anchor = "anchor",
};

const struct sim_tee sim_sgx = {
	.kind = ATLS_KIND_SGX, .field = 64,
	.quote = intel_evidence, .root = intel_root,
	.collateral = intel_collateral, .anchor = "anchor",
};
