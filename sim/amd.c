/* SPDX-License-Identifier: Apache-2.0 */
#include "amd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORG	"Simulation of Advanced Micro Devices"
#define AMD_OID	"1.3.6.1.4.1.3704.1"
#define NONE	((struct atls_bytes){ NULL, 0 })

static const char *const products[] = { "Genoa", "Milan", "Turin" };

/* CPUID, by product: family, model, stepping. */
static const uint8_t cpuids[][3] = { { 0x19, 0x11, 1 }, { 0x19, 0x01, 1 },
    { 0x1a, 0x02, 1 } };

static struct sim_cert
ca(struct sim_key key, struct sim_key by, const char *cn, const char *issuer,
    uint64_t serial, int depth)
{
	return (struct sim_cert){ .key = key, .by = by, .cn = cn,
	    .issuer = issuer, .org = ORG, .from = SIM_EPOCH,
	    .until = SIM_END, .serial = serial, .depth = depth, .ids = true,
	    .ku = depth == 0 ? SIM_KU_CERT : SIM_KU_CERT | SIM_KU_CRL };
}

static void
new_certs(struct amd *m)
{
	const char *name = products[m->o->product];
	bool vlek = m->o->vlek;
	struct sim_key ark = sim_key(SIM_RSA, "amd.ark.%s", name);
	struct sim_key ask = sim_key(SIM_RSA, vlek ? "amd.asvk.%s" :
	    "amd.ask.%s", name);

	(void)snprintf(m->ark_cn, sizeof(m->ark_cn), "ARK-%s", name);
	(void)snprintf(m->ask_cn, sizeof(m->ask_cn), vlek ? "SEV-VLEK-%s" :
	    "SEV-%s", name);
	m->ark = ca(ark, ark, m->ark_cn, m->ark_cn, 0x20000, SIM_ANY_DEPTH);
	m->ask = ca(ask, ark, m->ask_cn, m->ark_cn, vlek ? 0x20003 : 0x20001,
	    0);
	m->leaf = (struct sim_cert){ .key = vlek ?
	    sim_key(SIM_P384, "amd.vlek.%s", name) :
	    sim_key(SIM_P384, "amd.vcek.%s.%u", name, m->o->instance),
	    .by = ask, .cn = vlek ? "SEV-VLEK" : "SEV-VCEK",
	    .issuer = m->ask_cn, .org = ORG, .from = SIM_EPOCH,
	    .until = SIM_END, .bare = true, .depth = SIM_LEAF };
	m->crl = (struct sim_crl){ .by = ark, .issuer = m->ark_cn, .org = ORG,
	    .from = m->o->now - SIM_DAY, .until = m->o->now + 29 * SIM_DAY };
	m->signer = m->leaf.key;
	m->product = name;
}

static void
new_report(struct amd *m, struct atls_bytes report_data)
{
	static const uint8_t tcb[][AMD_PARTS] = { { 0, 10, 1, 23, 72 },
	    { 0, 4, 1, 22, 213 }, { 1, 2, 1, 4, 75 } };
	struct amd_report *r = &m->report;
	size_t i;

	r->version = m->o->version != 0 ? m->o->version : 3;
	r->policy = 0x30000;		/* SMT, and the bit that is always 1 */
	r->algorithm = 1;
	r->key_info = m->o->vlek ? 1 << 2 : 0;
	memcpy(r->cpuid, cpuids[m->o->product], sizeof(r->cpuid));
	r->turin = m->o->product == ATLS_SIM_TURIN;
	for (i = 0; i < AMD_TCBS; i++)
		memcpy(r->tcb[i], tcb[m->o->product], AMD_PARTS);
	memcpy(m->cert_tcb, tcb[m->o->product], AMD_PARTS);
	r->current = r->committed = 1 << 16 | 55 << 8 | 21;
	if (!m->o->vlek)
		sim_octets(r->chip, r->turin ? 8 : 64, "chip", m->o->instance,
		    NONE);
	memcpy(m->hwid, r->chip, sizeof(m->hwid));
	if (report_data.len == sizeof(r->data))
		memcpy(r->data, report_data.p, sizeof(r->data));
}

