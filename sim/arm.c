/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cose.h"
#include "sim.h"

#define NONE	((struct atls_bytes){ NULL, 0 })

/* A map of claims under way: `skip` counts down to the one to leave out. */
struct claims {
	struct put	w;
	size_t		n;
	size_t		skip;
};

#define NO_SKIP	SIZE_MAX

static bool
claim(struct claims *c, int64_t key)
{
	if (c->skip-- == 0)
		return false;
	c->n++;
	put_cbor_int(&c->w, key);
	return true;
}

static void
octets(struct claims *c, int64_t key, size_t n, const char *name,
    unsigned instance, struct atls_bytes software)
{
	if (!claim(c, key))
		return;
	put_cbor(&c->w, CBOR_MAJOR_BSTR, n);
	sim_put_octets(&c->w, n, name, instance, software);
}

static void
bytes(struct claims *c, int64_t key, struct atls_bytes b)
{
	if (claim(c, key))
		put_cbor_bstr(&c->w, b);
}

static void
text(struct claims *c, int64_t key, const char *s)
{
	if (claim(c, key))
		put_cbor_tstr(&c->w, s);
}

static void
number(struct claims *c, int64_t key, int64_t v)
{
	if (claim(c, key))
		put_cbor_int(&c->w, v);
}

/* 0x01 and 32 octets: a UEID, RFC 9711, 4.2.1.1. */
static void
instance_id(struct claims *c, const char *name, unsigned instance)
{
	if (!claim(c, 256))
		return;
	put_cbor(&c->w, CBOR_MAJOR_BSTR, 33);
	put_be(&c->w, 1, 1);
	sim_put_octets(&c->w, 32, name, instance, NONE);
}

/* RFC 9783, 4.4.1 */
static void
software(struct claims *c, struct atls_bytes sw)
{
	static const char *const type[] = { "BL", "M1" };
	size_t i;

	if (!claim(c, 2399))
		return;
	put_cbor(&c->w, CBOR_MAJOR_ARRAY, 2);
	for (i = 0; i < 2; i++) {
		put_cbor(&c->w, CBOR_MAJOR_MAP, 4);
		put_cbor_int(&c->w, 1);
		put_cbor_tstr(&c->w, type[i]);
		put_cbor_int(&c->w, 2);
		put_cbor(&c->w, CBOR_MAJOR_BSTR, 32);
		sim_put_octets(&c->w, 32, type[i], 0, i == 0 ? NONE : sw);
		put_cbor_int(&c->w, 4);
		put_cbor_tstr(&c->w, "1.0.0");
		put_cbor_int(&c->w, 5);
		put_cbor(&c->w, CBOR_MAJOR_BSTR, 32);
		sim_put_octets(&c->w, 32, "vendor", 0, NONE);
	}
}

/* RFC 9783, 4.3.1: secured, or in one of the states of debugging. */
static int64_t
lifecycle(unsigned fault)
{
	return fault == SIM_F_DEBUG ? 0x4000 : fault == SIM_F_LIFECYCLE ?
	    0x1000 : 0x3000;
}

/* The claims as a map, signed. */
static void
sign(struct put *w, const struct claims *c, const struct sim_cose *cose,
    bool twice)
{
	struct put map = { .p = NULL };

	put_cbor(&map, CBOR_MAJOR_MAP, c->n + (twice ? 1 : 0));
	put_fail(&map, c->w.rc);
	put_bytes(&map, put_view(&c->w));
	if (twice) {
		put_cbor_int(&map, 265);
		put_cbor_tstr(&map, "again");
	}
	sim_cose(w, cose, &map);
	put_free(&map);
}

static size_t
skip_of(const struct atls_sim_opts *o, enum sim_fault f)
{
	return o->fault == (unsigned)f ? o->at : NO_SKIP;
}

static struct sim_key
realm_key(const struct atls_sim_opts *o)
{
	return sim_key(SIM_P384, "cca.rak.%u", o->instance);
}

