/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/ea/ea.h"
#include "ea_util.h"
#include "t.h"

/* Exported authenticators: making them, and making none. */

#define S(s)	((struct atls_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

static const struct atls_bytes	none = { NULL, 0 };
static struct ea_who		who;
static uint8_t			out[2 * EA_ROOM];

/* Answers a request of the client's, as asked. */
struct making {
	struct ea_pair		 pair;
	struct ea_made		 asked;
	struct atls_ea_request	 q;
	struct atls_buf		 buf;
};

static void
making_new(struct making *m)
{
	ea_pair(&m->pair, ATLS_SHA256, 1);
	ea_ask(&m->pair, ATLS_SERVER, 1, &m->asked);
	T(atls_ea_receive(m->asked.maker, VIEW(m->asked.request), &m->q,
	    NULL) == ATLS_OK, "receive");
	m->buf = (struct atls_buf){ out, sizeof(out), 0 };
}

static void
making_free(struct making *m)
{
	ea_made_free(&m->asked);
	ea_pair_free(&m->pair);
}

static enum atls_rc
make(struct making *m, const struct atls_identity *id,
    const struct atls_ea_ext *ext, size_t next)
{
	return atls_ea_authenticate(m->asked.maker, &m->q, none, id, ext,
	    next, &m->buf, NULL);
}

static enum atls_rc
validate(struct making *m, struct atls_ea_peer *peer)
{
	return atls_ea_validate(m->asked.relier, VIEW(m->asked.request),
	    (struct atls_bytes){ out, m->buf.len }, who.trust, "ea.example",
	    EA_NOW, peer, NULL);
}

static void
test_once(void)
{
	struct atls_ea_peer peer;
	struct making m;

	making_new(&m);
	T(make(&m, who.id, NULL, 0) == ATLS_OK, "first");
	T(validate(&m, &peer) == ATLS_OK && peer.next == 0 && peer.nother ==
	    0 && peer.nchain == 2, "valid");
	T(make(&m, who.id, NULL, 0) == ATLS_E_STATE && m.buf.len == 0,
	    "second");
	T(atls_ea_refuse(m.asked.maker, &m.q, &m.buf, NULL) == ATLS_E_STATE &&
	    m.buf.len == 0, "refusal after it");
	making_free(&m);

	making_new(&m);
	T(atls_ea_refuse(m.asked.maker, &m.q, &m.buf, NULL) == ATLS_OK &&
	    m.buf.len == 36, "refusal");
	T(validate(&m, &peer) == ATLS_E_REFUSED && peer.nchain == 0,
	    "well formed");
	T(validate(&m, &peer) == ATLS_E_PEER, "again");
	T(make(&m, who.id, NULL, 0) == ATLS_E_STATE, "after refusal");
	T(atls_ea_refuse(m.asked.maker, &m.q, &m.buf, NULL) == ATLS_E_STATE,
	    "refusal after refusal");
	T(atls_ea_refuse(m.asked.maker, NULL, &m.buf, NULL) == ATLS_E_ARG,
	    "refusal of nothing");
	/* a request that was never received here: our own */
	T(atls_ea_authenticate(m.asked.relier, &m.q, none, who.id, NULL, 0,
	    &m.buf, NULL) == ATLS_E_STATE, "not received");
	T(atls_ea_refuse(m.asked.relier, &m.q, &m.buf, NULL) == ATLS_E_STATE,
	    "not received");
	making_free(&m);
}

static void
test_room(void)
{
	struct atls_ea_peer peer;
	struct making m;
	size_t need, cap;

	making_new(&m);
	m.buf = (struct atls_buf){ NULL, 0, 0 };
	T(make(&m, who.id, NULL, 0) == ATLS_E_SPACE && m.buf.len > 0 &&
	    m.buf.len < EA_ROOM, "%zu", m.buf.len);
	need = m.buf.len;
	for (cap = 0; cap < need; cap++) {
		struct block b = block_of((struct atls_bytes){ out, cap });

		m.buf = (struct atls_buf){ b.p, cap, 0 };
		T(make(&m, who.id, NULL, 0) == ATLS_E_SPACE && m.buf.len ==
		    need, "%zu", cap);
		block_free(&b);
	}
	m.buf = (struct atls_buf){ out, need, 0 };
	T(make(&m, who.id, NULL, 0) == ATLS_OK && m.buf.len <= need, "%zu",
	    need);
	T(validate(&m, &peer) == ATLS_OK, "enough");
	making_free(&m);

	making_new(&m);
	for (cap = 0; cap < 36; cap++) {
		struct block b = block_of((struct atls_bytes){ out, cap });

		m.buf = (struct atls_buf){ b.p, cap, 0 };
		T(atls_ea_refuse(m.asked.maker, &m.q, &m.buf, NULL) ==
		    ATLS_E_SPACE && m.buf.len == 36, "%zu", cap);
		block_free(&b);
	}
	m.buf = (struct atls_buf){ out, 36, 0 };
	T(atls_ea_refuse(m.asked.maker, &m.q, &m.buf, NULL) == ATLS_OK,
	    "refusal");
	making_free(&m);
}

