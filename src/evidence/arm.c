/* SPDX-License-Identifier: Apache-2.0 */
#include "arm.h"

#include <inttypes.h>
#include <string.h>

#include "../base/err.h"
#include "../codec/hex.h"

#define TEXT_MAX	256	/* octets of a text, of whatever meaning */

/* RFC 9783, 4.4.1: of a software component; those without a row are for
 * people. */
enum { SW_TYPE, SW_MEASUREMENT, SW_VERSION, SW_SIGNER, SW_N };

static const struct arm_claim sw_claims[SW_N] = {
	[SW_TYPE] = { 1, 0, NULL, ARM_TEXT, 0, 0, true },
	[SW_MEASUREMENT] = { 2, 0, NULL, ARM_HASH, 0, 0, false },
	[SW_VERSION] = { 4, 0, NULL, ARM_TEXT, 0, 0, true },
	[SW_SIGNER] = { 5, 0, NULL, ARM_HASH, 0, 0, false },
};

size_t
arm_off(struct atls_bytes raw, struct atls_bytes part)
{
	return part.len == 0 ? 0 : (size_t)(part.p - raw.p);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid_read(c) && \valid(out);
    requires \separated(r, c, out);
    assigns *r, out->there, out->bytes, out->number;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures out->bytes == \old(out->bytes) ||
	rd_has(\old(*r), out->bytes);
    ensures r->rc == ATLS_OK ==> arm_fits(c, out); */
static void
value(struct rd *r, const struct arm_claim *c, struct arm_value *out)
{
	size_t n;

	out->there = true;
	switch (c->type) {
	case ARM_BYTES:
	case ARM_HASH:
		out->bytes = cbor_bstr(r);
		break;
	case ARM_TEXT:
		out->bytes = cbor_tstr(r);
		break;
	case ARM_NUMBER:
		out->number = cbor_uint(r);
		break;
	case ARM_INT:
		(void)cbor_int(r);
		break;
	case ARM_ANY:
		out->bytes = cbor_item(r);
		break;
	}
	n = out->bytes.len;
	if ((c->type == ARM_BYTES && (n < c->min || n > c->max)) ||
	    (c->type == ARM_HASH && n != 32 && n != 48 && n != 64) ||
	    (c->type == ARM_TEXT && n > TEXT_MAX))
		rd_fail(r, ATLS_E_FORMAT);
}

/*@ requires n == 0 || \valid_read(table + (0 .. n - 1));
    requires \valid_read(k) && \valid(legacy) && \separated(k, legacy);
    requires n == 0 || \separated(table + (0 .. n - 1), legacy);
    assigns *legacy;
    exits \false;
    ensures \result <= n; */
static size_t
find(const struct arm_claim *table, size_t n, const struct cbor_key *k,
    bool *legacy)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop assigns i, *legacy;
	    loop variant n - i; */
	for (i = 0; i < n; i++) {
		*legacy = table[i].legacy != 0 &&
		    cbor_key_is_int(k, table[i].legacy);
		if (*legacy || cbor_key_is_int(k, table[i].key))
			break;
	}
	return i;
}

/* By which numbers claims went that have two. */
struct numbers {
	bool	by_new, by_legacy;
};

/* One claim, if it is of the table: its place there, else n. */
/*@ requires \valid(r) && rd_ok(*r) && \valid_read(k) && \valid(seen);
    requires \valid_read(table + (0 .. n - 1)) && \valid(out + (0 .. n - 1));
    requires \separated(r, k, seen, table + (0 .. n - 1),
	out + (0 .. n - 1)) && 0 < n;
    assigns *r, *seen, out[0 .. n - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && \result <= n;
    ensures \forall integer i; 0 <= i < n ==>
	out[i].bytes == \old(out[i].bytes) ||
	rd_has(\old(*r), out[i].bytes);
    ensures fit: r->rc == ATLS_OK ==> \forall integer i; 0 <= i < n ==>
	\old(arm_fits(table + i, out + i)) ==>
	arm_fits(table + i, out + i); */
