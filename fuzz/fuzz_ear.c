/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../tests/ear_judge.h"
#include "../tests/ear_make.h"
#include "../tests/heap.h"

/*
 * The first octet says what the rest is: 'T', a token; 'H', the header of a
 * JWT and 'J', its claims; 'C', the claims of a CWT; these are signed by the
 * Verifier.  Anything else: what to do to a good token, triples of an offset
 * (two octets) and a mask; what differs from it must not be trusted.
 */
#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define TEXT_MAX	2048

static EVP_PKEY *verifier;
static struct crypto_key *key;
static struct atls_bytes good;

static const char header[] = "{\"alg\":\"ES256\",\"typ\":\"JWT\"}";
static const char claims[] = "{\"eat_profile\":\"tag:github.com,2023:veraison"
    "/ear\",\"iat\":1799999990,\"exp\":1800000300,\"ear.verifier-id\":{"
    "\"developer\":\"d\",\"build\":\"b\"},\"submods\":{\"a\":{\"ear.status\":"
    "\"affirming\",\"eat_nonce\":\"AAECAwQFBgcICQoLDA0ODw\"}}}";

static void
begin(void)
{
	uint8_t der[256], *p = der;
	int n;

	MUST((verifier = EVP_EC_gen("P-256")) != NULL);
	MUST((n = i2d_PUBKEY(verifier, &p)) > 0);
	MUST(crypto_key_spki((struct atls_bytes){ der, (size_t)n }, &key) ==
	    ATLS_OK);
	good = ear_make_jwt(verifier, header, claims);
}

static bool
inside(struct atls_bytes part, struct atls_bytes whole)
{
	return part.len == 0 || (part.p >= whole.p && part.len <= whole.len &&
	    (size_t)(part.p - whole.p) <= whole.len - part.len);
}

static void
token(struct atls_bytes raw)
{
	struct ear_verdict v = ear_judge(raw, &key, 1, EAR_NOW, 0);
	const struct atls_evidence *ev = &v.res.claims;
	struct atls_bytes scratch = { v.scratch, raw.len };
	char said[EAR_TEXT_MAX + 1];
	size_t i;

	MUST((v.stage == EAR_TRUSTED) == (v.res.why.rc == ATLS_OK));
	MUST(v.stage != 0 || ev->raw.len == 0);
	MUST(inside(ev->report_data, scratch));
	MUST(ev->report_data.len == 0 || (ev->report_data.len >=
	    EAR_NONCE_MIN && ev->report_data.len <= EAR_NONCE_MAX));
	MUST(inside(ev->part[EAR_SIGNED], v.raw) &&
	    inside(ev->part[EAR_SIG], v.raw) &&
	    inside(ev->part[EAR_COSE], v.raw) &&
	    inside(ev->part[EAR_KEY_A], scratch) &&
	    inside(ev->part[EAR_KEY_B], scratch));
	if (v.stage != 0) {
		MUST(ev->nclaim >= EAR_CLAIM_IAT && ev->nclaim <=
		    EAR_NCLAIMS);
		MUST(ear_said(&v, "ear.submods", said)[0] != '\0');
		MUST(ear_tier_named((struct atls_bytes){ (const uint8_t *)
		    said, strlen(ear_said(&v, "ear.status", said)) }) != 0);
	}
	for (i = 0; i < ev->nclaim; i++)
		MUST(ev->claim[i].name != NULL);
	if (evidence_ear.names_key(ev))
		(void)evidence_ear.key(ev, (struct atls_bytes){ NULL, 0 },
		    &v.res);
	MUST(raw.len == good.len && memcmp(raw.p, good.p, good.len) == 0 ?
	    v.stage == EAR_TRUSTED : true);
	ear_judged(&v);
}

/* NUL ends it: what is behind cannot be said in a C string. */
static void
jwt(const uint8_t *p, size_t n, bool head)
{
	char text[TEXT_MAX + 1];
	struct atls_bytes made;

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	memcpy(text, p, n);
	text[n] = '\0';
	made = ear_make_jwt(verifier, head ? text : header, head ? claims :
	    text);
	token(made);
	drop(made);
}

static void
cwt(const uint8_t *p, size_t n)
{
	static const uint8_t protected[] = { 0xa1, 1, 0x26 };
	static const uint8_t unprotected[] = { 0xa0 };
	struct atls_bytes made;

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	made = ear_make_cwt(verifier, ATLS_ARRAY(protected),
	    ATLS_ARRAY(unprotected), (struct atls_bytes){ p, n });
	token(made);
	drop(made);
}

static void
edits(const uint8_t *p, size_t n)
{
	struct atls_bytes b = copy(good);
	uint8_t *q = (uint8_t *)(uintptr_t)b.p;
	struct ear_verdict v;

	for (; n >= 3; p += 3, n -= 3)
		q[((size_t)p[0] << 8 | p[1]) % b.len] ^= p[2];
	v = ear_judge(b, &key, 1, EAR_NOW, 0);
	MUST((v.stage == EAR_TRUSTED) == (memcmp(b.p, good.p, b.len) == 0));
	ear_judged(&v);
	drop(b);
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (good.len == 0)
		begin();
	if (n == 0)
		return 0;
	switch (data[0]) {
	case 'T':
		token((struct atls_bytes){ data + 1, n - 1 });
		break;
	case 'H':
	case 'J':
		jwt(data + 1, n - 1, data[0] == 'H');
		break;
	case 'C':
		cwt(data + 1, n - 1);
		break;
	default:
		edits(data + 1, n - 1);
	}
	return 0;
}
