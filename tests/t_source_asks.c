/* SPDX-License-Identifier: Apache-2.0 */
/* The network source: whom it asks for what, and what it keeps. */
#include "../collateral/file.h"
#include "source_net.h"

static void
test_all(void)
{
	static const char *const paths[] = { PATH_TCB, PATH_QE, PATH_CRL,
	    PATH_ROOT };
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s = anew(NULL);
	struct atls_err err = { 0 };
	size_t i;

	T(atls_source_get(s, c, source_needs, NNEEDS, NOW, &err) == ATLS_OK,
	    "%s", err.detail);
	for (i = 0; i < NNEEDS; i++)
		T(src_has(c, &source_needs[i], NOW), "%s",
		    atls_item_name(source_needs[i].item));
	for (i = 0; i < NITEMS(paths); i++)
		T(httpd_count(w.h, paths[i]) == 1, "%s: %u", paths[i],
		    httpd_count(w.h, paths[i]));
	T(httpd_count(w.h, NULL) == NITEMS(paths), "%u",
	    httpd_count(w.h, NULL));
	T(strstr(said, PATH_TCB ": 3089 octets") != NULL, "%s", said);
	atls_collateral_free(c);

	/* another store, later: from memory */
	c = atls_collateral_new();
	T(atls_source_get(s, c, source_needs, NNEEDS, NOW + 86400, &err) ==
	    ATLS_OK && httpd_count(w.h, NULL) == NITEMS(paths), "%u",
	    httpd_count(w.h, NULL));
	T(atls_source_all(s, c, &err) == ATLS_OK, "%s", err.detail);
	atls_collateral_free(c);
	atls_source_free(s);
}

