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

static size_t
find(const struct arm_claim *table, size_t n, const struct cbor_key *k,
    bool *legacy)
{
	size_t i;

	for (i = 0; i < n; i++) {
		*legacy = table[i].legacy != 0 &&
		    cbor_key_is_int(k, table[i].legacy);
		if (*legacy || cbor_key_is_int(k, table[i].key))
			break;
	}
	return i;
}

/* The map at r.  *at: the claim that was read last, unless all went well. */
static void
claims(struct rd *r, const struct arm_claim *table, size_t n,
    struct arm_value *out, const char **at)
{
	struct cbor_map m = cbor_map(r);
	bool legacy, is_new = false, is_legacy = false;
	struct cbor_key k;
	size_t i;

	while (cbor_map_next(r, &m, &k)) {
		if ((i = find(table, n, &k, &legacy)) == n) {
			cbor_skip(r);
			continue;
		}
		is_legacy |= legacy;
		is_new |= !legacy && table[i].legacy != 0;
		out[i].legacy = legacy;
		value(r, &table[i], &out[i]);
		if (is_legacy && is_new)
			rd_fail(r, ATLS_E_FORMAT);
		if (r->rc != ATLS_OK)
			*at = table[i].where;
	}
	for (i = 0; r->rc == ATLS_OK && i < n; i++)
		if (!out[i].there && !table[i].optional) {
			rd_fail(r, ATLS_E_FORMAT);
			*at = table[i].where;
		}
}

enum atls_rc
arm_claims(struct atls_bytes in, size_t off, const char *where,
    const struct arm_claim *table, size_t n, struct arm_value *out,
    struct atls_err *err)
{
	struct rd r = rd_of(in);
	enum atls_rc rc;
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (struct arm_value){ .there = false };
	r.off = off;
	claims(&r, table, n, out, &where);
	if ((rc = rd_done(&r)) == ATLS_OK)
		return ATLS_OK;
	for (i = 0; i < n; i++)
		out[i] = (struct arm_value){ .there = false };
	return err_set(err, rc, where, r.off, "missing, or not as it must be");
}

enum atls_rc
arm_sw(struct atls_bytes in, size_t off, const char *where,
    struct arm_sw out[ARM_SW_MAX], size_t *n, struct atls_err *err)
{
	struct rd r = rd_of(in);
	struct cbor_list l = cbor_array(&r);
	struct arm_value v[SW_N];
	const char *at = where;
	enum atls_rc rc;

	r.off += off;
	*n = 0;
	while (cbor_next(&r, &l)) {
		memset(v, 0, sizeof(v));
		claims(&r, sw_claims, SW_N, v, &at);
		if (r.rc == ATLS_OK && *n == ARM_SW_MAX)
			rd_fail(&r, ATLS_E_LIMIT);
		if (r.rc == ATLS_OK)
			out[(*n)++] = (struct arm_sw){ v[SW_TYPE].bytes,
			    v[SW_MEASUREMENT].bytes, v[SW_SIGNER].bytes,
			    v[SW_VERSION].bytes };
	}
	if ((rc = rd_done(&r)) == ATLS_OK && *n == 0)
		rc = ATLS_E_FORMAT;
	if (rc == ATLS_OK)
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

/* The count is a claim, too: else a component more than the policy names
 * would not be seen. */
void
arm_say_sw(struct atls_evidence *ev, const struct evidence_claim *count,
    const struct arm_sw *sw, size_t n)
{
	const struct evidence_claim *c = count + 1;
	size_t i, k;

	arm_say(ev, count, &(struct arm_value){ .there = true, .number = n });
	for (i = 0; i < n; i++) {
		const struct atls_bytes v[ARM_SW_CLAIMS] = { sw[i].type,
		    sw[i].measurement, sw[i].signer, sw[i].version };

		for (k = 0; k < ARM_SW_CLAIMS; k++, c++)
			arm_say(ev, c, &(struct arm_value){
			    .there = v[k].len != 0, .bytes = v[k] });
	}
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
	uint64_t state = v >> 8;
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
