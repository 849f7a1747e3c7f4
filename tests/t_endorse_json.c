/* SPDX-License-Identifier: Apache-2.0 */
/* The text of TCB info and identities: what is read, what is refused, where
 * the signed octets begin and end. */
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "../src/codec/date.h"
#include "../src/codec/pem.h"
#include "../src/crypto/cert.h"
#include "../src/endorse/intel_doc.h"
#include "heap.h"
#include "intel_make.h"
#include "t.h"

static struct made *m;

/* The good document with one thing changed; not signed anew, for it is only
 * put in. */
static const struct {
	const char	*what;
	enum atls_item	 item;
	const char	*was, *is;
	enum atls_rc	 rc;
} cases[] = {
	{ "as it is", ATLS_TCB_INFO, "{", "{", ATLS_OK },
	{ "a member more", ATLS_TCB_INFO, "\"tcbType\":0",
	    "\"tcbType\":0,\"next\":[true,null,1.5,{}]", ATLS_OK },
	{ "space", ATLS_TCB_INFO, "{\"tcbInfo\":", " {\t\"tcbInfo\" :\r\n ",
	    ATLS_OK },
	{ "SVN 255", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":255", ATLS_OK },
	{ "PCESVN 65535", ATLS_TCB_INFO, "\"pcesvn\":13", "\"pcesvn\":65535",
	    ATLS_OK },

	{ "SVN 256", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":256",
	    ATLS_E_LIMIT },
	{ "SVN negative", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":-1",
	    ATLS_E_LIMIT },
	{ "SVN a fraction", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":5.0",
	    ATLS_E_FORMAT },
	{ "SVN in powers", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":5e0",
	    ATLS_E_FORMAT },
	{ "SVN with sign", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":+5",
	    ATLS_E_FORMAT },
	{ "SVN with zero", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":05",
	    ATLS_E_FORMAT },
	{ "SVN in quotes", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":\"5\"",
	    ATLS_E_FORMAT },
	{ "SVN null", ATLS_TCB_INFO, "\"svn\":5", "\"svn\":null",
	    ATLS_E_FORMAT },
	{ "SVN over 64 bits", ATLS_TCB_INFO, "\"svn\":5",
	    "\"svn\":18446744073709551621", ATLS_E_FORMAT },
	{ "SVN over 32 bits", ATLS_TCB_INFO, "\"svn\":5",
	    "\"svn\":4294967301", ATLS_E_LIMIT },
	{ "no SVN", ATLS_TCB_INFO, "\"svn\":5", "\"sVn\":5", ATLS_E_FORMAT },
	{ "PCESVN 65536", ATLS_TCB_INFO, "\"pcesvn\":13", "\"pcesvn\":65536",
	    ATLS_E_LIMIT },
	{ "PCESVN negative", ATLS_TCB_INFO, "\"pcesvn\":13", "\"pcesvn\":-1",
	    ATLS_E_LIMIT },
	{ "17 components", ATLS_TCB_INFO, "[{\"svn\":5}",
	    "[{\"svn\":0},{\"svn\":5}", ATLS_E_FORMAT },
	{ "15 components", ATLS_TCB_INFO, "[{\"svn\":5},", "[",
	    ATLS_E_FORMAT },
	{ "a component that is a number", ATLS_TCB_INFO, "[{\"svn\":5}",
	    "[5", ATLS_E_FORMAT },
	{ "no TDX components", ATLS_TCB_INFO, "tdxtcbcomponents",
	    "tdxtcbcomponentS", ATLS_E_FORMAT },

	{ "duplicate name", ATLS_TCB_INFO, "\"tcbType\":0",
	    "\"tcbType\":0,\"tcbType\":0", ATLS_E_FORMAT },
	{ "duplicate name, one escaped", ATLS_TCB_INFO, "\"tcbType\":0",
	    "\"tcbType\":0,\"tcb\\u0054ype\":0", ATLS_E_FORMAT },
	{ "two documents", ATLS_TCB_INFO, "\"signature\":",
	    "\"tcbInfo\":{},\"signature\":", ATLS_E_FORMAT },
	{ "two documents, one escaped", ATLS_TCB_INFO, "\"signature\":",
	    "\"\\u0074cbInfo\":{},\"signature\":", ATLS_E_FORMAT },
	{ "name of the document escaped", ATLS_TCB_INFO, "{\"tcbInfo\"",
	    "{\"\\u0074cbInfo\"", ATLS_E_FORMAT },
	{ "two signatures", ATLS_TCB_INFO, "\"signature\":",
	    "\"signature\":\"\",\"signature\":", ATLS_E_FORMAT },
	{ "no signature", ATLS_TCB_INFO, "\"signature\":", "\"signed\":",
	    ATLS_E_FORMAT },
	{ "long signature", ATLS_TCB_INFO, "\"signature\":\"",
	    "\"signature\":\"00", ATLS_E_FORMAT },
	{ "signature of g", ATLS_TCB_INFO, "\"signature\":\"",
	    "\"signature\":\"g", ATLS_E_FORMAT },
	{ "no document", ATLS_TCB_INFO, "{\"tcbInfo\"", "{\"tcbinfo\"",
	    ATLS_E_FORMAT },
	{ "a list", ATLS_TCB_INFO, "{\"tcbInfo\"", "[{\"tcbInfo\"",
	    ATLS_E_FORMAT },
	{ "NUL in a string", ATLS_TCB_INFO, "\"UpToDate\"",
	    "\"UpToDate\\u0000\"", ATLS_E_FORMAT },
	{ "comment", ATLS_TCB_INFO, "{", "/**/{", ATLS_E_FORMAT },
	{ "mark", ATLS_TCB_INFO, "{", "\xef\xbb\xbf{", ATLS_E_FORMAT },
	{ "not UTF-8", ATLS_TCB_INFO, "\"tcbType\":0",
	    "\"tcbType\":0,\"a\":\"\xff\"", ATLS_E_FORMAT },

	{ "version 1", ATLS_TCB_INFO, "\"version\":3", "\"version\":1",
	    ATLS_E_UNKNOWN },
	{ "version 4", ATLS_TCB_INFO, "\"version\":3", "\"version\":4",
	    ATLS_E_UNKNOWN },
	{ "version 2, fields of 3", ATLS_TCB_INFO, "\"version\":3",
	    "\"version\":2", ATLS_E_FORMAT },
	{ "no version", ATLS_TCB_INFO, "\"version\":3,", "", ATLS_E_FORMAT },
	{ "identity of version 1", ATLS_QE_IDENTITY, "\"version\":2",
	    "\"version\":1", ATLS_E_UNKNOWN },
	{ "another TEE", ATLS_TCB_INFO, "\"TDX\"", "\"TEE\"",
	    ATLS_E_UNKNOWN },
	{ "another type", ATLS_TCB_INFO, "\"tcbType\":0", "\"tcbType\":1",
	    ATLS_E_UNKNOWN },
	{ "QVE", ATLS_QE_IDENTITY, "\"TD_QE\"", "\"QVE\"", ATLS_E_UNKNOWN },
	{ "status", ATLS_TCB_INFO, "\"SWHardeningNeeded\"",
	    "\"SWHardening\"", ATLS_E_UNKNOWN },
	{ "status in lower case", ATLS_TCB_INFO, "\"SWHardeningNeeded\"",
	    "\"swhardeningneeded\"", ATLS_E_UNKNOWN },
	{ "status of platforms, of a module", ATLS_TCB_INFO, "\"UpToDate\"",
	    "\"SWHardeningNeeded\"", ATLS_E_UNKNOWN },
	{ "status of platforms, of a QE", ATLS_QE_IDENTITY, "\"UpToDate\"",
	    "\"ConfigurationNeeded\"", ATLS_E_UNKNOWN },
	{ "status that is given", ATLS_TCB_INFO, "\"SWHardeningNeeded\"",
	    "\"TDRelaunchAdvised\"", ATLS_E_UNKNOWN },

	{ "FMSPC of five", ATLS_TCB_INFO, "\"B0C06F000000\"",
	    "\"B0C06F0000\"", ATLS_E_FORMAT },
	{ "FMSPC of seven", ATLS_TCB_INFO, "\"B0C06F000000\"",
	    "\"B0C06F00000000\"", ATLS_E_FORMAT },
	{ "FMSPC of g", ATLS_TCB_INFO, "\"B0C06F000000\"",
	    "\"B0C06F00000g\"", ATLS_E_FORMAT },
	{ "PCEID a number", ATLS_TCB_INFO, "\"pceId\":\"0000\"",
	    "\"pceId\":0", ATLS_E_FORMAT },
	{ "evaluation -1", ATLS_TCB_INFO, "Number\":17", "Number\":-1",
	    ATLS_E_LIMIT },
	{ "evaluation 2^31", ATLS_TCB_INFO, "Number\":17",
	    "Number\":2147483648", ATLS_E_LIMIT },
	{ "no evaluation", ATLS_TCB_INFO, "Number\":17", "numbeR\":17",
	    ATLS_E_FORMAT },
	{ "module without version", ATLS_TCB_INFO, "TDX_03", "TDX_00",
	    ATLS_E_FORMAT },
	{ "module of three digits", ATLS_TCB_INFO, "TDX_03", "TDX_003",
	    ATLS_E_FORMAT },
	{ "module of digits 031", ATLS_TCB_INFO, "TDX_03", "TDX_031",
	    ATLS_E_FORMAT },
	{ "module without a digit", ATLS_TCB_INFO, "TDX_03", "TDX_G3",
	    ATLS_E_FORMAT },
	{ "module with half a digit", ATLS_TCB_INFO, "TDX_03", "TDX_3G",
	    ATLS_E_FORMAT },
	{ "module of something else", ATLS_TCB_INFO, "TDX_03", "TDY_03",
	    ATLS_E_FORMAT },
	{ "two modules of one version", ATLS_TCB_INFO, "TDX_03", "TDX_01",
	    ATLS_E_FORMAT },
	{ "no module", ATLS_TCB_INFO, "\"tdxModule\":", "\"tdxmodule\":",
	    ATLS_E_FORMAT },
	{ "modules that are none", ATLS_TCB_INFO,
	    "\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":[7,",
	    ATLS_E_FORMAT },
	{ "no levels", ATLS_TCB_INFO, "\"tcbLevels\":[{\"tcb\":{\"sgx",
	    "\"tcbLevels\":[],\"x\":[{\"tcb\":{\"sgx", ATLS_E_LIMIT },
	{ "a level that is none", ATLS_TCB_INFO,
	    "\"tcbLevels\":[{\"tcb\":{\"sgx",
	    "\"tcbLevels\":[null,{\"tcb\":{\"sgx", ATLS_E_FORMAT },
	{ "advisory too long", ATLS_TCB_INFO, "INTEL-SA-00001",
	    "INTEL-SA-000000000000001", ATLS_E_FORMAT },
	{ "advisory of nothing", ATLS_TCB_INFO, "INTEL-SA-00001", "",
	    ATLS_E_FORMAT },
	{ "advisory with an escape", ATLS_TCB_INFO, "INTEL-SA-00001",
	    "\\u001b[2J", ATLS_E_FORMAT },
	{ "advisory a number", ATLS_TCB_INFO, "\"INTEL-SA-00001\"", "1",
	    ATLS_E_FORMAT },
	{ "advisories no list", ATLS_TCB_INFO, "[\"INTEL-SA-00001\"]",
	    "\"INTEL-SA-00001\"", ATLS_E_FORMAT },

	{ "ends as it begins", ATLS_TCB_INFO, "2025-10-31", "2025-10-01",
	    ATLS_E_FORMAT },
	{ "ends before", ATLS_TCB_INFO, "2025-10-31", "2025-09-30",
	    ATLS_E_FORMAT },
	{ "30th of February", ATLS_TCB_INFO, "2025-10-31", "2026-02-30",
	    ATLS_E_FORMAT },
	{ "date alone", ATLS_TCB_INFO, "2025-10-31T00:00:00Z", "2025-10-31",
	    ATLS_E_FORMAT },
	{ "date of a level", ATLS_TCB_INFO, "2023-08-09T", "2023-8-09T",
	    ATLS_E_FORMAT },
	{ "no end", ATLS_QE_IDENTITY, "nextUpdate", "nextupdate",
	    ATLS_E_FORMAT },
	{ "QE's mask", ATLS_QE_IDENTITY, "\"FFFFFFFF\"", "\"FFFFFF\"",
	    ATLS_E_FORMAT },
	{ "QE's product", ATLS_QE_IDENTITY, "\"isvprodid\":2",
	    "\"isvprodid\":65536", ATLS_E_LIMIT },
	{ "QE's level", ATLS_QE_IDENTITY, "\"isvsvn\":4", "\"isvsvn\":65536",
	    ATLS_E_LIMIT },
};

static enum atls_rc
put(enum atls_item item, struct atls_bytes b, struct atls_err *err)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_bytes in = copy(b);
	enum atls_rc rc = atls_collateral_put(c, item, in, err);

	drop(in);
	atls_collateral_free(c);
	return rc;
}

