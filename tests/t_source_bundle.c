/* SPDX-License-Identifier: Apache-2.0 */
/* Signed bundles of collateral. */
#include <stdlib.h>
#include <string.h>

#include "../collateral/bundle.h"
#include "heap.h"
#include "source_use.h"
#include "t.h"

#include <openssl/evp.h>

#define MADE	1751000000

static struct source_world w;

static const char *const kinds[] = { "ED25519", "P-256" };

struct pair {
	struct atls_bytes	private, public;
};

static struct pair
pair(const char *type)
{
	struct pair p;

	source_key(type, &p.private, &p.public);
	return p;
}

static void
pair_free(struct pair p)
{
	drop(p.private);
	drop(p.public);
}

/* A bundle of what is in c; on the heap. */
static struct atls_bytes
bundle(struct atls_collateral *c, struct atls_bytes key, int64_t made)
{
	struct atls_buf out = { NULL, 0, 0 };
	struct atls_err err = { 0 };
	struct atls_bytes b;

	T(atls_bundle_write(c, key, made, &out, &err) == ATLS_E_SPACE,
	    "size: %s", err.detail);
	out.cap = out.len;
	if ((out.p = malloc(out.cap)) == NULL)
		abort();
	err = (struct atls_err){ 0 };
	T(atls_bundle_write(c, key, made, &out, &err) == ATLS_OK &&
	    out.len == out.cap, "write: %s", err.detail);
	b = copy((struct atls_bytes){ out.p, out.len });
	out.cap--;
	T(atls_bundle_write(c, key, made, &out, NULL) == ATLS_E_SPACE &&
	    out.len == b.len, "one octet short");
	free(out.p);
	return b;
}

/* Text that we sign ourselves, to get past the signature. */
static struct atls_bytes
forged(struct atls_bytes body, struct atls_bytes key)
{
	uint8_t sig[BUNDLE_SIG];
	char trailer[BUNDLE_TRAILER + 1] = "signature ";

	if (bundle_sign(key, body, sig, NULL) != ATLS_OK)
		abort();
	(void)EVP_EncodeBlock((unsigned char *)trailer + 10, sig, BUNDLE_SIG);
	(void)strcat(trailer, "\n");
	return joined(body, (struct atls_bytes){ (uint8_t *)trailer,
	    BUNDLE_TRAILER });
}

/* 1: taken; else 0, with why. */
static int
taken(struct atls_bytes b, struct atls_bytes key, int64_t now, int64_t oldest,
    struct atls_err *err)
{
	struct atls_collateral_source *s;
	int64_t made = -1;

	*err = (struct atls_err){ 0 };
	s = atls_source_bundle(b, key, now, oldest, &made, err);
	T((s != NULL) == (err->rc == ATLS_OK), "%d %s", (int)err->rc,
	    err->detail);
	T(s != NULL || made == 0, "made of what was refused");
	atls_source_free(s);
	return s != NULL;
}

static void
test_round(void)
{
	struct atls_collateral *c = source_store(&w), *d;
	struct atls_collateral_source *s;
	struct atls_need other = { ATLS_TCB_INFO, "tdx:000000000000" };
	struct atls_err err = { 0 };
	struct atls_bytes b;
	struct pair p;
	int64_t made;
	size_t i, k, n;

	for (k = 0; k < NITEMS(kinds); k++) {
		p = pair(kinds[k]);
		b = bundle(c, p.private, MADE);
		s = atls_source_bundle(b, p.public, SOURCE_NOW, 0, &made,
		    &err);
		T(s != NULL && made == MADE, "%s: %s", kinds[k], err.detail);
		d = atls_collateral_new();
		T(atls_source_get(s, d, &source_needs[NEED_CRL], 1,
		    SOURCE_NOW, &err) == ATLS_OK && src_has(d,
		    &source_needs[NEED_CRL], SOURCE_NOW) && !src_has(d,
		    &source_needs[NEED_TCB], SOURCE_NOW), "%s", err.detail);
		T(atls_source_all(s, d, &err) == ATLS_OK, "%s", err.detail);
		for (i = n = 0; i < NNEEDS; i++)
			n += src_has(d, &source_needs[i], SOURCE_NOW);
		T(n == NNEEDS, "%s: %zu", kinds[k], n);
		T(atls_source_get(s, d, &other, 1, SOURCE_NOW, &err) ==
		    ATLS_E_IO, "%s", err.detail);
		T(atls_source_get(s, d, source_needs, NNEEDS, SOURCE_END,
		    NULL) == ATLS_E_IO, "expired");
		atls_collateral_free(d);
		atls_source_free(s);
		drop(b);
		pair_free(p);
	}
	atls_collateral_free(c);
}

