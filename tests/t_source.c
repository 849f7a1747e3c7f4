/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of collateral, and the copying between stores. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../collateral/file.h"
#include "heap.h"
#include "source_use.h"
#include "t.h"

static struct source_world w;

static size_t
held(struct atls_collateral *c, int64_t now)
{
	size_t i, n = 0;

	for (i = 0; i < NNEEDS; i++)
		n += src_has(c, &source_needs[i], now);
	return n;
}

static struct atls_collateral_source *
folder(const char *dir)
{
	struct atls_err err = { 0 };
	struct atls_collateral_source *s = atls_source_folder(dir, &err);

	T(s != NULL, "%s: %s", dir, err.detail);
	return s;
}

static const char *
sub(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", w.dir, name);
	(void)mkdir(path, 0700);
	return path;
}

static void
test_folder(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	struct atls_need other = { ATLS_TCB_INFO, "tdx:000000000000" };
	const char *dir = sub("flat");

	source_lay_out(&w, dir);
	s = folder(dir);
	T(atls_source_get(s, c, &source_needs[NEED_QE], 1, SOURCE_NOW,
	    &err) == ATLS_OK, "one: %s", err.detail);
	T(held(c, SOURCE_NOW) == 1, "what was asked for, and only that");
	T(atls_source_get(s, c, source_needs, NNEEDS, SOURCE_NOW, &err) ==
	    ATLS_OK, "all: %s", err.detail);
	T(held(c, SOURCE_NOW) == NNEEDS, "%zu", held(c, SOURCE_NOW));
	T(atls_source_get(s, c, &other, 1, SOURCE_NOW, &err) == ATLS_E_IO &&
	    strcmp(err.where, "source.folder") == 0 &&
	    strstr(err.detail, "tdx:000000000000") != NULL, "another: %s",
	    err.detail);
	err = (struct atls_err){ 0 };
	T(atls_source_get(s, c, source_needs, NNEEDS, SOURCE_END, &err) ==
	    ATLS_E_IO, "expired: %s", err.detail);
	atls_source_free(atls_source_ref(s));
	atls_source_free(s);
	atls_source_free(NULL);
	atls_collateral_free(c);
}

/* The key is in the file: its folder may be called anything. */
static void
test_fleet(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	struct atls_bytes tcb = source_vector("tdx/collateral/"
	    "tcb-tdx-90c06f000000-20250605-e17-v3.json");
	const struct atls_need second = { ATLS_TCB_INFO, "tdx:90c06f000000" };
	char deep[512];

	(void)sub("fleet");
	source_lay_out(&w, sub("fleet/a"));
	T(source_put_file(sub("fleet/b"), "tcb-info.json", tcb), "b");
	(void)sub("fleet/b/.hidden");
	T(source_put_file(sub("fleet/b/.hidden"), "tcb-info.json",
	    (struct atls_bytes){ (const uint8_t *)"{", 1 }), "hidden");
	s = folder(sub("fleet"));
	T(atls_source_all(s, c, &err) == ATLS_OK, "%s", err.detail);
	T(held(c, SOURCE_NOW) == NNEEDS && src_has(c, &second, 1749600000),
	    "both");
	atls_source_free(s);
	atls_collateral_free(c);

	c = atls_collateral_new();
	(void)snprintf(deep, sizeof(deep), "fleet/1");
	(void)sub("fleet/1");
	(void)sub("fleet/1/2");
	(void)sub("fleet/1/2/3");
	T(source_put_file(sub("fleet/1/2/3/4"), "tcb-info.json", tcb), "4");
	s = folder(sub("fleet/1"));
	T(atls_source_get(s, c, &second, 1, 1749600000, NULL) == ATLS_OK,
	    "three folders deep");
	atls_source_free(s);
	s = folder(w.dir);
	atls_source_free(s);
	atls_collateral_free(c);
	drop(tcb);
}

static struct atls_bytes
to_pem(struct atls_bytes der, const char *label)
{
	static char buf[20000];
	static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
	    "opqrstuvwxyz0123456789+/";
	char *p = buf + sprintf(buf, "-----BEGIN %s-----\n", label);
	size_t i, k;
	uint32_t v;

	for (i = 0; i < der.len; i += 3) {
		v = (uint32_t)der.p[i] << 16;
		for (k = 1; k < 3 && i + k < der.len; k++)
			v |= (uint32_t)der.p[i + k] << (16 - 8 * k);
		for (k = 0; k < 4; k++)
			*p++ = i + k > der.len ? '=' :
			    b64[v >> (18 - 6 * k) & 63];
		if (i % 48 == 45)
			*p++ = '\n';
	}
	p += sprintf(p, "\n-----END %s-----\n", label);
	return copy((struct atls_bytes){ (uint8_t *)buf,
	    (size_t)(p - buf) });
}

