/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/codec/hs.h"
#include "ea_util.h"
#include "t.h"

/* Exported authenticators: requests, made and received. */

#define S(s)	((struct atls_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

static const struct atls_bytes none = { NULL, 0 };

static bool
same(struct atls_bytes a, struct atls_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static const uint16_t in_no_request[] = { 1, 10, 14, 15, 16, 19, 20, 21, 41,
    42, 43, 44, 45, 49, 51 };
static const uint16_t in_requests[] = { 5, 18, 47, 48, 50, 27, 0x0a0a, 0xff77,
    0xffff };

static enum atls_rc
ask(bool server, struct atls_bytes context, const struct atls_ea_ext *ext,
    size_t next, struct atls_buf *out)
{
	struct ea_pair p;
	enum atls_rc rc;

	ea_pair(&p, ATLS_SHA256, 1);
	rc = atls_ea_request(server ? p.server : p.client, context, ext, next,
	    out, NULL);
	ea_pair_free(&p);
	return rc;
}

static void
test_request_exts(void)
{
	uint8_t o[512];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_ea_ext e[17] = { { 0 } };
	size_t i;

	for (i = 0; i < NITEMS(in_no_request); i++) {
		e[0].type = in_no_request[i];
		T(ask(true, S("c"), e, 1, &buf) == ATLS_E_ARG, "%u",
		    e[0].type);
		T(ask(false, S("c"), e, 1, &buf) == ATLS_E_ARG, "%u",
		    e[0].type);
	}
	for (i = 0; i < NITEMS(in_requests); i++) {
		e[0].type = in_requests[i];
		T(ask(true, S("c"), e, 1, &buf) == ATLS_OK, "%u", e[0].type);
		T(ask(false, S("c"), e, 1, &buf) == ATLS_OK, "%u", e[0].type);
	}
	e[0].type = 13;			/* it is there already */
	T(ask(true, S("c"), e, 1, &buf) == ATLS_E_ARG, "13");
	e[0].type = 0;			/* RFC 9261, 4: in 17 only */
	T(ask(true, S("c"), e, 1, &buf) == ATLS_E_ARG, "0 in 13");
	T(ask(false, S("c"), e, 1, &buf) == ATLS_OK, "0 in 17");
	for (i = 0; i < NITEMS(e); i++)
		e[i].type = (uint16_t)(0x5000 + i);
	T(ask(true, S("c"), e, 15, &buf) == ATLS_OK, "15");
	T(ask(true, S("c"), e, 16, &buf) == ATLS_E_LIMIT && buf.len == 0,
	    "16");
	e[14].type = 0x5000;
	T(ask(true, S("c"), e, 15, &buf) == ATLS_E_ARG, "twice");
	T(ask(true, S("c"), e, 14, &buf) == ATLS_OK, "not twice");
}

static void
test_request(void)
{
	static const uint8_t bare[] = "\x0d\0\0\x18\3abc\0\x12\0\x0d\0\x0e"
	    "\0\x0c\4\3\5\3\x08\4\x08\5\x08\6\x08\7";
	static const uint8_t want[] = "\x0d\0\0\x1c\3abc\0\x16\0\x0d\0\x0e"
	    "\0\x0c\4\3\5\3\x08\4\x08\5\x08\6\x08\7\xff\x77\0\0";
	static uint8_t big[65536];
	uint8_t o[8192], ctx[256] = { 1 };
	struct atls_buf buf = { o, sizeof(o), 0 }, small = { o, 0, 0 };
	struct atls_ea_ext e = { 0xff77, { NULL, 0 } };
	struct ea_pair p;
	size_t need;

	T(ask(true, S("abc"), NULL, 0, &buf) == ATLS_OK && same(
	    (struct atls_bytes){ o, buf.len }, S(bare)), "octets");
	T(ask(true, S("abc"), &e, 1, &buf) == ATLS_OK && same(
	    (struct atls_bytes){ o, buf.len }, S(want)), "with extension");
	T(ask(false, S("abc"), &e, 1, &buf) == ATLS_OK && o[0] == 0x11 &&
	    same((struct atls_bytes){ o + 1, buf.len - 1 },
	    (struct atls_bytes){ want + 1, sizeof(want) - 2 }), "client's");
	T(ask(true, none, &e, 1, &buf) == ATLS_E_ARG && buf.len == 0,
	    "no context");
	T(ask(true, ATLS_ARRAY(ctx), &e, 1, &buf) == ATLS_E_ARG, "256");
	T(ask(true, (struct atls_bytes){ ctx, 255 }, &e, 1, &buf) == ATLS_OK,
	    "255");
	e.data = (struct atls_bytes){ big, 4096 - 32 };
	T(ask(true, S("abc"), &e, 1, &buf) == ATLS_OK && buf.len == 4096,
	    "as large as it gets");
	e.data.len++;
	T(ask(true, S("abc"), &e, 1, &buf) == ATLS_E_LIMIT && buf.len == 0,
	    "too large");
	e.data = ATLS_ARRAY(big);
	T(ask(true, S("abc"), &e, 1, &buf) == ATLS_E_LIMIT && buf.len == 0,
	    "no extension is that long");
	e.data = none;

	ea_pair(&p, ATLS_SHA256, 1);
	T(atls_ea_request(p.server, S("abc"), &e, 1, &small, NULL) ==
	    ATLS_E_SPACE && small.len == 32, "%zu", small.len);
	need = small.len;
	for (small.cap = 0; small.cap < need; small.cap++)
		T(atls_ea_request(p.server, S("abc"), &e, 1, &small, NULL) ==
		    ATLS_E_SPACE && small.len == need, "%zu", small.cap);
	T(atls_ea_request(p.server, S("abc"), &e, 1, &small, NULL) == ATLS_OK
	    && small.len == need, "enough, and the context is still new");
	T(atls_ea_request(p.server, S("abc"), &e, 1, &small, NULL) ==
	    ATLS_E_STATE && small.len == 0, "context issued before");
	ea_pair_free(&p);
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

static void
test_receive(void)
{
	static uint8_t large[5000] = SIGALGS "\xff\x77\x13\x78";
	const struct {
		const char		*what;
		uint8_t			 type;
		struct atls_bytes	 exts;
		enum atls_rc		 rc;
	} cases[] = {
		{ "good",		17, S(SIGALGS), ATLS_OK },
		{ "of a server",	13, S(SIGALGS), ATLS_E_FORMAT },
		{ "a Certificate",	11, S(SIGALGS), ATLS_E_FORMAT },
		{ "type 0",		0, S(SIGALGS), ATLS_E_FORMAT },
		{ "type 255",		255, S(SIGALGS), ATLS_E_FORMAT },
		{ "no extensions",	17, S(""), ATLS_E_FORMAT },
		{ "no schemes",		17, S("\xff\x77\0\0"),
		    ATLS_E_FORMAT },
		{ "schemes of _cert only", 17, S("\0\x32\0\4\0\2\4\3"),
		    ATLS_E_FORMAT },
		{ "unknown one",	17, S(SIGALGS "\xee\xee\0\1x"),
		    ATLS_OK },
		{ "unknown one first",	17, S("\xee\xee\0\1x" SIGALGS),
		    ATLS_OK },
		{ "schemes twice",	17, S(SIGALGS SIGALGS),
		    ATLS_E_FORMAT },
		{ "unknown one twice",	17, S(SIGALGS "\xee\xee\0\0"
		    "\xee\xee\0\0"), ATLS_E_FORMAT },
		{ "server_name",	17, S("\0\0\0\0" SIGALGS), ATLS_OK },
		{ "no list",		17, S("\0\x0d\0\0"), ATLS_E_TRUNC },
		{ "list empty",		17, S("\0\x0d\0\2\0\0"),
		    ATLS_E_FORMAT },
		{ "list odd",		17, S("\0\x0d\0\5\0\3\4\3\5"),
		    ATLS_E_TRUNC },
		{ "list short",		17, S("\0\x0d\0\4\0\1\4\3"),
		    ATLS_E_TRUNC },
		{ "octet behind list",	17, S("\0\x0d\0\5\0\2\4\3\5"),
		    ATLS_E_TRAIL },
		{ "list overruns",	17, S("\0\x0d\0\4\0\4\4\3"),
		    ATLS_E_TRUNC },
		{ "extension cut",	17, S(SIGALGS "\xee\xee\0\1"),
		    ATLS_E_TRUNC },
		{ "octet too many",	17, S(SIGALGS "\xee"),
		    ATLS_E_TRUNC },
		{ "too large",		17, { large, 4096 },
		    ATLS_E_LIMIT },
		{ "as large as can be",	17, { large, 4096 - 8 },
		    ATLS_OK },
	};
	struct atls_ea_request q;
	size_t i;

	large[14] = (4096 - 8 - 16) >> 8;
	large[15] = (4096 - 8 - 16) & 0xff;
	for (i = 0; i < NITEMS(cases); i++) {
		struct block b = build(cases[i].type, S("c"), cases[i].exts);
		struct atls_err err = { 0 };
		struct ea_pair p;
		enum atls_rc rc;

		ea_pair(&p, ATLS_SHA256, 1);
		memset(&q, 1, sizeof(q));
		rc = atls_ea_receive(p.server, VIEW(b), &q, &err);
		T(rc == cases[i].rc, "%s: %s", cases[i].what,
		    atls_rc_name(rc));
		T(err.rc == rc, "%s", cases[i].what);
		T((q.next == 0) == (rc != ATLS_OK) && (q.raw.len == 0) ==
		    (rc != ATLS_OK) && (q.nscheme == 0) == (rc != ATLS_OK),
		    "%s", cases[i].what);
		ea_pair_free(&p);
		block_free(&b);
	}
}

static enum atls_rc
receive_one(bool by_server, uint8_t type, struct atls_bytes exts,
    struct atls_ea_request *q)
{
	struct block b = build(type, S("c"), exts);
	struct ea_pair p;
	enum atls_rc rc;

	ea_pair(&p, ATLS_SHA256, 1);
	rc = atls_ea_receive(by_server ? p.server : p.client, VIEW(b), q,
	    NULL);
	ea_pair_free(&p);
	block_free(&b);
	return rc;
}

static void
test_receive_exts(void)
{
	uint8_t e[12 + 4 * 17] = SIGALGS;
	struct atls_bytes one = { e, 16 };
	struct atls_ea_request q;
	size_t i;

	for (i = 0; i < NITEMS(in_no_request); i++) {
		e[12] = 0;
		e[13] = (uint8_t)in_no_request[i];
		T(receive_one(true, 17, one, &q) == ATLS_E_FORMAT, "%u",
		    e[13]);
		T(receive_one(false, 13, one, &q) == ATLS_E_FORMAT, "%u",
		    e[13]);
	}
	for (i = 0; i < NITEMS(in_requests); i++) {
		e[12] = (uint8_t)(in_requests[i] >> 8);
		e[13] = (uint8_t)(in_requests[i] & 0xff);
		T(receive_one(true, 17, one, &q) == ATLS_OK, "%u", e[13]);
		T(receive_one(false, 13, one, &q) == ATLS_OK, "%u", e[13]);
	}
	e[12] = e[13] = 0;		/* server_name: RFC 9261, 4 */
	T(receive_one(true, 17, one, &q) == ATLS_OK, "0 in 17");
	T(receive_one(false, 13, one, &q) == ATLS_E_FORMAT, "0 in 13");
	T(receive_one(false, 17, one, &q) == ATLS_E_FORMAT, "17 of a server");
	for (i = 0; i < 17; i++) {
		e[12 + 4 * i] = 0x50;
		e[13 + 4 * i] = (uint8_t)i;
	}
	T(receive_one(true, 17, (struct atls_bytes){ e, 12 + 4 * 15 }, &q) ==
	    ATLS_OK && q.next == 16 && q.ext[15].type == 0x500e, "16");
	T(receive_one(true, 17, (struct atls_bytes){ e, 12 + 4 * 16 }, &q) ==
	    ATLS_E_LIMIT && q.next == 0, "17");
	T(receive_one(true, 17, S("\0\x0d\0\x0c\0\x0a\x08\7\x0a\x0a\x08\7\4\3"
	    "\4\1"), &q) == ATLS_OK && q.nscheme == 2 && q.scheme[0] ==
	    0x0807 && q.scheme[1] == 0x0403, "those we know, once each");
	T(receive_one(true, 17, S("\0\x0d\0\4\0\2\4\1"), &q) == ATLS_OK &&
	    q.nscheme == 0, "none that we know");
}

int
main(void)
{
	test_request_exts();
	test_request();
	test_receive();
	test_receive_exts();
	return t_end("t_ea_request");
}
