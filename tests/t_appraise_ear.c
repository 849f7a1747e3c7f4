/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <atls/appraise.h>
#include <atls/cmw.h>

#include "ear_make.h"
#include "heap.h"
#include "t.h"

/* Policy text, attestation results and appraisal, by the public API: what a
 * result is bound to, and what that is worth. */

#define NOW	((int64_t)1800000000)
#define HEAD								\
	"kind ear\n"							\
	"key verifier.pem\n"						\
	"ear.status affirming\n"					\
	"ear.submods cpu0\n"
#define BINDER	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static EVP_PKEY *verifier, *aik, *other;
static uint8_t spki[256], binder[32];
static size_t nspki;
static char akpub[512], akpub_other[512];

static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	(void)arg;
	T(strcmp(name, "verifier.pem") == 0, "%s", name);
	PEM_write_bio_PUBKEY(b, verifier);
	n = BIO_get_mem_data(b, &p);
	out->len = (size_t)n;
	if (out->len > out->cap) {
		BIO_free(b);
		return ATLS_E_SPACE;
	}
	memcpy(out->p, p, out->len);
	BIO_free(b);
	return ATLS_OK;
}

static struct atls_policy *
policy(const char *text)
{
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)text, strlen(text) }, give, NULL, &err);

	T(p != NULL, "%s\n%s", err.detail, text);
	if (p == NULL)
		exit(1);
	return p;
}

enum { NONE, OURS, THEIRS };

static struct atls_bytes
result(const char *status, int nonce, int key)
{
	char b[2048];

	snprintf(b, sizeof(b), "{\"eat_profile\":\"tag:github.com,2023:"
	    "veraison/ear\",\"iat\":1799999990,\"ear.verifier-id\":{"
	    "\"developer\":\"d\",\"build\":\"b\"},\"submods\":{\"cpu0\":{"
	    "\"ear.status\":\"%s\"%s%s%s}}}", status,
	    nonce == NONE ? "" : nonce == OURS ? ",\"eat_nonce\":\"" BINDER
	    "\"" : ",\"eat_nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"",
	    key == NONE ? "" : ",\"ear.veraison.key-attestation\":",
	    key == NONE ? "" : key == OURS ? akpub : akpub_other);
	return ear_make_jwt(verifier, "{\"alg\":\"ES256\"}", b);
}

