/* SPDX-License-Identifier: Apache-2.0 */
#include "cert.h"

#include <string.h>

#define KEY_ID	20			/* octets */

/* RFC 4055, 3.1: RSASSA-PSS with SHA-384 throughout and 48 octets of salt. */
static const uint8_t pss[] = {
	0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
	0x0a, 0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
	0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a,
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30,
	0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
	0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30,
};

/* RFC 5758, 3.2, for the others */
static void
signature_alg(struct put *w, enum sim_alg alg)
{
	size_t mark;

	if (alg == SIM_RSA) {
		put_bytes(w, ATLS_ARRAY(pss));
		return;
	}
	mark = put_der_open(w, DER_SEQUENCE);
	put_der_oid(w, alg == SIM_P256 ? "1.2.840.10045.4.3.2" :
	    "1.2.840.10045.4.3.3");
	put_der_close(w, mark);
}

static void
name(struct put *w, const char *cn, const char *org)
{
	const struct { const char *oid, *value; } part[] = {
		{ "2.5.4.3", cn }, { "2.5.4.10", org },
	};
	size_t all = put_der_open(w, DER_SEQUENCE), set, seq, i;

	for (i = 0; i < 2; i++) {
		set = put_der_open(w, DER_SET);
		seq = put_der_open(w, DER_SEQUENCE);
		put_der_oid(w, part[i].oid);
		put_der_text(w, DER_UTF8, part[i].value);
		put_der_close(w, seq);
		put_der_close(w, set);
	}
	put_der_close(w, all);
}

static void
spki_rsa(struct put *w, const struct sim_key *k)
{
	uint8_t n[SIM_RSA_SIZE];
	size_t alg, bits, key;

	put_fail(w, sim_rsa_modulus(k, n));
	alg = put_der_open(w, DER_SEQUENCE);
	put_der_oid(w, "1.2.840.113549.1.1.1");
	put_der(w, 0x05, (struct atls_bytes){ NULL, 0 });
	put_der_close(w, alg);
	bits = put_der_bits(w);
	key = put_der_open(w, DER_SEQUENCE);
	put_der_number(w, ATLS_ARRAY(n));
	put_der_uint(w, 65537);
	put_der_close(w, key);
	put_der_close(w, bits);
}

static void
spki_ec(struct put *w, const struct sim_key *k)
{
	uint8_t xy[2 * SIM_FIELD_MAX];
	size_t alg, bits;

	put_fail(w, sim_key_point(k, xy));
	alg = put_der_open(w, DER_SEQUENCE);
	put_der_oid(w, "1.2.840.10045.2.1");
	put_der_oid(w, k->alg == SIM_P256 ? "1.2.840.10045.3.1.7" :
	    "1.3.132.0.34");
	put_der_close(w, alg);
	bits = put_der_bits(w);
	put_be(w, 4, 1);			/* SEC 1, 2.3.3: uncompressed */
	put_raw(w, xy, 2 * sim_key_field(k->alg));
	put_der_close(w, bits);
}

void
sim_spki(struct put *w, const struct sim_key *k)
{
	size_t all = put_der_open(w, DER_SEQUENCE);

	if (k->alg == SIM_RSA)
		spki_rsa(w, k);
	else
		spki_ec(w, k);
	put_der_close(w, all);
}

void
sim_spki_pem(struct put *w, const struct sim_key *k)
{
	struct put der = { .p = NULL };

	sim_spki(&der, k);
	put_fail(w, der.rc);
	put_pem(w, "PUBLIC KEY", put_view(&der));
	put_free(&der);
}

void
sim_ext(struct put *w, const char *oid, bool critical,
    struct atls_bytes content)
{
	size_t all = put_der_open(w, DER_SEQUENCE);

	put_der_oid(w, oid);
	if (critical)
		put_der_bool(w, true);
	put_der(w, DER_OCTETS, content);
	put_der_close(w, all);
}

/* An identifier stands for the label, without "other.": so an impostor's
 * certificates differ from the ones that they imitate in keys only. */
static void
key_id(struct put *w, unsigned tag, const struct sim_key *k)
{
	uint8_t h[ATLS_HASH_MAX];
	const char *label = k->label;

	if (strncmp(label, "other.", 6) == 0)
		label += 6;
	put_fail(w, sim_hash("SHA256", PUT_STRING(label),
	    (struct atls_bytes){ NULL, 0 }, h));
	put_der(w, tag, (struct atls_bytes){ h, KEY_ID });
}

static void
ext_ids(struct put *w, const struct sim_cert *c)
{
	struct put id = { .p = NULL };
	size_t mark;

	mark = put_der_open(&id, DER_SEQUENCE);
	key_id(&id, 0x80, &c->by);
	put_der_close(&id, mark);
	sim_ext(w, "2.5.29.35", false, put_view(&id));
	id.len = 0;
	key_id(&id, DER_OCTETS, &c->key);
	sim_ext(w, "2.5.29.14", false, put_view(&id));
	put_fail(w, id.rc);
	put_free(&id);
}

static void
ext_usage(struct put *w, unsigned ku)
{
	uint8_t bits[4] = { 0x03, 0x02, 0, (uint8_t)ku };

	while ((ku >> bits[2] & 1) == 0)	/* X.690, 11.2.2 */
		bits[2]++;
	sim_ext(w, "2.5.29.15", true, ATLS_ARRAY(bits));
}