static void
test_large(void)
{
	static uint8_t der[ATLS_EA_MAX], big[ATLS_EA_MAX + 8192];
	struct atls_identity id = *who.id;
	struct making m;

	making_new(&m);
	m.buf = (struct atls_buf){ big, sizeof(big), 0 };
	id.nchain = 1;
	id.chain[0] = ATLS_ARRAY(der);
	T(make(&m, &id, NULL, 0) == ATLS_E_LIMIT && m.buf.len == 0,
	    "larger than anybody takes");
	id.chain[0].len -= 2048;
	T(make(&m, &id, NULL, 0) == ATLS_OK && m.buf.len <= ATLS_EA_MAX,
	    "%zu", m.buf.len);
	making_free(&m);
}

/* A signer that does as it is told. */
static struct {
	enum atls_rc	 rc;
	size_t		 len;
	uint16_t	 scheme;
	unsigned	 calls;
} signer;

static enum atls_rc
fake_sign(void *key, uint16_t scheme, struct atls_bytes tbs,
    struct atls_buf *sig, struct atls_err *err)
{
	(void)err;
	signer.calls++;
	signer.scheme = scheme;
	if (signer.rc == ATLS_OK && signer.len == SIZE_MAX)
		return who.id->sign(key, scheme, tbs, sig, err);
	sig->len = signer.len;
	return signer.rc;
}

static void
test_exts(void)
{
	static uint8_t data[65532], big[70000];
	struct atls_identity id = *who.id;
	struct atls_ea_ext e[17] = { { 0 } };
	struct atls_ea_peer peer;
	struct making m;

	making_new(&m);
	e[0] = (struct atls_ea_ext){ 0xff78, S("x") };
	T(make(&m, who.id, e, 1) == ATLS_E_ARG, "not asked for");
	e[0].type = 13;
	T(make(&m, who.id, e, 1) == ATLS_E_ARG, "asked, not of Certificate");
	e[0].type = EA_EXT;
	e[1].type = 0xff78;
	T(make(&m, who.id, e, 2) == ATLS_E_ARG, "second not asked for");
	e[1].type = EA_EXT;
	T(make(&m, who.id, e, 2) == ATLS_E_ARG, "twice");
	T(make(&m, who.id, e, 17) == ATLS_E_ARG, "too many");
	T(make(&m, who.id, e, 1) == ATLS_OK && validate(&m, &peer) ==
	    ATLS_OK && peer.next == 1 && peer.ext[0].data.len == 1 &&
	    peer.ext[0].data.p[0] == 'x', "as asked");
	making_free(&m);

	/* more than one, in our order */
	making_new(&m);
	m.q.ext[m.q.next++].type = 0xff78;
	e[0] = (struct atls_ea_ext){ 0xff78, S("y") };
	e[1] = (struct atls_ea_ext){ EA_EXT, S("") };
	T(make(&m, who.id, e, 2) == ATLS_OK && atls_ea_parse(
	    (struct atls_bytes){ out, m.buf.len }, &peer, NULL) == ATLS_OK &&
	    peer.next == 2 && peer.ext[0].type == 0xff78 &&
	    peer.ext[1].type == EA_EXT && peer.ext[1].data.len == 0, "two");
	T(validate(&m, &peer) == ATLS_E_FORMAT, "it asked for one");
	making_free(&m);

	/* RFC 8446, 4.4.2: all extensions of an entry, and their headers */
	id.sign = fake_sign;
	e[0].type = EA_EXT;
	making_new(&m);
	m.buf = (struct atls_buf){ big, sizeof(big), 0 };
	e[0].data = ATLS_ARRAY(data);
	signer.calls = 0;
	T(make(&m, &id, e, 1) == ATLS_E_LIMIT && m.buf.len == 0 &&
	    signer.calls == 0, "an octet too long");
	e[0].data.len--;
	signer.rc = ATLS_OK;
	signer.len = SIZE_MAX;
	T(make(&m, &id, e, 1) == ATLS_OK, "as long as can be");
	T(atls_ea_validate(m.asked.relier, VIEW(m.asked.request),
	    (struct atls_bytes){ big, m.buf.len }, who.trust, NULL, EA_NOW,
	    &peer, NULL) == ATLS_OK && peer.ext[0].data.len == 65531,
	    "as long as can be");
	making_free(&m);
}

