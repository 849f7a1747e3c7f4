/* SPDX-License-Identifier: Apache-2.0 */
/* The switches: each makes one check of the library say yes. */
#include <string.h>

#include "../src/appraise/check.h"
#include "../src/crypto/crypto.h"
#include "../src/ea/object.h"
#include "../src/proto/binder.h"
#include "../src/proto/config.h"
#include "../src/proto/sm.h"
#include "trace_link.h"

#define WRAP(type, name, ...)						\
	type __real_##name(__VA_ARGS__);				\
	type __wrap_##name(__VA_ARGS__);				\
	type __wrap_##name(__VA_ARGS__)

unsigned off;
enum place place;

/* What is looked at while an authenticator is opened. */
static struct atls_bytes opened;

static bool
is_off(enum check c)
{
	return (off & BIT(c)) != 0;
}

/* The binder without the connection, or without the request. */
WRAP(enum atls_rc, binder_compute, const struct atls_channel *ch,
    enum atls_hash alg, struct atls_bytes context, struct atls_bytes spki,
    uint8_t *out, size_t *outlen, struct atls_err *err)
{
	struct atls_bytes part[2] = { spki, context };
	static const uint8_t same[32];

	if (is_off(CK_CONTEXT))
		context = part[1] = ATLS_ARRAY(same);
	if (!is_off(CK_EXPORTER))
		return __real_binder_compute(ch, alg, context, spki, out,
		    outlen, err);
	*outlen = crypto_hash_len(alg);
	return crypto_hash(alg, part, 2, out);
}

WRAP(int, binder_context_by, enum atls_role role, struct atls_bytes context)
{
	return is_off(CK_DIRECTION) || __real_binder_context_by(role, context);
}

/* The chain: without the name, or altogether. */
WRAP(enum atls_rc, crypto_chain_verify, struct crypto_chain *c,
    struct atls_trust *trust, unsigned peer, const char *name, int64_t now,
    int64_t *until, const char *where, struct atls_err *err)
{
	enum atls_rc rc;

	if (is_off(CK_CHAIN))
		return ATLS_OK;
	rc = __real_crypto_chain_verify(c, trust, peer, name, now, until,
	    where, err);
	if (rc != ATLS_OK && is_off(CK_NAME))
		rc = __real_crypto_chain_verify(c, trust, peer, peer ==
		    ATLS_CLIENT ? "client.example" : "server.example", now,
		    until, where, err);
	return rc;
}

/* CertificateVerify begins with 64 spaces: RFC 8446, 4.4.3. */
WRAP(enum atls_rc, crypto_verify, const struct crypto_key *key,
    unsigned scheme, struct atls_bytes msg, struct atls_bytes sig)
{
	bool ea = msg.len > 64 && msg.p[0] == ' ' && msg.p[63] == ' ';

	return is_off(ea ? CK_EA_SIGNATURE : CK_AK_SIGNATURE) ? ATLS_OK :
	    __real_crypto_verify(key, scheme, msg, sig);
}

/* Is that one of our TLS's keys: the peer's, or our own? */
static bool
is_key(struct atls_bytes b, bool of_peer)
{
	size_t i, side;

	for (i = 0; i < nlinks && b.len > 0; i++)
		for (side = 0; side < 2; side++) {
			const struct fake_end *e = side == W_CLIENT ?
			    &links[i].w.net.client : &links[i].w.net.server;

			if (b.p == (of_peer ? e->peer_spki : e->own_spki).p ||
			    (!of_peer && b.p == links[i].w.end[side].config->
			    own_spki.p))
				return true;
		}
	return false;
}

static bool
in_opened(struct atls_bytes b)
{
	return b.len > 0 && b.p >= opened.p && b.p < opened.p + opened.len;
}

static bool
is_pin(struct atls_bytes b)
{
	return b.len > 3 && memcmp(b.p, "ak:", 3) == 0;
}

