/* SPDX-License-Identifier: Apache-2.0 */
/* The events, where sessions begin, answer and decide. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "../src/ea/object.h"
#include "../src/proto/accept.h"
#include "trace_link.h"

struct link links[NLINKS];
size_t nlinks;
unsigned tap_accepted[NLINKS][2];
struct quote quotes[NQUOTES];
size_t nquotes;

static uint64_t
hash_text(const char *s)
{
	return trace_hash((struct atls_bytes){ (const uint8_t *)s,
	    s == NULL ? 0 : strlen(s) });
}

uint64_t
tap_name(enum world_side side, const char *dns)
{
	return hash_text(dns) * 2 + (side == W_SERVER);
}

uint64_t
tap_ak(EVP_PKEY *ak)
{
	char pin[TPM_MAKE_PIN];

	tpm_make_pin(&(struct tpm_make_opts){ .ak = ak }, pin);
	return hash_text(pin);
}

static struct atls_bytes
spki_of(X509 *x)
{
	unsigned char *p = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &p);

	if (n <= 0)
		abort();
	return (struct atls_bytes){ p, (size_t)n };
}

static uint64_t
key_of(X509 *x)
{
	struct atls_bytes spki = spki_of(x);
	uint64_t h = trace_hash(spki);

	OPENSSL_free((void *)(uintptr_t)spki.p);
	return h;
}

uint64_t
tap_key(const struct pki_cert *c)
{
	return key_of(c->x509);
}

static uint64_t
key_of_der(struct atls_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);
	uint64_t h = 0;

	if (x != NULL)
		h = key_of(x);
	X509_free(x);
	return h;
}

/* The first dNSName of a leaf. */
static uint64_t
name_in(enum world_side side, X509 *x)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL,
	    NULL);
	char text[256] = "";
	ASN1_STRING *s;

	if (all != NULL && sk_GENERAL_NAME_num(all) > 0) {
		s = sk_GENERAL_NAME_value(all, 0)->d.dNSName;
		if (ASN1_STRING_length(s) < (int)sizeof(text))
			memcpy(text, ASN1_STRING_get0_data(s),
			    (size_t)ASN1_STRING_length(s));
	}
	GENERAL_NAMES_free(all);
	return tap_name(side, text);
}

bool
tap_quote(struct link *l, enum world_side me, struct atls_bytes rd,
    EVP_PKEY *aik, struct atls_buf *out)
{
	struct quote *q = &quotes[nquotes];

	if (nquotes == NQUOTES)
		return false;
	tpm_make(&l->w.end[me].tpm, rd, aik, out);
	memcpy(q->raw, out->p, out->len);
	q->len = out->len;
	q->on = l;
	q->by = me;
	nquotes++;
	EMIT(Gen, tap_ak(l->w.end[me].tpm.ak), trace_hash((struct atls_bytes){
	    out->p, out->len }));
	return true;
}

static bool
has(struct atls_bytes in, const struct quote *q)
{
	size_t at;

	for (at = 0; at + q->len <= in.len; at++)
		if (memcmp(in.p + at, q->raw, q->len) == 0)
			return true;
	return false;
}

/* Evidence is what it has inside: the same in another wrap is the same. */
static uint64_t
statement(struct atls_bytes in)
{
	size_t i;

	for (i = 0; i < nquotes; i++)
		if (has(in, &quotes[i]))
			return trace_hash((struct atls_bytes){ quotes[i].raw,
			    quotes[i].len });
	return trace_hash(in);
}

/* Which end of which connection is this?  False: of none that is watched. */
static bool
find(const struct atls_config *c, const void *conn, struct link **l,
    enum world_side *me)
{
	size_t i, side;

	for (i = 0; i < nlinks; i++)
		for (side = 0; side < 2; side++) {
			const struct world *w = &links[i].w;

			*l = &links[i];
			*me = (enum world_side)side;
			if ((c != NULL && w->end[side].config == c) ||
			    conn == (side == W_CLIENT ? &w->net.client :
			    &w->net.server))
				return true;
		}
	return false;
}

static struct fake_end *
tls_of(struct link *l, enum world_side me)
{
	return me == W_CLIENT ? &l->w.net.client : &l->w.net.server;
}