static void
t_cases(void)
{
	struct atls_err err;
	enum atls_rc rc;
	char *text;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		text = made_with(m->good[cases[i].item], cases[i].was,
		    cases[i].is);
		err = (struct atls_err){ .rc = ATLS_OK };
		rc = put(cases[i].item, pki_view(text), &err);
		T(rc == cases[i].rc && err.rc == rc, "%s: %s %s",
		    cases[i].what, atls_rc_name(rc), err.detail);
		free(text);
	}
}

static void
t_prefixes(enum atls_item item)
{
	struct atls_bytes all = pki_view(m->good[item]);
	size_t i;

	for (i = 0; i < all.len; i++)
		T(put(item, (struct atls_bytes){ all.p, i }, NULL) !=
		    ATLS_OK, "%s, %zu octets", atls_item_name(item), i);
}

static void
t_spans(void)
{
	static const struct {
		const char	*text, *span;
	} rows[] = {
		{ "{\"a\":{}}", "{}" },
		{ " { \"a\" : {\"b\":[1,{\"a\":2}]} , \"c\":1}",
		    "{\"b\":[1,{\"a\":2}]}" },
		{ "{\"b\":{\"a\":{\"no\":1}},\"a\":{\"yes\":1}}",
		    "{\"yes\":1}" },
		{ "{\"b\":\"a\",\"a\":{\"yes\":1}}", "{\"yes\":1}" },
		{ "{\"b\":[\"a\",{\"a\":{}}],\"a\":{\"yes\":1}}",
		    "{\"yes\":1}" },
		{ "{\"b\":\"\\\"a\\\":{}\",\"a\":{\"yes\":1}}",
		    "{\"yes\":1}" },
		{ "{\"b\":\"\\\\\",\"a\":{\"}\":\"{\\\"\"}}",
		    "{\"}\":\"{\\\"\"}" },
		{ "{\"b\":\"{[\",\"a\":{\"x\":\"]}\"}}", "{\"x\":\"]}\"}" },
		{ "{\"\\u0061\":{}}", "" },
		{ "{\"b\":{\"a\":{}}}", "" },
		{ "[\"a\",{}]", "" },
		{ "[[\"a\",{}]]", "" },
		{ "{\"a\":1,\"b\":{}}", "" },
		{ "{\"a\":\"a\",\"b\":{}}", "" },
		{ "{\"A\":{}}", "" },
		{ "{\"aa\":{}}", "" },
		{ "{}", "" },
	};
	struct atls_bytes in, got;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		in = text(rows[i].text);
		got = intel_span(in, "a");
		T(atls_ct_eq(got, pki_view(rows[i].span)), "%s: %.*s",
		    rows[i].text, (int)got.len, (const char *)got.p);
		drop(in);
	}
}

