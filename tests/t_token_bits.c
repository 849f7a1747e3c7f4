/* SPDX-License-Identifier: Apache-2.0 */
#include "t.h"
#include "token_make.h"

/*
 * Every prefix, every single bit turned over, and an octet more, of one good
 * message of each kind and form is refused.  There is no exception: what the
 * signatures do not cover is outside them, and there nothing may be but what
 * we read.
 */

static void
bits(const char *what, enum atls_kind kind, struct atls_bytes raw)
{
	struct atls_bytes more = joined(raw, (struct atls_bytes){
	    (const uint8_t *)"", 1 }), b;
	struct atls_result res;
	size_t i;

	T(token_judge(kind, raw, token_trust(), &res) == ATLS_OK, "%s: %s",
	    what, res.why.where != NULL ? res.why.where : "");
	T(token_judge(kind, more, token_trust(), &res) == ATLS_E_TRAIL,
	    "%s: an octet more", what);
	drop(more);
	for (i = 0; i < raw.len; i++) {
		b = copy((struct atls_bytes){ raw.p, i });
		T(token_judge(kind, b, token_trust(), &res) != ATLS_OK &&
		    atls_rc_class(res.why.rc) == ATLS_CLASS_BYTES,
		    "%s: %zu octets", what, i);
		drop(b);
	}
	for (i = 0; i < 8 * raw.len; i++) {
		b = flip(raw, i);
		T(token_judge(kind, b, token_trust(), &res) != ATLS_OK,
		    "%s: octet %zu, bit %zu", what, i / 8, i % 8);
		drop(b);
	}
	drop(raw);
}

/* ECDSA (r, n - s) is as good as (r, s), so evidence has two encodings: it is
 * nobody's name for anything.  What is not in range is refused. */
static void
ranges(void)
{
	static const char n256[] = "ffffffff00000000ffffffffffffffff"
	    "bce6faada7179e84f3b9cac2fc632551";
	const struct token_opts good = { .legacy = false };
	struct atls_bytes raw = token_psa(&good), c, n = hex(n256);
	size_t which, i;
	struct atls_result res;

	for (which = 0; which < 4; which++) {
		uint8_t *p;

		c = copy(raw);
		p = (uint8_t *)(uintptr_t)c.p + c.len -
		    (which % 2 == 0 ? 64 : 32);
		for (i = 0; i < 32; i++)
			p[i] = which < 2 ? 0 : n.p[i];
		T(token_judge(ATLS_KIND_PSA, c, token_trust(), &res) ==
		    ATLS_E_SIG, "%c is %s", which % 2 == 0 ? 'r' : 's',
		    which < 2 ? "zero" : "the order");
		drop(c);
	}
	drop(n);
	drop(raw);
}

/* Parts of files that were not made here: none is well formed. */
static void
prefixes(const char *name, enum atls_kind kind)
{
	struct atls_bytes raw = token_file(name), b;
	struct atls_evidence ev;
	size_t i;

	T(raw.p != NULL && atls_evidence_parse(&ev, kind, raw, NULL, NULL) ==
	    ATLS_OK, "%s", name);
	for (i = 0; i < raw.len; i++) {
		b = copy((struct atls_bytes){ raw.p, i });
		T(atls_evidence_parse(&ev, kind, b, NULL, NULL) != ATLS_OK &&
		    ev.kind == ATLS_KIND_NONE && ev.nclaim == 0,
		    "%s: %zu octets", name, i);
		drop(b);
	}
	drop(raw);
}

int
main(void)
{
	const struct token_opts good = { .cmw = false }, cmw = { .cmw = true },
	    parsec = { .parsec = true }, legacy = { .legacy = true };

	bits("CCA, tag 399", ATLS_KIND_CCA, token_cca(&good));
	bits("CCA, tag 907", ATLS_KIND_CCA, token_cca(&cmw));
	bits("CCA of Parsec", ATLS_KIND_CCA, token_cca(&parsec));
	bits("PSA", ATLS_KIND_PSA, token_psa(&good));
	bits("PSA of before", ATLS_KIND_PSA, token_psa(&legacy));
	bits("Nitro", ATLS_KIND_NITRO, token_nitro(&good));
	ranges();
	prefixes("cca/tokens/tfm-example.cbor", ATLS_KIND_CCA);
	prefixes("cca/tokens/services-e2e.cbor", ATLS_KIND_CCA);
	prefixes("cca/tokens/tf-rmm.cbor", ATLS_KIND_CCA);
	prefixes("cca/parsec-cca/evidence.cbor", ATLS_KIND_CCA);
	prefixes("cca/psa/tfm-iat.cbor", ATLS_KIND_PSA);
	prefixes("nitro/docs/evervault-2022.cbor", ATLS_KIND_NITRO);
	token_end();
	return t_end("t_token_bits");
}
