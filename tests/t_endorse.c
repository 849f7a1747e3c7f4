/* SPDX-License-Identifier: Apache-2.0 */
/* The store itself: names, what may be put in, bounds, memory of objects. */
#include <stdlib.h>

#include "../src/endorse/store.h"
#include "../src/evidence/evidence.h"
#include "heap.h"
#include "intel_make.h"
#include "t.h"

static struct made *m;

static void
t_names(void)
{
	static const struct {
		enum atls_item	 item;
		const char	*name, *file;
	} all[] = {
		{ ATLS_TCB_INFO, "tcb-info", "tcb-info.json" },
		{ ATLS_TCB_INFO_CHAIN, "tcb-info-chain",
		    "tcb-info-chain.pem" },
		{ ATLS_QE_IDENTITY, "qe-identity", "qe-identity.json" },
		{ ATLS_QE_IDENTITY_CHAIN, "qe-identity-chain",
		    "qe-identity-chain.pem" },
		{ ATLS_PCK_CRL, "pck-crl", "pck-crl.der" },
		{ ATLS_PCK_CRL_CHAIN, "pck-crl-chain", "pck-crl-chain.pem" },
		{ ATLS_ROOT_CA_CRL, "root-ca-crl", "root-ca-crl.der" },
		{ ATLS_TCB_INFO_EARLY, "tcb-info-early",
		    "tcb-info-early.json" },
		{ ATLS_VCEK, "vcek", "vcek.der" },
		{ ATLS_VLEK, "vlek", "vlek.der" },
		{ ATLS_ASK, "ask", "ask.pem" },
		{ ATLS_ARK, "ark", "ark.pem" },
		{ ATLS_AMD_CRL, "crl", "crl.der" },
	};
	size_t i;

	T(NITEMS(all) == ATLS_NITEMS - 1, "all of them");
	for (i = 0; i < NITEMS(all); i++)
		T(strcmp(atls_item_name(all[i].item), all[i].name) == 0 &&
		    strcmp(atls_item_file(all[i].item), all[i].file) == 0 &&
		    atls_item_named(all[i].name) == all[i].item, "%s",
		    all[i].name);
	T(atls_item_named("none") == ATLS_ITEM_NONE &&
	    atls_item_named("") == ATLS_ITEM_NONE &&
	    strcmp(atls_item_name(ATLS_ITEM_NONE), "none") == 0 &&
	    atls_item_file(ATLS_ITEM_NONE) == NULL &&
	    strcmp(atls_item_name(ATLS_NITEMS), "none") == 0 &&
	    atls_item_file(ATLS_NITEMS) == NULL, "and no other");
}

static bool
has(struct atls_collateral *c, enum atls_item item, const char *key)
{
	struct store_item *i = store_find(c, item, key);

	store_release(i);
	return i != NULL;
}

static void
t_keys(void)
{
	struct atls_collateral *c = made_store(m);

	T(has(c, ATLS_TCB_INFO, "tdx:" FMSPC) &&
	    has(c, ATLS_TCB_INFO_CHAIN, "tcb-signing") &&
	    has(c, ATLS_QE_IDENTITY, "tdx") &&
	    has(c, ATLS_QE_IDENTITY_CHAIN, "tcb-signing") &&
	    has(c, ATLS_PCK_CRL, "platform") &&
	    has(c, ATLS_PCK_CRL_CHAIN, "platform") &&
	    has(c, ATLS_ROOT_CA_CRL, "root"), "keys");
	T(!has(c, ATLS_TCB_INFO, "sgx:" FMSPC) &&
	    !has(c, ATLS_TCB_INFO_EARLY, "tdx:" FMSPC) &&
	    !has(c, ATLS_PCK_CRL, "processor") && !has(NULL, ATLS_PCK_CRL,
	    "platform"), "and no others");
	atls_collateral_free(c);
	atls_collateral_free(NULL);
	T(atls_collateral_ref(NULL) == NULL, "NULL");
}

