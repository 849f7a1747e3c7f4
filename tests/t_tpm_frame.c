/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "../src/codec/hex.h"
#include "t.h"
#include "tpm_judge.h"

/*
 * The frame of the message, written by hand around parts that are good, with
 * one thing in it that is odd.
 */
enum odd {
	NOTHING, ALG_INT, ALG_NEGATIVE, ALG_TEXT, NO_VERSION, VERSION_BYTES,
	VERSION_LONG, KID_EMPTY, KID_33, KID_34, SIG_EMPTY, INFO_TEXT,
	PUB_IN_PAT, ATTEST_IN_KAT, INT_KEY, TOP_MEMBER, TOP_TWICE, EXT_MEMBER,
	CERT_NONE, CERT_EMPTY, CERT_TEXT, CERT_9, AK_EMPTY, BANK_TWICE,
	BANKS_5, BANKS_INDEFINITE, PCRS_TEXT, EXT_TEXT, KAT_TEXT, LONG_HEAD,
};

static const struct {
	const char	*what;
	enum odd	 odd;
	enum atls_rc	 rc;
} cases[] = {
	{ "nothing odd",		NOTHING,	ATLS_OK },
	{ "alg",			ALG_INT,	ATLS_OK },
	{ "alg, negative",		ALG_NEGATIVE,	ATLS_OK },
	{ "alg, text",			ALG_TEXT,	ATLS_E_FORMAT },
	{ "no tpmVer",			NO_VERSION,	ATLS_E_FORMAT },
	{ "tpmVer, octets",		VERSION_BYTES,	ATLS_E_FORMAT },
	{ "tpmVer 2.00",		VERSION_LONG,	ATLS_E_UNKNOWN },
	{ "kid, empty",			KID_EMPTY,	ATLS_E_FORMAT },
	{ "kid of 33",			KID_33,		ATLS_OK },
	{ "kid of 34",			KID_34,		ATLS_E_LIMIT },
	{ "sig, empty",			SIG_EMPTY,	ATLS_E_FORMAT },
	{ "certInfo, text",		INFO_TEXT,	ATLS_E_FORMAT },
	{ "pubArea in pat",		PUB_IN_PAT,	ATLS_E_FORMAT },
	{ "attestInfo in kat",		ATTEST_IN_KAT,	ATLS_E_FORMAT },
	{ "member 7",			INT_KEY,	ATLS_E_FORMAT },
	{ "unknown part",		TOP_MEMBER,	ATLS_E_FORMAT },
	{ "ext twice",			TOP_TWICE,	ATLS_E_FORMAT },
	{ "unknown member of ext",	EXT_MEMBER,	ATLS_E_FORMAT },
	{ "akCert []",			CERT_NONE,	ATLS_E_FORMAT },
	{ "akCert, empty",		CERT_EMPTY,	ATLS_E_FORMAT },
	{ "akCert, text",		CERT_TEXT,	ATLS_E_FORMAT },
	{ "akCert of nine",		CERT_9,		ATLS_E_LIMIT },
	{ "akPub, empty",		AK_EMPTY,	ATLS_E_FORMAT },
	{ "bank twice",			BANK_TWICE,	ATLS_E_FORMAT },
	{ "five banks",			BANKS_5,	ATLS_E_LIMIT },
	{ "indefinite pcrs",		BANKS_INDEFINITE, ATLS_E_FORMAT },
	{ "pcrs, text",			PCRS_TEXT,	ATLS_E_FORMAT },
	{ "ext, text",			EXT_TEXT,	ATLS_E_FORMAT },
	{ "kat, text",			KAT_TEXT,	ATLS_E_FORMAT },
	{ "head not the shortest",	LONG_HEAD,	ATLS_E_FORMAT },
};

static void
member(struct wr *w, const char *key, struct atls_bytes value)
{
	cbor_put_text(w, key);
	cbor_put_bstr(w, value);
}

static void
text(struct wr *w, const char *key, const char *value)
{
	cbor_put_text(w, key);
	cbor_put_text(w, value);
}