static void
number(struct put *w, const char *oid, uint8_t v)
{
	struct put in = { .p = NULL };

	put_der_uint(&in, v);
	sim_ext(w, oid, false, put_view(&in));
	put_fail(w, in.rc);
	put_free(&in);
}

static void
text(struct put *w, const char *oid, const char *s)
{
	struct put in = { .p = NULL };

	put_der_text(&in, DER_IA5, s);
	sim_ext(w, oid, false, put_view(&in));
	put_fail(w, in.rc);
	put_free(&in);
}

/* "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface
 * Specification", 57230, 3.1. */
static void
extensions(struct put *w, const struct amd *m)
{
	const uint8_t *t = m->cert_tcb;

	number(w, AMD_OID ".1", m->report.turin ? 1 : 0);
	text(w, AMD_OID ".2", m->product);
	if (m->report.turin)
		number(w, AMD_OID ".3.9", t[AMD_FMC]);
	if (!m->no_level)
		number(w, AMD_OID ".3.1", t[AMD_BL]);
	number(w, AMD_OID ".3.2", t[AMD_TEE]);
	number(w, AMD_OID ".3.3", t[AMD_SNP]);
	number(w, AMD_OID ".3.8", t[AMD_UCODE]);
	if (m->o->vlek)
		text(w, AMD_OID ".5", "CN=simulation.example");
	else
		sim_ext(w, AMD_OID ".4", false, (struct atls_bytes){ m->hwid,
		    m->report.turin ? 8 : 64 });
}

void
amd_new(struct amd *m, const struct atls_sim_opts *o,
    struct atls_bytes report_data)
{
	*m = (struct amd){ .o = o };
	new_certs(m);
	new_report(m, report_data);
	amd_fault(m);
	extensions(&m->ext, m);
	m->leaf.ext = put_view(&m->ext);
}

/* TCB_VERSION: 56860, "TCB_VERSION". */
static void
put_tcb(struct put *w, const struct amd_report *r, const uint8_t *t)
{
	const uint8_t turin[8] = { t[AMD_FMC], t[AMD_BL], t[AMD_TEE],
	    t[AMD_SNP], r->tcb_reserved, 0, 0, t[AMD_UCODE] };
	const uint8_t milan[8] = { t[AMD_BL], t[AMD_TEE], r->tcb_reserved, 0,
	    0, 0, t[AMD_SNP], t[AMD_UCODE] };

	put_bytes(w, r->turin ? ATLS_ARRAY(turin) : ATLS_ARRAY(milan));
}

static void
report_head(struct put *w, const struct amd *m)
{
	const struct amd_report *r = &m->report;

	put_le(w, r->version, 4);
	put_le(w, 1, 4);			/* GUEST_SVN */
	put_le(w, r->policy, 8);
	put_fill(w, 0, 32);			/* FAMILY_ID, IMAGE_ID */
	put_le(w, r->vmpl, 4);
	put_le(w, r->algorithm, 4);
	put_tcb(w, r, r->tcb[AMD_CURRENT]);
	put_le(w, 0x25, 8);			/* SMT, ECC, alias check */
	put_le(w, r->key_info, 4);
	put_le(w, r->reserved, 4);
	put_raw(w, r->data, 64);
	sim_put_octets(w, 48, "measurement", 0, sim_software(m->o));
	put_fill(w, 0, 32 + 48);		/* HOST_DATA, ID key */
	put_fill(w, r->author ? 1 : 0, 48);
	sim_put_octets(w, 32, "report id", m->o->instance, NONE);
	put_fill(w, 0xff, 32);			/* REPORT_ID_MA: none */
	put_tcb(w, r, r->tcb[AMD_REPORTED]);
}

/* 56860, "ATTESTATION_REPORT Structure". */
static void
report(struct put *w, const struct amd *m)
{
	const struct amd_report *r = &m->report;
	uint8_t sig[SIM_RSA_SIZE];
	size_t i, n = 0;

	report_head(w, m);
	put_raw(w, r->cpuid, r->version >= 3 ? 3 : 0);
	put_fill(w, 0, r->version >= 3 ? 21 : 24);
	put_raw(w, r->chip, 64);
	put_tcb(w, r, r->tcb[AMD_COMMITTED]);
	put_le(w, r->current, 4);
	put_le(w, r->committed, 4);
	put_tcb(w, r, r->tcb[AMD_LAUNCH]);
	put_fill(w, 0, 168);			/* version 5: MIT vectors */
	if (w->rc == ATLS_OK)
		put_fail(w, sim_sign(&m->signer, put_view(w), sig, &n));
	for (i = 0; i < 2; i++) {		/* r and s, little-endian */
		size_t k, at = w->len;

		put_fill(w, 0, 72);
		for (k = 0; k < 48 && w->rc == ATLS_OK; k++)
			w->p[at + k] = sig[48 * i + 47 - k];
	}
	put_fill(w, 0, 368);
}

