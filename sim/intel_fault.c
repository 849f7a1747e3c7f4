/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "intel.h"

/* An impostor signs all that the root would, with a root of his own. */
static void
other_root(struct intel *m)
{
	struct sim_key other = sim_key(SIM_P256, "other.intel.root");

	m->root.key = m->root.by = m->ca.by = m->signing.by = other;
	m->root_crl.by = other;
	m->signing_root = m->root;
}

/* Each of these returns whether the fault was one of its own. */
static bool
certs(struct intel *m, enum sim_fault f)
{
	int64_t now = m->o->now;

	switch ((int)f) {
	case SIM_F_ROOT:		other_root(m); break;
	case SIM_F_ROOT_EXPIRED:	m->root.until = now - 1; break;
	case SIM_F_CA_EXPIRED:		m->ca.until = now - 1; break;
	case SIM_F_CA_EARLY:		m->ca.from = now + 1; break;
	case SIM_F_CA_REVOKED:
		m->root_crl.revoked[0] = m->ca.serial;
		break;
	case SIM_F_CA_SIGNATURE:	m->ca.flip = true; break;
	case SIM_F_CA_NOT:
		m->ca.depth = SIM_LEAF;
		m->ca.ku = SIM_KU_SIGN;
		break;
	case SIM_F_CA_MISSING:		m->chain[1] = NULL; break;
	case SIM_F_LEAF_EXPIRED:	m->pck.until = now - 1; break;
	case SIM_F_LEAF_EARLY:		m->pck.from = now + 1; break;
	case SIM_F_LEAF_REVOKED:
		m->pck_crl.revoked[0] = m->pck.serial;
		break;
	case SIM_F_LEAF_SIGNATURE:	m->pck.flip = true; break;
	case SIM_F_LEAF_KEY:
		m->pck.key = sim_key(SIM_P384, "intel.pck");
		break;
	case SIM_F_LEAF_NAME:		m->pck.cn = "Somebody"; break;
	case SIM_F_LEAF_CA:		m->pck.depth = 0; break;
	case SIM_F_LEAF_TWICE:		m->chain[3] = &m->pck; break;
	case SIM_F_CHAIN_LONG:
		m->chain[3] = &m->ca;
		m->chain[4] = &m->root;
		break;
	case SIM_F_CHAIN_OTHER:		m->chain[3] = &m->signing; break;
	case SIM_F_CHAIN_ORDER:
		m->chain[0] = &m->root;
		m->chain[2] = &m->pck;
		break;
	default:
		return false;
	}
	return true;
}

static bool
crls(struct intel *m, enum sim_fault f)
{
	int64_t now = m->o->now;

	switch ((int)f) {
	case SIM_F_CRL_EXPIRED:		m->pck_crl.until = now - 1; break;
	case SIM_F_CRL_EARLY:		m->pck_crl.from = now + 1; break;
	case SIM_F_CRL_MISSING:		m->no_pck_crl = true; break;
	case SIM_F_CRL_SIGNATURE:	m->pck_crl.flip = true; break;
	case SIM_F_CRL_ISSUER:
		m->pck_crl.by = sim_key(SIM_P256, "intel.tcb-signing");
		break;
	case SIM_F_ROOT_CRL_EXPIRED:	m->root_crl.until = now - 1; break;
	case SIM_F_ROOT_CRL_EARLY:	m->root_crl.from = now + 1; break;
	case SIM_F_ROOT_CRL_MISSING:	m->no_root_crl = true; break;
	case SIM_F_ROOT_CRL_SIGNATURE:	m->root_crl.flip = true; break;
	case SIM_F_SIGNING_EXPIRED:	m->signing.until = now - 1; break;
	case SIM_F_SIGNING_EARLY:	m->signing.from = now + 1; break;
	case SIM_F_SIGNING_REVOKED:
		m->root_crl.revoked[0] = m->signing.serial;
		break;
	case SIM_F_SIGNING_SIGNATURE:	m->signing.flip = true; break;
	case SIM_F_SIGNING_ROOT:
		m->signing.by = m->signing_root.key = m->signing_root.by =
		    sim_key(SIM_P256, "other.intel.root");
		break;
	case SIM_F_SIGNING_NAME:	m->signing.cn = "Somebody"; break;
	case SIM_F_TCB_CHAIN_REVOKED:
		m->root_crl.revoked[0] = INTEL_SERIAL_TCB;
		break;
	default:
		return false;
	}
	return true;
}