static void
a_hs(struct link *l, enum world_side me)
{
	EMIT(A_Hs, name_in(me, l->w.end[me].leaf.x509),
	    trace_hash(l->w.end[me].config->own_spki), l->ses[me]);
}

static void
r_hs(struct link *l, enum world_side me)
{
	EMIT(R_Hs, tap_name(!me, l->w.end[me].config->name),
	    trace_hash(tls_of(l, me)->peer_spki), l->ses[me]);
}

/* A session begins: the handshake has given this end its secrets. */
static void
give_secrets(struct link *l, enum world_side me)
{
	struct fake_end *e = tls_of(l, me);

	tls_derive(l->w.o.hash, &l->tls[me], &l->sec[me]);
	l->ses[me] = trace_ses(&l->sec[me].s);
	memcpy(e->secret, l->sec[me].ems, sizeof(e->secret));
	if (l->early) {
		e->info.established = false;
		e->too_early = true;
	}
	if (l->shows[!me] == NULL && !l->mute[!me])
		return;
	OPENSSL_free((void *)(uintptr_t)e->peer_spki.p);
	e->peer_spki = (struct atls_bytes){ NULL, 0 };
	if (!l->mute[!me])
		e->peer_spki = spki_of(l->shows[!me]->x509);
}

struct atls_session *__real_atls_session_new(struct atls_config *,
		    enum atls_role, const struct atls_channel *, int64_t,
		    struct atls_err *);
struct atls_session *__wrap_atls_session_new(struct atls_config *,
		    enum atls_role, const struct atls_channel *, int64_t,
		    struct atls_err *);

struct atls_session *
__wrap_atls_session_new(struct atls_config *c, enum atls_role role,
    const struct atls_channel *ch, int64_t now, struct atls_err *err)
{
	enum world_side me;
	struct link *l;

	if (find(c, ch->conn, &l, &me)) {
		give_secrets(l, me);
		if (!l->hostile[me] && !config_is_carried(c)) {
			if (c->identity != NULL)
				a_hs(l, me);
			if (c->policy != NULL)
				r_hs(l, me);
		}
	}
	return __real_atls_session_new(c, role, ch, now, err);
}

/* Where the handshake carries evidence: the flight with ours leaves... */
enum atls_rc	__real_atls_config_wrap(const struct atls_config *,
		    struct atls_bytes, struct atls_buf *, struct atls_err *);
enum atls_rc	__wrap_atls_config_wrap(const struct atls_config *,
		    struct atls_bytes, struct atls_buf *, struct atls_err *);

enum atls_rc
__wrap_atls_config_wrap(const struct atls_config *c, struct atls_bytes raw,
    struct atls_buf *out, struct atls_err *err)
{
	enum world_side me;
	struct link *l;

	if (config_is_carried(c) && find(c, NULL, &l, &me) &&
	    !l->hostile[me]) {
		a_hs(l, me);
		EMIT(A_Ev, name_in(me, l->w.end[me].leaf.x509),
		    trace_hash(c->own_spki), tap_ak(l->w.end[me].tpm.ak),
		    l->ses[me], 0, statement(raw));
	}
	return __real_atls_config_wrap(c, raw, out, err);
}

/* ...and all of the peer's has come. */
enum atls_rc	__real_atls_session_shaken(struct atls_session *);
enum atls_rc	__wrap_atls_session_shaken(struct atls_session *);

enum atls_rc
__wrap_atls_session_shaken(struct atls_session *s)
{
	enum world_side me;
	size_t i;

	for (i = 0; i < nlinks; i++)
		for (me = W_CLIENT; me <= W_SERVER; me++) {
			const struct world_end *e = &links[i].w.end[me];

			if (e->s == s && !links[i].hostile[me] &&
			    e->policy != NULL)
				r_hs(&links[i], me);
		}
	return __real_atls_session_shaken(s);
}

/* An authenticator leaves. */
enum atls_rc	__real_atls_ea_authenticate(struct atls_ea *,
		    const struct atls_ea_request *, struct atls_bytes,
		    const struct atls_identity *, const struct atls_ea_ext *,
		    size_t, struct atls_buf *, struct atls_err *);
