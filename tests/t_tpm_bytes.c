/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <atls/tpm_evidence.h>

#include "pki.h"
#include "t.h"
#include "tpm_judge.h"

static EVP_PKEY *p256, *rsa, *aik;

/* A copy that the sanitizer knows the end of. */
static struct atls_bytes
copy(const uint8_t *p, size_t n)
{
	uint8_t *b = malloc(n > 0 ? n : 1);

	if (n > 0)
		memcpy(b, p, n);
	return (struct atls_bytes){ b, n };
}

/*
 * Every prefix and every flip of a single bit is refused.  There is nothing
 * in the message that no signature and no comparison covers.
 */
static void
hurt(const char *what, struct atls_bytes good,
    const struct evidence_trust *trust)
{
	uint8_t *b = malloc(good.len + 1);
	struct verdict v = judge(good, aik, trust);
	size_t i, ended[PASSED + 1] = { 0 };

	T(v.stage == PASSED, "%s: %s %s", what, v.res.why.where,
	    v.res.why.detail);
	free(v.raw);
	memcpy(b, good.p, good.len);
	b[good.len] = 0;
	for (i = 0; i <= good.len + 1; i++) {
		if (i == good.len)
			continue;
		v = judge((struct atls_bytes){ b, i }, aik, trust);
		T(v.stage == PARSE, "%s: %zu octets", what, i);
		T(v.res.claims.raw.len == 0 && v.res.claims.nclaim == 0,
		    "%s: %zu octets leave claims", what, i);
		T(v.res.why.rc == (i < good.len ? ATLS_E_TRUNC :
		    ATLS_E_TRAIL), "%s: %zu octets: %s", what, i,
		    atls_rc_name(v.res.why.rc));
		free(v.raw);
	}
	for (i = 0; i < good.len * 8; i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		v = judge((struct atls_bytes){ b, good.len }, aik, trust);
		T(v.stage < PASSED && v.res.why.rc != ATLS_OK &&
		    v.res.why.where != NULL, "%s: bit %zu of octet %zu",
		    what, i % 8, i / 8);
		ended[v.stage]++;
		free(v.raw);
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	printf("%s: of %zu bits, %zu fail in parse, %zu in signature, %zu "
	    "in report data, %zu in key\n", what, good.len * 8,
	    ended[PARSE], ended[SIGNATURE], ended[REPORT_DATA], ended[KEY]);
	free(b);
}

static void
test_hurt(void)
{
	struct pki p = pki_new(&(struct pki_ask){ .cn = "AK" }, JUDGE_NOW);
	struct atls_bytes cert[2] = { { p.leaf.der, p.leaf.len },
	    { p.inter.der, p.inter.len } };
	struct tpm_make_opts ec = { .ak = p256 }, r = { .ak = rsa };
	struct tpm_make_opts c = { .ak = p.leaf.key, .ak_cert = cert,
	    .nak_cert = 2 };
	struct evidence_trust trust = judge_pin(&ec);
	struct evidence_trust roots = { .now = JUDGE_NOW };

	hurt("P-256", judge_make(&ec, aik), &trust);
	trust = judge_pin(&r);
	hurt("RSA", judge_make(&r, aik), &trust);
	roots.anchors = atls_trust_new(pki_view(p.root.pem),
	    pki_view(p.crls), NULL);
	hurt("certificate", judge_make(&c, aik), &roots);
	atls_trust_free(roots.anchors);
	pki_free(&p);
}

static enum atls_rc
parse_one(enum tpm_part part, struct atls_bytes in)
{
	struct tpm_public pub;
	struct tpm_attest att;
	struct tpm_sig sig;
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_bytes x = copy(in.p, in.len);
	enum atls_rc rc = ATLS_E_ARG;

	switch (part) {
	case TPM_KAT_SIG:
	case TPM_PAT_SIG:
		rc = tpm_sig_parse(x, 7, "here", &sig, &err);
		T(rc == ATLS_OK || (sig.scheme == 0 && sig.r.p == NULL),
		    "left over");
		break;
	case TPM_KAT_INFO:
	case TPM_PAT_INFO:
		rc = tpm_attest_parse(x, 7, part == TPM_KAT_INFO ?
		    TPM_ST_CERTIFY : TPM_ST_QUOTE, "here", &att, &err);
		T(rc == ATLS_OK || (att.nbank == 0 && att.extra.p == NULL),
		    "left over");
		break;
	case TPM_KAT_PUB:
	case TPM_AK_PUB:
		rc = tpm_public_parse(x, 7, "here", &pub, &err);
		T(rc == ATLS_OK || (pub.type == 0 && pub.area.p == NULL),
		    "left over");
		break;
	case TPM_KAT_KID:
	case TPM_PAT_KID:
	case TPM_PCRS:
		break;
	}
	T(err.rc == rc, "%s", atls_rc_name(rc));
	T(rc == ATLS_OK || (err.offset >= 7 && err.offset <= 7 + in.len &&
	    strcmp(err.where, "here") == 0), "%s, %zu", err.where, err.offset);
	free((void *)(uintptr_t)x.p);
	return rc;
}

/* The structures of the TPM one by one: prefixes, and octets changed. */
static void
test_structures(void)
{
	static const struct {
		const char	*what;
		bool		 rsa;		/* of the RSA evidence */
		enum tpm_part	 part;
		size_t		 at, n;
		uint64_t	 v;
		enum atls_rc	 rc;
	} t[] = {
		{ "KEYEDHASH", false, TPM_KAT_PUB, 0, 2, 8, ATLS_E_UNKNOWN },
		{ "name by SHA-1", false, TPM_KAT_PUB, 2, 2, 4,
		    ATLS_E_UNKNOWN },
		{ "name by SHA-512", false, TPM_KAT_PUB, 2, 2, 13,
		    ATLS_E_UNKNOWN },
		{ "policy too long", false, TPM_KAT_PUB, 8, 2, 65,
		    ATLS_E_LIMIT },
		{ "symmetric AES", false, TPM_KAT_PUB, 10, 2, 6,
		    ATLS_E_UNKNOWN },
		{ "RSASSA on a curve", false, TPM_AK_PUB, 12, 2, 0x14,
		    ATLS_E_FORMAT },
		{ "ECDAA", false, TPM_AK_PUB, 12, 2, 0x1a, ATLS_E_UNKNOWN },
		{ "P-521", false, TPM_KAT_PUB, 14, 2, 5, ATLS_E_UNKNOWN },
		{ "P-224", false, TPM_KAT_PUB, 14, 2, 2, ATLS_E_UNKNOWN },
		{ "kdf", false, TPM_KAT_PUB, 16, 2, 0x20, ATLS_E_UNKNOWN },
		{ "x empty", false, TPM_KAT_PUB, 18, 2, 0, ATLS_E_FORMAT },
		{ "x too long", false, TPM_KAT_PUB, 18, 2, 33, ATLS_E_LIMIT },
		{ "x past the end", false, TPM_KAT_PUB, 18, 2, 0xffff,
		    ATLS_E_TRUNC },
		{ "y too short", false, TPM_KAT_PUB, 52, 2, 31, ATLS_E_TRAIL },
		{ "OAEP", true, TPM_AK_PUB, 12, 2, 0x17, ATLS_E_UNKNOWN },
		{ "ECDSA with RSA", true, TPM_AK_PUB, 12, 2, 0x18,
		    ATLS_E_FORMAT },
		{ "RSA 1024", true, TPM_AK_PUB, 16, 2, 1024, ATLS_E_UNKNOWN },
		{ "RSA 3072", true, TPM_AK_PUB, 16, 2, 3072, ATLS_E_FORMAT },
		{ "exponent 3", true, TPM_AK_PUB, 18, 4, 3, ATLS_E_UNKNOWN },
		{ "exponent 65537", true, TPM_AK_PUB, 18, 4, 65537,
		    ATLS_OK },
		{ "HMAC", false, TPM_KAT_SIG, 0, 2, 5, ATLS_E_UNKNOWN },
		{ "SM2", false, TPM_KAT_SIG, 0, 2, 0x1b, ATLS_E_UNKNOWN },
		{ "r empty", false, TPM_KAT_SIG, 4, 2, 0, ATLS_E_FORMAT },
		{ "r too long", false, TPM_KAT_SIG, 4, 2, 49, ATLS_E_LIMIT },
		{ "magic", false, TPM_PAT_INFO, 0, 4, 0xff544346,
		    ATLS_E_FORMAT },
		{ "TPM_ST_ATTEST_TIME", false, TPM_PAT_INFO, 4, 2, 0x8019,
		    ATLS_E_FORMAT },
		{ "signer empty", false, TPM_PAT_INFO, 6, 2, 0,
		    ATLS_E_FORMAT },
		{ "signer too long", false, TPM_PAT_INFO, 6, 2, 67,
		    ATLS_E_LIMIT },
		{ "nonce too long", false, TPM_PAT_INFO, 42, 2, 65,
		    ATLS_E_LIMIT },
		{ "safe is 2", false, TPM_PAT_INFO, 92, 1, 2, ATLS_E_FORMAT },
		{ "not safe", false, TPM_PAT_INFO, 92, 1, 0, ATLS_OK },
		{ "five banks", false, TPM_PAT_INFO, 101, 4, 5,
		    ATLS_E_LIMIT },
		{ "very many banks", false, TPM_PAT_INFO, 101, 4, 0xffffffff,
		    ATLS_E_LIMIT },
		{ "SHA3 bank", false, TPM_PAT_INFO, 105, 2, 0x27,
		    ATLS_E_UNKNOWN },
		{ "sizeofSelect 2", false, TPM_PAT_INFO, 107, 1, 2,
		    ATLS_E_LIMIT },
		{ "no digest", false, TPM_PAT_INFO, 111, 2, 0,
		    ATLS_E_FORMAT },
		{ "name empty", false, TPM_KAT_INFO, 101, 2, 0,
		    ATLS_E_FORMAT },
	};
	struct tpm_make_opts o[2] = { { .ak = p256 }, { .ak = rsa } };
	size_t i, n, k;

	for (k = 0; k < 2; k++) {
		struct verdict v = judge_made(&o[k], aik);
		enum tpm_part p;

		for (p = TPM_KAT_KID; p <= TPM_AK_PUB; p++) {
			struct atls_bytes good = v.res.claims.part[p];
			uint8_t b[1024] = { 0 };

			if (p == TPM_KAT_KID || p == TPM_PAT_KID)
				continue;
			memcpy(b, good.p, good.len);
			for (n = 0; n <= good.len + 1; n++)
				T(parse_one(p, (struct atls_bytes){ b, n }) ==
				    (n < good.len ? ATLS_E_TRUNC : n ==
				    good.len ? ATLS_OK : ATLS_E_TRAIL),
				    "part %d, %zu octets", p, n);
			for (i = 0; i < NITEMS(t); i++) {
				if (t[i].rsa != (k == 1) || t[i].part != p)
					continue;
				memcpy(b, good.p, good.len);
				for (n = 0; n < t[i].n; n++)
					b[t[i].at + n] = (uint8_t)(t[i].v >>
					    8 * (t[i].n - 1 - n) & 0xff);
				T(parse_one(p, (struct atls_bytes){ b,
				    good.len }) == t[i].rc, "%s", t[i].what);
			}
		}
		free(v.raw);
	}
}

/* What our own writer makes of the same parts is read as the same. */
static void
test_writer(void)
{
	struct pki pki = pki_new(&(struct pki_ask){ .cn = "AK" }, JUDGE_NOW);
	struct atls_bytes cert[] = { { pki.leaf.der, pki.leaf.len } };
	struct tpm_make_opts o = { .ak = p256, .ak_cert = cert,
	    .nak_cert = 1, .select = { 0x800001, 0x30 } };
	struct verdict v = judge_made(&o, aik), w;
	const struct atls_bytes *p = v.res.claims.part;
	struct atls_tpm_parts t = { .kid = p[TPM_KAT_KID],
	    .certify_sig = p[TPM_KAT_SIG], .certify_info = p[TPM_KAT_INFO],
	    .key_pub = p[TPM_KAT_PUB], .quote_sig = p[TPM_PAT_SIG],
	    .quote_info = p[TPM_PAT_INFO], .ak_pub = p[TPM_AK_PUB],
	    .ak_cert = { cert[0] }, .nak_cert = 1, .nbank = 2 };
	struct evidence_trust trust = judge_pin(&o);
	uint8_t raw[TPM_MAKE_MAX], val[2][24][64], kid[34] = { 1 };
	struct atls_buf out = { raw, sizeof(raw), 0 };
	unsigned b, i;

	for (b = 0; b < 2; b++) {
		t.bank[b].alg = b == 0 ? TPM_ALG_SHA256 : TPM_ALG_SHA384;
		for (i = 0; i < 24; i++) {
			size_t n = tpm_make_pcr(&o, b, i, val[b][i]);

			if (o.select[b] >> i & 1)
				t.bank[b].pcr[i] = (struct atls_bytes){
				    val[b][i], n };
		}
	}
	T(atls_tpm_evidence_write(&t, &out) == ATLS_OK, "write");
	w = judge((struct atls_bytes){ raw, out.len }, aik, &trust);
	T(w.stage == PASSED, "%s %s", w.res.why.where, w.res.why.detail);
	T(w.res.claims.nclaim == v.res.claims.nclaim &&
	    w.res.claims.nchain == 1, "claims");
	free(w.raw);
	t.kid = ATLS_ARRAY(kid);
	T(atls_tpm_evidence_write(&t, &out) == ATLS_OK, "write");
	w = judge((struct atls_bytes){ raw, out.len }, aik, &trust);
	T(w.stage == PARSE && w.res.why.rc == ATLS_E_LIMIT, "kid of 34");
	free(w.raw);
	free(v.raw);
	pki_free(&pki);
}

/* One bank of "pcrs": what is before a value, and its length. */
static void
test_banks(void)
{
	static const struct {
		const char	*what, *head;
		size_t		 nhead, nvalue;
		enum atls_rc	 rc;
	} t[] = {
		{ "SHA-256", "\x82\x0b\xa1\x00\x58\x20", 6, 32, ATLS_OK },
		{ "SHA-1", "\x82\x04\xa1\x00\x54", 5, 20, ATLS_OK },
		{ "SHA-1 of 32", "\x82\x04\xa1\x00\x58\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "PCR 31", "\x82\x0b\xa1\x18\x1f\x58\x20", 7, 32,
		    ATLS_OK },
		{ "PCR 32", "\x82\x0b\xa1\x18\x20\x58\x20", 7, 32,
		    ATLS_E_LIMIT },
		{ "PCR 2^64-1", "\x82\x0b\xa1\x1b\xff\xff\xff\xff\xff\xff"
		    "\xff\xff\x58\x20", 14, 32, ATLS_E_LIMIT },
		{ "PCR -1", "\x82\x0b\xa1\x20\x58\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "PCR \"\"", "\x82\x0b\xa1\x60\x58\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "text", "\x82\x0b\xa1\x00\x78\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "SM3", "\x82\x12\xa1\x00\x58\x20", 6, 32,
		    ATLS_E_UNKNOWN },
		{ "2^16 and SHA-256", "\x82\x1a\x00\x01\x00\x0b\xa1\x00\x58"
		    "\x20", 10, 32, ATLS_E_UNKNOWN },
		{ "2^32 and SHA-256", "\x82\x1b\x00\x00\x00\x01\x00\x00"
		    "\x00\x0b\xa1\x00\x58\x20", 14, 32, ATLS_E_UNKNOWN },
		{ "one thing", "\x81\x0b\xa1\x00\x58\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "three things", "\x83\x0b\xa1\x00\x58\x20", 6, 32,
		    ATLS_E_FORMAT },
		{ "no values", "\x82\x0b\xa0", 3, 0, ATLS_E_FORMAT },
		{ "not a bank", "\x0b", 1, 0, ATLS_E_FORMAT },
	};
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		uint8_t b[64] = { 0x81 };
		struct atls_bytes in;
		struct tpm_bank bank;
		struct cbor_list l;
		struct rd r;

		memcpy(b + 1, t[i].head, t[i].nhead);
		in = copy(b, 1 + t[i].nhead + t[i].nvalue);
		r = rd_of(in);
		l = cbor_array(&r);
		T(tpm_bank_next(&r, &l, &bank) == (t[i].rc == ATLS_OK), "%s",
		    t[i].what);
		T(rd_done(&r) == t[i].rc, "%s: %s",
		    t[i].what, atls_rc_name(rd_done(&r)));
		T((bank.pcrs != 0) == (t[i].rc == ATLS_OK) &&
		    (bank.alg != 0) == (t[i].rc == ATLS_OK), "%s", t[i].what);
		T(!tpm_bank_next(&r, &l, &bank), "%s: one more", t[i].what);
		free((void *)(uintptr_t)in.p);
	}
}