static bool
header(struct intel *m, enum sim_fault f)
{
	struct intel_header *h = &m->header;

	switch ((int)f) {
	case SIM_F_VERSION:		h->version = 6; break;
	case SIM_F_KEY_TYPE:		h->key_type = 3; break;
	case SIM_F_TEE_TYPE:		h->tee_type ^= 0x81; break;
	case SIM_F_HEADER_RESERVED:	h->reserved = 0x10000; break;
	case SIM_F_VENDOR:		h->vendor[15] ^= 1; break;
	case SIM_F_BODY_TYPE:		h->body_type = 4; break;
	case SIM_F_BODY_SIZE:		h->body_size++; break;
	case SIM_F_OUTER_TYPE:		m->outer_type = 5; break;
	case SIM_F_INNER_TYPE:		m->inner_type = 3; break;
	case SIM_F_KEY_OTHER:
		m->attest = sim_key(SIM_P256, "somebody");
		break;
	default:
		return false;
	}
	return true;
}

static uint64_t
bit(const struct intel *m)
{
	return m->o->at < 64 ? (uint64_t)1 << m->o->at : 0;
}

static bool
body(struct intel *m, enum sim_fault f)
{
	switch ((int)f) {
	case SIM_F_DEBUG:
		m->td.attributes |= 1;
		m->enclave.flags |= 2;
		break;
	case SIM_F_ATTRIBUTE:
		m->td.attributes ^= bit(m);
		m->enclave.flags ^= bit(m);
		break;
	case SIM_F_XFAM:
		m->td.xfam ^= bit(m);
		m->enclave.xfrm ^= bit(m);
		break;
	case SIM_F_RESERVED:		m->enclave.reserved = true; break;
	case SIM_F_MIGRATABLE:
		m->td.attributes |= (uint64_t)1 << 29;
		break;
	case SIM_F_SERVICE_TD:		m->td.service_td = true; break;
	case SIM_F_SEAM_ATTRIBUTES:	m->td.seam_attributes = 1; break;
	case SIM_F_MRSIGNERSEAM:	m->td.mrsigner_seam[0] = 1; break;
	case SIM_F_REPORT_DATA:		m->enclave.data[63] ^= 1; break;
	default:
		return false;
	}
	return true;
}

static bool
qe(struct intel *m, enum sim_fault f)
{
	switch ((int)f) {
	case SIM_F_QE_REPORT_DATA:	m->qe.data[0] = 1; break;
	case SIM_F_QE_REPORT_TAIL:	m->qe.data[63] = 1; break;
	case SIM_F_QE_RESERVED:		m->qe.reserved = true; break;
	case SIM_F_QE_DEBUG:		m->qe.flags |= 2; break;
	case SIM_F_QE_MRSIGNER:		m->qe.mrsigner[0] ^= 1; break;
	case SIM_F_QE_PRODID:		m->qe.prodid ^= 3; break;
	case SIM_F_QE_MISCSELECT:	m->qe.miscselect = 1; break;
	case SIM_F_QE_ATTRIBUTES:	m->qe.flags |= 0x20; break;
	case SIM_F_QE_OLD:		m->qe.svn = 7; break;
	case SIM_F_QE_REVOKED:		m->qe.svn = 5; break;
	case SIM_F_QE_UNSUPPORTED:	m->qe.svn = 4; break;
	case SIM_F_EXT_MISSING:		m->ext.missing = true; break;
	case SIM_F_EXT_SHORT:		m->ext.short_of_one = true; break;
	case SIM_F_EXT_TWICE:		m->ext.twice = true; break;
	case SIM_F_EXT_LARGE:		m->ext.svn[0] = 256; break;
	default:
		return false;
	}
	return true;
}