/* What would cost memory or time is refused before it does. */
static void
t_large(void)
{
	static char large[10 * 1024 * 1024];
	struct atls_bytes all = { (const uint8_t *)large, sizeof(large) };
	struct atls_bytes most = { all.p, INTEL_JSON_MAX };
	char *levels, *body;
	clock_t begin = clock();
	size_t i, n;

	memset(large, '[', sizeof(large));
	T(put(ATLS_TCB_INFO, all, NULL) == ATLS_E_LIMIT, "10 MB");
	T(put(ATLS_TCB_INFO, (struct atls_bytes){ all.p, most.len + 1 },
	    NULL) == ATLS_E_LIMIT, "one octet too many");
	T(put(ATLS_TCB_INFO, most, NULL) == ATLS_E_FORMAT, "deep");
	memset(large, ' ', sizeof(large));
	T(put(ATLS_TCB_INFO, most, NULL) == ATLS_E_FORMAT, "space");
	for (i = 0; i < sizeof(large); i++)
		large[i] = i % 2 == 0 ? '0' : ',';
	large[0] = '[';
	large[most.len - 1] = ']';
	T(put(ATLS_TCB_INFO, most, NULL) == ATLS_E_FORMAT, "many");
	T(clock() - begin < 10 * CLOCKS_PER_SEC, "all in little time");

	/* as many levels as there may be, and one more */
	for (n = INTEL_LEVELS_MAX; n <= INTEL_LEVELS_MAX + 1; n++) {
		levels = calloc(n, 90);
		if (levels == NULL)
			abort();
		(void)strcpy(levels, "\"tcbLevels\":[");
		for (i = 2; i < n; i++)
			(void)strcat(levels, "{\"tcb\":{\"isvsvn\":9},"
			    "\"tcbDate\":\"2024-03-13T00:00:00Z\","
			    "\"tcbStatus\":\"UpToDate\"},");
		body = made_with(m->good[ATLS_QE_IDENTITY],
		    "\"tcbLevels\":[", levels);
		T(put(ATLS_QE_IDENTITY, pki_view(body), NULL) ==
		    (n > INTEL_LEVELS_MAX ? ATLS_E_LIMIT : ATLS_OK),
		    "%zu levels", n);
		free(body);
		free(levels);
	}
}

