/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../src/codec/hex.h"
#include "../src/codec/pem.h"
#include "t.h"
#include "tpm_judge.h"

/*
 * Quotes and evidence that others made, with the verdict that their index
 * gives.  Quotes are not whole evidence of ours: what is tested on them is
 * the reading of structures, the signature and the PCR digest.  The JSON form
 * of Parsec's evidence is another encoding, which our media type does not
 * cover, and is not read.
 */

#define FILE_MAX	8192
#define PCRS		24

static const struct evidence_trust untold = { .now = JUDGE_NOW };

static struct atls_bytes
load(const char *dir, const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	char path[512];
	uint8_t *b = malloc(FILE_MAX);
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tpm/%s%s%s", root != NULL ? root :
	    "tests/vectors", dir, dir[0] != '\0' ? "/" : "", name);
	if ((f = fopen(path, "rb")) != NULL) {
		n = fread(b, 1, FILE_MAX, f);
		fclose(f);
	}
	T(n < FILE_MAX, "%s is too long", path);
	b = realloc(b, n > 0 ? n : 1);
	return (struct atls_bytes){ b, n };
}

static void
drop(struct atls_bytes b)
{
	free((void *)(uintptr_t)b.p);
}

static struct crypto_key *
load_key(const char *dir, const char *name)
{
	struct atls_bytes pem = load(dir, name);
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	EVP_PKEY *k = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	struct crypto_key *key = NULL;
	unsigned char *der = NULL;
	int n = k == NULL ? 0 : i2d_PUBKEY(k, &der);

	T(n > 0 && crypto_key_spki((struct atls_bytes){ der, (size_t)n },
	    &key) == ATLS_OK, "%s/%s", dir, name);
	OPENSSL_free(der);
	EVP_PKEY_free(k);
	BIO_free(bio);
	drop(pem);
	return key;
}

/* One quote and what came with it. */
struct quote {
	struct atls_bytes	attest, sig;
	uint8_t			pcr[PCRS][32];
	size_t			npcr;
	const char		*key;		/* file */
	struct atls_bytes	from;		/* owns the views, or {} */
};

/* "7 3d45..", a line for each PCR. */
static void
read_pcrs(struct quote *q, const char *dir)
{
	struct atls_bytes file = load(dir, "pcrs.txt");
	char text[FILE_MAX + 1], *line, *save = NULL, *hex;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		unsigned long i = strtoul(line, &hex, 10);
		struct atls_buf out = { q->pcr[i % PCRS], 32, 0 };
		struct wr w = wr_of(&out);

		hex_get(&w, (struct atls_bytes){ (const uint8_t *)hex + 1,
		    strlen(hex + 1) });
		T(i < PCRS && wr_done(&w) == ATLS_OK && out.len == 32,
		    "%s: PCR %lu", dir, i);
		q->npcr++;
	}
	drop(file);
}

/* tpm2-tools: after two selections and a count, TPM2B_DIGEST in memory. */
static void
read_tools_pcrs(struct quote *q, const char *dir)
{
	static const unsigned at[] = { 15, 16, 22 };
	struct atls_bytes file = load(dir, "quotepcr.out");
	struct rd r = rd_of(file);
	size_t i;

	(void)rd_take(&r, 0x8c);
	for (i = 0; i < NITEMS(at); i++) {
		T(rd_le(&r, 2) == 32, "%s: size %zu", dir, i);
		memcpy(q->pcr[at[i]], rd_take(&r, 32).p, 32);
		(void)rd_take(&r, 32);
		q->npcr++;
	}
	drop(file);
}

/* bincode of { signature, message, PCRs }, each after its length. */
static void
read_bincode(struct quote *q, const char *dir)
{
	static uint8_t sig[6 + 256] = { 0x00, 0x14, 0x00, 0x0b, 0x01, 0x00 };
	struct rd r;

	q->from = load(dir, "quote.bin");
	r = rd_of(q->from);
	T(rd_le(&r, 8) == 256, "%s", dir);
	memcpy(sig + 6, rd_take(&r, 256).p, 256);
	q->sig = ATLS_ARRAY(sig);
	q->attest = rd_take(&r, (size_t)rd_le(&r, 8));
	T(rd_le(&r, 8) == PCRS, "%s", dir);
	for (q->npcr = 0; q->npcr < PCRS; q->npcr++)
		memcpy(q->pcr[q->npcr], rd_take(&r, 32).p, 32);
	T(rd_done(&r) == ATLS_OK, "%s", dir);
	q->key = "akpub.pem";
}