static size_t
claim(struct rd *r, const struct cbor_key *k, const struct arm_claim *table,
    size_t n, struct arm_value *out, struct numbers *seen)
{
	bool legacy;
	size_t i = find(table, n, k, &legacy);

	if (i == n) {
		cbor_skip(r);
		return n;
	}
	seen->by_legacy |= legacy;
	seen->by_new |= !legacy && table[i].legacy != 0;
	out[i].legacy = legacy;
	value(r, &table[i], &out[i]);
	if (seen->by_legacy && seen->by_new)
		rd_fail(r, ATLS_E_FORMAT);
	return i;
}

/* The first that must be there and is not, or n. */
/*@ requires \valid_read(table + (0 .. n - 1));
    requires \valid_read(out + (0 .. n - 1)) && 0 < n;
    assigns \nothing;
    exits \false;
    ensures \result <= n;
    ensures \forall integer i; 0 <= i < \result ==>
	arm_there(table + i, out + i); */
static size_t
missing(const struct arm_claim *table, size_t n, const struct arm_value *out)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer j; 0 <= j < i ==>
		arm_there(table + j, out + j);
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		if (!out[i].there && !table[i].optional)
			break;
	return i;
}

/* The map at r: the claim that is not as it must be, or n. */
/*@ requires \valid(r) && rd_ok(*r) && 0 < n;
    requires \valid_read(table + (0 .. n - 1)) && \valid(out + (0 .. n - 1));
    requires \separated(r, table + (0 .. n - 1), out + (0 .. n - 1));
    requires \forall integer i; 0 <= i < n ==>
	!out[i].there && out[i].bytes.len == 0;
    assigns *r, out[0 .. n - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && \result <= n;
    ensures \forall integer i; 0 <= i < n ==>
	rd_has(\old(*r), out[i].bytes);
    ensures full: r->rc == ATLS_OK ==> \forall integer i; 0 <= i < n ==>
	arm_there(table + i, out + i) && arm_fits(table + i, out + i); */
static size_t
claims(struct rd *r, const struct arm_claim *table, size_t n,
    struct arm_value *out)
{
	struct cbor_map m = cbor_map(r);
	struct numbers seen = { false, false };
	struct cbor_key k;
	size_t i, bad = n;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant cbor_keys_ok(m) && bad <= n;
	    loop invariant \forall integer j; 0 <= j < n ==>
		rd_has(\at(*r, Pre), out[j].bytes);
	    loop invariant fit: r->rc == ATLS_OK ==>
		\forall integer j; 0 <= j < n ==>
		arm_fits(table + j, out + j);
	    loop assigns *r, m, k, i, bad, seen, out[0 .. n - 1];
	    loop variant r->left; */
	while (cbor_map_next(r, &m, &k)) {
		i = claim(r, &k, table, n, out, &seen);
		if (r->rc != ATLS_OK)
			bad = i;
	}
	if (r->rc == ATLS_OK && (bad = missing(table, n, out)) != n)
		rd_fail(r, ATLS_E_FORMAT);
	return bad;
}

/*@ requires \valid(out + (0 .. n - 1)) && 0 < n;
    assigns out[0 .. n - 1];
    exits \false;
    ensures \forall integer i; 0 <= i < n ==>
	!out[i].there && out[i].bytes.len == 0; */
static void
none(struct arm_value *out, size_t n)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer j; 0 <= j < i ==>
		!out[j].there && out[j].bytes.len == 0;
	    loop assigns i, out[0 .. n - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++) {
		out[i].there = out[i].legacy = false;
		out[i].bytes.p = NULL;
		out[i].bytes.len = 0;
		out[i].number = 0;
	}
}

enum atls_rc
arm_claims(struct atls_bytes in, size_t off, const char *where,
    const struct arm_claim *table, size_t n, struct arm_value *out,
    struct atls_err *err)
{
	struct rd r = rd_of(in);
	enum atls_rc rc;
	size_t bad;