enum atls_rc	__wrap_atls_ea_authenticate(struct atls_ea *,
		    const struct atls_ea_request *, struct atls_bytes,
		    const struct atls_identity *, const struct atls_ea_ext *,
		    size_t, struct atls_buf *, struct atls_err *);

enum atls_rc
__wrap_atls_ea_authenticate(struct atls_ea *ea,
    const struct atls_ea_request *req, struct atls_bytes context,
    const struct atls_identity *id, const struct atls_ea_ext *ext, size_t n,
    struct atls_buf *out, struct atls_err *err)
{
	enum world_side me;
	struct link *l;
	enum atls_rc rc;

	if (find(NULL, ea->channel.conn, &l, &me) && !l->hostile[me])
		EMIT(A_Ev, name_in(me, l->w.end[me].leaf.x509),
		    key_of_der(id->chain[0]), tap_ak(l->w.end[me].tpm.ak),
		    l->ses[me], trace_hash(req->context),
		    statement(ext[0].data));
	place = IN_MAKE;
	rc = __real_atls_ea_authenticate(ea, req, context, id, ext, n, out,
	    err);
	place = ELSEWHERE;
	return rc;
}

/* A verdict: R_Ok and R_Done.  The key is the handshake's, or, where that had
 * none, the authenticator's. */
static void
decided(const struct accept_in *in, enum atls_verdict v,
    const struct atls_result *out, struct atls_bytes evidence,
    struct atls_bytes context)
{
	enum world_side me;
	struct link *l;
	uint64_t ak, st, key;

	if (!find(in->config, NULL, &l, &me) || l->hostile[me])
		return;
	if (v != ATLS_VERDICT_ACCEPT)
		return;
	tap_accepted[l - links][me]++;
	st = statement(evidence);
	ak = hash_text(out->instance);
	key = tls_of(l, me)->peer_spki.len > 0 ?
	    trace_hash(tls_of(l, me)->peer_spki) :
	    key_of_der(in->auth->der[0]);
	EMIT(R_Ok, ak, st);
	EMIT(R_Done, tap_name(!me, in->config->name), key, ak, l->ses[me],
	    context.len == 0 ? 0 : trace_hash(context), st);
}

enum atls_verdict __real_accept_peer(const struct accept_in *,
		    struct atls_result *, bool *, struct atls_buf *);
enum atls_verdict __wrap_accept_peer(const struct accept_in *,
		    struct atls_result *, bool *, struct atls_buf *);
enum atls_verdict __real_accept_carried(const struct accept_in *,
		    struct atls_result *, bool *);
enum atls_verdict __wrap_accept_carried(const struct accept_in *,
		    struct atls_result *, bool *);

enum atls_verdict
__wrap_accept_peer(const struct accept_in *in, struct atls_result *out,
    bool *absent, struct atls_buf *binder)
{
	struct accept_in mine = *in;
	struct atls_ea_request asked = { .type = 0 };
	struct atls_bytes ext = { NULL, 0 };
	enum atls_verdict v;
	size_t i;

	if ((off & BIT(CK_LAST)) != 0)
		mine.last = (struct atls_bytes){ NULL, 0 };
	place = IN_ACCEPT;
	v = __real_accept_peer(&mine, out, absent, binder);
	place = ELSEWHERE;
	/* what we asked, not what the answer says */
	if (ea_request_read(in->auth->request, &asked, NULL) != ATLS_OK)
		abort();
	for (i = 0; i < in->auth->next; i++)
		if (in->auth->ext[i].type == in->config->code_point)
			ext = in->auth->ext[i].data;
	decided(in, v, out, ext, asked.context);
	return v;
}

enum atls_verdict
__wrap_accept_carried(const struct accept_in *in, struct atls_result *out,
    bool *absent)
{
	struct fake_end *e = in->channel->conn;
	enum atls_verdict v;

	place = IN_ACCEPT;
	v = __real_accept_carried(in, out, absent);
	place = ELSEWHERE;
	decided(in, v, out, e->carried.evidence, (struct atls_bytes){ NULL,
	    0 });
	return v;
}