/* Every bit, and every length. */
static void
test_altered(void)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_bytes b, x, longer;
	struct atls_err err;
	struct pair p, q;
	size_t i, k;

	T(atls_collateral_put(c, ATLS_ROOT_CA_CRL, w.root, NULL) == ATLS_OK,
	    "root");
	for (k = 0; k < NITEMS(kinds); k++) {
		p = pair(kinds[k]);
		b = bundle(c, p.private, MADE);
		T(taken(b, p.public, SOURCE_NOW, 0, &err) == 1, "%s: %s",
		    kinds[k], err.detail);
		for (i = 0; i < 8 * b.len; i++) {
			x = flip(b, i);
			T(!taken(x, p.public, SOURCE_NOW, 0, &err) &&
			    err.rc == ATLS_E_SIG, "%s: bit %zu: %d", kinds[k],
			    i, (int)err.rc);
			drop(x);
		}
		for (i = 0; i < b.len; i++) {
			x = copy((struct atls_bytes){ b.p, i });
			T(!taken(x, p.public, SOURCE_NOW, 0, &err) &&
			    err.rc == ATLS_E_SIG, "%s: %zu octets: %d",
			    kinds[k], i, (int)err.rc);
			drop(x);
		}
		longer = joined(b, (struct atls_bytes){
		    (const uint8_t *)"\n", 1 });
		T(!taken(longer, p.public, SOURCE_NOW, 0, &err) &&
		    err.rc == ATLS_E_SIG, "%s: longer", kinds[k]);
		drop(longer);
		longer = joined(b, b);
		T(!taken(longer, p.public, SOURCE_NOW, 0, &err) &&
		    err.rc == ATLS_E_SIG, "%s: twice", kinds[k]);
		drop(longer);
		q = pair(kinds[k]);
		T(!taken(b, q.public, SOURCE_NOW, 0, &err) &&
		    err.rc == ATLS_E_SIG, "%s: of another key", kinds[k]);
		pair_free(q);
		q = pair(kinds[1 - k]);
		T(!taken(b, q.public, SOURCE_NOW, 0, &err) &&
		    err.rc == ATLS_E_SIG, "%s: key of another kind",
		    kinds[k]);
		pair_free(q);
		drop(b);
		pair_free(p);
	}
	atls_collateral_free(c);
}

static void
test_age(void)
{
	static const struct {
		const char	*what;
		int64_t		 made, now, oldest;
		bool		 ok;
	} rows[] = {
		{ "any", MADE, SOURCE_NOW, 0, true },
		{ "as old as the oldest", MADE, SOURCE_NOW, MADE, true },
		{ "older by a second", MADE, SOURCE_NOW, MADE + 1, false },
		{ "newer", MADE, SOURCE_NOW, MADE - 1, true },
		{ "made now", MADE, MADE, 0, true },
		{ "in a day", MADE, MADE - 86400, 0, true },
		{ "in a day and a second", MADE, MADE - 86401, 0, false },
		{ "in a long time", INT64_MAX, SOURCE_NOW, 0, false },
		{ "at the beginning", 0, SOURCE_NOW, 0, true },
	};
	struct atls_collateral *c = source_store(&w);
	struct pair p = pair("ED25519");
	struct atls_bytes b;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		b = bundle(c, p.private, rows[i].made);
		T(taken(b, p.public, rows[i].now, rows[i].oldest, &err) ==
		    rows[i].ok && (rows[i].ok || (err.rc == ATLS_E_STALE &&
		    strcmp(err.where, "source.bundle.made") == 0)),
		    "%s: %d %s", rows[i].what, (int)err.rc, err.detail);
		drop(b);
	}
	T(atls_bundle_write(c, p.private, -1, &(struct atls_buf){ 0 }, NULL) ==
	    ATLS_E_ARG, "before 1970");
	pair_free(p);
	atls_collateral_free(c);
}