/* PEM where DER is expected, under either name. */
static void
test_forms(void)
{
	static const struct {
		const char	*file, *what;
		int		 need;
		bool		 pem;
	} rows[] = {
		{ "pck-crl.pem", "a CRL named .pem", NEED_CRL, true },
		{ "pck-crl.der", "PEM named .der", NEED_CRL, true },
		{ "pck-crl.pem", "DER named .pem", NEED_CRL, false },
		{ "root-ca-crl.pem", "the root's", NEED_ROOT, true },
	};
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	struct atls_bytes der, pem;
	struct atls_err err;
	char name[32];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		err = (struct atls_err){ 0 };
		(void)snprintf(name, sizeof(name), "form%zu", i);
		der = rows[i].need == NEED_CRL ? w.crl : w.root;
		pem = to_pem(der, "X509 CRL");
		T(source_put_file(sub(name), rows[i].file,
		    rows[i].pem ? pem : der), "%s", rows[i].what);
		s = folder(sub(name));
		c = atls_collateral_new();
		T(atls_source_get(s, c, &source_needs[rows[i].need], 1,
		    SOURCE_NOW, &err) == ATLS_OK, "%s: %s", rows[i].what,
		    err.detail);
		atls_collateral_free(c);
		atls_source_free(s);
		drop(pem);
	}
}

static void
test_amd(void)
{
	static const struct {
		const char	*file, *vector;
		enum atls_item	 item;
	} rows[] = {
		{ "vcek.der", "snp/certs/virtee-milan-vcek.der", ATLS_VCEK },
		{ "vcek.pem", "snp/certs/virtee-milan-vcek.der", ATLS_VCEK },
		{ "ask.pem", "snp/anchors/sev-milan.pem", ATLS_ASK },
		{ "ark.pem", "snp/anchors/ark-milan.pem", ATLS_ARK },
		{ "ark.der", "snp/anchors/ark-milan.pem", ATLS_ARK },
	};
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	struct atls_bytes b;
	struct atls_err err;
	struct atls_need is;
	char name[32];
	int64_t issued;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		err = (struct atls_err){ 0 };
		(void)snprintf(name, sizeof(name), "amd%zu", i);
		b = source_vector(rows[i].vector);
		T(source_put_file(sub(name), rows[i].file, b), "%s",
		    rows[i].file);
		T(src_identify(rows[i].item, b, &is, &issued, &err) ==
		    ATLS_OK, "%s: %s", rows[i].file, err.detail);
		s = folder(sub(name));
		c = atls_collateral_new();
		T(atls_source_get(s, c, &is, 1, SOURCE_NOW, &err) == ATLS_OK,
		    "%s: %s", rows[i].file, err.detail);
		atls_collateral_free(c);
		atls_source_free(s);
		drop(b);
	}
}

/* One bad file is told of, and takes nothing from the others. */
static void
test_bad_files(void)
{
	static const struct {
		const char	*file, *text;
		enum atls_rc	 rc;
	} rows[] = {
		{ "tcb-info.json", "{}", ATLS_E_FORMAT },
		{ "tcb-info.json", "", ATLS_E_LIMIT },
		{ "pck-crl.der", "no CRL", ATLS_E_FORMAT },
	};
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	struct atls_err err;
	struct atls_need is;
	char name[32];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		err = (struct atls_err){ 0 };
		(void)snprintf(name, sizeof(name), "bad%zu", i);
		source_lay_out(&w, sub(name));
		T(source_put_file(sub(name), rows[i].file, (struct atls_bytes){
		    (const uint8_t *)rows[i].text, strlen(rows[i].text) }),
		    "%s", rows[i].file);
		s = folder(sub(name));
		c = atls_collateral_new();
		T(atls_source_all(s, c, &err) == rows[i].rc &&
		    strstr(err.detail, rows[i].file) != NULL, "%s '%s': %d %s",
		    rows[i].file, rows[i].text, (int)err.rc, err.detail);
		T(held(c, SOURCE_NOW) == NNEEDS - 1, "%zu",
		    held(c, SOURCE_NOW));
		is = source_needs[i == 2 ? NEED_CRL : NEED_TCB];
		T(atls_source_get(s, c, &is, 1, SOURCE_NOW, NULL) ==
		    rows[i].rc, "asked for");
		is = source_needs[NEED_QE];
		T(atls_source_get(s, c, &is, 1, SOURCE_NOW, NULL) == ATLS_OK,
		    "another asked for");
		atls_collateral_free(c);
		atls_source_free(s);
	}
}

/* A pipe with the name of an item does not hold us up, nor does a file that
 * is larger than an item may be. */
static void
test_odd_files(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tcb-info.json", sub("odd"));
	T(mkfifo(path, 0600) == 0, "%s", path);
	(void)snprintf(path, sizeof(path), "%s/qe-identity.json", sub("odd"));
	T((f = fopen(path, "wb")) != NULL && fseek(f, ATLS_ITEM_MAX,
	    SEEK_SET) == 0 && fputc('x', f) == 'x' && fclose(f) == 0, "large");
	s = folder(sub("odd"));
	T(atls_source_all(s, c, &err) == ATLS_E_LIMIT, "%s", err.detail);
	atls_source_free(s);
	atls_collateral_free(c);
	err = (struct atls_err){ 0 };
	T(atls_source_folder("/nonexistent/folder", &err) == NULL &&
	    err.rc == ATLS_E_IO, "no folder: %s", err.detail);
	T(atls_source_folder(NULL, NULL) == NULL, "NULL");
}