WRAP(bool, atls_ct_eq, struct atls_bytes a, struct atls_bytes b)
{
	bool same = __real_atls_ct_eq(a, b);

	if (is_off(CK_ZEROS) && place == IN_KEYS)
		return false;
	/* verify_data is compared with what is nowhere, the context with that
	 * of our request */
	if (place == IN_OPEN && in_opened(a))
		return same || is_off(a.p + a.len == opened.p + opened.len ?
		    CK_FINISHED : CK_ECHO);
	if (place == IN_ACCEPT && is_key(a, true) && is_off(CK_ONE_KEY))
		return true;
	if (place == IN_ACCEPT && is_key(a, false) && is_off(CK_OWN_KEY))
		return false;
	return same || (is_pin(a) && is_pin(b) && is_off(CK_INSTANCE));
}

WRAP(enum atls_rc, ea_open, struct atls_ea *ea, struct atls_bytes request,
    struct atls_bytes authenticator, struct ea_auth *out,
    struct atls_err *err)
{
	enum atls_rc rc;

	opened = authenticator;
	place = IN_OPEN;
	rc = __real_ea_open(ea, request, authenticator, out, err);
	place = ELSEWHERE;
	return rc;
}

WRAP(enum atls_rc, ea_close, struct atls_ea *ea, const struct ea_auth *a,
    struct atls_trust *trust, const char *name, int64_t now,
    struct atls_ea_peer *out, struct atls_err *err)
{
	enum place was = place;
	enum atls_rc rc;

	place = IN_CLOSE;
	rc = __real_ea_close(ea, a, trust, name, now, out, err);
	place = was;
	return rc;
}

WRAP(enum atls_rc, ea_keys, struct atls_ea *ea,
    const struct atls_channel_info *info, enum atls_role maker,
    const struct ea_keys **out, struct atls_err *err)
{
	enum place was = place;
	enum atls_rc rc;

	place = IN_KEYS;
	rc = __real_ea_keys(ea, info, maker, out, err);
	place = was;
	return rc;
}

/* Contexts that nobody remembers. */
WRAP(enum ea_state, ea_context_state, const struct atls_ea *ea,
    struct ea_id id)
{
	if (!is_off(CK_TABLE))
		return __real_ea_context_state(ea, id);
	return place == IN_MAKE ? EA_RECEIVED : place == IN_OPEN ||
	    place == IN_CLOSE ? EA_ISSUED : EA_UNSEEN;
}

WRAP(enum atls_rc, ea_context_move, struct atls_ea *ea, struct ea_id id,
    enum ea_state from, enum ea_state to, struct atls_err *err)
{
	return is_off(CK_TABLE) ? ATLS_OK :
	    __real_ea_context_move(ea, id, from, to, err);
}

/* A connection whose handshake is not over; one that named nobody. */
WRAP(int, ea_channel_fit, const struct atls_channel *ch,
    struct atls_channel_info *out, struct atls_err *err)
{
	struct fake_end *e = ch->conn;
	struct atls_channel_info is = e->info;
	int rc;

	if (is_off(CK_FIT))
		e->info.established = true;
	if (is_off(CK_VERIFIED))
		e->info.peer_verified = true;
	rc = __real_ea_channel_fit(ch, out, err);
	e->info = is;
	return rc;
}

WRAP(bool, sm_may_send, const struct sm *r, const struct sm *a, bool hold_r,
    bool hold_a)
{
	return is_off(CK_GATE) || __real_sm_may_send(r, a, hold_r, hold_a);
}

/* The appraisal's. */
WRAP(int, check_report_data, struct appraisal *a)
{
	if (!is_off(CK_REPORT_DATA))
		return __real_check_report_data(a);
	a->res->binding = a->q->binding;
	a->res->freshness = a->q->freshness;
	return 1;
}

WRAP(int, check_key, struct appraisal *a)
{
	return is_off(CK_KEY) ? 1 : __real_check_key(a);
}

WRAP(int, check_claims, struct appraisal *a)
{
	return is_off(CK_CLAIMS) ? 1 : __real_check_claims(a);
}

WRAP(int, check_binding, struct appraisal *a)
{
	return is_off(CK_FLOOR) ? 1 : __real_check_binding(a);
}