	none(out, n);
	r.off = off;
	bad = claims(&r, table, n, out);
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	none(out, n);
	return err_set(err, rc, bad < n ? table[bad].where : where, r.off,
	    "missing, or not as it must be");
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures arm_sw_has(\old(*r), \result); */
static struct arm_sw
component(struct rd *r)
{
	struct arm_value v[SW_N];

	none(v, SW_N);
	(void)claims(r, sw_claims, SW_N, v);
	return (struct arm_sw){ v[SW_TYPE].bytes, v[SW_MEASUREMENT].bytes,
	    v[SW_SIGNER].bytes, v[SW_VERSION].bytes };
}

/* How many. */
/*@ requires \valid(r) && rd_ok(*r);
    requires \valid(out + (0 .. ARM_SW_MAX - 1));
    requires \separated(r, out + (0 .. ARM_SW_MAX - 1));
    assigns *r, out[0 .. ARM_SW_MAX - 1];
    exits \false;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures \result <= ARM_SW_MAX;
    ensures r->rc == ATLS_OK && r->left == 0 ==> \result > 0;
    ensures \forall integer i; 0 <= i < \result ==>
	arm_sw_has(\old(*r), out[i]); */
static size_t
components(struct rd *r, struct arm_sw *out)
{
	struct cbor_list l = cbor_array(r);
	struct arm_sw sw;
	size_t n = 0;

	/*@ loop invariant rd_ok(*r) && rd_goes(\at(*r, Pre), *r);
	    loop invariant n <= ARM_SW_MAX && !l.indefinite;
	    loop invariant \forall integer i; 0 <= i < n ==>
		arm_sw_has(\at(*r, Pre), out[i]);
	    loop assigns *r, l, sw, n, out[0 .. ARM_SW_MAX - 1];
	    loop variant l.left; */
	while (cbor_next(r, &l)) {
		sw = component(r);
		if (n == ARM_SW_MAX)
			rd_fail(r, ATLS_E_LIMIT);
		else
			out[n++] = sw;
	}
	if (r->rc == ATLS_OK && r->left == 0 && n == 0)
		rd_fail(r, ATLS_E_FORMAT);
	return n;
}

enum atls_rc
arm_sw(struct atls_bytes in, size_t off, const char *where,
    struct arm_sw out[ARM_SW_MAX], size_t *n, struct atls_err *err)
{
	struct rd r = rd_of(in);
	enum atls_rc rc;

