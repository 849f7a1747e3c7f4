/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>

#include "../backend/openssl/ob.h"
#include "heap.h"
#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define EXT	0xff77

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *id;

static const uint16_t accepted[] = { 0x0403, 0x0503, 0x0807, 0x0804, 0x0805,
    0x0806, 0x0401, 0x0501, 0x0601 };

static bool
has(const uint16_t *v, size_t n, uint16_t x)
{
	while (n > 0)
		if (v[--n] == x)
			return true;
	return false;
}

static int
ext_add(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
    size_t *outlen, X509 *x, size_t chainidx, int *al, void *arg)
{
	(void)ssl, (void)type, (void)context, (void)x, (void)chainidx;
	(void)al, (void)arg;
	*out = NULL;
	*outlen = 0;
	return 1;
}

/* Both ends give the same lists, those of the last ClientHello, and of it
 * also what OpenSSL does not know. */
static void
test_offered(bool retry)
{
	struct atls_tls_setup cl = { .trust = trust, .name = NAME };
	struct atls_tls_setup sv = { .identity = id };
	const struct atls_channel_ops *ops = be->channel;
	const char *what = retry ? "retry" : "once";
	uint16_t c[64], s[64];
	size_t nc, ns, i;
	struct pair p = { 0 };

	T(pair_open(&p, be, &cl, &sv), "%s", what);
	T(SSL_CTX_add_custom_ext(p.client.ctx, EXT, SSL_EXT_CLIENT_HELLO,
	    ext_add, NULL, NULL, NULL, NULL) == 1, "%s", what);
	be->close(p.client.conn);
	T(be->open(&p.client.conn, p.client.ctx, p.client.fd, NULL,
	    &p.client.err) == ATLS_OK, "%s", what);
	T(SSL_set1_groups_list(p.server.conn, retry ? "P-384" : "X25519") ==
	    1, "%s", what);
	T(pair_handshake(&p, none), "%s: %s", what, p.client.err.detail);
	for (i = 0; i < 2; i++) {
		T(ops->offered(p.client.conn, i == 1, c, NITEMS(c), &nc) ==
		    ATLS_OK && nc > 0, "%s", what);
		T(ops->offered(p.server.conn, i == 1, s, NITEMS(s), &ns) ==
		    ATLS_OK, "%s", what);
		T(nc == ns && memcmp(c, s, nc * sizeof(*c)) == 0, "%s", what);
		T(ops->offered(p.server.conn, i == 1, s, ns - 1, &ns) ==
		    ATLS_E_SPACE && ns == nc, "%s: space", what);
		if (i == 1)
			T(nc == NITEMS(accepted) && memcmp(c, accepted,
			    sizeof(accepted)) == 0, "%s", what);
		else
			T(has(c, nc, EXT) && has(c, nc, 0) &&
			    has(c, nc, TLSEXT_TYPE_cookie) == false, "%s",
			    what);
	}
	pair_close(&p);
}

/* Over an application's own: a server knows the schemes, no more is known. */
static void
test_attached(void)
{
	struct atls_tls_setup cl = { .identity = id, .trust = trust,
	    .name = NAME };
	struct atls_tls_setup sv = { .identity = id, .trust = trust,
	    .ask_client = true };
	const struct atls_channel_ops *ops = be->channel;
	uint16_t v[64];
	size_t n;
	struct pair p = { 0 };

	T(pair_open(&p, be, &cl, &sv), "attached");
	SSL_set_msg_callback(p.client.conn, NULL);
	SSL_set_msg_callback(p.server.conn, NULL);
	T(pair_handshake(&p, none), "attached");
	T(ops->offered(p.server.conn, true, v, NITEMS(v), &n) == ATLS_OK &&
	    n == NITEMS(accepted) && memcmp(v, accepted, sizeof(accepted)) ==
	    0, "attached");
	T(ops->offered(p.server.conn, true, v, 1, &n) == ATLS_E_SPACE,
	    "attached");
	T(ops->offered(p.server.conn, false, v, NITEMS(v), &n) ==
	    ATLS_E_STATE && n == 0, "attached");
	T(ops->offered(p.client.conn, true, v, NITEMS(v), &n) ==
	    ATLS_E_STATE && n == 0, "attached");
	T(ops->offered(p.client.conn, false, v, NITEMS(v), &n) ==
	    ATLS_E_STATE && n == 0, "attached");
	pair_close(&p);
}

/* A real ClientHello, without its record header. */
static struct atls_bytes
hello(SSL_CTX *ctx)
{
	BIO *b = BIO_new(BIO_s_mem());
	SSL *ssl = SSL_new(ctx);
	struct atls_bytes out;
	char *p;
	long n;

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), b);
	SSL_set_connect_state(ssl);
	(void)SSL_do_handshake(ssl);
	if ((n = BIO_get_mem_data(b, &p)) <= 5)
		abort();
	out = copy((struct atls_bytes){ (const uint8_t *)p + 5,
	    (size_t)n - 5 });
	SSL_free(ssl);
	return out;
}

