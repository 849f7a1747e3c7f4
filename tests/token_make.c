/* SPDX-License-Identifier: Apache-2.0 */
#include "token_make.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/sha.h>

#include "../src/evidence/cca.h"
#include "token_keys.h"

#define MAX		8192	/* octets of a message */
#define CLAIMS		40

const uint8_t token_data[64] = { 0xd0, 0xd1, 0xd2, 0xd3, 0x5a };

/* A map to be: keys and values, encoded. */
struct set {
	enum token_set		 is;
	struct token_edit	 at[CLAIMS];
	struct atls_bytes	 value[CLAIMS];
	size_t			 n;
};

/* What was written, on the heap. */
static struct atls_bytes
done(struct wr *w)
{
	MUST(wr_done(w) == ATLS_OK);
	return copy((struct atls_bytes){ w->out->p, w->out->len });
}

static struct atls_bytes
encoded_bstr(struct atls_bytes v)
{
	uint8_t b[MAX];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);

	cbor_put_bstr(&w, v);
	return done(&w);
}

static void
put(struct set *s, int64_t k, const char *text_key, struct atls_bytes value)
{
	MUST(s->n < CLAIMS);
	s->at[s->n].key = k;
	s->at[s->n].text = text_key;
	s->value[s->n++] = value;
}

static void
put_hex(struct set *s, int64_t k, const char *text_key, const char *h)
{
	put(s, k, text_key, hex(h));
}

static void
put_bstr(struct set *s, int64_t k, const char *text_key, struct atls_bytes v)
{
	put(s, k, text_key, encoded_bstr(v));
}

static bool
same(const struct token_edit *a, const struct token_edit *b)
{
	if (a->text != NULL || b->text != NULL)
		return a->text != NULL && b->text != NULL &&
		    strcmp(a->text, b->text) == 0;
	return a->key == b->key;
}

static void
edit(struct set *s, const struct token_opts *o)
{
	size_t i, k;

	for (i = 0; i < 3; i++) {
		const struct token_edit *e = &o->edit[i];

		if (e->set != s->is)
			continue;
		for (k = 0; k < s->n && !same(&s->at[k], e); k++)
			continue;
		if (k < s->n) {
			drop(s->value[k]);
			s->n--;
			s->at[k] = s->at[s->n];
			s->value[k] = s->value[s->n];
		}
		if (e->hex != NULL)
			put_hex(s, e->key, e->text, e->hex);
	}
}

/* Of the value, its content: without the head of a byte string. */
static struct atls_bytes
content(const struct set *s, int64_t k)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->at[i].text == NULL && s->at[i].key == k) {
			struct rd r = rd_of(s->value[i]);

			return cbor_bstr(&r);
		}
	return (struct atls_bytes){ NULL, 0 };
}

static struct atls_bytes
encode(struct set *s, uint64_t tag)
{
	uint8_t b[MAX];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);
	size_t i;

	if (tag != 0)
		cbor_put_tag(&w, tag);
	cbor_put_map(&w, s->n);
	for (i = 0; i < s->n; i++) {
		if (s->at[i].text != NULL)
			cbor_put_text(&w, s->at[i].text);
		else
			cbor_put_int(&w, s->at[i].key);
		wr_bytes(&w, s->value[i]);
		drop(s->value[i]);
	}
	s->n = 0;
	return done(&w);
}

/* RFC 9053, 2.1: r and s, each as long as the field. */
static struct atls_bytes
raw_signature(EVP_PKEY *k, struct atls_bytes msg, uint8_t out[2 * 48])
{
	size_t field = EVP_PKEY_get_bits(k) == 384 ? 48 : 32, n = 256;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const unsigned char *p;
	uint8_t der[256];
	ECDSA_SIG *sig;

	MUST(ctx != NULL && EVP_DigestSignInit(ctx, NULL, field == 48 ?
	    EVP_sha384() : EVP_sha256(), NULL, k) == 1);
	MUST(EVP_DigestSign(ctx, der, &n, msg.p, msg.len) == 1);
	EVP_MD_CTX_free(ctx);
	p = der;
	MUST((sig = d2i_ECDSA_SIG(NULL, &p, (long)n)) != NULL);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, (int)field) > 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + field, (int)field) > 0);
	ECDSA_SIG_free(sig);
	return (struct atls_bytes){ out, 2 * field };
}

struct atls_bytes
token_sign1(EVP_PKEY *k, const char *protected, const char *unprotected,
    bool tagged, struct atls_bytes payload)
{
	struct atls_bytes prot = hex(protected), un = hex(unprotected), tbs;
	uint8_t b[MAX], sig[2 * 48];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);

	cbor_put_array(&w, 4);
	cbor_put_text(&w, "Signature1");
	cbor_put_bstr(&w, prot);
	cbor_put_bstr(&w, (struct atls_bytes){ NULL, 0 });
	cbor_put_bstr(&w, payload);
	tbs = done(&w);
	w = wr_of(&buf);
	if (tagged)
		cbor_put_tag(&w, 18);
	cbor_put_array(&w, 4);
	cbor_put_bstr(&w, prot);
	wr_bytes(&w, un);
	cbor_put_bstr(&w, payload);
	cbor_put_bstr(&w, raw_signature(k, tbs, sig));
	drop(prot);
	drop(un);
	drop(tbs);
	return done(&w);
}