/* PCR values against selections that the frame would not let through. */
static void
test_selection(void)
{
	struct tpm_make_opts o = { .ak = p256 };
	struct verdict v = judge_made(&o, aik);
	const struct evidence_trust trust = { .now = JUDGE_NOW };
	struct tpm_attest q, more;
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_bytes one, pcrs = v.res.claims.part[TPM_PCRS];
	struct rd r = rd_of(pcrs);
	uint8_t b[4096];
	struct atls_buf five = { b, sizeof(b), 0 };
	struct wr w = wr_of(&five);
	size_t i;

	T(tpm_attest_parse(v.res.claims.part[TPM_PAT_INFO], 0, TPM_ST_QUOTE,
	    "", &q, NULL) == ATLS_OK, "quote");
	T(tpm_check_pcrs(&trust, &q, TPM_ALG_SHA256, pcrs, &err) == 1, "good");
	T(tpm_check_pcrs(&trust, &q, TPM_ALG_SHA384, pcrs, NULL) != 1,
	    "SHA-384");
	T(tpm_check_pcrs(&trust, &q, TPM_ALG_SHA1, pcrs, NULL) != 1, "SHA-1");
	T(tpm_check_pcrs(&trust, &q, TPM_ALG_SHA256, (struct atls_bytes){
	    pcrs.p, pcrs.len - 1 }, NULL) != 1, "short");
	more = q;
	more.bank[more.nbank++] = (struct tpm_select){ TPM_ALG_SHA384, 1 };
	T(tpm_check_pcrs(&trust, &more, TPM_ALG_SHA256, pcrs, &err) != 1 &&
	    strcmp(err.where, "tpm.pcr.selection") == 0, "two banks quoted");
	(void)cbor_array(&r);
	one = cbor_item(&r);
	cbor_put_array(&w, TPM_BANKS_MAX + 1);
	for (i = 0; i <= TPM_BANKS_MAX; i++)
		wr_bytes(&w, one);
	T(wr_done(&w) == ATLS_OK, "five banks");
	for (more.nbank = 0; more.nbank < TPM_BANKS_MAX; more.nbank++)
		more.bank[more.nbank] = q.bank[0];
	err.rc = ATLS_OK;
	T(tpm_check_pcrs(&trust, &more, TPM_ALG_SHA256, (struct atls_bytes){ b,
	    five.len }, &err) != 1 && strcmp(err.where,
	    "tpm.pcr.selection") == 0, "five banks given");
	more.nbank = 0;
	b[0] = 0x80;
	err.rc = ATLS_OK;
	T(tpm_check_pcrs(&trust, &more, TPM_ALG_SHA256, (struct atls_bytes){
	    b, 1 }, &err) != 1 && strcmp(err.where, "tpm.pcr.selection") == 0,
	    "nothing quoted, nothing given");
	free(v.raw);
}

