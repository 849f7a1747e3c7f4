/* SPDX-License-Identifier: Apache-2.0 */
#include "amd.h"

#include <string.h>

/* An impostor signs all that the ARK would, with one of his own. */
static void
other_root(struct amd *m)
{
	struct sim_key other = sim_key(SIM_RSA, "other.%s", m->ark.key.label);

	m->ark.key = m->ark.by = m->ask.by = m->crl.by = other;
}

static bool
certs(struct amd *m, enum sim_fault f)
{
	int64_t now = m->o->now;

	switch ((int)f) {
	case SIM_F_ROOT:		other_root(m); break;
	case SIM_F_ROOT_EXPIRED:	m->ark.until = now - 1; break;
	case SIM_F_CA_EXPIRED:		m->ask.until = now - 1; break;
	case SIM_F_CA_EARLY:		m->ask.from = now + 1; break;
	case SIM_F_CA_REVOKED:
		m->crl.revoked[0] = m->ask.serial;
		break;
	case SIM_F_CA_SIGNATURE:	m->ask.flip = true; break;
	case SIM_F_CA_NOT:		m->ask.depth = SIM_LEAF; break;
	case SIM_F_CA_MISSING:		m->no_ask = true; break;
	case SIM_F_CA_PRODUCT:
		(void)strcpy(m->ask_cn, m->o->product == ATLS_SIM_MILAN ?
		    "SEV-Genoa" : "SEV-Milan");
		break;
	case SIM_F_CA_ISSUER:
		m->ask.issuer = m->o->product == ATLS_SIM_MILAN ?
		    "ARK-Genoa" : "ARK-Milan";
		break;
	case SIM_F_LEAF_EXPIRED:	m->leaf.until = now - 1; break;
	case SIM_F_LEAF_EARLY:		m->leaf.from = now + 1; break;
	case SIM_F_LEAF_SIGNATURE:	m->leaf.flip = true; break;
	case SIM_F_LEAF_KEY:
		m->leaf.key = sim_key(SIM_P256, "intel.pck.0");
		break;
	case SIM_F_LEAF_NAME:		m->leaf.cn = "SEV-Somebody"; break;
	case SIM_F_LEAF_MISSING:	m->no_leaf = true; break;
	case SIM_F_CRL_EXPIRED:		m->crl.until = now - 1; break;
	case SIM_F_CRL_EARLY:		m->crl.from = now + 1; break;
	case SIM_F_CRL_MISSING:		m->no_crl = true; break;
	case SIM_F_CRL_SIGNATURE:	m->crl.flip = true; break;
	case SIM_F_CRL_ISSUER:		m->crl.by = m->ask.key; break;
	default:
		return false;
	}
	return true;
}

/* What the leaf says beside its name. */
static bool
leaf(struct amd *m, enum sim_fault f)
{
	size_t at = m->o->at % AMD_PARTS;

	switch ((int)f) {
	case SIM_F_PRODUCT:
		m->product = m->o->product == ATLS_SIM_MILAN ? "Genoa" :
		    "Milan";
		break;
	case SIM_F_PRODUCT_NEW:		m->product = "Venice"; break;
	case SIM_F_HWID:		m->hwid[0] ^= 1; break;
	case SIM_F_CERT_TCB:		m->cert_tcb[at]++; break;
	case SIM_F_EXT_MISSING:		m->no_level = true; break;
	default:
		return false;
	}
	return true;
}

static bool
tcbs(struct amd *m, enum sim_fault f)
{
	struct amd_report *r = &m->report;
	size_t at = m->o->at % AMD_PARTS;

	switch ((int)f) {
	case SIM_F_REPORTED_TCB:
		r->tcb[AMD_REPORTED][at]++;
		m->cert_tcb[at]++;
		break;
	case SIM_F_COMMITTED_TCB:	r->tcb[AMD_COMMITTED][at]++; break;
	case SIM_F_LAUNCH_TCB:		r->tcb[AMD_LAUNCH][at]--; break;
	case SIM_F_TCB_RESERVED:	r->tcb_reserved = 1; break;
	case SIM_F_FIRMWARE:		r->committed++; break;
	case SIM_F_SVN:
		r->tcb[AMD_REPORTED][at]--;
		r->tcb[AMD_COMMITTED][at]--;
		r->tcb[AMD_CURRENT][at]--;
		r->tcb[AMD_LAUNCH][at]--;
		m->cert_tcb[at]--;
		break;
	default:
		return false;
	}
	return true;
}

static bool
report(struct amd *m, enum sim_fault f)
{
	struct amd_report *r = &m->report;

	switch ((int)f) {
	case SIM_F_VERSION:		r->version = 4; break;
	case SIM_F_ALG:			r->algorithm = 2; break;
	case SIM_F_RESERVED:		r->reserved = 1; break;
	case SIM_F_SIGNING_KEY:		r->key_info ^= 1 << 2; break;
	case SIM_F_SIGNING_NONE:	r->key_info = 7 << 2; break;
	case SIM_F_KEY_INFO:		r->key_info |= 1 << 5; break;
	case SIM_F_CHIP_MASKED:
		r->key_info |= 1 << 1;
		memset(r->chip, 0, sizeof(r->chip));
		break;
	case SIM_F_CHIP_SHOWN:		r->key_info |= 1 << 1; break;
	case SIM_F_AUTHOR_KEY:		r->author = true; break;
	case SIM_F_CHIP_ZERO:
		memset(r->chip, 0, sizeof(r->chip));
		break;
	case SIM_F_CPUID:
		r->cpuid[0] = 0x19;
		r->cpuid[1] = m->o->product == ATLS_SIM_GENOA ? 0x01 : 0x11;
		break;
	case SIM_F_CPUID_NEW:		r->cpuid[0] = 0x1b; break;
	case SIM_F_DEBUG:		r->policy |= 1 << 19; break;
	case SIM_F_MIGRATE:		r->policy |= 1 << 18; break;
	case SIM_F_POLICY_ONE:
		r->policy &= ~(uint64_t)(1 << 17);
		break;
	case SIM_F_POLICY_BIT:
		r->policy |= (uint64_t)1 << (m->o->at % 64);
		break;
	case SIM_F_VMPL:		r->vmpl = 2; break;
	case SIM_F_VMPL_RANGE:		r->vmpl = 4; break;
	case SIM_F_REPORT_DATA:		r->data[63] ^= 1; break;
	default:
		return false;
	}
	return true;
}

void
amd_fault(struct amd *m)
{
	enum sim_fault f = (enum sim_fault)m->o->fault;

	(void)(certs(m, f) || leaf(m, f) || tcbs(m, f) || report(m, f));
}

void
amd_fault_report(const struct amd *m, struct put *w)
{
	const size_t sig = 0x2a0;

	switch ((int)m->o->fault) {
	case SIM_F_SIGNATURE:		put_flip(w, sig); break;
	case SIM_F_SIGNATURE_S:		put_flip(w, sig + 72); break;
	case SIM_F_SIGNATURE_ZERO:	put_le_at(w, sig, 0, 144); break;
	case SIM_F_SIGNATURE_TAIL:	put_flip(w, sig + 511); break;
	case SIM_F_TRUNCATED:
		w->len -= w->len > 0 ? 1 : 0;
		break;
	case SIM_F_TRAILING:		put_fill(w, 1, 1); break;
	default:			break;
	}
}