static struct quote
read_quote(const char *dir)
{
	struct quote q = { .key = "ak.pub.pem" };

	if (strcmp(dir, "kinvolk") == 0) {
		read_bincode(&q, dir);
		return q;
	}
	q.attest = load(dir, "attest.bin");
	q.sig = load(dir, "tpmt_signature.bin");
	if (strcmp(dir, "keylime") == 0)
		read_tools_pcrs(&q, dir);
	else
		read_pcrs(&q, dir);
	return q;
}

/* The values as "pcrs" of ext has them. */
static struct atls_bytes
put_pcrs(const struct quote *q, uint32_t pcrs, uint8_t b[2048])
{
	struct atls_buf out = { b, 2048, 0 };
	struct wr w = wr_of(&out);
	size_t i, n = 0;

	for (i = 0; i < PCRS; i++)
		n += pcrs >> i & 1;
	cbor_put_array(&w, 1);
	cbor_put_array(&w, 2);
	cbor_put_uint(&w, TPM_ALG_SHA256);
	cbor_put_map(&w, n);
	for (i = 0; i < PCRS; i++)
		if (pcrs >> i & 1) {
			cbor_put_uint(&w, i);
			cbor_put_bstr(&w, ATLS_ARRAY(q->pcr[i]));
		}
	T(wr_done(&w) == ATLS_OK, "pcrs");
	return (struct atls_bytes){ b, out.len };
}

static void
check_pcrs(const char *id, const struct quote *q, const struct tpm_attest *a,
    unsigned hash)
{
	uint32_t pcrs = a->bank[0].pcrs, drop_one = pcrs & (pcrs - 1);
	struct atls_err err = { .rc = ATLS_OK };
	struct quote bad = *q;
	uint8_t b[2048];
	size_t i;

	T(a->nbank == 1 && a->bank[0].alg == TPM_ALG_SHA256, "%s", id);
	T(tpm_check_pcrs(&untold, a, hash, put_pcrs(q, pcrs, b), &err) == 1, "%s: %s",
	    id, err.detail);
	T(tpm_check_pcrs(&untold, a, hash, put_pcrs(q, drop_one, b), NULL) != 1,
	    "%s: one less", id);
	for (i = 0; i < PCRS; i++) {
		bad.pcr[i][31] ^= 1;
		T((tpm_check_pcrs(&untold, a, hash, put_pcrs(&bad, pcrs, b), NULL) ==
		    1) == !(pcrs >> i & 1), "%s: PCR %zu", id, i);
		bad.pcr[i][31] ^= 1;
	}
}

static void
check_quote(const char *dir, const char *nonce, bool good)
{
	struct quote q = read_quote(dir);
	struct crypto_key *key = load_key(dir, q.key);
	struct atls_err err = { .rc = ATLS_OK };
	struct tpm_attest a;
	struct tpm_sig sig;
	uint8_t n[64], x[FILE_MAX];
	struct atls_buf out = { n, sizeof(n), 0 };
	struct wr w = wr_of(&out);
	size_t i;

	hex_get(&w, (struct atls_bytes){ (const uint8_t *)nonce,
	    strlen(nonce) });
	T(wr_done(&w) == ATLS_OK && out.len > 0, "%s: nonce", dir);
	T(tpm_attest_parse(q.attest, 0, TPM_ST_QUOTE, "quote", &a, &err) ==
	    ATLS_OK, "%s: %s at %zu", dir, err.detail, err.offset);
	T(atls_ct_eq(a.extra, (struct atls_bytes){ n, out.len }), "%s", dir);
	T(tpm_sig_parse(q.sig, 0, "sig", &sig, &err) == ATLS_OK, "%s", dir);
	T((tpm_check_signature(&untold, key, &sig, q.attest, false, &err)
	    == 1) == good, "%s: signature", dir);
	T(good || (err.rc == ATLS_E_SIG && strcmp(err.where,
	    "tpm.quote.signature") == 0), "%s: %s", dir, err.where);
	for (i = 0; i < q.attest.len * 8; i++) {
		memcpy(x, q.attest.p, q.attest.len);
		x[i / 8] ^= (uint8_t)(1 << i % 8);
		T(tpm_check_signature(&untold, key, &sig, (struct atls_bytes){
		    x, q.attest.len }, false, NULL) != 1, "%s: bit %zu", dir, i);
	}
	if (q.npcr > 0)
		check_pcrs(dir, &q, &a, sig.hash);
	else
		T(!good, "%s: no PCRs", dir);
	crypto_key_free(key);
	if (q.from.p != NULL)
		drop(q.from);
	else {
		drop(q.attest);
		drop(q.sig);
	}
}