#define HEAD	"atls-collateral 1\nmade 1\n"

/* Signed by the right key, and still no bundle. */
static void
test_signed_nonsense(void)
{
	static const struct {
		const char	*what, *body;
		enum atls_rc	 rc;
	} rows[] = {
		{ "no items", HEAD "items 0\n", ATLS_OK },
		{ "another version", "atls-collateral 2\nmade 1\nitems 0\n",
		    ATLS_E_UNKNOWN },
		{ "something else", "hello\n", ATLS_E_UNKNOWN },
		{ "no time", "atls-collateral 1\nitems 0\n", ATLS_E_FORMAT },
		{ "no number", HEAD, ATLS_E_FORMAT },
		{ "time with a sign", "atls-collateral 1\nmade +1\nitems 0\n",
		    ATLS_E_FORMAT },
		{ "time with a zero", "atls-collateral 1\nmade 01\nitems 0\n",
		    ATLS_E_FORMAT },
		{ "time past 2^63", "atls-collateral 1\nmade "
		    "9223372036854775808\nitems 0\n", ATLS_E_FORMAT },
		{ "line of CRLF", "atls-collateral 1\nmade 1\r\nitems 0\n",
		    ATLS_E_FORMAT },
		{ "no time at all", "atls-collateral 1\nmade \nitems 0\n",
		    ATLS_E_FORMAT },
		{ "long line", "atls-collateral 1\nmade 0000000000000000000"
		    "000000000000000000000000000000000000000000000000000001\n"
		    "items 0\n", ATLS_E_FORMAT },
		{ "too many items", HEAD "items 1025\n", ATLS_E_FORMAT },
		{ "one item too few", HEAD "items 1\n", ATLS_E_FORMAT },
		{ "after the last", HEAD "items 0\n\n", ATLS_E_TRAIL },
		{ "unknown item", HEAD "items 1\nitem milk 1\nx\n",
		    ATLS_E_FORMAT },
		{ "no item", HEAD "items 1\nitem none 1\nx\n", ATLS_E_FORMAT },
		{ "item without length", HEAD "items 1\nitem crl\nx\n",
		    ATLS_E_FORMAT },
		{ "longer than is there", HEAD "items 1\nitem crl 9\nx\n",
		    ATLS_E_FORMAT },
		{ "longer by one", HEAD "items 1\nitem crl 2\nx\n",
		    ATLS_E_FORMAT },
		{ "shorter by one", HEAD "items 1\nitem crl 1\nxy\n",
		    ATLS_E_FORMAT },
		{ "very long", HEAD "items 1\nitem crl 2097153\nx\n",
		    ATLS_E_FORMAT },
		/* its line feed would be the very last one */
		{ "on into the signature", HEAD "items 1\nitem crl 100\nx\n",
		    ATLS_E_FORMAT },
		{ "length past 2^64", HEAD
		    "items 1\nitem crl 18446744073709551617\nx\n",
		    ATLS_E_FORMAT },
		{ "empty item", HEAD "items 1\nitem crl 0\n\n", ATLS_E_TRUNC },
		{ "item that is none", HEAD "items 1\nitem tcb-info 2\n{}\n",
		    ATLS_E_FORMAT },
	};
	struct pair p = pair("ED25519");
	struct atls_bytes b, t;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		t = text(rows[i].body);
		b = forged(t, p.private);
		(void)taken(b, p.public, SOURCE_NOW, 0, &err);
		T(err.rc == rows[i].rc && (err.rc != ATLS_E_FORMAT ||
		    strcmp(err.where, "source.bundle") == 0 ||
		    strstr(rows[i].what, "that is none") != NULL),
		    "%s: %d %s %s", rows[i].what, (int)err.rc, err.where,
		    err.detail);
		drop(t);
		t = copy((struct atls_bytes){ b.p, b.len - BUNDLE_TRAILER });
		T(!taken(t, p.public, SOURCE_NOW, 0, &err) && err.rc ==
		    ATLS_E_SIG, "%s, unsigned: %d", rows[i].what,
		    (int)err.rc);
		drop(t);
		drop(b);
	}
	pair_free(p);
}

