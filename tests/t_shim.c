/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/proto/binder.h"
#include "../src/proto/shim.h"
#include "t.h"

static const struct {
	const char	*what, *hdr;
	enum atls_rc	 rc;
	size_t		 offset;
} headers[] = {
	{ "hello",	"\x01\x01\x00\x00\x00\x00\x00\x0c", ATLS_OK, 0 },
	{ "request",	"\x01\x02\x00\x01\x00\x00\x10\x00", ATLS_OK, 0 },
	{ "authenticator", "\x01\x03\xff\xff\x00\x04\x00\x00", ATLS_OK, 0 },
	{ "result",	"\x01\x04\x00\x07\x00\x00\x00\x06", ATLS_OK, 0 },
	{ "offer",	"\x01\x05\x00\x00\x00\x00\x00\x00", ATLS_OK, 0 },
	{ "error",	"\x01\x06\x00\x00\x00\x00\x00\x01", ATLS_OK, 0 },
	{ "data",	"\x01\x07\x00\x00\x00\x00\x3f\xf8", ATLS_OK, 0 },
	{ "version 0",	"\x00\x01\x00\x00\x00\x00\x00\x0c", ATLS_E_FORMAT, 0 },
	{ "version 2",	"\x02\x01\x00\x00\x00\x00\x00\x0c", ATLS_E_FORMAT, 0 },
	{ "HTTP",	"GET / HT",			    ATLS_E_FORMAT, 0 },
	{ "type 0",	"\x01\x00\x00\x00\x00\x00\x00\x0c", ATLS_E_FORMAT, 1 },
	{ "type 8",	"\x01\x08\x00\x00\x00\x00\x00\x01", ATLS_E_FORMAT, 1 },
	{ "hello, id",	"\x01\x01\x00\x01\x00\x00\x00\x0c", ATLS_E_FORMAT, 2 },
	{ "data, id",	"\x01\x07\x01\x00\x00\x00\x00\x0c", ATLS_E_FORMAT, 2 },
	{ "request, no id", "\x01\x02\x00\x00\x00\x00\x00\x0c",
	    ATLS_E_FORMAT, 2 },
	{ "hello, short", "\x01\x01\x00\x00\x00\x00\x00\x0b", ATLS_E_LIMIT, 4 },
	{ "hello, long", "\x01\x01\x00\x00\x00\x00\x00\x0d", ATLS_E_LIMIT, 4 },
	{ "request, empty", "\x01\x02\x00\x01\x00\x00\x00\x00",
	    ATLS_E_LIMIT, 4 },
	{ "request, long", "\x01\x02\x00\x01\x00\x00\x10\x01",
	    ATLS_E_LIMIT, 4 },
	{ "authenticator, long", "\x01\x03\x00\x01\x00\x04\x00\x01",
	    ATLS_E_LIMIT, 4 },
	{ "offer, full", "\x01\x05\x00\x00\x00\x00\x00\x01", ATLS_E_LIMIT, 4 },
	{ "data, empty", "\x01\x07\x00\x00\x00\x00\x00\x00", ATLS_E_LIMIT, 4 },
	{ "data, long",	"\x01\x07\x00\x00\x00\x00\x3f\xf9", ATLS_E_LIMIT, 4 },
	{ "data, 4 GB",	"\x01\x07\x00\x00\xff\xff\xff\xff", ATLS_E_LIMIT, 4 },
};

static void
test_headers(void)
{
	size_t i;

	for (i = 0; i < NITEMS(headers); i++) {
		uint8_t *p = malloc(ATLS_FRAME_HEADER);
		uint8_t again[ATLS_FRAME_HEADER];
		struct shim_frame f;
		struct atls_err err = { 0 };
		enum atls_rc rc;

		memcpy(p, headers[i].hdr, ATLS_FRAME_HEADER);
		rc = shim_header_read(p, &f, &err);
		T(rc == headers[i].rc, "%s: %s", headers[i].what,
		    atls_rc_name(rc));
		T(err.rc == rc && err.offset == headers[i].offset,
		    "%s: offset %zu", headers[i].what, err.offset);
		if (rc == ATLS_OK) {
			shim_header_write(again, f.type, f.id, f.length);
			T(memcmp(again, p, sizeof(again)) == 0, "%s: again",
			    headers[i].what);
		} else
			T(f.type == 0 && f.length == 0, "%s: left over",
			    headers[i].what);
		free(p);
	}
}

/* A payload reader under every prefix, one octet more, and each octet set to
 * each value: accepted exactly where `good` says. */
static void
walk(const char *what, const uint8_t *in, size_t len,
    enum atls_rc (*parse)(struct atls_bytes), int (*good)(const uint8_t *))
{
	uint8_t *p;
	size_t n, i;
	int v;

	for (n = 0; n <= len + 1; n++) {
		p = calloc(1, n == 0 ? 1 : n);
		memcpy(p, in, n < len ? n : len);
		T((parse((struct atls_bytes){ p, n }) == ATLS_OK) == (n == len),
		    "%s: %zu octets", what, n);
		free(p);
	}
	for (i = 0; i < len; i++)
		for (v = 0; v < 256; v++) {
			p = malloc(len);
			memcpy(p, in, len);
			p[i] = (uint8_t)v;
			T((parse((struct atls_bytes){ p, len }) == ATLS_OK) ==
			    good(p), "%s: octet %zu is %d", what, i, v);
			free(p);
		}
}