/* Evidence without our "ext": read, and then not believed. */
static void
check_parsec(const char *dir, bool good)
{
	struct atls_bytes raw = load(dir, "evidence.cbor");
	struct evidence_trust trust = { .now = JUDGE_NOW };
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	struct atls_evidence *ev = &res.claims;
	const struct atls_claim *c;

	T((atls_evidence_parse(ev, ATLS_KIND_TPM, raw, NULL,
	    &res.why) == ATLS_OK)
	    == good, "%s: %s", dir, res.why.detail);
	if (good) {
		T(ev->report_data.len == 4 && memcmp(ev->report_data.p,
		    "0000", 4) == 0, "%s", dir);
		T((c = atls_evidence_claim(ev, "tpm.clock")) != NULL &&
		    c->number == 0x6c01e35f, "%s", dir);
		T((c = atls_evidence_claim(ev, "tpm.key.attributes")) !=
		    NULL && c->number == 0x00040072, "%s", dir);
		T(evidence_tpm.signature(ev, &trust, &res) != 1, "%s", dir);
		T(res.why.rc == ATLS_E_FORMAT && strcmp(res.why.where,
		    "tpm.ext") == 0, "%s: %s", dir, res.why.where);
	} else
		T(res.why.rc != ATLS_OK && ev->raw.len == 0, "%s", dir);
	drop(raw);
}

enum column { ID, DIR, NONCE, TIME, VERDICT, WHY, NCOLUMNS };

static void
row(char *line)
{
	char *col[NCOLUMNS] = { NULL };
	size_t i;

	for (i = 0; i < NCOLUMNS && line != NULL; i++) {
		col[i] = line;
		if ((line = strchr(line, '\t')) != NULL)
			*line++ = '\0';
	}
	if (i != NCOLUMNS)
		T(false, "%s: %zu columns", col[ID], i);
	else if (strcmp(col[VERDICT], "ACCEPT") == 0)
		check_quote(col[DIR], col[NONCE], true);
	else if (strcmp(col[VERDICT], "REJECT:bad-signature") == 0)
		check_quote(col[DIR], col[NONCE], false);
	else if (strcmp(col[VERDICT], "PARSE-OK") == 0)
		check_parsec(col[DIR], true);
	else if (strcmp(col[VERDICT], "PARSE-REJECT") == 0)
		check_parsec(col[DIR], false);
	else
		T(false, "%s: verdict %s", col[ID], col[VERDICT]);
}

/* Those with an HCL report are seen as a whole in t_az_vectors. */
static void
test_cases(void)
{
	struct atls_bytes file = load("", "cases.tsv");
	char text[FILE_MAX + 1], *line, *next;
	size_t n = 0;

	memcpy(text, file.p, file.len);
	text[file.len] = '\0';
	for (line = text; line != NULL && *line != '\0'; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (n++ > 0)			/* the first has names */
			row(line);
	}
	T(n == 15, "%zu lines", n);
	drop(file);
}

/* TPM2B_PUBLIC of a real AK, and the name that its TPM gave it. */
static void
test_name(void)
{
	struct atls_bytes file = load("keylime", "ak.pub");
	struct atls_bytes name = load("keylime", "ak.name");
	struct crypto_key *want = load_key("keylime", "ak.pub.pem"), *key;
	struct rd r = rd_of(file), sub = rd_sub(&r, 2);
	struct atls_evidence ev = { .kind = ATLS_KIND_TPM };
	char pin[ATLS_INSTANCE_MAX], hex[ATLS_INSTANCE_MAX];
	struct atls_buf out = { (uint8_t *)hex, sizeof(hex), 0 };
	struct wr w = wr_of(&out);
	struct tpm_public pub;

	ev.part[TPM_AK_PUB] = rd_rest(&sub);
	rd_close(&r, &sub);
	T(rd_done(&r) == ATLS_OK, "TPM2B_PUBLIC");
	T(tpm_public_parse(ev.part[TPM_AK_PUB], 2, "ak", &pub, NULL) ==
	    ATLS_OK, "TPMT_PUBLIC");
	T(pub.scheme == TPM_ALG_RSASSA && pub.hash == TPM_ALG_SHA256 &&
	    pub.e == 65537 && pub.attributes == 0x00050072, "AK");
	T(crypto_key_rsa(pub.n, pub.e, &key) == ATLS_OK &&
	    crypto_key_eq(key, want) == 1, "key");
	evidence_tpm.instance(&ev, pin);
	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)"ak:", 3 });
	hex_put(&w, name);
	wr_zeros(&w, 1);
	T(wr_done(&w) == ATLS_OK && strcmp(pin, hex) == 0, "%s", pin);
	crypto_key_free(key);
	crypto_key_free(want);
	drop(file);
	drop(name);
}