static void
t_dates(void)
{
	static const struct {
		const char	*text;
		int64_t		 at;	/* -1: none */
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2000-02-29T23:59:59Z", 951868799 },
		{ "2025-06-19T10:16:03Z", 1750328163 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "1969-12-31T23:59:59Z", -1 }, { "0000-01-01T00:00:00Z", -1 },
		{ "2025-02-29T00:00:00Z", -1 }, { "2100-02-29T00:00:00Z", -1 },
		{ "2025-13-01T00:00:00Z", -1 }, { "2025-00-01T00:00:00Z", -1 },
		{ "2025-04-31T00:00:00Z", -1 }, { "2025-04-00T00:00:00Z", -1 },
		{ "2025-06-19T24:00:00Z", -1 }, { "2025-06-19T00:60:00Z", -1 },
		{ "2025-06-19T23:59:60Z", -1 }, { "2025-06-19 10:16:03Z", -1 },
		{ "2025-06-19T10:16:03", -1 }, { "2025-06-19T10:16:03z", -1 },
		{ "2025-06-19T10:16:03+00:00", -1 }, { "", -1 },
		{ "2025-06-19T10:16:03.0Z", -1 }, { "2025-6-19T10:16:03Z", -1 },
		{ "+025-06-19T10:16:03Z", -1 }, { "25-06-19T10:16:03Z", -1 },
		{ "2025-06-19T10:16:03ZZ", -1 },
		{ "99999-01-01T00:00:00Z", -1 },
		{ " 025-06-19T10:16:03Z", -1 },
		{ "2025-06-1\xb9T10:16:03Z", -1 },
	};
	uint8_t out[DATE_LEN];
	struct atls_buf b = { out, sizeof(out), 0 };
	struct atls_bytes in;
	int64_t at;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		struct wr w = wr_of(&b);
		bool ok;

		in = text(rows[i].text);
		ok = date_read(in, &at);
		T(ok == (rows[i].at >= 0) && at == (ok ? rows[i].at : 0),
		    "%s: %lld", rows[i].text, (long long)at);
		if (!ok) {
			drop(in);
			continue;
		}
		date_put(&w, at);
		T(wr_done(&w) == ATLS_OK && atls_ct_eq((struct atls_bytes){
		    out, b.len }, in), "%s written", rows[i].text);
		drop(in);
	}
}