static void
bad(enum atls_item item, struct atls_bytes b, enum atls_rc rc,
    const char *what)
{
	struct atls_collateral *c = atls_collateral_new();
	struct atls_err err = { .rc = ATLS_OK };
	enum atls_rc got = atls_collateral_put(c, item, b, &err);

	T(got == rc && err.rc == rc && err.where != NULL, "%s: %s %s", what,
	    atls_rc_name(got), err.detail);
	atls_collateral_free(c);
}

static void
t_bad(void)
{
	static uint8_t large[ATLS_ITEM_MAX + 1];
	struct atls_bytes crl = { large, 100 };
	char *two = pki_join(m->good[ATLS_PCK_CRL], m->good[ATLS_PCK_CRL],
	    NULL), *nine, *twice;

	bad(ATLS_TCB_INFO, (struct atls_bytes){ NULL, 0 }, ATLS_E_TRUNC,
	    "empty");
	bad(ATLS_PCK_CRL, ATLS_ARRAY(large), ATLS_E_LIMIT, "too large");
	bad(ATLS_ITEM_NONE, crl, ATLS_E_ARG, "no item");
	bad(ATLS_NITEMS, crl, ATLS_E_ARG, "no such item");
	bad((enum atls_item)99, crl, ATLS_E_ARG, "no such item");
	bad(ATLS_PCK_CRL, crl, ATLS_E_FORMAT, "zeros");
	bad(ATLS_ROOT_CA_CRL, pki_view("-----BEGIN X509 CRL-----\n"),
	    ATLS_E_TRUNC, "PEM without content");
	bad(ATLS_PCK_CRL, pki_view(two), ATLS_E_LIMIT, "two CRLs");
	bad(ATLS_PCK_CRL, pki_view(m->good[ATLS_ROOT_CA_CRL]),
	    ATLS_E_UNKNOWN, "a root's CRL for a CA's");
	bad(ATLS_PCK_CRL, pki_view(m->root.pem), ATLS_E_FORMAT,
	    "a certificate for a CRL");
	bad(ATLS_PCK_CRL, (struct atls_bytes){ m->root.der, m->root.len },
	    ATLS_E_FORMAT, "a certificate for a CRL, DER");
	bad(ATLS_TCB_INFO_CHAIN, pki_view(m->good[ATLS_PCK_CRL]),
	    ATLS_E_FORMAT, "a CRL for a chain");
	bad(ATLS_TCB_INFO_CHAIN, pki_view(m->root.pem), ATLS_E_FORMAT,
	    "a root alone");
	bad(ATLS_PCK_CRL_CHAIN, pki_view(m->signing.pem), ATLS_E_UNKNOWN,
	    "not of a PCK CA");
	bad(ATLS_TCB_INFO, pki_view(m->good[ATLS_QE_IDENTITY]),
	    ATLS_E_FORMAT, "an identity for TCB info");
	bad(ATLS_QE_IDENTITY, pki_view(m->good[ATLS_TCB_INFO]),
	    ATLS_E_FORMAT, "TCB info for an identity");
	twice = pki_join(m->signing.pem, m->platform.pem, NULL);
	bad(ATLS_TCB_INFO_CHAIN, pki_view(twice), ATLS_E_FORMAT,
	    "two leaves");
	free(twice);
	nine = pki_join(m->root.pem, m->root.pem, m->root.pem, m->root.pem,
	    m->root.pem, m->root.pem, m->root.pem, m->root.pem, m->root.pem,
	    NULL);
	bad(ATLS_TCB_INFO_CHAIN, pki_view(nine), ATLS_E_LIMIT, "nine");
	free(nine);
	free(two);
	T(atls_collateral_put(NULL, ATLS_PCK_CRL, crl, NULL) == ATLS_E_ARG,
	    "no store");
}