static void
test_identity(void)
{
	struct atls_identity id = *who.id;
	struct making m;

	making_new(&m);
	id.nchain = 0;
	T(make(&m, &id, NULL, 0) == ATLS_E_ARG, "no chain");
	id.nchain = ATLS_CHAIN_MAX + 1;
	T(make(&m, &id, NULL, 0) == ATLS_E_ARG, "chain too long");
	id.nchain = 2;
	id.chain[1] = none;
	T(make(&m, &id, NULL, 0) == ATLS_E_ARG, "empty certificate");
	id = *who.id;
	id.sign = NULL;
	T(make(&m, &id, NULL, 0) == ATLS_E_ARG, "cannot sign");
	id = *who.id;
	id.nscheme = 5;
	T(make(&m, &id, NULL, 0) == ATLS_E_ARG, "more schemes than fit");
	id.nscheme = 0;
	T(make(&m, &id, NULL, 0) == ATLS_E_UNKNOWN, "no scheme");
	id.nscheme = 1;
	id.scheme[0] = 0x0401;		/* not TLS 1.3: RFC 9261, 5.2.2 */
	T(make(&m, &id, NULL, 0) == ATLS_E_UNKNOWN, "PKCS #1");
	m.q.nscheme = 0;
	id = *who.id;
	T(make(&m, &id, NULL, 0) == ATLS_E_UNKNOWN, "nothing offered");
	m.q.scheme[m.q.nscheme++] = 0x0401;
	id.scheme[0] = 0x0401;
	T(make(&m, &id, NULL, 0) == ATLS_E_UNKNOWN, "PKCS #1 at both ends");
	making_free(&m);
}

static void
test_sign(void)
{
	static const struct {
		const char	*what;
		enum atls_rc	 rc, want;
		size_t		 len;
	} cases[] = {
		{ "device",	ATLS_E_DEVICE, ATLS_E_DEVICE, 0 },
		{ "memory",	ATLS_E_MEM, ATLS_E_MEM, 64 },
		{ "space",	ATLS_E_SPACE, ATLS_E_CRYPTO, 64 },
		{ "nothing",	ATLS_OK, ATLS_E_CRYPTO, 0 },
		{ "too much",	ATLS_OK, ATLS_E_CRYPTO, ATLS_SIG_MAX + 1 },
	};
	struct atls_identity id = *who.id;
	struct atls_ea_peer peer;
	struct making m;
	size_t i;

	id.sign = fake_sign;
	signer.calls = 0;
	making_new(&m);
	for (i = 0; i < NITEMS(cases); i++) {
		signer.rc = cases[i].rc;
		signer.len = cases[i].len;
		T(make(&m, &id, NULL, 0) == cases[i].want && m.buf.len == 0,
		    "%s", cases[i].what);
	}
	T(signer.calls == NITEMS(cases), "%u", signer.calls);
	signer.rc = ATLS_OK;
	signer.len = SIZE_MAX;
	T(make(&m, &id, NULL, 0) == ATLS_OK && validate(&m, &peer) ==
	    ATLS_OK, "the request is still to be answered");
	making_free(&m);

	/* nobody is asked to sign what cannot be sent */
	making_new(&m);
	T(make(&m, &id, NULL, 0) == ATLS_OK, "first");
	signer.calls = 0;
	T(make(&m, &id, NULL, 0) == ATLS_E_STATE && signer.calls == 0,
	    "answered already");
	T(atls_ea_refuse(m.asked.relier, NULL, &m.buf, NULL) == ATLS_E_ARG,
	    "refusal of nothing by a client");
	making_free(&m);
	making_new(&m);
	m.buf.cap = 100;
	T(make(&m, &id, NULL, 0) == ATLS_E_SPACE && signer.calls == 0, "%u",
	    signer.calls);
	making_free(&m);

	/* our preference, among what the peer takes */
	making_new(&m);
	id.scheme[0] = ATLS_RSA_PSS_SHA512;
	id.scheme[1] = ATLS_ED25519;
	id.scheme[2] = ATLS_RSA_PSS_SHA256;
	id.nscheme = 3;
	m.q.scheme[0] = ATLS_RSA_PSS_SHA256;
	m.q.scheme[1] = ATLS_ED25519;
	m.q.nscheme = 2;
	signer.rc = ATLS_E_DEVICE;
	T(make(&m, &id, NULL, 0) == ATLS_E_DEVICE && signer.scheme ==
	    ATLS_ED25519, "0x%04x", signer.scheme);
	making_free(&m);
}

static enum atls_rc
spontaneous(struct atls_ea *ea, struct atls_bytes context,
    const struct atls_ea_ext *ext, size_t next, struct atls_buf *buf)
{
	*buf = (struct atls_buf){ out, sizeof(out), 0 };
	return atls_ea_authenticate(ea, NULL, context, who.id, ext, next, buf,
	    NULL);
}

