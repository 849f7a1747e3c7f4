/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in OpenSSL's handshakes, from peers that keep to no rules. */
#include "carry_use.h"

static const struct atls_carrier nonced = { .code_point = CODE,
	.nonce = true, .offer = MEDIA };

/* A peer that puts what it likes into the extension: plain OpenSSL. */
struct rogue {
	const char	*what;
	unsigned	 where;		/* SSL_EXT_*; message that is its own */
	size_t		 index;
	const char	*p;
	size_t		 len;
	enum atls_rc	 rc;
	const char	*why;
	bool		 nonce;		/* the other end wants one */
};

#define CH	"\0\x15\0\1\0\x11" MEDIA
#define EE	"\0\1\0\x11" MEDIA
#define NONCED	.rc = ATLS_E_FORMAT, .why = "no list of schemes", .nonce = true
#define ROW(s)	s, sizeof(s) - 1
#define REQUEST	SSL_EXT_TLS1_3_CERTIFICATE_REQUEST

static const struct rogue rogues[] = {
	/* of a server, to a client that asks */
	{ "good", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\1x"), ATLS_OK, "", false },
	{ "not offered", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "a result", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "a content format", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\0\1\1"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "an empty choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, ROW(""),
	    ATLS_E_FORMAT, "no attestation scheme", false },
	{ "two choices", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, ROW(EE EE),
	    ATLS_E_FORMAT, "no attestation scheme", false },
	{ "a choice that is cut", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0, EE,
	    sizeof(EE) - 2, ATLS_E_FORMAT, "no attestation scheme", false },
	{ "another mechanism", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\2\0\1x"), ATLS_E_FORMAT, "no attestation scheme", false },
	{ "another encoding", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 0,
	    ROW("\0\2\0\1x"), ATLS_E_FORMAT, "no attestation scheme", false },
	{ "an empty extension", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW(""),
	    ATLS_E_FORMAT, "its length is not that of the CMW", false },
	{ "an empty CMW", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\0"),
	    ATLS_E_FORMAT, "an empty CMW", false },
	{ "a CMW that is cut", SSL_EXT_TLS1_3_CERTIFICATE, 0, ROW("\0\0\2x"),
	    ATLS_E_FORMAT, "its length is not that of the CMW", false },
	{ "longer than any message", SSL_EXT_TLS1_3_CERTIFICATE, 0,
	    ROW("\xff\xff\xffx"), ATLS_E_FORMAT,
	    "its length is not that of the CMW", false },
	{ "something behind it", SSL_EXT_TLS1_3_CERTIFICATE, 0,
	    ROW("\0\0\1xy"), ATLS_E_FORMAT,
	    "its length is not that of the CMW", false },
	{ "in the second entry", SSL_EXT_TLS1_3_CERTIFICATE, 1,
	    ROW("\0\0\1x"), ATLS_E_FORMAT,
	    "not in the first certificate entry", false },
	{ "none at all", SSL_EXT_TLS1_3_CERTIFICATE, 9, ROW(""), ATLS_E_NONE,
	    "the peer sent no evidence", false },
	{ "evidence, no choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 9,
	    ROW(""), ATLS_E_PEER, "nobody agreed on evidence", false },
	/* of a server, to a client that attests */
	{ "good request", REQUEST, 0, ROW(EE), ATLS_OK, "", false },
	{ "a request for another", REQUEST, 0, ROW("\0\1\0\1x"),
	    ATLS_E_PEER, "the server chose what was not offered", false },
	{ "a request for a result", REQUEST, 0, ROW("\1\0\1x"), ATLS_E_PEER,
	    "the server chose what was not offered", false },
	{ "an empty request", REQUEST, 0, ROW(""), ATLS_E_FORMAT,
	    "no attestation scheme", false },
	{ "two requests", REQUEST, 0, ROW(EE EE), ATLS_E_FORMAT,
	    "no attestation scheme", false },
	/* of a client, to a server that attests */
	{ "good hello", SSL_EXT_CLIENT_HELLO, 0, ROW(CH "\0\0"), ATLS_OK, "", false },
	{ "a short nonce", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\7" "1234567"), NONCED },
	{ "a nonce that is cut", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\11" "12345678"), NONCED },
	{ "a nonce of eight", SSL_EXT_CLIENT_HELLO, 0,
	    ROW(CH "\0\0\10" "12345678"), ATLS_OK, "", true },
	{ "an empty hello", SSL_EXT_CLIENT_HELLO, 0, ROW(""), ATLS_E_FORMAT,
	    "no list of schemes", false },
	{ "one list", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0"), ATLS_E_FORMAT,
	    "no list of schemes", false },
	{ "empty lists", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0\0\0"),
	    ATLS_E_REFUSED, "no attestation scheme in common", false },
	{ "a third list", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\0\0\0\0\0"),
	    ATLS_E_FORMAT, "no list of schemes", false },
	{ "a list that is cut", SSL_EXT_CLIENT_HELLO, 0, ROW("\0\3\0\1\0\0\0"),
	    ATLS_E_FORMAT, "no list of schemes", false },
};

static int
rogue_add(SSL *ssl, unsigned type, unsigned context, const uint8_t **out,
    size_t *outlen, X509 *x, size_t index, int *al, void *arg)
{
	const struct rogue *r = arg;

	(void)ssl, (void)type, (void)x, (void)al;
	if (context == r->where) {
		*out = (const uint8_t *)r->p;
		*outlen = r->len;
		return context != SSL_EXT_TLS1_3_CERTIFICATE ? r->index == 0 :
		    r->index == index;
	}
	if (r->where == REQUEST)
		return 0;
	if (context == SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS) {
		*out = (const uint8_t *)EE;
		*outlen = sizeof(EE) - 1;
		return 1;
	}
	*out = (const uint8_t *)"\0\0\1x";
	*outlen = 4;
	return context == SSL_EXT_TLS1_3_CERTIFICATE && index == 0;
}

static void
rogue_free(SSL *ssl, unsigned type, unsigned context, const uint8_t *out,
    void *arg)
{
	(void)ssl, (void)type, (void)context, (void)out, (void)arg;
}

static int
rogue_parse(SSL *ssl, unsigned type, unsigned context, const uint8_t *in,
    size_t inlen, X509 *x, size_t index, int *al, void *arg)
{
	(void)ssl, (void)type, (void)context, (void)in, (void)inlen, (void)x;
	(void)index, (void)al, (void)arg;
	return 1;
}

static void
test_rogue(const struct rogue *r)
{
	static const uint8_t cmw[] = { 'x' };
	bool client = r->where == SSL_EXT_CLIENT_HELLO;
	bool request = r->where == REQUEST;
	struct pair_end *good;
	struct pair p;

	T(open_pair(&p, client ? NULL : request ? &attests : &asks,
	    !client ? NULL : r->nonce ? &nonced : &attests, request), "%s",
	    r->what);
	be->close(client ? p.client.conn : p.server.conn);
	T(SSL_CTX_add_custom_ext(client ? p.client.ctx : p.server.ctx, CODE,
	    SSL_EXT_TLS1_3_ONLY | SSL_EXT_CLIENT_HELLO |
	    SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | REQUEST |
	    SSL_EXT_TLS1_3_CERTIFICATE, rogue_add, rogue_free, (void *)(uintptr_t)r, rogue_parse, NULL) ==
	    1, "%s", r->what);
	if (client)
		T(be->open(&p.client.conn, p.client.ctx, p.client.fd, NULL,
		    NULL) == ATLS_OK, "open");
	else
		T(be->open(&p.server.conn, p.server.ctx, p.server.fd, NULL,
		    NULL) == ATLS_OK, "open");
	good = client ? &p.server : &p.client;
	if (r->why == NULL) {			/* for whatever reason */
		T(!shake(&p, ATLS_ARRAY(cmw), 0) && good->r == ATLS_IO_FAIL &&
		    good->err.rc != ATLS_OK, "%s: taken", r->what);
		pair_close(&p);
		return;
	}
	T(shake(&p, ATLS_ARRAY(cmw), 0) == (r->rc == ATLS_OK) &&
	    (good->r == 1) == (r->rc == ATLS_OK), "%s: %s", r->what,
	    good->err.detail);
	T(good->err.rc == r->rc && (r->rc == ATLS_OK ||
	    strcmp(good->err.detail, r->why) == 0), "%s: %s, %s", r->what,
	    good->err.where, good->err.detail);
	pair_close(&p);
}

/* Every single octet less of what is good, and every bit of it changed: none
 * of that is what anybody asked for. */
static const struct {
	const char	*what;
	unsigned	 where;
	const char	*p;
	size_t		 len;
	const char	*why;		/* of what is too short */
} wholes[] = {
	{ "hello", SSL_EXT_CLIENT_HELLO, ROW(CH "\0\0"),
	    "no list of schemes" },
	{ "choice", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, ROW(EE),
	    "no attestation scheme" },
	{ "request", REQUEST, ROW(EE), "no attestation scheme" },
	{ "evidence", SSL_EXT_TLS1_3_CERTIFICATE, ROW("\0\0\5abcde"),
	    "its length is not that of the CMW" },
};

static void
test_prefixes(void)
{
	struct rogue r = { .rc = ATLS_E_FORMAT };
	size_t i;
	char *p;

	for (i = 0; i < NITEMS(wholes); i++) {
		r.what = wholes[i].what;
		r.where = wholes[i].where;
		r.why = wholes[i].why;
		for (r.len = 1; r.len < wholes[i].len; r.len++) {
			if ((p = malloc(r.len)) == NULL)
				abort();
			memcpy(p, wholes[i].p, r.len);
			r.p = p;
			test_rogue(&r);
			free(p);
		}
	}
}

static void
test_bits(void)
{
	struct rogue r = { .why = NULL };
	size_t i, bit, lens;
	char *p;

	for (i = 0; i < NITEMS(wholes); i++) {
		r.what = wholes[i].what;
		r.where = wholes[i].where;
		r.len = wholes[i].len;
		/* inside of a CMW nothing is read yet */
		lens = r.where == SSL_EXT_TLS1_3_CERTIFICATE ? 3 : r.len;
		if ((p = malloc(r.len)) == NULL)
			abort();
		r.p = p;
		for (bit = 0; bit < 8 * lens; bit++) {
			memcpy(p, wholes[i].p, r.len);
			p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
			test_rogue(&r);
		}
		free(p);
	}
}

int
main(void)
{
	size_t i;

	carry_begin();
	for (i = 0; i < NITEMS(rogues); i++)
		test_rogue(&rogues[i]);
	test_prefixes();
	test_bits();
	carry_end();
	return t_end("t_openssl_rogue");
}
