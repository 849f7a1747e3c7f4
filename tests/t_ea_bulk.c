/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ea_util.h"
#include "fault.h"
#include "t.h"

/* Exported authenticators: every prefix, every flipped bit, every fault. */

static const struct atls_bytes	none = { NULL, 0 };
static struct ea_who		who[4];
static const char *const	names[4] = { "P-256", "P-384", "RSA",
    "Ed25519" };

static enum atls_rc
validate(const struct ea_made *m, struct atls_bytes auth,
    struct atls_trust *trust, struct atls_err *err)
{
	struct atls_ea_peer peer;
	enum atls_rc rc;

	memset(&peer, 1, sizeof(peer));
	rc = atls_ea_validate(m->relier, VIEW(m->request), auth, trust,
	    "ea.example", EA_NOW, &peer, err);
	T(rc == ATLS_OK ? peer.nchain > 0 : peer.nchain == 0 &&
	    peer.spki.len == 0 && peer.not_after == 0, "outputs");
	return rc;
}

static void
prefixes(const char *name, const struct ea_made *m, struct atls_trust *trust)
{
	size_t n;

	for (n = 0; n < m->auth.len; n++) {
		struct block b = block_of((struct atls_bytes){ m->auth.p, n });
		enum atls_rc rc = validate(m, VIEW(b), trust, NULL);

		T(rc == ATLS_E_TRUNC, "%s: %zu octets: %s", name, n,
		    atls_rc_name(rc));
		block_free(&b);
	}
}

/*
 * Every bit, once as it is, once with a Finished to match: then the signature
 * has to notice.  end: of the connection, NULL: no second time.
 */
static void
flips(const char *name, const struct ea_made *m, struct atls_trust *trust,
    enum atls_rc good, const struct fake_end *end, enum atls_role maker)
{
	size_t finished = end != NULL && end->info.hash == ATLS_SHA384 ? 48 :
	    32, deep = 0, i;

	for (i = 0; i < 8 * m->auth.len; i++) {
		struct block b = block_of(VIEW(m->auth));
		struct atls_err err = { 0 };
		enum atls_rc rc;

		b.p[i / 8] ^= (uint8_t)(1 << (i % 8));
		rc = validate(m, VIEW(b), trust, &err);
		T(rc != ATLS_OK && rc != ATLS_E_REFUSED && rc == err.rc,
		    "%s: bit %zu: %s", name, i, atls_rc_name(rc));
		if (end != NULL && i / 8 < m->auth.len - finished &&
		    ea_refinish(end, maker, VIEW(m->request), b.p, b.len)) {
			err = (struct atls_err){ 0 };
			rc = validate(m, VIEW(b), trust, &err);
			T(rc != ATLS_OK && rc != ATLS_E_REFUSED && rc ==
			    err.rc, "%s: bit %zu, Finished: %s", name, i,
			    atls_rc_name(rc));
			deep += rc == ATLS_E_SIG && strcmp(err.where,
			    "ea.certificate_verify") == 0;
		}
		block_free(&b);
	}
	T(end == NULL || deep > m->auth.len, "%s: only %zu signatures", name,
	    deep);
	T(validate(m, VIEW(m->auth), trust, NULL) == good,
	    "%s: good to the end", name);
}

static void
test_authenticators(void)
{
	struct ea_made m;
	struct ea_pair p;
	size_t i;

	for (i = 0; i < 16; i++) {
		enum atls_role maker = i & 1 ? ATLS_CLIENT : ATLS_SERVER;
		const struct ea_who *w = &who[i / 4];

		ea_pair(&p, i & 2 ? ATLS_SHA384 : ATLS_SHA256, 1);
		ea_make(&p, maker, w, 1, &m);
		prefixes(names[i / 4], &m, w->trust);
		/* the costly half once for each kind of key, by turns */
		flips(names[i / 4], &m, w->trust, ATLS_OK, (i & 3) !=
		    (i / 4 & 1) * 3 ? NULL : maker == ATLS_SERVER ?
		    &p.tls.server : &p.tls.client, maker);
		ea_made_free(&m);
		ea_pair_free(&p);
	}
}

static void
test_spontaneous(void)
{
	static const uint8_t context[32] = { 7 };
	uint8_t o[EA_ROOM];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct ea_made m = { 0 };
	struct ea_pair p;

	ea_pair(&p, ATLS_SHA256, 1);
	m.relier = p.client;
	T(atls_ea_authenticate(p.server, NULL, ATLS_ARRAY(context), who[0].id,
	    NULL, 0, &buf, NULL) == ATLS_OK, "spontaneous");
	m.auth = block_of((struct atls_bytes){ o, buf.len });
	prefixes("spontaneous", &m, who[0].trust);
	flips("spontaneous", &m, who[0].trust, ATLS_OK, &p.tls.server,
	    ATLS_SERVER);
	ea_made_free(&m);
	ea_pair_free(&p);
}