static bool
docs(struct intel *m, enum sim_fault f)
{
	int64_t now = m->o->now;

	switch ((int)f) {
	case SIM_F_IDENTITY_MISSING:	m->identity.missing = true; break;
	case SIM_F_IDENTITY_EXPIRED:	m->identity.next = now - 1; break;
	case SIM_F_IDENTITY_EARLY:	m->identity.issued = now + 1; break;
	case SIM_F_IDENTITY_SIGNATURE:	m->identity.flip = true; break;
	case SIM_F_IDENTITY_ID:		m->identity.id = "QVE"; break;
	case SIM_F_IDENTITY_VERSION:	m->identity.version = 3; break;
	case SIM_F_IDENTITY_REPEATS:	m->identity.repeats = true; break;
	case SIM_F_TCB_MISSING:		m->tcb.missing = true; break;
	case SIM_F_TCB_EXPIRED:		m->tcb.next = now - 1; break;
	case SIM_F_TCB_EARLY:		m->tcb.issued = now + 1; break;
	case SIM_F_TCB_SIGNATURE:	m->tcb.flip = true; break;
	case SIM_F_TCB_ID:		m->tcb.id = "SEV"; break;
	case SIM_F_TCB_VERSION:		m->tcb.version = 4; break;
	case SIM_F_TCB_FMSPC:		m->tcb_fmspc[0] ^= 1; break;
	case SIM_F_TCB_PCEID:		m->tcb_pceid[0] ^= 1; break;
	case SIM_F_TCB_TYPE:		m->tcb_type = 1; break;
	case SIM_F_TCB_REPEATS:		m->tcb.repeats = true; break;
	case SIM_F_TCB_LARGE:		m->tcb_first_svn = 256; break;
	case SIM_F_TCB_STATUS:		m->tcb_status = "Fine"; break;
	case SIM_F_TCB_OLD:
		m->tcb.evaluation = m->identity.evaluation = 5;
		break;
	default:
		return false;
	}
	return true;
}

/* See the levels in intel_tcb.c. */
static bool
levels(struct intel *m, enum sim_fault f)
{
	unsigned at = m->o->at % INTEL_SVNS;

	switch ((int)f) {
	case SIM_F_SW_HARDENING:	m->ext.svn[0] = 6; break;
	case SIM_F_CONFIGURATION:	m->ext.svn[0] = 5; break;
	case SIM_F_CONFIGURATION_SW:	m->ext.svn[0] = 4; break;
	case SIM_F_OUT_OF_DATE:		m->ext.svn[0] = 3; break;
	case SIM_F_OUT_OF_DATE_CONF:	m->ext.svn[0] = 2; break;
	case SIM_F_TCB_REVOKED:		m->ext.svn[0] = 1; break;
	case SIM_F_SVN:
		m->ext.svn[at] = at == 0 ? 0 : m->ext.svn[at] - 1;
		break;
	case SIM_F_PCESVN:		m->ext.pcesvn--; break;
	case SIM_F_TDX_SVN:		m->td.svn[at] = 0; break;
	case SIM_F_MODULE_MISSING:	m->no_module = true; break;
	case SIM_F_MODULE_OLD:		m->td.svn[0] = 4; break;
	case SIM_F_MODULE_REVOKED:	m->td.svn[0] = 3; break;
	case SIM_F_RELAUNCH:
		m->td.svn[0] = 4;
		m->td.svn[2] = 6;
		break;
	case SIM_F_MODULE_NOW:
		m->td.svn[0] = 4;
		m->td.svn_2[1] = 9;
		break;
	default:
		return false;
	}
	return true;
}

void
intel_fault(struct intel *m)
{
	enum sim_fault f = (enum sim_fault)m->o->fault;

	(void)(certs(m, f) || crls(m, f) || header(m, f) || body(m, f) ||
	    qe(m, f) || docs(m, f) || levels(m, f));
}

void
intel_fault_quote(const struct intel *m, struct put *w)
{
	size_t sig = intel_at_signature(m);
	size_t cert = sig + 128, qe_at = m->kind == ATLS_KIND_SGX ? cert :
	    cert + 6;

	switch ((int)m->o->fault) {
	case SIM_F_SIGNATURE:		put_flip(w, sig + 31); break;
	case SIM_F_SIGNATURE_S:		put_flip(w, sig + 63); break;
	case SIM_F_SIGNATURE_ZERO:	put_le_at(w, sig, 0, 64); break;
	case SIM_F_QE_SIGNATURE:	put_flip(w, qe_at + 384); break;
	case SIM_F_QUOTE_SIZE:
		put_le_at(w, sig - 4, UINT32_MAX, 4);
		break;
	case SIM_F_OUTER_SIZE:		put_flip(w, cert + 2 + 3); break;
	case SIM_F_AUTH_SIZE:		put_flip(w, qe_at + 384 + 64); break;
	case SIM_F_TRUNCATED:
		w->len -= w->len > 0 ? 1 : 0;
		break;
	case SIM_F_TRAILING:		put_fill(w, 0x01, 1); break;
	case SIM_F_PADDING:		put_fill(w, 0, 4096); break;
	default:			break;
	}
}
