/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "intel.h"

#define SGX_OID	"1.2.840.113741.1.13.1"
#define NONE	((struct atls_bytes){ NULL, 0 })

static void
ext_item(struct put *w, const char *oid, unsigned tag, struct atls_bytes v)
{
	size_t seq = put_der_open(w, DER_SEQUENCE);

	put_der_oid(w, oid);
	if (tag == DER_INTEGER)
		put_der_number(w, v);
	else
		put_der(w, tag, v);
	put_der_close(w, seq);
}

static void
ext_number(struct put *w, unsigned n, unsigned v)
{
	const uint8_t be[2] = { (uint8_t)(v >> 8), (uint8_t)v };
	char oid[] = SGX_OID ".2.\0\0";
	size_t at = strlen(oid);

	if (n >= 10)
		oid[at++] = (char)('0' + n / 10);
	oid[at] = (char)('0' + n % 10);
	ext_item(w, oid, DER_INTEGER, ATLS_ARRAY(be));
}

static void
ext_tcb(struct put *w, const struct intel_ext *e)
{
	size_t seq = put_der_open(w, DER_SEQUENCE), in;
	unsigned i;

	put_der_oid(w, SGX_OID ".2");
	in = put_der_open(w, DER_SEQUENCE);
	for (i = 0; i < INTEL_SVNS; i++)
		if (i != 3 || !e->short_of_one)
			ext_number(w, i + 1, e->svn[i]);
	if (e->twice)
		ext_number(w, 1, e->svn[0]);
	ext_number(w, 17, e->pcesvn);
	ext_item(w, SGX_OID ".2.18", DER_OCTETS, ATLS_ARRAY(e->cpusvn));
	put_der_close(w, in);
	put_der_close(w, seq);
}

static void
ext_configuration(struct put *w)
{
	static const char *const oids[] = { SGX_OID ".7.1", SGX_OID ".7.2",
	    SGX_OID ".7.3" };
	static const uint8_t yes[] = { 0xff };
	size_t seq = put_der_open(w, DER_SEQUENCE), in, i;

	put_der_oid(w, SGX_OID ".7");
	in = put_der_open(w, DER_SEQUENCE);
	for (i = 0; i < 3; i++)
		ext_item(w, oids[i], 0x01, ATLS_ARRAY(yes));
	put_der_close(w, in);
	put_der_close(w, seq);
}

void
intel_extension(struct put *w, const struct intel_ext *e)
{
	const uint8_t type[] = { e->platform ? 1 : 0 };
	struct put in = { .p = NULL };
	size_t all;

	if (e->missing)
		return;
	all = put_der_open(&in, DER_SEQUENCE);
	ext_item(&in, SGX_OID ".1", DER_OCTETS, ATLS_ARRAY(e->ppid));
	ext_tcb(&in, e);
	ext_item(&in, SGX_OID ".3", DER_OCTETS, ATLS_ARRAY(e->pceid));
	ext_item(&in, SGX_OID ".4", DER_OCTETS, ATLS_ARRAY(e->fmspc));
	ext_item(&in, SGX_OID ".5", DER_ENUMERATED, ATLS_ARRAY(type));
	if (e->platform) {
		ext_item(&in, SGX_OID ".6", DER_OCTETS,
		    ATLS_ARRAY(e->instance));
		ext_configuration(&in);
	}
	put_der_close(&in, all);
	sim_ext(w, SGX_OID, false, put_view(&in));
	put_fail(w, in.rc);
	put_free(&in);
}

/* Body of an SGX report: Intel SDM, volume 3D, "REPORT". */
static void
report(struct put *w, const struct intel_report *r, const uint8_t cpusvn[16])
{
	put_raw(w, cpusvn, 16);
	put_le(w, r->miscselect, 4);
	put_fill(w, r->reserved ? 1 : 0, 28);
	put_le(w, r->flags, 8);
	put_le(w, r->xfrm, 8);
	put_raw(w, r->mrenclave, 32);
	put_fill(w, 0, 32);
	put_raw(w, r->mrsigner, 32);
	put_fill(w, 0, 96);
	put_le(w, r->prodid, 2);
	put_le(w, r->svn, 2);
	put_fill(w, 0, 60);
	put_raw(w, r->data, 64);
}