static void
test_empty(void)
{
	struct atls_ea_request q;
	uint8_t o[64];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct ea_made m;
	struct ea_pair p;
	int i;

	for (i = 0; i < 4; i++) {
		ea_pair(&p, i & 1 ? ATLS_SHA384 : ATLS_SHA256, 1);
		ea_ask(&p, i & 2 ? ATLS_CLIENT : ATLS_SERVER, 1, &m);
		T(atls_ea_receive(m.maker, VIEW(m.request), &q, NULL) ==
		    ATLS_OK && atls_ea_refuse(m.maker, &q, &buf, NULL) ==
		    ATLS_OK, "refuse");
		m.auth = block_of((struct atls_bytes){ o, buf.len });
		prefixes("empty", &m, who[0].trust);
		flips("empty", &m, who[0].trust, ATLS_E_REFUSED, NULL,
		    ATLS_SERVER);
		ea_made_free(&m);
		ea_pair_free(&p);
	}
}

/* An altered request: refused, or its answer is no answer to ours. */
static void
one_request(struct ea_made *m, struct atls_bytes request, bool cut, size_t at)
{
	uint8_t o[EA_ROOM];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_ea_request q;
	struct ea_pair p;
	struct atls_ea *ea;
	enum atls_rc rc;
	int refuse;

	for (refuse = 0; refuse < 2; refuse++) {
		ea_pair(&p, ATLS_SHA256, 1);
		ea = m->maker == NULL ? p.server : p.client;
		rc = atls_ea_receive(ea, request, &q, NULL);
		T(!cut || (rc != ATLS_OK && q.raw.len == 0), "%zu octets",
		    at);
		if (rc == ATLS_OK)
			rc = refuse ? atls_ea_refuse(ea, &q, &buf, NULL) :
			    atls_ea_authenticate(ea, &q, none, who[0].id,
			    NULL, 0, &buf, NULL);
		if (rc == ATLS_OK)
			rc = validate(m, (struct atls_bytes){ o, buf.len },
			    who[0].trust, NULL);
		T(rc != ATLS_OK && rc != ATLS_E_REFUSED, "bit %zu: %s", at,
		    atls_rc_name(rc));
		ea_pair_free(&p);
	}
}

static void
test_requests(void)
{
	struct ea_made m;
	struct ea_pair p;
	size_t i;
	int role;

	for (role = ATLS_CLIENT; role <= ATLS_SERVER; role++) {
		ea_pair(&p, ATLS_SHA256, 1);
		ea_ask(&p, (enum atls_role)role, 1, &m);
		m.maker = role == ATLS_SERVER ? NULL : p.client;
		for (i = 0; i < m.request.len; i++) {
			struct block b = block_of((struct atls_bytes){
			    m.request.p, i });

			one_request(&m, VIEW(b), true, i);
			block_free(&b);
		}
		for (i = 0; i < 8 * m.request.len; i++) {
			struct block b = block_of(VIEW(m.request));

			b.p[i / 8] ^= (uint8_t)(1 << (i % 8));
			one_request(&m, VIEW(b), false, i);
			block_free(&b);
		}
		ea_made_free(&m);
		ea_pair_free(&p);
	}
}

/* A signer that fails when it is its turn. */
static enum atls_rc
weak_sign(void *key, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	if (fault_hit(FAULT_OWN))
		return ATLS_E_DEVICE;
	return who[0].id->sign(key, scheme, tbs, sig, err);
}

enum scene { REQUESTED, SPONTANEOUS, REFUSED, FORGED, NSCENES };

/* One exchange; each step is tried again after a fault, and must then work. */
struct play {
	enum scene		 scene;
	unsigned		 step;
	struct ea_pair		 pair;
	struct atls_ea		*client, *server;
	struct atls_ea_request	 q;
	uint8_t			 request[256], auth[EA_ROOM];
	struct atls_buf		 rbuf, abuf;
};

static enum atls_rc
ea_new(struct fake_end *end, struct atls_ea **ea)
{
	struct atls_channel ch = fake_channel(end);
	struct atls_err err = { 0 };

	*ea = atls_ea_new(&ch, &err);
	return err.rc;
}

static enum atls_rc
answer(struct play *p)
{
	static const uint8_t context[32] = { 9 };
	struct atls_identity id = *who[0].id;
	enum atls_rc rc;

	id.sign = weak_sign;
	if (p->scene == REFUSED)
		return atls_ea_refuse(p->server, &p->q, &p->abuf, NULL);
	if (p->scene == SPONTANEOUS)
		return atls_ea_authenticate(p->server, NULL,
		    ATLS_ARRAY(context), &id, NULL, 0, &p->abuf, NULL);
	if (p->scene == FORGED)		/* a chain that is not ours to show */
		id.chain[0] = who[1].id->chain[0];
	rc = atls_ea_authenticate(p->server, &p->q, none, &id, NULL, 0,
	    &p->abuf, NULL);
	return rc;
}

