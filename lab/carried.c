/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that chooses the nonce of its ClientHello: on OpenSSL directly,
 * since no client of the library would.
 */
#include "carried.h"

#include <string.h>

#include <openssl/ssl.h>

#define EXT_MAX		512		/* octets of ours in ClientHello */

struct asker {
	uint8_t	 hello[EXT_MAX];
	size_t	 hellolen;
	uint8_t	*out;			/* the extension of Certificate */
	size_t	 cap, len;
};

static int
ext_add(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
    size_t *len, X509 *x, size_t chain, int *al, void *arg)
{
	struct asker *a = arg;

	(void)ssl, (void)type, (void)x, (void)chain, (void)al;
	if (context != SSL_EXT_CLIENT_HELLO)
		return 0;
	*out = a->hello;
	*len = a->hellolen;
	return 1;
}

static int
ext_parse(SSL *ssl, unsigned type, unsigned context, const unsigned char *in,
    size_t len, X509 *x, size_t chain, int *al, void *arg)
{
	struct asker *a = arg;

	(void)ssl, (void)type, (void)x, (void)al;
	if (context == SSL_EXT_TLS1_3_CERTIFICATE && chain == 0 &&
	    len <= a->cap) {
		memcpy(a->out, in, len);
		a->len = len;
	}
	return 1;
}

/* draft-fossati-seat-early-attestation, with a nonce behind it: one scheme,
 * by its media type, and none of ours. */
static void
hello_fill(struct asker *a, const char *media, struct atls_bytes nonce)
{
	size_t m = strlen(media), n = 4 + m;
	uint8_t *p = a->hello;

	*p++ = (uint8_t)(n >> 8);
	*p++ = (uint8_t)n;
	*p++ = 0;			/* evidence */
	*p++ = 1;			/* by media type */
	*p++ = (uint8_t)(m >> 8);
	*p++ = (uint8_t)m;
	memcpy(p, media, m);
	p += m;
	*p++ = 0;
	*p++ = 0;
	if (nonce.len != 0) {
		*p++ = (uint8_t)nonce.len;
		memcpy(p, nonce.p, nonce.len);
		p += nonce.len;
	}
	a->hellolen = (size_t)(p - a->hello);
}

static bool
ask(struct asker *a, int fd)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	bool ok = ctx != NULL && SSL_CTX_set_min_proto_version(ctx,
	    TLS1_3_VERSION) == 1 && SSL_CTX_add_custom_ext(ctx,
	    ATLS_CODE_POINT, SSL_EXT_CLIENT_HELLO |
	    SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_CERTIFICATE |
	    SSL_EXT_TLS1_3_ONLY, ext_add, NULL, a, ext_parse, a) == 1 &&
	    (ssl = SSL_new(ctx)) != NULL && SSL_set_fd(ssl, fd) == 1 &&
	    SSL_connect(ssl) == 1;

	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return ok;
}

bool
carried_ask(struct lab_run *r, struct atls_bytes nonce)
{
	static _Thread_local uint8_t room[LAB_EVIDENCE + 8];
	struct asker a = { .out = room, .cap = sizeof(room) };
	int fd = lab_dial(r->server_port);
	struct atls_cmw cmw;
	bool ok = fd != -1;

	hello_fill(&a, atls_kind_media(r->kind), nonce);
	ok = ok && ask(&a, fd) && a.len > 3 && atls_cmw_parse(
	    (struct atls_bytes){ a.out + 3, a.len - 3 }, &cmw, NULL) ==
	    ATLS_OK && cmw.record[0].value.len <= sizeof(r->record);
	if (ok) {
		r->recordlen = cmw.record[0].value.len;
		memcpy(r->record, cmw.record[0].value.p, r->recordlen);
	} else
		lab_failed(r, "the genuine server gave no evidence");
	lab_hang_up(fd);
	return ok;
}