/* That AK as if it had keys of other sizes, with as many octets each. */
static void
test_sizes(void)
{
	static const struct { unsigned bits; enum atls_rc rc; } t[] = {
		{ 2048, ATLS_OK }, { 3072, ATLS_OK }, { 4096, ATLS_OK },
		{ 1024, ATLS_E_UNKNOWN }, { 2056, ATLS_E_UNKNOWN },
		{ 8192, ATLS_E_UNKNOWN }, { 0, ATLS_E_UNKNOWN },
	};
	struct atls_bytes file = load("keylime", "ak.pub");
	size_t i, n, head = file.len - 2 - (2 + 4 + 2 + 256);
	struct tpm_public pub;
	struct atls_err err;

	for (i = 0; i < NITEMS(t); i++) {
		uint8_t b[2048] = { 0 };
		struct atls_buf out = { b, sizeof(b), 0 };
		struct wr w = wr_of(&out);
		enum atls_rc rc;

		wr_bytes(&w, (struct atls_bytes){ file.p + 2, head });
		wr_be(&w, t[i].bits, 2);
		wr_be(&w, 0, 4);		/* exponent: 65537 */
		wr_be(&w, t[i].bits / 8, 2);
		for (n = 0; n < t[i].bits / 8; n++)
			wr_be(&w, 0xa5, 1);
		T(wr_done(&w) == ATLS_OK, "%u", t[i].bits);
		err = (struct atls_err){ .rc = ATLS_OK };
		rc = tpm_public_parse((struct atls_bytes){ b, out.len }, 0,
		    "ak", &pub, &err);
		T(rc == t[i].rc, "%u bits: %s at %zu", t[i].bits,
		    atls_rc_name(rc), err.offset);
	}
	drop(file);
}

#define CHAIN_MAX	3

/* A certificate, in PEM or as it is. */
static struct atls_bytes
load_cert(const char *dir, const char *name)
{
	struct atls_bytes file = load(dir, name), out;
	BIO *bio = BIO_new_mem_buf(file.p, (int)file.len);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	const unsigned char *q = file.p;
	unsigned char *p = NULL;
	int n;

	if (x == NULL)
		x = d2i_X509(NULL, &q, (long)file.len);
	n = x == NULL ? 0 : i2d_X509(x, &p);
	T(n > 0, "%s/%s", dir, name);
	out = (struct atls_bytes){ p, (size_t)n };
	X509_free(x);
	BIO_free(bio);
	drop(file);
	return out;
}

/*
 * Chains that clouds gave to AKs: their purpose is none of TLS.  Of Azure's,
 * the key is that of a quote; of Google's, there is no quote in any archive.
 */
static const struct {
	const char	*root_dir, *root, *dir, *cert[CHAIN_MAX];
	const char	*key;			/* or NULL */
	int64_t		 now, until;
} chains[] = {
	{ "flashbots-azure-2", "azure-virtual-tpm-root-2023.pem",
	  "flashbots-azure-2", { "ak-cert.pem", "ak-intermediate-0.pem",
	  "ak-intermediate-1.pem" }, "ak.pub.pem", 1790000000, 1812326399 },
	{ "anchors", "gcp-ek-ak-root.pem", "gce-certs",
	  { "pca_tpm_rsa_sign_cert.pem", "gcp_ek_ak_ca_intermediate_v3.crt",
	  NULL }, NULL, 1790000000, 2615308422 },
	{ "anchors", "gcp-ek-ak-root.pem", "gce-certs",
	  { "pca_tpm_ecc_sign_cert.pem", "gcp_ek_ak_ca_intermediate_v3.crt",
	  NULL }, NULL, 1790000000, 2615308422 },
};