static void
t_der_dates(void)
{
	static const struct {
		const char	*hex;
		int64_t		 at;
		enum atls_rc	 rc;
	} rows[] = {
		{ "170d3235303631393130313630335a", 1750328163, ATLS_OK },
		{ "180f32303235303631393130313630335a", 1750328163, ATLS_OK },
		{ "170d3439313233313233353935395a", 2524607999, ATLS_OK },
		{ "170d3530303130313030303030305a", -631152000, ATLS_OK },
		{ "180f39393939313233313233353935395a", 253402300799,
		    ATLS_OK },
		{ "170b323530363139313031365a", 0, ATLS_E_FORMAT },
		{ "170d3235303233303130313630335a", 0, ATLS_E_FORMAT },
		{ "170d3235303631393130313630335b", 0, ATLS_E_FORMAT },
		{ "160d3235303631393130313630335a", 0, ATLS_E_FORMAT },
		{ "170e3235303631393130313630335a5a", 0, ATLS_E_TRAIL },
		{ "170c32353036313931303136305a", 0, ATLS_E_FORMAT },
	};
	struct atls_bytes in;
	struct rd r;
	int64_t at;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		in = hex(rows[i].hex);
		r = rd_of(in);
		at = date_der(&r);
		T(rd_done(&r) == rows[i].rc && at == rows[i].at,
		    "%s: %d, %lld", rows[i].hex, (int)rd_done(&r),
		    (long long)at);
		drop(in);
	}
}