	r.off = off;
	*n = components(&r, out);
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	*n = 0;
	return err_set(err, rc, where, r.off, "not software components");
}

void
arm_say(struct atls_evidence *ev, const struct evidence_claim *c,
    const struct arm_value *v)
{
	if (v->there && ev->nclaim < ATLS_CLAIMS_MAX)
		ev->claim[ev->nclaim++] = (struct atls_claim){ c->name,
		    c->type, v->bytes, v->number };
}

/* The four claims of a component. */
/*@ requires \valid(ev) && ev->nclaim <= ATLS_CLAIMS_MAX;
    requires \valid_read(c + (0 .. ARM_SW_CLAIMS - 1)) && \valid_read(sw);
    requires arm_sw_in(*sw, ev->raw);
    requires \separated(ev, c + (0 .. ARM_SW_CLAIMS - 1)) &&
	\separated(ev, sw);
    assigns ev->claim[ev->nclaim .. ATLS_CLAIMS_MAX - 1], ev->nclaim;
    exits \false;
    ensures \old(ev->nclaim) <= ev->nclaim <= ATLS_CLAIMS_MAX;
    ensures claims_in(*ev, \old(ev->nclaim)); */
static void
say_one(struct atls_evidence *ev, const struct evidence_claim *c,
    const struct arm_sw *sw)
{
	const struct atls_bytes v[ARM_SW_CLAIMS] = { sw->type,
	    sw->measurement, sw->signer, sw->version };
	struct arm_value one = { .number = 0 };
	size_t k;

	/*@ loop invariant 0 <= k <= ARM_SW_CLAIMS;
	    loop invariant \at(ev->nclaim, Pre) <= ev->nclaim <=
		ATLS_CLAIMS_MAX;
	    loop invariant claims_in(*ev, \at(ev->nclaim, Pre));
	    loop assigns k, one, ev->nclaim,
		ev->claim[\at(ev->nclaim, Pre) .. ATLS_CLAIMS_MAX - 1];
	    loop variant ARM_SW_CLAIMS - k; */
	for (k = 0; k < ARM_SW_CLAIMS; k++) {
		one.there = v[k].len != 0;
		one.bytes = v[k];
		arm_say(ev, &c[k], &one);
	}
}

/* The count is a claim, too: else a component more than the policy names
 * would not be seen. */
void
arm_say_sw(struct atls_evidence *ev, const struct evidence_claim *count,
    const struct arm_sw *sw, size_t n)
{
	const struct arm_value one = { .there = true, .number = n };
	size_t i;

	arm_say(ev, count, &one);
	/*@ loop invariant 0 <= i <= n;
	    loop invariant \at(ev->nclaim, Pre) <= ev->nclaim <=
		ATLS_CLAIMS_MAX;
	    loop invariant claims_in(*ev, \at(ev->nclaim, Pre));
	    loop assigns i, ev->nclaim,
		ev->claim[\at(ev->nclaim, Pre) .. ATLS_CLAIMS_MAX - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		say_one(ev, &count[1 + ARM_SW_CLAIMS * i], &sw[i]);
}

int
arm_check_alg(const struct evidence_trust *trust, struct atls_err *err,
    const struct cose_sign1 *msg, const char *where)
{
	return evidence_check(trust, err, msg->alg == COSE_ES256 ||
	    msg->alg == COSE_ES384, ATLS_E_UNKNOWN, where,
	    "must be ES256 (-7) or ES384 (-35)", "%" PRId64, msg->alg);
}

int
arm_check_signer(const struct evidence_trust *trust, struct atls_err *err,
    const struct cose_sign1 *msg, const char *where_key,
    const char *where_signature)
{
	enum atls_rc rc = ATLS_E_SIG;
	size_t i;

	if (evidence_check(trust, err, trust->nkey != 0, ATLS_E_CHAIN,
	    where_key, "the policy must name keys of platforms", "%zu",
	    trust->nkey) != 1)
		return 0;
	/*@ loop invariant 0 <= i <= trust->nkey;
	    loop assigns i, rc;
	    loop variant trust->nkey - i; */
	for (i = 0; i < trust->nkey && rc != ATLS_OK; i++)
		rc = signed_verify(msg, trust->key[i]);
	return evidence_check(trust, err, rc == ATLS_OK, rc, where_signature,
	    "must be of a key that the policy names", "%s",
	    atls_rc_name(rc));
}

/* RFC 9783, 4.3.1: the state is the upper octet; the lower one is the
 * implementation's. */
int
arm_check_lifecycle(const struct evidence_trust *trust, struct atls_err *err,
    uint64_t v, const char *where)
{
	uint64_t state = v / 0x100;
	bool secured = state == 0x30;
	bool debug = state == 0x40 || state == 0x50;

	return evidence_check(trust, err, secured ||
	    (debug && trust->allow_debug), ATLS_E_POLICY, where,
	    trust->allow_debug ? "must be 0x30.., or 0x40.., 0x50.. (debug)" :
	    "must be 0x30..: secured", "0x%04" PRIx64, v);
}

void
arm_instance(const char *word, struct atls_bytes id,
    char out[ATLS_INSTANCE_MAX])
{
	struct atls_buf buf = { (uint8_t *)out, ATLS_INSTANCE_MAX, 0 };
	struct wr w = wr_of(&buf);

	wr_bytes(&w, (struct atls_bytes){ (const uint8_t *)word,
	    strlen(word) });
	wr_be(&w, ':', 1);
	hex_put(&w, id);
	wr_zeros(&w, 1);
	if (id.len == 0 || wr_done(&w) != ATLS_OK)
		out[0] = '\0';
}