/* draft-ffm-rats-cca-token, "CCA Platform Claims"; challenge: a digest of the
 * realm's key, as it is encoded. */
static void
cca_platform(struct put *w, const struct atls_sim_opts *o,
    const struct put *rak)
{
	unsigned f = o->fault;
	struct claims c = { .skip = skip_of(o, SIM_F_PLATFORM_CLAIM) };
	struct sim_cose cose = { .by = sim_key(SIM_P384, "cca.cpak.%u",
	    f == SIM_F_PLATFORM_KEY ? (o->instance + 1) % ATLS_SIM_INSTANCES :
	    o->instance), .alg = f == SIM_F_PLATFORM_ALG ? -36 :
	    f == SIM_F_ALG_MISSING ? 0 : SIM_ES384, .tag = true,
	    .fault = f == SIM_F_PLATFORM_SIGNATURE ? (unsigned)SIM_F_SIGNATURE
	    : 0 };
	uint8_t h[ATLS_HASH_MAX];

	put_fail(&c.w, sim_hash("SHA256", put_view(rak), NONE, h));
	if (f == SIM_F_BINDING)
		h[0] ^= 1;
	bytes(&c, 10, (struct atls_bytes){ h, 32 });
	instance_id(&c, "cca", o->instance);
	text(&c, 265, f == SIM_F_PROFILE ? "tag:example.com,2026:none" :
	    "tag:arm.com,2023:cca_platform#1.0.0");
	number(&c, 2395, lifecycle(f));
	octets(&c, 2396, 32, "cca implementation", 0, NONE);
	software(&c, NONE);
	octets(&c, 2401, 4, "cca config", 0, NONE);
	text(&c, 2402, "sha-256");
	text(&c, 2400, "https://simulation.example");
	sign(w, &c, &cose, f == SIM_F_REPEATS);
	put_free(&c.w);
}

static void
rems(struct claims *c, const struct atls_sim_opts *o)
{
	static const char *const name[] = { "rem 0", "rem 1", "rem 2",
	    "rem 3" };
	size_t i, n = o->fault == SIM_F_REM ? 3 : 4;

	if (!claim(c, 44239))
		return;
	put_cbor(&c->w, CBOR_MAJOR_ARRAY, n);
	for (i = 0; i < n; i++) {
		put_cbor(&c->w, CBOR_MAJOR_BSTR, 64);
		sim_put_octets(&c->w, 64, name[i], 0, sim_software(o));
	}
}

/* The same draft, "CCA Realm Claims". */
static void
cca_realm(struct put *w, const struct atls_sim_opts *o,
    const struct put *rak, struct atls_bytes report_data)
{
	unsigned f = o->fault;
	struct claims c = { .skip = skip_of(o, SIM_F_REALM_CLAIM) };
	struct sim_cose cose = { .by = realm_key(o), .alg = f == SIM_F_ALG ?
	    SIM_ES256 : f == SIM_F_REALM_ALG ? -36 : SIM_ES384,
	    .tag = true, .fault = f };
	uint8_t data[ATLS_HASH_MAX];

	memcpy(data, report_data.p, sizeof(data));
	if (f == SIM_F_REPORT_DATA)
		data[63] ^= 1;
	if (f == SIM_F_RAK_OTHER)
		cose.by = sim_key(SIM_P384, "somebody");
	bytes(&c, 10, ATLS_ARRAY(data));
	octets(&c, 44235, 64, "personalization", 0, NONE);
	text(&c, 44236, "sha-512");
	bytes(&c, 44237, put_view(rak));
	octets(&c, 44238, 64, "rim", 0, sim_software(o));
	rems(&c, o);
	text(&c, 44240, f == SIM_F_HASH ? "md5" : "sha-256");
	text(&c, 265, f == SIM_F_REALM_PROFILE ? "tag:example.com,2026:none" :
	    "tag:arm.com,2023:realm#1.0.0");
	sign(w, &c, &cose, false);
	put_free(&c.w);
}

