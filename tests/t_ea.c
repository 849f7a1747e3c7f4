/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/ea/object.h"
#include "ea_util.h"
#include "t.h"

/* Exported authenticators: messages, the connection, contexts. */

#define S(s)	((struct atls_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

static const struct atls_bytes none = { NULL, 0 };

static bool
same(struct atls_bytes a, struct atls_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static void
test_hs(void)
{
	static const struct {
		const char		*what;
		struct atls_bytes	 in;
		enum atls_rc		 rc;
		unsigned		 type;
		size_t			 body;
	} cases[] = {
		{ "nothing",	{ NULL, 0 },		ATLS_E_TRUNC, 0, 0 },
		{ "no length",	{ (const uint8_t *)"\x14", 1 },
		    ATLS_E_TRUNC, 0, 0 },
		{ "half a length", { (const uint8_t *)"\x14\0\0", 3 },
		    ATLS_E_TRUNC, 0, 0 },
		{ "empty body",	{ (const uint8_t *)"\x14\0\0\0", 4 },
		    ATLS_OK, 20, 0 },
		{ "body",	{ (const uint8_t *)"\x0b\0\0\1x", 5 },
		    ATLS_OK, 11, 1 },
		{ "short by one", { (const uint8_t *)"\x0b\0\0\2x", 5 },
		    ATLS_E_TRUNC, 0, 0 },
		{ "long by one", { (const uint8_t *)"\x0b\0\0\1xy", 6 },
		    ATLS_E_TRAIL, 11, 1 },
		{ "16 MiB",	{ (const uint8_t *)"\x0b\xff\xff\xffx", 5 },
		    ATLS_E_TRUNC, 0, 0 },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct block b = block_of(cases[i].in);
		struct rd r = rd_of(VIEW(b));
		struct hs_msg m = hs_take(&r);

		T(m.type == cases[i].type && m.body.left == cases[i].body &&
		    m.raw.len == (m.type == 0 ? 0 : 4 + m.body.left), "%s",
		    cases[i].what);
		(void)rd_rest(&m.body);
		rd_close(&r, &m.body);
		T(rd_done(&r) == cases[i].rc, "%s", cases[i].what);
		block_free(&b);
	}
}

static void
test_hs_ext(void)
{
	static const struct {
		const char		*what;
		struct atls_bytes	 in;
		size_t			 n;
		enum atls_rc		 rc;
	} cases[] = {
		{ "none",	{ NULL, 0 },			0, ATLS_OK },
		{ "one octet",	{ (const uint8_t *)"x", 1 },	0,
		    ATLS_E_TRUNC },
		{ "no length",	{ (const uint8_t *)"\0\1\0", 3 }, 0,
		    ATLS_E_TRUNC },
		{ "empty data",	{ (const uint8_t *)"\0\1\0\0", 4 }, 1,
		    ATLS_OK },
		{ "two",	{ (const uint8_t *)"\0\1\0\1x\0\1\0\0", 9 },
		    2, ATLS_OK },
		{ "second cut",	{ (const uint8_t *)"\0\1\0\1x\0\1\0\1", 9 },
		    1, ATLS_E_TRUNC },
	};
	size_t i, n;

	for (i = 0; i < NITEMS(cases); i++) {
		struct block b = block_of(cases[i].in);
		struct rd r = rd_of(VIEW(b));
		struct atls_bytes data;
		uint16_t type;

		for (n = 0; hs_ext(&r, &type, &data); n++)
			T(type == 1, "%s", cases[i].what);
		T(n == cases[i].n && rd_done(&r) == cases[i].rc && type == 0 &&
		    data.len == 0, "%s", cases[i].what);
		block_free(&b);
	}
}

/* Every way in which a connection can be unfit, and every call. */
static void
test_fit(void)
{
	static const struct {
		const char			*where;
		struct atls_channel_info	 info;
	} cases[] = {
		{ "channel.role", { (enum atls_role)0, 0x0304, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.role", { (enum atls_role)3, 0x0304, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.version", { ATLS_SERVER, 0x0303, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.version", { ATLS_SERVER, 0x0302, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.version", { ATLS_SERVER, 0xfefc, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.version", { ATLS_SERVER, 0, ATLS_SHA256,
		    true, false, false, false, true } },
		{ "channel.established", { ATLS_SERVER, 0x0304, ATLS_SHA256,
		    false, false, false, false, true } },
		{ "channel.hash", { ATLS_SERVER, 0x0304, (enum atls_hash)0,
		    true, false, false, false, true } },
		{ "channel.hash", { ATLS_SERVER, 0x0304, ATLS_SHA512,
		    true, false, false, false, true } },
		{ "channel.hash", { ATLS_SERVER, 0x0304, (enum atls_hash)9,
		    true, false, false, false, true } },
		{ "channel.resumed", { ATLS_SERVER, 0x0304, ATLS_SHA256,
		    true, true, false, false, true } },
		{ "channel.early_data", { ATLS_SERVER, 0x0304, ATLS_SHA256,
		    true, false, true, false, true } },
		{ "channel.tickets", { ATLS_SERVER, 0x0304, ATLS_SHA256,
		    true, false, false, true, true } },
		{ "channel.info", { ATLS_SERVER, 0x0304, ATLS_SHA256,
		    true, false, false, false, true } },
	};
	struct atls_channel_info out;
	struct atls_ea_request q = { 0 }, fresh;
	struct atls_ea_peer peer;
	struct atls_channel ch;
	struct ea_who who;
	size_t i;

	ea_who(&who, PKI_P256);
	for (i = 0; i < NITEMS(cases); i++) {
		uint8_t o[EA_ROOM];
		struct atls_buf buf = { o, sizeof(o), 0 };
		struct atls_err err = { 0 };
		struct ea_made m, c;
		struct ea_pair p;
		enum atls_rc rc;

		ea_pair(&p, ATLS_SHA256, 1);
		ea_make(&p, ATLS_CLIENT, &who, 1, &m);
		ea_ask(&p, ATLS_SERVER, 2, &c);
		T(atls_ea_receive(p.server, VIEW(c.request), &q, NULL) ==
		    ATLS_OK, "receive");
		p.tls.server.info = cases[i].info;
		if (strcmp(cases[i].where, "channel.info") == 0)
			p.tls.server.info_rc = ATLS_E_IO;
		ch = fake_channel(&p.tls.server);
		memset(&out, 1, sizeof(out));
		T(ea_channel_fit(&ch, &out, &err) != 1 && err.rc ==
		    ATLS_E_STATE && strcmp(err.where, cases[i].where) == 0,
		    "%s: %s", cases[i].where, err.where);
		T(out.version == 0 && !out.established && out.role == 0, "%s",
		    cases[i].where);
		T(ea_channel_fit(&ch, NULL, NULL) != 1, "%s", cases[i].where);
		T(atls_ea_receive(p.server, VIEW(c.request), &fresh, NULL) ==
		    ATLS_E_STATE, "%s", cases[i].where);
		T(atls_ea_authenticate(p.server, &q, none, who.id, NULL, 0,
		    &buf, NULL) == ATLS_E_STATE && buf.len == 0, "%s",
		    cases[i].where);
		T(atls_ea_refuse(p.server, &q, &buf, NULL) == ATLS_E_STATE &&
		    buf.len == 0, "%s", cases[i].where);
		T(atls_ea_validate(p.server, VIEW(m.request), VIEW(m.auth),
		    who.trust, NULL, EA_NOW, &peer, NULL) == ATLS_E_STATE,
		    "%s", cases[i].where);
		/* a request may go out before the handshake is done */
		rc = atls_ea_request(p.server, S("context"), NULL, 0, &buf,
		    NULL);
		T(rc == (strcmp(cases[i].where, "channel.established") == 0 ?
		    ATLS_OK : ATLS_E_STATE), "%s", cases[i].where);
		T((rc == ATLS_OK) == (buf.len > 0), "%s", cases[i].where);
		ea_made_free(&m);
		ea_made_free(&c);
		ea_pair_free(&p);
	}
	ea_who_free(&who);
}

static void
test_fit_more(void)
{
	uint8_t o[256];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_channel_info info;
	struct atls_channel ch;
	struct ea_pair p;

	atls_ea_free(NULL);
	ea_pair(&p, ATLS_SHA384, 1);
	ch = fake_channel(&p.tls.client);
	T(ea_channel_fit(&ch, NULL, NULL) == 1, "fit");
	T(ea_channel_fit(&ch, &info, NULL) == 1 && info.role == ATLS_CLIENT &&
	    info.hash == ATLS_SHA384 && info.established, "fit");
	/* whose request would it be? */
	p.tls.client.info.established = false;
	p.tls.client.info.role = (enum atls_role)0;
	T(atls_ea_request(p.client, S("c"), NULL, 0, &buf, NULL) ==
	    ATLS_E_STATE && buf.len == 0, "no role yet");
	ea_pair_free(&p);
}

static void
test_exporter(void)
{
	static const struct {
		const char	*what;
		enum atls_rc	 rc, want;
		bool		 too_early, silent;
		unsigned	 from;
	} cases[] = {
		{ "fails",	ATLS_E_IO, ATLS_E_IO, false, false, 1 },
		{ "fails later", ATLS_E_CRYPTO, ATLS_E_CRYPTO, false, false,
		    2 },
		{ "too early",	ATLS_OK, ATLS_E_STATE, true, false, 1 },
		{ "silent",	ATLS_OK, ATLS_E_STATE, false, true, 1 },
		{ "silent later", ATLS_OK, ATLS_E_STATE, false, true, 2 },
	};
	struct ea_who who;
	size_t i;

	ea_who(&who, PKI_P256);
	for (i = 0; i < 4 * NITEMS(cases); i++) {
		size_t k = i / 4;
		enum atls_role maker = i & 1 ? ATLS_CLIENT : ATLS_SERVER;
		struct atls_ea_peer peer;
		struct atls_err err = { 0 };
		struct fake_end *e;
		struct ea_made m;
		struct ea_pair p;
		enum atls_rc rc;

		ea_pair(&p, i & 2 ? ATLS_SHA384 : ATLS_SHA256, 1);
		ea_make(&p, maker, &who, 1, &m);
		e = maker == ATLS_SERVER ? &p.tls.client : &p.tls.server;
		e->exporter_rc = cases[k].rc;
		e->too_early = cases[k].too_early;
		e->silent = cases[k].silent;
		e->wrong_from = cases[k].from;
		rc = atls_ea_validate(m.relier, VIEW(m.request), VIEW(m.auth),
		    who.trust, NULL, EA_NOW, &peer, &err);
		T(rc == cases[k].want && strcmp(err.where,
		    "channel.exporter") == 0, "%s: %s %s", cases[k].what,
		    atls_rc_name(rc), err.where);
		/* nothing of it is kept; what is good is asked for once */
		e->exporter_rc = ATLS_OK;
		e->too_early = e->silent = false;
		e->nexports = 0;
		T(atls_ea_validate(m.relier, VIEW(m.request), VIEW(m.auth),
		    who.trust, NULL, EA_NOW, &peer, NULL) == ATLS_OK, "%s",
		    cases[k].what);
		T(e->nexports == 2, "%s: %u", cases[k].what, e->nexports);
		ea_made_free(&m);
		ea_make(&p, maker, &who, 2, &m);
		T(atls_ea_validate(m.relier, VIEW(m.request), VIEW(m.auth),
		    who.trust, NULL, EA_NOW, &peer, NULL) == ATLS_OK, "%s",
		    cases[k].what);
		T(e->nexports == 2, "%s: %u", cases[k].what, e->nexports);
		ea_made_free(&m);
		ea_pair_free(&p);
	}
	ea_who_free(&who);
}

/* A request from its parts; exts without their total length. */
static struct block
build(uint8_t type, struct atls_bytes context, struct atls_bytes exts)
{
	uint8_t o[8192];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct wr w = wr_of(&buf);
	size_t m, v;

	wr_be(&w, type, 1);
	m = wr_open(&w, 3);
	v = wr_open(&w, 1);
	wr_bytes(&w, context);
	wr_close(&w, v, 1);
	v = wr_open(&w, 2);
	wr_bytes(&w, exts);
	wr_close(&w, v, 2);
	wr_close(&w, m, 3);
	if (wr_done(&w) != ATLS_OK)
		abort();
	return block_of((struct atls_bytes){ buf.p, buf.len });
}

#define SIGALGS	"\0\x0d\0\x08\0\6\4\3\5\3\x08\7"

/* One namespace for both directions and both types: RFC 9261, 4. */
static void
test_contexts(void)
{
	struct block b = build(17, S("c"), S(SIGALGS));
	struct block empty = build(17, none, S(SIGALGS));
	uint8_t o[512];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_ea_request q;
	struct ea_pair p;

	ea_pair(&p, ATLS_SHA256, 1);
	T(atls_ea_receive(p.server, VIEW(b), &q, NULL) == ATLS_OK &&
	    same(q.context, S("c")) && same(q.raw, VIEW(b)), "new");
	T(atls_ea_receive(p.server, VIEW(b), &q, NULL) == ATLS_E_PEER &&
	    q.next == 0, "received before");
	T(atls_ea_request(p.server, S("c"), NULL, 0, &buf, NULL) ==
	    ATLS_E_STATE, "received before, now issued");
	T(atls_ea_receive(p.server, VIEW(empty), &q, NULL) == ATLS_OK,
	    "empty");
	T(atls_ea_receive(p.server, VIEW(empty), &q, NULL) == ATLS_E_PEER,
	    "empty again");
	T(atls_ea_request(p.client, S("c"), NULL, 0, &buf, NULL) == ATLS_OK,
	    "another end");
	buf.p[0] = 13;			/* our own request comes back */
	T(atls_ea_receive(p.client, (struct atls_bytes){ buf.p, buf.len }, &q,
	    NULL) == ATLS_E_PEER, "issued before, now received");
	ea_pair_free(&p);
	block_free(&b);
	block_free(&empty);
}

/* The table itself: no step but forward, no failure without a reason. */
static void
test_table(void)
{
	const struct atls_err silent = { 0 };
	struct ea_id a = { { 0 } }, b = { { 0 } };
	struct ea_pair p;
	struct atls_err err = { 0 };

	ea_pair(&p, ATLS_SHA256, 1);
	T(ea_context_id(S("a"), &a, NULL) == ATLS_OK && ea_context_id(S("b"),
	    &b, NULL) == ATLS_OK, "ids");
	T(ea_context_move(p.client, a, EA_ISSUED, EA_SPENT, &err) ==
	    ATLS_E_STATE && err.rc == ATLS_E_STATE && ea_context_state(
	    p.client, a) == EA_UNSEEN, "not there");
	T(ea_context_move(p.client, a, EA_UNSEEN, EA_ISSUED, NULL) == ATLS_OK
	    && ea_context_state(p.client, a) == EA_ISSUED, "new");
	T(ea_context_state(p.client, b) == EA_UNSEEN, "another");
	T(ea_context_move(p.client, a, EA_UNSEEN, EA_SPENT, NULL) ==
	    ATLS_E_STATE && ea_context_move(p.client, a, EA_RECEIVED,
	    EA_SPENT, NULL) == ATLS_E_STATE && ea_context_state(p.client, a)
	    == EA_ISSUED, "elsewhere");
	T(ea_context_move(p.client, a, EA_ISSUED, EA_SPENT, NULL) == ATLS_OK
	    && ea_context_state(p.client, a) == EA_SPENT, "spent");
	T(ea_context_move(p.client, a, EA_ISSUED, EA_SPENT, NULL) ==
	    ATLS_E_STATE, "spent before");
	a = (struct ea_id){ { 1, 2 } };		/* all of it counts */
	b = (struct ea_id){ { 1, 3 } };
	T(ea_context_move(p.client, a, EA_UNSEEN, EA_SPENT, NULL) == ATLS_OK
	    && ea_context_state(p.client, b) == EA_UNSEEN, "first half");
	b = (struct ea_id){ { 3, 2 } };
	T(ea_context_state(p.client, b) == EA_UNSEEN, "second half");
	ea_pair_free(&p);
	err = (struct atls_err){ 0 };
	T(ea_reject(&silent, &err) == ATLS_E_CRYPTO && err.rc ==
	    ATLS_E_CRYPTO && err.where != NULL, "no reason is no success");
}

static void
test_context_of(void)
{
	const struct {
		const char		*what;
		struct atls_bytes	 in;
		enum atls_rc		 rc;
	} cases[] = {
		{ "request", S("\x0d\0\0\x10\1c\0\x0c" SIGALGS), ATLS_OK },
		{ "client's", S("\x11\0\0\x10\1c\0\x0c" SIGALGS), ATLS_OK },
		{ "bad request", S("\x11\0\0\4\1c\0\0"), ATLS_E_FORMAT },
		{ "request and more", S("\x0d\0\0\x10\1c\0\x0c" SIGALGS "x"),
		    ATLS_E_TRAIL },
		{ "authenticator", S("\x0b\0\0\2\1c\x0f\0\0\0\x14\0\0\0"),
		    ATLS_OK },
		{ "of no context", S("\x0b\0\0\0\x0f\0\0\0\x14\0\0\0"),
		    ATLS_E_TRUNC },
		{ "context cut", S("\x0b\0\0\2\2c\x0f\0\0\0\x14\0\0\0"),
		    ATLS_E_TRUNC },
		{ "two messages", S("\x0b\0\0\2\1c\x0f\0\0\0"),
		    ATLS_E_TRUNC },
		{ "four messages", S("\x0b\0\0\2\1c\x0f\0\0\0\x14\0\0\0"
		    "\x14\0\0\0"), ATLS_E_TRAIL },
		{ "order", S("\x0b\0\0\2\1c\x14\0\0\0\x0f\0\0\0"),
		    ATLS_E_FORMAT },
		{ "empty one", S("\x14\0\0\0"), ATLS_E_NONE },
		{ "other", S("\1\0\0\0"), ATLS_E_FORMAT },
		{ "nothing", { NULL, 0 }, ATLS_E_TRUNC },
	};
	struct atls_bytes context;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct block b = block_of(cases[i].in);
		enum atls_rc rc;

		context = S("x");
		rc = atls_ea_context(VIEW(b), &context, NULL);
		T(rc == cases[i].rc, "%s: %s", cases[i].what,
		    atls_rc_name(rc));
		T(same(context, rc == ATLS_OK ? S("c") : none), "%s",
		    cases[i].what);
		block_free(&b);
	}
}

/* The grammar alone, for tools that show messages. */
static void
test_parse(void)
{
	struct atls_ea_request q;
	struct atls_ea_peer peer;
	struct ea_who who;
	struct ea_made m;
	struct ea_pair p;
	size_t n;

	ea_who(&who, PKI_P256);
	ea_pair(&p, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	T(atls_ea_request_parse(VIEW(m.request), &q, NULL) == ATLS_OK &&
	    q.context.len == 32 && q.next == 2, "request");
	T(atls_ea_parse(VIEW(m.auth), &peer, NULL) == ATLS_OK &&
	    same(peer.context, q.context) && peer.nchain == 2 &&
	    same(peer.chain[0], who.id->chain[0]) &&
	    same(peer.chain[1], who.id->chain[1]) && peer.next == 1 &&
	    peer.ext[0].type == EA_EXT && peer.nother == 0 && peer.scheme ==
	    0x0403 && peer.spki.len == 0, "authenticator");
	for (n = 0; n < m.auth.len; n++) {
		struct block b = block_of((struct atls_bytes){ m.auth.p, n });

		T(atls_ea_parse(VIEW(b), &peer, NULL) == ATLS_E_TRUNC &&
		    peer.nchain == 0, "%zu octets", n);
		block_free(&b);
	}
	m.request.p[0] = 11;
	T(atls_ea_request_parse(VIEW(m.request), &q, NULL) == ATLS_E_FORMAT &&
	    q.raw.len == 0, "not a request");
	T(atls_ea_parse(S("\x14\0\0\0"), &peer, NULL) == ATLS_E_REFUSED,
	    "empty");
	ea_made_free(&m);
	ea_pair_free(&p);
	ea_who_free(&who);
}

int
main(void)
{
	test_hs();
	test_hs_ext();
	test_fit();
	test_fit_more();
	test_exporter();
	test_contexts();
	test_table();
	test_context_of();
	test_parse();
	return t_end("t_ea");
}