static const struct {
	const char	*what, *policy, *status;
	int		 nonce, key;
	const char	*where;		/* NULL: accepted */
	enum atls_binding binding;
	enum atls_freshness freshness;
	enum atls_pillar pillar;	/* key */
} rows[] = {
	{ "binder", HEAD, "affirming", OURS, NONE, NULL,
	  ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_UNKNOWN },
	{ "binder and key", HEAD, "affirming", OURS, OURS, NULL,
	  ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_GOOD },
	{ "binder, and the key of another", HEAD, "affirming", OURS, THEIRS,
	  "ear.key.spki", ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_BAD },
	{ "another binder", HEAD, "affirming", THEIRS, NONE, "ear.nonce",
	  ATLS_BINDING_NONE, ATLS_F0, ATLS_UNKNOWN },
	{ "nothing", HEAD, "affirming", NONE, NONE, "ear.nonce",
	  ATLS_BINDING_NONE, ATLS_F0, ATLS_UNKNOWN },
	{ "nothing, and a policy that asks for little", HEAD
	  "binding-min none\nfreshness-min F0\n", "affirming", NONE, NONE,
	  "ear.nonce", ATLS_BINDING_NONE, ATLS_F0, ATLS_UNKNOWN },
	{ "another binder, likewise", HEAD
	  "binding-min none\nfreshness-min F0\n", "affirming", THEIRS, NONE,
	  "ear.nonce", ATLS_BINDING_NONE, ATLS_F0, ATLS_UNKNOWN },
	{ "passport", HEAD, "affirming", NONE, OURS, "appraise.binding",
	  ATLS_BINDING_KEY, ATLS_F0, ATLS_GOOD },
	{ "passport with a nonce of the past", HEAD, "affirming", THEIRS,
	  OURS, "appraise.binding", ATLS_BINDING_KEY, ATLS_F0, ATLS_GOOD },
	{ "passport, binding lowered", HEAD "binding-min key\n", "affirming",
	  NONE, OURS, "appraise.freshness", ATLS_BINDING_KEY, ATLS_F0,
	  ATLS_GOOD },
	{ "passport, freshness lowered", HEAD "freshness-min F0\n",
	  "affirming", NONE, OURS, "appraise.binding", ATLS_BINDING_KEY,
	  ATLS_F0, ATLS_GOOD },
	{ "passport, F1 wanted", HEAD "binding-min key\nfreshness-min F1\n",
	  "affirming", NONE, OURS, "appraise.freshness", ATLS_BINDING_KEY,
	  ATLS_F0, ATLS_GOOD },
	{ "passport, both lowered", HEAD
	  "binding-min key\nfreshness-min F0\n", "affirming", NONE, OURS,
	  NULL, ATLS_BINDING_KEY, ATLS_F0, ATLS_GOOD },
	{ "passport of the past, both lowered", HEAD
	  "binding-min key\nfreshness-min F0\n", "affirming", THEIRS, OURS,
	  NULL, ATLS_BINDING_KEY, ATLS_F0, ATLS_GOOD },
	{ "passport of another, both lowered", HEAD
	  "binding-min none\nfreshness-min F0\n", "affirming", NONE, THEIRS,
	  "ear.key.spki", ATLS_BINDING_KEY, ATLS_F0, ATLS_BAD },
	{ "warning", HEAD, "warning", OURS, NONE, "ear.status",
	  ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_UNKNOWN },
	{ "warning that is allowed", HEAD "ear.status warning\n", "warning",
	  OURS, NONE, NULL, ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_UNKNOWN },
	{ "status none", HEAD, "none", OURS, NONE, "ear.status",
	  ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_UNKNOWN },
	{ "another part of the machine", "kind ear\nkey verifier.pem\n"
	  "ear.status affirming\near.submods gpu0\n", "affirming", OURS, NONE,
	  "ear.submods", ATLS_BINDING_EXPORTER, ATLS_F4, ATLS_UNKNOWN },
	{ "a lease that is over", HEAD "max-age 5s\n", "affirming", OURS,
	  NONE, "ear.age", ATLS_BINDING_NONE, ATLS_F0, ATLS_UNKNOWN },
};

static struct atls_question
question(struct atls_bytes raw)
{
	return (struct atls_question){ .kind = ATLS_KIND_EAR, .raw = raw,
	    .binder = ATLS_ARRAY(binder), .profile = ATLS_PROFILE_EXPAT_1,
	    .spki = { spki, nspki }, .binding = ATLS_BINDING_EXPORTER,
	    .freshness = ATLS_F4, .now = NOW };
}

static void
test_rows(void)
{
	uint8_t room[8192];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct atls_policy *p = policy(rows[i].policy);
		struct atls_bytes raw = result(rows[i].status, rows[i].nonce,
		    rows[i].key);
		struct atls_question q = question(raw);

		T((atls_appraise(p, &q, &scratch, &res) ==
		    ATLS_VERDICT_ACCEPT) == (rows[i].where == NULL),
		    "%s: %s %s", rows[i].what, res.why.where == NULL ? "" :
		    res.why.where, res.why.detail);
		T(rows[i].where == NULL || (res.why.where != NULL && strcmp(
		    res.why.where, rows[i].where) == 0), "%s: %s",
		    rows[i].what, res.why.where);
		T(res.binding == rows[i].binding && res.freshness ==
		    rows[i].freshness && res.key == rows[i].pillar,
		    "%s: %d %d %d", rows[i].what, res.binding, res.freshness,
		    res.key);
		/* who knows no AIK cannot take a key's word */
		q.spki.len = 0;
		T(rows[i].key == NONE || atls_appraise(p, &q, &scratch, &res)
		    == ATLS_VERDICT_REJECT, "%s: no AIK", rows[i].what);
		atls_policy_free(p);
		drop(raw);
	}
}