static void
cca_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	struct sim_key key = realm_key(o);
	struct put rak = { .p = NULL }, part = { .p = NULL };
	unsigned f = o->fault;

	(void)kind;
	sim_cose_key(&rak, &key);
	if (f == SIM_F_RAK_FORM)		/* a point: of older profiles */
		rak.len -= rak.len > 0 ? 1 : 0;
	put_cbor(w, CBOR_MAJOR_TAG, f == SIM_F_TAG ? 400 : 399);
	put_cbor(w, CBOR_MAJOR_MAP, f == SIM_F_PLATFORM_NONE ||
	    f == SIM_F_REALM_NONE ? 1 : 2);
	if (f != SIM_F_PLATFORM_NONE) {
		put_cbor_int(w, 44234);
		cca_platform(&part, o, &rak);
		put_cbor_bstr(w, put_view(&part));
	}
	if (f != SIM_F_REALM_NONE) {
		put_cbor_int(w, 44241);
		part.len = 0;
		cca_realm(&part, o, &rak, report_data);
		put_cbor_bstr(w, put_view(&part));
	}
	put_fail(w, part.rc);
	put_fail(w, rak.rc);
	put_free(&part);
	put_free(&rak);
	if (f == SIM_F_TRUNCATED)
		w->len -= w->len > 0 ? 1 : 0;
	else if (f == SIM_F_TRAILING)
		put_fill(w, 0, 1);
}

/* RFC 9783 */
static void
psa_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	unsigned f = o->fault;
	struct claims c = { .skip = skip_of(o, SIM_F_PLATFORM_CLAIM) };
	struct sim_cose cose = { .by = sim_key(SIM_P256, "psa.iak.%u",
	    f == SIM_F_PLATFORM_KEY ? (o->instance + 1) % ATLS_SIM_INSTANCES :
	    o->instance), .alg = f == SIM_F_ALG ? SIM_ES384 :
	    f == SIM_F_ALG_MISSING ? 0 : f == SIM_F_PLATFORM_ALG ? -36 :
	    SIM_ES256, .tag = f == SIM_F_TAGGED, .fault = f };
	uint8_t data[ATLS_HASH_MAX];

	(void)kind;
	memcpy(data, report_data.p, report_data.len);
	if (f == SIM_F_REPORT_DATA)
		data[report_data.len - 1] ^= 1;
	bytes(&c, 10, (struct atls_bytes){ data, report_data.len });
	instance_id(&c, "psa", o->instance);
	octets(&c, 2396, 32, "psa implementation", 0, NONE);
	number(&c, 2394, 1);
	number(&c, 2395, lifecycle(f));
	software(&c, sim_software(o));
	octets(&c, 2397, 32, "boot seed", o->instance, NONE);
	text(&c, 265, f == SIM_F_PROFILE ? "tag:example.com,2026:none" :
	    "tag:psacertified.org,2023:psa#tfm");
	sign(w, &c, &cose, f == SIM_F_REPEATS);
	put_free(&c.w);
	if (f == SIM_F_TRUNCATED)
		w->len -= w->len > 0 ? 1 : 0;
	else if (f == SIM_F_TRAILING)
		put_fill(w, 0, 1);
}

static void
arm_root(struct put *w, enum atls_kind kind, const struct atls_sim_opts *o)
{
	struct sim_key k = kind == ATLS_KIND_CCA ?
	    sim_key(SIM_P384, "cca.cpak.%u", o->instance) :
	    sim_key(SIM_P256, "psa.iak.%u", o->instance);

	sim_spki_pem(w, &k);
}

const struct sim_tee sim_cca = {
	.kind = ATLS_KIND_CCA, .field = 64,
	.quote = cca_evidence, .root = arm_root, .anchor = "key",
};

const struct sim_tee sim_psa = {
	.kind = ATLS_KIND_PSA, .field = 0,
	.quote = psa_evidence, .root = arm_root, .anchor = "key",
};
