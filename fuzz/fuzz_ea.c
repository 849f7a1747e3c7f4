/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/ea/object.h"
#include "../tests/ea_util.h"

/*
 * Exported authenticators.  The first octet says what the rest is:
 *
 *	bits 0-1	0 a request; 1 an authenticator, 2 a spontaneous one;
 *			3 either, parsed without a connection
 *	bit 2		the other role
 *	bit 3		SHA-384
 *	bit 4		fix Finished, so that what is behind it is reached
 *	bit 5		it is a change to a good one: offset(2), octets xored
 *
 * Nothing but the good one itself is to be accepted: the fuzzer has the
 * connection's secrets, by bit 4, but not the key of the certificate.
 */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct ea_who	who;
static const struct atls_bytes none = { NULL, 0 };

static void
must(bool cond)
{
	if (!cond)
		abort();
}

static void
inside(struct atls_bytes in, struct atls_bytes v)
{
	must(v.len == 0 ? v.p == NULL : v.p >= in.p && v.len <= in.len &&
	    (size_t)(v.p - in.p) <= in.len - v.len);
}

static void
exts_inside(struct atls_bytes in, const struct atls_ea_ext *e, size_t n)
{
	size_t i;

	must(n <= ATLS_EA_EXTS_MAX);
	for (i = 0; i < n; i++)
		inside(in, e[i].data);
}

static void
try_request(struct ea_pair *p, struct atls_ea *ea, struct atls_bytes in)
{
	static uint8_t out[EA_ROOM];
	struct atls_buf buf = { out, sizeof(out), 0 };
	struct atls_ea_request q, again;
	struct atls_bytes context;
	struct atls_ea_peer peer;
	struct atls_err err = { 0 };
	enum atls_rc rc;

	rc = atls_ea_receive(ea, in, &q, &err);
	must(rc == err.rc);
	if (rc != ATLS_OK) {
		must(q.next == 0 && q.raw.len == 0 && q.nscheme == 0);
		return;
	}
	inside(in, q.context);
	exts_inside(in, q.ext, q.next);
	must(q.nscheme <= EA_NSCHEMES && q.next > 0);
	must(atls_ea_context(in, &context, NULL) == ATLS_OK &&
	    atls_ct_eq(context, q.context));
	must(atls_ea_receive(ea, in, &again, NULL) == ATLS_E_PEER);
	rc = atls_ea_authenticate(ea, &q, none, who.id, NULL, 0, &buf, NULL);
	must(rc == (ea_listed(q.scheme, q.nscheme, 0x0403) ? ATLS_OK :
	    ATLS_E_UNKNOWN));
	if (rc != ATLS_OK)
		must(atls_ea_refuse(ea, &q, &buf, NULL) == ATLS_OK);
	/* it answers no request but this */
	rc = atls_ea_validate(ea == p->client ? p->server : p->client, in,
	    (struct atls_bytes){ out, buf.len }, who.trust, NULL, EA_NOW,
	    &peer, NULL);
	must(rc == ATLS_E_PEER || rc == ATLS_E_ARG);
}

static void
try_auth(const struct ea_made *m, struct atls_bytes in, bool same)
{
	struct atls_ea_peer peer;
	struct ea_auth a;
	struct atls_err err = { 0 };
	enum atls_rc rc;

	rc = ea_open(m->relier, VIEW(m->request), in, &a, &err);
	must(rc == err.rc);
	if (rc != ATLS_OK) {
		must(a.raw.len == 0 && a.nder == 0 && a.next == 0);
		return;
	}
	inside(in, a.certificate);
	inside(in, a.certificate_verify);
	inside(in, a.verify_data);
	inside(in, a.context);
	inside(in, a.signature);
	exts_inside(in, a.ext, a.next);
	must(a.nder > 0 && a.nder <= ATLS_CHAIN_MAX && a.nother <=
	    ATLS_EA_EXTS_MAX);
	for (size_t i = 0; i < a.nder; i++)
		inside(in, a.der[i]);
	rc = ea_close(m->relier, &a, who.trust, "ea.example", EA_NOW, &peer,
	    &err);
	must(rc == err.rc);
	must(rc == ATLS_OK ? same : peer.nchain == 0);
}