/* In a CMW: a result is not evidence. */
static void
test_cmw(void)
{
	static const struct {
		const char	*media;
		unsigned	 ind;
		bool		 good;
	} w[] = {
		{ "application/eat+jwt; eat_profile=\"tag:github.com,2023:"
		  "veraison/ear\"", ATLS_IND_RESULTS, true },
		{ "application/eat+jwt; eat_profile=\"tag:github.com,2023:"
		  "veraison/ear\"", 0, true },
		{ "application/eat+jwt; eat_profile=\"tag:github.com,2023:"
		  "veraison/ear\"", ATLS_IND_EVIDENCE, false },
		{ "application/eat+jwt; eat_profile=\"tag:ietf.org,2026:"
		  "rats/ear#03\"", ATLS_IND_RESULTS, true },
		{ "application/eat+jwt", 0, false },
		{ "application/eat+jwt; eat_profile=\"test\"", 0, false },
	};
	struct atls_policy *p = policy(HEAD);
	struct atls_bytes raw = result("affirming", OURS, NONE);
	uint8_t room[8192], b[4096];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_result res;
	size_t i;

	for (i = 0; i < NITEMS(w); i++) {
		struct atls_buf out = { b, sizeof(b), 0 };
		struct atls_question q;

		T(atls_cmw_write(&out, ATLS_CMW_CBOR, w[i].media, raw,
		    w[i].ind) == ATLS_OK, "%zu", i);
		q = question((struct atls_bytes){ b, out.len });
		q.kind = ATLS_KIND_NONE;
		T((atls_appraise(p, &q, &scratch, &res) ==
		    ATLS_VERDICT_ACCEPT) == w[i].good, "%s, %u: %s",
		    w[i].media, w[i].ind, res.why.where);
	}
	atls_policy_free(p);
	drop(raw);
}

/* On file, without a channel; and a policy that is silent. */
static void
test_rest(void)
{
	static const char *const bad[] = {
		"kind ear\nkey verifier.pem\near.status affirming\n",
		"kind ear\nkey verifier.pem\near.submods cpu0\n",
		"kind ear\near.status affirming\near.submods cpu0\n",
	};
	struct atls_policy *p = policy(HEAD);
	struct atls_bytes raw = result("affirming", NONE, THEIRS);
	struct atls_question q = { .kind = ATLS_KIND_EAR, .raw = raw,
	    .now = NOW };
	uint8_t room[8192];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct atls_result res;
	size_t i;

	T(atls_insecure_appraise_unbound(p, &q, &scratch, &res) ==
	    ATLS_VERDICT_ACCEPT && res.binding == ATLS_BINDING_NONE &&
	    res.key == ATLS_UNKNOWN, "%s", res.why.where);
	T(atls_appraise(p, &q, &scratch, &res) == ATLS_VERDICT_REJECT,
	    "nothing to compare with");
	atls_policy_free(p);
	drop(raw);
	for (i = 0; i < NITEMS(bad); i++) {
		p = atls_policy_parse((struct atls_bytes){
		    (const uint8_t *)bad[i], strlen(bad[i]) }, give, NULL,
		    NULL);
		T(p == NULL, "%s", bad[i]);
		atls_policy_free(p);
	}
}

static size_t
attested(EVP_PKEY *k, uint8_t der[256], char out[512])
{
	uint8_t *p = der;
	size_t n = (size_t)i2d_PUBKEY(k, &p);
	struct atls_bytes b = ear_make_b64((struct atls_bytes){ der, n });

	snprintf(out, 512, "{\"akpub\":\"%.*s\"}", (int)b.len,
	    (const char *)b.p);
	drop(b);
	return n;
}

int
main(void)
{
	uint8_t der[256];
	size_t i;

	for (i = 0; i < sizeof(binder); i++)
		binder[i] = (uint8_t)i;
	verifier = EVP_EC_gen("P-256");
	aik = EVP_EC_gen("P-256");
	other = EVP_EC_gen("P-256");
	nspki = attested(aik, spki, akpub);
	(void)attested(other, der, akpub_other);
	test_rows();
	test_cmw();
	test_rest();
	EVP_PKEY_free(verifier);
	EVP_PKEY_free(aik);
	EVP_PKEY_free(other);
	return t_end("t_appraise_ear");
}