static void
ext_basic(struct put *w, int depth)
{
	struct put in = { .p = NULL };
	size_t mark = put_der_open(&in, DER_SEQUENCE);

	if (depth != SIM_LEAF)
		put_der_bool(&in, true);
	if (depth != SIM_LEAF && depth != SIM_ANY_DEPTH)
		put_der_uint(&in, (uint64_t)depth);
	put_der_close(&in, mark);
	sim_ext(w, "2.5.29.19", true, put_view(&in));
	put_fail(w, in.rc);
	put_free(&in);
}

static void
extensions(struct put *w, const struct sim_cert *c)
{
	size_t tag = put_der_open(w, 0xa3);
	size_t all = put_der_open(w, DER_SEQUENCE);

	if (c->ids)
		ext_ids(w, c);
	if (c->ku != 0)
		ext_usage(w, c->ku);
	if (!c->bare)
		ext_basic(w, c->depth);
	put_bytes(w, c->ext);
	put_der_close(w, all);
	put_der_close(w, tag);
}

static void
tbs(struct put *w, const struct sim_cert *c)
{
	size_t all = put_der_open(w, DER_SEQUENCE), mark;

	mark = put_der_open(w, 0xa0);
	put_der_uint(w, 2);			/* v3 */
	put_der_close(w, mark);
	put_der_uint(w, c->serial);
	signature_alg(w, c->by.alg);
	name(w, c->issuer, c->org);
	mark = put_der_open(w, DER_SEQUENCE);
	put_der_time(w, c->from);
	put_der_time(w, c->until);
	put_der_close(w, mark);
	name(w, c->cn, c->org);
	sim_spki(w, &c->key);
	extensions(w, c);
	put_der_close(w, all);
}

void
sim_put_sign(struct put *w, const struct sim_key *k, struct atls_bytes msg)
{
	uint8_t sig[SIM_RSA_SIZE];
	size_t n = 0;

	if (w->rc == ATLS_OK)
		put_fail(w, sim_sign(k, msg, sig, &n));
	if (w->rc == ATLS_OK)
		put_raw(w, sig, n);
}

/* SEQUENCE { what is signed, algorithm, signature } */
static void
wrap(struct put *w, const struct put *in, const struct sim_key *by, bool flip)
{
	struct put sig = { .p = NULL };
	size_t all = put_der_open(w, DER_SEQUENCE), bits, seq, field;

	put_fail(w, in->rc);
	put_bytes(w, put_view(in));
	signature_alg(w, by->alg);
	sim_put_sign(&sig, by, put_view(in));
	put_fail(w, sig.rc);
	if (flip)
		put_flip(&sig, sig.len - 1);
	bits = put_der_bits(w);
	if (by->alg == SIM_RSA || sig.rc != ATLS_OK)
		put_bytes(w, put_view(&sig));
	else {
		field = sig.len / 2;
		seq = put_der_open(w, DER_SEQUENCE);
		put_der_number(w, (struct atls_bytes){ sig.p, field });
		put_der_number(w, (struct atls_bytes){ sig.p + field,
		    field });
		put_der_close(w, seq);
	}
	put_der_close(w, bits);
	put_der_close(w, all);
	put_free(&sig);
}

void
sim_cert(struct put *w, const struct sim_cert *c)
{
	struct put in = { .p = NULL };

	tbs(&in, c);
	wrap(w, &in, &c->by, c->flip);
	put_free(&in);
}

void
sim_cert_pem(struct put *w, const struct sim_cert *c)
{
	struct put der = { .p = NULL };

	sim_cert(&der, c);
	put_fail(w, der.rc);
	put_pem(w, "CERTIFICATE", put_view(&der));
	put_free(&der);
}

static void
crl_tbs(struct put *w, const struct sim_crl *c)
{
	size_t all = put_der_open(w, DER_SEQUENCE), mark, seq, i;
	struct put id = { .p = NULL };

	put_der_uint(w, 1);			/* v2 */
	signature_alg(w, c->by.alg);
	name(w, c->issuer, c->org);
	put_der_time(w, c->from);
	put_der_time(w, c->until);
	mark = put_der_open(w, DER_SEQUENCE);
	for (i = 0; i < 4 && c->revoked[i] != 0; i++) {
		seq = put_der_open(w, DER_SEQUENCE);
		put_der_uint(w, c->revoked[i]);
		put_der_time(w, c->from);
		put_der_close(w, seq);
	}
	if (i == 0)				/* RFC 5280, 5.1.2.6 */
		w->len = mark - 2;
	else
		put_der_close(w, mark);
	mark = put_der_open(w, 0xa0);
	seq = put_der_open(w, DER_SEQUENCE);
	i = put_der_open(&id, DER_SEQUENCE);
	key_id(&id, 0x80, &c->by);
	put_der_close(&id, i);
	sim_ext(w, "2.5.29.35", false, put_view(&id));
	id.len = 0;
	put_der_uint(&id, (uint64_t)c->from);
	sim_ext(w, "2.5.29.20", false, put_view(&id));
	put_fail(w, id.rc);
	put_free(&id);
	put_der_close(w, seq);
	put_der_close(w, mark);
	put_der_close(w, all);
}

void
sim_crl(struct put *w, const struct sim_crl *c)
{
	struct put in = { .p = NULL };

	crl_tbs(&in, c);
	wrap(w, &in, &c->by, c->flip);
	put_free(&in);
}