static void
try_grammar(struct atls_bytes in)
{
	struct atls_ea_request q;
	struct atls_ea_peer p;
	struct atls_bytes context;

	if (atls_ea_request_parse(in, &q, NULL) == ATLS_OK) {
		inside(in, q.context);
		exts_inside(in, q.ext, q.next);
	}
	if (atls_ea_parse(in, &p, NULL) == ATLS_OK) {
		inside(in, p.context);
		exts_inside(in, p.ext, p.next);
		must(p.nchain <= ATLS_CHAIN_MAX);
		must(atls_ea_context(in, &context, NULL) == ATLS_OK &&
		    atls_ct_eq(context, p.context));
	} else {
		must(p.nchain == 0 && p.next == 0);
		(void)atls_ea_context(in, &context, NULL);
		inside(in, context);
	}
}

/* A good message, changed as the input says. */
static struct block
changed(struct block good, const uint8_t *data, size_t size)
{
	struct block b = block_of(VIEW(good));
	size_t at = size < 2 ? 0 : (size_t)data[0] << 8 | data[1], i;

	for (i = 2; i < size && at + i - 2 < b.len; i++)
		b.p[at + i - 2] ^= data[i];
	return b;
}

/* The good one of this kind: made once, as a signature is dear. */
static struct block
good_one(enum atls_role maker, bool spontaneous, enum atls_hash hash)
{
	static const uint8_t context[32] = { 7 };
	static struct block known[8];
	struct block *b = &known[(maker == ATLS_SERVER) + 2 * spontaneous +
	    4 * (hash == ATLS_SHA384)];
	uint8_t out[EA_ROOM];
	struct atls_buf buf = { out, sizeof(out), 0 };
	struct ea_made m;
	struct ea_pair p;

	if (b->p != NULL)
		return *b;
	ea_pair(&p, hash, 1);
	if (spontaneous) {
		must(atls_ea_authenticate(p.server, NULL, ATLS_ARRAY(context),
		    who.id, NULL, 0, &buf, NULL) == ATLS_OK);
		*b = block_of((struct atls_bytes){ out, buf.len });
	} else {
		ea_make(&p, maker, &who, 1, &m);
		*b = block_of(VIEW(m.auth));
		ea_made_free(&m);
	}
	ea_pair_free(&p);
	return *b;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum atls_role maker;
	enum atls_hash hash;
	struct ea_pair p;
	struct ea_made m = { 0 };
	struct block in, good;
	uint8_t how;

	if (who.id == NULL)
		ea_who(&who, PKI_P256);
	if (size == 0)
		return 0;
	how = *data++;
	size--;
	if ((how & 3) == 3) {
		in = block_of((struct atls_bytes){ data, size });
		try_grammar(VIEW(in));
		block_free(&in);
		return 0;
	}
	maker = how & 4 && (how & 3) != 2 ? ATLS_CLIENT : ATLS_SERVER;
	hash = how & 8 ? ATLS_SHA384 : ATLS_SHA256;
	ea_pair(&p, hash, 1);
	if ((how & 3) == 0) {
		struct ea_pair other;

		ea_pair(&other, ATLS_SHA256, 1);
		ea_ask(&other, maker, 2, &m);
		in = how & 32 ? changed(m.request, data, size) :
		    block_of((struct atls_bytes){ data, size });
		try_request(&p, maker == ATLS_SERVER ? p.server : p.client,
		    VIEW(in));
		ea_pair_free(&other);
	} else {
		good = good_one(maker, (how & 3) == 2, hash);
		if ((how & 3) == 2)
			m.relier = p.client;
		else
			ea_ask(&p, maker, 1, &m);
		in = how & 32 ? changed(good, data, size) :
		    block_of((struct atls_bytes){ data, size });
		if (how & 16)
			(void)ea_refinish(&p.tls.server, maker,
			    VIEW(m.request), in.p, in.len);
		try_auth(&m, VIEW(in), atls_ct_eq(VIEW(good), VIEW(in)));
	}
	block_free(&in);
	ea_made_free(&m);
	ea_pair_free(&p);
	return 0;
}