/* "Intel TDX DCAP Quoting Library API", A.3.2 and A.3.3. */
static void
td_report(struct put *w, const struct intel *m)
{
	static const char *const rtmr[] = { "rtmr 0", "rtmr 1", "rtmr 2",
	    "rtmr 3" };
	const struct intel_td *t = &m->td;
	struct atls_bytes sw = sim_software(m->o);
	size_t i;

	put_raw(w, t->svn, 16);
	sim_put_octets(w, 48, "seam", 0, NONE);
	put_raw(w, t->mrsigner_seam, 48);
	put_le(w, t->seam_attributes, 8);
	put_le(w, t->attributes, 8);
	put_le(w, t->xfam, 8);
	sim_put_octets(w, 48, "mrtd", 0, sw);
	put_fill(w, 0, 3 * 48);		/* MRCONFIGID, MROWNER, .. */
	for (i = 0; i < 4; i++)
		sim_put_octets(w, 48, rtmr[i], 0, sw);
	put_raw(w, m->enclave.data, 64);
	if (m->header.version != 5)
		return;
	put_raw(w, t->svn_2, 16);
	put_fill(w, t->service_td ? 1 : 0, 48);
}

static void
header(struct put *w, const struct intel *m)
{
	const struct intel_header *h = &m->header;

	put_le(w, h->version, 2);
	put_le(w, h->key_type, 2);
	put_le(w, h->tee_type, 4);
	if (m->kind == ATLS_KIND_SGX) {		/* SVNs of QE and PCE */
		put_le(w, m->qe.svn, 2);
		put_le(w, m->ext.pcesvn, 2);
	} else
		put_le(w, h->reserved, 4);
	put_raw(w, h->vendor, 16);
	sim_put_octets(w, 16, "platform id", m->o->instance, NONE);
	put_fill(w, 0, 4);
	if (h->version == 5) {
		put_le(w, h->body_type, 2);
		put_le(w, h->body_size, 4);
	}
}

/* x || y of an attestation key, or of a point beside the curve. */
static void
point(struct put *w, const struct intel *m, const struct sim_key *k,
    uint8_t out[2 * SIM_FIELD_MAX])
{
	put_fail(w, sim_key_point(k, out));
	if (m->o->fault == SIM_F_KEY_POINT)
		out[63] ^= 1;
}

/* The QE's report says which attestation key is its own. */
static void
qe_certification(struct put *w, const struct intel *m)
{
	struct intel_report qe = m->qe;
	/* whatever key its certificate is given */
	struct sim_key pck = sim_key(SIM_P256, "intel.pck.%u",
	    m->o->instance);
	uint8_t auth[32], key[2 * SIM_FIELD_MAX], h[ATLS_HASH_MAX];
	size_t at, i, chain;

	sim_octets(auth, sizeof(auth), "auth data", m->o->instance, NONE);
	point(w, m, &m->attest_named, key);
	put_fail(w, sim_hash("SHA256", (struct atls_bytes){ key, 64 },
	    ATLS_ARRAY(auth), h));
	for (i = 0; i < 32; i++)
		qe.data[i] ^= h[i];
	at = w->len;
	report(w, &qe, m->ext.cpusvn);
	sim_put_sign(w, &pck, put_from(w, at));
	put_le(w, sizeof(auth), 2);
	put_raw(w, auth, sizeof(auth));
	put_le(w, m->inner_type, 2);
	at = w->len;
	put_le(w, 0, 4);
	chain = w->len;
	for (i = 0; i < INTEL_CERTS; i++)
		if (m->chain[i] != NULL)
			sim_cert_pem(w, m->chain[i]);
	put_fill(w, 0, 1);
	put_le_at(w, at, w->len - chain, 4);
}

size_t
intel_at_signature(const struct intel *m)
{
	return m->kind == ATLS_KIND_SGX ? 48 + 384 + 4 :
	    m->header.version == 5 ? 54 + 648 + 4 : 48 + 584 + 4;
}

void
intel_quote(struct put *w, const struct intel *m)
{
	uint8_t key[2 * SIM_FIELD_MAX];
	size_t size, start, outer;

	header(w, m);
	if (m->kind == ATLS_KIND_SGX)
		report(w, &m->enclave, m->ext.cpusvn);
	else
		td_report(w, m);
	size = w->len;
	put_le(w, 0, 4);
	start = w->len;
	sim_put_sign(w, &m->attest, (struct atls_bytes){ w->p, size });
	point(w, m, &m->attest, key);
	put_raw(w, key, 64);
	if (m->kind != ATLS_KIND_SGX) {
		put_le(w, m->outer_type, 2);
		outer = w->len;
		put_le(w, 0, 4);
		qe_certification(w, m);
		put_le_at(w, outer, w->len - outer - 4, 4);
	} else
		qe_certification(w, m);
	put_le_at(w, size, w->len - start, 4);
}