/* GUID, offset and length of each, then the certificates: "Guest-Hypervisor
 * Communication Block Standardization", 56421, 4.1.8.1. */
static void
table(struct put *w, const struct amd *m)
{
	static const uint8_t guid[][16] = {
		{ 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5,
		    0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd },
		{ 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6,
		    0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1 },
		{ 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f,
		    0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 },
		{ 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43,
		    0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae },
	};
	const struct { const struct sim_cert *cert; size_t guid; bool out; }
	    row[] = {
		{ &m->leaf, m->o->vlek ? 1 : 0, m->no_leaf },
		{ &m->ask, 2, m->no_ask }, { &m->ark, 3, false },
	};
	struct put der = { .p = NULL };
	size_t i, at, room = 24;

	for (i = 0; i < 3; i++)
		room += row[i].out ? 0 : 24;
	for (i = 0; i < 3; i++) {
		if (row[i].out)
			continue;
		at = der.len;
		sim_cert(&der, row[i].cert);
		put_raw(w, guid[row[i].guid], 16);
		put_le(w, room + at, 4);
		put_le(w, der.len - at, 4);
	}
	put_fill(w, 0, 24);
	put_fail(w, der.rc);
	put_bytes(w, put_view(&der));
	put_free(&der);
}

static void
amd_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	struct amd m;

	(void)kind;
	amd_new(&m, o, report_data);
	put_fail(w, m.ext.rc);
	report(w, &m);
	amd_fault_report(&m, w);
	if (o->fault != SIM_F_TRUNCATED)
		table(w, &m);
	put_free(&m.ext);
}

static void
amd_root(struct put *w, enum atls_kind kind, const struct atls_sim_opts *o)
{
	struct amd m = { .o = o };

	(void)kind;
	new_certs(&m);
	if (o->fault == SIM_F_ROOT_EXPIRED)
		m.ark.until = o->now - 1;
	sim_cert_pem(w, &m.ark);
}

static void
write_item(struct put *w, const struct amd *m, enum atls_item item)
{
	switch ((int)item) {
	case ATLS_VCEK:
		if (!m->o->vlek && !m->no_leaf)
			sim_cert(w, &m->leaf);
		break;
	case ATLS_VLEK:
		if (m->o->vlek && !m->no_leaf)
			sim_cert(w, &m->leaf);
		break;
	case ATLS_ASK:
		if (!m->no_ask)
			sim_cert_pem(w, &m->ask);
		break;
	case ATLS_ARK:
		sim_cert_pem(w, &m->ark);
		break;
	case ATLS_AMD_CRL:
		if (!m->no_crl)
			sim_crl(w, &m->crl);
		break;
	default:
		break;
	}
}

static enum atls_rc
amd_collateral(enum atls_kind kind, const struct atls_sim_opts *o,
    enum atls_rc (*fn)(void *, enum atls_item, struct atls_bytes), void *arg)
{
	enum atls_rc rc = ATLS_OK;
	enum atls_item item;
	struct amd m;
	struct put w;

	(void)kind;
	amd_new(&m, o, NONE);
	for (item = ATLS_VCEK; rc == ATLS_OK && item <= ATLS_AMD_CRL; item++) {
		w = (struct put){ .rc = m.ext.rc };
		write_item(&w, &m, item);
		rc = sim_item(&w, fn, arg, item);
	}
	put_free(&m.ext);
	return rc;
}

const struct sim_tee sim_snp = {
	.kind = ATLS_KIND_SNP, .field = 64,
	.quote = amd_evidence, .root = amd_root,
	.collateral = amd_collateral, .anchor = "anchor",
};