/* An answer to no question. */
static void
test_empty_nonce(void)
{
	struct tpm_make_opts o = { .ak = p256 };
	struct evidence_trust trust = judge_pin(&o);
	uint8_t raw[TPM_MAKE_MAX];
	struct atls_buf out = { raw, sizeof(raw), 0 };
	struct verdict v;

	tpm_make(&o, (struct atls_bytes){ NULL, 0 }, aik, &out);
	v = judge((struct atls_bytes){ raw, out.len }, aik, &trust);
	T(v.stage == SIGNATURE && v.res.why.rc == ATLS_E_BIND &&
	    strcmp(v.res.why.where, "tpm.extra_data.empty") == 0, "%d %s",
	    v.stage, v.res.why.where);
	free(v.raw);
}

/* What signature() and key() say to evidence that parse() never saw. */
static void
test_unparsed(void)
{
	struct tpm_make_opts o = { .ak = p256 };
	struct evidence_trust trust = judge_pin(&o);
	struct atls_result res = { .verdict = ATLS_VERDICT_NONE };
	struct atls_evidence ev = { .kind = ATLS_KIND_TPM };
	char pin[ATLS_INSTANCE_MAX] = "x";
	struct verdict v;

	T(evidence_tpm.signature(&ev, &trust, &res) != 1, "empty");
	T(res.why.rc == ATLS_E_TRUNC, "%s", atls_rc_name(res.why.rc));
	res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	T(evidence_tpm.key(&ev, JUDGE_NONCE, &res) != 1, "empty");
	T(res.key == ATLS_BAD && res.why.rc == ATLS_E_TRUNC, "empty");
	evidence_tpm.instance(&ev, pin);
	T(pin[0] == '\0', "empty");
	v = judge_made(&o, aik);
	T(v.stage == PASSED, "good");
	v.res.why.rc = ATLS_OK;
	T(evidence_tpm.key(&v.res.claims, (struct atls_bytes){ NULL, 0 },
	    &v.res) != 1 && v.res.key == ATLS_BAD, "no AIK");
	T(v.res.why.rc == ATLS_E_BIND, "no AIK");
	v.res.why.rc = ATLS_OK;
	T(evidence_tpm.key(&v.res.claims, JUDGE_NONCE, &v.res) != 1 &&
	    v.res.key == ATLS_BAD, "not an AIK");
	T(v.res.why.rc == ATLS_E_FORMAT, "not an AIK");
	free(v.raw);
}

int
main(void)
{
	p256 = EVP_EC_gen("P-256");
	rsa = EVP_RSA_gen(2048);
	aik = EVP_EC_gen("P-256");
	test_structures();
	test_writer();
	test_unparsed();
	test_banks();
	test_selection();
	test_empty_nonce();
	test_hurt();
	EVP_PKEY_free(p256);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(aik);
	return t_end("t_tpm_bytes");
}