static const char *
header_of(bool p384)
{
	return p384 ? "a1013822" : "a10126";
}

static void
point(EVP_PKEY *k, uint8_t out[97], size_t *n)
{
	MUST(EVP_PKEY_get_octet_string_param(k, "encoded-pub-key", out, 97,
	    n) == 1 || EVP_PKEY_get_octet_string_param(k, "pub", out, 97, n)
	    == 1);
}

static struct atls_bytes
cose_key(EVP_PKEY *k)
{
	uint8_t b[256], p[97];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);
	size_t n;

	point(k, p, &n);
	cbor_put_map(&w, 4);
	cbor_put_int(&w, 1);
	cbor_put_int(&w, 2);
	cbor_put_int(&w, -1);
	cbor_put_int(&w, n == 97 ? 2 : 1);
	cbor_put_int(&w, -2);
	cbor_put_bstr(&w, (struct atls_bytes){ p + 1, n / 2 });
	cbor_put_int(&w, -3);
	cbor_put_bstr(&w, (struct atls_bytes){ p + 1 + n / 2, n / 2 });
	return done(&w);
}

#define D32	"5820" \
		"11111111111111111111111111111111111111111111111111111111" \
		"11111111"
#define SW	"82a30162423102582022222222222222222222222222222222222222" \
		"22222222222222222222222222" \
		"05582033333333333333333333333333333333333333333333333333" \
		"33333333333333" \
		"a4016242320463312233025820444444444444444444444444444444" \
		"4444444444444444444444444444444444" \
		"05582033333333333333333333333333333333333333333333333333" \
		"33333333333333"
#define ID33	"5821" \
		"01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
		"aaaaaaaaaa"

static struct atls_bytes
platform(const struct token_opts *o, struct atls_bytes rak)
{
	struct set s = { .is = TOKEN_PLATFORM };
	struct atls_bytes payload, token;
	uint8_t digest[32];

	MUST(SHA256(rak.p, rak.len, digest) != NULL);
	digest[0] ^= o->unbound ? 1 : 0;
	put_bstr(&s, 10, NULL, ATLS_ARRAY(digest));
	put_hex(&s, 256, NULL, ID33);
	/* tag:arm.com,2023:cca_platform#1.0.0 */
	put_hex(&s, 265, NULL, "7823"
	    "7461673a61726d2e636f6d2c323032333a6363615f706c6174666f72"
	    "6d23312e302e30");
	put_hex(&s, 2395, NULL, "193003");
	put_hex(&s, 2396, NULL, D32);
	put_hex(&s, 2399, NULL, SW);
	put_hex(&s, 2401, NULL, "44cfcfcfcf");
	put_hex(&s, 2402, NULL, "677368612d323536");
	edit(&s, o);
	payload = encode(&s, 0);
	token = token_sign1(token_signer(o->p384, o->stranger),
	    o->protected != NULL ? o->protected : header_of(o->p384),
	    o->unprotected != NULL ? o->unprotected : "a0", !o->untagged,
	    payload);
	drop(payload);
	return token;
}

static struct atls_bytes
realm(const struct token_opts *o, struct atls_bytes challenge,
    struct atls_bytes *rak)
{
	bool p384 = o->p384 || o->point;
	EVP_PKEY *k = token_key(2, p384);
	struct set s = { .is = TOKEN_REALM };
	struct atls_bytes payload, token;
	uint8_t p[97];
	size_t n;

	if (o->point) {
		point(k, p, &n);
		p[0] = o->form != 0 ? o->form : p[0];
		*rak = copy((struct atls_bytes){ p, n });
	} else {
		*rak = cose_key(k);
		/* tag:arm.com,2024:realm#2.0.0 */
		put_hex(&s, 265, NULL, "781c"
		    "7461673a61726d2e636f6d2c323032343a7265616c6d23322e302e30");
	}
	put_bstr(&s, 10, NULL, challenge);
	put_bstr(&s, 44235, NULL, ATLS_ARRAY(token_data));
	put_hex(&s, 44236, NULL, "677368612d323536");
	put_bstr(&s, 44237, NULL, *rak);
	put_hex(&s, 44238, NULL, D32);
	put_hex(&s, 44239, NULL, "84" D32 D32 D32 D32);
	put_hex(&s, 44240, NULL, "677368612d323536");
	edit(&s, o);
	drop(*rak);
	*rak = copy(content(&s, 44237));
	payload = encode(&s, 0);
	token = token_sign1(token_key(o->realm_stranger ? 3 : 2, p384),
	    o->realm_protected != NULL ? o->realm_protected : header_of(p384),
	    "a0", !o->untagged, payload);
	drop(payload);
	return token;
}

