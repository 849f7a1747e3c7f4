/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ARM_H
#define ARM_H

#include "evidence.h"
#include "signed.h"

/*
 * What the tokens of Arm have in common: PSA (RFC 9783) and CCA
 * (draft-ffm-rats-cca-token).  Both are sets of claims by number, in
 * COSE_Sign1; software is a list of components.
 */
#define ARM_SW_MAX	20	/* software components of a platform */
#define ARM_INSTANCE	33	/* octets of an instance id: a UEID */
#define ARM_IMPL	32	/* octets of an implementation id */

enum arm_type {
	ARM_BYTES,		/* min to max octets */
	ARM_HASH,		/* 32, 48 or 64 octets */
	ARM_TEXT,
	ARM_NUMBER,
	ARM_INT,		/* may be negative: read, not kept */
	ARM_ANY,		/* one item, as it is encoded */
};

/* A claim that we know.  legacy: its number in tokens of before RFC 9783. */
struct arm_claim {
	int64_t			 key, legacy;	/* legacy 0: the same */
	const char		*where;
	enum arm_type		 type;
	size_t			 min, max;
	bool			 optional;
};

struct arm_value {
	bool			 there, legacy;	/* legacy: by that number */
	struct atls_bytes	 bytes;
	uint64_t		 number;
};

/* Where part is in raw. */
/*@ requires view_in(part, raw);
    assigns \nothing;
    exits \false;
    ensures \result + part.len <= raw.len; */
size_t		arm_off(struct atls_bytes raw, struct atls_bytes part);

/*@ // A value that is there is as long as its row says; one that must be
    // there is.
    predicate arm_fits{L}(struct arm_claim *c, struct arm_value *v) =
	v->there ==>
	(c->type == ARM_BYTES ==> c->min <= v->bytes.len <= c->max) &&
	(c->type == ARM_HASH ==> v->bytes.len == 32 || v->bytes.len == 48 ||
	    v->bytes.len == 64) &&
	(c->type == ARM_ANY ==> v->bytes.len > 0);
    predicate arm_there{L}(struct arm_claim *c, struct arm_value *v) =
	v->there || c->optional;
    */

/*
 * arm_claims() reads a map of claims: the value of table[i] to out[i].  Others
 * are passed over.  Numbers of both generations in one map are an error.
 *
 * off, where	of the map in what the peer sent, and what err calls it if it
 *		is at no claim of the table.
 * Errors: E_TRUNC, E_TRAIL, E_LIMIT; E_FORMAT, also: one is missing.
 */
/*@ requires view_ok(in) && off + in.len <= SIZE_MAX && 0 < n;
    requires \valid_read(table + (0 .. n - 1)) && \valid(out + (0 .. n - 1));
    requires \separated(err, table + (0 .. n - 1), out + (0 .. n - 1));
    assigns out[0 .. n - 1], *err;
    exits \false;
    ensures \forall integer i; 0 <= i < n ==> view_in(out[i].bytes, in);
    ensures \result == ATLS_OK ==> \forall integer i; 0 <= i < n ==>
	arm_there(table + i, out + i) && arm_fits(table + i, out + i); */
ATLS_CHECKED enum atls_rc arm_claims(struct atls_bytes in, size_t off,
		    const char *where, const struct arm_claim *table,
		    size_t n, struct arm_value *out, struct atls_err *err);

struct arm_sw {
	struct atls_bytes	type, measurement, signer, version;
};

/*@ predicate arm_sw_has(struct rd r, struct arm_sw s) =
	rd_has(r, s.type) && rd_has(r, s.measurement) &&
	rd_has(r, s.signer) && rd_has(r, s.version);
    predicate arm_sw_in(struct arm_sw s, struct atls_bytes in) =
	view_in(s.type, in) && view_in(s.measurement, in) &&
	view_in(s.signer, in) && view_in(s.version, in);
    */

/* The list of components: at least one, at most ARM_SW_MAX. */
/*@ requires view_ok(in) && off + in.len <= SIZE_MAX && \valid(n);
    requires \valid(out + (0 .. ARM_SW_MAX - 1));
    requires \separated(err, n, out + (0 .. ARM_SW_MAX - 1));
    assigns out[0 .. ARM_SW_MAX - 1], *n, *err;
    exits \false;
    ensures *n <= ARM_SW_MAX && (\result == ATLS_OK ? *n > 0 : *n == 0);
    ensures \let m = *n; \forall integer i; 0 <= i < m ==>
	arm_sw_in(out[i], in); */
ATLS_CHECKED enum atls_rc arm_sw(struct atls_bytes in, size_t off,
		    const char *where, struct arm_sw out[ARM_SW_MAX],
		    size_t *n, struct atls_err *err);

/* How components are claims, as a table of struct evidence_claim has them:
 * four for each, after their count. */