static bool
reads(struct atls_bytes in, struct ob_hello *h)
{
	struct atls_bytes b = copy(in);

	memset(h, 1, sizeof(*h));
	ob_hello_read(h, b.p, b.len);
	drop(b);
	return h->seen;
}

static void
test_bytes(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct atls_bytes good = hello(ctx), bad;
	struct ob_hello h, zero = { .seen = false };
	size_t i;

	T(reads(good, &h), "hello");
	T(h.schemes.n > 5 && h.extensions.n > 5, "hello");
	for (i = 0; i < good.len; i++)
		T(!reads((struct atls_bytes){ good.p, i }, &h) &&
		    memcmp(&h, &zero, sizeof(h)) == 0, "prefix %zu", i);
	for (i = 0; i < 8 * good.len; i++) {
		bad = flip(good, i);
		T(reads(bad, &h) || memcmp(&h, &zero, sizeof(h)) == 0,
		    "bit %zu", i);
		drop(bad);
	}
	drop(good);
	SSL_CTX_free(ctx);
}

/* A small one by hand: 2 schemes, extensions 13 and EXT. */
#define HEAD	"010000%02zx" "0303" ZEROS "00" "00021301" "0100"
#define ZEROS	"00000000000000000000000000000000"			\
		"00000000000000000000000000000000"

static void
test_cases(void)
{
	static const struct {
		const char	*what, *exts;
		bool		 ok;
		size_t		 nexts, nschemes;
	} t[] = {
		{ "good", "000e" "000d0006000404030503" "ff770000", 1, 2, 2 },
		{ "no schemes", "0004" "ff770000", 1, 1, 0 },
		{ "none", "0000", 1, 0, 0 },
		{ "without the vector", "", 0, 0, 0 },
		{ "odd schemes", "0009" "000d000500030403ff", 0, 0, 0 },
		{ "list too short", "000a" "000d0006000204030503", 0, 0, 0 },
		{ "list too long", "000a" "000d0006000604030503", 0, 0, 0 },
		{ "extension too long", "0004" "ff770001", 0, 0, 0 },
		{ "vector too short", "0003" "ff770000", 0, 0, 0 },
		{ "vector too long", "0005" "ff770000", 0, 0, 0 },
		{ "trailing", "0004" "ff770000" "00", 0, 0, 0 },
	};
	char s[512];
	struct atls_bytes b;
	struct ob_hello h;
	size_t i, n;

	for (i = 0; i < NITEMS(t); i++) {
		n = 2 + 32 + 1 + 4 + 2 + strlen(t[i].exts) / 2;
		(void)snprintf(s, sizeof(s), HEAD "%s", n, t[i].exts);
		b = hex(s);
		T(reads(b, &h) == t[i].ok, "%s", t[i].what);
		T(h.extensions.n == t[i].nexts && h.schemes.n ==
		    t[i].nschemes, "%s", t[i].what);
		drop(b);
	}
	(void)snprintf(s, sizeof(s), HEAD "0000", (size_t)43);
	b = hex(s);
	T(reads(b, &h), "a ClientHello");
	drop(b);
	strcat(s, "00");
	b = hex(s);
	T(!reads(b, &h), "and one octet more");
	drop(b);
	s[1] = '2';
	b = hex(s);
	T(!reads((struct atls_bytes){ b.p, b.len - 1 }, &h),
	    "not a ClientHello");
	drop(b);
}

/* As many as fit, and one more. */
static void
test_many(void)
{
	uint8_t b[47 + 4 * (OB_HELLO_MAX + 1)] = { 1, 0 };
	struct ob_hello h;
	size_t n, exts;

	for (n = OB_HELLO_MAX; n <= OB_HELLO_MAX + 1; n++) {
		exts = 4 * n;
		memset(b, 0, sizeof(b));
		b[0] = 1;
		b[2] = (uint8_t)((43 + exts) >> 8);
		b[3] = (uint8_t)(43 + exts);
		b[4 + 35 + 1] = 2;
		b[4 + 35 + 4] = 1;
		b[45] = (uint8_t)(exts >> 8);
		b[46] = (uint8_t)exts;
		memset(b + 47, 0, exts);
		for (exts = 0; exts < n; exts++)
			b[47 + 4 * exts] = 0xff;
		T(reads((struct atls_bytes){ b, 47 + 4 * n }, &h) ==
		    (n == OB_HELLO_MAX), "%zu", n);
		T(h.extensions.n == (n == OB_HELLO_MAX ? n : 0), "%zu", n);
	}
}

int
main(void)
{
	pki = pki_new(&(struct pki_ask){ .dns = NAME }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), none, NULL);
	id = atls_identity_new(pki_view(pki.chain), pki_view(pki.leaf.key_pem),
	    NULL);
	if (trust == NULL || id == NULL)
		abort();
	test_offered(false);
	test_offered(true);
	test_attached();
	test_bytes();
	test_cases();
	test_many();
	atls_identity_free(id);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_openssl_hello");
}
