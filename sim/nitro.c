/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cose.h"
#include "sim.h"

#define ORG	"Simulation of Amazon"
#define HOUR	((int64_t)3600)
#define NONE	((struct atls_bytes){ NULL, 0 })

enum { ROOT, REGION, ZONE, HOST, LEAF, CERTS };

/* All that is made, before it is made. */
struct nitro {
	const struct atls_sim_opts *o;
	struct sim_cert		 cert[CERTS];
	char			 host[48], enclave[48];
	struct sim_cose		 cose;
	struct atls_bytes	 user_data;
	uint8_t			 data[ATLS_HASH_MAX];
	int64_t			 at;			/* seconds */
};

static void
new_certs(struct nitro *m)
{
	static const char *const cn[] = { "aws.nitro-enclaves",
	    "sim.region.aws.nitro-enclaves", "sim.zone.aws.nitro-enclaves" };
	struct sim_key key[CERTS] = { sim_key(SIM_P384, "nitro.root"),
	    sim_key(SIM_P384, "nitro.region"), sim_key(SIM_P384, "nitro.zone"),
	    sim_key(SIM_P384, "nitro.host.%u", m->o->instance),
	    sim_key(SIM_P384, "nitro.enclave.%u", m->o->instance) };
	int i;

	(void)snprintf(m->host, sizeof(m->host),
	    "i-%017u.sim.aws.nitro-enclaves", m->o->instance);
	(void)snprintf(m->enclave, sizeof(m->enclave),
	    "i-%017u-enc0.sim.aws", m->o->instance);
	for (i = 0; i < CERTS; i++)
		m->cert[i] = (struct sim_cert){ .key = key[i],
		    .by = key[i == ROOT ? ROOT : i - 1], .cn = i < HOST ?
		    cn[i] : i == HOST ? m->host : m->enclave, .org = ORG,
		    .from = SIM_EPOCH, .until = SIM_END,
		    .serial = (uint64_t)(10 * i + 1), .ids = i < HOST,
		    .depth = i == ROOT ? SIM_ANY_DEPTH : HOST - i,
		    .ku = SIM_KU_SIGN | SIM_KU_CERT | SIM_KU_CRL };
	for (i = 0; i < CERTS; i++)
		m->cert[i].issuer = m->cert[i == ROOT ? ROOT : i - 1].cn;
	m->cert[HOST].ku = SIM_KU_CERT;
	m->cert[LEAF].ku = SIM_KU_SIGN | SIM_KU_COMMIT;
	m->cert[LEAF].depth = SIM_LEAF;
	m->cert[LEAF].from = m->o->now - HOUR;
	m->cert[LEAF].until = m->o->now + 2 * HOUR;
}

/* The zone stands for all intermediates. */
static void
fault_certs(struct nitro *m)
{
	struct sim_cert *ca = &m->cert[ZONE], *leaf = &m->cert[LEAF];
	int64_t now = m->o->now;

	switch ((int)m->o->fault) {
	case SIM_F_ROOT:
		m->cert[ROOT].key = m->cert[ROOT].by = m->cert[REGION].by =
		    sim_key(SIM_P384, "other.nitro.root");
		break;
	case SIM_F_ROOT_EXPIRED:	m->cert[ROOT].until = now - 1; break;
	case SIM_F_CA_EXPIRED:		ca->until = now - 1; break;
	case SIM_F_CA_EARLY:		ca->from = now + 1; break;
	case SIM_F_CA_SIGNATURE:	ca->flip = true; break;
	case SIM_F_CA_NOT:		ca->depth = SIM_LEAF; break;
	case SIM_F_CA_DEPTH:		ca->depth = 0; break;
	case SIM_F_LEAF_EXPIRED:	leaf->until = now - 1; break;
	case SIM_F_LEAF_EARLY:		leaf->from = now + 1; break;
	case SIM_F_LEAF_SIGNATURE:	leaf->flip = true; break;
	case SIM_F_LEAF_CA:		leaf->depth = 0; break;
	case SIM_F_LEAF_KEY:
		leaf->key = sim_key(SIM_P256, "intel.pck.0");
		break;
	default:			break;
	}
}

static void
fault_document(struct nitro *m)
{
	switch ((int)m->o->fault) {
	case SIM_F_ALG:			m->cose.alg = SIM_ES256; break;
	case SIM_F_ALG_MISSING:		m->cose.alg = 0; break;
	case SIM_F_TAGGED:		m->cose.tag = true; break;
	case SIM_F_TIME_LATE:		m->at += HOUR; break;
	case SIM_F_TIME_OLD:		m->at -= HOUR / 2; break;
	case SIM_F_TIME_EARLY:		m->at -= 2 * HOUR; break;
	case SIM_F_REPORT_DATA:
		m->data[m->user_data.len - 1] ^= 1;
		break;
	case SIM_F_REPORT_DATA_NONE:	m->user_data.len = 0; break;
	default:			break;
	}
}