static void
put_kat(struct wr *w, enum odd odd, const struct atls_bytes *p)
{
	uint8_t kid[34] = { 1 };
	size_t n = odd == KID_EMPTY ? 0 : odd == KID_33 ? 33 : 34;
	bool alg = odd == ALG_INT || odd == ALG_NEGATIVE || odd == ALG_TEXT;

	cbor_put_map(w, (size_t)(5 - (odd == NO_VERSION) + alg +
	    (odd == ATTEST_IN_KAT) + (odd == INT_KEY)));
	if (odd == VERSION_BYTES)
		member(w, "tpmVer", (struct atls_bytes){
		    (const uint8_t *)"2.0", 3 });
	else if (odd != NO_VERSION)
		text(w, "tpmVer", odd == VERSION_LONG ? "2.00" : "2.0");
	if (alg) {
		cbor_put_text(w, "alg");
		if (odd == ALG_TEXT)
			cbor_put_text(w, "ES256");
		else
			cbor_put_int(w, odd == ALG_INT ? 7 : -65535);
	}
	member(w, "kid", odd == KID_EMPTY || odd == KID_33 || odd == KID_34 ?
	    (struct atls_bytes){ kid, n } : p[TPM_KAT_KID]);
	member(w, "sig", odd == SIG_EMPTY ? (struct atls_bytes){ NULL, 0 } :
	    p[TPM_KAT_SIG]);
	if (odd == INFO_TEXT)
		text(w, "certInfo", "x");
	else
		member(w, "certInfo", p[TPM_KAT_INFO]);
	member(w, "pubArea", p[TPM_KAT_PUB]);
	if (odd == ATTEST_IN_KAT)
		member(w, "attestInfo", p[TPM_PAT_INFO]);
	if (odd == INT_KEY) {
		cbor_put_uint(w, 7);
		cbor_put_uint(w, 7);
	}
}

static void
put_pat(struct wr *w, enum odd odd, const struct atls_bytes *p)
{
	cbor_put_map(w, (size_t)4 + (odd == PUB_IN_PAT));
	text(w, "tpmVer", "2.0");
	member(w, "kid", p[TPM_PAT_KID]);
	member(w, "sig", p[TPM_PAT_SIG]);
	member(w, "attestInfo", p[TPM_PAT_INFO]);
	if (odd == PUB_IN_PAT)
		member(w, "pubArea", p[TPM_KAT_PUB]);
}

static void
put_certs(struct wr *w, enum odd odd, struct atls_bytes der)
{
	size_t i, n = odd == CERT_NONE ? 0 : odd == CERT_9 ? 9 : 1;

	cbor_put_text(w, "akCert");
	cbor_put_array(w, n);
	for (i = 0; i < n; i++)
		if (odd == CERT_TEXT)
			cbor_put_text(w, "x");
		else
			cbor_put_bstr(w, odd == CERT_EMPTY ?
			    (struct atls_bytes){ NULL, 0 } : der);
}

static void
put_pcrs(struct wr *w, enum odd odd, struct atls_bytes pcrs)
{
	size_t i, n = odd == BANKS_5 ? 5 : odd == BANK_TWICE ? 2 : 1;
	struct rd r = rd_of(pcrs);
	struct atls_bytes one;

	(void)cbor_array(&r);
	one = cbor_item(&r);
	cbor_put_text(w, "pcrs");
	if (odd == PCRS_TEXT) {
		cbor_put_text(w, "x");
		return;
	}
	if (odd == BANKS_INDEFINITE)
		wr_be(w, 0x9f, 1);
	else
		cbor_put_array(w, n);
	for (i = 0; i < n; i++)
		wr_bytes(w, one);
	if (odd == BANKS_INDEFINITE)
		wr_be(w, 0xff, 1);
}

static void
put_ext(struct wr *w, enum odd odd, const struct atls_bytes *p)
{
	bool cert = odd == CERT_NONE || odd == CERT_EMPTY ||
	    odd == CERT_TEXT || odd == CERT_9;

	cbor_put_text(w, "ext");
	if (odd == EXT_TEXT) {
		cbor_put_text(w, "x");
		return;
	}
	cbor_put_map(w, (size_t)2 + cert + (odd == EXT_MEMBER));
	member(w, "akPub", odd == AK_EMPTY ? (struct atls_bytes){ NULL, 0 } :
	    p[TPM_AK_PUB]);
	if (cert)
		put_certs(w, odd, p[TPM_AK_PUB]);
	put_pcrs(w, odd, p[TPM_PCRS]);
	if (odd == EXT_MEMBER)
		member(w, "ekPub", p[TPM_AK_PUB]);
}

static void
put(struct wr *w, enum odd odd, const struct atls_bytes *p)
{
	size_t n = (size_t)3 + (odd == TOP_MEMBER) + (odd == TOP_TWICE);

	if (odd == LONG_HEAD)
		wr_be(w, 0xb800 | n, 2);
	else
		cbor_put_map(w, n);
	cbor_put_text(w, "kat");
	if (odd == KAT_TEXT)
		cbor_put_text(w, "x");
	else
		put_kat(w, odd, p);
	cbor_put_text(w, "pat");
	put_pat(w, odd, p);
	put_ext(w, odd, p);
	if (odd == TOP_TWICE)
		put_ext(w, odd, p);
	if (odd == TOP_MEMBER)
		member(w, "log", p[TPM_AK_PUB]);
}

