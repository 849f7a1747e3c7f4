/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "cert.h"
#include "sim.h"

#define LIFE	((int64_t)3600)		/* seconds from iat to exp */
#define AGO	((int64_t)10)
#define LONG_AGO ((int64_t)1800)

/* RFC 7800, 3.2: a key that is nobody's here. */
static void
confirmation(struct put *w)
{
	struct sim_key k = sim_key(SIM_P256, "somebody");
	size_t field = sim_key_field(k.alg);
	uint8_t xy[2 * SIM_FIELD_MAX];

	put_fail(w, sim_key_point(&k, xy));
	put_text(w, "\"cnf\":{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
	    "\"x\":\"");
	put_base64url(w, (struct atls_bytes){ xy, field });
	put_text(w, "\",\"y\":\"");
	put_base64url(w, (struct atls_bytes){ xy + field, field });
	put_text(w, "\"}},");
}

static void
claims(struct put *w, const struct atls_sim_opts *o,
    struct atls_bytes report_data)
{
	unsigned f = o->fault;
	int64_t iat = f == SIM_F_TIME_LATE ? o->now + LIFE : o->now -
	    (f == SIM_F_TIME_OLD ? LONG_AGO : AGO);
	int64_t exp = f == SIM_F_ENDED ? o->now - 1 : o->now + LIFE;
	uint8_t data[ATLS_HASH_MAX];

	memcpy(data, report_data.p, report_data.len);
	if (f == SIM_F_REPORT_DATA)
		data[report_data.len - 1] ^= 1;
	put_text(w, "{\"eat_profile\":\"%s\",", f == SIM_F_PROFILE ?
	    "tag:example.com,2026:none" : "tag:github.com,2023:veraison/ear");
	if (f == SIM_F_REPEATS)
		put_text(w, "\"iat\":%" PRId64 ",", iat);
	put_text(w, "\"iat\":%" PRId64 ",\"exp\":%" PRId64 ",", iat, exp);
	if (f == SIM_F_NBF_LATE)
		put_text(w, "\"nbf\":%" PRId64 ",", o->now + LIFE);
	if (f == SIM_F_KEY_NAMED)
		confirmation(w);
	put_text(w, "\"ear.verifier-id\":{\"developer\":"
	    "\"simulation.example\",\"build\":\"sim 1\"},");
	if (f != SIM_F_REPORT_DATA_NONE) {
		put_text(w, "\"eat_nonce\":\"");
		put_base64url(w, (struct atls_bytes){ data,
		    report_data.len });
		put_text(w, "\",");
	}
	put_text(w, "\"submods\":{\"machine-%u\":{\"ear.status\":\"%s\","
	    "\"ear.trustworthiness-vector\":{\"instance-identity\":2,"
	    "\"executables\":%d,\"hardware\":2}}}}", o->instance,
	    f == SIM_F_STATUS ? "contraindicated" : "affirming",
	    f == SIM_F_VECTOR ? 33 : 2);
}

/* JWS, compact: RFC 7515, 7.1. */
static void
ear_evidence(struct put *w, enum atls_kind kind,
    const struct atls_sim_opts *o, struct atls_bytes report_data)
{
	unsigned f = o->fault;
	struct sim_key key = sim_key(SIM_P256, f == SIM_F_KEY_OTHER ?
	    "other.ear.verifier" : "ear.verifier");
	struct put in = { .p = NULL };

	(void)kind;
	put_text(&in, "{\"typ\":\"JWT\",\"alg\":\"%s\"}", f == SIM_F_ALG ?
	    "ES384" : f == SIM_F_ALG_MISSING ? "none" : "ES256");
	put_base64url(w, put_view(&in));
	put_text(w, ".");
	in.len = 0;
	claims(&in, o, report_data);
	put_base64url(w, put_view(&in));
	in.len = 0;
	sim_put_sign(&in, &key, put_view(w));
	if (f == SIM_F_SIGNATURE)
		put_flip(&in, 0);
	else if (f == SIM_F_SIGNATURE_S)
		put_flip(&in, in.len - 1);
	else if (f == SIM_F_SIGNATURE_ZERO)
		put_le_at(&in, 0, 0, in.len);
	put_text(w, ".");
	put_base64url(w, put_view(&in));
	put_fail(w, in.rc);
	put_free(&in);
	if (f == SIM_F_TRUNCATED)
		w->len -= w->len > 0 ? 1 : 0;
	else if (f == SIM_F_TRAILING)
		put_text(w, "A");
}

static void
ear_root(struct put *w, enum atls_kind kind, const struct atls_sim_opts *o)
{
	struct sim_key k = sim_key(SIM_P256, "ear.verifier");

	(void)kind;
	(void)o;
	sim_spki_pem(w, &k);
}

const struct sim_tee sim_ear = {
	.kind = ATLS_KIND_EAR, .field = 0,
	.quote = ear_evidence, .root = ear_root, .anchor = "key",
};