static void
test_keys(void)
{
	static const char *const bad[] = { "P-384", "RSA" };
	struct atls_collateral *c = source_store(&w);
	struct atls_buf out = { malloc(1 << 20), 1 << 20, 0 };
	struct pair good = pair("P-256"), p;
	struct atls_bytes b = bundle(c, good.private, MADE);
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		p = pair(bad[i]);
		err = (struct atls_err){ 0 };
		T(atls_bundle_write(c, p.private, MADE, &out, &err) ==
		    ATLS_E_CONF && out.len == 0, "%s: %s", bad[i],
		    err.detail);
		T(!taken(b, p.public, SOURCE_NOW, 0, &err) &&
		    err.rc == ATLS_E_CONF, "%s: %d", bad[i], (int)err.rc);
		pair_free(p);
	}
	T(!taken(b, good.private, SOURCE_NOW, 0, &err) &&
	    err.rc == ATLS_E_CONF, "a private key to read with");
	T(atls_bundle_write(c, good.public, MADE, &out, NULL) == ATLS_E_CONF,
	    "a public key to write with");
	T(!taken(b, (struct atls_bytes){ NULL, 0 }, SOURCE_NOW, 0, &err) &&
	    err.rc == ATLS_E_CONF, "no key");
	T(!taken((struct atls_bytes){ NULL, 0 }, good.public, SOURCE_NOW, 0,
	    &err) && err.rc == ATLS_E_SIG, "no bundle");
	T(atls_bundle_write(NULL, good.private, MADE, &out, NULL) ==
	    ATLS_E_ARG, "no store");
	free(out.p);
	drop(b);
	pair_free(good);
	atls_collateral_free(c);
}

/* A younger item is not replaced by an older one of the same bundle. */
static void
test_youngest(void)
{
	struct atls_bytes old = source_vector("tdx/collateral/"
	    "crl-platform-20250604.der");
	struct pair p = pair("ED25519");
	struct atls_collateral *c = atls_collateral_new();
	struct atls_collateral_source *s;
	struct atls_bytes part[2], t, b;
	char head[64];
	int64_t issued, until;
	int i;

	t = text(HEAD "items 2\n");
	for (i = 0; i < 2; i++) {
		part[i] = i == 0 ? w.crl : old;
		(void)snprintf(head, sizeof(head), "item pck-crl %zu\n",
		    part[i].len);
		b = joined(t, (struct atls_bytes){ (uint8_t *)head,
		    strlen(head) });
		drop(t);
		t = joined(b, part[i]);
		drop(b);
		b = joined(t, (struct atls_bytes){ (const uint8_t *)"\n", 1 });
		drop(t);
		t = b;
	}
	b = forged(t, p.private);
	s = atls_source_bundle(b, p.public, SOURCE_NOW, 0, NULL, NULL);
	T(s != NULL && atls_source_all(s, c, NULL) == ATLS_OK, "taken");
	T(atls_collateral_dates(c, &source_needs[NEED_CRL], &issued,
	    &until) == 1 && issued == 1750327235, "%lld", (long long)issued);
	atls_source_free(s);
	atls_collateral_free(c);
	drop(t);
	drop(b);
	drop(old);
	pair_free(p);
}

int
main(void)
{
	source_world_make(&w);
	test_round();
	test_altered();
	test_age();
	test_signed_nonsense();
	test_keys();
	test_youngest();
	source_world_free(&w);
	return t_end("t_source_bundle");
}
