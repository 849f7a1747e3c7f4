/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atls/appraise.h>
#include <atls/collateral.h>

#include "../src/codec/date.h"
#include "../src/evidence/evidence.h"
#include "heap.h"
#include "quote_make.h"
#include "t.h"

/*
 * Every single bit of a good quote, turned over: refused, or in a field that
 * is listed here, with the reason why it does not matter.
 */
static const struct {
	const char	*file;
	enum atls_kind	 kind;
	const char	*item[4];	/* TCB info, identity, CRLs */
	const char	*time;
} quotes[] = {
	{ "tdx/quotes/phala-tdx-v4.bin", ATLS_KIND_TDX, {
	    "tdx/collateral/tcb-tdx-b0c06f000000-20250619-e17-v3.json",
	    "tdx/collateral/qeid-td_qe-20250619-e17.json",
	    "tdx/collateral/crl-platform-20250619.der",
	    "tdx/collateral/crl-root-20250320.der" },
	    "2025-07-04T09:00:00Z" },
	{ "tdx/quotes/automata-alibaba-v5.bin", ATLS_KIND_TDX, {
	    "tdx/collateral/tcb-tdx-90c06f000000-20250605-e17-v3.json",
	    "tdx/collateral/qeid-td_qe-20250604-e17.json",
	    "tdx/collateral/crl-platform-20250604.der",
	    "tdx/collateral/crl-root-20250320.der" },
	    "2025-06-24T12:00:00Z" },
	{ "sgx/quotes/phala-sgx.bin", ATLS_KIND_SGX, {
	    "sgx/collateral/tcb-sgx-00a067110000-20250619-e17-v3.json",
	    "sgx/collateral/qeid-qe-20250619-e17.json",
	    "sgx/collateral/crl-processor-20250619.der",
	    "sgx/collateral/crl-root-20250320.der" },
	    "2025-07-04T09:00:00Z" },
};

static const enum atls_item types[] = { ATLS_TCB_INFO, ATLS_QE_IDENTITY,
    ATLS_PCK_CRL, ATLS_ROOT_CA_CRL };

struct judge {
	enum atls_kind		 kind;
	struct evidence_trust	 trust;
	uint8_t			*raw, *room;	/* len octets */
	size_t			 len;
	struct atls_result	 res;
};

static struct atls_trust *anchors;

static void
judge_open(struct judge *j, size_t which, const struct quote *q)
{
	const char *signers = "tdx/collateral/tcb-sign-chain-2025.pem";
	struct atls_collateral *c = atls_collateral_new();
	struct atls_bytes b;
	size_t i;

	*j = (struct judge){ .kind = quotes[which].kind, .len = q->len };
	for (i = 0; i < NITEMS(types); i++) {
		b = quote_file(quotes[which].item[i]);
		T(atls_collateral_put(c, types[i], b, NULL) == ATLS_OK, "%s",
		    quotes[which].item[i]);
		drop(b);
	}
	b = quote_file(signers);
	T(atls_collateral_put(c, ATLS_TCB_INFO_CHAIN, b, NULL) == ATLS_OK &&
	    atls_collateral_put(c, ATLS_QE_IDENTITY_CHAIN, b, NULL) ==
	    ATLS_OK, "%s", signers);
	drop(b);
	j->trust = (struct evidence_trust){ .anchors = anchors,
	    .collateral = c };
	T(date_read(pki_view(quotes[which].time), &j->trust.now), "time");
	j->raw = malloc(q->len);
	j->room = malloc(q->len);
	if (j->raw == NULL || j->room == NULL)
		abort();
	memcpy(j->raw, q->b, q->len);
}

static void
judge_close(struct judge *j)
{
	atls_collateral_free(j->trust.collateral);
	free(j->raw);
	free(j->room);
}

static bool
judge(struct judge *j)
{
	const struct evidence_ops *ops = evidence_ops(j->kind);
	struct atls_buf scratch = { j->room, j->len, 0 };
	struct atls_result *res = &j->res;

	*res = (struct atls_result){ .kind = j->kind };
	return atls_evidence_parse(&res->claims, j->kind,
	    (struct atls_bytes){ j->raw, j->len }, &scratch, &res->why) ==
	    ATLS_OK && ops->signature(&res->claims, &j->trust, res) == 1 &&
	    ops->tcb(&res->claims, &j->trust, res) == 1;
}

/* Where the third certificate, the root's, begins and ends. */
static size_t
root_of(const struct quote *q, size_t *end)
{
	static const char begin[] = "-----BEGIN";
	size_t i, n = 0, at = 0;

	for (i = q->cert + 6; i + sizeof(begin) < q->len; i++)
		if (memcmp(q->b + i, begin, sizeof(begin) - 1) == 0) {
			at = i;
			n++;
		}
	T(n == 3, "%zu certificates", n);
	*end = q->len;
	return at;
}

/*
 * Fields that no signature covers, and that are not looked at:
 *
 *	the root's certificate	No root that a peer sends is believed: the
 *				path must end at an anchor of ours.  It must
 *				be there in a form that can be read, and is
 *				left out if its issuer is itself.
 *	line ends		LF, and the last certificate may end without.
 *	NUL			What follows the PEM text may be a NUL or not.
 *
 * All that is left is the same text in another form: nothing of what it says
 * about the platform is different, and the result shows that.
 */
static bool
listed(size_t at, size_t root, size_t end)
{
	return at >= root && at < end;
}

static void
bits(size_t which)
{
	size_t bit, at, root, end, taken = 0;
	struct atls_tcb tcb;
	struct judge j;
	struct quote q;
	bool ok;

	T(quote_load(&q, quotes[which].file), "%s", quotes[which].file);
	judge_open(&j, which, &q);
	T(judge(&j), "%s: %s: %s", quotes[which].file, j.res.why.where,
	    j.res.why.detail);
	tcb = j.res.tcb;
	root = root_of(&q, &end);
	for (bit = 0; bit < 8 * q.len; bit++) {
		at = bit / 8;
		j.raw[at] ^= (uint8_t)(1u << bit % 8);
		ok = judge(&j);
		T(!ok || listed(at, root, end), "%s: bit %zu of octet %zu",
		    quotes[which].file, bit % 8, at);
		T(ok || j.res.why.rc != ATLS_OK, "%s: no reason for %zu",
		    quotes[which].file, bit);
		if (ok) {
			taken++;
			T(memcmp(&tcb, &j.res.tcb, sizeof(tcb)) == 0,
			    "%s: other TCB, bit %zu", quotes[which].file, bit);
		}
		j.raw[at] ^= (uint8_t)(1u << bit % 8);
	}
	T(judge(&j), "%s: at the end", quotes[which].file);
	printf("%s: %zu of %zu bits are in the root, and not looked at\n",
	    quotes[which].file, taken, 8 * q.len);
	judge_close(&j);
}

int
main(int argc, char **argv)
{
	struct atls_bytes root = quote_file("tdx/collateral/root-ca.pem");
	size_t i;

	anchors = atls_trust_new(root, (struct atls_bytes){ NULL, 0 }, NULL);
	T(anchors != NULL, "root");
	for (i = 0; i < NITEMS(quotes); i++)
		if (argc < 2 || atoi(argv[1]) == (int)i)
			bits(i);
	atls_trust_free(anchors);
	drop(root);
	return t_end("t_quote_bits");
}