static void
check_chain(size_t i)
{
	struct atls_bytes der[CHAIN_MAX], root, none = { NULL, 0 };
	struct crypto_chain *chain = NULL, *bare = NULL;
	struct crypto_key *key = NULL;
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_trust *trust;
	int64_t not_after = 0;
	size_t n;

	for (n = 0; n < CHAIN_MAX && chains[i].cert[n] != NULL; n++)
		der[n] = load_cert(chains[i].dir, chains[i].cert[n]);
	root = load(chains[i].root_dir, chains[i].root);
	trust = atls_trust_new(root, none, &err);
	T(trust != NULL && crypto_chain_get(trust, der, n, &chain, &err) ==
	    ATLS_OK, "%zu: %s", i, err.detail);
	T(crypto_chain_verify(chain, trust, 0, NULL, chains[i].now,
	    &not_after, "ak", &err) == ATLS_OK, "%zu: %s", i, err.detail);
	T(not_after - chains[i].until >= 0 && not_after - chains[i].until <=
	    1, "%zu: %lld", i, (long long)not_after);
	T(crypto_chain_verify(chain, trust, 0, NULL, chains[i].until + 2,
	    &not_after, "ak", &err) == ATLS_E_STALE, "%zu: stale", i);
	/* nobody fetches what is missing */
	T(crypto_chain_get(trust, der, 1, &bare, &err) == ATLS_OK &&
	    crypto_chain_verify(bare, trust, 0, NULL, chains[i].now,
	    &not_after, "ak", &err) == ATLS_E_CHAIN, "%zu: alone", i);
	if (chains[i].key != NULL) {
		key = load_key(chains[i].dir, chains[i].key);
		T(crypto_key_eq(crypto_chain_key(chain), key) == 1, "key");
	}
	crypto_chain_free(chain);
	crypto_chain_free(bare);
	crypto_key_free(key);
	atls_trust_free(trust);
	while (n > 0)
		OPENSSL_free((void *)(uintptr_t)der[--n].p);
	drop(root);
}

/* All of these TPMs are programs of their clouds, and verdicts say so. */
static void
check_voucher(size_t i)
{
	struct atls_evidence ev = { .kind = ATLS_KIND_TPM };

	while (ev.nchain < CHAIN_MAX && chains[i].cert[ev.nchain] != NULL) {
		ev.chain[ev.nchain] = load_cert(chains[i].dir,
		    chains[i].cert[ev.nchain]);
		ev.nchain++;
	}
	T(strstr(tpm_voucher(&ev), "cloud provider") != NULL, "%zu: %s", i,
	    tpm_voucher(&ev));
	while (ev.nchain > 0)
		OPENSSL_free((void *)(uintptr_t)ev.chain[--ev.nchain].p);
}

static void
test_chains(void)
{
	size_t i;

	for (i = 0; i < NITEMS(chains); i++) {
		check_chain(i);
		check_voucher(i);
	}
}

/* An AK certificate as it comes from its NV index: 3087 octets of the index
 * are behind it.  They are for who sends it to leave out. */
static void
test_padded(void)
{
	struct atls_bytes file = load("flashbots-azure-1", "ak-cert.pem");
	uint8_t room[FILE_MAX];
	struct atls_buf buf = { room, sizeof(room), 0 };
	struct crypto_chain *chain = NULL;
	struct rd r = rd_of(file);
	struct atls_bytes der, cut;
	struct atls_err err = { .rc = ATLS_OK };
	enum atls_rc rc;

	T(pem_get(&r, PEM_CERT, &buf, &der, 1) == 1, "PEM");
	T((rc = crypto_chain_get(NULL, &der, 1, &chain, NULL)) ==
	    ATLS_E_FORMAT, "%s", atls_rc_name(rc));
	cut = (struct atls_bytes){ der.p, der.len - 3087 };
	T(crypto_chain_get(NULL, &cut, 1, &chain, &err) == ATLS_OK, "%s",
	    err.detail);
	crypto_chain_free(chain);
	drop(file);
}

int
main(void)
{
	test_cases();
	test_name();
	test_sizes();
	test_chains();
	test_padded();
	return t_end("t_tpm_vectors");
}