static void
pcrs(struct put *w, const struct nitro *m)
{
	static const char *const name[] = { "pcr 0", "pcr 1", "pcr 2",
	    "pcr 3" };
	unsigned f = m->o->fault;
	size_t n = f == SIM_F_PCR_LENGTH ? 47 : 48, i;

	put_cbor(w, CBOR_MAJOR_MAP, f == SIM_F_PCR_NONE ? 0 : 16);
	for (i = 0; i < 16 && f != SIM_F_PCR_NONE; i++) {
		put_cbor_int(w, f == SIM_F_PCR_INDEX && i == 15 ? 32 :
		    (int64_t)i);
		put_cbor(w, CBOR_MAJOR_BSTR, n);
		if (i < 3 && f == SIM_F_DEBUG)
			put_fill(w, 0, n);
		else if (i < 4)
			sim_put_octets(w, n, name[i], 0, sim_software(m->o));
		else if (i == 4)
			sim_put_octets(w, n, "parent", m->o->instance, NONE);
		else
			put_fill(w, 0, n);
	}
}

static void
bundle(struct put *w, const struct nitro *m)
{
	struct put der = { .p = NULL };
	unsigned f = m->o->fault;
	int i;

	put_cbor_tstr(w, "certificate");
	sim_cert(&der, &m->cert[LEAF]);
	if (f == SIM_F_LEAF_FORM)
		put_flip(&der, 0);
	put_cbor_bstr(w, put_view(&der));
	put_cbor_tstr(w, "cabundle");
	put_cbor(w, CBOR_MAJOR_ARRAY, f == SIM_F_BUNDLE_NONE ? 0 :
	    f == SIM_F_CA_MISSING ? 3 : 4);
	for (i = ROOT; i < LEAF && f != SIM_F_BUNDLE_NONE; i++) {
		if (i == ZONE && f == SIM_F_CA_MISSING)
			continue;
		der.len = 0;
		sim_cert(&der, &m->cert[i]);
		put_cbor_bstr(w, put_view(&der));
	}
	put_fail(w, der.rc);
	put_free(&der);
}

/* Absent, or as long as asked. */
static void
field(struct put *w, const char *name, struct atls_bytes b, size_t large)
{
	put_cbor_tstr(w, name);
	if (large != 0) {
		put_cbor(w, CBOR_MAJOR_BSTR, large);
		put_fill(w, 1, large);
	} else if (b.len != 0)
		put_cbor_bstr(w, b);
	else
		put_be(w, 0xf6, 1);		/* null */
}

/* Nitro Secure Module API, "Attestation". */
static void
document(struct put *w, const struct nitro *m)
{
	unsigned f = m->o->fault;
	bool id = f != SIM_F_MODULE_ID_NONE, twice = f == SIM_F_REPEATS;

	put_cbor(w, CBOR_MAJOR_MAP, 9u - (id ? 0 : 1) + (twice ? 1 : 0));
	if (id) {
		put_cbor_tstr(w, "module_id");
		put_cbor_tstr(w, m->enclave);
	}
	put_cbor_tstr(w, "digest");
	put_cbor_tstr(w, f == SIM_F_DIGEST ? "SHA512" : "SHA384");
	if (twice) {
		put_cbor_tstr(w, "digest");
		put_cbor_tstr(w, "SHA384");
	}
	put_cbor_tstr(w, "timestamp");
	put_cbor_int(w, 1000 * m->at);
	put_cbor_tstr(w, "pcrs");
	pcrs(w, m);
	bundle(w, m);
	field(w, "public_key", NONE, f == SIM_F_PUBLIC_KEY_LARGE ? 1025 : 0);
	field(w, "user_data", m->user_data, f == SIM_F_USER_DATA_LARGE ? 513 :
	    0);
	field(w, "nonce", NONE, f == SIM_F_NONCE_LARGE ? 513 : 0);
}

static void
nitro_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	struct nitro m = { .o = o, .at = o->now };
	struct put in = { .p = NULL };

	(void)kind;
	new_certs(&m);
	m.cose = (struct sim_cose){ .by = m.cert[LEAF].key, .alg = SIM_ES384,
	    .fault = o->fault };
	memcpy(m.data, report_data.p, report_data.len);
	m.user_data = (struct atls_bytes){ m.data, report_data.len };
	fault_certs(&m);
	fault_document(&m);
	document(&in, &m);
	sim_cose(w, &m.cose, &in);
	put_free(&in);
	if (o->fault == SIM_F_TRUNCATED)
		w->len -= w->len > 0 ? 1 : 0;
	else if (o->fault == SIM_F_TRAILING)
		put_fill(w, 0, 1);
}

static void
nitro_root(struct put *w, enum atls_kind kind, const struct atls_sim_opts *o)
{
	struct nitro m = { .o = o };

	(void)kind;
	new_certs(&m);
	if (o->fault == SIM_F_ROOT_EXPIRED)
		fault_certs(&m);
	sim_cert_pem(w, &m.cert[ROOT]);
}

const struct sim_tee sim_nitro = {
	.kind = ATLS_KIND_NITRO, .field = 0,
	.quote = nitro_evidence, .root = nitro_root, .anchor = "anchor",
};