static enum atls_rc
play_step(struct play *p)
{
	static const uint8_t context[32] = { 8 };
	bool asked = p->scene != SPONTANEOUS;
	struct atls_ea_peer peer;
	enum atls_rc rc;

	p->rbuf = (struct atls_buf){ p->request, sizeof(p->request),
	    p->step == 2 ? 0 : p->rbuf.len };
	p->abuf = (struct atls_buf){ p->auth, sizeof(p->auth), p->abuf.len };
	switch (p->step) {
	case 0:
		return ea_new(&p->pair.tls.client, &p->client);
	case 1:
		return ea_new(&p->pair.tls.server, &p->server);
	case 2:
		return asked ? atls_ea_request(p->client, ATLS_ARRAY(context),
		    NULL, 0, &p->rbuf, NULL) : ATLS_OK;
	case 3:
		return asked ? atls_ea_receive(p->server, (struct atls_bytes){
		    p->request, p->rbuf.len }, &p->q, NULL) : ATLS_OK;
	case 4:
		return answer(p);
	default:
		rc = atls_ea_validate(p->client, (struct atls_bytes){
		    p->request, p->rbuf.len }, (struct atls_bytes){ p->auth,
		    p->abuf.len }, who[0].trust, "ea.example", EA_NOW, &peer,
		    NULL);
		T((rc == ATLS_OK) == (peer.nchain != 0), "peer");
		return rc;
	}
}

static const enum atls_rc ends[NSCENES] = { ATLS_OK, ATLS_OK, ATLS_E_REFUSED,
    ATLS_E_SIG };

/* true if the fault came to pass.  strict: a fault must not be survived. */
static bool
play(enum scene scene, enum fault_family family, unsigned n, bool strict)
{
	struct play p = { .scene = scene };
	bool fired = false;

	fake_pair(&p.pair.tls, ATLS_SHA256, 1);
	fault_set(family, n);
	for (p.step = 0; p.step < 6; p.step++) {
		enum atls_rc want = p.step == 5 ? ends[scene] : ATLS_OK;
		enum atls_rc rc = play_step(&p);

		if (fault_fired() && !fired) {
			fired = true;
			T(!strict || rc != want, "%d: step %u survived %u",
			    scene, p.step, n);
			T(rc != ATLS_OK || want == ATLS_OK, "%d: accepted, %u",
			    scene, n);
			fault_set(FAULT_NONE, 0);
			T(rc == want || (p.step != 2 && p.step != 4) ||
			    (p.step == 2 ? p.rbuf.len : p.abuf.len) == 0,
			    "%d: step %u leaves octets", scene, p.step);
			if (rc != want)
				rc = play_step(&p);
		}
		T(rc == want, "%d: family %d, call %u, step %u: %s", scene,
		    family, n, p.step, atls_rc_name(rc));
	}
	fault_set(FAULT_NONE, 0);
	atls_ea_free(p.client);
	atls_ea_free(p.server);
	return fired;
}

static void
test_faults(void)
{
	static const struct {
		enum fault_family	 family;
		bool			 strict;
		unsigned		 least[NSCENES];
	} cases[] = {
		{ FAULT_MEM,	   true,  { 4, 3, 3, 4 } },
		{ FAULT_CRYPTO,	   true,  { 12, 9, 7, 11 } },
		{ FAULT_OWN,	   true,  { 1, 1, 0, 1 } },
		{ FAULT_LIBCRYPTO, false, { 9, 9, 9, 9 } },
	};
	size_t i;
	int scene;
	unsigned n;

	for (i = 0; i < NITEMS(cases); i++)
		for (scene = 0; scene < NSCENES; scene++) {
			for (n = 1; play((enum scene)scene, cases[i].family,
			    n, cases[i].strict); n++)
				;
			T(n > cases[i].least[scene], "family %d, scene %d: "
			    "only %u", cases[i].family, scene, n - 1);
		}
}

int
main(void)
{
	size_t i;

	T(fault_libcrypto(), "libcrypto was first");
	for (i = 0; i < NITEMS(who); i++)
		ea_who(&who[i], (enum pki_key)i);
	test_authenticators();
	test_spontaneous();
	test_empty();
	test_requests();
	test_faults();
	for (i = 0; i < NITEMS(who); i++)
		ea_who_free(&who[i]);
	return t_end("t_ea_bulk");
}