/* A later date of issue keeps its place only if it was found true. */
static void
t_stale(void)
{
	struct atls_collateral *c = made_store(m);
	char *body = made_with(made_tcb_info, "2025-10-01T00:00:00Z",
	    "2025-09-30T00:00:00Z");
	char *older = made_signed(&m->signing, "tcbInfo", body);
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_result res;

	T(atls_collateral_put(c, ATLS_TCB_INFO, pki_view(older), NULL) ==
	    ATLS_OK, "not verified: anything goes");
	made_put(c, ATLS_TCB_INFO, m->good[ATLS_TCB_INFO]);
	T(made_check(m, c, NULL, NOW, &res) == 1, "verified");
	T(atls_collateral_put(c, ATLS_TCB_INFO, pki_view(older), &err) ==
	    ATLS_E_STALE && strcmp(err.where, "collateral.issued") == 0,
	    "an older one: %s", err.where);
	T(made_check(m, c, NULL, NOW, &res) == 1, "nothing has changed");
	made_put(c, ATLS_TCB_INFO, m->good[ATLS_TCB_INFO]);
	free(older);
	free(body);
	atls_collateral_free(c);
}

static enum atls_rc
count(void *arg, const struct atls_need *need, struct atls_bytes b)
{
	size_t *n = arg;

	T(need->item != ATLS_ITEM_NONE && need->key[0] != '\0' && b.len > 0,
	    "what is in it");
	T(strlen(m->good[need->item]) == b.len &&
	    memcmp(m->good[need->item], b.p, b.len) == 0, "as put in");
	return ++*n == 5 ? ATLS_E_STATE : ATLS_OK;
}

static void
t_each(void)
{
	struct atls_collateral *c = made_store(m);
	size_t n = 0;

	T(atls_collateral_each(c, count, &n) == ATLS_E_STATE && n == 5,
	    "stops");
	T(atls_collateral_each(c, count, &n) == ATLS_OK && n == 12, "all");
	T(atls_collateral_each(NULL, count, &n) == ATLS_OK, "no store");
	atls_collateral_free(c);
}

static void
put_fmspc(struct atls_collateral *c, unsigned i)
{
	char fmspc[16], *body;

	(void)snprintf(fmspc, sizeof(fmspc), "\"%012X\"", i);
	body = made_with(made_tcb_info, "\"B0C06F000000\"", fmspc);
	made_put_body(m, c, ATLS_TCB_INFO, body);
	free(body);
}

/* Full, it lets go of what strangers can make us fetch without end, first of
 * what nothing was verified with; and of nothing else. */
static void
t_full(void)
{
	struct atls_collateral *c = made_store(m);
	struct atls_result res;
	unsigned i;

	T(made_check(m, c, NULL, NOW, &res) == 1, "verified");
	for (i = 0; i <= ATLS_ITEMS_MAX; i++)
		put_fmspc(c, i);
	T(!has(c, ATLS_TCB_INFO, "tdx:000000000000") &&
	    !has(c, ATLS_TCB_INFO, "tdx:000000000001") &&
	    has(c, ATLS_TCB_INFO, "tdx:000000000400"), "the first are gone");
	T(made_check(m, c, NULL, NOW, &res) == 1, "nothing of use is: %s",
	    res.why.where);
	put_fmspc(c, ATLS_ITEMS_MAX);
	T(has(c, ATLS_TCB_INFO, "tdx:000000000100"), "to replace takes none");
	atls_collateral_free(c);
}

struct thing {
	struct store_object	 o;
	unsigned		*gone;
};

static void
destroy(struct store_object *o)
{
	struct thing *t = (struct thing *)o;

	++*t->gone;
	free(t);
}

static struct store_object *
thing(int64_t from, int64_t until, unsigned *gone)
{
	struct thing *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	atomic_init(&t->o.refs, 1);
	t->o.from = from;
	t->o.until = until;
	t->o.destroy = destroy;
	t->gone = gone;
	return &t->o;
}

static bool
knows(struct atls_collateral *c, const char *what,
    const struct atls_trust *t, struct store_item **part, size_t n,
    int64_t now)
{
	struct store_object *o = store_recall(c, what, t, part, n, now);

	if (o == NULL)
		return false;
	store_object_release(o);
	return true;
}