/* PCR values alone, at their edges: [ + [ hashAlg, { + index => value } ] ]. */
#define D32 "5820" \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct {
	const char	*what, *hex;
	enum atls_rc	 rc;
	size_t		 claims;
} pcrs[] = {
	{ "PCR 0",		"81820ba100" D32, ATLS_OK, 1 },
	{ "PCRs 23 and 24",	"81820ba217" D32 "1818" D32, ATLS_OK, 1 },
	{ "PCR 31",		"81820ba1181f" D32, ATLS_OK, 0 },
	{ "PCR 32",		"81820ba11820" D32, ATLS_E_LIMIT, 0 },
	{ "PCR 33",		"81820ba11821" D32, ATLS_E_LIMIT, 0 },
	{ "PCR 2^63",		"81820ba11b8000000000000000" D32,
	    ATLS_E_LIMIT, 0 },
	{ "PCR -1",		"81820ba120" D32, ATLS_E_FORMAT, 0 },
	{ "PCRs that fall",	"81820ba201" D32 "00" D32, ATLS_E_FORMAT, 0 },
	{ "PCR twice",		"81820ba201" D32 "01" D32, ATLS_E_FORMAT, 0 },
	{ "no PCR",		"81820ba0", ATLS_E_FORMAT, 0 },
	{ "no bank",		"80", ATLS_E_FORMAT, 0 },
	{ "bank twice",		"82820ba100" D32 "820ba101" D32,
	    ATLS_E_FORMAT, 0 },
	{ "bank of SM3",	"818212a100" D32, ATLS_E_UNKNOWN, 0 },
	{ "bank 2^16 + 11",	"81821a0001000ba100" D32, ATLS_E_UNKNOWN, 0 },
	{ "a shorter value",	"81820ca100" D32, ATLS_E_FORMAT, 0 },
};

static void
test_pcrs(void)
{
	size_t i;

	for (i = 0; i < NITEMS(pcrs); i++) {
		struct atls_evidence ev = { .kind = ATLS_KIND_TPM };
		struct atls_err err = { .rc = ATLS_OK };
		uint8_t b[128];
		struct atls_buf out = { b, sizeof(b), 0 };
		struct wr w = wr_of(&out);
		enum atls_rc rc;

		hex_get(&w, (struct atls_bytes){ (const uint8_t *)pcrs[i].hex,
		    strlen(pcrs[i].hex) });
		T(wr_done(&w) == ATLS_OK, "%s", pcrs[i].what);
		rc = tpm_claim_pcrs(&ev, (struct atls_bytes){ b, out.len }, 0,
		    &err);
		T(rc == pcrs[i].rc && (rc != ATLS_OK || ev.nclaim ==
		    pcrs[i].claims), "%s: %s, %zu claims", pcrs[i].what,
		    atls_rc_name(rc), ev.nclaim);
	}
}

int
main(void)
{
	EVP_PKEY *ak = EVP_EC_gen("P-256"), *aik = EVP_EC_gen("P-256");
	struct tpm_make_opts o = { .ak = ak };
	struct verdict v = judge_made(&o, aik);
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		uint8_t *b = malloc(TPM_MAKE_MAX);
		struct atls_buf out = { b, TPM_MAKE_MAX, 0 };
		struct wr w = wr_of(&out);
		struct atls_err err = { .rc = ATLS_OK };
		struct atls_evidence ev;

		put(&w, cases[i].odd, v.res.claims.part);
		T(wr_done(&w) == ATLS_OK, "%s", cases[i].what);
		b = realloc(b, out.len);
		T(atls_evidence_parse(&ev, ATLS_KIND_TPM, (struct atls_bytes){
		    b, out.len }, NULL, &err) == cases[i].rc, "%s: %s %s",
		    cases[i].what, atls_rc_name(err.rc), err.where);
		T(err.rc == cases[i].rc, "%s", cases[i].what);
		T(cases[i].rc == ATLS_OK ? ev.nclaim == 8 + 8 :
		    ev.nclaim == 0 && ev.raw.p == NULL, "%s: %zu claims",
		    cases[i].what, ev.nclaim);
		free(b);
	}
	free(v.raw);
	EVP_PKEY_free(ak);
	EVP_PKEY_free(aik);
	test_pcrs();
	return t_end("t_tpm_frame");
}