static struct atls_bytes
file(const char *dir, const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	static uint8_t b[65536];
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s/%s",
	    root != NULL ? root : "tests/vectors", dir, name);
	if ((f = fopen(path, "rb")) == NULL)
		return (struct atls_bytes){ NULL, 0 };
	n = fread(b, 1, sizeof(b), f);
	(void)fclose(f);
	return (struct atls_bytes){ b, n };
}

/* Of an identity's body, by the key of the TCB signing certificate of then. */
static enum atls_rc
verify(struct atls_bytes in)
{
	static uint8_t pem[8192];
	struct atls_buf out = { pem, sizeof(pem), 0 }, sig;
	struct atls_bytes der[2], chain;
	struct crypto_cert cert;
	struct crypto_key *key = NULL;
	struct intel_doc *d = NULL;
	uint8_t b[80];
	enum atls_rc rc;
	struct rd r;

	if (intel_doc_read(in, true, &d, NULL) != ATLS_OK)
		return ATLS_E_FORMAT;
	r = rd_of(ATLS_ARRAY(d->signature));
	sig = (struct atls_buf){ b, sizeof(b), 0 };
	rc = crypto_ecdsa_der(rd_take(&r, 32), (struct atls_bytes){
	    d->signature + 32, 32 }, &sig);
	T(rc == ATLS_OK, "signature");
	in = copy(d->body);		/* the file's buffer is used again */
	chain = file("sgx/collateral", "tcb-sign-chain-2018.pem");
	r = rd_of(chain);
	T(pem_get(&r, PEM_CERT, &out, der, 2) > 0 &&
	    crypto_cert_read(der[0], &cert) == ATLS_OK &&
	    crypto_key_spki(cert.spki, &key) == ATLS_OK, "key");
	rc = crypto_verify(key, ATLS_ECDSA_P256_SHA256, in,
	    (struct atls_bytes){ b, sig.len });
	drop(in);
	crypto_key_free(key);
	intel_doc_free(d);
	return rc;
}