#define ARM_SW_CLAIMS	4
#define ARM_SW_ONE(p, i)						\
	{ p ".sw." #i ".type", ATLS_CLAIM_TEXT, false, 0 },		\
	{ p ".sw." #i ".measurement", ATLS_CLAIM_BYTES, true, 0 },	\
	{ p ".sw." #i ".signer", ATLS_CLAIM_BYTES, false, 0 },		\
	{ p ".sw." #i ".version", ATLS_CLAIM_TEXT, false, 0 }
#define ARM_SW_ALL(p)							\
	{ p ".sw.count", ATLS_CLAIM_NUMBER, true, 0 },			\
	ARM_SW_ONE(p, 0), ARM_SW_ONE(p, 1), ARM_SW_ONE(p, 2),		\
	ARM_SW_ONE(p, 3), ARM_SW_ONE(p, 4), ARM_SW_ONE(p, 5),		\
	ARM_SW_ONE(p, 6), ARM_SW_ONE(p, 7), ARM_SW_ONE(p, 8),		\
	ARM_SW_ONE(p, 9), ARM_SW_ONE(p, 10), ARM_SW_ONE(p, 11),		\
	ARM_SW_ONE(p, 12), ARM_SW_ONE(p, 13), ARM_SW_ONE(p, 14),	\
	ARM_SW_ONE(p, 15), ARM_SW_ONE(p, 16), ARM_SW_ONE(p, 17),	\
	ARM_SW_ONE(p, 18), ARM_SW_ONE(p, 19)
#define ARM_SW_NCLAIMS	(1 + ARM_SW_CLAIMS * ARM_SW_MAX)

/* Appends a claim, if it is there, and those of the components. */
/*@ requires \valid(ev) && ev->nclaim <= ATLS_CLAIMS_MAX;
    requires \valid_read(c) && \valid_read(v) && \separated(ev, c, v);
    requires view_in(v->bytes, ev->raw);
    assigns ev->claim[ev->nclaim .. ATLS_CLAIMS_MAX - 1], ev->nclaim;
    exits \false;
    ensures \old(ev->nclaim) <= ev->nclaim <= ATLS_CLAIMS_MAX;
    ensures claims_in(*ev, \old(ev->nclaim)); */
void		arm_say(struct atls_evidence *ev,
		    const struct evidence_claim *c,
		    const struct arm_value *v);

/*@ requires \valid(ev) && ev->nclaim <= ATLS_CLAIMS_MAX;
    requires \valid_read(count + (0 .. ARM_SW_NCLAIMS - 1));
    requires n <= ARM_SW_MAX && (n == 0 || \valid_read(sw + (0 .. n - 1)));
    requires \separated(ev, count + (0 .. ARM_SW_NCLAIMS - 1)) &&
	(n == 0 || \separated(ev, sw + (0 .. n - 1)));
    requires \forall integer i; 0 <= i < n ==>
	arm_sw_in(sw[i], ev->raw);
    assigns ev->claim[ev->nclaim .. ATLS_CLAIMS_MAX - 1], ev->nclaim;
    exits \false;
    ensures \old(ev->nclaim) <= ev->nclaim <= ATLS_CLAIMS_MAX;
    ensures claims_in(*ev, \old(ev->nclaim)); */
void		arm_say_sw(struct atls_evidence *ev,
		    const struct evidence_claim *count,
		    const struct arm_sw *sw, size_t n);

/*
 * Checks: 1, or not, and err says why.
 *
 * arm_check_alg	what the tokens may be signed with.
 * arm_check_signer	msg is signed by one of the keys that the policy has.
 * arm_check_lifecycle	the platform is secured, or is being debugged and
 *			that is allowed.
 */
/*@ requires \valid_read(trust) && \valid_read(msg);
    requires \separated(err, trust, msg);
    assigns *err;
    exits \false;
    ensures \result == 1 <==> msg->alg == COSE_ES256 ||
	msg->alg == COSE_ES384; */
int		arm_check_alg(const struct evidence_trust *trust,
		    struct atls_err *err, const struct cose_sign1 *msg,
		    const char *where);

/*@ requires \valid_read(trust) && \valid_read(msg);
    requires \valid_read(trust->key + (0 .. trust->nkey - 1));
    requires \separated(err, trust, msg, trust->key + (0 .. trust->nkey - 1));
    requires view_ok(msg->protected) && view_ok(msg->payload) &&
	view_ok(msg->signature);
    assigns *err;
    exits \false;
    ensures \result == 1 ==> trust->nkey > 0; */
int		arm_check_signer(const struct evidence_trust *trust,
		    struct atls_err *err, const struct cose_sign1 *msg,
		    const char *where_key, const char *where_signature);

/*@ requires \valid_read(trust) && \separated(err, trust);
    assigns *err;
    exits \false;
    ensures \result == 1 <==> v / 0x100 == 0x30 || (trust->allow_debug &&
	(v / 0x100 == 0x40 || v / 0x100 == 0x50)); */
int		arm_check_lifecycle(const struct evidence_trust *trust,
		    struct atls_err *err, uint64_t v, const char *where);

/* "cca:01ab...": word and the instance id. */
/*@ requires view_ok(id) && \valid(out + (0 .. ATLS_INSTANCE_MAX - 1));
    admit requires text_ok(word) && \separated(word + (0 .. text_len(word)),
	out + (0 .. ATLS_INSTANCE_MAX - 1));
    assigns out[0 .. ATLS_INSTANCE_MAX - 1];
    exits \false; */
void		arm_instance(const char *word, struct atls_bytes id,
		    char out[ATLS_INSTANCE_MAX]);

#endif