static enum atls_rc
parse_hello(struct atls_bytes in)
{
	struct shim_hello h;
	struct atls_err err = { 0 };
	uint8_t again[SHIM_HELLO_LEN];
	enum atls_rc rc = shim_hello_read(in, &h, &err);

	T(rc == err.rc, "hello: no reason");
	if (rc == ATLS_OK) {
		shim_hello_write(again, &h);
		T(memcmp(again, in.p, sizeof(again)) == 0, "hello: again");
	}
	return rc;
}

static int
good_hello(const uint8_t *p)
{
	return memcmp(p, "atls-shm", 8) == 0 && (p[8] == 1 || p[8] == 2) &&
	    p[9] <= 2 && (p[10] == 1 || p[10] == 2) && p[11] <= 1;
}

static enum atls_rc
parse_result(struct atls_bytes in)
{
	struct shim_result r;
	struct atls_err err = { 0 };
	uint8_t again[SHIM_RESULT_LEN];
	enum atls_rc rc = shim_result_read(in, &r, &err);

	T(rc == err.rc, "result: no reason");
	if (rc == ATLS_OK) {
		shim_result_write(again, &r);
		T(memcmp(again, in.p, sizeof(again)) == 0, "result: again");
	} else
		T(r.outcome != SHIM_ACCEPTED, "result: left over");
	return rc;
}

static int
good_result(const uint8_t *p)
{
	return ((p[0] == 1 || p[0] == 2) && p[1] == 0) ||
	    (p[0] == 3 && p[1] >= 1 && p[1] <= 6);
}

static enum atls_rc
parse_error(struct atls_bytes in)
{
	enum atls_class why;
	struct atls_err err = { 0 };
	enum atls_rc rc = shim_error_read(in, &why, &err);

	T(rc == err.rc, "error: no reason");
	return rc;
}

static int
good_error(const uint8_t *p)
{
	return p[0] >= 1 && p[0] <= 6;
}

static const struct {
	const char	*what, *in;
	size_t		 len;
	enum atls_rc	 rc;
	size_t		 out;
} exts[] = {
	{ "one octet",		"\x00\x01\xa0",		3, ATLS_OK,	  1 },
	{ "nothing",		"",			0, ATLS_E_TRUNC,  0 },
	{ "half a length",	"\x00",			1, ATLS_E_TRUNC,  0 },
	{ "empty vector",	"\x00\x00",		2, ATLS_E_FORMAT, 0 },
	{ "short by one",	"\x00\x03\xa0\xa0",	4, ATLS_E_TRUNC,  0 },
	{ "long by one",	"\x00\x01\xa0\xff",	4, ATLS_E_TRAIL,  0 },
};

static void
test_extension(void)
{
	size_t i;

	for (i = 0; i < NITEMS(exts); i++) {
		uint8_t *p = malloc(exts[i].len ? exts[i].len : 1);
		struct atls_bytes out, in = { p, exts[i].len };
		struct atls_err err = { 0 };
		enum atls_rc rc;

		memcpy(p, exts[i].in, exts[i].len);
		rc = binder_ext_read(in, &out, &err);
		T(rc == exts[i].rc && err.rc == rc, "%s: got %#x",
		    exts[i].what, (unsigned)rc);
		T(out.len == exts[i].out, "%s: %zu", exts[i].what, out.len);
		free(p);
	}
}

static const struct {
	const char	*what;
	uint8_t		 first;
	size_t		 len;
	int		 client, server;
} contexts[] = {
	{ "of a client",	1, 32,	1, 0 },
	{ "of a server",	2, 32,	0, 1 },
	{ "longer",		2, 64,	0, 1 },
	{ "of nobody",		0, 32,	0, 0 },
	{ "of a third",		3, 32,	0, 0 },
	{ "short by one",	1, 31,	0, 0 },
	{ "only the role",	1, 1,	0, 0 },
	{ "empty",		1, 0,	0, 0 },
};

static void
test_contexts(void)
{
	uint8_t a[BINDER_CONTEXT], b[BINDER_CONTEXT];
	size_t i;

	for (i = 0; i < NITEMS(contexts); i++) {
		uint8_t *p = calloc(1, contexts[i].len ? contexts[i].len : 1);
		struct atls_bytes c = { p, contexts[i].len };

		p[0] = contexts[i].first;
		T(binder_context_by(ATLS_CLIENT, c) == contexts[i].client &&
		    binder_context_by(ATLS_SERVER, c) == contexts[i].server,
		    "%s", contexts[i].what);
		free(p);
	}
	T(binder_context_new(ATLS_SERVER, a, NULL) == ATLS_OK &&
	    binder_context_new(ATLS_SERVER, b, NULL) == ATLS_OK, "made");
	T(a[0] == 2 && b[0] == 2 && memcmp(a, b, sizeof(a)) != 0, "fresh");
}

int
main(void)
{
	static const uint8_t hello[] = "atls-shm\x01\x02\x01\x00";
	static const uint8_t result[] = "\x01\x00\x00\x00\x01\x2c";
	static const uint8_t error[] = "\x05";

	test_headers();
	walk("hello", hello, SHIM_HELLO_LEN, parse_hello, good_hello);
	walk("result", result, SHIM_RESULT_LEN, parse_result, good_result);
	walk("error", error, SHIM_ERROR_LEN, parse_error, good_error);
	test_extension();
	test_contexts();
	return t_end("t_shim");
}