static void
t_memo(void)
{
	struct atls_collateral *c = made_store(m);
	struct store_item *part[STORE_PARTS + 1] = {
		store_find(c, ATLS_TCB_INFO, "tdx:" FMSPC),
		store_find(c, ATLS_PCK_CRL, "platform") }, *other[2];
	struct atls_trust *two;
	char *pem = pki_join(m->root.pem, m->platform.pem, NULL);
	unsigned gone = 0, i;
	struct store_object *o = thing(10, 20, &gone);

	two = atls_trust_new(pki_view(pem), (struct atls_bytes){ NULL, 0 },
	    NULL);
	other[0] = part[1];
	other[1] = part[0];
	store_remember(c, "thing", m->trust, part, 2, o);
	store_object_release(o);
	T(gone == 0 && knows(c, "thing", m->trust, part, 2, 10) &&
	    knows(c, "thing", m->trust, part, 2, 19), "known in its time");
	T(!knows(c, "thing", m->trust, part, 2, 9) &&
	    !knows(c, "thing", m->trust, part, 2, 20), "only then");
	T(!knows(c, "thinG", m->trust, part, 2, 15) &&
	    !knows(c, "thing", two, part, 2, 15) &&
	    !knows(c, "thing", m->trust, part, 1, 15) &&
	    !knows(c, "thing", m->trust, other, 2, 15) &&
	    !knows(NULL, "thing", m->trust, part, 2, 15), "only that");
	part[2] = part[3] = part[4] = part[0];
	T(!knows(c, "thing", m->trust, part, STORE_PARTS + 1, 15),
	    "too many parts");
	o = thing(10, 30, &gone);
	store_remember(c, "thing", m->trust, part, 2, o);
	store_object_release(o);
	T(gone == 1 && knows(c, "thing", m->trust, part, 2, 25),
	    "takes the place of the old one");
	for (i = 0; i < STORE_OBJECTS; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "%u", i);
		o = thing(0, 99, &gone);
		store_remember(c, strcmp(key, "0") == 0 ? "first" : "more",
		    i % 2 == 0 ? m->trust : two, other, 1 + i % 2, o);
		store_object_release(o);
	}
	T(knows(c, "first", m->trust, other, 1, 5) &&
	    knows(c, "more", two, other, 2, 5), "several");
	store_release(part[0]);
	store_release(part[1]);
	atls_collateral_free(c);
	T(gone == STORE_OBJECTS + 2, "all are gone: %u", gone);
	atls_trust_free(two);
	free(pem);
}

static void
t_marks(void)
{
	struct atls_collateral *c = made_store(m);
	struct store_item *a = store_find(c, ATLS_TCB_INFO, "tdx:" FMSPC);
	struct store_item b = { .is = { ATLS_TCB_INFO, "tdx:000000000000" },
	    .evaluation = 18 }, q = { .is = { ATLS_QE_IDENTITY, "tdx" },
	    .evaluation = 16 }, s = { .is = { ATLS_TCB_INFO,
	    "sgx:000000000000" }, .evaluation = 3 };
	uint32_t highest;

	T(!store_is_below(c, a) && store_mark(c, m->trust, a, &highest) &&
	    highest == 17, "17");
	T(store_mark(c, m->trust, &b, &highest) && highest == 18,
	    "18, of another FMSPC");
	T(!store_mark(c, m->trust, a, &highest) && highest == 18 &&
	    store_is_below(c, a), "17 is below");
	T(store_mark(c, m->trust, &q, &highest) &&
	    store_mark(c, m->trust, &s, &highest) && highest == 3 &&
	    !store_is_below(c, &q) && !store_is_below(c, &s),
	    "other documents and TEEs have their own");
	T(atls_collateral_missing(c, &(struct atls_evidence){ .kind =
	    ATLS_KIND_TPM }, NOW, NULL) == 0 && atls_collateral_missing(c,
	    &(struct atls_evidence){ .kind = ATLS_KIND_NONE }, NOW, NULL) ==
	    0, "kinds without collateral");
	store_release(a);
	atls_collateral_free(c);
}

