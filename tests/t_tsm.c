/* SPDX-License-Identifier: Apache-2.0 */
/* The attester of configfs-tsm: what it says of machines that work. */
#include <unistd.h>

#include "tsm_use.h"

static void
test_good(void)
{
	static const size_t chunks[] = { 0, 1, 7, 64, 1183, 4096 };
	size_t i, c;

	for (i = 0; i < NITEMS(kinds); i++)
		for (c = 0; c < NITEMS(chunks); c++) {
			boot(kinds[i].name);
			f.chunk = chunks[c];
			T(whole(kinds[i].kind, "") == ATLS_OK, "%s: %s %s",
			    kinds[i].name, err.where, err.detail);
			T(is_good(0) && left() == 0 && fake_fds(&f) == 0 &&
			    f.slept == 0, "%s", kinds[i].name);
		}
	boot("sev_guest");
	auxlen = 0;
	T(whole(&tsm_snp, NULL) == ATLS_OK && is_good(0), "no certificates");
	boot("tdx_guest");
	provider_end = "";
	T(whole(&tsm_tdx, NULL) == ATLS_OK, "a line without an end");
}

static void
test_levels(void)
{
	static const struct {
		const char	*where;
		unsigned	 floor, level;
		enum atls_rc	 rc;
	} cases[] = {
		{ "", 0, 0, ATLS_OK },
		{ "", 2, 2, ATLS_OK },
		{ "privlevel=0", 0, 0, ATLS_OK },
		{ "privlevel=3", 0, 3, ATLS_OK },
		{ "privlevel=2", 2, 2, ATLS_OK },
		{ "privlevel=1", 2, 0, ATLS_E_CONF },
		{ "", 4, 0, ATLS_E_CONF },
	};
	static const char *const texts[] = { "", "\n", "x", "-1", "1x",
	    "18446744073709551616", "99999999999999999999999" };
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot("sev_guest");
		floor_level = cases[i].floor;
		T(whole(&tsm_snp, cases[i].where) == cases[i].rc, "%zu: %s",
		    i, err.detail);
		T(cases[i].rc != ATLS_OK || is_good(cases[i].level), "%zu", i);
		T(left() == 0, "%zu", i);
	}
	for (i = 0; i < NITEMS(texts); i++) {
		boot("sev_guest");
		floor_text = texts[i];
		T(whole(&tsm_snp, "") >= ATLS_E_DEVICE && err.where != NULL,
		    "'%s'", texts[i]);
		T(left() == 0 && fake_fds(&f) == 0, "'%s'", texts[i]);
	}
}

static void
test_conf(void)
{
	static const char long_dir[] = "dir=/"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "012345678901234567890123456789012345678901234567890123456789012";
	static const struct {
		const char		*where;
		const struct tsm_kind	*kind;
		enum atls_rc		 rc;
	} cases[] = {
		{ "dir=/elsewhere", &tsm_snp, ATLS_OK },
		{ "dir=/elsewhere,privlevel=1", &tsm_snp, ATLS_OK },
		{ "privlevel=1,dir=/elsewhere", &tsm_snp, ATLS_OK },
		{ "privlevel=1", &tsm_tdx, ATLS_E_CONF },
		{ "privlevel=0", &tsm_cca, ATLS_E_CONF },
		{ "privlevel=4", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=-", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=01", &tsm_snp, ATLS_E_CONF },
		{ "privlevel", &tsm_snp, ATLS_E_CONF },
		{ "privlevel=1,privlevel=1", &tsm_snp, ATLS_E_CONF },
		{ "priv=1", &tsm_snp, ATLS_E_CONF },
		{ "privlevels=1", &tsm_snp, ATLS_E_CONF },
		{ "=1", &tsm_snp, ATLS_E_CONF },
		{ ",", &tsm_snp, ATLS_E_CONF },
		{ "dir=/a,", &tsm_snp, ATLS_E_CONF },
		{ "dir=", &tsm_snp, ATLS_E_CONF },
		{ "service_provider=svsm", &tsm_snp, ATLS_E_CONF },
		{ long_dir, &tsm_snp, ATLS_E_CONF },
		{ long_dir + 1, &tsm_snp, ATLS_E_CONF },
	};
	char *fits = strdup(long_dir);
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot(cases[i].kind->provider);
		T(whole(cases[i].kind, cases[i].where) == cases[i].rc,
		    "'%s': %s", cases[i].where, err.detail);
		T((cases[i].rc == ATLS_OK) == (f.n > 0), "'%s'",
		    cases[i].where);
	}
	fits[strlen(fits) - 5] = '\0';
	boot("sev_guest");
	T(fits != NULL && whole(&tsm_snp, fits) == ATLS_OK && is_good(0),
	    "the longest: %s", err.detail);
	free(fits);
}