static enum atls_rc
accept(struct atls_ea *ea, const struct atls_buf *buf)
{
	struct atls_ea_peer peer;

	return atls_ea_validate(ea, none, (struct atls_bytes){ buf->p,
	    buf->len }, who.trust, "ea.example", EA_NOW, &peer, NULL);
}

static void
test_spontaneous(void)
{
	const struct atls_ea_ext hello = { EA_EXT, S("x") };
	const struct atls_ea_ext other = { 0xff78, S("x") };
	static const uint8_t long_context[256] = { 1 };
	struct atls_ea_ext many[17] = { { 0 } };
	struct atls_buf buf;
	struct atls_channel deaf;
	struct atls_ea_request q;
	struct ea_auth a;
	struct ea_made m;
	struct ea_pair p;
	struct atls_ea *ea;
	size_t i;

	ea_pair(&p, ATLS_SHA256, 1);
	T(spontaneous(p.client, S("c"), NULL, 0, &buf) == ATLS_E_STATE,
	    "a client");
	T(spontaneous(p.server, none, NULL, 0, &buf) == ATLS_E_ARG,
	    "no context");
	T(spontaneous(p.server, ATLS_ARRAY(long_context), NULL, 0, &buf) ==
	    ATLS_E_ARG, "256");
	T(spontaneous(p.server, S("c"), &other, 1, &buf) == ATLS_E_ARG,
	    "not in the ClientHello");
	p.tls.server.offered_rc = ATLS_E_STATE;
	T(spontaneous(p.server, S("c"), NULL, 0, &buf) == ATLS_E_STATE,
	    "ClientHello not known");
	p.tls.server.offered_rc = ATLS_OK;
	for (i = 0; i < NITEMS(many); i++)
		p.tls.server.type[i] = many[i].type = (uint16_t)(0x5000 + i);
	p.tls.server.ntype = NITEMS(many);
	T(spontaneous(p.server, S("c"), many, 17, &buf) == ATLS_E_ARG,
	    "more than anybody takes");
	p.tls.server.type[0] = EA_EXT;
	p.tls.server.ntype = 129;
	T(spontaneous(p.server, S("c"), NULL, 0, &buf) == ATLS_E_STATE,
	    "types beyond the array");
	p.tls.server.ntype = 8;
	p.tls.server.nscheme = 129;
	T(spontaneous(p.server, S("c"), NULL, 0, &buf) == ATLS_E_STATE,
	    "schemes beyond the array");
	p.tls.server.nscheme = 2;
	p.tls.server.scheme[0] = 0x0804;
	p.tls.server.scheme[1] = 0x0401;
	T(spontaneous(p.server, S("c"), NULL, 0, &buf) == ATLS_E_UNKNOWN,
	    "no scheme in common");
	p.tls.server.scheme[1] = 0x0403;
	T(spontaneous(p.server, S("c"), &hello, 1, &buf) == ATLS_OK, "good");

	deaf = fake_channel_deaf(&p.tls.client);
	ea = atls_ea_new(&deaf, NULL);
	T(accept(ea, &buf) == ATLS_E_STATE, "cannot tell what it offered");
	T(ea_open(ea, none, (struct atls_bytes){ buf.p, buf.len }, &a, NULL)
	    == ATLS_E_STATE, "cannot tell what it offered");
	atls_ea_free(ea);
	T(accept(p.server, &buf) == ATLS_E_PEER, "as if by a client");
	T(accept(p.client, &buf) == ATLS_OK, "good");
	T(accept(p.client, &buf) == ATLS_E_PEER, "again");
	T(spontaneous(p.server, S("c"), NULL, 0, &buf) == ATLS_E_STATE,
	    "context used");
	T(spontaneous(p.server, S("d"), NULL, 0, &buf) == ATLS_OK, "another");

	/* a context that was in a request is not new, whoever made it */
	T(atls_ea_request(p.client, S("d"), NULL, 0, &(struct atls_buf){
	    out + EA_ROOM, EA_ROOM, 0 }, NULL) == ATLS_OK, "request");
	T(accept(p.client, &buf) == ATLS_E_PEER, "context of a request");
	ea_ask(&p, ATLS_SERVER, 1, &m);
	T(atls_ea_receive(p.server, VIEW(m.request), &q, NULL) == ATLS_OK,
	    "receive");
	T(spontaneous(p.server, q.context, NULL, 0, &buf) == ATLS_E_STATE,
	    "context received");
	T(atls_ea_authenticate(p.server, &q, S("c"), who.id, NULL, 0, &buf,
	    NULL) == ATLS_E_ARG, "request and context");
	ea_made_free(&m);
	ea_pair_free(&p);
}

int
main(void)
{
	ea_who(&who, PKI_P256);
	test_once();
	test_room();
	test_large();
	test_exts();
	test_identity();
	test_sign();
	test_spontaneous();
	ea_who_free(&who);
	return t_end("t_ea_make");
}