static struct atls_bytes
file(const char *name)
{
	const char *root = getenv("ATLS_VECTORS");
	static uint8_t b[65536];
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tdx/%s",
	    root != NULL ? root : "tests/vectors", name);
	if ((f = fopen(path, "rb")) == NULL)
		abort();
	n = fread(b, 1, sizeof(b), f);
	(void)fclose(f);
	return copy((struct atls_bytes){ b, n });
}

/* What a quote of Intel's wants, read from the quote alone. */
static void
t_missing(void)
{
	static const struct {
		enum atls_item	 item;
		const char	*key, *file;
	} all[] = {
		{ ATLS_PCK_CRL, "platform",
		    "collateral/crl-platform-20250619.der" },
		{ ATLS_ROOT_CA_CRL, "root",
		    "collateral/crl-root-20250320.der" },
		{ ATLS_QE_IDENTITY, "tdx",
		    "collateral/qeid-td_qe-20250619-e17.json" },
		{ ATLS_QE_IDENTITY_CHAIN, "tcb-signing",
		    "collateral/tcb-sign-chain-2025.pem" },
		{ ATLS_TCB_INFO, "tdx:b0c06f000000",
		    "collateral/tcb-tdx-b0c06f000000-20250619-e17-v3.json" },
		{ ATLS_TCB_INFO_CHAIN, "tcb-signing",
		    "collateral/tcb-sign-chain-2025.pem" },
	};
	const int64_t now = 1751619600;		/* 2025-07-04T09:00:00Z */
	struct atls_collateral *c = atls_collateral_new();
	struct atls_need need[ATLS_NEEDS_MAX];
	struct atls_bytes quote = file("quotes/phala-tdx-v4.bin"), b;
	static uint8_t room[16384];
	struct atls_buf scratch = { room, sizeof(room), 0 };
	struct store_item higher = { .is = { ATLS_TCB_INFO, "tdx:0" },
	    .evaluation = 18 };
	struct atls_evidence ev;
	uint32_t highest;
	size_t i, n = NITEMS(all);

	T(atls_evidence_parse(&ev, ATLS_KIND_TDX, quote, &scratch, NULL) ==
	    ATLS_OK, "quote");
	T(atls_collateral_missing(NULL, &ev, now, need) == n, "no store");
	T(atls_collateral_missing(c, &ev, now, need) == n, "empty store");
	for (i = 0; i < n; i++)
		T(need[i].item == all[i].item &&
		    strcmp(need[i].key, all[i].key) == 0, "%s %s",
		    atls_item_name(need[i].item), need[i].key);
	for (i = 0; i < n; i++) {
		b = file(all[i].file);
		T(atls_collateral_put(c, all[i].item, b, NULL) == ATLS_OK,
		    "%s", all[i].file);
		drop(b);
		T(atls_collateral_missing(c, &ev, now, need) == n - i - 1,
		    "%s is there", all[i].file);
	}
	T(atls_collateral_missing(c, &ev, now + 30 * PKI_DAY, need) == 3 &&
	    need[0].item == ATLS_PCK_CRL, "a month later");
	T(atls_collateral_missing(c, &ev, now - 30 * PKI_DAY, need) == 3,
	    "a month before");
	T(store_mark(c, m->trust, &higher, &highest) &&
	    atls_collateral_missing(c, &ev, now, need) == 1 &&
	    need[0].item == ATLS_TCB_INFO, "put back");
	drop(quote);
	atls_collateral_free(c);
}

int
main(void)
{
	m = made_new();
	t_missing();
	t_names();
	t_keys();
	t_bad();
	t_stale();
	t_each();
	t_full();
	t_memo();
	t_marks();
	made_free(m);
	return t_end("t_endorse");
}