/* Of two files with one item the younger counts, whatever their order. */
static void
test_youngest(void)
{
	struct atls_bytes old = source_vector("tdx/collateral/"
	    "crl-platform-20250604.der");
	struct atls_collateral *c;
	struct atls_collateral_source *s;
	int64_t issued, until;
	int i;

	for (i = 0; i < 2; i++) {
		(void)sub("young");
		T(source_put_file(sub("young/a"), "pck-crl.der",
		    i == 0 ? old : w.crl) && source_put_file(sub("young/b"),
		    "pck-crl.der", i == 0 ? w.crl : old), "%d", i);
		s = folder(sub("young"));
		c = atls_collateral_new();
		T(atls_source_all(s, c, NULL) == ATLS_OK, "%d", i);
		T(atls_collateral_dates(c, &source_needs[NEED_CRL], &issued,
		    &until) == 1 && issued == 1750327235, "%d: %lld", i,
		    (long long)issued);
		atls_collateral_free(c);
		atls_source_free(s);
	}
	drop(old);
}

static void
test_save(void)
{
	struct atls_collateral *c = source_store(&w), *d;
	struct atls_collateral_source *s;
	struct atls_err err = { 0 };
	char dir[300];

	(void)snprintf(dir, sizeof(dir), "%s/saved", w.dir);
	T(atls_source_save(c, dir, &err) == ATLS_OK, "%s", err.detail);
	T(atls_source_save(c, dir, &err) == ATLS_OK, "again: %s", err.detail);
	s = folder(dir);
	d = atls_collateral_new();
	T(atls_source_all(s, d, &err) == ATLS_OK && held(d, SOURCE_NOW) ==
	    NNEEDS, "%s", err.detail);
	atls_source_free(s);
	atls_collateral_free(d);
	T(atls_source_save(c, "/nonexistent/folder", &err) == ATLS_E_IO,
	    "%s", err.detail);
	T(atls_source_save(NULL, dir, NULL) == ATLS_E_ARG, "no store");
	atls_collateral_free(c);
}

/* What names a place in a folder never leads out of it. */
static void
test_places(void)
{
	static const struct {
		const char	*key, *path;
	} rows[] = {
		{ "", "D/tcb-info.json" },
		{ "tdx:b0c06f000000", "D/tdx-b0c06f000000/tcb-info.json" },
		{ "../../etc", "D/-.-..-etc/tcb-info.json" },
		{ "..", "D/-./tcb-info.json" },
		{ "a/b?c=d&e\n", "D/a-b-c-d-e-/tcb-info.json" },
	};
	struct atls_need is = { ATLS_TCB_INFO, "" };
	char out[FILE_PATH_MAX];
	size_t i, n;

	for (i = 0; i < NITEMS(rows); i++) {
		(void)snprintf(is.key, sizeof(is.key), "%s", rows[i].key);
		T(file_place("D", &is, out, &n, NULL) == ATLS_OK &&
		    strcmp(out, rows[i].path) == 0, "'%s': %s", rows[i].key,
		    out);
	}
	T(file_item("tcb-info.json") == ATLS_TCB_INFO, "json");
	T(file_item("tcb-info.pem") == ATLS_ITEM_NONE, "no json");
	T(file_item("tcb-info") == ATLS_ITEM_NONE, "no ending");
	T(file_item("pck-crl.pem") == ATLS_PCK_CRL, "pem");
	T(file_item("pck-crl-chain.pem") == ATLS_PCK_CRL_CHAIN, "chain");
	T(file_item("crl.der") == ATLS_AMD_CRL, "AMD");
	T(file_item("") == ATLS_ITEM_NONE, "nothing");
}

static void
test_args(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_need need = { ATLS_TCB_INFO, "" };

	T(atls_source_get(NULL, c, &need, 1, 0, NULL) == ATLS_E_ARG, "get");
	T(atls_source_all(NULL, c, NULL) == ATLS_E_ARG, "all");
	T(atls_source_fill(NULL, c, NULL, 0, NULL) == ATLS_E_ARG, "fill");
	T(atls_source_again(NULL, c, NULL, 0, NULL) == ATLS_E_ARG, "again");
	T(atls_source_refresh(NULL, c, 0, NULL) == ATLS_E_ARG, "refresh");
	T(src_ahead(100, 500) == 100 && src_ahead(0, 500) == 86400 &&
	    src_ahead(500, 100) == 86400, "ahead");
	atls_collateral_free(c);
}

int
main(void)
{
	source_world_make(&w);
	test_folder();
	test_fleet();
	test_forms();
	test_amd();
	test_bad_files();
	test_odd_files();
	test_youngest();
	test_save();
	test_places();
	test_args();
	source_world_free(&w);
	return t_end("t_source");
}