static void
test_refused(void)
{
	size_t i, j;
	void *dev;

	for (i = 0; i < NITEMS(kinds); i++)
		for (j = 0; j < NITEMS(kinds); j++) {
			boot(kinds[i].name);
			T((whole(kinds[j].kind, "") == ATLS_OK) == (i == j),
			    "%s, %s", kinds[i].name, kinds[j].name);
			T(i == j || strcmp(err.where, "tsm.provider") == 0,
			    "%s", err.where);
			T(left() == 0, "%s", kinds[i].name);
		}
	boot("tdx_guest");
	provider = "tdx_guest_and_more_than_any_provider";
	T(whole(&tsm_tdx, "") == ATLS_E_LIMIT && left() == 0, "long name");
	boot("tdx_guest");
	provider = NULL;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE && f.slept == 0, "no TEE: %s",
	    err.detail);

	boot("tdx_guest");
	outlen = 0;
	T(whole(&tsm_tdx, "") == ATLS_E_DEVICE &&
	    strcmp(err.where, "tsm.outblob") == 0, "a quote of nothing");
	boot("tdx_guest");
	outlen = TSM_BLOB_MAX;
	T(whole(&tsm_tdx, "") == ATLS_OK && is_good(0), "the largest");
	outlen++;
	T(whole(&tsm_tdx, "") == ATLS_E_LIMIT && out.len == 0 && left() == 0,
	    "too large");
	for (i = 0; i < 2; i++) {
		boot("sev_guest");
		outlen = i == 0 ? 1183 : 1185;
		T(whole(&tsm_snp, "") == ATLS_E_DEVICE && out.len == 0,
		    "report of %zu", outlen);
	}
	boot("sev_guest");
	auxlen = TSM_BLOB_MAX + 1;
	T(whole(&tsm_snp, "") == ATLS_E_LIMIT && out.len == 0, "table");

	boot("tdx_guest");
	T(tsm_open(&dev, &tsm_tdx, "", &f.os, &err) == ATLS_OK, "open");
	for (i = 0; i <= 64; i++)
		T(tsm_quote(dev, (struct atls_bytes){ rd64, i }, &out, NULL)
		    == (i == 64 ? ATLS_OK : ATLS_E_ARG) &&
		    (i == 64 || out.len == 0), "%zu octets", i);
	tsm_close(dev);
}

static void
test_space(void)
{
	static const size_t caps[] = { 0, 1, 64, 1183, 1184, 1185, 4183,
	    4184, 4185 };
	size_t i;

	for (i = 0; i < NITEMS(caps); i++) {
		boot("sev_guest");
		out = (struct atls_buf){ malloc(caps[i]), caps[i], 0 };
		T(whole(&tsm_snp, "") == (caps[i] < 4184 ? ATLS_E_SPACE :
		    ATLS_OK) && out.len == 4184 && left() == 0, "%zu",
		    caps[i]);
		free(out.p);
	}
	out = (struct atls_buf){ out_p, OUT_MAX, 0 };
}

/* The operations of the machine itself. */
static void
test_os(void)
{
	static const struct atls_attester *const all[] = {
	    &atls_attester_tsm_tdx, &atls_attester_tsm_snp,
	    &atls_attester_tsm_cca };
	char dir[] = "/tmp/t_tsm.XXXXXX", where[64];
	uint8_t a[16], b[16];
	size_t i;
	void *dev;

	if (mkdtemp(dir) == NULL) {
		T(0, "mkdtemp");
		return;
	}
	(void)snprintf(where, sizeof(where), "dir=%s", dir);
	for (i = 0; i < NITEMS(all); i++) {
		err = (struct atls_err){ 0 };
		T(all[i]->open(&dev, "dir=/nonexistent", &err) ==
		    ATLS_E_DEVICE && dev == NULL && all[i]->identity == NULL,
		    "%s", all[i]->name);
		T(all[i]->open(&dev, where, NULL) == ATLS_E_DEVICE,
		    "%s", all[i]->name);
	}
	T(rmdir(dir) == 0, "something left behind");
	T(att_os.random(NULL, a, sizeof(a)) == 0 &&
	    att_os.random(NULL, b, sizeof(b)) == 0 &&
	    memcmp(a, b, sizeof(a)) != 0, "random");
	att_os.sleep(NULL, 1);
}

int
main(void)
{
	test_good();
	test_levels();
	test_conf();
	test_refused();
	test_space();
	test_os();
	return t_end("t_tsm");
}