/*
 * Others' negative vectors.  Those that other parsers take, tcbInfo.json and
 * tcbInfo_with_pceid.json, are of version 1, which has no evaluation number
 * and names no component: E_UNKNOWN.
 */
static void
t_vectors(const char *dir)
{
	const char *root = getenv("ATLS_VECTORS");
	const struct dirent *e;
	enum atls_rc rc, as_qe;
	struct atls_bytes b;
	char path[512];
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    root != NULL ? root : "tests/vectors", dir);
	d = opendir(path);
	T(d != NULL, "%s", path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		b = file(dir, e->d_name);
		rc = put(ATLS_TCB_INFO, b, NULL);
		as_qe = put(ATLS_QE_IDENTITY, b, NULL);
		T(b.len > 0 && rc != ATLS_OK, "%s: %s", e->d_name,
		    atls_rc_name(rc));
		/* one is well formed: its signature is not good */
		T(as_qe != ATLS_OK || verify(b) == ATLS_E_SIG, "%s",
		    e->d_name);
		if (strncmp(e->d_name, "tcbInfo_", 8) == 0 ||
		    strcmp(e->d_name, "tcbInfo.json") == 0)
			T(rc == ATLS_E_UNKNOWN, "%s: %s", e->d_name,
			    atls_rc_name(rc));
		n++;
	}
	if (d != NULL)
		(void)closedir(d);
	T(n >= 3, "%s: %zu files", dir, n);
}

/* All that Intel has signed and we have is read, of version 2, too; only
 * version 1 is not. */
static void
t_real(const char *dir)
{
	const char *root = getenv("ATLS_VECTORS");
	const struct dirent *e;
	enum atls_rc rc;
	char path[512];
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    root != NULL ? root : "tests/vectors", dir);
	d = opendir(path);
	T(d != NULL, "%s", path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		bool qe = strncmp(e->d_name, "qeid-", 5) == 0;

		if (!qe && strncmp(e->d_name, "tcb-sgx-", 8) != 0 &&
		    strncmp(e->d_name, "tcb-tdx-", 8) != 0)
			continue;
		rc = put(qe ? ATLS_QE_IDENTITY : ATLS_TCB_INFO, file(dir,
		    e->d_name), NULL);
		T(rc == (strstr(e->d_name, "-v1") != NULL ? ATLS_E_UNKNOWN :
		    ATLS_OK), "%s: %s", e->d_name, atls_rc_name(rc));
		n++;
	}
	if (d != NULL)
		(void)closedir(d);
	T(n > 15, "%s: %zu files", dir, n);
}

int
main(void)
{
	m = made_new();
	t_cases();
	t_prefixes(ATLS_TCB_INFO);
	t_prefixes(ATLS_QE_IDENTITY);
	t_spans();
	t_large();
	t_dates();
	t_der_dates();
	T(verify(file("sgx/collateral", "qeid-qe-20200512-e8.json")) ==
	    ATLS_OK, "before it was altered");
	t_vectors("sgx/parser-tcbinfo");
	t_vectors("sgx/negative");
	t_real("sgx/collateral");
	t_real("tdx/collateral");
	made_free(m);
	return t_end("t_endorse_json");
}