static struct atls_bytes
statement(const struct token_opts *o)
{
	struct set s = { .is = TOKEN_KAT };
	struct atls_bytes k = cose_key(token_aik());
	uint8_t b[256];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);

	cbor_put_map(&w, 1);
	cbor_put_int(&w, 1);
	wr_bytes(&w, k);
	drop(k);
	put_bstr(&s, 10, NULL, ATLS_ARRAY(token_data));
	put(&s, 8, NULL, done(&w));
	edit(&s, o);
	return encode(&s, o->kat_tag != 0 ? o->kat_tag : 601);
}

static void
put_half(struct wr *w, const struct token_opts *o, int64_t k,
    struct atls_bytes half)
{
	cbor_put_int(w, k);
	if (o->cmw) {
		cbor_put_array(w, 2);
		cbor_put_uint(w, 263);
	}
	cbor_put_bstr(w, half);
	drop(half);
}

struct atls_bytes
token_cca(const struct token_opts *o)
{
	struct atls_bytes kat = { NULL, 0 }, rak, r, p;
	uint8_t b[MAX], digest[64];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);

	memcpy(digest, token_data, sizeof(digest));
	if (o->parsec) {
		kat = statement(o);
		MUST(SHA512(kat.p, kat.len, digest) != NULL);
		digest[63] ^= o->kat_unbound ? 1 : 0;
		cbor_put_map(&w, 2);
		cbor_put_text(&w, "kat");
		wr_bytes(&w, kat);
		drop(kat);
		cbor_put_text(&w, "pat");
	}
	r = realm(o, ATLS_ARRAY(digest), &rak);
	p = platform(o, rak);
	drop(rak);
	cbor_put_tag(&w, o->cmw ? 907 : 399);
	cbor_put_map(&w, 2);
	put_half(&w, o, 44234, p);
	put_half(&w, o, 44241, r);
	return done(&w);
}

struct atls_bytes
token_psa(const struct token_opts *o)
{
	static const struct { int64_t key, legacy; const char *hex; } all[] = {
		{ 256, -75009, ID33 }, { 2396, -75003, D32 },
		{ 2394, -75001, "20" }, { 2395, -75002, "193001" },
		{ 2399, -75006, SW }, { 2397, -75004, D32 },
	};
	struct set s = { .is = TOKEN_PSA };
	struct atls_bytes payload, token;
	size_t i;

	put_bstr(&s, o->legacy ? -75008 : 10, NULL, ATLS_ARRAY(token_data));
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		put_hex(&s, o->legacy ? all[i].legacy : all[i].key, NULL,
		    all[i].hex);
	if (!o->legacy)			/* tag:psacertified.org,2023:psa#tfm */
		put_hex(&s, 265, NULL, "7821"
		    "7461673a7073616365727469666965642e6f72672c323032333a7073"
		    "612374666d");
	edit(&s, o);
	payload = encode(&s, 0);
	token = token_sign1(token_signer(o->p384, o->stranger),
	    o->protected != NULL ? o->protected : header_of(o->p384),
	    o->unprotected != NULL ? o->unprotected : "a0", !o->untagged,
	    payload);
	drop(payload);
	return token;
}

#define PCR	"5830" "555555555555555555555555555555555555555555555555" \
		"555555555555555555555555555555555555555555555555"

struct atls_bytes
token_nitro(const struct token_opts *o)
{
	const struct pki_cert *l = token_leaf(o);
	const struct pki_cert *ca = token_root(o->other_root);
	int64_t at = 1000 * (o->at != 0 ? o->at : TOKEN_NOW) + 136;
	struct set s = { .is = TOKEN_NITRO };
	uint8_t b[MAX];
	struct atls_buf buf = { b, sizeof(b), 0 };
	struct wr w = wr_of(&buf);
	struct atls_bytes payload, doc;

	put_hex(&s, 0, "module_id", "68692d302d656e6330");
	put_hex(&s, 0, "digest", "66534841333834");
	cbor_put_int(&w, at);
	put(&s, 0, "timestamp", done(&w));
	put_hex(&s, 0, "pcrs", "a4" "00" PCR "01" PCR "02" PCR "04" PCR);
	put_bstr(&s, 0, "certificate", (struct atls_bytes){ l->der, l->len });
	w = wr_of(&buf);
	cbor_put_array(&w, 1);
	if (o->no_root)
		ca = l;
	cbor_put_bstr(&w, (struct atls_bytes){ ca->der, ca->len });
	put(&s, 0, "cabundle", done(&w));
	put_hex(&s, 0, "public_key", "f6");
	put_bstr(&s, 0, "user_data", ATLS_ARRAY(token_data));
	put_hex(&s, 0, "nonce", "f6");
	edit(&s, o);
	payload = encode(&s, 0);
	doc = token_sign1(o->stranger ? token_key(3, true) : l->key,
	    o->protected != NULL ? o->protected :
	    header_of(!o->leaf_p256), "a0", false, payload);
	drop(payload);
	return doc;
}
