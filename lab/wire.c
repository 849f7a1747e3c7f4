/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#define HEADER		8		/* octets before a payload */
#define EXPORTED	32

bool
wire_send(struct wire *w, enum wire_type type, unsigned id, const void *p,
    size_t n)
{
	uint8_t h[HEADER] = { 1, (uint8_t)type, (uint8_t)(id >> 8),
	    (uint8_t)id, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
	    (uint8_t)(n >> 8), (uint8_t)n };
	const uint8_t *q = p;
	ssize_t r;

	if (atls_backend_openssl.write(w->tls, h, HEADER) != HEADER)
		return false;
	for (; n > 0; q += r, n -= (size_t)r)
		if ((r = atls_backend_openssl.write(w->tls, q, n)) <= 0)
			return false;
	return true;
}

bool
wire_hello(struct wire *w, bool asks)
{
	uint8_t h[12] = "atls-shm";

	h[8] = (uint8_t)w->role;
	h[9] = asks ? 2 : 0;
	h[10] = ATLS_STREAM_FRAMED;
	return wire_send(w, WIRE_HELLO, 0, h, sizeof(h));
}

static bool
fill(struct wire *w, uint8_t *p, size_t n)
{
	ssize_t r;

	for (; n > 0; p += r, n -= (size_t)r)
		if ((r = atls_backend_openssl.read(w->tls, p, n)) <= 0)
			return false;
	return true;
}

enum wire_type
wire_recv(struct wire *w)
{
	uint8_t h[HEADER];
	size_t n;

	if (!fill(w, h, HEADER))
		return WIRE_NONE;
	n = (size_t)h[4] << 24 | (size_t)h[5] << 16 | (size_t)h[6] << 8 |
	    h[7];
	w->id = (unsigned)h[2] << 8 | h[3];
	w->len = n;
	if (n > sizeof(w->in) || h[1] > WIRE_DATA || !fill(w, w->in, n))
		return WIRE_NONE;
	return (enum wire_type)h[1];
}

bool
wire_digest(void *tls, struct atls_bytes a, struct atls_bytes b,
    uint8_t out[64], size_t *len)
{
	struct atls_channel_info info;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned n = 0;
	bool ok;

	ok = c != NULL && atls_backend_openssl.channel->info(tls, &info) ==
	    ATLS_OK && EVP_DigestInit_ex(c, info.hash == ATLS_SHA384 ?
	    EVP_sha384() : EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(c, a.p, a.len) == 1 &&
	    EVP_DigestUpdate(c, b.p, b.len) == 1 &&
	    EVP_DigestFinal_ex(c, out, &n) == 1;
	EVP_MD_CTX_free(c);
	*len = n;
	return ok;
}

bool
wire_report_data(void *tls, const char *label, struct atls_bytes context,
    struct atls_bytes spki, uint8_t out[64])
{
	uint8_t exported[EXPORTED];
	size_t len;

	memset(out, 0, 64);
	return atls_backend_openssl.channel->exporter(tls, label, context,
	    exported, sizeof(exported)) == ATLS_OK &&
	    wire_digest(tls, spki, ATLS_ARRAY(exported), out, &len);
}

bool
wire_spki(struct atls_bytes der, uint8_t *out, size_t cap, size_t *len)
{
	const uint8_t *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);
	uint8_t *spki = NULL;
	int n = x == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x),
	    &spki);
	bool ok = n > 0 && (size_t)n <= cap;

	if (ok) {
		memcpy(out, spki, (size_t)n);
		*len = (size_t)n;
	}
	OPENSSL_free(spki);
	X509_free(x);
	return ok;
}

/* Heads of CBOR strings and arrays, with lengths of two octets. */
static void
head(struct atls_buf *b, unsigned major, size_t n)
{
	if (n < 24)
		b->p[b->len++] = (uint8_t)(major << 5 | n);
	else if (n < 256) {
		b->p[b->len++] = (uint8_t)(major << 5 | 24);
		b->p[b->len++] = (uint8_t)n;
	} else {
		b->p[b->len++] = (uint8_t)(major << 5 | 25);
		b->p[b->len++] = (uint8_t)(n >> 8);
		b->p[b->len++] = (uint8_t)n;
	}
}

static void
put(struct atls_buf *b, unsigned major, const void *p, size_t n)
{
	head(b, major, n);
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

/* Evidence, and what somebody thought could go beside it: a collection. */
static void
collection(enum atls_kind kind, struct atls_bytes raw,
    struct atls_bytes beside, struct atls_buf *b)
{
	const char *media = atls_kind_media(kind);

	head(b, 5, 2);
	put(b, 3, "e", 1);
	head(b, 4, 2);
	put(b, 3, media, strlen(media));
	put(b, 2, raw.p, raw.len);
	put(b, 3, "x", 1);
	head(b, 4, 2);
	put(b, 3, "text/plain", 10);
	put(b, 2, beside.p, beside.len);
}

bool
wire_cmw(enum atls_kind kind, struct atls_bytes raw,
    const struct atls_bytes *beside, struct atls_buf *out)
{
	struct atls_buf b = { out->p + 2, out->cap - 2, 0 };

	if (out->cap < 1024 || raw.len > out->cap - 1024)
		return false;
	if (beside != NULL)
		collection(kind, raw, *beside, &b);
	else if (atls_cmw_write(&b, ATLS_CMW_CBOR, atls_kind_media(kind), raw,
	    kind == ATLS_KIND_EAR ? ATLS_IND_RESULTS : ATLS_IND_EVIDENCE) !=
	    ATLS_OK)
		return false;
	out->p[0] = (uint8_t)(b.len >> 8);
	out->p[1] = (uint8_t)b.len;
	out->len = b.len + 2;
	return true;
}