/* A chain alone comes with what carries it. */
static void
test_chain_alone(void)
{
	struct atls_err err;
	struct atls_collateral_source *s;
	struct httpd_page sgx = { PATH_QE_SGX, 200, w.qe_header, w.qe,
	    HTTPD_FINE };

	source_world_again(&w);
	httpd_put(w.h, &sgx);
	s = anew(NULL);
	T(get(s, NEED_TCB_CHAIN, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(get(s, NEED_CRL_CHAIN, NOW, &err) == ATLS_OK, "%s", err.detail);
	T(httpd_count(w.h, NULL) == 2, "%u", httpd_count(w.h, NULL));
	atls_source_free(s);
}

static void
test_cache(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;
	char dir[128], path[FILE_PATH_MAX];
	size_t i, n;
	int pass;

	(void)snprintf(dir, sizeof(dir), "%s/cache", w.dir);
	for (pass = 0; pass < 3; pass++) {
		source_world_again(&w);
		if (pass > 0)		/* no network any more */
			httpd_free(w.h);
		s = anew(dir);
		for (i = 0; i < NNEEDS; i++)
			T(get(s, (int)i, NOW + pass * 86400, &err) == ATLS_OK,
			    "pass %d: %s: %s", pass,
			    atls_item_name(source_needs[i].item), err.detail);
		if (pass == 2) {
			/* to its own end, and not a second longer */
			T(get(s, NEED_TCB, 1752920162, &err) == ATLS_OK,
			    "last: %s", err.detail);
			T(get(s, NEED_TCB, 1752920163, &err) == ATLS_E_IO,
			    "beyond: %d %s", (int)err.rc, err.detail);
			T(strstr(err.detail, "again 2025-07-19T10:16:08Z") !=
			    NULL && strstr(err.detail, "127.0.0.1") != NULL,
			    "%s", err.detail);
		}
		atls_source_free(s);
		if (pass > 0 && (w.h = httpd_new()) == NULL)
			abort();
	}

	/* what is in the cache is not trusted */
	source_world_again(&w);
	T(file_place(dir, &source_needs[NEED_TCB], path, &n, NULL) == ATLS_OK
	    && file_write(path, w.qe, NULL) == ATLS_OK, "%s", path);
	T(file_place(dir, &source_needs[NEED_CRL], path, &n, NULL) == ATLS_OK
	    && file_write(path, w.root, NULL) == ATLS_OK, "%s", path);
	s = anew(dir);
	T(get(s, NEED_TCB, NOW, &err) == ATLS_OK && get(s, NEED_CRL, NOW,
	    &err) == ATLS_OK && httpd_count(w.h, PATH_TCB) == 1 &&
	    httpd_count(w.h, PATH_CRL) == 1, "%s: %u %u", err.detail,
	    httpd_count(w.h, PATH_TCB), httpd_count(w.h, PATH_CRL));
	T(get(s, NEED_QE, NOW, &err) == ATLS_OK &&
	    httpd_count(w.h, PATH_QE) == 0, "the rest is still there");
	atls_source_free(s);
}

static void
test_hostile_keys(void)
{
	static const struct atls_need needs[] = {
		{ ATLS_TCB_INFO, "tdx:b0c06f00000" },
		{ ATLS_TCB_INFO, "tdx:b0c06f0000000" },
		{ ATLS_TCB_INFO, "tdx:B0C06F000000" },
		{ ATLS_TCB_INFO, "tdx:../../../../x" },
		{ ATLS_TCB_INFO, "tdx:b0c06f00000&" },
		{ ATLS_TCB_INFO, "tdx:" }, { ATLS_TCB_INFO, "tdx" },
		{ ATLS_TCB_INFO, "tdy:b0c06f000000" }, { ATLS_TCB_INFO, "" },
		{ ATLS_TCB_INFO_EARLY, "sgx:b0c06f00000 " },
		{ ATLS_QE_IDENTITY, "qve" }, { ATLS_QE_IDENTITY, "tdx:1" },
		{ ATLS_PCK_CRL, "platform&a=b" }, { ATLS_PCK_CRL, "" },
		{ ATLS_VLEK, "?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=115" },
		{ ATLS_VCEK, "?blSPL=3" }, { ATLS_VCEK, "" },
		{ ATLS_VCEK, "00112233445566778?blSPL=3" },
		{ ATLS_VCEK, "0011223344556677" },
		{ ATLS_VCEK, "0011223344556677?" },
		{ ATLS_VCEK, "0011223344556677?blSPL=3#x" },
		{ ATLS_VCEK, "0011223344556677/../?blSPL=3" },
		{ ATLS_VCEK, "001122334455667G?blSPL=3" },
		{ ATLS_ASK, "rome" }, { ATLS_ASK, "milan/.." },
		{ ATLS_ASK, "milan:" }, { ATLS_ASK, "milan:vcek" },
		{ ATLS_ARK, "" }, { ATLS_AMD_CRL, "Milan" },
		{ ATLS_ITEM_NONE, "" }, { ATLS_NITEMS, "" },
	};
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;

	source_world_again(&w);
	s = anew(NULL);
	for (i = 0; i < NITEMS(needs); i++) {
		err = (struct atls_err){ 0 };
		T(atls_source_get(s, c, &needs[i], 1, NOW, &err) ==
		    ATLS_E_UNKNOWN, "%d '%s': %d %s", (int)needs[i].item,
		    needs[i].key, (int)err.rc, err.detail);
	}
	T(httpd_count(w.h, NULL) == 0, "%u requests", httpd_count(w.h, NULL));
	atls_source_free(s);
	atls_collateral_free(c);
}

static void
test_conf(void)
{
	static const struct {
		const char	*what;
		struct atls_source_net conf;
		enum atls_rc	 rc;
	} rows[] = {
		{ "as it is", { .random = give }, ATLS_OK },
		{ "without chance", { .timeout = 1 }, ATLS_E_ARG },
		{ "patient", { .random = give, .timeout = 600 }, ATLS_OK },
		{ "too patient", { .random = give, .timeout = 601 },
		    ATLS_E_ARG },
		{ "https", { .random = give, .pcs = "https://a:8081/" },
		    ATLS_OK },
		{ "http", { .random = give, .pcs = "http://a" },
		    ATLS_E_CONF },
		{ "http, for AMD", { .random = give, .kds = "http://a" },
		    ATLS_E_CONF },
		{ "http, for the root", { .random = give,
		    .root_crl = "http://a" }, ATLS_E_CONF },
		{ "http is meant", { .random = give, .pcs = "http://a",
		    .insecure_http = true }, ATLS_OK },
		{ "ftp", { .random = give, .pcs = "ftp://a",
		    .insecure_http = true }, ATLS_E_CONF },
		{ "file", { .random = give, .pcs = "file:///etc",
		    .insecure_http = true }, ATLS_E_CONF },
		{ "no URL", { .random = give, .pcs = "" }, ATLS_E_CONF },
		{ "a password", { .random = give, .pcs = "https://a:b@c" },
		    ATLS_E_CONF },
		{ "a space", { .random = give, .pcs = "https://a b" },
		    ATLS_E_CONF },
		{ "a fragment", { .random = give, .pcs = "https://a#" },
		    ATLS_E_CONF },
		{ "no cache to be had", { .random = give,
		    .cache = "/nonexistent/cache" }, ATLS_E_IO },
	};
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		err = (struct atls_err){ 0 };
		s = atls_source_network(&rows[i].conf, &err);
		T((s != NULL) == (rows[i].rc == ATLS_OK) && err.rc ==
		    rows[i].rc, "%s: %d %s", rows[i].what, (int)err.rc,
		    err.detail);
		atls_source_free(s);
	}
	T(atls_source_network(NULL, NULL) == NULL, "nothing");
}

/* What the environment says of proxies is not for us. */
static void
test_environment(void)
{
	struct atls_collateral_source *s;
	struct atls_err err;

	source_world_again(&w);
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	s = anew(NULL);
	T(get(s, NEED_TCB, NOW, &err) == ATLS_OK, "%s", err.detail);
	atls_source_free(s);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
}

/* A PCCS sends the root's CRL in hex. */
static void
test_hex(void)
{
	static char hex_text[2048];
	struct httpd_page page = { PATH_ROOT, 200, "",
	    { (uint8_t *)hex_text, 0 }, HTTPD_FINE };
	struct atls_collateral_source *s;
	struct atls_err err;
	size_t i;
	int upper;

	for (upper = 0; upper < 2; upper++) {
		source_world_again(&w);
		for (i = 0; i < w.root.len; i++)
			(void)sprintf(hex_text + 2 * i, upper ? "%02X" :
			    "%02x", w.root.p[i]);
		page.body.len = 2 * w.root.len;
		httpd_put(w.h, &page);
		s = anew(NULL);
		T(get(s, NEED_ROOT, NOW, &err) == ATLS_OK, "%d: %s", upper,
		    err.detail);
		atls_source_free(s);
	}
	source_world_again(&w);
	page.body.len--;
	httpd_put(w.h, &page);
	s = anew(NULL);
	T(get(s, NEED_ROOT, NOW, &err) == ATLS_E_FORMAT, "odd: %s",
	    err.detail);
	atls_source_free(s);
}

static void
test_amd(void)
{
	static char milan[512], genoa[512];
	struct atls_bytes vcek = source_vector(
	    "snp/certs/virtee-milan-vcek.der");
	struct atls_bytes ask = source_vector("snp/anchors/sev-genoa.pem");
	struct atls_bytes ark = source_vector("snp/anchors/ark-genoa.pem");
	struct atls_bytes both = joined(ask, ark);
	struct atls_need need[3] = { { .item = ATLS_VCEK },
	    { ATLS_ASK, "genoa" }, { ATLS_ARK, "genoa" } };
	struct httpd_page page[] = {
		{ genoa, 200, "", vcek, HTTPD_FINE },
		{ "/vcek/v1/Genoa/cert_chain", 200, "", both, HTTPD_FINE },
		{ "/vcek/v1/Milan/cert_chain", 200, "", both, HTTPD_FINE },
	};
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	int64_t issued;
	size_t i;

	source_world_again(&w);
	s = anew(NULL);
	T(src_identify(ATLS_VCEK, vcek, &need[0], &issued, &err) == ATLS_OK,
	    "%s", err.detail);
	(void)snprintf(milan, sizeof(milan), "/vcek/v1/Milan/%s", need[0].key);
	(void)snprintf(genoa, sizeof(genoa), "/vcek/v1/Genoa/%s", need[0].key);
	for (i = 0; i < NITEMS(page); i++)
		httpd_put(w.h, &page[i]);
	/* the name of a chip does not say which product: both are tried */
	T(atls_source_get(s, c, need, 1, NOW, &err) == ATLS_OK &&
	    src_has(c, &need[0], NOW), "%s", err.detail);
	T(httpd_count(w.h, milan) == 1 && httpd_count(w.h, genoa) == 1,
	    "%u %u", httpd_count(w.h, milan), httpd_count(w.h, genoa));
	T(atls_source_get(s, c, need, 3, NOW, &err) == ATLS_OK, "%s",
	    err.detail);
	T(httpd_count(w.h, NULL) == 3, "%u", httpd_count(w.h, NULL));
	(void)strcpy(need[1].key, "milan");
	T(atls_source_get(s, c, &need[1], 1, NOW, &err) == ATLS_E_FORMAT,
	    "another product's: %s", err.detail);
	err = (struct atls_err){ 0 };
	need[2] = (struct atls_need){ ATLS_AMD_CRL, "turin" };
	T(atls_source_get(s, c, &need[2], 1, NOW, &err) == ATLS_E_IO &&
	    httpd_count(w.h, "/vcek/v1/Turin/crl") == 1, "%s", err.detail);
	atls_source_free(s);
	atls_collateral_free(c);
	source_world_again(&w);
	drop(vcek);
	drop(ask);
	drop(ark);
	drop(both);
}

int
main(void)
{
	source_world_make(&w);
	test_all();
	test_chain_alone();
	test_cache();
	test_hostile_keys();
	test_conf();
	test_environment();
	test_hex();
	test_amd();
	source_world_free(&w);
	return t_end("t_source_asks");
}
